//! Which bytes separate segments, elements, components and repetitions: what an interchange says of itself.

use memchr::{memchr, memchr_iter, memmem};

/// The most bytes in which an ISA segment ends. It has 106 by the standard; some writers get the padding wrong.
const LONGEST_ISA: usize = 256;
/// Elements of an ISA.
const ISA_ELEMENTS: usize = 16;
/// The most bytes that are looked at to learn separators that no ISA gives.
const GUESS_WINDOW: usize = 16 * 1024;

/// The bytes that separate the parts of an interchange.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) struct Separators {
    /// Ends a segment: `~` by custom.
    pub(crate) segment: u8,
    /// Begins an element: `*` by custom.
    pub(crate) element: u8,
    /// Stands between the components of a composite: `:` by custom.
    pub(crate) component: u8,
    /// Stands between repetitions of an element: `^` by custom. Before version 00402, and where ISA11 is a letter,
    /// there is none.
    pub(crate) repetition: Option<u8>,
}

/// What an interchange begins with: its separators, and the length of its ISA with the terminator.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) struct Isa {
    pub(crate) separators: Separators,
    pub(crate) length: usize,
}

impl Separators {
    /// The separators by custom.
    pub(crate) const CUSTOM: Separators =
        Separators { segment: b'~', element: b'*', component: b':', repetition: Some(b'^') };

    /// Reads the ISA that `bytes` begin with.
    ///
    /// The element separator is the byte after `ISA`; what follows the sixteenth of them is the component separator
    /// and then the segment terminator. In an ISA of 106 bytes that is by position; counted so, one with an element
    /// too long or too short is read too. `None` when this is no ISA.
    pub(crate) fn of_isa(bytes: &[u8]) -> Option<Isa> {
        let rest = bytes.strip_prefix(b"ISA")?;
        let element = *rest.first().filter(|byte| is_separator(**byte) && !matches!(**byte, b'\r' | b'\n'))?;
        let head = bytes.get(..LONGEST_ISA).unwrap_or(bytes);
        let mut starts = memchr_iter(element, head).map(|at| at + 1);
        let eleventh = starts.nth(10)?;
        let last = starts.nth(ISA_ELEMENTS - 12)?;
        // No element but the sixteenth can hold a line end: otherwise the count ran on into further segments.
        if memchr(b'\n', &head[..last]).is_some() {
            return None;
        }
        let (&component, &segment) = (head.get(last)?, head.get(last + 1)?);
        let repetition = head.get(eleventh).copied().filter(|_| head.get(eleventh + 1) == Some(&element));
        let after = head.get(last + 2..).unwrap_or_default();
        let given = Separators { segment, element, component, repetition };
        if is_separator(component) && component != element && segment != element && segment != component {
            // ISA16 left empty: its place is taken by the terminator, and the "terminator" is a line end or the
            // first letter of the next segment.
            let line_end = matches!(segment, b'\r' | b'\n');
            if segment.is_ascii_alphanumeric() || line_end && ends_segments(component, segment, element, after) {
                let separators = Separators { segment: component, component: b':', ..given };
                return Some(Isa { separators: separators.consistent(), length: last + 1 });
            }
            return Some(Isa { separators: given.consistent(), length: last + 2 });
        }
        None
    }

