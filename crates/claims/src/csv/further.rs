//! Further rows of a claim, found by what they repeat.
//!
//! A further row repeats the claim's own columns of the first one, and mostly what lines have in common: provider, days
//! and place. Neighbours among these are compared with the first row in one piece, separators and all, so that fields
//! are looked for among the line's own columns alone.

use super::fields::places_of;
use super::record;
use super::split::Window;
use crate::Field;
use crate::map::Plan;
use crate::values;
use memchr::memchr2;
use std::ops::Range;
use wide::u8x16;

/// How the columns of a file follow each other.
#[derive(Debug)]
pub(super) struct Layout {
    steps: Vec<Step>,
    delimiter: u8x16,
}

/// What a column is for. Neighbours in this order, some of which may be missing, are one step.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug)]
enum Kind {
    /// The claim's: a row that differs there is another claim's, or disagrees.
    Claim,
    /// What the claim's lines mostly have in common, when it stands together.
    Common,
    /// The line's own, or nobody's.
    Own,
}

/// Neighbouring columns: the claim's first, then those that lines mostly have in common, then the line's own.
#[derive(Debug)]
struct Step {
    /// Where the three begin, and where the last ends.
    claim: usize,
    common: usize,
    own: usize,
    end: usize,
    /// What a line reads of those that are not the claim's, but for the row's last column.
    fields: Vec<Option<Field>>,
    /// What it reads of the row's last column, when that is one of them.
    last: Option<Option<Field>>,
}

/// A field of a line that is not empty.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) struct Given {
    pub(super) field: Field,
    pub(super) start: usize,
    pub(super) end: usize,
}

/// The fields of a line that are not empty.
#[derive(Debug)]
pub(super) struct Givens {
    /// They, and room behind them.
    slots: Vec<Given>,
    count: usize,
}

impl Givens {
    /// With room for so many.
    pub(super) fn of(width: usize) -> Givens {
        Givens { slots: vec![Given { field: Field::ClaimId, start: 0, end: 0 }; width], count: 0 }
    }

    #[inline]
    pub(super) fn clear(&mut self) {
        self.count = 0;
    }

    #[inline(always)]
    pub(super) fn put(&mut self, given: Given) {
        if let Some(slot) = self.slots.get_mut(self.count) {
            *slot = given;
            self.count += 1;
        }
    }

    #[inline]
    pub(super) fn all(&self) -> &[Given] {
        self.slots.get(..self.count).unwrap_or_default()
    }
}

/// The first readable row of a claim, which gives the claim's fields and is what further rows are compared with.
#[derive(Debug)]
pub(super) struct Head {
    /// The row, with its line end where it has one.
    row: Vec<u8>,
    /// Where its fields begin, and the end of the row, as many as there are. A field ends one byte before the next begins.
    starts: Vec<usize>,
    width: usize,
    /// Where its last field ends.
    end: usize,
    /// What a row of the same claim begins with, the first byte lowest; which bits of it count, and how many bytes
    /// these are.
    beginning: (u64, u64, usize),
    /// Whether it has fields between quotes.
    pub(super) quoted: bool,
    /// Whether further lines may take from its line what lines mostly have in common.
    pub(super) common: bool,
}

impl Head {
    /// Of rows of this many fields.
    pub(super) fn of(width: usize) -> Head {
        Head {
            row: Vec::new(),
            starts: places_of(width),
            width,
            end: 0,
            beginning: (0, 0, 0),
            quoted: false,
            common: false,
        }
    }

    /// Takes a row, which has its line end or not, and from `starts` where its fields begin; what is there then means
    /// nothing.
    pub(super) fn take(&mut self, row: &[u8], starts: &mut Vec<usize>, quoted: bool) {
        self.row.clear();
        self.row.extend_from_slice(row);
        std::mem::swap(&mut self.starts, starts);
        if let Some(last) = self.starts.get_mut(self.width) {
            self.end = last.wrapping_sub(1);
            *last = row.len();
        }
        (self.quoted, self.common) = (quoted, false);
    }

    pub(super) fn row(&self) -> &[u8] {
        &self.row
    }

