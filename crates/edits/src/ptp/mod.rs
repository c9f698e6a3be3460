//! PTP: NCCI procedure-to-procedure pairs.

use crate::Edit;

/// The family's edits, in the order of their ids.
pub(crate) const EDITS: &[&dyn Edit] = &[];
