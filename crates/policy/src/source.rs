//! The files of a policy, and what is wrong with them: every problem with its file, line and column, the text
//! underlined.

use annotate_snippets::{AnnotationKind, Level, Origin, Renderer, Snippet};
use std::fmt;
use std::ops::Range;
use std::panic::Location;
use std::path::PathBuf;

/// A file that a policy is made of: TOML, or a list of codes as CSV.
#[derive(Clone, PartialEq, Eq)]
pub(crate) struct File {
    pub(crate) name: String,
    pub(crate) text: String,
    /// Whether its text stands in what is told of it. It must not where the file may be one of claims, given by mistake.
    pub(crate) is_quoted: bool,
}

/// The files of a policy, in the order they were read.
#[derive(Clone, Default, PartialEq, Eq)]
pub(crate) struct Files(pub(crate) Vec<File>);

impl Files {
    /// Adds a file and gives its number.
    pub(crate) fn add(&mut self, name: String, text: String) -> usize {
        self.0.push(File { name, text, is_quoted: true });
        self.0.len() - 1
    }

    /// Lets nothing of a file's text be shown.
    pub(crate) fn keep_back(&mut self, file: usize) {
        if let Some(file) = self.0.get_mut(file) {
            file.is_quoted = false;
        }
    }

    /// Where the files are.
    pub(crate) fn paths(&self) -> Vec<PathBuf> {
        self.0.iter().map(|file| PathBuf::from(&file.name)).collect()
    }

    /// The text of a file; empty where there is none.
    pub(crate) fn text(&self, file: usize) -> &str {
        self.0.get(file).map_or("", |file| file.text.as_str())
    }
}

/// A stretch of a file, in bytes.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub(crate) struct Span {
    pub(crate) file: usize,
    pub(crate) range: Range<usize>,
}

impl Span {
    pub(crate) fn new(file: usize, range: Range<usize>) -> Span {
        Span { file, range }
    }
}

/// Whether a problem stops a policy from being used.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug)]
pub enum ProblemLevel {
    /// The policy is used all the same.
    Warning,
    /// The policy is not used at all.
    Error,
}

/// Something wrong in a policy, with its place.
#[derive(Clone, PartialEq, Eq)]
pub struct FileProblem {
    level: ProblemLevel,
    message: String,
    label: String,
    help: Option<String>,
    file: String,
    line: usize,
    column: usize,
    rendered: String,
    told_at: &'static Location<'static>,
}

impl FileProblem {
    /// Whether it stops the policy.
    pub fn level(&self) -> ProblemLevel {
        self.level
    }

    /// What is wrong, in one line.
    pub fn message(&self) -> &str {
        &self.message
    }

    /// What the text at fault is; may be empty.
    pub fn label(&self) -> &str {
        &self.label
    }

    /// What to do, where it can be told.
    pub fn help(&self) -> Option<&str> {
        self.help.as_deref()
    }

    /// The file at fault.
    pub fn file(&self) -> &str {
        &self.file
    }

    /// Line, from 1.
    pub fn line(&self) -> usize {
        self.line
    }

    /// Column in characters, from 1.
    pub fn column(&self) -> usize {
        self.column
    }

    /// The place of this crate's source that tells it: by it the tests know that every problem is shown by a case.
    #[doc(hidden)]
    pub fn told_at(&self) -> (&'static str, u32) {
        (self.told_at.file(), self.told_at.line())
    }
}

impl fmt::Display for FileProblem {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.rendered)
    }
}

impl fmt::Debug for FileProblem {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}:{}:{}: {}", self.file, self.line, self.column, self.message)
    }
}

/// A policy that cannot be used: all that is wrong with it at once.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct PolicyError {
    problems: Vec<FileProblem>,
}

impl PolicyError {
    /// Everything that is wrong, warnings too, in the order of the files.
    pub fn problems(&self) -> &[FileProblem] {
        &self.problems
    }

    /// Adds what is wrong with another policy that was to be used with this one.
    pub(crate) fn add(&mut self, other: PolicyError) {
        self.problems.extend(other.problems);
    }
}

impl std::error::Error for PolicyError {}

impl fmt::Display for PolicyError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for problem in &self.problems {
            writeln!(f, "{problem}\n")?;
        }
        let errors = self.problems.iter().filter(|problem| problem.level == ProblemLevel::Error).count();
        let (noun, them) = if errors == 1 { ("error", "it is") } else { ("errors", "all are") };
        write!(f, "the policy is not used: {errors} {noun}; nothing is scrubbed by it until {them} mended")
    }
}

/// Collects problems while a policy is read and compiled.
#[derive(Default)]
pub(crate) struct Problems {
    found: Vec<Problem>,
}

struct Problem {
    level: ProblemLevel,
    span: Span,
    message: String,
    label: String,
    help: Option<String>,
    told_at: &'static Location<'static>,
}

