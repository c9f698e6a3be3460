//! The notes of the tabular list: which diagnoses exclude each other, and which come before or after others.
//!
//! A note stands at a chapter, section, category or code and holds for every code below it. So that nothing has to
//! climb, each code has the list of all notes that hold for it, its own and those above; codes that share all their
//! notes share one list. A note names ranges of ordinals, sorted and apart.

use crate::BuildError;
use crate::bytes::{Bytes, View};
use crate::error::OpenError;
use crate::format::{Directory, SectionWriter};
use crate::reach::{PARTS, Reach};
use crate::system::{Ordinal, System};
use bytemuck::{Pod, Zeroable};
use codes::{Code, Date, DateRange};
use std::collections::{BTreeMap, BTreeSet};
use std::ops::Range;
use std::sync::Arc;

const OPEN: i32 = i32::MAX;
const EXAMPLES: u8 = 1;
/// The characters of a category.
const CATEGORY: usize = 3;

/// What a note says of the codes that it names.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
#[repr(u8)]
pub enum NoteKind {
    /// Not coded here: the two are not reported together.
    Excludes1 = 0,
    /// Not included here: the two may be reported together.
    Excludes2 = 1,
    /// The underlying condition, which goes first.
    CodeFirst = 2,
    /// What is reported besides, and after.
    UseAdditional = 3,
}

impl NoteKind {
    /// Every kind.
    pub const ALL: [NoteKind; 4] =
        [NoteKind::Excludes1, NoteKind::Excludes2, NoteKind::CodeFirst, NoteKind::UseAdditional];

    /// The name that tables use.
    pub const fn name(self) -> &'static str {
        match self {
            NoteKind::Excludes1 => "excludes1",
            NoteKind::Excludes2 => "excludes2",
            NoteKind::CodeFirst => "code-first",
            NoteKind::UseAdditional => "use-additional",
        }
    }

    /// The kind of this name.
    pub fn from_name(name: &str) -> Option<NoteKind> {
        Self::ALL.into_iter().find(|kind| kind.name() == name)
    }
}

/// All codes from the first to the last in the order of codes, and all codes below the last.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub struct CodeRun {
    /// The first code.
    pub first: Code,
    /// The last code: the first, where the run is one code and those below it.
    pub last: Code,
}

/// A note for an image that is being built.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Debug)]
pub struct NewNote {
    /// What it says of the codes that it names.
    pub kind: NoteKind,
    /// Where it stands, by its name: a code, or a section or chapter by its first and last category.
    pub owner: CodeRun,
    /// The codes for which it holds.
    pub on: Vec<CodeRun>,
    /// The codes that it names.
    pub targets: Vec<CodeRun>,
    /// The codes are examples, or the note holds only if it applies.
    pub examples: bool,
    /// The first day on which it is known to hold.
    pub from: Date,
    /// The last.
    pub to: Option<Date>,
    /// The release, an index into [`crate::Codeset::releases`].
    pub release: u16,
}

/// A note as the image has it: 40 bytes, read in place.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Pod, Zeroable)]
#[repr(C)]
struct Entry {
    owner_first: u64,
    owner_last: u64,
    from: i32,
    to: i32,
    /// Its targets among the ranges.
    first: u32,
    count: u32,
    release: u16,
    kind: u8,
    flags: u8,
    reserved: u32,
}

impl Entry {
    fn holds_on(&self, day: Date) -> bool {
        self.from <= day.days() && day.days() <= self.to
    }
}

/// Ordinals from the first to before the last.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug, Pod, Zeroable)]
#[repr(C)]
struct Span {
    first: u32,
    end: u32,
}

/// Collects the notes for an image.
#[derive(Default, Debug)]
pub struct NotesBuilder {
    notes: BTreeSet<NewNote>,
}

impl NotesBuilder {
    /// No notes.
    pub fn new() -> NotesBuilder {
        NotesBuilder::default()
    }

    /// Adds a note. The same note again changes nothing.
    pub fn add(&mut self, note: NewNote) {
        self.notes.insert(note);
    }

