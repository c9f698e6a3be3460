//! Scrubbing whole inputs: batches over a rayon pool, findings written in input order, memory bounded.
//!
//! The calling thread reads chunks and hands them to the pool, and takes the results back in the order of the
//! chunks. No more than a few chunks a worker are under way at a time, so memory does not grow with the input.
//! What a chunk holds depends on the input alone, so the output is the same at any number of threads.

use crate::batch::BatchOutcome;
use crate::memo::Memo;
use crate::scrubber::Scrubber;
use claims::{Chunk, ChunkParser, ClaimBatch, ClaimIdWindow, ClaimReader, Field, Problem, ProblemKind, ReadError};
use report::{Acknowledgment, AcknowledgmentPart, Context, FindingFile, FindingWriter, Format, Summary};
use std::collections::BTreeMap;
use std::io::Write;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::{Mutex, PoisonError, mpsc};

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
    workers: Mutex<Vec<Worker<'r>>>,
    summary: Summary,
    progress: Progress,
    on_progress: Option<Box<dyn FnMut(Progress) + 'r>>,
    acknowledgment: Option<(Acknowledgment, Box<dyn Write + 'r>)>,
}

/// What a worker keeps from chunk to chunk.
struct Worker<'r> {
    batch: ClaimBatch,
    memo: Memo<'r>,
    outcome: BatchOutcome,
}

/// A chunk that has been scrubbed.
struct Done {
    chunk: Chunk,
    ids: Vec<Option<u64>>,
    outcome: BatchOutcome,
    written: Vec<u8>,
    acknowledged: Option<AcknowledgmentPart>,
}

