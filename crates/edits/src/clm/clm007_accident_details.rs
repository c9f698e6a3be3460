use crate::contract::edit;
use crate::{ClaimFacts, Fires, Grounds, Kind, Reason, Recorder, Value};
use claims::Field;
use codes::Code;

edit! {
    /// # What it checks
    /// A claim that says that it is related to an accident (auto, employment, other) gives the day of the accident, and
    /// for an auto accident the state. And a claim with a diagnosis of an injury in its active treatment says whether
    /// there was an accident, or gives an external cause (V00 to Y99).
    ///
    /// # Why a payer denies it
    /// Another insurer may be liable: the payer asks when and where before it pays, with CARC 16 and M58 (missing
    /// information about the accident).
    ///
    /// # Example
    /// Related cause `AA` (auto accident) without the state in which it happened.
    ///
    /// # How to fix
    /// Enter the day of the accident and, for an auto accident, the state; on institutional claims the occurrence code
    /// (01 to 05) with its date. For an injury without accident, add the external cause if it is known.
    ///
    /// # Bypass
    /// None.
    ///
    /// # Source
    /// X12 005010X222A1 CLM11 and DTP 439; X223A2 HI with BH, occurrence codes 01 to 05 (NUBC); ICD-10-CM Official
    /// Guidelines I.C.20, external causes. The guidelines ask for no external cause where no payer does: that part is
    /// information only.
    ///
    /// # Tables
    /// None. Not evaluated: an input that has no place for related causes (institutional: occurrence codes).
    pub struct AccidentDetails;
    id: "CLM007", name: "accident-details",
    severity: Warning, snip: 4, carc: "16", rarc: "M58",
    source: "X12 005010X222A1 CLM11, DTP 439; 005010X223A2 HI BH; NUBC occurrence codes",
    unit: Claim, claims: NOT_DENTAL, default: ON,
    tables: [], fields: [], fires: Fires::ALWAYS,
    messages: [
        "The claim is related to an accident ({cause}) and does not say when it happened; a payer would ask before it pays"
            => "Enter the date of the accident.",
        "The claim is related to an auto accident and does not say in which state it happened; a payer would ask before \
         it pays"
            => "Enter the state of the accident, two letters.",
        "{diagnosis} is an injury under active treatment, and the claim names neither an accident nor an external cause; \
         a payer may ask whether another insurer is liable"
            => "Say what the injury is related to, or add the external cause (V00 to Y99) if it is known."
            as Info,
    ],
    check: check,
    of_kind: of_kind,
}

const AUTO: &str = "AA";
/// Occurrence codes that are accidents: 01 medical coverage, 02 no fault, 03 tort, 04 employment, 05 other. NUBC.
const ACCIDENTS: [&str; 5] = ["01", "02", "03", "04", "05"];
/// What stands between the items of a list in one field.
const SEPARATOR: char = ':';

/// Why no claim of this kind can be judged: the column is missing that names accidents.
fn of_kind(kind: &Kind, grounds: &Grounds<'_>) -> Option<Reason> {
    let field = if kind.is_institutional() { Field::OccurrenceCodes } else { Field::RelatedCauses };
    (!grounds.columns.has(field)).then_some(Reason::FieldAbsent(field))
}

fn check(claim: &ClaimFacts<'_>, out: &mut Recorder<'_>) {
    let named = if claim.is_institutional() { occurrences(claim, out) } else { causes(claim, out) };
    let Some(named) = named else { return };
    if named || claim.claim.text_of(Field::ExternalCauses).is_some() {
        return;
    }
    if claim.given_diagnoses().any(|(_, dx)| is_external_cause(dx.code)) {
        return;
    }
    if let Some((place, dx)) = claim.given_diagnoses().find(|(_, dx)| is_injury(dx.code)) {
        out.fail_claim(Field::Diagnosis(u8::try_from(place + 1).unwrap_or(u8::MAX)), 2)
            .with("diagnosis", Value::Diagnosis(dx.code));
    }
}

/// Whether a professional claim names an accident; nothing when it cannot be told.
fn causes(claim: &ClaimFacts<'_>, out: &mut Recorder<'_>) -> Option<bool> {
    if !claim.has_column(Field::RelatedCauses) {
        out.skip_claim(Reason::FieldAbsent(Field::RelatedCauses));
        return None;
    }
    let Some(causes) = claim.claim.text_of(Field::RelatedCauses) else { return Some(false) };
    if claim.claim.text_of(Field::AccidentDate).is_none() {
        out.fail_claim(Field::AccidentDate, 0).with("cause", Value::Text(causes.to_owned()));
    }
    if causes.split(SEPARATOR).any(|cause| cause == AUTO) && claim.claim.text_of(Field::AccidentState).is_none() {
        out.fail_claim(Field::AccidentState, 1);
    }
    Some(true)
}

/// Whether an institutional claim names an accident by an occurrence code, whose date is a part of it.
fn occurrences(claim: &ClaimFacts<'_>, out: &mut Recorder<'_>) -> Option<bool> {
    if !claim.has_column(Field::OccurrenceCodes) {
        out.skip_claim(Reason::FieldAbsent(Field::OccurrenceCodes));
        return None;
    }
    let mut named = false;
    for occurrence in claim.claim.text_of(Field::OccurrenceCodes).unwrap_or_default().split(SEPARATOR) {
        let (code, date) = occurrence.split_once('@').unwrap_or((occurrence, ""));
        if ACCIDENTS.contains(&code) {
            named = true;
            if date.is_empty() {
                out.fail_claim(Field::OccurrenceCodes, 0).with("cause", Value::Text(format!("occurrence code {code}")));
            }
        }
    }
    Some(named)
}

/// Whether the code is of chapter XX, V00 to Y99.
fn is_external_cause(code: Code) -> bool {
    matches!(code.at(0), b'V'..=b'Y')
}

/// Whether the code is an injury, burn or frostbite (S00 to S99, T07, T14 to T34) whose 7th character says active
/// treatment: A, or for fractures also B or C.
fn is_injury(code: Code) -> bool {
    let category = [code.at(0), code.at(1), code.at(2)];
    let injury = match &category {
        [b'S', ..] => true,
        [b'T', tens @ b'0'..=b'9', ones @ b'0'..=b'9'] => {
            matches!((tens - b'0') * 10 + (ones - b'0'), 7 | 14..=34)
        }
        _ => false,
    };
    injury && code.len() == 7 && matches!(code.at(6), b'A'..=b'C')
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn injuries_are_those_of_chapter_xix_under_active_treatment() {
        for (text, expected) in [
            ("S82001A", true),
            ("S82001B", true),
            ("S82001D", false),
            ("S8200", false),
            ("T07XXXA", true),
            ("T1490XA", true),
            ("T3400XA", true),
            ("T360X1A", false),
            ("E1165", false),
        ] {
            let code = Code::parse(text.as_bytes()).unwrap_or_default();
            assert_eq!(is_injury(code), expected, "{text}");
        }
    }
}
