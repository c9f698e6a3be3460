//! The files of HCPCS Level II as published, whole: their counts, the same code in fixed width and in the quarterly
//! table, and the days on which codes begin and end against the I/OCE's table. Without the tables the tests say that
//! they are skipped.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

mod support;

use cleanclaim_compile::publisher::hcpcs::{HcpcsRecord, RecordKind};
use cleanclaim_compile::publisher::{Document, Kind, Limits, Publication, read, walk};
use codes::Code;
use std::collections::{BTreeMap, BTreeSet};
use std::ops::ControlFlow;
use support::*;

fn publication(test: &str, name: &str) -> Option<Publication> {
    let path = publisher_file(test, name)?;
    let mut found = Vec::new();
    walk(&path, &Limits::default(), &mut |path, bytes| {
        found.push(read(path, &bytes.unwrap()).unwrap().unwrap_or_else(|| panic!("{name} is not recognised")));
        ControlFlow::Continue(())
    })
    .unwrap();
    assert_eq!(found.len(), 1, "{name}");
    found.pop()
}

fn records(test: &str, name: &str) -> Option<Document<HcpcsRecord>> {
    match publication(test, name)? {
        Publication::HcpcsRecords(document) | Publication::HcpcsTable(document) => Some(document),
        other => panic!("{name} is taken for {:?}", other.kind()),
    }
}

const JANUARY_2020: &str = "hcpcs/HCPC2020_ANWEB_w_disclaimer.txt.zst";
const APRIL_2020: &str = "hcpcs/HCPC2020_04_anweb.xlsx";

/// Every file, oldest first: kind, codes, modifiers, label, first day, continuation rows.
const FILES: [(&str, Kind, usize, usize, &str, &str, u64); 8] = [
    ("hcpcs/HCPC17_CONTR_ANWEB.txt.zst", Kind::HcpcsRecords, 6_155, 343, "2017", "2017-01-01", 4_330),
    ("hcpcs/HCPC2018_CONTR_ANWEB_disc.txt.zst", Kind::HcpcsRecords, 6_205, 354, "2018", "2018-01-01", 4_426),
    ("hcpcs/HCPC2019_CONTR_ANWEB.txt.zst", Kind::HcpcsRecords, 6_440, 360, "2019", "2019-01-01", 4_822),
    (JANUARY_2020, Kind::HcpcsRecords, 6_710, 369, "2020", "2020-01-01", 5_280),
    // One code goes on in a second row in the tables of 2020.
    (APRIL_2020, Kind::HcpcsTable, 6_728, 369, "2020 April", "2020-04-01", 1),
    ("hcpcs/HCPC2020_07_anweb.xlsx", Kind::HcpcsTable, 6_789, 369, "2020 July", "2020-07-01", 1),
    ("hcpcs/HCPC2020_10_anweb.xlsx", Kind::HcpcsTable, 6_825, 371, "2020 October", "2020-10-01", 1),
    ("hcpcs/HCPC2025_OCT_ANWEB.xlsx", Kind::HcpcsTable, 8_463, 383, "2025 October", "2025-10-01", 0),
];

#[test]
fn every_file_is_whole_and_nothing_is_refused() {
    for (name, kind, procedures, modifiers, label, effective, continuations) in FILES {
        let Some(document) = records("every file is whole", name) else { return };
        assert_eq!(document.kind, kind, "{name}");
        assert_eq!(document.refused.count(), 0, "{name}: {:?}", document.refused.first().first());
        let count = |kind| document.rows.iter().filter(|placed| placed.row.kind == kind).count();
        assert_eq!((count(RecordKind::Procedure), count(RecordKind::Modifier)), (procedures, modifiers), "{name}");
        let release = &document.release;
        assert_eq!((release.label.as_str(), release.effective), (label, Some(day(effective))), "{name}");
        let left_out = |reason: &str| document.left_out.get(reason).copied().unwrap_or(0);
        assert_eq!(left_out("rows that go on with a description"), continuations, "{name}");
        let prose = left_out("lines of prose before the records") + left_out("rows of prose before the header");
        assert_eq!(prose, prose_of(name), "{name}");
        // Tables list the codes of their own quarter at the latest, except that of 2018, which went on being filled.
        let latest = if label == "2018" { "2018-07-01" } else { effective };
        assert_eq!(release.latest, Some(day(latest)), "{name}");
    }
}

/// Lines that are not empty before the records, or before the header.
fn prose_of(name: &str) -> u64 {
    match name {
        "hcpcs/HCPC2018_CONTR_ANWEB_disc.txt.zst" | JANUARY_2020 => 6,
        "hcpcs/HCPC2019_CONTR_ANWEB.txt.zst" => 4,
        APRIL_2020 | "hcpcs/HCPC2020_10_anweb.xlsx" => 2,
        _ => 0,
    }
}

