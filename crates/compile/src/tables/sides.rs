//! Left and right: which diagnoses say the same of the two sides of the body, and which says it of both. The one place
//! where laterality is taken from titles.
//!
//! Two codes are the left and the right of each other when their titles differ in that word alone and the codes in one
//! character. The bilateral one is that which differs from both in the same character and says so in its title, of the
//! same thing. So "left bundle-branch block" and "hypoplastic left heart syndrome" have no side: nothing is their right,
//! or its code is not beside theirs.

use crate::error::CompileError;
use crate::rows::{PairRow, Table};
use crate::tsv::{Form, Text};
use codes::{Code, Date};
use codeset::{Class, Side};
use std::collections::{BTreeMap, BTreeSet};

/// The first day of ICD-10-CM, from which titles are taken to hold: they are not dated, and sides do not change.
const FIRST_DAY: (i32, u8, u8) = (2015, 10, 1);
/// The characters that may stand where the side does.
const PLACES: &[u8] = b"0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ";

pub(crate) fn read(text: Text<'_>, release: u16) -> Result<Table, CompileError> {
    let mut table = Table::default();
    let mut titles = BTreeMap::new();
    let (year, month, day) = FIRST_DAY;
    let first = Date::new(year, month, day).unwrap_or(Date::from_days(0));
    for record in text.records(["code", "title", "listed_as"])? {
        let [code, title, listed_as] = record?;
        if listed_as.text == "billable" {
            titles.insert(code.code(Form::Diagnosis)?, (Title::of(title.text), code.line()));
        }
        table.read += 1;
    }
    for (source, target, side) in sides(&titles.iter().map(|(&code, (title, _))| (code, title.clone())).collect()) {
        let line = titles.get(&source).map_or(0, |(_, line)| *line);
        let class = Class::new(first, None, side as u16, release);
        table.pairs.push(PairRow { source, target, class, line });
    }
    Ok(table)
}

/// What a title says of sides, and of what.
#[derive(Clone)]
struct Title {
    words: Vec<String>,
    left: bool,
    right: bool,
    both: bool,
}

impl Title {
    fn of(text: &str) -> Title {
        let lower = text.to_ascii_lowercase();
        let words: Vec<String> = lower
            .split(|character: char| !character.is_ascii_alphanumeric())
            // The "s" of "ligament(s)" alone is no word.
            .filter(|word| !matches!(*word, "" | "of" | "the" | "s"))
            .map(str::to_owned)
            .collect();
        let has = |any: &[&str]| words.iter().any(|word| any.contains(&word.as_str()));
        let (left, right) = (has(&["left"]), has(&["right"]));
        // Beside the name of a side "both" is of something else: "absence of both forearm and hand, right upper limb".
        let both = has(&["bilateral"]) || has(&["both"]) && !left && !right;
        Title { left, right, both, words }
    }

    /// The side that it names, if it names one.
    fn side(&self) -> Option<Side> {
        match (self.left, self.right, self.both) {
            (true, false, false) => Some(Side::Left),
            (false, true, false) => Some(Side::Right),
            (false, false, true) => Some(Side::Both),
            _ => None,
        }
    }

    /// The words in order, with one in the place of the side.
    fn pattern(&self) -> Vec<&str> {
        self.words.iter().map(|word| if matches!(word.as_str(), "left" | "right") { "|" } else { word }).collect()
    }

    /// The words of what is meant, in the singular, without those of sides.
    fn subject(&self) -> BTreeSet<String> {
        const SIDES: [&str; 7] = ["left", "right", "bilateral", "both", "unilateral", "side", "and"];
        self.words.iter().filter(|word| !SIDES.contains(&word.as_str())).map(|word| singular(word)).collect()
    }
}

fn singular(word: &str) -> String {
    match word.strip_suffix("ies") {
        Some(stem) => format!("{stem}y"),
        None => word.strip_suffix('s').unwrap_or(word).to_owned(),
    }
}

/// From each code of a family to each, itself included, with the side that the second is of.
fn sides(titles: &BTreeMap<Code, Title>) -> Vec<(Code, Code, Side)> {
    let mut patterns: BTreeMap<Vec<&str>, [Option<Code>; 2]> = BTreeMap::new();
    // Bilateral codes by category and what they mean, for those that stand apart: M17.0 beside M17.11 and M17.12.
    let mut bilateral: BTreeMap<(Code, BTreeSet<String>), Code> = BTreeMap::new();
    for (&code, title) in titles {
        match title.side() {
            Some(Side::Right) => patterns.entry(title.pattern()).or_default()[0] = Some(code),
            Some(Side::Left) => patterns.entry(title.pattern()).or_default()[1] = Some(code),
            Some(Side::Both) => {
                bilateral.insert((code.prefix(3), title.subject()), code);
            }
            None => {}
        }
    }
    let mut found = BTreeSet::new();
    for pair in patterns.values() {
        let &[Some(right), Some(left)] = pair else { continue };
        let Some(place) = only_difference(right, left) else { continue };
        let subject = titles.get(&right).map(Title::subject).unwrap_or_default();
        // The code beside them that says the most of the same: there may be one of both sides that recur, and one of both.
        let beside = PLACES.iter().rev().filter_map(|&character| {
            let code = with(right, place, character)?;
            let title = titles.get(&code).filter(|title| title.side() == Some(Side::Both))?;
            let own = title.subject();
            own.is_subset(&subject).then_some((own.len(), code))
        });
        let beside = beside.max_by_key(|&(words, _)| words).map(|(_, code)| code);
        let both = beside.or_else(|| bilateral.get(&(right.prefix(3), subject)).copied());
        let family = [(Some(right), Side::Right), (Some(left), Side::Left), (both, Side::Both)];
        for (source, _) in family {
            for (target, side) in family {
                found.extend(source.zip(target).map(|(source, target)| (source, target, side)));
            }
        }
    }
    // What says that it is of both sides says so without a left and a right beside it, too.
    let whole = |title: &&Title| title.words.iter().any(|word| word == "bilateral");
    for (&code, _) in titles.iter().filter(|(_, title)| title.side() == Some(Side::Both) && whole(title)) {
        found.insert((code, code, Side::Both));
    }
    found.into_iter().collect()
}

