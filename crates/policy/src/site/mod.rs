//! A site's own choices: what it sets once for every run, and what it does not want reported.
//!
//! The file is described for its authors in `codesets/site/README.md`. Reading it takes two steps, since it may name the
//! policies whose edits it speaks of: [`SiteFile`] is what it says, and [`SiteFile::check`] holds that against the edits
//! that there are, telling all that is wrong at once.

mod document;
mod suppression;

use crate::near::nearest;
use crate::policy::Policies;
use crate::source::{FileProblem, Files, ProblemLevel, Problems};
use crate::tables::{Disk, Loader, NoFiles, SettingsPart};
use crate::text::Text;
use claims::ClaimFormat;
use document::{Document, Reader};
use edits::{EditInfo, Settings, Severity, Show, registry, sys};
use std::fmt;
use std::path::{Path, PathBuf};
pub use suppression::Suppression;

/// A site's file that was read, but not yet held against the edits that there are.
pub struct SiteFile {
    files: Files,
    problems: Problems,
    document: Document,
}

/// What a site sets once for all its runs.
///
/// ```
/// use cleanclaim_policy::SiteFile;
/// use edits::Severity;
/// let text = r#"
///     [scrub]
///     ignore = ["DX041"]
///     [severity]
///     DX033 = "warning"
///     [[suppression]]
///     edits = ["CLM007"]
///     payers = ["ACME*"]
///     who = "B. Clerk, billing"
///     why = "The payer takes accident details by fax, its letter of 2026-10-01"
///     until = 2026-12-31
/// "#;
/// let site = SiteFile::parse("cleanclaim.toml", text).check(None)?;
/// assert_eq!(site.severity(), [("DX033".to_owned(), Severity::Warning)]);
/// assert_eq!((site.suppressions().len(), site.suppressions()[0].place()), (1, "cleanclaim.toml:6"));
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Clone, PartialEq, Debug)]
pub struct Site {
    name: String,
    files: Vec<PathBuf>,
    choices: Choices,
    select: Vec<String>,
    ignore: Vec<String>,
    severity: Vec<(String, Severity)>,
    settings: SettingsPart,
    suppressions: Vec<Suppression>,
}

/// What the engine does not ask for: how a command reads and writes.
#[derive(Clone, PartialEq, Default, Debug)]
struct Choices {
    codeset: Option<PathBuf>,
    policies: Vec<PathBuf>,
    map: Option<PathBuf>,
    input_format: Option<ClaimFormat>,
    group: Option<bool>,
    show: Show,
    format: Option<String>,
    fail_on: Option<Option<Severity>>,
    threads: Option<u16>,
}

/// The names of the forms of findings, as the command line has them.
pub(crate) const FORMATS: [&str; 4] = ["text", "ndjson", "csv", "parquet"];

/// Why a site's file cannot be used.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum OpenSiteError {
    /// The file cannot be read.
    #[error("{}: cannot be read: {reason}", file.display())]
    Read {
        /// The file.
        file: PathBuf,
        /// Why.
        reason: String,
    },
    /// Something in it is wrong.
    #[error(transparent)]
    Wrong(#[from] SiteError),
}

/// A site's file that is not used: all that is wrong with it at once.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct SiteError {
    problems: Vec<FileProblem>,
}

impl SiteError {
    /// Everything that is wrong, in the order of the files.
    pub fn problems(&self) -> &[FileProblem] {
        &self.problems
    }
}

impl std::error::Error for SiteError {}

impl fmt::Display for SiteError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for problem in &self.problems {
            writeln!(f, "{problem}\n")?;
        }
        let errors = self.problems.iter().filter(|problem| problem.level() == ProblemLevel::Error).count();
        let (noun, them) = if errors == 1 { ("error", "it is") } else { ("errors", "all are") };
        write!(f, "the configuration is not used: {errors} {noun}; nothing is scrubbed until {them} mended")
    }
}

