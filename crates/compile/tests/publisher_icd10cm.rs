//! The files of ICD-10-CM as published, whole: their counts, and what they say of each code, against one another and
//! against the dated table of the Medicare Code Editor. Without the tables the tests say that they are skipped.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::type_complexity)]

mod support;

use cleanclaim_compile::publisher::icd10cm::{Diagnosis, NoteKind, Reference, Run, Tabular, Targets};
use cleanclaim_compile::publisher::{Basis, Document, Kind, Limits, Publication, read, walk};
use codes::{Code, Date};
use std::collections::{BTreeMap, BTreeSet};
use std::ops::ControlFlow;
use support::*;

/// A publisher's file, walked, recognised and read.
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

fn order(test: &str, name: &str) -> Option<Document<Diagnosis>> {
    match publication(test, name)? {
        Publication::Icd10cmOrder(document) => Some(document),
        other => panic!("{name} is taken for {:?}", other.kind()),
    }
}

fn tabular(test: &str, name: &str) -> Option<Tabular> {
    match publication(test, name)? {
        Publication::Icd10cmTabular(tabular) => Some(tabular),
        other => panic!("{name} is taken for {:?}", other.kind()),
    }
}

const ORDER_2021: &str = "icd10cm/icd10cm-order-Jan-2021.txt.zst";
const ORDER_2026: &str = "icd10cm/icd10cm_order_April_2026.RECONSTRUCTED.txt.zst";
const TABULAR_2021: &str = "icd10cm/icd10cm-tabular-2021.xml.zst";
const TABULAR_2025: &str = "icd10cm/icd10cm-tabular-April-2025.xml.zst";
const TABULAR_2026: &str = "icd10cm/icd10cm-tabular-April-2026.xml.zst";

fn billable(document: &Document<Diagnosis>) -> BTreeSet<Code> {
    document.rows.iter().filter(|placed| placed.row.billable).map(|placed| placed.row.code).collect()
}

fn by_code(document: &Document<Diagnosis>) -> BTreeMap<Code, &Diagnosis> {
    let codes: BTreeMap<Code, &Diagnosis> = document.rows.iter().map(|placed| (placed.row.code, &placed.row)).collect();
    assert_eq!(codes.len(), document.rows.len(), "a code is there twice");
    codes
}

/// The codes that the dated table has as valid on a day.
fn valid_on(test: &str, on: &str) -> Option<BTreeSet<Code>> {
    let raw = Raw::read(&publisher_file(test, "mce/mce_i10dx_master.tsv.zst")?);
    let on = day(on);
    let valid = raw.rows(["code", "date_start", "date_end"]).filter(|[_, from, to]| day(from) <= on && on <= day(to));
    Some(valid.map(|[text, ..]| code(text)).collect())
}

#[test]
fn every_list_is_whole_and_nothing_is_refused() {
    const TEST: &str = "every list is whole";
    for (name, kind, rows, reportable, label, effective) in [
        (ORDER_2021, Kind::Icd10cmOrder, 95_358, 72_621, "FY2021 January", "2021-01-01"),
        (ORDER_2026, Kind::Icd10cmOrder, 98_186, 74_719, "FY2026 April", "2026-04-01"),
        ("icd10cm/icd10cm-codes-2024.txt.zst", Kind::Icd10cmCodes, 74_044, 74_044, "FY2024", "2023-10-01"),
        (TABULAR_2021, Kind::Icd10cmTabular, 95_358, 72_621, "FY2021", "2020-10-01"),
        (TABULAR_2025, Kind::Icd10cmTabular, 97_584, 74_260, "FY2025 April", "2025-04-01"),
        (TABULAR_2026, Kind::Icd10cmTabular, 98_186, 74_719, "FY2026 April", "2026-04-01"),
        ("formats_2026/icd10cm_order_2026.excerpt.txt", Kind::Icd10cmOrder, 8, 5, "FY2026", "2025-10-01"),
    ] {
        let Some(found) = publication(TEST, name) else { return };
        assert_eq!(found.kind(), kind, "{name}");
        let facts = found.facts();
        assert_eq!((facts.read, facts.taken, facts.refused.count()), (rows, rows, 0), "{name}");
        assert_eq!(facts.left_out.len(), 0, "{name}");
        assert_eq!((facts.release.label.as_str(), facts.release.effective), (label, Some(day(effective))), "{name}");
        assert_eq!(facts.release.basis, Basis::Name, "{name}");
        let document = match &found {
            Publication::Icd10cmOrder(document) | Publication::Icd10cmCodes(document) => document,
            Publication::Icd10cmTabular(tabular) => &tabular.list,
            other => panic!("{:?}", other.kind()),
        };
        assert_eq!(billable(document).len(), reportable, "{name}");
        assert!(document.rows.windows(2).all(|pair| pair[0].line <= pair[1].line), "{name}");
    }
}

