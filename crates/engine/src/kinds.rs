//! Kinds of claims of which some edits can judge nothing: what follows is found once, and their units are counted.

use crate::edit_set::EditSet;
use crate::units::Sums;
use claims::Columns;
use edits::{ClaimFacts, Kind, Reason};

/// The most kinds that are told apart: claims of others are judged one by one.
const MOST: u16 = 1 << 10;

/// Places of kinds met of late, a power of two.
const LATE: usize = 1 << 12;

/// The kinds of claims, with what follows for each, and the claims of a batch that are of them.
#[derive(Default)]
pub(crate) struct Kinds {
    all: Vec<OfKind>,
    /// For each value of a hash, the place of a kind that has it.
    late: Vec<u16>,
    /// What can follow for a kind: edits that can judge nothing, by their places among the active ones, and why.
    why: Vec<(usize, Reason)>,
}

/// All on which what follows for a kind depends: it is the same for all batches that have the same.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) struct Ground {
    /// The number of the edits' selection.
    pub(crate) selection: u64,
    pub(crate) columns: Columns,
}

/// What follows for the claims of a kind.
struct OfKind {
    kind: Kind,
    /// The edits that can judge nothing of them.
    decided: EditSet,
    /// They and why, as places among what can follow.
    why: Vec<u16>,
    sums: Sums,
}

impl Kinds {
    /// Counts a claim, and gives the edits that can judge nothing of it. What follows for a kind that was not met before,
    /// `decide` says.
    #[inline]
    pub(crate) fn add(
        &mut self,
        facts: &ClaimFacts<'_>,
        decide: impl FnOnce(&Kind) -> Vec<(usize, Reason)>,
    ) -> EditSet {
        let Some(kind) = Kind::of(facts) else { return EditSet::default() };
        let late = (kind.spread() >> (u64::BITS - LATE.trailing_zeros())) as usize;
        let is_it = |&place: &u16| self.all.get(usize::from(place)).is_some_and(|own| own.kind == kind);
        let known = self.late.get(late).copied().filter(is_it);
        let place = known.unwrap_or_else(|| self.find(kind, late, decide));
        let Some(own) = self.all.get_mut(usize::from(place)) else { return EditSet::default() };
        own.sums.add(facts);
        own.decided
    }

    /// The place of a kind; none is there once kinds are too many.
    #[inline(never)]
    fn find(&mut self, kind: Kind, late: usize, decide: impl FnOnce(&Kind) -> Vec<(usize, Reason)>) -> u16 {
        let known = (0..MOST).zip(&self.all).find(|(_, own)| own.kind == kind).map(|(place, _)| place);
        let place = known.unwrap_or_else(|| {
            let place = u16::try_from(self.all.len()).unwrap_or(MOST);
            if place < MOST {
                let why = decide(&kind);
                let decided = EditSet::of_places(why.iter().map(|&(place, _)| place));
                let why = why.into_iter().map(|own| self.place_of(own)).collect();
                self.all.push(OfKind { kind, decided, why, sums: Sums::default() });
            }
            place
        });
        self.late.resize(LATE, MOST);
        if let Some(own) = self.late.get_mut(late) {
            *own = place;
        }
        place
    }

    /// Whether no other kind can be told apart.
    pub(crate) fn are_full(&self) -> bool {
        self.all.len() >= usize::from(MOST)
    }

    /// The place of an edit and a reason among what can follow.
    fn place_of(&mut self, why: (usize, Reason)) -> u16 {
        let known = self.why.iter().position(|own| *own == why);
        let place = known.unwrap_or_else(|| {
            self.why.push(why);
            self.why.len() - 1
        });
        // There are no more edits than fit, and of each a few reasons.
        place as u16
    }

    /// What could not be judged of the claims so far, which are forgotten: edits, by their places among the active ones, why,
    /// and the units.
    pub(crate) fn take_reasons(&mut self) -> Vec<(usize, Reason, Sums)> {
        let mut all = vec![Sums::default(); self.why.len()];
        for own in self.all.iter_mut().filter(|own| own.sums.are_any()) {
            let sums = std::mem::take(&mut own.sums);
            for &place in &own.why {
                all[usize::from(place)].add_all(&sums);
            }
        }
        let own = self.why.iter().zip(all).filter(|(_, sums)| sums.are_any());
        own.map(|(&(place, reason), sums)| (place, reason, sums)).collect()
    }
}
