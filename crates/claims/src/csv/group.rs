//! Brings the rows of each claim together, of files whose claims lie scattered.
//!
//! Rows are dealt by the hash of their claim id into parts that fit in memory, each part is sorted into claims, and
//! the sorted parts are merged back into the order of the claims' first rows. Parts that are small stay in memory;
//! the rest are temporary files without a name, gone with the process whatever becomes of it.

use super::read::CsvReader;
use super::record::Shape;
use crate::input::ReadError;
use crate::reader::{Chunk, ChunkParser, ClaimReader, Mark};
use crate::{Columns, Place};
use std::cmp::Reverse;
use std::collections::{BinaryHeap, HashMap};
use std::fmt;
use std::io::{self, BufReader, BufWriter, Read, Seek, SeekFrom, Write};
use std::path::{Path, PathBuf};
use std::sync::Arc;
use tempfile::SpooledTempFile;
use xxhash_rust::xxh3::xxh3_64_with_seed;

/// Parts that rows are dealt into at a time.
const PARTS: usize = 64;
/// Times that a part is dealt again because it is too large. A part still too large then is one claim's rows.
const ROUNDS: u64 = 4;

/// How much memory grouping takes.
#[derive(Clone, Copy, Debug)]
struct Limits {
    /// The most bytes of a part that is sorted at once.
    part: u64,
    /// Bytes of a part that stay in memory while rows are dealt.
    spool: usize,
    /// Bytes of all buffers of the merge together.
    merge: usize,
}

const LIMITS: Limits = Limits { part: 32 * 1024 * 1024, spool: 512 * 1024, merge: 32 * 1024 * 1024 };

/// A CSV whose rows were grouped by claim: see [`CsvReader::grouped`].
pub struct GroupedReader {
    reader: CsvReader,
    directory: PathBuf,
    sorted: SpooledTempFile,
    runs: Vec<Run>,
    /// The next row of each run, the claim that appeared first on top.
    next: BinaryHeap<Reverse<(u64, u64, usize)>>,
    spare: Vec<Vec<u8>>,
    /// Why the input could not be read further, to be told once what was read before is given out.
    failed: Option<ReadError>,
}

/// A row on its way.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
struct Row {
    /// The row's number among all rows: while rows are dealt; then that of its claim's first row.
    claim: u64,
    place: Place,
    named: bool,
    length: u32,
}

const ROW_BYTES: usize = 29;

impl Row {
    fn to_bytes(self) -> [u8; ROW_BYTES] {
        let mut bytes = [0; ROW_BYTES];
        bytes[..8].copy_from_slice(&self.claim.to_le_bytes());
        bytes[8..16].copy_from_slice(&self.place.offset.to_le_bytes());
        bytes[16..24].copy_from_slice(&self.place.row.to_le_bytes());
        bytes[24..28].copy_from_slice(&self.length.to_le_bytes());
        bytes[28] = u8::from(self.named);
        bytes
    }

    fn from_bytes(bytes: &[u8; ROW_BYTES]) -> Row {
        let long = |at: usize| u64::from_le_bytes(std::array::from_fn(|byte| bytes[at + byte]));
        Row {
            claim: long(0),
            place: Place { offset: long(8), row: long(16) },
            length: u32::from_le_bytes(std::array::from_fn(|byte| bytes[24 + byte])),
            named: bytes[28] != 0,
        }
    }

    /// Reads a row and its text, or gives `None` at the end.
    fn read(from: &mut impl Read, text: &mut Vec<u8>) -> io::Result<Option<Row>> {
        let mut bytes = [0; ROW_BYTES];
        match from.read(&mut bytes[..1])? {
            0 => return Ok(None),
            _ => from.read_exact(&mut bytes[1..])?,
        }
        let row = Row::from_bytes(&bytes);
        text.clear();
        text.resize(row.length as usize, 0);
        from.read_exact(text)?;
        Ok(Some(row))
    }
}

/// Rows of some claims.
struct Part {
    file: BufWriter<SpooledTempFile>,
    bytes: u64,
}

impl Part {
    fn put(&mut self, row: Row, text: &[u8]) -> io::Result<()> {
        self.file.write_all(&row.to_bytes())?;
        self.file.write_all(text)?;
        self.bytes += (ROW_BYTES + text.len()) as u64;
        Ok(())
    }

    fn reader(self) -> io::Result<BufReader<SpooledTempFile>> {
        let mut file = self.file.into_inner().map_err(io::IntoInnerError::into_error)?;
        file.rewind()?;
        Ok(BufReader::new(file))
    }
}

/// One sorted part in the file of sorted parts.
struct Run {
    /// What has not been read yet.
    at: u64,
    end: u64,
    buffer: Vec<u8>,
    used: usize,
}

