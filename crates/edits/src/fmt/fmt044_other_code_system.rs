use super::{of_kind, report};
use crate::contract::edit;
use crate::{ClaimFacts, Fires, Recorder, Value};
use claims::ProblemKind;

edit! {
    /// # What it checks
    /// The codes and identifiers of a FHIR claim are of the systems that US claims are submitted with: ICD-10-CM and
    /// ICD-10-PCS, CPT, HCPCS and CDT, the NUBC's and CMS's code sets, NDC, NPI.
    ///
    /// # Why a payer denies it
    /// HIPAA names the code sets of a claim; a code of another cannot be sent, and a payer who gets it finds no code there.
    /// Such a code is left out, so that it is not mistaken for one of the right system.
    ///
    /// # Example
    /// A diagnosis with the system `http://hl7.org/fhir/sid/icd-9-cm`, or a product of RxNorm alone.
    ///
    /// # How to fix
    /// Add a coding of the right system, or correct the system's name where it is only misnamed.
    ///
    /// # Bypass
    /// None.
    ///
    /// # Source
    /// 45 CFR 162.1002 (medical data code sets); HL7 FHIR R4, code systems; HL7 CARIN Blue Button.
    ///
    /// # Tables
    /// None. Every claim can be evaluated. A coding without a system is taken to be of the system that belongs there.
    pub struct OtherCodeSystem;
    id: "FMT044", name: "other-code-system",
    severity: Warning, snip: 1, carc: "", rarc: "",
    source: "45 CFR 162.1002; HL7 FHIR R4",
    unit: Claim, claims: ALL, default: ON,
    tables: [], fields: [], fires: Fires::PROBLEMS,
    messages: [
        "{path} is of {system}, which is not a system that claims are submitted with there; the code is left out, and the \
         claim is judged without it"
            => "Give the code in the system that belongs there, or correct the name of the system.",
    ],
    check: check,
}

fn check(claim: &ClaimFacts<'_>, out: &mut Recorder<'_>) {
    report(claim, out, of_kind(|kind| matches!(kind, ProblemKind::OtherSystem { .. })), |problem, finding| {
        if let ProblemKind::OtherSystem { path, system } = &problem.kind {
            finding.with("path", Value::Text(path.as_ref().to_owned()));
            finding.with("system", Value::Text(system.as_ref().to_owned()));
        }
    });
}
