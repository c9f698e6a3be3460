//! Where in an 837 a claim's values stand: segment, loop and element.

use crate::{Field, Place};
use std::fmt;

/// The segment and element of an X12 transaction set that a value was read from.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Origin {
    /// Where the segment begins.
    pub place: Place,
    /// The loop of the implementation guide: `2300`, `2010BA`.
    pub loop_id: &'static str,
    /// The element; `None` for the segment as a whole.
    pub element: Option<ElementId>,
}

/// An element of a segment, written as the guides do: `SV101-2` is the second component of SV1's first element.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct ElementId {
    /// The segment's id, two or three characters; a shorter one has a space at its end.
    segment: [u8; 3],
    /// From 1.
    element: u8,
    /// From 1; 0 for the element as a whole.
    component: u8,
}

impl fmt::Display for ElementId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let id = std::str::from_utf8(&self.segment).unwrap_or("???").trim_end();
        write!(f, "{id}{:02}", self.element)?;
        if self.component > 0 { write!(f, "-{}", self.component) } else { Ok(()) }
    }
}

/// The origins of a batch's values. A few bytes a value, each in the order of its claims or lines.
#[derive(Clone, Default)]
pub(crate) struct Origins {
    segments: Vec<SegmentRow>,
    of_claims: Vec<Entry>,
    of_lines: Vec<Entry>,
}

#[derive(Clone, Copy)]
struct SegmentRow {
    place: Place,
    loop_id: &'static str,
    id: [u8; 3],
}

/// A value's element, or with `element` 0 the segment that a claim or line begins with.
#[derive(Clone, Copy)]
struct Entry {
    owner: u32,
    segment: u32,
    field: Field,
    element: u8,
    component: u8,
}

/// A segment that values are read from, as [`Origins`] numbers it.
#[derive(Clone, Copy)]
pub(crate) struct SegmentNumber(u32);

impl Origins {
    pub(crate) fn clear(&mut self) {
        self.segments.clear();
        self.of_claims.clear();
        self.of_lines.clear();
    }

    pub(crate) fn is_empty(&self) -> bool {
        self.segments.is_empty()
    }

    /// Adds a segment, its id with spaces at the end.
    #[inline]
    pub(crate) fn segment(&mut self, place: Place, loop_id: &'static str, id: [u8; 3]) -> SegmentNumber {
        self.segments.push(SegmentRow { place, loop_id, id });
        SegmentNumber((self.segments.len() - 1) as u32)
    }

    /// Where a segment begins.
    #[inline]
    pub(crate) fn place(&self, segment: SegmentNumber) -> Place {
        self.segments.get(segment.0 as usize).map_or_else(Place::default, |segment| segment.place)
    }

    /// Says where a claim's value stands; claims come in their order.
    #[inline]
    pub(crate) fn of_claim(&mut self, claim: u32, field: Field, segment: SegmentNumber, element: u8, component: u8) {
        self.of_claims.push(Entry { owner: claim, segment: segment.0, field, element, component });
    }

    /// Says where a line's value stands; lines come in their order.
    #[inline]
    pub(crate) fn of_line(&mut self, line: u32, field: Field, segment: SegmentNumber, element: u8, component: u8) {
        self.of_lines.push(Entry { owner: line, segment: segment.0, field, element, component });
    }

    /// Where a claim's field stands; the segment that begins the claim, if it was not given.
    pub(crate) fn find_of_claim(&self, claim: u32, field: Field) -> Option<Origin> {
        self.find(&self.of_claims, claim, field)
    }

    /// Where a code of a claim's field that may hold several stands; the field itself, if that is not known.
    pub(crate) fn find_item_of_claim(&self, claim: u32, field: Field, item: u32) -> Option<Origin> {
        let own = of(&self.of_claims, claim);
        let entry = own.iter().filter(|entry| entry.field == field && entry.element > 0).nth(item as usize);
        entry.map_or_else(|| self.find_of_claim(claim, field), |entry| self.at(entry))
    }

    /// Where a line's field stands; the segment that begins the line, if it was not given.
    pub(crate) fn find_of_line(&self, line: u32, field: Field) -> Option<Origin> {
        self.find(&self.of_lines, line, field)
    }

    fn find(&self, all: &[Entry], owner: u32, field: Field) -> Option<Origin> {
        let own = of(all, owner);
        let entry = own.iter().find(|entry| entry.field == field && entry.element > 0);
        self.at(entry.or_else(|| own.iter().find(|entry| entry.element == 0))?)
    }

    fn at(&self, entry: &Entry) -> Option<Origin> {
        let segment = self.segments.get(entry.segment as usize)?;
        let id = ElementId { segment: segment.id, element: entry.element, component: entry.component };
        let element = (entry.element > 0).then_some(id);
        Some(Origin { place: segment.place, loop_id: segment.loop_id, element })
    }
}

/// The entries of a claim or line.
fn of(all: &[Entry], owner: u32) -> &[Entry] {
    let own = all.get(all.partition_point(|entry| entry.owner < owner)..).unwrap_or_default();
    own.get(..own.partition_point(|entry| entry.owner == owner)).unwrap_or_default()
}
