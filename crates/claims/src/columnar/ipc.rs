//! Arrow IPC: streams, message after message, and files, by the directory at their end.
//!
//! Arrow's own decoder turns messages into batches. Finding them is done here, since it believes what a message says
//! of lengths, and the length of a damaged one must take no memory.

use super::read::Damage;
use crate::input::{Input, ReadError};
use arrow_array::RecordBatch;
use arrow_buffer::Buffer;
use arrow_ipc::convert::try_fb_to_schema;
use arrow_ipc::reader::{FileDecoder, StreamDecoder, read_footer_length};
use arrow_ipc::{Block, Message, root_as_footer, root_as_message};
use arrow_schema::SchemaRef;
use std::collections::VecDeque;
use std::fmt;
use std::fs::File;
use std::io::{Read, Seek, SeekFrom};
use std::sync::Arc;

/// What a file begins with.
pub(super) const FILE: &[u8] = b"ARROW1";
/// What stands before the length of a message's header, in all but the oldest streams.
const CONTINUATION: [u8; 4] = [0xff; 4];
const END: [u8; 8] = [0xff, 0xff, 0xff, 0xff, 0, 0, 0, 0];
/// The most bytes of a message's header, or of a file's directory.
const MAX_HEADER: usize = 64 * 1024 * 1024;
/// The most bytes that a message's compressed columns may unpack to, all together.
const MAX_UNPACKED: i64 = 2 * 1024 * 1024 * 1024;
/// How many times its length a compressed column may unpack to, beyond so many bytes. Columns of claims do not come
/// near it, and a damaged length mostly does.
const MAX_RATIO: i64 = 1024;
const UNPACKED_ANYHOW: i64 = 64 * 1024 * 1024;
const TOO_MUCH: &str = "compressed columns of a batch are said to unpack to more than 2 GiB, or to more than can be";
/// Bytes taken from a stream at a time: a length that is not true takes no memory.
const STEP: usize = 1024 * 1024;

/// Why a batch could not be read.
pub(super) enum Fault {
    Input(ReadError),
    Damaged(Damage),
}

impl From<ReadError> for Fault {
    fn from(error: ReadError) -> Fault {
        Fault::Input(error)
    }
}

fn damaged<T>(what: impl fmt::Display) -> Result<T, Fault> {
    Err(Fault::Damaged(Damage::new(&what)))
}

/// A file, whose directory says where its batches are.
pub(super) struct Blocks {
    file: File,
    length: u64,
    decoder: FileDecoder,
    blocks: VecDeque<Block>,
}

impl Blocks {
    /// Reads the directory, the schema and the dictionaries.
    pub(super) fn new(mut file: File) -> Result<(Blocks, SchemaRef), Fault> {
        let length = file.seek(SeekFrom::End(0)).map_err(unread)?;
        let tail = part(&mut file, length, length.saturating_sub(10), 10)?;
        let Ok(tail) = tail.try_into() else { return damaged("it is too short") };
        let footer = match read_footer_length(tail) {
            Ok(footer) if footer <= MAX_HEADER => footer as u64,
            Ok(footer) => return damaged(format_args!("its directory has {footer} bytes")),
            Err(_) => return damaged("it does not end as an Arrow file does"),
        };
        let Some(start) = length.checked_sub(10 + footer) else { return damaged("its directory is longer than it") };
        let footer = part(&mut file, length, start, footer)?;
        let footer = match root_as_footer(&footer) {
            Ok(footer) => footer,
            Err(error) => return damaged(error),
        };
        let Some(schema) = footer.schema() else { return damaged("there is no schema") };
        if !schema.endianness().equals_to_target_endianness() {
            return damaged("its numbers are in the byte order of another kind of machine");
        }
        let schema = match try_fb_to_schema(schema) {
            Ok(schema) => Arc::new(schema),
            Err(error) => return damaged(error),
        };
        let decoder = FileDecoder::new(Arc::clone(&schema), footer.version());
        let blocks = footer.recordBatches().iter().flatten().copied().collect();
        let mut blocks = Blocks { file, length, decoder, blocks };
        for block in footer.dictionaries().iter().flatten() {
            let bytes = blocks.block(block)?;
            if let Err(error) = blocks.decoder.read_dictionary(block, &bytes) {
                return damaged(error);
            }
        }
        Ok((blocks, schema))
    }

    /// The next batch.
    pub(super) fn next(&mut self) -> Result<Option<RecordBatch>, Fault> {
        while let Some(block) = self.blocks.pop_front() {
            let bytes = self.block(&block)?;
            match self.decoder.read_record_batch(&block, &bytes) {
                Ok(Some(batch)) => return Ok(Some(batch)),
                Ok(None) => {}
                Err(error) => return damaged(error),
            }
        }
        Ok(None)
    }

