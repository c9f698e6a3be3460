//! Limits of units, fee schedule indicators and other values by procedure, from files of several releases to an image.
//! The small tables are invented.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

#[path = "support/fees.rs"]
mod fees;
mod support;

use cleanclaim_compile::assemble::{Assembled, Build};
use codes::{Date, Modifier};
use codeset::{AttributeId, Codeset, FeeIndicators, GlobalPeriod, HcpcsFacts, Mue, MueScope, SystemId};
use std::path::{Path, PathBuf};
use support::{code, day, publisher_file, text};

/// A folder of files.
struct Files(tempfile::TempDir);

impl Files {
    fn new() -> Files {
        Files(tempfile::tempdir().unwrap())
    }

    fn add(&self, name: &str, content: &str) -> PathBuf {
        let path = self.0.path().join(name);
        std::fs::write(&path, content).unwrap();
        path
    }
}

fn build(base: Option<&Codeset>, files: &[PathBuf]) -> Assembled {
    let build = base.map_or_else(Build::new, |base| Build::new().base(base.clone()));
    build.files(files, &|_| {}).unwrap_or_else(|error| panic!("{error}"))
}

fn open(assembled: &Assembled) -> Codeset {
    Codeset::from_bytes(&assembled.image).unwrap()
}

fn mue_table(rows: &[(&str, u32, u32)]) -> String {
    let mut table = "hcpcs_code\tmue_units\tmue_mai\tmue_rationale\tmue_service\n".to_owned();
    for (code, units, mai) in rows {
        table.push_str(&format!("{code}\t{units}\t{mai}\tinvented\tPractitioner\n"));
    }
    table
}

fn limit(codeset: &Codeset, id: AttributeId, procedure: &str, on: Date) -> Option<(u32, u8)> {
    let ordinal = codeset.system(SystemId::Procedure)?.ordinal(code(procedure))?;
    let Mue { units, scope } = Mue::from_value(codeset.attributes(id)?.row_on(ordinal, on)?.value)?;
    Some((units, scope as u8))
}

/// The quarters of 2024 but the third.
fn quarters(files: &Files) -> Vec<PathBuf> {
    [
        ("0101", vec![("10001", 1, 2), ("10002", 2, 1), ("10003", 9, 3)]),
        ("0401", vec![("10001", 1, 2), ("10003", 8, 3), ("10004", 4, 3)]),
        ("1001", vec![("10001", 1, 2), ("10002", 2, 1), ("10003", 8, 3)]),
    ]
    .into_iter()
    .map(|(day, rows)| files.add(&format!("ncci_mue_prac_2024{day}.tsv"), &mue_table(&rows)))
    .collect()
}

#[test]
fn quarters_become_intervals_and_a_missing_one_is_a_hole() {
    let files = Files::new();
    let codeset = open(&build(None, &quarters(&files)));
    let table = codeset.attributes(AttributeId::MuePractitioner).unwrap();
    let covered: Vec<String> = table.coverage().iter().map(ToString::to_string).collect();
    assert_eq!(covered, ["2024-01-01 to 2024-06-30", "2024-10-01 to 2024-12-31"]);
    for (procedure, [q1, q2, q4]) in [
        ("10001", [Some((1, 2)), Some((1, 2)), Some((1, 2))]),
        ("10002", [Some((2, 1)), None, Some((2, 1))]),
        ("10003", [Some((9, 3)), Some((8, 3)), Some((8, 3))]),
        ("10004", [None, Some((4, 3)), None]),
    ] {
        for (on, expected) in [
            ("2023-12-31", None),
            ("2024-01-01", q1),
            ("2024-03-31", q1),
            ("2024-04-01", q2),
            ("2024-06-30", q2),
            ("2024-07-01", None),
            ("2024-09-30", None),
            ("2024-10-01", q4),
            ("2024-12-31", q4),
            ("2025-01-01", None),
        ] {
            let found = limit(&codeset, AttributeId::MuePractitioner, procedure, day(on));
            assert_eq!(found, expected, "{procedure} on {on}");
        }
    }
    // 10001 is the same over two quarters: one row, and one after the hole.
    let ordinal = codeset.system(SystemId::Procedure).unwrap().ordinal(code("10001")).unwrap();
    assert_eq!(table.rows(ordinal).len(), 2);
    for row in table.rows(ordinal) {
        let release = &codeset.releases()[usize::from(row.release)];
        assert_eq!((release.table.as_str(), release.part.as_str()), ("ncci-mue-practitioner", "mue-practitioner"));
    }
}

