//! What policy edits cost: the same claims scrubbed with none, ten and ten thousand of them, and compiling them.
//!
//! `cargo bench --bench policies`. Half of the edits need a procedure and half a diagnosis, taken evenly over all codes
//! of the default codeset; every edit has a condition beyond its code. Compare figures of one run only.
#![allow(clippy::unwrap_used, clippy::expect_used, missing_docs, reason = "benchmarks")]

use cleanclaim::{
    ClaimReader, Codeset, CsvOptions, CsvReader, Format, Input, Policies, Policy, Scrubber, SystemId, embedded,
    scrub_readers,
};
use criterion::{BatchSize, Criterion, Throughput, criterion_group, criterion_main};
use generate::{Generator, Plan};
use std::fmt::Write;
use std::io::Cursor;

const LINES: u64 = 100_000;

fn csv() -> Vec<u8> {
    let plan = Plan { lines: LINES, ..Plan::default() };
    let mut claims = Vec::new();
    Generator::new(&embedded(), plan).expect("the default codeset").write_csv(&mut claims, None).expect("memory");
    claims
}

fn reader(csv: &[u8]) -> Box<dyn ClaimReader> {
    let input = Input::from_reader("claims.csv", Cursor::new(csv.to_vec())).expect("readable");
    Box::new(CsvReader::new(input, CsvOptions::default()).expect("a header"))
}

/// So many codes of a system, evenly over all of them.
fn codes(codeset: &Codeset, id: SystemId, count: usize) -> Vec<String> {
    let system = codeset.system(id).expect("in the default codeset");
    let known = system.iter().filter(|(own, _)| system.rows(*own).iter().any(|row| row.is_billable()));
    let all: Vec<String> = known.map(|(_, code)| code.to_string()).collect();
    (0..count).map(|at| all[at * all.len() / count].clone()).collect()
}

/// A policy for every payer with so many edits.
fn text(codeset: &Codeset, edits: usize) -> String {
    let mut text = "[policy]\nid = \"BENCH\"\nversion = \"1\"\nname = \"Bench\"\nsource = \"none\"\n\
                    [applies]\npayers = [\"*\"]\n"
        .to_owned();
    let half = edits / 2;
    let conditions = codes(codeset, SystemId::Procedure, half)
        .into_iter()
        .map(|code| format!("line.procedure == \"{code}\" && line.units > 3 && !(\"25\" in line.modifiers)"))
        .chain(
            codes(codeset, SystemId::Diagnosis, edits - half)
                .into_iter()
                .map(|code| format!("\"{code}\" in line.diagnoses && line.charge > 5000 && line.pos == \"21\"")),
        );
    for (condition, number) in conditions.zip(1..) {
        write!(
            text,
            "[[edit]]\nid = \"BENCH{number}\"\ntitle = \"Bench {number}\"\nfails_when = '{condition}'\n\
             message = \"{{line.procedure}} of {{line.charge}}\"\nfix = \"none\"\n"
        )
        .expect("memory");
    }
    text
}

fn policies(codeset: &Codeset, edits: usize) -> Policies {
    let (policy, _) = Policy::parse("bench.toml", &text(codeset, edits), codeset).expect("right");
    Policies::new(vec![policy], codeset).expect("one")
}

fn scrub(criterion: &mut Criterion) {
    let (csv, codeset) = (csv(), embedded());
    let mut group = criterion.benchmark_group("scrub with policy edits");
    group.throughput(Throughput::Elements(LINES)).sample_size(20);
    for edits in [0, 10, 10_000] {
        let mut builder = Scrubber::builder(codeset.clone());
        if edits > 0 {
            builder = builder.policies(policies(&codeset, edits));
        }
        let scrubber = builder.build().expect("default");
        group.bench_function(format!("{edits} edits"), |bench| {
            bench.iter_batched(
                || reader(&csv),
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

fn compile(criterion: &mut Criterion) {
    let codeset = embedded();
    let mut group = criterion.benchmark_group("compile a policy");
    group.sample_size(10);
    for edits in [10, 10_000] {
        let text = text(&codeset, edits);
        group.throughput(Throughput::Elements(edits as u64));
        group.bench_function(format!("{edits} edits"), |bench| {
            bench.iter(|| Policy::parse("bench.toml", &text, &codeset).map(|(policy, _)| policy.edits().len()).ok());
        });
    }
    group.finish();
}

criterion_group!(benches, scrub, compile);
criterion_main!(benches);
