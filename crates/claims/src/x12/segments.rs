//! Where the segments of an input begin and end.

use super::segment::Segment;
use super::separators::Separators;
use crate::Place;
use crate::blocks::{BLOCK, block, first, places};
use memchr::{memchr, memmem};
use wide::u8x16;

/// The most bytes in which a complete ISA must show itself.
const ISA_WINDOW: usize = 256;

/// How far the segments of an input have been read.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Cursor {
    /// Where the next segment, or the white space before it, begins in the bytes at hand.
    pub(crate) at: usize,
    /// The number that it will have.
    pub(crate) number: u64,
    /// The separators now.
    pub(crate) separators: Separators,
    /// Whether this is outside of any interchange: at the beginning, or after an IEA.
    pub(crate) outside: bool,
}

/// What separates segments and elements, ready to be compared with sixteen bytes at a time.
#[derive(Clone)]
struct Sought {
    segment: u8x16,
    element: u8x16,
    /// Whether a line end is white space here.
    ends_lines: bool,
}

impl Sought {
    fn new(separators: Separators) -> Sought {
        let [segment, element] = [separators.segment, separators.element].map(u8x16::splat);
        Sought { segment, element, ends_lines: separators.is_blank(b'\n') }
    }

    /// Where segments end among these bytes, as [`Sought::places`] has it.
    #[inline(always)]
    fn ends(&self, block: &[u8; BLOCK]) -> u64 {
        self.places(block).0
    }

    /// Where segments end and elements begin among these bytes, a bit each; nothing of the second half unless the first has
    /// no end, since most segments are shorter.
    #[inline(always)]
    fn places(&self, block: &[u8; BLOCK]) -> (u64, u64) {
        const HALF: usize = BLOCK / 2;
        let halves = &block.as_chunks::<HALF>().0;
        let (ends, marks) = (places(&halves[0], self.segment), places(&halves[0], self.element));
        if ends != 0 {
            return (ends, marks);
        }
        (places(&halves[1], self.segment) << HALF, marks | places(&halves[1], self.element) << HALF)
    }
}

/// The segments of a slice of an input.
///
/// White space before a segment is skipped: line ends after the terminator, indentation. A piece of nothing (two
/// terminators in a row) is no segment. An ISA brings its own separators. Between an IEA and the next ISA, text of
/// any kind is one piece up to that ISA. A CLM whose CLM05 is separated otherwise than its ISA says changes the
/// component separator: the ISA of such a file is wrong, and its claims can be read all the same.
#[derive(Clone)]
pub(crate) struct Segments<'a> {
    bytes: &'a [u8],
    /// Where `bytes` begin in the input.
    offset: u64,
    cursor: Cursor,
    /// Whether the bytes end where the input ends, so that a piece without a terminator is all there will be.
    last: bool,
    sought: Sought,
}

