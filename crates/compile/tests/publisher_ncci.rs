//! The readers of the NCCI edits, against the published tables and against damage.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]
// `eprintln!` is kept from view in a test that passes.
#![allow(clippy::explicit_write)]

use cleanclaim_compile::publisher::addon::{AddOnType, add_ons};
use cleanclaim_compile::publisher::mue::{MueScope, MueTable, Mues, mue};
use cleanclaim_compile::publisher::ptp::{Ptp, PtpIndicator, PtpTable, ptp};
use cleanclaim_compile::publisher::{Kind, Publication, Refusals, read, recognise};
use proptest::prelude::*;
use std::collections::HashMap;
use std::io::Write;
use std::path::Path;
use std::time::Instant;

/// A published file, decompressed; without the tables, says so where it is seen and gives nothing.
fn published(test: &str, name: &str) -> Option<Vec<u8>> {
    let folder = concat!(env!("CARGO_MANIFEST_DIR"), "/../../../shared/data");
    if !Path::new(folder).is_dir() {
        // Not `eprintln!`, which a passing test keeps to itself.
        writeln!(std::io::stderr(), "SKIPPED: publisher tables not found at {folder}: {test}").unwrap();
        return None;
    }
    let bytes = std::fs::read(Path::new(folder).join(name)).unwrap_or_else(|error| panic!("{name}: {error}"));
    Some(if name.ends_with(".zst") { zstd::decode_all(&bytes[..]).unwrap() } else { bytes })
}

fn messages(refusals: &Refusals) -> Vec<String> {
    refusals.first().iter().map(ToString::to_string).collect()
}

/// Pairs by indicator (not allowed, allowed, never in force), and those in force.
fn counted(ptp: &Ptp) -> ([u64; 3], u64) {
    let (mut by_indicator, mut active) = ([0; 3], 0);
    for placed in &ptp.pairs.rows {
        let class = ptp.class(placed.row).unwrap();
        by_indicator[class.indicator as usize] += 1;
        active += u64::from(class.is_active());
        assert_eq!(class.fires(), class.indicator != PtpIndicator::NeverInForce);
    }
    (by_indicator, active)
}

#[test]
fn the_pairs_of_practitioners_and_hospitals_load_whole() {
    let tables = [
        ("ncci/ncci_ptp_prac_20240701.tsv.zst", PtpTable::Practitioner, [739_553, 1_707_611, 98_853], 1_669_820),
        ("ncci/ncci_ptp_out_20240701.tsv.zst", PtpTable::Hospital, [60_675, 1_685_259, 29_884], 1_335_857),
    ];
    for (name, table, by_indicator, active) in tables {
        let Some(bytes) = published("pairs", name) else { return };
        assert_eq!(recognise(&bytes), Some(Kind::NcciPtp));
        let start = Instant::now();
        let ptp = ptp(Path::new(name), &bytes).unwrap();
        let took = start.elapsed();
        writeln!(std::io::stderr(), "{name}: {} pairs, {} classes, {took:?}", ptp.pairs.read, ptp.classes.len())
            .unwrap();
        assert_eq!(ptp.table, Some(table));
        assert_eq!(ptp.pairs.read, by_indicator.iter().sum::<u64>());
        assert_eq!(messages(&ptp.pairs.refused), Vec::<String>::new());
        assert_eq!(counted(&ptp), (by_indicator, active));
        assert_eq!(ptp.pairs.release.effective.unwrap().to_string(), "2024-07-01");
        // Every pair says what its line says.
        let text = std::str::from_utf8(&bytes).unwrap();
        for (line, placed) in text.lines().skip(1).zip(&ptp.pairs.rows) {
            let class = ptp.class(placed.row).unwrap();
            let deleted = class.deleted.map_or("99991231".to_owned(), |date| date.to_string().replace('-', ""));
            let indicator = match class.indicator {
                PtpIndicator::NotAllowed => 0,
                PtpIndicator::Allowed => 1,
                PtpIndicator::NeverInForce => 9,
            };
            let (first, second) = (placed.row.column_1(), placed.row.column_2());
            assert_eq!(line, format!("{first}\t{second}\t{deleted}\t{indicator}\t{}", class.rationale));
        }
    }
}

