//! Chunks of CSV rows into claims: the hot path.

use super::fields::{Fields, content, value};
use super::further::{Given, Givens, Head, Layout};
use super::header::Header;
use super::record::{self, Dialect, MAX_FIELD, Shape};
use super::split::{Splitter, split, split_quoted};
use crate::map::Plan;
use crate::reader::{Chunk, ChunkParser};
use crate::values::{self, OpenClaim, trim};
use crate::{ClaimBatch, Columns, Field, Place, ProblemKind};
use std::ops::Range;

/// Turns the chunks of one CSV into claims.
#[derive(Debug)]
pub(super) struct CsvParser {
    delimiter: u8,
    dialect: Dialect,
    /// Columns of the header.
    width: usize,
    /// Whether a row may end with more separators.
    trailing_delimiter: bool,
    plan: Plan,
    /// Runs of neighbours in the plan's `claim_columns`. Rows of a claim mostly repeat them, and a run compares at
    /// once.
    runs: Vec<Range<usize>>,
    /// How further rows of a claim are found by its first one, where they can be.
    layout: Option<Layout>,
    /// What each column is for.
    uses: Vec<Use>,
}

/// What a column is for.
#[derive(Clone, Copy, Debug)]
enum Use {
    Claim(Field),
    Line(Field),
    /// Nothing, or what is read by itself.
    Other,
}

impl CsvParser {
    pub(super) fn new(header: &Header) -> CsvParser {
        let plan = header.plan.clone();
        let mut runs: Vec<Range<usize>> = Vec::new();
        for place in 0..plan.claim_columns.len() {
            match runs.last_mut() {
                Some(run) if plan.claim_columns[place].0 == plan.claim_columns[place - 1].0 + 1 => run.end = place + 1,
                _ => runs.push(place..place + 1),
            }
        }
        let Header { width, trailing_delimiter, .. } = *header;
        let dialect = header.dialect.clone();
        let delimiter = dialect.delimiter;
        let layout = Layout::new(&plan, width, delimiter);
        let mut uses = vec![Use::Other; width];
        let claim = plan.claim_columns.iter().map(|&(column, field)| (column, Use::Claim(field)));
        let line = plan.line_columns.iter().map(|&(column, field)| (column, Use::Line(field)));
        for (column, of) in claim.chain(line) {
            uses[column] = of;
        }
        CsvParser { delimiter, dialect, width, trailing_delimiter, plan, runs, layout, uses }
    }

    pub(super) fn columns(&self) -> Columns {
        self.plan.columns
    }
}

impl ChunkParser for CsvParser {
    fn parse(&self, chunk: &Chunk, batch: &mut ClaimBatch) {
        batch.clear();
        batch.columns = self.plan.columns;
        let bytes = chunk.bytes.as_slice();
        let mut run = Run {
            parser: self,
            chunk,
            batch,
            open: None,
            rows: 0,
            head: Head::of(self.width),
            head_made: vec![Vec::new(); self.plan.claim_recipes.len()],
            headed: false,
            leads: false,
            disagreed: 0,
            fields: Fields::of(self.width),
            given: Givens::of(self.width),
            unquoted: Vec::new(),
            made: Vec::new(),
            id: Vec::new(),
            valid: simdutf8::basic::from_utf8(bytes).is_ok(),
        };
        if !chunk.marks.is_empty() {
            run.marked();
        } else if run.valid && memchr::memchr(b'"', bytes).is_none() {
            run.plain();
        } else {
            run.careful();
        }
        run.close();
    }
}

/// One chunk being parsed.
struct Run<'a> {
    parser: &'a CsvParser,
    chunk: &'a Chunk,
    batch: &'a mut ClaimBatch,
    open: Option<OpenClaim>,
    /// Rows of the open claim so far.
    rows: u32,
    /// The row that gave the open claim's fields, when `headed`.
    head: Head,
    /// The texts that the claim's recipes make of that row.
    head_made: Vec<Vec<u8>>,
    headed: bool,
    /// Whether further rows can be found by it: it has its line end, and no quotes.
    leads: bool,
    /// The claim's columns, and after them its recipes, already found to disagree in the open claim.
    disagreed: u128,
    /// The fields of the row at hand.
    fields: Fields,
    /// Those of its line that are not empty.
    given: Givens,
    /// A row whose quotes were taken off, its fields still one byte apart.
    unquoted: Vec<u8>,
    /// The text that a recipe makes.
    made: Vec<u8>,
    id: Vec<u8>,
    /// Whether the whole chunk is UTF-8.
    valid: bool,
}

