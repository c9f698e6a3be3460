//! `cleanclaim codesets diff`

use crate::args::{DiffFormat, DiffImages};
use crate::changes;
use crate::failure::Failure;
use crate::reading;
use crate::scrub::shown;
use cleanclaim::{Codeset, DateRange, Scrubber, embedded};
use compile::diff::{Change, ChangeKind, PartDiff, diff};
use serde_json::json;
use std::collections::BTreeMap;
use std::io::{self, BufWriter, Write};
use std::path::Path;
use std::process::ExitCode;

/// The name of the image in the program.
const DEFAULT: &str = "default";

pub fn run(arguments: &DiffImages) -> Result<ExitCode, Failure> {
    let (old, new) = (image(&arguments.old)?, image(&arguments.new)?);
    let mut out = BufWriter::new(io::stdout().lock());
    let differ = match &arguments.claims {
        Some(claims) => {
            let scrubbers = (scrubber(arguments, old)?, scrubber(arguments, new)?);
            let reader = reading::open(claims, &reading::options(&arguments.reading)?)?;
            let names = [&*shown(&arguments.old), &*shown(&arguments.new)];
            changes::tell((&scrubbers.0, &scrubbers.1), reader, names, arguments.format, &mut out)?
        }
        None => {
            let parts = match arguments.format {
                DiffFormat::Text => text(arguments, (&old, &new), &mut out),
                DiffFormat::Ndjson => ndjson((&old, &new), &mut out),
            };
            !parts.map_err(Failure::writing("the answer"))?.iter().all(PartDiff::is_same)
        }
    };
    out.flush().map_err(Failure::writing("the answer"))?;
    Ok(ExitCode::from(u8::from(differ)))
}

fn image(path: &Path) -> Result<Codeset, Failure> {
    if path == Path::new(DEFAULT) && !path.exists() {
        return Ok(embedded());
    }
    Codeset::open(path).map_err(Failure::image(path))
}

fn scrubber(arguments: &DiffImages, codeset: Codeset) -> Result<Scrubber, Failure> {
    let policies = crate::policy::policies(&arguments.policy, &codeset)?;
    let mut builder = Scrubber::builder(codeset);
    if !arguments.policy.is_empty() {
        builder = builder.policies(policies);
    }
    for edit in &arguments.select {
        builder = builder.select(edit);
    }
    for edit in &arguments.ignore {
        builder = builder.ignore(edit);
    }
    Ok(builder.build()?)
}

/// Totals first, then what differs: so many of each part, which are kept, or all, for which the images are compared again.
fn text(arguments: &DiffImages, (old, new): (&Codeset, &Codeset), out: &mut impl Write) -> io::Result<Vec<PartDiff>> {
    let mut first: BTreeMap<&str, Vec<Change>> = BTreeMap::new();
    let most = if arguments.all { 0 } else { arguments.first };
    let parts = diff(old, new, &mut |change| {
        let kept = first.entry(change.part).or_default();
        if kept.len() < most {
            kept.push(change);
        }
    });
    writeln!(out, "from {} {}\nto   {} {}\n", shown(&arguments.old), old.id(), shown(&arguments.new), new.id())?;
    writeln!(out, "{:<20} {:>9} {:>9} {:>9}", "PART", "ADDED", "REMOVED", "CHANGED")?;
    for part in &parts {
        let [added, removed, changed] = ChangeKind::ALL.map(|kind| part.count(kind));
        match (part.old, part.new) {
            (Some(_), Some(_)) => writeln!(out, "{:<20} {added:>9} {removed:>9} {changed:>9}", part.part)?,
            (None, Some(rows)) => writeln!(out, "{:<20} only in {}, {rows} rows", part.part, shown(&arguments.new))?,
            (Some(rows), None) => writeln!(out, "{:<20} only in {}, {rows} rows", part.part, shown(&arguments.old))?,
            (None, None) => {}
        }
        if part.old.is_some() && part.new.is_some() && part.old_covers != part.new_covers {
            let covers = |all: &[DateRange]| match all {
                [] => "nothing".to_owned(),
                all => all.iter().map(DateRange::to_string).collect::<Vec<_>>().join(", "),
            };
            writeln!(out, "  covers {}, then {}", covers(&part.old_covers), covers(&part.new_covers))?;
        }
    }
    if arguments.all {
        let (mut written, mut last) = (Ok(()), "");
        diff(old, new, &mut |change| {
            if written.is_ok() {
                let head = if last == change.part { String::new() } else { format!("\n{}\n", change.part) };
                written = writeln!(out, "{head}  {change}");
            }
            last = change.part;
        });
        written?;
        return Ok(parts);
    }
    for part in &parts {
        let Some(changes) = first.get(part.part).filter(|changes| !changes.is_empty()) else { continue };
        writeln!(out, "\n{}", part.part)?;
        for change in changes {
            writeln!(out, "  {change}")?;
        }
        let more = part.counts.iter().sum::<u64>().saturating_sub(changes.len() as u64);
        if more > 0 {
            writeln!(out, "  and {more} more; --all lists them")?;
        }
    }
    Ok(parts)
}

fn ndjson((old, new): (&Codeset, &Codeset), out: &mut impl Write) -> io::Result<Vec<PartDiff>> {
    let mut written = Ok(());
    let parts = diff(old, new, &mut |change| {
        if written.is_ok() {
            written = writeln!(out, "{}", change.json());
        }
    });
    written?;
    let all: Vec<_> = parts.iter().map(PartDiff::json).collect();
    writeln!(out, "{}", json!({"summary": {"old": old.id(), "new": new.id(), "parts": all}}))?;
    Ok(parts)
}
