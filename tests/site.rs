//! A site's choices and suppressions, through the program and through the library: what wins, what is counted, what is
//! told, and that nothing is silently gone.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, reason = "tests")]

use cleanclaim::{
    Claim, Date, Format, Input, Line, Outcome, ReadOptions, Run, Scrubber, SiteFile, Summary, embedded, open_reader,
};
use generate::{Generator, Plan};
use serde_json::Value;
use std::path::Path;
use std::process::Command;

/// Two claims whose diagnosis needs more characters (DX002), of two payers, received in October and in November, one
/// that was not received yet, and one without a fault.
const CLAIMS: &str = "claim_id,payer_id,received_date,procedure,service_from,dx_1,units,charge,place_of_service,dx_pointers,billing_npi\n\
     A1,ACME,20261031,99213,20260103,E11,1,100.00,11,1,1234567893\n\
     A2,ACME,20261101,99213,20260103,E11,1,200.00,11,1,1234567893\n\
     B1,OTHER,,99213,20260103,E11,1,400.00,11,1,1234567893\n\
     B2,OTHER,,99213,20260103,E11.9,1,800.00,11,1,1234567893\n";

struct Ended {
    code: i32,
    out: String,
    err: String,
    summary: Value,
}

/// Scrubs the claims in a folder that has these files.
fn scrub(files: &[(&str, &str)], arguments: &[&str]) -> Ended {
    let folder = tempfile::tempdir().unwrap();
    for (name, text) in files {
        std::fs::write(folder.path().join(name), text).unwrap();
    }
    std::fs::write(folder.path().join("claims.csv"), CLAIMS).unwrap();
    let mut command = Command::new(env!("CARGO_BIN_EXE_cleanclaim"));
    let output = command
        .args(["scrub", "claims.csv", "--summary", "summary.json"])
        .args(arguments)
        .current_dir(folder.path())
        .output()
        .unwrap();
    let summary = std::fs::read(folder.path().join("summary.json"));
    Ended {
        code: output.status.code().unwrap(),
        out: String::from_utf8(output.stdout).unwrap(),
        err: String::from_utf8(output.stderr).unwrap(),
        summary: summary.map_or(Value::Null, |json| serde_json::from_slice(&json).unwrap()),
    }
}

/// Scrubs with this as the file of the site's choices.
fn with(site: &str, arguments: &[&str]) -> Ended {
    scrub(&[("cleanclaim.toml", site)], arguments)
}

/// The ids of the claims with findings that came out so.
fn found(ndjson: &str, outcome: &str) -> Vec<String> {
    let all = ndjson.lines().map(|line| serde_json::from_str::<Value>(line).unwrap());
    let own = all.filter(|finding| finding["outcome"] == outcome);
    own.map(|finding| finding["claim_id"].as_str().unwrap().to_owned()).collect()
}

/// The edits that had something to evaluate.
fn edits(ended: &Ended) -> Vec<String> {
    let all = ended.summary["edits"].as_array().unwrap().iter();
    let ran = all.filter(|edit| edit["pass"].as_u64().unwrap() + edit["fail"].as_u64().unwrap() > 0);
    ran.map(|edit| edit["id"].as_str().unwrap().to_owned()).collect()
}

fn suppression(more: &str) -> String {
    format!(
        "[scrub]\nselect = [\"DX002\"]\nformat = \"ndjson\"\nshow = [\"suppressed\"]\n\n[[suppression]]\n\
         edits = [\"dx-incomplete\"]\nwho = \"B. Clerk\"\nwhy = \"the payer completes it\"\n{more}\n"
    )
}

#[test]
fn the_file_of_the_working_directory_is_taken_unless_another_or_none_is_asked_for() {
    let only = "[scrub]\nselect = [\"DX002\"]\nformat = \"ndjson\"\n";
    let taken = with(only, &[]);
    assert_eq!((taken.code, found(&taken.out, "fail").len()), (1, 3), "{}", taken.err);
    assert!(taken.err.contains("\nconfiguration cleanclaim.toml\n"), "{}", taken.err);
    assert_eq!(taken.summary["configuration"], "cleanclaim.toml");
    let none = with(only, &["--no-config", "--format", "ndjson"]);
    assert!(none.summary["configuration"].is_null() && edits(&none).len() > 50, "every edit runs");
    let other = scrub(&[("cleanclaim.toml", "nonsense"), ("other.toml", only)], &["--config", "other.toml"]);
    assert_eq!((other.out, other.code), (taken.out, 1));
    let absent = scrub(&[], &["--config", "absent.toml"]);
    assert_eq!(absent.code, 2);
    assert!(absent.err.contains("absent.toml: cannot be read"), "{}", absent.err);
}

