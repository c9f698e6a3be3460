use super::structure;
use crate::contract::edit;
use crate::{ClaimFacts, Finding, Fires, Recorder};
use claims::{Fault, Problem, Structure};

edit! {
    /// # What it checks
    /// Interchanges (ISA to IEA), functional groups (GS to GE) and transaction sets (ST to SE) are closed by their
    /// trailers, and each trailer has its header's control number and counts what was sent. A transaction set of
    /// claims names the guide that its group names, and its group says that it is of claims.
    ///
    /// # Why a payer denies it
    /// A receiver rejects the whole envelope with a TA1 or 999, so none of its claims is looked at. A wrong count
    /// is how it learns that part of a file was lost.
    ///
    /// # Example
    /// `SE*24*0001` at the end of a transaction set of 25 segments, ST and SE included.
    ///
    /// # How to fix
    /// Have the program that writes the file count again after the last change; do not edit an 837 by hand. Give
    /// the control number of the header to its trailer, and each transaction set of a group its own.
    ///
    /// # Bypass
    /// None.
    ///
    /// # Source
    /// X12.5 (ISA, IEA) and X12.6 (GS, GE, ST, SE); their use in the implementation guides, appendix C.
    ///
    /// # Tables
    /// None. Every claim of an X12 837 can be evaluated; of other formats, every claim passes.
    pub struct X12Envelope;
    id: "FMT009", name: "x12-envelope",
    severity: Error, snip: 1, carc: "", rarc: "",
    source: "X12.5 interchange control; X12.6 functional groups",
    unit: Claim, claims: ALL, default: ON,
    tables: [], fields: [], fires: Fires::PROBLEMS,
    messages: [
        "The {segment} that closes the envelope is missing before segment {row}; a receiver rejects all that is \
         in the envelope"
            => "Close each envelope: SE after a transaction set, GE after a group, IEA after an interchange.",
        "Segment {row} stands without the {segment} that it needs before it; a receiver does not take it"
            => "Put transaction sets in a group (GS to GE), and groups in an interchange (ISA to IEA).",
        "{element} is {found} where the header has control number {expected}; the envelope is rejected"
            => "Write the header's control number into its trailer.",
        "{element} is {found}, as in an envelope before it; the second is taken for the first sent again"
            => "Give each transaction set of a group, and each group of an interchange, its own control number.",
        "{element} says {found} where the count of what was sent is {expected}; the envelope is rejected, since part of it may be lost"
            => "Count what is between header and trailer, both included for segments, and write that number.",
        "{element} says {found} where the group's GS08 says {expected}; a receiver that goes by the group rejects the \
         transaction set"
            => "Name the guide that the claims follow in both places, and send claims of each guide in a group of their own.",
        "{element} says that claims follow, where the group's GS01 is {found} and not {expected}; a receiver looks for no \
         claims in such a group"
            => "Put transaction sets 837 into groups of their own whose GS01 is {expected}.",
    ],
    check: check,
    tell: tell,
}

fn message(structure: &Structure) -> Option<u8> {
    match structure.fault {
        Fault::NoTrailer => Some(0),
        Fault::NoHeader => Some(1),
        Fault::ControlNumber => Some(2),
        Fault::ControlNumberRepeats => Some(3),
        Fault::Count => Some(4),
        Fault::GuideDisagrees => Some(5),
        Fault::GroupDisagrees => Some(6),
        _ => None,
    }
}

fn check(claim: &ClaimFacts<'_>, out: &mut Recorder<'_>) {
    structure::check(claim, out, message);
}

fn tell(problem: &Problem, finding: &mut Finding) -> bool {
    structure::tell(problem, finding, message)
}