#[test]
fn dates_of_six_digits_in_2018_are_left_empty_and_told() {
    let Some(document) = records("dates of six digits", "hcpcs/HCPC2018_CONTR_ANWEB_disc.txt.zst") else { return };
    let told: Vec<(u32, &str, &str)> =
        document.flaws.first().iter().map(|flaw| (flaw.line, flaw.column.as_str(), flaw.found.as_str())).collect();
    let column = "ASC_DT (columns 233-240)";
    assert_eq!(
        told,
        [
            (1884, column, "\"170401\""),
            (1955, column, "\"170701\""),
            (1956, column, "\"170701\""),
            (1958, column, "\"170701\""),
            (1960, column, "\"180101\""),
        ]
    );
    for (name, ..) in FILES.iter().filter(|(name, ..)| !name.contains("2018")) {
        assert_eq!(records("flaws", name).unwrap().flaws.count(), 0, "{name}");
    }
}

/// The fields as text, by the names of the quarterly table.
fn fields(record: &HcpcsRecord) -> Vec<(&'static str, String)> {
    let letter = |letter: Option<u8>| letter.map(|letter| char::from(letter).to_string()).unwrap_or_default();
    let date = |date: Option<codes::Date>| date.map(|date| date.to_string()).unwrap_or_default();
    let word = |code: Option<Code>| code.map(|code| code.to_string()).unwrap_or_default();
    let words = |codes: &[Code]| codes.iter().map(Code::to_string).collect::<Vec<_>>().join(" ");
    vec![
        ("LONG DESCRIPTION", record.long.to_string()),
        ("SHORT DESCRIPTION", record.short.to_string()),
        ("PRICE", words(&record.pricing)),
        ("MULT_PI", letter(record.multiple_pricing)),
        ("CIM", record.coverage_issues.join(" ")),
        ("MCM", record.carriers_manual.join(" ")),
        ("STATUTE", record.statute.as_deref().unwrap_or_default().to_owned()),
        ("LABCERT", words(&record.lab_certification)),
        ("XREF", words(&record.cross_reference)),
        ("COV", letter(record.coverage)),
        ("ASC_GRP", word(record.asc_group)),
        ("ASC_DT", date(record.asc_from)),
        ("PROCNOTE", word(record.processing_note)),
        ("BETOS", word(record.betos)),
        ("TOS", record.type_of_service.iter().map(|&service| char::from(service)).collect()),
        ("ANEST_BU", record.anesthesia_units.map(|units| units.to_string()).unwrap_or_default()),
        ("ADD DT", date(record.added)),
        ("ACT EFF DT", date(record.effective)),
        ("TERM DT", date(record.terminated)),
    ]
}

#[test]
fn the_fixed_width_of_january_2020_and_the_table_of_april_2020_agree_field_by_field() {
    const TEST: &str = "fixed width and table of 2020";
    let (Some(fixed), Some(table)) = (records(TEST, JANUARY_2020), records(TEST, APRIL_2020)) else { return };
    let table: BTreeMap<Code, &HcpcsRecord> = table.rows.iter().map(|placed| (placed.row.code, &placed.row)).collect();
    let mut differences: BTreeMap<&str, Vec<String>> = BTreeMap::new();
    let (mut same, mut gone) = (0, 0);
    for placed in &fixed.rows {
        let ours = &placed.row;
        let Some(theirs) = table.get(&ours.code) else {
            gone += 1;
            continue;
        };
        assert_eq!(ours.kind, theirs.kind);
        for ((name, ours_text), (_, theirs_text)) in fields(ours).into_iter().zip(fields(theirs)) {
            if ours_text == theirs_text {
                same += 1;
            } else {
                differences.entry(name).or_default().push(ours.code.to_string());
            }
        }
    }
    let found: Vec<(&str, String)> = differences.into_iter().map(|(name, codes)| (name, codes.join(" "))).collect();
    let found: Vec<(&str, &str)> = found.iter().map(|(name, codes)| (*name, codes.as_str())).collect();
    // The action is another in each quarter, and is left out here.
    assert_eq!(
        found,
        [
            // CS, G2061 to G2063: changed in April. G1000 ended in March. C9600: April's table lost the date.
            ("ACT EFF DT", "CS C9600 G1000 G2061 G2062 G2063"),
            // Besides: a dash that the fixed width has as a question mark, or with spaces; L2006 was corrected.
            ("LONG DESCRIPTION", "CS G2061 G2062 G2063 G2136 G2137 G2140 G2141 G2144 G2145 G9448 G9676 G9949 L2006"),
            // The note 0000 in January, none in April.
            ("PROCNOTE", "AX V5289"),
            ("SHORT DESCRIPTION", "CS"),
            ("TERM DT", "G1000"),
        ]
    );
    assert_eq!((same, gone), (134_477, 0));
}

