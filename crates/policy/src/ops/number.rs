//! Numbers, in thousandths: those that a claim and its lines say, arithmetic, and what is counted in lists.

use super::env::given;
use super::{Attributes, Bool, Day, Env, Item, Known, LineRef, List, TextOp};
use claims::Field;
use codes::Units;
use edits::Reason;

/// Thousandths in one.
pub(super) const WHOLE: i64 = 1000;
/// Thousandths in a cent.
pub(crate) const CENT: i64 = 10;

/// A number in thousandths.
#[derive(Clone, PartialEq, Eq, Debug)]
pub(crate) enum Number {
    Const(i64),
    Slot(u8),
    If(Box<Bool>, Box<[Number; 2]>),
    LineOrdinal(LineRef),
    Units(LineRef),
    Charge(LineRef),
    Days(LineRef),
    AgeOn(Box<Day>),
    ClaimTotal,
    TextOfLine(LineRef, Field),
    Size(Box<List>),
    Length(TextOp),
    Sum(Box<List>),
    Least(Box<List>),
    Most(Box<List>),
    Add(Box<[Number; 2]>),
    Subtract(Box<[Number; 2]>),
    Multiply(Box<[Number; 2]>),
    Divide(Box<[Number; 2]>),
    DaysBetween(Box<[Day; 2]>),
    Year(Box<Day>),
    Month(Box<Day>),
    DayOfMonth(Box<Day>),
    AgeLow(Attributes),
    AgeHigh(Attributes),
    AddOnType(Attributes),
}

impl Number {
    pub(crate) fn eval(&self, env: &mut Env<'_>) -> Known<i64> {
        match self {
            Number::Const(value) => Ok(*value),
            Number::Slot(slot) => match env.slot(*slot) {
                Item::Number(value) => Ok(value),
                _ => Err(Reason::InternalError),
            },
            Number::If(test, parts) => test.choose(parts, env)?.eval(env),
            Number::LineOrdinal(line) => Ok(i64::from(env.line(*line)?.row.number) * WHOLE),
            Number::Units(line) => Ok(given(env.line(*line)?.row.units, Field::Units)?.thousandths()),
            Number::Charge(line) => Ok(given(env.line(*line)?.row.charge, Field::Charge)?.cents().saturating_mul(CENT)),
            Number::Days(line) => {
                let from = env.line(*line)?.governing_date()?;
                let to = Day::ServiceTo(*line).eval(env)?;
                Ok((i64::from(to.days()) - i64::from(from.days()) + 1) * WHOLE)
            }
            Number::AgeOn(day) => {
                let day = day.eval(env)?;
                Ok(i64::from(env.facts.age_on(day)?) * WHOLE)
            }
            Number::ClaimTotal => Ok(given(env.facts.claim.row.total, Field::ClaimTotal)?.cents().saturating_mul(CENT)),
            Number::TextOfLine(line, field) => number_of(env.text_of_line(*line, *field)?, *field),
            Number::Size(list) => {
                let mut count = 0i64;
                list.each(env, &mut |_, _| {
                    count += 1;
                    Ok(true)
                })?;
                Ok(count * WHOLE)
            }
            Number::Length(text) => Ok(text.eval(env)?.chars().count() as i64 * WHOLE),
            Number::Sum(list) => {
                let mut sum = 0i64;
                list.each(env, &mut |_, item| match item {
                    Item::Number(number) => {
                        sum = sum.saturating_add(number);
                        Ok(true)
                    }
                    _ => Err(Reason::InternalError),
                })?;
                Ok(sum)
            }
            Number::Least(list) => extreme(list, env, i64::min),
            Number::Most(list) => extreme(list, env, i64::max),
            Number::Add(parts) => {
                let [a, b] = &**parts;
                Ok(a.eval(env)?.saturating_add(b.eval(env)?))
            }
            Number::Subtract(parts) => {
                let [a, b] = &**parts;
                Ok(a.eval(env)?.saturating_sub(b.eval(env)?))
            }
            Number::Multiply(parts) => {
                let [a, b] = &**parts;
                Ok(clamped(i128::from(a.eval(env)?) * i128::from(b.eval(env)?) / i128::from(WHOLE)))
            }
            Number::Divide(parts) => {
                let [a, b] = &**parts;
                let (a, b) = (a.eval(env)?, b.eval(env)?);
                let quotient = (i128::from(a) * i128::from(WHOLE)).checked_div(i128::from(b));
                quotient.map(clamped).ok_or(Reason::NotComputable("the condition divides by zero"))
            }
            Number::DaysBetween(parts) => {
                let [a, b] = &**parts;
                Ok((i64::from(b.eval(env)?.days()) - i64::from(a.eval(env)?.days())) * WHOLE)
            }
            Number::Year(day) => Ok(i64::from(day.eval(env)?.calendar().0) * WHOLE),
            Number::Month(day) => Ok(i64::from(day.eval(env)?.calendar().1) * WHOLE),
            Number::DayOfMonth(day) => Ok(i64::from(day.eval(env)?.calendar().2) * WHOLE),
            Number::AgeLow(attributes) => {
                let row = env.row(attributes)?.ok_or(Reason::CodeNotValid(attributes.system.name()))?;
                Ok(i64::from(row.age_low) * WHOLE)
            }
            Number::AgeHigh(attributes) => {
                let row = env.row(attributes)?.ok_or(Reason::CodeNotValid(attributes.system.name()))?;
                Ok(i64::from(row.age_high) * WHOLE)
            }
            Number::AddOnType(attributes) => {
                use codeset::flags::procedure::{ADD_ON_TYPE_1, ADD_ON_TYPE_2, ADD_ON_TYPE_3};
                let row = env.row(attributes)?;
                let types = [(ADD_ON_TYPE_1, 1), (ADD_ON_TYPE_2, 2), (ADD_ON_TYPE_3, 3)];
                let own = types.iter().find(|(bit, _)| row.is_some_and(|row| row.has(*bit)));
                Ok(own.map_or(0, |&(_, number)| number) * WHOLE)
            }
        }
    }
}

/// The difference and product of thousandths, at the ends of what they can be rather than past them: amounts of
/// claims are far from it.
fn clamped(number: i128) -> i64 {
    i64::try_from(number).unwrap_or(if number < 0 { i64::MIN } else { i64::MAX })
}

fn number_of(text: &str, field: Field) -> Known<i64> {
    Units::parse(text.as_bytes()).map(Units::thousandths).ok_or(Reason::FieldAbsent(field))
}

/// The least or most of a list of numbers or, as day numbers, of days.
pub(super) fn extreme(list: &List, env: &mut Env<'_>, pick: fn(i64, i64) -> i64) -> Known<i64> {
    let mut best: Option<i64> = None;
    list.each(env, &mut |_, item| {
        let number = match item {
            Item::Number(number) => number,
            Item::Date(day) => i64::from(day.days()),
            _ => return Err(Reason::InternalError),
        };
        best = Some(best.map_or(number, |best| pick(best, number)));
        Ok(true)
    })?;
    best.ok_or(Reason::NotComputable("there is no least or most of an empty list"))
}
