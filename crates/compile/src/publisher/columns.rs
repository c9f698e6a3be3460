//! Tables whose columns are found by their headings: csv, tab-separated text and workbooks alike.
//!
//! Publishers move columns, put prose before them, break headings over several rows, and add columns without notice, so
//! no column is known by its place. A csv row whose quotes do not close costs that row alone, not the rest of the file.

use super::sheet::{HEADER_WITHIN, Sheets, letters};
use super::text::{At, decode, squeezed};
use super::{Document, Kind, PublisherError, Refusal, container};
use codes::{Code, Date};
use std::borrow::Cow;
use std::path::Path;

/// The most lines that one quoted cell runs over; the articles of the coverage database have the longest.
const LINES_OF_CELL: usize = 2_000;
/// A row before the header with so many cells that hold something is a part of the headings, not prose.
const HEADING_CELLS: usize = 3;

/// A column that a table has, by the headings that it goes under.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Column {
    /// The headings in lower case without anything but letters and digits. One that begins with `*` may have more
    /// before it.
    pub(crate) headings: &'static [&'static str],
    /// Without this column there is no table.
    pub(crate) needed: bool,
}

/// A column that must be there.
pub(crate) const fn needed(headings: &'static [&'static str]) -> Column {
    Column { headings, needed: true }
}

/// A column that only some versions of the table have.
pub(crate) const fn optional(headings: &'static [&'static str]) -> Column {
    Column { headings, needed: false }
}

/// In which place each column is, and the heading as it is written there.
pub(crate) struct Header {
    places: Vec<Option<usize>>,
    titles: Vec<String>,
    width: usize,
}

impl Header {
    /// The header, if these headings have all columns that are needed.
    pub(crate) fn of(columns: &[Column], titles: &[String]) -> Option<Header> {
        let keys: Vec<String> = titles.iter().map(|title| key(title)).collect();
        let fits = |heading: &str, key: &str| match heading.strip_prefix('*') {
            Some(end) => key.ends_with(end),
            None => key == heading,
        };
        let mut places = Vec::with_capacity(columns.len());
        for column in columns {
            let place = keys.iter().position(|key| column.headings.iter().any(|heading| fits(heading, key)));
            if place.is_none() && column.needed {
                return None;
            }
            places.push(place);
        }
        Some(Header { places, titles: titles.to_vec(), width: titles.len() })
    }

    /// The heading of a column as the file has it.
    pub(crate) fn title(&self, column: usize) -> Option<&str> {
        let place = (*self.places.get(column)?)?;
        self.titles.get(place).map(String::as_str)
    }
}

/// Finds the header among the first rows, whose headings may be stacked over several of them.
struct Finder<'a> {
    columns: &'a [Column],
    stacked: Vec<String>,
}

impl Finder<'_> {
    fn take(&mut self, cells: &[Cow<'_, str>]) -> Option<Header> {
        let titles: Vec<String> = cells.iter().map(|cell| squeezed(cell)).collect();
        if titles.iter().filter(|title| !title.is_empty()).count() < HEADING_CELLS.min(self.columns.len()) {
            return None;
        }
        if let Some(header) = Header::of(self.columns, &titles) {
            return Some(header);
        }
        if self.stacked.len() < titles.len() {
            self.stacked.resize(titles.len(), String::new());
        }
        for (stacked, title) in self.stacked.iter_mut().zip(&titles) {
            if !stacked.is_empty() && !title.is_empty() {
                stacked.push(' ');
            }
            stacked.push_str(title);
        }
        Header::of(self.columns, &self.stacked)
    }
}

/// A heading as [`Column::headings`] has it.
fn key(heading: &str) -> String {
    heading.chars().filter(char::is_ascii_alphanumeric).map(|character| character.to_ascii_lowercase()).collect()
}

/// One row below the header.
pub(crate) struct Record<'a> {
    pub(crate) header: &'a Header,
    at: At<'a>,
    cells: &'a [Cow<'a, str>],
}

/// One cell, with its place.
#[derive(Clone, Copy)]
pub(crate) struct Cell<'a> {
    /// What it holds, without white space around it. Empty where the table has no such column.
    pub(crate) text: &'a str,
    at: At<'a>,
    title: &'a str,
    place: Option<usize>,
}

