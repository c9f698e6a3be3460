//! The summary for a program.

use super::missing::origin;
use super::{Summary, TableFacts};
use crate::EditEntry;
use crate::number::decimal;
use codes::DateRange;
use edits::{Counts, Outcome, Reason};
use serde::Serialize;
use std::collections::BTreeMap;
use std::io::{self, Write};

#[derive(Serialize)]
struct Document<'a> {
    claims: Claims,
    lines: u64,
    charges: Charges,
    clean_rate: CleanRate,
    findings: Findings,
    evaluations: Outcomes,
    edits: Vec<Edit<'a>>,
    not_evaluated: Vec<NotEvaluated<'a>>,
    suppressions: Suppressions<'a>,
    notices: Vec<Told>,
    configuration: Option<&'a str>,
    codeset: Tables<'a>,
    policies: Vec<Policy<'a>>,
    files: Vec<File<'a>>,
}

#[derive(Serialize)]
struct Policy<'a> {
    policy: &'a str,
    name: &'a str,
}

#[derive(Serialize)]
struct Claims {
    read: u64,
    clean: u64,
    clean_with_warnings: u64,
    clean_by_suppression: u64,
    clean_in_rejected_envelope: u64,
    with_errors: u64,
    unreadable: u64,
    unanswered: u64,
}

#[derive(Serialize)]
struct Charges {
    total: String,
    clean: String,
    clean_by_suppression: String,
    with_errors: String,
    unreadable: String,
}

#[derive(Serialize)]
struct CleanRate {
    claims_percent: Option<f64>,
    claims_percent_without_suppressions: Option<f64>,
    charges_percent: Option<f64>,
}

#[derive(Serialize)]
struct Findings {
    error: u64,
    warning: u64,
    info: u64,
    suppressed: u64,
}

#[derive(Serialize)]
struct Outcomes {
    pass: u64,
    fail: u64,
    bypassed: u64,
    not_evaluated: u64,
}

#[derive(Serialize)]
struct Edit<'a> {
    id: &'a str,
    name: &'a str,
    severity: &'static str,
    policy: Option<&'a str>,
    shadow: bool,
    unit: &'static str,
    #[serde(flatten)]
    outcomes: Outcomes,
    suppressed: u64,
    bypassed_by: BTreeMap<String, u64>,
    not_evaluated_because: Vec<Because>,
}

#[derive(Serialize)]
struct Because {
    #[serde(flatten)]
    reason: Why,
    evaluations: u64,
}

#[derive(Serialize)]
struct NotEvaluated<'a> {
    #[serde(flatten)]
    reason: Why,
    evaluations: u64,
    edits: Vec<&'a str>,
    remedy: String,
    /// Where the table that is lacking comes from.
    origin: Option<&'static str>,
    also_needs: Vec<AlsoNeeds<'a>>,
}

#[derive(Serialize)]
struct AlsoNeeds<'a> {
    table: &'static str,
    edits: Vec<&'a str>,
}

/// The site's suppressions, and the day against which those of claims without a received date are held.
#[derive(Serialize)]
struct Suppressions<'a> {
    today: Option<String>,
    list: Vec<Suppression<'a>>,
}

#[derive(Serialize)]
struct Suppression<'a> {
    at: &'a str,
    edits: &'a [String],
    who: &'a str,
    why: &'a str,
    until: String,
    runs: bool,
    suppressed: u64,
    covered_too: u64,
    expired: u64,
    undated: u64,
}

#[derive(Serialize)]
struct Told {
    severity: &'static str,
    kind: &'static str,
    at: String,
    message: String,
    fix: String,
}

#[derive(Serialize)]
struct Why {
    reason: &'static str,
    table: Option<&'static str>,
    field: Option<String>,
}

#[derive(Serialize)]
struct Tables<'a> {
    id: &'a str,
    tables: Vec<TableDays<'a>>,
}

#[derive(Serialize)]
struct TableDays<'a> {
    table: &'static str,
    loaded: bool,
    covers: Vec<Days>,
    releases: Vec<&'a str>,
    needed_by: Vec<&'a str>,
}

#[derive(Serialize)]
struct Days {
    from: String,
    to: Option<String>,
}

#[derive(Serialize)]
struct File<'a> {
    file: &'a str,
    claims: u64,
    lines: u64,
}

impl Summary {
    /// Writes the summary as one JSON object, indented and ending in a line feed: all that
    /// [`Summary::write_text`] says and, for every edit of the run, its counts. Amounts are decimal strings, so
    /// that they stay exact; rates are percentages with one decimal, or `null` where there is none.
    ///
    /// # Errors
    /// When `out` cannot be written to.
    pub fn write_json(&self, edits: &[EditEntry], out: &mut impl Write) -> io::Result<()> {
        let mut text = serde_json::to_vec_pretty(&self.document(edits))?;
        text.push(b'\n');
        out.write_all(&text)
    }

