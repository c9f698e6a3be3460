use crate::contract::edit;
use crate::px::evaluation::{is_evaluation, number};
use crate::{ClaimFacts, Fires, Recorder, Value};
use claims::Field;
use codes::{Code, Modifier};

edit! {
    /// # What it checks
    /// Modifiers 24, 25 and 57, which are for evaluation-and-management services, are on one: CPT 99201 to 99499 or
    /// the ophthalmological 92002, 92004, 92012 and 92014. 25 may also stand on CPT's section Medicine (90281 and
    /// above), which has visits of its own, such as psychiatric evaluations. Only CPT category I codes are judged:
    /// visits among HCPCS codes (G0463, G0402, …) have no section of their own.
    ///
    /// # Why a payer denies it
    /// On a procedure these modifiers say nothing: mostly the visit was meant, whose line then lacks the modifier and
    /// is denied as part of the procedure. Payers answer CARC 4.
    ///
    /// # Example
    /// `99213` with `17000-25`: the 25 belongs on 99213.
    ///
    /// # How to fix
    /// Move the modifier to the visit; for a distinct procedure use 59, XE, XP, XS or XU.
    ///
    /// # Bypass
    /// None.
    ///
    /// # Source
    /// NCCI policy manual for Medicare ch. I, section E, modifier 25; Medicare Claims Processing Manual ch. 12 §§30.6.6,
    /// 40.2 (24, 25, 57).
    ///
    /// # Tables
    /// None.
    pub struct ModifierMisplaced;
    id: "MOD018", name: "modifier-25-misplaced",
    severity: Warning, snip: 6, carc: "4", rarc: "",
    source: "NCCI policy manual ch. I, section E; Medicare Claims Processing Manual ch. 12 §§30.6.6, 40.2",
    unit: Line, claims: NOT_DENTAL, default: ON,
    tables: [], fields: [Field::Modifier(1)], fires: Fires::VISIT_MODIFIER,
    messages: [
        "Modifier {modifier} is on {procedure}, which is no evaluation-and-management service; {modifier} speaks of a \
         visit, and a payer would not take it here"
            => "Move {modifier} to the line of the visit; if {procedure} was a distinct procedure, use 59 or the X \
                modifier that says how.",
    ],
    check: check,
}

const OF_VISITS: [Modifier; 3] = [Modifier::new(b"24"), Modifier::new(b"25"), Modifier::new(b"57")];
const SEPARATE_VISIT: Modifier = Modifier::new(b"25");

/// Whether a payer may take 25 on the code: those of CPT's section Medicine (from 90281 on) have visits of their own,
/// such as psychiatric evaluations.
fn takes_25(procedure: Code) -> bool {
    number(procedure).is_some_and(|number| number >= 90_281)
}

fn check(claim: &ClaimFacts<'_>, out: &mut Recorder<'_>) {
    for (line_number, line) in (0..).zip(claim.lines) {
        let procedure = line.row.procedure;
        for (place, modifier) in line.given_modifiers() {
            if !OF_VISITS.contains(&modifier) || number(procedure).is_none() || is_evaluation(procedure) {
                continue;
            }
            if modifier == SEPARATE_VISIT && takes_25(procedure) {
                continue;
            }
            out.fail_line(line_number, Field::Modifier(place as u8 + 1), 0)
                .with("modifier", Value::Modifier(modifier))
                .with("procedure", Value::Code(procedure));
        }
    }
}