#[test]
fn the_tabular_list_has_a_row_for_each_of_its_elements() {
    for (name, elements) in [(TABULAR_2021, 45_017), (TABULAR_2025, 46_498), (TABULAR_2026, 46_881)] {
        let Some(Tabular { list, .. }) = tabular("a row for each element", name) else { return };
        let lines: BTreeSet<u32> = list.rows.iter().map(|placed| placed.line).collect();
        assert_eq!(lines.len(), elements, "{name}");
    }
}

/// Where two lists differ, as text: the differences, and how many codes they agree on.
fn differences(ours: &Document<Diagnosis>, theirs: &Document<Diagnosis>) -> (Vec<String>, usize) {
    let (ours, theirs) = (by_code(ours), by_code(theirs));
    let mut differences = Vec::new();
    let mut same = 0;
    for code in ours.keys().chain(theirs.keys()).collect::<BTreeSet<_>>() {
        match (ours.get(code), theirs.get(code)) {
            (Some(our), Some(their)) if our.billable == their.billable && our.title == their.title => same += 1,
            (our, their) => differences.push(format!("{code}: {our:?} and {their:?}")),
        }
    }
    (differences, same)
}

#[test]
fn the_order_file_of_2021_is_what_the_tabular_list_of_2021_comes_to_code_by_code() {
    const TEST: &str = "order file and tabular list of 2021";
    let (Some(order), Some(tabular)) = (order(TEST, ORDER_2021), tabular(TEST, TABULAR_2021)) else { return };
    // Codes, flags and titles: no difference at all. The 134 titles that the tabular list writes with diacritics
    // are written without them by both.
    assert_eq!(differences(&order, &tabular.list), (Vec::new(), 95_358));
    // In the same order, too: U07 stands last in both.
    let codes = |document: &Document<Diagnosis>| document.rows.iter().map(|placed| placed.row.code).collect::<Vec<_>>();
    assert!(codes(&order) == codes(&tabular.list));
    assert_eq!(order.rows.last().unwrap().row.code, code("U071"));
}

#[test]
fn the_tabular_list_of_april_2026_comes_to_the_order_file_made_from_it() {
    const TEST: &str = "order file and tabular list of April 2026";
    let (Some(order), Some(tabular)) = (order(TEST, ORDER_2026), tabular(TEST, TABULAR_2026)) else { return };
    assert_eq!(differences(&order, &tabular.list), (Vec::new(), 98_186));
    // What CMS itself wrote for 2026, as far as it is at hand.
    let excerpt = self::order(TEST, "formats_2026/icd10cm_order_2026.excerpt.txt").unwrap();
    let all = by_code(&tabular.list);
    for placed in &excerpt.rows {
        let ours = all[&placed.row.code];
        assert_eq!((ours.billable, &ours.title), (placed.row.billable, &placed.row.title), "{}", placed.row.code);
    }
}

