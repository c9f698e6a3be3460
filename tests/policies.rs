//! Payer policies from end to end: those that are shipped, and what a scrub makes of one.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, reason = "tests")]

use cleanclaim::{
    Codeset, CsvOptions, CsvReader, Format, Input, Outcome, Policies, Policy, Run, Scrubber, ScrubberBuilder, Summary,
    compare, embedded,
};
use generate::{Generator, Plan};
use serde_json::Value;
use std::io::Cursor;
use std::path::{Path, PathBuf};

fn folder() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("codesets/policies")
}

fn shipped() -> Vec<PathBuf> {
    let entries = std::fs::read_dir(folder()).unwrap().map(|entry| entry.unwrap().path());
    let mut files: Vec<PathBuf> = entries.filter(|path| path.extension().is_some_and(|own| own == "toml")).collect();
    files.sort();
    files
}

#[test]
fn every_shipped_policy_is_without_a_warning_and_its_examples_come_out() {
    let codeset = embedded();
    let (files, mut tried) = (shipped(), 0);
    assert!(!files.is_empty());
    for file in &files {
        let (policy, warnings) = Policy::open(file, &codeset).unwrap_or_else(|error| panic!("{error}"));
        assert!(warnings.is_empty(), "{warnings:?}");
        for edit in policy.edits() {
            let info = edit.info();
            assert!(!info.source.is_empty() && edit.examples() >= 2, "{} needs a source and two examples", info.id);
        }
        for result in policy.try_examples(&codeset) {
            assert!(result.is_as_expected(), "{}: {result}", file.display());
            tried += 1;
        }
    }
    assert!(tried >= 18, "{tried}");
    // Together too: no id is used twice.
    Policies::open(&files, &codeset).unwrap_or_else(|error| panic!("{error}"));
}

const HEAD: &str = "[policy]\nid = \"T\"\nversion = \"7\"\nname = \"Test Health\"\nsource = \"none\"\n\
                    [applies]\npayers = [\"T*\"]\n";

fn edit(id: &str, more: &str, condition: &str) -> String {
    format!(
        "[[edit]]\nid = \"{id}\"\ntitle = \"t {id}\"\n{more}\nfails_when = '''{condition}'''\n\
         message = \"m {{claim.id}}\"\nfix = \"f\"\n"
    )
}

fn policies(codeset: &Codeset, parts: &[String]) -> Policies {
    let (policy, _) =
        Policy::parse("t.toml", &[HEAD, &parts.concat()].concat(), codeset).unwrap_or_else(|e| panic!("{e}"));
    Policies::new(vec![policy], codeset).unwrap()
}

/// A scrubber that judges by a policy of these parts.
fn builder(parts: &[String]) -> ScrubberBuilder {
    let codeset = embedded();
    let policies = policies(&codeset, parts);
    Scrubber::builder(codeset).policies(policies)
}

fn reader(csv: &str) -> CsvReader {
    let input = Input::from_reader("claims.csv", Cursor::new(csv.as_bytes().to_vec())).unwrap();
    CsvReader::new(input, CsvOptions::default()).unwrap_or_else(|error| panic!("{error}"))
}

fn scrub(scrubber: &Scrubber, csv: &str, threads: usize) -> (String, Summary) {
    let pool = rayon::ThreadPoolBuilder::new().num_threads(threads).build().unwrap();
    let (mut run, mut out) = (Run::new(scrubber, &pool, Format::Ndjson), Vec::new());
    run.input(&mut reader(csv), &mut out).unwrap();
    let summary = run.finish(&mut out).unwrap();
    assert_eq!(summary.tally.claims_unaccounted(), 0);
    (String::from_utf8(out).unwrap(), summary)
}

fn findings(ndjson: &str, edit: &str) -> Vec<Value> {
    let all = ndjson.lines().map(|line| serde_json::from_str::<Value>(line).unwrap());
    all.filter(|finding| finding["edit"] == edit).collect()
}

/// Pass, fail, bypassed and not evaluated, of the edit as this policy has it.
fn counts(scrubber: &Scrubber, summary: &Summary, id: &str, policy: bool) -> [u64; 4] {
    let is = |entry: &cleanclaim::EditEntry| entry.info().id == id && entry.policy().is_some() == policy;
    let place = scrubber.edits().iter().position(is).unwrap_or_else(|| panic!("{id}"));
    Outcome::ALL.map(|outcome| summary.counts[place].of(outcome))
}

