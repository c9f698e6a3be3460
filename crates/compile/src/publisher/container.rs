//! Files out of whatever they are published in: folders, zip archives (and those in archives), gzip and zstd.

use super::PublisherError;
use flate2::read::MultiGzDecoder;
use std::io::{Cursor, Read};
use std::ops::ControlFlow;
use std::path::{Path, PathBuf};
use zip::ZipArchive;
use zip::result::ZipError;

const ZIP: [&[u8]; 2] = [b"PK\x03\x04", b"PK\x05\x06"];
const GZIP: &[u8] = b"\x1f\x8b\x08";
const ZSTD: &[u8] = b"\x28\xb5\x2f\xfd";
/// The part that every Office document has; such a zip is one file.
const OFFICE_PART: &str = "[Content_Types].xml";
/// The largest zstd window that is decompressed, as a power of two: that of `zstd --ultra -22`, 128 MiB.
const ZSTD_WINDOW: u32 = 27;

/// How much is read before a container is taken for a trap.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Limits {
    /// Containers and folders within one another.
    pub depth: u64,
    /// Bytes of one file, decompressed.
    pub file: u64,
    /// Bytes of all files and archives together, decompressed.
    pub total: u64,
    /// Files, folders and archives together.
    pub files: u64,
}

impl Default for Limits {
    /// Eight levels, 1 GiB a file, 8 GiB and 20,000 files together: several times what a year's downloads of every
    /// publisher are.
    fn default() -> Limits {
        Limits { depth: 8, file: 1 << 30, total: 8 << 30, files: 20_000 }
    }
}

/// Takes each file that is found, or why it could not be read; says whether to go on.
pub type Visit<'a> = dyn FnMut(&Path, Result<Vec<u8>, PublisherError>) -> ControlFlow<()> + 'a;

/// Visits the file at `path`, or every file below the folder at `path`, each taken out of whatever containers it is
/// in: zip archives at any depth, gzip, zstd. A workbook is one file, though it is a zip archive.
///
/// The path that a visit gets goes through the containers: `2026.zip/order.zip/icd10cm-order-2026.txt`. Folders are
/// walked in the order of their names, archives in their own. Names that begin with a dot, and links to folders, are
/// passed over. A file that cannot be read is visited with the reason, and the walk goes on.
///
/// # Errors
/// When `path` itself cannot be read, or a limit on everything together is exceeded.
///
/// # Examples
/// ```
/// use cleanclaim_compile::publisher::{Limits, walk};
/// use std::ops::ControlFlow;
/// # let folder = tempfile::tempdir()?;
/// std::fs::write(folder.path().join("b.txt"), "second")?;
/// std::fs::write(folder.path().join("a.txt"), "first")?;
/// let mut found = Vec::new();
/// walk(folder.path(), &Limits::default(), &mut |path, bytes| {
///     found.push((path.file_name().unwrap_or_default().to_owned(), bytes.unwrap_or_default()));
///     ControlFlow::Continue(())
/// })?;
/// assert_eq!(found, [("a.txt".into(), b"first".to_vec()), ("b.txt".into(), b"second".to_vec())]);
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
pub fn walk(path: &Path, limits: &Limits, visit: &mut Visit<'_>) -> Result<(), PublisherError> {
    let mut walk = Walk { limits, total: 0, files: 0, visit };
    walk.path(path, 0).map(|_| ())
}

struct Walk<'a, 'v> {
    limits: &'a Limits,
    total: u64,
    files: u64,
    visit: &'a mut Visit<'v>,
}

/// Whether to go on, or what the walk ends with.
type Step = Result<ControlFlow<()>, PublisherError>;

impl Walk<'_, '_> {
    fn path(&mut self, path: &Path, depth: u64) -> Step {
        let read = |source| PublisherError::Read { path: path.to_owned(), source };
        let found = std::fs::metadata(path).map_err(read);
        match found {
            Err(error) => self.unreadable(path, depth, error),
            Ok(found) if found.is_dir() => self.folder(path, depth),
            Ok(found) if !found.is_file() => {
                let source = std::io::Error::other("it is neither a file nor a folder");
                self.unreadable(path, depth, PublisherError::Read { path: path.to_owned(), source })
            }
            Ok(_) => {
                let bytes = std::fs::File::open(path).map_err(read).and_then(|file| self.bounded(path, file, read));
                match bytes {
                    Ok(bytes) => self.contents(path, bytes, depth),
                    Err(error) => self.unreadable(path, depth, error),
                }
            }
        }
    }

