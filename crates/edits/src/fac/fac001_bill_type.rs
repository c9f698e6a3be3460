use crate::contract::edit;
use crate::{ClaimFacts, Fires, Recorder, Value};
use claims::{Field, Given};
use codes::BillType;

edit! {
    /// # What it checks
    /// The type of bill of an institutional claim is one that the NUBC has assigned: a facility with a kind of care
    /// (the second and third digit) and a claim frequency (the fourth character). A claim without one passes here:
    /// CLM005 says that it is missing.
    ///
    /// # Why a payer denies it
    /// The type of bill says which rules the claim is judged by. An unassigned one is returned; payers answer CARC 16
    /// with MA30 (missing, incomplete or invalid type of bill).
    ///
    /// # Example
    /// `0191`: there is no care 9 at a hospital. `0136`: frequency 6 is not assigned.
    ///
    /// # How to fix
    /// Enter the type of bill of the facility and the care, and 1 for an admit-through-discharge claim, 7 for a
    /// replacement, 8 for a void.
    ///
    /// # Bypass
    /// None.
    ///
    /// # Source
    /// NUBC, Type of Bill (form locator 4), as listed in the Medicare Claims Processing Manual ch. 1 §§60.5, 80 and ch.
    /// 25 §75.1, and in the bill types of the Integrated Outpatient Code Editor (CMS).
    ///
    /// # Tables
    /// None: the list is a part of the program.
    pub struct BillTypeUnknown;
    id: "FAC001", name: "bill-type-unknown",
    severity: Error, snip: 5, carc: "16", rarc: "MA30",
    source: "NUBC Type of Bill; Medicare Claims Processing Manual ch. 25 §75.1",
    unit: Claim, claims: INSTITUTIONAL, default: ON,
    tables: [], fields: [Field::BillType], fires: Fires::ALWAYS,
    messages: [
        "Type of bill {bill_type} begins with {care}, which is no facility and care that the NUBC has assigned; a payer \
         cannot tell by what rules to judge the claim"
            => "Enter the type of bill of the facility and the care, such as 0131 for a hospital's outpatient claim.",
        "Type of bill {bill_type} ends with {frequency}, which is no claim frequency that the NUBC has assigned; a payer \
         cannot tell what the claim is meant to do"
            => "End it with 1 for a whole claim, 7 for a replacement, 8 for a void, or the frequency that is meant.",
    ],
    check: check,
}

/// Facility and care. Hospital 11–14 and swing bed 18; skilled nursing 21–23 and 28; home health 32–34; religious
/// non-medical 41 and 43; intermediate care 65 and 66; clinics 71–79 (rural health, dialysis, freestanding,
/// rehabilitation, comprehensive rehabilitation, community mental health, federally qualified, emergency, other);
/// special facilities 81–87 and 89 (hospice, ambulatory surgery, birthing centre, critical access, residential, opioid
/// treatment, other).
const CARE: [u8; 33] = [
    11, 12, 13, 14, 18, 21, 22, 23, 28, 32, 33, 34, 41, 43, 65, 66, 71, 72, 73, 74, 75, 76, 77, 78, 79, 81, 82, 83, 84,
    85, 86, 87, 89,
];

/// Claim frequencies: 6 is not assigned, nor are L, R, S, T, U, V and W.
const FREQUENCIES: &[u8] = b"012345789ABCDEFGHIJKMNOPQXYZ";

fn check(claim: &ClaimFacts<'_>, out: &mut Recorder<'_>) {
    let Given::Is(bill) = claim.claim.row.bill_type else { return };
    let [first, second, frequency] = bill.to_bytes().map(char::from);
    if !CARE.contains(&BillType::facility_and_care(bill)) {
        out.fail_claim(Field::BillType, 0)
            .with("bill_type", Value::Text(bill.to_string()))
            .with("care", Value::Text(format!("0{first}{second}")));
    } else if !FREQUENCIES.contains(&bill.frequency()) {
        out.fail_claim(Field::BillType, 1)
            .with("bill_type", Value::Text(bill.to_string()))
            .with("frequency", Value::Text(frequency.to_string()));
    }
}
