//! What a reader makes of one file.

use super::release::ReleaseFacts;
use crate::error::Located;
use std::collections::BTreeMap;
use std::path::PathBuf;

/// How many refused rows of one file are kept with their places. The rest are counted.
const KEPT: usize = 1_000;

/// Why a row was refused: its place, what was expected, what was found, what to do.
pub type Refusal = Box<Located>;

/// A row with the line that it stands on.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Placed<R> {
    /// The line of a text, or the row of a sheet, counted from 1.
    pub line: u32,
    /// The row.
    pub row: R,
}

/// What is wrong in one file, place by place.
#[derive(Clone, PartialEq, Eq, Default, Debug)]
pub struct Refusals {
    count: u64,
    first: Vec<Located>,
}

impl Refusals {
    /// How many there are.
    pub fn count(&self) -> u64 {
        self.count
    }

    /// The first thousand, each with its place.
    pub fn first(&self) -> &[Located] {
        &self.first
    }

    #[expect(clippy::boxed_local, reason = "refusals are boxed on their way here, to keep results small")]
    pub(crate) fn push(&mut self, refusal: Refusal) {
        self.count += 1;
        if self.first.len() < KEPT {
            self.first.push(*refusal);
        }
    }
}

/// One file of a publisher, read: the rows that could be taken, in the file's order, those that were refused, and
/// what was left out on purpose. `read` is the sum of rows taken and refused.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Document<R> {
    /// What the file was recognised as.
    pub kind: super::Kind,
    /// The file, through whatever containers it was in.
    pub path: PathBuf,
    /// Which release of its table it is.
    pub release: ReleaseFacts,
    /// The rows.
    pub rows: Vec<Placed<R>>,
    /// How many rows the file has: those taken, and those refused.
    pub read: u64,
    /// The rows that are not what they should be.
    pub refused: Refusals,
    /// What is wrong in rows that were taken all the same, because it says nothing about which codes there are, or
    /// when: fields that were left empty, codes in an odd place.
    pub flaws: Refusals,
    /// Lines that are no rows, such as headings, and parts of rows that belong to another, by reason.
    pub left_out: BTreeMap<&'static str, u64>,
}

impl<R> Document<R> {
    pub(crate) fn new(kind: super::Kind, path: PathBuf, release: ReleaseFacts) -> Document<R> {
        Document {
            kind,
            path,
            release,
            rows: Vec::new(),
            read: 0,
            refused: Refusals::default(),
            flaws: Refusals::default(),
            left_out: BTreeMap::new(),
        }
    }

    /// Takes a row, or its refusal.
    pub(crate) fn push(&mut self, line: u32, row: Result<R, Refusal>) {
        self.read += 1;
        match row {
            Ok(row) => self.rows.push(Placed { line, row }),
            Err(refusal) => self.refused.push(refusal),
        }
    }

    pub(crate) fn leave_out(&mut self, reason: &'static str, count: u64) {
        if count > 0 {
            *self.left_out.entry(reason).or_insert(0) += count;
        }
    }
}
