//! How findings and summaries are written: one writer a format. It knows what edits report, never the engine.
//!
//! - [`FindingWriter`] writes one finding after another, in any thread, to a buffer of that thread.
//! - [`FindingFile`] joins these buffers, in input order, to one output.
//! - [`Tally`] counts the claims, charges and findings of a part of a run, [`Summary`] those of all of it with the
//!   outcomes of every edit; [`Summary::write_text`] and [`Summary::write_html`] say them to a person,
//!   [`Summary::write_json`] to a program.
//! - [`Acknowledgment`] answers an X12 input with a 999 or 277CA.
//! - [`AtomicFile`] is an output file that is whole, or is not there.
//!
//! Nothing here reads a clock or depends on the number of threads: the same findings give the same bytes.

mod acknowledge;
mod atomic;
mod entry;
mod escape;
mod finding;
mod number;
mod summary;

pub use acknowledge::{Acknowledgment, AcknowledgmentKind, AcknowledgmentPart, rejects};
pub use atomic::AtomicFile;
pub use entry::EditEntry;
pub use finding::{Context, FindingFile, FindingWriter, Format};
pub use summary::{Charges, FileCounts, FindingCounts, Notice, Summary, SuppressionFacts, SuppressionUse, Tally};
