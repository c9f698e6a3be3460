//! Every Excludes1 note of the three tabular lists against a plain reading of their XML (`support/tabular.rs`). What is
//! compared is the default image, through `Notes::excludes1`; `tests/excludes1.rs` of the workspace does so through the
//! edit.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::indexing_slicing, reason = "tests")]

mod support;
#[path = "support/tabular.rs"]
mod tabular;

use cleanclaim_compile::publisher::icd10cm;
use codes::{Code, Date};
use codeset::{NoteKind, Ordinal, SystemId};
use std::collections::BTreeMap;
use std::io::Write;
use support::{codeset, day, publisher_file, system, text};
use tabular::{LISTS, List, read};

/// Codes that may be reported on a day, with their ordinals and nodes, in the order of codes.
fn reportable(list: &List, on: Date) -> Vec<(Code, Ordinal, usize)> {
    let system = system(SystemId::Diagnosis);
    let valid = system.iter().filter(|&(ordinal, _)| system.row_on(ordinal, on).is_some_and(|row| row.is_billable()));
    valid.filter_map(|(ordinal, code)| Some((code, ordinal, list.node(code)?))).collect()
}

#[test]
fn every_excludes1_note_excludes_what_the_xml_says_and_nothing_beside_it() {
    let notes = codeset().notes().unwrap();
    for (name, from, to) in LISTS {
        let Some(path) = publisher_file("every Excludes1 note", name) else { return };
        let list = read(&text(&path));
        assert!(list.in_words * 8 < list.plain, "{name}: {} {} {}", list.plain, list.in_words, list.nothing);
        let (first_day, last_day) = (day(from), day(to));
        let codes = reportable(&list, first_day);
        let by_node: Vec<(Code, usize)> = codes.iter().map(|&(code, _, node)| (code, node)).collect();
        let in_order = List::in_order(&by_node);
        let (mut compared, mut excluding) = (0u64, 0u64);
        let mut wrong: Vec<String> = Vec::new();
        let mut partners_of: BTreeMap<usize, Vec<usize>> = BTreeMap::new();
        for (number, &(code, ordinal, node)) in codes.iter().enumerate() {
            let partners = partners_of.entry(node).or_insert_with(|| list.partners(node, &by_node, &in_order));
            let anywhere = List::anywhere(number, codes.len());
            for other in partners.iter().copied().chain(anywhere) {
                let (other_code, other_ordinal, other_node) = codes[other];
                for (a, b, expected) in [
                    (ordinal, other_ordinal, list.excludes(node, (other_code, other_node))),
                    (other_ordinal, ordinal, list.excludes(other_node, (code, node))),
                ] {
                    let on = if compared % 2 == 0 { first_day } else { last_day };
                    let found = notes.excludes1(a, b, on);
                    compared += 1;
                    excluding += u64::from(expected);
                    let reach = notes.reach(a).meets(notes.reach(b));
                    if (found.is_some() != expected || (expected && !reach)) && wrong.len() < 40 {
                        wrong.push(format!("{code} {other_code}: expected {expected}, found {found:?}"));
                    }
                }
            }
        }
        assert!(wrong.is_empty(), "{name}: {wrong:#?}");
        assert!(excluding > 500_000 && compared > 2 * excluding, "{name}: {excluding} of {compared}");
        writeln!(std::io::stderr(), "{name}: {compared} pairs, {excluding} excluded").unwrap();
    }
}

#[test]
fn no_note_holds_on_a_day_of_no_list() {
    let notes = codeset().notes().unwrap();
    let (diabetes_1, diabetes_2) = ("E109", "E119");
    let ordinal = |text: &str| system(SystemId::Diagnosis).ordinal(support::code(text)).unwrap();
    for (on, holds) in [
        ("2020-12-31", false),
        ("2021-01-01", true),
        ("2021-09-30", true),
        ("2021-10-01", false),
        ("2025-03-31", false),
        ("2025-04-01", true),
        ("2025-09-30", true),
        ("2025-10-01", false),
        ("2026-03-31", false),
        ("2026-04-01", true),
        ("2026-09-30", true),
        ("2026-10-01", false),
    ] {
        assert_eq!(notes.covers(day(on)), holds, "{on}");
        assert_eq!(notes.excludes1(ordinal(diabetes_1), ordinal(diabetes_2), day(on)).is_some(), holds, "{on}");
        assert_eq!(notes.of(ordinal("D631"), NoteKind::CodeFirst, day(on)).count(), usize::from(holds), "{on}");
    }
}
