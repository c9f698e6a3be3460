//! Why a claim was rejected, in the codes of a 277CA: by the edit and the field of each finding.
//!
//! Codes are X12's claim status category codes (code source 507) and claim status codes (508). A code that calls for an
//! entity has one; 21, which says only that something is wrong, and codes that need another beside them are not used.

use claims::Field;
use std::fmt;

/// The most codes that a claim is given: three STC segments.
pub(super) const MOST: usize = 9;

/// A category code, a status code and, where that calls for one, an entity code.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) struct Status {
    category: &'static str,
    code: &'static str,
    entity: &'static str,
}

impl Status {
    /// A claim that could not be read whole.
    pub(super) const UNREADABLE: Status = Status { category: "A3", code: "481", entity: "" };
    /// A claim of an envelope that is rejected whole.
    pub(super) const OF_ENVELOPE: Status = Status { category: "A3", code: "481", entity: "" };
    /// An accepted claim.
    pub(super) const ACCEPTED: Status = Status { category: "A2", code: "20", entity: "" };

    /// Whether this says what another would say.
    pub(super) fn says(self, other: Status) -> bool {
        (self.code, self.entity) == (other.code, other.entity)
    }

    /// What a finding of this edit, about this field, comes to; `of_line` when it is about a line.
    pub(super) fn of(edit: &str, field: Option<Field>, of_line: bool) -> Status {
        let category = match edit {
            "CLM005" | "COV003" | "DX006" | "FAC003" | "FMT011" | "FMT012" | "FMT018" => MISSING,
            "CLM001" | "DX010" | "DX011" | "FMT016" | "FMT017" | "MOD004" | "POS002" | "PX010" | "PX011" => RELATED,
            _ if ["AOC", "COV", "DUP", "PTP"].iter().any(|family| edit.starts_with(family)) => RELATED,
            _ => INVALID,
        };
        let by_edit = match edit {
            "CLM001" => "400",
            "CLM004" => "718",
            "COV001" | "COV002" => "488",
            "FMT017" => "672",
            "PX010" => "475",
            "PX011" => "474",
            _ if edit.starts_with("AOC") => "736",
            _ if edit.starts_with("DUP") => "54",
            _ if edit.starts_with("MUE") => "476",
            _ => "",
        };
        let (code, entity) = match (by_edit, field.and_then(of_field)) {
            ("", Some(found)) => found,
            // What is wrong with the form of an 837 has a place, but no field.
            ("", None) if edit.starts_with("FMT") => ("481", ""),
            ("", None) => (if of_line { "247" } else { "275" }, ""),
            (code, _) => (code, ""),
        };
        Status { category, code, entity }
    }
}

/// Rejected for missing information.
const MISSING: &str = "A6";
/// Rejected for invalid information.
const INVALID: &str = "A7";
/// Rejected for a relational field in error.
const RELATED: &str = "A8";

