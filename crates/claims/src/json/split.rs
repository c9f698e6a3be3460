//! Where one value ends and the next begins.

use memchr::{memchr, memchr2, memrchr};
use std::ops::Range;

/// How the values of an input are laid out.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) enum Layout {
    /// One a line, or a few.
    Lines,
    /// Over lines as they come, perhaps in arrays.
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
        let Some(newline) = memchr(b'\n', text) else {
            // Values one after another, with no line ends between, are no line that would have to be held whole.
            return if next_object(text).is_some() { Layout::Document } else { Layout::Lines };
        };
        let (first, rest) = text.split_at(newline);
        let mut values = Values::default();
        let mut whole = false;
        while values.next(first, false).is_some() {
            whole = true;
        }
        // A first line that is no whole value is either damaged, and then another value begins on the next, or it is
        // the first of many that one value is printed over.
        let next = rest.trim_ascii_start();
        let lines = whole && values.begun_at().is_none() || next.starts_with(b"{") && !opens_list(first);
        if lines { Layout::Lines } else { Layout::Document }
    }
}

/// Whether a line is the beginning of an object and of an array in it, which no claim begins with: `{"claims": [`.
fn opens_list(line: &[u8]) -> bool {
    let inside = |line: &[u8]| {
        let name = line.strip_prefix(b"{")?.trim_ascii_start().strip_prefix(b"\"")?;
        let name = name.strip_suffix(b"[")?.trim_ascii_end().strip_suffix(b":")?.trim_ascii_end();
        name.strip_suffix(b"\"").map(|name| memchr(b'"', name).is_none() && name != b"lines" && name != b"diagnoses")
    };
    inside(line.trim_ascii()).unwrap_or_default()
}

/// Where the next object begins after the first value of a text, told by brackets alone.
pub(super) fn next_object(text: &[u8]) -> Option<usize> {
    let mut values = Values::default();
    values.next(text, false)?;
    loop {
        let start = values.next(text, false).or_else(|| values.next(text, true))?.start;
        if text.get(start) == Some(&b'{') {
            return Some(start);
        }
    }
}

/// Where what comes after the blanks and commas begins that stand at a place between values.
pub(super) fn skip_between(text: &[u8], at: usize) -> usize {
    let between = |byte: &u8| byte.is_ascii_whitespace() || *byte == b',';
    at + text.get(at..).unwrap_or_default().iter().take_while(|byte| between(byte)).count()
}

/// Finds the values of a document, piece by piece. An array around values is none of them, at whatever depth it
/// stands: its values are.
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
    /// Arrays around the values that were opened and not closed yet.
    arrays: u32,
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
                b'[' if !begun => self.arrays = self.arrays.saturating_add(1),
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
                b']' => self.arrays = self.arrays.saturating_sub(1),
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

    /// Whether an array around the values was opened and not closed, and no value in it is without its end.
    pub(super) fn is_within_array(&self) -> bool {
        self.arrays > 0 && self.start.is_none()
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
            ("[[{},{\"a\":[]}],[], {}]\n[{}]", vec!["{}", "{\"a\":[]}", "{}", "{}"]),
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
            ("{\"a\":1}{\"a\":2}", Layout::Document),
            ("{\"a\":1} ,\r{\"a\":2}\r", Layout::Document),
            ("{\"a\":1}\r", Layout::Lines),
            ("{\"a\":1}{\"a\":2}\n{\"a\":3}\n", Layout::Lines),
            ("{\"a\":1},\n{\"a\":2}\n", Layout::Lines),
            ("{\"a\":1} {\"a\":\n2}\n", Layout::Document),
            ("{\"claims\" : [\n{\"a\":1},\n{\"a\":2}]}\n", Layout::Document),
            ("{\"lines\":[\n{\"a\":2}\n", Layout::Lines),
        ] {
            assert_eq!(Layout::of(head.as_bytes()), layout, "{head:?}");
        }
    }
}
