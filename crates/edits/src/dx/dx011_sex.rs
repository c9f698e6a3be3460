use super::validity::reportable_row;
use crate::contract::{edit, tables};
use crate::{ClaimFacts, Fires, Judgement, Reason, Recorder, Value};
use claims::Field;
use codes::{Code, Modifier, Sex};
use codeset::flags::diagnosis::{FEMALE, MALE};
use codeset::{Row, SystemId};

edit! {
    /// # What it checks
    /// A diagnosis that the Medicare Code Editor lists as of one sex stands on a claim of a patient of that sex. A
    /// sex given as unknown (`U`) is neither.
    ///
    /// # Why a payer denies it
    /// Medicare did until 2024-09-30 (dates of discharge or service): CMS deactivated the edit from 2024-10-01, and
    /// the lists end there. Some payers keep such an edit of their own. It is off unless asked for.
    ///
    /// # Example
    /// `N40.0` (enlarged prostate) for a female patient on 2024-09-30 fails; on 2024-10-01 it passes.
    ///
    /// # How to fix
    /// Compare the sex with the registration and the diagnosis with the record. If both are right, report condition
    /// code 45 (institutional) or modifier KX on the lines (professional).
    ///
    /// # Bypass
    /// Condition code 45 on an institutional claim; modifier KX on every line of that date which points to the
    /// diagnosis on a professional one.
    ///
    /// # Source
    /// Medicare Code Editor, edit 5 (sex conflict), deactivated 2024-10-01; I/OCE edit 3; Claims manual ch. 32 §240
    /// (CR 6638, from 2010-04-01).
    ///
    /// # Tables
    /// icd10cm. Not evaluated where the date is outside its releases, the code is not valid on it, or the code is of
    /// one sex and the patient's is not given.
    pub struct DxSex;
    id: "DX011", name: "dx-sex",
    severity: Error, snip: 6, carc: "10", rarc: "",
    source: "Medicare Code Editor, sex conflict; I/OCE edit 3; Claims manual ch. 32 §240 (CR 6638)",
    unit: Diagnosis, claims: ALL, default: OFF,
    tables: [tables::DIAGNOSES], fields: [], fires: Fires::ALWAYS,
    messages: [
        "{diagnosis} is a diagnosis of {expected} patients, and the claim gives the sex as {sex}; a payer that checks \
         it would take one of them for wrong"
            => "Check the sex and the diagnosis against the record. If both are right, report condition code 45.",
        "{diagnosis} is a diagnosis of {expected} patients, and the claim gives the sex as {sex}; a payer that checks \
         it would take one of them for wrong"
            => "Check the sex and the diagnosis against the record. If both are right, report modifier KX on the line.",
        "{diagnosis} is a diagnosis of {expected} patients, and the claim gives the sex as {sex}; {release} says that \
         both are right"
            => "Keep {release} if the record bears it out.",
    ],
    check: check,
}

const INSTITUTIONAL: u8 = 0;
const PROFESSIONAL: u8 = 1;
const RELEASED: u8 = 2;

/// NUBC condition code 45, ambiguous gender category (gender incongruence from 2023-07-01): Claims manual ch. 32
/// §240.1.
const CONDITION_45: Code = Code::new(b"45");
/// Modifier KX on a service that is specific to a sex: Claims manual ch. 32 §240.2.
const KX: Modifier = Modifier::new(b"KX");

fn check(claim: &ClaimFacts<'_>, out: &mut Recorder<'_>) {
    let Some(system) = claim.system(SystemId::Diagnosis) else { return };
    for (place, diagnosis) in claim.given_diagnoses() {
        for judged in claim.judgements(diagnosis) {
            let row = match reportable_row(system, judged) {
                Ok(row) => row,
                Err(reason) => {
                    out.skip_diagnosis(place, judged.line, reason);
                    continue;
                }
            };
            let Some(expected) = sex_of(row) else { continue };
            let Some(sex) = claim.claim.row.sex.value() else {
                out.skip_diagnosis(place, judged.line, Reason::FieldAbsent(Field::Sex));
                continue;
            };
            if sex == expected {
                continue;
            }
            let release = release(claim, place, judged);
            let finding = match (release, claim.is_institutional()) {
                (Some(_), _) => out.bypass_diagnosis(place, judged.line, RELEASED),
                (None, true) => Some(out.fail_diagnosis(place, judged.line, INSTITUTIONAL)),
                (None, false) => Some(out.fail_diagnosis(place, judged.line, PROFESSIONAL)),
            };
            let Some(finding) = finding else { continue };
            finding
                .with("diagnosis", Value::Diagnosis(diagnosis.code))
                .with("expected", Value::Text(expected.to_string()))
                .with("sex", Value::Text(sex.to_string()))
                .from_release(row.release);
            if let Some(release) = release {
                finding.with("release", Value::Text(release.to_owned()));
            }
        }
    }
}

/// The sex that the row limits its code to.
fn sex_of(row: &Row) -> Option<Sex> {
    if row.has(FEMALE) {
        Some(Sex::Female)
    } else if row.has(MALE) {
        Some(Sex::Male)
    } else {
        None
    }
}

/// What says that diagnosis and sex are right together.
fn release(claim: &ClaimFacts<'_>, place: u32, judged: &Judgement<'_>) -> Option<&'static str> {
    if claim.is_institutional() {
        return claim.claim.conditions().contains(&CONDITION_45).then_some("condition code 45");
    }
    let mut lines = claim
        .lines
        .iter()
        .filter(|line| line.governing_date() == judged.date && (place >= 32 || line.pointed & (1 << place) != 0))
        .peekable();
    (lines.peek().is_some() && lines.all(|line| line.has_modifier(KX))).then_some("modifier KX")
}
