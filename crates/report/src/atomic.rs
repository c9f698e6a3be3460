//! Output files that are whole, or are not there.

use std::collections::BTreeSet;
use std::fs::{self, File};
use std::io::{self, BufWriter, Write};
use std::path::{Path, PathBuf, is_separator};
use std::sync::{Mutex, MutexGuard, PoisonError};
use tempfile::{Builder, NamedTempFile};

/// An output file that appears, whole, when it is committed; until then, and if it is dropped, whatever stood
/// at its path stays as it was.
///
/// It is written beside its path under a temporary name, readable by its owner alone (mode 0600 on Unix: findings
/// are patient data) even where it replaces a file that others could read. A symbolic link to a file is followed.
/// What is there and is no regular file (a pipe, a device such as `/dev/null`) is written to directly, for it
/// cannot be replaced. Writes are buffered, so only `commit` tells whether all could be written.
///
/// ```
/// use cleanclaim_report::AtomicFile;
/// use std::io::Write;
/// # let folder = tempfile::tempdir()?;
/// # let path = folder.path().join("findings.csv");
/// let mut file = AtomicFile::create(&path)?;
/// file.write_all(b"claim_id\n")?;
/// assert!(!path.exists());
/// file.commit()?;
/// assert_eq!(std::fs::read(&path)?, b"claim_id\n");
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Debug)]
pub struct AtomicFile {
    path: PathBuf,
    target: Target,
}

#[derive(Debug)]
enum Target {
    Temporary(BufWriter<NamedTempFile>, Unfinished),
    Direct(BufWriter<File>),
}

/// A temporary file that is not committed, by its path among all of the process.
#[derive(Debug)]
struct Unfinished(PathBuf);

static UNFINISHED: Mutex<BTreeSet<PathBuf>> = Mutex::new(BTreeSet::new());

impl Unfinished {
    fn new(file: &NamedTempFile) -> Unfinished {
        Unfinished::all().insert(file.path().to_owned());
        Unfinished(file.path().to_owned())
    }

    fn all() -> MutexGuard<'static, BTreeSet<PathBuf>> {
        UNFINISHED.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Drop for Unfinished {
    fn drop(&mut self) {
        Unfinished::all().remove(&self.0);
    }
}

impl AtomicFile {
    /// Begins a file that will stand at `path`.
    ///
    /// # Errors
    /// When `path` is a folder, a name of a file that is open (`/dev/stdout` that leads to a file, which would be replaced
    /// with all that it holds), or no file can be made in its folder. The error says what failed, not the path.
    pub fn create(path: impl AsRef<Path>) -> io::Result<AtomicFile> {
        let path = path.as_ref();
        let existing = match fs::metadata(path) {
            Ok(metadata) => Some(metadata),
            Err(error) if error.kind() == io::ErrorKind::NotFound => None,
            Err(error) => return Err(doing("looking at what is there")(error)),
        };
        let (path, target) = match existing {
            Some(metadata) if !metadata.is_file() => {
                let open = File::options().write(true).open(path);
                (path.to_owned(), Target::Direct(BufWriter::new(open.map_err(doing("opening it"))?)))
            }
            Some(_) if names_open_file(path) => {
                let message = "it leads to a file that is open already, and would replace it; name the file itself";
                return Err(io::Error::new(io::ErrorKind::InvalidInput, message));
            }
            existing => {
                // Where a link leads to a file, that file is replaced and the link stays.
                let path = match existing {
                    Some(_) => fs::canonicalize(path).map_err(doing("finding the file that it leads to"))?,
                    None => path.to_owned(),
                };
                let file = temporary_beside(&path)?;
                let unfinished = Unfinished::new(&file);
                (path, Target::Temporary(BufWriter::new(file), unfinished))
            }
        };
        Ok(AtomicFile { path, target })
    }

