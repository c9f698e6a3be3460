//! What a run came to: claims, charges, findings, and the outcomes of every edit.

mod html;
mod json;
mod missing;
mod notice;
mod parts;
mod suppressed;
mod text;

use crate::EditEntry;
use crate::number::per_mille;
use codes::{Date, DateRange, Modifier, Money};
use codeset::{AttributeId, Codeset, Coverage, Notes, RelationId, SystemId, Taxonomies};
use edits::{Counts, Outcome, Severity};
pub use notice::Notice;
use std::collections::BTreeMap;
pub use suppressed::{SuppressionFacts, SuppressionUse};

/// Charges in US cents.
#[derive(Clone, Copy, PartialEq, Eq, Default, Debug)]
pub struct Charges {
    /// Of the clean claims.
    pub clean: i128,
    /// Of those of the clean claims that are clean because the site suppresses their errors.
    pub clean_by_suppression: i128,
    /// Of the claims with errors.
    pub with_errors: i128,
    /// Of the unreadable claims, as far as their charges could be read.
    pub unreadable: i128,
}

impl Charges {
    /// Of all claims.
    pub fn total(&self) -> i128 {
        self.clean + self.with_errors + self.unreadable
    }
}

/// How many failures were found, by their severity. A unit can fail for several reasons, so these are not the
/// counts of outcomes.
#[derive(Clone, Copy, PartialEq, Eq, Default, Debug)]
pub struct FindingCounts {
    /// At severity error.
    pub error: u64,
    /// At severity warning.
    pub warning: u64,
    /// At severity info.
    pub info: u64,
    /// Of any severity, but suppressed by the site, and so not reported.
    pub suppressed: u64,
}

impl FindingCounts {
    /// All of them.
    pub fn total(&self) -> u64 {
        self.error + self.warning + self.info + self.suppressed
    }
}

/// The claims of a run, or of a part of one, accounted for.
///
/// Every claim read is one of three: *clean* (nothing failed at severity error but what the site suppresses; it may have
/// warnings), *with errors*, or *unreadable* (a row of it could not be read, so it was not judged as a whole). Tallies of parts
/// add up to the same whole in any order.
///
/// ```
/// use cleanclaim_report::Tally;
/// use codes::Money;
/// use edits::Severity;
/// let mut tally = Tally::default();
/// tally.count_claim(false, None, 3, Money::from_cents(100_00));
/// tally.count_claim(false, Some(Severity::Warning), 1, Money::from_cents(100_00));
/// tally.count_claim(false, Some(Severity::Error), 2, Money::from_cents(100_00));
/// assert_eq!((tally.claims_read, tally.claims_clean, tally.claims_with_errors), (3, 2, 1));
/// assert_eq!(tally.clean_rate_by_claims(), Some(667)); // tenths of a percent
/// ```
#[derive(Clone, PartialEq, Eq, Default, Debug)]
pub struct Tally {
    /// Claims read.
    pub claims_read: u64,
    /// Readable claims of which nothing failed at severity error, but for what the site suppresses.
    pub claims_clean: u64,
    /// Those of the clean claims of which something failed at severity error, all of it suppressed.
    pub claims_clean_by_suppression: u64,
    /// Those of the clean claims of which something failed at severity warning.
    pub claims_clean_with_warnings: u64,
    /// Those of the clean claims that stand in a transaction set, group or interchange of an 837 that a receiver rejects
    /// whole. It is known when that ends, so only of whole inputs.
    pub claims_clean_rejected: u64,
    /// Readable claims of which something failed at severity error.
    pub claims_with_errors: u64,
    /// Claims of which a row could not be read, whatever else was found in them.
    pub claims_unreadable: u64,
    /// Service lines read, those of unreadable claims included.
    pub lines_read: u64,
    /// What was charged.
    pub charges: Charges,
    /// Failures reported.
    pub findings: FindingCounts,
    /// How many evaluations of an edit (its place in the run's list) a modifier released.
    pub bypassed_by: BTreeMap<(u16, Modifier), u64>,
    /// What each suppression (its place in the run's list) did to findings of each edit.
    pub suppressed: BTreeMap<(u16, u16), SuppressionUse>,
}

impl Tally {
    /// Counts a claim: whether a row of it could not be read, its worst failure at the run's severities (`None`
    /// when nothing failed), its service lines and its charge.
    pub fn count_claim(&mut self, unreadable: bool, worst: Option<Severity>, lines: u64, charge: Money) {
        let charge = i128::from(charge.cents());
        self.claims_read += 1;
        self.lines_read += lines;
        if unreadable {
            self.claims_unreadable += 1;
            self.charges.unreadable += charge;
        } else if worst == Some(Severity::Error) {
            self.claims_with_errors += 1;
            self.charges.with_errors += charge;
        } else {
            self.claims_clean += 1;
            self.claims_clean_with_warnings += u64::from(worst == Some(Severity::Warning));
            self.charges.clean += charge;
        }
    }