/// Two lines of payer T1, one of T2, two of another; the last line of T1 has no charge.
const CLAIMS: &str = "claim_id,claim_type,payer_id,procedure,modifier_1,service_from,dx_1,units,charge\n\
                      A,P,T1,99213,,20251103,E11.9,1,125.00\n\
                      A,P,T1,36415,25,20251103,E11.9,1,\n\
                      B,P,T2,99213,25,20251103,E11.9,2,300.00\n\
                      C,P,OTHER,99213,,20251103,E11.9,2,300.00\n\
                      C,P,OTHER,36415,,20251103,E11.9,2,300.00\n";

#[test]
fn a_policy_judges_the_claims_of_its_payers_and_every_unit_is_counted() {
    let scrubber = builder(&[
        edit("T1", "", "line.charge > 100"),
        edit("T2", "unless = '\"25\" in line.modifiers'", "line.procedure == \"99213\""),
        edit("T3", "unit = \"claim\"", "claim.diagnoses.exists(d, d in [\"E11.9\"]) && size(lines) == 2"),
        edit("T4", "shadow = true", "line.procedure == \"99213\""),
        edit("T5", "claim_types = [\"I\"]", "line.procedure == \"99213\""),
        edit("T6", "", "line.procedure == \"G0438\""),
    ])
    .show_bypassed(true)
    .show_not_evaluated(true)
    .build()
    .unwrap();
    let (out, summary) = scrub(&scrubber, CLAIMS, 2);
    let of = |id| counts(&scrubber, &summary, id, true);
    assert_eq!(of("T1"), [0, 2, 0, 1]);
    assert_eq!(of("T2"), [1, 1, 1, 0]);
    assert_eq!(of("T3"), [1, 1, 0, 0]);
    assert_eq!(of("T4"), [1, 2, 0, 0], "a shadow is counted");
    assert!(findings(&out, "T4").is_empty(), "and not reported");
    assert_eq!(of("T5"), [0; 4], "for claims of another type");
    assert_eq!(of("T6"), [3, 0, 0, 0], "passed by what no claim could set off");
    let lines = |id| {
        let told = |own: &Value| {
            (
                own["claim_id"].as_str().unwrap().to_owned(),
                own["line_number"].as_u64(),
                own["outcome"].as_str().unwrap().to_owned(),
            )
        };
        findings(&out, id).iter().map(told).collect::<Vec<_>>()
    };
    let one = |claim: &str, line, outcome: &str| (claim.to_owned(), line, outcome.to_owned());
    assert_eq!(lines("T1"), [one("A", Some(1), "fail"), one("A", Some(2), "not-evaluated"), one("B", Some(1), "fail")]);
    assert_eq!(lines("T2"), [one("A", Some(1), "fail"), one("B", Some(1), "bypassed")]);
    assert_eq!(lines("T3"), [one("A", None, "fail")]);
    let label = scrubber.policies()[0].label();
    assert!(label.starts_with("T@7#"), "{label}");
    for finding in ["T1", "T2", "T3"].iter().flat_map(|id| findings(&out, id)) {
        assert_eq!(finding["policy"], **label);
        assert!(finding["message"].as_str().unwrap().starts_with("m ") || finding["outcome"] != "fail");
    }
    let mut json = Vec::new();
    summary.write_json(scrubber.edits(), &mut json).unwrap();
    let json: Value = serde_json::from_slice(&json).unwrap();
    assert_eq!(json["policies"][0]["policy"], **label);
    let mut text = Vec::new();
    summary.write_text(scrubber.edits(), &mut text).unwrap();
    assert!(String::from_utf8(text).unwrap().contains(&**label));
}