    /// How many notes there are.
    pub fn len(&self) -> usize {
        self.notes.len()
    }

    /// Whether there are none.
    pub fn is_empty(&self) -> bool {
        self.notes.is_empty()
    }

    /// Writes the notes over the codes of the diagnosis system.
    pub(crate) fn write(self, codes: &[Code], sections: &mut SectionWriter) -> Result<(), BuildError> {
        let spans = |runs: &[CodeRun]| {
            let span = |run: &CodeRun| {
                let first = codes.partition_point(|&code| code < run.first);
                let end = codes.partition_point(|&code| code.prefix(run.last.len()) <= run.last);
                Span { first: first as u32, end: end.max(first) as u32 }
            };
            merged(runs.iter().map(span).collect())
        };
        let mut notes: Vec<(NewNote, Vec<Span>)> =
            self.notes.into_iter().map(|note| (spans(&note.on), note)).map(|(on, note)| (note, on)).collect();
        // The note nearest to a code is the first of its kind and days in the code's list.
        let width = |on: &[Span]| on.iter().map(|span| span.end - span.first).sum::<u32>();
        notes.sort_by(|(a, on_a), (b, on_b)| (a.kind, a.from, width(on_a), a).cmp(&(b.kind, b.from, width(on_b), b)));
        let mut ranges: Vec<Span> = Vec::new();
        let mut known: BTreeMap<Vec<Span>, u32> = BTreeMap::new();
        let mut entries = Vec::with_capacity(notes.len());
        // Where notes begin and cease to hold, in the order of codes.
        let mut begins: BTreeMap<u32, Vec<u32>> = BTreeMap::new();
        let mut ceases: BTreeMap<u32, Vec<u32>> = BTreeMap::new();
        for ((note, on), number) in notes.iter().zip(0u32..) {
            let targets = spans(&note.targets);
            let count = targets.len() as u32;
            let first = *known.entry(targets).or_insert_with_key(|targets| {
                ranges.extend_from_slice(targets);
                ranges.len() as u32 - count
            });
            for span in on {
                begins.entry(span.first).or_default().push(number);
                ceases.entry(span.end).or_default().push(number);
            }
            entries.push(Entry {
                owner_first: note.owner.first.to_bits(),
                owner_last: note.owner.last.to_bits(),
                from: note.from.days(),
                to: note.to.map_or(OPEN, Date::days),
                first,
                count,
                release: note.release,
                kind: note.kind as u8,
                flags: if note.examples { EXAMPLES } else { 0 },
                reserved: 0,
            });
        }
        for (what, count) in [("notes", entries.len()), ("ranges of notes", ranges.len())] {
            if u32::try_from(count).is_err() {
                return Err(BuildError::TooMany { what: what.to_owned(), count, limit: u32::MAX as usize });
            }
        }
        let parts = parts(codes);
        let mut lists: BTreeMap<Vec<u32>, u32> = BTreeMap::new();
        let (mut first, mut numbers, mut reach) = (vec![0u32], Vec::new(), Vec::new());
        let mut of = Vec::with_capacity(codes.len());
        let (mut holding, mut list) = (BTreeSet::new(), None);
        for place in 0..codes.len() as u32 {
            let (ceasing, beginning) = (ceases.get(&place), begins.get(&place));
            for number in ceasing.into_iter().flatten() {
                holding.remove(number);
            }
            holding.extend(beginning.into_iter().flatten().copied());
            if ceasing.is_some() || beginning.is_some() {
                list = None;
            }
            let number = *list.get_or_insert_with(|| {
                let own: Vec<u32> = holding.iter().copied().collect();
                *lists.entry(own).or_insert_with_key(|own| {
                    numbers.extend_from_slice(own);
                    first.push(numbers.len() as u32);
                    reach.push(reach_of(own, &entries, &ranges, &parts));
                    first.len() as u32 - 2
                })
            });
            of.push(number);
        }
        sections.add(format!("{NAME}.of"), &of);
        sections.add(format!("{NAME}.first"), &first);
        sections.add(format!("{NAME}.numbers"), &numbers);
        sections.add(format!("{NAME}.parts"), &parts);
        sections.add(format!("{NAME}.reach"), &reach);
        sections.add(format!("{NAME}.notes"), &entries);
        sections.add(format!("{NAME}.ranges"), &ranges);
        Ok(())
    }
}

