use super::{raw, report};
use crate::contract::edit;
use crate::{ClaimFacts, Fires, Recorder, Value};
use claims::ProblemKind;

edit! {
    /// # What it checks
    /// Every field that takes a date, an amount, units or one of a few words holds one. No claim has more than 25
    /// diagnoses, and no line more than four modifiers.
    ///
    /// # Why a payer denies it
    /// A field of another form is rejected by the first program that reads the claim. Here it counts as not given:
    /// edits that need it are not evaluated, and the rest of the claim is judged.
    ///
    /// # Example
    /// A service date of `20240230`, or a charge of `$1,200.00`. A 26th diagnosis.
    ///
    /// # How to fix
    /// Write the value in the form that the finding names. If all rows have the same fault, the export's format is
    /// wrong: dates as `MM/DD/YYYY` and amounts with separators are the usual ones.
    ///
    /// # Bypass
    /// None.
    ///
    /// # Source
    /// The columns of cleanclaim's CSV; X12 005010 data element types DT, R and ID.
    ///
    /// # Tables
    /// None. Every claim can be evaluated. Dates are of the years 1800 to 2199. Codes and NPIs of a wrong form are told by
    /// the edits of their own families (DX004, PX004, MOD001, PRV001).
    pub struct BadValue;
    id: "FMT003", name: "bad-value",
    severity: Error, snip: 1, carc: "16", rarc: "",
    source: "cleanclaim CSV columns; X12 005010 data element types",
    unit: Claim, claims: ALL, default: ON,
    tables: [], fields: [], fires: Fires::PROBLEMS,
    messages: [
        "{field} holds “{text}”, which is not {expected}; it counts as not given"
            => "Write {expected} into {field}, or leave it empty.",
        "{field} is not {expected}; it counts as not given"
            => "Write {expected} into {field}, or leave it empty.",
        "{field} holds “{text}”, but {limit}; it counts as not given"
            => "Leave out what matters least, or split the claim.",
    ],
    check: check,
}

// The messages of the edit.
const TEXT: u8 = 0;
const NO_TEXT: u8 = 1;
const TOO_MANY: u8 = 2;

fn check(claim: &ClaimFacts<'_>, out: &mut Recorder<'_>) {
    let bad = |problem: &claims::Problem| match problem.kind {
        ProblemKind::BadValue { .. } => Some(if raw(claim, problem).is_some() { TEXT } else { NO_TEXT }),
        ProblemKind::TooMany { .. } => Some(TOO_MANY),
        _ => None,
    };
    report(claim, out, bad, |problem, finding| {
        match problem.kind {
            ProblemKind::BadValue { expected } => finding.with("expected", Value::Text(expected.to_owned())),
            ProblemKind::TooMany { limit } => finding.with("limit", Value::Text(limit.to_owned())),
            _ => finding,
        };
        let field = problem.field.map_or_else(|| Value::Text("A field".to_owned()), Value::Field);
        finding.with("field", field);
        if let Some(text) = raw(claim, problem) {
            finding.with("text", Value::Text(text.to_owned()));
        }
    });
}
