//! The structure check of a chunk, and to which claim what it finds belongs.
//!
//! What is wrong with a subscriber or patient belongs to the first claim under it; if there is none, and what is wrong
//! with the levels above or with the order of levels, to no claim. That is so however the input was cut into chunks: the segments that a chunk's
//! claims are under are checked again in it, and what they report is told there if no claim was under them before.

use super::claim::ClaimState;
use super::guide::{Issue, Memory, Transaction};
use super::head::Level;
use super::id::Id;
use super::segment::Segment;
use super::separators::Separators;
use crate::{ClaimBatch, Fault};

/// The structure check of a chunk under way.
#[derive(Default)]
pub(super) struct StructureCheck {
    transaction: Option<Transaction>,
    memory: Memory,
    issues: Vec<Issue>,
    /// What is wrong with the subscriber and the patient at hand and was not told.
    levels: Vec<(Level, Issue)>,
    /// The level at hand.
    level: Option<Level>,
    /// While segments are checked again: how many claims came before under the subscriber and under the level.
    again: Option<[u32; 2]>,
}

impl StructureCheck {
    /// Begins with segments that were checked in an earlier chunk; so many claims came before under the subscriber and
    /// under the level.
    pub(super) fn again(claims: [u32; 2], memory: Memory) -> StructureCheck {
        StructureCheck { again: Some(claims), memory, ..StructureCheck::default() }
    }

    /// Whether the segments now were checked in an earlier chunk.
    pub(super) fn is_again(&self) -> bool {
        self.again.is_some()
    }

    /// The chunk's own segments begin.
    pub(super) fn begin(&mut self) {
        if let (Some([_, claims]), Some(transaction)) = (self.again.take(), &mut self.transaction) {
            transaction.claims_before(claims, &mut self.memory);
        }
    }

    /// The next segments have these separators.
    #[inline]
    pub(super) fn prepare(&mut self, separators: Separators) {
        self.memory.prepare(separators);
    }

    /// A transaction set 837 begins, of this version.
    pub(super) fn begin_set(&mut self, version: &[u8], st: &Segment<'_>) {
        self.transaction = Transaction::begin(version, st, &mut self.memory);
        self.level = None;
    }

    /// A level begins; what is wrong with those that it ends, and is of no claim, is told.
    pub(super) fn begin_level(&mut self, level: Level, batch: &mut ClaimBatch) {
        let ended = self.levels.extract_if(.., |(own, _)| *own >= level);
        batch.outside.extend(ended.map(|(_, issue)| issue.outside()));
        self.level = Some(level);
    }

    /// Checks a segment above the claims.
    pub(super) fn of_header(&mut self, segment: &Segment<'_>, batch: &mut ClaimBatch) {
        let Some(transaction) = &mut self.transaction else { return };
        transaction.segment(segment, &mut self.memory, &mut self.issues);
        if self.issues.is_empty() {
            return;
        }
        // What an HL shows to be wrong is wrong with what is before it too: it is told where it is first seen.
        let level = self.level.filter(|_| segment.id != Id::HL);
        let level = level.filter(|level| *level >= Level::Subscriber);
        let before = match (self.again, level) {
            (Some([claims, _]), Some(Level::Subscriber)) => claims,
            (Some([_, claims]), Some(_)) => claims,
            _ => 0,
        };
        for issue in self.issues.drain(..) {
            match level {
                Some(level) if before == 0 => self.levels.push((level, issue)),
                None if self.again.is_none() => batch.outside.push(issue.outside()),
                _ => {}
            }
        }
    }

    /// Checks a segment of a claim, which was read already; `line` was open before.
    pub(super) fn of_claim(
        &mut self,
        segment: &Segment<'_>,
        claim: &ClaimState<'_>,
        line: Option<u32>,
        batch: &mut ClaimBatch,
    ) {
        let Some(transaction) = &mut self.transaction else { return };
        transaction.segment(segment, &mut self.memory, &mut self.issues);
        if self.levels.is_empty() && self.issues.is_empty() {
            return;
        }
        for (_, issue) in self.levels.drain(..) {
            claim.structure(batch, issue, None);
        }
        let after = claim.line(batch);
        for issue in self.issues.drain(..) {
            // What is missing, or does not add up, belongs to what was open before this segment.
            let earlier = issue.structure.fault == Fault::MissingSegment || issue.place != segment.place;
            claim.structure(batch, issue, if earlier { line } else { after });
        }
    }

    /// Ends a claim, which is whole; `next` begins what comes after it.
    pub(super) fn end_claim(
        &mut self,
        next: &Segment<'_>,
        claim: &ClaimState<'_>,
        line: Option<u32>,
        batch: &mut ClaimBatch,
    ) {
        let Some(transaction) = &mut self.transaction else { return };
        transaction.pause(next, &mut self.memory, &mut self.issues);
        for issue in self.issues.drain(..) {
            let of_line = issue.structure.in_loop.starts_with("24");
            claim.structure(batch, issue, line.filter(|_| of_line));
        }
    }

    /// The transaction set ends with its SE.
    pub(super) fn end_set(&mut self, se: &Segment<'_>, batch: &mut ClaimBatch) {
        if let Some(mut transaction) = self.transaction.take() {
            transaction.end(se, &mut self.memory, &mut self.issues);
            batch.outside.extend(self.issues.drain(..).map(Issue::outside));
        }
    }

    /// The transaction set at hand is left, with its SE or without.
    pub(super) fn leave_set(&mut self, batch: &mut ClaimBatch) {
        self.transaction = None;
        batch.outside.extend(self.levels.drain(..).map(|(_, issue)| issue.outside()));
    }

    /// The chunk ends. What is of no claim so far is found again in the next chunk, unless this is the `last`. Answers the
    /// memory for the next.
    pub(super) fn end(mut self, last: bool, batch: &mut ClaimBatch) -> Memory {
        if last {
            batch.outside.extend(self.levels.drain(..).map(|(_, issue)| issue.outside()));
        }
        self.memory
    }
}
