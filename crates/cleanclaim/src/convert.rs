//! Claims of any format, written in one.

use claims::{Chunk, ClaimBatch, ClaimReader, ReadError, input_fields, write_claim};
#[cfg(feature = "parquet")]
use claims::{ParquetRows, ParquetWriter};
use rayon::prelude::*;
use std::io::{self, Write};
use std::ops::AddAssign;
use std::panic::{AssertUnwindSafe, catch_unwind};

/// Why converting stopped.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum ConvertError {
    /// An input could not be read further.
    #[error(transparent)]
    Read(#[from] ReadError),
    /// The claims could not be written.
    #[error("cannot write claims: {0}")]
    Write(#[source] io::Error),
    /// A part of the program itself failed.
    #[error("internal error while reading {file} from byte {offset}; the rest was not converted. Please report it")]
    Internal {
        /// The input.
        file: String,
        /// Where the chunk begins that could not be handled.
        offset: u64,
    },
}

/// What was converted.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub struct Converted {
    /// Claims, those not read whole among them.
    pub claims: u64,
    /// Their lines.
    pub lines: u64,
    /// Claims that could not be read whole, and are marked so.
    pub unreadable: u64,
    /// What could not be read in claims.
    pub problems: u64,
    /// What could not be read outside of claims, and is not written.
    pub outside: u64,
}

impl AddAssign for Converted {
    fn add_assign(&mut self, other: Converted) {
        self.claims += other.claims;
        self.lines += other.lines;
        self.unreadable += other.unreadable;
        self.problems += other.problems;
        self.outside += other.outside;
    }
}

impl Converted {
    fn of(batch: &ClaimBatch) -> Converted {
        Converted {
            claims: batch.claims.len() as u64,
            lines: batch.lines.len() as u64,
            unreadable: batch.claims.iter().filter(|claim| claim.unreadable).count() as u64,
            problems: batch.problems.len() as u64,
            outside: batch.outside.len() as u64,
        }
    }
}

/// Writes all claims of a reader as JSON of cleanclaim's schema, one a line, in input order. Every value is written as
/// it was understood; what could not be understood, as it stood. The first claim says which fields the input could give at
/// all, where that is not every one ([`input_fields`]). Memory does not grow with the input, and the output is the same at
/// any number of threads.
///
/// # Errors
/// When the input cannot be read further or the claims cannot be written. What was read before is written.
///
/// ```
/// use cleanclaim::{Input, ReadOptions, convert_to_ndjson, open_reader};
/// let text = "claim_id,procedure,service_from,units,dx_1\nC1,99213,20251103,2,e11.9\n";
/// let mut reader = open_reader(Input::from_reader("claims", text.as_bytes())?, &ReadOptions::default())?;
/// let (pool, mut out) = (rayon::ThreadPoolBuilder::new().build()?, Vec::new());
/// let converted = convert_to_ndjson(&mut *reader, &pool, &mut out)?;
/// assert_eq!(converted.claims, 1);
/// assert!(String::from_utf8(out)?.contains(r#""service_from":"2025-11-03""#));
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
pub fn convert_to_ndjson(
    reader: &mut dyn ClaimReader,
    pool: &rayon::ThreadPool,
    out: &mut dyn Write,
) -> Result<Converted, ConvertError> {
    let render = |batch: &ClaimBatch| {
        let mut text = Vec::new();
        batch.iter().for_each(|claim| write_claim(&claim, &mut text));
        text
    };
    let mut given = input_fields(reader.columns());
    let write = |mut text: Vec<u8>| {
        if !text.is_empty()
            && let Some(given) = given.take()
        {
            drop(text.splice(1..1, given.into_bytes()));
        }
        out.write_all(&text).map_err(ConvertError::Write)
    };
    convert(reader, pool, render, write)
}

