//! NCCI add-on codes and the primary procedures that they may be reported with.

use crate::error::CompileError;
use crate::rows::{PairRow, Table};
use crate::tsv::{Form, Text, closed_days};
use codeset::Class;

/// Type 1: the listed primaries and no others.
pub(crate) fn read_type_1(text: Text<'_>, release: u16) -> Result<Table, CompileError> {
    read_listed(text, release, 1)
}

/// Type 3: the listed primaries, and others that the contractor accepts.
pub(crate) fn read_type_3(text: Text<'_>, release: u16) -> Result<Table, CompileError> {
    read_listed(text, release, 3)
}

fn read_listed(text: Text<'_>, release: u16, kind: u16) -> Result<Table, CompileError> {
    let mut table = Table::default();
    for record in text.records(["addon", "from", "to", "primaries"])? {
        let [addon, from, to, primaries] = record?;
        let (source, days, line) = (addon.code(Form::Procedure)?, closed_days(from, to)?, addon.line());
        let class = Class::new(days.from, days.to, kind, release);
        let targets = primaries.codes(Form::Procedure)?;
        table.pairs.extend(targets.into_iter().map(|target| PairRow { source, target, class, line }));
        table.read += 1;
    }
    Ok(table)
}

/// Type 2: no list; the contractor says which primaries it accepts. The add-on points to itself.
pub(crate) fn read_type_2(text: Text<'_>, release: u16) -> Result<Table, CompileError> {
    let mut table = Table::default();
    for record in text.records(["addon", "from", "to"])? {
        let [addon, from, to] = record?;
        let (source, days) = (addon.code(Form::Procedure)?, closed_days(from, to)?);
        let class = Class::new(days.from, days.to, 2, release);
        table.pairs.push(PairRow { source, target: source, class, line: addon.line() });
        table.read += 1;
    }
    Ok(table)
}
