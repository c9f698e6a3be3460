//! Chunks of an 837 into claims: the parallel half.

use super::claim::{ClaimState, Diagnosis};
use super::guide::Memory;
use super::head::Level;
use super::header::Header;
use super::id::Id;
use super::segment::Segment;
use super::segments::Segments;
use super::structure::StructureCheck;
use super::track::{Role, is_837, plain_text};
use crate::reader::{Chunk, ChunkParser};
use crate::{ClaimBatch, Columns, Envelope, EnvelopeMark, Field, Problem, ProblemKind, TraceSegment};
use codes::ClaimType;
use std::sync::{Mutex, MutexGuard, PoisonError};

/// Turns the chunks of an 837 into claims.
pub(super) struct X12Parser {
    segment_bytes: usize,
    trace: bool,
    /// What the checks of chunks before remember: one for each chunk that was parsed at the same time.
    memories: Mutex<Vec<Memory>>,
}

impl X12Parser {
    /// An 837 has a place for all fields but the Medicare contractor's number.
    pub(super) const COLUMNS: Columns = Columns::ALL.without(Field::Contractor);

    /// A parser: segments of so many bytes are too long; `trace` says whether what acknowledgments repeat is kept.
    pub(super) fn new(segment_bytes: usize, trace: bool) -> X12Parser {
        X12Parser { segment_bytes, trace, memories: Mutex::default() }
    }

