//! Claims in typed columns: the same claims as text say the same; types of other programs; damage.
#![cfg(feature = "parquet")]
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, reason = "tests")]

use arrow_array::builder::{ListBuilder, StringBuilder};
use arrow_array::types::Int8Type;
use arrow_array::{
    ArrayRef, BinaryArray, BooleanArray, Date32Array, Date64Array, Decimal128Array, DictionaryArray, Float32Array,
    Float64Array, Int32Array, Int64Array, LargeStringArray, ListArray, RecordBatch, StringArray, StringViewArray,
    StructArray, TimestampMicrosecondArray, TimestampSecondArray,
};
use arrow_buffer::OffsetBuffer;
use arrow_ipc::CompressionType;
use arrow_ipc::writer::{FileWriter, IpcWriteOptions, StreamWriter};
use arrow_schema::{DataType, Field as Column, Schema};
use cleanclaim_claims::{
    ClaimBatch, ClaimReader, ColumnMap, ColumnarOptions, ColumnarReader, CsvOptions, CsvReader, Field, Input,
    ParquetRows, ParquetWriter, ProblemKind,
};
use parquet::arrow::ArrowWriter;
use parquet::basic::Compression;
use parquet::file::properties::WriterProperties;
use std::collections::HashMap;
use std::io::Cursor;
use std::sync::Arc;

/// Claims of one to four lines, with values of every kind of goodness, as CSV: some columns of every type.
fn csv(claims: u64, seed: u64) -> String {
    let mut state = seed;
    let mut draw = move |below: u64| {
        state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        (state >> 33) % below
    };
    let columns = [
        "claim_id",
        "claim_type",
        "birth_date",
        "sex",
        "claim_total",
        "state",
        "clia_number",
        "procedure",
        "service_from",
        "units",
        "charge",
        "modifier_1",
        "modifier_2",
        "dx_pointers",
        "place_of_service",
        "dx_1",
        "dx_2",
        "paid_amount",
    ];
    let mut text = columns.join(",") + "\n";
    for claim in 0..claims {
        let one = |of: &[&str], at: u64| of[at as usize].to_owned();
        let id = if draw(40) == 0 { String::new() } else { format!("C{}", claim - draw(2).min(claim)) };
        let head = [
            id,
            one(&["P", "I", "", "X"], draw(4)),
            one(&["19700102", "1970-01-02", "", "19701302"], draw(4)),
            one(&["F", "m", "", "?"], draw(4)),
            one(&["100", "100.5", "", "12.345"], draw(4)),
            one(&["NY", "ny", ""], draw(3)),
            one(&["05D1234567", ""], draw(2)),
        ];
        let dx = [one(&["E11.9", "e119", "", "way too long"], draw(4)), one(&["I10", ""], draw(2))];
        for _ in 0..1 + draw(4) {
            let mut head = head.clone();
            if draw(20) == 0 {
                head[4] = "7".to_owned();
            }
            let line = [
                one(&["99213", "g0008", "", "9921!"], draw(4)),
                one(&["20240105", "2024-01-05", "", "20240230"], draw(4)),
                one(&["1", "1.5", "", "x"], draw(4)),
                one(&["0", "12.30", "", "$5"], draw(4)),
                one(&["25", "lt", "", "???"], draw(4)),
                one(&["59", ""], draw(2)),
                one(&["1", "1:2", "AB", "", "1:x"], draw(5)),
                one(&["11", "1", ""], draw(3)),
            ];
            let row: Vec<&str> = head.iter().chain(&line).chain(&dx).map(String::as_str).collect();
            text.push_str(&(row.join(",") + ",1.25\n"));
        }
    }
    text
}

/// The columns of a CSV as text; nothing is null.
fn text_columns(csv: &str) -> RecordBatch {
    let mut rows = csv.lines().map(|line| line.split(','));
    let names: Vec<&str> = rows.next().unwrap().collect();
    let rows: Vec<Vec<&str>> = rows.map(Iterator::collect).collect();
    let column = |at: usize| -> ArrayRef {
        let values = rows.iter().map(|row| Some(row[at]).filter(|text| !text.is_empty()));
        // Each in another way to hold text.
        match at % 5 {
            0 => Arc::new(values.collect::<StringArray>()),
            1 => Arc::new(values.collect::<LargeStringArray>()),
            2 => Arc::new(values.collect::<StringViewArray>()),
            3 => Arc::new(values.collect::<DictionaryArray<Int8Type>>()),
            _ => Arc::new(values.map(|text| text.map(str::as_bytes)).collect::<BinaryArray>()),
        }
    };
    RecordBatch::try_from_iter_with_nullable((0..names.len()).map(|at| (names[at], column(at), true))).unwrap()
}

