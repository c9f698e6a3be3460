//! Looks back over the claims of a run for those that edits compare across claims: same patient, payer and day.
//!
//! A chunk is parsed by any worker, then taken here in input order, so that what is earlier does not depend on
//! threads. The look itself is a look-up a claim and day; everything else of a chunk is prepared by its parser. Memory
//! is bounded: claims farther back than the window are forgotten.

use crate::fingerprint::fingerprint;
use claims::{ClaimBatch, ClaimRow, ClaimView};
use codes::{BillType, ClaimType, Date, Npi, Sex};
use edits::{EarlierClaim, EarlierLine, claim_is_of_supplier, claim_replaces_another};
use packed::{Packer, unpacked};
use std::collections::VecDeque;
use std::hint::black_box;
use std::ops::Range;
use std::sync::Arc;
use xxhash_rust::xxh3::xxh3_64;

mod packed;

/// The claims that a run looks back over.
const CLAIMS: usize = 1 << 17;

/// The most earlier claims of one patient, payer and day that a claim is compared with, the latest first: more
/// are no patient, and would cost the square of their number.
const MOST_OF_A_DAY: usize = 64;

/// The most days of service of earlier claims that are looked at for one day of a claim, the latest first: all of one patient
/// and payer that are not comparable, as where every patient has one id, would cost the square of their number.
const MOST_LOOKED_AT: usize = 1024;

/// The days of service that a window keeps for each claim of its size, of all claims together.
const DAYS_A_CLAIM: usize = 8;

/// Memory for claims and lines is taken for so many at a time.
const ROOM: usize = 512;

/// The most chunks of forgotten claims whose memory is kept to be filled again.
const MOST_FORGOTTEN: usize = 16;

/// The most days of service of one claim that are looked at, the first ones: a statement is of two months at most.
const MOST_DAYS: usize = 93;

/// What the window keeps of a chunk's claims.
#[derive(Default)]
pub(crate) struct Episodes {
    claims: Vec<Episode>,
    /// Their lines, packed.
    lines: Vec<u8>,
    days: Vec<Day>,
    text: Vec<u8>,
    /// The number of the input, where rows make its claims; none where each claim is held together by its format.
    rows_of: Option<u32>,
}

/// A claim.
struct Episode {
    /// Where its id, its patient and its payer begin among the texts, one after another, and where they end.
    texts: [u32; 4],
    claim_type: ClaimType,
    bill_type: Option<BillType>,
    billing_npi: Option<Npi>,
    of_supplier: bool,
    birth_date: Option<Date>,
    sex: Option<Sex>,
    fingerprint: u64,
    /// The bytes of its lines.
    lines: Range<u32>,
}

/// A day of service of a claim.
struct Day {
    /// Hash of patient, payer and day.
    key: u64,
    day: Date,
    /// Its claim, a place in the episodes.
    episode: u32,
    /// Its claim, a place in the batch.
    claim: u32,
}

/// The earlier claims of one claim of a batch.
pub(crate) struct Earlier {
    /// The claim, a place in its batch.
    claim: u32,
    /// They, in input order.
    found: Vec<Found>,
}

/// An earlier claim.
struct Found {
    /// The number of its chunk.
    number: u64,
    chunk: Arc<Episodes>,
    /// Its place in the chunk's episodes.
    episode: u32,
    /// Whether it is the same claim under another id.
    same: bool,
}

impl Earlier {
    /// Those of the batch's claim `claim`, of all that were found for the batch. Hardly any claim has some, and then
    /// there is memory to take.
    pub(crate) fn of(all: &[Earlier], claim: u32) -> Recalled<'_> {
        let Ok(place) = all.binary_search_by_key(&claim, |own| own.claim) else { return Recalled::default() };
        let mut recalled = Recalled::default();
        for found in &all[place].found {
            let Some(own) = found.chunk.claims.get(found.episode as usize) else { continue };
            let from = recalled.lines.len();
            recalled.lines.extend(found.chunk.lines(own));
            recalled.claims.push((found, own, from..recalled.lines.len()));
        }
        recalled
    }
}

impl Earlier {
    /// Those of another day. Claims of many days are mostly found on each again, and are not to be kept so often.
    fn add(&mut self, found: Vec<Found>) {
        self.found.extend(found);
        if self.found.len() > 4 * MOST_OF_A_DAY {
            self.tidy();
        }
    }

    /// Puts them in input order. A claim that shares several days with this one is one claim.
    fn tidy(&mut self) {
        self.found.sort_by_key(|found| (found.number, found.episode));
        self.found.dedup_by_key(|found| (found.number, found.episode));
    }
}

