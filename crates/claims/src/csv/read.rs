//! Reads a CSV in chunks that begin and end between claims.

use super::group::GroupedReader;
use super::header;
use super::parse::CsvParser;
use super::record::{self, Dialect, MAX_FIELD, MAX_RECORD, Shape};
use crate::input::{Input, ReadError};
use crate::reader::{Chunk, ChunkParser, ClaimReader, Gap, MOST_CHUNK, MOST_CLAIM, next_chunk_bytes};
use crate::{ColumnMap, Columns, Place};
use memchr::{memchr, memchr_iter, memrchr};
use std::path::Path;
use std::sync::Arc;

/// Chunks that have come back and wait to be filled again.
pub(super) const MAX_SPARE: usize = 16;

/// Why a CSV cannot be read at all.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum CsvError {
    /// The input cannot be read.
    #[error(transparent)]
    Read(#[from] ReadError),
    /// There is nothing in it.
    #[error("{name}: is empty: a header with the names of the columns is needed")]
    Empty {
        /// The file.
        name: String,
    },
    /// The header cannot be used.
    #[error(
        "{name}: the header (row {row}) cannot be used:\n  - {}\n  Names are compared without case; --map gives a \
         file's own names.", faults.join("\n  - ")
    )]
    Header {
        /// The file.
        name: String,
        /// The header's row.
        row: u64,
        /// All that is wrong with it.
        faults: Vec<String>,
    },
}

/// How to read a CSV.
#[derive(Clone, Debug)]
pub struct CsvOptions {
    /// The file's own column names.
    pub map: ColumnMap,
    /// The most bytes of a chunk, about: a chunk ends between claims, so it has fewer, or more for a claim that is longer.
    /// The first chunks of an input are shorter.
    pub chunk_bytes: usize,
    /// The most bytes of one claim. A longer one is cut in two of the same id, so that memory stays bounded.
    pub claim_bytes: usize,
}

impl Default for CsvOptions {
    fn default() -> CsvOptions {
        CsvOptions { map: ColumnMap::default(), chunk_bytes: 2 * 1024 * 1024, claim_bytes: 64 * 1024 * 1024 }
    }
}

/// Reads claims from CSV. See [`ClaimReader`] for how it is used.
#[derive(Debug)]
pub struct CsvReader {
    input: Input,
    pub(super) parser: Arc<CsvParser>,
    dialect: Dialect,
    id_column: usize,
    notices: Vec<String>,
    chunk_bytes: usize,
    claim_bytes: usize,
    /// Read and not given out yet, and where it begins.
    pending: Vec<u8>,
    start: Place,
    gaps: Vec<Gap>,
    ended: bool,
    /// Why the input ended, to be told once the claims before are given out.
    failed: Option<ReadError>,
    spare: Vec<Vec<u8>>,
    /// Starts of records, when `pending` has quotes.
    records: Vec<usize>,
}

