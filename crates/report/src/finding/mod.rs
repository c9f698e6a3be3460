//! Writes findings, one after another, in each format.

mod csv;
mod file;
mod ndjson;
#[cfg(feature = "parquet")]
mod parquet;
mod template;
mod text;
mod values;

use crate::EditEntry;
use claims::{ClaimBatch, ClaimRow};
use codeset::Codeset;
use edits::{ClaimTypes, EditInfo, Finding, Fires, Message, Outcome, Severity, Unit};
pub use file::FindingFile;
use std::borrow::Cow::Borrowed;
use template::Texts;

/// How findings are written.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
#[non_exhaustive]
pub enum Format {
    /// A few lines a finding, for a person. Control characters are shown escaped.
    Text,
    /// One JSON object a line: `claim_id`, `line_number`, `edit`, `name`, `outcome`, `severity`, `field`,
    /// `values`, `message`, `fix`, `source`, `carc`, `rarc`, `policy`, `release` and `at` (`file`, `offset`, `row`), in
    /// this order. What there is none of is `null`. On an 837, `row` is the segment's number, and `values` has the
    /// `loop` and the `element` (`SV101-2`).
    ///
    /// In `values`, codes, modifiers, fields and texts are strings (diagnoses with their dot), days are
    /// `YYYY-MM-DD`, an interval of days is `{"from":…,"to":…}` with a `null` end while open, counts are numbers,
    /// amounts and units are decimal strings, so that they stay exact, and several of anything is an array.
    ///
    /// `outcome` is `fail`, `bypassed`, `not-evaluated` or, of a failure that the site suppresses and asks to see,
    /// `suppressed`; `values` then has `suppressed_by`, `suppressed_until`, `suppressed_because` and `suppressed_at`.
    Ndjson,
    /// RFC 4180 with a header, lines ending in LF: the same fields, `values` as compact JSON in one cell, `at` as
    /// `file`, `offset` and `row`. What there is none of is empty.
    ///
    /// Findings are opened in spreadsheets, and what a claim holds is not to be trusted there: a cell that a
    /// spreadsheet would take for a formula (it begins with `=`, `+`, `-` or `@` and is no number) has an
    /// apostrophe before it. A program that needs every claim id to the letter reads NDJSON.
    Csv,
    /// Apache Parquet: the columns of the CSV, `line_number`, `offset` and `row` as numbers, `values` as JSON text, and
    /// null for what there is none of. [`FindingFile`] makes the file of what workers wrote.
    #[cfg(feature = "parquet")]
    Parquet,
}

impl Format {
    /// Every format that this build writes.
    pub const ALL: &'static [Format] = &[
        Format::Text,
        Format::Ndjson,
        Format::Csv,
        #[cfg(feature = "parquet")]
        Format::Parquet,
    ];

    /// Its name on the command line.
    pub const fn name(self) -> &'static str {
        match self {
            Format::Text => "text",
            Format::Ndjson => "ndjson",
            Format::Csv => "csv",
            #[cfg(feature = "parquet")]
            Format::Parquet => "parquet",
        }
    }

    /// The format of this name.
    ///
    /// ```
    /// use cleanclaim_report::Format;
    /// assert_eq!(Format::from_name("ndjson"), Some(Format::Ndjson));
    /// assert_eq!(Format::from_name("xml"), None);
    /// ```
    pub fn from_name(name: &str) -> Option<Format> {
        Self::ALL.iter().copied().find(|format| format.name() == name)
    }
}

/// What a finding refers to.
#[derive(Clone, Copy, Debug)]
pub struct Context<'a> {
    /// The run's edits, in the order that findings number them.
    pub edits: &'a [EditEntry],
    /// The batch that the finding's claim is in.
    pub batch: &'a ClaimBatch,
    /// The codeset that the edits read.
    pub codeset: &'a Codeset,
    /// The name of the file that the batch was read from; empty where there is no file.
    pub file: &'a str,
    /// Whether places count segments, as in an 837, not rows or lines.
    pub in_segments: bool,
}

impl<'a> Context<'a> {
    /// The finding's claim, if the batch has it.
    fn claim(&self, finding: &Finding) -> Option<&'a ClaimRow> {
        self.batch.claims.get(finding.claim as usize)
    }

    /// The claim's id; `None` where it has none.
    fn claim_id(&self, finding: &Finding) -> Option<&'a str> {
        self.claim(finding).map(|claim| self.batch.text(claim.id)).filter(|id| !id.is_empty())
    }

    /// The number of the finding's line, as the claim gives it.
    fn line_number(&self, finding: &Finding) -> Option<u32> {
        let place = self.claim(finding)?.lines.start.checked_add(finding.line?)?;
        self.batch.lines.get(place as usize).map(|line| line.number)
    }

    /// The label of the release that decided; empty where none did.
    fn release(&self, finding: &Finding) -> &'a str {
        finding.release.map_or("", |number| self.codeset.release_label(number))
    }
}

