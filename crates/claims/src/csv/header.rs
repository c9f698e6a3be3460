//! The header of a CSV.

use super::record::{self, Dialect, Record, Shape};
use crate::map::{Name, Plan};
use crate::{ColumnMap, Field};

/// A header that can be used.
#[derive(Debug)]
pub(super) struct Header {
    pub(super) dialect: Dialect,
    /// How many columns it has.
    pub(super) width: usize,
    /// Whether a row may end with more separators.
    pub(super) trailing_delimiter: bool,
    pub(super) plan: Plan,
}

/// Separators that a header may show, the likeliest first.
pub(super) const DELIMITERS: [u8; 4] = [b',', b'\t', b';', b'|'];

/// The separator under which the header at `start` names the most columns; the comma when none does.
pub(super) fn delimiter(bytes: &[u8], start: usize, last: bool, map: &ColumnMap) -> u8 {
    if let Some(delimiter) = map.delimiter {
        return delimiter;
    }
    let known = |delimiter: u8| {
        let dialect = Dialect::of_header(delimiter);
        let Some(record) = record::record(bytes, start, &dialect, last) else { return 0 };
        let names = names(bytes, start, &record, &dialect);
        names.iter().filter(|name| map.knows(name)).count()
    };
    // The first of the best: `max_by_key` would give the last.
    DELIMITERS.into_iter().rev().max_by_key(|&delimiter| known(delimiter)).unwrap_or(b',')
}

/// Reads the header, or says all that is wrong with it.
pub(super) fn read(
    bytes: &[u8],
    start: usize,
    record: &Record,
    dialect: &Dialect,
    map: &ColumnMap,
) -> Result<Header, Vec<String>> {
    if let Shape::Flawed(_) = record.shape {
        return Err(vec![
            "it breaks the rules of CSV (RFC 4180): a stray or unclosed quote, or a name that is too long".to_owned(),
        ]);
    }
    if std::str::from_utf8(&bytes[start..record.end]).is_err() {
        return Err(vec!["it is not UTF-8: save the file as UTF-8".to_owned()]);
    }
    let names = names(bytes, start, record, dialect);
    let mut faults = Vec::new();
    if !names.iter().any(|name| map.knows(name)) {
        let between = shown(dialect.delimiter);
        faults.push(format!("no column in it has a name that is known, with {between} between: is it a header?"));
    }
    if memchr::memchr(b'\r', &bytes[start..record.end]).is_some() {
        faults.push("its lines end with a carriage return alone: convert them to LF or CR LF".to_owned());
    }
    let names: Vec<Name> = names.iter().map(|name| Name::new(name, map)).collect();
    let plan = Plan::new(&names, map, faults)?;
    let dialect = Dialect::of_rows(dialect.delimiter, free_text(&plan, names.len()));
    Ok(Header { dialect, width: names.len(), trailing_delimiter: map.trailing_delimiter, plan })
}

/// Of each column whether its text is free: a note, or nothing that is read.
fn free_text(plan: &Plan, width: usize) -> Vec<bool> {
    let mut free = vec![true; width];
    let columns = plan.claim_columns.iter().chain(&plan.line_columns).copied();
    let recipes = plan.claim_recipes.iter().chain(&plan.line_recipes);
    let made = recipes.flat_map(|recipe| recipe.columns().map(|column| (column, recipe.field)));
    for (column, field) in columns.chain(made) {
        if !matches!(field, Field::Note | Field::ClaimNote) {
            free[column] = false;
        }
    }
    for column in plan.line_diagnosis.into_iter().chain([plan.id_column]) {
        free[column] = false;
    }
    free
}

fn names(bytes: &[u8], start: usize, record: &Record, dialect: &Dialect) -> Vec<String> {
    let mut names = Vec::new();
    record::fields(bytes, start, record, dialect, |field| {
        let mut name = Vec::new();
        record::unquote(bytes, field, &mut name);
        names.push(String::from_utf8_lossy(&name).trim().to_owned());
    });
    names
}

fn shown(delimiter: u8) -> String {
    if delimiter == b'\t' { "a tab".to_owned() } else { format!("\"{}\"", char::from(delimiter)) }
}
