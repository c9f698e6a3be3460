use super::{of_kind, report};
use crate::contract::edit;
use crate::{ClaimFacts, Fires, Recorder};
use claims::ProblemKind;

edit! {
    /// # What it checks
    /// Quotes in the input open and close whole fields: none stands inside a field without quotes, no text follows
    /// a closing quote, and every quote is closed: on its own line, unless the field is a note or none that is read, which may
    /// have line breaks. A note that holds rows is a quote left open, too.
    ///
    /// # Why a payer denies it
    /// With a stray quote it cannot be told where fields and rows end. The row is not read, and its claim is judged
    /// by the format edits only.
    ///
    /// # Example
    /// `c1,5" bandage,A6216`: the note must be written `"5"" bandage"`.
    ///
    /// # How to fix
    /// Put quotes around a field that holds one, and double each quote inside.
    ///
    /// # Bypass
    /// None.
    ///
    /// # Source
    /// RFC 4180 §2.5 to 2.7.
    ///
    /// # Tables
    /// None. Every claim can be evaluated.
    pub struct StrayQuote;
    id: "FMT004", name: "stray-quote",
    severity: Error, snip: 1, carc: "", rarc: "",
    source: "RFC 4180",
    unit: Claim, claims: ALL, default: ON,
    tables: [], fields: [], fires: Fires::PROBLEMS,
    messages: [
        "Row {row} has a quote that does not open and close a whole field, or is left open at the end of the line; where its \
         fields end cannot be told, so its claim is not judged further"
            => "Close or remove a quote that was left open; put quotes around a field that holds one, and double each quote \
                inside. Only notes may have line breaks between their quotes.",
    ],
    check: check,
}

fn check(claim: &ClaimFacts<'_>, out: &mut Recorder<'_>) {
    report(claim, out, of_kind(|kind| matches!(kind, ProblemKind::StrayQuote)), |_, _| {});
}
