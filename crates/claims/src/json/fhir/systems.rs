//! The systems that codes and identifiers of a claim are given in, by the names that are in use for them.

use super::resource::{Coding, Concept, said};

/// A system of codes or identifiers that a claim is submitted with.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) enum System {
    /// ICD-10-CM.
    Diagnosis,
    /// ICD-10-PCS.
    InpatientProcedure,
    /// CPT, HCPCS or CDT.
    Procedure,
    /// Health insurance prospective payment system: stands in the place of a procedure.
    Hipps,
    Ndc,
    PlaceOfService,
    Revenue,
    BillType,
    Frequency,
    AdmissionType,
    AdmissionSource,
    DischargeStatus,
    Condition,
    Occurrence,
    OccurrenceSpan,
    ValueCode,
    Drg,
    Npi,
    Taxonomy,
    /// Says why there is no code.
    NoCode,
    /// Names of payers, which stand where the identifier of a coverage would.
    PayerName,
}

use System::*;

/// Names of systems as [`normal`] writes them. Sources: HL7 Terminology (terminology.hl7.org, "External code
/// systems"), HL7 FHIR R4, HL7 CARIN Blue Button, CMS Blue Button and its partially adjudicated claims, the OIDs of the
/// HL7 registry.
const NAMES: &[(&str, System)] = &[
    ("hl7.org/fhir/sid/icd-10-cm", Diagnosis),
    ("hl7.org/fhir/sid/icd-10", Diagnosis),
    ("2.16.840.1.113883.6.90", Diagnosis),
    ("2.16.840.1.113883.6.3", Diagnosis),
    ("cms.gov/medicare/coding/icd10", InpatientProcedure),
    ("hl7.org/fhir/sid/icd-10-pcs", InpatientProcedure),
    ("2.16.840.1.113883.6.4", InpatientProcedure),
    ("ama-assn.org/go/cpt", Procedure),
    ("2.16.840.1.113883.6.12", Procedure),
    ("cms.gov/medicare/coding/hcpcsreleasecodesets", Procedure),
    ("bluebutton.cms.gov/resources/codesystem/hcpcs", Procedure),
    ("bluebutton.cms.gov/resources/variables/hcpcs_cd", Procedure),
    ("terminology.hl7.org/codesystem/hcpcs-level-ii", Procedure),
    ("terminology.hl7.org/codesystem/hcpcs", Procedure),
    ("2.16.840.1.113883.6.14", Procedure),
    ("2.16.840.1.113883.6.285", Procedure),
    ("ada.org/cdt", Procedure),
    ("ada.org/en/publications/cdt", Procedure),
    ("terminology.hl7.org/codesystem/cd2", Procedure),
    ("2.16.840.1.113883.6.13", Procedure),
    ("cms.gov/medicare/medicare-fee-for-service-payment/prospmedicarefeesvcpmtgen/hippscodes", Hipps),
    ("hl7.org/fhir/sid/ndc", Ndc),
    ("2.16.840.1.113883.6.69", Ndc),
    ("cms.gov/medicare/coding/place-of-service-codes/place_of_service_code_set", PlaceOfService),
    ("cms.gov/medicare/coding/place-of-service-codes", PlaceOfService),
    ("terminology.hl7.org/codesystem/ex-serviceplace", PlaceOfService),
    ("bluebutton.cms.gov/resources/variables/line_place_of_srvc_cd", PlaceOfService),
    ("2.16.840.1.113883.6.50", PlaceOfService),
    ("nubc.org/codesystem/revenuecodes", Revenue),
    ("bluebutton.cms.gov/resources/variables/rev_cntr", Revenue),
    ("bluebutton.cms.gov/resources/variables/fiss/rev-cd", Revenue),
    ("2.16.840.1.113883.6.301.3", Revenue),
    ("nubc.org/codesystem/typeofbill", BillType),
    ("cms.gov/codes/billtype", BillType),
    ("bluebutton.cms.gov/resources/variables/fiss/freq-cd", Frequency),
    ("bluebutton.cms.gov/resources/variables/clm_freq_cd", Frequency),
    ("nubc.org/codesystem/prioritytypeofadmitorvisit", AdmissionType),
    ("bluebutton.cms.gov/resources/variables/clm_ip_admsn_type_cd", AdmissionType),
    ("nubc.org/codesystem/pointoforigin", AdmissionSource),
    ("nubc.org/codesystem/pointoforiginnewborn", AdmissionSource),
    ("nubc.org/codesystem/pointoforiginnonnewborn", AdmissionSource),
    ("bluebutton.cms.gov/resources/variables/clm_src_ip_admsn_cd", AdmissionSource),
    ("nubc.org/codesystem/patdischargestatus", DischargeStatus),
    ("nubc.org/codesystem/patientdischargestatus", DischargeStatus),
    ("bluebutton.cms.gov/resources/variables/ptnt_dschrg_stus_cd", DischargeStatus),
    ("2.16.840.1.113883.6.301.5", DischargeStatus),
    (
        "cms.gov/outreach-and-education/medicare-learning-network-mln/mlnmattersarticles/downloads/se0801.pdf",
        DischargeStatus,
    ),
    ("nubc.org/codesystem/conditioncodes", Condition),
    ("nubc.org/codesystem/occurrencecodes", Occurrence),
    ("nubc.org/codesystem/occurrencespancodes", OccurrenceSpan),
    ("nubc.org/codesystem/valuecodes", ValueCode),
    ("cms.gov/medicare/medicare-fee-for-service-payment/acuteinpatientpps/ms-drg-classifications-and-software", Drg),
    ("bluebutton.cms.gov/resources/variables/clm_drg_cd", Drg),
    ("hl7.org/fhir/sid/us-npi", Npi),
    ("bluebutton.cms.gov/resources/codesystem/npi", Npi),
    ("2.16.840.1.113883.4.6", Npi),
    ("nucc.org/provider-taxonomy", Taxonomy),
    ("2.16.840.1.113883.6.101", Taxonomy),
    ("terminology.hl7.org/codesystem/data-absent-reason", NoCode),
    ("terminology.hl7.org/codesystem/v3-nullflavor", NoCode),
    ("bluebutton.cms.gov/resources/variables/fiss/payers-name", PayerName),
];

