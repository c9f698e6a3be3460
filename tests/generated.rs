//! Generated claims, whole: what is found is what was planted, in every format, at any number of threads.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, reason = "tests")]

use cleanclaim::{
    ClaimType, Codeset, CsvOptions, CsvReader, Format, Input, Outcome, Run, Scrubber, ScrubberBuilder, Severity,
    Summary, Unit, embedded,
};
use generate::{Generator, Made, Plan};
use serde_json::Value;
use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::fmt::Write as _;
use std::path::Path;

/// Claim, line or nothing, edit, field.
type Fault = [String; 4];

struct Corpus {
    codeset: Codeset,
    csv: Vec<u8>,
    made: Made,
    /// The failures to be found, in order.
    planted: Vec<Fault>,
}

fn corpus(plan: Plan) -> Corpus {
    let codeset = embedded();
    let (mut csv, mut planted) = (Vec::new(), Vec::new());
    let made = Generator::new(&codeset, plan).unwrap().write_csv(&mut csv, Some(&mut planted)).unwrap();
    let planted = String::from_utf8(planted).unwrap();
    let faults = planted.lines().skip(1).filter_map(|row| {
        let fields: Vec<&str> = row.splitn(6, ',').collect();
        (fields[3] == "fail").then(|| [0, 1, 2, 4].map(|field| fields[field].to_owned()))
    });
    let mut planted: Vec<Fault> = faults.collect();
    planted.sort();
    Corpus { codeset, csv, made, planted }
}

impl Corpus {
    fn builder(&self) -> ScrubberBuilder {
        Scrubber::builder(self.codeset.clone())
    }

    fn scrub(&self, scrubber: &Scrubber, format: Format, threads: usize) -> (Vec<u8>, Summary) {
        let pool = rayon::ThreadPoolBuilder::new().num_threads(threads).build().unwrap();
        let input = Input::from_reader("claims.csv", std::io::Cursor::new(self.csv.clone())).unwrap();
        let mut reader = CsvReader::new(input, CsvOptions::default()).unwrap();
        let mut out = Vec::new();
        let mut run = Run::new(scrubber, &pool, format);
        run.head(&mut out).unwrap();
        run.input(&mut reader, &mut out).unwrap();
        let summary = run.finish(&mut out).unwrap();
        (out, summary)
    }
}

/// The failures in NDJSON, in order.
fn failures(ndjson: &[u8]) -> Vec<Fault> {
    let text = |value: &Value| match value {
        Value::Null => String::new(),
        Value::String(text) => text.clone(),
        other => other.to_string(),
    };
    let findings = std::str::from_utf8(ndjson).unwrap().lines().map(|line| serde_json::from_str(line).unwrap());
    let mut all: Vec<Fault> = findings
        .filter(|finding: &Value| finding["outcome"] == "fail")
        .map(|finding| ["claim_id", "line_number", "edit", "field"].map(|name| text(&finding[name])))
        .collect();
    all.sort();
    all
}

/// The units of every kind, by type of claim, counted in the CSV itself.
fn units(csv: &[u8]) -> HashMap<(ClaimType, &'static str), u64> {
    let mut rows = std::str::from_utf8(csv).unwrap().lines();
    let names: Vec<&str> = rows.next().unwrap().split(',').collect();
    let column = |name: &str| names.iter().position(|own| *own == name).unwrap();
    let (id, claim_type, first_dx) = (column("claim_id"), column("claim_type"), column("dx_1"));
    let mut units: HashMap<_, u64> = HashMap::new();
    let mut last = String::new();
    for row in rows {
        let fields: Vec<&str> = row.split(',').collect();
        let of = match fields[claim_type] {
            "P" => ClaimType::Professional,
            "I" => ClaimType::Institutional,
            other => panic!("claims of type {other:?} are not made"),
        };
        *units.entry((of, Unit::Line.plural())).or_default() += 1;
        if last != fields[id] {
            last = fields[id].to_owned();
            *units.entry((of, Unit::Claim.plural())).or_default() += 1;
            let given = fields[first_dx..].iter().filter(|code| !code.is_empty()).count();
            *units.entry((of, Unit::Diagnosis.plural())).or_default() += given as u64;
        }
    }
    units
}

