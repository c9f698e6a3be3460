//! NCCI procedure-to-procedure pairs. Codes of column 1 that have the same column 2 share a row.

use crate::error::CompileError;
use crate::rows::{PairRow, Table};
use crate::tsv::{Form, Text, closed_days};
use codeset::Class;

pub(crate) fn read(text: Text<'_>, release: u16) -> Result<Table, CompileError> {
    let mut table = Table::default();
    for record in text.records(["column_1", "indicator", "from", "to", "column_2"])? {
        let [column_1, indicator, from, to, column_2] = record?;
        let (sources, targets) = (column_1.codes(Form::Procedure)?, column_2.codes(Form::Procedure)?);
        let days = closed_days(from, to)?;
        table.read += 1;
        let value = match indicator.text {
            "0" => 0,
            "1" => 1,
            "9" => {
                let reason = "pairs of indicator 9, deleted with effect from their first day";
                table.skip(reason, (sources.len() * targets.len()) as u64);
                continue;
            }
            _ => return Err(indicator.wrong("0, 1 or 9", "correct the indicator")),
        };
        let class = Class::new(days.from, days.to, value, release);
        for &source in &sources {
            let line = column_1.line();
            table.pairs.extend(targets.iter().map(|&target| PairRow { source, target, class, line }));
        }
    }
    Ok(table)
}