#[test]
fn the_lists_have_the_codes_that_the_dated_table_has_on_their_days() {
    const TEST: &str = "lists and dated table";
    let same = |document: &Document<Diagnosis>, on: &str| {
        let valid = valid_on(TEST, on).unwrap();
        let ours = billable(document);
        let differences: Vec<String> = ours.symmetric_difference(&valid).map(Code::to_string).collect();
        assert_eq!(differences, [""; 0], "{on}");
        ours.len()
    };
    let Some(Publication::Icd10cmCodes(codes)) = publication(TEST, "icd10cm/icd10cm-codes-2024.txt.zst") else {
        return;
    };
    assert_eq!(same(&codes, "2023-10-01"), 74_044);
    assert_eq!(same(&order(TEST, ORDER_2021).unwrap(), "2021-01-01"), 72_621);
    assert_eq!(same(&tabular(TEST, TABULAR_2025).unwrap().list, "2025-04-01"), 74_260);
    assert_eq!(same(&tabular(TEST, TABULAR_2026).unwrap().list, "2026-04-01"), 74_719);

    // The file named 2021 is not that of October 2020, as its name says, but that of January 2021, when codes for
    // COVID-19 came in the middle of the year: no file of a year with a second release can be dated by its name.
    let named_2021 = tabular(TEST, TABULAR_2021).unwrap().list;
    assert_eq!(same(&named_2021, "2021-01-01"), 72_621);
    let october = valid_on(TEST, "2020-10-01").unwrap();
    let differences: Vec<String> = billable(&named_2021).symmetric_difference(&october).map(Code::to_string).collect();
    assert_eq!(differences, ["J1282", "M358", "M3581", "M3589", "Z1152", "Z20822", "Z8616"]);
}

#[test]
fn titles_of_the_codes_file_are_those_of_the_tabular_list_where_no_revision_lies_between() {
    const TEST: &str = "titles of the codes file";
    let Some(Publication::Icd10cmCodes(codes)) = publication(TEST, "icd10cm/icd10cm-codes-2024.txt.zst") else {
        return;
    };
    let later = tabular(TEST, TABULAR_2025).unwrap();
    let later = by_code(&later.list);
    let (mut same, mut revised, mut gone) = (0, Vec::new(), 0);
    for placed in &codes.rows {
        match later.get(&placed.row.code) {
            Some(row) if row.title == placed.row.title => same += 1,
            Some(row) => revised.push(format!("{}: {} → {}", row.code, placed.row.title, row.title)),
            None => gone += 1,
        }
    }
    assert_eq!((same, gone), (TITLES.0, TITLES.1));
    let codes: Vec<&str> = revised.iter().filter_map(|text| text.split(':').next()).collect();
    assert_eq!(codes, TITLES_REVISED, "{revised:#?}");
}

const TITLES: (usize, usize) = (74_027, 3);
/// Revised for FY2025; of the three codes that are gone, each became a header of longer codes.
const TITLES_REVISED: &[&str] = &[
    "A7741", "F9821", "G9342", "H442A3", "H442B3", "H442C3", "H442D3", "H442E3", "I2693", "I2694", "K589", "Q1381",
    "Z6854", "Z86010",
];

#[test]
fn seventh_characters_are_inherited_padded_and_excepted() {
    let Some(Tabular { list, .. }) = tabular("seventh characters", TABULAR_2026) else { return };
    let all = by_code(&list);
    let title = |text: &str| all.get(&code(text)).filter(|row| row.billable).map(|row| &*row.title);
    // From the category two levels up, padded with X.
    assert_eq!(title("T360X1A"), Some("Poisoning by penicillins, accidental (unintentional), initial encounter"));
    assert_eq!(title("O320XX1"), Some("Maternal care for unstable lie, fetus 1"));
    // A subcategory that defines its own has those alone: S12.8 and S12.9 have none for open fractures.
    assert_eq!(title("S129XXA"), Some("Fracture of neck, unspecified, initial encounter"));
    assert_eq!(title("S129XXB"), None);
    // Death before regaining consciousness: no subsequent encounter, no sequela.
    assert!(title("S061X7A").is_some() && title("S061X6D").is_some());
    assert!(title("S061X7D").is_none() && title("S061X8S").is_none());
    let without: Vec<&Code> =
        all.keys().filter(|code| code.starts_with(self::code("S06")) && code.len() == 7).collect();
    assert!(without.iter().all(|code| !matches!(code.at(5), b'7' | b'8') || code.at(6) == b'A'));
    // The header of what is completed may not be reported.
    assert!(!all[&code("S129")].billable);
}