fn id_of(scrubber: &Scrubber, edit: usize) -> &str {
    &scrubber.edits()[edit].info().id
}

fn assert_accounted(corpus: &Corpus, scrubber: &Scrubber, summary: &Summary) {
    let tally = &summary.tally;
    assert_eq!((tally.claims_read, tally.lines_read), (corpus.made.claims, corpus.made.lines));
    assert_eq!(tally.claims_read, tally.claims_clean + tally.claims_with_errors + tally.claims_unreadable);
    assert_eq!(tally.claims_unreadable, 0);
    let severity: BTreeMap<&str, Severity> =
        scrubber.edits().iter().map(|entry| (entry.info().id.as_ref(), entry.severity())).collect();
    let erroneous: BTreeSet<&str> = corpus
        .planted
        .iter()
        .filter(|fault| severity[fault[2].as_str()] == Severity::Error)
        .map(|fault| fault[0].as_str())
        .collect();
    assert_eq!(tally.claims_with_errors, erroneous.len() as u64);
    assert_eq!(tally.findings.total(), corpus.planted.len() as u64);
    let units = units(&corpus.csv);
    for (number, counts) in summary.counts.iter().enumerate() {
        let info = scrubber.edits()[number].info();
        let judged = Outcome::ALL.into_iter().map(|outcome| counts.of(outcome)).sum::<u64>();
        let expected: u64 = units
            .iter()
            .filter(|((of, unit), _)| info.claims.contains(*of) && *unit == info.unit.plural())
            .map(|(_, count)| count)
            .sum();
        let expected = if scrubber.runs(number as u16) { expected } else { 0 };
        assert_eq!(judged, expected, "{}", info.id);
    }
}

#[test]
fn failures_are_exactly_the_planted_ones_and_every_claim_and_unit_is_accounted_for() {
    for (seed, uniform) in [(3, false), (4, true)] {
        let corpus = corpus(Plan { lines: 100_000, seed, error_rate: 0.3, uniform, ..Plan::default() });
        assert!(corpus.planted.len() > 5_000, "there is something to find");
        let scrubber = corpus.builder().build().unwrap();
        let (ndjson, summary) = corpus.scrub(&scrubber, Format::Ndjson, 2);
        let found = failures(&ndjson);
        if found != corpus.planted {
            let (found, planted): (BTreeSet<_>, BTreeSet<_>) =
                (found.iter().collect(), corpus.planted.iter().collect());
            let missing: Vec<_> = planted.difference(&found).take(5).collect();
            let extra: Vec<_> = found.difference(&planted).take(5).collect();
            panic!("missing {missing:?}, extra {extra:?}, or some twice");
        }
        assert_accounted(&corpus, &scrubber, &summary);
    }
}

#[test]
fn output_is_the_same_to_the_byte_at_any_number_of_threads() {
    let corpus = corpus(Plan { lines: 100_000, seed: 5, error_rate: 0.2, ..Plan::default() });
    assert!(corpus.csv.len() > 8 << 20, "there are several chunks a thread");
    let scrubber = corpus.builder().show_bypassed(true).show_not_evaluated(true).build().unwrap();
    for &format in Format::ALL {
        let alone = corpus.scrub(&scrubber, format, 1);
        assert!(alone.0.len() > 1 << 20);
        for threads in [2, 7] {
            let several = corpus.scrub(&scrubber, format, threads);
            // Not `assert_eq!`, which would print megabytes.
            assert!(alone.0 == several.0, "{} with {threads} threads", format.name());
            assert_eq!(alone.1, several.1);
        }
    }
}

