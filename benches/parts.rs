//! The parts of a run: code look-up through the FST alone and with the memo, reading CSV, the whole run, one claim.
//!
//! `cargo bench --bench parts`. Rates are in elements: look-ups, or claim lines. Compare figures of one run only.
#![allow(clippy::unwrap_used, clippy::expect_used, missing_docs, reason = "benchmarks")]

use claims::{ClaimBatch, Columns};
use cleanclaim::{
    Claim, ClaimReader, Code, Codeset, ColumnarOptions, ColumnarReader, ConvertError, CsvOptions, CsvReader, Format,
    Input, JsonOptions, JsonReader, JsonSchema, Line, Scrubber, SystemId, convert_to_parquet, embedded, scrub_readers,
};
use criterion::{BatchSize, Criterion, Throughput, criterion_group, criterion_main};
use edits::Resolver;
use engine::Memo;
use generate::{Generator, Plan};
use std::hint::black_box;
use std::io::Cursor;

const LINES: u64 = 100_000;

/// Generated claims as CSV, with the usual repetition of codes or with all codes alike.
fn csv(uniform: bool) -> Vec<u8> {
    let plan = Plan { lines: LINES, uniform, ..Plan::default() };
    let mut claims = Vec::new();
    Generator::new(&embedded(), plan).expect("the default codeset").write_csv(&mut claims, None).expect("memory");
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

fn look_up(criterion: &mut Criterion) {
    let codeset = embedded();
    for (name, uniform) in [("repeated", false), ("uniform", true)] {
        let codes = procedures(&csv(uniform));
        let mut group = criterion.benchmark_group(format!("look-up of {name} procedures"));
        group.throughput(Throughput::Elements(codes.len() as u64));
        let mut run = |how: &str, resolver: &mut dyn FnMut(Code) -> bool| {
            group.bench_function(how, |bench| {
                bench.iter(|| codes.iter().filter(|&&code| resolver(black_box(code))).count());
            });
        };
        let mut plain: &Codeset = &codeset;
        run("FST alone", &mut |code| plain.ordinal(SystemId::Procedure, code).is_some());
        let mut memo = Memo::new(&codeset);
        run("memo before FST", &mut |code| memo.ordinal(SystemId::Procedure, code).is_some());
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

fn whole(criterion: &mut Criterion) {
    let scrubber = Scrubber::builder(embedded()).build().expect("default");
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
    let scrubber = Scrubber::builder(embedded()).build().expect("default");
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
}

criterion_group!(benches, look_up, read, whole, one_claim);
criterion_main!(benches);
