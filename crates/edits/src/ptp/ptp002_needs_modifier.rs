use super::across::{self, Released};
use super::pairs::{self, NCCI_MODIFIER_EITHER_LINE_FROM, Verdict, WITH_MODIFIER};
use crate::contract::{edit, tables};
use crate::{ClaimFacts, Finding, LineFacts, Recorder, Value};
use claims::Field;

edit! {
    /// # What it checks
    /// Two procedures of one patient, provider and date of service that are an NCCI procedure-to-procedure (PTP)
    /// pair with the indicator 1 carry an NCCI-associated modifier. The pair must be active on the date of service.
    /// The provider is the line's rendering provider, or the billing provider where the line names none; a claim
    /// that names neither has one provider. On an institutional claim the provider is the facility.
    ///
    /// Lines of other claims count too: claims of the same patient and payer that came before in the same run, within
    /// 131,072 claims, if they name the provider and replace or void no other. The finding is on the later claim.
    ///
    /// # Why a payer denies it
    /// NCCI takes the column-2 service as part of the column-1 service unless a modifier says that it was apart:
    /// another site, session, injury or provider. Without one a payer would pay column 1 and deny column 2.
    ///
    /// # Example
    /// On an outpatient hospital bill, 11042 (debridement) and 97597 (selective debridement) on one day: 97597 is
    /// column 2 and needs, for a different wound, 59 or XS.
    ///
    /// # How to fix
    /// If the record shows that the services were apart, add the modifier that says how: XE, XP, XS, XU or 59, a
    /// side, finger, toe, eyelid or coronary artery, or 24, 25, 57, 58, 78, 79, 27 or 91. Otherwise remove the
    /// column-2 procedure. 22, 76 and 77 do not release a pair.
    ///
    /// # Bypass
    /// An NCCI-associated modifier on the column-2 line or, for dates of service from 2019-07-01 (CR 11168), on the
    /// column-1 line; before, only one on the column-2 line. Each pair is released for itself: a modifier on one
    /// column-1 line does not release the pair with another. Which modifiers are NCCI-associated on a day is in the
    /// modifier table; they are the 44 of the NCCI policy manual.
    ///
    /// # Source
    /// NCCI policy manual for Medicare ch. I, section E; CR 11168 (Transmittal 2259, 2019-02-15); CMS MLN1783722
    /// "How to use the Medicare NCCI tools"; I/OCE edit 40.
    ///
    /// # Tables
    /// ptp-practitioner for professional claims and ambulatory surgery centres (bill type 83x), ptp-hospital for other
    /// outpatient institutional claims; neither stands in for the other. Inpatient bills (11x, 18x, 21x, 41x) and bill
    /// types 43x, 71x and 77x pass: the I/OCE does not pair their lines. On bills of critical access hospitals (85x)
    /// lines for professional fees (revenue codes 096x to 098x) are paired among themselves, as the I/OCE does. Lines
    /// without a procedure, or with a HIPPS rate code, pass. An institutional claim without type of bill, a date outside
    /// the table's releases, and a procedure that no release lists are not evaluated, nor is a column-2 line whose column
    /// 1 would be such a procedure, or a line that would be paired with such a procedure of an earlier claim; nor is a
    /// pair with modifiers on a date outside the releases of modifiers. Units and charges do not matter: a line of zero
    /// or negative units counts. In an input without modifiers a pair is not evaluated.
    pub struct PtpNeedsModifier;
    id: "PTP002", name: "ptp-needs-modifier",
    severity: Error, snip: 5, carc: "236", rarc: "",
    source: "NCCI policy manual ch. I; CMS MLN1783722; CR 11168; I/OCE edit 40",
    unit: Line, claims: NOT_DENTAL, default: ON,
    tables: [tables::PROCEDURES, tables::MODIFIERS], fields: [], fires: pairs::FIRES,
    messages: [
        "{procedure} (column 2) and {column_1} (column 1, line {column_1_line}) are on {date} by the same provider \
         with no NCCI-associated modifier on either line; without one a payer would take {procedure} as part of \
         {column_1} (indicator 1)"
            => "If the record shows that the services were apart, add the modifier that says how (XE, XP, XS, XU, 59, \
                25 or a site) to {procedure}; otherwise remove {procedure}.",
        "{procedure} (column 2) and {column_1} (column 1, line {column_1_line}) are on {date} by the same provider \
         with no NCCI-associated modifier on {procedure}; before 2019-07-01 one on the column-1 line does not count, \
         and a payer would take {procedure} as part of {column_1} (indicator 1)"
            => "If the record shows that the services were apart, add the modifier that says how (XE, XP, XS, XU, 59, \
                25 or a site) to {procedure}; otherwise remove {procedure}.",
        "{procedure} (column 2) and {column_1} (column 1, line {column_1_line}) are on {date} by the same provider, \
         an NCCI pair of indicator 1; modifier {modifier} on line {modifier_line} releases it"
            => "Keep the documentation that the services were apart; a payer may ask for it.",
        "{procedure} (column 2) and {column_1} (column 1, line {other_line} of claim {other_claim}) are on {date} by \
         the same provider with no NCCI-associated modifier that counts; a payer would take {procedure} as part of \
         {column_1} (indicator 1)"
            => "If the record shows that the services were apart, add the modifier that says how (XE, XP, XS, XU, 59, \
                25 or a site) to {procedure}; otherwise remove {procedure}.",
        "{column_1} (column 1) and {procedure} (column 2, line {other_line} of claim {other_claim}) are on {date} by \
         the same provider with no NCCI-associated modifier that counts; a payer would take {procedure} as part of \
         {column_1} (indicator 1)"
            => "If the record shows that the services were apart, add the modifier that says how (XE, XP, XS, XU, 59, \
                25 or a site) to {procedure} on claim {other_claim} or, from 2019-07-01, to {column_1}; otherwise take \
                {procedure} off claim {other_claim}.",
        "{procedure} (column 2) and {column_1} (column 1) are on {date} by the same provider, one of them on line \
         {other_line} of claim {other_claim}, an NCCI pair of indicator 1; modifier {modifier} releases it"
            => "Keep the documentation that the services were apart; a payer may ask for it.",
    ],
    check: check,
    of_kind: pairs::of_kind,
}

