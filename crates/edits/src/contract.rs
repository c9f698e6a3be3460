//! What an edit is: its facts, and its check.

use crate::{ClaimFacts, Finding, Fires, OfKind, Recorder};
use claims::{Field, Problem};
use codes::ClaimType;
use codeset::{AttributeId, Codeset, Coverage, Notes, RelationId, SystemId, Taxonomies};
use std::borrow::Cow;
use std::fmt;

/// The result of evaluating one edit on one claim, line or diagnosis.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub enum Outcome {
    /// Evaluated, nothing wrong.
    Pass,
    /// Would fail, but a modifier, condition code, date rule or override releases it.
    Bypassed,
    /// Could not be judged: a table, a date or a field is missing. Neither clean nor wrong.
    NotEvaluated,
    /// Evaluated, wrong.
    Fail,
}

impl Outcome {
    /// Every outcome, in the order that summaries print them.
    pub const ALL: [Outcome; 4] = [Outcome::Pass, Outcome::Fail, Outcome::Bypassed, Outcome::NotEvaluated];

    /// Its name in every output.
    pub const fn name(self) -> &'static str {
        match self {
            Outcome::Pass => "pass",
            Outcome::Fail => "fail",
            Outcome::Bypassed => "bypassed",
            Outcome::NotEvaluated => "not-evaluated",
        }
    }
}

impl fmt::Display for Outcome {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.name())
    }
}

/// How much a failure matters. Ordered: `Info < Warning < Error`.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub enum Severity {
    /// Worth knowing.
    Info,
    /// May be denied; some such claims are right as they are.
    Warning,
    /// Would be rejected or denied. Only these make a claim not clean.
    Error,
}

impl Severity {
    /// Its name in every output.
    pub const fn name(self) -> &'static str {
        match self {
            Severity::Info => "info",
            Severity::Warning => "warning",
            Severity::Error => "error",
        }
    }

    /// The severity of this name.
    pub fn from_name(name: &str) -> Option<Severity> {
        [Severity::Info, Severity::Warning, Severity::Error].into_iter().find(|severity| severity.name() == name)
    }
}

impl fmt::Display for Severity {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.name())
    }
}

/// What an edit is evaluated on, and so what its outcomes count.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
pub enum Unit {
    /// Once a claim.
    Claim,
    /// Once a service line.
    Line,
    /// Once a diagnosis that is given in the claim's list.
    Diagnosis,
    /// Once a diagnosis that is given, be it in the list or, on an institutional claim, beside it.
    AnyDiagnosis,
}

impl Unit {
    /// Its plural, for summaries.
    pub const fn plural(self) -> &'static str {
        match self {
            Unit::Claim => "claims",
            Unit::Line => "lines",
            Unit::Diagnosis | Unit::AnyDiagnosis => "diagnoses",
        }
    }
}

/// A set of claim types.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
pub struct ClaimTypes(u8);

impl ClaimTypes {
    /// Professional, institutional and dental.
    pub const ALL: ClaimTypes = ClaimTypes(0b111);
    /// Professional alone.
    pub const PROFESSIONAL: ClaimTypes = ClaimTypes(1 << ClaimType::Professional as u8);
    /// Institutional alone.
    pub const INSTITUTIONAL: ClaimTypes = ClaimTypes(1 << ClaimType::Institutional as u8);
    /// All but dental: dental claims carry CDT codes, which no loaded table knows.
    pub const NOT_DENTAL: ClaimTypes = ClaimTypes(Self::PROFESSIONAL.0 | Self::INSTITUTIONAL.0);
    /// All but institutional: claims whose lines say where the service was given.
    pub const NOT_INSTITUTIONAL: ClaimTypes = ClaimTypes(0b111 & !Self::INSTITUTIONAL.0);

    /// The set of these types.
    pub fn of(types: &[ClaimType]) -> ClaimTypes {
        ClaimTypes(types.iter().fold(0, |all, &claim_type| all | 1 << claim_type as u8))
    }

    /// The types that are in both sets.
    #[must_use]
    pub const fn and(self, other: ClaimTypes) -> ClaimTypes {
        ClaimTypes(self.0 & other.0)
    }

    /// Whether no type is in the set.
    pub const fn is_empty(self) -> bool {
        self.0 == 0
    }

