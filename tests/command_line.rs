//! The program as it is called: arguments, exit codes, files and pipes.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, reason = "tests")]

use serde_json::Value;
use std::io::{Read, Write};
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::sync::OnceLock;

/// One claim whose diagnosis needs more characters (DX002), and one without a fault.
const CLAIMS: &str = "claim_id,procedure,service_from,dx_1,units,charge,place_of_service,dx_pointers,billing_npi\n\
                      BAD,99213,20251103,E11,1,125.00,11,1,1234567893\n\
                      GOOD,99213,20251103,E11.9,1,125.00,11,1,1234567893\n";

struct Ended {
    code: i32,
    out: String,
    err: String,
}

fn program() -> Command {
    Command::new(env!("CARGO_BIN_EXE_cleanclaim"))
}

fn ended(command: &mut Command, input: &[u8]) -> Ended {
    let mut child =
        command.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().expect("the program");
    let mut stdin = child.stdin.take().unwrap();
    let input = input.to_vec();
    // A program that stops early closes the pipe: no failure of the test.
    let feeder = std::thread::spawn(move || drop(stdin.write_all(&input)));
    let output = child.wait_with_output().unwrap();
    feeder.join().unwrap();
    Ended {
        code: output.status.code().expect("an exit code"),
        out: String::from_utf8(output.stdout).unwrap(),
        err: String::from_utf8(output.stderr).unwrap(),
    }
}

fn run(arguments: &[&str]) -> Ended {
    ended(program().args(arguments), b"")
}

fn scrub(arguments: &[&str], input: &str) -> Ended {
    ended(program().arg("scrub").args(arguments), input.as_bytes())
}

fn folder() -> tempfile::TempDir {
    tempfile::tempdir().unwrap()
}

fn text_of(path: &Path) -> &str {
    path.to_str().unwrap()
}

fn written(folder: &Path, name: &str, text: &str) -> PathBuf {
    let path = folder.join(name);
    std::fs::write(&path, text).unwrap();
    path
}

fn findings(ndjson: &str) -> Vec<Value> {
    ndjson.lines().map(|line| serde_json::from_str(line).unwrap()).collect()
}

fn edits_in(ndjson: &str) -> Vec<String> {
    findings(ndjson).iter().map(|finding| finding["edit"].as_str().unwrap().to_owned()).collect()
}

/// An image that the program itself built from the default tables.
fn image() -> &'static Path {
    static BUILT: OnceLock<(tempfile::TempDir, PathBuf)> = OnceLock::new();
    let (_, path) = BUILT.get_or_init(|| {
        let folder = folder();
        let path = folder.path().join("default.codeset");
        let tables = concat!(env!("CARGO_MANIFEST_DIR"), "/codesets");
        let built = run(&["codesets", "build", tables, "-o", text_of(&path)]);
        assert_eq!(built.code, 0, "{}", built.err);
        assert!(built.out.contains("cc4-"), "it tells the image's id");
        (folder, path)
    });
    path
}

#[test]
fn the_exit_code_tells_whether_something_of_that_severity_was_found() {
    let cases: [(&str, [i32; 4]); 3] = [("error", [1, 1, 1, 0]), ("warning", [0, 1, 1, 0]), ("info", [0, 0, 1, 0])];
    for (severity, codes) in cases {
        let severity = format!("DX002={severity}");
        for (least, code) in ["error", "warning", "info", "never"].into_iter().zip(codes) {
            let arguments = ["--select", "DX002", "--severity", &severity, "--fail-on", least];
            assert_eq!(scrub(&arguments, CLAIMS).code, code, "{severity}, --fail-on {least}");
        }
    }
    assert_eq!(scrub(&["--select", "DX002"], CLAIMS).code, 1, "errors are what counts by default");
    let clean = CLAIMS.replacen("E11,", "E11.9,", 1);
    for least in ["error", "warning", "info", "never"] {
        let ended = scrub(&["--fail-on", least], &clean);
        assert_eq!((ended.code, ended.out.as_str()), (0, ""), "{least}");
    }
}

#[test]
fn what_stops_the_run_is_exit_code_2_with_a_reason() {
    for (arguments, reason) in [
        (&["--select", "NOPE"][..], "no edit is called \"NOPE\""),
        (&["--ignore", "PTP,ptp-nope"], "no edit is called \"ptp-nope\""),
        (&["--severity", "ZZ9=error"], "no edit is called \"ZZ9\""),
        (&["--severity", "DX002=loud"], "error|warning|info"),
        (&["--select", "DX002", "--ignore", "DX"], "no edit is left"),
        (&["--fail-on", "sometimes"], "sometimes"),
        (&["--show", "passes"], "passes"),
        (&["--format", "xml"], "expected one of text, ndjson, csv"),
        (&["--threads", "0"], "0 is not in 1..=1024"),
        (&["/no/such/file.csv"], "/no/such/file.csv: cannot be opened"),
        (&["--codeset", "/no/such.codeset"], "/no/such.codeset"),
        (&["--map", "/no/such.toml"], "/no/such.toml"),
        (&["--output", "/no/such/folder/x"], "cannot write /no/such/folder/x"),
        (&["--summary", "/no/such/folder/x"], "cannot write /no/such/folder/x"),
    ] {
        let ended = scrub(arguments, CLAIMS);
        assert_eq!((ended.code, ended.out.as_str()), (2, ""), "{arguments:?}: {}", ended.err);
        assert!(ended.err.contains(reason), "{arguments:?}: {}", ended.err);
    }
    for (input, reason) in [("", "is empty"), ("claim_id,procedure,dx_1\n", "no column \"service_from\"")] {
        let ended = scrub(&["-"], input);
        assert_eq!(ended.code, 2);
        assert!(ended.err.contains(reason), "{}", ended.err);
    }
}