    /// What was asked for must be readable; of what is found on the way, only the visit is told.
    fn unreadable(&mut self, path: &Path, depth: u64, error: PublisherError) -> Step {
        if depth == 0 { Err(error) } else { Ok((self.visit)(path, Err(error))) }
    }

    fn folder(&mut self, path: &Path, depth: u64) -> Step {
        if depth >= self.limits.depth {
            return self.unreadable(path, depth, self.too_deep(path));
        }
        let read = |source| PublisherError::Read { path: path.to_owned(), source };
        let entries = std::fs::read_dir(path)
            .and_then(|entries| entries.map(|entry| Ok(entry?.path())).collect::<std::io::Result<Vec<PathBuf>>>());
        let mut entries = match entries {
            Ok(entries) => entries,
            Err(source) => return self.unreadable(path, depth, read(source)),
        };
        entries.sort();
        for entry in entries {
            let hidden = entry.file_name().is_some_and(|name| name.as_encoded_bytes().starts_with(b"."));
            // A link to a folder may lead back up.
            if hidden || (entry.is_symlink() && entry.is_dir()) {
                continue;
            }
            self.count(&entry)?;
            if self.path(&entry, depth + 1)?.is_break() {
                return Ok(ControlFlow::Break(()));
            }
        }
        Ok(ControlFlow::Continue(()))
    }

    fn contents(&mut self, path: &Path, bytes: Vec<u8>, depth: u64) -> Step {
        let inner = if bytes.starts_with(GZIP) {
            Some(self.bounded(path, MultiGzDecoder::new(&bytes[..]), damaged(path, "gzip file")))
        } else if bytes.starts_with(ZSTD) {
            let decoder = zstd::stream::read::Decoder::new(&bytes[..]).and_then(|mut decoder| {
                decoder.window_log_max(ZSTD_WINDOW)?;
                Ok(decoder)
            });
            let wrong = damaged(path, "zstd file");
            Some(decoder.map_err(&wrong).and_then(|decoder| self.bounded(path, decoder, &wrong)))
        } else {
            None
        };
        match inner {
            Some(_) if depth >= self.limits.depth => {
                let error = self.too_deep(path);
                Ok((self.visit)(path, Err(error)))
            }
            // The name of what is compressed so is that of the file, with an ending.
            Some(Ok(inner)) => self.contents(path, inner, depth + 1),
            Some(Err(error)) => Ok((self.visit)(path, Err(error))),
            None if is_zip(&bytes) => self.archive(path, bytes, depth),
            None => Ok((self.visit)(path, Ok(bytes))),
        }
    }

    fn archive(&mut self, path: &Path, bytes: Vec<u8>, depth: u64) -> Step {
        let mut archive = match ZipArchive::new(Cursor::new(bytes)) {
            Ok(archive) => archive,
            Err(error) => return Ok((self.visit)(path, Err(zip_error(path, &error)))),
        };
        if archive.index_for_name(OFFICE_PART).is_some() {
            return Ok((self.visit)(path, Ok(archive.into_inner().into_inner())));
        }
        if depth >= self.limits.depth {
            let error = self.too_deep(path);
            return Ok((self.visit)(path, Err(error)));
        }
        for index in 0..archive.len() {
            let name = archive.name_for_index(index).and_then(Result::ok).map(|name| name.into_owned());
            let inner = inside(path, name.as_deref().unwrap_or("(a name that cannot be read)"));
            let bytes = match archive.by_index(index) {
                Ok(entry) if entry.is_dir() => continue,
                Ok(entry) => self.bounded(&inner, entry, damaged(&inner, "file of a zip archive")),
                Err(error) => Err(zip_error(&inner, &error)),
            };
            self.count(&inner)?;
            let step = match bytes {
                Ok(bytes) => self.contents(&inner, bytes, depth + 1)?,
                Err(error) => (self.visit)(&inner, Err(error)),
            };
            if step.is_break() {
                return Ok(ControlFlow::Break(()));
            }
        }
        Ok(ControlFlow::Continue(()))
    }

