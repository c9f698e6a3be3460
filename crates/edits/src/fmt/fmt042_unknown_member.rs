use super::{of_kind, report};
use crate::contract::edit;
use crate::{ClaimFacts, Fires, Recorder, Value};
use claims::ProblemKind;

edit! {
    /// # What it checks
    /// A claim that comes as JSON of cleanclaim's schema has no members that the schema does not know.
    ///
    /// # Why a payer denies it
    /// A misspelt member is a field that nobody reads: the claim is judged, and might be sent, without it.
    ///
    /// # Example
    /// `"modifier": ["25"]` in a line, where the schema has `modifiers`.
    ///
    /// # How to fix
    /// Correct the name, or leave the member out. `claim.schema.json` lists all there are.
    ///
    /// # Bypass
    /// None.
    ///
    /// # Source
    /// `claim.schema.json` of cleanclaim.
    ///
    /// # Tables
    /// None. Every claim can be evaluated. FHIR resources may have any members; those that are of no use here are passed
    /// over.
    pub struct UnknownMember;
    id: "FMT042", name: "unknown-member",
    severity: Warning, snip: 1, carc: "", rarc: "",
    source: "cleanclaim claim.schema.json",
    unit: Claim, claims: ALL, default: ON,
    tables: [], fields: [], fires: Fires::PROBLEMS,
    messages: [
        "The member {path} is not known; it is left out, and the claim is judged without it"
            => "Correct the member's name, or leave it out.",
    ],
    check: check,
}

fn check(claim: &ClaimFacts<'_>, out: &mut Recorder<'_>) {
    report(claim, out, of_kind(|kind| matches!(kind, ProblemKind::UnknownMember { .. })), |problem, finding| {
        if let ProblemKind::UnknownMember { path } = &problem.kind {
            finding.with("path", Value::Text(path.as_ref().to_owned()));
        }
    });
}
