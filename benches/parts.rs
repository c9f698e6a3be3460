//! The parts of a run: cutting, looking codes up, reading, each family of edits, writing findings, the whole run, opening
//! an image, one claim.
//!
//! `cargo bench --bench parts`. Rates are in elements: look-ups, claim lines, or findings. `CLEANCLAIM_CODESET` names an
//! image of your own to judge by instead of the default codeset. Compare figures of one run only.
#![allow(clippy::unwrap_used, clippy::expect_used, missing_docs, reason = "benchmarks")]

use claims::{ClaimBatch, Columns};
use cleanclaim::{
    Claim, ClaimReader, Code, Codeset, ColumnarOptions, ColumnarReader, Context, ConvertError, CsvOptions, CsvReader,
    Date, FindingWriter, Format, Input, JsonOptions, JsonReader, JsonSchema, Line, Scrubber, SystemId,
    convert_to_parquet, embedded, scrub_readers,
};
use compile::Sources;
use criterion::{BatchSize, Criterion, Throughput, criterion_group, criterion_main};
use edits::{OnDay, Resolver, registry};
use engine::{BatchOutcome, Memo};
use generate::{Generator, Plan};
use simd_csv::ZeroCopyReaderBuilder;
use std::collections::BTreeSet;
use std::hint::black_box;
use std::io::{Cursor, Write};
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

const LINES: u64 = 100_000;

/// The tables to judge by.
fn codeset() -> Codeset {
    std::env::var_os("CLEANCLAIM_CODESET").map_or_else(embedded, |path| Codeset::open(path).expect("an image"))
}

/// Generated claims as CSV, with the usual repetition of codes or with all codes alike.
fn csv(uniform: bool) -> Vec<u8> {
    let plan = Plan { lines: LINES, uniform, ..Plan::default() };
    let mut claims = Vec::new();
    Generator::new(&codeset(), plan).expect("enough tables").write_csv(&mut claims, None).expect("memory");
    claims
}

fn reader(csv: &[u8]) -> CsvReader {
    let input = Input::from_reader("claims.csv", Cursor::new(csv.to_vec())).expect("readable");
    CsvReader::new(input, CsvOptions::default()).expect("a header")
}

/// The procedures of the claims, in their order.
fn procedures(csv: &[u8]) -> Vec<Code> {
    let (mut reader, mut batch, mut codes) = (reader(csv), ClaimBatch::new(Columns::ALL), Vec::new());
    let parser = reader.parser();
    while let Some(chunk) = reader.next_chunk().expect("memory") {
        parser.parse(&chunk, &mut batch);
        codes.extend(batch.lines.iter().map(|line| line.procedure).filter(|code| !code.is_absent()));
    }
    codes
}

/// The first batches of the claims.
fn batches(csv: &[u8]) -> Vec<ClaimBatch> {
    let (mut reader, mut batches) = (reader(csv), Vec::new());
    let parser = reader.parser();
    while let Some(chunk) = reader.next_chunk().expect("memory") {
        let mut batch = ClaimBatch::new(Columns::ALL);
        parser.parse(&chunk, &mut batch);
        batches.push(batch);
    }
    batches
}

/// Cutting into fields by simd-csv, and into chunks between claims by the reader.
fn tokenise(criterion: &mut Criterion) {
    let csv = csv(false);
    let mut group = criterion.benchmark_group("tokenise");
    group.throughput(Throughput::Elements(LINES));
    group.bench_function("fields, simd-csv", |bench| {
        bench.iter(|| {
            let mut reader = ZeroCopyReaderBuilder::new().has_headers(false).from_reader(csv.as_slice());
            let mut bytes = 0;
            while let Some(record) = reader.read_byte_record().expect("memory") {
                bytes += record.iter().map(<[u8]>::len).sum::<usize>();
            }
            bytes
        });
    });
    group.bench_function("chunks between claims", |bench| {
        bench.iter_batched(
            || reader(&csv),
            |mut reader| {
                let mut bytes = 0;
                while let Some(chunk) = reader.next_chunk().expect("memory") {
                    bytes += chunk.len();
                    reader.recycle(chunk.into_bytes());
                }
                bytes
            },
            BatchSize::LargeInput,
        );
    });
    group.finish();
}

