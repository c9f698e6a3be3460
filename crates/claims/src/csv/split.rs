//! Where the fields of a row end.

use super::record;
use crate::blocks::{BLOCK, block, places};
use std::num::NonZero;
use wide::u8x16;

/// Bytes looked at in one step where a few fields are looked for.
const WINDOW: usize = 32;

/// Cuts rows without quotes into fields, one row after another.
///
/// Fields of a claim are short, four bytes on average, so that a search for each costs more in calls than it
/// saves: the separators of 64 bytes are gathered into one mask, and a row takes its bits where the one before ended.
pub(super) struct Splitter<'b> {
    bytes: &'b [u8],
    delimiter: u8x16,
    /// Where the block at hand begins.
    at: usize,
    /// Its delimiters and line ends that no row has taken.
    separators: u64,
    /// The line ends among them.
    newlines: u64,
    /// Where the row after the last one begins.
    next: usize,
}

impl<'b> Splitter<'b> {
    /// Begins at the row at `start`.
    #[inline]
    pub(super) fn at(bytes: &'b [u8], start: usize, delimiter: u8) -> Splitter<'b> {
        let mut splitter =
            Splitter { bytes, delimiter: u8x16::splat(delimiter), at: start, separators: 0, newlines: 0, next: start };
        splitter.look();
        splitter
    }

    #[inline]
    fn look(&mut self) {
        let block: [u8; BLOCK] = block(self.bytes, self.at);
        self.newlines = places(&block, NEWLINES);
        self.separators = places(&block, self.delimiter) | self.newlines;
    }

    /// Puts the places after the next row's fields, each a byte beyond the field's end and counted from the row's
    /// `start`, into `after`, as many as fit; gives the number of fields and where the row after it begins. What stands
    /// in `after` behind them means nothing. One carriage return at the end is part of the line end. Rows may be left
    /// out.
    #[inline]
    pub(super) fn row(&mut self, start: usize, after: &mut [usize]) -> (usize, usize) {
        if start != self.next {
            self.at = start;
            self.look();
        }
        let mut count = 0;
        let (line_end, next) = loop {
            if self.newlines != 0 {
                // Separators up to the first line end.
                let own = self.separators & (self.newlines ^ (self.newlines - 1));
                let line_end = self.at + self.newlines.trailing_zeros() as usize;
                count = put(own, place_after(self.at, start), after, count);
                self.separators ^= own;
                self.newlines &= self.newlines - 1;
                break (line_end, line_end + 1);
            }
            count = put(self.separators, place_after(self.at, start), after, count);
            self.at += BLOCK;
            if self.at >= self.bytes.len() {
                self.separators = 0;
                count += 1;
                break (self.bytes.len(), self.bytes.len());
            }
            self.look();
        };
        if let Some(last) = after.get_mut(count - 1) {
            *last = place_after(record::without_return(self.bytes, start, line_end), start);
        }
        self.next = next;
        (count, next)
    }
}

/// The fields of a few bytes, as far as they are not empty.
pub(super) struct Window {
    /// Where delimiters stand, and line ends.
    delimiters: u64,
    newlines: u64,
    /// Where fields begin that are not empty, and where they end, but for those given.
    starts: u64,
    ends: u64,
}

impl Window {
    /// At the start of a field.
    #[inline]
    pub(super) fn at(bytes: &[u8], at: usize, delimiter: u8x16) -> Window {
        let block: [u8; WINDOW] = block(bytes, at);
        let (delimiters, newlines) = (places(&block, delimiter), places(&block, NEWLINES));
        let after = delimiters << 1 | 1;
        Window { delimiters, newlines, starts: !delimiters & after, ends: delimiters & !after }
    }

    /// Where the next field that is not empty begins and ends, when a delimiter ends it.
    #[inline]
    pub(super) fn next(&mut self) -> Option<(usize, usize)> {
        let ends = NonZero::new(self.ends)?;
        let field = (self.starts.trailing_zeros() as usize, ends.trailing_zeros() as usize);
        self.starts &= self.starts.wrapping_sub(1);
        self.ends &= self.ends - 1;
        Some(field)
    }

