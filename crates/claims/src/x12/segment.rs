//! Segments and their elements, borrowed from the input.

use super::id::Id;
use super::separators::Separators;
use crate::Place;
use crate::blocks::{BLOCK, block, first, places};
use memchr::{memchr, memmem};
use wide::u8x16;

/// The most bytes in which a complete ISA must show itself.
const ISA_WINDOW: usize = 256;

/// One segment, without its terminator and without the white space before it.
#[derive(Clone, Copy)]
pub(crate) struct Segment<'a> {
    /// Its bytes, from the id on.
    pub(crate) bytes: &'a [u8],
    /// Where it begins: bytes from the start of the input, and its number there, the first being 1.
    pub(crate) place: Place,
    /// What separates its parts.
    pub(crate) separators: Separators,
    /// What stands before the first element separator.
    pub(crate) id: Id,
    /// Where the element separators are in its first 64 bytes, and where it ends if it has fewer, a bit each.
    ends: u64,
    /// The 64 bytes from its beginning on, where the input has as many: what is of one size is looked at in fewer steps.
    ahead: Option<&'a [u8; BLOCK]>,
}

impl<'a> Segment<'a> {
    /// A segment of these bytes.
    #[inline]
    pub(crate) fn new(bytes: &'a [u8], place: Place, separators: Separators) -> Segment<'a> {
        let end = if bytes.len() < BLOCK { 1 << bytes.len() } else { 0 };
        Segment::marked(bytes, bytes, place, separators, Marks::of(bytes, separators.element).0 | end)
    }

    /// A segment of these bytes, in which elements end there; `rest` begins with it.
    #[inline(always)]
    fn marked(bytes: &'a [u8], rest: &'a [u8], place: Place, separators: Separators, ends: u64) -> Segment<'a> {
        let id = Id::at(rest, ends.trailing_zeros() as usize);
        Segment { bytes, place, separators, id, ends, ahead: rest.first_chunk() }
    }

    /// Whether it may have other separators than the segment before: an ISA or what begins as a CLM.
    #[inline]
    pub(crate) fn may_reseparate(&self) -> bool {
        matches!(self.bytes.first(), Some(b'I' | b'C'))
    }

