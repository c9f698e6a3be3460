//! Where edits report: counts of every outcome, and findings of those that are shown.

use crate::finding::REASON;
use crate::{ClaimFacts, Finding, Outcome, Value};
use claims::Field;
use std::fmt;

/// Why an edit could not be judged.
#[derive(Clone, Copy, Eq, PartialOrd, Ord, Debug)]
pub enum Reason {
    /// The table is not in the codeset.
    TableNotLoaded(&'static str),
    /// The governing date is outside the days that the table's releases answer for.
    DateOutsideReleases(&'static str),
    /// The input has no such field, or this claim or line does not give it, or not readably.
    FieldAbsent(Field),
    /// The code is not one that the table knows on the governing date; another edit says so.
    CodeNotValid(&'static str),
    /// The table does not list the code on the governing date, and that says nothing of the code: CMS keeps some
    /// unit limits to itself.
    CodeNotListed(&'static str),
    /// What decides, which no claim says.
    NotOnClaim(&'static str),
    /// A policy's condition asks for what there is none of on this claim, as the largest of nothing.
    NotComputable(&'static str),
    /// The edit stopped with an internal error; edit SYS001 says so.
    InternalError,
}

impl PartialEq for Reason {
    /// As deriving it would compare, but for the names of tables: those mostly are the same text at the same place.
    #[inline]
    fn eq(&self, other: &Reason) -> bool {
        let same = |a: &'static str, b: &'static str| std::ptr::eq(a, b) || a == b;
        match (*self, *other) {
            (Reason::TableNotLoaded(a), Reason::TableNotLoaded(b))
            | (Reason::DateOutsideReleases(a), Reason::DateOutsideReleases(b))
            | (Reason::CodeNotValid(a), Reason::CodeNotValid(b))
            | (Reason::CodeNotListed(a), Reason::CodeNotListed(b))
            | (Reason::NotOnClaim(a), Reason::NotOnClaim(b))
            | (Reason::NotComputable(a), Reason::NotComputable(b)) => same(a, b),
            (Reason::FieldAbsent(a), Reason::FieldAbsent(b)) => a == b,
            (Reason::InternalError, Reason::InternalError) => true,
            _ => false,
        }
    }
}

impl fmt::Display for Reason {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Reason::TableNotLoaded(table) => write!(f, "table {table} is not in the codeset"),
            Reason::DateOutsideReleases(table) => write!(f, "the date is outside the releases of table {table}"),
            Reason::FieldAbsent(field) => write!(f, "field {field} is not given"),
            Reason::CodeNotValid(table) => write!(f, "the code has no valid row in table {table}"),
            Reason::CodeNotListed(table) => write!(f, "table {table} does not list the code on that date"),
            Reason::NotOnClaim(what) => write!(f, "a claim does not say {what}"),
            Reason::NotComputable(why) => f.write_str(why),
            Reason::InternalError => f.write_str("the edit stopped with an internal error"),
        }
    }
}

/// Which outcomes become findings, beside failures that are not suppressed.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub struct Show {
    /// Bypassed ones.
    pub bypassed: bool,
    /// Those that could not be evaluated.
    pub not_evaluated: bool,
    /// Failures that the site suppresses.
    pub suppressed: bool,
}

/// How one edit came out, over many claims.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct Counts {
    /// Units that passed.
    pub pass: u64,
    /// Units that failed.
    pub fail: u64,
    /// Units that would have failed but were released.
    pub bypassed: u64,
    /// Units that could not be judged, by reason.
    pub not_evaluated: Vec<(Reason, u64)>,
}

impl Counts {
    /// Units of this outcome.
    pub fn of(&self, outcome: Outcome) -> u64 {
        match outcome {
            Outcome::Pass => self.pass,
            Outcome::Fail => self.fail,
            Outcome::Bypassed => self.bypassed,
            Outcome::NotEvaluated => self.not_evaluated.iter().map(|(_, count)| count).sum(),
        }
    }

    /// Adds the counts of other claims.
    pub fn add(&mut self, other: &Counts) {
        self.pass += other.pass;
        self.fail += other.fail;
        self.bypassed += other.bypassed;
        for &(reason, count) in &other.not_evaluated {
            self.count_reason(reason, count);
        }
    }

    /// Adds units that came out so.
    #[inline]
    fn count(&mut self, outcome: Outcome, reason: Option<Reason>, count: u64) {
        match (outcome, reason) {
            (Outcome::Fail, _) => self.fail += count,
            (Outcome::Bypassed, _) => self.bypassed += count,
            (Outcome::NotEvaluated, Some(reason)) => self.count_reason(reason, count),
            (Outcome::Pass, _) | (Outcome::NotEvaluated, None) => self.pass += count,
        }
    }

    /// Adds units that could not be judged. Reasons stay sorted, so that no order of work shows in the result.
    #[inline]
    pub fn count_reason(&mut self, reason: Reason, count: u64) {
        if let Some((_, own)) = self.not_evaluated.iter_mut().find(|(own, _)| *own == reason) {
            *own += count;
            return;
        }
        match self.not_evaluated.binary_search_by(|(own, _)| own.cmp(&reason)) {
            Ok(place) => self.not_evaluated[place].1 += count,
            Err(place) => self.not_evaluated.insert(place, (reason, count)),
        }
    }
}

/// What was reported of one unit of the claim at hand.
type Report = (u32, Outcome, Option<Reason>);

/// Takes the outcomes of one edit after another on one claim.
///
/// A unit may be reported several times (two bad modifiers on a line make two findings); it is counted once,
/// with the worst: fail, then not evaluated, then bypassed.
pub struct Recorder<'r> {
    claim: &'r ClaimFacts<'r>,
    edit: u16,
    show: Show,
    findings: &'r mut Vec<Finding>,
    reports: &'r mut Vec<Report>,
    /// All units of the claim, of which none can be judged for the same reason.
    all: Option<(crate::Unit, Reason)>,
    /// Units, a bit each, that cannot be judged for the same reason: where nothing else is reported they are all.
    skipped: u64,
    why: Option<Reason>,
}

/// The memory that recorders reuse from claim to claim.
#[derive(Default, Debug)]
pub struct Scratch {
    reports: Vec<Report>,
}

impl<'r> Recorder<'r> {
    /// A recorder for the edit at place `edit`, on this claim.
    #[inline]
    pub fn new(
        claim: &'r ClaimFacts<'r>,
        edit: u16,
        show: Show,
        findings: &'r mut Vec<Finding>,
        scratch: &'r mut Scratch,
    ) -> Recorder<'r> {
        scratch.reports.clear();
        Recorder { claim, edit, show, findings, reports: &mut scratch.reports, all: None, skipped: 0, why: None }
    }

