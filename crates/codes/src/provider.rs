//! Who and where: National Provider Identifier, sex, claim type, type of bill.

use crate::{Code, digits};
use std::fmt;
use std::num::NonZero;

/// A National Provider Identifier that passed its check: ten digits, the first 1 or 2, and the Luhn check
/// digit over `80840` and the ten.
///
/// Source: 45 CFR 162.406; CMS, "Requirements for National Provider Identifier and NPI check digit".
///
/// ```
/// use cleanclaim_codes::Npi;
/// assert!(Npi::parse(b"1234567893").is_some());
/// assert!(Npi::parse(b"1234567894").is_none());
/// ```
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub struct Npi(NonZero<u64>);

/// What the five digits 80840 add to the Luhn sum of an NPI.
const LUHN_OF_ISSUER_PREFIX: u32 = 24;

impl Npi {
    /// Reads and checks ten digits.
    #[inline]
    pub fn parse(text: &[u8]) -> Option<Npi> {
        let [first @ .., ninth, tenth] = text.first_chunk::<10>().filter(|_| text.len() == 10)?;
        if !matches!(first[0], b'1' | b'2') || !ninth.is_ascii_digit() || !tenth.is_ascii_digit() {
            return None;
        }
        let eight = digits::each(*first)?;
        let (ninth, tenth) = (u32::from(ninth - b'0'), u32::from(tenth - b'0'));
        // Every other digit from the first on counts twice, the two digits of a sum above 9 added up.
        let twice = |digit: u32| if digit > 4 { 2 * digit - 9 } else { 2 * digit };
        let sum = LUHN_OF_ISSUER_PREFIX + digits::luhn_sum(eight) + twice(ninth) + tenth;
        let number = u64::from(digits::number(eight)) * 100 + u64::from(10 * ninth + tenth);
        NonZero::new(number).filter(|_| sum.is_multiple_of(10)).map(Npi)
    }

    /// The ten digits as a number.
    pub const fn number(self) -> u64 {
        self.0.get()
    }

    /// The NPI whose first nine digits are `stem` (100,000,000 to 299,999,999), its check digit added.
    pub fn from_stem(stem: u32) -> Option<Npi> {
        if !(100_000_000..300_000_000).contains(&stem) {
            return None;
        }
        (0..10).find_map(|check| Npi::parse(format!("{stem}{check}").as_bytes()))
    }
}

impl fmt::Display for Npi {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:010}", self.0)
    }
}

/// Administrative sex as an 837 gives it.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
#[repr(u8)]
pub enum Sex {
    /// `F`.
    Female,
    /// `M`.
    Male,
    /// `U`: unknown, or a value that is neither.
    Unknown,
}

impl Sex {
    /// Reads `F`, `M` or `U`, either case, or the words.
    pub fn parse(text: &[u8]) -> Option<Sex> {
        match text {
            b"F" | b"f" | b"female" | b"Female" | b"FEMALE" => Some(Sex::Female),
            b"M" | b"m" | b"male" | b"Male" | b"MALE" => Some(Sex::Male),
            b"U" | b"u" | b"unknown" | b"Unknown" | b"UNKNOWN" => Some(Sex::Unknown),
            _ => None,
        }
    }
}

impl fmt::Display for Sex {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Sex::Female => "female",
            Sex::Male => "male",
            Sex::Unknown => "unknown",
        })
    }
}

/// Which 837 a claim would be sent as.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
#[repr(u8)]
pub enum ClaimType {
    /// Professional (837P, CMS-1500).
    Professional,
    /// Institutional (837I, UB-04).
    Institutional,
    /// Dental (837D).
    Dental,
}

impl ClaimType {
    /// Reads `P`, `I` or `D`, either case.
    pub fn parse(text: &[u8]) -> Option<ClaimType> {
        match text {
            b"P" | b"p" => Some(ClaimType::Professional),
            b"I" | b"i" => Some(ClaimType::Institutional),
            b"D" | b"d" => Some(ClaimType::Dental),
            _ => None,
        }
    }

    /// The letter that stands for it.
    pub const fn letter(self) -> &'static str {
        match self {
            ClaimType::Professional => "P",
            ClaimType::Institutional => "I",
            ClaimType::Dental => "D",
        }
    }
}

impl fmt::Display for ClaimType {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            ClaimType::Professional => "professional",
            ClaimType::Institutional => "institutional",
            ClaimType::Dental => "dental",
        })
    }
}

/// A type of bill without its leading zero: facility and care (two digits) and frequency (one character).
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct BillType([u8; 3]);