#[test]
fn no_output_takes_the_place_of_a_file_that_the_choices_come_from() {
    let site = "[scrub]\npolicies = [\"acme.toml\"]\nsuppressions = [\"more.toml\"]\n";
    let policy = "include = [\"part.toml\"]\n[policy]\nid = \"ACME\"\nversion = \"1\"\nname = \"n\"\nsource = \"s\"\n\
                  [applies]\npayers = [\"*\"]\n";
    let part = "[sets.a]\nsystem = \"procedures\"\ncsv = \"codes.csv\"\n";
    let more =
        "[[suppression]]\nedits = [\"CLM007\"]\nwho = \"a\"\nwhy = \"b\"\nuntil = 2100-01-01\nevery_claim = true\n";
    let files = [("cleanclaim.toml", site), ("acme.toml", policy), ("part.toml", part), ("codes.csv", "code\n99213\n")];
    let files = [files.as_slice(), &[("more.toml", more)]].concat();
    for (name, _) in &files {
        let ended = scrub(&files, &["-q", "-o", name]);
        assert_eq!(ended.code, 2, "{name}: {}", ended.err);
        assert!(
            ended.err.contains(&format!("cannot write {name}: it is read by this command")),
            "{name}: {}",
            ended.err
        );
    }
    assert_eq!(scrub(&files, &["-q", "-o", "found"]).code, 1);
}

#[test]
fn the_command_line_wins() {
    let site = "[scrub]\nselect = [\"DX002\", \"DX001\"]\nignore = [\"DX001\"]\nformat = \"csv\"\nfail_on = \"never\"\n\
                show = [\"not-evaluated\"]\nthreads = 1\n[severity]\nDX = \"info\"\nDX002 = \"warning\"\n";
    let plain = with(site, &[]);
    assert!(plain.out.starts_with("claim_id,") && plain.out.contains(",warning,"), "{}", plain.out);
    assert_eq!(plain.code, 0);
    assert_eq!(edits(&plain), ["DX002"]);
    let severity = with(site, &["--severity", "DX00=error"]);
    assert!(severity.out.contains(",error,"), "what the command line says holds over the file's longer name");
    assert_eq!(with(site, &["--fail-on", "warning"]).code, 1);
    assert!(with(site, &["--format", "ndjson"]).out.starts_with('{'));
    assert_eq!(edits(&with(site, &["--select", "DX001,DX004"])), ["DX001", "DX004"], "the file's ignore is not used");
    let both = edits(&with("[scrub]\nignore = [\"DX001\"]\n", &["--ignore", "DX004"]));
    let ignored = ["DX001", "DX004"];
    assert!(both.len() > 50 && !both.iter().any(|id| ignored.contains(&id.as_str())), "both are ignored");
    let shown = "[scrub]\nselect = [\"DX010\"]\nformat = \"ndjson\"\nshow = [\"not-evaluated\"]\n";
    // The three incomplete codes; E11.9 has no ages.
    assert_eq!(found(&with(shown, &[]).out, "not-evaluated"), ["A1", "A2", "B1"]);
    assert_eq!(with(shown, &["--show", "fail"]).out, "");
}

#[test]
fn parameters_of_built_in_edits_are_the_sites_unless_a_policy_says_otherwise() {
    let site = "[scrub]\nselect = [\"CLM004\"]\nformat = \"ndjson\"\n[settings]\ntimely_filing = \"300 days\"\n";
    // 300 days from 3 January are 30 October, a Friday.
    let late = with(site, &[]);
    assert_eq!(found(&late.out, "fail"), ["A1", "A2"], "{}", late.out);
    assert_eq!(with(&site.replace("300 days", "none"), &[]).code, 0);
    let policy = "[policy]\nid = \"ACME\"\nversion = \"1\"\nname = \"Acme\"\nsource = \"none\"\n[applies]\n\
                  payers = [\"ACME\"]\n[settings]\ntimely_filing = \"400 days\"\n";
    let named = site.replace("[scrub]", "[scrub]\npolicies = [\"acme.toml\"]");
    let both = scrub(&[("cleanclaim.toml", &named), ("acme.toml", policy)], &[]);
    assert_eq!((both.code, both.out.as_str()), (0, ""), "{}", both.err);
}

