//! A policy that runs, and the policies of a scrubber together.

use crate::applies::Payers;
use crate::cel::Node;
use crate::check::{Of, Typed};
use crate::compile;
use crate::document::ParameterValue;
use crate::fields::{CodeKind, Measure};
use crate::index::Index;
use crate::ops::{Bool, CENT, CodeOp, CodeValue, Day, Env, Item, Known, List, Number, TextOp};
use crate::sets::Sets;
use crate::source::{FileProblem, PolicyError};
use crate::tables::{Disk, Loader, NoFiles, SettingsPart};
use crate::text::Text;
use claims::{Claim, ClaimView, Field};
use codes::{Code, Date, Modifier, Money, Units};
use codeset::{Codeset, SystemId};
use edits::{EditInfo, Outcome, Settings, Severity, Value};
use std::collections::BTreeMap;
use std::fmt;
use std::path::{Path, PathBuf};
use std::sync::Arc;

/// A payer's edits, checked and compiled against one codeset.
pub struct Policy {
    pub(crate) id: String,
    pub(crate) version: String,
    pub(crate) name: String,
    pub(crate) hash: String,
    pub(crate) files: Vec<PathBuf>,
    pub(crate) label: Arc<str>,
    pub(crate) payers: Payers,
    pub(crate) settings: SettingsPart,
    pub(crate) builtins: Vec<BuiltinChange>,
    pub(crate) edits: Vec<PolicyEdit>,
    pub(crate) sets: Sets,
    pub(crate) parameters: BTreeMap<String, ParameterValue>,
    pub(crate) index: Index,
    /// The id of the codeset that it was compiled against.
    pub(crate) codeset: String,
}

/// What a policy changes about a built-in edit for its payers.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct BuiltinChange {
    /// The edit.
    pub id: String,
    /// Whether it runs; as without the policy where `None`.
    pub enabled: Option<bool>,
    /// How much a failure matters.
    pub severity: Option<Severity>,
    /// The claim adjustment reason code to advise.
    pub carc: Option<String>,
    /// The remark code to advise.
    pub rarc: Option<String>,
}

/// One edit of a policy.
pub struct PolicyEdit {
    pub(crate) info: EditInfo,
    pub(crate) condition: Bool,
    pub(crate) unless: Option<Bool>,
    pub(crate) from: Option<Date>,
    pub(crate) to: Option<Date>,
    pub(crate) field: Field,
    pub(crate) shadow: bool,
    pub(crate) placeholders: Vec<Placeholder>,
    pub(crate) examples: Vec<Example>,
    /// The condition as written, for explanations.
    pub(crate) parts: Option<(Text, Node)>,
    pub(crate) unless_parts: Option<(Text, Node)>,
}

impl PolicyEdit {
    /// What is known of the edit.
    pub fn info(&self) -> &EditInfo {
        &self.info
    }

    /// Whether it is counted but not reported.
    pub fn is_shadow(&self) -> bool {
        self.shadow
    }

    /// How many examples it has.
    pub fn examples(&self) -> usize {
        self.examples.len()
    }
}

/// A claim on which the author of an edit says what comes out.
pub(crate) struct Example {
    pub(crate) name: String,
    pub(crate) claim: Claim,
    pub(crate) expected: Vec<Outcome>,
    pub(crate) by_line: bool,
    /// From 1.
    pub(crate) line: Option<usize>,
}

/// A value that a message names.
pub(crate) struct Placeholder {
    pub(crate) name: &'static str,
    pub(crate) shown: Shown,
}

/// A part of a condition that can be shown.
pub(crate) enum Shown {
    Number(Number, Measure),
    Date(Day),
    Code(CodeOp, CodeKind),
    Text(TextOp),
    Lines(List),
    Codes(List, CodeKind),
}

/// What a message says for a value that is not there.
const NOT_GIVEN: &str = "(not given)";
/// The most elements of a list that a message shows.
const MOST_SHOWN: usize = 10;

