//! The values of a finding, in a sentence and as JSON.

use crate::escape::{Escape, JsonText, display};
use crate::number::{put_date, put_number};
use codes::{Code, Date, DateRange};
use edits::Value;

/// Appends a value as it stands in a sentence, the same as its `Display`. What findings name most is written
/// without the formatting machinery.
#[inline]
pub(super) fn put_value<E: Escape>(value: &Value, out: &mut Vec<u8>) {
    match value {
        Value::Code(code) => put_code::<E>(*code, out),
        Value::Diagnosis(code) => put_diagnosis::<E>(*code, out),
        Value::Codes(codes) => listed(codes, b", ", out, put_code::<E>),
        Value::Diagnoses(codes) => listed(codes, b", ", out, put_diagnosis::<E>),
        Value::Date(day) => put_date(*day, out),
        Value::Text(text) => E::put(text, out),
        rest => display::<E>(rest, out),
    }
}

/// Appends a value as JSON; what there is none of is `null`.
#[inline]
pub(super) fn put_json<J: JsonText>(value: &Value, out: &mut Vec<u8>) {
    match value {
        Value::Code(code) => json_code::<J>(*code, out, put_code::<J>),
        Value::Diagnosis(code) => json_code::<J>(*code, out, put_diagnosis::<J>),
        Value::Modifier(modifier) if modifier.is_absent() => out.extend_from_slice(b"null"),
        Value::Codes(codes) => array(codes, out, |code, out| json_code::<J>(code, out, put_code::<J>)),
        Value::Diagnoses(codes) => array(codes, out, |code, out| json_code::<J>(code, out, put_diagnosis::<J>)),
        Value::Days(days) => json_days::<J>(*days, out),
        Value::Periods(periods) => array(periods, out, json_days::<J>),
        Value::Count(count) => {
            if *count < 0 {
                out.push(b'-');
            }
            put_number(count.unsigned_abs(), out);
        }
        Value::Lines(lines) => array(lines, out, |line, out| put_number(line.into(), out)),
        Value::Modifier(_) | Value::Date(_) | Value::Money(_) | Value::Units(_) | Value::Field(_) | Value::Text(_) => {
            out.extend_from_slice(J::QUOTE);
            put_value::<J>(value, out);
            out.extend_from_slice(J::QUOTE);
        }
    }
}

/// Appends every value by its name, as a JSON object.
#[inline]
pub(super) fn put_object<J: JsonText>(values: &[(&'static str, Value)], out: &mut Vec<u8>) {
    out.push(b'{');
    for (place, (name, value)) in values.iter().enumerate() {
        if place > 0 {
            out.push(b',');
        }
        json_string::<J>(name, out);
        out.push(b':');
        put_json::<J>(value, out);
    }
    out.push(b'}');
}

#[inline]
fn json_string<J: JsonText>(text: &str, out: &mut Vec<u8>) {
    out.extend_from_slice(J::QUOTE);
    J::put(text, out);
    out.extend_from_slice(J::QUOTE);
}

/// The characters of a code, or `None` for one that is not written by its characters.
#[inline]
fn characters(code: Code, bytes: &mut [u8; 8]) -> Option<&str> {
    if code.is_malformed() {
        return None;
    }
    *bytes = code.to_bytes();
    std::str::from_utf8(bytes.get(..code.len())?).ok()
}

#[inline]
fn put_code<E: Escape>(code: Code, out: &mut Vec<u8>) {
    match characters(code, &mut [0; 8]) {
        Some(text) => E::put(text, out),
        None => display::<E>(&code, out),
    }
}

#[inline]
fn put_diagnosis<E: Escape>(code: Code, out: &mut Vec<u8>) {
    match characters(code, &mut [0; 8]).and_then(|text| Some((text.get(..3)?, text.get(3..)?))) {
        Some((category, rest)) if !rest.is_empty() => {
            E::put(category, out);
            E::put(".", out);
            E::put(rest, out);
        }
        _ => put_code::<E>(code, out),
    }
}

fn json_code<J: JsonText>(code: Code, out: &mut Vec<u8>, put: impl Fn(Code, &mut Vec<u8>)) {
    if code.is_absent() {
        out.extend_from_slice(b"null");
    } else {
        out.extend_from_slice(J::QUOTE);
        put(code, out);
        out.extend_from_slice(J::QUOTE);
    }
}

fn json_days<J: JsonText>(days: DateRange, out: &mut Vec<u8>) {
    let day = |name, day: Option<Date>, out: &mut Vec<u8>| {
        json_string::<J>(name, out);
        out.push(b':');
        match day {
            Some(day) => {
                out.extend_from_slice(J::QUOTE);
                put_date(day, out);
                out.extend_from_slice(J::QUOTE);
            }
            None => out.extend_from_slice(b"null"),
        }
    };
    out.push(b'{');
    day("from", Some(days.from), out);
    out.push(b',');
    day("to", days.to, out);
    out.push(b'}');
}

fn array<T: Copy>(items: &[T], out: &mut Vec<u8>, put: impl Fn(T, &mut Vec<u8>)) {
    out.push(b'[');
    listed(items, b",", out, put);
    out.push(b']');
}

fn listed<T: Copy>(items: &[T], between: &[u8], out: &mut Vec<u8>, put: impl Fn(T, &mut Vec<u8>)) {
    for (place, &item) in items.iter().enumerate() {
        if place > 0 {
            out.extend_from_slice(between);
        }
        put(item, out);
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::escape::Plain;
    use claims::Field;
    use codes::{Modifier, Money, Units};

    fn day(days: i32) -> Date {
        Date::from_days(days)
    }

    #[test]
    fn every_value_stands_in_a_sentence_as_its_display() {
        let code = |text: &[u8]| Code::parse(text).unwrap_or(Code::MALFORMED);
        let codes = || vec![code(b"E1165"), code(b"A00"), Code::ABSENT, Code::MALFORMED];
        let open = DateRange { from: day(20_000), to: None };
        let values = [
            Value::Code(code(b"99213")),
            Value::Code(Code::ABSENT),
            Value::Code(Code::MALFORMED),
            Value::Code(Code::from_bits(u64::from_be_bytes([b'A', 0xff, 0, 0, 0, 0, 0, 0]))),
            Value::Diagnosis(code(b"E1165")),
            Value::Diagnosis(code(b"A00")),
            Value::Diagnosis(code(b"A0")),
            Value::Diagnosis(Code::MALFORMED),
            Value::Diagnosis(Code::ABSENT),
            Value::Codes(codes()),
            Value::Codes(Vec::new()),
            Value::Diagnoses(codes()),
            Value::Modifier(Modifier::new(b"59")),
            Value::Modifier(Modifier::ABSENT),
            Value::Modifier(Modifier::MALFORMED),
            Value::Date(day(20_000)),
            Value::Date(day(i32::MAX)),
            Value::Days(DateRange::closed(day(0), day(1))),
            Value::Days(open),
            Value::Periods(vec![DateRange::closed(day(0), day(1)), open]),
            Value::Count(-12),
            Value::Count(i64::MIN),
            Value::Lines(vec![1, 22]),
            Value::Money(Money::from_cents(-1250)),
            Value::Units(Units::from_thousandths(1500)),
            Value::Field(Field::Modifier(2)),
            Value::Text("Zoë, plain".to_owned()),
        ];
        for value in values {
            let mut out = Vec::new();
            put_value::<Plain>(&value, &mut out);
            assert_eq!(out, value.to_string().into_bytes(), "{value:?}");
        }
    }
}
