//! Adjustment reason and remark codes of remittance advice. The texts are X12's, and are not read: codes and dates only.

use super::columns::{self, Column, Record, needed};
use super::release::{Calendar, ReleaseFacts};
use super::{Document, Kind, PublisherError, Refusal};
use codes::{Code, Date};
use std::path::Path;

/// What a code of a remittance advice is.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub enum RemarkKind {
    /// Who bears the adjustment: CO, PR, …
    Group,
    /// Why it was made (CARC).
    Reason,
    /// What is to be said besides (RARC).
    Remark,
}

/// A code of a remittance advice.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Remark {
    /// The code.
    pub code: Code,
    /// What it is.
    pub kind: RemarkKind,
    /// The first day. Group codes have none.
    pub start: Option<Date>,
    /// When it was changed last.
    pub modified: Option<Date>,
    /// The last day.
    pub end: Option<Date>,
}

const CODE: usize = 0;
const KIND: usize = 1;
const START: usize = 2;
const MODIFIED: usize = 3;
const END: usize = 4;
pub(crate) const COLUMNS: [Column; 5] = [
    needed(&["adjcode"]),
    needed(&["adjtype"]),
    needed(&["adjstartdate"]),
    needed(&["adjlastmodified"]),
    needed(&["adjenddate"]),
];

/// Reads the table of reason and remark codes.
///
/// # Errors
/// When the first rows have no header of such a table.
pub fn remarks(path: &Path, bytes: &[u8]) -> Result<Document<Remark>, PublisherError> {
    let mut document = Document::new(Kind::RemarkCodes, path.to_owned(), ReleaseFacts::of_name(path, Calendar::Civil));
    columns::read(&mut document, bytes, &COLUMNS, &mut |_| {}, &mut remark)?;
    Ok(document)
}

fn remark(record: &Record<'_>) -> Result<Remark, Refusal> {
    let code = record.get(CODE);
    let code = Code::parse(code.text.as_bytes())
        .filter(|parsed| (1..=5).contains(&parsed.len()) && !code.text.bytes().any(|byte| byte.is_ascii_lowercase()))
        .ok_or_else(|| code.wrong("a code of 1 to 5 capitals and digits", "correct the code, or leave its row out"))?;
    let kind = match record.get(KIND).text {
        "Group" => RemarkKind::Group,
        "CARC" => RemarkKind::Reason,
        "RARC" => RemarkKind::Remark,
        _ => return Err(record.get(KIND).wrong("Group, CARC or RARC", "correct the type, or leave the row out")),
    };
    let start = record.get(START).optional_date()?;
    if start.is_none() && kind != RemarkKind::Group {
        return Err(record.get(START).wrong("the day on which the code begins", "add the date, or leave the row out"));
    }
    let (modified, end) = (record.get(MODIFIED).optional_date()?, record.get(END).optional_date()?);
    if end.is_some_and(|end| Some(end) < start) {
        return Err(record.get(END).wrong("a date not before the start", "correct the dates, or leave the row out"));
    }
    Ok(Remark { code, kind, start, modified, end })
}
