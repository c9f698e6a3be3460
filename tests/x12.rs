//! Claims as 837 through the whole program: the same findings as from CSV, with their places; and what other programs
//! make of what we write.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, reason = "tests")]

use cleanclaim::{
    ClaimType, Codeset, Format, Input, ReadOptions, Scrubber, Summary, embedded, open_reader, scrub_readers,
};
use generate::{Generator, Plan};
use serde_json::Value;
use std::collections::BTreeMap;
use std::io::Write as _;
use std::path::{Path, PathBuf};
use std::process::Command;

fn scrub(codeset: &Codeset, text: &[u8]) -> (Vec<Value>, Summary) {
    let scrubber = Scrubber::builder(codeset.clone()).show_bypassed(true).build().unwrap();
    let input = Input::from_reader("claims", std::io::Cursor::new(text.to_vec())).unwrap();
    let reader = open_reader(input, &ReadOptions::default()).unwrap();
    let mut out = Vec::new();
    let summary = scrub_readers(&scrubber, [reader], Format::Ndjson, &mut out).unwrap();
    let findings = std::str::from_utf8(&out).unwrap().lines().map(|line| serde_json::from_str(line).unwrap());
    (findings.collect(), summary)
}

/// Findings without their places, by claim. Whether an 837 is as its guide has it concerns no CSV.
fn by_claim(findings: &[Value]) -> BTreeMap<String, Vec<String>> {
    let mut all: BTreeMap<String, Vec<String>> = BTreeMap::new();
    for finding in findings {
        let edit = finding["edit"].as_str().unwrap();
        if ("FMT009".."FMT040").contains(&edit) {
            continue;
        }
        let mut values = finding["values"].as_object().unwrap().clone();
        for place in ["loop", "element", "row"] {
            values.remove(place);
        }
        // What is expected of a field is said as its format has it.
        if edit == "FMT003" {
            values.remove("expected");
        }
        let parts = ["line_number", "edit", "outcome", "severity", "field"].map(|name| finding[name].to_string());
        let claim = finding["claim_id"].as_str().unwrap().to_owned();
        all.entry(claim).or_default().push(format!("{} {}", parts.join(" "), Value::Object(values)));
    }
    for findings in all.values_mut() {
        findings.sort();
    }
    all
}

#[test]
fn csv_and_837_give_the_same_findings() {
    let codeset = embedded();
    for (seed, only) in [(1, None), (2, Some(ClaimType::Professional)), (3, Some(ClaimType::Institutional))] {
        let plan = Plan { lines: 20_000, seed, error_rate: 0.5, only, ..Plan::default() };
        let generator = Generator::new(&codeset, plan).unwrap();
        let (mut csv, mut x12) = (Vec::new(), Vec::new());
        let made = generator.write_csv(&mut csv, None).unwrap();
        assert_eq!(generator.write_x12(&mut x12, None).unwrap(), made);
        let ((of_csv, csv), (of_x12, x12)) = (scrub(&codeset, &csv), scrub(&codeset, &x12));
        assert_eq!((csv.tally.claims_read, csv.tally.lines_read), (made.claims, made.lines));
        assert_eq!((x12.tally.claims_read, x12.tally.lines_read), (made.claims, made.lines));
        assert_eq!((csv.tally.claims_unreadable, x12.tally.claims_unreadable), (0, 0));
        let (csv, x12) = (by_claim(&of_csv), by_claim(&of_x12));
        for (claim, findings) in &csv {
            assert_eq!(Some(findings), x12.get(claim), "{claim}");
        }
        assert!(csv.keys().eq(x12.keys()));
        assert!(csv.len() > 1000);
    }
}

#[test]
fn a_clean_837_has_no_finding() {
    let codeset = embedded();
    let plan = Plan { lines: 3_000, error_rate: 0.0, ..Plan::default() };
    let mut x12 = Vec::new();
    let made = Generator::new(&codeset, plan).unwrap().write_x12(&mut x12, None).unwrap();
    let (findings, summary) = scrub(&codeset, &x12);
    let failed: Vec<&Value> = findings.iter().filter(|finding| finding["outcome"] == "fail").collect();
    assert!(failed.is_empty(), "{} findings, the first {}", failed.len(), failed[0]);
    assert_eq!(summary.tally.claims_clean, made.claims);
}

/// `x12valid` of pyx12, an independent parser: `pip install pyx12==4.0.0`, on the path, in `target/pyx12`, or where
/// `CLEANCLAIM_X12VALID` says.
fn x12valid() -> Option<Command> {
    let installed = Path::new(env!("CARGO_MANIFEST_DIR")).join("target/pyx12/bin/x12valid");
    let given = std::env::var_os("CLEANCLAIM_X12VALID").map(PathBuf::from);
    let choices = given.into_iter().chain([installed, PathBuf::from("x12valid")]);
    let found = choices.into_iter().find(|path| Command::new(path).arg("--version").output().is_ok())?;
    Some(Command::new(found))
}

#[test]
fn an_independent_parser_accepts_what_we_write() {
    if x12valid().is_none() {
        writeln!(std::io::stderr(), "SKIPPED: pyx12 is not installed (pip install pyx12==4.0.0)").unwrap();
        return;
    }
    let codeset = embedded();
    let folder = tempfile::tempdir().unwrap();
    // pyx12 writes an acknowledgment beside each file, and says in words what it thinks of it.
    let accepts = |name: &str, text: &[u8]| {
        let path = folder.path().join(name);
        std::fs::write(&path, text).unwrap();
        let output = x12valid().unwrap().arg(&path).output().unwrap();
        let said = String::from_utf8_lossy(&output.stdout).into_owned() + &String::from_utf8_lossy(&output.stderr);
        assert!(said.contains(": OK") != said.contains(": Failure"), "{said}");
        said.contains(": OK")
    };
    for (name, only) in [("p", Some(ClaimType::Professional)), ("i", Some(ClaimType::Institutional)), ("both", None)] {
        let plan = Plan { lines: 60, error_rate: 0.0, only, ..Plan::default() };
        let mut x12 = Vec::new();
        Generator::new(&codeset, plan).unwrap().write_x12(&mut x12, None).unwrap();
        assert!(accepts(name, &x12), "{name}");
        // And it would have told.
        let damaged = String::from_utf8(x12).unwrap().replacen("*22*0~", "*22*7~", 1);
        assert!(!accepts("damaged", damaged.as_bytes()), "{name}");
    }
}
