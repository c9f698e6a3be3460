//! The codeset as the generator reads it: is this code right for this patient, on this day, beside those codes.

use crate::GenerateError;
use crate::claim::Claim;
use crate::common;
use crate::kinds;
use codes::{Code, Date, DateRange, Modifier, Sex};
use codeset::flags::{could, diagnosis};
use codeset::{Codeset, Notes, Ordinal, Relation, RelationId, Row, System, SystemId};

/// The tables that claims are drawn from and must be clean by.
pub(crate) struct Tables<'c> {
    pub(crate) diagnoses: &'c System,
    pub(crate) procedures: &'c System,
    pub(crate) modifiers: &'c System,
    pub(crate) places: &'c System,
    pub(crate) revenue: &'c System,
    pub(crate) ptp_hospital: Option<&'c Relation>,
    pub(crate) ptp_practitioner: Option<&'c Relation>,
    pub(crate) add_on: Option<&'c Relation>,
    pub(crate) conflicts: Option<&'c Relation>,
    pub(crate) notes: Option<&'c Notes>,
    /// The first and last day that every table answers for.
    pub(crate) first_day: Date,
    pub(crate) last_day: Date,
}

/// A patient as a code's limits see one.
#[derive(Clone, Copy)]
pub(crate) struct Limits {
    pub(crate) sex: Sex,
    /// Completed years on the claim's first and last day.
    pub(crate) ages: [u32; 2],
}

impl<'c> Tables<'c> {
    pub(crate) fn new(codeset: &'c Codeset) -> Result<Tables<'c>, GenerateError> {
        let system = |id: SystemId| codeset.system(id).ok_or(GenerateError::MissingSystem { system: id.name() });
        let mut tables = Tables {
            diagnoses: system(SystemId::Diagnosis)?,
            procedures: system(SystemId::Procedure)?,
            modifiers: system(SystemId::Modifier)?,
            places: system(SystemId::PlaceOfService)?,
            revenue: system(SystemId::Revenue)?,
            ptp_hospital: codeset.relation(RelationId::PtpHospital),
            ptp_practitioner: codeset.relation(RelationId::PtpPractitioner),
            add_on: codeset.relation(RelationId::AddOn),
            conflicts: codeset.relation(RelationId::ModifierConflict),
            notes: codeset.notes(),
            first_day: Date::from_days(i32::MIN),
            last_day: Date::from_days(i32::MAX),
        };
        let systems = [tables.diagnoses, tables.procedures, tables.modifiers, tables.places, tables.revenue];
        let relations = [tables.ptp_hospital, tables.ptp_practitioner, tables.add_on, tables.conflicts];
        let coverage = systems.map(System::coverage).into_iter();
        let related = relations.into_iter().flatten().map(Relation::coverage).filter(|ranges| !ranges.is_empty());
        for ranges in coverage.chain(related) {
            tables.cut(ranges);
        }
        if tables.last_day.days() == i32::MAX {
            // No table ends, and there is no clock here: claims are of the year in which the youngest begins.
            tables.last_day = Date::from_days(tables.first_day.days().saturating_add(364));
        }
        (tables.first_day.days() > i32::MIN && tables.first_day <= tables.last_day)
            .then_some(tables)
            .ok_or(GenerateError::NoCommonDays)
    }

    fn cut(&mut self, ranges: &[DateRange]) {
        let first = ranges.iter().map(|range| range.from).min();
        let last = ranges.iter().map(|range| range.to.unwrap_or(Date::from_days(i32::MAX))).max();
        self.first_day = self.first_day.max(first.unwrap_or(Date::from_days(i32::MAX)));
        self.last_day = self.last_day.min(last.unwrap_or(Date::from_days(i32::MIN)));
    }

    /// Whether the claim's diagnoses may stand together on its days: none is an injury, whose accident the claim would
    /// have to tell, none names a side or leaves it open, and no two exclude each other.
    pub(crate) fn stand_together(&self, claim: &Claim) -> bool {
        if claim.diagnoses.iter().any(|&code| is_injury(code)) {
            return false;
        }
        let days = claim.lines.iter().map(|line| line.from).chain(claim.statement.into_iter().flatten());
        let mut days: Vec<Date> = days.collect();
        days.sort_unstable();
        days.dedup();
        let known: Vec<Ordinal> = claim.diagnoses.iter().filter_map(|&code| self.diagnoses.ordinal(code)).collect();
        known.iter().all(|&dx| !self.is_of_a_side(dx, &days))
            && known
                .iter()
                .enumerate()
                .all(|(place, &dx)| known[..place].iter().all(|&own| !self.exclude(dx, own, &days)))
    }

    /// Whether the diagnosis names a side of the body, or leaves it open where others name it.
    fn is_of_a_side(&self, dx: Ordinal, days: &[Date]) -> bool {
        let open = |&day: &Date| self.diagnoses.row_on(dx, day).is_some_and(|row| row.has(diagnosis::UNSPECIFIED));
        self.diagnoses.could(dx) & could::SIDE != 0 || days.iter().any(open)
    }

    fn exclude(&self, dx: Ordinal, other: Ordinal, days: &[Date]) -> bool {
        self.notes.is_some_and(|notes| {
            days.iter().any(|&day| notes.excludes1(dx, other, day).or(notes.excludes1(other, dx, day)).is_some())
        })
    }

    /// Whether the diagnosis may join those that there are.
    pub(crate) fn joins(&self, dx: Ordinal, code: Code, others: &[Code], days: [Date; 2]) -> bool {
        let known = others.iter().filter_map(|&code| self.diagnoses.ordinal(code));
        !is_injury(code) && !others.contains(&code) && !self.is_of_a_side(dx, &days) && { known }
            .all(|own| !self.exclude(dx, own, &days))
    }

    /// Whether the patient is of the diagnosis's sex and age on the claim's days, and the code may be reported
    /// then; its first day's row if so.
    pub(crate) fn diagnosis_fits(&self, dx: Ordinal, days: [Date; 2], limits: Limits) -> Option<&'c Row> {
        let first = self.diagnoses.row_on(dx, days[0])?;
        if !diagnosis_row_fits(first, days[0], limits.ages[0], limits.sex) {
            return None;
        }
        if days[0] != days[1] {
            let last = self.diagnoses.row_on(dx, days[1])?;
            if !diagnosis_row_fits(last, days[1], limits.ages[1], limits.sex) {
                return None;
            }
        }
        Some(first)
    }

