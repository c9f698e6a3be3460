//! Claims as the scrubber holds them: a [`ClaimBatch`] of flat arrays, and one reader a claim format.
//!
//! A reader never drops a claim. What it cannot read becomes a [`Problem`] with its place, on the claim it
//! belongs to, and the reading goes on; only a file that cannot be read at all stops it.
//!
//! ```
//! use cleanclaim_claims::{ClaimBatch, ClaimReader, CsvOptions, CsvReader, Input};
//! let text = "claim_id,procedure,service_from,dx_1\nC1,99213,20240105,E11.9\n";
//! let input = Input::from_reader("claims.csv", text.as_bytes())?;
//! let mut reader = CsvReader::new(input, CsvOptions::default())?;
//! let (parser, mut batch) = (reader.parser(), ClaimBatch::default());
//! while let Some(chunk) = reader.next_chunk()? {
//!     parser.parse(&chunk, &mut batch);
//!     for claim in batch.iter() {
//!         assert_eq!((claim.id(), claim.lines().len()), ("C1", 1));
//!     }
//!     reader.recycle(chunk.into_bytes());
//! }
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```

mod apart;
mod batch;
mod beside;
mod blocks;
mod claim;
#[cfg(feature = "parquet")]
mod columnar;
mod csv;
mod field;
mod input;
mod json;
mod map;
mod origin;
mod pointers;
mod problem;
mod reader;
mod recognise;
mod structure;
mod text_file;
mod texts;
mod trace;
mod values;
mod x12;

pub use apart::ClaimIdWindow;
pub use batch::{ClaimBatch, ClaimRow, ClaimView, Columns, Given, LineRow, Place, Span};
pub use beside::DiagnosisBeside;
pub use claim::{Claim, Line};
#[cfg(feature = "parquet")]
pub use columnar::{ColumnarError, ColumnarOptions, ColumnarReader, ParquetRows, ParquetWriter, panic_is_damage};
pub use csv::{CsvError, CsvOptions, CsvReader, GroupedReader};
pub use field::Field;
pub use input::{Input, ReadError};
pub use json::{CLAIM_SCHEMA, JsonOptions, JsonReader, JsonSchema, input_fields, write_claim};
pub use map::{ColumnMap, MapError};
pub use origin::{ElementId, Origin};
pub use problem::{Problem, ProblemKind};
pub use reader::{Chunk, ChunkParser, ClaimReader};
pub use recognise::ClaimFormat;
pub use structure::{Fault, Shown, Structure, Tag};
pub use text_file::{line_and_column, read_text_file};
pub use trace::{Envelope, EnvelopeMark, TraceSegment};
pub use x12::{X12Error, X12Options, X12Reader};
