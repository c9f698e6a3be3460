//! The default tables in `codesets/`: well formed, sorted, without duplicates, listed; and what the image makes of
//! the parts of them that no other table confirms.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

mod support;

use codes::Code;
use codeset::{RelationId, Row, Side, SystemId};
use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;
use support::*;

/// Each table's columns. Those before the bar are the row's key.
const TABLES: &[(&str, &str)] = &[
    ("addon/type1.tsv", "addon from | to primaries"),
    ("addon/type2.tsv", "addon from | to"),
    ("addon/type3.tsv", "addon from | to primaries"),
    ("icd10cm/codes.tsv", "code valid_from | valid_to flags"),
    ("icd10cm/notes-2021-01.tsv", "kind owner on | targets examples"),
    ("icd10cm/notes-2025-04.tsv", "kind owner on | targets examples"),
    ("icd10cm/notes-2026-04.tsv", "kind owner on | targets examples"),
    ("icd10cm/successors.tsv", "code until successor |"),
    ("icd10cm/titles.tsv", "code | title listed_as"),
    ("modifiers/codes.tsv", "modifier from | to activated flags"),
    ("modifiers/conflicts.tsv", "modifier_1 modifier_2 from | to"),
    ("ncci/hospital_ptp.tsv", "column_1 indicator from to | column_2"),
    ("pos/codes.tsv", "code from | to facility name"),
    ("procedures/codes.tsv", "code from | to age_lo age_hi status approved terminated flags midquarter"),
    ("procedures/titles.tsv", "code | title"),
    ("revenue/codes.tsv", "code from | to status flags"),
];

fn tables_under(folder: &Path, found: &mut BTreeSet<String>) {
    for entry in std::fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            tables_under(&path, found);
        } else if path.extension().is_some_and(|end| end == "tsv") {
            let name = path.strip_prefix(codesets()).unwrap().to_str().unwrap().replace('\\', "/");
            found.insert(name);
        }
    }
}

#[test]
fn every_table_is_listed_and_every_listed_table_is_there() {
    let mut found = BTreeSet::new();
    tables_under(codesets(), &mut found);
    let known: BTreeSet<String> = TABLES.iter().map(|(file, _)| (*file).to_owned()).collect();
    assert_eq!(found, known);
    let listed: BTreeSet<String> = codeset().releases().iter().map(|release| release.file.clone()).collect();
    assert_eq!(listed, known);
    // The titles are read twice: once as such, once for the sides that they tell.
    assert_eq!(codeset().releases().len(), known.len() + 1);
}

#[test]
fn every_table_is_well_formed_sorted_and_without_duplicates() {
    for (file, columns) in TABLES {
        let bytes = std::fs::read(codesets().join(file)).unwrap();
        let text = String::from_utf8(bytes).unwrap_or_else(|error| panic!("{file}: {error}"));
        assert!(text.ends_with('\n') && !text.contains('\r') && !text.starts_with('\u{feff}'), "{file}");
        let mut lines = text.split_terminator('\n');
        let expected: Vec<&str> = columns.split(' ').filter(|column| *column != "|").collect();
        let keys = columns.split(' ').take_while(|column| *column != "|").count();
        assert_eq!(lines.next().unwrap().split('\t').collect::<Vec<_>>(), expected, "{file}");
        let mut last = "";
        let mut seen = BTreeSet::new();
        for (line, number) in lines.zip(2..) {
            let cells: Vec<&str> = line.split('\t').collect();
            assert_eq!(cells.len(), expected.len(), "{file}:{number}");
            assert!(last < line, "{file}:{number}: not after the line before");
            assert!(seen.insert(cells[..keys].to_vec()), "{file}:{number}: the key is there twice");
            for (cell, column) in cells.iter().zip(&expected) {
                assert_eq!(cell.trim(), *cell, "{file}:{number}: {column}");
                if matches!(*column, "primaries" | "column_1" | "column_2" | "flags") && !cell.is_empty() {
                    let listed: Vec<&str> = cell.split(' ').collect();
                    assert!(listed.is_sorted() && !listed.contains(&""), "{file}:{number}: {column}");
                    assert_eq!(listed.iter().collect::<BTreeSet<_>>().len(), listed.len(), "{file}:{number}: {column}");
                }
            }
            last = line;
        }
        assert!(!seen.is_empty(), "{file}");
    }
}

#[test]
fn every_title_is_in_the_image_and_every_diagnosis_of_the_titles_years_has_one() {
    for (id, file) in [(SystemId::Diagnosis, "icd10cm/titles.tsv"), (SystemId::Procedure, "procedures/titles.tsv")] {
        let table = Raw::read(&codesets().join(file));
        let titles: BTreeMap<&str, &str> = table.rows(["code", "title"]).map(|[code, title]| (code, title)).collect();
        let system = system(id);
        for (ordinal, code) in system.iter() {
            assert_eq!(system.title(ordinal), titles.get(code.to_string().as_str()).copied(), "{code}");
        }
        for text in titles.keys() {
            assert!(system.ordinal(code(text)).is_some(), "{text}");
        }
    }
    let system = system(SystemId::Diagnosis);
    for (ordinal, code) in system.iter() {
        let reportable = |on: &str| system.row_on(ordinal, day(on)).is_some_and(Row::is_billable);
        if ["2019-07-01", "2021-01-01", "2023-10-01", "2026-04-01"].into_iter().any(reportable) {
            assert!(system.title(ordinal).is_some(), "{code}");
        }
    }
    // CPT descriptors are the AMA's, D codes' the ADA's: the image has none.
    let procedures = support::system(SystemId::Procedure);
    for (ordinal, code) in procedures.iter() {
        let own = code.procedure_kind().is_some_and(|kind| kind.is_cpt()) || code.at(0) == b'D';
        assert!(!(own && procedures.title(ordinal).is_some()), "{code}");
    }
    for id in [SystemId::Modifier, SystemId::Revenue] {
        assert!(support::system(id).iter().all(|(ordinal, _)| support::system(id).title(ordinal).is_none()));
    }
}

