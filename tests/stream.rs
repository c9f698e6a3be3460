//! Whole inputs with defects: nothing is lost, all is said, and the order holds.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, reason = "tests")]

use claims::ClaimBatch;
use cleanclaim::{
    ClaimReader, ClaimType, CsvError, CsvOptions, CsvReader, Format, Input, Outcome, ReadOptions, Run, Scrubber,
    Summary, Unit, embedded, open_reader,
};
use generate::{Generator, Plan};
use serde_json::Value;
use std::collections::{BTreeSet, HashMap};
use std::io::{Cursor, Write};
use std::path::{Path, PathBuf};

const HEADER: &str = "claim_id,procedure,service_from,dx_1\n";

fn reader(name: &str, bytes: &[u8], chunk_bytes: usize) -> Result<CsvReader, CsvError> {
    let input = Input::from_reader(name, Cursor::new(bytes.to_vec()))?;
    CsvReader::new(input, CsvOptions { chunk_bytes, ..CsvOptions::default() })
}

/// Scrubs the inputs one after the other, and gives the findings and the summary.
fn scrub(scrubber: &Scrubber, readers: Vec<Box<dyn ClaimReader>>, threads: usize) -> (String, Summary) {
    let pool = rayon::ThreadPoolBuilder::new().num_threads(threads).build().unwrap();
    let mut run = Run::new(scrubber, &pool, Format::Ndjson);
    let mut out = Vec::new();
    for mut reader in readers {
        run.input(&mut *reader, &mut out).unwrap();
    }
    let summary = run.finish(&mut out).unwrap();
    (String::from_utf8(out).unwrap(), summary)
}

fn scrub_text(scrubber: &Scrubber, text: &[u8], chunk_bytes: usize) -> (String, Summary) {
    scrub(scrubber, vec![Box::new(reader("claims.csv", text, chunk_bytes).unwrap())], 2)
}

fn everything() -> Scrubber {
    Scrubber::builder(embedded()).show_bypassed(true).show_not_evaluated(true).build().unwrap()
}

fn scrubber_of(edits: &[&str]) -> Scrubber {
    let builder = Scrubber::builder(embedded());
    edits.iter().fold(builder, |builder, edit| builder.select(*edit)).build().unwrap()
}

fn findings(ndjson: &str) -> Vec<Value> {
    ndjson.lines().map(|line| serde_json::from_str(line).unwrap()).collect()
}

/// `claim edit row` of every finding.
fn told(ndjson: &str) -> Vec<String> {
    let findings = findings(ndjson);
    let plain = |value: &Value| value.as_str().map_or_else(|| value.to_string(), str::to_owned);
    findings.iter().map(|one| [&one["claim_id"], &one["edit"], &one["at"]["row"]].map(plain).join(" ")).collect()
}

