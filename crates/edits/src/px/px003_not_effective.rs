use super::{HIPPS_NOT_LOADED, holds_rate_code};
use crate::contract::{edit, tables};
use crate::periods::Gap;
use crate::{ClaimFacts, Fires, Lookup, Reason, Recorder, Value};
use claims::Field;
use codeset::SystemId;

edit! {
    /// # What it checks
    /// Every procedure that the releases list is valid on the line's first day of service. Days inside a quarter
    /// count: a code may begin or end on any day of it.
    ///
    /// # Why a payer denies it
    /// Under HIPAA a code is read with the code set of the date of service (45 CFR 162.1000). A code that was added
    /// later or ended before does not exist on that date; payers answer CARC 181. There is no grace period for
    /// codes that ended.
    ///
    /// # Example
    /// `0001A` (a COVID-19 vaccine administration) was valid until 2023-04-17: on 2023-04-18 it fails. `U0005` ended
    /// with the public health emergency on 2023-05-11.
    ///
    /// # How to fix
    /// Bill the code that was in use on the date of service, or correct the date. The finding says when the code
    /// was valid within the loaded releases, which begin on 2019-07-01: a code listed from that day may be older.
    ///
    /// # Bypass
    /// None.
    ///
    /// # Source
    /// The CPT and HCPCS codes of the Integrated Outpatient Code Editor (CMS): quarters in which a code is listed,
    /// cut to its days of approval and termination (I/OCE edits 67, 68, 69, 83, 110, 134 and 136) and to 2023-05-11
    /// for codes of the public health emergency (I/OCE edit 124), except where an approval is Medicare's coverage of a code
    /// that was in use before. Medicare Claims Processing Manual chapter 23 §20.4.
    ///
    /// # Tables
    /// procedures. Not evaluated: a date outside its releases; a code that no release lists, which is PX001's or
    /// PX004's; HIPPS rate codes on institutional lines of revenue codes 0022, 0023 and 0024. Dental claims are not
    /// looked at.
    pub struct PxNotEffective;
    id: "PX003", name: "px-not-effective",
    severity: Error, snip: 5, carc: "181", rarc: "M20",
    source: "CPT and HCPCS Level II as in the CMS I/OCE tables; I/OCE edits 67, 68, 69, 83, 110, 124, 134 and 136",
    unit: Line, claims: NOT_DENTAL, default: ON,
    tables: [tables::PROCEDURES], fields: [], fires: Fires::INVALID_PROCEDURE.or(Fires::RATE_CODE),
    messages: [
        "{procedure} is not valid on {date}: it ended on {ended} (loaded releases list it {periods}); a payer reads \
         a code with the code set of the date of service"
            => "Bill the code that replaced {procedure}, or correct the date of service.",
        "{procedure} is not valid on {date}: it begins on {begins} (loaded releases list it {periods}); a payer \
         reads a code with the code set of the date of service"
            => "Bill the code that was in use on {date}, or correct the date of service.",
        "{procedure} is not valid on {date}: it ended on {ended} and begins again on {begins} (loaded releases list \
         it {periods}); a payer reads a code with the code set of the date of service"
            => "Bill the code that was in use on {date}, or correct the date of service.",
    ],
    check: check,
}

fn check(claim: &ClaimFacts<'_>, out: &mut Recorder<'_>) {
    let Some(system) = claim.system(SystemId::Procedure) else { return };
    for (number, line) in (0..).zip(claim.lines) {
        if holds_rate_code(claim, line) {
            out.skip_line(number, HIPPS_NOT_LOADED);
            continue;
        }
        if line.procedure_row.is_some() || line.procedure == Lookup::Absent {
            continue;
        }
        let date = match line.governing_date() {
            Ok(date) if system.covers_code(line.row.procedure, date) => date,
            Ok(_) => {
                out.skip_line(number, Reason::DateOutsideReleases(SystemId::Procedure.name()));
                continue;
            }
            Err(reason) => {
                out.skip_line(number, reason);
                continue;
            }
        };
        let Some(ordinal) = line.procedure.ordinal() else {
            out.skip_line(number, Reason::CodeNotValid(SystemId::Procedure.name()));
            continue;
        };
        let gap = Gap::around(system.rows(ordinal), date);
        let finding = out
            .fail_line(number, Field::Procedure, gap.message())
            .with("procedure", Value::Code(line.row.procedure))
            .with("date", Value::Date(date));
        gap.tell(finding);
    }
}
