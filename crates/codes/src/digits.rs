//! Eight ASCII digits at once: dates and provider numbers stand on every line of a claim.

/// Eight digits from 0 to 9, a byte each, the first one lowest.
#[derive(Clone, Copy)]
pub(crate) struct Digits(u64);

/// The digits of a text, if it has nothing else.
#[inline]
pub(crate) fn each(text: [u8; 8]) -> Option<Digits> {
    const ZEROS: u64 = 0x3030_3030_3030_3030;
    let digits = u64::from_le_bytes(text) ^ ZEROS;
    // Nine or less in each byte, which adding 0x76 does not carry over 0x7f.
    let plain = (digits | digits.wrapping_add(0x7676_7676_7676_7676)) & 0x8080_8080_8080_8080 == 0;
    plain.then_some(Digits(digits))
}

/// The numbers that pairs of them are, two bytes each, the first one lowest.
#[inline]
fn in_pairs(Digits(digits): Digits) -> u64 {
    (digits.wrapping_mul(10) + (digits >> 8)) & 0x00ff_00ff_00ff_00ff
}

/// The numbers that pairs of them are.
#[inline]
pub(crate) fn pairs(digits: Digits) -> [u32; 4] {
    let pairs = in_pairs(digits);
    [0, 16, 32, 48].map(|shift| (pairs >> shift) as u32 & 0xff)
}

/// The number that they are: pairs are added up in fours.
#[inline]
pub(crate) fn number(digits: Digits) -> u32 {
    let pairs = in_pairs(digits);
    let fours = (pairs.wrapping_mul(100) + (pairs >> 16)) & 0x0000_ffff_0000_ffff;
    (fours.wrapping_mul(10_000) + (fours >> 32)) as u32
}

/// Their sum, the first and every other one taken twice, and of a double above 9 its two digits.
#[inline]
pub(crate) fn luhn_sum(Digits(digits): Digits) -> u32 {
    const LANES: u64 = 0x00ff_00ff_00ff_00ff;
    const ONES: u64 = 0x0001_0001_0001_0001;
    let (doubled, once) = ((digits & LANES) * 2, digits >> 8 & LANES);
    // Of a number below 128, adding 0x76 sets bit 7 from ten on.
    let above_nine = (doubled + 0x76 * ONES) >> 7 & ONES;
    let each = doubled - 9 * above_nine + once;
    (each.wrapping_mul(ONES) >> 48) as u32
}
