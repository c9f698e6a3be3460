//! The relative value file of the Medicare Physician Fee Schedule, published by CMS every quarter: of each code, and
//! each of its components, the indicators that say how it is paid. The amounts are not read.

use super::columns::{self, Column, PROCEDURE, Record, needed, optional, procedure, procedure_advice};
use super::release::{Calendar, ReleaseFacts, month};
use super::text::{At, columns as cut, lines, width};
use super::{Document, Kind, PublisherError, Refusal};
use codes::{Code, Modifier};
pub use codeset::GlobalPeriod;
use std::borrow::Cow;
use std::path::Path;

/// What the fee schedule says of a code, or of one component of it. Indicators are the characters of the file.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
pub struct FeeRow {
    /// The code.
    pub code: Code,
    /// 26 or TC for a component, 53 for a procedure that was broken off, absent for the whole.
    pub modifier: Modifier,
    /// Whether and how the code is paid, a letter: A, active; B, bundled; I, not valid for Medicare; …
    pub status: u8,
    /// The values are there though Medicare does not pay by them (`+`).
    pub not_used: bool,
    /// Rarely or never done outside a facility.
    pub not_outside_facility: bool,
    /// Rarely or never done in a facility.
    pub not_in_facility: bool,
    /// Professional and technical component, 0 to 9.
    pub pc_tc: u8,
    /// How long the care after it belongs to it.
    pub global: GlobalPeriod,
    /// Reduction with other procedures (modifier 51), 0 to 9.
    pub multiple: u8,
    /// Payment for both sides (modifier 50): 0 to 3, or 9.
    pub bilateral: u8,
    /// Payment of assistants at surgery (80, 81, 82, AS): 0 to 2, or 9.
    pub assistant: u8,
    /// Payment of two surgeons (62): 0 to 2, or 9.
    pub co_surgeons: u8,
    /// Payment of a team of surgeons (66): 0 to 2, or 9.
    pub team: u8,
    /// The pricing indicator, which the files have from 2026 on.
    pub pricing: Option<u8>,
    /// The base code of an endoscopy's family, or absent.
    pub endoscopic_base: Code,
    /// The physician's supervision of diagnostic procedures: 09, 01, 02, 6A, …
    pub supervision: [u8; 2],
    /// The family of diagnostic imaging: 88 or 99.
    pub imaging_family: [u8; 2],
}

const CODE: usize = 0;
const MODIFIER: usize = 1;
const STATUS: usize = 2;
const NOT_USED: usize = 3;
const NOT_OUTSIDE: usize = 4;
const NOT_INSIDE: usize = 5;
const PC_TC: usize = 6;
const GLOBAL: usize = 7;
const MULTIPLE: usize = 8;
const BILATERAL: usize = 9;
const ASSISTANT: usize = 10;
const CO_SURGEONS: usize = 11;
const TEAM: usize = 12;
const PRICING: usize = 13;
const BASE: usize = 14;
const SUPERVISION: usize = 15;
const FAMILY: usize = 16;
/// The headings of csv and workbook are stacked over five rows; those of the interchange table are in one.
pub(crate) const COLUMNS: [Column; 17] = [
    needed(&["hcpcs"]),
    needed(&["mod"]),
    needed(&["statuscode"]),
    needed(&["notusedformedicarepayment"]),
    needed(&["nonfacnaindicator", "nonfacindicator"]),
    needed(&["facilitynaindicator", "facilityindicator"]),
    needed(&["pctcind"]),
    needed(&["globdays"]),
    needed(&["multproc"]),
    needed(&["bilatsurg"]),
    needed(&["asstsurg"]),
    needed(&["cosurg"]),
    needed(&["teamsurg"]),
    optional(&["pricind"]),
    needed(&["endobase"]),
    needed(&["physiciansupervisionofdiagnosticprocedures"]),
    needed(&["diagnosticimagingfamilyindicator"]),
];
/// The same fields in the fixed-width file: names as its layout has them, first and last column. It has no pricing
/// indicator.
const FIXED: [(&str, usize, usize); 17] = [
    ("HCPCS Code", 1, 5),
    ("Modifier", 6, 7),
    ("Status Code", 58, 58),
    ("not used for Medicare payment", 59, 59),
    ("Non-Facility NA Indicator", 73, 74),
    ("Facility NA Indicator", 82, 83),
    ("PC/TC Indicator", 103, 103),
    ("Global Surgery", 104, 106),
    ("Multiple Procedure", 116, 116),
    ("Bilateral Surgery", 117, 117),
    ("Assistant at Surgery", 118, 118),
    ("Co-surgeons", 119, 119),
    ("Team Surgery", 120, 120),
    ("Filler", 121, 127),
    ("Endoscopic Base Code", 128, 132),
    ("Physician Supervision of Diagnostic Procedures", 142, 143),
    ("Diagnostic Imaging Family Indicator", 146, 147),
];

