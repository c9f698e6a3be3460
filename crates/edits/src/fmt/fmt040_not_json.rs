use super::{of_kind, report};
use crate::contract::edit;
use crate::{ClaimFacts, Fires, Recorder, Value};
use claims::ProblemKind;

edit! {
    /// # What it checks
    /// A claim that comes as JSON is JSON, whole, and its members are of the types that its schema gives them.
    ///
    /// # Why a payer denies it
    /// A program that cannot parse a claim cannot take it. Where the text breaks off, what was meant to follow is not
    /// known, so the claim is judged by the format edits only.
    ///
    /// # Example
    /// A line that ends within a text because an export was cut short, or a FHIR `item` that is no array.
    ///
    /// # How to fix
    /// Look at the byte that the finding names: a quote or bracket is missing before it, or a value there is of another
    /// type than the schema says. Write JSON with a library, not by joining texts.
    ///
    /// # Bypass
    /// None.
    ///
    /// # Source
    /// RFC 8259 (JSON); `claim.schema.json` of cleanclaim; HL7 FHIR R4, JSON format and resource Claim.
    ///
    /// # Tables
    /// None. Every claim can be evaluated.
    pub struct NotJson;
    id: "FMT040", name: "not-json",
    severity: Error, snip: 1, carc: "", rarc: "",
    source: "RFC 8259; HL7 FHIR R4",
    unit: Claim, claims: ALL, default: ON,
    tables: [], fields: [], fires: Fires::PROBLEMS,
    messages: [
        "The claim at row {row} is not the JSON that it should be from its byte {at} on (counted from 0); it is not judged \
         further"
            => "Mend the text at that byte: close what is open before it, or give the value the type that the schema names.",
    ],
    check: check,
}

fn check(claim: &ClaimFacts<'_>, out: &mut Recorder<'_>) {
    report(claim, out, of_kind(|kind| matches!(kind, ProblemKind::NotJson { .. })), |problem, finding| {
        if let ProblemKind::NotJson { at } = problem.kind {
            finding.with("at", Value::Count(at.into()));
        }
    });
}
