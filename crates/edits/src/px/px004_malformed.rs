use super::{HIPPS_NOT_LOADED, holds_rate_code};
use crate::contract::edit;
use crate::{ClaimFacts, Fires, Lookup, Recorder, Value};
use claims::Field;

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
    /// `9921` (a digit lost), `99213-25` (a modifier in the procedure field), `J11O0` (the letter O for zero).
    ///
    /// # How to fix
    /// Enter the five characters of the code alone. Modifiers have fields of their own.
    ///
    /// # Bypass
    /// None.
    ///
    /// # Source
    /// AMA, CPT (the forms of its categories); CMS, HCPCS Level II coding procedures; 45 CFR 162.1002.
    ///
    /// # Tables
    /// None: the form alone is judged, not whether the code exists. On institutional lines of revenue codes 0022,
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
        out.fail_line(number, Field::Procedure, 0).with("procedure", Value::Text(text));
    }
}
