//! Writing a file whole or not at all.

use crate::error::CompileError;
use std::fs;
use std::io::{self, Write};
use std::path::Path;

/// Writes a file so that whoever opens it, at any moment and whatever fails, finds the old content or the new,
/// whole: to a temporary file beside it, flushed to disk, then renamed. Programs that have the old file mapped
/// keep it. What is there and is no regular file (a pipe, a device such as `/dev/null`) is written to directly, for it
/// cannot be replaced.
///
/// # Errors
/// [`CompileError::Write`] when the folder cannot be written to, the disk is full, or the path is a name of a file that is
/// open (`/dev/stdout` that leads to a file). The temporary file is removed.
///
/// # Examples
/// ```
/// # fn main() -> Result<(), Box<dyn std::error::Error>> {
/// let folder = tempfile::tempdir()?;
/// let path = folder.path().join("new.codeset");
/// cleanclaim_compile::write_atomically(&path, b"content")?;
/// assert_eq!(std::fs::read(&path)?, b"content");
/// # Ok(())
/// # }
/// ```
pub fn write_atomically(path: impl AsRef<Path>, bytes: &[u8]) -> Result<(), CompileError> {
    let path = path.as_ref();
    write(path, bytes).map_err(|source| CompileError::Write { path: path.to_owned(), source })
}

fn write(path: &Path, bytes: &[u8]) -> io::Result<()> {
    match fs::metadata(path) {
        Ok(found) if !found.is_file() && !found.is_dir() => {
            let mut file = fs::File::options().write(true).open(path)?;
            file.write_all(bytes)?;
            return file.flush();
        }
        Ok(_) if names_open_file(path) => {
            let message = "it leads to a file that is open already, and would replace it; name the file itself";
            return Err(io::Error::new(io::ErrorKind::InvalidInput, message));
        }
        // That it cannot be written to is told by whoever tries.
        Ok(_) | Err(_) => {}
    }
    // Where a link leads to a file, that file is replaced and the link stays.
    let target = fs::canonicalize(path).unwrap_or_else(|_| path.to_owned());
    let folder = match target.parent() {
        Some(folder) if folder != Path::new("") => folder,
        _ => Path::new("."),
    };
    replace(&target, folder, bytes)
}

/// Whether the path is one by which Unix names what a process has open: `/dev/stdout`, `/dev/fd/3`.
fn names_open_file(path: &Path) -> bool {
    cfg!(unix) && ["/dev/stdout", "/dev/stderr", "/dev/fd", "/proc"].iter().any(|folder| path.starts_with(folder))
}

fn replace(path: &Path, folder: &Path, bytes: &[u8]) -> io::Result<()> {
    let mut builder = tempfile::Builder::new();
    builder.prefix(".cleanclaim-");
    // An image holds no patient data: others may read it, as far as the user's mask allows.
    #[cfg(unix)]
    builder.permissions(std::os::unix::fs::PermissionsExt::from_mode(0o666));
    let mut file = builder.tempfile_in(folder)?;
    file.write_all(bytes)?;
    file.as_file().sync_all()?;
    file.persist(path)?;
    // The rename itself is on disk once the folder is. Where folders cannot be opened there is nothing to flush.
    #[cfg(unix)]
    fs::File::open(folder)?.sync_all()?;
    Ok(())
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]

    use super::*;

    #[test]
    fn an_old_file_is_replaced_and_nothing_else_is_left() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("image");
        write_atomically(&path, b"old, and longer").unwrap();
        write_atomically(&path, b"new").unwrap();
        assert_eq!(std::fs::read(&path).unwrap(), b"new");
        assert_eq!(std::fs::read_dir(folder.path()).unwrap().count(), 1);
    }

    #[cfg(unix)]
    #[test]
    fn a_link_stays_and_the_file_that_it_leads_to_is_replaced() {
        let folder = tempfile::tempdir().unwrap();
        let (path, link) = (folder.path().join("image"), folder.path().join("link"));
        write_atomically(&path, b"old").unwrap();
        std::os::unix::fs::symlink(&path, &link).unwrap();
        write_atomically(&link, b"new").unwrap();
        assert!(link.is_symlink());
        assert_eq!(std::fs::read(&path).unwrap(), b"new");
    }

    #[cfg(unix)]
    #[test]
    fn a_pipe_is_written_to_and_stays() {
        use std::io::Read;
        use std::os::unix::fs::FileTypeExt;
        let folder = tempfile::tempdir().unwrap();
        let pipe = folder.path().join("pipe");
        if !std::process::Command::new("mkfifo").arg(&pipe).status().is_ok_and(|made| made.success()) {
            return;
        }
        let mut read = Vec::new();
        std::thread::scope(|scope| {
            let written = scope.spawn(|| write_atomically(&pipe, b"image"));
            fs::File::open(&pipe).unwrap().read_to_end(&mut read).unwrap();
            written.join().unwrap().unwrap();
        });
        assert_eq!(read, b"image");
        assert!(fs::metadata(&pipe).unwrap().file_type().is_fifo());
        assert_eq!(fs::read_dir(folder.path()).unwrap().count(), 1);
    }

    #[test]
    fn a_write_that_fails_leaves_the_old_file_and_no_temporary() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("image");
        std::fs::create_dir(&path).unwrap();
        let error = write_atomically(&path, b"new").unwrap_err();
        assert!(error.to_string().contains("cannot write"), "{error}");
        assert!(path.is_dir());
        assert_eq!(std::fs::read_dir(folder.path()).unwrap().count(), 1);
        assert!(write_atomically(folder.path().join("no such folder/image"), b"new").is_err());
    }
}