#[test]
fn the_official_pairs_of_2026_load() {
    let name = "formats_2026/ccipra-v322r0-f1.excerpt.txt";
    let Some(bytes) = published("official pairs", name) else { return };
    let Some(Publication::NcciPtp(ptp)) = read(Path::new(name), &bytes).unwrap() else { panic!("not recognised") };
    assert_eq!((ptp.table, ptp.pairs.release.label.as_str()), (Some(PtpTable::Practitioner), "32.2"));
    assert_eq!(ptp.pairs.release.effective.unwrap().to_string(), "2026-07-01");
    assert_eq!((ptp.pairs.read, ptp.pairs.refused.count(), ptp.pairs.left_out["headings"]), (37, 0, 6));
    assert_eq!(counted(&ptp), ([5, 29, 3], 11));
    let first = &ptp.pairs.rows[0];
    let class = ptp.class(first.row).unwrap();
    assert_eq!(
        (first.line, first.row.column_1().to_string(), first.row.column_2().to_string()),
        (7, "0001A".into(), "0591T".into())
    );
    assert_eq!(class.effective.unwrap().to_string(), "2022-01-01");
    assert_eq!(class.deleted.unwrap().to_string(), "2023-12-31");
    assert!(!class.before_1996);
    let latest = ptp.pairs.rows.iter().filter_map(|placed| ptp.class(placed.row)?.effective).max();
    assert_eq!(ptp.pairs.release.latest, latest);
}

const OFFICIAL: &str = "CPT only\t\t\t\t\t\t\r\nColumn1/Column2 Edits\t\t\t\t\t\t\r\n\
    Column 1\tColumn 2\t*=in existence\tEffective\tDeletion\tModifier\tPTP Edit Rationale\r\n\
    \t\tprior to 1996\tDate\tDate\t0=not allowed\t\r\n\t\t\t\t*=no data\t1=allowed\t\r\n\t\t\t\t\t9=not applicable\t\r\n";

#[test]
fn malformed_pairs_are_refused_with_their_place_and_the_rest_is_read() {
    let rows = [
        "11042\t97597\t*\t19960101\t*\t1\tMore extensive procedure",
        "100\t97597\t\t19960101\t*\t1\tx",
        "11042\tabcde\t\t19960101\t*\t1\tx",
        "11042\t97597\t+\t19960101\t*\t1\tx",
        "11042\t97597\t\t19961301\t*\t1\tx",
        "11042\t97597\t\t19960101\t\t1\tx",
        "11042\t97597\t\t19960101\t19950101\t1\tx",
        "11042\t97597\t\t19960101\t*\t2\tx",
        "11042\t97597\t\t19960101\t*\t1",
        "11042\t97597\t\t19960101\t*\t1\tx\ty",
        "11042",
        "\t\t\t\t\t\t",
        "\t97597\t\t19960101\t*\t1\tx",
        "11042\t97597\t\t19960101\t19950101\t9\tx",
    ];
    let text = format!("{OFFICIAL}{}\r\n", rows.join("\r\n"));
    let ptp = ptp(Path::new("ccipra-v322r0-f1.txt"), text.as_bytes()).unwrap();
    let taken: Vec<u32> = ptp.pairs.rows.iter().map(|placed| placed.line).collect();
    assert_eq!(taken, [7, 20]);
    assert!(ptp.class(ptp.pairs.rows[0].row).unwrap().before_1996);
    assert_eq!((ptp.pairs.read, ptp.pairs.left_out["empty rows"]), (13, 1));
    let expected = [
        "8: Column 1: expected a CPT or HCPCS code in capitals (5 characters), found \"100\"; the zeros before it are lost",
        "9: Column 2: expected a CPT or HCPCS code in capitals (5 characters), found \"abcde\"",
        "10: *=in existence prior to 1996: expected * or nothing, found \"+\"",
        "11: Effective Date: expected a date YYYYMMDD, found \"19961301\"",
        "12: Deletion Date: expected a date YYYYMMDD, * or 99991231, found nothing",
        "13: Deletion Date: expected a date not before the effective date 1996-01-01, found \"19950101\"",
        "14: Modifier: expected 0, 1 or 9, found \"2\"",
        "15: the row: expected 7 cells separated by tabs, found \"6 cells\"",
        "16: the row: expected 7 cells separated by tabs, found \"8 cells\"",
        "17: Column 2: expected a CPT or HCPCS code in capitals (5 characters), found nothing",
        "19: Column 1: expected a CPT or HCPCS code in capitals (5 characters), found nothing",
    ];
    let found = messages(&ptp.pairs.refused);
    assert_eq!(found.len(), expected.len(), "{found:#?}");
    for (found, expected) in found.iter().zip(expected) {
        assert!(found.starts_with(&format!("ccipra-v322r0-f1.txt:{expected}")), "{found}\n{expected}");
    }
}

