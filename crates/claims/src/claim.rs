//! One claim as a plain struct, for programs that have no file.

use crate::values::{OpenClaim, join, trim};
use crate::{ClaimBatch, Field, Place, ProblemKind};
use serde::{Deserialize, Serialize};
use std::fmt;

/// A claim with its fields as text, each read as the CSV column of the same name is.
///
/// ```
/// use cleanclaim_claims::{Claim, ClaimBatch, Columns, Line};
/// let claim = Claim {
///     claim_id: "C1".into(),
///     diagnoses: vec!["E11.9".into()],
///     lines: vec![Line {
///         procedure: Some("99213".into()),
///         modifiers: vec!["25".into()],
///         service_from: Some("2024-01-05".into()),
///         ..Line::default()
///     }],
///     ..Claim::default()
/// };
/// let mut batch = ClaimBatch::new(Columns::ALL);
/// batch.push(&claim);
/// assert_eq!(batch.claim(0).lines()[0].procedure.to_string(), "99213");
/// assert!(batch.problems.is_empty());
/// ```
#[derive(Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
#[allow(missing_docs, reason = "each is the CSV column of the same name")]
pub struct Claim {
    /// The claim's id. Without one the claim counts as unreadable, as a row does.
    pub claim_id: String,
    pub claim_type: Option<String>,
    pub payer_id: Option<String>,
    pub patient_id: Option<String>,
    pub birth_date: Option<String>,
    pub sex: Option<String>,
    pub billing_npi: Option<String>,
    pub billing_taxonomy: Option<String>,
    pub bill_type: Option<String>,
    pub statement_from: Option<String>,
    pub statement_to: Option<String>,
    pub received_date: Option<String>,
    pub claim_total: Option<String>,
    pub patient_status: Option<String>,
    pub state: Option<String>,
    pub contractor: Option<String>,
    pub referring_npi: Option<String>,
    pub supervising_npi: Option<String>,
    pub facility_npi: Option<String>,
    pub attending_npi: Option<String>,
    pub operating_npi: Option<String>,
    pub rendering_taxonomy: Option<String>,
    pub clia_number: Option<String>,
    pub prior_authorization: Option<String>,
    pub original_claim: Option<String>,
    pub frequency_code: Option<String>,
    pub claim_filing: Option<String>,
    pub related_causes: Option<String>,
    pub accident_date: Option<String>,
    pub accident_state: Option<String>,
    pub admission_date: Option<String>,
    pub admission_type: Option<String>,
    pub admission_source: Option<String>,
    pub admitting_diagnosis: Option<String>,
    pub reasons_for_visit: Option<String>,
    pub external_causes: Option<String>,
    pub present_on_admission: Option<String>,
    pub inpatient_procedures: Option<String>,
    pub occurrence_codes: Option<String>,
    pub value_codes: Option<String>,
    pub other_payers: Option<String>,
    pub claim_note: Option<String>,
    pub other_payers_paid: Option<String>,
    pub drg: Option<String>,
    pub mammography_certificate: Option<String>,
    pub claim_dates: Option<String>,
    pub submission_reason: Option<String>,
    pub dx_versions: Option<String>,
    pub condition_codes: Vec<String>,
    /// `dx_1` and on; an empty text is an empty slot.
    pub diagnoses: Vec<String>,
    /// The service lines.
    pub lines: Vec<Line>,
}

/// A service line with its fields as text.
#[derive(Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
#[allow(missing_docs, reason = "each is the CSV column of the same name")]
pub struct Line {
    pub line_number: Option<String>,
    pub rendering_npi: Option<String>,
    pub service_from: Option<String>,
    pub service_to: Option<String>,
    pub place_of_service: Option<String>,
    pub revenue_code: Option<String>,
    pub procedure: Option<String>,
    /// `modifier_1` and on; an empty text is an empty place.
    pub modifiers: Vec<String>,
    pub units: Option<String>,
    pub charge: Option<String>,
    /// `dx_pointers`: 1, or A, is the first diagnosis.
    pub dx_pointers: Vec<String>,
    pub ndc: Option<String>,
    pub note: Option<String>,
    pub ordering_npi: Option<String>,
    pub line_clia_number: Option<String>,
    pub line_prior_authorization: Option<String>,
    pub line_reference: Option<String>,
    pub unit_basis: Option<String>,
    pub ndc_unit: Option<String>,
    pub ndc_quantity: Option<String>,
    pub tooth_codes: Option<String>,
    pub emergency: Option<String>,
    pub paid_amount: Option<String>,
    pub other_procedure: Option<String>,
    pub line_dates: Option<String>,
}

