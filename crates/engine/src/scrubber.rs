//! The scrubber: a codeset, the edits that run, and how they report.

use crate::across::Earlier;
use crate::batch::{self, BatchOutcome, Called};
use crate::memo::Memo;
use crate::selection::{Choice, ChoiceError, Selection};
use crate::suppress::Suppressing;
use claims::{Claim, ClaimBatch, Columns};
use codes::Date;
use codeset::Codeset;
use edits::{Finding, Resolver, Settings, Severity, Show};
use policy::{Policies, Policy, Site, Suppression};
use report::{Context, EditEntry, FindingWriter, Format, SuppressionFacts};
use std::fmt;
use std::sync::Arc;

/// Chooses the edits of a [`Scrubber`].
#[derive(Clone, Debug)]
pub struct ScrubberBuilder {
    codeset: Codeset,
    choice: Choice,
    show: Show,
    policies: Option<Arc<Policies>>,
    settings: Settings,
    suppressions: Vec<Suppression>,
    today: Option<Date>,
}

impl ScrubberBuilder {
    /// Judges claims by these payers' policies too, which must have been compiled against the scrubber's codeset.
    #[must_use]
    pub fn policies(mut self, policies: impl Into<Arc<Policies>>) -> Self {
        self.policies = Some(policies.into());
        self
    }

    /// Runs only the edits that some such call names: by id (`PTP002`), name (`ptp-needs-modifier`) or the
    /// beginning of ids (`PTP`). Without any, every edit runs that is on by default.
    #[must_use]
    pub fn select(mut self, edit: impl Into<String>) -> Self {
        self.choice.select.push(edit.into());
        self
    }

    /// Does not run these edits, whatever selects them.
    #[must_use]
    pub fn ignore(mut self, edit: impl Into<String>) -> Self {
        self.choice.ignore.push(edit.into());
        self
    }

    /// Gives these edits a severity other than their own; the last call that names an edit holds.
    #[must_use]
    pub fn severity(mut self, edit: impl Into<String>, severity: Severity) -> Self {
        self.choice.severity.push((edit.into(), severity));
        self
    }

    /// Takes a site's choices: the edits that run, their severities, what is shown, the parameters of built-in edits and
    /// the suppressions. What was chosen before stays where the site says nothing of it, and what is chosen later wins. The site's codeset and policies, and
    /// how it reads and writes, are the caller's to follow.
    #[must_use]
    pub fn site(mut self, site: &Site) -> Self {
        self.choice.select.extend_from_slice(site.select());
        self.choice.ignore.extend_from_slice(site.ignore());
        self.choice.severity.extend_from_slice(site.severity());
        let Show { bypassed, not_evaluated, suppressed } = site.show();
        self.show.bypassed |= bypassed;
        self.show.not_evaluated |= not_evaluated;
        self.show.suppressed |= suppressed;
        site.settle(&mut self.settings);
        self.suppressions(site.suppressions())
    }

    /// Gives the parameters of built-in edits, on claims whose payer's policy says nothing else.
    #[must_use]
    pub fn settings(mut self, settings: Settings) -> Self {
        self.settings = settings;
        self
    }

    /// Does not report what these suppressions cover. They are counted ([`Tally::suppressed`](report::Tally)), and so is
    /// what they would have covered, were their last day not past.
    #[must_use]
    pub fn suppressions(mut self, suppressions: &[Suppression]) -> Self {
        self.suppressions.extend_from_slice(suppressions);
        self
    }

    /// Says which day it is, for suppressions of claims without a received date. Without it these do not hold: nothing
    /// here reads a clock.
    #[must_use]
    pub fn today(mut self, today: Date) -> Self {
        self.today = Some(today);
        self
    }

    /// Makes findings also of failures that the site suppresses.
    #[must_use]
    pub fn show_suppressed(mut self, show: bool) -> Self {
        self.show.suppressed = show;
        self
    }

    /// Makes findings also of evaluations that a modifier, code or date released.
    #[must_use]
    pub fn show_bypassed(mut self, show: bool) -> Self {
        self.show.bypassed = show;
        self
    }

    /// Makes findings also of evaluations that were not possible.
    #[must_use]
    pub fn show_not_evaluated(mut self, show: bool) -> Self {
        self.show.not_evaluated = show;
        self
    }

    /// The scrubber.
    ///
    /// # Errors
    /// When a selection names no edit, or leaves none, or the policies are for another codeset.
    pub fn build(self) -> Result<Scrubber, ChoiceError> {
        let selection = Selection::new(&self.choice, &self.codeset, self.policies.as_ref())?;
        Ok(self.with(selection))
    }

    /// A scrubber of these edits, in the order of their ids.
    #[cfg(test)]
    pub(crate) fn build_among(self, edits: Vec<&'static dyn edits::Edit>) -> Result<Scrubber, ChoiceError> {
        let selection = Selection::among(edits, &self.choice, &self.codeset, self.policies.as_ref())?;
        Ok(self.with(selection))
    }

    fn with(self, mut selection: Selection) -> Scrubber {
        selection.settings = self.settings;
        selection.suppressing = Suppressing::new(self.suppressions, self.today, &selection);
        Scrubber { parts: Arc::new(Parts { codeset: self.codeset, selection, show: self.show }) }
    }
}

/// Scrubs claims. Cloning shares it; it is `Send` and `Sync`, and scrubbing takes no lock.
#[derive(Clone)]
pub struct Scrubber {
    parts: Arc<Parts>,
}

struct Parts {
    codeset: Codeset,
    selection: Selection,
    show: Show,
}

