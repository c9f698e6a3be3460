//! The fast way against the plain one: calling only the edits that a claim's signs could set off must come to the same,
//! finding for finding and count for count, as calling every edit on every claim.
#![allow(clippy::unwrap_used, clippy::panic, reason = "tests")]

use crate::across::{Episodes, Window};
use crate::batch::BatchOutcome;
use crate::{Memo, Scrubber, tests::codeset};
use claims::{ClaimBatch, ClaimReader, CsvOptions, CsvReader, Input};
use codes::{Code, Date, DateRange};
use codeset::{AttributeId, Codeset, SystemId};
use compile::assemble::Build;
use edits::{OnDay, Resolver, Settings, registry};
use generate::{Generator, Plan};
use std::collections::BTreeSet;
use std::io::Cursor;
use std::path::Path;
use std::sync::OnceLock;

/// A fixed sequence of numbers that look random.
struct Random(u64);

impl Random {
    fn below(&mut self, limit: usize) -> usize {
        self.0 = self.0.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        (self.0 >> 33) as usize % limit
    }
}

/// What a cell may turn into: what no table knows, what no field takes, what edits look for, and nothing.
const CELLS: [&str; 43] = [
    "",
    "",
    "",
    "X",
    "ZZZZZ",
    "99213",
    "99292",
    "00100",
    "G0402",
    "99347",
    "J1885",
    "90686",
    "0201",
    "E119",
    "Z5111",
    "V0001XA",
    "S72001A",
    "Z370",
    "250.00",
    "26",
    "50",
    "59",
    "XS",
    "RT",
    "CS",
    "QQ",
    "0",
    "-1",
    "3.5",
    "1000",
    "20150930",
    "20240815",
    "20190630",
    "20991231",
    "11",
    "02",
    "99",
    "21",
    "0131",
    "0111",
    "0831",
    "1:2:3:4:5",
    "13",
];

/// Generated claims, half of them with planted errors, in which every few cells are overwritten, moved or emptied; some
/// claims come twice under another id.
fn claims(codeset: &Codeset, seed: u64, lines: u64) -> String {
    let plan = Plan { lines, seed, error_rate: 0.5, uniform: seed % 2 == 1, ..Plan::default() };
    let mut csv = Vec::new();
    Generator::new(codeset, plan).unwrap().write_csv(&mut csv, None).unwrap();
    let text = String::from_utf8(csv).unwrap();
    let mut rows: Vec<Vec<String>> = text.lines().map(|row| row.split(',').map(str::to_owned).collect()).collect();
    let mut random = Random(seed);
    let count = rows.len();
    // Every other file has NDCs, some lines of it one, and some of those none that a claim may have.
    if seed % 2 == 1 {
        rows[0].push("ndc".to_owned());
        let ndcs = ["", "", "", "", "00002-7597-01", "0002-7597-01"];
        rows[1..].iter_mut().for_each(|row| row.push(ndcs[random.below(ndcs.len())].to_owned()));
    }
    // Every third file has diagnoses beside the list, some lines of it one or several.
    if seed.is_multiple_of(3) {
        let beside = ["", "", "", "E119", "W19XXXA:Y92.009", "W19", "U07.1 S30.1XXA", "Z99ZZ", "250.00:I10-", ":"];
        for field in ["admitting_diagnosis", "reasons_for_visit", "external_causes"] {
            rows[0].push(field.to_owned());
            rows[1..].iter_mut().for_each(|row| row.push(beside[random.below(beside.len())].to_owned()));
        }
    }
    for place in 1..count {
        // A good part of the claims stays as it is.
        if random.below(3) == 0 {
            continue;
        }
        for _ in 0..random.below(4) {
            let column = 1 + random.below(rows[place].len() - 1);
            let cell = match random.below(3) {
                0 => rows[1 + random.below(count - 1)][column].clone(),
                1 => rows[1 + random.below(count - 1)][1 + random.below(rows[0].len() - 1)].clone(),
                _ => CELLS[random.below(CELLS.len())].to_owned(),
            };
            rows[place][column] = cell;
        }
    }
    let again: Vec<Vec<String>> = rows[1..].iter().filter(|_| random.below(10) == 0).cloned().collect();
    rows.extend(again.into_iter().map(|mut row| {
        row[0].push_str("-again");
        row
    }));
    rows.iter().map(|row| row.join(",") + "\n").collect()
}

/// Publishers' tables over the default ones, so that no edit lacks a table but those of taxonomies.
fn full() -> Option<&'static Codeset> {
    static FULL: OnceLock<Option<Codeset>> = OnceLock::new();
    let build = || {
        let shared = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../../shared/data");
        let names =
            ["ncci", "mpfs/PPRRVU2025_Oct.masked.csv.zst", "mpfs/PPRRVU_rvu24c_jul.masked.tsv.zst", "mcd", "hcpcs"];
        let mut files = names.map(|name| shared.join(name)).to_vec();
        files.retain(|file| file.exists());
        if files.is_empty() {
            println!("SKIPPED: the publishers' tables are not at hand");
            return None;
        }
        let built = Build::new().base(codeset()).files(&files, &|_| {}).unwrap_or_else(|error| panic!("{error}"));
        Some(Codeset::from_bytes(&built.image).unwrap())
    };
    FULL.get_or_init(build).as_ref()
}

