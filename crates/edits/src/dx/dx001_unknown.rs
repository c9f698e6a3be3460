use super::validity::{covered, has_form, is_reportable, seventh_in_place};
use crate::contract::{edit, tables};
use crate::{ClaimFacts, Fires, Lookup, Recorder, Value};
use codeset::{Ordinal, SystemId};

edit! {
    /// # What it checks
    /// Every diagnosis on the claim is a code of ICD-10-CM: a billable code, or a category or subcategory, of
    /// some loaded release. On an institutional claim the admitting diagnosis, each of the patient's reasons for visit
    /// and each external cause of injury that stands in a field of its own is a diagnosis too.
    ///
    /// # Why a payer denies it
    /// A code that was never published says nothing about the patient. Clearinghouses reject the claim before
    /// it reaches the payer.
    ///
    /// # Example
    /// `Q99.ZZ` is in no release of ICD-10-CM.
    ///
    /// # How to fix
    /// Compare the code with the record. Most are typing errors, one character away from a valid code: the
    /// finding offers those that are valid on the governing date. A seventh character that stands too early is
    /// moved to its place, with X before it: `W19A` is `W19.XXXA`.
    ///
    /// # Bypass
    /// None.
    ///
    /// # Source
    /// ICD-10-CM order files and the Medicare Code Editor's dated code table (CMS, NCHS); Medicare Code Editor edit 1
    /// (invalid code), which covers the admitting diagnosis; I/OCE edit 1, which covers the reasons for visit.
    ///
    /// # Tables
    /// icd10cm. A date outside its releases is not evaluated: a code that ended before the first release
    /// would look unknown.
    pub struct DxUnknown;
    id: "DX001", name: "dx-unknown",
    severity: Error, snip: 5, carc: "16", rarc: "M76",
    source: "ICD-10-CM order files; Medicare Code Editor",
    unit: AnyDiagnosis, claims: ALL, default: ON,
    tables: [tables::DIAGNOSES], fields: [], fires: Fires::UNKNOWN_DIAGNOSIS.or(Fires::UNSOUND_BESIDE),
    messages: [
        "{diagnosis} is in no loaded release of ICD-10-CM; a payer cannot read it as a diagnosis"
            => "Check the code against the record; no code of ICD-10-CM is one character away from it.",
        "{diagnosis} is in no loaded release of ICD-10-CM; a payer cannot read it as a diagnosis"
            => "Check the code against the record. Valid codes one character away: {nearest}.",
        "{diagnosis} is in no loaded release of ICD-10-CM, for its last character is meant as the seventh and stands \
         too early; a payer cannot read it as a diagnosis"
            => "Fill the empty places with X: {filled}.",
    ],
    check: check,
}

const ALONE: u8 = 0;
const NEAR: u8 = 1;
const UNFILLED: u8 = 2;

/// How many near codes a finding offers.
const NEAREST: usize = 5;

fn check(claim: &ClaimFacts<'_>, out: &mut Recorder<'_>) {
    let Some(system) = claim.system(SystemId::Diagnosis) else { return };
    for (place, diagnosis) in claim.any_diagnoses() {
        // A malformed code is DX004's; it cannot be in a release, but saying so twice helps nobody.
        if diagnosis.lookup != Lookup::Unknown || !has_form(diagnosis) {
            continue;
        }
        // Where a table lists no headings, the beginning of a code is a category all the same.
        let mut longer = system.prefix(diagnosis.code).map(Ordinal);
        if longer.any(|ordinal| !system.rows(ordinal).is_empty()) {
            continue;
        }
        // The code is unknown on every day alike, so the first governing date that the releases cover decides.
        let judgements = claim.judgements(diagnosis);
        match (judgements.iter().find_map(|judged| covered(system, judged).ok()), judgements.first()) {
            (Some(date), _) => {
                let filled = seventh_in_place(diagnosis.code).filter(|&filled| {
                    system.ordinal(filled).is_some_and(|ordinal| is_reportable(system, ordinal, date))
                });
                let nearest = system.near(diagnosis.code, Some(date), NEAREST);
                let message = match filled {
                    Some(_) => UNFILLED,
                    None if nearest.is_empty() => ALONE,
                    None => NEAR,
                };
                let finding = out
                    .fail_diagnosis(place, None, message)
                    .with("diagnosis", Value::Diagnosis(diagnosis.code))
                    .with("nearest", Value::Diagnoses(nearest));
                if let Some(filled) = filled {
                    finding.with("filled", Value::Diagnosis(filled));
                }
            }
            (None, Some(judged)) => {
                if let Err(reason) = covered(system, judged) {
                    out.skip_diagnosis(place, judged.line, reason);
                }
            }
            (None, None) => {}
        }
    }
}
