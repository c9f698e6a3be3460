//! Shapes of segments whose elements were found right before.
//!
//! Whether the elements of a segment are right hangs on where its separators are, on its codes and dates, and on the kinds
//! of characters elsewhere. Most segments differ from one before in nothing that matters: another amount of as many digits,
//! another name as long. So a segment that was right is kept as a *shape*, the least and the most that each of its bytes
//! may be, and the next of the same outline is compared with it sixteen bytes at a time.

use super::element::is_date;
use super::glance::{Ask, Look};
use super::rules::SegmentRule;
use crate::blocks::{BLOCK, first};
use crate::x12::segment::Segment;
use crate::x12::separators::Separators;
use wide::u8x16;

/// How many places there are for shapes: a file has some hundred shapes, unless names and addresses of every length stand
/// in it.
const SETS: usize = 256;
/// How many of them may have one place: codes differ where all else is alike.
const WAYS: usize = 4;
/// How many bytes are compared at once.
const PART: usize = 16;

/// Shapes, each in the place that its outline and its rule give it, the newest first.
pub(super) struct Shapes {
    sets: Vec<[Shape; WAYS]>,
    /// What is no part of text.
    component: u8x16,
    repetition: u8x16,
    /// How many segments were of none.
    missed: u32,
}

/// What a segment may be, so that it is right by a rule.
#[derive(Clone, Default)]
#[repr(align(64))]
struct Shape {
    outline: u64,
    /// Where the rule stands.
    rule: usize,
    /// Where dates of eight digits begin; 0 for none.
    dates: [u8; 2],
    /// The least and the most that each byte may be. Where both are the same, that may be a separator.
    bounds: [[[u8; PART]; 2]; BLOCK / PART],
}

impl Shapes {
    /// No shapes, of segments with these separators.
    pub(super) fn of(separators: Separators) -> Shapes {
        let Separators { component, repetition, .. } = separators;
        let repetition = u8x16::splat(repetition.unwrap_or(component));
        Shapes { sets: Vec::new(), component: u8x16::splat(component), repetition, missed: 0 }
    }

    /// Forgets all: segments have these separators now.
    pub(super) fn forget(&mut self, separators: Separators) {
        let mut sets = std::mem::take(&mut self.sets);
        sets.clear();
        *self = Shapes { sets, ..Shapes::of(separators) };
    }

    /// Whether the segment is of a shape that was right by this rule.
    #[inline]
    pub(super) fn has(&self, rule: &'static SegmentRule, segment: &Segment<'_>) -> bool {
        let Some(block) = segment.ahead() else { return false };
        let (outline, rule) = (segment.outline(), std::ptr::from_ref(rule) as usize);
        let Some(set) = self.sets.get(place(outline, rule)) else { return false };
        let is_of =
            |shape: &Shape| shape.outline == outline && shape.rule == rule && self.agrees(shape, segment, block);
        set.iter().any(is_of)
    }

    /// Whether a segment of the same outline is of this shape.
    #[inline]
    fn agrees(&self, shape: &Shape, segment: &Segment<'_>, block: &[u8; BLOCK]) -> bool {
        let right = |part: usize| {
            let bytes = u8x16::new(block.as_chunks::<PART>().0[part]);
            let [least, most] = shape.bounds[part].map(u8x16::new);
            let (within, fixed) = (bytes.max(least).min(most).simd_eq(bytes), least.simd_eq(most));
            let separates = bytes.simd_eq(self.component) | bytes.simd_eq(self.repetition);
            u64::from((within & (fixed | !separates)).to_bitmask()) << (PART * part)
        };
        let length = segment.bytes.len();
        let mut bits = right(0) | right(1);
        if length > 2 * PART {
            bits |= right(2) | right(3);
        }
        bits & first(length) == first(length)
            && (shape.dates == [0; 2] || shape.dates.iter().all(|&at| at == 0 || has_date(segment.bytes, at.into())))
    }

    /// Keeps the shape of a segment that is right by this rule at a glance and had none, once in four times or so: what comes
    /// often comes again soon, and names of every length, each of them seldom, are not to drive it out.
    pub(super) fn learn(&mut self, rule: &'static SegmentRule, segment: &Segment<'_>) {
        self.missed = self.missed.wrapping_add(1);
        // Multiples of such a number do not keep step with the segments of a claim.
        if self.missed.wrapping_mul(0x9e37_79b9) >> 30 == 0 {
            self.keep(rule, segment);
        }
    }

    /// Keeps the shape of a segment that is right.
    fn keep(&mut self, rule: &'static SegmentRule, segment: &Segment<'_>) {
        let Some(shape) = Shape::new(rule, segment) else { return };
        if self.sets.is_empty() {
            self.sets.resize(SETS, Default::default());
        }
        if let Some(set) = self.sets.get_mut(place(shape.outline, shape.rule)) {
            set.rotate_right(1);
            set[0] = shape;
        }
    }
}

