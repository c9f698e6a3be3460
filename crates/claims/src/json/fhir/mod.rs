//! FHIR R4 claims: `Claim` resources, alone or in a `Bundle`.
//!
//! How a claim's elements are taken:
//!
//! * Codes are taken by the name of their system ([`systems`]); a coding without one is taken to be of the system that
//!   belongs there. A code of another system is left out, and told. HL7's example systems are such.
//! * The claim's id is its identifier of type `uc`, else its first one, else the resource's id.
//! * `type`: professional and vision are professional claims, oral is dental. A pharmacy claim is refused. An oral claim whose
//!   `use` is predetermination asks for one of benefits.
//! * What a claim refers to is looked for among its contained resources and in its bundle; a reference may also name an
//!   identifier (`Practitioner?identifier=…`). What is found in neither gives nothing but, for the patient and the
//!   payer, the reference itself as an id.
//! * Diagnoses stand in the order of their sequences, the principal one first; on institutional claims the admitting
//!   diagnosis, reasons for the visit and external causes stand in fields of their own. `diagnosisSequence` becomes
//!   pointers to where the diagnoses then stand. One of another system keeps its place, empty.
//! * An item is a line. Its details are its components, of which the drug alone is taken; but where the item itself has
//!   no code and details have one, it is a group, and each such detail is a line.
//! * A line's charge is `net`, else `unitPrice` × `quantity` × `factor`. Where an item has no date and the billable
//!   period is one day, that is its day.

mod bundle;
mod claim;
mod diagnoses;
mod items;
mod parties;
mod resource;
mod systems;

use super::own::kind_of;
use super::parse::{Value, another, not_json, refuse, shown};
use crate::{ClaimBatch, Columns, Field, Place, Problem, ProblemKind};
use bundle::Index;
use resource::{Bundle, Claim, Contained, Head, said};
use serde::Deserialize;
use serde::de::IgnoredAny;

/// What a claim can give. It has no place for the others.
pub(super) const COLUMNS: Columns = {
    let mut columns = Columns::NONE;
    let mut place = 0;
    while place < FIELDS.len() {
        columns = columns.with(FIELDS[place]);
        place += 1;
    }
    columns
};

const FIELDS: &[Field] = &[
    Field::ClaimId,
    Field::LineNumber,
    Field::ClaimType,
    Field::PayerId,
    Field::PatientId,
    Field::BirthDate,
    Field::Sex,
    Field::BillingNpi,
    Field::RenderingNpi,
    Field::BillingTaxonomy,
    Field::BillType,
    Field::StatementFrom,
    Field::StatementTo,
    Field::ReceivedDate,
    Field::ClaimTotal,
    Field::PatientStatus,
    Field::ConditionCodes,
    Field::ServiceFrom,
    Field::ServiceTo,
    Field::PlaceOfService,
    Field::RevenueCode,
    Field::Procedure,
    Field::Modifier(1),
    Field::Units,
    Field::Charge,
    Field::DxPointers,
    Field::Ndc,
    Field::State,
    Field::Diagnosis(1),
    Field::ReferringNpi,
    Field::SupervisingNpi,
    Field::FacilityNpi,
    Field::AttendingNpi,
    Field::OperatingNpi,
    Field::RenderingTaxonomy,
    Field::PriorAuthorization,
    Field::OriginalClaim,
    Field::FrequencyCode,
    Field::RelatedCauses,
    Field::AccidentDate,
    Field::AccidentState,
    Field::AdmissionDate,
    Field::AdmissionType,
    Field::AdmissionSource,
    Field::AdmittingDiagnosis,
    Field::ReasonsForVisit,
    Field::ExternalCauses,
    Field::PresentOnAdmission,
    Field::InpatientProcedures,
    Field::OccurrenceCodes,
    Field::ValueCodes,
    Field::OtherPayers,
    Field::Drg,
    Field::SubmissionReason,
    Field::OrderingNpi,
    Field::UnitBasis,
    Field::NdcUnit,
    Field::NdcQuantity,
    Field::ToothCodes,
    Field::OtherProcedure,
];

const NO_RESOURCE: &str = "an object that names no resourceType";
const NO_CLAIM: &str = "a Bundle without a Claim";
const PHARMACY: &str = "a pharmacy claim, which is submitted as NCPDP";

