//! Reads a CSV in chunks of every size, and shows all that was read of it.

use cleanclaim_claims::{ClaimBatch, ClaimReader, CsvOptions, CsvReader, Field, Given, Input};
use codes::Code;
use proptest::prelude::ProptestConfig;
use std::io::Cursor;

/// Chunk sizes from one byte to more than any fixture.
pub const SIZES: [usize; 6] = [1, 7, 64, 333, 4096, 1 << 20];

pub fn options(chunk_bytes: usize) -> CsvOptions {
    CsvOptions { chunk_bytes, ..CsvOptions::default() }
}

pub fn open(bytes: &[u8], options: CsvOptions) -> Result<CsvReader, String> {
    let input = Input::from_reader("claims.csv", Cursor::new(bytes.to_vec())).map_err(|error| error.to_string())?;
    CsvReader::new(input, options).map_err(|error| error.to_string())
}

/// Reads everything, calling `on_batch` for each chunk's claims.
pub fn each_batch(bytes: &[u8], options: CsvOptions, mut on_batch: impl FnMut(&ClaimBatch)) {
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
pub struct Told {
    pub claims: Vec<String>,
    pub problems: Vec<String>,
}

pub fn tell(batch: &ClaimBatch, told: &mut Told) {
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

pub fn show(code: Code) -> String {
    if code.is_malformed() { "!".to_owned() } else { code.to_string() }
}

pub fn given<T: std::fmt::Debug>(value: Given<T>) -> String {
    match value {
        Given::Absent => String::new(),
        Given::Invalid => "!".to_owned(),
        Given::Is(value) => format!("{value:?}"),
    }
}

pub fn read_with(bytes: &[u8], options: CsvOptions) -> Told {
    let mut told = Told::default();
    each_batch(bytes, options, |batch| tell(batch, &mut told));
    told
}

/// Reads with every chunk size; all must say the same.
pub fn read(bytes: &[u8]) -> Told {
    let whole = read_with(bytes, options(1 << 20));
    for size in SIZES {
        assert!(read_with(bytes, options(size)) == whole, "chunks of {size} bytes");
    }
    whole
}

/// The one batch of a small file.
pub fn batch_of(text: &str) -> ClaimBatch {
    let mut reader = open(text.as_bytes(), CsvOptions::default()).unwrap();
    let mut batch = ClaimBatch::default();
    let chunk = reader.next_chunk().unwrap().unwrap();
    reader.parser().parse(&chunk, &mut batch);
    assert!(reader.next_chunk().unwrap().is_none());
    batch
}

pub const HEADER: &str = "claim_id,procedure,service_from,dx_1\n";

/// Reads rows under the shortest header.
pub fn rows(rows: &str) -> Told {
    read(format!("{HEADER}{rows}").as_bytes())
}

/// The problems alone, without their offsets.
pub fn problems(told: &Told) -> Vec<&str> {
    told.problems.iter().map(|problem| problem.split(" at ").next().unwrap_or_default()).collect()
}

/// No file of past failures: those become tests of their own.
pub fn cases(cases: u32) -> ProptestConfig {
    ProptestConfig { failure_persistence: None, ..ProptestConfig::with_cases(cases) }
}