#[test]
fn edits_are_chosen_by_id_name_and_beginning() {
    let edits = |arguments: &[&str]| {
        let all = [&["--format", "ndjson", "-q", "--show", "not-evaluated,bypassed"], arguments].concat();
        let mut edits = edits_in(&scrub(&all, CLAIMS).out);
        edits.dedup();
        edits
    };
    let all = edits(&[]);
    assert!(all.contains(&"DX002".to_owned()) && all.contains(&"PTP002".to_owned()), "{all:?}");
    assert_eq!(edits(&["--select", "DX002"]), ["DX002"]);
    assert_eq!(edits(&["--select", "dx-incomplete"]), ["DX002"]);
    assert_eq!(edits(&["--select", "dx002,PX00"]), ["DX002"]);
    assert!(edits(&["--select", "DX"]).iter().all(|edit| edit.starts_with("DX")));
    assert!(!edits(&["--ignore", "DX00"]).iter().any(|edit| edit.starts_with("DX00")));
    assert_eq!(edits(&["--select", "DX002", "--ignore", "DX001"]), ["DX002"]);
}

#[test]
fn outcomes_are_shown_as_asked() {
    let outcomes = |arguments: &[&str]| -> Vec<String> {
        let all = [&["--format", "ndjson", "-q"], arguments].concat();
        let mut outcomes: Vec<String> = findings(&scrub(&all, CLAIMS).out)
            .iter()
            .map(|finding| finding["outcome"].as_str().unwrap().to_owned())
            .collect();
        outcomes.sort();
        outcomes.dedup();
        outcomes
    };
    assert_eq!(outcomes(&[]), ["fail"]);
    assert_eq!(outcomes(&["--show", "bypassed"]), ["fail"], "nothing of these claims is released");
    assert_eq!(outcomes(&["--show", "not-evaluated"]), ["fail", "not-evaluated"]);
}

#[test]
fn every_format_is_written_in_its_form_at_any_number_of_threads() {
    for (format, begins) in [
        ("text", None),
        ("ndjson", Some("{\"claim_id\":\"BAD\",\"line_number\":1,\"edit\":\"DX002\"")),
        ("csv", Some("claim_id,line_number,edit,")),
    ] {
        let one = scrub(&["--format", format, "--threads", "1", "--select", "DX"], CLAIMS);
        let three = scrub(&["--format", format, "--threads", "3", "--select", "DX"], CLAIMS);
        assert_eq!((one.code, &one.out, &one.err), (1, &three.out, &three.err));
        assert!(begins.is_none_or(|begins| one.out.starts_with(begins)), "{}", one.out);
        assert!(one.out.contains("DX002") && one.out.contains("E11") && !one.out.contains("GOOD"));
        assert!(one.err.contains("2 read = 1 clean + 1 with errors + 0 unreadable"), "{}", one.err);
    }
    let quiet = scrub(&["--quiet"], CLAIMS);
    assert_eq!((quiet.code, quiet.err.as_str()), (1, ""));
}

#[test]
fn the_output_file_is_whole_or_as_it_was_and_for_its_owner_alone() {
    let folder = folder();
    let claims = written(folder.path(), "claims.csv", CLAIMS);
    let output = written(folder.path(), "findings", "as it was");
    let direct = scrub(&[text_of(&claims), "--format", "csv"], "");
    let broken = scrub(&[text_of(&claims), "/no/such/file", "--format", "csv", "-o", text_of(&output)], "");
    assert_eq!((broken.code, broken.out.as_str()), (2, ""));
    assert_eq!(std::fs::read_to_string(&output).unwrap(), "as it was");
    let ended = scrub(&[text_of(&claims), "--format", "csv", "-o", text_of(&output)], "");
    assert_eq!((ended.code, ended.out.as_str()), (1, ""));
    assert_eq!(std::fs::read_to_string(&output).unwrap(), direct.out);
    #[cfg(unix)]
    {
        use std::os::unix::fs::PermissionsExt;
        assert_eq!(std::fs::metadata(&output).unwrap().permissions().mode() & 0o777, 0o600);
    }
    let mut names: Vec<_> = std::fs::read_dir(folder.path()).unwrap().map(|entry| entry.unwrap().file_name()).collect();
    names.sort();
    assert_eq!(names, ["claims.csv", "findings"], "no temporary file is left");
}

/// Findings are patient data: no part of them stays in a temporary file.
#[cfg(target_os = "linux")]
#[test]
fn nothing_stays_of_a_run_that_is_interrupted() {
    use std::os::unix::process::ExitStatusExt;
    let folder = folder();
    let [output, summary] = ["findings", "summary.json"].map(|name| folder.path().join(name));
    let there = || std::fs::read_dir(folder.path()).unwrap().count();
    let outputs = ["-o", text_of(&output), "--summary", text_of(&summary)];
    let mut run = program();
    let mut child = run.arg("scrub").args(outputs).stdin(Stdio::piped()).stderr(Stdio::null()).spawn().unwrap();
    // It waits for more.
    let mut stdin = child.stdin.take().unwrap();
    stdin.write_all(CLAIMS.as_bytes()).unwrap();
    while there() < 2 && child.try_wait().unwrap().is_none() {
        std::thread::sleep(std::time::Duration::from_millis(5));
    }
    assert!(Command::new("kill").args(["-TERM", &child.id().to_string()]).status().unwrap().success());
    assert_eq!((child.wait().unwrap().signal(), there()), (Some(15), 0));
}

