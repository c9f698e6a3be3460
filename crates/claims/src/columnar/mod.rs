//! Claims in typed columns: Apache Parquet, and Apache Arrow IPC, files and streams.
//!
//! One row a service line, with the columns of the CSV, where the rows of a claim stand together; or one row a claim,
//! with the service lines nested in a column `lines`, a list of structs. Several values of one kind may be a list:
//! `diagnoses` for `dx_1` and on, `modifiers` for `modifier_1` and on, and every field that is a list in one text.
//!
//! Values may have the types that other programs give them, and mean what the same text means in a CSV. Days are
//! dates, timestamps of no zone or a fixed one, texts, or whole numbers as 20240131; amounts are decimals, floats
//! (to the nearest cent), whole numbers or texts. A null is a field that is not given, and so is a float that is no
//! number: some programs have no other null.

mod cell;
mod ipc;
mod layout;
mod parse;
mod read;
mod write;

pub(crate) use read::Rows;
pub use read::{ColumnarError, ColumnarOptions, ColumnarReader, panic_is_damage};
pub use write::{ParquetRows, ParquetWriter};
