//! Comparing images, and downloading what they are made of, from the command line. Servers are on this machine.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, reason = "tests")]

use serde_json::Value;
use std::io::{BufRead, BufReader, Write};
use std::net::{TcpListener, TcpStream};
use std::path::{Path, PathBuf};
use std::process::Command;
use std::sync::OnceLock;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

struct Ended {
    code: i32,
    out: String,
    err: String,
}

fn run(arguments: &[&str]) -> Ended {
    let mut program = Command::new(env!("CARGO_BIN_EXE_cleanclaim"));
    for name in ["HTTP_PROXY", "HTTPS_PROXY", "ALL_PROXY"] {
        program.env_remove(name).env_remove(name.to_lowercase());
    }
    let output = program.args(arguments).output().unwrap();
    let text = |bytes: Vec<u8>| String::from_utf8(bytes).unwrap();
    Ended { code: output.status.code().unwrap(), out: text(output.stdout), err: text(output.stderr) }
}

fn text_of(path: &Path) -> &str {
    path.to_str().unwrap()
}

fn lines(ndjson: &str) -> Vec<Value> {
    ndjson.lines().map(|line| serde_json::from_str(line).unwrap()).collect()
}

/// An image with pairs of a practitioner table of our own: 99215 with 99213, and its indicator.
fn with_pair(folder: &Path, name: &str, indicator: &str) -> PathBuf {
    let files = folder.join(format!("{name}-files"));
    std::fs::create_dir(&files).unwrap();
    let pairs = format!("column1\tcolumn2\tdeleted\tmod\trationale\n99215\t99213\t99991231\t{indicator}\tx\n");
    std::fs::write(files.join("ncci_ptp_prac_20240701.tsv"), pairs).unwrap();
    let image = folder.join(name);
    let built = run(&["codesets", "build", "--default", text_of(&files), "-o", text_of(&image), "--strict"]);
    assert_eq!(built.code, 0, "{}{}", built.out, built.err);
    image
}

#[test]
fn a_code_of_the_provider_taxonomy_is_told_with_its_days() {
    let folder = tempfile::tempdir().unwrap();
    let files = folder.path().join("files");
    std::fs::create_dir(&files).unwrap();
    for (name, codes) in [("250", ["207Q00000X", "208D00000X"]), ("251", ["207Q00000X", "207QA0505X"])] {
        let rows = codes.map(|code| format!("{code},Group,Class,,\n")).concat();
        let text = format!("Code,Grouping,Classification,Specialization,Notes\n{rows}");
        std::fs::write(files.join(format!("nucc_taxonomy_{name}.csv")), text).unwrap();
    }
    let image = folder.path().join("image");
    let image = text_of(&image);
    assert_eq!(run(&["codesets", "build", "--default", text_of(&files), "-o", image, "--strict"]).code, 0);
    let codes = |arguments: &[&str]| run(&[&["codes", "--codeset", image], arguments].concat());
    let known = codes(&["208d00000x", "--on", "2025-05-01"]);
    assert_eq!((known.code, known.err.as_str()), (0, ""));
    for part in ["taxonomy 208D00000X\n", "on 2025-05-01: may be reported", "2025-04-01 to 2025-09-30: valid  ["] {
        assert!(known.out.contains(part), "{part}: {}", known.out);
    }
    let on = |day: &str| codes(&["208D00000X", "--on", day]).out;
    assert!(on("2025-11-01").contains("on 2025-11-01: not valid"), "{}", on("2025-11-01"));
    assert!(on("2024-11-01").contains("not known: outside the loaded releases"), "{}", on("2024-11-01"));
    let unknown = codes(&["207R00000X"]);
    assert_eq!(unknown.code, 1);
    assert_eq!(unknown.out, "207R00000X is in no loaded release\nnear, in taxonomy:\n    207Q00000X\n");
    let not_loaded = run(&["codes", "207Q00000X"]);
    assert_eq!(not_loaded.code, 1);
    assert!(not_loaded.out.contains("of which no release is loaded"), "{}", not_loaded.out);
    let malformed = run(&["codes", "207Q00000Y"]);
    assert!(malformed.code == 2 && malformed.err.contains("which end in X"), "{}", malformed.err);
}

