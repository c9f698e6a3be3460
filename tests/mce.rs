//! The diagnosis edits against CMS's own Medicare Code Editor (2.0, version 43.1): what it answered for each
//! diagnosis of 4,999 generated inpatient claims.
//!
//! The claims are not part of the repository. Without them the test says that it was skipped.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, reason = "tests")]

use cleanclaim::{Claim, Field, Input, Line, Outcome, Scrubber, embedded};
use serde_json::Value;
use std::collections::{BTreeMap, BTreeSet};
use std::io::{Read as _, Write as _};
use std::path::Path;

const FOLDER: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/../shared/claims/mce");

/// An answer of the Medicare Code Editor, and the edits of which one then fails, and otherwise none.
const ANSWERS: [(&[&str], &[&str]); 7] = [
    (&["INVALID_CODE"], &["DX001", "DX002", "DX003", "DX004"]),
    (&["DUPLICATE_OF_PDX"], &["DX005"]),
    (&["AGE_CONFLICT"], &["DX010"]),
    (&["SEX_CONFLICT"], &["DX011"]),
    (&["MANIFESTATION_AS_PDX"], &["DX020"]),
    (&["E_CODE_AS_PDX"], &["DX021"]),
    (&["UNACCEPTABLE_PDX", "REQUIRES_SDX"], &["DX022"]),
];
/// Answers that no edit gives.
const NO_EDIT: [&str; 2] = ["QUESTIONABLE_ADMISSION", "UNSPECIFIED"];

fn read(name: &str) -> String {
    let mut text = String::new();
    Input::open(Path::new(FOLDER).join(name)).expect("there").read_to_string(&mut text).expect("UTF-8");
    text
}

/// The claim as one of type 0111, with a date of birth that gives its age on the day of discharge.
fn inpatient(claim: &Value) -> Claim {
    let text = |value: &Value| value.as_str().expect("text").to_owned();
    let discharge = claim["discharge_date"].as_u64().expect("a day");
    let birth = discharge - 10_000 * claim["age"].as_u64().expect("years");
    let others = claim["sdx"].as_array().expect("a list").iter();
    Claim {
        claim_id: text(&claim["id"]),
        claim_type: Some("I".into()),
        bill_type: Some("0111".into()),
        statement_from: Some(discharge.to_string()),
        statement_to: Some(discharge.to_string()),
        birth_date: Some(birth.to_string()),
        sex: Some(["M", "F", "U"][claim["sex"].as_u64().expect("a number") as usize].into()),
        diagnoses: std::iter::once(&claim["pdx"]).chain(others).map(|dx| text(&dx["code"])).collect(),
        lines: vec![Line { revenue_code: Some("0120".into()), ..Line::default() }],
        ..Claim::default()
    }
}

#[test]
fn diagnosis_edits_answer_what_the_medicare_code_editor_answers() {
    if !Path::new(FOLDER).is_dir() {
        // Not `eprintln!`, which a passing test keeps to itself.
        let notice = format!("SKIPPED: Medicare Code Editor claims not found at {FOLDER}\n");
        std::io::stderr().write_all(notice.as_bytes()).unwrap();
        return;
    }
    let claims: Vec<Value> = serde_json::from_str(&read("claims.json.zst")).expect("JSON");
    let expected: Vec<Value> =
        read("expected.ndjson.zst").lines().map(|line| serde_json::from_str(line).expect("JSON")).collect();
    let expected: BTreeMap<&str, &Value> = expected.iter().map(|of| (of["id"].as_str().expect("text"), of)).collect();
    let mut builder = Scrubber::builder(embedded());
    for edit in ANSWERS.iter().flat_map(|(_, edits)| *edits) {
        builder = builder.select(*edit);
    }
    let scrubber = builder.build().expect("the edits exist");
    let mut agreed: BTreeMap<&str, u32> = BTreeMap::new();
    let mut differences = Vec::new();
    for claim in &claims {
        let claim = inpatient(claim);
        let scrubbed = scrubber.scrub(&claim);
        let failed: BTreeSet<(Option<Field>, &str)> = scrubbed
            .findings()
            .iter()
            .filter(|finding| finding.outcome == Outcome::Fail)
            .map(|finding| (finding.field, scrubber.edits()[usize::from(finding.edit)].info().id.as_ref()))
            .collect();
        let answers = expected[claim.claim_id.as_str()]["dx"].as_array().expect("a list");
        assert_eq!(answers.len(), claim.diagnoses.len(), "{}", claim.claim_id);
        for (number, (code, answer)) in (1..).zip(claim.diagnoses.iter().zip(answers)) {
            assert_eq!(answer[0], code.as_str());
            let answer: BTreeSet<&str> =
                answer[1].as_array().expect("a list").iter().map(|one| one.as_str().expect("text")).collect();
            for one in &answer {
                let known = NO_EDIT.contains(one) || ANSWERS.iter().any(|(answers, _)| answers.contains(one));
                assert!(known, "{one} is not compared");
            }
            for (answers, edits) in ANSWERS {
                let theirs = answers.iter().any(|one| answer.contains(one));
                let ours: Vec<&str> = edits
                    .iter()
                    .copied()
                    .filter(|edit| failed.contains(&(Some(Field::Diagnosis(number)), edit)))
                    .collect();
                if theirs != ours.is_empty() {
                    *agreed.entry(answers[0]).or_default() += u32::from(theirs);
                } else {
                    differences
                        .push(format!("{} dx_{number} {code}: {answers:?} {theirs}, ours {ours:?}", claim.claim_id));
                }
                assert!(ours.len() <= 1, "{} dx_{number} {code}: {ours:?}", claim.claim_id);
            }
        }
    }
    assert!(differences.is_empty(), "{} differences:\n{}", differences.len(), differences.join("\n"));
    // What the 4,999 claims exercise; the other answers do not occur in them.
    let counts: Vec<(&str, u32)> = agreed.into_iter().filter(|&(_, count)| count > 0).collect();
    assert_eq!(
        counts,
        [
            ("AGE_CONFLICT", 711),
            ("E_CODE_AS_PDX", 25),
            ("INVALID_CODE", 1741),
            ("SEX_CONFLICT", 681),
            ("UNACCEPTABLE_PDX", 376),
        ]
    );
}