    /// Whether the type is in the set.
    #[inline]
    pub const fn contains(self, claim_type: ClaimType) -> bool {
        self.0 & (1 << claim_type as u8) != 0
    }
}

/// A table that an edit reads.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
pub enum Table {
    /// A code system.
    System(SystemId),
    /// A relation between codes.
    Relation(RelationId),
    /// A table of attributes of procedures.
    Attributes(AttributeId),
    /// The notes of the tabular list.
    Notes,
    /// Coverage articles.
    Articles,
    /// The provider taxonomy.
    Taxonomies,
}

impl Table {
    /// Its name, as `codesets inspect` prints it.
    pub const fn name(self) -> &'static str {
        match self {
            Table::System(id) => id.name(),
            Table::Relation(id) => id.name(),
            Table::Attributes(id) => id.name(),
            Table::Notes => Notes::NAME,
            Table::Articles => Coverage::NAME,
            Table::Taxonomies => Taxonomies::PART,
        }
    }

    /// Whether the codeset holds it.
    pub fn is_in(self, codeset: &Codeset) -> bool {
        match self {
            Table::System(id) => codeset.system(id).is_some(),
            Table::Relation(id) => codeset.relation(id).is_some(),
            Table::Attributes(id) => codeset.attributes(id).is_some(),
            Table::Notes => codeset.notes().is_some(),
            Table::Articles => codeset.articles().is_some(),
            Table::Taxonomies => codeset.taxonomies().is_some(),
        }
    }
}

/// A message and its fix. `{name}` stands for the finding's value of that name.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Message {
    /// What is wrong, with the real values, and why.
    pub text: Cow<'static, str>,
    /// What to do.
    pub fix: Cow<'static, str>,
    /// How much a finding of this message matters, where that is less than what the edit's others do.
    pub at_most: Option<Severity>,
}

/// All that is known of an edit but its check.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct EditInfo {
    /// Stable id: never reused, never renumbered.
    pub id: Cow<'static, str>,
    /// Short name in lower case with hyphens.
    pub name: Cow<'static, str>,
    /// How much a failure matters, by default.
    pub severity: Severity,
    /// WEDI SNIP level, 1 to 7.
    pub snip: u8,
    /// Claim adjustment reason code that a payer would most likely answer; empty where none is.
    pub carc: Cow<'static, str>,
    /// Remittance advice remark code that would go with it; empty where none is.
    pub rarc: Cow<'static, str>,
    /// Where the rule is written.
    pub source: Cow<'static, str>,
    /// The documentation, Markdown with the fixed headings.
    pub doc: Cow<'static, str>,
    /// What it is evaluated on.
    pub unit: Unit,
    /// The claims it is evaluated on. On others it does not exist: no outcome is counted.
    pub claims: ClaimTypes,
    /// Whether it runs unless switched off.
    pub on_by_default: bool,
    /// Tables without which none of its evaluations is possible.
    pub tables: &'static [Table],
    /// Columns without which none of its evaluations is possible.
    pub fields: &'static [Field],
    /// When it could report anything but a pass.
    pub fires: Fires,
    /// Its messages; a finding names one by its place.
    pub messages: Cow<'static, [Message]>,
}

impl EditInfo {
    /// Whether what a user gave names the edit: its id, its name, or a beginning of its id.
    pub fn is_named(&self, given: &str) -> bool {
        let given = given.trim();
        !given.is_empty() && (self.name == given || self.id.starts_with(&given.to_ascii_uppercase()))
    }

    /// Whether what a user gave names this edit and no family: its id or its name.
    pub fn is_named_in_full(&self, given: &str) -> bool {
        let given = given.trim();
        self.name == given || self.id.eq_ignore_ascii_case(given)
    }
}

/// One check.
pub trait Edit: Send + Sync {
    /// What is known of it.
    fn info(&self) -> &EditInfo;

    /// Evaluates it on a claim. What is not reported to `out` passed.
    fn check(&self, claim: &ClaimFacts<'_>, out: &mut Recorder<'_>);

    /// Tells a problem of the input that belongs to no claim, if it is this edit's to tell: fills in the finding's
    /// message and values. Such a problem counts as a unit of its own, which failed.
    fn tell(&self, _problem: &Problem, _finding: &mut Finding) -> bool {
        false
    }

