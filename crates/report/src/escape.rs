//! Text as each format takes it.

use std::fmt;
use std::marker::PhantomData;

/// Writes text so that it cannot end, or be taken for, something else in its format.
pub(crate) trait Escape {
    /// Appends the text.
    fn put(text: &str, out: &mut Vec<u8>);
}

/// The inside of a JSON string.
pub(crate) enum Json {}

/// The inside of a JSON string within a quoted CSV cell.
pub(crate) enum JsonInQuoted {}

/// The inside of a quoted CSV cell.
pub(crate) enum Quoted {}

/// Lines for a person. Control and invisible characters are shown, not sent: what a claim holds must not move a terminal's
/// cursor, turn its text around, or look like a finding of its own.
pub(crate) enum Plain {}

/// Text or an attribute's value in HTML. Control characters are shown, as in [`Plain`].
pub(crate) enum Html {}

/// JSON, and where it is written: its quotes are doubled in a CSV cell.
pub(crate) trait JsonText: Escape {
    /// The quote that begins and ends a string.
    const QUOTE: &'static [u8];
}

impl JsonText for Json {
    const QUOTE: &'static [u8] = b"\"";
}

impl JsonText for JsonInQuoted {
    const QUOTE: &'static [u8] = b"\"\"";
}

impl Escape for Json {
    #[inline]
    fn put(text: &str, out: &mut Vec<u8>) {
        put_json_text(text, Json::QUOTE, out);
    }
}

impl Escape for JsonInQuoted {
    #[inline]
    fn put(text: &str, out: &mut Vec<u8>) {
        put_json_text(text, JsonInQuoted::QUOTE, out);
    }
}

/// Appends the inside of a JSON string. What is escaped, and how, is what serde_json does.
#[inline]
fn put_json_text(text: &str, quote: &[u8], out: &mut Vec<u8>) {
    const HEX: &[u8; 16] = b"0123456789abcdef";
    let bytes = text.as_bytes();
    let mut done = 0;
    for (place, &byte) in bytes.iter().enumerate() {
        if byte >= 0x20 && byte != b'"' && byte != b'\\' {
            continue;
        }
        out.extend_from_slice(&bytes[done..place]);
        out.push(b'\\');
        match byte {
            b'"' => out.extend_from_slice(quote),
            b'\\' => out.push(b'\\'),
            b'\n' => out.push(b'n'),
            b'\r' => out.push(b'r'),
            b'\t' => out.push(b't'),
            0x08 => out.push(b'b'),
            0x0c => out.push(b'f'),
            _ => out.extend_from_slice(&[b'u', b'0', b'0', HEX[usize::from(byte >> 4)], HEX[usize::from(byte & 15)]]),
        }
        done = place + 1;
    }
    out.extend_from_slice(&bytes[done..]);
}

impl Escape for Quoted {
    #[inline]
    fn put(text: &str, out: &mut Vec<u8>) {
        for (place, part) in text.split('"').enumerate() {
            if place > 0 {
                out.extend_from_slice(b"\"\"");
            }
            out.extend_from_slice(part.as_bytes());
        }
    }
}

impl Escape for Plain {
    #[inline]
    fn put(text: &str, out: &mut Vec<u8>) {
        let mut done = 0;
        for (place, character) in text.char_indices().filter(|&(_, character)| moves_text(character)) {
            out.extend_from_slice(&text.as_bytes()[done..place]);
            out.extend(character.escape_default().map(|ascii| ascii as u8));
            done = place + character.len_utf8();
        }
        out.extend_from_slice(&text.as_bytes()[done..]);
    }
}

impl Escape for Html {
    fn put(text: &str, out: &mut Vec<u8>) {
        let mut plain = Vec::with_capacity(text.len());
        Plain::put(text, &mut plain);
        for byte in plain {
            match byte {
                b'&' => out.extend_from_slice(b"&amp;"),
                b'<' => out.extend_from_slice(b"&lt;"),
                b'>' => out.extend_from_slice(b"&gt;"),
                b'"' => out.extend_from_slice(b"&quot;"),
                b'\'' => out.extend_from_slice(b"&#39;"),
                _ => out.push(byte),
            }
        }
    }
}

/// Whether the character has an effect instead of a shape, or none that can be seen: controls, line and paragraph
/// separators, the controls of writing direction, spaces other than the usual one, and what joins or separates without a
/// width. A code with one of them looks right and is not.
fn moves_text(character: char) -> bool {
    match character {
        ' '..='~' => false,
        '\u{ad}'
        | '\u{34f}'
        | '\u{61c}'
        | '\u{115f}'
        | '\u{1160}'
        | '\u{17b4}'
        | '\u{17b5}'
        | '\u{180b}'..='\u{180f}' => true,
        '\u{200b}'..='\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{2060}'..='\u{206f}' | '\u{2800}' | '\u{3164}' => true,
        '\u{fe00}'..='\u{fe0f}' | '\u{feff}' | '\u{ffa0}' | '\u{e0000}'..='\u{e0fff}' => true,
        _ => character.is_control() || character.is_whitespace(),
    }
}

/// Sends what is formatted through an escape.
pub(crate) struct Through<'a, E>(&'a mut Vec<u8>, PhantomData<E>);

