//! What a worker remembers of the codes it has looked up.

use crate::kinds::{Ground, Kinds};
use ahash::RandomState;
use claims::ClaimBatch;
use codes::{Code, Date};
use codeset::{Codeset, Ordinal, SystemId};
use edits::{OnDay, Resolver, Unanswered};
use std::collections::HashMap;
use std::hint::black_box;

/// Beyond this many codes a system's memory starts afresh: no release has so many, so the claims are full of
/// codes that do not exist, and remembering those would grow with the input.
pub(crate) const MOST_REMEMBERED: usize = 1 << 18;

/// The most codes of each system that are remembered with all that the tables say of them on some days, a cache line
/// each. Powers of two.
const MOST_DATED: [usize; SystemId::ALL.len()] = {
    let mut most = [1 << 6; SystemId::ALL.len()];
    most[SystemId::Procedure as usize] = 1 << 16;
    most[SystemId::Diagnosis as usize] = 1 << 16;
    most[SystemId::Modifier as usize] = 1 << 10;
    most[SystemId::PlaceOfService as usize] = 1 << 7;
    most
};

/// Places that codes share, so that two whose own place is the same, and the stretches of days on which the tables say
/// different things of one code, are remembered side by side.
const ALIKE: usize = 8;

/// Places that are taken at first.
const FIRST_DATED: usize = 1 << 10;

/// Codes of a system asked for of late, a power of two: claims use few dozens of revenue codes.
const RECENT: usize = 64;

/// Days remembered, a power of two: those of some years, as claims have.
const DAYS: usize = 2048;

/// Claims whose codes are approached at a time: so few that what was found is still at hand when it is looked up.
pub(crate) const AHEAD: usize = 32;

/// Questions before the memory for dated answers is taken: one claim by itself asks fewer.
const FEW: usize = 200;

/// What a worker remembers of codes, in front of the FST and the dated rows. One a worker, so it takes no lock.
///
/// A few hundred codes carry most claim lines. For those on the days that claims mostly share, a look-up is one read of
/// one cache line; for the others one hash of eight bytes instead of a walk of the FST.
pub struct Memo<'c> {
    codeset: &'c Codeset,
    known: [HashMap<Code, Option<Ordinal>, RandomState>; SystemId::ALL.len()],
    /// Codes asked for of late, each at a place of its hash.
    recent: [Vec<(Code, Option<Ordinal>)>; SystemId::ALL.len()],
    dated: [Places; SystemId::ALL.len()],
    /// The tables that do not answer for days, each day at its number modulo [`DAYS`].
    days: Vec<(Date, Unanswered)>,
    asked: usize,
    /// Kinds of claims met under some selection and columns, and what follows for them there.
    kinds: Option<(Ground, Kinds)>,
}

/// A hash: the uppermost bits of a product by an odd constant depend on every character.
#[inline]
fn spread(code: Code) -> u64 {
    code.to_bits().wrapping_mul(0x9E37_79B9_7F4A_7C15)
}

/// What the tables say of a code from one day to another.
#[derive(Clone, Copy)]
#[repr(align(64))]
struct Dated {
    code: Code,
    from: Date,
    to: Date,
    on: OnDay,
}

const _: () = assert!(size_of::<Dated>() == 64, "more than a cache line");

/// Codes of one system that are remembered with what the tables say of them on some days.
#[derive(Default)]
struct Places {
    all: Vec<Dated>,
    /// What came new since the places were last made more.
    new: usize,
}

impl Places {
    /// The code's own place; the others that it may be at are those around it, see [`ALIKE`].
    #[inline]
    fn of(&self, code: Code) -> usize {
        ((spread(code) >> (u64::BITS / 2)) as usize * self.all.len()) >> (u64::BITS / 2)
    }

    /// The places that a place is one of.
    #[inline]
    fn around(&mut self, place: usize) -> &mut [Dated] {
        let first = place & !(ALIKE - 1);
        self.all.get_mut(first..first + ALIKE).unwrap_or_default()
    }

