//! Scrubbing whole inputs: batches over a rayon pool, findings written in input order, memory bounded.
//!
//! A worker that is free reads the next chunk, which no other does meanwhile, parses it, looks in the order of the chunks
//! which claims came before ([`crate::order`]), and scrubs it: what it reads is still in its cache when it parses it. The
//! calling thread writes the results, again in order. No more than a few chunks a worker are under way at a time, so memory
//! does not grow with the input. What a chunk holds, and what came before it, depends on the input alone, so the output is
//! the same at any number of threads.

use crate::across::{Episodes, Window};
use crate::batch::BatchOutcome;
use crate::envelopes::Open;
use crate::memo::Memo;
use crate::order::{InOrder, Looked, Parsed};
use crate::scrubber::Scrubber;
use crate::selection::ChoiceError;
use claims::{Chunk, ChunkParser, ClaimBatch, ClaimIdWindow, ClaimReader, ReadError};
use edits::Finding;
use report::{Acknowledgment, AcknowledgmentPart, Context, FindingFile, FindingWriter, Format, Summary};
use std::collections::BTreeMap;
use std::io::Write;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::sync::{Condvar, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

/// Why a run stopped.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum RunError {
    /// An input could not be read further.
    #[error(transparent)]
    Read(#[from] ReadError),
    /// Policies cannot be used with the codeset.
    #[error(transparent)]
    Choice(#[from] ChoiceError),
    /// The findings could not be written.
    #[error("cannot write findings: {0}")]
    Write(#[source] std::io::Error),
    /// The acknowledgment could not be written.
    #[error("cannot write the acknowledgment: {0}")]
    Acknowledge(#[source] std::io::Error),
    /// The worker threads could not be started.
    #[error("cannot start worker threads: {0}; give a smaller --threads")]
    Threads(String),
    /// A part of the program that is not an edit failed.
    #[error("internal error while reading {file} from byte {offset}; the rest was not scrubbed. Please report it")]
    Internal {
        /// The input.
        file: String,
        /// Where the chunk begins that could not be handled.
        offset: u64,
    },
}

/// How far a run has come.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub struct Progress {
    /// Bytes of the (decompressed) inputs whose findings are written.
    pub bytes: u64,
    /// Claims among them.
    pub claims: u64,
}

/// Chunks that may be under way beyond two a worker, so that none waits while results are written.
const CHUNKS_AHEAD: usize = 8;

/// How long results wait for others to be written with them, where workers wait for the input.
const PATIENCE: Duration = Duration::from_millis(20);

/// One run over several inputs.
pub struct Run<'r> {
    scrubber: &'r Scrubber,
    pool: &'r rayon::ThreadPool,
    file: FindingFile,
    spare: Spare<'r>,
    window: Window,
    /// How many inputs were begun.
    inputs: u32,
    /// The envelopes that are open in this one.
    open: Open,
    summary: Summary,
    progress: Progress,
    on_progress: Option<Box<dyn FnMut(Progress) + 'r>>,
    acknowledgment: Option<(Acknowledgment, Box<dyn Write + 'r>)>,
}

/// What is used again from chunk to chunk.
#[derive(Default)]
struct Spare<'r> {
    batches: Mutex<Vec<ClaimBatch>>,
    workers: Vec<Mutex<Own<'r>>>,
    episodes: Mutex<Vec<Episodes>>,
    ids: Mutex<Vec<Vec<Option<u64>>>>,
    outcomes: Mutex<Vec<BatchOutcome>>,
    written: Mutex<Vec<Vec<u8>>>,
}

/// What a worker keeps for its next chunk, which its cache has at hand.
#[derive(Default)]
struct Own<'r> {
    memo: Option<Memo<'r>>,
    /// The memory of the chunk that it read last.
    bytes: Vec<u8>,
    /// The memory of the findings that it wrote last.
    findings: Vec<Finding>,
}

/// The input, which one worker at a time reads.
struct Reading<'i> {
    reader: &'i mut dyn ClaimReader,
    /// The chunks read so far.
    begun: u64,
    /// Where the last of them begins.
    offset: u64,
    /// Whether nothing more is to be read.
    ended: bool,
}

