//! NCCI procedure-to-procedure edits, published by CMS every quarter: pairs of codes of which, on one day, only the
//! first is paid. The official text and workbook, and the plain interchange table.

use super::columns::{PROCEDURE, RawRow, date, each_row, is_no_date, procedure_advice};
use super::release::{Calendar, ReleaseFacts};
use super::sheet::HEADER_WITHIN;
use super::text::{At, lines, squeezed};
use super::{Document, Kind, PublisherError, Refusal, container};
use codes::{Code, Date};
use std::borrow::Cow;
use std::collections::HashMap;
use std::path::Path;

/// More rows than the official files have above the first pair, which is six.
const HEADING_ROWS: u32 = 12;

/// To whose claims the pairs of a file apply. The files do not say so; their names do.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub enum PtpTable {
    /// Practitioners, and ambulatory surgical centres: `ccipra-v322r0-f1.txt`
    Practitioner,
    /// Outpatient departments of hospitals: `ccioph-v322r0-f1.txt`
    Hospital,
}

/// Whether modifiers may part a pair.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub enum PtpIndicator {
    /// 0: never.
    NotAllowed,
    /// 1: by a modifier that NCCI names.
    Allowed,
    /// 9: the pair was deleted with effect from its first day. It never fires.
    NeverInForce,
}

/// What a pair has in common with many others.
#[derive(Clone, PartialEq, Eq, Hash, Debug)]
pub struct PtpClass {
    /// The pair was in force before 1996, the year from which the edits are kept.
    pub before_1996: bool,
    /// The first day. The interchange table has none.
    pub effective: Option<Date>,
    /// The last day, or none while the pair is in force.
    pub deleted: Option<Date>,
    /// Whether modifiers may part the pair.
    pub indicator: PtpIndicator,
    /// Why the pair is there, in CMS's words.
    pub rationale: Box<str>,
}

impl PtpClass {
    /// Whether the pairs were, or are, in force on any day.
    pub fn fires(&self) -> bool {
        self.indicator != PtpIndicator::NeverInForce
    }

    /// Whether the pairs are in force without an end.
    pub fn is_active(&self) -> bool {
        self.fires() && self.deleted.is_none()
    }
}

/// A pair, in twelve bytes.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct PtpPair {
    column_1: Five,
    column_2: Five,
    class: u32,
}

impl PtpPair {
    /// The code that is paid.
    pub fn column_1(self) -> Code {
        self.column_1.code()
    }

    /// The code that is not.
    pub fn column_2(self) -> Code {
        self.column_2.code()
    }

    /// The place of the pair's class in [`Ptp::classes`].
    pub fn class(self) -> usize {
        self.class as usize
    }
}

/// A procedure code as a number of base 36, in the codes' order.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug)]
struct Five(u32);

impl Five {
    fn of(code: Code) -> Five {
        let digit =
            |byte: u8| u32::from(if byte.is_ascii_digit() { byte - b'0' } else { byte.wrapping_sub(b'A') + 10 });
        Five((0..5).fold(0, |number, place| number * 36 + digit(code.at(place))))
    }

    fn code(self) -> Code {
        let mut text = [0; 5];
        let mut number = self.0;
        for byte in text.iter_mut().rev() {
            let digit = (number % 36) as u8;
            *byte = if digit < 10 { b'0' + digit } else { b'A' + digit - 10 };
            number /= 36;
        }
        Code::parse(&text).unwrap_or(Code::ABSENT)
    }
}

/// One file of pairs, read.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Ptp {
    /// To whose claims the pairs apply, if the file's name says so.
    pub table: Option<PtpTable>,
    /// The pairs.
    pub pairs: Document<PtpPair>,
    /// What pairs have in common. Each class is there once.
    pub classes: Vec<PtpClass>,
}

impl Ptp {
    /// A pair's class.
    pub fn class(&self, pair: PtpPair) -> Option<&PtpClass> {
        self.classes.get(pair.class())
    }
}

/// In which order the cells after the codes are.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
enum Layout {
    /// `*` if before 1996, effective, deleted, indicator, rationale.
    Official,
    /// deleted, indicator, rationale.
    Interchange,
}

