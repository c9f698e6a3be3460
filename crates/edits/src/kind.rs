//! What many claims have in common, and what follows from it for all of them.
//!
//! Where a table is not loaded, or does not answer for a day, the edits that read it say the same of claim after claim:
//! that no unit can be judged, and why. An edit says so of a kind of claims ([`Edit::of_kind`](crate::Edit::of_kind));
//! then it is not called on those, and their units are counted.

use crate::signs::Signs;
use crate::{ClaimFacts, Fires, Reason, Settings, claim_is_of_supplier};
use claims::{Columns, Given};
use codes::{BillType, ClaimType};
use codeset::{AttributeId, Codeset, RelationId};

/// The signs by which kinds differ: those that edits ask of a kind, or that call for such an edit.
const SIGNS: Fires = OF_INSTITUTIONS
    .or(Fires::LETTERED_PROCEDURE)
    .or(Fires::UNKNOWN_PROCEDURE)
    .or(Fires::NON_COVERED)
    .or(Fires::FEE_STATUS)
    .or(Fires::attributes_unanswered(AttributeId::LabTest));

/// Those by which kinds of institutional claims differ. The edits on what Medicare covers judge no such claims.
const OF_INSTITUTIONS: Fires = Fires::ALWAYS
    .or(Fires::SEVERAL_DIAGNOSES)
    .or(Fires::NO_PROCEDURE)
    .or(Fires::RATE_CODE)
    .or(Fires::NOTES_UNANSWERED)
    .or(Fires::relation_unanswered(RelationId::PtpHospital))
    .or(Fires::relation_unanswered(RelationId::PtpPractitioner))
    .or(Fires::attributes_unanswered(AttributeId::MuePractitioner))
    .or(Fires::attributes_unanswered(AttributeId::MueHospital))
    .or(Fires::attributes_unanswered(AttributeId::MueDme))
    .or(Fires::attributes_unanswered(AttributeId::FeeSchedule));

/// A kind of claims.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Kind {
    claim_type: ClaimType,
    /// The type of bill.
    pub(crate) bill_type: Given<BillType>,
    /// Whether they are a supplier's of durable medical equipment.
    pub(crate) of_supplier: bool,
    /// As [`ClaimFacts::day_of_all_lines`] has it, whatever the day.
    pub(crate) lines_share_day: bool,
    /// As [`ClaimFacts::day_of_all_diagnoses`] has it, whatever the day.
    pub(crate) diagnoses_share_day: bool,
    signs: Signs,
}

/// What all claims of a batch are judged on.
#[derive(Clone, Copy, Debug)]
pub struct Grounds<'g> {
    /// The tables.
    pub codeset: &'g Codeset,
    /// What the claims' payer asks of the edits.
    pub settings: &'g Settings,
    /// The columns of the input.
    pub columns: Columns,
}

/// Tells why no unit of a claim of the kind can be judged, whatever else the claim holds.
pub type OfKind = fn(&Kind, &Grounds<'_>) -> Option<Reason>;

impl Kind {
    /// The claim's kind. None where claims are better judged one by one: those without lines, with earlier ones to
    /// compare with, or not read whole.
    #[inline]
    pub fn of(claim: &ClaimFacts<'_>) -> Option<Kind> {
        if claim.lines.is_empty() || !claim.earlier.is_empty() || claim.claim.row.unreadable {
            return None;
        }
        let institutional = claim.claim_type() == ClaimType::Institutional;
        Some(Kind {
            claim_type: claim.claim_type(),
            bill_type: claim.claim.row.bill_type,
            of_supplier: claim_is_of_supplier(claim.claim),
            lines_share_day: claim.day_of_all_lines().is_some(),
            diagnoses_share_day: claim.day_of_all_diagnoses().is_some(),
            signs: claim.signs.among(if institutional { OF_INSTITUTIONS } else { SIGNS }),
        })
    }

    /// A number that differs for most kinds.
    #[inline]
    pub fn spread(&self) -> u64 {
        let bill = self.bill_type.value().map_or([0; 3], BillType::to_bytes);
        let flags =
            u8::from(self.of_supplier) | u8::from(self.lines_share_day) << 1 | u8::from(self.diagnoses_share_day) << 2;
        let packed = u64::from_le_bytes([bill[0], bill[1], bill[2], flags, self.claim_type as u8, 0, 0, 0]);
        let signs = self.signs.bits();
        (packed ^ signs as u64 ^ ((signs >> 64) as u64).rotate_left(24)).wrapping_mul(0x9E37_79B9_7F4A_7C15)
    }

    /// Whether every claim of the kind calls for an edit that fires on this.
    #[inline]
    pub fn could_fire(&self, fires: Fires) -> bool {
        self.signs.show(fires)
    }

    /// Whether they are institutional.
    pub(crate) fn is_institutional(&self) -> bool {
        self.claim_type == ClaimType::Institutional
    }

    /// As [`ClaimFacts::has_all_procedures`].
    pub(crate) fn has_all_procedures(&self) -> bool {
        !self.could_fire(Fires::NO_PROCEDURE.or(Fires::RATE_CODE))
    }

    /// Why the relation says nothing of any line.
    pub(crate) fn lacks_relation(&self, id: RelationId, grounds: &Grounds<'_>) -> Option<Reason> {
        self.lacks(grounds.codeset.relation(id).is_some(), id.name(), Fires::relation_unanswered(id))
    }

    /// Why the table of attributes says nothing of any line.
    pub(crate) fn lacks_attributes(&self, id: AttributeId, grounds: &Grounds<'_>) -> Option<Reason> {
        self.lacks(grounds.codeset.attributes(id).is_some(), id.name(), Fires::attributes_unanswered(id))
    }

    fn lacks(&self, loaded: bool, table: &'static str, unanswered: Fires) -> Option<Reason> {
        if !self.has_all_procedures() {
            None
        } else if !loaded {
            Some(Reason::TableNotLoaded(table))
        } else {
            (self.lines_share_day && self.could_fire(unanswered)).then_some(Reason::DateOutsideReleases(table))
        }
    }
}
