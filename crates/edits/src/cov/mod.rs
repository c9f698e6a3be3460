//! COV: whether the diagnoses support the procedures, by the coverage articles of the claim's contractor.

mod cov001_dx_does_not_support;
mod cov002_dx_noncovered;
mod cov003_modifier_missing;
mod judged;

use crate::Edit;

/// The family's edits, in the order of their ids.
pub(crate) const EDITS: &[&dyn Edit] = &[
    &cov001_dx_does_not_support::DxDoesNotSupportProcedure,
    &cov002_dx_noncovered::DxNoncoveredForProcedure,
    &cov003_modifier_missing::CoverageModifierMissing,
];
