//! What is wrong with a policy, in the words and with the places that its author reads: `tests/errors/*.toml` beside
//! what is told of each. `BLESS=1 cargo test -p cleanclaim-policy --test errors` writes what is told now; read it.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, reason = "tests")]

mod support;

use cleanclaim_policy::{OpenPolicyError, Policies, Policy, ProblemLevel};
use codeset::{Codeset, ImageBuilder};
use std::collections::{BTreeMap, BTreeSet};
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

/// The policies that are wrong.
fn cases() -> Vec<PathBuf> {
    let mut cases: Vec<PathBuf> = std::fs::read_dir(folder())
        .unwrap()
        .map(|entry| entry.unwrap().path())
        .filter(|path| path.extension().is_some_and(|own| own == "toml"))
        .filter(|path| !path.file_name().unwrap().to_string_lossy().starts_with("included"))
        .collect();
    cases.sort();
    cases
}

#[test]
fn every_error_is_told_in_these_words_and_places() {
    let cases = cases();
    assert!(cases.len() >= 6, "{cases:?}");
    support::compare(&cases, told);
}

/// A place of the crate's source at which a problem is told: the file, as named from `src`, and the line.
type Place = (String, u32);

/// The files of a folder of the crate's source and of those in it, as named from `src`.
fn sources_in(folder: &str) -> Vec<String> {
    let mut files = Vec::new();
    for entry in std::fs::read_dir(source(folder)).unwrap().map(Result::unwrap) {
        let name = format!("{folder}{}", entry.file_name().to_string_lossy());
        match entry.file_type().unwrap().is_dir() {
            true => files.extend(sources_in(&format!("{name}/"))),
            false => files.push(name),
        }
    }
    files
}

fn source(name: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("src").join(name)
}

/// Every place at which the sources tell a problem, with the text that stands there.
fn told_in_sources() -> BTreeMap<Place, String> {
    let mut places = BTreeMap::new();
    // What is told of a site's own file stands in a folder of its own, and is tested with it.
    for name in sources_in("").into_iter().filter(|name| !name.starts_with("site/")) {
        let text = std::fs::read_to_string(source(&name)).unwrap();
        let lines: Vec<&str> = text.lines().collect();
        // What a function that is tracked tells is told of its callers.
        let mut tracked = false;
        for (line, number) in lines.iter().zip(1u32..) {
            let before = (number as usize).checked_sub(2).and_then(|at| lines.get(at)).copied().unwrap_or_default();
            if line.trim_start().starts_with("fn ") || line.contains(" fn ") {
                tracked = before.trim() == "#[track_caller]";
            }
            let calls = ["problems.error(", "problems.error_with_help(", "problems.warn(", "self.wrong("];
            if !tracked && calls.iter().any(|call| line.contains(call)) {
                let rest = lines[number as usize - 1..].iter().take(4).copied().collect::<Vec<_>>().join("\n");
                let above = lines[(number as usize).saturating_sub(3)..number as usize - 1].join("\n");
                places.insert((name.clone(), number), [above, rest].join("\n"));
            }
        }
    }
    places
}

/// Every place at which a problem of some case is told.
fn told_in_cases() -> BTreeSet<Place> {
    let (codeset, mut places) = (support::codeset(), BTreeSet::new());
    for case in cases() {
        let problems = match Policy::open(&case, &codeset) {
            Ok((_, warnings)) => warnings,
            Err(OpenPolicyError::Wrong(error)) => error.problems().to_vec(),
            Err(other) => panic!("{other}"),
        };
        for problem in problems {
            let (file, line) = problem.told_at();
            let file = file.replace('\\', "/");
            let (_, name) = file.rsplit_once("/src/").unwrap();
            places.insert((name.to_owned(), line));
        }
    }
    places
}

#[test]
fn every_problem_that_the_compiler_can_tell_is_told_in_some_case() {
    let (sources, cases) = (told_in_sources(), told_in_cases());
    assert!(sources.len() > 110, "{}", sources.len());
    let strangers: Vec<&Place> = cases.iter().filter(|place| !sources.contains_key(*place)).collect();
    assert!(strangers.is_empty(), "told at places that the test does not see as such: {strangers:?}");
    let mut unreached = NOT_SHOWN.to_vec();
    let mut missing = Vec::new();
    for (place, text) in sources.iter().filter(|(place, _)| !cases.contains(*place)) {
        match unreached.iter().position(|words| text.contains(words)) {
            Some(known) => drop(unreached.remove(known)),
            None => missing.push(format!("{}:{}\n{text}", place.0, place.1)),
        }
    }
    assert!(missing.is_empty(), "no case shows what is told at\n{}", missing.join("\n\n"));
    assert!(unreached.is_empty(), "a case shows these, or they are told no more: {unreached:?}");
}

/// Limits that a case would have to be very long to reach (`tests/arbitrary.rs` reaches them), and what a newer parser
/// of CEL or reader of CSV might give but none does.
const NOT_SHOWN: [&str; 10] = [
    "\"one too many\"",
    // Told of a site's own file, which `tests/site.rs` shows; of a policy's, with what stands behind the fault.
    "\"the file is not TOML\", error.message()",
    "split it into several policies",
    "\"split it into several edits, or use sets\"",
    "Expr::Unspecified => self.wrong(id",
    "\"the condition cannot be read\", \"not an expression\"",
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

#[test]
fn a_policy_of_another_codeset_is_refused_and_told() {
    let text = format!(
        "{}[[edit]]\nid = \"T001\"\ntitle = \"A procedure of the policy\"\nfails_when = 'line.procedure in [\"J1100\"]'\n\
         message = \"It is\"\nfix = \"Leave it out.\"\n",
        support::HEAD
    );
    let (own, other) = (support::codeset(), Codeset::from_bytes(&ImageBuilder::new().finish().unwrap()).unwrap());
    let compiled = || Policy::parse("t.toml", &text, &own).unwrap().0;
    assert_eq!(compiled().codeset(), own.id());
    assert!(Policies::new(vec![compiled()], &own).is_ok());
    let error = Policies::new(vec![compiled()], &other).expect_err("J1100 has another ordinal there");
    assert!(matches!(&error, OpenPolicyError::OtherCodeset { given, .. } if given == other.id()), "{error}");
    assert!(error.to_string().ends_with("compile it against the codeset that it is used with"), "{error}");
}
