use crate::contract::edit;
use crate::{ClaimFacts, Fires, Recorder};

/// The id under which the engine reports an edit that panicked.
pub const ID: &str = "SYS001";
/// The finding's value that names the edit.
pub const EDIT_VALUE: &str = "edit";

edit! {
    /// # What it checks
    /// Nothing of the claim: it tells that another edit stopped with an internal error on it, so that this edit's
    /// outcome on the claim is not known.
    ///
    /// # Why a payer denies it
    /// A payer would not. The claim counts as not clean because one of its edits has no answer.
    ///
    /// # Example
    /// An edit meets a combination of values that its author did not think of. The run goes on, all other edits
    /// and claims are judged, and this finding names the edit.
    ///
    /// # How to fix
    /// Report it with the edit's id and the codeset's id (`cleanclaim codesets inspect`), with the codes and dates
    /// of the claim and nothing that tells who the patient is. `--ignore` with the edit's id runs without it.
    ///
    /// # Bypass
    /// None.
    ///
    /// # Source
    /// The design of cleanclaim: a panic in an edit is caught and never takes down the program that scrubs.
    ///
    /// # Tables
    /// None.
    pub struct InternalError;
    id: "SYS001", name: "internal-error",
    severity: Error, snip: 1, carc: "", rarc: "",
    source: "cleanclaim",
    unit: Claim, claims: ALL, default: ON,
    tables: [], fields: [], fires: Fires::NEVER,
    messages: [
        "Edit {edit} stopped with an internal error on this claim; its outcome is not known, and those of all other \
         edits stand"
            => "Report the error with the edit's id and the codeset's id; judge by hand what {edit} checks.",
    ],
    check: check,
}

/// Nothing to check: the engine reports it.
fn check(_: &ClaimFacts<'_>, _: &mut Recorder<'_>) {}
