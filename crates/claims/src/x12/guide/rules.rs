//! What an implementation guide asks of a segment and its elements, and how a table says it; `tables/README.md` has the
//! notation.

use super::codes::Codes;
use super::glance::Asked;
use super::{balance, situation};
use std::iter::Peekable;
use std::sync::{Arc, LazyLock};

/// Data element 1250: the form of the date that follows.
pub(super) const DATE_FORMAT: u16 = 1250;
/// Data element 1251: a date in that form.
pub(super) const DATE_PERIOD: u16 = 1251;

/// A segment: what tells it from others of the same id, and its elements.
#[derive(Default)]
pub(super) struct SegmentRule {
    pub(super) id: &'static str,
    /// The loop that it stands in; empty at the top.
    pub(super) in_loop: &'static str,
    /// What the table says of its elements: the one text of all segments of which a guide says the same.
    pub(super) text: &'static str,
    /// The element, from 0, whose codes tell the segment from others of the same id.
    pub(super) qualifier: Option<u8>,
    pub(super) elements: Vec<ElementRule>,
    /// What is asked of them at a glance.
    pub(super) asked: Asked,
    /// How many elements there are up to the last that is required.
    pub(super) least: usize,
    pub(super) notes: Vec<Note>,
    /// What it says of amounts that must add up.
    pub(super) balance: Option<balance::Part>,
    /// What it says that situations hang on.
    pub(super) situation: Option<situation::Part>,
}

/// Whether an element is given.
#[derive(Clone, Copy, PartialEq, Eq, Default, Debug)]
pub(super) enum Usage {
    /// Always.
    Required,
    /// In some situations.
    Situational,
    /// Never.
    #[default]
    NotUsed,
}

/// An element or component.
#[derive(Clone, Default)]
pub(super) struct ElementRule {
    /// The X12 data element number; 0 for a composite or one that is not used.
    pub(super) number: u16,
    pub(super) usage: Usage,
    pub(super) repeat: u16,
    pub(super) form: Form,
}

/// What an element holds.
#[derive(Clone, Default)]
pub(super) enum Form {
    /// It is not used.
    #[default]
    Nothing,
    Simple(Simple),
    Composite(Vec<ElementRule>, Vec<Note>),
}

/// The form of a simple element.
#[derive(Clone)]
pub(super) struct Simple {
    pub(super) kind: Kind,
    pub(super) least: u16,
    pub(super) most: u16,
    pub(super) codes: Arc<Codes>,
}

/// The type of a data element.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) enum Kind {
    /// Text.
    Text,
    /// A code.
    Code,
    /// A whole number, or one with an implied decimal point.
    Whole,
    /// A number with a decimal point.
    Decimal,
    Date,
    Time,
}

/// A note of a segment on elements that depend on each other: `P0304`.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) struct Note {
    pub(super) kind: NoteKind,
    /// The first element, from 0.
    pub(super) first: u8,
    /// All of them: a bit each.
    pub(super) all: u64,
}

/// The kinds of syntax notes of X12.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) enum NoteKind {
    /// P: if one is given, all are.
    Paired,
    /// R: at least one is given.
    Required,
    /// E: no more than one is given.
    Exclusion,
    /// C: if the first is given, all are.
    Conditional,
    /// L: if the first is given, one of the others is.
    List,
}

impl Note {
    /// Whether the note does not hold of the elements that are given, a bit each.
    #[inline]
    pub(super) fn is_broken(&self, given: u64) -> bool {
        let first = 1u64 << self.first;
        let there = given & self.all;
        match self.kind {
            NoteKind::Paired => there != 0 && there != self.all,
            NoteKind::Required => there == 0,
            NoteKind::Exclusion => there.count_ones() > 1,
            NoteKind::Conditional => there & first != 0 && there != self.all,
            NoteKind::List => there & first != 0 && there & !first == 0,
        }
    }

    fn parse(text: &str) -> Option<Note> {
        let kind = match text.bytes().next()? {
            b'P' => NoteKind::Paired,
            b'R' => NoteKind::Required,
            b'E' => NoteKind::Exclusion,
            b'C' => NoteKind::Conditional,
            b'L' => NoteKind::List,
            _ => return None,
        };
        let places = text.as_bytes().get(1..)?.chunks(2);
        let places: Vec<u8> = places
            .map(|two| std::str::from_utf8(two).ok()?.parse::<u8>().ok()?.checked_sub(1).filter(|&place| place < 64))
            .collect::<Option<_>>()?;
        let all = places.iter().fold(0, |all, place| all | 1 << place);
        Some(Note { kind, first: *places.first()?, all })
    }
}

