//! Reads typed columns in chunks that begin and end between claims.

use super::cell::{Cell, Text};
use super::ipc::{self, Blocks, Fault, Messages};
use super::layout::Layout;
use super::parse::ColumnarParser;
use super::write;
use crate::input::{Input, ReadError};
use crate::reader::{Chunk, ChunkParser, ClaimReader};
use crate::{ColumnMap, Columns, Place};
use arrow_array::{Array, RecordBatch};
use arrow_schema::Schema;
use parquet::arrow::ProjectionMask;
use parquet::arrow::arrow_reader::{ParquetRecordBatchReader, ParquetRecordBatchReaderBuilder};
use parquet::file::metadata::FileMetaData;
use std::cell::Cell as Flag;
use std::collections::VecDeque;
use std::fmt;
use std::fs::File;
use std::io::{Seek, Write};
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::Arc;

/// Why a file of typed columns cannot be read at all.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum ColumnarError {
    /// The input cannot be read.
    #[error(transparent)]
    Read(#[from] ReadError),
    /// It is no such file, or one that is damaged or encrypted.
    #[error(
        "{name}: cannot be read as {format}: {what}; it is damaged, was cut short, is encrypted or is not {format} at \
         all: obtain it again, or write it again"
    )]
    Damaged {
        /// The file.
        name: String,
        /// `Parquet` or `Arrow`.
        format: &'static str,
        /// What the decoder said.
        what: String,
    },
    /// Its columns cannot be used.
    #[error(
        "{name}: its columns cannot be used:\n  - {}\n  Names are compared without case; --map gives a file's own \
         names.", faults.join("\n  - ")
    )]
    Columns {
        /// The file.
        name: String,
        /// All that is wrong with them.
        faults: Vec<String>,
    },
}

/// How to read typed columns.
#[derive(Clone, Debug)]
pub struct ColumnarOptions {
    /// The file's own column names.
    pub map: ColumnMap,
    /// Rows of a chunk, about: a chunk ends between claims.
    pub chunk_rows: usize,
    /// The most rows of one claim. A longer one is cut in two of the same id, so that memory stays bounded.
    pub claim_rows: usize,
}

impl Default for ColumnarOptions {
    fn default() -> ColumnarOptions {
        ColumnarOptions { map: ColumnMap::default(), chunk_rows: 8192, claim_rows: 1024 * 1024 }
    }
}

/// Bytes copied at a time.
const BLOCK: usize = 1024 * 1024;

/// The most characters of what a decoder says that are told.
const MAX_WORDS: usize = 200;

/// What a decoder says of data that it cannot decode.
pub(super) struct Damage(pub(super) String);

/// Rows of a chunk, as parts of the batches that they came in.
#[derive(Clone, Default)]
pub(crate) struct Rows {
    pub(super) parts: Vec<RecordBatch>,
    bytes: usize,
}

impl Rows {
    pub(crate) fn bytes(&self) -> usize {
        self.bytes
    }

    fn count(&self) -> usize {
        self.parts.iter().map(RecordBatch::num_rows).sum()
    }

    fn add(&mut self, part: RecordBatch, bytes: usize) {
        self.parts.push(part);
        self.bytes += bytes;
    }
}

/// Reads claims from Parquet, or from Arrow IPC, which is told by its first bytes. See [`ClaimReader`] for how it is
/// used, and [`ClaimFormat`](crate::ClaimFormat) for how inputs are told apart.
///
/// Parquet has its directory at the end: an input that is not a plain file is first copied to a temporary one. What
/// is decoded at a time is a few thousand rows of Parquet, and a batch of Arrow as it was written.
pub struct ColumnarReader {
    name: String,
    format: &'static str,
    source: Source,
    parser: Arc<ColumnarParser>,
    chunk_rows: usize,
    claim_rows: usize,
    /// Read and not given out yet, and the claim id of its last row.
    pending: Rows,
    pending_id: Option<Vec<u8>>,
    /// Batches after it that were not looked at yet.
    ahead: VecDeque<RecordBatch>,
    /// Why reading stopped, to be told once what was read before is given out.
    failed: Option<ReadError>,
    /// Rows given out.
    given: u64,
    ended: bool,
}

enum Source {
    Parquet(Box<ParquetRecordBatchReader>),
    ArrowFile(Box<Blocks>),
    ArrowStream(Box<Messages>),
}

