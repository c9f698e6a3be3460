use super::unlisted::is_unlisted;
use crate::contract::{edit, tables};
use crate::{ClaimFacts, Fires, Reason, Recorder, Value, px};
use claims::Field;

edit! {
    /// # What it checks
    /// A line whose procedure stands for what has no code of its own (unlisted, not otherwise classified, unclassified,
    /// miscellaneous) says in words what was done: in the line's note, which is the procedure's description in an 837
    /// (SV101-7 or SV202-7) or the line's NTE, or in the claim's note.
    ///
    /// # Why a payer denies it
    /// Such a code names no service, so it has no price. Without a description nobody can tell what was given; payers
    /// answer CARC 16 with M51 (missing, incomplete or invalid procedure code) and ask for records.
    ///
    /// # Example
    /// `17999` (an unlisted procedure on the skin) or `J3490` (a drug without a code) with no note.
    ///
    /// # How to fix
    /// Describe the service in the line's note: for a procedure what was done and a listed one like it, for a drug its
    /// name, strength, dose and way of giving it. If a code of its own exists, bill that.
    ///
    /// # Bypass
    /// None.
    ///
    /// # Source
    /// X12 005010X222A1 SV101-7 and 005010X223A2 SV202-7, description of non-specific procedure codes; Medicare Claims
    /// Processing Manual chapter 1 §80.3.2 and chapter 26 §10.4, item 19; CPT, unlisted services of each section; CMS list
    /// of codes that are not otherwise classified.
    ///
    /// # Tables
    /// procedures, whose mark of unclassified drugs counts; unlisted-codes for HCPCS Level II: without it, or on a date
    /// outside its years for a code that it does not list, those are not evaluated. The unlisted services of CPT are a part
    /// of the program. A procedure that no release lists and a line without a date are not evaluated, nor is an unlisted
    /// code on a claim of an input that has no notes. Lines without a procedure, or with a HIPPS rate code, pass.
    pub struct PxUnlistedNeedsNote;
    id: "PX030", name: "px-unlisted-needs-note",
    severity: Warning, snip: 4, carc: "16", rarc: "M51",
    source: "X12 005010X222A1 SV101-7; Medicare Claims Processing Manual chapter 26 §10.4; CMS list of NOC codes",
    unit: Line, claims: NOT_DENTAL, default: ON,
    tables: [tables::PROCEDURES], fields: [], fires: Fires::UNLISTED_PROCEDURE,
    messages: [
        "{procedure} on {date} stands for a service that has no code of its own, and neither the line nor the claim has a \
         note that says what was done; a payer could not price it"
            => "Describe the service in the line's note (a drug by name, strength and dose), or bill the code that it has.",
    ],
    check: check,
}

fn check(claim: &ClaimFacts<'_>, out: &mut Recorder<'_>) {
    let is_text = |text: &str| !text.trim().is_empty();
    let mut claim_note = None;
    for (number, line) in (0..).zip(claim.lines) {
        if !line.shows(Fires::UNLISTED_PROCEDURE) || px::holds_rate_code(claim, line) {
            continue;
        }
        let unlisted = match is_unlisted(claim, line) {
            Ok(Some(unlisted)) => unlisted,
            Ok(None) => continue,
            Err(reason) => {
                out.skip_line(number, reason);
                continue;
            }
        };
        let of_claim = || claim.claim.text_of(Field::ClaimNote).is_some_and(is_text);
        if is_text(claim.claim.batch.text(line.row.note)) || *claim_note.get_or_insert_with(of_claim) {
            continue;
        }
        if !claim.has_column(Field::Note) && !claim.has_column(Field::ClaimNote) {
            out.skip_line(number, Reason::FieldAbsent(Field::Note));
            continue;
        }
        let finding = out.fail_line(number, Field::Note, 0).with("procedure", Value::Code(line.row.procedure));
        if let Some(date) = line.date {
            finding.with("date", Value::Date(date));
        }
        if let Some(release) = unlisted.release {
            finding.from_release(release);
        }
    }
}
