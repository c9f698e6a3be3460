//! Reads JSON in chunks of whole values.

use super::parse::JsonParser;
use super::split::{Layout, Values, last_line_end};
use crate::input::{Input, ReadError};
use crate::reader::{Chunk, ChunkParser, ClaimReader, Gap, MOST_CHUNK, MOST_CLAIM};
use crate::{Columns, Place};
use memchr::{memchr, memchr_iter};
use std::sync::Arc;

/// Chunks that have come back and wait to be filled again.
const MAX_SPARE: usize = 16;
/// Bytes read at a time while the rest of a value that is too long is passed over.
const BLOCK: usize = 64 * 1024;
/// Bytes kept of a value that is too long: its id may be among them.
const KEPT: usize = 64 * 1024;

/// The schema of claims as JSON.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum JsonSchema {
    /// Our own, `schema/claim.schema.json`: [`crate::Claim`] with numbers taken where they are natural.
    Own,
    /// FHIR R4 resources: `Claim`, or `Bundle` with claims in it.
    Fhir,
}

/// How to read JSON.
#[derive(Clone, Debug)]
pub struct JsonOptions {
    /// Bytes of a chunk, about: a chunk ends between values, so it has fewer, or more for a value that is longer.
    pub chunk_bytes: usize,
    /// The most bytes of one value: a claim, or a whole FHIR Bundle. A longer one is an unreadable claim.
    pub value_bytes: usize,
}

impl Default for JsonOptions {
    fn default() -> JsonOptions {
        JsonOptions { chunk_bytes: 1024 * 1024, value_bytes: 128 * 1024 * 1024 }
    }
}

/// Reads claims from JSON. See [`ClaimReader`] for how it is used.
///
/// ```
/// use cleanclaim_claims::{ClaimBatch, ClaimReader, Input, JsonOptions, JsonReader, JsonSchema};
/// let text = r#"{"claim_id":"C1","diagnoses":["E11.9"],"lines":[{"procedure":"99213","units":2,"charge":120.5}]}"#;
/// let input = Input::from_reader("claims.ndjson", text.as_bytes())?;
/// let mut reader = JsonReader::new(input, JsonSchema::Own, JsonOptions::default());
/// let mut batch = ClaimBatch::default();
/// if let Some(chunk) = reader.next_chunk()? {
///     reader.parser().parse(&chunk, &mut batch);
/// }
/// assert_eq!(batch.claim(0).lines()[0].charge.value().map(|charge| charge.cents()), Some(12_050));
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Debug)]
pub struct JsonReader {
    input: Input,
    parser: Arc<JsonParser>,
    layout: Layout,
    options: JsonOptions,
    /// Read and not given out yet, and where it begins.
    pending: Vec<u8>,
    start: Place,
    /// The values of `pending`, in a document, and the end of the last whole one.
    values: Values,
    whole: usize,
    ended: bool,
    /// Why the input cannot be read further, to be told once the values before are given out.
    failed: Option<ReadError>,
    spare: Vec<Vec<u8>>,
}

impl JsonReader {
    /// A reader of claims of this schema. Nothing is read yet.
    pub fn new(input: Input, schema: JsonSchema, options: JsonOptions) -> JsonReader {
        let layout = Layout::of(input.head());
        let start = Place { offset: input.offset(), row: 1 };
        let chunk_bytes = options.chunk_bytes.clamp(1, MOST_CHUNK);
        let options = JsonOptions { chunk_bytes, value_bytes: options.value_bytes.clamp(chunk_bytes, MOST_CLAIM) };
        let parser = JsonParser::new(schema, input.head(), layout, options.value_bytes);
        JsonReader {
            input,
            parser: Arc::new(parser),
            layout,
            options,
            pending: Vec::new(),
            start,
            values: Values::default(),
            whole: 0,
            ended: false,
            failed: None,
            spare: Vec::new(),
        }
    }

    /// Reads until `pending` has `target` bytes or the input ends or fails, and finds the last value that is whole.
    fn fill(&mut self, target: usize) {
        while !self.ended && self.failed.is_none() && self.pending.len() < target {
            let most = target - self.pending.len();
            let read = self.input.append(&mut self.pending, most);
            self.ended = matches!(read, Ok(0));
            self.failed = read.err();
        }
        match self.layout {
            Layout::Lines => self.whole = last_line_end(&self.pending),
            Layout::Document => {
                while let Some(value) = self.values.next(&self.pending, false) {
                    self.whole = value.end;
                }
                // An array without its end was cut short. That is told as a value that is none; one that is not whole
                // is told anyway.
                if self.ended && self.values.is_within_array() {
                    self.pending.push(b'{');
                    while self.values.next(&self.pending, false).is_some() {}
                }
            }
        }
    }

