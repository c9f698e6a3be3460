//! Looks back over the claims of a run for those that edits compare across claims: same patient, payer and day.
//!
//! A chunk is parsed by any worker, then taken here in input order, so that what is earlier does not depend on
//! threads. The look itself is a look-up a claim and day; everything else of a chunk is prepared by its parser. Memory
//! is bounded: claims farther back than the window are forgotten.

use crate::fingerprint::fingerprint;
use claims::{ClaimBatch, ClaimRow, ClaimView};
use codes::{BillType, ClaimType, Date, Npi, Sex};
use edits::{EarlierClaim, EarlierLine, claim_is_of_supplier, claim_replaces_another};
use std::collections::VecDeque;
use std::hint::black_box;
use std::ops::Range;
use std::sync::Arc;
use xxhash_rust::xxh3::xxh3_64;

/// The claims that a run looks back over.
const CLAIMS: usize = 1 << 17;

/// The most earlier claims of one patient, payer and day that a claim is compared with, the latest first: more
/// are no patient, and would cost the square of their number.
const MOST_OF_A_DAY: usize = 64;

/// Memory for claims and lines is taken for so many at a time.
const ROOM: usize = 512;

/// The most chunks of forgotten claims whose memory is kept to be filled again.
const MOST_FORGOTTEN: usize = 16;

/// The most days of service of one claim that are looked at: a statement is of some months at most.
const MOST_DAYS: usize = 366;

/// The byte between patient and payer, so that no two hash alike only for being cut at another place.
const END: u8 = 0;

/// What the window keeps of a chunk's claims.
#[derive(Default)]
pub(crate) struct Episodes {
    claims: Vec<Episode>,
    lines: Vec<EarlierLine>,
    days: Vec<Day>,
    text: Vec<u8>,
    /// The number of the input, where rows make its claims; none where each claim is held together by its format.
    rows_of: Option<u32>,
}

