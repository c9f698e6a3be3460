//! Segment ids as numbers, so that they are compared at once.

/// The id of a segment in 32 bits: its length, its two or three characters, and a space where there is no third.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Default, Debug)]
pub(crate) struct Id(u32);

/// The ids by which segments are told apart.
macro_rules! ids {
    ($($id:ident)*) => { impl Id { $(pub(crate) const $id: Id = Id::new(stringify!($id).as_bytes());)* } };
}

ids! {
    AMT BHT CAS CL1 CLM CRC CTP DMG DTP GE GS HI HL IEA ISA LIN LQ LX N3 N4 NM1 NTE PER PRV PWK QTY REF SBR SE ST SV1
    SV2 SV3 SVD TOO
}

impl Id {
    /// What cannot be the id of a segment.
    pub(crate) const NONE: Id = Id(0);

    /// The bits of its number.
    pub(crate) const BITS: u32 = 26;

    /// The id of these characters.
    pub(crate) const fn new(id: &[u8]) -> Id {
        match *id {
            [a, b] => Id(u32::from_be_bytes([2, a, b, b' '])),
            [a, b, c] => Id(u32::from_be_bytes([3, a, b, c])),
            _ => Id::NONE,
        }
    }

    /// The id that is the first `length` of these bytes.
    #[inline]
    pub(super) fn at(bytes: &[u8], length: usize) -> Id {
        match *bytes {
            [a, b, c, ..] if length == 3 => Id(u32::from_be_bytes([3, a, b, c])),
            [a, b, ..] if length == 2 => Id(u32::from_be_bytes([2, a, b, b' '])),
            _ => Id::NONE,
        }
    }

    #[inline]
    pub(crate) fn number(self) -> u32 {
        self.0
    }

    /// Its characters, with a space at the end where it has two; `None` for what is no id.
    #[inline]
    pub(super) fn characters(self) -> Option<[u8; 3]> {
        let [_, characters @ ..] = self.0.to_be_bytes();
        (self != Id::NONE).then_some(characters)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ids_differ_where_their_characters_do() {
        let texts: [&[u8]; 9] = [b"HL", b"HL ", b"\0HL", b"HI", b"NM1", b"NM", b"N4", b"N3", b"LX"];
        for one in texts {
            for other in texts {
                assert_eq!(Id::new(one) == Id::new(other), one == other, "{one:?} {other:?}");
            }
            assert_eq!(Id::at(one, one.len()), Id::new(one));
            assert!(Id::new(one).number() >> Id::BITS == 0);
        }
        for none in [&b""[..], b"N", b"NAME"] {
            assert_eq!((Id::new(none), Id::at(none, none.len())), (Id::NONE, Id::NONE));
        }
        assert_eq!(
            (Id::HL.characters(), Id::SV1.characters(), Id::NONE.characters()),
            (Some(*b"HL "), Some(*b"SV1"), None)
        );
    }
}