#[test]
fn built_in_edits_are_changed_for_the_payers_of_a_policy_alone() {
    let scrubber = builder(&[
        "[settings]\nfollows_medicare = false\n[[builtin]]\nedits = [\"DX002\"]\nenabled = false\nreason = \"none\"\n\
         [[builtin]]\nedits = [\"PTP002\"]\nseverity = \"info\"\ncarc = \"97\"\nreason = \"none\"\n"
            .to_owned(),
    ])
    .build()
    .unwrap();
    let claims = "claim_id,claim_type,payer_id,bill_type,revenue_code,procedure,service_from,statement_from,statement_to,dx_1,modifier_1\n\
                  A,I,T1,0131,0750,45385,20240305,20240305,20240305,E11,\n\
                  A,I,T1,0131,0750,45380,20240305,20240305,20240305,E11,\n\
                  C,I,OTHER,0131,0750,45385,20240305,20240305,20240305,E11,\n\
                  C,I,OTHER,0131,0750,45380,20240305,20240305,20240305,E11,\n";
    let (out, summary) = scrub(&scrubber, claims, 1);
    let [own, other] = &findings(&out, "PTP002")[..] else { panic!("{out}") };
    let told = |finding: &Value| {
        [&finding["claim_id"], &finding["severity"], &finding["carc"]].map(|own| own.as_str().unwrap().to_owned())
    };
    assert_eq!(told(own), ["A", "info", "97"]);
    assert_eq!(told(other), ["C", "error", "236"]);
    assert!(own["policy"].as_str().unwrap().starts_with("T@7#") && other["policy"].is_null());
    let of_claims: Vec<Value> = findings(&out, "DX002").iter().map(|own| own["claim_id"].clone()).collect();
    assert_eq!(of_claims, ["C"]);
    assert_eq!(counts(&scrubber, &summary, "PTP002", true), [1, 1, 0, 0]);
    assert_eq!(counts(&scrubber, &summary, "PTP002", false), [1, 1, 0, 0]);
    assert_eq!(counts(&scrubber, &summary, "DX002", false), [0, 1, 0, 0]);
    assert_eq!((summary.tally.claims_with_errors, summary.tally.claims_clean), (1, 1));
}

#[test]
fn a_payer_may_ask_for_the_ndc_of_every_drug() {
    let scrubber = builder(&["[settings]\nrequires_ndc = true\n".to_owned()]).build().unwrap();
    // J0129 is a drug by its first letter, Q5101 by its status (K), 90632 by neither; 99213 is none, 9921X no code.
    let claims = "claim_id,claim_type,payer_id,procedure,service_from,ndc,ndc_unit,ndc_quantity,dx_1\n\
                  A,P,T1,J0129,20240701,,,,I10\nA,P,T1,Q5101,20240701,,,,I10\nA,P,T1,99213,20240701,,,,I10\n\
                  A,P,T1,J0129,20240702,00003218710,UN,1,I10\nA,P,T1,90632,20240701,,,,I10\n\
                  A,P,T1,9921X,20240701,,,,I10\nC,P,OTHER,J0129,20240701,,,,I10\n";
    let (out, summary) = scrub(&scrubber, claims, 1);
    let failed: Vec<Value> = findings(&out, "PX031").iter().map(|own| own["line_number"].clone()).collect();
    assert_eq!(failed, [1, 2]);
    assert_eq!(findings(&out, "PX031")[0]["message"].as_str().unwrap().split(' ').next(), Some("J0129"));
    assert_eq!(counts(&scrubber, &summary, "PX031", false), [4, 2, 0, 1]);
    // An input without the column cannot tell; other payers do not ask.
    let (out, summary) =
        scrub(&scrubber, "claim_id,claim_type,payer_id,procedure,service_from,dx_1\nA,P,T1,J0129,20240701,I10\n", 1);
    assert_eq!((findings(&out, "PX031").len(), counts(&scrubber, &summary, "PX031", false)), (0, [0, 0, 0, 1]));
}

#[test]
fn a_site_chooses_among_the_edits_of_policies_as_among_others() {
    let parts = [edit("T1", "", "line.charge > 100"), edit("T2", "", "line.procedure == \"99213\"")];
    let run = |builder: ScrubberBuilder| {
        let scrubber = builder.build().unwrap();
        let (out, _) = scrub(&scrubber, CLAIMS, 1);
        (findings(&out, "T1"), findings(&out, "T2"), findings(&out, "CLM005"))
    };
    let (one, two, others) = run(builder(&parts).select("T1").severity("T1", cleanclaim::Severity::Info));
    assert_eq!((one.len(), two.len(), others.len()), (2, 0, 0));
    assert!(one.iter().all(|finding| finding["severity"] == "info"));
    let (one, two, _) = run(builder(&parts).ignore("T1"));
    assert_eq!((one.len(), two.len()), (0, 2));
    assert!(builder(&parts).select("T3").build().is_err());
    let other = Codeset::from_bytes(&codeset::ImageBuilder::new().finish().unwrap()).unwrap();
    let of_other = policies(&other, &[edit("T1", "", "line.charge > 100")]);
    let error = Scrubber::builder(embedded()).policies(of_other).build().expect_err("another codeset");
    assert!(error.to_string().contains("compiled against codeset"), "{error}");
}

