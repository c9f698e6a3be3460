//! The fields and functions of the language, with their types: one table, from which the checker compiles, and errors
//! offer names.

use crate::ops::{CodeOp, Day, LineRef, List, Number, TextOp};
use claims::Field;
use codeset::SystemId;
use std::fmt;

/// What kind of code a code is. Codes of different kinds are never equal, so comparing them is an error.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) enum CodeKind {
    /// Of a code system.
    Of(SystemId),
    ClaimType,
    Sex,
    State,
    BillType,
    PatientStatus,
    Condition,
    Npi,
    Status,
    /// So many characters of a code of a system.
    Beginning(SystemId, u8),
}

impl fmt::Display for CodeKind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            CodeKind::Of(SystemId::Diagnosis) => "a diagnosis",
            CodeKind::Of(SystemId::Procedure) => "a procedure",
            CodeKind::Of(SystemId::Modifier) => "a modifier",
            CodeKind::Of(SystemId::PlaceOfService) => "a place of service",
            CodeKind::Of(SystemId::Revenue) => "a revenue code",
            #[allow(unreachable_patterns, reason = "systems that are added later")]
            CodeKind::Of(_) => "a code",
            CodeKind::ClaimType => "a type of claim",
            CodeKind::Sex => "a sex",
            CodeKind::State => "a state",
            CodeKind::BillType => "a type of bill",
            CodeKind::PatientStatus => "a patient status",
            CodeKind::Condition => "a condition code",
            CodeKind::Npi => "a provider",
            CodeKind::Status => "a status",
            CodeKind::Beginning(..) => "the beginning of a code",
        })
    }
}

/// What a number counts, so that units are not compared with dollars.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) enum Measure {
    Plain,
    Units,
    Money,
}

/// A field's value, compiled.
pub(crate) enum Leaf {
    Number(Number, Measure),
    Date(Day),
    Code(CodeOp, CodeKind),
    Text(TextOp),
    Codes(List, CodeKind),
}

/// The names of a line's fields.
pub(crate) const LINE: &[&str] = &[
    "number",
    "procedure",
    "modifiers",
    "pos",
    "revenue",
    "units",
    "charge",
    "date",
    "from",
    "to",
    "days",
    "age",
    "rendering_npi",
    "provider",
    "ndc",
    "note",
    "diagnoses",
];

/// The names of a claim's fields.
pub(crate) const CLAIM: &[&str] = &[
    "id",
    "type",
    "payer",
    "patient",
    "birth_date",
    "sex",
    "age",
    "billing_npi",
    "billing_taxonomy",
    "bill_type",
    "statement_from",
    "statement_to",
    "received",
    "total",
    "patient_status",
    "state",
    "contractor",
    "conditions",
    "diagnoses",
    "first_diagnosis",
    "date",
    "last_date",
];

/// A line's field: the value, and the claim field that it is read from.
pub(crate) fn of_line(name: &str, line: LineRef) -> Option<(Leaf, Field)> {
    let leaf = match name {
        "number" => (Leaf::Number(Number::LineOrdinal(line), Measure::Plain), Field::LineNumber),
        "procedure" => (Leaf::Code(CodeOp::Procedure(line), CodeKind::Of(SystemId::Procedure)), Field::Procedure),
        "modifiers" => (Leaf::Codes(List::Modifiers(line), CodeKind::Of(SystemId::Modifier)), Field::Modifier(1)),
        "pos" => (Leaf::Code(CodeOp::Place(line), CodeKind::Of(SystemId::PlaceOfService)), Field::PlaceOfService),
        "revenue" => (Leaf::Code(CodeOp::Revenue(line), CodeKind::Of(SystemId::Revenue)), Field::RevenueCode),
        "units" => (Leaf::Number(Number::Units(line), Measure::Units), Field::Units),
        "charge" => (Leaf::Number(Number::Charge(line), Measure::Money), Field::Charge),
        "date" | "from" => (Leaf::Date(Day::ServiceFrom(line)), Field::ServiceFrom),
        "to" => (Leaf::Date(Day::ServiceTo(line)), Field::ServiceTo),
        "days" => (Leaf::Number(Number::Days(line), Measure::Plain), Field::ServiceTo),
        "age" => (Leaf::Number(Number::AgeOn(Box::new(Day::ServiceFrom(line))), Measure::Plain), Field::BirthDate),
        "rendering_npi" => (Leaf::Code(CodeOp::Rendering(line), CodeKind::Npi), Field::RenderingNpi),
        "provider" => (Leaf::Code(CodeOp::Provider(line), CodeKind::Npi), Field::RenderingNpi),
        "ndc" => (Leaf::Text(TextOp::Ndc(line)), Field::Ndc),
        "note" => (Leaf::Text(TextOp::Note(line)), Field::Note),
        "diagnoses" => (Leaf::Codes(List::LineDiagnoses(line), CodeKind::Of(SystemId::Diagnosis)), Field::DxPointers),
        _ => {
            let field = Field::from_name(name).filter(|&field| field.is_text_of_line())?;
            let leaf = match field {
                Field::OrderingNpi => Leaf::Code(CodeOp::NpiOfLine(line, field), CodeKind::Npi),
                Field::PaidAmount => Leaf::Number(Number::TextOfLine(line, field), Measure::Money),
                Field::NdcQuantity => Leaf::Number(Number::TextOfLine(line, field), Measure::Plain),
                _ => Leaf::Text(TextOp::OfLine(line, field)),
            };
            (leaf, field)
        }
    };
    Some(leaf)
}

