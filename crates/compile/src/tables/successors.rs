//! Retired diagnoses and the codes that replaced them.

use crate::error::CompileError;
use crate::rows::{PairRow, Table};
use crate::tsv::{Form, Text};
use codeset::Class;

pub(crate) fn read(text: Text<'_>, release: u16) -> Result<Table, CompileError> {
    let mut table = Table::default();
    for record in text.records(["code", "until", "successor"])? {
        let [code, until, successor] = record?;
        table.pairs.push(PairRow {
            source: code.code(Form::Diagnosis)?,
            target: successor.code(Form::Diagnosis)?,
            // The successor is the answer from the first day on which the code itself is not.
            class: Class::new(until.date()?.next(), None, 0, release),
            line: code.line(),
        });
        table.read += 1;
    }
    Ok(table)
}
