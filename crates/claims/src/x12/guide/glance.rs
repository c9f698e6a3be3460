//! Whether the elements of a segment are right, without saying what is wrong: nearly all are, and the whole check
//! (`element.rs`) has to be asked of the others only.

use super::codes::Codes;
use super::element::{digits, is_date, is_time, not_of_format};
use super::rules::{DATE_FORMAT, DATE_PERIOD, ElementRule, Form, Kind, SegmentRule, Usage};
use crate::blocks::BLOCK;
use crate::x12::segment::Segment;
use std::sync::Arc;
use wide::u8x16;

/// What is asked of the elements of a segment at a glance: one after another, each composite before its components.
#[derive(Default)]
pub(super) struct Asked(Vec<Ask>);

/// What is asked of an element or component.
pub(super) struct Ask {
    codes: Option<Arc<Codes>>,
    /// The least length; of a composite, how many components there are up to the last that is required.
    least: u16,
    most: u16,
    look: Look,
    required: bool,
    /// How many components it has, which come next.
    parts: u8,
}

/// How an element or component is looked at.
#[derive(Clone, Copy)]
pub(super) enum Look {
    /// It is not to be there.
    Unused,
    Text,
    Whole,
    Decimal,
    Date,
    Time,
    /// Data element 1250.
    Format,
    /// Data element 1251.
    Period,
    Composite,
}

impl Asked {
    /// What is asked of these elements.
    pub(super) fn of(elements: &[ElementRule]) -> Asked {
        let mut all = Vec::new();
        for element in elements {
            all.push(Ask::of(element));
            if let Form::Composite(components, _) = &element.form {
                all.extend(components.iter().map(Ask::of));
            }
        }
        Asked(all)
    }

    /// What is asked of each element, and of its components.
    pub(super) fn elements(&self) -> impl Iterator<Item = (&Ask, &[Ask])> {
        let mut rest = self.0.as_slice();
        std::iter::from_fn(move || {
            let (ask, after) = rest.split_first()?;
            let (components, after) = after.split_at_checked(ask.parts.into())?;
            rest = after;
            Some((ask, components))
        })
    }
}

impl Ask {
    pub(super) fn look(&self) -> Look {
        self.look
    }

    pub(super) fn has_codes(&self) -> bool {
        self.codes.is_some()
    }

    /// Whether a code of one character is among those that it may be.
    pub(super) fn has_code(&self, code: u8) -> bool {
        self.codes.as_ref().is_some_and(|codes| codes.contains(&[code]))
    }

    fn of(rule: &ElementRule) -> Ask {
        let required = rule.usage == Usage::Required;
        let other = |look, parts, least| Ask { codes: None, least, most: 0, look, required, parts };
        let simple = match &rule.form {
            Form::Nothing => return other(Look::Unused, 0, 0),
            // No composite has as many components as a byte counts: a test says so.
            Form::Composite(components, _) => {
                let last = components.iter().rposition(|component| component.usage == Usage::Required);
                return other(Look::Composite, components.len() as u8, last.map_or(0, |last| last as u16 + 1));
            }
            Form::Simple(simple) => simple,
        };
        let look = match (simple.kind, rule.number) {
            (_, DATE_FORMAT) => Look::Format,
            (_, DATE_PERIOD) => Look::Period,
            (Kind::Text | Kind::Code, _) => Look::Text,
            (Kind::Whole, _) => Look::Whole,
            (Kind::Decimal, _) => Look::Decimal,
            (Kind::Date, _) => Look::Date,
            (Kind::Time, _) => Look::Time,
        };
        let codes = (!simple.codes.is_empty()).then(|| Arc::clone(&simple.codes));
        Ask { codes, least: simple.least, most: simple.most, look, required, parts: 0 }
    }
}

