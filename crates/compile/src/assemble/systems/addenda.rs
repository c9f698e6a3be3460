//! Addenda: a list that is given by what changed since the one before.
//!
//! The list of the day before the addenda's first day, without the codes that they delete and with those that they add,
//! is the list that they stand for. It is merged like any other, and what it says against a list or a dated table of
//! the same day is told.

use super::titles::Title;
use crate::publisher::icd10cm::{Change, ChangeKind};
use crate::publisher::{Document, Placed, Publication};
use codes::Code;
use std::collections::BTreeMap;

/// The table of addenda.
pub(in crate::assemble) const TABLE: &str = "icd10cm-addenda";

/// The changes that a file tells, if it is one of addenda.
pub(super) fn changes(publication: &Publication) -> Option<&Document<Change>> {
    match publication {
        Publication::Icd10cmOrderAddenda(changes) | Publication::Icd10cmCodesAddenda(changes) => Some(changes),
        _ => None,
    }
}

/// What addenda come to over the codes of the day before.
#[derive(Default)]
pub(super) struct Applied {
    /// The codes that may be reported now, with the line that adds them; 0 for those that were there before.
    pub(super) codes: Vec<(Code, u32)>,
    /// The codes that they delete, with the line.
    pub(super) gone: BTreeMap<Code, u32>,
}

/// Applies addenda to the codes that could be reported the day before.
pub(super) fn applied(changes: &Document<Change>, before: impl Iterator<Item = Code>) -> Applied {
    let mut codes: BTreeMap<Code, u32> = before.map(|code| (code, 0)).collect();
    let mut gone = BTreeMap::new();
    let billable = |kind: ChangeKind| {
        changes.rows.iter().filter(move |placed| placed.row.kind == kind && placed.row.diagnosis.billable)
    };
    // What becomes a header is deleted as one code and added as another, in either order.
    for Placed { line, row } in billable(ChangeKind::Delete) {
        codes.remove(&row.diagnosis.code);
        gone.insert(row.diagnosis.code, *line);
    }
    for Placed { line, row } in billable(ChangeKind::Add) {
        codes.insert(row.diagnosis.code, *line);
        gone.remove(&row.diagnosis.code);
    }
    Applied { codes: codes.into_iter().collect(), gone }
}

/// The titles that addenda give: of what they add, and those that they revise.
pub(super) fn titles(changes: &Document<Change>) -> Vec<Title<'_>> {
    let given = changes.rows.iter().filter(|placed| matches!(placed.row.kind, ChangeKind::Add | ChangeKind::ReviseTo));
    given.map(title).collect()
}

fn title(placed: &Placed<Change>) -> Title<'_> {
    let diagnosis = &placed.row.diagnosis;
    Title { code: diagnosis.code, title: &diagnosis.title, header: !diagnosis.billable, line: placed.line }
}