    /// The number of delimiters that stand at a place, one after another.
    #[inline]
    pub(super) fn delimiters_at(&self, place: usize) -> usize {
        (self.delimiters >> place).trailing_ones() as usize
    }

    /// Whether there is no line end before a place.
    #[inline]
    pub(super) fn within_row(&self, place: usize) -> bool {
        self.newlines & ((1 << place) - 1) == 0
    }
}

/// Splits the row at `start`, which has no quotes, as [`Splitter::row`] does.
#[inline]
pub(super) fn split(bytes: &[u8], start: usize, delimiter: u8, after: &mut [usize]) -> (usize, usize) {
    Splitter::at(bytes, start, delimiter).row(start, after)
}

/// Splits the row from `start` to the end of `bytes`, a physical line with quotes and without its line end: puts the
/// places after its fields into `after` as [`Splitter::row`] does, and gives their number. `None` when quotes are
/// doubled, or are not where they may be, or hold a line end.
#[inline]
pub(super) fn split_quoted(bytes: &[u8], start: usize, delimiter: u8, after: &mut [usize]) -> Option<usize> {
    let delimiters = u8x16::splat(delimiter);
    let mut count = 0;
    let mut at = start;
    // Of the byte before: whether it was within quotes (or opened them), a separator, a closing quote. The start
    // of the row is as good as a separator.
    let (mut within, mut after_separator, mut after_close) = (0u64, 1u64, 0u64);
    let mut bad = 0u64;
    while at < bytes.len() {
        let block: [u8; BLOCK] = block(bytes, at);
        let (mut separators, quotes) = (places(&block, delimiters), places(&block, QUOTES));
        // Each bit is the exclusive or of all quotes up to it: set from an opening quote to before its closing one.
        let mut inside = quotes;
        for shift in [1, 2, 4, 8, 16, 32] {
            inside ^= inside << shift;
        }
        inside ^= within;
        let (opening, closing) = (quotes & inside, quotes & !inside);
        separators &= !inside;
        // A quote opens at the start of a field and nowhere else, and closes at the end of one. A doubled quote
        // would be one that closes before one that opens: it is left to the careful way.
        bad |= opening & !(separators << 1 | after_separator);
        let rest = bytes.len() - at;
        let line_end = if rest < BLOCK { 1 << rest } else { 0 };
        bad |= (closing << 1 | after_close) & !(separators | line_end);
        count = put(separators, place_after(at, start), after, count);
        within = 0u64.wrapping_sub(inside >> (BLOCK - 1));
        after_separator = separators >> (BLOCK - 1);
        after_close = closing >> (BLOCK - 1);
        at += BLOCK;
    }
    if let Some(slot) = after.get_mut(count) {
        *slot = place_after(bytes.len(), start);
    }
    (bad == 0 && within == 0).then_some(count + 1)
}

/// The place after the byte at `at`, counted from the row's start. A block may begin before its row.
#[inline]
fn place_after(at: usize, start: usize) -> usize {
    at.wrapping_sub(start).wrapping_add(1)
}

/// Appends the places of the bits, the lowest of which is `first`, to `places`, as many as fit, after the first
/// `count`; gives the new count.
#[inline]
fn put(mut bits: u64, first: usize, places: &mut [usize], count: usize) -> usize {
    let after = count + bits.count_ones() as usize;
    let mut next = || {
        // With the uppermost bit set, no bits need no case of their own.
        let place = first.wrapping_add((TOP | bits).trailing_zeros() as usize);
        bits &= bits.wrapping_sub(1);
        place
    };
    let mut done = count;
    // Eight at a time, so that it is not for each place to be guessed whether one follows. What is written beyond the
    // last one is written over by the next block, or is of a row with too few fields.
    while done < after
        && let Some(slots) = places.get_mut(done..).and_then(|rest| rest.first_chunk_mut::<8>())
    {
        slots.fill_with(&mut next);
        done += 8;
    }
    let room = places.len();
    if done < after {
        places.get_mut(done.min(room)..after.min(room)).unwrap_or_default().fill_with(next);
    }
    after
}

const TOP: NonZero<u64> = match NonZero::new(1 << (BLOCK - 1)) {
    Some(top) => top,
    None => NonZero::<u64>::MIN,
};
const NEWLINES: u8x16 = u8x16::new([b'\n'; 16]);
const QUOTES: u8x16 = u8x16::new([b'"'; 16]);

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::super::record::{Dialect, Shape};
    use super::*;