#[test]
fn a_suppressed_finding_is_counted_told_and_its_claim_clean_by_suppression() {
    let ended = with(&suppression("payers = [\"ACME\"]\nuntil = 2026-12-31"), &["--today", "2026-11-22"]);
    assert_eq!(found(&ended.out, "suppressed"), ["A1", "A2"]);
    assert_eq!(found(&ended.out, "fail"), ["B1"]);
    assert_eq!(ended.code, 1, "B1 is reported");
    let values: Value = serde_json::from_str(ended.out.lines().next().unwrap()).unwrap();
    assert_eq!(values["severity"], "error");
    assert_eq!(values["values"]["suppressed_by"], "B. Clerk");
    assert_eq!(values["values"]["suppressed_until"], "2026-12-31");
    assert_eq!(values["values"]["suppressed_because"], "the payer completes it");
    assert_eq!(values["values"]["suppressed_at"], "cleanclaim.toml:6");
    let summary = &ended.summary;
    assert_eq!(
        summary["claims"],
        serde_json::json!({"read": 4, "clean": 3, "clean_with_warnings": 0, "clean_by_suppression": 2, "clean_in_rejected_envelope": 0, "with_errors": 1, "unreadable": 0, "unanswered": 0})
    );
    assert_eq!(summary["charges"]["clean_by_suppression"], "300.00");
    assert_eq!(summary["charges"]["clean"], "1100.00");
    assert_eq!(summary["clean_rate"]["claims_percent"], 75.0);
    assert_eq!(summary["clean_rate"]["claims_percent_without_suppressions"], 25.0);
    assert_eq!(summary["findings"], serde_json::json!({"error": 1, "warning": 0, "info": 0, "suppressed": 2}));
    assert_eq!(summary["evaluations"], serde_json::json!({"pass": 1, "fail": 3, "bypassed": 0, "not_evaluated": 0}));
    let own = &summary["suppressions"]["list"][0];
    assert_eq!((&own["suppressed"], &own["runs"], &own["until"]), (&2.into(), &true.into(), &"2026-12-31".into()));
    assert_eq!(summary["notices"], serde_json::json!([]));
    for part in [
        "findings      3 = 1 error + 0 warning + 0 info + 2 suppressed\n",
        "2 of the clean ($300.00) have errors that are suppressed; without suppressions 25.0% are clean\n",
        "held against a claim's received date or, where it has none, today: 2026-11-22\n",
        "2026-12-31  B. Clerk  cleanclaim.toml:6  the payer completes it\n",
    ] {
        assert!(ended.err.contains(part), "{part}{}", ended.err);
    }
    let hidden = with(&suppression("payers = [\"ACME\"]\nuntil = 2026-12-31"), &["--show", "fail"]);
    assert_eq!((found(&hidden.out, "fail").len(), found(&hidden.out, "suppressed").len()), (1, 0));
    assert_eq!(hidden.summary["findings"], summary["findings"], "hidden, but counted");
    let text = with(&suppression("every_claim = true\nuntil = 2026-12-31"), &["--format", "text"]);
    assert!(text.out.contains("DX002 dx-incomplete  suppressed\n"), "{}", text.out);
    assert!(text.out.contains("suppressed by B. Clerk until 2026-12-31: the payer completes it · cleanclaim.toml:6\n"));
}

