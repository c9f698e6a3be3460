//! CLM: the claim as a whole: totals, dates, limits, required fields.

mod clm001_total;
mod clm002_dates;
mod clm003_limits;
mod clm004_timely_filing;
mod clm005_missing_field;
mod clm007_accident_details;
mod glance;
mod working_days;

use crate::Edit;
pub(crate) use glance::Glance;

/// The family's edits, in the order of their ids.
pub(crate) const EDITS: &[&dyn Edit] = &[
    &clm001_total::ClaimTotal,
    &clm002_dates::ClaimDates,
    &clm003_limits::ClaimLimits,
    &clm004_timely_filing::TimelyFilingLimit,
    &clm005_missing_field::MissingField,
    &clm007_accident_details::AccidentDetails,
];