    /// Tells of kinds of claims why none of their units can be judged, if it can be told of kinds. It must say nothing
    /// else than the check would of each claim.
    fn of_kind(&self) -> Option<OfKind> {
        None
    }
}

/// Defines an edit: a unit struct with its documentation, its facts and its check. Everything is required, so
/// an edit without a source, advice or a message does not compile.
macro_rules! edit {
    (
        $(#[doc = $doc:literal])*
        pub struct $edit:ident;
        id: $id:literal, name: $name:literal,
        severity: $severity:ident, snip: $snip:literal, carc: $carc:literal, rarc: $rarc:literal,
        source: $source:literal,
        unit: $unit:ident, claims: $claims:ident, default: $default:ident,
        tables: [$($table:expr),* $(,)?], fields: [$($field:expr),* $(,)?], fires: $fires:expr,
        messages: [$($text:literal => $fix:literal $(as $at_most:ident)?),+ $(,)?],
        check: $check:path
        $(, tell: $tell:path)? $(, of_kind: $of_kind:path)? $(,)?
    ) => {
        $(#[doc = $doc])*
        pub struct $edit;

        impl $crate::Edit for $edit {
            fn info(&self) -> &$crate::EditInfo {
                use std::borrow::Cow::Borrowed;
                static INFO: $crate::EditInfo = $crate::EditInfo {
                    id: Borrowed($id),
                    name: Borrowed($name),
                    severity: $crate::Severity::$severity,
                    snip: $snip,
                    carc: Borrowed($carc),
                    rarc: Borrowed($rarc),
                    source: Borrowed($source),
                    doc: Borrowed(concat!($($doc, "\n"),*)),
                    unit: $crate::Unit::$unit,
                    claims: $crate::ClaimTypes::$claims,
                    on_by_default: $crate::contract::$default,
                    tables: &[$($table),*],
                    fields: &[$($field),*],
                    fires: $fires,
                    messages: Borrowed(&[$($crate::Message {
                        text: Borrowed($text),
                        fix: Borrowed($fix),
                        at_most: $crate::contract::at_most!($($at_most)?),
                    }),+]),
                };
                &INFO
            }

            fn check(&self, claim: &$crate::ClaimFacts<'_>, out: &mut $crate::Recorder<'_>) {
                $check(claim, out);
            }

            $(
                fn tell(&self, problem: &claims::Problem, finding: &mut $crate::Finding) -> bool {
                    $tell(problem, finding)
                }
            )?

            $(
                fn of_kind(&self) -> Option<$crate::OfKind> {
                    Some($of_kind)
                }
            )?
        }
    };
}
pub(crate) use edit;

/// For `edit!`: the severity after a message's `as`, if there is one.
macro_rules! at_most {
    () => {
        None
    };
    ($severity:ident) => {
        Some($crate::Severity::$severity)
    };
}
pub(crate) use at_most;

/// For `edit!`: the edit runs unless switched off.
pub(crate) const ON: bool = true;
/// For `edit!`: the edit runs only when asked for.
pub(crate) const OFF: bool = false;

/// The tables, by short names for `edit!`.
pub(crate) mod tables {
    use super::Table;
    use codeset::{AttributeId, RelationId, SystemId};

    pub(crate) const DIAGNOSES: Table = Table::System(SystemId::Diagnosis);
    pub(crate) const PROCEDURES: Table = Table::System(SystemId::Procedure);
    pub(crate) const MODIFIERS: Table = Table::System(SystemId::Modifier);
    pub(crate) const PLACES: Table = Table::System(SystemId::PlaceOfService);
    pub(crate) const REVENUE_CODES: Table = Table::System(SystemId::Revenue);
    pub(crate) const ARTICLES: Table = Table::Articles;
    pub(crate) const NOTES: Table = Table::Notes;
    pub(crate) const SIDES: Table = Table::Relation(RelationId::DiagnosisSide);
    pub(crate) const ADD_ON: Table = Table::Relation(RelationId::AddOn);
    pub(crate) const LAB_TESTS: Table = Table::Attributes(AttributeId::LabTest);
    pub(crate) const TAXONOMIES: Table = Table::Taxonomies;
    pub(crate) const FEE_SCHEDULE: Table = Table::Attributes(AttributeId::FeeSchedule);
}