/// The earlier claims of a claim, with their lines.
#[derive(Default)]
pub(crate) struct Recalled<'w> {
    claims: Vec<(&'w Found, &'w Episode, Range<usize>)>,
    lines: Vec<EarlierLine>,
}

impl Recalled<'_> {
    /// They, as edits look at them.
    pub(crate) fn claims(&self) -> Vec<EarlierClaim<'_>> {
        let claims = self.claims.iter().map(|(found, own, lines)| EarlierClaim {
            id: std::str::from_utf8(found.chunk.texts(own)[0]).unwrap_or_default(),
            claim_type: own.claim_type,
            bill_type: own.bill_type,
            billing_npi: own.billing_npi,
            of_supplier: own.of_supplier,
            same: found.same,
            lines: self.lines.get(lines.clone()).unwrap_or_default(),
        });
        claims.collect()
    }
}

impl Episodes {
    /// The claims of a batch that others may be compared with.
    #[cfg(test)]
    pub(crate) fn of(batch: &ClaimBatch) -> Episodes {
        Episodes::default().filled(batch, Some(0))
    }

    /// The claims of a batch that others may be compared with, in the memory of claims that are forgotten. `rows_of` is
    /// the number of the input, where rows make its claims.
    pub(crate) fn filled(mut self, batch: &ClaimBatch, rows_of: Option<u32>) -> Episodes {
        self.rows_of = rows_of;
        empty(&mut self.claims, batch.claims.len());
        empty(&mut self.lines, batch.lines.len() * packed::USUAL);
        empty(&mut self.days, batch.claims.len());
        let texts = |claim: &ClaimRow| [claim.id, claim.patient, claim.payer].map(|text| batch.bytes(text).len());
        empty(&mut self.text, batch.claims.iter().flat_map(texts).sum());
        let mut spans = Vec::new();
        for claim in batch.iter() {
            self.push(claim, &mut spans);
        }
        self
    }

    /// Adds a claim, if it may be compared with; `spans` is memory to work in.
    fn push(&mut self, claim: ClaimView<'_>, spans: &mut Vec<(Date, Date)>) {
        let (patient, payer) = (claim.batch.bytes(claim.row.patient), claim.batch.bytes(claim.row.payer));
        if patient.is_empty() || claim.row.unreadable || claim_replaces_another(claim) {
            return;
        }
        let (episode, first) = (self.claims.len() as u32, self.lines.len() as u32);
        spans.clear();
        let mut packer = Packer::new(&mut self.lines);
        for (place, line) in claim.lines().iter().enumerate() {
            let Some(line) = EarlierLine::of(claim, place, line) else { continue };
            // Lines mostly share their days.
            if spans.last() != Some(&(line.from, line.to)) {
                spans.push((line.from, line.to));
            }
            packer.push(&line);
        }
        if spans.is_empty() {
            return;
        }
        let texts = self.keep([claim.batch.bytes(claim.row.id), patient, payer]);
        let whose = xxh3_64(patient).rotate_left(32) ^ xxh3_64(payer);
        let day = |day| Day { key: key(whose, day), day, episode, claim: claim.index };
        match *spans.as_slice() {
            [(from, to)] if from == to => self.days.push(day(from)),
            _ => self.days.extend(distinct_days(spans).take(MOST_DAYS).map(day)),
        }
        self.claims.push(Episode {
            texts,
            claim_type: claim.row.claim_type,
            bill_type: claim.row.bill_type.value(),
            billing_npi: claim.row.billing_npi.value(),
            of_supplier: claim_is_of_supplier(claim),
            birth_date: claim.row.birth_date.value(),
            sex: claim.row.sex.value().filter(|&sex| sex != Sex::Unknown),
            fingerprint: fingerprint(claim),
            lines: first..self.lines.len() as u32,
        });
    }

    fn keep(&mut self, [id, patient, payer]: [&[u8]; 3]) -> [u32; 4] {
        let at = self.text.len() as u32;
        self.text.extend_from_slice(id);
        let at_patient = self.text.len() as u32;
        self.text.extend_from_slice(patient);
        let at_payer = self.text.len() as u32;
        self.text.extend_from_slice(payer);
        [at, at_patient, at_payer, self.text.len() as u32]
    }

    /// The claim's id, patient and payer.
    fn texts(&self, of: &Episode) -> [&[u8]; 3] {
        let [id, patient, payer, end] = of.texts.map(|place| place as usize);
        [id..patient, patient..payer, payer..end].map(|range| self.text.get(range).unwrap_or_default())
    }