impl System {
    /// The system of this name. Names are compared without case, scheme, `www.` and what publishers add or leave out
    /// at the end, since the same name is written in all these ways.
    pub(super) fn of(name: &str) -> Option<System> {
        let name = normal(name);
        NAMES.iter().find(|(own, _)| *own == name).map(|&(_, system)| system)
    }
}

fn normal(name: &str) -> String {
    let name = name.trim().to_ascii_lowercase();
    let name = ["http://", "https://", "urn:oid:"].iter().find_map(|scheme| name.strip_prefix(scheme)).unwrap_or(&name);
    let name = name.strip_prefix("www.").unwrap_or(name);
    let name = name.split(['|', '?', '#']).next().unwrap_or_default();
    let name = name.trim_end_matches('/');
    name.strip_suffix(".html").unwrap_or(name).to_owned()
}

/// What a concept gives of the systems that may stand there.
pub(super) enum Choice<'a> {
    /// The code, and its system where it is named.
    Code(&'a str, Option<System>),
    /// Only codes of other systems, of which this is the first.
    Other(&'a str),
    /// No code at all, but a text or an empty coding.
    Uncoded,
}

/// The code of a concept: of the first coding whose system is wanted, else of one that names no system.
pub(super) fn choose<'a>(concept: &'a Concept<'_>, wanted: &[System]) -> Choice<'a> {
    let coded = || concept.coding.iter().filter_map(|coding| Some((coding, said(&coding.code)?)));
    let system = |coding: &Coding<'_>| said(&coding.system).map(System::of);
    for (coding, code) in coded() {
        if let Some(Some(system)) = system(coding)
            && wanted.contains(&system)
        {
            return Choice::Code(code, Some(system));
        }
    }
    if let Some((_, code)) = coded().find(|(coding, _)| said(&coding.system).is_none()) {
        return Choice::Code(code, None);
    }
    let other = |(coding, _): (&'a Coding<'_>, _)| said(&coding.system).filter(|name| System::of(name) != Some(NoCode));
    match coded().find_map(other) {
        Some(other) => Choice::Other(other),
        None => Choice::Uncoded,
    }
}

/// The codes of a concept, whatever their systems.
pub(super) fn codes<'a>(concept: &'a Concept<'_>) -> impl Iterator<Item = &'a str> {
    concept.coding.iter().filter_map(|coding| said(&coding.code))
}

/// Whether a concept has this code, whatever its system: for the small sets that HL7 and CARIN share.
pub(super) fn has_code(concept: &Concept<'_>, code: &str) -> bool {
    codes(concept).any(|own| own.eq_ignore_ascii_case(code))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_name_is_in_its_normal_form_and_there_once() {
        for (place, (name, _)) in NAMES.iter().enumerate() {
            assert_eq!(normal(name), *name);
            assert!(!NAMES[..place].iter().any(|(other, _)| other == name), "{name}");
        }
    }

    #[test]
    fn a_name_is_known_however_it_is_written() {
        for (name, system) in [
            ("http://hl7.org/fhir/sid/icd-10-cm", Some(Diagnosis)),
            ("urn:oid:2.16.840.1.113883.6.90", Some(Diagnosis)),
            ("http://hl7.org/fhir/sid/icd-9-cm", None),
            ("http://www.cms.gov/Medicare/Coding/ICD10", Some(InpatientProcedure)),
            ("http://www.cms.gov/Medicare/Coding/ICD9", None),
            ("http://www.ama-assn.org/go/cpt", Some(Procedure)),
            ("https://www.cms.gov/Medicare/Coding/HCPCSReleaseCodeSets", Some(Procedure)),
            ("http://www.cms.gov/Medicare/Coding/HCPCSReleaseCodeSets/", Some(Procedure)),
            (
                "https://www.cms.gov/medicare/coding/place-of-service-codes/place_of_service_code_set.html",
                Some(PlaceOfService),
            ),
            ("https://www.nubc.org/CodeSystem/RevenueCodes", Some(Revenue)),
            ("http://hl7.org/fhir/sid/us-npi", Some(Npi)),
            ("http://snomed.info/sct", None),
            ("", None),
        ] {
            assert_eq!(System::of(name), system, "{name}");
        }
    }
}
