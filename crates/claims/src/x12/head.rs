//! What a chunk needs of the segments before it: the envelope and the hierarchical levels that its claims are under.

use super::segment::Segment;
use super::segments::Cursor;
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
        match segment.trimmed(3) {
            b"20" => Level::Billing,
            b"22" => Level::Subscriber,
            b"23" => Level::Patient,
            _ if segment.trimmed(2).is_empty() => Level::Billing,
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
///
/// Most are over before a chunk ends, and what is over was not worth a copy: the reader's bytes are taken when it lets go
/// of them.
#[derive(Clone, Default)]
pub(super) struct Context {
    /// Of the first segments, which are in nobody else's hands any more.
    bytes: Vec<u8>,
    /// How many segments these are.
    kept: usize,
    marks: Vec<Mark>,
    /// Bytes of all segments.
    length: usize,
    /// How many segments there are up to the end of each level above the one at hand.
    ends: [usize; Level::COUNT],
    /// The level that segments are of now.
    level: usize,
    /// Whether some did not fit.
    full: bool,
    /// Claims that came before under the same subscriber, and under the same HL.
    claims: [u32; 2],
}

/// A segment of a context.
#[derive(Clone, Copy)]
struct Mark {
    /// Where it begins among the segments.
    at: u32,
    /// Where it begins in the reader's bytes, while it is not kept.
    from: usize,
    /// Where it began in the input.
    place: Place,
}

impl Context {
    /// Forgets the segments of this level and of those below.
    pub(super) fn end(&mut self, level: Level) {
        for end in self.ends.iter_mut().skip(self.level) {
            *end = self.marks.len();
        }
        let keep = (level as usize).checked_sub(1).and_then(|above| self.ends.get(above)).copied().unwrap_or(0);
        if let Some(mark) = self.marks.get(keep) {
            self.length = mark.at as usize;
            self.bytes.truncate(self.length);
            self.kept = self.kept.min(keep);
            self.marks.truncate(keep);
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
    pub(super) fn begin(&mut self, level: Level, segment: &Segment<'_>, from: usize) -> Option<Problem> {
        self.end(level);
        self.level = level as usize;
        self.push(segment, from)
    }

    /// Adds a segment to the level at hand, which begins at `from` of the reader's bytes; a problem if there is no room.
    #[inline]
    pub(super) fn push(&mut self, segment: &Segment<'_>, from: usize) -> Option<Problem> {
        let length = self.length + segment.bytes.len();
        if length > MAX_BYTES {
            let told = std::mem::replace(&mut self.full, true);
            let kind = ProblemKind::TooLong { limit: MAX_BYTES as u32 };
            return (!told).then(|| Problem::outside(kind, segment.place));
        }
        self.marks.push(Mark { at: self.length as u32, from, place: segment.place });
        self.length = length;
        None
    }

    /// Keeps what it has of the reader's bytes, which are given away.
    pub(super) fn keep(&mut self, bytes: &[u8]) {
        let ends = self.marks.iter().skip(self.kept + 1).map(|mark| mark.at as usize).chain([self.length]);
        for (mark, end) in self.marks.iter().skip(self.kept).zip(ends) {
            let own = bytes.get(mark.from..mark.from + (end - mark.at as usize));
            self.bytes.extend_from_slice(own.unwrap_or_default());
        }
        self.kept = self.marks.len();
    }

    /// The segments and their places.
    pub(super) fn segments(&self) -> impl Iterator<Item = (&[u8], Place)> {
        let ends = self.marks.iter().skip(1).map(|mark| mark.at as usize).chain([self.bytes.len()]);
        let pieces = self.marks.iter().zip(ends);
        pieces.map(|(mark, end)| (self.bytes.get(mark.at as usize..end).unwrap_or_default(), mark.place))
    }
}
