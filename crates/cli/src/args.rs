//! The arguments of every command.

use clap::{Args, Parser, Subcommand, ValueEnum};
use cleanclaim::{AcknowledgmentKind, ClaimFormat, Date, Format, PolicyPin, Severity};
use std::path::PathBuf;

/// A linter for medical claims: says before submission what a payer would deny, why, and how to mend it.
#[derive(Parser)]
#[command(name = "cleanclaim", version, max_term_width = 110)]
pub struct Arguments {
    #[command(subcommand)]
    pub command: Command,
}

#[derive(Subcommand)]
pub enum Command {
    /// Check claims and report findings
    Scrub(Box<Scrub>),
    /// Write claims of any format as JSON or Parquet, to look at what was read
    Convert(Convert),
    /// List the edits, or explain one
    Edits(Edits),
    /// Look a code up: validity, attributes, parents, descendants, near misses
    Codes(Codes),
    /// Build, update, inspect, compare and verify codeset images
    Codesets(Codesets),
    /// Check, try, explain and compare payers' policies
    Policy(PolicyCommand),
    /// Make synthetic claims with known planted errors
    Generate(Generate),
}

/// Which codeset to read.
#[derive(Args)]
pub struct CodesetChoice {
    /// Codeset image to read instead of the one in the program
    #[arg(long, value_name = "FILE")]
    pub codeset: Option<PathBuf>,
}

/// How to read claims.
#[derive(Args)]
pub struct Reading {
    /// Format of the claims, where it is not to be told by their content: csv, x12, ndjson, fhir, parquet, arrow, rif
    #[arg(long, value_name = "FORMAT", value_parser = claim_format_of)]
    pub input_format: Option<ClaimFormat>,
    /// TOML file that gives the input's own column names, or `rif` for the claim files of CMS
    #[arg(long, value_name = "FILE")]
    pub map: Option<PathBuf>,
    /// Group the rows of each claim first, for files in which they lie apart
    #[arg(long, value_name = "BOOL", num_args = 0..=1, require_equals = true, default_missing_value = "true")]
    pub group: Option<bool>,
}

/// What stands below the options of `scrub`.
const SCRUB_HELP: &str = "\
    Choices of the site: what the command line gives wins over the file of the site's choices, an option takes the place of \
    the file's. But --ignore adds to what the file ignores, --severity to its severities, and with --select the file's select \
    and ignore are not used at all.\n\n\
    Exit codes: 0, nothing at or above --fail-on; 1, findings, or notices of suppressions that expired (warning) or are not \
    used (info), or of claims that an acknowledgment leaves out (warning); 2, the run itself failed. Of an input that cannot \
    be read further, what was found before is on standard output; files that were to be written are not there.";

/// The file of a site's choices: its codeset, policies, edits, severities, suppressions.
#[derive(Args)]
pub struct Configuration {
    /// TOML file of the site's choices; `cleanclaim.toml` in the working directory, if there is one, when not given
    #[arg(long, value_name = "FILE")]
    pub config: Option<PathBuf>,
    /// Take no choices from a file
    #[arg(long, conflicts_with = "config")]
    pub no_config: bool,
}

