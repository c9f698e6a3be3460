//! No text stops the compiler: whatever a policy holds, it is compiled or refused with places, without a panic and
//! without a stack that overflows.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, reason = "tests")]

mod support;

use claims::{Claim, ClaimBatch, Columns, Line};
use cleanclaim_policy::{Guarded, Policy, PolicyError, PolicyScratch};
use codes::Code;
use codeset::{Codeset, ImageBuilder, Release, Row, SystemBuilder, SystemId};
use edits::FactsBuilder;
use proptest::prelude::*;
use std::collections::{BTreeMap, BTreeSet};
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

/// The shipped policies; what includes another file stands without it.
const SHIPPED: [&str; 4] = [
    include_str!("../../../codesets/policies/example.toml"),
    include_str!("../../../codesets/policies/medicare-part-b.toml"),
    include_str!("../../../codesets/policies/medicare-outpatient.toml"),
    include_str!("../../../codesets/policies/medicaid.toml"),
];

fn shipped() -> Vec<String> {
    let sets = include_str!("../../../codesets/policies/example/sets.toml");
    let alone = |text: &str| {
        let text = text.replace("include = [\"example/sets.toml\"]", "");
        let text = text.replace("csv = \"example-injections.csv\"", "codes = [\"J1100\", \"J1885\"]");
        let text = text.replace("column = \"code\"", "");
        if text.contains("sets.established_codes") { [text.as_str(), sets].concat() } else { text }
    };
    SHIPPED.map(alone).to_vec()
}

/// A codeset that has every code that these texts write, in every system in which it could be one.
fn codeset_of(texts: &[String]) -> Codeset {
    let mut written: BTreeSet<String> = BTreeSet::new();
    for word in texts.iter().flat_map(|text| text.split('"')) {
        for part in word.trim_end_matches('*').trim_end_matches('.').split('-') {
            let code = part.replace('.', "");
            if (1..=7).contains(&code.len())
                && code.bytes().all(|byte| byte.is_ascii_uppercase() || byte.is_ascii_digit())
            {
                written.insert(code);
            }
        }
    }
    let from = support::day("2015-10-01");
    let mut image = ImageBuilder::new();
    let systems =
        [SystemId::Diagnosis, SystemId::Procedure, SystemId::Modifier, SystemId::PlaceOfService, SystemId::Revenue];
    for (id, release) in systems.into_iter().zip(0u16..) {
        let mut system = SystemBuilder::new(id);
        for code in &written {
            let code = match id {
                SystemId::Diagnosis => Code::parse_diagnosis(code.as_bytes()),
                SystemId::Procedure => Code::parse(code.as_bytes()).filter(|code| code.len() == 5),
                SystemId::Revenue => Code::parse(code.as_bytes()).filter(|code| code.len() == 4),
                _ => Code::parse(code.as_bytes()).filter(|code| code.len() == 2),
            };
            if let Some(code) = code {
                system.add(code, Row::new(from, None, release), None);
            }
        }
        image.release(Release::new("test", id.name(), from, None));
        image.system(system).unwrap();
    }
    Codeset::from_bytes(&image.finish().unwrap()).unwrap()
}

/// The words of a text, the gaps between them too: joined they are the text.
fn words_of(text: &str) -> Vec<&str> {
    let is_word = |c: char| c.is_alphanumeric() || c == '_';
    let (mut words, mut from) = (Vec::new(), 0);
    let mut before: Option<char> = None;
    for (at, c) in text.char_indices() {
        if before.is_some_and(|before| !(is_word(before) && is_word(c))) {
            words.push(&text[from..at]);
            from = at;
        }
        before = Some(c);
    }
    words.push(&text[from..]);
    words
}

/// Claims with some of the codes that the policies ask for.
fn claims() -> Vec<Claim> {
    let line = |procedure: &str, modifiers: &[&str], units: &str| Line {
        procedure: Some(procedure.into()),
        modifiers: modifiers.iter().map(|&own| own.to_owned()).collect(),
        service_from: Some("2025-11-03".into()),
        place_of_service: Some("22".into()),
        revenue_code: Some("0420".into()),
        units: Some(units.into()),
        charge: Some("12000".into()),
        ..Line::default()
    };
    let claim = |claim_type: &str, lines: Vec<Line>| Claim {
        claim_id: "C".into(),
        claim_type: Some(claim_type.into()),
        birth_date: Some("1980-02-29".into()),
        bill_type: Some("0131".into()),
        patient_status: Some("30".into()),
        diagnoses: vec!["E11.9".into(), "Z12.11".into()],
        lines,
        ..Claim::default()
    };
    vec![
        claim("P", vec![line("99213", &["25", "GT"], "1"), line("99213", &[], "2"), line("J9271", &["JW"], "200")]),
        claim("P", vec![line("G0103", &[], "1"), line("77067", &["TC"], "1"), line("97110", &["GP", "GO"], "4")]),
        claim("I", vec![line("G0463", &[], "2"), line("36430", &["CA"], "1"), Line::default()]),
        Claim { claim_id: "empty".into(), ..Claim::default() },
    ]
}

