//! The 837 reader, over files of others and over text that it must take as it comes.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

mod structure;
mod support;
mod variants;

use cleanclaim_claims::{Field, LineRow, ProblemKind, X12Options};
use proptest::prelude::*;
use std::collections::BTreeMap;
use std::fmt::Write;
use std::path::{Path, PathBuf};
use support::{of_reading, read, show};

/// Files of others, which the repository does not carry.
fn samples() -> Vec<(String, Vec<u8>)> {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../../shared/claims");
    let mut all = Vec::new();
    for folder in ["x12/837d", "x12/837i", "x12/837p", "x12_broken", "responses/999", "responses/277ca"] {
        let Ok(entries) = std::fs::read_dir(root.join(folder)) else { continue };
        let mut paths: Vec<PathBuf> = entries.map(|entry| entry.unwrap().path()).collect();
        paths.sort();
        for path in paths.into_iter().filter(|path| path.is_file()) {
            let name = format!("{folder}/{}", path.file_name().unwrap().to_string_lossy());
            let mut bytes = std::fs::read(&path).unwrap();
            if name.ends_with(".zst") {
                bytes = zstd::decode_all(bytes.as_slice()).unwrap();
            }
            if !name.ends_with(".md") {
                all.push((name, bytes));
            }
        }
    }
    if all.is_empty() {
        eprintln!("SKIPPED: ../shared/claims is not here");
    }
    all
}

/// What each file is read as, or why it is refused.
#[test]
fn every_sample_is_read_or_refused_as_the_table_says() {
    let mut table = String::from(
        "# What the reader makes of each file of shared/claims: renew with BLESS=1.\n\
         file\tprofessional\tinstitutional\tdental\tlines\tdiagnoses\tunreadable\tproblems\toutside or refusal\n",
    );
    let all = samples();
    if all.is_empty() {
        return;
    }
    for (name, bytes) in all {
        write!(table, "{name}\t").unwrap();
        let found = match read(&bytes, X12Options::default()) {
            Ok(found) => found,
            Err(refusal) => {
                writeln!(table, "\t\t\t\t\t\t\trefused: {refusal}").unwrap();
                continue;
            }
        };
        let mut types = [0; 3];
        let (mut lines, mut diagnoses, mut unreadable) = (0, 0, 0);
        let mut problems: BTreeMap<String, usize> = BTreeMap::new();
        for claim in found.claims() {
            types[claim.row.claim_type as usize] += 1;
            lines += claim.lines().len();
            diagnoses += claim.diagnoses().len();
            unreadable += usize::from(claim.row.unreadable);
            for problem in claim.problems().iter().filter(of_reading) {
                let kind = format!("{:?}", problem.kind);
                let kind = kind.split([' ', '{']).next().unwrap_or_default().to_owned();
                let field = problem.field.map(|field| format!(" {field}")).unwrap_or_default();
                *problems.entry(kind + &field).or_default() += 1;
            }
        }
        let mut outside: BTreeMap<String, usize> = BTreeMap::new();
        for problem in found.outside().filter(of_reading) {
            *outside.entry(format!("{:?}", problem.kind)).or_default() += 1;
        }
        let counted = |counts: BTreeMap<String, usize>| {
            let items: Vec<String> = counts.into_iter().map(|(kind, count)| format!("{kind} {count}")).collect();
            items.join("; ")
        };
        let [professional, institutional, dental] = types;
        let (problems, outside) = (counted(problems), counted(outside));
        writeln!(
            table,
            "{professional}\t{institutional}\t{dental}\t{lines}\t{diagnoses}\t{unreadable}\t{problems}\t{outside}"
        )
        .unwrap();
    }
    compare("read.tsv", &table);
}

/// Compares with what is kept; with BLESS=1, keeps it.
fn compare(file: &str, found: &str) {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/x12").join(file);
    if std::env::var_os("BLESS").is_some() {
        std::fs::write(&path, found).unwrap();
    }
    let kept = std::fs::read_to_string(&path).unwrap_or_default();
    for (kept, found) in kept.lines().zip(found.lines()) {
        assert_eq!(kept, found, "{file}");
    }
    assert_eq!(kept.lines().count(), found.lines().count(), "{file}");
}

