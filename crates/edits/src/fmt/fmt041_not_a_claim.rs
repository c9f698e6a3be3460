use super::{of_kind, report};
use crate::contract::edit;
use crate::{ClaimFacts, Finding, Fires, Recorder, Value};
use claims::{Problem, ProblemKind};

edit! {
    /// # What it checks
    /// What comes as JSON is a claim: an object of cleanclaim's schema, or a FHIR `Claim`, alone or in a `Bundle`.
    ///
    /// # Why a payer denies it
    /// What is no claim cannot be submitted as one. Where it stands in the place of a claim it is counted as an unreadable
    /// claim; resources beside claims (a `Patient` on a line of its own) are told and not counted.
    ///
    /// # Example
    /// An `ExplanationOfBenefit`, which is a payer's answer; a `Claim` of type `pharmacy`, which is sent as NCPDP and is
    /// under none of these edits; a number where a claim should be.
    ///
    /// # How to fix
    /// Give the claims themselves. Put the patients, organizations and coverages that claims refer to into the same
    /// `Bundle`, or into each claim as contained resources.
    ///
    /// # Bypass
    /// None.
    ///
    /// # Source
    /// HL7 FHIR R4, resources Claim, Bundle and ExplanationOfBenefit; 45 CFR 162.1102 (NCPDP for retail pharmacy).
    ///
    /// # Tables
    /// None. Every claim can be evaluated.
    pub struct NotAClaim;
    id: "FMT041", name: "not-a-claim",
    severity: Error, snip: 1, carc: "", rarc: "",
    source: "HL7 FHIR R4; 45 CFR 162.1102",
    unit: Claim, claims: ALL, default: ON,
    tables: [], fields: [], fires: Fires::PROBLEMS,
    messages: [
        "Row {row} holds no claim that can be scrubbed: {found}; it is not judged"
            => "Give the claim itself, as JSON of cleanclaim's schema or as a FHIR R4 Claim.",
    ],
    check: check, tell: tell,
}

fn check(claim: &ClaimFacts<'_>, out: &mut Recorder<'_>) {
    report(claim, out, of_kind(|kind| matches!(kind, ProblemKind::NotAClaim { .. })), found);
}

fn tell(problem: &Problem, finding: &mut Finding) -> bool {
    finding.with("row", Value::Count(i64::try_from(problem.place.row).unwrap_or(i64::MAX)));
    found(problem, finding);
    matches!(problem.kind, ProblemKind::NotAClaim { .. })
}

fn found(problem: &Problem, finding: &mut Finding) {
    if let ProblemKind::NotAClaim { found } = &problem.kind {
        finding.with("found", Value::Text(found.as_ref().to_owned()));
    }
}
