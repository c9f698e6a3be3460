//! The literate tests of the edits: `tests/edits/<ID>.md`, one file an edit, run against the default codeset.
//!
//! A case is a section (`## what it shows`) with fenced blocks of tildes:
//!
//! * `csv`, or another format's name: the claims, whose format is told by their content;
//! * `outcomes`: all that this edit reports, one line each, `claim line outcome field`, with `-` for none; for
//!   *not evaluated* optionally the reason. The single word `pass` says that it reports nothing;
//! * `message` (optional): the first finding's message and fix, with ` | ` between;
//! * `table NAME` (optional, any number): a publisher's file of that name, in the form that users load tables of their
//!   own. The default codeset, extended by the files, is what the case runs on.
//!
//! Blocks before the first section are those of every case of the file that has none of the kind itself.
//!
//! Every case runs twice, with this edit alone and with all edits on: no edit's outcome may depend on another. And on the
//! claims of every case, every edit alone comes to what it comes to among all.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, reason = "tests")]

use cleanclaim::{Codeset, Counts, Format, Input, ReadOptions, Run, Scrubber, embedded, open_reader, scrub_readers};
use compile::assemble::{Build, FileSummary, Recognised};
use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write as _;
use std::path::PathBuf;

struct Case {
    title: String,
    blocks: BTreeMap<String, String>,
}

impl Case {
    /// The claims: the one block that is none of the others.
    fn claims(&self) -> &str {
        let others = ["outcomes", "message", "table"];
        let mut own = self.blocks.iter().filter(|(kind, _)| !others.contains(&first_word(kind)));
        own.next().map(|(_, claims)| claims).unwrap_or_else(|| panic!("{}: no claims", self.title))
    }
}

fn cases(text: &str) -> Vec<Case> {
    let mut cases: Vec<Case> = Vec::new();
    let mut common = BTreeMap::new();
    let mut open: Option<(String, String)> = None;
    for line in text.lines() {
        match (&mut open, line.strip_prefix("~~~"), line.strip_prefix("## ")) {
            (Some((kind, body)), Some(_), _) => {
                let block = (std::mem::take(kind), std::mem::take(body));
                let (title, blocks) = match cases.last_mut() {
                    Some(case) => (case.title.as_str(), &mut case.blocks),
                    None => ("the beginning", &mut common),
                };
                assert!(blocks.insert(block.0.clone(), block.1).is_none(), "{title}: two blocks {}", block.0);
                open = None;
            }
            (Some((_, body)), None, _) => {
                body.push_str(line);
                body.push('\n');
            }
            (None, Some(kind), _) => open = Some((kind.trim().to_owned(), String::new())),
            (None, None, Some(title)) => cases.push(Case { title: title.to_owned(), blocks: BTreeMap::new() }),
            (None, None, None) => {}
        }
    }
    assert!(open.is_none(), "a block is not closed");
    for case in &mut cases {
        let own: BTreeSet<String> = case.blocks.keys().map(|kind| first_word(kind).to_owned()).collect();
        let missing = common.iter().filter(|(kind, _)| !own.contains(first_word(kind)));
        case.blocks.extend(missing.map(|(kind, block)| (kind.clone(), block.clone())));
    }
    cases
}

fn first_word(kind: &str) -> &str {
    kind.split(' ').next().unwrap_or_default()
}

/// The codesets that the cases run on, each made once.
#[derive(Default)]
struct Codesets(BTreeMap<Vec<(String, String)>, Codeset>);

impl Codesets {
    /// The default codeset, extended by the tables of a case if it has some.
    fn of(&mut self, case: &Case) -> Codeset {
        let table = |(kind, block): (&String, &String)| Some((kind.strip_prefix("table ")?.to_owned(), block.clone()));
        let tables: Vec<(String, String)> = case.blocks.iter().filter_map(table).collect();
        if tables.is_empty() {
            return embedded();
        }
        self.0.entry(tables.clone()).or_insert_with(|| extended(&tables)).clone()
    }
}

