use crate::contract::edit;
use crate::{ClaimFacts, Fires, Recorder, Value};
use claims::Field;
use codes::ClaimType;

edit! {
    /// # What it checks
    /// A line's diagnosis pointers name diagnoses of the claim: numbers from 1 (or letters from A) up to the number of
    /// diagnoses, none of them twice, at most four, none of an empty place. A professional line has at least one; a
    /// dental line may have none.
    ///
    /// # Why a payer denies it
    /// The pointers say which diagnosis a service was for. Clearinghouses reject a pointer that leads nowhere; without
    /// one the payer cannot tell why the service was needed.
    ///
    /// # Example
    /// `1:2:5` on a claim of three diagnoses: the third pointer leads nowhere.
    ///
    /// # How to fix
    /// Point to the diagnosis that was the main reason for the service first, then to up to three others.
    ///
    /// # Bypass
    /// None.
    ///
    /// # Source
    /// ASC X12N 005010X222 (837P), SV107 (first pointer required, four at most, values 1 to 12); 005010X224 (837D),
    /// SV311; Claims manual ch. 26 §10.4, item 24E.
    ///
    /// # Tables
    /// None needed. Not evaluated where the input has no column for pointers.
    pub struct DxPointer;
    id: "DX040", name: "dx-pointer",
    severity: Error, snip: 2, carc: "16", rarc: "M76",
    source: "ASC X12N 005010X222 SV107, 005010X224 SV311; Claims manual ch. 26 §10.4, item 24E",
    unit: Line, claims: NOT_INSTITUTIONAL, default: ON,
    tables: [], fields: [Field::DxPointers], fires: Fires::ODD_POINTERS,
    messages: [
        "The line points to no diagnosis; a payer could not tell why the service was needed"
            => "Point to the diagnosis that was the main reason for the service.",
        "The line points to diagnosis 0, and the first is 1; a clearinghouse would reject the claim"
            => "Point to the diagnosis by its place, 1 being the first.",
        "The line points to diagnosis {pointer}, and the claim gives {count}; a clearinghouse would reject the claim"
            => "Point to a diagnosis of the claim, or add the one that is missing.",
        "The line points to {slot}, which is empty; a clearinghouse would reject the claim"
            => "Point to a diagnosis of the claim, or enter the one that is missing.",
        "The line points to diagnosis {pointer} twice; a clearinghouse would reject the claim"
            => "Point to each diagnosis once.",
        "The line has {count} diagnosis pointers, and an 837 takes {limit}; a clearinghouse would reject the claim"
            => "Keep the {limit} diagnoses that were the main reasons for the service, the most important first.",
        "\"{text}\" is no list of diagnosis pointers; a clearinghouse would reject the claim"
            => "Give numbers from 1, separated by colons, or the letters A to L.",
    ],
    check: check,
}

const MISSING: u8 = 0;
const ZERO: u8 = 1;
const ABOVE: u8 = 2;
const EMPTY: u8 = 3;
const REPEATED: u8 = 4;
const TOO_MANY: u8 = 5;
const UNREADABLE: u8 = 6;

/// The most pointers of a line: SV107-1 to SV107-4.
const LIMIT: usize = 4;
/// What the readers put in the place of a pointer that is none.
const NO_POINTER: u16 = u16::MAX;

fn check(claim: &ClaimFacts<'_>, out: &mut Recorder<'_>) {
    let count = claim.diagnoses.len();
    for (line, number) in claim.lines.iter().zip(0u32..) {
        let pointers = claim.claim.pointers(line.row);
        if pointers.is_empty() {
            if claim.claim_type() == ClaimType::Professional {
                out.fail_line(number, Field::DxPointers, MISSING);
            }
            continue;
        }
        // One finding of each kind says enough, and a pointer has one fault: the first that applies.
        let mut said = 0u8;
        for (place, &pointer) in pointers.iter().take(Field::DIAGNOSES.into()).enumerate() {
            let fault = match usize::from(pointer) {
                _ if pointer == NO_POINTER => UNREADABLE,
                0 => ZERO,
                pointer if pointer > count => ABOVE,
                target if claim.diagnoses.get(target - 1).is_none_or(|dx| dx.code.is_absent()) => EMPTY,
                _ if pointers.iter().take(place).any(|&before| before == pointer) => REPEATED,
                _ => continue,
            };
            if said & (1 << fault) != 0 {
                continue;
            }
            said |= 1 << fault;
            let finding = out.fail_line(number, Field::DxPointers, fault);
            if fault == UNREADABLE {
                let text = claim.claim.raw_of_line(number as usize, Field::DxPointers).unwrap_or_default();
                finding.with("text", Value::Text(text.to_owned()));
            } else {
                finding
                    .with("pointer", Value::Count(pointer.into()))
                    .with("count", Value::Count(count as i64))
                    .with("slot", Value::Field(Field::Diagnosis(u8::try_from(pointer).unwrap_or(u8::MAX))));
            }
        }
        if pointers.len() > LIMIT {
            out.fail_line(number, Field::DxPointers, TOO_MANY)
                .with("count", Value::Count(pointers.len() as i64))
                .with("limit", Value::Count(LIMIT as i64));
        }
    }
}
