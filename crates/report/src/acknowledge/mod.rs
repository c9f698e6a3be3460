//! Acknowledgments of an X12 input: what of it was accepted and what rejected, as X12 itself.
//!
//! The 999 answers each transaction set by its structure; the 277CA answers each claim by all of its findings, and rejects
//! those that stand in an envelope which is rejected whole. That is known when an interchange ends: until then the 277CA
//! keeps what it answers of each claim, some 100 bytes, and some 200 of each transaction set. Dates and control numbers are
//! the input's, so that the same input gives the same bytes.

mod claims_status;
mod implementation;
mod output;
mod status;

use crate::EditEntry;
use claims::{ClaimBatch, Fault, Place, ProblemKind, Structure, TraceSegment};
use claims_status::ClaimsStatus;
use codes::Date;
use edits::{Finding, Outcome, Severity};
use implementation::Implementation;
pub use implementation::rejects;
use output::{Output, names_of};
use status::Status;
use std::fmt;
use std::io::{self, Write};

/// A kind of acknowledgment.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
pub enum AcknowledgmentKind {
    /// 999, implementation acknowledgment (005010X231A1): transaction sets, by their structure.
    Implementation,
    /// 277CA, claim acknowledgment (005010X214): claims, by their findings.
    ClaimStatus,
}

impl AcknowledgmentKind {
    /// All kinds.
    pub const ALL: [AcknowledgmentKind; 2] = [AcknowledgmentKind::Implementation, AcknowledgmentKind::ClaimStatus];

    /// Its name on the command line: `999`, `277ca`.
    pub const fn name(self) -> &'static str {
        match self {
            AcknowledgmentKind::Implementation => "999",
            AcknowledgmentKind::ClaimStatus => "277ca",
        }
    }

    /// The kind of this name.
    pub fn from_name(name: &str) -> Option<AcknowledgmentKind> {
        AcknowledgmentKind::ALL.into_iter().find(|kind| kind.name().eq_ignore_ascii_case(name))
    }
}

impl fmt::Display for AcknowledgmentKind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.name())
    }
}

/// What an acknowledgment takes from one batch: parts can be made in parallel, and are taken in input order.
#[derive(Default)]
pub struct AcknowledgmentPart {
    events: Vec<(u64, u8, Event)>,
}

/// Something that happens in the input.
enum Event {
    Segment(TraceSegment, Option<ClaimAnswer>),
    Fault(Structure),
}

/// What is answered for a claim.
#[derive(Clone, Default)]
struct ClaimAnswer {
    /// Why it is rejected; empty if none of its findings is an error and it could be read.
    reasons: Vec<Status>,
    cents: i64,
    bill_type: String,
    days: Option<(Date, Date)>,
}

impl AcknowledgmentPart {
    /// The part of a batch, of which these are the findings; `edits` are the run's.
    pub fn new(batch: &ClaimBatch, findings: &[Finding], edits: &[EditEntry]) -> AcknowledgmentPart {
        let mut reasons: Vec<Vec<Status>> = vec![Vec::new(); batch.claims.len()];
        for (claim, reasons) in batch.iter().zip(&mut reasons) {
            reasons.extend(claim.row.unreadable.then_some(Status::UNREADABLE));
        }
        // What the site suppresses it stands for: such a claim goes on to the payer.
        let reported = |finding: &&Finding| finding.outcome == Outcome::Fail && finding.suppressed.is_none();
        for finding in findings.iter().filter(reported) {
            let Some(edit) = edits.get(usize::from(finding.edit)) else { continue };
            if edit.severity_of(finding) != Severity::Error {
                continue;
            }
            let reason = Status::of(&edit.info().id, finding.field, finding.line.is_some());
            if let Some(reasons) = reasons.get_mut(finding.claim as usize)
                && reasons.len() < status::MOST
                && !reasons.iter().any(|own| own.says(reason))
            {
                reasons.push(reason);
            }
        }
        let mut part = AcknowledgmentPart::default();
        for segment in &batch.trace {
            let answer = segment.claim.filter(|_| segment.id() == "CLM").map(|claim| answer(batch, claim, &reasons));
            part.push(segment.place, 1, Event::Segment(segment.clone(), answer));
        }
        for problem in batch.problems.iter().chain(&batch.outside) {
            if let ProblemKind::Structure(structure) = problem.kind {
                // What is wrong with a header is of the envelope that it opens; all else is of the one before.
                let of_header = matches!(structure.segment.as_str(), "ISA" | "GS" | "ST")
                    && !matches!(structure.fault, Fault::NoTrailer | Fault::NoHeader);
                part.push(problem.place, if of_header { 2 } else { 0 }, Event::Fault(structure));
            }
        }
        part.events.sort_by_key(|(offset, rank, _)| (*offset, *rank));
        part
    }