    /// Puts in what is new, at its own place: what was there takes a free place around, or its neighbour's, which is gone.
    /// Of one code, the latest days have the own place, since most claims are of late.
    fn add(&mut self, mut dated: Dated) {
        let place = self.of(dated.code);
        let Some(own) = self.all.get_mut(place) else { return };
        if !own.is_preferred(&dated) {
            std::mem::swap(own, &mut dated);
        }
        if !dated.code.is_absent() {
            let around = self.around(place);
            let free = around.iter().position(|dated| dated.code.is_absent());
            around[free.unwrap_or((place + 1) % ALIKE)] = dated;
        }
    }

    /// What is remembered around the code's own place. It comes to the own place, unless that has the code on later days: two
    /// stretches of one code would change places all the time.
    #[inline(never)]
    fn elsewhere(&mut self, place: usize, code: Code, day: Date) -> Option<OnDay> {
        let around = self.around(place);
        // Where nothing ever took a code's own place, nothing of it is around.
        if around.get(place % ALIKE)?.code.is_absent() {
            return None;
        }
        let found = around.iter().position(|dated| dated.is_of(code, day))?;
        let on = around[found].on;
        if !around[place % ALIKE].is_preferred(&around[found]) {
            around.swap(place % ALIKE, found);
        }
        Some(on)
    }

    /// Makes four times the places, once as much came new as there are, so that short inputs take little memory.
    fn widen(&mut self, most: usize) {
        let places = self.all.len();
        if self.new < places || places >= most {
            return;
        }
        let date = Date::from_days(0);
        let none = Dated { code: Code::ABSENT, from: date, to: date, on: OnDay::ABSENT };
        let old = std::mem::replace(&mut self.all, vec![none; (places * 4).max(FIRST_DATED).min(most)]);
        old.into_iter().filter(|dated| !dated.code.is_absent()).for_each(|dated| self.add(dated));
        self.new = 0;
    }
}

impl Dated {
    /// Whether it keeps a place that is the other's own, too: being of the same code on later days.
    fn is_preferred(&self, other: &Dated) -> bool {
        self.code == other.code && self.from > other.from
    }

    #[inline]
    fn is_of(&self, code: Code, day: Date) -> bool {
        self.code == code && self.from <= day && day <= self.to
    }
}