impl Shown {
    /// What can be shown of this; `None` for what is no value.
    pub(crate) fn of(typed: Typed) -> Option<Shown> {
        match typed {
            Typed::Number(number, measure) => Some(Shown::Number(number, measure)),
            Typed::Date(day) => Some(Shown::Date(day)),
            Typed::Code(code, kind) => Some(Shown::Code(code, kind)),
            Typed::Text(text) => Some(Shown::Text(text)),
            Typed::List(list, Of::Lines) => Some(Shown::Lines(list)),
            Typed::List(list, Of::Codes(kind)) => Some(Shown::Codes(list, kind)),
            _ => None,
        }
    }

    pub(crate) fn value(&self, env: &mut Env<'_>) -> Value {
        self.known(env).unwrap_or_else(|_| Value::Text(NOT_GIVEN.to_owned()))
    }

    pub(crate) fn known(&self, env: &mut Env<'_>) -> Known<Value> {
        Ok(match self {
            Shown::Number(number, measure) => number_value(number.eval(env)?, *measure),
            Shown::Date(day) => Value::Date(day.eval(env)?),
            Shown::Code(code, kind) => code_value(code.eval(env)?, *kind),
            Shown::Text(text) => Value::Text(text.eval(env)?.to_owned()),
            Shown::Lines(list) => {
                let mut numbers = Vec::new();
                list.each(env, &mut |env, item| {
                    if let Item::Line(line) = item {
                        numbers.extend(env.facts.lines.get(line as usize).map(|line| line.row.number));
                    }
                    Ok(numbers.len() < MOST_SHOWN)
                })?;
                Value::Lines(numbers)
            }
            Shown::Codes(list, kind) => {
                let mut codes = Vec::new();
                list.each(env, &mut |_, item| {
                    if let Item::Code(code) = item {
                        codes.push(code.code());
                    }
                    Ok(codes.len() < MOST_SHOWN)
                })?;
                match kind {
                    CodeKind::Of(SystemId::Diagnosis) => Value::Diagnoses(codes),
                    _ => Value::Codes(codes),
                }
            }
        })
    }
}

fn number_value(thousandths: i64, measure: Measure) -> Value {
    match measure {
        Measure::Money => Value::Money(Money::from_cents(thousandths / CENT)),
        Measure::Units => Value::Units(Units::from_thousandths(thousandths)),
        Measure::Plain if thousandths % 1000 == 0 => Value::Count(thousandths / 1000),
        Measure::Plain => Value::Units(Units::from_thousandths(thousandths)),
    }
}

fn code_value(value: CodeValue, kind: CodeKind) -> Value {
    let code = value.code();
    match kind {
        CodeKind::Npi if value.bits > 0 => Value::Text(format!("{:010}", value.bits)),
        _ if code.is_absent() => Value::Text(NOT_GIVEN.to_owned()),
        CodeKind::Of(SystemId::Diagnosis) => Value::Diagnosis(code),
        CodeKind::Of(SystemId::Modifier) => {
            let bytes = code.to_bytes();
            Modifier::parse(bytes.get(..code.len()).unwrap_or_default()).map_or(Value::Code(code), Value::Modifier)
        }
        CodeKind::BillType => Value::Code(Code::parse(format!("0{code}").as_bytes()).unwrap_or(code)),
        _ => Value::Code(code),
    }
}

impl Policy {
    /// Reads, checks and compiles a policy file and all that it includes, against this codeset: the policy with its
    /// warnings.
    ///
    /// # Errors
    /// When anything at all is wrong with it: everything, each with file, line and column.
    pub fn open(path: impl AsRef<Path>, codeset: &Codeset) -> Result<(Policy, Vec<FileProblem>), OpenPolicyError> {
        let path = path.as_ref();
        let text = Disk.load(path).map_err(|reason| OpenPolicyError::Read { file: path.to_owned(), reason })?;
        Ok(compile::compile(path, text, &Disk, codeset)?)
    }