impl Scrubber {
    /// Begins a scrubber that reads this codeset.
    pub fn builder(codeset: Codeset) -> ScrubberBuilder {
        ScrubberBuilder {
            codeset,
            choice: Choice::default(),
            show: Show::default(),
            policies: None,
            settings: Settings::DEFAULT,
            suppressions: Vec::new(),
            today: None,
        }
    }

    /// The codeset it reads.
    pub fn codeset(&self) -> &Codeset {
        &self.parts.codeset
    }

    /// Every edit that exists, whether it runs or not, with its severity here; a built-in edit that a policy changes
    /// for its payers stands once more for each such policy. A finding names its edit by the
    /// place in this list.
    pub fn edits(&self) -> &[EditEntry] {
        &self.parts.selection.entries
    }

    /// The policies that it judges by.
    pub fn policies(&self) -> &[Policy] {
        self.parts.selection.policies.as_ref().map_or(&[], |own| own.policies.all())
    }

    /// Whether nothing is judged but how the claims could be read, so that none is looked up or looked back from.
    pub(crate) fn reading_alone(&self) -> bool {
        self.parts.selection.reading_alone
    }

    /// Whether the edit at this place of [`Scrubber::edits`] runs.
    pub fn runs(&self, edit: u16) -> bool {
        self.parts.selection.runs(edit)
    }

    /// The site's suppressions, as a run's summary tells them, in the order in which findings number them.
    pub fn suppressions(&self) -> Vec<SuppressionFacts> {
        self.parts.selection.suppressing.as_ref().map_or_else(Vec::new, |own| own.facts(&self.parts.selection))
    }

    /// The day that suppressions of claims without a received date are held against.
    pub fn today(&self) -> Option<Date> {
        self.parts.selection.suppressing.as_ref().and_then(|own| own.today())
    }

    /// Scrubs one claim.
    pub fn scrub(&self, claim: &Claim) -> Scrubbed<'_> {
        let mut batch = ClaimBatch::new(Columns::ALL);
        batch.push(claim);
        let mut outcome = BatchOutcome::default();
        self.scrub_claims(&batch, &mut self.memo(), &mut outcome);
        Scrubbed { scrubber: self, batch, outcome }
    }

    /// Scrubs a batch of claims, none of which is compared with another, into `outcome`, whose memory is reused. The memo
    /// is in front of this scrubber's codeset, and of use to the next batch too. One in front of another codeset, whose
    /// codes are other ones, is not asked: the batch is scrubbed with a new memo.
    pub fn scrub_claims(&self, batch: &ClaimBatch, memo: &mut Memo<'_>, outcome: &mut BatchOutcome) {
        match memo.codeset().id() == self.parts.codeset.id() {
            true => self.scrub_batch(batch, &[], memo, outcome),
            false => self.scrub_batch(batch, &[], &mut self.memo(), outcome),
        }
    }

    /// A memo for [`Scrubber::scrub_batch`], one a worker.
    pub(crate) fn memo(&self) -> Memo<'_> {
        Memo::new(&self.parts.codeset)
    }

    /// Scrubs a batch, with the claims that came before some of its own, into `outcome`, whose memory is reused.
    pub(crate) fn scrub_batch(
        &self,
        batch: &ClaimBatch,
        earlier: &[Earlier],
        memo: &mut Memo<'_>,
        outcome: &mut BatchOutcome,
    ) {
        let parts = &*self.parts;
        batch::scrub(&parts.codeset, &parts.selection, (parts.show, Called::BySigns), batch, earlier, memo, outcome);
    }
}

#[cfg(test)]
impl Scrubber {
    /// As [`Scrubber::scrub_batch`], but with every edit called on every claim that it judges, whatever the claim shows.
    pub(crate) fn scrub_batch_plainly(&self, batch: &ClaimBatch, earlier: &[Earlier], outcome: &mut BatchOutcome) {
        let parts = &*self.parts;
        let how = (parts.show, Called::All);
        batch::scrub(&parts.codeset, &parts.selection, how, batch, earlier, &mut self.memo(), outcome);
    }
}

impl fmt::Debug for Scrubber {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Scrubber")
            .field("codeset", &self.parts.codeset.id())
            .field("edits", &self.parts.selection.active.len())
            .finish_non_exhaustive()
    }
}

/// What scrubbing one claim gave.
#[derive(Debug)]
pub struct Scrubbed<'s> {
    scrubber: &'s Scrubber,
    batch: ClaimBatch,
    outcome: BatchOutcome,
}

impl Scrubbed<'_> {
    /// The findings: of the claim as a whole first, then line by line, in the order of the edits' ids.
    pub fn findings(&self) -> &[Finding] {
        &self.outcome.findings
    }

    /// How every edit of [`Scrubber::edits`] came out, and how the claim counts.
    pub fn outcome(&self) -> &BatchOutcome {
        &self.outcome
    }

    /// Whether nothing failed at severity `error` and all of the claim could be read.
    pub fn is_clean(&self) -> bool {
        self.outcome.tally.claims_clean == 1
    }

    /// The findings as one JSON object a line, as `cleanclaim scrub --format ndjson` writes them.
    pub fn to_ndjson(&self) -> String {
        let writer = FindingWriter::new(Format::Ndjson);
        let context = Context {
            edits: self.scrubber.edits(),
            batch: &self.batch,
            codeset: self.scrubber.codeset(),
            file: "",
            in_segments: false,
        };
        let mut out = Vec::new();
        for finding in &self.outcome.findings {
            writer.write(finding, &context, &mut out);
        }
        String::from_utf8(out).unwrap_or_default()
    }
}