impl<'c> Memo<'c> {
    /// A memo in front of this codeset, with nothing remembered.
    pub fn new(codeset: &'c Codeset) -> Memo<'c> {
        // Fixed seeds: hashing must not make one run differ from the next, and codes of a loaded release are few.
        let state = || RandomState::with_seeds(1, 2, 3, 4);
        let known = std::array::from_fn(|_| HashMap::with_hasher(state()));
        let recent = std::array::from_fn(|_| Vec::new());
        Memo {
            codeset,
            known,
            recent,
            dated: std::array::from_fn(|_| Places::default()),
            days: Vec::new(),
            asked: 0,
            kinds: None,
        }
    }

    /// The kinds of claims that were met on the same ground before.
    pub(crate) fn take_kinds(&mut self, ground: Ground) -> Kinds {
        self.kinds.take().filter(|&(own, _)| own == ground).map(|(_, kinds)| kinds).unwrap_or_default()
    }

    /// Keeps the kinds of claims that were met, for claims to come on the same ground. Too many are not kept: among them each
    /// claim of another kind would be looked for in vain.
    pub(crate) fn keep_kinds(&mut self, ground: Ground, kinds: Kinds) {
        self.kinds = (!kinds.are_full()).then_some((ground, kinds));
    }

    /// Looks where the procedures and diagnoses of the next claims would be found, from the claim at `first` on, and nothing
    /// more: done for some before each is looked up, the waits for memory pass together.
    pub(crate) fn approach(&self, batch: &ClaimBatch, first: usize) {
        let claims = batch.claims.get(first..batch.claims.len().min(first + AHEAD)).unwrap_or_default();
        let (Some(first), Some(last)) = (claims.first(), claims.last()) else { return };
        // Their lines and diagnoses follow one another.
        let lines = batch.lines.get(first.lines.start as usize..last.lines.end as usize).unwrap_or_default();
        let codes = first.diagnoses.start as usize..last.diagnoses.end as usize;
        let codes = batch.diagnoses.get(codes).unwrap_or_default();
        let procedures = &self.dated[SystemId::Procedure as usize];
        let diagnoses = &self.dated[SystemId::Diagnosis as usize];
        let found = |places: &Places, code| places.all.get(places.of(code)).map_or(0, |dated| dated.code.to_bits());
        let of_lines = lines.iter().fold(0, |seen, line| seen ^ found(procedures, line.procedure));
        black_box(codes.iter().fold(of_lines, |seen, &code| seen ^ found(diagnoses, code)));
    }

    /// Asks which tables answer, and remembers.
    #[inline(never)]
    fn ask_tables(&mut self, day: Date, place: usize) -> Unanswered {
        let unanswered = Unanswered::on(self.codeset, day);
        if self.days.is_empty() && self.asked >= FEW {
            // No claim has the last of all days.
            self.days = vec![(Date::from_days(i32::MAX), Unanswered::default()); DAYS];
        }
        if let Some(slot) = self.days.get_mut(place) {
            *slot = (day, unanswered);
        }
        unanswered
    }

    /// Asks the tables, and remembers.
    #[inline(never)]
    fn ask(&mut self, system: SystemId, code: Code, day: Option<Date>) -> OnDay {
        let lookup = self.look_up(system, code);
        let on = OnDay::of(self.codeset, system, code, lookup, day);
        self.asked += 1;
        if let (Some(day), FEW..) = (day, self.asked) {
            let (from, to) = OnDay::days(self.codeset, system, code, lookup, day).into_inner();
            let dated = &mut self.dated[system as usize];
            dated.widen(MOST_DATED[system as usize]);
            dated.add(Dated { code, from, to, on });
            dated.new += 1;
        }
        on
    }
}

impl Resolver for Memo<'_> {
    #[inline]
    fn unanswered(&mut self, day: Date) -> Unanswered {
        let place = day.days() as usize & (DAYS - 1);
        match self.days.get(place) {
            Some(&(own, unanswered)) if own == day => unanswered,
            _ => self.ask_tables(day, place),
        }
    }

    fn codeset(&self) -> &Codeset {
        self.codeset
    }

    #[inline]
    fn ordinal(&mut self, system: SystemId, code: Code) -> Option<Ordinal> {
        let place = (spread(code) >> (u64::BITS - RECENT.trailing_zeros())) as usize;
        if let Some(&(own, answer)) = self.recent[system as usize].get(place)
            && own == code
        {
            return answer;
        }
        let known = &mut self.known[system as usize];
        let answer = match known.get(&code) {
            Some(&answer) => answer,
            None => {
                let answer = Resolver::ordinal(&mut self.codeset, system, code);
                if known.len() >= MOST_REMEMBERED {
                    known.clear();
                }
                known.insert(code, answer);
                answer
            }
        };
        let recent = &mut self.recent[system as usize];
        if recent.is_empty() && self.asked >= FEW {
            *recent = vec![(Code::ABSENT, None); RECENT];
        }
        if let Some(slot) = recent.get_mut(place) {
            *slot = (code, answer);
        }
        answer
    }

    #[inline]
    fn on_day(&mut self, system: SystemId, code: Code, day: Option<Date>) -> OnDay {
        let Some(known) = day else { return self.ask(system, code, None) };
        let dated = &mut self.dated[system as usize];
        let place = dated.of(code);
        match dated.all.get(place) {
            Some(own) if own.is_of(code, known) => own.on,
            _ => match dated.elsewhere(place, code, known) {
                Some(on) => on,
                None => self.ask(system, code, day),
            },
        }
    }
}
