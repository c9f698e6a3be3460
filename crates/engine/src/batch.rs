//! Scrubbing one batch of claims.

use crate::across::Earlier;
use crate::memo::Memo;
use crate::policies::PolicyRun;
use crate::selection::{Active, Selection};
use claims::{ClaimBatch, ClaimView, Field, Problem};
use codes::Money;
use codeset::Codeset;
use edits::{
    ClaimFacts, Counts, EditInfo, FactsBuilder, Finding, Outcome, Reason, Recorder, Scratch, Severity, Show, Value, sys,
};
use policy::{Guarded, Verdict};
use report::{EditEntry, Tally};
use std::panic::{AssertUnwindSafe, catch_unwind};

/// The values by which a finding on an 837 names the loop and the element.
const LOOP: &str = "loop";
const ELEMENT: &str = "element";

/// What scrubbing a batch gave.
#[derive(Default, Debug)]
pub struct BatchOutcome {
    /// The findings, in the order of claims, then lines (the claim as a whole first), then edits.
    pub findings: Vec<Finding>,
    /// How every edit came out, in the order of the scrubber's list.
    pub counts: Vec<Counts>,
    /// The claims, accounted for.
    pub tally: Tally,
}

impl BatchOutcome {
    fn reset(&mut self, edits: usize) {
        self.findings.clear();
        self.counts.clear();
        self.counts.resize_with(edits, Counts::default);
        self.tally = Tally::default();
    }
}

/// Whether each check is guarded against panics on its own.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Guard {
    /// No: the fast way, guarded as a whole.
    Whole,
    /// Yes: the slow way, to learn which check it was.
    EachCheck,
}

/// Runs every active edit and the policies that apply over every claim of the batch; `earlier` are the claims that came
/// before some of them. A check that panics becomes a finding of edit SYS001 on its claim, and its units count as not
/// evaluated; nothing else changes.
pub(crate) fn scrub(
    codeset: &Codeset,
    selection: &Selection,
    show: Show,
    batch: &ClaimBatch,
    earlier: &[Earlier],
    memo: &mut Memo<'_>,
    outcome: &mut BatchOutcome,
) {
    let mut run = |guard, outcome: &mut BatchOutcome| {
        outcome.reset(selection.entries.len());
        Run { codeset, selection, show, guard }.batch(batch, earlier, memo, outcome);
    };
    if catch_unwind(AssertUnwindSafe(|| run(Guard::Whole, outcome))).is_err() {
        run(Guard::EachCheck, outcome);
    }
}

struct Run<'r> {
    codeset: &'r Codeset,
    selection: &'r Selection,
    show: Show,
    guard: Guard,
}