/// Findings of a chunk beyond so many bytes take memory of their own, which is given back.
const MOST_SPARE_BYTES: usize = 8 << 20;

/// A chunk that has been scrubbed.
struct Done {
    bytes: u64,
    claims: u64,
    outcome: BatchOutcome,
    written: Vec<u8>,
    acknowledged: Option<AcknowledgmentPart>,
}

/// What workers have done, for the calling thread to write. Waking it for every chunk would cost more than writing does.
struct Outbox {
    answers: Mutex<Vec<Answer>>,
    /// That there are enough of them.
    enough: Condvar,
    /// The answers that are enough.
    some: usize,
    /// Chunks to be read that no worker has begun with.
    waiting: AtomicUsize,
}

impl Outbox {
    fn put(&self, answer: Answer) {
        let mut answers = self.answers.lock().unwrap_or_else(PoisonError::into_inner);
        answers.push(answer);
        if !self.are_few(&answers) {
            self.enough.notify_one();
        }
    }

    /// Whether it pays to wait for more: all workers have something to do meanwhile.
    fn are_few(&self, answers: &[Answer]) -> bool {
        answers.is_empty() || answers.len() < self.some && self.waiting.load(Ordering::Relaxed) > 0
    }

    /// Waits for answers; all that have come.
    fn take(&self) -> Vec<Answer> {
        let answers = self.answers.lock().unwrap_or_else(PoisonError::into_inner);
        let enough = self.enough.wait_timeout_while(answers, PATIENCE, |answers| self.are_few(answers));
        std::mem::take(&mut enough.unwrap_or_else(PoisonError::into_inner).0)
    }
}

/// What comes of a worker that was to read a chunk, and one comes of each.
enum Answer {
    /// A chunk, with its number; `Err` with its place when the program itself failed.
    Chunk(u64, Result<Box<Done>, u64>),
    /// There is no more, or it cannot be read.
    Ended(Result<(), RunError>),
}

