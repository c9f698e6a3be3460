//! `cleanclaim codesets build`

use crate::args::BuildImage;
use crate::failure::Failure;
use crate::output::is_standard;
use crate::reading;
use crate::scrub::shown;
use cleanclaim::{Codeset, embedded};
use compile::assemble::{Assembled, AssemblySummary, Build, Progress, Recognised};
use compile::{Sources, write_atomically};
use std::io::{self, IsTerminal, Read, Write};
use std::path::{Path, PathBuf};
use std::process::ExitCode;
use std::sync::atomic::{AtomicU64, Ordering};

/// The list in a folder of tables.
const LIST: &str = "sources.toml";
/// How an image begins.
const LABEL: &[u8; 8] = b"CLNCLAIM";
/// How many refused rows of a file, and how many conflicts of a part, the summary shows.
const SHOWN: usize = 5;

pub fn run(arguments: &BuildImage) -> Result<ExitCode, Failure> {
    keep_apart(arguments)?;
    let (base, files) = base(arguments)?;
    if files.is_empty()
        && let Some(Base { image, told, summary }) = &base
    {
        write_reports(arguments, summary)?;
        return finish(arguments, image, told);
    }
    let mut build = Build::new().refuse_limit(arguments.refuse_limit);
    if let Some(Base { image, .. }) = &base {
        let first = arguments.inputs.first().map_or(Path::new(""), PathBuf::as_path);
        build = build.base(Codeset::from_bytes(image).map_err(Failure::image(first))?);
    } else if arguments.default {
        build = build.base(embedded());
    }
    for (name, day) in &arguments.effective {
        build = build.effective(name.as_deref(), *day);
    }
    let told = progress(arguments.quiet);
    let built = build.files(files, &told)?;
    drop(told);
    keep_apart_taken(arguments, &built)?;
    write_reports(arguments, &built.summary)?;
    let text = if arguments.quiet { String::new() } else { built.summary.text(SHOWN) };
    let refusal = |why: &str| -> Result<(), Failure> {
        tell(arguments, &text)?;
        crate::say(format_args!("{} was not written: {why}", shown(&arguments.output)));
        Ok(())
    };
    if !files.is_empty() && built.summary.took_nothing() {
        let totals = built.summary.totals();
        refusal(&format!(
            "nothing of the files that were given can be taken ({totals}); see README, \"Your own tables\""
        ))?;
        return Ok(ExitCode::from(2));
    }
    if arguments.strict && !built.summary.is_clean() {
        refusal(&format!("--strict, and not all is in order: {}", built.summary.totals()))?;
        return Ok(ExitCode::from(1));
    }
    finish(arguments, &built.image, &format!("{text}image: {} bytes\n", built.image.len()))
}

/// The image that is extended.
struct Base {
    image: Vec<u8>,
    /// What is told of it, and what is reported.
    told: String,
    summary: AssemblySummary,
}

/// The image that is extended, and the files.
fn base(arguments: &BuildImage) -> Result<(Option<Base>, &[PathBuf]), Failure> {
    let files = &arguments.inputs[..];
    let Some((first, rest)) = files.split_first() else { return Ok((None, files)) };
    let base = if first.join(LIST).is_file() {
        let sources = Sources::open(first)?;
        let read: Vec<PathBuf> = sources.files().chain([first.join(LIST)]).collect();
        reading::keep_apart(&read, outputs(arguments))?;
        let built = sources.compile()?;
        let summary = AssemblySummary::of_tables(&built.summary.tables, &built.image);
        Some(Base { image: built.image, told: built.summary.to_string(), summary })
    } else if is_image(first) {
        let image =
            std::fs::read(first).map_err(|error| Failure::new(format!("cannot read {}: {error}", shown(first))))?;
        let summary = AssemblySummary::of_tables(&[], &image);
        Some(Base { image, told: String::new(), summary })
    } else {
        None
    };
    if let Some(other) = rest.iter().find(|path| is_image(path)) {
        let message = format!("{} is an image; only the first file may be one, which is extended", shown(other));
        return Err(Failure::new(message));
    }
    match base {
        Some(_) if arguments.default => {
            Err(Failure::new(format!("{}: an image is extended already, so leave out --default", shown(first))))
        }
        Some(base) => Ok((Some(base), rest)),
        None => Ok((None, files)),
    }
}

