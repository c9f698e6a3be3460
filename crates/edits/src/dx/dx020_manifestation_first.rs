use super::first_listed::{Standing, each_first};
use super::validity::reportable_row;
use crate::contract::{edit, tables};
use crate::{ClaimFacts, Fires, Recorder, Value};
use codeset::SystemId;
use codeset::flags::diagnosis::MANIFESTATION;

edit! {
    /// # What it checks
    /// A manifestation code (most say "in diseases classified elsewhere") does not stand first: not as principal
    /// diagnosis of an institutional claim, not as first-listed diagnosis of a professional or dental one, and not
    /// under the first pointer of a line.
    ///
    /// # Why a payer denies it
    /// A manifestation code describes what another disease does. Its convention is that the underlying disease
    /// comes first; alone or in front it does not say what the patient has. Medicare returns such a claim to the
    /// provider, and other payers deny the line.
    ///
    /// # Example
    /// `D63.0` (anaemia in neoplastic disease) first and `C18.9` (colon cancer) second: the other way round is right.
    ///
    /// # How to fix
    /// Put the underlying disease first, as the "code first" note at the manifestation code names it, and the
    /// manifestation behind it. On a line, point to the underlying disease first.
    ///
    /// # Bypass
    /// None.
    ///
    /// # Source
    /// ICD-10-CM Official Guidelines I.A.13 (etiology/manifestation convention); Medicare Code Editor, edit 6
    /// (manifestation code as principal diagnosis); I/OCE edit 86; Claims manual ch. 26 §10.4, item 24E (the pointer
    /// names a line's primary diagnosis).
    ///
    /// # Tables
    /// icd10cm. Not evaluated where a diagnosis that stands first has a date outside its releases or none, or is
    /// not valid on it.
    pub struct DxManifestationFirst;
    id: "DX020", name: "dx-manifestation-first",
    severity: Error, snip: 6, carc: "16", rarc: "MA63",
    source: "ICD-10-CM Official Guidelines I.A.13; Medicare Code Editor, edit 6; I/OCE edit 86",
    unit: Diagnosis, claims: ALL, default: ON,
    tables: [tables::DIAGNOSES], fields: [], fires: Fires::INVALID_DIAGNOSIS.or(Fires::MANIFESTATION),
    messages: [
        "{diagnosis} is a manifestation code and stands as principal diagnosis on {date}; a payer would return a claim \
         that does not name the underlying disease first"
            => "Put the underlying disease first and {diagnosis} behind it.",
        "{diagnosis} is a manifestation code and stands as first-listed diagnosis on {date}; a payer would return a \
         claim that does not name the underlying disease first"
            => "Put the underlying disease first and {diagnosis} behind it.",
        "{diagnosis} is a manifestation code and stands under the first pointer of the line of {date}; a payer would \
         deny a line whose primary diagnosis it is"
            => "Let the line point to the underlying disease first and to {diagnosis} after it.",
    ],
    check: check,
}

fn check(claim: &ClaimFacts<'_>, out: &mut Recorder<'_>) {
    let Some(system) = claim.system(SystemId::Diagnosis) else { return };
    each_first(
        claim,
        system,
        |_, judged| !judged.row.is_some_and(|row| row.is_billable() && !row.has(MANIFESTATION)),
        |Standing { first, place, diagnosis, judged }| match (reportable_row(system, &judged), judged.date) {
            (Ok(row), Ok(date)) => {
                out.fail_diagnosis(place, judged.line, first as u8)
                    .with("diagnosis", Value::Diagnosis(diagnosis.code))
                    .with("date", Value::Date(date))
                    .from_release(row.release);
            }
            (Err(reason), _) | (_, Err(reason)) => out.skip_diagnosis(place, judged.line, reason),
        },
    );
}
