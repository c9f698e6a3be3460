//! By what two claims are found to be the same.

use claims::{ClaimView, Field, Given};
use codes::{BillType, ClaimType, Code, Date};
use std::cell::Cell;
use xxhash_rust::xxh3::xxh3_64;

/// A hash of all that a payer would compare of two claims: not the ids, nor when they were submitted.
pub(crate) fn fingerprint(claim: ClaimView<'_>) -> u64 {
    /// A value that none of those hashed is.
    const NOT_GIVEN: u64 = 1 << 63;
    /// What the readers put in the place of a pointer that is none.
    const NO_POINTER: u16 = u16::MAX;
    let unread = Cell::new(false);
    fn number<T>(unread: &Cell<bool>, given: Given<T>, as_bits: impl Fn(T) -> i64) -> u64 {
        match given {
            Given::Is(value) => as_bits(value) as u64,
            Given::Absent => NOT_GIVEN,
            Given::Invalid => {
                unread.set(true);
                NOT_GIVEN
            }
        }
    }
    let row = claim.row;
    let (diagnoses, conditions) = (claim.diagnoses(), claim.conditions());
    let day = |given: Given<Date>| number(&unread, given, |day| day.days().into());
    let text_of = |code: Code| {
        if code.is_malformed() {
            unread.set(true);
        }
        code.to_bits()
    };
    let facility = row.claim_type == ClaimType::Institutional;
    let of_bill = number(&unread, row.bill_type, |bill| {
        let [a, b, c] = BillType::to_bytes(bill);
        i64::from_le_bytes([a, b, c, 0, 0, 0, 0, 0])
    });
    let of_claim = [
        day(row.birth_date),
        day(row.statement_from),
        day(row.statement_to),
        number(&unread, row.sex, |sex| sex as i64) | (row.claim_type as u64) << 8,
        number(&unread, row.billing_npi, |npi| npi.number() as i64),
        of_bill,
        number(&unread, row.total, |total| total.cents()),
        text_of(row.patient_status),
        row.state.to_bits(),
        (diagnoses.len() as u64) << 32 | conditions.len() as u64,
    ];
    let code = |hash, code: &Code| folded(hash ^ text_of(*code), KEYS[8]);
    let hash = conditions.iter().fold(diagnoses.iter().fold(mixed(0, of_claim), code), code);
    let hash = claim.lines().iter().zip(0usize..).fold(hash, |hash, (line, place)| {
        let modifiers = line.modifiers.map(|modifier| {
            unread.set(unread.get() | modifier.is_malformed());
            u64::from(modifier.to_bits())
        });
        let pointers = claim.pointers(line);
        // A line without a last day is of one day, and one without a provider of its own by the billing one.
        let to = if line.service_to.is_absent() { line.service_from } else { line.service_to };
        let rendering = if facility { Given::Absent } else { line.rendering_npi };
        let provider = if rendering.is_absent() { row.billing_npi } else { rendering };
        let of_line = [
            text_of(line.place_of_service),
            text_of(line.revenue_code),
            text_of(line.procedure),
            day(line.service_from),
            number(&unread, line.units, |units| units.thousandths()),
            number(&unread, line.charge, |charge| charge.cents()),
            modifiers.iter().fold(0, |all, &modifier| all << 16 | modifier),
            pointers.iter().fold(pointers.len() as u64, |all, &pointer| {
                unread.set(unread.get() | (pointer == NO_POINTER));
                all << 16 ^ all >> 48 ^ u64::from(pointer)
            }),
            day(to),
            number(&unread, provider, |npi| npi.number() as i64),
        ];
        let hash = mixed(hash, of_line);
        let hash = if line.ndc.is_empty() { hash } else { with_text(hash, claim.batch.bytes(line.ndc)) };
        if row.claim_type != ClaimType::Dental {
            return hash;
        }
        claim.text_of_line(place, Field::ToothCodes).map_or(hash, |teeth| with_text(hash, teeth.as_bytes()))
    });
    if unread.get() { with_unread(claim, hash) } else { hash }
}

/// Adds a text to a hash.
fn with_text(hash: u64, text: &[u8]) -> u64 {
    mixed(hash, [xxh3_64(text), text.len() as u64])
}

/// Adds the texts of the values that could not be read: two of them are equal where they say the same.
#[cold]
fn with_unread(claim: ClaimView<'_>, hash: u64) -> u64 {
    let of_claim = [
        Field::BirthDate,
        Field::Sex,
        Field::BillingNpi,
        Field::BillType,
        Field::StatementFrom,
        Field::StatementTo,
        Field::ClaimTotal,
        Field::PatientStatus,
        Field::ConditionCodes,
    ];
    let of_line = [
        Field::RenderingNpi,
        Field::ServiceFrom,
        Field::ServiceTo,
        Field::PlaceOfService,
        Field::RevenueCode,
        Field::Procedure,
        Field::Units,
        Field::Charge,
        Field::DxPointers,
    ];
    let numbered = |text: Option<&str>, number: u64| text.map(|text| (number, xxh3_64(text.as_bytes())));
    let diagnoses = (1..=Field::DIAGNOSES).map(Field::Diagnosis);
    let claims = of_claim.into_iter().chain(diagnoses).zip(0..);
    let claims = claims.filter_map(|(field, number)| numbered(claim.raw(field), number));
    let lines = (0..claim.lines().len()).zip((1u64 << 32)..).flat_map(|(line, base)| {
        let fields = of_line.into_iter().chain((1..=4).map(Field::Modifier)).zip(0..);
        fields.filter_map(move |(field, number)| numbered(claim.raw_of_line(line, field), base << 8 | number))
    });
    claims.chain(lines).fold(hash, |hash, (number, text)| mixed(hash, [number, text]))
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