/// Notes of a kind: how many, of them with codes, of words alone, not understood, and references all told.
type Counts = (usize, usize, usize, usize, usize);

fn counts(tabular: &Tabular, kind: NoteKind) -> Counts {
    let mut counts = (0, 0, 0, 0, 0);
    for note in tabular.notes.iter().filter(|placed| placed.row.kind == kind) {
        counts.0 += 1;
        match &note.row.targets {
            Targets::Codes(references) => {
                counts.1 += 1;
                counts.4 += references.len();
            }
            Targets::Words => counts.2 += 1,
            Targets::NotUnderstood => counts.3 += 1,
        }
    }
    counts
}

#[test]
fn notes_are_read_and_those_that_are_not_are_counted() {
    const TEST: &str = "notes";
    let all: [(&str, [Counts; 5], &[&str], &[&str]); 3] = [
        (
            TABULAR_2021,
            [
                (5_441, 5_300, 137, 4, 5_726),
                (2_253, 2_223, 30, 0, 2_500),
                (681, 498, 182, 1, 607),
                (1_347, 1_046, 301, 0, 1_236),
                (352, 245, 107, 0, 264),
            ],
            &[
                "diabetic acidosis - see categories E08-E10, E13 with ketoacidosis",
                "infectious mononucleosis (B27.0-B27.9 with 1)",
                "poisoning due to drug or toxin (T51-T65 with fifth or sixth character to indicate intent), for toxic \
                 pneumonopathy",
                "open fracture of elbow and forearm (S52.- with open fracture 7th character)",
                // T63.83, as the later releases have it.
                "contact with venomous amphibians (T63.81-R63.83)",
            ],
            // H54.512A stands in H54.511; V94.X is no code.
            &["H54512A", "V94.X"],
        ),
        (
            TABULAR_2025,
            [
                (5_432, 5_301, 129, 2, 5_716),
                (2_440, 2_407, 33, 0, 2_706),
                (803, 593, 209, 1, 724),
                (1_472, 1_159, 312, 1, 1_424),
                (581, 414, 167, 0, 447),
            ],
            &[
                "diabetic acidosis - see categories E08-E10, E11, E13 with ketoacidosis",
                "code, if applicable, for codes G31.0-G31.83, G31.85-G31.9, to identify:",
                "poisoning due to drug or toxin (T51-T65 with fifth or sixth character to indicate intent), for toxic \
                 pneumonopathy",
                "open fracture of elbow and forearm (S52.- with open fracture 7th character)",
            ],
            &["G31.90"],
        ),
        (
            TABULAR_2026,
            [
                (5_407, 5_277, 128, 2, 5_692),
                (2_520, 2_485, 35, 0, 2_791),
                (809, 598, 210, 1, 729),
                (1_485, 1_168, 316, 1, 1_430),
                (655, 473, 182, 0, 517),
            ],
            &[
                "diabetic acidosis - see categories E08-E10, E11, E13 with ketoacidosis",
                "code, if applicable, for codes G31.0-G31.83, G31.85-G31.9, to identify:",
                "poisoning due to drug or toxin (T51-T65 with fifth or sixth character to indicate intent), for toxic \
                 pneumonopathy",
                "open fracture of elbow and forearm (S52.- with open fracture 7th character)",
            ],
            &["G31.90", "R10.4"],
        ),
    ];
    for (name, expected, not_understood, flaws) in all {
        let Some(tabular) = tabular(TEST, name) else { return };
        assert_eq!(NoteKind::ALL.map(|kind| counts(&tabular, kind)), expected, "{name}");
        let missed = tabular.notes.iter().filter(|placed| placed.row.targets == Targets::NotUnderstood);
        assert_eq!(missed.map(|placed| &*placed.row.text).collect::<Vec<_>>(), not_understood, "{name}");
        let found: Vec<String> = tabular.list.flaws.first().iter().map(|flaw| flaw.found.replace('"', "")).collect();
        assert_eq!(found, flaws, "{name}");
    }
}

