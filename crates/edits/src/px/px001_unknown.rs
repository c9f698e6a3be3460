use super::{HIPPS_NOT_LOADED, holds_rate_code};
use crate::contract::{edit, tables};
use crate::{ClaimFacts, Fires, Lookup, Reason, Recorder, Value};
use claims::Field;
use codeset::SystemId;

edit! {
    /// # What it checks
    /// Every procedure on the claim is a code of CPT or HCPCS Level II that some loaded release lists. The date of
    /// service does not matter here: a code that was valid on other dates only is PX003's.
    ///
    /// # Why a payer denies it
    /// A code that was never published names no service. Payers return the line with CARC 181 and M20
    /// (missing, incomplete or invalid HCPCS); most clearinghouses stop the claim before it gets there.
    ///
    /// # Example
    /// `99218Z` has six characters and is PX004's; `99230` has the form of a CPT code but was never one.
    ///
    /// # How to fix
    /// Compare the code with the record. Most are typing errors, one character away from a valid code: the finding
    /// offers those that are valid on the line's date.
    ///
    /// # Bypass
    /// None.
    ///
    /// # Source
    /// The CPT and HCPCS codes of the Integrated Outpatient Code Editor, quarter by quarter (CMS); I/OCE edit 6.
    /// Medicare Claims Processing Manual chapter 23 §20.
    ///
    /// # Tables
    /// procedures. A date outside its releases is not evaluated: a code that ended before the first release would
    /// look unknown. On institutional lines of revenue codes 0022, 0023 and 0024 the field holds a HIPPS rate code
    /// (X12 RFI 1554, 837I SV202 qualifier HP); those are not evaluated, since no HIPPS table is loaded. Dental
    /// claims carry CDT codes and are not looked at.
    pub struct PxUnknown;
    id: "PX001", name: "px-unknown",
    severity: Error, snip: 5, carc: "181", rarc: "M20",
    source: "CPT and HCPCS Level II as in the CMS I/OCE tables; I/OCE edit 6",
    unit: Line, claims: NOT_DENTAL, default: ON,
    tables: [tables::PROCEDURES], fields: [], fires: Fires::UNKNOWN_PROCEDURE.or(Fires::RATE_CODE),
    messages: [
        "{procedure} is in no loaded release of CPT or HCPCS; a payer cannot read it as a procedure"
            => "Check the code against the record; no code valid on {date} is one character away from it.",
        "{procedure} is in no loaded release of CPT or HCPCS; a payer cannot read it as a procedure"
            => "Check the code against the record. Codes valid on {date} one character away: {nearest}.",
    ],
    check: check,
}

/// How many near codes a finding offers.
const NEAREST: usize = 5;

fn check(claim: &ClaimFacts<'_>, out: &mut Recorder<'_>) {
    let Some(system) = claim.system(SystemId::Procedure) else { return };
    for (number, line) in (0..).zip(claim.lines) {
        if holds_rate_code(claim, line) {
            out.skip_line(number, HIPPS_NOT_LOADED);
            continue;
        }
        // A code of no procedure's form is PX004's; it cannot be in a release, but saying so twice helps nobody.
        if line.procedure != Lookup::Unknown || line.row.procedure.procedure_kind().is_none() {
            continue;
        }
        match line.governing_date() {
            Err(reason) => out.skip_line(number, reason),
            Ok(date) if !system.covers_code(line.row.procedure, date) => {
                out.skip_line(number, Reason::DateOutsideReleases(SystemId::Procedure.name()));
            }
            Ok(date) => {
                let nearest = system.near(line.row.procedure, Some(date), NEAREST);
                out.fail_line(number, Field::Procedure, u8::from(!nearest.is_empty()))
                    .with("procedure", Value::Code(line.row.procedure))
                    .with("date", Value::Date(date))
                    .with("nearest", Value::Codes(nearest));
            }
        }
    }
}