#[derive(Args)]
#[command(after_help = SCRUB_HELP)]
pub struct Scrub {
    /// Claim files, plain or gzip or zstd; `-` or none is standard input
    pub files: Vec<PathBuf>,
    #[command(flatten)]
    pub configuration: Configuration,
    #[command(flatten)]
    pub reading: Reading,
    #[command(flatten)]
    pub codeset: CodesetChoice,
    /// Judge by this payer policy too; may be given several times
    #[arg(long, value_name = "FILE")]
    pub policy: Vec<PathBuf>,
    /// Refuse to run unless this version of a policy is among them: ID@VERSION, ID#HASH or both, as summaries name it
    #[arg(long, value_name = "ID@VERSION#HASH")]
    pub pin: Vec<PolicyPin>,
    /// Run only these edits: ids, names, or the beginning of ids, with commas between; an edit that is off by default runs
    /// where its whole id or name is given
    #[arg(long, value_delimiter = ',', value_name = "EDITS")]
    pub select: Vec<String>,
    /// Do not run these edits
    #[arg(long, value_delimiter = ',', value_name = "EDITS")]
    pub ignore: Vec<String>,
    /// Change severities: EDITS=error|warning|info
    #[arg(long, value_delimiter = ',', value_name = "EDITS=SEVERITY", value_parser = severity_of)]
    pub severity: Vec<(String, Severity)>,
    /// Report these outcomes too: bypassed, not-evaluated, suppressed; failures are always reported
    #[arg(long, value_delimiter = ',', value_name = "OUTCOMES")]
    pub show: Vec<Shown>,
    /// The day against which suppressions of claims without a received date are held, YYYY-MM-DD; the machine's (UTC) when
    /// not given
    #[arg(long, value_name = "DATE", value_parser = date_of)]
    pub today: Option<Date>,
    /// Form of the findings: text (when not given), ndjson, csv or parquet
    #[arg(long, value_parser = format_of)]
    pub format: Option<Format>,
    /// Write findings here, whole or not at all, instead of to standard output (`-`)
    #[arg(long, short, value_name = "FILE")]
    pub output: Option<PathBuf>,
    /// Write the summary here too: as a page (HTML) when the name ends in .html or .htm, else as JSON; `-` is standard
    /// output, if findings go elsewhere
    #[arg(long, value_name = "FILE")]
    pub summary: Option<PathBuf>,
    /// Answer X12 claims: 999 (transaction sets, by their structure) or 277ca (claims, by their findings)
    #[arg(long, value_name = "KIND", value_parser = acknowledgment_of, requires = "acknowledge_output")]
    pub acknowledge: Option<AcknowledgmentKind>,
    /// Write the acknowledgment here, whole or not at all; `-` is standard output, if findings go elsewhere
    #[arg(long, value_name = "FILE", requires = "acknowledge")]
    pub acknowledge_output: Option<PathBuf>,
    /// The acknowledgment's date, YYYY-MM-DD or YYYYMMDD; the input's own when not given
    #[arg(long, value_name = "DATE", value_parser = date_of, requires = "acknowledge")]
    pub acknowledge_date: Option<Date>,
    /// Worker threads; as many as the machine has when not given
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u16).range(1..=1024))]
    pub threads: Option<u16>,
    /// Least severity of a finding or notice that makes the exit code 1; error when not given
    #[arg(long)]
    pub fail_on: Option<FailOn>,
    /// Do not print the summary; notices that make the exit code 1 are printed all the same
    #[arg(long, short)]
    pub quiet: bool,
}

#[derive(Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum Shown {
    /// Nothing but failures
    Fail,
    /// Released by a modifier, code or date
    Bypassed,
    /// Could not be judged
    NotEvaluated,
    /// Failed, but the site suppresses it
    Suppressed,
}

#[derive(Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum FailOn {
    /// Errors only
    Error,
    /// Errors and warnings
    Warning,
    /// Anything found
    Info,
    /// Never
    Never,
}

impl FailOn {
    /// What counts from this severity on; `None` for never.
    pub fn from_least(least: Option<Severity>) -> FailOn {
        match least {
            Some(Severity::Error) => FailOn::Error,
            Some(Severity::Warning) => FailOn::Warning,
            Some(Severity::Info) => FailOn::Info,
            None => FailOn::Never,
        }
    }

    /// The least severity that counts.
    pub fn least(self) -> Option<Severity> {
        match self {
            FailOn::Error => Some(Severity::Error),
            FailOn::Warning => Some(Severity::Warning),
            FailOn::Info => Some(Severity::Info),
            FailOn::Never => None,
        }
    }
}

#[derive(Args)]
pub struct Edits {
    /// The edit to explain: an id or a name; or the beginning of ids (PTP), to list those edits
    pub edit: Option<String>,
    /// Form of the answer
    #[arg(long, default_value = "text")]
    pub format: EditsFormat,
    /// List the edits of this payer policy too
    #[arg(long, value_name = "FILE")]
    pub policy: Vec<PathBuf>,
}

#[derive(Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum EditsFormat {
    /// For a person
    Text,
    /// One JSON object an edit
    Ndjson,
    /// A page of all that is known of each edit, as EDITS.md in the repository
    Markdown,
}

#[derive(Args)]
#[command(after_help = "Exit codes: 0, it is known; 1, it is not, or the two are of no one system; 2, it is no code.")]
pub struct Codes {
    /// The code, with or without its dot (with it, only a diagnosis is meant); of the provider taxonomy too
    pub code: String,
    /// Another code of the same system: say only whether the two are a pair, of NCCI or otherwise
    pub other: Option<String>,
    /// The day on which it is wanted, YYYY-MM-DD or YYYYMMDD: of pairs, those that hold then
    #[arg(long, value_name = "DATE", value_parser = date_of)]
    pub on: Option<Date>,
    /// List all codes, not only the first 20 of each kind
    #[arg(long)]
    pub all: bool,
    #[command(flatten)]
    pub codeset: CodesetChoice,
}

