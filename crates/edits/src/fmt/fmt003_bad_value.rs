use super::{raw, report};
use crate::contract::edit;
use crate::{ClaimFacts, Fires, Recorder, Value};
use claims::{Field, Problem, ProblemKind};

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
    /// wrong: dates as `MM/DD/YYYY` and amounts with separators are the usual ones. Such dates in a table (CSV, Parquet)
    /// are read with a column map that says `dates = "MM/DD/YYYY"`.
    ///
    /// # Bypass
    /// None.
    ///
    /// # Source
    /// The forms of cleanclaim's fields; X12 005010 data element types DT, R and ID.
    ///
    /// # Tables
    /// None. Every claim can be evaluated. Dates are of the years 1800 to 2199. Codes and NPIs of a wrong form are told by
    /// the edits of their own families (DX004, PX004, MOD001, PRV001). What stands for a birth date or a sex is not shown.
    pub struct BadValue;
    id: "FMT003", name: "bad-value",
    severity: Error, snip: 1, carc: "16", rarc: "MA130",
    source: "forms of cleanclaim's fields; X12 005010 data element types",
    unit: Claim, claims: ALL, default: ON,
    tables: [], fields: [], fires: Fires::PROBLEMS,
    messages: [
        "{field} holds “{text}”, which is not {expected}; it counts as not given"
            => "Write {expected} into {field}.",
        "{field} is not {expected}; it counts as not given"
            => "Write {expected} into {field}.",
        "{field} holds “{text}”, but {limit}; it counts as not given"
            => "Leave out what matters least, or split the claim.",
        "{field} holds “{text}”, which is not {expected}; it counts as not given"
            => "Write {expected} into {field}; or, of a table, give a column map with dates = \"MM/DD/YYYY\" (--map), which \
                reads such dates.",
        "{field} is not {expected}; it counts as not given"
            => "Write {expected} into {field}; or, of a table, give a column map with dates = \"MM/DD/YYYY\" (--map), which \
                reads such dates.",
    ],
    check: check,
}

// The messages of the edit.
const TEXT: u8 = 0;
const NO_TEXT: u8 = 1;
const TOO_MANY: u8 = 2;
const SLASHES: u8 = 3;
const SLASHES_NO_TEXT: u8 = 4;

/// What X12 has of the two forms of a date.
const OTHER_DATE: &str = " or YYYY-MM-DD";

fn check(claim: &ClaimFacts<'_>, out: &mut Recorder<'_>) {
    // Only an 837 knows segments.
    let x12 = claim.claim.origin(None, Field::ClaimId).is_some();
    let bad = |problem: &Problem| match problem.kind {
        ProblemKind::BadValue { expected } => {
            let slashes = !x12 && expected.ends_with(OTHER_DATE) && raw(claim, problem).is_some_and(has_slashes);
            Some(match (slashes, shown(claim, problem)) {
                (false, Some(_)) => TEXT,
                (false, None) => NO_TEXT,
                (true, Some(_)) => SLASHES,
                (true, None) => SLASHES_NO_TEXT,
            })
        }
        ProblemKind::TooMany { .. } => Some(TOO_MANY),
        _ => None,
    };
    report(claim, out, bad, |problem, finding| {
        match problem.kind {
            ProblemKind::BadValue { expected } => {
                let expected = expected.strip_suffix(OTHER_DATE).filter(|_| x12).unwrap_or(expected);
                finding.with("expected", Value::Text(expected.to_owned()))
            }
            ProblemKind::TooMany { limit } => finding.with("limit", Value::Text(limit.to_owned())),
            _ => finding,
        };
        let field = problem.field.map_or_else(|| Value::Text("A field".to_owned()), Value::Field);
        finding.with("field", field);
        if let Some(text) = shown(claim, problem) {
            finding.with("text", Value::Text(text.to_owned()));
        }
    });
}

/// The text of a problem's field, unless it tells of the patient what no finding shows.
fn shown<'c>(claim: &ClaimFacts<'c>, problem: &Problem) -> Option<&'c str> {
    let withheld = matches!(problem.field, Some(Field::BirthDate | Field::Sex));
    if withheld { None } else { raw(claim, problem) }
}

/// Whether a text is a date as `11/3/2025`.
fn has_slashes(text: &str) -> bool {
    let digits = |part: &str, most| (1..=most).contains(&part.len()) && part.bytes().all(|byte| byte.is_ascii_digit());
    let mut parts = text.split('/');
    let [month, day, year] = [(); 3].map(|()| parts.next().unwrap_or_default());
    digits(month, 2) && digits(day, 2) && year.len() == 4 && digits(year, 4) && parts.next().is_none()
}
