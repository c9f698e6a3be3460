//! Every reader over the same bytes, whatever they are: no panic, an end, and the same claims however they are cut.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, reason = "tests")]

use cleanclaim_claims::{
    ClaimBatch, ClaimFormat, ClaimReader, ColumnMap, CsvOptions, CsvReader, Input, JsonOptions, JsonReader, JsonSchema,
    X12Options, X12Reader,
};
#[cfg(feature = "parquet")]
use cleanclaim_claims::{ColumnarOptions, ColumnarReader};
use proptest::prelude::*;
use std::io::{self, Cursor, Read};

/// How a reader of each kind is opened, with chunks of so many bytes; `None` where it refuses the input.
type Open = fn(Input, usize) -> Option<Box<dyn ClaimReader>>;

fn csv(input: Input, chunk_bytes: usize, map: ColumnMap) -> Option<CsvReader> {
    CsvReader::new(input, CsvOptions { chunk_bytes, map, ..CsvOptions::default() }).ok()
}

fn json(input: Input, chunk_bytes: usize, schema: JsonSchema) -> Option<Box<dyn ClaimReader>> {
    Some(Box::new(JsonReader::new(input, schema, JsonOptions { chunk_bytes, ..JsonOptions::default() })))
}

const READERS: [(&str, Open); 6] = [
    ("CSV", |input, size| Some(Box::new(csv(input, size, ColumnMap::default())?))),
    ("CSV grouped", |input, size| Some(Box::new(csv(input, size, ColumnMap::default())?.grouped(None).ok()?))),
    ("RIF", |input, size| Some(Box::new(csv(input, size, ColumnMap::named("rif")?)?))),
    ("X12", |input, chunk_bytes| {
        Some(Box::new(X12Reader::new(input, X12Options { chunk_bytes, ..X12Options::default() }).ok()?))
    }),
    ("NDJSON", |input, size| json(input, size, JsonSchema::Own)),
    ("FHIR", |input, size| json(input, size, JsonSchema::Fhir)),
];

/// The claims of an input, each with its lines and whether it could be read; `None` when it is refused or cannot be read
/// to its end.
fn claims(bytes: &[u8], open: Open, chunk_bytes: usize) -> Option<Vec<(String, usize, bool)>> {
    let input = Input::from_reader("claims", Cursor::new(bytes.to_vec())).ok()?;
    let mut reader = open(input, chunk_bytes)?;
    let (parser, mut batch, mut all) = (reader.parser(), ClaimBatch::default(), Vec::new());
    while let Some(chunk) = reader.next_chunk().ok()? {
        parser.parse(&chunk, &mut batch);
        all.extend(batch.iter().map(|claim| (claim.id().to_owned(), claim.lines().len(), claim.row.unreadable)));
        reader.recycle(chunk.into_bytes());
    }
    Some(all)
}

const RIF: &str = "CLM_ID|BENE_ID|NCH_NEAR_LINE_REC_IDENT_CD|CLM_FROM_DT|CLM_THRU_DT|ICD_DGNS_CD1|LINE_NUM|HCPCS_CD\
                   |LINE_1ST_EXPNS_DT|LINE_LAST_EXPNS_DT|LINE_ICD_DGNS_CD|LINE_PLACE_OF_SRVC_CD|LINE_SRVC_CNT\
                   |LINE_SBMTD_CHRG_AMT\n";
const CSV: &str = "claim_id,procedure,service_from,dx_1\n";
const X12: &str = "ISA*00*          *00*          *ZZ*A              *ZZ*B              *240105*1200*^*00501*000000001\
                   *0*P*:~GS*HC*A*B*20240105*1200*1*X*005010X222A1~ST*837*0001*005010X222A1~";

