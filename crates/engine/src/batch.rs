//! Scrubbing one batch of claims.

use crate::across::Earlier;
use crate::edit_set::EditSet;
use crate::envelopes::Happened;
use crate::kinds::Ground;
use crate::memo::{AHEAD, Memo};
use crate::policies::{Activation, Counted, PolicyRun, Seen};
use crate::selection::{Active, Plan, Selection};
use claims::{ClaimBatch, ClaimView, Columns, Field, Problem, ProblemKind};
use codes::{Code, Date, Money};
use codeset::{Codeset, Ordinal, SystemId};
use edits::{
    ClaimFacts, Counts, Edit, FactsBuilder, Finding, Grounds, Kind, OnDay, Outcome, Reason, Recorder, Resolver,
    Scratch, Severity, Show, Unanswered, Unit, Value, sys,
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
    /// What happens to the envelopes of an 837.
    pub(crate) envelopes: Happened,
}

impl BatchOutcome {
    fn reset(&mut self, edits: usize) {
        self.findings.clear();
        self.counts.clear();
        self.counts.resize_with(edits, Counts::default);
        self.tally = Tally::default();
        self.envelopes.clear();
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

/// Which edits are called on a claim. The outcome is the same; tests compare.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) enum Called {
    /// Those that the claim's signs could set off.
    BySigns,
    /// All that judge such claims.
    #[cfg(test)]
    All,
}

/// Runs every active edit and the policies that apply over every claim of the batch; `earlier` are the claims that came
/// before some of them. A check that panics becomes a finding of edit SYS001 on its claim, and its units count as not
/// evaluated; nothing else changes.
pub(crate) fn scrub(
    codeset: &Codeset,
    selection: &Selection,
    (show, called): (Show, Called),
    batch: &ClaimBatch,
    earlier: &[Earlier],
    memo: &mut Memo<'_>,
    outcome: &mut BatchOutcome,
) {
    let mut run = |guard, outcome: &mut BatchOutcome| {
        outcome.reset(selection.entries.len());
        Run { codeset, selection, show, guard, called }.batch(batch, earlier, memo, outcome);
    };
    if catch_unwind(AssertUnwindSafe(|| run(Guard::Whole, outcome))).is_err() {
        run(Guard::EachCheck, outcome);
    }
}

/// Looks nothing up, for edits that judge how claims could be read and no codes.
struct Unread<'r>(&'r Codeset);

impl Resolver for Unread<'_> {
    fn codeset(&self) -> &Codeset {
        self.0
    }

    fn ordinal(&mut self, _: SystemId, _: Code) -> Option<Ordinal> {
        None
    }

    fn on_day(&mut self, _: SystemId, _: Code, _: Option<Date>) -> OnDay {
        OnDay::ABSENT
    }

    fn unanswered(&mut self, _: Date) -> Unanswered {
        Unanswered::default()
    }
}

struct Run<'r> {
    codeset: &'r Codeset,
    selection: &'r Selection,
    show: Show,
    guard: Guard,
    called: Called,
}

/// What holds for all claims of a batch.
struct OfBatch {
    /// For each active edit the table or column that it lacks.
    missing: Vec<Option<Reason>>,
    /// The edits that lack nothing.
    able: EditSet,
    /// The signs that set off any of those.
    signs: u128,
    /// Those of which it is told of each unit that it could not be judged.
    told: EditSet,
    columns: Columns,
    /// Which modifier released what is counted whether it is shown or not.
    show: Show,
    /// The number of SYS001.
    internal: Option<u16>,
    /// Whether it is kept what happens to the envelopes that its claims stand in.
    in_envelopes: bool,
}

impl OfBatch {
    fn new(selection: &Selection, batch: &ClaimBatch, show: Show) -> OfBatch {
        let active = &selection.active;
        let lacks = |active: &Active| {
            let column = active.edit.info().fields.iter().find(|&&field| !batch.columns.has(field));
            active.lacks.or_else(|| column.map(|&field| Reason::FieldAbsent(field)))
        };
        let missing: Vec<Option<Reason>> = active.iter().map(lacks).collect();
        let able = EditSet::of(&missing, Option::is_none);
        let told = if show.not_evaluated { EditSet::of(&missing, Option::is_some) } else { EditSet::default() };
        let mut problems = batch.problems.iter().chain(&batch.outside);
        OfBatch {
            missing,
            able,
            signs: selection.calls.signs_of(able),
            told,
            columns: batch.columns,
            show: Show { bypassed: true, ..show },
            internal: (0..)
                .zip(&selection.entries)
                .find(|(_, own)| own.info().id == sys::INTERNAL_ERROR)
                .map(|own| own.0),
            in_envelopes: !batch.envelopes.is_empty() || problems.any(is_of_structure),
        }
    }
}