#[test]
fn no_output_takes_the_place_of_what_is_read_or_of_another() {
    let folder = folder();
    let claims = written(folder.path(), "claims.csv", CLAIMS);
    let new = folder.path().join("new");
    let map = written(folder.path(), "map.toml", "[columns]\n\"Id\" = \"claim_id\"\n");
    // The same file under another name.
    let other = folder.path().join("..").join(folder.path().file_name().unwrap()).join("claims.csv");
    let (claims_at, other, new_at) = (text_of(&claims), text_of(&other), text_of(&new));
    let (map_at, image_at) = (text_of(&map), text_of(image()));
    for (arguments, why) in [
        (&["scrub", claims_at, "-o", claims_at][..], "is read by this command"),
        (&["scrub", claims_at, "--map", map_at, "-o", map_at], "is read by this command"),
        (&["scrub", claims_at, "--codeset", image_at, "--summary", image_at], "is read by this command"),
        (&["convert", claims_at, "--map", map_at, "-o", map_at], "is read by this command"),
        (&["generate", "--codeset", image_at, "-o", image_at], "is read by this command"),
        (&["scrub", claims_at, "--summary", "-"], "would be mixed in standard output"),
        (&["scrub", claims_at, "-o", "-", "--summary", "-"], "would be mixed in standard output"),
        (&["generate", "--planted", "-"], "would be mixed in standard output"),
        (&["scrub", claims_at, "--output", other], "is read by this command"),
        (&["scrub", claims_at, "--summary", claims_at], "is read by this command"),
        (&["scrub", claims_at, "-o", new_at, "--summary", new_at], "is to be written twice"),
        (&["convert", claims_at, "-o", other], "is read by this command"),
        (&["generate", "--lines", "10", "-o", new_at, "--planted", new_at], "is to be written twice"),
    ] {
        let ended = run(arguments);
        assert_eq!((ended.code, ended.out.as_str()), (2, ""), "{arguments:?}: {}", ended.err);
        assert!(ended.err.contains(why), "{arguments:?}: {}", ended.err);
        assert_eq!(std::fs::read_to_string(&claims).unwrap(), CLAIMS, "{arguments:?}");
        assert!(!new.exists(), "{arguments:?}");
    }
    // The map that the program carries is no file.
    let rif = "CLM_ID|LINE_1ST_EXPNS_DT|HCPCS_CD|ICD_DGNS_CD1\n7|03-NOV-2025|99213|I10\n";
    let rif = written(folder.path(), "claims.rif", rif);
    for command in ["scrub", "convert"] {
        let arguments = [command, text_of(&rif), "--map", "rif", "-q", "-o", "rif"];
        let ended = ended(program().args(arguments).current_dir(folder.path()), b"");
        assert!(ended.err.is_empty() && folder.path().join("rif").is_file(), "{command}: {}", ended.err);
        std::fs::remove_file(folder.path().join("rif")).unwrap();
    }
    let twice = run(&["scrub", claims_at, "-q", "-o", "/dev/null", "--summary", "/dev/null"]);
    assert_eq!((twice.code, twice.err.as_str()), (1, ""));
    assert!(std::fs::read_to_string(&map).unwrap().starts_with("[columns]"));
    assert_eq!(run(&["codesets", "verify", image_at]).code, 0);
}

#[test]
fn a_dash_is_standard_output() {
    let folder = folder();
    let claims = written(folder.path(), "claims.csv", CLAIMS);
    let here = |arguments: &[&str]| ended(program().args(arguments).current_dir(folder.path()), b"");
    let direct = here(&["scrub", "claims.csv", "-q"]);
    assert_eq!(here(&["scrub", "claims.csv", "-q", "-o", "-"]).out, direct.out);
    let piped = ended(program().args(["scrub", "-q", "-", "-o", "-"]).current_dir(folder.path()), CLAIMS.as_bytes());
    assert_eq!((piped.code, piped.out.lines().count()), (1, direct.out.lines().count()), "{}", piped.err);
    let summary = here(&["scrub", "claims.csv", "-q", "-o", "found", "--summary", "-"]);
    let summary: Value = serde_json::from_str(&summary.out).unwrap();
    assert_eq!(summary["claims"]["read"], 2);
    assert_eq!(here(&["convert", "claims.csv", "-q", "-o", "-"]).out, here(&["convert", "claims.csv", "-q"]).out);
    let made = ["generate", "--lines", "20"];
    assert_eq!(here(&[&made[..], &["-o", "-"]].concat()).out, here(&made).out);
    assert!(here(&[&made[..], &["-o", "made", "--planted", "-"]].concat()).out.starts_with("claim_id"));
    let files = publishers_files(folder.path());
    let built = program().args(["codesets", "build", text_of(&files), "-o", "-"]).current_dir(folder.path()).output();
    let built = built.unwrap();
    assert!(built.status.success() && built.stdout.starts_with(b"CLNCLAIM"));
    assert!(String::from_utf8(built.stderr).unwrap().contains("300 taken"));
    let told = here(&["codesets", "build", text_of(&files), "-q", "-o", "image", "--summary", "-"]);
    assert!(told.out.starts_with('{'), "{}", told.out);
    assert!(!folder.path().join("-").exists() && claims.exists());
}

#[test]
fn a_build_replaces_nothing_that_it_reads_but_the_image_that_it_extends() {
    let folder = folder();
    let files = publishers_files(folder.path());
    let list = files.join("icd10cm-codes-2028.txt");
    let before = std::fs::read(&list).unwrap();
    let [image, other, report] = ["image", "other", "report"].map(|name| text_of(&folder.path().join(name)).to_owned());
    let (files_at, list_at) = (text_of(&files), text_of(&list));
    let build = |arguments: &[&str]| run(&[&["codesets", "build"], arguments].concat());
    assert_eq!(build(&[files_at, "-o", &image]).code, 0);
    for (arguments, why) in [
        (&[list_at, "-o", list_at][..], "is read by this command"),
        // Found in the folder.
        (&[files_at, "-o", list_at], "is read by this command"),
        (&[files_at, "-o", &other, "--refused", list_at], "is read by this command"),
        (&[files_at, "-o", &other, "--summary", list_at], "is read by this command"),
        (&[&image, list_at, "-o", &other, "--summary", &image], "is read by this command"),
        (&[list_at, "-o", &other, "--summary", &other], "is to be written twice"),
        (&[list_at, "-o", &other, "--summary", &report, "--refused", &report], "is to be written twice"),
        (&[list_at, "-o", "-", "--refused", "-"], "would be mixed in standard output"),
    ] {
        let ended = build(arguments);
        assert_eq!((ended.code, ended.out.as_str()), (2, ""), "{arguments:?}: {}", ended.err);
        assert!(ended.err.contains(why), "{arguments:?}: {}", ended.err);
        assert_eq!(std::fs::read(&list).unwrap(), before, "{arguments:?}");
        assert!(!Path::new(&other).exists() && !Path::new(&report).exists(), "{arguments:?}");
    }
    assert_eq!(build(&[&image, list_at, "-o", &image]).code, 0, "an image may be extended in place");
    // So may what the build before wrote into the folder.
    let inside = |name: &str| text_of(&files.join(name)).to_owned();
    let [image, summary, refused] = ["own.codeset", "summary.json", "refused.txt"].map(inside);
    for _ in 0..2 {
        let ended = build(&[files_at, "-o", &image, "--summary", &summary, "--refused", &refused]);
        assert_eq!((ended.code, ended.err.as_str()), (0, ""), "{}", ended.out);
    }
    let tables = folder.path().join("tables");
    std::fs::create_dir(&tables).unwrap();
    let from = Path::new(env!("CARGO_MANIFEST_DIR")).join("codesets");
    let listed = std::fs::read_to_string(from.join("sources.toml")).unwrap();
    std::fs::write(tables.join("sources.toml"), &listed).unwrap();
    let ended = build(&[text_of(&tables), "-o", text_of(&tables.join("sources.toml"))]);
    assert!(ended.code == 2 && ended.err.contains("is read by this command"), "{}", ended.err);
    assert_eq!(std::fs::read_to_string(tables.join("sources.toml")).unwrap(), listed);
}