/// Our own examples, with a value in every element that is read.
const OWN: [(&str, &str); 3] = [
    ("professional", include_str!("professional.837")),
    ("institutional", include_str!("institutional.837")),
    ("dental", include_str!("dental.837")),
];

#[test]
fn every_value_of_our_examples_is_read() {
    for (name, text) in OWN {
        compare(&format!("{name}.read"), &show(&read(text.as_bytes(), X12Options::default()).unwrap(), false));
    }
}

/// The first line in which two readings differ.
fn first_difference(one: &Result<String, String>, other: &Result<String, String>) -> Option<(String, String)> {
    let lines = |read: &Result<String, String>| -> Vec<String> {
        let text = read.as_ref().unwrap_or_else(|refusal| refusal);
        text.lines().map(str::to_owned).chain([String::new()]).collect()
    };
    let (one, other) = (lines(one), lines(other));
    one.into_iter().zip(other).find(|(one, other)| one != other)
}

/// How a file is cut into chunks changes nothing of what is read.
#[test]
fn chunks_do_not_show() {
    let own = OWN.map(|(name, text)| (name.to_owned(), text.as_bytes().to_vec()));
    for (name, bytes) in own.into_iter().chain(samples()) {
        let whole = read(&bytes, X12Options::default()).map(|found| show(&found, true));
        for chunk_bytes in [1, 700, 5000] {
            let options = X12Options { chunk_bytes, ..X12Options::default() };
            let cut = read(&bytes, options).map(|found| show(&found, true));
            assert_eq!(first_difference(&whole, &cut), None, "{name} in chunks of {chunk_bytes}");
        }
    }
}

/// An 837 of these segments, without an envelope around its transaction set.
fn transaction(guide: &str, segments: &[&str]) -> String {
    let head =
        format!("ST*837*0001*{guide}~BHT*0019*00*1*20240901*1200*CH~HL*1**20*1~NM1*85*2*GROUP*****XX*1234567893~");
    format!("{head}{}~SE*1*0001~", segments.join("~"))
}

#[test]
fn dependents_of_one_subscriber_are_patients_of_their_own() {
    let subscriber = ["HL*2*1*22*1", "SBR*P********CI", "NM1*IL*1*DOE*JANE****MI*W1", "DMG*D8*19800501*F"];
    let claim = ["CLM*C*100***11:B:1*Y*A*Y*Y", "LX*1", "SV1*HC:99213*100*UN*1***1", "DTP*472*D8*20240805"];
    let dependents: [(&str, &str); 5] = [
        ("NM1*QC*1*DOE*ANN", "W1/ANN"),
        ("NM1*QC*1*DOE*Bob", "W1/BOB"),
        // Without a first name the day of birth tells, and an id of their own does by itself.
        ("NM1*QC*1*DOE", "W1/20150101"),
        ("NM1*QC*1*DOE*EVE****MI*W2", "W2"),
        ("NM1*QC*1*DOE*EVE~REF*SY*123456789", "123456789"),
    ];
    let mut segments = [&subscriber[..], &claim].concat();
    for (name, _) in dependents {
        segments.extend(["HL*3*2*23*0", "PAT*19", name, "DMG*D8*20150101*F"]);
        segments.extend(claim);
    }
    let found = read(transaction("005010X222A1", &segments).as_bytes(), X12Options::default()).unwrap();
    let patients: Vec<&str> = found.claims().map(|claim| claim.batch.text(claim.row.patient)).collect();
    let expected: Vec<&str> = ["W1"].into_iter().chain(dependents.map(|(_, id)| id)).collect();
    assert_eq!(patients, expected);
}

#[test]
fn a_statement_of_one_day_is_the_day_of_every_line_that_gives_none() {
    for (statement, expected) in [
        ("RD8*20240805-20240805", ["2024-08-05", "2024-08-06", "2024-08-05"]),
        ("D8*20240805", ["2024-08-05", "2024-08-06", "2024-08-05"]),
        ("RD8*20240805-20240806", ["", "2024-08-06", ""]),
    ] {
        let statement = format!("DTP*434*{statement}");
        let segments = [
            "HL*2*1*22*0~SBR*P*18*******MB~NM1*IL*1*DOE*JANE****MI*W1~CLM*C*300***13:A:1**A*Y*Y",
            &statement,
            "LX*1~SV2*0761*HC:11042*100*UN*1~LX*2~SV2*0761*HC:11045*100*UN*1~DTP*472*D8*20240806",
            "LX*3~SV2*0761*HC:11045*100*UN*1",
        ];
        let found = read(transaction("005010X223A2", &segments).as_bytes(), X12Options::default()).unwrap();
        let claim = found.claims().next().unwrap();
        let day = |line: &LineRow| line.service_from.value().map_or_else(String::new, |day| day.to_string());
        let days: Vec<String> = claim.lines().iter().map(day).collect();
        assert_eq!(days, expected, "{statement}");
    }
}