fn extended(tables: &[(String, String)]) -> Codeset {
    let folder = tempfile::tempdir().expect("a folder");
    for (name, content) in tables {
        std::fs::write(folder.path().join(name), content).expect("written");
    }
    let built =
        Build::new().base(embedded()).files(&[folder.path()], &|_| {}).unwrap_or_else(|error| panic!("{error}"));
    for file in &built.summary.files {
        let FileSummary { path, recognised, aside, refused, .. } = file;
        assert!(
            matches!(recognised, Recognised::As(_)) && aside.is_none() && *refused == 0,
            "{path}: {recognised:?}, {aside:?}, {:?}",
            file.refusals
        );
    }
    Codeset::from_bytes(&built.image).expect("opens")
}

/// What one edit reports on the claims: the lines of an `outcomes` block, and the first message and fix.
fn report(codeset: Codeset, id: &str, select: &[&str], claims: &str) -> (Vec<String>, Option<String>) {
    let mut builder = Scrubber::builder(codeset).show_bypassed(true).show_not_evaluated(true);
    for edit in select {
        builder = builder.select(*edit);
    }
    let scrubber = builder.build().expect("the edit exists");
    let input = Input::from_reader("claims", std::io::Cursor::new(claims.as_bytes().to_vec())).expect("readable");
    let reader = open_reader(input, &ReadOptions::default()).unwrap_or_else(|error| panic!("{error}"));
    let mut out = Vec::new();
    let summary = scrub_readers(&scrubber, [reader], Format::Ndjson, &mut out).expect("runs");
    assert_eq!(summary.tally.claims_unaccounted(), 0);
    let (mut lines, mut first) = (Vec::new(), None);
    for line in String::from_utf8(out).expect("UTF-8").lines() {
        let finding: serde_json::Value = serde_json::from_str(line).expect("JSON");
        for part in ["message", "fix"] {
            let text = finding[part].as_str().unwrap_or_default();
            assert!(!text.contains('{') && !text.contains('}'), "a placeholder was not filled: {text}");
        }
        if finding["edit"] != id {
            continue;
        }
        let text = |value: &serde_json::Value| match value {
            serde_json::Value::Null => "-".to_owned(),
            serde_json::Value::String(text) => text.clone(),
            other => other.to_string(),
        };
        let outcome = text(&finding["outcome"]);
        let claim = Some(text(&finding["claim_id"])).filter(|id| !id.is_empty()).unwrap_or("-".to_owned());
        let mut line = format!("{claim} {} {outcome} {}", text(&finding["line_number"]), text(&finding["field"]));
        if outcome == "not-evaluated" {
            write!(line, " {}", text(&finding["values"]["reason"])).expect("a String");
        }
        lines.push(line);
        first.get_or_insert_with(|| format!("{} | {}", text(&finding["message"]), text(&finding["fix"])));
    }
    (lines, first)
}

fn folder() -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("tests/edits")
}

#[test]
fn every_edit_does_what_its_cases_say_alone_and_among_all() {
    let every: Vec<String> = Scrubber::builder(embedded())
        .build()
        .expect("default")
        .edits()
        .iter()
        .map(|e| e.info().id.to_string())
        .collect();
    let every: Vec<&str> = every.iter().map(String::as_str).collect();
    let (mut failures, mut ran) = (String::new(), 0);
    let mut codesets = Codesets::default();
    let mut files: Vec<PathBuf> =
        std::fs::read_dir(folder()).expect("the folder").map(|entry| entry.expect("entry").path()).collect();
    files.sort();
    for path in files {
        let id = path.file_stem().expect("name").to_string_lossy().into_owned();
        let text = std::fs::read_to_string(&path).expect("readable");
        for case in cases(&text) {
            let codeset = codesets.of(&case);
            let (claims, expected) = (case.claims(), &case.blocks["outcomes"]);
            let expected: Vec<&str> = expected.lines().map(str::trim_end).filter(|line| *line != "pass").collect();
            for select in [vec![id.as_str()], every.clone()] {
                let how = if select.len() == 1 { "alone" } else { "among all" };
                let (got, message) = report(codeset.clone(), &id, &select, claims);
                // A reason need not be spelled out.
                let same = got.len() == expected.len()
                    && got.iter().zip(&expected).all(|(got, want)| {
                        got == want || (got.contains(" not-evaluated ") && got.starts_with(&format!("{want} ")))
                    });
                if !same {
                    writeln!(failures, "{id}: {} ({how})\n  expected {expected:#?}\n  got {got:#?}", case.title)
                        .expect("a String");
                }
                if let Some(want) = case.blocks.get("message")
                    && message.as_deref() != Some(want.trim_end())
                {
                    writeln!(failures, "{id}: {} ({how})\n  expected {want}\n  got {message:?}", case.title)
                        .expect("a String");
                }
            }
            ran += 1;
        }
    }
    assert!(failures.is_empty(), "{failures}");
    assert!(ran > 0);
}