impl GroupedReader {
    pub(super) fn new(reader: CsvReader, directory: Option<&Path>) -> Result<GroupedReader, ReadError> {
        GroupedReader::with(reader, directory, LIMITS)
    }

    fn with(mut reader: CsvReader, directory: Option<&Path>, limits: Limits) -> Result<GroupedReader, ReadError> {
        let directory = directory.map_or_else(std::env::temp_dir, Path::to_owned);
        let temporary = |source| ReadError::Temporary { directory: directory.display().to_string(), source };
        let mut parts = new_parts(&directory, limits);
        let failed = deal(&mut reader, &mut parts).map_err(temporary)?;
        let mut sorted = Sorted {
            file: BufWriter::new(tempfile::spooled_tempfile_in(limits.spool, &directory)),
            bytes: 0,
            ends: Vec::new(),
        };
        for part in parts {
            sort(part, 1, &directory, limits, &reader, &mut sorted).map_err(temporary)?;
        }
        let mut runs = Vec::new();
        let most = (limits.merge / sorted.ends.len().max(1)).clamp(4 * 1024, 1024 * 1024);
        let mut at = 0;
        for end in sorted.ends {
            runs.push(Run { at, end, buffer: Vec::with_capacity(most), used: 0 });
            at = end;
        }
        let file = sorted.file.into_inner().map_err(|error| temporary(error.into_error()))?;
        let mut grouped =
            GroupedReader { reader, directory, sorted: file, runs, next: BinaryHeap::new(), spare: Vec::new(), failed };
        for run in 0..grouped.runs.len() {
            grouped.advance(run)?;
        }
        Ok(grouped)
    }

    /// Puts the next row of a run among the next rows of all.
    fn advance(&mut self, run: usize) -> Result<(), ReadError> {
        let (sorted, own) = (&mut self.sorted, &mut self.runs[run]);
        match own.peek(sorted) {
            Ok(Some(row)) => self.next.push(Reverse((row.claim, row.place.row, run))),
            Ok(None) => {}
            Err(source) => return Err(self.temporary(source)),
        }
        Ok(())
    }

    fn temporary(&self, source: io::Error) -> ReadError {
        ReadError::Temporary { directory: self.directory.display().to_string(), source }
    }
}

impl Run {
    /// Makes `most` bytes of the run stand in the buffer from `used`, or all there are.
    fn need(&mut self, file: &mut SpooledTempFile, most: usize) -> io::Result<&[u8]> {
        if self.buffer.len() - self.used < most {
            self.buffer.drain(..self.used);
            self.used = 0;
            let room = self.buffer.capacity().max(most) - self.buffer.len();
            let more = (room as u64).min(self.end - self.at);
            file.seek(SeekFrom::Start(self.at))?;
            let read = Read::take(&mut *file, more).read_to_end(&mut self.buffer)?;
            if read as u64 != more {
                return Err(io::ErrorKind::UnexpectedEof.into());
            }
            self.at += more;
        }
        Ok(&self.buffer[self.used..])
    }

    /// The next row, or `None` at the end of the run.
    fn peek(&mut self, file: &mut SpooledTempFile) -> io::Result<Option<Row>> {
        Ok(self.need(file, ROW_BYTES)?.first_chunk().map(Row::from_bytes))
    }

    /// Takes the next row, appending its text.
    fn take(&mut self, file: &mut SpooledTempFile, to: &mut Vec<u8>) -> io::Result<Option<Row>> {
        let Some(row) = self.peek(file)? else { return Ok(None) };
        let whole = ROW_BYTES + row.length as usize;
        let bytes = self.need(file, whole)?;
        to.extend_from_slice(bytes.get(ROW_BYTES..whole).ok_or(io::ErrorKind::UnexpectedEof)?);
        self.used += whole;
        Ok(Some(row))
    }
}

/// The sorted parts, one after the other.
struct Sorted {
    file: BufWriter<SpooledTempFile>,
    bytes: u64,
    /// Where each part ends.
    ends: Vec<u64>,
}

fn new_parts(directory: &Path, limits: Limits) -> Vec<Part> {
    let part = || Part { file: BufWriter::new(tempfile::spooled_tempfile_in(limits.spool, directory)), bytes: 0 };
    std::iter::repeat_with(part).take(PARTS).collect()
}

/// The part that a row belongs to. Rows without an id are claims by themselves, and go anywhere.
fn part_of(row: Row, id: &[u8], round: u64) -> usize {
    let hash =
        if row.named { xxh3_64_with_seed(id, round) } else { xxh3_64_with_seed(&row.claim.to_le_bytes(), round) };
    hash as usize % PARTS
}