#[test]
fn qualifiers_of_icd_9_are_kept() {
    for (health, codes, versions, icd_9) in [
        ("HI*ABK:I10*ABF:E119", ["I10", "E119"], None, 0),
        ("HI*BK:4019*BF:V700", ["4019", "V700"], Some("9:9"), 3),
        ("HI*BF:V700*ABK:I10", ["I10", "V700"], Some("0:9"), 2),
    ] {
        let segments =
            ["HL*2*1*22*0~SBR*P*18*******MB~CLM*C*100***11:B:1*Y*A*Y*Y", health, "LX*1~SV1*HC:99213*100*UN*1***1"];
        let found = read(transaction("005010X222A1", &segments).as_bytes(), X12Options::default()).unwrap();
        let claim = found.claims().next().unwrap();
        let given: Vec<String> = claim.diagnoses().iter().map(ToString::to_string).collect();
        assert_eq!((given.as_slice(), claim.text_of(Field::DxVersions)), (&codes.map(str::to_owned)[..], versions));
        assert_eq!(claim.row.icd_9, icd_9, "{health}");
    }
}

#[test]
fn a_predetermination_of_dental_benefits_says_so() {
    for (end, expected) in [("**********PB", Some("PB")), ("", None)] {
        let claim = format!("HL*2*1*22*0~SBR*P*18*******CI~CLM*C*100***11:B:1*Y*A*Y*Y{end}");
        let segments = [claim.as_str(), "LX*1~SV3*AD:D2740*100"];
        let found = read(transaction("005010X224A2", &segments).as_bytes(), X12Options::default()).unwrap();
        assert_eq!(found.claims().next().unwrap().text_of(Field::SubmissionReason), expected);
    }
}

/// Where a value stands: segment, loop and element.
#[test]
fn values_know_their_segment_loop_and_element() {
    let found = read(OWN[0].1.as_bytes(), X12Options::default()).unwrap();
    let claims: Vec<_> = found.claims().collect();
    let lines: Vec<&str> = OWN[0].1.lines().collect();
    let origin = |claim: usize, line: Option<u32>, field: Field| {
        let origin = claims[claim].origin(line, field).unwrap();
        let element = origin.element.map(|element| element.to_string()).unwrap_or_default();
        (lines[origin.place.row as usize - 1], origin.loop_id, element)
    };
    let expected = [
        (0, None, Field::ClaimId, "CLM*A-1", "2300", "CLM01"),
        (0, None, Field::ClaimTotal, "CLM*A-1", "2300", "CLM02"),
        (0, None, Field::FrequencyCode, "CLM*A-1", "2300", "CLM05-3"),
        (0, None, Field::Diagnosis(2), "HI*ABK", "2300", "HI02-2"),
        (0, None, Field::BillingNpi, "NM1*85", "2010AA", "NM109"),
        (0, None, Field::BillingTaxonomy, "PRV*BI", "2000A", "PRV03"),
        (0, None, Field::PatientId, "NM1*IL*1*DOE*ALEX", "2010BA", "NM109"),
        (0, None, Field::BirthDate, "DMG*D8*20150304", "2010CA", "DMG02"),
        (0, None, Field::PayerId, "NM1*PR*2*PAYER ONE", "2010BB", "NM109"),
        (0, None, Field::ReferringNpi, "NM1*DN", "2310A", "NM109"),
        (0, None, Field::SupervisingNpi, "NM1*DQ", "2310D", "NM109"),
        (0, None, Field::State, "N4*STAMFORD", "2310C", "N402"),
        (0, None, Field::OtherPayers, "NM1*PR*2*PAYER TWO", "2330B", "NM109"),
        (0, None, Field::OtherPayersPaid, "AMT*D", "2320", "AMT02"),
        (0, None, Field::ReceivedDate, "BHT", "header", "BHT04"),
        (0, Some(0), Field::Procedure, "SV1*HC:99213", "2400", "SV101-2"),
        (0, Some(0), Field::Modifier(4), "SV1*HC:99213", "2400", "SV101-6"),
        (0, Some(0), Field::Ndc, "LIN", "2410", "LIN03"),
        (0, Some(0), Field::RenderingNpi, "NM1*82*1*OTHER", "2420A", "NM109"),
        (0, Some(0), Field::OrderingNpi, "NM1*DK", "2420E", "NM109"),
        (0, Some(0), Field::PaidAmount, "SVD*P200", "2430", "SVD02"),
        // The claim's, for a line that has none; and a claim's field asked for at a line.
        (0, Some(1), Field::RenderingNpi, "NM1*82*1*RENDER", "2310B", "NM109"),
        (0, Some(1), Field::PlaceOfService, "CLM*A-1", "2300", "CLM05-1"),
        (0, Some(1), Field::Diagnosis(1), "HI*ABK", "2300", "HI01-2"),
        // What is not given: where the line or the claim begins.
        (0, Some(1), Field::Ndc, "LX*2", "2400", ""),
        (1, None, Field::AccidentDate, "CLM*A-2", "2300", ""),
        (1, None, Field::Sex, "DMG*D8*19500607", "2010BA", "DMG03"),
    ];
    for (claim, line, field, segment, loop_id, element) in expected {
        let (found, found_loop, found_element) = origin(claim, line, field);
        assert!(found.starts_with(segment), "{field}: {found}");
        assert_eq!((found_loop, found_element.as_str()), (loop_id, element), "{field}");
    }
}

