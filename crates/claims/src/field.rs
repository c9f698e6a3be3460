//! The fields of a claim, named as the CSV columns are.

use std::fmt;

/// A field of a claim or a service line.
///
/// Its text is the column's name: `procedure`, `modifier_2`, `dx_12`. Numbered fields count from 1.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
#[allow(missing_docs, reason = "each is the CSV column of the same name")]
pub enum Field {
    ClaimId,
    LineNumber,
    ClaimType,
    PayerId,
    PatientId,
    BirthDate,
    Sex,
    BillingNpi,
    RenderingNpi,
    BillingTaxonomy,
    BillType,
    StatementFrom,
    StatementTo,
    ReceivedDate,
    ClaimTotal,
    PatientStatus,
    ConditionCodes,
    ServiceFrom,
    ServiceTo,
    PlaceOfService,
    RevenueCode,
    Procedure,
    /// `modifier_1` to `modifier_4`.
    Modifier(u8),
    Units,
    Charge,
    DxPointers,
    Ndc,
    Note,
    State,
    Contractor,
    /// `dx_1` to `dx_25`.
    Diagnosis(u8),
    // From here on: fields that few claims have, kept as text (see `Field::is_text`). First the claim's.
    /// The referring provider, as an NPI.
    ReferringNpi,
    /// The supervising provider, as an NPI.
    SupervisingNpi,
    /// Where the service was given, as an NPI.
    FacilityNpi,
    /// The attending provider of an institutional claim, as an NPI.
    AttendingNpi,
    /// The operating physician of an institutional claim, as an NPI.
    OperatingNpi,
    /// The rendering provider's taxonomy code (ten characters).
    RenderingTaxonomy,
    /// The laboratory's CLIA number.
    CliaNumber,
    /// The payer's prior authorization or referral number.
    PriorAuthorization,
    /// The payer's number of the claim that this one replaces or voids.
    OriginalClaim,
    /// Claim frequency: 1 original, 7 replacement, 8 void. On institutional claims, the last digit of the type of bill.
    FrequencyCode,
    /// Claim filing indicator of the payer: MB Medicare Part B, MA Part A, MC Medicaid, CI commercial, …
    ClaimFiling,
    /// What the claim says it is related to: AA auto accident, EM employment, OA other accident.
    RelatedCauses,
    /// The day of the accident.
    AccidentDate,
    /// The state of an auto accident.
    AccidentState,
    /// The day of admission or start of care.
    AdmissionDate,
    /// Priority (type) of admission or visit.
    AdmissionType,
    /// Point of origin for admission or visit.
    AdmissionSource,
    /// The admitting diagnosis.
    AdmittingDiagnosis,
    /// Patient's reasons for visit, ICD-10-CM codes.
    ReasonsForVisit,
    /// External causes of injury given beside the diagnoses, ICD-10-CM codes.
    ExternalCauses,
    /// Present-on-admission indicators in the order of the diagnoses; `-` where none is given.
    PresentOnAdmission,
    /// ICD-10-PCS procedures, the principal one first, each as `code@YYYYMMDD`.
    InpatientProcedures,
    /// Occurrence codes, each as `code@YYYYMMDD` or, for a span, `code@YYYYMMDD-YYYYMMDD`.
    OccurrenceCodes,
    /// Value codes, each as `code=amount`.
    ValueCodes,
    /// Ids of the other payers.
    OtherPayers,
    /// The claim's note.
    ClaimNote,
    /// What each of the other payers paid for the claim, in the order of their ids; `-` where it is not said.
    OtherPayersPaid,
    /// Diagnosis related group.
    Drg,
    /// The certificate of the mammography facility.
    MammographyCertificate,
    /// Other dates of the claim, each as `qualifier@YYYYMMDD` or `qualifier@YYYYMMDD-YYYYMMDD` with X12's qualifier
    /// (data element 374): 431 onset, 454 first treatment, …
    ClaimDates,
    /// Why the claim is submitted, where it is not for payment: PB for a predetermination of dental benefits.
    SubmissionReason,
    /// The system of the diagnoses, in their order: 9 for ICD-9-CM, 0 for ICD-10-CM; one alone is that of all. ICD-10-CM
    /// where it is not given.
    DxVersions,
    // And the line's.
    /// The ordering provider, as an NPI.
    OrderingNpi,
    /// The CLIA number of the laboratory that performed the line's test, where it differs from the claim's.
    LineCliaNumber,
    /// The line's own prior authorization or referral number.
    LinePriorAuthorization,
    /// The submitter's number of the line.
    LineReference,
    /// What the units count: UN units, MJ minutes, DA days, …
    UnitBasis,
    /// Unit of the drug's quantity: F2, GR, ME, ML or UN.
    NdcUnit,
    /// The drug's quantity.
    NdcQuantity,
    /// Teeth and surfaces of a dental line.
    ToothCodes,
    /// Whether the service was an emergency: Y.
    Emergency,
    /// What other payers paid for the line.
    PaidAmount,
    /// A procedure that is no CPT, HCPCS or CDT code, as `qualifier=code` with X12's qualifier (data element 235): HP
    /// for HIPPS, IV for home infusion, WK for ABC, ER for a jurisdiction's own.
    OtherProcedure,
    /// Other dates of the line, as the claim's.
    LineDates,
}

