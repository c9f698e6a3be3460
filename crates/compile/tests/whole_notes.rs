//! Every Excludes1 note of the three tabular lists against a plain reading of their XML: line by line, with the chain
//! of what each code stands in, and runs taken in the order in which the list prints its codes.
//!
//! What is compared is the default image, through `Notes::excludes1`; of this crate's readers only the one of notes with
//! restrictions in words ("with 7th character B") is used, for a tenth of the notes.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::indexing_slicing, reason = "tests")]

mod support;

use cleanclaim_compile::publisher::icd10cm::{Reference, Targets};
use codes::{Code, Date};
use codeset::{NoteKind, Ordinal, SystemId};
use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::io::Write;
use support::{codeset, day, publisher_file, system, text};

const LISTS: [(&str, &str, &str); 3] = [
    ("icd10cm/icd10cm-tabular-2021.xml.zst", "2021-01-01", "2021-09-30"),
    ("icd10cm/icd10cm-tabular-April-2025.xml.zst", "2025-04-01", "2025-09-30"),
    ("icd10cm/icd10cm-tabular-April-2026.xml.zst", "2026-04-01", "2026-09-30"),
];

/// A chapter, section or code as the list nests them, in its order.
#[derive(Default)]
struct Node {
    parent: Option<usize>,
    /// The categories that a section's id names.
    id: Option<(Code, Code)>,
    /// The place behind the last node in this one.
    end: usize,
    excludes: Vec<Named>,
}

/// What a note names.
enum Named {
    /// Nodes from one to the end of another, by their places.
    Nodes(usize, usize),
    /// Some codes only.
    Some(Reference),
}

struct List {
    nodes: Vec<Node>,
    places: HashMap<Code, usize>,
    /// Notes read plainly, those read by the crate's reader, and those that name nothing that is understood.
    plain: usize,
    in_words: usize,
    nothing: usize,
}

fn dotted(text: &str) -> Option<Code> {
    let bare = text.replace('.', "");
    let form = text.len() >= 3
        && text.as_bytes()[0].is_ascii_uppercase()
        && bare.bytes().all(|byte| byte.is_ascii_uppercase() || byte.is_ascii_digit())
        && bare.bytes().any(|byte| byte.is_ascii_digit())
        && (3..=7).contains(&bare.len())
        && (text.len() == 3 || text.as_bytes()[3] == b'.');
    form.then(|| Code::parse(bare.as_bytes()).unwrap())
}

/// `(A00.-, B10-B20)` as pairs of first and last; nothing where there is more than codes.
fn plainly(text: &str) -> Option<Vec<(Code, Code)>> {
    let mut found = Vec::new();
    let mut rest = text;
    while let Some((_, after)) = rest.split_once('(') {
        let (group, behind) = after.split_once(')')?;
        if group.contains('(') {
            return None;
        }
        rest = behind;
        let ends = |token: &str| -> Option<(Code, Code)> {
            let parts: Vec<&str> =
                token.split('-').map(|part| part.trim_end_matches('.')).filter(|p| !p.is_empty()).collect();
            match parts[..] {
                [one] => dotted(one).map(|code| (code, code)),
                [first, last] => Some((dotted(first)?, dotted(last)?)),
                _ => None,
            }
        };
        let tokens: Vec<&str> = group.split(", ").collect();
        let codes: Vec<_> = tokens.iter().map(|token| ends(token)).collect();
        if codes.iter().all(Option::is_some) {
            found.extend(codes.into_iter().flatten());
        } else if group.contains(|character: char| character.is_ascii_digit()) {
            return None;
        }
    }
    (!found.is_empty()).then_some(found)
}

