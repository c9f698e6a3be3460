use crate::contract::edit;
use crate::{ClaimFacts, Fires, Recorder, Value};
use claims::Field;
use codes::Code;

edit! {
    /// # What it checks
    /// No diagnosis code stands twice on one claim, with its dot or without, in any two places. Each later one
    /// fails.
    ///
    /// # Why a payer denies it
    /// A repeated code says nothing more about the patient. The Medicare Code Editor marks a secondary diagnosis
    /// that equals the principal one and does not let it count for the payment group; other payers drop the
    /// repetition or return the claim. It is often a typing error for a neighbouring code.
    ///
    /// # Example
    /// `E11.9` as first and third diagnosis: the third fails.
    ///
    /// # How to fix
    /// Remove the repetition and let the lines point to the first place, or correct it where another code was
    /// meant. The same condition on both sides has one code for both, or two different ones.
    ///
    /// # Bypass
    /// None.
    ///
    /// # Source
    /// ICD-10-CM Official Guidelines I.B.12 (a code is reported only once); Medicare Code Editor, edit 3 (duplicate
    /// of principal diagnosis).
    ///
    /// # Tables
    /// None needed.
    pub struct DxDuplicate;
    id: "DX005", name: "dx-duplicate",
    severity: Warning, snip: 4, carc: "", rarc: "",
    source: "ICD-10-CM Official Guidelines I.B.12; Medicare Code Editor, duplicate of principal diagnosis",
    unit: Diagnosis, claims: ALL, default: ON,
    tables: [], fields: [], fires: Fires::ALIKE_DIAGNOSES,
    messages: [
        "{diagnosis} stands on the claim twice, as {first} and {field}; a payer would take it once"
            => "Remove {field} and let the lines that point to it point to {first}, or correct it if another code was \
                meant.",
    ],
    check: check,
}

/// Up to so many diagnoses, comparing each with those before it beats sorting. No format carries more.
const FEW: usize = 32;

fn check(claim: &ClaimFacts<'_>, out: &mut Recorder<'_>) {
    // Texts that are no code are not compared: DX004 says what is wrong with each.
    let codes = || claim.given_diagnoses().map(|(place, dx)| (dx.code, place)).filter(|(code, _)| !code.is_malformed());
    if claim.diagnoses.len() <= FEW {
        for (code, place) in codes() {
            if let Some((_, first)) = codes().take_while(|&(_, other)| other < place).find(|&(other, _)| other == code)
            {
                report(code, first, place, out);
            }
        }
        return;
    }
    let mut sorted: Vec<(Code, u32)> = codes().collect();
    sorted.sort_unstable();
    let mut repeated = Vec::new();
    for same in sorted.chunk_by(|a, b| a.0 == b.0) {
        if let [(code, first), later @ ..] = same {
            repeated.extend(later.iter().map(|&(_, place)| (place, *first, *code)));
        }
    }
    repeated.sort_unstable();
    for (place, first, code) in repeated {
        report(code, first, place, out);
    }
}

fn report(code: Code, first: u32, place: u32, out: &mut Recorder<'_>) {
    let field = |place: u32| Value::Field(Field::Diagnosis(u8::try_from(place + 1).unwrap_or(u8::MAX)));
    out.fail_diagnosis(place, None, 0)
        .with("diagnosis", Value::Diagnosis(code))
        .with("first", field(first))
        .with("field", field(place));
}
