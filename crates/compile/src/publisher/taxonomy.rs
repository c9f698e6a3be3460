//! Provider taxonomy, published by NUCC twice a year. Columns come and go with the versions, dates among them. The
//! descriptions are the AMA's, and are not read.

use super::columns::{self, Column, Record, needed, optional};
use super::release::{Calendar, ReleaseFacts};
use super::{Document, Kind, PublisherError, Refusal};
use codes::Date;
pub use codeset::TaxonomyCode;
use std::path::Path;

/// A code of the taxonomy.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Taxonomy {
    /// The code.
    pub code: TaxonomyCode,
    /// Whether it is for persons. None where the version does not say.
    pub individual: Option<bool>,
    /// The first day, where the version has it.
    pub effective: Option<Date>,
    /// The day on which the code was marked inactive, where a column or the notes say so.
    pub inactive: Option<Date>,
}

const CODE: usize = 0;
const SECTION: usize = 3;
const NOTES: usize = 4;
const EFFECTIVE: usize = 5;
const INACTIVE: usize = 6;
pub(crate) const COLUMNS: [Column; 7] = [
    needed(&["code"]),
    needed(&["grouping", "type"]),
    needed(&["classification"]),
    optional(&["section"]),
    optional(&["notes"]),
    optional(&["effectivedate"]),
    optional(&["deactivationdate"]),
];

/// Reads a version of the taxonomy.
///
/// # Errors
/// When the first rows have no header of such a table.
pub fn taxonomy(path: &Path, bytes: &[u8]) -> Result<Document<Taxonomy>, PublisherError> {
    let mut document = Document::new(Kind::Taxonomy, path.to_owned(), ReleaseFacts::of_name(path, Calendar::Civil));
    columns::read(&mut document, bytes, &COLUMNS, &mut |_| {}, &mut row)?;
    Ok(document)
}

fn row(record: &Record<'_>) -> Result<Taxonomy, Refusal> {
    const EXPECTED: &str = "a taxonomy code (10 letters and digits, the last an X)";
    let bytes: [u8; 10] = record.get(CODE).fixed(EXPECTED)?;
    let code = TaxonomyCode::parse(&bytes)
        .filter(|_| !bytes.iter().any(u8::is_ascii_lowercase))
        .ok_or_else(|| record.get(CODE).wrong(EXPECTED, "correct the code, or leave its row out"))?;
    let individual = match record.get(SECTION).text {
        "Individual" => Some(true),
        "Non-Individual" => Some(false),
        "" => None,
        _ => return Err(record.get(SECTION).wrong("Individual or Non-Individual", "correct the section")),
    };
    let effective = record.get(EFFECTIVE).optional_date()?;
    let inactive = record.get(INACTIVE).optional_date()?.or_else(|| marked_inactive(record.get(NOTES).text));
    Ok(Taxonomy { code, individual, effective, inactive })
}

/// The date in "[1/1/2007: marked inactive, use 103G00000X]".
fn marked_inactive(notes: &str) -> Option<Date> {
    let (before, _) = notes.split_once(": marked inactive")?;
    let (_, date) = before.rsplit_once('[')?;
    columns::date(date.trim())
}
