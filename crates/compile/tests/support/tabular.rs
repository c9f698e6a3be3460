//! The tabular list, read plainly: line by line, with the chain of what each code stands in, and runs taken in the order
//! in which the list prints its codes. Of the compiler's own readers only the one of notes with restrictions in words
//! ("with 7th character B") is used, for a tenth of the notes. A test that includes this brings `icd10cm`, the module of
//! the compiler, and `Code` into its root.
#![allow(clippy::unwrap_used, clippy::indexing_slicing, reason = "tests")]

use crate::Code;
use crate::icd10cm::{Reference, Targets};
use std::collections::{BTreeSet, HashMap};

/// The lists that the default image has notes of: file, first and last day.
pub const LISTS: [(&str, &str, &str); 3] = [
    ("icd10cm/icd10cm-tabular-2021.xml.zst", "2021-01-01", "2021-09-30"),
    ("icd10cm/icd10cm-tabular-April-2025.xml.zst", "2025-04-01", "2025-09-30"),
    ("icd10cm/icd10cm-tabular-April-2026.xml.zst", "2026-04-01", "2026-09-30"),
];

/// A chapter, section or code as the list nests them, in its order.
#[derive(Default)]
pub struct Node {
    parent: Option<usize>,
    /// The categories that a section's id names.
    id: Option<(Code, Code)>,
    /// The place behind the last node in this one.
    end: usize,
    excludes: Vec<Named>,
}

/// What a note names.
pub enum Named {
    /// Nodes from one to the end of another, by their places.
    Nodes(usize, usize),
    /// Some codes only.
    Some(Reference),
}

pub struct List {
    nodes: Vec<Node>,
    places: HashMap<Code, usize>,
    /// Notes read plainly, those read by the crate's reader, and those that name nothing that is understood.
    pub plain: usize,
    pub in_words: usize,
    pub nothing: usize,
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

pub fn read(xml: &str) -> List {
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
    pub fn node(&self, code: Code) -> Option<usize> {
        (3..=code.len()).rev().find_map(|length| self.places.get(&code.prefix(length)).copied())
    }

    /// What the notes of the node and of all that it stands in name.
    fn excluded(&self, node: usize) -> impl Iterator<Item = &Named> {
        std::iter::successors(Some(node), |&node| self.nodes[node].parent).flat_map(|node| &self.nodes[node].excludes)
    }

    pub fn excludes(&self, node: usize, other: (Code, usize)) -> bool {
        self.excluded(node).any(|named| match named {
            Named::Nodes(first, end) => (*first..*end).contains(&other.1),
            Named::Some(reference) => reference.names(other.0),
        })
    }

    /// For a code of this node, those that notes name or just do not, as places in `codes` (code and node, in the order of
    /// codes): the first and last code of every run that a note above names, and the code before and after it, in the
    /// order of the list (`in_order`, places by node) and in that of codes.
    pub fn partners(&self, node: usize, codes: &[(Code, usize)], in_order: &[usize]) -> Vec<usize> {
        let mut partners = BTreeSet::new();
        for named in self.excluded(node) {
            match named {
                Named::Nodes(first, end) => {
                    let low = in_order.partition_point(|&place| codes[place].1 < *first);
                    let high = in_order.partition_point(|&place| codes[place].1 < *end);
                    for place in [low.wrapping_sub(1), low, high.wrapping_sub(1), high] {
                        if let Some(&place) = in_order.get(place) {
                            partners.extend([place, place.saturating_sub(1), place + 1]);
                        }
                    }
                }
                Named::Some(reference) => {
                    let low = codes.partition_point(|&(code, _)| code < reference.run.first);
                    let run = codes[low..].iter().take_while(|(code, _)| reference.run.contains(*code)).count();
                    partners.extend((low.saturating_sub(1)..=low + run).step_by(1 + run / 40));
                    partners.extend([low, low + run, (low + run).saturating_sub(1)]);
                }
            }
        }
        partners.into_iter().filter(|&place| place < codes.len()).collect()
    }

    /// The places of these codes in the order of their nodes.
    pub fn in_order(codes: &[(Code, usize)]) -> Vec<usize> {
        let mut in_order: Vec<usize> = (0..codes.len()).collect();
        in_order.sort_by_key(|&place| (codes[place].1, codes[place].0));
        in_order
    }

    /// Places of codes that lie anywhere, for the code at this one.
    pub fn anywhere(place: usize, codes: usize) -> impl Iterator<Item = usize> {
        (0..12).map(move |step| (place * 7919 + step * 6421 + 13) % codes)
    }
}