/// Whether the elements of a segment are right at a glance. Where they are, [`super::element::check`] reports nothing; where
/// not, they may be right all the same.
pub(super) fn is_right(rule: &SegmentRule, segment: &Segment<'_>) -> bool {
    let Some(mut parts) = Parts::of(segment) else { return false };
    let mut asked = rule.asked.0.as_slice();
    let (mut given, mut bit, mut format) = (0u64, 1u64, &[][..]);
    // The id says itself what it is.
    let mut more = parts.next().is_some_and(|(_, ends_element)| ends_element) && !parts.at_end();
    let mut count = 0;
    while more {
        let Some((ask, rest)) = asked.split_first() else { return false };
        let Some((components, rest)) = rest.split_at_checked(ask.parts.into()) else { return false };
        asked = rest;
        let Some((text, ends_element)) = parts.next() else { return false };
        if !text.is_empty() || !ends_element {
            given |= bit;
            let right = match ask.look {
                Look::Composite => match rule.elements.get(count).map(|rule| &rule.form) {
                    Some(Form::Composite(_, notes)) => {
                        let given = composite(ask, components, &mut parts, text, ends_element, &mut format);
                        given.is_some_and(|given| !notes.iter().any(|note| note.is_broken(given)))
                    }
                    _ => false,
                },
                _ => ends_element && ask.is_right(text, &mut format),
            };
            if !right {
                return false;
            }
        } else if ask.required {
            return false;
        }
        bit <<= 1;
        count += 1;
        more = !parts.at_end();
    }
    !parts.odd && count >= rule.least && !rule.notes.iter().any(|note| note.is_broken(given))
}

/// Looks at the components of an element, of which this is the first; answers which are given, a bit each, if all are right.
#[inline]
fn composite<'s>(
    ask: &Ask,
    components: &[Ask],
    parts: &mut Parts<'_, 's>,
    mut text: &'s [u8],
    mut ends_element: bool,
    format: &mut &'s [u8],
) -> Option<u64> {
    let (mut given, mut bit, mut count) = (0u64, 1u64, 0u16);
    for component in components {
        if !text.is_empty() {
            given |= bit;
            if !component.is_right(text, format) {
                return None;
            }
        } else if component.required {
            return None;
        }
        bit <<= 1;
        count += 1;
        if ends_element {
            return (count >= ask.least).then_some(given);
        }
        (text, ends_element) = parts.next()?;
    }
    None
}

impl Ask {
    /// Whether an element or component that is given and has no parts is right.
    #[inline(always)]
    fn is_right<'s>(&self, text: &'s [u8], format: &mut &'s [u8]) -> bool {
        let length = match self.look {
            Look::Whole | Look::Decimal => digits(text, matches!(self.look, Look::Decimal)).unwrap_or(usize::MAX),
            _ => text.len(),
        };
        if length < self.least.into() || length > self.most.into() {
            return false;
        }
        if let Some(codes) = &self.codes
            && !codes.contains(text)
        {
            return false;
        }
        match self.look {
            Look::Text | Look::Whole | Look::Decimal => true,
            Look::Date => is_date(text),
            Look::Time => is_time(text),
            Look::Format => {
                *format = text;
                true
            }
            Look::Period => not_of_format(format, text).is_none(),
            Look::Unused | Look::Composite => false,
        }
    }
}

/// The elements and components of a segment, one after another.
struct Parts<'p, 's> {
    segment: &'p Segment<'s>,
    /// Where the next one begins; beyond the segment when there is none.
    start: usize,
    /// Where the bytes begin that `elements` and `ends` are of.
    window: usize,
    /// Where elements end and where either ends, a bit for each of 64 bytes.
    elements: u64,
    ends: u64,
    /// Whether there is something else than printable ASCII, or a repetition, further on.
    odd: bool,
}

impl<'p, 's> Parts<'p, 's> {
    /// The parts of a segment; `None` where there is more to look at: a repetition, or something else than printable ASCII.
    #[inline]
    fn of(segment: &'p Segment<'s>) -> Option<Parts<'p, 's>> {
        let mut parts = Parts { segment, start: 0, window: 0, elements: 0, ends: 0, odd: false };
        parts.look();
        (!parts.odd).then_some(parts)
    }

    #[inline]
    fn at_end(&self) -> bool {
        self.start > self.segment.bytes.len()
    }

    /// The next part, and whether an element ends with it.
    #[inline(always)]
    fn next(&mut self) -> Option<(&'s [u8], bool)> {
        let length = self.segment.bytes.len();
        while self.ends == 0 && self.window + BLOCK < length {
            self.window += BLOCK;
            self.look();
        }
        let (end, ends_element) = if self.ends == 0 {
            (length, true)
        } else {
            let at = self.ends.trailing_zeros();
            (self.window + at as usize, self.elements >> at & 1 != 0)
        };
        self.ends &= self.ends.wrapping_sub(1);
        let text = self.segment.bytes.get(self.start..end);
        self.start = end + 1;
        text.map(|text| (text, ends_element))
    }

