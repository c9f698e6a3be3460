//! Relations between codes: PTP pairs, add-on codes, and what the base has besides.

mod add_ons;
mod kept;
mod layers;
mod ptp;

pub(super) use add_ons::PART as ADD_ONS;
pub(super) use kept::PART as KEPT;
pub(super) use ptp::PART as PTP;
