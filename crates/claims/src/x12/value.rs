//! A value of a segment, with where it stands; and lists of values that come one by one.

use super::segment::{Segment, trimmed};
use crate::ClaimBatch;
use crate::Field;
use crate::origin::SegmentNumber;

/// A text that is not empty, and where it stands.
#[derive(Clone, Copy)]
pub(super) struct Value<'a> {
    pub(super) text: &'a [u8],
    pub(super) segment: SegmentNumber,
    pub(super) element: u8,
    pub(super) component: u8,
}

impl<'a> Value<'a> {
    /// Another text of the same element.
    pub(super) fn with(self, text: &'a [u8]) -> Value<'a> {
        Value { text, ..self }
    }
}

/// A segment whose values are being read.
#[derive(Clone, Copy)]
pub(super) struct Source<'s, 'a> {
    pub(super) segment: &'s Segment<'a>,
    number: SegmentNumber,
}

impl<'s, 'a> Source<'s, 'a> {
    /// The segment, which stands in this loop.
    #[inline]
    pub(super) fn new(segment: &'s Segment<'a>, loop_id: &'static str, batch: &mut ClaimBatch) -> Source<'s, 'a> {
        let id = segment.id.characters().unwrap_or_else(|| beginning(segment.element(0)));
        Source { segment, number: batch.origins.segment(segment.place, loop_id, id) }
    }

    /// The number of the segment in the batch's origins.
    pub(super) fn number(&self) -> SegmentNumber {
        self.number
    }

    /// A text that stands in an element, or in one of its components; `None` when there is nothing.
    #[inline]
    pub(super) fn of(&self, text: &'a [u8], element: u8, component: u8) -> Option<Value<'a>> {
        let text = trimmed(text);
        (!text.is_empty()).then_some(Value { text, segment: self.number, element, component })
    }

    /// The element at `n`, from 1.
    #[inline]
    pub(super) fn element(&self, n: u8) -> Option<Value<'a>> {
        self.of(self.segment.element(n.into()), n, 0)
    }

    /// The first components of the element at `n`, from 1; of its first repetition, if it is repeated.
    #[inline]
    pub(super) fn components<const N: usize>(&self, n: u8) -> [&'a [u8]; N] {
        self.segment.components(n.into())
    }

    /// The component at `m` of the element at `n`, both from 1.
    #[inline]
    pub(super) fn component(&self, n: u8, m: u8) -> Option<Value<'a>> {
        self.of(self.segment.component(n.into(), m.into()), n, m)
    }
}

/// The first three characters of what is no id, with spaces where there are fewer.
#[cold]
fn beginning(id: &[u8]) -> [u8; 3] {
    let mut characters = [b' '; 3];
    characters.iter_mut().zip(id).for_each(|(character, &byte)| *character = byte);
    characters
}

/// Whether a value is UTF-8; nearly every one is ASCII, which is sooner seen.
#[inline]
pub(super) fn is_text(text: &[u8]) -> bool {
    is_short_ascii(text) || std::str::from_utf8(text).is_ok()
}

/// Whether a text of at most 16 bytes, which nearly every value is, is ASCII: its first bytes and its last are looked at,
/// which may overlap.
#[inline]
fn is_short_ascii(text: &[u8]) -> bool {
    const TOP: u64 = 0x8080_8080_8080_8080;
    if let (Some(first), Some(last)) = (text.first_chunk(), text.last_chunk()) {
        let both = u64::from_le_bytes(*first) | u64::from_le_bytes(*last);
        return text.len() <= 16 && both & TOP == 0;
    }
    if let (Some(first), Some(last)) = (text.first_chunk(), text.last_chunk()) {
        return (u32::from_le_bytes(*first) | u32::from_le_bytes(*last)) & TOP as u32 == 0;
    }
    text.iter().fold(0, |all, byte| all | byte) < 0x80
}

/// The lists of a claim or a line, of which few have any.
#[derive(Default)]
pub(super) struct Lists<'a>(Vec<(Field, List<'a>)>);

impl<'a> Lists<'a> {
    /// Adds an item made of these parts, which begins at `value`, to the list of this field.
    pub(super) fn push(&mut self, field: Field, parts: &[&[u8]], value: Value<'a>) {
        let at = self.0.iter().position(|(own, _)| *own == field).unwrap_or(self.0.len());
        if at == self.0.len() {
            self.0.push((field, List::default()));
        }
        if let Some((_, list)) = self.0.get_mut(at) {
            list.push(joint(field), parts, value);
        }
    }

    /// The list of a field.
    pub(super) fn of(&mut self, field: Field) -> Option<&mut List<'a>> {
        self.0.iter_mut().find(|(own, _)| *own == field).map(|(_, list)| list)
    }

    /// Whether there are none.
    #[inline]
    pub(super) fn is_empty(&self) -> bool {
        self.0.is_empty()
    }
}

/// Items of one field that come one by one.
#[derive(Default)]
pub(super) struct List<'a> {
    text: Vec<u8>,
    first: Option<Value<'a>>,
    count: usize,
}

impl<'a> List<'a> {
    /// Adds an item made of these parts, which begins at `value`.
    pub(super) fn push(&mut self, separator: u8, parts: &[&[u8]], value: Value<'a>) {
        if self.first.is_some() {
            self.text.push(separator);
        }
        self.first.get_or_insert(value);
        self.count += 1;
        parts.iter().for_each(|part| self.text.extend_from_slice(part));
    }

    /// How many items there are.
    pub(super) fn count(&self) -> usize {
        self.count
    }

    /// The items as one text, and where the first stands.
    pub(super) fn take(&mut self) -> Option<(&[u8], Value<'a>)> {
        self.first.take().map(|first| (self.text.as_slice(), first))
    }
}

/// How the items of a field's list are joined: a note reads on.
pub(super) fn joint(field: Field) -> u8 {
    if matches!(field, Field::Note | Field::ClaimNote) { b' ' } else { b':' }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_text_is_utf_8_wherever_it_is_not_ascii() {
        for length in 0..40 {
            let plain = vec![b'A'; length];
            assert!(is_text(&plain));
            assert_eq!(is_short_ascii(&plain), length <= 16);
            for at in 0..length {
                let mut text = plain.clone();
                text[at] = 0x80;
                assert!(!is_text(&text), "{length} {at}");
                text.splice(at..=at, "\u{e9}".bytes());
                assert!(is_text(&text), "{length} {at}");
            }
        }
    }
}
