use crate::contract::edit;
use crate::{ClaimFacts, Fires, LineFacts, Reason, Recorder, Value};
use claims::Field;
use codes::{Code, Money};

edit! {
    /// # What it checks
    /// The claim's total charge is the sum of its lines' charges, to the cent. A line's charge is for all of its
    /// units; it is never multiplied by them. On institutional claims a line of revenue code 0001, which holds the
    /// total itself, is not added.
    ///
    /// # Why a payer denies it
    /// A claim whose lines do not add up fails the balancing of the 837 and is returned before anybody reads it.
    ///
    /// # Example
    /// Lines of 120.00 and 35.50 under a claim total of 155.00.
    ///
    /// # How to fix
    /// Find which is wrong. Often a line was added, removed or repriced after the total was written, or a charge
    /// is the price of one unit.
    ///
    /// # Bypass
    /// None.
    ///
    /// # Source
    /// X12 005010X222A1, X223A2 and X224A2: CLM02 is the sum of SV102, SV203 or SV302; WEDI SNIP type 3 (balancing).
    ///
    /// # Tables
    /// None. A claim without total, or with a line without charge, is not evaluated; nor is one where they cannot
    /// be read.
    pub struct ClaimTotal;
    id: "CLM001", name: "claim-total",
    severity: Error, snip: 3, carc: "16", rarc: "M54",
    source: "X12 005010X222A1, X223A2, X224A2: CLM02",
    unit: Claim, claims: ALL, default: ON,
    tables: [], fields: [Field::ClaimTotal, Field::Charge], fires: Fires::UNBALANCED,
    messages: [
        "The claim's total is {total} but its line charges ({lines}) add up to {sum}, a difference of {difference}; a \
         payer would return a claim that does not balance"
            => "Correct the total, or the line whose charge is wrong. A line's charge is for all of its units.",
        "The claim's total is {total} but the charge of its only line is {sum}, a difference of {difference}; a payer \
         would return a claim that does not balance"
            => "Correct the total or the line's charge. A line's charge is for all of its units.",
        "The claim's total is {total} but no line has a charge that adds to it; a payer would return a claim that does \
         not balance"
            => "Correct the total, or add the lines.",
    ],
    check: check,
}

const LINES: u8 = 0;
const ONE_LINE: u8 = 1;
const NO_LINE: u8 = 2;

/// Revenue code 0001: the total of the bill (NUBC).
pub(super) const TOTAL_CHARGE: Code = Code::new(b"0001");

fn check(claim: &ClaimFacts<'_>, out: &mut Recorder<'_>) {
    let Some(total) = claim.claim.row.total.value() else {
        out.skip_claim(Reason::FieldAbsent(Field::ClaimTotal));
        return;
    };
    let institutional = claim.is_institutional();
    let added = |line: &&LineFacts<'_>| !(institutional && line.row.revenue_code == TOTAL_CHARGE);
    let mut sum = 0i128;
    for line in claim.lines.iter().filter(added) {
        let Some(charge) = line.row.charge.value() else {
            out.skip_claim(Reason::FieldAbsent(Field::Charge));
            return;
        };
        sum += i128::from(charge.cents());
    }
    if sum == i128::from(total.cents()) {
        return;
    }
    let lines = claim.lines.iter().filter(added).count() as i64;
    let message = match lines {
        0 => NO_LINE,
        1 => ONE_LINE,
        _ => LINES,
    };
    out.fail_claim(Field::ClaimTotal, message)
        .with("total", Value::Money(total))
        .with("sum", money(sum))
        .with("difference", money(i128::from(total.cents()) - sum))
        .with("lines", Value::Count(lines));
}

/// An amount of cents; as text beyond what an amount can be, which no honest claim reaches.
fn money(cents: i128) -> Value {
    i64::try_from(cents)
        .map_or_else(|_| Value::Text(format!("{} cents", cents)), |cents| Value::Money(Money::from_cents(cents)))
}
