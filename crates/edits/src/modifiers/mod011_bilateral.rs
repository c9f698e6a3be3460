use crate::contract::{edit, tables};
use crate::fees::Fees;
use crate::same_day::is_professional_fee;
use crate::{ClaimFacts, Fires, LineFacts, Lookup, Reason, Recorder, Value, px};
use claims::{Field, Given};
use codes::{Modifier, Units};
use codeset::flags::procedure;

/// A procedure done on both sides in one session.
const BOTH_SIDES: Modifier = Modifier::new(b"50");

/// A critical access hospital's bill, 85x.
const CRITICAL_ACCESS: u8 = 85;

edit! {
    /// # What it checks
    /// On a professional claim, a line with modifier 50 (both sides) has a procedure whose bilateral indicator in the
    /// Medicare Physician Fee Schedule, on the line's first day of service, is 1 or 3, and one unit. On an outpatient
    /// institutional claim, a procedure that may be done on both sides (the I/OCE's conditional and independent lists)
    /// with modifier 50 has one unit.
    ///
    /// # Why a payer denies it
    /// With indicator 0 the procedure cannot be done twice, or another code says both sides; with 2 the code's payment
    /// is for both sides already; with 9 the concept does not apply. Modifier 50 says both sides on one line, so that
    /// two units would be four. Payers answer CARC 4.
    ///
    /// # Example
    /// `27447-50` with 1 unit is right (indicator 1); with 2 units it is not. `31231-50` is not: the code is paid for
    /// both sides already (indicator 2).
    ///
    /// # How to fix
    /// Remove 50 where the indicator is 0, 2 or 9, or use RT or LT for the side that was treated. Report 1 unit with 50.
    ///
    /// # Bypass
    /// None.
    ///
    /// # Source
    /// Bilateral indicator of the Medicare Physician Fee Schedule relative value file (CMS); Medicare Claims Processing
    /// Manual chapter 12 §40.7; I/OCE edit 74 and its lists. That both sides are one unit with 50 is NCCI's rule for all
    /// bills (policy manual ch. I, section V), so outpatient bills are judged that the I/OCE does not read for edit 74 too.
    ///
    /// # Tables
    /// fee-schedule for professional claims, procedures for institutional ones. A date outside their releases, a code
    /// that they do not list or that is not valid that day, an institutional claim without type of bill, and a line with 50 but no units are not
    /// evaluated. Lines without 50 pass; so do inpatient bills and, on bills of critical access hospitals (85x), lines
    /// that are not professional fees (revenue codes 096x to 098x).
    pub struct ModifierBilateral;
    id: "MOD011", name: "modifier-bilateral",
    severity: Error, snip: 6, carc: "4", rarc: "",
    source: "MPFS relative value file, bilateral indicator; Claims Processing Manual chapter 12 §40.7; I/OCE edit 74",
    unit: Line, claims: NOT_DENTAL, default: ON,
    tables: [tables::PROCEDURES], fields: [Field::Modifier(1)], fires: Fires::BILATERAL_MODIFIER,
    messages: [
        "Modifier 50 does not fit {procedure} on {date}: its bilateral indicator is 0, the procedure cannot be done on \
         two sides or another code says both; a payer would deny the combination"
            => "Remove 50; if only one side was treated use RT or LT, if both were bill the code for both sides.",
        "Modifier 50 does not fit {procedure} on {date}: its bilateral indicator is 2, the code is paid for both sides \
         already; a payer would deny the combination"
            => "Remove 50 and report {procedure} once.",
        "Modifier 50 does not fit {procedure} on {date}: its bilateral indicator is 9, there are no sides to it; a payer \
         would deny the combination"
            => "Remove 50.",
        "{procedure} with modifier 50 has {units} units on {date}; 50 says both sides on one line, and a payer would \
         deny more than 1 unit"
            => "Report 1 unit with 50; if the procedure was done again beside both sides, report that on a line of its \
                own.",
    ],
    check: check,
}

const TOO_MANY_UNITS: u8 = 3;

fn check(claim: &ClaimFacts<'_>, out: &mut Recorder<'_>) {
    for (number, line) in (0..).zip(claim.lines) {
        let Some((place, _)) = line.given_modifiers().find(|(_, modifier)| *modifier == BOTH_SIDES) else { continue };
        if line.procedure == Lookup::Absent || px::holds_rate_code(claim, line) {
            continue;
        }
        match judge(claim, line) {
            Ok(None) => {}
            Err(reason) => out.skip_line(number, reason),
            Ok(Some((message, release))) => {
                let field = if message == TOO_MANY_UNITS { Field::Units } else { Field::Modifier(place as u8 + 1) };
                let finding = out
                    .fail_line(number, field, message)
                    .with("procedure", Value::Code(line.row.procedure))
                    .with("modifier", Value::Modifier(BOTH_SIDES))
                    .from_release(release);
                if let Some(date) = line.date {
                    finding.with("date", Value::Date(date));
                }
                if let Some(units) = line.row.units.value() {
                    finding.with("units", Value::Units(units));
                }
            }
        }
    }
}

/// The message and release of a line with 50 that fails.
fn judge(claim: &ClaimFacts<'_>, line: &LineFacts<'_>) -> Result<Option<(u8, u16)>, Reason> {
    let release = if claim.is_institutional() {
        match of_facility(claim, line)? {
            Some(release) => release,
            None => return Ok(None),
        }
    } else {
        let Fees { indicators, release } = Fees::of(claim, line)?;
        match indicators.bilateral {
            b'0' => return Ok(Some((0, release))),
            b'2' => return Ok(Some((1, release))),
            b'1' | b'3' => release,
            _ => return Ok(Some((2, release))),
        }
    };
    let Given::Is(units) = line.row.units else { return Err(Reason::FieldAbsent(Field::Units)) };
    Ok((units > Units::whole(1)).then_some((TOO_MANY_UNITS, release)))
}

/// The release that says that an institutional line's procedure may be done on both sides; nothing where the units of
/// such lines are not looked at.
fn of_facility(claim: &ClaimFacts<'_>, line: &LineFacts<'_>) -> Result<Option<u16>, Reason> {
    let Given::Is(bill) = claim.claim.row.bill_type else { return Err(Reason::FieldAbsent(Field::BillType)) };
    let of_hospital = bill.facility_and_care() == CRITICAL_ACCESS && !is_professional_fee(line.row.revenue_code);
    if bill.is_inpatient() || of_hospital {
        return Ok(None);
    }
    let row = px::row(claim, line)?;
    let both = row.flags & (procedure::BILATERAL_CONDITIONAL | procedure::BILATERAL_INDEPENDENT) != 0;
    Ok(both.then_some(row.release))
}