#[test]
fn an_empty_file_of_json_lines_has_no_claims() {
    let folder = folder();
    let header = written(folder.path(), "none.csv", CLAIMS.lines().next().unwrap());
    let lines = folder.path().join("none.ndjson");
    assert_eq!(run(&["convert", text_of(&header), "-o", text_of(&lines)]).code, 0);
    let ended = run(&["scrub", text_of(&lines)]);
    assert_eq!((ended.code, ended.out.as_str()), (0, ""), "{}", ended.err);
    assert!(ended.err.contains("claims        0 read"), "{}", ended.err);
    let csv = written(folder.path(), "none.csv", "");
    assert!(run(&["scrub", text_of(&csv)]).err.contains("is empty"));
}

#[test]
fn the_summary_agrees_with_the_findings() {
    let folder = folder();
    let (claims, summary) = (folder.path().join("claims.csv"), folder.path().join("summary.json"));
    let made = run(&["generate", "--lines", "2000", "--seed", "9", "--errors", "50", "-o", text_of(&claims)]);
    assert_eq!((made.code, made.out.as_str()), (0, ""));
    let shown = ["--format", "ndjson", "--show", "bypassed,not-evaluated", "--summary", text_of(&summary)];
    let ended = scrub(&[&shown[..], &[text_of(&claims)]].concat(), "");
    assert_eq!(ended.code, 1);
    let findings = findings(&ended.out);
    let summary: Value = serde_json::from_slice(&std::fs::read(&summary).unwrap()).unwrap();
    let number = |value: &Value| value.as_u64().unwrap();
    let of_claims = &summary["claims"];
    let parts = ["clean", "with_errors", "unreadable"].map(|part| number(&of_claims[part]));
    assert_eq!(number(&of_claims["read"]), parts.iter().sum::<u64>());
    let count = |wanted: &dyn Fn(&Value) -> bool| findings.iter().filter(|finding| wanted(finding)).count() as u64;
    for severity in ["error", "warning", "info"] {
        let found = count(&|finding| finding["outcome"] == "fail" && finding["severity"] == severity);
        assert_eq!(number(&summary["findings"][severity]), found, "{severity}");
        assert!(found > 0);
    }
    for edit in summary["edits"].as_array().unwrap() {
        let reported = |outcome: &str| count(&|one| one["edit"] == edit["id"] && one["outcome"] == outcome);
        // A unit may fail for several reasons, and some findings of one claim count as one unit.
        let (fail, found) = (number(&edit["fail"]), reported("fail"));
        assert!(fail <= found && (fail > 0) == (found > 0), "{edit}: {found}");
        assert_eq!(number(&edit["not_evaluated"]) > 0, reported("not-evaluated") > 0, "{edit}");
        let released: u64 = edit["bypassed_by"].as_object().unwrap().values().map(number).sum();
        assert_eq!(released, reported("bypassed"), "{edit}");
    }
    let files: Vec<&str> =
        summary["files"].as_array().unwrap().iter().map(|file| file["file"].as_str().unwrap()).collect();
    assert_eq!(files, [text_of(&claims)]);
}

#[test]
fn several_files_and_standard_input_are_scrubbed_in_the_order_given() {
    let folder = folder();
    let claims = written(folder.path(), "b.csv", CLAIMS);
    let scattered = "claim_id,procedure,service_from,dx_1\nA,99213,20251103,I10\nB,99213,20251103,I10\n\
                     A,99214,20251103,I10\n";
    let (claims, arguments) = (text_of(&claims), ["--select", "FMT006,DX002", "--format", "ndjson", "-q"]);
    let ended = scrub(&[&arguments[..], &[claims, "-", claims]].concat(), scattered);
    let files: Vec<String> =
        findings(&ended.out).iter().map(|one| format!("{} {}", one["at"]["file"], one["claim_id"])).collect();
    assert_eq!(files, [format!("\"{claims}\" \"BAD\""), "\"-\" \"A\"".into(), format!("\"{claims}\" \"BAD\"")]);
    let grouped = scrub(&[&arguments[..], &["--group"]].concat(), scattered);
    assert_eq!((grouped.code, grouped.out.as_str()), (0, ""));
}

