//! Workbooks in Office Open XML (ECMA-376), as far as tables need it: the text of the cells, row by row.
//!
//! A reader of our own, because the workbooks are strangers' files: every part is read up to a bound, nothing here
//! panics, and a cell that says it is in no column of any sheet is refused instead of turning up in another. (The
//! usual crate reads a cell's place with arithmetic that overflows.)

use super::PublisherError;
use quick_xml::Reader;
use quick_xml::escape::{resolve_predefined_entity, unescape};
use quick_xml::events::{BytesStart, Event};
use std::collections::HashMap;
use std::io::{BufRead, BufReader, Cursor, Read};
use std::path::Path;
use zip::ZipArchive;

/// The most bytes of a part that are read, unpacked. A sheet of a million rows has some hundred million.
const PART: u64 = 1 << 30;
/// Rows and columns of the largest sheet that there can be.
const ROWS: u32 = 1 << 20;
const COLUMNS: usize = 1 << 14;
/// The number formats that are dates without being spelt out in the workbook.
const DATE_FORMATS: [std::ops::RangeInclusive<u32>; 4] = [14..=17, 22..=22, 27..=36, 50..=58];

/// A workbook, its sheets not yet read.
pub(super) struct Workbook<'a> {
    path: &'a Path,
    archive: ZipArchive<Cursor<&'a [u8]>>,
    /// Each sheet's name and part.
    sheets: Vec<(String, String)>,
    strings: Strings,
    /// Of each cell style, whether it shows a number as a date.
    dates: Vec<bool>,
    from_1904: bool,
}

/// The strings that cells name by number, one after the other.
#[derive(Default)]
struct Strings {
    text: String,
    ends: Vec<usize>,
}

impl Strings {
    fn get(&self, number: usize) -> Option<&str> {
        let from = if number == 0 { 0 } else { *self.ends.get(number - 1)? };
        self.text.get(from..*self.ends.get(number)?)
    }
}

/// A row of cells. `cells` is as long as the row.
pub(super) type Take<'a> = dyn FnMut(u32, &[String]) -> bool + 'a;

