//! Numbers and dates: fast for machines, grouped for people. Integers only, so nothing drifts.

use codes::Date;
use std::fmt;
use std::io::Write;

/// Appends a number in decimal.
#[inline]
pub(crate) fn put_number(mut number: u64, out: &mut Vec<u8>) {
    let mut digits = [0u8; 20];
    let mut at = digits.len();
    loop {
        at -= 1;
        digits[at] = b'0' + (number % 10) as u8;
        number /= 10;
        if number == 0 {
            break;
        }
    }
    out.extend_from_slice(&digits[at..]);
}

/// Appends a date as `YYYY-MM-DD`.
#[inline]
pub(crate) fn put_date(date: Date, out: &mut Vec<u8>) {
    let (year, month, day) = date.calendar();
    let Ok(year @ 0..=9999) = u16::try_from(year) else {
        // A Vec takes everything.
        let _ = write!(out, "{date}");
        return;
    };
    let digit = |number: u16| b'0' + (number % 10) as u8;
    let (month, day) = (u16::from(month), u16::from(day));
    out.extend_from_slice(&[
        digit(year / 1000),
        digit(year / 100),
        digit(year / 10),
        digit(year),
        b'-',
        digit(month / 10),
        digit(month),
        b'-',
        digit(day / 10),
        digit(day),
    ]);
}

/// A count with its thousands apart: `1,234,567`.
#[derive(Clone, Copy)]
pub(crate) struct Grouped(pub(crate) u128);

impl fmt::Display for Grouped {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let digits = self.0.to_string();
        let mut text = String::with_capacity(digits.len() + digits.len() / 3);
        for (place, digit) in digits.chars().enumerate() {
            if place > 0 && (digits.len() - place).is_multiple_of(3) {
                text.push(',');
            }
            text.push(digit);
        }
        f.pad(&text)
    }
}

/// An amount of cents as dollars: `$1,234.50`.
#[derive(Clone, Copy)]
pub(crate) struct Dollars(pub(crate) i128);

impl fmt::Display for Dollars {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let cents = self.0.unsigned_abs();
        let sign = if self.0 < 0 { "-" } else { "" };
        f.pad(&format!("{sign}${}.{:02}", Grouped(cents / 100), cents % 100))
    }
}

/// An amount of cents as a plain decimal: `1234.50`.
pub(crate) fn decimal(cents: i128) -> String {
    let sign = if cents < 0 { "-" } else { "" };
    format!("{sign}{}.{:02}", cents.unsigned_abs() / 100, cents.unsigned_abs() % 100)
}

/// A share of a whole in tenths of a percent, rounded to the nearest, but 0 and 1000 only where the share is
/// none or all: a rate that reads 100 % has no exception. `None` where there is no whole, or the share is none
/// of it (a sum with negative charges).
pub(crate) fn per_mille(part: i128, whole: i128) -> Option<u16> {
    if whole <= 0 || !(0..=whole).contains(&part) {
        return None;
    }
    let rounded = part.checked_mul(1000)?.checked_add(whole / 2)? / whole;
    match u16::try_from(rounded).ok()? {
        0 if part > 0 => Some(1),
        1000 if part < whole => Some(999),
        exact => Some(exact),
    }
}

/// The share as a percentage with one decimal: `91.3%`; `n/a` where there is none.
pub(crate) struct Percent(pub(crate) Option<u16>);

impl fmt::Display for Percent {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.0 {
            Some(tenths) => f.pad(&format!("{}.{}%", tenths / 10, tenths % 10)),
            None => f.pad("n/a"),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_are_written_as_display_writes_them() {
        for number in [0, 9, 10, 99, 1_000_000, u64::MAX] {
            let mut out = Vec::new();
            put_number(number, &mut out);
            assert_eq!(out, number.to_string().into_bytes());
        }
    }

    #[test]
    fn dates_are_written_as_display_writes_them() {
        for days in (-70_000..90_000).step_by(97).chain([i32::MIN, i32::MAX, 3_000_000, -800_000]) {
            let mut out = Vec::new();
            put_date(Date::from_days(days), &mut out);
            assert_eq!(out, Date::from_days(days).to_string().into_bytes());
        }
    }

    #[test]
    fn thousands_stand_apart() {
        for (number, text) in [(0, "0"), (999, "999"), (1000, "1,000"), (1_234_567, "1,234,567")] {
            assert_eq!(Grouped(number).to_string(), text);
        }
        assert_eq!(format!("[{:>7}]", Grouped(1000)), "[  1,000]");
        assert_eq!(Dollars(-123_456_789).to_string(), "-$1,234,567.89");
        assert_eq!(Dollars(5).to_string(), "$0.05");
        assert_eq!(decimal(-5), "-0.05");
    }

    #[test]
    fn percentages_round_but_never_to_none_or_all() {
        for (part, whole, text) in [
            (1, 3, "33.3%"),
            (2, 3, "66.7%"),
            (1, 2000, "0.1%"),
            (1, 1_000_000, "0.1%"),
            (999_999, 1_000_000, "99.9%"),
            (0, 5, "0.0%"),
            (5, 5, "100.0%"),
            (0, 0, "n/a"),
            (-1, 5, "n/a"),
            (6, 5, "n/a"),
        ] {
            assert_eq!(Percent(per_mille(part, whole)).to_string(), text, "{part} of {whole}");
        }
    }
}