    /// The procedure's row on the day, if it may be reported then in most places and the patient's age is within its
    /// limits.
    pub(crate) fn procedure_fits(&self, procedure: Ordinal, day: Date, limits: Limits) -> Option<&'c Row> {
        let row = self.procedures.row_on(procedure, day)?;
        let errs = common::errs_by_itself(self.procedures.code(procedure), row);
        (row.is_billable() && !errs && limits.ages.iter().all(|&age| row_age_fits(row, age))).then_some(row)
    }

    /// Whether some loaded PTP table has a pair of the two on the day, either way round.
    pub(crate) fn paired(&self, a: Ordinal, b: Ordinal, day: Date) -> bool {
        let (could_a, could_b) = (self.procedures.could(a), self.procedures.could(b));
        let one_way = |ptp: &Relation, (first, could_1): (Ordinal, u32), (second, could_2): (Ordinal, u32)| {
            let (column_1, column_2) = match ptp.id() {
                RelationId::PtpPractitioner => (could::PTP_PRACTITIONER_COLUMN_1, could::PTP_PRACTITIONER_COLUMN_2),
                _ => (could::PTP_HOSPITAL_COLUMN_1, could::PTP_HOSPITAL_COLUMN_2),
            };
            // Most codes are in one column or none, and telling so is far quicker than to search for the pair.
            could_1 & column_1 != 0 && could_2 & column_2 != 0 && ptp.on(first, second, day).is_some()
        };
        let relations = [self.ptp_hospital, self.ptp_practitioner];
        relations
            .into_iter()
            .flatten()
            .any(|ptp| one_way(ptp, (a, could_a), (b, could_b)) || one_way(ptp, (b, could_b), (a, could_a)))
    }

    /// Whether every line's procedure may be given where the claim is from, and its modifiers go with it: those of a
    /// planted error may be on a visit, on anesthesia or on a service that is not given by telehealth, where each is an
    /// error of its own.
    pub(crate) fn fit_their_lines(&self, claim: &Claim) -> bool {
        claim.lines.iter().all(|line| {
            let row = line.ordinal.and_then(|ordinal| self.procedures.row_on(ordinal, line.from));
            let given: Vec<Modifier> = line.modifiers.into_iter().filter(|own| !own.is_absent()).collect();
            row.is_none_or(|row| !common::errs_by_itself(line.procedure, row))
                && kinds::fit(line.procedure, row, &given)
        })
    }

    /// Whether one of the two is a hospital's visit (status V or J2) and the other a procedure that is paid by itself
    /// (S or T, or Q3, which comes to S).
    pub(crate) fn visit_beside_procedure(&self, a: (Ordinal, Date), b: (Ordinal, Date)) -> bool {
        let status = |(procedure, day)| self.procedures.row_on(procedure, day).map_or("", Row::status);
        let (a, b) = (status(a), status(b));
        let one_way = |visit: &str, other: &str| matches!(visit, "V" | "J2") && matches!(other, "S" | "T" | "Q3");
        one_way(a, b) || one_way(b, a)
    }

    /// Whether the two may not be on one claim of the day: a PTP pair or, for a hospital, a visit beside a procedure.
    pub(crate) fn clash(&self, a: Ordinal, b: Ordinal, day: Date, institutional: bool) -> bool {
        self.paired(a, b, day) || institutional && self.visit_beside_procedure((a, day), (b, day))
    }

    /// The type of the add-on code on the day: 1, 2 or 3; `None` when it is none.
    pub(crate) fn add_on_type(&self, procedure: Ordinal, day: Date) -> Option<u16> {
        let mut links = self.add_on?.links(procedure).filter(|link| link.class.holds_on(day));
        links.next().map(|link| link.class.value)
    }

    /// Whether the add-on code may be reported with this primary procedure on the day.
    pub(crate) fn is_primary_of(&self, primary: Ordinal, add_on: Ordinal, day: Date) -> bool {
        self.add_on.is_some_and(|relation| relation.on(add_on, primary, day).is_some())
    }

    /// Whether the modifier may be reported on the day.
    pub(crate) fn modifier_holds(&self, modifier: Modifier, day: Date) -> bool {
        holds(self.modifiers, modifier.code(), day)
    }

    /// Whether the modifier may release a PTP pair on the day.
    pub(crate) fn is_ncci(&self, modifier: Modifier, day: Date) -> bool {
        let ordinal = self.modifiers.ordinal(modifier.code());
        let row = ordinal.and_then(|ordinal| self.modifiers.row_on(ordinal, day));
        row.is_some_and(|row| row.has(codeset::flags::modifier::NCCI))
    }
}