#[test]
fn every_reference_names_some_code_that_may_be_reported() {
    const TEST: &str = "every reference names some code";
    let cases: [(&str, &[&str]); 3] =
        [(TABULAR_2021, &["B27 with 2 at place 4", "V94.X"]), (TABULAR_2025, &["G31.90"]), (TABULAR_2026, &["G31.90"])];
    for (name, expected) in cases {
        let Some(tabular) = tabular(TEST, name) else { return };
        let valid: Vec<Code> = billable(&tabular.list).into_iter().collect();
        let names_any = |reference: &Reference| {
            let from = valid.partition_point(|&code| code < reference.run.first);
            valid[from..].iter().take_while(|&&code| reference.run.contains(code)).any(|&code| reference.names(code))
        };
        let empty: Vec<String> = tabular
            .notes
            .iter()
            .filter_map(|placed| match &placed.row.targets {
                Targets::Codes(references) => references.iter().find(|reference| !names_any(reference)),
                _ => None,
            })
            .map(Reference::to_string)
            .collect();
        assert_eq!(empty, expected, "{name}");
    }
}

#[test]
fn runs_follow_the_tabular_order_where_it_is_not_that_of_the_characters() {
    let Some(tabular) = tabular("runs follow the tabular order", TABULAR_2026) else { return };
    let shown = |references: &[Reference]| references.iter().map(Reference::to_string).collect::<Vec<_>>().join(", ");
    let mut changed = Vec::new();
    for placed in &tabular.notes {
        if let (Targets::Codes(ours), Targets::Codes(written)) = (&placed.row.targets, Targets::of(&placed.row.text)) {
            let (ours, written) = (shown(ours), shown(&written));
            if ours != written {
                changed.push(format!("{written}: {ours}"));
            }
        }
    }
    assert_eq!(
        changed,
        [
            // D3A, between D39 and D40 by its characters, stands before D37.
            "D37-D44, D48: D37-D39, D40-D44, D48",
            "C81.0-C85.9, C96.0-C96.9: C81.0-C85.9, C96.0-C96.Z",
            "S06.1-S06.6, S06.81-S06.89: S06.1-S06.6, S06.81-S06.8A",
            "Y93.0-Y93.A: Y93.0-Y93.7, Y93.A",
        ]
    );
}

#[test]
fn notes_stand_on_codes_sections_and_chapters() {
    let Some(tabular) = tabular("notes stand on", TABULAR_2026) else { return };
    let run = |first: &str, last: &str| Run { first: code(first), last: code(last) };
    let on = |kind: NoteKind, text: &str| {
        let found: Vec<_> =
            tabular.notes.iter().filter(|placed| placed.row.kind == kind && &*placed.row.text == text).collect();
        assert_eq!(found.len(), 1, "{text}");
        &found[0].row.on
    };
    assert_eq!(
        on(NoteKind::UseAdditional, "code to identify resistance to antimicrobial drugs (Z16.-)"),
        &[run("A00", "B99")]
    );
    // A section whose codes are in the sections after it.
    let burns = tabular.notes.iter().filter(|placed| placed.row.on == [run("T20", "T32")]);
    let burns: Vec<&str> = burns.map(|placed| &*placed.row.text).collect();
    assert!(burns.contains(&"sunburn (L55.-)"), "{burns:?}");
    // Chapter 2's D3A belongs to D3A alone; the section D37-D48 does not hold it.
    let section = tabular.notes.iter().find(|placed| placed.row.on.first() == Some(&run("D37", "D39"))).unwrap();
    assert_eq!(section.row.on, [run("D37", "D39"), run("D40", "D48")]);
}