    #[test]
    fn a_row_is_split_as_a_plain_search_splits_it() {
        let mut state = 7u64;
        let mut random = move |below: u64| {
            state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
            (state >> 33) % below
        };
        for _ in 0..20_000 {
            let length = random(260) as usize;
            let bytes: Vec<u8> = (0..length).map(|_| b",\n\r\x8a,\xac\0ab0"[random(10) as usize]).collect();
            let mut start = 0;
            let mut splitter = Splitter::at(&bytes, 0, b',');
            while start < bytes.len() {
                let mut after = [0; 200];
                let (count, next) = split(&bytes, start, b',', &mut after);
                let mut onward = [0; 200];
                assert_eq!(splitter.row(start, &mut onward), (count, next));
                assert_eq!(onward[..count], after[..count]);
                let newline = bytes[start..].iter().position(|&byte| byte == b'\n');
                let line_end = newline.map_or(bytes.len(), |length| start + length);
                assert_eq!(next, newline.map_or(bytes.len(), |length| start + length + 1));
                let mut expected: Vec<usize> = (start..line_end).filter(|&at| bytes[at] == b',').collect();
                let carriage = line_end > start && bytes[line_end - 1] == b'\r';
                expected.push(if carriage { line_end - 1 } else { line_end });
                assert!(after[..count].iter().map(|after| start + after - 1).eq(expected));
                start = next;
            }
        }
    }

    #[test]
    fn a_row_with_quotes_is_split_as_the_careful_way_splits_it() {
        let mut state = 11u64;
        let mut random = move |below: u64| {
            state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
            (state >> 33) % below
        };
        let mut taken = 0;
        for round in 0..60_000 {
            let mut line = Vec::new();
            for _ in 0..=random(16) {
                let length = random(12) as usize;
                let text: Vec<u8> = (0..length).map(|_| b"abc, \xc3"[random(6) as usize]).collect();
                match random(3) {
                    0 => line.extend(text.iter().filter(|&&byte| byte != b',')),
                    _ => line.extend([b"\"".as_slice(), &text, b"\""].concat()),
                }
                line.push(b',');
            }
            line.pop();
            // Every other line has a byte changed.
            if round % 2 == 1 && !line.is_empty() {
                let place = random(line.len() as u64) as usize;
                line[place] = b"\",a"[random(3) as usize];
            }
            if memchr::memchr(b'"', &line).is_none() {
                continue;
            }
            let dialect = Dialect::of_header(b',');
            let record = record::record(&line, 0, &dialect, true).unwrap();
            let well_formed = matches!(record.shape, Shape::Quoted | Shape::Blank);
            let (mut expected, mut doubled) = (Vec::new(), false);
            record::fields(&line, 0, &record, &dialect, |field| {
                doubled |= field.quoted && line[field.start..field.end].contains(&b'"');
                expected.push(field.end + usize::from(field.quoted));
            });
            let mut after = [0; 200];
            match split_quoted(&line, 0, b',', &mut after) {
                Some(count) => {
                    assert!(well_formed);
                    assert!(after[..count].iter().map(|after| after - 1).eq(expected));
                    taken += 1;
                }
                None => assert!(!well_formed || doubled, "{:?}", String::from_utf8_lossy(&line)),
            }
        }
        assert!(taken > 20_000);
    }
}
