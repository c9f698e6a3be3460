use super::{AMBULANCE, is_home_health_rate, is_modifier_by_rule};
use crate::contract::{edit, tables};
use crate::{ClaimFacts, Fires, LineFacts, Lookup, Reason, Recorder, Value};
use claims::Field;
use codeset::SystemId;

edit! {
    /// # What it checks
    /// Every modifier on a line is one of CPT (Appendix A) or HCPCS Level II that some loaded release lists. Also
    /// known, though no table lists them: the performance measure modifiers 1P, 2P and 3P, and, on lines of HCPCS
    /// A0021 to A0999, the two letters of an ambulance trip's origin and destination, such as `RH` from residence
    /// to hospital (and until 2023-12-31 the destinations C, F, O, U and W of the ET3 model).
    ///
    /// # Why a payer denies it
    /// The modifier changes what the line says and often what it pays; one that does not exist leaves the line
    /// unreadable. Payers answer CARC 4 or 182; Medicare returns an outpatient claim to the provider (I/OCE edit 22).
    ///
    /// # Example
    /// `LF` for the left side: the modifier is `LT`.
    ///
    /// # How to fix
    /// Enter the modifier that was meant, or take it away. Each bad modifier of a line is a finding of its own.
    ///
    /// # Bypass
    /// Lines of revenue code 0540 (ambulance), and of revenue code 0023 on a home health claim (bill type 032x): the
    /// I/OCE does not judge modifiers on them.
    ///
    /// # Source
    /// Modifier table of the Integrated Outpatient Code Editor, edit 22 (CMS); CPT Appendix A (AMA); Medicare Claims
    /// Processing Manual chapter 15 §30.A for origin and destination.
    ///
    /// # Tables
    /// modifiers. A modifier that no release lists is not evaluated on a date outside them, or on a line without a
    /// date: it may have ended before. What is not two letters or digits fails on any date. Dental claims are not
    /// looked at.
    pub struct ModifierUnknown;
    id: "MOD001", name: "modifier-unknown",
    severity: Error, snip: 5, carc: "4, 182", rarc: "",
    source: "CPT Appendix A and HCPCS Level II modifiers as in the CMS I/OCE tables; I/OCE edit 22",
    unit: Line, claims: NOT_DENTAL, default: ON,
    tables: [tables::MODIFIERS], fields: [Field::Modifier(1)], fires: Fires::UNKNOWN_MODIFIER,
    messages: [
        "Modifier {modifier} is in no loaded release of CPT or HCPCS; a payer cannot read what it says of the line"
            => "Enter the modifier that was meant, or take it away.",
        "\"{modifier}\" is no modifier, which has two letters or digits; a payer cannot read what it says of the line"
            => "Enter the two characters of the modifier, or take it away.",
        "\"{modifier}\" is in no loaded release of CPT or HCPCS; released, since on ambulance lines (revenue code \
         0540) Medicare's I/OCE does not judge modifiers"
            => "Check the origin and destination of the trip; nothing else is asked.",
        "\"{modifier}\" is in no loaded release of CPT or HCPCS; released, since on home health rate lines (bill type \
         032x, revenue code 0023) Medicare's I/OCE does not judge modifiers"
            => "Check whether the rate line needs a modifier at all; nothing else is asked.",
    ],
    check: check,
}

const UNKNOWN: u8 = 0;
const MALFORMED: u8 = 1;
const ON_AMBULANCE_LINE: u8 = 2;
const ON_HOME_HEALTH_RATE: u8 = 3;

fn check(claim: &ClaimFacts<'_>, out: &mut Recorder<'_>) {
    let Some(system) = claim.system(SystemId::Modifier) else { return };
    for (number, line) in (0..).zip(claim.lines) {
        // One line can be unjudged for one reason only, however many modifiers it has that no release lists.
        let mut unjudged = None;
        for (place, modifier) in line.given_modifiers() {
            let message = match line.modifiers[place] {
                Lookup::Malformed => MALFORMED,
                Lookup::Unknown if !is_modifier_by_rule(line, modifier) => match line.governing_date() {
                    Ok(date) if system.covers_code(modifier.code(), date) => UNKNOWN,
                    Ok(_) => {
                        unjudged = Some(Reason::DateOutsideReleases(SystemId::Modifier.name()));
                        continue;
                    }
                    Err(reason) => {
                        unjudged = Some(reason);
                        continue;
                    }
                },
                Lookup::Unknown | Lookup::Known(_) | Lookup::Absent => continue,
            };
            let field = Field::Modifier(place as u8 + 1);
            let finding = match released(claim, line) {
                Some(message) => out.bypass_line(number, field, message),
                None => Some(out.fail_line(number, field, message)),
            };
            if let Some(finding) = finding {
                let text = match claim.claim.raw_of_line(number as usize, field) {
                    Some(raw) if message == MALFORMED => raw.to_owned(),
                    _ => modifier.to_string(),
                };
                finding.with("modifier", Value::Text(text));
            }
        }
        if let Some(reason) = unjudged {
            out.skip_line(number, reason);
        }
    }
}

/// The message of the release, if the I/OCE does not judge the line's modifiers.
fn released(claim: &ClaimFacts<'_>, line: &LineFacts<'_>) -> Option<u8> {
    if !claim.is_institutional() {
        None
    } else if line.row.revenue_code == AMBULANCE {
        Some(ON_AMBULANCE_LINE)
    } else {
        is_home_health_rate(claim, line).then_some(ON_HOME_HEALTH_RATE)
    }
}
