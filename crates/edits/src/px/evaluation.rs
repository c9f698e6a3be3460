//! Which codes are evaluation-and-management services.

use codes::Code;

/// CPT 99202 to 99499, the section of evaluation and management (99201 until 2020 among them); 92002, 92004, 92012
/// and 92014, the general ophthalmological services, which NCCI treats alike.
///
/// Source: CPT's section; NCCI policy manual for Medicare ch. I, section D, and ch. XI.
pub(crate) fn is_evaluation(procedure: Code) -> bool {
    match number(procedure) {
        Some(99_201..=99_499) => true,
        Some(number) => matches!(number, 92_002 | 92_004 | 92_012 | 92_014),
        None => false,
    }
}

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
}
