//! The CSV reader: one row a service line, a header, RFC 4180.
//!
//! Rows of one claim stand together. The claim's own fields are those of its first readable row; a further row that
//! gives another value has a [`crate::ProblemKind::Disagrees`]. A row that cannot be read makes its claim
//! unreadable, or is an unreadable claim by itself when its claim id cannot be read either.

mod fields;
mod further;
mod group;
mod header;
mod parse;
mod read;
mod record;
mod split;

pub use group::GroupedReader;
pub use read::{CsvError, CsvOptions, CsvReader};