    /// Gives out the first `at` bytes of `pending`.
    fn take(&mut self, at: usize) -> Chunk {
        let mut next = self.spare.pop().unwrap_or_default();
        next.clear();
        next.reserve(self.options.chunk_bytes.max(self.pending.len() - at));
        next.extend_from_slice(&self.pending[at..]);
        let mut bytes = std::mem::replace(&mut self.pending, next);
        bytes.truncate(at);
        self.values.forget(at);
        self.whole = 0;
        let rows = memchr_iter(b'\n', &bytes).count() as u64;
        let chunk = Chunk { bytes, start: self.start, ..Chunk::default() };
        self.start = Place { offset: self.start.offset + at as u64, row: self.start.row + rows };
        chunk
    }

    /// Gives out the beginning of a value that is too long, and passes over its rest.
    fn take_too_long(&mut self) -> Chunk {
        let kept = KEPT.min(self.pending.len());
        let mut block = self.pending.split_off(kept);
        let mut rows = memchr_iter(b'\n', &self.pending).count() as u64;
        let mut left_out = 0;
        self.values.forget(kept);
        loop {
            let (passed, found) = match self.layout {
                Layout::Lines => match memchr(b'\n', &block) {
                    Some(newline) => (newline + 1, true),
                    None => (block.len(), false),
                },
                Layout::Document => match self.values.next(&block, false) {
                    Some(value) => (value.end, true),
                    None => (self.values.looked_at(), false),
                },
            };
            left_out += passed as u64;
            rows += memchr_iter(b'\n', &block[..passed]).count() as u64;
            self.values.forget(passed);
            block.drain(..passed);
            if found {
                break;
            }
            let read = self.input.append(&mut block, BLOCK);
            if !matches!(read, Ok(1..)) {
                (self.ended, left_out) = (read.is_ok(), left_out + block.len() as u64);
                self.failed = read.err();
                block.clear();
                break;
            }
        }
        let bytes = std::mem::replace(&mut self.pending, block);
        let gaps = vec![Gap { at: bytes.len(), left_out }];
        let chunk = Chunk { bytes, start: self.start, gaps, ..Chunk::default() };
        self.start = Place { offset: self.start.offset + kept as u64 + left_out, row: self.start.row + rows };
        self.whole = 0;
        chunk
    }
}

impl ClaimReader for JsonReader {
    fn name(&self) -> &str {
        self.input.name()
    }

    fn columns(&self) -> Columns {
        self.parser.columns()
    }

    fn notices(&self) -> &[String] {
        &[]
    }

    fn rows_make_claims(&self) -> bool {
        false
    }

    fn next_chunk(&mut self) -> Result<Option<Chunk>, ReadError> {
        let mut target = self.options.chunk_bytes;
        loop {
            self.fill(target);
            if self.ended {
                let rest = self.pending.len();
                return Ok((rest > 0).then(|| self.take(rest)));
            }
            if self.whole > 0 {
                return Ok(Some(self.take(self.whole)));
            }
            if let Some(error) = self.failed.take() {
                // What is left may be half a value, and no end of an array is missed.
                self.pending.clear();
                (self.ended, self.values) = (true, Values::default());
                return Err(error);
            }
            if self.pending.len() >= self.options.value_bytes {
                // Blank space has no value to be too long.
                let blank = self.layout == Layout::Document && self.values.begun_at().is_none();
                return Ok(Some(if blank { self.take(self.pending.len()) } else { self.take_too_long() }));
            }
            target = self.pending.len().saturating_mul(2).min(self.options.value_bytes);
        }
    }

    fn recycle(&mut self, bytes: Vec<u8>) {
        // Memory that one long value took is given back.
        if self.spare.len() < MAX_SPARE && bytes.capacity() <= self.options.chunk_bytes.saturating_mul(4) {
            self.spare.push(bytes);
        }
    }

    fn parser(&self) -> Arc<dyn ChunkParser> {
        self.parser.clone()
    }
}
