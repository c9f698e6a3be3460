//! Reads an 837 in chunks that begin and end between claims: the sequential half.

use super::guide::Issue;
use super::head::{Context, Head};
use super::parse::X12Parser;
use super::segments::{Cursor, Segments};
use super::separators::Separators;
use super::track::{Role, State};
use super::wrap;
use crate::input::{Input, ReadError};
use crate::reader::{Chunk, ChunkParser, ClaimReader, Gap, MOST_CHUNK, MOST_CLAIM, next_chunk_bytes};
use crate::{Columns, Place, Problem, ProblemKind};
use memchr::{memchr, memmem};
use std::fmt;
use std::sync::Arc;

/// Bytes read at a time, at least.
const BLOCK: usize = 64 * 1024;
/// Bytes at the end of text outside of an interchange that may hold the beginning of one.
const ISA_WINDOW: usize = 256;
/// Chunks that have come back and wait to be filled again.
const MAX_SPARE: usize = 16;
/// No segment that [`Segments::pass`] goes over is as long.
const ALIKE: usize = 64;

/// Why an input cannot be read as X12 at all.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum X12Error {
    /// The input cannot be read.
    #[error(transparent)]
    Read(#[from] ReadError),
    /// There is no beginning of an interchange, group or transaction set.
    #[error(
        "{name}: is no X12: an ISA segment was not found in the first 64 KiB, nor does it begin with a GS or ST segment \
         whose separators could be told; give an 837 as it is sent, or say the format with --input-format"
    )]
    NotX12 {
        /// The file.
        name: String,
    },
    /// There is an ISA segment, but it does not say what separates.
    #[error(
        "{name}: the ISA segment at byte {offset} has no sixteen elements between its ISA and its end, so that the component \
         separator (ISA16) and the segment terminator cannot be told; send the ISA as the standard has it, of 106 \
         characters, the last two of which are those separators"
    )]
    BadIsa {
        /// The file.
        name: String,
        /// Where it begins.
        offset: u64,
    },
}

/// How to read an 837.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct X12Options {
    /// Bytes of a chunk, about: a chunk ends at the first place between claims beyond them. The first chunks of an input are
    /// shorter.
    pub chunk_bytes: usize,
    /// The most bytes of one claim. What is beyond is left out, and the claim is unreadable.
    pub claim_bytes: usize,
    /// The most bytes of one segment. What is beyond is left out, and the claim that it is in is unreadable.
    pub segment_bytes: usize,
    /// Whether batches keep what an acknowledgment repeats ([`crate::ClaimBatch::trace`]).
    pub trace: bool,
}

impl Default for X12Options {
    fn default() -> X12Options {
        X12Options { chunk_bytes: 1024 * 1024, claim_bytes: 16 * 1024 * 1024, segment_bytes: 64 * 1024, trace: false }
    }
}

/// Reads claims from X12 837: professional, institutional and dental. See [`ClaimReader`] for how it is used.
///
/// ```
/// use cleanclaim_claims::{ClaimBatch, ClaimReader, Input, X12Options, X12Reader};
/// let text = "ST*837*0001*005010X222A1~BHT*0019*00*1*20240110*1200*CH~HL*1**20*1~NM1*85*2*CLINIC*****XX*1234567893~\
///     HL*2*1*22*0~SBR*P*18*******MB~NM1*IL*1*DOE*JO****MI*M1~CLM*C1*125***11:B:1*Y*A*Y*Y~HI*ABK:E119~LX*1~\
///     SV1*HC:99213*125*UN*1***1~DTP*472*D8*20240105~SE*13*0001~";
/// let mut reader = X12Reader::new(Input::from_reader("claims.837", text.as_bytes())?, X12Options::default())?;
/// let mut batch = ClaimBatch::default();
/// if let Some(chunk) = reader.next_chunk()? {
///     reader.parser().parse(&chunk, &mut batch);
/// }
/// let claim = batch.claim(0);
/// assert_eq!((claim.id(), claim.lines()[0].procedure.to_string().as_str()), ("C1", "99213"));
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
pub struct X12Reader {
    input: Input,
    options: X12Options,
    /// Whether line ends stand anywhere, and are left out.
    wrapped: bool,
    notices: Vec<String>,
    /// Read and not given out yet, and where it begins.
    pending: Vec<u8>,
    start: Place,
    gaps: Vec<Gap>,
    ended: bool,
    /// Why the input cannot be read further, to be told once the claims before are given out.
    failed: Option<ReadError>,
    /// Whether they are given out.
    over: bool,
    /// The last place before the cursor at which a chunk could end, and the place of the segment after it.
    last_cut: Option<(Cursor, Place)>,
    /// How far `pending` has been looked at.
    cursor: Cursor,
    /// The separators and the state at the beginning of `pending`, and what its claims are under.
    head_cursor: Cursor,
    head: Context,
    problems: Vec<Problem>,
    state: State,
    spare: Vec<Vec<u8>>,
}