/// Text of which claims of every format are made, and bytes of which none is.
fn piece() -> impl Strategy<Value = Vec<u8>> {
    let known = prop::sample::select(vec![
        CSV,
        RIF,
        X12,
        "C1,99213,20240105,E119\n",
        "C1|B1|O|05-JAN-2024|06-JAN-2024|E119|1|99213|05-JAN-2024|05-JAN-2024|E119|11|1|12.50\n",
        "C1|-1|O|05-XXX-2024||\"|1|",
        "HL*1**20*1~HL*2*1*22*0~",
        "CLM*C1*10***11:B:1*Y*A*Y*Y~HI*ABK:E119~LX*1~SV1*HC:99213*10*UN*1***1~DTP*472*D8*20240105~",
        "SE*9*0001~GE*1*1~IEA*1*000000001~",
        "{\"claim_id\":\"C1\",\"lines\":[{\"procedure\":\"99213\",\"service_from\":\"20240105\"}]}\n",
        "{\"resourceType\":\"Claim\",\"id\":\"C1\",\"item\":[{\"sequence\":1}]}\n",
        "{\"resourceType\":\"Bundle\",\"entry\":[{\"resource\":",
        "]}",
        "[",
        "\"",
        "\n",
        "\r\n",
        "|",
        "~",
        "*",
    ]);
    prop_oneof![
        8 => known.prop_map(|text| text.as_bytes().to_vec()),
        1 => prop::collection::vec(any::<u8>(), 0..40),
    ]
}

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::with_cases(400) })]

    #[test]
    fn every_reader_takes_any_bytes_and_cutting_does_not_show(
        begin in prop::sample::select(vec!["", CSV, RIF, X12, "{", "["]),
        pieces in prop::collection::vec(piece(), 0..14),
        cut in any::<prop::sample::Index>(),
        size in 1..200usize,
    ) {
        let mut bytes = [begin.as_bytes(), &pieces.concat()].concat();
        bytes.truncate(cut.index(bytes.len() + 1));
        for (name, open) in READERS {
            let whole = claims(&bytes, open, 1 << 20);
            for size in [size, 1] {
                prop_assert_eq!(&claims(&bytes, open, size), &whole, "{} in chunks of {}", name, size);
            }
        }
        // What is not even to be opened is said to be so.
        let Ok(input) = Input::from_reader("claims", Cursor::new(bytes.clone())) else { return Ok(()) };
        let known: Option<ClaimFormat> = input.recognise();
        prop_assert!(known.is_none() || !bytes.is_empty());
        #[cfg(feature = "parquet")]
        prop_assert!(ColumnarReader::new(input, ColumnarOptions::default()).is_err());
    }

    /// A row of a claim file of CMS is never lost: it is a line, or its claim is unreadable.
    #[test]
    fn no_row_of_a_mapped_file_is_lost(
        rows in prop::collection::vec(prop::collection::vec("[0-9A-Z.\\-]{0,11}", 14), 0..30), size in 1..500usize,
    ) {
        let lines: Vec<String> =
            rows.iter().enumerate().map(|(row, values)| format!("R{row}|{}\n", values[1..].join("|"))).collect();
        let text = format!("{RIF}{}", lines.concat());
        let read = claims(text.as_bytes(), READERS[2].1, size).unwrap();
        prop_assert_eq!(read.len(), rows.len());
        for (row, (id, lines, unreadable)) in read.iter().enumerate() {
            prop_assert_eq!(id, &format!("R{row}"));
            prop_assert!(*lines == 1 || *unreadable);
        }
    }
}

/// Options may ask for chunks, claims and segments of any size.
#[test]
fn the_largest_sizes_that_options_can_ask_for_are_taken() {
    const MOST: usize = usize::MAX;
    let x12 = format!(
        "{X12}HL*1**20*1~HL*2*1*22*0~CLM*C1*10***11:B:1*Y*A*Y*Y~HI*ABK:E119~LX*1~{}",
        "NTE*ADD*X~".repeat(9_000)
    );
    let ndjson = "{\"claim_id\":\"C1\",\"lines\":[]}\n".repeat(9_000);
    let input = |text: String| Input::from_reader("claims", Cursor::new(text)).unwrap();
    let options = X12Options { chunk_bytes: MOST, claim_bytes: MOST, segment_bytes: MOST, trace: false };
    let mut readers: [(Box<dyn ClaimReader>, usize); 3] = [
        (Box::new(X12Reader::new(input(x12), options).unwrap()), 1),
        (
            Box::new(JsonReader::new(
                input(ndjson),
                JsonSchema::Own,
                JsonOptions { chunk_bytes: MOST, value_bytes: MOST },
            )),
            9_000,
        ),
        (
            Box::new(
                CsvReader::new(
                    input(format!("{CSV}C1,99213,20240105,E119\n")),
                    CsvOptions { chunk_bytes: MOST, claim_bytes: MOST, ..CsvOptions::default() },
                )
                .unwrap(),
            ),
            1,
        ),
    ];
    for (reader, claims) in &mut readers {
        let (parser, mut batch, mut read) = (reader.parser(), ClaimBatch::default(), 0);
        while let Some(chunk) = reader.next_chunk().unwrap() {
            parser.parse(&chunk, &mut batch);
            read += batch.claims.len();
        }
        assert_eq!(read, *claims);
    }
}

/// Gives the bytes and then fails, as a disk or a connection does.
struct Broken(Cursor<Vec<u8>>);

impl Read for Broken {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        match self.0.read(buffer)? {
            0 => Err(io::ErrorKind::ConnectionReset.into()),
            read => Ok(read),
        }
    }
}

