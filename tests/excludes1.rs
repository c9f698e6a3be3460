//! Every Excludes1 note of the tabular lists through the edit that reads them, DX030.
//!
//! What is expected is worked out from the lists as read plainly here, not through the image. One pair in twenty; all of
//! them when the environment has `CLEANCLAIM_WHOLE_TABLES=1`, as in CI. The lists are not part of the repository: without
//! them the test says that it is skipped.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::indexing_slicing, reason = "tests")]

#[path = "../crates/compile/tests/support/tabular.rs"]
mod tabular;

use cleanclaim::{
    Code, CsvOptions, CsvReader, Date, Format, Input, Outcome, Scrubber, SystemId, embedded, scrub_readers,
};
use compile::publisher::icd10cm;
use std::collections::BTreeSet;
use std::fmt::Write as _;
use std::io::Write as _;
use std::path::Path;
use tabular::{LISTS, List, read};

/// A published list; without it, says so where it is seen and gives nothing.
fn published(name: &str) -> Option<String> {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("../shared/data").join(name);
    let Ok(bytes) = std::fs::read(&path) else {
        // Not `eprintln!`, which a passing test keeps to itself.
        let notice = format!("SKIPPED: no publisher table at {}: Excludes1 through the edit\n", path.display());
        std::io::stderr().write_all(notice.as_bytes()).unwrap();
        return None;
    };
    Some(String::from_utf8(zstd::decode_all(&bytes[..]).unwrap()).unwrap())
}

/// Scrubs claims of two diagnoses each, and gives the numbers of those on which the pair fails.
fn failing(scrubber: &Scrubber, csv: String, claims: u64) -> BTreeSet<u64> {
    let input = Input::from_reader("claims.csv", std::io::Cursor::new(csv.into_bytes())).unwrap();
    let reader = CsvReader::new(input, CsvOptions::default()).unwrap();
    let mut out = Vec::new();
    let summary = scrub_readers(scrubber, [Box::new(reader) as _], Format::Csv, &mut out).unwrap();
    assert_eq!((summary.tally.claims_read, summary.evaluations(Outcome::NotEvaluated)), (claims, 0));
    let out = String::from_utf8(out).unwrap();
    let failed = out.lines().skip(1).map(|line| {
        let cells: Vec<&str> = line.splitn(8, ',').collect();
        assert_eq!((cells[2], cells[4], cells[5], cells[6]), ("DX030", "fail", "warning", "dx_2"), "{line}");
        cells[0].parse().unwrap()
    });
    failed.collect()
}

const COLUMNS: &str = "claim_id,claim_type,procedure,service_from,dx_pointers,dx_1,dx_2\n";
const AT_A_TIME: u64 = 100_000;

#[test]
fn every_excludes1_note_fails_the_pairs_that_it_names_and_no_others() {
    let codeset = embedded();
    let system = codeset.system(SystemId::Diagnosis).unwrap();
    let scrubber = Scrubber::builder(codeset.clone()).select("DX030").build().unwrap();
    let every = if std::env::var_os("CLEANCLAIM_WHOLE_TABLES").is_some() { 1 } else { 20 };
    for (name, from, to) in LISTS {
        let Some(xml) = published(name) else { return };
        let list = read(&xml);
        assert!(list.in_words * 8 < list.plain && list.nothing < list.plain, "{name}");
        let first_day = Date::parse(from.as_bytes()).unwrap();
        let valid = system
            .iter()
            .filter(|&(ordinal, _)| system.row_on(ordinal, first_day).is_some_and(|row| row.is_billable()));
        let codes: Vec<(Code, usize)> = valid.filter_map(|(_, code)| Some((code, list.node(code)?))).collect();
        let in_order = List::in_order(&codes);
        let (mut csv, mut expected) = (COLUMNS.to_owned(), BTreeSet::new());
        let (mut judged, mut turn, mut failed) = (0u64, 0u64, 0);
        let mut judge = |csv: &mut String, expected: &mut BTreeSet<u64>, claims: u64| {
            let found = failing(&scrubber, std::mem::replace(csv, COLUMNS.to_owned()), claims);
            let expected = std::mem::take(expected);
            let wrong: Vec<&u64> = found.symmetric_difference(&expected).take(5).collect();
            assert!(wrong.is_empty(), "{name}: claims {wrong:?}");
            failed += expected.len();
        };
        for (number, &(code, node)) in codes.iter().enumerate() {
            let partners = list.partners(node, &codes, &in_order);
            for other in partners.into_iter().chain(List::anywhere(number, codes.len())) {
                let (other_code, other_node) = codes[other];
                turn += 1;
                if turn % every != 0 || other_code == code {
                    continue;
                }
                let on = if judged % 2 == 0 { from } else { to };
                writeln!(csv, "{judged},P,99213,{on},1:2,{other_code},{code}").unwrap();
                if list.excludes(node, (other_code, other_node)) || list.excludes(other_node, (code, node)) {
                    expected.insert(judged);
                }
                judged += 1;
                if judged % AT_A_TIME == 0 {
                    judge(&mut csv, &mut expected, AT_A_TIME);
                }
            }
        }
        judge(&mut csv, &mut expected, judged % AT_A_TIME);
        assert!(failed > 300_000 / every as usize && judged as usize > failed, "{name}: {failed} of {judged}");
        writeln!(std::io::stderr(), "{name}: {judged} pairs, {failed} excluded").unwrap();
    }
}
