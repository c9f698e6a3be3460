//! Steps through guides that were taken before.
//!
//! Claims of a file are much alike: the same segments follow each other in the same loops. So where a walk can be is kept once
//! ([`At`] is its number), and a step from there is looked up by what tells the segment from others, rather than walked again.
//! A step that found something wrong is not kept.

use super::rules::SegmentRule;
use super::table::Sign;
use super::walk::Checker;
use super::{Guide, Issue};
use xxhash_rust::xxh3::Xxh3Default;

/// Where a walk is: the number of a checker that is kept.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) struct At(u32);

/// How many places are kept. A file has some hundred, unless it is damaged everywhere.
const PLACES: usize = 1024;
/// How many steps from each place are told by bytes.
const GUESSES: usize = 2;
/// How many steps are kept.
const STEPS: usize = 4096;

/// The places of walks, and the steps between them.
#[derive(Default)]
pub(super) struct Steps {
    places: Vec<Checker>,
    /// The hash of each.
    hashes: Vec<u64>,
    /// Where walks of a guide begin.
    begins: Vec<(&'static Guide, At)>,
    /// Each step in the one slot that its place and its sign give it.
    slots: Vec<Option<Step>>,
    /// What followed on each place lately.
    guesses: Vec<[Guess; GUESSES]>,
    /// Memory for the next place.
    spare: Option<Checker>,
}

/// A step, no part of it in another cache line.
#[derive(Clone, Copy)]
#[repr(align(32))]
struct Step {
    from: At,
    sign: Sign,
    to: At,
    stood: Option<&'static SegmentRule>,
}

/// A step that was taken lately, told by the first bytes of its segment: up to the separator after what its sign is of.
#[derive(Clone, Copy)]
struct Guess {
    bytes: u64,
    /// Which of the bytes.
    mask: u64,
    to: At,
    stood: Option<&'static SegmentRule>,
}

impl Guess {
    /// What no segment follows: its bytes are none of its mask's.
    const NONE: Guess = Guess { bytes: 1, mask: 0, to: At(0), stood: None };
}

impl Steps {
    /// Whether it is time to make room.
    pub(super) fn is_full(&self) -> bool {
        self.places.len() >= PLACES
    }

    /// Forgets all but these places, which get other numbers.
    pub(super) fn keep_only<'p>(&mut self, places: impl IntoIterator<Item = &'p mut At>) {
        let old = std::mem::take(&mut self.places);
        self.hashes.clear();
        self.begins.clear();
        self.slots.clear();
        self.guesses.clear();
        for place in places {
            if let Some(checker) = old.get(place.0 as usize) {
                *place = self.place(checker.clone());
            }
        }
    }

    /// Where a transaction set of this guide begins.
    pub(super) fn begin(&mut self, guide: &'static Guide) -> At {
        if let Some(&(_, at)) = self.begins.iter().find(|(own, _)| std::ptr::eq(*own, guide)) {
            return at;
        }
        let at = self.place(Checker::new(guide));
        self.begins.push((guide, at));
        at
    }

    /// Forgets what was told by bytes: other bytes separate elements now.
    pub(super) fn forget_guesses(&mut self) {
        self.guesses.clear();
    }

    /// The step of the segment that begins with these bytes, if it is one that was taken from here lately.
    #[inline]
    pub(super) fn guess(&self, from: At, bytes: u64) -> Option<(At, Option<&'static SegmentRule>)> {
        let guesses = self.guesses.get(from.0 as usize)?;
        let guess = guesses.iter().find(|guess| bytes & guess.mask == guess.bytes)?;
        Some((guess.to, guess.stood))
    }

