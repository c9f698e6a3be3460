//! The X12 837 reader: professional, institutional and dental claims.

mod segment;
mod separators;
