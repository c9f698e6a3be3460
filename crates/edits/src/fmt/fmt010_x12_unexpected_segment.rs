use super::structure;
use crate::contract::edit;
use crate::{ClaimFacts, Finding, Fires, Recorder};
use claims::{Fault, Problem, Structure};

edit! {
    /// # What it checks
    /// Every segment of an 837 is one that its implementation guide has, stands where the guide has it, and no more
    /// often than it allows.
    ///
    /// # Why a payer denies it
    /// A receiver's translator does not know where a segment belongs that stands elsewhere; it rejects the
    /// transaction set (999, IK304 codes 1, 2, 4, 5 and 7).
    ///
    /// # Example
    /// A third PER of the submitter, where two are allowed; an NM1 of a rendering provider (82) before the claim's
    /// dates.
    ///
    /// # How to fix
    /// Write segments in the order of the guide, and leave out those that it does not have. An NM1, REF or DTP that
    /// is not expected usually has a qualifier of another loop or claim type.
    ///
    /// # Bypass
    /// None.
    ///
    /// # Source
    /// The implementation guides 005010X222A1 (professional), X223A2 (institutional) and X224A2 (dental), section
    /// 2.3.1.
    ///
    /// # Tables
    /// None. Every claim of an X12 837 can be evaluated; of other formats, every claim passes.
    pub struct X12UnexpectedSegment;
    id: "FMT010", name: "x12-unexpected-segment",
    severity: Error, snip: 1, carc: "16", rarc: "MA130",
    source: "X12 005010X222A1, X223A2 and X224A2",
    unit: Claim, claims: ALL, default: ON,
    tables: [], fields: [], fires: Fires::PROBLEMS,
    messages: [
        "Segment {segment} is none that the guide of this transaction set has"
            => "Leave the segment out, or correct its id.",
        "{called} has no place in {within}, nor after it"
            => "Move the segment to the loop that it belongs to, correct its qualifier, or leave it out.",
        "{called} stands after segments that it must precede in {within}"
            => "Write the segments in the order of the guide.",
        "{called} stands more often in {within} than the guide allows; the most is {expected}"
            => "Leave out what is too much, or spread it over further claims.",
        "{within} stands more often than the guide allows; the most is {expected}"
            => "Leave out what is too much, or spread it over further claims.",
    ],
    check: check,
    tell: tell,
}

fn message(structure: &Structure) -> Option<u8> {
    match structure.fault {
        Fault::UnknownSegment => Some(0),
        Fault::UnexpectedSegment => Some(1),
        Fault::OutOfOrder => Some(2),
        Fault::SegmentRepeats => Some(3),
        Fault::LoopRepeats => Some(4),
        _ => None,
    }
}

fn check(claim: &ClaimFacts<'_>, out: &mut Recorder<'_>) {
    structure::check(claim, out, message);
}

fn tell(problem: &Problem, finding: &mut Finding) -> bool {
    structure::tell(problem, finding, message)
}
