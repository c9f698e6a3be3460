//! What workers wrote, joined to one output.

use super::{FindingWriter, Format};
use std::fmt;
use std::io::{self, Write};

/// Joins what [`FindingWriter`]s wrote, in the order in which it is given, to an output of the format.
///
/// ```
/// use cleanclaim_report::{FindingFile, Format};
/// let (mut file, mut out) = (FindingFile::new(Format::Csv), Vec::new());
/// file.begin(&mut out)?;
/// file.finish(&mut out)?;
/// assert!(out.starts_with(b"claim_id,line_number,edit,"));
/// # Ok::<(), std::io::Error>(())
/// ```
pub struct FindingFile {
    writer: FindingWriter,
    #[cfg(feature = "parquet")]
    table: Option<super::parquet::Table>,
}

impl FindingFile {
    /// An output of this format.
    pub const fn new(format: Format) -> FindingFile {
        FindingFile {
            writer: FindingWriter::new(format),
            #[cfg(feature = "parquet")]
            table: None,
        }
    }

    /// The columns, where findings are put into columns.
    #[cfg(feature = "parquet")]
    fn table(&mut self) -> io::Result<Option<&mut super::parquet::Table>> {
        if self.table.is_none() && self.writer.format() == Format::Parquet {
            self.table = Some(super::parquet::Table::new()?);
        }
        Ok(self.table.as_mut())
    }

    /// What writes the findings that are joined here.
    pub fn writer(&self) -> FindingWriter {
        self.writer
    }

    /// Writes what stands before all findings.
    ///
    /// # Errors
    /// When it cannot be written.
    pub fn begin(&mut self, out: &mut dyn Write) -> io::Result<()> {
        let mut head = Vec::new();
        self.writer.head(&mut head);
        out.write_all(&head)
    }

    /// Writes findings after those before; some formats gather them first.
    ///
    /// # Errors
    /// When they cannot be written.
    pub fn add(&mut self, written: &[u8], out: &mut dyn Write) -> io::Result<()> {
        #[cfg(feature = "parquet")]
        if let Some(table) = self.table()? {
            return table.add(written, out);
        }
        out.write_all(written)
    }

    /// Writes what is left and what stands after all findings, and flushes the output.
    ///
    /// # Errors
    /// When it cannot be written.
    pub fn finish(self, out: &mut dyn Write) -> io::Result<()> {
        #[cfg(feature = "parquet")]
        {
            let mut file = self;
            if let Some(table) = file.table()? {
                table.finish(out)?;
            }
        }
        out.flush()
    }
}

impl fmt::Debug for FindingFile {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "FindingFile({})", self.writer.format().name())
    }
}
