//! Places of service, and which of them Medicare pays at the facility rate.

use crate::error::CompileError;
use crate::rows::{CodeRow, Table, TitleRow};
use crate::tsv::{Form, Text, days};
use codeset::{Row, flags};

pub(crate) fn read(text: Text<'_>, release: u16) -> Result<Table, CompileError> {
    let mut table = Table::default();
    for record in text.records(["code", "from", "to", "facility", "name"])? {
        let [code, from, to, facility, name] = record?;
        let flags = match facility.text {
            "yes" => flags::place::FACILITY,
            "no" => 0,
            _ => return Err(facility.wrong("yes or no", "correct the word")),
        };
        let days = days(from, to)?;
        let mut row = Row::new(days.from, days.to, release);
        row.flags = flags;
        let place = code.code(Form::PlaceOfService)?;
        table.rows.push(CodeRow { code: place, row, line: code.line() });
        table.titles.push(TitleRow { code: place, title: name.name()?, header: false });
        table.read += 1;
    }
    Ok(table)
}
