//! Segments and their elements, borrowed from the input.

use super::id::Id;
use super::separators::Separators;
use crate::Place;
use crate::blocks::{BLOCK, block, first, places};
use wide::u8x16;

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
    pub(super) fn marked(
        bytes: &'a [u8],
        rest: &'a [u8],
        place: Place,
        separators: Separators,
        ends: u64,
    ) -> Segment<'a> {
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
        self.cut(0, self.ends, &mut all);
        all
    }

    /// Puts the parts of its first 64 bytes from `start` on into `parts`, which end where `ends` has a bit.
    #[inline(always)]
    fn cut(&self, mut start: usize, mut ends: u64, parts: &mut [&'a [u8]]) {
        for part in parts {
            if ends == 0 {
                break;
            }
            let end = ends.trailing_zeros() as usize;
            *part = self.bytes.get(start..end).unwrap_or_default();
            (start, ends) = (end + 1, ends & ends.wrapping_sub(1));
        }
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
        let (start, end) = self.range(n);
        let within = |end: usize| first(end) & !first(start);
        let repetition = self.separators.repetition.map_or(0, |byte| places(ahead, u8x16::splat(byte)) & within(end));
        let end = if repetition == 0 { end } else { repetition.trailing_zeros() as usize };
        let ends = places(ahead, u8x16::splat(self.separators.component)) & within(end) | 1 << end;
        self.cut(start, ends, &mut all);
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

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;
    use crate::x12::segments::Segments;

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

    #[test]
    fn a_text_is_trimmed_of_white_space_and_nothing_else() {
        for text in ["", " ", "a", " a", "a b\t", "\r\n a \x0c", "\x1fa\x00", "\u{e9} "] {
            assert_eq!(trimmed(text.as_bytes()), text.as_bytes().trim_ascii());
        }
    }
}
