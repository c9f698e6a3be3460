//! Judging claims by a policy.

use crate::need::Where;
use crate::ops::{Env, Known};
use crate::policy::{Policy, PolicyEdit};
use claims::Field;
use codes::Date;
use codeset::Ordinal;
use edits::{ClaimFacts, Outcome, Reason, Unit, Value};
use std::panic::{AssertUnwindSafe, catch_unwind};

/// What came of one edit on one line or claim, when it is not a plain pass.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Verdict {
    /// The edit's place in [`Policy::edits`].
    pub edit: u32,
    /// The line's place in its claim, from 0; `None` for an edit that is judged once a claim.
    pub line: Option<u32>,
    /// What came out. Never a pass.
    pub outcome: Outcome,
    /// Why it could not be judged.
    pub reason: Option<Reason>,
    /// The field at fault.
    pub field: Field,
    /// Which of the edit's messages says it.
    pub message: u8,
    /// The values that the message names.
    pub values: Vec<(&'static str, Value)>,
}

/// The memory that judging reuses from claim to claim.
#[derive(Default, Debug)]
pub struct PolicyScratch {
    /// For each edit the round in which it was last looked at.
    seen: Vec<u32>,
    round: u32,
}

impl PolicyScratch {
    fn begin(&mut self, edits: usize) {
        if self.seen.len() < edits {
            self.seen.resize(edits, 0);
        }
        self.round = self.round.wrapping_add(1);
        if self.round == 0 {
            self.seen.fill(0);
            self.round = 1;
        }
    }

    /// Whether the edit is looked at for the first time in this round.
    fn first(&mut self, edit: u32) -> bool {
        match self.seen.get_mut(edit as usize) {
            Some(seen) if *seen != self.round => {
                *seen = self.round;
                true
            }
            _ => false,
        }
    }
}

/// Whether each evaluation is guarded against panics on its own.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Guarded {
    /// No: whoever calls guards all of it.
    No,
    /// Yes: an evaluation that panics is *not evaluated*, by an internal error.
    Each,
}

impl Policy {
    /// Judges a claim to which the policy applies by those of its edits that could fail on it. An edit that reports
    /// nothing for a unit of [`edits::EditInfo::unit`] passed there.
    pub fn check(&self, facts: &ClaimFacts<'_>, guarded: Guarded, scratch: &mut PolicyScratch, out: &mut Vec<Verdict>) {
        let mut judge = Judge { policy: self, env: Env::new(facts, self.sets.all()), guarded, out };
        let index = &self.index;
        for &edit in &index.always {
            judge.claim(edit);
        }
        // Where a column is missing nothing can be looked up in it, so that all edits that need it are looked at.
        let lacks = |field: Field| !facts.has_column(field);
        let lines = 0..facts.lines.len() as u32;
        for (place, field) in [(Where::Procedure, Field::Procedure), (Where::Revenue, Field::RevenueCode)] {
            if !index.uses(place) {
                continue;
            }
            if lacks(field) {
                index.all(place).iter().for_each(|&edit| judge.claim(edit));
                continue;
            }
            for (line, at) in facts.lines.iter().zip(lines.clone()) {
                let lookup = if place == Where::Procedure { line.procedure } else { line.revenue };
                if let Some(ordinal) = lookup.ordinal() {
                    index.at(place, ordinal).iter().for_each(|&edit| judge.line(edit, at));
                }
            }
        }
        if index.uses(Where::Modifier) {
            if lacks(Field::Modifier(1)) {
                index.all(Where::Modifier).iter().for_each(|&edit| judge.claim(edit));
            } else {
                for (line, at) in facts.lines.iter().zip(lines.clone()) {
                    scratch.begin(self.edits.len());
                    for ordinal in line.modifiers.iter().filter_map(|lookup| lookup.ordinal()) {
                        for &edit in index.at(Where::Modifier, ordinal) {
                            if scratch.first(edit) {
                                judge.line(edit, at);
                            }
                        }
                    }
                }
            }
        }
        scratch.begin(self.edits.len());
        let mut once = |judge: &mut Judge<'_, '_>, place: Where, ordinal: Ordinal| {
            for &edit in index.at(place, ordinal) {
                if scratch.first(edit) {
                    judge.claim(edit);
                }
            }
        };
        if index.uses(Where::Diagnosis) {
            if lacks(Field::Diagnosis(1)) {
                index.all(Where::Diagnosis).iter().for_each(|&edit| judge.claim(edit));
            } else {
                for ordinal in facts.diagnoses.iter().filter_map(|dx| dx.lookup.ordinal()) {
                    once(&mut judge, Where::Diagnosis, ordinal);
                }
            }
        }
        let places = [
            (Where::AnyProcedure, Field::Procedure),
            (Where::AnyRevenue, Field::RevenueCode),
            (Where::AnyModifier, Field::Modifier(1)),
        ];
        for (place, field) in places {
            if !index.uses(place) {
                continue;
            }
            if lacks(field) {
                index.all(place).iter().for_each(|&edit| judge.claim(edit));
                continue;
            }
            for line in facts.lines {
                match place {
                    Where::AnyModifier => {
                        for ordinal in line.modifiers.iter().filter_map(|lookup| lookup.ordinal()) {
                            once(&mut judge, place, ordinal);
                        }
                    }
                    _ => {
                        let lookup = if place == Where::AnyProcedure { line.procedure } else { line.revenue };
                        if let Some(ordinal) = lookup.ordinal() {
                            once(&mut judge, place, ordinal);
                        }
                    }
                }
            }
        }
    }

