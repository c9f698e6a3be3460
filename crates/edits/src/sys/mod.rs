//! SYS: what the scrubber says of itself.

mod sys001_internal_error;

use crate::Edit;

pub use sys001_internal_error::{EDIT_VALUE, ID as INTERNAL_ERROR};

/// The family's edits, in the order of their ids.
pub(crate) const EDITS: &[&dyn Edit] = &[&sys001_internal_error::InternalError];
