//! What became of every file.

use super::conflicts::{Conflict, Conflicts, Taken};
use super::given::{Aside, File, Given, failure};
use crate::TableSummary;
use crate::error::Located;
use serde_json::{Value, json};
use std::collections::{BTreeMap, BTreeSet};
use std::fmt::{self, Write as _};
use std::path::Path;

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
#[derive(Clone, PartialEq, Eq, Debug)]
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
    /// Its rows are lost, for want of something that the user can say.
    pub lost: bool,
    /// The parts of the image that its rows went to.
    pub parts: Vec<String>,
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
    /// Of an image for which no publishers' files are read: the tables that it was made of, none where it was given whole.
    pub fn of_tables(tables: &[TableSummary], image: &[u8]) -> AssemblySummary {
        let file = |table: &TableSummary| FileSummary {
            path: table.file.clone(),
            recognised: Recognised::As("table of the folder's list"),
            release: table.table.clone(),
            effective: None,
            aside: None,
            lost: false,
            parts: vec![table.part.clone()],
            read: table.read,
            taken: table.taken,
            refused: 0,
            refusals: Vec::new(),
            flaws: 0,
            left_out: table.skipped.clone(),
        };
        AssemblySummary {
            files: tables.iter().map(file).collect(),
            conflicts: Vec::new(),
            first_conflicts: Vec::new(),
            image_size: image.len() as u64,
        }
    }

    pub(crate) fn new(given: &Given<'_>, conflicts: Conflicts, image_size: u64) -> AssemblySummary {
        AssemblySummary {
            files: given.files().iter().map(file).collect(),
            conflicts: conflicts.counts.into_iter().collect(),
            first_conflicts: conflicts.first,
            image_size,
        }
    }

    /// What became of the files, in words. Of refused rows and conflicts, so many are shown of each file and part. Of the
    /// image nothing is said: whether it is written is for the caller to decide, and to tell.
    pub fn text(&self, shown: usize) -> String {
        let mut text = String::new();
        // Writing to a String cannot fail.
        let _ = self.write(&mut text, shown);
        text
    }

    fn write(&self, text: &mut String, shown: usize) -> fmt::Result {
        let mut beside: BTreeMap<&str, Vec<&str>> = BTreeMap::new();
        for file in &self.files {
            let FileSummary { path, release, effective, aside, .. } = file;
            match &file.recognised {
                Recognised::Failed(error) => writeln!(text, "not read: {error}")?,
                Recognised::Not => match archive(path) {
                    Some(archive) => beside.entry(archive).or_default().push(path),
                    None => writeln!(text, "{path}: not recognised")?,
                },
                Recognised::As(kind) => {
                    let day = effective.as_deref().unwrap_or("no date");
                    let FileSummary { read, taken, refused, flaws, .. } = file;
                    writeln!(text, "{path}: {kind}, {release}, from {day}")?;
                    writeln!(text, "    {read} rows read, {taken} taken, {refused} refused, {flaws} with flaws")?;
                    if !file.parts.is_empty() {
                        writeln!(text, "    into {}", file.parts.join(", "))?;
                    }
                    for (reason, count) in &file.left_out {
                        writeln!(text, "    {count} left out: {reason}")?;
                    }
                    for refusal in file.refusals.iter().take(shown) {
                        writeln!(text, "    {refusal}")?;
                    }
                    rest(text, *refused, shown)?;
                }
            }
            if let Some(aside) = aside {
                writeln!(text, "    set aside: {aside}")?;
            }
        }
        for (archive, files) in beside {
            let named = files.iter().take(shown).filter_map(|path| path.get(archive.len() + 1..));
            let named: Vec<&str> = named.collect();
            let count = files.len();
            let more = if count > named.len() { ", …" } else { "" };
            writeln!(text, "{archive}: {} not recognised: {}{more}", files_of(count as u64), named.join(", "))?;
        }
        for (part, count) in &self.conflicts {
            writeln!(text, "{part}: {count} {}", if *count == 1 { "conflict" } else { "conflicts" })?;
            for conflict in self.first_conflicts.iter().filter(|conflict| conflict.part == *part).take(shown) {
                writeln!(text, "    {conflict}")?;
            }
            rest(text, *count, shown)?;
        }
        writeln!(text, "{}", self.totals())
    }

    /// In one line, what became of all files.
    pub fn totals(&self) -> String {
        let count = |which: &dyn Fn(&FileSummary) -> bool| self.files.iter().filter(|file| which(file)).count() as u64;
        let sum = |of: &dyn Fn(&FileSummary) -> u64| self.files.iter().map(of).sum::<u64>();
        let rows: u64 = self.files.iter().filter(|file| !file.parts.is_empty()).map(|file| file.taken).sum();
        let noun = if rows == 1 { "row" } else { "rows" };
        let mut totals = format!("{} taken, with {rows} {noun}", files_of(count(&|file| !file.parts.is_empty())));
        let others = [
            (count(&|file| file.aside.is_some()), "set aside"),
            (count(&|file| file.recognised == Recognised::Not), "not recognised"),
            (count(&|file| matches!(file.recognised, Recognised::Failed(_))), "not read"),
            (sum(&|file| file.refused), "rows refused"),
            (self.conflicts.iter().map(|(_, count)| count).sum(), "conflicts"),
        ];
        for (count, what) in others.into_iter().filter(|(count, _)| *count > 0) {
            let what = match (count, what) {
                (1, "rows refused") => "row refused",
                (1, "conflicts") => "conflict",
                _ => what,
            };
            // Writing to a String cannot fail.
            let _ = write!(totals, "; {count} {what}");
        }
        totals
    }

    /// Whether nothing of any file went into the image.
    pub fn took_nothing(&self) -> bool {
        self.files.iter().all(|file| file.parts.is_empty())
    }

    /// The summary as JSON.
    pub fn json(&self) -> String {
        let file = |file: &FileSummary| {
            let (recognised, error) = match &file.recognised {
                Recognised::As(kind) => (Some(*kind), None),
                Recognised::Not => (None, None),
                Recognised::Failed(error) => (None, Some(error.as_str())),
            };
            json!({
                "path": file.path,
                "recognised": recognised,
                "error": error,
                "release": file.release,
                "effective": file.effective,
                "set_aside": file.aside,
                "parts": file.parts,
                "read": file.read,
                "taken": file.taken,
                "refused": file.refused,
                "refused_rows": file.refusals.iter().map(located).collect::<Vec<_>>(),
                "flaws": file.flaws,
                "left_out": counts(&file.left_out, "reason"),
            })
        };
        let conflict = |conflict: &Conflict| {
            let sides = conflict.places.iter().zip(&conflict.says);
            let side =
                |(place, says): (&super::Place, &String)| json!({"file": place.file, "line": place.line, "says": says});
            json!({
                "part": conflict.part,
                "about": conflict.about,
                "sides": sides.map(side).collect::<Vec<_>>(),
                "taken": match conflict.taken { Taken::First => "first", Taken::Both => "both" },
            })
        };
        let summary = json!({
            "files": self.files.iter().map(file).collect::<Vec<_>>(),
            "conflicts": counts(&self.conflicts, "part"),
            "first_conflicts": self.first_conflicts.iter().map(conflict).collect::<Vec<_>>(),
            "image_bytes": self.image_size,
            "clean": self.is_clean(),
        });
        format!("{summary:#}\n")
    }

    /// The rows that were refused, a line each, with their places; at most a thousand of a file.
    pub fn refused_rows(&self) -> String {
        let mut text = String::new();
        for file in &self.files {
            for refusal in &file.refusals {
                // Writing to a String cannot fail.
                let _ = writeln!(text, "{refusal}");
            }
        }
        text
    }

    /// Whether every file was recognised, read and taken, no row was refused, and no two files contradict each other.
    /// What an archive has beside tables that are read, such as documents and amounts, does not count.
    pub fn is_clean(&self) -> bool {
        let read: BTreeSet<&str> = self
            .files
            .iter()
            .filter(|file| matches!(file.recognised, Recognised::As(_)))
            .filter_map(|file| archive(&file.path))
            .collect();
        let unclean = |file: &FileSummary| match file.recognised {
            Recognised::As(_) => file.refused > 0 || file.lost,
            Recognised::Not => archive(&file.path).is_none_or(|archive| !read.contains(archive)),
            Recognised::Failed(_) => true,
        };
        self.conflicts.is_empty() && !self.files.iter().any(unclean)
    }
}