#[derive(Args)]
pub struct Codesets {
    #[command(subcommand)]
    pub action: CodesetsAction,
}

/// What stands below the options of `codesets build`.
const BUILD_HELP: &str = "\
    Exit codes: 0, the image was written; 1, it was not, for --strict; 2, it was not, since nothing could be taken or \
    something failed.";

#[derive(Args)]
#[command(after_help = BUILD_HELP)]
pub struct BuildImage {
    /// An image to extend, or a folder of tables with `sources.toml`; then publishers' files, folders, and archives
    #[arg(required_unless_present = "default")]
    pub inputs: Vec<PathBuf>,
    /// Extend the image in the program
    #[arg(long)]
    pub default: bool,
    /// The image to write; `-` is standard output, and what was done is then told on standard error
    #[arg(long, short, value_name = "FILE")]
    pub output: PathBuf,
    /// The first day of a release, where a file does not say it or says it wrongly; of all files, or of those whose
    /// path ends so
    #[arg(long, value_name = "[NAME=]DATE", value_parser = effective_of)]
    pub effective: Vec<(Option<String>, Date)>,
    /// Write nothing when a file is not recognised or not read, a row is refused, or files contradict each other
    #[arg(long)]
    pub strict: bool,
    /// The share of a file's rows above which refused rows stop the build
    #[arg(long, value_name = "SHARE", default_value = "1%", value_parser = share_of)]
    pub refuse_limit: f64,
    /// Write the summary here too, as JSON; `-` is standard output
    #[arg(long, value_name = "FILE")]
    pub summary: Option<PathBuf>,
    /// Write the rows that were refused here, with their places: at most a thousand of a file; `-` is standard output
    #[arg(long, value_name = "FILE")]
    pub refused: Option<PathBuf>,
    /// No progress and no summary
    #[arg(long, short)]
    pub quiet: bool,
}

/// What stands below the options of `codesets diff`.
const DIFF_HELP: &str = "\
    Codes, pairs, unit limits, indicators, notes and coverage are compared by days. Beyond the last day of the image that \
    ends earlier, what it says on that day is taken to go on: so a code that the next quarter does not list is removed \
    from its first day.\n\n\
    Exit codes: 0, they say the same, with --claims of every claim; 1, they do not; 2, they could not be compared.";

#[derive(Args)]
#[command(after_help = DIFF_HELP)]
pub struct DiffImages {
    /// The image as it is; `default` is the one in the program
    pub old: PathBuf,
    /// The image as it would be; `default` is the one in the program
    pub new: PathBuf,
    /// Scrub these claims under both images, and tell which newly fail and newly pass, per edit and in dollars
    #[arg(long, value_name = "FILE")]
    pub claims: Option<PathBuf>,
    #[command(flatten)]
    pub reading: Reading,
    /// With --claims: judge by this payer policy too; may be given several times
    #[arg(long, value_name = "FILE", requires = "claims")]
    pub policy: Vec<PathBuf>,
    /// With --claims: run only these edits
    #[arg(long, value_delimiter = ',', value_name = "EDITS", requires = "claims")]
    pub select: Vec<String>,
    /// With --claims: do not run these edits
    #[arg(long, value_delimiter = ',', value_name = "EDITS", requires = "claims")]
    pub ignore: Vec<String>,
    /// Form of the answer
    #[arg(long, default_value = "text")]
    pub format: DiffFormat,
    /// How many changes of each part to list, as text
    #[arg(long, value_name = "N", default_value_t = 20)]
    pub first: usize,
    /// List every change, as text
    #[arg(long, conflicts_with = "first")]
    pub all: bool,
}

/// What stands below the options of `codesets update`.
const UPDATE_HELP: &str = "\
    Nothing is written unless every file arrives whole and is what it is expected to be: the image that was there stays as \
    it is. Where a publisher shows the AMA's licence of CPT, nothing is downloaded without --accept-ama-license.\n\n\
    Exit codes: 0, the image was written; 2, it was not.";

