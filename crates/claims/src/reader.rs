//! What the engine asks of a reader of any claim format.

use crate::input::ReadError;
use crate::{ClaimBatch, Columns, Place};
use std::fmt;
use std::sync::Arc;

/// A reader of one claim format over one input.
///
/// Reading has two halves. [`ClaimReader::next_chunk`] is sequential and cheap: it takes bytes from the input and
/// cuts them between claims; one thread after another may call it. [`ChunkParser::parse`] turns the bytes of a chunk into
/// claims and may run on many chunks at a time. What the chunks are depends on the input alone, never on threads or timing.
pub trait ClaimReader: Send {
    /// The input's name, as findings give it.
    fn name(&self) -> &str;

    /// The fields that the input can give at all.
    fn columns(&self) -> Columns;

    /// What the user should know about the input beside its findings: columns that are ignored, for one. What a
    /// reader learns only on its way is added at the end of the input.
    fn notices(&self) -> &[String];

    /// Whether rows make the claims, so that a claim's rows may lie apart and its id come back. Where the format
    /// itself holds a claim together, two claims of one id are two claims.
    fn rows_make_claims(&self) -> bool {
        true
    }

    /// Whether acknowledgments answer the input: whether it is X12.
    fn is_acknowledged(&self) -> bool {
        false
    }

    /// The next claims, or `None` at the end of the input.
    ///
    /// # Errors
    ///
    /// [`ReadError`] when the input itself cannot be read further: no disk, or compressed data that is damaged.
    /// The claims that are known to be whole come before it, and nothing after it.
    fn next_chunk(&mut self) -> Result<Option<Chunk>, ReadError>;

    /// Takes back the memory of a chunk that has been parsed ([`Chunk::into_bytes`]), to fill it again.
    fn recycle(&mut self, bytes: Vec<u8>);

    /// The parser of this reader's chunks, to be shared by the workers.
    fn parser(&self) -> Arc<dyn ChunkParser>;
}

/// Turns chunks into claims.
pub trait ChunkParser: Send + Sync {
    /// Empties the batch and fills it with the claims of the chunk. Never fails: what cannot be read becomes a
    /// [`crate::Problem`] of a claim.
    fn parse(&self, chunk: &Chunk, batch: &mut ClaimBatch);
}

/// Whole claims as the input has them, and where in it they stand.
#[derive(Clone, Default)]
pub struct Chunk {
    pub(crate) bytes: Vec<u8>,
    /// Where the first row begins.
    pub(crate) start: Place,
    /// Where bytes of an overlong row were left out.
    pub(crate) gaps: Vec<Gap>,
    /// When rows do not stand in the input as they do here: where each begins here and where it came from.
    pub(crate) marks: Vec<Mark>,
    /// What the claims of an 837 stand under.
    pub(crate) x12: Option<Box<crate::x12::Head>>,
    /// Rows of typed columns instead of bytes.
    #[cfg(feature = "parquet")]
    pub(crate) rows: Option<Box<crate::columnar::Rows>>,
}

/// The most bytes of a chunk or of a segment, whatever is asked for: so many are taken at a time.
pub(crate) const MOST_CHUNK: usize = 256 * 1024 * 1024;
/// The most bytes of a claim or a value, whatever is asked for: places in a chunk are numbers of 32 bits.
pub(crate) const MOST_CLAIM: usize = 1024 * 1024 * 1024;

/// The bytes of the first chunks of an input.
const FIRST: usize = 256 * 1024;

/// The bytes of the next chunk, at most so many, of an input of which these were read: a sixteenth of them, so that a short
/// input is shared among many workers, and a long one is not handed on more often than pays.
pub(crate) fn next_chunk_bytes(read: u64, most: usize) -> usize {
    usize::try_from(read / 16).unwrap_or(most).clamp(FIRST.min(most), most)
}

/// A part of the input that was too long to keep.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Gap {
    /// The first byte of the chunk that stands after it.
    pub(crate) at: usize,
    /// Bytes left out.
    pub(crate) left_out: u64,
}

/// A row that was moved.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Mark {
    /// Where the row begins in the chunk.
    pub(crate) at: u32,
    /// Where it began in the input.
    pub(crate) place: Place,
}

impl Chunk {
    /// The number of bytes; of typed columns, how many they take in memory, about.
    pub fn len(&self) -> usize {
        #[cfg(feature = "parquet")]
        if let Some(rows) = &self.rows {
            return rows.bytes();
        }
        self.bytes.len()
    }

    /// Whether there is nothing in it.
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// Where the chunk's first row begins in the input.
    pub fn place(&self) -> Place {
        self.marks.first().map_or(self.start, |mark| mark.place)
    }

    /// The chunk's memory, to be given back to the reader ([`ClaimReader::recycle`]).
    pub fn into_bytes(self) -> Vec<u8> {
        self.bytes
    }

    /// Where in the input the byte at `at` stands.
    #[inline]
    pub(crate) fn offset(&self, at: usize) -> u64 {
        let left_out: u64 = self.gaps.iter().take_while(|gap| gap.at <= at).map(|gap| gap.left_out).sum();
        self.start.offset + at as u64 + left_out
    }
}

impl fmt::Debug for Chunk {
    // Counts only: a chunk is patient data, and what is printed may end in a log.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let place = self.place();
        write!(f, "Chunk({} bytes from byte {}, row {})", self.len(), place.offset, place.row)
    }
}
