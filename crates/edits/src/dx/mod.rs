//! DX: diagnoses, ICD-10-CM.

mod dx001_unknown;

use crate::Edit;

/// The family's edits, in the order of their ids.
pub(crate) const EDITS: &[&dyn Edit] = &[&dx001_unknown::DxUnknown];
