//! What a site's suppressions did in a run, and what is to be said of those that did nothing.

use super::{Notice, Summary, Tally};
use codes::Date;
use edits::Severity;

/// What a suppression did to findings of an edit.
#[derive(Clone, Copy, PartialEq, Eq, Default, Debug)]
pub struct SuppressionUse {
    /// Findings that it suppressed.
    pub suppressed: u64,
    /// Findings that it would have suppressed, but one that is listed before it did.
    pub covered_too: u64,
    /// Findings that it would have suppressed, but its last day was past: they are reported.
    pub expired: u64,
    /// Findings that it might have suppressed, but there was no date to say whether it still holds: they are reported.
    pub undated: u64,
}

impl SuppressionUse {
    pub(super) fn add(&mut self, other: &SuppressionUse) {
        self.suppressed += other.suppressed;
        self.covered_too += other.covered_too;
        self.expired += other.expired;
        self.undated += other.undated;
    }
}

/// A suppression of a run.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct SuppressionFacts {
    /// Where it is written: file and line.
    pub place: String,
    /// The edits that it names, as written.
    pub edits: Vec<String>,
    /// Who decided it.
    pub who: String,
    /// Why.
    pub why: String,
    /// The last day on which it holds.
    pub until: Date,
    /// Whether any edit that it names runs.
    pub runs: bool,
}

impl Tally {
    /// What the suppression at this place of the run's list did, to findings of all edits.
    pub fn suppression(&self, suppression: usize) -> SuppressionUse {
        let mut all = SuppressionUse::default();
        let own = self.suppressed.iter().filter(|((place, _), _)| usize::from(*place) == suppression);
        own.for_each(|(_, did)| all.add(did));
        all
    }

    /// How many findings of the edit at this place of the run's list are suppressed.
    pub fn suppressed_of(&self, edit: usize) -> u64 {
        let own = self.suppressed.iter().filter(|((_, place), _)| usize::from(*place) == edit);
        own.map(|(_, did)| did.suppressed).sum()
    }
}

impl Summary {
    /// What is to be said of the run's suppressions: *expired* (warning) of one whose last day is past, *undated*
    /// (warning) of one that could not be judged for want of a date, *unused* (info) of one that covers no finding.
    pub(super) fn notices_of_suppressions(&self) -> impl Iterator<Item = Notice> {
        let all = self.suppressions.iter().enumerate();
        all.flat_map(|(place, own)| self.notices_of(own, &self.tally.suppression(place)))
    }

    fn notices_of(&self, own: &SuppressionFacts, did: &SuppressionUse) -> Vec<Notice> {
        let edits = own.edits.join(", ");
        let SuppressionFacts { who, until, .. } = own;
        let notice = |severity, kind, message: String, fix: &str| {
            Some(Notice { severity, kind, place: own.place.clone(), message, fix: fix.to_owned() })
        };
        let count = |number: u64| if number == 1 { "1 finding".to_owned() } else { format!("{number} findings") };
        let expired = match (did.expired, self.today.filter(|&today| today > *until)) {
            (0, None) => None,
            (0, Some(today)) => notice(
                Severity::Warning,
                "expired-suppression",
                format!("the suppression of {edits} by {who} expired: it held until {until}, and today is {today}"),
                "Take it out or, if the reason still stands, have it decided anew with another day.",
            ),
            (found, _) => notice(
                Severity::Warning,
                "expired-suppression",
                format!(
                    "the suppression of {edits} by {who} held until {until}; {} of later claims would have been \
                     covered and are reported",
                    count(found)
                ),
                "Mend the claims or, if the reason still stands, have it decided anew with another day.",
            ),
        };
        let undated = match did.undated {
            0 => None,
            found => notice(
                Severity::Warning,
                "undated-suppression",
                format!(
                    "whether the suppression of {edits} by {who} (until {until}) holds is not known for {}: the claims \
                     have no received date, and no date was given for today; they are reported",
                    count(found)
                ),
                "Give received_date, or the day of the run.",
            ),
        };
        let used = did.suppressed + did.covered_too + did.expired + did.undated > 0;
        let unused = match (used, own.runs, expired.is_some()) {
            (false, false, _) => notice(
                Severity::Info,
                "unused-suppression",
                format!("the suppression of {edits} by {who} (until {until}) is not used: no edit that it names runs"),
                "Take it out, or run the edit.",
            ),
            (false, true, false) => notice(
                Severity::Info,
                "unused-suppression",
                format!("the suppression of {edits} by {who} (until {until}) is not used: it covers nothing found"),
                "Take it out when it covers nothing on other claims either.",
            ),
            _ => None,
        };
        [expired, undated, unused].into_iter().flatten().collect()
    }
}
