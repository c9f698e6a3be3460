use crate::contract::{edit, tables};
use crate::{ClaimFacts, Fires, Lookup, Reason, Recorder, Value, contractors};
use claims::Field;
use codeset::{SystemId, flags};

edit! {
    /// # What it checks
    /// A code that only a contractor for durable medical equipment (DME MAC) takes is not on a claim to another
    /// contractor: an outpatient institutional claim, but of home health and hospices, or a professional claim whose contractor
    /// is none of the four DME MACs. Payers that do not follow Medicare are not judged.
    ///
    /// # Why a payer denies it
    /// Part A and Part B contractors do not pay for these supplies and equipment; they answer CARC 109 (not covered by
    /// this payer or contractor). The claim belongs with the DME MAC of the patient's state.
    ///
    /// # Example
    /// `A4239` (supplies of a continuous glucose monitor, a month) on a hospital outpatient bill.
    ///
    /// # How to fix
    /// Bill the DME MAC, by a supplier enrolled with it, on a professional claim of its own.
    ///
    /// # Bypass
    /// None.
    ///
    /// # Source
    /// The "DME-only" flag of the Integrated Outpatient Code Editor's procedures (CMS); I/OCE edit 61, and the bill types
    /// that it is for; Medicare Benefit Policy Manual ch. 15 §110 (equipment that a home health agency furnishes). DME MAC
    /// contract numbers: 16013 (jurisdiction A), 17013 (B), 18003 (C), 19003 (D), CMS, "Who are the MACs".
    ///
    /// # Tables
    /// procedures. Inpatient bills pass: the I/OCE does not see them. So do bills of home health (32x, 34x), hospices (81x,
    /// 82x) and religious non-medical institutions (43x), to which it does not apply the edit. Not evaluated: a professional claim with such a
    /// code and no contractor; an institutional one without type of bill; a date outside the releases; a code that is
    /// not valid on the date.
    pub struct PxDmeMacOnly;
    id: "PX023", name: "px-dme-mac-only",
    severity: Error, snip: 6, carc: "109", rarc: "",
    source: "I/OCE edit 61 and its DME-only flag",
    unit: Line, claims: NOT_DENTAL, default: ON,
    tables: [tables::PROCEDURES], fields: [], fires: Fires::INVALID_PROCEDURE.or(Fires::DME_ONLY),
    messages: [
        "{procedure} is paid by the contractors for durable medical equipment alone on {date}, and this claim goes to \
         another contractor, which would deny it"
            => "Bill {procedure} to the DME MAC of the patient's state, on a professional claim by an enrolled supplier.",
    ],
    check: check,
}

/// Outpatient bills (facility and care) of providers whose own contractor pays them for equipment.
const FURNISH_EQUIPMENT: [u8; 5] = [32, 34, 43, 81, 82];

fn check(claim: &ClaimFacts<'_>, out: &mut Recorder<'_>) {
    let Some(system) = claim.system(SystemId::Procedure) else { return };
    if !claim.settings.follows_medicare {
        return;
    }
    let contractor = claim.claim.batch.text(claim.claim.row.contractor);
    let bill = claim.claim.row.bill_type.value().filter(|_| claim.is_institutional());
    if bill.is_some_and(|bill| FURNISH_EQUIPMENT.contains(&bill.facility_and_care())) {
        return;
    }
    if !claim.is_institutional() && contractors::is_dme(contractor) || claim.is_inpatient() == Ok(true) {
        return;
    }
    for (number, line) in (0..).zip(claim.lines) {
        if line.procedure == Lookup::Absent || crate::px::holds_rate_code(claim, line) {
            continue;
        }
        let date = match line.governing_date() {
            Ok(date) => date,
            Err(reason) => {
                out.skip_line(number, reason);
                continue;
            }
        };
        let Some(row) = line.procedure_row else {
            let reason = if system.covers(date) { Reason::CodeNotValid } else { Reason::DateOutsideReleases };
            out.skip_line(number, reason(SystemId::Procedure.name()));
            continue;
        };
        if !row.has(flags::procedure::DME_ONLY) {
            continue;
        }
        if !claim.is_institutional() && contractor.is_empty() {
            out.skip_line(number, Reason::FieldAbsent(Field::Contractor));
        } else if let Err(reason) = claim.is_inpatient() {
            out.skip_line(number, reason);
        } else {
            out.fail_line(number, Field::Procedure, 0)
                .with("procedure", Value::Code(line.row.procedure))
                .with("date", Value::Date(date))
                .from_release(row.release);
        }
    }
}