/// Deals all rows of the input into parts, up to where it ends, or cannot be read further: why is given.
fn deal(reader: &mut CsvReader, parts: &mut [Part]) -> io::Result<Option<ReadError>> {
    let (mut id, mut count) = (Vec::new(), 0);
    loop {
        let chunk = match reader.next_chunk() {
            Ok(Some(chunk)) => chunk,
            Ok(None) => return Ok(None),
            Err(error) => return Ok(Some(ReadError::Grouped { source: Box::new(error) })),
        };
        let bytes = chunk.bytes.as_slice();
        let (mut start, mut number) = (0, chunk.start.row);
        while start < bytes.len() {
            let Some(record) = reader.record(bytes, start) else { break };
            if record.shape != Shape::Blank {
                let named = reader.claim_id(bytes, start, &record, &mut id);
                let text = &bytes[start..record.next];
                let place = Place { offset: chunk.offset(start), row: number };
                let row = Row { claim: count, place, named, length: text.len() as u32 };
                parts[part_of(row, &id, 0)].put(row, text)?;
                count += 1;
            }
            start = record.next;
            number += 1;
        }
        reader.recycle(chunk.into_bytes());
    }
}

/// Sorts a part into claims, dealing it again first when it is too large.
fn sort(
    part: Part,
    round: u64,
    directory: &Path,
    limits: Limits,
    reader: &CsvReader,
    sorted: &mut Sorted,
) -> io::Result<()> {
    let again = part.bytes > limits.part && round <= ROUNDS;
    let mut file = part.reader()?;
    let (mut text, mut id) = (Vec::new(), Vec::new());
    let mut read_id = |text: &[u8]| {
        id.clear();
        if let Some(record) = reader.record(text, 0) {
            reader.claim_id(text, 0, &record, &mut id);
        }
        std::mem::take(&mut id)
    };
    if again {
        let mut parts = new_parts(directory, limits);
        while let Some(row) = Row::read(&mut file, &mut text)? {
            parts[part_of(row, &read_id(&text), round)].put(row, &text)?;
        }
        drop(file);
        for part in parts {
            sort(part, round + 1, directory, limits, reader, sorted)?;
        }
        return Ok(());
    }
    let mut all = Vec::new();
    let mut rows: Vec<(Row, usize)> = Vec::new();
    let mut first: HashMap<Vec<u8>, u64> = HashMap::new();
    while let Some(mut row) = Row::read(&mut file, &mut text)? {
        if row.named {
            row.claim = *first.entry(read_id(&text)).or_insert(row.claim);
        }
        rows.push((row, all.len()));
        all.extend_from_slice(&text);
    }
    // Stable: the rows of a claim stay in their order.
    rows.sort_by_key(|(row, _)| row.claim);
    for (row, at) in rows {
        sorted.file.write_all(&row.to_bytes())?;
        sorted.file.write_all(&all[at..at + row.length as usize])?;
        sorted.bytes += (ROW_BYTES as u64) + u64::from(row.length);
    }
    sorted.ends.push(sorted.bytes);
    Ok(())
}

impl ClaimReader for GroupedReader {
    fn name(&self) -> &str {
        self.reader.name()
    }

    fn columns(&self) -> Columns {
        self.reader.columns()
    }

    fn notices(&self) -> &[String] {
        self.reader.notices()
    }

    fn next_chunk(&mut self) -> Result<Option<Chunk>, ReadError> {
        let mut chunk = Chunk { bytes: self.spare.pop().unwrap_or_default(), ..Chunk::default() };
        chunk.bytes.clear();
        let mut last = None;
        while let Some(&Reverse((claim, _, run))) = self.next.peek() {
            let full = chunk.bytes.len() >= self.reader.chunk_bytes() && last != Some(claim);
            if full || chunk.bytes.len() >= self.reader.claim_bytes() {
                break;
            }
            self.next.pop();
            let at = chunk.bytes.len() as u32;
            match self.runs[run].take(&mut self.sorted, &mut chunk.bytes) {
                Ok(Some(row)) => chunk.marks.push(Mark { at, place: row.place }),
                Ok(None) => {}
                Err(source) => return Err(self.temporary(source)),
            }
            self.advance(run)?;
            last = Some(claim);
        }
        match self.failed.take() {
            Some(error) if chunk.bytes.is_empty() => Err(error),
            failed => {
                self.failed = failed;
                Ok((!chunk.bytes.is_empty()).then_some(chunk))
            }
        }
    }

    fn recycle(&mut self, bytes: Vec<u8>) {
        if self.spare.len() < super::read::MAX_SPARE && bytes.capacity() <= self.reader.chunk_bytes().saturating_mul(4)
        {
            self.spare.push(bytes);
        }
    }

