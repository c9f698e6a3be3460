use super::surgeons;
use crate::contract::{edit, tables};
use crate::{ClaimFacts, Fires, Recorder};
use claims::Field;
use codes::Modifier;
use codeset::FeeIndicators;

/// The modifiers of an assistant at surgery: a physician (80), one for a small part (81), one because no resident was
/// there (82), and a physician assistant, nurse practitioner or clinical nurse specialist (AS).
const ASSISTANTS: [Modifier; 4] =
    [Modifier::new(b"80"), Modifier::new(b"81"), Modifier::new(b"82"), Modifier::new(b"AS")];

edit! {
    /// # What it checks
    /// A line with modifier 80, 81, 82 or AS (assistant at surgery) has a procedure for which an assistant may be paid,
    /// by the assistant indicator of the Medicare Physician Fee Schedule on the line's first day of service: 2 passes;
    /// 1 and 9 fail; 0 is reported at severity info, since it is paid where documents show the need.
    ///
    /// # Why a payer denies it
    /// Indicator 1 is a restriction by statute (Social Security Act §1848(i)(2)): an assistant is never paid. With 9 the
    /// concept does not apply. With 0 a payer would deny the assistant unless the documents show the medical necessity.
    /// Payers answer CARC 54.
    ///
    /// # Example
    /// A second surgeon's line with 80 on a procedure whose assistant indicator is 1.
    ///
    /// # How to fix
    /// Remove the assistant's line, or, with indicator 0, send the operative report that shows why one was needed.
    ///
    /// # Bypass
    /// None.
    ///
    /// # Source
    /// Assistant-at-surgery indicator of the Medicare Physician Fee Schedule relative value file (CMS); Medicare Claims
    /// Processing Manual chapter 12 §20.4.3.
    ///
    /// # Tables
    /// fee-schedule, of the line's date. A date outside its quarters, a code that it does not list and one that
    /// is not valid that day are not evaluated. Lines without such a modifier pass. Institutional and dental claims are not looked at.
    pub struct ModifierAssistant;
    id: "MOD012", name: "modifier-assistant-surgeon",
    severity: Error, snip: 6, carc: "54", rarc: "",
    source: "MPFS relative value file, assistant indicator; Claims Processing Manual chapter 12 §20.4.3",
    unit: Line, claims: PROFESSIONAL, default: ON,
    tables: [tables::FEE_SCHEDULE], fields: [Field::Modifier(1)], fires: Fires::SURGEON_MODIFIER,
    messages: [
        "Modifier {modifier} (assistant at surgery) does not fit {procedure} on {date}: its assistant indicator is 1, by \
         statute an assistant is not paid; a payer would deny the line"
            => "Remove the assistant's line; it may not be billed to the patient.",
        "Modifier {modifier} (assistant at surgery) does not fit {procedure} on {date}: its assistant indicator is 9, the \
         concept does not apply; a payer would deny the line"
            => "Correct the procedure or remove {modifier}.",
        "Modifier {modifier} (assistant at surgery) on {procedure} on {date} needs documents: its assistant indicator is \
         0, and a payer would pay only where they show the medical necessity"
            => "Send the operative report that shows why an assistant was needed." as Info,
    ],
    check: check,
}

fn check(claim: &ClaimFacts<'_>, out: &mut Recorder<'_>) {
    surgeons::evaluate(claim, out, &ASSISTANTS, message);
}

fn message(indicators: &FeeIndicators) -> Option<u8> {
    match indicators.assistant {
        b'2' => None,
        b'0' => Some(2),
        b'1' => Some(0),
        _ => Some(1),
    }
}