#[test]
fn a_file_without_the_header_is_an_error() {
    let error = ptp(Path::new("a.txt"), b"11042\t97597\n").unwrap_err().to_string();
    assert!(error.starts_with("a.txt:1: the header: expected a header with Column 1, Column 2"), "{error}");
    let error = mue(Path::new("a.csv"), b"a,b,c,d\n").unwrap_err().to_string();
    assert!(error.starts_with("a.csv:1: the header: expected a header with hcpcscptcode"), "{error}");
}

fn scopes(mues: &Mues) -> HashMap<MueScope, usize> {
    let mut scopes = HashMap::new();
    for placed in &mues.limits.rows {
        *scopes.entry(placed.row.scope).or_insert(0) += 1;
    }
    scopes
}

#[test]
fn the_limits_of_all_three_tables_load_whole() {
    use MueScope::{DayByClinicalBenchmark, DayByPolicy, Line};
    for (name, table, [line, policy, clinical]) in [
        ("ncci/ncci_mue_prac_20240701.tsv.zst", MueTable::Practitioner, [41, 5_157, 9_479]),
        ("ncci/ncci_mue_out_20240701.tsv.zst", MueTable::Outpatient, [42, 5_802, 8_784]),
        ("ncci/ncci_mue_dme_20240701.tsv", MueTable::Dme, [23, 1_256, 1_649]),
    ] {
        let Some(bytes) = published("limits", name) else { return };
        // The cells say which table it is, not the name.
        let Some(Publication::NcciMue(mues)) = read(Path::new("x.tsv"), &bytes).unwrap() else { panic!("{name}") };
        assert_eq!((mues.table, mues.limits.refused.count()), (Some(table), 0));
        assert_eq!(mues.limits.read, (line + policy + clinical) as u64);
        assert_eq!(
            scopes(&mues),
            HashMap::from([(Line, line), (DayByPolicy, policy), (DayByClinicalBenchmark, clinical)])
        );
        for (line, placed) in std::str::from_utf8(&bytes).unwrap().lines().skip(1).zip(&mues.limits.rows) {
            let cells: Vec<&str> = line.split('\t').collect();
            assert_eq!(cells[0], placed.row.code.to_string());
            assert_eq!(cells[1], placed.row.units.to_string());
            assert_eq!(cells[3], &*placed.row.rationale);
        }
    }
}

#[test]
fn the_official_limits_of_2026_load() {
    let name = "formats_2026/MCR_MUE_PractitionerServices_Eff_07-01-2026.excerpt.csv";
    let Some(bytes) = published("official limits", name) else { return };
    let Some(Publication::NcciMue(mues)) = read(Path::new(name), &bytes).unwrap() else { panic!("not recognised") };
    assert_eq!((mues.table, mues.limits.read, mues.limits.refused.count()), (Some(MueTable::Practitioner), 23, 0));
    assert_eq!(mues.limits.release.effective.unwrap().to_string(), "2026-07-01");
    // Seven lines of banner, two of header.
    assert_eq!((mues.limits.rows[0].line, mues.limits.rows[0].row.scope), (10, MueScope::DayByPolicy));
    assert_eq!(mues.limits.rows[11].row.units, 2);
}