/// What a look at `pending` came to.
enum Step {
    /// A chunk can end here, which is before the segment after this cursor, at `next`.
    Cut { at: Cursor, cut_at: Option<u32>, next: Place },
    /// The rest of a claim that is too long ends before this cursor.
    Resume(Cursor),
    /// Nothing more can be told without more bytes.
    More,
}

impl X12Reader {
    /// Finds where the first interchange, group or transaction set begins.
    ///
    /// # Errors
    ///
    /// [`X12Error`] when the input cannot be read, or when it has no such beginning.
    pub fn new(mut input: Input, options: X12Options) -> Result<X12Reader, X12Error> {
        let mut pending = Vec::new();
        let offset = input.offset();
        let mut failed = None;
        while pending.len() < BLOCK && failed.is_none() {
            match input.append(&mut pending, BLOCK) {
                Ok(0) => break,
                read => failed = read.err(),
            }
        }
        let mut notices = Vec::new();
        let wrapped = wrap::column(&pending);
        if let Some(column) = wrapped {
            wrap::unwrap(&mut pending, 0);
            notices.push(format!(
                "its text is wrapped at column {column}: line ends are left out, and places count the bytes without them"
            ));
        }
        let Some((separators, outside)) = beginning(&pending) else {
            let name = || input.name().to_owned();
            let none = || match damaged_isa(&pending) {
                Some(at) => X12Error::BadIsa { name: name(), offset: offset + at as u64 },
                None => X12Error::NotX12 { name: name() },
            };
            return Err(failed.map_or_else(none, X12Error::Read));
        };
        let cursor = Cursor { at: 0, number: 1, separators, outside };
        let options = X12Options {
            chunk_bytes: options.chunk_bytes.clamp(1, MOST_CHUNK),
            claim_bytes: options.claim_bytes.clamp(1, MOST_CLAIM),
            segment_bytes: options.segment_bytes.clamp(1, MOST_CHUNK),
            trace: options.trace,
        };
        Ok(X12Reader {
            input,
            options,
            wrapped: wrapped.is_some(),
            notices,
            pending,
            start: Place { offset, row: 1 },
            gaps: Vec::new(),
            ended: false,
            failed,
            over: false,
            last_cut: None,
            cursor,
            head_cursor: cursor,
            head: Context::default(),
            problems: Vec::new(),
            state: State::default(),
            spare: Vec::new(),
        })
    }

