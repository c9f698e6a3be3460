//! What the program says of the files that it is given, where they are not what they should be.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, reason = "tests")]

use std::io::Write;
use std::path::{Path, PathBuf};
use std::process::{Command, Output, Stdio};

const CLAIMS: &str = "claim_id,procedure,service_from,dx_1,units,charge,place_of_service,dx_pointers,billing_npi\n\
                      BAD,99213,20251103,E11,1,125.00,11,1,1234567893\n\
                      GOOD,99213,20251103,E11.9,1,125.00,11,1,1234567893\n";

fn program() -> Command {
    let mut program = Command::new(env!("CARGO_BIN_EXE_cleanclaim"));
    program.stdin(Stdio::null());
    program
}

fn run(arguments: &[&str]) -> Output {
    program().args(arguments).output().unwrap()
}

fn text(bytes: &[u8]) -> &str {
    std::str::from_utf8(bytes).unwrap()
}

fn written(folder: &Path, name: &str, content: impl AsRef<[u8]>) -> String {
    let path = folder.join(name);
    std::fs::write(&path, content).unwrap();
    path.to_str().unwrap().to_owned()
}

#[test]
fn nothing_of_claims_is_told_that_are_given_where_another_file_belongs() {
    let folder = tempfile::tempdir().unwrap();
    let good = written(folder.path(), "good.csv", CLAIMS);
    let image = folder.path().join("new.codeset");
    let image = image.to_str().unwrap();
    // Each with what the file's text might be told by.
    let claims = [
        ("headed.csv", "claim_id,patient_id,birth_date,procedure\nQX77,DOEJANE,19610203,99213\n".to_owned()),
        ("bare.csv", "QX77,DOEJANE,19610203,99213\nQX77,DOEJANE,19610203,99214\n".to_owned()),
        ("x12.txt", "ISA*00*QX77*00*DOEJANE*ZZ*19610203~\nGS*HC*QX77*DOEJANE~\n".to_owned()),
        ("lines.ndjson", "{\"claim_id\":\"QX77\",\"patient_id\":\"DOEJANE\",\"birth_date\":\"19610203\"}\n".repeat(2)),
        ("list.json", "[{\"claim_id\":\"QX77\",\n[\"DOEJANE\", 19610203]}]\n".to_owned()),
        ("pipes.txt", "QX77|DOEJANE|19610203\n".repeat(30)),
        ("assigned.txt", "QX77 = DOEJANE 19610203\nDOEJANE = 19610203 = QX77\n".to_owned()),
    ];
    for (name, content) in claims {
        let path = written(folder.path(), name, content);
        let path = path.as_str();
        let site = written(folder.path(), "site.toml", format!("[scrub]\nsuppressions = [\"{name}\"]\n"));
        let including = written(
            folder.path(),
            "policy.toml",
            format!(
                "include = [\"{name}\"]\n[policy]\nid = \"A\"\nversion = \"1\"\nname = \"A\"\nsource = \"a\"\n\
                 [applies]\npayers = [\"*\"]\n[sets.a]\nsystem = \"procedures\"\ncsv = \"{name}\"\n"
            ),
        );
        let (site, including) = (site.as_str(), including.as_str());
        for arguments in [
            &["scrub", "--policy", path, &good][..],
            &["scrub", "--policy", including, &good],
            &["scrub", "--config", path, &good],
            &["scrub", "--config", site, &good],
            &["scrub", "--map", path, &good],
            &["scrub", "--codeset", path, &good],
            &["convert", "--map", path, &good],
            &["edits", "--policy", path],
            &["policy", "check", path],
            &["policy", "test", path],
            &["policy", "explain", "A1", "--policy", path, "--claim", &good],
            &["policy", "diff", path, path, "--claims", &good],
            &["codes", "99213", "--codeset", path],
            &["codesets", "build", path, "-o", image],
            &["codesets", "build", "--default", path, "-o", image],
            &["codesets", "diff", "default", path],
            &["codesets", "inspect", path],
            &["codesets", "verify", path],
            &["codesets", "update", "--only", "taxonomy", "--base", path],
            &["codesets", "update", "--sources", path, "-o", image],
            &["generate", "--codeset", path],
        ] {
            let ended = run(arguments);
            let (out, err) = (text(&ended.stdout), text(&ended.stderr));
            assert!(matches!(ended.status.code(), Some(1 | 2)), "{arguments:?}: {out}{err}");
            for part in ["QX77", "DOEJANE", "19610203"] {
                assert!(!out.contains(part) && !err.contains(part), "{arguments:?}: {out}{err}");
            }
            assert!(out.contains(name) || err.contains(name), "{arguments:?} does not name the file: {out}{err}");
        }
    }
}

#[test]
fn a_file_that_is_not_toml_is_told_with_its_place_and_what_to_give_instead() {
    let folder = tempfile::tempdir().unwrap();
    let claims = written(folder.path(), "claims.csv", CLAIMS);
    for (option, wanted) in [("--policy", "[policy]"), ("--config", "[scrub]"), ("--map", "[columns]")] {
        let ended = run(&["scrub", option, &claims, &claims]);
        let err = text(&ended.stderr);
        for part in ["claims.csv:1:9", "the file is not TOML", wanted] {
            assert!(err.contains(part), "{option}: {part}: {err}");
        }
        assert_eq!((ended.status.code(), text(&ended.stdout)), (Some(2), ""), "{option}");
    }
    // Of what is evidently a policy the text at fault is shown.
    let policy = written(folder.path(), "policy.toml", "[policy]\nid = \"ACME\nversion = \"1\"\n");
    let ended = run(&["scrub", "--policy", &policy, &claims]);
    assert!(text(&ended.stderr).contains("2 | id = \"ACME"), "{}", text(&ended.stderr));
}

