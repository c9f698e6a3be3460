use super::{of_kind, report};
use crate::contract::edit;
use crate::{ClaimFacts, Fires, Recorder, Value};
use claims::ProblemKind;

edit! {
    /// # What it checks
    /// The fields of the claim itself (payer, patient, diagnoses, statement and the like) are the same on all of its
    /// rows. A row may leave them empty.
    ///
    /// # Why a payer denies it
    /// A claim has each of these once. The first row's value is used; if another row has the right one, the claim
    /// would be sent, and was judged, with the wrong one.
    ///
    /// # Example
    /// Two rows of `c1`, one with `dx_1` E11.9 and one with E11.65.
    ///
    /// # How to fix
    /// Find the right value and write it on all rows of the claim. If the rows are of two claims, give them two ids.
    ///
    /// # Bypass
    /// None.
    ///
    /// # Source
    /// The CSV form of cleanclaim; X12 005010X222A1, X223A2 and X224A2, loop 2300.
    ///
    /// # Tables
    /// None. Every claim can be evaluated. A field is told once a claim, at the first row that disagrees. Different
    /// writings of one value (20240131 and 2024-01-31, E119 and E11.9) agree.
    pub struct ClaimFieldDisagrees;
    id: "FMT008", name: "claim-field-disagrees",
    severity: Warning, snip: 1, carc: "", rarc: "",
    source: "cleanclaim CSV form; X12 loop 2300",
    unit: Claim, claims: ALL, default: ON,
    tables: [], fields: [], fires: Fires::PROBLEMS,
    messages: [
        "Row {row} has another {field} than the first row of its claim; a claim has one, and the first row's is used"
            => "Write the right {field} on all rows of the claim, or give the rows of another claim another id.",
    ],
    check: check,
}

fn check(claim: &ClaimFacts<'_>, out: &mut Recorder<'_>) {
    report(claim, out, of_kind(|kind| matches!(kind, ProblemKind::Disagrees)), |problem, finding| {
        let field = problem.field.map_or_else(|| Value::Text("claim field".to_owned()), Value::Field);
        finding.with("field", field);
    });
}