impl Layout {
    const COLUMNS_OFFICIAL: [&str; 7] = [
        "Column 1",
        "Column 2",
        "*=in existence prior to 1996",
        "Effective Date",
        "Deletion Date",
        "Modifier",
        "PTP Edit Rationale",
    ];
    const COLUMNS_INTERCHANGE: [&str; 5] = ["column1", "column2", "deleted", "mod", "rationale"];

    fn columns(self) -> &'static [&'static str] {
        match self {
            Layout::Official => &Layout::COLUMNS_OFFICIAL,
            Layout::Interchange => &Layout::COLUMNS_INTERCHANGE,
        }
    }

    fn of_header<'a>(mut cells: impl Iterator<Item = &'a str>) -> Option<Layout> {
        let mut heading = || cells.next().map(squeezed).unwrap_or_default().to_ascii_lowercase();
        match (heading().as_str(), heading().as_str(), heading()) {
            ("column 1", "column 2", third) if third.starts_with('*') => Some(Layout::Official),
            ("column1", "column2", third) if third == "deleted" => Some(Layout::Interchange),
            _ => None,
        }
    }
}

/// Whether a file has the header of such a table in its first rows. Of a text, the beginning is enough.
pub(crate) fn is_ptp(bytes: &[u8]) -> bool {
    let mut found = false;
    if container::is_zip(bytes) {
        // A damaged sheet is not recognised; what is wrong with it is said when it is read.
        let _ = each_row(Path::new(""), bytes, &mut |row| {
            found |= row.cells.is_ok_and(|cells| Layout::of_header(cells.iter().map(Cow::as_ref)).is_some());
            !found && row.number <= HEADER_WITHIN
        });
        return found;
    }
    lines(bytes).take(HEADER_WITHIN as usize).any(|(_, line)| Layout::of_header(line.split('\t')).is_some())
}

/// Reads one file of pairs.
///
/// # Errors
/// When a workbook is damaged, or the first rows have no header of such a table.
///
/// # Examples
/// ```
/// use cleanclaim_compile::publisher::ptp::{PtpTable, ptp};
/// let text = b"column1\tcolumn2\tdeleted\tmod\trationale\n11042\t97597\t99991231\t1\tMore extensive procedure\n";
/// let ptp = ptp("ncci_ptp_prac_20240701.tsv".as_ref(), text)?;
/// let pair = ptp.pairs.rows[0].row;
/// assert_eq!((pair.column_1().to_string(), pair.column_2().to_string()), ("11042".into(), "97597".into()));
/// assert!(ptp.class(pair).is_some_and(|class| class.is_active()));
/// assert_eq!(ptp.table, Some(PtpTable::Practitioner));
/// # Ok::<(), cleanclaim_compile::publisher::PublisherError>(())
/// ```
pub fn ptp(path: &Path, bytes: &[u8]) -> Result<Ptp, PublisherError> {
    let mut reader = Reader {
        path,
        ptp: Ptp {
            table: table_of_name(path),
            pairs: Document::new(Kind::NcciPtp, path.to_owned(), ReleaseFacts::of_name(path, Calendar::Civil)),
            classes: Vec::new(),
        },
        layout: None,
        interned: HashMap::new(),
        column_1: (Vec::new(), None),
        found: false,
        below: false,
        headings: 0,
        empty: 0,
    };
    if container::is_zip(bytes) {
        let mut tail = String::new();
        let mut last_sheet = 0;
        each_row(path, bytes, &mut |RawRow { number, sheet, cells, .. }| {
            if sheet != last_sheet {
                // Each sheet has a header of its own, or is not read.
                (reader.layout, reader.below, last_sheet) = (None, false, sheet);
            }
            let cells = cells.unwrap_or_default();
            let cell = |place: usize| cells.get(place).map(|cell| cell.trim()).unwrap_or_default();
            tail.clear();
            for place in 2..reader.width(cells.len()) {
                tail.push_str(if place == 2 { "" } else { "\t" });
                tail.push_str(cell(place));
            }
            reader.row(number, cell(0).as_bytes(), cell(1).as_bytes(), tail.as_bytes());
            reader.layout.is_some() || number <= HEADER_WITHIN
        })?;
    } else {
        reader.text(bytes.strip_prefix(b"\xef\xbb\xbf").unwrap_or(bytes));
    }
    reader.finish()
}