fn is_of_structure(problem: &Problem) -> bool {
    matches!(problem.kind, ProblemKind::Structure(_))
}

/// Units that failed but are none of those that edits are evaluated on: what belongs to no claim, and panics on claims
/// that SYS001 does not judge.
#[derive(Default)]
struct Beyond(Vec<u16>);

impl Run<'_> {
    fn batch(&self, batch: &ClaimBatch, earlier: &[Earlier], memo: &mut Memo<'_>, outcome: &mut BatchOutcome) {
        let mut facts = FactsBuilder::new(self.codeset);
        let mut scratch = Scratch::default();
        let mut outside = batch.outside.iter().peekable();
        let mut policies = self.selection.policies.as_ref().map(|own| PolicyRun::new(own, self.selection));
        let of_batch = OfBatch::new(self.selection, batch, self.show);
        let ground = Ground { selection: self.selection.number, columns: batch.columns };
        let mut seen = Seen { kinds: memo.take_kinds(ground), ..Seen::default() };
        let mut beyond = Beyond::default();
        for claim in batch.iter() {
            if (claim.index as usize).is_multiple_of(AHEAD) && !self.selection.reading_alone {
                memo.approach(batch, claim.index as usize);
            }
            while let Some(problem) = outside.next_if(|problem| problem.place.offset <= claim.row.place.offset) {
                self.outside(problem, &mut beyond, outcome);
            }
            let from = outcome.findings.len();
            let recalled = Earlier::of(earlier, claim.index);
            let before = recalled.claims();
            let mut claim_facts = match self.selection.reading_alone {
                false => facts.build_after(claim, &before, memo),
                true => facts.build_after(claim, &before, &mut Unread(self.codeset)),
            };
            claim_facts.settings = &self.selection.settings;
            let activation = policies.as_mut().map(|own| own.activation(&claim_facts));
            let mut plan = &self.selection.plan;
            let decided = match &activation {
                Some(activation) => {
                    claim_facts.settings = &activation.settings;
                    plan = &activation.plan;
                    self.see(&mut activation.seen.borrow_mut(), &claim_facts, plan, &of_batch)
                }
                None => self.see(&mut seen, &claim_facts, plan, &of_batch),
            };
            let mut recorder = Recorder::new(&claim_facts, 0, of_batch.show, &mut outcome.findings, &mut scratch);
            let called = self.called(&claim_facts, &of_batch, plan).without(decided);
            let mut panicked =
                self.check_all(called, &claim_facts, plan, &of_batch, &mut recorder, &mut outcome.counts);
            self.tell_lacking(&claim_facts, plan, &of_batch, &mut recorder, &mut outcome.counts);
            if let (Some(policies), Some(activation), false) = (&mut policies, &activation, claim.row.unreadable) {
                panicked |= self.check_policies(policies, activation, &claim_facts, &of_batch, &mut scratch, outcome);
            }
            if let (true, Some(internal)) = (panicked, of_batch.internal) {
                // One unit, whatever the number of edits that panicked, and one of those that SYS001 is evaluated on
                // where it runs.
                if !claim.row.unreadable && plan.numbers.contains(&Some(internal)) {
                    outcome.counts[usize::from(internal)].fail += 1;
                } else {
                    beyond.0.push(internal);
                }
            }
            self.close(&claim_facts, from, &of_batch, outcome);
        }
        outside.for_each(|problem| self.outside(problem, &mut beyond, outcome));
        if of_batch.in_envelopes {
            let problems = batch.problems.iter().chain(&batch.outside);
            problems.for_each(|problem| self.reject(problem, &mut outcome.envelopes));
            outcome.envelopes.envelopes(batch);
        } else {
            outcome.envelopes.clean(outcome.tally.claims_clean, 0);
        }
        match policies {
            Some(policies) => {
                self.count_rest(policies.plans(), &of_batch, &mut outcome.counts);
                policies.count_passes(&mut outcome.counts);
            }
            None => self.count_rest([(&self.selection.plan, seen.take())], &of_batch, &mut outcome.counts),
        }
        memo.keep_kinds(ground, seen.kinds);
        for number in beyond.0 {
            outcome.counts[usize::from(number)].fail += 1;
        }
    }

    /// Runs the edits that are called, given by their places among the active ones, on a claim. True when one panicked.
    #[inline]
    fn check_all(
        &self,
        called: EditSet,
        facts: &ClaimFacts<'_>,
        plan: &Plan,
        of_batch: &OfBatch,
        recorder: &mut Recorder<'_>,
        counts: &mut [Counts],
    ) -> bool {
        let mut panicked = false;
        for place in called.places() {
            let edit = self.selection.active.get(place).zip(plan.number(place));
            let Some((active, number)) = edit else { continue };
            let Some(counts) = counts.get_mut(usize::from(number)) else { continue };
            recorder.turn_to(number);
            let checked = self.check(active.edit, facts, recorder);
            if !checked {
                recorder.skip_all(active.edit.info().unit, Reason::InternalError);
            }
            recorder.finish(counts);
            if !checked {
                panicked = true;
                tell_panic(&active.edit.info().id, of_batch.internal, recorder);
            }
        }
        panicked
    }

    /// Tells of each unit of a claim that edits lack a table or column to judge it, where that is shown.
    #[inline]
    fn tell_lacking(
        &self,
        facts: &ClaimFacts<'_>,
        plan: &Plan,
        of_batch: &OfBatch,
        recorder: &mut Recorder<'_>,
        counts: &mut [Counts],
    ) {
        for place in of_batch.told.and(self.selection.calls.judging(facts)).and(plan.runs).places() {
            let reason = of_batch.missing.get(place).copied().flatten();
            let edit = self.selection.active.get(place).zip(plan.number(place)).zip(reason);
            if let Some(((active, number), reason)) = edit {
                recorder.turn_to(number);
                recorder.skip_all(active.edit.info().unit, reason);
                recorder.finish(&mut counts[usize::from(number)]);
            }
        }
    }

    /// Runs the policies' own edits on a claim. True when one panicked.
    fn check_policies(
        &self,
        policies: &mut PolicyRun<'_>,
        activation: &Activation,
        facts: &ClaimFacts<'_>,
        of_batch: &OfBatch,
        scratch: &mut Scratch,
        outcome: &mut BatchOutcome,
    ) -> bool {
        let mut panicked = false;
        let guarded = match self.guard {
            Guard::Whole => Guarded::No,
            Guard::EachCheck => Guarded::Each,
        };
        policies.check(activation, facts, guarded);
        for &(number, ref verdict) in policies.verdicts() {
            self.verdict((number, verdict), facts, scratch, outcome);
            if verdict.reason == Some(Reason::InternalError) {
                panicked = true;
                let id = self.selection.entries.get(usize::from(number)).map_or("", |own| &own.info().id);
                let findings = &mut outcome.findings;
                let recorder = &mut Recorder::new(facts, 0, of_batch.show, findings, scratch);
                tell_panic(id, of_batch.internal, recorder);
            }
        }
        panicked
    }

    /// Brings the findings of a claim, those from place `from` on, into their order, accounts for the claim by them, and
    /// leaves those that are shown.
    #[inline]
    fn close(&self, facts: &ClaimFacts<'_>, from: usize, of_batch: &OfBatch, outcome: &mut BatchOutcome) {
        let found = &mut outcome.findings[from..];
        if let [_, _, ..] = found {
            found.sort_by_key(|finding| (finding.line, finding.edit));
        }
        if let Some(suppressing) = &self.selection.suppressing {
            suppressing.apply(facts, found, &mut outcome.tally);
        }
        let clean = outcome.tally.claims_clean;
        account(&mut outcome.tally, facts, found, self.selection);
        if of_batch.in_envelopes {
            outcome.envelopes.clean(outcome.tally.claims_clean - clean, facts.claim.row.place.offset);
        }
        if !self.show.bypassed || (!self.show.suppressed && self.selection.suppressing.is_some()) {
            let hidden = |finding: &mut Finding| match finding.suppressed {
                Some(_) => !self.show.suppressed,
                None => finding.outcome == Outcome::Bypassed && !self.show.bypassed,
            };
            outcome.findings.extract_if(from.., hidden).for_each(drop);
        }
        for finding in outcome.findings.get_mut(from..).unwrap_or_default() {
            locate(&facts.claim, finding);
        }
    }

    /// The edits to call on a claim, by their places among the active ones.
    #[inline]
    fn called(&self, facts: &ClaimFacts<'_>, of_batch: &OfBatch, plan: &Plan) -> EditSet {
        let calls = &self.selection.calls;
        let called = match self.called {
            Called::BySigns => calls.called(facts, of_batch.signs),
            #[cfg(test)]
            Called::All => of_batch.able,
        };
        called.and(of_batch.able).and(calls.judging(facts)).and(plan.runs)
    }

    /// Counts a claim, and gives the edits that can judge nothing of it, so that they need not be called.
    #[inline]
    fn see(&self, seen: &mut Seen, facts: &ClaimFacts<'_>, plan: &Plan, of_batch: &OfBatch) -> EditSet {
        seen.units.add(facts);
        // Each unit is told of one by one where it is shown, and many selections have no edit that tells of kinds.
        let one_by_one = self.show.not_evaluated || self.selection.of_kinds.is_empty();
        if one_by_one || self.guard == Guard::EachCheck || self.called != Called::BySigns {
            return EditSet::default();
        }
        seen.kinds.add(facts, |kind| self.decided(kind, facts, plan, of_batch))
    }

    /// The edits that can judge nothing of claims of this kind, of which `facts` are one's, and why.
    fn decided(&self, kind: &Kind, facts: &ClaimFacts<'_>, plan: &Plan, of_batch: &OfBatch) -> Vec<(usize, Reason)> {
        let judging = self.selection.calls.judging(facts).and(of_batch.able).and(plan.runs);
        let grounds = Grounds { codeset: self.codeset, settings: facts.settings, columns: of_batch.columns };
        // Of edits that not every claim of the kind calls for, some units would have passed.
        let called = |place: usize| {
            let fires = |active: &Active| kind.could_fire(active.edit.info().fires);
            judging.contains(place) && self.selection.active.get(place).is_some_and(fires)
        };
        let of_kinds = self.selection.of_kinds.iter().filter(|&&(place, _)| called(place));
        of_kinds.filter_map(|&(place, of_kind)| Some((place, of_kind(kind, &grounds)?))).collect()
    }

    /// Counts, of each built-in edit, the units of which nothing was reported: they passed, or could not be judged where
    /// the edit lacks a table or column.
    fn count_rest<'p>(
        &self,
        plans: impl IntoIterator<Item = (&'p Plan, Counted)>,
        of_batch: &OfBatch,
        counts: &mut [Counts],
    ) {
        // Under several plans an edit may report under one number.
        let mut all: Vec<(u16, Option<Reason>, u64)> = Vec::new();
        for (plan, (units, reasons)) in plans {
            for (place, reason, sums) in reasons {
                let edit = self.selection.active.get(place).zip(plan.number(place));
                let Some((active, number)) = edit else { continue };
                if let Some(own) = counts.get_mut(usize::from(number)) {
                    own.count_reason(reason, sums.of(active.edit.info().unit));
                }
            }
            for (place, active) in self.selection.active.iter().enumerate() {
                let Some(number) = plan.number(place) else { continue };
                let own = units.of(active.edit.info(), active.of_reader);
                all.push((number, of_batch.missing.get(place).copied().flatten(), own));
            }
        }
        all.sort_unstable_by_key(|&(number, ..)| number);
        for same in all.chunk_by(|a, b| a.0 == b.0) {
            let Some(&(number, missing, _)) = same.first() else { continue };
            let Some(own) = counts.get_mut(usize::from(number)) else { continue };
            let units: u64 = same.iter().map(|&(.., units)| units).sum();
            let reported = [Outcome::Fail, Outcome::Bypassed, Outcome::NotEvaluated];
            let reported: u64 = reported.into_iter().map(|outcome| own.of(outcome)).sum();
            let rest = units.saturating_sub(reported);
            match missing {
                Some(reason) if rest > 0 => own.count_reason(reason, rest),
                Some(_) => {}
                None => own.pass += rest,
            }
        }
    }

    /// Tells a problem that belongs to no claim.
    fn outside(&self, problem: &Problem, beyond: &mut Beyond, outcome: &mut BatchOutcome) {
        let own = self.selection.active.iter().enumerate().filter(|(_, active)| active.of_reader);
        for (place, active) in own {
            let Some(number) = self.selection.plan.number(place) else { continue };
            let mut finding = Finding::outside(number, problem.place);
            if active.edit.tell(problem, &mut finding) {
                beyond.0.push(number);
                if let Some(entry) = self.selection.entries.get(usize::from(number)) {
                    outcome.tally.count_finding(entry.severity());
                }
                outcome.findings.push(finding);
            }
        }
    }

    /// Keeps that a receiver rejects an envelope for this problem, if that is reported as an error.
    fn reject(&self, problem: &Problem, envelopes: &mut Happened) {
        let ProblemKind::Structure(fault) = &problem.kind else { return };
        let Some(envelope) = report::rejects(fault) else { return };
        let mut told = self.selection.active.iter().enumerate().filter(|(_, active)| active.of_reader);
        let is_error = told.any(|(place, active)| {
            let number = self.selection.plan.number(place);
            let entry = number.and_then(|number| self.selection.entries.get(usize::from(number)));
            let is_error = entry.is_some_and(|entry| entry.severity() == Severity::Error);
            is_error && active.edit.tell(problem, &mut Finding::outside(number.unwrap_or_default(), problem.place))
        });
        if is_error {
            envelopes.rejected(envelope, fault, problem.place.offset);
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
        recorder.finish(&mut outcome.counts[usize::from(number)]);
        if self.selection.entries.get(usize::from(number)).is_some_and(EditEntry::is_shadow) {
            outcome.findings.truncate(before);
        }
    }

    /// Runs an edit on a claim. False when its check panicked; then nothing of it is reported.
    #[inline]
    fn check(&self, edit: &dyn Edit, facts: &ClaimFacts<'_>, recorder: &mut Recorder<'_>) -> bool {
        match self.guard {
            Guard::Whole => {
                edit.check(facts, recorder);
                true
            }
            Guard::EachCheck => {
                let before = recorder.findings();
                let checked = catch_unwind(AssertUnwindSafe(|| edit.check(facts, recorder))).is_ok();
                if !checked {
                    recorder.abandon(before);
                }
                checked
            }
        }
    }
}

