//! `codesets/policies/README.md` is tried: its blocks make one policy without an error or warning, its examples come
//! out, its conditions compile, and there is one with every function of the language.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, reason = "tests")]

use cleanclaim::{Policy, embedded};
use std::collections::BTreeMap;
use std::path::Path;

/// A fenced block: what stands behind the fence, and the text.
type Block = (String, String);

/// The fenced blocks.
fn blocks() -> Vec<Block> {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("codesets/policies/README.md");
    let text = std::fs::read_to_string(path).unwrap();
    let (mut blocks, mut open): (Vec<Block>, Option<Block>) = (Vec::new(), None);
    for line in text.lines() {
        match (line.strip_prefix("```"), open.take()) {
            (Some(_), Some(block)) => blocks.push(block),
            (Some(info), None) => open = Some((info.to_owned(), String::new())),
            (None, Some((info, text))) => open = Some((info, text + line + "\n")),
            (None, None) => {}
        }
    }
    assert!(open.is_none());
    blocks
}

/// The files that the blocks make, each from all blocks of its name.
fn files() -> BTreeMap<String, String> {
    let mut files: BTreeMap<String, String> = BTreeMap::new();
    for (info, text) in blocks() {
        if let Some((_, name)) = info.split_once(' ') {
            files.entry(name.to_owned()).or_default().push_str(&text);
        }
    }
    files
}

/// The conditions, without what is said of them.
fn conditions() -> Vec<String> {
    let all = blocks().into_iter().filter(|(info, _)| info == "cel").flat_map(|(_, text)| {
        text.lines().map(|line| line.split(" // ").next().unwrap().trim().to_owned()).collect::<Vec<_>>()
    });
    all.collect()
}

/// Writes the files, with more behind the policy.
fn written(folder: &Path, more: &str) -> std::path::PathBuf {
    for (name, text) in files() {
        let text = if name == "plan.toml" { [text.as_str(), more].concat() } else { text };
        std::fs::write(folder.join(name), text).unwrap();
    }
    folder.join("plan.toml")
}

fn edit(id: &str, condition: &str) -> String {
    format!(
        "[[edit]]\nid = \"{id}\"\ntitle = \"t\"\nseverity = \"info\"\nmessage = \"m\"\nfix = \"f\"\nfails_when = '''{condition}'''\n\
         [[edit.example]]\nname = \"of an empty line\"\nexpect = \"pass\"\nclaim = {{ lines = [{{}}] }}\n"
    )
}

#[test]
fn the_policy_of_the_readme_is_right_and_its_examples_come_out() {
    let (folder, codeset) = (tempfile::tempdir().unwrap(), embedded());
    let conditions = conditions();
    assert!(conditions.len() > 35, "{}", conditions.len());
    let more: String = conditions.iter().zip(100..).map(|(own, number)| edit(&format!("ACME-{number}"), own)).collect();
    let (policy, warnings) =
        Policy::open(written(folder.path(), &more), &codeset).unwrap_or_else(|error| panic!("{error}"));
    assert!(warnings.is_empty(), "{warnings:?}");
    let results = policy.try_examples(&codeset);
    let own: Vec<_> = results.iter().filter(|own| own.edit == "ACME-1" || own.edit == "ACME-2").collect();
    assert_eq!(own.len(), 5);
    assert!(own.iter().all(|own| own.is_as_expected()), "{own:?}");
}

#[test]
fn the_readme_has_a_condition_with_every_function_and_operator() {
    let (folder, codeset) = (tempfile::tempdir().unwrap(), embedded());
    let path = written(folder.path(), &edit("ACME-3", "zzzzzzzzzzzzzzzzzz(1)"));
    let error = Policy::open(path, &codeset).err().unwrap().to_string();
    let functions = error.split("there are ").nth(1).unwrap().lines().next().unwrap().to_owned();
    let all = conditions().join("\n");
    let missing: Vec<&str> = functions.split(", ").filter(|name| !all.contains(&format!("{name}("))).collect();
    assert!(functions.contains("exists_one") && missing.is_empty(), "the README shows no {missing:?}");
    for sign in
        ["&&", "||", "!", "==", "!=", "<", "<=", ">", ">=", " in ", " + ", " - ", " * ", " / ", " ? ", "params."]
    {
        assert!(all.contains(sign), "{sign}");
    }
}
