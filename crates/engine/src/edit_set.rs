//! Sets of the edits that run, by their places among those, and which of them a claim's signs call for.

use crate::selection::{Active, Number};
use edits::ClaimFacts;
use std::array;

/// A set of edits.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub(crate) struct EditSet([u64; WORDS]);

const WORDS: usize = 2;

/// The signs of [`ClaimFacts::signs`].
const SIGNS: usize = u128::BITS as usize;

impl EditSet {
    /// The most edits that a set can tell apart.
    pub(crate) const MOST: usize = WORDS * u64::BITS as usize;

    fn add(&mut self, place: usize) {
        if let Some(word) = self.0.get_mut(place / 64) {
            *word |= 1 << (place % 64);
        }
    }

    /// The places of the edits that this is true of.
    pub(crate) fn of<T>(all: &[T], is_in: impl Fn(&T) -> bool) -> EditSet {
        EditSet::of_places(all.iter().enumerate().filter(|(_, one)| is_in(one)).map(|(place, _)| place))
    }

    /// The edits at these places.
    pub(crate) fn of_places(places: impl Iterator<Item = usize>) -> EditSet {
        let mut set = EditSet::default();
        places.for_each(|place| set.add(place));
        set
    }

    pub(crate) fn contains(self, place: usize) -> bool {
        self.0.get(place / 64).is_some_and(|word| word >> (place % 64) & 1 == 1)
    }

    /// The edits that run on claims under this plan.
    pub(crate) fn of_plan(plan: &[Number]) -> EditSet {
        EditSet::of(plan, Option::is_some)
    }

    #[inline]
    pub(crate) fn and(self, other: EditSet) -> EditSet {
        EditSet(array::from_fn(|word| self.0[word] & other.0[word]))
    }

    #[inline]
    pub(crate) fn or(self, other: EditSet) -> EditSet {
        EditSet(array::from_fn(|word| self.0[word] | other.0[word]))
    }

    #[inline]
    pub(crate) fn without(self, other: EditSet) -> EditSet {
        EditSet(array::from_fn(|word| self.0[word] & !other.0[word]))
    }

    /// The places of the edits in the set, in order.
    #[inline]
    pub(crate) fn places(self) -> impl Iterator<Item = usize> {
        self.0.into_iter().enumerate().flat_map(|(word, mut bits)| {
            std::iter::from_fn(move || {
                let bit = bits.trailing_zeros() as usize;
                (bits != 0).then(|| {
                    bits &= bits - 1;
                    word * 64 + bit
                })
            })
        })
    }
}

/// For each sign of a claim the edits that it could set off, and for each type of claim those that judge it.
pub(crate) struct Calls {
    by_sign: [EditSet; SIGNS],
    readable: [EditSet; 3],
    unreadable: [EditSet; 3],
}

impl Calls {
    pub(crate) fn of(active: &[Active]) -> Calls {
        let by_sign: [EditSet; SIGNS] =
            array::from_fn(|sign| EditSet::of(active, |own| own.edit.info().fires.bits() >> sign & 1 == 1));
        let judging = |unreadable: bool| {
            crate::units::CLAIM_TYPES.map(|claim_type| {
                EditSet::of(active, |own| own.edit.info().claims.contains(claim_type) && (own.of_reader || !unreadable))
            })
        };
        Calls { by_sign, readable: judging(false), unreadable: judging(true) }
    }

    /// The edits that judge claims as this one.
    #[inline]
    pub(crate) fn judging(&self, facts: &ClaimFacts<'_>) -> EditSet {
        let all = if facts.claim.row.unreadable { &self.unreadable } else { &self.readable };
        all[facts.claim_type() as usize]
    }

    /// The signs that set off any of these edits.
    pub(crate) fn signs_of(&self, edits: EditSet) -> u128 {
        let sets_off = |sign: &usize| self.by_sign[*sign].and(edits) != EditSet::default();
        (0..SIGNS).filter(sets_off).fold(0, |signs, sign| signs | 1 << sign)
    }

    /// The edits that those of the claim's signs could set off that are among these.
    #[inline]
    pub(crate) fn called(&self, facts: &ClaimFacts<'_>, among: u128) -> EditSet {
        let mut called = EditSet::default();
        let mut signs = facts.signs() & among;
        while signs != 0 {
            called = called.or(self.by_sign[signs.trailing_zeros() as usize]);
            signs &= signs - 1;
        }
        called
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_set_gives_its_places_in_order() {
        let all: Vec<usize> = (0..EditSet::MOST).collect();
        let wanted = |place: &usize| place.is_multiple_of(7) || *place == 63 || *place == 64;
        let set = EditSet::of(&all, wanted);
        let expected: Vec<usize> = all.iter().copied().filter(|place| wanted(place)).collect();
        assert_eq!(set.places().collect::<Vec<_>>(), expected);
        assert_eq!(set.and(EditSet::of(&all, |&place| place > 64)).places().next(), Some(70));
        assert_eq!(set.or(EditSet::of(&all, |&place| place == 1)).places().nth(1), Some(1));
        assert_eq!(EditSet::default().places().next(), None);
        let others = EditSet::of_places([1, 70, 2].into_iter());
        assert_eq!(set.without(others).places().collect::<Vec<_>>(), [&expected[..11], &expected[12..]].concat());
        assert!(others.contains(70) && !others.contains(71) && !others.contains(6));
    }
}
