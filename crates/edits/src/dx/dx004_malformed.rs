use super::validity::{ICD_9_NOT_LOADED, ICD_10_FROM, has_form};
use crate::contract::edit;
use crate::{ClaimFacts, DiagnosisFacts, Fires, Recorder, Value};
use claims::Field;

edit! {
    /// # What it checks
    /// Every diagnosis has the form of an ICD-10-CM code: a letter, a digit, then one to five letters or digits,
    /// with or without the dot after the third character. The categories from QA0 on, in force from 2025-10-01,
    /// begin with two letters; they are well formed, as is every code that the loaded table knows. On an institutional
    /// claim the admitting diagnosis, each of the patient's reasons for visit and each external cause of injury in fields
    /// of their own have that form too. The finding shows what was given; where that is a code's letters and digits alone,
    /// with the dot after the third or without, it is shown with it, as diagnoses are everywhere.
    ///
    /// # Why a payer denies it
    /// What is no code cannot be looked up. Clearinghouses reject the claim at the front door.
    ///
    /// # Example
    /// `E1.165` has its dot in the wrong place; `250.00` is a code of ICD-9-CM, which ended on 2015-09-30; `I10-` has
    /// a character that no code has.
    ///
    /// # How to fix
    /// Enter the code as ICD-10-CM has it: the characters alone, or with the dot after the third.
    ///
    /// # Bypass
    /// None.
    ///
    /// # Source
    /// ICD-10-CM Official Guidelines I.A.2 (format and structure); 45 CFR 162.1002 (ICD-10-CM from 2015-10-01).
    ///
    /// # Tables
    /// None needed. A code in digits alone whose governing dates all lie before 2015-10-01 may be right in ICD-9-CM, of
    /// which there is no table: it is not evaluated.
    pub struct DxMalformed;
    id: "DX004", name: "dx-malformed",
    severity: Error, snip: 2, carc: "16", rarc: "M76",
    source: "ICD-10-CM Official Guidelines I.A.2; 45 CFR 162.1002",
    unit: AnyDiagnosis, claims: ALL, default: ON,
    tables: [], fields: [], fires: Fires::UNKNOWN_DIAGNOSIS.or(Fires::UNSOUND_BESIDE),
    messages: [
        "\"{text}\" has not the form of an ICD-10-CM code: a letter, a digit, then one to five letters or digits, with \
         a dot after the third character or none; a clearinghouse would reject it"
            => "Enter the code as it stands in ICD-10-CM, for example E11.65 or E1165.",
        "\"{text}\" has the form of an ICD-9-CM code, all digits; a payer takes only ICD-10-CM for services from \
         2015-10-01"
            => "Code the condition in ICD-10-CM, from the record and not from the old code.",
    ],
    check: check,
}

const NO_FORM: u8 = 0;
const ICD_9: u8 = 1;

fn check(claim: &ClaimFacts<'_>, out: &mut Recorder<'_>) {
    let listed = claim.given_diagnoses().map(|(place, diagnosis)| (place, diagnosis, None));
    let beside = claim.given_beside().map(|(place, diagnosis, text)| (place, diagnosis, Some(text)));
    for (place, diagnosis, text) in listed.chain(beside) {
        // Of a code that is said to be of ICD-9-CM DX003 tells, if it could be one of ICD-10-CM.
        if has_form(diagnosis) || diagnosis.code.has_diagnosis_form() {
            continue;
        }
        let text = text_of(claim, place, diagnosis, text);
        let icd_9 = is_icd_9(&text);
        if icd_9 && is_before_icd_10(claim, diagnosis) {
            out.skip_diagnosis(place, None, ICD_9_NOT_LOADED);
            continue;
        }
        let message = if icd_9 { ICD_9 } else { NO_FORM };
        out.fail_diagnosis(place, None, message).with("text", Value::Text(text));
    }
}

/// Whether all dates that govern the diagnosis are known and lie before ICD-10-CM.
fn is_before_icd_10(claim: &ClaimFacts<'_>, diagnosis: &DiagnosisFacts) -> bool {
    let judged = claim.judgements(diagnosis);
    !judged.is_empty() && judged.iter().all(|judged| judged.date.is_ok_and(|date| date < ICD_10_FROM))
}

/// What the field held; `text` is what stands there, of a diagnosis beside the list.
fn text_of(claim: &ClaimFacts<'_>, place: u32, diagnosis: &DiagnosisFacts, text: Option<&str>) -> String {
    let of_list = || claim.claim.raw(Field::Diagnosis(u8::try_from(place + 1).ok()?));
    match text.or_else(of_list) {
        Some(raw) if diagnosis.code.is_malformed() => raw.to_owned(),
        // The reader drops the dot of what it could pack.
        _ => diagnosis.code.diagnosis().to_string(),
    }
}

/// Whether the text is three to five digits, with or without the dot after the third. (ICD-9-CM's codes that begin
/// with V or E have the form of ICD-10-CM or too few digits to tell.)
fn is_icd_9(text: &str) -> bool {
    let (category, rest) = match text.split_once('.') {
        Some(parts) => parts,
        None => text.split_at_checked(3).unwrap_or((text, "")),
    };
    category.len() == 3 && rest.len() <= 2 && category.bytes().chain(rest.bytes()).all(|byte| byte.is_ascii_digit())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn icd_10_begins_on_the_first_of_october_2015() {
        assert_eq!(ICD_10_FROM.to_string(), "2015-10-01");
    }

    #[test]
    fn codes_of_icd_9_are_told_from_other_text() {
        for text in ["250", "250.0", "250.00", "25000", "4019", "401.9"] {
            assert!(is_icd_9(text), "{text}");
        }
        for text in ["", "25", "2500.0", "250.000", "250000", "E11", "V70.0", "2é0", "25é00"] {
            assert!(!is_icd_9(text), "{text}");
        }
    }
}
