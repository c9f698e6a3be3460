//! NCCI add-on codes, published by CMS: codes that are paid only beside a primary procedure.

use super::columns::{self, Cell, Column, Record, needed, optional};
use super::release::{Calendar, ReleaseFacts};
use super::{Document, Kind, PublisherError, Refusal};
use codes::{Code, Date};
use std::path::Path;

/// Stands for a primary procedure that the contractor defines.
const CONTRACTOR: &str = "CCCCC";

/// Which primary procedures an add-on code may be paid beside.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub enum AddOnType {
    /// 1: those that are listed.
    Listed,
    /// 2: those that the contractor defines.
    Contractor,
    /// 3: some are listed; the contractor may accept others.
    ListedAndContractor,
}

/// An add-on code with one of its primaries.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct AddOn {
    /// The add-on code.
    pub add_on: Code,
    /// The primary procedure, or none where the contractor defines it.
    pub primary: Option<Code>,
    /// Which primaries there may be.
    pub kind: AddOnType,
    /// The first day. The interchange table has none.
    pub effective: Option<Date>,
    /// The last day: the first of those that the file has for the edit, the add-on code, and the primary.
    pub deleted: Option<Date>,
}

const PRIMARY: usize = 0;
const ADD_ON: usize = 1;
const KIND: usize = 2;
const EFFECTIVE: usize = 3;
/// Of the edit, the add-on code, and the primary.
const DELETED: [usize; 3] = [4, 5, 6];
pub(crate) const COLUMNS: [Column; 7] = [
    needed(&["primarycode"]),
    needed(&["addoncode"]),
    needed(&["aocedittype"]),
    optional(&["aocediteffdt"]),
    optional(&["aoceditdeldt"]),
    optional(&["aocdeldt"]),
    optional(&["primarycodedeldt"]),
];

/// Reads the file of add-on codes.
///
/// # Errors
/// When a workbook is damaged, or the first rows have no header of such a table.
///
/// # Examples
/// ```
/// use cleanclaim_compile::publisher::addon::{AddOnType, add_ons};
/// let text = b"primary_code\tadd_on_code\taoc_edit_type\nCCCCC\t0054T\t2\n";
/// let document = add_ons("ncci_aoc_20240603.tsv".as_ref(), text)?;
/// assert_eq!((document.rows[0].row.primary, document.rows[0].row.kind), (None, AddOnType::Contractor));
/// # Ok::<(), cleanclaim_compile::publisher::PublisherError>(())
/// ```
pub fn add_ons(path: &Path, bytes: &[u8]) -> Result<Document<AddOn>, PublisherError> {
    let mut document = Document::new(Kind::NcciAddOn, path.to_owned(), ReleaseFacts::of_name(path, Calendar::Civil));
    columns::read(&mut document, bytes, &COLUMNS, &mut |_| {}, &mut add_on)?;
    Ok(document)
}

fn add_on(record: &Record<'_>) -> Result<AddOn, Refusal> {
    let add_on = record.get(ADD_ON).procedure()?;
    let primary = record.get(PRIMARY);
    let kind = match record.get(KIND).one_of(b"123")? {
        b'1' => AddOnType::Listed,
        b'2' => AddOnType::Contractor,
        _ => AddOnType::ListedAndContractor,
    };
    let primary = if primary.text == CONTRACTOR { None } else { Some(primary.procedure()?) };
    if kind == AddOnType::Listed && primary.is_none() {
        let advice = "correct the type or the primary, or leave the row out";
        return Err(record.get(PRIMARY).wrong("a procedure code: add-on codes of type 1 are listed", advice));
    }
    let effective = record.get(EFFECTIVE).optional_date()?;
    let deleted = DELETED.into_iter().map(|column| record.get(column)).filter(|cell: &Cell<'_>| !cell.text.is_empty());
    let deleted = deleted.map(Cell::optional_date).collect::<Result<Vec<_>, _>>()?.into_iter().flatten().min();
    Ok(AddOn { add_on, primary, kind, effective, deleted })
}
