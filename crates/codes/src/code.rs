//! Codes of any system, and modifiers, as order-preserving integers.

use std::fmt;

/// A code of up to eight upper-case letters and digits, packed left-aligned into 64 bits, so that the order
/// of the integers is the lexicographic order of the codes and a prefix is a range.
///
/// One type serves ICD-10-CM (3 to 7 characters, the dot dropped), CPT and HCPCS (5), revenue codes (4) and
/// places of service (2). Zero is *absent*.
///
/// ```
/// use cleanclaim_codes::Code;
/// let a = Code::parse_diagnosis(b"e11.65").unwrap();
/// assert_eq!(a.to_string(), "E1165");
/// assert_eq!(a.diagnosis().to_string(), "E11.65");
/// assert!(Code::parse(b"99213").unwrap() < Code::parse(b"99214").unwrap());
/// ```
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Default)]
pub struct Code(u64);

/// What a procedure code's form says it is. The form does not say that the code exists.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum CodeKind {
    /// CPT category I: five digits.
    CptCategory1,
    /// CPT category II: four digits and F.
    CptCategory2,
    /// CPT category III: four digits and T.
    CptCategory3,
    /// CPT proprietary laboratory analysis: four digits and U.
    CptPla,
    /// CPT administrative or multianalyte assay: four digits and M or A.
    CptAdministrative,
    /// HCPCS Level II: a letter and four digits.
    HcpcsLevel2,
}

impl CodeKind {
    /// Whether the code belongs to CPT, whose descriptors are the AMA's.
    pub fn is_cpt(self) -> bool {
        self != Self::HcpcsLevel2
    }
}

impl Code {
    /// No code.
    pub const ABSENT: Code = Code(0);
    /// A field that held something which is no code of any system: longer than eight characters, or with
    /// characters other than ASCII letters and digits. The reader keeps the text beside it.
    pub const MALFORMED: Code = Code(u64::MAX);

    /// Packs ASCII letters and digits, folding to upper case. `None` when `text` is longer than eight bytes
    /// or has any other character; [`Code::ABSENT`] when it is empty.
    #[inline]
    pub fn parse(text: &[u8]) -> Option<Code> {
        folded(packed(text)?, text.len()).map(Code)
    }

    /// As [`Code::parse`], accepting the dot after the third character that diagnosis codes are written with.
    #[inline]
    pub fn parse_diagnosis(text: &[u8]) -> Option<Code> {
        if text.get(3) != Some(&b'.') {
            return Self::parse(text);
        }
        // A dot with nothing after it is none.
        let (category, rest) = (packed(&text[..3])?, packed(&text[4..]).filter(|&rest| rest != 0)?);
        let length = text.len() - 1;
        (length <= 8).then(|| folded(category | rest >> 24, length).map(Code)).flatten()
    }

    /// The packed integer; its order is the codes' order.
    #[inline]
    pub const fn to_bits(self) -> u64 {
        self.0
    }

    /// The code with these bits, as [`Code::to_bits`] gave them.
    #[inline]
    pub const fn from_bits(bits: u64) -> Code {
        Code(bits)
    }

    /// A code known when the program was written, in upper case; of more than eight characters the first eight.
    ///
    /// ```
    /// use cleanclaim_codes::Code;
    /// assert_eq!(Code::parse(b"99213"), Some(Code::new(b"99213")));
    /// ```
    pub const fn new<const N: usize>(text: &[u8; N]) -> Code {
        let (mut bytes, mut place) = ([0; 8], 0);
        while place < N && place < bytes.len() {
            bytes[place] = text[place];
            place += 1;
        }
        Code(u64::from_be_bytes(bytes))
    }

    /// Whether there is no code.
    #[inline]
    pub const fn is_absent(self) -> bool {
        self.0 == 0
    }

    /// Whether the field held something that is no code at all.
    #[inline]
    pub const fn is_malformed(self) -> bool {
        self.0 == u64::MAX
    }

    /// The number of characters, 0 to 8.
    #[inline]
    pub const fn len(self) -> usize {
        if self.is_malformed() { 0 } else { 8 - (self.0.trailing_zeros() as usize).div_euclid(8) }
    }

    /// Whether there are no characters: absent or malformed.
    #[inline]
    pub const fn is_empty(self) -> bool {
        self.len() == 0
    }