impl<'a> Record<'a> {
    pub(crate) fn new(header: &'a Header, at: At<'a>, cells: &'a [Cow<'a, str>]) -> Record<'a> {
        Record { header, at, cells }
    }

    pub(crate) fn get(&self, column: usize) -> Cell<'a> {
        let place = self.header.places.get(column).copied().flatten();
        let text = place.and_then(|place| self.cells.get(place)).map(|cell| cell.trim()).unwrap_or_default();
        Cell { text, at: self.at, title: self.header.title(column).unwrap_or("the column"), place }
    }
}

impl<'a> Cell<'a> {
    /// That this cell does not hold what it should.
    pub(crate) fn wrong(self, expected: impl Into<String>, advice: impl Into<String>) -> Refusal {
        let column = match self.place {
            Some(place) => format!("{} (column {})", self.title, letters(place)),
            None => self.title.to_owned(),
        };
        self.at.wrong(column, expected, self.text, advice)
    }

    /// A CPT or HCPCS code.
    pub(crate) fn procedure(self) -> Result<Code, Refusal> {
        procedure(self.text).ok_or_else(|| self.wrong(PROCEDURE, procedure_advice(self.text)))
    }

    pub(crate) fn date(self) -> Result<Date, Refusal> {
        date(self.text).ok_or_else(|| self.wrong("a date (YYYYMMDD, YYYY-MM-DD or M/D/YYYY)", "correct the date"))
    }

    /// A date, or nothing: an empty cell, `*`, or the last day of the year 9999.
    pub(crate) fn optional_date(self) -> Result<Option<Date>, Refusal> {
        if is_no_date(self.text) { Ok(None) } else { self.date().map(Some) }
    }

    /// One character, among these.
    pub(crate) fn one_of(self, allowed: &[u8]) -> Result<u8, Refusal> {
        match *self.text.as_bytes() {
            [byte] if allowed.contains(&byte) => Ok(byte),
            _ => {
                let list: Vec<String> = allowed.iter().map(|&byte| char::from(byte).to_string()).collect();
                Err(self.wrong(format!("one of {}", list.join(" ")), "correct the indicator, or leave the row out"))
            }
        }
    }

    /// Exactly so many letters or digits.
    pub(crate) fn fixed<const N: usize>(self, expected: &str) -> Result<[u8; N], Refusal> {
        <[u8; N]>::try_from(self.text.as_bytes())
            .ok()
            .filter(|bytes| bytes.iter().all(u8::is_ascii_alphanumeric))
            .ok_or_else(|| self.wrong(expected, "correct the cell, or leave the row out"))
    }
}

pub(crate) const PROCEDURE: &str = "a CPT or HCPCS code in capitals (5 characters)";

/// A CPT or HCPCS code, written in capitals.
pub(crate) fn procedure(text: &str) -> Option<Code> {
    let code = Code::parse(text.as_bytes())?;
    (code.to_bytes()[..code.len()] == *text.as_bytes() && code.procedure_kind().is_some()).then_some(code)
}

/// What to do about a text that is no procedure code.
pub(crate) fn procedure_advice(text: &str) -> &'static str {
    if (1..5).contains(&text.len()) && text.bytes().all(|byte| byte.is_ascii_digit()) {
        "the zeros before it are lost, as when a spreadsheet saves the file; load the file as it was published"
    } else {
        "correct the code, or leave its row out"
    }
}

/// Whether a date is left open.
pub(crate) fn is_no_date(text: &str) -> bool {
    matches!(text, "" | "*" | "99991231" | "9999-12-31" | "12/31/9999")
}

/// A date as any of these publishers writes it.
pub(crate) fn date(text: &str) -> Option<Date> {
    let mut parts = text.split('/');
    match (parts.next(), parts.next(), parts.next(), parts.next()) {
        (Some(whole), None, ..) => Date::parse(whole.as_bytes()),
        (Some(month), Some(day), Some(year), None) if year.len() == 4 => {
            let digits = text.bytes().all(|byte| byte.is_ascii_digit() || byte == b'/');
            let short = |text: &str| text.parse::<u8>().ok().filter(|_| digits && matches!(text.len(), 1 | 2));
            let year = year.parse::<i32>().ok().filter(|year| (1800..2200).contains(year))?;
            Date::new(year, short(month)?, short(day)?)
        }
        _ => None,
    }
}

