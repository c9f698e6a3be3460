use crate::contract::{edit, tables};
use crate::{ClaimFacts, Fires, Reason, Recorder, Value, px};
use claims::{Field, Given};
use codes::{BillType, Date, Modifier};
use codeset::{SystemId, flags};

edit! {
    /// # What it checks
    /// A line with a telehealth modifier (93, 95, GT or GQ) is for a service that may be given by telehealth on its
    /// date. One finding for each such modifier. Inpatient bills and those of rural health clinics (71x) and federally
    /// qualified health centers (77x) pass.
    ///
    /// # Why a payer denies it
    /// Only the services on the telehealth list of the date are paid when the patient is elsewhere. For another, the
    /// modifier says that something was done by video or telephone that has to be done in person; payers answer CARC 4.
    ///
    /// # Example
    /// `11042-95` (debridement): nobody debrides a wound by video.
    ///
    /// # How to fix
    /// Take the modifier off if the patient was there; otherwise bill the service that was given by telehealth.
    ///
    /// # Bypass
    /// None.
    ///
    /// # Source
    /// The telehealth flag of the Integrated Outpatient Code Editor's procedures (CMS), in its tables since 2023-07-01;
    /// I/OCE edit 126, which looks at 95, GT and GQ; it reads outpatient bills alone. 93 (audio only) is CPT's, of 2022.
    /// 42 CFR 405.2463: mental health visits of rural health clinics and health centers by telecommunication, which they
    /// bill as their visits (G0470, or the service by itself) with 93 or 95. Professional claims go by the same list, which
    /// is Medicare's for both.
    ///
    /// # Tables
    /// procedures. Not evaluated: a date before 2023-07-01, which is before the flag, or outside the releases; a
    /// code that is not valid on the date (PX001's, PX003's, PX004's); a line of an institutional claim without type of bill.
    pub struct ModifierTelehealth;
    id: "MOD015", name: "modifier-telehealth",
    severity: Warning, snip: 6, carc: "4", rarc: "",
    source: "I/OCE edit 126 and its telehealth flag",
    unit: Line, claims: NOT_DENTAL, default: ON,
    tables: [tables::PROCEDURES], fields: [Field::Modifier(1)], fires: Fires::TELEHEALTH_MODIFIER,
    messages: [
        "Modifier {modifier} says that {procedure} was given by telehealth on {date}, and {procedure} is not among the \
         services that may be; a payer would deny the line"
            => "Remove {modifier} if the patient was there; otherwise bill the service that was given by telehealth.",
    ],
    check: check,
}

const TELEHEALTH: [Modifier; 4] =
    [Modifier::new(b"93"), Modifier::new(b"95"), Modifier::new(b"GT"), Modifier::new(b"GQ")];

/// The bills of rural health clinics and federally qualified health centers, which are paid by the visit: a visit's code may be
/// on no list and still have been one by telecommunication.
const PAID_BY_THE_VISIT: [u8; 2] = [71, 77];

/// The first day of the I/OCE's telehealth flags, 2023-07-01 (version 92).
const FLAGGED_FROM: Date = Date::from_days(19_539);

fn check(claim: &ClaimFacts<'_>, out: &mut Recorder<'_>) {
    let Some(system) = claim.system(SystemId::Procedure) else { return };
    let bill = claim.claim.row.bill_type;
    let passes = |bill: BillType| bill.is_inpatient() || PAID_BY_THE_VISIT.contains(&bill.facility_and_care());
    if claim.is_institutional() && matches!(bill, Given::Is(bill) if passes(bill)) {
        return;
    }
    for (number, line) in (0..).zip(claim.lines) {
        let mut telehealth = line.given_modifiers().filter(|(_, modifier)| TELEHEALTH.contains(modifier)).peekable();
        if telehealth.peek().is_none() || line.row.procedure.is_absent() {
            continue;
        }
        let date = match line.governing_date() {
            Ok(date) => date,
            Err(reason) => {
                out.skip_line(number, reason);
                continue;
            }
        };
        let unanswered = if !system.covers(date) {
            Some(SystemId::Procedure.name())
        } else {
            (date < FLAGGED_FROM).then_some(px::TELEHEALTH_LIST)
        };
        if let Some(table) = unanswered {
            out.skip_line(number, Reason::DateOutsideReleases(table));
            continue;
        }
        let Some(row) = line.procedure_row else {
            out.skip_line(number, Reason::CodeNotValid(SystemId::Procedure.name()));
            continue;
        };
        if row.has(flags::procedure::TELEHEALTH) {
            continue;
        }
        if let Err(reason) = claim.is_inpatient() {
            out.skip_line(number, reason);
            continue;
        }
        for (place, modifier) in telehealth {
            out.fail_line(number, Field::Modifier(place as u8 + 1), 0)
                .with("modifier", Value::Modifier(modifier))
                .with("procedure", Value::Code(line.row.procedure))
                .with("date", Value::Date(date))
                .from_release(row.release);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_flag_begins_with_version_92() {
        assert_eq!(FLAGGED_FROM.to_string(), "2023-07-01");
    }
}
