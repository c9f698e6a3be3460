//! Writing claims as CSV: one row a line, claim fields repeated on each.

use crate::claim::{Claim, Line, MOST_DIAGNOSES};
use crate::plant::Expected;
use crate::{GenerateError, Generator, Made};
use claims::Field;
use codes::{Code, Date, Money, Sex};
use std::io::Write;

/// The columns of a claim before those of a line. Claim columns stand together, so that a reader compares a
/// claim's rows in few steps.
pub(crate) const CLAIM_FIELDS: [Field; 13] = [
    Field::ClaimType,
    Field::PayerId,
    Field::PatientId,
    Field::BirthDate,
    Field::Sex,
    Field::State,
    Field::BillingNpi,
    Field::BillType,
    Field::StatementFrom,
    Field::StatementTo,
    Field::PatientStatus,
    Field::ReceivedDate,
    Field::ClaimTotal,
];
pub(crate) const LINE_FIELDS: [Field; 13] = [
    Field::RenderingNpi,
    Field::ServiceFrom,
    Field::ServiceTo,
    Field::PlaceOfService,
    Field::RevenueCode,
    Field::Procedure,
    Field::Modifier(1),
    Field::Modifier(2),
    Field::Modifier(3),
    Field::Modifier(4),
    Field::Units,
    Field::Charge,
    Field::DxPointers,
];
/// Bytes gathered before they are written.
const BLOCK: usize = 256 * 1024;

impl Generator<'_> {
    /// Writes the claims as CSV and, if asked to, a list of what a scrubber must find in them. Memory does not grow
    /// with the number of lines.
    ///
    /// The claims' columns are those of the CSV reader. A claim's rows stand together, in the order of their line
    /// numbers, which count from 1.
    ///
    /// The list is a CSV with the columns `claim_id, line_number, edit, outcome, field, note`, in the order of the
    /// claims. `line_number` is empty where the finding is of the whole claim. An `outcome` of `fail` is an error
    /// that was planted; `bypassed` is not one, but a PTP pair that a modifier releases. Claims that are not listed
    /// fail no edit of [`crate::plantable`].
    ///
    /// # Errors
    /// [`GenerateError::Write`] when the output fails; [`GenerateError::NoCleanClaim`] when the codeset has too few
    /// codes to make a claim of.
    pub fn write_csv(&self, claims: &mut dyn Write, planted: Option<&mut dyn Write>) -> Result<Made, GenerateError> {
        let mut rows = Rows::default();
        let mut head = Vec::new();
        header(&mut head);
        claims.write_all(&head)?;
        self.write_each(claims, planted, |claim, text| rows.write(claim, text))
    }

    /// Writes every claim as `write` does, and the list of what must be found.
    pub(crate) fn write_each(
        &self,
        claims: &mut dyn Write,
        mut planted: Option<&mut dyn Write>,
        mut write: impl FnMut(&Claim, &mut Vec<u8>),
    ) -> Result<Made, GenerateError> {
        let mut text = Vec::with_capacity(BLOCK + 16 * 1024);
        if let Some(planted) = &mut planted {
            planted.write_all(b"claim_id,line_number,edit,outcome,field,note\n")?;
        }
        let made = self.each(|claim, expected| {
            write(claim, &mut text);
            if text.len() >= BLOCK {
                claims.write_all(&text)?;
                text.clear();
            }
            match &mut planted {
                Some(planted) => list(claim, expected, planted),
                None => Ok(()),
            }
        })?;
        claims.write_all(&text)?;
        claims.flush()?;
        if let Some(planted) = planted {
            planted.flush()?;
        }
        Ok(made)
    }
}

/// The columns of a claim's diagnoses.
fn diagnosis_fields() -> impl Iterator<Item = Field> {
    (1..=MOST_DIAGNOSES as u8).map(Field::Diagnosis)
}

