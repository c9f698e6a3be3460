//! The CSV reader on every defect a file can have, and against plain readers on random tables and bytes.

#![allow(clippy::unwrap_used, clippy::panic)]

use cleanclaim_claims::{
    ClaimBatch, ClaimReader, ColumnMap, Columns, CsvOptions, CsvReader, Field, Given, Input, ProblemKind,
};
use codes::{ClaimType, Code};
use proptest::prelude::*;
use std::collections::BTreeSet;
use std::io::{Cursor, Read};

/// Chunk sizes from one byte to more than any fixture.
const SIZES: [usize; 6] = [1, 7, 64, 333, 4096, 1 << 20];

fn options(chunk_bytes: usize) -> CsvOptions {
    CsvOptions { chunk_bytes, ..CsvOptions::default() }
}

fn open(bytes: &[u8], options: CsvOptions) -> Result<CsvReader, String> {
    let input = Input::from_reader("claims.csv", Cursor::new(bytes.to_vec())).map_err(|error| error.to_string())?;
    CsvReader::new(input, options).map_err(|error| error.to_string())
}

/// Reads everything, calling `on_batch` for each chunk's claims.
fn each_batch(bytes: &[u8], options: CsvOptions, mut on_batch: impl FnMut(&ClaimBatch)) {
    let mut reader = open(bytes, options).unwrap();
    let (parser, mut batch) = (reader.parser(), ClaimBatch::default());
    while let Some(chunk) = reader.next_chunk().unwrap() {
        assert!(!chunk.is_empty());
        parser.parse(&chunk, &mut batch);
        on_batch(&batch);
        reader.recycle(chunk.into_bytes());
    }
}

/// All that a batch says of its claims, one text a claim, and one text a problem with the number of its claim.
#[derive(Debug, Default, PartialEq)]
struct Told {
    claims: Vec<String>,
    problems: Vec<String>,
}

fn tell(batch: &ClaimBatch, told: &mut Told) {
    let before = told.claims.len();
    for claim in batch.iter() {
        let row = claim.row;
        let unreadable = if row.unreadable { " unreadable" } else { "" };
        let (kind, place) = (row.claim_type.letter(), row.place);
        let mut text = format!("{:?} {kind} row {} at {}{unreadable}", claim.id(), place.row, place.offset);
        let mut put = |name: &str, value: String| {
            if !value.is_empty() {
                text.push_str(&format!(" {name}={value}"));
            }
        };
        let list = |codes: &[Code]| codes.iter().map(|&code| show(code)).collect::<Vec<_>>().join(":");
        put("payer", batch.text(row.payer).to_owned());
        put("patient", batch.text(row.patient).to_owned());
        put("born", given(row.birth_date));
        put("sex", given(row.sex));
        put("npi", given(row.billing_npi));
        put("taxonomy", batch.text(row.billing_taxonomy).to_owned());
        put("bill", given(row.bill_type));
        put("from", given(row.statement_from));
        put("to", given(row.statement_to));
        put("received", given(row.received_date));
        put("total", given(row.total));
        put("status", show(row.patient_status));
        put("state", show(row.state));
        put("contractor", batch.text(row.contractor).to_owned());
        put("dx", list(claim.diagnoses()));
        put("conditions", list(claim.conditions()));
        for field in Field::all() {
            put(&format!("raw {field}"), claim.raw(field).unwrap_or_default().to_owned());
        }
        for (number, line) in claim.lines().iter().enumerate() {
            let modifiers = line.modifiers.map(|one| if one.is_malformed() { "!".to_owned() } else { one.to_string() });
            put("| line", line.number.to_string());
            put("row", line.place.row.to_string());
            put("at", line.place.offset.to_string());
            put("code", show(line.procedure));
            put("revenue", show(line.revenue_code));
            put("pos", show(line.place_of_service));
            put("modifiers", modifiers.join(":").trim_end_matches(':').to_owned());
            put("from", given(line.service_from));
            put("to", given(line.service_to));
            put("units", given(line.units));
            put("charge", given(line.charge));
            put("npi", given(line.rendering_npi));
            put("pointers", claim.pointers(line).iter().map(u16::to_string).collect::<Vec<_>>().join(":"));
            put("ndc", batch.text(line.ndc).to_owned());
            put("note", batch.text(line.note).to_owned());
            for field in Field::all() {
                put(&format!("raw {field}"), claim.raw_of_line(number, field).unwrap_or_default().to_owned());
            }
        }
        told.claims.push(text);
    }
    for problem in &batch.problems {
        let field = problem.field.map_or(String::new(), |field| format!(" {field}"));
        let line = problem.line.map_or(String::new(), |line| {
            let own = &batch.claims[problem.claim as usize].lines;
            assert!(own.contains(&line), "a problem's line is one of its claim's");
            format!(" line {}", line - own.start + 1)
        });
        let (claim, place) = (before + problem.claim as usize, problem.place);
        told.problems.push(format!("{claim}:{line}{field} {:?} row {} at {}", problem.kind, place.row, place.offset));
    }
}

fn show(code: Code) -> String {
    if code.is_malformed() { "!".to_owned() } else { code.to_string() }
}

fn given<T: std::fmt::Debug>(value: Given<T>) -> String {
    match value {
        Given::Absent => String::new(),
        Given::Invalid => "!".to_owned(),
        Given::Is(value) => format!("{value:?}"),
    }
}

