use crate::contract::edit;
use crate::{ClaimFacts, Fires, Reason, Recorder, Value};
use claims::Field;

edit! {
    /// # What it checks
    /// Some line of a professional claim points to every diagnosis that it gives.
    ///
    /// # Why a payer denies it
    /// No payer denies a claim for it: a diagnosis may be reported for the record alone. But it supports no service,
    /// and it is often the one that a denied line should have pointed to.
    ///
    /// # Example
    /// Three diagnoses, one line that points to `1:2`: the third supports nothing.
    ///
    /// # How to fix
    /// Point to the diagnosis from the lines it was a reason for. If there are none, and it did not affect the visit,
    /// remove it.
    ///
    /// # Bypass
    /// None.
    ///
    /// # Source
    /// ICD-10-CM Official Guidelines IV.J (code all documented conditions that coexist and affect care); ASC X12N
    /// 005010X222, SV107.
    ///
    /// # Tables
    /// None needed. Not evaluated where the input has no column for pointers, or a line gives none, or none that can
    /// be read, and so might mean the diagnosis.
    pub struct DxUnreferenced;
    id: "DX041", name: "dx-unreferenced",
    severity: Info, snip: 4, carc: "", rarc: "",
    source: "ICD-10-CM Official Guidelines IV.J; ASC X12N 005010X222 SV107",
    unit: Diagnosis, claims: PROFESSIONAL, default: ON,
    tables: [], fields: [Field::DxPointers], fires: Fires::UNREFERENCED_DIAGNOSIS,
    messages: [
        "No line points to {diagnosis}; it would support no service"
            => "Point to it from the lines it was a reason for, or remove it if it did not affect the visit.",
    ],
    check: check,
}

/// What the readers put in the place of a pointer that is none.
const NO_POINTER: u16 = u16::MAX;

fn check(claim: &ClaimFacts<'_>, out: &mut Recorder<'_>) {
    // Bit n is set when a line points to the diagnosis at place n; no format has more than 128 places.
    let mut pointed = 0u128;
    let mut unsaid = None;
    for (line, number) in claim.lines.iter().zip(0u32..) {
        let pointers = claim.claim.pointers(line.row);
        if pointers.is_empty() || pointers.contains(&NO_POINTER) {
            unsaid.get_or_insert(number);
        }
        for &pointer in pointers {
            pointed |= u32::from(pointer).checked_sub(1).and_then(|place| 1u128.checked_shl(place)).unwrap_or(0);
        }
    }
    for (place, diagnosis) in claim.given_diagnoses() {
        if 1u128.checked_shl(place).is_none_or(|bit| pointed & bit != 0) {
            continue;
        }
        if unsaid.is_some() {
            out.skip_diagnosis(place, unsaid, Reason::FieldAbsent(Field::DxPointers));
        } else {
            out.fail_diagnosis(place, None, 0).with("diagnosis", Value::Diagnosis(diagnosis.code));
        }
    }
}
