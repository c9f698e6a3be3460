//! The CSV reader on every defect a file can have, and against plain readers on random tables and bytes.

#![allow(clippy::unwrap_used, clippy::panic)]

mod batches;
mod bytes;
mod good;
mod headers;
mod support;
mod tables;
mod unreadable;
mod values;
