//! `cleanclaim scrub`

use crate::args::{CodesetChoice, FailOn, Scrub, Shown};
use crate::failure::Failure;
use crate::output::{Output, STANDARD};
use crate::reading::{self, open};
use crate::site;
use cleanclaim::{
    Acknowledgment, Codeset, Format, Policy, Progress, ReadOptions, Run, RunError, Scrubber, Site, embedded,
};
use std::io::{self, IsTerminal, Write};
use std::path::{Path, PathBuf};
use std::process::ExitCode;
use std::time::{Duration, Instant};

/// How often progress is printed.
const PROGRESS_EVERY: Duration = Duration::from_millis(200);

/// Opens the codeset that was asked for.
pub fn codeset(choice: &CodesetChoice) -> Result<Codeset, Failure> {
    match &choice.codeset {
        Some(path) => Codeset::open(path).map_err(Failure::image(path)),
        None => Ok(embedded()),
    }
}

pub fn run(mut arguments: Scrub) -> Result<ExitCode, Failure> {
    let (scrubber, site) = scrubber(&mut arguments)?;
    let arguments = &arguments;
    let mut reading = reading::options(&arguments.reading)?;
    reading.trace = arguments.acknowledge.is_some();
    keep_apart(arguments, &scrubber, site.as_ref())?;
    let answered = reading::check(&arguments.files, &reading)?;
    // Whatever is to be written can be, or nothing is read.
    let told = arguments.summary.as_ref().map(|path| Output::create(Some(path), "the summary")).transpose()?;
    let create = |path| Output::create(Some(path), "the acknowledgment");
    let mut acknowledged = arguments.acknowledge_output.as_ref().map(create).transpose()?;
    let pool = pool(arguments.threads)?;
    let mut run = Run::new(&scrubber, &pool, arguments.format.unwrap_or(Format::Text));
    if let Some(site) = &site {
        run.configuration(site.name());
    }
    if io::stderr().is_terminal() && !arguments.quiet {
        run.on_progress(progress());
    }
    if let (Some(kind), Some(file)) = (arguments.acknowledge, &mut acknowledged) {
        run.acknowledge(Acknowledgment::new(kind, arguments.acknowledge_date), file);
    }
    let mut out = Output::create(arguments.output.as_ref(), "findings")?;
    let summary = scrub_all(run, arguments, &reading, answered, &mut out)?;
    out.commit()?;
    acknowledged.map_or(Ok(()), Output::commit)?;
    if let (Some(path), Some(mut file)) = (&arguments.summary, told) {
        let written = if is_html(path) {
            summary.write_html(scrubber.edits(), &mut file)
        } else {
            summary.write_json(scrubber.edits(), &mut file)
        };
        written.map_err(Failure::writing(&shown(path)))?;
        file.commit()?;
    }
    if !arguments.quiet {
        match summary.write_text(scrubber.edits(), &mut io::stderr().lock()) {
            // Nobody reads it; what was found decides the exit code all the same.
            Err(error) if error.kind() == io::ErrorKind::BrokenPipe => {}
            written => written.map_err(Failure::writing("the summary"))?,
        }
    }
    let least = arguments.fail_on.unwrap_or(FailOn::Error).least();
    if let (true, Some(least)) = (arguments.quiet, least) {
        // What sets the exit code is told: findings are where they are written, notices stand in the summary alone.
        let mut told = Vec::new();
        summary.write_notices(least, &mut told).map_err(Failure::writing("the notices"))?;
        // Nobody may be reading; that changes no exit code.
        let _ = io::stderr().write_all(&told);
    }
    let found =
        least.is_some_and(|least| summary.tally.has_findings_at_least(least) || summary.has_notices_at_least(least));
    Ok(ExitCode::from(u8::from(found)))
}

/// Refuses to write to what is read: claims, image, map, and the policies' and the site's files with those that they name.
/// Findings go to standard output where no file is given.
fn keep_apart(arguments: &Scrub, scrubber: &Scrubber, site: Option<&Site>) -> Result<(), Failure> {
    let mut inputs = reading::inputs(&arguments.files, &arguments.reading);
    inputs.extend(arguments.codeset.codeset.clone());
    inputs.extend(scrubber.policies().iter().flat_map(Policy::files).cloned());
    inputs.extend(site.into_iter().flat_map(Site::files).cloned());
    let findings = arguments.output.as_deref().unwrap_or(Path::new(STANDARD));
    let others = [&arguments.summary, &arguments.acknowledge_output].into_iter().flatten();
    reading::keep_apart(&inputs, std::iter::once(findings).chain(others.map(PathBuf::as_path)))
}

/// Whether the name is that of a page.
fn is_html(path: &Path) -> bool {
    path.extension().is_some_and(|own| ["html", "htm"].iter().any(|html| own.eq_ignore_ascii_case(html)))
}

/// The worker threads: so many, or as many as the machine has.
pub fn pool(threads: Option<u16>) -> Result<rayon::ThreadPool, Failure> {
    rayon::ThreadPoolBuilder::new()
        .num_threads(threads.map_or(0, usize::from))
        .build()
        .map_err(|error| Failure::new(format!("cannot start worker threads: {error}; give a smaller --threads")))
}