fn read_with(bytes: &[u8], options: CsvOptions) -> Told {
    let mut told = Told::default();
    each_batch(bytes, options, |batch| tell(batch, &mut told));
    told
}

/// Reads with every chunk size; all must say the same.
fn read(bytes: &[u8]) -> Told {
    let whole = read_with(bytes, options(1 << 20));
    for size in SIZES {
        assert!(read_with(bytes, options(size)) == whole, "chunks of {size} bytes");
    }
    whole
}

/// The one batch of a small file.
fn batch_of(text: &str) -> ClaimBatch {
    let mut reader = open(text.as_bytes(), CsvOptions::default()).unwrap();
    let mut batch = ClaimBatch::default();
    let chunk = reader.next_chunk().unwrap().unwrap();
    reader.parser().parse(&chunk, &mut batch);
    assert!(reader.next_chunk().unwrap().is_none());
    batch
}

const HEADER: &str = "claim_id,procedure,service_from,dx_1\n";

/// Reads rows under the shortest header.
fn rows(rows: &str) -> Told {
    read(format!("{HEADER}{rows}").as_bytes())
}

/// The problems alone, without their offsets.
fn problems(told: &Told) -> Vec<&str> {
    told.problems.iter().map(|problem| problem.split(" at ").next().unwrap_or_default()).collect()
}

// --- what a good file gives ---

#[test]
fn every_column_reaches_its_field() {
    let told = read(
        b"claim_id,line_number,claim_type,payer_id,patient_id,birth_date,sex,billing_npi,rendering_npi,\
          billing_taxonomy,bill_type,statement_from,statement_to,received_date,claim_total,patient_status,\
          condition_codes,service_from,service_to,place_of_service,revenue_code,procedure,modifier_1,modifier_2,\
          modifier_3,modifier_4,units,charge,dx_pointers,ndc,note,state,contractor,dx_1,dx_2,dx_3\n\
          C1,7,I,PAY,PAT,19500131,F,1234567893,1234567893,207Q00000X,131,20240101,2024-01-03,20240110,150.5,1,\
          A1:44,20240101,20240102,9,450,99213,25,lt,59,xs,1.5,100,A:2,00002-1433-80,a note,ny,12345,e11.9,I10,\n",
    );
    let expected = "\"C1\" I row 2 at 379 payer=PAY patient=PAT born=1950-01-31 sex=Female npi=Npi(1234567893) \
                    taxonomy=207Q00000X bill=0131 from=2024-01-01 to=2024-01-03 received=2024-01-10 total=150.50 \
                    status=01 state=NY contractor=12345 dx=E119:I10 conditions=A1:44 | line=7 row=2 at=379 code=99213 \
                    revenue=0450 pos=09 modifiers=25:LT:59:XS from=2024-01-01 to=2024-01-02 units=1.5 charge=100.00 \
                    npi=Npi(1234567893) pointers=1:2 ndc=00002-1433-80 note=a note";
    assert_eq!(told, Told { claims: vec![expected.to_owned()], problems: vec![] });
}

#[test]
fn rows_of_one_claim_become_its_lines() {
    let told = rows("A,99213,20240101,I10\nA,99214,20240102,I10\nB,99215,20240103,I10\n");
    assert_eq!(
        told.claims,
        [
            "\"A\" P row 2 at 37 dx=I10 | line=1 row=2 at=37 code=99213 from=2024-01-01 | line=2 row=3 at=58 \
             code=99214 from=2024-01-02",
            "\"B\" P row 4 at 79 dx=I10 | line=1 row=4 at=79 code=99215 from=2024-01-03",
        ]
    );
    assert!(told.problems.is_empty());
}

#[test]
fn line_ends_quotes_and_spaces_change_nothing() {
    let expected = "A 99213 2024-01-01 I10, A 99214 2024-01-02 I10, B 99215 2024-01-03 I10";
    for variant in [
        "A,99213,20240101,I10\r\nA,99214,20240102,I10\r\nB,99215,20240103,I10\r\n",
        "A,99213,20240101,I10\nA,99214,20240102,I10\nB,99215,20240103,I10",
        "A,99213,20240101,I10\nA,99214,20240102,I10\nB,99215,20240103,I10\r",
        " A ,99213 ,\t20240101,I10\nA,99214,20240102,  I10  \nB, 99215,2024-01-03,I10\n",
        "\"A\",\"99213\",20240101,\"I10\"\r\nA,99214,20240102,\"I10\"\r\n\"B\",99215,20240103,I10\r\n",
        "\"A\",\" 99213\",20240101,\"I10\"\nA,99214,20240102,\"I10\"\n\"B\",99215,20240103,\" I10\"",
    ] {
        for size in SIZES {
            let mut lines = Vec::new();
            each_batch(format!("{HEADER}{variant}").as_bytes(), options(size), |batch| {
                assert!(batch.problems.is_empty());
                for claim in batch.iter() {
                    lines.extend(claim.lines().iter().map(|line| {
                        let (id, dx, day) = (claim.id(), claim.diagnoses()[0], given(line.service_from));
                        format!("{id} {} {day} {dx}", line.procedure)
                    }));
                }
            });
            assert_eq!(lines.join(", "), expected, "{variant}");
        }
    }
}