    fn block(&mut self, block: &Block) -> Result<Buffer, Fault> {
        let number = |number: i64| u64::try_from(number).ok();
        let (Some(start), Some(header), Some(body)) =
            (number(block.offset()), number(block.metaDataLength().into()), number(block.bodyLength()))
        else {
            return damaged("its directory has a length below zero");
        };
        let Some(length) = header.checked_add(body).filter(|_| header >= 8) else {
            return damaged("its directory has a length that cannot be");
        };
        let bytes = part(&mut self.file, self.length, start, length)?;
        let (header, body) = bytes.split_at_checked(header as usize).unwrap_or_default();
        let message = header.strip_prefix(&CONTINUATION).unwrap_or(header).get(4..).unwrap_or_default();
        match root_as_message(message) {
            Ok(message) if unpacks(&message, body) => Ok(Buffer::from_vec(bytes)),
            Ok(_) => damaged(TOO_MUCH),
            Err(error) => damaged(error),
        }
    }
}

fn unread(error: std::io::Error) -> Fault {
    Fault::Damaged(Damage::new(&error))
}

/// A part of a file of so many bytes.
fn part(file: &mut File, length: u64, start: u64, count: u64) -> Result<Vec<u8>, Fault> {
    if start.checked_add(count).is_none_or(|end| end > length) {
        return damaged("its directory leads beyond its end");
    }
    file.seek(SeekFrom::Start(start)).map_err(unread)?;
    let mut bytes = Vec::new();
    let read = file.by_ref().take(count).read_to_end(&mut bytes).map_err(unread)?;
    if read as u64 == count { Ok(bytes) } else { damaged("it became shorter while it was read") }
}

/// A stream being read, message by message.
pub(super) struct Messages {
    input: Input,
    decoder: StreamDecoder,
    /// Batches decoded and not given out yet.
    ready: VecDeque<RecordBatch>,
    ended: bool,
}

impl Messages {
    /// Reads up to the schema.
    pub(super) fn new(input: Input) -> Result<(Messages, SchemaRef), Fault> {
        let mut messages = Messages { input, decoder: StreamDecoder::new(), ready: VecDeque::new(), ended: false };
        loop {
            if let Some(schema) = messages.decoder.schema() {
                return Ok((messages, schema));
            }
            if messages.ended {
                return damaged("there is no schema");
            }
            messages.step()?;
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
            self.step()?;
        }
    }

    /// Takes one message.
    fn step(&mut self) -> Result<(), Fault> {
        let mut message = Vec::new();
        if self.input.append(&mut message, 4)? == 0 {
            // A stream need not say that it ends.
            return self.end();
        }
        more(&mut self.input, &mut message, 4)?;
        if message == CONTINUATION {
            more(&mut self.input, &mut message, 8)?;
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
        let at = message.len();
        let body = match root_as_message(message.get(start..).unwrap_or_default()) {
            Ok(message) => usize::try_from(message.bodyLength()).ok().and_then(|body| at.checked_add(body)),
            Err(error) => return damaged(error),
        };
        let Some(end) = body else { return damaged("a message has a length that cannot be") };
        more(&mut self.input, &mut message, end)?;
        if let Some((header, body)) = message.split_at_checked(at)
            && let Ok(header) = root_as_message(header.get(start..).unwrap_or_default())
            && !unpacks(&header, body)
        {
            return damaged(TOO_MUCH);
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

/// Whether the compressed columns of a message unpack to no more than is taken. Each begins with its length, which
/// the decoder believes.
fn unpacks(message: &Message<'_>, body: &[u8]) -> bool {
    let batch = message.header_as_record_batch();
    let Some(batch) = batch.or_else(|| message.header_as_dictionary_batch()?.data()) else { return true };
    let (Some(_), Some(buffers)) = (batch.compression(), batch.buffers()) else { return true };
    let mut all = 0i64;
    for buffer in buffers.iter().filter(|buffer| buffer.length() > 0) {
        let start = usize::try_from(buffer.offset()).ok();
        let length = start.and_then(|start| body.get(start..)?.first_chunk::<8>());
        // -1 stands for a column that is not compressed.
        let length = length.map_or(0, |bytes| i64::from_le_bytes(*bytes)).max(0);
        let most = buffer.length().saturating_mul(MAX_RATIO).max(UNPACKED_ANYHOW);
        all = all.saturating_add(length);
        if length > most || all > MAX_UNPACKED {
            return false;
        }
    }
    true
}
