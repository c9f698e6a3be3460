//! One transaction set against its guide.

use super::balance::Balance;
use super::hierarchy::{self, Hierarchy, Lines};
use super::rules::SegmentRule;
use super::situation::Situation;
use super::steps::At;
use super::table::Sign;
use super::walk::{Checker, of_segment};
use super::{Guide, Issue, Memory};
use crate::x12::head::Level;
use crate::x12::id::Id;
use crate::x12::segment::Segment;
use crate::x12::separators::Separators;
use crate::{Fault, Place, Shown, Structure, Tag};

/// Checks one 837 transaction set, segment by segment.
///
/// It can begin in the middle of one: feed the ST and the segments that opened the loops around that point, throw away
/// what they report, and say how many claims came before ([`Transaction::claims_before`]).
pub(crate) struct Transaction {
    guide: &'static Guide,
    /// What ST03 or GS08 says of the guide.
    version: Tag,
    st: Place,
    separators: Separators,
    walk: At,
    /// The level at hand; none in the header.
    level: Option<Level>,
    /// Where the walk was before the levels at hand began: of billing provider, subscriber and patient. What is below the
    /// level at hand means nothing.
    above: [Option<At>; 3],
    /// Once the level at hand has a claim: where the walk was before the first.
    before: Option<At>,
    /// How many claims came before under the level at hand.
    claims: u32,
    hierarchy: Hierarchy,
    /// The numbers of the lines of the claim at hand.
    lines: Lines,
    balance: Balance,
    situation: Situation,
}

impl Transaction {
    /// A check that begins with this ST, by the guide of this version (ST03, or GS08 where that is missing). `None` for
    /// versions of which no guide is known.
    pub(crate) fn begin(version: &[u8], st: &Segment<'_>, memory: &mut Memory) -> Option<Transaction> {
        let guide = Guide::of(version)?;
        Some(Transaction {
            guide,
            version: Tag::new(version.trim_ascii()),
            st: st.place,
            separators: st.separators,
            walk: memory.steps.begin(guide),
            level: None,
            above: [None; 3],
            before: None,
            claims: 0,
            hierarchy: Hierarchy::default(),
            lines: Lines::default(),
            balance: Balance::default(),
            situation: Situation::default(),
        })
    }

    /// The place of a segment in the transaction set, the ST being 1.
    pub(crate) fn position(&self, place: Place) -> u32 {
        u32::try_from(place.row.saturating_sub(self.st.row) + 1).unwrap_or(u32::MAX)
    }

    /// Checks the next segment: any between ST and SE.
    #[inline(always)]
    pub(crate) fn segment(&mut self, segment: &Segment<'_>, memory: &mut Memory, issues: &mut Vec<Issue>) {
        if memory.steps.is_full() || matches!(segment.id, Id::CLM | Id::HL | Id::REF) {
            self.before_step(segment, memory, issues);
        }
        if segment.id == Id::HL {
            return self.level(segment, memory, issues);
        }
        let Some(rule) = self.step(segment, memory, issues) else { return };
        if rule.balance.is_some() || rule.situation.is_some() {
            self.spanning(rule, segment, issues);
        }
    }

    /// What is done before a segment that means more than others.
    #[inline(never)]
    fn before_step(&mut self, segment: &Segment<'_>, memory: &mut Memory, issues: &mut Vec<Issue>) {
        if memory.steps.is_full() {
            let others = self.above.iter_mut().chain([&mut self.before]).flatten();
            memory.steps.keep_only(others.chain([&mut self.walk]));
        }
        match segment.id {
            Id::CLM => {
                self.end_claim(issues);
                self.begin_claim();
            }
            Id::HL => self.end_claim(issues),
            Id::REF if self.level.is_none() && segment.element(1) == b"87" => self.own_guide(segment, memory, issues),
            _ => {}
        }
    }

    /// Takes what a segment says of what spans segments.
    #[inline(never)]
    fn spanning(&mut self, rule: &SegmentRule, segment: &Segment<'_>, issues: &mut Vec<Issue>) {
        let position = self.position(segment.place);
        if let Some(part) = rule.balance {
            self.balance.segment(part, segment, position, issues);
            if segment.id == Id::LX {
                self.lines.line(segment, position, issues);
            }
        }
        if let Some(part) = rule.situation {
            self.situation.segment(part, self.guide.version, rule.in_loop, segment, position, issues);
        }
    }