#[test]
fn it_holds_through_its_last_day_by_the_received_date_and_else_by_today() {
    let until = |until: &str, today: &str| {
        let ended = with(&suppression(&format!("every_claim = true\nuntil = {until}")), &["--today", today]);
        (found(&ended.out, "suppressed"), ended)
    };
    assert_eq!(until("2026-10-30", "2026-10-30").0, ["B1"]);
    assert_eq!(until("2026-10-31", "2026-10-31").0, ["A1", "B1"]);
    assert_eq!(until("2026-10-31", "2026-11-01").0, ["A1"], "B1 was not received yet");
    assert_eq!(until("2026-11-01", "2026-11-01").0, ["A1", "A2", "B1"]);
    let (suppressed, expired) = until("2026-10-30", "2026-11-22");
    assert!(suppressed.is_empty());
    let notice = &expired.summary["notices"][0];
    assert_eq!((&notice["kind"], &notice["severity"]), (&"expired-suppression".into(), &"warning".into()));
    assert_eq!(expired.summary["suppressions"]["list"][0]["expired"], 3);
    assert!(
        expired
            .err
            .contains("\nwarning: the suppression of dx-incomplete by B. Clerk held until 2026-10-30; 3 findings"),
        "{}",
        expired.err
    );
    let machine = with(&suppression("every_claim = true\nuntil = 2026-10-31"), &[]);
    let day = machine.summary["suppressions"]["today"].as_str().unwrap();
    assert!(Date::parse(day.as_bytes()).is_some() && machine.err.contains(&format!("today: {day}\n")), "{day}");
}

#[test]
fn expired_and_unused_suppressions_count_for_the_exit_code_by_their_severity() {
    let clean = "claims = [\"B2\"]\nuntil = ";
    for (until, kind, codes) in
        [("2026-12-31", "unused-suppression", [0, 0, 1, 0]), ("2026-10-31", "expired-suppression", [0, 1, 1, 0])]
    {
        let site =
            suppression(&format!("{clean}{until}")).replace("DX002\"]", "DX001\"]").replace("dx-incomplete", "DX001");
        for (least, code) in ["error", "warning", "info", "never"].into_iter().zip(codes) {
            let ended = with(&site, &["--fail-on", least, "--today", "2026-11-22"]);
            assert_eq!(ended.code, code, "{kind}, --fail-on {least}: {}", ended.err);
            assert_eq!(ended.summary["notices"][0]["kind"], kind);
            assert_eq!(ended.summary["notices"][0]["at"], "cleanclaim.toml:6");
            // What makes the exit code 1 is told even where the summary is not.
            let quiet = with(&site, &["--fail-on", least, "--today", "2026-11-22", "-q"]);
            let told =
                quiet.err.contains("the suppression of DX001 by B. Clerk") && quiet.err.contains("(cleanclaim.toml:6)");
            assert_eq!((quiet.code, told), (code, code == 1), "{kind}, --fail-on {least}: {}", quiet.err);
            assert!(code == 1 || quiet.err.is_empty(), "{}", quiet.err);
        }
    }
    let idle = with(&suppression("every_claim = true\nuntil = 2026-12-31"), &["--select", "DX001"]);
    assert_eq!(idle.summary["suppressions"]["list"][0]["runs"], false);
    assert!(idle.err.contains("is not used: no edit that it names runs"), "{}", idle.err);
}

#[test]
fn of_two_that_cover_a_finding_the_first_takes_it_and_the_other_is_not_unused() {
    let two = suppression("claims = [\"A*\"]\nuntil = 2026-12-31")
        + "[[suppression]]\nedits = [\"DX\"]\nwho = \"C\"\nwhy = \"again\"\nuntil = 2026-12-31\nevery_claim = true\n";
    let ended = with(&two, &["--today", "2026-11-22"]);
    let list = &ended.summary["suppressions"]["list"];
    assert_eq!(
        (&list[0]["suppressed"], &list[1]["suppressed"], &list[1]["covered_too"]),
        (&2.into(), &1.into(), &2.into())
    );
    assert_eq!(ended.summary["findings"]["suppressed"], 3);
    assert_eq!((ended.code, ended.summary["notices"].as_array().unwrap().len()), (0, 0));
}

#[test]
fn a_file_of_which_anything_is_wrong_stops_the_run_and_all_of_it_is_told() {
    let ended = with(
        "[scrub]\npolicies = [\"acme.toml\"]\nformt = \"csv\"\nignore = [\"DX\"]\n[severity]\nDX002 = \"loud\"\n",
        &[],
    );
    assert_eq!((ended.code, ended.out.as_str()), (2, ""));
    for part in [
        "cleanclaim.toml:3:1",
        "did you mean `format`?",
        "cleanclaim.toml:6:9",
        "is no severity",
        "2 errors",
        "acme.toml: cannot be read",
    ] {
        assert!(ended.err.contains(part), "{part}: {}", ended.err);
    }
}

