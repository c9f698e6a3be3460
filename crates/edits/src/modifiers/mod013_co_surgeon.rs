use super::surgeons;
use crate::contract::{edit, tables};
use crate::{ClaimFacts, Fires, Recorder};
use claims::Field;
use codes::Modifier;
use codeset::FeeIndicators;

/// Two surgeons who each do a part of one procedure.
const TWO_SURGEONS: Modifier = Modifier::new(b"62");

edit! {
    /// # What it checks
    /// A line with modifier 62 (two surgeons) has a procedure for which two may be paid, by the co-surgeon indicator of
    /// the Medicare Physician Fee Schedule on the line's first day of service: 0 and 9 fail; 1 (documents show the need)
    /// and 2 (two specialties) are reported at severity info, since what they ask for is not on the claim.
    ///
    /// # Why a payer denies it
    /// With indicator 0 co-surgeons are not permitted, with 9 the concept does not apply. With 1 a payer would deny both
    /// surgeons without documents, with 2 when they are of one specialty. Payers answer CARC 54.
    ///
    /// # Example
    /// `62` on a procedure whose co-surgeon indicator is 0.
    ///
    /// # How to fix
    /// Bill one surgeon, or an assistant (80) where one may be paid; with 1 send both operative reports.
    ///
    /// # Bypass
    /// None.
    ///
    /// # Source
    /// Co-surgeon indicator of the Medicare Physician Fee Schedule relative value file (CMS); Medicare Claims Processing
    /// Manual chapter 12 §40.8.
    ///
    /// # Tables
    /// fee-schedule, of the line's date. A date outside its quarters, a code that it does not list and one that
    /// is not valid that day are not evaluated. Lines without 62 pass. Institutional and dental claims are not looked at.
    pub struct ModifierCoSurgeon;
    id: "MOD013", name: "modifier-co-surgeon",
    severity: Error, snip: 6, carc: "54", rarc: "",
    source: "MPFS relative value file, co-surgeon indicator; Claims Processing Manual chapter 12 §40.8",
    unit: Line, claims: PROFESSIONAL, default: ON,
    tables: [tables::FEE_SCHEDULE], fields: [Field::Modifier(1)], fires: Fires::SURGEON_MODIFIER,
    messages: [
        "Modifier {modifier} (two surgeons) does not fit {procedure} on {date}: its co-surgeon indicator is 0, two \
         surgeons are not permitted; a payer would deny the line"
            => "Bill one surgeon, or an assistant at surgery where one may be paid.",
        "Modifier {modifier} (two surgeons) does not fit {procedure} on {date}: its co-surgeon indicator is 9, the \
         concept does not apply; a payer would deny the line"
            => "Correct the procedure or remove {modifier}.",
        "Modifier {modifier} (two surgeons) on {procedure} on {date} needs documents: its co-surgeon indicator is 1, and \
         a payer would pay only where they show that two surgeons were necessary"
            => "Send both operative reports; each surgeon bills {procedure} with {modifier}." as Info,
        "Modifier {modifier} (two surgeons) on {procedure} on {date} needs two specialties: its co-surgeon indicator is \
         2, and a payer would pay without documents only surgeons of different specialties"
            => "Check that the two surgeons are of different specialties and that both bill {procedure} with {modifier}."
                as Info,
    ],
    check: check,
}

fn check(claim: &ClaimFacts<'_>, out: &mut Recorder<'_>) {
    surgeons::evaluate(claim, out, &[TWO_SURGEONS], message);
}

fn message(indicators: &FeeIndicators) -> Option<u8> {
    match indicators.co_surgeons {
        b'0' => Some(0),
        b'1' => Some(2),
        b'2' => Some(3),
        _ => Some(1),
    }
}
