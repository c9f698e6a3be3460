//! Money as cents and units as thousandths, both exact.

use crate::code::packed;
use crate::digits;
use std::fmt;

/// An amount in US cents. Exact: never a float.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Default)]
pub struct Money(i64);

/// Service units in thousandths, the three decimals that an 837 allows.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Default)]
pub struct Units(i64);

impl Money {
    /// An amount of cents.
    pub const fn from_cents(cents: i64) -> Money {
        Money(cents)
    }

    /// The amount in cents.
    pub const fn cents(self) -> i64 {
        self.0
    }

    /// Reads an optional sign, digits, and at most two decimals (further zeros are taken). `None` otherwise,
    /// or of more than 16 digits, leading zeros among them.
    ///
    /// ```
    /// use cleanclaim_codes::Money;
    /// assert_eq!(Money::parse(b"125.5").unwrap().cents(), 12_550);
    /// assert!(Money::parse(b"1,000").is_none());
    /// ```
    #[inline]
    pub fn parse(text: &[u8]) -> Option<Money> {
        cents(text).or_else(|| parse_scaled(text, 2)).map(Money)
    }

    /// The sum, or `None` when it does not fit.
    pub fn checked_add(self, other: Money) -> Option<Money> {
        self.0.checked_add(other.0).map(Money)
    }
}

impl Units {
    /// A whole number of units.
    pub const fn whole(units: i64) -> Units {
        Units(units * 1000)
    }

    /// The units in thousandths.
    pub const fn thousandths(self) -> i64 {
        self.0
    }

    /// Units of so many thousandths.
    pub const fn from_thousandths(thousandths: i64) -> Units {
        Units(thousandths)
    }

    /// Reads an optional sign, digits, and at most three decimals (further zeros are taken). `None` otherwise.
    #[inline]
    pub fn parse(text: &[u8]) -> Option<Units> {
        match *text {
            [one @ b'0'..=b'9'] => Some(Units::whole(i64::from(one - b'0'))),
            _ => parse_scaled(text, 3).map(Units),
        }
    }
}

/// An amount as most are written, such as `125.50`: all of it at once, the point taken out.
#[inline]
fn cents(text: &[u8]) -> Option<i64> {
    const ZEROS: u64 = 0x3030_3030_3030_3030;
    let length = text.len();
    if !matches!(length, 4..=8) || text.get(length - 3) != Some(&b'.') {
        return None;
    }
    let text = packed(text)? >> (64 - 8 * length);
    let digits = text >> 24 << 16 | text & 0xffff;
    let filled = digits | ZEROS << (8 * (length - 1));
    digits::each(filled.to_be_bytes()).map(|digits| i64::from(digits::number(digits)))
}

/// A decimal number as an integer of `decimals` decimal places.
#[inline]
fn parse_scaled(text: &[u8], decimals: usize) -> Option<i64> {
    plain(text, decimals).or_else(|| any(text, decimals))
}

/// The number, of the digits alone that nearly all amounts are written with: one or more, and a point with all decimal
/// places or none.
#[inline]
fn plain(text: &[u8], decimals: usize) -> Option<i64> {
    let (whole, hundredths) = match text {
        [whole @ .., b'.', tenths, last] if decimals == 2 => {
            (whole, u64::from(digit(*tenths)?) * 10 + u64::from(digit(*last)?))
        }
        _ => (text, 0),
    };
    if whole.is_empty() || whole.len() > 9 {
        return None;
    }
    let mut value = 0u64;
    for &byte in whole {
        value = value * 10 + u64::from(digit(byte)?);
    }
    let scaled = if decimals == 3 { value * 1000 } else { value * 100 + hundredths };
    Some(scaled as i64)
}

#[inline]
fn digit(byte: u8) -> Option<u8> {
    let digit = byte.wrapping_sub(b'0');
    (digit <= 9).then_some(digit)
}

/// The number, however it is written.
#[inline(never)]
fn any(text: &[u8], decimals: usize) -> Option<i64> {
    let (negative, digits) = match text {
        [b'-', rest @ ..] => (true, rest),
        [b'+', rest @ ..] => (false, rest),
        _ => (false, text),
    };
    let mut value = 0i64;
    let mut seen = 0usize;
    let mut after_point: Option<usize> = None;
    for &byte in digits {
        match (byte, after_point) {
            (b'.', None) => after_point = Some(0),
            (b'0', Some(places)) if places >= decimals => after_point = Some(places + 1),
            (b'0'..=b'9', places) => {
                if places.is_some_and(|places| places >= decimals) {
                    return None;
                }
                seen += 1;
                if seen > 16 {
                    return None;
                }
                value = value * 10 + i64::from(byte - b'0');
                after_point = places.map(|places| places + 1);
            }
            _ => return None,
        }
    }
    if seen == 0 {
        return None;
    }
    for _ in after_point.unwrap_or(0).min(decimals)..decimals {
        value = value.checked_mul(10)?;
    }
    Some(if negative { -value } else { value })
}

