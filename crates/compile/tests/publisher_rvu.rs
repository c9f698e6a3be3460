//! The reader of the fee schedule's relative value file, against the published files and against damage.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]
// `eprintln!` is kept from view in a test that passes.
#![allow(clippy::explicit_write)]

use cleanclaim_compile::publisher::rvu::{FeeRow, GlobalPeriod, fee_schedule};
use cleanclaim_compile::publisher::{Document, Kind, Publication, read, recognise};
use codes::Modifier;
use proptest::prelude::*;
use std::collections::BTreeMap;
use std::io::Write;
use std::path::{Path, PathBuf};

/// The folder of published files; without it, says so where it is seen and gives nothing.
fn folder(test: &str) -> Option<PathBuf> {
    let folder = concat!(env!("CARGO_MANIFEST_DIR"), "/../../../shared/data");
    if !Path::new(folder).is_dir() {
        // Not `eprintln!`, which a passing test keeps to itself.
        writeln!(std::io::stderr(), "SKIPPED: publisher tables not found at {folder}: {test}").unwrap();
        return None;
    }
    Some(folder.into())
}

fn bytes_of(path: &Path) -> Vec<u8> {
    let bytes = std::fs::read(path).unwrap_or_else(|error| panic!("{}: {error}", path.display()));
    if path.extension().is_some_and(|end| end == "zst") { zstd::decode_all(&bytes[..]).unwrap() } else { bytes }
}

fn load(path: &Path) -> Document<FeeRow> {
    match read(path, &bytes_of(path)).unwrap() {
        Some(Publication::FeeSchedule(document)) => document,
        _ => panic!("{}: not recognised", path.display()),
    }
}

fn counted(document: &Document<FeeRow>, of: impl Fn(&FeeRow) -> u8) -> BTreeMap<char, usize> {
    let mut counts = BTreeMap::new();
    for placed in &document.rows {
        *counts.entry(char::from(of(&placed.row))).or_insert(0) += 1;
    }
    counts
}

#[test]
fn csv_and_fixed_width_give_identical_rows() {
    let Some(folder) = folder("csv and fixed width") else { return };
    let csv = load(&folder.join("mpfs/PPRRVU2025_Oct.masked.csv.zst"));
    let fixed = load(&folder.join("mpfs/PPRRVU2025_Oct.masked.txt.zst"));
    for document in [&csv, &fixed] {
        assert_eq!((document.read, document.refused.count(), document.rows.len()), (19_090, 0, 19_090));
        assert_eq!(document.release.label, "2025 October");
        assert_eq!(document.release.effective.unwrap().to_string(), "2025-10-01");
    }
    assert_eq!((csv.rows[0].line, fixed.rows[0].line), (11, 8));
    assert_eq!((csv.left_out["rows before the header"], fixed.left_out["header records"]), (8, 7));
    for (a, b) in csv.rows.iter().zip(&fixed.rows) {
        assert_eq!(a.row, b.row);
    }
    let counts = |pairs: &[(char, usize)]| pairs.iter().copied().collect::<BTreeMap<_, _>>();
    let modifiers =
        |text: &[u8; 2]| csv.rows.iter().filter(|placed| placed.row.modifier == Modifier::new(text)).count();
    assert_eq!([b"26", b"TC", b"53"].map(modifiers), [1_127, 1_108, 4]);
    assert_eq!(
        counted(&csv, |row| row.status),
        counts(&[
            ('A', 9_021),
            ('B', 83),
            ('C', 1_347),
            ('E', 1_569),
            ('I', 1_486),
            ('J', 276),
            ('M', 1_216),
            ('N', 336),
            ('P', 142),
            ('R', 1_058),
            ('T', 8),
            ('X', 2_548),
        ])
    );
    assert_eq!(
        counted(&csv, |row| row.bilateral),
        counts(&[('0', 8_001), ('1', 2_227), ('2', 388), ('3', 240), ('9', 8_234)])
    );
    assert_eq!(counted(&csv, |row| row.assistant), counts(&[('0', 5_781), ('1', 2_243), ('2', 2_787), ('9', 8_279)]));
    assert_eq!(counted(&csv, |row| row.co_surgeons), counts(&[('0', 8_080), ('1', 2_482), ('2', 301), ('9', 8_227)]));
    assert_eq!(counted(&csv, |row| row.team), counts(&[('0', 10_679), ('1', 133), ('2', 51), ('9', 8_227)]));
    assert_eq!(
        counted(&csv, |row| row.multiple),
        counts(&[('0', 4_146), ('2', 5_344), ('3', 370), ('4', 477), ('5', 52), ('6', 382), ('7', 101), ('9', 8_218)])
    );
    let global = |period| csv.rows.iter().filter(|placed| placed.row.global == period).count();
    use GlobalPeriod::{Contractor, Day, Maternity, NinetyDays, None, OfAnother, TenDays};
    assert_eq!(
        [Day, TenDays, NinetyDays, Maternity, None, Contractor, OfAnother].map(global),
        [1_371, 471, 3_767, 17, 11_722, 967, 775]
    );
    let rows = || csv.rows.iter().map(|placed| placed.row);
    assert_eq!(rows().filter(|row| row.not_used).count(), 148);
    assert_eq!(rows().filter(|row| row.not_outside_facility).count(), 4_064);
    assert_eq!(rows().filter(|row| row.not_in_facility).count(), 2_530);
    assert_eq!(rows().filter(|row| !row.endoscopic_base.is_absent()).count(), 370);
    assert_eq!(rows().filter(|row| row.imaging_family == *b"88").count(), 477);
    assert_eq!(rows().filter(|row| row.supervision == *b"6A").count(), 13);
    assert_eq!(rows().filter(|row| row.pricing.is_some()).count(), 0);
}

