//! Days: those that a claim and its lines say, and days reckoned from them.

use super::env::given;
use super::number::{WHOLE, extreme};
use super::{Bool, Env, Item, Known, LineRef, List, Number};
use claims::{Field, Given};
use codes::Date;
use edits::Reason;

#[derive(Clone, PartialEq, Eq, Debug)]
pub(crate) enum Day {
    Const(Date),
    Slot(u8),
    If(Box<Bool>, Box<[Day; 2]>),
    ServiceFrom(LineRef),
    ServiceTo(LineRef),
    /// The claim's first day of service, else the statement's.
    FirstService,
    LastService,
    BirthDate,
    StatementFrom,
    StatementTo,
    Received,
    TextOfClaim(Field),
    AddDays(Box<Day>, Box<Number>),
    AddMonths(Box<Day>, Box<Number>),
    Least(Box<List>),
    Most(Box<List>),
}

impl Day {
    pub(crate) fn eval(&self, env: &mut Env<'_>) -> Known<Date> {
        let row = env.facts.claim.row;
        match self {
            Day::Const(day) => Ok(*day),
            Day::Slot(slot) => match env.slot(*slot) {
                Item::Date(day) => Ok(day),
                _ => Err(Reason::InternalError),
            },
            Day::If(test, parts) => test.choose(parts, env)?.eval(env),
            Day::ServiceFrom(line) => env.line(*line)?.governing_date(),
            Day::ServiceTo(line) => {
                let line = env.line(*line)?;
                match line.row.service_to {
                    Given::Is(day) => Ok(day),
                    Given::Absent => line.governing_date(),
                    Given::Invalid => Err(Reason::FieldAbsent(Field::ServiceTo)),
                }
            }
            Day::FirstService => env.first_service(),
            Day::LastService => env.last_service(),
            Day::BirthDate => given(row.birth_date, Field::BirthDate),
            Day::StatementFrom => given(row.statement_from, Field::StatementFrom),
            Day::StatementTo => given(row.statement_to, Field::StatementTo),
            Day::Received => given(row.received_date, Field::ReceivedDate),
            Day::TextOfClaim(field) => {
                let text = env.text_of_claim(*field)?;
                Date::parse(text.as_bytes()).ok_or(Reason::FieldAbsent(*field))
            }
            Day::AddDays(day, number) => {
                let (day, number) = (day.eval(env)?, number.eval(env)? / WHOLE);
                let days = i64::from(day.days()).saturating_add(number);
                Ok(Date::from_days(i32::try_from(days).unwrap_or(day.days())))
            }
            Day::AddMonths(day, number) => {
                let (day, number) = (day.eval(env)?, number.eval(env)? / WHOLE);
                Ok(i32::try_from(number).map_or(day, |months| day.add_months(months)))
            }
            Day::Least(list) => extreme(list, env, i64::min).map(|day| Date::from_days(day as i32)),
            Day::Most(list) => extreme(list, env, i64::max).map(|day| Date::from_days(day as i32)),
        }
    }
}