/// What a run over the claims of cases comes to, one input a case: the findings as written, and the counts of every edit.
fn run(scrubber: &Scrubber, pool: &rayon::ThreadPool, cases: &[(String, String)]) -> (String, Vec<Counts>) {
    let (mut run, mut out) = (Run::new(scrubber, pool, Format::Ndjson), Vec::new());
    run.head(&mut out).expect("written");
    for (title, claims) in cases {
        let input = Input::from_reader(title, std::io::Cursor::new(claims.as_bytes().to_vec())).expect("readable");
        let mut reader = open_reader(input, &ReadOptions::default()).unwrap_or_else(|error| panic!("{error}"));
        run.input(&mut *reader, &mut out).expect("runs");
    }
    let summary = run.finish(&mut out).expect("written");
    (String::from_utf8(out).expect("UTF-8"), summary.counts)
}

#[test]
fn every_edit_alone_comes_to_what_it_comes_to_among_all_on_the_claims_of_every_case() {
    let pool = rayon::ThreadPoolBuilder::new().num_threads(1).build().expect("a thread");
    let mut codesets = Codesets::default();
    let mut files: Vec<PathBuf> =
        std::fs::read_dir(folder()).expect("the folder").map(|entry| entry.expect("entry").path()).collect();
    files.sort();
    // By the tables that they run on, so that each scrubber is made once.
    let mut by_codeset: BTreeMap<String, (Codeset, Vec<(String, String)>)> = BTreeMap::new();
    for path in &files {
        let name = path.file_stem().expect("name").to_string_lossy().into_owned();
        for case in cases(&std::fs::read_to_string(path).expect("readable")) {
            let codeset = codesets.of(&case);
            let own = by_codeset.entry(codeset.id().to_owned()).or_insert_with(|| (codeset, Vec::new()));
            own.1.push((format!("{name}: {}", case.title), case.claims().to_owned()));
        }
    }
    let (mut compared, mut ran) = (0, 0);
    for (codeset, cases) in by_codeset.values() {
        let builder = || Scrubber::builder(codeset.clone()).show_bypassed(true).show_not_evaluated(true);
        let ids: Vec<String> =
            builder().build().expect("default").edits().iter().map(|edit| edit.info().id.to_string()).collect();
        let all = ids.iter().fold(builder(), |all, id| all.select(id)).build().expect("all edits");
        let (findings, counts) = run(&all, &pool, cases);
        for (number, id) in ids.iter().enumerate() {
            let alone = builder().select(id).build().expect("one edit");
            let (got, own_counts) = run(&alone, &pool, cases);
            let own = format!(r#","edit":"{id}","#);
            let expected: Vec<&str> = findings.lines().filter(|line| line.contains(&own)).collect();
            let got: Vec<&str> = got.lines().collect();
            let differs = got.iter().zip(&expected).find(|(got, expected)| got != expected);
            assert!(got.len() == expected.len() && differs.is_none(), "{id} alone: {differs:#?}");
            assert_eq!(own_counts[number], counts[number], "{id} alone");
            let mut others = own_counts.iter().enumerate().filter(|(place, _)| *place != number);
            assert!(others.all(|(_, counts)| *counts == Counts::default()), "{id} alone counts another");
            compared += got.len();
        }
        ran += cases.len();
    }
    assert!(compared > 10_000 && ran > 600, "{compared} findings of {ran} cases");
}

/// What is not in the agreed style of a message and its fix: what is wrong, with the real values, then why; what to do,
/// as a sentence that begins with what to do.
fn style(id: &str, text: &str, fix: &str) -> Vec<&'static str> {
    let mut faults = Vec::new();
    let mut fault = |is: bool, what| {
        if is {
            faults.push(what);
        }
    };
    let begins = |text: &str| {
        let bare = text.trim_start_matches('"');
        bare.starts_with(|c: char| c.is_uppercase() || c.is_ascii_digit() || c == '{')
    };
    fault(!begins(text) || !begins(fix), "begins with no capital letter, number or value");
    fault(text.ends_with(['.', '!', '?', ';', ':', ' ']), "a message ends without a stop");
    fault(!fix.ends_with('.') || fix.ends_with(".."), "a fix ends with a stop");
    fault(text.len() < 30 || text.len() > 320, "a message has 30 to 320 characters");
    // Most of a fix may stand in a value.
    let short = fix.len() < 10 && !fix.contains('{');
    fault(short || fix.len() > 320, "a fix has 10 to 320 characters");
    fault([text, fix].iter().any(|own| own.contains("  ") || own.contains('\n')), "white space");
    fault(text.contains('!') || fix.contains('!'), "an exclamation");
    let blames = ["please", "invalid", "illegal", "oops", "you "];
    let lower = [text, fix].map(str::to_ascii_lowercase);
    fault(lower.iter().any(|own| blames.iter().any(|word| own.contains(word))), "a word that does not help");
    // The structure of a file needs no other reason than its guide.
    let says_why = [";", ": ", ", and "].iter().any(|between| text.contains(between));
    fault(!says_why && !id.starts_with("FMT"), "says what is wrong and not why");
    for own in [text, fix] {
        let mut rest = own;
        while let Some((_, after)) = rest.split_once('{') {
            let Some((name, behind)) = after.split_once('}') else {
                fault(true, "a brace is not closed");
                break;
            };
            let is_name = name.bytes().all(|byte| byte.is_ascii_lowercase() || byte.is_ascii_digit() || byte == b'_');
            fault(name.is_empty() || !is_name, "a value's name");
            rest = behind;
        }
        fault(rest.contains('}'), "a brace is not opened");
    }
    faults
}