/// Wherever an input fails, the claims that are known to be whole come first, and no half one.
#[test]
fn an_input_that_fails_gives_its_whole_claims_first() {
    let rows: String = (0..9).map(|row| format!("C{},99213,20240105,E119\n", row / 2)).collect();
    let levels = |claim: u32| {
        format!(
            "HL*{}*1*22*0~CLM*C{claim}*10***11:B:1*Y*A*Y*Y~HI*ABK:E119~LX*1~SV1*HC:99213*10*UN*1***1~\
             DTP*472*D8*20240105~",
            claim + 2
        )
    };
    let claims_837: String = (0..5).map(levels).collect();
    let own = |claim: u32| {
        let procedure = if claim == 2 { "99213\\n" } else { "99213" };
        format!(
            "{{\"claim_id\":\"C{claim}\",\"lines\":[{{\"procedure\":\"{procedure}\",\"service_from\":\"20240105\"}}]}}"
        )
    };
    let own: Vec<String> = (0..5).map(own).collect();
    let texts = [
        ("CSV", format!("{CSV}{rows}")),
        ("CSV", format!("{CSV}{rows}").replace("99213", "\"99213\"")),
        ("X12", format!("{X12}HL*1**20*1~{claims_837}SE*9*0001~GE*1*1~IEA*1*000000001~")),
        ("NDJSON", own.join("\n") + "\n"),
        ("NDJSON", format!("[\n{}\n]", own.join(",\n"))),
    ];
    for (name, text) in texts {
        let open = READERS.iter().find(|(own, _)| *own == name).unwrap().1;
        for size in [1, 60, 1 << 20] {
            let whole = claims(text.as_bytes(), open, size).unwrap();
            let mut most = 0;
            for upto in 1..=text.len() {
                let part = text.as_bytes()[..upto].to_vec();
                let input = Input::from_reader("claims", Broken(Cursor::new(part.clone()))).unwrap();
                // Of a header that is not whole nothing can be read.
                let Some(mut reader) = open(input, size) else { continue };
                let (parser, mut batch, mut given) = (reader.parser(), ClaimBatch::default(), Vec::new());
                let error = loop {
                    match reader.next_chunk() {
                        Ok(chunk) => parser.parse(&chunk.expect("an error is no end"), &mut batch),
                        Err(error) => break error,
                    }
                    given.extend(batch.iter().map(|own| (own.id().to_owned(), own.lines().len(), own.row.unreadable)));
                };
                assert!(error.to_string().contains(&format!("byte {upto}")), "{error}");
                assert!(reader.next_chunk().unwrap().is_none(), "{name}: more after the error");
                assert!(whole.starts_with(&given), "{name} up to byte {upto}, in chunks of {size}: {given:?}");
                // The last claim may go on, and a row or line after it is not whole.
                let begun = claims(&part, open, size).map_or(0, |begun| begun.len());
                assert!(given.len() + 2 >= begun, "{name} up to byte {upto}, in chunks of {size}: {given:?}");
                most = most.max(given.len());
            }
            assert!(most + 1 >= whole.len(), "{name} in chunks of {size}: {most}");
        }
    }
}

/// The bracket of an array stands behind blank lines, in a chunk that is not the first.
#[test]
fn an_array_behind_blank_lines_is_read_alike_in_chunks_of_any_size() {
    let claim = r#"{"claim_id":"C1","lines":[{"procedure":"99213","service_from":"20240105"}]}"#;
    for text in [format!("\n\n \n[{claim},\n{claim}]"), format!("\n[{claim}"), "\n[nonsense\nand more".to_owned()] {
        for (name, open) in READERS.into_iter().filter(|(name, _)| matches!(*name, "NDJSON" | "FHIR")) {
            let whole = claims(text.as_bytes(), open, 1 << 20);
            assert!(whole.as_ref().is_some_and(|claims| !claims.is_empty()), "{name}: {text:?}");
            for size in 1..text.len() {
                assert_eq!(claims(text.as_bytes(), open, size), whole, "{name} in chunks of {size}: {text:?}");
            }
        }
    }
}

/// Input that unpacks to a hundred times its size is read in bounded memory, though it be one claim.
#[test]
fn what_unpacks_to_much_takes_no_more_memory() {
    const ROWS: usize = 400_000;
    let text = [CSV, &"C1,99213,20240105,E119\n".repeat(ROWS)].concat();
    let packed = zstd::encode_all(text.as_bytes(), 3).unwrap();
    assert!(packed.len() * 100 < text.len());
    let input = Input::from_reader("claims", Cursor::new(packed)).unwrap();
    let options = CsvOptions { chunk_bytes: 1 << 16, claim_bytes: 1 << 20, ..CsvOptions::default() };
    let mut reader = CsvReader::new(input, options).unwrap();
    let (parser, mut batch, mut lines, mut most) = (reader.parser(), ClaimBatch::default(), 0, 0);
    while let Some(chunk) = reader.next_chunk().unwrap() {
        parser.parse(&chunk, &mut batch);
        lines += batch.lines.len();
        let bytes = chunk.into_bytes();
        most = most.max(bytes.capacity());
        reader.recycle(bytes);
    }
    assert_eq!(lines, ROWS);
    assert!(most < 4 << 20, "{most} bytes");
}