#[test]
fn every_row_and_note_stands_on_the_line_that_it_names() {
    const TEST: &str = "lines of rows and notes";
    let Some(path) = publisher_file(TEST, TABULAR_2026) else { return };
    let xml = text(&path);
    let xml: Vec<&str> = xml.lines().collect();
    let tabular = tabular(TEST, TABULAR_2026).unwrap();
    for placed in &tabular.list.rows {
        let line = placed.line as usize;
        assert!(xml[line - 1].trim_start().starts_with("<diag"), "{line}");
        let name = xml[line].trim().trim_start_matches("<name>").trim_end_matches("</name>");
        assert!(placed.row.code.starts_with(code(&name.replace('.', ""))), "{line}: {name} {}", placed.row.code);
    }
    for placed in &tabular.notes {
        let line = xml[placed.line as usize - 1];
        let first = placed.row.text.split_whitespace().next().unwrap_or_default();
        assert!(line.contains("</note>") && line.contains(first), "{}: {line}", placed.line);
    }
    let order_text = text(&publisher_file(TEST, ORDER_2021).unwrap());
    let order_lines: Vec<&str> = order_text.lines().collect();
    for placed in &order(TEST, ORDER_2021).unwrap().rows {
        let line = order_lines[placed.line as usize - 1];
        assert_eq!(line[6..13].trim(), placed.row.code.to_string());
        assert!(line.trim_end().ends_with(&*placed.row.title));
    }
}

#[test]
fn a_download_with_archives_in_it_is_read_whole() {
    const TEST: &str = "a download";
    let Some(path) = publisher_file(TEST, "formats_2026/icd10cm_order_2026.excerpt.txt") else { return };
    let order = std::fs::read(path).unwrap();
    let archive = |files: &[(&str, &[u8])]| {
        use std::io::Write;
        let mut writer = zip::ZipWriter::new(std::io::Cursor::new(Vec::new()));
        for (name, bytes) in files {
            writer.start_file(*name, zip::write::SimpleFileOptions::default()).unwrap();
            writer.write_all(bytes).unwrap();
        }
        writer.finish().unwrap().into_inner()
    };
    let addenda = format!(
        "   1 additions\n\nAdd:         1 {:7} {:60} {}\nDelete:      0 {:7} {:60} {}\nRevise to:   x\n",
        "A0471",
        "Entero d/t C diff, recurrent",
        "Enterocolitis due to Clostridium difficile, recurrent",
        "A047",
        "Enterocolitis",
        "Enterocolitis due to Clostridium difficile"
    );
    let inner = archive(&[
        ("icd10OrderFiles.pdf", b"%PDF-1.7"),
        ("codes.txt", &order),
        ("icd10cm-order-addenda-2026.txt", addenda.as_bytes()),
    ]);
    let outer = archive(&[("readme.txt", b"Read me"), ("April-1-2026.zip", &inner)]);
    let folder = tempfile::tempdir().unwrap();
    let download = folder.path().join("icd10cm-download.zip");
    std::fs::write(&download, outer).unwrap();
    let mut found: Vec<(String, Option<(Kind, u64, u64, Option<Date>)>)> = Vec::new();
    walk(folder.path(), &Limits::default(), &mut |path, bytes| {
        let name = path.strip_prefix(&download).unwrap().to_string_lossy().into_owned();
        let publication = read(path, &bytes.unwrap()).unwrap();
        found.push((
            name,
            publication.map(|publication| {
                let facts = publication.facts();
                (publication.kind(), facts.taken, facts.refused.count(), facts.release.effective)
            }),
        ));
        ControlFlow::Continue(())
    })
    .unwrap();
    let april = Some(day("2026-04-01"));
    assert_eq!(
        found,
        [
            ("readme.txt".to_owned(), None),
            ("April-1-2026.zip/icd10OrderFiles.pdf".to_owned(), None),
            // Dated by the archive: the list's own name says nothing, and that of the addenda the fiscal year alone.
            ("April-1-2026.zip/codes.txt".to_owned(), Some((Kind::Icd10cmOrder, 8, 0, april))),
            (
                "April-1-2026.zip/icd10cm-order-addenda-2026.txt".to_owned(),
                Some((Kind::Icd10cmOrderAddenda, 2, 1, april))
            ),
        ]
    );
}
