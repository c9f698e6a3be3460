use crate::contract::edit;
use crate::px::evaluation::is_evaluation;
use crate::{ClaimFacts, Fires, Recorder, Value};
use claims::Field;
use codes::Modifier;

edit! {
    /// # What it checks
    /// No evaluation-and-management service (99201 to 99499, 92002, 92004, 92012, 92014) carries modifier 59, XE, XP,
    /// XS or XU.
    ///
    /// # Why a payer denies it
    /// These modifiers say that a procedure was distinct from another. That a visit was more than the work of a
    /// procedure on the same day is said by 25. NCCI's manual forbids 59 on a visit, so a payer would not take it as
    /// releasing anything.
    ///
    /// # Example
    /// `99213-59` on the day of a lesion's removal: `99213-25`.
    ///
    /// # How to fix
    /// Use 25 for a significant, separately identifiable visit on the day of a procedure (57 for the decision for
    /// major surgery, 24 within another surgery's global period). Otherwise remove the modifier.
    ///
    /// # Bypass
    /// None.
    ///
    /// # Source
    /// NCCI policy manual for Medicare ch. I, section E, modifier 59; CMS MLN1783722.
    ///
    /// # Tables
    /// None.
    pub struct ModifierOnEvaluation;
    id: "MOD017", name: "modifier-59-on-evaluation",
    severity: Warning, snip: 6, carc: "4", rarc: "",
    source: "NCCI policy manual ch. I, section E",
    unit: Line, claims: NOT_DENTAL, default: ON,
    tables: [], fields: [Field::Modifier(1)], fires: Fires::DISTINCT_MODIFIER,
    messages: [
        "Modifier {modifier} is on {procedure}, an evaluation-and-management service; NCCI does not take {modifier} on a \
         visit, so a payer would not let it release anything"
            => "Use 25 if the visit was significant and separately identifiable (57 for the decision for major \
                surgery, 24 within another surgery's global period); otherwise remove {modifier}.",
    ],
    check: check,
}

const DISTINCT: [Modifier; 5] =
    [Modifier::new(b"59"), Modifier::new(b"XE"), Modifier::new(b"XP"), Modifier::new(b"XS"), Modifier::new(b"XU")];

fn check(claim: &ClaimFacts<'_>, out: &mut Recorder<'_>) {
    for (number, line) in (0..).zip(claim.lines) {
        for (place, modifier) in line.given_modifiers() {
            if DISTINCT.contains(&modifier) && is_evaluation(line.row.procedure) {
                out.fail_line(number, Field::Modifier(place as u8 + 1), 0)
                    .with("modifier", Value::Modifier(modifier))
                    .with("procedure", Value::Code(line.row.procedure));
            }
        }
    }
}
