use super::{of_kind, report};
use crate::contract::edit;
use crate::{ClaimFacts, Fires, Recorder};
use claims::ProblemKind;

edit! {
    /// # What it checks
    /// The transaction set that a claim is in goes on to its SE segment.
    ///
    /// # Why a payer denies it
    /// The file was cut in the middle of the claim: lines of it may be lost. The claim is not judged further, and a
    /// receiver rejects the whole transaction set.
    ///
    /// # Example
    /// A file that ends within the last claim, since the disk was full or the transfer broke off.
    ///
    /// # How to fix
    /// Export or transfer the file again.
    ///
    /// # Bypass
    /// None.
    ///
    /// # Source
    /// X12.6: a transaction set ends with SE.
    ///
    /// # Tables
    /// None. Every claim can be evaluated; formats other than X12 have no such end.
    pub struct X12CutShort;
    id: "FMT020", name: "x12-cut-short",
    severity: Error, snip: 1, carc: "", rarc: "",
    source: "X12.6",
    unit: Claim, claims: ALL, default: ON,
    tables: [], fields: [], fires: Fires::Problems,
    messages: [
        "The transaction set ends within this claim, which begins with segment {row}, without its SE; lines may be lost, \
         so the claim is not judged further"
            => "Export or transfer the file again, whole.",
    ],
    check: check,
}

fn check(claim: &ClaimFacts<'_>, out: &mut Recorder<'_>) {
    report(claim, out, of_kind(|kind| matches!(kind, ProblemKind::CutShort)), |_, _| {});
}
