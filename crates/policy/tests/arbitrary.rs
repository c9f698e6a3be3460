//! No text stops the compiler: whatever a policy holds, it is compiled or refused with places, without a panic and
//! without a stack that overflows.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, reason = "tests")]

mod support;

use cleanclaim_policy::{Policy, PolicyError};
use codeset::Codeset;
use proptest::prelude::*;
use std::sync::LazyLock;
use support::{HEAD, edit};

static CODESET: LazyLock<Codeset> = LazyLock::new(support::codeset);

fn compile(text: &str) -> Result<Policy, PolicyError> {
    Policy::parse("t.toml", text, &CODESET).map(|(policy, _)| policy)
}

/// Problems are told with places within the text.
fn is_well_told(text: &str) -> Result<(), TestCaseError> {
    if let Err(error) = compile(text) {
        prop_assert!(!error.problems().is_empty());
        for problem in error.problems() {
            prop_assert!(problem.line() <= text.matches('\n').count() + 1, "{problem:?}");
            prop_assert!(!problem.message().is_empty());
        }
        prop_assert!(error.to_string().contains("t.toml"));
    }
    Ok(())
}

/// Words of conditions in any order, so that most of the grammar is met.
fn words() -> impl Strategy<Value = String> {
    let word = proptest::sample::select(vec![
        "line",
        "lines",
        "claim",
        "sets",
        "params",
        ".",
        ".",
        "procedure",
        "units",
        "charge",
        "date",
        "modifiers",
        "exists",
        "filter",
        "map",
        "all",
        "(",
        ")",
        "(",
        ")",
        "[",
        "]",
        ",",
        "&&",
        "||",
        "!",
        "==",
        "<",
        ">=",
        "in",
        "+",
        "-",
        "*",
        "/",
        "%",
        "?",
        ":",
        "1",
        "2.5",
        "\"99213\"",
        "'x'",
        "\"2025-01-01\"",
        "true",
        "has",
        "size",
        "sum",
        "code",
        "o",
        "overlaps",
        "null",
        "{",
        "}",
        "\u{e9}",
        "\u{1f600}",
        "\\",
        "0x1F",
        "1u",
        "b'a'",
        "r\"x\"",
        "\"\"\"",
        "in",
    ]);
    proptest::collection::vec(word, 0..40).prop_map(|words| words.join(" "))
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(192))]
    #[test]
    fn any_text_is_refused_or_compiled(text in any::<String>()) {
        is_well_told(&text)?;
    }

    #[test]
    fn any_bytes_that_are_text_are_refused_or_compiled(bytes in proptest::collection::vec(any::<u8>(), 0..400)) {
        is_well_told(&String::from_utf8_lossy(&bytes))?;
    }

    #[test]
    fn any_condition_is_refused_or_compiled(condition in prop_oneof![words(), any::<String>()]) {
        is_well_told(&[HEAD, &edit("T1", "line", &condition.replace("'''", ""))].concat())?;
    }

    #[test]
    fn a_policy_cut_anywhere_or_with_a_piece_missing_is_refused_or_compiled(from in 0usize..6000, length in 0usize..80) {
        const EXAMPLE: &str = include_str!("../../../codesets/policies/example.toml");
        let floor = |mut at: usize| {
            at = at.min(EXAMPLE.len());
            while !EXAMPLE.is_char_boundary(at) {
                at -= 1;
            }
            at
        };
        let (from, to) = (floor(from), floor(from + length));
        is_well_told(&EXAMPLE[..from])?;
        is_well_told(&[&EXAMPLE[..from], &EXAMPLE[to..]].concat())?;
    }
}

#[test]
fn what_is_nested_too_deeply_is_refused() {
    let deep = |open: &str, close: &str, count: usize| [&open.repeat(count), "true", &close.repeat(count)].concat();
    let nested = (0..12).fold("true".to_owned(), |inner, depth| format!("lines.exists(l{depth}, {inner})"));
    for condition in [
        deep("(", ")", 20_000),
        deep("(", ")", 100),
        deep("!", "", 20_000),
        deep("!", "", 500),
        deep("[", "]", 1000),
        deep("size(", ")", 500),
        deep("true ? true : ", "", 5000),
        ["line", &".x".repeat(3000)].concat(),
        ["1", &" + 1".repeat(3000)].concat(),
        ["-".repeat(3000).as_str(), "1 > 0"].concat(),
        ["true", &" in true".repeat(3000)].concat(),
        nested,
        "\"".to_owned() + &"(".repeat(5000),
    ] {
        let text = [HEAD, &edit("T1", "line", &condition)].concat();
        let error = compile(&text).expect_err(&condition[..condition.len().min(40)]);
        assert_eq!(error.problems().iter().filter(|own| own.line() >= 8).count(), error.problems().len());
    }
    // TOML of its own.
    assert!(compile(&format!("{HEAD}a = {}{}", "[".repeat(50_000), "]".repeat(50_000))).is_err());
}

#[test]
fn what_is_long_but_flat_is_compiled() {
    let all = vec!["line.units > 1"; 60].join(" && ");
    assert!(compile(&[HEAD, &edit("T1", "line", &all)].concat()).is_ok());
    let any = vec!["\"99213\""; 500].join(", ");
    assert!(compile(&[HEAD, &edit("T1", "line", &format!("line.procedure in [{any}]"))].concat()).is_ok());
}

#[test]
fn a_policy_of_too_many_edits_is_refused() {
    let edits: Vec<String> = (0..50_001).map(|number| edit(&format!("T{number}"), "line", "true")).collect();
    let error = compile(&[HEAD, &edits.concat()].concat()).expect_err("too many");
    assert!(error.problems().iter().any(|own| own.message().contains("more than 50000 edits")));
}
