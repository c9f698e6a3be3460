//! Revenue codes with the Integrated Outpatient Code Editor's status and flags.

use crate::error::CompileError;
use crate::rows::{CodeRow, Table};
use crate::tsv::{Form, Text, closed_days};
use codeset::{Row, flags};

pub(crate) fn read(text: Text<'_>, release: u16) -> Result<Table, CompileError> {
    let mut table = Table::default();
    for record in text.records(["code", "from", "to", "status", "flags"])? {
        let [code, from, to, status, flags] = record?;
        let days = closed_days(from, to)?;
        let mut row = Row::new(days.from, days.to, release);
        (row.flags, row.status) = (flags.flags(flags::revenue::NAMES)?, status.status()?);
        table.rows.push(CodeRow { code: code.code(Form::Revenue)?, row, line: code.line() });
        table.read += 1;
    }
    Ok(table)
}