#[test]
fn malformed_limits_are_refused_with_their_place_and_the_rest_is_read() {
    let csv = "\"banner\nof two lines\",,,\n\
        \"HCPCS/\nCPT Code\",Practitioner Services MUE Values,MUE Adjudication Indicator,MUE Rationale\n\
        0001U,1,2 Date of Service Edit: Policy,Code Descriptor / CPT Instruction\n\
        0001,1,2 x,y\n\
        0002M,many,2 x,y\n\
        0002M,1,4 x,y\n\
        0002M,1,2 x\n\
        0002M,1,\"2 x,y\n\
        0002M,1,2 x,y,z\n\
        0003M,0,1 Line Edit,\"a, b\"\n";
    let mues = mue(Path::new("mue.csv"), csv.as_bytes()).unwrap();
    let taken: Vec<u32> = mues.limits.rows.iter().map(|placed| placed.line).collect();
    assert_eq!((taken, mues.limits.read), (vec![5, 12], 8));
    assert_eq!((mues.limits.rows[1].row.units, &*mues.limits.rows[1].row.rationale), (0, "a, b"));
    let expected = [
        "6: HCPCS/ CPT Code (column A): expected a CPT or HCPCS code in capitals (5 characters), found \"0001\"; the zeros",
        "7: Practitioner Services MUE Values (column B): expected a whole number of units, found \"many\"",
        "8: MUE Adjudication Indicator (column C): expected 1, 2 or 3, words after it or not, found \"4 x\"",
        "9: the row: expected 4 cells, as the header has, found \"3 cells\"",
        "10: the row: expected quotation marks that close before the next comma",
        "11: the row: expected 4 cells, as the header has, found \"5 cells\"",
    ];
    let found = messages(&mues.limits.refused);
    assert_eq!(found.len(), expected.len(), "{found:#?}");
    for (found, expected) in found.iter().zip(expected) {
        assert!(found.starts_with(&format!("mue.csv:{expected}")), "{found}\n{expected}");
    }
}

#[test]
fn a_file_of_limits_holds_one_table() {
    let text = "hcpcs_code\tmue_units\tmue_mai\tmue_rationale\tmue_service\n\
        0001U\t1\t2\tx\tDME Supplier\n0002U\t1\t2\tx\tPractitioner\n";
    let mues = mue(Path::new("mue.tsv"), text.as_bytes()).unwrap();
    assert_eq!((mues.table, mues.limits.rows.len()), (Some(MueTable::Dme), 1));
    assert!(
        messages(&mues.limits.refused)[0].starts_with("mue.tsv:3: mue_service (column E): expected the same setting")
    );
}

#[test]
fn the_add_on_codes_load_whole() {
    let name = "ncci/ncci_aoc_20240603.tsv";
    let Some(bytes) = published("add-on codes", name) else { return };
    let Some(Publication::NcciAddOn(document)) = read(Path::new(name), &bytes).unwrap() else {
        panic!("not recognised")
    };
    assert_eq!((document.read, document.refused.count()), (7_465, 0));
    let count = |kind| document.rows.iter().filter(|placed| placed.row.kind == kind).count();
    assert_eq!([AddOnType::Listed, AddOnType::Contractor, AddOnType::ListedAndContractor].map(count), [6_860, 36, 569]);
    assert_eq!(document.rows.iter().filter(|placed| placed.row.primary.is_none()).count(), 44);
    assert_eq!(document.release.effective.unwrap().to_string(), "2024-06-03");
}

