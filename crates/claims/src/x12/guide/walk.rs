//! Where a segment stands in its guide: a state machine that is fed one segment after the other.

use super::Issue;
use super::rules::SegmentRule;
use super::table::{CLAIM, Guide, Loop, Node, qualifier};
use crate::x12::id::Id;
use crate::x12::segment::Segment;
use crate::{Fault, Shown, Structure, Tag};
use std::hash::{Hash, Hasher};

/// Follows one transaction set through its guide.
///
/// A segment goes to the innermost open loop that has a place for it at or after where that loop is; loops within
/// that one are closed. What no loop has a place for is reported and left out, with the loop that it would begin.
/// Nothing is kept but the open loops and how often each of their parts has stood, so memory does not grow.
///
/// A checker can begin in the middle: the segments that opened the loops around that point are fed first and what they
/// report is thrown away.
///
/// Two that are equal go the same ways from there on ([`super::steps`]).
pub(super) struct Checker {
    guide: &'static Guide,
    open: Vec<Frame>,
    /// How often each node of each open loop has stood, as far as its limit.
    counts: Vec<u32>,
    /// Whether a loop is being left out, since there was no place for the segment that begins it.
    skipping: bool,
}

impl Clone for Checker {
    fn clone(&self) -> Checker {
        Checker { open: self.open.clone(), counts: self.counts.clone(), ..*self }
    }

    // Once a claim, so the memory is kept.
    fn clone_from(&mut self, other: &Checker) {
        self.guide = other.guide;
        self.open.clone_from(&other.open);
        self.counts.clone_from(&other.counts);
        self.skipping = other.skipping;
    }
}

impl PartialEq for Checker {
    fn eq(&self, other: &Checker) -> bool {
        std::ptr::eq(self.guide, other.guide)
            && self.skipping == other.skipping
            && self.open.iter().map(Frame::parts).eq(other.open.iter().map(Frame::parts))
            && self.counts == other.counts
    }
}

impl Hash for Checker {
    fn hash<H: Hasher>(&self, state: &mut H) {
        self.open.iter().for_each(|frame| frame.parts().hash(state));
        self.counts.hash(state);
        self.skipping.hash(state);
    }
}

/// An open loop.
#[derive(Clone, Copy)]
struct Frame {
    /// The loop in the guide.
    each: &'static Loop,
    /// The position that it has reached.
    position: u16,
    /// What it requires from that position on and has not had: the [`Node::own`] of each.
    wanting: u64,
    /// Where its counts begin.
    counts: usize,
}

impl Frame {
    /// All of it; loops are never moved.
    fn parts(&self) -> (usize, u16, u64, usize) {
        (std::ptr::from_ref(self.each) as usize, self.position, self.wanting, self.counts)
    }

    /// A segment stands at this node. What is required before it and is missing is over with.
    #[inline]
    fn stand(&mut self, node: &Node) {
        self.position = self.position.max(node.position);
        self.wanting &= !(node.before | node.own);
    }
}

/// Where in a loop claims stand: the place of the node, and the node.
fn claim_in(each: &'static Loop) -> Option<(usize, &'static Node)> {
    Some((each.claims?, each.nodes.get(each.claims?)?))
}

/// Where a segment could go.
#[derive(Clone, Copy)]
struct Target {
    frame: usize,
    /// The place in the frame's loop, and what stands there.
    place: usize,
    node: &'static Node,
    /// The place in the node's loop, where the first segment of that is missing.
    within: Option<(usize, &'static Node)>,
    fault: Option<Fault>,
}

impl Checker {
    /// A checker of a transaction set that begins.
    pub(super) fn new(guide: &'static Guide) -> Checker {
        let mut checker =
            Checker { guide, open: Vec::with_capacity(8), counts: Vec::with_capacity(256), skipping: false };
        checker.push(0);
        checker
    }

