//! Telling what is wrong with the structure of an X12 file: what the edits FMT009 and on share.

use super::report;
use crate::{ClaimFacts, Finding, Recorder, Value};
use claims::{Problem, ProblemKind, Shown, Structure};

/// Fails the claim for each of its structure problems that `message` knows, with the message it gives.
pub(super) fn check(claim: &ClaimFacts<'_>, out: &mut Recorder<'_>, message: fn(&Structure) -> Option<u8>) {
    report(
        claim,
        out,
        |problem| structure(problem).and_then(message),
        |problem, finding| {
            if let Some(structure) = structure(problem) {
                values(structure, finding);
            }
        },
    );
}

/// Tells a structure problem that belongs to no claim, if `message` knows it.
pub(super) fn tell(problem: &Problem, finding: &mut Finding, message: fn(&Structure) -> Option<u8>) -> bool {
    let Some((structure, message)) = structure(problem).and_then(|structure| Some((structure, message(structure)?)))
    else {
        return false;
    };
    finding.message = message;
    finding.with("row", row(problem));
    values(structure, finding);
    true
}

/// The number of the segment at which a problem is told.
pub(super) fn row(problem: &Problem) -> Value {
    Value::Count(i64::try_from(problem.place.row).unwrap_or(i64::MAX))
}

fn structure(problem: &Problem) -> Option<&Structure> {
    match &problem.kind {
        ProblemKind::Structure(structure) => Some(structure),
        _ => None,
    }
}

/// The values that messages name, and those for machines.
fn values(structure: &Structure, finding: &mut Finding) {
    let Structure { segment, qualifier, in_loop, position, element, component, .. } = *structure;
    let id = if segment.is_empty() { "(no id)".to_owned() } else { segment.to_string() };
    finding.with("segment", Value::Text(id.clone()));
    if !qualifier.is_empty() {
        finding.with("qualifier", Value::Text(qualifier.to_string()));
    }
    let called = if qualifier.is_empty() { id.clone() } else { format!("{id} ({qualifier})") };
    finding.with("called", Value::Text(called));
    if in_loop.is_empty() {
        finding.with("within", Value::Text("the header".to_owned()));
    } else {
        finding.with("within", Value::Text(format!("loop {in_loop}")));
        finding.with("loop", Value::Text(in_loop.to_owned()));
    }
    if position > 0 {
        finding.with("position", Value::Count(position.into()));
    }
    if element > 0 {
        let part = if component > 0 { format!("-{component}") } else { String::new() };
        finding.with("element", Value::Text(format!("{id}{element:02}{part}")));
    }
    if structure.data_element > 0 {
        finding.with("data_element", Value::Count(structure.data_element.into()));
    }
    for (name, shown) in [("expected", structure.expected), ("found", structure.found)] {
        let value = match shown {
            Shown::Nothing => continue,
            Shown::Code(code) if code.is_empty() => Value::Text("nothing".to_owned()),
            // A list of codes is read with spaces.
            Shown::Rule(rule) if !rule.contains(' ') => Value::Text(rule.replace(',', ", ")),
            Shown::Count(count) => Value::Count(i64::try_from(count).unwrap_or(i64::MAX)),
            Shown::Amount(amount) => Value::Money(amount),
            Shown::Rule(_) | Shown::Code(_) => Value::Text(shown.to_string()),
        };
        finding.with(name, value);
    }
}