    /// Looks at the segments from the cursor on.
    fn look(&mut self) -> Step {
        let X12Reader { pending, cursor, state, options, problems, ended, start, gaps, last_cut, .. } = self;
        let mut segments = Segments::resume(pending, start.offset, *cursor, *ended);
        loop {
            if let Some(claim) = state.claim.filter(|_| !state.leaving_out && options.segment_bytes >= ALIKE) {
                segments.pass(claim.saturating_add(options.claim_bytes), Role::is_other);
            }
            let Cursor { at, separators, outside, .. } = *segments.cursor();
            // Where it is: what was just written in parts would be waited for, were it copied as a whole.
            let mut next = segments.next();
            let Some(segment) = &mut next else {
                *cursor = Cursor { at, ..*segments.cursor() };
                return Step::More;
            };
            let from = (segment.place.offset - start.offset) as usize;
            if !gaps.is_empty() {
                segment.place.offset += left_out(gaps, from);
            }
            let next = segment.place;
            let before = || Cursor { at, number: next.row, separators, outside };
            let whole = segment.bytes.len() < options.segment_bytes;
            let role = match Role::of(segment) {
                Role::Claim => Role::Claim,
                role if whole => role,
                // Too long to be what it says.
                _ => Role::Other,
            };
            let (given, used) = (separators.component, segment.separators.component);
            let reseparated = role == Role::Claim && given != used;
            if let Some(claim) = state.claim {
                if role == Role::Other {
                    if !state.leaving_out && at - claim > options.claim_bytes {
                        let cut_at = Some(saturated(options.claim_bytes));
                        return Step::Cut { at: before(), cut_at, next };
                    }
                    let after = *segments.cursor();
                    if state.leaving_out && after.at >= options.chunk_bytes.max(BLOCK) {
                        return Step::Resume(after);
                    }
                    continue;
                }
                if state.leaving_out {
                    state.leaving_out = false;
                    state.claim = Some(at);
                    return Step::Resume(before());
                }
            }
            // Before what ends a transaction set, an open claim is not known to be whole.
            let between = state.claim.is_none() || matches!(role, Role::Claim | Role::Level);
            if between && at >= next_chunk_bytes(start.offset, options.chunk_bytes) {
                state.claim = None;
                return Step::Cut { at: before(), cut_at: None, next };
            }
            if between && at > 0 {
                *last_cut = Some((before(), next));
            }
            if let Some(problem) = state.track(segment, from, role, (at, outside), whole) {
                problems.push(problem);
            }
            if reseparated && state.claim.is_some() {
                let kind = ProblemKind::ComponentSeparator { given: given.into(), used: used.into() };
                problems.push(Problem::outside(kind, segment.place));
            }
            if !matches!(role, Role::Claim | Role::Level | Role::Other) {
                state.envelopes.segment(segment, &mut state.issues);
                problems.extend(state.issues.drain(..).map(Issue::outside));
            }
        }
    }

    /// Gives out `pending` up to a cursor.
    fn take(&mut self, at: Cursor, cut_at: Option<u32>, after: Option<Place>) -> Chunk {
        let mut next = self.spare.pop().unwrap_or_default();
        next.clear();
        self.state.context.keep(&self.pending);
        next.extend_from_slice(self.pending.get(at.at..).unwrap_or_default());
        let mut bytes = std::mem::replace(&mut self.pending, next);
        bytes.truncate(at.at);
        let start = self.start;
        let gaps = self.advance(at);
        let context = std::mem::replace(&mut self.head, self.state.context.clone());
        let cursor = std::mem::replace(&mut self.head_cursor, self.cursor);
        let problems = std::mem::take(&mut self.problems);
        let last = self.ended && self.pending.is_empty();
        let head = Head { cursor, context, last, cut_at, next: after, problems };
        Chunk { bytes, start, gaps, x12: Some(Box::new(head)), ..Chunk::default() }
    }

    /// Leaves out `pending` up to a cursor.
    fn skip(&mut self, at: Cursor) {
        self.state.context.keep(&self.pending);
        self.pending.drain(..at.at);
        self.advance(at);
        self.head_cursor = self.cursor;
        if let Some(claim) = &mut self.state.claim {
            *claim = 0;
        }
    }

    /// Moves the beginning of `pending` to the cursor; gives the gaps before it.
    fn advance(&mut self, at: Cursor) -> Vec<Gap> {
        let offset = self.start.offset + at.at as u64 + left_out(&self.gaps, at.at);
        let (gaps, later): (Vec<Gap>, Vec<Gap>) = self.gaps.iter().partition(|gap| gap.at <= at.at);
        self.gaps = later.into_iter().map(|gap| Gap { at: gap.at - at.at, ..gap }).collect();
        self.start = Place { offset, row: at.number };
        self.cursor = Cursor { at: 0, ..at };
        self.last_cut = None;
        gaps
    }

