use crate::contract::edit;
use crate::{ClaimFacts, Fires, LineFacts, Recorder, Value};
use claims::Field;
use codes::{ClaimType, Code, Units};

edit! {
    /// # What it checks
    /// The claim fits its transaction: at most 12 diagnoses and 50 lines on a professional claim, 25 diagnoses and
    /// 999 lines on an institutional one, 4 diagnoses and 50 lines on a dental one. Units are not negative, and not
    /// zero on a line with a procedure; a professional or dental line of zero units fails with or without one. Charges are
    /// not negative, be it a line's or the claim's total; zero is a charge. No two lines have one number.
    ///
    /// # Why a payer denies it
    /// The 837 has no place for more, and a service given zero times is none. Clearinghouses and payers reject such
    /// claims; the next version of the 837 forbids zero and negative units outright.
    ///
    /// # Example
    /// A professional claim with 51 lines; a line of 99213 with 0 units.
    ///
    /// # How to fix
    /// Split the claim, keeping with every line the diagnoses it points to. Write the units that were given and what
    /// they cost; to take back a service already paid, send a replacement or void of the claim and not negative units or
    /// charges.
    ///
    /// # Bypass
    /// None.
    ///
    /// # Source
    /// X12 005010X222A1 (HI, loop 2400), X223A2, X224A2; X12 RFI 2557 on zero units: the 5010 takes them, payers may
    /// reject them, later versions do not take them. On charges: CLM02, a total of zero or more; SV102, SV203
    /// and SV302, of which zero is the least that is taken. LX01, loop 2400: lines are numbered from 1, one by one.
    ///
    /// # Tables
    /// None. Zero units are right on institutional lines without a procedure, and on those of revenue codes 0022,
    /// 0023 and 0024, whose HIPPS rate codes have no units of their own. Lines without units are CLM005's. Every
    /// claim can be evaluated. More than four modifiers on a line cannot be read at all, which FMT003 says.
    pub struct ClaimLimits;
    id: "CLM003", name: "claim-limits",
    severity: Error, snip: 2, carc: "16", rarc: "MA130",
    source: "X12 005010X222A1, X223A2, X224A2; X12 RFI 2557",
    unit: Claim, claims: ALL, default: ON,
    tables: [], fields: [], fires: Fires::ODD_COUNTS,
    messages: [
        "The claim has {count} diagnoses, more than the {limit} that {claim_type} claims hold; a payer would not see \
         the rest, or reject the claim"
            => "Leave out the diagnoses that no line needs, or split the claim.",
        "The claim has {count} lines, more than the {limit} that {claim_type} claims hold; a payer would reject it"
            => "Split the claim; give each part the diagnoses of its lines.",
        "The line has {units} units; a payer would reject negative units"
            => "Write the units that were given. To take back a paid service, replace or void its claim.",
        "The line has 0 units of {procedure}; a service given zero times is none, and a payer would reject it"
            => "Write the units that were given, or remove the line.",
        "The line has 0 units; a service given zero times is none, and a payer would reject it"
            => "Write the units that were given, or remove the line.",
        "The claim has more than {count} diagnoses, and {claim_type} claims hold {limit}; a payer would not see the rest, or \
         reject the claim"
            => "Leave out the diagnoses that no line needs, or split the claim.",
        "The line's charge is {charge}; a payer would reject a negative charge"
            => "Write what the service was charged at. To take back a paid service, replace or void its claim.",
        "The claim's total is {charge}; a payer would reject a negative total"
            => "Write the sum of the lines' charges. To take back a paid claim, send a void of it.",
        "The line has number {number}, which a line before it has; findings and a payer's answer cannot say which of \
         the two they mean"
            => "Number the lines of the claim from 1, each by a number of its own." as Warning,
    ],
    check: check,
}

const NEGATIVE_CHARGE: u8 = 6;
const NEGATIVE_TOTAL: u8 = 7;
const NUMBERED_TWICE: u8 = 8;

/// What a transaction holds.
struct Limits {
    diagnoses: usize,
    lines: usize,
}

