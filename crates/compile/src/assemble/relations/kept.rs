//! Relations that no publisher's file that is read here lists: the base's.

use super::super::given::Given;
use super::super::{Assembly, Part, seed};
use super::layers;
use crate::error::CompileError;
use codeset::RelationId;

pub(crate) const PART: Part = Part { shares: |_| Vec::new(), merge };

fn merge(given: &Given<'_>, assembly: &mut Assembly) -> Result<(), CompileError> {
    for id in [RelationId::ModifierConflict, RelationId::DiagnosisSuccessor, RelationId::DiagnosisSide] {
        if given.base().is_some_and(|base| base.relation(id).is_some()) {
            layers::write(id, seed::pairs(given, id), assembly)?;
        }
    }
    Ok(())
}
