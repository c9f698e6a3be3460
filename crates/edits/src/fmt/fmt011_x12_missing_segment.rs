use super::structure;
use crate::contract::edit;
use crate::{ClaimFacts, Finding, Fires, Recorder};
use claims::{Fault, Problem, Structure};

edit! {
    /// # What it checks
    /// Every segment and loop that the implementation guide requires is there.
    ///
    /// # Why a payer denies it
    /// A receiver rejects the claim, or the transaction set that it is in (999, IK304 code 3): without the segment the
    /// claim cannot be processed.
    ///
    /// # Example
    /// A billing provider (loop 2010AA) without its address, N3.
    ///
    /// # How to fix
    /// Add the segment. If the data is not at hand, the claim is not ready to be sent.
    ///
    /// # Bypass
    /// None.
    ///
    /// # Source
    /// The implementation guides 005010X222A1, X223A2 and X224A2, section 2.3.1: usage “required”.
    ///
    /// # Tables
    /// None. Every claim of an X12 837 can be evaluated; of other formats, every claim passes.
    pub struct X12MissingSegment;
    id: "FMT011", name: "x12-missing-segment",
    severity: Error, snip: 2, carc: "16", rarc: "MA130",
    source: "X12 005010X222A1, X223A2 and X224A2",
    unit: Claim, claims: ALL, default: ON,
    tables: [], fields: [], fires: Fires::PROBLEMS,
    messages: [
        "{called} of {within} is missing before segment {row}; the guide requires it"
            => "Add the segment, or the loop that it begins.",
    ],
    check: check,
    tell: tell,
}

fn message(structure: &Structure) -> Option<u8> {
    (structure.fault == Fault::MissingSegment).then_some(0)
}

fn check(claim: &ClaimFacts<'_>, out: &mut Recorder<'_>) {
    structure::check(claim, out, message);
}

fn tell(problem: &Problem, finding: &mut Finding) -> bool {
    structure::tell(problem, finding, message)
}
