//! Chunks of JSON values into claims.

use super::read::JsonSchema;
use super::split::{Layout, Values, next_object, skip_between};
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
            Ok(text) => {
                self.text(Value { text, place }, batch);
            }
            Err(error) => {
                let at = u32::try_from(error.valid_up_to()).unwrap_or(u32::MAX);
                refuse(batch, b"", ProblemKind::NotUtf8 { at }, place);
            }
        }
    }

    /// Reads the value that a text begins with; gives where the next one begins, or the text ends, when all is well up
    /// to there.
    fn text(&self, value: Value<'_>, batch: &mut ClaimBatch) -> Option<usize> {
        match self.schema {
            JsonSchema::Own => own::read(value, None, batch),
            JsonSchema::Fhir => fhir::read(value, batch),
        }
    }

    /// Reads the values of a line, trimmed: mostly one.
    fn line(&self, line: &[u8], place: Place, batch: &mut ClaimBatch) {
        let Ok(text) = std::str::from_utf8(line) else { return self.values(line, place, batch) };
        let mut at = 0;
        while let Some(text) = text.get(at..).filter(|rest| !rest.is_empty()) {
            let place = Place { offset: place.offset + at as u64, ..place };
            if text.starts_with('[') {
                return self.values(text.as_bytes(), place, batch);
            }
            let next = self.text(Value { text, place }, batch);
            at += next.or_else(|| next_object(text.as_bytes())).unwrap_or(text.len());
        }
    }

    /// Reads the values of a line that has arrays of them, or bytes that are not UTF-8.
    #[cold]
    fn values(&self, line: &[u8], place: Place, batch: &mut ClaimBatch) {
        let listed = line.first() == Some(&b'[');
        let (mut values, mut first) = (Values::default(), true);
        loop {
            let next = values.next(line, false);
            if next.is_none() && values.is_within_array() {
                let place = Place { offset: place.offset + line.len() as u64, ..place };
                return refuse(batch, b"", ProblemKind::NotJson { at: 0 }, place);
            }
            let Some(value) = next.or_else(|| values.next(line, true)) else { break };
            let place = Place { offset: place.offset + value.start as u64, ..place };
            let text = line.get(value).unwrap_or_default().trim_ascii_end();
            // Of text outside of arrays the first piece tells.
            if std::mem::take(&mut first) || listed || text.starts_with(b"{") {
                self.value(text, place, batch);
            }
        }
        if first {
            self.value(line, place, batch);
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
            JsonSchema::Own => {
                own::read(Value { text, place }, Some(kind), batch);
            }
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
            let separates = |byte: &u8| byte.is_ascii_whitespace() || matches!(byte, b',' | b'[' | b']');
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
                        self.line(text, Place { offset: chunk.offset(start), row }, batch);
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

/// Where the value begins that follows on the first one of a text, when the text did not end there. A comma may end it,
/// too.
pub(super) fn another(text: &str, error: &serde_json::Error) -> Option<usize> {
    let ProblemKind::NotJson { at } = not_json(text, error) else { return None };
    let next = skip_between(text.as_bytes(), at as usize);
    text.as_bytes().get(next).is_none_or(|byte| matches!(byte, b'{' | b'[')).then_some(next)
}

/// What a name of the input's own is shown as: no more of it than tells it.
pub(super) fn shown(name: &str) -> Box<str> {
    let mut end = name.len().min(MAX_SHOWN);
    while !name.is_char_boundary(end) {
        end -= 1;
    }
    name.get(..end).unwrap_or_default().into()
}