impl ClaimBatch {
    /// Adds a claim, and gives its place in the batch. What cannot be read becomes a [`crate::Problem`], as it
    /// does in a file; the claim's place is its place in the batch, from 1.
    pub fn push(&mut self, claim: &Claim) -> u32 {
        let index = self.claims.len() as u32;
        let place = Place { offset: 0, row: u64::from(index) + 1 };
        let mut open = OpenClaim::open(self, trim(claim.claim_id.as_bytes()), place);
        if open.id(self).is_empty() {
            open.problem(self, ProblemKind::NoClaimId, Some(Field::ClaimId), place);
        }
        let own = [
            (Field::ClaimType, &claim.claim_type),
            (Field::PayerId, &claim.payer_id),
            (Field::PatientId, &claim.patient_id),
            (Field::BirthDate, &claim.birth_date),
            (Field::Sex, &claim.sex),
            (Field::BillingNpi, &claim.billing_npi),
            (Field::BillingTaxonomy, &claim.billing_taxonomy),
            (Field::BillType, &claim.bill_type),
            (Field::StatementFrom, &claim.statement_from),
            (Field::StatementTo, &claim.statement_to),
            (Field::ReceivedDate, &claim.received_date),
            (Field::ClaimTotal, &claim.claim_total),
            (Field::PatientStatus, &claim.patient_status),
            (Field::State, &claim.state),
            (Field::Contractor, &claim.contractor),
            (Field::ReferringNpi, &claim.referring_npi),
            (Field::SupervisingNpi, &claim.supervising_npi),
            (Field::FacilityNpi, &claim.facility_npi),
            (Field::AttendingNpi, &claim.attending_npi),
            (Field::OperatingNpi, &claim.operating_npi),
            (Field::RenderingTaxonomy, &claim.rendering_taxonomy),
            (Field::CliaNumber, &claim.clia_number),
            (Field::PriorAuthorization, &claim.prior_authorization),
            (Field::OriginalClaim, &claim.original_claim),
            (Field::FrequencyCode, &claim.frequency_code),
            (Field::ClaimFiling, &claim.claim_filing),
            (Field::RelatedCauses, &claim.related_causes),
            (Field::AccidentDate, &claim.accident_date),
            (Field::AccidentState, &claim.accident_state),
            (Field::AdmissionDate, &claim.admission_date),
            (Field::AdmissionType, &claim.admission_type),
            (Field::AdmissionSource, &claim.admission_source),
            (Field::AdmittingDiagnosis, &claim.admitting_diagnosis),
            (Field::ReasonsForVisit, &claim.reasons_for_visit),
            (Field::ExternalCauses, &claim.external_causes),
            (Field::PresentOnAdmission, &claim.present_on_admission),
            (Field::InpatientProcedures, &claim.inpatient_procedures),
            (Field::OccurrenceCodes, &claim.occurrence_codes),
            (Field::ValueCodes, &claim.value_codes),
            (Field::OtherPayers, &claim.other_payers),
            (Field::ClaimNote, &claim.claim_note),
            (Field::OtherPayersPaid, &claim.other_payers_paid),
            (Field::Drg, &claim.drg),
            (Field::MammographyCertificate, &claim.mammography_certificate),
            (Field::ClaimDates, &claim.claim_dates),
            (Field::SubmissionReason, &claim.submission_reason),
            (Field::DxVersions, &claim.dx_versions),
        ];
        for (field, text) in own {
            if let Some(text) = given(text) {
                open.set(self, field, text, place);
            }
        }
        let conditions = joined(&claim.condition_codes);
        if !conditions.is_empty() {
            open.set(self, Field::ConditionCodes, &conditions, place);
        }
        for (text, number) in claim.diagnoses.iter().zip(1..=Field::DIAGNOSES) {
            let text = trim(text.as_bytes());
            if !text.is_empty() {
                open.set(self, Field::Diagnosis(number), text, place);
            }
        }
        if let Some(text) = beyond(&claim.diagnoses, Field::DIAGNOSES) {
            open.too_many_diagnoses(self, text, place);
        }
        for (line, ordinal) in claim.lines.iter().zip(1..) {
            self.push_line(&mut open, line, ordinal, place);
        }
        open.close(self);
        index
    }

