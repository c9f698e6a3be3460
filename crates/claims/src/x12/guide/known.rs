//! Segments whose elements were found right before.
//!
//! Most segments of a file stand in it again and again: dates, providers, addresses, line numbers. Whether the elements of
//! one are right hangs on its rule, its bytes and the separators alone, so what was checked once is only compared.

use super::rules::SegmentRule;
use crate::x12::segment::Segment;
use crate::x12::separators::Separators;

/// How many segments are remembered: as many as stay in a core's second-level cache.
const SLOTS: usize = 1024;
/// The longest segment that is remembered, so that a slot is a cache line.
const LONGEST: usize = 55;

/// Segments that were right, each in the one place that its bytes give it.
pub(super) struct Known {
    slots: Vec<Slot>,
    separators: Separators,
}

#[derive(Clone)]
struct Slot {
    /// Where its rule is: rules are never moved.
    rule: usize,
    length: u8,
    bytes: [u8; LONGEST],
}

impl Default for Known {
    fn default() -> Known {
        Known { slots: Vec::new(), separators: Separators::CUSTOM }
    }
}

impl Known {
    /// Whether a segment was right by this rule.
    #[inline]
    pub(super) fn has(&mut self, rule: &'static SegmentRule, segment: &Segment<'_>) -> bool {
        if self.separators != segment.separators {
            self.separators = segment.separators;
            self.slots.clear();
        }
        let slot = place(segment.bytes).and_then(|place| self.slots.get(place));
        slot.is_some_and(|slot| {
            slot.rule == address(rule) && slot.bytes.get(..usize::from(slot.length)) == Some(segment.bytes)
        })
    }

    /// Remembers a segment that is right by this rule.
    pub(super) fn keep(&mut self, rule: &'static SegmentRule, segment: &Segment<'_>) {
        let Some(place) = place(segment.bytes) else { return };
        if self.slots.is_empty() {
            self.slots.resize(SLOTS, Slot { rule: 0, length: 0, bytes: [0; LONGEST] });
        }
        if let Some(slot) = self.slots.get_mut(place) {
            (slot.rule, slot.length) = (address(rule), segment.bytes.len() as u8);
            if let Some(bytes) = slot.bytes.get_mut(..segment.bytes.len()) {
                bytes.copy_from_slice(segment.bytes);
            }
        }
    }
}

fn address(rule: &'static SegmentRule) -> usize {
    std::ptr::from_ref(rule) as usize
}

/// The place of a segment with these bytes; `None` if it is too long, or too short to be worth it.
#[inline]
fn place(bytes: &[u8]) -> Option<usize> {
    if bytes.len() > LONGEST {
        return None;
    }
    let (first, last) = (bytes.first_chunk::<4>()?, bytes.last_chunk::<8>().or(bytes.first_chunk::<8>()));
    let first = u64::from(u32::from_le_bytes(*first));
    let last = last.map_or_else(|| u64::from(*bytes.last().unwrap_or(&0)), |last| u64::from_le_bytes(*last));
    let mixed = (last ^ first.rotate_left(40) ^ bytes.len() as u64).wrapping_mul(0x9e37_79b9_7f4a_7c15);
    Some((mixed >> 54) as usize)
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;
    use crate::Place;
    use crate::x12::guide::Guide;

    #[test]
    fn only_the_same_bytes_by_the_same_rule_and_separators_are_known() {
        let guide = Guide::of(b"005010X222A1").unwrap();
        let [one, other] = [0, 1].map(|at| guide.segment(at).unwrap());
        let segment = |bytes: &'static str, separators| Segment::new(bytes.as_bytes(), Place::default(), separators);
        let mut known = Known::default();
        for text in ["LX*1", "DTP*472*D8*20240105", "N3*1 MAIN STREET*AND MUCH MORE THAN A SLOT OF THE MEMORY CAN HOLD"]
        {
            let segment = segment(text, Separators::CUSTOM);
            assert!(!known.has(one, &segment));
            known.keep(one, &segment);
            assert_eq!(known.has(one, &segment), text.len() <= LONGEST);
            assert!(!known.has(other, &segment));
        }
        assert!(!known.has(one, &segment("DTP*472*D8*20240106", Separators::CUSTOM)));
        assert!(!known.has(one, &segment("DTP*472*D8*2024010", Separators::CUSTOM)));
        let changed = Separators { component: b'>', ..Separators::CUSTOM };
        assert!(!known.has(one, &segment("LX*1", changed)));
        assert!(!known.has(one, &segment("LX*1", Separators::CUSTOM)), "all was forgotten");
    }
}
