//! The text of any field of a claim, as every reader takes it: what converting a claim writes.

use crate::pointers::BAD_POINTER;
use crate::{ClaimView, Field, Given, LineRow};
use codes::{Code, Modifier, Sex};
use std::fmt::Write;

impl ClaimView<'_> {
    /// Appends the text of one of the claim's own fields, as a reader takes it: dates as `YYYY-MM-DD`, a list with
    /// colons between. What could not be read is given as it stood (its first 100 bytes). Nothing is appended where
    /// the field is not given, and for a field of lines.
    ///
    /// ```
    /// use cleanclaim_claims::{Claim, ClaimBatch, Columns, Field};
    /// let mut batch = ClaimBatch::new(Columns::ALL);
    /// batch.push(&Claim { birth_date: Some("19500228".into()), sex: Some("?".into()), ..Claim::default() });
    /// let mut text = String::new();
    /// batch.claim(0).push_field(Field::BirthDate, &mut text);
    /// batch.claim(0).push_field(Field::Sex, &mut text);
    /// assert_eq!(text, "1950-02-28?");
    /// ```
    pub fn push_field(&self, field: Field, text: &mut String) {
        let row = self.row;
        let written = match field {
            Field::ClaimId => put(text, self.id()),
            Field::ClaimType if self.raw(field).is_none() => put(text, row.claim_type.letter()),
            Field::PayerId => put(text, self.batch.text(row.payer)),
            Field::PatientId => put(text, self.batch.text(row.patient)),
            Field::BirthDate => given(text, row.birth_date),
            Field::Sex => match row.sex {
                Given::Is(Sex::Female) => put(text, "F"),
                Given::Is(Sex::Male) => put(text, "M"),
                Given::Is(Sex::Unknown) => put(text, "U"),
                Given::Absent | Given::Invalid => row.sex.is_absent(),
            },
            Field::BillingNpi => given(text, row.billing_npi),
            Field::BillingTaxonomy => put(text, self.batch.text(row.billing_taxonomy)),
            Field::BillType => given(text, row.bill_type),
            Field::StatementFrom => given(text, row.statement_from),
            Field::StatementTo => given(text, row.statement_to),
            Field::ReceivedDate => given(text, row.received_date),
            Field::ClaimTotal => given(text, row.total),
            Field::PatientStatus => code(text, row.patient_status),
            Field::State => code(text, row.state),
            Field::Contractor => put(text, self.batch.text(row.contractor)),
            Field::ConditionCodes if !self.conditions().contains(&Code::MALFORMED) => {
                list(text, self.conditions().iter())
            }
            Field::Diagnosis(number) => {
                let place = usize::from(number).wrapping_sub(1);
                code(text, self.diagnoses().get(place).copied().unwrap_or_default())
            }
            _ => false,
        };
        if !written && let Some(raw) = self.raw(field) {
            text.push_str(raw);
        }
    }

    /// How many diagnoses are written: those that there is a place for, and one beyond them that was told.
    pub(crate) fn written_diagnoses(&self) -> u8 {
        let beyond = self.raw(Field::DIAGNOSIS_BEYOND).is_some();
        let given = u8::try_from(self.diagnoses().len()).unwrap_or(u8::MAX).min(Field::DIAGNOSES);
        if beyond { Field::DIAGNOSES + 1 } else { given }
    }

    /// As [`ClaimView::push_field`], of a field of the claim's line counted from 0.
    pub fn push_line_field(&self, line: usize, field: Field, text: &mut String) {
        let Some(row) = self.lines().get(line) else { return };
        if !self.push_line_value(row, line, field, text)
            && let Some(raw) = self.raw_of_line(line, field)
        {
            text.push_str(raw);
        }
    }

    fn push_line_value(&self, row: &LineRow, line: usize, field: Field, text: &mut String) -> bool {
        match field {
            Field::LineNumber if self.raw_of_line(line, field).is_none() => write!(text, "{}", row.number).is_ok(),
            Field::RenderingNpi => given(text, row.rendering_npi),
            Field::ServiceFrom => given(text, row.service_from),
            Field::ServiceTo => given(text, row.service_to),
            Field::PlaceOfService => code(text, row.place_of_service),
            Field::RevenueCode => code(text, row.revenue_code),
            Field::Procedure => code(text, row.procedure),
            Field::Modifier(number) => {
                let place = usize::from(number).wrapping_sub(1);
                match row.modifiers.get(place).copied() {
                    Some(Modifier::ABSENT) => true,
                    // The fifth is told, and its text is kept.
                    Some(Modifier::MALFORMED) | None => false,
                    Some(modifier) => write!(text, "{modifier}").is_ok(),
                }
            }
            Field::Units => given(text, row.units),
            Field::Charge => given(text, row.charge),
            Field::DxPointers if !self.pointers(row).contains(&BAD_POINTER) => list(text, self.pointers(row).iter()),
            Field::Ndc => put(text, self.batch.text(row.ndc)),
            Field::Note => put(text, self.batch.text(row.note)),
            _ => false,
        }
    }
}

fn put(text: &mut String, value: &str) -> bool {
    text.push_str(value);
    true
}

/// Whether there is a value, or nothing to write.
fn given<T: std::fmt::Display>(text: &mut String, value: Given<T>) -> bool {
    match value {
        Given::Absent => true,
        Given::Invalid => false,
        Given::Is(value) => write!(text, "{value}").is_ok(),
    }
}

fn code(text: &mut String, code: Code) -> bool {
    // An absent one may be a text that was not taken, as a state of three letters.
    !code.is_absent() && !code.is_malformed() && write!(text, "{code}").is_ok()
}

fn list<T: std::fmt::Display>(text: &mut String, items: impl Iterator<Item = T>) -> bool {
    for (place, item) in items.enumerate() {
        let colon = if place > 0 { ":" } else { "" };
        let _ = write!(text, "{colon}{item}");
    }
    true
}