/// Writes findings in one format, in any thread: each worker writes to a buffer of its own, and a [`FindingFile`] joins
/// the buffers in input order.
///
/// ```
/// use cleanclaim_report::{Context, EditEntry, FindingWriter, Format};
/// use claims::{Claim, ClaimBatch, Columns, Field, Place};
/// use codeset::{Codeset, ImageBuilder};
/// use edits::{Finding, Outcome, Value};
/// # fn main() -> Result<(), Box<dyn std::error::Error>> {
/// let codeset = Codeset::from_bytes(&ImageBuilder::new().finish()?)?;
/// let all = edits::registry::all();
/// let entries: Vec<EditEntry> = all.iter().map(|edit| EditEntry::new(edit.info(), edit.info().severity)).collect();
/// let mut batch = ClaimBatch::new(Columns::ALL);
/// let claim = batch.push(&Claim { claim_id: "C1".into(), ..Claim::default() });
/// let finding = Finding {
///     claim,
///     line: None,
///     edit: all.iter().position(|edit| edit.info().id == "DX001").ok_or("no such edit")? as u16,
///     outcome: Outcome::Fail,
///     field: Some(Field::Diagnosis(1)),
///     item: 0,
///     message: 0,
///     values: vec![("diagnosis", Value::Diagnosis(codes::Code::parse(b"Q99ZZ").ok_or("no code")?))],
///     release: None,
///     place: Place { offset: 120, row: 2 },
///     suppressed: None,
/// };
/// let context = Context { edits: &entries, batch: &batch, codeset: &codeset, file: "claims.csv", in_segments: false };
/// let writer = FindingWriter::new(Format::Ndjson);
/// let mut out = Vec::new();
/// writer.head(&mut out);
/// writer.write(&finding, &context, &mut out);
/// let line = String::from_utf8(out)?;
/// assert!(line.starts_with(r#"{"claim_id":"C1","line_number":null,"edit":"DX001","name":"dx-unknown","#));
/// assert!(line.trim_end().ends_with(r#""at":{"file":"claims.csv","offset":120,"row":2}}"#));
/// # Ok(())
/// # }
/// ```
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct FindingWriter {
    format: Format,
}

impl FindingWriter {
    /// A writer of this format.
    pub const fn new(format: Format) -> FindingWriter {
        FindingWriter { format }
    }

    /// The format it writes.
    pub const fn format(&self) -> Format {
        self.format
    }

    /// Appends what stands before all findings: the header of a CSV.
    pub fn head(&self, out: &mut Vec<u8>) {
        if self.format == Format::Csv {
            out.extend_from_slice(csv::HEADER);
        }
    }

    /// Appends a finding.
    pub fn write(&self, finding: &Finding, cx: &Context<'_>, out: &mut Vec<u8>) {
        let layout = cx.edits.get(usize::from(finding.edit)).unwrap_or(&UNLISTED).layout(self.format);
        match self.format {
            Format::Text => text::write(layout, finding, cx, out),
            Format::Ndjson => ndjson::write(layout, finding, cx, out),
            Format::Csv => csv::write(layout, finding, cx, out),
            #[cfg(feature = "parquet")]
            Format::Parquet => parquet::write(layout, finding, cx, out),
        }
    }
}

/// All of an edit that every finding of it repeats, as the format writes it.
#[derive(Clone)]
pub(crate) struct Layout {
    /// From the line number to the outcome.
    name: Vec<u8>,
    /// From the outcome to the field.
    severities: Severities,
    /// From the fix to the release.
    source: Vec<u8>,
    /// By the finding's message.
    messages: Vec<Texts>,
    not_evaluated: Texts,
}

impl Layout {
    pub(crate) fn new(format: Format, edit: &EditEntry) -> Layout {
        match format {
            Format::Text => text::layout(edit),
            Format::Ndjson => ndjson::layout(edit),
            Format::Csv => csv::layout(edit),
            #[cfg(feature = "parquet")]
            Format::Parquet => parquet::layout(edit),
        }
    }

    #[inline]
    fn severity(&self, finding: &Finding) -> &[u8] {
        let Severities { usual, lowered } = &self.severities;
        lowered.get(usize::from(finding.message)).and_then(Option::as_ref).unwrap_or(usual)
    }

    fn texts(&self, finding: &Finding) -> &Texts {
        static NONE: Texts = Texts::NONE;
        match finding.outcome {
            Outcome::NotEvaluated => &self.not_evaluated,
            _ => self.messages.get(usize::from(finding.message)).unwrap_or(&NONE),
        }
    }
}

/// The severity of an edit's findings, as the format writes it.
#[derive(Clone)]
struct Severities {
    usual: Vec<u8>,
    /// By the finding's message, where it matters less.
    lowered: Vec<Option<Vec<u8>>>,
}

impl Severities {
    fn of(info: &EditInfo, usual: Severity, written: impl Fn(Severity) -> Vec<u8>) -> Severities {
        let lowered = |message: &Message| message.at_most.filter(|&most| most < usual).map(&written);
        Severities { usual: written(usual), lowered: info.messages.iter().map(lowered).collect() }
    }
}

/// Stands in for an edit that is not in the run's list: that never happens, and shall not stop a run.
static UNLISTED: EditEntry = EditEntry::new(&UNLISTED_INFO, Severity::Error);
static UNLISTED_INFO: EditInfo = EditInfo {
    id: Borrowed("?"),
    name: Borrowed("unlisted-edit"),
    severity: Severity::Error,
    snip: 1,
    carc: Borrowed(""),
    rarc: Borrowed(""),
    source: Borrowed(""),
    doc: Borrowed(""),
    unit: Unit::Claim,
    claims: ClaimTypes::ALL,
    on_by_default: true,
    tables: &[],
    fields: &[],
    fires: Fires::ALWAYS,
    messages: Borrowed(&[]),
};