#[test]
fn messages_out_of_style_are_noticed() {
    let text = "{procedure} has ended on {date}; a payer would reject the line";
    let fix = "Report the code that replaces it.";
    assert!(style("PX003", text, fix).is_empty());
    for (text, fix, what) in [
        ("{procedure} has ended on {date}; a payer would reject the line.", fix, "a message ends without a stop"),
        ("{procedure} ended on {date}, too early", fix, "says what is wrong and not why"),
        (
            "code {procedure} ended on {date}; a payer would reject it",
            fix,
            "begins with no capital letter, number or value",
        ),
        (text, "Report the code that replaces it", "a fix ends with a stop"),
        (text, "Please report the code that replaces it.", "a word that does not help"),
        (text, "Report {Code}, which replaces it.", "a value's name"),
        ("{procedure has ended on its date; a payer would reject the line", fix, "a brace is not closed"),
        ("Ended; so what", fix, "a message has 30 to 320 characters"),
    ] {
        assert!(style("PX003", text, fix).contains(&what), "{text} / {fix}: {:?}", style("PX003", text, fix));
    }
}

/// Outcomes that an edit cannot have, and why, so that its cases need not show them.
fn cannot_have(id: &str, outcome: &str) -> bool {
    match outcome {
        // What the reader could not read is always known, and nothing releases it.
        "not-evaluated" | "bypassed" if id.starts_with("FMT") => true,
        // Only edits whose documentation names a release can be bypassed.
        "bypassed" => {
            let scrubber = Scrubber::builder(embedded()).build().expect("default");
            let doc = scrubber.edits().iter().find(|entry| entry.info().id == id).expect("exists").info().doc.clone();
            let bypass = doc.split("# Bypass").nth(1).and_then(|rest| rest.split("# Source").next()).expect("heading");
            bypass.trim().starts_with("None")
        }
        // These read only what is on the claim itself, in fields that every input must have.
        "not-evaluated" => ["DX005", "DX006", "MOD003", "CLM003", "SYS001", "MOD016", "MOD017", "MOD018"].contains(&id),
        // The engine reports it, from a panic that no claim can cause. Bytes that are no UTF-8, and fields of many
        // kilobytes, have no place in a text: crates/edits/tests/format.rs shows those.
        // No loaded release has a table of procedures by sex.
        _ => {
            id == "SYS001"
                || (outcome == "fail" && id == "PX011")
                || (outcome == "fail" && ["FMT002", "FMT007"].contains(&id))
        }
    }
}