#[test]
fn a_damaged_input_is_told_and_what_was_read_before_is_reported() {
    let folder = folder();
    let mut packed = Vec::new();
    let rows: String = (0..60_000).map(|number| format!("C{number},99213,20251103,E11\n")).collect();
    flate2::read::GzEncoder::new(
        format!("claim_id,procedure,service_from,dx_1\n{rows}").as_bytes(),
        flate2::Compression::fast(),
    )
    .read_to_end(&mut packed)
    .unwrap();
    packed.truncate(packed.len() - 20);
    let path = folder.path().join("claims.csv.gz");
    std::fs::write(&path, packed).unwrap();
    let ended = scrub(&[text_of(&path), "--select", "DX002", "--format", "ndjson"], "");
    assert_eq!(ended.code, 2);
    assert!(ended.err.contains("cut short"), "{}", ended.err);
    let found = findings(&ended.out);
    assert!(found.len() > 20_000, "{}", found.len());
    assert!((0..).zip(&found).all(|(number, one)| one["claim_id"] == format!("C{number}")));
    let grouped = scrub(&[text_of(&path), "--select", "DX002", "--format", "ndjson", "--group"], "");
    assert_eq!((grouped.code, grouped.out), (2, ended.out), "{}", grouped.err);
    assert!(grouped.err.contains("cut short") && grouped.err.contains("may lack lines"), "{}", grouped.err);
    // What is Parquet has its end, and can be read.
    for arguments in
        [&["scrub", "--select", "DX002", "--format", "parquet"][..], &["convert", "--to", "parquet", "--group"]]
    {
        let output = program().args(arguments).arg(&path).stdin(Stdio::null()).output().unwrap();
        assert_eq!(output.status.code(), Some(2), "{arguments:?}");
        assert!(output.stdout.starts_with(b"PAR1") && output.stdout.ends_with(b"PAR1"), "{arguments:?}");
        let kept = program().args(arguments).arg(&path).arg("-o").arg(folder.path().join("out")).output().unwrap();
        assert!(kept.status.code() == Some(2) && !folder.path().join("out").exists(), "{arguments:?}");
    }
}

#[test]
fn edits_are_listed_and_explained() {
    let list = run(&["edits"]);
    assert_eq!(list.code, 0);
    assert!(list.out.lines().any(|line| line.starts_with("PTP002") && line.contains("ptp-needs-modifier")));
    let json = run(&["edits", "--format", "ndjson"]);
    let ids: Vec<String> = findings(&json.out).iter().map(|edit| edit["id"].as_str().unwrap().to_owned()).collect();
    let listed: Vec<&str> = list.out.lines().skip(1).map(|line| line.split(' ').next().unwrap()).collect();
    assert_eq!(ids, listed);
    for name in ["PTP002", "ptp002", "ptp-needs-modifier"] {
        let one = run(&["edits", name]);
        assert_eq!(one.code, 0);
        for part in ["PTP002 ptp-needs-modifier", "WHAT IT CHECKS", "HOW TO FIX", "MESSAGES", "source: "] {
            assert!(one.out.contains(part), "{part}");
        }
    }
    let none = run(&["edits", "nope"]);
    assert_eq!((none.code, none.out.as_str()), (2, ""));
    assert!(none.err.contains("no edit is called \"nope\""), "{}", none.err);
}

#[test]
fn what_no_acknowledgment_answers_is_told() {
    let folder = folder();
    let claims = written(folder.path(), "claims.csv", CLAIMS);
    let transaction = "ST*837*0001*005010X222A1~BHT*0019*00*1*20240110*1200*CH~HL*1**20*1~SE*4*0001~";
    let x12 = written(folder.path(), "claims.837", transaction);
    let answer = folder.path().join("answer.999");
    let asked = ["--acknowledge", "999", "--acknowledge-output", text_of(&answer)];
    let refused = scrub(&[&asked[..], &[text_of(&claims)]].concat(), "");
    assert_eq!((refused.code, refused.out.as_str()), (2, ""));
    assert!(refused.err.contains("no input is X12; leave it out"), "{}", refused.err);
    assert!(!answer.exists());
    let told = "is no X12, so the acknowledgment does not answer it";
    let both = scrub(&[&asked[..], &[text_of(&claims), text_of(&x12)]].concat(), "");
    assert!(both.err.contains(&format!("claims.csv: {told}")) && !both.err.contains(".837: is no X12"), "{}", both.err);
    assert!(std::fs::read_to_string(&answer).unwrap().contains("AK2*837*0001"));
    // What comes through a pipe is known only when it is opened: before anything of it is written.
    std::fs::remove_file(&answer).unwrap();
    for arguments in [&asked[..], &[&asked[..], &["--format", "csv", "-", text_of(&claims)]].concat()] {
        let piped = scrub(arguments, CLAIMS);
        assert_eq!((piped.code, piped.out.as_str()), (2, ""), "{}", piped.err);
        assert!(piped.err.contains(told) && piped.err.contains("no input is X12"), "{}", piped.err);
        assert!(!answer.exists());
    }
    let piped = scrub(&[&asked[..], &["-", text_of(&x12)]].concat(), CLAIMS);
    assert!(piped.code == 1 && piped.err.contains(told), "{}", piped.err);
    assert!(std::fs::read_to_string(&answer).unwrap().contains("AK2*837*0001"));
}

#[test]
fn a_code_is_told_with_its_days_parents_and_descendants() {
    let code = run(&["codes", "E11.65"]);
    assert_eq!(code.code, 0);
    for part in
        ["icd10cm E11.65  Type 2 diabetes mellitus with hyperglycemia", ": valid", "under E11.6  ", "under E11  "]
    {
        assert!(code.out.contains(part), "{part}: {}", code.out);
    }
    assert_eq!(run(&["codes", "e1165"]).out, code.out, "case and dot do not matter");
    let on = |day: &str| run(&["codes", "99213", "--on", day]).out;
    assert!(on("2025-01-01").contains("on 2025-01-01: may be reported"));
    assert!(on("1999-01-01").contains("on 1999-01-01: not known: outside the loaded releases"));
    let header = run(&["codes", "T36.0X1", "--on", "2025-01-01"]);
    assert_eq!(header.code, 0);
    for part in ["on 2025-01-01: needs more characters", "3 codes below may be reported:", "T36.0X1A"] {
        assert!(header.out.contains(part), "{part}: {}", header.out);
    }
    let unknown = run(&["codes", "E11.6Z"]);
    assert_eq!(unknown.code, 1);
    for part in ["is in no loaded release", "near, in icd10cm:", "E11.65"] {
        assert!(unknown.out.contains(part), "{part}: {}", unknown.out);
    }
    let malformed = run(&["codes", "not a code"]);
    assert_eq!((malformed.code, malformed.out.as_str()), (2, ""));
    assert_eq!(run(&["codes", "99213", "--on", "soon"]).code, 2);
    // A dot makes it a diagnosis: CPT 25000 is another code.
    assert!(run(&["codes", "25000"]).out.contains("procedures 25000"));
    let dotted = run(&["codes", "250.00"]);
    assert_eq!(dotted.code, 1);
    assert!(dotted.out.starts_with("250.00 is in no loaded release\n"), "{}", dotted.out);
    let few = run(&["codes", "E11"]).out;
    assert!(few.contains("… and 75 more; --all lists them\n") && few.lines().count() < 30, "{few}");
    let all = run(&["codes", "E11", "--all"]).out;
    assert!(!all.contains("more;") && all.lines().count() > 90, "{all}");
}

