//! When a code was valid, as the messages of the *not effective* edits tell it.

use crate::{Finding, Value};
use codes::{Date, DateRange};
use codeset::Row;

/// The days on which a code's rows hold, rows that follow each other without a day between joined into one.
pub(crate) fn of(rows: &[Row]) -> Vec<DateRange> {
    let mut periods: Vec<DateRange> = Vec::new();
    for days in rows.iter().map(Row::days) {
        match periods.last_mut() {
            Some(last) if last.to.is_none_or(|end| days.from <= end.next()) => {
                // Rows never overlap, so the later one also ends later.
                last.to = last.to.and(days.to);
            }
            _ => periods.push(days),
        }
    }
    periods
}

/// Where a day lies on which none of a code's rows holds.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) struct Gap<'r> {
    rows: &'r [Row],
    before: Option<&'r Row>,
    after: Option<&'r Row>,
}

impl<'r> Gap<'r> {
    /// The gap around the day. `rows` are all of the code's, in order of their days, and none holds on it.
    pub(crate) fn around(rows: &'r [Row], day: Date) -> Gap<'r> {
        Gap {
            rows,
            before: rows.iter().rfind(|row| row.days().to.is_some_and(|end| end < day)),
            after: rows.iter().find(|row| row.days().from > day),
        }
    }

    /// Which of three messages in a row says it: 0 the code had ended, 1 it had not begun, 2 it had ended and was
    /// to begin again.
    pub(crate) fn message(&self) -> u8 {
        match (self.before, self.after) {
            (Some(_), None) => 0,
            (None, _) => 1,
            (Some(_), Some(_)) => 2,
        }
    }

    /// Gives a finding `ended` and `begins`, whichever there are, `periods`, and the release that says so.
    pub(crate) fn tell(&self, finding: &mut Finding) {
        if let Some(end) = self.before.and_then(|row| row.days().to) {
            finding.with("ended", Value::Date(end));
        }
        if let Some(row) = self.after {
            finding.with("begins", Value::Date(row.days().from));
        }
        finding.with("periods", Value::Periods(of(self.rows)));
        if let Some(row) = self.before.or(self.after) {
            finding.from_release(row.release);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn day(text: &str) -> Date {
        Date::parse(text.as_bytes()).unwrap_or(Date::from_days(0))
    }

    fn row(from: &str, to: Option<&str>) -> Row {
        Row::new(day(from), to.map(day), 0)
    }

    fn told(rows: &[Row]) -> Vec<String> {
        of(rows).iter().map(DateRange::to_string).collect()
    }

    #[test]
    fn rows_that_follow_each_other_are_one_period() {
        let rows = [
            row("20210101", Some("20210630")),
            row("20210701", Some("20211231")),
            row("20220103", Some("20220331")),
            row("20220401", None),
        ];
        assert_eq!(told(&rows), ["2021-01-01 to 2021-12-31", "2022-01-03 on"]);
        assert_eq!(told(&rows[..1]), ["2021-01-01 to 2021-06-30"]);
        assert!(told(&[]).is_empty());
    }

    #[test]
    fn a_day_lies_after_before_or_between_the_rows() {
        let rows = [row("20210101", Some("20210630")), row("20210812", Some("20230417"))];
        for (text, message) in [("20201231", 1), ("20210701", 2), ("20210811", 2), ("20230418", 0)] {
            assert_eq!(Gap::around(&rows, day(text)).message(), message, "{text}");
        }
        let open = [row("20210101", None)];
        assert_eq!(Gap::around(&open, day("20201231")).message(), 1);
    }
}
