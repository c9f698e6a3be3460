//! Whether a claim's rows lie apart.

use std::hint::black_box;
use xxhash_rust::xxh3::xxh3_64;

/// The claims that a window looks back over.
const CLAIMS: usize = 1 << 20;

/// Remembers the ids of the last 1,048,575 claims, and so finds a claim whose rows do not stand together.
///
/// Ids are told apart by 64-bit hashes with a fixed key: the same input gives the same answers on every machine.
/// Two ids in a full window share a hash once in some 18 million million claims. The memory grows with the claims, to
/// 24 MiB.
///
/// ```
/// use cleanclaim_claims::ClaimIdWindow;
/// let mut window = ClaimIdWindow::default();
/// assert_eq!(["A", "B", "A", "A"].map(|id| window.seen(id)), [false, false, true, false]);
/// ```
#[derive(Clone)]
pub struct ClaimIdWindow {
    /// The hashes of the claims in the window, each claim at its number modulo the window's length.
    ring: Vec<u64>,
    /// An open-addressed table of at least twice the ring's length, a power of two. The lower bits of an entry are the last
    /// claim's place in the ring of a hash, the upper ones are the hash's: they say where the entry belongs, and that it is
    /// of another hash, without a look into the ring.
    table: Vec<u64>,
    /// Claims taken so far.
    count: usize,
    /// The hash of the claim before.
    last: Option<u64>,
    claims: usize,
}

/// The slots that a table begins with.
const SLOTS: usize = 2;

/// Claims from which on the ring has room for all that it may come to hold, and is copied no more: what is not used of it is
/// no memory.
const FEW: usize = 1 << 10;

/// The bits of an entry that are a place.
const PLACE: u64 = (CLAIMS as u64) * 2 - 1;

/// A slot that is free: no claim has this place. Not zero, for memory that is zero already is not written, and a page that is
/// read before it is written is brought in twice.
const FREE: u64 = u64::MAX;

impl Default for ClaimIdWindow {
    fn default() -> ClaimIdWindow {
        ClaimIdWindow::of(CLAIMS)
    }
}

impl ClaimIdWindow {
    /// A window over `claims` claims, a power of two.
    fn of(claims: usize) -> ClaimIdWindow {
        ClaimIdWindow { ring: Vec::new(), table: Vec::new(), count: 0, last: None, claims }
    }

    /// Takes the next claim, in input order, and says whether its id was seen before in the window, with other
    /// claims between. An empty id is no id: never seen, but a claim between.
    pub fn seen(&mut self, id: &str) -> bool {
        self.seen_hash(ClaimIdWindow::hash(id))
    }

    /// The hash by which the window knows an id; `None` for the empty id, which is none.
    pub fn hash(id: &str) -> Option<u64> {
        ClaimIdWindow::hash_of(id.as_bytes())
    }

    /// As [`ClaimIdWindow::hash`], of the id's bytes.
    #[inline]
    pub fn hash_of(id: &[u8]) -> Option<u64> {
        (!id.is_empty()).then(|| xxh3_64(id))
    }

    /// Looks where the ids would be found, and those that they drive out of the window, and nothing more: done for many
    /// before they are looked for one by one, the waits for memory pass together.
    pub fn approach(&self, ids: &[Option<u64>]) {
        let driven_out = self.count..self.count + if self.count < self.claims { 0 } else { ids.len() };
        let driven_out = driven_out.filter_map(|count| self.ring.get(count & (self.claims - 1)));
        let entry = |&hash: &u64| self.table.get(self.home(hash));
        let entries = ids.iter().flatten().chain(driven_out).filter_map(entry);
        black_box(entries.fold(0, |seen, entry| seen ^ entry));
    }

    /// The slot where a hash belongs.
    fn home(&self, hash: u64) -> usize {
        let bits = self.table.len().trailing_zeros();
        hash.checked_shr(u64::BITS - bits).unwrap_or(0) as usize
    }