/// The same ordinals as the fewest spans, in order.
fn merged(mut spans: Vec<Span>) -> Vec<Span> {
    spans.retain(|span| span.first < span.end);
    spans.sort_unstable();
    let mut merged: Vec<Span> = Vec::with_capacity(spans.len());
    for span in spans {
        match merged.last_mut() {
            Some(last) if span.first <= last.end => last.end = last.end.max(span.end),
            _ => merged.push(span),
        }
    }
    merged
}

/// The first code of each part of the system that a reach tells apart. Parts are of as many categories each, not of as many
/// codes: what claims mostly give and notes mostly name are categories of few codes.
fn parts(codes: &[Code]) -> Vec<u32> {
    let category = |code: &Code| code.prefix(CATEGORY);
    let begins = |place: &usize| *place == 0 || category(&codes[*place]) != category(&codes[*place - 1]);
    let categories: Vec<u32> = (0..codes.len()).filter(begins).map(|place| place as u32).collect();
    categories.chunks(categories.len().div_ceil(PARTS).max(1)).map(|part| part[0]).collect()
}

/// The place of the part that a code is of.
#[inline]
fn part_of(parts: &[u32], code: u32) -> u32 {
    (parts.partition_point(|&first| first <= code) as u32).wrapping_sub(1)
}

/// In which parts of the system the Excludes1 notes of a list name codes.
fn reach_of(list: &[u32], entries: &[Entry], ranges: &[Span], parts: &[u32]) -> u64 {
    let excluding = list.iter().filter_map(|&number| entries.get(number as usize)).filter(|entry| entry.kind == 0);
    let spans = excluding.flat_map(|entry| &ranges[entry.first as usize..(entry.first + entry.count) as usize]);
    let named = spans.flat_map(|span| part_of(parts, span.first)..=part_of(parts, span.end - 1));
    named.fold(0, |reach, part| reach | 1 << part)
}

/// The name that sections, sources and `inspect` use.
const NAME: &str = Notes::NAME;

/// The notes of an image, read in place.
pub struct Notes {
    of: View<u32>,
    first: View<u32>,
    numbers: View<u32>,
    parts: View<u32>,
    reach: View<u64>,
    notes: View<Entry>,
    ranges: View<Span>,
    coverage: Vec<DateRange>,
}

impl Notes {
    /// The name that sections, sources and `inspect` use.
    pub const NAME: &'static str = "icd10cm-notes";

    pub(crate) fn open(bytes: &Arc<Bytes>, directory: &Directory, codes: usize) -> Result<Option<Notes>, OpenError> {
        if directory.section(&format!("{NAME}.notes")).is_none() {
            return Ok(None);
        }
        let notes = Notes {
            of: directory.view(bytes, &format!("{NAME}.of"))?,
            first: directory.view(bytes, &format!("{NAME}.first"))?,
            numbers: directory.view(bytes, &format!("{NAME}.numbers"))?,
            parts: directory.view(bytes, &format!("{NAME}.parts"))?,
            reach: directory.view(bytes, &format!("{NAME}.reach"))?,
            notes: directory.view(bytes, &format!("{NAME}.notes"))?,
            ranges: directory.view(bytes, &format!("{NAME}.ranges"))?,
            coverage: directory.coverage(NAME),
        };
        if notes.of.len() != codes || notes.first.len() != notes.reach.len() + 1 || notes.parts.len() > PARTS {
            let detail = format!("notes for {} codes of {codes}, in {} parts", notes.of.len(), notes.parts.len());
            return Err(OpenError::Inconsistent { part: NAME.to_owned(), detail });
        }
        Ok(Some(notes))
    }

    /// How many dated notes there are.
    pub fn len(&self) -> usize {
        self.notes.len()
    }

    /// Whether there are none.
    pub fn is_empty(&self) -> bool {
        self.notes.is_empty()
    }

