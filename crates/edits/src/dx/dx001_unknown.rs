use crate::contract::{edit, tables};
use crate::{ClaimFacts, Fires, Lookup, Reason, Recorder, Value};
use codeset::SystemId;

edit! {
    /// # What it checks
    /// Every diagnosis on the claim is a code of ICD-10-CM: a billable code, or a category or subcategory, of
    /// some loaded release.
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
    /// finding offers those that are valid on the governing date.
    ///
    /// # Bypass
    /// None.
    ///
    /// # Source
    /// ICD-10-CM order files and the Medicare Code Editor's dated code table (CMS, NCHS).
    ///
    /// # Tables
    /// icd10cm. A date outside its releases is not evaluated: a code that ended before the first release
    /// would look unknown.
    pub struct DxUnknown;
    id: "DX001", name: "dx-unknown",
    severity: Error, snip: 5, carc: "16", rarc: "M76",
    source: "ICD-10-CM order files; Medicare Code Editor",
    unit: Diagnosis, claims: ALL, default: ON,
    tables: [tables::DIAGNOSES], fields: [], fires: Fires::Diagnoses(u32::MAX),
    messages: [
        "{diagnosis} is in no loaded release of ICD-10-CM; a payer cannot read it as a diagnosis"
            => "Check the code against the record; no code of ICD-10-CM is one character away from it.",
        "{diagnosis} is in no loaded release of ICD-10-CM; a payer cannot read it as a diagnosis"
            => "Check the code against the record. Valid codes one character away: {nearest}.",
    ],
    check: check,
}

/// How many near codes a finding offers.
const NEAREST: usize = 5;

fn check(claim: &ClaimFacts<'_>, out: &mut Recorder<'_>) {
    let Some(system) = claim.system(SystemId::Diagnosis) else { return };
    for (place, diagnosis) in claim.given_diagnoses() {
        // A malformed code is DX004's; it cannot be in a release, but saying so twice helps nobody.
        if diagnosis.lookup != Lookup::Unknown || !diagnosis.code.has_diagnosis_form() {
            continue;
        }
        // The code is unknown on every day alike, so the first governing date that the releases cover decides.
        let judgements = claim.judgements(diagnosis);
        let covered = judgements.iter().find(|judged| judged.date.is_ok_and(|date| system.covers(date)));
        match (covered, judgements.first()) {
            (Some(judged), _) => {
                let nearest = system.near(diagnosis.code, judged.date.ok(), NEAREST);
                let message = u8::from(!nearest.is_empty());
                out.fail_diagnosis(place, None, message)
                    .with("diagnosis", Value::Diagnosis(diagnosis.code))
                    .with("nearest", Value::Diagnoses(nearest));
            }
            (None, Some(judged)) => {
                let reason = judged.date.err().unwrap_or(Reason::DateOutsideReleases(SystemId::Diagnosis.name()));
                out.skip_diagnosis(place, judged.line, reason);
            }
            (None, None) => {}
        }
    }
}
