//! What became of every file.

use super::conflicts::{Conflict, Conflicts};
use super::given::{Aside, File, Given, failure};
use crate::error::Located;
use serde::Serialize;
use std::fmt;

/// What a build read, took, refused and left out.
#[derive(Clone, PartialEq, Debug)]
pub struct AssemblySummary {
    /// The files, in order of their names.
    pub files: Vec<FileSummary>,
    /// Conflicts, counted by part.
    pub conflicts: Vec<(String, u64)>,
    /// The first thousand conflicts of each part.
    pub first_conflicts: Vec<Conflict>,
    /// The image's size in bytes.
    pub image_size: u64,
}

/// What a file was taken for.
#[derive(Clone, PartialEq, Eq, Debug, Serialize)]
pub enum Recognised {
    /// A kind of file that is read.
    As(&'static str),
    /// None of the kinds that are read.
    Not,
    /// It could not be read: why.
    Failed(String),
}

/// What became of one file.
#[derive(Clone, PartialEq, Debug)]
pub struct FileSummary {
    /// The file, through whatever containers it was in.
    pub path: String,
    /// What it was taken for.
    pub recognised: Recognised,
    /// The label of its release.
    pub release: String,
    /// The first day of its release.
    pub effective: Option<String>,
    /// Why it was set aside, if it was.
    pub aside: Option<String>,
    /// Rows read.
    pub read: u64,
    /// Rows taken.
    pub taken: u64,
    /// Rows refused.
    pub refused: u64,
    /// The first thousand of them.
    pub refusals: Vec<Located>,
    /// What is wrong in rows that were taken.
    pub flaws: u64,
    /// What was left out on purpose, by reason.
    pub left_out: Vec<(String, u64)>,
}

impl AssemblySummary {
    pub(crate) fn new(given: &Given<'_>, conflicts: Conflicts, image_size: u64) -> AssemblySummary {
        AssemblySummary {
            files: given.files().iter().map(file).collect(),
            conflicts: conflicts.counts.into_iter().collect(),
            first_conflicts: conflicts.first,
            image_size,
        }
    }

    /// Whether every file was recognised, read and taken, no row was refused, and no two files contradict each other.
    pub fn is_clean(&self) -> bool {
        let unclean = |file: &FileSummary| {
            file.refused > 0
                || !matches!(file.recognised, Recognised::As(_))
                || file.aside.as_ref().is_some_and(|aside| aside.starts_with("nothing says"))
        };
        self.conflicts.is_empty() && !self.files.iter().any(unclean)
    }
}

fn file(file: &File) -> FileSummary {
    let path = file.input.path.display().to_string();
    let aside = file.aside.as_ref().map(Aside::to_string);
    let effective = file.effective.map(|day| day.to_string());
    let publication = file.input.content.as_ref().ok().and_then(Option::as_ref);
    let recognised = match (failure(file), publication) {
        (Some(error), _) => Recognised::Failed(error.to_string()),
        (None, Some(publication)) => Recognised::As(publication.kind().describe()),
        (None, None) => Recognised::Not,
    };
    let mut summary = FileSummary {
        path,
        recognised,
        release: String::new(),
        effective,
        aside,
        read: 0,
        taken: 0,
        refused: 0,
        refusals: Vec::new(),
        flaws: 0,
        left_out: Vec::new(),
    };
    if let Some(publication) = publication {
        let facts = publication.facts();
        summary.release.clone_from(&facts.release.label);
        (summary.read, summary.taken) = (facts.read, facts.taken);
        (summary.refused, summary.flaws) = (facts.refused.count(), facts.flaws.count());
        summary.refusals = facts.refused.first().to_vec();
        summary.left_out = facts.left_out.iter().map(|(reason, count)| ((*reason).to_owned(), *count)).collect();
    }
    summary
}

impl fmt::Display for Aside {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Aside::SameContent(first) => write!(f, "the same content as {first}"),
            Aside::NoDate => f.write_str("nothing says when it takes effect; give --effective NAME=YYYY-MM-DD"),
            Aside::Corrected(by) => write!(f, "corrected by {by}"),
            Aside::NoPart => f.write_str("no part of the image takes its rows"),
        }
    }
}