#[test]
fn a_run_begins_only_when_every_input_can_be_read() {
    let folder = tempfile::tempdir().unwrap();
    let good = written(folder.path(), "good.csv", CLAIMS);
    let empty = written(folder.path(), "empty.csv", "");
    let strange = written(folder.path(), "strange.pdf", "%PDF-1.7 QX77");
    let missing = folder.path().join("missing.csv");
    let missing = missing.to_str().unwrap();
    let directory = folder.path().to_str().unwrap();
    let [output, summary] = ["findings", "summary"].map(|name| folder.path().join(name));
    for command in ["scrub", "convert"] {
        let mut program = program();
        program.args([command, &good, missing, directory, &empty, &good, &strange, "-o"]).arg(&output);
        if command == "scrub" {
            program.arg("--summary").arg(&summary);
        }
        let ended = program.output().unwrap();
        let err = text(&ended.stderr);
        assert_eq!((ended.status.code(), text(&ended.stdout)), (Some(2), ""), "{err}");
        assert!(err.contains("4 of 6 inputs cannot be read, so none was read and nothing was written"), "{err}");
        for part in ["missing.csv: cannot be opened", ": is a directory", "empty.csv: is empty", "strange.pdf: "] {
            assert!(err.contains(part), "{part}: {err}");
        }
        assert!(!err.contains("QX77") && !err.contains("good.csv"), "{err}");
        assert!(!output.exists() && !summary.exists());
        // Nothing of the first one is told either.
        let ended = run(&[command, &good, missing]);
        assert_eq!((ended.status.code(), text(&ended.stdout)), (Some(2), ""));
        let ended = run(&[command, "-", &good, "-"]);
        assert!(text(&ended.stderr).contains("standard input can be read once"), "{}", text(&ended.stderr));
        // Of a single one the error is as it was.
        let ended = run(&[command, missing]);
        let err = text(&ended.stderr);
        assert!(
            err.starts_with(&format!("cleanclaim: {missing}: cannot be opened: ")) && err.lines().count() == 1,
            "{err}"
        );
    }
}

#[test]
fn an_input_that_fails_later_is_named_with_what_was_read_before() {
    let folder = tempfile::tempdir().unwrap();
    let good = written(folder.path(), "good.csv", CLAIMS);
    let rows: String = (0..30_000).map(|row| format!("{row},99213,20251103,E11.{}\n", row * 7919 % 10_007)).collect();
    let whole = zstd(&format!("claim_id,procedure,service_from,dx_1\n{rows}"));
    let cut = written(folder.path(), "cut.csv.zst", &whole[..whole.len() / 2]);
    for command in ["scrub", "convert"] {
        let ended = run(&[command, "--threads", "1", &good, &cut, &good]);
        let err = text(&ended.stderr);
        assert_eq!(ended.status.code(), Some(2), "{err}");
        for part in
            ["cut.csv.zst: the zstd data", "1 of 3 inputs were read whole before, with 2 claims", "without a summary"]
        {
            assert!(err.contains(part), "{command}: {part}: {err}");
        }
    }
}

fn zstd(text: &str) -> Vec<u8> {
    zstd::encode_all(text.as_bytes(), 1).unwrap()
}

/// Pipes by name are opened once: what is read of them is gone.
#[cfg(unix)]
#[test]
fn pipes_are_read_like_files() {
    let folder = tempfile::tempdir().unwrap();
    let good = written(folder.path(), "good.csv", CLAIMS);
    let pipe: PathBuf = folder.path().join("pipe.csv");
    assert!(Command::new("mkfifo").arg(&pipe).status().unwrap().success());
    for command in ["scrub", "convert"] {
        let writer = std::thread::spawn({
            let pipe = pipe.clone();
            move || std::fs::OpenOptions::new().write(true).open(pipe).unwrap().write_all(CLAIMS.as_bytes()).unwrap()
        });
        let ended = run(&[command, &good, pipe.to_str().unwrap()]);
        writer.join().unwrap();
        let twice = run(&[command, &good, &good]);
        assert_eq!(ended.status.code(), twice.status.code(), "{}", text(&ended.stderr));
        let lines = |ended: &Output| text(&ended.stdout).lines().count();
        assert!(lines(&ended) > 0 && lines(&ended) == lines(&twice), "{}", text(&ended.stdout));
    }
}

#[test]
fn the_summary_is_a_page_where_its_name_says_so_at_any_thread_count() {
    let folder = tempfile::tempdir().unwrap();
    let claims = run(&["generate", "--lines", "20000", "--errors", "20"]).stdout;
    let claims = written(folder.path(), "claims.csv", claims);
    let summary = |name: &str, threads: &str| {
        let path = folder.path().join(name);
        let ended = run(&["scrub", &claims, "--threads", threads, "--summary", path.to_str().unwrap()]);
        assert_eq!(ended.status.code(), Some(1), "{}", text(&ended.stderr));
        (std::fs::read_to_string(path).unwrap(), text(&ended.stderr).to_owned())
    };
    let (page, told) = summary("a.html", "1");
    assert!(page.starts_with("<!DOCTYPE html>") && page.ends_with("</html>\n"));
    let read = told.split_whitespace().nth(1).unwrap();
    assert!(page.contains(&format!("<td>read</td><td class=\"n\">{read}</td>")), "{read}");
    for (name, threads) in [("b.HTM", "2"), ("c.html", "5")] {
        assert!(summary(name, threads).0 == page, "{name}");
    }
    for name in ["a.json", "a", "a.txt"] {
        let json: serde_json::Value = serde_json::from_str(&summary(name, "2").0).unwrap();
        assert!(json["claims"]["read"].is_u64());
    }
}
