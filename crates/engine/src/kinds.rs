//! Kinds of claims of which some edits can judge nothing: what follows is found once, and their units are counted.

use crate::edit_set::EditSet;
use crate::units::Sums;
use edits::{ClaimFacts, Kind, Reason};

/// The most kinds that are told apart: claims of others are judged one by one.
const MOST: u16 = 256;

/// Places of kinds met of late, a power of two.
const LATE: usize = 256;

/// The kinds of claims of a batch, with what follows for each.
#[derive(Default)]
pub(crate) struct Kinds {
    all: Vec<OfKind>,
    /// For each value of a hash, the place of a kind that has it.
    late: Vec<u16>,
}

/// What follows for the claims of a kind.
struct OfKind {
    kind: Kind,
    /// The edits that can judge nothing of them.
    decided: EditSet,
    /// They, by their places among the active ones, and why.
    reasons: Vec<(usize, Reason)>,
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
                let reasons = decide(&kind);
                let decided = EditSet::of_places(reasons.iter().map(|&(place, _)| place));
                self.all.push(OfKind { kind, decided, reasons, sums: Sums::default() });
            }
            place
        });
        self.late.resize(LATE, MOST);
        if let Some(own) = self.late.get_mut(late) {
            *own = place;
        }
        place
    }

    /// What could not be judged: for each kind and edit, by its place among the active ones, why, and the units.
    pub(crate) fn reasons(&self) -> impl Iterator<Item = (usize, Reason, &Sums)> {
        self.all.iter().flat_map(|own| own.reasons.iter().map(|&(place, reason)| (place, reason, &own.sums)))
    }
}
