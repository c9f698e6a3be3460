//! ICD-10-CM codes with the days on which they may be reported and the Medicare Code Editor's flags.

use crate::error::CompileError;
use crate::rows::{CodeRow, Table};
use crate::tsv::{Form, Text, closed_days};
use codeset::{Row, flags};

pub(crate) fn read(text: Text<'_>, release: u16) -> Result<Table, CompileError> {
    let mut table = Table::default();
    for record in text.records(["code", "valid_from", "valid_to", "flags"])? {
        let [code, from, to, flags] = record?;
        let days = closed_days(from, to)?;
        let mut row = Row::new(days.from, days.to, release);
        // Age limits stay with their flags: the groups' years are dated themselves, so no row could hold them.
        row.flags = flags.flags(flags::diagnosis::NAMES)?;
        table.rows.push(CodeRow { code: code.code(Form::Diagnosis)?, row, line: code.line() });
        table.read += 1;
    }
    Ok(table)
}