fn parquet(batch: &RecordBatch, rows: usize, compression: Compression) -> Vec<u8> {
    let properties =
        WriterProperties::builder().set_max_row_group_row_count(Some(rows)).set_compression(compression).build();
    let mut writer = ArrowWriter::try_new(Vec::new(), batch.schema(), Some(properties)).unwrap();
    writer.write(batch).unwrap();
    writer.into_inner().unwrap()
}

fn slices(batch: &RecordBatch, rows: usize) -> impl Iterator<Item = RecordBatch> {
    let count = batch.num_rows();
    (0..count).step_by(rows).map(move |start| batch.slice(start, rows.min(count - start)))
}

fn options(compression: Option<CompressionType>) -> IpcWriteOptions {
    IpcWriteOptions::default().try_with_compression(compression).unwrap()
}

fn stream(batch: &RecordBatch, rows: usize, compression: Option<CompressionType>) -> Vec<u8> {
    let mut writer = StreamWriter::try_new_with_options(Vec::new(), &batch.schema(), options(compression)).unwrap();
    slices(batch, rows).for_each(|slice| writer.write(&slice).unwrap());
    writer.into_inner().unwrap()
}

fn file(batch: &RecordBatch, rows: usize, compression: Option<CompressionType>) -> Vec<u8> {
    let mut writer = FileWriter::try_new_with_options(Vec::new(), &batch.schema(), options(compression)).unwrap();
    slices(batch, rows).for_each(|slice| writer.write(&slice).unwrap());
    writer.finish().unwrap();
    writer.into_inner().unwrap()
}

/// All that a reader gives, one claim or problem a line.
fn told(reader: &mut dyn ClaimReader) -> Result<Vec<String>, String> {
    let (parser, mut batch, mut told) = (reader.parser(), ClaimBatch::default(), Vec::new());
    while let Some(chunk) = reader.next_chunk().map_err(|error| error.to_string())? {
        parser.parse(&chunk, &mut batch);
        for claim in batch.iter() {
            let mut line = format!("{:?}", claim.row.unreadable);
            for field in Field::all() {
                let before = line.len();
                claim.push_field(field, &mut line);
                (0..claim.lines().len()).for_each(|number| claim.push_line_field(number, field, &mut line));
                if line.len() > before {
                    line.insert_str(before, &format!(" {field}="));
                }
            }
            for problem in claim.problems() {
                // Without the row: the header is one.
                let at = problem.line.map(|line| line - claim.row.lines.start);
                line += &format!(" | {:?} {:?} {at:?}", problem.kind, problem.field.map(|field| field.to_string()));
            }
            told.push(line);
        }
        reader.recycle(chunk.into_bytes());
    }
    Ok(told)
}

fn columnar(bytes: Vec<u8>, options: ColumnarOptions) -> Result<Vec<String>, String> {
    let input = Input::from_reader("claims", Cursor::new(bytes)).map_err(|error| error.to_string())?;
    told(&mut ColumnarReader::new(input, options).map_err(|error| error.to_string())?)
}

fn of_csv(text: &str) -> Vec<String> {
    let input = Input::from_reader("claims.csv", Cursor::new(text.to_owned())).unwrap();
    told(&mut CsvReader::new(input, CsvOptions::default()).unwrap()).unwrap()
}

fn chunks(chunk_rows: usize) -> ColumnarOptions {
    ColumnarOptions { chunk_rows, ..ColumnarOptions::default() }
}

/// What our own Parquet says of its claims stays with them when another program writes them as Arrow.
#[test]
fn a_schema_says_which_fields_the_input_could_give() {
    let batch = text_columns(&csv(3, 1));
    let said = [("cleanclaim.fields".to_owned(), "claim_id,procedure,service_from,dx_1".to_owned())];
    let schema = Schema::new_with_metadata(batch.schema().fields().clone(), HashMap::from(said));
    let batch = batch.with_schema(Arc::new(schema)).unwrap();
    for bytes in [parquet(&batch, 2, Compression::UNCOMPRESSED), file(&batch, 2, None), stream(&batch, 2, None)] {
        let input = Input::from_reader("claims", Cursor::new(bytes)).unwrap();
        let columns = ColumnarReader::new(input, ColumnarOptions::default()).unwrap().columns();
        assert!(columns.has(Field::Procedure) && !columns.has(Field::Units));
    }
}