fn look_up(criterion: &mut Criterion) {
    let codeset = codeset();
    for (name, uniform) in [("repeated", false), ("uniform", true)] {
        let codes = procedures(&csv(uniform));
        let mut group = criterion.benchmark_group(format!("look-up of {name} procedures"));
        group.throughput(Throughput::Elements(codes.len() as u64));
        let system = codeset.system(SystemId::Procedure).expect("procedures");
        group.bench_function("ordinal, FST", |bench| {
            bench.iter(|| codes.iter().filter(|&&code| system.ordinal(black_box(code)).is_some()).count());
        });
        let day = Date::parse(b"20251103");
        let mut run = |how: &str, resolver: &mut dyn FnMut(Code) -> OnDay| {
            group.bench_function(how, |bench| {
                bench.iter(|| codes.iter().map(|&code| black_box(resolver(black_box(code)))).count());
            });
        };
        let mut plain: &Codeset = &codeset;
        run("all on a day, FST alone", &mut |code| plain.on_day(SystemId::Procedure, code, day));
        let mut memo = Memo::new(&codeset);
        run("all on a day, memo before FST", &mut |code| memo.on_day(SystemId::Procedure, code, day));
        group.finish();
    }
}

/// The same claims as Parquet, a row a claim.
fn parquet(csv: &[u8]) -> Vec<u8> {
    let pool = rayon::ThreadPoolBuilder::new().build().expect("threads");
    let reader: Box<dyn ClaimReader> = Box::new(reader(csv));
    let mut out = Vec::new();
    convert_to_parquet([Ok::<_, ConvertError>(reader)], &pool, &mut out).expect("memory");
    out
}

/// The same claims as NDJSON.
fn ndjson() -> Vec<u8> {
    let plan = Plan { lines: LINES, ..Plan::default() };
    let mut claims = Vec::new();
    Generator::new(&embedded(), plan).expect("the default codeset").write_ndjson(&mut claims, None).expect("memory");
    claims
}

/// FHIR claims of three lines each, with a contained patient and provider, about as large as CARIN's.
fn fhir() -> Vec<u8> {
    let coded = |system: &str, code: &str| format!(r#"{{"coding":[{{"system":"{system}","code":"{code}"}}]}}"#);
    let item = |sequence: u64| {
        format!(
            r#"{{"sequence":{sequence},"careTeamSequence":[1],"diagnosisSequence":[1],"productOrService":{},"servicedDate":"2025-11-03","locationCodeableConcept":{},"quantity":{{"value":1}},"net":{{"value":125.5,"currency":"USD"}}}}"#,
            coded("http://www.ama-assn.org/go/cpt", "99213"),
            coded("https://www.cms.gov/Medicare/Coding/place-of-service-codes/Place_of_Service_Code_Set", "11"),
        )
    };
    let claim = |number: u64| {
        format!(
            r##"{{"resourceType":"Claim","id":"{number}","contained":[{{"resourceType":"Patient","id":"p","birthDate":"1960-01-02","gender":"female","identifier":[{{"value":"M{number}"}}]}},{{"resourceType":"Organization","id":"o","identifier":[{{"system":"http://hl7.org/fhir/sid/us-npi","value":"1234567893"}}]}}],"identifier":[{{"value":"C{number}"}}],"type":{},"patient":{{"reference":"#p"}},"provider":{{"reference":"#o"}},"careTeam":[{{"sequence":1,"provider":{{"reference":"#o"}}}}],"diagnosis":[{{"sequence":1,"diagnosisCodeableConcept":{}}}],"item":[{}],"total":{{"value":376.5}}}}"##,
            coded("http://terminology.hl7.org/CodeSystem/claim-type", "professional"),
            coded("http://hl7.org/fhir/sid/icd-10-cm", "E11.9"),
            [item(1), item(2), item(3)].join(","),
        ) + "\n"
    };
    (0..LINES / 3).map(claim).collect::<String>().into_bytes()
}

fn read(criterion: &mut Criterion) {
    let mut group = criterion.benchmark_group("read");
    group.throughput(Throughput::Elements(LINES));
    type Open<'o> = &'o dyn Fn() -> Box<dyn ClaimReader>;
    let mut run = |name: &str, open: Open<'_>| {
        group.bench_function(name, |bench| {
            let mut batch = ClaimBatch::new(Columns::ALL);
            bench.iter_batched(
                open,
                |mut reader| {
                    let (parser, mut lines) = (reader.parser(), 0);
                    while let Some(chunk) = reader.next_chunk().expect("memory") {
                        parser.parse(&chunk, &mut batch);
                        lines += batch.lines.len();
                        reader.recycle(chunk.into_bytes());
                    }
                    lines
                },
                BatchSize::LargeInput,
            );
        });
    };
    let csv = csv(false);
    run("CSV to batches, one thread", &|| Box::new(reader(&csv)));
    let columns = parquet(&csv);
    run("Parquet to batches, one thread", &|| {
        let input = Input::from_reader("claims", Cursor::new(columns.clone())).expect("readable");
        Box::new(ColumnarReader::new(input, ColumnarOptions::default()).expect("claims"))
    });
    for (name, schema, text) in [("NDJSON", JsonSchema::Own, ndjson()), ("FHIR", JsonSchema::Fhir, fhir())] {
        run(&format!("{name} to batches, one thread"), &|| {
            let input = Input::from_reader("claims", Cursor::new(text.clone())).expect("readable");
            Box::new(JsonReader::new(input, schema, JsonOptions::default()))
        });
    }
    group.finish();
}