/// A claim.
struct Episode {
    /// Where its id, its patient and its payer begin among the texts, one after another, and where they end; between
    /// patient and payer stands [`END`].
    texts: [u32; 4],
    claim_type: ClaimType,
    bill_type: Option<BillType>,
    billing_npi: Option<Npi>,
    of_supplier: bool,
    birth_date: Option<Date>,
    sex: Option<Sex>,
    fingerprint: u64,
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
#[derive(Clone)]
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
    pub(crate) fn of(all: &[Earlier], claim: u32) -> Vec<EarlierClaim<'_>> {
        let Ok(place) = all.binary_search_by_key(&claim, |own| own.claim) else { return Vec::new() };
        all[place].found.iter().filter_map(|found| found.chunk.claim(found.episode, found.same)).collect()
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
        self.claims.clear();
        self.lines.clear();
        self.days.clear();
        self.text.clear();
        // Taken once, in one size for most chunks: a window of them is what a run holds most memory for.
        let room = |needed: usize| needed.next_multiple_of(ROOM);
        self.claims.reserve_exact(room(batch.claims.len()));
        self.lines.reserve_exact(room(batch.lines.len()));
        self.days.reserve_exact(room(batch.claims.len()));
        let texts = |claim: &ClaimRow| [claim.id, claim.patient, claim.payer].map(|text| batch.bytes(text).len());
        let text: usize = batch.claims.iter().flat_map(texts).sum();
        self.text.reserve_exact(room(text + batch.claims.len()));
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
        for (place, line) in claim.lines().iter().enumerate() {
            let Some(line) = EarlierLine::of(claim, place, line) else { continue };
            // Lines mostly share their days.
            if spans.last() != Some(&(line.from, line.to)) {
                spans.push((line.from, line.to));
            }
            self.lines.push(line);
        }
        if spans.is_empty() {
            return;
        }
        let texts = self.keep([claim.batch.bytes(claim.row.id), patient, payer]);
        let whose = xxh3_64(self.text.get(texts[1] as usize..).unwrap_or_default());
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
        self.text.push(END);
        let at_payer = self.text.len() as u32;
        self.text.extend_from_slice(payer);
        [at, at_patient, at_payer, self.text.len() as u32]
    }

    /// The claim's id, patient and payer.
    fn texts(&self, of: &Episode) -> [&[u8]; 3] {
        let [id, patient, payer, end] = of.texts.map(|place| place as usize);
        [id..patient, patient..payer.saturating_sub(1), payer..end]
            .map(|range| self.text.get(range).unwrap_or_default())
    }

    fn claim(&self, place: u32, same: bool) -> Option<EarlierClaim<'_>> {
        let own = self.claims.get(place as usize)?;
        Some(EarlierClaim {
            id: std::str::from_utf8(self.texts(own)[0]).unwrap_or_default(),
            claim_type: own.claim_type,
            bill_type: own.bill_type,
            billing_npi: own.billing_npi,
            of_supplier: own.of_supplier,
            same,
            lines: self.lines.get(own.lines.start as usize..own.lines.end as usize).unwrap_or_default(),
        })
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
                    Some(last) if last.claim == day.claim => last.found.extend(found),
                    _ if found.is_empty() => {}
                    _ => all.push(Earlier { claim: day.claim, found }),
                }
            }
        }
        for earlier in &mut all {
            // A claim that shares several days with this one is one claim.
            earlier.found.sort_by_key(|found| (found.number, found.episode));
            earlier.found.dedup_by_key(|found| (found.number, found.episode));
        }
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
        let mut next = Some(latest);
        while let Some(place) = next
            && found.len() < MOST_OF_A_DAY
        {
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

    /// Forgets the oldest chunks while there are more claims than the window holds without them.
    fn forget(&mut self) {
        while let Some(oldest) = self.chunks.front().filter(|oldest| self.kept - oldest.claims.len() >= self.claims) {
            self.kept -= oldest.claims.len();
            self.links.drain(..oldest.days.len());
            self.first_link += oldest.days.len() as u64;
            self.forgotten.extend(self.chunks.pop_front());
            self.first_chunk += 1;
        }
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]

    use super::*;
    use claims::{Claim, Columns, Line};

    /// Claims of a few patients and payers on a few days, drawn from a fixed sequence.
    fn claims(count: usize) -> Vec<Claim> {
        let mut state = 7u64;
        let mut draw = |below: u64| {
            state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
            (state >> 33) % below
        };
        let text = |text: String| Some(text).filter(|text| !text.is_empty());
        (0..count)
            .map(|number| Claim {
                claim_id: format!("c{}", number - usize::from(draw(10) == 0 && number > 0)),
                patient_id: text(["", "p1", "p2", "p3"][draw(4) as usize].to_owned()),
                payer_id: text(["", "x"][draw(2) as usize].to_owned()),
                frequency_code: text(["", "1", "7"][draw(3) as usize].to_owned()),
                lines: (0..draw(4))
                    .map(|_| Line {
                        procedure: text(["", "99213"][usize::from(draw(8) > 0)].to_owned()),
                        service_from: text(["", "20240101", "20240102"][draw(3) as usize].to_owned()),
                        service_to: text(["", "20240101", "20240104"][(draw(12) / 5) as usize].to_owned()),
                        ..Line::default()
                    })
                    .collect(),
                ..Claim::default()
            })
            .collect()
    }

    /// The ids of the earlier claims of each claim, by comparing each with all before it.
    fn plainly(claims: &[Claim]) -> Vec<Vec<String>> {
        let days = |claim: &Claim| -> Vec<String> {
            let mut days = Vec::new();
            for line in claim.lines.iter().filter(|line| line.procedure.is_some()) {
                let Some(from) = &line.service_from else { continue };
                let to = line.service_to.as_ref().unwrap_or(from).max(from);
                // All in one month.
                let on = |day: u32| format!("202401{day:02}");
                days.extend((1..=31).map(on).filter(|day| (from..=to).contains(&day)));
            }
            days
        };
        let takes_part = |claim: &Claim| {
            claim.patient_id.is_some() && claim.frequency_code.as_deref() != Some("7") && !days(claim).is_empty()
        };
        let earlier = |(place, own): (usize, &Claim)| {
            let alike = |other: &&Claim| {
                takes_part(own)
                    && takes_part(other)
                    && (&own.patient_id, &own.payer_id) == (&other.patient_id, &other.payer_id)
                    && own.claim_id != other.claim_id
                    && days(own).iter().any(|day| days(other).contains(day))
            };
            claims[..place].iter().filter(alike).map(|other| other.claim_id.clone()).collect()
        };
        claims.iter().enumerate().map(earlier).collect()
    }

    /// The same by a window, the claims in batches of this size.
    fn by_window(claims: &[Claim], batch: usize, window: usize) -> Vec<Vec<String>> {
        by(Window::of(window), claims, batch)
    }

    fn by(mut window: Window, claims: &[Claim], batch: usize) -> Vec<Vec<String>> {
        let mut all = Vec::new();
        for claims in claims.chunks(batch) {
            let mut batch = ClaimBatch::new(Columns::ALL);
            for claim in claims {
                batch.push(claim);
            }
            let earlier = window.look(Episodes::of(&batch));
            all.extend((0..claims.len() as u32).map(|claim| {
                Earlier::of(&earlier, claim).iter().map(|earlier| earlier.id.to_owned()).collect::<Vec<String>>()
            }));
        }
        all
    }

    #[test]
    fn the_claims_before_are_those_that_comparing_all_with_all_finds() {
        let claims = claims(300);
        let expected = plainly(&claims);
        assert!(expected.iter().filter(|earlier| earlier.len() > 2).count() > 20);
        for batch in [1, 2, 7, 50, 300] {
            assert_eq!(by_window(&claims, batch, 1_000), expected, "batches of {batch}");
        }
    }

    #[test]
    fn numbers_of_links_and_chunks_may_run_over() {
        let claims = claims(300);
        let expected = plainly(&claims);
        for (first_chunk, first_link) in [(u32::MAX - 3, u32::MAX - 150), (u32::MAX, u32::MAX), (u32::MAX - 40, 0)] {
            let start = Window { first_chunk: first_chunk.into(), first_link: first_link.into(), ..Window::of(1_000) };
            assert_eq!(by(start, &claims, 7), expected, "from chunk {first_chunk} and link {first_link}");
        }
    }

    #[test]
    fn a_window_forgets_the_oldest_and_never_finds_more() {
        let claims = claims(300);
        let all = plainly(&claims);
        let found = by_window(&claims, 10, 40);
        let count = |lists: &[Vec<String>]| lists.iter().map(Vec::len).sum::<usize>();
        assert!(count(&found) > 0 && count(&found) < count(&all));
        for (found, all) in found.iter().zip(&all) {
            // The latest ones, of those there are.
            assert!(all.ends_with(found), "{found:?} of {all:?}");
        }
    }

    #[test]
    fn a_claim_with_thousands_before_it_is_compared_with_the_latest() {
        let line = Line { procedure: Some("99213".into()), service_from: Some("20240101".into()), ..Line::default() };
        let one = Claim { patient_id: Some("p".into()), lines: vec![line], ..Claim::default() };
        let claims: Vec<Claim> = (0..2_000).map(|id| Claim { claim_id: format!("c{id}"), ..one.clone() }).collect();
        let found = by_window(&claims, 100, 10_000);
        assert_eq!(found[1_999], (1_999 - MOST_OF_A_DAY..1_999).map(|id| format!("c{id}")).collect::<Vec<_>>());
    }

    #[test]
    fn a_claim_is_the_same_but_for_its_id_and_when_it_came() {
        let line = Line { procedure: Some("99213".into()), service_from: Some("20240101".into()), ..Line::default() };
        let own = Claim { claim_id: "a".into(), patient_id: Some("p".into()), lines: vec![line], ..Claim::default() };
        let changed = |change: &dyn Fn(&mut Claim)| {
            let mut other = Claim { claim_id: "b".into(), ..own.clone() };
            change(&mut other);
            let mut batch = ClaimBatch::new(Columns::ALL);
            batch.push(&own);
            batch.push(&other);
            let earlier = Window::of(10).look(Episodes::of(&batch));
            Earlier::of(&earlier, 1).first().map(|earlier| earlier.same)
        };
        assert_eq!(changed(&|_| ()), Some(true));
        assert_eq!(changed(&|claim| claim.received_date = Some("20240105".into())), Some(true));
        assert_eq!(changed(&|claim| claim.lines[0].line_number = Some("9".into())), Some(true));
        assert_eq!(changed(&|claim| claim.diagnoses = vec!["I10".into()]), Some(false));
        assert_eq!(changed(&|claim| claim.sex = Some("F".into())), Some(false));
        assert_eq!(changed(&|claim| claim.claim_total = Some("1".into())), Some(false));
        assert_eq!(changed(&|claim| claim.lines[0].units = Some("2".into())), Some(false));
        assert_eq!(changed(&|claim| claim.lines[0].dx_pointers = vec!["1".into()]), Some(false));
        assert_eq!(changed(&|claim| claim.lines[0].modifiers = vec!["25".into()]), Some(false));
        assert_eq!(changed(&|claim| claim.lines[0].place_of_service = Some("11".into())), Some(false));
        assert_eq!(changed(&|claim| claim.lines[0].service_to = Some("20240101".into())), Some(true));
        assert_eq!(changed(&|claim| claim.lines[0].service_to = Some("20240102".into())), Some(false));
        assert_eq!(changed(&|claim| claim.lines[0].rendering_npi = Some("1234567893".into())), Some(false));
        assert_eq!(changed(&|claim| claim.lines[0].ndc = Some("00002759701".into())), Some(false));
    }

    #[test]
    fn a_family_that_shares_an_id_is_of_several_patients() {
        let line = Line { procedure: Some("99213".into()), service_from: Some("20240101".into()), ..Line::default() };
        let claim = |birth_date: &str, sex: &str| {
            let text = |text: &str| Some(text.to_owned()).filter(|text| !text.is_empty());
            let (birth_date, sex, patient_id) = (text(birth_date), text(sex), text("p"));
            Claim { claim_id: "c".into(), patient_id, birth_date, sex, lines: vec![line.clone()], ..Claim::default() }
        };
        let own = ("20150101", "F");
        for (other, one) in [
            (("20150101", "F"), true),
            (("20170202", "F"), false),
            (("20150101", "M"), false),
            // What is not known tells nobody apart.
            (("", ""), true),
            (("20150101", "U"), true),
        ] {
            let mut batch = ClaimBatch::new(Columns::ALL);
            batch.push(&claim(own.0, own.1));
            batch.push(&claim(other.0, other.1));
            let earlier = Window::of(10).look(Episodes::default().filled(&batch, None));
            assert_eq!(Earlier::of(&earlier, 1).len(), usize::from(one), "{other:?}");
        }
    }

    #[test]
    fn values_that_cannot_be_read_are_the_same_where_their_texts_are() {
        type Change = fn(&mut Claim, String);
        let changes: [Change; 12] = [
            |claim, text| claim.birth_date = Some(text),
            |claim, text| claim.billing_npi = Some(text),
            |claim, text| claim.claim_total = Some(text),
            |claim, text| claim.condition_codes = vec![text],
            |claim, text| claim.diagnoses = vec!["I10".into(), text],
            |claim, text| claim.lines[0].rendering_npi = Some(text),
            |claim, text| claim.lines[0].service_to = Some(text),
            |claim, text| claim.lines[1].procedure = Some(text),
            |claim, text| claim.lines[1].modifiers = vec!["25".into(), text],
            |claim, text| claim.lines[0].units = Some(text),
            |claim, text| claim.lines[1].charge = Some(text),
            |claim, text| claim.lines[0].dx_pointers = vec![text],
        ];
        let line = Line { procedure: Some("99213".into()), service_from: Some("20240101".into()), ..Line::default() };
        for (number, change) in changes.iter().enumerate() {
            for (one, other, expected) in [("1,00#", "1,00#", true), ("1,00#", "2,00#", false), ("1,00#", "", false)] {
                let mut batch = ClaimBatch::new(Columns::ALL);
                for (id, text) in [("a", one), ("b", other)] {
                    let lines = vec![line.clone(), line.clone()];
                    let (claim_id, patient_id) = (id.to_owned(), Some("p".to_owned()));
                    let mut claim = Claim { claim_id, patient_id, lines, ..Claim::default() };
                    change(&mut claim, text.to_owned());
                    batch.push(&claim);
                }
                let earlier = Window::of(10).look(Episodes::of(&batch));
                let same = Earlier::of(&earlier, 1).first().map(|earlier| earlier.same);
                assert_eq!(same, Some(expected), "change {number}: {one} and {other}");
            }
        }
    }

    #[test]
    fn an_id_that_comes_back_is_of_two_claims_but_where_rows_of_one_may_lie_apart() {
        let line = Line { procedure: Some("99213".into()), service_from: Some("20240101".into()), ..Line::default() };
        let own = Claim { claim_id: "a".into(), patient_id: Some("p".into()), lines: vec![line], ..Claim::default() };
        let mut batch = ClaimBatch::new(Columns::ALL);
        batch.push(&own);
        for (first, second, expected) in [
            (None, None, Some(true)),
            (Some(1), Some(1), None),
            (Some(1), Some(2), Some(true)),
            (Some(1), None, Some(true)),
            (None, Some(1), Some(true)),
        ] {
            let mut window = Window::of(10);
            assert!(window.look(Episodes::default().filled(&batch, first)).is_empty());
            let earlier = window.look(Episodes::default().filled(&batch, second));
            let same = Earlier::of(&earlier, 0).first().map(|earlier| earlier.same);
            assert_eq!(same, expected, "{first:?} and {second:?}");
        }
    }
}
