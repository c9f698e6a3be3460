use super::first_listed::{Standing, each_first};
use super::validity::covered;
use crate::contract::{edit, tables};
use crate::{ClaimFacts, Fires, Lookup, Reason, Recorder, Value};
use codeset::SystemId;

edit! {
    /// # What it checks
    /// An external cause (ICD-10-CM chapter 20, `V00` to `Y99`) does not stand first: not as principal diagnosis of an
    /// institutional claim, not as first-listed diagnosis of a professional or dental one, and not under the first
    /// pointer of a line. A code of these categories fails whether or not it is complete or in force.
    ///
    /// # Why a payer denies it
    /// The code says how the patient was hurt, not what the patient has. Medicare returns such a claim to the
    /// provider, and other payers deny the line.
    ///
    /// # Example
    /// `W19.XXXA` (unspecified fall) first and `S72.001A` (broken hip) second: the other way round is right.
    ///
    /// # How to fix
    /// Put the injury or condition first, and the external cause after it. On a line, point to the injury first.
    ///
    /// # Bypass
    /// None.
    ///
    /// # Source
    /// ICD-10-CM Official Guidelines I.C.20.a.6 (never principal or first-listed); Medicare Code Editor, edit 2; I/OCE
    /// edit 5; Claims manual ch. 26 §10.4, item 24E (the pointer names a line's primary diagnosis).
    ///
    /// # Tables
    /// icd10cm. Not evaluated where a code that begins with V, W, X or Y stands first and its date is outside the
    /// releases or missing (in ICD-9-CM, until 2015-09-30, V codes could be first), or it is in no release.
    pub struct DxExternalCauseFirst;
    id: "DX021", name: "dx-external-cause-first",
    severity: Error, snip: 6, carc: "16", rarc: "MA63",
    source: "ICD-10-CM Official Guidelines I.C.20.a.6; Medicare Code Editor, edit 2; I/OCE edit 5",
    unit: Diagnosis, claims: ALL, default: ON,
    tables: [tables::DIAGNOSES], fields: [], fires: Fires::EXTERNAL_CAUSE,
    messages: [
        "{diagnosis} is an external cause and stands as principal diagnosis on {date}; a payer would return a claim \
         that says how the patient was hurt but not first with what"
            => "Put the injury or condition first and {diagnosis} after it.",
        "{diagnosis} is an external cause and stands as first-listed diagnosis on {date}; a payer would return a claim \
         that says how the patient was hurt but not first with what"
            => "Put the injury or condition first and {diagnosis} after it.",
        "{diagnosis} is an external cause and stands under the first pointer of the line of {date}; a payer would deny \
         a line whose primary diagnosis it is"
            => "Let the line point to the injury or condition first and to {diagnosis} after it.",
    ],
    check: check,
}

fn check(claim: &ClaimFacts<'_>, out: &mut Recorder<'_>) {
    let Some(system) = claim.system(SystemId::Diagnosis) else { return };
    each_first(
        claim,
        system,
        // The whole of chapter 20, and nothing else of ICD-10-CM, begins with these letters.
        |diagnosis, _| matches!(diagnosis.code.at(0), b'V'..=b'Y') && !diagnosis.is_icd_9(),
        |Standing { first, place, diagnosis, judged }| match (covered(system, &judged), diagnosis.lookup) {
            (Ok(date), Lookup::Known(_)) => {
                let finding = out
                    .fail_diagnosis(place, judged.line, first as u8)
                    .with("diagnosis", Value::Diagnosis(diagnosis.code))
                    .with("date", Value::Date(date));
                if let Some(row) = judged.row {
                    finding.from_release(row.release);
                }
            }
            (Ok(_), _) => out.skip_diagnosis(place, judged.line, Reason::CodeNotValid(SystemId::Diagnosis.name())),
            (Err(reason), _) => out.skip_diagnosis(place, judged.line, reason),
        },
    );
}
