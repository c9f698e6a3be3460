//! The header of a CSV: which column holds which field.

use super::map::{ColumnMap, nearest, normal};
use super::record::{self, Record, Shape};
use crate::Field;

/// A header that can be used.
#[derive(Debug)]
pub(super) struct Header {
    pub(super) delimiter: u8,
    /// The field of each column; none for a column that is ignored.
    pub(super) fields: Vec<Option<Field>>,
    pub(super) id_column: usize,
    pub(super) notices: Vec<String>,
}

/// Separators that a header may show, the likeliest first.
const DELIMITERS: [u8; 4] = [b',', b'\t', b';', b'|'];

/// The separator under which the header at `start` names the most columns; the comma when none does.
pub(super) fn delimiter(bytes: &[u8], start: usize, last: bool, map: &ColumnMap) -> u8 {
    if let Some(delimiter) = map.delimiter {
        return delimiter;
    }
    let known = |delimiter: u8| {
        let Some(record) = record::record(bytes, start, delimiter, last) else { return 0 };
        let names = names(bytes, start, &record, delimiter);
        names.iter().filter(|name| field_of(name, map).is_some()).count()
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
    let fields: Vec<_> = names.iter().map(|name| field_of(name, map)).collect();
    let mut faults = Vec::new();
    if fields.iter().all(Option::is_none) {
        let between = shown(delimiter);
        faults.push(format!("no column in it has a name that is known, with {between} between: is it a header?"));
    }
    if memchr::memchr(b'\r', &bytes[start..record.end]).is_some() {
        faults.push("its lines end with a carriage return alone: convert them to LF or CR LF".to_owned());
    }
    missing(&names, &fields, &mut faults);
    for field in Field::all() {
        let columns: Vec<usize> = (0..fields.len()).filter(|&column| fields[column] == Some(field)).collect();
        if columns.len() > 1 {
            let places: Vec<_> =
                columns.iter().map(|&column| format!("column {} (\"{}\")", column + 1, names[column])).collect();
            faults.push(format!("{field} is given by {}: keep one", places.join(" and ")));
        }
    }
    let id_column = fields.iter().position(|&field| field == Some(Field::ClaimId));
    match id_column {
        Some(id_column) if faults.is_empty() => {
            let notices = notices(&names, &fields, map);
            Ok(Header { delimiter, fields, id_column, notices })
        }
        _ => Err(faults),
    }
}

/// Says which needed columns are missing, and what may have been meant for them.
fn missing(names: &[String], fields: &[Option<Field>], faults: &mut Vec<String>) {
    let needed: [&[Field]; 4] =
        [&[Field::ClaimId], &[Field::Procedure, Field::RevenueCode], &[Field::ServiceFrom], &[Field::Diagnosis(1)]];
    for any_of in needed {
        if any_of.iter().any(|&field| fields.contains(&Some(field))) {
            continue;
        }
        let wanted: Vec<_> = any_of.iter().map(|field| format!("\"{field}\"")).collect();
        let meant = (0..names.len()).find_map(|column| {
            let field = nearest(&names[column]).filter(|field| fields[column].is_none() && any_of.contains(field))?;
            Some(format!(
                "; did you mean column {} (\"{}\")? rename it to {field}, or map it",
                column + 1,
                names[column]
            ))
        });
        faults.push(format!("there is no column {}{}", wanted.join(" or "), meant.unwrap_or_default()));
    }
}

fn notices(names: &[String], fields: &[Option<Field>], map: &ColumnMap) -> Vec<String> {
    let mut notices = Vec::new();
    for (column, name) in names.iter().enumerate().filter(|&(column, _)| fields[column].is_none()) {
        let hint = nearest(name)
            .filter(|&field| !fields.contains(&Some(field)))
            .map_or(String::new(), |field| format!("; did you mean \"{field}\"?"));
        notices.push(format!("column {} (\"{name}\") is not known and is ignored{hint}", column + 1));
    }
    for (own, field) in &map.columns {
        if !names.iter().any(|name| normal(name) == *own) {
            notices.push(format!("the column map gives \"{own}\" for {field}, but no column has that name"));
        }
    }
    notices
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

fn field_of(name: &str, map: &ColumnMap) -> Option<Field> {
    let name = normal(name);
    map.columns.get(&name).copied().or_else(|| Field::from_name(&name))
}

fn shown(delimiter: u8) -> String {
    if delimiter == b'\t' { "a tab".to_owned() } else { format!("\"{}\"", char::from(delimiter)) }
}
