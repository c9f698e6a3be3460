//! Diagnoses that an institutional claim gives beside its list (the admitting diagnosis, reasons for visit, external causes)
//! come out as the same code does as the only diagnosis of the list.
//!
//! Codes of the whole ICD-10-CM table, on the days on which the table begins or ends to say something of them and the days
//! around; one code in 250, all of them when the environment has `CLEANCLAIM_WHOLE_TABLES=1`.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::indexing_slicing, reason = "tests")]

use cleanclaim::{
    Code, CsvOptions, CsvReader, Date, Format, Input, Outcome, Scrubber, Summary, SystemId, embedded, scrub_readers,
};
use serde_json::Value;
use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write as _;

/// The edits that judge diagnoses in the list and beside it alike.
const EDITS: [&str; 4] = ["DX001", "DX002", "DX003", "DX004"];
const COLUMNS: &str = "claim_id,claim_type,bill_type,statement_from,statement_to,revenue_code,service_from,dx_1,\
                       admitting_diagnosis,reasons_for_visit,external_causes\n";
/// Where each claim of a group gives the code.
const FIELDS: [&str; 4] = ["dx_1", "admitting_diagnosis", "reasons_for_visit", "external_causes"];

fn scrub(select: &[&str], told: bool, csv: &str) -> (Scrubber, Vec<Value>, Summary) {
    let builder = Scrubber::builder(embedded()).show_not_evaluated(told);
    let scrubber = select.iter().fold(builder, |builder, edit| builder.select(*edit)).build().unwrap();
    let input = Input::from_reader("claims.csv", std::io::Cursor::new(csv.as_bytes().to_vec())).unwrap();
    let reader = CsvReader::new(input, CsvOptions::default()).unwrap();
    let mut out = Vec::new();
    let summary = scrub_readers(&scrubber, [Box::new(reader) as _], Format::Ndjson, &mut out).unwrap();
    let findings = std::str::from_utf8(&out).unwrap().lines().map(|line| serde_json::from_str(line).unwrap());
    let findings = findings.collect();
    (scrubber, findings, summary)
}

/// The four claims of a group: one code on one day, in each field.
fn group(csv: &mut String, number: usize, code: &str, inpatient: bool, day: Date) {
    // The other day of the statement governs nothing.
    let (bill, from, to) = match inpatient {
        true => ("0111", Date::from_days(day.days() - 400), day),
        false => ("0131", day, Date::from_days(day.days() + 400)),
    };
    for (place, field) in FIELDS.iter().enumerate() {
        let mut codes = [""; 4];
        codes[place] = code;
        writeln!(csv, "{number}-{field},I,{bill},{from},{to},0450,{from},{}", codes.join(",")).unwrap();
    }
}

/// What was found of each claim, without its id and place; its own field is called `dx_1`.
fn by_claim(findings: Vec<Value>) -> BTreeMap<String, Vec<String>> {
    let mut all: BTreeMap<String, Vec<String>> = BTreeMap::new();
    for mut finding in findings {
        let claim = finding["claim_id"].as_str().unwrap().to_owned();
        let (_, own) = claim.split_once('-').unwrap();
        if finding["field"] == own {
            finding["field"] = FIELDS[0].into();
        }
        let object = finding.as_object_mut().unwrap();
        object.remove("claim_id");
        object.remove("at");
        all.entry(claim).or_default().push(finding.to_string());
    }
    all
}

fn counts(scrubber: &Scrubber, summary: &Summary, edit: &str) -> [u64; 4] {
    let place = scrubber.edits().iter().position(|entry| entry.info().id == edit).unwrap();
    Outcome::ALL.map(|outcome| summary.counts[place].of(outcome))
}