/// Which of these tables a file is, by the header in its first rows. Of a text, the beginning is enough.
pub(crate) fn which(bytes: &[u8], tables: &[(Kind, &[Column])]) -> Option<Kind> {
    let mut finders: Vec<Finder<'_>> =
        tables.iter().map(|(_, columns)| Finder { columns, stacked: Vec::new() }).collect();
    let (mut found, mut sheet) = (None, 0);
    // A damaged sheet is not recognised; what is wrong with it is said when it is read.
    let _ = each_row(Path::new(""), bytes, &mut |row| {
        if row.sheet != sheet {
            sheet = row.sheet;
            finders.iter_mut().for_each(|finder| finder.stacked.clear());
        }
        if let Ok(cells) = row.cells {
            let mut kinds = finders.iter_mut().zip(tables);
            found = kinds.find_map(|(finder, (kind, _))| finder.take(cells).map(|_| *kind));
        }
        found.is_none() && row.number <= HEADER_WITHIN
    });
    found
}

/// Reads a table: calls `row` for each row below the header, and puts what it makes of it into the document. `prose`
/// gets the rows before the header.
pub(crate) fn read<R>(
    document: &mut Document<R>,
    bytes: &[u8],
    columns: &[Column],
    prose: &mut dyn FnMut(&str),
    row: &mut dyn FnMut(&Record<'_>) -> Result<R, Refusal>,
) -> Result<(), PublisherError> {
    let path = document.path.clone();
    let mut finder = Finder { columns, stacked: Vec::new() };
    let mut header: Option<Header> = None;
    let (mut found, mut sheet, mut empty, mut before, mut pending) = (false, 0, 0, 0, 0);
    each_row(&path, bytes, &mut |next| {
        if next.sheet != sheet {
            (header, sheet, pending) = (None, next.sheet, 0);
            finder.stacked.clear();
        }
        let at = At { path: &path, line: next.number };
        let cells = match (next.cells, &header) {
            (Ok(cells), _) if cells.iter().all(|cell| cell.trim().is_empty()) => {
                empty += 1;
                return true;
            }
            (Ok(cells), _) => cells,
            (Err(text), Some(_)) => {
                document.push(next.number, Err(unclosed(at, text)));
                return true;
            }
            (Err(_), None) => return next.number <= HEADER_WITHIN,
        };
        let Some(header) = &header else {
            header = finder.take(cells);
            if header.is_some() {
                found = true;
                before += pending;
            } else {
                pending += 1;
                cells.iter().filter(|cell| !cell.trim().is_empty()).for_each(|cell| prose(cell));
            }
            return header.is_some() || next.number <= HEADER_WITHIN || next.of_workbook;
        };
        let wider = cells.iter().skip(header.width).any(|cell| !cell.trim().is_empty());
        let narrower = cells.len() < header.width && !next.of_workbook;
        document.push(
            next.number,
            if wider || narrower {
                Err(at.wrong(
                    "the row",
                    format!("{} cells, as the header has", header.width),
                    &format!("{} cells", cells.len()),
                    "put quotation marks around a cell that has a comma in it, or leave the row out",
                ))
            } else {
                row(&Record { header, at, cells })
            },
        );
        true
    })?;
    if !found {
        let names: Vec<&str> = columns.iter().filter(|column| column.needed).map(|column| column.headings[0]).collect();
        let expected = format!("a header with {}", names.join(", "));
        let advice = "load the table as it is published, with its header";
        return Err(At { path: &path, line: 1 }.wrong("the header", expected, "none in the first rows", advice).into());
    }
    document.leave_out("empty rows", empty);
    document.leave_out("rows before the header", before);
    Ok(())
}

fn unclosed(at: At<'_>, text: &str) -> Refusal {
    at.wrong("the row", "quotation marks that close before the next comma", text, "correct the quotation marks")
}

/// One row of a file, whatever its format.
pub(crate) struct RawRow<'a> {
    /// The line on which it begins, or the row of the sheet, counted from 1.
    pub(crate) number: u32,
    /// Which sheet of the workbook, counted from 0.
    pub(crate) sheet: usize,
    /// A workbook's rows end with the last cell that holds something.
    pub(crate) of_workbook: bool,
    /// The cells, or the line whose quotes do not close.
    pub(crate) cells: Result<&'a [Cow<'a, str>], &'a str>,
}

