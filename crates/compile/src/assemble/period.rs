//! How long a release answers by itself, when no later one is loaded.

use codes::{Date, DateRange};

/// How long a release answers by itself. A release that is missing is a hole in what is known, and never an end of a
/// code: no release answers beyond its own period.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) enum Period {
    /// To the end of the fiscal year, 30 September: ICD-10-CM.
    FiscalYear,
    /// To the end of the calendar quarter: NCCI, fee schedules, HCPCS since 2020.
    Quarter,
    /// To the end of the calendar year: HCPCS until 2019.
    Year,
    /// Six months: the provider taxonomy.
    HalfYear,
    /// Until another replaces it.
    Open,
    /// The rows have days of their own, and the file needs none: coverage articles, from the first day of ICD-10-CM.
    OfRows,
}

/// From when on files answer whose rows have their own days: 2015-10-01, the first day of ICD-10-CM.
pub(crate) const FIRST_OF_ROWS: Date = Date::from_days(16_709);

impl Period {
    /// The days of a release that takes effect on this day.
    pub(crate) fn days(self, from: Date) -> DateRange {
        let (year, month, _) = from.calendar();
        // The first day of the period after this one.
        let next = match self {
            Period::FiscalYear => Date::new(if month >= 10 { year + 1 } else { year }, 10, 1),
            Period::Quarter if month >= 10 => Date::new(year + 1, 1, 1),
            Period::Quarter => Date::new(year, (month - 1) / 3 * 3 + 4, 1),
            Period::Year => Date::new(year + 1, 1, 1),
            Period::HalfYear if month > 6 => Date::new(year + 1, month - 6, 1),
            Period::HalfYear => Date::new(year, month + 6, 1),
            Period::Open | Period::OfRows => None,
        };
        DateRange { from, to: next.map(Date::previous) }
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]

    use super::*;

    #[test]
    fn periods_end_with_the_year_the_quarter_or_not() {
        let days = |period: Period, from: &str| period.days(Date::parse(from.as_bytes()).unwrap()).to_string();
        for (period, from, expected) in [
            (Period::FiscalYear, "20231001", "2023-10-01 to 2024-09-30"),
            (Period::FiscalYear, "20240401", "2024-04-01 to 2024-09-30"),
            (Period::Quarter, "20240701", "2024-07-01 to 2024-09-30"),
            (Period::Quarter, "20241115", "2024-11-15 to 2024-12-31"),
            (Period::Quarter, "20240101", "2024-01-01 to 2024-03-31"),
            (Period::Year, "20170101", "2017-01-01 to 2017-12-31"),
            (Period::HalfYear, "20250401", "2025-04-01 to 2025-09-30"),
            (Period::HalfYear, "20251001", "2025-10-01 to 2026-03-31"),
        ] {
            assert_eq!(days(period, from), expected);
        }
        assert_eq!(FIRST_OF_ROWS.to_string(), "2015-10-01");
        assert_eq!(Period::Open.days(Date::parse(b"20240628").unwrap()).to, None);
    }
}
