use super::structure;
use crate::contract::edit;
use crate::{ClaimFacts, Finding, Fires, Recorder};
use claims::{Fault, Problem, Structure};

edit! {
    /// # What it checks
    /// What other payers paid adds up. For each line that another payer judged: its payment and its adjustments of
    /// the line make the line's charge. For each such payer: its payments for the lines, less its adjustments of
    /// the claim as a whole, make what it paid for the claim.
    ///
    /// # Why a payer denies it
    /// The next payer works from these amounts, and rejects a claim on which they do not balance.
    ///
    /// # Example
    /// A line of 100.00 with SVD02 of 80.00 and adjustments of 10.00: 10.00 are missing.
    ///
    /// # How to fix
    /// Take the amounts from the other payer's remittance (835) as they are, adjustments with zero payment
    /// included.
    ///
    /// # Bypass
    /// None.
    ///
    /// # Source
    /// The implementation guides 005010X222A1, X223A2 and X224A2, section 1.4 on balancing.
    ///
    /// # Tables
    /// None. That the claim's total is the sum of its lines is CLM001. Lines that the payer bundled with others,
    /// and amounts that are missing, are not judged.
    pub struct X12Balance;
    id: "FMT017", name: "x12-balance",
    severity: Error, snip: 3, carc: "16", rarc: "MA130",
    source: "X12 005010X222A1, X223A2 and X224A2 §1.4",
    unit: Claim, claims: ALL, default: ON,
    tables: [], fields: [], fires: Fires::PROBLEMS,
    messages: [
        "What the other payer paid for the claim, {found}, is not the sum of its payments for the lines less its \
         adjustments of the claim, {expected}"
            => "Take AMT02, SVD02 and all CAS from the payer's remittance.",
        "What the other payer paid for the line and its adjustments make {found}, not the line's charge of \
         {expected}"
            => "Take SVD02 and all CAS of the line from the payer's remittance.",
    ],
    check: check,
    tell: tell,
}

fn message(structure: &Structure) -> Option<u8> {
    match structure.fault {
        Fault::PaidUnbalanced => Some(0),
        Fault::LineUnbalanced => Some(1),
        _ => None,
    }
}

fn check(claim: &ClaimFacts<'_>, out: &mut Recorder<'_>) {
    structure::check(claim, out, message);
}

fn tell(problem: &Problem, finding: &mut Finding) -> bool {
    structure::tell(problem, finding, message)
}
