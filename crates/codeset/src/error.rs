//! Why an image was refused, or could not be built.

use codes::Code;
use std::path::PathBuf;

/// Why a file is not opened as a codeset image: what was expected, what was found, what to do.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum OpenError {
    /// The file could not be opened or mapped.
    #[error("cannot open codeset image {path}: {source}")]
    Io {
        /// The file.
        path: PathBuf,
        /// What the system said.
        source: std::io::Error,
    },
    /// The file is of another kind.
    #[error(
        "not a codeset image: expected the label {expected:?} at the start, found {found}; give a file that `cleanclaim codesets build` wrote"
    )]
    Label {
        /// The label of an image.
        expected: String,
        /// What stands there, in words and never quoted: a file of claims may have been given by mistake.
        found: &'static str,
    },
    /// The image was written by a program with another format.
    #[error("codeset image has format version {found}, this program reads version {expected}; {advice}")]
    Version {
        /// The version that this program reads.
        expected: u32,
        /// The version of the file.
        found: u32,
        /// What to do.
        advice: &'static str,
    },
    /// The image was written on, or for, a machine of the other byte order.
    #[error(
        "codeset image is in another byte order: expected mark {expected:#010x}, found {found:#010x}; rebuild it on this kind of machine with `cleanclaim codesets build`"
    )]
    ByteOrder {
        /// The mark as this machine reads it.
        expected: u32,
        /// The mark found.
        found: u32,
    },
    /// The file is shorter or longer than it was written.
    #[error("codeset image is {found} bytes, {expected} were written; it is cut or extended, copy or rebuild it")]
    Length {
        /// Bytes written.
        expected: u64,
        /// Bytes found.
        found: u64,
    },
    /// A part of the image is not as it was written.
    #[error(
        "codeset image is damaged in {part}: expected checksum {expected:016x}, found {found:016x}; copy or rebuild it"
    )]
    Checksum {
        /// The header, the directory, or a section's name.
        part: String,
        /// The checksum that was written.
        expected: u64,
        /// The checksum of what is there.
        found: u64,
    },
    /// The parts of the image do not fit together.
    #[error("codeset image is inconsistent in {part}: {detail}; rebuild it with `cleanclaim codesets build`")]
    Inconsistent {
        /// The header, the directory, or a section's name.
        part: String,
        /// What does not fit.
        detail: String,
    },
}

/// Why an image could not be built.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum BuildError {
    /// A code has rows that overlap in time.
    #[error("{system} {code}: rows {first} and {second} overlap; a code has one row on any day")]
    Overlap {
        /// The code system, or the table of attributes.
        system: &'static str,
        /// The code.
        code: Code,
        /// The earlier row's days.
        first: String,
        /// The later row's days.
        second: String,
    },
    /// A relation or a table of attributes names a code that its system does not have.
    #[error("{relation}: code {code} is not in system {system}; add the code's table to the build")]
    UnknownCode {
        /// The relation, or the table of attributes.
        relation: &'static str,
        /// The code.
        code: Code,
        /// The system it should be in.
        system: &'static str,
    },
    /// More of something than the format can count.
    #[error("{what}: {count} are more than the {limit} that the image format can hold")]
    TooMany {
        /// What there is too much of.
        what: String,
        /// How many there are.
        count: usize,
        /// The most there may be.
        limit: usize,
    },
    /// The same system, relation or table of attributes was given twice.
    #[error("{name} was added twice; merge its tables before")]
    Twice {
        /// The system, relation or table of attributes.
        name: &'static str,
    },
    /// The FST or the directory could not be written.
    #[error("cannot encode {part}: {detail}")]
    Encode {
        /// What was being encoded.
        part: String,
        /// Why it failed.
        detail: String,
    },
}
