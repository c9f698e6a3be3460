use super::{of_kind, report};
use crate::contract::edit;
use crate::{ClaimFacts, Fires, Recorder, Value};
use claims::ProblemKind;

edit! {
    /// # What it checks
    /// Every row of the input is UTF-8 text.
    ///
    /// # Why a payer denies it
    /// A byte that is no UTF-8 could be any letter of an older encoding, and what it is cannot be guessed. The row
    /// is not read, and its claim is judged by the format edits only.
    ///
    /// # Example
    /// A name with `é` in a file written as Windows-1252: the byte E9.
    ///
    /// # How to fix
    /// Write the file as UTF-8, or convert it (`iconv -f WINDOWS-1252 -t UTF-8`).
    ///
    /// # Bypass
    /// None.
    ///
    /// # Source
    /// RFC 3629 (UTF-8). An 837 takes fewer characters still: X12 005010 appendix B.1, basic and extended sets.
    ///
    /// # Tables
    /// None. Every claim can be evaluated.
    pub struct NotUtf8;
    id: "FMT002", name: "not-utf8",
    severity: Error, snip: 1, carc: "", rarc: "",
    source: "RFC 3629",
    unit: Claim, claims: ALL, default: ON,
    tables: [], fields: [], fires: Fires::PROBLEMS,
    messages: [
        "Row {row} is not UTF-8 from its byte {at} on (counted from 0); its letters cannot be told, so its claim is \
         not judged further"
            => "Write the file as UTF-8, or convert it from the encoding it has.",
    ],
    check: check,
}

fn check(claim: &ClaimFacts<'_>, out: &mut Recorder<'_>) {
    report(claim, out, of_kind(|kind| matches!(kind, ProblemKind::NotUtf8 { .. })), |problem, finding| {
        if let ProblemKind::NotUtf8 { at } = problem.kind {
            finding.with("at", Value::Count(at.into()));
        }
    });
}
