//! Where a command writes: a file, whole or not at all, or standard output.

use crate::failure::Failure;
use crate::scrub::shown;
use cleanclaim::AtomicFile;
use std::io::{self, BufWriter, Stdout, Write};
use std::path::{Path, PathBuf};

/// The name of standard output, as of standard input among what is read.
pub const STANDARD: &str = "-";

/// Whether the path names standard output.
pub fn is_standard(path: &Path) -> bool {
    path.as_os_str() == STANDARD
}

/// An output that is open. Only what is committed is there.
pub struct Output {
    name: String,
    to: To,
}

enum To {
    File(AtomicFile),
    Standard(BufWriter<Stdout>),
}

impl Output {
    /// Opens the output of this path: standard output where it is `-` or not given. Errors name what is written there.
    pub fn create(path: Option<&PathBuf>, what: &str) -> Result<Output, Failure> {
        match path.filter(|path| !is_standard(path)) {
            Some(path) => {
                let name = shown(path);
                let to = To::File(AtomicFile::create(path).map_err(Failure::writing(&name))?);
                Ok(Output { name, to })
            }
            None => Ok(Output { name: what.to_owned(), to: To::Standard(BufWriter::new(io::stdout())) }),
        }
    }

    /// Puts the finished file at its path, or writes what standard output still lacks.
    pub fn commit(self) -> Result<(), Failure> {
        let done = match self.to {
            To::File(file) => file.commit(),
            To::Standard(mut out) => out.flush(),
        };
        done.map_err(Failure::writing(&self.name))
    }
}

impl Write for Output {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        match &mut self.to {
            To::File(file) => file.write(bytes),
            To::Standard(out) => out.write(bytes),
        }
    }

    fn flush(&mut self) -> io::Result<()> {
        match &mut self.to {
            To::File(file) => file.flush(),
            To::Standard(out) => out.flush(),
        }
    }
}
