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
}

impl Field {
    /// The most diagnoses of a claim: `dx_1` to `dx_25`.
    pub const DIAGNOSES: u8 = 25;
    /// The most modifiers of a line: `modifier_1` to `modifier_4`.
    pub const MODIFIERS: u8 = 4;

    /// Every field that is not numbered, with its name.
    const NAMED: [(Field, &'static str); 29] = [
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
    ];

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
    fn every_field_is_found_by_its_own_name() {
        assert_eq!(Field::all().count(), 29 + 4 + 25);
        for field in Field::all() {
            assert_eq!(Field::from_name(&field.to_string()), Some(field));
        }
        for bad in ["", "dx_0", "dx_01", "dx_", "modifier_5", "Procedure", "dx_+1"] {
            assert_eq!(Field::from_name(bad), None, "{bad}");
        }
    }
}
