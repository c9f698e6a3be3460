//! The readers of the smaller tables (places of service, taxonomy, remark codes, laboratory tests), against the
//! published tables and against damage.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]
// `eprintln!` is kept from view in a test that passes.
#![allow(clippy::explicit_write)]

use cleanclaim_compile::publisher::lab::lab_fees;
use cleanclaim_compile::publisher::pos::places;
use cleanclaim_compile::publisher::remarks::{RemarkKind, remarks};
use cleanclaim_compile::publisher::taxonomy::taxonomy;
use cleanclaim_compile::publisher::{Publication, Refusals, read, recognise};
use codes::Modifier;
use proptest::prelude::*;
use std::io::Write;
use std::path::Path;

/// A published file, decompressed; without the tables, says so where it is seen and gives nothing.
fn published(test: &str, name: &str) -> Option<Publication> {
    let folder = concat!(env!("CARGO_MANIFEST_DIR"), "/../../../shared/data/supporting");
    if !Path::new(folder).is_dir() {
        // Not `eprintln!`, which a passing test keeps to itself.
        writeln!(std::io::stderr(), "SKIPPED: publisher tables not found at {folder}: {test}").unwrap();
        return None;
    }
    let bytes = std::fs::read(Path::new(folder).join(name)).unwrap_or_else(|error| panic!("{name}: {error}"));
    let bytes = if name.ends_with(".zst") { zstd::decode_all(&bytes[..]).unwrap() } else { bytes };
    Some(read(Path::new(name), &bytes).unwrap().unwrap_or_else(|| panic!("{name}: not recognised")))
}

fn check(refusals: &Refusals, file: &str, expected: &[&str]) {
    let found: Vec<String> = refusals.first().iter().map(ToString::to_string).collect();
    assert_eq!(found.len(), expected.len(), "{found:#?}");
    for (found, expected) in found.iter().zip(expected) {
        assert!(found.starts_with(&format!("{file}:{expected}")), "{found}\n{expected}");
    }
}

#[test]
fn the_places_of_service_load_whole() {
    let Some(publication) = published("places", "pos_codes_20240628.tsv") else { return };
    let Publication::PlacesOfService(document) = publication else { panic!("{:?}", publication.kind()) };
    assert_eq!((document.read, document.refused.count()), (99, 0));
    let count = |facility| document.rows.iter().filter(|placed| placed.row.facility == facility).count();
    assert_eq!([Some(true), Some(false), None].map(count), [18, 34, 47]);
    let office = document.rows.iter().find(|placed| placed.row.code.to_string() == "11").unwrap();
    assert_eq!((&*office.row.name, office.row.facility), ("Office", Some(false)));
}

#[test]
fn malformed_places_are_refused() {
    let text = "pos_code\tpos_type\tpos_name\n1\tFacility\tx\n11\tneither\tx\n21\tFacility\tInpatient\n";
    let document = places(Path::new("pos.tsv"), text.as_bytes()).unwrap();
    assert_eq!(document.rows.len(), 1);
    check(
        &document.refused,
        "pos.tsv",
        &[
            "2: pos_code (column A): expected a place-of-service code (2 digits), found \"1\"",
            "3: pos_type (column B): expected Facility",
        ],
    );
}

#[test]
fn every_version_of_the_taxonomy_loads_whole() {
    for (version, rows, individual, label, effective) in [
        ("220", 868, 683, "22.0", "2022-04-01"),
        ("240", 874, 689, "24.0", "2024-04-01"),
        ("250", 879, 694, "25.0", "2025-04-01"),
        ("251", 883, 698, "25.1", "2025-10-01"),
    ] {
        let Some(publication) = published("taxonomy", &format!("nucc_taxonomy_{version}.csv.zst")) else { return };
        let Publication::Taxonomy(document) = publication else { panic!("{version}") };
        assert_eq!((document.read, document.refused.count()), (rows, 0));
        assert_eq!(document.rows.iter().filter(|placed| placed.row.individual == Some(true)).count(), individual);
        assert_eq!(document.release.label, label);
        assert_eq!(document.release.effective.unwrap().to_string(), effective);
        let mut inactive: Vec<String> =
            document.rows.iter().filter_map(|placed| Some(placed.row.inactive?.to_string())).collect();
        inactive.sort();
        assert_eq!((inactive.len(), inactive[0].as_str()), (if version == "220" { 10 } else { 23 }, "2005-01-01"));
    }
}

#[test]
fn the_columns_of_the_taxonomy_may_move() {
    let older = "Code,Type,Classification,Specialization,Definition,Effective Date,Deactivation Date,Last Modified Date,Notes\n\
        207K00000X,Physicians,Allergy,,\"of two\nlines\",4/1/2003,,,\n\
        103GC0700X,Other,Clinical,,,4/1/2003,1/1/2007,1/1/2007,\n\
        207K,Physicians,Allergy,,,,,,\n\
        207K0000XX,Physicians,Allergy,,,4/31/2003,,,\n";
    let document = taxonomy(Path::new("nucc.csv"), older.as_bytes()).unwrap();
    assert_eq!((document.read, document.rows.len()), (4, 2));
    assert_eq!(document.rows[1].row.inactive.unwrap().to_string(), "2007-01-01");
    assert_eq!((document.rows[0].row.individual, document.rows[0].row.code.as_str()), (None, "207K00000X"));
    check(
        &document.refused,
        "nucc.csv",
        &[
            "5: Code (column A): expected a taxonomy code (10 letters and digits, the last an X), found \"207K\"",
            "6: Effective Date (column F): expected a date (YYYYMMDD, YYYY-MM-DD or M/D/YYYY), found \"4/31/2003\"",
        ],
    );
}