    fn push_line(&mut self, claim: &mut OpenClaim, line: &Line, ordinal: u32, place: Place) {
        let mut open = claim.line(self, ordinal, place);
        let own = [
            (Field::LineNumber, &line.line_number),
            (Field::RenderingNpi, &line.rendering_npi),
            (Field::ServiceFrom, &line.service_from),
            (Field::ServiceTo, &line.service_to),
            (Field::PlaceOfService, &line.place_of_service),
            (Field::RevenueCode, &line.revenue_code),
            (Field::Procedure, &line.procedure),
            (Field::Units, &line.units),
            (Field::Charge, &line.charge),
            (Field::Ndc, &line.ndc),
            (Field::Note, &line.note),
            (Field::OrderingNpi, &line.ordering_npi),
            (Field::LineCliaNumber, &line.line_clia_number),
            (Field::LinePriorAuthorization, &line.line_prior_authorization),
            (Field::LineReference, &line.line_reference),
            (Field::UnitBasis, &line.unit_basis),
            (Field::NdcUnit, &line.ndc_unit),
            (Field::NdcQuantity, &line.ndc_quantity),
            (Field::ToothCodes, &line.tooth_codes),
            (Field::Emergency, &line.emergency),
            (Field::PaidAmount, &line.paid_amount),
            (Field::OtherProcedure, &line.other_procedure),
            (Field::LineDates, &line.line_dates),
        ];
        for (field, text) in own {
            if let Some(text) = given(text) {
                open.set(self, field, text);
            }
        }
        for (text, number) in line.modifiers.iter().zip(1..=Field::MODIFIERS) {
            let text = trim(text.as_bytes());
            if !text.is_empty() {
                open.set(self, Field::Modifier(number), text);
            }
        }
        if let Some(text) = beyond(&line.modifiers, Field::MODIFIERS) {
            open.too_many_modifiers(self, text);
        }
        let pointers = joined(&line.dx_pointers);
        if !pointers.is_empty() {
            open.set(self, Field::DxPointers, &pointers);
        }
        claim.push(self, open);
    }
}

fn given(text: &Option<String>) -> Option<&[u8]> {
    text.as_deref().map(|text| trim(text.as_bytes())).filter(|text| !text.is_empty())
}

/// Texts as the one field that holds them.
fn joined(all: &[String]) -> Vec<u8> {
    let mut joined = Vec::new();
    all.iter().for_each(|text| join(&mut joined, text));
    joined
}

/// The first text that is not empty beyond the last that there is a place for.
fn beyond(all: &[String], most: u8) -> Option<&[u8]> {
    all.iter().skip(most.into()).map(|text| trim(text.as_bytes())).find(|text| !text.is_empty())
}

impl fmt::Debug for Claim {
    // No more than may stand in a log.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Claim({}, {} lines)", self.claim_id, self.lines.len())
    }
}

