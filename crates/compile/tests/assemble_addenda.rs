//! Addenda of ICD-10-CM: the list of the day before, changed, is the list of the new year.
#![allow(clippy::unwrap_used, clippy::panic, clippy::indexing_slicing, reason = "tests")]

use cleanclaim_compile::assemble::{Assembled, Build};
use codes::{Code, Date};
use codeset::{Codeset, SystemId};
use proptest::prelude::*;
use std::collections::BTreeSet;
use std::path::PathBuf;

const CODES: [&str; 8] = ["A000", "A001", "A0101", "B20", "B200X1", "E1165", "S72001A", "S72001D"];

struct Files(tempfile::TempDir);

impl Files {
    fn new() -> Files {
        Files(tempfile::tempdir().unwrap())
    }

    fn add(&self, name: &str, text: &str) -> PathBuf {
        let path = self.0.path().join(name);
        std::fs::write(&path, text).unwrap();
        path
    }
}

fn day(text: &str) -> Date {
    Date::parse(text.as_bytes()).unwrap()
}

fn build(base: Option<&Codeset>, files: &[PathBuf]) -> Assembled {
    let build = base.map_or_else(Build::new, |base| Build::new().base(base.clone()));
    build.files(files, &|_| {}).unwrap_or_else(|error| panic!("{error}"))
}

fn opened(built: &Assembled) -> Codeset {
    Codeset::from_bytes(&built.image).unwrap()
}

fn list(codes: &BTreeSet<&str>) -> String {
    codes.iter().map(|code| format!("{code:7} Title of {code}\r\n")).collect()
}

/// What changed, as the publisher tells it beside a list of codes.
fn addenda(before: &BTreeSet<&str>, after: &BTreeSet<&str>) -> String {
    let change = |what: &str, code: &str| format!("{what:13}{code:7} Title of {code}\r\n");
    let gone = before.difference(after).map(|code| change("Delete:", code));
    gone.chain(after.difference(before).map(|code| change("Add:", code))).collect()
}

/// Every code and header, reportable or not, on a day.
fn on(codeset: &Codeset, day: Date) -> Vec<(Code, bool, Option<&str>)> {
    let system = codeset.system(SystemId::Diagnosis).unwrap();
    let held = |(ordinal, code)| {
        let row = system.row_on(ordinal, day)?;
        Some((code, row.is_billable(), system.title(ordinal)))
    };
    system.iter().filter_map(held).collect()
}

fn codes() -> impl Strategy<Value = BTreeSet<&'static str>> {
    prop::collection::btree_set(prop::sample::select(CODES.to_vec()), 1..CODES.len())
}

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::with_cases(48) })]

    #[test]
    fn a_list_and_addenda_are_what_the_lists_of_both_years_are(first in codes(), second in codes(), third in codes()) {
        prop_assume!(first != second && second != third);
        let files = Files::new();
        let list_of = |year: i32, codes: &BTreeSet<&str>| files.add(&format!("icd10cm-codes-{year}.txt"), &list(codes));
        let lists = [(2024, &first), (2025, &second), (2026, &third)].map(|(year, codes)| list_of(year, codes));
        let changes = [(2025, &first, &second), (2026, &second, &third)].map(|(year, before, after)| {
            files.add(&format!("icd10cm-codes-addenda-{year}.txt"), &addenda(before, after))
        });
        let all = [lists[0].clone(), changes[0].clone(), changes[1].clone()];
        let built = build(None, &all);
        prop_assert!(built.summary.is_clean(), "{}", built.summary.text(9));
        let (image, plain) = (opened(&built), opened(&build(None, &lists)));
        for text in ["2023-10-01", "2024-09-30", "2024-10-01", "2025-09-30", "2025-10-01", "2026-09-30", "2026-10-01"] {
            let (own, other) = (on(&image, day(text)), on(&plain, day(text)));
            prop_assert_eq!(own, other, "{}", text);
        }
        prop_assert_eq!(image.system(SystemId::Diagnosis).unwrap().coverage(), plain.system(SystemId::Diagnosis).unwrap().coverage());
        // One after the other, and all again.
        let mut grown = opened(&build(None, &all[..1]));
        for path in &all[1..] {
            grown = opened(&build(Some(&grown), std::slice::from_ref(path)));
        }
        prop_assert!(build(Some(&grown), &[]).image == built.image);
        prop_assert!(build(Some(&grown), &all).image == built.image);
        let backwards: Vec<PathBuf> = all.iter().rev().cloned().collect();
        prop_assert!(build(None, &backwards).image == built.image);
        // Beside the lists they add nothing but their names.
        let both = build(None, &[&lists[..], &changes].concat());
        prop_assert!(both.summary.is_clean(), "{}", both.summary.text(9));
        let both = opened(&both);
        prop_assert_eq!(on(&both, day("2025-10-01")), on(&plain, day("2025-10-01")));
    }
}

