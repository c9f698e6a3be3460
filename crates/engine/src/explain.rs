//! How a policy's edit came out on the claims of an input, and what a new version of a policy would change.

use crate::across::{Episodes, Window};
use crate::batch::BatchOutcome;
use crate::order::find_apart;
use crate::scrubber::Scrubber;
use crate::selection::ChoiceError;
use crate::stream::RunError;
use claims::{Chunk, ChunkParser, ClaimBatch, ClaimIdWindow, ClaimReader, ClaimView, Place};
use codes::Money;
use codeset::Codeset;
use edits::{FactsBuilder, Outcome};
use policy::{Explanation, Policy};
use std::collections::{BTreeMap, BTreeSet};
use std::panic::{AssertUnwindSafe, catch_unwind};

/// One claim's explanation.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct ClaimExplanation {
    /// The claim.
    pub claim_id: String,
    /// Why the policy does not apply to it; empty where it does. It is explained all the same.
    pub not_applied: Vec<String>,
    /// How the edit came out on each line or on the claim; empty where the edit is not for claims of its type.
    pub units: Vec<Explanation>,
}

/// Reads and parses the next chunk. A panic of either is an error with the place of the last chunk, which `offset` keeps.
fn next_parsed(
    reader: &mut dyn ClaimReader,
    parser: &dyn ChunkParser,
    batch: &mut ClaimBatch,
    offset: &mut u64,
) -> Result<Option<Chunk>, RunError> {
    let read = catch_unwind(AssertUnwindSafe(|| {
        let chunk = reader.next_chunk()?;
        if let Some(chunk) = &chunk {
            *offset = chunk.place().offset;
            parser.parse(chunk, batch);
        }
        Ok(chunk)
    }));
    read.unwrap_or_else(|_| Err(RunError::Internal { file: reader.name().to_owned(), offset: *offset }))
}

/// Explains an edit of a policy (its place in [`Policy::edits`]) on every claim of an input.
///
/// # Errors
/// When the policy was compiled against another codeset, or the input cannot be read further. What was read before has
/// been explained.
pub fn explain(
    codeset: &Codeset,
    policy: &Policy,
    edit: u32,
    reader: &mut dyn ClaimReader,
    take: &mut dyn FnMut(ClaimExplanation),
) -> Result<(), RunError> {
    if policy.codeset() != codeset.id() {
        let (expected, got) = (policy.codeset().to_owned(), codeset.id().to_owned());
        return Err(ChoiceError::OtherCodeset { expected, got }.into());
    }
    let (parser, mut batch, mut offset) = (reader.parser(), ClaimBatch::default(), 0);
    while let Some(chunk) = next_parsed(reader, &*parser, &mut batch, &mut offset)? {
        let mut facts = FactsBuilder::new(codeset);
        for claim in batch.iter() {
            let facts = facts.build(claim, &mut &*codeset);
            let first = facts.lines.iter().filter_map(|line| line.date).min();
            let day = first.or(claim.row.statement_from.value());
            take(ClaimExplanation {
                claim_id: claim.id().to_owned(),
                not_applied: policy.refuses(&claim, day),
                units: policy.explain(edit, &facts),
            });
        }
        reader.recycle(chunk.into_bytes());
    }
    Ok(())
}

/// A failure that only one of two scrubbers finds.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Debug)]
pub struct Difference {
    /// The line's number; `None` for the claim as a whole.
    pub line: Option<u32>,
    /// The edit.
    pub edit: String,
}

/// What another scrubber makes of a claim.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct ClaimChange {
    /// The claim.
    pub claim_id: String,
    /// Where it begins in its input.
    pub place: Place,
    /// What fails only under the new one.
    pub newly_failing: Vec<Difference>,
    /// What fails only under the old one.
    pub newly_passing: Vec<Difference>,
    /// Charges of the lines of which something fails under the new one and nothing did under the old. A failure of
    /// the claim as a whole is one of all its lines.
    pub charge_newly_failing: Money,
    /// Charges of the lines of which something failed under the old one and nothing does under the new.
    pub charge_newly_passing: Money,
}