/// Calls `take` for each row until it says to stop (in a workbook, to go on with the next sheet).
pub(crate) fn each_row(
    path: &Path,
    bytes: &[u8],
    take: &mut dyn FnMut(RawRow<'_>) -> bool,
) -> Result<(), PublisherError> {
    if container::is_zip(bytes) {
        let mut sheets = Sheets::open(path, bytes)?;
        for (sheet, name) in sheets.names().iter().enumerate() {
            sheets.rows(name, &mut |row| {
                let cells: Vec<Cow<'_, str>> = row.cells.iter().map(|cell| Cow::Borrowed(cell.as_str())).collect();
                take(RawRow { number: row.number, sheet, of_workbook: true, cells: Ok(&cells) })
            })?;
        }
        return Ok(());
    }
    let text = decode(bytes.strip_prefix(b"\xef\xbb\xbf").unwrap_or(bytes));
    let mut records = Records::new(&text);
    let mut cells = Vec::new();
    while let Some((number, broken)) = records.next(&mut cells) {
        let cells = match broken {
            None => Ok(&cells[..]),
            Some(line) => Err(line),
        };
        if !take(RawRow { number, sheet: 0, of_workbook: false, cells }) {
            break;
        }
    }
    Ok(())
}

/// The rows of a text. Tab-separated text has no quotes.
struct Records<'a> {
    rest: &'a str,
    line: u32,
    tabbed: bool,
}