    /// The separators of text that begins without an ISA, with a GS or an ST: the terminator is what stands before
    /// the segment that must follow, the component separator what a service line or a diagnosis shows.
    pub(crate) fn guess(bytes: &[u8]) -> Option<Separators> {
        let head = bytes.get(..GUESS_WINDOW).unwrap_or(bytes);
        let (id, followers): (&[u8], [&[u8]; 2]) = match head {
            [b'G', b'S', ..] => (b"GS", [b"ST", b"ST"]),
            [b'S', b'T', ..] => (b"ST", [b"BHT", b"BPR"]),
            _ => return None,
        };
        let element = *head.get(id.len()).filter(|byte| is_separator(**byte))?;
        let follows =
            |id: &[u8]| memmem::find_iter(head, id).find(|&at| head.get(at + id.len()) == Some(&element) && at > 0);
        let next = followers.iter().find_map(|id| follows(id))?;
        let before = head[..next].trim_ascii_end();
        let segment = match before.last() {
            Some(&byte) if is_separator(byte) && byte != element => byte,
            // Lines without a terminator of their own: the first byte of the line end is it.
            _ => head[before.len()..next].iter().copied().find(|byte| matches!(byte, b'\r' | b'\n'))?,
        };
        let shown = |id: &[u8], length: usize| {
            memmem::find_iter(head, id).find_map(|at| {
                let qualifier = head.get(at + id.len()..at + id.len() + length)?;
                let byte = *head.get(at + id.len() + length)?;
                let plain = qualifier.iter().all(u8::is_ascii_alphanumeric);
                (plain && is_separator(byte) && byte != element && byte != segment).then_some(byte)
            })
        };
        let component = [(b"SV1", 2), (b"SV3", 2), (b"SV2", 7)]
            .iter()
            .find_map(|&(name, length)| shown(&[name.as_slice(), &[element]].concat(), length));
        let component = component.or_else(|| [2, 3].iter().find_map(|&length| shown(&[b'H', b'I', element], length)));
        let component = component.unwrap_or(Separators::CUSTOM.component);
        Some(Separators { segment, element, component, repetition: Separators::CUSTOM.repetition }.consistent())
    }

    /// The separators as a CLM uses them in its CLM05, which has always three components, the first and the last of
    /// letters and digits.
    #[inline]
    pub(crate) fn as_used(self, composite: &[u8]) -> Separators {
        if composite.is_empty() || composite.contains(&self.component) {
            return self;
        }
        match composite {
            &[a, b, first, qualifier, second, last]
                if first == second
                    && b":><|^\\".contains(&first)
                    && [a, b, qualifier, last].iter().all(u8::is_ascii_alphanumeric) =>
            {
                Separators { component: first, ..self }.consistent()
            }
            _ => self,
        }
    }

    /// Whether the byte is white space that can stand between segments, and not a separator.
    #[inline]
    pub(crate) fn is_blank(&self, byte: u8) -> bool {
        matches!(byte, b' ' | b'\t' | b'\r' | b'\n' | 0x1a | 0) && byte != self.element && byte != self.component
    }

    /// Without a repetition separator that is none: a letter, as in versions that had none, or a byte that has
    /// another use.
    fn consistent(self) -> Separators {
        let used = [self.segment, self.element, self.component];
        Separators {
            repetition: self.repetition.filter(|byte| is_separator(*byte) && *byte != b' ' && !used.contains(byte)),
            ..self
        }
    }
}

/// Whether a byte can separate: neither a letter nor a digit nor a part of a longer character.
fn is_separator(byte: u8) -> bool {
    byte.is_ascii() && !byte.is_ascii_alphanumeric()
}

