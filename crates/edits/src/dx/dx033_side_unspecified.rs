use super::validity::reportable_row;
use crate::contract::{edit, tables};
use crate::{ClaimFacts, Fires, Recorder, Value};
use claims::Field;
use codes::{Code, Date};
use codeset::flags::diagnosis::UNSPECIFIED;
use codeset::{RelationId, System, SystemId};

edit! {
    /// # What it checks
    /// No diagnosis leaves the side of the body open where other codes of its subcategory name it: the codes that the
    /// Medicare Code Editor lists as unspecified. On an inpatient claim it is an error, on others worth knowing.
    ///
    /// # Why a payer denies it
    /// In a hospital the side can nearly always be told, from imaging or an operation if not from the notes. Medicare
    /// returns an inpatient claim with such a code (discharges from 2022-04-01) until the side is given or a billing
    /// note says why it cannot be. Other payers deny claims for it, or ask for the record.
    ///
    /// # Example
    /// `S72.009A` (fracture of neck of unspecified femur) on bill type 0111: `S72.001A` is the right, `S72.002A` the
    /// left.
    ///
    /// # How to fix
    /// Report the code of the side that the record names; the finding lists the codes beside it. If nothing in the
    /// record tells the side, write UNABLE TO DET LAT 1 in the remarks of an inpatient claim; if the record cannot be
    /// completed, UNABLE TO DET LAT 2.
    ///
    /// # Bypass
    /// A claim note or line note that says UNABLE TO DET LAT, on an inpatient claim (CR 12471).
    ///
    /// # Source
    /// Medicare Code Editor, edit 20 (unspecified code), from 2022-04-01; CMS, Change Request 12471 (the billing
    /// note); ICD-10-CM Official Guidelines I.B.13 (laterality).
    ///
    /// # Tables
    /// icd10cm. Before 2022-04-01 there is no list, and codes pass. Not evaluated where the code is not valid on its
    /// date, or the date is outside the releases or not given. A claim whose type of bill is not given counts as not
    /// inpatient.
    pub struct DxSideUnspecified;
    id: "DX033", name: "dx-side-unspecified",
    severity: Error, snip: 6, carc: "16", rarc: "M76",
    source: "Medicare Code Editor, edit 20; CMS Change Request 12471; Official Guidelines I.B.13",
    unit: Diagnosis, claims: ALL, default: ON,
    tables: [tables::DIAGNOSES], fields: [], fires: Fires::INVALID_DIAGNOSIS.or(Fires::UNSPECIFIED_SIDE),
    messages: [
        "{diagnosis} leaves the side open on {date}, though codes that name it exist ({specific}); Medicare would \
         return an inpatient claim with it"
            => "Report the code of the side that the record names, or say in the remarks UNABLE TO DET LAT 1 (not in the \
                record) or 2 (the record cannot be completed).",
        "{diagnosis} leaves the side open on {date}, though codes that name it exist ({specific}); a payer may ask for \
         the side"
            => "Report the code of the side, if the record names it."
            as Info,
        "{diagnosis} leaves the side open on {date}, and the billing note UNABLE TO DET LAT says that the side cannot be \
         told"
            => "Keep the note on the claim.",
    ],
    check: check,
}

const INPATIENT: u8 = 0;
const ELSEWHERE: u8 = 1;
const NOTED: u8 = 2;

/// What the billing note begins with: 1 or 2 follows, for the reason.
const NOTE: &str = "UNABLE TO DET LAT";
/// How many codes of the subcategory a finding lists.
const MOST: usize = 8;

fn check(claim: &ClaimFacts<'_>, out: &mut Recorder<'_>) {
    let Some(system) = claim.system(SystemId::Diagnosis) else { return };
    for (place, diagnosis) in claim.given_diagnoses() {
        for judged in claim.judgements(diagnosis) {
            if judged.row.is_some_and(|row| row.is_billable() && !row.has(UNSPECIFIED)) {
                continue;
            }
            let (row, date) = match (reportable_row(system, judged), judged.date) {
                (Ok(row), Ok(date)) => (row, date),
                (Err(reason), _) | (_, Err(reason)) => {
                    out.skip_diagnosis(place, judged.line, reason);
                    continue;
                }
            };
            let inpatient = claim.is_inpatient().unwrap_or(false);
            let finding = match (inpatient, inpatient && is_noted(claim)) {
                (_, true) => out.bypass_diagnosis(place, judged.line, NOTED),
                (true, _) => Some(out.fail_diagnosis(place, judged.line, INPATIENT)),
                (false, _) => Some(out.fail_diagnosis(place, judged.line, ELSEWHERE)),
            };
            if let Some(finding) = finding {
                finding
                    .with("diagnosis", Value::Diagnosis(diagnosis.code))
                    .with("date", Value::Date(date))
                    .with("specific", specific(claim, system, diagnosis.code, date))
                    .from_release(row.release);
            }
        }
    }
}

/// Whether a note on the claim says that the side cannot be told.
fn is_noted(claim: &ClaimFacts<'_>) -> bool {
    let says = |text: Option<&str>| text.is_some_and(|text| text.to_ascii_uppercase().contains(NOTE));
    says(claim.claim.text_of(Field::ClaimNote))
        || claim.lines.iter().any(|line| says(Some(claim.claim.batch.text(line.row.note))))
}

/// The codes of the day that differ from this one in one character and name a side; the category, where none does or
/// no table of sides is loaded.
fn specific(claim: &ClaimFacts<'_>, system: &System, code: Code, date: Date) -> Value {
    let has_side =
        |ordinal| claim.relation(RelationId::DiagnosisSide).is_some_and(|sides| sides.links(ordinal).next().is_some());
    let beside = |other: Code| {
        other.len() == code.len() && (0..code.len()).filter(|&place| code.at(place) != other.at(place)).count() == 1
    };
    // The side never stands before the fourth character.
    let found: Vec<Code> = system
        .prefix(code.prefix(3))
        .map(codeset::Ordinal)
        .filter(|&ordinal| super::validity::is_reportable(system, ordinal, date))
        .filter(|&ordinal| beside(system.code(ordinal)))
        .filter(|&ordinal| has_side(ordinal))
        .map(|ordinal| system.code(ordinal))
        .take(MOST)
        .collect();
    match found.as_slice() {
        [] => Value::Text(format!("in category {}", code.prefix(3))),
        _ => Value::Diagnoses(found),
    }
}