#[test]
fn text_in_typed_columns_reads_as_the_csv_does_however_it_is_cut() {
    for seed in 0..12 {
        let text = csv(60, seed);
        let (expected, batch) = (of_csv(&text), text_columns(&text));
        assert!(expected.len() > 30);
        for rows in [1, 7, 1000] {
            for chunk_rows in [1, 5, 8192] {
                let written = [
                    parquet(&batch, rows, Compression::SNAPPY),
                    stream(&batch, rows, None),
                    file(&batch, rows, Some(CompressionType::LZ4_FRAME)),
                ];
                for (kind, bytes) in written.into_iter().enumerate() {
                    assert_eq!(columnar(bytes, chunks(chunk_rows)).unwrap(), expected, "{kind} {rows} {chunk_rows}");
                }
            }
        }
    }
}

#[test]
fn what_is_written_reads_as_what_it_was_written_of() {
    let text = csv(9000, 3);
    let write = || {
        let input = Input::from_reader("claims.csv", Cursor::new(text.clone())).unwrap();
        let mut reader = CsvReader::new(input, CsvOptions::default()).unwrap();
        let (parser, mut batch) = (reader.parser(), ClaimBatch::default());
        let (mut writer, mut file) = (ParquetWriter::new().unwrap(), Vec::new());
        while let Some(chunk) = reader.next_chunk().unwrap() {
            parser.parse(&chunk, &mut batch);
            writer.write(&ParquetRows::of(&batch).unwrap(), &mut file).unwrap();
        }
        writer.finish(&mut file).unwrap();
        file
    };
    let bytes = write();
    assert!(bytes == write());
    let (ours, theirs) = (columnar(bytes, ColumnarOptions::default()).unwrap(), of_csv(&text));
    assert_eq!(ours.len(), theirs.len());
    // What was wrong with rows is not written, only what was read of them.
    let fields = |line: &str| line.split(" | ").next().unwrap().to_owned();
    for (ours, theirs) in ours.iter().zip(&theirs) {
        assert_eq!(fields(ours), fields(theirs));
    }
}

fn of(columns: Vec<(&str, ArrayRef)>) -> Result<Vec<String>, String> {
    let batch = RecordBatch::try_from_iter_with_nullable(columns.into_iter().map(|(name, array)| (name, array, true)));
    columnar(stream(&batch.unwrap(), 1000, None), ColumnarOptions::default())
}

fn needed() -> Vec<(&'static str, ArrayRef)> {
    vec![
        ("Claim_ID", Arc::new(Int64Array::from(vec![7, 7])) as ArrayRef),
        ("procedure", Arc::new(Int32Array::from(vec![99213, 99214]))),
        ("service_from", Arc::new(Date32Array::from(vec![19_727, 19_728]))),
        ("dx_1", Arc::new(StringArray::from(vec!["E11.9", "E11.9"]))),
    ]
}

