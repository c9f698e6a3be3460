//! A linter for medical claims.
//!
//! cleanclaim says before submission what a payer would reject or deny afterwards, why, and how to mend it. It
//! checks professional and institutional claims against dated ICD-10-CM, CPT, HCPCS, modifier, NCCI and add-on
//! tables, millions of lines at a time, with four honest outcomes for every edit: pass, fail, bypassed, and not
//! evaluated.
//!
//! # One claim
//!
//! ```
//! use cleanclaim::{Claim, Line, Scrubber, embedded};
//! let scrubber = Scrubber::builder(embedded()).build()?;
//! let claim = Claim {
//!     claim_id: "C1".into(),
//!     claim_type: Some("P".into()),
//!     billing_npi: Some("1234567893".into()),
//!     diagnoses: vec!["E11".into()], // a category: it needs more characters
//!     lines: vec![Line {
//!         procedure: Some("99213".into()),
//!         service_from: Some("2025-11-03".into()),
//!         place_of_service: Some("11".into()),
//!         units: Some("1".into()),
//!         charge: Some("125.00".into()),
//!         dx_pointers: vec!["1".into()],
//!         ..Line::default()
//!     }],
//!     ..Claim::default()
//! };
//! let scrubbed = scrubber.scrub(&claim);
//! assert!(!scrubbed.is_clean());
//! let found = |id: &str| scrubbed.findings().iter().any(|f| scrubber.edits()[usize::from(f.edit)].info().id == id);
//! assert!(found("DX002"));
//! println!("{}", scrubbed.to_ndjson());
//! # Ok::<(), cleanclaim::ChoiceError>(())
//! ```
//!
//! A [`Scrubber`] is `Send` and `Sync`, cheap to clone, and takes no lock; a claim takes microseconds.
//!
//! # Claims of a program's own
//!
//! A batch of claims is scrubbed by one thread, which keeps what it remembers of codes for its next batch:
//!
//! ```
//! use cleanclaim::{BatchOutcome, Claim, ClaimBatch, Columns, Memo, Scrubber, embedded};
//! let scrubber = Scrubber::builder(embedded()).build()?;
//! let (mut memo, mut outcome) = (Memo::new(scrubber.codeset()), BatchOutcome::default());
//! let mut batch = ClaimBatch::new(Columns::ALL);
//! for id in ["C1", "C2"] {
//!     batch.push(&Claim { claim_id: id.into(), ..Claim::default() });
//! }
//! scrubber.scrub_claims(&batch, &mut memo, &mut outcome);
//! assert_eq!((outcome.tally.claims_read, batch.claim(outcome.findings[0].claim).id()), (2, "C1"));
//! # Ok::<(), cleanclaim::ChoiceError>(())
//! ```
//!
//! # A stream of claims
//!
//! ```
//! use cleanclaim::{CsvOptions, CsvReader, Format, Input, Scrubber, embedded, scrub_readers};
//! let scrubber = Scrubber::builder(embedded()).select("DX").select("PX").build()?;
//! let text = "claim_id,procedure,service_from,dx_1\nC1,99213,20251103,E11.9\nC2,9921Z,20251103,E11.9\n";
//! let reader = CsvReader::new(Input::from_reader("claims.csv", text.as_bytes())?, CsvOptions::default())?;
//! let mut findings = Vec::new();
//! let summary = scrub_readers(&scrubber, [Box::new(reader) as _], Format::Ndjson, &mut findings)?;
//! assert_eq!((summary.tally.claims_read, summary.tally.claims_clean), (2, 1));
//! assert!(String::from_utf8_lossy(&findings).contains(r#""edit":"PX004""#));
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```
//!
//! A [`Run`] takes its inputs one by one, on a pool of the caller's, tells how far it has come, and can answer 837 files with a
//! 999 or 277CA ([`Acknowledgment`]):
//!
//! ```
//! use cleanclaim::{Format, Input, ReadOptions, Run, Scrubber, embedded, open_reader};
//! let scrubber = Scrubber::builder(embedded()).build()?;
//! let pool = rayon::ThreadPoolBuilder::new().num_threads(2).build()?;
//! let (mut claims, mut findings) = (0, Vec::new());
//! let mut run = Run::new(&scrubber, &pool, Format::Csv);
//! run.on_progress(|progress| claims = progress.claims);
//! run.head(&mut findings)?;
//! for id in ["A", "B"] {
//!     let text = format!("claim_id,procedure,service_from,dx_1\n{id},99213,20251103,E11.9\n");
//!     let input = Input::from_reader(id, std::io::Cursor::new(text))?; // of a file: Input::open(path)?
//!     run.input(&mut *open_reader(input, &ReadOptions::default())?, &mut findings)?;
//! }
//! let summary = run.finish(&mut findings)?;
//! assert_eq!((claims, summary.tally.claims_read, summary.files.len()), (2, 2, 2));
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```
//!
//! # Payers' policies
//!
//! ```
//! use cleanclaim::{Claim, Line, Policies, Policy, Scrubber, embedded};
//! let text = r#"
//!     [policy]
//!     id = "ACME"
//!     version = "2026.1"
//!     name = "Acme Health"
//!     source = "Acme provider manual 2026, page 7"
//!     [applies]
//!     payers = ["ACME*"]
//!     [[edit]]
//!     id = "ACME001"
//!     title = "Charge above the limit"
//!     fails_when = "line.charge > 10000"
//!     message = "The charge of {line.charge} is above 10,000.00"
//!     fix = "Send the record with the claim."
//! "#;
//! let codeset = embedded();
//! let (policy, warnings) = Policy::parse("acme.toml", text, &codeset)?; // of a file: Policy::open(path, &codeset)?
//! warnings.iter().for_each(|warning| eprintln!("{warning}")); // that the edit has no example, to be tried
//! let policies = Policies::new(vec![policy], &codeset)?;
//! let scrubber = Scrubber::builder(codeset).policies(policies).select("ACME001").build()?;
//! let line = Line { charge: Some("12000.00".into()), ..Line::default() };
//! let payer_id = Some("ACME7".into());
//! let claim = Claim { claim_id: "C1".into(), payer_id, lines: vec![line], ..Claim::default() };
//! assert_eq!(scrubber.scrub(&claim).findings().len(), 1);
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```
//!
//! # Codes on a day
//!
//! The tables can be asked themselves:
//!
//! ```
//! use cleanclaim::{Code, Date, SystemId, embedded};
//! let codeset = embedded(); // of a file: Codeset::open(path)?
//! let system = codeset.system(SystemId::Diagnosis).ok_or("no diagnoses")?;
//! let code = Code::parse_diagnosis(b"E11.9").ok_or("no code")?;
//! let ordinal = system.ordinal(code).ok_or("in no release")?;
//! assert_eq!(system.title(ordinal), Some("Type 2 diabetes mellitus without complications"));
//! let day = Date::new(2025, 11, 3).ok_or("no such day")?;
//! assert!(system.row_on(ordinal, day).is_some());
//! # Ok::<(), &str>(())
//! ```
//!
//! # A site's choices
//!
//! A site's file says which edits run, how much they matter, and what is known and not to be reported. Nothing here reads
//! a clock: the caller says which day it is, for suppressions of claims without a received date.
//!
//! ```
//! use cleanclaim::{Date, Scrubber, SiteFile, embedded};
//! let text = r#"
//!     [severity]
//!     DX033 = "warning"
//!     [[suppression]]
//!     edits = ["CLM007"]
//!     payers = ["ACME*"]
//!     who = "B. Clerk, claims desk"
//!     why = "The payer takes accident details by fax, its letter of 2026-10-01"
//!     until = 2026-12-31
//! "#;
//! let site = SiteFile::parse("cleanclaim.toml", text).check(None)?;
//! let today = Date::new(2026, 11, 22).ok_or("no such day")?;
//! let scrubber = Scrubber::builder(embedded()).site(&site).today(today).build()?;
//! assert_eq!(scrubber.suppressions()[0].until.to_string(), "2026-12-31");
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```

mod convert;
mod embedded;
mod open;

pub use claims::{
    CLAIM_SCHEMA, Chunk, ChunkParser, Claim, ClaimBatch, ClaimFormat, ClaimReader, ClaimRow, ClaimView, ColumnMap,
    Columns, CsvError, CsvOptions, CsvReader, Envelope, EnvelopeMark, Fault, Field, Given, GroupedReader, Input,
    JsonOptions, JsonReader, JsonSchema, Line, LineRow, MapError, Place, Problem, ProblemKind, ReadError, Shown, Span,
    Structure, Tag, TraceSegment, X12Error, X12Options, X12Reader,
};
#[cfg(feature = "parquet")]
pub use claims::{ColumnarError, ColumnarOptions, ColumnarReader, ParquetRows, ParquetWriter, panic_is_damage};
pub use codes::{BillType, ClaimType, Code, CodeKind, Date, DateRange, Modifier, Money, Npi, Sex, Units};
pub use codeset::{
    Article, Attribute, AttributeId, Attributes, Basis, BuildError, Class, CodeRun, Codeset, Coverage, FeeIndicators,
    GlobalPeriod, HcpcsFacts, Link, ManualSection, Mue, MueScope, NoteKind, NoteRef, Notes, OpenError, Ordinal,
    Relation, RelationId, Release, Row, RowKind, Side, System, SystemId, Taxonomies, TaxonomyCode, TaxonomyRow, flags,
};
#[cfg(feature = "parquet")]
pub use convert::convert_to_parquet;
pub use convert::{ConvertError, Converted, convert_to_ndjson};
pub use edits::{
    ClaimTypes, Counts, EditInfo, Finding, Fires, Message, Outcome, ProviderIdentity, Reason, Settings, Severity, Show,
    Table, TimelyFiling, Unit, Value,
};
pub use embedded::embedded;
pub use engine::{
    BatchOutcome, ChangeTotals, ChoiceError, ClaimChange, ClaimExplanation, Difference, EditChange, Memo, Progress,
    Run, RunError, Scrubbed, Scrubber, ScrubberBuilder, compare, explain,
};
pub use open::{InputError, ReadOptions, open_reader};
pub use policy::{
    BuiltinChange, ExampleResult, ExplainedPart, Explanation, FileProblem, OpenPolicyError, OpenSiteError, Policies,
    Policy, PolicyEdit, PolicyError, PolicyPin, PolicyPinError, ProblemLevel, Site, SiteError, SiteFile, Suppression,
};
pub use report::{
    Acknowledgment, AcknowledgmentKind, AcknowledgmentPart, AtomicFile, Charges, Context, EditEntry, FileCounts,
    FindingCounts, FindingFile, FindingWriter, Format, Notice, Summary, SuppressionFacts, SuppressionUse, Tally,
};

use std::io::Write;

/// Scrubs all claims of these readers, writes the findings in input order, and gives the summary. Memory does not grow with
/// the inputs, and the output is the same at any number of threads. Every call starts worker threads of its own, one a
/// processor unless `RAYON_NUM_THREADS` says otherwise, and ends them: who calls often, wants a pool of their own or
/// follows progress uses [`Run`].
///
/// # Errors
/// When an input cannot be read further or the findings cannot be written. A claim that is malformed is no error:
/// it becomes a finding.
pub fn scrub_readers(
    scrubber: &Scrubber,
    readers: impl IntoIterator<Item = Box<dyn ClaimReader>>,
    format: Format,
    out: &mut dyn Write,
) -> Result<Summary, RunError> {
    let pool = rayon::ThreadPoolBuilder::new().build().map_err(|error| RunError::Threads(error.to_string()))?;
    let mut run = Run::new(scrubber, &pool, format);
    run.head(out)?;
    for mut reader in readers {
        run.input(&mut *reader, out)?;
    }
    run.finish(out)
}
