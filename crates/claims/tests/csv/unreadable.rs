//! Rows that cannot be read, and rows of nothing.

use crate::support::{HEADER, Told, problems, read, rows, tell};
use cleanclaim_claims::{ClaimBatch, ClaimReader, CsvOptions, CsvReader, Input};
use std::io::Read;

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
        let text = format!("A,\"1\n{}\n\",1,20240101,I10\nB,,1,20240101,I10\n", "x\n".repeat(filling / 2));
        let told = read(format!("claim_id,note,procedure,service_from,dx_1\n{text}").as_bytes());
        assert_eq!(told.problems.is_empty(), readable);
        assert!(told.claims.last().unwrap().starts_with("\"B\" P"));
        assert_eq!(told.claims.len() == 2, readable);
    }
}

#[test]
fn only_free_text_may_have_line_ends_between_quotes() {
    let header = "claim_id,payer_id,procedure,service_from,dx_1,note,remark\n";
    let row = |id: &str, payer: &str| format!("{id},{payer},99213,20240101,I10,,\n");
    let text =
        [("A", "PAY"), ("B", "\"PAY"), ("C", "PAY"), ("D", "PAY\""), ("E", "PAY")].map(|(id, payer)| row(id, payer));
    let told = read(format!("{header}{}", text.concat()).as_bytes());
    assert_eq!(problems(&told), ["1: StrayQuote row 3", "3: StrayQuote row 5"]);
    assert_eq!(told.claims.len(), 5);
    assert!(told.claims[4].starts_with("\"E\" P row 6"), "{}", told.claims[4]);
    for row in ["A,P,99213,20240101,I10,\"a\nb,c\",\n", "A,P,99213,20240101,I10,,\"a\n\nb,c\"\n"] {
        let told = read(format!("{header}{row}B,P,99213,20240101,I10,,\n").as_bytes());
        assert_eq!((told.claims.len(), problems(&told)), (2, vec![]), "{row}");
    }
}

#[test]
fn rows_within_free_text_are_rows() {
    let header = "claim_id,note,procedure,service_from,dx_1,units,charge,payer_id,patient_id\n";
    let row = |id: &str, note: &str| format!("{id},{note},99213,20240101,I10,1,10.00,P,X\n");
    let text = [row("A", "\"n"), row("B", ""), row("C", "n\""), row("D", "\"one, two,\nthree, and \"\"four\"\"\"")];
    let told = read(format!("{header}{}", text.concat()).as_bytes());
    assert_eq!(problems(&told), ["0: StrayQuote row 2", "2: StrayQuote row 4"]);
    assert_eq!(told.claims.len(), 4);
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

/// As spreadsheets leave them below a table, and between its parts.
#[test]
fn a_row_of_empty_fields_is_no_claim() {
    let empties = [
        ",,,",
        ",",
        ",,,,,,,",
        " , ,\t,",
        "\"\",\"\",\"\",\"\"",
        "\"\",,\" \",",
        ",,,\r",
        "\"\"",
        "\"\",\"\",\"\",\"\"\r",
    ];
    for empty in empties {
        for end in ["", "\n"] {
            let told = rows(&format!(
                "{empty}\nA,1,20240101,I10\n{empty}\nA,2,20240101,I10\n{empty}\n{empty}\nB,1,20240101,I10\n\
                 \"C\",1,20240101,I10\n{empty}\nC,2,20240101,I10\n{empty}{end}"
            ));
            assert!(told.problems.is_empty(), "{empty:?}: {:?}", told.problems);
            let [a, b, c] = told.claims.as_slice() else { panic!("{empty:?}: {:?}", told.claims) };
            assert!(a.starts_with("\"A\" P row 3") && a.contains("line=1 row=3") && a.contains("line=2 row=5"), "{a}");
            assert!(b.starts_with("\"B\" P row 8"), "{b}");
            assert!(c.starts_with("\"C\" P row 9") && c.contains("line=2 row=11"), "{c}");
        }
        assert!(rows(&format!("{empty}\n{empty}\n")).claims.is_empty(), "{empty:?}");
    }
    let tabs = read(b"claim_id\tprocedure\tservice_from\tdx_1\n\t\t\t\nA\t1\t20240101\tI10\n\t\t\t\n");
    assert!(tabs.problems.is_empty() && tabs.claims.len() == 1, "{tabs:?}");
    let before = read(format!(",,,\n \n,,,\r\n{HEADER}A,1,20240101,I10\n").as_bytes());
    assert!(before.claims.len() == 1 && before.claims[0].contains("row=5"), "{before:?}");
}

#[test]
fn a_row_with_anything_in_it_is_a_claim() {
    for row in [",,,I10", ",,,,I10", ",x", "\"\",\"\",\"\",\".\"", ",\"\"\"\",,", ",\",\",,", ",\r,,"] {
        let told = rows(&format!("A,1,20240101,I10\n{row}\nB,1,20240101,I10\n"));
        assert_eq!((told.claims.len(), told.problems.len()), (3, 1), "{row:?}: {told:?}");
        assert!(told.claims[1].contains("unreadable"), "{row:?}: {told:?}");
    }
}
