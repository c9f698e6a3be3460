use super::structure;
use crate::contract::edit;
use crate::{ClaimFacts, Finding, Fires, Recorder};
use claims::{Fault, Problem, Structure};

edit! {
    /// # What it checks
    /// Every element and component that the implementation guide requires is given, and those that must be given
    /// because another one is.
    ///
    /// # Why a payer denies it
    /// A receiver rejects the claim, or the transaction set that it is in (999, IK403 codes 1 and 2).
    ///
    /// # Example
    /// `CLM*C1*125` without the place of service and frequency of CLM05; a CAS with a reason code and no amount.
    ///
    /// # How to fix
    /// Give the element. An element that was given but seems missing often follows one whose separator was lost.
    ///
    /// # Bypass
    /// None.
    ///
    /// # Source
    /// The implementation guides 005010X222A1, X223A2 and X224A2, section 2.3.1, and the syntax notes of X12.22.
    ///
    /// # Tables
    /// None. Every claim of an X12 837 can be evaluated; of other formats, every claim passes.
    pub struct X12MissingElement;
    id: "FMT012", name: "x12-missing-element",
    severity: Error, snip: 2, carc: "16", rarc: "MA130",
    source: "X12 005010X222A1, X223A2 and X224A2",
    unit: Claim, claims: ALL, default: ON,
    tables: [], fields: [], fires: Fires::PROBLEMS,
    messages: [
        "{element} in {within} is empty; the guide requires it"
            => "Give the element.",
        "{element} in {within} is empty, though the other elements that it goes with are given"
            => "Give the element, or leave out those that it goes with.",
    ],
    check: check,
    tell: tell,
}

fn message(structure: &Structure) -> Option<u8> {
    match structure.fault {
        Fault::MissingElement => Some(0),
        Fault::MissingConditional => Some(1),
        _ => None,
    }
}

fn check(claim: &ClaimFacts<'_>, out: &mut Recorder<'_>) {
    structure::check(claim, out, message);
}

fn tell(problem: &Problem, finding: &mut Finding) -> bool {
    structure::tell(problem, finding, message)
}