/// Each family of edits by itself over claims that are read, beside none of them (the edit that is never called) and all:
/// every line of the table has gathering the claims' facts in it.
fn families(criterion: &mut Criterion) {
    let batches = batches(&csv(false));
    let ids = registry::all().into_iter().map(|edit| edit.info().id.clone());
    let families: BTreeSet<String> =
        ids.map(|id| id.chars().take_while(char::is_ascii_alphabetic).collect()).filter(|id| id != "SYS").collect();
    let mut group = criterion.benchmark_group("edits");
    group.throughput(Throughput::Elements(LINES)).sample_size(20);
    let all = families.iter().map(|family| (family.as_str(), Some(family.as_str())));
    for (name, family) in [("facts alone", Some("SYS")), ("all", None)].into_iter().chain(all) {
        let builder = Scrubber::builder(codeset());
        let scrubber =
            family.into_iter().fold(builder, |builder, family| builder.select(family)).build().expect("edits");
        let (mut memo, mut outcome) = (Memo::new(scrubber.codeset()), BatchOutcome::default());
        group.bench_function(name, |bench| {
            bench.iter(|| {
                for batch in &batches {
                    scrubber.scrub_claims(batch, &mut memo, &mut outcome);
                }
                outcome.findings.len()
            });
        });
    }
    group.finish();
}

/// Writing the findings of claims of which every one has an error.
fn findings(criterion: &mut Criterion) {
    let plan = Plan { lines: LINES / 5, error_rate: 1.0, ..Plan::default() };
    let mut csv = Vec::new();
    Generator::new(&codeset(), plan).expect("enough tables").write_csv(&mut csv, None).expect("memory");
    let scrubber = Scrubber::builder(codeset()).build().expect("default");
    let mut memo = Memo::new(scrubber.codeset());
    let scrub = |batch: ClaimBatch| {
        let mut outcome = BatchOutcome::default();
        scrubber.scrub_claims(&batch, &mut memo, &mut outcome);
        (batch, outcome.findings)
    };
    let all: Vec<_> = batches(&csv).into_iter().map(scrub).collect();
    let mut group = criterion.benchmark_group("findings");
    group.throughput(Throughput::Elements(all.iter().map(|(_, findings)| findings.len() as u64).sum()));
    for (name, format) in [("text", Format::Text), ("NDJSON", Format::Ndjson), ("CSV", Format::Csv)] {
        let writer = FindingWriter::new(format);
        let mut out = Vec::new();
        group.bench_function(name, |bench| {
            bench.iter(|| {
                out.clear();
                for (batch, findings) in &all {
                    let codeset = scrubber.codeset();
                    let context =
                        Context { edits: scrubber.edits(), batch, codeset, file: "claims.csv", in_segments: false };
                    findings.iter().for_each(|finding| writer.write(finding, &context, &mut out));
                }
                out.len()
            });
        });
    }
    group.finish();
}