#[test]
fn two_images_are_compared_and_so_is_what_they_make_of_claims() {
    let folder = tempfile::tempdir().unwrap();
    let (old, new) = (with_pair(folder.path(), "old", "1"), with_pair(folder.path(), "new", "0"));
    let [old, new] = [&old, &new].map(|path| text_of(path));
    let same = run(&["codesets", "diff", old, old]);
    assert_eq!((same.code, same.err.as_str()), (0, ""), "{}", same.out);
    let told = run(&["codesets", "diff", old, new]);
    assert_eq!(told.code, 1, "{}", told.err);
    for part in ["PART", "\nptp-practitioner\n  ~ 99215 99213", "indicator 1 -> indicator 0"] {
        assert!(told.out.contains(part), "{part}: {}", told.out);
    }
    let all = run(&["codesets", "diff", old, new, "--all"]);
    assert!(all.out.contains("\nptp-practitioner\n  ~ 99215 99213"), "{}", all.out);
    let first = run(&["codesets", "diff", old, new, "--first", "0"]);
    assert!(!first.out.contains("99215") && first.code == 1, "{}", first.out);
    let json = lines(&run(&["codesets", "diff", old, new, "--format", "ndjson"]).out);
    let [change, summary] = &json[..] else { panic!("{json:?}") };
    assert_eq!((&change["kind"], &change["codes"][1]), (&Value::from("changed"), &Value::from("99213")));
    let parts = summary["summary"]["parts"].as_array().unwrap();
    assert_eq!(parts.iter().find(|own| own["part"] == "ptp-practitioner").unwrap()["changed"], 1);
    let default = run(&["codesets", "diff", "default", new]);
    assert!(default.code == 1 && default.out.contains("ptp-practitioner     only in"), "{}", default.out);

    // Indicator 1 lets modifier 25 release the pair, and 0 nothing.
    let claims = folder.path().join("claims.csv");
    let head = "claim_id,claim_type,procedure,modifier_1,service_from,dx_1,charge\n";
    let rows = "A,P,99215,25,2024-07-05,Z0000,200.00\nA,P,99213,25,2024-07-05,Z0000,100.50\n\
                B,P,99213,,2024-07-05,Z0000,90.00\n";
    std::fs::write(&claims, format!("{head}{rows}")).unwrap();
    let base = ["codesets", "diff", old, new, "--claims", text_of(&claims), "--select", "PTP"];
    let json = lines(&run(&[&base[..], &["--format", "ndjson"]].concat()).out);
    let [change, summary] = &json[..] else { panic!("{json:?}") };
    assert_eq!((&change["claim_id"], &change["at"]["row"]), (&Value::from("A"), &Value::from(2)));
    assert_eq!(change["newly_failing"][0]["edit"], "PTP001");
    let summary = &summary["summary"];
    assert_eq!(
        (&summary["claims"], &summary["changed"], &summary["claims_newly_failing"]),
        (&2.into(), &1.into(), &1.into())
    );
    assert_eq!(summary["by_edit"][0]["edit"], "PTP001");
    assert_eq!(summary["by_edit"][0]["charge_newly_failing"], summary["charge_newly_failing"]);
    assert_eq!(summary["by_edit"][0]["claims_newly_failing"], 1);
    let text = run(&base);
    assert_eq!(text.code, 1);
    for part in ["claim A\n  + PTP001 on line", "EDIT ", "1 of 2 claims change", "1 claim that was clean newly fails"] {
        assert!(text.out.contains(part), "{part}: {}", text.out);
    }
    let back = run(&["codesets", "diff", new, old, "--claims", text_of(&claims), "--select", "PTP"]);
    assert!(back.out.contains("  - PTP001 on line") && back.out.contains("1 becomes clean"), "{}", back.out);
    assert_eq!(run(&["codesets", "diff", old, old, "--claims", text_of(&claims)]).code, 0);
    for wrong in [
        &["codesets", "diff", old][..],
        &["codesets", "diff", old, text_of(&claims)],
        &["codesets", "diff", old, new, "--select", "PTP"],
    ] {
        let ended = run(wrong);
        assert!(ended.code == 2 && !ended.err.is_empty(), "{wrong:?}");
    }
}