/// How many units there are of every kind, by type of claim and whether the claim is unreadable.
type Units = HashMap<(ClaimType, bool, &'static str), u64>;

/// What the reader says is in the input: the ids of the claims, and their units.
fn read(reader: &mut dyn ClaimReader) -> (Vec<String>, Units) {
    let (parser, mut batch) = (reader.parser(), ClaimBatch::default());
    let (mut ids, mut units) = (Vec::new(), Units::new());
    while let Some(chunk) = reader.next_chunk().unwrap() {
        parser.parse(&chunk, &mut batch);
        for claim in batch.iter() {
            ids.push(claim.id().to_owned());
            let of = |unit: Unit| (claim.row.claim_type, claim.row.unreadable, unit.plural());
            *units.entry(of(Unit::Claim)).or_default() += 1;
            *units.entry(of(Unit::Line)).or_default() += claim.lines().len() as u64;
            let given = claim.diagnoses().iter().filter(|code| !code.is_absent()).count();
            *units.entry(of(Unit::Diagnosis)).or_default() += given as u64;
        }
        reader.recycle(chunk.into_bytes());
    }
    (ids, units)
}

/// Every claim and every unit that the reader gives has come out in one way.
fn assert_accounted(scrubber: &Scrubber, summary: &Summary, reader: &mut dyn ClaimReader) -> Vec<String> {
    let (ids, units) = read(reader);
    let tally = &summary.tally;
    assert_eq!(tally.claims_read, ids.len() as u64);
    assert_eq!(tally.claims_read, tally.claims_clean + tally.claims_with_errors + tally.claims_unreadable);
    let sum = |wanted: &dyn Fn(ClaimType, bool, &str) -> bool| -> u64 {
        units.iter().filter(|((of, unreadable, unit), _)| wanted(*of, *unreadable, unit)).map(|(_, count)| count).sum()
    };
    assert_eq!(tally.claims_unreadable, sum(&|_, unreadable, unit| unreadable && unit == "claims"));
    assert_eq!(tally.lines_read, sum(&|_, _, unit| unit == "lines"));
    for (number, counts) in summary.counts.iter().enumerate() {
        let info = scrubber.edits()[number].info();
        let judged: u64 = Outcome::ALL.into_iter().map(|outcome| counts.of(outcome)).sum();
        let expected = sum(&|of, unreadable, unit| {
            (!unreadable || info.id.starts_with("FMT")) && info.claims.contains(of) && unit == info.unit.plural()
        });
        let expected = if scrubber.runs(number as u16) { expected } else { 0 };
        assert_eq!(judged, expected, "{}", info.id);
    }
    ids
}

fn written(folder: &Path, name: &str, bytes: &[u8]) -> PathBuf {
    let path = folder.join(name);
    std::fs::write(&path, bytes).unwrap();
    path
}

fn opened(path: &Path) -> Box<dyn ClaimReader> {
    Box::new(CsvReader::new(Input::open(path).unwrap(), CsvOptions::default()).unwrap())
}

fn gzip(bytes: &[u8]) -> Vec<u8> {
    let mut encoder = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::fast());
    encoder.write_all(bytes).unwrap();
    encoder.finish().unwrap()
}

/// Generated claims, one of two with an error.
fn generated(lines: u64, seed: u64) -> Vec<u8> {
    let (codeset, mut csv) = (embedded(), Vec::new());
    let plan = Plan { lines, seed, error_rate: 0.5, ..Plan::default() };
    Generator::new(&codeset, plan).unwrap().write_csv(&mut csv, None).unwrap();
    csv
}

#[test]
fn findings_of_several_files_come_file_by_file_in_the_order_given() {
    let folder = tempfile::tempdir().unwrap();
    let names = ["e.csv", "b.csv", "d.csv.gz", "a.csv.zst", "c.csv"];
    let (mut paths, mut expected, mut claims) = (Vec::new(), String::new(), Vec::new());
    let scrubber = everything();
    for (seed, name) in (20..).zip(names) {
        let csv = generated(300, seed);
        let packed = match name.rsplit('.').next() {
            Some("gz") => gzip(&csv),
            Some("zst") => zstd::encode_all(csv.as_slice(), 1).unwrap(),
            _ => csv,
        };
        paths.push(written(folder.path(), name, &packed));
        let (own, summary) = scrub(&scrubber, vec![opened(&paths[paths.len() - 1])], 1);
        assert!(own.contains(&format!("/{name}\",\"offset\":")));
        expected.push_str(&own);
        claims.push(summary.tally.claims_read);
    }
    for threads in [1, 3] {
        let (together, summary) = scrub(&scrubber, paths.iter().map(|path| opened(path)).collect(), threads);
        assert!(together == expected, "with {threads} threads");
        let files: Vec<u64> = summary.files.iter().map(|file| file.claims).collect();
        assert_eq!(files, claims);
        assert_eq!(summary.tally.claims_read, claims.iter().sum::<u64>());
    }
}

#[test]
fn compressed_claims_are_scrubbed_as_plain_ones() {
    let csv = generated(2_000, 1);
    let scrubber = everything();
    let plain = scrub_text(&scrubber, &csv, 1 << 20);
    for packed in [gzip(&csv), zstd::encode_all(csv.as_slice(), 1).unwrap()] {
        let unpacked = scrub_text(&scrubber, &packed, 1 << 20);
        assert!(plain.0 == unpacked.0);
        assert_eq!(plain.1, unpacked.1);
    }
}

