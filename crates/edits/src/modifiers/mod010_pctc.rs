use crate::contract::{edit, tables};
use crate::fees::{Fees, PROFESSIONAL_COMPONENT, TECHNICAL_COMPONENT};
use crate::{ClaimFacts, Fires, Lookup, Recorder, Value};
use claims::Field;

edit! {
    /// # What it checks
    /// A line with modifier 26 (professional component) or TC (technical component) has a procedure that is divided
    /// so: by the PC/TC indicator of the Medicare Physician Fee Schedule on the line's first day of service, 26 needs
    /// indicator 1 (diagnostic tests) or 6 (laboratory codes that a physician interprets), and TC indicator 1.
    ///
    /// # Why a payer denies it
    /// Other procedures have no such component: visits and surgery (0) are one service, professional-only (2, 8),
    /// technical-only (3) and global-only (4) codes have separate codes for the rest, and incident-to codes (5),
    /// therapy (7) and codes outside the concept (9) are never divided. Payers answer CARC 4.
    ///
    /// # Example
    /// `93010-26`: the code is the interpretation of an electrocardiogram alone (indicator 2) and takes no modifier.
    /// `71046-26` is right (indicator 1).
    ///
    /// # How to fix
    /// Remove the modifier, or bill the code that says which part was done.
    ///
    /// # Bypass
    /// None.
    ///
    /// # Source
    /// PC/TC indicator of the Medicare Physician Fee Schedule relative value file (CMS; Attachment A of its layout);
    /// Medicare Claims Processing Manual chapter 23, addendum.
    ///
    /// # Tables
    /// fee-schedule, of the line's date: the row of the component where there is one, else of the whole code. A date
    /// outside its quarters, a code that it does not list and one that is not valid that day are not evaluated. Lines
    /// without either modifier pass. Institutional and dental claims are not looked at.
    pub struct ModifierComponent;
    id: "MOD010", name: "modifier-pctc",
    severity: Error, snip: 6, carc: "4", rarc: "",
    source: "MPFS relative value file, PC/TC indicator",
    unit: Line, claims: PROFESSIONAL, default: ON,
    tables: [tables::FEE_SCHEDULE], fields: [Field::Modifier(1)], fires: Fires::COMPONENT_MODIFIER,
    messages: [
        "Modifier {modifier} does not fit {procedure} on {date}: its PC/TC indicator is {indicator} ({meaning}); a payer \
         would deny the combination"
            => "Remove {modifier} from {procedure}, or bill the code that says which part was done.",
    ],
    check: check,
}

fn check(claim: &ClaimFacts<'_>, out: &mut Recorder<'_>) {
    for (number, line) in (0..).zip(claim.lines) {
        if line.procedure == Lookup::Absent {
            continue;
        }
        for (place, modifier) in line.given_modifiers() {
            let allowed: &[u8] = match modifier {
                PROFESSIONAL_COMPONENT => b"16",
                TECHNICAL_COMPONENT => b"1",
                _ => continue,
            };
            match Fees::of_component(claim, line, modifier) {
                Err(reason) => out.skip_line(number, reason),
                Ok(fees) if allowed.contains(&fees.indicators.pc_tc) => {}
                Ok(Fees { indicators, release }) => {
                    let finding = out
                        .fail_line(number, Field::Modifier(place as u8 + 1), 0)
                        .with("modifier", Value::Modifier(modifier))
                        .with("procedure", Value::Code(line.row.procedure))
                        .with("indicator", Value::Text(char::from(indicators.pc_tc).to_string()))
                        .with("meaning", Value::Text(meaning(indicators.pc_tc).to_owned()))
                        .from_release(release);
                    if let Some(date) = line.date {
                        finding.with("date", Value::Date(date));
                    }
                }
            }
        }
    }
}

/// What an indicator means, in short.
fn meaning(pc_tc: u8) -> &'static str {
    match pc_tc {
        b'0' => "a physician's service, which is not divided",
        b'2' => "the professional component alone",
        b'3' => "the technical component alone",
        b'4' => "the whole test, whose parts have codes of their own",
        b'5' => "incident to a physician's service",
        b'6' => "a laboratory test that a physician interprets, which has no technical component",
        b'7' => "therapy, which is not divided",
        b'8' => "a physician's interpretation",
        _ => "the concept does not apply",
    }
}