    /// The days for which the loaded lists answer, in order and apart.
    pub fn coverage(&self) -> &[DateRange] {
        &self.coverage
    }

    /// Whether the loaded lists answer for the day.
    #[inline]
    pub fn covers(&self, day: Date) -> bool {
        self.coverage.iter().any(|range| range.contains(day))
    }

    /// The notes as they could be put into another image that has the same codes. Runs end in the last code that they
    /// hold, which may lie below the code that was named.
    pub fn to_new(&self, codes: &System) -> Vec<NewNote> {
        let mut on: Vec<Vec<Span>> = vec![Vec::new(); self.notes.len()];
        for ordinal in 0..self.of.len() as u32 {
            for &number in self.list(Ordinal(ordinal)).map_or(&[][..], |(_, numbers)| numbers) {
                let Some(spans) = on.get_mut(number as usize) else { continue };
                match spans.last_mut() {
                    Some(last) if last.end == ordinal => last.end += 1,
                    _ => spans.push(Span { first: ordinal, end: ordinal + 1 }),
                }
            }
        }
        let run = |span: &Span| CodeRun {
            first: codes.code(Ordinal(span.first)),
            last: codes.code(Ordinal(span.end.saturating_sub(1))),
        };
        let note = |(note, on): (NoteRef<'_>, Vec<Span>)| {
            Some(NewNote {
                kind: note.kind()?,
                owner: note.owner(),
                on: on.iter().map(run).collect(),
                targets: note.spans().iter().map(run).collect(),
                examples: note.names_examples(),
                from: note.days().from,
                to: note.days().to,
                release: note.release(),
            })
        };
        self.iter().zip(on).filter_map(note).collect()
    }

    fn list(&self, code: Ordinal) -> Option<(usize, &[u32])> {
        let list = *self.of.get(code.index())? as usize;
        let (&from, &to) = (self.first.get(list)?, self.first.get(list + 1)?);
        Some((list, self.numbers.get(from as usize..to as usize)?))
    }

    /// Every note, in the image's order.
    pub fn iter(&self) -> impl Iterator<Item = NoteRef<'_>> {
        self.notes.iter().map(|entry| NoteRef { entry, notes: self })
    }

    /// The notes of a kind that hold for the code on the day, its own and those of everything above it, the nearest
    /// first.
    pub fn of(&self, code: Ordinal, kind: NoteKind, day: Date) -> impl Iterator<Item = NoteRef<'_>> {
        let numbers = self.list(code).map_or(&[][..], |(_, numbers)| numbers);
        let entries = numbers.iter().filter_map(|&number| self.notes.get(number as usize));
        entries
            .filter(move |entry| entry.kind == kind as u8 && entry.holds_on(day))
            .map(|entry| NoteRef { entry, notes: self })
    }

    /// Where the code stands among the Excludes1 notes of all days.
    #[inline]
    pub fn reach(&self, code: Ordinal) -> Reach {
        let list = self.of.get(code.index()).copied().unwrap_or(u32::MAX);
        Reach { names: self.reach.get(list as usize).copied().unwrap_or(0), named: self.bit(code) }
    }

    #[inline]
    fn bit(&self, code: Ordinal) -> u64 {
        1u64.checked_shl(part_of(&self.parts, code.0)).unwrap_or(0)
    }

    /// The nearest Excludes1 note that holds for `code` on the day and names `other`. The note may stand at the other
    /// code as well: ask both ways.
    ///
    /// # Examples
    /// ```
    /// # use cleanclaim_codeset::*;
    /// # use codes::{Code, Date};
    /// # fn main() -> Result<(), Box<dyn std::error::Error>> {
    /// # let day = |text: &str| Date::parse(text.as_bytes()).ok_or("no date");
    /// # let code = |text: &str| Code::parse(text.as_bytes()).ok_or("no code");
    /// # let mut system = SystemBuilder::new(SystemId::Diagnosis);
    /// # for text in ["E10", "E109", "E119"] { system.mention(code(text)?); }
    /// # let mut image = ImageBuilder::new();
    /// # image.system(system)?;
    /// let run = |text| code(text).map(|code| CodeRun { first: code, last: code });
    /// let mut notes = NotesBuilder::new();
    /// notes.add(NewNote {
    ///     kind: NoteKind::Excludes1,
    ///     owner: run("E10")?,
    ///     on: vec![run("E10")?],
    ///     targets: vec![run("E119")?],
    ///     examples: false,
    ///     from: day("2026-04-01")?,
    ///     to: Some(day("2026-09-30")?),
    ///     release: 0,
    /// });
    /// image.notes(notes)?;
    /// let codeset = Codeset::from_bytes(&image.finish()?)?;
    /// let (system, notes) = codeset.system(SystemId::Diagnosis).zip(codeset.notes()).ok_or("not loaded")?;
    /// let ordinal = |text: &str| code(text).map(|code| system.ordinal(code)).map(Option::unwrap_or_default);
    /// let (type_1, type_2) = (ordinal("E109")?, ordinal("E119")?);
    /// let note = notes.excludes1(type_1, type_2, day("2026-04-01")?).ok_or("they exclude each other")?;
    /// assert_eq!(note.owner().first, code("E10")?);
    /// assert!(notes.excludes1(type_2, type_1, day("2026-04-01")?).is_none());
    /// assert!(notes.excludes1(type_1, type_2, day("2026-10-01")?).is_none());
    /// # Ok(())
    /// # }
    /// ```
    #[inline]
    pub fn excludes1(&self, code: Ordinal, other: Ordinal, day: Date) -> Option<NoteRef<'_>> {
        let list = *self.of.get(code.index())?;
        if self.reach.get(list as usize)? & self.bit(other) == 0 {
            return None;
        }
        self.of(code, NoteKind::Excludes1, day).find(|note| note.names(other))
    }
}

