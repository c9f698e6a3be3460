//! Civil dates as day numbers, and closed intervals of them.

use crate::digits;
use std::fmt;
use std::ops::Range;

/// Julian day of 1970-01-01, the day that [`Date`] counts from.
const EPOCH_JULIAN_DAY: i32 = 2_440_588;

/// A civil date: days since 1970-01-01.
///
/// ```
/// use cleanclaim_codes::Date;
/// let day = Date::parse(b"20241001").unwrap();
/// assert_eq!(day, Date::parse(b"2024-10-01").unwrap());
/// assert_eq!(day.next().to_string(), "2024-10-02");
/// ```
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Date(i32);

impl Date {
    /// The date of a year, month (1 to 12) and day (1 to 31), or `None` when the calendar has no such day.
    pub fn new(year: i32, month: u8, day: u8) -> Option<Date> {
        let month = time::Month::try_from(month).ok()?;
        let date = time::Date::from_calendar_date(year, month, day).ok()?;
        Some(Date(date.to_julian_day() - EPOCH_JULIAN_DAY))
    }

    /// Reads `YYYYMMDD` or `YYYY-MM-DD`, of a year from 1800 to 2199. `None` for anything else.
    #[inline]
    pub fn parse(text: &[u8]) -> Option<Date> {
        let [century, year, month, day] = pairs(text)?;
        if !CENTURIES.contains(&century) {
            return None;
        }
        days_of(century, year, month, day).map(Date)
    }

    /// Whether [`Date::parse`] does not take the text for its year alone.
    ///
    /// ```
    /// use cleanclaim_codes::Date;
    /// assert!(Date::is_of_another_year(b"99991231") && Date::is_of_another_year(b"1799-12-31"));
    /// assert!(!Date::is_of_another_year(b"20240101") && !Date::is_of_another_year(b"99990230"));
    /// ```
    pub fn is_of_another_year(text: &[u8]) -> bool {
        pairs(text).is_some_and(|[century, year, month, day]| {
            !CENTURIES.contains(&century) && days_of(century, year, month, day).is_some()
        })
    }

    /// Days since 1970-01-01.
    #[inline]
    pub const fn days(self) -> i32 {
        self.0
    }

    /// The date `days` after 1970-01-01.
    #[inline]
    pub const fn from_days(days: i32) -> Date {
        Date(days)
    }

    /// The day after.
    #[inline]
    pub const fn next(self) -> Date {
        Date(self.0.saturating_add(1))
    }

    /// The day before.
    #[inline]
    pub const fn previous(self) -> Date {
        Date(self.0.saturating_sub(1))
    }

    /// The same day of the month `months` later, or earlier when negative; the month's last day where it is shorter.
    ///
    /// ```
    /// use cleanclaim_codes::Date;
    /// let day = |text: &str| Date::parse(text.as_bytes()).unwrap();
    /// assert_eq!(day("2024-02-29").add_months(12), day("2025-02-28"));
    /// assert_eq!(day("2025-03-31").add_months(-1), day("2025-02-28"));
    /// ```
    #[must_use]
    pub fn add_months(self, months: i32) -> Date {
        let (year, month, day) = self.calendar();
        let month = (year.saturating_mul(12) + i32::from(month) - 1).saturating_add(months);
        let (year, month) = (month.div_euclid(12), month.rem_euclid(12) as u8 + 1);
        // A year that the calendar does not have leaves the date as it is: dates of claims are far from it.
        (1..=day).rev().find_map(|day| Date::new(year, month, day)).unwrap_or(self)
    }

    /// Year, month and day.
    pub fn calendar(self) -> (i32, u8, u8) {
        match time::Date::from_julian_day(self.0.saturating_add(EPOCH_JULIAN_DAY)) {
            Ok(date) => (date.year(), u8::from(date.month()), date.day()),
            Err(_) => (0, 0, 0),
        }
    }

    /// Completed years from `birth` to this date: the age on it, which goes up on the birthday. A person born
    /// on 29 February completes the year on 1 March of a common year. `None` before the birth.
    pub fn age(self, birth: Date) -> Option<u32> {
        if self < birth {
            return None;
        }
        let (year, month, day) = self.calendar();
        let (birth_year, birth_month, birth_day) = birth.calendar();
        let birthday_to_come = (month, day) < (birth_month, birth_day);
        u32::try_from(year - birth_year - i32::from(birthday_to_come)).ok()
    }
}

/// The first two digits of the years that are read.
const CENTURIES: Range<u32> = 18..22;

/// Two digits of the year, the two others, the month and the day of a text `YYYYMMDD` or `YYYY-MM-DD`.
#[inline]
fn pairs(text: &[u8]) -> Option<[u32; 4]> {
    let text: [u8; 8] = match (text.first_chunk(), text) {
        (Some(digits), text) if text.len() == 8 => *digits,
        (_, &[a, b, c, d, b'-', e, f, b'-', g, h]) => [a, b, c, d, e, f, g, h],
        _ => return None,
    };
    Some(digits::pairs(digits::each(text)?))
}

