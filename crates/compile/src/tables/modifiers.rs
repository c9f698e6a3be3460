//! Modifiers, and pairs of them that may not stand on one line.

use crate::error::CompileError;
use crate::rows::{CodeRow, PairRow, Table};
use crate::tsv::{Form, Text, closed_days};
use codeset::{Class, Row, flags};

pub(crate) fn read(text: Text<'_>, release: u16) -> Result<Table, CompileError> {
    let mut table = Table::default();
    for record in text.records(["modifier", "from", "to", "activated", "flags"])? {
        let [modifier, from, to, activated, flags] = record?;
        let code = modifier.code(Form::Modifier)?;
        let days = closed_days(from, to)?;
        let first = activated.optional_date()?.map_or(days.from, |day| days.from.max(day));
        let mut row = Row::new(first, days.to, release);
        row.flags = flags.flags(flags::modifier::NAMES)?;
        table.read += 1;
        if days.to.is_some_and(|last| last < first) {
            table.mentioned.push(code);
            table.skip("activated after the last day of its row", 1);
            continue;
        }
        table.rows.push(CodeRow { code, row, line: modifier.line() });
    }
    Ok(table)
}

pub(crate) fn read_conflicts(text: Text<'_>, release: u16) -> Result<Table, CompileError> {
    let mut table = Table::default();
    for record in text.records(["modifier_1", "modifier_2", "from", "to"])? {
        let [one, other, from, to] = record?;
        let (a, b) = (one.code(Form::Modifier)?, other.code(Form::Modifier)?);
        if a == b {
            return Err(other.wrong("another modifier than the first", "name two modifiers, each pair once"));
        }
        let days = closed_days(from, to)?;
        let class = Class::new(days.from, days.to, 0, release);
        table.pairs.push(PairRow { source: a, target: b, class, line: one.line() });
        table.pairs.push(PairRow { source: b, target: a, class, line: one.line() });
        table.read += 1;
    }
    Ok(table)
}