    /// All that there is to read, unless it is more than may be.
    fn bounded(
        &mut self,
        path: &Path,
        reader: impl Read,
        wrong: impl Fn(std::io::Error) -> PublisherError,
    ) -> Result<Vec<u8>, PublisherError> {
        let left = self.limits.total.saturating_sub(self.total);
        let limit = self.limits.file.min(left);
        let mut bytes = Vec::new();
        reader.take(limit.saturating_add(1)).read_to_end(&mut bytes).map_err(wrong)?;
        self.total = self.total.saturating_add(bytes.len() as u64);
        if bytes.len() as u64 > limit {
            let (what, limit) = if left < self.limits.file {
                ("the bytes of all files together", self.limits.total)
            } else {
                ("the bytes of the file", self.limits.file)
            };
            return Err(PublisherError::Limit { path: path.to_owned(), what, limit });
        }
        Ok(bytes)
    }

    fn count(&mut self, path: &Path) -> Result<(), PublisherError> {
        self.files += 1;
        if self.files > self.limits.files {
            let (what, limit) = ("the files", self.limits.files);
            return Err(PublisherError::Limit { path: path.to_owned(), what, limit });
        }
        Ok(())
    }

    fn too_deep(&self, path: &Path) -> PublisherError {
        let what = "the containers within one another";
        PublisherError::Limit { path: path.to_owned(), what, limit: self.limits.depth }
    }
}

/// Whether the bytes begin as a zip archive does.
pub(crate) fn is_zip(bytes: &[u8]) -> bool {
    ZIP.iter().any(|start| bytes.starts_with(start))
}

fn damaged<'a>(path: &'a Path, container: &'static str) -> impl Fn(std::io::Error) -> PublisherError + 'a {
    move |error| PublisherError::Damaged { path: path.to_owned(), container, detail: error.to_string() }
}

fn zip_error(path: &Path, error: &ZipError) -> PublisherError {
    match error {
        ZipError::UnsupportedArchive(detail) if *detail == ZipError::PASSWORD_REQUIRED => {
            PublisherError::Encrypted { path: path.to_owned() }
        }
        error => PublisherError::Damaged { path: path.to_owned(), container: "zip archive", detail: error.to_string() },
    }
}