impl<'r> Run<'r> {
    /// A run of this scrubber on this pool, writing findings in this form.
    pub fn new(scrubber: &'r Scrubber, pool: &'r rayon::ThreadPool, format: Format) -> Run<'r> {
        Run {
            scrubber,
            pool,
            file: FindingFile::new(format),
            workers: Mutex::new(Vec::new()),
            summary: Summary::new(scrubber.codeset(), scrubber.edits().len()),
            progress: Progress::default(),
            on_progress: None,
            acknowledgment: None,
        }
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
        let mut window = reader.rows_make_claims().then(ClaimIdWindow::default);
        let most_under_way = self.pool.current_num_threads() + CHUNKS_AHEAD;
        let (scrubber, pool) = (self.scrubber, self.pool);
        let workers = std::mem::take(&mut self.workers);
        let (acknowledge, writer) = (self.acknowledgment.is_some(), self.file.writer());
        let job = Job { scrubber, writer, workers: &workers, parser: &*parser, file: &file, acknowledge };
        let result = pool.in_place_scope(|scope| {
            let (send, receive) = mpsc::channel();
            let (mut begun, mut next) = (0u64, 0u64);
            // How reading ended, once it has.
            let mut ended: Option<Result<(), RunError>> = None;
            let mut waiting: BTreeMap<u64, Result<Done, u64>> = BTreeMap::new();
            loop {
                while ended.is_none() && begun - next < most_under_way as u64 {
                    match reader.next_chunk() {
                        Ok(Some(chunk)) => {
                            let (send, number) = (send.clone(), begun);
                            scope.spawn(move |_| {
                                // Only fails when the run has stopped and nobody waits for the result.
                                let _ = send.send((number, job.scrub(chunk, &[])));
                            });
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
                let Ok((number, done)) = receive.recv() else {
                    return Err(RunError::Internal { file: file.clone(), offset: 0 });
                };
                waiting.insert(number, done);
                while let Some(done) = waiting.remove(&next) {
                    next += 1;
                    let done = done.and_then(|done| job.settle(done, window.as_mut()));
                    let done = done.map_err(|offset| RunError::Internal { file: file.clone(), offset })?;
                    self.file.add(&done.written, out).map_err(RunError::Write)?;
                    if let (Some((acknowledgment, out)), Some(part)) = (&mut self.acknowledgment, done.acknowledged) {
                        let mut written = Vec::new();
                        acknowledgment.take(part, &mut written);
                        out.write_all(&written).map_err(RunError::Acknowledge)?;
                    }
                    self.summary.add(&done.outcome.tally, &done.outcome.counts);
                    self.progress.bytes += done.chunk.len() as u64;
                    self.progress.claims += done.ids.len() as u64;
                    if let Some(call) = &mut self.on_progress {
                        call(self.progress);
                    }
                    reader.recycle(done.chunk.into_bytes());
                }
            }
        });
        self.workers = workers;
        if let Some((acknowledgment, out)) = &mut self.acknowledgment {
            let mut written = Vec::new();
            acknowledgment.end_input(&mut written);
            out.write_all(&written).map_err(RunError::Acknowledge)?;
        }
        result
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

/// What scrubbing the chunks of one input takes.
#[derive(Clone, Copy)]
struct Job<'j, 'r> {
    scrubber: &'r Scrubber,
    writer: FindingWriter,
    workers: &'j Mutex<Vec<Worker<'r>>>,
    parser: &'j dyn ChunkParser,
    file: &'j str,
    /// Whether an acknowledgment is written.
    acknowledge: bool,
}

impl Job<'_, '_> {
    /// Parses, scrubs and writes a chunk, in which the rows of these claims lie apart. `Err` with the chunk's place
    /// when the program itself failed.
    fn scrub(&self, chunk: Chunk, apart: &[u32]) -> Result<Done, u64> {
        let offset = chunk.place().offset;
        catch_unwind(AssertUnwindSafe(|| self.scrub_with(chunk, apart))).map_err(|_| offset)
    }

    fn scrub_with(&self, chunk: Chunk, apart: &[u32]) -> Done {
        let free = self.workers.lock().unwrap_or_else(PoisonError::into_inner).pop();
        let mut worker = free.unwrap_or_else(|| Worker {
            batch: ClaimBatch::default(),
            memo: self.scrubber.memo(),
            outcome: BatchOutcome::default(),
        });
        let Worker { batch, memo, outcome } = &mut worker;
        self.parser.parse(&chunk, batch);
        for &claim in apart {
            let place = batch.claims[claim as usize].place;
            batch.add_problem(Problem {
                kind: ProblemKind::RowsApart,
                claim,
                line: None,
                field: Some(Field::ClaimId),
                place,
            });
        }
        self.scrubber.scrub_batch(batch, memo, outcome);
        let mut written = Vec::new();
        let context =
            Context { edits: self.scrubber.edits(), batch, codeset: self.scrubber.codeset(), file: self.file };
        for finding in &outcome.findings {
            self.writer.write(finding, &context, &mut written);
        }
        let acknowledged =
            self.acknowledge.then(|| AcknowledgmentPart::new(batch, &outcome.findings, self.scrubber.edits()));
        let ids = batch.iter().map(|claim| ClaimIdWindow::hash(claim.id())).collect();
        let outcome = std::mem::take(outcome);
        self.workers.lock().unwrap_or_else(PoisonError::into_inner).push(worker);
        Done { chunk, ids, outcome, written, acknowledged }
    }

    /// Looks, in input order, whether rows of a claim lie apart. Such claims are rare, and known only once all
    /// before them are read, so their chunk is scrubbed again with that said.
    fn settle(&self, done: Done, window: Option<&mut ClaimIdWindow>) -> Result<Done, u64> {
        let Some(window) = window else { return Ok(done) };
        let seen = |(&id, claim): (&Option<u64>, u32)| window.seen_hash(id).then_some(claim);
        let apart: Vec<u32> = done.ids.iter().zip(0u32..).filter_map(seen).collect();
        if apart.is_empty() { Ok(done) } else { self.scrub(done.chunk, &apart) }
    }
}