    fn push(&mut self, place: Place, rank: u8, event: Event) {
        self.events.push((place.offset, rank, event));
    }
}

fn answer(batch: &ClaimBatch, claim: u32, reasons: &[Vec<Status>]) -> ClaimAnswer {
    let view = batch.claim(claim);
    let row = view.row;
    let of_lines = view.lines().iter().flat_map(|line| [line.service_from.value(), line.service_to.value()]).flatten();
    let days: Vec<Date> =
        of_lines.chain([row.statement_from.value(), row.statement_to.value()].into_iter().flatten()).collect();
    ClaimAnswer {
        reasons: reasons.get(claim as usize).cloned().unwrap_or_default(),
        cents: row.total.value().map_or(0, |total| total.cents()),
        bill_type: row.bill_type.value().map(|bill| bill.to_string()).unwrap_or_default(),
        days: days.iter().min().copied().zip(days.iter().max().copied()),
    }
}

/// Writes an acknowledgment of the inputs whose parts it is given, in their order.
///
/// ```
/// use cleanclaim_report::{Acknowledgment, AcknowledgmentKind};
/// let mut out = Vec::new();
/// Acknowledgment::new(AcknowledgmentKind::Implementation, None).finish(&mut out)?;
/// // Nothing came in, so there is nothing to acknowledge.
/// assert!(out.is_empty());
/// # Ok::<(), std::io::Error>(())
/// ```
pub struct Acknowledgment {
    output: Output,
    kind: Kind,
    /// What is open of the input.
    interchange: Option<TraceSegment>,
    group: Option<TraceSegment>,
    date: Option<Date>,
    /// Claims of the input at hand that stand in no transaction set that is answered.
    unanswered: u64,
}

enum Kind {
    Implementation(Implementation),
    ClaimStatus(Box<ClaimsStatus>),
}

impl Acknowledgment {
    /// An acknowledgment of this kind, dated so; without a date, each interchange has its input's.
    pub fn new(kind: AcknowledgmentKind, date: Option<Date>) -> Acknowledgment {
        let kind = match kind {
            AcknowledgmentKind::Implementation => Kind::Implementation(Implementation::default()),
            AcknowledgmentKind::ClaimStatus => Kind::ClaimStatus(Box::default()),
        };
        Acknowledgment { output: Output::default(), kind, interchange: None, group: None, date, unanswered: 0 }
    }

    /// Takes the next part, and writes what is known whole.
    ///
    /// # Errors
    /// When it cannot be written.
    pub fn take(&mut self, part: AcknowledgmentPart, out: &mut dyn Write) -> io::Result<()> {
        for (_, _, event) in part.events {
            match event {
                Event::Fault(fault) => match &mut self.kind {
                    Kind::Implementation(kind) => kind.fault(fault),
                    Kind::ClaimStatus(kind) => {
                        if let Some(envelope) = rejects(&fault) {
                            kind.reject(envelope);
                        }
                    }
                },
                Event::Segment(segment, answer) => self.segment(segment, answer, out)?,
            }
        }
        self.output.flush(out)
    }