/// The path of a file in an archive. Names in archives are not trusted: none leads out of its archive.
fn inside(archive: &Path, name: &str) -> PathBuf {
    let parts = name.split(['/', '\\']).filter(|part| !matches!(*part, "" | "." | ".."));
    parts.fold(archive.to_owned(), |path, part| {
        path.join(part.chars().filter(|character| !character.is_control()).collect::<String>())
    })
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::*;
    use std::io::Write;
    use zip::write::SimpleFileOptions;

    fn archive(files: &[(&str, &[u8])]) -> Vec<u8> {
        let mut writer = zip::ZipWriter::new(Cursor::new(Vec::new()));
        for (name, bytes) in files {
            writer.start_file(*name, SimpleFileOptions::default()).unwrap();
            writer.write_all(bytes).unwrap();
        }
        writer.finish().unwrap().into_inner()
    }

    fn gzip(bytes: &[u8]) -> Vec<u8> {
        let mut writer = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::fast());
        writer.write_all(bytes).unwrap();
        writer.finish().unwrap()
    }

    fn found(bytes: &[u8], limits: &Limits) -> Vec<(String, Result<Vec<u8>, String>)> {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("top.zip");
        std::fs::write(&path, bytes).unwrap();
        let mut found = Vec::new();
        let mut visit = |inner: &Path, bytes: Result<Vec<u8>, PublisherError>| {
            let name = inner.strip_prefix(&path).unwrap().to_string_lossy().into_owned();
            found.push((name, bytes.map_err(|error| error.to_string())));
            ControlFlow::Continue(())
        };
        if let Err(error) = walk(&path, limits, &mut visit) {
            found.push(("the end".to_owned(), Err(error.to_string())));
        }
        found
    }

    #[test]
    fn archives_in_archives_are_opened_and_workbooks_are_not() {
        let workbook = archive(&[(OFFICE_PART, b"x"), ("xl/workbook.xml", b"y")]);
        let inner = archive(&[("b.txt", b"bee"), ("c.txt.gz", &gzip(b"see")), ("book.xlsx", &workbook)]);
        let outer = archive(&[("a.txt", b"ay"), ("folder/inner.zip", &inner)]);
        let all = found(&zstd::encode_all(&outer[..], 3).unwrap(), &Limits::default());
        let all: Vec<(&str, &[u8])> =
            all.iter().map(|(name, bytes)| (name.as_str(), bytes.as_deref().unwrap())).collect();
        let expected: [(&str, &[u8]); 4] = [
            ("a.txt", b"ay"),
            ("folder/inner.zip/b.txt", b"bee"),
            ("folder/inner.zip/c.txt.gz", b"see"),
            ("folder/inner.zip/book.xlsx", &workbook),
        ];
        assert_eq!(all, expected);
    }

    #[test]
    fn a_bomb_is_refused_at_each_limit_and_what_stands_beside_it_is_read() {
        let bomb = archive(&[("zeros", &vec![0; 1 << 20]), ("a", b"a")]);
        let small = Limits { file: 1000, ..Limits::default() };
        let all = found(&[&bomb[..]].concat(), &Limits { file: 10_000, ..small });
        assert!(
            all[0].1.as_ref().is_err_and(|error| error.contains("the bytes of the file exceed the limit of 10000"))
        );
        assert_eq!(all[1], ("a".to_owned(), Ok(b"a".to_vec())));
        let together = found(&bomb, &Limits { total: 100_000, ..Limits::default() });
        assert!(together[0].1.as_ref().is_err_and(|error| error.contains("all files together")), "{together:?}");
        let many = found(&bomb, &Limits { files: 1, ..Limits::default() });
        assert!(many.last().unwrap().1.as_ref().is_err_and(|error| error.contains("the files exceed")), "{many:?}");
        let mut nested = bomb;
        for _ in 0..9 {
            nested = archive(&[("inner.zip", &nested)]);
        }
        let deep = found(&nested, &Limits::default());
        assert_eq!(deep.len(), 1);
        assert!(deep[0].1.as_ref().is_err_and(|error| error.contains("within one another exceed the limit of 8")));
    }

    #[test]
    fn damaged_containers_are_refused_where_they_are() {
        let mut whole = archive(&[("a.txt", b"a long text, a long text, a long text"), ("b.txt", b"b")]);
        whole[45] ^= 0xff;
        let all = found(&whole, &Limits::default());
        assert!(all[0].1.as_ref().is_err_and(|error| error.contains("top.zip/a.txt: expected a whole")), "{all:?}");
        assert_eq!(all[1].1, Ok(b"b".to_vec()));
        for bytes in
            [&gzip(b"some text")[..15], &zstd::encode_all(&b"some text"[..], 3).unwrap()[..12], b"PK\x03\x04junk"]
        {
            let all = found(bytes, &Limits::default());
            assert!(matches!(&all[..], [(_, Err(error))] if error.contains("expected a whole")), "{all:?}");
        }
    }

    #[test]
    fn names_in_an_archive_do_not_lead_out_of_it() {
        let inner = inside(Path::new("a.zip"), "/../../etc\\pass\nwd");
        assert_eq!(inner, Path::new("a.zip/etc/passwd"));
    }

    #[test]
    fn a_visit_can_end_the_walk_and_a_path_that_is_not_there_is_an_error() {
        let folder = tempfile::tempdir().unwrap();
        for name in ["1.txt", "2.txt", ".hidden"] {
            std::fs::write(folder.path().join(name), "x").unwrap();
        }
        let mut count = 0;
        walk(folder.path(), &Limits::default(), &mut |_, _| {
            count += 1;
            ControlFlow::Break(())
        })
        .unwrap();
        assert_eq!(count, 1);
        let missing = walk(&folder.path().join("3.txt"), &Limits::default(), &mut |_, _| ControlFlow::Continue(()));
        assert!(matches!(missing, Err(PublisherError::Read { .. })));
    }
}