    /// Reads more. What of a segment is beyond all that one may have is left out, so that one endless segment takes
    /// no more memory than another.
    fn fill(&mut self) {
        let most = self.options.chunk_bytes.max(BLOCK);
        let read = append(&mut self.input, self.wrapped, &mut self.pending, most);
        if self.is_end(read) {
            return;
        }
        if self.pending.len() - self.cursor.at <= self.options.segment_bytes + ISA_WINDOW {
            return;
        }
        let mut segments = Segments::resume(&self.pending, 0, self.cursor, false);
        if segments.next().is_some() {
            return;
        }
        let separators = self.cursor.separators;
        let rest = self.pending.get(self.cursor.at..).unwrap_or_default();
        let Some(blanks) = rest.iter().position(|&byte| !separators.is_blank(byte)) else {
            self.leave_out(self.cursor.at, self.pending.len());
            return;
        };
        let from = self.cursor.at + blanks;
        if self.cursor.outside {
            // One byte stays for the text as a whole.
            self.leave_out(from + 1, (self.pending.len() - ISA_WINDOW).max(from + 1));
            return;
        }
        let keep = from + self.options.segment_bytes;
        self.leave_out(keep, self.pending.len());
        let mut block = Vec::new();
        loop {
            block.clear();
            let read = append(&mut self.input, self.wrapped, &mut block, BLOCK);
            if self.is_end(read) {
                return;
            }
            let end = memchr(separators.segment, &block);
            self.pending.extend_from_slice(&block);
            self.leave_out(keep, keep + end.unwrap_or(block.len()));
            if end.is_some() {
                return;
            }
        }
    }

    /// Whether the input ends here, or fails.
    fn is_end(&mut self, read: Result<usize, ReadError>) -> bool {
        self.ended = matches!(read, Ok(0));
        self.failed = read.err();
        self.ended || self.failed.is_some()
    }

    /// Takes these bytes of `pending` out.
    fn leave_out(&mut self, from: usize, to: usize) {
        if from >= to {
            return;
        }
        self.pending.drain(from..to);
        let count = (to - from) as u64;
        match self.gaps.last_mut() {
            Some(gap) if gap.at == from => gap.left_out += count,
            _ => self.gaps.push(Gap { at: from, left_out: count }),
        }
    }

    fn finish(&mut self) {
        let others = std::mem::take(&mut self.state.others);
        let count: u64 = others.values().sum();
        if count > 0 {
            let kinds: Vec<String> = others.into_iter().map(|(kind, count)| format!("{count} of {kind}")).collect();
            let sets = if count == 1 { "transaction set is" } else { "transaction sets are" };
            self.notices.push(format!("{count} {sets} no 837 and passed unjudged: {}", kinds.join(", ")));
        }
    }
}

impl ClaimReader for X12Reader {
    fn name(&self) -> &str {
        self.input.name()
    }

    fn columns(&self) -> Columns {
        X12Parser::COLUMNS
    }

    fn notices(&self) -> &[String] {
        &self.notices
    }

    fn rows_make_claims(&self) -> bool {
        false
    }

    fn is_acknowledged(&self) -> bool {
        true
    }

    fn next_chunk(&mut self) -> Result<Option<Chunk>, ReadError> {
        if self.over {
            return self.failed.take().map_or(Ok(None), Err);
        }
        loop {
            match self.look() {
                Step::Cut { at, cut_at, next } => {
                    self.state.leaving_out = cut_at.is_some();
                    if cut_at.is_some() {
                        self.state.claim = Some(0);
                    }
                    return Ok(Some(self.take(at, cut_at, Some(next))));
                }
                Step::Resume(at) => self.skip(at),
                Step::More if self.failed.is_some() => {
                    self.over = true;
                    // What follows may be half a claim.
                    return match self.last_cut {
                        Some((at, next)) => {
                            self.problems.retain(|problem| problem.place.offset < next.offset);
                            Ok(Some(self.take(at, None, Some(next))))
                        }
                        None => self.failed.take().map_or(Ok(None), Err),
                    };
                }
                Step::More if !self.ended => self.fill(),
                Step::More => {
                    if self.state.leaving_out {
                        self.pending.clear();
                    }
                    let end = self.start.offset + self.cursor.at as u64 + left_out(&self.gaps, self.cursor.at);
                    let end = Place { offset: end, row: self.cursor.number };
                    self.state.envelopes.end(end, &mut self.state.issues);
                    self.problems.extend(self.state.issues.drain(..).map(Issue::outside));
                    if self.pending.is_empty() && self.problems.is_empty() {
                        self.finish();
                        return Ok(None);
                    }
                    let at = Cursor { at: self.pending.len(), ..self.cursor };
                    return Ok(Some(self.take(at, None, None)));
                }
            }
        }
    }