    /// Its bytes and what stands behind them, 64 in all, if it has fewer and the input as many.
    #[inline]
    pub(crate) fn ahead(&self) -> Option<&'a [u8; BLOCK]> {
        self.ahead.filter(|_| self.bytes.len() < BLOCK)
    }

    /// Its first eight bytes and what stands behind them, the first one lowest, where they are at hand.
    #[inline]
    pub(crate) fn first_bytes(&self) -> Option<u64> {
        Some(u64::from_le_bytes(*self.ahead()?.first_chunk()?))
    }

    /// The first eight bytes of the element at `n`, from 1, the first one lowest, and how many of them it has; `None` where
    /// that takes longer to tell.
    #[inline]
    pub(crate) fn beginning(&self, n: usize) -> Option<(u64, u32)> {
        let ahead = self.ahead()?;
        let (start, end) = self.range(n);
        let bytes = u64::from_le_bytes(*ahead.get(start..)?.first_chunk()?);
        Some((bytes, (end - start).min(8) as u32))
    }

    /// Where its elements and it end, a bit each; 0 if it has 64 bytes or more.
    #[inline]
    pub(crate) fn outline(&self) -> u64 {
        if self.bytes.len() < BLOCK { self.ends } else { 0 }
    }

    /// The element at `n`, counted from 1; empty when it is not there. (0 gives the id.)
    #[inline]
    pub(crate) fn element(&self, n: usize) -> &'a [u8] {
        if self.bytes.len() >= BLOCK {
            return self.element_by_count(n);
        }
        let (start, end) = self.range(n);
        self.bytes.get(start..end).unwrap_or_default()
    }

    /// Where the element at `n` is, in a segment of less than 64 bytes; nowhere if it is not there.
    #[inline]
    fn range(&self, n: usize) -> (usize, usize) {
        if n == 0 {
            return (0, self.ends.trailing_zeros() as usize);
        }
        // The lowest bit is that of the separator before the element, and the one above it is where the element ends.
        let mut ends = self.ends;
        for _ in 1..n {
            ends &= ends.wrapping_sub(1);
        }
        let after = ends & ends.wrapping_sub(1);
        if after == 0 { (0, 0) } else { (ends.trailing_zeros() as usize + 1, after.trailing_zeros() as usize) }
    }

    /// The element at `n`, counted from 1, without the white space around it.
    #[inline]
    pub(crate) fn trimmed(&self, n: usize) -> &'a [u8] {
        trimmed(self.element(n))
    }

    #[inline(never)]
    fn element_by_count(&self, n: usize) -> &'a [u8] {
        self.each_element().nth(n).unwrap_or_default()
    }

    /// The elements, each once: `elements::<4>()` gives the id and the first three. For segments of which many
    /// elements are read.
    #[inline]
    pub(crate) fn elements<const N: usize>(&self) -> [&'a [u8]; N] {
        let mut all: [&'a [u8]; N] = [&[]; N];
        if self.bytes.len() >= BLOCK {
            all.iter_mut().zip(self.each_element()).for_each(|(slot, element)| *slot = element);
            return all;
        }
        let (mut start, mut ends) = (0, self.ends);
        for slot in &mut all {
            if ends == 0 {
                break;
            }
            let end = ends.trailing_zeros() as usize;
            *slot = self.bytes.get(start..end).unwrap_or_default();
            (start, ends) = (end + 1, ends & ends.wrapping_sub(1));
        }
        all
    }

    /// The id and the elements, one after another.
    #[inline]
    pub(crate) fn each_element(&self) -> Elements<'a> {
        Elements {
            bytes: self.bytes,
            separator: self.separators.element,
            start: 0,
            window: 0,
            marks: Marks(self.marks_from(0)),
        }
    }

    /// Where elements are separated in the 64 bytes from `at` on, a bit each.
    #[inline]
    pub(crate) fn marks_from(&self, at: usize) -> u64 {
        if at == 0 {
            self.ends & first(self.bytes.len())
        } else {
            Marks::of(self.bytes.get(at..).unwrap_or_default(), self.separators.element).0
        }
    }

    /// The first components of the element at `n`, from 1; of its first repetition, if it is repeated.
    #[inline]
    pub(crate) fn components<const N: usize>(&self, n: usize) -> [&'a [u8]; N] {
        let mut all: [&'a [u8]; N] = [&[]; N];
        let Some(ahead) = self.ahead() else {
            let first = self.repetitions(n).next().unwrap_or_default();
            all.iter_mut().zip(first.split(|&byte| byte == self.separators.component)).for_each(|(to, own)| *to = own);
            return all;
        };
        let (mut start, end) = self.range(n);
        let within = |end: usize| first(end) & !first(start);
        let repetition = self.separators.repetition.map_or(0, |byte| places(ahead, u8x16::splat(byte)) & within(end));
        let end = if repetition == 0 { end } else { repetition.trailing_zeros() as usize };
        let mut ends = places(ahead, u8x16::splat(self.separators.component)) & within(end) | 1 << end;
        for slot in &mut all {
            if ends == 0 {
                break;
            }
            let end = ends.trailing_zeros() as usize;
            *slot = self.bytes.get(start..end).unwrap_or_default();
            (start, ends) = (end + 1, ends & ends.wrapping_sub(1));
        }
        all
    }

    /// The component at `m` of the element at `n`, both counted from 1; empty when it is not there. Of a repeated
    /// element it is the first repetition's.
    #[inline]
    pub(crate) fn component(&self, n: usize, m: usize) -> &'a [u8] {
        let first = self.repetitions(n).next().unwrap_or_default();
        self.component_of(first, m)
    }

    /// The component at `m`, counted from 1, of an element or of one of its repetitions.
    #[inline]
    pub(crate) fn component_of(&self, element: &'a [u8], m: usize) -> &'a [u8] {
        if m == 0 { &[] } else { nth(element, self.separators.component, m - 1) }
    }

    /// The repetitions of the element at `n`; one, if it is not repeated.
    #[inline]
    pub(crate) fn repetitions(&self, n: usize) -> impl Iterator<Item = &'a [u8]> + use<'a> {
        let mut rest = Some(self.element(n));
        let separator = self.separators.repetition;
        std::iter::from_fn(move || {
            let all = rest?;
            match separator.and_then(|separator| all.iter().position(|&byte| byte == separator)) {
                Some(at) => {
                    rest = Some(&all[at + 1..]);
                    Some(&all[..at])
                }
                None => rest.take(),
            }
        })
    }
}

