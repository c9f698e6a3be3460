//! Which side of the body a line's diagnoses are of.

use crate::{ClaimFacts, DiagnosisFacts, LineFacts, Reason};
use claims::Field;
use codes::Date;
use codeset::{Ordinal, Relation, RelationId, Side, System, SystemId};

/// The tables of sides, where loaded.
#[derive(Clone, Copy)]
pub(super) struct Sides<'f> {
    pub(super) system: &'f System,
    pub(super) relation: &'f Relation,
}

impl<'f> Sides<'f> {
    pub(super) fn of(claim: &ClaimFacts<'f>) -> Option<Sides<'f>> {
        let (system, relation) = (claim.system(SystemId::Diagnosis)?, claim.relation(RelationId::DiagnosisSide)?);
        Some(Sides { system, relation })
    }

    /// The side that the code is of, if it is of one: the same on all days.
    pub(super) fn side(self, code: Ordinal) -> Option<Side> {
        self.side_in_family(code, code)
    }

    /// The side that the other code is of, if it is of this one's family.
    pub(super) fn side_in_family(self, code: Ordinal, other: Ordinal) -> Option<Side> {
        let link = self.relation.links(code).find(|link| link.target == other)?;
        Side::of(link.class.value)
    }

    /// Whether the code may be reported on the day, and so has a title that tells its side or that it has none.
    pub(super) fn is_known(self, code: Ordinal, date: Date) -> bool {
        super::validity::is_reportable(self.system, code, date) && self.system.has_title(code)
    }

    /// That the tables answer for the day.
    pub(super) fn covers(self, date: Date) -> Result<(), Reason> {
        for (covers, id) in [
            (self.system.covers(date), SystemId::Diagnosis.name()),
            (self.relation.covers(date), RelationId::DiagnosisSide.name()),
        ] {
            if !covers {
                return Err(Reason::DateOutsideReleases(id));
            }
        }
        Ok(())
    }
}

/// Why a line cannot be judged that gives no pointers.
pub(super) const UNPOINTED: Reason = Reason::FieldAbsent(Field::DxPointers);

/// The diagnoses that the line points to, in the claim's order with their places; all of the claim for a line that gives no
/// pointers.
pub(super) fn pointed<'f>(
    claim: &ClaimFacts<'f>,
    line: &LineFacts<'_>,
) -> impl Iterator<Item = (u32, &'f DiagnosisFacts)> + use<'f> {
    let bits = line.pointed;
    let all = claim.diagnoses.iter().zip(0u32..32).map(|(dx, place)| (place, dx));
    all.filter(move |(place, dx)| bits & (1 << place) != 0 && !dx.code.is_absent())
}
