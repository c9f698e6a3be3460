use crate::contract::{edit, tables};
use crate::{ClaimFacts, Fires, Reason, Recorder};

edit! {
    /// # What it checks
    /// The patient's sex is one that the procedure is for. Off by default: CMS switched such edits off on 2024-10-01,
    /// and its tables have had no sex for any procedure since 2019-07-01, the first day of the loaded releases.
    ///
    /// # Why a payer denies it
    /// A payer that still has such an edit answers CARC 7 (procedure inconsistent with the patient's sex).
    ///
    /// # Example
    /// A hysterectomy for a patient whose claim says M.
    ///
    /// # How to fix
    /// Check the sex on the claim with the payer's enrolment; condition code 45 or modifier KX says that it is meant.
    ///
    /// # Bypass
    /// None: without a table nothing fails.
    ///
    /// # Source
    /// I/OCE edit 8; CMS, October 2024 I/OCE and MCE updates.
    ///
    /// # Tables
    /// A table of procedures by sex, which no loaded release has: every line with a procedure is not evaluated.
    pub struct PxSex;
    id: "PX011", name: "px-sex",
    severity: Error, snip: 6, carc: "7", rarc: "",
    source: "I/OCE edit 8",
    unit: Line, claims: NOT_DENTAL, default: OFF,
    tables: [tables::PROCEDURES], fields: [], fires: Fires::ALWAYS,
    messages: [
        "{procedure} is not for patients of the sex that the claim gives; a payer that edits sex would deny it"
            => "Check the patient's sex with the payer's enrolment.",
    ],
    check: check,
}

fn check(claim: &ClaimFacts<'_>, out: &mut Recorder<'_>) {
    for (number, line) in (0..).zip(claim.lines) {
        if !line.row.procedure.is_absent() {
            out.skip_line(number, Reason::TableNotLoaded("procedure-sex"));
        }
    }
}
