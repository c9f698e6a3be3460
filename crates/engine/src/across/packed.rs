//! Lines of earlier claims in a quarter of their size: a run keeps half a million of them, and hardly one is ever looked at.
//!
//! A line is a word that says which parts follow, then those parts. What is as on the line before is left out.

use codes::{Code, Date, Modifier, Money, Npi, Units};
use edits::EarlierLine;

/// About the bytes that a line takes.
pub(super) const USUAL: usize = 20;

/// The most bytes that a line takes, and the eight that a part is written as.
const MOST: usize = 72;

/// That a part follows. Parts stand in this order, after the procedure.
const NUMBER: u16 = 1;
const FROM: u16 = 1 << 1;
const TO: u16 = 1 << 2;
const PROVIDER: u16 = 1 << 3;
const SITE: u16 = 1 << 4;
/// That the line gives it: in four bytes, unless it is also long.
const UNITS: u16 = 1 << 5;
const LONG_UNITS: u16 = 1 << 6;
const CHARGE: u16 = 1 << 7;
const LONG_CHARGE: u16 = 1 << 8;
/// How many places of modifiers follow.
const MODIFIERS: u32 = 9;
/// What has no part.
const IN_MINUTES: u16 = 1 << 12;
const WITHOUT_LAST_DAY: u16 = 1 << 13;
const NO_PROVIDER: u16 = 1 << 14;
/// That the procedure has five characters at most, and takes no more bytes.
const SHORT_PROCEDURE: u16 = 1 << 15;

/// What the first line of a claim is compared with.
const NONE: EarlierLine = EarlierLine {
    procedure: Code::from_bits(0),
    modifiers: [Modifier::ABSENT; 4],
    rendering_npi: None,
    site: Code::from_bits(0),
    units: None,
    charge: None,
    number: 0,
    from: Date::from_days(0),
    to: Date::from_days(0),
    in_minutes: false,
    without_last_day: false,
};

/// Packs the lines of one claim.
pub(super) struct Packer<'p> {
    packed: &'p mut Vec<u8>,
    before: EarlierLine,
}

/// A line that is being packed.
struct Parts {
    bytes: [u8; MOST],
    len: usize,
    word: u16,
}

impl Parts {
    /// Adds the first `len` of these bytes, in which a part stands. That there is one is asked of no branch: it could not be
    /// foretold.
    #[inline]
    fn add(&mut self, part: u64, len: usize) {
        if let Some(place) = self.bytes.get_mut(self.len..).and_then(|rest| rest.first_chunk_mut()) {
            *place = part.to_le_bytes();
        }
        self.len += len;
    }

    #[inline]
    fn add_if(&mut self, sign: u16, is: bool, part: u64, len: usize) {
        self.word |= if is { sign } else { 0 };
        self.add(part, if is { len } else { 0 });
    }

    /// An amount, if it is given.
    #[inline]
    fn add_amount(&mut self, (given, long): (u16, u16), amount: Option<i64>) {
        let value = amount.unwrap_or_default();
        let is_long = i32::try_from(value).is_err();
        self.word |= if is_long { long } else { 0 };
        self.add_if(given, amount.is_some(), value as u64, if is_long { 8 } else { 4 });
    }
}