#[test]
fn values_of_other_types_mean_what_their_text_means() {
    let mut columns = needed();
    let lists = |values: [&[Option<&str>]; 2]| -> ArrayRef {
        let mut builder = ListBuilder::new(StringBuilder::new());
        values.iter().for_each(|list| builder.append_value(list.iter().copied()));
        Arc::new(builder.finish())
    };
    let more: Vec<(&str, ArrayRef)> = vec![
        ("birth_date", Arc::new(Date64Array::from(vec![-1, -1]))),
        ("statement_from", Arc::new(TimestampMicrosecondArray::from(vec![Some(-1), None]))),
        ("statement_to", Arc::new(TimestampSecondArray::from(vec![82_800, 82_800]).with_timezone("+01:00"))),
        ("received_date", Arc::new(Int32Array::from(vec![20_240_131, 20_240_131]))),
        ("claim_total", Arc::new(Decimal128Array::from(vec![-305, -305]).with_precision_and_scale(9, 3).unwrap())),
        ("charge", Arc::new(Float32Array::from(vec![120.1, 0.07]))),
        ("units", Arc::new(Float64Array::from(vec![Some(0.1 + 0.2), Some(f64::NAN)]))),
        ("place_of_service", Arc::new(Float64Array::from(vec![11.0, 2.0]))),
        ("billing_npi", Arc::new(Float64Array::from(vec![1_234_567_893.0; 2]))),
        ("emergency", Arc::new(BooleanArray::from(vec![Some(true), None]))),
        ("condition_codes", lists([&[Some("A1"), Some("44")], &[]])),
        ("modifiers", lists([&[Some("25"), None, Some("LT")], &[Some("59")]])),
        ("dx_pointers", lists([&[Some("1")], &[Some("1"), None]])),
        ("payer_id", Arc::new(arrow_array::NullArray::new(2))),
    ];
    columns.extend(more);
    let expected = "false claim_id=7 line_number=12 claim_type=P birth_date=1969-12-31 billing_npi=1234567893 \
                    statement_from=1969-12-31 statement_to=1970-01-02 received_date=2024-01-31 claim_total=-0.305 \
                    condition_codes=A1:44 service_from=2024-01-052024-01-06 place_of_service=1102 \
                    procedure=9921399214 units=0.3 charge=120.100.07 dx_pointers=11 \
                    emergency=Y modifier_1=2559 modifier_3=LT dx_1=E119 | \
                    BadValue { expected: \"an amount with at most two decimals\" } \
                    Some(\"claim_total\") None";
    assert_eq!(of(columns).unwrap(), [expected]);
}

#[test]
fn too_many_of_a_list_is_said() {
    let list = |count: usize, code: &str, beyond: &[Option<&str>]| -> ArrayRef {
        let mut builder = ListBuilder::new(StringBuilder::new());
        let all = || (0..count).map(|_| Some(code)).chain(beyond.iter().copied());
        (0..2).for_each(|_| builder.append_value(all()));
        Arc::new(builder.finish())
    };
    let told = |diagnoses: &[Option<&str>], modifiers: &[Option<&str>]| {
        let mut columns = needed();
        columns.retain(|(name, _)| *name != "dx_1");
        columns.push(("diagnoses", list(25, "E11.9", diagnoses)));
        columns.push(("modifiers", list(4, "25", modifiers)));
        of(columns).unwrap().remove(0)
    };
    let both = told(&[Some("I10"), Some("I11.9")], &[None, Some(" "), Some("59")]);
    for said in ["at most 25 diagnoses\" } Some(\"dx_26\")", "at most four modifiers\" } Some(\"modifier_5\")"] {
        assert!(both.contains(said), "{both}");
    }
    let nothing = told(&[None, Some("")], &[None]);
    assert!(!nothing.contains("TooMany"), "{nothing}");
}

#[test]
fn bytes_that_are_no_text_make_the_claim_unreadable() {
    let mut columns = needed();
    columns.push(("note", Arc::new(BinaryArray::from(vec![&b"fine"[..], b"\xffbad"]))));
    let told = of(columns).unwrap();
    assert!(told[0].starts_with("true ") && told[0].contains(&format!("{:?}", ProblemKind::NotUtf8 { at: 0 })));
}

#[test]
fn a_claim_that_was_unreadable_when_it_was_converted_still_is() {
    for (mark, expected) in [(Some(true), "true "), (Some(false), "false "), (None, "false ")] {
        let mut columns = needed();
        columns.push(("unreadable", Arc::new(BooleanArray::from(vec![mark, None]))));
        let told = of(columns).unwrap().remove(0);
        assert!(told.starts_with(expected), "{told}");
        assert_eq!(told.contains("marked as unreadable"), mark == Some(true));
    }
}

#[test]
fn columns_that_cannot_be_used_are_all_told() {
    let time = TimestampSecondArray::from(vec![0, 0]).with_timezone("America/New_York");
    let structs = StructArray::from(vec![(
        Arc::new(Column::new("a", DataType::Int32, true)),
        Arc::new(Int32Array::from(vec![1, 2])) as ArrayRef,
    )]);
    let error = of(vec![
        ("claimid", Arc::new(Int64Array::from(vec![7, 7]))),
        ("procedure", Arc::new(structs.clone())),
        ("service_from", Arc::new(time)),
        ("Service_From ", Arc::new(Date32Array::from(vec![1, 2]))),
        ("other", Arc::new(structs)),
    ])
    .unwrap_err();
    for said in [
        "claims: its columns cannot be used:",
        "no column \"claim_id\"; did you mean column 1 (\"claimid\")?",
        "\"procedure\" is of type",
        "is a time in zone America/New_York",
        "service_from is given by column 3 (\"service_from\") and column 4 (\"Service_From \"): keep one",
        "no column \"dx_1\"",
    ] {
        assert!(error.contains(said), "{error}");
    }
    assert!(!error.contains("other"), "{error}");
}