#[derive(Args)]
#[command(after_help = UPDATE_HELP)]
pub struct UpdateImage {
    /// The image to extend; the one in the program when not given
    #[arg(long, value_name = "IMAGE")]
    pub base: Option<PathBuf>,
    /// The image to write; --base itself when not given, `-` is standard output
    #[arg(long, short, value_name = "FILE", required_unless_present = "base")]
    pub output: Option<PathBuf>,
    /// I have read the AMA's licence of CPT on the publishers' pages, and accept it
    #[arg(long)]
    pub accept_ama_license: bool,
    /// Where files are published, instead of the list in the program
    #[arg(long, value_name = "FILE")]
    pub sources: Option<PathBuf>,
    /// Download only these sources, by their names in the list
    #[arg(long, value_delimiter = ',', value_name = "NAMES")]
    pub only: Vec<String>,
    /// The quarter: 2026Q4; the current one when not given
    #[arg(long, value_name = "QUARTER", value_parser = crate::update::quarter_of)]
    pub quarter: Option<crate::update::Quarter>,
    /// Keep downloads here, and take those that are there
    #[arg(long, value_name = "FOLDER")]
    pub cache: Option<PathBuf>,
    /// Seconds that a download may take
    #[arg(long, value_name = "SECONDS", default_value_t = 600, value_parser = clap::value_parser!(u64).range(1..=86_400))]
    pub timeout: u64,
    /// How often to try again when a server is busy or does not answer
    #[arg(long, value_name = "N", default_value_t = 3, value_parser = clap::value_parser!(u32).range(0..=10))]
    pub retries: u32,
    /// No progress and no summary
    #[arg(long, short)]
    pub quiet: bool,
}

#[derive(Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum DiffFormat {
    /// For a person
    Text,
    /// One JSON object a change, then one with the totals
    Ndjson,
}

#[derive(Subcommand)]
pub enum CodesetsAction {
    /// Make an image of publishers' files
    Build(BuildImage),
    /// Print systems, relations, releases, coverage and provenance of an image
    Inspect {
        /// The image; the one in the program when not given
        image: Option<PathBuf>,
    },
    /// Show what two images say differently, or which claims that changes and by how many dollars
    Diff(DiffImages),
    /// Download the quarter's files from their publishers and build an image of them
    Update(UpdateImage),
    /// Check every byte of an image
    Verify {
        /// The image
        image: PathBuf,
    },
}

#[derive(Args)]
pub struct PolicyCommand {
    #[command(subcommand)]
    pub action: PolicyAction,
}

#[derive(Subcommand)]
pub enum PolicyAction {
    /// Say all that is wrong with policies, each with its place
    #[command(after_help = "Exit codes: 0, they can be used; 1, one cannot; 2, one could not be read.")]
    Check {
        /// Policy files
        #[arg(required = true)]
        files: Vec<PathBuf>,
        #[command(flatten)]
        codeset: CodesetChoice,
    },
    /// Try the examples of policies
    #[command(
        after_help = "Exit codes: 0, all are as expected; 1, one is not, or a policy is wrong; 2, one could not be read."
    )]
    Test {
        /// Policy files
        #[arg(required = true)]
        files: Vec<PathBuf>,
        #[command(flatten)]
        codeset: CodesetChoice,
    },
    /// Show part by part how an edit of a policy comes out on claims
    Explain {
        /// The edit's id
        edit: String,
        /// The policy that the edit is of
        #[arg(long, required = true, value_name = "FILE")]
        policy: Vec<PathBuf>,
        /// The claims
        #[arg(long, value_name = "FILE")]
        claim: PathBuf,
        #[command(flatten)]
        codeset: CodesetChoice,
    },
    /// Show which claims another version of a policy changes, and by how many dollars
    #[command(after_help = "Exit codes: 0, no claim changes; 1, some do; 2, they could not be compared.")]
    Diff {
        /// The policy as it is
        old: PathBuf,
        /// The policy as it would be
        new: PathBuf,
        /// The claims
        #[arg(long, value_name = "FILE")]
        claims: PathBuf,
        /// Form of the answer
        #[arg(long, default_value = "text")]
        format: DiffFormat,
        #[command(flatten)]
        codeset: CodesetChoice,
    },
}

/// A share in per cent.
fn percent(text: &str) -> Result<f64, String> {
    let share = text.parse().ok().filter(|share| (0.0..=100.0).contains(share));
    share.ok_or_else(|| format!("expected a share from 0 to 100, got {text:?}"))
}

#[derive(Args)]
pub struct Generate {
    /// How many claim lines to make, about
    #[arg(long, default_value_t = 1000, value_name = "N")]
    pub lines: u64,
    /// The same seed gives the same claims
    #[arg(long, default_value_t = 1, value_name = "N")]
    pub seed: u64,
    /// Share of claims with a planted error, in per cent
    #[arg(long, default_value_t = 5.0, value_name = "PERCENT", value_parser = percent, allow_negative_numbers = true)]
    pub errors: f64,
    /// Plant errors of these edits only
    #[arg(long, value_delimiter = ',', value_name = "EDITS")]
    pub plant: Vec<String>,
    /// Draw every code with the same chance, instead of a few codes often and most rarely
    #[arg(long)]
    pub uniform: bool,
    /// Form of the claims
    #[arg(long, default_value = "csv")]
    pub format: GenerateFormat,
    /// Write the claims here instead of to standard output (`-`)
    #[arg(long, short, value_name = "FILE")]
    pub output: Option<PathBuf>,
    /// Write here, as CSV, which errors were planted where; `-` is standard output, if claims go elsewhere
    #[arg(long, value_name = "FILE")]
    pub planted: Option<PathBuf>,
    #[command(flatten)]
    pub codeset: CodesetChoice,
}