#[test]
fn what_is_shown_changes_nothing_of_what_is_counted() {
    let corpus = corpus(Plan { lines: 20_000, seed: 6, error_rate: 0.2, ..Plan::default() });
    let least = corpus.scrub(&corpus.builder().build().unwrap(), Format::Ndjson, 2);
    let all = corpus.builder().show_bypassed(true).show_not_evaluated(true).build().unwrap();
    let most = corpus.scrub(&all, Format::Ndjson, 2);
    assert!(least.1.evaluations(Outcome::Bypassed) > 0 && least.1.evaluations(Outcome::NotEvaluated) > 0);
    assert!(!least.1.tally.bypassed_by.is_empty());
    assert_eq!(least.1, most.1);
    assert_eq!(failures(&least.0), failures(&most.0));
    assert!(!String::from_utf8(least.0).unwrap().contains(r#""outcome":"bypassed""#));
    assert!(String::from_utf8(most.0).unwrap().contains(r#""outcome":"bypassed""#));
}

#[test]
fn counts_of_the_fixed_corpus_are_the_committed_ones() {
    let corpus = corpus(Plan { lines: 200_000, seed: 11, ..Plan::default() });
    let scrubber = corpus.builder().build().unwrap();
    let (_, summary) = corpus.scrub(&scrubber, Format::Ndjson, 2);
    let tally = &summary.tally;
    let mut text = String::from(
        "# What a run over the generator's claims of seed 11 comes to: 200,000 lines, one claim of twenty in error.\n\
         # After an intended change: BLESS=1 cargo test --test generated\n",
    );
    for (name, count) in [
        ("claims read", tally.claims_read),
        ("claims clean", tally.claims_clean),
        ("claims with errors", tally.claims_with_errors),
        ("claims unreadable", tally.claims_unreadable),
        ("lines read", tally.lines_read),
    ] {
        writeln!(text, "{name}: {count}").unwrap();
    }
    let names = Outcome::ALL.map(Outcome::name);
    writeln!(text, "\nedit   {:>13} {:>13} {:>13} {:>13}", names[0], names[1], names[2], names[3]).unwrap();
    for (number, counts) in summary.counts.iter().enumerate() {
        let [a, b, c, d] = Outcome::ALL.map(|outcome| counts.of(outcome));
        writeln!(text, "{:<6} {a:>13} {b:>13} {c:>13} {d:>13}", id_of(&scrubber, number)).unwrap();
    }
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/corpus/counts.txt");
    if std::env::var_os("BLESS").is_some() {
        std::fs::write(&path, &text).unwrap();
    }
    let committed = std::fs::read_to_string(&path).unwrap_or_default();
    let changed: Vec<_> = text.lines().filter(|line| !committed.lines().any(|own| own == *line)).collect();
    assert!(text == committed, "changed, see {} for how to accept it:\n{}", path.display(), changed.join("\n"));
}

#[test]
fn an_edit_switched_off_changes_no_other_edit_and_alone_comes_to_the_same() {
    let corpus = corpus(Plan { lines: 3_000, seed: 7, error_rate: 0.6, ..Plan::default() });
    let every: Vec<String> =
        corpus.builder().build().unwrap().edits().iter().map(|entry| entry.info().id.to_string()).collect();
    let all = || {
        let builder = corpus.builder().show_bypassed(true).show_not_evaluated(true);
        every.iter().fold(builder, |builder, edit| builder.select(edit))
    };
    let (with, summary) = corpus.scrub(&all().build().unwrap(), Format::Ndjson, 2);
    let with = String::from_utf8(with).unwrap();
    for (number, off) in every.iter().enumerate() {
        let (without, other) = corpus.scrub(&all().ignore(off).build().unwrap(), Format::Ndjson, 2);
        let own = format!(r#","edit":"{off}","#);
        let kept: Vec<&str> = with.lines().filter(|finding| !finding.contains(&own)).collect();
        let without = String::from_utf8(without).unwrap();
        assert!(without.lines().eq(kept), "without {off}");
        for place in (0..every.len()).filter(|&place| place != number) {
            assert_eq!(summary.counts[place], other.counts[place], "{} without {off}", every[place]);
        }
        assert_eq!(Outcome::ALL.map(|outcome| other.counts[number].of(outcome)), [0; 4], "{off}");
        let builder = corpus.builder().show_bypassed(true).show_not_evaluated(true);
        let (alone, only) = corpus.scrub(&builder.select(off).build().unwrap(), Format::Ndjson, 2);
        let alone = String::from_utf8(alone).unwrap();
        assert!(alone.lines().eq(with.lines().filter(|finding| finding.contains(&own))), "{off} alone");
        assert_eq!(only.counts[number], summary.counts[number], "{off} alone");
    }
}