    /// Removes the temporary files of all outputs of the process that are not committed, for whoever ends it at once, as on a
    /// signal: nothing of them may stay, and what is dropped otherwise is not then. None of them can be committed any more.
    ///
    /// ```
    /// use cleanclaim_report::AtomicFile;
    /// # let folder = tempfile::tempdir()?;
    /// let file = AtomicFile::create(folder.path().join("findings.csv"))?;
    /// AtomicFile::remove_unfinished();
    /// assert!(std::fs::read_dir(folder.path())?.next().is_none());
    /// assert!(file.commit().is_err());
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    pub fn remove_unfinished() {
        for path in std::mem::take(&mut *Unfinished::all()) {
            // Whatever cannot be removed stays; there is nobody to tell.
            let _ = fs::remove_file(path);
        }
    }

    /// Puts the finished file at its path: written to the disk, then renamed, so that a crash leaves the old
    /// file or the new one.
    ///
    /// # Errors
    /// When the rest cannot be written or the file cannot be renamed; then nothing is left behind.
    pub fn commit(self) -> io::Result<()> {
        match self.target {
            Target::Direct(mut file) => file.flush(),
            Target::Temporary(file, _unfinished) => {
                let file = file.into_inner().map_err(|error| error.into_error())?;
                file.as_file().sync_all().map_err(doing("writing its temporary file to the disk"))?;
                file.persist(&self.path).map_err(|error| error.error).map_err(doing("renaming its temporary file"))?;
                sync_folder(&self.path);
                Ok(())
            }
        }
    }
}

impl Write for AtomicFile {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        match &mut self.target {
            Target::Temporary(file, _) => file.write(bytes),
            Target::Direct(file) => file.write(bytes),
        }
    }

    fn flush(&mut self) -> io::Result<()> {
        match &mut self.target {
            Target::Temporary(file, _) => file.flush(),
            Target::Direct(file) => file.flush(),
        }
    }
}

/// Says what was being done when the error came.
fn doing(action: &'static str) -> impl Fn(io::Error) -> io::Error {
    move |error| io::Error::new(error.kind(), format!("{action}: {error}"))
}

/// Whether the path is one by which Unix names what a process has open: `/dev/stdout`, `/dev/fd/3`.
fn names_open_file(path: &Path) -> bool {
    cfg!(unix)
        && ["/dev/stdin", "/dev/stdout", "/dev/stderr", "/dev/fd", "/proc"]
            .iter()
            .any(|folder| path.starts_with(folder))
}

/// The folder that a file is in.
fn folder_of(path: &Path) -> &Path {
    match path.parent() {
        Some(folder) if !folder.as_os_str().is_empty() => folder,
        _ => Path::new("."),
    }
}

fn temporary_beside(path: &Path) -> io::Result<NamedTempFile> {
    // Said now, not after an hour's run: `folder/` would be refused only when the file is renamed.
    let names_folder = path.as_os_str().as_encoded_bytes().last().is_some_and(|&byte| is_separator(byte.into()));
    if names_folder || path.file_name().is_none() {
        return Err(io::Error::new(io::ErrorKind::InvalidInput, "the path names no file"));
    }
    let mut builder = Builder::new();
    builder.prefix(".cleanclaim-").suffix(".tmp");
    #[cfg(unix)]
    {
        use std::os::unix::fs::PermissionsExt;
        builder.permissions(fs::Permissions::from_mode(0o600));
    }
    let folder = folder_of(path);
    builder.tempfile_in(folder).map_err(|error| match error.kind() {
        io::ErrorKind::NotFound => io::Error::new(io::ErrorKind::NotFound, "its folder is not there"),
        _ => doing("creating a temporary file in its folder")(error),
    })
}

/// Makes the rename itself outlast a crash, where folders can be synchronised. Some file systems refuse, and a
/// folder need not be readable to be written to; the file stands all the same, so that is no error.
fn sync_folder(path: &Path) {
    if cfg!(unix) {
        let _ = File::open(folder_of(path)).and_then(|folder| folder.sync_all());
    }
}