/// Writes all claims of these readers as one Parquet file, a row a claim, its lines nested: see [`ParquetWriter`], and
/// [`convert_to_ndjson`] for the rest.
///
/// # Errors
/// When a reader cannot be opened or read further, or the claims cannot be written. Unless it is writing that fails, what
/// was read before stands in a file that is whole.
///
/// ```
/// use cleanclaim::{ConvertError, Input, ReadOptions, convert_to_parquet, open_reader};
/// let text = "claim_id,procedure,service_from,units,dx_1\nC1,99213,20251103,2,e11.9\n";
/// let reader = open_reader(Input::from_reader("claims", text.as_bytes())?, &ReadOptions::default())?;
/// let (pool, mut out) = (rayon::ThreadPoolBuilder::new().build()?, Vec::new());
/// let converted = convert_to_parquet([Ok::<_, ConvertError>(reader)], &pool, &mut out)?;
/// assert_eq!(converted.claims, 1);
/// assert!(out.starts_with(b"PAR1"));
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[cfg(feature = "parquet")]
pub fn convert_to_parquet<E: From<ConvertError>>(
    readers: impl IntoIterator<Item = Result<Box<dyn ClaimReader>, E>>,
    pool: &rayon::ThreadPool,
    out: &mut dyn Write,
) -> Result<Converted, E> {
    let written = |error| E::from(ConvertError::Write(error));
    let mut writer = ParquetWriter::new().map_err(written)?;
    let mut all = Converted::default();
    let mut ended = Ok(());
    for reader in readers {
        let write =
            |rows: io::Result<ParquetRows>| rows.and_then(|rows| writer.write(&rows, out)).map_err(ConvertError::Write);
        let converted = match reader {
            Ok(mut reader) => match convert(&mut *reader, pool, ParquetRows::of, write) {
                // Nothing more can be written.
                Err(error @ ConvertError::Write(_)) => return Err(error.into()),
                converted => converted.map_err(E::from),
            },
            Err(error) => Err(error),
        };
        match converted {
            Ok(converted) => all += converted,
            Err(error) => {
                ended = Err(error);
                break;
            }
        }
    }
    // Without its end no reader can open the file.
    let finished = writer.finish(out).map_err(written);
    ended.and(finished).map(|()| all)
}