impl<'a> Records<'a> {
    fn new(text: &'a str) -> Records<'a> {
        let text = text.trim_end_matches(['\u{1a}', '\n', '\r']);
        // No csv of these publishers has tabs in its first rows.
        let tabbed = text.split('\n').take(HEADER_WITHIN as usize).any(|line| line.contains('\t'));
        Records { rest: text, line: 1, tabbed }
    }

    /// The line on which the next row begins; its cells are put into `cells`, or the line is given that has none.
    fn next(&mut self, cells: &mut Vec<Cow<'a, str>>) -> Option<(u32, Option<&'a str>)> {
        cells.clear();
        if self.rest.is_empty() {
            return None;
        }
        let number = self.line;
        let first = self.rest.split('\n').next().unwrap_or_default();
        if self.tabbed {
            cells.extend(first.strip_suffix('\r').unwrap_or(first).split('\t').map(Cow::Borrowed));
            self.skip(first.len(), 1);
            return Some((number, None));
        }
        match self.csv_cells(cells) {
            Some((length, lines)) => {
                self.skip(length, lines);
                Some((number, None))
            }
            None => {
                cells.clear();
                self.skip(first.len(), 1);
                Some((number, Some(first)))
            }
        }
    }

    /// Moves past so many bytes, and the line break after them.
    fn skip(&mut self, length: usize, lines: u32) {
        let rest = self.rest.get(length..).unwrap_or_default();
        self.rest = rest.strip_prefix('\n').unwrap_or(rest);
        self.line = self.line.saturating_add(lines);
    }

    /// The cells of the next row, its length without the line break, and how many lines it is. Nothing when a quote
    /// does not close where a cell ends.
    fn csv_cells(&self, cells: &mut Vec<Cow<'a, str>>) -> Option<(usize, u32)> {
        let (text, mut place, mut lines) = (self.rest, 0, 1);
        loop {
            let (cell, end) = match text.as_bytes().get(place) {
                Some(b'"') => {
                    let (cell, end) = quoted_cell(text, place + 1)?;
                    lines += text[place..end].bytes().filter(|&byte| byte == b'\n').count() as u32;
                    (cell, end)
                }
                _ => {
                    let rest = &text[place..];
                    let length = rest.find([',', '\n']).unwrap_or(rest.len());
                    let cell = &rest[..length];
                    let ends_row = rest.as_bytes().get(length) != Some(&b',');
                    let cell = if ends_row { cell.strip_suffix('\r').unwrap_or(cell) } else { cell };
                    (Cow::Borrowed(cell), place + length)
                }
            };
            cells.push(cell);
            match (text.as_bytes().get(end), text.as_bytes().get(end + 1)) {
                (Some(b','), _) => place = end + 1,
                (None | Some(b'\n'), _) => return Some((end, lines)),
                (Some(b'\r'), None | Some(b'\n')) => return Some((end + 1, lines)),
                _ => return None,
            }
        }
    }
}

/// The cell whose opening quote is before `start`, and where its closing quote ends.
fn quoted_cell(text: &str, start: usize) -> Option<(Cow<'_, str>, usize)> {
    let bytes = text.as_bytes();
    let (mut place, mut doubled, mut lines) = (start, false, 0);
    loop {
        match *bytes.get(place)? {
            b'"' if bytes.get(place + 1) == Some(&b'"') => {
                doubled = true;
                place += 2;
            }
            b'"' => break,
            b'\n' if lines == LINES_OF_CELL => return None,
            byte => {
                lines += usize::from(byte == b'\n');
                place += 1;
            }
        }
    }
    let inner = &text[start..place];
    let cell = if doubled { Cow::Owned(inner.replace("\"\"", "\"")) } else { Cow::Borrowed(inner) };
    Some((cell, place + 1))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn rows(text: &str) -> Vec<(u32, Option<Vec<String>>)> {
        let mut records = Records::new(text);
        let (mut cells, mut rows) = (Vec::new(), Vec::new());
        while let Some((number, broken)) = records.next(&mut cells) {
            rows.push((number, broken.is_none().then(|| cells.iter().map(|cell| cell.to_string()).collect())));
        }
        rows
    }

    fn row(number: u32, cells: &[&str]) -> (u32, Option<Vec<String>>) {
        (number, Some(cells.iter().map(|&cell| cell.to_owned()).collect()))
    }

    #[test]
    fn csv_rows_know_their_lines_through_line_breaks_in_cells() {
        assert_eq!(
            rows("a,b\r\n\"one\r\ntwo\",\"say \"\"x\"\"\"\r\n\r\nlast\r\n"),
            [row(1, &["a", "b"]), row(2, &["one\r\ntwo", "say \"x\""]), row(4, &[""]), row(5, &["last"])]
        );
    }

    #[test]
    fn a_quote_that_does_not_close_costs_one_row() {
        assert_eq!(rows("a,\"b\nc,d\n"), [(1, None), row(2, &["c", "d"])]);
        assert_eq!(rows("a,\"b\nc,\"d\"\ne,f"), [(1, None), row(2, &["c", "d"]), row(3, &["e", "f"])]);
        assert_eq!(rows("\"a\"b,c\nd,e"), [(1, None), row(2, &["d", "e"])]);
    }

    #[test]
    fn tabs_have_no_quotes() {
        assert_eq!(rows("a\tb\n\"c\td, e\r\n"), [row(1, &["a", "b"]), row(2, &["\"c", "d, e"])]);
    }

    #[test]
    fn dates_are_read_as_any_publisher_writes_them() {
        for text in ["20240701", "2024-07-01", "7/1/2024", "07/01/2024"] {
            assert_eq!(date(text).map(|date| date.to_string()).as_deref(), Some("2024-07-01"), "{text}");
        }
        for text in ["", "7/1/24", "13/1/2024", "7/1/2024/1", "2024-13-01", "007/1/2024", "+7/1/2024"] {
            assert_eq!(date(text), None, "{text}");
        }
    }

    #[test]
    fn headings_may_be_stacked() {
        let columns = [needed(&["hcpcs"]), needed(&["multproc"]), optional(&["pricind"])];
        let mut finder = Finder { columns: &columns, stacked: Vec::new() };
        let cells = |texts: &[&'static str]| texts.iter().map(|&text| Cow::Borrowed(text)).collect::<Vec<_>>();
        assert!(finder.take(&cells(&["", "some prose", ""])).is_none());
        assert!(finder.take(&cells(&["x", "MULT", "OTHER"])).is_none());
        finder.stacked.clear();
        assert!(finder.take(&cells(&["", "MULT", "A", "B"])).is_none());
    }
}
