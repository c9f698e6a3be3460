//! Claims of any format, written in one.

use claims::{Chunk, ClaimBatch, ClaimReader, ReadError, input_fields, write_claim};
#[cfg(feature = "parquet")]
use claims::{ParquetRows, ParquetWriter};
use rayon::prelude::*;
use std::io::{self, Write};
use std::ops::AddAssign;

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
/// When the input cannot be read further or the claims cannot be written.
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
/// When a reader cannot be opened or read further, or the claims cannot be written.
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
    for reader in readers {
        let write =
            |rows: io::Result<ParquetRows>| rows.and_then(|rows| writer.write(&rows, out)).map_err(ConvertError::Write);
        all += convert(&mut *reader?, pool, ParquetRows::of, write)?;
    }
    writer.finish(out).map_err(written)?;
    Ok(all)
}

/// Hands every batch of a reader to `render`, on the pool, and what comes of it to `write`, in input order.
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
    loop {
        let mut chunks: Vec<Chunk> = Vec::with_capacity(batches.len());
        while chunks.len() < batches.len()
            && let Some(chunk) = reader.next_chunk()?
        {
            chunks.push(chunk);
        }
        if chunks.is_empty() {
            return Ok(all);
        }
        let parts: Vec<(Converted, Part)> = pool.install(|| {
            let work = chunks.par_iter().zip(batches.par_iter_mut());
            work.map(|(chunk, batch)| {
                parser.parse(chunk, batch);
                (Converted::of(batch), render(batch))
            })
            .collect()
        });
        for (converted, part) in parts {
            all += converted;
            write(part)?;
        }
        chunks.into_iter().for_each(|chunk| reader.recycle(chunk.into_bytes()));
    }
}
