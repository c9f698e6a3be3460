use crate::contract::edit;
use crate::{ClaimFacts, Fires, LineFacts, Reason, Recorder, Value};
use claims::Field;
use codes::Date;

edit! {
    /// # What it checks
    /// The claim's dates agree with each other: no statement or line ends before it begins, every line lies within
    /// the statement, and nothing was given before the patient's birth or after the claim was submitted or
    /// received. Each violation is a finding. A service on the day of birth or of submission is right.
    ///
    /// # Why a payer denies it
    /// A service outside its own claim, before birth or in the future cannot have been given as stated. Payers
    /// return such claims as incomplete or invalid.
    ///
    /// # Example
    /// A line of 2024-04-01 on a statement from 2024-03-01 to 2024-03-31.
    ///
    /// # How to fix
    /// Compare the dates with the record; most are typing errors in a year or month. A birth date after the service
    /// may be the subscriber's, or a newborn's claim under the wrong patient.
    ///
    /// # Bypass
    /// None.
    ///
    /// # Source
    /// X12 005010X222A1, X223A2 and X224A2: DTP 434 and 472, DMG02; Medicare Claims Processing Manual ch. 1 §80.3.2
    /// and ch. 25 §75.1, statement covers period.
    ///
    /// # Tables
    /// None. A comparison for which a date is not given, or not readable, is left out; a line without last day is of
    /// one day. A claim with no line that has a date of service, and without both statement dates, is not
    /// evaluated.
    pub struct ClaimDates;
    id: "CLM002", name: "claim-dates",
    severity: Error, snip: 4, carc: "16", rarc: "M52",
    source: "X12 005010X222A1, X223A2, X224A2: DTP 434, DTP 472, DMG02",
    unit: Claim, claims: ALL, default: ON,
    tables: [], fields: [], fires: Fires::ODD_DAYS,
    messages: [
        "The statement begins on {statement_from} and ends before that, on {statement_to}; a payer cannot place its \
         services"
            => "Correct statement_from or statement_to.",
        "The line begins on {service_from} and ends before that, on {service_to}; a payer cannot tell when the service \
         was given"
            => "Correct service_from or service_to.",
        "The line is of {date}, outside the statement {statement}; a payer would return a claim with services outside \
         its own period"
            => "Correct the date of service, or the statement dates, or move the line to the claim of its period.",
        "The line is of {date}, before the patient's birth date; a payer would return the claim"
            => "Correct the date of service or the birth date; make sure that the claim is under the right patient.",
        "The line is of {date}, after the claim was submitted on {received_date}; a payer would not take a claim for a \
         service that is still to come"
            => "Correct the date of service or the submission date; submit no service before it is given.",
        "The statement begins on {date}, before the patient's birth date; a payer would return the claim"
            => "Correct the statement dates or the birth date; make sure that the claim is under the right patient.",
        "The statement ends on {date}, after the claim was submitted on {received_date}; a payer would not take a \
         claim for services that are still to come"
            => "Correct the statement dates or the submission date; submit no service before it is given.",
    ],
    check: check,
}

/// The claim's own dates, those that are given and readable.
struct Dates {
    from: Option<Date>,
    to: Option<Date>,
    birth: Option<Date>,
    received: Option<Date>,
}

fn check(claim: &ClaimFacts<'_>, out: &mut Recorder<'_>) {
    let row = claim.claim.row;
    let dates = Dates {
        from: row.statement_from.value(),
        to: row.statement_to.value(),
        birth: row.birth_date.value(),
        received: row.received_date.value(),
    };
    let mut comparable = dates.from.is_some() && dates.to.is_some();
    statement(&dates, out);
    for (place, line) in (0u32..).zip(claim.lines) {
        comparable |= line.date.is_some();
        self::line(&dates, out, place, line);
    }
    if !comparable {
        out.skip_claim(Reason::FieldAbsent(Field::ServiceFrom));
    }
}

fn statement(dates: &Dates, out: &mut Recorder<'_>) {
    if let (Some(from), Some(to)) = (dates.from, dates.to)
        && to < from
    {
        out.fail_claim(Field::StatementTo, 0)
            .with("statement_from", Value::Date(from))
            .with("statement_to", Value::Date(to));
    }
    if let (Some(from), Some(birth)) = (dates.from, dates.birth)
        && from < birth
    {
        out.fail_claim(Field::StatementFrom, 5).with("date", Value::Date(from));
    }
    if let (Some(to), Some(received)) = (dates.to, dates.received)
        && received < to
    {
        out.fail_claim(Field::StatementTo, 6)
            .with("date", Value::Date(to))
            .with("received_date", Value::Date(received));
    }
}

fn line(dates: &Dates, out: &mut Recorder<'_>, place: u32, line: &LineFacts<'_>) {
    let (from, last) = (line.date, line.row.service_to.value());
    if let (Some(from), Some(last)) = (from, last)
        && last < from
    {
        out.fail_claim_at_line(place, Field::ServiceTo, 1)
            .with("service_from", Value::Date(from))
            .with("service_to", Value::Date(last));
    }
    // A line that gives no last day is of one day.
    let to = last.or(from);
    let last_field = if last.is_some() { Field::ServiceTo } else { Field::ServiceFrom };
    let outside = |day: &Date| dates.from.is_some_and(|first| *day < first) || dates.to.is_some_and(|end| *day > end);
    let begins = from.filter(outside).map(|day| (day, Field::ServiceFrom));
    let ends = last.filter(outside).map(|day| (day, Field::ServiceTo));
    // A statement that ends before it begins holds no day at all; that it is wrong was said once.
    if dates.from.zip(dates.to).is_none_or(|(first, end)| first <= end)
        && let Some((day, field)) = begins.or(ends)
    {
        let statement = match (dates.from, dates.to) {
            (Some(first), Some(end)) => format!("from {first} to {end}"),
            (Some(first), None) => format!("that begins on {first}"),
            (None, Some(end)) => format!("that ends on {end}"),
            (None, None) => String::new(),
        };
        let finding = out.fail_claim_at_line(place, field, 2);
        finding.with("date", Value::Date(day)).with("statement", Value::Text(statement));
        for (name, day) in [("statement_from", dates.from), ("statement_to", dates.to)] {
            if let Some(day) = day {
                finding.with(name, Value::Date(day));
            }
        }
    }
    if let (Some(day), Some(birth)) = (from, dates.birth)
        && day < birth
    {
        out.fail_claim_at_line(place, Field::ServiceFrom, 3).with("date", Value::Date(day));
    }
    if let (Some(day), Some(received)) = (to, dates.received) {
        let begun = from.filter(|&from| from > received).map(|from| (from, Field::ServiceFrom));
        if let Some((day, field)) = begun.or((day > received).then_some((day, last_field))) {
            out.fail_claim_at_line(place, field, 4)
                .with("date", Value::Date(day))
                .with("received_date", Value::Date(received));
        }
    }
}
