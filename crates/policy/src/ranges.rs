//! Sets of ordinals: sorted ranges, with a bitmap in front where they are many.

use codeset::{Ordinal, SystemId};
use std::ops::Range;

/// Sorted, apart, not empty, half-open ranges of ordinals.
#[derive(Clone, PartialEq, Eq, Hash, Default, Debug)]
pub(crate) struct Ranges(Vec<(u32, u32)>);

impl Ranges {
    /// The union of any ranges.
    pub(crate) fn of(ranges: impl IntoIterator<Item = Range<u32>>) -> Ranges {
        let mut all: Vec<(u32, u32)> =
            ranges.into_iter().filter(|range| range.start < range.end).map(|range| (range.start, range.end)).collect();
        all.sort_unstable();
        let mut joined: Vec<(u32, u32)> = Vec::with_capacity(all.len());
        for (from, to) in all {
            match joined.last_mut() {
                Some(last) if from <= last.1 => last.1 = last.1.max(to),
                _ => joined.push((from, to)),
            }
        }
        Ranges(joined)
    }

    pub(crate) fn one(ordinal: Ordinal) -> Ranges {
        Ranges(vec![(ordinal.0, ordinal.0 + 1)])
    }

    pub(crate) fn iter(&self) -> impl Iterator<Item = Range<u32>> {
        self.0.iter().map(|&(from, to)| from..to)
    }

    pub(crate) fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// How many ordinals.
    pub(crate) fn count(&self) -> u64 {
        self.0.iter().map(|&(from, to)| u64::from(to - from)).sum()
    }

    pub(crate) fn union(&self, other: &Ranges) -> Ranges {
        Ranges::of(self.iter().chain(other.iter()))
    }

    pub(crate) fn intersection(&self, other: &Ranges) -> Ranges {
        let (mut a, mut b) = (self.0.iter().peekable(), other.0.iter().peekable());
        let mut both = Vec::new();
        while let (Some(&&(from_a, to_a)), Some(&&(from_b, to_b))) = (a.peek(), b.peek()) {
            let (from, to) = (from_a.max(from_b), to_a.min(to_b));
            if from < to {
                both.push((from, to));
            }
            if to_a <= to_b {
                a.next();
            } else {
                b.next();
            }
        }
        Ranges(both)
    }

    pub(crate) fn difference(&self, other: &Ranges) -> Ranges {
        let mut left = Vec::new();
        let mut others = other.0.as_slice();
        for &(mut from, to) in &self.0 {
            while let [(_, end), rest @ ..] = others
                && *end <= from
            {
                others = rest;
            }
            for &(out_from, out_to) in others {
                if out_from >= to {
                    break;
                }
                if from < out_from {
                    left.push((from, out_from));
                }
                from = from.max(out_to);
            }
            if from < to {
                left.push((from, to));
            }
        }
        Ranges(left)
    }

    pub(crate) fn contains(&self, ordinal: Ordinal) -> bool {
        let next = self.0.partition_point(|&(from, _)| from <= ordinal.0);
        next.checked_sub(1).and_then(|at| self.0.get(at)).is_some_and(|&(_, to)| ordinal.0 < to)
    }
}

/// Beyond so many ranges, a bitmap answers faster than a search, if it stays small.
const MANY: usize = 8;
/// The most words of a bitmap for each range that it stands for.
const WORDS_A_RANGE: usize = 16;

/// A set of codes of one system.
#[derive(Clone, PartialEq, Eq, Debug)]
pub(crate) struct CodeSet {
    pub(crate) system: SystemId,
    pub(crate) ranges: Ranges,
    bitmap: Option<Bitmap>,
}

#[derive(Clone, PartialEq, Eq, Debug)]
struct Bitmap {
    first: u32,
    words: Box<[u64]>,
}

impl CodeSet {
    pub(crate) fn new(system: SystemId, ranges: Ranges) -> CodeSet {
        let bitmap = match (ranges.0.first(), ranges.0.last()) {
            (Some(&(first, _)), Some(&(_, end))) if ranges.0.len() > MANY => {
                let words = (end - first).div_ceil(64) as usize;
                (words <= ranges.0.len() * WORDS_A_RANGE).then(|| {
                    let mut bits = vec![0u64; words];
                    for bit in ranges.iter().flatten().map(|ordinal| ordinal - first) {
                        if let Some(word) = bits.get_mut(bit as usize / 64) {
                            *word |= 1 << (bit % 64);
                        }
                    }
                    Bitmap { first, words: bits.into() }
                })
            }
            _ => None,
        };
        CodeSet { system, ranges, bitmap }
    }

    #[inline]
    pub(crate) fn contains(&self, ordinal: Ordinal) -> bool {
        match &self.bitmap {
            Some(bitmap) => ordinal.0.checked_sub(bitmap.first).is_some_and(|bit| {
                bitmap.words.get(bit as usize / 64).is_some_and(|word| word & (1 << (bit % 64)) != 0)
            }),
            None => self.ranges.contains(ordinal),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;
    use std::collections::BTreeSet;

    fn arbitrary() -> impl Strategy<Value = (Ranges, BTreeSet<u32>)> {
        let range = (0u32..400, 0u32..30).prop_map(|(from, length)| from..from + length);
        proptest::collection::vec(range, 0..40).prop_map(|ranges| {
            let set = ranges.iter().cloned().flatten().collect();
            (Ranges::of(ranges), set)
        })
    }

    fn elements(ranges: &Ranges) -> BTreeSet<u32> {
        ranges.iter().flatten().collect()
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(256))]
        #[test]
        fn ranges_are_sets((a, set_a) in arbitrary(), (b, set_b) in arbitrary()) {
            prop_assert_eq!(elements(&a), set_a.clone());
            prop_assert_eq!(elements(&a.union(&b)), set_a.union(&set_b).copied().collect());
            prop_assert_eq!(elements(&a.intersection(&b)), set_a.intersection(&set_b).copied().collect());
            prop_assert_eq!(elements(&a.difference(&b)), set_a.difference(&set_b).copied().collect());
            prop_assert_eq!(a.count(), set_a.len() as u64);
            let code_set = CodeSet::new(SystemId::Procedure, a.clone());
            for ordinal in 0..440 {
                prop_assert_eq!(a.contains(Ordinal(ordinal)), set_a.contains(&ordinal));
                prop_assert_eq!(code_set.contains(Ordinal(ordinal)), set_a.contains(&ordinal));
            }
            // The same set is the same ranges, however it was made.
            prop_assert_eq!(a.union(&b).difference(&b), a.difference(&b));
            prop_assert_eq!(Ranges::of(set_a.iter().map(|&one| one..one + 1)), a);
        }
    }
}