/// A note of an image.
#[derive(Clone, Copy)]
pub struct NoteRef<'n> {
    entry: &'n Entry,
    notes: &'n Notes,
}

impl<'n> NoteRef<'n> {
    /// What it says of the codes that it names.
    pub fn kind(self) -> Option<NoteKind> {
        NoteKind::ALL.into_iter().find(|&kind| kind as u8 == self.entry.kind)
    }

    /// Where it stands, by its name: a code, or a section or chapter by its first and last category.
    pub fn owner(self) -> CodeRun {
        let Entry { owner_first, owner_last, .. } = self.entry;
        CodeRun { first: Code::from_bits(*owner_first), last: Code::from_bits(*owner_last) }
    }

    /// The days on which it is known to hold.
    pub fn days(self) -> DateRange {
        let Entry { from, to, .. } = *self.entry;
        DateRange { from: Date::from_days(from), to: (to != OPEN).then(|| Date::from_days(to)) }
    }

    /// The release that it is from, an index into [`crate::Codeset::releases`].
    pub fn release(self) -> u16 {
        self.entry.release
    }

    /// The codes are examples, or the note holds only if it applies: others may be meant, or none.
    pub fn names_examples(self) -> bool {
        self.entry.flags & EXAMPLES != 0
    }

    /// The ordinals that it names, in order and apart.
    pub fn targets(self) -> impl Iterator<Item = Range<u32>> + 'n {
        self.spans().iter().map(|span| span.first..span.end)
    }

    /// Whether it names the code.
    #[inline]
    pub fn names(self, code: Ordinal) -> bool {
        let spans = self.spans();
        let place = spans.partition_point(|span| span.end <= code.0);
        spans.get(place).is_some_and(|span| span.first <= code.0)
    }

    #[inline]
    fn spans(self) -> &'n [Span] {
        let Entry { first, count, .. } = *self.entry;
        self.notes.ranges.get(first as usize..(first as usize).saturating_add(count as usize)).unwrap_or_default()
    }
}

impl std::fmt::Debug for NoteRef<'_> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let (kind, owner, days) = (self.kind(), self.owner(), self.days());
        f.debug_struct("NoteRef").field("kind", &kind).field("owner", &owner).field("days", &days).finish()
    }
}