#[test]
fn every_quarter_from_2020_to_2024_loads() {
    let Some(folder) = folder("quarters") else { return };
    let quarters = [
        ("rvu20a_jan", 17_236),
        ("rvu20b_apr", 17_250),
        ("rvu20c_v0618", 17_320),
        ("rvu20d_oct", 17_346),
        ("rvu21a_jan", 17_327),
        ("rvu21b_apr", 17_338),
        ("rvu21c_jul", 17_403),
        ("rvu21d_oct", 17_432),
        ("rvu22a_jan", 17_600),
        ("rvu22b_apr", 17_630),
        ("rvu22c_jul", 17_695),
        ("rvu22d_oct", 17_726),
        ("rvu23a_jan", 18_010),
        ("rvu23b_apr", 18_037),
        ("rvu23c_jul", 18_132),
        ("rvu23d_oct", 18_168),
        ("rvu24a_jan", 18_499),
        ("rvu24ar_jan", 18_499),
        ("rvu24b_apr", 18_534),
        ("rvu24c_jul", 18_664),
    ];
    for (place, (name, rows)) in quarters.into_iter().enumerate() {
        let path = folder.join(format!("mpfs/PPRRVU_{name}.masked.tsv.zst"));
        let document = load(&path);
        assert_eq!(document.read, rows, "{name}");
        let effective = document.release.effective.unwrap().to_string();
        // 2024 has January twice: as published, and corrected.
        let quarter = if place > 16 { place - 1 } else { place };
        assert_eq!(effective, format!("{}-{:02}-01", 2020 + quarter / 4, 1 + 3 * (quarter % 4)), "{name}");
        assert_eq!(document.refused.count(), 0, "{name}: {:?}", document.refused.first().first());
        // A spreadsheet has taken the zeros before the numbers of one of these tables. They are put back, and it is said.
        let damaged = name == "rvu20d_oct";
        assert_eq!(document.flaws.count(), if damaged { 17_318 } else { 0 });
        // Codes of anesthesia begin with a zero. The table before and the one after have the same number of them.
        let anesthesia = document
            .rows
            .iter()
            .map(|placed| placed.row.code.to_string())
            .filter(|code| code.starts_with('0') && code.bytes().all(|byte| byte.is_ascii_digit()))
            .count();
        if name == "rvu20c_v0618" || damaged || name == "rvu21a_jan" {
            assert_eq!(anesthesia, 272, "{name}");
        }
        if damaged {
            let global = |period| document.rows.iter().filter(|placed| placed.row.global == period).count();
            use GlobalPeriod::{Day, NinetyDays, TenDays};
            assert_eq!([Day, TenDays, NinetyDays].map(global), [1_268, 469, 3_784]);
            assert_eq!(document.flaws.first()[0].column, "physician_supervision_of_diagnostic_procedures (column Z)");
        }
    }
}

#[test]
fn the_csv_of_2026_has_one_column_more() {
    let Some(folder) = folder("csv of 2026") else { return };
    let document = load(&folder.join("formats_2026/PPRRVU2026_Jul_nonQPP.excerpt.redacted.csv"));
    assert_eq!((document.read, document.refused.count()), (6, 0));
    assert_eq!(document.release.label, "2026 July");
    for placed in &document.rows {
        assert_eq!(
            (placed.row.pricing, placed.row.team, placed.row.endoscopic_base.is_absent()),
            (Some(b'9'), b'9', true)
        );
    }
    assert_eq!(document.rows.iter().map(|placed| char::from(placed.row.status)).collect::<String>(), "IIJJJI");
}

const HEADER: &str = "hcpcs\tmod\tdescription\tstatus_code\tnot_used_for_medicare_payment\tnon_fac_indicator\t\
    facility_indicator\tpctc_ind\tglob_days\tmult_proc\tbilat_surg\tasst_surg\tco_surg\tteam_surg\tendo_base\t\
    physician_supervision_of_diagnostic_procedures\tdiagnostic_imaging_family_indicator\n";
const ROW: [&str; 17] = ["11042", "", "", "A", "", "", "", "0", "000", "2", "0", "1", "0", "0", "", "09", "99"];

