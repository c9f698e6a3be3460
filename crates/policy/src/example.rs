//! The examples that authors give with their edits, tried.

use crate::policy::{Example, Policy, PolicyEdit};
use crate::session::Verdict;
use claims::{ClaimBatch, Columns};
use codeset::Codeset;
use edits::{FactsBuilder, Outcome, Unit};
use std::fmt;

/// What came of an example.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct ExampleResult {
    /// The edit that it is of.
    pub edit: String,
    /// What the author called it.
    pub name: String,
    /// What the author expects: one outcome, or one a line.
    pub expected: Vec<Outcome>,
    /// What came out, in the same form.
    pub got: Vec<Outcome>,
    /// Why a unit could not be judged.
    pub reasons: Vec<String>,
}

impl ExampleResult {
    /// Whether it came out as its author expects.
    pub fn is_as_expected(&self) -> bool {
        self.expected == self.got
    }
}

impl fmt::Display for ExampleResult {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let all = |outcomes: &[Outcome]| outcomes.iter().map(|own| own.name()).collect::<Vec<_>>().join(", ");
        write!(f, "{} {:?}: ", self.edit, self.name)?;
        if self.is_as_expected() {
            return write!(f, "{}, as expected", all(&self.got));
        }
        write!(f, "expected {}, got {}", all(&self.expected), all(&self.got))?;
        for reason in &self.reasons {
            write!(f, "; {reason}")?;
        }
        Ok(())
    }
}

impl Policy {
    /// Tries every example of the policy, in the order of its files. Payers and days of the policy as a whole do not
    /// matter: an example is judged by its own edit.
    pub fn try_examples(&self, codeset: &Codeset) -> Vec<ExampleResult> {
        let edits = self.edits.iter().zip(0u32..);
        edits
            .flat_map(|(edit, number)| edit.examples.iter().map(move |own| self.example(edit, number, own, codeset)))
            .collect()
    }

    fn example(&self, edit: &PolicyEdit, number: u32, example: &Example, codeset: &Codeset) -> ExampleResult {
        let mut batch = ClaimBatch::new(Columns::ALL);
        let claim = batch.push(&example.claim);
        let mut facts = FactsBuilder::new(codeset);
        let facts = facts.build(batch.claim(claim), &mut &*codeset);
        let mut verdicts: Vec<Verdict> = Vec::new();
        self.check_one(number, &facts, &mut verdicts);
        let units = if edit.info.unit == Unit::Line { facts.lines.len() } else { 1 };
        let mut outcomes = vec![Outcome::Pass; units];
        for verdict in &verdicts {
            if let Some(own) = outcomes.get_mut(verdict.line.unwrap_or(0) as usize) {
                *own = verdict.outcome;
            }
        }
        let got = match (example.by_line, example.line) {
            (true, _) => outcomes,
            (false, Some(line)) => outcomes.get(line - 1).copied().into_iter().collect(),
            // The worst of all lines: fail, then not evaluated, then bypassed.
            (false, None) => outcomes.iter().max().copied().into_iter().collect(),
        };
        let mut reasons: Vec<String> =
            verdicts.iter().filter_map(|own| own.reason).map(|own| own.to_string()).collect();
        reasons.dedup();
        ExampleResult {
            edit: edit.info.id.to_string(),
            name: example.name.clone(),
            expected: example.expected.clone(),
            got,
            reasons,
        }
    }
}