/// Compares both ways over the claims, with every edit, shown and not, and for a payer that asks for more; gives how many
/// findings there were.
fn compare(codeset: &Codeset, text: &str) -> usize {
    let mut found = 0;
    for (show, requires_ndc) in [(false, false), (true, false), (false, true)] {
        let every = registry::all()
            .into_iter()
            .fold(Scrubber::builder(codeset.clone()), |builder, edit| builder.select(edit.info().id.as_ref()));
        let settings = Settings { requires_ndc, ..Settings::DEFAULT };
        let scrubber = every.settings(settings).show_bypassed(show).show_not_evaluated(show).build().unwrap();
        let input = Input::from_reader("claims.csv", Cursor::new(text.to_owned())).unwrap();
        let mut reader = CsvReader::new(input, CsvOptions { chunk_bytes: 60_000, ..CsvOptions::default() }).unwrap();
        let parser = reader.parser();
        let (mut window, mut memo, mut batch) = (Window::of(5_000), scrubber.memo(), ClaimBatch::default());
        let (mut fast, mut plain) = (BatchOutcome::default(), BatchOutcome::default());
        while let Some(chunk) = reader.next_chunk().unwrap() {
            parser.parse(&chunk, &mut batch);
            let earlier = window.look(Episodes::of(&batch));
            scrubber.scrub_batch(&batch, &earlier, &mut memo, &mut fast);
            scrubber.scrub_batch_plainly(&batch, &earlier, &mut plain);
            assert_eq!(fast.findings, plain.findings);
            for ((fast, plain), entry) in fast.counts.iter().zip(&plain.counts).zip(scrubber.edits()) {
                assert_eq!(fast, plain, "{}", entry.info().id);
            }
            assert_eq!(fast.tally, plain.tally);
            found += fast.findings.len();
        }
    }
    found
}

#[test]
fn what_signs_leave_out_would_have_passed() {
    let codeset = codeset();
    for seed in 0..8 {
        assert!(compare(&codeset, &claims(&codeset, seed, 3_000)) > 20_000, "seed {seed}");
    }
}

#[test]
fn what_signs_leave_out_would_have_passed_by_the_publishers_tables_too() {
    let Some(full) = full() else { return };
    for seed in 10..16 {
        assert!(compare(full, &claims(full, seed, 3_000)) > 20_000, "seed {seed}");
    }
}

/// Compares what a memo remembers of codes with what the tables say, on every day on which some row of the code or some
/// table begins or ends to say something, and the days around it.
fn compare_memo(codeset: &Codeset) -> usize {
    let mut memo = Memo::new(codeset);
    let mut compared = 0;
    let tables: Vec<DateRange> = AttributeId::ALL
        .iter()
        .filter_map(|&id| codeset.attributes(id))
        .flat_map(|own| own.coverage())
        .copied()
        .collect();
    for id in SystemId::ALL {
        let Some(system) = codeset.system(id) else { continue };
        let of_system = system.coverage().iter().copied();
        let common: Vec<DateRange> = tables.iter().copied().chain(of_system).collect();
        for (ordinal, code) in system.iter() {
            let rows =
                system.rows(ordinal).iter().map(|row| row.days()).chain(system.coverage_of(code).iter().copied());
            let attributes = AttributeId::ALL.iter().filter_map(|&id| codeset.attributes(id));
            let dated = attributes.filter(|_| id == SystemId::Procedure).flat_map(|own| own.rows(ordinal));
            let own: BTreeSet<i32> = rows.chain(dated.map(|row| row.days())).chain(common.iter().copied()).fold(
                BTreeSet::new(),
                |mut days, range| {
                    let last = range.to.unwrap_or(range.from).days();
                    days.extend((range.from.days() - 1..=range.from.days() + 1).chain(last - 1..=last + 1));
                    days
                },
            );
            // Neighbours in time one after the other, so that most days find the code remembered, then from the end.
            for &day in own.iter().chain(own.iter().rev()) {
                let (day, mut plain) = (Some(Date::from_days(day)), codeset);
                assert_eq!(
                    memo.on_day(id, code, day),
                    Resolver::on_day(&mut plain, id, code, day),
                    "{code} on {day:?}"
                );
                compared += 1;
            }
        }
        assert_eq!(memo.on_day(id, Code::ABSENT, None), OnDay::ABSENT);
    }
    compared
}

#[test]
fn a_memo_says_of_every_code_on_every_day_what_the_tables_say() {
    assert!(compare_memo(&codeset()) > 1_000_000);
}

#[test]
fn a_memo_says_what_the_publishers_tables_say_too() {
    let Some(full) = full() else { return };
    assert!(compare_memo(full) > 1_000_000);
}
