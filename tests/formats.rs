//! The same claims in every format give the same findings; real claims of every format are read, or refused with a
//! reason.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::indexing_slicing, reason = "tests")]

use cleanclaim::{
    ClaimFormat, ConvertError, Format, Input, ReadOptions, Scrubber, Summary, convert_to_ndjson, convert_to_parquet,
    embedded, open_reader, scrub_readers,
};
use generate::{Generator, Plan};
use serde_json::Value;
use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::io::{Cursor, Write as _};
use std::path::{Path, PathBuf};

fn scrub(scrubber: &Scrubber, claims: &[u8]) -> (Vec<u8>, Summary) {
    let input = Input::from_reader("claims", Cursor::new(claims.to_vec())).unwrap();
    let reader = open_reader(input, &ReadOptions::default()).unwrap();
    let mut out = Vec::new();
    let summary = scrub_readers(scrubber, [reader], Format::Ndjson, &mut out).unwrap();
    assert_eq!(summary.tally.claims_unaccounted(), 0);
    (out, summary)
}

/// The findings without what tells one file from another: the place, and the row where the message names it.
fn findings(ndjson: &[u8]) -> Vec<Value> {
    let parse = |line: &str| {
        let mut finding: Value = serde_json::from_str(line).unwrap();
        finding.as_object_mut().unwrap().remove("at");
        if finding["values"].as_object_mut().unwrap().remove("row").is_some() {
            finding.as_object_mut().unwrap().remove("message");
        }
        finding
    };
    std::str::from_utf8(ndjson).unwrap().lines().map(parse).collect()
}

fn converted(claims: &[u8], threads: usize) -> Vec<u8> {
    let input = Input::from_reader("claims", Cursor::new(claims.to_vec())).unwrap();
    let mut reader = open_reader(input, &ReadOptions::default()).unwrap();
    let pool = rayon::ThreadPoolBuilder::new().num_threads(threads).build().unwrap();
    let mut out = Vec::new();
    convert_to_ndjson(&mut *reader, &pool, &mut out).unwrap();
    out
}

/// Converted claims without what the first says of the input.
fn claims_of(ndjson: &[u8]) -> Vec<u8> {
    let text = std::str::from_utf8(ndjson).unwrap();
    let rest = text.strip_prefix("{\"input_fields\":[").and_then(|rest| rest.split_once("],"));
    rest.map_or_else(|| text.to_owned(), |(_, rest)| format!("{{{rest}")).into_bytes()
}

#[test]
fn generated_claims_give_the_same_findings_in_every_format_written_and_converted() {
    for (seed, uniform) in [(3, false), (4, true)] {
        let codeset = embedded();
        let plan = Plan { lines: 60_000, seed, error_rate: 0.3, uniform, ..Plan::default() };
        let generator = Generator::new(&codeset, plan).unwrap();
        let (mut csv, mut ndjson) = (Vec::new(), Vec::new());
        let made = generator.write_csv(&mut csv, None).unwrap();
        assert_eq!(generator.write_ndjson(&mut ndjson, None).unwrap().claims, made.claims);
        let scrubber = Scrubber::builder(codeset).show_bypassed(true).build().unwrap();
        let (from_csv, summary) = scrub(&scrubber, &csv);
        let expected = findings(&from_csv);
        assert!(expected.len() > 5_000 && ndjson.len() > 8 << 20, "there is something to find, in several chunks");
        let of_csv = converted(&csv, 1);
        assert!(claims_of(&of_csv) == claims_of(&converted(&ndjson, 2)), "what was read is the same");
        assert!(of_csv == converted(&of_csv, 7), "converting again changes nothing");
        for claims in [&ndjson, &of_csv] {
            let (found, other) = scrub(&scrubber, claims);
            assert_eq!((other.tally.claims_read, other.tally.lines_read), (made.claims, made.lines));
            assert_eq!(other.tally.claims_clean, summary.tally.claims_clean);
            let found = findings(&found);
            let differs = found.iter().zip(&expected).find(|(found, expected)| found != expected);
            assert!(differs.is_none() && found.len() == expected.len(), "{} findings; {differs:?}", found.len());
        }
    }
}

