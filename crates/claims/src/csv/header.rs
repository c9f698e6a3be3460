//! The header of a CSV.

use super::record::{self, Record, Shape};
use crate::ColumnMap;
use crate::map::{Name, Plan};

/// A header that can be used.
#[derive(Debug)]
pub(super) struct Header {
    pub(super) delimiter: u8,
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
        let Some(record) = record::record(bytes, start, delimiter, last) else { return 0 };
        let names = names(bytes, start, &record, delimiter);
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
    delimiter: u8,
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
    let names = names(bytes, start, record, delimiter);
    let mut faults = Vec::new();
    if !names.iter().any(|name| map.knows(name)) {
        let between = shown(delimiter);
        faults.push(format!("no column in it has a name that is known, with {between} between: is it a header?"));
    }
    if memchr::memchr(b'\r', &bytes[start..record.end]).is_some() {
        faults.push("its lines end with a carriage return alone: convert them to LF or CR LF".to_owned());
    }
    let names: Vec<Name> = names.iter().map(|name| Name::new(name, map)).collect();
    let plan = Plan::new(&names, map, faults)?;
    Ok(Header { delimiter, width: names.len(), trailing_delimiter: map.trailing_delimiter, plan })
}

fn names(bytes: &[u8], start: usize, record: &Record, delimiter: u8) -> Vec<String> {
    let mut names = Vec::new();
    record::fields(bytes, start, record, delimiter, |field| {
        let mut name = Vec::new();
        record::unquote(bytes, field, &mut name);
        names.push(String::from_utf8_lossy(&name).trim().to_owned());
    });
    names
}

fn shown(delimiter: u8) -> String {
    if delimiter == b'\t' { "a tab".to_owned() } else { format!("\"{}\"", char::from(delimiter)) }
}
