//! Which policies apply to a claim, and what their edits come to.

use crate::kinds::Kinds;
use crate::selection::{Plan, PolicySelection, Selection};
use crate::units::{CLAIM_TYPES, Sums, Units};
use ahash::RandomState;
use claims::{ClaimView, Field};
use codes::Date;
use edits::{ClaimFacts, Counts, Outcome, Reason, Settings, Unit};
use policy::{Guarded, PolicyScratch, Verdict};
use std::cell::RefCell;
use std::collections::HashMap;
use std::fmt::Write;
use std::rc::Rc;

/// What holds for the claims to which the same policies apply.
pub(crate) struct Activation {
    policies: Rc<[u16]>,
    pub(crate) plan: Plan,
    pub(crate) settings: Settings,
    /// What was judged under it.
    pub(crate) seen: RefCell<Seen>,
}

/// The claims that were judged under a plan.
#[derive(Default)]
pub(crate) struct Seen {
    pub(crate) units: Units,
    pub(crate) kinds: Kinds,
}

/// The units of claims that were judged under a plan, and of which edits could judge none and why, as
/// [`Kinds::take_reasons`] has them.
pub(crate) type Counted = (Units, Vec<(usize, Reason, Sums)>);

impl Seen {
    /// What was seen, which is forgotten.
    pub(crate) fn take(&mut self) -> Counted {
        (std::mem::take(&mut self.units), self.kinds.take_reasons())
    }
}

/// The policies of one batch. A batch has few payers, so what was found for one claim holds for many.
pub(crate) struct PolicyRun<'p> {
    selection: &'p PolicySelection,
    /// As without any policy.
    plan: &'p Plan,
    /// As without any policy.
    settings: Settings,
    /// The policies for a payer, type, state, plan and contractor, whatever the day.
    by_claim: HashMap<String, Rc<[u16]>, RandomState>,
    by_policies: HashMap<Rc<[u16]>, Rc<Activation>, RandomState>,
    key: String,
    scratch: PolicyScratch,
    found: Vec<Verdict>,
    verdicts: Vec<(u16, Verdict)>,
    /// For each policy the claims and lines that it judged, by type of claim.
    units: Vec<[Judged; CLAIM_TYPES.len()]>,
}

#[derive(Clone, Copy, Default)]
struct Judged {
    claims: u64,
    lines: u64,
}