/// How an edit comes out otherwise under another scrubber.
#[derive(Clone, Copy, PartialEq, Eq, Default, Debug)]
pub struct EditChange {
    /// Claims on which it fails only under the new one, or on more lines.
    pub claims_newly_failing: u64,
    /// Claims on which it failed only under the old one, or on more lines.
    pub claims_newly_passing: u64,
    /// Charges of the lines on which it newly fails, in cents; of the whole claim where it fails on the claim.
    pub charge_newly_failing: i128,
    /// Charges of the lines on which it fails no more, in cents; of the whole claim where it failed on the claim.
    pub charge_newly_passing: i128,
}

/// What another scrubber makes of all claims of an input.
#[derive(Clone, PartialEq, Eq, Default, Debug)]
pub struct ChangeTotals {
    /// Claims read.
    pub claims: u64,
    /// Those that change.
    pub changed: u64,
    /// Those of which something fails under the new one and nothing did under the old.
    pub claims_newly_failing: u64,
    /// Those of which something failed under the old one and nothing does under the new.
    pub claims_newly_passing: u64,
    /// Lines of which something newly fails.
    pub lines_newly_failing: u64,
    /// Lines of which nothing fails any more.
    pub lines_newly_passing: u64,
    /// Their charges, in cents.
    pub charge_newly_failing: i128,
    /// Their charges, in cents.
    pub charge_newly_passing: i128,
    /// The edits that come out otherwise on some claim, by id.
    pub by_edit: BTreeMap<String, EditChange>,
}

/// Scrubs an input by two scrubbers, and tells of every claim on which they differ, in input order. What edits find
/// between claims is judged among those of this input, as a scrub of it does. One chunk is held at a time.
///
/// # Errors
/// When the input cannot be read further. What was read before has been told.
pub fn compare(
    old: &Scrubber,
    new: &Scrubber,
    reader: &mut dyn ClaimReader,
    take: &mut dyn FnMut(ClaimChange),
) -> Result<ChangeTotals, RunError> {
    let (parser, mut batch, mut offset) = (reader.parser(), ClaimBatch::default(), 0);
    let (mut memo_old, mut memo_new) = (old.memo(), new.memo());
    let (mut by_old, mut by_new) = (BatchOutcome::default(), BatchOutcome::default());
    let mut totals = ChangeTotals::default();
    let mut window = Window::default();
    let rows_of = reader.rows_make_claims().then_some(0);
    let mut ids = rows_of.map(|_| ClaimIdWindow::default());
    while let Some(chunk) = next_parsed(reader, &*parser, &mut batch, &mut offset)? {
        let earlier = window.look(Episodes::default().filled(&batch, rows_of));
        if let Some(ids) = &mut ids {
            let hashes: Vec<Option<u64>> = batch.iter().map(|claim| ClaimIdWindow::hash(claim.id())).collect();
            find_apart(&mut batch, &hashes, ids);
        }
        rayon::join(
            || old.scrub_batch(&batch, &earlier, &mut memo_old, &mut by_old),
            || new.scrub_batch(&batch, &earlier, &mut memo_new, &mut by_new),
        );
        // Findings stand in the order of the claims.
        let (mut rest_old, mut rest_new) = (by_old.findings.as_slice(), by_new.findings.as_slice());
        for claim in batch.iter() {
            totals.claims += 1;
            let failures_old = failures(old, &claim, &mut rest_old);
            let failures_new = failures(new, &claim, &mut rest_new);
            if failures_old == failures_new {
                continue;
            }
            let mut change = ClaimChange {
                claim_id: claim.id().to_owned(),
                place: claim.row.place,
                newly_failing: told(&claim, failures_new.difference(&failures_old)),
                newly_passing: told(&claim, failures_old.difference(&failures_new)),
                charge_newly_failing: Money::default(),
                charge_newly_passing: Money::default(),
            };
            let (fail_old, fail_new) = (Failing::of(&failures_old), Failing::of(&failures_new));
            for (line, number) in claim.lines().iter().zip(0u32..) {
                let charge = line.charge.value().unwrap_or_default();
                let (charges, lines) = match (fail_old.has(number), fail_new.has(number)) {
                    (false, true) => (&mut change.charge_newly_failing, &mut totals.lines_newly_failing),
                    (true, false) => (&mut change.charge_newly_passing, &mut totals.lines_newly_passing),
                    _ => continue,
                };
                *charges = charges.checked_add(charge).unwrap_or(*charges);
                *lines += 1;
            }
            totals.changed += 1;
            totals.claims_newly_failing += u64::from(failures_old.is_empty());
            totals.claims_newly_passing += u64::from(failures_new.is_empty());
            for (edit, charge) in by_edit(&claim, failures_new.difference(&failures_old)) {
                let own = totals.by_edit.entry(edit.to_owned()).or_default();
                own.claims_newly_failing += 1;
                own.charge_newly_failing += charge;
            }
            for (edit, charge) in by_edit(&claim, failures_old.difference(&failures_new)) {
                let own = totals.by_edit.entry(edit.to_owned()).or_default();
                own.claims_newly_passing += 1;
                own.charge_newly_passing += charge;
            }
            totals.charge_newly_failing += i128::from(change.charge_newly_failing.cents());
            totals.charge_newly_passing += i128::from(change.charge_newly_passing.cents());
            take(change);
        }
        reader.recycle(chunk.into_bytes());
    }
    Ok(totals)
}