impl fmt::Display for Money {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let sign = if self.0 < 0 { "-" } else { "" };
        let cents = self.0.unsigned_abs();
        write!(f, "{sign}{}.{:02}", cents / 100, cents % 100)
    }
}

impl fmt::Display for Units {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let sign = if self.0 < 0 { "-" } else { "" };
        let thousandths = self.0.unsigned_abs();
        write!(f, "{sign}{}", thousandths / 1000)?;
        match thousandths % 1000 {
            0 => Ok(()),
            rest if rest % 100 == 0 => write!(f, ".{}", rest / 100),
            rest if rest % 10 == 0 => write!(f, ".{:02}", rest / 10),
            rest => write!(f, ".{rest:03}"),
        }
    }
}

impl fmt::Debug for Money {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

impl fmt::Debug for Units {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_of_more_than_sixteen_digits_are_none() {
        let cents = |text: &str| Money::parse(text.as_bytes()).map(Money::cents);
        assert_eq!(cents(&"9".repeat(16)), Some(999_999_999_999_999_900));
        assert_eq!(cents("-99999999999999.99000"), Some(-9_999_999_999_999_999));
        for text in ["9".repeat(17), "999999999999999.99".to_owned(), format!("0{}", "9".repeat(16))] {
            assert_eq!(cents(&text), None, "{text}");
        }
    }

    #[test]
    fn money_is_read_and_written_to_the_cent() {
        for (text, cents) in [
            ("0", 0),
            ("1", 100),
            ("1.", 100),
            (".5", 50),
            ("125.50", 12_550),
            ("-3.07", -307),
            ("+2", 200),
            ("10.000", 1000),
        ] {
            assert_eq!(Money::parse(text.as_bytes()), Some(Money(cents)), "{text}");
        }
        assert_eq!(Money(-307).to_string(), "-3.07");
        for bad in ["", ".", "-", "1.005", "1,0", "1e3", "12345678901234567", " 1", "1 ", "--1", "1.2.3", "NaN"] {
            assert_eq!(Money::parse(bad.as_bytes()), None, "{bad}");
        }
    }

    #[test]
    fn digits_alone_are_read_as_any_number_is() {
        let mut state = 5u64;
        let mut random = move |below: u64| {
            state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
            (state >> 33) % below
        };
        let (mut read, mut at_once) = (0, 0);
        for _ in 0..200_000 {
            let text: Vec<u8> = (0..random(13)).map(|_| b"0123456789..-+x/:"[random(17) as usize]).collect();
            if let Some(number) = cents(&text) {
                assert_eq!(any(&text, 2), Some(number), "{}", String::from_utf8_lossy(&text));
                at_once += 1;
            }
            let whole = matches!(text[..], [b'0'..=b'9']).then(|| Units::parse(&text)).flatten();
            assert!(whole.is_none_or(|units| any(&text, 3) == Some(units.thousandths())));
            for decimals in [2, 3] {
                if let Some(number) = plain(&text, decimals) {
                    assert_eq!(any(&text, decimals), Some(number), "{}", String::from_utf8_lossy(&text));
                    read += 1;
                }
            }
        }
        assert!(read > 10_000 && at_once > 500, "{read}, {at_once}");
        for amount in (0..9_999_999).step_by(997) {
            let text = Money(amount).to_string();
            assert_eq!(Money::parse(text.as_bytes()), Some(Money(amount)), "{text}");
        }
    }

    #[test]
    fn units_keep_three_decimals() {
        assert_eq!(Units::parse(b"1.5"), Some(Units(1500)));
        assert_eq!(Units::parse(b"0.125"), Some(Units(125)));
        assert_eq!(Units::parse(b"0.1255"), None);
        assert_eq!(Units(1500).to_string(), "1.5");
        assert_eq!(Units(1250).to_string(), "1.25");
        assert_eq!(Units(-1).to_string(), "-0.001");
        assert_eq!(Units::whole(3).to_string(), "3");
    }
}