impl fmt::Debug for Line {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Line({})", self.procedure.as_deref().unwrap_or_default())
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::panic)]
    use super::*;
    use crate::{Columns, Given};
    use codes::{ClaimType, Code, Modifier};

    fn text(text: &str) -> Option<String> {
        Some(text.to_owned())
    }

    #[test]
    fn a_claim_keeps_all_its_fields() {
        let claim = Claim {
            claim_id: " C7 ".into(),
            bill_type: text("0131"),
            birth_date: text("1950-02-28"),
            billing_npi: text("1234567893"),
            claim_total: text("120.50"),
            patient_status: text("1"),
            state: text("ny"),
            payer_id: text("MCARE"),
            condition_codes: vec!["A1".into(), "44".into()],
            diagnoses: vec!["E11.9".into(), String::new(), "I10".into(), String::new()],
            lines: vec![
                Line {
                    revenue_code: text("450"),
                    dx_pointers: vec!["1".into(), "C".into()],
                    modifiers: vec!["lt".into(), String::new(), "59".into()],
                    ..Line::default()
                },
                Line { line_number: text("9"), note: text("x"), ..Line::default() },
            ],
            ..Claim::default()
        };
        let mut batch = ClaimBatch::new(Columns::ALL);
        batch.push(&Claim { claim_id: "C6".into(), ..Claim::default() });
        assert_eq!(batch.push(&claim), 1);
        assert_eq!(batch.claim(0).row.claim_type, ClaimType::Professional);
        let view = batch.claim(1);
        assert_eq!(view.id(), "C7");
        assert_eq!(view.row.claim_type, ClaimType::Institutional);
        assert_eq!(view.row.patient_status.to_string(), "01");
        assert_eq!(view.row.state.to_string(), "NY");
        assert_eq!(batch.text(view.row.payer), "MCARE");
        let codes = |codes: &[Code]| codes.iter().map(ToString::to_string).collect::<Vec<_>>();
        assert_eq!(codes(view.diagnoses()), ["E119", "", "I10"]);
        assert_eq!(codes(view.conditions()), ["A1", "44"]);
        let [first, second] = view.lines() else { panic!("two lines") };
        assert_eq!((first.number, second.number), (1, 9));
        assert_eq!(first.revenue_code.to_string(), "0450");
        assert_eq!(view.pointers(first), [1, 3]);
        let expected = [Modifier::new(b"LT"), Modifier::ABSENT, Modifier::new(b"59"), Modifier::ABSENT];
        assert_eq!(first.modifiers, expected);
        assert_eq!(batch.text(second.note), "x");
        assert!(batch.problems.is_empty());
    }

    #[test]
    fn a_statement_of_one_day_dates_the_lines_of_an_institutional_claim() {
        let days = |claim_type: &str, to: &str| {
            let lines =
                [None, text("20240806"), text("May")].map(|service_from| Line { service_from, ..Line::default() });
            let claim = Claim {
                claim_id: "C1".into(),
                claim_type: text(claim_type),
                statement_from: text("20240805"),
                statement_to: text(to),
                lines: lines.to_vec(),
                ..Claim::default()
            };
            let mut batch = ClaimBatch::new(Columns::ALL);
            batch.push(&Claim { lines: vec![Line::default()], ..claim.clone() });
            batch.push(&claim);
            let day = |line: &crate::LineRow| line.service_from.value().map(|day| day.to_string()).unwrap_or_default();
            batch.claim(1).lines().iter().map(day).collect::<Vec<_>>()
        };
        assert_eq!(days("I", "2024-08-05"), ["2024-08-05", "2024-08-06", ""]);
        assert_eq!(days("I", "20240806"), ["", "2024-08-06", ""]);
        assert_eq!(days("P", "20240805"), ["", "2024-08-06", ""]);
    }

    #[test]
    fn nothing_is_dropped_without_a_problem() {
        let claim = Claim {
            sex: text("?"),
            billing_npi: text("123"),
            diagnoses: [vec!["E11.9".into(); 25], vec![" ".into(), "I10".into(), "I11.9".into()]].concat(),
            lines: vec![Line {
                modifiers: ["25", "59", "", "?", "GY", "GA"].map(Into::into).to_vec(),
                units: text("two"),
                ..Line::default()
            }],
            ..Claim::default()
        };
        let mut batch = ClaimBatch::new(Columns::ALL);
        batch.push(&claim);
        let view = batch.claim(0);
        assert!(view.row.unreadable);
        assert_eq!(view.row.billing_npi, Given::Invalid);
        assert_eq!(view.raw(Field::BillingNpi), Some("123"));
        assert_eq!(view.raw_of_line(0, Field::Units), Some("two"));
        let fields: Vec<_> = batch.problems.iter().filter_map(|problem| problem.field).collect();
        let expected = [Field::ClaimId, Field::Sex, Field::Diagnosis(26), Field::Units, Field::Modifier(5)];
        assert_eq!(fields, expected);
        assert_eq!(
            (view.raw(Field::Diagnosis(26)), view.raw_of_line(0, Field::Modifier(5))),
            (Some("I10"), Some("GY"))
        );
    }

    #[test]
    fn debug_shows_no_patient() {
        let claim = Claim { claim_id: "C1".into(), patient_id: text("JOHN"), ..Claim::default() };
        assert_eq!(format!("{claim:?}"), "Claim(C1, 0 lines)");
    }
}