/// The outermost archive that a path leads through.
fn archive(path: &str) -> Option<&str> {
    let ends = path.match_indices(['/', '\\']).map(|(place, _)| place);
    ends.filter_map(|end| path.get(..end)).find(|outer| {
        // A folder may be called so too.
        outer.to_ascii_lowercase().ends_with(".zip") && !Path::new(outer).is_dir()
    })
}

fn files_of(count: u64) -> String {
    format!("{count} {}", if count == 1 { "file" } else { "files" })
}

fn rest(text: &mut String, count: u64, shown: usize) -> fmt::Result {
    match count.saturating_sub(shown as u64) {
        0 => Ok(()),
        more => writeln!(text, "    and {more} more"),
    }
}

fn counts(counts: &[(String, u64)], name: &str) -> Vec<Value> {
    counts.iter().map(|(text, count)| json!({name: text, "count": count})).collect()
}

fn located(located: &Located) -> Value {
    let Located { line, column, expected, found, advice, .. } = located;
    json!({"line": line, "column": column, "expected": expected, "found": found, "advice": advice})
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
        lost: matches!(file.aside, Some(Aside::NoDate | Aside::NoSetting | Aside::NoList)),
        parts: file.parts().map(str::to_owned).collect(),
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
            Aside::NoList => f.write_str(
                "it tells what changed, and no list answers for the day before; give the list that it changes, too",
            ),
            Aside::Corrected(by) => write!(f, "corrected by {by}"),
            Aside::NoSetting => f.write_str(
                "nothing says to whose claims it applies; name the file as CMS does, with ccipra or prac, ccioph or _out, dme",
            ),
            Aside::NoPart => f.write_str("no part of the image takes its rows"),
        }
    }
}