impl Run<'_> {
    fn batch(&self, batch: &ClaimBatch, earlier: &[Earlier], memo: &mut Memo<'_>, outcome: &mut BatchOutcome) {
        let mut facts = FactsBuilder::new(self.codeset);
        let mut scratch = Scratch::default();
        // Which modifier released what is counted whether it is shown or not.
        let show = Show { bypassed: true, ..self.show };
        let internal = self.selection.entries.iter().position(|entry| entry.info().id == sys::INTERNAL_ERROR);
        let mut outside = batch.outside.iter().peekable();
        let mut policies = self.selection.policies.as_ref().map(|own| PolicyRun::new(own, self.selection));
        for claim in batch.iter() {
            while let Some(problem) = outside.next_if(|problem| problem.place.offset <= claim.row.place.offset) {
                self.outside(problem, outcome);
            }
            let from = outcome.findings.len();
            let before = Earlier::of(earlier, claim.index);
            let mut claim_facts = facts.build_after(claim, &before, memo);
            claim_facts.settings = &self.selection.settings;
            let activation = policies.as_mut().map(|own| own.activation(&claim_facts));
            let mut plan = self.selection.plan.as_slice();
            if let Some(activation) = &activation {
                claim_facts.settings = &activation.settings;
                plan = &activation.plan;
            }
            let mut panicked = false;
            for (active, &number) in self.selection.active.iter().zip(plan) {
                let Some(number) = number else { continue };
                if (claim.row.unreadable && !active.of_reader)
                    || !active.edit.info().claims.contains(claim.row.claim_type)
                {
                    continue;
                }
                if !self.edit((active, number), &claim_facts, show, &mut scratch, outcome) {
                    panicked = true;
                    self.report_panic((active.edit.info(), number), &claim_facts, &mut scratch, outcome);
                    self.tell_panic(&active.edit.info().id, internal, &claim_facts, &mut scratch, outcome);
                }
            }
            if let (Some(policies), Some(activation), false) = (&mut policies, &activation, claim.row.unreadable) {
                let guarded = match self.guard {
                    Guard::Whole => Guarded::No,
                    Guard::EachCheck => Guarded::Each,
                };
                policies.check(activation, &claim_facts, guarded);
                for &(number, ref verdict) in policies.verdicts() {
                    self.verdict((number, verdict), &claim_facts, &mut scratch, outcome);
                    if verdict.reason == Some(Reason::InternalError) {
                        panicked = true;
                        let id = self.selection.entries.get(usize::from(number)).map_or("", |own| &own.info().id);
                        self.tell_panic(id, internal, &claim_facts, &mut scratch, outcome);
                    }
                }
            }
            if let (true, Some(internal)) = (panicked, internal) {
                // One unit, whatever the number of edits that panicked; it counted as passed if its edit runs.
                let ran = !claim.row.unreadable && plan.contains(&Some(internal as u16));
                let counts = &mut outcome.counts[internal];
                counts.pass = counts.pass.saturating_sub(u64::from(ran));
                counts.fail += 1;
            }
            let found = &mut outcome.findings[from..];
            found.sort_by_key(|finding| (finding.line, finding.edit));
            if let Some(suppressing) = &self.selection.suppressing {
                suppressing.apply(&claim_facts, found, &mut outcome.tally);
            }
            account(&mut outcome.tally, &claim_facts, found, self.selection);
            if !self.show.bypassed || (!self.show.suppressed && self.selection.suppressing.is_some()) {
                let hidden = |finding: &mut Finding| match finding.suppressed {
                    Some(_) => !self.show.suppressed,
                    None => finding.outcome == Outcome::Bypassed && !self.show.bypassed,
                };
                outcome.findings.extract_if(from.., hidden).for_each(drop);
            }
            for finding in outcome.findings.get_mut(from..).unwrap_or_default() {
                locate(&claim, finding);
            }
        }
        outside.for_each(|problem| self.outside(problem, outcome));
        if let Some(policies) = policies {
            policies.count_passes(&mut outcome.counts);
        }
    }

    /// Tells a problem that belongs to no claim.
    fn outside(&self, problem: &Problem, outcome: &mut BatchOutcome) {
        let own = self.selection.active.iter().zip(&self.selection.plan).filter(|(active, _)| active.of_reader);
        for (active, &number) in own {
            let Some(number) = number else { continue };
            let mut finding = Finding::outside(number, problem.place);
            if active.edit.tell(problem, &mut finding) {
                outcome.counts[usize::from(number)].fail += 1;
                if let Some(entry) = self.selection.entries.get(usize::from(number)) {
                    outcome.tally.count_finding(entry.severity());
                }
                outcome.findings.push(finding);
            }
        }
    }

    /// Counts and reports what a policy's edit says of a unit; counted alone, where it is a shadow.
    fn verdict(
        &self,
        (number, verdict): (u16, &Verdict),
        facts: &ClaimFacts<'_>,
        scratch: &mut Scratch,
        outcome: &mut BatchOutcome,
    ) {
        let before = outcome.findings.len();
        let mut recorder = Recorder::new(facts, number, self.show, &mut outcome.findings, scratch);
        let Verdict { line, field, message, .. } = *verdict;
        let finding = match (verdict.outcome, line, verdict.reason) {
            (Outcome::Fail, Some(line), _) => Some(recorder.fail_line(line, field, message)),
            (Outcome::Fail, None, _) => Some(recorder.fail_claim(field, message)),
            (Outcome::Bypassed, Some(line), _) => recorder.bypass_line(line, field, message),
            (Outcome::Bypassed, None, _) => recorder.bypass_claim(None, field, message),
            (_, Some(line), Some(reason)) => {
                recorder.skip_line(line, reason);
                None
            }
            (_, None, Some(reason)) => {
                recorder.skip_claim(reason);
                None
            }
            (_, _, None) => None,
        };
        if let Some(finding) = finding {
            finding.values.clone_from(&verdict.values);
        }
        // The one unit; those that the policies reported nothing of are counted at the end of the batch.
        recorder.finish(1, &mut outcome.counts[usize::from(number)]);
        if self.selection.entries.get(usize::from(number)).is_some_and(EditEntry::is_shadow) {
            outcome.findings.truncate(before);
        }
    }

    /// Runs an edit on a claim. False when its check panicked; then nothing of it is counted or reported.
    #[inline]
    fn edit(
        &self,
        (active, number): (&Active, u16),
        facts: &ClaimFacts<'_>,
        show: Show,
        scratch: &mut Scratch,
        outcome: &mut BatchOutcome,
    ) -> bool {
        let info = active.edit.info();
        let units = facts.units(info.unit);
        let counts = &mut outcome.counts[usize::from(number)];
        let missing = active.lacks.or_else(|| {
            info.fields.iter().find(|&&field| !facts.has_column(field)).map(|&field| Reason::FieldAbsent(field))
        });
        if missing.is_none() && !facts.could_fire(info.fires) {
            counts.pass += units as u64;
            return true;
        }
        if let (Some(reason), false) = (missing, self.show.not_evaluated) {
            counts.count_reason(reason, units as u64);
            return true;
        }
        let findings_before = outcome.findings.len();
        let mut recorder = Recorder::new(facts, number, show, &mut outcome.findings, scratch);
        if let Some(reason) = missing {
            recorder.skip_all(info.unit, reason);
            recorder.finish(units, counts);
            return true;
        }
        match self.guard {
            Guard::Whole => active.edit.check(facts, &mut recorder),
            Guard::EachCheck => {
                let check = AssertUnwindSafe(|| active.edit.check(facts, &mut recorder));
                if catch_unwind(check).is_err() {
                    outcome.findings.truncate(findings_before);
                    return false;
                }
            }
        }
        recorder.finish(units, counts);
        true
    }

    /// Counts the units of an edit that panicked as not evaluated.
    fn report_panic(
        &self,
        (info, number): (&EditInfo, u16),
        facts: &ClaimFacts<'_>,
        scratch: &mut Scratch,
        outcome: &mut BatchOutcome,
    ) {
        let mut recorder = Recorder::new(facts, number, self.show, &mut outcome.findings, scratch);
        recorder.skip_all(info.unit, Reason::InternalError);
        recorder.finish(facts.units(info.unit), &mut outcome.counts[usize::from(number)]);
    }

    /// Puts a SYS001 finding in the place of what the edit would have said, whether SYS001 was selected or not: the
    /// claim must not count as clean.
    fn tell_panic(
        &self,
        id: &str,
        internal: Option<usize>,
        facts: &ClaimFacts<'_>,
        scratch: &mut Scratch,
        outcome: &mut BatchOutcome,
    ) {
        let Some(internal) = internal else { return };
        let mut recorder = Recorder::new(facts, internal as u16, self.show, &mut outcome.findings, scratch);
        recorder.fail_claim(Field::ClaimId, 0).with(sys::EDIT_VALUE, Value::Text(id.to_owned()));
    }
}