fn header(text: &mut Vec<u8>) {
    text.extend_from_slice(b"claim_id,line_number");
    for field in CLAIM_FIELDS.into_iter().chain(LINE_FIELDS).chain(diagnosis_fields()) {
        text.push(b',');
        text.extend_from_slice(field.to_string().as_bytes());
    }
    text.push(b'\n');
}

fn list(claim: &Claim, expected: &[Expected], to: &mut dyn Write) -> std::io::Result<()> {
    for one in expected {
        let number = one.line.map(|line| (line + 1).to_string()).unwrap_or_default();
        let Expected { edit, outcome, field, note, .. } = one;
        writeln!(to, "C{},{number},{edit},{outcome},{field},{note}", claim.number)?;
    }
    Ok(())
}

/// What the rows of a claim have in common, written once.
#[derive(Default)]
struct Rows {
    head: Vec<u8>,
    tail: Vec<u8>,
}

impl Rows {
    /// Writes the rows of a claim.
    fn write(&mut self, claim: &Claim, text: &mut Vec<u8>) {
        self.head.clear();
        for field in CLAIM_FIELDS {
            self.head.push(b',');
            instead_or(claim, None, field, &mut self.head, |text| claim_value(claim, field, text));
        }
        self.tail.clear();
        for (field, place) in diagnosis_fields().zip(0..) {
            self.tail.push(b',');
            instead_or(claim, None, field, &mut self.tail, |text| {
                code(text, claim.diagnoses.get(place).copied().unwrap_or_default());
            });
        }
        self.tail.push(b'\n');
        for (place, line) in claim.lines.iter().enumerate() {
            text.push(b'C');
            number(text, claim.number);
            text.push(b',');
            number(text, place as u64 + 1);
            text.extend_from_slice(&self.head);
            for field in LINE_FIELDS {
                text.push(b',');
                instead_or(claim, Some(place), field, text, |text| line_value(line, field, text));
            }
            text.extend_from_slice(&self.tail);
        }
    }
}

/// Writes what stands in a field of the claim or of its line: what an error has put there, or the value.
pub(crate) fn field_text(claim: &Claim, line: Option<usize>, field: Field, text: &mut Vec<u8>) {
    instead_or(claim, line, field, text, |text| match (line, field) {
        (None, Field::Diagnosis(number)) => {
            let place = usize::from(number).wrapping_sub(1);
            code(text, claim.diagnoses.get(place).copied().unwrap_or_default());
        }
        (None, field) => claim_value(claim, field, text),
        (Some(place), field) => {
            if let Some(line) = claim.lines.get(place) {
                line_value(line, field, text);
            }
        }
    });
}

/// Writes what an error has stand in the field, or its value.
#[inline]
fn instead_or(claim: &Claim, line: Option<usize>, field: Field, text: &mut Vec<u8>, value: impl FnOnce(&mut Vec<u8>)) {
    match claim.instead.iter().find(|instead| instead.line == line && instead.field == field) {
        Some(instead) => text.extend_from_slice(instead.text.as_bytes()),
        None => value(text),
    }
}

fn claim_value(claim: &Claim, field: Field, text: &mut Vec<u8>) {
    match field {
        Field::ClaimType => text.extend_from_slice(claim.claim_type.letter().as_bytes()),
        Field::PayerId => {
            text.extend_from_slice(b"PAY");
            number(text, u64::from(claim.payer) + 1);
        }
        Field::PatientId => {
            text.push(b'M');
            number(text, claim.patient + 1);
        }
        Field::BirthDate => date(text, claim.birth_date),
        Field::Sex => text.push(match claim.sex {
            Sex::Female => b'F',
            Sex::Male => b'M',
            Sex::Unknown => b'U',
        }),
        Field::State => text.extend_from_slice(&claim.state),
        Field::BillingNpi => claim.billing_npi.into_iter().for_each(|npi| number(text, npi)),
        Field::BillType => text.extend_from_slice(claim.bill_type.unwrap_or_default().as_bytes()),
        Field::StatementFrom => date(text, claim.statement.map(|[from, _]| from)),
        Field::StatementTo => date(text, claim.statement.map(|[_, to]| to)),
        Field::PatientStatus => text.extend_from_slice(claim.patient_status.unwrap_or_default().as_bytes()),
        Field::ReceivedDate => date(text, claim.received),
        Field::ClaimTotal => claim.total.into_iter().for_each(|total| money(text, total)),
        _ => {}
    }
}

