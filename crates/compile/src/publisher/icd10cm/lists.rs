//! The order file and the codes file: plain text, one code a line, in fixed columns.

use super::{DAMAGED_ROW, Diagnosis, FORM};
use crate::publisher::release::{Calendar, ReleaseFacts};
use crate::publisher::text::{At, columns, lines, width};
use crate::publisher::{Document, Kind, Refusal};
use codes::Code;
use std::collections::HashMap;
use std::path::Path;

/// The least share of lines that a file's beginning must have right to be taken for a list, of ten.
const RIGHT_OF_TEN: usize = 8;

/// Reads the order file: every code and header in tabular order.
///
/// Columns (`icd10OrderFiles.pdf`, which comes with the file): 1-5 order number, 7-13 code, 15 whether it may be
/// reported, 17-76 short title, 78 on long title.
///
/// # Examples
/// ```
/// use cleanclaim_compile::publisher::icd10cm;
/// let text = b"00001 A00     0 Cholera                                                      Cholera\r\n";
/// let document = icd10cm::order("icd10cm-order-2024.txt".as_ref(), text);
/// assert_eq!(document.release.label, "FY2024");
/// assert_eq!((&*document.rows[0].row.title, document.rows[0].row.billable), ("Cholera", false));
/// ```
pub fn order(path: &Path, bytes: &[u8]) -> Document<Diagnosis> {
    list(Kind::Icd10cmOrder, path, bytes, order_row)
}

/// Reads the codes file: every code that may be reported, in columns 1-7, with its title from column 9 on.
///
/// # Examples
/// ```
/// use cleanclaim_compile::publisher::icd10cm;
/// let document = icd10cm::codes("icd10cm-codes-2024.txt".as_ref(), b"A009    Cholera, unspecified\r\nA0\r\n");
/// assert_eq!(&*document.rows[0].row.title, "Cholera, unspecified");
/// assert_eq!(document.refused.first()[0].line, 2);
/// ```
pub fn codes(path: &Path, bytes: &[u8]) -> Document<Diagnosis> {
    list(Kind::Icd10cmCodes, path, bytes, codes_row)
}

/// Whether the text begins as an order file of ICD-10-CM does. The files of ICD-10-PCS have the same columns, but
/// their codes begin with digits.
pub(crate) fn is_order(head: &[u8]) -> bool {
    is_list(head, |line| order_row(At { path: Path::new(""), line: 0 }, line).ok())
}

/// Whether the text begins as a codes file of ICD-10-CM does. Lists of other codes may have the same columns, but
/// their codes are of one length.
pub(crate) fn is_codes(head: &[u8]) -> bool {
    is_list(head, |line| {
        codes_row(At { path: Path::new(""), line: 0 }, line).ok().filter(|_| columns(line, 9, 9) != " ")
    })
}

fn is_list(head: &[u8], read: impl Fn(&str) -> Option<Diagnosis>) -> bool {
    // The last line of the beginning may be cut.
    let all: Vec<_> = lines(head).filter(|(_, line)| !line.trim().is_empty()).take(1_000).collect();
    let sample = if all.len() > 1 { &all[..all.len() - 1] } else { &all[..] };
    let right: Vec<Diagnosis> = sample.iter().filter_map(|(_, line)| read(line)).collect();
    let mut lengths = right.iter().map(|diagnosis| diagnosis.code.len());
    let first = lengths.next();
    let varied = right.len() < 10 || lengths.any(|length| Some(length) != first);
    !right.is_empty() && right.len() * 10 >= sample.len() * RIGHT_OF_TEN && varied
}

fn list(
    kind: Kind,
    path: &Path,
    bytes: &[u8],
    read: impl Fn(At<'_>, &str) -> Result<Diagnosis, Refusal>,
) -> Document<Diagnosis> {
    let mut document = Document::new(kind, path.to_owned(), ReleaseFacts::of_name(path, Calendar::Fiscal));
    let mut seen: HashMap<Code, u32> = HashMap::new();
    let mut blank = 0;
    for (line, text) in lines(bytes) {
        if text.trim().is_empty() {
            blank += 1;
            continue;
        }
        let at = At { path, line };
        let row = read(at, &text).and_then(|diagnosis| match seen.insert(diagnosis.code, line) {
            None => Ok(diagnosis),
            Some(first) => {
                let expected = format!("each code once; it is on line {first} too");
                Err(at.wrong("code", expected, &diagnosis.code.to_string(), DAMAGED_ROW))
            }
        });
        document.push(line, row);
    }
    document.leave_out("blank lines", blank);
    document
}

fn order_row(at: At<'_>, line: &str) -> Result<Diagnosis, Refusal> {
    let number = columns(line, 1, 5);
    if number.len() != 5 || !number.bytes().all(|byte| byte.is_ascii_digit()) {
        return Err(at.wrong("order number (columns 1-5)", "five digits", number, DAMAGED_ROW));
    }
    for column in [6, 14, 16, 77] {
        if !matches!(columns(line, column, column), " " | "") {
            let expected = "a space between the columns of the order file";
            return Err(at.wrong(format!("column {column}"), expected, columns(line, column, column), DAMAGED_ROW));
        }
    }
    let code_text = columns(line, 7, 13).trim_end();
    let code = super::code(code_text).ok_or_else(|| at.wrong("code (columns 7-13)", FORM, code_text, DAMAGED_ROW))?;
    let billable = match columns(line, 15, 15) {
        "0" => false,
        "1" => true,
        other => return Err(at.wrong("validity (column 15)", "0 or 1", other, DAMAGED_ROW)),
    };
    let short = columns(line, 17, 76).trim();
    let title = columns(line, 78, width(line)).trim();
    for (column, text) in [("short title (columns 17-76)", short), ("long title (from column 78)", title)] {
        if text.is_empty() {
            return Err(at.wrong(column, "a title", text, DAMAGED_ROW));
        }
    }
    Ok(Diagnosis { code, billable, short: Some(short.into()), title: title.into() })
}

fn codes_row(at: At<'_>, line: &str) -> Result<Diagnosis, Refusal> {
    let code_text = columns(line, 1, 7).trim_end();
    let code = super::code(code_text).ok_or_else(|| at.wrong("code (columns 1-7)", FORM, code_text, DAMAGED_ROW))?;
    let between = columns(line, 8, 8);
    if !matches!(between, " " | "") {
        return Err(at.wrong("column 8", "a space between code and title", between, DAMAGED_ROW));
    }
    let title = columns(line, 9, width(line)).trim();
    if title.is_empty() {
        return Err(at.wrong("title (from column 9)", "a title", title, DAMAGED_ROW));
    }
    Ok(Diagnosis { code, billable: true, short: None, title: title.into() })
}