/// Whether the segment that `after` begins with ends with `candidate` and a line end, so that `candidate` and not the
/// line end is the terminator.
fn ends_segments(candidate: u8, line_end: u8, element: u8, after: &[u8]) -> bool {
    let after = after.strip_prefix(b"\n").unwrap_or(after);
    let Some(end) = memchr(line_end, after) else { return false };
    let line = &after[..end];
    memchr(element, line).is_some() && line.trim_ascii_end().last() == Some(&candidate)
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;

    const HEAD: &str =
        "ISA*00*          *00*          *ZZ*A              *ZZ*B              *240105*1200*^*00501*000000001*0*P*";

    fn isa(text: &str) -> Option<(u8, u8, Option<u8>, usize)> {
        Separators::of_isa(text.as_bytes())
            .map(|isa| (isa.separators.component, isa.separators.segment, isa.separators.repetition, isa.length))
    }

    #[test]
    fn separators_stand_in_the_isa() {
        assert_eq!(HEAD.len(), 104);
        assert_eq!(isa(&format!("{HEAD}:~\nGS*HC~")), Some((b':', b'~', Some(b'^'), 106)));
        assert_eq!(isa(&format!("{HEAD}:~GS*HC~")), Some((b':', b'~', Some(b'^'), 106)));
        for component in *b":>|<\\" {
            let text = format!("{HEAD}{}~GS*HC", char::from(component));
            assert_eq!(isa(&text), Some((component, b'~', Some(b'^'), 106)));
        }
        // The component separator stands in ISA11 too, or ISA11 is the letter of version 4010.
        assert_eq!(isa(&format!("{HEAD}^~GS*")), Some((b'^', b'~', None, 106)));
        assert_eq!(isa(&format!("{}:~", HEAD.replace('^', "U"))), Some((b':', b'~', None, 106)));
        assert_eq!(isa(&format!("{HEAD}:~").replace('*', "|")), Some((b':', b'~', Some(b'^'), 106)));
    }

    #[test]
    fn line_ends_can_be_terminators() {
        assert_eq!(isa(&format!("{HEAD}:\r\nGS*HC*1\r\nST*837*1\r\n")), Some((b':', b'\r', Some(b'^'), 106)));
        assert_eq!(isa(&format!("{HEAD}:\nGS*HC*1\nST*837*1\n")), Some((b':', b'\n', Some(b'^'), 106)));
        assert_eq!(isa(&format!("{HEAD}>\nGS*HC*1\n")), Some((b'>', b'\n', Some(b'^'), 106)));
    }

    #[test]
    fn an_isa_of_another_length_is_read_by_its_elements() {
        let short = HEAD.replacen("          ", "         ", 1);
        assert_eq!(isa(&format!("{short}:~\nGS*")), Some((b':', b'~', Some(b'^'), 105)));
        let empty = HEAD.replace(' ', "");
        assert_eq!(isa(&format!("{empty}:~\nGS*")).map(|found| (found.0, found.1)), Some((b':', b'~')));
        // ISA16 left empty.
        assert_eq!(isa(&format!("{HEAD}~\nGS*HC*1~\n")), Some((b':', b'~', Some(b'^'), 105)));
        assert_eq!(isa(&format!("{HEAD}~\r\nGS*HC*1~\r\n")), Some((b':', b'~', Some(b'^'), 105)));
        assert_eq!(isa(&format!("{HEAD}~GS*HC*1~")), Some((b':', b'~', Some(b'^'), 105)));
    }

    #[test]
    fn what_is_no_isa_is_not_read_as_one() {
        for text in ["", "ISA", "ISA*", "ISABEL", "ISA is it", "GS*HC", &HEAD[..100], HEAD, "ISA*1*2~\nGS*1~\nST*2~\n"]
        {
            assert_eq!(isa(text), None, "{text}");
        }
    }

    #[test]
    fn a_claim_shows_which_component_separator_is_used() {
        let used = |claim: &str| Separators::CUSTOM.as_used(claim.split('*').nth(5).unwrap_or_default().as_bytes());
        assert_eq!(used("CLM*1*10***11>B>1*Y").component, b'>');
        assert_eq!(used("CLM*1*10***11>B>1").component, b'>');
        let found = used("CLM*1*10***11^B^1*Y");
        assert_eq!((found.component, found.repetition), (b'^', None));
        for claim in [
            "CLM*1*10***11:B:1*Y",
            "CLM*1*10***11>B:1",
            "CLM*1*10***11",
            "CLM*1*10",
            "CLM",
            "CLM*1*10***11>B>",
            "CLM*1*10***11>B<1",
        ] {
            assert_eq!(used(claim), Separators::CUSTOM, "{claim}");
        }
    }

    #[test]
    fn separators_without_an_isa_are_taken_from_what_must_follow() {
        let guess = |text: &str| Separators::guess(text.as_bytes());
        let found = guess("ST*837*0001*005010X222A1~\nBHT*0019~\nSV1*HC>99213*1~").unwrap();
        assert_eq!((found.segment, found.element, found.component), (b'~', b'*', b'>'));
        let found = guess("GS|HC|A!ST|837|1!BHT|0019!HI|ABK:E119!").unwrap();
        assert_eq!((found.segment, found.element, found.component), (b'!', b'|', b':'));
        assert_eq!(guess("ST*837*1\r\nBHT*0019\r\n").unwrap().segment, b'\r');
        assert_eq!(guess("ST*837*1\nBHT*0019\n").unwrap().segment, b'\n');
        assert_eq!(guess("ST*837*1 \r\r\n  BHT*0019\r\r\n").unwrap().segment, b'\r');
        for text in ["", "ST", "STATE*BHT", "ST*837*1~", "BHT*0019", "ST,a,b\n"] {
            assert_eq!(guess(text), None, "{text}");
        }
    }
}
