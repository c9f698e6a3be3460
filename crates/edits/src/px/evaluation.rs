//! Which codes are evaluation-and-management services.

use codes::Code;
use std::ops::RangeInclusive;

/// CPT 99202 to 99499, the section of evaluation and management (99201 until 2020 among them); 92002, 92004, 92012
/// and 92014, the general ophthalmological services, which NCCI treats alike.
///
/// Source: CPT's section; NCCI policy manual for Medicare ch. I, section D, and ch. XI.
#[inline]
pub(crate) fn is_evaluation(procedure: Code) -> bool {
    if !AMONG.contains(&procedure) {
        return false;
    }
    match number(procedure) {
        Some(99_201..=99_499) => true,
        Some(number) => matches!(number, 92_002 | 92_004 | 92_012 | 92_014),
        None => false,
    }
}

/// The visits among them: what a patient is seen for, by itself, on a day, and Medicare's first preventive visit, G0402.
/// Add-on codes of longer visits, care management and advice without a visit are left out.
///
/// Source: CPT, Evaluation and Management, of 2019 to 2026.
#[inline]
pub(crate) fn is_visit(procedure: Code) -> bool {
    const VISITS: [[u32; 2]; 10] = [
        [99_201, 99_215],
        [99_217, 99_239],
        [99_241, 99_255],
        [99_281, 99_285],
        [99_291, 99_291],
        [99_304, 99_318],
        [99_324, 99_337],
        [99_341, 99_350],
        [99_381, 99_397],
        [99_468, 99_480],
    ];
    if !AMONG.contains(&procedure) {
        return procedure == FIRST_PREVENTIVE;
    }
    match number(procedure) {
        Some(number @ 99_201..) => VISITS.iter().any(|[first, last]| (*first..=*last).contains(&number)),
        Some(_) => is_evaluation(procedure),
        None => false,
    }
}

/// All evaluation-and-management codes of CPT lie between these, and most codes do not.
const AMONG: RangeInclusive<Code> = Code::new(b"92002")..=Code::new(b"99499");

const FIRST_PREVENTIVE: Code = Code::new(b"G0402");

/// The number of a CPT category I code.
pub(crate) fn number(procedure: Code) -> Option<u32> {
    let digit = |number: u32, place| {
        let byte = procedure.at(place);
        byte.is_ascii_digit().then(|| number * 10 + u32::from(byte - b'0'))
    };
    if procedure.len() == 5 { (0..5).try_fold(0, digit) } else { None }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn evaluations_are_a_section_of_cpt_and_four_eye_visits() {
        for (text, expected) in [
            ("99201", true),
            ("99200", false),
            ("99499", true),
            ("99500", false),
            ("92002", true),
            ("92003", false),
            ("92014", true),
            ("G0463", false),
            ("9921", false),
            ("0591T", false),
        ] {
            assert_eq!(is_evaluation(Code::parse(text.as_bytes()).unwrap_or_default()), expected, "{text}");
        }
    }

    #[test]
    fn visits_are_evaluations_without_add_ons_and_care_management() {
        for (text, expected) in [
            ("92004", true),
            ("92015", false),
            ("99201", true),
            ("99215", true),
            ("99216", false),
            ("99291", true),
            ("99292", false),
            ("99397", true),
            ("99417", false),
            ("99490", false),
            ("G0402", true),
            ("G0463", false),
            ("9920F", false),
        ] {
            let code = Code::parse(text.as_bytes()).unwrap_or_default();
            assert_eq!(is_visit(code), expected, "{text}");
            assert!(!expected || is_evaluation(code) || text == "G0402", "{text}");
        }
    }
}
