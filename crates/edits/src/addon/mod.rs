//! AOC: add-on codes and their primary procedures.

mod aoc001_without_primary;
mod aoc002_contractor_defined;
mod aoc003_partly_defined;
mod primaries;

use crate::Edit;

/// The family's edits, in the order of their ids.
pub(crate) const EDITS: &[&dyn Edit] = &[
    &aoc001_without_primary::AddOnWithoutPrimary,
    &aoc002_contractor_defined::AddOnContractorDefined,
    &aoc003_partly_defined::AddOnPartlyDefined,
];