impl CsvReader {
    /// Reads and checks the header.
    ///
    /// # Errors
    ///
    /// [`CsvError`] when the input cannot be read or is empty, or when the header does not name the needed
    /// columns, each once; the error says all that is wrong.
    ///
    /// ```
    /// use cleanclaim_claims::{CsvOptions, CsvReader, Input};
    /// let input = Input::from_reader("a.csv", &b"ClaimID,procedure,service_from,dx_1\n"[..])?;
    /// let error = CsvReader::new(input, CsvOptions::default()).unwrap_err().to_string();
    /// assert!(error.contains("no column \"claim_id\"; did you mean column 1 (\"ClaimID\")?"), "{error}");
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    pub fn new(mut input: Input, options: CsvOptions) -> Result<CsvReader, CsvError> {
        let mut pending = Vec::new();
        let mut start = Place { offset: input.offset(), row: 1 };
        // A header is read whole, and no further than a record can reach.
        let (record, dialect) = loop {
            let ended = input.append(&mut pending, MAX_FIELD)? == 0;
            let mut blanks = 0;
            while let Some(blank) = blank_line(&pending[blanks..]) {
                blanks += blank;
                start.row += 1;
            }
            // However many there are, none is kept.
            pending.drain(..blanks);
            start.offset += blanks as u64;
            if ended && pending.is_empty() {
                return Err(CsvError::Empty { name: input.name().to_owned() });
            }
            let enough = ended || pending.len() > MAX_RECORD;
            if !pending.is_empty() && (enough || memchr(b'\n', &pending).is_some()) {
                let dialect = Dialect::of_header(header::delimiter(&pending, 0, enough, &options.map));
                if let Some(record) = record::record(&pending, 0, &dialect, enough) {
                    break (record, dialect);
                }
            }
        };
        let header = match header::read(&pending, 0, &record, &dialect, &options.map) {
            Ok(header) => header,
            Err(faults) => return Err(CsvError::Header { name: input.name().to_owned(), row: start.row, faults }),
        };
        let parser = Arc::new(CsvParser::new(&header));
        start.offset += record.next as u64;
        start.row += 1;
        pending.drain(..record.next);
        Ok(CsvReader {
            input,
            parser,
            dialect: header.dialect,
            id_column: header.plan.id_column,
            notices: header.plan.notices,
            chunk_bytes: options.chunk_bytes.clamp(1, MOST_CHUNK),
            claim_bytes: options.claim_bytes.clamp(1, MOST_CLAIM),
            pending,
            start,
            gaps: Vec::new(),
            ended: false,
            failed: None,
            spare: Vec::new(),
            records: Vec::new(),
        })
    }

    /// Groups the rows first: those of one claim are brought together, claims in the order of their first row. For
    /// files whose claims lie scattered.
    ///
    /// The rows go through temporary files in `directory`, or the system's place for them: up to two and a half
    /// times the unpacked input. Memory stays at some 150 MiB, unless a single claim is larger. Findings still name
    /// each row's own place in the input.
    ///
    /// # Errors
    ///
    /// [`ReadError`] when a temporary file fails. Where the input does, what was read before is given out, and then
    /// [`ReadError::Grouped`]: claims may lack rows that stand beyond.
    ///
    /// ```
    /// use cleanclaim_claims::{ClaimBatch, ClaimReader, CsvOptions, CsvReader, Input};
    /// let text = "claim_id,procedure,service_from,dx_1\nA,99213,20240105,I10\nB,99214,20240105,I10\nA,99214,20240105,I10\n";
    /// let input = Input::from_reader("a.csv", text.as_bytes())?;
    /// let mut reader = CsvReader::new(input, CsvOptions::default())?.grouped(None)?;
    /// let mut batch = ClaimBatch::default();
    /// if let Some(chunk) = reader.next_chunk()? {
    ///     reader.parser().parse(&chunk, &mut batch);
    /// }
    /// assert_eq!(batch.iter().map(|claim| (claim.id(), claim.lines().len())).collect::<Vec<_>>(), [("A", 2), ("B", 1)]);
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    pub fn grouped(self, directory: Option<&Path>) -> Result<GroupedReader, ReadError> {
        GroupedReader::new(self, directory)
    }

    /// Puts a row's claim id into `id`; false when it has none.
    pub(super) fn claim_id(&self, bytes: &[u8], start: usize, record: &record::Record, id: &mut Vec<u8>) -> bool {
        record::claim_id(bytes, start, record, &self.dialect, self.id_column, id)
    }

    pub(super) fn record(&self, bytes: &[u8], start: usize) -> Option<record::Record> {
        record::record(bytes, start, &self.dialect, true)
    }

    pub(super) fn chunk_bytes(&self) -> usize {
        self.chunk_bytes
    }

    pub(super) fn claim_bytes(&self) -> usize {
        self.claim_bytes
    }