#[test]
fn the_remark_codes_load_whole() {
    let Some(publication) = published("remark codes", "carc_rarc_20240618.tsv.zst") else { return };
    let Publication::RemarkCodes(document) = publication else { panic!("{:?}", publication.kind()) };
    assert_eq!((document.read, document.refused.count()), (1_581, 0));
    let count = |kind| document.rows.iter().filter(|placed| placed.row.kind == kind).count();
    assert_eq!([RemarkKind::Group, RemarkKind::Reason, RemarkKind::Remark].map(count), [5, 405, 1_171]);
    assert_eq!(document.rows.iter().filter(|placed| placed.row.start.is_none()).count(), 5);
}

#[test]
fn malformed_remark_codes_are_refused() {
    let text = "adj_code\tadj_type\tadj_start_date\tadj_last_modified\tadj_end_date\nCO\tGroup\t\t\t\n1\tCARC\t\t\t\n\
        n1\tRARC\t2000-01-01\t\t\nN1\tX12\t2000-01-01\t\t\nN1\tRARC\t2000-01-01\t\t1999-12-31\nN1\tRARC\t2000-13-01\t\t\n";
    let document = remarks(Path::new("r.tsv"), text.as_bytes()).unwrap();
    assert_eq!(document.rows.len(), 1);
    check(
        &document.refused,
        "r.tsv",
        &[
            "3: adj_start_date (column C): expected the day on which the code begins, found nothing",
            "4: adj_code (column A): expected a code of 1 to 5 capitals and digits, found \"n1\"",
            "5: adj_type (column B): expected Group, CARC or RARC, found \"X12\"",
            "6: adj_end_date (column E): expected a date not before the start, found \"1999-12-31\"",
            "7: adj_start_date (column C): expected a date",
        ],
    );
}

#[test]
fn the_waived_tests_load_whole() {
    let Some(publication) = published("waived tests", "CLFS_2025_Q2V1.masked.csv") else { return };
    let Publication::LabFees(document) = publication else { panic!("{:?}", publication.kind()) };
    assert_eq!((document.read, document.refused.count(), document.rows[0].line), (2_105, 0, 6));
    assert_eq!(document.rows.iter().filter(|placed| placed.row.is_waived()).count(), 118);
    assert_eq!(document.rows.iter().filter(|placed| placed.row.indicator == b'L').count(), 66);
    assert_eq!(document.release.effective, document.release.latest);
    assert_eq!(document.release.label, "2025 April");
}

#[test]
fn malformed_tests_are_refused() {
    let csv = "2025 Fee Schedule,,,,,\nYEAR,HCPCS,MOD,EFF_DATE,INDICATOR,RATE\n2025,87880,QW,20250101,N,16.53\n\
        2025,8788,QW,20250101,N,16.53\n2025,87880,Q,20250101,N,16.53\n2025,87880,QW,2025,N,16.53\n2025,87880,QW,20250101,X,16.53\n";
    let document = lab_fees(Path::new("c.csv"), csv.as_bytes()).unwrap();
    assert_eq!((document.rows.len(), document.rows[0].row.modifier), (1, Modifier::new(b"QW")));
    check(
        &document.refused,
        "c.csv",
        &[
            "4: HCPCS (column B): expected a CPT or HCPCS code in capitals (5 characters), found \"8788\"",
            "5: MOD (column C): expected a modifier in capitals, or nothing, found \"Q\"",
            "6: EFF_DATE (column D): expected a date",
            "7: INDICATOR (column E): expected one of N L, found \"X\"",
        ],
    );
}

#[test]
fn tables_of_other_kinds_are_not_taken_for_these() {
    let folder = concat!(env!("CARGO_MANIFEST_DIR"), "/../../../shared/data");
    if !Path::new(folder).is_dir() {
        writeln!(std::io::stderr(), "SKIPPED: publisher tables not found at {folder}: tables of other kinds").unwrap();
        return;
    }
    for part in ["ioce", "mce", "mpfs", "supporting", "mcd"] {
        for entry in std::fs::read_dir(Path::new(folder).join(part)).unwrap() {
            let path = entry.unwrap().path();
            let name = path.file_name().unwrap().to_string_lossy().into_owned();
            let known = ["PPRRVU", "pos_codes", "nucc", "carc_rarc", "CLFS", "A56781", "terminology__bill_type"];
            let bytes = std::fs::read(&path).unwrap();
            let bytes = if name.ends_with(".zst") { zstd::decode_all(&bytes[..]).unwrap() } else { bytes };
            let is_known = known.iter().any(|known| name.starts_with(known));
            assert_eq!(recognise(&bytes).is_some(), is_known, "{name}: {:?}", recognise(&bytes));
        }
    }
}

proptest! {
    #[test]
    fn no_text_makes_a_reader_panic(
        header in prop::sample::select(vec![
            "pos_code\tpos_type\tpos_name\n",
            "Code,Grouping,Classification,Notes\n",
            "adj_code\tadj_type\tadj_start_date\tadj_last_modified\tadj_end_date\n",
            "YEAR,HCPCS,MOD,EFF_DATE,INDICATOR,RATE\n",
            "",
        ]),
        rows in "([0-9A-Z\"/:\\[,é \t\r\n]|: marked inactive|4/1/2003){0,80}",
    ) {
        let text = format!("{header}{rows}");
        let path = Path::new("a.csv");
        let _ = (places(path, text.as_bytes()), taxonomy(path, text.as_bytes()));
        let _ = (remarks(path, text.as_bytes()), lab_fees(path, text.as_bytes()));
        if let Ok(Some(publication)) = read(path, text.as_bytes()) {
            let facts = publication.facts();
            prop_assert_eq!(facts.read, facts.taken + facts.refused.count());
        }
    }
}
