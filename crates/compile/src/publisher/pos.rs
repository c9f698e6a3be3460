//! Places of service, kept by CMS.

use super::columns::{self, Column, Record, needed};
use super::release::{Calendar, ReleaseFacts};
use super::{Document, Kind, PublisherError, Refusal};
use codes::Code;
use std::path::Path;

/// A place of service.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Place {
    /// Two digits.
    pub code: Code,
    /// Whether services there are paid at the facility's rate. None of a code that is not assigned.
    pub facility: Option<bool>,
    /// What the place is called.
    pub name: Box<str>,
}

const CODE: usize = 0;
const TYPE: usize = 1;
const NAME: usize = 2;
pub(crate) const COLUMNS: [Column; 3] = [needed(&["poscode"]), needed(&["postype"]), needed(&["posname"])];

/// Reads the table of places of service.
///
/// # Errors
/// When the first rows have no header of such a table.
pub fn places(path: &Path, bytes: &[u8]) -> Result<Document<Place>, PublisherError> {
    let mut document =
        Document::new(Kind::PlacesOfService, path.to_owned(), ReleaseFacts::of_name(path, Calendar::Civil));
    columns::read(&mut document, bytes, &COLUMNS, &mut |_| {}, &mut place)?;
    Ok(document)
}

fn place(record: &Record<'_>) -> Result<Place, Refusal> {
    let code = record.get(CODE);
    let digits = code.text.len() == 2 && code.text.bytes().all(|byte| byte.is_ascii_digit());
    let code = Code::parse(code.text.as_bytes())
        .filter(|_| digits)
        .ok_or_else(|| code.wrong("a place-of-service code (2 digits)", "correct the code, or leave its row out"))?;
    let facility = match record.get(TYPE).text {
        "Facility" => Some(true),
        "Non-Facility" => Some(false),
        "Unassigned" => None,
        _ => {
            let expected = "Facility, Non-Facility or Unassigned";
            return Err(record.get(TYPE).wrong(expected, "correct the type, or leave the row out"));
        }
    };
    Ok(Place { code, facility, name: record.get(NAME).text.into() })
}
