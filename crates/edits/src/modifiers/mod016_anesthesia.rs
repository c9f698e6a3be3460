use crate::contract::edit;
use crate::{ClaimFacts, Fires, Recorder, Value, px};
use claims::Field;
use codes::Modifier;

/// The modifiers that say who gave the anesthesia: a physician alone (AA), a physician supervising more than four (AD) or
/// directing two to four (QK) or one (QY), a nurse anesthetist or assistant directed (QX) or a nurse anesthetist not (QZ).
const GIVERS: [Modifier; 6] = [
    Modifier::new(b"AA"),
    Modifier::new(b"AD"),
    Modifier::new(b"QK"),
    Modifier::new(b"QX"),
    Modifier::new(b"QY"),
    Modifier::new(b"QZ"),
];

edit! {
    /// # What it checks
    /// A professional line with an anesthesia code (00100 to 01999) carries exactly one of the modifiers that say who
    /// gave the anesthesia, AA, AD, QK, QX, QY or QZ, and carries it first.
    ///
    /// # Why a payer denies it
    /// The modifier decides the payment: all of the allowance for AA and QZ, half for QK, QX and QY, a fixed number of
    /// units for AD. Without it, or with two, the line cannot be priced; many payers read the first place only. Payers
    /// answer CARC 4.
    ///
    /// # Example
    /// `00840-QS-AA`: QS (monitored care) stands before AA. `00840-AA-QS` is right. `00840` alone fails.
    ///
    /// # How to fix
    /// Put the modifier that says who gave the anesthesia first; others, such as QS, G8, G9, 23 or P1 to P6, follow.
    ///
    /// # Bypass
    /// None.
    ///
    /// # Source
    /// Medicare Claims Processing Manual chapter 12 §50 (payment for anesthesia services, claims modifiers) and §140.
    ///
    /// # Tables
    /// None: whether the code exists is PX001's and PX003's. Lines with other codes pass. Institutional and dental claims
    /// are not looked at.
    pub struct ModifierAnesthesia;
    id: "MOD016", name: "modifier-anesthesia",
    severity: Error, snip: 6, carc: "4", rarc: "",
    source: "Medicare Claims Processing Manual chapter 12 §50",
    unit: Line, claims: PROFESSIONAL, default: ON,
    tables: [], fields: [Field::Modifier(1)], fires: Fires::ANESTHESIA,
    messages: [
        "Anesthesia code {procedure} has none of the modifiers AA, AD, QK, QX, QY and QZ, which say who gave the \
         anesthesia; a payer could not price the line"
            => "Add, in the first place, the modifier that says who gave the anesthesia.",
        "Anesthesia code {procedure} has the modifiers {first} and {second}, of which only one can say who gave the \
         anesthesia; a payer could not price the line"
            => "Keep the one that is true, in the first place, and bill each provider's part on a line of its own.",
        "Modifier {modifier}, which says who gave the anesthesia of {procedure}, is not in the first place; a payer may \
         price the line by the first modifier alone"
            => "Put {modifier} first.",
    ],
    check: check,
}

fn check(claim: &ClaimFacts<'_>, out: &mut Recorder<'_>) {
    for (number, line) in (0..).zip(claim.lines) {
        let procedure = line.row.procedure;
        if !px::is_anesthesia(procedure) {
            continue;
        }
        let mut givers = line.given_modifiers().filter(|(_, modifier)| GIVERS.contains(modifier));
        let finding = match (givers.next(), givers.next()) {
            (None, _) => out.fail_line(number, Field::Modifier(1), 0),
            (Some((_, first)), Some((place, second))) => out
                .fail_line(number, Field::Modifier(place as u8 + 1), 1)
                .with("first", Value::Modifier(first))
                .with("second", Value::Modifier(second)),
            // An empty place before it does not count: it is the first that the payer reads.
            (Some((place, modifier)), None) if line.given_modifiers().next().map(|(place, _)| place) != Some(place) => {
                out.fail_line(number, Field::Modifier(place as u8 + 1), 2).with("modifier", Value::Modifier(modifier))
            }
            (Some(_), None) => continue,
        };
        finding.with("procedure", Value::Code(procedure));
    }
}
