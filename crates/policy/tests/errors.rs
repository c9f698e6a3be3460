//! What is wrong with a policy, in the words and with the places that its author reads: `tests/errors/*.toml` beside
//! what is told of each. `BLESS=1 cargo test -p cleanclaim-policy --test errors` writes what is told now; read it.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, reason = "tests")]

mod support;

use cleanclaim_policy::{OpenPolicyError, Policy, ProblemLevel};
use std::path::{Path, PathBuf};

fn folder() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/errors")
}

/// All that is told of a policy, with the folder's name left out of it.
fn told(path: &Path) -> String {
    let codeset = support::codeset();
    let text = match Policy::open(path, &codeset) {
        Ok((policy, warnings)) => {
            let warnings: Vec<String> = warnings.iter().map(|warning| format!("{warning}\n\n")).collect();
            format!("{}it can be used: {} edits\n", warnings.concat(), policy.edits().len())
        }
        Err(OpenPolicyError::Wrong(error)) => format!("{error}\n"),
        Err(other) => format!("{other}\n"),
    };
    text.replace(&format!("{}/", folder().display()), "")
}

#[test]
fn every_error_is_told_in_these_words_and_places() {
    let mut cases: Vec<PathBuf> = std::fs::read_dir(folder())
        .unwrap()
        .map(|entry| entry.unwrap().path())
        .filter(|path| path.extension().is_some_and(|own| own == "toml"))
        .filter(|path| !path.file_name().unwrap().to_string_lossy().starts_with("included"))
        .collect();
    cases.sort();
    assert!(cases.len() >= 6, "{cases:?}");
    support::compare(&cases, told);
}

#[test]
fn every_message_of_the_compiler_is_among_the_cases() {
    let all = support::told_in(&folder());
    let messages = support::messages(&["document.rs", "tables.rs", "sets.rs", "cel.rs", "check.rs", "compile.rs"]);
    assert!(messages.len() > 20, "{messages:?}");
    let shown = |words: &&String| all.contains(words.as_str()) || NOT_SHOWN.contains(&words.as_str());
    let missing: Vec<&String> = messages.iter().filter(|words| !shown(words)).collect();
    assert!(missing.is_empty(), "no case shows: {missing:#?}");
}

/// Messages of limits that a case would have to be very long to reach (`tests/arbitrary.rs` reaches them), what stands
/// beside a message that is made elsewhere, and what a newer parser of CEL or reader of CSV might give but none does.
const NOT_SHOWN: [&str; 8] = [
    "the policy has more than",
    "split it into several edits, or use sets",
    "split it into several policies",
    "the condition cannot be read",
    "lists within lists are nested deeper than",
    "the list cannot be read as CSV",
    "this is not part of the language",
    "this macro is not part of the language",
];

#[test]
fn a_policy_of_which_anything_is_wrong_is_no_policy() {
    let codeset = support::codeset();
    let good = support::edit("T1", "line", "line.charge > 10");
    let bad = support::edit("T2", "line", "line.charg > 10");
    assert!(Policy::parse("t", &[support::HEAD, &good].concat(), &codeset).is_ok());
    let error = Policy::parse("t", &[support::HEAD, &good, &bad].concat(), &codeset).expect_err("one edit is wrong");
    let errors: Vec<_> = error.problems().iter().filter(|own| own.level() == ProblemLevel::Error).collect();
    let [problem] = errors.as_slice() else { panic!("{error}") };
    let place = (problem.file(), problem.line(), problem.column());
    assert_eq!((place, problem.message()), (("t", 21, 1), "a line has no `charg`"));
}

#[test]
fn the_hash_is_of_every_file() {
    let folder = tempfile::tempdir().unwrap();
    let codeset = support::codeset();
    let write = |name: &str, text: &str| std::fs::write(folder.path().join(name), text).unwrap();
    let main = folder.path().join("main.toml");
    let set = "[sets.a]\nsystem = \"procedures\"\ncsv = \"list.csv\"\n";
    write("main.toml", &format!("include = [\"more.toml\"]\n{}{set}", support::HEAD));
    write("more.toml", &support::edit("T1", "line", "line.procedure in sets.a"));
    write("list.csv", "code\n99213\n");
    let hash = || Policy::open(&main, &codeset).map(|(policy, _)| policy.hash().to_owned()).map_err(|e| e.to_string());
    let first = hash().unwrap();
    assert_eq!(hash().unwrap(), first, "the same files have the same hash");
    write("list.csv", "code\n99214\n");
    let second = hash().unwrap();
    write("more.toml", &support::edit("T1", "line", "!(line.procedure in sets.a)"));
    let third = hash().unwrap();
    assert!(first != second && second != third && first != third);
}
