use super::validity::reportable_row;
use crate::contract::{edit, tables};
use crate::{ClaimFacts, Fires, Recorder, Value};
use codes::Date;
use codeset::flags::diagnosis::{ADULT, AGE_GROUPS, MATERNITY, NEWBORN, PEDIATRIC};
use codeset::{Row, SystemId};

edit! {
    /// # What it checks
    /// The patient's age, in completed years on the diagnosis's governing date, is one at which the diagnosis can
    /// be. The Medicare Code Editor has four groups: newborn (0 years), paediatric (0 to 17), maternity (9 to 64;
    /// 12 to 55 before 2019-10-01) and adult (15 to 124). A code in several groups must fit them all. Codes come into
    /// groups and leave them with the releases.
    ///
    /// # Why a payer denies it
    /// Either the diagnosis or the date of birth is wrong, or the claim is for another person: the newborn's
    /// diagnosis on the mother's claim is the classic. Medicare returns the claim.
    ///
    /// # Example
    /// `O80` (uncomplicated delivery, maternity) for a patient of 65 years; `N40.0` (enlarged prostate, adult) for one
    /// of 14.
    ///
    /// # How to fix
    /// Compare the date of birth with the registration, then the diagnosis with the record. A newborn's diagnoses
    /// go on the newborn's claim, the mother's on hers.
    ///
    /// # Bypass
    /// None.
    ///
    /// # Source
    /// Medicare Code Editor, edit 4 (age conflict), with its code lists by date; the maternity range of 9 to 64 from
    /// its version 37 (2019-10-01). I/OCE edit 2 reads the same lists.
    ///
    /// # Tables
    /// icd10cm. Not evaluated where the date is outside its releases, the code is not valid on it, or the code has an
    /// age limit and the date of birth is missing, unreadable or after the date.
    pub struct DxAge;
    id: "DX010", name: "dx-age",
    severity: Error, snip: 6, carc: "9", rarc: "",
    source: "Medicare Code Editor, age conflict; I/OCE edit 2",
    unit: Diagnosis, claims: ALL, default: ON,
    tables: [tables::DIAGNOSES], fields: [], fires: Fires::INVALID_DIAGNOSIS.or(Fires::DIAGNOSIS_AGE),
    messages: [
        "{diagnosis} is a diagnosis of patients of {range}, and the patient was {age} on {date}; a payer would take \
         the diagnosis or the date of birth for wrong"
            => "Check the date of birth and the diagnosis against the record, and that the claim is for the right person: a \
                newborn's diagnoses are not the mother's.",
        "{diagnosis} is a diagnosis of patients of {range}, and the patient was {age} on {date}; a payer would take \
         the diagnosis or the date of birth for wrong"
            => "Check the date of birth and the diagnosis against the record, and that the claim is for the right person.",
    ],
    check: check,
}

// The messages: of a newborn's or a mother's diagnosis, and of others.
const OF_BIRTH: u8 = 0;
const OF_OTHERS: u8 = 1;

/// The oldest age that the MCE and the I/OCE know, and so no upper limit.
const OLDEST: u32 = 124;
/// MCE edit 4, newborn: 0 years.
const NEWBORN_YEARS: (u32, u32) = (0, 0);
/// MCE edit 4, paediatric: 0 to 17 years.
const PEDIATRIC_YEARS: (u32, u32) = (0, 17);
/// MCE edit 4, maternity, from [`MATERNITY_WIDENED`]: 9 to 64 years.
const MATERNITY_YEARS: (u32, u32) = (9, 64);
/// MCE edit 4, maternity, before: 12 to 55 years.
const MATERNITY_YEARS_BEFORE: (u32, u32) = (12, 55);
/// MCE version 37 and I/OCE version 20.3 widened the maternity range from 2019-10-01.
const MATERNITY_WIDENED: Date = Date::from_days(18_170);
/// MCE edit 4, adult: 15 to 124 years.
const ADULT_YEARS: (u32, u32) = (15, OLDEST);

