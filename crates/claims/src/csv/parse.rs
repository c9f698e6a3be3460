//! Chunks of CSV rows into claims: the hot path.

use super::header::Header;
use super::record::{self, MAX_FIELD, Shape};
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
    /// Columns of the header.
    width: usize,
    /// Whether a row may end with more separators.
    trailing_delimiter: bool,
    plan: Plan,
    /// Runs of neighbours in the plan's `claim_columns`. Rows of a claim mostly repeat them, and a run compares at
    /// once.
    runs: Vec<Range<usize>>,
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
        let Header { delimiter, width, trailing_delimiter, .. } = *header;
        CsvParser { delimiter, width, trailing_delimiter, plan, runs }
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
            head: Vec::new(),
            head_fields: Fields::of(self.width),
            head_made: vec![Vec::new(); self.plan.claim_recipes.len()],
            headed: false,
            head_quoted: false,
            disagreed: 0,
            fields: Fields::of(self.width),
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
    /// The row that gave the open claim's fields, and its fields, when `headed`.
    head: Vec<u8>,
    head_fields: Fields,
    /// The texts that the claim's recipes make of that row.
    head_made: Vec<Vec<u8>>,
    headed: bool,
    /// Whether that row has fields between quotes.
    head_quoted: bool,
    /// The claim's columns, and after them its recipes, already found to disagree in the open claim.
    disagreed: u128,
    /// The fields of the row at hand.
    fields: Fields,
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
            let (count, next) = splitter.row(start, self.fields.begin(start));
            if count == self.parser.width && next - start <= MAX_FIELD {
                let place = Place { offset: self.chunk.offset(start), row };
                self.row::<false>(bytes, place);
            } else {
                // One physical line, since there are no quotes.
                self.one(bytes, start, row, None);
            }
            start = next;
            row += 1;
        }
    }

    /// Rows of any kind.
    fn careful(&mut self) {
        let bytes = self.chunk.bytes.as_slice();
        let (mut start, mut row) = (0, self.chunk.start.row);
        while start < bytes.len() {
            start = self.one(bytes, start, row, None);
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
                if split(&bytes[..line_end], start, delimiter, self.fields.begin(start)).0 == self.parser.width {
                    self.row::<false>(bytes, place);
                    return next;
                }
            } else if split_quoted(&bytes[..end], start, delimiter, self.fields.begin(start)) == Some(self.parser.width)
            {
                self.row::<true>(bytes, place);
                return next;
            }
        }
        self.rare(bytes, start, place)
    }

    /// One row that is blank or unreadable, or has doubled quotes or line ends between quotes.
    #[cold]
    fn rare(&mut self, bytes: &[u8], start: usize, place: Place) -> usize {
        let delimiter = self.parser.delimiter;
        let Some(record) = record::record(bytes, start, delimiter, true) else { return bytes.len() };
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
        let ends = self.fields.begin(0);
        record::fields(bytes, start, &record, delimiter, |field| {
            record::unquote(bytes, field, &mut unquoted);
            if let Some(end) = ends.get_mut(count) {
                *end = unquoted.len();
            }
            unquoted.push(delimiter);
            count += 1;
        });
        let width = self.parser.width;
        let nothing_after =
            |fields: &Fields| unquoted.iter().skip(fields.end() + 1).all(|byte| *byte == delimiter || *byte == b' ');
        if count == width || count > width && self.parser.trailing_delimiter && nothing_after(&self.fields) {
            self.row::<false>(&unquoted, place);
        } else {
            let kind = ProblemKind::ColumnCount { expected: self.parser.width as u32, got: count as u32 };
            self.unreadable(bytes, start, &record, kind, place);
        }
        self.unquoted = unquoted;
        record.next
    }

    /// A row of as many fields as the header has, which stand in `self.fields`. When `QUOTED`, fields may stand between quotes, with none doubled.
    #[inline]
    fn row<const QUOTED: bool>(&mut self, bytes: &[u8], place: Place) {
        let parser = self.parser;
        let id = value(bytes, self.fields.range(parser.plan.id_column), QUOTED);
        if id.is_empty() {
            self.nameless(ProblemKind::NoClaimId, Some(Field::ClaimId), place);
            return;
        }
        if self.open.as_ref().is_none_or(|open| open.id(self.batch) != id) {
            self.begin(id, place);
        }
        if self.headed {
            self.compare(bytes, QUOTED, place);
        } else {
            self.take_head(bytes, QUOTED, place);
        }
        self.rows += 1;
        let Some(open) = self.open.as_mut() else { return };
        let mut line = open.line(self.batch, self.rows, place);
        for &(column, of) in &parser.plan.line_columns {
            let range = self.fields.range(column);
            if range.is_empty() {
                continue;
            }
            let text = value(bytes, range, QUOTED);
            if !text.is_empty() {
                line.set_here(self.batch, of, text);
            }
        }
        for recipe in &parser.plan.line_recipes {
            self.made.clear();
            let fields = &self.fields;
            recipe.write(&mut self.made, |column, out| {
                out.extend_from_slice(value(bytes, fields.range(column), QUOTED));
            });
            if !self.made.is_empty() {
                line.set(self.batch, recipe.field, &self.made);
            }
        }
        if let Some(column) = parser.plan.line_diagnosis {
            let text = value(bytes, self.fields.range(column), QUOTED);
            if !text.is_empty() {
                open.set_line_diagnosis(self.batch, &mut line, text);
            }
        }
        open.push(self.batch, line);
    }

    /// Reads the claim's own fields from its first readable row.
    fn take_head(&mut self, bytes: &[u8], quoted: bool, place: Place) {
        let Some(open) = self.open.as_mut() else { return };
        for &(column, of) in &self.parser.plan.claim_columns {
            let range = self.fields.range(column);
            if range.is_empty() {
                continue;
            }
            let text = value(bytes, range, quoted);
            if !text.is_empty() {
                open.set_here(self.batch, of, text, place);
            }
        }
        for (recipe, made) in self.parser.plan.claim_recipes.iter().zip(&mut self.head_made) {
            made.clear();
            let fields = &self.fields;
            recipe.write(made, |column, out| out.extend_from_slice(value(bytes, fields.range(column), quoted)));
            if !made.is_empty() {
                open.set(self.batch, recipe.field, made, place);
            }
        }
        self.head.clear();
        self.head.extend_from_slice(&bytes[self.fields.start()..self.fields.end()]);
        self.head_fields.copy(&self.fields);
        (self.headed, self.head_quoted) = (true, quoted);
    }

    /// Compares a further row's claim fields with the first row's.
    #[inline]
    fn compare(&mut self, bytes: &[u8], quoted: bool, place: Place) {
        let parser = self.parser;
        for run in &parser.runs {
            let columns = &parser.plan.claim_columns;
            let (first, last) = (columns[run.start].0, columns[run.end - 1].0);
            let row = self.fields.span(first, last);
            let head = self.head_fields.within(self.head_fields.span(first, last));
            if bytes[row] != self.head[head] || quoted != self.head_quoted {
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
            let head = self.head_fields.within(self.head_fields.range(column));
            let head = value(&self.head, head, self.head_quoted);
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
        let (delimiter, column) = (self.parser.delimiter, self.parser.plan.id_column);
        if record::claim_id(bytes, start, record, delimiter, column, &mut id) {
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
        (self.rows, self.headed, self.disagreed) = (0, false, 0);
    }

    #[inline]
    fn close(&mut self) {
        if let Some(open) = self.open.take() {
            open.close(self.batch);
        }
    }
}

/// Where the fields of a row stand, each one byte after the end of the one before.
struct Fields {
    /// The place before the first field, the ends of all, and room behind them, for ends are put there eight at a time.
    ends: Vec<usize>,
    width: usize,
}

impl Fields {
    /// Of rows of this many fields.
    fn of(width: usize) -> Fields {
        Fields { ends: vec![0; 1 + width + 8], width }
    }

    /// Begins a row at `start`: gives the ends of its fields, to be filled.
    #[inline]
    fn begin(&mut self, start: usize) -> &mut [usize] {
        match self.ends.as_mut_slice() {
            [before, ends @ ..] => {
                *before = start.wrapping_sub(1);
                ends
            }
            [] => &mut [],
        }
    }

    /// Where field `number` stands.
    #[inline]
    fn range(&self, number: usize) -> Range<usize> {
        match self.ends.get(number..number + 2) {
            Some(&[before, end]) => before.wrapping_add(1)..end,
            _ => 0..0,
        }
    }

    /// Where the fields from one to another stand.
    #[inline]
    fn span(&self, first: usize, last: usize) -> Range<usize> {
        self.range(first).start..self.range(last).end
    }

    /// Where the row begins.
    #[inline]
    fn start(&self) -> usize {
        self.range(0).start
    }

    /// Where the last field ends.
    #[inline]
    fn end(&self) -> usize {
        self.ends.get(self.width).copied().unwrap_or_default()
    }

    /// Where a range stands in the row by itself.
    #[inline]
    fn within(&self, range: Range<usize>) -> Range<usize> {
        range.start - self.start()..range.end - self.start()
    }

    fn copy(&mut self, other: &Fields) {
        self.ends.copy_from_slice(&other.ends);
    }
}

/// A field's value, trimmed; when the row is `quoted`, a field may stand between quotes, with none doubled.
#[inline]
fn value(bytes: &[u8], range: Range<usize>, quoted: bool) -> &[u8] {
    match &bytes[range] {
        [b'"', inner @ .., b'"'] if quoted => trim(inner),
        whole => trim(whole),
    }
}
