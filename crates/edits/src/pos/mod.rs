//! POS: places of service.

mod pos001_unknown;
mod pos002_vs_procedure;

pub(crate) use pos002_vs_procedure::{is_home_visit, is_incident_to, is_institution, is_telehealth};

use crate::Edit;

/// The family's edits, in the order of their ids.
pub(crate) const EDITS: &[&dyn Edit] = &[&pos001_unknown::PosUnknown, &pos002_vs_procedure::PosVersusProcedure];
