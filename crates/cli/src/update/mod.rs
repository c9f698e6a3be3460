//! `cleanclaim codesets update`

mod download;
mod publishers;

use crate::args::UpdateImage;
use crate::build::put;
use crate::failure::Failure;
use crate::output::is_standard;
use crate::reading;
use crate::scrub::shown;
use claims::read_text_file;
use cleanclaim::{Codeset, embedded};
use compile::assemble::{AssemblySummary, Build, Recognised};
use download::{Downloaded, Downloader};
use publishers::{LIST, Licence, Source, sources};
use std::fs;
use std::io::{self, IsTerminal, Write};
use std::path::{Path, PathBuf};
use std::process::ExitCode;

pub use publishers::Quarter;

/// How many refused rows of a file, and conflicts of a part, the summary shows.
const SHOWN: usize = 5;

/// The quarter of an argument.
pub fn quarter_of(text: &str) -> Result<Quarter, String> {
    Quarter::parse(text).ok_or_else(|| format!("expected a quarter as 2026Q4, got {text:?}"))
}

pub fn run(arguments: &UpdateImage) -> Result<ExitCode, Failure> {
    let Some(output) = arguments.output.as_ref().or(arguments.base.as_ref()) else {
        return Err(Failure::new("nothing says which image to write; give --output"));
    };
    let output = output.as_path();
    reading::keep_apart(arguments.sources.as_slice(), [output])?;
    let quarter = arguments.quarter.unwrap_or_else(Quarter::current);
    let sources = listed(arguments, quarter)?;
    licensed(&sources, arguments.accept_ama_license)?;
    let base = base(arguments)?;
    let kept;
    let folder = match &arguments.cache {
        Some(folder) => folder.as_path(),
        None => {
            let made = tempfile::tempdir();
            kept = made.map_err(|error| Failure::new(format!("cannot make a folder for downloads: {error}")))?;
            kept.path()
        }
    };
    let files = download(arguments, &sources, &folder.join(quarter.to_string()))?;
    let downloaded: Vec<PathBuf> = files.iter().map(|file| file.path.clone()).collect();
    reading::keep_apart(&downloaded, [output])?;
    let paths: Vec<&Path> = files.iter().map(|file| file.path.as_path()).collect();
    let built = Build::new().base(base).files(&paths, &|_| {})?;
    expected(&sources, &files, &built.summary)?;
    // What is written is what a scrub can open.
    let codeset = Codeset::from_bytes(&built.image)?;
    put(output, &built.image)?;
    if !arguments.quiet {
        // The image itself may be what is on standard output.
        let mut out: Box<dyn Write> =
            if is_standard(output) { Box::new(io::stderr()) } else { Box::new(io::stdout().lock()) };
        let tell = |out: &mut dyn Write| -> io::Result<()> {
            for (source, file) in sources.iter().zip(&files) {
                let from = file.address.as_deref().unwrap_or("downloaded before");
                let size = fs::metadata(&file.path).map_or(0, |data| data.len());
                writeln!(out, "{}: {size} bytes, {from}", source.name)?;
            }
            writeln!(out, "{}image: {} bytes", built.summary.text(SHOWN), built.image.len())?;
            writeln!(out, "{}: {}", shown(output), codeset.id())
        };
        tell(&mut *out).map_err(Failure::writing("the summary"))?;
    }
    Ok(ExitCode::SUCCESS)
}

fn listed(arguments: &UpdateImage, quarter: Quarter) -> Result<Vec<Source>, Failure> {
    let (name, text) = match &arguments.sources {
        Some(path) => {
            let text = read_text_file(path);
            (shown(path), text.map_err(|error| Failure::new(format!("cannot read {}: {error}", shown(path))))?)
        }
        None => ("codesets/publishers.toml".to_owned(), LIST.to_owned()),
    };
    sources(&text, quarter, &arguments.only).map_err(|error| Failure::new(format!("{name}: {error}")))
}

