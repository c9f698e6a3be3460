//! Lists of codes, and whether a code is one of them.

/// The codes that a guide lists for an element; none when it leaves them to a list elsewhere.
#[derive(Clone, Default)]
pub(super) struct Codes {
    /// As the table has them, separated by commas.
    pub(super) text: &'static str,
    /// Those of up to four characters, which nearly all are, and the others.
    short: Vec<u32>,
    long: Vec<u128>,
}

impl Codes {
    /// Reads codes separated by commas; `None` when one is longer than a code can be.
    pub(super) fn new(text: &'static str) -> Option<Codes> {
        let mut codes = Codes { text, ..Codes::default() };
        for code in text.split(',').map(str::as_bytes) {
            match pack_short(code) {
                Some(short) => codes.short.push(short),
                None => codes.long.push(pack(code)?),
            }
        }
        codes.short.sort_unstable();
        codes.long.sort_unstable();
        Some(codes)
    }

    #[inline]
    pub(super) fn is_empty(&self) -> bool {
        self.text.is_empty()
    }

    #[inline]
    pub(super) fn contains(&self, code: &[u8]) -> bool {
        match pack_short(code) {
            // Few codes are sooner compared than searched.
            Some(short) if self.short.len() <= 16 => self.short.contains(&short),
            Some(short) => self.short.binary_search(&short).is_ok(),
            None => pack(code).is_some_and(|code| self.long.binary_search(&code).is_ok()),
        }
    }
}

/// Up to four bytes as a number; `None` for none and for more.
#[inline]
pub(super) fn pack_short(code: &[u8]) -> Option<u32> {
    match *code {
        [a] => Some(u32::from(a)),
        [a, b] => Some(u32::from_be_bytes([0, 0, a, b])),
        [a, b, c] => Some(u32::from_be_bytes([0, a, b, c])),
        [a, b, c, d] => Some(u32::from_be_bytes([a, b, c, d])),
        _ => None,
    }
}

/// Up to 16 bytes as a number. (No code has a leading NUL, so that length need not be kept.)
#[inline]
fn pack(code: &[u8]) -> Option<u128> {
    if code.is_empty() || code.len() > 16 {
        return None;
    }
    Some(code.iter().fold(0, |packed, &byte| packed << 8 | u128::from(byte)))
}