/// Says of a finding on an 837 which segment, loop and element it is about. What could not be read has its place
/// already, where it is of no field.
fn locate(claim: &ClaimView<'_>, finding: &mut Finding) {
    let Some(field) = finding.field.filter(|_| finding.value(LOOP).is_none()) else { return };
    let Some(origin) = claim.origin(finding.line, field) else { return };
    finding.place = origin.place;
    finding.with(LOOP, Value::Text(origin.loop_id.to_owned()));
    if let Some(element) = origin.element {
        finding.with(ELEMENT, Value::Text(element.to_string()));
    }
}

/// Accounts for a claim by its findings. Its charge is the claim's total, else the sum of its lines.
fn account(tally: &mut Tally, facts: &ClaimFacts<'_>, findings: &[Finding], selection: &Selection) {
    let (mut worst, mut suppressed) = (None, None);
    for finding in findings {
        match (finding.outcome, selection.entries.get(usize::from(finding.edit))) {
            (Outcome::Fail, Some(entry)) => {
                let severity = entry.severity_of(finding);
                if finding.suppressed.is_some() {
                    suppressed = suppressed.max(Some(severity));
                    continue;
                }
                tally.count_finding(severity);
                worst = worst.max(Some(severity));
            }
            (Outcome::Bypassed, _) => {
                if let Some(&Value::Modifier(modifier)) = finding.value("modifier") {
                    tally.count_bypass(finding.edit, modifier);
                }
            }
            _ => {}
        }
    }
    let charge = facts.claim.row.total.value().unwrap_or_else(|| {
        let lines = facts.lines.iter().filter_map(|line| line.row.charge.value());
        lines.fold(Money::default(), |sum, charge| sum.checked_add(charge).unwrap_or(sum))
    });
    let unreadable = facts.claim.row.unreadable;
    tally.count_claim(unreadable, worst, facts.lines.len() as u64, charge);
    if !unreadable && worst < Some(Severity::Error) && suppressed == Some(Severity::Error) {
        tally.count_clean_by_suppression(charge);
    }
}