/// A table of unit limits as its publisher has it, and under what name.
fn limits() -> String {
    let rows: String = (0..40)
        .map(|number| format!("{},{},2 Date of Service Edit: Policy,CMS Policy\r\n", 99202 + number, 1 + number % 3))
        .collect();
    format!("\"HCPCS/\nCPT Code\",Practitioner Services MUE Values,MUE Adjudication Indicator,MUE Rationale\r\n{rows}")
}

const NAME: &str = "MCR_MUE_PractitionerServices_Eff_07-01-2026.csv";

/// A zip archive that holds these files as they are.
fn archive(files: &[(&str, &[u8])]) -> Vec<u8> {
    let (mut archive, mut directory) = (Vec::new(), Vec::new());
    for (name, bytes) in files {
        let mut crc = flate2::Crc::new();
        crc.update(bytes);
        let [length, start] = [bytes.len(), archive.len()].map(|number| u32::try_from(number).unwrap().to_le_bytes());
        let of_name = u16::try_from(name.len()).unwrap().to_le_bytes();
        // Version, flags, no compression, time and date; then checksum, both lengths, and those of name and extra field.
        let common =
            [&[20, 0, 0, 0, 0, 0, 0, 0, 0x21, 0][..], &crc.sum().to_le_bytes(), &length, &length, &of_name, &[0, 0]]
                .concat();
        archive.extend([b"PK\x03\x04", &common[..], name.as_bytes(), bytes].concat());
        directory.extend([b"PK\x01\x02\x14\x00", &common[..], &[0; 10], &start, name.as_bytes()].concat());
    }
    let count = u16::try_from(files.len()).unwrap().to_le_bytes();
    let [length, start] = [directory.len(), archive.len()].map(|number| u32::try_from(number).unwrap().to_le_bytes());
    [&archive[..], &directory, b"PK\x05\x06\0\0\0\0", &count, &count, &length, &start, &[0, 0]].concat()
}

/// The table as it is published: in an archive, in another one, beside a document.
fn published() -> Vec<u8> {
    let inner = archive(&[(NAME, limits().as_bytes())]);
    archive(&[("readme.pdf", b"%PDF-1.7"), ("inner.zip", &inner)])
}

/// A server on this machine that answers by path; gives its address. It ends with the test program.
fn server() -> &'static str {
    static ADDRESS: OnceLock<String> = OnceLock::new();
    ADDRESS.get_or_init(|| {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let address = format!("http://{}", listener.local_addr().unwrap());
        std::thread::spawn(move || {
            for stream in listener.incoming().flatten() {
                std::thread::spawn(move || answer(stream));
            }
        });
        address
    })
}

/// Whether the file that comes later was asked for.
static ASKED: AtomicBool = AtomicBool::new(false);

fn answer(mut stream: TcpStream) {
    let mut reader = BufReader::new(stream.try_clone().unwrap());
    let mut first = String::new();
    if reader.read_line(&mut first).is_err() {
        return;
    }
    let mut line = String::new();
    while reader.read_line(&mut line).is_ok_and(|count| count > 2) {
        line.clear();
    }
    let body = limits();
    let respond = |stream: &mut TcpStream, status: &str, headers: &str, length: usize, body: &[u8]| {
        let head = format!("HTTP/1.1 {status}\r\n{headers}Content-Length: {length}\r\nConnection: close\r\n\r\n");
        let _ = stream.write_all(head.as_bytes()).and_then(|()| stream.write_all(body));
    };
    let kind = first.split('/').nth(1).unwrap_or_default();
    let csv = "Content-Type: text/csv\r\n";
    match kind {
        "good" => respond(&mut stream, "200 OK", csv, body.len(), body.as_bytes()),
        "short" => respond(&mut stream, "200 OK", csv, body.len(), &body.as_bytes()[..300]),
        "slow" => {
            respond(&mut stream, "200 OK", csv, body.len(), &body.as_bytes()[..100]);
            std::thread::sleep(Duration::from_secs(60));
        }
        "endless" => {
            let _ = stream.write_all(b"HTTP/1.1 200 OK\r\nContent-Type: text/csv\r\nConnection: close\r\n\r\n");
            while stream.write_all(body.as_bytes()).is_ok() {}
        }
        "archive" => respond(&mut stream, "200 OK", "", published().len(), &published()),
        // Whole by its length, and not by what is in it.
        "cut" => respond(&mut stream, "200 OK", "", 700, &published()[..700]),
        "flipped" => {
            let mut bytes = published();
            let place = bytes.windows(5).position(|five| five == b"99202").unwrap();
            bytes[place] ^= 1;
            respond(&mut stream, "200 OK", "", bytes.len(), &bytes);
        }
        "document" => {
            let bytes = archive(&[("readme.pdf", &[b'%'; 200])]);
            respond(&mut stream, "200 OK", "", bytes.len(), &bytes);
        }
        "page" => respond(&mut stream, "200 OK", "Content-Type: text/html\r\n", 9, b"<p>no</p>"),
        "wrong" => respond(&mut stream, "200 OK", csv, 2000, &[b'x'; 2000]),
        "small" => respond(&mut stream, "200 OK", csv, 3, b"a,b"),
        "busy" => respond(&mut stream, "503 Service Unavailable", "", 0, b""),
        // Busy the first time.
        "later" if !ASKED.swap(true, Ordering::Relaxed) => respond(&mut stream, "503 Service Unavailable", "", 0, b""),
        "later" => respond(&mut stream, "200 OK", csv, body.len(), body.as_bytes()),
        "moved" => respond(&mut stream, "302 Found", &format!("Location: /good/{NAME}\r\n"), 0, b""),
        "away" => respond(&mut stream, "302 Found", &format!("Location: http://example.com/{NAME}\r\n"), 0, b""),
        "nowhere" => respond(&mut stream, "302 Found", "", 0, b""),
        "round" => respond(&mut stream, "302 Found", &format!("Location: /round/{NAME}\r\n"), 0, b""),
        _ => respond(&mut stream, "404 Not Found", "", 0, b""),
    }
}