#[test]
fn one_carriage_return_belongs_to_the_line_end_and_a_second_does_not() {
    for quoted in ["99213", "\"99213\""] {
        let told = rows(&format!("A,99213,20240101,I10\r\r\nA,{quoted},20240101,I10\r\r\n"));
        assert!(told.problems.is_empty());
        assert!(told.claims[0].contains("dx=! raw dx_1=I10\r |"), "{}", told.claims[0]);
    }
    // The id as cut and the id as parsed are the same.
    for quoted in ["1", "\"1\""] {
        let told = read(
            format!("procedure,service_from,dx_1,claim_id\n1,1,1,A\r\r\n{quoted},1,1,A\r\n1,1,A\r\r\n,1,1,A\n")
                .as_bytes(),
        );
        let ids: Vec<_> = told.claims.iter().map(|claim| claim.split(" P").next().unwrap()).collect();
        assert_eq!(ids, ["\"A\\r\"", "\"A\"", "\"\"", "\"A\""]);
    }
}

#[test]
fn blank_lines_are_skipped_and_counted() {
    let told = rows("\n  \nA,99213,20240101,I10\n\r\nA,99214,20240102,I10\n\n");
    assert!(told.problems.is_empty());
    assert_eq!(told.claims.len(), 1);
    assert!(told.claims[0].contains("row 4") && told.claims[0].contains("row=6"), "{}", told.claims[0]);
}

#[test]
fn places_count_from_the_start_of_the_file_with_its_mark() {
    let told = read(format!("\u{feff}\n{HEADER}A,1,20240101,I10\n").as_bytes());
    assert!(told.claims[0].starts_with("\"A\" P row 3 at 41 "), "{}", told.claims[0]);
}

#[test]
fn quoted_fields_may_hold_separators_quotes_and_line_ends() {
    let text = "claim_id,procedure,service_from,dx_1,note\nA,99213,20240101,I10,\"a, \"\"b\"\"\r\nc\"\n\
                \"A\",99214,20240101,I10,\"\"\"\"\n\"B\",1,20240101,I10,\"\"\n";
    let told = read(text.as_bytes());
    assert!(told.problems.is_empty(), "{:?}", told.problems);
    assert_eq!(told.claims.len(), 2);
    assert!(told.claims[0].contains("note=a, \"b\"\r\nc"), "{}", told.claims[0]);
    assert!(told.claims[0].contains("row=3") && told.claims[0].ends_with("note=\""), "{}", told.claims[0]);
    assert!(told.claims[1].starts_with("\"B\" P row 4"), "{}", told.claims[1]);
}

#[test]
fn inner_empty_diagnoses_stay_and_outer_ones_go() {
    let told = read(b"dx_3,claim_id,dx_1,procedure,service_from,dx_2,dx_4\nI10,A,E119,1,20240101,,\n");
    assert!(told.claims[0].contains("dx=E119::I10 |"), "{}", told.claims[0]);
}

#[test]
fn the_kind_of_a_claim_without_type_follows_from_its_fields() {
    let header = "claim_id,procedure,service_from,dx_1,revenue_code,bill_type,claim_type\n";
    for (row, expected) in [
        ("A,1,20240101,I10,,,", ClaimType::Professional),
        ("A,1,20240101,I10,0450,,", ClaimType::Institutional),
        ("A,1,20240101,I10,,131,", ClaimType::Institutional),
        ("A,1,20240101,I10,,131,p", ClaimType::Professional),
        ("A,1,20240101,I10,,,D", ClaimType::Dental),
        ("A,1,20240101,I10,,131,X", ClaimType::Institutional),
        ("A,1,20240101,I10,,,\nA,1,20240101,I10,0450,,", ClaimType::Institutional),
    ] {
        let batch = batch_of(&format!("{header}{row}\n"));
        assert_eq!(batch.claims[0].claim_type, expected, "{row}");
    }
}

#[test]
fn columns_say_what_the_input_can_give() {
    let batch = batch_of("claim_id,procedure,service_from,dx_1,modifier_2,what\nA,1,20240101,I10,,\n");
    for (field, has) in [
        (Field::Modifier(1), true),
        (Field::Diagnosis(9), true),
        (Field::ClaimId, true),
        (Field::Units, false),
        (Field::RevenueCode, false),
    ] {
        assert_eq!(batch.columns.has(field), has, "{field}");
    }
}

#[test]
fn a_batch_is_emptied_before_it_is_filled() {
    let mut reader = open(format!("{HEADER}A,1,20240101,I10\n").as_bytes(), CsvOptions::default()).unwrap();
    let mut batch = batch_of(&format!("{HEADER}B,\"1,20240101,I10\nC,*,1,I10\n"));
    assert_eq!((batch.claims.len(), batch.problems.len()), (2, 2));
    batch.columns = Columns::ALL;
    reader.parser().parse(&reader.next_chunk().unwrap().unwrap(), &mut batch);
    assert_eq!((batch.claims.len(), batch.lines.len(), batch.problems.len()), (1, 1, 0));
    assert!(!batch.columns.has(Field::Units));
}

// --- headers ---

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
fn a_map_and_the_file_may_not_give_a_field_twice() {
    let map = ColumnMap::parse("map.toml", "[columns]\ncpt = 'procedure'").unwrap();
    let options = CsvOptions { map, ..CsvOptions::default() };
    let error = open(b"claim_id,procedure,service_from,dx_1,CPT\n", options).unwrap_err();
    assert!(error.contains("procedure is given by column 2 (\"procedure\") and column 5 (\"CPT\")"), "{error}");
}

// --- rows that cannot be read ---

