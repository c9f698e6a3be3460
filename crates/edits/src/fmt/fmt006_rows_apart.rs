use super::{of_kind, report};
use crate::contract::edit;
use crate::{ClaimFacts, Fires, Recorder, Value};
use claims::ProblemKind;

edit! {
    /// # What it checks
    /// The rows of one claim stand together: a claim id does not come back after rows of other claims.
    ///
    /// # Why a payer denies it
    /// Rows that stand apart are judged as two claims, so that pairs, duplicates and totals across them are missed
    /// or wrong. The same id on two claims would also make a payer take one for a copy of the other.
    ///
    /// # Example
    /// Rows of `c1`, `c2`, `c1` in this order.
    ///
    /// # How to fix
    /// Sort the file by claim id, or run with `--group`, which puts the rows of a claim together first. If two
    /// claims share the id, give one another.
    ///
    /// # Bypass
    /// None.
    ///
    /// # Source
    /// The CSV form of cleanclaim; X12 005010X222A1, X223A2 and X224A2: CLM01 is unique to the claim.
    ///
    /// # Tables
    /// None. Every claim can be evaluated.
    pub struct RowsApart;
    id: "FMT006", name: "rows-apart",
    severity: Error, snip: 1, carc: "", rarc: "",
    source: "cleanclaim CSV form; X12 CLM01",
    unit: Claim, claims: ALL, default: ON,
    tables: [], fields: [], fires: Fires::PROBLEMS,
    messages: [
        "Row {row} begins claim {claim_id} again after rows of other claims; its parts are judged as claims of their \
         own, so that edits across lines and the total miss what stands apart"
            => "Sort the file by claim id or run with --group; if these are two claims, give one another id.",
    ],
    check: check,
}

fn check(claim: &ClaimFacts<'_>, out: &mut Recorder<'_>) {
    report(claim, out, of_kind(|kind| matches!(kind, ProblemKind::RowsApart)), |_, finding| {
        finding.with("claim_id", Value::Text(claim.claim.id().to_owned()));
    });
}