    /// The characters, in a buffer of eight of which the first [`Code::len`] count.
    #[inline]
    pub const fn to_bytes(self) -> [u8; 8] {
        self.0.to_be_bytes()
    }

    /// The first `length` characters.
    #[inline]
    pub const fn prefix(self, length: usize) -> Code {
        if length >= 8 {
            self
        } else if length == 0 {
            Code::ABSENT
        } else {
            Code(self.0 & (u64::MAX << (64 - 8 * length)))
        }
    }

    /// Whether this code begins with all of `prefix`.
    #[inline]
    pub const fn starts_with(self, prefix: Code) -> bool {
        self.prefix(prefix.len()).0 == prefix.0
    }

    /// The character at `place`, counted from 0; 0 beyond the end.
    #[inline]
    pub const fn at(self, place: usize) -> u8 {
        if place < 8 { (self.0 >> (56 - 8 * place)) as u8 } else { 0 }
    }

    /// Whether the form is that of an ICD-10-CM code: a letter, a digit, then one to five letters or digits. The
    /// categories QA0 on, in force from 2025-10-01 (ICD-10-CM addenda FY 2026), are the only ones with a letter second.
    #[inline]
    pub const fn has_diagnosis_form(self) -> bool {
        let length = self.len();
        let second = self.at(1).is_ascii_digit() || (self.at(0) == b'Q' && self.at(1) == b'A');
        length >= 3 && length <= 7 && self.at(0).is_ascii_uppercase() && second
    }

    /// What the form of a procedure code says it is, or `None` when it is no form of CPT or HCPCS.
    #[inline]
    pub fn procedure_kind(self) -> Option<CodeKind> {
        if self.len() != 5 || !(1..4).all(|place| self.at(place).is_ascii_digit()) {
            return None;
        }
        match (self.at(0).is_ascii_digit(), self.at(4)) {
            (true, b'0'..=b'9') => Some(CodeKind::CptCategory1),
            (true, b'F') => Some(CodeKind::CptCategory2),
            (true, b'T') => Some(CodeKind::CptCategory3),
            (true, b'U') => Some(CodeKind::CptPla),
            (true, b'M' | b'A') => Some(CodeKind::CptAdministrative),
            (false, b'0'..=b'9') => Some(CodeKind::HcpcsLevel2),
            _ => None,
        }
    }

    /// Shows the code as a diagnosis, with its dot after the third character.
    pub fn diagnosis(self) -> impl fmt::Display {
        Dotted(self)
    }
}

/// Up to eight bytes, left-aligned, read a few at a time: every line of a claim has several codes.
#[inline]
pub(crate) fn packed(text: &[u8]) -> Option<u64> {
    let place = |byte: u8, place: usize| u64::from(byte) << (56 - 8 * place);
    match (text.first_chunk(), text.last_chunk(), text) {
        // The two may overlap.
        (Some(&head), Some(&tail), _) if text.len() <= 8 => {
            let (head, tail) = (u32::from_be_bytes(head), u32::from_be_bytes(tail));
            Some(u64::from(head) << 32 | u64::from(tail) << (8 * (8 - text.len())))
        }
        (.., &[]) => Some(0),
        (.., &[a]) => Some(place(a, 0)),
        (.., &[a, b]) => Some(place(a, 0) | place(b, 1)),
        (.., &[a, b, c]) => Some(place(a, 0) | place(b, 1) | place(c, 2)),
        _ => None,
    }
}

/// The first `length` of the eight bytes with letters in upper case; nothing when one is neither letter nor digit. All
/// are looked at together: of a byte below 0x80, adding what 0x80 has beyond a bound sets its uppermost bit from that
/// bound on, and carries nothing over.
#[inline]
fn folded(packed: u64, length: usize) -> Option<u64> {
    const EACH: u64 = 0x0101_0101_0101_0101;
    const TOP: u64 = EACH * 0x80;
    const CASE: u64 = EACH * 0x20;
    let from = |bytes: u64, first: u8| bytes + EACH * (0x80 - u64::from(first));
    // What stands behind the code counts as digits.
    let behind = (EACH * u64::from(b'0')).checked_shr(8 * length as u32).unwrap_or(0);
    let bytes = packed | behind;
    if bytes & TOP != 0 {
        return None;
    }
    let digits = from(bytes, b'0') & !from(bytes, b'9' + 1);
    let lower = bytes | CASE;
    let letters = from(lower, b'a') & !from(lower, b'z' + 1);
    ((digits | letters) & TOP == TOP).then_some(packed & !((letters & TOP) >> 2))
}

