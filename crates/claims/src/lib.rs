//! Claims as the scrubber holds them: a [`ClaimBatch`] of flat arrays, and one reader a claim format.
//!
//! A reader never drops a claim. What it cannot read becomes a [`Problem`] with its place, on the claim it
//! belongs to, and the reading goes on; only a file that cannot be read at all stops it.

mod batch;
mod field;
mod problem;

pub use batch::{ClaimBatch, ClaimRow, ClaimView, Columns, Given, LineRow, Place, Span};
pub use field::Field;
pub use problem::{Problem, ProblemKind};