impl Shape {
    /// The shape of a segment; none of a long one.
    fn new(rule: &'static SegmentRule, segment: &Segment<'_>) -> Option<Shape> {
        let outline = segment.outline();
        if outline == 0 {
            return None;
        }
        let place = std::ptr::from_ref(rule) as usize;
        let mut shape = Shape { outline, rule: place, ..Shape::default() };
        // Until more is known of it, each byte is to be as it is.
        segment.bytes.iter().enumerate().for_each(|(at, &byte)| shape.bound(at, byte, byte));
        let mut asked = rule.asked.elements();
        let (mut at, mut format) = (segment.element(0).len(), &[][..]);
        for element in segment.each_element().skip(1) {
            at += 1;
            let (ask, components) = asked.next()?;
            if components.is_empty() {
                shape.part(ask, element, at, &mut format);
                at += element.len();
                continue;
            }
            let separator = segment.separators.component;
            for (component, ask) in element.split(|&byte| byte == separator).zip(components) {
                shape.part(ask, component, at, &mut format);
                at += component.len() + 1;
            }
            // No separator stands behind the last.
            at -= 1;
        }
        Some(shape)
    }

    fn bound(&mut self, at: usize, least: u8, most: u8) {
        if let Some([low, high]) = self.bounds.get_mut(at / PART) {
            (low[at % PART], high[at % PART]) = (least, most);
        }
    }

    /// Takes what is asked of an element or component that begins at `at`; `format` is the last data element 1250.
    fn part<'s>(&mut self, ask: &Ask, text: &'s [u8], at: usize, format: &mut &'s [u8]) {
        match ask.look() {
            _ if ask.has_codes() => self.code(ask, text, at),
            Look::Text => (at..at + text.len()).for_each(|at| self.bound(at, b' ', b'~')),
            Look::Whole | Look::Decimal => self.digits(text, at),
            Look::Date if text.len() == 8 => self.date(text, at),
            Look::Period if *format == b"D8" && text.len() == 8 => self.date(text, at),
            Look::Period if *format == b"RD8" && text.len() == 17 => {
                self.date(&text[..8], at);
                self.date(&text[9..], at + 9);
            }
            _ => {}
        }
        if matches!(ask.look(), Look::Format) {
            *format = text;
        }
    }

    /// A code of one character may be one that follows on it in the list: a pointer at another diagnosis.
    fn code(&mut self, ask: &Ask, text: &[u8], at: usize) {
        if let &[code] = text {
            let least = (0..code).rev().take_while(|&code| ask.has_code(code)).last();
            let most = (code..u8::MAX).skip(1).take_while(|&code| ask.has_code(code)).last();
            self.bound(at, least.unwrap_or(code), most.unwrap_or(code));
        }
    }

    /// Digits may be others; a point or sign stays where it is.
    fn digits(&mut self, text: &[u8], at: usize) {
        for (_, at) in text.iter().zip(at..).filter(|(byte, _)| byte.is_ascii_digit()) {
            self.bound(at, b'0', b'9');
        }
    }

    fn date(&mut self, text: &[u8], at: usize) {
        if let Some(free) = self.dates.iter_mut().find(|free| **free == 0) {
            *free = at as u8;
            self.digits(text, at);
        }
    }
}

#[inline]
fn has_date(bytes: &[u8], at: usize) -> bool {
    bytes.get(at..at + 8).is_some_and(is_date)
}