#[test]
fn the_order_of_files_and_loading_one_after_another_show_in_nothing() {
    let files = Files::new();
    let [one, two, three] = quarters(&files).try_into().unwrap();
    let all = build(None, &[one.clone(), two.clone(), three.clone()]);
    for order in [[&three, &one, &two], [&two, &three, &one], [&three, &two, &one]] {
        assert!(build(None, &order.map(Clone::clone)).image == all.image);
    }
    for [first, second, last] in [[&one, &two, &three], [&three, &one, &two], [&two, &three, &one]] {
        let mut grown = build(None, std::slice::from_ref(first));
        for next in [second, first, last] {
            grown = build(Some(&open(&grown)), std::slice::from_ref(next));
        }
        assert!(grown.image == all.image, "one after another");
        assert!(grown.summary.first_conflicts.is_empty());
    }
}

#[test]
fn two_files_of_one_day_that_differ_are_a_conflict_with_both_places() {
    let files = Files::new();
    let one = files.add("a_mue_prac_20240101.tsv", &mue_table(&[("10001", 1, 2), ("10002", 2, 1)]));
    let two = files.add("b_mue_prac_20240101.tsv", &mue_table(&[("10002", 3, 3), ("10001", 1, 2)]));
    let summary = build(None, &[two, one]).summary;
    let conflicts: Vec<String> = summary.first_conflicts.iter().map(ToString::to_string).collect();
    assert_eq!(
        conflicts,
        [
            "mue-practitioner 10002: a_mue_prac_20240101.tsv:3 says 2 units, indicator 1, b_mue_prac_20240101.tsv:2 says \
          3 units, indicator 3; the first was taken"
        ]
    );
}

#[test]
fn every_limit_of_the_published_tables_is_in_the_image_on_the_days_of_its_quarter() {
    let files = Files::new();
    let tables = [
        ("ncci/ncci_mue_prac_20240701.tsv.zst", AttributeId::MuePractitioner, 14_677),
        ("ncci/ncci_mue_out_20240701.tsv.zst", AttributeId::MueHospital, 14_628),
        ("ncci/ncci_mue_dme_20240701.tsv", AttributeId::MueDme, 2_928),
    ];
    let (mut paths, mut texts) = (Vec::new(), Vec::new());
    for (name, ..) in tables {
        let Some(path) = publisher_file("limits of units", name) else { return };
        let content = text(&path);
        let name = Path::new(name).file_name().unwrap().to_string_lossy().trim_end_matches(".zst").to_owned();
        paths.push(files.add(&name, &content));
        texts.push(content);
    }
    let assembled = build(None, &paths);
    assert!(assembled.summary.first_conflicts.is_empty());
    let codeset = open(&assembled);
    for ((_, id, count), content) in tables.into_iter().zip(texts) {
        let mut rows = 0;
        for line in content.lines().skip(1) {
            let cells: Vec<&str> = line.split('\t').collect();
            let expected = Some((cells[1].parse().unwrap(), cells[2].parse().unwrap()));
            for (on, expected) in
                [("2024-06-30", None), ("2024-07-01", expected), ("2024-09-30", expected), ("2024-10-01", None)]
            {
                assert_eq!(limit(&codeset, id, cells[0], day(on)), expected, "{} {}", id.name(), cells[0]);
            }
            rows += 1;
        }
        assert_eq!((rows, codeset.attributes(id).unwrap().len()), (count, count));
    }
}

