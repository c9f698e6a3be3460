//! How fast one thread reads CSV into claim batches: `cargo run --release -p cleanclaim-claims --example parse_speed`.
//!
//! Rows of about 115 bytes in 25 columns, three lines a claim, from memory: the reader's cutting and the parser are
//! timed apart, since the engine runs parsers on many threads beside one reader.

use cleanclaim_claims::{ClaimBatch, ClaimReader, CsvOptions, CsvReader, Input};
use std::fmt::Write;
use std::io::Cursor;
use std::time::{Duration, Instant};

fn main() -> Result<(), Box<dyn std::error::Error>> {
    let claims: u32 = std::env::args().nth(1).map_or(Ok(200_000), |text| text.parse())?;
    for (name, quote) in [("no quotes", ""), ("a quoted field a row", "\"")] {
        let text = rows(claims, quote)?;
        let (bytes, lines) = (text.len(), claims * 3);
        let (mut cut, mut parse, mut seen) = (Duration::MAX, Duration::MAX, 0);
        for _ in 0..5 {
            let input = Input::from_reader("memory", Cursor::new(text.clone()))?;
            let mut reader = CsvReader::new(input, CsvOptions::default())?;
            let (parser, mut batch) = (reader.parser(), ClaimBatch::default());
            let (mut cutting, mut parsing) = (Duration::ZERO, Duration::ZERO);
            seen = 0;
            loop {
                let begun = Instant::now();
                let chunk = reader.next_chunk()?;
                cutting += begun.elapsed();
                let Some(chunk) = chunk else { break };
                let begun = Instant::now();
                parser.parse(&chunk, &mut batch);
                parsing += begun.elapsed();
                seen += batch.lines.len();
                reader.recycle(chunk.into_bytes());
            }
            (cut, parse) = (cut.min(cutting), parse.min(parsing));
        }
        let rate = |time: Duration| f64::from(lines) / time.as_secs_f64() / 1e6;
        println!(
            "{name}: {seen} lines of {} bytes; cut {:.1} million lines/s, parse {:.2} million lines/s a thread",
            bytes as u32 / lines,
            rate(cut),
            rate(parse)
        );
    }
    Ok(())
}

fn rows(claims: u32, quote: &str) -> Result<String, std::fmt::Error> {
    let mut text = String::from(
        "claim_id,line_number,claim_type,payer_id,patient_id,birth_date,sex,billing_npi,rendering_npi,service_from,\
         service_to,place_of_service,procedure,modifier_1,modifier_2,units,charge,dx_pointers,state,claim_total,\
         dx_1,dx_2,dx_3,dx_4,note\n",
    );
    for claim in 0..claims {
        let day = 1 + claim % 28;
        for line in 1..=3u32 {
            let code = 99202 + (claim * 7 + line) % 14;
            let modifier = ["", "25", "59", ""][((claim + line) % 4) as usize];
            let charge = 40 + (claim * 31 + line * 17) % 400;
            writeln!(
                text,
                "CLM{claim:08},{line},P,PAYER1,{quote}P{claim:06}{quote},19{}0312,F,1234567893,,202401{day:02},,11,\
                 {code},{modifier},,1,{charge}.50,1:2,NY,,E1165,I10,{},,",
                30 + claim % 60,
                if claim % 2 == 0 { "M5450" } else { "" }
            )?;
        }
    }
    Ok(text)
}