    /// Takes the next segment, which is none of an envelope. `position` is its place in the transaction set, the ST
    /// being 1. Answers the rule of the place where it stands, if the guide has one for it.
    ///
    /// It reads no more of the segment than [`Guide::sign`] does, but for what it reports.
    pub(super) fn segment(
        &mut self,
        segment: &Segment<'_>,
        position: u32,
        issues: &mut Vec<Issue>,
    ) -> Option<&'static SegmentRule> {
        let key = segment.id;
        let Some(target) = self.find(key, segment) else {
            self.unplaced(key, segment, position, issues);
            return None;
        };
        self.skipping = false;
        self.close_to(target.frame + 1, segment, position, issues);
        let entered = self.enter(target.frame, target.place, target.node, segment, position, issues)?;
        let mut node = target.node;
        if let Some((place, inner)) = target.within {
            // The loop's first segment is missing: the loop is entered all the same.
            self.missing(entered, segment, position, issues);
            self.enter(self.open.len() - 1, place, inner, segment, position, issues)?;
            node = inner;
        }
        let rule = self.guide.segment(node.segment)?;
        if let Some(fault) = target.fault {
            let limit = || Shown::Count(target.node.repeat.into());
            let expected = if fault == Fault::OutOfOrder { Shown::Nothing } else { limit() };
            let at = of_segment(segment, rule, position);
            issues.push(Issue { structure: Structure { fault, expected, ..at }, place: segment.place });
        }
        Some(rule)
    }

    /// The transaction set ends with this segment, its SE or what stands in its stead.
    pub(super) fn end(&mut self, segment: &Segment<'_>, position: u32, issues: &mut Vec<Issue>) {
        self.close_to(0, segment, position, issues);
    }

    /// Closes the claim that is open, if one is, as if the next one began with this segment.
    pub(super) fn end_claim(&mut self, segment: &Segment<'_>, position: u32, issues: &mut Vec<Issue>) {
        let claim = self.open.iter().position(|frame| frame.each.id == CLAIM);
        if let Some(claim) = claim {
            self.close_to(claim, segment, position, issues);
        }
    }

    /// A copy, in the memory of one that is not needed any more.
    pub(super) fn copy(&self, spare: Option<Checker>) -> Checker {
        match spare {
            Some(mut spare) => {
                spare.clone_from(self);
                spare
            }
            None => self.clone(),
        }
    }

    /// Goes on as if there had been so many claims, of which nothing is known but that they were there. `claim` is the
    /// beginning of one. At most one more claim is taken from there.
    pub(super) fn after_claims(&mut self, claims: u32, claim: &Segment<'_>) {
        // A claim closes the loops that have no place for one.
        match self.open.iter().rposition(|frame| claim_in(frame.each).is_some()) {
            Some(at) => {
                let counts = self.open.get(at + 1).map(|frame| frame.counts);
                self.open.truncate(at + 1);
                counts.into_iter().for_each(|counts| self.counts.truncate(counts));
                self.skipping = false;
            }
            // It stands in a loop whose beginning is missing.
            None => {
                let mut told = Vec::new();
                self.segment(claim, 0, &mut told);
                self.end_claim(claim, 0, &mut told);
            }
        }
        let Some(frame) = self.open.last_mut().filter(|_| claims > 0) else { return };
        let Some((place, node)) = claim_in(frame.each) else { return };
        frame.stand(node);
        if let Some(count) = self.counts.get_mut(frame.counts + place) {
            *count = if claims < node.repeat { 0 } else { node.repeat };
        }
    }