fn run(scrubber: &Scrubber, csv: &[u8], threads: usize) -> (Vec<u8>, Summary) {
    let pool = rayon::ThreadPoolBuilder::new().num_threads(threads).build().unwrap();
    let input = Input::from_reader("claims.csv", std::io::Cursor::new(csv.to_vec())).unwrap();
    let mut reader = open_reader(input, &ReadOptions::default()).unwrap();
    let mut out = Vec::new();
    let mut run = Run::new(scrubber, &pool, Format::Ndjson);
    run.head(&mut out).unwrap();
    run.input(&mut *reader, &mut out).unwrap();
    let summary = run.finish(&mut out).unwrap();
    (out, summary)
}

#[test]
fn suppressions_move_findings_and_no_evaluation_and_output_is_the_same_at_any_number_of_threads() {
    let text = "[scrub]\nshow = [\"bypassed\", \"suppressed\"]\n\
                [[suppression]]\nedits = [\"DX\"]\nwho = \"a\"\nwhy = \"b\"\nuntil = 2030-01-01\nclaim_types = [\"P\"]\n\
                [[suppression]]\nedits = [\"PX\", \"MOD\", \"PTP\"]\nwho = \"a\"\nwhy = \"b\"\nuntil = 2030-01-01\nprocedures = [\"9*\", \"2*\"]\n\
                [[suppression]]\nedits = [\"CLM\", \"FMT\"]\nwho = \"a\"\nwhy = \"b\"\nuntil = 2019-01-01\nevery_claim = true\n";
    let site = SiteFile::parse("site.toml", text).check(None).unwrap_or_else(|error| panic!("{error}"));
    let codeset = embedded();
    let mut csv = Vec::new();
    let plan = Plan { lines: 30_000, seed: 8, error_rate: 0.4, ..Plan::default() };
    Generator::new(&codeset, plan).unwrap().write_csv(&mut csv, None).unwrap();
    let today = Date::parse(b"2026-11-22").unwrap();
    let suppressing = Scrubber::builder(codeset.clone()).site(&site).today(today).build().unwrap();
    let plain = Scrubber::builder(codeset).show_bypassed(true).build().unwrap();
    let (out, summary) = run(&suppressing, &csv, 1);
    for threads in [2, 7] {
        let again = run(&suppressing, &csv, threads);
        assert!(out == again.0 && summary == again.1, "{threads} threads");
    }
    let (plain_out, plain) = run(&plain, &csv, 2);
    assert_eq!(summary.counts, plain.counts, "an edit's outcomes are not a site's to choose");
    let (own, all) = (&summary.tally, &plain.tally);
    assert!(own.findings.suppressed > 500 && own.claims_clean_by_suppression > 100, "{own:?}");
    assert_eq!(own.findings.total(), all.findings.total());
    assert_eq!(own.claims_clean - own.claims_clean_by_suppression, all.claims_clean);
    assert_eq!(own.charges.clean - own.charges.clean_by_suppression, all.charges.clean);
    assert_eq!(own.claims_unaccounted(), 0);
    assert_eq!(own.claims_unreadable, all.claims_unreadable);
    let lines = |out: &[u8]| String::from_utf8(out.to_vec()).unwrap().lines().count();
    assert_eq!(lines(&out), lines(&plain_out), "shown, they are the same findings");
    let suppressed = String::from_utf8(out).unwrap().matches("\"outcome\":\"suppressed\"").count() as u64;
    assert_eq!(suppressed, own.findings.suppressed);
    let by_edit: u64 = (0..summary.counts.len()).map(|edit| own.suppressed_of(edit)).sum();
    let by_suppression: u64 = (0..3).map(|place| own.suppression(place).suppressed).sum();
    assert_eq!((by_edit, by_suppression), (suppressed, suppressed));
    assert!(own.suppression(2).expired > 0 && own.suppression(2).suppressed == 0);
}