#[test]
fn the_size_of_chunks_changes_nothing() {
    let csv = generated(400, 2);
    let scrubber = everything();
    let large = scrub_text(&scrubber, &csv, 1 << 20);
    assert!(!large.0.is_empty());
    for chunk_bytes in [1, 100, 5_000] {
        let small = scrub_text(&scrubber, &csv, chunk_bytes);
        assert!(large.0 == small.0, "chunks of {chunk_bytes}");
        assert_eq!(large.1, small.1);
    }
}

#[test]
fn rows_apart_are_told_across_chunks_and_grouping_cures_it() {
    let row = |id: &str, procedure: &str| format!("{id},{procedure},20251103,E11.9\n");
    let filler: String = (0..40).map(|number| row(&format!("F{number}"), "99213")).collect();
    let text = [HEADER, &row("A", "99213"), &row("B", "99213"), &row("A", "99214"), &filler, &row("B", "99214")];
    let text = text.concat();
    let scrubber = scrubber_of(&["FMT"]);
    for chunk_bytes in [1, 60, 1 << 20] {
        let (ndjson, summary) = scrub_text(&scrubber, text.as_bytes(), chunk_bytes);
        assert_eq!(told(&ndjson), ["A FMT006 4", "B FMT006 45"], "chunks of {chunk_bytes}");
        assert_eq!((summary.tally.claims_read, summary.tally.claims_with_errors), (44, 2));
        let grouped = reader("claims.csv", text.as_bytes(), chunk_bytes).unwrap().grouped(None).unwrap();
        let (ndjson, summary) = scrub(&scrubber, vec![Box::new(grouped)], 2);
        assert_eq!(told(&ndjson), Vec::<String>::new());
        assert_eq!((summary.tally.claims_read, summary.tally.claims_clean, summary.tally.lines_read), (42, 42, 44));
    }
    // Two files may well use the same ids.
    let twice = (0..2).map(|_| Box::new(reader("a.csv", format!("{HEADER}{filler}").as_bytes(), 60).unwrap()) as _);
    assert_eq!(scrub(&scrubber, twice.collect(), 2).0, "");
}

#[test]
fn a_claim_that_comes_twice_under_its_id_is_a_duplicate_in_one_file_and_in_two() {
    let folder = tempfile::tempdir().unwrap();
    let header = "claim_id,claim_type,patient_id,procedure,service_from,dx_1,dx_pointers\n";
    let row = "c1,P,p1,99213,20240305,E119,1\n";
    let csv = written(folder.path(), "claims.csv", [header, row].concat().as_bytes());
    let line = concat!(
        r#"{"claim_id":"c1","claim_type":"P","patient_id":"p1","diagnoses":["E119"],"lines":[{"procedure":"99213","#,
        r#""service_from":"20240305","dx_pointers":["1"]}]}"#,
        "\n"
    );
    let json = written(folder.path(), "claims.ndjson", line.as_bytes());
    let twice = written(folder.path(), "twice.ndjson", line.repeat(2).as_bytes());
    let apart = written(folder.path(), "apart.csv", [header, row, &row.replace("c1", "c2"), row].concat().as_bytes());
    let scrubber = scrubber_of(&["DUP010", "FMT006"]);
    for (files, expected) in [
        (vec![&csv], vec![]),
        (vec![&csv, &csv], vec!["c1 DUP010 2"]),
        (vec![&twice], vec!["c1 DUP010 2"]),
        (vec![&csv, &json], vec!["c1 DUP010 1"]),
        // Rows that lie apart are one claim, and FMT006's.
        (vec![&apart], vec!["c2 DUP010 3", "c1 DUP010 4", "c1 FMT006 4"]),
    ] {
        let open = |path: &&PathBuf| open_reader(Input::open(path).unwrap(), &ReadOptions::default()).unwrap();
        let (found, _) = scrub(&scrubber, files.iter().map(open).collect(), 2);
        assert_eq!(told(&found), expected, "{files:?}: {found}");
        let same_id = found.lines().any(|line| line.contains("under the same id, c1;"));
        assert_eq!(same_id, expected.len() == 1, "{files:?}: {found}");
    }
}