impl<'p> PolicyRun<'p> {
    pub(crate) fn new(own: &'p PolicySelection, all: &'p Selection) -> PolicyRun<'p> {
        // Fixed seeds, as the memo of codes has: one run is as the next.
        let state = || RandomState::with_seeds(1, 2, 3, 4);
        PolicyRun {
            selection: own,
            plan: &all.plan,
            settings: all.settings,
            by_claim: HashMap::with_hasher(state()),
            by_policies: HashMap::with_hasher(state()),
            key: String::new(),
            scratch: PolicyScratch::default(),
            found: Vec::new(),
            verdicts: Vec::new(),
            units: vec![Default::default(); own.policies.all().len()],
        }
    }

    /// What holds for the claim.
    pub(crate) fn activation(&mut self, facts: &ClaimFacts<'_>) -> Rc<Activation> {
        let claim = &facts.claim;
        self.write_key(claim);
        let policies = match self.by_claim.get(self.key.as_str()) {
            Some(policies) => Rc::clone(policies),
            None => {
                let all = self.selection.policies.all().iter().zip(0u16..);
                let policies: Rc<[u16]> = all.filter(|(own, _)| own.takes(claim)).map(|(_, place)| place).collect();
                self.by_claim.insert(self.key.clone(), Rc::clone(&policies));
                policies
            }
        };
        let policy = |place: u16| self.selection.policies.all().get(usize::from(place));
        let policies = if policies.iter().any(|&own| policy(own).is_some_and(|own| own.is_dated())) {
            let first = facts.lines.iter().filter_map(|line| line.date).min();
            let day: Option<Date> = first.or(claim.row.statement_from.value());
            policies.iter().copied().filter(|&own| policy(own).is_some_and(|own| own.applies_on(day))).collect()
        } else {
            policies
        };
        if let Some(activation) = self.by_policies.get(&policies) {
            return Rc::clone(activation);
        }
        let activation = Rc::new(self.activate(Rc::clone(&policies)));
        self.by_policies.insert(policies, Rc::clone(&activation));
        activation
    }

    /// All that decides which policies may apply.
    fn write_key(&mut self, claim: &ClaimView<'_>) {
        let (batch, row) = (claim.batch, claim.row);
        let plan = claim.text_of(Field::ClaimFiling).unwrap_or_default();
        self.key.clear();
        // Writing to a String does not fail. With its length before each text, no two claims share a key by chance.
        for text in [batch.text(row.payer), batch.text(row.contractor), plan] {
            let _ = write!(self.key, "{}:{text}", text.len());
        }
        let _ = write!(self.key, "{}{}", row.claim_type.letter(), row.state);
    }

    fn activate(&self, policies: Rc<[u16]>) -> Activation {
        let mut plan = self.plan.numbers.clone();
        let mut settings = self.settings;
        for place in policies.iter().map(|&place| usize::from(place)) {
            if let Some(policy) = self.selection.policies.all().get(place) {
                policy.settle(&mut settings);
            }
            for &(active, number) in self.selection.changes.get(place).into_iter().flatten() {
                if let Some(own) = plan.get_mut(active) {
                    *own = number;
                }
            }
        }
        Activation { policies, plan: Plan::new(plan), settings, seen: RefCell::default() }
    }

    /// Judges a readable claim by the policies that apply to it; see [`PolicyRun::verdicts`].
    pub(crate) fn check(&mut self, activation: &Activation, facts: &ClaimFacts<'_>, guarded: Guarded) {
        self.verdicts.clear();
        for &place in activation.policies.iter() {
            let place = usize::from(place);
            let Some(policy) = self.selection.policies.all().get(place) else { continue };
            let claim_type = facts.claim_type() as usize;
            if let Some(judged) = self.units.get_mut(place).and_then(|own| own.get_mut(claim_type)) {
                judged.claims += 1;
                judged.lines += facts.lines.len() as u64;
            }
            self.found.clear();
            policy.check(facts, guarded, &mut self.scratch, &mut self.found);
            let numbers = self.selection.numbers.get(place).map_or(&[][..], Vec::as_slice);
            for verdict in self.found.drain(..) {
                if let Some(&Some(number)) = numbers.get(verdict.edit as usize) {
                    self.verdicts.push((number, verdict));
                }
            }
        }
    }

    /// What was judged of the built-in edits under each plan.
    pub(crate) fn plans(&self) -> impl Iterator<Item = (&Plan, Counted)> {
        self.by_policies.values().map(|own| (&own.plan, own.seen.borrow_mut().take()))
    }

    /// What came of the last claim that was checked, but for plain passes.
    pub(crate) fn verdicts(&self) -> &[(u16, Verdict)] {
        &self.verdicts
    }

    /// Counts as passed every unit of which nothing was reported: once a batch, so that an edit that no claim could
    /// set off costs nothing a claim.
    pub(crate) fn count_passes(self, counts: &mut [Counts]) {
        for ((policy, numbers), judged) in
            self.selection.policies.all().iter().zip(&self.selection.numbers).zip(&self.units)
        {
            for (edit, number) in policy.edits().iter().zip(numbers) {
                let info = edit.info();
                let own = number.and_then(|number| counts.get_mut(usize::from(number)));
                let Some(own) = own else { continue };
                let units: u64 = CLAIM_TYPES
                    .into_iter()
                    .zip(judged)
                    .filter(|&(claim_type, _)| info.claims.contains(claim_type))
                    .map(|(_, judged)| if info.unit == Unit::Line { judged.lines } else { judged.claims })
                    .sum();
                let reported = [Outcome::Fail, Outcome::Bypassed, Outcome::NotEvaluated];
                let reported: u64 = reported.into_iter().map(|outcome| own.of(outcome)).sum();
                own.pass += units.saturating_sub(reported);
            }
        }
    }
}
