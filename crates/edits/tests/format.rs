//! The format edits on inputs that no Markdown case can hold: bytes that are not UTF-8, and rows too long.

#![allow(clippy::unwrap_used, clippy::panic, missing_docs)]

use claims::{ClaimBatch, ClaimReader, CsvOptions, CsvReader, Input};
use cleanclaim_edits::{Counts, FactsBuilder, Recorder, Scratch, Show, fmt, registry};
use codeset::{Codeset, ImageBuilder};

/// What the format edits say of an input: claim id, edit and message.
fn findings(csv: &[u8]) -> Vec<(String, String, String)> {
    let input = Input::from_reader("claims.csv", std::io::Cursor::new(csv.to_vec())).unwrap();
    let mut reader = CsvReader::new(input, CsvOptions::default()).unwrap();
    let mut batch = ClaimBatch::new(reader.columns());
    let parser = reader.parser();
    let codeset = Codeset::from_bytes(&ImageBuilder::new().finish().unwrap()).unwrap();
    let mut told = Vec::new();
    while let Some(chunk) = reader.next_chunk().unwrap() {
        parser.parse(&chunk, &mut batch);
        let mut builder = FactsBuilder::new(&codeset);
        for claim in batch.iter() {
            let facts = builder.build(claim, &mut &codeset);
            for edit in registry::all().into_iter().filter(|edit| fmt::is_format_edit(edit.info())) {
                let (mut findings, mut scratch, mut counts) = (Vec::new(), Scratch::default(), Counts::default());
                let mut recorder = Recorder::new(&facts, 0, Show::default(), &mut findings, &mut scratch);
                if facts.could_fire(edit.info().fires) {
                    edit.check(&facts, &mut recorder);
                }
                recorder.finish(&mut counts);
                assert_eq!((counts.fail, counts.pass), (u64::from(!findings.is_empty()), 0));
                let message = |finding: &cleanclaim_edits::Finding| finding.message(edit.info()).to_string();
                let of = (claim.id().to_owned(), edit.info().id.to_string());
                told.extend(findings.iter().map(|finding| (of.0.clone(), of.1.clone(), message(finding))));
            }
        }
    }
    told
}

const HEADER: &[u8] = b"claim_id,claim_type,procedure,service_from,dx_1,note\n";

#[test]
fn a_row_that_is_not_utf8_is_told_with_its_byte() {
    let csv = [HEADER, b"c1,P,99213,2024-03-05,E119,caf\xe9\n", b"c2,P,99213,2024-03-05,E119,tea\n"].concat();
    let [(claim, edit, message)] = &findings(&csv)[..] else { panic!("one finding") };
    assert_eq!((claim.as_str(), edit.as_str()), ("c1", "FMT002"));
    assert!(message.starts_with("Row 2 is not UTF-8 from its byte 30 on (counted from 0);"), "{message}");
}

#[test]
fn a_field_that_is_too_long_is_told_with_the_limit() {
    let long = vec![b'x'; 100_000];
    let csv = [HEADER, b"c1,P,99213,2024-03-05,E119,", &long, b"\nc2,P,99213,2024-03-05,E119,tea\n"].concat();
    let [(claim, edit, message)] = &findings(&csv)[..] else { panic!("one finding") };
    assert_eq!((claim.as_str(), edit.as_str()), ("c1", "FMT007"));
    assert!(message.starts_with("Row or segment 2, or a part of it, is longer than 65536 bytes;"), "{message}");
}

#[test]
fn an_input_that_can_be_read_has_none() {
    assert!(findings(&[HEADER, b"c1,P,99213,2024-03-05,E119,tea\n"].concat()).is_empty());
}