impl<'a, E: Escape> Through<'a, E> {
    pub(crate) fn new(out: &'a mut Vec<u8>) -> Through<'a, E> {
        Through(out, PhantomData)
    }
}

impl<E: Escape> fmt::Write for Through<'_, E> {
    fn write_str(&mut self, text: &str) -> fmt::Result {
        E::put(text, self.0);
        Ok(())
    }
}

/// Appends what is formatted, escaped.
pub(crate) fn display<E: Escape>(value: &impl fmt::Display, out: &mut Vec<u8>) {
    // A Vec takes everything, so only a Display that fails by itself could err; what it wrote stays.
    let _ = fmt::Write::write_fmt(&mut Through::<E>::new(out), format_args!("{value}"));
}

/// Whether a spreadsheet could take the cell for a formula: it begins, after spaces, with `=`, `+`, `-`, `@` or
/// one of their full-width forms, or with a tab or line break, and is not simply a number.
///
/// Source: OWASP, "CSV Injection".
pub(crate) fn looks_like_formula(cell: &[u8]) -> bool {
    let text = cell.trim_ascii_start();
    match text {
        [b'=' | b'@', ..] | [0xef, 0xbc, 0x8b | 0x8d | 0x9d | 0xa0, ..] => true,
        [b'+' | b'-', number @ ..] => {
            number.is_empty() || !number.iter().all(|byte| byte.is_ascii_digit() || *byte == b'.')
        }
        _ => cell.first().is_some_and(|byte| matches!(byte, b'\t' | b'\r' | b'\n')),
    }
}

/// Appends a CSV cell, quoted where RFC 4180 asks for it, made harmless to spreadsheets.
pub(crate) fn cell(text: &str, out: &mut Vec<u8>) {
    let quoted = text.bytes().any(|byte| matches!(byte, b',' | b'"' | b'\r' | b'\n'));
    if quoted {
        out.push(b'"');
    }
    if looks_like_formula(text.as_bytes()) {
        out.push(b'\'');
    }
    if quoted {
        Quoted::put(text, out);
        out.push(b'"');
    } else {
        out.extend_from_slice(text.as_bytes());
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn escaped<E: Escape>(text: &str) -> String {
        let mut out = Vec::new();
        E::put(text, &mut out);
        String::from_utf8(out).unwrap_or_default()
    }

    proptest! {
        #[test]
        fn json_strings_are_those_of_serde_json(text in any::<String>(), low in 0u8..0x80) {
            let text = format!("{text}{}{text}", char::from(low));
            let ours = format!("\"{}\"", escaped::<Json>(&text));
            prop_assert_eq!(Some(ours), serde_json::to_string(&text).ok());
        }

        #[test]
        fn json_in_a_cell_is_json_once_the_cell_is_read(text in any::<String>()) {
            let text = format!("{text}\"\\");
            prop_assert_eq!(escaped::<JsonInQuoted>(&text).replace("\"\"", "\""), escaped::<Json>(&text));
        }

        #[test]
        fn plain_text_is_one_line_of_printable_characters(text in any::<String>(), low in 0u8..0x80) {
            let text = format!("{text}{}\u{9b}", char::from(low));
            prop_assert!(!escaped::<Plain>(&text).contains(char::is_control));
        }
    }

    #[test]
    fn every_low_character_is_escaped_in_json_as_serde_json_does() {
        for byte in 0..=0x7fu8 {
            let text = char::from(byte).to_string();
            assert_eq!(Some(format!("\"{}\"", escaped::<Json>(&text))), serde_json::to_string(&text).ok(), "{byte}");
        }
    }

    #[test]
    fn control_characters_are_shown_to_a_person() {
        assert_eq!(escaped::<Plain>("a\u{1b}[31m\r\nb\u{7f}é\u{202e}"), "a\\u{1b}[31m\\r\\nb\\u{7f}é\\u{202e}");
        for hidden in ['\u{a0}', '\u{ad}', '\u{200b}', '\u{200d}', '\u{2009}', '\u{2060}', '\u{3000}', '\u{feff}'] {
            assert_eq!(escaped::<Plain>(&format!("I10{hidden}")), format!("I10{}", hidden.escape_unicode()));
        }
        let seen = "“Zoë” · § — … 漢字 ①";
        assert_eq!(escaped::<Plain>(seen), seen);
    }

    #[test]
    fn markup_is_text_in_html() {
        let text = "<script a=\"1\" b='2'>&\n\u{202e}é";
        assert_eq!(escaped::<Html>(text), "&lt;script a=&quot;1&quot; b=&#39;2&#39;&gt;&amp;\\n\\u{202e}é");
    }

    #[test]
    fn formulas_are_told_from_numbers_and_text() {
        for formula in ["=1+1", "@SUM(A1)", "+cmd", "-2+3", " =1", "\t1", "\rx", "-", "＝1", "-1e5"] {
            assert!(looks_like_formula(formula.as_bytes()), "{formula:?}");
        }
        for harmless in ["", "C1", "-12", "+12.50", "a=1", " a", "1-2"] {
            assert!(!looks_like_formula(harmless.as_bytes()), "{harmless:?}");
        }
    }
}