impl<'a> Workbook<'a> {
    pub(super) fn open(path: &'a Path, bytes: &'a [u8]) -> Result<Workbook<'a>, PublisherError> {
        let archive = ZipArchive::new(Cursor::new(bytes)).map_err(|error| damaged(path, error.to_string()))?;
        let mut book = Workbook {
            path,
            archive,
            sheets: Vec::new(),
            strings: Strings::default(),
            dates: Vec::new(),
            from_1904: false,
        };
        let main = book.relations("_rels/.rels", "")?;
        let main = main.iter().find(|relation| relation.kind == "officeDocument").map(|relation| relation.part.clone());
        let main = main.unwrap_or_else(|| "xl/workbook.xml".to_owned());
        let (folder, name) = main.rsplit_once('/').unwrap_or(("", &main));
        let relations = book.relations(&format!("{folder}/_rels/{name}.rels"), folder)?;
        book.read_workbook(&main, &relations)?;
        let part = |kind: &str| relations.iter().find(|relation| relation.kind == kind).map(|found| found.part.clone());
        if let Some(part) = part("sharedStrings").filter(|part| book.has(part)) {
            book.read_strings(&part)?;
        }
        if let Some(part) = part("styles").filter(|part| book.has(part)) {
            book.read_styles(&part)?;
        }
        Ok(book)
    }

    pub(super) fn names(&self) -> Vec<String> {
        self.sheets.iter().map(|(name, _)| name.clone()).collect()
    }

    fn has(&self, part: &str) -> bool {
        self.archive.index_for_name(part).is_some()
    }

    /// Calls back for every piece of a part, until it says to stop.
    fn part(
        &mut self,
        name: &str,
        on: &mut dyn FnMut(Event<'_>) -> Result<bool, String>,
    ) -> Result<(), PublisherError> {
        let path = self.path;
        let wrong = |detail: String| damaged(path, format!("{name}: {detail}"));
        let entry = self.archive.by_name(name).map_err(|error| wrong(error.to_string()))?;
        let mut reader = Reader::from_reader(BufReader::with_capacity(1 << 16, entry.take(PART)));
        reader.config_mut().expand_empty_elements = true;
        pieces(&mut reader, on).map_err(wrong)
    }

    fn relations(&mut self, part: &str, folder: &str) -> Result<Vec<Relation>, PublisherError> {
        let mut relations = Vec::new();
        if !self.has(part) {
            return Ok(relations);
        }
        self.part(part, &mut |event| {
            if let Event::Start(start) = &event
                && local(start) == "Relationship"
            {
                let kind = attribute(start, "Type")?.unwrap_or_default();
                let target = attribute(start, "Target")?.unwrap_or_default();
                relations.push(Relation {
                    id: attribute(start, "Id")?.unwrap_or_default(),
                    kind: kind.rsplit('/').next().unwrap_or_default().to_owned(),
                    part: resolved(folder, &target),
                });
            }
            Ok(true)
        })?;
        Ok(relations)
    }

    fn read_workbook(&mut self, part: &str, relations: &[Relation]) -> Result<(), PublisherError> {
        let (mut sheets, mut from_1904) = (Vec::new(), false);
        self.part(part, &mut |event| {
            if let Event::Start(start) = &event {
                match local(start) {
                    "sheet" => {
                        let name = attribute(start, "name")?.unwrap_or_default();
                        let id = attribute(start, ":id")?.unwrap_or_default();
                        let relation = relations.iter().find(|relation| relation.id == id);
                        // Charts have sheets, too.
                        if let Some(relation) = relation.filter(|relation| relation.kind == "worksheet") {
                            sheets.push((name, relation.part.clone()));
                        }
                    }
                    "workbookPr" => {
                        from_1904 = attribute(start, "date1904")?.is_some_and(|set| set == "1" || set == "true")
                    }
                    _ => {}
                }
            }
            Ok(true)
        })?;
        (self.sheets, self.from_1904) = (sheets, from_1904);
        Ok(())
    }

    fn read_strings(&mut self, part: &str) -> Result<(), PublisherError> {
        let mut strings = Strings::default();
        // Inside of a string's text, and not in its phonetic reading.
        let (mut text, mut phonetic) = (false, false);
        self.part(part, &mut |event| {
            match &event {
                Event::Start(start) => match local(start) {
                    "t" => text = !phonetic,
                    "rPh" => phonetic = true,
                    _ => {}
                },
                Event::End(end) => match end.local_name().as_ref() {
                    "t" => text = false,
                    "rPh" => phonetic = false,
                    "si" => strings.ends.push(strings.text.len()),
                    _ => {}
                },
                _ if text => add_text(&mut strings.text, &event)?,
                _ => {}
            }
            Ok(true)
        })?;
        self.strings = strings;
        Ok(())
    }

    fn read_styles(&mut self, part: &str) -> Result<(), PublisherError> {
        let mut spelt: HashMap<u32, bool> = HashMap::new();
        let mut formats: Vec<u32> = Vec::new();
        let mut of_cells = false;
        self.part(part, &mut |event| {
            let number = |start: &BytesStart<'_>| -> Result<u32, String> {
                Ok(attribute(start, "numFmtId")?.and_then(|text| text.parse().ok()).unwrap_or(0))
            };
            match &event {
                Event::Start(start) => match local(start) {
                    "numFmt" => {
                        let is_date = is_date_format(&attribute(start, "formatCode")?.unwrap_or_default());
                        spelt.insert(number(start)?, is_date);
                    }
                    "cellXfs" => of_cells = true,
                    "xf" if of_cells => formats.push(number(start)?),
                    _ => {}
                },
                Event::End(end) if end.local_name().as_ref() == "cellXfs" => of_cells = false,
                _ => {}
            }
            Ok(true)
        })?;
        let known = |format: &u32| DATE_FORMATS.iter().any(|formats| formats.contains(format));
        self.dates = formats.iter().map(|format| spelt.get(format).copied().unwrap_or_else(|| known(format))).collect();
        Ok(())
    }

    /// The rows of a sheet that are written in it, in the sheet's order.
    pub(super) fn rows(&mut self, sheet: &str, take: &mut Take<'_>) -> Result<(), PublisherError> {
        let Some(part) = self.sheets.iter().find(|(name, _)| name == sheet).map(|(_, part)| part.clone()) else {
            return Err(damaged(self.path, format!("no sheet {sheet:?}")));
        };
        // Borrowed apart, because the archive is read meanwhile.
        let (strings, dates) = (std::mem::take(&mut self.strings), std::mem::take(&mut self.dates));
        let mut rows = Rows {
            strings: &strings,
            dates: &dates,
            from_1904: self.from_1904,
            row: 0,
            cells: Vec::new(),
            used: 0,
            cell: None,
            value: String::new(),
            text: false,
            phonetic: false,
            take,
        };
        let read = self.part(&part, &mut |event| rows.piece(event));
        (self.strings, self.dates) = (strings, dates);
        read
    }
}

