//! The services of CPT that stand for what has no code of its own.

use codes::{Code, CodeKind};

/// The unlisted services of CPT's sections, category I.
///
/// Source: CPT, guidelines of every section ("unlisted service or procedure"). The codes of status C and global period YYY
/// in the Medicare Physician Fee Schedule that end in 9 are all among them.
const CPT: [u32; 146] = [
    1_999, 15_999, 17_999, 19_499, 20_999, 21_089, 21_299, 21_499, 21_899, 22_899, 22_999, 23_929, 24_999, 25_999,
    26_989, 27_299, 27_599, 27_899, 28_899, 29_799, 29_999, 30_999, 31_299, 31_599, 31_899, 32_999, 33_999, 36_299,
    37_501, 37_799, 38_129, 38_589, 38_999, 39_499, 39_599, 40_799, 40_899, 41_599, 41_899, 42_299, 42_699, 42_999,
    43_289, 43_499, 43_659, 43_999, 44_238, 44_799, 44_899, 44_979, 45_399, 45_499, 45_999, 46_999, 47_379, 47_399,
    47_579, 47_999, 48_999, 49_329, 49_659, 49_999, 50_549, 50_949, 51_999, 53_899, 54_699, 55_559, 55_899, 58_578,
    58_579, 58_679, 58_999, 59_897, 59_898, 59_899, 60_659, 60_699, 64_999, 66_999, 67_299, 67_399, 67_599, 67_999,
    68_399, 68_899, 69_399, 69_799, 69_949, 69_979, 76_496, 76_497, 76_498, 76_499, 76_999, 77_299, 77_399, 77_499,
    77_799, 78_099, 78_199, 78_299, 78_399, 78_499, 78_599, 78_699, 78_799, 78_999, 79_999, 81_099, 81_479, 81_599,
    84_999, 85_999, 86_849, 86_999, 87_999, 88_099, 88_199, 88_299, 88_399, 88_749, 89_240, 89_398, 90_399, 90_749,
    90_899, 90_999, 91_299, 92_499, 92_700, 93_799, 93_998, 94_799, 95_199, 95_999, 96_379, 96_549, 96_999, 97_039,
    97_139, 97_799, 99_199, 99_429, 99_499, 99_600,
];

/// Whether a CPT code is an unlisted service of its section: it says where or by what means something was done that has no
/// code of its own, and a claim says in words what. Which codes are valid on a day, the table of procedures says.
///
/// ```
/// use cleanclaim_codeset::is_unlisted_service;
/// use codes::Code;
/// let is = |text: &str| Code::parse(text.as_bytes()).is_some_and(is_unlisted_service);
/// assert!(is("17999") && is("99600") && !is("99213") && !is("1799F"));
/// ```
pub fn is_unlisted_service(code: Code) -> bool {
    if code.procedure_kind() != Some(CodeKind::CptCategory1) {
        return false;
    }
    let number = (0..code.len()).fold(0, |number, place| number * 10 + u32::from(code.at(place).wrapping_sub(b'0')));
    CPT.binary_search(&number).is_ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_unlisted_services_of_cpt_are_in_order_and_mostly_end_in_9() {
        assert!(CPT.is_sorted_by(|a, b| a < b));
        let otherwise: Vec<u32> = CPT.into_iter().filter(|number| number % 10 != 9).collect();
        let expected =
            [37_501, 44_238, 58_578, 59_897, 59_898, 76_496, 76_497, 76_498, 89_240, 89_398, 92_700, 93_998, 99_600];
        assert_eq!(otherwise, expected);
    }
}
