//! Which diagnoses stand first: principal, first-listed, or first of a line's pointers.

use crate::{ClaimFacts, DiagnosisFacts, Judgement};
use codeset::System;

/// What a diagnosis is the first of. The value is the place of the message that says so in the edits that judge it.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
#[repr(u8)]
pub(super) enum First {
    /// The principal diagnosis of an institutional claim.
    Principal = 0,
    /// The first-listed diagnosis of a professional or dental claim.
    Listed = 1,
    /// The diagnosis that a line's first pointer names, where it is not the first-listed one.
    Pointed = 2,
}

/// A diagnosis that stands first, at one of its governing dates.
pub(super) struct Standing<'f> {
    pub(super) first: First,
    /// The diagnosis's place in the claim, from 0.
    pub(super) place: u32,
    pub(super) diagnosis: &'f DiagnosisFacts,
    pub(super) judged: Judgement<'f>,
}

/// Hands `report` every diagnosis that stands first and is `suspicious`, once a distinct governing date.
///
/// The principal or first-listed diagnosis is the first that the claim gives. On a professional or dental claim the
/// first pointer makes a diagnosis the primary one of its line (Claims manual ch. 26 §10.4, item 24E).
pub(super) fn each_first<'f>(
    claim: &ClaimFacts<'f>,
    system: &'f System,
    suspicious: impl Fn(&DiagnosisFacts, &Judgement<'f>) -> bool,
    mut report: impl FnMut(Standing<'f>),
) {
    let Some((listed, diagnosis)) = claim.given_diagnoses().next() else { return };
    let first = if claim.is_institutional() { First::Principal } else { First::Listed };
    for &judged in claim.judgements(diagnosis) {
        if suspicious(diagnosis, &judged) {
            report(Standing { first, place: listed, diagnosis, judged });
        }
    }
    if claim.is_institutional() {
        return;
    }
    // Nothing is kept, and so nothing allocated, before something is suspicious.
    let mut kept = Vec::new();
    for (line, number) in claim.lines.iter().zip(0u32..) {
        let Some(&pointer) = claim.claim.pointers(line.row).first() else { continue };
        let Some(place) = u32::from(pointer).checked_sub(1).filter(|&place| place != listed) else { continue };
        let Some(diagnosis) = claim.diagnoses.get(place as usize).filter(|dx| !dx.code.is_absent()) else { continue };
        let date = line.governing_date();
        let row = diagnosis.lookup.ordinal().zip(date.ok()).and_then(|(ordinal, date)| system.row_on(ordinal, date));
        let judged = Judgement { date, line: Some(number), row };
        if suspicious(diagnosis, &judged) {
            kept.push((place, date, number, diagnosis, judged));
        }
    }
    kept.sort_by_key(|&(place, date, number, ..)| (place, date, number));
    kept.dedup_by_key(|&mut (place, date, ..)| (place, date));
    kept.sort_by_key(|&(place, _, number, ..)| (place, number));
    for (place, _, _, diagnosis, judged) in kept {
        report(Standing { first: First::Pointed, place, diagnosis, judged });
    }
}