#[test]
fn a_retired_diagnosis_ends_the_day_before_its_successor_is_valid() {
    let system = system(SystemId::Diagnosis);
    let relation = codeset().relation(RelationId::DiagnosisSuccessor).unwrap();
    let mut seen = 0;
    for (ordinal, code) in system.iter() {
        for link in relation.links(ordinal) {
            let first = link.class.days().from;
            let successor = system.code(link.target);
            let reportable = |at, on| system.row_on(at, on).is_some_and(Row::is_billable);
            assert!(reportable(ordinal, first.previous()), "{code} on {}", first.previous());
            assert!(!reportable(ordinal, first), "{code} on {first}");
            assert!(reportable(link.target, first), "{successor}, successor of {code}, on {first}");
            assert_ne!(code, successor);
            seen += 1;
        }
    }
    assert!(seen > 2_500, "{seen}");
}

#[test]
fn the_tables_cover_the_days_that_they_say() {
    let coverage = |part: &str| match SystemId::from_name(part) {
        Some(id) => system(id).coverage().to_vec(),
        None => {
            let id = RelationId::ALL.into_iter().find(|id| id.name() == part).unwrap();
            codeset().relation(id).unwrap().coverage().to_vec()
        }
    };
    for (part, days) in [
        ("icd10cm", "2015-10-01 to 2027-03-31"),
        ("procedures", "2019-07-01 to 2026-06-30"),
        ("modifiers", "2019-07-01 to 2026-06-30"),
        ("revenue", "2019-07-01 to 2026-06-30"),
        ("pos", "2003-01-01 on"),
        ("ptp-hospital", "2019-07-01 to 2026-06-30"),
        ("add-on", "2019-07-01 to 2026-06-30"),
        ("modifier-conflict", "2019-07-01 to 2026-06-30"),
        ("icd10cm-successor", "2015-10-01 to 2027-03-31"),
        ("icd10cm-side", "2015-10-01 to 2027-03-31"),
    ] {
        let found: Vec<String> = coverage(part).iter().map(ToString::to_string).collect();
        assert_eq!(found, [days], "{part}");
    }
    let notes: Vec<String> = codeset().notes().unwrap().coverage().iter().map(ToString::to_string).collect();
    assert_eq!(notes, ["2021-01-01 to 2021-09-30", "2025-04-01 to 2025-09-30", "2026-04-01 to 2026-09-30"]);
    // No row reaches beyond what its release answers for.
    for system in SystemId::ALL.into_iter().filter_map(|id| codeset().system(id)) {
        for (ordinal, code) in system.iter() {
            for row in system.rows(ordinal) {
                let covers = codeset().releases()[usize::from(row.release)].covers();
                let days = row.days();
                assert!(covers.contains(days.from), "{code} {days}");
                assert!(days.to.map_or(covers.to.is_none(), |to| covers.contains(to)), "{code} {days}");
            }
        }
    }
}

#[test]
fn the_default_image_is_the_same_every_time_and_below_forty_megabytes() {
    let again = cleanclaim_compile::Sources::open(codesets()).and_then(|sources| sources.compile()).unwrap();
    assert!(again.image == built().image);
    assert_eq!(again.summary, built().summary);
    assert!(again.image.len() < 40_000_000, "{}", again.image.len());
    assert_eq!(again.summary.image_size, again.image.len() as u64);
}

/// The titles are read here as texts, apart from the reader, which compares words.
#[test]
fn every_diagnosis_whose_title_and_code_have_another_side_has_it_in_the_image() {
    let raw = Raw::read(&codesets().join("icd10cm/titles.tsv"));
    let titles: BTreeMap<String, Code> = raw
        .rows(["code", "title", "listed_as"])
        .filter(|row| row[2] == "billable")
        .map(|[text, title, _]| (title.to_ascii_lowercase(), code(text)))
        .collect();
    let system = system(SystemId::Diagnosis);
    let relation = codeset().relation(RelationId::DiagnosisSide).unwrap();
    let is = |source: Code, target: Code, side: Side| {
        let target = system.ordinal(target).unwrap();
        relation
            .links(system.ordinal(source).unwrap())
            .any(|link| link.target == target && link.class.value == side as u16)
    };
    let beside = |one: Code, other: Code| {
        one.len() == other.len() && (0..one.len()).filter(|&place| one.at(place) != other.at(place)).count() == 1
    };
    let (mut families, mut bilateral) = (0, 0);
    // "Homonymous bilateral field defects, right side" are of both eyes: the side is that of what is seen.
    let of_right = |title: &str| title.contains("right") && !title.contains("bilateral");
    for (title, &right) in titles.iter().filter(|(title, _)| of_right(title)) {
        let called = |title: String| titles.get(&title).copied().filter(|&own| beside(right, own));
        let Some(left) = called(title.replace("right", "left")) else { continue };
        families += 1;
        assert!(is(right, left, Side::Left) && is(left, right, Side::Right), "{right} {left} {title}");
        // "Right eye" and "bilateral", or the one word in the other's place; "of bilateral knees" is beyond this reading.
        let before = title.split("right").next().unwrap();
        if let Some(both) = called(title.replace("right", "bilateral")).or(called(format!("{before}bilateral"))) {
            bilateral += 1;
            assert!(is(right, both, Side::Both) && is(left, both, Side::Both), "{right} {both} {title}");
        }
    }
    assert!(families > 13_000 && bilateral > 600, "{families} {bilateral}");
}