/// A list of one source at these addresses.
fn listed(folder: &Path, addresses: &[String], more: &str) -> PathBuf {
    let path = folder.join("publishers.toml");
    let text = format!(
        "[[source]]\nname = \"limits\"\npublisher = \"CMS\"\npage = \"https://example.com/page\"\n\
         addresses = {addresses:?}\nexpect = \"NCCI medically unlikely edits\"\nleast = 100\nmost = 50_000\n{more}"
    );
    std::fs::write(&path, text).unwrap();
    path
}

fn update(sources: &Path, image: &Path, more: &[&str]) -> Ended {
    let base = ["codesets", "update", "--sources", text_of(sources), "-o", text_of(image), "--quarter", "2026Q3"];
    // No second attempt, unless the test is about it.
    let once = if more.contains(&"--retries") { &[][..] } else { &["--retries", "0"] };
    run(&[&base[..], once, more].concat())
}

fn at(kind: &str) -> Vec<String> {
    vec![format!("{}/{kind}/{NAME}", server())]
}

#[test]
fn files_are_downloaded_checked_and_built() {
    let folder = tempfile::tempdir().unwrap();
    let image = folder.path().join("new.codeset");
    let cache = folder.path().join("cache");
    for kind in ["good", "moved"] {
        let sources = listed(folder.path(), &at(kind), "");
        let updated = update(&sources, &image, &[]);
        assert_eq!((updated.code, updated.err.as_str()), (0, ""), "{kind}: {}", updated.out);
        for part in
            ["limits: ", "NCCI medically unlikely edits", "40 taken, 0 refused", "into mue-practitioner", "cc4-"]
        {
            assert!(updated.out.contains(part), "{part}: {}", updated.out);
        }
    }
    assert!(run(&["codesets", "inspect", text_of(&image)]).out.contains("mue-practitioner"));
    // An archive, as it is published.
    let sources = listed(folder.path(), &[format!("{}/archive/limits.zip", server())], "");
    let updated = update(&sources, &image, &[]);
    assert_eq!((updated.code, updated.err.as_str()), (0, ""), "{}", updated.out);
    for part in ["40 taken, 0 refused", "limits.zip: 1 file not recognised: readme.pdf", "1 file taken, with 40 rows"] {
        assert!(updated.out.contains(part), "{part}: {}", updated.out);
    }
    // A page in the place of the file, and the file at the next address.
    let sources = listed(folder.path(), &[at("page"), at("good")].concat(), "");
    assert!(update(&sources, &image, &[]).out.contains("/good/"));
    // The next address is tried where a server has no such file; what is in the cache is not downloaded again.
    let sources = listed(folder.path(), &[at("nothing"), at("good")].concat(), "");
    let cached = ["--cache", text_of(&cache)];
    assert!(update(&sources, &image, &cached).out.contains("/good/"));
    let again = update(&listed(folder.path(), &at("busy"), ""), &image, &cached);
    assert!(again.code == 0 && again.out.contains("downloaded before"), "{}{}", again.out, again.err);
    let later = update(&listed(folder.path(), &at("later"), ""), &image, &["--retries", "1"]);
    assert!(later.code == 0 && later.out.contains("/later/"), "{}", later.err);
    // An image is extended in its place.
    let sources = listed(folder.path(), &at("good"), "");
    let base =
        ["codesets", "update", "--sources", text_of(&sources), "--base", text_of(&image), "--quarter", "2026Q3", "-q"];
    let replaced = run(&base);
    assert_eq!((replaced.code, replaced.out.as_str()), (0, ""), "{}", replaced.err);
    assert_eq!(run(&["codesets", "verify", text_of(&image)]).code, 0);
}