    fn recycle(&mut self, bytes: Vec<u8>) {
        // Memory that one long claim took is given back.
        if self.spare.len() < MAX_SPARE && bytes.capacity() <= self.options.chunk_bytes.max(BLOCK).saturating_mul(4) {
            self.spare.push(bytes);
        }
    }

    fn parser(&self) -> Arc<dyn ChunkParser> {
        Arc::new(X12Parser::new(self.options.segment_bytes, self.options.trace))
    }
}

impl fmt::Debug for X12Reader {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "X12Reader({} at segment {})", self.input.name(), self.cursor.number)
    }
}

fn append(input: &mut Input, wrapped: bool, to: &mut Vec<u8>, most: usize) -> Result<usize, ReadError> {
    if wrapped { wrap::append_unwrapped(input, to, most) } else { input.append(to, most) }
}

/// The separators that the input begins with, and whether an ISA has still to come.
fn beginning(bytes: &[u8]) -> Option<(Separators, bool)> {
    let start = bytes.iter().position(|byte| !byte.is_ascii_whitespace() && *byte != 0x1a)?;
    let text = bytes.get(start..)?;
    if Separators::of_isa(text).is_some() {
        return Some((Separators::CUSTOM, true));
    }
    if let Some(separators) = Separators::guess(text) {
        return Some((separators, false));
    }
    // An ISA that cannot be read as one, before a group that can.
    if let [b'I', b'S', b'A', element, ..] = *text {
        let group = memmem::find(text, &[b'G', b'S', element]);
        let guessed = group.and_then(|group| Separators::guess(text.get(group..)?));
        if let Some(separators) = guessed {
            return Some((separators, false));
        }
    }
    let found = memmem::find_iter(text, b"ISA").any(|at| text.get(at..).and_then(Separators::of_isa).is_some());
    found.then_some((Separators::CUSTOM, true))
}

/// Where an ISA begins that does not say what separates.
fn damaged_isa(bytes: &[u8]) -> Option<usize> {
    let is_isa = |at: &usize| matches!(bytes.get(at + 3..at + 7), Some([a, b'0', b'0' | b'3', b]) if a == b && a.is_ascii_punctuation());
    memmem::find_iter(bytes, b"ISA").find(is_isa)
}

/// How many bytes were left out before the byte at `at`.
fn left_out(gaps: &[Gap], at: usize) -> u64 {
    gaps.iter().take_while(|gap| gap.at <= at).map(|gap| gap.left_out).sum()
}

