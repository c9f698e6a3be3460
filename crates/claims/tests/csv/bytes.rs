//! Random bytes, against the rules of CSV taken letter by letter.

use crate::support::{HEADER, Told, cases, each_batch, open, options, read_with, tell};
use cleanclaim_claims::{ClaimBatch, ClaimReader, ProblemKind};
use proptest::prelude::*;
use std::collections::BTreeSet;

/// Where the records begin that are not blank, and whether each can be read as CSV.
fn records(text: &[u8]) -> Vec<(u64, bool)> {
    let (mut found, mut start) = (Vec::new(), 0);
    while start < text.len() {
        let line = text[start..].iter().position(|&byte| byte == b'\n').map_or(text.len(), |length| start + length + 1);
        let well_formed = well_formed(&text[start..]);
        if !well_formed.is_some_and(|length| is_blank(&text[start..start + length])) {
            found.push((start as u64, well_formed.is_some()));
        }
        start = well_formed.map_or(line, |length| start + length);
    }
    found
}

/// Whether no field of a well-formed record has anything but spaces in it.
fn is_blank(record: &[u8]) -> bool {
    let content = record.strip_suffix(b"\n").unwrap_or(record);
    let content = content.strip_suffix(b"\r").unwrap_or(content);
    let mut quoted = false;
    content.iter().enumerate().all(|(place, byte)| match byte {
        // A doubled quote stands for one.
        b'"' if quoted && content.get(place + 1) == Some(&b'"') => false,
        b'"' => {
            quoted = !quoted;
            true
        }
        b',' => !quoted,
        byte => b" \t".contains(byte),
    })
}

/// The length of the well-formed record at the start of `text`.
fn well_formed(text: &[u8]) -> Option<usize> {
    #[derive(PartialEq)]
    enum At {
        Start,
        Unquoted,
        Quoted,
        Closed,
    }
    let mut at = At::Start;
    for (place, &byte) in text.iter().enumerate() {
        let line_end = byte == b'\n' || at == At::Closed && text[place..].starts_with(b"\r\n");
        at = match (at, byte) {
            (At::Quoted, b'"') => At::Closed,
            // No column of the header is free text.
            (At::Quoted, b'\n') => return None,
            (At::Quoted, _) => At::Quoted,
            (At::Start | At::Closed, b'"') => At::Quoted,
            (At::Unquoted, b'"') => return None,
            (_, b',') => At::Start,
            (At::Closed, b'\r') if place + 1 == text.len() => At::Closed,
            _ if line_end => return Some(place + if byte == b'\n' { 1 } else { 2 }),
            (At::Closed, _) => return None,
            (At::Start | At::Unquoted, _) => At::Unquoted,
        }
    }
    (at != At::Quoted).then_some(text.len())
}

/// Bytes of which CSV is made, and some of which it is not.
fn any_text() -> impl Strategy<Value = Vec<u8>> {
    let pieces = proptest::sample::select(vec![
        &b"A,1,20240101,I10\n"[..],
        b"B,1,20240101,I10\r\n",
        b",,,\n",
        b"\"\",,\"\",\r\n",
        b"A,",
        b"\"A\",\"x\",",
        b"1,20240101,",
        b"\"",
        b"\"",
        b"\n",
        b"\r\n",
        b"\r",
        b",",
        b" ",
        b"\t",
        b"\"\"",
        b"9",
        b"\xc3\xa9",
        b"\xc3",
        b"\xff",
    ]);
    proptest::collection::vec(pieces, 0..60).prop_map(|pieces| pieces.concat())
}

proptest! {
    #![proptest_config(cases(1500))]

    #[test]
    fn no_row_of_any_text_is_lost(text in any_text(), size in 1..200usize) {
        let file = [HEADER.as_bytes(), &text].concat();
        let whole = read_with(&file, options(1 << 20));
        for size in [size, 1, 16] {
            prop_assert_eq!(&read_with(&file, options(size)), &whole, "chunks of {} bytes", size);
        }
        let mut rows: Vec<(u64, bool)> = Vec::new();
        each_batch(&file, options(size), |batch| {
            let header = HEADER.len() as u64;
            rows.extend(batch.lines.iter().map(|line| (line.place.offset - header, true)));
            for problem in batch.problems.iter().filter(|problem| problem.kind.makes_unreadable()) {
                assert!(batch.claims[problem.claim as usize].unreadable);
                let well_formed = problem.kind != ProblemKind::StrayQuote;
                rows.push((problem.place.offset - header, well_formed));
            }
            for claim in batch.iter() {
                let own = batch.problems.iter().filter(|problem| problem.claim == claim.index);
                let bad = own.filter(|problem| problem.kind.makes_unreadable()).count();
                assert_eq!(bad > 0, claim.row.unreadable);
                assert!(bad + claim.lines().len() > 0, "no claim of nothing");
                assert!(!claim.id().is_empty() || claim.row.unreadable);
            }
        });
        rows.sort_unstable();
        prop_assert_eq!(rows, records(&text));
    }

    #[test]
    fn grouping_keeps_every_row(text in any_text(), size in 1..200usize) {
        let file = [HEADER.as_bytes(), &text].concat();
        let mut expected = Told::default();
        each_batch(&file, options(size), |batch| tell(batch, &mut expected));
        let mut reader = open(&file, options(size)).unwrap().grouped(None).unwrap();
        let (parser, mut batch, mut rows) = (reader.parser(), ClaimBatch::default(), Vec::new());
        let mut ids = BTreeSet::new();
        while let Some(chunk) = reader.next_chunk().unwrap() {
            parser.parse(&chunk, &mut batch);
            for claim in batch.iter() {
                prop_assert!(claim.id().is_empty() || ids.insert(claim.id().to_owned()), "rows stand together");
            }
            let header = HEADER.len() as u64;
            rows.extend(batch.lines.iter().map(|line| (line.place.offset - header, true)));
            let bad = batch.problems.iter().filter(|problem| problem.kind.makes_unreadable());
            rows.extend(bad.map(|bad| (bad.place.offset - header, bad.kind != ProblemKind::StrayQuote)));
        }
        rows.sort_unstable();
        prop_assert_eq!(rows, records(&text));
    }

    #[test]
    fn any_bytes_cut_anywhere_do_not_panic(
        bytes in proptest::collection::vec(any::<u8>(), 0..300),
        magic in proptest::sample::select(vec![&b""[..], &[0x1f, 0x8b], &[0x28, 0xb5, 0x2f, 0xfd], HEADER.as_bytes()]),
        size in 1..50usize,
    ) {
        let file = [magic, &bytes].concat();
        if let Ok(mut reader) = open(&file, options(size)) {
            let (parser, mut batch) = (reader.parser(), ClaimBatch::default());
            while let Ok(Some(chunk)) = reader.next_chunk() {
                parser.parse(&chunk, &mut batch);
            }
        }
    }

    #[test]
    fn a_good_file_cut_anywhere_loses_no_claim(cut in 0..2000usize, quote in any::<bool>()) {
        let quote = if quote { "\"" } else { "" };
        let text: String = (0..80).map(|row| format!("C{},{quote}99213{quote},20240101,I10\r\n", row / 3)).collect();
        let text = &text[..cut.min(text.len())];
        let told = read_with(format!("{HEADER}{text}").as_bytes(), options(100));
        let mut ids: Vec<&str> = text.lines().filter_map(|line| line.split(',').next()).collect();
        ids.dedup();
        prop_assert_eq!(told.claims.len(), ids.len());
    }
}