impl<'a> Segments<'a> {
    /// The segments of `bytes`, which begin at `start` of the input. Unless they are the `last` of the input, a
    /// piece at the end that has no terminator is left for later.
    #[cfg(test)]
    pub(crate) fn new(bytes: &'a [u8], start: Place, separators: Separators, last: bool) -> Segments<'a> {
        let cursor = Cursor { at: 0, number: start.row, separators, outside: false };
        Segments::resume(bytes, start.offset, cursor, last)
    }

    /// The segments of `bytes`, which begin at `offset` of the input, from a cursor on. Unless they are the `last` of the
    /// input, a piece at the end that has no terminator is left for later.
    pub(crate) fn resume(bytes: &'a [u8], offset: u64, cursor: Cursor, last: bool) -> Segments<'a> {
        Segments { bytes, offset, cursor, last, sought: Sought::new(cursor.separators) }
    }

    /// How far they have been read.
    pub(crate) fn cursor(&self) -> &Cursor {
        &self.cursor
    }

    /// The first byte from `at` on that is no white space (nor what stands for the end of a file on old systems).
    #[inline]
    fn skip_blank(&self, mut at: usize) -> usize {
        // As in nearly all inputs: a line end, or nothing.
        match self.bytes.get(at..) {
            Some(&[first, ..]) if first > b' ' => return at,
            Some(&[b'\n', next, ..]) if next > b' ' && self.sought.ends_lines => return at + 1,
            _ => {}
        }
        while let Some(&byte) = self.bytes.get(at)
            && byte <= b' '
            && self.cursor.separators.is_blank(byte)
        {
            at += 1;
        }
        at
    }

    /// The length of a piece up to an ISA in it, if there is one; `None` when that cannot be told yet.
    #[cold]
    fn end_before_isa(&self, rest: &[u8], length: usize) -> Option<usize> {
        for at in memmem::find_iter(&rest[..length], b"ISA") {
            if !self.last && rest.len() - at < ISA_WINDOW {
                return None;
            }
            if Separators::of_isa(&rest[at..]).is_some() {
                return Some(at);
            }
        }
        Some(length)
    }
}

impl<'a> Segments<'a> {
    /// Goes over segments that `is_passed` by what they begin with, as far as they begin before `limit` and are as nearly
    /// all are.
    #[inline]
    pub(crate) fn pass(&mut self, limit: usize, is_passed: impl Fn(u8, u8) -> bool) {
        while self.cursor.at < limit {
            let from = self.skip_blank(self.cursor.at);
            let Some(ahead) = self.bytes.get(from..).and_then(<[u8]>::first_chunk::<BLOCK>) else { return };
            if !is_passed(ahead[0], ahead[1]) || self.cursor.outside {
                return;
            }
            let ends = self.sought.ends(ahead);
            if ends == 0 || ends & 1 != 0 {
                return;
            }
            self.cursor.at = from + ends.trailing_zeros() as usize + 1;
            self.cursor.number += 1;
        }
    }

    /// The next segment, of any kind.
    #[inline(never)]
    fn next_of_any_kind(&mut self) -> Option<Segment<'a>> {
        loop {
            let from = self.skip_blank(self.cursor.at);
            let rest = self.bytes.get(from..).filter(|rest| !rest.is_empty())?;
            let (isa_here, iea_here, claim_here) = match *rest {
                [b'I', b'S', b'A', ..] => (true, false, false),
                [b'I', b'E', b'A', ..] => (false, true, false),
                [b'C', b'L', b'M', ..] => (false, false, true),
                _ => (false, false, false),
            };
            if isa_here && !self.last && rest.len() < ISA_WINDOW {
                return None;
            }
            // What stands in for bytes that are not there may be what separates.
            let (window, there) = (block::<BLOCK>(self.bytes, from), first(rest.len()));
            let (ends, mut marks) = self.sought.places(&window);
            let ends = ends & there;
            let (mut length, mut step);
            let isa = if isa_here { Separators::of_isa(rest) } else { None };
            if let Some(isa) = isa {
                self.cursor.separators = isa.separators;
                (length, step) = (isa.length - 1, isa.length);
                self.sought = Sought::new(isa.separators);
                marks = places(&window, self.sought.element);
            } else if ends != 0 {
                length = ends.trailing_zeros() as usize;
                step = length + 1;
            } else if let Some(end) = memchr(self.cursor.separators.segment, rest.get(BLOCK..).unwrap_or_default()) {
                length = BLOCK + end;
                step = length + 1;
            } else if self.last {
                (length, step) = (rest.len(), rest.len());
            } else {
                return None;
            }
            // An interchange may follow without regard to what stands before it.
            if !isa_here && (self.cursor.outside || iea_here) {
                let end = self.end_before_isa(rest, length)?;
                if end < length {
                    (length, step) = (end, end);
                }
            }
            self.cursor.at = from + step;
            let bytes = &rest[..length];
            if bytes.is_empty() {
                continue;
            }
            let cursor = &mut self.cursor;
            let place = Place { offset: self.offset + from as u64, row: cursor.number };
            let end = if length < BLOCK { 1 << length } else { 0 };
            let mut segment = Segment::marked(bytes, rest, place, cursor.separators, marks & first(length) | end);
            if claim_here {
                segment.separators = cursor.separators.as_used(segment.element(5));
                cursor.separators = segment.separators;
            }
            cursor.number += 1;
            cursor.outside = iea_here || cursor.outside && !isa_here;
            return Some(segment);
        }
    }
}

impl<'a> Iterator for Segments<'a> {
    type Item = Segment<'a>;

    #[inline(always)]
    fn next(&mut self) -> Option<Segment<'a>> {
        let from = self.skip_blank(self.cursor.at);
        let rest = self.bytes.get(from..).unwrap_or_default();
        // As nearly all are: of less than 64 bytes, and neither an ISA nor an IEA nor a CLM.
        if let Some(ahead) = rest.first_chunk()
            && !matches!(ahead[0], b'I' | b'C')
            && !self.cursor.outside
        {
            let (ends, marks) = self.sought.places(ahead);
            if ends != 0 && ends & 1 == 0 {
                let cursor = &mut self.cursor;
                let place = Place { offset: self.offset + from as u64, row: cursor.number };
                let length = ends.trailing_zeros() as usize;
                cursor.at = from + length + 1;
                cursor.number += 1;
                let bytes = rest.get(..length).unwrap_or_default();
                // The lowest bit is where the segment ends: of its elements are the bits below.
                let end = ends & ends.wrapping_neg();
                return Some(Segment::marked(bytes, rest, place, cursor.separators, marks & (end - 1) | end));
            }
        }
        self.next_of_any_kind()
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;
    use crate::x12::id::Id;

    const ISA: &str =
        "ISA*00*          *00*          *ZZ*A              *ZZ*B              *240105*1200*^*00501*000000001*0*P*:~";

    fn ids(text: &str) -> Vec<(String, u64, u64)> {
        let segments = Segments::new(text.as_bytes(), Place { offset: 0, row: 1 }, Separators::CUSTOM, true);
        segments
            .map(|segment| {
                let id = String::from_utf8_lossy(segment.element(0)).into_owned();
                (id, segment.place.row, segment.place.offset)
            })
            .collect()
    }