/// Of the diagnoses beside the list each knows where it stands.
#[test]
fn each_diagnosis_beside_the_list_knows_its_segment_and_element() {
    let segments = [
        "HL*2*1*22*0~SBR*P*18*******MB~NM1*IL*1*DOE*JANE****MI*W1~CLM*C*300***13:A:1**A*Y*Y",
        "HI*ABK:J189~HI*ABJ:R0602~HI*APR:R051*APR:R0 9*APR:R509~HI*ABN:W010XXA*ABN:Y929~HI*ABN:Y998",
        "LX*1~SV2*0761*HC:11042*100*UN*1",
    ];
    let text = transaction("005010X223A2", &segments);
    let found = read(text.as_bytes(), X12Options::default()).unwrap();
    let claim = found.claims().next().unwrap();
    let places: Vec<String> = claim
        .diagnoses_beside()
        .map(|own| {
            let origin = claim.origin_of_item(own.field, own.item).unwrap();
            let segment = text.split('~').nth(origin.place.row as usize - 1).unwrap().trim_start();
            format!("{} {} {segment} {}", own.field, own.text, origin.element.unwrap())
        })
        .collect();
    let reasons = "HI*APR:R051*APR:R0 9*APR:R509";
    let causes = "HI*ABN:W010XXA*ABN:Y929";
    let expected = [
        "admitting_diagnosis R0602 HI*ABJ:R0602 HI01-2".to_owned(),
        format!("reasons_for_visit R051 {reasons} HI01-2"),
        // What is taken apart stands where the whole does.
        format!("reasons_for_visit R0 {reasons} HI02-2"),
        format!("reasons_for_visit 9 {reasons} HI02-2"),
        format!("reasons_for_visit R509 {reasons} HI03-2"),
        format!("external_causes W010XXA {causes} HI01-2"),
        format!("external_causes Y929 {causes} HI02-2"),
        "external_causes Y998 HI*ABN:Y998 HI01-2".to_owned(),
    ];
    assert_eq!(places, expected);
    // The field as a whole stands where its first code does.
    let origin = claim.origin(None, Field::ReasonsForVisit).unwrap();
    assert_eq!(Some(origin), claim.origin_of_item(Field::ReasonsForVisit, 0));
    assert_eq!(Some(origin), claim.origin_of_item(Field::ReasonsForVisit, 99));
}

