//! Where one value ends and the next begins.

use memchr::{memchr, memchr2, memrchr};
use std::ops::Range;

/// How the values of an input are laid out.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) enum Layout {
    /// One a line.
    Lines,
    /// Over lines as they come, perhaps in an array.
    Document,
}

impl Layout {
    /// The layout of an input that begins so.
    pub(super) fn of(head: &[u8]) -> Layout {
        let text = head.trim_ascii_start();
        match text.first() {
            Some(b'[') => return Layout::Document,
            Some(b'{') => {}
            _ => return Layout::Lines,
        }
        let Some(newline) = memchr(b'\n', text) else { return Layout::Lines };
        let (first, rest) = text.split_at(newline);
        let mut values = Values::default();
        let whole = values.next(first, false).is_some_and(|value| first[value.end..].trim_ascii().is_empty());
        // A first line that is no whole value is either damaged, and then another value begins on the next, or it is
        // the first of many that one value is printed over.
        let next = rest.trim_ascii_start();
        if whole || next.starts_with(b"{") { Layout::Lines } else { Layout::Document }
    }
}

/// Finds the values of a document, piece by piece.
#[derive(Clone, Default, Debug)]
pub(super) struct Values {
    /// Bytes looked at.
    at: usize,
    /// Where the value that is being gone through begins, if one is.
    start: Option<usize>,
    depth: u32,
    within_text: bool,
    /// The value is no object, array or text: it ends where they may begin.
    bare: bool,
}

impl Values {
    /// The next value that is whole. At the end of the input (`ended`) also one that is not.
    pub(super) fn next(&mut self, bytes: &[u8], ended: bool) -> Option<Range<usize>> {
        while let Some(&byte) = bytes.get(self.at) {
            if self.within_text {
                match memchr2(b'"', b'\\', &bytes[self.at..]) {
                    None => self.at = bytes.len(),
                    Some(place) if bytes[self.at + place] == b'"' => {
                        self.within_text = false;
                        self.at += place + 1;
                        if self.depth == 0 {
                            return self.end(self.at);
                        }
                    }
                    // What follows a backslash closes nothing. It may be in the next piece.
                    Some(place) if self.at + place + 1 < bytes.len() => self.at += place + 2,
                    Some(place) => {
                        self.at += place;
                        break;
                    }
                }
                continue;
            }
            if self.bare && (byte.is_ascii_whitespace() || matches!(byte, b',' | b'{' | b'[' | b'"' | b'}' | b']')) {
                return self.end(self.at);
            }
            let begun = self.start.is_some();
            match byte {
                b'{' | b'[' => {
                    self.begin();
                    self.depth += 1;
                }
                b'}' | b']' if begun => {
                    self.depth -= 1;
                    if self.depth == 0 {
                        self.at += 1;
                        return self.end(self.at);
                    }
                }
                // The end of an array of values.
                b']' => {}
                b'"' => {
                    self.begin();
                    self.within_text = true;
                }
                b',' | b':' if !begun => {}
                _ if begun || byte.is_ascii_whitespace() => {}
                _ => {
                    self.begin();
                    self.bare = true;
                }
            }
            self.at += 1;
        }
        if ended && self.start.is_some() {
            self.at = bytes.len();
            return self.end(self.at);
        }
        None
    }

    fn begin(&mut self) {
        self.start.get_or_insert(self.at);
    }

    fn end(&mut self, at: usize) -> Option<Range<usize>> {
        (self.depth, self.within_text, self.bare) = (0, false, false);
        self.start.take().map(|start| start..at)
    }

    /// Where the value begins that is not whole yet.
    pub(super) fn begun_at(&self) -> Option<usize> {
        self.start
    }

    /// Bytes that need not be seen again.
    pub(super) fn looked_at(&self) -> usize {
        self.at
    }

    /// Tells that the first bytes are gone.
    pub(super) fn forget(&mut self, bytes: usize) {
        self.at = self.at.saturating_sub(bytes);
        self.start = self.start.map(|start| start.saturating_sub(bytes));
    }
}

/// The end of the last line that is whole.
pub(super) fn last_line_end(bytes: &[u8]) -> usize {
    memrchr(b'\n', bytes).map_or(0, |newline| newline + 1)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn values(text: &str, piece: usize) -> Vec<&str> {
        let (mut values, mut found) = (Values::default(), Vec::new());
        let mut upto = 0;
        while upto < text.len() {
            upto = (upto + piece).min(text.len());
            while let Some(value) = values.next(&text.as_bytes()[..upto], upto == text.len()) {
                found.push(text.get(value).unwrap_or_default());
            }
        }
        found
    }

    #[test]
    fn values_are_found_whatever_the_pieces() {
        for (text, expected) in [
            ("{\"a\":1}\n{\"b\":[1,{\"c\":2}]}", vec!["{\"a\":1}", "{\"b\":[1,{\"c\":2}]}"]),
            (" {\"a\":\"}{\\\"]\\\\\"} , {}\n]\n", vec!["{\"a\":\"}{\\\"]\\\\\"}", "{}"]),
            ("1, \"a b\" true,{}x", vec!["1", "\"a b\"", "true", "{}", "x"]),
            ("} {\"a\":", vec!["}", "{\"a\":"]),
            ("{\"a\":\"x\\", vec!["{\"a\":\"x\\"]),
            ("", vec![]),
            (" \n]", vec![]),
        ] {
            for piece in 1..=text.len().max(1) {
                assert_eq!(values(text, piece), expected, "{text:?} in pieces of {piece}");
            }
        }
    }

    #[test]
    fn a_layout_is_told_by_the_first_lines() {
        for (head, layout) in [
            ("{\"a\":1}\n{\"a\":2}\n", Layout::Lines),
            ("{\"a\":1}", Layout::Lines),
            ("{\"a\":1}\r\n\r\n", Layout::Lines),
            ("{\"a\":1\n{\"a\":2}\n", Layout::Lines),
            ("nonsense\n{\"a\":2}\n", Layout::Lines),
            ("{\n  \"a\": 1\n}\n", Layout::Document),
            ("{ \"a\": [\n  1 ] }\n", Layout::Document),
            ("[{\"a\":1},\n{\"a\":1}]", Layout::Document),
            ("\n\n[\n", Layout::Document),
            ("{\n", Layout::Document),
        ] {
            assert_eq!(Layout::of(head.as_bytes()), layout, "{head:?}");
        }
    }
}
