//! Which codes stand for what has no code of its own.

use crate::{ClaimFacts, LineFacts, Lookup, Reason};
use claims::Field;
use codes::{Code, CodeKind, Date};
use codeset::flags::procedure;
use codeset::{AttributeId, Codeset, Row, SystemId, is_unlisted_service};

/// Whether the line's procedure stands for what has no code of its own, and the release that says so where one does; why
/// it cannot be told.
pub(super) fn is_unlisted(claim: &ClaimFacts<'_>, line: &LineFacts<'_>) -> Result<Option<Unlisted>, Reason> {
    unlisted(claim.codeset, line.row.procedure, line.procedure, line.procedure_row, line.date)
}

/// The same of a code with this row on the day.
pub(crate) fn unlisted(
    codeset: &Codeset,
    code: Code,
    lookup: Lookup,
    row: Option<&Row>,
    day: Option<Date>,
) -> Result<Option<Unlisted>, Reason> {
    let ordinal = lookup.ordinal().ok_or(Reason::CodeNotValid(SystemId::Procedure.name()))?;
    let date = day.ok_or(Reason::FieldAbsent(Field::ServiceFrom))?;
    if let Some(row) = row.filter(|row| row.has(procedure::UNCLASSIFIED_DRUG)) {
        return Ok(Some(Unlisted { release: Some(row.release) }));
    }
    if code.procedure_kind() == Some(CodeKind::CptCategory1) {
        return Ok(is_unlisted_service(code).then_some(Unlisted { release: None }));
    }
    if code.procedure_kind() != Some(CodeKind::HcpcsLevel2) {
        // There are none in the other categories of CPT.
        return Ok(None);
    }
    let id = AttributeId::Unlisted;
    let table = codeset.attributes(id).ok_or(Reason::TableNotLoaded(id.name()))?;
    match table.row_on(ordinal, date) {
        // What a code stands for does not change, so a list says it for other years than its own.
        Some(row) => Ok(Some(Unlisted { release: Some(row.release) })),
        None if table.covers(date) => Ok(None),
        None => Err(Reason::DateOutsideReleases(id.name())),
    }
}

/// A code that stands for what has none.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) struct Unlisted {
    /// The release that says so, where it is not CPT's own sections.
    pub(super) release: Option<u16>,
}