#[test]
fn the_official_add_on_codes_have_dates() {
    let text = "Add_On_Code\tAOC_Del_DT\tPrimary_Code\tPrimary_Code_Del_DT\tAOC_Edit_Eff_DT\tAOC_Edit_Del_DT\tAOC_Edit_Type\tSpecial_Instruction_Notes\n\
        0071U\t\t0070U\t20251231\t20181001\t20261231\t1\t\n\
        0071U\t\tCCCCC\t\t20181001\t\t1\t\n\
        0071U\t\t0070U\t\t20181001\t\t4\t\n";
    let document = add_ons(Path::new("AOC_V2024Q2-MCR.txt"), text.as_bytes()).unwrap();
    assert_eq!((document.read, document.rows.len()), (3, 1));
    let row = document.rows[0].row;
    assert_eq!(row.effective.unwrap().to_string(), "2018-10-01");
    assert_eq!(row.deleted.unwrap().to_string(), "2025-12-31");
    let found = messages(&document.refused);
    assert!(
        found[0].starts_with("AOC_V2024Q2-MCR.txt:3: Primary_Code (column C): expected a procedure code"),
        "{found:?}"
    );
    assert!(
        found[1].starts_with("AOC_V2024Q2-MCR.txt:4: AOC_Edit_Type (column G): expected one of 1 2 3"),
        "{found:?}"
    );
}

/// A workbook of sheets of rows of cells.
fn workbook(sheets: &[&[&[&str]]]) -> Vec<u8> {
    use zip::write::SimpleFileOptions;
    const MAIN: &str = "http://schemas.openxmlformats.org/spreadsheetml/2006/main";
    const LINKS: &str = "http://schemas.openxmlformats.org/officeDocument/2006/relationships";
    const PACKAGE: &str = "http://schemas.openxmlformats.org/package/2006";
    let numbers = 1..=sheets.len();
    let each = |part: &dyn Fn(usize) -> String| numbers.clone().map(part).collect::<String>();
    let mut parts = vec![
        ("[Content_Types].xml".to_owned(), format!("<Types xmlns=\"{PACKAGE}/content-types\"/>")),
        (
            "_rels/.rels".to_owned(),
            format!(
                "<Relationships xmlns=\"{PACKAGE}/relationships\"><Relationship Id=\"r\" Type=\"{LINKS}/officeDocument\" \
                 Target=\"xl/workbook.xml\"/></Relationships>"
            ),
        ),
        (
            "xl/workbook.xml".to_owned(),
            format!(
                "<workbook xmlns=\"{MAIN}\" xmlns:r=\"{LINKS}\"><sheets>{}</sheets></workbook>",
                each(&|number| format!("<sheet name=\"s{number}\" sheetId=\"{number}\" r:id=\"r{number}\"/>"))
            ),
        ),
        (
            "xl/_rels/workbook.xml.rels".to_owned(),
            format!(
                "<Relationships xmlns=\"{PACKAGE}/relationships\">{}</Relationships>",
                each(&|number| format!(
                    "<Relationship Id=\"r{number}\" Type=\"{LINKS}/worksheet\" Target=\"worksheets/sheet{number}.xml\"/>"
                ))
            ),
        ),
    ];
    for (sheet, number) in sheets.iter().zip(1..) {
        let mut rows = String::new();
        for (cells, row) in sheet.iter().zip(1..) {
            rows += &format!("<row r=\"{row}\">");
            for (cell, column) in cells.iter().zip('A'..).filter(|(cell, _)| !cell.is_empty()) {
                rows += &format!("<c r=\"{column}{row}\" t=\"inlineStr\"><is><t>{cell}</t></is></c>");
            }
            rows += "</row>";
        }
        let text = format!("<worksheet xmlns=\"{MAIN}\"><sheetData>{rows}</sheetData></worksheet>");
        parts.push((format!("xl/worksheets/sheet{number}.xml"), text));
    }
    let mut archive = zip::ZipWriter::new(std::io::Cursor::new(Vec::new()));
    for (name, text) in parts {
        archive.start_file(name, SimpleFileOptions::default()).unwrap();
        archive.write_all(text.as_bytes()).unwrap();
    }
    archive.finish().unwrap().into_inner()
}

