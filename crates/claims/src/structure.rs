//! What is wrong with the structure of an X12 transaction.

use codes::Money;
use std::fmt;

/// A kind of fault in the structure of an X12 file.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub enum Fault {
    /// An envelope is not closed: its SE, GE or IEA is missing.
    NoTrailer,
    /// An SE, GE or IEA closes an envelope that was never opened.
    NoHeader,
    /// The control number of a trailer is not its header's.
    ControlNumber,
    /// The control number of a transaction set or group was used before in the same group or interchange.
    ControlNumberRepeats,
    /// A transaction set names another guide than its group does.
    GuideDisagrees,
    /// A transaction set of claims stands in a group of something else.
    GroupDisagrees,
    /// A trailer counts other than what stands in the envelope.
    Count,
    /// A segment whose id no guide of this transaction set has.
    UnknownSegment,
    /// A segment that the guide has, but not here; a qualifier that no segment of this id takes here is the usual cause.
    UnexpectedSegment,
    /// A segment or loop that stands after one that it must precede.
    OutOfOrder,
    /// A segment that stands more often than the guide allows.
    SegmentRepeats,
    /// A loop that is repeated more often than the guide allows.
    LoopRepeats,
    /// A required segment, or the loop that it begins, is missing.
    MissingSegment,
    /// A required element or component is empty.
    MissingElement,
    /// An element that must be given because another one is.
    MissingConditional,
    /// An element that must be empty because another one is given.
    Excluded,
    /// More elements than the segment has.
    TooManyElements,
    /// More components than the composite has, or components in an element that has none.
    TooManyComponents,
    /// More repetitions than the element may have.
    TooManyRepetitions,
    /// Fewer characters than the element must have.
    TooShort,
    /// More characters than the element may have.
    TooLong,
    /// Characters that the element's type does not take: a letter in a number, a line end in a text.
    BadCharacter,
    /// A code that the guide does not list.
    BadCode,
    /// No date, or not in the form that its qualifier names.
    BadDate,
    /// No time of day.
    BadTime,
    /// An element that the guide says is not used.
    NotUsed,
    /// A hierarchical level whose number does not follow the one before.
    LevelNumber,
    /// A line whose number does not follow the one before.
    LineNumber,
    /// A hierarchical level whose parent is not the level above it.
    LevelParent,
    /// A hierarchical level that says it has subordinate levels and has none, or the other way about.
    LevelChild,
    /// What another payer paid for the claim is not what it paid for its lines less the claim's adjustments.
    PaidUnbalanced,
    /// A line's charge is not what another payer paid for it and its adjustments.
    LineUnbalanced,
    /// Something that the guide requires in this situation is missing.
    Situational,
}

/// A short code as it stood in the input: a segment id, a qualifier, a control number. Never a name or a number of a
/// person: what is longer than 15 characters or has other characters than letters and digits is not kept.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Default)]
pub struct Tag {
    bytes: [u8; 15],
    length: u8,
}

impl Tag {
    /// The tag of these bytes; the empty one if they are no short code.
    pub fn new(bytes: &[u8]) -> Tag {
        let mut tag = Tag::default();
        if let Some(place) = tag.bytes.get_mut(..bytes.len())
            && bytes.iter().all(u8::is_ascii_alphanumeric)
        {
            place.copy_from_slice(bytes);
            tag.length = bytes.len() as u8;
        }
        tag
    }

    /// The code; empty if there was none to keep.
    pub fn as_str(&self) -> &str {
        self.bytes.get(..usize::from(self.length)).and_then(|bytes| std::str::from_utf8(bytes).ok()).unwrap_or_default()
    }

    /// Whether there is no code.
    pub fn is_empty(&self) -> bool {
        self.length == 0
    }
}

impl fmt::Debug for Tag {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Debug::fmt(self.as_str(), f)
    }
}

impl fmt::Display for Tag {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.as_str())
    }
}

/// What was expected, or found, as far as it may be shown.
#[derive(Clone, Copy, PartialEq, Eq, Default, Debug)]
pub enum Shown {
    /// Nothing that may be shown, or nothing to show.
    #[default]
    Nothing,
    /// What a guide says: the codes that it lists, separated by commas; the form of a date; the name of a rule.
    Rule(&'static str),
    /// A code of the input.
    Code(Tag),
    /// A number of segments, characters, levels or the like.
    Count(u64),
    /// An amount of money.
    Amount(Money),
}

impl fmt::Display for Shown {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Shown::Nothing => Ok(()),
            Shown::Rule(text) => f.write_str(text),
            Shown::Code(code) => fmt::Display::fmt(code, f),
            Shown::Count(count) => fmt::Display::fmt(count, f),
            Shown::Amount(amount) => fmt::Display::fmt(amount, f),
        }
    }
}

/// One fault in the structure of an X12 file, and where in the transaction set it is.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Structure {
    /// What is wrong.
    pub fault: Fault,
    /// The id of the segment at fault; of one that is missing, what it would be.
    pub segment: Tag,
    /// What tells the segment from others of its id, where that is known: `85` of an NM1 of the billing provider.
    pub qualifier: Tag,
    /// The guide's loop, `2010AA`; empty outside of loops.
    pub in_loop: &'static str,
    /// The segment's place in its transaction set, the ST being 1; 0 outside of transaction sets. A missing segment
    /// is told at the one before which it should stand, or at the last one if it is missing at the end.
    pub position: u32,
    /// The element at fault, the first being 1; 0 if it is the segment as a whole.
    pub element: u8,
    /// The component at fault, the first being 1; 0 if it is the element as a whole.
    pub component: u8,
    /// The X12 data element number, 98 for an entity code; 0 if it is the segment as a whole or a composite.
    pub data_element: u16,
    /// What should be there.
    pub expected: Shown,
    /// What is there.
    pub found: Shown,
}