/// The scrubber that is asked for, and the site's choices, which are put into the arguments where these leave room.
fn scrubber(arguments: &mut Scrub) -> Result<(Scrubber, Option<Site>), Failure> {
    let file = site::open(&arguments.configuration)?;
    if let Some(file) = &file {
        // What is read before the file can be checked: the policies' edits are among those that it may name.
        arguments.codeset.codeset = arguments.codeset.codeset.take().or(file.codeset().map(Path::to_owned));
        if arguments.policy.is_empty() {
            arguments.policy = file.policies().to_vec();
        }
    }
    let opened = codeset(&arguments.codeset).and_then(|codeset| {
        let policies = crate::policy::policies(&arguments.policy, &codeset)?;
        Ok((codeset, policies))
    });
    let (codeset, policies) = match opened {
        Ok(opened) => opened,
        // All that is wrong is told at once: with the file itself, and with what it names.
        Err(failure) => {
            return Err(match file {
                Some(file) => site::with_failure(file, failure),
                None => failure,
            });
        }
    };
    policies.require(&arguments.pin)?;
    let site = file.map(|file| file.check(Some(&policies))).transpose()?;
    let mut builder = Scrubber::builder(codeset);
    if let Some(site) = &site {
        site::fill(arguments, site);
        builder = builder.settings(site.settings()).suppressions(site.suppressions());
        if !site.suppressions().is_empty() {
            builder = builder.today(arguments.today.unwrap_or_else(site::machine_date));
        }
    }
    builder = builder
        .show_bypassed(arguments.show.contains(&Shown::Bypassed))
        .show_not_evaluated(arguments.show.contains(&Shown::NotEvaluated))
        .show_suppressed(arguments.show.contains(&Shown::Suppressed));
    if !arguments.policy.is_empty() {
        builder = builder.policies(policies);
    }
    for edit in &arguments.select {
        builder = builder.select(edit);
    }
    for edit in &arguments.ignore {
        builder = builder.ignore(edit);
    }
    for (edit, severity) in &arguments.severity {
        builder = builder.severity(edit, *severity);
    }
    Ok((builder.build()?, site))
}

fn scrub_all(
    mut run: Run<'_>,
    arguments: &Scrub,
    reading: &ReadOptions,
    answered: usize,
    out: &mut dyn Write,
) -> Result<cleanclaim::Summary, Failure> {
    match scrub_inputs(&mut run, arguments, reading, answered, out) {
        Ok(()) => Ok(run.finish(out)?),
        Err(Stopped::Reading(failure)) => {
            // Why the run stopped matters more than whether the end of what was found can be written.
            let _ = run.give_up(out);
            Err(failure)
        }
        Err(Stopped::Other(failure)) => Err(failure),
    }
}

/// Why no further input is scrubbed.
enum Stopped {
    /// One could not be read further.
    Reading(Failure),
    Other(Failure),
}

/// Scrubs all inputs. Where an acknowledgment is asked for, only the first `answered` of them may be X12.
fn scrub_inputs(
    run: &mut Run<'_>,
    arguments: &Scrub,
    reading: &ReadOptions,
    answered: usize,
    out: &mut dyn Write,
) -> Result<(), Stopped> {
    let other = |error: RunError| Stopped::Other(error.into());
    let mut any = !reading.trace;
    for (before, path) in reading::files(&arguments.files).enumerate() {
        let stopped = |failure, run: &Run<'_>| {
            let claims: Vec<u64> = run.so_far().files.iter().map(|file| file.claims).collect();
            let failure = reading::stopped(failure, arguments.files.len(), before, &claims);
            // Of the first input nothing is written yet.
            if before == 0 && claims.is_empty() { Stopped::Other(failure) } else { Stopped::Reading(failure) }
        };
        let mut reader = open(path, reading).map_err(|failure| stopped(failure, run))?;
        // Of a pipe it is known only now whether it is X12.
        any |= reader.is_acknowledged();
        if !any && before + 1 >= answered {
            return Err(stopped(Failure::new(reading::NOTHING_ACKNOWLEDGED), run));
        }
        if before == 0 {
            run.head(out).map_err(other)?;
        }
        let told = reader.notices().len();
        match run.input(&mut *reader, out) {
            Err(error @ RunError::Read(_)) => return Err(stopped(error.into(), run)),
            done => done.map_err(other)?,
        }
        reading::tell(&*reader, told);
    }
    Ok(())
}

/// Prints how far the run has come, over the same line.
fn progress() -> impl FnMut(Progress) {
    let begun = Instant::now();
    let mut printed = begun;
    move |progress| {
        if printed.elapsed() < PROGRESS_EVERY {
            return;
        }
        printed = Instant::now();
        let megabytes = progress.bytes / 1_000_000;
        let seconds = begun.elapsed().as_secs_f64().max(0.001);
        // Not `eprint!`, which panics when nobody reads it.
        let _ = write!(
            io::stderr(),
            "\r{megabytes} MB, {} claims, {:.0} MB/s\x1b[K\r",
            progress.claims,
            progress.bytes as f64 / 1e6 / seconds
        );
    }
}

/// A path as messages give it.
pub fn shown(path: &Path) -> String {
    path.display().to_string()
}
