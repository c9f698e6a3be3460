//! The X12 837 reader: professional, institutional and dental claims (005010X222A1, X223A2, X224A2).
//!
//! Reading goes in two halves. The sequential one ([`X12Reader`]) finds segments, follows the envelope and the
//! hierarchical levels, and cuts the input between claims; each chunk brings the segments that its claims are under. The
//! parallel one turns the segments of a chunk into claims. Elements are read where they stand: a segment that is out of
//! its place, or that the guides do not know, keeps no claim from being read.

mod claim;
mod guide;
mod head;
mod header;
mod id;
mod line;
mod loops;
mod parse;
mod read;
mod segment;
mod segments;
mod separators;
mod structure;
mod track;
mod value;
mod wrap;

pub(crate) use head::Head;
pub use read::{X12Error, X12Options, X12Reader};