    /// What checks remember.
    fn memories(&self) -> MutexGuard<'_, Vec<Memory>> {
        self.memories.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl ChunkParser for X12Parser {
    fn parse(&self, chunk: &Chunk, batch: &mut ClaimBatch) {
        batch.clear();
        batch.columns = Self::COLUMNS;
        let Some(head) = chunk.x12.as_deref() else { return };
        batch.outside.extend_from_slice(&head.problems);
        let memory = self.memories().pop().unwrap_or_default();
        let mut run = Run {
            batch,
            header: Header::default(),
            group_version: &[],
            set: Set::default(),
            claim: None,
            diagnoses: Vec::new(),
            structure: StructureCheck::again(head.context.claims(), memory),
        };
        // An ISA empties the context, so that all of it is of one interchange.
        let separators = head.cursor.separators;
        run.structure.prepare(separators);
        for (bytes, place) in head.context.segments() {
            run.segment(&Segment::new(bytes, place, separators));
        }
        run.structure.begin();
        let limit = u32::try_from(self.segment_bytes).unwrap_or(u32::MAX);
        let mut segments = Segments::resume(&chunk.bytes, chunk.start.offset, head.cursor, true);
        loop {
            let outside = segments.cursor().outside;
            // Where it is: what was just written in parts would be waited for, were it copied as a whole.
            let mut next = segments.next();
            let Some(segment) = &mut next else { break };
            if segment.may_reseparate() {
                run.structure.prepare(segment.separators);
            }
            if !chunk.gaps.is_empty() {
                let at = segment.place.offset - chunk.start.offset;
                segment.place.offset = chunk.offset(usize::try_from(at).unwrap_or(usize::MAX));
            }
            if outside && Role::of(segment) == Role::Other {
                continue;
            }
            if segment.bytes.len() >= self.segment_bytes {
                run.too_long(limit, *segment);
            } else {
                run.segment(segment);
                if self.trace {
                    run.trace(segment);
                }
            }
        }
        match (head.cut_at, head.next) {
            (Some(limit), _) => run.cut(limit),
            // A chunk ends between claims.
            (None, Some(place)) => run.close_before(&Segment::new(&[], place, separators)),
            (None, None) => run.close(head.last),
        }
        let memory = run.structure.end(head.last, run.batch);
        self.memories().push(memory);
        run.batch.outside.sort_by_key(|problem| problem.place.offset);
    }
}

/// A chunk being parsed.
struct Run<'a, 'b> {
    batch: &'b mut ClaimBatch,
    header: Header<'a>,
    /// GS08.
    group_version: &'a [u8],
    set: Set,
    claim: Option<ClaimState<'a>>,
    /// Memory for the diagnoses of the next claim.
    diagnoses: Vec<Diagnosis<'a>>,
    structure: StructureCheck,
}

/// The transaction set at hand.
#[derive(Clone, Copy, Default)]
struct Set {
    /// Whether it is no 837.
    other: bool,
    /// What its guide is for.
    claim_type: Option<ClaimType>,
    /// Whether only its group says so.
    by_group: bool,
}

impl<'a> Run<'a, '_> {
    fn segment(&mut self, segment: &Segment<'a>) {
        match Role::of(segment) {
            Role::Other => match &mut self.claim {
                Some(claim) => {
                    let line = claim.line(self.batch);
                    claim.segment(self.batch, segment);
                    self.structure.of_claim(segment, claim, line, self.batch);
                }
                None if self.set.other => {}
                None => {
                    // The guide of a transaction set of version 4010.
                    if self.set.by_group && segment.id == Id::REF && segment.element(1).trim_ascii() == b"87" {
                        let own = guide(segment.element(2).trim_ascii()).claim_type;
                        self.set.claim_type = own.or(self.set.claim_type);
                    }
                    self.header.segment(self.batch, segment);
                    self.structure.of_header(segment, self.batch);
                }
            },
            Role::Claim => {
                self.close_before(segment);
                if !self.set.other {
                    let diagnoses = std::mem::take(&mut self.diagnoses);
                    let claim = ClaimState::open(self.batch, segment, &self.header, self.set.claim_type, diagnoses);
                    let claim = self.claim.insert(claim);
                    self.structure.of_claim(segment, claim, None, self.batch);
                }
            }
            Role::Level => {
                self.close_before(segment);
                if !self.set.other {
                    let level = Level::of_hl(segment);
                    self.header.begin(level);
                    self.structure.begin_level(level, self.batch);
                    self.structure.of_header(segment, self.batch);
                }
            }
            Role::Set => {
                self.mark(segment, Envelope::Set, true);
                self.close(true);
                self.header.begin(Level::Set);
                self.begin_set(segment);
            }
            Role::SetEnd => {
                self.mark(segment, Envelope::Set, false);
                self.close_before(segment);
                self.structure.end_set(segment, self.batch);
                self.end(Level::Set);
            }
            Role::GroupEnd => {
                self.mark(segment, Envelope::Group, false);
                self.end(Level::Group);
            }
            Role::InterchangeEnd => {
                self.mark(segment, Envelope::Interchange, false);
                self.end(Level::Interchange);
            }
            Role::Group => {
                self.mark(segment, Envelope::Group, true);
                self.end(Level::Group);
                self.header.begin(Level::Group);
                self.group_version = segment.element(8).trim_ascii();
            }
            Role::Interchange => {
                self.mark(segment, Envelope::Interchange, true);
                self.end(Level::Interchange);
                self.header.begin(Level::Interchange);
            }
        }
    }

    /// Keeps where an envelope begins or ends.
    fn mark(&mut self, segment: &Segment<'_>, envelope: Envelope, begins: bool) {
        if !self.structure.is_again() {
            self.batch.envelopes.push(EnvelopeMark { place: segment.place, envelope, begins });
        }
    }

    /// Keeps a segment that acknowledgments repeat.
    fn trace(&mut self, segment: &Segment<'_>) {
        let claim = self.claim.as_ref().map(ClaimState::index);
        let wanted = match segment.id {
            Id::ISA | Id::GS | Id::ST | Id::SE | Id::GE | Id::IEA | Id::BHT | Id::HL | Id::CLM => true,
            Id::NM1 => claim.is_none() && matches!(segment.element(1), b"41" | b"40" | b"85" | b"IL" | b"QC"),
            Id::REF => claim.is_some() && segment.element(1) == b"D9",
            _ => false,
        };
        if wanted {
            let elements = segment.bytes.split(|&byte| byte == segment.separators.element);
            let elements = elements.map(|element| String::from_utf8_lossy(element).into_owned()).collect();
            self.batch.trace.push(TraceSegment { place: segment.place, claim, elements });
        }
    }

