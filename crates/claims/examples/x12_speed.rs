//! How fast one thread reads an 837 into claim batches:
//! `cargo run --release -p cleanclaim-claims --example x12_speed -- FILE`.
//!
//! From memory; the reader's cutting and the parser are timed apart, since the engine runs parsers on many threads
//! beside one reader.

use cleanclaim_claims::{ClaimBatch, ClaimReader, Input, X12Options, X12Reader};
use std::io::Cursor;
use std::time::{Duration, Instant};

fn main() -> Result<(), Box<dyn std::error::Error>> {
    let path = std::env::args().nth(1).ok_or("give an 837: cleanclaim generate --format 837 --lines 500000 -o FILE")?;
    let text = std::fs::read(&path)?;
    let (mut cut, mut parse) = (Duration::MAX, Duration::MAX);
    let (mut claims, mut lines) = (0, 0);
    for _ in 0..5 {
        let input = Input::from_reader("memory", Cursor::new(text.clone()))?;
        let mut reader = X12Reader::new(input, X12Options::default())?;
        let (parser, mut batch) = (reader.parser(), ClaimBatch::default());
        let (mut cutting, mut parsing) = (Duration::ZERO, Duration::ZERO);
        (claims, lines) = (0, 0);
        loop {
            let begun = Instant::now();
            let chunk = reader.next_chunk()?;
            cutting += begun.elapsed();
            let Some(chunk) = chunk else { break };
            let begun = Instant::now();
            parser.parse(&chunk, &mut batch);
            parsing += begun.elapsed();
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
