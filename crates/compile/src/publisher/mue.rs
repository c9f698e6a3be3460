//! NCCI medically unlikely edits, published by CMS every quarter: the most units of a code that one beneficiary is
//! likely to get from one provider on one day. The official csv and workbook, and the plain interchange table.

use super::columns::{self, Column, Record, needed, optional};
use super::release::{Calendar, ReleaseFacts};
use super::{Document, Kind, PublisherError, Refusal};
use codes::Code;
pub use codeset::MueScope;
use std::path::Path;

/// To whose claims the limits of a file apply.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub enum MueTable {
    /// Practitioners.
    Practitioner,
    /// Outpatient departments of hospitals.
    Outpatient,
    /// Suppliers of durable medical equipment.
    Dme,
}

/// The limit of one code.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Mue {
    /// The code.
    pub code: Code,
    /// The most units.
    pub units: u32,
    /// How the limit is applied.
    pub scope: MueScope,
    /// Why the limit is what it is, in CMS's words.
    pub rationale: Box<str>,
}

/// One file of limits, read.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Mues {
    /// To whose claims they apply: by the file's own headings or cells, or else by its name.
    pub table: Option<MueTable>,
    /// The limits.
    pub limits: Document<Mue>,
}

const CODE: usize = 0;
const UNITS: usize = 1;
const SCOPE: usize = 2;
const RATIONALE: usize = 3;
const SERVICE: usize = 4;
pub(crate) const COLUMNS: [Column; 5] = [
    needed(&["hcpcscptcode", "hcpcscode", "cptcode"]),
    needed(&["*muevalues", "*muevalue", "mueunits"]),
    needed(&["mueadjudicationindicator", "mueadjudicationindicatormai", "muemai"]),
    needed(&["muerationale"]),
    optional(&["mueservice"]),
];

/// Reads one file of limits.
///
/// # Errors
/// When a workbook is damaged, or the first rows have no header of such a table.
///
/// # Examples
/// ```
/// use cleanclaim_compile::publisher::mue::{MueScope, MueTable, mue};
/// let csv = b"\"HCPCS/\nCPT Code\",Practitioner Services MUE Values,MUE Adjudication Indicator,MUE Rationale\n\
///     0002M,1,3 Date of Service Edit: Clinical,Nature of Analyte\n";
/// let mues = mue("mue.csv".as_ref(), csv)?;
/// assert_eq!(mues.table, Some(MueTable::Practitioner));
/// assert_eq!((mues.limits.rows[0].row.units, mues.limits.rows[0].row.scope), (1, MueScope::DayByClinicalBenchmark));
/// # Ok::<(), cleanclaim_compile::publisher::PublisherError>(())
/// ```
pub fn mue(path: &Path, bytes: &[u8]) -> Result<Mues, PublisherError> {
    let mut limits = Document::new(Kind::NcciMue, path.to_owned(), ReleaseFacts::of_name(path, Calendar::Civil));
    let mut of_content = None;
    columns::read(&mut limits, bytes, &COLUMNS, &mut |_| {}, &mut |record| {
        let said = table_of(record.header.title(UNITS).unwrap_or_default()).or(table_of(record.get(SERVICE).text));
        let row = limit(record)?;
        match (of_content, said) {
            (Some(first), Some(other)) if first != other => {
                let advice = "put the limits of each setting into a file of their own";
                return Err(record.get(SERVICE).wrong("the same setting as in the rows before", advice));
            }
            _ => of_content = of_content.or(said),
        }
        Ok(row)
    })?;
    let of_name = || path.file_name().and_then(|name| table_of(&name.to_string_lossy()));
    Ok(Mues { table: of_content.or_else(of_name), limits })
}

fn limit(record: &Record<'_>) -> Result<Mue, Refusal> {
    let code = record.get(CODE).procedure()?;
    let units = record.get(UNITS);
    let digits = units.text.len() <= 7 && units.text.bytes().all(|byte| byte.is_ascii_digit());
    let units = digits
        .then(|| units.text.parse().ok())
        .flatten()
        .ok_or_else(|| units.wrong("a whole number of units", "correct the number, or leave the row out"))?;
    let scope = record.get(SCOPE);
    // "3 Date of Service Edit: Clinical", or the digit alone.
    let digit =
        scope.text.split_whitespace().next().and_then(|word| word.as_bytes().first().filter(|_| word.len() == 1));
    let scope = digit.copied().and_then(MueScope::from_digit).ok_or_else(|| {
        scope.wrong("1, 2 or 3, words after it or not", "correct the indicator, or leave the row out")
    })?;
    Ok(Mue { code, units, scope, rationale: record.get(RATIONALE).text.into() })
}

fn table_of(text: &str) -> Option<MueTable> {
    let text = text.to_ascii_lowercase();
    let has = |part: &str| text.contains(part);
    match (has("prac"), has("outpatient") || has("_out"), has("dme")) {
        (true, false, false) => Some(MueTable::Practitioner),
        (false, true, false) => Some(MueTable::Outpatient),
        (false, false, true) => Some(MueTable::Dme),
        _ => None,
    }
}