    /// Walks to where the segment stands, and checks its elements.
    #[inline(always)]
    fn step(
        &mut self,
        segment: &Segment<'_>,
        memory: &mut Memory,
        issues: &mut Vec<Issue>,
    ) -> Option<&'static SegmentRule> {
        debug_assert_eq!(memory.separators, segment.separators, "what is remembered is of these separators");
        let guess = segment.first_bytes().and_then(|bytes| memory.steps.guess(self.walk, bytes));
        let (to, stood) = match guess {
            Some(step) => step,
            None => self.step_by_sign(segment, memory, issues),
        };
        self.walk = to;
        let rule = stood?;
        if !memory.shapes.has(rule, segment) {
            let position = self.position(segment.place);
            memory.check(rule, segment, || of_segment(segment, rule, position), issues);
        }
        Some(rule)
    }

    /// Takes the step of a segment that was not expected here.
    #[inline(never)]
    fn step_by_sign(
        &self,
        segment: &Segment<'_>,
        memory: &mut Memory,
        issues: &mut Vec<Issue>,
    ) -> (At, Option<&'static SegmentRule>) {
        let position = self.position(segment.place);
        let (before, sign) = (issues.len(), self.guide.sign(segment));
        let walk = |walk: &mut Checker, issues: &mut Vec<Issue>| walk.segment(segment, position, issues);
        let step = memory.steps.step(self.walk, sign, issues, walk);
        if let (Some(bytes), Some(lead)) = (segment.first_bytes(), sign.and_then(|_| self.guide.lead(segment)))
            && issues.len() == before
        {
            memory.steps.expect(self.walk, bytes, lead, step);
        }
        step
    }

    /// Version 4010 has no ST03, but a REF that names the guide. Where that is another than the group's, the transaction
    /// set is checked by its own.
    fn own_guide(&mut self, segment: &Segment<'_>, memory: &mut Memory, issues: &mut Vec<Issue>) {
        let position = self.position(segment.place);
        let given = segment.element(2).trim_ascii();
        let is_4010 = |guide: &Guide| guide.version.starts_with("004010");
        let Some(guide) = Guide::of(given).filter(|guide| is_4010(guide) && is_4010(self.guide)) else { return };
        if guide.version == self.guide.version {
            return;
        }
        issues.push(Issue {
            structure: Structure {
                fault: Fault::GuideDisagrees,
                segment: Tag::new(b"REF"),
                qualifier: Tag::new(b"87"),
                in_loop: "",
                position,
                element: 2,
                component: 0,
                data_element: 127,
                expected: Shown::Code(self.version),
                found: Shown::Code(Tag::new(given)),
            },
            place: segment.place,
        });
        self.guide = guide;
        self.walk = memory.steps.begin(guide);
        let before = Segment::new(b"BHT", self.st, self.separators);
        let walk = |walk: &mut Checker, issues: &mut Vec<Issue>| walk.segment(&before, 0, issues);
        (self.walk, _) = memory.steps.step(self.walk, guide.sign(&before), &mut Vec::new(), walk);
    }

    /// Checks an HL. After it the walk is where it would be if nothing stood before but the levels above: so that a check
    /// which begins in the middle comes to the same.
    #[inline(never)]
    fn level(&mut self, segment: &Segment<'_>, memory: &mut Memory, issues: &mut Vec<Issue>) {
        let position = self.position(segment.place);
        let level = Level::of_hl(segment);
        let had_claims = self.before.is_some();
        let header = self.before.take().unwrap_or(self.walk);
        self.claims = 0;
        self.step(segment, memory, issues);
        self.hierarchy.level(level, segment, position, issues);
        self.situation.level();
        let depth = hierarchy::depth(level);
        let from = self.level.map_or(0, |level| hierarchy::depth(level) + 1);
        self.above.iter_mut().take(depth + 1).skip(from).for_each(|above| *above = Some(header));
        // A level below the one before, which had no claims, is there already.
        let is_there = !had_claims && from <= depth;
        if let Some(&Some(above)) = self.above.get(depth).filter(|_| !is_there) {
            self.walk = above;
            self.step(segment, memory, &mut Vec::new());
        }
        self.level = Some(level);
    }

    /// So many claims came before under the level at hand, which were checked elsewhere.
    pub(crate) fn claims_before(&mut self, claims: u32, memory: &mut Memory) {
        if claims > 0 {
            self.situation.claims_before();
            self.before = Some(self.walk);
            self.claims = claims;
            self.between(memory);
        }
    }

    /// Every claim of a level is checked from where the level has come to, whatever the claims before it hold.
    fn begin_claim(&mut self) {
        self.before.get_or_insert(self.walk);
        self.claims = self.claims.saturating_add(1);
    }

    /// Goes to where the walk is between claims.
    fn between(&mut self, memory: &mut Memory) {
        if let Some(before) = self.before {
            let walk = |walk: &mut Checker, _: &mut Vec<Issue>| {
                walk.after_claims(self.claims, &Segment::new(b"CLM", self.st, self.separators));
                None
            };
            let sign = self.guide.after_claims(self.claims);
            (self.walk, _) = memory.steps.step(before, sign, &mut Vec::new(), walk);
        }
    }

    /// What a claim leaves open is judged.
    fn end_claim(&mut self, issues: &mut Vec<Issue>) {
        self.lines = Lines::default();
        self.balance.end(issues);
        self.situation.end_claim(self.guide.version, issues);
    }

    /// The part that is checked here ends with a claim; `next` is the segment after it.
    pub(crate) fn pause(&mut self, next: &Segment<'_>, memory: &mut Memory, issues: &mut Vec<Issue>) {
        self.end_claim(issues);
        let position = self.position(next.place);
        let walk = |walk: &mut Checker, issues: &mut Vec<Issue>| {
            walk.end_claim(next, position, issues);
            None
        };
        (self.walk, _) = memory.steps.step(self.walk, Some(Sign::CLAIM_ENDS), issues, walk);
        self.between(memory);
    }

    /// The transaction set ends; `end` is its SE, or what stands where that should be.
    pub(crate) fn end(&mut self, end: &Segment<'_>, memory: &mut Memory, issues: &mut Vec<Issue>) {
        self.end_claim(issues);
        // What is missing at the end is missing after the last segment, not before the SE: that is of the envelope.
        let position = self.position(end.place).saturating_sub(1).max(1);
        let walk = |walk: &mut Checker, issues: &mut Vec<Issue>| {
            walk.end(end, position, issues);
            None
        };
        (self.walk, _) = memory.steps.step(self.walk, Some(Sign::SET_ENDS), issues, walk);
        self.hierarchy.end(issues);
    }
}
