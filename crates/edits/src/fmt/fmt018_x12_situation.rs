use super::structure;
use crate::contract::edit;
use crate::{ClaimFacts, Finding, Fires, Recorder};
use claims::{Fault, Problem, Structure};

edit! {
    /// # What it checks
    /// What the implementation guide requires in some situations is given where the situation shows on the claim:
    /// address, birth date and sex of a subscriber who is the patient; SBR02 where no patient level follows; the
    /// date of an accident, and the state of an auto accident; the control number of an attachment that is sent
    /// apart from the claim.
    ///
    /// # Why a payer denies it
    /// A receiver rejects the claim (999, IK304 code I6 or IK403 code I9; or 277CA).
    ///
    /// # Example
    /// CLM11 says auto accident (AA) and there is no DTP of qualifier 439.
    ///
    /// # How to fix
    /// Add what is missing, or correct what makes the guide ask for it.
    ///
    /// # Bypass
    /// None.
    ///
    /// # Source
    /// The situational rules of the implementation guides 005010X222A1, X223A2 and X224A2: loops 2000B, 2010BA and
    /// 2300, segment PWK.
    ///
    /// # Tables
    /// None. Rules of the guides that no claim shows by itself are not judged, nor claims of version 4010.
    pub struct X12Situation;
    id: "FMT018", name: "x12-situation",
    severity: Error, snip: 4, carc: "16", rarc: "MA130",
    source: "X12 005010X222A1, X223A2 and X224A2",
    unit: Claim, claims: ALL, default: ON,
    tables: [], fields: [], fires: Fires::PROBLEMS,
    messages: [
        "{called} of {within} is missing; it is required since {expected}"
            => "Add the segment, or correct what makes the guide ask for it.",
        "{element} in {within} is empty; it is required since {expected}"
            => "Give the element, or correct what makes the guide ask for it.",
    ],
    check: check,
    tell: tell,
}

fn message(structure: &Structure) -> Option<u8> {
    (structure.fault == Fault::Situational).then(|| u8::from(structure.element > 0))
}

fn check(claim: &ClaimFacts<'_>, out: &mut Recorder<'_>) {
    structure::check(claim, out, message);
}

fn tell(problem: &Problem, finding: &mut Finding) -> bool {
    structure::tell(problem, finding, message)
}
