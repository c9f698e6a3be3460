//! `cleanclaim codesets build`

use crate::args::BuildImage;
use crate::failure::Failure;
use crate::scrub::shown;
use cleanclaim::{Codeset, embedded};
use compile::assemble::{Assembled, Build, Progress};
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
    let (base, files) = base(arguments)?;
    if files.is_empty()
        && let Some((image, summary)) = &base
    {
        return finish(arguments, image, summary);
    }
    let mut build = Build::new().refuse_limit(arguments.refuse_limit);
    if let Some((image, _)) = &base {
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
    write_reports(arguments, &built)?;
    let text = if arguments.quiet { String::new() } else { built.summary.text(SHOWN) };
    let refusal = |why: &str| -> Result<(), Failure> {
        write!(io::stdout(), "{text}").map_err(Failure::writing("the summary"))?;
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

/// The image that is extended, with what is told of it, and the files.
#[expect(clippy::type_complexity, reason = "two names for a pair and a slice would say no more")]
fn base(arguments: &BuildImage) -> Result<(Option<(Vec<u8>, String)>, &[PathBuf]), Failure> {
    let files = &arguments.inputs[..];
    let Some((first, rest)) = files.split_first() else { return Ok((None, files)) };
    let base = if first.join(LIST).is_file() {
        let built = Sources::open(first)?.compile()?;
        Some((built.image, built.summary.to_string()))
    } else if is_image(first) {
        let image =
            std::fs::read(first).map_err(|error| Failure::new(format!("cannot read {}: {error}", shown(first))))?;
        Some((image, String::new()))
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

fn finish(arguments: &BuildImage, image: &[u8], text: &str) -> Result<ExitCode, Failure> {
    // What is written is what a scrub can open: a bug in the builder stops here.
    let codeset = Codeset::from_bytes(image)?;
    write_atomically(&arguments.output, image)?;
    if !arguments.quiet {
        let mut out = io::stdout().lock();
        writeln!(out, "{text}{}: {}", shown(&arguments.output), codeset.id())
            .map_err(Failure::writing("the summary"))?;
    }
    Ok(ExitCode::SUCCESS)
}

fn write_reports(arguments: &BuildImage, built: &Assembled) -> Result<(), Failure> {
    if let Some(path) = &arguments.summary {
        write_atomically(path, built.summary.json().as_bytes())?;
    }
    if let Some(path) = &arguments.refused {
        write_atomically(path, built.summary.refused_rows().as_bytes())?;
    }
    Ok(())
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