#[test]
fn a_policy_applies_by_the_first_day_of_service_and_an_edit_by_the_day_of_its_line() {
    let dated = HEAD.replace("source", "from = 2025-01-01\nto = 2025-12-31\nsource");
    let parts = [edit("T1", "", "line.units > 0"), edit("T2", "from = 2025-06-01", "line.units > 0")];
    let codeset = embedded();
    let (policy, _) = Policy::parse("t", &[dated, parts.concat()].concat(), &codeset).unwrap_or_else(|e| panic!("{e}"));
    let scrubber =
        Scrubber::builder(codeset.clone()).policies(Policies::new(vec![policy], &codeset).unwrap()).build().unwrap();
    let mut claims = "claim_id,payer_id,procedure,service_from,dx_1,units\n".to_owned();
    for (claim, days) in [
        ("A", ["20241231", "20250101"]),
        ("B", ["20250101", "20250601"]),
        ("C", ["20250531", "20260101"]),
        ("D", ["20260101", "20260102"]),
    ] {
        for day in days {
            claims.push_str(&format!("{claim},T1,99213,{day},E11.9,1\n"));
        }
    }
    let (out, summary) = scrub(&scrubber, &claims, 1);
    let lines = |id| {
        findings(&out, id)
            .iter()
            .map(|own| format!("{}{}", own["claim_id"].as_str().unwrap(), own["line_number"]))
            .collect::<Vec<_>>()
    };
    assert_eq!(lines("T1"), ["B1", "B2", "C1", "C2"]);
    assert_eq!(lines("T2"), ["B2", "C2"]);
    assert_eq!(counts(&scrubber, &summary, "T2", true), [2, 2, 0, 0]);
}

/// Edits of many kinds over generated claims.
fn many() -> Vec<String> {
    let mut parts = vec![
        edit("T1", "", "line.charge > 400 && !has(line.note)"),
        edit("T2", "unit = \"claim\"", "sum(lines.map(l, l.units)) > 12"),
        edit("T3", "", "lines.exists(o, o.number < line.number && o.procedure == line.procedure)"),
        edit("T4", "", "overlaps(line.diagnoses, [\"E119\", \"I10\"]) && line.age > 60"),
    ];
    let codeset = embedded();
    let procedures = codeset.system(cleanclaim::SystemId::Procedure).unwrap();
    let codes = procedures.iter().filter(|(own, _)| !procedures.rows(*own).is_empty()).step_by(37).take(300);
    for ((_, code), number) in codes.zip(100..) {
        parts.push(edit(&format!("T{number}"), "", &format!("line.procedure == \"{code}\" && line.units >= 1")));
    }
    parts
}

#[test]
fn the_same_claims_give_the_same_bytes_at_any_number_of_threads() {
    let plan = Plan { lines: 3_000, ..Plan::default() };
    let mut claims = Vec::new();
    Generator::new(&embedded(), plan).unwrap().write_csv(&mut claims, None).unwrap();
    let claims = String::from_utf8(claims).unwrap();
    let everyone = HEAD.replace("T*", "*");
    let codeset = embedded();
    let (policy, _) =
        Policy::parse("t", &[everyone, many().concat()].concat(), &codeset).unwrap_or_else(|e| panic!("{e}"));
    let policies = Policies::new(vec![policy], &codeset).unwrap();
    let scrubber = Scrubber::builder(codeset.clone()).policies(policies).build().unwrap();
    let (one, summary) = scrub(&scrubber, &claims, 1);
    assert!(one.contains("\"edit\":\"T1") && summary.tally.claims_read > 500);
    for threads in [2, 3] {
        let (other, other_summary) = scrub(&scrubber, &claims, threads);
        assert!(other == one && other_summary == summary, "{threads} threads");
    }
    for (entry, counts) in scrubber.edits().iter().zip(&summary.counts).filter(|(entry, _)| entry.policy().is_some()) {
        let units: u64 = Outcome::ALL.map(|outcome| counts.of(outcome)).iter().sum();
        let readable = summary.tally.claims_read - summary.tally.claims_unreadable;
        let expected = if entry.info().unit == cleanclaim::Unit::Claim {
            readable..=readable
        } else {
            1..=summary.tally.lines_read
        };
        assert!(expected.contains(&units), "{}: {units}", entry.info().id);
    }
    // Without the policy, what the built-in edits say is the same.
    let (plain, _) = scrub(&Scrubber::builder(codeset).build().unwrap(), &claims, 2);
    let built_in: Vec<&str> = one.lines().filter(|line| line.contains("\"policy\":null")).collect();
    assert_eq!(built_in, plain.lines().collect::<Vec<_>>());
}