impl Field {
    /// The most diagnoses of a claim: `dx_1` to `dx_25`.
    pub const DIAGNOSES: u8 = 25;
    /// The most modifiers of a line: `modifier_1` to `modifier_4`.
    pub const MODIFIERS: u8 = 4;
    /// The claim's fields that hold diagnoses beside its list, as institutional claims give them; in order.
    pub const BESIDE: [Field; 3] = [Field::AdmittingDiagnosis, Field::ReasonsForVisit, Field::ExternalCauses];
    /// What findings call the first diagnosis that there is no place for.
    pub const DIAGNOSIS_BEYOND: Field = Field::Diagnosis(Self::DIAGNOSES + 1);
    /// What findings call the first modifier that there is no place for.
    pub const MODIFIER_BEYOND: Field = Field::Modifier(Self::MODIFIERS + 1);

    /// Every field that is not numbered, with its name.
    const NAMED: [(Field, &'static str); 73] = [
        (Field::ClaimId, "claim_id"),
        (Field::LineNumber, "line_number"),
        (Field::ClaimType, "claim_type"),
        (Field::PayerId, "payer_id"),
        (Field::PatientId, "patient_id"),
        (Field::BirthDate, "birth_date"),
        (Field::Sex, "sex"),
        (Field::BillingNpi, "billing_npi"),
        (Field::RenderingNpi, "rendering_npi"),
        (Field::BillingTaxonomy, "billing_taxonomy"),
        (Field::BillType, "bill_type"),
        (Field::StatementFrom, "statement_from"),
        (Field::StatementTo, "statement_to"),
        (Field::ReceivedDate, "received_date"),
        (Field::ClaimTotal, "claim_total"),
        (Field::PatientStatus, "patient_status"),
        (Field::ConditionCodes, "condition_codes"),
        (Field::ServiceFrom, "service_from"),
        (Field::ServiceTo, "service_to"),
        (Field::PlaceOfService, "place_of_service"),
        (Field::RevenueCode, "revenue_code"),
        (Field::Procedure, "procedure"),
        (Field::Units, "units"),
        (Field::Charge, "charge"),
        (Field::DxPointers, "dx_pointers"),
        (Field::Ndc, "ndc"),
        (Field::Note, "note"),
        (Field::State, "state"),
        (Field::Contractor, "contractor"),
        (Field::ReferringNpi, "referring_npi"),
        (Field::SupervisingNpi, "supervising_npi"),
        (Field::FacilityNpi, "facility_npi"),
        (Field::AttendingNpi, "attending_npi"),
        (Field::OperatingNpi, "operating_npi"),
        (Field::RenderingTaxonomy, "rendering_taxonomy"),
        (Field::CliaNumber, "clia_number"),
        (Field::PriorAuthorization, "prior_authorization"),
        (Field::OriginalClaim, "original_claim"),
        (Field::FrequencyCode, "frequency_code"),
        (Field::ClaimFiling, "claim_filing"),
        (Field::RelatedCauses, "related_causes"),
        (Field::AccidentDate, "accident_date"),
        (Field::AccidentState, "accident_state"),
        (Field::AdmissionDate, "admission_date"),
        (Field::AdmissionType, "admission_type"),
        (Field::AdmissionSource, "admission_source"),
        (Field::AdmittingDiagnosis, "admitting_diagnosis"),
        (Field::ReasonsForVisit, "reasons_for_visit"),
        (Field::ExternalCauses, "external_causes"),
        (Field::PresentOnAdmission, "present_on_admission"),
        (Field::InpatientProcedures, "inpatient_procedures"),
        (Field::OccurrenceCodes, "occurrence_codes"),
        (Field::ValueCodes, "value_codes"),
        (Field::OtherPayers, "other_payers"),
        (Field::ClaimNote, "claim_note"),
        (Field::OtherPayersPaid, "other_payers_paid"),
        (Field::Drg, "drg"),
        (Field::MammographyCertificate, "mammography_certificate"),
        (Field::ClaimDates, "claim_dates"),
        (Field::SubmissionReason, "submission_reason"),
        (Field::DxVersions, "dx_versions"),
        (Field::OrderingNpi, "ordering_npi"),
        (Field::LineCliaNumber, "line_clia_number"),
        (Field::LinePriorAuthorization, "line_prior_authorization"),
        (Field::LineReference, "line_reference"),
        (Field::UnitBasis, "unit_basis"),
        (Field::NdcUnit, "ndc_unit"),
        (Field::NdcQuantity, "ndc_quantity"),
        (Field::ToothCodes, "tooth_codes"),
        (Field::Emergency, "emergency"),
        (Field::PaidAmount, "paid_amount"),
        (Field::OtherProcedure, "other_procedure"),
        (Field::LineDates, "line_dates"),
    ];

    /// Whether the field has no place in [`crate::ClaimRow`] or [`crate::LineRow`]: its text is kept beside them
    /// ([`crate::ClaimView::text_of`], [`crate::ClaimView::text_of_line`]). Lists in one field are separated by colons.
    pub const fn is_text(self) -> bool {
        self.is_text_of_claim() || self.is_text_of_line()
    }

    pub(crate) const fn is_text_of_claim(self) -> bool {
        matches!(
            self,
            Field::ReferringNpi
                | Field::SupervisingNpi
                | Field::FacilityNpi
                | Field::AttendingNpi
                | Field::OperatingNpi
                | Field::RenderingTaxonomy
                | Field::CliaNumber
                | Field::PriorAuthorization
                | Field::OriginalClaim
                | Field::FrequencyCode
                | Field::ClaimFiling
                | Field::RelatedCauses
                | Field::AccidentDate
                | Field::AccidentState
                | Field::AdmissionDate
                | Field::AdmissionType
                | Field::AdmissionSource
                | Field::AdmittingDiagnosis
                | Field::ReasonsForVisit
                | Field::ExternalCauses
                | Field::PresentOnAdmission
                | Field::InpatientProcedures
                | Field::OccurrenceCodes
                | Field::ValueCodes
                | Field::OtherPayers
                | Field::ClaimNote
                | Field::OtherPayersPaid
                | Field::Drg
                | Field::MammographyCertificate
                | Field::ClaimDates
                | Field::SubmissionReason
                | Field::DxVersions
        )
    }

    /// Whether the field is one of a line that is kept as text.
    pub const fn is_text_of_line(self) -> bool {
        matches!(
            self,
            Field::OrderingNpi
                | Field::LineCliaNumber
                | Field::LinePriorAuthorization
                | Field::LineReference
                | Field::UnitBasis
                | Field::NdcUnit
                | Field::NdcQuantity
                | Field::ToothCodes
                | Field::Emergency
                | Field::PaidAmount
                | Field::OtherProcedure
                | Field::LineDates
        )
    }

    /// The field of this name, or `None`.
    ///
    /// ```
    /// use cleanclaim_claims::Field;
    /// assert_eq!(Field::from_name("dx_3"), Some(Field::Diagnosis(3)));
    /// assert_eq!(Field::from_name("dx_26"), None);
    /// ```
    pub fn from_name(name: &str) -> Option<Field> {
        if let Some(&(field, _)) = Self::NAMED.iter().find(|(_, own)| *own == name) {
            return Some(field);
        }
        let numbered = |prefix: &str, most: u8| {
            let number: u8 = name.strip_prefix(prefix)?.parse().ok()?;
            ((1..=most).contains(&number) && name.len() == prefix.len() + number.to_string().len()).then_some(number)
        };
        numbered("dx_", Self::DIAGNOSES)
            .map(Field::Diagnosis)
            .or_else(|| numbered("modifier_", Self::MODIFIERS).map(Field::Modifier))
    }

    /// Every field that is not numbered, with its name.
    pub(crate) fn named() -> impl Iterator<Item = (Field, &'static str)> {
        Self::NAMED.into_iter()
    }

    /// Every field, in the order the documentation lists them.
    pub fn all() -> impl Iterator<Item = Field> {
        let named = Self::NAMED.iter().map(|&(field, _)| field);
        named.chain((1..=Self::MODIFIERS).map(Field::Modifier)).chain((1..=Self::DIAGNOSES).map(Field::Diagnosis))
    }
}

impl fmt::Display for Field {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Field::Modifier(number) => write!(f, "modifier_{number}"),
            Field::Diagnosis(number) => write!(f, "dx_{number}"),
            named => {
                let name = Self::NAMED.iter().find(|(own, _)| own == named).map_or("", |&(_, name)| name);
                f.write_str(name)
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn fields_of_diagnoses_beside_the_list_are_in_order_and_kept_as_text() {
        assert!(Field::BESIDE.is_sorted());
        assert!(Field::BESIDE.iter().all(|field| field.is_text_of_claim()));
    }

    #[test]
    fn every_field_is_found_by_its_own_name() {
        assert_eq!(Field::all().count(), 73 + 4 + 25);
        for field in Field::all() {
            assert_eq!(Field::from_name(&field.to_string()), Some(field));
        }
        for bad in ["", "dx_0", "dx_01", "dx_", "modifier_5", "Procedure", "dx_+1"] {
            assert_eq!(Field::from_name(bad), None, "{bad}");
        }
    }
}