/// Stops before anything is downloaded under a licence that was not accepted.
fn licensed(sources: &[Source], accepted: bool) -> Result<(), Failure> {
    let licensed: Vec<&Source> = sources.iter().filter(|own| own.licence == Some(Licence::Ama)).collect();
    if accepted || licensed.is_empty() {
        return Ok(());
    }
    let mut pages: Vec<String> = licensed.iter().map(|own| format!("  {}: {}", own.listed, own.page)).collect();
    pages.dedup();
    Err(Failure::new(format!(
        "nothing was downloaded. These sources hold CPT codes, which are the American Medical Association's, and are \
         published under its licence:\n{}\nRead the licence there; if you accept it, give --accept-ama-license. Other \
         sources can be had alone with --only",
        pages.join("\n")
    )))
}

/// The image to extend. Read whole, so that it may be replaced.
fn base(arguments: &UpdateImage) -> Result<Codeset, Failure> {
    let Some(path) = &arguments.base else { return Ok(embedded()) };
    let image = fs::read(path).map_err(|error| Failure::new(format!("cannot read {}: {error}", shown(path))))?;
    Codeset::from_bytes(&image).map_err(Failure::image(path))
}

/// Every source, or what is wrong with each that did not come.
fn download(arguments: &UpdateImage, sources: &[Source], folder: &Path) -> Result<Vec<Downloaded>, Failure> {
    let downloader = Downloader::new(arguments.timeout, arguments.retries);
    let told = io::stderr().is_terminal() && !arguments.quiet;
    let (mut files, mut faults) = (Vec::new(), Vec::new());
    for source in sources {
        if told {
            // Nobody may be reading; that is no reason to stop.
            let _ = write!(io::stderr(), "\r\x1b[Kdownloading {}\r", source.name);
        }
        match downloader.download(source, &folder.join(&source.name)) {
            Ok(file) => files.push(file),
            Err((address, fault)) => faults.push(format!(
                "  {}: {address}: {fault}. {} publishes it at {}",
                source.name, source.publisher, source.page
            )),
        }
    }
    if told {
        let _ = write!(io::stderr(), "\x1b[K");
    }
    if faults.is_empty() {
        return Ok(files);
    }
    Err(Failure::new(format!(
        "{} of {} files did not come, and no image was written:\n{}",
        faults.len(),
        sources.len(),
        faults.join("\n")
    )))
}

/// Stops when a file is not what its source should be. It is taken out of the cache, to be downloaded again.
fn expected(sources: &[Source], files: &[Downloaded], summary: &AssemblySummary) -> Result<(), Failure> {
    let mut faults = Vec::new();
    for (source, file) in sources.iter().zip(files) {
        // A file in an archive is named by the archive's path first.
        let path = shown(&file.path);
        let own = || summary.files.iter().filter(|own| own.path.starts_with(&path));
        let failed = own().find_map(|own| match &own.recognised {
            Recognised::Failed(error) => Some(error.clone()),
            _ => None,
        });
        let found =
            own().any(|own| own.read > 0 && matches!(own.recognised, Recognised::As(kind) if kind == source.expect));
        let fault = match failed {
            Some(error) => error,
            None if found => continue,
            None => {
                let kinds: Vec<&str> = own()
                    .filter_map(|own| match own.recognised {
                        Recognised::As(kind) => Some(kind),
                        _ => None,
                    })
                    .collect();
                let kinds = if kinds.is_empty() { "nothing that is known".to_owned() } else { kinds.join(", ") };
                format!("{path}: expected {}, found {kinds}", source.expect)
            }
        };
        faults.push(format!("  {}: {fault}. {} publishes it at {}", source.name, source.publisher, source.page));
        // It may not be removable; the next run then says the same again.
        let _ = fs::remove_file(&file.path);
    }
    if faults.is_empty() {
        return Ok(());
    }
    Err(Failure::new(format!("no image was written:\n{}", faults.join("\n"))))
}
