//! Memory is taken for findings, never for a line: claims on which nothing is found are read and judged in what is there
//! from the batch before.
#![allow(clippy::unwrap_used, reason = "tests")]

use allocation_counter::measure;
use claims::ClaimBatch;
use cleanclaim::{BatchOutcome, Input, Memo, ReadOptions, Scrubber, embedded, open_reader};
use generate::{GenerateError, Generator, Made, Plan};
use std::io::{Cursor, Write};

/// How many allocations it took to read and to judge so many claims.
#[derive(Default, Debug)]
struct Taken {
    reading: u64,
    judging: u64,
    claims: u64,
}

/// Reads and judges what the generator writes, each chunk twice; it counts what the second time takes.
fn taken(write: impl Fn(&Generator<'_>, &mut dyn Write) -> Result<Made, GenerateError>) -> Taken {
    let codeset = embedded();
    let scrubber = Scrubber::builder(codeset.clone()).build().unwrap();
    let mut file = Vec::new();
    let plan = Plan { lines: 4000, error_rate: 0.0, ..Plan::default() };
    write(&Generator::new(&codeset, plan).unwrap(), &mut file).unwrap();
    let input = Input::from_reader("claims", Cursor::new(file)).unwrap();
    let mut reader = open_reader(input, &ReadOptions::default()).unwrap();
    let parser = reader.parser();
    let mut batch = ClaimBatch::new(reader.columns());
    let (mut memo, mut outcome) = (Memo::new(scrubber.codeset()), BatchOutcome::default());
    let (mut all, mut lines) = (Taken::default(), 0);
    while let Some(chunk) = reader.next_chunk().unwrap() {
        parser.parse(&chunk, &mut batch);
        scrubber.scrub_claims(&batch, &mut memo, &mut outcome);
        batch.clear();
        all.reading += measure(|| parser.parse(&chunk, &mut batch)).count_total;
        all.judging += measure(|| scrubber.scrub_claims(&batch, &mut memo, &mut outcome)).count_total;
        assert!(outcome.findings.is_empty());
        all.claims += batch.iter().count() as u64;
        lines += batch.iter().map(|claim| claim.lines().len()).sum::<usize>();
    }
    assert!(lines >= 4000);
    // What a batch needs as a whole, and what the few lines that a modifier releases have to say.
    assert!(all.judging < all.claims / 2, "{all:?}");
    all
}

#[test]
fn rows_take_none() {
    let all = taken(|generator, file| generator.write_csv(file, None));
    assert!(all.reading < 50, "{all:?}");
}

#[test]
fn segments_take_one_where_a_claim_has_much_to_join_alone() {
    let all = taken(|generator, file| generator.write_x12(file, None));
    assert!(all.reading < all.claims / 2, "{all:?}");
}

#[test]
fn json_takes_one_a_claim_at_most() {
    let all = taken(|generator, file| generator.write_ndjson(file, None));
    assert!(all.reading <= all.claims, "{all:?}");
}