    /// Takes what the edit at place `edit` reports next. What the edit before reported must have been counted.
    #[inline]
    pub fn turn_to(&mut self, edit: u16) {
        self.edit = edit;
    }

    /// How many findings there are so far.
    pub fn findings(&self) -> usize {
        self.findings.len()
    }

    /// Drops what the edit at hand reported, which had begun with so many findings.
    pub fn abandon(&mut self, findings: usize) {
        self.findings.truncate(findings);
        self.forget();
    }

    /// Counts what was reported, each unit once. Of the others nothing is counted here.
    #[inline]
    pub fn finish(&mut self, counts: &mut Counts) {
        match (self.all, self.why, self.reports.as_slice()) {
            (None, None, []) => return,
            (Some((unit, reason)), None, []) => counts.count_reason(reason, self.claim.units(unit) as u64),
            (None, Some(reason), []) => counts.count_reason(reason, self.skipped.count_ones().into()),
            (None, None, &[(_, outcome, reason)]) => counts.count(outcome, reason, 1),
            _ => self.count(counts),
        }
        self.forget();
    }

    /// Drops what is to be counted of what was reported; the findings stay.
    #[inline]
    pub fn forget(&mut self) {
        self.reports.clear();
        (self.all, self.skipped, self.why) = (None, 0, None);
    }

    #[inline(never)]
    fn count(&mut self, counts: &mut Counts) {
        // Some unit is reported beside: each counts once.
        if let Some((unit, reason)) = self.all.take() {
            self.skip_each(unit, reason);
        }
        if let Some(why) = self.why
            && self.reports_are_apart()
        {
            counts.count_reason(why, self.skipped.count_ones().into());
            self.reports.iter().for_each(|&(_, outcome, reason)| counts.count(outcome, reason, 1));
            return;
        }
        let (mut units, why) = (self.skipped, self.why);
        while units != 0 {
            self.reports.push((units.trailing_zeros(), Outcome::NotEvaluated, why));
            units &= units - 1;
        }
        // Edits mostly report unit after unit.
        if !self.reports.is_sorted_by(|a, b| a.0 < b.0) {
            self.reports.sort_unstable_by_key(|&(unit, outcome, reason)| (unit, std::cmp::Reverse(outcome), reason));
            self.reports.dedup_by_key(|&mut (unit, ..)| unit);
        }
        for alike in self.reports.chunk_by(|a, b| (a.1, a.2) == (b.1, b.2)) {
            if let Some(&(_, outcome, reason)) = alike.first() {
                counts.count(outcome, reason, alike.len() as u64);
            }
        }
    }

    /// Whether each unit is reported once, beside those skipped.
    fn reports_are_apart(&self) -> bool {
        let mut seen = self.skipped;
        self.reports.iter().all(|&(unit, ..)| {
            let bit = 1u64.checked_shl(unit).unwrap_or(0);
            let apart = bit & !seen != 0;
            seen |= bit;
            apart
        })
    }

    fn finding(&mut self, line: Option<u32>, outcome: Outcome, field: Option<Field>, message: u8) -> &mut Finding {
        let place = line
            .and_then(|line| self.claim.lines.get(line as usize))
            .map_or(self.claim.claim.row.place, |line| line.row.place);
        self.findings.push(Finding {
            claim: self.claim.claim.index,
            line,
            edit: self.edit,
            outcome,
            field,
            item: 0,
            message,
            values: Vec::new(),
            release: None,
            place,
            suppressed: None,
        });
        let last = self.findings.len() - 1;
        &mut self.findings[last]
    }

