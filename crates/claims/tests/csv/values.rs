//! Values: bad ones, and those of a claim's later rows that disagree with its first.

use crate::support::{HEADER, each_batch, options, problems, read};
use cleanclaim_claims::Field;

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
          A,1,20240101,P,\"I10\",E119\n\"A\",1,20240101,P,I10,\"E11.9\"\nA,1,20240101,\"P\r\",I10,E119\n\
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
