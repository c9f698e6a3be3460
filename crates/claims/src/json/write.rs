//! Claims as JSON of our own schema.

use crate::ClaimView;

/// Writes a claim.
pub fn write_claim(_: &ClaimView<'_>, _: &mut Vec<u8>) {}
