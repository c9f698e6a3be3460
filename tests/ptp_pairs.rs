//! Every hospital PTP pair at its edges: the first and last day, the day before and the day after, in both orders of
//! the lines, without a modifier, with one that releases on either line, and with ones that do not; on one claim, and on
//! two claims of one patient, of which the later is told.
//!
//! The pairs of practitioners likewise, of an image that is built of the default one and a table of one quarter.
//!
//! What is expected is worked out from the tables as read here, not through the image. One pair in fifty; all of them
//! when the environment has `CLEANCLAIM_WHOLE_TABLES=1`, as in CI.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, reason = "tests")]

use cleanclaim::{ClaimReader, Codeset, CsvOptions, CsvReader, Date, Format, Input, Scrubber, embedded, scrub_readers};
use compile::assemble::Build;
use std::collections::HashMap;
use std::fmt::Write as _;
use std::io::Write as _;
use std::path::Path;

/// The days of a pair, and its indicator.
type Row = (Date, Date, char);

/// Modifiers of the column-1 and the column-2 line, and whether they release a pair of indicator 1.
const MODIFIERS: [(&str, &str, bool); 7] = [
    ("", "", false),
    ("", "59", true),
    ("59", "", true),
    ("", "LT", true),
    ("25", "", true),
    ("", "22", false),
    ("76", "77", false),
];
/// What one of the two tables is for.
struct Setting {
    /// The first and last day that the table answers for.
    covers: (&'static str, &'static str),
    /// Claim type, type of bill and revenue code of its claims.
    claim: &'static str,
}

const HOSPITAL: Setting = Setting { covers: ("2019-07-01", "2026-06-30"), claim: "I,0131,0360" };
const PRACTITIONER: Setting = Setting { covers: ("2024-07-01", "2024-09-30"), claim: "P,," };
/// Pairs whose claims are scrubbed at a time.
const AT_A_TIME: usize = 20_000;

fn day(text: &str) -> Date {
    Date::parse(text.as_bytes()).expect("a date")
}

#[test]
fn every_hospital_pair_fails_is_released_or_passes_as_its_table_says() {
    let path = concat!(env!("CARGO_MANIFEST_DIR"), "/codesets/ncci/hospital_ptp.tsv");
    let table = std::fs::read_to_string(path).expect("the table");
    let mut pairs: HashMap<(&str, &str), Vec<Row>> = HashMap::new();
    let mut order: Vec<(&str, &str)> = Vec::new();
    for line in table.lines().skip(1) {
        let cells: Vec<&str> = line.split('\t').collect();
        let row = (day(cells[2]), day(cells[3]), cells[1].chars().next().expect("an indicator"));
        for first in cells[0].split(' ') {
            for second in cells[4].split(' ') {
                pairs.entry((first, second)).or_default().push(row);
                order.push((first, second));
            }
        }
    }
    assert_eq!(order.len(), 1_594_456);
    check(&embedded(), &HOSPITAL, &pairs, order);
}

#[test]
fn every_pair_of_practitioners_fails_is_released_or_passes_as_its_table_says() {
    let path = Path::new(concat!(env!("CARGO_MANIFEST_DIR"), "/../shared/data/ncci/ncci_ptp_prac_20240701.tsv.zst"));
    if !path.exists() {
        // Not `eprintln!`, which a passing test keeps to itself.
        let notice = format!("SKIPPED: publisher tables not found at {}: pairs of practitioners\n", path.display());
        std::io::stderr().write_all(notice.as_bytes()).expect("stderr");
        return;
    }
    let built = Build::new().base(embedded()).files(&[path], &|_| {}).unwrap_or_else(|error| panic!("{error}"));
    let codeset = Codeset::from_bytes(&built.image).expect("an image");
    let table = zstd::decode_all(std::fs::File::open(path).expect("the table")).expect("whole");
    let table = String::from_utf8(table).expect("UTF-8");
    let covers = (day(PRACTITIONER.covers.0), day(PRACTITIONER.covers.1));
    let mut pairs: HashMap<(&str, &str), Vec<Row>> = HashMap::new();
    let mut order: Vec<(&str, &str)> = Vec::new();
    for line in table.lines().skip(1) {
        let cells: Vec<&str> = line.split('\t').collect();
        // Of a pair that was deleted the table has no first day, so nothing is known of it.
        if cells[2] == "99991231" && cells[3] != "9" {
            let row = (covers.0, covers.1, cells[3].chars().next().expect("an indicator"));
            pairs.entry((cells[0], cells[1])).or_default().push(row);
            order.push((cells[0], cells[1]));
        }
    }
    assert!(order.len() > 1_600_000, "{}", order.len());
    check(&codeset, &PRACTITIONER, &pairs, order);
}