#[test]
fn malformed_rows_are_refused_with_their_place_and_the_rest_is_read() {
    let wrong = [
        (0, "1104", "hcpcs (column A): expected a CPT or HCPCS code in capitals (5 characters), found \"1104\""),
        (1, "50", "mod (column B): expected 26, TC, 53 or nothing, found \"50\""),
        (3, "Z", "status_code (column D): expected one of A B"),
        (4, "-", "not_used_for_medicare_payment (column E): expected + or nothing, found \"-\""),
        (5, "XX", "non_fac_indicator (column F): expected NA or nothing, found \"XX\""),
        (7, "", "pctc_ind (column H): expected one of 0 1 2 3 4 5 6 7 8 9, found nothing"),
        (8, "0", "glob_days (column I): expected one of 000 010 090 MMM XXX YYY ZZZ, found \"0\""),
        (10, "7", "bilat_surg (column K): expected one of 0 1 2 3 9, found \"7\""),
        (13, "A", "team_surg (column N): expected one of 0 1 2 9, found \"A\""),
        (14, "base", "endo_base (column O): expected a CPT or HCPCS code"),
        (15, "9-", "physician_supervision_of_diagnostic_procedures (column P): expected two letters or digits"),
        (16, "999", "diagnostic_imaging_family_indicator (column Q): expected two digits"),
    ];
    let mut text = HEADER.to_owned();
    for (column, cell, _) in wrong {
        let mut row = ROW;
        row[column] = cell;
        text += &row.join("\t");
        text.push('\n');
    }
    text += &ROW[1..].join("\t");
    text.push('\n');
    text += &ROW.join("\t");
    let document = fee_schedule(Path::new("rvu24c.tsv"), text.as_bytes()).unwrap();
    assert_eq!((document.read, document.rows.len(), document.rows[0].line), (14, 1, 15));
    for (refusal, (line, (.., expected))) in document.refused.first().iter().zip((2..).zip(wrong)) {
        let found = refusal.to_string();
        assert!(found.starts_with(&format!("rvu24c.tsv:{line}: {expected}")), "{found}\n{expected}");
    }
    let last = document.refused.first().last().unwrap().to_string();
    assert!(
        last.starts_with("rvu24c.tsv:14: the row: expected 17 cells, as the header has, found \"16 cells\""),
        "{last}"
    );
}

/// A record of the fixed-width layout, made by its columns.
fn fixed(fields: &[(usize, &str)]) -> String {
    let mut line = vec![b' '; 171];
    let usual = [
        (1, "11042"),
        (58, "A"),
        (60, "  1.01"),
        (103, "0"),
        (104, "000"),
        (116, "20100"),
        (142, "09"),
        (144, "0"),
        (146, "99"),
    ];
    for (column, text) in usual.iter().chain(fields) {
        line[column - 1..column - 1 + text.len()].copy_from_slice(text.as_bytes());
    }
    String::from_utf8(line).unwrap()
}

#[test]
fn malformed_records_of_fixed_width_are_refused_with_their_place() {
    let short = fixed(&[]);
    let lines = [
        "HDR CPT CODES".to_owned(),
        fixed(&[]),
        fixed(&[(104, "ABC")]),
        fixed(&[(121, "9")]),
        short[..140].to_owned(),
        fixed(&[(6, "TC"), (73, "NA"), (59, "+"), (128, "43235")]),
    ];
    let text = lines.join("\r\n");
    assert_eq!(recognise(text.as_bytes()), Some(Kind::FeeSchedule));
    let document = fee_schedule(Path::new("PPRRVU25.txt"), text.as_bytes()).unwrap();
    assert_eq!((document.read, document.rows.len()), (5, 2));
    let row = document.rows[1].row;
    assert!(row.not_outside_facility && row.not_used && !row.not_in_facility);
    assert_eq!((row.modifier, row.endoscopic_base.to_string()), (Modifier::new(b"TC"), "43235".into()));
    let expected = [
        "3: Global Surgery (104-106): expected one of 000 010 090 MMM XXX YYY ZZZ, found \"ABC\"",
        "4: Filler (121-127): expected blanks, found \"9\"",
        "5: the row: expected at least 147 characters, found \"140 characters\"",
    ];
    for (refusal, expected) in document.refused.first().iter().zip(expected) {
        let found = refusal.to_string();
        assert!(found.starts_with(&format!("PPRRVU25.txt:{expected}")), "{found}");
    }
}

proptest! {
    #[test]
    fn no_bytes_make_the_reader_panic(bytes in proptest::collection::vec(any::<u8>(), 0..400)) {
        let _ = fee_schedule(Path::new("a.csv"), &bytes);
    }

    #[test]
    fn no_rows_make_the_reader_panic(rows in "([0-9A-Z\"+,é \t\r\n]|11042\t|000){0,80}", place in 0usize..171, cell in "\\PC{0,5}") {
        let mut line: Vec<char> = fixed(&[]).chars().collect();
        line.splice(place..(place + 1), cell.chars());
        let record: String = line.into_iter().collect();
        for text in [format!("{HEADER}{rows}"), format!("{}\r\n{record}\r\n{rows}", fixed(&[]))] {
            let document = fee_schedule(Path::new("a.csv"), text.as_bytes()).unwrap();
            prop_assert_eq!(document.read, document.rows.len() as u64 + document.refused.count());
        }
    }
}