impl Problems {
    #[track_caller]
    pub(crate) fn error(&mut self, span: &Span, message: impl Into<String>, label: impl Into<String>) {
        self.add(ProblemLevel::Error, span, message.into(), label.into(), None);
    }

    #[track_caller]
    pub(crate) fn error_with_help(
        &mut self,
        span: &Span,
        message: impl Into<String>,
        label: impl Into<String>,
        help: impl Into<String>,
    ) {
        self.add(ProblemLevel::Error, span, message.into(), label.into(), Some(help.into()));
    }

    #[track_caller]
    pub(crate) fn warn(
        &mut self,
        span: &Span,
        message: impl Into<String>,
        label: impl Into<String>,
        help: impl Into<String>,
    ) {
        self.add(ProblemLevel::Warning, span, message.into(), label.into(), Some(help.into()));
    }

    #[track_caller]
    fn add(&mut self, level: ProblemLevel, span: &Span, message: String, label: String, help: Option<String>) {
        let (span, told_at) = (span.clone(), Location::caller());
        self.found.push(Problem { level, span, message, label, help, told_at });
    }

    pub(crate) fn errors(&self) -> usize {
        self.found.iter().filter(|problem| problem.level == ProblemLevel::Error).count()
    }

    /// All of them in the order of files and places, ready to be shown.
    pub(crate) fn into_shown(mut self, files: &Files) -> Vec<FileProblem> {
        self.found.sort_by_key(|problem| (problem.span.file, problem.span.range.start, problem.span.range.end));
        let lines: Vec<Lines> = files.0.iter().map(|file| Lines::of(&file.text)).collect();
        self.found.iter().map(|problem| shown(problem, files, &lines)).collect()
    }

    /// The warnings, when nothing stops the policy, else the error.
    pub(crate) fn settle(self, files: &Files) -> Result<Vec<FileProblem>, PolicyError> {
        let stopped = self.errors() > 0;
        let problems = self.into_shown(files);
        if stopped { Err(PolicyError { problems }) } else { Ok(problems) }
    }
}

/// The byte at which each line of a file begins.
struct Lines(Vec<usize>);

impl Lines {
    fn of(text: &str) -> Lines {
        Lines(std::iter::once(0).chain(text.match_indices('\n').map(|(at, _)| at + 1)).collect())
    }

    /// The line that a byte is in, from 0, and where it begins.
    fn at(&self, byte: usize) -> (usize, usize) {
        let line = self.0.partition_point(|&start| start <= byte).saturating_sub(1);
        (line, self.0.get(line).copied().unwrap_or(0))
    }
}

fn shown(problem: &Problem, files: &Files, lines: &[Lines]) -> FileProblem {
    let text = files.text(problem.span.file);
    let (name, is_quoted) = files.0.get(problem.span.file).map_or(("", false), |file| (&*file.name, file.is_quoted));
    let range = within(text, &problem.span.range);
    let (line, start) = lines.get(problem.span.file).map_or((0, 0), |lines| lines.at(range.start));
    let column = text.get(start..range.start).map_or(0, |before| before.chars().count()) + 1;
    // The lines at fault alone: a policy may have thousands of problems, and each must not cost the whole file.
    let rest = text.get(range.end..).unwrap_or_default();
    let end = range.end + rest.find('\n').unwrap_or(rest.len());
    let excerpt = text.get(start..end).unwrap_or_default();
    let level = match problem.level {
        ProblemLevel::Error => Level::ERROR,
        ProblemLevel::Warning => Level::WARNING,
    };
    let title = level.primary_title(problem.message.as_str());
    let mut group = if is_quoted {
        let mut annotation = AnnotationKind::Primary.span(range.start - start..range.end - start);
        if !problem.label.is_empty() {
            annotation = annotation.label(problem.label.as_str());
        }
        title.element(Snippet::source(excerpt).line_start(line + 1).path(name).annotation(annotation))
    } else {
        let place = title.element(Origin::path(name).line(line + 1).char_column(column));
        if problem.label.is_empty() { place } else { place.element(Level::NOTE.message(problem.label.as_str())) }
    };
    if let Some(help) = &problem.help {
        group = group.element(Level::HELP.message(help.as_str()));
    }
    let rendered = Renderer::plain().render(&[group]);
    FileProblem {
        level: problem.level,
        message: problem.message.clone(),
        label: problem.label.clone(),
        help: problem.help.clone(),
        file: name.to_owned(),
        line: line + 1,
        column,
        rendered,
        told_at: problem.told_at,
    }
}

/// The range, brought within the text and onto the borders of its characters.
fn within(text: &str, range: &Range<usize>) -> Range<usize> {
    let mut start = range.start.min(text.len());
    while !text.is_char_boundary(start) {
        start -= 1;
    }
    let mut end = range.end.clamp(start, text.len());
    while !text.is_char_boundary(end) {
        end += 1;
    }
    start..end
}
