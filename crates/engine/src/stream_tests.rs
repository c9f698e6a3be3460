//! How a run takes turns between an input, its workers and an output.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, reason = "tests")]

use crate::memo::Memo;
use crate::tests::{builder, codeset, reader_of};
use crate::{BatchOutcome, ChoiceError, Run, RunError, Scrubber, compare, explain};
use claims::{Chunk, ChunkParser, Claim, ClaimBatch, ClaimReader, Columns, CsvReader, Line, ReadError};
use codeset::{Codeset, ImageBuilder};
use edits::{ProviderIdentity, Settings};
use policy::{Policy, SiteFile};
use report::Format;
use std::io::{self, Cursor, Read, Write};
use std::sync::{Arc, mpsc};
use std::time::Duration;

const HEADER: &str = "claim_id,procedure,service_from,dx_1\n";

/// Rows of claims, each of which has an incomplete diagnosis.
fn rows(claims: usize) -> String {
    (0..claims).map(|number| format!("C{number},99213,20251103,E11\n")).collect()
}

/// An input that has no more to give until something was written.
struct Waits {
    text: Cursor<String>,
    rest: Option<String>,
    written: mpsc::Receiver<()>,
}

impl Read for Waits {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        match self.text.read(buffer)? {
            0 => {
                let Some(rest) = self.rest.take() else { return Ok(0) };
                // So long only where this fails.
                self.written.recv_timeout(Duration::from_secs(60)).map_err(io::Error::other)?;
                self.text = Cursor::new(rest);
                self.text.read(buffer)
            }
            read => Ok(read),
        }
    }
}

/// An output that tells when it is written to.
struct Tells(mpsc::Sender<()>);

impl Write for Tells {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        let _ = self.0.send(());
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

#[test]
fn what_is_done_is_written_while_the_input_is_waited_for() {
    let scrubber = builder().select("DX002").build().unwrap();
    for threads in [1, 3] {
        let pool = rayon::ThreadPoolBuilder::new().num_threads(threads).build().unwrap();
        let (tell, written) = mpsc::channel();
        // More than is looked at to tell what the input is.
        let text = Cursor::new(HEADER.to_owned() + &rows(5_000));
        let mut reader = reader_of(Waits { text, rest: Some(rows(10)), written }, 4_000);
        let (mut run, mut out) = (Run::new(&scrubber, &pool, Format::Ndjson), Tells(tell));
        run.input(&mut reader, &mut out).unwrap();
        assert_eq!(run.finish(&mut out).unwrap().tally.claims_read, 5_010, "{threads} threads");
    }
}

/// A reader that panics after some chunks, or when it is given memory back, with a parser of its own.
struct Flawed {
    reader: CsvReader,
    parser: Arc<dyn ChunkParser>,
    chunks: usize,
    recycles: bool,
}

impl ClaimReader for Flawed {
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
        self.chunks = self.chunks.checked_sub(1).expect("a flaw of the reader");
        self.reader.next_chunk()
    }

    fn recycle(&mut self, bytes: Vec<u8>) {
        assert!(self.recycles, "a flaw of the reader");
        self.reader.recycle(bytes);
    }

    fn parser(&self) -> Arc<dyn ChunkParser> {
        self.parser.clone()
    }
}

/// A parser that panics on the chunk at some offset.
struct FlawedParser {
    parser: Arc<dyn ChunkParser>,
    offset: u64,
}

impl ChunkParser for FlawedParser {
    fn parse(&self, chunk: &Chunk, batch: &mut ClaimBatch) {
        if chunk.place().offset == self.offset {
            panic!("a flaw of the parser");
        }
        self.parser.parse(chunk, batch);
    }
}