/// Words of conditions.
const LANGUAGE: [&str; 34] = [
    "procedure",
    "modifiers",
    "pos",
    "revenue",
    "units",
    "charge",
    "date",
    "number",
    "provider",
    "note",
    "diagnoses",
    "age",
    "total",
    "sex",
    "conditions",
    "received",
    "bill_type",
    "exists",
    "exists_one",
    "all",
    "filter",
    "map",
    "size",
    "sum",
    "min",
    "year",
    "overlaps",
    "prefix",
    "startsWith",
    "has",
    "line",
    "lines",
    "claim",
    "sets",
];

#[test]
fn what_is_made_of_the_shipped_policies_by_chance_is_refused_or_runs() {
    const ROUNDS: usize = 120;
    let texts = shipped();
    let codeset = codeset_of(&texts);
    for text in &texts {
        Policy::parse("t.toml", text, &codeset).unwrap_or_else(|error| panic!("as it is shipped: {error}"));
    }
    let (claims, mut scratch) = (claims(), PolicyScratch::default());
    // One seed, so that every run does the same.
    let mut state = 0x9e37_79b9_7f4a_7c15u64;
    let mut next = |below: usize| {
        state ^= state << 13;
        state ^= state >> 7;
        state ^= state << 17;
        (state % below.max(1) as u64) as usize
    };
    let (mut places, mut ran, mut failed): (BTreeMap<(String, u32), usize>, _, _) = (BTreeMap::new(), 0usize, 0usize);
    for text in &texts {
        let words = words_of(text);
        for _ in 0..ROUNDS {
            let mut made: Vec<&str> = words.clone();
            for _ in 0..=next(3) {
                let (at, other) = (next(made.len()), next(words.len()));
                match next(9) {
                    0 => drop(made.remove(at)),
                    1 => made.insert(at, words[other]),
                    2 => made[at] = words[other],
                    3 => made[at] = ["==", "1", "0", "&&", "!", "-1", "\"\"", "true", "line", "claim", ")"][next(11)],
                    // A whole stretch twice, so that what is there may be there again.
                    4 => {
                        let stretch: Vec<&str> = words[other..(other + 40).min(words.len())].to_vec();
                        made.splice(at..at, stretch);
                    }
                    // A word of the language where another was, so that types do not fit.
                    _ => {
                        let from = (at..made.len()).find(|&own| LANGUAGE.contains(&made[own]));
                        if let Some(from) = from {
                            made[from] = LANGUAGE[next(LANGUAGE.len())];
                        }
                    }
                }
            }
            let made = made.concat();
            match Policy::parse("t.toml", &made, &codeset) {
                Err(error) => {
                    assert!(!error.to_string().is_empty());
                    for problem in error.problems() {
                        assert!(problem.line() <= made.matches('\n').count() + 1, "{problem:?}");
                        let (file, line) = problem.told_at();
                        *places.entry((file.to_owned(), line)).or_default() += 1;
                    }
                }
                Ok((policy, _)) => {
                    ran += 1;
                    for claim in &claims {
                        let mut batch = ClaimBatch::new(Columns::ALL);
                        batch.push(claim);
                        let mut builder = FactsBuilder::new(&codeset);
                        let (facts, mut verdicts) = (builder.build(batch.claim(0), &mut &codeset), Vec::new());
                        policy.check(&facts, Guarded::No, &mut scratch, &mut verdicts);
                        failed += verdicts.len();
                    }
                }
            }
        }
    }
    // That it goes deep: some of it still runs, and it is refused for many reasons.
    assert!(ran > ROUNDS / 3, "{ran} of {} ran", 4 * ROUNDS);
    assert!(failed > ran, "{failed} verdicts of {ran} policies");
    assert!(places.len() > 22, "{} kinds of problem: {places:#?}", places.len());
}