/// Whether the code is of ICD-10-CM's chapter XIX: injuries, poisonings and other consequences of external causes.
fn is_injury(code: Code) -> bool {
    matches!(code.at(0), b'S' | b'T')
}

/// Whether the code may be reported on the day.
pub(crate) fn holds(system: &System, code: Code, day: Date) -> bool {
    system.ordinal(code).and_then(|ordinal| system.row_on(ordinal, day)).is_some_and(Row::is_billable)
}

fn diagnosis_row_fits(row: &Row, day: Date, age: u32, sex: Sex) -> bool {
    let barred = match sex {
        Sex::Female => diagnosis::MALE,
        Sex::Male => diagnosis::FEMALE,
        Sex::Unknown => diagnosis::MALE | diagnosis::FEMALE,
    };
    row.is_billable() && row.flags & barred == 0 && diagnosis_age_fits(row, day, age)
}

/// Whether the age is within the diagnosis's own limits and those of its age groups.
pub(crate) fn diagnosis_age_fits(row: &Row, day: Date, age: u32) -> bool {
    // The Medicare Code Editor widened maternity from 12–55 with version 37.
    let maternity = if day < MATERNITY_WIDENED { 12..=55 } else { 9..=64 };
    row_age_fits(row, age)
        && (!row.has(diagnosis::NEWBORN) || age == 0)
        && (!row.has(diagnosis::PEDIATRIC) || age <= 17)
        && (!row.has(diagnosis::ADULT) || (15..=124).contains(&age))
        && (!row.has(diagnosis::MATERNITY) || maternity.contains(&age))
}

/// The first day on which the I/OCE judges an outpatient claim's principal diagnosis (edit 113): 2019-10-01.
pub(crate) const OUTPATIENT_PRINCIPAL_FROM: Date = MATERNITY_WIDENED;

/// 2019-10-01.
const MATERNITY_WIDENED: Date = Date::from_days(18_170);

/// Whether the age is within the row's own limits.
pub(crate) fn row_age_fits(row: &Row, age: u32) -> bool {
    !row.limits_age() || (u32::from(row.age_low)..=u32::from(row.age_high)).contains(&age)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_day_on_which_maternity_was_widened_is_counted_right() {
        assert_eq!(MATERNITY_WIDENED.to_string(), "2019-10-01");
    }
}