    /// Reads until `pending` has `target` bytes or the input ends or fails. What of a physical line is beyond all that a
    /// record may have is left out, so that one endless line takes no more memory than another.
    fn fill(&mut self, target: usize) {
        while !self.ended && self.pending.len() < target {
            let most = target - self.pending.len();
            let read = self.input.append(&mut self.pending, most);
            if self.is_end(read) {
                break;
            }
            let line = memrchr(b'\n', &self.pending).map_or(0, |newline| newline + 1);
            if self.pending.len() - line > MAX_RECORD + 1 {
                self.leave_out(line + MAX_RECORD + 1);
            }
        }
    }

    /// Whether the input ends here, or fails.
    fn is_end(&mut self, read: Result<usize, ReadError>) -> bool {
        self.ended = !matches!(read, Ok(1..));
        self.failed = read.err();
        self.ended
    }

    /// Drops bytes from `keep` up to the next line end.
    fn leave_out(&mut self, keep: usize) {
        let mut left_out = (self.pending.len() - keep) as u64;
        self.pending.truncate(keep);
        let mut block = Vec::new();
        loop {
            block.clear();
            let read = self.input.append(&mut block, MAX_FIELD);
            if self.is_end(read) {
                break;
            }
            if let Some(newline) = memchr(b'\n', &block) {
                left_out += newline as u64;
                self.pending.extend_from_slice(&block[newline..]);
                break;
            }
            left_out += block.len() as u64;
        }
        self.gaps.push(Gap { at: keep, left_out });
    }

    /// Where the first `window` bytes of `pending` can be cut between two claims, as late as can be, and the rows
    /// before the cut; else the end of their last whole record.
    fn cut(&mut self, window: usize) -> Cut {
        let bytes = &self.pending[..window];
        if memchr(b'"', bytes).is_some() {
            return self.cut_with_quotes(window);
        }
        let Some(end) = memrchr(b'\n', bytes).map(|newline| newline + 1) else { return Cut::Nowhere };
        let mut later = Later::default();
        let mut next = end;
        let between = loop {
            if next == 0 {
                break None;
            }
            let start = memrchr(b'\n', &bytes[..next - 1]).map_or(0, |newline| newline + 1);
            if let Some(between) = later.step(self, bytes, start) {
                break Some(between);
            }
            next = start;
        };
        let rows = |upto: usize| memchr_iter(b'\n', &bytes[..upto]).count() as u64;
        match between {
            Some(at) => Cut::Between { at, rows: rows(at) },
            None => Cut::Within { at: end, rows: rows(end) },
        }
    }

    fn cut_with_quotes(&mut self, window: usize) -> Cut {
        let mut records = std::mem::take(&mut self.records);
        records.clear();
        let bytes = &self.pending[..window];
        let mut end = 0;
        while end < window
            && let Some(next) = record::next(bytes, end, &self.dialect)
        {
            records.push(end);
            end = next;
        }
        let mut later = Later::default();
        let between = records.iter().rev().find_map(|&start| later.step(self, bytes, start));
        let cut = match between {
            Some(at) => Cut::Between { at, rows: records.partition_point(|&start| start < at) as u64 },
            None if end > 0 => Cut::Within { at: end, rows: records.len() as u64 },
            None => Cut::Nowhere,
        };
        self.records = records;
        cut
    }

    /// What there is to give out where the input failed: the claims before the last, of which there may be more rows; then
    /// the error.
    fn end_in(&mut self, error: ReadError, window: usize) -> Result<Option<Chunk>, ReadError> {
        if let Cut::Between { at, rows } = self.cut(window) {
            self.failed = Some(error);
            return Ok(Some(self.take(at, rows)));
        }
        self.pending.clear();
        Err(error)
    }

