use super::{HIPPS_NOT_LOADED, holds_rate_code};
use crate::contract::{edit, tables};
use crate::{ClaimFacts, Fires, Lookup, Reason, Recorder, Value};
use claims::Field;
use codeset::SystemId;

edit! {
    /// # What it checks
    /// The patient's age in completed years on the line's first day of service lies within the range of the
    /// procedure. Ages go up on the birthday; a code for age 0 is for children under one year.
    ///
    /// # Why a payer denies it
    /// The code's own words limit its patients (a preventive visit "age 12 through 17", a vaccine product for 5
    /// through 11). For another patient it describes something that was not done; payers answer CARC 6.
    ///
    /// # Example
    /// `99394` (preventive visit, 12 through 17 years) for a patient who turned 18 on the day of the visit: `99395`
    /// is the code for 18 through 39.
    ///
    /// # How to fix
    /// Check the birth date first, then bill the code of the patient's age group.
    ///
    /// # Bypass
    /// None.
    ///
    /// # Source
    /// The age ranges of the Integrated Outpatient Code Editor (CMS), which takes them from the CPT and HCPCS
    /// descriptors; I/OCE edit 7. The ranges are dated: they hold on the days of their row.
    ///
    /// # Tables
    /// procedures. Not evaluated: a line whose code limits the age while no birth date is known, or one after the
    /// service (CLM002's); a date outside the releases; a code that is not valid on the date (PX001's, PX003's,
    /// PX004's); HIPPS rate codes on institutional lines of revenue codes 0022, 0023 and 0024. A code without a
    /// limit passes, birth date or none.
    pub struct PxAge;
    id: "PX010", name: "px-age",
    severity: Error, snip: 6, carc: "6", rarc: "",
    source: "I/OCE edit 7 and its procedure table",
    unit: Line, claims: NOT_DENTAL, default: ON,
    tables: [tables::PROCEDURES], fields: [], fires: Fires::INVALID_PROCEDURE.or(Fires::PROCEDURE_AGE).or(Fires::RATE_CODE),
    messages: [
        "{procedure} is for patients of {low} to {high} completed years, and this one is {age} on {date}; a payer \
         would deny a code that is not for the patient's age"
            => "Check the birth date; if it is right, bill the code for age {age}.",
        "{procedure} is for patients from the age of {low} on, and this one is {age} on {date}; a payer would deny a \
         code that is not for the patient's age"
            => "Check the birth date; if it is right, bill the code for age {age}.",
        "{procedure} is for patients under one year, and this one is {age} on {date}; a payer would deny a code \
         that is not for the patient's age"
            => "Check the birth date; if it is right, bill the code for age {age}.",
    ],
    check: check,
}

/// The highest age that the table writes; as an upper bound it is no limit.
const NO_UPPER_LIMIT: u8 = 124;

const RANGE: u8 = 0;
const FROM: u8 = 1;
const UNDER_ONE: u8 = 2;

fn check(claim: &ClaimFacts<'_>, out: &mut Recorder<'_>) {
    let Some(system) = claim.system(SystemId::Procedure) else { return };
    for (number, line) in (0..).zip(claim.lines) {
        if holds_rate_code(claim, line) {
            out.skip_line(number, HIPPS_NOT_LOADED);
            continue;
        }
        let Some(row) = line.procedure_row else {
            if line.procedure != Lookup::Absent {
                let reason = match line.governing_date() {
                    Ok(date) if system.covers_code(line.row.procedure, date) => {
                        Reason::CodeNotValid(SystemId::Procedure.name())
                    }
                    Ok(_) => Reason::DateOutsideReleases(SystemId::Procedure.name()),
                    Err(reason) => reason,
                };
                out.skip_line(number, reason);
            }
            continue;
        };
        if !row.limits_age() {
            continue;
        }
        let age = line.governing_date().and_then(|date| Ok((date, claim.age_on(date)?)));
        let (date, age) = match age {
            Ok(known) => known,
            Err(reason) => {
                out.skip_line(number, reason);
                continue;
            }
        };
        let (low, high) = (row.age_low, row.age_high);
        if within(age, low, high) {
            continue;
        }
        let message = match (low, high) {
            (0, 0) => UNDER_ONE,
            (_, NO_UPPER_LIMIT) => FROM,
            _ => RANGE,
        };
        out.fail_line(number, Field::Procedure, message)
            .with("procedure", Value::Code(line.row.procedure))
            .with("age", Value::Count(i64::from(age)))
            .with("low", Value::Count(i64::from(low)))
            .with("high", Value::Count(i64::from(high)))
            .with("date", Value::Date(date))
            .from_release(row.release);
    }
}

/// Whether the age lies in the range, both ends within.
fn within(age: u32, low: u8, high: u8) -> bool {
    age >= u32::from(low) && (high >= NO_UPPER_LIMIT || age <= u32::from(high))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn both_ends_lie_within_and_124_is_no_limit() {
        for (age, low, high, expected) in [
            (11, 12, 17, false),
            (12, 12, 17, true),
            (17, 12, 17, true),
            (18, 12, 17, false),
            (130, 65, 124, true),
            (1, 0, 0, false),
        ] {
            assert_eq!(within(age, low, high), expected, "{age} in {low}..={high}");
        }
    }
}