/// Puts a SYS001 finding in the place of what the edit would have said, whether SYS001, which has the number `internal`,
/// was selected or not: the claim must not count as clean. Counted is it apart.
fn tell_panic(id: &str, internal: Option<u16>, recorder: &mut Recorder<'_>) {
    let Some(internal) = internal else { return };
    recorder.turn_to(internal);
    recorder.fail_claim(Field::ClaimId, 0).with(sys::EDIT_VALUE, Value::Text(id.to_owned()));
    recorder.forget();
}

/// Says of a finding on an 837 which segment, loop and element it is about. What could not be read has its place
/// already, where it is of no field.
fn locate(claim: &ClaimView<'_>, finding: &mut Finding) {
    let Some(field) = finding.field.filter(|_| finding.value(LOOP).is_none()) else { return };
    let origin = match Field::BESIDE.contains(&field) {
        true => claim.origin_of_item(field, finding.item),
        false => claim.origin(finding.line, field),
    };
    let Some(origin) = origin else { return };
    finding.place = origin.place;
    finding.with(LOOP, Value::Text(origin.loop_id.to_owned()));
    if let Some(element) = origin.element {
        finding.with(ELEMENT, Value::Text(element.to_string()));
    }
}

/// Whether the bypassed finding at this place is the one by which its unit is counted: the first of a unit that did not
/// fail. A line may be released of one pair after another. Findings are in the order of lines, then edits.
fn releases_a_unit(findings: &[Finding], place: usize, unit: Unit) -> bool {
    let Some((before, [own, after @ ..])) = findings.split_at_checked(place) else { return false };
    let beside = |other: &&Finding| (other.line, other.edit) == (own.line, own.edit);
    let is_same = |other: &Finding| match unit {
        Unit::Claim | Unit::Line => true,
        Unit::Diagnosis | Unit::AnyDiagnosis => (other.field, other.item) == (own.field, own.item),
    };
    let counts = |other: &Finding| matches!(other.outcome, Outcome::Fail | Outcome::Bypassed) && is_same(other);
    let fails = |other: &Finding| other.outcome == Outcome::Fail && is_same(other);
    !before.iter().rev().take_while(beside).any(counts) && !after.iter().take_while(beside).any(fails)
}

/// Accounts for a claim by its findings. Its charge is the claim's total, else the sum of its lines.
fn account(tally: &mut Tally, facts: &ClaimFacts<'_>, findings: &[Finding], selection: &Selection) {
    let (mut worst, mut suppressed) = (None, None);
    for (place, finding) in findings.iter().enumerate() {
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
            (Outcome::Bypassed, Some(entry)) => {
                if let Some(&Value::Modifier(modifier)) = finding.value("modifier")
                    && releases_a_unit(findings, place, entry.info().unit)
                {
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
