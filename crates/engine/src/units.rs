//! How many units edits were evaluated on, counted once a claim and not once a claim and edit.

use codes::ClaimType;
use edits::{ClaimFacts, EditInfo, Unit};

/// Claims, lines and diagnoses, by type of claim, readable claims apart from unreadable ones.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct Units {
    readable: [Sums; CLAIM_TYPES.len()],
    unreadable: [Sums; CLAIM_TYPES.len()],
}

/// Claims, lines and diagnoses.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct Sums {
    claims: u64,
    lines: u64,
    diagnoses: u64,
    /// Diagnoses beside the list.
    beside: u64,
}

impl Sums {
    /// Counts a claim.
    #[inline]
    pub(crate) fn add(&mut self, facts: &ClaimFacts<'_>) {
        self.claims += 1;
        self.lines += facts.lines.len() as u64;
        self.diagnoses += facts.units(Unit::Diagnosis) as u64;
        self.beside += facts.beside.len() as u64;
    }

    /// Counts all of these.
    pub(crate) fn add_all(&mut self, others: &Sums) {
        self.claims += others.claims;
        self.lines += others.lines;
        self.diagnoses += others.diagnoses;
        self.beside += others.beside;
    }

    /// Whether any claim was counted.
    pub(crate) fn are_any(&self) -> bool {
        self.claims > 0
    }

    pub(crate) fn of(&self, unit: Unit) -> u64 {
        match unit {
            Unit::Claim => self.claims,
            Unit::Line => self.lines,
            Unit::Diagnosis => self.diagnoses,
            Unit::AnyDiagnosis => self.diagnoses + self.beside,
        }
    }
}

pub(crate) const CLAIM_TYPES: [ClaimType; 3] = [ClaimType::Professional, ClaimType::Institutional, ClaimType::Dental];

impl Units {
    /// Counts a claim.
    #[inline]
    pub(crate) fn add(&mut self, facts: &ClaimFacts<'_>) {
        let all = if facts.claim.row.unreadable { &mut self.unreadable } else { &mut self.readable };
        all[facts.claim_type() as usize].add(facts);
    }

    /// The units of an edit, which may judge unreadable claims too.
    pub(crate) fn of(&self, info: &EditInfo, unreadable_too: bool) -> u64 {
        let sum = |all: &[Sums]| -> u64 {
            let applies = CLAIM_TYPES.into_iter().zip(all).filter(|&(claim_type, _)| info.claims.contains(claim_type));
            applies.map(|(_, own)| own.of(info.unit)).sum()
        };
        sum(&self.readable) + if unreadable_too { sum(&self.unreadable) } else { 0 }
    }
}
