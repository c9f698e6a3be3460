//! What a build read, took and left out.

use std::fmt;

/// What became of every source table.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct Summary {
    /// The tables, in the order of their files' names.
    pub tables: Vec<TableSummary>,
    /// Header rows worked out for ICD-10-CM, which no table holds.
    pub header_rows: u64,
    /// The image's size in bytes.
    pub image_size: u64,
}

/// What became of one source table.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct TableSummary {
    /// The table's id.
    pub table: String,
    /// The file, by its name within the folder.
    pub file: String,
    /// The system, relation or titles that its content went to.
    pub part: String,
    /// Rows read, the header not counted.
    pub read: u64,
    /// Dated rows, pairs or titles that are in the image.
    pub taken: u64,
    /// What was left out: why, and how much of it.
    pub skipped: Vec<(String, u64)>,
}

impl fmt::Display for Summary {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for table in &self.tables {
            let TableSummary { file, part, read, taken, skipped, .. } = table;
            writeln!(f, "{file:<24} {read:>7} rows read, {taken:>8} taken into {part}")?;
            for (reason, count) in skipped {
                writeln!(f, "{:<24} {count:>7} left out: {reason}", "")?;
            }
        }
        writeln!(f, "{:<24} {:>7} header rows worked out", "", self.header_rows)?;
        writeln!(f, "{:<24} {:>7} bytes", "image", self.image_size)
    }
}
