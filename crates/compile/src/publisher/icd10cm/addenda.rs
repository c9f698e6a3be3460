//! The addenda of the order file and of the codes file: what changed since the year before.
//!
//! No document of the publisher lays these files out. The columns here are those that published readers of the files
//! of FY2018 to FY2027 use, which agree: 1-13 what is done, then, in the addenda of the order file, 14 whether the
//! code may be reported, 16-22 code, 24-83 short title, 85 on long title; in those of the codes file, 14-20 code, 22
//! on title. The counts that the files begin with are left out.

use super::{DAMAGED_ROW, Diagnosis, FORM};
use crate::publisher::release::{Calendar, ReleaseFacts};
use crate::publisher::text::{At, columns, lines, width};
use crate::publisher::{Document, Kind, Refusal};
use std::path::Path;

/// What is done to a code.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum ChangeKind {
    /// It begins, or begins to be what the row says.
    Add,
    /// It ends, or ends to be what the row says: a code that becomes a header is deleted as the one and added as the
    /// other.
    Delete,
    /// Its title was this.
    ReviseFrom,
    /// Its title is this now.
    ReviseTo,
}

/// One line of the addenda.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Change {
    /// What is done.
    pub kind: ChangeKind,
    /// The code that it is done to, as it was or as it becomes.
    pub diagnosis: Diagnosis,
}

const KINDS: [(&str, ChangeKind); 4] = [
    ("Add:", ChangeKind::Add),
    ("Delete:", ChangeKind::Delete),
    ("Revise from:", ChangeKind::ReviseFrom),
    ("Revise to:", ChangeKind::ReviseTo),
];

/// Reads the addenda of the order file.
///
/// # Examples
/// ```
/// use cleanclaim_compile::publisher::icd10cm::{self, ChangeKind};
/// let text = format!("Add:         1 {:7} {:60} {}\n", "A0471", "Entero d/t C diff, recur", "Enterocolitis, recurrent");
/// let document = icd10cm::order_addenda("icd10cm_order_addenda_2018.txt".as_ref(), text.as_bytes());
/// let change = &document.rows[0].row;
/// assert_eq!((change.kind, &*change.diagnosis.title), (ChangeKind::Add, "Enterocolitis, recurrent"));
/// ```
pub fn order_addenda(path: &Path, bytes: &[u8]) -> Document<Change> {
    addenda(Kind::Icd10cmOrderAddenda, path, bytes, |at, line| {
        let billable = match columns(line, 14, 15) {
            "0 " => false,
            "1 " => true,
            other => return Err(at.wrong("validity (column 14)", "0 or 1, then a space", other, DAMAGED_ROW)),
        };
        let code = code(at, line, 16)?;
        let short = title(at, line, 24, 83)?;
        let long = title(at, line, 85, width(line))?;
        Ok(Diagnosis { code, billable, short: Some(short), title: long })
    })
}

/// Reads the addenda of the codes file.
///
/// # Examples
/// ```
/// use cleanclaim_compile::publisher::icd10cm;
/// let text = b"Delete:      B880    Other acariasis\n";
/// let document = icd10cm::codes_addenda("icd10cm-codes-addenda-2026.txt".as_ref(), text);
/// assert_eq!(document.rows[0].row.diagnosis.code.to_string(), "B880");
/// ```
pub fn codes_addenda(path: &Path, bytes: &[u8]) -> Document<Change> {
    addenda(Kind::Icd10cmCodesAddenda, path, bytes, |at, line| {
        let code = code(at, line, 14)?;
        let title = title(at, line, 22, width(line))?;
        Ok(Diagnosis { code, billable: true, short: None, title })
    })
}

/// Which addenda the text is, if it is any of ICD-10-CM.
pub(crate) fn is_addenda(head: &[u8]) -> Option<Kind> {
    let mut kinds = lines(head).filter_map(|(_, line)| {
        let (name, _) = KINDS.iter().find(|(name, _)| line.starts_with(name))?;
        let rest = line.get(name.len()..)?.trim_start();
        let (flag, after) = rest.split_once(' ')?;
        if matches!(flag, "0" | "1") {
            super::code(after.trim_start().split(' ').next()?).map(|_| Kind::Icd10cmOrderAddenda)
        } else {
            super::code(flag).map(|_| Kind::Icd10cmCodesAddenda)
        }
    });
    let first = kinds.next()?;
    kinds.all(|kind| kind == first).then_some(first)
}

fn addenda(
    kind: Kind,
    path: &Path,
    bytes: &[u8],
    read: impl Fn(At<'_>, &str) -> Result<Diagnosis, Refusal>,
) -> Document<Change> {
    let mut document = Document::new(kind, path.to_owned(), ReleaseFacts::of_name(path, Calendar::Fiscal));
    let mut others = 0;
    for (line, text) in lines(bytes) {
        match KINDS.iter().find(|(name, _)| columns(&text, 1, 13).trim_end() == *name) {
            Some(&(_, kind)) => {
                document.push(line, read(At { path, line }, &text).map(|diagnosis| Change { kind, diagnosis }));
            }
            None => others += 1,
        }
    }
    document.leave_out("headings and counts", others);
    document
}

fn code(at: At<'_>, line: &str, from: usize) -> Result<codes::Code, Refusal> {
    let text = columns(line, from, from + 6).trim_end();
    let between = columns(line, from + 7, from + 7);
    super::code(text)
        .filter(|_| between == " ")
        .ok_or_else(|| at.wrong(format!("code (columns {from}-{})", from + 6), FORM, text, DAMAGED_ROW))
}

fn title(at: At<'_>, line: &str, from: usize, to: usize) -> Result<Box<str>, Refusal> {
    let text = columns(line, from, to.max(from)).trim();
    if text.is_empty() {
        return Err(at.wrong(format!("title (from column {from})"), "a title", text, DAMAGED_ROW));
    }
    Ok(text.into())
}
