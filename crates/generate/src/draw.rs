//! Drawing lots: everything random in a claim, from a seed, in integers.
//!
//! Integers alone, because `exp` and its like differ in the last bit from platform to platform, and the same seed
//! must give the same claims everywhere.

use rand_chacha::ChaCha8Rng;
use rand_chacha::rand_core::{Rng, SeedableRng};

/// The first 24 bytes of the key. Another version of the generator that draws otherwise takes another.
const LABEL: &[u8; 24] = b"cleanclaim generate v1  ";

/// A stream of random numbers.
pub(crate) struct Draw(ChaCha8Rng);

impl Draw {
    /// Stream number `stream` of a seed. Each claim has its own, so that it depends on no other.
    pub(crate) fn new(seed: u64, stream: u64) -> Draw {
        let mut key = [0u8; 32];
        key[..24].copy_from_slice(LABEL);
        key[24..].copy_from_slice(&seed.to_le_bytes());
        let mut numbers = ChaCha8Rng::from_seed(key);
        numbers.set_stream(stream);
        Draw(numbers)
    }

    /// A number below `limit`; 0 when the limit is 0. Some are likelier by one part in 2³² / `limit`, which no
    /// claim file is long enough to show.
    #[inline]
    pub(crate) fn below(&mut self, limit: u32) -> u32 {
        ((u64::from(self.0.next_u32()) * u64::from(limit)) >> 32) as u32
    }

    /// A number from `low` to `high`, both within.
    #[inline]
    pub(crate) fn between(&mut self, low: u32, high: u32) -> u32 {
        low + self.below(high.saturating_sub(low).saturating_add(1))
    }

    /// Whether something happens that does once in `times`.
    #[inline]
    pub(crate) fn once_in(&mut self, times: u32) -> bool {
        self.below(times) == 0
    }

    /// Whether something of this share happens.
    #[inline]
    pub(crate) fn happens(&mut self, share: Share) -> bool {
        u64::from(self.0.next_u32()) < share.0
    }

    /// One of the items, each as likely; `None` of none.
    #[inline]
    pub(crate) fn pick<T: Copy>(&mut self, items: &[T]) -> Option<T> {
        items.get(self.below(items.len() as u32) as usize).copied()
    }

    /// One of the alternatives.
    #[inline]
    pub(crate) fn choose<T: Copy>(&mut self, choice: &Choice<T>) -> T {
        let mut lot = self.below(1000);
        for &(weight, item) in choice.others {
            if lot < weight {
                return item;
            }
            lot -= weight;
        }
        choice.usual
    }

    /// A place among `count`, the first ones likelier: each doubling of the place is as likely as the one before.
    #[inline]
    pub(crate) fn ranked(&mut self, count: u32) -> u32 {
        let doubling = self.below(u32::BITS - count.leading_zeros());
        self.in_doubling(doubling, count)
    }

    /// A place from 2ⁿ − 1 to 2ⁿ⁺¹ − 2, below `count`.
    #[inline]
    fn in_doubling(&mut self, doubling: u32, count: u32) -> u32 {
        let first = (1 << doubling) - 1;
        first + self.below((1 << doubling).min(count.saturating_sub(first)))
    }
}

/// A share of 2³².
#[derive(Clone, Copy)]
pub(crate) struct Share(u64);

impl Share {
    /// A share from 0 to 1, or `None`.
    pub(crate) fn new(share: f64) -> Option<Share> {
        // One multiplication by a power of two and one truncation: exact on every platform.
        (0.0..=1.0).contains(&share).then_some(Share((share * 4_294_967_296.0) as u64))
    }
}

/// Weighted alternatives: others of so many in a thousand each, and the usual one for the rest.
pub(crate) struct Choice<T: 'static> {
    pub(crate) usual: T,
    pub(crate) others: &'static [(u32, T)],
}

/// How likely each doubling of the rank is. The first 255 codes carry three lines of four, the first one alone
/// one of ten, and everything beyond 4,000 one of thirty: about as office and outpatient claims do.
const DOUBLINGS: [u32; 17] = [8, 8, 8, 8, 8, 8, 8, 6, 5, 4, 3, 2, 1, 1, 1, 1, 1];

/// Codes from common to rare.
pub(crate) struct Ranked<T> {
    codes: Vec<T>,
    /// What the weights of the doublings up to this one add up to; none when every code is as likely.
    sums: Vec<u32>,
}