#[test]
fn a_code_that_becomes_a_header_and_a_title_that_is_revised() {
    let files = Files::new();
    let order =
        |what: &str, flag: u8, code: &str, title: &str| format!("{what:13}{flag} {code:7} {title:60} {title}\r\n");
    let old = files.add("icd10cm-codes-2017.txt", "A047    Enterocolitis\r\nB20     Old title\r\n");
    let changes = [
        order("Delete:", 1, "A047", "Enterocolitis"),
        order("Add:", 0, "A047", "Enterocolitis of one kind"),
        order("Add:", 1, "A0471", "Enterocolitis, recurrent"),
        order("Revise from:", 1, "B20", "Old title"),
        order("Revise to:", 1, "B20", "New title"),
    ];
    let new = files.add("icd10cm-order-addenda-2018.txt", &changes.concat());
    let image = opened(&build(None, &[old.clone(), new]));
    let code = |text: &str| Code::parse(text.as_bytes()).unwrap();
    assert_eq!(
        on(&image, day("2016-10-01")).iter().map(|(code, billable, _)| (*code, *billable)).collect::<Vec<_>>(),
        [(code("A04"), false), (code("A047"), true), (code("B20"), true)]
    );
    assert_eq!(
        on(&image, day("2017-10-01")),
        [
            (code("A04"), false, None),
            (code("A047"), false, Some("Enterocolitis of one kind")),
            (code("A0471"), true, Some("Enterocolitis, recurrent")),
            (code("B20"), true, Some("New title")),
        ]
    );
    assert!(on(&image, day("2018-10-01")).is_empty(), "addenda answer for their own fiscal year");
}

#[test]
fn addenda_without_the_list_that_they_change_are_set_aside_and_told() {
    let files = Files::new();
    let changes = files.add("icd10cm-codes-addenda-2025.txt", "Add:         A001    One\r\n");
    let built = build(None, std::slice::from_ref(&changes));
    let aside = built.summary.files[0].aside.as_deref().unwrap();
    assert!(aside.contains("give the list that it changes"), "{aside}");
    assert!(!built.summary.is_clean() && built.summary.took_nothing());
    assert!(opened(&built).system(SystemId::Diagnosis).is_none() && opened(&built).releases().is_empty());
    // A list of two years before does not answer on the day before.
    let old = files.add("icd10cm-codes-2023.txt", "A000    None\r\n");
    assert!(build(None, &[old, changes]).summary.files.iter().any(|file| file.aside.is_some()));
}

#[test]
fn addenda_and_a_list_that_differ_are_told_with_both_places() {
    let files = Files::new();
    let paths = [
        files.add("icd10cm-codes-2024.txt", "A000    None\r\nA001    One\r\n"),
        files.add("icd10cm-codes-2025.txt", "A000    None\r\nA001    One\r\n"),
        files.add("icd10cm-codes-addenda-2025.txt", "Delete:      A001    One\r\nAdd:         B20     Added\r\n"),
    ];
    let built = build(None, &paths);
    let told: Vec<String> = built.summary.first_conflicts.iter().map(ToString::to_string).collect();
    assert_eq!(told.len(), 2, "{told:?}");
    assert!(told[0].contains("A001") && told[0].contains("icd10cm-codes-2025.txt:2"), "{told:?}");
    assert!(told[1].contains("B20") && told[1].contains("icd10cm-codes-addenda-2025.txt:2"), "{told:?}");
}