impl fmt::Display for Code {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if self.is_malformed() {
            return f.write_str("(malformed)");
        }
        let bytes = self.to_bytes();
        f.write_str(std::str::from_utf8(&bytes[..self.len()]).unwrap_or("(malformed)"))
    }
}

impl fmt::Debug for Code {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Code({self})")
    }
}

struct Dotted(Code);

impl fmt::Display for Dotted {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if self.0.len() <= 3 {
            return self.0.fmt(f);
        }
        let bytes = self.0.to_bytes();
        let text = std::str::from_utf8(&bytes[..self.0.len()]).unwrap_or("(malformed)");
        write!(f, "{}.{}", &text[..3], &text[3..])
    }
}

/// A two-character modifier. Zero is *absent*.
///
/// ```
/// use cleanclaim_codes::Modifier;
/// assert_eq!(Modifier::parse(b"lt").unwrap(), Modifier::new(b"LT"));
/// ```
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Default)]
pub struct Modifier(u16);

impl Modifier {
    /// No modifier.
    pub const ABSENT: Modifier = Modifier(0);
    /// A modifier field that held something other than two ASCII characters.
    pub const MALFORMED: Modifier = Modifier(u16::MAX);

    /// A modifier known when the program was written.
    pub const fn new(text: &[u8; 2]) -> Modifier {
        Modifier(u16::from_be_bytes(*text))
    }

    /// Two ASCII letters or digits, folded to upper case; [`Modifier::ABSENT`] when empty, `None` otherwise.
    #[inline]
    pub fn parse(text: &[u8]) -> Option<Modifier> {
        match *text {
            [] => Some(Modifier::ABSENT),
            [a, b] if a.is_ascii_alphanumeric() && b.is_ascii_alphanumeric() => {
                Some(Modifier(u16::from_be_bytes([a.to_ascii_uppercase(), b.to_ascii_uppercase()])))
            }
            _ => None,
        }
    }

    /// Whether there is no modifier.
    #[inline]
    pub const fn is_absent(self) -> bool {
        self.0 == 0
    }

    /// Whether the field held something that is no modifier at all.
    #[inline]
    pub const fn is_malformed(self) -> bool {
        self.0 == u16::MAX
    }

    /// The two characters.
    #[inline]
    pub const fn to_bytes(self) -> [u8; 2] {
        self.0.to_be_bytes()
    }

    /// The packed integer; its order is the modifiers' order.
    #[inline]
    pub const fn to_bits(self) -> u16 {
        self.0
    }

    /// The modifier as a [`Code`], as the codeset stores it.
    #[inline]
    pub const fn code(self) -> Code {
        Code((self.0 as u64) << 48)
    }
}

impl fmt::Display for Modifier {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if self.is_absent() {
            return Ok(());
        }
        f.write_str(std::str::from_utf8(&self.to_bytes()).unwrap_or("(malformed)"))
    }
}