#[test]
fn too_few_or_too_many_fields() {
    let told = rows("A,99213,20240101\nA,99213,20240101,I10\nB,99213,20240101,I10,\nC\n");
    assert_eq!(
        problems(&told),
        [
            "0: ColumnCount { expected: 4, got: 3 } row 2",
            "1: ColumnCount { expected: 4, got: 5 } row 4",
            "2: ColumnCount { expected: 4, got: 1 } row 5",
        ]
    );
    // The readable row of the claim gives its fields, and keeps its place in the claim.
    let first = "\"A\" P row 2 at 37 unreadable dx=I10 | line=2 row=3 at=54 code=99213 from=2024-01-01";
    assert_eq!(told.claims[0], first);
    assert!(told.claims[1].starts_with("\"B\" P row 4 at 75 unreadable"));
    assert!(told.claims[2].starts_with("\"C\" P row 5 at 97 unreadable"));
}

#[test]
fn bytes_that_are_not_utf8() {
    let bytes = [HEADER.as_bytes(), b"A,1,20240101,I10\nB,\xe9,20240101,I10\n\xff,1,20240101,I10\nC,1,20240101,I10\n"];
    let told = read(&bytes.concat());
    assert_eq!(problems(&told), ["1: NotUtf8 { at: 2 } row 3", "2: NotUtf8 { at: 0 } row 4"]);
    let ids: Vec<_> = told.claims.iter().map(|claim| claim.split(" row").next().unwrap()).collect();
    assert_eq!(ids, ["\"A\" P", "\"B\" P", "\"\" P", "\"C\" P"]);
}

#[test]
fn a_stray_quote_costs_one_line() {
    for bad in ["9\"9213", "\"99213\"x", "\"99213", "\"99\"213\"", " \"99213\"", "\"99213\" "] {
        let told = rows(&format!("A,99213,20240101,I10\nB,{bad},20240101,I10\nC,99213,20240101,I10\n"));
        assert_eq!(problems(&told), ["1: StrayQuote row 3"], "{bad}");
        assert_eq!(told.claims.len(), 3);
        assert!(told.claims[1].starts_with("\"B\" P row 3 at 58 unreadable"), "{}", told.claims[1]);
        assert!(told.claims[2].contains("code=99213"), "{}", told.claims[2]);
    }
}

#[test]
fn an_unclosed_quote_never_swallows_the_rows_below() {
    for below in [3, 5000] {
        let mut text = "X,\"1,20240101,I10\n".to_owned();
        for number in 0..below {
            text.push_str(&format!("C{number},99213,20240101,I10\n"));
        }
        let told = rows(&text);
        assert_eq!(problems(&told), ["0: StrayQuote row 2"]);
        assert_eq!(told.claims.len(), below + 1);
    }
}

#[test]
fn a_quote_closed_far_below_is_stray() {
    // 64 KiB is the longest record of more than one line.
    for (filling, readable) in [(60_000, true), (66_000, false)] {
        let told = rows(&format!("A,\"1\n{}\n\",20240101,I10\nB,1,20240101,I10\n", "x\n".repeat(filling / 2)));
        assert_eq!(told.problems.is_empty(), readable);
        assert!(told.claims.last().unwrap().starts_with("\"B\" P"));
        assert_eq!(told.claims.len() == 2, readable);
    }
}

#[test]
fn fields_that_are_too_long() {
    let long = "9".repeat(65_537);
    for field in [long.clone(), format!("\"{long}\"")] {
        let told = rows(&format!("A,1,20240101,I10\nA,{field},20240101,I10\nB,1,20240101,I10\n"));
        assert_eq!(problems(&told), ["0: TooLong { limit: 65536 } row 3"]);
        assert_eq!(told.claims.len(), 2);
    }
    let most = rows(&format!("A,{},20240101,I10\nB,1,20240101,I10\n", &long[1..]));
    assert!(most.problems.is_empty());
    assert!(most.claims[0].contains(&format!("raw procedure={}", &long[..100])) && most.claims[0].len() < 300);
}

#[test]
fn records_that_are_too_long() {
    for length in [1_048_570, 1_200_000, 5_000_000] {
        let record = format!("A,1,20240101,I10\nA{}\nB,1,20240101,I10\nB,1,20240101,I10\n", ",".repeat(length));
        let told = rows(&record);
        let kind = if length < 1 << 20 {
            format!("0: ColumnCount {{ expected: 4, got: {} }} row 3", length + 1)
        } else {
            "0: TooLong { limit: 1048576 } row 3".to_owned()
        };
        assert_eq!(problems(&told), [kind]);
        let place = format!("\"B\" P row 4 at {} ", HEADER.len() + 17 + length + 2);
        assert!(told.claims[1].starts_with(&place), "{}", told.claims[1]);
    }
    let endless = rows(&format!("A,1,20240101,I10\nA{}", ",".repeat(4_000_000)));
    assert_eq!(problems(&endless), ["0: TooLong { limit: 1048576 } row 3"]);
}

#[test]
fn an_id_cut_by_the_longest_record_is_no_id() {
    let other: Vec<String> = (0..20).map(|number| format!("other{number}")).collect();
    let header = format!("procedure,service_from,dx_1,{},claim_id\n", other.join(","));
    // The id begins two bytes before the limit: not all of it is kept.
    let filling = (1 << 20) - 2 - "1,20240101,I10,".len() - 20;
    let fields: Vec<String> =
        (0..20).map(|number| "x".repeat(filling / 20 + usize::from(number < filling % 20))).collect();
    let told = read(format!("{header}1,20240101,I10,{},LONGID\n", fields.join(",")).as_bytes());
    assert_eq!(problems(&told), ["0: TooLong { limit: 1048576 } row 2"]);
    assert!(told.claims[0].starts_with("\"\" P row 2"), "{}", told.claims[0]);
}

