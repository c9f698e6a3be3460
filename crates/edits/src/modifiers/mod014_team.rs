use super::surgeons;
use crate::contract::{edit, tables};
use crate::{ClaimFacts, Fires, Recorder};
use claims::Field;
use codes::Modifier;
use codeset::FeeIndicators;

/// A team of surgeons.
const TEAM: Modifier = Modifier::new(b"66");

edit! {
    /// # What it checks
    /// A line with modifier 66 (surgical team) has a procedure for which a team may be paid: its team indicator in the
    /// Medicare Physician Fee Schedule on the line's first day of service is 1 or 2, not 0 or 9.
    ///
    /// # Why a payer denies it
    /// With indicator 0 a team is not permitted, with 9 the concept does not apply. Teams are paid by report, so that
    /// the operative reports go with the claim in any case. Payers answer CARC 54.
    ///
    /// # Example
    /// `66` on a procedure whose team indicator is 0.
    ///
    /// # How to fix
    /// Bill the surgeons as the procedure permits: one surgeon, two (62) or an assistant (80).
    ///
    /// # Bypass
    /// None.
    ///
    /// # Source
    /// Team surgery indicator of the Medicare Physician Fee Schedule relative value file (CMS); Medicare Claims
    /// Processing Manual chapter 12 §40.8.
    ///
    /// # Tables
    /// fee-schedule, of the line's date. A date outside its quarters, a code that it does not list and one that
    /// is not valid that day are not evaluated. Lines without 66 pass. Institutional and dental claims are not looked at.
    pub struct ModifierTeam;
    id: "MOD014", name: "modifier-team",
    severity: Error, snip: 6, carc: "54", rarc: "",
    source: "MPFS relative value file, team indicator; Claims Processing Manual chapter 12 §40.8",
    unit: Line, claims: PROFESSIONAL, default: ON,
    tables: [tables::FEE_SCHEDULE], fields: [Field::Modifier(1)], fires: Fires::SURGEON_MODIFIER,
    messages: [
        "Modifier {modifier} (surgical team) does not fit {procedure} on {date}: its team indicator is 0, a team is not \
         permitted; a payer would deny the line"
            => "Bill the surgeons as the procedure permits: one surgeon, two with 62, or an assistant at surgery.",
        "Modifier {modifier} (surgical team) does not fit {procedure} on {date}: its team indicator is 9, the concept \
         does not apply; a payer would deny the line"
            => "Correct the procedure or remove {modifier}.",
    ],
    check: check,
}

fn check(claim: &ClaimFacts<'_>, out: &mut Recorder<'_>) {
    surgeons::evaluate(claim, out, &[TEAM], message);
}

fn message(indicators: &FeeIndicators) -> Option<u8> {
    match indicators.team {
        b'1' | b'2' => None,
        b'0' => Some(0),
        _ => Some(1),
    }
}