/// The status code that names what a field holds, and the entity that it is of.
fn of_field(field: Field) -> Option<(&'static str, &'static str)> {
    Some(match field {
        Field::Procedure | Field::OtherProcedure => ("454", ""),
        Field::Modifier(_) => ("453", ""),
        Field::RevenueCode => ("455", ""),
        Field::Diagnosis(1) => ("254", ""),
        Field::Diagnosis(_) | Field::ExternalCauses => ("255", ""),
        Field::AdmittingDiagnosis => ("232", ""),
        Field::ReasonsForVisit => ("673", ""),
        Field::PresentOnAdmission => ("688", ""),
        Field::InpatientProcedures => ("465", ""),
        Field::DxPointers => ("477", ""),
        Field::Units => ("476", ""),
        Field::UnitBasis => ("659", ""),
        Field::Charge | Field::ClaimTotal => ("178", ""),
        Field::PlaceOfService => ("249", ""),
        Field::BillType => ("228", ""),
        Field::StatementFrom | Field::StatementTo => ("188", ""),
        Field::ServiceFrom | Field::ServiceTo => ("187", ""),
        Field::AdmissionDate => ("189", ""),
        Field::AdmissionType => ("231", ""),
        Field::AdmissionSource => ("229", ""),
        Field::PatientStatus => ("234", ""),
        Field::ConditionCodes => ("460", ""),
        Field::OccurrenceCodes => ("719", ""),
        Field::ValueCodes => ("725", ""),
        Field::Drg => ("256", ""),
        Field::Ndc | Field::NdcUnit | Field::NdcQuantity => ("218", ""),
        Field::ToothCodes => ("244", ""),
        Field::RelatedCauses => ("633", ""),
        Field::AccidentDate => ("727", ""),
        Field::AccidentState => ("728", ""),
        Field::OtherPayersPaid | Field::PaidAmount => ("672", ""),
        Field::ClaimNote | Field::Note => ("704", ""),
        Field::ClaimId => ("478", ""),
        Field::BirthDate => ("158", "QC"),
        Field::Sex => ("157", "QC"),
        Field::PatientId => ("164", "IL"),
        Field::PayerId => ("153", "PR"),
        Field::BillingNpi => ("562", "85"),
        Field::RenderingNpi => ("562", "82"),
        Field::ReferringNpi => ("562", "DN"),
        Field::SupervisingNpi => ("562", "DQ"),
        Field::OrderingNpi => ("562", "DK"),
        Field::FacilityNpi => ("562", "77"),
        Field::AttendingNpi => ("562", "71"),
        Field::OperatingNpi => ("562", "72"),
        Field::BillingTaxonomy => ("145", "85"),
        Field::RenderingTaxonomy => ("145", "82"),
        _ => return None,
    })
}

impl fmt::Display for Status {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}:{}", self.category, self.code)?;
        if self.entity.is_empty() { Ok(()) } else { write!(f, ":{}", self.entity) }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn reasons_are_named_by_edit_and_field() {
        let said = |edit, field, of_line| Status::of(edit, field, of_line).to_string();
        assert_eq!(said("DX001", Some(Field::Diagnosis(1)), false), "A7:254");
        assert_eq!(said("DX001", Some(Field::AdmittingDiagnosis), false), "A7:232");
        assert_eq!(said("DX003", Some(Field::ReasonsForVisit), false), "A7:673");
        assert_eq!(said("DX004", Some(Field::ExternalCauses), false), "A7:255");
        assert_eq!(said("DX006", Some(Field::Diagnosis(1)), false), "A6:254");
        assert_eq!(said("PX001", Some(Field::Procedure), true), "A7:454");
        assert_eq!(said("PTP001", Some(Field::Procedure), true), "A8:454");
        assert_eq!(said("MUE002", Some(Field::Units), true), "A7:476");
        assert_eq!(said("PRV001", Some(Field::RenderingNpi), true), "A7:562:82");
        assert_eq!(said("CLM005", Some(Field::BirthDate), false), "A6:158:QC");
        assert_eq!(said("AOC001", Some(Field::Procedure), true), "A8:736");
        assert_eq!(said("DUP001", None, true), "A8:54");
        assert_eq!(said("FMT012", None, false), "A6:481");
        assert_eq!(said("NTE9", None, true), "A7:247");
        assert_eq!(said("NTE9", None, false), "A7:275");
    }

    /// 21, 732 and the like say nothing without another code beside them.
    #[test]
    fn no_code_needs_another_and_entities_stand_where_they_are_called_for() {
        const NEED_ANOTHER: [&str; 6] = ["21", "402", "448", "693", "700", "732"];
        const NEED_ENTITY: [&str; 6] = ["145", "153", "157", "158", "164", "562"];
        for field in Field::all() {
            for edit in edits::registry::all() {
                let status = Status::of(&edit.info().id, Some(field), true);
                assert!(!NEED_ANOTHER.contains(&status.code), "{status}");
                assert_eq!(NEED_ENTITY.contains(&status.code), !status.entity.is_empty(), "{status}");
            }
        }
    }
}
