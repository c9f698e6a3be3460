//! Why a publisher's file could not be read at all. Rows are refused one by one, see [`super::Refusals`].

use super::Refusal;
use std::path::PathBuf;

/// Why a file, or what is in it, could not be read.
#[derive(Debug, thiserror::Error)]
pub enum PublisherError {
    /// A file or folder could not be read.
    #[error("cannot read {}: {source}", path.display())]
    Read {
        /// The file or folder.
        path: PathBuf,
        /// What the system said.
        source: std::io::Error,
    },
    /// A container is not whole, or not what its first bytes say.
    #[error("{}: expected a whole {container}, found {detail}; download the file again", path.display())]
    Damaged {
        /// The file.
        path: PathBuf,
        /// What kind of container.
        container: &'static str,
        /// What is wrong with it.
        detail: String,
    },
    /// An archive's file can be opened with a password only.
    #[error("{}: expected a file that is not encrypted; unpack the archive with its password first", path.display())]
    Encrypted {
        /// The file in the archive.
        path: PathBuf,
    },
    /// A file, or all files together, hold more than is read.
    #[error("{}: {what} exceed the limit of {limit}; if the files are the publisher's, raise the limit", path.display())]
    Limit {
        /// The file.
        path: PathBuf,
        /// What there is too much of.
        what: &'static str,
        /// How much is read at most.
        limit: u64,
    },
    /// The file is not what it was recognised as, from this place on.
    #[error("{0}")]
    Located(Refusal),
}

impl From<Refusal> for PublisherError {
    fn from(refusal: Refusal) -> PublisherError {
        PublisherError::Located(refusal)
    }
}