#[test]
fn the_other_findings_of_a_claim_apart_stay() {
    let text = format!("{HEADER}A,99213,20251103,E11.9\nB,99213,20251103,E11.9\nA,9921Z,20251103,E11.9\n");
    let (ndjson, summary) = scrub_text(&scrubber_of(&["FMT", "PX"]), text.as_bytes(), 1);
    assert_eq!(told(&ndjson), ["A FMT006 4", "A PX004 4"]);
    let failed: u64 = summary.counts.iter().map(|counts| counts.of(Outcome::Fail)).sum();
    assert_eq!((failed, summary.tally.claims_with_errors), (2, 1));
}

#[test]
fn a_claim_larger_than_a_chunk_is_one_claim() {
    let rows: String = (1..=200).map(|_| "BIG,99213,20251103,E11.9\n").collect();
    let text = format!("{HEADER}S1,99213,20251103,E11.9\n{rows}S2,99213,20251103,E11.9\n");
    for chunk_bytes in [1, 300, 1 << 20] {
        let (ndjson, summary) = scrub_text(&scrubber_of(&["FMT"]), text.as_bytes(), chunk_bytes);
        assert_eq!(ndjson, "");
        assert_eq!((summary.tally.claims_read, summary.tally.lines_read), (3, 202));
    }
}

#[test]
fn a_header_alone_is_no_claims_and_nothing_is_refused() {
    let (ndjson, summary) = scrub_text(&everything(), HEADER.as_bytes(), 1 << 20);
    assert_eq!((ndjson.as_str(), summary.tally.claims_read, summary.files.len()), ("", 0, 1));
    assert!(matches!(reader("a.csv", b"", 1), Err(CsvError::Empty { .. })));
    assert!(matches!(reader("a.csv", b"\n \n", 1), Err(CsvError::Empty { .. })));
}

#[test]
fn a_header_without_a_needed_column_is_refused_with_its_name() {
    for (column, named) in [
        ("claim_id", "\"claim_id\""),
        ("procedure", "\"procedure\" or \"revenue_code\""),
        ("service_from", "\"service_from\""),
        ("dx_1", "\"dx_1\""),
    ] {
        let text = format!("{HEADER}A,99213,20251103,E11.9\n").replacen(column, "other", 1);
        let error = reader("a.csv", text.as_bytes(), 1).map(|_| ()).unwrap_err().to_string();
        assert!(error.contains(&format!("there is no column {named}")), "{error}");
    }
}

#[test]
fn an_unreadable_claim_is_judged_by_format_edits_alone_and_its_neighbours_by_all() {
    // Every claim has a diagnosis that fails.
    let bad = b"E11";
    for (row, edit) in [
        (b"B,99213,20251103,E1\xff1\n".to_vec(), "FMT002"),
        (b"B,99\"213,20251103,E11\n".to_vec(), "FMT004"),
        (b"B,\"99213,20251103,E11\n".to_vec(), "FMT004"),
        (b"B,99213,20251103,E11,more\n".to_vec(), "FMT001"),
        (b"B,99213\n".to_vec(), "FMT001"),
        (b",99213,20251103,E11\n".to_vec(), "FMT005"),
    ] {
        let before = [HEADER.as_bytes(), b"A,99213,20251103,", bad, b"\n"].concat();
        let text = [&before[..], &row, b"C,99213,20251103,", bad, b"\n"].concat();
        for chunk_bytes in [1, 1 << 20] {
            let (ndjson, summary) = scrub_text(&scrubber_of(&["FMT", "DX002"]), &text, chunk_bytes);
            let id = if edit == "FMT005" { "null" } else { "B" };
            let expected = ["A DX002 2".to_owned(), format!("{id} {edit} 3"), "C DX002 4".to_owned()];
            assert_eq!(told(&ndjson), expected, "{edit}");
            let tally = &summary.tally;
            assert_eq!((tally.claims_read, tally.claims_with_errors, tally.claims_unreadable), (3, 2, 1), "{edit}");
        }
    }
}

