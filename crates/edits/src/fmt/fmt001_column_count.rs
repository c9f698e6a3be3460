use super::{of_kind, report};
use crate::contract::edit;
use crate::{ClaimFacts, Fires, Recorder, Value};
use claims::ProblemKind;

edit! {
    /// # What it checks
    /// Every row of the input has as many fields as its header.
    ///
    /// # Why a payer denies it
    /// Where a field is missing or too many, no value of the row can be trusted to stand in its own column. The row
    /// is not read, and its claim is judged by the format edits only.
    ///
    /// # Example
    /// `c1,P,Smith, John,99213` under a header of four columns: the comma in the name makes five fields.
    ///
    /// # How to fix
    /// Put quotes around fields that hold the separator, and end every row where the header ends. An export cut
    /// short leaves its last row incomplete.
    ///
    /// # Bypass
    /// None.
    ///
    /// # Source
    /// RFC 4180 §2.4: each line of a CSV has the same number of fields.
    ///
    /// # Tables
    /// None. Every claim can be evaluated.
    pub struct ColumnCount;
    id: "FMT001", name: "column-count",
    severity: Error, snip: 1, carc: "", rarc: "",
    source: "RFC 4180",
    unit: Claim, claims: ALL, default: ON,
    tables: [], fields: [], fires: Fires::PROBLEMS,
    messages: [
        "Row {row} has not as many fields as the header, {got} where there should be {expected}; no value can be trusted to stand in its own \
         column, so its claim is not judged further"
            => "Put quotes around fields that hold the separator, and give the row all of its fields.",
    ],
    check: check,
}

fn check(claim: &ClaimFacts<'_>, out: &mut Recorder<'_>) {
    let counted = of_kind(|kind| matches!(kind, ProblemKind::ColumnCount { .. }));
    report(claim, out, counted, |problem, finding| {
        if let ProblemKind::ColumnCount { expected, got } = problem.kind {
            finding.with("expected", Value::Count(expected.into())).with("got", Value::Count(got.into()));
        }
    });
}
