//! One transaction set against its guide.

use super::balance::Balance;
use super::hierarchy::Hierarchy;
use super::situation::Situation;
use super::walk::Checker;
use super::{Guide, Issue};
use crate::Place;
use crate::x12::segment::Segment;

/// Checks one 837 transaction set, segment by segment.
///
/// It can begin in the middle of one: feed the ST and the segments that opened the loops around that point, and throw
/// away what they report ([`Transaction::replay`]).
#[derive(Clone)]
pub(crate) struct Transaction {
    guide: &'static Guide,
    /// The number of the ST in the input.
    first: u64,
    walk: Checker,
    hierarchy: Hierarchy,
    balance: Balance,
    situation: Situation,
}

impl Transaction {
    /// A check that begins with this ST, by the guide of this version (ST03, or GS08 where that is missing). `None` for
    /// versions of which no guide is known.
    pub(crate) fn begin(version: &[u8], st: &Segment<'_>) -> Option<Transaction> {
        let guide = Guide::of(version)?;
        Some(Transaction {
            guide,
            first: st.place.row,
            walk: Checker::new(guide),
            hierarchy: Hierarchy::default(),
            balance: Balance::default(),
            situation: Situation::default(),
        })
    }

    /// The place of a segment in the transaction set, the ST being 1.
    pub(crate) fn position(&self, place: Place) -> u32 {
        u32::try_from(place.row.saturating_sub(self.first) + 1).unwrap_or(u32::MAX)
    }

    /// Checks the next segment: any between ST and SE.
    pub(crate) fn segment(&mut self, segment: &Segment<'_>, issues: &mut Vec<Issue>) {
        let position = self.position(segment.place);
        let id = segment.id();
        if matches!(id, b"CLM" | b"HL") {
            self.end_claim(issues);
        }
        let placed = self.walk.segment(segment, position, issues);
        let Some(at) = placed else { return };
        if id == b"HL" {
            self.hierarchy.level(segment, at, issues);
        }
        self.balance.segment(id, at.in_loop, segment, position, issues);
        self.situation.segment(self.guide.version, at.in_loop, segment, position, issues);
    }

    /// Feeds a segment that was checked elsewhere.
    pub(crate) fn replay(&mut self, segment: &Segment<'_>, scratch: &mut Vec<Issue>) {
        let before = scratch.len();
        self.segment(segment, scratch);
        scratch.truncate(before);
    }

    /// What a claim leaves open is judged.
    fn end_claim(&mut self, issues: &mut Vec<Issue>) {
        self.balance.end(issues);
        self.situation.end_claim(self.guide.version, issues);
    }

    /// The part that is checked here ends with a claim; `next` is the segment after it.
    pub(crate) fn pause(&mut self, next: &Segment<'_>, issues: &mut Vec<Issue>) {
        self.end_claim(issues);
        let position = self.position(next.place);
        self.walk.end_claim(next, position, issues);
    }

    /// The transaction set ends; `end` is its SE, or what stands where that should be.
    pub(crate) fn end(&mut self, end: &Segment<'_>, issues: &mut Vec<Issue>) {
        self.end_claim(issues);
        let position = self.position(end.place);
        self.walk.end(end, position, issues);
        self.hierarchy.end(issues);
    }
}