/// A generator of numbers for the mutations: the same on every run.
fn numbers(seed: u64) -> impl FnMut(usize) -> usize {
    let mut state = seed;
    move |below| {
        state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        ((state >> 33) % below as u64) as usize
    }
}

/// Bytes that mean something in a CSV, and some that do not.
const INSTEAD: &[u8] = b"\",\n\r;|\t\0 \xff\xc3=A0-";

/// Scrubs a mutated file in large and small chunks and checks that all is accounted for. The ids of its claims, or
/// nothing when its header or a zero byte makes that it is refused.
fn survives(scrubber: &Scrubber, bytes: &[u8]) -> Option<Vec<String>> {
    let mut large = match reader("claims.csv", bytes, 1 << 20) {
        Ok(reader) => reader,
        Err(CsvError::Header { .. } | CsvError::Read(_)) => return None,
        Err(error) => panic!("{error}"),
    };
    let (ndjson, summary) = scrub_text(scrubber, bytes, 1 << 20);
    let (in_small, small) = scrub_text(scrubber, bytes, 700);
    assert!(ndjson == in_small && summary == small, "chunks change nothing");
    Some(assert_accounted(scrubber, &summary, &mut large))
}

#[test]
fn a_byte_changed_anywhere_loses_no_other_claim() {
    let scrubber = everything();
    let csv = generated(60, 3);
    let body = csv.iter().position(|&byte| byte == b'\n').unwrap() + 1;
    let whole = survives(&scrubber, &csv).unwrap();
    assert!(whole.len() > 10);
    let id_at = |at: usize| {
        let start = csv[..at].iter().rposition(|&byte| byte == b'\n').map_or(0, |newline| newline + 1);
        let row = csv.get(start..).unwrap_or_default();
        String::from_utf8_lossy(row.split(|&byte| byte == b',').next().unwrap_or_default()).into_owned()
    };
    let (mut number, mut unreadable) = (numbers(1), 0);
    for _ in 0..300 {
        let mut bytes = csv.clone();
        let at = body + number(csv.len() - body);
        bytes[at] = INSTEAD[number(INSTEAD.len())];
        let Some(ids) = survives(&scrubber, &bytes) else {
            assert_eq!(bytes[at], 0);
            continue;
        };
        let ids: BTreeSet<String> = ids.into_iter().collect();
        // A line end that is gone joins a row to the next one.
        let next = csv[at..].iter().position(|&byte| byte == b'\n').map_or(csv.len(), |newline| at + newline + 1);
        let touched = [id_at(at), id_at(next)];
        for id in whole.iter().filter(|id| !touched.contains(id)) {
            assert!(ids.contains(id), "claim {id} is lost by byte {at} = {}", bytes[at]);
        }
        unreadable += usize::from(ids.len() > whole.len());
    }
    assert!(unreadable > 0, "some changes make claims of their own");
}

#[test]
fn many_changes_anywhere_keep_every_claim_accounted_for() {
    let scrubber = everything();
    let csv = generated(40, 4);
    let (mut number, mut scrubbed) = (numbers(2), 0);
    for _ in 0..300 {
        let mut bytes = csv.clone();
        for _ in 0..=number(30) {
            let at = number(bytes.len());
            match number(4) {
                0 => drop(bytes.remove(at)),
                1 => bytes.insert(at, INSTEAD[number(INSTEAD.len())]),
                2 => bytes[at] ^= 1 << number(8),
                _ => bytes[at] = INSTEAD[number(INSTEAD.len())],
            }
        }
        scrubbed += usize::from(survives(&scrubber, &bytes).is_some());
    }
    assert!(scrubbed > 50, "most are scrubbed: {scrubbed}");
}
