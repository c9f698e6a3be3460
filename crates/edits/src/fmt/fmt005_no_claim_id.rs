use super::{of_kind, report};
use crate::contract::edit;
use crate::{ClaimFacts, Fires, Recorder};
use claims::ProblemKind;

edit! {
    /// # What it checks
    /// Every row has a claim id.
    ///
    /// # Why a payer denies it
    /// Without an id it cannot be told which claim the row belongs to, nor can a finding be led back to it. The row
    /// counts as an unreadable claim of its own.
    ///
    /// # Example
    /// A row that begins with a comma where `claim_id` is the first column.
    ///
    /// # How to fix
    /// Give every row the id of its claim, the further rows of a claim included.
    ///
    /// # Bypass
    /// None.
    ///
    /// # Source
    /// X12 005010X222A1, X223A2 and X224A2: CLM01, patient control number, is required.
    ///
    /// # Tables
    /// None. Every claim can be evaluated.
    pub struct NoClaimId;
    id: "FMT005", name: "no-claim-id",
    severity: Error, snip: 1, carc: "", rarc: "",
    source: "X12 005010X222A1, X223A2, X224A2: CLM01",
    unit: Claim, claims: ALL, default: ON,
    tables: [], fields: [], fires: Fires::PROBLEMS,
    messages: [
        "Row or segment {row} has no claim id; which claim it belongs to cannot be told, so it is not judged"
            => "Give the row the id of its claim; in an 837 that is CLM01.",
    ],
    check: check,
}

fn check(claim: &ClaimFacts<'_>, out: &mut Recorder<'_>) {
    report(claim, out, of_kind(|kind| matches!(kind, ProblemKind::NoClaimId)), |_, _| {});
}