#[test]
fn whatever_goes_wrong_is_told_with_its_place_and_the_old_image_stays() {
    let folder = tempfile::tempdir().unwrap();
    let image = folder.path().join("old.codeset");
    std::fs::write(&image, "the old image").unwrap();
    let cases: [(&str, &[&str], &str); 12] = [
        ("nothing", &[], "no such file (status 404)"),
        ("short", &[], "the download ended after 300 of"),
        ("slow", &["--timeout", "1"], "longer than 1 seconds"),
        ("endless", &[], "expected 100 to 50000 bytes, got 50001"),
        ("page", &[], "got a web page"),
        ("wrong", &[], "expected NCCI medically unlikely edits, found nothing that is known"),
        ("small", &[], "expected 100 to 50000 bytes, got 3"),
        ("busy", &[], "status 503"),
        ("busy", &["--retries", "1"], "status 503"),
        ("away", &[], "sends us on to http://example.com/"),
        ("nowhere", &[], "status 302"),
        ("round", &[], "more than 5 times"),
    ];
    for (kind, more, reason) in cases {
        let sources = listed(folder.path(), &at(kind), "");
        let failed = update(&sources, &image, more);
        assert_eq!((failed.code, failed.out.as_str()), (2, ""), "{kind}");
        for part in [reason, NAME, "limits: ", "no image was written", "https://example.com/page"] {
            assert!(failed.err.contains(part), "{kind}: {part}: {}", failed.err);
        }
        assert_eq!(std::fs::read_to_string(&image).unwrap(), "the old image", "{kind}");
    }
    let archives = [
        ("cut", "limits.zip: expected a whole zip archive"),
        ("flipped", "inner.zip: expected a whole"),
        ("document", "limits.zip: expected NCCI medically unlikely edits, found nothing that is known"),
    ];
    let cache = folder.path().join("cache");
    for (kind, reason) in archives {
        let sources = listed(folder.path(), &[format!("{}/{kind}/limits.zip", server())], "");
        let failed = update(&sources, &image, &["--cache", text_of(&cache)]);
        assert_eq!((failed.code, failed.out.as_str()), (2, ""), "{kind}");
        for part in [reason, "limits: ", "no image was written", "https://example.com/page"] {
            assert!(failed.err.contains(part), "{kind}: {part}: {}", failed.err);
        }
        assert_eq!(std::fs::read_to_string(&image).unwrap(), "the old image", "{kind}");
        assert!(!cache.join("2026Q3/limits/limits.zip").exists(), "{kind}: it is to be downloaded again");
    }
    for (address, reason) in [
        ("http://example.com/a.csv", "only https"),
        ("nowhere", "is not an address"),
        ("http://127.0.0.1:1/a.csv", "cannot be reached"),
    ] {
        let failed = update(&listed(folder.path(), &[address.to_owned()], ""), &image, &[]);
        assert!(failed.code == 2 && failed.err.contains(reason) && failed.err.contains(address), "{}", failed.err);
    }
    let zip = format!("{}/good/file.zip", server());
    assert!(update(&listed(folder.path(), &[zip], ""), &image, &[]).err.contains("expected a zip archive"));
    assert_eq!(std::fs::read_to_string(&image).unwrap(), "the old image");
}

