//! What an acknowledgment repeats of an X12 input: the segments of its envelopes, parties and claims; and where envelopes
//! begin and end.

use crate::Place;
use std::fmt;

/// A segment that acknowledgments need: of an envelope, of the transaction's beginning, a level, a claim, or the name of
/// submitter, receiver, billing provider, subscriber or patient.
#[derive(Clone, PartialEq, Eq)]
pub struct TraceSegment {
    /// Where it begins.
    pub place: Place,
    /// The claim in the batch, counted from 0, that a CLM or a REF begins or belongs to.
    pub claim: Option<u32>,
    /// The id, and then the elements as they stand there.
    pub elements: Vec<String>,
}

/// An envelope of an X12 input, the outermost first.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub enum Envelope {
    /// ISA to IEA.
    Interchange,
    /// GS to GE.
    Group,
    /// ST to SE.
    Set,
}

/// Where an envelope begins or ends.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct EnvelopeMark {
    /// The segment: a header or a trailer.
    pub place: Place,
    /// Which envelope.
    pub envelope: Envelope,
    /// Whether it begins there; what was open of it, and in it, has then ended too.
    pub begins: bool,
}

impl TraceSegment {
    /// The segment's id.
    pub fn id(&self) -> &str {
        self.element(0)
    }

    /// The element at `n`, counted from 1; empty when it is not there.
    pub fn element(&self, n: usize) -> &str {
        self.elements.get(n).map_or("", String::as_str)
    }
}

impl fmt::Debug for TraceSegment {
    // The id and place only: names stand in the elements.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "TraceSegment({} at segment {})", self.id(), self.place.row)
    }
}