impl fmt::Debug for Modifier {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Modifier({self})")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn code(text: &str) -> Code {
        Code::parse(text.as_bytes()).unwrap_or(Code::MALFORMED)
    }

    #[test]
    fn order_of_codes_is_order_of_their_text() {
        let mut texts = ["A00", "A000", "A0001", "B", "99213", "0001A", "Z9999999", "T36"];
        texts.sort_unstable();
        let mut codes = texts.map(code);
        codes.sort_unstable();
        assert_eq!(codes.map(|c| c.to_string()), texts.map(str::to_owned));
    }

    #[test]
    fn dot_is_taken_after_the_third_character_only() {
        assert_eq!(Code::parse_diagnosis(b"e11.65"), Some(code("E1165")));
        assert_eq!(Code::parse_diagnosis(b"E1165"), Some(code("E1165")));
        assert_eq!(Code::parse_diagnosis(b"E11."), None);
        assert_eq!(Code::parse_diagnosis(b"E1.165"), None);
        assert_eq!(Code::parse_diagnosis(b"E11.6.5"), None);
        assert_eq!(Code::parse_diagnosis(b"S72.001A"), Some(code("S72001A")));
        assert_eq!(Code::parse_diagnosis(b"S72.001ABCD"), None);
    }

    #[test]
    fn length_prefix_and_display_agree_for_every_length() {
        for text in ["", "A", "AB", "ABC", "ABCD", "ABCDE", "ABCDEF", "ABCDEFG", "ABCDEFGH"] {
            let packed = code(text);
            assert_eq!(packed.len(), text.len());
            assert_eq!(packed.to_string(), text);
            for length in 0..=text.len() {
                assert_eq!(packed.prefix(length), code(&text[..length]));
                assert!(packed.starts_with(code(&text[..length])));
            }
        }
        assert_eq!(Code::MALFORMED.len(), 0);
        assert_eq!(Code::parse(b"ABCDEFGHI"), None);
        assert_eq!(Code::parse("É12".as_bytes()), None);
    }

    #[test]
    fn procedure_forms_are_told_apart() {
        assert_eq!(code("99213").procedure_kind(), Some(CodeKind::CptCategory1));
        assert_eq!(code("0001F").procedure_kind(), Some(CodeKind::CptCategory2));
        assert_eq!(code("0042T").procedure_kind(), Some(CodeKind::CptCategory3));
        assert_eq!(code("0001U").procedure_kind(), Some(CodeKind::CptPla));
        assert_eq!(code("0002M").procedure_kind(), Some(CodeKind::CptAdministrative));
        assert_eq!(code("0001A").procedure_kind(), Some(CodeKind::CptAdministrative));
        assert_eq!(code("J1100").procedure_kind(), Some(CodeKind::HcpcsLevel2));
        for bad in ["9921", "992134", "J110", "JJ100", "0001B", "J110A", ""] {
            assert_eq!(code(bad).procedure_kind(), None, "{bad}");
        }
    }

    #[test]
    fn diagnosis_form_needs_letter_digit_and_three_to_seven_characters() {
        for good in ["A00", "C4A", "E1165", "S72001A", "Z9989", "M1A00X0", "QA00"] {
            assert!(code(good).has_diagnosis_form(), "{good}");
        }
        for bad in ["", "A0", "AA0", "0A0", "123", "S72001AB"] {
            assert!(!code(bad).has_diagnosis_form(), "{bad}");
        }
    }

    #[test]
    fn modifiers_fold_case_and_refuse_the_rest() {
        assert_eq!(Modifier::parse(b"xs"), Some(Modifier::new(b"XS")));
        assert_eq!(Modifier::parse(b""), Some(Modifier::ABSENT));
        assert_eq!(Modifier::parse(b"5"), None);
        assert_eq!(Modifier::parse(b"59 "), None);
        assert_eq!(Modifier::new(b"59").code(), code("59"));
    }

    /// A code read byte by byte.
    fn plainly(text: &[u8]) -> Option<String> {
        let plain = text.len() <= 8 && text.iter().all(u8::is_ascii_alphanumeric);
        plain.then(|| String::from_utf8_lossy(text).to_ascii_uppercase())
    }

    /// A diagnosis read byte by byte.
    fn diagnosis_plainly(text: &[u8]) -> Option<String> {
        match text {
            [a, b, c, b'.', rest @ ..] => plainly(&[&[*a, *b, *c], rest].concat()).filter(|_| !rest.is_empty()),
            _ => plainly(text),
        }
    }

    #[test]
    fn any_bytes_are_read_as_one_by_one() {
        let text_of = |code: Option<Code>| code.map(|code| code.to_string());
        let check = |text: &[u8]| {
            assert_eq!(text_of(Code::parse(text)), plainly(text), "{text:?}");
            assert_eq!(text_of(Code::parse_diagnosis(text)), diagnosis_plainly(text), "{text:?}");
        };
        // Each byte in each place of texts of each length.
        for length in 0..=10 {
            for place in 0..length {
                for byte in 0..=u8::MAX {
                    let mut text = b"aZ9zA0m5Kq"[..length].to_vec();
                    text[place] = byte;
                    check(&text);
                    if length > 3 {
                        text[3] = b'.';
                        check(&text);
                    }
                }
            }
        }
        check(b"");
    }
}
