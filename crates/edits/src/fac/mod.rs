//! FAC: what only institutional claims carry.

mod fac001_bill_type;
mod fac002_revenue_code;
mod fac003_needs_procedure;

use crate::Edit;

/// The family's edits, in the order of their ids.
pub(crate) const EDITS: &[&dyn Edit] = &[
    &fac002_revenue_code::RevenueCodeUnknown,
    &fac001_bill_type::BillTypeUnknown,
    &fac003_needs_procedure::RevenueNeedsProcedure,
];