#[test]
fn what_a_new_version_changes_is_told_claim_by_claim_in_dollars() {
    let of = |limit: u32| builder(&[edit("T1", "", &format!("line.charge > {limit}"))]).select("T1").build().unwrap();
    let (old, new) = (of(200), of(100));
    let mut changes = Vec::new();
    let totals = compare(&old, &new, &mut reader(CLAIMS), &mut |change| changes.push(change)).unwrap();
    let [change] = &changes[..] else { panic!("{changes:?}") };
    assert_eq!((change.claim_id.as_str(), change.newly_failing.len(), change.newly_passing.len()), ("A", 1, 0));
    assert_eq!((change.newly_failing[0].line, change.newly_failing[0].edit.as_str()), (Some(1), "T1"));
    assert_eq!((change.charge_newly_failing.cents(), change.charge_newly_passing.cents()), (12_500, 0));
    assert_eq!(
        (totals.claims, totals.changed, totals.lines_newly_failing, totals.charge_newly_failing),
        (3, 1, 1, 12_500)
    );
    let back = compare(&new, &old, &mut reader(CLAIMS), &mut |_| {}).unwrap();
    assert_eq!((back.lines_newly_passing, back.charge_newly_passing, back.lines_newly_failing), (1, 12_500, 0));
    let same = compare(&old, &old, &mut reader(CLAIMS), &mut |change| panic!("{change:?}")).unwrap();
    assert_eq!((same.claims, same.changed), (3, 0));
}

/// Exit code, what was written, and what was told.
fn program(arguments: &[&str]) -> (i32, String, String) {
    let ended = std::process::Command::new(env!("CARGO_BIN_EXE_cleanclaim")).args(arguments).output().unwrap();
    let text = |bytes: Vec<u8>| String::from_utf8(bytes).unwrap();
    (ended.status.code().unwrap(), text(ended.stdout), text(ended.stderr))
}

/// The first word that is told, the label of a policy.
fn first_label(told: &str) -> String {
    told.split_whitespace().next().unwrap().to_owned()
}

