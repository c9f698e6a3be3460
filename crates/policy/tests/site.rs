//! A site's file: what is wrong with it in the words and with the places that its author reads (`tests/site/*.toml` beside
//! what is told of each; `BLESS=1 cargo test -p cleanclaim-policy --test site` writes what is told now; read it), and
//! which findings its suppressions cover.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, reason = "tests")]

mod support;

use claims::{Claim, ClaimBatch, Columns, Field, Line, Place};
use cleanclaim_policy::{Policies, Policy, Site, SiteFile};
use edits::{FactsBuilder, Finding, Outcome, Severity, TimelyFiling};
use std::path::{Path, PathBuf};

fn folder() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/site")
}

/// All that is told of a site's file, with the folder's name left out of it.
fn told(path: &Path) -> String {
    let text = match SiteFile::open(path).and_then(|file| Ok(file.check(None)?)) {
        Ok(site) => {
            format!("it can be used: {} suppressions, severities {:?}\n", site.suppressions().len(), site.severity())
        }
        Err(error) => format!("{error}\n"),
    };
    text.replace(&format!("{}/", folder().display()), "")
}

#[test]
fn every_error_is_told_in_these_words_and_places() {
    let mut cases: Vec<PathBuf> = std::fs::read_dir(folder())
        .unwrap()
        .map(|entry| entry.unwrap().path())
        .filter(|path| path.extension().is_some_and(|own| own == "toml"))
        .filter(|path| path.file_name().unwrap() != "more.toml")
        .collect();
    cases.sort();
    assert!(cases.len() >= 5, "{cases:?}");
    support::compare(&cases, told);
}

#[test]
fn every_message_is_among_the_cases() {
    let messages = support::messages(&["site/document.rs", "site/mod.rs"]);
    assert!(messages.len() >= 10, "{messages:?}");
    let all = support::told_in(&folder());
    let not_shown = "there are more than";
    let missing: Vec<&String> =
        messages.iter().filter(|words| !all.contains(words.as_str()) && words.as_str() != not_shown).collect();
    assert!(missing.is_empty(), "no case shows: {missing:#?}");
}

#[test]
fn a_file_that_cannot_be_read_is_said_to_be() {
    let error = SiteFile::open("/no/such.toml").err().expect("no such file").to_string();
    assert!(error.starts_with("/no/such.toml: cannot be read: "), "{error}");
}

#[test]
fn the_example_can_be_used() {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../codesets/site/cleanclaim.toml");
    let file = SiteFile::open(path).unwrap();
    assert!(file.policies()[0].is_file(), "files are named from where the file is");
    let site = file.check(None).unwrap_or_else(|error| panic!("{error}"));
    assert_eq!((site.suppressions().len(), site.threads()), (3, Some(2)));
    assert_eq!(site.fail_on(), Some(Some(Severity::Error)));
    assert_eq!(site.settings().timely_filing, Some(TimelyFiling::CalendarYear));
    assert!(site.show().suppressed && !site.show().bypassed);
    assert!(site.suppressions()[2].place().ends_with("suppressions.toml:10"));
}

#[test]
fn edits_of_policies_may_be_named_once_the_policies_are_there() {
    let codeset = support::codeset();
    let text = "[scrub]\npolicies = [\"acme.toml\"]\nignore = [\"T1\"]\n";
    assert!(SiteFile::parse("site", text).check(None).is_ok(), "T1 may be an edit of the policy");
    let none = Policies::new(Vec::new(), &codeset).unwrap();
    let error = SiteFile::parse("site", text).check(Some(&none)).unwrap_err();
    assert_eq!(error.problems()[0].message(), "no edit is called \"T1\"");
    let policy = [support::HEAD, &support::edit("T1", "line", "line.charge > 10")].concat();
    let (policy, _) = Policy::parse("acme", &policy, &codeset).unwrap();
    let policies = Policies::new(vec![policy], &codeset).unwrap();
    assert!(SiteFile::parse("site", text).check(Some(&policies)).is_ok());
}

fn some(text: &str) -> Option<String> {
    Some(text.to_owned())
}

/// A claim of two lines: 99213 with 25 for the first diagnosis, J1100 for the second.
fn claim() -> Claim {
    let line = |procedure: &str, day: &str, pointer: &str, modifier: &str, place: &str| Line {
        procedure: some(procedure),
        service_from: some(day),
        dx_pointers: vec![pointer.to_owned()],
        modifiers: vec![modifier.to_owned()],
        place_of_service: some(place),
        revenue_code: some("0510"),
        rendering_npi: some("1245319599"),
        ..Line::default()
    };
    Claim {
        claim_id: "A1042".into(),
        claim_type: some("P"),
        payer_id: some("ACME-NY"),
        billing_npi: some("1234567893"),
        diagnoses: vec!["E11.9".into(), "I10".into()],
        lines: vec![line("99213", "2026-07-01", "1", "25", "11"), line("J1100", "2026-09-30", "2", "", "21")],
        ..Claim::default()
    }
}

/// Whether a suppression that says this covers a finding at this line and of this field.
fn covers(says: &str, line: Option<u32>, field: Option<Field>) -> bool {
    covers_of(&claim(), says, line, (field, 0))
}