/// The adjustment reasons in force that the list of them (X12, code list 139) takes only with a remark code.
const NEED_REMARKS: [&str; 14] =
    ["16", "96", "129", "148", "201", "226", "227", "234", "237", "250", "251", "252", "267", "A1"];

#[test]
fn every_edit_has_documentation_source_and_cases_of_all_its_outcomes() {
    const HEADINGS: [&str; 7] =
        ["What it checks", "Why a payer denies it", "Example", "How to fix", "Bypass", "Source", "Tables"];
    let scrubber = Scrubber::builder(embedded()).build().expect("default");
    let mut failures = String::new();
    for entry in scrubber.edits() {
        let (info, id) = (entry.info(), entry.info().id.as_ref());
        let headings: Vec<&str> = info.doc.lines().filter_map(|line| line.trim().strip_prefix("# ")).collect();
        if headings != HEADINGS {
            writeln!(failures, "{id}: headings are {headings:?}").expect("a String");
        }
        if info.doc.split("# ").skip(1).any(|part| part.lines().skip(1).collect::<String>().trim().is_empty()) {
            writeln!(failures, "{id}: a heading has no text").expect("a String");
        }
        let documented = info.doc.split("# Source").nth(1).and_then(|rest| rest.split("# ").next()).unwrap_or_default();
        if info.source.trim().is_empty() || documented.trim().is_empty() {
            writeln!(failures, "{id}: no source").expect("a String");
        }
        if !(1..=7).contains(&info.snip) {
            writeln!(failures, "{id}: SNIP level {}", info.snip).expect("a String");
        }
        // Several, where payers differ, stand with commas between.
        for (what, codes) in [("CARC", &info.carc), ("RARC", &info.rarc)] {
            let formed = |code: &str| (1..=5).contains(&code.len()) && code.bytes().all(|b| b.is_ascii_alphanumeric());
            if !codes.is_empty() && !codes.split(", ").all(formed) {
                writeln!(failures, "{id}: {what} {codes:?}").expect("a String");
            }
        }
        if info.rarc.is_empty() && info.carc.split(", ").any(|code| NEED_REMARKS.contains(&code)) {
            writeln!(failures, "{id}: CARC {} stands with a remark code", info.carc).expect("a String");
        }
        for message in info.messages.iter() {
            for fault in style(id, &message.text, &message.fix) {
                writeln!(failures, "{id}: {fault}: {:?} / {:?}", message.text, message.fix).expect("a String");
            }
        }
        let text = std::fs::read_to_string(folder().join(format!("{id}.md"))).unwrap_or_default();
        let cases = cases(&text);
        let shown: BTreeSet<&str> = cases
            .iter()
            .flat_map(|case| case.blocks.get("outcomes").map_or("", String::as_str).lines())
            .map(|line| line.split(' ').nth(2).unwrap_or(line))
            .collect();
        for outcome in ["pass", "fail", "bypassed", "not-evaluated"] {
            if !shown.contains(outcome) && !cannot_have(id, outcome) {
                writeln!(failures, "{id}: no case shows {outcome}").expect("a String");
            }
        }
        if info.doc.contains("  # ") || cases.is_empty() && id != "SYS001" {
            writeln!(failures, "{id}: no cases").expect("a String");
        }
    }
    assert!(failures.is_empty(), "{failures}");
}

