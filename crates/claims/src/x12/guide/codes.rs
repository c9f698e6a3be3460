//! Lists of codes, and whether a code is one of them.

/// The codes that a guide lists for an element; none when it leaves them to a list elsewhere.
#[derive(Clone, Default)]
pub(super) struct Codes {
    /// As the table has them, separated by commas.
    pub(super) text: &'static str,
    /// Those of up to four characters, which nearly all are, each in the first free slot from its own on; 0 is free.
    short: Vec<u32>,
    /// By how much a mixed code is shifted for its slot.
    shift: u32,
    /// The others.
    long: Vec<u128>,
}

impl Codes {
    /// Reads codes separated by commas; `None` when one is longer than a code can be.
    pub(super) fn new(text: &'static str) -> Option<Codes> {
        let mut codes = Codes { text, ..Codes::default() };
        // At most a quarter of the slots is taken.
        let size = (4 * text.split(',').count()).next_power_of_two();
        (codes.short, codes.shift) = (vec![0; size], u32::BITS - size.ilog2());
        for code in text.split(',').map(str::as_bytes) {
            match pack_short(code) {
                Some(short) => {
                    let free = codes.slots(short).find(|&slot| codes.short.get(slot) == Some(&0))?;
                    *codes.short.get_mut(free)? = short;
                }
                None => codes.long.push(pack(code)?),
            }
        }
        codes.long.sort_unstable();
        Some(codes)
    }

    /// The slots that a code may be in, its own first.
    #[inline]
    fn slots(&self, short: u32) -> impl Iterator<Item = usize> + use<> {
        let (own, size) = (short.wrapping_mul(0x9e37_79b1) >> self.shift, self.short.len());
        (0..size).map(move |step| (own as usize + step) & (size - 1))
    }

    #[inline]
    pub(super) fn is_empty(&self) -> bool {
        self.text.is_empty()
    }

    #[inline]
    pub(super) fn contains(&self, code: &[u8]) -> bool {
        match pack_short(code) {
            Some(short) => {
                let mut slot = (short.wrapping_mul(0x9e37_79b1) >> self.shift) as usize;
                // At most a quarter of the slots is taken, so that one is free.
                while let Some(&own) = self.short.get(slot)
                    && own != 0
                {
                    if own == short {
                        return true;
                    }
                    slot = (slot + 1) & (self.short.len() - 1);
                }
                false
            }
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

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;

    #[test]
    fn a_list_contains_its_codes_and_no_others() {
        let lists =
            ["1", "XX,MI,24,34", "A,B,AB,BA,ABC,ABCD,ABCDE", "00,01,02,03,04,05,06,07,08,09,10,11,12,13,14,15,16"];
        let all = || lists.iter().flat_map(|list| list.split(','));
        for text in lists {
            let codes = Codes::new(text).unwrap();
            for code in all().chain(["", "\0", "0", "X", "xx", "ABCDEF", "12345678901234567"]) {
                let wanted = text.split(',').any(|own| own == code);
                assert_eq!(codes.contains(code.as_bytes()), wanted, "{code} in {text}");
            }
        }
        assert!(Codes::new("A,12345678901234567").is_none());
        assert!(!Codes::default().contains(b"A"));
    }
}