    fn begin_set(&mut self, segment: &Segment<'a>) {
        self.structure.leave_set(self.batch);
        self.set = Set { other: !is_837(segment), ..Set::default() };
        if self.set.other {
            self.tell(ProblemKind::OtherTransaction { given: plain_text(segment.element(1)) }, segment);
            return;
        }
        let own = segment.element(3).trim_ascii();
        let guides = [own, self.group_version].map(guide);
        self.structure.begin_set(if own.is_empty() { self.group_version } else { own }, segment);
        self.set.by_group = own.is_empty();
        self.set.claim_type = guides.iter().find_map(|guide| guide.claim_type);
        if !guides.iter().any(|guide| guide.is_read) {
            let given = if own.is_empty() { self.group_version } else { own };
            self.tell(ProblemKind::OtherGuide { given: plain_text(given) }, segment);
        }
    }

    /// Ends a transaction set, and what is above it up to this level. A claim still open was cut short.
    fn end(&mut self, level: Level) {
        self.close(true);
        self.header.end(level);
        self.set = Set::default();
        if level < Level::Set {
            self.group_version = &[];
        }
        self.structure.leave_set(self.batch);
    }

    fn tell(&mut self, kind: ProblemKind, segment: &Segment<'_>) {
        if !self.structure.is_again() {
            self.batch.outside.push(Problem::outside(kind, segment.place));
        }
    }

    /// A segment that is too long. Only of a CLM something is read: the claim must not be lost.
    fn too_long(&mut self, limit: u32, mut segment: Segment<'a>) {
        let bytes = segment.bytes.get(..limit as usize).unwrap_or(segment.bytes);
        segment = Segment::new(bytes, segment.place, segment.separators);
        if Role::of(&segment) == Role::Claim {
            self.segment(&segment);
        }
        match &mut self.claim {
            Some(claim) => claim.too_long(self.batch, limit, &segment),
            None => self.tell(ProblemKind::TooLong { limit }, &segment),
        }
    }

    /// Ends the claim at hand; `cut_short` when its transaction set was not ended before.
    fn close(&mut self, cut_short: bool) {
        if let Some(claim) = &mut self.claim {
            claim.close(self.batch, cut_short);
            self.diagnoses = claim.leave();
            self.claim = None;
        }
    }

    /// Ends the claim at hand, which is whole: this segment begins what comes after it.
    fn close_before(&mut self, next: &Segment<'a>) {
        if let Some(claim) = &mut self.claim {
            let line = claim.line(self.batch);
            self.structure.end_claim(next, claim, line, self.batch);
            claim.close(self.batch, false);
            self.diagnoses = claim.leave();
            self.claim = None;
        }
    }

    /// Ends the claim at hand, of which more was left out.
    fn cut(&mut self, limit: u32) {
        if let Some(claim) = &mut self.claim {
            claim.close_cut(self.batch, limit);
            self.diagnoses = claim.leave();
            self.claim = None;
        }
    }
}

/// What is known of an implementation guide by its name.
#[derive(Clone, Copy, Default)]
struct Guide {
    /// Whether it is one of those that are read as they are meant.
    is_read: bool,
    claim_type: Option<ClaimType>,
}

/// The guide of a version, release and industry identifier: `005010X222A1`.
fn guide(version: &[u8]) -> Guide {
    use ClaimType::{Dental, Institutional, Professional};
    let Some((release, rest)) = version.split_at_checked(6) else { return Guide::default() };
    let (name, is_claims) = match rest.split_at_checked(4) {
        Some((name, _)) => (name, release == b"005010"),
        None => return Guide::default(),
    };
    let (claim_type, is_read) = match name {
        b"X222" => (Professional, is_claims),
        b"X223" => (Institutional, is_claims),
        b"X224" => (Dental, is_claims),
        // Of version 4010.
        b"X098" => (Professional, false),
        b"X096" => (Institutional, false),
        b"X097" => (Dental, false),
        // Reporting, before and after adjudication.
        b"X291" | b"X298" => (Professional, false),
        b"X292" | b"X299" => (Institutional, false),
        b"X293" | b"X300" => (Dental, false),
        _ => return Guide::default(),
    };
    Guide { is_read, claim_type: Some(claim_type) }
}
