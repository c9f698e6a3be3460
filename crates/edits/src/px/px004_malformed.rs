use super::{HIPPS_NOT_LOADED, holds_rate_code};
use crate::contract::edit;
use crate::{ClaimFacts, Fires, Lookup, Recorder, Value};
use claims::Field;
use codes::Code;
use codeset::SystemId;

edit! {
    /// # What it checks
    /// Every procedure has a form of CPT or HCPCS Level II. All have five characters: five digits (CPT category I),
    /// four digits and F (category II), T (category III), U (proprietary laboratory analyses), M or A
    /// (administrative and multianalyte assays), or a letter and four digits (HCPCS Level II).
    ///
    /// # Why a payer denies it
    /// What has none of these forms is not a code at all, and cannot be corrected by the payer. Most are stopped by
    /// the clearinghouse's syntax edits; the rest come back with CARC 181 and M20.
    ///
    /// # Example
    /// `9921` (a digit lost), `99213-25` (a modifier in the procedure field), `J11O0` (the letter O for zero), `100` (what a
    /// spreadsheet makes of `00100`).
    ///
    /// # How to fix
    /// Enter the five characters of the code alone. Modifiers have fields of their own. Where codes are taken for numbers,
    /// import their column as text.
    ///
    /// # Bypass
    /// None.
    ///
    /// # Source
    /// AMA, CPT (the forms of its categories); CMS, HCPCS Level II coding procedures; 45 CFR 162.1002.
    ///
    /// # Tables
    /// None: the form alone is judged, not whether the code exists; but where the table of procedures has the code that a
    /// number was made of, it is named. On institutional lines of revenue codes 0022,
    /// 0023 and 0024 the field holds a HIPPS rate code; those are not evaluated, since no HIPPS table is loaded.
    /// Dental claims are not looked at.
    pub struct PxMalformed;
    id: "PX004", name: "px-malformed",
    severity: Error, snip: 2, carc: "181", rarc: "M20",
    source: "AMA CPT; CMS HCPCS Level II; 45 CFR 162.1002",
    unit: Line, claims: NOT_DENTAL, default: ON,
    tables: [], fields: [], fires: Fires::UNKNOWN_PROCEDURE.or(Fires::RATE_CODE),
    messages: [
        "\"{procedure}\" has no form of CPT or HCPCS: five digits, four digits and F, T, U, M or A, or a letter and \
         four digits; a payer cannot read it as a procedure"
            => "Enter the five characters of the code alone; modifiers have fields of their own.",
        "\"{procedure}\" has no form of CPT or HCPCS; it may be {code}, taken for a number, as spreadsheets do, which drop \
         leading zeros and add decimals; a payer cannot read it as a procedure"
            => "If the record has {code}, write it so, and import the column as text.",
    ],
    check: check,
}

fn check(claim: &ClaimFacts<'_>, out: &mut Recorder<'_>) {
    for (number, line) in (0..).zip(claim.lines) {
        if holds_rate_code(claim, line) {
            out.skip_line(number, HIPPS_NOT_LOADED);
            continue;
        }
        let text = match line.procedure {
            Lookup::Absent => continue,
            Lookup::Malformed => {
                claim.claim.raw_of_line(number as usize, Field::Procedure).unwrap_or_default().to_owned()
            }
            // A code that a release lists has the form of one; without the table every code is unknown.
            Lookup::Known(_) => continue,
            Lookup::Unknown if line.row.procedure.procedure_kind().is_some() => continue,
            Lookup::Unknown => line.row.procedure.to_string(),
        };
        match made_a_number(&text).filter(|&code| is_listed(claim, code)) {
            Some(code) => out.fail_line(number, Field::Procedure, 1).with("code", Value::Code(code)),
            None => out.fail_line(number, Field::Procedure, 0),
        }
        .with("procedure", Value::Text(text));
    }
}

/// The code of five digits of which a number was made: without its leading zeros, or with decimals.
fn made_a_number(text: &str) -> Option<Code> {
    let whole = text.split_once('.').map_or(Some(text), |(whole, decimals)| {
        (!decimals.is_empty() && decimals.bytes().all(|byte| byte == b'0')).then_some(whole)
    })?;
    let is_number = (1..=5).contains(&whole.len()) && whole.bytes().all(|byte| byte.is_ascii_digit());
    is_number.then(|| Code::parse(format!("{whole:0>5}").as_bytes())).flatten()
}

fn is_listed(claim: &ClaimFacts<'_>, code: Code) -> bool {
    claim.system(SystemId::Procedure).is_some_and(|system| system.ordinal(code).is_some())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_code_is_told_from_the_number_that_was_made_of_it() {
        for (text, code) in
            [("100", "00100"), ("1999", "01999"), ("99213.0", "99213"), ("100.00", "00100"), ("0100", "00100")]
        {
            assert_eq!(made_a_number(text), Code::parse(code.as_bytes()), "{text}");
        }
        for text in ["", ".", "99213.", "99213.5", "99213-25", "9921A", "992130", ".0", "1e2", "٩٩٢١٣"] {
            assert_eq!(made_a_number(text), None, "{text}");
        }
    }
}