    /// Whether the bytes begin as a row of the same claim does, as far as one look tells.
    #[inline]
    fn begins(&self, bytes: &[u8]) -> bool {
        let (beginning, counted, _) = self.beginning;
        bytes.first_chunk().is_some_and(|&first| (u64::from_le_bytes(first) ^ beginning) & counted == 0)
    }

    /// Where the fields from one to another stand.
    #[inline]
    pub(super) fn span(&self, first: usize, last: usize) -> Range<usize> {
        match (self.starts.get(first), self.starts.get(last + 1)) {
            (Some(&start), Some(_)) if last + 1 == self.width => start..self.end,
            (Some(&start), Some(&next)) => start..next.wrapping_sub(1),
            _ => 0..0,
        }
    }

    /// What stands in the columns before `end`, up to and with the separator after them, or the line end.
    #[inline]
    fn piece(&self, first: usize, end: usize) -> Option<&[u8]> {
        self.row.get(*self.starts.get(first)?..*self.starts.get(end)?)
    }
}

/// A further row that repeats the first one.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) struct Further {
    /// Where the row after it begins.
    pub(super) next: usize,
    /// Whether its line has all in common that lines mostly have.
    pub(super) common: bool,
}

impl Layout {
    /// The layout of rows of `width` columns; `None` when fields are made of columns, which takes each row's own.
    pub(super) fn new(plan: &Plan, width: usize, delimiter: u8) -> Option<Layout> {
        if !plan.claim_recipes.is_empty() || !plan.line_recipes.is_empty() || plan.line_diagnosis.is_some() {
            return None;
        }
        let mut columns = vec![(Kind::Own, None); width];
        columns.get_mut(plan.id_column)?.0 = Kind::Claim;
        for &(column, _) in &plan.claim_columns {
            columns.get_mut(column)?.0 = Kind::Claim;
        }
        for &(column, field) in &plan.line_columns {
            *columns.get_mut(column)? = (if values::common(field) { Kind::Common } else { Kind::Own }, Some(field));
        }
        let common = |own: &&[(Kind, Option<Field>)]| own.iter().any(|column| column.0 == Kind::Common);
        if columns.chunk_by(|a, b| a.0 == b.0).filter(common).count() > 1 {
            // Apart from each other they are not taken together, which is all that a line can do.
            columns.iter_mut().filter(|column| column.0 == Kind::Common).for_each(|column| column.0 = Kind::Own);
        }
        let mut end = 0;
        let step = |own: &[(Kind, Option<Field>)]| {
            let of = |kind| own.iter().filter(|column| column.0 == kind).count();
            let claim = end;
            end = claim + own.len();
            let (common, own_begin) = (claim + of(Kind::Claim), end - of(Kind::Own));
            let mut fields: Vec<_> =
                own.iter().filter(|column| column.0 != Kind::Claim).map(|&(_, field)| field).collect();
            let last = if end == width { fields.pop() } else { None };
            Step { claim, common, own: own_begin, end, fields, last }
        };
        let steps = columns.chunk_by(|a, b| a.0 <= b.0).map(step).collect();
        Some(Layout { steps, delimiter: u8x16::splat(delimiter) })
    }

    /// Makes ready for rows that follow this one, which stands with its line end.
    pub(super) fn lead(&self, first: &mut Head) {
        let own = self.steps.first().and_then(|step| first.starts.get(step.common)).map_or(0, |&length| length.min(8));
        let counted = u64::MAX.checked_shr(64 - 8 * own as u32).unwrap_or(0);
        first.beginning = (first.row.first_chunk().copied().map_or(0, u64::from_le_bytes), counted, own);
    }

    /// Looks whether the row at `start` repeats its claim's first row, and if so puts what its line gives into `given`.
    #[inline]
    pub(super) fn follow(&self, bytes: &[u8], start: usize, first: &Head, given: &mut Givens) -> Option<Further> {
        if first.begins(bytes.get(start..)?) { self.follow_on(bytes, start, first, given) } else { None }
    }