fn check(claim: &ClaimFacts<'_>, out: &mut Recorder<'_>) {
    let Some(system) = claim.system(SystemId::Diagnosis) else { return };
    for (place, diagnosis) in claim.given_diagnoses() {
        for judged in claim.judgements(diagnosis) {
            let row = match reportable_row(system, judged) {
                Ok(row) => row,
                Err(reason) => {
                    out.skip_diagnosis(place, judged.line, reason);
                    continue;
                }
            };
            // A row is found by its day, so there is one.
            let (true, Ok(date)) = (row.flags & AGE_GROUPS != 0 || row.limits_age(), judged.date) else { continue };
            let (low, high) = years(row, date);
            match claim.age_on(date) {
                Ok(age) if (low..=high).contains(&age) => {}
                Ok(age) => {
                    let message = if row.flags & (NEWBORN | MATERNITY) != 0 { OF_BIRTH } else { OF_OTHERS };
                    let finding = out
                        .fail_diagnosis(place, judged.line, message)
                        .with("diagnosis", Value::Diagnosis(diagnosis.code))
                        .with("range", Value::Text(range(low, high)))
                        .with("low", Value::Count(low.into()))
                        .with("high", Value::Count(high.into()))
                        .with("age", Value::Count(age.into()))
                        .with("date", Value::Date(date));
                    finding.from_release(row.release);
                }
                Err(reason) => out.skip_diagnosis(place, judged.line, reason),
            }
        }
    }
}

/// The ages, in completed years, that the row allows on the day.
fn years(row: &Row, day: Date) -> (u32, u32) {
    let maternity = if day < MATERNITY_WIDENED { MATERNITY_YEARS_BEFORE } else { MATERNITY_YEARS };
    [(NEWBORN, NEWBORN_YEARS), (PEDIATRIC, PEDIATRIC_YEARS), (MATERNITY, maternity), (ADULT, ADULT_YEARS)]
        .into_iter()
        .filter(|&(group, _)| row.has(group))
        .fold((row.age_low.into(), row.age_high.into()), |(low, high), (_, group)| {
            (low.max(group.0), high.min(group.1))
        })
}

/// The ages in words.
fn range(low: u32, high: u32) -> String {
    match (low, high) {
        (0, 0) => "0 years (newborns)".to_owned(),
        (low, OLDEST) => format!("{low} years and older"),
        (low, high) => format!("{low} to {high} years"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const DAY_BEFORE: Date = Date::from_days(MATERNITY_WIDENED.days() - 1);

    fn row(flags: u32) -> Row {
        let mut row = Row::new(DAY_BEFORE, None, 0);
        row.flags = flags;
        row
    }

    #[test]
    fn maternity_is_wider_from_the_first_of_october_2019() {
        assert_eq!(MATERNITY_WIDENED.to_string(), "2019-10-01");
        assert_eq!(years(&row(MATERNITY), DAY_BEFORE), (12, 55));
        assert_eq!(years(&row(MATERNITY), MATERNITY_WIDENED), (9, 64));
    }

    #[test]
    fn several_groups_and_the_rows_own_limits_intersect() {
        assert_eq!(years(&row(PEDIATRIC | MATERNITY), MATERNITY_WIDENED), (9, 17));
        assert_eq!(years(&row(ADULT | MATERNITY), MATERNITY_WIDENED), (15, 64));
        let mut limited = row(ADULT);
        (limited.age_low, limited.age_high) = (20, 80);
        assert_eq!(years(&limited, MATERNITY_WIDENED), (20, 80));
        assert_eq!(years(&row(0), MATERNITY_WIDENED), (0, OLDEST));
    }

    #[test]
    fn ranges_read_as_words() {
        assert_eq!(range(0, 0), "0 years (newborns)");
        assert_eq!(range(15, 124), "15 years and older");
        assert_eq!(range(9, 64), "9 to 64 years");
    }
}