impl<T: Copy> Ranked<T> {
    /// These codes, the most common first; or, when `uniform`, each as likely.
    pub(crate) fn new(codes: Vec<T>, uniform: bool) -> Ranked<T> {
        let doublings = if uniform { 0 } else { usize::BITS - codes.len().leading_zeros() };
        let weight = |place: u32| DOUBLINGS.get(place as usize).copied().unwrap_or(1);
        let sums = (0..doublings).scan(0, |sum, place| {
            *sum += weight(place);
            Some(*sum)
        });
        Ranked { sums: sums.collect(), codes }
    }

    /// Whether there are none.
    pub(crate) fn is_empty(&self) -> bool {
        self.codes.is_empty()
    }

    /// One of them; `None` of none.
    #[inline]
    pub(crate) fn draw(&self, draw: &mut Draw) -> Option<T> {
        let count = self.codes.len() as u32;
        let place = match self.sums.last() {
            None => draw.below(count),
            Some(&sum) => {
                let lot = draw.below(sum);
                let doubling = self.sums.iter().position(|&upto| lot < upto).unwrap_or(0);
                draw.in_doubling(doubling as u32, count)
            }
        };
        self.codes.get(place as usize).copied()
    }
}

/// A number as good as random that depends on `number` alone: what is to be the same in every claim that mentions
/// it, a patient's birth or a code's usual charge, is taken from it.
pub(crate) const fn mix(number: u64) -> u64 {
    // The finaliser of splitmix64.
    let mut z = number.wrapping_add(0x9e37_79b9_7f4a_7c15);
    z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
    z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
    z ^ (z >> 31)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_first_numbers_of_a_seed_never_change() {
        let mut draw = Draw::new(1, 0);
        let first: Vec<u32> = (0..4).map(|_| draw.below(1_000_000)).collect();
        let mut again = Draw::new(1, 0);
        assert_eq!(first, (0..4).map(|_| again.below(1_000_000)).collect::<Vec<_>>());
        assert_eq!(first, FIRST);
        assert_ne!(first[0], Draw::new(1, 1).below(1_000_000));
        assert_ne!(first[0], Draw::new(2, 0).below(1_000_000));
    }

    /// Written down once: whoever sees another has another generator, and another label is due.
    const FIRST: [u32; 4] = [895_522, 908_481, 341_502, 162_471];

    #[test]
    fn draws_stay_within_their_limits() {
        let mut draw = Draw::new(7, 7);
        for count in 1..200 {
            let codes = Ranked::new((0..count).collect(), false);
            for _ in 0..200 {
                assert!(draw.below(count) < count);
                assert!(draw.ranked(count) < count);
                assert!((3..=count + 3).contains(&draw.between(3, count + 3)));
                assert!(codes.draw(&mut draw).is_some());
            }
        }
        assert_eq!(draw.below(0), 0);
        assert_eq!(draw.pick::<u8>(&[]), None);
        assert_eq!(Ranked::<u8>::new(Vec::new(), false).draw(&mut draw), None);
        assert_eq!(Ranked::<u8>::new(Vec::new(), true).draw(&mut draw), None);
    }

    #[test]
    fn few_codes_carry_most_draws_unless_all_are_as_likely() {
        let share_of_first_255 = |uniform| {
            let codes = Ranked::new((0..17_000u32).collect(), uniform);
            let mut draw = Draw::new(3, 0);
            (0..100_000).filter(|_| codes.draw(&mut draw).is_some_and(|code| code < 255)).count()
        };
        assert!((70_000..85_000).contains(&share_of_first_255(false)), "{}", share_of_first_255(false));
        assert!((1_000..2_000).contains(&share_of_first_255(true)), "{}", share_of_first_255(true));
    }

    #[test]
    fn shares_and_choices_are_as_likely_as_they_say() {
        let mut draw = Draw::new(5, 0);
        let half = Share::new(0.5);
        let times = (0..100_000).filter(|_| half.is_some_and(|half| draw.happens(half))).count();
        assert!((49_000..51_000).contains(&times));
        for (share, all) in [(0.0, 0), (1.0, 1000)] {
            let share = Share::new(share);
            assert_eq!((0..1000).filter(|_| share.is_some_and(|share| draw.happens(share))).count(), all);
        }
        assert!(Share::new(1.1).is_none() && Share::new(-0.1).is_none() && Share::new(f64::NAN).is_none());
        let choice = Choice { usual: 'a', others: &[(200, 'b'), (100, 'c')] };
        let drawn: Vec<char> = (0..100_000).map(|_| draw.choose(&choice)).collect();
        for (item, low, high) in [('a', 69_000, 71_000), ('b', 19_000, 21_000), ('c', 9_000, 11_000)] {
            assert!((low..high).contains(&drawn.iter().filter(|&&one| one == item).count()));
        }
    }
}
