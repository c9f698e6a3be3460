//! Writes the facts of a tabular list's notes as the table that the default image is compiled from.
//!
//!     cargo run -p cleanclaim-compile --example notes -- icd10cm-tabular-April-2026.xml > notes-2026-04.tsv
//!
//! One row a note: its kind; where it stands; the codes that stand under it, where that does not say it (a section that
//! the order of codes tears apart); the codes that it names; and `examples` where those are not all that it may mean.
//! A run of codes is written `A00-B99`, a code means all below it too.

use cleanclaim_compile::publisher::icd10cm::{NoteKind, Run, tabular};
use std::error::Error;
use std::io::Write;
use std::path::PathBuf;

fn main() -> Result<(), Box<dyn Error>> {
    let path = std::env::args_os().nth(1).map(PathBuf::from).ok_or("give the tabular list's XML file")?;
    let list = tabular(&path, &std::fs::read(&path)?)?;
    let mut out = std::io::BufWriter::new(std::io::stdout().lock());
    writeln!(out, "kind\towner\ton\ttargets\texamples")?;
    let mut rows = Vec::new();
    for note in list.standing_notes() {
        let kind = match note.kind {
            NoteKind::Excludes1 => "excludes1",
            NoteKind::Excludes2 => "excludes2",
            NoteKind::CodeFirst => "code-first",
            NoteKind::UseAdditional => "use-additional",
            // Says nothing that could be checked: the other code goes before or behind, or is not there.
            NoteKind::CodeAlso => continue,
        };
        let on = if note.on == [note.owner] { String::new() } else { shown(&note.on) };
        let examples = if note.examples { "examples" } else { "" };
        rows.push(format!("{kind}\t{}\t{on}\t{}\t{examples}", shown(&[note.owner]), shown(&note.targets)));
    }
    rows.sort_unstable();
    for row in rows {
        writeln!(out, "{row}")?;
    }
    out.flush()?;
    Ok(())
}

fn shown(runs: &[Run]) -> String {
    let one =
        |run: &Run| if run.first == run.last { run.first.to_string() } else { format!("{}-{}", run.first, run.last) };
    runs.iter().map(one).collect::<Vec<_>>().join(" ")
}