#[test]
fn an_endless_line_takes_bounded_memory() {
    let length = 100 << 20;
    let endless = std::io::repeat(b'x').take(length).chain(&b"\nB,1,20240101,I10\n"[..]);
    let input = Input::from_reader("x", HEADER.as_bytes().chain(endless)).unwrap();
    let mut reader = CsvReader::new(input, CsvOptions::default()).unwrap();
    let (parser, mut batch, mut told) = (reader.parser(), ClaimBatch::default(), Told::default());
    while let Some(chunk) = reader.next_chunk().unwrap() {
        parser.parse(&chunk, &mut batch);
        tell(&batch, &mut told);
        assert!(chunk.into_bytes().capacity() <= 8 << 20);
    }
    assert_eq!(problems(&told), ["0: TooLong { limit: 1048576 } row 2"]);
    assert!(told.claims[1].starts_with(&format!("\"B\" P row 3 at {} ", HEADER.len() as u64 + length + 1)));
}

#[test]
fn a_row_without_an_id_is_an_unreadable_claim() {
    let told = rows("A,1,20240101,I10\n ,1,20240101,I10\n,1,20240101,I10\nA,1,20240101,I10\n\"\",1,20240101,I10\n");
    let expected = ["1: claim_id NoClaimId row 3", "2: claim_id NoClaimId row 4", "4: claim_id NoClaimId row 6"];
    assert_eq!(problems(&told), expected);
    assert_eq!(told.claims.len(), 5);
    assert!(told.claims[1].starts_with("\"\" P row 3 at 54 unreadable"));
}

#[test]
fn a_claim_with_one_unreadable_row_is_unreadable() {
    let told = rows("A,1,20240101,I10\nA,1,20240101\nA,2,20240101,I10\n");
    assert_eq!(told.claims.len(), 1);
    assert!(told.claims[0].contains("unreadable") && told.claims[0].contains("line=3"), "{}", told.claims[0]);
}

// --- values ---

#[test]
fn bad_values_are_problems_with_their_field_and_keep_their_text() {
    let header = "claim_id,procedure,service_from,service_to,dx_1,birth_date,sex,units,charge,line_number,bill_type,\
                  claim_type,claim_total,state,patient_status,condition_codes\n";
    let row = "A,1,20240230,1/2/2024,I10,x,9,1.2345,$5,0,99999,Q,\"1,000\",N1,a-b,*:A1\n";
    let told = read(format!("{header}{row}").as_bytes());
    let fields: Vec<_> = told.problems.iter().map(|problem| problem.split(" BadValue").next().unwrap()).collect();
    assert_eq!(
        fields,
        [
            "0: birth_date",
            "0: sex",
            "0: bill_type",
            "0: claim_type",
            "0: claim_total",
            "0: state",
            "0: patient_status",
            "0: condition_codes",
            "0: line 1 service_from",
            "0: line 1 service_to",
            "0: line 1 units",
            "0: line 1 charge",
            "0: line 1 line_number",
        ]
    );
    assert_eq!(
        told.claims[0],
        "\"A\" I row 2 at 158 born=! sex=! bill=! total=! status=! dx=I10 conditions=!:A1 raw claim_type=Q \
         raw birth_date=x raw sex=9 raw bill_type=99999 raw claim_total=1,000 raw patient_status=a-b \
         raw condition_codes=*:A1 raw state=N1 | line=1 row=2 at=158 code=1 from=! to=! units=! charge=! \
         raw line_number=0 raw service_from=20240230 raw service_to=1/2/2024 raw units=1.2345 raw charge=$5"
    );
    assert!(told.problems[0].contains("a date as YYYYMMDD or YYYY-MM-DD"));
}

#[test]
fn codes_that_cannot_be_packed_keep_their_text_without_a_problem() {
    let told = read(
        b"claim_id,procedure,service_from,dx_1,dx_2,modifier_1,revenue_code,place_of_service,billing_npi,\
          rendering_npi,dx_pointers\nA,99213-25,20240101,E11..9,I10,5,04.50,1*,123,12345678901,1:x\n",
    );
    assert!(told.problems.is_empty());
    assert_eq!(
        told.claims[0],
        "\"A\" I row 2 at 121 npi=! dx=!:I10 raw billing_npi=123 raw dx_1=E11..9 | line=1 row=2 at=121 code=! \
         revenue=! pos=! modifiers=! from=2024-01-01 npi=! pointers=1:65535 raw rendering_npi=12345678901 \
         raw place_of_service=1* raw revenue_code=04.50 raw procedure=99213-25 raw dx_pointers=1:x raw modifier_1=5"
    );
}

#[test]
fn later_rows_that_disagree_are_said_once_a_field() {
    let told = read(
        b"claim_id,procedure,service_from,payer_id,statement_from,dx_1,dx_2\n\
          A,1,20240101,P,20240101,I10,\nA,1,20240101,P,2024-01-01,i10,\nA,1,20240101,,,,\n\
          A,1,20240101,Q,20240102,I10,E119\nA,1,20240101,R,20240101,I10,E119\nB,1,20240101,R,20240101,I10,E119\n",
    );
    assert_eq!(
        problems(&told),
        ["0: payer_id Disagrees row 5", "0: statement_from Disagrees row 5", "0: dx_2 Disagrees row 5"]
    );
    assert!(told.claims[0].contains("payer=P from=2024-01-01 dx=I10 |"), "{}", told.claims[0]);
    assert!(!told.claims[0].contains("unreadable"));
}