#[test]
fn nothing_is_downloaded_under_a_licence_that_is_not_accepted() {
    let folder = tempfile::tempdir().unwrap();
    let (image, cache) = (folder.path().join("new.codeset"), folder.path().join("cache"));
    let sources = listed(folder.path(), &at("good"), "licence = \"ama\"\n");
    let cached = ["--cache", text_of(&cache)];
    let refused = update(&sources, &image, &cached);
    assert_eq!(refused.code, 2);
    for part in [
        "nothing was downloaded",
        "American Medical Association",
        "--accept-ama-license",
        "limits: https://example.com/page",
    ] {
        assert!(refused.err.contains(part), "{part}: {}", refused.err);
    }
    assert!(!image.exists() && !cache.exists());
    let accepted = update(&sources, &image, &[&cached[..], &["--accept-ama-license"]].concat());
    assert_eq!(accepted.code, 0, "{}", accepted.err);
    assert!(image.exists() && cache.exists());
    assert!(
        update(&sources, &image, &["--only", "nope"]).err.contains("no source is called \"nope\"; there are limits")
    );
    assert_eq!(run(&["codesets", "update"]).code, 2);
}

#[test]
fn a_build_of_nothing_is_refused_and_strict_says_what_is_not_in_order() {
    let folder = tempfile::tempdir().unwrap();
    let (image, notes) = (folder.path().join("new.codeset"), folder.path().join("notes.txt"));
    std::fs::write(&notes, "hello\n").unwrap();
    let cut = folder.path().join("HCPC2026_OCT.xlsx");
    std::fs::write(&cut, &published()[..700]).unwrap();
    let build = |more: &[&str]| run(&[&["codesets", "build", "-o", text_of(&image)], more].concat());
    for more in [&["--default", text_of(&notes)][..], &[text_of(&notes), text_of(&cut)]] {
        let refused = build(more);
        assert_eq!(refused.code, 2, "{}", refused.err);
        assert!(refused.out.contains("notes.txt: not recognised"), "{}", refused.out);
        for part in
            ["new.codeset was not written", "nothing of the files that were given can be taken", "1 not recognised"]
        {
            assert!(refused.err.contains(part), "{part}: {}", refused.err);
        }
        assert!(!image.exists());
    }
    let good = folder.path().join(NAME);
    std::fs::write(&good, limits()).unwrap();
    let strict = build(&["--strict", text_of(&good), text_of(&notes), text_of(&cut)]);
    assert_eq!(strict.code, 1, "{}", strict.err);
    for part in ["was not written: --strict", "1 file taken, with 40 rows; 1 not recognised; 1 not read"] {
        assert!(strict.err.contains(part), "{part}: {}", strict.err);
    }
    assert!(
        strict.out.contains("not read: ") && strict.out.contains("HCPC2026_OCT.xlsx: expected a whole zip archive")
    );
    // Nothing is said of an image that is not there.
    assert!(!strict.out.contains("image: ") && !image.exists(), "{}", strict.out);
    // Without --strict the rest is built, and the last lines say what is not in it.
    let built = build(&[text_of(&good), text_of(&notes), text_of(&cut)]);
    assert_eq!((built.code, built.err.as_str()), (0, ""), "{}", built.out);
    assert!(built.out.contains("1 file taken, with 40 rows; 1 not recognised; 1 not read\nimage: "), "{}", built.out);
    // A document in an archive beside the table is no fault.
    let zip = folder.path().join("limits.zip");
    std::fs::write(&zip, published()).unwrap();
    assert_eq!(build(&["--strict", text_of(&zip)]).code, 0);
    // Too many wrong rows: the first of them, and the option.
    std::fs::write(&good, limits().replace(",1,2 Date", ",x,2 Date")).unwrap();
    let refused = build(&[text_of(&good)]);
    assert_eq!(refused.code, 2);
    for part in ["rows were refused, more than 1 in a hundred", "column B", "--refuse-limit"] {
        assert!(refused.err.contains(part), "{part}: {}", refused.err);
    }
    let rows = folder.path().join("refused.txt");
    let built = build(&["--refuse-limit", "50%", "--refused", text_of(&rows), text_of(&good)]);
    assert_eq!(built.code, 0, "{}", built.err);
    assert!(std::fs::read_to_string(&rows).unwrap().lines().count() > 10);
    assert!(run(&["codesets", "inspect", text_of(&image)]).out.contains("COVERAGE ARTICLES"));
}