impl Run<'_> {
    /// Rows without any quote, all UTF-8.
    fn plain(&mut self) {
        let bytes = self.chunk.bytes.as_slice();
        let (mut start, mut row) = (0, self.chunk.start.row);
        let mut splitter = Splitter::at(bytes, start, self.parser.delimiter);
        while start < bytes.len() {
            if let Some(next) = self.further(bytes, start, row, false) {
                start = next;
                row += 1;
                continue;
            }
            let (count, next) = splitter.row(start, self.fields.fill());
            if count == self.parser.width && next - start <= MAX_FIELD {
                let place = Place { offset: self.chunk.offset(start), row };
                self.row::<false>(&bytes[start..next], place);
            } else {
                // One physical line, since there are no quotes.
                self.one(bytes, start, row, None);
            }
            start = next;
            row += 1;
        }
    }

    /// A row that repeats its claim's first one, all UTF-8 and, though there may be `quotes` elsewhere, without any; gives
    /// the start of the next.
    #[inline(always)]
    fn further(&mut self, bytes: &[u8], start: usize, row: u64, quotes: bool) -> Option<usize> {
        let layout = self.parser.layout.as_ref().filter(|_| self.leads)?;
        let further = layout.follow(bytes, start, &self.head, &mut self.given)?;
        let text = &bytes[start..further.next];
        if text.len() > MAX_FIELD || quotes && memchr::memchr(b'"', text).is_some() {
            return None;
        }
        self.line(bytes, false, further.common, Place { offset: self.chunk.offset(start), row });
        Some(further.next)
    }

    /// Rows of any kind.
    fn careful(&mut self) {
        let bytes = self.chunk.bytes.as_slice();
        let (mut start, mut row) = (0, self.chunk.start.row);
        while start < bytes.len() {
            let next = if self.valid { self.further(bytes, start, row, true) } else { None };
            start = next.unwrap_or_else(|| self.one(bytes, start, row, None));
            row += 1;
        }
    }

    /// Rows that were moved, each by itself: what stands after it now has nothing to do with it.
    fn marked(&mut self) {
        let bytes = self.chunk.bytes.as_slice();
        let ends = self.chunk.marks.iter().skip(1).map(|mark| mark.at as usize).chain([bytes.len()]);
        for (mark, end) in self.chunk.marks.iter().zip(ends) {
            self.one(&bytes[..end], mark.at as usize, mark.place.row, Some(mark.place));
        }
    }

    /// One row of any kind; gives the start of the next. The end of `bytes` ends the row.
    fn one(&mut self, bytes: &[u8], start: usize, row: u64, place: Option<Place>) -> usize {
        let delimiter = self.parser.delimiter;
        let place = place.unwrap_or_else(|| Place { offset: self.chunk.offset(start), row });
        let newline = memchr::memchr(b'\n', &bytes[start..]);
        let next = newline.map_or(bytes.len(), |length| start + length + 1);
        let line_end = newline.map_or(next, |length| start + length);
        let end = record::without_return(bytes, start, line_end);
        let line = &bytes[start..end];
        if line.len() <= MAX_FIELD && (self.valid || std::str::from_utf8(line).is_ok()) {
            if memchr::memchr(b'"', line).is_none() {
                if split(&bytes[..line_end], start, delimiter, self.fields.fill()).0 == self.parser.width {
                    self.row::<false>(&bytes[start..next], place);
                    return next;
                }
            } else if split_quoted(&bytes[..end], start, delimiter, self.fields.fill()) == Some(self.parser.width) {
                self.row::<true>(&bytes[start..next], place);
                return next;
            }
        }
        self.rare(bytes, start, place)
    }

    /// One row that is blank or unreadable, or has doubled quotes or line ends between quotes.
    #[cold]
    fn rare(&mut self, bytes: &[u8], start: usize, place: Place) -> usize {
        let parser = self.parser;
        let (delimiter, dialect) = (parser.delimiter, &parser.dialect);
        let Some(record) = record::record(bytes, start, dialect, true) else { return bytes.len() };
        let kind = match &record.shape {
            Shape::Blank => return record.next,
            Shape::Flawed(kind) => Some(kind.clone()),
            Shape::Plain | Shape::Quoted => match std::str::from_utf8(&bytes[start..record.end]) {
                Ok(_) => None,
                Err(error) => Some(ProblemKind::NotUtf8 { at: error.valid_up_to() as u32 }),
            },
        };
        if let Some(kind) = kind {
            self.unreadable(bytes, start, &record, kind, place);
            return record.next;
        }
        let mut unquoted = std::mem::take(&mut self.unquoted);
        unquoted.clear();
        let mut count = 0;
        let after = self.fields.fill();
        record::fields(bytes, start, &record, dialect, |field| {
            record::unquote(bytes, field, &mut unquoted);
            unquoted.push(delimiter);
            if let Some(after) = after.get_mut(count) {
                *after = unquoted.len();
            }
            count += 1;
        });
        let width = self.parser.width;
        let nothing_after =
            |fields: &Fields| unquoted.iter().skip(fields.end() + 1).all(|byte| *byte == delimiter || *byte == b' ');
        if count == width || count > width && self.parser.trailing_delimiter && nothing_after(&self.fields) {
            self.row::<false>(&unquoted[..self.fields.end()], place);
            // Its fields may hold what elsewhere separates them.
            self.leads = false;
        } else {
            let kind = ProblemKind::ColumnCount { expected: self.parser.width as u32, got: count as u32 };
            self.unreadable(bytes, start, &record, kind, place);
        }
        self.unquoted = unquoted;
        record.next
    }

    /// A row of as many fields as the header has, which stand in `self.fields`, with its line end or without. When
    /// `QUOTED`, fields may stand between quotes, with none doubled.
    #[inline]
    fn row<const QUOTED: bool>(&mut self, row: &[u8], place: Place) {
        let parser = self.parser;
        let id = value(row, self.fields.range(parser.plan.id_column), QUOTED);
        if id.is_empty() {
            // As a blank line, which the cutting of chunks passes over too.
            if self.fields.ranges().any(|range| !value(row, range, QUOTED).is_empty()) {
                self.nameless(ProblemKind::NoClaimId, Some(Field::ClaimId), place);
            }
            return;
        }
        if self.open.as_ref().is_none_or(|open| open.id(self.batch) != id) {
            self.begin(id, place);
        }
        self.given.clear();
        if !self.headed {
            self.take_head::<QUOTED>(row, place);
            self.line(row, QUOTED, false, place);
            self.keep_head(row, QUOTED);
            return;
        }
        // Where one row does not repeat the first, the next ones hardly do.
        self.leads = false;
        self.compare(row, QUOTED, place);
        for &(column, field) in &parser.plan.line_columns {
            let Range { start, end } = content(row, self.fields.range(column), QUOTED);
            if start < end {
                self.given.put(Given { field, start, end });
            }
        }
        self.line(row, QUOTED, false, place);
    }

    /// Reads the line of a row, of which `self.given` says what it gives and where in `bytes`. When `common`, the line has
    /// from the claim's first one what lines mostly have in common.
    #[inline(never)]
    fn line(&mut self, bytes: &[u8], quoted: bool, common: bool, place: Place) {
        self.rows += 1;
        let Some(open) = self.open.as_mut() else { return };
        let plan = &self.parser.plan;
        let mut line = open.line(self.batch, self.rows, place);
        if common {
            open.give_common(self.batch, &mut line);
        }
        for &Given { field, start, end } in self.given.all() {
            let text = trim(&bytes[start..end]);
            if !text.is_empty() {
                line.set_here(self.batch, field, text);
            }
        }
        for recipe in &plan.line_recipes {
            self.made.clear();
            let fields = &self.fields;
            recipe.write(&mut self.made, |column, out| {
                out.extend_from_slice(value(bytes, fields.range(column), quoted));
            });
            if !self.made.is_empty() {
                line.set(self.batch, recipe.field, &self.made);
            }
        }
        if let Some(column) = plan.line_diagnosis {
            let text = value(bytes, self.fields.range(column), quoted);
            if !text.is_empty() {
                open.set_line_diagnosis(self.batch, &mut line, text);
            }
        }
        open.push(self.batch, line);
    }

    /// Reads the claim's own fields from its first readable row, and finds its line's.
    fn take_head<const QUOTED: bool>(&mut self, row: &[u8], place: Place) {
        let Some(open) = self.open.as_mut() else { return };
        for (&of, range) in self.parser.uses.iter().zip(self.fields.ranges()) {
            if range.is_empty() {
                continue;
            }
            let Range { start, end } = content(row, range, QUOTED);
            match of {
                Use::Claim(field) => {
                    let text = trim(&row[start..end]);
                    if !text.is_empty() {
                        open.set_here(self.batch, field, text, place);
                    }
                }
                Use::Line(field) => self.given.put(Given { field, start, end }),
                Use::Other => {}
            }
        }
        for (recipe, made) in self.parser.plan.claim_recipes.iter().zip(&mut self.head_made) {
            made.clear();
            let fields = &self.fields;
            recipe.write(made, |column, out| out.extend_from_slice(value(row, fields.range(column), QUOTED)));
            if !made.is_empty() {
                open.set(self.batch, recipe.field, made, place);
            }
        }
    }

    /// Keeps a claim's first row, for further ones to be compared with it.
    fn keep_head(&mut self, row: &[u8], quoted: bool) {
        self.head.take(row, &mut self.fields.starts, quoted);
        self.headed = true;
        if let (Some(layout), false, true) = (&self.parser.layout, quoted, row.ends_with(b"\n")) {
            layout.lead(&mut self.head);
            self.head.common = self.open.as_ref().is_some_and(|open| open.has_common(self.batch));
            self.leads = true;
        }
    }

    /// Compares a further row's claim fields with the first row's.
    #[inline]
    fn compare(&mut self, bytes: &[u8], quoted: bool, place: Place) {
        let parser = self.parser;
        for run in &parser.runs {
            let columns = &parser.plan.claim_columns;
            let (first, last) = (columns[run.start].0, columns[run.end - 1].0);
            let row = self.fields.span(first, last);
            let head = self.head.span(first, last);
            if bytes[row] != self.head.row()[head] || quoted != self.head.quoted {
                self.compare_run(run.clone(), bytes, quoted, place);
            }
        }
        if !parser.plan.claim_recipes.is_empty() {
            self.compare_made(bytes, quoted, place);
        }
    }

    #[inline(never)]
    fn compare_run(&mut self, run: Range<usize>, bytes: &[u8], quoted: bool, place: Place) {
        let Some(open) = self.open.as_mut() else { return };
        for number in run {
            let (column, of) = self.parser.plan.claim_columns[number];
            let text = value(bytes, self.fields.range(column), quoted);
            let head = value(self.head.row(), self.head.span(column, column), self.head.quoted);
            if text.is_empty() || self.disagreed >> number & 1 == 1 || values::same_value(of, head, text) {
                continue;
            }
            self.disagreed |= 1 << number;
            open.problem(self.batch, ProblemKind::Disagrees, Some(of), place);
        }
    }

    #[inline(never)]
    fn compare_made(&mut self, bytes: &[u8], quoted: bool, place: Place) {
        let Some(open) = self.open.as_mut() else { return };
        let plan = &self.parser.plan;
        for (number, (recipe, head)) in plan.claim_recipes.iter().zip(&self.head_made).enumerate() {
            self.made.clear();
            let fields = &self.fields;
            recipe.write(&mut self.made, |column, out| {
                out.extend_from_slice(value(bytes, fields.range(column), quoted));
            });
            let bit = 1 << (plan.claim_columns.len() + number);
            let known = self.made.is_empty() || self.disagreed & bit != 0;
            if known || values::same_value(recipe.field, head, &self.made) {
                continue;
            }
            self.disagreed |= bit;
            open.problem(self.batch, ProblemKind::Disagrees, Some(recipe.field), place);
        }
    }

    /// A row that cannot be read: part of the claim that its id names, or a claim by itself.
    #[cold]
    fn unreadable(&mut self, bytes: &[u8], start: usize, record: &record::Record, kind: ProblemKind, place: Place) {
        let mut id = std::mem::take(&mut self.id);
        let (dialect, column) = (&self.parser.dialect, self.parser.plan.id_column);
        if record::claim_id(bytes, start, record, dialect, column, &mut id) {
            if self.open.as_ref().is_none_or(|open| open.id(self.batch) != id.as_slice()) {
                self.begin(&id, place);
            }
            self.rows += 1;
            if let Some(open) = self.open.as_mut() {
                open.problem(self.batch, kind, None, place);
            }
        } else {
            self.nameless(kind, None, place);
        }
        self.id = id;
    }

    #[cold]
    fn nameless(&mut self, kind: ProblemKind, of: Option<Field>, place: Place) {
        self.begin(&[], place);
        if let Some(open) = self.open.as_mut() {
            open.problem(self.batch, kind, of, place);
        }
        self.close();
    }

    #[inline]
    fn begin(&mut self, id: &[u8], place: Place) {
        self.close();
        self.open = Some(OpenClaim::open(self.batch, id, place));
        (self.rows, self.headed, self.leads, self.disagreed) = (0, false, false, 0);
    }

    #[inline]
    fn close(&mut self) {
        if let Some(open) = self.open.take() {
            open.close(self.batch);
        }
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::super::read::{CsvOptions, CsvReader};
    use super::*;
    use crate::Input;
    use crate::reader::ClaimReader;
    use std::sync::Arc;

    fn reader(text: &str) -> CsvReader {
        let input = Input::from_reader("a.csv", std::io::Cursor::new(text.to_owned())).unwrap();
        CsvReader::new(input, CsvOptions::default()).unwrap()
    }

    /// All that a batch has.
    fn shown(batch: &ClaimBatch) -> String {
        let mut shown = format!("{:?} {:?} {:?}\n", batch.diagnoses, batch.pointers, batch.problems);
        for claim in batch.iter() {
            shown += &format!("{} {:?}\n", claim.id(), claim.row);
            for (number, line) in claim.lines().iter().enumerate() {
                let raw = Field::all().filter_map(|field| claim.raw_of_line(number, field));
                shown += &format!("  {line:?} {:?} {:?}\n", batch.text(line.note), raw.collect::<Vec<_>>());
            }
        }
        shown
    }

    #[test]
    fn rows_found_by_the_first_one_are_read_as_each_by_itself() {
        let mut state = 9u64;
        let mut random = move |below: usize| {
            state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
            (state >> 33) as usize % below
        };
        const COLUMNS: [(&str, [&str; 4]); 16] = [
            ("claim_id", ["A", "B", "claim-with-a-long-id", ""]),
            ("line_number", ["1", "2", "17", "x"]),
            ("payer_id", ["P", "P", "P", " P"]),
            ("claim_total", ["10", "10", "10", "10.00"]),
            ("rendering_npi", ["1234567893", "1234567893", "1234567893", "123"]),
            ("service_from", ["20240105", "20240105", "2024-01-05", "20240230"]),
            ("service_to", ["", "", "", "20240106"]),
            ("place_of_service", ["11", "11", "1", "?"]),
            ("unknown", ["", "", "", "what"]),
            ("procedure", ["99213", "J1100", "", "??"]),
            ("modifier_1", ["", "", "25", "2"]),
            ("units", ["1", "2", "1.5", "-"]),
            ("charge", ["10.00", "125.5", "", "12x"]),
            ("note", ["", "", "a note", "of more than thirty-two characters"]),
            ("dx_1", ["I10", "I10", "I10", "E11.9"]),
            ("dx_2", ["", "", "", "I10"]),
        ];
        let (mut rows, mut further) = (0, 0);
        for _ in 0..3_000 {
            let mut columns = COLUMNS;
            // As they are, or two of them change places, or all do.
            for place in 0..[0, 2, COLUMNS.len()][random(3)] {
                columns.swap(place, random(COLUMNS.len()));
            }
            let mut text = columns.map(|column| column.0).join(",") + "\n";
            let odd = [4, 40, 400][random(3)];
            for _ in 0..1 + random(12) {
                let row = columns.map(|(_, values)| values[if random(odd) == 0 { random(4) } else { random(2) }]);
                // Some between quotes, which may hold more than the value.
                let quoted = |value: &str| {
                    let more = ["", "", ",", ",I10", "\n", "\"\""][random(6)];
                    if random(8 * odd) == 0 { format!("\"{value}{more}\"") } else { value.to_owned() }
                };
                text += &row.map(quoted).join(",");
                text += if random(60) == 0 {
                    ",\n"
                } else if random(9) == 0 {
                    "\r\n"
                } else {
                    "\n"
                };
            }
            let mut reader = reader(&text);
            let chunk = reader.next_chunk().unwrap().unwrap();
            let (mut batch, mut plain_batch) = (ClaimBatch::default(), ClaimBatch::default());
            reader.parser().parse(&chunk, &mut batch);
            let mut plain = Arc::try_unwrap(reader.parser).unwrap();
            plain.layout = None;
            plain.parse(&chunk, &mut plain_batch);
            assert_eq!(shown(&batch), shown(&plain_batch), "{text}");
            rows += batch.lines.len();
            further += batch.lines.len() - batch.claims.len().min(batch.lines.len());
        }
        assert!(rows > 15_000 && further > 5_000, "{rows}, {further}");
    }
}