    /// As [`Layout::follow`], of a row that begins as it should.
    #[inline(never)]
    fn follow_on(&self, bytes: &[u8], start: usize, first: &Head, given: &mut Givens) -> Option<Further> {
        let (mut at, mut common) = (start, false);
        let (_, _, mut known) = first.beginning;
        given.clear();
        for step in &self.steps {
            let rest = bytes.get(at..)?;
            let mut repeated = step.common;
            if first.common
                && step.own > step.common
                && let Some(piece) = first.piece(step.claim, step.own)
                && rest.starts_with(piece)
            {
                at += piece.len();
                repeated = step.own;
                common = true;
            } else if step.common > step.claim {
                let piece = first.piece(step.claim, step.common)?;
                if piece.len() > known && !rest.starts_with(piece) {
                    return None;
                }
                at += piece.len();
            }
            known = 0;
            if repeated < step.end {
                let fields = step.fields.get(repeated - step.common..)?;
                let (after, count) = walk(bytes, at, self.delimiter, fields, given.slots.get_mut(given.count..)?)?;
                at = after;
                given.count += count;
            }
            if step.last.is_some() && repeated < step.end {
                at = self.walk_last(step, bytes, at, given)?;
            }
        }
        Some(Further { next: at, common })
    }

    /// The row's last column, from `at` on, which is a line's; gives where the next row begins.
    fn walk_last(&self, step: &Step, bytes: &[u8], at: usize, given: &mut Givens) -> Option<usize> {
        let newline = at + memchr2(self.delimiter.to_array()[0], b'\n', bytes.get(at..)?)?;
        let end = record::without_return(bytes, at, newline);
        if bytes.get(newline) != Some(&b'\n') {
            return None;
        }
        if let (Some(field), true) = (step.last?, end > at) {
            given.put(Given { field, start: at, end });
        }
        Some(newline + 1)
    }
}

/// Walks over fields that begin at `at`, each with a delimiter after it, and puts those that are not empty into
/// `slots`; gives the place after the last delimiter and the number of those put. `None` where the row ends before, or
/// a field is longer than is looked at here.
#[inline(always)]
fn walk(
    bytes: &[u8],
    mut at: usize,
    delimiter: u8x16,
    fields: &[Option<Field>],
    slots: &mut [Given],
) -> Option<(usize, usize)> {
    if let [field] = *fields {
        return one(bytes, at, delimiter, field, slots);
    }
    let mut window = Window::at(bytes, at, delimiter);
    // A place in the window, and the column that it is in.
    let (mut place, mut column) = (0, 0);
    let mut count = 0;
    loop {
        // Up to the next field that is not empty there are delimiters alone, each of which ends a column.
        if let Some((start, end)) = window.next() {
            let next = column + start - place;
            let Some(&field) = fields.get(next) else { break };
            if let Some(field) = field
                && let Some(slot) = slots.get_mut(count)
            {
                *slot = Given { field, start: at + start, end: at + end };
                count += 1;
            }
            (place, column) = (end, next);
        } else {
            let run = window.delimiters_at(place);
            if column + run >= fields.len() {
                break;
            }
            (place, column) = (place + run, column + run);
            if place == 0 || !window.within_row(place) {
                return None;
            }
            at += place;
            window = Window::at(bytes, at, delimiter);
            place = 0;
        }
    }
    let passed = place + fields.len() - column;
    window.within_row(passed).then_some((at + passed, count))
}