impl BillType {
    /// Reads `131`, `0131` and the like; the frequency may be a letter.
    pub fn parse(text: &[u8]) -> Option<BillType> {
        let three: [u8; 3] = match *text {
            [a, b, c] => [a, b, c],
            [b'0', a, b, c] => [a, b, c],
            _ => return None,
        };
        (three[0].is_ascii_digit() && three[1].is_ascii_digit() && three[2].is_ascii_alphanumeric())
            .then_some(BillType([three[0], three[1], three[2].to_ascii_uppercase()]))
    }

    /// The three characters as a code: `131`.
    pub fn code(self) -> Code {
        Code::parse(&self.0).unwrap_or_default()
    }

    /// The first two digits: 13 for a hospital outpatient bill.
    pub const fn facility_and_care(self) -> u8 {
        (self.0[0] - b'0') * 10 + (self.0[1] - b'0')
    }

    /// The third character: 1 for an admission through discharge, 7 for a replacement, 8 for a void claim.
    pub const fn frequency(self) -> u8 {
        self.0[2]
    }

    /// The three characters, most significant first.
    pub const fn to_bytes(self) -> [u8; 3] {
        self.0
    }

    /// Whether the bill is of inpatient care whose governing date is discharge: 11x, 18x, 21x and 41x.
    pub const fn is_inpatient(self) -> bool {
        matches!(self.facility_and_care(), 11 | 18 | 21 | 41)
    }
}

impl fmt::Display for BillType {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "0{}", std::str::from_utf8(&self.0).unwrap_or("???"))
    }
}

impl fmt::Debug for BillType {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn exactly_one_check_digit_passes_for_every_stem() {
        for stem in (100_000_000u32..300_000_000).step_by(999_983) {
            let passing = (0..10).filter(|check| Npi::parse(format!("{stem}{check}").as_bytes()).is_some()).count();
            assert_eq!(passing, 1, "{stem}");
        }
        assert!(Npi::parse(b"1234567893").is_some());
        for bad in ["", "123456789", "12345678931", "3234567893", "123456789X", "0000000000"] {
            assert!(Npi::parse(bad.as_bytes()).is_none(), "{bad}");
        }
    }

    #[test]
    fn bill_types_read_with_and_without_the_leading_zero() {
        assert_eq!(BillType::parse(b"0131"), BillType::parse(b"131"));
        assert_eq!(BillType::parse(b"131").map(|b| b.to_string()), Some("0131".to_owned()));
        assert!(BillType::parse(b"0111").is_some_and(BillType::is_inpatient));
        assert!(!BillType::parse(b"0131").is_some_and(BillType::is_inpatient));
        for bad in ["", "13", "1311", "A31", "13-"] {
            assert_eq!(BillType::parse(bad.as_bytes()), None, "{bad}");
        }
    }

    #[test]
    fn an_npi_is_read_as_digit_by_digit() {
        // The sum of all digits with 80840 before them, every other one from the last but one on taken twice.
        let plainly = |text: &[u8]| -> Option<u64> {
            let digits: Vec<u32> = text.iter().map(|&byte| char::from(byte).to_digit(10)).collect::<Option<_>>()?;
            let all: Vec<u32> = [8, 0, 8, 4, 0].into_iter().chain(digits.iter().copied()).collect();
            let double = |digit: u32| if digit > 4 { 2 * digit - 9 } else { 2 * digit };
            let sum = |place: usize, digit: u32| if place.is_multiple_of(2) { digit } else { double(digit) };
            let sum: u32 = all.iter().rev().enumerate().map(|(place, &digit)| sum(place, digit)).sum();
            let is = text.len() == 10 && matches!(digits[0], 1 | 2) && sum.is_multiple_of(10);
            is.then(|| digits.iter().fold(0, |number, &digit| number * 10 + u64::from(digit)))
        };
        let mut read = 0;
        for number in (0..10_000_000_000u64).step_by(99_989) {
            let text = format!("{number:010}");
            assert_eq!(Npi::parse(text.as_bytes()).map(Npi::number), plainly(text.as_bytes()), "{text}");
            read += u32::from(Npi::parse(text.as_bytes()).is_some());
        }
        assert!(read > 1_500, "{read}");
        for place in 0..10 {
            for byte in 0..=u8::MAX {
                let mut text = *b"1234567893";
                text[place] = byte;
                assert_eq!(Npi::parse(&text).map(Npi::number), plainly(&text), "{text:?}");
            }
        }
        assert_eq!([b"".as_slice(), b"123456789", b"12345678930"].map(Npi::parse), [None; 3]);
    }
}