#[test]
fn a_panic_outside_of_edits_ends_the_run_with_its_place_and_keeps_what_came_before() {
    let row = |id: &str| format!("{id:_<4},99213,20251103,E11\n");
    // Claims of one chunk each (a chunk grows to 64 bytes, two whole rows, before it can be cut).
    let text = [HEADER, &row("A"), &row("B"), &row("C"), &row("D"), &row("E"), &row("F")].concat();
    let scrubber = builder().select("DX002").build().unwrap();
    let offset = (HEADER.len() + 3 * row("A").len()) as u64;
    let reader = reader_of(Cursor::new(text), 1);
    let parser = reader.parser();
    let mut flawed =
        Flawed { reader, parser: Arc::new(FlawedParser { parser, offset }), chunks: usize::MAX, recycles: true };
    let pool = rayon::ThreadPoolBuilder::new().num_threads(2).build().unwrap();
    let (mut run, mut out) = (Run::new(&scrubber, &pool, Format::Ndjson), Vec::new());
    let ended = run.input(&mut flawed, &mut out);
    let Err(RunError::Internal { file, offset: told }) = &ended else { panic!("{ended:?}") };
    assert_eq!((file.as_str(), *told), ("claims.csv", offset));
    let tally = run.finish(&mut out).unwrap().tally;
    assert_eq!((tally.claims_read, tally.claims_with_errors), (3, 3));
    assert_eq!(String::from_utf8(out).unwrap().lines().count(), 3);
}

#[test]
fn a_panic_of_a_reader_ends_the_run_and_keeps_what_came_before() {
    let scrubber = builder().select("DX002").build().unwrap();
    let pool = rayon::ThreadPoolBuilder::new().num_threads(2).build().unwrap();
    let text = HEADER.to_owned() + &rows(5_000);
    let mut reader = reader_of(Cursor::new(text.clone()), 4_000);
    let parser = reader.parser();
    let mut chunks = std::iter::from_fn(|| reader.next_chunk().unwrap());
    let (mut kept, mut last) = (ClaimBatch::default(), 0);
    let mut claims = 0;
    for chunk in chunks.by_ref().take(3) {
        last = chunk.place().offset;
        parser.parse(&chunk, &mut kept);
        claims += kept.claims.len() as u64;
    }
    let (mut run, mut out) = (Run::new(&scrubber, &pool, Format::Ndjson), Vec::new());
    let reader = reader_of(Cursor::new(text), 4_000);
    let ended = run.input(&mut Flawed { reader, parser, chunks: 3, recycles: true }, &mut out);
    let Err(RunError::Internal { file, offset }) = &ended else { panic!("{ended:?}") };
    assert_eq!((file.as_str(), *offset), ("claims.csv", last));
    assert_eq!(run.finish(&mut out).unwrap().tally.claims_read, claims);
    assert_eq!(String::from_utf8(out).unwrap().lines().count() as u64, claims);
}

#[test]
fn a_panic_of_a_reader_that_is_given_memory_back_ends_the_run_too() {
    let scrubber = builder().select("DX002").build().unwrap();
    let pool = rayon::ThreadPoolBuilder::new().num_threads(2).build().unwrap();
    let text = HEADER.to_owned() + &rows(5_000);
    let (ended, claims_read) = {
        let reader = reader_of(Cursor::new(text), 4_000);
        let parser = reader.parser();
        let mut flawed = Flawed { reader, parser, chunks: usize::MAX, recycles: false };
        let (mut run, mut out) = (Run::new(&scrubber, &pool, Format::Ndjson), Vec::new());
        let ended = run.input(&mut flawed, &mut out);
        (ended, run.finish(&mut out).unwrap().tally.claims_read)
    };
    assert!(matches!(ended, Err(RunError::Internal { .. })), "{ended:?}");
    // The first worker to have parsed a chunk gives its memory back.
    assert!(0 < claims_read && claims_read < 5_000, "{claims_read}");
}

#[test]
fn a_memo_that_another_scrubber_or_input_used_counts_as_a_new_one() {
    let line =
        Line { procedure: Some("99213".to_owned()), service_from: Some("2025-11-03".to_owned()), ..Line::default() };
    let diagnoses = vec!["E11.9".to_owned(), "I10".to_owned()];
    let claim = Claim { claim_id: "A".to_owned(), diagnoses, lines: vec![line.clone(), line], ..Claim::default() };
    let codeset = codeset();
    let scrubbers = [&["PTP", "MUE"][..], &["MUE", "PX"], &["PTP", "MUE"]].map(|selected| {
        selected.iter().fold(Scrubber::builder(codeset.clone()), |builder, &edit| builder.select(edit)).build().unwrap()
    });
    let mut memo = Memo::new(&codeset);
    let mut told = 0;
    for scrubber in &scrubbers {
        for columns in [Columns::ALL, Columns::default()] {
            let mut batch = ClaimBatch::new(columns);
            batch.push(&claim);
            let count = |memo: &mut Memo<'_>| {
                let mut outcome = BatchOutcome::default();
                scrubber.scrub_claims(&batch, memo, &mut outcome);
                outcome.counts
            };
            let counts = count(&mut memo);
            assert_eq!(counts, count(&mut Memo::new(&codeset)));
            assert_eq!(counts, count(&mut memo));
            told += counts.iter().map(|own| own.not_evaluated.len()).sum::<usize>();
        }
    }
    assert!(told > 20, "{told}");
}

