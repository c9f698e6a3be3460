//! By what two claims are found to be the same.

use claims::{ClaimView, Given};
use codes::{BillType, Code, Date};

/// A hash of all that a payer would compare of two claims but their lines' codes, days and amounts, which are kept:
/// not the ids, nor when they were submitted.
pub(crate) fn fingerprint(claim: ClaimView<'_>) -> u64 {
    /// A value that none of those hashed is.
    const NOT_GIVEN: u64 = 1 << 63;
    fn number<T>(given: Given<T>, as_bits: impl Fn(T) -> i64) -> u64 {
        given.value().map_or(NOT_GIVEN, |value| as_bits(value) as u64)
    }
    let row = claim.row;
    let (diagnoses, conditions) = (claim.diagnoses(), claim.conditions());
    let day = |given: Given<Date>| number(given, |day| day.days().into());
    let [a, b, c] = row.bill_type.value().map_or([0; 3], BillType::to_bytes);
    let of_claim = [
        day(row.birth_date),
        day(row.statement_from),
        day(row.statement_to),
        number(row.sex, |sex| sex as i64) | (row.claim_type as u64) << 8,
        number(row.billing_npi, |npi| npi.number() as i64),
        u64::from_le_bytes([a, b, c, 0, 0, 0, 0, 0]),
        number(row.total, |total| total.cents()),
        row.patient_status.to_bits(),
        row.state.to_bits(),
        (diagnoses.len() as u64) << 32 | conditions.len() as u64,
    ];
    let code = |hash, code: &Code| folded(hash ^ code.to_bits(), KEYS[8]);
    let hash = conditions.iter().fold(diagnoses.iter().fold(mixed(0, of_claim), code), code);
    claim.lines().iter().fold(hash, |hash, line| {
        let modifiers = line.modifiers.map(|modifier| u64::from(modifier.to_bits()));
        let pointers = claim.pointers(line);
        let of_line = [
            line.place_of_service.to_bits(),
            line.revenue_code.to_bits(),
            line.procedure.to_bits(),
            day(line.service_from),
            number(line.units, |units| units.thousandths()),
            number(line.charge, |charge| charge.cents()),
            modifiers.iter().fold(0, |all, &modifier| all << 16 | modifier),
            pointers.iter().fold(pointers.len() as u64, |all, &pointer| all << 16 ^ all >> 48 ^ u64::from(pointer)),
        ];
        mixed(hash, of_line)
    })
}

/// Numbers without a pattern, the digits of pi.
const KEYS: [u64; 10] = [
    0x243F_6A88_85A3_08D3,
    0x1319_8A2E_0370_7344,
    0xA409_3822_299F_31D0,
    0x082E_FA98_EC4E_6C89,
    0x4528_21E6_38D0_1377,
    0xBE54_66CF_34E9_0C6C,
    0xC0AC_29B7_C97C_50DD,
    0x3F84_D5B5_B547_0917,
    0x9216_D5D9_8979_FB1B,
    0xD131_0BA6_98DF_B5AC,
];

/// The two halves of a product, together.
#[inline]
fn folded(a: u64, b: u64) -> u64 {
    let product = u128::from(a) * u128::from(b);
    product as u64 ^ (product >> 64) as u64
}

/// Adds an even number of words to a hash. Two by two they are multiplied, each with a key of its place, so that only the
/// last product waits for the words before.
#[inline]
fn mixed<const N: usize>(hash: u64, words: [u64; N]) -> u64 {
    let (pairs, keys) = (words.as_chunks::<2>().0, KEYS.as_chunks::<2>().0);
    let all = pairs.iter().zip(keys).fold(0, |all, ([a, b], [of_a, of_b])| all ^ folded(a ^ of_a, b ^ of_b));
    folded(hash ^ all ^ KEYS[0], KEYS[9])
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_hash_depends_on_every_word_its_place_and_what_came_before() {
        let words = [3, 0, 1 << 63, 7, 7, 0, 19_000, 42];
        let own = mixed(5, words);
        assert_eq!(own, mixed(5, words));
        assert_ne!(own, mixed(6, words));
        for place in 0..words.len() {
            for bit in 0..u64::BITS {
                let mut other = words;
                other[place] ^= 1 << bit;
                assert_ne!(own, mixed(5, other), "bit {bit} of word {place}");
            }
            for with in 0..place {
                let mut other = words;
                other.swap(place, with);
                assert_eq!(own == mixed(5, other), words[place] == words[with], "words {with} and {place}");
            }
        }
        assert_ne!(mixed(mixed(5, words), [1, 2]), mixed(mixed(5, [1, 2]), words));
    }
}