struct Relation {
    id: String,
    /// The last part of the type.
    kind: String,
    part: String,
}

/// A cell whose value is being read.
#[derive(Clone, Copy)]
struct Cell {
    column: usize,
    kind: CellKind,
}

#[derive(Clone, Copy)]
enum CellKind {
    Number { date: bool },
    Shared,
    Text,
    Boolean,
    Iso,
}

struct Rows<'a, 't> {
    strings: &'a Strings,
    dates: &'a [bool],
    from_1904: bool,
    /// The number of the row that is being read, or was last.
    row: u32,
    /// The first `used` are the row's. The rest are kept for their memory.
    cells: Vec<String>,
    used: usize,
    cell: Option<Cell>,
    value: String,
    text: bool,
    phonetic: bool,
    take: &'a mut Take<'t>,
}

impl Rows<'_, '_> {
    fn piece(&mut self, event: Event<'_>) -> Result<bool, String> {
        match &event {
            Event::Start(start) => match local(start) {
                "row" => {
                    self.row = match attribute(start, "r")? {
                        Some(text) => text
                            .parse()
                            .ok()
                            .filter(|row| (1..=ROWS).contains(row))
                            .ok_or_else(|| format!("row {text:?} is none of a sheet's"))?,
                        None => self.row.saturating_add(1),
                    };
                    self.used = 0;
                }
                "c" => self.cell = Some(self.start_cell(start)?),
                "v" | "t" => {
                    self.text = self.cell.is_some() && !self.phonetic;
                }
                "rPh" => self.phonetic = true,
                _ => {}
            },
            Event::End(end) => match end.local_name().as_ref() {
                "row" => {
                    let go_on = (self.take)(self.row, &self.cells[..self.used]);
                    self.used = 0;
                    return Ok(go_on);
                }
                "c" => self.end_cell()?,
                "v" | "t" => self.text = false,
                "rPh" => self.phonetic = false,
                _ => {}
            },
            _ if self.text => add_text(&mut self.value, &event)?,
            _ => {}
        }
        Ok(true)
    }

    fn start_cell(&mut self, start: &BytesStart<'_>) -> Result<Cell, String> {
        let column = match attribute(start, "r")? {
            Some(place) => column(&place).ok_or_else(|| format!("cell {place:?} is none of a sheet's"))?,
            None => self.used,
        };
        if column >= COLUMNS {
            return Err(format!("a row of more than {COLUMNS} cells"));
        }
        self.value.clear();
        let kind = match attribute(start, "t")?.as_deref() {
            Some("s") => CellKind::Shared,
            Some("str" | "inlineStr" | "e") => CellKind::Text,
            Some("b") => CellKind::Boolean,
            Some("d") => CellKind::Iso,
            _ => {
                let style = attribute(start, "s")?.and_then(|style| style.parse::<usize>().ok()).unwrap_or(0);
                CellKind::Number { date: self.dates.get(style).copied().unwrap_or(false) }
            }
        };
        Ok(Cell { column, kind })
    }

    fn end_cell(&mut self) -> Result<(), String> {
        let Some(Cell { column, kind }) = self.cell.take() else { return Ok(()) };
        if self.value.is_empty() {
            return Ok(());
        }
        while self.used <= column {
            if self.used == self.cells.len() {
                self.cells.push(String::new());
            }
            self.cells[self.used].clear();
            self.used += 1;
        }
        let text = &mut self.cells[column];
        text.clear();
        let value = &self.value;
        match kind {
            CellKind::Shared => {
                let string = value.trim().parse().ok().and_then(|number| self.strings.get(number));
                text.push_str(&unescaped(string.ok_or_else(|| format!("there is no shared string {value:?}"))?));
            }
            CellKind::Text => text.push_str(&unescaped(value)),
            CellKind::Boolean => text.push_str(if value.trim() == "1" { "TRUE" } else { "FALSE" }),
            // As the publishers' text files write dates.
            CellKind::Iso => text.extend(value.chars().take(10).filter(char::is_ascii_digit)),
            CellKind::Number { date: true } => match date(value, self.from_1904) {
                Some(date) => text.push_str(&date),
                None => text.push_str(value),
            },
            CellKind::Number { date: false } => match value.parse::<f64>() {
                // The fewest digits that give the number back: 3350.5, not 3350.4999999999995.
                Ok(number) if value.contains(['.', 'e', 'E']) => text.push_str(&number.to_string()),
                _ => text.push_str(value),
            },
        }
        Ok(())
    }
}