type Failures<'s> = BTreeSet<(Option<u32>, &'s str)>;

/// What fails of the claim, by the line's place and the edit's id; takes its findings off the rest.
fn failures<'s>(scrubber: &'s Scrubber, claim: &ClaimView<'_>, rest: &mut &[edits::Finding]) -> Failures<'s> {
    let (own, after) = rest.split_at(rest.partition_point(|finding| finding.claim <= claim.index));
    *rest = after;
    let failed = own.iter().filter(|finding| finding.outcome == Outcome::Fail);
    failed
        .filter_map(|finding| {
            let edit = scrubber.edits().get(usize::from(finding.edit))?;
            Some((finding.line, edit.info().id.as_ref()))
        })
        .collect()
}

fn told<'s>(claim: &ClaimView<'_>, only: impl Iterator<Item = &'s (Option<u32>, &'s str)>) -> Vec<Difference> {
    let number = |line: u32| claim.lines().get(line as usize).map(|line| line.number);
    only.map(|&(line, edit)| Difference { line: line.and_then(number), edit: edit.to_owned() }).collect()
}

/// The edits among these failures, each with the charges of the lines it is about, in cents.
fn by_edit<'s>(
    claim: &ClaimView<'_>,
    only: impl Iterator<Item = &'s (Option<u32>, &'s str)>,
) -> BTreeMap<&'s str, i128> {
    let mut failing: BTreeMap<&str, Failing> = BTreeMap::new();
    for &(line, edit) in only {
        let own = failing.entry(edit).or_default();
        own.all |= line.is_none();
        own.lines.extend(line);
    }
    let charge = |own: &Failing| -> i128 {
        let lines = claim.lines().iter().zip(0u32..).filter(|&(_, number)| own.has(number));
        lines.map(|(line, _)| i128::from(line.charge.value().unwrap_or_default().cents())).sum()
    };
    failing.into_iter().map(|(edit, own)| (edit, charge(&own))).collect()
}

/// The lines of which something fails.
#[derive(Default)]
struct Failing {
    all: bool,
    lines: BTreeSet<u32>,
}

impl Failing {
    fn of(failures: &Failures<'_>) -> Failing {
        let all = failures.iter().any(|(line, _)| line.is_none());
        Failing { all, lines: failures.iter().filter_map(|&(line, _)| line).collect() }
    }

    fn has(&self, line: u32) -> bool {
        self.all || self.lines.contains(&line)
    }
}