impl<'r> Run<'r> {
    /// A run of this scrubber on this pool, writing findings in this form.
    pub fn new(scrubber: &'r Scrubber, pool: &'r rayon::ThreadPool, format: Format) -> Run<'r> {
        let mut summary = Summary::new(scrubber.codeset(), scrubber.edits().len());
        for policy in scrubber.policies() {
            summary.add_policy(policy.label(), policy.name());
        }
        for suppression in scrubber.suppressions() {
            summary.add_suppression(suppression);
        }
        summary.set_today(scrubber.today());
        Run {
            scrubber,
            pool,
            file: FindingFile::new(format),
            spare: Spare {
                workers: std::iter::repeat_with(Mutex::default).take(pool.current_num_threads()).collect(),
                ..Spare::default()
            },
            window: Window::default(),
            inputs: 0,
            open: Open::default(),
            summary,
            progress: Progress::default(),
            on_progress: None,
            acknowledgment: None,
        }
    }

    /// Says which file the run's choices come from, for the summary.
    pub fn configuration(&mut self, name: &str) {
        self.summary.set_configuration(name);
    }

    /// Calls this after every chunk that is written.
    pub fn on_progress(&mut self, call: impl FnMut(Progress) + 'r) {
        self.on_progress = Some(Box::new(call));
    }

    /// Answers the inputs with this acknowledgment too, written to `out`. Only of readers that keep what it repeats
    /// ([`ClaimBatch::trace`]) is anything answered.
    pub fn acknowledge(&mut self, acknowledgment: Acknowledgment, out: impl Write + 'r) {
        self.acknowledgment = Some((acknowledgment, Box::new(out)));
    }

    /// Writes what stands before all findings.
    ///
    /// # Errors
    /// When it cannot be written.
    pub fn head(&mut self, out: &mut dyn Write) -> Result<(), RunError> {
        self.file.begin(out).map_err(RunError::Write)
    }

    /// Scrubs one input and writes its findings. Not to be called from a worker of the same pool: it waits for them.
    ///
    /// # Errors
    /// When the input cannot be read further or the findings cannot be written. What was read before is written
    /// and counted.
    pub fn input(&mut self, reader: &mut dyn ClaimReader, out: &mut dyn Write) -> Result<(), RunError> {
        let file = reader.name().to_owned();
        self.summary.begin_file(&file);
        let parser = reader.parser();
        self.inputs = self.inputs.wrapping_add(1);
        // Only of X12.
        let in_segments = reader.is_acknowledged();
        let rows_of = reader.rows_make_claims().then_some(self.inputs);
        let ids = rows_of.map(|_| ClaimIdWindow::default());
        let reading = Mutex::new(Reading { reader, begun: 0, offset: 0, ended: false });
        let stopped = AtomicBool::new(false);
        let ahead = self.pool.current_num_threads() + CHUNKS_AHEAD;
        let outbox =
            Outbox { answers: Mutex::default(), enough: Condvar::new(), some: ahead / 2, waiting: AtomicUsize::new(0) };
        let (scrubber, pool) = (self.scrubber, self.pool);
        let spare = std::mem::take(&mut self.spare);
        let in_order = Mutex::new(InOrder::new(std::mem::take(&mut self.window), ids));
        let (acknowledge, writer) = (self.acknowledgment.is_some(), self.file.writer());
        let job = Job {
            scrubber,
            writer,
            spare: &spare,
            reading: &reading,
            stopped: &stopped,
            outbox: &outbox,
            in_order: &in_order,
            parser: &*parser,
            rows_of,
            file: &file,
            in_segments,
            acknowledge,
        };
        let result = pool.in_place_scope(|scope| {
            let read_one = || {
                outbox.waiting.fetch_add(1, Ordering::Relaxed);
                scope.spawn(move |scope| job.run(scope));
            };
            let under_way = pool.current_num_threads() + ahead;
            (0..under_way).for_each(|_| read_one());
            let result = self.write(&file, under_way, (&outbox, &spare), read_one, out);
            stopped.store(true, Ordering::Relaxed);
            result
        });
        self.spare = spare;
        self.summary.tally.claims_clean_rejected += self.open.end();
        self.window = in_order.into_inner().unwrap_or_else(PoisonError::into_inner).into_window();
        // Part of an interchange is not answered as if it were the whole.
        if result.is_ok()
            && let Some((acknowledgment, out)) = &mut self.acknowledgment
        {
            let unanswered = acknowledgment.end_input(out).map_err(RunError::Acknowledge)?;
            self.summary.add_unanswered(unanswered);
        }
        result
    }

    /// Writes what comes of the chunks, of which so many may be under way, in the order of their numbers. For one that is
    /// written, `read_one` makes a worker read another, until there is none.
    fn write(
        &mut self,
        file: &str,
        mut under_way: usize,
        (outbox, spare): (&Outbox, &Spare<'r>),
        read_one: impl Fn(),
        out: &mut dyn Write,
    ) -> Result<(), RunError> {
        let internal = |offset| RunError::Internal { file: file.to_owned(), offset };
        let (mut next, mut ended) = (0, None);
        let mut done = BTreeMap::new();
        while under_way > 0 {
            for answer in outbox.take() {
                match answer {
                    Answer::Chunk(number, chunk) => drop(done.insert(number, chunk)),
                    Answer::Ended(how) => {
                        under_way -= 1;
                        // The chunks before are under way, and are still written and counted.
                        ended = ended.or(how.err());
                    }
                }
            }
            while let Some(chunk) = done.remove(&next) {
                next += 1;
                self.take(*chunk.map_err(internal)?, spare, out)?;
                read_one();
            }
        }
        ended.map_or(Ok(()), Err)
    }

    /// Writes what came of the next chunk, and counts it.
    fn take(&mut self, chunk: Done, spare: &Spare<'r>, out: &mut dyn Write) -> Result<(), RunError> {
        let Done { bytes, claims, outcome, written, acknowledged } = chunk;
        self.file.add(&written, out).map_err(RunError::Write)?;
        if let (Some((acknowledgment, out)), Some(part)) = (&mut self.acknowledgment, acknowledged) {
            acknowledgment.take(part, out).map_err(RunError::Acknowledge)?;
        }
        self.summary.add(&outcome.tally, &outcome.counts);
        self.summary.tally.claims_clean_rejected += self.open.follow(&outcome.envelopes);
        self.progress.bytes += bytes;
        self.progress.claims += claims;
        if let Some(call) = &mut self.on_progress {
            call(self.progress);
        }
        give(&spare.outcomes, outcome);
        if written.capacity() <= MOST_SPARE_BYTES {
            give(&spare.written, written);
        }
        Ok(())
    }

    /// What came of the inputs as far as they were read: what is left of a run that one of them stops.
    pub fn so_far(&self) -> &Summary {
        &self.summary
    }

    /// Ends a run that an input stops, or that is given up: what was found before stands whole in the output's form, a Parquet
    /// file with its end. Acknowledgments are left as they are, for part of an input is not answered.
    ///
    /// # Errors
    /// When it cannot be written.
    pub fn give_up(self, out: &mut dyn Write) -> Result<(), RunError> {
        self.file.finish(out).map_err(RunError::Write)
    }

    /// Writes what stands after all findings, and gives what came of all inputs.
    ///
    /// # Errors
    /// When it cannot be written.
    pub fn finish(self, out: &mut dyn Write) -> Result<Summary, RunError> {
        if let Some((acknowledgment, mut out)) = self.acknowledgment {
            acknowledgment.finish(&mut out).and_then(|()| out.flush()).map_err(RunError::Acknowledge)?;
        }
        self.file.finish(out).map_err(RunError::Write)?;
        Ok(self.summary)
    }
}