/// A transaction set that is damaged spoils itself only.
#[test]
fn damage_stays_in_its_transaction_set() {
    let set = |number: u32, claim: &str| {
        format!(
            "ST*837*{number:04}*005010X222A1~BHT*0019*00*1*20240110*1200*CH~HL*1**20*1~NM1*85*2*C*****XX*1234567893~\
             HL*2*1*22*0~SBR*P*18~NM1*IL*1*D*J****MI*M{number}~CLM*{claim}*10***11:B:1*Y*A*Y*Y~HI*ABK:I10~LX*1~\
             SV1*HC:99213*10*UN*1***1~DTP*472*D8*20240105~SE*12*{number:04}~"
        )
    };
    let unreadable = |text: &str| {
        let found = read(text.as_bytes(), X12Options::default()).unwrap();
        let claims = found.claims().map(|claim| (claim.id().to_owned(), claim.row.unreadable));
        claims.collect::<Vec<_>>()
    };
    let (one, two, three) = (set(1, "A"), set(2, "B"), set(3, "C"));
    let expected = |second: bool| vec![("A".to_owned(), false), ("B".to_owned(), second), ("C".to_owned(), false)];
    assert_eq!(unreadable(&[&*one, &two, &three].concat()), expected(false));
    // Without its SE, or broken off within a line, the second may lack lines.
    for end in ["SE*12", "DTP*472"] {
        let cut = &two[..two.find(end).unwrap()];
        assert_eq!(unreadable(&[&*one, cut, &three].concat()), expected(true), "{end}");
    }
    // Cut off at the end of the input.
    let cut = [&*one, &two[..two.len() - 30]].concat();
    assert_eq!(unreadable(&cut), expected(true)[..2]);
    // Of another kind: not claims, and said so.
    let other = [&*one, &two.replace("ST*837", "ST*835"), &three].concat();
    let found = read(other.as_bytes(), X12Options::default()).unwrap();
    assert_eq!(found.claims().map(|claim| claim.id()).collect::<Vec<_>>(), ["A", "C"]);
    assert_eq!(found.notices, ["1 transaction set is no 837 and passed unjudged: 1 of 835"]);
    assert_eq!(found.outside().filter(of_reading).count(), 1);
}

/// What is too long is left out, said, and takes no memory.
#[test]
fn what_is_too_long_is_left_out() {
    let options = X12Options { chunk_bytes: 64, claim_bytes: 2_000, segment_bytes: 500, ..X12Options::default() };
    let note = |bytes: usize| format!("NTE*ADD*{}~", "x".repeat(bytes));
    let claim = |id: &str, notes: &str| format!("CLM*{id}*10***11:B:1~{notes}LX*1~SV1*HC:99213*10*UN*1~");
    let text = format!(
        "ST*837*1*005010X222A1~\nBHT*0019~HL*1**20~{}{}{}{}{}SE*1*1~",
        note(300_000),
        claim("A", ""),
        claim("B", &note(400_000)),
        claim("C", &note(100).repeat(3_000)),
        claim("D", ""),
    );
    let found = read(text.as_bytes(), options).unwrap();
    let claims: Vec<_> = found.claims().collect();
    let shown: Vec<_> = claims.iter().map(|claim| (claim.id(), claim.row.unreadable, claim.lines().len())).collect();
    assert_eq!(shown, [("A", false, 1), ("B", true, 1), ("C", true, 0), ("D", false, 1)]);
    let kinds: Vec<_> = claims
        .iter()
        .flat_map(|claim| claim.problems())
        .filter(of_reading)
        .map(|problem| problem.kind.clone())
        .collect();
    assert_eq!(kinds, [ProblemKind::TooLong { limit: 500 }, ProblemKind::TooLong { limit: 2_000 }]);
    assert_eq!(
        found.outside().filter(of_reading).map(|problem| problem.kind.clone()).collect::<Vec<_>>(),
        [ProblemKind::TooLong { limit: 500 }]
    );
    // Every claim is where it stands.
    for claim in &claims {
        let at = usize::try_from(claim.row.place.offset).unwrap();
        assert!(text[at..].starts_with(&format!("CLM*{}*", claim.id())));
        let segments = text[..at].split('~').count();
        assert_eq!(claim.row.place.row, segments as u64, "{}", claim.id());
    }
}

