//! What a coverage article carries out: the policy of a contractor, or a national determination.

use std::fmt;

/// The parts of a section's number, such as 220.6.17.
const PARTS: usize = 4;
/// Bits that a part takes.
const BITS: u32 = 10;
/// Stands for a part that is not there; parts have three digits at most.
const NO_PART: u16 = (1 << BITS) - 1;
/// The largest number of a part.
const LARGEST: u16 = 999;
/// Marks a national determination among the packed.
const NATIONAL: u64 = 1 << 62;

/// What an article carries out.
///
/// # Examples
/// ```
/// use cleanclaim_codeset::{Basis, ManualSection};
/// assert_eq!(Basis::Local(33577).to_string(), "L33577");
/// assert_eq!(Basis::National(ManualSection::parse("220.6.17").unwrap()).to_string(), "NCD 220.6.17");
/// ```
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub enum Basis {
    /// A local coverage determination, by its number: 33577 of L33577.
    Local(u32),
    /// A national coverage determination, by its section of the manual.
    National(ManualSection),
}

/// A section of the National Coverage Determinations Manual.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub struct ManualSection([u16; PARTS]);

impl ManualSection {
    /// Reads a section such as `220.6.17`: one to four numbers of at most three digits. None for anything else.
    pub fn parse(text: &str) -> Option<ManualSection> {
        let mut section = [NO_PART; PARTS];
        for (place, part) in text.split('.').enumerate() {
            let digits = (1..=3).contains(&part.len()) && part.bytes().all(|byte| byte.is_ascii_digit());
            *section.get_mut(place)? = part.parse().ok().filter(|_| digits)?;
        }
        Some(ManualSection(section))
    }
}

impl Basis {
    /// In one number, as the image has it.
    pub(crate) fn to_bits(self) -> u64 {
        match self {
            Basis::Local(number) => u64::from(number),
            Basis::National(ManualSection(parts)) => {
                NATIONAL | parts.iter().fold(0, |bits, &part| bits << BITS | u64::from(part))
            }
        }
    }

    /// What the number stands for; none for one that was never written.
    pub(crate) fn from_bits(bits: u64) -> Option<Basis> {
        if bits & NATIONAL == 0 {
            return u32::try_from(bits).ok().map(Basis::Local);
        }
        let mut rest = bits & !NATIONAL;
        let mut parts = [NO_PART; PARTS];
        for part in parts.iter_mut().rev() {
            *part = (rest & u64::from(NO_PART)) as u16;
            rest >>= BITS;
        }
        let known = parts.iter().all(|&part| part <= LARGEST || part == NO_PART);
        (rest == 0 && known && parts[0] != NO_PART).then_some(Basis::National(ManualSection(parts)))
    }
}

impl fmt::Display for Basis {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Basis::Local(number) => write!(f, "L{number}"),
            Basis::National(section) => write!(f, "NCD {section}"),
        }
    }
}

impl fmt::Display for ManualSection {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (place, part) in self.0.iter().filter(|&&part| part != NO_PART).enumerate() {
            let dot = if place == 0 { "" } else { "." };
            write!(f, "{dot}{part}")?;
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]

    use super::*;

    #[test]
    fn what_is_packed_is_read_again_and_anything_else_is_nothing() {
        for section in ["220", "220.6", "220.6.17", "20.8.1.1", "999.0.0.999"] {
            let basis = Basis::National(ManualSection::parse(section).unwrap());
            assert_eq!(basis.to_string(), format!("NCD {section}"));
            assert_eq!(Basis::from_bits(basis.to_bits()), Some(basis));
        }
        for number in [0, 33_577, u32::MAX] {
            let basis = Basis::Local(number);
            assert_eq!(Basis::from_bits(basis.to_bits()), Some(basis));
        }
        for text in ["", ".", "220.", "220.6.17.1.1", "1000", "22a", "220 6"] {
            assert_eq!(ManualSection::parse(text), None, "{text}");
        }
        for bits in [1 << 40, NATIONAL | 1 << 50, NATIONAL | 1_000, u64::MAX] {
            assert_eq!(Basis::from_bits(bits), None, "{bits}");
        }
    }
}