/// The place of the one character in which two codes of one length differ.
fn only_difference(one: Code, other: Code) -> Option<usize> {
    let mut different = (0..one.len()).filter(|&place| one.at(place) != other.at(place));
    let place = different.next()?;
    (one.len() == other.len() && different.next().is_none()).then_some(place)
}

/// The code with a character in a place.
fn with(code: Code, place: usize, character: u8) -> Option<Code> {
    let mut bytes = code.to_bytes();
    *bytes.get_mut(place)? = character;
    Code::parse(&bytes[..code.len()])
}

#[cfg(test)]
mod tests {
    use super::*;

    fn found(titles: &[(&str, &str)]) -> Vec<String> {
        let code = |text: &str| Code::parse(text.as_bytes()).unwrap_or_default();
        let titles = titles.iter().map(|&(text, title)| (code(text), Title::of(title))).collect();
        sides(&titles).into_iter().map(|(source, target, side)| format!("{source} {target} {side:?}")).collect()
    }

    #[test]
    fn left_right_and_both_are_one_family() {
        assert_eq!(
            found(&[
                ("H2511", "Age-related nuclear cataract, right eye"),
                ("H2512", "Age-related nuclear cataract, left eye"),
                ("H2513", "Age-related nuclear cataract, bilateral"),
                ("H2510", "Age-related nuclear cataract, unspecified eye"),
            ]),
            [
                "H2511 H2511 Right",
                "H2511 H2512 Left",
                "H2511 H2513 Both",
                "H2512 H2511 Right",
                "H2512 H2512 Left",
                "H2512 H2513 Both",
                "H2513 H2511 Right",
                "H2513 H2512 Left",
                "H2513 H2513 Both",
            ]
        );
    }

    #[test]
    fn a_bilateral_code_may_stand_apart_and_alone() {
        let apart = found(&[
            ("M170", "Bilateral primary osteoarthritis of knee"),
            ("M1711", "Unilateral primary osteoarthritis, right knee"),
            ("M1712", "Unilateral primary osteoarthritis, left knee"),
        ]);
        assert!(apart.contains(&"M1711 M170 Both".to_owned()) && apart.contains(&"M170 M1712 Left".to_owned()));
        assert_eq!(found(&[("R9412", "Bilateral finding")]), ["R9412 R9412 Both"]);
    }

    #[test]
    fn both_may_be_of_other_things_than_sides() {
        let absence = found(&[
            ("Q7120", "Congenital absence of both forearm and hand, unspecified upper limb"),
            ("Q7121", "Congenital absence of both forearm and hand, right upper limb"),
            ("Q7122", "Congenital absence of both forearm and hand, left upper limb"),
            ("Q7123", "Congenital absence of both forearm and hand, bilateral"),
        ]);
        assert!(absence.contains(&"Q7121 Q7122 Left".to_owned()) && absence.contains(&"Q7122 Q7123 Both".to_owned()));
        assert!(!absence.iter().any(|row| row.contains("Q7120")), "{absence:?}");
    }

    #[test]
    fn a_plural_in_parentheses_is_the_same_thing() {
        let depth = found(&[
            ("N803B1", "Deep endometriosis of the right uterosacral ligament"),
            ("N803B2", "Deep endometriosis of the left uterosacral ligament"),
            ("N803B3", "Deep endometriosis of bilateral uterosacral ligament(s)"),
        ]);
        assert!(depth.contains(&"N803B1 N803B3 Both".to_owned()), "{depth:?}");
    }

    #[test]
    fn of_two_bilateral_codes_beside_them_a_pair_has_the_one_that_says_more_of_the_same() {
        let otitis = found(&[
            ("H65113", "Acute allergic otitis media, bilateral"),
            ("H65114", "Acute allergic otitis media, recurrent, right ear"),
            ("H65115", "Acute allergic otitis media, recurrent, left ear"),
            ("H65116", "Acute allergic otitis media, recurrent, bilateral"),
        ]);
        assert!(otitis.contains(&"H65114 H65116 Both".to_owned()), "{otitis:?}");
        assert!(!otitis.contains(&"H65114 H65113 Both".to_owned()), "{otitis:?}");
    }

    #[test]
    fn what_only_sounds_like_a_side_is_none() {
        for titles in [
            [("I447", "Left bundle-branch block, unspecified"), ("I4510", "Unspecified right bundle-branch block")],
            [("Q226", "Hypoplastic right heart syndrome"), ("Q234", "Hypoplastic left heart syndrome")],
            [
                ("H5461", "Visual loss, right eye, normal vision left eye"),
                ("H5462", "Visual loss, left eye, normal vision right eye"),
            ],
            [("T81500A", "Foreign body accidentally left in body"), ("T81501A", "Foreign body")],
            [("H0220C", "Lagophthalmos, upper and lower eyelids"), ("H02201", "Lagophthalmos, right upper eyelid")],
        ] {
            assert_eq!(found(&titles), [""; 0], "{titles:?}");
        }
    }
}
