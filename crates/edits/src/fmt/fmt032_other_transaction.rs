use super::{outside, text_of};
use crate::contract::edit;
use crate::{Finding, Fires};
use claims::{Problem, ProblemKind};

edit! {
    /// # What it checks
    /// The transaction sets of the input are 837, health care claims.
    ///
    /// # Why a payer denies it
    /// What is no claim is not judged: a remittance (835), an eligibility inquiry (270) or an acknowledgment (999)
    /// passes as it is. This says so, so that nobody takes it for checked.
    ///
    /// # Example
    /// A file with an `835` between two groups of claims.
    ///
    /// # How to fix
    /// Nothing, if the transaction set is meant to be there. Where claims were expected, mend ST01.
    ///
    /// # Bypass
    /// None.
    ///
    /// # Source
    /// X12.6: ST01 says what a transaction set is.
    ///
    /// # Tables
    /// None. Every claim can be evaluated.
    pub struct OtherTransaction;
    id: "FMT032", name: "other-transaction",
    severity: Info, snip: 1, carc: "", rarc: "",
    source: "X12.6: ST01",
    unit: Claim, claims: ALL, default: ON,
    tables: [], fields: [], fires: Fires::NEVER,
    messages: [
        "The transaction set at segment {row} is of kind {given}, not 837; it is not judged"
            => "Nothing is to be done, unless claims were expected here.",
    ],
    check: super::nothing_of_claims, tell: tell,
}

fn tell(problem: &Problem, finding: &mut Finding) -> bool {
    outside(problem, finding, |kind| match kind {
        ProblemKind::OtherTransaction { given } => Some(vec![("given", text_of(given))]),
        _ => None,
    })
}