    /// Gives out the first `at` bytes of `pending`.
    fn take(&mut self, at: usize, rows: u64) -> Chunk {
        let next = self.pending[at..].to_vec();
        let mut bytes = std::mem::replace(&mut self.pending, next);
        bytes.truncate(at);
        let (gaps, later): (Vec<Gap>, Vec<Gap>) = self.gaps.iter().partition(|gap| gap.at < at);
        self.gaps = later.into_iter().map(|gap| Gap { at: gap.at - at, ..gap }).collect();
        let chunk = Chunk { bytes, start: self.start, gaps, ..Chunk::default() };
        self.start = Place { offset: chunk.offset(at), row: self.start.row + rows };
        chunk
    }
}

impl ClaimReader for CsvReader {
    fn name(&self) -> &str {
        self.input.name()
    }

    fn columns(&self) -> Columns {
        self.parser.columns()
    }

    fn notices(&self) -> &[String] {
        &self.notices
    }

    fn next_chunk(&mut self) -> Result<Option<Chunk>, ReadError> {
        // Taken only now: of who reads the next chunk, this memory is in the cache.
        if let Some(mut room) = self.spare.pop() {
            room.clear();
            room.extend_from_slice(&self.pending);
            self.pending = room;
        }
        let mut target = next_chunk_bytes(self.start.offset, self.chunk_bytes);
        loop {
            self.fill(target);
            // Reading the header may have read more than a chunk.
            let window = target.min(self.pending.len());
            if self.ended && window == self.pending.len() {
                if let Some(error) = self.failed.take() {
                    return self.end_in(error, window);
                }
                return Ok((window > 0).then(|| self.take(window, 0)));
            }
            match self.cut(window) {
                Cut::Between { at, rows } => return Ok(Some(self.take(at, rows))),
                Cut::Within { at, rows } if window >= self.claim_bytes => return Ok(Some(self.take(at, rows))),
                Cut::Within { .. } | Cut::Nowhere => target = target.saturating_mul(2),
            }
        }
    }

    fn recycle(&mut self, bytes: Vec<u8>) {
        // Memory that one long claim took is given back.
        if self.spare.len() < MAX_SPARE && bytes.capacity() <= self.chunk_bytes.saturating_mul(4) {
            self.spare.push(bytes);
        }
    }

    fn parser(&self) -> Arc<dyn ChunkParser> {
        self.parser.clone()
    }
}

/// Where bytes can be cut.
enum Cut {
    /// Between two claims.
    Between {
        at: usize,
        rows: u64,
    },
    /// Only between two rows of what may be one claim.
    Within {
        at: usize,
        rows: u64,
    },
    Nowhere,
}

/// The later of two neighbouring rows, while going through rows from the last to the first.
#[derive(Default)]
struct Later {
    /// The row's start, when there is one.
    start: Option<usize>,
    named: bool,
    id: Vec<u8>,
    before: Vec<u8>,
}

impl Later {
    /// Takes the row at `start`. Gives the start of the later row when the two are not of one claim.
    fn step(&mut self, reader: &CsvReader, bytes: &[u8], start: usize) -> Option<usize> {
        let record = record::record(bytes, start, &reader.dialect, false)?;
        if record.shape == Shape::Blank {
            return None;
        }
        let named = reader.claim_id(bytes, start, &record, &mut self.before);
        // A row without an id is a claim by itself.
        let apart = !named || !self.named || self.before != self.id;
        match self.start {
            Some(later) if apart => Some(later),
            _ => {
                std::mem::swap(&mut self.id, &mut self.before);
                (self.start, self.named) = (Some(start), named);
                None
            }
        }
    }
}

/// The length of a line of nothing but spaces and separators at the start of `bytes`, with its line end.
fn blank_line(bytes: &[u8]) -> Option<usize> {
    let line = &bytes[..memchr(b'\n', bytes)? + 1];
    let is_blank = line.iter().all(|byte| byte.is_ascii_whitespace() || header::DELIMITERS.contains(byte));
    is_blank.then_some(line.len())
}