fn table_of_name(path: &Path) -> Option<PtpTable> {
    let name = path.file_name()?.to_string_lossy().to_ascii_lowercase();
    let has = |parts: &[&str]| parts.iter().any(|part| name.contains(part));
    match (has(&["ccipra", "prac"]), has(&["ccioph", "hosp", "_out", "-out", "opps"])) {
        (true, false) => Some(PtpTable::Practitioner),
        (false, true) => Some(PtpTable::Hospital),
        _ => None,
    }
}

struct Reader<'a> {
    path: &'a Path,
    ptp: Ptp,
    layout: Option<Layout>,
    /// Classes by the text that they are written as: some thousand texts end millions of rows, and each is read once.
    interned: HashMap<Box<[u8]>, u32>,
    /// The last code of column 1, which runs over many rows.
    column_1: (Vec<u8>, Option<Five>),
    /// Whether there was a header.
    found: bool,
    /// Whether the headings are over.
    below: bool,
    headings: u32,
    empty: u64,
}

impl Reader<'_> {
    fn text(&mut self, bytes: &[u8]) {
        let end = bytes.len() - bytes.iter().rev().take_while(|&&byte| matches!(byte, 0x1a | b'\n' | b'\r')).count();
        self.ptp.pairs.rows.reserve(end / 64);
        for (line, number) in bytes[..end].split(|&byte| byte == b'\n').zip(1u32..) {
            let line = line.strip_suffix(b"\r").unwrap_or(line);
            let mut cells = line.splitn(3, |&byte| byte == b'\t');
            let mut cell = || cells.next().unwrap_or_default();
            self.row(number, cell().trim_ascii(), cell().trim_ascii(), cell());
            if self.layout.is_none() && number > HEADER_WITHIN {
                return;
            }
        }
    }

    /// How many cells of a workbook's row count: those of the layout, and any that hold something beyond.
    fn width(&self, cells: usize) -> usize {
        self.layout.map_or(0, |layout| layout.columns().len()).max(cells)
    }

    fn row(&mut self, number: u32, column_1: &[u8], column_2: &[u8], tail: &[u8]) {
        let blank = column_1.is_empty() && column_2.is_empty();
        if blank && tail.iter().all(|byte| byte.is_ascii_whitespace()) {
            self.empty += 1;
            return;
        }
        let Some(layout) = self.layout else {
            let cells = [column_1, column_2, tail.split(|&byte| byte == b'\t').next().unwrap_or_default()];
            self.layout = Layout::of_header(cells.map(String::from_utf8_lossy).iter().map(Cow::as_ref));
            self.found |= self.layout.is_some();
            self.headings += 1;
            return;
        };
        // The headings run on in rows without codes.
        if blank && !self.below && self.headings <= HEADING_ROWS {
            self.headings += 1;
            return;
        }
        self.below = true;
        let pair = self.pair(layout, number, column_1, column_2, tail);
        self.ptp.pairs.push(number, pair);
    }

    fn pair(
        &mut self,
        layout: Layout,
        number: u32,
        column_1: &[u8],
        column_2: &[u8],
        tail: &[u8],
    ) -> Result<PtpPair, Refusal> {
        let at = At { path: self.path, line: number };
        let first = match self.column_1 {
            (ref text, Some(code)) if text == column_1 => code,
            _ => {
                let code = code(at, layout.columns()[0], column_1)?;
                self.column_1 = (column_1.to_vec(), Some(code));
                code
            }
        };
        let second = code(at, layout.columns()[1], column_2)?;
        let class = match self.interned.get(tail) {
            Some(&class) => class,
            None => {
                let class = class(at, layout, &String::from_utf8_lossy(tail))?;
                let document = &mut self.ptp.pairs;
                document.release.saw(class.effective);
                // Texts that differ in white space alone are one class.
                let known = self.ptp.classes.iter().position(|known| *known == class);
                let place = known.unwrap_or(self.ptp.classes.len());
                if known.is_none() {
                    self.ptp.classes.push(class);
                }
                let place = u32::try_from(place).unwrap_or(u32::MAX);
                self.interned.insert(tail.into(), place);
                place
            }
        };
        Ok(PtpPair { column_1: first, column_2: second, class })
    }

    fn finish(mut self) -> Result<Ptp, PublisherError> {
        if !self.found {
            let expected = "a header with Column 1, Column 2 (the official file) or column1, column2, deleted";
            let advice = "load the file as it is published, with its header";
            let at = At { path: self.path, line: 1 };
            return Err(at.wrong("the header", expected, "none in the first rows", advice).into());
        }
        self.ptp.pairs.rows.shrink_to_fit();
        self.ptp.pairs.leave_out("headings", self.headings.into());
        self.ptp.pairs.leave_out("empty rows", self.empty);
        Ok(self.ptp)
    }
}