/// A claim's field: the value, and the claim field that it is read from.
pub(crate) fn of_claim(name: &str) -> Option<(Leaf, Field)> {
    let diagnosis = CodeKind::Of(SystemId::Diagnosis);
    let leaf = match name {
        "id" => (Leaf::Text(TextOp::ClaimId), Field::ClaimId),
        "type" => (Leaf::Code(CodeOp::ClaimType, CodeKind::ClaimType), Field::ClaimType),
        "payer" => (Leaf::Text(TextOp::Payer), Field::PayerId),
        "patient" => (Leaf::Text(TextOp::Patient), Field::PatientId),
        "birth_date" => (Leaf::Date(Day::BirthDate), Field::BirthDate),
        "sex" => (Leaf::Code(CodeOp::Sex, CodeKind::Sex), Field::Sex),
        "age" => (Leaf::Number(Number::AgeOn(Box::new(Day::FirstService)), Measure::Plain), Field::BirthDate),
        "billing_npi" => (Leaf::Code(CodeOp::BillingNpi, CodeKind::Npi), Field::BillingNpi),
        "billing_taxonomy" => (Leaf::Text(TextOp::Taxonomy), Field::BillingTaxonomy),
        "bill_type" => (Leaf::Code(CodeOp::BillType, CodeKind::BillType), Field::BillType),
        "statement_from" => (Leaf::Date(Day::StatementFrom), Field::StatementFrom),
        "statement_to" => (Leaf::Date(Day::StatementTo), Field::StatementTo),
        "received" => (Leaf::Date(Day::Received), Field::ReceivedDate),
        "total" => (Leaf::Number(Number::ClaimTotal, Measure::Money), Field::ClaimTotal),
        "patient_status" => (Leaf::Code(CodeOp::PatientStatus, CodeKind::PatientStatus), Field::PatientStatus),
        "state" => (Leaf::Code(CodeOp::State, CodeKind::State), Field::State),
        "contractor" => (Leaf::Text(TextOp::Contractor), Field::Contractor),
        "conditions" => (Leaf::Codes(List::Conditions, CodeKind::Condition), Field::ConditionCodes),
        "diagnoses" => (Leaf::Codes(List::Diagnoses, diagnosis), Field::Diagnosis(1)),
        "first_diagnosis" => (Leaf::Code(CodeOp::FirstDiagnosis, diagnosis), Field::Diagnosis(1)),
        "date" => (Leaf::Date(Day::FirstService), Field::ServiceFrom),
        "last_date" => (Leaf::Date(Day::LastService), Field::ServiceTo),
        _ => {
            let field = Field::from_name(name).filter(|&field| field.is_text() && !field.is_text_of_line())?;
            let leaf = match field {
                Field::ReferringNpi
                | Field::SupervisingNpi
                | Field::FacilityNpi
                | Field::AttendingNpi
                | Field::OperatingNpi => Leaf::Code(CodeOp::NpiOfClaim(field), CodeKind::Npi),
                Field::AccidentDate | Field::AdmissionDate => Leaf::Date(Day::TextOfClaim(field)),
                Field::AdmittingDiagnosis => Leaf::Code(CodeOp::DiagnosisOfClaim(field), diagnosis),
                _ => Leaf::Text(TextOp::OfClaim(field)),
            };
            (leaf, field)
        }
    };
    Some(leaf)
}

/// Every name that `line.` or `claim.` may be followed by.
pub(crate) fn names(of_line: bool) -> Vec<String> {
    let own = if of_line { LINE } else { CLAIM };
    let texts = Field::all().filter(|&field| field.is_text() && field.is_text_of_line() == of_line);
    own.iter().map(|&name| name.to_owned()).chain(texts.map(|field| field.to_string())).collect()
}

#[cfg(test)]
mod tests {
    #![allow(clippy::panic)]

    use super::*;

    #[test]
    fn every_name_is_a_field_and_every_field_of_a_claim_has_a_name() {
        let mut read: Vec<Field> = Vec::new();
        for name in names(true) {
            read.push(of_line(&name, LineRef::Judged).map(|(_, field)| field).unwrap_or_else(|| panic!("{name}")));
            assert!(of_line(&format!("{name}s_"), LineRef::Judged).is_none());
        }
        for name in names(false) {
            read.push(of_claim(&name).map(|(_, field)| field).unwrap_or_else(|| panic!("{name}")));
        }
        for field in Field::all() {
            let first = match field {
                Field::Modifier(_) => Field::Modifier(1),
                Field::Diagnosis(_) => Field::Diagnosis(1),
                other => other,
            };
            assert!(read.contains(&first), "no condition can read {field}");
        }
    }
}