/// Reads the resource that a text begins with; gives where the next value begins, or the text ends, when all is well up to
/// there.
pub(super) fn read(value: Value<'_>, batch: &mut ClaimBatch) -> Option<usize> {
    let Value { text, place } = value;
    if !text.starts_with('{') {
        let kind = match serde_json::from_str::<IgnoredAny>(text) {
            Ok(_) => ProblemKind::NotAClaim { found: kind_of(text).into() },
            Err(error) => not_json(text, &error),
        };
        refuse(batch, b"", kind, place);
        return None;
    }
    let mut json = serde_json::Deserializer::from_str(text);
    let head = Head::deserialize(&mut json).and_then(|head: Head<'_>| match json.end() {
        Ok(()) => Ok((head, text.len())),
        Err(error) => another(text, &error).map(|next| (head, next)).ok_or(error),
    });
    let (head, next) = match head {
        Ok(head) => head,
        Err(error) => {
            refuse(batch, b"", not_json(text, &error), place);
            return None;
        }
    };
    // A comma between values is none of its text.
    let own = text.get(..next).unwrap_or_default().trim_end_matches(|c: char| c.is_ascii_whitespace() || c == ',');
    read_resource(Value { text: own, place }, &head, batch);
    Some(next)
}

fn read_resource(value: Value<'_>, head: &Head<'_>, batch: &mut ClaimBatch) {
    let place = value.place;
    match said(&head.resource_type) {
        Some("Claim") => read_claim(value, None, batch),
        Some("Bundle") => read_bundle(value, batch),
        Some(kind) if answers_a_claim(kind) => refuse_resource(kind, head, place, batch),
        Some(other) => batch.outside.push(not_a_claim(other, place)),
        None => refuse(batch, b"", ProblemKind::NotAClaim { found: NO_RESOURCE.into() }, place),
    }
}

/// Whether a resource of this type would be taken for a claim.
fn answers_a_claim(kind: &str) -> bool {
    matches!(kind, "ExplanationOfBenefit" | "ClaimResponse")
}

fn refuse_resource(kind: &str, head: &Head<'_>, place: Place, batch: &mut ClaimBatch) {
    let found = format!("a resource of type {}", shown(kind)).into();
    refuse(batch, said(&head.id).unwrap_or_default().as_bytes(), ProblemKind::NotAClaim { found }, place);
}

fn not_a_claim(kind: &str, place: Place) -> Problem {
    let found = format!("a resource of type {} outside of a Bundle", shown(kind)).into();
    Problem::outside(ProblemKind::NotAClaim { found }, place)
}

fn read_bundle(value: Value<'_>, batch: &mut ClaimBatch) {
    let Value { text, place } = value;
    let bundle: Bundle<'_> = match serde_json::from_str(text) {
        Ok(bundle) => bundle,
        Err(error) => return refuse(batch, b"", not_json(text, &error), place),
    };
    let index = Index::of(&bundle);
    let (mut counted, mut row, mut claims) = (0, place.row, 0);
    for (entry, head) in bundle.entry.iter().zip(&index.heads) {
        let Contained(resource) = entry.resource;
        let kind = head.as_ref().map_or("", |head| said(&head.resource_type).unwrap_or_default());
        if head.is_ok() && kind != "Claim" && !answers_a_claim(kind) {
            continue;
        }
        claims += 1;
        // The entry's text is a slice of the bundle's.
        let start = (resource.as_ptr() as usize).saturating_sub(text.as_ptr() as usize);
        let before = text.as_bytes().get(counted..start).unwrap_or_default();
        row += memchr::memchr_iter(b'\n', before).count() as u64;
        counted = start;
        let place = Place { offset: place.offset + start as u64, row };
        match head {
            Ok(_) if kind == "Claim" => read_claim(Value { text: resource, place }, Some(&index), batch),
            Ok(head) => refuse_resource(kind, head, place, batch),
            // It may be a claim.
            Err(error) => refuse(batch, b"", not_json(resource, error), place),
        }
    }
    if claims == 0 {
        batch.outside.push(Problem::outside(ProblemKind::NotAClaim { found: NO_CLAIM.into() }, place));
    }
}

fn read_claim(value: Value<'_>, bundle: Option<&Index<'_>>, batch: &mut ClaimBatch) {
    let Value { text, place } = value;
    match serde_json::from_str::<Claim<'_>>(text) {
        Ok(claim) if claim::is_pharmacy(&claim) => {
            let id = claim::id(&claim.identifier, &claim.id).unwrap_or_default();
            refuse(batch, id.as_bytes(), ProblemKind::NotAClaim { found: PHARMACY.into() }, place);
        }
        Ok(claim) => claim::read(&claim, bundle, place, batch),
        Err(error) => {
            // Its id may be whole all the same.
            let named: resource::Named<'_> = serde_json::from_str(text).unwrap_or_default();
            let id = claim::id(&named.identifier, &named.id).unwrap_or_default();
            refuse(batch, id.as_bytes(), not_json(text, &error), place);
        }
    }
}