fn code(at: At<'_>, column: &str, text: &[u8]) -> Result<Five, Refusal> {
    // Five capitals and digits are what the packed form can hold; the form of a procedure is narrower still.
    match Code::parse(text) {
        Some(code) if code.procedure_kind().is_some() && !text.iter().any(u8::is_ascii_lowercase) => Ok(Five::of(code)),
        _ => {
            let text = String::from_utf8_lossy(text);
            Err(at.wrong(column, PROCEDURE, &text, procedure_advice(&text)))
        }
    }
}

fn class(at: At<'_>, layout: Layout, tail: &str) -> Result<PtpClass, Refusal> {
    let columns = layout.columns();
    let cells: Vec<&str> = tail.split('\t').map(str::trim).collect();
    let extra = cells.iter().skip(columns.len() - 2).any(|cell| !cell.is_empty());
    if cells.len() < columns.len() - 2 || extra {
        let found = format!("{} cells", cells.len() + 2);
        let expected = format!("{} cells separated by tabs", columns.len());
        return Err(at.wrong("the row", expected, &found, "give every row a cell for each column"));
    }
    let wrong = |place: usize, expected: &str, advice: &str| {
        at.wrong(columns[place + 2], expected, cells.get(place).copied().unwrap_or_default(), advice)
    };
    let (before_1996, effective, deleted_at) = match layout {
        Layout::Official => {
            let before_1996 = match cells[0] {
                "" => false,
                "*" => true,
                _ => return Err(wrong(0, "* or nothing", "correct the mark, or leave the row out")),
            };
            let effective = date(cells[1]).ok_or_else(|| wrong(1, "a date YYYYMMDD", "correct the date"))?;
            (before_1996, Some(effective), 2)
        }
        Layout::Interchange => (false, None, 0),
    };
    let deleted = match cells[deleted_at] {
        // An empty cell is a lost date, not an open end: the official files write `*`, the table 99991231.
        "" => {
            return Err(wrong(
                deleted_at,
                "a date YYYYMMDD, * or 99991231",
                "say when the pair was deleted, or that not",
            ));
        }
        open if is_no_date(open) => None,
        text => {
            Some(date(text).ok_or_else(|| wrong(deleted_at, "a date YYYYMMDD, * or 99991231", "correct the date"))?)
        }
    };
    let indicator = match cells[deleted_at + 1] {
        "0" => PtpIndicator::NotAllowed,
        "1" => PtpIndicator::Allowed,
        "9" => PtpIndicator::NeverInForce,
        _ => return Err(wrong(deleted_at + 1, "0, 1 or 9", "correct the indicator, or leave the row out")),
    };
    if let (Some(from), Some(to)) = (effective, deleted)
        && to < from
        && indicator != PtpIndicator::NeverInForce
    {
        let expected = format!("a date not before the effective date {from}");
        return Err(wrong(deleted_at, &expected, "correct the dates, or leave the row out"));
    }
    Ok(PtpClass { before_1996, effective, deleted, indicator, rationale: cells[deleted_at + 2].into() })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn five_characters_keep_their_order_and_come_back() {
        let mut last = None;
        for text in ["00000", "0001A", "0001U", "00100", "99499", "A0021", "Z9999"] {
            let code = Code::parse(text.as_bytes()).unwrap_or(Code::ABSENT);
            let five = Five::of(code);
            assert_eq!(five.code().to_string(), text);
            assert!(last < Some(five));
            last = Some(five);
        }
    }
}
