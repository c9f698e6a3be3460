use crate::contract::edit;
use crate::{ClaimFacts, Fires, Recorder, Unit};
use claims::Field;

edit! {
    /// # What it checks
    /// A professional or institutional claim gives at least one diagnosis. What is given may be wrong; other edits
    /// say so.
    ///
    /// # Why a payer denies it
    /// Without a diagnosis nothing says why the service was needed. The 837 cannot be built: the segment with the
    /// principal (first-listed) diagnosis is required, and clearinghouses reject a claim without it.
    ///
    /// # Example
    /// A claim with one line, 99213, and every diagnosis column empty.
    ///
    /// # How to fix
    /// Enter the diagnoses of the record, the reason for the service first, and let every line point to those it
    /// was for.
    ///
    /// # Bypass
    /// None. Dental claims need no diagnosis and are not judged.
    ///
    /// # Source
    /// ASC X12N 005010X222 (837P) and 005010X223 (837I), loop 2300, HI: principal diagnosis; Claims manual ch. 26
    /// §10.4, item 21.
    ///
    /// # Tables
    /// None needed.
    pub struct DxMissing;
    id: "DX006", name: "dx-missing",
    severity: Error, snip: 2, carc: "16", rarc: "M76",
    source: "ASC X12N 005010X222 and 005010X223, loop 2300 HI; Claims manual ch. 26 §10.4, item 21",
    unit: Claim, claims: NOT_DENTAL, default: ON,
    tables: [], fields: [Field::Diagnosis(1)], fires: Fires::NO_DIAGNOSIS,
    messages: [
        "The claim gives no diagnosis; an 837 cannot be built without one, and a clearinghouse would reject it"
            => "Enter the diagnoses of the record, the reason for the service first.",
    ],
    check: check,
}

fn check(claim: &ClaimFacts<'_>, out: &mut Recorder<'_>) {
    if claim.units(Unit::Diagnosis) == 0 {
        out.fail_claim(Field::Diagnosis(1), 0);
    }
}
