use super::structure::row;
use crate::contract::edit;
use crate::{ClaimFacts, Finding, Fires, Recorder, Value};
use claims::{Problem, ProblemKind};

edit! {
    /// # What it checks
    /// What the file holds is read by the guide that it was written for: transaction sets 837 of version 005010, and
    /// nothing outside of interchanges.
    ///
    /// # Why a payer denies it
    /// A payer takes claims of 005010X222A1, X223A2 or X224A2 alone. Other 837s (version 4010, reporting guides) are read
    /// here as far as they are like those; other transaction sets pass through unjudged.
    ///
    /// # Example
    /// A GS08 of `004010X098A1`; a file of claims with a remittance (835) in it.
    ///
    /// # How to fix
    /// Export claims in version 005010. What is no claim needs no mending here.
    ///
    /// # Bypass
    /// None.
    ///
    /// # Source
    /// 45 CFR §162.1102: version 005010 since 2012-01-01.
    ///
    /// # Tables
    /// None. Each such transaction set, and each stretch of text outside of interchanges, is a finding of its own.
    pub struct X12OutsideScope;
    id: "FMT019", name: "x12-outside-scope",
    severity: Info, snip: 1, carc: "", rarc: "",
    source: "45 CFR §162.1102",
    unit: Claim, claims: ALL, default: ON,
    tables: [], fields: [], fires: Fires::Never,
    messages: [
        "The transaction set that begins with segment {row} is of guide {given}, which is no guide of version 005010 for \
         claims; it is read as far as it is like one"
            => "Send claims in version 005010X222A1, X223A2 or X224A2.",
        "The transaction set that begins with segment {row} is a {given}, no 837; it is not judged"
            => "Nothing is to be done here; look at its claims with a tool for that transaction set.",
        "There is text at segment {row} that is in no interchange; it is not read"
            => "Remove the text, or the damage that keeps the ISA before it from being found.",
    ],
    check: check,
    tell: tell,
}

fn check(_: &ClaimFacts<'_>, _: &mut Recorder<'_>) {}

fn tell(problem: &Problem, finding: &mut Finding) -> bool {
    let (message, given) = match &problem.kind {
        ProblemKind::OtherGuide { given } => (0, given.as_str()),
        ProblemKind::OtherTransaction { given } => (1, given.as_str()),
        ProblemKind::NoSegment => (2, ""),
        _ => return false,
    };
    finding.message = message;
    finding.with("row", row(problem));
    if message < 2 {
        finding.with("given", Value::Text(if given.is_empty() { "(none)" } else { given }.to_owned()));
    }
    true
}