    fn document<'a>(&'a self, edits: &'a [EditEntry]) -> Document<'a> {
        // A tenth has no exact float, but the nearest one is written as the tenth that it came from.
        let percent = |tenths: u16| f64::from(tenths) / 10.0;
        let tally = &self.tally;
        let not_evaluated = self.not_possible(edits).into_iter().map(|own| NotEvaluated {
            reason: why(own.reason),
            evaluations: own.evaluations,
            remedy: self.remedy(&own),
            origin: match own.reason {
                Reason::TableNotLoaded(table) => origin(table),
                _ => None,
            },
            edits: own.edits,
            also_needs: own.also.into_iter().map(|(table, edits)| AlsoNeeds { table, edits }).collect(),
        });
        let suppressions = self.suppressions.iter().enumerate().map(|(place, own)| {
            let did = tally.suppression(place);
            Suppression {
                at: &own.place,
                edits: &own.edits,
                who: &own.who,
                why: &own.why,
                until: own.until.to_string(),
                runs: own.runs,
                suppressed: did.suppressed,
                covered_too: did.covered_too,
                expired: did.expired,
                undated: did.undated,
            }
        });
        let notices = self.notices().into_iter().map(|own| Told {
            severity: own.severity.name(),
            kind: own.kind,
            at: own.place,
            message: own.message,
            fix: own.fix,
        });
        Document {
            claims: Claims {
                read: tally.claims_read,
                clean: tally.claims_clean,
                clean_with_warnings: tally.claims_clean_with_warnings,
                clean_by_suppression: tally.claims_clean_by_suppression,
                clean_in_rejected_envelope: tally.claims_clean_rejected,
                with_errors: tally.claims_with_errors,
                unreadable: tally.claims_unreadable,
                unanswered: self.claims_unanswered(),
            },
            lines: tally.lines_read,
            charges: Charges {
                total: decimal(tally.charges.total()),
                clean: decimal(tally.charges.clean),
                clean_by_suppression: decimal(tally.charges.clean_by_suppression),
                with_errors: decimal(tally.charges.with_errors),
                unreadable: decimal(tally.charges.unreadable),
            },
            clean_rate: CleanRate {
                claims_percent: tally.clean_rate_by_claims().map(percent),
                claims_percent_without_suppressions: tally.clean_rate_unsuppressed().map(percent),
                charges_percent: tally.clean_rate_by_charges().map(percent),
            },
            findings: Findings {
                error: tally.findings.error,
                warning: tally.findings.warning,
                info: tally.findings.info,
                suppressed: tally.findings.suppressed,
            },
            evaluations: outcomes(|outcome| self.evaluations(outcome)),
            edits: edits.iter().enumerate().map(|(place, edit)| self.edit(place, edit)).collect(),
            not_evaluated: not_evaluated.collect(),
            suppressions: Suppressions { today: self.today.map(|day| day.to_string()), list: suppressions.collect() },
            notices: notices.collect(),
            configuration: self.configuration.as_deref(),
            codeset: Tables { id: &self.codeset, tables: self.tables.iter().map(|own| table(own, edits)).collect() },
            policies: self.policies.iter().map(|own| Policy { policy: &own.label, name: &own.name }).collect(),
            files: self
                .files
                .iter()
                .map(|file| File { file: &file.file, claims: file.claims, lines: file.lines })
                .collect(),
        }
    }

    fn edit<'a>(&self, place: usize, edit: &'a EditEntry) -> Edit<'a> {
        let none = Counts::default();
        let counts = self.counts.get(place).unwrap_or(&none);
        let because =
            counts.not_evaluated.iter().map(|&(reason, evaluations)| Because { reason: why(reason), evaluations });
        Edit {
            id: &edit.info().id,
            name: &edit.info().name,
            severity: edit.severity().name(),
            policy: edit.policy(),
            shadow: edit.is_shadow(),
            unit: edit.info().unit.plural(),
            outcomes: outcomes(|outcome| counts.of(outcome)),
            suppressed: self.tally.suppressed_of(place),
            bypassed_by: self.tally.releasers(place).into_iter().map(|(by, count)| (by.to_string(), count)).collect(),
            not_evaluated_because: because.collect(),
        }
    }
}

fn outcomes(of: impl Fn(Outcome) -> u64) -> Outcomes {
    Outcomes {
        pass: of(Outcome::Pass),
        fail: of(Outcome::Fail),
        bypassed: of(Outcome::Bypassed),
        not_evaluated: of(Outcome::NotEvaluated),
    }
}

fn why(reason: Reason) -> Why {
    let (reason, table, field) = match reason {
        Reason::TableNotLoaded(table) => ("table-not-loaded", Some(table), None),
        Reason::DateOutsideReleases(table) => ("date-outside-releases", Some(table), None),
        Reason::FieldAbsent(field) => ("field-absent", None, Some(field.to_string())),
        Reason::CodeNotValid(table) => ("code-not-valid", Some(table), None),
        Reason::CodeNotListed(table) => ("code-not-listed", Some(table), None),
        Reason::NotOnClaim(_) => ("not-on-claim", None, None),
        Reason::NotComputable(_) => ("not-computable", None, None),
        Reason::InternalError => ("internal-error", None, None),
    };
    Why { reason, table, field }
}

fn table<'a>(own: &'a TableFacts, edits: &'a [EditEntry]) -> TableDays<'a> {
    let days = |range: &DateRange| Days { from: range.from.to_string(), to: range.to.map(|to| to.to_string()) };
    TableDays {
        table: own.name,
        loaded: own.covers.is_some(),
        covers: own.covers.iter().flatten().map(days).collect(),
        releases: own.releases.iter().map(String::as_str).collect(),
        needed_by: own.needed_by(edits).collect(),
    }
}