#[test]
fn a_memo_in_front_of_another_codeset_is_not_asked() {
    let line =
        Line { procedure: Some("99213".to_owned()), service_from: Some("2025-11-03".to_owned()), ..Line::default() };
    let diagnoses = vec!["E11".to_owned()];
    let claim = Claim { claim_id: "A".to_owned(), diagnoses, lines: vec![line], ..Claim::default() };
    let mut batch = ClaimBatch::new(Columns::ALL);
    batch.push(&claim);
    let scrubber = builder().build().unwrap();
    let empty = Codeset::from_bytes(&ImageBuilder::new().finish().unwrap()).unwrap();
    let outcome = |memo: &mut Memo<'_>| {
        let mut outcome = BatchOutcome::default();
        scrubber.scrub_claims(&batch, memo, &mut outcome);
        outcome
    };
    let (own, other) = (outcome(&mut Memo::new(scrubber.codeset())), outcome(&mut Memo::new(&empty)));
    assert!(!own.findings.is_empty());
    assert_eq!((own.findings, own.counts), (other.findings, other.counts));
}

#[test]
fn a_policy_of_another_codeset_explains_nothing() {
    let text = r#"
        [policy]
        id = "T"
        version = "1"
        name = "Test"
        source = "none"
        [applies]
        payers = ["*"]
        [[edit]]
        id = "T001"
        title = "A procedure of the policy"
        fails_when = 'line.procedure in ["99213"]'
        message = "It is"
        fix = "Leave it out."
    "#;
    let (policy, _) = Policy::parse("t.toml", text, &codeset()).unwrap();
    let explained = |codeset: &Codeset| {
        let (mut claims, mut reader) = (0, reader_of(Cursor::new(HEADER.to_owned() + &rows(2)), 4_000));
        explain(codeset, &policy, 0, &mut reader, &mut |_| claims += 1).map(|()| claims)
    };
    assert_eq!(explained(&codeset()).unwrap(), 2);
    let empty = Codeset::from_bytes(&ImageBuilder::new().finish().unwrap()).unwrap();
    let ended = explained(&empty);
    assert!(matches!(ended, Err(RunError::Choice(ChoiceError::OtherCodeset { .. }))), "{ended:?}");
}

#[test]
fn a_panic_of_a_parser_ends_a_comparison_with_its_place() {
    let scrubber = builder().select("DX002").build().unwrap();
    let reader = reader_of(Cursor::new(HEADER.to_owned() + &rows(2)), 4_000);
    let (offset, parser) = (HEADER.len() as u64, reader.parser());
    let mut flawed =
        Flawed { reader, parser: Arc::new(FlawedParser { parser, offset }), chunks: usize::MAX, recycles: true };
    let ended = compare(&scrubber, &scrubber, &mut flawed, &mut |_| {});
    assert!(matches!(ended, Err(RunError::Internal { offset: told, .. }) if told == offset), "{ended:?}");
}

#[test]
fn a_site_says_nothing_of_what_it_does_not_name() {
    let site = |text: &str| SiteFile::parse("cleanclaim.toml", text).check(None).unwrap();
    let chosen = Settings { requires_ndc: true, provider_identity: ProviderIdentity::Billing, ..Settings::DEFAULT };
    let before = builder().show_bypassed(true).settings(chosen);
    let silent = format!("{:?}", before.clone().site(&site("")));
    assert_eq!(silent, format!("{before:?}"));
    let named = site("[scrub]\nshow = [\"suppressed\"]\n[settings]\nfollows_medicare = false\n");
    let expected = before.clone().show_suppressed(true).settings(Settings { follows_medicare: false, ..chosen });
    assert_eq!(format!("{:?}", before.site(&named)), format!("{expected:?}"));
}
