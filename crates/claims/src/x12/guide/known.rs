//! Segments whose elements were found right before.
//!
//! Most segments of a file stand in it again and again: dates, providers, addresses, line numbers. Whether the elements of
//! one are right hangs on what its guide says of them, its bytes and the separators alone, so what was checked once is only
//! compared. Its sign is kept with it.

use super::Guide;
use super::rules::SegmentRule;
use super::table::Sign;
use crate::x12::segment::Segment;
use crate::x12::separators::Separators;

/// How many segments are remembered: as many as stay in a core's second-level cache.
const SLOTS: usize = 1024;
/// The longest segment that is remembered, so that a slot is a cache line.
const LONGEST: usize = 47;

/// Segments that were right, each in the one place that its bytes give it.
pub(super) struct Known {
    slots: Vec<Slot>,
    separators: Separators,
    guide: Option<&'static Guide>,
}

/// What is known of a segment.
#[derive(Clone, Copy)]
pub(super) struct Of {
    pub(super) sign: Option<Sign>,
    /// Where what its guide says of its elements stands.
    text: usize,
}

impl Of {
    pub(super) fn new(rule: &SegmentRule, sign: Option<Sign>) -> Of {
        Of { sign, text: rule.text.as_ptr() as usize }
    }

    /// Whether its elements are right by this rule.
    #[inline]
    pub(super) fn is_right(self, rule: &SegmentRule) -> bool {
        self.text == rule.text.as_ptr() as usize
    }
}

#[derive(Clone)]
struct Slot {
    of: Of,
    length: u8,
    bytes: [u8; LONGEST],
}

impl Default for Known {
    fn default() -> Known {
        Known { slots: Vec::new(), separators: Separators::CUSTOM, guide: None }
    }
}

impl Known {
    /// What is known of a segment by this guide.
    #[inline]
    pub(super) fn of(&mut self, segment: &Segment<'_>, guide: &'static Guide) -> Option<Of> {
        if self.separators != segment.separators || !self.guide.is_some_and(|own| std::ptr::eq(own, guide)) {
            (self.separators, self.guide) = (segment.separators, Some(guide));
            self.slots.clear();
        }
        let slot = self.slots.get(place(segment.bytes)?)?;
        (slot.bytes.get(..usize::from(slot.length)) == Some(segment.bytes)).then_some(slot.of)
    }

    /// Remembers a segment, of which [`Known::of`] knew less.
    pub(super) fn keep(&mut self, segment: &Segment<'_>, of: Of) {
        let Some(place) = place(segment.bytes) else { return };
        if self.slots.is_empty() {
            self.slots.resize(SLOTS, Slot { of: Of { sign: None, text: 0 }, length: 0, bytes: [0; LONGEST] });
        }
        if let Some(slot) = self.slots.get_mut(place) {
            (slot.of, slot.length) = (of, segment.bytes.len() as u8);
            if let Some(bytes) = slot.bytes.get_mut(..segment.bytes.len()) {
                bytes.copy_from_slice(segment.bytes);
            }
        }
    }
}

/// The place of a segment with these bytes; `None` if it is too long.
#[inline]
fn place(bytes: &[u8]) -> Option<usize> {
    if bytes.len() > LONGEST {
        return None;
    }
    let number = |bytes: &[u8; 8]| u64::from_le_bytes(*bytes);
    let mixed = match (bytes.first_chunk(), bytes.last_chunk()) {
        (Some(first), Some(last)) => {
            // Where a segment begins tells least of it: its id and its qualifier.
            let middle = bytes.get((bytes.len() - 8) / 2..)?.first_chunk()?;
            number(first).rotate_left(21) ^ number(last) ^ number(middle).rotate_left(43)
        }
        _ => bytes.iter().fold(0, |all, &byte| all << 8 | u64::from(byte)),
    };
    Some(((mixed ^ bytes.len() as u64).wrapping_mul(0x9e37_79b9_7f4a_7c15) >> 54) as usize)
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;
    use crate::Place;
    use crate::x12::guide::Guide;

    #[test]
    fn only_the_same_bytes_by_the_same_guide_and_separators_are_known() {
        let [guide, other] = [&b"005010X222A1"[..], b"005010X223A2"].map(|version| Guide::of(version).unwrap());
        let rules = [0, 1].map(|at| guide.segment(at).unwrap());
        let segment = |bytes: &'static str, separators| Segment::new(bytes.as_bytes(), Place::default(), separators);
        let mut known = Known::default();
        for text in ["LX*1", "DTP*472*D8*20240105", "N3*1 MAIN STREET*AND MUCH MORE THAN A SLOT HAS ROOM FOR"] {
            let segment = segment(text, Separators::CUSTOM);
            assert!(known.of(&segment, guide).is_none());
            known.keep(&segment, Of::new(rules[0], guide.sign(&segment)));
            let of = known.of(&segment, guide);
            assert_eq!(of.is_some(), text.len() <= LONGEST);
            assert!(of.is_none_or(|of| of.is_right(rules[0]) && !of.is_right(rules[1])));
            assert!(of.is_none_or(|of| of.sign == guide.sign(&segment)));
        }
        for text in ["DTP*472*D8*20240106", "DTP*472*D8*2024010"] {
            assert!(known.of(&segment(text, Separators::CUSTOM), guide).is_none());
        }
        assert!(known.of(&segment("LX*1", Separators::CUSTOM), guide).is_some());
        let changed = Separators { component: b'>', ..Separators::CUSTOM };
        assert!(known.of(&segment("LX*1", changed), guide).is_none());
        let line = segment("LX*1", Separators::CUSTOM);
        assert!(known.of(&line, guide).is_none(), "all was forgotten");
        known.keep(&line, Of::new(rules[0], guide.sign(&line)));
        assert!(known.of(&line, other).is_none());
    }

    /// Segments of one kind differ in a few bytes: the number of a line, a state in the middle, a day at the end.
    #[test]
    fn segments_that_are_alike_do_not_drive_each_other_out() {
        let places = |texts: &[String]| {
            let all: std::collections::HashSet<_> = texts.iter().map(|text| place(text.as_bytes()).unwrap()).collect();
            all.len() * 10 >= texts.len() * 9
        };
        let states = ["CA", "NY", "TX", "OH", "FL", "AZ", "HI", "PR", "WA", "IL"];
        assert!(places(&(1..=50).map(|line| format!("LX*{line}")).collect::<Vec<_>>()));
        assert!(places(&states.map(|state| format!("N4*ANYTOWN*{state}*123450000"))));
        assert!(places(&(10..=28).map(|day| format!("DTP*472*D8*202401{day}")).collect::<Vec<_>>()));
        assert!(places(&["CI", "MB", "MC", "BL", "HM"].map(|filing| format!("SBR*P*18*******{filing}"))));
    }

    #[test]
    fn rules_that_say_the_same_are_told_by_one_text() {
        let guide = Guide::of(b"005010X222A1").unwrap();
        let streets: Vec<&SegmentRule> = guide.segments.iter().filter(|rule| rule.id == "N3").collect();
        assert!(streets.len() > 3);
        assert!(streets.iter().all(|rule| Of::new(rule, None).is_right(streets[0])));
        let names: Vec<&SegmentRule> = guide.segments.iter().filter(|rule| rule.id == "NM1").collect();
        assert!(names.iter().skip(1).any(|rule| !Of::new(rule, None).is_right(names[0])));
    }
}