#[test]
fn rows_agree_whether_quoted_or_not() {
    let told = read(
        b"claim_id,procedure,service_from,payer_id,dx_1,dx_2\nA,1,20240101,\"P\",I10,E119\n\
          A,1,20240101,P,\"I10\",E119\n\"A\",1,20240101,P,I10,\"E11.9\"\nA,1,20240101,\"P\n\",I10,E119\n\
          A,1,20240101,\"\"\"\",I10,E119\n",
    );
    // A line end is no space that is trimmed.
    assert_eq!(problems(&told), ["0: payer_id Disagrees row 5"]);
    assert_eq!(told.claims.len(), 1);
    // The same bytes, but in one row the quotes are part of the value.
    let told = read(
        b"claim_id,procedure,service_from,payer_id,dx_1\nA,1,20240101,\"P\",I10\nA,1,20240101,\"\"\"P\"\"\",I10\n",
    );
    assert_eq!(problems(&told), ["0: payer_id Disagrees row 3"]);
}

#[test]
fn a_claim_beyond_the_limit_is_cut_and_never_lost() {
    let text = format!("{HEADER}{}B,1,20240101,I10\n", "A,1,20240101,I10\n".repeat(1000));
    let cut = CsvOptions { chunk_bytes: 100, claim_bytes: 1000, ..CsvOptions::default() };
    let mut rows = Vec::new();
    each_batch(text.as_bytes(), cut, |batch| {
        assert!(batch.lines.len() <= 200);
        rows.extend(batch.lines.iter().map(|line| line.place.row));
    });
    assert_eq!(rows, (2..=1002).collect::<Vec<u64>>());
}

#[test]
fn compressed_files_are_read_as_plain_ones() {
    let text = format!("{HEADER}{}", "A,1,20240101,I10\nB,1,20240101,I10\n".repeat(3000));
    let packed = zstd::encode_all(text.as_bytes(), 1).unwrap();
    assert_eq!(read_with(&packed, options(500)), read_with(text.as_bytes(), options(1 << 20)));
}

#[test]
fn a_file_of_bad_values_alone_is_found_through_in_time() {
    // Looking up the kept texts one after the other would take minutes.
    let text = format!("{HEADER}{}", "A,*,*,*\n".repeat(60_000));
    each_batch(text.as_bytes(), options(1 << 20), |batch| {
        for claim in batch.iter() {
            for line in 0..claim.lines().len() {
                assert_eq!(claim.raw_of_line(line, Field::Procedure), Some("*"));
            }
        }
    });
}

#[test]
fn debug_texts_hold_no_patient_data() {
    let mut reader = open(format!("{HEADER}SECRET,1,20240101,I10\n").as_bytes(), CsvOptions::default()).unwrap();
    let chunk = reader.next_chunk().unwrap().unwrap();
    let mut batch = ClaimBatch::default();
    reader.parser().parse(&chunk, &mut batch);
    assert_eq!(format!("{chunk:?}"), "Chunk(22 bytes from byte 37, row 2)");
    assert_eq!(format!("{batch:?}"), "ClaimBatch(1 claims, 1 lines, 0 problems)");
    assert!(!format!("{reader:?}").contains("SECRET"));
}

// --- random tables, against the plain reader of the `csv` crate ---

const COLUMNS: [&str; 10] =
    ["payer_id", "claim_id", "procedure", "service_from", "dx_1", "note", "dx_2", "ndc", "modifier_1", "charge"];

/// A claim as a table of texts says it.
#[derive(Debug, Default, PartialEq)]
struct Plain {
    id: String,
    unreadable: bool,
    /// Payer and two diagnoses, once a readable row gave them.
    head: Option<[String; 3]>,
    disagrees: BTreeSet<String>,
    /// Line number, procedure, date, note, NDC, modifier, charge.
    lines: Vec<[String; 7]>,
}

fn reference(text: &[u8]) -> Vec<Plain> {
    let mut claims: Vec<Plain> = Vec::new();
    let mut rows = 0;
    for record in csv::ReaderBuilder::new().flexible(true).from_reader(text).records() {
        let record = record.unwrap();
        let value = |name: &str| {
            let column = COLUMNS.iter().position(|own| *own == name).unwrap();
            record.get(column).unwrap_or_default().trim_matches([' ', '\t']).to_owned()
        };
        let id = value("claim_id");
        if id.is_empty() || claims.last().is_none_or(|last| last.id != id) {
            claims.push(Plain { id: id.clone(), ..Plain::default() });
            rows = 0;
        }
        rows += 1;
        let claim = claims.last_mut().unwrap();
        if id.is_empty() || record.len() != COLUMNS.len() {
            claim.unreadable = true;
            continue;
        }
        let own = ["payer_id", "dx_1", "dx_2"];
        let head = claim.head.get_or_insert_with(|| own.map(value));
        for (name, first) in own.iter().zip(head) {
            let here = value(name);
            if !here.is_empty() && here != *first {
                claim.disagrees.insert((*name).to_owned());
            }
        }
        let [code, date, note, ndc, modifier, charge] =
            ["procedure", "service_from", "note", "ndc", "modifier_1", "charge"].map(value);
        claim.lines.push([rows.to_string(), code, date, note, ndc, modifier, charge]);
    }
    claims
}

