//! PTP: NCCI procedure-to-procedure pairs.

mod across;
mod pairs;
mod ptp001_never;
mod ptp002_needs_modifier;

use crate::Edit;

/// The family's edits, in the order of their ids.
pub(crate) const EDITS: &[&dyn Edit] = &[&ptp001_never::PtpNever, &ptp002_needs_modifier::PtpNeedsModifier];
