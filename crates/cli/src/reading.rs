//! Opens the claims that a command is given.

use crate::args::Reading;
use crate::failure::Failure;
use cleanclaim::{ClaimReader, ColumnMap, Input, MapError, ReadOptions, open_reader};
use std::path::{Path, PathBuf};

/// How the arguments have claims read.
pub fn options(arguments: &Reading) -> Result<ReadOptions, Failure> {
    let mut options = ReadOptions::default();
    options.format = arguments.input_format;
    options.map = arguments.map.as_deref().map(map).transpose()?;
    options.group = arguments.group.unwrap_or(false);
    Ok(options)
}

/// The column map that the program carries under this name, else the one in this file.
fn map(name: &Path) -> Result<ColumnMap, MapError> {
    name.to_str().and_then(ColumnMap::named).map_or_else(|| ColumnMap::open(name), Ok)
}

/// The files to read; standard input when none is given.
pub fn files(given: &[PathBuf]) -> impl Iterator<Item = &Path> {
    let standard_input = given.is_empty().then_some(Path::new("-"));
    given.iter().map(PathBuf::as_path).chain(standard_input)
}

/// Refuses to write to a file that is read, or to one file twice: what is there would be gone.
pub fn keep_apart<'p>(inputs: &[PathBuf], outputs: impl IntoIterator<Item = &'p PathBuf>) -> Result<(), Failure> {
    // A file that is not there yet is known by its folder. What is no file, as /dev/null, may be written to as one likes.
    let known = |path: &Path| {
        if path.exists() {
            return path.canonicalize().ok().filter(|whole| whole.is_file());
        }
        let folder = path.parent().filter(|folder| !folder.as_os_str().is_empty()).unwrap_or(Path::new("."));
        Some(folder.canonicalize().ok()?.join(path.file_name()?))
    };
    let mut taken: Vec<PathBuf> = inputs.iter().filter_map(|path| known(path)).collect();
    let read = taken.len();
    for output in outputs {
        let Some(whole) = known(output) else { continue };
        if let Some(place) = taken.iter().position(|other| *other == whole) {
            let why = if place < read { "is read by this command" } else { "is to be written twice" };
            return Err(Failure::new(format!("cannot write {}: it {why}; give another file", output.display())));
        }
        taken.push(whole);
    }
    Ok(())
}

/// Opens a file, and tells what should be known of it before its claims.
pub fn open(path: &Path, options: &ReadOptions) -> Result<Box<dyn ClaimReader>, Failure> {
    let reader = open_reader(Input::open(path)?, options)?;
    tell(&*reader, 0);
    Ok(reader)
}

/// Prints the reader's notices but the first so many, which were printed before.
pub fn tell(reader: &dyn ClaimReader, told: usize) {
    for notice in reader.notices().iter().skip(told) {
        crate::say(format_args!("{}: {notice}", reader.name()));
    }
}
