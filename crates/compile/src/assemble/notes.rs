//! Notes of the tabular list: Excludes1 and Excludes2, code first, use additional code.
//!
//! A list's notes hold from its own first day to the last of its fiscal year, or to the day before the next list of that
//! year: what stands in the lists of two years need not have stood in those between.

use super::given::{Given, Share};
use super::period::Period;
use super::snapshots::{Snapshot, merge as merge_snapshots};
use super::{Assembly, Part};
use crate::error::CompileError;
use crate::publisher::Publication;
use crate::publisher::icd10cm::{self, Run, StandingNote};
use codes::Code;
use codeset::{CodeRun, NewNote, NoteKind, Notes, NotesBuilder, SystemId};
use std::fmt;

pub(crate) const PART: Part = Part { shares, merge };

fn shares(publication: &Publication) -> Vec<Share> {
    match publication {
        Publication::Icd10cmTabular(_) => {
            vec![Share { table: "icd10cm-notes", part: Notes::NAME, period: Period::FiscalYear }]
        }
        _ => Vec::new(),
    }
}

fn merge(given: &Given<'_>, assembly: &mut Assembly) -> Result<(), CompileError> {
    let publications = given.publications(Notes::NAME);
    let known: Vec<u16> = publications.iter().map(|source| source.release).collect();
    let codes: Vec<Code> = assembly
        .systems
        .get(&SystemId::Diagnosis)
        .map(|system| system.rows().map(|(code, _)| code).collect())
        .unwrap_or_default();
    let mut snapshots: Vec<Snapshot<Key, Value>> = Vec::new();
    for source in &publications {
        let Publication::Icd10cmTabular(tabular) = source.publication else { continue };
        // Notes of one place and kind are one row, so no line is that of all of them.
        let rows = tabular.standing_notes().into_iter().filter_map(|note| row(note, &codes)).collect();
        snapshots.push(Snapshot { release: source.release, days: source.days, rows });
    }
    let base = given.base().and_then(|base| base.notes().zip(base.system(SystemId::Diagnosis)));
    let of_base = base.map(|(notes, system)| notes.to_new(system)).unwrap_or_default();
    // A list that is given again is read anew.
    for (release, facts) in given.base_releases(Notes::NAME).filter(|(release, _)| !known.contains(release)) {
        let held = of_base.iter().filter(|note| {
            let days = facts.covers();
            note.from <= days.from && note.to.is_none_or(|to| to >= days.from)
        });
        let rows = held.map(|note| {
            let value = Value::new(&note.on, &note.targets, note.examples, &codes);
            (Key(note.kind, note.owner), value, 0)
        });
        snapshots.push(Snapshot { release, days: facts.covers(), rows: rows.collect() });
    }
    let mut notes = NotesBuilder::new();
    for dated in merge_snapshots(Notes::NAME, snapshots, assembly) {
        let (Key(kind, owner), Value { on, targets, examples }) = (dated.key, dated.value);
        let (from, to) = (dated.days.from, dated.days.to);
        notes.add(NewNote { kind, owner, on, targets, examples, from, to, release: dated.release });
    }
    if !notes.is_empty() {
        assembly.image.notes(notes)?;
    }
    Ok(())
}

/// What a note is known by from list to list.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
struct Key(NoteKind, CodeRun);

impl fmt::Display for Key {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Key(kind, CodeRun { first, last }) = self;
        write!(f, "{} note at {}", kind.name(), first.diagnosis())?;
        if first != last { write!(f, "-{}", last.diagnosis()) } else { Ok(()) }
    }
}

/// What a note says.
#[derive(Clone, PartialEq, Eq)]
struct Value {
    on: Vec<CodeRun>,
    targets: Vec<CodeRun>,
    examples: bool,
}

impl Value {
    /// The same runs are written in the same way, wherever they come from: over these codes.
    fn new(on: &[CodeRun], targets: &[CodeRun], examples: bool, codes: &[Code]) -> Value {
        Value { on: over(on, codes), targets: over(targets, codes), examples }
    }
}

impl fmt::Debug for Value {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} runs of codes, named by {}", self.targets.len(), self.on.len())
    }
}

fn row(note: StandingNote, codes: &[Code]) -> Option<(Key, Value, u32)> {
    let kind = match note.kind {
        icd10cm::NoteKind::Excludes1 => NoteKind::Excludes1,
        icd10cm::NoteKind::Excludes2 => NoteKind::Excludes2,
        icd10cm::NoteKind::CodeFirst => NoteKind::CodeFirst,
        icd10cm::NoteKind::UseAdditional => NoteKind::UseAdditional,
        // Says nothing that could be checked: the other code goes before or behind, or is not there.
        icd10cm::NoteKind::CodeAlso => return None,
    };
    let runs = |runs: &[Run]| runs.iter().copied().map(run).collect::<Vec<CodeRun>>();
    let value = Value::new(&runs(&note.on), &runs(&note.targets), note.examples, codes);
    Some((Key(kind, run(note.owner)), value, 0))
}

fn run(Run { first, last }: Run) -> CodeRun {
    CodeRun { first, last }
}

/// The runs from first to last of these codes, those that touch as one.
fn over(runs: &[CodeRun], codes: &[Code]) -> Vec<CodeRun> {
    let span = |run: &CodeRun| {
        let first = codes.partition_point(|&code| code < run.first);
        let end = codes.partition_point(|&code| code.prefix(run.last.len()) <= run.last);
        (first, end)
    };
    let mut spans: Vec<(usize, usize)> = runs.iter().map(span).filter(|(first, end)| first < end).collect();
    spans.sort_unstable();
    let mut joined: Vec<(usize, usize)> = Vec::new();
    for (first, end) in spans {
        match joined.last_mut() {
            Some(last) if first <= last.1 => last.1 = last.1.max(end),
            _ => joined.push((first, end)),
        }
    }
    let code = |place: usize| codes.get(place).copied().unwrap_or_default();
    joined.into_iter().map(|(first, end)| CodeRun { first: code(first), last: code(end - 1) }).collect()
}
