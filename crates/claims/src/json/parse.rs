//! Chunks of JSON values into claims.

use super::read::JsonSchema;
use super::split::{Layout, Values};
use super::write::read_input_fields;
use super::{fhir, own};
use crate::reader::{Chunk, ChunkParser};
use crate::values::OpenClaim;
use crate::{ClaimBatch, Columns, Field, Place, ProblemKind};
use memchr::{memchr, memchr_iter};

/// Bytes of a name of the input's own that a problem shows.
const MAX_SHOWN: usize = 80;

/// Turns the chunks of one input into claims.
#[derive(Debug)]
pub(super) struct JsonParser {
    schema: JsonSchema,
    layout: Layout,
    value_bytes: usize,
    /// The fields that claims can have.
    columns: Columns,
}

/// A text of the input that is JSON, or should be, and where it stands.
#[derive(Clone, Copy)]
pub(super) struct Value<'t> {
    pub(super) text: &'t str,
    pub(super) place: Place,
}

impl JsonParser {
    /// A parser for an input that begins so.
    pub(super) fn new(schema: JsonSchema, head: &[u8], layout: Layout, value_bytes: usize) -> JsonParser {
        let columns = match schema {
            JsonSchema::Own => read_input_fields(head).unwrap_or(Columns::ALL),
            JsonSchema::Fhir => fhir::COLUMNS,
        };
        JsonParser { schema, layout, value_bytes, columns }
    }

    pub(super) fn columns(&self) -> Columns {
        self.columns
    }

    /// Reads one value, `bytes` being trimmed.
    fn value(&self, bytes: &[u8], place: Place, batch: &mut ClaimBatch) {
        match std::str::from_utf8(bytes) {
            Ok(text) => self.text(Value { text, place }, batch),
            Err(error) => {
                let at = u32::try_from(error.valid_up_to()).unwrap_or(u32::MAX);
                refuse(batch, b"", ProblemKind::NotUtf8 { at }, place);
            }
        }
    }

    fn text(&self, value: Value<'_>, batch: &mut ClaimBatch) {
        match self.schema {
            JsonSchema::Own => own::read(value, None, batch),
            JsonSchema::Fhir => fhir::read(value, batch),
        }
    }

    /// A value of which only the beginning was kept.
    fn too_long(&self, bytes: &[u8], place: Place, batch: &mut ClaimBatch) {
        let kind = ProblemKind::TooLong { limit: u32::try_from(self.value_bytes).unwrap_or(u32::MAX) };
        let upto = match std::str::from_utf8(bytes) {
            Ok(_) => bytes.len(),
            Err(error) => error.valid_up_to(),
        };
        let text = bytes.get(..upto).and_then(|bytes| std::str::from_utf8(bytes).ok()).unwrap_or_default();
        match self.schema {
            JsonSchema::Own => own::read(Value { text, place }, Some(kind), batch),
            JsonSchema::Fhir => refuse(batch, b"", kind, place),
        }
    }
}

impl ChunkParser for JsonParser {
    fn parse(&self, chunk: &Chunk, batch: &mut ClaimBatch) {
        batch.clear();
        batch.columns = self.columns();
        let bytes = chunk.bytes.as_slice();
        if !chunk.gaps.is_empty() {
            // In an array, what separates it from the value before is still there.
            let separates = |byte: &u8| byte.is_ascii_whitespace() || *byte == b',';
            let blank = bytes.iter().take_while(|byte| separates(byte)).count();
            let rows = memchr_iter(b'\n', &bytes[..blank]).count() as u64;
            let place = Place { offset: chunk.start.offset + blank as u64, row: chunk.start.row + rows };
            return self.too_long(&bytes[blank..], place, batch);
        }
        match self.layout {
            Layout::Lines => {
                let (mut at, mut row) = (0, chunk.start.row);
                while at < bytes.len() {
                    let end = memchr(b'\n', &bytes[at..]).map_or(bytes.len(), |newline| at + newline);
                    let line = &bytes[at..end];
                    let text = line.trim_ascii_start();
                    let start = at + line.len() - text.len();
                    let text = text.trim_ascii_end();
                    if !text.is_empty() {
                        self.value(text, Place { offset: chunk.offset(start), row }, batch);
                    }
                    (at, row) = (end + 1, row + 1);
                }
            }
            Layout::Document => {
                let (mut values, mut counted, mut row) = (Values::default(), 0, chunk.start.row);
                while let Some(value) = values.next(bytes, true) {
                    row += memchr_iter(b'\n', &bytes[counted..value.start]).count() as u64;
                    counted = value.start;
                    let place = Place { offset: chunk.offset(value.start), row };
                    self.value(bytes[value].trim_ascii_end(), place, batch);
                }
            }
        }
    }
}

/// A claim that is nothing but a problem.
pub(super) fn refuse(batch: &mut ClaimBatch, id: &[u8], kind: ProblemKind, place: Place) {
    let field = matches!(kind, ProblemKind::NoClaimId).then_some(Field::ClaimId);
    let mut open = OpenClaim::open(batch, id, place);
    open.problem(batch, kind, field, place);
    open.close(batch);
}

/// The problem of a text that is not the JSON it should be.
pub(super) fn not_json(text: &str, error: &serde_json::Error) -> ProblemKind {
    // Lines and columns count from 1, columns in bytes.
    let lines: usize = text.split_inclusive('\n').take(error.line().saturating_sub(1)).map(str::len).sum();
    let at = if error.is_eof() { text.len() } else { lines + error.column().saturating_sub(1) };
    ProblemKind::NotJson { at: u32::try_from(at.min(text.len())).unwrap_or(u32::MAX) }
}

/// What a name of the input's own is shown as: no more of it than tells it.
pub(super) fn shown(name: &str) -> Box<str> {
    let mut end = name.len().min(MAX_SHOWN);
    while !name.is_char_boundary(end) {
        end -= 1;
    }
    name.get(..end).unwrap_or_default().into()
}
