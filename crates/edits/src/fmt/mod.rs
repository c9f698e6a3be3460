//! FMT: what could not be read.
//!
//! The readers find it; the edits tell it. A claim of which a row is unreadable is evaluated by these edits only:
//! on half a claim no other outcome would be true.

mod fmt001_column_count;
mod fmt002_not_utf8;
mod fmt003_bad_value;
mod fmt004_stray_quote;
mod fmt005_no_claim_id;
mod fmt006_rows_apart;
mod fmt007_too_long;
mod fmt008_claim_field_disagrees;
mod fmt009_x12_envelope;
mod fmt010_x12_unexpected_segment;
mod fmt011_x12_missing_segment;
mod fmt012_x12_missing_element;
mod fmt013_x12_bad_element;
mod fmt014_x12_bad_code;
mod fmt015_x12_not_used;
mod fmt016_x12_hierarchy;
mod fmt017_x12_balance;
mod fmt018_x12_situation;
mod fmt030_cut_short;
mod fmt031_other_guide;
mod fmt032_other_transaction;
mod fmt033_outside_interchange;
mod fmt034_component_separator;
mod fmt040_not_json;
mod fmt041_not_a_claim;
mod fmt042_unknown_member;
mod fmt043_bad_member;
mod fmt044_other_code_system;
mod structure;

use crate::{ClaimFacts, Edit, EditInfo, Finding, Recorder, Value};
use claims::{Field, Problem, ProblemKind};

/// The family's edits, in the order of their ids.
pub(crate) const EDITS: &[&dyn Edit] = &[
    &fmt001_column_count::ColumnCount,
    &fmt002_not_utf8::NotUtf8,
    &fmt003_bad_value::BadValue,
    &fmt004_stray_quote::StrayQuote,
    &fmt005_no_claim_id::NoClaimId,
    &fmt006_rows_apart::RowsApart,
    &fmt007_too_long::TooLong,
    &fmt008_claim_field_disagrees::ClaimFieldDisagrees,
    &fmt009_x12_envelope::X12Envelope,
    &fmt010_x12_unexpected_segment::X12UnexpectedSegment,
    &fmt011_x12_missing_segment::X12MissingSegment,
    &fmt012_x12_missing_element::X12MissingElement,
    &fmt013_x12_bad_element::X12BadElement,
    &fmt014_x12_bad_code::X12BadCode,
    &fmt015_x12_not_used::X12NotUsed,
    &fmt016_x12_hierarchy::X12Hierarchy,
    &fmt017_x12_balance::X12Balance,
    &fmt018_x12_situation::X12Situation,
    &fmt030_cut_short::CutShort,
    &fmt031_other_guide::OtherGuide,
    &fmt032_other_transaction::OtherTransaction,
    &fmt033_outside_interchange::OutsideInterchange,
    &fmt034_component_separator::ComponentSeparator,
    &fmt040_not_json::NotJson,
    &fmt041_not_a_claim::NotAClaim,
    &fmt042_unknown_member::UnknownMember,
    &fmt043_bad_member::BadMember,
    &fmt044_other_code_system::OtherCodeSystem,
];

/// Whether an edit tells what could not be read, so that it is evaluated on unreadable claims too.
pub fn is_format_edit(info: &EditInfo) -> bool {
    info.id.starts_with("FMT")
}

/// Fails the claim for each of its problems that `message` knows, with the message it gives, at the problem's place.
/// The finding has the value `row`; `more` adds others.
fn report(
    claim: &ClaimFacts<'_>,
    out: &mut Recorder<'_>,
    message: impl Fn(&Problem) -> Option<u8>,
    more: impl Fn(&Problem, &mut Finding),
) {
    for problem in claim.claim.problems() {
        let Some(message) = message(problem) else { continue };
        let line = problem.line.and_then(|line| line.checked_sub(claim.claim.row.lines.start));
        let finding = match line {
            Some(line) => out.fail_claim_at_line(line, Field::ClaimId, message),
            None => out.fail_claim(Field::ClaimId, message),
        };
        finding.field = problem.field;
        finding.place = problem.place;
        finding.with("row", Value::Count(i64::try_from(problem.place.row).unwrap_or(i64::MAX)));
        more(problem, finding);
    }
}

/// Tells a problem that belongs to no claim, if `values` knows it. The finding has the value `row` and those.
fn outside(
    problem: &Problem,
    finding: &mut Finding,
    values: impl Fn(&ProblemKind) -> Option<Vec<(&'static str, Value)>>,
) -> bool {
    let Some(values) = values(&problem.kind) else { return false };
    finding.with("row", Value::Count(i64::try_from(problem.place.row).unwrap_or(i64::MAX)));
    finding.values.extend(values);
    true
}

/// The check of an edit that tells only what belongs to no claim.
fn nothing_of_claims(_: &ClaimFacts<'_>, _: &mut Recorder<'_>) {}

fn text_of(text: &str) -> Value {
    Value::Text(text.to_owned())
}

/// The message at place 0 for problems of which `is` holds.
fn of_kind(is: impl Fn(&ProblemKind) -> bool) -> impl Fn(&Problem) -> Option<u8> {
    move |problem| is(&problem.kind).then_some(0)
}

/// The text that a problem's field held, if it was kept.
fn raw<'c>(claim: &ClaimFacts<'c>, problem: &Problem) -> Option<&'c str> {
    let field = problem.field?;
    match problem.line {
        Some(line) => claim.claim.batch.raw_of_line(line, field),
        None => claim.claim.raw(field),
    }
}