    /// Looks at the 64 bytes at hand.
    #[inline]
    fn look(&mut self) {
        let separators = self.segment.separators;
        let repetition = separators.repetition.unwrap_or(b'\n');
        let bytes = self.segment.bytes.get(self.window..).unwrap_or_default();
        let bytes = bytes.get(..BLOCK).unwrap_or(bytes);
        let mut components = 0;
        if let Some(last) = bytes.last_chunk::<16>() {
            let (component, repetition) = (u8x16::splat(separators.component), u8x16::splat(repetition));
            let mut odd = u8x16::splat(0);
            let mut look = |bytes: &[u8; 16], at: usize| {
                let bytes = u8x16::new(*bytes);
                let above = bytes - u8x16::splat(b' ');
                odd |= above.max(u8x16::splat(0x5f)).simd_eq(above) | bytes.simd_eq(repetition);
                components |= u64::from(bytes.simd_eq(component).to_bitmask()) << at;
            };
            // Sixteen bytes are looked at together; the last sixteen overlap those before.
            for (bytes, at) in bytes.as_chunks::<16>().0.iter().zip((0..).step_by(16)) {
                look(bytes, at);
            }
            look(last, bytes.len() - 16);
            self.odd |= odd.to_bitmask() != 0;
        } else {
            for (&byte, at) in bytes.iter().zip(0..) {
                self.odd |= byte.wrapping_sub(b' ') >= 0x5f || byte == repetition;
                components |= u64::from(byte == separators.component) << at;
            }
        }
        self.elements = self.segment.marks_from(self.window);
        self.ends = self.elements | components;
    }
}

