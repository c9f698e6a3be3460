//! How many units edits were evaluated on, counted once a claim and not once a claim and edit.

use codes::ClaimType;
use edits::{ClaimFacts, EditInfo, Unit};

/// Claims, lines and diagnoses, by type of claim, readable claims apart from unreadable ones.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct Units {
    readable: [OfType; CLAIM_TYPES.len()],
    unreadable: [OfType; CLAIM_TYPES.len()],
}

#[derive(Clone, Copy, Debug, Default)]
struct OfType {
    claims: u64,
    lines: u64,
    diagnoses: u64,
}

pub(crate) const CLAIM_TYPES: [ClaimType; 3] = [ClaimType::Professional, ClaimType::Institutional, ClaimType::Dental];

impl Units {
    /// Counts a claim.
    #[inline]
    pub(crate) fn add(&mut self, facts: &ClaimFacts<'_>) {
        let all = if facts.claim.row.unreadable { &mut self.unreadable } else { &mut self.readable };
        let own = &mut all[facts.claim_type() as usize];
        own.claims += 1;
        own.lines += facts.lines.len() as u64;
        own.diagnoses += facts.units(Unit::Diagnosis) as u64;
    }

    /// The units of an edit, which may judge unreadable claims too.
    pub(crate) fn of(&self, info: &EditInfo, unreadable_too: bool) -> u64 {
        let of_type = |own: &OfType| match info.unit {
            Unit::Claim => own.claims,
            Unit::Line => own.lines,
            Unit::Diagnosis => own.diagnoses,
        };
        let sum = |all: &[OfType]| -> u64 {
            let applies = CLAIM_TYPES.into_iter().zip(all).filter(|&(claim_type, _)| info.claims.contains(claim_type));
            applies.map(|(_, own)| of_type(own)).sum()
        };
        sum(&self.readable) + if unreadable_too { sum(&self.unreadable) } else { 0 }
    }
}