fn saturated(bytes: usize) -> u32 {
    u32::try_from(bytes).unwrap_or(u32::MAX)
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;
    use crate::ClaimBatch;
    use std::io::{Read, repeat};

    const SET: &str = "ST*837*1*005010X222A1~BHT*0019~HL*1**20~";

    fn read_ids(text: &str) -> (Vec<String>, Vec<String>) {
        let input = Input::from_reader("x", std::io::Cursor::new(text.to_owned())).unwrap();
        let options = X12Options { chunk_bytes: 700, ..X12Options::default() };
        let mut reader = X12Reader::new(input, options).unwrap();
        let (parser, mut batch, mut ids) = (reader.parser(), ClaimBatch::default(), Vec::new());
        while let Some(chunk) = reader.next_chunk().unwrap() {
            parser.parse(&chunk, &mut batch);
            ids.extend(batch.iter().map(|claim| {
                format!("{} {} {} {}", claim.id(), claim.lines().len(), claim.row.place.offset, batch.problems.len())
            }));
        }
        (ids, reader.notices().to_vec())
    }

    #[test]
    fn a_wrapped_interchange_reads_as_it_was() {
        let claims: String = (0..3000)
            .map(|number| format!("CLM*C{number}*1***11:B:1~LX*1~SV1*HC:99213*125*UN*1***1~DTP*472*D8*20240105~"))
            .collect();
        let isa = "ISA*00*          *00*          *ZZ*A              *ZZ*B              *240105*1200*^*00501*000000001*0*P*:~";
        let text = format!("{isa}{SET}{claims}SE*9*1~IEA*1*000000001~");
        let (expected, notices) = read_ids(&text);
        assert_eq!((expected.len(), notices.len()), (3000, 0));
        for (column, line_end) in [(72, "\n"), (80, "\r\n")] {
            let lines: Vec<&str> =
                text.as_bytes().chunks(column).map(|line| std::str::from_utf8(line).unwrap()).collect();
            let (ids, notices) = read_ids(&lines.join(line_end));
            assert_eq!(ids, expected);
            assert!(notices[0].contains(&format!("column {column}")), "{notices:?}");
        }
    }

    #[test]
    fn an_isa_that_says_no_separators_is_told() {
        let isa =
            "ISA*00*          *00*          *ZZ*A              *ZZ*B              *240105*1200*^*00501*1*0~GX*HC~";
        for (text, offset) in [(isa.to_owned(), 0), (format!("note\n{isa}"), 5)] {
            let input = Input::from_reader("x", std::io::Cursor::new(text)).unwrap();
            let error = X12Reader::new(input, X12Options::default()).unwrap_err().to_string();
            assert!(error.starts_with(&format!("x: the ISA segment at byte {offset} ")), "{error}");
        }
    }

    /// However long the parts of an input are, little of it is held at a time.
    #[test]
    fn memory_is_bounded_whatever_is_long() {
        const LONG: u64 = 40 * 1024 * 1024;
        let isa = "ISA*00*          *00*          *ZZ*A              *ZZ*B              *240105*1200*^*00501*000000001*0*P*:~";
        let note = "NTE*ADD*A NOTE OF SOME LENGTH~";
        let mut letters = note.bytes().cycle();
        let notes = Endless(move || letters.next().unwrap());
        let after = "~CLM*Z*1***11:B:1~SE*9*1~";
        let cases: [(&str, String, Box<dyn Read + Send>); 5] = [
            ("a segment above claims", format!("{SET}NM1*85*"), Box::new(repeat(b'x'))),
            ("a segment of a claim", format!("{SET}CLM*A*1***11:B:1~NTE*ADD*"), Box::new(repeat(b'x'))),
            ("a claim", format!("{SET}CLM*A*1***11:B:1~"), Box::new(notes)),
            ("white space", SET.to_owned(), Box::new(repeat(b'\n'))),
            ("text after an interchange", format!("{isa}IEA*1*1~"), Box::new(repeat(b'x'))),
        ];
        for (name, begin, long) in cases {
            let end = if name.starts_with("text") { format!("{isa}{SET}{after}") } else { after.to_owned() };
            let bytes = std::io::Cursor::new(begin.into_bytes()).chain(long.take(LONG));
            let input = Input::from_reader("x", bytes.chain(std::io::Cursor::new(end.into_bytes()))).unwrap();
            let options = X12Options { claim_bytes: 1024 * 1024, ..X12Options::default() };
            let mut reader = X12Reader::new(input, options).unwrap();
            let (parser, mut batch, mut ids) = (reader.parser(), ClaimBatch::default(), Vec::new());
            while let Some(chunk) = reader.next_chunk().unwrap() {
                let held = reader.pending.capacity().max(chunk.bytes.capacity());
                assert!(held < 8 * 1024 * 1024, "{name}: {held} bytes");
                parser.parse(&chunk, &mut batch);
                ids.extend(batch.iter().map(|claim| claim.id().to_owned()));
                reader.recycle(chunk.into_bytes());
            }
            assert_eq!(ids.last().map(String::as_str), Some("Z"), "{name}");
            assert_eq!(ids.len(), if name.ends_with("claim") { 2 } else { 1 }, "{name}");
        }
    }

    /// Bytes without end.
    struct Endless<F>(F);

    impl<F: FnMut() -> u8> Read for Endless<F> {
        fn read(&mut self, buffer: &mut [u8]) -> std::io::Result<usize> {
            buffer.fill_with(&mut self.0);
            Ok(buffer.len())
        }
    }
}
