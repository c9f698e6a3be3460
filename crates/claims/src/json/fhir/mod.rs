//! FHIR R4 claims.

use super::parse::{Value, refuse};
use crate::{ClaimBatch, Columns, ProblemKind};

pub(super) const COLUMNS: Columns = Columns::ALL;

pub(super) fn read(value: Value<'_>, batch: &mut ClaimBatch) {
    refuse(batch, b"", ProblemKind::NotAClaim { found: "FHIR".into() }, value.place);
}
