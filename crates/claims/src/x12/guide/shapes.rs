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

/// How many shapes are kept: a file has some hundred, unless names and addresses of every length stand in it.
const SETS: usize = 512;
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
        Shapes { sets: Vec::new(), component: u8x16::splat(component), repetition }
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

    /// Keeps the shape of a segment that is right by this rule at a glance, and had none.
    pub(super) fn keep(&mut self, rule: &'static SegmentRule, segment: &Segment<'_>) {
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
            Look::Period if *format == b"D8" => self.date(text, at),
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
