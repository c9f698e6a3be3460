//! Why an image could not be compiled.

use codeset::{BuildError, OpenError};
use std::fmt;
use std::path::PathBuf;

/// Why source tables did not become an image.
#[derive(Debug, thiserror::Error)]
pub enum CompileError {
    /// A file could not be read.
    #[error("cannot read {}: {source}; every table that sources.toml lists must be there", path.display())]
    Read {
        /// The file.
        path: PathBuf,
        /// What the system said.
        source: std::io::Error,
    },
    /// A file says something that cannot be.
    #[error("{0}")]
    Located(Box<Located>),
    /// The list of sources is not the TOML that it should be.
    #[error("{}:{line}: {detail}", path.display())]
    Sources {
        /// The list.
        path: PathBuf,
        /// The line, counted from 1.
        line: u32,
        /// What the TOML reader said.
        detail: String,
    },
    /// The tables, each right by itself, do not fit together, or not into the format.
    #[error(transparent)]
    Build(#[from] BuildError),
    /// The finished image did not open. That is a fault of this program, not of the tables.
    #[error("the finished image does not open: {0}; this is a bug in cleanclaim, please report it")]
    Unreadable(OpenError),
    /// A path that was named could not be read.
    #[error(transparent)]
    Publisher(#[from] crate::publisher::PublisherError),
    /// More rows of a file are wrong than may be.
    #[error(
        "{}: {refused} of {read} rows were refused, more than {percent} in a hundred{}; download the file again, or \
         raise --refuse-limit",
        path.display(),
        first.as_ref().map(|first| format!(", the first: {first}")).unwrap_or_default()
    )]
    TooManyRefused {
        /// The file.
        path: PathBuf,
        /// How many rows were refused.
        refused: u64,
        /// How many there are.
        read: u64,
        /// How many of a hundred may be.
        percent: f64,
        /// The first of them.
        first: Option<Box<Located>>,
    },
    /// A file could not be written.
    #[error("cannot write {}: {source}; the file that was there before, if any, is as it was", path.display())]
    Write {
        /// The file.
        path: PathBuf,
        /// What the system said.
        source: std::io::Error,
    },
}

/// What is wrong in one place of one source file, and what to do about it.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Located {
    /// The file.
    pub path: PathBuf,
    /// The line, counted from 1; the header is line 1.
    pub line: u32,
    /// The column's name.
    pub column: String,
    /// What should be there.
    pub expected: String,
    /// What is there.
    pub found: String,
    /// What to do.
    pub advice: String,
}

impl fmt::Display for Located {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Located { path, line, column, expected, found, advice } = self;
        write!(f, "{}:{line}: {column}: expected {expected}, found {found}; {advice}", path.display())
    }
}

impl From<Located> for CompileError {
    fn from(located: Located) -> CompileError {
        CompileError::Located(Box::new(located))
    }
}
