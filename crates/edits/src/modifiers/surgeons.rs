//! Modifiers that say who else operated, against the indicator that says whether they may be paid.

use crate::fees::Fees;
use crate::{ClaimFacts, Lookup, Recorder, Value};
use claims::Field;
use codes::Modifier;
use codeset::FeeIndicators;

/// Reports every one of `modifiers` on a line whose procedure's indicators give it a message.
pub(super) fn evaluate(
    claim: &ClaimFacts<'_>,
    out: &mut Recorder<'_>,
    modifiers: &[Modifier],
    message: fn(&FeeIndicators) -> Option<u8>,
) {
    for (number, line) in (0..).zip(claim.lines) {
        if line.procedure == Lookup::Absent {
            continue;
        }
        for (place, modifier) in line.given_modifiers().filter(|(_, modifier)| modifiers.contains(modifier)) {
            let Fees { indicators, release } = match Fees::of(claim, line) {
                Ok(fees) => fees,
                Err(reason) => {
                    out.skip_line(number, reason);
                    continue;
                }
            };
            let Some(message) = message(&indicators) else { continue };
            let finding = out
                .fail_line(number, Field::Modifier(place as u8 + 1), message)
                .with("modifier", Value::Modifier(modifier))
                .with("procedure", Value::Code(line.row.procedure))
                .from_release(release);
            if let Some(date) = line.date {
                finding.with("date", Value::Date(date));
            }
        }
    }
}