    fn lines(&self, of: &Episode) -> impl Iterator<Item = EarlierLine> {
        unpacked(self.lines.get(of.lines.start as usize..of.lines.end as usize).unwrap_or_default())
    }

    /// Whether the two are of the same patient and payer, and two claims. A family may share an id: two days of birth, or two
    /// sexes, are of two patients. An id that comes back in an input whose rows make the claims is of one claim whose rows
    /// lie apart, which is edit FMT006's. Everywhere else it is of two.
    fn comparable(&self, own: &Episode, other: &Episodes, earlier: &Episode) -> bool {
        let ([id, patient, payer], [other_id, other_patient, other_payer]) = (self.texts(own), other.texts(earlier));
        let rows_apart = || self.rows_of.is_some() && self.rows_of == other.rows_of && id == other_id;
        let may_be_one = !differ(own.birth_date, earlier.birth_date) && !differ(own.sex, earlier.sex);
        patient == other_patient && payer == other_payer && may_be_one && !rows_apart()
    }
}

/// Empties memory that so many are put into. Where it is too small other is taken, in one size for most chunks, and what it
/// held is not copied: a window of these is what a run holds most memory for.
fn empty<T>(own: &mut Vec<T>, needed: usize) {
    own.clear();
    if own.capacity() < needed {
        *own = Vec::with_capacity(needed.next_multiple_of(ROOM));
    }
}

/// Whether both are known and are not the same.
fn differ<T: PartialEq>(one: Option<T>, other: Option<T>) -> bool {
    one.zip(other).is_some_and(|(one, other)| one != other)
}

/// Every day of these spans once, in order.
fn distinct_days(spans: &mut [(Date, Date)]) -> impl Iterator<Item = Date> {
    spans.sort_unstable();
    let mut next = i32::MIN;
    spans.iter().flat_map(move |&(from, to)| {
        let first = from.days().max(next);
        next = next.max(to.days().saturating_add(1));
        (first..=to.days()).map(Date::from_days)
    })
}

/// Spreads the days of one patient over all keys.
fn key(whose: u64, day: Date) -> u64 {
    whose ^ (day.days() as u64).wrapping_mul(0x9E37_79B9_7F4A_7C15)
}

/// A day of service in the window. Its number counts all days of the run.
struct Link {
    /// What of the day's key tells it from most others.
    key: u32,
    /// The number of its chunk, modulo 2³².
    chunk: u32,
    /// Its place among the chunk's days.
    day: u32,
    /// How many links back the one before in the same bucket is; 0 where there is none.
    back: u32,
}

/// The claims of a run so far, as far back as it looks.
pub(crate) struct Window {
    claims: usize,
    kept: usize,
    chunks: VecDeque<Arc<Episodes>>,
    first_chunk: u64,
    links: VecDeque<Link>,
    first_link: u64,
    /// For each key modulo the length, a power of two, the number of the latest link, modulo 2³². Nothing is ever taken
    /// out: a link that is forgotten is known by its number, and one of another key by its key.
    latest: Vec<u32>,
    forgotten: Vec<Arc<Episodes>>,
}

/// The buckets that a window begins with.
const BUCKETS: usize = 1 << 6;

impl Default for Window {
    fn default() -> Window {
        Window::of(CLAIMS)
    }
}

impl Window {
    /// A window over so many claims.
    pub(crate) fn of(claims: usize) -> Window {
        Window {
            claims,
            kept: 0,
            chunks: VecDeque::new(),
            first_chunk: 0,
            links: VecDeque::new(),
            first_link: 0,
            latest: Vec::new(),
            forgotten: Vec::new(),
        }
    }

    /// Memory of claims that are forgotten and that nobody reads any more, to be filled again.
    pub(crate) fn spare(&mut self) -> Option<Episodes> {
        let free = self.forgotten.iter().position(|own| Arc::strong_count(own) == 1)?;
        Arc::into_inner(self.forgotten.swap_remove(free))
    }