#[test]
fn ids_and_names_are_unique_and_of_their_form() {
    let scrubber = Scrubber::builder(embedded()).build().expect("default");
    let ids: Vec<&str> = scrubber.edits().iter().map(|entry| entry.info().id.as_ref()).collect();
    assert!(ids.is_sorted());
    let unique: BTreeSet<&str> = ids.iter().copied().collect();
    assert_eq!(unique.len(), ids.len());
    let names: BTreeSet<&str> = scrubber.edits().iter().map(|entry| entry.info().name.as_ref()).collect();
    assert_eq!(names.len(), ids.len());
    for name in names {
        assert!(name.bytes().all(|byte| byte.is_ascii_lowercase() || byte.is_ascii_digit() || byte == b'-'), "{name}");
    }
}

#[test]
fn a_diagnosis_of_many_dates_is_judged_once_on_each() {
    // A047 ended on 2017-09-30: it fails on every date, and each date counts at the first line that has it.
    let mut csv = "claim_id,claim_type,procedure,service_from,dx_1,dx_pointers\n".to_owned();
    let dates = 150;
    for line in 0..2 * dates {
        let (month, day) = (1 + line % dates / 25, 1 + line % dates % 25);
        writeln!(csv, "c1,P,99213,2024-{month:02}-{day:02},A047,1").expect("a String");
    }
    let (got, _) = report(embedded(), "DX002", &["DX002", "DX003"], &csv);
    let (also, _) = report(embedded(), "DX003", &["DX002", "DX003"], &csv);
    let lines: Vec<u32> =
        got.iter().chain(&also).map(|line| line.split(' ').nth(1).unwrap().parse().unwrap()).collect();
    assert_eq!(lines, (1..=dates).collect::<Vec<u32>>());
}

#[test]
fn the_page_of_edits_is_what_the_program_writes() {
    let written = std::process::Command::new(env!("CARGO_BIN_EXE_cleanclaim"))
        .args(["edits", "--format", "markdown"])
        .output()
        .expect("the program");
    assert!(written.status.success(), "{}", String::from_utf8_lossy(&written.stderr));
    let written = String::from_utf8(written.stdout).expect("UTF-8");
    let path = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("EDITS.md");
    if std::env::var_os("BLESS").is_some() {
        std::fs::write(&path, &written).expect("written");
    }
    let committed = std::fs::read_to_string(&path).unwrap_or_default();
    let changed =
        written.lines().find(|line| !committed.lines().any(|own| own == *line)).unwrap_or("some line is gone");
    assert!(
        written == committed,
        "EDITS.md is stale: {changed:?}\nrenew it: cargo run --release -- edits --format markdown > EDITS.md"
    );
}

#[test]
fn a_family_is_listed_by_the_beginning_of_its_ids() {
    let run = |arguments: &[&str]| {
        let ended =
            std::process::Command::new(env!("CARGO_BIN_EXE_cleanclaim")).arg("edits").args(arguments).output().unwrap();
        (ended.status.code(), String::from_utf8(ended.stdout).unwrap())
    };
    let (_, all) = run(&[]);
    for family in ["PTP", "ptp", "MUE", "DX0"] {
        let expected: Vec<&str> = all
            .lines()
            .enumerate()
            .filter(|(number, line)| *number == 0 || line.starts_with(&family.to_ascii_uppercase()))
            .map(|(_, line)| line)
            .collect();
        let (code, list) = run(&[family]);
        assert_eq!((code, list.lines().collect::<Vec<_>>()), (Some(0), expected), "{family}");
        assert_eq!(run(&[family, "--format", "ndjson"]).1.lines().count(), list.lines().count() - 1, "{family}");
        assert!(run(&[family, "--format", "markdown"]).1.contains(&format!("\n### {}", family.to_ascii_uppercase())));
    }
    // What names one edit explains it, as before.
    assert!(run(&["PTP001"]).1.starts_with("PTP001 ptp-never\n"));
    assert_eq!(run(&["PTQ"]), (Some(2), String::new()));
}
