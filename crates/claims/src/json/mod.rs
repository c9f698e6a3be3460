//! Claims as JSON: our own schema (`schema/claim.schema.json`, one claim a line) and FHIR R4 `Claim`.
//!
//! Both come as one value a line, which is how large files come, or as one document: a value printed over many
//! lines, several of them, or an array. Blanks and commas may stand between values, on a line too; an array within an
//! array, or a second one, is read as its values. An object of our own schema that has nothing but claims in an array
//! (`{"claims": […]}`) is read as those. A line that cannot be read is one unreadable claim, and the next line is
//! read; in a document there is nothing to begin again at, so what follows a damaged value is lost with it, and said
//! to be.

mod fhir;
mod number;
mod own;
mod parse;
mod read;
mod split;
mod write;

pub use read::{JsonOptions, JsonReader, JsonSchema};
pub use write::{input_fields, write_claim};

/// Our own schema as a JSON Schema (draft 2020-12): what a line of NDJSON may hold.
pub const CLAIM_SCHEMA: &str = include_str!("../../schema/claim.schema.json");