impl<'p> Packer<'p> {
    /// Of the next claim.
    pub(super) fn new(packed: &'p mut Vec<u8>) -> Packer<'p> {
        Packer { packed, before: NONE }
    }

    /// Adds its next line.
    #[inline]
    pub(super) fn push(&mut self, line: &EarlierLine) {
        let before = std::mem::replace(&mut self.before, *line);
        let mut parts = Parts { bytes: [0; MOST], len: 2, word: 0 };
        // The characters of a code are its upper bytes.
        let procedure = line.procedure.to_bits().swap_bytes();
        let short = procedure >> 40 == 0;
        parts.word |= if short { SHORT_PROCEDURE } else { 0 };
        parts.add(procedure, if short { 5 } else { 8 });
        parts.add_if(NUMBER, line.number != before.number.wrapping_add(1), line.number.into(), 4);
        parts.add_if(FROM, line.from != before.from, line.from.days() as u64, 4);
        parts.add_if(TO, line.to != line.from, line.to.days() as u64, 4);
        let provider = line.rendering_npi.map_or(0, Npi::number);
        let other = line.rendering_npi != before.rendering_npi;
        parts.word |= if other && line.rendering_npi.is_none() { NO_PROVIDER } else { 0 };
        parts.add_if(PROVIDER, other && line.rendering_npi.is_some(), provider, 8);
        parts.add_if(SITE, line.site != before.site, line.site.to_bits(), 8);
        parts.add_amount((UNITS, LONG_UNITS), line.units.map(Units::thousandths));
        parts.add_amount((CHARGE, LONG_CHARGE), line.charge.map(Money::cents));
        let [a, b, c, d] = line.modifiers.map(|modifier| u64::from(modifier.to_bits()));
        let modifiers = a | b << 16 | c << 32 | d << 48;
        let places = (64 - modifiers.leading_zeros()).div_ceil(16);
        parts.word |= (places as u16) << MODIFIERS;
        parts.add(modifiers, 2 * places as usize);
        parts.word |= if line.in_minutes { IN_MINUTES } else { 0 };
        parts.word |= if line.without_last_day { WITHOUT_LAST_DAY } else { 0 };
        [parts.bytes[0], parts.bytes[1]] = parts.word.to_le_bytes();
        self.packed.extend_from_slice(parts.bytes.get(..parts.len).unwrap_or_default());
    }
}

/// The lines of a claim, as they were before they were packed.
pub(super) fn unpacked(mut packed: &[u8]) -> impl Iterator<Item = EarlierLine> {
    let mut line = NONE;
    std::iter::from_fn(move || {
        line = next(&mut packed, &line)?;
        Some(line)
    })
}

/// The next part, of so many bytes.
fn part(packed: &mut &[u8], len: usize) -> Option<u64> {
    let mut bytes = [0; 8];
    bytes.get_mut(..len)?.copy_from_slice(packed.split_off(..len)?);
    Some(u64::from_le_bytes(bytes))
}

fn next(packed: &mut &[u8], before: &EarlierLine) -> Option<EarlierLine> {
    let word = part(packed, 2)? as u16;
    let has = |sign: u16| word & sign != 0;
    let mut part_if = |sign, len| if has(sign) { part(packed, len).map(Some) } else { Some(None) };
    let day = |part: u64| Date::from_days(part as u32 as i32);
    let procedure = match part_if(SHORT_PROCEDURE, 5)? {
        Some(short) => short,
        None => part_if(u16::MAX, 8)??,
    };
    let number = part_if(NUMBER, 4)?.map_or(before.number.wrapping_add(1), |number| number as u32);
    let from = part_if(FROM, 4)?.map_or(before.from, day);
    let to = part_if(TO, 4)?.map_or(from, day);
    let provider = part_if(PROVIDER, 8)?.map(|number| Npi::parse(number.to_string().as_bytes()));
    let site = part_if(SITE, 8)?.map_or(before.site, Code::from_bits);
    let mut amount = |given, long| match has(long) {
        true => part_if(given, 8).map(|part| part.map(|part| part as i64)),
        false => part_if(given, 4).map(|part| part.map(|part| i64::from(part as u32 as i32))),
    };
    let units = amount(UNITS, LONG_UNITS)?.map(Units::from_thousandths);
    let charge = amount(CHARGE, LONG_CHARGE)?.map(Money::from_cents);
    let modifiers = part(packed, 2 * usize::from(word >> MODIFIERS & 7))?;
    Some(EarlierLine {
        procedure: Code::from_bits(procedure.swap_bytes()),
        modifiers: [0, 16, 32, 48].map(|at| Modifier::new(&((modifiers >> at) as u16).to_be_bytes())),
        rendering_npi: if has(NO_PROVIDER) { None } else { provider.unwrap_or(before.rendering_npi) },
        site,
        units,
        charge,
        number,
        from,
        to,
        in_minutes: has(IN_MINUTES),
        without_last_day: has(WITHOUT_LAST_DAY),
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    /// Values that repeat often, and among them any at all.
    fn line() -> impl Strategy<Value = EarlierLine> {
        let code = || prop_oneof![Just(0), Just(u64::from_be_bytes(*b"99213\0\0\0")), Just(u64::MAX), any::<u64>()];
        let day = || prop_oneof![Just(20_000), Just(20_001), any::<i32>()].prop_map(Date::from_days);
        let modifier = prop_oneof![2 => Just(*b"\0\0"), 1 => Just(*b"25"), 1 => any::<[u8; 2]>()];
        let modifiers = prop::array::uniform4(modifier).prop_map(|all| all.map(|one| Modifier::new(&one)));
        let provider = prop::option::of(prop_oneof![Just(123_456_789), 100_000_000..300_000_000u32])
            .prop_map(|stem| stem.and_then(Npi::from_stem));
        let amount = || prop::option::of(prop_oneof![Just(1000), any::<i32>().prop_map(i64::from), any::<i64>()]);
        let number = prop_oneof![0..4u32, any::<u32>()];
        let signs = any::<[bool; 2]>();
        ((code(), code(), modifiers, provider), (amount(), amount(), number), (day(), day()), signs).prop_map(
            |((procedure, site, modifiers, rendering_npi), (units, charge, number), (from, to), signs)| EarlierLine {
                procedure: Code::from_bits(procedure),
                modifiers,
                rendering_npi,
                site: Code::from_bits(site),
                units: units.map(Units::from_thousandths),
                charge: charge.map(Money::from_cents),
                number,
                from,
                to,
                in_minutes: signs[0],
                without_last_day: signs[1],
            },
        )
    }

    fn pack(claims: &[Vec<EarlierLine>]) -> Vec<Vec<u8>> {
        let mut all = Vec::new();
        claims
            .iter()
            .map(|lines| {
                let at = all.len();
                let mut packer = Packer::new(&mut all);
                lines.iter().for_each(|line| packer.push(line));
                all[at..].to_vec()
            })
            .collect()
    }

    proptest! {
        #[test]
        fn lines_come_back_as_they_were(claims in prop::collection::vec(prop::collection::vec(line(), 0..6), 0..4)) {
            for (packed, lines) in pack(&claims).iter().zip(&claims) {
                prop_assert_eq!(&unpacked(packed).collect::<Vec<_>>(), lines);
            }
        }

        #[test]
        fn any_bytes_are_read_without_a_panic(bytes: Vec<u8>) {
            prop_assert!(unpacked(&bytes).count() <= bytes.len());
        }
    }

    #[test]
    fn a_usual_line_is_small() {
        let line = |number| EarlierLine {
            procedure: Code::parse(b"99213").unwrap_or_default(),
            site: Code::parse(b"11").unwrap_or_default(),
            rendering_npi: Npi::from_stem(123_456_789),
            units: Some(Units::whole(1)),
            charge: Some(Money::from_cents(12_550)),
            from: Date::from_days(20_000),
            to: Date::from_days(20_000),
            number,
            ..NONE
        };
        let packed = pack(&[vec![line(1), line(2), line(3)]]);
        assert_eq!(packed[0].len(), 35 + 15 + 15);
    }
}