/// As [`covers`], of a claim and one of the codes of a field.
fn covers_of(claim: &Claim, says: &str, line: Option<u32>, (field, item): (Option<Field>, u32)) -> bool {
    let text = format!("[[suppression]]\nedits = [\"DX\"]\nwho = \"me\"\nwhy = \"so\"\nuntil = 2026-12-31\n{says}\n");
    let site: Site = SiteFile::parse("site", &text).check(None).unwrap_or_else(|error| panic!("{error}"));
    let codeset = support::codeset();
    let mut batch = ClaimBatch::new(Columns::ALL);
    batch.push(claim);
    let mut builder = FactsBuilder::new(&codeset);
    let facts = builder.build(batch.claim(0), &mut &codeset);
    let finding = Finding {
        claim: 0,
        line,
        edit: 0,
        outcome: Outcome::Fail,
        field,
        item,
        message: 0,
        values: Vec::new(),
        release: None,
        place: Place::default(),
        suppressed: None,
    };
    site.suppressions()[0].covers(&facts, &finding)
}

#[test]
fn what_is_said_of_a_claim_must_fit_it() {
    for (says, expected) in [
        ("every_claim = true", true),
        ("claims = [\"A1042\"]", true),
        ("claims = [\"B1\", \"A10*\"]", true),
        ("claims = [\"A104\"]", false),
        ("payers = [\"ACME-??\"]", true),
        ("payers = [\"acme-ny\"]", false),
        ("claim_types = [\"I\", \"P\"]", true),
        ("claim_types = [\"I\"]", false),
        ("billing_npis = [\"1234567893\"]", true),
        ("billing_npis = [\"1245319599\"]", false),
        ("claims = [\"A1042\"]\npayers = [\"OTHER\"]", false),
    ] {
        for line in [None, Some(0), Some(1)] {
            assert_eq!(covers(says, line, None), expected, "{says} {line:?}");
        }
    }
}

#[test]
fn what_is_said_of_lines_must_fit_the_line_of_the_finding_or_some_one_line() {
    for (says, [claim, first, second]) in [
        ("procedures = [\"99213\"]", [true, true, false]),
        ("procedures = [\"99202-99215\"]", [true, true, false]),
        ("procedures = [\"J*\", \"99214\"]", [true, false, true]),
        ("procedures = [\"99214-99215\"]", [false, false, false]),
        ("modifiers = [\"25\"]", [true, true, false]),
        ("places_of_service = [\"21\"]", [true, false, true]),
        ("revenue_codes = [\"0510\"]", [true, true, true]),
        ("revenue_codes = [\"045*\"]", [false, false, false]),
        ("rendering_npis = [\"1245319599\"]", [true, true, true]),
        ("rendering_npis = [\"1234567893\"]", [false, false, false]),
        ("service_from = 2026-07-01\nservice_to = 2026-07-01", [true, true, false]),
        ("service_from = 2026-07-02", [true, false, true]),
        ("service_to = 2026-06-30", [false, false, false]),
        // Not one line has both.
        ("procedures = [\"99213\"]\nplaces_of_service = [\"21\"]", [false, false, false]),
    ] {
        let got = [None, Some(0), Some(1)].map(|line| covers(says, line, None));
        assert_eq!(got, [claim, first, second], "{says}");
    }
}

#[test]
fn a_diagnosis_is_the_findings_own_or_one_that_its_line_points_to_or_any_of_the_claim() {
    for (says, [claim, first, second, own]) in [
        ("diagnoses = [\"E11.9\"]", [true, true, false, false]),
        ("diagnoses = [\"e119\"]", [true, true, false, false]),
        ("diagnoses = [\"E11.*\"]", [true, true, false, false]),
        ("diagnoses = [\"I10\"]", [true, false, true, true]),
        ("diagnoses = [\"I10-I15\"]", [true, false, true, true]),
        ("diagnoses = [\"Z*\"]", [false, false, false, false]),
    ] {
        let got = [None, Some(0), Some(1)].map(|line| covers(says, line, Some(Field::Procedure)));
        assert_eq!(got, [claim, first, second], "{says}");
        assert_eq!(covers(says, Some(0), Some(Field::Diagnosis(2))), own, "{says}, of the second diagnosis");
        assert!(!covers(says, Some(0), Some(Field::Diagnosis(9))), "{says}, of one that is not there");
    }
}

#[test]
fn a_diagnosis_beside_the_list_is_the_findings_own_too() {
    let bill = Claim {
        claim_type: Some("I".to_owned()),
        admitting_diagnosis: Some("R07.9".to_owned()),
        reasons_for_visit: Some("R05.1:I10".to_owned()),
        ..claim()
    };
    let admitting = Some(Field::AdmittingDiagnosis);
    let reasons = Some(Field::ReasonsForVisit);
    for (says, [first, second, third]) in [
        ("diagnoses = [\"R07.9\"]", [true, false, false]),
        ("diagnoses = [\"R05.*\"]", [false, true, false]),
        ("diagnoses = [\"I10\"]", [false, false, true]),
        // In the list, but not the finding's.
        ("diagnoses = [\"E11.9\"]", [false, false, false]),
    ] {
        let got = [(admitting, 0), (reasons, 0), (reasons, 1)].map(|own| covers_of(&bill, says, None, own));
        assert_eq!(got, [first, second, third], "{says}");
    }
}