    /// Remembers the step of a segment of which the first so many bytes say where it goes.
    pub(super) fn expect(
        &mut self,
        from: At,
        bytes: u64,
        count: usize,
        (to, stood): (At, Option<&'static SegmentRule>),
    ) {
        let at = from.0 as usize;
        if self.guesses.len() <= at {
            self.guesses.resize(self.places.len(), [Guess::NONE; GUESSES]);
        }
        if let Some(guesses) = self.guesses.get_mut(at) {
            let mask = u64::MAX >> (u64::BITS - 8 * count.clamp(1, 8) as u32);
            guesses.rotate_right(1);
            guesses[0] = Guess { bytes: bytes & mask, mask, to, stood };
        }
    }

    /// Takes a step of this sign, which is taken as `walk` says if it is not known. A step without a sign is always
    /// walked. Whatever `walk` asks must be told by the place and the sign.
    #[inline]
    pub(super) fn step(
        &mut self,
        from: At,
        sign: Option<Sign>,
        issues: &mut Vec<Issue>,
        walk: impl FnOnce(&mut Checker, &mut Vec<Issue>) -> Option<&'static SegmentRule>,
    ) -> (At, Option<&'static SegmentRule>) {
        if let Some(sign) = sign
            && let Some(Some(step)) = self.slots.get(slot(from, sign))
            && step.from == from
            && step.sign == sign
        {
            return (step.to, step.stood);
        }
        self.walk(from, sign, issues, walk)
    }

    #[inline(never)]
    fn walk(
        &mut self,
        from: At,
        sign: Option<Sign>,
        issues: &mut Vec<Issue>,
        walk: impl FnOnce(&mut Checker, &mut Vec<Issue>) -> Option<&'static SegmentRule>,
    ) -> (At, Option<&'static SegmentRule>) {
        let Some(place) = self.places.get(from.0 as usize) else { return (from, None) };
        let mut checker = place.copy(self.spare.take());
        let before = issues.len();
        let stood = walk(&mut checker, issues);
        let to = self.place(checker);
        if let Some(sign) = sign
            && issues.len() == before
        {
            if self.slots.is_empty() {
                self.slots.resize(STEPS, None);
            }
            if let Some(slot) = self.slots.get_mut(slot(from, sign)) {
                *slot = Some(Step { from, sign, to, stood });
            }
        }
        (to, stood)
    }

    /// The number of a place, which is kept if it is new.
    fn place(&mut self, checker: Checker) -> At {
        let mut hasher = Xxh3Default::new();
        std::hash::Hash::hash(&checker, &mut hasher);
        let hash = hasher.digest();
        let same = self.hashes.iter().zip(&self.places).position(|(&own, place)| own == hash && *place == checker);
        match same {
            Some(at) => {
                self.spare = Some(checker);
                At(at as u32)
            }
            None => {
                self.places.push(checker);
                self.hashes.push(hash);
                At(self.places.len() as u32 - 1)
            }
        }
    }
}

/// The slot of a step.
#[inline]
fn slot(from: At, sign: Sign) -> usize {
    let mixed = (sign.number() ^ u64::from(from.0).rotate_left(48)).wrapping_mul(0x9e37_79b9_7f4a_7c15);
    (mixed >> (u64::BITS - STEPS.ilog2())) as usize
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;
    use crate::Place;
    use crate::x12::segment::Segment;
    use crate::x12::segments::Segments;
    use crate::x12::separators::Separators;

    const SEGMENTS: &str = "BHT*0019*00*1*20240105*0000*CH~NM1*41*2*A~PER*IC*A*TE*1~NM1*40*2*P~HL*1**20*1~PRV*BI*PXC*1~\
        NM1*85*2*P*****XX*1~N3*1~N4*A*HI*1~REF*EI*1~REF*0B*1~PER*IC*A*TE*1~HL*2*1*22*0~SBR*P*18*******CI~\
        NM1*IL*1*D~DMG*D8*19690423*M~NM1*PR*2*P~CLM*C1*33.70***19:B:1*Y*A*Y*Y~DTP*431*D8*20240101~\
        PWK*CT*BM~PWK*CT*FX***AC*1~PWK*OZ*BM~REF*F8*1~REF*LU*1~REF*TOOLONG*1~HI*ABK:I10~HI*BP:1~NM1*82*1*R~\
        PRV*PE*PXC*2~SBR*S*18~OI***Y***Y~AMT*D*1~LX*1~SV1*HC:99213*1*UN*1***1~DTP*472*D8*20240105~DTP*ZZ*D8*1~\
        SVD*P*1*HC:99213**1~CAS*CO*45*1~DTP*573*D8*20240105~LQ*UT*1~FRM*1*Y~HL*3*2*23*0~PAT*01~NM1*QC*1*A~XYZ*1~\
        LX*2~NM1~NM1*~DTP*472:1*D8*1~SV2*0300*HC:99213*1*UN*1~CL1*1**01~SV3*AD:D0120*1~K3*1~LONGID*1";

    fn segments(text: &str) -> Vec<Segment<'_>> {
        Segments::new(text.as_bytes(), Place { offset: 0, row: 1 }, Separators::CUSTOM, true).collect()
    }

