//! One transaction set against its guide.

use super::balance::Balance;
use super::hierarchy::{self, Hierarchy};
use super::situation::Situation;
use super::walk::Checker;
use super::{Guide, Issue, Known};
use crate::x12::head::Level;
use crate::x12::segment::Segment;
use crate::x12::separators::Separators;
use crate::{Fault, Place, Shown, Structure, Tag};

/// Checks one 837 transaction set, segment by segment.
///
/// It can begin in the middle of one: feed the ST and the segments that opened the loops around that point, throw away
/// what they report, and say how many claims came before ([`Transaction::claims_before`]).
#[derive(Clone)]
pub(crate) struct Transaction {
    guide: &'static Guide,
    /// What ST03 or GS08 says of the guide.
    version: Tag,
    st: Place,
    separators: Separators,
    walk: Checker,
    /// The level at hand; none in the header.
    level: Option<Level>,
    /// Where the walk was before the levels at hand began: of billing provider, subscriber and patient. What is below the
    /// level at hand means nothing.
    above: [Option<Checker>; 3],
    /// Once the level at hand has a claim: where the walk was before the first.
    before: Option<Checker>,
    /// Memory for the next.
    spare: Option<Checker>,
    /// How many claims came before under the level at hand.
    claims: u32,
    hierarchy: Hierarchy,
    balance: Balance,
    situation: Situation,
}

impl Transaction {
    /// A check that begins with this ST, by the guide of this version (ST03, or GS08 where that is missing). `None` for
    /// versions of which no guide is known. The memory of a check that is over is used again.
    pub(crate) fn begin(version: &[u8], st: &Segment<'_>, over: Option<Transaction>) -> Option<Transaction> {
        let guide = Guide::of(version)?;
        let (mut walk, above, spare) = match over {
            Some(over) => (over.walk, over.above, over.before.or(over.spare)),
            None => (Checker::new(guide), [None, None, None], None),
        };
        walk.begin(guide);
        Some(Transaction {
            guide,
            version: Tag::new(version.trim_ascii()),
            st: st.place,
            separators: st.separators,
            walk,
            level: None,
            above,
            before: None,
            spare,
            claims: 0,
            hierarchy: Hierarchy::default(),
            balance: Balance::default(),
            situation: Situation::default(),
        })
    }

    /// The place of a segment in the transaction set, the ST being 1.
    pub(crate) fn position(&self, place: Place) -> u32 {
        u32::try_from(place.row.saturating_sub(self.st.row) + 1).unwrap_or(u32::MAX)
    }

    /// Checks the next segment: any between ST and SE.
    pub(crate) fn segment(&mut self, segment: &Segment<'_>, known: &mut Known, issues: &mut Vec<Issue>) {
        let position = self.position(segment.place);
        let id = segment.id();
        match id {
            b"CLM" => {
                self.end_claim(issues);
                self.begin_claim();
            }
            b"HL" => {
                self.end_claim(issues);
                self.level(segment, position, known, issues);
                return;
            }
            b"REF" if self.level.is_none() && segment.element(1) == b"87" => {
                self.own_guide(segment, position, known, issues)
            }
            _ => {}
        }
        let Some((in_loop, rule)) = self.walk.segment(segment, position, known, issues) else { return };
        if rule.in_balance {
            self.balance.segment(id, in_loop, segment, position, issues);
        }
        if rule.in_situation {
            self.situation.segment(self.guide.version, in_loop, segment, position, issues);
        }
    }

    /// Version 4010 has no ST03, but a REF that names the guide. Where that is another than the group's, the transaction
    /// set is checked by its own.
    fn own_guide(&mut self, segment: &Segment<'_>, position: u32, known: &mut Known, issues: &mut Vec<Issue>) {
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
        self.walk.begin(guide);
        let before = Segment::new(b"BHT", self.st, self.separators);
        self.walk.segment(&before, 0, known, &mut Vec::new());
    }

    /// Checks an HL. After it the walk is where it would be if nothing stood before but the levels above: so that a check
    /// which begins in the middle comes to the same.
    fn level(&mut self, segment: &Segment<'_>, position: u32, known: &mut Known, issues: &mut Vec<Issue>) {
        let level = Level::of_hl(segment);
        let had_claims = self.before.is_some();
        let header = self.before.take().unwrap_or_else(|| self.walk.copy(self.spare.take()));
        self.claims = 0;
        self.walk.segment(segment, position, known, issues);
        self.hierarchy.level(level, segment, position, issues);
        self.situation.level();
        let depth = hierarchy::depth(level);
        let from = self.level.map_or(0, |level| hierarchy::depth(level) + 1);
        for above in self.above.iter_mut().take(depth + 1).skip(from) {
            *above = Some(header.copy(above.take()));
        }
        self.spare = Some(header);
        // A level below the one before, which had no claims, is there already.
        let is_there = !had_claims && from <= depth;
        if let Some(Some(above)) = self.above.get(depth).filter(|_| !is_there) {
            self.walk.clone_from(above);
            self.walk.segment(segment, position, known, &mut Vec::new());
        }
        self.level = Some(level);
    }

    /// So many claims came before under the level at hand, which were checked elsewhere.
    pub(crate) fn claims_before(&mut self, claims: u32) {
        if claims > 0 {
            self.situation.claims_before();
            self.before = Some(self.walk.copy(self.spare.take()));
            self.claims = claims;
            self.between();
        }
    }

    /// Every claim of a level is checked from where the level has come to, whatever the claims before it hold.
    fn begin_claim(&mut self) {
        if self.before.is_none() {
            self.before = Some(self.walk.copy(self.spare.take()));
        }
        self.claims = self.claims.saturating_add(1);
    }

    /// Goes to where the walk is between claims.
    fn between(&mut self) {
        if let Some(before) = &self.before {
            let claim = Segment::new(b"CLM", self.st, self.separators);
            self.walk.after_claims(before, self.claims, &claim);
        }
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
        self.between();
    }

    /// The transaction set ends; `end` is its SE, or what stands where that should be.
    pub(crate) fn end(&mut self, end: &Segment<'_>, issues: &mut Vec<Issue>) {
        self.end_claim(issues);
        // What is missing at the end is missing after the last segment, not before the SE: that is of the envelope.
        let position = self.position(end.place).saturating_sub(1).max(1);
        self.walk.end(end, position, issues);
        self.hierarchy.end(issues);
    }
}