fn line_value(line: &Line, field: Field, text: &mut Vec<u8>) {
    match field {
        Field::RenderingNpi => line.rendering_npi.into_iter().for_each(|npi| number(text, npi)),
        Field::ServiceFrom => date(text, Some(line.from)),
        Field::ServiceTo => date(text, line.to),
        Field::PlaceOfService => code(text, line.place),
        Field::RevenueCode => code(text, line.revenue),
        Field::Procedure => code(text, line.procedure),
        Field::Modifier(place) => {
            let modifier = line.modifiers.get(usize::from(place) - 1).copied().unwrap_or_default();
            code(text, modifier.code());
        }
        Field::Units => signed(text, line.units),
        Field::Charge => money(text, line.charge),
        Field::DxPointers => {
            for (place, &pointer) in line.pointers.numbers().iter().enumerate() {
                if place > 0 {
                    text.push(b':');
                }
                number(text, u64::from(pointer));
            }
        }
        _ => {}
    }
}

fn code(text: &mut Vec<u8>, code: Code) {
    text.extend_from_slice(&code.to_bytes()[..code.len()]);
}

/// Eight digits.
fn date(text: &mut Vec<u8>, date: Option<Date>) {
    let Some(date) = date else { return };
    let (year, month, day) = date.calendar();
    let year = year.unsigned_abs();
    for two in [year / 100, year % 100, u32::from(month), u32::from(day)] {
        two_digits(text, two);
    }
}

fn money(text: &mut Vec<u8>, amount: Money) {
    let cents = amount.cents();
    if cents < 0 {
        text.push(b'-');
    }
    let cents = cents.unsigned_abs();
    number(text, cents / 100);
    text.push(b'.');
    two_digits(text, (cents % 100) as u32);
}

fn signed(text: &mut Vec<u8>, value: i64) {
    if value < 0 {
        text.push(b'-');
    }
    number(text, value.unsigned_abs());
}

fn two_digits(text: &mut Vec<u8>, value: u32) {
    text.extend_from_slice(&[b'0' + (value / 10 % 10) as u8, b'0' + (value % 10) as u8]);
}

pub(crate) fn number(text: &mut Vec<u8>, mut value: u64) {
    let mut digits = [0u8; 20];
    let mut first = digits.len();
    loop {
        first -= 1;
        digits[first] = b'0' + (value % 10) as u8;
        value /= 10;
        if value == 0 {
            break;
        }
    }
    text.extend_from_slice(&digits[first..]);
}

#[cfg(test)]
mod tests {
    use super::*;

    fn written(write: impl FnOnce(&mut Vec<u8>)) -> String {
        let mut text = Vec::new();
        write(&mut text);
        String::from_utf8(text).unwrap_or_default()
    }

    #[test]
    fn values_are_written_as_their_types_show_them() {
        for value in [0, 1, 9, 10, 99, 100, 12_345, i64::MAX] {
            assert_eq!(written(|text| number(text, value as u64)), value.to_string());
            assert_eq!(written(|text| signed(text, -value)), (-value).to_string());
            let amount = Money::from_cents(value);
            assert_eq!(written(|text| money(text, amount)), amount.to_string());
        }
        assert_eq!(written(|text| money(text, Money::from_cents(-5))), "-0.05");
        for days in (-40_000..30_000).step_by(97) {
            let day = Date::from_days(days);
            assert_eq!(written(|text| date(text, Some(day))), day.to_string().replace('-', ""));
        }
        assert_eq!(written(|text| date(text, None)), "");
    }
}
