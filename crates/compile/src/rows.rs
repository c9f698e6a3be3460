//! What every reader turns its file into, whatever the publisher's format: rows, pairs and titles with the line
//! that they come from. Their release number, which [`Row`] and [`Class`] carry, names the file.

use codes::Code;
use codeset::{Class, CodeRun, NoteKind, Row};
use std::collections::BTreeMap;

/// What a code is during some days.
#[derive(Clone, Copy, Debug)]
pub(crate) struct CodeRow {
    pub(crate) code: Code,
    pub(crate) row: Row,
    pub(crate) line: u32,
}

/// What leads from one code to another during some days.
#[derive(Clone, Copy, Debug)]
pub(crate) struct PairRow {
    pub(crate) source: Code,
    pub(crate) target: Code,
    pub(crate) class: Class,
    pub(crate) line: u32,
}

/// A code's title.
#[derive(Clone, Debug)]
pub(crate) struct TitleRow {
    pub(crate) code: Code,
    pub(crate) title: String,
    /// The list that the title is from has the code as a header, not as one that may be reported.
    pub(crate) header: bool,
}

/// All notes of one kind at one place of a tabular list.
#[derive(Clone, Debug)]
pub(crate) struct NoteRow {
    pub(crate) kind: NoteKind,
    pub(crate) owner: CodeRun,
    /// The codes that stand under it; none where the owner says it.
    pub(crate) on: Vec<CodeRun>,
    pub(crate) targets: Vec<CodeRun>,
    pub(crate) examples: bool,
}

/// One table, read. Most tables fill one of the lists.
#[derive(Default, Debug)]
pub(crate) struct Table {
    /// Rows of the file, the header not counted.
    pub(crate) read: u64,
    pub(crate) rows: Vec<CodeRow>,
    pub(crate) pairs: Vec<PairRow>,
    pub(crate) titles: Vec<TitleRow>,
    pub(crate) notes: Vec<NoteRow>,
    /// Codes that the file names but gives no days.
    pub(crate) mentioned: Vec<Code>,
    /// Rows, or pairs of rows, that have no place in the image, by reason.
    pub(crate) skipped: BTreeMap<&'static str, u64>,
}

impl Table {
    pub(crate) fn skip(&mut self, reason: &'static str, count: u64) {
        *self.skipped.entry(reason).or_insert(0) += count;
    }
}