/// Scrubs claims of pairs of the table.
fn check(codeset: &Codeset, setting: &Setting, pairs: &HashMap<(&str, &str), Vec<Row>>, mut order: Vec<(&str, &str)>) {
    let step = if std::env::var("CLEANCLAIM_WHOLE_TABLES").is_ok_and(|whole| whole == "1") { 1 } else { 50 };
    order.sort_unstable();
    order.dedup();
    let chosen: Vec<(&str, &str)> = order.into_iter().step_by(step).collect();
    let scrubber = Scrubber::builder(codeset.clone()).select("PTP").show_bypassed(true).build().expect("edits");
    let mut seen = [0u64; 3];
    for some in chosen.chunks(AT_A_TIME) {
        let claims = Claims::of(setting, some, pairs);
        let input = Input::from_reader("claims.csv", std::io::Cursor::new(claims.csv.into_bytes())).expect("readable");
        let reader: Box<dyn ClaimReader> =
            Box::new(CsvReader::new(input, CsvOptions::default()).unwrap_or_else(|error| panic!("{error}")));
        let mut out = Vec::new();
        let summary = scrub_readers(&scrubber, [reader], Format::Csv, &mut out).expect("runs");
        assert_eq!(summary.tally.claims_read, claims.expected.len() as u64);
        let mut found: HashMap<&str, Vec<String>> = HashMap::new();
        let out = String::from_utf8(out).expect("UTF-8");
        for line in out.lines().skip(1) {
            // claim_id, line_number, edit, name, outcome; none of them is quoted.
            let cells: Vec<&str> = line.splitn(6, ',').collect();
            found.entry(cells[0]).or_default().push(format!("{} {} {}", cells[1], cells[2], cells[4]));
        }
        for (id, expected) in &claims.expected {
            let got = found.remove(id.as_str()).unwrap_or_default();
            assert_eq!(&got, expected, "{id}");
            let kind = expected.first().map_or(0, |text| if text.ends_with("fail") { 1 } else { 2 });
            seen[kind] += 1;
        }
        assert!(found.is_empty());
    }
    assert!(seen.iter().all(|&count| count > 10_000), "passed, failed, released: {seen:?}");
}

/// Claims as CSV, and what the two edits must report of each.
struct Claims {
    csv: String,
    expected: Vec<(String, Vec<String>)>,
}

impl Claims {
    fn of(setting: &Setting, chosen: &[(&str, &str)], pairs: &HashMap<(&str, &str), Vec<Row>>) -> Claims {
        let csv = "claim_id,patient_id,billing_npi,claim_type,bill_type,revenue_code,procedure,modifier_1,service_from,dx_1\n".to_owned();
        let mut claims = Claims { csv, expected: Vec::new() };
        let mut turn = 0;
        for &(first, second) in chosen {
            for &(from, to, _) in &pairs[&(first, second)] {
                for date in [from.previous(), from, to, to.next()] {
                    // Each day takes the next modifiers and the other order, and each third is of two claims, so that all
                    // meet all over the pairs.
                    for _ in 0..2 {
                        turn += 1;
                        let (own_1, own_2, _) = MODIFIERS[turn % MODIFIERS.len()];
                        let turned = turn % 2 == 1;
                        let lines = [(first, own_1), (second, own_2)];
                        let lines = if turned { [lines[1], lines[0]] } else { lines };
                        claims.add(setting, pairs, lines, date, turn % 3 == 0);
                    }
                }
            }
        }
        claims
    }

    fn add(
        &mut self,
        setting: &Setting,
        pairs: &HashMap<(&str, &str), Vec<Row>>,
        lines: [(&str, &str); 2],
        date: Date,
        apart: bool,
    ) {
        let id = format!("{}-{}-{date}-{}", lines[0].0, lines[1].0, self.expected.len());
        let earlier = if apart { format!("{id}-earlier") } else { id.clone() };
        for (claim, (procedure, modifier)) in [&earlier, &id].into_iter().zip(lines) {
            let kind = setting.claim;
            writeln!(self.csv, "{claim},{id},1234567893,{kind},{procedure},{modifier},{date},Z0000").expect("a String");
        }
        if apart {
            self.expected.push((earlier, Vec::new()));
        }
        let released = MODIFIERS.iter().any(|&(own_1, own_2, released)| {
            let these = [lines[0].1, lines[1].1];
            released && (these == [own_1, own_2] || these == [own_2, own_1])
        });
        let mut expected = Vec::new();
        for (column_1, column_2) in [(1, 0), (0, 1)] {
            let rows = pairs.get(&(lines[column_1].0, lines[column_2].0));
            let active = rows.and_then(|rows| rows.iter().find(|(from, to, _)| (*from..=*to).contains(&date)));
            let Some((.., indicator)) =
                active.filter(|_| (day(setting.covers.0)..=day(setting.covers.1)).contains(&date))
            else {
                continue;
            };
            // The later claim's only line is told of, whichever column it is.
            let line = if apart { 1 } else { column_2 + 1 };
            expected.push(match (indicator, released) {
                ('0', _) => format!("{line} PTP001 fail"),
                (_, false) => format!("{line} PTP002 fail"),
                (_, true) => format!("{line} PTP002 bypassed"),
            });
        }
        self.expected.push((id, expected));
    }
}