/// What comes of each FHIR claim, as the committed table has it.
fn fhir_table(claims: &str) -> String {
    let scrubber = Scrubber::builder(embedded()).build().unwrap();
    let mut table = String::from(
        "# Each claim of shared/claims/fhir/claim_r4.ndjson: its row, id and type, then claims, lines, findings by edit,\n\
         # and why it was refused, if it was. After an intended change: BLESS=1 cargo test --test formats\n",
    );
    for (row, claim) in (1..).zip(claims.lines()) {
        let resource: Value = serde_json::from_str(claim).unwrap();
        let kind = &resource["type"]["coding"][0]["code"];
        let (out, summary) = scrub(&scrubber, claim.as_bytes());
        let mut edits: BTreeMap<String, u32> = BTreeMap::new();
        let mut refusal = String::new();
        for finding in findings(&out) {
            *edits.entry(finding["edit"].as_str().unwrap().to_owned()).or_default() += 1;
            if finding["edit"] == "FMT041" {
                refusal = format!("  refused: {}", finding["values"]["found"].as_str().unwrap());
            }
        }
        let tally = &summary.tally;
        assert_eq!((tally.claims_read, tally.claims_unreadable), (1, u64::from(!refusal.is_empty())), "row {row}");
        let edits: Vec<String> = edits.iter().map(|(edit, count)| format!("{edit}×{count}")).collect();
        let (id, kind) = (resource["id"].as_str().unwrap(), kind.as_str().unwrap());
        writeln!(table, "{row} {id} {kind}: 1 claim, {} lines; {}{refusal}", tally.lines_read, edits.join(" "))
            .unwrap();
    }
    table
}

#[test]
fn every_fhir_claim_is_read_or_refused_as_the_table_says() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let path = root.join("../shared/claims/fhir/claim_r4.ndjson");
    let Ok(claims) = std::fs::read_to_string(&path) else {
        writeln!(std::io::stderr(), "SKIPPED: {} not found: FHIR claims", path.display()).unwrap();
        return;
    };
    assert_eq!(ClaimFormat::recognise(claims.as_bytes()), Some(ClaimFormat::Fhir));
    let table = fhir_table(&claims);
    let committed = root.join("tests/corpus/fhir.txt");
    if std::env::var_os("BLESS").is_some() {
        std::fs::write(&committed, &table).unwrap();
    }
    let old = std::fs::read_to_string(&committed).unwrap_or_default();
    let changed: Vec<_> = table.lines().filter(|line| !old.lines().any(|own| own == *line)).collect();
    assert!(table == old, "changed, see {} for how to accept it:\n{}", committed.display(), changed.join("\n"));
    // All of them in one file, pretty-printed, as an array and as a bundle: as many claims, the same findings.
    let values: Vec<Value> = claims.lines().map(|line| serde_json::from_str(line).unwrap()).collect();
    let entries: Vec<Value> = values.iter().map(|value| serde_json::json!({"resource": value})).collect();
    let bundle = serde_json::json!({"resourceType": "Bundle", "type": "collection", "entry": entries});
    let pretty: String = values.iter().map(|value| serde_json::to_string_pretty(value).unwrap() + "\n").collect();
    let scrubber = Scrubber::builder(embedded()).build().unwrap();
    let (expected, summary) = scrub(&scrubber, claims.as_bytes());
    assert_eq!(summary.tally.claims_read, 46);
    for text in [Value::from(values).to_string(), pretty, bundle.to_string()] {
        let (found, summary) = scrub(&scrubber, text.as_bytes());
        assert_eq!(summary.tally.claims_read, 46);
        assert_eq!(findings(&found), findings(&expected));
    }
}