    /// The claim's line fails; the message is the one at this place of the edit's list.
    pub fn fail_line(&mut self, line: u32, field: Field, message: u8) -> &mut Finding {
        self.reports.push((line, Outcome::Fail, None));
        self.finding(Some(line), Outcome::Fail, Some(field), message)
    }

    /// The claim as a whole fails.
    pub fn fail_claim(&mut self, field: Field, message: u8) -> &mut Finding {
        self.reports.push((0, Outcome::Fail, None));
        self.finding(None, Outcome::Fail, Some(field), message)
    }

    fn of_diagnosis(&mut self, diagnosis: u32, line: Option<u32>, outcome: Outcome, message: u8) -> &mut Finding {
        let (field, item) = self.claim.field_of_diagnosis(diagnosis);
        let finding = self.finding(line, outcome, Some(field), message);
        finding.item = item;
        finding
    }

    /// The claim's diagnosis (from 0, as [`ClaimFacts::any_diagnoses`] has them) fails, judged at this line if at one.
    pub fn fail_diagnosis(&mut self, diagnosis: u32, line: Option<u32>, message: u8) -> &mut Finding {
        self.reports.push((diagnosis, Outcome::Fail, None));
        self.of_diagnosis(diagnosis, line, Outcome::Fail, message)
    }

    /// An edit evaluated once a claim fails because of this line.
    pub fn fail_claim_at_line(&mut self, line: u32, field: Field, message: u8) -> &mut Finding {
        self.reports.push((0, Outcome::Fail, None));
        self.finding(Some(line), Outcome::Fail, Some(field), message)
    }

    /// The line would fail but is released. The finding, where bypassed ones are shown.
    pub fn bypass_line(&mut self, line: u32, field: Field, message: u8) -> Option<&mut Finding> {
        self.reports.push((line, Outcome::Bypassed, None));
        self.show.bypassed.then(|| self.finding(Some(line), Outcome::Bypassed, Some(field), message))
    }

    /// The diagnosis would fail but is released. The finding, where bypassed ones are shown.
    pub fn bypass_diagnosis(&mut self, diagnosis: u32, line: Option<u32>, message: u8) -> Option<&mut Finding> {
        self.reports.push((diagnosis, Outcome::Bypassed, None));
        self.show.bypassed.then(|| self.of_diagnosis(diagnosis, line, Outcome::Bypassed, message))
    }

    /// An edit evaluated once a claim would fail, because of this line if of one, but is released. The finding, where
    /// bypassed ones are shown.
    pub fn bypass_claim(&mut self, line: Option<u32>, field: Field, message: u8) -> Option<&mut Finding> {
        self.reports.push((0, Outcome::Bypassed, None));
        self.show.bypassed.then(|| self.finding(line, Outcome::Bypassed, Some(field), message))
    }

    /// The line cannot be judged.
    pub fn skip_line(&mut self, line: u32, reason: Reason) {
        self.skip(line, Some(line), reason);
    }

    /// The diagnosis (from 0) cannot be judged.
    pub fn skip_diagnosis(&mut self, diagnosis: u32, line: Option<u32>, reason: Reason) {
        self.skip(diagnosis, line, reason);
    }

    /// An edit evaluated once a claim cannot be judged.
    pub fn skip_claim(&mut self, reason: Reason) {
        self.skip(0, None, reason);
    }

    /// Unit `unit` cannot be judged; shown, where such are, at this line.
    fn skip(&mut self, unit: u32, line: Option<u32>, reason: Reason) {
        if unit < u64::BITS && self.why.is_none_or(|why| why == reason) {
            self.skipped |= 1 << unit;
            self.why = Some(reason);
        } else {
            self.reports.push((unit, Outcome::NotEvaluated, Some(reason)));
        }
        if self.show.not_evaluated {
            let field = match reason {
                Reason::FieldAbsent(field) => Some(field),
                _ => None,
            };
            self.finding(line, Outcome::NotEvaluated, field, 0).with(REASON, Value::Text(reason.to_string()));
        }
    }

    /// Whether what cannot be judged becomes findings, so that it matters which line each is told of.
    pub(crate) fn tells_not_evaluated(&self) -> bool {
        self.show.not_evaluated
    }

    /// No unit of the claim can be judged, for the same reason.
    pub fn skip_all(&mut self, unit: crate::Unit, reason: Reason) {
        if self.show.not_evaluated {
            self.skip_each(unit, reason);
        } else {
            self.all = Some((unit, reason));
        }
    }

    fn skip_each(&mut self, unit: crate::Unit, reason: Reason) {
        match unit {
            crate::Unit::Claim => self.skip_claim(reason),
            crate::Unit::Line => (0..self.claim.lines.len() as u32).for_each(|line| self.skip_line(line, reason)),
            crate::Unit::Diagnosis => {
                let claim = self.claim;
                for (place, _) in claim.given_diagnoses() {
                    self.skip(place, None, reason);
                }
            }
            crate::Unit::AnyDiagnosis => {
                let claim = self.claim;
                for (place, _) in claim.any_diagnoses() {
                    self.skip(place, None, reason);
                }
            }
        }
    }
}
