use super::report;
use crate::contract::edit;
use crate::{ClaimFacts, Fires, Recorder, Value};
use claims::{Problem, ProblemKind};

edit! {
    /// # What it checks
    /// Every member of a claim that comes as JSON has a value of a kind that can be taken, and comes once. In FHIR, an
    /// item's `diagnosisSequence` is the sequence of a diagnosis of the claim, and at most one diagnosis is the admitting one.
    ///
    /// # Why a payer denies it
    /// A value that cannot be taken is a field that is missing. Here it counts as not given: edits that need it are not
    /// evaluated, and the rest of the claim is judged.
    ///
    /// # Example
    /// `"units": {"value": 1}`, or `"charge": 120.5` and further on `"charge": 125`.
    ///
    /// # How to fix
    /// Write the value in the form that the finding names.
    ///
    /// # Bypass
    /// None.
    ///
    /// # Source
    /// `claim.schema.json` of cleanclaim; HL7 FHIR R4, resource Claim; RFC 8259 §4: names within an object are unique.
    ///
    /// # Tables
    /// None. Every claim can be evaluated. Texts of a wrong form, as a date that is none, are told by FMT003.
    pub struct BadMember;
    id: "FMT043", name: "bad-member",
    severity: Error, snip: 1, carc: "16", rarc: "MA130",
    source: "cleanclaim claim.schema.json; HL7 FHIR R4; RFC 8259",
    unit: Claim, claims: ALL, default: ON,
    tables: [], fields: [], fires: Fires::PROBLEMS,
    messages: [
        "{path} is not {expected}; what it says is left out"
            => "Write {expected} there.",
        "{path} is given more than once; the first is used" => "Give {path} once.",
        "{path} is {sequence}, and no diagnosis of the claim has that sequence; it is left out"
            => "Write the sequence of a diagnosis of the claim there, or add the one that is missing.",
    ],
    check: check,
}

fn check(claim: &ClaimFacts<'_>, out: &mut Recorder<'_>) {
    let message = |problem: &Problem| match problem.kind {
        ProblemKind::BadMember { .. } => Some(0),
        ProblemKind::MemberTwice { .. } => Some(1),
        ProblemKind::NoSuchDiagnosis { .. } => Some(2),
        _ => None,
    };
    report(claim, out, message, |problem, finding| match &problem.kind {
        ProblemKind::BadMember { path, expected } => {
            finding.with("path", Value::Text(path.as_ref().to_owned()));
            finding.with("expected", Value::Text((*expected).to_owned()));
        }
        ProblemKind::MemberTwice { path } => {
            finding.with("path", Value::Text(path.as_ref().to_owned()));
        }
        ProblemKind::NoSuchDiagnosis { path, sequence } => {
            finding.with("path", Value::Text(path.as_ref().to_owned()));
            finding.with("sequence", Value::Count((*sequence).into()));
        }
        _ => {}
    });
}