#[test]
fn in_the_library_a_claim_without_received_date_is_suppressed_only_when_the_caller_says_the_day() {
    let text =
        "[[suppression]]\nedits = [\"DX002\"]\nwho = \"a\"\nwhy = \"b\"\nuntil = 2026-12-31\nevery_claim = true\n";
    let site = SiteFile::parse("site.toml", text).check(None).unwrap();
    let claim = |received: Option<&str>| Claim {
        claim_id: "C1".into(),
        received_date: received.map(str::to_owned),
        diagnoses: vec!["E11".into()],
        lines: vec![Line {
            procedure: Some("99213".into()),
            service_from: Some("2026-01-03".into()),
            ..Line::default()
        }],
        ..Claim::default()
    };
    let builder = || Scrubber::builder(embedded()).select("DX002").site(&site);
    let undated = builder().build().unwrap();
    let scrubbed = undated.scrub(&claim(None));
    assert_eq!((scrubbed.findings().len(), scrubbed.is_clean()), (1, false), "it is not known to hold");
    assert_eq!(scrubbed.outcome().tally.suppression(0).undated, 1);
    let scrubbed = undated.scrub(&claim(Some("2026-12-31")));
    assert_eq!((scrubbed.findings().len(), scrubbed.is_clean()), (0, true));
    assert_eq!(scrubbed.outcome().tally.findings.suppressed, 1);
    assert_eq!(undated.scrub(&claim(Some("2027-01-01"))).outcome().tally.suppression(0).expired, 1);
    for (day, clean) in [("2026-12-31", true), ("2027-01-01", false)] {
        let dated = builder().today(Date::parse(day.as_bytes()).unwrap()).build().unwrap();
        let scrubbed = dated.scrub(&claim(None));
        assert_eq!(scrubbed.is_clean(), clean, "{day}");
        let fails: u64 = scrubbed.outcome().counts.iter().map(|counts| counts.of(Outcome::Fail)).sum();
        assert_eq!(fails, 1);
    }
    let shown = builder().show_suppressed(true).build().unwrap();
    let scrubbed = shown.scrub(&claim(Some("2026-01-04")));
    assert!(scrubbed.is_clean() && scrubbed.to_ndjson().contains("\"outcome\":\"suppressed\""));
}

#[test]
fn an_unreadable_claim_stays_unreadable_whatever_is_suppressed() {
    let text = "[[suppression]]\nedits = [\"FMT\"]\nwho = \"a\"\nwhy = \"b\"\nuntil = 2030-12-31\nevery_claim = true\n";
    let site = SiteFile::parse("site.toml", text).check(None).unwrap();
    let today = Date::parse(b"2026-11-22").unwrap();
    let scrubber = Scrubber::builder(embedded()).site(&site).today(today).build().unwrap();
    let csv = b"claim_id,procedure,service_from,dx_1\nC1,99213,20260103\nC2,99213,20260103,E11.9\n";
    let (_, summary) = run(&scrubber, csv, 1);
    let tally = &summary.tally;
    assert_eq!((tally.claims_read, tally.claims_unreadable, tally.claims_clean_by_suppression), (2, 1, 0));
    assert!(tally.findings.suppressed > 0);
}

#[test]
fn a_277ca_accepts_a_claim_of_which_only_suppressed_errors_were_found() {
    let folder = tempfile::tempdir().unwrap();
    let at = |name: &str| folder.path().join(name);
    let program = |arguments: &[&str], from: &Path| {
        let output = Command::new(env!("CARGO_BIN_EXE_cleanclaim")).args(arguments).current_dir(from).output().unwrap();
        (output.status.code().unwrap(), String::from_utf8(output.stderr).unwrap())
    };
    let made =
        ["generate", "--format", "837p", "--lines", "300", "--errors", "40", "--plant", "DX002", "-o", "claims.837"];
    assert_eq!(program(&made, folder.path()).0, 0);
    let site = "[[suppression]]\nedits = [\"DX\", \"CLM\", \"PX\"]\nwho = \"a\"\nwhy = \"b\"\nuntil = 2100-01-01\nevery_claim = true\n";
    std::fs::write(at("cleanclaim.toml"), site).unwrap();
    let answered = |more: &[&str]| {
        let arguments = ["scrub", "claims.837", "--acknowledge", "277ca", "--acknowledge-output", "answer.277"];
        let (code, err) = program(&[arguments.as_slice(), more].concat(), folder.path());
        let answer = std::fs::read_to_string(at("answer.277")).unwrap();
        (code, answer.matches("STC*A3").count() + answer.matches("STC*A7").count(), err)
    };
    let (code, rejected, err) = answered(&["--no-config"]);
    assert!(code == 1 && rejected > 10, "{rejected} {err}");
    let (code, rejected, err) = answered(&[]);
    assert_eq!((code, rejected), (0, 0), "{err}");
}