fn ours(text: &[u8], chunk_bytes: usize) -> Vec<Plain> {
    let mut claims = Vec::new();
    each_batch(text, options(chunk_bytes), |batch| {
        for view in batch.iter() {
            let mut claim = Plain { id: view.id().to_owned(), unreadable: view.row.unreadable, ..Plain::default() };
            if !view.lines().is_empty() {
                let dx = |number: usize| view.diagnoses().get(number).map_or(String::new(), Code::to_string);
                claim.head = Some([batch.text(view.row.payer).to_owned(), dx(0), dx(1)]);
            }
            for problem in batch.problems.iter().filter(|problem| problem.claim == view.index) {
                match (&problem.kind, problem.field) {
                    (ProblemKind::Disagrees, Some(field)) => {
                        assert!(claim.disagrees.insert(field.to_string()), "once a field and claim");
                    }
                    (ProblemKind::ColumnCount { .. } | ProblemKind::NoClaimId, _) => assert!(view.row.unreadable),
                    other => panic!("{other:?}"),
                }
            }
            claim.lines.extend(view.lines().iter().map(|line| {
                [
                    line.number.to_string(),
                    line.procedure.to_string(),
                    given(line.service_from).replace('-', ""),
                    batch.text(line.note).to_owned(),
                    batch.text(line.ndc).to_owned(),
                    line.modifiers[0].to_string(),
                    given(line.charge),
                ]
            }));
            claims.push(claim);
        }
    });
    claims
}