    /// As [`ClaimIdWindow::seen`], for an id that was hashed before, by another thread say.
    pub fn seen_hash(&mut self, id: Option<u64>) -> bool {
        let Some(hash) = id else {
            self.last = None;
            return false;
        };
        if self.last == Some(hash) {
            return false;
        }
        self.last = Some(hash);
        let place = self.count & (self.claims - 1);
        if self.count >= self.claims {
            self.forget(place);
            self.ring[place] = hash;
        } else {
            if self.table.len() <= self.ring.len() * 2 {
                self.widen();
            }
            if self.ring.len() == FEW {
                self.ring.reserve_exact(self.claims.saturating_sub(FEW));
            }
            self.ring.push(hash);
        }
        self.count += 1;
        let slot = self.slot(hash);
        let seen = self.table[slot] != FREE;
        self.table[slot] = hash & !PLACE | place as u64;
        seen
    }

    /// The slot of the table that has the hash, or the free one where it belongs. At most half of the slots are
    /// taken, so there is one.
    fn slot(&self, hash: u64) -> usize {
        let mask = self.table.len() - 1;
        let mut slot = self.home(hash);
        loop {
            let entry = self.table[slot];
            let of_hash = || (entry ^ hash) & !PLACE == 0 && self.ring[(entry & PLACE) as usize] == hash;
            if entry == FREE || of_hash() {
                return slot;
            }
            slot = (slot + 1) & mask;
        }
    }

    /// Makes four times the slots, at most twice the window's claims.
    #[cold]
    fn widen(&mut self) {
        let slots = (self.table.len() * 4).clamp(SLOTS, self.claims * 2);
        let old = std::mem::replace(&mut self.table, vec![FREE; slots]);
        for entry in old.into_iter().filter(|&entry| entry != FREE) {
            // Each is of another hash, so it goes to the first free slot.
            let mut slot = self.home(entry);
            while self.table[slot] != FREE {
                slot = (slot + 1) & (slots - 1);
            }
            self.table[slot] = entry;
        }
    }

    /// Takes the claim at `place` of the ring out of the table, unless its id came again since.
    fn forget(&mut self, place: usize) {
        let mask = self.table.len() - 1;
        let mut free = self.slot(self.ring[place]);
        if self.table[free] & PLACE != place as u64 {
            return;
        }
        // Entries behind it that would no longer be found from their own slot move up.
        let mut slot = free;
        loop {
            slot = (slot + 1) & mask;
            let entry = self.table[slot];
            if entry == FREE {
                break;
            }
            let own = self.home(entry);
            if slot.wrapping_sub(own) & mask >= slot.wrapping_sub(free) & mask {
                self.table[free] = entry;
                free = slot;
            }
        }
        self.table[free] = FREE;
    }
}

impl std::fmt::Debug for ClaimIdWindow {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "ClaimIdWindow({} claims)", self.count)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn it_answers_as_a_plain_list_does() {
        let mut state = 1u64;
        let mut random = move |below: u64| {
            state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
            (state >> 33) % below
        };
        for (claims, ids) in [(1, 3), (4, 6), (16, 24), (16, 1000), (64, 80)] {
            let mut window = ClaimIdWindow::of(claims);
            let mut before: Vec<String> = Vec::new();
            let mut last = String::new();
            for _ in 0..20_000 {
                let id = random(ids).to_string();
                let id = if id == "0" { String::new() } else { id };
                let list = &before[before.len().saturating_sub(claims - 1)..];
                let expected = !id.is_empty() && id != last && list.contains(&id);
                assert_eq!(window.seen(&id), expected);
                if !id.is_empty() && id != last {
                    before.push(id.clone());
                }
                last = id;
            }
        }
    }

    #[test]
    fn a_claim_beyond_the_window_is_forgotten() {
        let mut window = ClaimIdWindow::default();
        assert!(!window.seen("first"));
        for number in 0..CLAIMS - 2 {
            assert!(!window.seen(&number.to_string()));
        }
        let mut beyond = window.clone();
        assert!(window.seen("first"));
        assert!(!beyond.seen("one more"));
        assert!(!beyond.seen("first"));
    }
}