#[cfg(test)]
pub(super) mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;
    use crate::Place;
    use crate::x12::guide::rules::Simple;
    use crate::x12::guide::walk::of_segment;
    use crate::x12::guide::{Guide, element};
    use crate::x12::separators::Separators;

    /// Segments at random.
    pub(in crate::x12::guide) struct Random(pub(in crate::x12::guide) u64);

    impl Random {
        pub(in crate::x12::guide) fn below(&mut self, count: usize) -> usize {
            self.0 = self.0.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
            ((self.0 >> 33) % count as u64) as usize
        }

        fn of<'a>(&mut self, all: &[&'a str]) -> &'a str {
            all[self.below(all.len())]
        }

        /// A text that the form may take, and now and then one that it may not.
        fn simple(&mut self, number: u16, form: &Simple) -> String {
            let codes: Vec<&str> = form.codes.text.split(',').collect();
            match (self.below(24), form.kind) {
                (0, _) => {
                    self.of(&["", "A", "1.5.0", "-", "A:B", "A^B", "\u{e9}", "\u{7f}", "20240230", "9999"]).to_owned()
                }
                _ if !form.codes.is_empty() => self.of(&codes).to_owned(),
                (_, Kind::Date) => self.of(&["20240105", "240105"]).to_owned(),
                (_, Kind::Time) => self.of(&["1200", "2359", "120000"]).to_owned(),
                (1, _) => "9".repeat(usize::from(form.most) + 1),
                (3, Kind::Text) if form.most > 62 => "9".repeat(usize::from(form.most) - 1) + "\u{7f}",
                (2, _) => "9".repeat(usize::from(form.least).saturating_sub(1)),
                _ if number == DATE_PERIOD => {
                    self.of(&["20240105", "20240105-20240106", "1200", "20240105-"]).to_owned()
                }
                (_, Kind::Decimal) => self.of(&["1", "-20.5", "145.00", ".5"]).to_owned(),
                _ => "7".repeat(usize::from(form.least).max(1) + self.below(3)),
            }
        }

        /// A segment that may be right, and separators that it may have.
        pub(in crate::x12::guide) fn segment(&mut self, rule: &SegmentRule) -> (String, Separators) {
            let all: Vec<String> = rule.elements.iter().map(|element| self.element(element)).collect();
            let further = self.of(&["", "", "", "", "", "", "*", "*X"]);
            let text = format!("{}*{}{further}", rule.id, trimmed(&all.join("*"), '*', self.below(8)));
            let separators = match self.below(8) {
                0 => Separators { repetition: None, ..Separators::CUSTOM },
                1 => Separators { component: b'7', ..Separators::CUSTOM },
                _ => Separators::CUSTOM,
            };
            (text, separators)
        }

        fn element(&mut self, rule: &ElementRule) -> String {
            if rule.usage != Usage::Required && self.below(3) > 0 {
                return String::new();
            }
            match &rule.form {
                Form::Nothing => self.of(&["", "", "", "X"]).to_owned(),
                Form::Simple(simple) => self.simple(rule.number, simple),
                Form::Composite(components, _) => {
                    let all: Vec<String> = components.iter().map(|component| self.element(component)).collect();
                    trimmed(&all.join(":"), ':', self.below(8))
                }
            }
        }
    }

    /// The text without separators at its end, or now and then with them.
    fn trimmed(text: &str, separator: char, chance: usize) -> String {
        if chance == 0 { text.to_owned() } else { text.trim_end_matches(separator).to_owned() }
    }

    #[test]
    fn what_is_right_at_a_glance_is_right() {
        let mut random = Random(11);
        let (mut right, mut wrong, mut not_seen) = (0, 0, 0);
        for guide in Guide::all() {
            // Of an ISA nothing is asked at a glance: it holds the separators themselves.
            for rule in guide.segments.iter().filter(|rule| rule.id != "ISA") {
                for _ in 0..60 {
                    let (text, separators) = random.segment(rule);
                    let segment = Segment::new(text.as_bytes(), Place::default(), separators);
                    let mut issues = Vec::new();
                    element::check(rule, &segment, || of_segment(&segment, rule, 1), &mut issues);
                    let seen = is_right(rule, &segment);
                    assert!(!seen || issues.is_empty(), "{} {text} {issues:?}", rule.text);
                    right += usize::from(seen);
                    wrong += usize::from(!issues.is_empty());
                    not_seen += usize::from(!seen && issues.is_empty());
                }
            }
        }
        assert!(right > 10_000 && wrong > 10_000 && not_seen * 20 < right, "{right} {wrong} {not_seen}");
    }

    /// However long the segment is, and wherever its separators are.
    #[test]
    fn parts_are_those_between_separators() {
        let cut = |text: &[u8]| {
            let segment = Segment::new(text, Place::default(), Separators::CUSTOM);
            let mut parts = Parts::of(&segment)?;
            let mut all = Vec::new();
            while !parts.at_end() {
                let (part, ends_element) = parts.next().unwrap();
                all.push((part.to_vec(), ends_element));
            }
            (!parts.odd).then_some(all)
        };
        for length in 0..140 {
            for at in 0..=length {
                for byte in *b":*^~ \x1f\x7f\xc3" {
                    let mut text = vec![b'A'; length];
                    for place in [at, at.saturating_sub(17)] {
                        if let Some(place) = text.get_mut(place) {
                            *place = byte;
                        }
                    }
                    let plain = text.iter().all(|byte| (b' '..=b'~').contains(byte) && *byte != b'^');
                    let wanted = text.split(|&byte| byte == b'*').flat_map(|element| {
                        let parts: Vec<&[u8]> = element.split(|&byte| byte == b':').collect();
                        let count = parts.len();
                        parts.into_iter().enumerate().map(move |(at, part)| (part.to_vec(), at + 1 == count))
                    });
                    assert_eq!(cut(&text), plain.then(|| wanted.collect()), "{length} {at} {byte}");
                }
            }
        }
    }

    /// What asks of an element keeps in a byte.
    #[test]
    fn no_composite_has_more_components_than_are_counted() {
        let rules = Guide::all().flat_map(|guide| &guide.segments);
        let forms = rules.flat_map(|rule| &rule.elements).map(|element| &element.form);
        assert!(forms.clone().count() > 500);
        let counts = forms.filter_map(|form| match form {
            Form::Composite(components, _) => Some(components.len()),
            _ => None,
        });
        assert!(counts.clone().count() > 100 && counts.max().unwrap() < 63);
    }
}