    /// Says of a claim of this charge, counted as clean, that it is so only because its errors are suppressed.
    pub fn count_clean_by_suppression(&mut self, charge: Money) {
        self.claims_clean_by_suppression += 1;
        self.charges.clean_by_suppression += i128::from(charge.cents());
    }

    /// Counts what a suppression did to a finding of the edit.
    pub fn count_suppression(&mut self, suppression: u16, edit: u16, did: SuppressionUse) {
        self.findings.suppressed += did.suppressed;
        self.suppressed.entry((suppression, edit)).or_default().add(&did);
    }

    /// Counts a failure that is reported.
    pub fn count_finding(&mut self, severity: Severity) {
        match severity {
            Severity::Error => self.findings.error += 1,
            Severity::Warning => self.findings.warning += 1,
            Severity::Info => self.findings.info += 1,
        }
    }

    /// Counts an evaluation of the edit at this place of the run's list that the modifier released.
    pub fn count_bypass(&mut self, edit: u16, by: Modifier) {
        *self.bypassed_by.entry((edit, by)).or_default() += 1;
    }

    /// Adds the tally of other claims.
    pub fn add(&mut self, other: &Tally) {
        self.claims_read += other.claims_read;
        self.claims_clean += other.claims_clean;
        self.claims_clean_with_warnings += other.claims_clean_with_warnings;
        self.claims_clean_rejected += other.claims_clean_rejected;
        self.claims_with_errors += other.claims_with_errors;
        self.claims_unreadable += other.claims_unreadable;
        self.lines_read += other.lines_read;
        self.claims_clean_by_suppression += other.claims_clean_by_suppression;
        self.charges.clean += other.charges.clean;
        self.charges.clean_by_suppression += other.charges.clean_by_suppression;
        self.charges.with_errors += other.charges.with_errors;
        self.charges.unreadable += other.charges.unreadable;
        self.findings.error += other.findings.error;
        self.findings.warning += other.findings.warning;
        self.findings.info += other.findings.info;
        self.findings.suppressed += other.findings.suppressed;
        for (&by, &count) in &other.bypassed_by {
            *self.bypassed_by.entry(by).or_default() += count;
        }
        for (&of, did) in &other.suppressed {
            self.suppressed.entry(of).or_default().add(did);
        }
    }

    /// Whether some failure that is reported matters at least so much.
    pub fn has_findings_at_least(&self, severity: Severity) -> bool {
        let FindingCounts { error, warning, info, .. } = self.findings;
        let all = [(Severity::Error, error), (Severity::Warning, warning), (Severity::Info, info)];
        all.into_iter().any(|(own, count)| own >= severity && count > 0)
    }

    /// Claims read but neither clean, with errors nor unreadable: 0, unless claims were lost, which must never
    /// be. Negative when more were judged than read.
    pub fn claims_unaccounted(&self) -> i128 {
        let judged = [self.claims_clean, self.claims_with_errors, self.claims_unreadable];
        i128::from(self.claims_read) - judged.into_iter().map(i128::from).sum::<i128>()
    }

    /// The share of the claims read that are clean, in tenths of a percent. Rounded to the nearest, but to none
    /// or all only where it is. `None` when nothing was read.
    pub fn clean_rate_by_claims(&self) -> Option<u16> {
        per_mille(self.claims_clean.into(), self.claims_read.into())
    }

    /// As [`Tally::clean_rate_by_claims`], were nothing suppressed.
    pub fn clean_rate_unsuppressed(&self) -> Option<u16> {
        per_mille((self.claims_clean - self.claims_clean_by_suppression).into(), self.claims_read.into())
    }

    /// As [`Tally::clean_rate_by_claims`], of the charges. `None` too where negative charges leave no share.
    pub fn clean_rate_by_charges(&self) -> Option<u16> {
        per_mille(self.charges.clean, self.charges.total())
    }

    /// What each modifier released of the edit, the most frequent first.
    fn releasers(&self, edit: usize) -> Vec<(Modifier, u64)> {
        let own = self.bypassed_by.iter().filter(|((place, _), _)| usize::from(*place) == edit);
        let mut own: Vec<_> = own.map(|(&(_, modifier), &count)| (modifier, count)).collect();
        // Stable: modifiers of equal weight stay in their own order.
        own.sort_by_key(|&(_, count)| std::cmp::Reverse(count));
        own
    }
}

/// What was read from one input.
#[derive(Clone, PartialEq, Eq, Default, Debug)]
pub struct FileCounts {
    /// Its name, as findings give it.
    pub file: String,
    /// Claims, unreadable ones included.
    pub claims: u64,
    /// Service lines.
    pub lines: u64,
    /// Those of its claims that the acknowledgment, where one is written of it, does not answer.
    pub unanswered: u64,
}

/// What a run came to, for its end. Nothing in it depends on time or on the number of threads.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Summary {
    /// The claims, accounted for.
    pub tally: Tally,
    /// The outcomes of each edit, by its place in the run's list.
    pub counts: Vec<Counts>,
    /// What was read from each input, in reading order.
    pub files: Vec<FileCounts>,
    codeset: String,
    policies: Vec<PolicyFacts>,
    tables: Vec<TableFacts>,
    suppressions: Vec<SuppressionFacts>,
    today: Option<Date>,
    configuration: Option<String>,
}