    /// What is gone over is counted, and what comes after it is found where it is.
    #[test]
    fn going_over_segments_comes_to_the_same_as_reading_them() {
        let long = format!("NTE*ADD*{}", "LONG ".repeat(20));
        let text = ["CLM*A", "HI*ABK:I10", "LX*1", "", " SV1*HC:99213*1", &long, "DTP*472", "HL*2", "LX*2", "SE*1"];
        let text = text.join("~\n") + &" ".repeat(2 * BLOCK);
        let all: Vec<Segment<'_>> =
            Segments::new(text.as_bytes(), Place::default(), Separators::CUSTOM, true).collect();
        for from in 0..all.len() {
            for limit in 0..text.len() {
                let mut segments = Segments::new(text.as_bytes(), Place::default(), Separators::CUSTOM, true);
                segments.by_ref().take(from).for_each(drop);
                segments.pass(limit, |first, second| (first, second) != (b'H', b'L'));
                let Some(next) = segments.next() else { continue };
                let at = next.place.row as usize;
                assert_eq!((next.place, next.bytes), (all[at].place, all[at].bytes));
                assert!(at >= from && all[from..at].iter().all(|passed| passed.id != Id::HL));
                assert!(limit > 0 || at == from);
            }
        }
    }

    /// Looking at blocks finds what looking at one byte after another finds, whatever separates.
    #[test]
    fn segments_are_what_stands_between_terminators() {
        let mut state = 7u64;
        let mut random = move |below: u64| {
            state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
            (state >> 33) % below
        };
        for _ in 0..5_000 {
            let mut one = || b"~*!|\0\n\r A"[random(9) as usize];
            let separators = Separators { segment: one(), element: one(), component: b':', repetition: None };
            let (rare, length) = (random(40) + 9, random(400) as usize);
            let text: Vec<u8> =
                (0..length).map(|_| *b"~*!|\0\n\r A".get(random(rare) as usize).unwrap_or(&b'x')).collect();
            let (last, start) = (random(2) == 0, Place { offset: random(9), row: 1 + random(9) });
            let mut segments = Segments::new(&text, start, separators, last);
            let (mut at, mut number) = (0, start.row);
            loop {
                let blank = text[at..].iter().take_while(|&&byte| separators.is_blank(byte)).count();
                let (from, rest) = (at + blank, &text[at + blank..]);
                let length = rest.iter().position(|&byte| byte == separators.segment);
                let Some(length) = length.or((last && !rest.is_empty()).then_some(rest.len())) else { break };
                at = text.len().min(from + length + 1);
                if length == 0 {
                    continue;
                }
                let segment = segments.next().unwrap();
                assert_eq!(segment.bytes, &rest[..length]);
                assert_eq!(segment.place, Place { offset: start.offset + from as u64, row: number });
                let wanted = segment.bytes.split(|&byte| byte == separators.element);
                assert!(segment.each_element().eq(wanted), "{text:?} {separators:?}");
                number += 1;
            }
            assert!(segments.next().is_none());
        }
    }

    #[test]
    fn white_space_and_empty_pieces_are_no_segments() {
        assert_eq!(
            ids("ST*837~\r\n  BHT*1~~\n~ SE*3~\n\x1a"),
            [("ST".into(), 1, 0), ("BHT".into(), 2, 11), ("SE".into(), 3, 21)]
        );
        assert_eq!(ids(" \n"), []);
    }

    #[test]
    fn every_isa_brings_its_separators() {
        let second = ISA.replace('*', "|").replace('~', "\n");
        let text = format!("{ISA}IEA*1*1~\nend of file ~ or not {second}IEA|1|1\n{ISA}");
        let found: Vec<_> = ids(&text).into_iter().map(|(id, number, _)| (id, number)).collect();
        let wanted = [("ISA", 1), ("IEA", 2), ("end of file ", 3), ("or not ", 4), ("ISA", 5), ("IEA", 6), ("ISA", 7)];
        assert_eq!(found, wanted.map(|(id, number)| (id.to_owned(), number)));
        // An IEA whose terminator is missing.
        assert_eq!(ids(&format!("{ISA}IEA*1*1{ISA}")).len(), 3);
    }

    #[test]
    fn what_is_incomplete_is_left_for_later() {
        let text = format!("{ISA}GS*HC~ST*8");
        let mut segments = Segments::new(text.as_bytes(), Place { offset: 7, row: 3 }, Separators::CUSTOM, false);
        assert!(segments.next().is_none(), "whether this is an ISA cannot be told yet");
        let text = format!("{text}{}~ST*837", " ".repeat(200));
        let mut segments = Segments::new(text.as_bytes(), Place { offset: 7, row: 3 }, Separators::CUSTOM, false);
        assert_eq!(segments.by_ref().map(|segment| segment.place.row).collect::<Vec<_>>(), [3, 4, 5]);
        assert_eq!((&text.as_bytes()[segments.cursor().at..], segments.cursor().number), (&b"ST*837"[..], 6));
    }
}