/// Opening an image file that is in memory already: all of it checked, and its directory alone.
fn open(criterion: &mut Criterion) {
    let mut made = tempfile::NamedTempFile::new().expect("a temporary file");
    let path = match std::env::var_os("CLEANCLAIM_CODESET") {
        Some(path) => PathBuf::from(path),
        None => {
            let tables = Path::new(env!("CARGO_MANIFEST_DIR")).join("codesets");
            let built = Sources::open(&tables).and_then(|sources| sources.compile()).expect("the default tables");
            made.write_all(&built.image).expect("a temporary file");
            made.path().to_owned()
        }
    };
    let mut group = criterion.benchmark_group("open an image");
    group.throughput(Throughput::Bytes(path.metadata().expect("the image").len()));
    group.bench_function("checked whole", |bench| bench.iter(|| Codeset::open(&path).expect("an image").size()));
    group.bench_function("trusted", |bench| bench.iter(|| Codeset::open_trusted(&path).expect("an image").size()));
    group.finish();
}

fn whole(criterion: &mut Criterion) {
    let scrubber = Scrubber::builder(codeset()).build().expect("default");
    let mut group = criterion.benchmark_group("scrub");
    group.throughput(Throughput::Elements(LINES)).sample_size(20);
    for (name, uniform) in [("repeated codes", false), ("uniform codes", true)] {
        let csv = csv(uniform);
        group.bench_function(format!("CSV to NDJSON, all threads, {name}"), |bench| {
            bench.iter_batched(
                || Box::new(reader(&csv)) as Box<dyn ClaimReader>,
                |reader| {
                    let mut out = Vec::new();
                    scrub_readers(&scrubber, [reader], Format::Ndjson, &mut out).expect("memory");
                    out.len()
                },
                BatchSize::LargeInput,
            );
        });
    }
    group.finish();
}

fn one_claim(criterion: &mut Criterion) {
    let scrubber = Scrubber::builder(codeset()).build().expect("default");
    let line = |procedure: &str, charge: &str| Line {
        procedure: Some(procedure.into()),
        service_from: Some("2025-11-03".into()),
        place_of_service: Some("11".into()),
        units: Some("1".into()),
        charge: Some(charge.into()),
        dx_pointers: vec!["1".into()],
        ..Line::default()
    };
    let claim = Claim {
        claim_id: "C1".into(),
        claim_type: Some("P".into()),
        billing_npi: Some("1234567893".into()),
        birth_date: Some("1970-01-01".into()),
        claim_total: Some("250.00".into()),
        diagnoses: vec!["E11.65".into()],
        lines: vec![line("99213", "150.00"), line("36415", "20.00"), line("80053", "80.00")],
        ..Claim::default()
    };
    criterion.bench_function("one warm claim of three lines", |bench| {
        bench.iter(|| scrubber.scrub(black_box(&claim)).findings().len());
    });
    // What criterion does not tell: the worst of many.
    let mut times: Vec<Duration> = (0..200_000)
        .map(|_| {
            let begun = Instant::now();
            black_box(scrubber.scrub(black_box(&claim)));
            begun.elapsed()
        })
        .collect();
    times.sort_unstable();
    let at = |share: f64| times[(times.len() as f64 * share) as usize].as_secs_f64() * 1e6;
    println!(
        "one warm claim of three lines, of {} times, microseconds: median {:.2}, 99th percentile {:.2}, 99.9th {:.2}",
        times.len(),
        at(0.5),
        at(0.99),
        at(0.999)
    );
}

criterion_group!(benches, tokenise, look_up, read, families, findings, whole, open, one_claim);
criterion_main!(benches);