fn damaged(path: &Path, detail: String) -> PublisherError {
    PublisherError::Damaged { path: path.to_owned(), container: "workbook", detail }
}

/// Calls back for every piece of an XML part, until it says to stop.
fn pieces<R: BufRead>(
    reader: &mut Reader<R>,
    on: &mut dyn FnMut(Event<'_>) -> Result<bool, String>,
) -> Result<(), String> {
    let mut buffer = Vec::new();
    let mut open = 0u64;
    loop {
        buffer.clear();
        match reader.read_event_into(&mut buffer) {
            Ok(Event::Eof) if open == 0 => return Ok(()),
            Ok(Event::Eof) => return Err("it ends in the middle".to_owned()),
            Ok(event) => {
                match event {
                    Event::Start(_) => open += 1,
                    Event::End(_) => open = open.saturating_sub(1),
                    _ => {}
                }
                if !on(event)? {
                    return Ok(());
                }
            }
            Err(error) => return Err(error.to_string()),
        }
    }
}

fn local<'a>(start: &'a BytesStart<'_>) -> &'a str {
    let name = start.name().into_inner();
    name.rsplit_once(':').map_or(name, |(_, local)| local)
}

/// The value of an attribute; `:id` is that of the name in any namespace.
fn attribute(start: &BytesStart<'_>, name: &str) -> Result<Option<String>, String> {
    for attribute in start.attributes() {
        let attribute = attribute.map_err(|error| error.to_string())?;
        let key: &str = attribute.key.as_ref();
        if key == name || (name.starts_with(':') && key.ends_with(name)) {
            return Ok(Some(unescape(&attribute.value).map_err(|error| error.to_string())?.into_owned()));
        }
    }
    Ok(None)
}

fn add_text(text: &mut String, event: &Event<'_>) -> Result<(), String> {
    match event {
        Event::Text(piece) => text.push_str(&piece.xml10_content()),
        Event::CData(piece) => text.push_str(&piece.xml10_content()),
        Event::GeneralRef(reference) => match reference.resolve_char_ref() {
            Ok(Some(character)) => text.push(character),
            _ => match resolve_predefined_entity(reference) {
                Some(resolved) => text.push_str(resolved),
                None => return Err(format!("the entity &{};", &**reference)),
            },
        },
        _ => {}
    }
    Ok(())
}

/// The part that a target names from a folder.
fn resolved(folder: &str, target: &str) -> String {
    let mut parts: Vec<&str> = if target.starts_with('/') { Vec::new() } else { folder.split('/').collect() };
    for part in target.split('/') {
        match part {
            "" | "." => {}
            ".." => {
                parts.pop();
            }
            part => parts.push(part),
        }
    }
    parts.retain(|part| !part.is_empty());
    parts.join("/")
}

/// The column of `AV12`, counted from 0.
fn column(place: &str) -> Option<usize> {
    let letters = place.bytes().take_while(u8::is_ascii_uppercase).count();
    let (letters, row) = place.split_at(letters);
    if !(1..=3).contains(&letters.len())
        || row.is_empty()
        || row.len() > 7
        || !row.bytes().all(|byte| byte.is_ascii_digit())
    {
        return None;
    }
    let number = letters.bytes().fold(0, |number, letter| number * 26 + usize::from(letter - b'A') + 1);
    (number <= COLUMNS).then(|| number - 1)
}

/// Whether a number format shows a date: it has a day or a year outside of quotes and brackets.
fn is_date_format(code: &str) -> bool {
    let mut quoted = None;
    let mut escaped = false;
    for character in code.chars() {
        match (quoted, character) {
            _ if escaped => escaped = false,
            (None, '\\' | '_' | '*') => escaped = true,
            (None, '"') => quoted = Some('"'),
            (None, '[') => quoted = Some(']'),
            (Some(end), character) if character == end => quoted = None,
            (None, 'd' | 'D' | 'y' | 'Y') => return true,
            _ => {}
        }
    }
    false
}

/// The date of a day's number, as `YYYYMMDD`.
fn date(value: &str, from_1904: bool) -> Option<String> {
    /// 1899-12-30, from which days are counted since March 1900, as days before 1970.
    const EPOCH: i32 = -25_569;
    /// Days between the two ways of counting.
    const LATER: i32 = 1_462;
    let day = value.trim().parse::<f64>().ok().filter(|day| (1.0..3_000_000.0).contains(day))? as i32;
    let (year, month, day) = codes::Date::from_days(EPOCH + day + if from_1904 { LATER } else { 0 }).calendar();
    Some(format!("{year:04}{month:02}{day:02}"))
}

/// A string with characters that XML cannot hold, written as `_x000D_`.
fn unescaped(text: &str) -> std::borrow::Cow<'_, str> {
    if !text.contains("_x") {
        return text.into();
    }
    let mut plain = String::with_capacity(text.len());
    let mut rest = text;
    while let Some(place) = rest.find("_x") {
        let code = rest.get(place + 2..place + 6).filter(|_| rest.get(place + 6..place + 7) == Some("_"));
        let code = code.filter(|code| code.bytes().all(|byte| byte.is_ascii_hexdigit()));
        match code.and_then(|code| u32::from_str_radix(code, 16).ok()).and_then(char::from_u32) {
            Some(character) => {
                plain.push_str(&rest[..place]);
                plain.push(character);
                rest = &rest[place + 7..];
            }
            None => {
                plain.push_str(&rest[..place + 2]);
                rest = &rest[place + 2..];
            }
        }
    }
    plain.push_str(rest);
    plain.into()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn places_of_cells_are_read_within_the_largest_sheet() {
        for (place, expected) in [("A1", Some(0)), ("AV12", Some(47)), ("XFD1048576", Some(16_383)), ("XFE1", None)] {
            assert_eq!(column(place), expected, "{place}");
        }
        for bad in ["", "A", "1", "a1", "AAAA1", "A12345678", "A1B", "É1"] {
            assert_eq!(column(bad), None, "{bad}");
        }
    }

    #[test]
    fn dates_are_days_since_the_epoch_of_the_workbook() {
        assert_eq!(date("45658", false).as_deref(), Some("20250101"));
        assert_eq!(date("45658.75", false).as_deref(), Some("20250101"));
        assert_eq!(date("44196", true).as_deref(), Some("20250101"));
        for bad in ["", "x", "-1", "0", "1e300", "NaN"] {
            assert_eq!(date(bad, false), None, "{bad}");
        }
    }

    #[test]
    fn formats_of_dates_are_told_from_those_of_numbers() {
        for code in ["mm/dd/yyyy", "yyyy-mm-dd", "[$-409]d-mmm-yy;@", "m/d"] {
            assert!(is_date_format(code), "{code}");
        }
        for code in ["General", "0.00", "#,##0", "\"day\" 0", "[Red]0", "0\\d", "_d0", ""] {
            assert!(!is_date_format(code), "{code}");
        }
    }

    #[test]
    fn targets_are_resolved_from_the_folder_of_the_part() {
        assert_eq!(resolved("xl", "worksheets/sheet1.xml"), "xl/worksheets/sheet1.xml");
        assert_eq!(resolved("xl", "/xl/sharedStrings.xml"), "xl/sharedStrings.xml");
        assert_eq!(resolved("xl", "../docProps/app.xml"), "docProps/app.xml");
        assert_eq!(resolved("", "xl/workbook.xml"), "xl/workbook.xml");
    }

    #[test]
    fn characters_that_xml_cannot_hold_are_put_back() {
        assert_eq!(unescaped("a_x000D_b"), "a\rb");
        assert_eq!(unescaped("_x0041__x00e9_"), "Aé");
        for same in ["plain", "_x", "_x00", "_xZZZZ_", "_xD800_", "a_x000é_"] {
            assert_eq!(unescaped(same), same);
        }
    }
}
