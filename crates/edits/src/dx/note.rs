//! What the edits that read the notes of the tabular list share.

use super::validity::reportable_row;
use crate::{Judgement, Reason, Value};
use codes::{Code, Date};
use codeset::{CodeRun, NoteRef, Notes, Ordinal, Row, System};
use std::fmt::Write as _;

/// The code's row and its governing date, if the lists answer for it.
pub(super) fn judged<'a>(system: &System, notes: &Notes, judged: &Judgement<'a>) -> Result<(&'a Row, Date), Reason> {
    let row = reportable_row(system, judged)?;
    let date = judged.date?;
    if notes.covers(date) { Ok((row, date)) } else { Err(Reason::DateOutsideReleases(Notes::NAME)) }
}

/// Where a note stands: `E08-E13`, or one code.
pub(super) fn owner(note: NoteRef<'_>) -> Value {
    let CodeRun { first, last } = note.owner();
    Value::Text(span(first, last))
}

/// The codes that a note names, the first few runs of them.
pub(super) fn targets(system: &System, note: NoteRef<'_>) -> Value {
    const MOST: usize = 6;
    let mut text = String::new();
    for (place, run) in note.targets().enumerate() {
        if place == MOST {
            text.push_str(" and others");
            break;
        }
        if place > 0 {
            text.push_str(", ");
        }
        let code = |ordinal| system.code(Ordinal(ordinal));
        let (first, last) = (code(run.start), code(run.end.saturating_sub(1)));
        // A code with all below it, by itself.
        text.push_str(&if last.starts_with(first) { span(first, first) } else { span(first, last) });
    }
    Value::Text(text)
}

fn span(first: Code, last: Code) -> String {
    let mut text = first.diagnosis().to_string();
    if last != first {
        // Writing to a string does not fail.
        let _ = write!(text, "-{}", last.diagnosis());
    }
    text
}