// Messages of pairs with an earlier claim's line.
const ACROSS_COLUMN_2: u8 = 3;
const ACROSS_COLUMN_1: u8 = 4;
const ACROSS_RELEASED: u8 = 5;

fn check(claim: &ClaimFacts<'_>, out: &mut Recorder<'_>) {
    pairs::evaluate(claim, out, WITH_MODIFIER, |out, place, pairs| {
        let (Some(line), Some(first)) = (claim.lines.get(place as usize), claim.lines.get(pairs.column_1 as usize))
        else {
            return;
        };
        let finding = match pairs.verdict {
            Verdict::Fails => {
                if let Some(reason) = claim.lacks(Field::Modifier(1)) {
                    return out.skip_line(place, reason);
                }
                let before = line.date.is_some_and(|date| date < NCCI_MODIFIER_EITHER_LINE_FROM);
                Some(out.fail_line(place, Field::Procedure, u8::from(before)))
            }
            Verdict::ReleasedByOwn => released(claim, out, place, line),
            Verdict::ReleasedByColumn1 => released(claim, out, place, first),
            // The lines that cannot be judged were said already.
            Verdict::ModifiersUnknown | Verdict::CodeUnlisted => None,
        };
        let Some(finding) = finding else { return };
        finding
            .with("procedure", Value::Code(line.row.procedure))
            .with("column_1", Value::Code(first.row.procedure))
            .with("column_1_line", Value::Count(first.row.number.into()))
            .with("indicator", Value::Count(WITH_MODIFIER.into()))
            .from_release(pairs.class.release);
        if let Some(date) = line.date {
            finding.with("date", Value::Date(date));
        }
        let others = pairs.other_lines(claim);
        if !others.is_empty() {
            finding.with("other_column_1_lines", Value::Lines(others));
        }
    });
    for pair in across::pairs(claim, WITH_MODIFIER) {
        if let Some(reason) = pair.released.and_then(Released::unknown) {
            out.skip_line(pair.line, reason);
            continue;
        }
        let modifier = match pair.released {
            None if let Some(reason) = claim.lacks(Field::Modifier(1)) => {
                out.skip_line(pair.line, reason);
                continue;
            }
            None => {
                let message = if pair.is_column_1 { ACROSS_COLUMN_1 } else { ACROSS_COLUMN_2 };
                across::tell(claim, &pair, out.fail_line(pair.line, Field::Procedure, message));
                continue;
            }
            Some(Released::ByOther) => across::ncci_modifier(claim.codeset, &pair.other),
            Some(_) => claim.lines.get(pair.line as usize).and_then(|line| claim.has_ncci_modifier(line)),
        };
        if let Some(finding) = out.bypass_line(pair.line, Field::Procedure, ACROSS_RELEASED) {
            across::tell(claim, &pair, finding);
            if let Some(modifier) = modifier {
                finding.with("modifier", Value::Modifier(modifier));
            }
        }
    }
}

/// The line at `place` is released by a modifier of the line `by`.
fn released<'o>(
    claim: &ClaimFacts<'_>,
    out: &'o mut Recorder<'_>,
    place: u32,
    by: &LineFacts<'_>,
) -> Option<&'o mut Finding> {
    let finding = out.bypass_line(place, Field::Procedure, 2)?;
    if let Some(modifier) = claim.has_ncci_modifier(by) {
        finding.with("modifier", Value::Modifier(modifier));
    }
    finding.with("modifier_line", Value::Count(by.row.number.into()));
    Some(finding)
}
