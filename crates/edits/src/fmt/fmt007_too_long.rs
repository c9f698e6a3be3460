use super::{of_kind, outside, report};
use crate::contract::edit;
use crate::{ClaimFacts, Finding, Fires, Recorder, Value};
use claims::{Problem, ProblemKind};

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
    tables: [], fields: [], fires: Fires::PROBLEMS,
    messages: [
        "Row or segment {row}, or a part of it, is longer than {limit} bytes; a claim has none so long, and its claim is not \
         judged further"
            => "Close the quote that was left open, or restore the line breaks or segment terminators.",
        "Segment {row} is longer than {limit} bytes; none has so many, and it is not read"
            => "Restore the segment terminators.",
    ],
    check: check, tell: tell,
}

fn check(claim: &ClaimFacts<'_>, out: &mut Recorder<'_>) {
    report(claim, out, of_kind(|kind| matches!(kind, ProblemKind::TooLong { .. })), |problem, finding| {
        if let ProblemKind::TooLong { limit } = problem.kind {
            finding.with("limit", Value::Count(limit.into()));
        }
    });
}

fn tell(problem: &Problem, finding: &mut Finding) -> bool {
    finding.message = 1;
    outside(problem, finding, |kind| match *kind {
        ProblemKind::TooLong { limit } => Some(vec![("limit", Value::Count(limit.into()))]),
        _ => None,
    })
}
