use crate::contract::edit;
use crate::{ClaimFacts, Fires, LineFacts, Recorder, Value};
use claims::Field;
use codes::{ClaimType, Code, Units};

edit! {
    /// # What it checks
    /// The claim fits its transaction: at most 12 diagnoses and 50 lines on a professional claim, 25 diagnoses and
    /// 999 lines on an institutional one, 4 diagnoses and 50 lines on a dental one. Units are not negative, and not
    /// zero on a line with a procedure; a professional or dental line of zero units fails with or without one.
    ///
    /// # Why a payer denies it
    /// The 837 has no place for more, and a service given zero times is none. Clearinghouses and payers reject such
    /// claims; the next version of the 837 forbids zero and negative units outright.
    ///
    /// # Example
    /// A professional claim with 51 lines; a line of 99213 with 0 units.
    ///
    /// # How to fix
    /// Split the claim, keeping with every line the diagnoses it points to. Write the units that were given; to
    /// take back a service already paid, send a replacement or void of the claim and not negative units.
    ///
    /// # Bypass
    /// None.
    ///
    /// # Source
    /// X12 005010X222A1 (HI, loop 2400), X223A2, X224A2; X12 RFI 2557 on zero units: the 5010 takes them, payers may
    /// reject them, later versions do not take them.
    ///
    /// # Tables
    /// None. Zero units are right on institutional lines without a procedure, and on those of revenue codes 0022,
    /// 0023 and 0024, whose HIPPS rate codes have no units of their own. Lines without units are CLM005's. Every
    /// claim can be evaluated. More than four modifiers on a line cannot be read at all, which FMT003 says.
    pub struct ClaimLimits;
    id: "CLM003", name: "claim-limits",
    severity: Error, snip: 2, carc: "16", rarc: "",
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
    ],
    check: check,
}

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
    for (place, line) in (0u32..).zip(claim.lines) {
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

/// Whether zero units are right on the line.
fn may_be_zero(claim: &ClaimFacts<'_>, line: &LineFacts<'_>) -> bool {
    claim.is_institutional() && (line.row.procedure == Code::ABSENT || crate::px::holds_rate_code(claim, line))
}
