//! Writing claims as JSON of cleanclaim's schema: one claim a line.

use crate::claim::{Claim, MOST_DIAGNOSES};
use crate::csv::{CLAIM_FIELDS, LINE_FIELDS, field_text, number};
use crate::{GenerateError, Generator, Made};
use claims::Field;
use std::io::Write;

impl Generator<'_> {
    /// Writes the claims as NDJSON of cleanclaim's schema and, if asked to, the list of what a scrubber must find in
    /// them. The claims and the list are those of [`Generator::write_csv`]; units and charges are numbers.
    ///
    /// # Errors
    /// As [`Generator::write_csv`].
    pub fn write_ndjson(&self, claims: &mut dyn Write, planted: Option<&mut dyn Write>) -> Result<Made, GenerateError> {
        let mut value = Vec::new();
        self.write_each(claims, planted, |claim, text| write(claim, &mut value, text))
    }
}

/// Appends a claim. `value` is memory to be used.
fn write(claim: &Claim, value: &mut Vec<u8>, text: &mut Vec<u8>) {
    text.extend_from_slice(b"{\"claim_id\":\"C");
    number(text, claim.number);
    text.push(b'"');
    for field in CLAIM_FIELDS {
        member(claim, None, field, value, text);
    }
    let diagnoses = (1..=MOST_DIAGNOSES as u8).map(Field::Diagnosis);
    list(claim, None, "diagnoses", diagnoses, value, text);
    text.extend_from_slice(b",\"lines\":[");
    for place in 0..claim.lines.len() {
        if place > 0 {
            text.push(b',');
        }
        text.extend_from_slice(b"{\"line_number\":");
        number(text, place as u64 + 1);
        for field in LINE_FIELDS {
            match field {
                Field::Modifier(1) => list(claim, Some(place), "modifiers", (1..=4).map(Field::Modifier), value, text),
                Field::Modifier(_) => {}
                Field::DxPointers => pointers(claim, place, value, text),
                field => member(claim, Some(place), field, value, text),
            }
        }
        text.push(b'}');
    }
    text.extend_from_slice(b"]}\n");
}

fn name(text: &mut Vec<u8>, name: &str) {
    text.extend_from_slice(b",\"");
    text.extend_from_slice(name.as_bytes());
    text.extend_from_slice(b"\":");
}

/// Appends a member, unless it is empty.
fn member(claim: &Claim, line: Option<usize>, field: Field, value: &mut Vec<u8>, text: &mut Vec<u8>) {
    value.clear();
    field_text(claim, line, field, value);
    if value.is_empty() {
        return;
    }
    name(text, &field.to_string());
    let is_number = matches!(field, Field::Units | Field::Charge | Field::ClaimTotal)
        && value.first().is_some_and(u8::is_ascii_digit)
        && value.iter().all(|byte| byte.is_ascii_digit() || *byte == b'.');
    if is_number { text.extend_from_slice(value) } else { quoted(value, text) }
}

/// Appends an array of fields, without the empty ones at its end, unless all are empty.
fn list(
    claim: &Claim,
    line: Option<usize>,
    of: &str,
    fields: impl Iterator<Item = Field>,
    value: &mut Vec<u8>,
    text: &mut Vec<u8>,
) {
    let (mut begun, mut empty) = (false, 0);
    for field in fields {
        value.clear();
        field_text(claim, line, field, value);
        if value.is_empty() {
            empty += 1;
            continue;
        }
        if !begun {
            name(text, of);
            text.push(b'[');
        } else {
            text.push(b',');
        }
        begun = true;
        text.extend_from_slice(&b"\"\",".repeat(std::mem::take(&mut empty)));
        quoted(value, text);
    }
    if begun {
        text.push(b']');
    }
}

fn pointers(claim: &Claim, line: usize, value: &mut Vec<u8>, text: &mut Vec<u8>) {
    value.clear();
    field_text(claim, Some(line), Field::DxPointers, value);
    if value.is_empty() {
        return;
    }
    name(text, "dx_pointers");
    for (place, pointer) in value.split(|byte| *byte == b':').enumerate() {
        text.push(if place == 0 { b'[' } else { b',' });
        quoted(pointer, text);
    }
    text.push(b']');
}

/// Appends a text. Those of claims are codes and numbers; what an error puts in their place may be anything.
fn quoted(value: &[u8], text: &mut Vec<u8>) {
    text.push(b'"');
    for &byte in value {
        match byte {
            b'"' | b'\\' => text.extend_from_slice(&[b'\\', byte]),
            0..=31 => {
                let digits = b"0123456789abcdef";
                let [high, low] = [byte >> 4, byte & 15].map(|half| digits[usize::from(half)]);
                text.extend_from_slice(&[b'\\', b'u', b'0', b'0', high, low]);
            }
            _ => text.push(byte),
        }
    }
    text.push(b'"');
}
