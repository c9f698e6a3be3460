//! PRV: providers.

mod prv001_npi;
mod prv002_taxonomy;

use crate::Edit;
pub(crate) use prv001_npi::lacks_npis;

/// The family's edits, in the order of their ids.
pub(crate) const EDITS: &[&dyn Edit] = &[&prv001_npi::NpiCheckDigit, &prv002_taxonomy::TaxonomyUnknown];
