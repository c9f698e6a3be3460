//! CPT and HCPCS codes as the Integrated Outpatient Code Editor has them, quarter by quarter.

use crate::error::CompileError;
use crate::rows::{CodeRow, Table};
use crate::tsv::{Form, Text, closed_days};
use codes::{Code, Date};
use codeset::{Row, flags};

/// The last day of the COVID-19 public health emergency, after which codes flagged for it may not be reported:
/// I/OCE edit 124; HHS, "End of the federal COVID-19 public health emergency declaration" (2023-05-11).
const EMERGENCY_ENDED: (i32, u8, u8) = (2023, 5, 11);
/// Codes whose days in the I/OCE are those of Medicare's coverage alone, though the quarter before does not tell: CPT and
/// HCPCS began ten of them with 2020 (relative value file of January 2020; HCPCS of January 2020), Q5107 and Q5121 before they
/// were first marketed, and HCPCS ended J9247 on 2025-03-31, a year after its approval was withdrawn (HCPCS of October 2025).
const DAYS_OF_COVERAGE: [Code; 13] = [
    Code::new(b"20560"),
    Code::new(b"20561"),
    Code::new(b"99421"),
    Code::new(b"99422"),
    Code::new(b"99423"),
    Code::new(b"99458"),
    Code::new(b"99474"),
    Code::new(b"G2061"),
    Code::new(b"G2062"),
    Code::new(b"G2063"),
    Code::new(b"J9247"),
    Code::new(b"Q5107"),
    Code::new(b"Q5121"),
];

/// The oldest age that the I/OCE writes; it means no limit.
const OLDEST: u8 = 124;

pub(crate) fn read(text: Text<'_>, release: u16) -> Result<Table, CompileError> {
    let mut table = Table::default();
    let (year, month, day) = EMERGENCY_ENDED;
    let emergency_ended = Date::new(year, month, day);
    // The code of the row before, and the last day on which that row lets it be reported.
    let mut before: Option<(Code, Date)> = None;
    let columns = ["code", "from", "to", "age_lo", "age_hi", "status", "approved", "terminated", "flags", "midquarter"];
    for record in text.records(columns)? {
        let [code, from, to, age_low, age_high, status, approved, terminated, flags, _edit] = record?;
        let known = code.code(Form::Procedure)?;
        let days = closed_days(from, to)?;
        let flags = flags.flags(flags::procedure::NAMES)?;
        let (low, high) = (age_low.number(OLDEST)?, age_high.number(OLDEST)?);
        if high < low {
            return Err(age_high.wrong(format!("an age of {low} or more"), "put the two ages in order"));
        }
        let status = status.status()?;
        // The quarter's days, cut to those of approval. Both bounds are days on which the code may be reported:
        // I/OCE edits 67, 68, 69, 83, 110, 134 and 136 fire before the one and after the other. But a code that could
        // be reported until the day before the quarter was not begun by an approval inside it (97810 to 97814 by the
        // acupuncture determination of 2020-01-21): what began then is Medicare's coverage, no date of the code.
        let continues = before == Some((known, days.from.previous()));
        let of_coverage = DAYS_OF_COVERAGE.contains(&known);
        let approved = approved.optional_date()?.filter(|_| !continues && !of_coverage);
        let first = approved.map_or(days.from, |day| days.from.max(day));
        let emergency_only = flags & flags::procedure::MID_QUARTER_TERMINATION != 0;
        let terminated = terminated.optional_date()?.filter(|_| !of_coverage);
        let ends = [days.to, terminated, emergency_ended.filter(|_| emergency_only)];
        let last = ends.into_iter().flatten().min();
        before = last.map(|last| (known, last));
        table.read += 1;
        if last.is_some_and(|last| last < first) {
            // The code stays known, so that its claim lines get "not valid that day" and not "no such code".
            table.mentioned.push(known);
            table.skip("no day of the quarter lies within the days of approval", 1);
            continue;
        }
        let mut row = Row::new(first, last, release);
        (row.flags, row.status, row.age_low, row.age_high) = (flags, status, low, high);
        table.rows.push(CodeRow { code: known, row, line: code.line() });
    }
    Ok(table)
}
