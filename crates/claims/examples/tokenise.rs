//! The bare speed of cutting a CSV into fields, by the crate `simd-csv`, on as many threads as the machine has or as are
//! given: `cargo run --release -p cleanclaim-claims --example tokenise -- FILE [THREADS]`.
//!
//! Every thread reads its own part of the file, cut at line ends, and looks at each field's length. Nothing is parsed, looked
//! up or written: it is the floor that `benches/compare/run.py` compares a whole scrub with. Prints seconds, rows and fields.

use simd_csv::ZeroCopyReaderBuilder;
use std::fs::File;
use std::io::{BufRead, BufReader, Read, Seek, SeekFrom};
use std::time::Instant;

type Fallible<T> = Result<T, Box<dyn std::error::Error + Send + Sync>>;

fn main() -> Fallible<()> {
    let mut arguments = std::env::args().skip(1);
    let path = arguments.next().ok_or("give a CSV file")?;
    let threads = match arguments.next() {
        Some(text) => text.parse()?,
        None => std::thread::available_parallelism()?.get() as u64,
    };
    let begun = Instant::now();
    let size = std::fs::metadata(&path)?.len();
    // Each part ends where the next begins: after the first line end from its share of the bytes on.
    let mut starts = vec![0];
    for part in 1..threads {
        let mut file = BufReader::new(File::open(&path)?);
        let mut start = file.seek(SeekFrom::Start(size * part / threads))?;
        start += file.read_until(b'\n', &mut Vec::new())? as u64;
        starts.push(start);
    }
    starts.push(size);
    let (rows, fields, bytes) = std::thread::scope(|scope| {
        let parts: Vec<_> = starts
            .windows(2)
            .map(|part| {
                let (path, start, end) = (&path, part[0], part[1]);
                scope.spawn(move || tokenise(path, start, end))
            })
            .collect();
        parts.into_iter().try_fold((0, 0, 0), |all, part| -> Fallible<(u64, u64, u64)> {
            let own = part.join().map_err(|_| "a thread failed")??;
            Ok((all.0 + own.0, all.1 + own.1, all.2 + own.2))
        })
    })?;
    let seconds = begun.elapsed().as_secs_f64();
    println!("{seconds:.3} seconds, {rows} rows, {fields} fields of {bytes} bytes, {threads} threads");
    Ok(())
}

/// Rows, fields and bytes of fields between the two places.
fn tokenise(path: &str, start: u64, end: u64) -> Fallible<(u64, u64, u64)> {
    let mut file = File::open(path)?;
    file.seek(SeekFrom::Start(start))?;
    let mut reader =
        ZeroCopyReaderBuilder::new().has_headers(false).buffer_capacity(1 << 20).from_reader(file.take(end - start));
    let (mut rows, mut fields, mut bytes) = (0, 0, 0);
    while let Some(record) = reader.read_byte_record()? {
        rows += 1;
        for field in record.iter() {
            fields += 1;
            bytes += field.len() as u64;
        }
    }
    Ok((rows, fields, bytes))
}