impl SiteFile {
    /// Reads a site's file and the files of suppressions that it names. What is wrong in them, [`SiteFile::check`] tells.
    ///
    /// # Errors
    /// When the file itself cannot be read.
    pub fn open(path: impl AsRef<Path>) -> Result<SiteFile, OpenSiteError> {
        let path = path.as_ref();
        let text = Disk.load(path).map_err(|reason| OpenSiteError::Read { file: path.to_owned(), reason })?;
        Ok(SiteFile::read(path, text, &Disk))
    }

    /// As [`SiteFile::open`], of a text that names no other files. `name` stands for the file in problems.
    pub fn parse(name: &str, text: &str) -> SiteFile {
        SiteFile::read(Path::new(name), text.to_owned(), &NoFiles)
    }

    fn read(path: &Path, text: String, loader: &dyn Loader) -> SiteFile {
        let (mut files, mut problems) = (Files::default(), Problems::default());
        let document = Reader::new(loader, &mut files, &mut problems).read(path, text);
        SiteFile { files, problems, document }
    }

    /// The codeset that it names.
    pub fn codeset(&self) -> Option<&Path> {
        self.document.choices.codeset.as_deref()
    }

    /// The policies that it names.
    pub fn policies(&self) -> &[PathBuf] {
        &self.document.choices.policies
    }

    /// Holds what it says of edits against those that there are: the built-in ones, and those of the policies that it is
    /// used with. Where `policies` is `None`, an edit that is not built in is taken for one of a policy if it can be.
    ///
    /// # Errors
    /// When anything at all is wrong in the file: everything, each with file, line and column.
    pub fn check(mut self, policies: Option<&Policies>) -> Result<Site, SiteError> {
        let builtin = registry::all();
        let mut all: Vec<&EditInfo> = builtin.iter().map(|edit| edit.info()).collect();
        let of_policies = policies.map_or(&[][..], |own| own.all()).iter().flat_map(|policy| policy.edits());
        all.extend(of_policies.map(|edit| edit.info()));
        let known_elsewhere = policies.is_none() && !self.document.choices.policies.is_empty();
        let Document { select, ignore, severity, suppressions, .. } = &self.document;
        let suppressed = suppressions.iter().flat_map(|(own, _)| own);
        let severities = severity.iter().map(|(edit, _)| edit);
        for given in select.iter().chain(ignore).chain(severities).chain(suppressed) {
            if !all.iter().any(|info| info.is_named(&given.value)) && !known_elsewhere {
                unknown(given, &all, &mut self.problems);
            }
        }
        for given in suppressions.iter().flat_map(|(own, _)| own) {
            if builtin.iter().any(|edit| edit.info().id == sys::INTERNAL_ERROR && edit.info().is_named(&given.value)) {
                let message = format!("{} cannot be suppressed", sys::INTERNAL_ERROR);
                let help = "what it tells is that a claim was not judged; report the error";
                self.problems.error_with_help(&given.span, message, "tells of an internal error", help);
            }
        }
        let severity = severities_in_order(severity, &all, &mut self.problems);
        if self.problems.errors() > 0 {
            return Err(SiteError { problems: self.problems.into_shown(&self.files) });
        }
        let Document { choices, select, ignore, settings, suppressions, .. } = self.document;
        let values = |texts: Vec<Text>| texts.into_iter().map(|text| text.value).collect();
        Ok(Site {
            name: self.files.0.first().map(|file| file.name.clone()).unwrap_or_default(),
            files: self.files.paths(),
            choices,
            select: values(select),
            ignore: values(ignore),
            severity,
            settings,
            suppressions: suppressions.into_iter().map(|(_, own)| own).collect(),
        })
    }
}

/// Tells of a name that no edit has, with the one that was probably meant.
fn unknown(given: &Text, all: &[&EditInfo], problems: &mut Problems) {
    let upper = given.value.trim().to_ascii_uppercase();
    let ids = nearest(&upper, all.iter().map(|info| info.id.as_ref()));
    let near = ids.or_else(|| nearest(given.value.trim(), all.iter().map(|info| info.name.as_ref())));
    let help = match near {
        Some(near) => format!("did you mean {near}?"),
        None => "`cleanclaim edits` lists them".to_owned(),
    };
    let label = "no id, name or beginning of ids";
    problems.error_with_help(&given.span, format!("no edit is called {:?}", given.value), label, help);
}