/// Reads the relative value file: csv and workbook of any year, the fixed-width text, and the interchange table.
///
/// # Errors
/// When a workbook is damaged, or the file is neither of fixed width nor has the header of such a table.
pub fn fee_schedule(path: &Path, bytes: &[u8]) -> Result<Document<FeeRow>, PublisherError> {
    let mut document = Document::new(Kind::FeeSchedule, path.to_owned(), ReleaseFacts::of_name(path, Calendar::Civil));
    if is_fixed(bytes) {
        fixed(&mut document, bytes);
        return Ok(document);
    }
    let (mut release, mut restored) = (None, Vec::new());
    let prose = &mut |prose: &str| release = release.or(release_of(prose));
    columns::read(&mut document, bytes, &COLUMNS, prose, &mut |record| {
        let row = Table { record, zeros_lost: is_digit(record.get(SUPERVISION).text) };
        let read = fee_row(&row)?;
        if row.zeros_lost {
            let advice = "the zeros before numbers are lost in this row, as when a spreadsheet saves the file, and were \
                          put back; load the file as it was published";
            restored.push(record.get(SUPERVISION).wrong("two letters or digits, such as 09 or 6A", advice));
        }
        Ok(read)
    })?;
    restored.into_iter().for_each(|flaw| document.flaws.push(flaw));
    if let Some((year, month)) = release {
        document.release = ReleaseFacts::of_month(year, month);
    }
    Ok(document)
}

fn is_digit(text: &str) -> bool {
    text.len() == 1 && text.bytes().all(|byte| byte.is_ascii_digit())
}

/// "2025 National Physician Fee Schedule Relative Value File October Release"
fn release_of(prose: &str) -> Option<(i32, u8)> {
    let words: Vec<&str> = prose.split_whitespace().collect();
    let year = words.first()?.parse().ok().filter(|year| (1990..2100).contains(year))?;
    let end = words.iter().position(|word| *word == "Release").filter(|_| prose.contains("Relative Value File"))?;
    Some((year, month(words.get(end.checked_sub(1)?)?)?))
}

/// Whether a text is the relative value file in fixed width.
pub(crate) fn is_fixed(bytes: &[u8]) -> bool {
    if super::container::is_zip(bytes) {
        return false;
    }
    let head = &bytes[..bytes.len().min(super::HEAD)];
    lines(head).filter(|(_, line)| !line.starts_with("HDR")).take(20).any(|(_, line)| {
        procedure(cut(&line, 1, 5)).is_some()
            && GlobalPeriod::from_text(cut(&line, 104, 106)).is_some()
            && cut(&line, 60, 65).trim().parse::<f32>().is_ok()
            && width(&line) >= 147
    })
}

fn fixed(document: &mut Document<FeeRow>, bytes: &[u8]) {
    let path = document.path.clone();
    let (mut headers, mut empty) = (0, 0);
    for (number, line) in lines(bytes) {
        if line.trim().is_empty() {
            empty += 1;
        } else if line.starts_with("HDR") {
            headers += 1;
        } else {
            document.push(number, fixed_row(At { path: &path, line: number }, &line));
        }
    }
    document.leave_out("header records", headers);
    document.leave_out("empty rows", empty);
}

fn fixed_row(at: At<'_>, line: &str) -> Result<FeeRow, Refusal> {
    let needed = FIXED[FAMILY].2;
    if width(line) < needed {
        let expected = format!("at least {needed} characters");
        let found = format!("{} characters", width(line));
        return Err(at.wrong("the row", expected, &found, "load the file whole, as it was published"));
    }
    let row = Fixed { at, line };
    if !row.text(PRICING).is_empty() {
        // A later layout may put a field here. What follows could then be anywhere.
        let advice = "this is not the layout of 2025; load the csv, whose columns have headings";
        return Err(row.wrong(PRICING, "blanks", advice));
    }
    fee_row(&row)
}

/// The fields of a row, however they are laid out.
trait Fields {
    fn text(&self, field: usize) -> Cow<'_, str>;
    fn wrong(&self, field: usize, expected: &str, advice: &str) -> Refusal;

    fn one_of(&self, field: usize, allowed: &[u8]) -> Result<u8, Refusal> {
        match *self.text(field).as_bytes() {
            [byte] if allowed.contains(&byte) => Ok(byte),
            _ => {
                let list: Vec<String> = allowed.iter().map(|&byte| char::from(byte).to_string()).collect();
                let expected = format!("one of {}", list.join(" "));
                Err(self.wrong(field, &expected, "correct the indicator, or leave the row out"))
            }
        }
    }