/// The place of a shape.
#[inline]
fn place(outline: u64, rule: usize) -> usize {
    let mixed = (outline ^ (rule as u64).rotate_left(40)).wrapping_mul(0x9e37_79b9_7f4a_7c15);
    (mixed >> (u64::BITS - SETS.ilog2())) as usize
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;
    use crate::Place;
    use crate::x12::guide::glance::{is_right, tests::Random};
    use crate::x12::guide::walk::of_segment;
    use crate::x12::guide::{Guide, element};
    use crate::x12::id::Id;
    use crate::x12::segments::Segments;

    /// The segment, with as much behind it as makes a block.
    fn behind(text: &[u8]) -> Vec<u8> {
        [text, b"~", &[b':'; BLOCK]].concat()
    }

    /// The one segment of these bytes.
    fn segment(whole: &[u8], separators: Separators) -> Segment<'_> {
        let mut segment = Segments::new(whole, Place::default(), separators, true).next().unwrap();
        // Whatever a CLM made of them.
        segment.separators = separators;
        segment
    }

    /// Whatever else stands in a segment of a known shape.
    #[test]
    fn what_is_of_a_shape_is_right() {
        let mut random = Random(3);
        let (mut known, mut changed, mut wrong) = (0, 0, 0);
        for guide in Guide::all() {
            for rule in guide.segments.iter().filter(|rule| rule.id != "ISA") {
                let mut shapes = Shapes::of(Separators::CUSTOM);
                for _ in 0..60 {
                    let (text, separators) = random.segment(rule);
                    if shapes.component != u8x16::splat(separators.component)
                        || shapes.repetition != u8x16::splat(separators.repetition.unwrap_or(separators.component))
                    {
                        shapes = Shapes::of(separators);
                    }
                    let whole = behind(text.as_bytes());
                    let own = segment(&whole, separators);
                    if !is_right(rule, &own) {
                        assert!(!shapes.has(rule, &own));
                        continue;
                    }
                    shapes.keep(rule, &own);
                    assert_eq!(shapes.has(rule, &own), text.len() < BLOCK, "{text}");
                    known += usize::from(text.len() < BLOCK);
                    for at in rule.id.len()..text.len() {
                        let mut other = text.clone().into_bytes();
                        other[at] = b"0123456789AXZ.-:^* \x1f\x7f\xc3"[random.below(22)];
                        let whole = behind(&other);
                        let other = segment(&whole, separators);
                        let mut issues = Vec::new();
                        element::check(rule, &other, || of_segment(&other, rule, 1), &mut issues);
                        let has = shapes.has(rule, &other);
                        assert!(!has || issues.is_empty(), "{text} {other:?} {issues:?}", other = other.bytes);
                        changed += usize::from(has);
                        wrong += usize::from(!issues.is_empty());
                    }
                }
            }
        }
        assert!(known > 5_000 && changed > 20_000 && wrong > 50_000, "{known} {changed} {wrong}");
    }

    #[test]
    fn a_shape_is_another_amount_name_or_day_and_no_other_code() {
        let guide = Guide::of(b"005010X222A1").unwrap();
        let has = |known: &str, other: &str| {
            let wholes = [known, other].map(|text| behind(text.as_bytes()));
            let [known, other] = [0, 1].map(|at| segment(&wholes[at], Separators::CUSTOM));
            let mut rules = guide.segments.iter().filter(|rule| Id::new(rule.id.as_bytes()) == known.id);
            let rule = rules.find(|rule| is_right(rule, &known)).unwrap();
            let mut shapes = Shapes::of(Separators::CUSTOM);
            shapes.keep(rule, &known);
            shapes.has(rule, &other)
        };
        for (known, other) in [
            ("SV1*HC:99213:25*125.50*UN*1***1:2", "SV1*HC:J0696:GA*999.00*UN*9***9:8"),
            ("NM1*IL*1*DOE*JO****MI*M1", "NM1*IL*1*ROE*PA****MI*7 "),
            ("DTP*472*D8*20240131", "DTP*472*D8*20251201"),
            ("DTP*472*RD8*20240131-20240201", "DTP*472*RD8*20240229-20251201"),
            ("DMG*D8*19700423*M", "DMG*D8*19801231*M"),
        ] {
            assert!(has(known, other), "{known} {other}");
        }
        for (known, other) in [
            ("SV1*HC:99213:25*125.50*UN*1***1:2", "SV1*HC:99213:25*12550.*UN*1***1:2"),
            ("SV1*HC:99213:25*125.50*UN*1***1:2", "SV1*HC:99213:25*125.50*UN*1***0:2"),
            ("SV1*HC:99213:25*125.50*UN*1***1:2", "SV1*HC:99213:2:*125.50*UN*1***1:2"),
            ("SV1*HC:99213:25*125.50*UN*1***1:2", "SV1*HC:99213:25*125.50*UX*1***1:2"),
            ("NM1*IL*1*DOE*JO****MI*M1", "NM1*IL*1*D:E*JO****MI*M1"),
            ("NM1*IL*1*DOE*JO****MI*M1", "NM1*IL*1*D^E*JO****MI*M1"),
            ("NM1*IL*1*DOE*JO****MI*M1", "NM1*IL*1*D\u{e9}*JO****MI*M1"),
            ("NM1*IL*1*DOE*JO****MI*M1", "NM1*IL*1*DOE*JOE****MI*M1"),
            ("DTP*472*D8*20240131", "DTP*472*D8*20240230"),
            ("DTP*472*RD8*20240131-20240201", "DTP*472*RD8*20240131-20240230"),
            ("DTP*472*RD8*20240131-20240201", "DTP*472*RD8*20240131920240201"),
            ("DMG*D8*19700423*M", "DMG*D8*19700423*X"),
        ] {
            assert!(!has(known, other), "{known} {other}");
        }
    }

    /// Segments of one outline may have different codes.
    #[test]
    fn segments_of_one_outline_do_not_drive_each_other_out() {
        let guide = Guide::of(b"005010X222A1").unwrap();
        let rule = guide.segments.iter().find(|rule| rule.id == "DMG").unwrap();
        let mut shapes = Shapes::of(Separators::CUSTOM);
        let wholes = ["M", "F", "U"].map(|sex| behind(format!("DMG*D8*19700423*{sex}").as_bytes()));
        wholes.iter().for_each(|whole| shapes.keep(rule, &segment(whole, Separators::CUSTOM)));
        assert!(wholes.iter().all(|whole| shapes.has(rule, &segment(whole, Separators::CUSTOM))));
        assert!(
            guide
                .segments
                .iter()
                .filter(|other| !std::ptr::eq(*other, rule))
                .all(|other| { !shapes.has(other, &segment(&wholes[0], Separators::CUSTOM)) })
        );
    }
}
