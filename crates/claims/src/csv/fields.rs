//! The fields of one row.

use crate::values::trim;
use std::ops::Range;

/// Room for where the fields of a row begin, the first at 0, and the place after the last; and behind it, for they are
/// put there eight at a time.
pub(super) fn places_of(width: usize) -> Vec<usize> {
    vec![0; 1 + width + 8]
}

/// Where the fields of a row stand.
pub(super) struct Fields {
    /// Where they begin, counted from the row's start, and the place after the last one, each a byte beyond the end of
    /// the field before; and room behind, for they are put there eight at a time.
    pub(super) starts: Vec<usize>,
    width: usize,
}

impl Fields {
    /// Of rows of this many fields.
    pub(super) fn of(width: usize) -> Fields {
        Fields { starts: places_of(width), width }
    }

    /// The places after each field, to be filled.
    #[inline]
    pub(super) fn fill(&mut self) -> &mut [usize] {
        self.starts.get_mut(1..).unwrap_or_default()
    }

    /// Where the fields begin, and the place after the last.
    #[inline]
    fn starts(&self) -> &[usize] {
        self.starts.get(..=self.width).unwrap_or_default()
    }

    /// Where field `number` stands.
    #[inline]
    pub(super) fn range(&self, number: usize) -> Range<usize> {
        self.span(number, number)
    }

    /// Where each field stands.
    #[inline]
    pub(super) fn ranges(&self) -> impl Iterator<Item = Range<usize>> {
        let starts = self.starts();
        starts.iter().zip(starts.iter().skip(1)).map(|(&start, &next)| start..next.wrapping_sub(1))
    }

    /// Where the fields from one to another stand.
    #[inline]
    pub(super) fn span(&self, first: usize, last: usize) -> Range<usize> {
        match (self.starts.get(first), self.starts.get(last + 1)) {
            (Some(&start), Some(&next)) => start..next.wrapping_sub(1),
            _ => 0..0,
        }
    }

    /// Where the last field ends.
    #[inline]
    pub(super) fn end(&self) -> usize {
        self.range(self.width - 1).end
    }
}

/// A field's value, trimmed; when the row is `quoted`, a field may stand between quotes, with none doubled.
#[inline]
pub(super) fn value(bytes: &[u8], range: Range<usize>, quoted: bool) -> &[u8] {
    trim(&bytes[content(bytes, range, quoted)])
}

/// Where the content of a field stands; when the row is `quoted`, it may stand between quotes.
#[inline]
pub(super) fn content(bytes: &[u8], range: Range<usize>, quoted: bool) -> Range<usize> {
    if !quoted {
        return range;
    }
    match &bytes[range.clone()] {
        [b'"', .., b'"'] => range.start + 1..range.end - 1,
        _ => range,
    }
}