impl SegmentRule {
    /// The codes of an element, from 0, that is simple and has some.
    pub(super) fn codes_of(&self, element: usize) -> Option<&Arc<Codes>> {
        match &self.elements.get(element)?.form {
            Form::Simple(simple) if !simple.codes.is_empty() => Some(&simple.codes),
            _ => None,
        }
    }

    /// The codes that tell the segment from others of the same id.
    #[inline]
    pub(super) fn qualifier_codes(&self) -> Option<&Arc<Codes>> {
        let element = self.elements.get(usize::from(self.qualifier?))?;
        let form = match &element.form {
            Form::Composite(components, _) => &components.first()?.form,
            form => form,
        };
        match form {
            Form::Simple(simple) if !simple.codes.is_empty() => Some(&simple.codes),
            _ => None,
        }
    }

    /// Reads what a table says of a segment after its id.
    pub(super) fn parse(id: &'static str, text: &'static str) -> Option<SegmentRule> {
        let (elements, notes) = parts(&mut words(text).peekable(), false)?;
        let first = elements.first()?;
        let listed = |element: &ElementRule| matches!(&element.form, Form::Simple(simple) if simple.kind == Kind::Code && !simple.codes.is_empty());
        let qualifies = match &first.form {
            Form::Composite(components, _) => components.first().is_some_and(listed),
            _ => listed(first),
        };
        let qualifier = match id {
            "HL" => Some(2),
            _ => (first.usage == Usage::Required && qualifies).then_some(0),
        };
        let least = elements.iter().rposition(|element| element.usage == Usage::Required).map_or(0, |at| at + 1);
        let asked = Asked::of(&elements);
        Some(SegmentRule { id, text, qualifier, elements, asked, least, notes, ..SegmentRule::default() })
    }
}

