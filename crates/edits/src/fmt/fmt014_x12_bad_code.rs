use super::structure;
use crate::contract::edit;
use crate::{ClaimFacts, Finding, Fires, Recorder};
use claims::{Fault, Problem, Shown, Structure};

edit! {
    /// # What it checks
    /// Elements for which the implementation guide lists codes have one of them: qualifiers, yes/no answers, sex,
    /// relationship, claim filing indicator.
    ///
    /// # Why a payer denies it
    /// A receiver rejects the claim, or the transaction set that it is in (999, IK403 code 7 or I6).
    ///
    /// # Example
    /// `PER*IC*BILLING OFFICE*TA*5551234567`: TA is no kind of number.
    ///
    /// # How to fix
    /// Write one of the codes that the finding lists. Codes of lists outside of the guides (procedures, places of
    /// service, states) are other edits'.
    ///
    /// # Bypass
    /// None.
    ///
    /// # Source
    /// The implementation guides 005010X222A1, X223A2 and X224A2, section 2.4: code values.
    ///
    /// # Tables
    /// None. Every claim of an X12 837 can be evaluated; of other formats, every claim passes.
    pub struct X12BadCode;
    id: "FMT014", name: "x12-bad-code",
    severity: Error, snip: 2, carc: "16", rarc: "MA130",
    source: "X12 005010X222A1, X223A2 and X224A2",
    unit: Claim, claims: ALL, default: ON,
    tables: [], fields: [], fires: Fires::PROBLEMS,
    messages: [
        "{element} in {within} is “{found}”, which is none of the codes that the guide lists: {expected}"
            => "Write one of {expected}.",
        "{element} in {within} is none of the codes that the guide lists: {expected}"
            => "Write one of {expected}.",
        "{element} in {within} is “{found}”, and {expected} is the only code that the guide lists"
            => "Write {expected}, or leave the element out if the guide does not require it here.",
        "{element} in {within} is not {expected}, the only code that the guide lists"
            => "Write {expected}, or leave the element out if the guide does not require it here.",
    ],
    check: check,
    tell: tell,
}

fn message(structure: &Structure) -> Option<u8> {
    let alone = matches!(structure.expected, Shown::Rule(codes) if !codes.contains([',', ' ']));
    let shown = u8::from(structure.found == Shown::Nothing);
    (structure.fault == Fault::BadCode).then(|| if alone { 2 + shown } else { shown })
}

fn check(claim: &ClaimFacts<'_>, out: &mut Recorder<'_>) {
    structure::check(claim, out, message);
}

fn tell(problem: &Problem, finding: &mut Finding) -> bool {
    structure::tell(problem, finding, message)
}