/// The severities in the order in which they hold: what names one edit after what names a family, the longer beginning
/// of ids after the shorter.
fn severities_in_order(
    given: &[(Text, Severity)],
    all: &[&EditInfo],
    problems: &mut Problems,
) -> Vec<(String, Severity)> {
    let one = |name: &str| all.iter().find(|info| info.id.eq_ignore_ascii_case(name) || info.name == name);
    let mut ordered: Vec<(bool, usize, &Text, Severity)> = given
        .iter()
        .map(|(edit, severity)| (one(edit.value.trim()).is_some(), edit.value.trim().len(), edit, *severity))
        .collect();
    // Stable: names of equal weight stay in the file's order; they name different edits.
    ordered.sort_by_key(|&(is_one, length, ..)| (is_one, length));
    for (place, (is_one, _, edit, _)) in ordered.iter().enumerate().filter(|(_, (is_one, ..))| *is_one) {
        let same = |other: &Text| one(other.value.trim()).map(|info| &info.id) == one(edit.value.trim()).map(|i| &i.id);
        if *is_one && ordered.iter().take(place).any(|(is_one, _, other, _)| *is_one && same(other)) {
            problems.error(&edit.span, format!("{} is given two severities", edit.value), "given before");
        }
    }
    ordered.into_iter().map(|(_, _, edit, severity)| (edit.value.clone(), severity)).collect()
}

impl Site {
    /// The file's name.
    pub fn name(&self) -> &str {
        &self.name
    }

    /// The files that say them: the file itself, and those of suppressions that it names.
    pub fn files(&self) -> &[PathBuf] {
        &self.files
    }

    /// The only edits to run, where some are named: ids, names, or the beginning of ids.
    pub fn select(&self) -> &[String] {
        &self.select
    }

    /// The edits that do not run.
    pub fn ignore(&self) -> &[String] {
        &self.ignore
    }

    /// Severities other than the edits' own; of several that name an edit the last holds.
    pub fn severity(&self) -> &[(String, Severity)] {
        &self.severity
    }

    /// What built-in edits ask for, on claims whose payer's policy says nothing else.
    pub fn settings(&self) -> Settings {
        let mut settings = Settings::DEFAULT;
        self.settle(&mut settings);
        settings
    }

    /// Changes what the file says about the settings of built-in edits.
    pub fn settle(&self, settings: &mut Settings) {
        self.settings.settle(settings);
    }

    /// What is not reported.
    pub fn suppressions(&self) -> &[Suppression] {
        &self.suppressions
    }

    /// Which outcomes are reported beside failures.
    pub fn show(&self) -> Show {
        self.choices.show
    }

    /// The codeset image to read.
    pub fn codeset(&self) -> Option<&Path> {
        self.choices.codeset.as_deref()
    }

    /// The policies to judge by.
    pub fn policies(&self) -> &[PathBuf] {
        &self.choices.policies
    }

    /// The column map: a file, or the name of one that the program carries.
    pub fn map(&self) -> Option<&Path> {
        self.choices.map.as_deref()
    }

    /// The format of claims, where it is not told by their content.
    pub fn input_format(&self) -> Option<ClaimFormat> {
        self.choices.input_format
    }

    /// Whether the rows of each claim are grouped first.
    pub fn group(&self) -> Option<bool> {
        self.choices.group
    }

    /// The name of the form of findings.
    pub fn format(&self) -> Option<&str> {
        self.choices.format.as_deref()
    }

    /// The least severity that makes the exit code 1, `Some(None)` where none does.
    pub fn fail_on(&self) -> Option<Option<Severity>> {
        self.choices.fail_on
    }

    /// Worker threads.
    pub fn threads(&self) -> Option<u16> {
        self.choices.threads
    }
}
