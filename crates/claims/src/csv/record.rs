//! Where a record of a CSV ends: RFC 4180, strictly, and how to go on after a record that breaks it.
//!
//! The reader that cuts chunks and the parser of a chunk both ask here, so that they agree about every byte. A
//! record that breaks the rules is its first physical line and nothing more; the next record begins after it. Only text
//! that is free may have line ends between quotes: a code or a date has none, and a quote that is left open there is
//! stray. A stray quote can so never swallow the rows below it.

use crate::ProblemKind;
use crate::values::trim;
use memchr::{memchr, memchr_iter, memchr2};
use std::sync::Arc;

/// The most bytes of a field, and of a record whose quoted fields hold line ends.
pub(super) const MAX_FIELD: usize = 64 * 1024;
/// The most bytes of a record in one physical line.
pub(super) const MAX_RECORD: usize = 1024 * 1024;

/// Columns from which on a field of free text with a whole row's separators in it, for every line end that it has, is
/// no text but rows that an open quote would swallow.
const WIDE: usize = 9;

/// How the rows of a file are written.
#[derive(Clone, Debug)]
pub(super) struct Dialect {
    pub(super) delimiter: u8,
    /// Of each column whether its text is free. None of a header, all of whose names are.
    free: Arc<[bool]>,
}

impl Dialect {
    pub(super) fn of_header(delimiter: u8) -> Dialect {
        Dialect { delimiter, free: Arc::default() }
    }

    pub(super) fn of_rows(delimiter: u8, free: Vec<bool>) -> Dialect {
        Dialect { delimiter, free: free.into() }
    }

    /// Whether a quoted field of this column may hold line ends.
    fn may_break(&self, column: usize) -> bool {
        self.free.is_empty() || self.free.get(column).is_some_and(|free| *free)
    }

    /// Whether the text of a quoted field with line ends looks like rows.
    fn swallows(&self, text: &[u8]) -> bool {
        let width = self.free.len();
        let breaks = memchr_iter(b'\n', text).count();
        width >= WIDE && breaks > 0 && memchr_iter(self.delimiter, text).count() >= (width - 1) * breaks
    }
}

/// A record.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Record {
    /// The end of its content, before the line end.
    pub(super) end: usize,
    /// Where the next record begins.
    pub(super) next: usize,
    pub(super) shape: Shape,
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Shape {
    /// Nothing but spaces, or fields with nothing in them, as spreadsheets leave rows below a table.
    Blank,
    /// No quotes in it.
    Plain,
    /// Quoted fields, all well formed.
    Quoted,
    /// Unreadable: the record is a physical line.
    Flawed(ProblemKind),
}

/// A field of a record: its bytes, and whether they stand between quotes (and so may hold doubled ones).
#[derive(Clone, Copy, Debug)]
pub(super) struct RawField {
    pub(super) start: usize,
    pub(super) end: usize,
    pub(super) quoted: bool,
}

/// What walking over a record with quotes came to.
#[derive(Clone)]
enum Walk {
    Done { end: usize, next: usize },
    Flawed(ProblemKind),
    Undecided,
}

/// The record that begins at `start`, which is before the end of `bytes`. `None` when that cannot be told before
/// more bytes are there; never so when these are the `last` bytes.
pub(super) fn record(bytes: &[u8], start: usize, dialect: &Dialect, last: bool) -> Option<Record> {
    let delimiter = dialect.delimiter;
    let (line_end, next) = match memchr(b'\n', &bytes[start..]) {
        Some(length) => (start + length, start + length + 1),
        None if last => (bytes.len(), bytes.len()),
        None => return None,
    };
    let end = without_return(bytes, start, line_end);
    let line = &bytes[start..end];
    if line.len() > MAX_RECORD {
        return Some(Record { end, next, shape: Shape::Flawed(too_long(MAX_RECORD)) });
    }
    if memchr(b'"', line).is_none() {
        let shape = if line.iter().all(|&byte| byte == delimiter || matches!(byte, b' ' | b'\t')) {
            Shape::Blank
        } else if line.len() > MAX_FIELD && line.split(|&byte| byte == delimiter).any(|field| field.len() > MAX_FIELD) {
            Shape::Flawed(too_long(MAX_FIELD))
        } else {
            Shape::Plain
        };
        return Some(Record { end, next, shape });
    }
    let mut blank = true;
    let is_blank = |field: RawField| blank &= trim(&bytes[field.start..field.end]).is_empty();
    match walk(bytes, start, line_end, dialect, last, is_blank) {
        Walk::Done { end, next } => Some(Record { end, next, shape: if blank { Shape::Blank } else { Shape::Quoted } }),
        Walk::Flawed(kind) => Some(Record { end, next, shape: Shape::Flawed(kind) }),
        Walk::Undecided => None,
    }
}

/// Where the record that begins at `start` ends and the next begins, as [`record`] would say, but sooner.
pub(super) fn next(bytes: &[u8], start: usize, dialect: &Dialect) -> Option<usize> {
    let next = start + memchr(b'\n', &bytes[start..])? + 1;
    // With an even number of quotes the line is either well formed, and then no quote is open at its end, or it is
    // not, and then the record is the line.
    if memchr_iter(b'"', &bytes[start..next]).count().is_multiple_of(2) {
        return Some(next);
    }
    record(bytes, start, dialect, false).map(|record| record.next)
}

