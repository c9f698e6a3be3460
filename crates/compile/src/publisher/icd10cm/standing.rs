//! The notes of the tabular list as facts: which codes stand under which note, and which codes it names.

use super::{Note, NoteKind, Reference, Run, Tabular, Targets};
use codes::Code;
use std::collections::BTreeMap;

/// All notes of one kind at one place of the tabular list, without their words.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Debug)]
pub struct StandingNote {
    /// What the note says of the codes that it names.
    pub kind: NoteKind,
    /// Where it stands: a code, or a section or chapter by its first and last category.
    pub owner: Run,
    /// The codes that stand under it, in the order of codes.
    pub on: Vec<Run>,
    /// The codes that it names, in the order of codes and apart. Empty where it names none that could be read.
    pub targets: Vec<Run>,
    /// The codes are examples, or the note holds only if it applies: others may be meant, or none.
    pub examples: bool,
}

/// What one row of notes is known by: their kind, where they stand, and the codes under them.
type Place<'a> = (NoteKind, Run, &'a [Run]);

/// Words of a note that say that codes beside those named may be meant, or none at all.
const OPEN: [&str; 4] = ["such as", "if applicable", "if known", "if present"];

impl Tabular {
    /// The notes of the list, those of one kind and place as one, in order. Notes without a code that could be read
    /// are there for "code first" alone, where it matters that other codes may be meant.
    ///
    /// # Examples
    /// ```
    /// use cleanclaim_compile::publisher::icd10cm;
    /// let xml = br#"<ICD10CM.tabular><version>2026</version><chapter><desc>Symptoms (R00-R99)</desc><section id="R50-R69">
    /// <diag><name>R51</name><desc>Headache</desc>
    ///   <excludes1><note>trigeminal neuralgia (G50.0)</note><note>atypical face pain (G50.1)</note></excludes1>
    /// </diag></section></chapter></ICD10CM.tabular>"#;
    /// let standing = icd10cm::tabular("tabular.xml".as_ref(), xml)?.standing_notes();
    /// let shown: Vec<String> = standing[0].targets.iter().map(|run| run.to_string()).collect();
    /// assert_eq!((standing.len(), standing[0].owner.to_string(), shown.join(" ")), (1, "R51".to_owned(), "G50.0 G50.1".to_owned()));
    /// # Ok::<(), cleanclaim_compile::publisher::PublisherError>(())
    /// ```
    pub fn standing_notes(&self) -> Vec<StandingNote> {
        let mut sorted: Vec<Code> = self.list.rows.iter().map(|placed| placed.row.code).collect();
        sorted.sort_unstable();
        let mut found: BTreeMap<Place<'_>, (Vec<Run>, bool)> = BTreeMap::new();
        for Note { kind, owner, on, text, targets } in self.notes.iter().map(|placed| &placed.row) {
            let (runs, examples) = found.entry((*kind, *owner, on.as_slice())).or_default();
            match targets {
                Targets::Codes(references) => {
                    references.iter().for_each(|reference| add(reference, &sorted, runs));
                    *examples |= OPEN.iter().any(|words| text.contains(words));
                }
                Targets::Words | Targets::NotUnderstood => *examples = true,
            }
        }
        let standing = |((kind, owner, on), (targets, examples)): (Place<'_>, (Vec<Run>, bool))| {
            let on = on.to_vec();
            StandingNote { kind, owner, on, targets: apart(targets), examples }
        };
        found
            .into_iter()
            .map(standing)
            .filter(|note| !note.targets.is_empty() || note.kind == NoteKind::CodeFirst)
            .collect()
    }
}

/// Adds the codes that a reference names. Of a run that is restricted, those are written out, a header for all below
/// it where it is named itself.
fn add(reference: &Reference, sorted: &[Code], runs: &mut Vec<Run>) {
    let Reference { run, only } = reference;
    if only.is_none() {
        runs.push(*run);
        return;
    }
    let from = sorted.partition_point(|&code| code < run.first);
    let mut whole: Option<Code> = None;
    for &code in sorted[from..].iter().take_while(|&&code| run.contains(code)) {
        if whole.is_some_and(|header| code.starts_with(header)) || !reference.names(code) {
            continue;
        }
        // A header is named whole only where all below it are.
        let below =
            sorted[sorted.partition_point(|&other| other <= code)..].iter().take_while(|other| other.starts_with(code));
        if below.clone().all(|&other| reference.names(other)) {
            whole = Some(code);
            runs.push(Run { first: code, last: code });
        }
    }
}

/// The runs in order, those that repeat or lie within another left out.
fn apart(mut runs: Vec<Run>) -> Vec<Run> {
    runs.sort_unstable_by_key(|run| (run.first, std::cmp::Reverse(run.last)));
    let mut apart: Vec<Run> = Vec::with_capacity(runs.len());
    for run in runs {
        let within = apart.last().is_some_and(|last| last.contains(run.first) && last.contains(run.last));
        if !within {
            apart.push(run);
        }
    }
    apart
}