#[test]
fn policies_are_checked_tried_explained_and_compared_from_the_command_line() {
    let folder = tempfile::tempdir().unwrap();
    let write = |name: &str, text: &str| {
        let path = folder.path().join(name);
        std::fs::write(&path, text).unwrap();
        path.to_str().unwrap().to_owned()
    };
    let example = |limit: u32, expect: &str| {
        let example = format!(
            "[[edit.example]]\nname = \"e\"\nexpect = \"{expect}\"\nclaim = {{ lines = [{{ charge = 150 }}] }}\n"
        );
        [HEAD, &edit("T1", "", &format!("line.charge > {limit}")), &example].concat()
    };
    let (good, other) = (write("good.toml", &example(100, "fail")), write("other.toml", &example(200, "fail")));
    let bad = write("bad.toml", &example(100, "fail").replace("line.charge", "line.charg"));
    let worse = write("worse.toml", &example(100, "fail").replace("line.charge", "line.chage"));
    let claims = write("claims.csv", CLAIMS);

    let (code, out, _) = program(&["policy", "check", &good]);
    assert_eq!(code, 0, "{out}");
    assert!(out.contains("T@7#") && out.contains("1 edit, 1 example;"), "{out}");
    let (code, out, _) = program(&["policy", "check", &bad]);
    assert_eq!(code, 1);
    assert!(out.contains("bad.toml:12:17") && out.contains("did you mean `charge`?"), "{out}");
    assert_eq!(program(&["policy", "check", "/no/such.toml"]).0, 2);

    assert_eq!(program(&["policy", "test", &good]).0, 0);
    let (code, out, _) = program(&["policy", "test", &other]);
    assert_eq!(code, 1);
    assert!(out.contains("T1 \"e\": expected fail, got pass") && out.contains("0 of 1 examples"), "{out}");

    let (code, out, _) = program(&["policy", "explain", "t1", "--policy", &good, "--claim", &claims]);
    assert_eq!(code, 0);
    for part in [
        "claim A\nline 1: fail",
        "line.charge > 100  →  true",
        "line.charge  →  125.00",
        "line 2: not-evaluated",
        "not known: field charge is not given",
        "claim C\n  the policy does not apply to this claim: payer OTHER is none of T*",
    ] {
        assert!(out.contains(part), "{part}: {out}");
    }
    let condition =
        "lines.exists(o, o.units > 1 && o.charge > (claim.type == \"P\" ? 10 : 20)) && size(line.modifiers) > 0";
    let list = write("list.toml", &[HEAD, &edit("T2", "", condition)].concat());
    let (_, out, _) = program(&["policy", "explain", "T2", "--policy", &list, "--claim", &claims]);
    let told = out.split("claim B\n").nth(1).unwrap().split("claim C").next().unwrap();
    for part in [
        "        for line 1  →  true\n          o.units > 1  →  true\n            o.units  →  2\n",
        "          o.charge > (claim.type == \"P\" ? 10 : 20)  →  true\n",
        "      size(line.modifiers) > 0  →  true\n",
    ] {
        assert!(told.contains(part), "{part}: {told}");
    }
    let (code, _, told) = program(&["policy", "explain", "T9", "--policy", &good, "--claim", &claims]);
    assert!(code == 2 && told.contains("no edit of the policies is called \"T9\"; there are T1"), "{told}");

    let (code, out, _) = program(&["policy", "diff", &other, &good, "--claims", &claims]);
    assert_eq!(code, 1);
    assert!(
        out.contains("claim A\n  + T1 on line 1\n") && out.contains("1 line newly fails, of charges 125.00"),
        "{out}"
    );
    let (_, out, _) = program(&["policy", "diff", &good, &other, "--claims", &claims, "--format", "ndjson"]);
    let objects: Vec<Value> = out.lines().map(|line| serde_json::from_str(line).unwrap()).collect();
    assert_eq!(objects[0]["charge_newly_passing"], "125.00");
    assert_eq!(objects[1]["summary"]["changed"], 1);
    assert_eq!(program(&["policy", "diff", &good, &good, "--claims", &claims]).0, 0);

    let scrub =
        |policy: &str| program(&["scrub", &claims, "--policy", policy, "--select", "T1", "--format", "ndjson", "-q"]);
    let (code, out, _) = scrub(&good);
    assert_eq!((code, out.lines().count()), (1, 2), "{out}");
    let (code, out, told) = scrub(&bad);
    assert_eq!((code, out.as_str()), (2, ""), "a broken policy never runs half");
    assert!(told.contains("bad.toml:12:17"), "{told}");
    let pinned = |pin: &str| {
        program(&["scrub", &claims, "--policy", &good, "--pin", pin, "--select", "T1", "--format", "ndjson", "-q"])
    };
    let label = first_label(&program(&["policy", "check", &good]).1);
    let hash = label.rsplit('#').next().unwrap();
    for pin in [label.as_str(), "T@7", &format!("T#{hash}")] {
        let (code, out, told) = pinned(pin);
        assert_eq!((code, out.lines().count()), (1, 2), "{pin}: {told}");
    }
    for (pin, says) in [
        ("T@8", "asks for policy T@8, but T@7#"),
        ("T@7#0123456789abcdef", "asks for policy T@7#0123456789abcdef, but T@7#"),
        ("U@7", "asks for policy U@7, which was not given; the policies are: T"),
        ("T", "names no version of a policy"),
    ] {
        let (code, out, told) = pinned(pin);
        assert_eq!((code, out.as_str()), (2, ""), "{pin}");
        assert!(told.contains(says), "{told}");
    }
    let (code, out, told) = program(&["scrub", &claims, "--policy", &bad, "--policy", &worse, "-q"]);
    assert_eq!((code, out.as_str()), (2, ""));
    assert!(told.contains("bad.toml:12:17") && told.contains("worse.toml:12:17"), "of both files: {told}");
    let (code, out, _) = program(&["edits", "T1", "--policy", &good]);
    assert!(code == 0 && out.contains("Fails when: line.charge > 100"), "{out}");
}