    fn parser(&self) -> Arc<dyn ChunkParser> {
        self.reader.parser()
    }
}

impl fmt::Debug for GroupedReader {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "GroupedReader({})", self.name())
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, clippy::expect_used)]
    use super::*;
    use crate::input::tests::Broken;
    use crate::{ClaimBatch, CsvOptions, Input};
    use std::fmt::Write as _;

    /// Each claim's id, the rows its lines stood in, and whether it could be read.
    fn claims(reader: &mut dyn ClaimReader) -> Vec<(String, Vec<u64>, bool)> {
        let (parser, mut batch, mut claims) = (reader.parser(), ClaimBatch::default(), Vec::new());
        while let Some(chunk) = reader.next_chunk().unwrap() {
            parser.parse(&chunk, &mut batch);
            for claim in batch.iter() {
                let rows = claim.lines().iter().map(|line| line.place.row).collect();
                claims.push((claim.id().to_owned(), rows, claim.row.unreadable));
            }
            reader.recycle(chunk.into_bytes());
        }
        claims
    }

    fn grouped(text: String, limits: Limits, chunk_bytes: usize) -> Vec<(String, Vec<u64>, bool)> {
        let input = Input::from_reader("a.csv", io::Cursor::new(text)).unwrap();
        let reader = CsvReader::new(input, CsvOptions { chunk_bytes, ..CsvOptions::default() }).unwrap();
        claims(&mut GroupedReader::with(reader, None, limits).unwrap())
    }

    #[test]
    fn claims_come_in_the_order_of_their_first_rows_whatever_the_limits() {
        let mut text = String::from("claim_id,procedure,service_from,dx_1\n");
        let mut expected: Vec<(String, Vec<u64>, bool)> = Vec::new();
        for row in 2..2000u64 {
            let id = format!("C{}", (row * 7919) % 311);
            writeln!(text, "{id},99213,20240101,I10").unwrap();
            match expected.iter_mut().find(|claim| claim.0 == id) {
                Some(claim) => claim.1.push(row),
                None => expected.push((id, vec![row], false)),
            }
        }
        for limits in [LIMITS, Limits { part: 300, spool: 0, merge: 0 }, Limits { part: 1, spool: 64, merge: 1 << 20 }]
        {
            for chunk_bytes in [1, 200, 1 << 20] {
                assert_eq!(grouped(text.clone(), limits, chunk_bytes), expected);
            }
        }
    }

    #[test]
    fn what_was_read_before_the_input_fails_is_grouped_and_given_out_first() {
        let row = |row: u64| format!("C{},99213,20240101,I10\n", row % 300);
        let text = (2..902).map(row).fold("claim_id,procedure,service_from,dx_1\n".to_owned(), |text, row| text + &row);
        let options = || CsvOptions { chunk_bytes: 2_000, ..CsvOptions::default() };
        let input = Input::from_reader("a.csv", Broken(io::Cursor::new(text))).unwrap();
        let mut reader = CsvReader::new(input, options()).unwrap().grouped(None).unwrap();
        let (parser, mut batch, mut rows) = (reader.parser(), ClaimBatch::default(), Vec::new());
        let error = loop {
            match reader.next_chunk() {
                Ok(chunk) => {
                    parser.parse(&chunk.expect("an error is no end"), &mut batch);
                    rows.extend(batch.iter().map(|claim| claim.lines().len()));
                }
                Err(error) => break error.to_string(),
            }
        };
        // Of the last row there might have been more.
        assert_eq!((rows.len(), rows.iter().sum::<usize>()), (300, 899));
        assert!(error.starts_with("a.csv: reading stopped at byte ") && error.contains("may lack lines"), "{error}");
    }

    #[test]
    fn unreadable_rows_stay_what_they_were() {
        // The unclosed quote of row 3 must not reach rows that now stand behind it.
        let text = "claim_id,note,procedure,service_from,dx_1\nA,,1,20240101,I10\nB,\"1,20240101,I10\n\nC,1\"x,1,20240101,I10\n\
                    A,\"x\ny\",1,20240101,I10\n,,1,20240101,I10\nB,,1,20240101,I10\n,,1,20240101,I10\n";
        let expected = [
            ("A", vec![2, 6], false),
            ("B", vec![8], true),
            ("C", vec![], true),
            ("", vec![], true),
            ("", vec![], true),
        ];
        let expected = expected.map(|(id, rows, bad)| (id.to_owned(), rows, bad));
        assert_eq!(grouped(text.to_owned(), LIMITS, 1), expected);
        assert_eq!(grouped(text.to_owned(), Limits { part: 1, spool: 0, merge: 0 }, 64), expected);
    }
}
