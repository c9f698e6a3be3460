//! Errors of the claim's own fields: total, dates, limits, what is missing, what cannot be read.

use super::Bench;
use crate::claim::Line;
use claims::Field;
use codes::{Date, Money};

/// A total that is not the sum of the lines.
pub(super) fn total(bench: &mut Bench<'_, '_>) -> Option<()> {
    let right = bench.claim.total?;
    let less = bench.draw.once_in(3) && right.cents() > 10_000;
    let by = i64::from(bench.draw.between(1, 9_999));
    let wrong = Money::from_cents(if less { right.cents() - by } else { right.cents() + by });
    bench.claim.total = Some(wrong);
    bench.fails(None, Field::ClaimTotal, format!("the lines come to {right}"))
}

/// Dates that do not agree.
pub(super) fn dates(bench: &mut Bench<'_, '_>) -> Option<()> {
    let day = bench.day();
    let before = Date::from_days(day.days() - bench.draw.between(1, 30) as i32);
    match bench.draw.below(4) {
        0 if bench.claim.is_institutional() => line_outside_statement(bench),
        0 => {
            let place = bench.any_line();
            bench.claim.lines.get_mut(place)?.to = Some(before);
            bench.fails(Some(place), Field::ServiceTo, format!("{before} is before {day}"))
        }
        1 if bench.claim.is_institutional() => {
            bench.claim.statement = Some([day, before]);
            bench.fails(None, Field::StatementTo, format!("{before} is before {day}"))
        }
        2 => {
            bench.claim.received = Some(before);
            bench.fails_throughout(Field::StatementTo, &format!("received on {before} before the service"))
        }
        3 => {
            let birth = Date::from_days(day.days() + bench.draw.between(1, 400) as i32);
            bench.claim.birth_date = Some(birth);
            bench.fails_throughout(Field::StatementFrom, &format!("born on {birth} after the service"))
        }
        _ => None,
    }
}

/// A line of the day before or after the statement.
fn line_outside_statement(bench: &mut Bench<'_, '_>) -> Option<()> {
    let (place, day) = (bench.any_line(), bench.day());
    let from = if bench.draw.once_in(2) { day.previous() } else { day.next() };
    let (line, age) = (*bench.claim.lines.get(place)?, from.age(bench.claim.birth_date?)?);
    // Nothing else may be wrong on the other day.
    let tables = bench.tables();
    let limits = crate::tables::Limits { ages: [age; 2], ..bench.limits };
    let modifiers_hold =
        line.modifiers.iter().filter(|modifier| !modifier.is_absent()).all(|&one| tables.modifier_holds(one, from));
    let within = (tables.first_day..=tables.last_day).contains(&from);
    if !within
        || !modifiers_hold
        || tables.procedure_fits(line.ordinal?, from, limits).is_none()
        || tables.add_on_type(line.ordinal?, from).is_some()
        || !crate::tables::holds(tables.revenue, line.revenue, from)
    {
        return None;
    }
    *bench.claim.lines.get_mut(place)? = Line { from, ..line };
    bench.fails(Some(place), Field::ServiceFrom, format!("the statement is of {day} alone"))
}

/// Units of which there cannot be so many.
pub(super) fn units(bench: &mut Bench<'_, '_>) -> Option<()> {
    let place = bench.any_line();
    let wrong = -i64::from(bench.draw.below(3));
    bench.claim.lines.get_mut(place)?.units = wrong;
    bench.fails(Some(place), Field::Units, format!("{wrong} units"))
}

/// Fields that every claim must give.
const REQUIRED: &[Field] =
    &[Field::PayerId, Field::PatientId, Field::BirthDate, Field::Sex, Field::BillingNpi, Field::ClaimTotal];
const REQUIRED_OF_INSTITUTIONAL: &[Field] =
    &[Field::BillType, Field::StatementFrom, Field::StatementTo, Field::PatientStatus];
const REQUIRED_OF_OFFICE_LINES: &[Field] =
    &[Field::Procedure, Field::ServiceFrom, Field::PlaceOfService, Field::Units, Field::Charge];
const REQUIRED_OF_INSTITUTIONAL_LINES: &[Field] = &[Field::RevenueCode, Field::Units, Field::Charge];

/// A field that the claim's type requires, empty.
pub(super) fn missing_field(bench: &mut Bench<'_, '_>) -> Option<()> {
    let institutional = bench.claim.is_institutional();
    let (line, fields) = match (bench.draw.below(3), institutional) {
        (0, true) => (None, REQUIRED_OF_INSTITUTIONAL),
        (0, false) | (1, _) => (None, REQUIRED),
        (_, true) => (Some(bench.any_line()), REQUIRED_OF_INSTITUTIONAL_LINES),
        (_, false) => (Some(bench.any_line()), REQUIRED_OF_OFFICE_LINES),
    };
    let field = bench.draw.pick(fields)?;
    bench.claim.write_instead(line, field, "");
    bench.fails(line, field, "empty")
}

/// Dates and numbers that cannot be read.
pub(super) fn bad_value(bench: &mut Bench<'_, '_>) -> Option<()> {
    let (place, day) = (bench.any_line(), bench.day());
    let (line, field, text) = match bench.draw.below(8) {
        0 => (Some(place), Field::Units, bench.draw.pick(&["one", "1O", "1/2", "0.0005"])?.to_owned()),
        1 => (Some(place), Field::Charge, format!("${}", bench.claim.lines.get(place)?.charge)),
        2 => (Some(place), Field::ServiceTo, day.to_string().replace('-', "/")),
        3 => (Some(place), Field::ServiceFrom, day.to_string().replace('-', "").replacen("20", "2O", 1)),
        4 => (None, Field::BirthDate, format!("{}1332", bench.claim.birth_date?.calendar().0)),
        5 => (None, Field::ReceivedDate, format!("{}0230", day.calendar().0)),
        6 => (None, Field::ClaimTotal, format!("USD {}", bench.claim.total?)),
        _ => (None, Field::Sex, bench.draw.pick(&["X", "1", "Frau"])?.to_owned()),
    };
    bench.claim.write_instead(line, field, &text);
    bench.fails(line, field, format!("{text} cannot be read"))
}

impl Bench<'_, '_> {
    /// What a scrubber must fail when the claim's own dates are wrong for every line, and for the statement, if
    /// there is one, in this field.
    fn fails_throughout(&mut self, statement: Field, note: &str) -> Option<()> {
        if self.claim.statement.is_some() {
            self.fails(None, statement, note)?;
        }
        (0..self.claim.lines.len()).try_for_each(|place| self.fails(Some(place), Field::ServiceFrom, note))
    }
}
