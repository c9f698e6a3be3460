//! FAC: what only institutional claims carry.

mod fac002_revenue_code;

use crate::Edit;

/// The family's edits, in the order of their ids.
pub(crate) const EDITS: &[&dyn Edit] = &[&fac002_revenue_code::RevenueCodeUnknown];