    /// An input ends: what is open is answered. Gives how many of its claims are not, since they stand in no transaction set
    /// 837 of a group of claims.
    ///
    /// # Errors
    /// When it cannot be written.
    pub fn end_input(&mut self, out: &mut dyn Write) -> io::Result<u64> {
        self.end_interchange(out)?;
        self.output.flush(out)?;
        Ok(std::mem::take(&mut self.unanswered))
    }

    /// All inputs have ended.
    ///
    /// # Errors
    /// When it cannot be written.
    pub fn finish(mut self, out: &mut dyn Write) -> io::Result<()> {
        self.end_input(out).map(drop)
    }

    fn segment(&mut self, segment: TraceSegment, answer: Option<ClaimAnswer>, out: &mut dyn Write) -> io::Result<()> {
        match segment.id() {
            "ISA" => {
                self.end_interchange(out)?;
                self.interchange = Some(segment);
            }
            "GS" => {
                self.end_group();
                self.group = Some(segment);
                if let (Kind::Implementation(kind), Some(group)) = (&mut self.kind, &self.group)
                    && is_claims(group)
                {
                    self.output.open(self.interchange.as_ref(), names_of(group), "FA", "005010X231A1", self.date);
                    kind.begin_group(group, &mut self.output);
                }
            }
            "GE" => self.end_group_with(Some(&segment)),
            "IEA" => self.end_interchange(out)?,
            "ST" => self.begin_set(segment),
            "SE" => self.end_set(),
            id => {
                let answered = match &self.kind {
                    Kind::Implementation(kind) => kind.has_set(),
                    Kind::ClaimStatus(kind) => kind.has_set(),
                };
                self.unanswered += u64::from(id == "CLM" && segment.claim.is_some() && !answered);
                if let Kind::ClaimStatus(kind) = &mut self.kind {
                    kind.segment(segment, answer);
                }
            }
        }
        Ok(())
    }

    fn begin_set(&mut self, segment: TraceSegment) {
        self.end_set();
        // A transaction set without a group is answered as if a group were around it.
        let group = self.group.get_or_insert_with(|| TraceSegment {
            place: segment.place,
            claim: None,
            elements: ["GS", "HC", "", "", "", "", "1", "X", segment.element(3)].map(str::to_owned).to_vec(),
        });
        if !is_claims(group) || segment.element(1) != "837" {
            return;
        }
        match &mut self.kind {
            Kind::Implementation(kind) => {
                self.output.open(self.interchange.as_ref(), names_of(group), "FA", "005010X231A1", self.date);
                kind.begin_group(group, &mut self.output);
                kind.begin_set(segment, group);
            }
            Kind::ClaimStatus(kind) => kind.begin_set(segment),
        }
    }

    fn end_set(&mut self) {
        match &mut self.kind {
            Kind::Implementation(kind) => kind.end_set(&mut self.output),
            Kind::ClaimStatus(kind) => {
                if let Some(group) = &self.group {
                    kind.end_set(group);
                }
            }
        }
    }

    fn end_group(&mut self) {
        self.end_group_with(None);
    }

    fn end_group_with(&mut self, ge: Option<&TraceSegment>) {
        self.end_set();
        match &mut self.kind {
            Kind::Implementation(kind) => kind.end_group(ge, &mut self.output),
            Kind::ClaimStatus(kind) => kind.end_group(),
        }
        self.group = None;
    }

    fn end_interchange(&mut self, out: &mut dyn Write) -> io::Result<()> {
        self.end_group();
        if let Kind::ClaimStatus(kind) = &mut self.kind {
            kind.end_interchange(self.interchange.as_ref(), self.date, &mut self.output, out)?;
        }
        self.output.close();
        self.interchange = None;
        Ok(())
    }
}

/// Whether a group is of claims. Others are not judged, and so not answered.
fn is_claims(group: &TraceSegment) -> bool {
    group.element(1) == "HC"
}
