use super::side::{Sides, UNPOINTED, pointed};
use super::validity::is_reportable;
use crate::contract::{edit, tables};
use crate::{ClaimFacts, Fires, LineFacts, Recorder, Value};
use claims::Field;
use codes::ClaimType;
use codeset::Side;
use codeset::flags::could;

edit! {
    /// # What it checks
    /// No line points to the code of the left and the code of the right side of one condition where ICD-10-CM has a
    /// code for both sides, valid on the line's date. The later of the two in the claim's order is named as the field.
    ///
    /// # Why a payer denies it
    /// Where a bilateral code exists it is the one that says that both sides have the condition; two codes for it are
    /// not coded to the guideline. Payers with laterality rules return or deny such a line.
    ///
    /// # Example
    /// A line pointing to `H25.11` and `H25.12` (cataract of the right and of the left eye): `H25.13` is bilateral.
    ///
    /// # How to fix
    /// Report the bilateral code in place of the two. If the sides are treated at different times, the line for the
    /// second, once the first no longer has the condition, points to that side alone (Guidelines I.B.13).
    ///
    /// # Bypass
    /// None.
    ///
    /// # Source
    /// ICD-10-CM Official Guidelines I.B.13 (laterality); ICD-10-CM titles, for the side of a code; laterality
    /// policies of commercial payers.
    ///
    /// # Tables
    /// icd10cm, icd10cm-side (from the titles). A line that points to a left and a right code and has a date outside
    /// the releases is not evaluated, nor is a line without pointers on a professional claim with such a pair; lines
    /// without a date, and codes not valid on it, have nothing that could be judged.
    pub struct DxBothSides;
    id: "DX032", name: "dx-both-sides",
    severity: Warning, snip: 6, carc: "", rarc: "",
    source: "ICD-10-CM Official Guidelines I.B.13; laterality policies of payers",
    unit: Line, claims: NOT_INSTITUTIONAL, default: ON,
    tables: [tables::DIAGNOSES, tables::SIDES], fields: [], fires: Fires::diagnoses(could::SIDE),
    messages: [
        "The line points to {left} and {right}, the left and the right of one condition, and {bilateral} says both on \
         {date}; a payer would ask for the bilateral code"
            => "Report {bilateral} in place of {left} and {right}, if both sides have the condition on that day.",
    ],
    check: check,
}

fn check(claim: &ClaimFacts<'_>, out: &mut Recorder<'_>) {
    let Some(sides) = Sides::of(claim) else { return };
    for (line, number) in claim.lines.iter().zip(0u32..) {
        both(claim, sides, line, number, out);
    }
}

fn both(claim: &ClaimFacts<'_>, sides: Sides<'_>, line: &LineFacts<'_>, number: u32, out: &mut Recorder<'_>) {
    // A dental line that gives no pointers is for no diagnosis.
    if line.is_unpointed() && claim.claim_type() != ClaimType::Professional {
        return;
    }
    let Ok(date) = line.governing_date() else { return };
    for (place, dx) in pointed(claim, line) {
        let Some(ordinal) = dx.lookup.ordinal().filter(|&own| sides.system.could(own) & could::SIDE != 0) else {
            continue;
        };
        let own = match sides.side(ordinal) {
            Some(side @ (Side::Left | Side::Right)) => side,
            _ => continue,
        };
        // The one of the other side, before it on the claim.
        let earlier = pointed(claim, line).take_while(|&(other, _)| other < place).find_map(|(_, other)| {
            let other_ordinal = other.lookup.ordinal()?;
            let side = sides.side_in_family(ordinal, other_ordinal)?;
            (side != own && side != Side::Both).then_some((other_ordinal, other))
        });
        let Some((other_ordinal, other)) = earlier else { continue };
        if let Err(reason) = sides.covers(date) {
            out.skip_line(number, reason);
            continue;
        }
        let valid = |code| is_reportable(sides.system, code, date);
        let family = sides.relation.links(ordinal);
        let bilateral = family.filter(|link| Side::of(link.class.value) == Some(Side::Both)).map(|link| link.target);
        let Some(bilateral) = { bilateral }.find(|&code| valid(code) && valid(ordinal) && valid(other_ordinal)) else {
            continue;
        };
        if line.is_unpointed() {
            out.skip_line(number, UNPOINTED);
            continue;
        }
        let (left, right) = if own == Side::Left { (dx.code, other.code) } else { (other.code, dx.code) };
        out.fail_line(number, Field::Diagnosis(place as u8 + 1), 0)
            .with("left", Value::Diagnosis(left))
            .with("right", Value::Diagnosis(right))
            .with("bilateral", Value::Diagnosis(sides.system.code(bilateral)))
            .with("date", Value::Date(date));
    }
}
