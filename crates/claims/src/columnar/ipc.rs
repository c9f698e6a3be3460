//! The messages of an Arrow IPC stream, and of a file, which is a stream between marks.

use super::read::Damage;
use crate::input::{Input, ReadError};
use arrow_array::RecordBatch;
use arrow_buffer::Buffer;
use arrow_ipc::reader::StreamDecoder;
use arrow_ipc::{Message, root_as_message};
use arrow_schema::SchemaRef;
use std::collections::VecDeque;

const FILE: &[u8] = b"ARROW1";
/// What stands before the length of a message's header, in all but the oldest streams.
const CONTINUATION: [u8; 4] = [0xff; 4];
const END: [u8; 8] = [0xff, 0xff, 0xff, 0xff, 0, 0, 0, 0];
/// The most bytes of a message's header.
const MAX_HEADER: usize = 64 * 1024 * 1024;
/// The most bytes that a message's compressed columns may unpack to.
const MAX_UNPACKED: i64 = 4 * 1024 * 1024 * 1024;
/// Bytes taken from the input at a time: a length that is not true takes no memory.
const STEP: usize = 1024 * 1024;

/// A stream being read, message by message. Reading a file needs no look at its end: every writer puts the batches
/// in the order in which the directory there lists them, and dictionaries before their use.
pub(super) struct Messages {
    input: Input,
    decoder: StreamDecoder,
    /// Batches decoded and not given out yet.
    ready: VecDeque<RecordBatch>,
    ended: bool,
    is_file: bool,
}

/// Why a message could not be read.
pub(super) enum Fault {
    Input(ReadError),
    Damaged(Damage),
}

impl From<ReadError> for Fault {
    fn from(error: ReadError) -> Fault {
        Fault::Input(error)
    }
}

fn damaged<T>(what: impl ToString) -> Result<T, Fault> {
    Err(Fault::Damaged(Damage(what.to_string())))
}

impl Messages {
    /// Reads up to the schema.
    pub(super) fn new(mut input: Input) -> Result<(Messages, SchemaRef), Fault> {
        let is_file = input.head().starts_with(FILE);
        if is_file {
            let mut mark = Vec::new();
            // The mark, and two bytes that make it eight.
            exact(&mut input, &mut mark, FILE.len() + 2)?;
        }
        let mut messages =
            Messages { input, decoder: StreamDecoder::new(), ready: VecDeque::new(), ended: false, is_file };
        loop {
            if let Some(schema) = messages.decoder.schema() {
                return Ok((messages, schema));
            }
            if messages.ended {
                return damaged("there is no schema");
            }
            messages.step(!is_file)?;
        }
    }

    /// The next batch.
    pub(super) fn next(&mut self) -> Result<Option<RecordBatch>, Fault> {
        loop {
            if let Some(batch) = self.ready.pop_front() {
                return Ok(Some(batch));
            }
            if self.ended {
                return Ok(None);
            }
            self.step(true)?;
        }
    }

    /// Takes one message. Zeros end the stream, unless they fill up the mark of a file before its `first` message.
    fn step(&mut self, begun: bool) -> Result<(), Fault> {
        let mut message = Vec::new();
        if self.input.append(&mut message, 4)? == 0 {
            // A stream may end without saying so, a file may not.
            return if self.is_file { damaged("it ends before its last message") } else { self.end() };
        }
        more(&mut self.input, &mut message, 4)?;
        if message == CONTINUATION {
            more(&mut self.input, &mut message, 8)?;
        } else if message == [0; 4] && !begun {
            return Ok(());
        }
        let length = message.last_chunk::<4>().map_or(0, |bytes| u32::from_le_bytes(*bytes)) as usize;
        if length == 0 {
            return self.end();
        }
        if length > MAX_HEADER {
            return damaged(format_args!("the header of a message has {length} bytes"));
        }
        let start = message.len();
        more(&mut self.input, &mut message, start + length)?;
        let header = message.get(start..).unwrap_or_default();
        let body = match root_as_message(header) {
            Ok(message) => usize::try_from(message.bodyLength()),
            Err(error) => return damaged(error),
        };
        let (Ok(body), at) = (body, message.len()) else { return damaged("a message has a length below zero") };
        let Some(end) = at.checked_add(body) else { return damaged("a message is longer than memory") };
        more(&mut self.input, &mut message, end)?;
        if let Some(header) = message.get(start..at)
            && let Ok(header) = root_as_message(header)
            && !unpacks(&header, message.get(at..).unwrap_or_default())
        {
            return damaged("compressed columns of a message unpack to more than 4 GiB: write smaller batches");
        }
        self.feed(Buffer::from_vec(message))
    }

    /// Ends the stream; a message without a body is decoded only when something follows it.
    fn end(&mut self) -> Result<(), Fault> {
        self.ended = true;
        self.feed(Buffer::from(&END))
    }

    fn feed(&mut self, mut bytes: Buffer) -> Result<(), Fault> {
        loop {
            match self.decoder.decode(&mut bytes) {
                Ok(Some(batch)) => self.ready.push_back(batch),
                Ok(None) => return Ok(()),
                Err(error) => return damaged(error),
            }
        }
    }
}

/// Reads on until `to` has `length` bytes.
fn more(input: &mut Input, to: &mut Vec<u8>, length: usize) -> Result<(), Fault> {
    while to.len() < length {
        if input.append(to, (length - to.len()).min(STEP))? == 0 {
            return damaged("it ends within a message");
        }
    }
    Ok(())
}

fn exact(input: &mut Input, to: &mut Vec<u8>, length: usize) -> Result<(), Fault> {
    to.clear();
    more(input, to, length)
}

/// Whether the compressed columns of a message unpack to no more than is taken. Each begins with its length, which
/// the decoder believes.
fn unpacks(message: &Message<'_>, body: &[u8]) -> bool {
    let batch = message.header_as_record_batch();
    let Some(batch) = batch.or_else(|| message.header_as_dictionary_batch()?.data()) else { return true };
    let (Some(_), Some(buffers)) = (batch.compression(), batch.buffers()) else { return true };
    let length = |buffer: &arrow_ipc::Buffer| {
        let start = usize::try_from(buffer.offset()).ok()?;
        body.get(start..)?.first_chunk::<8>().map(|bytes| i64::from_le_bytes(*bytes))
    };
    let all = buffers.iter().filter(|buffer| buffer.length() > 0).filter_map(length);
    all.map(|length| length.max(0)).try_fold(0i64, i64::checked_add).is_some_and(|sum| sum <= MAX_UNPACKED)
}
