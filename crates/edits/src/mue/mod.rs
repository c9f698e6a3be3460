//! MUE: NCCI medically unlikely edits, the most units of a code that one patient is likely to get from one provider
//! on one day.

mod day_sums;
mod limits;
mod mue001_line;
mod mue002_day_policy;
mod mue003_day_clinical;

use crate::Edit;

pub(crate) use day_sums::is_in_minutes;
pub use limits::claim_is_of_supplier;

/// The family's edits, in the order of their ids.
pub(crate) const EDITS: &[&dyn Edit] =
    &[&mue001_line::MueLine, &mue002_day_policy::MueDayPolicy, &mue003_day_clinical::MueDayClinical];
