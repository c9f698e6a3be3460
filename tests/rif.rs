//! The claim files of CMS (RIF): what comes of each, compared with a table that is kept beside the test.
//!
//! The files are not part of the repository. Without them the test says that it was skipped.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, reason = "tests")]

use cleanclaim::{Format, Input, ReadOptions, Scrubber, embedded, open_reader, scrub_readers};
use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::io::Write as _;
use std::path::Path;

const FOLDER: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/../shared/claims/rif");
const TABLE: &str = include_str!("claims/rif.tsv");

/// A line of the table: the file; claims, lines and claims that could not be read; findings by edit.
fn outcome(path: &Path, scrubber: &Scrubber) -> String {
    let input = Input::open(path).expect("a file");
    let reader = open_reader(input, &ReadOptions::default()).expect("claims");
    assert_eq!(reader.notices(), [""; 0]);
    let mut findings = Vec::new();
    let summary = scrub_readers(scrubber, [reader], Format::Ndjson, &mut findings).expect("the run");
    let mut edits: BTreeMap<String, u32> = BTreeMap::new();
    for line in findings.split(|byte| *byte == b'\n').filter(|line| !line.is_empty()) {
        let finding: serde_json::Value = serde_json::from_slice(line).expect("JSON");
        *edits.entry(finding["edit"].as_str().expect("an id").to_owned()).or_default() += 1;
    }
    let tally = &summary.tally;
    assert_eq!(tally.claims_unaccounted(), 0);
    let mut line = path.file_name().unwrap().to_string_lossy().into_owned();
    write!(line, "\t{}\t{}\t{}\t", tally.claims_read, tally.lines_read, tally.claims_unreadable).unwrap();
    line.extend(edits.iter().map(|(edit, count)| format!("{edit}={count} ")));
    line.trim_end().to_owned()
}

#[test]
fn every_file_comes_out_as_the_table_says() {
    let Ok(folder) = std::fs::read_dir(FOLDER) else {
        // Not `eprintln!`, which a passing test keeps to itself.
        let notice = format!("SKIPPED: claim files of CMS not found at {FOLDER}\n");
        std::io::stderr().write_all(notice.as_bytes()).unwrap();
        return;
    };
    let scrubber = Scrubber::builder(embedded()).build().expect("a scrubber");
    let mut paths: Vec<_> = folder.map(|entry| entry.unwrap().path()).collect();
    paths.sort();
    let lines: Vec<String> = paths.iter().map(|path| outcome(path, &scrubber)).collect();
    let expected: Vec<&str> = TABLE.lines().filter(|line| !line.starts_with('#')).collect();
    assert_eq!(lines, expected, "\n{}\n", lines.join("\n"));
}