/// The words of a table's line; parentheses stand for themselves, so that `C003!(` is two words.
fn words(text: &'static str) -> impl Iterator<Item = &'static str> {
    text.split(' ').flat_map(|word| {
        let (word, open) = word.split_once('(').map_or((word, None), |(word, rest)| (word, Some(rest)));
        let (head, rest) = match open {
            Some(rest) => ([Some(word), Some("(")], rest),
            None => ([None, None], word),
        };
        let (inner, close) = rest.split_once(')').map_or((rest, None), |(inner, after)| (inner, Some(after)));
        let tail =
            [Some(inner).filter(|word| !word.is_empty()), close.map(|_| ")"), close.filter(|after| !after.is_empty())];
        head.into_iter().chain(tail).flatten()
    })
}

/// Reads elements up to the end or the closing parenthesis, and the notes after them.
fn parts(
    words: &mut Peekable<impl Iterator<Item = &'static str>>,
    within: bool,
) -> Option<(Vec<ElementRule>, Vec<Note>)> {
    let (mut elements, mut notes, mut in_notes) = (Vec::new(), Vec::new(), false);
    loop {
        let Some(word) = words.next() else { return (!within).then_some((elements, notes)) };
        match word {
            ")" => return within.then_some((elements, notes)),
            ";" => in_notes = true,
            _ if in_notes => notes.push(Note::parse(word)?),
            _ if word.starts_with('-') => {
                let times = times(word.get(1..)?)?;
                elements.extend((0..times).map(|_| ElementRule::default()));
            }
            _ => {
                let mark = word.find(['!', '?'])?;
                let (number, rest) = word.split_at(mark);
                let usage = if rest.starts_with('!') { Usage::Required } else { Usage::Situational };
                let rest = rest.get(1..)?;
                if words.next_if_eq(&"(").is_some() {
                    let repeat = rest.strip_prefix('*').map_or(Some(1), |repeat| repeat.parse().ok())?;
                    let (components, inner) = parts(words, true)?;
                    let form = Form::Composite(components, inner);
                    let times = words.next_if(|word| word.starts_with('x')).map_or(Some(1), times)?;
                    let element = ElementRule { number: 0, usage, repeat, form };
                    elements.extend((0..times).map(|_| element.clone()));
                } else {
                    let number = number.parse().ok()?;
                    let mut simple = simple(number)?;
                    // Codes of a list that is kept elsewhere, all of one length.
                    let rest = match rest.strip_prefix('#') {
                        Some(rest) => {
                            let length = rest.get(..1)?.parse().ok()?;
                            (simple.least, simple.most) = (length, length);
                            rest.get(1..)?
                        }
                        None => rest,
                    };
                    let (codes, times_text) = match rest.strip_prefix('=') {
                        // Codes are in capitals, so that the first `x` is what says how often.
                        Some(codes) => codes.split_at(codes.find('x').unwrap_or(codes.len())),
                        None => ("", rest),
                    };
                    if !codes.is_empty() {
                        simple.codes = Arc::new(Codes::new(codes)?);
                    }
                    let element = ElementRule { number, usage, repeat: 1, form: Form::Simple(simple) };
                    elements.extend((0..times(times_text)?).map(|_| element.clone()));
                }
            }
        }
    }
}

/// How often: `x3`, or nothing for once.
fn times(text: &str) -> Option<usize> {
    if text.is_empty() { Some(1) } else { text.strip_prefix('x')?.parse().ok() }
}

/// The form of a data element.
fn simple(number: u16) -> Option<Simple> {
    static ELEMENTS: LazyLock<Vec<(u16, Simple)>> = LazyLock::new(|| {
        include_str!("tables/elements.txt").lines().filter(|line| !line.starts_with('#')).filter_map(element).collect()
    });
    let at = ELEMENTS.binary_search_by_key(&number, |&(number, _)| number).ok()?;
    ELEMENTS.get(at).map(|(_, simple)| simple.clone())
}

fn element(line: &'static str) -> Option<(u16, Simple)> {
    let mut words = line.split(' ');
    let number = words.next()?.parse().ok()?;
    let kind = match words.next()? {
        "AN" => Kind::Text,
        "ID" => Kind::Code,
        "N0" | "N2" => Kind::Whole,
        "R" => Kind::Decimal,
        "DT" => Kind::Date,
        "TM" => Kind::Time,
        _ => return None,
    };
    let (least, most) = (words.next()?.parse().ok()?, words.next()?.parse().ok()?);
    Some((number, Simple { kind, least, most, codes: Arc::default() }))
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;

    /// Writes an element as the table has it, without how often and what follows it.
    fn write(element: &ElementRule) -> String {
        let mark = if element.usage == Usage::Required { '!' } else { '?' };
        match &element.form {
            Form::Nothing => "-".to_owned(),
            Form::Simple(simple) if simple.codes.is_empty() => format!("{}{mark}", element.number),
            Form::Simple(simple) => format!("{}{mark}={}", element.number, simple.codes.text),
            Form::Composite(components, _) => {
                let inner: Vec<String> = components.iter().map(write).collect();
                format!("C{mark}({})", inner.join(" "))
            }
        }
    }

    #[test]
    fn elements_are_read_as_they_are_written() {
        let rule =
            SegmentRule::parse("SV1", "C003!(235!=HC,IV 234! 1339?x2 -) 782! -x2 1073?=Yx2 C022?(1271!)x2 ; P0304");
        let rule = rule.unwrap();
        let text: Vec<String> = rule.elements.iter().map(write).collect();
        assert_eq!(text.join(" "), "C!(235!=HC,IV 234! 1339? 1339? -) 782! - - 1073?=Y 1073?=Y C?(1271!) C?(1271!)");
        assert_eq!(rule.notes, [Note { kind: NoteKind::Paired, first: 2, all: 0b1100 }]);
        assert_eq!(rule.qualifier, Some(0));
        let length = |text: &'static str| match &SegmentRule::parse("SV2", text).unwrap().elements[0].form {
            Form::Simple(simple) => (simple.least, simple.most),
            _ => (0, 0),
        };
        assert_eq!((length("234!"), length("234!#4"), length("1331?#2x2")), ((1, 48), (4, 4), (2, 2)));
        for bad in [
            "",
            "98",
            "234!#",
            "234!#x",
            "98!(",
            "98!(98!",
            "98! )",
            "65535!",
            "98!=x",
            "98! ; Q0102",
            "98! ; P",
            "1!",
            "-3",
        ] {
            assert!(SegmentRule::parse("NM1", bad).is_none(), "{bad}");
        }
    }
}