/// Claims of others in every format, which the repository does not carry: name and content.
fn samples() -> Vec<(String, Vec<u8>)> {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("../shared/claims");
    let mut paths: Vec<PathBuf> = Vec::new();
    for folder in ["x12/837d", "x12/837i", "x12/837p", "x12_broken", "fhir", "rif"] {
        let Ok(entries) = std::fs::read_dir(root.join(folder)) else { continue };
        paths.extend(entries.map(|entry| entry.unwrap().path()));
    }
    paths.retain(|path| !path.extension().is_some_and(|extension| extension == "997" || extension == "999"));
    paths.sort();
    // Tables of hundreds of thousands of lines say no more about reading than their first thousands.
    let few = |bytes: Vec<u8>| match bytes.iter().enumerate().filter(|(_, byte)| **byte == b'\n').nth(2000) {
        Some((end, _)) if bytes.len() > 2 << 20 => bytes[..=end].to_vec(),
        _ => bytes,
    };
    let read = |path: PathBuf| {
        let bytes = std::fs::read(&path).unwrap();
        let packed = path.extension().is_some_and(|extension| extension == "zst");
        let bytes = if packed { zstd::decode_all(bytes.as_slice()).unwrap() } else { bytes };
        (path.file_name().unwrap().to_string_lossy().into_owned(), few(bytes))
    };
    paths.into_iter().map(read).collect()
}

/// Findings without what tells one file and format from another: places, and what only the format at hand can say.
fn of_claims(ndjson: &[u8]) -> Vec<String> {
    let mut all = Vec::new();
    for mut finding in findings(ndjson) {
        // What could not be read is kept as it stood, and found again; what of the form was wrong is not.
        let edit = finding["edit"].as_str().unwrap().to_owned();
        if edit.starts_with("FMT") && edit != "FMT003" {
            continue;
        }
        for place in ["loop", "element", "row"] {
            finding["values"].as_object_mut().unwrap().remove(place);
        }
        // What is expected of a field is said as its format has it.
        if edit == "FMT003" {
            finding["values"].as_object_mut().unwrap().remove("expected");
        }
        let parts = ["claim_id", "line_number", "edit", "outcome", "severity", "field", "values"];
        all.push(parts.map(|name| finding[name].to_string()).join(" "));
    }
    all
}

#[test]
fn every_sample_converted_has_the_same_findings() {
    let samples = samples();
    if samples.is_empty() {
        writeln!(std::io::stderr(), "SKIPPED: ../shared/claims is not here: converting claims of others").unwrap();
        return;
    }
    let scrubber = Scrubber::builder(embedded()).show_bypassed(true).build().unwrap();
    let pool = rayon::ThreadPoolBuilder::new().num_threads(2).build().unwrap();
    let (mut found, mut claims) = (0, 0);
    for (name, bytes) in samples {
        let (expected, summary) = scrub(&scrubber, &bytes);
        let expected = of_claims(&expected);
        let input = Input::from_reader("claims", Cursor::new(bytes.clone())).unwrap();
        let reader = open_reader(input, &ReadOptions::default()).unwrap();
        let mut parquet = Vec::new();
        convert_to_parquet([Ok::<_, ConvertError>(reader)], &pool, &mut parquet).unwrap();
        let ndjson = converted(&bytes, 2);
        let again = if ndjson.is_empty() { Vec::new() } else { converted(&parquet, 1) };
        assert!(claims_of(&ndjson) == claims_of(&again), "{name}: what was read is the same");
        for (format, text) in [("NDJSON", &ndjson), ("Parquet", &parquet)] {
            if text.is_empty() {
                assert_eq!(summary.tally.claims_read, 0, "{name}");
                continue;
            }
            let (ours, other) = scrub(&scrubber, text);
            let counts = |summary: &Summary| {
                let tally = &summary.tally;
                (tally.claims_read, tally.lines_read, tally.claims_unreadable)
            };
            assert_eq!(counts(&other), counts(&summary), "{name} as {format}");
            let ours = of_claims(&ours);
            let differs = ours.iter().zip(&expected).find(|(ours, expected)| ours != expected);
            assert!(ours == expected, "{name} as {format}: {} and {}; {differs:?}", ours.len(), expected.len());
        }
        (found, claims) = (found + expected.len(), claims + summary.tally.claims_read);
    }
    assert!(found > 1000 && claims > 1000, "{found} findings on {claims} claims");
}