    /// As [`Policy::open`], of a text that includes no other file. `name` stands for the file in problems.
    ///
    /// ```
    /// use cleanclaim_policy::{Policy, ProblemLevel};
    /// use codeset::{Codeset, ImageBuilder};
    /// let codeset = Codeset::from_bytes(&ImageBuilder::new().finish()?)?;
    /// let text = r#"
    ///     [policy]
    ///     id = "ACME"
    ///     version = "2026.1"
    ///     name = "Acme Health"
    ///     source = "Acme provider manual 2026, page 7"
    ///     [applies]
    ///     payers = ["ACME*"]
    ///     [[edit]]
    ///     id = "ACME001"
    ///     title = "Charge above the limit"
    ///     fails_when = "line.charg > 10000"
    ///     message = "The charge of {line.charge} is above 10,000.00"
    ///     fix = "Send the record with the claim."
    /// "#;
    /// let error = Policy::parse("acme.toml", text, &codeset).err().ok_or("it is misspelt")?;
    /// let wrong = error.problems().iter().find(|own| own.level() == ProblemLevel::Error).ok_or("an error")?;
    /// assert_eq!((wrong.line(), wrong.help()), (12, Some("did you mean `charge`?")));
    /// let (policy, _) = Policy::parse("acme.toml", &text.replace("line.charg ", "line.charge "), &codeset)?;
    /// assert_eq!((policy.id(), policy.edits().len()), ("ACME", 1));
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    ///
    /// # Errors
    /// As [`Policy::open`].
    pub fn parse(name: &str, text: &str, codeset: &Codeset) -> Result<(Policy, Vec<FileProblem>), PolicyError> {
        compile::compile(Path::new(name), text.to_owned(), &NoFiles, codeset)
    }

    /// Its id.
    pub fn id(&self) -> &str {
        &self.id
    }

    /// Its version.
    pub fn version(&self) -> &str {
        &self.version
    }

    /// What it is called.
    pub fn name(&self) -> &str {
        &self.name
    }

    /// The hash of all files that it is made of, 16 hexadecimal digits: two policies with the same hash say the same.
    pub fn hash(&self) -> &str {
        &self.hash
    }

    /// The files that it is made of: its own, those that it includes, and lists of codes.
    pub fn files(&self) -> &[PathBuf] {
        &self.files
    }

    /// `ID@VERSION#HASH`, as findings and summaries name it.
    pub fn label(&self) -> &Arc<str> {
        &self.label
    }

    /// The id of the codeset that it was compiled against: ordinals of another mean other codes.
    pub fn codeset(&self) -> &str {
        &self.codeset
    }

    /// Its edits, in the order of its files.
    pub fn edits(&self) -> &[PolicyEdit] {
        &self.edits
    }

    /// What it changes about built-in edits.
    pub fn builtins(&self) -> &[BuiltinChange] {
        &self.builtins
    }

    /// Changes what it says about the settings of built-in edits.
    pub fn settle(&self, settings: &mut Settings) {
        self.settings.settle(settings);
    }

    /// Whether it applies to claims of this payer, type, state, plan and contractor, on some day.
    pub fn takes(&self, claim: &ClaimView<'_>) -> bool {
        self.payers.take(claim)
    }

    /// What of the claim, whose first day of service is this, the policy is not for; empty where it applies.
    pub fn refuses(&self, claim: &ClaimView<'_>, day: Option<Date>) -> Vec<String> {
        self.payers.refuses(claim, day)
    }

    /// Whether the day of a claim matters for whether it applies.
    pub fn is_dated(&self) -> bool {
        self.payers.is_dated()
    }

    /// Whether it applies to claims whose first day of service is this.
    pub fn applies_on(&self, day: Option<Date>) -> bool {
        self.payers.on(day)
    }
}

impl fmt::Debug for Policy {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Policy({}, {} edits)", self.label, self.edits.len())
    }
}