fn one_of(texts: &[&'static str]) -> impl Strategy<Value = String> + use<> {
    proptest::sample::select(texts.to_vec()).prop_map(str::to_owned)
}

fn any_row() -> impl Strategy<Value = Vec<String>> {
    let text = "[a\",;\n\r é日\t|]{0,12}";
    (
        one_of(&["P", "P", "P", "Q", "", " P "]),
        one_of(&["A", "A", "A", "B", "\"B\"", "C,C", " A ", "é", ""]),
        one_of(&["99213", "J1100", ""]),
        one_of(&["20240101", "20231231", ""]),
        one_of(&["I10", "I10", "I10", "E119", ""]),
        text,
        one_of(&["", "", "E119", "I10"]),
        text,
        one_of(&["25", "LT", ""]),
        one_of(&["12.50", "0.00", ""]),
    )
        .prop_map(|(payer, id, code, date, dx, note, second, ndc, modifier, charge)| {
            vec![payer, id, code, date, dx, note, second, ndc, modifier, charge]
        })
}

/// No file of past failures: those become tests of their own.
fn cases(cases: u32) -> ProptestConfig {
    ProptestConfig { failure_persistence: None, ..ProptestConfig::with_cases(cases) }
}

proptest! {
    #![proptest_config(cases(300))]

    #[test]
    fn random_tables_are_read_as_a_plain_reader_reads_them(
        rows in proptest::collection::vec((any_row(), 0..40usize), 0..40),
        always_quoted in any::<bool>(),
        carriage_returns in any::<bool>(),
        size in 1..3000usize,
    ) {
        let style = if always_quoted { csv::QuoteStyle::Always } else { csv::QuoteStyle::Necessary };
        let end = if carriage_returns { csv::Terminator::CRLF } else { csv::Terminator::Any(b'\n') };
        let mut writer =
            csv::WriterBuilder::new().flexible(true).quote_style(style).terminator(end).from_writer(Vec::new());
        writer.write_record(COLUMNS).unwrap();
        for (mut row, cut) in rows {
            // One row in ten has a field too few or too many.
            match cut {
                0 => row.truncate(9),
                1 => row.truncate(2),
                2 => row.push(String::new()),
                _ => {}
            }
            writer.write_record(row).unwrap();
        }
        let text = writer.into_inner().unwrap();
        let expected = reference(&text);
        for size in [size, 1, 50, 1 << 20] {
            prop_assert_eq!(&ours(&text, size), &expected, "chunks of {} bytes", size);
        }
    }
}

// --- random bytes, against the rules of CSV taken letter by letter ---

/// Where the records begin that are not blank, and whether each can be read as CSV.
fn records(text: &[u8]) -> Vec<(u64, bool)> {
    let (mut found, mut start) = (Vec::new(), 0);
    while start < text.len() {
        let line = text[start..].iter().position(|&byte| byte == b'\n').map_or(text.len(), |length| start + length + 1);
        let well_formed = well_formed(&text[start..]);
        let content = text[start..line].strip_suffix(b"\n").unwrap_or(&text[start..line]);
        let content = content.strip_suffix(b"\r").unwrap_or(content);
        if !content.iter().all(|byte| b" \t".contains(byte)) {
            found.push((start as u64, well_formed.is_some()));
        }
        start = well_formed.map_or(line, |length| start + length);
    }
    found
}

/// The length of the well-formed record at the start of `text`.
fn well_formed(text: &[u8]) -> Option<usize> {
    #[derive(PartialEq)]
    enum At {
        Start,
        Unquoted,
        Quoted,
        Closed,
    }
    let mut at = At::Start;
    for (place, &byte) in text.iter().enumerate() {
        let line_end = byte == b'\n' || at == At::Closed && text[place..].starts_with(b"\r\n");
        at = match (at, byte) {
            (At::Quoted, b'"') => At::Closed,
            (At::Quoted, _) => At::Quoted,
            (At::Start | At::Closed, b'"') => At::Quoted,
            (At::Unquoted, b'"') => return None,
            (_, b',') => At::Start,
            (At::Closed, b'\r') if place + 1 == text.len() => At::Closed,
            _ if line_end => return Some(place + if byte == b'\n' { 1 } else { 2 }),
            (At::Closed, _) => return None,
            (At::Start | At::Unquoted, _) => At::Unquoted,
        }
    }
    (at != At::Quoted).then_some(text.len())
}

/// Bytes of which CSV is made, and some of which it is not.
fn any_text() -> impl Strategy<Value = Vec<u8>> {
    let pieces = proptest::sample::select(vec![
        &b"A,1,20240101,I10\n"[..],
        b"B,1,20240101,I10\r\n",
        b"A,",
        b"\"A\",\"x\",",
        b"1,20240101,",
        b"\"",
        b"\"",
        b"\n",
        b"\r\n",
        b"\r",
        b",",
        b" ",
        b"\t",
        b"\"\"",
        b"9",
        b"\xc3\xa9",
        b"\xc3",
        b"\xff",
    ]);
    proptest::collection::vec(pieces, 0..60).prop_map(|pieces| pieces.concat())
}

proptest! {
    #![proptest_config(cases(1500))]

    #[test]
    fn no_row_of_any_text_is_lost(text in any_text(), size in 1..200usize) {
        let file = [HEADER.as_bytes(), &text].concat();
        let whole = read_with(&file, options(1 << 20));
        for size in [size, 1, 16] {
            prop_assert_eq!(&read_with(&file, options(size)), &whole, "chunks of {} bytes", size);
        }
        let mut rows: Vec<(u64, bool)> = Vec::new();
        each_batch(&file, options(size), |batch| {
            let header = HEADER.len() as u64;
            rows.extend(batch.lines.iter().map(|line| (line.place.offset - header, true)));
            for problem in batch.problems.iter().filter(|problem| problem.kind.makes_unreadable()) {
                assert!(batch.claims[problem.claim as usize].unreadable);
                let well_formed = problem.kind != ProblemKind::StrayQuote;
                rows.push((problem.place.offset - header, well_formed));
            }
            for claim in batch.iter() {
                let own = batch.problems.iter().filter(|problem| problem.claim == claim.index);
                let bad = own.filter(|problem| problem.kind.makes_unreadable()).count();
                assert_eq!(bad > 0, claim.row.unreadable);
                assert!(bad + claim.lines().len() > 0, "no claim of nothing");
                assert!(!claim.id().is_empty() || claim.row.unreadable);
            }
        });
        rows.sort_unstable();
        prop_assert_eq!(rows, records(&text));
    }

    #[test]
    fn grouping_keeps_every_row(text in any_text(), size in 1..200usize) {
        let file = [HEADER.as_bytes(), &text].concat();
        let mut expected = Told::default();
        each_batch(&file, options(size), |batch| tell(batch, &mut expected));
        let mut reader = open(&file, options(size)).unwrap().grouped(None).unwrap();
        let (parser, mut batch, mut rows) = (reader.parser(), ClaimBatch::default(), Vec::new());
        let mut ids = BTreeSet::new();
        while let Some(chunk) = reader.next_chunk().unwrap() {
            parser.parse(&chunk, &mut batch);
            for claim in batch.iter() {
                prop_assert!(claim.id().is_empty() || ids.insert(claim.id().to_owned()), "rows stand together");
            }
            let header = HEADER.len() as u64;
            rows.extend(batch.lines.iter().map(|line| (line.place.offset - header, true)));
            let bad = batch.problems.iter().filter(|problem| problem.kind.makes_unreadable());
            rows.extend(bad.map(|bad| (bad.place.offset - header, bad.kind != ProblemKind::StrayQuote)));
        }
        rows.sort_unstable();
        prop_assert_eq!(rows, records(&text));
    }

    #[test]
    fn any_bytes_cut_anywhere_do_not_panic(
        bytes in proptest::collection::vec(any::<u8>(), 0..300),
        magic in proptest::sample::select(vec![&b""[..], &[0x1f, 0x8b], &[0x28, 0xb5, 0x2f, 0xfd], HEADER.as_bytes()]),
        size in 1..50usize,
    ) {
        let file = [magic, &bytes].concat();
        if let Ok(mut reader) = open(&file, options(size)) {
            let (parser, mut batch) = (reader.parser(), ClaimBatch::default());
            while let Ok(Some(chunk)) = reader.next_chunk() {
                parser.parse(&chunk, &mut batch);
            }
        }
    }

    #[test]
    fn a_good_file_cut_anywhere_loses_no_claim(cut in 0..2000usize, quote in any::<bool>()) {
        let quote = if quote { "\"" } else { "" };
        let text: String = (0..80).map(|row| format!("C{},{quote}99213{quote},20240101,I10\r\n", row / 3)).collect();
        let text = &text[..cut.min(text.len())];
        let told = read_with(format!("{HEADER}{text}").as_bytes(), options(100));
        let mut ids: Vec<&str> = text.lines().filter_map(|line| line.split(',').next()).collect();
        ids.dedup();
        prop_assert_eq!(told.claims.len(), ids.len());
    }
}
