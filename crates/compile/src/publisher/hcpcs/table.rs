//! The quarterly table, as xlsx or as csv: 48 columns under a header that some quarters put below a page of prose.

use super::HcpcsRecord;
use super::record::{
    ACTION, ADDED, COVERAGE, Cells, EFFECTIVE, FIELDS, Field, Gathered, HCPC, LONG, RECORD, SEQUENCE, TERMINATED,
};
use crate::publisher::release::{Calendar, ReleaseFacts};
use crate::publisher::sheet::{self, Row, Sheets};
use crate::publisher::text::{At, squeezed};
use crate::publisher::{Document, Kind, PublisherError};
use std::path::Path;

/// Without these there is no table. The rest, if missing, is as if empty.
const NEEDED: [Field; 9] = [HCPC, SEQUENCE, RECORD, LONG, COVERAGE, ADDED, EFFECTIVE, TERMINATED, ACTION];

/// In which column of the sheet each field is.
struct Header {
    places: [Option<usize>; FIELDS.len()],
}

impl Header {
    fn of(row: &Row<'_>) -> Option<Header> {
        let names: Vec<String> = row.cells.iter().map(|cell| squeezed(cell).to_ascii_uppercase()).collect();
        let places = FIELDS.map(|(name, ..)| names.iter().position(|found| found == name));
        NEEDED.iter().all(|field| places[field.0].is_some()).then_some(Header { places })
    }
}

struct Cell<'a> {
    header: &'a Header,
    path: &'a Path,
    row: &'a Row<'a>,
}

impl Cells for Cell<'_> {
    fn at(&self) -> At<'_> {
        At { path: self.path, line: self.row.number }
    }

    fn get(&self, field: Field) -> &str {
        let place = self.header.places[field.0];
        place.and_then(|place| self.row.cells.get(place)).map(|cell| cell.trim()).unwrap_or_default()
    }

    fn column(&self, field: Field) -> String {
        match self.header.places[field.0] {
            Some(place) => format!("{} (column {})", field.name(), sheet::letters(place)),
            None => field.name().to_owned(),
        }
    }
}

/// Reads the quarterly table.
///
/// # Errors
/// When the workbook or csv is damaged, or no sheet has the header in its first rows.
///
/// # Examples
/// ```
/// use cleanclaim_compile::publisher::hcpcs;
/// let csv = b"HCPC,SEQNUM,RECID,LONG DESCRIPTION,COV,ADD DT,ACT EFF DT,TERM DT,ACTION CD\n\
///     AM,0010,7,\"Physician, team member service\",D,19910101,19970101,,N\n";
/// let document = hcpcs::table("HCPC2026_OCT_ANWEB.csv".as_ref(), csv)?;
/// assert_eq!(&*document.rows[0].row.long, "Physician, team member service");
/// assert_eq!(document.release.label, "2026 October");
/// # Ok::<(), cleanclaim_compile::publisher::PublisherError>(())
/// ```
pub fn table(path: &Path, bytes: &[u8]) -> Result<Document<HcpcsRecord>, PublisherError> {
    let mut sheets = Sheets::open(path, bytes)?;
    let release = ReleaseFacts::of_name(path, Calendar::Civil);
    let mut gathered = Gathered::new(Document::new(Kind::HcpcsTable, path.to_owned(), release));
    let (mut found, mut empty, mut prose) = (false, 0, 0);
    for sheet in sheets.names() {
        let mut header: Option<Header> = None;
        let mut before = 0;
        sheets.rows(&sheet, &mut |row| {
            match &header {
                None if row.number > sheet::HEADER_WITHIN => return false,
                None => {
                    header = Header::of(row);
                    before += u64::from(header.is_none() && !row.is_empty());
                }
                Some(_) if row.is_empty() => empty += 1,
                Some(header) => gathered.take(&Cell { header, path, row }),
            }
            true
        })?;
        found |= header.is_some();
        prose += if header.is_some() { before } else { 0 };
    }
    if !found {
        let expected = format!("a row with {}", NEEDED.map(Field::name).join(", "));
        let advice = "load the table as CMS publishes it, with its header";
        return Err(At { path, line: 1 }.wrong("the header", expected, "", advice).into());
    }
    gathered.leave_out("empty rows", empty);
    gathered.leave_out("rows of prose before the header", prose);
    Ok(gathered.finish())
}

/// Whether a row is the header of the quarterly table.
pub(crate) fn is_table(row: &Row<'_>) -> bool {
    Header::of(row).is_some()
}
