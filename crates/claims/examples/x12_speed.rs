//! How fast one thread reads an 837 into claim batches:
//! `cargo run --release -p cleanclaim-claims --example x12_speed -- FILE`.
//!
//! From memory; the reader's cutting and the parser are timed apart, since the engine runs parsers on many threads
//! beside one reader. Time is the thread's own on a processor where the system tells it (Linux), so that what else runs
//! there matters little.

use cleanclaim_claims::{ClaimBatch, ClaimReader, Input, X12Options, X12Reader};
use std::io::Cursor;
use std::time::{Duration, Instant};

/// How long this thread has run.
fn busy(begun: Instant) -> Duration {
    let told = std::fs::read_to_string("/proc/thread-self/schedstat").ok();
    let nanoseconds = told.and_then(|told| told.split(' ').next()?.parse().ok());
    nanoseconds.map_or_else(|| begun.elapsed(), Duration::from_nanos)
}

fn main() -> Result<(), Box<dyn std::error::Error>> {
    let path =
        std::env::args().nth(1).ok_or("give an 837: cleanclaim generate --format 837p --lines 500000 -o FILE")?;
    let text = std::fs::read(&path)?;
    let begun = Instant::now();
    let (mut cut, mut parse) = (Duration::MAX, Duration::MAX);
    let (mut claims, mut lines) = (0, 0);
    for _ in 0..5 {
        let input = Input::from_reader("memory", Cursor::new(text.clone()))?;
        let mut reader = X12Reader::new(input, X12Options::default())?;
        let (parser, mut batch) = (reader.parser(), ClaimBatch::default());
        let (mut cutting, mut parsing) = (Duration::ZERO, Duration::ZERO);
        (claims, lines) = (0, 0);
        loop {
            let before = busy(begun);
            let chunk = reader.next_chunk()?;
            let between = busy(begun);
            cutting += between - before;
            let Some(chunk) = chunk else { break };
            parser.parse(&chunk, &mut batch);
            parsing += busy(begun) - between;
            claims += batch.claims.len();
            lines += batch.lines.len();
            reader.recycle(chunk.into_bytes());
        }
        (cut, parse) = (cut.min(cutting), parse.min(parsing));
    }
    let rate = |time: Duration| text.len() as f64 / time.as_secs_f64() / 1e6;
    let of_lines = |time: Duration| lines as f64 / time.as_secs_f64() / 1e6;
    println!(
        "{claims} claims, {lines} lines, {:.1} MB; cut {:.0} MB/s ({:.1} million lines/s), parse {:.0} MB/s ({:.2} \
         million lines/s) a thread",
        text.len() as f64 / 1e6,
        rate(cut),
        of_lines(cut),
        rate(parse),
        of_lines(parse)
    );
    Ok(())
}