#[test]
fn a_code_beside_the_list_comes_out_as_in_the_list() {
    let codeset = embedded();
    let system = codeset.system(SystemId::Diagnosis).unwrap();
    let every = if std::env::var_os("CLEANCLAIM_WHOLE_TABLES").is_some() { 1 } else { 250 };
    let covered: Vec<i32> =
        system.coverage().iter().flat_map(|days| [days.from.days(), days.to.unwrap_or(days.from).days()]).collect();
    let around = |day: i32| day - 1..=day + 1;
    let mut groups: Vec<(String, BTreeSet<i32>)> = Vec::new();
    for (ordinal, code) in system.iter().step_by(every) {
        let ends =
            system.rows(ordinal).iter().flat_map(|row| [row.days().from, row.days().to.unwrap_or(row.days().from)]);
        let mut days: BTreeSet<i32> = ends.flat_map(|day| around(day.days())).collect();
        days.extend(covered.iter().copied().flat_map(around));
        groups.push((code.diagnosis().to_string(), days));
    }
    assert!(groups.len() > 300);
    let near: BTreeSet<i32> = covered.iter().copied().flat_map(around).collect();
    // Codes of no release and of no form.
    for code in
        ["Q99.ZZ", "W19A", "S72.001Z", "250.00", "4019", "V70.0", "E1.165", "I10-", "diabetes", "S72001AA", "A0", "é"]
    {
        groups.push((code.to_owned(), near.clone()));
    }
    let (mut compared, mut reported) = (0, 0);
    for groups in groups.chunks(200) {
        let mut csv = COLUMNS.to_owned();
        let mut number = 0;
        for (code, days) in groups {
            for &day in days {
                for inpatient in [true, false] {
                    group(&mut csv, number, code, inpatient, Date::from_days(day));
                    number += 1;
                }
            }
        }
        for told in [false, true] {
            let (scrubber, findings, summary) = scrub(&EDITS, told, &csv);
            for edit in EDITS {
                assert_eq!(counts(&scrubber, &summary, edit).iter().sum::<u64>(), 4 * number as u64, "{edit}");
                // Each field has a quarter of every outcome.
                for (outcome, count) in Outcome::ALL.iter().zip(counts(&scrubber, &summary, edit)) {
                    assert_eq!(count % 4, 0, "{edit} {outcome}");
                }
            }
            let found = by_claim(findings);
            for number in 0..number {
                let [list, beside @ ..] = FIELDS.map(|field| found.get(&format!("{number}-{field}")));
                for (own, field) in beside.iter().zip(&FIELDS[1..]) {
                    assert_eq!(*own, list, "{number} {field}");
                }
                compared += 1;
                reported += usize::from(list.is_some());
            }
        }
    }
    assert!(compared > 5_000 && reported > 2_000, "{compared} groups, {reported} with findings");
}

#[test]
fn each_code_beside_the_list_is_a_unit_of_the_edits_that_judge_it_and_of_no_other() {
    let mut csv = COLUMNS.to_owned();
    // Two of the list and six beside it, of which three are wrong.
    csv.push_str("c1,I,0131,2024-10-01,2024-10-01,0450,2024-10-01,E11.65,R07.9,R05.1:Q99.ZZ: W19,V70.00000:Y92.009\n");
    csv = csv.replace("dx_1", "dx_1,dx_2").replace("E11.65,", "E11.65,I10,");
    // What a claim of another type gives there is not judged, nor what is no code at all.
    csv.push_str("c2,P,,,,,2024-10-01,I10,,Q99.ZZ,Q99.ZZ,Q99.ZZ\n");
    csv.push_str("c3,I,0131,2024-10-01,2024-10-01,0450,2024-10-01,I10,,, : ;,\n");
    // Without a governing date none can be judged.
    csv.push_str("c4,I,0131,,2024-10-01,0450,2024-10-01,I10,,R07.9,R05.1,\n");
    for told in [false, true] {
        let (scrubber, findings, summary) = scrub(&["DX"], told, &csv);
        let counts = |edit| counts(&scrubber, &summary, edit);
        assert_eq!(counts("DX001"), [12, 1, 0, 0]);
        assert_eq!(counts("DX002"), [9, 1, 0, 3]);
        assert_eq!(counts("DX003"), [10, 0, 0, 3]);
        assert_eq!(counts("DX004"), [12, 1, 0, 0]);
        assert_eq!(counts("DX005").iter().sum::<u64>(), 5);
        assert_eq!(counts("DX010").iter().sum::<u64>(), 5);
        let failed: Vec<String> = findings
            .iter()
            .filter(|finding| finding["outcome"] == "fail" && finding["claim_id"] == "c1")
            .map(|finding| format!("{} {}", finding["edit"].as_str().unwrap(), finding["field"].as_str().unwrap()))
            .collect();
        assert_eq!(failed, ["DX001 reasons_for_visit", "DX002 reasons_for_visit", "DX004 external_causes"]);
    }
}

#[test]
fn any_number_of_codes_beside_the_list_is_judged() {
    let codes: Vec<String> = (0..6_000).map(|number| format!("Z99ZZ{}", number % 10)).collect();
    let mut csv = COLUMNS.to_owned();
    let many = codes.join(":");
    writeln!(csv, "c1,I,0131,2024-10-01,2024-10-01,0450,2024-10-01,I10,,{many},{many}").unwrap();
    let (scrubber, findings, summary) = scrub(&["DX004", "DX005"], true, &csv);
    assert_eq!(counts(&scrubber, &summary, "DX004"), [12_001, 0, 0, 0]);
    assert_eq!(counts(&scrubber, &summary, "DX005"), [1, 0, 0, 0]);
    assert!(findings.is_empty());
    let malformed = csv.replace("Z99ZZ", "Z99ZZZZZ");
    let (scrubber, findings, summary) = scrub(&["DX004"], true, &malformed);
    assert_eq!(counts(&scrubber, &summary, "DX004"), [1, 12_000, 0, 0]);
    assert_eq!(findings.len(), 12_000);
    assert!(Code::parse_diagnosis(b"Z99ZZZZZ0").is_none());
}
