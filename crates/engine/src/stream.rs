//! Scrubbing whole inputs: batches over a rayon pool, findings written in input order, memory bounded.
//!
//! The calling thread reads chunks and hands them to the pool. A worker parses its chunk, looks in the order of the chunks
//! which claims came before ([`crate::order`]), and scrubs it. The calling thread writes the results, again in order. No
//! more than a few chunks a worker are under way at a time, so memory does not grow with the input. What a chunk holds,
//! and what came before it, depends on the input alone, so the output is the same at any number of threads.

use crate::across::{Episodes, Window};
use crate::batch::BatchOutcome;
use crate::memo::Memo;
use crate::order::{InOrder, Looked, Parsed};
use crate::scrubber::Scrubber;
use claims::{Chunk, ChunkParser, ClaimBatch, ClaimIdWindow, ClaimReader, ReadError};
use report::{Acknowledgment, AcknowledgmentPart, Context, FindingFile, FindingWriter, Format, Summary};
use std::collections::BTreeMap;
use std::io::Write;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::{Mutex, MutexGuard, PoisonError, mpsc};

/// Why a run stopped.
#[derive(Debug, thiserror::Error)]
pub enum RunError {
    /// An input could not be read further.
    #[error(transparent)]
    Read(#[from] ReadError),
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

/// Chunks under way beyond one a worker, so that none waits while results are written.
const CHUNKS_AHEAD: usize = 3;

/// One run over several inputs.
pub struct Run<'r> {
    scrubber: &'r Scrubber,
    pool: &'r rayon::ThreadPool,
    file: FindingFile,
    spare: Spare<'r>,
    window: Window,
    /// How many inputs were begun.
    inputs: u32,
    summary: Summary,
    progress: Progress,
    on_progress: Option<Box<dyn FnMut(Progress) + 'r>>,
    acknowledgment: Option<(Acknowledgment, Box<dyn Write + 'r>)>,
}

/// What is used again from chunk to chunk.
#[derive(Default)]
struct Spare<'r> {
    batches: Mutex<Vec<ClaimBatch>>,
    /// One a worker, which has what it looks up most at hand.
    memos: Vec<Mutex<Option<Memo<'r>>>>,
    episodes: Mutex<Vec<Episodes>>,
    ids: Mutex<Vec<Vec<Option<u64>>>>,
    outcomes: Mutex<Vec<BatchOutcome>>,
    written: Mutex<Vec<Vec<u8>>>,
}

/// Findings of a chunk beyond so many bytes take memory of their own, which is given back.
const MOST_SPARE_BYTES: usize = 8 << 20;

/// A chunk that has been scrubbed.
struct Done {
    chunk: Chunk,
    claims: u64,
    outcome: BatchOutcome,
    written: Vec<u8>,
    acknowledged: Option<AcknowledgmentPart>,
}

/// What a worker sends back of a chunk, with its number; `Err` with the chunk's place when the program itself failed.
type Answer = (u64, Result<Box<Done>, u64>);

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
                memos: std::iter::repeat_with(Mutex::default).take(pool.current_num_threads()).collect(),
                ..Spare::default()
            },
            window: Window::default(),
            inputs: 0,
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
        let rows_of = reader.rows_make_claims().then_some(self.inputs);
        let ids = rows_of.map(|_| ClaimIdWindow::default());
        let most_under_way = (self.pool.current_num_threads() + CHUNKS_AHEAD) as u64;
        let (scrubber, pool) = (self.scrubber, self.pool);
        let spare = std::mem::take(&mut self.spare);
        let in_order = Mutex::new(InOrder::new(std::mem::take(&mut self.window), ids));
        let (acknowledge, writer) = (self.acknowledgment.is_some(), self.file.writer());
        let job = Job {
            scrubber,
            writer,
            spare: &spare,
            in_order: &in_order,
            parser: &*parser,
            rows_of,
            file: &file,
            acknowledge,
        };
        let result = pool.in_place_scope(|scope| {
            let (send, receive) = mpsc::channel();
            // How many chunks were read and written.
            let (mut begun, mut next) = (0u64, 0u64);
            // How reading ended, once it has.
            let mut ended: Option<Result<(), RunError>> = None;
            let mut done = BTreeMap::new();
            let internal = |offset| RunError::Internal { file: file.clone(), offset };
            loop {
                while ended.is_none() && begun - next < most_under_way {
                    match reader.next_chunk() {
                        Ok(Some(chunk)) => {
                            let (send, number) = (send.clone(), begun);
                            scope.spawn(move |scope| job.run(scope, number, chunk, &send));
                            begun += 1;
                        }
                        Ok(None) => ended = Some(Ok(())),
                        // The chunks before are under way, and are still written and counted.
                        Err(error) => ended = Some(Err(error.into())),
                    }
                }
                if next == begun {
                    return ended.unwrap_or(Ok(()));
                }
                // Never so while this function itself can send.
                let Ok((number, chunk)) = receive.recv() else { return Err(internal(0)) };
                done.insert(number, chunk);
                while let Some(chunk) = done.remove(&next) {
                    let mut chunk: Box<Done> = chunk.map_err(internal)?;
                    next += 1;
                    self.file.add(&chunk.written, out).map_err(RunError::Write)?;
                    let part = chunk.acknowledged.take();
                    if let (Some((acknowledgment, out)), Some(part)) = (&mut self.acknowledgment, part) {
                        let mut written = Vec::new();
                        acknowledgment.take(part, &mut written);
                        out.write_all(&written).map_err(RunError::Acknowledge)?;
                    }
                    self.summary.add(&chunk.outcome.tally, &chunk.outcome.counts);
                    self.progress.bytes += chunk.chunk.len() as u64;
                    self.progress.claims += chunk.claims;
                    if let Some(call) = &mut self.on_progress {
                        call(self.progress);
                    }
                    let Done { chunk, outcome, written, .. } = *chunk;
                    give(&spare.outcomes, outcome);
                    if written.capacity() <= MOST_SPARE_BYTES {
                        give(&spare.written, written);
                    }
                    reader.recycle(chunk.into_bytes());
                }
            }
        });
        self.spare = spare;
        self.window = in_order.into_inner().unwrap_or_else(PoisonError::into_inner).into_window();
        if let Some((acknowledgment, out)) = &mut self.acknowledgment {
            let mut written = Vec::new();
            acknowledgment.end_input(&mut written);
            out.write_all(&written).map_err(RunError::Acknowledge)?;
        }
        result
    }

    /// What came of the inputs as far as they were read: what is left of a run that one of them stops.
    pub fn so_far(&self) -> &Summary {
        &self.summary
    }

    /// Writes what stands after all findings, and gives what came of all inputs.
    ///
    /// # Errors
    /// When it cannot be written.
    pub fn finish(self, out: &mut dyn Write) -> Result<Summary, RunError> {
        if let Some((acknowledgment, mut out)) = self.acknowledgment {
            let mut written = Vec::new();
            acknowledgment.finish(&mut written);
            out.write_all(&written).and_then(|()| out.flush()).map_err(RunError::Acknowledge)?;
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
    in_order: &'j Mutex<InOrder>,
    parser: &'j dyn ChunkParser,
    /// The number of the input, where rows make its claims.
    rows_of: Option<u32>,
    file: &'j str,
    /// Whether an acknowledgment is written.
    acknowledge: bool,
}

impl<'j, 'r> Job<'j, 'r> {
    /// Parses a chunk, and scrubs those whose turn it is: this one, mostly, which is at hand.
    fn run<'s>(self, scope: &rayon::Scope<'s>, number: u64, chunk: Chunk, send: &mpsc::Sender<Answer>)
    where
        'j: 's,
        'r: 's,
    {
        let parsed = self.parse(chunk);
        self.in_order().take(number, parsed);
        let mut own = None;
        while let Some((turn, looked)) = self.turn() {
            if turn == number {
                own = Some(looked);
                continue;
            }
            let send = send.clone();
            scope.spawn(move |_| self.finish(turn, looked, &send));
        }
        if let Some(looked) = own {
            self.finish(number, looked, send);
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
    fn finish(&self, number: u64, looked: Result<Looked, u64>, send: &mpsc::Sender<Answer>) {
        // Only fails when the run has stopped and nobody waits for the result.
        let _ = send.send((number, looked.and_then(|looked| self.scrub(looked))));
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
            Box::new(Parsed { chunk, batch, ids, episodes })
        };
        catch_unwind(AssertUnwindSafe(parse)).map_err(|_| offset)
    }

    /// Scrubs a chunk and writes its findings.
    fn scrub(&self, chunk: Looked) -> Result<Box<Done>, u64> {
        let offset = chunk.chunk.place().offset;
        catch_unwind(AssertUnwindSafe(|| self.scrub_with(chunk))).map_err(|_| offset)
    }

    fn scrub_with(&self, looked: Looked) -> Box<Done> {
        let Looked { chunk, batch, ids, earlier } = looked;
        give(&self.spare.ids, ids);
        let worker = rayon::current_thread_index().and_then(|worker| self.spare.memos.get(worker));
        let own = |memo: &Mutex<Option<Memo<'r>>>| memo.lock().unwrap_or_else(PoisonError::into_inner).take();
        let mut memo = worker.and_then(own).unwrap_or_else(|| self.scrubber.memo());
        let mut outcome = take(&self.spare.outcomes).unwrap_or_default();
        let mut written = take(&self.spare.written).unwrap_or_default();
        written.clear();
        self.scrubber.scrub_batch(&batch, &earlier, &mut memo, &mut outcome);
        let context =
            Context { edits: self.scrubber.edits(), batch: &batch, codeset: self.scrubber.codeset(), file: self.file };
        for finding in &outcome.findings {
            self.writer.write(finding, &context, &mut written);
        }
        let acknowledged =
            self.acknowledge.then(|| AcknowledgmentPart::new(&batch, &outcome.findings, self.scrubber.edits()));
        let claims = batch.claims.len() as u64;
        if let Some(worker) = worker {
            *worker.lock().unwrap_or_else(PoisonError::into_inner) = Some(memo);
        }
        give(&self.spare.batches, batch);
        Box::new(Done { chunk, claims, outcome, written, acknowledged })
    }
}

fn take<T>(spare: &Mutex<Vec<T>>) -> Option<T> {
    spare.lock().unwrap_or_else(PoisonError::into_inner).pop()
}

fn give<T>(spare: &Mutex<Vec<T>>, item: T) {
    spare.lock().unwrap_or_else(PoisonError::into_inner).push(item);
}