/// A policy of a run.
#[derive(Clone, PartialEq, Eq, Debug)]
struct PolicyFacts {
    /// `ID@VERSION#HASH`, as its findings say.
    label: String,
    name: String,
}

/// A table that a codeset can hold.
#[derive(Clone, PartialEq, Eq, Debug)]
struct TableFacts {
    name: &'static str,
    /// The days it answers for; `None` when the codeset lacks it.
    covers: Option<Vec<DateRange>>,
    /// The labels of its releases.
    releases: Vec<String>,
}

impl TableFacts {
    /// The ids of the edits that cannot be evaluated without the table.
    fn needed_by<'a>(&self, edits: &'a [EditEntry]) -> impl Iterator<Item = &'a str> {
        let name = self.name;
        let needs = move |edit: &&EditEntry| edit.info().tables.iter().any(|table| table.name() == name);
        edits.iter().filter(needs).map(|edit| edit.info().id.as_ref())
    }
}

impl Summary {
    /// A summary of nothing yet, of a run with this codeset over so many edits.
    pub fn new(codeset: &Codeset, edits: usize) -> Summary {
        let systems = SystemId::ALL.into_iter();
        let systems = systems.map(|id| (id.name(), codeset.system(id).map(|system| system.coverage().to_vec())));
        let relations = RelationId::ALL.into_iter();
        let relations =
            relations.map(|id| (id.name(), codeset.relation(id).map(|relation| relation.coverage().to_vec())));
        let attributes = AttributeId::ALL.into_iter();
        let attributes =
            attributes.map(|id| (id.name(), codeset.attributes(id).map(|table| table.coverage().to_vec())));
        let notes = std::iter::once((Notes::NAME, codeset.notes().map(|notes| notes.coverage().to_vec())));
        let articles = codeset.articles().map(|articles| articles.coverage().to_vec());
        let taxonomies = codeset.taxonomies().map(|taxonomies| taxonomies.coverage().to_vec());
        let others = [(Coverage::NAME, articles), (Taxonomies::PART, taxonomies)];
        let tables = systems.chain(relations).chain(attributes).chain(notes).chain(others).map(|(name, covers)| {
            let releases = codeset.releases().iter().filter(|release| release.part == name);
            TableFacts { name, covers, releases: releases.map(|release| release.label.clone()).collect() }
        });
        Summary {
            tally: Tally::default(),
            counts: vec![Counts::default(); edits],
            files: Vec::new(),
            codeset: codeset.id().to_owned(),
            policies: Vec::new(),
            tables: tables.collect(),
            suppressions: Vec::new(),
            today: None,
            configuration: None,
        }
    }

    /// Adds a policy that the run is judged by: its label (`ID@VERSION#HASH`) and its name.
    pub fn add_policy(&mut self, label: &str, name: &str) {
        self.policies.push(PolicyFacts { label: label.to_owned(), name: name.to_owned() });
    }

    /// Adds a suppression of the run, in the order in which findings number them.
    pub fn add_suppression(&mut self, suppression: SuppressionFacts) {
        self.suppressions.push(suppression);
    }

    /// Says on which day the run is, for suppressions of claims without a received date.
    pub fn set_today(&mut self, today: Option<Date>) {
        self.today = today;
    }

    /// Says which file the run's choices come from.
    pub fn set_configuration(&mut self, name: &str) {
        self.configuration = Some(name.to_owned());
    }

    /// Begins an input: what is added from here on was read from it.
    pub fn begin_file(&mut self, name: &str) {
        self.files.push(FileCounts { file: name.to_owned(), ..FileCounts::default() });
    }

    /// Adds what came of a part of the run: its claims, and the outcomes of every edit in the run's order.
    pub fn add(&mut self, tally: &Tally, counts: &[Counts]) {
        self.tally.add(tally);
        if let Some(file) = self.files.last_mut() {
            file.claims += tally.claims_read;
            file.lines += tally.lines_read;
        }
        self.counts.resize(self.counts.len().max(counts.len()), Counts::default());
        for (own, counts) in self.counts.iter_mut().zip(counts) {
            own.add(counts);
        }
    }

    /// Says of the input that was begun last that the acknowledgment does not answer so many of its claims.
    pub fn add_unanswered(&mut self, claims: u64) {
        if let Some(file) = self.files.last_mut() {
            file.unanswered += claims;
        }
    }

    /// Claims that the acknowledgment does not answer.
    pub fn claims_unanswered(&self) -> u64 {
        self.files.iter().map(|file| file.unanswered).sum()
    }

    /// Evaluations that came out so, over all edits.
    pub fn evaluations(&self, outcome: Outcome) -> u64 {
        self.counts.iter().map(|counts| counts.of(outcome)).sum()
    }
}