fn is_image(path: &Path) -> bool {
    let mut label = [0; 8];
    path.is_file()
        && std::fs::File::open(path).is_ok_and(|mut file| file.read_exact(&mut label).is_ok())
        && label == *LABEL
}

/// What is written: the image and what is told of it.
fn outputs(arguments: &BuildImage) -> impl Iterator<Item = &Path> {
    std::iter::once(arguments.output.as_path()).chain(reports(arguments))
}

fn reports(arguments: &BuildImage) -> impl Iterator<Item = &Path> {
    [&arguments.summary, &arguments.refused].into_iter().flatten().map(PathBuf::as_path)
}

/// Refuses to write to a file that is given. Only the image that is extended may give way to the new one: it is read whole
/// before, and replaced at once.
fn keep_apart(arguments: &BuildImage) -> Result<(), Failure> {
    let extended = usize::from(arguments.inputs.first().is_some_and(|first| is_image(first)));
    reading::keep_apart(arguments.inputs.get(extended..).unwrap_or_default(), outputs(arguments))?;
    reading::keep_apart(&arguments.inputs, reports(arguments))
}

/// Refuses to write to a file that was found in a folder and taken. What else is there, as the image and the reports of the
/// build before, may give way.
fn keep_apart_taken(arguments: &BuildImage, built: &Assembled) -> Result<(), Failure> {
    let taken = built.summary.files.iter().filter(|file| file.recognised != Recognised::Not);
    // Of a file in an archive, the archive.
    let on_disk = |path: &str| Path::new(path).ancestors().find(|path| path.is_file()).map(Path::to_owned);
    let taken: Vec<PathBuf> = taken.filter_map(|file| on_disk(&file.path)).filter(|path| !is_image(path)).collect();
    reading::keep_apart(&taken, outputs(arguments))
}

fn finish(arguments: &BuildImage, image: &[u8], text: &str) -> Result<ExitCode, Failure> {
    // What is written is what a scrub can open: a bug in the builder stops here.
    let codeset = Codeset::from_bytes(image)?;
    put(&arguments.output, image)?;
    if !arguments.quiet {
        tell(arguments, &format!("{text}{}: {}\n", shown(&arguments.output), codeset.id()))?;
    }
    Ok(ExitCode::SUCCESS)
}

fn write_reports(arguments: &BuildImage, summary: &AssemblySummary) -> Result<(), Failure> {
    if let Some(path) = &arguments.summary {
        put(path, summary.json().as_bytes())?;
    }
    if let Some(path) = &arguments.refused {
        put(path, summary.refused_rows().as_bytes())?;
    }
    Ok(())
}

/// Writes a file whole or not at all, or to standard output.
pub fn put(path: &Path, bytes: &[u8]) -> Result<(), Failure> {
    if is_standard(path) {
        let mut out = io::stdout().lock();
        return out.write_all(bytes).and_then(|()| out.flush()).map_err(Failure::writing("to standard output"));
    }
    Ok(write_atomically(path, bytes)?)
}

/// Tells what was done: on standard output, unless that is what something was to be written to.
fn tell(arguments: &BuildImage, text: &str) -> Result<(), Failure> {
    let told = match outputs(arguments).any(is_standard) {
        true => io::stderr().write_all(text.as_bytes()),
        false => io::stdout().write_all(text.as_bytes()),
    };
    told.map_err(Failure::writing("the summary"))
}

/// Tells on a terminal, over the same line, what is done.
fn progress(quiet: bool) -> impl Fn(Progress<'_>) + Sync {
    let told = io::stderr().is_terminal() && !quiet;
    let files = AtomicU64::new(0);
    move |progress| {
        if !told {
            return;
        }
        let mut err = io::stderr().lock();
        // Nobody may be reading; that is no reason to stop.
        let _ = match progress {
            Progress::Read(path) => {
                let count = files.fetch_add(1, Ordering::Relaxed) + 1;
                let name = path.file_name().map(|name| name.to_string_lossy().into_owned()).unwrap_or_default();
                write!(err, "\r\x1b[K{count} files read: {name}")
            }
            Progress::Merging => write!(err, "\r\x1b[K{} files read; merging them", files.load(Ordering::Relaxed)),
            Progress::Merged => write!(err, "\r\x1b[Kmerged; writing the image\r\x1b[K"),
        };
    }
}