impl ColumnarReader {
    /// Reads the schema and finds the fields in it.
    ///
    /// # Errors
    ///
    /// [`ColumnarError`] when the input cannot be read, is damaged, or lacks the needed columns, or when columns have
    /// types that cannot be what they should; the error says all that is wrong with them.
    pub fn new(input: Input, options: ColumnarOptions) -> Result<ColumnarReader, ColumnarError> {
        let name = input.name().to_owned();
        let is_parquet = input.recognise() != Some(crate::ClaimFormat::ArrowIpc);
        let format = if is_parquet { "Parquet" } else { "Arrow" };
        let damaged = |Damage(what)| ColumnarError::Damaged { name: name.clone(), format, what };
        let layout = |schema: &Schema, file: Option<&FileMetaData>| {
            let mut layout = Layout::new(schema, &options.map)
                .map_err(|faults| ColumnarError::Columns { name: name.clone(), faults })?;
            layout.plan.columns = write::given(layout.plan.columns, schema, file);
            Ok::<Layout, ColumnarError>(layout)
        };
        let chunk_rows = options.chunk_rows.max(1);
        let (source, layout) = if is_parquet {
            let file = seekable(input)?;
            let builder = guarded(|| ParquetRecordBatchReaderBuilder::try_new(file)).map_err(damaged)?;
            let layout = layout(builder.schema(), Some(builder.metadata().file_metadata()))?;
            let columns = layout.columns();
            let mask = ProjectionMask::roots(builder.parquet_schema(), columns.iter().copied());
            let build = || builder.with_projection(mask).with_batch_size(chunk_rows).build();
            let reader = guarded(build).map_err(damaged)?;
            (Source::Parquet(Box::new(reader)), layout.projected(&columns))
        } else {
            let opened = if input.head().starts_with(ipc::FILE) {
                let file = seekable(input)?;
                unpanicked(|| Blocks::new(file).map(|(file, schema)| (Source::ArrowFile(Box::new(file)), schema)))
            } else {
                unpanicked(|| {
                    Messages::new(input).map(|(stream, schema)| (Source::ArrowStream(Box::new(stream)), schema))
                })
            };
            match opened {
                Ok((source, schema)) => (source, layout(&schema, None)?),
                Err(Fault::Input(error)) => return Err(error.into()),
                Err(Fault::Damaged(damage)) => return Err(damaged(damage)),
            }
        };
        Ok(ColumnarReader {
            name,
            format,
            source,
            parser: Arc::new(ColumnarParser::new(layout)),
            chunk_rows,
            claim_rows: options.claim_rows.max(1),
            pending: Rows::default(),
            pending_id: None,
            ahead: VecDeque::new(),
            failed: None,
            given: 0,
            ended: false,
        })
    }

    /// The next rows, in their order.
    fn batch(&mut self) -> Result<Option<RecordBatch>, ReadError> {
        if let Some(batch) = self.ahead.pop_front() {
            return Ok(Some(batch));
        }
        if self.ended {
            return Ok(None);
        }
        let read = match &mut self.source {
            Source::Parquet(reader) => guarded(|| reader.next().transpose()).map_err(Fault::Damaged),
            Source::ArrowFile(blocks) => unpanicked(|| blocks.next()),
            Source::ArrowStream(messages) => unpanicked(|| messages.next()),
        };
        match read {
            Ok(Some(batch)) => {
                // A batch of Arrow is as long as its writer made it.
                let rows = batch.num_rows();
                let starts = (0..rows).step_by(self.chunk_rows);
                self.ahead.extend(starts.map(|start| batch.slice(start, self.chunk_rows.min(rows - start))));
                self.batch()
            }
            Ok(None) => {
                self.ended = true;
                Ok(None)
            }
            Err(fault) => {
                self.ended = true;
                Err(match fault {
                    Fault::Input(error) => error,
                    Fault::Damaged(Damage(what)) => {
                        let row = self.given + self.pending.count() as u64;
                        ReadError::Columns { name: self.name.clone(), format: self.format, row, what }
                    }
                })
            }
        }
    }

    /// Adds rows to what is pending.
    fn add(&mut self, rows: RecordBatch) {
        let last = rows.num_rows().checked_sub(1);
        self.pending_id = last.and_then(|last| id_at(&self.parser.layout().ids(&rows), last));
        let bytes = bytes_of(&rows);
        self.pending.add(rows, bytes);
    }

    /// Gives out what is pending.
    fn take(&mut self) -> Chunk {
        let rows = std::mem::take(&mut self.pending);
        let start = Place { offset: 0, row: self.given + 1 };
        self.given += rows.count() as u64;
        Chunk { start, rows: Some(Box::new(rows)), ..Chunk::default() }
    }

    /// Where, at the latest, a claim begins in rows that follow what is pending.
    fn last_cut(&self, rows: &RecordBatch) -> Option<usize> {
        let ids = self.parser.layout().ids(rows);
        let mut later = id_at(&ids, rows.num_rows().checked_sub(1)?);
        for row in (0..rows.num_rows()).rev() {
            let before = if row > 0 { id_at(&ids, row - 1) } else { self.pending_id.clone() };
            // A row without an id is a claim by itself.
            if later.is_none() || before != later {
                return Some(row);
            }
            later = before;
        }
        None
    }
}

fn id_at(ids: &Cell<'_>, row: usize) -> Option<Vec<u8>> {
    match ids.text_at(row, &mut Vec::new()) {
        Text::Is(id) => Some(id.to_vec()),
        Text::Absent | Text::NotUtf8(_) => None,
    }
}

/// The memory that rows take, about.
fn bytes_of(rows: &RecordBatch) -> usize {
    rows.columns().iter().map(|column| column.to_data().get_slice_memory_size().unwrap_or_default()).sum()
}

impl ClaimReader for ColumnarReader {
    fn name(&self) -> &str {
        &self.name
    }