#[test]
fn a_row_may_be_a_claim_with_nested_lines() {
    let fields = vec![
        Arc::new(Column::new("procedure", DataType::Utf8, true)),
        Arc::new(Column::new("state", DataType::Utf8, true)),
    ];
    let structs = StructArray::try_new(
        fields.clone().into(),
        vec![
            Arc::new(StringArray::from(vec![Some("99213"), None, Some("99215")])),
            Arc::new(StringArray::from(vec!["NY"; 3])),
        ],
        Some(vec![true, false, true].into()),
    )
    .unwrap();
    let item = Arc::new(Column::new("item", DataType::Struct(fields.into()), true));
    let lines = ListArray::try_new(item, OffsetBuffer::from_lengths([2, 0, 1]), Arc::new(structs), None).unwrap();
    let columns: Vec<(&str, ArrayRef)> = vec![
        ("claim_id", Arc::new(StringArray::from(vec![Some("A"), None, Some("A")]))),
        ("SERVICE_FROM", Arc::new(Date32Array::from(vec![19_727; 3]))),
        ("dx_1", Arc::new(StringArray::from(vec!["I10"; 3]))),
        ("lines", Arc::new(lines)),
    ];
    let batch = RecordBatch::try_from_iter_with_nullable(columns.into_iter().map(|(name, array)| (name, array, true)));
    let bytes = parquet(&batch.unwrap(), 2, Compression::ZSTD(Default::default()));
    let input = Input::from_reader("claims", Cursor::new(bytes)).unwrap();
    let mut reader = ColumnarReader::new(input, chunks(1)).unwrap();
    assert_eq!(reader.notices(), ["column \"lines.state\" is ignored: state belongs to the claim, not to its lines"]);
    let expected = [
        "false claim_id=A line_number=12 claim_type=P service_from=2024-01-052024-01-05 procedure=99213 dx_1=I10",
        "true claim_type=P | NoClaimId Some(\"claim_id\") None",
        "false claim_id=A line_number=1 claim_type=P service_from=2024-01-05 procedure=99215 dx_1=I10",
    ];
    assert_eq!(told(&mut reader).unwrap(), expected);
}

#[test]
fn a_map_names_translates_and_joins_typed_columns_too() {
    let columns: Vec<(&str, ArrayRef)> = vec![
        ("id", Arc::new(StringArray::from(vec!["A"]))),
        ("code", Arc::new(StringArray::from(vec!["NONE"]))),
        ("day", Arc::new(StringArray::from(vec!["05-JAN-2024"]))),
        ("a", Arc::new(Int32Array::from(vec![13]))),
        ("b", Arc::new(Int32Array::from(vec![1]))),
        ("line_dx", Arc::new(StringArray::from(vec!["I10"]))),
        ("dx_1", Arc::new(StringArray::from(vec!["E11.9"]))),
    ];
    let map = "dates = 'DD-MON-YYYY'\n[columns]\nid = 'claim_id'\ncode = 'procedure'\nday = 'service_from'\nline_dx = \
               'line_diagnosis'\n[values.code]\nNONE = ''\n[fields]\nbill_type = '{a}{b}'\nclaim_type = 'I'\n";
    let map = ColumnMap::parse("map.toml", map).unwrap();
    let batch = RecordBatch::try_from_iter(columns).unwrap();
    let told = columnar(stream(&batch, 9, None), ColumnarOptions { map, ..ColumnarOptions::default() }).unwrap();
    let expected = "false claim_id=A line_number=1 claim_type=I bill_type=0131 service_from=2024-01-05 dx_pointers=2 dx_1=E119 dx_2=I10";
    assert_eq!(told, [expected]);
}

