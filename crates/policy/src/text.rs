//! A string of a TOML file, with the place in the file of each of its characters.

use crate::source::Span;

/// A string's value and where it stands. Conditions and messages are strings within TOML, so a place in them must
/// be told as a place of the file, past quotes and escapes.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub(crate) struct Text {
    pub(crate) value: String,
    pub(crate) span: Span,
    /// For each byte of the value its byte in the file, and one more for the end. Empty when the value stands
    /// in the file as it is, right after `inner`.
    places: Vec<u32>,
    inner: usize,
}

impl Text {
    /// The value that stands at this span of the file's text.
    pub(crate) fn new(value: &str, span: Span, file: &str) -> Text {
        let raw = file.get(span.range.clone()).unwrap_or_default();
        let start = span.range.start;
        let (quotes, basic) = match raw {
            _ if raw.starts_with("\"\"\"") => (3, true),
            _ if raw.starts_with("'''") => (3, false),
            _ if raw.starts_with('"') => (1, true),
            _ if raw.starts_with('\'') => (1, false),
            _ => (0, false),
        };
        let mut inner = quotes;
        if quotes == 3 {
            // A line feed right after the quotes is not part of the value.
            let rest = raw.get(inner..).unwrap_or_default();
            inner += if rest.starts_with("\r\n") { 2 } else { usize::from(rest.starts_with('\n')) };
        }
        let body = raw.get(inner..raw.len().saturating_sub(quotes).max(inner)).unwrap_or_default();
        let as_it_is = body == value;
        let places = if as_it_is { Vec::new() } else { places(value, body, start + inner, basic) };
        Text { value: value.to_owned(), span, places, inner: start + inner }
    }

    /// A value that does not stand in the file; told of as this place.
    pub(crate) fn made(value: &str, span: Span) -> Text {
        let places = vec![span.range.start as u32; value.len() + 1];
        Text { value: value.to_owned(), span, places, inner: 0 }
    }

    /// A stretch of the value, as a text of its own.
    pub(crate) fn part(&self, from: usize, to: usize) -> Text {
        let value = self.value.get(from..to).unwrap_or_default().to_owned();
        let places = (from..=to).map(|at| self.span_of(at, at).range.start as u32).collect();
        Text { value, span: self.span_of(from, to), places, inner: 0 }
    }

    /// The place in the file of a stretch of the value.
    pub(crate) fn span_of(&self, from: usize, to: usize) -> Span {
        let (from, to) = (from.min(self.value.len()), to.min(self.value.len()));
        let at = |place: usize| match self.places.get(place) {
            Some(&place) => place as usize,
            None => self.inner + place,
        };
        let start = at(from);
        // The end of the last character, not the start of the next: an escape or a line end may lie between.
        let end = if to > from { at(to - 1) + 1 } else { start };
        Span::new(self.span.file, start..end.max(start))
    }
}

/// Walks a string as written and its value together.
fn places(value: &str, body: &str, base: usize, basic: bool) -> Vec<u32> {
    let mut places = Vec::with_capacity(value.len() + 1);
    let bytes = body.as_bytes();
    let mut at = 0;
    for character in value.chars() {
        // A backslash at the end of a line takes all white space after it away.
        while basic && bytes.get(at) == Some(&b'\\') && bytes.get(at + 1).is_some_and(u8::is_ascii_whitespace) {
            at += 1;
            while bytes.get(at).is_some_and(u8::is_ascii_whitespace) {
                at += 1;
            }
        }
        places.extend(std::iter::repeat_n((base + at) as u32, character.len_utf8()));
        at += match bytes.get(at) {
            Some(b'\\') if basic => match bytes.get(at + 1) {
                Some(b'u') => 6,
                Some(b'U') => 10,
                Some(b'x') => 4,
                _ => 2,
            },
            Some(b'\r') if character == '\n' => 2,
            _ => character.len_utf8(),
        };
    }
    places.push((base + at.min(body.len())) as u32);
    places
}

#[cfg(test)]
mod tests {
    #![allow(clippy::panic)]

    use super::*;

    fn text(file: &str) -> Text {
        let table = toml::de::DeTable::parse(file).unwrap_or_else(|error| panic!("{error}"));
        let value = table.get_ref().iter().next().map(|(_, value)| value.clone());
        let value = value.unwrap_or_else(|| panic!("a value"));
        Text::new(value.get_ref().as_str().unwrap_or_default(), Span::new(0, value.span()), file)
    }

    #[test]
    #[allow(clippy::panic)]
    fn every_character_is_found_in_the_file() {
        for file in [
            "a = 'x in y'",
            "a = \"x in y\"",
            "a = '''\nx in y'''",
            "a = \"\"\"\n  x\n in \\\n    y\"\"\"",
            "a = \"\\tx \\u00e9 in \\\"y\"",
            "a = '''é x in\r\n y'''",
        ] {
            let text = text(file);
            for word in ["x", "in", "y"] {
                let at = text.value.find(word).unwrap_or_else(|| panic!("{word} in {file:?}"));
                let span = text.span_of(at, at + word.len());
                assert_eq!(file.get(span.range.clone()), Some(word), "{file:?} {span:?}");
            }
        }
    }
}
