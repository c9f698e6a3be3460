//! Opens the claims that a command is given.

use crate::args::Reading;
use crate::counted;
use crate::failure::Failure;
use crate::output::is_standard;
use cleanclaim::{ClaimFormat, ClaimReader, ColumnMap, Input, MapError, ReadOptions, open_reader};
use std::borrow::Cow;
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

/// The files among what a command reads: the claims, and the column map, where its name is none of the program's own.
pub fn inputs(claims: &[PathBuf], arguments: &Reading) -> Vec<PathBuf> {
    let own = |name: &PathBuf| name.to_str().and_then(ColumnMap::named).is_some();
    let map = arguments.map.iter().filter(|name| !own(name));
    claims.iter().chain(map).cloned().collect()
}

/// The files to read; standard input when none is given.
pub fn files(given: &[PathBuf]) -> impl Iterator<Item = &Path> {
    let standard_input = given.is_empty().then_some(Path::new("-"));
    given.iter().map(PathBuf::as_path).chain(standard_input)
}

/// Refuses to write to a file that is read, or to one file twice: what is there would be gone. Of outputs, `-` is standard
/// output, where one may go.
pub fn keep_apart<'p>(inputs: &[PathBuf], outputs: impl IntoIterator<Item = &'p Path>) -> Result<(), Failure> {
    // A file that is not there yet is known by its folder. What is no file, as /dev/null, may be written to as one likes.
    let known = |path: &Path| {
        if is_standard(path) {
            return None;
        }
        if path.exists() {
            return path.canonicalize().ok().filter(|whole| whole.is_file());
        }
        let folder = path.parent().filter(|folder| !folder.as_os_str().is_empty()).unwrap_or(Path::new("."));
        Some(folder.canonicalize().ok()?.join(path.file_name()?))
    };
    let mut taken: Vec<PathBuf> = inputs.iter().filter_map(|path| known(path)).collect();
    let read = taken.len();
    let mut standard = false;
    for output in outputs {
        if is_standard(output) && std::mem::replace(&mut standard, true) {
            return Err(Failure::new(
                "two outputs would be mixed in standard output (`-`, or no --output); give one of them a file",
            ));
        }
        let Some(whole) = known(output) else { continue };
        if let Some(place) = taken.iter().position(|other| *other == whole) {
            let why = if place < read { "is read by this command" } else { "is to be written twice" };
            return Err(Failure::new(format!("cannot write {}: it {why}; give another file", output.display())));
        }
        taken.push(whole);
    }
    Ok(())
}

/// Makes sure that every input can be read, before any is and before anything is written: a run over many files does not
/// end in its midst for one that was misnamed. All that cannot be read are told at once. Where acknowledgments are asked
/// for, some input may be X12; gives how many inputs there are up to the last of which that may be.
pub fn check(given: &[PathBuf], options: &ReadOptions) -> Result<usize, Failure> {
    // Rows are grouped while they are read, not to see whether they can be.
    let mut options = options.clone();
    options.group = false;
    let (mut faults, mut answered) = (Vec::new(), 0);
    for (before, path) in files(given).enumerate() {
        match look(path, &options) {
            Ok(acknowledged) if acknowledged.unwrap_or(true) => answered = before + 1,
            Ok(_) => {}
            Err(fault) => faults.push(fault),
        }
    }
    if given.iter().filter(|path| path.as_os_str() == "-").count() > 1 {
        faults.push("-: is given twice; standard input can be read once".to_owned());
    }
    match faults.as_slice() {
        [] if options.trace && answered == 0 => Err(Failure::new(NOTHING_ACKNOWLEDGED)),
        [] => Ok(answered),
        [only] if given.len() == 1 => Err(Failure::new(only)),
        all => Err(Failure::new(format!(
            "{} of {} inputs cannot be read, so none was read and nothing was written:\n  {}",
            all.len(),
            given.len(),
            all.join("\n  ")
        ))),
    }
}

/// What is told where no input is X12.
pub const NOTHING_ACKNOWLEDGED: &str =
    "--acknowledge answers X12 claims, and no input is X12; leave it out, or give an 837";

/// Whether acknowledgments answer an input, or why it cannot be read, as far as is seen without taking anything of it: a
/// pipe is not opened, since what is read of it is gone.
fn look(path: &Path, options: &ReadOptions) -> Result<Option<bool>, String> {
    if path.as_os_str() == "-" {
        return Ok(None);
    }
    match std::fs::metadata(path) {
        Err(error) => Err(format!("{}: cannot be opened: {error}", path.display())),
        Ok(found) if found.is_dir() => Err(format!("{}: is a directory; name the files in it", path.display())),
        Ok(found) if found.is_file() => {
            let input = Input::open(path).map_err(|error| error.to_string())?;
            let reader = open_reader(input, &named(path, options)).map_err(|error| error.to_string())?;
            Ok(Some(reader.is_acknowledged()))
        }
        Ok(_) => Ok(None),
    }
}

/// How a file is read: by its name, where it holds nothing that tells its format. A file of JSON lines without a claim, as
/// `convert` writes it of an input without claims, is empty.
fn named<'o>(path: &Path, options: &'o ReadOptions) -> Cow<'o, ReadOptions> {
    let is_lines =
        || path.extension().is_some_and(|own| ["ndjson", "jsonl"].iter().any(|ext| own.eq_ignore_ascii_case(ext)));
    let is_empty = || std::fs::metadata(path).is_ok_and(|found| found.is_file() && found.len() == 0);
    if options.format.is_some() || !is_lines() || !is_empty() {
        return Cow::Borrowed(options);
    }
    let mut options = options.clone();
    options.format = Some(ClaimFormat::Ndjson);
    Cow::Owned(options)
}

/// Tells, of a failure to read one of several inputs, what was read before: of how many whole, and the claims of each.
pub fn stopped(failure: Failure, given: usize, whole: usize, claims: &[u64]) -> Failure {
    let Failure::Message(message) = failure else { return failure };
    if given < 2 {
        return Failure::Message(message);
    }
    let (before, own) = claims.split_at(claims.len().min(whole));
    let own = own.first().map_or(String::new(), |own| format!(", and {} of this one", counted(*own, "claim")));
    let before: u64 = before.iter().sum();
    Failure::new(format!(
        "{message}; {whole} of {given} inputs were read whole before, with {}{own}; the run stops here, without a summary",
        counted(before, "claim")
    ))
}

/// Opens a file, and tells what should be known of it before its claims.
pub fn open(path: &Path, options: &ReadOptions) -> Result<Box<dyn ClaimReader>, Failure> {
    let reader = open_reader(Input::open(path)?, &named(path, options))?;
    tell(&*reader, 0);
    if options.trace && !reader.is_acknowledged() {
        crate::say(format_args!("{}: is no X12, so the acknowledgment does not answer it", reader.name()));
    }
    Ok(reader)
}

/// Prints the reader's notices but the first so many, which were printed before.
pub fn tell(reader: &dyn ClaimReader, told: usize) {
    for notice in reader.notices().iter().skip(told) {
        crate::say(format_args!("{}: {notice}", reader.name()));
    }
}