/// The id and the elements of a segment, one after another.
pub(crate) struct Elements<'a> {
    bytes: &'a [u8],
    separator: u8,
    /// Where the next one begins; beyond the segment when there is none.
    start: usize,
    /// Where the bytes begin that `marks` is of.
    window: usize,
    marks: Marks,
}

impl<'a> Iterator for Elements<'a> {
    type Item = &'a [u8];

    #[inline]
    fn next(&mut self) -> Option<&'a [u8]> {
        let end = loop {
            if let Some(at) = self.marks.take() {
                break self.window + at;
            }
            if self.bytes.len() <= self.window + Marks::BYTES {
                break self.bytes.len();
            }
            self.window += Marks::BYTES;
            self.marks = Marks::of(self.bytes.get(self.window..).unwrap_or_default(), self.separator);
        };
        let start = std::mem::replace(&mut self.start, end + 1);
        self.bytes.get(start..end)
    }
}

/// Where a separator is in some bytes: a bit for each. So it is looked for once, however much is read of a segment.
#[derive(Clone, Copy)]
struct Marks(u64);

impl Marks {
    /// So many bytes are looked at.
    const BYTES: usize = BLOCK;

    /// Looks for `separator` in the first bytes.
    #[inline(never)]
    fn of(bytes: &[u8], separator: u8) -> Marks {
        Marks(places(&block::<BLOCK>(bytes, 0), u8x16::splat(separator)) & first(bytes.len()))
    }

    #[inline]
    fn first(self) -> Option<usize> {
        (self.0 != 0).then_some(self.0.trailing_zeros() as usize)
    }

    /// The first, which is taken out.
    #[inline]
    fn take(&mut self) -> Option<usize> {
        let first = self.first();
        self.0 &= self.0.wrapping_sub(1);
        first
    }
}

/// The text without the white space around it.
#[inline]
pub(crate) fn trimmed(text: &[u8]) -> &[u8] {
    match (text.first(), text.last()) {
        // As nearly all texts are: nothing to take off.
        (Some(b'!'..), Some(b'!'..)) => text,
        _ => text.trim_ascii(),
    }
}

