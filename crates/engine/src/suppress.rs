//! What a site does not want reported, held against the findings of each claim.

use crate::selection::Selection;
use codes::Date;
use edits::{ClaimFacts, Finding, Outcome, Value, sys};
use policy::Suppression;
use report::{SuppressionFacts, SuppressionUse, Tally};

/// The suppressions of a scrubber.
pub(crate) struct Suppressing {
    suppressions: Vec<Suppression>,
    today: Option<Date>,
    /// For each edit of the scrubber's list the suppressions that name it, in their order.
    by_edit: Vec<Vec<u16>>,
}

/// Whether a suppression that covers a finding holds on its claim.
enum Holds {
    Yes,
    /// Its last day is past.
    No,
    /// No date says.
    Unknown,
}

impl Suppressing {
    /// These suppressions among the edits of a scrubber; nothing, where there are none.
    pub(crate) fn new(suppressions: Vec<Suppression>, today: Option<Date>, among: &Selection) -> Option<Suppressing> {
        if suppressions.is_empty() {
            return None;
        }
        let by_edit = among.entries.iter().map(|entry| {
            let info = entry.info();
            // What it tells is that a claim was not judged: nobody can decide that beforehand.
            let numbered = suppressions.iter().zip(0u16..).filter(|_| info.id != sys::INTERNAL_ERROR);
            numbered.filter(|(own, _)| own.names(info)).map(|(_, number)| number).collect()
        });
        let by_edit = by_edit.collect();
        Some(Suppressing { suppressions, today, by_edit })
    }

    /// The day that claims without a received date are held against.
    pub(crate) fn today(&self) -> Option<Date> {
        self.today
    }

    /// What a summary tells of them.
    pub(crate) fn facts(&self, among: &Selection) -> Vec<SuppressionFacts> {
        let runs = |number: u16| {
            let named = self.by_edit.iter().zip(0u16..).filter(|(own, _)| own.contains(&number));
            named.into_iter().any(|(_, edit)| among.runs(edit))
        };
        let facts = |(own, number): (&Suppression, u16)| SuppressionFacts {
            place: own.place().to_owned(),
            edits: own.edits().to_vec(),
            who: own.who().to_owned(),
            why: own.why().to_owned(),
            until: own.until(),
            runs: runs(number),
        };
        self.suppressions.iter().zip(0u16..).map(facts).collect()
    }

    /// Marks the findings of a claim that a suppression covers and that holds, the first that is listed, and counts what
    /// each did.
    ///
    /// A suppression holds up to its last day. The claim's received date is held against it, so that the same claims come
    /// to the same whenever they are scrubbed; where a claim has none, the day that the caller gave.
    pub(crate) fn apply(&self, facts: &ClaimFacts<'_>, findings: &mut [Finding], tally: &mut Tally) {
        let day = facts.claim.row.received_date.value().or(self.today);
        for finding in findings.iter_mut().filter(|finding| finding.outcome == Outcome::Fail) {
            let edit = finding.edit;
            for &number in self.by_edit.get(usize::from(edit)).into_iter().flatten() {
                let Some(own) = self.suppressions.get(usize::from(number)) else { continue };
                if !own.covers(facts, finding) {
                    continue;
                }
                let holds = match day {
                    Some(day) if day <= own.until() => Holds::Yes,
                    Some(_) => Holds::No,
                    None => Holds::Unknown,
                };
                let mut did = SuppressionUse::default();
                match (holds, finding.suppressed) {
                    (Holds::Yes, None) => {
                        finding.suppressed = Some(number);
                        did.suppressed = 1;
                    }
                    (_, Some(_)) => did.covered_too = 1,
                    (Holds::No, None) => did.expired = 1,
                    (Holds::Unknown, None) => did.undated = 1,
                }
                tally.count_suppression(number, edit, did);
            }
            if let Some(own) = finding.suppressed.and_then(|number| self.suppressions.get(usize::from(number))) {
                finding.with("suppressed_by", Value::Text(own.who().to_owned()));
                finding.with("suppressed_until", Value::Date(own.until()));
                finding.with("suppressed_because", Value::Text(own.why().to_owned()));
                finding.with("suppressed_at", Value::Text(own.place().to_owned()));
            }
        }
    }
}