/// 005010X222A1: HI01 to HI12 of loop 2300; loop 2400 repeats 50 times.
const PROFESSIONAL: Limits = Limits { diagnoses: 12, lines: 50 };
/// 005010X223A2: a principal and 24 other diagnoses; loop 2400 repeats 999 times.
const INSTITUTIONAL: Limits = Limits { diagnoses: 25, lines: 999 };
/// 005010X224A2: HI01 to HI04 of loop 2300; loop 2400 repeats 50 times.
const DENTAL: Limits = Limits { diagnoses: 4, lines: 50 };

impl Limits {
    fn of(claim_type: ClaimType) -> Limits {
        match claim_type {
            ClaimType::Professional => PROFESSIONAL,
            ClaimType::Institutional => INSTITUTIONAL,
            ClaimType::Dental => DENTAL,
        }
    }
}

/// Whether a claim of so many diagnoses, be they given or empty, and lines may hold too many.
#[inline]
pub(super) fn may_hold_too_many(claim_type: ClaimType, diagnoses: usize, lines: usize) -> bool {
    let limits = Limits::of(claim_type);
    diagnoses > limits.diagnoses || lines > limits.lines
}

fn check(claim: &ClaimFacts<'_>, out: &mut Recorder<'_>) {
    let claim_type = claim.claim_type();
    let limits = Limits::of(claim_type);
    let diagnoses = if claim.diagnoses.len() > limits.diagnoses { claim.given_diagnoses().count() } else { 0 };
    // Of those beyond the last that there is a place for the first alone is known.
    let uncounted = claim.claim.raw(Field::DIAGNOSIS_BEYOND).is_some();
    let beyond = u8::try_from(limits.diagnoses + 1).unwrap_or(u8::MAX);
    for (message, field, count, limit) in [
        (if uncounted { 5 } else { 0 }, Field::Diagnosis(beyond), diagnoses, limits.diagnoses),
        (1, Field::LineNumber, claim.lines.len(), limits.lines),
    ] {
        if count > limit {
            out.fail_claim(field, message)
                .with("count", Value::Count(count as i64))
                .with("limit", Value::Count(limit as i64))
                .with("claim_type", Value::Text(claim_type.to_string()));
        }
    }
    if let Some(total) = claim.claim.row.total.value().filter(|total| total.cents() < 0) {
        out.fail_claim(Field::ClaimTotal, NEGATIVE_TOTAL).with("charge", Value::Money(total));
    }
    for place in numbered_twice(claim.lines) {
        let number = claim.lines.get(place as usize).map_or(0, |line| line.row.number);
        out.fail_claim_at_line(place, Field::LineNumber, NUMBERED_TWICE).with("number", Value::Count(number.into()));
    }
    for (place, line) in (0u32..).zip(claim.lines) {
        if let Some(charge) = line.row.charge.value().filter(|charge| charge.cents() < 0) {
            out.fail_claim_at_line(place, Field::Charge, NEGATIVE_CHARGE).with("charge", Value::Money(charge));
        }
        let Some(units) = line.row.units.value() else { continue };
        if units < Units::default() {
            out.fail_claim_at_line(place, Field::Units, 2).with("units", Value::Units(units));
        } else if units == Units::default() && !may_be_zero(claim, line) {
            let procedure = line.row.procedure;
            let finding = out.fail_claim_at_line(place, Field::Units, if procedure.is_empty() { 4 } else { 3 });
            finding.with("units", Value::Units(units));
            if !procedure.is_empty() {
                finding.with("procedure", Value::Code(procedure));
            }
        }
    }
}

/// The places of lines whose number a line before them has, in order.
fn numbered_twice(lines: &[LineFacts<'_>]) -> Vec<u32> {
    // Mostly they are in their order, and then none.
    if lines.iter().is_sorted_by(|one, next| one.row.number < next.row.number) {
        return Vec::new();
    }
    let mut numbers: Vec<(u32, u32)> = lines.iter().map(|line| line.row.number).zip(0..).collect();
    numbers.sort_unstable();
    let repeated = numbers.windows(2).filter_map(|pair| match pair {
        [(one, _), (other, place)] if one == other => Some(*place),
        _ => None,
    });
    let mut repeated: Vec<u32> = repeated.collect();
    repeated.sort_unstable();
    repeated
}

/// Whether zero units are right on the line.
fn may_be_zero(claim: &ClaimFacts<'_>, line: &LineFacts<'_>) -> bool {
    claim.is_institutional() && (line.row.procedure == Code::ABSENT || crate::px::holds_rate_code(claim, line))
}
