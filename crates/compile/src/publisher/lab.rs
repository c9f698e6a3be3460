//! The Clinical Laboratory Fee Schedule, published by CMS every quarter, for what its rows with the modifier QW say:
//! which tests are waived under CLIA. The rates are not read.

use super::columns::{self, Column, Record, needed};
use super::release::{Calendar, ReleaseFacts};
use super::{Document, Kind, PublisherError, Refusal};
use codes::{Code, Date, Modifier};
use std::path::Path;

/// A test, or a waived test.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct LabTest {
    /// The code.
    pub code: Code,
    /// QW where the row is of the waived test, absent otherwise.
    pub modifier: Modifier,
    /// From when the rate holds.
    pub effective: Date,
    /// N, a national rate; L, the contractor's.
    pub indicator: u8,
}

impl LabTest {
    /// Whether the row says that the test is waived under CLIA.
    pub fn is_waived(self) -> bool {
        self.modifier == Modifier::new(b"QW")
    }
}

const CODE: usize = 0;
const MODIFIER: usize = 1;
const EFFECTIVE: usize = 2;
const INDICATOR: usize = 3;
pub(crate) const COLUMNS: [Column; 5] = [
    needed(&["hcpcs"]),
    needed(&["mod"]),
    needed(&["effdate"]),
    needed(&["indicator"]),
    // Not read; another table might have the rest.
    needed(&["rate"]),
];

/// Reads the fee schedule of the laboratories.
///
/// # Errors
/// When the first rows have no header of such a table.
pub fn lab_fees(path: &Path, bytes: &[u8]) -> Result<Document<LabTest>, PublisherError> {
    let mut document = Document::new(Kind::LabFees, path.to_owned(), ReleaseFacts::of_name(path, Calendar::Civil));
    columns::read(&mut document, bytes, &COLUMNS, &mut |_| {}, &mut test)?;
    let latest = document.rows.iter().map(|placed| placed.row.effective).max();
    document.release.saw(latest);
    Ok(document)
}

fn test(record: &Record<'_>) -> Result<LabTest, Refusal> {
    let modifier = match record.get(MODIFIER).text {
        "" => Modifier::ABSENT,
        text => Modifier::parse(text.as_bytes())
            .filter(|_| text.bytes().all(|byte| !byte.is_ascii_lowercase()))
            .ok_or_else(|| {
                record
                    .get(MODIFIER)
                    .wrong("a modifier in capitals, or nothing", "correct the modifier, or leave the row out")
            })?,
    };
    Ok(LabTest {
        code: record.get(CODE).procedure()?,
        modifier,
        effective: record.get(EFFECTIVE).date()?,
        indicator: record.get(INDICATOR).one_of(b"NL")?,
    })
}