#[test]
fn pairs_of_a_code_are_told_by_their_columns_and_indicators() {
    let on = |day: &str| run(&["codes", "99213", "--on", day, "--all"]).out;
    let told = on("2025-01-15");
    for part in [
        "  ptp-hospital, 99213 as column 1: ",
        "  ptp-hospital, 99213 as column 2: ",
        "indicator 1: an NCCI-associated modifier may release the pair",
    ] {
        assert!(told.contains(part), "{part}: {told}");
    }
    // Added later: not among the pairs of the day.
    assert!(!told.contains("    51721  ") && on("2026-01-15").contains("    51721  2025-04-01 to"), "{told}");
    assert!(on("2019-01-01").contains("ptp-hospital: not known on 2019-01-01: outside the loaded releases"));
    let pair = run(&["codes", "51721", "99213", "--on", "20260115"]);
    assert_eq!(pair.code, 0);
    for part in [
        "procedures 51721 and 99213\n",
        "99213 is column 1, 51721 column 2, 2025-04-01 to",
        "ptp-practitioner: not loaded",
    ] {
        assert!(pair.out.contains(part), "{part}: {}", pair.out);
    }
    let none = run(&["codes", "51721", "99213", "--on", "2025-01-15"]);
    assert!(none.code == 0 && none.out.contains("ptp-hospital: no pair on 2025-01-15\n"), "{}", none.out);
    let unknown = run(&["codes", "99213", "E11.9"]);
    assert_eq!((unknown.code, unknown.out.as_str()), (1, "no system of the codeset has both 99213 and E11.9\n"));
}

#[test]
fn an_image_that_was_built_is_inspected_verified_and_scrubs_as_the_embedded_one() {
    let image = text_of(image());
    let inspected = run(&["codesets", "inspect", image]);
    assert_eq!((inspected.code, &inspected.out), (0, &run(&["codesets", "inspect"]).out), "the same tables");
    for part in ["SYSTEM", "icd10cm", "RELATION", "ptp-hospital", "RELEASES", "SECTION"] {
        assert!(inspected.out.contains(part), "{part}");
    }
    let verified = run(&["codesets", "verify", image]);
    assert_eq!(verified.code, 0);
    assert!(verified.out.contains("all as written"), "{}", verified.out);
    let claims = run(&["generate", "--lines", "1000", "--errors", "50"]).out;
    let with = scrub(&["--codeset", image, "--format", "ndjson"], &claims);
    let embedded = scrub(&["--format", "ndjson"], &claims);
    assert!(!with.out.is_empty());
    assert_eq!((with.code, with.out, with.err), (embedded.code, embedded.out, embedded.err));
}

#[test]
fn a_damaged_image_is_refused_with_what_was_expected_found_and_to_be_done() {
    let folder = folder();
    let whole = std::fs::read(image()).unwrap();
    let mut flipped = whole.clone();
    flipped[whole.len() / 2] ^= 4;
    for (damaged, parts) in [
        (flipped, ["expected checksum", "found", "copy or rebuild it"]),
        (whole[..whole.len() - 100].to_vec(), ["were written", "is cut or extended", "copy or rebuild it"]),
        (b"claim_id,dx_1\n".repeat(100), ["expected the label", "found", "codesets build"]),
    ] {
        let path = folder.path().join("damaged.codeset");
        std::fs::write(&path, damaged).unwrap();
        let verified = run(&["codesets", "verify", text_of(&path)]);
        let scrubbed = scrub(&["--codeset", text_of(&path)], CLAIMS);
        let inspected = run(&["codesets", "inspect", text_of(&path)]);
        let compared = run(&["codesets", "diff", "default", text_of(&path)]);
        for ended in [verified, scrubbed, inspected, compared] {
            assert_eq!((ended.code, ended.out.as_str()), (2, ""));
            // Which of the images that a command takes.
            for part in parts.into_iter().chain([text_of(&path)]) {
                assert!(ended.err.contains(part), "{part}: {}", ended.err);
            }
        }
    }
}

#[test]
fn a_share_of_errors_is_from_0_to_100() {
    for share in ["101", "-1", "many", "NaN"] {
        let ended = run(&["generate", "--lines", "10", "--errors", share]);
        assert_eq!((ended.code, ended.out.as_str()), (2, ""), "{share}");
        assert!(ended.err.contains("--errors") && ended.err.contains("from 0 to 100"), "{share}: {}", ended.err);
    }
    assert_eq!(run(&["generate", "--lines", "10", "--errors", "100"]).code, 0);
}

