//! What a chunk needs of the segments before it: the envelope and the hierarchical levels that its claims are under.

use super::segment::{Cursor, Segment};
use crate::reader::Mark;
use crate::{Place, Problem, ProblemKind};

/// The most bytes of such segments that are kept. A transaction set as the guides have it needs a few thousand.
const MAX_BYTES: usize = 256 * 1024;

/// A level of what a claim is under.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug)]
pub(crate) enum Level {
    Interchange,
    Group,
    /// The transaction set: its header, the submitter and the receiver.
    Set,
    /// HL 20: the billing provider.
    Billing,
    /// HL 22: the subscriber.
    Subscriber,
    /// HL 23: the patient.
    Patient,
}

impl Level {
    pub(super) const COUNT: usize = 6;

    /// The level that an HL segment begins. One of another kind is taken for a subscriber, or for a billing provider
    /// if it has no parent.
    pub(crate) fn of_hl(segment: &Segment<'_>) -> Level {
        match segment.element(3).trim_ascii() {
            b"20" => Level::Billing,
            b"22" => Level::Subscriber,
            b"23" => Level::Patient,
            _ if segment.element(2).trim_ascii().is_empty() => Level::Billing,
            _ => Level::Subscriber,
        }
    }
}

/// What stands at the beginning of a chunk.
#[derive(Clone)]
pub(crate) struct Head {
    /// Where and with which separators its segments begin.
    pub(super) cursor: Cursor,
    /// The segments that its claims are under.
    pub(super) context: Context,
    /// Whether the chunk ends where the input ends.
    pub(super) last: bool,
    /// When the chunk's last claim was cut at this many bytes.
    pub(super) cut_at: Option<u32>,
    /// Where the segment after the chunk begins, if there is one.
    pub(super) next: Option<Place>,
    /// What the sequential half found.
    pub(super) problems: Vec<Problem>,
}

/// The segments that the next claim is under, without their terminators, one after another.
#[derive(Clone, Default)]
pub(super) struct Context {
    bytes: Vec<u8>,
    marks: Vec<Mark>,
    /// How many segments there are up to the end of each level.
    ends: [usize; Level::COUNT],
    /// The level that segments are of now.
    level: usize,
    /// Whether some did not fit.
    full: bool,
    /// Claims that came before under the same subscriber, and under the same HL.
    claims: [u32; 2],
}

impl Context {
    /// Forgets the segments of this level and of those below.
    pub(super) fn end(&mut self, level: Level) {
        let keep = (level as usize).checked_sub(1).and_then(|above| self.ends.get(above)).copied().unwrap_or(0);
        if let Some(mark) = self.marks.get(keep) {
            self.bytes.truncate(mark.at as usize);
            self.marks.truncate(keep);
        }
        for end in self.ends.iter_mut().skip(level as usize) {
            *end = keep;
        }
        self.level = (level as usize).saturating_sub(1);
        self.full = false;
        self.claims[1] = 0;
        if level <= Level::Subscriber {
            self.claims[0] = 0;
        }
    }

    /// Counts a claim.
    pub(super) fn claim(&mut self) {
        self.claims = self.claims.map(|count| count.saturating_add(1));
    }

    /// Claims that came before under the same subscriber, and under the same HL.
    pub(super) fn claims(&self) -> [u32; 2] {
        self.claims
    }

    /// Begins a level with its first segment, in the place of what was there of it and below.
    pub(super) fn begin(&mut self, level: Level, segment: &Segment<'_>) -> Option<Problem> {
        self.end(level);
        self.level = level as usize;
        self.push(segment)
    }

    /// Adds a segment to the level at hand; a problem if there is no room.
    pub(super) fn push(&mut self, segment: &Segment<'_>) -> Option<Problem> {
        if self.bytes.len() + segment.bytes.len() > MAX_BYTES {
            let told = std::mem::replace(&mut self.full, true);
            let kind = ProblemKind::TooLong { limit: MAX_BYTES as u32 };
            return (!told).then(|| Problem::outside(kind, segment.place));
        }
        self.marks.push(Mark { at: self.bytes.len() as u32, place: segment.place });
        self.bytes.extend_from_slice(segment.bytes);
        for end in self.ends.iter_mut().skip(self.level) {
            *end = self.marks.len();
        }
        None
    }

    /// The segments and their places.
    pub(super) fn segments(&self) -> impl Iterator<Item = (&[u8], Place)> {
        let ends = self.marks.iter().skip(1).map(|mark| mark.at as usize).chain([self.bytes.len()]);
        let pieces = self.marks.iter().zip(ends);
        pieces.map(|(mark, end)| (self.bytes.get(mark.at as usize..end).unwrap_or_default(), mark.place))
    }
}