/// Why a policy file cannot be used.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum OpenPolicyError {
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
    Wrong(#[from] PolicyError),
    /// Two policies have the same id.
    #[error("two policies are called {id}: {first} and {second}; give one of them")]
    SamePolicy {
        /// The id.
        id: String,
        /// The label of the first.
        first: String,
        /// The label of the second.
        second: String,
    },
    /// Two policies have an edit of the same id.
    #[error("edit {id} is in {first} and in {second}; an edit's id is its own")]
    SameEdit {
        /// The id.
        id: String,
        /// The label of the first policy.
        first: String,
        /// The label of the second.
        second: String,
    },
    /// A policy was compiled against another codeset.
    #[error(
        "policy {policy} was compiled against codeset {compiled}, and is to be used with {given}; compile it against \
         the codeset that it is used with"
    )]
    OtherCodeset {
        /// The policy's label.
        policy: String,
        /// The codeset that it was compiled against.
        compiled: String,
        /// The codeset that it is to be used with.
        given: String,
    },
    /// A policy is not the version that the run asks for.
    #[error("the run asks for policy {asked}, but {got} was given; give the file of that version, or ask for this one")]
    OtherVersion {
        /// What was asked for.
        asked: String,
        /// The label of the policy that was given.
        got: String,
    },
    /// A policy that the run asks for was not given.
    #[error("the run asks for policy {asked}, which was not given; the policies are: {given}")]
    NotGiven {
        /// What was asked for.
        asked: String,
        /// The ids of those that were given.
        given: String,
    },
}

/// The policies of a scrubber, in the order they were given: where two say something else about the same claim, the
/// later holds.
#[derive(Debug)]
pub struct Policies {
    policies: Vec<Policy>,
    codeset: String,
}

impl Policies {
    /// These policies together. All must have been compiled against this codeset.
    ///
    /// # Errors
    /// When one was compiled against another codeset, or two have the same id, or edits of the same id.
    pub fn new(policies: Vec<Policy>, codeset: &Codeset) -> Result<Policies, OpenPolicyError> {
        let mut labels: BTreeMap<&str, &Policy> = BTreeMap::new();
        let mut edits: BTreeMap<&str, &Policy> = BTreeMap::new();
        for policy in &policies {
            let label = |policy: &Policy| policy.label.to_string();
            if policy.codeset != codeset.id() {
                let (compiled, given) = (policy.codeset.clone(), codeset.id().to_owned());
                return Err(OpenPolicyError::OtherCodeset { policy: label(policy), compiled, given });
            }
            if let Some(first) = labels.insert(&policy.id, policy) {
                let id = policy.id.clone();
                return Err(OpenPolicyError::SamePolicy { id, first: label(first), second: label(policy) });
            }
            for edit in &policy.edits {
                if let Some(first) = edits.insert(&edit.info.id, policy) {
                    let id = edit.info.id.to_string();
                    return Err(OpenPolicyError::SameEdit { id, first: label(first), second: label(policy) });
                }
            }
        }
        Ok(Policies { policies, codeset: codeset.id().to_owned() })
    }

    /// Opens these files: the policies with all their warnings.
    ///
    /// # Errors
    /// As [`Policy::open`], with what is wrong in all of them, and [`Policies::new`].
    pub fn open(
        paths: &[impl AsRef<Path>],
        codeset: &Codeset,
    ) -> Result<(Policies, Vec<FileProblem>), OpenPolicyError> {
        let (mut policies, mut warnings) = (Vec::new(), Vec::new());
        let mut wrong: Option<PolicyError> = None;
        for path in paths {
            match Policy::open(path, codeset) {
                Ok((policy, own)) => {
                    policies.push(policy);
                    warnings.extend(own);
                }
                Err(OpenPolicyError::Wrong(error)) => match &mut wrong {
                    Some(before) => before.add(error),
                    None => wrong = Some(error),
                },
                Err(error) => return Err(error),
            }
        }
        if let Some(wrong) = wrong {
            return Err(wrong.into());
        }
        Ok((Policies::new(policies, codeset)?, warnings))
    }

    /// The policies.
    pub fn all(&self) -> &[Policy] {
        &self.policies
    }

    /// The id of the codeset that they were compiled against: ordinals of another mean other codes.
    pub fn codeset(&self) -> &str {
        &self.codeset
    }
}