    /// The loop that is innermost now; empty at the top.
    fn in_loop(&self) -> &'static str {
        self.open.last().map_or("", |frame| frame.each.id)
    }

    fn push(&mut self, each: u16) -> Option<&'static Loop> {
        let each = self.guide.loops.get(usize::from(each))?;
        self.open.push(Frame { each, position: 0, wanting: each.required, counts: self.counts.len() });
        self.counts.resize(self.counts.len() + each.nodes.len(), 0);
        Some(each)
    }

    /// Where the segment goes.
    #[inline]
    fn find(&self, key: Id, segment: &Segment<'_>) -> Option<Target> {
        let (mut full, mut late, mut late_full) = (None, None, None);
        for (at, frame) in self.open.iter().enumerate().rev() {
            for place in frame.each.with_key(key) {
                let Some(node) = frame.each.nodes.get(place) else { continue };
                // A loop's first segment opens it, and stands in it once. While a loop is left out, its segments are not
                // taken for those of another loop.
                if place == 0 && at > 0 || self.skipping && node.opens.is_none() || !self.matches(node, segment) {
                    continue;
                }
                let target = Target { frame: at, place, node, within: None, fault: None };
                let count = self.counts.get(frame.counts + place).copied().unwrap_or_default();
                let repeats = if node.opens.is_some() { Fault::LoopRepeats } else { Fault::SegmentRepeats };
                match (node.position >= frame.position, count < node.repeat) {
                    (true, true) => return Some(target),
                    (true, false) => full = full.or(Some(Target { fault: Some(repeats), ..target })),
                    (false, true) => late = late.or(Some(Target { fault: Some(Fault::OutOfOrder), ..target })),
                    (false, false) => late_full = late_full.or(Some(Target { fault: Some(repeats), ..target })),
                }
            }
        }
        full.or_else(|| self.find_within(key, segment)).or(late).or(late_full).or_else(|| self.find_bad_code(key))
    }

    /// A loop that begins with another segment, which is missing, and has a place for this one. Only for segments that
    /// can stand in no other loop.
    fn find_within(&self, key: Id, segment: &Segment<'_>) -> Option<Target> {
        for (at, frame) in self.open.iter().enumerate().rev() {
            for (place, node) in frame.each.nodes.iter().enumerate() {
                let Some(opens) = node.opens.filter(|_| node.position >= frame.position) else { continue };
                let count = self.counts.get(frame.counts + place).copied().unwrap_or_default();
                if count >= node.repeat {
                    continue;
                }
                let inner = self.guide.loops.get(usize::from(opens))?;
                // Where a claim begins, is for its CLM alone to say.
                if inner.id == CLAIM {
                    continue;
                }
                let within = inner.with_key(key).find_map(|inner_place| {
                    let candidate = inner.nodes.get(inner_place)?;
                    let telling = candidate.opens.is_some() || self.guide.only_in(key, inner.id);
                    (inner_place > 0 && telling && self.matches(candidate, segment)).then_some((inner_place, candidate))
                });
                if within.is_some() {
                    return Some(Target { frame: at, place, node, within, fault: None });
                }
            }
        }
        None
    }

    /// The one segment of this id that an open loop has, though its qualifier is another.
    fn find_bad_code(&self, key: Id) -> Option<Target> {
        if self.skipping || key == Id::NONE {
            return None;
        }
        for (at, frame) in self.open.iter().enumerate().rev() {
            let mut places = frame.each.with_key(key);
            let (first, second) = (places.next(), places.next());
            match (first, second) {
                (Some(place), None) if place > 0 || at == 0 => {
                    let node = frame.each.nodes.get(place)?;
                    let count = self.counts.get(frame.counts + place).copied().unwrap_or_default();
                    if node.opens.is_none() && count < node.repeat && node.position >= frame.position {
                        return Some(Target { frame: at, place, node, within: None, fault: None });
                    }
                }
                (Some(_), Some(_)) => return None,
                _ => {}
            }
        }
        None
    }

    /// Whether the segment's qualifier is one of the node's.
    #[inline]
    fn matches(&self, node: &Node, segment: &Segment<'_>) -> bool {
        let Some((element, codes)) = &node.qualifier else { return true };
        codes.contains(qualifier(segment, *element)) && (!node.shared || self.second_matches(node, *element, segment))
    }

    /// Whether the element after the qualifier is one of the node's too.
    fn second_matches(&self, node: &Node, element: usize, segment: &Segment<'_>) -> bool {
        let codes = self.guide.segment(node.segment).and_then(|rule| rule.codes_of(element));
        codes.is_none_or(|codes| codes.contains(segment.element(element + 1)))
    }

    /// A node of an open loop is reached: what is required before it and missing is reported. Answers the loop that
    /// the segment then stands in: the one that it opens, if it does.
    #[inline]
    fn enter(
        &mut self,
        at: usize,
        place: usize,
        node: &'static Node,
        segment: &Segment<'_>,
        position: u32,
        issues: &mut Vec<Issue>,
    ) -> Option<&'static Loop> {
        let frame = self.open.get_mut(at)?;
        let (each, counts, missing) = (frame.each, frame.counts, frame.wanting & node.before);
        frame.stand(node);
        if missing != 0 {
            self.report_missing(each, missing, segment, position, issues);
        }
        if let Some(count) = self.counts.get_mut(counts + place) {
            *count = counted(*count, node.repeat);
        }
        let Some(opens) = node.opens else { return Some(each) };
        let opened = self.push(opens)?;
        let frame = self.open.last_mut()?;
        frame.stand(opened.nodes.first()?);
        if let Some(count) = self.counts.get_mut(frame.counts) {
            *count = 1;
        }
        Some(opened)
    }

    /// Closes open loops until so many are left.
    fn close_to(&mut self, left: usize, segment: &Segment<'_>, position: u32, issues: &mut Vec<Issue>) {
        while self.open.len() > left
            && let Some(frame) = self.open.pop()
        {
            if frame.wanting != 0 {
                self.report_missing(frame.each, frame.wanting, segment, position, issues);
            }
            self.counts.truncate(frame.counts);
        }
    }

    /// Reports what a loop requires and has not had: the nodes that these bits are of.
    #[cold]
    fn report_missing(
        &self,
        each: &'static Loop,
        missing: u64,
        segment: &Segment<'_>,
        position: u32,
        issues: &mut Vec<Issue>,
    ) {
        for node in each.nodes.iter().filter(|node| node.own & missing != 0) {
            let Some(rule) = self.guide.segment(node.segment) else { continue };
            issues.push(missing_before(rule, segment, position));
        }
    }

    /// Reports that the first segment of a loop is missing.
    fn missing(&self, each: &Loop, segment: &Segment<'_>, position: u32, issues: &mut Vec<Issue>) {
        let Some(rule) = each.nodes.first().and_then(|node| self.guide.segment(node.segment)) else { return };
        issues.push(missing_before(rule, segment, position));
    }

    /// Reports a segment that has no place.
    fn unplaced(&mut self, key: Id, segment: &Segment<'_>, position: u32, issues: &mut Vec<Issue>) {
        if self.skipping && self.guide.has(key) && !self.guide.opens_loop(key) {
            return;
        }
        let fault =
            if key != Id::NONE && self.guide.has(key) { Fault::UnexpectedSegment } else { Fault::UnknownSegment };
        // A loop of its own, as an NM1 begins, is left out whole.
        self.skipping |= self.guide.opens_loop(key);
        let coded = matches!(
            segment.id,
            Id::NM1 | Id::REF | Id::DTP | Id::AMT | Id::PRV | Id::PER | Id::QTY | Id::HI | Id::CRC
        );
        let at = whole(segment, coded.then_some(0), position);
        issues.push(Issue { structure: Structure { fault, in_loop: self.in_loop(), ..at }, place: segment.place });
    }
}