/// As [`walk`], of one field: mostly a line's number, a digit or two.
#[inline]
fn one(bytes: &[u8], at: usize, delimiter: u8x16, field: Option<Field>, slots: &mut [Given]) -> Option<(usize, usize)> {
    let delimiter = delimiter.as_array()[0];
    let length = bytes.get(at..)?.iter().position(|&byte| byte == delimiter || byte == b'\n')?;
    let end = at + length;
    if bytes.get(end) != Some(&delimiter) {
        return None;
    }
    match (field, slots) {
        (Some(field), [slot, ..]) if length > 0 => {
            *slot = Given { field, start: at, end };
            Some((end + 1, 1))
        }
        _ => Some((end + 1, 0)),
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;

    /// The fields that are not empty of so many that begin at `at`, and the place after them, found byte by byte.
    fn plainly(bytes: &[u8], at: usize, fields: &[Option<Field>]) -> Option<(usize, Vec<Given>)> {
        let (mut given, mut start) = (Vec::new(), at);
        for &field in fields {
            let end = (start..bytes.len()).find(|&place| matches!(bytes[place], b',' | b'\n'))?;
            if bytes[end] == b'\n' {
                return None;
            }
            given.extend(field.filter(|_| end > start).map(|field| Given { field, start, end }));
            start = end + 1;
        }
        Some((start, given))
    }

    #[test]
    fn fields_are_found_as_byte_by_byte() {
        let mut state = 3u64;
        let mut random = move |below: u64| {
            state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
            (state >> 33) % below
        };
        let mut found = 0;
        for round in 0..100_000 {
            let bytes: Vec<u8> = (0..random(150))
                .map(|_| match random(1 + round % 12) {
                    0 => b',',
                    1 if random(8) == 0 => b'\n',
                    _ => b"ab0\xac"[random(4) as usize],
                })
                .collect();
            let fields: Vec<Option<Field>> =
                (0..=random(12)).map(|place| (random(6) > 0).then_some(Field::Diagnosis(place as u8))).collect();
            let at = random(bytes.len() as u64 + 1) as usize;
            let mut slots = vec![Given { field: Field::ClaimId, start: 0, end: 0 }; fields.len()];
            let walked = walk(&bytes, at, u8x16::splat(b','), &fields, &mut slots);
            let expected = plainly(&bytes, at, &fields);
            let shown = String::from_utf8_lossy(&bytes[at..]).into_owned();
            match (walked, expected) {
                (Some((after, count)), Some((place, given))) => {
                    assert_eq!(after, place, "{shown}");
                    assert!(slots[..count] == given, "{shown}");
                    found += 1;
                }
                (None, None) => {}
                (None, Some((place, _))) => {
                    let longest = bytes[at..place].split(|&byte| byte == b',').map(<[u8]>::len).max();
                    assert!(longest >= Some(32), "{shown}");
                }
                (Some(_), None) => assert_eq!(shown, ""),
            }
        }
        assert!(found > 30_000, "{found}");
    }

    #[test]
    fn a_row_is_followed_where_it_repeats_the_first() {
        let names = ["claim_id", "line_number", "sex", "rendering_npi", "service_from", "procedure", "what", "dx_1"];
        let map = crate::ColumnMap::default();
        let names: Vec<_> = names.iter().map(|name| crate::map::Name::new(name, &map)).collect();
        let plan = Plan::new(&names, &map, Vec::new()).unwrap();
        let layout = Layout::new(&plan, names.len(), b',').unwrap();
        let row = b"A,1,F,1234567893,20240101,99213,,I10\n";
        let mut starts: Vec<usize> = std::iter::once(0)
            .chain((0..row.len()).filter(|&at| matches!(row[at], b',' | b'\n')).map(|at| at + 1))
            .collect();
        let mut head = Head::of(names.len());
        head.take(row, &mut starts, false);
        layout.lead(&mut head);
        head.common = true;
        let follow = |text: &str| {
            let mut given = Givens::of(names.len());
            let further = layout.follow(text.as_bytes(), 0, &head, &mut given)?;
            let text = |given: &Given| format!("{}={}", given.field, &text[given.start..given.end]);
            Some((further.next, further.common, given.all().iter().map(text).collect::<Vec<_>>().join(" ")))
        };
        let found = |next: usize, common: bool, given: &str| Some((next, common, given.to_owned()));
        let same = "A,2,F,1234567893,20240101,99214,x,I10\nB";
        assert_eq!(follow(same), found(38, true, "line_number=2 procedure=99214"));
        let other_day = "A,,F,1234567893,20240102,,,I10\n";
        assert_eq!(follow(other_day), found(31, false, "rendering_npi=1234567893 service_from=20240102"));
        for apart in [
            "B,2,F,1234567893,20240101,99214,,I10\n",
            "A,2,M,1234567893,20240101,99214,,I10\n",
            "A,2,F,1234567893,20240101,99214,,I11\n",
            "A,2,F,1234567893,20240101,99214,,I10",
            "A,2,F,1234567893,20240101,99214,,I10\r\n",
            "A,2,F,1234567893,20240101,99214,I10\n",
            "A,2,F,1234567893,20240101,99214,,,I10\n",
            "A,2,F\n",
            "A,\n2,F,1234567893,20240101,99214,,I10\n",
            "",
        ] {
            assert_eq!(follow(apart), None, "{apart}");
        }
    }
}
