use crate::contract::{edit, tables};
use crate::periods::Gap;
use crate::{ClaimFacts, Fires, LineFacts, Lookup, Reason, Recorder, Value};
use claims::Field;
use codes::{Code, Date};
use codeset::{Row, SystemId};

edit! {
    /// # What it checks
    /// Every revenue code on an institutional line is one of the NUBC's that is in force on the line's service date.
    /// A line without a date, as inpatient lines are, is for the whole statement: there the code must be in force on
    /// some day from the statement's first to its last (its first alone, where no last is given). A line without a
    /// revenue code passes here: CLM005 says that it is missing.
    ///
    /// # Why a payer denies it
    /// The revenue code says what kind of service or accommodation the line is, and with it how the line is paid.
    /// Payers answer CARC 16 with M50 (missing, incomplete or invalid revenue code); Medicare returns an outpatient
    /// claim to the provider (I/OCE edit 41).
    ///
    /// # Example
    /// `0161` (hospital at home) begins on 2022-07-01: a line of 2022-06-30 fails. `0165` is unassigned.
    ///
    /// # How to fix
    /// Enter the four digits, the leading zero included, of the code that was in force.
    ///
    /// # Bypass
    /// None.
    ///
    /// # Source
    /// The NUBC's revenue codes as the Integrated Outpatient Code Editor has them, quarter by quarter (CMS); I/OCE
    /// edit 41. Medicare Claims Processing Manual chapter 25 §75.4.
    ///
    /// # Tables
    /// revenue. A date outside its releases is not evaluated, nor a line with no date on a claim with no statement
    /// date. What is not four digits fails on any date. Professional and dental claims carry no revenue codes and
    /// are not looked at.
    pub struct RevenueCodeUnknown;
    id: "FAC002", name: "revenue-code-unknown",
    severity: Error, snip: 5, carc: "16", rarc: "M50",
    source: "NUBC revenue codes as in the CMS I/OCE tables; I/OCE edit 41",
    unit: Line, claims: INSTITUTIONAL, default: ON,
    tables: [tables::REVENUE_CODES], fields: [], fires: Fires::ALWAYS,
    messages: [
        "Revenue code {revenue} is not in force on {date}: it ended on {ended} (loaded releases list it {periods}); \
         a payer cannot tell what the line is for"
            => "Enter the revenue code that was in force on {date}.",
        "Revenue code {revenue} is not in force on {date}: it begins on {begins} (loaded releases list it \
         {periods}); a payer cannot tell what the line is for"
            => "Enter the revenue code that was in force on {date}.",
        "Revenue code {revenue} is not in force on {date}: it ended on {ended} and begins again on {begins} (loaded \
         releases list it {periods}); a payer cannot tell what the line is for"
            => "Enter the revenue code that was in force on {date}.",
        "Revenue code {revenue} is in no loaded release of the NUBC's codes; a payer cannot tell what the line is for"
            => "Enter the revenue code of the service, four digits with the leading zero.",
        "\"{revenue}\" is no revenue code, which has four digits; a payer cannot tell what the line is for"
            => "Enter the revenue code of the service, four digits with the leading zero.",
    ],
    check: check,
}

// Messages 0 to 2 are those of `Gap::message`.
const UNKNOWN: u8 = 3;
const MALFORMED: u8 = 4;

fn check(claim: &ClaimFacts<'_>, out: &mut Recorder<'_>) {
    let Some(system) = claim.system(SystemId::Revenue) else { return };
    for (number, line) in (0..).zip(claim.lines) {
        let code = line.row.revenue_code;
        let ordinal = match line.revenue {
            Lookup::Absent => continue,
            Lookup::Known(ordinal) => Some(ordinal),
            Lookup::Unknown if is_four_digits(code) => None,
            Lookup::Malformed | Lookup::Unknown => {
                let raw = claim.claim.raw_of_line(number as usize, Field::RevenueCode);
                let text = raw.map_or_else(|| code.to_string(), str::to_owned);
                out.fail_line(number, Field::RevenueCode, MALFORMED).with("revenue", Value::Text(text));
                continue;
            }
        };
        let (first, last) = match days_of(claim, line) {
            Ok(days) => days,
            Err(reason) => {
                out.skip_line(number, reason);
                continue;
            }
        };
        let rows = ordinal.map_or(&[][..], |ordinal| system.rows(ordinal));
        if rows.iter().any(|row| meets(row, first, last)) {
            continue;
        }
        if !system.covers(first) || !system.covers(last) {
            out.skip_line(number, Reason::DateOutsideReleases(SystemId::Revenue.name()));
            continue;
        }
        if rows.is_empty() {
            out.fail_line(number, Field::RevenueCode, UNKNOWN).with("revenue", Value::Code(code));
            continue;
        }
        let gap = Gap::around(rows, first);
        let finding = out
            .fail_line(number, Field::RevenueCode, gap.message())
            .with("revenue", Value::Code(code))
            .with("date", Value::Date(first));
        gap.tell(finding);
    }
}

/// The first and last day that the line may be for: its own date, or else the statement's days.
fn days_of(claim: &ClaimFacts<'_>, line: &LineFacts<'_>) -> Result<(Date, Date), Reason> {
    if let Some(date) = line.date {
        return Ok((date, date));
    }
    let statement = claim.claim.row;
    let first = statement.statement_from.value().ok_or(Reason::FieldAbsent(Field::StatementFrom))?;
    Ok((first, statement.statement_to.value().filter(|&last| last > first).unwrap_or(first)))
}

fn meets(row: &Row, first: Date, last: Date) -> bool {
    let days = row.days();
    days.from <= last && days.to.is_none_or(|end| first <= end)
}

fn is_four_digits(code: Code) -> bool {
    code.len() == 4 && (0..4).all(|place| code.at(place).is_ascii_digit())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_stay_meets_a_row_on_its_first_and_on_its_last_day() {
        let day = Date::from_days;
        let row = Row::new(day(100), Some(day(110)), 0);
        for (first, last, expected) in
            [(90, 99, false), (90, 100, true), (110, 120, true), (111, 120, false), (105, 105, true)]
        {
            assert_eq!(meets(&row, day(first), day(last)), expected, "{first} to {last}");
        }
        assert!(meets(&Row::new(day(100), None, 0), day(5_000), day(5_000)));
    }
}