/// The count of a node that stands once more. Where there is no limit nothing is counted, so that walks come back to where they
/// were.
#[inline]
fn counted(count: u32, limit: u32) -> u32 {
    if limit == u32::MAX { 0 } else { count.saturating_add(1).min(limit) }
}

/// What an issue of a segment says of it that stands somewhere.
pub(super) fn of_segment(segment: &Segment<'_>, rule: &SegmentRule, position: u32) -> Structure {
    Structure { in_loop: rule.in_loop, ..whole(segment, rule.qualifier, position) }
}

/// What an issue of a segment as a whole says of it.
fn whole(segment: &Segment<'_>, coded: Option<u8>, position: u32) -> Structure {
    let id = segment.element(0);
    let qualifier = coded.map_or(&[][..], |element| qualifier(segment, usize::from(element) + 1));
    Structure {
        fault: Fault::UnknownSegment,
        segment: Tag::new(id.get(..3).unwrap_or(id)),
        qualifier: if qualifier.len() <= 3 { Tag::new(qualifier) } else { Tag::default() },
        in_loop: "",
        position,
        element: 0,
        component: 0,
        data_element: 0,
        expected: Shown::Nothing,
        found: Shown::Nothing,
    }
}

/// The issue of a segment that is missing before another.
fn missing_before(rule: &SegmentRule, before: &Segment<'_>, position: u32) -> Issue {
    let codes = rule.qualifier_codes().map(|codes| codes.text);
    let one = codes.filter(|codes| !codes.contains(','));
    let structure = Structure {
        fault: Fault::MissingSegment,
        segment: Tag::new(rule.id.as_bytes()),
        qualifier: Tag::new(one.unwrap_or_default().as_bytes()),
        in_loop: rule.in_loop,
        expected: codes.map_or(Shown::Nothing, Shown::Rule),
        ..whole(before, None, position)
    };
    Issue { structure, place: before.place }
}
