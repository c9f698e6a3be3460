//! To come.
use crate::Edit;
pub(crate) const EDITS: &[&dyn Edit] = &[];