    /// Takes the next chunk, in input order, and gives for its claims those before them, in the order of the claims.
    pub(crate) fn look(&mut self, episodes: Episodes) -> Vec<Earlier> {
        if episodes.claims.is_empty() {
            self.forgotten.push(Arc::new(episodes));
            self.forgotten.truncate(MOST_FORGOTTEN);
            return Vec::new();
        }
        let episodes = Arc::new(episodes);
        let chunk = self.first_chunk + self.chunks.len() as u64;
        self.kept += episodes.claims.len();
        self.chunks.push_back(Arc::clone(&episodes));
        let mut all: Vec<Earlier> = Vec::new();
        self.approach(&episodes.days);
        for (day, place) in episodes.days.iter().zip(0u32..) {
            let link = Link { key: day.key as u32, chunk: chunk as u32, day: place, back: 0 };
            if let Some(before) = self.push(link) {
                let found = self.found(&episodes, day, before);
                match all.last_mut() {
                    Some(last) if last.claim == day.claim => last.add(found),
                    _ if found.is_empty() => {}
                    _ => all.push(Earlier { claim: day.claim, found }),
                }
            }
        }
        all.iter_mut().for_each(Earlier::tidy);
        self.forget();
        // Of what could not be used again in time nothing is kept.
        self.forgotten.truncate(MOST_FORGOTTEN);
        all
    }

    /// Looks where the days would be found, and nothing more: done for all before each is looked for, the waits for
    /// memory pass together.
    fn approach(&self, days: &[Day]) {
        let mask = self.latest.len().wrapping_sub(1);
        let key = |day: &Day| {
            let number = self.latest.get(day.key as u32 as usize & mask)?;
            self.links.get(number.wrapping_sub(self.first_link as u32) as usize).map(|link| link.key)
        };
        black_box(days.iter().filter_map(key).fold(0, |seen, key| seen ^ key));
    }

    /// Adds a link, and gives the place of the one before it in its bucket.
    fn push(&mut self, mut link: Link) -> Option<usize> {
        if self.links.len() * 2 >= self.latest.len() {
            self.widen();
        }
        let place = self.links.len();
        link.back = self.bring_up(link.key, place);
        let before = place.checked_sub(link.back as usize).filter(|&before| before < place);
        self.links.push_back(link);
        before
    }

    /// Makes the link at `place` the latest of its bucket; gives how far before it the one is that was so.
    fn bring_up(&mut self, key: u32, place: usize) -> u32 {
        let number = (self.first_link as u32).wrapping_add(place as u32);
        let bucket = key as usize & (self.latest.len() - 1);
        let before = std::mem::replace(&mut self.latest[bucket], number);
        let back = number.wrapping_sub(before);
        if back as usize <= place { back } else { 0 }
    }

    /// Doubles the buckets, so that they do not come to hold many links each.
    #[cold]
    fn widen(&mut self) {
        let buckets = (self.latest.len() * 2).max(BUCKETS);
        // No link of the window has this number.
        let none = (self.first_link as u32).wrapping_sub(1);
        self.latest.clear();
        self.latest.resize(buckets, none);
        for place in 0..self.links.len() {
            self.links[place].back = self.bring_up(self.links[place].key, place);
        }
    }

    fn found(&self, episodes: &Episodes, day: &Day, latest: usize) -> Vec<Found> {
        let Some(own) = episodes.claims.get(day.episode as usize) else { return Vec::new() };
        let mut found = Vec::new();
        let (mut next, mut looked_at) = (Some(latest), 0);
        while let Some(place) = next
            && found.len() < MOST_OF_A_DAY
            && looked_at < MOST_LOOKED_AT
        {
            looked_at += 1;
            let Some(link) = self.links.get(place) else { break };
            next = place.checked_sub(link.back as usize).filter(|&before| before < place);
            if link.key != day.key as u32 {
                continue;
            }
            let own_chunk = link.chunk.wrapping_sub(self.first_chunk as u32);
            let Some(chunk) = self.chunks.get(own_chunk as usize) else { break };
            let Some(other) = chunk.days.get(link.day as usize) else { break };
            let Some(earlier) = chunk.claims.get(other.episode as usize) else { break };
            if other.key == day.key && other.day == day.day && episodes.comparable(own, chunk, earlier) {
                let number = self.first_chunk + u64::from(own_chunk);
                let same = own.fingerprint == earlier.fingerprint;
                found.push(Found { number, chunk: Arc::clone(chunk), episode: other.episode, same });
            }
        }
        found
    }

    /// Forgets the oldest chunks while there are more claims, or days, than the window holds without them.
    fn forget(&mut self) {
        let is_full = |window: &Window, oldest: &Episodes| {
            window.kept - oldest.claims.len() >= window.claims
                || window.links.len() - oldest.days.len() >= window.claims * DAYS_A_CLAIM
        };
        while let Some(oldest) = self.chunks.front().filter(|oldest| is_full(self, oldest)) {
            self.kept -= oldest.claims.len();
            self.links.drain(..oldest.days.len());
            self.first_link += oldest.days.len() as u64;
            self.forgotten.extend(self.chunks.pop_front());
            self.first_chunk += 1;
        }
    }
}

#[cfg(test)]
mod tests;
