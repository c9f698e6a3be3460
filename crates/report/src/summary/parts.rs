//! The tables of a summary, as text and HTML both show them: what stands in their cells is said once.

use super::Summary;
use crate::EditEntry;
use crate::escape::{Escape, Plain};
use crate::number::Grouped;
use codes::DateRange;
use edits::Outcome;
use std::collections::BTreeMap;

/// On which side a column's cells stand.
#[derive(Clone, Copy, PartialEq)]
pub(super) enum Side {
    Left,
    Right,
}
use Side::{Left, Right};

/// Rows under the names of their columns.
pub(super) struct Table {
    pub(super) columns: Vec<(&'static str, Side)>,
    pub(super) rows: Vec<Vec<String>>,
}

impl Table {
    fn new(columns: &[(&'static str, Side)]) -> Table {
        Table { columns: columns.to_vec(), rows: Vec::new() }
    }

    pub(super) fn is_empty(&self) -> bool {
        self.rows.is_empty()
    }
}

/// The edits of a run.
pub(super) struct Edits<'a> {
    /// Those that had something to evaluate, with their outcomes.
    pub(super) table: Table,
    /// A policy may have thousands of edits; those that only passed are told by their number, for each policy's label.
    pub(super) passed: BTreeMap<&'a str, u64>,
    /// The ids of those that had nothing to evaluate.
    pub(super) idle: Vec<&'a str>,
}

impl Summary {
    /// What was read from each input; beyond so many, the rest together.
    pub(super) fn files_table(&self, most: usize) -> Table {
        let mut table = Table::new(&[("file", Left), ("claims", Right), ("lines", Right)]);
        let (listed, rest) = self.files.split_at(self.files.len().min(most));
        for file in listed {
            table.rows.push(vec![printable(&file.file), count(file.claims).to_string(), count(file.lines).to_string()]);
        }
        if !rest.is_empty() {
            let claims = rest.iter().map(|file| file.claims).sum();
            let lines = rest.iter().map(|file| file.lines).sum();
            let name = format!("{} more files", count(rest.len() as u64));
            table.rows.push(vec![name, count(claims).to_string(), count(lines).to_string()]);
        }
        table
    }

    pub(super) fn edits_part<'a>(&self, edits: &'a [EditEntry]) -> Edits<'a> {
        let mut columns = vec![
            ("edit", Left),
            ("name", Left),
            ("severity", Left),
            ("of", Left),
            (Outcome::Pass.name(), Right),
            (Outcome::Fail.name(), Right),
            (Outcome::Bypassed.name(), Right),
            (Outcome::NotEvaluated.name(), Right),
        ];
        // Findings, not units: they are among those that failed.
        if !self.suppressions.is_empty() {
            columns.push(("suppressed", Right));
        }
        let mut part = Edits { table: Table::new(&columns), passed: BTreeMap::new(), idle: Vec::new() };
        for (place, (edit, counts)) in edits.iter().zip(&self.counts).enumerate() {
            let outcomes = Outcome::ALL.map(|outcome| counts.of(outcome));
            match (edit.policy(), outcomes) {
                (Some(_), [0, 0, 0, 0]) => continue,
                (Some(policy), [_, 0, 0, 0]) => {
                    *part.passed.entry(policy).or_default() += 1;
                    continue;
                }
                (None, [0, 0, 0, 0]) => {
                    part.idle.push(edit.info().id.as_ref());
                    continue;
                }
                _ => {}
            }
            let info = edit.info();
            let severity = if edit.is_shadow() { "shadow".to_owned() } else { edit.severity().to_string() };
            let mut row = vec![info.id.to_string(), info.name.to_string(), severity];
            row.push(info.unit.plural().to_owned());
            row.extend(outcomes.map(|number| count(number).to_string()));
            if !self.suppressions.is_empty() {
                row.push(count(self.tally.suppressed_of(place)).to_string());
            }
            part.table.rows.push(row);
        }
        part
    }

    /// What released the edits that modifiers released.
    pub(super) fn released_table(&self, edits: &[EditEntry]) -> Table {
        let mut table = Table::new(&[("bypassed", Left), ("by modifier", Left)]);
        for (place, edit) in edits.iter().enumerate() {
            let releasers = self.tally.releasers(place);
            let by = releasers.iter().map(|(modifier, number)| format!("{modifier} × {}", count(*number)));
            let by: Vec<String> = by.collect();
            if !by.is_empty() {
                table.rows.push(vec![edit.info().id.to_string(), by.join(", ")]);
            }
        }
        table
    }

    /// What each suppression of the site did.
    pub(super) fn suppressed_table(&self) -> Table {
        let columns = [("suppressed", Right), ("of", Left), ("until", Left), ("by", Left), ("where", Left)];
        let mut table = Table::new(&[columns.as_slice(), &[("because", Left)]].concat());
        for (place, own) in self.suppressions.iter().enumerate() {
            let did = self.tally.suppression(place);
            let texts = [&own.edits.join(" "), &own.until.to_string(), &own.who, &own.place, &own.why];
            let mut row = vec![count(did.suppressed).to_string()];
            row.extend(texts.map(|text| printable(text)));
            table.rows.push(row);
        }
        table
    }

    /// Which day suppressions are held against.
    pub(super) fn held_against(&self) -> String {
        match self.today {
            Some(today) => format!("held against a claim's received date or, where it has none, today: {today}"),
            None => "held against a claim's received date; no day was given for claims that have none".to_owned(),
        }
    }

    /// The days that the codeset's tables answer for; for a table that it lacks, the edits that need it.
    pub(super) fn tables_table(&self, edits: &[EditEntry]) -> Table {
        let mut table = Table::new(&[("table", Left), ("answers for", Left)]);
        for own in &self.tables {
            let text = match &own.covers {
                Some(days) => periods(days),
                None => match own.needed_by(edits).collect::<Vec<_>>().as_slice() {
                    [] => "not in the codeset".to_owned(),
                    ids => format!("not in the codeset; needed by {}", ids.join(" ")),
                },
            };
            table.rows.push(vec![own.name.to_owned(), text]);
        }
        table
    }
}

/// Intervals of days, with commas between.
pub(super) fn periods(days: &[DateRange]) -> String {
    if days.is_empty() {
        return "no day".to_owned();
    }
    days.iter().map(DateRange::to_string).collect::<Vec<_>>().join(", ")
}

pub(super) fn count(number: u64) -> Grouped {
    Grouped(number.into())
}

/// What users wrote, without characters that would move the cursor.
pub(super) fn printable(name: &str) -> String {
    let mut out = Vec::new();
    Plain::put(name, &mut out);
    String::from_utf8_lossy(&out).into_owned()
}