#[test]
fn generated_claims_are_piped_to_a_scrub() {
    let mut made =
        program().args(["generate", "--lines", "5000", "--seed", "3"]).stdout(Stdio::piped()).spawn().unwrap();
    let claims = made.stdout.take().unwrap();
    let scrubbed = program().args(["scrub", "-", "--format", "ndjson"]).stdin(claims).output().unwrap();
    assert!(made.wait().unwrap().success());
    assert_eq!(scrubbed.status.code(), Some(1));
    let file = run(&["generate", "--lines", "5000", "--seed", "3"]).out;
    assert_eq!(scrub(&["--format", "ndjson"], &file).out.into_bytes(), scrubbed.stdout);
    let planted = folder();
    let list = planted.path().join("planted.csv");
    let only = ["generate", "--plant", "DX001", "--errors", "50", "--planted", text_of(&list)];
    let edits = edits_in(&scrub(&["--format", "ndjson"], &run(&only).out).out);
    let rows = std::fs::read_to_string(&list).unwrap().lines().filter(|row| row.contains(",fail,")).count();
    assert!(rows > 50 && edits.iter().all(|edit| edit == "DX001"));
    assert_eq!(edits.len(), rows);
    for (arguments, reason) in [(["--plant", "NOPE"], "NOPE"), (["--errors", "101"], "share")] {
        let ended = ended(program().arg("generate").args(arguments), b"");
        assert_eq!((ended.code, ended.out.as_str()), (2, ""));
        assert!(ended.err.contains(reason), "{}", ended.err);
    }
}

#[test]
fn a_reader_of_the_output_that_goes_away_is_no_failure() {
    let folder = folder();
    let claims = folder.path().join("claims.csv");
    let made = run(&["generate", "--lines", "30000", "--errors", "90", "-o", text_of(&claims)]);
    assert_eq!(made.code, 0);
    for arguments in [
        &["generate", "--lines", "1000000"][..],
        &["scrub", text_of(&claims), "--format", "ndjson", "--show", "not-evaluated"],
        &["codesets", "verify", text_of(image())],
        &["codesets", "inspect"],
        &["edits", "--format", "ndjson"],
        &["codes", "99213"],
    ] {
        let mut child = program().args(arguments).stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap();
        drop(child.stdout.take());
        let ended = child.wait_with_output().unwrap();
        let err = String::from_utf8(ended.stderr).unwrap();
        assert_eq!((ended.status.code(), err.as_str()), (Some(0), ""), "{arguments:?}");
    }
}

#[test]
fn a_reader_of_the_messages_that_goes_away_changes_no_exit_code() {
    let folder = folder();
    let noticed = CLAIMS.replacen("billing_npi", "unheard_of", 1);
    let claims = written(folder.path(), "claims.csv", &noticed);
    for (arguments, code) in [
        (&["scrub", text_of(&claims)][..], 1),
        (&["scrub", text_of(&claims), "--fail-on", "never"], 0),
        (&["scrub", "/no/such/file"], 2),
    ] {
        let mut child = program().args(arguments).stdout(Stdio::null()).stderr(Stdio::piped()).spawn().unwrap();
        drop(child.stderr.take());
        assert_eq!(child.wait().unwrap().code(), Some(code), "{arguments:?}");
    }
}

#[test]
fn what_stops_a_run_tells_nothing_of_the_patients() {
    let input =
        "claim_id,patient_id,birth_date,procedure,service_from,dx_1\nA,SECRET,1950-01-01,99213,20251103,E1\u{0}1\n";
    let ended = scrub(&[], input);
    assert_eq!(ended.code, 2);
    assert!(ended.err.contains("zero bytes") && !ended.err.contains("SECRET") && !ended.err.contains("1950"));
    let column = "claim_id,SECRET,procedure,dx_1\nA,HIDDEN,99213,E11.9\n";
    assert!(!scrub(&[], column).err.contains("HIDDEN"));
}

/// Publishers' files of our own making: a list of diagnoses and a table of pairs.
fn publishers_files(folder: &Path) -> PathBuf {
    let files = folder.join("files");
    std::fs::create_dir(&files).unwrap();
    // Of several lengths, as no other list of codes has them.
    let code = |number: u32| format!("Z{}{}", 700 + number, if number.is_multiple_of(2) { "1" } else { "" });
    let codes: String = (0..300).map(|number| format!("{:7} Title of {number}\r\n", code(number))).collect();
    std::fs::write(files.join("icd10cm-codes-2028.txt"), codes).unwrap();
    let pairs = "column1\tcolumn2\tdeleted\tmod\trationale\n99215\t99213\t99991231\t0\tx\n";
    std::fs::write(files.join("ncci_ptp_prac_20240701.tsv"), pairs).unwrap();
    files
}

#[test]
fn an_image_is_built_of_publishers_files_over_the_one_in_the_program_and_scrubs() {
    let folder = folder();
    let files = publishers_files(folder.path());
    let [image, summary, refused] =
        ["new.codeset", "summary.json", "refused.txt"].map(|name| text_of(&folder.path().join(name)).to_owned());
    let arguments = ["codesets", "build", "--default", text_of(&files), "-o", &image, "--strict"];
    let built = run(&[&arguments[..], &["--summary", &summary, "--refused", &refused]].concat());
    assert_eq!((built.code, built.err.as_str()), (0, ""), "{}", built.out);
    for part in
        ["ICD-10-CM codes file, FY2028, from 2027-10-01", "300 rows read, 300 taken", "into ptp-practitioner", "cc4-"]
    {
        assert!(built.out.contains(part), "{part}: {}", built.out);
    }
    let told: Value = serde_json::from_str(&std::fs::read_to_string(&summary).unwrap()).unwrap();
    assert_eq!((&told["clean"], &told["files"][0]["read"]), (&Value::Bool(true), &Value::from(300)));
    assert_eq!(std::fs::read_to_string(&refused).unwrap(), "");
    let inspected = run(&["codesets", "inspect", &image]);
    assert!(inspected.out.contains("2015-10-01 to 2027-03-31, 2027-10-01 to 2028-09-30"), "{}", inspected.out);
    let claims =
        "claim_id,claim_type,procedure,service_from,dx_1\nA,P,99215,2024-07-05,Z0000\nA,P,99213,2024-07-05,Z0000\n";
    let found = scrub(&["--codeset", &image, "--select", "PTP", "--format", "ndjson"], claims);
    assert_eq!(edits_in(&found.out), ["PTP001"], "{}", found.err);
    let again = run(&["codesets", "build", &image, text_of(&files), "-o", &image]);
    assert!(again.code == 0 && again.out.lines().last() == built.out.lines().last(), "{}", again.out);
}

