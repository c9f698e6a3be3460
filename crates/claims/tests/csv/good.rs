//! What a good file gives.

use crate::support::{HEADER, SIZES, Told, batch_of, each_batch, given, options, read, rows};
use codes::ClaimType;

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
