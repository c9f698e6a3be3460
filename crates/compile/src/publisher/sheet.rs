//! Tables of cells, from xlsx workbooks and csv files alike, row by row.

use super::PublisherError;
use super::container::is_zip;
use super::text::{At, decode, lines};
use super::xlsx::Workbook;
use std::path::Path;

/// A header stands in one of so many rows at the top.
pub(crate) const HEADER_WITHIN: u32 = 60;
/// The most cells of a row that are looked at.
const WIDEST: usize = 1_024;

/// One row of a sheet, as far as its last cell that holds something. Whole numbers have no point, dates are YYYYMMDD.
pub(crate) struct Row<'a> {
    /// The row of the sheet, or the line of the csv on which it begins, counted from 1.
    pub(crate) number: u32,
    /// The cells as text.
    pub(crate) cells: &'a [String],
}

impl Row<'_> {
    pub(crate) fn is_empty(&self) -> bool {
        self.cells.iter().all(|cell| cell.trim().is_empty())
    }
}

/// The sheets of one file.
pub(crate) struct Sheets<'a> {
    path: &'a Path,
    source: Source<'a>,
}

enum Source<'a> {
    Workbook(Box<Workbook<'a>>),
    Csv(&'a [u8]),
}

/// Takes a row; says whether to go on.
pub(crate) type Take<'a> = dyn FnMut(&Row<'_>) -> bool + 'a;

impl<'a> Sheets<'a> {
    /// Opens a workbook, or a text as csv.
    pub(crate) fn open(path: &'a Path, bytes: &'a [u8]) -> Result<Sheets<'a>, PublisherError> {
        let source =
            if is_zip(bytes) { Source::Workbook(Box::new(Workbook::open(path, bytes)?)) } else { Source::Csv(bytes) };
        Ok(Sheets { path, source })
    }

    pub(crate) fn names(&self) -> Vec<String> {
        match &self.source {
            Source::Workbook(workbook) => workbook.names(),
            Source::Csv(_) => vec![String::new()],
        }
    }

    /// The rows of a sheet, in order, those without any cells left out.
    pub(crate) fn rows(&mut self, sheet: &str, take: &mut Take<'_>) -> Result<(), PublisherError> {
        match &mut self.source {
            Source::Workbook(workbook) => workbook
                .rows(sheet, &mut |number, cells| take(&Row { number, cells: &cells[..cells.len().min(WIDEST)] })),
            Source::Csv(bytes) => csv_rows(self.path, bytes, take),
        }
    }
}

fn csv_rows(path: &Path, bytes: &[u8], take: &mut Take<'_>) -> Result<(), PublisherError> {
    let bytes = bytes.strip_prefix(b"\xef\xbb\xbf").unwrap_or(bytes);
    let mut reader =
        csv::ReaderBuilder::new().has_headers(false).flexible(true).delimiter(delimiter(bytes)).from_reader(bytes);
    let mut record = csv::ByteRecord::new();
    let mut cells: Vec<String> = Vec::new();
    let (mut counted, mut line) = (0, 1);
    loop {
        // The reader's own count of lines stands still at CR LF and blank lines, so lines are counted here.
        let from = usize::try_from(reader.position().byte()).unwrap_or(usize::MAX).min(bytes.len());
        let start = from + bytes[from..].iter().take_while(|&&byte| matches!(byte, b'\r' | b'\n')).count();
        line += bytes[counted..start].iter().filter(|&&byte| byte == b'\n').count() as u32;
        counted = start;
        match reader.read_byte_record(&mut record) {
            Ok(false) => return Ok(()),
            Ok(true) => {}
            Err(error) => {
                let found = error.to_string();
                return Err(At { path, line }.wrong("the row", "comma-separated text", &found, "save it again").into());
            }
        }
        let used = record.len().min(WIDEST);
        cells.resize_with(used.max(cells.len()), String::new);
        for (cell, field) in cells.iter_mut().zip(&record) {
            cell.clear();
            cell.push_str(&decode(field));
        }
        if !take(&Row { number: line, cells: &cells[..used] }) {
            return Ok(());
        }
    }
}

/// Tab when the first lines have more tabs than commas, else comma.
fn delimiter(bytes: &[u8]) -> u8 {
    let head = &bytes[..bytes.len().min(1 << 16)];
    let (mut tabs, mut commas) = (0, 0);
    for (_, line) in lines(head).take(HEADER_WITHIN as usize) {
        tabs += line.bytes().filter(|&byte| byte == b'\t').count();
        commas += line.bytes().filter(|&byte| byte == b',').count();
    }
    if tabs > commas { b'\t' } else { b',' }
}

/// A column as spreadsheets name it: A, B, … Z, AA, AB.
pub(crate) fn letters(place: usize) -> String {
    let mut letters = Vec::new();
    let mut left = place + 1;
    while left > 0 {
        left -= 1;
        letters.push(char::from(b'A' + (left % 26) as u8));
        left /= 26;
    }
    letters.iter().rev().collect()
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::*;

    #[test]
    fn columns_are_named_as_in_spreadsheets() {
        for (place, name) in
            [(0, "A"), (25, "Z"), (26, "AA"), (47, "AV"), (51, "AZ"), (52, "BA"), (701, "ZZ"), (702, "AAA")]
        {
            assert_eq!(letters(place), name);
        }
    }

    #[test]
    fn csv_rows_know_their_lines_through_line_breaks_in_cells() {
        let text = b"a,b\r\n\"one\r\ntwo\",\"say \"\"x\"\"\"\r\n\r\nlast\r\n";
        let mut sheets = Sheets::open(Path::new("a.csv"), text).unwrap();
        let mut found = Vec::new();
        sheets
            .rows("", &mut |row| {
                found.push((row.number, row.cells.to_vec()));
                true
            })
            .unwrap();
        let row = |number, cells: &[&str]| (number, cells.iter().map(|&cell| cell.to_owned()).collect::<Vec<_>>());
        assert_eq!(found, [row(1, &["a", "b"]), row(2, &["one\r\ntwo", "say \"x\""]), row(5, &["last"])]);
    }

    #[test]
    fn tabs_separate_where_there_are_more_of_them() {
        assert_eq!(delimiter(b"a\tb\tc, d\n"), b'\t');
        assert_eq!(delimiter(b"a,b\n"), b',');
        assert_eq!(delimiter(b""), b',');
    }
}