    /// Whether the mark is there.
    fn mark(&self, field: usize, mark: &str) -> Result<bool, Refusal> {
        match &*self.text(field) {
            "" => Ok(false),
            text if text == mark => Ok(true),
            _ => Err(self.wrong(field, &format!("{mark} or nothing"), "correct the mark, or leave the row out")),
        }
    }

    fn two(&self, field: usize, expected: &str) -> Result<[u8; 2], Refusal> {
        <[u8; 2]>::try_from(self.text(field).as_bytes())
            .ok()
            .filter(|bytes| bytes.iter().all(u8::is_ascii_alphanumeric))
            .ok_or_else(|| self.wrong(field, expected, "correct the indicator, or leave the row out"))
    }

    fn procedure(&self, field: usize) -> Result<Code, Refusal> {
        let text = self.text(field);
        procedure(&text).ok_or_else(|| self.wrong(field, PROCEDURE, procedure_advice(&text)))
    }
}

struct Table<'a> {
    record: &'a Record<'a>,
    /// The supervision, always two characters, is one digit: whatever wrote the row took numbers for amounts, and left
    /// the zeros before them out. There is one way only to put them back.
    zeros_lost: bool,
}

impl Fields for Table<'_> {
    fn text(&self, field: usize) -> Cow<'_, str> {
        let text = self.record.get(field).text;
        let width = match field {
            CODE => 5,
            GLOBAL => 3,
            SUPERVISION => 2,
            _ => 0,
        };
        let lost = self.zeros_lost && !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit());
        if lost && text.len() < width { Cow::Owned(format!("{text:0>width$}")) } else { Cow::Borrowed(text) }
    }

    fn wrong(&self, field: usize, expected: &str, advice: &str) -> Refusal {
        self.record.get(field).wrong(expected, advice)
    }
}

struct Fixed<'a> {
    at: At<'a>,
    line: &'a str,
}

impl Fields for Fixed<'_> {
    fn text(&self, field: usize) -> Cow<'_, str> {
        let (_, from, to) = FIXED[field];
        Cow::Borrowed(cut(self.line, from, to).trim())
    }

    fn wrong(&self, field: usize, expected: &str, advice: &str) -> Refusal {
        let (name, from, to) = FIXED[field];
        let column = if from == to { format!("{name} ({from})") } else { format!("{name} ({from}-{to})") };
        self.at.wrong(column, expected, &self.text(field), advice)
    }
}

fn fee_row(fields: &impl Fields) -> Result<FeeRow, Refusal> {
    const DIGITS: &[u8] = b"0123456789";
    const UP_TO_2: &[u8] = b"0129";
    let modifier = match &*fields.text(MODIFIER) {
        "" => Modifier::ABSENT,
        "26" => Modifier::new(b"26"),
        "TC" => Modifier::new(b"TC"),
        "53" => Modifier::new(b"53"),
        _ => return Err(fields.wrong(MODIFIER, "26, TC, 53 or nothing", "correct the modifier, or leave the row out")),
    };
    let global = GlobalPeriod::from_text(&fields.text(GLOBAL)).ok_or_else(|| {
        fields.wrong(GLOBAL, "one of 000 010 090 MMM XXX YYY ZZZ", "correct the global period, or leave the row out")
    })?;
    let pricing = match &*fields.text(PRICING) {
        "" => None,
        text => match *text.as_bytes() {
            [byte] if byte.is_ascii_alphanumeric() => Some(byte),
            _ => return Err(fields.wrong(PRICING, "one letter or digit", "correct the indicator")),
        },
    };
    Ok(FeeRow {
        code: fields.procedure(CODE)?,
        modifier,
        // All that the layout documents have named, deleted ones among them.
        status: fields.one_of(STATUS, b"ABCDEFGHIJMNPQRTX")?,
        not_used: fields.mark(NOT_USED, "+")?,
        not_outside_facility: fields.mark(NOT_OUTSIDE, "NA")?,
        not_in_facility: fields.mark(NOT_INSIDE, "NA")?,
        pc_tc: fields.one_of(PC_TC, DIGITS)?,
        global,
        multiple: fields.one_of(MULTIPLE, DIGITS)?,
        bilateral: fields.one_of(BILATERAL, b"01239")?,
        assistant: fields.one_of(ASSISTANT, UP_TO_2)?,
        co_surgeons: fields.one_of(CO_SURGEONS, UP_TO_2)?,
        team: fields.one_of(TEAM, UP_TO_2)?,
        pricing,
        endoscopic_base: match &*fields.text(BASE) {
            "" => Code::ABSENT,
            _ => fields.procedure(BASE)?,
        },
        supervision: fields.two(SUPERVISION, "two letters or digits, such as 09 or 6A")?,
        imaging_family: fields.two(FAMILY, "two digits, such as 88 or 99")?,
    })
}