    /// Judges a claim by one edit, whether it could fail or not.
    pub(crate) fn check_one(&self, edit: u32, facts: &ClaimFacts<'_>, out: &mut Vec<Verdict>) {
        Judge { policy: self, env: Env::new(facts, self.sets.all()), guarded: Guarded::No, out }.claim(edit);
    }
}

struct Judge<'j, 'e> {
    policy: &'j Policy,
    env: Env<'e>,
    guarded: Guarded,
    out: &'j mut Vec<Verdict>,
}

impl Judge<'_, '_> {
    /// Judges the claim, or each of its lines.
    fn claim(&mut self, number: u32) {
        let Some(edit) = self.policy.edits.get(number as usize) else { return };
        match edit.info.unit {
            Unit::Line => (0..self.env.facts.lines.len() as u32).for_each(|line| self.line(number, line)),
            Unit::Claim | Unit::Diagnosis | Unit::AnyDiagnosis => self.unit(edit, number, None),
        }
    }

    fn line(&mut self, number: u32, line: u32) {
        if let Some(edit) = self.policy.edits.get(number as usize) {
            self.env.line = line;
            self.unit(edit, number, Some(line));
        }
    }

    fn unit(&mut self, edit: &PolicyEdit, number: u32, line: Option<u32>) {
        if !edit.info.claims.contains(self.env.facts.claim_type()) {
            return;
        }
        let before = self.out.len();
        match self.guarded {
            Guarded::No => self.judge(edit, number, line),
            Guarded::Each => {
                if catch_unwind(AssertUnwindSafe(|| self.judge(edit, number, line))).is_err() {
                    self.out.truncate(before);
                    self.tell(edit, number, line, Outcome::NotEvaluated, Some(Reason::InternalError));
                }
            }
        }
    }

    fn judge(&mut self, edit: &PolicyEdit, number: u32, line: Option<u32>) {
        // A false part decides, whatever is not known of the other.
        let fails = match (edit.condition.eval(&mut self.env), edit.in_force(&self.env, line)) {
            (Ok(false), _) | (_, Ok(false)) => return,
            (Ok(true), Ok(true)) => Ok(()),
            (Err(reason), _) | (_, Err(reason)) => Err(reason),
        };
        match (fails, &edit.unless) {
            (Ok(()), None) => self.tell(edit, number, line, Outcome::Fail, None),
            (Err(reason), _) => self.tell(edit, number, line, Outcome::NotEvaluated, Some(reason)),
            (Ok(()), Some(unless)) => match unless.eval(&mut self.env) {
                Ok(true) => self.tell(edit, number, line, Outcome::Bypassed, None),
                Ok(false) => self.tell(edit, number, line, Outcome::Fail, None),
                Err(reason) => self.tell(edit, number, line, Outcome::NotEvaluated, Some(reason)),
            },
        }
    }

    #[cold]
    fn tell(&mut self, edit: &PolicyEdit, number: u32, line: Option<u32>, outcome: Outcome, reason: Option<Reason>) {
        let values = match outcome {
            Outcome::Fail | Outcome::Bypassed if !edit.shadow => {
                let env = &mut self.env;
                edit.placeholders.iter().map(|own| (own.name, own.shown.value(env))).collect()
            }
            _ => Vec::new(),
        };
        let message = u8::from(outcome == Outcome::Bypassed);
        self.out.push(Verdict { edit: number, line, outcome, reason, field: edit.field, message, values });
    }
}

impl PolicyEdit {
    /// Whether the edit is in force on the line's day, else the claim's first.
    pub(crate) fn in_force(&self, env: &Env<'_>, line: Option<u32>) -> Known<bool> {
        if self.from.is_none() && self.to.is_none() {
            return Ok(true);
        }
        let day: Date = match line {
            Some(line) => env.facts.lines.get(line as usize).ok_or(Reason::InternalError)?.governing_date()?,
            None => env.first_service()?,
        };
        Ok(self.from.is_none_or(|from| from <= day) && self.to.is_none_or(|to| day <= to))
    }
}