#[test]
fn text_around_interchanges_is_told_and_not_read() {
    let isa =
        "ISA*00*          *00*          *ZZ*A              *ZZ*B              *240105*1200*^*00501*000000001*0*P*:~";
    let rest = "GS*HC*A*B*20240101*1200*1*X*005010X222A1~ST*837*1~CLM*A*1***11:B:1~SE*3*1~GE*1*1~IEA*1*1~\n";
    let text = format!("From: x ~ y\n{isa}{rest}\nmore ~ more\n{isa}{rest}\x1a");
    let found = read(text.as_bytes(), X12Options::default()).unwrap();
    assert_eq!(found.claims().count(), 2);
    let outside: Vec<_> =
        found.outside().filter(of_reading).map(|problem| (problem.kind.clone(), problem.place.offset)).collect();
    let second = text.find("more").unwrap() as u64;
    assert_eq!(outside, [(ProblemKind::NoSegment, 0), (ProblemKind::NoSegment, second)]);
    for (text, said) in [("", "is no X12"), ("hello", "is no X12"), ("ISA*1~", "is no X12")] {
        let refused = read(text.as_bytes(), X12Options::default()).err().unwrap();
        assert!(refused.contains(said), "{refused}");
    }
}

fn count_claims(text: &str) -> usize {
    read(text.as_bytes(), X12Options::default()).map_or(0, |found| found.claims().count())
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(300))]

    /// Any bytes are read or refused, alike however they are cut.
    #[test]
    fn any_bytes_are_read_or_refused(bytes in prop::collection::vec(any::<u8>(), 0..2000), ahead in 0..4usize) {
        let begin = ["", "ST*837*1~BHT*1~", "ST*837*1\nBHT*1\n", &OWN[1].1[..300]][ahead];
        let bytes = [begin.as_bytes(), &bytes].concat();
        let small = X12Options { chunk_bytes: 1, ..X12Options::default() };
        let shown = |options| read(&bytes, options).map(|found| show(&found, true));
        prop_assert_eq!(first_difference(&shown(small), &shown(X12Options::default())), None);
        let tight = X12Options { chunk_bytes: 50, claim_bytes: 100, segment_bytes: 20, ..X12Options::default() };
        let _ = shown(tight);
    }

    /// Our examples with pieces taken out, put in and changed: no panic, and alike however they are cut.
    #[test]
    fn damaged_examples_are_read(
        which in 0..3usize,
        edits in prop::collection::vec((any::<prop::sample::Index>(), 0..40usize, "[A-Z0-9*:~^|>\n ]{0,12}"), 1..6),
    ) {
        let mut text = OWN[which].1.as_bytes().to_vec();
        for (at, cut, put) in edits {
            let at = at.index(text.len().max(1)).min(text.len());
            let to = (at + cut).min(text.len());
            text.splice(at..to, put.into_bytes());
        }
        let shown = |options| read(&text, options).map(|found| show(&found, true));
        let whole = shown(X12Options::default());
        let cut = shown(X12Options { chunk_bytes: 1, ..X12Options::default() });
        prop_assert_eq!(first_difference(&cut, &whole), None);
        let cut = shown(X12Options { chunk_bytes: 333, ..X12Options::default() });
        prop_assert_eq!(first_difference(&cut, &whole), None);
        let _ = shown(X12Options { chunk_bytes: 100, claim_bytes: 300, segment_bytes: 40, ..X12Options::default() });
    }

    /// Cut off anywhere, every claim that begins before is there, and the last one is unreadable.
    #[test]
    fn a_file_cut_off_keeps_its_claims(which in 0..3usize, at in any::<prop::sample::Index>()) {
        let text = OWN[which].1;
        let end = at.index(text.len());
        let cut = &text[..end];
        let ids: Vec<&str> = cut.lines().filter_map(|line| line.split(['*', '|', '~']).next()).collect();
        let begun = ids.iter().filter(|id| **id == "CLM").count();
        let last = ids.iter().rposition(|id| ["CLM", "HL", "SE"].contains(id));
        let within = last.is_some_and(|last| ids[last] == "CLM");
        prop_assert_eq!(count_claims(cut), begun);
        if let Ok(found) = read(cut.as_bytes(), X12Options::default()) {
            let unreadable: Vec<bool> = found.claims().map(|claim| claim.row.unreadable).collect();
            let mut expected = vec![false; begun];
            if within {
                expected[begun - 1] = true;
            }
            prop_assert_eq!(unreadable, expected);
        }
    }
}