#[test]
fn reports_are_written_where_a_base_is_all_that_is_given() {
    let folder = folder();
    let [new, summary, refused] = ["new", "summary.json", "refused.txt"].map(|name| folder.path().join(name));
    let tables = concat!(env!("CARGO_MANIFEST_DIR"), "/codesets");
    for (base, files) in [(&["--default"][..], 0), (&[text_of(image())], 0), (&[tables], 10)] {
        let reports = ["-o", text_of(&new), "--summary", text_of(&summary), "--refused", text_of(&refused), "-q"];
        let built = run(&[&["codesets", "build"], base, &reports].concat());
        assert_eq!((built.code, built.out.as_str(), built.err.as_str()), (0, "", ""), "{base:?}");
        let told: Value = serde_json::from_slice(&std::fs::read(&summary).unwrap()).unwrap();
        assert!(told["files"].as_array().unwrap().len() >= files && told["clean"] == true, "{base:?}: {told}");
        assert_eq!(told["image_bytes"], std::fs::metadata(&new).unwrap().len(), "{base:?}");
        assert_eq!(std::fs::read_to_string(&refused).unwrap(), "", "{base:?}");
        for path in [&new, &summary, &refused] {
            std::fs::remove_file(path).unwrap();
        }
    }
}

#[test]
fn strict_builds_write_nothing_when_a_file_is_not_in_order() {
    let folder = folder();
    let files = publishers_files(folder.path());
    let image = folder.path().join("new.codeset");
    let build = |more: &[&str]| run(&[&["codesets", "build", text_of(&files), "-o", text_of(&image)], more].concat());
    std::fs::write(files.join("notes.txt"), "nothing that is read").unwrap();
    let strict = build(&["--strict"]);
    assert_eq!(strict.code, 1);
    assert!(
        strict.out.contains("notes.txt: not recognised") && strict.err.contains("was not written"),
        "{}",
        strict.err
    );
    assert!(!image.exists());
    assert_eq!(build(&[]).code, 0);
    std::fs::remove_file(files.join("notes.txt")).unwrap();
    let list = files.join("icd10cm-codes-2028.txt");
    let text = std::fs::read_to_string(&list).unwrap();
    std::fs::write(&list, text.replace("Z701    ", "Z701   x")).unwrap();
    std::fs::remove_file(&image).unwrap();
    assert_eq!(build(&["--strict"]).code, 1);
    let told = build(&["--refuse-limit", "0.1%"]);
    assert_eq!((told.code, told.out.as_str()), (2, ""));
    assert!(
        told.err.contains("1 of 300 rows were refused") && told.err.contains("codes-2028.txt:2: column 8"),
        "{}",
        told.err
    );
    assert!(!image.exists());
    let built = build(&[]);
    assert_eq!(built.code, 0);
    assert!(
        built.out.contains("299 taken, 1 refused") && built.out.contains("codes-2028.txt:2: column 8"),
        "{}",
        built.out
    );
    for wrong in [&["--refuse-limit", "2"][..], &["--effective", "soon"]] {
        assert_eq!(build(wrong).code, 2, "{wrong:?}");
    }
    let no_date = files.join("codes.txt");
    std::fs::rename(&list, &no_date).unwrap();
    assert!(build(&[]).out.contains("set aside: nothing says when it takes effect; give --effective"));
    assert!(build(&["--effective", "codes.txt=2027-10-01"]).out.contains("from 2027-10-01"));
}

#[test]
fn claims_are_converted_to_json_for_their_owner_alone_and_scrubbed_again() {
    let folder = folder();
    let run = |arguments: &[&str], input: &str| ended(program().args(arguments), input.as_bytes());
    let path = |name: &str| folder.path().join(name).display().to_string();
    let csv =
        "claim_id,claim_type,procedure,service_from,dx_1\nc1,P,99213,2025-11-03,e11.9\nc1,P,99214,2025-11-30x,e11.9\n";
    let ran = run(&["convert", "-", "-o", &path("a.ndjson"), "-q"], csv);
    assert_eq!((ran.code, ran.err.as_str()), (0, ""));
    let json = std::fs::read_to_string(path("a.ndjson")).unwrap();
    assert_eq!(json.lines().count(), 1);
    assert!(json.contains(r#""service_from":"2025-11-30x""#), "{json}");
    #[cfg(unix)]
    {
        use std::os::unix::fs::PermissionsExt;
        assert_eq!(std::fs::metadata(path("a.ndjson")).unwrap().permissions().mode() & 0o777, 0o600);
    }
    // The format is told by the content, or said.
    for format in [&[][..], &["--input-format", "ndjson"]] {
        let ran =
            run(&[&["scrub", &path("a.ndjson"), "--select", "FMT", "--format", "csv", "-q"], format].concat(), "");
        assert_eq!(ran.code, 1);
        assert!(ran.out.contains("c1,2,FMT003"), "{}", ran.out);
    }
    // A claim that was not read whole is counted, marked, and makes the exit code 1.
    let ran = run(&["convert"], "{\"claim_id\":\"c1\"}\n{\"claim_id\":\"c2\",\n");
    assert_eq!(ran.code, 1);
    assert!(ran.out.contains(r#"{"claim_id":"c2","unreadable":true"#), "{}", ran.out);
    assert!(ran.err.contains("2 claims with 0 lines; 1 claim not read whole"), "{}", ran.err);
    let ran = run(&["scrub", "--input-format", "fhir"], "claim_id,procedure,service_from,dx_1\n");
    assert!(ran.code == 1 && ran.out.contains("FMT040"), "{}", ran.out);
    let ran = run(&["scrub", "--input-format", "xml"], "");
    assert!(ran.code == 2 && ran.err.contains("expected one of csv, x12"), "{}", ran.err);
    let ran = run(&["scrub"], "<Claim/>\n");
    assert!(ran.code == 2 && ran.err.contains("was not recognised") && ran.err.contains("XML"), "{}", ran.err);
}
