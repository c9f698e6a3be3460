use super::side::{Sides, UNPOINTED, pointed};
use crate::contract::{edit, tables};
use crate::{ClaimFacts, Fires, LineFacts, Reason, Recorder, Value};
use claims::Field;
use codes::{ClaimType, Code, Modifier};
use codeset::{RelationId, Side};

edit! {
    /// # What it checks
    /// A line with modifier RT points to a diagnosis of the right side, and one with LT to one of the left, if it
    /// points to a diagnosis that is of a side at all. A line fails when those that are of a side are all of the other
    /// one, or of both. A line with RT and LT, and a line whose diagnoses are of no side, pass.
    ///
    /// # Why a payer denies it
    /// Modifier and diagnosis say where the service was given. Where they disagree, one of the two is wrong, and
    /// payers with laterality rules deny the line as inconsistent with its modifier. A diagnosis of both sides with
    /// the modifier of one is right when only one side was treated; some payers ask for it all the same.
    ///
    /// # Example
    /// `66984-RT` (cataract surgery, right eye) pointing to `H25.12` (cataract, left eye).
    ///
    /// # How to fix
    /// Correct the modifier, or the diagnosis, by the record. If both sides were treated, report the service for
    /// both (modifier 50, or RT and LT on two lines, as the payer asks).
    ///
    /// # Bypass
    /// None.
    ///
    /// # Source
    /// ICD-10-CM Official Guidelines I.B.13 (laterality); ICD-10-CM titles, for the side of a code; HCPCS Level II
    /// modifiers LT and RT; laterality policies of commercial payers.
    ///
    /// # Tables
    /// icd10cm, icd10cm-side (from the titles: codes that differ in "left" and "right" alone). Not evaluated, for lines
    /// with RT or LT: a line without date, a date outside the releases, and a line none of whose diagnoses is of the side
    /// while one of them is not valid on the date or has no title; a line without pointers, unless it would come out the
    /// same whichever of the claim's diagnoses it is for.
    pub struct DxSideVsModifier;
    id: "DX031", name: "dx-side-vs-modifier",
    severity: Warning, snip: 6, carc: "4", rarc: "",
    source: "ICD-10-CM Official Guidelines I.B.13; laterality policies of payers",
    unit: Line, claims: NOT_INSTITUTIONAL, default: ON,
    tables: [tables::DIAGNOSES, tables::SIDES], fields: [], fires: Fires::SIDE_MODIFIER,
    messages: [
        "The line has modifier {modifier} and points to {diagnosis}, which is of the other side; a payer would deny it \
         as inconsistent with the modifier"
            => "Correct the modifier or the diagnosis: {same_side} is the code of the modifier's side.",
        "The line has modifier {modifier} and points to {diagnosis}, which is of both sides; a payer that compares \
         them would ask which side was treated"
            => "Report the code of the side that was treated ({same_side}) if only that side has the condition, or the \
                service for both sides.",
        "The line has modifier {modifier} and points to {diagnosis}, which is of both sides; a payer that compares \
         them would ask which side was treated"
            => "Report the code of the side that was treated if only that side has the condition, or the service for \
                both sides.",
    ],
    check: check,
}

const OTHER: u8 = 0;
const BOTH: u8 = 1;
const BOTH_ALONE: u8 = 2;

const RT: Modifier = Modifier::new(b"RT");
const LT: Modifier = Modifier::new(b"LT");

fn check(claim: &ClaimFacts<'_>, out: &mut Recorder<'_>) {
    let Some(sides) = Sides::of(claim) else { return };
    for (line, number) in claim.lines.iter().zip(0u32..) {
        let (modifier, side) = match (line.has_modifier(RT), line.has_modifier(LT)) {
            (true, false) => (RT, Side::Right),
            (false, true) => (LT, Side::Left),
            _ => continue,
        };
        match against(claim, sides, line, side) {
            Err(reason) => out.skip_line(number, reason),
            Ok(None) => {}
            Ok(Some(Against { place, code, found, same_side })) => {
                let message = match (found, same_side) {
                    (Side::Both, Some(_)) => BOTH,
                    (Side::Both, None) => BOTH_ALONE,
                    _ => OTHER,
                };
                let at = line.row.modifiers.iter().position(|&own| own == modifier).unwrap_or(0);
                let finding = out
                    .fail_line(number, Field::Modifier(at as u8 + 1), message)
                    .with("modifier", Value::Modifier(modifier))
                    .with("diagnosis", Value::Diagnosis(code))
                    .with("diagnosis_field", Value::Field(Field::Diagnosis(place as u8 + 1)));
                if let Some(same_side) = same_side {
                    finding.with("same_side", Value::Diagnosis(same_side));
                }
            }
        }
    }
}

/// A diagnosis that the modifier goes against.
struct Against {
    place: u32,
    code: Code,
    found: Side,
    /// The code of its family that is of the modifier's side.
    same_side: Option<Code>,
}

fn against(
    claim: &ClaimFacts<'_>,
    sides: Sides<'_>,
    line: &LineFacts<'_>,
    side: Side,
) -> Result<Option<Against>, Reason> {
    let date = line.governing_date()?;
    let mut first: Option<Against> = None;
    let (mut unknown, mut same, mut sideless) = (false, false, false);
    for (place, dx) in pointed(claim, line) {
        let Some(ordinal) = dx.lookup.ordinal().filter(|&ordinal| sides.is_known(ordinal, date)) else {
            unknown = true;
            continue;
        };
        let Some(found) = sides.side(ordinal) else {
            sideless = true;
            continue;
        };
        if found == side {
            same = true;
            if !line.is_unpointed() {
                return Ok(None);
            }
            continue;
        }
        // A code of the other side says more than one of both.
        if first.as_ref().is_none_or(|first| first.found == Side::Both && found != Side::Both) {
            let family = sides.relation.links(ordinal).find(|link| Side::of(link.class.value) == Some(side));
            let same_side = family.map(|link| sides.system.code(link.target));
            first = Some(Against { place, code: dx.code, found, same_side });
        }
    }
    sides.covers(date)?;
    if line.is_unpointed() && first.is_some() {
        // The line may rest on any of the diagnoses; a dental one also on none.
        let alike = !same && !sideless && !unknown && claim.claim_type() == ClaimType::Professional;
        return if alike { Ok(first) } else { Err(UNPOINTED) };
    }
    if unknown {
        return Err(Reason::CodeNotValid(RelationId::DiagnosisSide.name()));
    }
    Ok(first)
}
