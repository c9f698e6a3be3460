//! Which diagnoses a line points at.

use crate::values::{digits, items};

/// What stands for a diagnosis pointer that is no pointer.
pub(crate) const BAD_POINTER: u16 = u16::MAX;

/// Reads pointers: numbers, or letters as a paper claim has them, which may stand together (`AB`). False when one is
/// none.
#[inline]
pub(crate) fn read_pointers(text: &[u8], into: &mut Vec<u16>) -> bool {
    // As most are written.
    match *text {
        [one @ b'1'..=b'9'] => {
            into.push(u16::from(one - b'0'));
            true
        }
        [one @ b'1'..=b'9', b':', two @ b'1'..=b'9'] => {
            into.extend([u16::from(one - b'0'), u16::from(two - b'0')]);
            true
        }
        _ => read_any_pointers(text, into),
    }
}

/// As [`read_pointers`], however they are written.
#[inline(never)]
fn read_any_pointers(text: &[u8], into: &mut Vec<u16>) -> bool {
    let before = into.len();
    for item in items(text) {
        if item.iter().all(u8::is_ascii_alphabetic) {
            into.extend(item.iter().map(|letter| match letter.to_ascii_uppercase() {
                letter @ b'A'..=b'L' => u16::from(letter - b'A') + 1,
                _ => BAD_POINTER,
            }));
        } else {
            into.push(digits(item).and_then(|number| u16::try_from(number).ok()).unwrap_or(BAD_POINTER));
        }
    }
    !into[before..].contains(&BAD_POINTER)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn pointers_are_numbers_or_letters() {
        let read = |text: &str| {
            let mut into = Vec::new();
            let good = read_pointers(text.as_bytes(), &mut into);
            assert_eq!(good, !into.contains(&BAD_POINTER), "{text}");
            into
        };
        assert_eq!(read("1"), [1]);
        assert_eq!(read("1:2"), [1, 2]);
        assert_eq!(read("1:0"), [1, 0]);
        assert_eq!(read("1:2:12"), [1, 2, 12]);
        assert_eq!(read("1,2;3|4 5"), [1, 2, 3, 4, 5]);
        assert_eq!(read("A:B:l"), [1, 2, 12]);
        assert_eq!(read("ABCD"), [1, 2, 3, 4]);
        assert_eq!(read("0:65534"), [0, 65534]);
        assert_eq!(read("65535:99999999999:-1:1A:M:é"), [65535; 6]);
        assert_eq!(read("1::2:"), [1, 2]);
        assert_eq!(read(""), [0u16; 0]);
    }
}
