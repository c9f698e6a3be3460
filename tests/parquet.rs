//! The same claims as CSV and as Parquet: the same findings.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, reason = "tests")]

use cleanclaim::{
    ConvertError, Format, Input, ReadOptions, Scrubber, convert_to_parquet, embedded, open_reader, scrub_readers,
};
use generate::{Generator, Plan};
use std::io::Cursor;
use std::process::Command;

/// What every finding says, but for where its claim stands.
fn findings(name: &str, bytes: &[u8]) -> Vec<String> {
    let scrubber = Scrubber::builder(embedded()).show_bypassed(true).build().expect("a scrubber");
    let input = Input::from_reader(name, Cursor::new(bytes.to_vec())).expect("claims");
    let reader = open_reader(input, &ReadOptions::default()).expect("claims");
    let mut out = Vec::new();
    scrub_readers(&scrubber, [reader], Format::Ndjson, &mut out).expect("the run");
    let lines = out.split(|byte| *byte == b'\n').filter(|line| !line.is_empty());
    let bare = |line: &[u8]| {
        let mut finding: serde_json::Value = serde_json::from_slice(line).expect("JSON");
        finding["at"].take();
        if let Some(values) = finding["values"].as_object_mut()
            && values.remove("row").is_some()
        {
            // It is in the message too.
            finding["message"].take();
        }
        finding.to_string()
    };
    lines.map(bare).collect()
}

fn converted(name: &str, bytes: &[u8], threads: usize) -> Vec<u8> {
    let pool = rayon::ThreadPoolBuilder::new().num_threads(threads).build().unwrap();
    let input = Input::from_reader(name, Cursor::new(bytes.to_vec())).unwrap();
    let reader = open_reader(input, &ReadOptions::default()).unwrap();
    let mut out = Vec::new();
    convert_to_parquet([Ok::<_, ConvertError>(reader)], &pool, &mut out).unwrap();
    out
}

#[test]
fn generated_claims_have_the_same_findings_as_csv_and_as_parquet() {
    let codeset = embedded();
    let plan = Plan { lines: 30_000, seed: 11, error_rate: 0.2, ..Plan::default() };
    let mut csv = Vec::new();
    Generator::new(&codeset, plan).unwrap().write_csv(&mut csv, None).unwrap();
    let parquet = converted("claims.csv", &csv, 2);
    // The same bytes at any number of threads, and of what was converted once already.
    assert!(parquet == converted("claims.csv", &csv, 1));
    let (ours, theirs) = (findings("claims", &parquet), findings("claims", &csv));
    assert!(theirs.len() > 1000);
    assert_eq!(ours, theirs);
    assert_eq!(findings("claims", &converted("claims.parquet", &parquet, 2)), theirs);
}

#[test]
fn the_program_generates_converts_and_reports_as_parquet() {
    let folder = tempfile::tempdir().unwrap();
    let path = |name: &str| folder.path().join(name);
    let run = |arguments: &[&str], codes: &[i32]| {
        let output = Command::new(env!("CARGO_BIN_EXE_cleanclaim")).args(arguments).output().unwrap();
        let told = String::from_utf8_lossy(&output.stderr).into_owned();
        assert!(codes.contains(&output.status.code().unwrap()), "{arguments:?}: {told}");
        output.stdout
    };
    let generate = ["generate", "--lines", "3000", "--errors", "10", "--format"];
    let csv = run(&[&generate[..], &["csv"]].concat(), &[0]);
    let parquet = run(&[&generate[..], &["parquet"]].concat(), &[0]);
    std::fs::write(path("claims.csv"), &csv).unwrap();
    assert_eq!(findings("claims", &parquet), findings("claims", &csv));
    let (claims, out) = (path("claims.csv"), path("claims.parquet"));
    let (claims, out) = (claims.to_str().unwrap(), out.to_str().unwrap());
    run(&["convert", claims, "--to", "parquet", "-o", out], &[0, 1]);
    assert!(std::fs::read(out).unwrap() == parquet);
    let table = run(&["scrub", claims, "--format", "parquet", "--threads", "1"], &[1]);
    assert!(table.starts_with(b"PAR1") && table.ends_with(b"PAR1"));
    assert!(table == run(&["scrub", claims, "--format", "parquet", "--threads", "2"], &[1]));
}
