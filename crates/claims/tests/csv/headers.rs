//! Headers: the names of columns, separators and maps.

use crate::support::{HEADER, Told, open, read, read_with, rows};
use cleanclaim_claims::{ClaimReader, ColumnMap, CsvOptions, CsvReader, Field, Input};
use std::io::{self, Cursor, Read};

#[test]
fn column_names_are_taken_without_case_and_spaces_in_any_order() {
    let reader = open(b" DX_1 ,\"Service_From\",Claim_ID,PROCEDURE\n", CsvOptions::default()).unwrap();
    assert!(reader.notices().is_empty());
    assert!(reader.columns().has(Field::ServiceFrom));
}

#[test]
fn unknown_columns_are_noticed() {
    let reader = open(b"claim_id,procedure,service_from,dx_1,colour,DX2,\n", CsvOptions::default()).unwrap();
    assert_eq!(
        reader.notices(),
        [
            "column 5 (\"colour\") is not known and is ignored",
            "column 6 (\"DX2\") is not known and is ignored; did you mean \"dx_2\"?",
            "column 7 (\"\") is not known and is ignored",
        ]
    );
}

#[test]
fn all_that_is_wrong_with_a_header_is_said_at_once() {
    let error = open(b"claimid,cpt,units,Units,service_from\nA,1,1,1,20240101\n", CsvOptions::default()).unwrap_err();
    for said in [
        "claims.csv: the header (row 1) cannot be used:",
        "no column \"claim_id\"; did you mean column 1 (\"claimid\")? rename it to claim_id, or map it",
        "no column \"procedure\" or \"revenue_code\"; did you mean column 2 (\"cpt\")?",
        "no column \"dx_1\"",
        "units is given by column 3 (\"units\") and column 4 (\"Units\"): keep one",
    ] {
        assert!(error.contains(said), "{error}");
    }
}

#[test]
fn headers_that_are_none_are_refused() {
    for (bytes, said) in [
        (&b""[..], "is empty"),
        (b"\n \r\n", "is empty"),
        (b"\xef\xbb\xbf", "is empty"),
        (b"A1,99213,20240101,I10\n", "is it a header?"),
        (b"claim_id,pro\"cedure,service_from,dx_1\n", "stray or unclosed quote"),
        (b"\"claim_id,procedure,service_from,dx_1\nA,1,20240101,I10\n", "stray or unclosed quote"),
        (b"claim_id,procedure,service_from,dx_1,caf\xe9\n", "is not UTF-8"),
        (b"claim_id,procedure,service_from,dx_1\rA,1,20240101,I10\r", "carriage return alone"),
    ] {
        let error = open(bytes, CsvOptions::default()).unwrap_err();
        assert!(error.starts_with("claims.csv: ") && error.contains(said), "{error}");
    }
    let endless = b"x".repeat(3 << 20);
    assert!(open(&endless, CsvOptions::default()).unwrap_err().contains("too long"));
}

#[test]
fn a_header_alone_is_a_file_without_claims() {
    assert_eq!(read(HEADER.as_bytes()), Told::default());
    assert_eq!(read(HEADER.trim_end().as_bytes()), Told::default());
}

#[test]
fn other_separators_are_recognised_by_the_header() {
    for separator in ["\t", ";", "|"] {
        let text = format!("{HEADER}A,99213,20240101,I10\nA,99214,20240101,I10\n").replace(',', separator);
        let told = read(text.as_bytes());
        assert_eq!(told, rows("A,99213,20240101,I10\nA,99214,20240101,I10\n"));
    }
    let mixed = read(b"claim_id;procedure;service_from;dx_1;\"last, first\"\nA;1;20240101;I10;\"a;b\"\n");
    assert!(mixed.problems.is_empty() && mixed.claims[0].contains("dx=I10"), "{mixed:?}");
}

#[test]
fn a_map_renames_columns_and_gives_the_separator() {
    let map = "delimiter = '~'\n[columns]\n\"CPT Code\" = 'procedure'\nunused = 'units'";
    let options = CsvOptions { map: ColumnMap::parse("map.toml", map).unwrap(), ..CsvOptions::default() };
    let text = b"claim_id~cpt code ~service_from~dx_1\nA~99213~20240101~I10\n";
    let told = read_with(text, options.clone());
    assert!(told.claims[0].contains("code=99213"), "{}", told.claims[0]);
    let reader = open(text, options).unwrap();
    assert_eq!(reader.notices(), ["the column map gives \"unused\" for units, but no column has that name"]);
}

#[test]
fn a_map_names_the_form_of_dates() {
    let map = ColumnMap::parse("map.toml", "dates = 'MM/DD/YYYY'").unwrap();
    let options = CsvOptions { map, ..CsvOptions::default() };
    let rows = ["3/5/2024", "03/05/2024", "2024-03-05", "20240305", "3/5/24", "13/5/2024", "5.3.2024"];
    let text = rows.map(|day| format!("A,99213,{day},I10\n")).concat();
    let told = read_with(format!("claim_id,procedure,service_from,dx_1\n{text}").as_bytes(), options);
    assert_eq!(told.claims[0].matches("from=2024-03-05").count(), 4, "{}", told.claims[0]);
    assert_eq!(told.problems.len(), 3, "{:?}", told.problems);
}

#[test]
fn a_map_and_the_file_may_not_give_a_field_twice() {
    let map = ColumnMap::parse("map.toml", "[columns]\ncpt = 'procedure'").unwrap();
    let options = CsvOptions { map, ..CsvOptions::default() };
    let error = open(b"claim_id,procedure,service_from,dx_1,CPT\n", options).unwrap_err();
    assert!(error.contains("procedure is given by column 2 (\"procedure\") and column 5 (\"CPT\")"), "{error}");
}

#[test]
fn blank_lines_before_the_header_are_counted_and_not_kept() {
    const LINES: u64 = 4 << 20;
    let blanks = (0..LINES * 4).map(|at| b",,,\n"[at as usize % 4]);
    let text = Bytes(blanks).chain(Cursor::new(format!("{HEADER}A,1,20240101,I10\n")));
    let mut reader = CsvReader::new(Input::from_reader("claims.csv", text).unwrap(), CsvOptions::default()).unwrap();
    let chunk = reader.next_chunk().unwrap().unwrap();
    assert_eq!((chunk.place().row, chunk.place().offset), (LINES + 2, LINES * 4 + HEADER.len() as u64));
    let bytes = chunk.into_bytes().capacity();
    assert!(bytes < 4 << 20, "{bytes} bytes are kept");
}

/// Bytes that are made as they are read.
struct Bytes<I>(I);

impl<I: Iterator<Item = u8>> Read for Bytes<I> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        Ok(buffer.iter_mut().zip(&mut self.0).map(|(to, byte)| *to = byte).count())
    }
}
