//! The text of a JSON number, as the fields of a claim are read.

use std::io::Write;

/// The least magnitude at which a whole number may have lost digits: 2^53.
const WHOLE: f64 = 9_007_199_254_740_992.0;
/// The least magnitude at which the second decimal may have been lost.
const CENTS: f64 = 1e13;
/// Bytes that the text of any number taken has at most.
const LENGTH: usize = 40;

/// The text of a number.
pub(super) struct NumberText {
    bytes: [u8; LENGTH],
    length: usize,
}

impl NumberText {
    pub(super) fn as_str(&self) -> &str {
        self.bytes.get(..self.length).and_then(|bytes| std::str::from_utf8(bytes).ok()).unwrap_or_default()
    }

    fn of(number: impl std::fmt::Display) -> Option<NumberText> {
        let mut bytes = [0; LENGTH];
        let mut rest = &mut bytes[..];
        write!(rest, "{number}").ok()?;
        let length = LENGTH - rest.len();
        Some(NumberText { bytes, length })
    }

    pub(super) fn unsigned(number: u64) -> Option<NumberText> {
        NumberText::of(number)
    }

    pub(super) fn signed(number: i64) -> Option<NumberText> {
        NumberText::of(number)
    }

    /// `None` when the text that the number was read from cannot be told from it: then it must be given as text.
    pub(super) fn float(number: f64) -> Option<NumberText> {
        let exact = number.is_finite() && number.abs() < if number.fract() == 0.0 { WHOLE } else { CENTS };
        if !exact || (number != 0.0 && number.abs() < 1e-9) {
            return None;
        }
        NumberText::of(number)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_decimal_reads_back_as_it_was_written() {
        for cents in (0..4_000_000i64).step_by(7).chain([999_999_999_999_999, 123_456_789_012_345]) {
            let text = format!("{}.{:02}", cents / 100, cents % 100);
            // As the reader parses it.
            let number: f64 = serde_json::from_str(&text).unwrap_or_default();
            let shown = NumberText::float(number).map(|text| text.as_str().to_owned()).unwrap_or_default();
            let trimmed = text.trim_end_matches('0').trim_end_matches('.');
            assert_eq!(shown, trimmed);
        }
    }

    #[test]
    fn what_cannot_be_told_exactly_has_no_text() {
        for number in [1e16, 9_007_199_254_740_992.0, 1e13 + 0.5, f64::NAN, f64::INFINITY, 1e300, 1e-300] {
            assert!(NumberText::float(number).is_none(), "{number}");
        }
        assert_eq!(NumberText::float(-0.0).map(|text| text.as_str().to_owned()).as_deref(), Some("-0"));
        assert_eq!(NumberText::unsigned(u64::MAX).map(|text| text.as_str().len()), Some(20));
        assert_eq!(NumberText::signed(i64::MIN).map(|text| text.as_str().len()), Some(20));
    }
}
