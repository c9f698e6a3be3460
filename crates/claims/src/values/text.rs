//! What the text of one field means.

use crate::Field;
use codes::{BillType, ClaimType, Code, Date, Money, Sex};

/// The text without the spaces and tabs around it.
#[inline]
pub(crate) fn trim(text: &[u8]) -> &[u8] {
    match (text.first(), text.last()) {
        // As nearly all texts are: nothing to take off.
        (Some(b'!'..), Some(b'!'..)) => text,
        _ => trim_any(text),
    }
}

fn trim_any(mut text: &[u8]) -> &[u8] {
    while let [b' ' | b'\t', rest @ ..] = text {
        text = rest;
    }
    while let [rest @ .., b' ' | b'\t'] = text {
        text = rest;
    }
    text
}

/// Appends an item to a list that one field holds.
pub(crate) fn join(joined: &mut Vec<u8>, text: &str) {
    let text = trim(text.as_bytes());
    if !text.is_empty() {
        if !joined.is_empty() {
            joined.push(b':');
        }
        joined.extend_from_slice(text);
    }
}

/// Whether two texts of a claim's field, trimmed and not empty, mean the same: `20240131` and `2024-01-31` do.
pub(crate) fn same_value(field: Field, a: &[u8], b: &[u8]) -> bool {
    fn both<T: PartialEq>(read: impl Fn(&[u8]) -> Option<T>, a: &[u8], b: &[u8]) -> bool {
        read(a).is_some_and(|value| read(b) == Some(value))
    }
    if a == b {
        return true;
    }
    match field {
        Field::BirthDate
        | Field::StatementFrom
        | Field::StatementTo
        | Field::ReceivedDate
        | Field::AccidentDate
        | Field::AdmissionDate => both(Date::parse, a, b),
        Field::ClaimType => both(ClaimType::parse, a, b),
        Field::Sex => both(Sex::parse, a, b),
        Field::BillType => both(BillType::parse, a, b),
        Field::ClaimTotal => both(Money::parse, a, b),
        Field::PatientStatus => both(two_digits, a, b),
        Field::State => both(state, a, b),
        Field::Diagnosis(_) => both(Code::parse_diagnosis, a, b),
        Field::ConditionCodes => conditions(a).eq(conditions(b)),
        _ => false,
    }
}

/// A code of two digits of which the leading zero may be missing; any other packable text as it stands.
#[inline]
pub(super) fn two_digits(text: &[u8]) -> Option<Code> {
    match *text {
        [digit @ b'0'..=b'9'] => Code::parse(&[b'0', digit]),
        _ => Code::parse(text),
    }
}

/// A revenue code of four digits of which the leading zero may be missing; any other packable text as it stands.
#[inline]
pub(super) fn revenue_code(text: &[u8]) -> Option<Code> {
    match *text {
        [a, b, c] if text.iter().all(u8::is_ascii_digit) => Code::parse(&[b'0', a, b, c]),
        _ => Code::parse(text),
    }
}

pub(super) fn state(text: &[u8]) -> Option<Code> {
    if text.len() == 2 && text.iter().all(u8::is_ascii_alphabetic) { Code::parse(text) } else { None }
}

/// The items of a list in one field. The colon is the documented separator; the others are what exports use, and
/// none of them can be part of an item.
#[inline]
pub(crate) fn items(text: &[u8]) -> impl Iterator<Item = &[u8]> {
    text.split(|byte| matches!(byte, b':' | b',' | b';' | b'|' | b' ' | b'\t')).filter(|item| !item.is_empty())
}

pub(super) fn conditions(text: &[u8]) -> impl Iterator<Item = Code> + '_ {
    items(text).map(|item| Code::parse(item).unwrap_or(Code::MALFORMED))
}

/// The diagnoses that are of ICD-9-CM, a bit each; one item alone is for all.
pub(super) fn icd_9(text: &[u8]) -> Option<u32> {
    let (mut icd_9, mut count) = (0, 0);
    for item in items(text) {
        let is_9 = match item {
            b"9" | b"09" => 1u32,
            b"0" | b"10" => 0,
            _ => return None,
        };
        icd_9 |= is_9.checked_shl(count).unwrap_or(0);
        count += 1;
    }
    Some(if (icd_9, count) == (1, 1) { u32::MAX } else { icd_9 })
}

#[inline]
pub(super) fn whole_number(text: &[u8]) -> Option<u32> {
    match *text {
        // As most are.
        [one @ b'1'..=b'9'] => Some(u32::from(one - b'0')),
        _ => digits(text).filter(|&number| number >= 1),
    }
}

pub(crate) fn digits(text: &[u8]) -> Option<u32> {
    if text.is_empty() || text.len() > 9 {
        return None;
    }
    text.iter().try_fold(0u32, |number, byte| byte.is_ascii_digit().then(|| number * 10 + u32::from(byte - b'0')))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn leading_zeros_are_put_back() {
        let text = |code: Option<Code>| code.map(|code| code.to_string()).unwrap_or_default();
        assert_eq!(text(two_digits(b"1")), "01");
        assert_eq!(text(two_digits(b"11")), "11");
        assert_eq!(text(two_digits(b"011")), "011");
        assert_eq!(text(two_digits(b"x")), "X");
        assert_eq!(text(revenue_code(b"450")), "0450");
        assert_eq!(text(revenue_code(b"0450")), "0450");
        assert_eq!(text(revenue_code(b"45")), "45");
        assert_eq!(text(revenue_code(b"45x")), "45X");
        assert_eq!(revenue_code(b"04-50"), None);
    }

    #[test]
    fn the_diagnoses_of_icd_9_are_a_bit_each_or_all() {
        for (text, expected) in [
            ("9", Some(u32::MAX)),
            ("0", Some(0)),
            ("10", Some(0)),
            ("9:9", Some(3)),
            ("0:9:0", Some(2)),
            ("9:0", Some(1)),
            ("8", None),
            ("9:-", None),
        ] {
            assert_eq!(icd_9(text.as_bytes()), expected, "{text}");
        }
        assert_eq!(icd_9("9:".repeat(40).as_bytes()), Some(u32::MAX));
    }

    #[test]
    fn two_ways_to_write_a_value_agree() {
        assert!(same_value(Field::StatementFrom, b"20240131", b"2024-01-31"));
        assert!(same_value(Field::ClaimTotal, b"10", b"10.00"));
        assert!(same_value(Field::Diagnosis(2), b"e11.9", b"E119"));
        assert!(same_value(Field::State, b"ny", b"NY"));
        assert!(same_value(Field::ConditionCodes, b"A1:44", b"a1,44"));
        assert!(!same_value(Field::StatementFrom, b"20240230", b"2024-02-30"));
        assert!(!same_value(Field::PayerId, b"a", b"A"));
        assert!(!same_value(Field::ConditionCodes, b"A1:44", b"44:A1"));
    }
}