/// Hands every batch of a reader to `render`, on the pool, and what comes of it to `write`, in input order, up to where the
/// input cannot be read further.
pub(crate) fn convert<Part: Send>(
    reader: &mut dyn ClaimReader,
    pool: &rayon::ThreadPool,
    render: impl Fn(&ClaimBatch) -> Part + Sync,
    mut write: impl FnMut(Part) -> Result<(), ConvertError>,
) -> Result<Converted, ConvertError> {
    let parser = reader.parser();
    let mut all = Converted::default();
    let mut batches: Vec<ClaimBatch> = Vec::new();
    batches.resize_with(2 * pool.current_num_threads().max(1), ClaimBatch::default);
    let internal = |file: &str, offset| ConvertError::Internal { file: file.to_owned(), offset };
    let (file, mut offset) = (reader.name().to_owned(), 0);
    let mut ended = None;
    while ended.is_none() {
        let mut chunks: Vec<Chunk> = Vec::with_capacity(batches.len());
        while chunks.len() < batches.len() && ended.is_none() {
            match catch_unwind(AssertUnwindSafe(|| reader.next_chunk())) {
                Ok(Ok(Some(chunk))) => {
                    offset = chunk.place().offset;
                    chunks.push(chunk);
                }
                Ok(Ok(None)) => ended = Some(Ok(())),
                Ok(Err(error)) => ended = Some(Err(error.into())),
                Err(_) => ended = Some(Err(internal(&file, offset))),
            }
        }
        let parts: Vec<Option<(Converted, Part)>> = pool.install(|| {
            let work = chunks.par_iter().zip(batches.par_iter_mut());
            let part = |(chunk, batch): (&Chunk, &mut ClaimBatch)| {
                parser.parse(chunk, batch);
                (Converted::of(batch), render(batch))
            };
            work.map(|both| catch_unwind(AssertUnwindSafe(|| part(both))).ok()).collect()
        });
        for (part, chunk) in parts.into_iter().zip(&chunks) {
            let (converted, part) = part.ok_or_else(|| internal(&file, chunk.place().offset))?;
            write(part)?;
            all += converted;
        }
        chunks.into_iter().for_each(|chunk| reader.recycle(chunk.into_bytes()));
    }
    ended.unwrap_or(Ok(())).map(|()| all)
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, clippy::panic, reason = "tests")]
    use super::*;
    use claims::{ChunkParser, Columns, CsvOptions, CsvReader, Input};
    use std::io::{Cursor, Read};
    use std::sync::Arc;

    const CLAIMS: usize = 2_000;

    fn text() -> String {
        let row = |number| format!("C{number},99213,20251103,I10\n");
        (0..CLAIMS).fold("claim_id,procedure,service_from,dx_1\n".to_owned(), |text, number| text + &row(number))
    }

    fn reader(input: impl Read + Send + 'static) -> CsvReader {
        let options = CsvOptions { chunk_bytes: 3_000, ..CsvOptions::default() };
        CsvReader::new(Input::from_reader("claims.csv", input).unwrap(), options).unwrap()
    }

    /// How converting ended, and the claims written, for some numbers of threads.
    fn converted(mut open: impl FnMut() -> Box<dyn ClaimReader>) -> Vec<(Result<Converted, ConvertError>, usize)> {
        let convert = |threads| {
            let pool = rayon::ThreadPoolBuilder::new().num_threads(threads).build().unwrap();
            let mut out = Vec::new();
            let ended = convert_to_ndjson(&mut *open(), &pool, &mut out);
            (ended, String::from_utf8(out).unwrap().lines().count())
        };
        [1, 3, 16].map(convert).into()
    }

    /// Gives the text and then fails, as a disk or a connection does.
    struct Broken(Cursor<String>);

    impl Read for Broken {
        fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
            match self.0.read(buffer)? {
                0 => Err(io::ErrorKind::ConnectionReset.into()),
                read => Ok(read),
            }
        }
    }

    #[test]
    fn what_was_read_before_an_input_fails_is_written_at_any_number_of_threads() {
        for (ended, written) in converted(|| Box::new(reader(Broken(Cursor::new(text()))))) {
            assert!(matches!(ended, Err(ConvertError::Read(_))), "{ended:?}");
            // Of the last claim there might have been more.
            assert_eq!(written, CLAIMS - 1);
        }
    }

    /// A parser that panics on the second chunk.
    struct Flawed(CsvReader);

    struct FlawedParser(Arc<dyn ChunkParser>);

    impl ChunkParser for FlawedParser {
        fn parse(&self, chunk: &Chunk, batch: &mut ClaimBatch) {
            assert!(chunk.place().row == 2, "a flaw of the parser");
            self.0.parse(chunk, batch);
        }
    }

    impl ClaimReader for Flawed {
        fn name(&self) -> &str {
            self.0.name()
        }

        fn columns(&self) -> Columns {
            self.0.columns()
        }

        fn notices(&self) -> &[String] {
            self.0.notices()
        }

        fn next_chunk(&mut self) -> Result<Option<Chunk>, ReadError> {
            self.0.next_chunk()
        }

        fn recycle(&mut self, bytes: Vec<u8>) {
            self.0.recycle(bytes);
        }

        fn parser(&self) -> Arc<dyn ChunkParser> {
            Arc::new(FlawedParser(self.0.parser()))
        }
    }

    #[cfg(feature = "parquet")]
    #[test]
    fn what_was_read_before_an_input_fails_is_a_parquet_file_that_can_be_read() {
        let pool = rayon::ThreadPoolBuilder::new().num_threads(3).build().unwrap();
        let missing = || Err(ConvertError::Read(Input::open("/no/such/file").unwrap_err()));
        let whole = || Ok(Box::new(reader(Cursor::new(text()))) as Box<dyn ClaimReader>);
        let broken = || Ok(Box::new(reader(Broken(Cursor::new(text())))) as Box<dyn ClaimReader>);
        for (readers, claims) in
            [(vec![broken(), whole()], CLAIMS - 1), (vec![whole(), missing()], CLAIMS), (vec![missing()], 0)]
        {
            let mut out = Vec::new();
            let ended: Result<Converted, ConvertError> = convert_to_parquet(readers, &pool, &mut out);
            assert!(matches!(ended, Err(ConvertError::Read(_))), "{ended:?}");
            let options = claims::ColumnarOptions::default();
            let input = Input::from_reader("claims.parquet", Cursor::new(out)).unwrap();
            let mut reader = claims::ColumnarReader::new(input, options).unwrap();
            let read = convert_to_ndjson(&mut reader, &pool, &mut Vec::new()).unwrap();
            assert_eq!(read.claims, claims as u64);
        }
    }

    #[test]
    fn a_panic_of_a_parser_is_told_with_its_place_and_what_came_before_is_written() {
        let first = reader(Cursor::new(text())).next_chunk().unwrap().unwrap();
        for (ended, written) in converted(|| Box::new(Flawed(reader(Cursor::new(text()))))) {
            let Err(ConvertError::Internal { offset, .. }) = ended else { panic!("{ended:?}") };
            assert_eq!(offset, (text().find('\n').unwrap() + 1 + first.len()) as u64);
            assert!(0 < written && written < CLAIMS);
        }
    }
}
