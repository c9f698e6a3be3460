//! DUP: lines that repeat others of their claim or of one before it, and whole claims that do.
//!
//! Dental claims are left out: a dental service is repeated on another tooth or surface, which the fields of a
//! claim here do not give.

mod dup001_duplicate_line;
mod dup002_suspect_duplicate_line;
mod dup010_duplicate_claim;
mod repeats;

use crate::Edit;

/// The family's edits, in the order of their ids.
pub(crate) const EDITS: &[&dyn Edit] = &[
    &dup001_duplicate_line::DuplicateLine,
    &dup002_suspect_duplicate_line::SuspectDuplicateLine,
    &dup010_duplicate_claim::DuplicateClaim,
];
