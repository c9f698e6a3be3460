//! The files, read.

use crate::error::CompileError;
use crate::publisher::{self, Limits, Publication, PublisherError, walk};
use std::ops::ControlFlow;
use std::path::{Path, PathBuf};
use std::sync::Mutex;
use xxhash_rust::xxh3::xxh3_64;

/// What a build is at.
#[derive(Clone, Copy, Debug)]
pub enum Progress<'a> {
    /// A file was read.
    Read(&'a Path),
    /// All files were read; they are being merged.
    Merging,
    /// All files were merged; the image is being written.
    Merged,
}

/// One file.
pub(crate) struct Input {
    /// The file, through whatever containers it was in.
    pub(crate) path: PathBuf,
    /// Its name as releases carry it: without the folders that it was found in, with the archives.
    pub(crate) name: String,
    /// What it holds; nothing when it is none of the kinds that are read.
    pub(crate) content: Result<Option<Publication>, PublisherError>,
    /// xxh3 of its bytes.
    pub(crate) digest: u64,
}

/// Reads all files of the paths, in parallel. They come in order of their names, and each content once.
pub(crate) fn read<P: AsRef<Path>>(
    paths: &[P],
    limits: &Limits,
    progress: &(dyn Fn(Progress<'_>) + Sync),
) -> Result<Vec<Input>, CompileError> {
    let inputs: Mutex<Vec<Input>> = Mutex::new(Vec::new());
    let push = |input: Input| {
        progress(Progress::Read(&input.path));
        // A lock is poisoned by a panic only, and then the scope below panics too.
        inputs.lock().unwrap_or_else(std::sync::PoisonError::into_inner).push(input);
    };
    let push = &push;
    rayon::in_place_scope(|scope| {
        for path in paths {
            let top = path.as_ref();
            walk(top, limits, &mut |path, bytes| {
                let (path, name) = (path.to_owned(), name(top, path));
                match bytes {
                    // Archives are unpacked here, one after another; what is in them is read as threads are free.
                    Ok(bytes) => scope.spawn(move |_| {
                        let digest = xxh3_64(&bytes);
                        let content = publisher::read(&path, &bytes);
                        push(Input { path, name, content, digest });
                    }),
                    Err(error) => push(Input { path, name, content: Err(error), digest: 0 }),
                }
                ControlFlow::Continue(())
            })?;
        }
        Ok::<(), PublisherError>(())
    })?;
    let mut inputs = inputs.into_inner().unwrap_or_else(std::sync::PoisonError::into_inner);
    inputs.sort_by(|a, b| (&a.name, a.digest, &a.path).cmp(&(&b.name, b.digest, &b.path)));
    Ok(inputs)
}

/// The name of a file as releases carry it: its own, after those of the archives that it is in. The folders above are
/// the user's affair, and would make images of the same files differ.
fn name(top: &Path, path: &Path) -> String {
    let file = top.file_name().map(Path::new).unwrap_or(top);
    let inside = path.strip_prefix(top).unwrap_or(Path::new(""));
    let parts: Vec<&std::ffi::OsStr> = if top.is_dir() {
        // What is below an archive stays; the folders above it go.
        let parts: Vec<_> = inside.iter().collect();
        let archive = |part: &std::ffi::OsStr| part.to_string_lossy().to_ascii_lowercase().ends_with(".zip");
        let first = parts.iter().position(|part| archive(part)).unwrap_or(parts.len().saturating_sub(1));
        parts.into_iter().skip(first).collect()
    } else {
        file.iter().chain(inside.iter()).collect()
    };
    parts.iter().map(|part| part.to_string_lossy()).collect::<Vec<_>>().join("/")
}