/// Calls `on_field` for the fields of the record, which [`record`] found at `start`; of a flawed record, for those
/// before the flaw.
pub(super) fn fields(bytes: &[u8], start: usize, record: &Record, dialect: &Dialect, on_field: impl FnMut(RawField)) {
    // Up to the record's end alone: what follows has been taken into account, and a flawed record stays flawed. The
    // line's carriage return stays, for `walk` to take off: it takes off one.
    let newline = memchr(b'\n', &bytes[start..record.next]);
    let line_end = newline.map_or(record.next, |length| start + length);
    let upto = match &record.shape {
        Shape::Quoted => record.next,
        _ => line_end.min(start + MAX_RECORD),
    };
    walk(&bytes[..upto], start, line_end.min(upto), dialect, true, on_field);
}

/// Puts the record's claim id into `id`, as it compares: without quotes and the spaces around it. False when it has
/// none that can be read. Of a row with a flaw, what stands in the id's column before the flaw is the id.
pub(super) fn claim_id(
    bytes: &[u8],
    start: usize,
    record: &Record,
    dialect: &Dialect,
    column: usize,
    id: &mut Vec<u8>,
) -> bool {
    id.clear();
    let mut number = 0;
    fields(bytes, start, record, dialect, |field| {
        // The last field of a record that was cut for its length is no whole field.
        if number == column && field.end < start + MAX_RECORD {
            unquote(bytes, field, id);
        }
        number += 1;
    });
    let spaces = id.iter().take_while(|byte| matches!(byte, b' ' | b'\t')).count();
    id.drain(..spaces);
    id.truncate(trim(id).len());
    !id.is_empty() && std::str::from_utf8(id).is_ok()
}

/// Appends the field's content to `to`.
pub(super) fn unquote(bytes: &[u8], field: RawField, to: &mut Vec<u8>) {
    let mut content = &bytes[field.start..field.end];
    if field.quoted {
        while let Some(quote) = memchr(b'"', content) {
            to.extend_from_slice(&content[..=quote]);
            content = content.get(quote + 2..).unwrap_or_default();
        }
    }
    to.extend_from_slice(content);
}

/// Walks over the fields of one record. `line_end` is the end of its first physical line.
fn walk(
    bytes: &[u8],
    start: usize,
    line_end: usize,
    dialect: &Dialect,
    last: bool,
    mut on_field: impl FnMut(RawField),
) -> Walk {
    let bound = (line_end + 1).max(start + MAX_FIELD).min(bytes.len());
    // Bytes beyond the bound exist or may come: a quote not closed by then is stray. Before, it is the end of what
    // has been read so far that stops the walk.
    let cut = if bound == bytes.len() && !last && bytes.len() < start + MAX_FIELD {
        Walk::Undecided
    } else {
        Walk::Flawed(ProblemKind::StrayQuote)
    };
    let delimiter = dialect.delimiter;
    let (mut at, mut column) = (start, 0);
    loop {
        let (field, after) = if bytes.get(at) == Some(&b'"') {
            let mut from = at + 1;
            // Where it may have no line end, it is closed on the line on which it begins.
            let line = bytes.get(at..bound).filter(|_| !dialect.may_break(column));
            let (bound, cut) = match line.and_then(|rest| memchr(b'\n', rest)) {
                Some(length) => (at + length, &Walk::Flawed(ProblemKind::StrayQuote)),
                None => (bound, &cut),
            };
            let close = loop {
                let Some(quote) = bytes.get(from..bound).and_then(|rest| memchr(b'"', rest)) else {
                    return cut.clone();
                };
                let quote = from + quote;
                match bytes.get(quote + 1) {
                    Some(b'"') => from = quote + 2,
                    None if !last => return Walk::Undecided,
                    _ => break quote,
                }
            };
            if close > line_end && dialect.swallows(bytes.get(at..close).unwrap_or_default()) {
                return Walk::Flawed(ProblemKind::StrayQuote);
            }
            (RawField { start: at + 1, end: close, quoted: true }, close + 1)
        } else {
            let rest = bytes.get(at..bound).unwrap_or_default();
            let length = match memchr2(delimiter, b'\n', rest) {
                Some(length) => length,
                None if bound == bytes.len() && last => rest.len(),
                None => return cut,
            };
            if memchr(b'"', &rest[..length]).is_some() {
                return Walk::Flawed(ProblemKind::StrayQuote);
            }
            let mut end = at + length;
            if bytes.get(end) != Some(&delimiter) {
                end = without_return(bytes, at, end);
            }
            (RawField { start: at, end, quoted: false }, at + length)
        };
        if field.end - field.start > MAX_FIELD {
            return Walk::Flawed(too_long(MAX_FIELD));
        }
        let next = match (bytes.get(after), bytes.get(after + 1)) {
            (Some(&byte), _) if byte == delimiter => {
                on_field(field);
                (at, column) = (after + 1, column + 1);
                continue;
            }
            (Some(b'\n'), _) => after + 1,
            (Some(b'\r'), Some(b'\n')) => after + 2,
            (Some(b'\r'), None) if !last => return Walk::Undecided,
            (Some(b'\r'), None) | (None, _) => bytes.len(),
            (Some(_), _) => return Walk::Flawed(ProblemKind::StrayQuote),
        };
        if after > line_end && next - start > MAX_FIELD {
            return Walk::Flawed(ProblemKind::StrayQuote);
        }
        on_field(field);
        // An unquoted field has lost its carriage return already; the end of the content is the same for both.
        let end = if field.quoted { after } else { field.end };
        return Walk::Done { end, next };
    }
}

fn too_long(limit: usize) -> ProblemKind {
    ProblemKind::TooLong { limit: limit as u32 }
}

/// The end of the content of a line that may end in a carriage return.
pub(super) fn without_return(bytes: &[u8], start: usize, end: usize) -> usize {
    if end > start && bytes[end - 1] == b'\r' { end - 1 } else { end }
}