fn read(xml: &str) -> List {
    let mut list = List { nodes: Vec::new(), places: HashMap::new(), plain: 0, in_words: 0, nothing: 0 };
    let mut open: Vec<usize> = Vec::new();
    let mut notes: Vec<(usize, String)> = Vec::new();
    let (mut excluding, mut note): (bool, Option<String>) = (false, None);
    for line in xml.lines() {
        let line = line.trim();
        if let Some(text) = &mut note {
            text.push(' ');
            text.push_str(line);
        }
        if line == "<chapter>"
            || line.starts_with("<section ")
            || line.starts_with("<diag>")
            || line.starts_with("<diag ")
        {
            let id = line.strip_prefix("<section id=\"").and_then(|rest| rest.split_once('"')).and_then(|(id, _)| {
                let (first, last) = id.split_once('-').unwrap_or((id, id));
                dotted(first).zip(dotted(last))
            });
            list.nodes.push(Node { parent: open.last().copied(), id, ..Node::default() });
            open.push(list.nodes.len() - 1);
        } else if matches!(line, "</chapter>" | "</section>" | "</diag>") {
            let closed = open.pop().unwrap();
            list.nodes[closed].end = list.nodes.len();
        } else if let Some(name) = line.strip_prefix("<name>").and_then(|rest| rest.strip_suffix("</name>")) {
            if let (Some(&at), Some(code)) = (open.last(), dotted(name)) {
                list.places.insert(code, at);
            }
        } else if line == "<excludes1>" {
            excluding = true;
        } else if line == "</excludes1>" {
            excluding = false;
        } else if excluding && line.starts_with("<note>") {
            note = Some(line.to_owned());
        }
        if note.as_ref().is_some_and(|text| text.contains("</note>")) {
            let whole = note.take().unwrap();
            notes.push((*open.last().unwrap(), whole.replace("<note>", "").replace("</note>", "")));
        }
    }
    assert!(open.is_empty());
    // A section that holds nothing is printed before those that it holds: V00-V99 before V00-V09 and so on.
    for place in 0..list.nodes.len() {
        let Some((first, last)) = list.nodes[place].id.filter(|_| list.nodes[place].end == place + 1) else { continue };
        let parent = list.nodes[place].parent;
        for node in list.nodes[place + 1..].iter_mut().filter(|node| node.parent == parent) {
            if node.id.is_some_and(|(from, to)| first <= from && to <= last) {
                node.parent = Some(place);
            }
        }
    }
    for (at, text) in notes {
        let nodes = |(first, last): (Code, Code)| {
            let (first, last) = (*list.places.get(&first)?, *list.places.get(&last)?);
            (first <= last).then_some(Named::Nodes(first, list.nodes[last].end))
        };
        let named: Option<Vec<Named>> = plainly(&text).and_then(|runs| runs.into_iter().map(nodes).collect());
        match named {
            Some(named) => {
                list.plain += 1;
                list.nodes[at].excludes.extend(named);
            }
            None => match Targets::of(&text) {
                Targets::Codes(references) => {
                    list.in_words += 1;
                    let whole = |reference: Reference| match (
                        &reference.only,
                        nodes((reference.run.first, reference.run.last)),
                    ) {
                        (None, Some(nodes)) => nodes,
                        _ => Named::Some(reference),
                    };
                    let named: Vec<Named> = references.into_iter().map(whole).collect();
                    list.nodes[at].excludes.extend(named);
                }
                Targets::Words | Targets::NotUnderstood => list.nothing += 1,
            },
        }
    }
    list
}

impl List {
    /// The node of a code that may be reported: its own, or that which its 7th character completes.
    fn node(&self, code: Code) -> Option<usize> {
        (3..=code.len()).rev().find_map(|length| self.places.get(&code.prefix(length)).copied())
    }

    /// What the notes of the node and of all that it stands in name.
    fn excluded(&self, node: usize) -> impl Iterator<Item = &Named> {
        std::iter::successors(Some(node), |&node| self.nodes[node].parent).flat_map(|node| &self.nodes[node].excludes)
    }

    fn excludes(&self, node: usize, other: (Code, usize)) -> bool {
        self.excluded(node).any(|named| match named {
            Named::Nodes(first, end) => (*first..*end).contains(&other.1),
            Named::Some(reference) => reference.names(other.0),
        })
    }
}

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
        // The codes that stand in a node, by its place, as runs in `codes` have them: for the ends of targets.
        let mut in_order: Vec<usize> = (0..codes.len()).collect();
        in_order.sort_by_key(|&place| (codes[place].2, codes[place].0));
        let (mut compared, mut excluding) = (0u64, 0u64);
        let mut wrong: Vec<String> = Vec::new();
        let mut partners_of: BTreeMap<usize, Vec<usize>> = BTreeMap::new();
        for (number, &(code, ordinal, node)) in codes.iter().enumerate() {
            // The first and last code of every run that a note above names, and the code before and after it, in the
            // order of the list and in that of codes; and some that lie anywhere.
            let partners = partners_of.entry(node).or_insert_with(|| {
                let mut partners = BTreeSet::new();
                for named in list.excluded(node) {
                    match named {
                        Named::Nodes(first, end) => {
                            let low = in_order.partition_point(|&place| codes[place].2 < *first);
                            let high = in_order.partition_point(|&place| codes[place].2 < *end);
                            for place in [low.wrapping_sub(1), low, high.wrapping_sub(1), high] {
                                if let Some(&place) = in_order.get(place) {
                                    partners.extend([place, place.saturating_sub(1), place + 1]);
                                }
                            }
                        }
                        Named::Some(reference) => {
                            let low = codes.partition_point(|&(code, ..)| code < reference.run.first);
                            let run =
                                codes[low..].iter().take_while(|(code, ..)| reference.run.contains(*code)).count();
                            partners.extend((low.saturating_sub(1)..=low + run).step_by(1 + run / 40));
                            partners.extend([low, low + run, (low + run).saturating_sub(1)]);
                        }
                    }
                }
                partners.into_iter().filter(|&place| place < codes.len()).collect()
            });
            let anywhere = (0..12).map(|step| (number * 7919 + step * 6421 + 13) % codes.len());
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
