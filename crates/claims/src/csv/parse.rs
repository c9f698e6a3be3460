//! Chunks of CSV rows into claims: the hot path.

use super::header::Header;
use super::record::{self, MAX_FIELD, Shape};
use crate::map::Plan;
use crate::reader::{Chunk, ChunkParser};
use crate::values::{self, OpenClaim, trim};
use crate::{ClaimBatch, Columns, Field, Place, ProblemKind};
use std::ops::Range;
use wide::u8x16;

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
            head_ends: vec![0; self.width],
            head_made: vec![Vec::new(); self.plan.claim_recipes.len()],
            headed: false,
            head_quoted: false,
            disagreed: 0,
            ends: vec![0; self.width],
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
    /// The row that gave the open claim's fields, and the ends of the fields in it, when `headed`.
    head: Vec<u8>,
    head_ends: Vec<usize>,
    /// The texts that the claim's recipes make of that row.
    head_made: Vec<Vec<u8>>,
    headed: bool,
    /// Whether that row has fields between quotes.
    head_quoted: bool,
    /// The claim's columns, and after them its recipes, already found to disagree in the open claim.
    disagreed: u128,
    /// Ends of the fields of the row at hand.
    ends: Vec<usize>,
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
            let (count, next) = splitter.row(start, &mut self.ends);
            if count == self.parser.width && next - start <= MAX_FIELD {
                let place = Place { offset: self.chunk.offset(start), row };
                self.row::<false>(bytes, start, place);
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
                if split(&bytes[..line_end], start, delimiter, &mut self.ends).0 == self.parser.width {
                    self.row::<false>(bytes, start, place);
                    return next;
                }
            } else if split_quoted(&bytes[..end], start, delimiter, &mut self.ends) == Some(self.parser.width) {
                self.row::<true>(bytes, start, place);
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
        record::fields(bytes, start, &record, delimiter, |field| {
            record::unquote(bytes, field, &mut unquoted);
            if let Some(end) = self.ends.get_mut(count) {
                *end = unquoted.len();
            }
            unquoted.push(delimiter);
            count += 1;
        });
        let width = self.parser.width;
        let nothing_after = |ends: &[usize]| {
            let after = ends.last().map_or(0, |end| end + 1);
            unquoted[after..].iter().all(|byte| *byte == delimiter || *byte == b' ')
        };
        if count == width || count > width && self.parser.trailing_delimiter && nothing_after(&self.ends) {
            self.row::<false>(&unquoted, 0, place);
        } else {
            let kind = ProblemKind::ColumnCount { expected: self.parser.width as u32, got: count as u32 };
            self.unreadable(bytes, start, &record, kind, place);
        }
        self.unquoted = unquoted;
        record.next
    }

    /// A row of as many fields as the header has, their ends in `ends`, each beginning one byte after the one
    /// before. When `QUOTED`, fields may stand between quotes, with none doubled.
    #[inline]
    fn row<const QUOTED: bool>(&mut self, bytes: &[u8], start: usize, place: Place) {
        let parser = self.parser;
        let id = value(bytes, field(start, &self.ends, parser.plan.id_column), QUOTED);
        if id.is_empty() {
            self.nameless(ProblemKind::NoClaimId, Some(Field::ClaimId), place);
            return;
        }
        if self.open.as_ref().is_none_or(|open| open.id(self.batch) != id) {
            self.begin(id, place);
        }
        if self.headed {
            self.compare(bytes, start, QUOTED, place);
        } else {
            self.take_head(bytes, start, QUOTED, place);
        }
        self.rows += 1;
        let Some(open) = self.open.as_mut() else { return };
        let mut line = open.line(self.batch, self.rows, place);
        for &(column, of) in &parser.plan.line_columns {
            let range = field(start, &self.ends, column);
            if range.is_empty() {
                continue;
            }
            let text = value(bytes, range, QUOTED);
            if !text.is_empty() {
                line.set(self.batch, of, text);
            }
        }
        for recipe in &parser.plan.line_recipes {
            self.made.clear();
            let ends = &self.ends;
            recipe.write(&mut self.made, |column, out| {
                out.extend_from_slice(value(bytes, field(start, ends, column), QUOTED));
            });
            if !self.made.is_empty() {
                line.set(self.batch, recipe.field, &self.made);
            }
        }
        if let Some(column) = parser.plan.line_diagnosis {
            let text = value(bytes, field(start, &self.ends, column), QUOTED);
            if !text.is_empty() {
                open.set_line_diagnosis(self.batch, &mut line, text);
            }
        }
        open.push(self.batch, line);
    }

    /// Reads the claim's own fields from its first readable row.
    fn take_head(&mut self, bytes: &[u8], start: usize, quoted: bool, place: Place) {
        let Some(open) = self.open.as_mut() else { return };
        for &(column, of) in &self.parser.plan.claim_columns {
            let text = value(bytes, field(start, &self.ends, column), quoted);
            if !text.is_empty() {
                open.set(self.batch, of, text, place);
            }
        }
        for (recipe, made) in self.parser.plan.claim_recipes.iter().zip(&mut self.head_made) {
            made.clear();
            let ends = &self.ends;
            recipe.write(made, |column, out| out.extend_from_slice(value(bytes, field(start, ends, column), quoted)));
            if !made.is_empty() {
                open.set(self.batch, recipe.field, made, place);
            }
        }
        let end = self.ends.last().copied().unwrap_or(start);
        self.head.clear();
        self.head.extend_from_slice(&bytes[start..end]);
        for (to, from) in self.head_ends.iter_mut().zip(&self.ends) {
            *to = from - start;
        }
        (self.headed, self.head_quoted) = (true, quoted);
    }

    /// Compares a further row's claim fields with the first row's.
    #[inline]
    fn compare(&mut self, bytes: &[u8], start: usize, quoted: bool, place: Place) {
        let parser = self.parser;
        for run in &parser.runs {
            let columns = &parser.plan.claim_columns;
            let (first, last) = (columns[run.start].0, columns[run.end - 1].0);
            let row = field(start, &self.ends, first).start..self.ends[last];
            let head = field(0, &self.head_ends, first).start..self.head_ends[last];
            if bytes[row] != self.head[head] || quoted != self.head_quoted {
                self.compare_run(run.clone(), bytes, start, quoted, place);
            }
        }
        if !parser.plan.claim_recipes.is_empty() {
            self.compare_made(bytes, start, quoted, place);
        }
    }

    #[inline(never)]
    fn compare_run(&mut self, run: Range<usize>, bytes: &[u8], start: usize, quoted: bool, place: Place) {
        let Some(open) = self.open.as_mut() else { return };
        for number in run {
            let (column, of) = self.parser.plan.claim_columns[number];
            let text = value(bytes, field(start, &self.ends, column), quoted);
            let head = value(&self.head, field(0, &self.head_ends, column), self.head_quoted);
            if text.is_empty() || self.disagreed >> number & 1 == 1 || values::same_value(of, head, text) {
                continue;
            }
            self.disagreed |= 1 << number;
            open.problem(self.batch, ProblemKind::Disagrees, Some(of), place);
        }
    }

    #[inline(never)]
    fn compare_made(&mut self, bytes: &[u8], start: usize, quoted: bool, place: Place) {
        let Some(open) = self.open.as_mut() else { return };
        let plan = &self.parser.plan;
        for (number, (recipe, head)) in plan.claim_recipes.iter().zip(&self.head_made).enumerate() {
            self.made.clear();
            let ends = &self.ends;
            recipe.write(&mut self.made, |column, out| {
                out.extend_from_slice(value(bytes, field(start, ends, column), quoted));
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

/// Where field `number` of a row stands.
#[inline]
fn field(start: usize, ends: &[usize], number: usize) -> Range<usize> {
    let begin = if number == 0 { start } else { ends[number - 1] + 1 };
    begin..ends[number]
}

/// A field's value, trimmed; when the row is `quoted`, a field may stand between quotes, with none doubled.
#[inline]
fn value(bytes: &[u8], range: Range<usize>, quoted: bool) -> &[u8] {
    match &bytes[range] {
        [b'"', inner @ .., b'"'] if quoted => trim(inner),
        whole => trim(whole),
    }
}

/// Bytes looked at in one step.
const BLOCK: usize = 64;

/// Cuts rows without quotes into fields, one row after another.
///
/// Fields of a claim are short, four bytes on average, so that a search for each costs more in calls than it
/// saves: the separators of 64 bytes are gathered into one mask, and a row takes its bits where the one before ended.
struct Splitter<'b> {
    bytes: &'b [u8],
    delimiter: u8x16,
    /// Where the block at hand begins.
    at: usize,
    /// Its delimiters and line ends that no row has taken.
    separators: u64,
    /// The line ends among them.
    newlines: u64,
}

impl<'b> Splitter<'b> {
    /// Begins at the row at `start`.
    #[inline]
    fn at(bytes: &'b [u8], start: usize, delimiter: u8) -> Splitter<'b> {
        let mut splitter =
            Splitter { bytes, delimiter: u8x16::splat(delimiter), at: start, separators: 0, newlines: 0 };
        splitter.look();
        splitter
    }

    #[inline]
    fn look(&mut self) {
        let block = block(self.bytes, self.at);
        self.newlines = places(&block, NEWLINES);
        self.separators = places(&block, self.delimiter) | self.newlines;
    }

    /// Puts the ends of the next row's fields, which begin at `start`, into `ends`, as many as fit, and gives their
    /// number and where the row after it begins. One carriage return at the end is part of the line end.
    #[inline]
    fn row(&mut self, start: usize, ends: &mut [usize]) -> (usize, usize) {
        let mut count = 0;
        let (line_end, next) = loop {
            if self.newlines != 0 {
                // Separators up to the first line end.
                let own = self.separators & (self.newlines ^ (self.newlines - 1));
                let line_end = self.at + self.newlines.trailing_zeros() as usize;
                count = put(own, self.at, ends, count);
                self.separators ^= own;
                self.newlines &= self.newlines - 1;
                break (line_end, line_end + 1);
            }
            count = put(self.separators, self.at, ends, count);
            self.at += BLOCK;
            if self.at >= self.bytes.len() {
                self.separators = 0;
                if let Some(slot) = ends.get_mut(count) {
                    *slot = self.bytes.len();
                }
                count += 1;
                break (self.bytes.len(), self.bytes.len());
            }
            self.look();
        };
        if let Some(last) = ends.get_mut(count - 1) {
            *last = record::without_return(self.bytes, start, line_end);
        }
        (count, next)
    }
}

/// Splits the row at `start`, which has no quotes, as [`Splitter::row`] does.
#[inline]
fn split(bytes: &[u8], start: usize, delimiter: u8, ends: &mut [usize]) -> (usize, usize) {
    Splitter::at(bytes, start, delimiter).row(start, ends)
}

/// Splits the row from `start` to the end of `bytes`, a physical line with quotes and without its line end: puts the ends of its fields into
/// `ends`, as many as fit, and gives their number. `None` when quotes are doubled, or are not where they may be, or
/// hold a line end.
#[inline]
fn split_quoted(bytes: &[u8], start: usize, delimiter: u8, ends: &mut [usize]) -> Option<usize> {
    let delimiters = u8x16::splat(delimiter);
    let mut count = 0;
    let mut at = start;
    // Of the byte before: whether it was within quotes (or opened them), a separator, a closing quote. The start
    // of the row is as good as a separator.
    let (mut within, mut after_separator, mut after_close) = (0u64, 1u64, 0u64);
    let mut bad = 0u64;
    while at < bytes.len() {
        let block = block(bytes, at);
        let (mut separators, quotes) = (places(&block, delimiters), places(&block, QUOTES));
        // Each bit is the exclusive or of all quotes up to it: set from an opening quote to before its closing one.
        let mut inside = quotes;
        for shift in [1, 2, 4, 8, 16, 32] {
            inside ^= inside << shift;
        }
        inside ^= within;
        let (opening, closing) = (quotes & inside, quotes & !inside);
        separators &= !inside;
        // A quote opens at the start of a field and nowhere else, and closes at the end of one. A doubled quote
        // would be one that closes before one that opens: it is left to the careful way.
        bad |= opening & !(separators << 1 | after_separator);
        let rest = bytes.len() - at;
        let line_end = if rest < BLOCK { 1 << rest } else { 0 };
        bad |= (closing << 1 | after_close) & !(separators | line_end);
        count = put(separators, at, ends, count);
        within = 0u64.wrapping_sub(inside >> (BLOCK - 1));
        after_separator = separators >> (BLOCK - 1);
        after_close = closing >> (BLOCK - 1);
        at += BLOCK;
    }
    if let Some(slot) = ends.get_mut(count) {
        *slot = bytes.len();
    }
    (bad == 0 && within == 0).then_some(count + 1)
}

/// The block at `at`; beyond the end of `bytes` are zeros, which separate nothing.
#[inline]
fn block(bytes: &[u8], at: usize) -> [u8; BLOCK] {
    let rest = &bytes[at..];
    match rest.first_chunk() {
        Some(block) => *block,
        None => {
            let mut block = [0; BLOCK];
            block[..rest.len()].copy_from_slice(rest);
            block
        }
    }
}

/// Where in the block the byte stands, a bit each.
#[inline]
fn places(block: &[u8; BLOCK], byte: u8x16) -> u64 {
    let parts = block.as_chunks::<16>().0.iter().enumerate();
    parts.fold(0, |places, (part, bytes)| {
        places | u64::from(u8x16::new(*bytes).simd_eq(byte).to_bitmask()) << (16 * part)
    })
}

/// Appends the places of the bits to `ends`, as many as fit, after the first `count`; gives the new count.
#[inline]
fn put(mut bits: u64, at: usize, ends: &mut [usize], count: usize) -> usize {
    let after = count + bits.count_ones() as usize;
    let room = ends.len();
    for slot in ends.get_mut(count.min(room)..after.min(room)).unwrap_or_default() {
        *slot = at + bits.trailing_zeros() as usize;
        bits &= bits.wrapping_sub(1);
    }
    after
}

const NEWLINES: u8x16 = u8x16::new([b'\n'; 16]);
const QUOTES: u8x16 = u8x16::new([b'"'; 16]);

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;

    #[test]
    fn a_row_is_split_as_a_plain_search_splits_it() {
        let mut state = 7u64;
        let mut random = move |below: u64| {
            state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
            (state >> 33) % below
        };
        for _ in 0..20_000 {
            let length = random(260) as usize;
            let bytes: Vec<u8> = (0..length).map(|_| b",\n\r\x8a,\xac\0ab0"[random(10) as usize]).collect();
            let mut start = 0;
            let mut splitter = Splitter::at(&bytes, 0, b',');
            while start < bytes.len() {
                let mut ends = [0; 200];
                let (count, next) = split(&bytes, start, b',', &mut ends);
                let mut onward = [0; 200];
                assert_eq!((splitter.row(start, &mut onward), onward), ((count, next), ends));
                let newline = bytes[start..].iter().position(|&byte| byte == b'\n');
                let line_end = newline.map_or(bytes.len(), |length| start + length);
                assert_eq!(next, newline.map_or(bytes.len(), |length| start + length + 1));
                let mut expected: Vec<usize> = (start..line_end).filter(|&at| bytes[at] == b',').collect();
                let carriage = line_end > start && bytes[line_end - 1] == b'\r';
                expected.push(if carriage { line_end - 1 } else { line_end });
                assert_eq!(ends[..count], expected);
                start = next;
            }
        }
    }

    #[test]
    fn a_row_with_quotes_is_split_as_the_careful_way_splits_it() {
        let mut state = 11u64;
        let mut random = move |below: u64| {
            state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
            (state >> 33) % below
        };
        let mut taken = 0;
        for round in 0..60_000 {
            let mut line = Vec::new();
            for _ in 0..=random(16) {
                let length = random(12) as usize;
                let text: Vec<u8> = (0..length).map(|_| b"abc, \xc3"[random(6) as usize]).collect();
                match random(3) {
                    0 => line.extend(text.iter().filter(|&&byte| byte != b',')),
                    _ => line.extend([b"\"".as_slice(), &text, b"\""].concat()),
                }
                line.push(b',');
            }
            line.pop();
            // Every other line has a byte changed.
            if round % 2 == 1 && !line.is_empty() {
                let place = random(line.len() as u64) as usize;
                line[place] = b"\",a"[random(3) as usize];
            }
            if memchr::memchr(b'"', &line).is_none() {
                continue;
            }
            let record = record::record(&line, 0, b',', true).unwrap();
            let (mut expected, mut doubled) = (Vec::new(), false);
            record::fields(&line, 0, &record, b',', |field| {
                doubled |= field.quoted && line[field.start..field.end].contains(&b'"');
                expected.push(field.end + usize::from(field.quoted));
            });
            let mut ends = [0; 200];
            match split_quoted(&line, 0, b',', &mut ends) {
                Some(count) => {
                    assert_eq!(record.shape, Shape::Quoted);
                    assert_eq!(ends[..count], expected);
                    taken += 1;
                }
                None => assert!(record.shape != Shape::Quoted || doubled, "{:?}", String::from_utf8_lossy(&line)),
            }
        }
        assert!(taken > 20_000);
    }
}
