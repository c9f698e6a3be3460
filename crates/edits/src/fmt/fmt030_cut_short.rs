use super::{of_kind, report};
use crate::contract::edit;
use crate::{ClaimFacts, Fires, Recorder};
use claims::ProblemKind;

edit! {
    /// # What it checks
    /// The transaction set that an 837 claim is in ends with its SE segment, after the claim.
    ///
    /// # Why a payer denies it
    /// A file that ends too soon, or goes on with another transaction set, may have lost lines of the claim. A payer
    /// rejects the whole transaction set; here only its last claim is not judged.
    ///
    /// # Example
    /// A file cut off while it was sent: its last segment is an `SV1`.
    ///
    /// # How to fix
    /// Have the file written or sent again. If the claim is whole, add the SE segment (with the GE and IEA after it).
    ///
    /// # Bypass
    /// None.
    ///
    /// # Source
    /// X12.6 (application control structure); 005010X222A1, X223A2 and X224A2: SE is required.
    ///
    /// # Tables
    /// None. Every claim can be evaluated.
    pub struct CutShort;
    id: "FMT030", name: "transaction-cut-short",
    severity: Error, snip: 1, carc: "", rarc: "",
    source: "X12.5, X12.6; 005010X222A1: SE",
    unit: Claim, claims: ALL, default: ON,
    tables: [], fields: [], fires: Fires::PROBLEMS,
    messages: [
        "The transaction set of this claim (it begins at segment {row}) ends before its SE segment; lines of the claim may \
         be missing, so it is not judged further"
            => "Write or send the file again, whole.",
    ],
    check: check,
}

fn check(claim: &ClaimFacts<'_>, out: &mut Recorder<'_>) {
    report(claim, out, of_kind(|kind| matches!(kind, ProblemKind::CutShort)), |_, _| {});
}