/// The day number of a civil date, of which the year is given as it is written, in two halves; `None` when the calendar
/// has no such day. Every line of a claim has dates, so this is plain arithmetic; tests compare it with the calendar
/// of the crate `time` over all years that are read.
#[inline]
fn days_of(century: u32, year: u32, month: u32, day: u32) -> Option<i32> {
    // The days of a common year before the month, and the most that the month has.
    const MONTHS: [(u16, u8); 12] = [
        (0, 31),
        (31, 29),
        (59, 31),
        (90, 30),
        (120, 31),
        (151, 30),
        (181, 31),
        (212, 31),
        (243, 30),
        (273, 31),
        (304, 30),
        (334, 31),
    ];
    let &(before, longest) = MONTHS.get(month.wrapping_sub(1) as usize)?;
    let leap = if year == 0 { century } else { year }.is_multiple_of(4);
    if day.wrapping_sub(1) >= u32::from(longest) || (month == 2 && day == 29 && !leap) {
        return None;
    }
    // A century has 36,524 days, and every fourth one a day more. Of a leap year its own day is among them.
    let days = 36_524 * century + century / 4 + 365 * year + year / 4 + u32::from(before) + day;
    /// Days from 0000-01-01 to 1970-01-01, and one for the day that is counted from 1.
    const EPOCH: i32 = 719_528;
    Some(days as i32 - EPOCH - i32::from(month <= 2 && leap))
}

impl fmt::Display for Date {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (year, month, day) = self.calendar();
        write!(f, "{year:04}-{month:02}-{day:02}")
    }
}

impl fmt::Debug for Date {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

/// A closed interval of dates; `to` is `None` while it is still open.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
pub struct DateRange {
    /// The first day.
    pub from: Date,
    /// The last day, or `None` when no end is known.
    pub to: Option<Date>,
}

impl DateRange {
    /// The days from `from` to `to`, both within.
    pub const fn closed(from: Date, to: Date) -> DateRange {
        DateRange { from, to: Some(to) }
    }

    /// Whether the day lies within.
    #[inline]
    pub fn contains(self, day: Date) -> bool {
        self.from <= day && self.to.is_none_or(|to| day <= to)
    }
}

impl fmt::Display for DateRange {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.to {
            Some(to) => write!(f, "{} to {to}", self.from),
            None => write!(f, "{} on", self.from),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn day(text: &str) -> Date {
        Date::parse(text.as_bytes()).unwrap_or(Date(i32::MIN))
    }

    #[test]
    fn every_day_is_read_as_the_calendar_has_it() {
        for year in 1799..=2200 {
            for month in 0..=13u8 {
                for day in 0..=32u8 {
                    let text = format!("{year:04}{month:02}{day:02}");
                    let expected = Date::new(year, month, day).filter(|_| (1800..2200).contains(&year));
                    assert_eq!(Date::parse(text.as_bytes()), expected, "{text}");
                    let other = expected.is_none() && Date::new(year, month, day).is_some();
                    assert_eq!(Date::is_of_another_year(text.as_bytes()), other, "{text}");
                }
            }
        }
        for place in 0..8 {
            for byte in (0..=255u8).filter(|byte| !byte.is_ascii_digit()) {
                let mut text = *b"20240131";
                text[place] = byte;
                assert_eq!(Date::parse(&text), None, "{byte} at {place}");
            }
        }
    }

    #[test]
    fn every_day_of_four_centuries_is_written_as_it_is_read() {
        let (first, last) = (day("18000101"), day("21991231"));
        let mut date = first;
        while date <= last {
            assert_eq!(day(&date.to_string()), date);
            date = date.next();
        }
        assert_eq!(Date::from_days(0).to_string(), "1970-01-01");
    }

    #[test]
    fn impossible_dates_are_refused() {
        for bad in [
            "",
            "2024101",
            "20240230",
            "20230229",
            "2024-1-01",
            "20241301",
            "20240100",
            "00000000",
            "2024/10/01",
            "99991231",
            "abcdefgh",
        ] {
            assert_eq!(Date::parse(bad.as_bytes()), None, "{bad}");
        }
    }

    #[test]
    fn months_are_added_within_the_calendar() {
        for (from, months, to) in [
            ("20240131", 1, "20240229"),
            ("20230131", 1, "20230228"),
            ("20240229", 12, "20250228"),
            ("20240229", 48, "20280229"),
            ("20241231", 1, "20250131"),
            ("20250101", -1, "20241201"),
            ("20250331", -13, "20240229"),
            ("20250715", 0, "20250715"),
        ] {
            assert_eq!(day(from).add_months(months), day(to), "{from} {months:+}");
        }
        assert_eq!(day("20250715").add_months(i32::MAX), day("20250715"), "no such year");
    }

    #[test]
    fn age_goes_up_on_the_birthday() {
        assert_eq!(day("20241001").age(day("20241001")), Some(0));
        assert_eq!(day("20240930").age(day("20241001")), None);
        assert_eq!(day("20240930").age(day("19901001")), Some(33));
        assert_eq!(day("20241001").age(day("19901001")), Some(34));
        assert_eq!(day("20230228").age(day("20040229")), Some(18));
        assert_eq!(day("20230301").age(day("20040229")), Some(19));
    }

    #[test]
    fn an_open_range_has_no_last_day() {
        let range = DateRange { from: day("20240101"), to: None };
        assert!(!range.contains(day("20231231")));
        assert!(range.contains(day("20240101")));
        assert!(range.contains(day("21991231")));
    }
}
