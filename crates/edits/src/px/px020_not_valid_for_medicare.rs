use crate::contract::{edit, tables};
use crate::fees::{self, Fees};
use crate::{ClaimFacts, Fires, Lookup, Recorder, Unit, Value};
use claims::Field;

/// The status of codes in whose place Medicare wants another one.
pub(super) const NOT_VALID: u8 = b'I';

edit! {
    /// # What it checks
    /// On a professional claim to a payer that follows Medicare, no procedure has the status I in the Medicare Physician
    /// Fee Schedule on the line's first day of service: codes that are valid, but in whose place Medicare wants another
    /// one.
    ///
    /// # Why a payer denies it
    /// Medicare pays such services under another code only, mostly one of HCPCS Level II. Payers answer CARC 16 with N56
    /// (the procedure code billed is not correct for the service).
    ///
    /// # Example
    /// A consultation, `99243`, to Medicare, which wants the visit code of the place instead.
    ///
    /// # How to fix
    /// Bill the code that Medicare wants for the service; the code's notes and the contractor's site name it.
    ///
    /// # Bypass
    /// None. Whether a payer follows Medicare is a setting of its policy; without one it does.
    ///
    /// # Source
    /// Status indicators of the Medicare Physician Fee Schedule relative value file (CMS; Attachment A of its layout).
    ///
    /// # Tables
    /// fee-schedule, of the line's date. A date outside its quarters, a code that it does not list and one that
    /// is not valid that day are not evaluated. Lines without a procedure pass, as do all lines for a payer that does not follow
    /// Medicare. Institutional and dental claims are not looked at.
    pub struct PxNotValidForMedicare;
    id: "PX020", name: "px-not-valid-for-medicare",
    severity: Error, snip: 6, carc: "16", rarc: "N56",
    source: "MPFS relative value file, status indicator",
    unit: Line, claims: PROFESSIONAL, default: ON,
    tables: [tables::FEE_SCHEDULE], fields: [], fires: Fires::FEE_STATUS,
    messages: [
        "{procedure} is not valid for Medicare on {date} (status I): Medicare pays the service under another code, and a \
         payer that follows it would reject the line"
            => "Bill the code that Medicare wants for this service instead of {procedure}.",
    ],
    check: check,
    of_kind: fees::of_kind,
}

fn check(claim: &ClaimFacts<'_>, out: &mut Recorder<'_>) {
    if !claim.settings.follows_medicare {
        return;
    }
    if let Some(reason) = fees::no_answer(claim) {
        return out.skip_all(Unit::Line, reason);
    }
    for (number, line) in (0..).zip(claim.lines) {
        if line.procedure == Lookup::Absent {
            continue;
        }
        match Fees::of(claim, line) {
            Err(reason) => out.skip_line(number, reason),
            Ok(Fees { indicators, release }) if indicators.status == NOT_VALID => {
                let finding = out
                    .fail_line(number, Field::Procedure, 0)
                    .with("procedure", Value::Code(line.row.procedure))
                    .from_release(release);
                if let Some(date) = line.date {
                    finding.with("date", Value::Date(date));
                }
            }
            Ok(_) => {}
        }
    }
}