#[derive(Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum GenerateFormat {
    /// One row a service line
    Csv,
    /// JSON of cleanclaim's schema, one claim a line
    Ndjson,
    /// X12 837, professional and institutional claims
    #[value(name = "837")]
    X12,
    /// X12 837, the professional claims alone
    #[value(name = "837p")]
    X12Professional,
    /// X12 837, the institutional claims alone
    #[value(name = "837i")]
    X12Institutional,
    /// Parquet, one row a claim with its lines nested
    Parquet,
}

/// What stands below the options of `convert`.
const CONVERT_HELP: &str = "\
    Exit codes: 0, every claim was read whole; 1, some were not, and are marked so; 2, the run itself failed. Of an input that \
    cannot be read further, what was read before is on standard output; a file that was to be written is not there.";

#[derive(Args)]
#[command(after_help = CONVERT_HELP)]
pub struct Convert {
    /// Claim files, plain or gzip or zstd; `-` or none is standard input
    pub files: Vec<PathBuf>,
    #[command(flatten)]
    pub reading: Reading,
    /// Form to write claims in
    #[arg(long, default_value = "ndjson")]
    pub to: ConvertFormat,
    /// Write the claims here, whole or not at all, instead of to standard output (`-`)
    #[arg(long, short, value_name = "FILE")]
    pub output: Option<PathBuf>,
    /// Worker threads; as many as the machine has when not given
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u16).range(1..=1024))]
    pub threads: Option<u16>,
    /// Do not tell how many claims were read
    #[arg(long, short)]
    pub quiet: bool,
}

#[derive(Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum ConvertFormat {
    /// JSON of cleanclaim's schema, one claim a line
    Ndjson,
    /// Parquet, one row a claim with its lines nested
    Parquet,
}

fn severity_of(text: &str) -> Result<(String, Severity), String> {
    let wrong = || format!("expected EDITS=error|warning|info, got {text:?}");
    let (edits, severity) = text.split_once('=').ok_or_else(wrong)?;
    Ok((edits.to_owned(), Severity::from_name(severity).ok_or_else(wrong)?))
}

fn format_of(text: &str) -> Result<Format, String> {
    let names = || Format::ALL.iter().map(|own| own.name()).collect::<Vec<_>>().join(", ");
    Format::from_name(text).ok_or_else(|| format!("expected one of {}, got {text:?}", names()))
}

fn acknowledgment_of(text: &str) -> Result<AcknowledgmentKind, String> {
    let names = || AcknowledgmentKind::ALL.map(AcknowledgmentKind::name).join(" or ");
    AcknowledgmentKind::from_name(text).ok_or_else(|| format!("expected {}, got {text:?}", names()))
}

fn claim_format_of(text: &str) -> Result<ClaimFormat, String> {
    let names = || ClaimFormat::ALL.map(ClaimFormat::name).join(", ");
    ClaimFormat::from_name(text).ok_or_else(|| format!("expected one of {}, got {text:?}", names()))
}

fn date_of(text: &str) -> Result<Date, String> {
    Date::parse(text.as_bytes()).ok_or_else(|| format!("expected a date as YYYY-MM-DD or YYYYMMDD, got {text:?}"))
}

/// `DATE`, or `NAME=DATE`.
fn effective_of(text: &str) -> Result<(Option<String>, Date), String> {
    let (name, day) = text.rsplit_once('=').map_or((None, text), |(name, day)| (Some(name.to_owned()), day));
    let day =
        Date::parse(day.as_bytes()).ok_or_else(|| format!("expected a date as YYYY-MM-DD or YYYYMMDD, got {day:?}"))?;
    Ok((name, day))
}

/// `1%`, or `0.01`.
fn share_of(text: &str) -> Result<f64, String> {
    let (number, whole) = text.strip_suffix('%').map_or((text, 1.0), |number| (number, 100.0));
    let share = number.trim().parse::<f64>().ok().map(|number| number / whole);
    share
        .filter(|share| (0.0..=1.0).contains(share))
        .ok_or_else(|| format!("expected a share such as 1% or 0.01, found {text:?}"))
}
