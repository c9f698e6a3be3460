//! Batches and chunks of claims: what they say of themselves, and where they are cut.

use crate::support::{HEADER, batch_of, each_batch, open, options, read_with};
use cleanclaim_claims::{ClaimBatch, ClaimReader, Columns, CsvOptions, Field};

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
fn debug_texts_hold_no_patient_data() {
    let mut reader = open(format!("{HEADER}SECRET,1,20240101,I10\n").as_bytes(), CsvOptions::default()).unwrap();
    let chunk = reader.next_chunk().unwrap().unwrap();
    let mut batch = ClaimBatch::default();
    reader.parser().parse(&chunk, &mut batch);
    assert_eq!(format!("{chunk:?}"), "Chunk(22 bytes from byte 37, row 2)");
    assert_eq!(format!("{batch:?}"), "ClaimBatch(1 claims, 1 lines, 0 problems)");
    assert!(!format!("{reader:?}").contains("SECRET"));
}