    fn columns(&self) -> Columns {
        self.parser.layout().plan.columns
    }

    fn notices(&self) -> &[String] {
        &self.parser.layout().plan.notices
    }

    fn rows_make_claims(&self) -> bool {
        !self.parser.layout().is_nested()
    }

    fn next_chunk(&mut self) -> Result<Option<Chunk>, ReadError> {
        if let Some(error) = self.failed.take() {
            return Err(error);
        }
        loop {
            let rows = match self.batch() {
                Ok(Some(rows)) => rows,
                Ok(None) => return Ok((self.pending.count() > 0).then(|| self.take())),
                Err(error) if self.pending.count() == 0 => return Err(error),
                Err(error) => {
                    self.failed = Some(error);
                    return Ok(Some(self.take()));
                }
            };
            let nested = self.parser.layout().is_nested();
            let full = self.pending.count() + rows.num_rows() >= self.chunk_rows;
            let cut = match (full, nested) {
                (false, _) => None,
                (true, true) => Some(rows.num_rows()),
                (true, false) => self.last_cut(&rows),
            };
            match cut {
                Some(cut) => {
                    if cut > 0 {
                        self.add(rows.slice(0, cut));
                    }
                    let chunk = (self.pending.count() > 0).then(|| self.take());
                    if cut < rows.num_rows() {
                        self.add(rows.slice(cut, rows.num_rows() - cut));
                    }
                    if chunk.is_some() {
                        return Ok(chunk);
                    }
                }
                None => {
                    self.add(rows);
                    if self.pending.count() >= self.claim_rows {
                        return Ok(Some(self.take()));
                    }
                }
            }
        }
    }

    fn recycle(&mut self, _: Vec<u8>) {}

    fn parser(&self) -> Arc<dyn ChunkParser> {
        self.parser.clone()
    }
}

impl fmt::Debug for ColumnarReader {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "ColumnarReader({}, {} rows given out)", self.name, self.given)
    }
}

impl Damage {
    /// In the decoder's words, on one line of no more than is worth reading.
    pub(super) fn new(what: &dyn fmt::Display) -> Damage {
        let text = what.to_string();
        Damage(text.chars().map(|one| if one.is_control() { ' ' } else { one }).take(MAX_WORDS).collect())
    }

    /// The decoder itself failed. Damaged data does that: decoders trust lengths and counts in places.
    fn panicked() -> Damage {
        Damage("what it holds is inconsistent".to_owned())
    }
}

thread_local! {
    static DECODING: Flag<bool> = const { Flag::new(false) };
}

/// Whether a panic of this thread is that of a decoder of Parquet or Arrow: it has met damaged data, and becomes an error
/// that says so. A panic hook that tells of faults of the program has nothing to tell then.
pub fn panic_is_damage() -> bool {
    DECODING.get()
}

/// Calls a decoder; one that panics has met damaged data.
fn caught<T>(decode: impl FnOnce() -> T) -> Result<T, Damage> {
    let around = DECODING.replace(true);
    let decoded = catch_unwind(AssertUnwindSafe(decode));
    DECODING.set(around);
    decoded.map_err(|_| Damage::panicked())
}

fn unpanicked<T>(decode: impl FnOnce() -> Result<T, Fault>) -> Result<T, Fault> {
    caught(decode).map_err(Fault::Damaged)?
}

fn guarded<T, E: fmt::Display>(decode: impl FnOnce() -> Result<T, E>) -> Result<T, Damage> {
    caught(decode)?.map_err(|error| Damage::new(&error))
}

/// The input as a file that can be read in any order.
fn seekable(mut input: Input) -> Result<File, ReadError> {
    if let Some(path) = input.path() {
        return File::open(path).map_err(|source| ReadError::Open { name: path.display().to_string(), source });
    }
    let temporary = |source| ReadError::Temporary { directory: std::env::temp_dir().display().to_string(), source };
    let mut file = tempfile::tempfile().map_err(temporary)?;
    let mut block = Vec::new();
    while input.append(&mut block, BLOCK)? > 0 {
        file.write_all(&block).map_err(temporary)?;
        block.clear();
    }
    file.rewind().map_err(temporary)?;
    Ok(file)
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, clippy::panic, reason = "tests")]
    use super::*;
    use std::sync::{Mutex, mpsc};

    #[test]
    fn a_panic_is_damage_only_in_a_decoder() {
        let (told, heard) = mpsc::channel();
        let (own, told) = (std::thread::current().id(), Mutex::new(told));
        let before = std::panic::take_hook();
        // Other tests may panic meanwhile.
        std::panic::set_hook(Box::new(move |_| {
            if std::thread::current().id() == own {
                told.lock().unwrap().send(panic_is_damage()).unwrap();
            }
        }));
        let decoded = guarded(|| -> Result<(), String> { panic!("an offset that cannot be") });
        let other = catch_unwind(|| panic!("a fault of the program"));
        std::panic::set_hook(before);
        assert_eq!(decoded.unwrap_err().0, "what it holds is inconsistent");
        assert!(other.is_err());
        assert_eq!(heard.iter().collect::<Vec<_>>(), [true, false]);
    }
}