#[test]
fn codes_are_in_force_when_the_outpatient_editor_has_them() {
    const TEST: &str = "codes in force";
    let Some(path) = publisher_file(TEST, "ioce/data_hcpcs.tsv.zst") else { return };
    let versions = Versions::read(&publisher_file(TEST, "ioce/version_range.tsv").unwrap());
    let raw = Raw::read(&path);
    let theirs: Vec<(Code, u32, u32)> = raw
        .rows(["key", "lo_version", "hi_version"])
        .map(|[key, low, high]| (code(key.split('|').next().unwrap()), low.parse().unwrap(), high.parse().unwrap()))
        // The editor has the dental codes besides, which are the American Dental Association's.
        .filter(|(code, ..)| code.procedure_kind() == Some(codes::CodeKind::HcpcsLevel2) && code.at(0) != b'D')
        .collect();
    // Every code that a file has in force on its day is the editor's. What the editor has besides was added back to
    // an earlier day after the file was out: most of it for COVID-19.
    let alone = [
        (6_105, "C9058 C9803 G2023 G2024 G2025 G2168 G2169 Q5119 Q5120 U0001 U0002"),
        (6_122, "C9803 G2025 Q5119 Q5120 U0003 U0004"),
        (6_174, ""),
        (6_206, "M0239 M0243 Q0239 Q0243"),
        // The codes of the Radiation Oncology Model, which never began. The file does not have them.
        (
            7_258,
            "M1072 M1073 M1074 M1075 M1076 M1077 M1078 M1079 M1080 M1081 M1082 M1083 M1084 M1085 M1086 M1087 M1088 \
             M1089 M1094 M1095 M1096 M1097 M1098 M1099 M1100 M1101 M1102 M1103 M1104 M1105",
        ),
    ];
    for ((name, _, _, _, _, effective, _), (count, alone)) in FILES.iter().skip(3).zip(alone) {
        let on = day(effective);
        let version = versions.on(on).unwrap();
        let theirs: BTreeSet<Code> =
            theirs.iter().filter(|(_, low, high)| (*low..=*high).contains(&version)).map(|row| row.0).collect();
        let document = records(TEST, name).unwrap();
        let ours: BTreeSet<Code> = document
            .rows
            .iter()
            .map(|placed| &placed.row)
            .filter(|row| row.kind == RecordKind::Procedure)
            .filter(|row| row.added.is_none_or(|day| day <= on) && row.terminated.is_none_or(|day| on <= day))
            .map(|row| row.code)
            .collect();
        let list = |codes: Vec<&Code>| codes.iter().map(|code| code.to_string()).collect::<Vec<_>>().join(" ");
        assert_eq!(list(ours.difference(&theirs).collect()), "", "{name}");
        let theirs_alone = theirs.difference(&ours).collect();
        assert_eq!((ours.len(), list(theirs_alone)), (count, alone.to_owned()), "{name}");
    }
}

#[test]
fn codes_not_otherwise_classified_are_those_of_the_contractor_file_of_their_year() {
    const TEST: &str = "codes not otherwise classified";
    let Some(Publication::HcpcsNoc(noc)) = publication(TEST, "hcpcs/NOC_Codes_2017.txt.zst") else { return };
    assert_eq!((noc.rows.len(), noc.read, noc.refused.count()), (991, 991, 0));
    assert_eq!(noc.left_out["rows that go on with a description"], 1_321);
    let contractor = records(TEST, FILES[0].0).unwrap();
    let contractor: BTreeMap<Code, &HcpcsRecord> =
        contractor.rows.iter().map(|placed| (placed.row.code, &placed.row)).collect();
    let mut differences = Vec::new();
    let mut dental = 0;
    for placed in &noc.rows {
        let row = &placed.row;
        // The contractor file has no dental codes.
        if row.code.at(0) == b'D' {
            dental += 1;
            continue;
        }
        match contractor.get(&row.code) {
            Some(record)
                if record.long == row.long
                    && record.added == Some(row.added)
                    && record.terminated == row.terminated => {}
            other => differences
                .push(format!("{row:?} {:?}", other.map(|record| (&record.long, record.added, record.terminated)))),
        }
    }
    assert_eq!(differences, [""; 0]);
    assert_eq!(dental, 39);
}

#[test]
fn the_table_of_2026_is_read_from_csv_in_the_same_layout() {
    let Some(document) = records("the table of 2026", "formats_2026/HCPC2026_OCT_ANWEB.excerpt.csv") else { return };
    assert_eq!((document.rows.len(), document.read, document.refused.count()), (7, 7, 0));
    let am = &document.rows[3];
    assert_eq!((am.line, am.row.code, am.row.kind), (5, code("AM"), RecordKind::Modifier));
    assert_eq!((&*am.row.long, &*am.row.short), ("Physician, team member service", "Physician, team member svc"));
    assert_eq!(am.row.carriers_manual, ["4105.7".into()]);
    assert_eq!((am.row.cross_reference.as_slice(), am.row.processing_note), (&[code("QM")][..], Some(code("0069"))));
    let cp = &document.rows[4].row;
    let dates = [cp.added, cp.effective, cp.terminated].map(|date| date.map(|date| date.to_string()));
    assert_eq!(dates.map(Option::unwrap), ["2016-01-01", "2018-01-01", "2017-12-31"]);
}
