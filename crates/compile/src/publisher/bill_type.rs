//! Types of bill, kept by NUBC. The texts are NUBC's, and are not read: codes only.

use super::columns::{self, Column, Record, needed, optional};
use super::release::{Calendar, ReleaseFacts};
use super::{Document, Kind, PublisherError, Refusal};
use codes::{Code, Date};
use std::path::Path;

/// A type of bill.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct BillTypeRow {
    /// Facility, classification and frequency: three digits, or two and a letter.
    pub code: Code,
    /// Whether the type is no longer in use.
    pub deprecated: bool,
    /// Since when, where given.
    pub deprecated_on: Option<Date>,
}

const CODE: usize = 0;
const DEPRECATED: usize = 1;
const DATE: usize = 2;
pub(crate) const COLUMNS: [Column; 3] =
    [needed(&["billtypecode"]), needed(&["deprecated"]), optional(&["deprecateddate"])];

/// Reads the table of types of bill.
///
/// # Errors
/// When the first rows have no header of such a table.
///
/// # Examples
/// ```
/// use cleanclaim_compile::publisher::bill_type::bill_types;
/// let csv = b"bill_type_code,bill_type_description,deprecated,deprecated_date\n131,x,0,\n751,x,1,2005-10-01\n";
/// let document = bill_types("bill_types.csv".as_ref(), csv)?;
/// assert_eq!(document.rows.iter().map(|placed| placed.row.deprecated).collect::<Vec<_>>(), [false, true]);
/// # Ok::<(), cleanclaim_compile::publisher::PublisherError>(())
/// ```
pub fn bill_types(path: &Path, bytes: &[u8]) -> Result<Document<BillTypeRow>, PublisherError> {
    let mut document = Document::new(Kind::BillTypes, path.to_owned(), ReleaseFacts::of_name(path, Calendar::Civil));
    columns::read(&mut document, bytes, &COLUMNS, &mut |_| {}, &mut row)?;
    Ok(document)
}

fn row(record: &Record<'_>) -> Result<BillTypeRow, Refusal> {
    const EXPECTED: &str = "a type of bill (two digits, and a digit or a capital)";
    let code = record.get(CODE);
    let bytes: [u8; 3] = code.fixed(EXPECTED)?;
    let form = bytes[..2].iter().all(u8::is_ascii_digit) && !bytes[2].is_ascii_lowercase();
    let parsed = Code::parse(&bytes).filter(|_| form);
    Ok(BillTypeRow {
        code: parsed.ok_or_else(|| code.wrong(EXPECTED, "correct the code, or leave its row out"))?,
        deprecated: record.get(DEPRECATED).one_of(b"01")? == b'1',
        deprecated_on: record.get(DATE).optional_date()?,
    })
}
