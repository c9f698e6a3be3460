//! Publishers' text as it comes: lines with their numbers, in whatever of the usual encodings, cut at columns.

use super::Refusal;
use crate::error::Located;
use std::borrow::Cow;
use std::path::{Path, PathBuf};

/// The longest piece of a file that a message repeats.
const QUOTED: usize = 60;

/// Windows-1252 for the bytes 0x80 to 0x9F. Five of them are unused there and stand for themselves.
const WINDOWS_1252: [char; 32] = [
    '€', '\u{81}', '‚', 'ƒ', '„', '…', '†', '‡', 'ˆ', '‰', 'Š', '‹', 'Œ', '\u{8d}', 'Ž', '\u{8f}', '\u{90}', '‘', '’',
    '“', '”', '•', '–', '—', '˜', '™', 'š', '›', 'œ', '\u{9d}', 'ž', 'Ÿ',
];

/// Bytes as text: UTF-8 if they are, else Windows-1252, which the older files of CMS are in.
pub(crate) fn decode(bytes: &[u8]) -> Cow<'_, str> {
    match std::str::from_utf8(bytes) {
        Ok(text) => Cow::Borrowed(text),
        Err(_) => {
            let character = |&byte: &u8| match byte {
                0x80..=0x9f => WINDOWS_1252[usize::from(byte - 0x80)],
                _ => char::from(byte),
            };
            Cow::Owned(bytes.iter().map(character).collect())
        }
    }
}

/// The text in one line, with runs of white space as one space.
pub(crate) fn squeezed(text: &str) -> String {
    let mut squeezed = String::with_capacity(text.len());
    for word in text.split_whitespace() {
        if !squeezed.is_empty() {
            squeezed.push(' ');
        }
        squeezed.push_str(word);
    }
    squeezed
}

/// A piece of a file as a message shows it.
pub(crate) fn quoted(text: &str) -> String {
    match text.char_indices().nth(QUOTED) {
        _ if text.is_empty() => "nothing".to_owned(),
        Some((end, _)) => format!("{:?}…", &text[..end]),
        None => format!("{text:?}"),
    }
}

/// A file's name and, with it, places in the file.
#[derive(Clone, Copy)]
pub(crate) struct At<'a> {
    pub(crate) path: &'a Path,
    pub(crate) line: u32,
}

impl At<'_> {
    /// That what is in a column of this line is not what should be there.
    pub(crate) fn wrong(
        self,
        column: impl Into<String>,
        expected: impl Into<String>,
        found: &str,
        advice: impl Into<String>,
    ) -> Refusal {
        Box::new(Located {
            path: PathBuf::from(self.path),
            line: self.line,
            column: column.into(),
            expected: expected.into(),
            found: quoted(found),
            advice: advice.into(),
        })
    }
}

/// The lines of a file, counted from 1, without their ends, byte order mark and Ctrl-Z.
pub(crate) fn lines(bytes: &[u8]) -> impl Iterator<Item = (u32, Cow<'_, str>)> {
    let bytes = bytes.strip_prefix(b"\xef\xbb\xbf").unwrap_or(bytes);
    let end = bytes.len() - bytes.iter().rev().take_while(|&&byte| matches!(byte, 0x1a | b'\n' | b'\r')).count();
    // No lines at all in an empty file; `split` alone would give one.
    let body = (end > 0).then_some(&bytes[..end]);
    body.into_iter()
        .flat_map(|body| body.split(|&byte| byte == b'\n'))
        .zip(1u32..)
        .map(|(line, number)| (number, decode(line.strip_suffix(b"\r").unwrap_or(line))))
}

/// What stands in the columns `from` to `to` of a line, counted from 1, both within, as the layouts count them;
/// less, or nothing, where the line ends before.
pub(crate) fn columns(line: &str, from: usize, to: usize) -> &str {
    if line.is_ascii() {
        return line.get(from - 1..to.min(line.len())).unwrap_or_default();
    }
    // Layouts count characters.
    let place = |column: usize| line.char_indices().nth(column).map_or(line.len(), |(place, _)| place);
    line.get(place(from - 1)..place(to)).unwrap_or_default()
}

/// The length of a line in columns.
pub(crate) fn width(line: &str) -> usize {
    if line.is_ascii() { line.len() } else { line.chars().count() }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lines_are_counted_and_stripped_of_what_is_not_text() {
        let found: Vec<_> = lines(b"\xef\xbb\xbfone\r\ntwo\n\nfour\r\n\x1a\r\n").collect();
        assert_eq!(found, [(1, "one".into()), (2, "two".into()), (3, "".into()), (4, "four".into())]);
        assert_eq!(lines(b"").count(), 0);
        assert_eq!(lines(b"\r\n\r\n").count(), 0);
        assert_eq!(lines(b"a").count(), 1);
    }

    #[test]
    fn bytes_that_are_no_utf8_are_windows_1252() {
        assert_eq!(decode(b"CMS\x92 caf\xe9"), "CMS’ café");
        assert_eq!(decode("café".as_bytes()), "café");
    }

    #[test]
    fn columns_are_characters_and_end_with_the_line() {
        assert_eq!(columns("abcdef", 2, 4), "bcd");
        assert_eq!(columns("abcdef", 5, 9), "ef");
        assert_eq!(columns("abcdef", 7, 9), "");
        assert_eq!(columns("abcdef", 9, 12), "");
        assert_eq!(columns("aécdef", 2, 4), "écd");
        assert_eq!(columns("aécdef", 6, 9), "f");
        assert_eq!(columns("aé", 9, 12), "");
        assert_eq!((width("aéc"), width("abc")), (3, 3));
    }

    #[test]
    fn long_findings_are_cut() {
        assert_eq!(quoted(""), "nothing");
        assert_eq!(quoted("ab"), "\"ab\"");
        assert_eq!(quoted(&"é".repeat(80)).chars().count(), QUOTED + 3);
    }
}
