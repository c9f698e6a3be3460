//! The notes of one tabular list, as the codes that stand under each and the codes that it names.

use crate::error::CompileError;
use crate::rows::{NoteRow, Table};
use crate::tsv::{Field, Form, Text};
use codeset::{CodeRun, NoteKind};

pub(crate) fn read(text: Text<'_>, _release: u16) -> Result<Table, CompileError> {
    let mut table = Table::default();
    for record in text.records(["kind", "owner", "on", "targets", "examples"])? {
        let [kind, owner, on, targets, examples] = record?;
        let names = || NoteKind::ALL.map(NoteKind::name).join(", ");
        let note = NoteRow {
            kind: NoteKind::from_name(kind.text).ok_or_else(|| kind.wrong(names(), "correct the kind"))?,
            owner: run(owner)?,
            on: runs(on)?,
            targets: runs(targets)?,
            examples: match examples.text {
                "examples" => true,
                "" => false,
                _ => return Err(examples.wrong("examples, or nothing", "correct the word")),
            },
        };
        table.notes.push(note);
        table.read += 1;
    }
    Ok(table)
}

/// `A00-A09`, or `A00` with all below it.
fn run(field: Field<'_>) -> Result<CodeRun, CompileError> {
    let (first, last) = field.text.split_once('-').unwrap_or((field.text, field.text));
    let code = |text| field.part(text).code(Form::Diagnosis);
    let run = CodeRun { first: code(first)?, last: code(last)? };
    // As in a list of its codes: the last may be a header of the first.
    if run.last < run.first.prefix(run.last.len()) {
        return Err(field.wrong("a run of codes from the first to the last", "put the two codes in order"));
    }
    Ok(run)
}

/// Runs separated by single spaces, or none.
fn runs(field: Field<'_>) -> Result<Vec<CodeRun>, CompileError> {
    if field.text.is_empty() {
        return Ok(Vec::new());
    }
    field.text.split(' ').map(|text| run(field.part(text))).collect()
}