/// What handling the chunks of one input takes.
#[derive(Clone, Copy)]
struct Job<'j, 'r> {
    scrubber: &'r Scrubber,
    writer: FindingWriter,
    spare: &'j Spare<'r>,
    reading: &'j Mutex<Reading<'j>>,
    /// Whether nobody waits for chunks any more.
    stopped: &'j AtomicBool,
    outbox: &'j Outbox,
    in_order: &'j Mutex<InOrder>,
    parser: &'j dyn ChunkParser,
    /// The number of the input, where rows make its claims.
    rows_of: Option<u32>,
    file: &'j str,
    /// Whether its places count segments.
    in_segments: bool,
    /// Whether an acknowledgment is written.
    acknowledge: bool,
}

impl<'j, 'r> Job<'j, 'r> {
    /// Reads a chunk, parses it, and scrubs those whose turn it is: this one, mostly, which is at hand.
    fn run<'s>(self, scope: &rayon::Scope<'s>)
    where
        'j: 's,
        'r: 's,
    {
        self.outbox.waiting.fetch_sub(1, Ordering::Relaxed);
        let (number, chunk) = match self.read() {
            Ok(Some(read)) => read,
            ended => return self.outbox.put(Answer::Ended(ended.map(drop))),
        };
        let parsed = self.parse(chunk);
        self.in_order().take(number, parsed);
        let mut own = None;
        while let Some((turn, looked)) = self.turn() {
            if turn == number {
                own = Some(looked);
                continue;
            }
            scope.spawn(move |_| self.finish(turn, looked));
        }
        if let Some(looked) = own {
            self.finish(number, looked);
        }
    }

    /// What the worker at work keeps for itself.
    fn own(&self) -> Option<MutexGuard<'j, Own<'r>>> {
        let own = rayon::current_thread_index().and_then(|worker| self.spare.workers.get(worker))?;
        Some(own.lock().unwrap_or_else(PoisonError::into_inner))
    }

    /// The next chunk of the input and its number, unless there is none or the run has stopped.
    fn read(&self) -> Result<Option<(u64, Chunk)>, RunError> {
        let bytes = self.own().map(|mut own| std::mem::take(&mut own.bytes));
        let mut reading = self.reading.lock().unwrap_or_else(PoisonError::into_inner);
        if reading.ended || self.stopped.load(Ordering::Relaxed) {
            return Ok(None);
        }
        // A worker that ends without an answer would be waited for without end.
        let read = catch_unwind(AssertUnwindSafe(|| {
            if let Some(bytes) = bytes.filter(|bytes| bytes.capacity() > 0) {
                reading.reader.recycle(bytes);
            }
            reading.reader.next_chunk()
        }));
        let internal = |_| RunError::Internal { file: self.file.to_owned(), offset: reading.offset };
        match read.map_err(internal).and_then(|read| read.map_err(RunError::Read)) {
            Ok(Some(chunk)) => {
                let number = reading.begun;
                reading.begun += 1;
                reading.offset = chunk.place().offset;
                Ok(Some((number, chunk)))
            }
            ended => {
                reading.ended = true;
                ended.map(|_| None)
            }
        }
    }

    fn in_order(&self) -> MutexGuard<'j, InOrder> {
        self.in_order.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Looks at the chunk whose turn it is, if it is there.
    fn turn(&self) -> Option<(u64, Result<Looked, u64>)> {
        let mut in_order = self.in_order();
        let looked = in_order.turn();
        while let Some(own) = in_order.spare() {
            give(&self.spare.episodes, own);
        }
        looked
    }

    /// Scrubs a chunk that has been looked at.
    fn finish(&self, number: u64, looked: Result<Looked, u64>) {
        self.outbox.put(Answer::Chunk(number, looked.and_then(|looked| self.scrub(looked))));
    }

    /// Parses a chunk.
    fn parse(&self, chunk: Chunk) -> Result<Box<Parsed>, u64> {
        let offset = chunk.place().offset;
        let parse = || {
            let mut batch = take(&self.spare.batches).unwrap_or_default();
            self.parser.parse(&chunk, &mut batch);
            let mut ids = take(&self.spare.ids).unwrap_or_default();
            ids.clear();
            if self.rows_of.is_some() {
                ids.extend(batch.claims.iter().map(|claim| ClaimIdWindow::hash_of(batch.bytes(claim.id))));
            }
            let mut episodes = take(&self.spare.episodes).unwrap_or_default();
            if !self.scrubber.reading_alone() {
                episodes = episodes.filled(&batch, self.rows_of);
            }
            Box::new(Parsed { offset, bytes: chunk.len() as u64, batch, ids, episodes })
        };
        let parsed = catch_unwind(AssertUnwindSafe(parse)).map_err(|_| offset);
        if let Some(mut own) = self.own() {
            own.bytes = chunk.into_bytes();
        }
        parsed
    }

    /// Scrubs a chunk and writes its findings.
    fn scrub(&self, chunk: Looked) -> Result<Box<Done>, u64> {
        let offset = chunk.offset;
        catch_unwind(AssertUnwindSafe(|| self.scrub_with(chunk))).map_err(|_| offset)
    }

    fn scrub_with(&self, looked: Looked) -> Box<Done> {
        let Looked { bytes, batch, ids, earlier, .. } = looked;
        give(&self.spare.ids, ids);
        let own = self.own().map(|mut own| (own.memo.take(), std::mem::take(&mut own.findings)));
        let (memo, findings) = own.unwrap_or_default();
        let mut memo = memo.unwrap_or_else(|| self.scrubber.memo());
        let mut outcome = take(&self.spare.outcomes).unwrap_or_default();
        outcome.findings = findings;
        let mut written = take(&self.spare.written).unwrap_or_default();
        written.clear();
        self.scrubber.scrub_batch(&batch, &earlier, &mut memo, &mut outcome);
        let context = Context {
            edits: self.scrubber.edits(),
            batch: &batch,
            codeset: self.scrubber.codeset(),
            file: self.file,
            in_segments: self.in_segments,
        };
        for finding in &outcome.findings {
            self.writer.write(finding, &context, &mut written);
        }
        let acknowledged =
            self.acknowledge.then(|| AcknowledgmentPart::new(&batch, &outcome.findings, self.scrubber.edits()));
        let claims = batch.claims.len() as u64;
        outcome.findings.clear();
        if let Some(mut own) = self.own() {
            (own.memo, own.findings) = (Some(memo), std::mem::take(&mut outcome.findings));
        }
        give(&self.spare.batches, batch);
        Box::new(Done { bytes, claims, outcome, written, acknowledged })
    }
}

fn take<T>(spare: &Mutex<Vec<T>>) -> Option<T> {
    spare.lock().unwrap_or_else(PoisonError::into_inner).pop()
}

fn give<T>(spare: &Mutex<Vec<T>>, item: T) {
    spare.lock().unwrap_or_else(PoisonError::into_inner).push(item);
}