    #[test]
    fn steps_that_are_known_lead_where_walking_leads() {
        let mut state = 5u64;
        let mut random = move |below: usize| {
            state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
            ((state >> 33) % below as u64) as usize
        };
        let text = SEGMENTS.to_owned() + "~" + &" ".repeat(64);
        let all = segments(&text);
        let (mut steps, mut kept, mut guessed, mut reported) = (Steps::default(), 0, 0, 0);
        for version in
            [&b"005010X222A1"[..], b"005010X223A2", b"005010X224A2", b"004010X098A1", b"004010X096A1", b"004010X097A1"]
        {
            let guide = Guide::of(version).unwrap();
            for _ in 0..150 {
                let mut plain = Checker::new(guide);
                let mut at = steps.begin(guide);
                let mut next = 0;
                for position in 0..200 {
                    // As they stand above, for the most part; some again, some left out.
                    next = match random(16) {
                        0 => random(all.len()),
                        1 => next.saturating_sub(random(8)),
                        _ => next + 1 + random(2) * random(2),
                    };
                    let (mut by_steps, mut walked) = (Vec::new(), Vec::new());
                    let Some(segment) = all.get(next) else {
                        next = 17;
                        let walk = |walk: &mut Checker, issues: &mut Vec<Issue>| {
                            walk.end_claim(&all[0], position, issues);
                            None
                        };
                        (at, _) = steps.step(at, Some(Sign::CLAIM_ENDS), &mut by_steps, walk);
                        plain.end_claim(&all[0], position, &mut walked);
                        assert_eq!(format!("{by_steps:?}"), format!("{walked:?}"));
                        continue;
                    };
                    let is_walked = std::cell::Cell::new(false);
                    let walk = |walk: &mut Checker, issues: &mut Vec<Issue>| {
                        is_walked.set(true);
                        walk.segment(segment, position, issues)
                    };
                    let (bytes, sign) = (segment.first_bytes().unwrap(), guide.sign(segment));
                    let guess = steps.guess(at, bytes);
                    let (to, stood) = guess.unwrap_or_else(|| steps.step(at, sign, &mut by_steps, walk));
                    if let Some(lead) = sign.and_then(|_| guide.lead(segment))
                        && by_steps.is_empty()
                    {
                        steps.expect(at, bytes, lead, (to, stood));
                    }
                    guessed += usize::from(guess.is_some());
                    let expected = plain.segment(segment, position, &mut walked);
                    at = to;
                    assert_eq!(format!("{by_steps:?}"), format!("{walked:?}"));
                    assert_eq!(stood.map(std::ptr::from_ref), expected.map(std::ptr::from_ref));
                    assert!(steps.places[at.0 as usize] == plain);
                    kept += usize::from(!is_walked.get());
                    reported += walked.len();
                    if steps.is_full() || random(2000) == 0 {
                        steps.keep_only([&mut at]);
                        assert!(steps.places.len() == 1);
                    }
                }
            }
        }
        assert!(kept > 20_000 && guessed > 10_000 && reported > 20_000, "{kept} {guessed} {reported}");
    }

    #[test]
    fn a_sign_tells_all_that_says_where_a_segment_goes() {
        let guide = Guide::of(b"005010X222A1").unwrap();
        let sign = |text: &str| {
            let sign = guide.sign(&Segment::new(text.as_bytes(), Place::default(), Separators::CUSTOM));
            // With more behind it eight bytes are looked at together.
            let text = format!("{text}~{}", " ".repeat(64));
            assert_eq!(guide.sign(&segments(&text)[0]), sign, "{text}");
            sign.map(Sign::number)
        };
        assert_eq!(sign("N3*1 MAIN STREET"), sign("N3*2 ELM STREET"));
        assert_eq!(sign("HI*ABK:I10"), sign("HI*ABK:J45"));
        assert_ne!(sign("HI*ABK:I10"), sign("HI*ABF:I10"));
        assert_ne!(sign("HL*1**20*1"), sign("HL*1**22*1"));
        assert_ne!(sign("NM1*85*2"), sign("NM1*87*2"));
        assert_ne!(sign("NM1*85*2"), sign("NM1"));
        // Here the element after the qualifier tells, or the qualifier is none of a guide, or the segment is not.
        for other in ["PWK*CT*BM", "PWK*OZ*BM", "REF*TOOLONG*1", "XYZ*1", "LONGID*1", "N"] {
            assert_eq!(sign(other), None, "{other}");
        }
        let same = ["REF*G1", "REF*G1:2*1", "REF*G1*2"].map(sign);
        assert!(same.iter().all(|sign| *sign == same[0] && sign.is_some()));
        let others =
            ["REF", "REF*", "REF*:G1", "REF*G", "REF*G1A", "REF*G1AB", "REF*G1:", "SV1*HC:1", "SV1*:HC"].map(sign);
        assert_eq!(others[0], others[1]);
        assert_eq!((others[1], others[6]), (others[2], same[0]));
        assert!(others[3..].iter().all(|sign| sign.is_some()) && others[3..6].iter().all(|sign| *sign != same[0]));
    }

    #[test]
    fn what_leads_is_the_id_and_the_qualifier_with_what_separates_them_from_the_rest() {
        let guide = Guide::of(b"005010X222A1").unwrap();
        let lead = |text: &str| guide.lead(&Segment::new(text.as_bytes(), Place::default(), Separators::CUSTOM));
        for (text, count) in [("DTP*472*D8", 8), ("NM1*IL*1", 7), ("LX*1", 3), ("HI*ABK:I10", 7), ("REF*G1*", 7)] {
            assert_eq!(lead(text), Some(count), "{text}");
        }
        for text in ["HL*1**20*1", "REF*G1", "LX", "DTP*4721*D8", "XYZ*1"] {
            assert_eq!(lead(text), None, "{text}");
        }
    }
}