#[test]
fn workbooks_give_the_same_as_texts() {
    let header: [&[&str]; 3] = [
        &["CPT only"],
        &[
            "Column 1",
            "Column 2",
            "*=in existence\nprior to 1996",
            "Effective\nDate",
            "Deletion\nDate",
            "Modifier",
            "Rationale",
        ],
        &["", "", "", "", "*=no data", "1=allowed"],
    ];
    let first: &[&str] = &["11042", "97597", "*", "19960101", "*", "1", "More extensive procedure"];
    let bad: &[&str] = &["11042", "97597", "", "19960101", "*", "3", "x"];
    let second: &[&str] = &["0001U", "0028U", "", "20180701", "20180930", "9", "x"];
    let bytes = workbook(&[
        &[header[0], header[1], header[2], first, bad],
        &[&["About"], &["this file"]],
        &[header[0], header[1], header[2], second],
    ]);
    let Some(Publication::NcciPtp(ptp)) = read(Path::new("ccioph-v322r0-f1.xlsx"), &bytes).unwrap() else { panic!() };
    assert_eq!((ptp.table, ptp.pairs.read, ptp.pairs.rows.len()), (Some(PtpTable::Hospital), 3, 2));
    assert!(
        messages(&ptp.pairs.refused)[0].starts_with("ccioph-v322r0-f1.xlsx:5: Modifier: expected 0, 1 or 9, found")
    );
    let text = format!("{OFFICIAL}{}\r\n{}\r\n", first.join("\t"), second.join("\t"));
    let same = of_text(&text);
    let classes = |ptp: &Ptp| -> Vec<_> {
        let class = |pair| (ptp.class(pair).cloned(), pair.column_1(), pair.column_2());
        ptp.pairs.rows.iter().map(|placed| class(placed.row)).collect()
    };
    assert_eq!(classes(&ptp), classes(&same));

    let bytes = workbook(&[&[
        &["a banner", "", "", ""],
        &["HCPCS/\nCPT Code", "Outpatient Hospital Services MUE Values", "MUE Adjudication Indicator", "MUE Rationale"],
        &["0001U", "1", "2 Date of Service Edit: Policy", "x"],
        &["0001", "1", "2 Date of Service Edit: Policy", "x"],
    ]]);
    let Some(Publication::NcciMue(mues)) = read(Path::new("mue.xlsx"), &bytes).unwrap() else { panic!() };
    assert_eq!((mues.table, mues.limits.read, mues.limits.rows.len()), (Some(MueTable::Outpatient), 2, 1));
    assert_eq!(mues.limits.rows[0].line, 3);
}

fn of_text(text: &str) -> Ptp {
    ptp(Path::new("ccioph-v322r0-f1.txt"), text.as_bytes()).unwrap()
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(256))]

    #[test]
    fn no_bytes_make_a_reader_panic(bytes in proptest::collection::vec(any::<u8>(), 0..400)) {
        let path = Path::new("a.txt");
        let _ = (ptp(path, &bytes), mue(path, &bytes), add_ons(path, &bytes), read(path, &bytes));
    }

    #[test]
    fn no_rows_below_a_header_make_a_reader_panic(rows in "([0-9A-Z\"*,é \t\r\n]|19960101|11042){0,80}", cut in 0usize..600) {
        let official = format!("{OFFICIAL}{rows}");
        let limits = format!("\"HCPCS/\nCPT Code\",DME Supplier Services MUE Values,MUE Adjudication Indicator,MUE Rationale\n{rows}");
        let added = format!("primary_code\tadd_on_code\taoc_edit_type\n{rows}");
        for text in [official, limits, added] {
            let bytes = &text.as_bytes()[..text.len().min(cut)];
            if let Ok(Some(publication)) = read(Path::new("a.txt"), bytes) {
                let facts = publication.facts();
                prop_assert_eq!(facts.read, facts.taken + facts.refused.count());
            }
        }
    }
}
