//! The contractor file: 320 columns a record.
//!
//! Records that go on with a description are cut at column 91 in the files of 2017 and 2020. Those of 2018, 2019 and
//! 2020 begin with some lines of prose.

use super::HcpcsRecord;
use super::record::{Cells, FIELDS, Field, Gathered, LONG, Part, part};
use crate::publisher::release::{Calendar, ReleaseFacts};
use crate::publisher::text::{At, columns, lines, width};
use crate::publisher::{Document, Kind};
use std::path::Path;

/// The column of the last field of a record's first row.
const DETAILS: usize = 293;

struct Line<'a> {
    at: At<'a>,
    text: &'a str,
}

impl Cells for Line<'_> {
    fn at(&self) -> At<'_> {
        self.at
    }

    fn get(&self, field: Field) -> &str {
        let (_, from, to) = FIELDS[field.0];
        columns(self.text, from, to).trim()
    }

    fn column(&self, field: Field) -> String {
        let (name, from, to) = FIELDS[field.0];
        if from == to { format!("{name} (column {from})") } else { format!("{name} (columns {from}-{to})") }
    }
}

/// Reads the contractor file in fixed width.
///
/// # Examples
/// ```
/// use cleanclaim_compile::publisher::hcpcs;
/// let first = format!("A0021001003{:80}{:28}00      9{:101}I{:38}19960101{:8}{:8}N", "Ambulance service, per mile,",
///     "Outside state ambulance serv", "", "", "", "");
/// let text = format!("{first}\r\nA0021002004outside the state\r\n");
/// let document = hcpcs::records("HCPC17_CONTR_ANWEB.txt".as_ref(), text.as_bytes());
/// assert_eq!(&*document.rows[0].row.long, "Ambulance service, per mile, outside the state");
/// assert_eq!(document.rows[0].row.coverage, Some(b'I'));
/// ```
pub fn records(path: &Path, bytes: &[u8]) -> Document<HcpcsRecord> {
    let release = ReleaseFacts::of_name(path, Calendar::Civil);
    let mut gathered = Gathered::new(Document::new(Kind::HcpcsRecords, path.to_owned(), release));
    let (mut blank, mut prose) = (0, 0);
    for (line, text) in lines(bytes) {
        let row = Line { at: At { path, line }, text: &text };
        if text.trim().is_empty() {
            blank += 1;
        } else if gathered.is_empty() && !like_record(&text) {
            prose += 1;
        } else if matches!(part(&row), Ok(Part::First(_))) && width(&text) < DETAILS {
            let expected = format!("a record of at least {DETAILS} columns");
            let found = format!("{} columns", width(&text));
            let advice = "download the file again, and do not open it in an editor that trims lines";
            gathered.refuse(row.at.wrong("the line", expected, &found, advice));
        } else {
            gathered.take(&row);
        }
    }
    gathered.leave_out("blank lines", blank);
    gathered.leave_out("lines of prose before the records", prose);
    gathered.finish()
}

/// Whether the text holds records, after some lines of prose.
pub(crate) fn is_records(head: &[u8]) -> bool {
    let all: Vec<_> = lines(head).take(200).collect();
    let first = all.iter().position(|(_, text)| like_record(text) && width(text) >= DETAILS);
    let Some(first) = first else { return false };
    // The last line of the beginning may be cut.
    let sample = &all[first..all.len().max(first + 2) - 1];
    sample.iter().all(|(_, text)| text.trim().is_empty() || like_record(text))
}

/// Whether the numbers of a record are where they should be.
fn like_record(text: &str) -> bool {
    let numbers = columns(text, 6, 11);
    let code = columns(text, 1, 5).trim_start();
    numbers.len() == 6
        && numbers.bytes().all(|byte| byte.is_ascii_digit())
        && matches!(code.len(), 2 | 5)
        && !columns(text, FIELDS[LONG.0].1, FIELDS[LONG.0].2).trim().is_empty()
}