/// The part at `n`, counted from 0, of `bytes` cut at every `separator`.
#[inline]
fn nth(bytes: &[u8], separator: u8, n: usize) -> &[u8] {
    // Parts are a few bytes long: a plain loop is done before a search with wide registers has begun.
    let (mut start, mut before) = (0, n);
    for (at, &byte) in bytes.iter().enumerate() {
        if byte == separator {
            if before == 0 {
                return &bytes[start..at];
            }
            before -= 1;
            start = at + 1;
        }
    }
    if before == 0 { &bytes[start..] } else { &[] }
}

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

    fn one(text: &str) -> Segment<'_> {
        Segments::new(text.as_bytes(), Place::default(), Separators::CUSTOM, true).next().unwrap()
    }

    #[test]
    fn elements_components_and_repetitions() {
        let segment = one("HI*ABK:E119*ABF:I10:::::::Y**BH:1^BH:2*~");
        assert_eq!(segment.id, Id::HI);
        assert_eq!(segment.element(1), b"ABK:E119");
        assert_eq!(
            (segment.component(1, 1), segment.component(1, 2), segment.component(1, 3)),
            (&b"ABK"[..], &b"E119"[..], &b""[..])
        );
        assert_eq!(segment.component(2, 9), b"Y");
        assert_eq!((segment.element(3), segment.element(5), segment.element(6)), (&b""[..], &b""[..], &b""[..]));
        assert_eq!(segment.repetitions(4).collect::<Vec<_>>(), [b"BH:1", b"BH:2"]);
        assert_eq!(segment.component(4, 2), b"1");
        assert_eq!(segment.elements::<3>(), [&b"HI"[..], b"ABK:E119", b"ABF:I10:::::::Y"]);
        assert_eq!(segment.elements::<9>()[5..], [&b""[..]; 4]);
        assert_eq!(one("SE").element(1), b"");
        assert_eq!(one("SE*1").repetitions(1).collect::<Vec<_>>(), [b"1"]);
    }

    /// However long a segment is, and wherever its separators are: also among bytes that differ from them in one bit.
    #[test]
    fn elements_are_what_stands_between_separators() {
        for length in 1..150 {
            for every in 1..20 {
                let text: Vec<u8> =
                    (1..=length).map(|at| if at % every == 0 { b'*' } else { b"+*:\xaa"[at % 4] }).collect();
                // With so much behind it that it is looked at as one block, and with less.
                let behind = " ".repeat(if every % 2 == 0 { BLOCK } else { 1 });
                let whole = [text.as_slice(), b"~ST*1~", behind.as_bytes()].concat();
                let found = Segments::new(&whole, Place::default(), Separators::CUSTOM, true).next().unwrap();
                let wanted: Vec<&[u8]> = text.split(|&byte| byte == b'*').collect();
                for segment in [found, Segment::new(&text, Place::default(), Separators::CUSTOM)] {
                    assert_eq!(segment.bytes, text);
                    assert_eq!(segment.each_element().collect::<Vec<_>>(), wanted);
                    assert_eq!(segment.id, Id::new(wanted[0]));
                    for n in 0..=wanted.len() {
                        let element = wanted.get(n).copied().unwrap_or_default();
                        assert_eq!(segment.element(n), element);
                        let mut components = element.split(|&byte| byte == b':');
                        assert_eq!(segment.components::<4>(n), [(); 4].map(|()| components.next().unwrap_or_default()));
                        let mut eight = [0; 8];
                        eight.iter_mut().zip(element).for_each(|(to, &byte)| *to = byte);
                        if let Some((bytes, count)) = segment.beginning(n) {
                            let there = if count == 8 { u64::MAX } else { (1 << (8 * count)) - 1 };
                            assert_eq!(
                                (bytes & there, count as usize),
                                (u64::from_le_bytes(eight), element.len().min(8))
                            );
                        }
                    }
                    let mut elements = wanted.iter().copied();
                    assert_eq!(segment.elements::<9>(), [(); 9].map(|()| elements.next().unwrap_or_default()));
                    assert!(segment.ahead().is_none_or(|ahead| ahead.starts_with(&text)));
                }
            }
        }
    }

    #[test]
    fn components_are_of_the_first_repetition() {
        let text = format!("HI*BH:1:2^BH:3*BG^BG:4*:5~{}", " ".repeat(BLOCK));
        let ahead = one(&text);
        for segment in [ahead, Segment::new(ahead.bytes, ahead.place, ahead.separators)] {
            assert_eq!(segment.components::<4>(1), [&b"BH"[..], b"1", b"2", b""]);
            assert_eq!(segment.components::<2>(2), [&b"BG"[..], b""]);
            assert_eq!(segment.components::<2>(3), [&b""[..], b"5"]);
            assert_eq!(segment.components::<1>(4), [b""]);
        }
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

    #[test]
    fn a_text_is_trimmed_of_white_space_and_nothing_else() {
        for text in ["", " ", "a", " a", "a b\t", "\r\n a \x0c", "\x1fa\x00", "\u{e9} "] {
            assert_eq!(trimmed(text.as_bytes()), text.as_bytes().trim_ascii());
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