#[test]
fn every_indicator_of_every_published_quarter_is_in_the_image_on_its_days() {
    let files = Files::new();
    let (mut paths, mut schedules) = (Vec::new(), Vec::new());
    for (name, from) in fees::SCHEDULES {
        let Some(path) = publisher_file("fee schedules", &format!("mpfs/{name}")) else { return };
        let content = text(&path);
        paths.push(files.add(name.trim_end_matches(".zst"), &content));
        schedules.push((from, fees::schedule(&content)));
    }
    let assembled = build(None, &paths);
    assert!(assembled.summary.first_conflicts.is_empty(), "{}", assembled.summary.first_conflicts[0]);
    let codeset = open(&assembled);
    let (system, table) =
        (codeset.system(SystemId::Procedure).unwrap(), codeset.attributes(AttributeId::FeeSchedule).unwrap());
    let covered: Vec<String> = table.coverage().iter().map(ToString::to_string).collect();
    assert_eq!(covered, ["2020-01-01 to 2024-09-30", "2025-10-01 to 2025-12-31"]);
    let mut seen = 0;
    for (place, (from, rows)) in schedules.iter().enumerate() {
        let from = day(from);
        let last = match schedules.get(place + 1) {
            Some((next, _)) if *next != "2025-10-01" => day(next).previous(),
            _ => day(if from == day("2025-10-01") { "2025-12-31" } else { "2024-09-30" }),
        };
        for on in [from, last] {
            for ((procedure, modifier), expected) in rows {
                let ordinal = system.ordinal(code(procedure)).unwrap();
                let modifier = Modifier::parse(modifier.as_bytes()).unwrap();
                let row = table.component_on(ordinal, modifier, on).unwrap_or_else(|| panic!("{procedure} on {on}"));
                let found = FeeIndicators::from_value(row.value).unwrap();
                let letter = |byte: u8| char::from(byte).to_string();
                let global = found.global.as_str().to_owned();
                let written = [
                    letter(found.status),
                    letter(found.pc_tc),
                    global,
                    letter(found.multiple),
                    letter(found.bilateral),
                    letter(found.assistant),
                    letter(found.co_surgeons),
                    letter(found.team),
                ];
                assert_eq!(&written, expected, "{procedure}-{modifier} on {on}");
                seen += 1;
            }
            let held = system.iter().flat_map(|(at, _)| table.rows(at)).filter(|row| row.holds_on(on)).count();
            assert_eq!(held, rows.len(), "rows on {on}");
        }
    }
    assert!(seen > 2 * 20 * 17_000, "{seen}");
}

#[test]
fn coverage_letters_laboratory_tests_and_unlisted_codes_are_in_the_image() {
    let files = Files::new();
    let names =
        ["hcpcs/HCPC2025_OCT_ANWEB.xlsx", "supporting/CLFS_2025_Q2V1.masked.csv", "hcpcs/NOC_Codes_2017.txt.zst"];
    let mut paths = Vec::new();
    for name in names {
        let Some(path) = publisher_file("HCPCS, laboratory and unlisted codes", name) else { return };
        paths.push(match name.strip_suffix(".zst") {
            Some(plain) => files.add(Path::new(plain).file_name().unwrap().to_str().unwrap(), &text(&path)),
            None => path,
        });
    }
    let codeset = open(&build(None, &paths));
    let system = codeset.system(SystemId::Procedure).unwrap();
    let row = |id, procedure: &str, modifier: &[u8], on: &str| {
        let ordinal = system.ordinal(code(procedure))?;
        codeset.attributes(id).unwrap().component_on(ordinal, Modifier::parse(modifier)?, day(on)).copied()
    };
    let coverage = |procedure, on| {
        HcpcsFacts::from_value(row(AttributeId::HcpcsFacts, procedure, b"", on)?.value).coverage.map(char::from)
    };
    assert_eq!(codeset.attributes(AttributeId::HcpcsFacts).unwrap().len(), 8_463);
    assert_eq!((coverage("A9270", "2025-10-01"), coverage("A9270", "2026-01-01")), (Some('M'), None));
    assert_eq!(coverage("G0402", "2025-12-31"), Some('C'));
    let lab = |procedure, modifier, on| row(AttributeId::LabTest, procedure, modifier, on).is_some();
    assert!(lab("81002", b"", "2025-04-01") && lab("87804", b"QW", "2025-06-30"));
    assert!(!lab("87804", b"QW", "2025-07-01") && !lab("99213", b"", "2025-04-01"));
    let unlisted = |procedure, on| row(AttributeId::Unlisted, procedure, b"", on).is_some();
    // From the day that the list gives the code on, though the list itself answers for 2017.
    assert!(unlisted("J3490", "2017-01-01") && unlisted("J3490", "2024-01-01") && !unlisted("J1100", "2017-01-01"));
    // The list has every code whose description has the letters; A9500 is "diagnostic".
    assert!(unlisted("A0999", "2017-01-01") && unlisted("L0999", "2017-01-01") && unlisted("J8499", "2017-01-01"));
    assert!(!unlisted("A9500", "2017-01-01") && !unlisted("J3301", "2017-01-01") && !unlisted("G9282", "2017-01-01"));
    let covered = codeset.attributes(AttributeId::Unlisted).unwrap().coverage().to_vec();
    assert_eq!(covered.iter().map(ToString::to_string).collect::<Vec<_>>(), ["2017-01-01 to 2017-12-31"]);
    assert_eq!((GlobalPeriod::from_text("010"), MueScope::from_digit(b'4')), (Some(GlobalPeriod::TenDays), None));
}
