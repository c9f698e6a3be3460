//! The 837 reader, over files of others and over text that it must take as it comes.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

mod support;

use cleanclaim_claims::X12Options;
use std::collections::BTreeMap;
use std::fmt::Write;
use std::path::{Path, PathBuf};
use support::{read, show};

/// Files of others, which the repository does not carry.
fn samples() -> Vec<(String, Vec<u8>)> {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../../shared/claims");
    let mut all = Vec::new();
    for folder in ["x12/837d", "x12/837i", "x12/837p", "x12_broken", "responses/999", "responses/277ca"] {
        let Ok(entries) = std::fs::read_dir(root.join(folder)) else { continue };
        let mut paths: Vec<PathBuf> = entries.map(|entry| entry.unwrap().path()).collect();
        paths.sort();
        for path in paths.into_iter().filter(|path| path.is_file()) {
            let name = format!("{folder}/{}", path.file_name().unwrap().to_string_lossy());
            let mut bytes = std::fs::read(&path).unwrap();
            if name.ends_with(".zst") {
                bytes = zstd::decode_all(bytes.as_slice()).unwrap();
            }
            if !name.ends_with(".md") {
                all.push((name, bytes));
            }
        }
    }
    if all.is_empty() {
        eprintln!("SKIPPED: ../shared/claims is not here");
    }
    all
}

/// What each file is read as, or why it is refused.
#[test]
fn every_sample_is_read_or_refused_as_the_table_says() {
    let mut table = String::from(
        "# What the reader makes of each file of shared/claims: renew with BLESS=1.\n\
         file\tprofessional\tinstitutional\tdental\tlines\tdiagnoses\tunreadable\tproblems\toutside or refusal\n",
    );
    let all = samples();
    if all.is_empty() {
        return;
    }
    for (name, bytes) in all {
        write!(table, "{name}\t").unwrap();
        let found = match read(&bytes, X12Options::default()) {
            Ok(found) => found,
            Err(refusal) => {
                writeln!(table, "\t\t\t\t\t\t\trefused: {refusal}").unwrap();
                continue;
            }
        };
        let mut types = [0; 3];
        let (mut lines, mut diagnoses, mut unreadable) = (0, 0, 0);
        let mut problems: BTreeMap<String, usize> = BTreeMap::new();
        for claim in found.claims() {
            types[claim.row.claim_type as usize] += 1;
            lines += claim.lines().len();
            diagnoses += claim.diagnoses().len();
            unreadable += usize::from(claim.row.unreadable);
            for problem in claim.problems() {
                let kind = format!("{:?}", problem.kind);
                let kind = kind.split([' ', '{']).next().unwrap_or_default().to_owned();
                let field = problem.field.map(|field| format!(" {field}")).unwrap_or_default();
                *problems.entry(kind + &field).or_default() += 1;
            }
        }
        let mut outside: BTreeMap<String, usize> = BTreeMap::new();
        for problem in found.outside() {
            *outside.entry(format!("{:?}", problem.kind)).or_default() += 1;
        }
        let counted = |counts: BTreeMap<String, usize>| {
            let items: Vec<String> = counts.into_iter().map(|(kind, count)| format!("{kind} {count}")).collect();
            items.join("; ")
        };
        let [professional, institutional, dental] = types;
        let (problems, outside) = (counted(problems), counted(outside));
        writeln!(
            table,
            "{professional}\t{institutional}\t{dental}\t{lines}\t{diagnoses}\t{unreadable}\t{problems}\t{outside}"
        )
        .unwrap();
    }
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/x12/read.tsv");
    if std::env::var_os("BLESS").is_some() {
        std::fs::write(&path, &table).unwrap();
    }
    let kept = std::fs::read_to_string(&path).unwrap_or_default();
    for (kept, found) in kept.lines().zip(table.lines()) {
        assert_eq!(kept, found);
    }
    assert_eq!(kept.lines().count(), table.lines().count());
}

/// What a file is read as, for a person to look at: `SHOW=path cargo test -p cleanclaim-claims --test x12 -- shown`.
#[test]
fn shown() {
    let Some(path) = std::env::var_os("SHOW") else { return };
    let mut bytes = std::fs::read(&path).unwrap();
    if Path::new(&path).extension().is_some_and(|extension| extension == "zst") {
        bytes = zstd::decode_all(bytes.as_slice()).unwrap();
    }
    match read(&bytes, X12Options::default()) {
        Ok(found) => println!("{}", show(&found)),
        Err(refusal) => println!("refused: {refusal}"),
    }
}
