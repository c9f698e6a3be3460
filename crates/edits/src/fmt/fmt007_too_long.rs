use super::{of_kind, report};
use crate::contract::edit;
use crate::{ClaimFacts, Fires, Recorder, Value};
use claims::ProblemKind;

edit! {
    /// # What it checks
    /// No row or field is longer than the reader takes.
    ///
    /// # Why a payer denies it
    /// No field of a claim is that long: a quote left open, or a line break lost, made one field of many rows. The
    /// row is not read, and its claim is judged by the format edits only.
    ///
    /// # Example
    /// A quote opened before a note and never closed, in a file of many rows.
    ///
    /// # How to fix
    /// Look at the row where the finding says: close the quote, or restore the line breaks.
    ///
    /// # Bypass
    /// None.
    ///
    /// # Source
    /// The limits of cleanclaim's readers, far above the longest element of an 837.
    ///
    /// # Tables
    /// None. Every claim can be evaluated.
    pub struct TooLong;
    id: "FMT007", name: "too-long",
    severity: Error, snip: 1, carc: "", rarc: "",
    source: "limits of cleanclaim's readers",
    unit: Claim, claims: ALL, default: ON,
    tables: [], fields: [], fires: Fires::Problems,
    messages: [
        "Row {row}, or a field in it, is longer than {limit} bytes; a claim has none so long, and its claim is not \
         judged further"
            => "Close the quote that was left open, or restore the line breaks.",
    ],
    check: check,
}

fn check(claim: &ClaimFacts<'_>, out: &mut Recorder<'_>) {
    report(claim, out, of_kind(|kind| matches!(kind, ProblemKind::TooLong { .. })), |problem, finding| {
        if let ProblemKind::TooLong { limit } = problem.kind {
            finding.with("limit", Value::Count(limit.into()));
        }
    });
}
