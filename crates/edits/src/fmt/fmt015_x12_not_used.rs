use super::structure;
use crate::contract::edit;
use crate::{ClaimFacts, Finding, Fires, Recorder};
use claims::{Fault, Problem, Structure};

edit! {
    /// # What it checks
    /// Elements that the implementation guide marks “not used” are empty.
    ///
    /// # Why a payer denies it
    /// Receivers that check the guide strictly reject the transaction set (999, IK403 code I10); others ignore the
    /// element.
    ///
    /// # Example
    /// CLM06 (provider signature on file) on an institutional claim.
    ///
    /// # How to fix
    /// Leave the element empty.
    ///
    /// # Bypass
    /// None.
    ///
    /// # Source
    /// The implementation guides 005010X222A1, X223A2 and X224A2, section 2.4: usage “not used”.
    ///
    /// # Tables
    /// None. Every claim of an X12 837 can be evaluated; of other formats, every claim passes.
    pub struct X12NotUsed;
    id: "FMT015", name: "x12-not-used",
    severity: Warning, snip: 2, carc: "16", rarc: "MA130",
    source: "X12 005010X222A1, X223A2 and X224A2",
    unit: Claim, claims: ALL, default: ON,
    tables: [], fields: [], fires: Fires::PROBLEMS,
    messages: [
        "{element} in {within} is given; the guide does not use it"
            => "Leave the element empty.",
    ],
    check: check,
    tell: tell,
}

fn message(structure: &Structure) -> Option<u8> {
    (structure.fault == Fault::NotUsed).then_some(0)
}

fn check(claim: &ClaimFacts<'_>, out: &mut Recorder<'_>) {
    structure::check(claim, out, message);
}

fn tell(problem: &Problem, finding: &mut Finding) -> bool {
    structure::tell(problem, finding, message)
}