#[test]
fn a_claim_longer_than_is_taken_is_cut_in_two() {
    let rows = 100;
    let batch = RecordBatch::try_from_iter([
        ("claim_id", Arc::new(StringArray::from(vec!["A"; rows])) as ArrayRef),
        ("procedure", Arc::new(StringArray::from(vec!["99213"; rows]))),
        ("service_from", Arc::new(StringArray::from(vec!["20240105"; rows]))),
        ("dx_1", Arc::new(StringArray::from(vec!["I10"; rows]))),
    ])
    .unwrap();
    let options = ColumnarOptions { chunk_rows: 10, claim_rows: 40, ..ColumnarOptions::default() };
    assert_eq!(columnar(parquet(&batch, 1000, Compression::SNAPPY), options).unwrap().len(), 3);
}

/// Whatever is done to a file, reading it ends, with what could be read or an error that names the file.
#[test]
fn damage_is_an_error_or_read_over_and_nothing_else() {
    // What the decoders' panics say would fill the output.
    std::panic::set_hook(Box::new(|_| {}));
    let batch = text_columns(&csv(40, 5));
    let nested = {
        let input = Input::from_reader("claims.csv", Cursor::new(csv(40, 5))).unwrap();
        let mut reader = CsvReader::new(input, CsvOptions::default()).unwrap();
        let (mut claims, mut writer, mut file) = (ClaimBatch::default(), ParquetWriter::new().unwrap(), Vec::new());
        let chunk = reader.next_chunk().unwrap().unwrap();
        reader.parser().parse(&chunk, &mut claims);
        writer.write(&ParquetRows::of(&claims).unwrap(), &mut file).unwrap();
        writer.finish(&mut file).unwrap();
        file
    };
    let whole = [
        parquet(&batch, 50, Compression::SNAPPY),
        parquet(&batch, 50, Compression::ZSTD(Default::default())),
        nested,
        stream(&batch, 50, None),
        stream(&batch, 50, Some(CompressionType::LZ4_FRAME)),
        file(&batch, 50, Some(CompressionType::ZSTD)),
        file(&batch, 50, None),
    ];
    let mut state = 9u64;
    let mut draw = move |below: usize| {
        state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        (state >> 33) as usize % below
    };
    let (mut read, mut refused) = (0, 0);
    for bytes in &whole {
        for round in 0..400 {
            let mut damaged = bytes.clone();
            match round % 4 {
                0 => damaged.truncate(draw(bytes.len())),
                1 => {
                    let at = draw(bytes.len());
                    damaged[at] ^= 1 << draw(8);
                }
                2 => {
                    // Near the end, where directories are.
                    let at = bytes.len() - 1 - draw(bytes.len().min(3000));
                    damaged[at] = draw(256) as u8;
                }
                _ => {
                    let (at, length) = (draw(bytes.len()), 1 + draw(16));
                    damaged.iter_mut().skip(at).take(length).for_each(|byte| *byte = draw(256) as u8);
                }
            }
            match columnar(damaged, chunks(64)) {
                Ok(_) => read += 1,
                Err(error) => {
                    assert!(error.contains("claims: ") && error.len() < 2000, "{error}");
                    refused += 1;
                }
            }
        }
    }
    let _ = std::panic::take_hook();
    assert!(read > 100 && refused > 500, "{read} {refused}");
}

#[test]
fn what_is_no_such_file_is_refused() {
    for bytes in
        [&b"PAR1"[..], b"PAR1PAR1", b"ARROW1\0\0", b"ARROW1\0\0\0\0ARROW1", b"\xff\xff\xff\xff\x08\0\0\0abcdefgh"]
    {
        let error = columnar(bytes.to_vec(), ColumnarOptions::default()).unwrap_err();
        assert!(error.starts_with("claims: cannot be read as "), "{error}");
    }
    // A schema and no rows are no claims.
    let empty = RecordBatch::new_empty(Arc::new(Schema::new(vec![
        Column::new("claim_id", DataType::Utf8, true),
        Column::new("procedure", DataType::Utf8, true),
        Column::new("service_from", DataType::Utf8, true),
        Column::new("dx_1", DataType::Utf8, true),
    ])));
    for bytes in [parquet(&empty, 1, Compression::SNAPPY), stream(&empty, 1, None), file(&empty, 1, None)] {
        assert_eq!(columnar(bytes, ColumnarOptions::default()).unwrap(), [""; 0]);
    }
}
