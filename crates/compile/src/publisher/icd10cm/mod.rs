//! ICD-10-CM, published by NCHS and CMS: the order file, the codes file, the addenda of both, and the tabular list.

mod addenda;
mod lists;
mod notes;
mod runs;
mod standing;
mod tabular;
mod title;

pub use addenda::{Change, ChangeKind, codes_addenda, order_addenda};
pub use lists::{codes, order};
pub use notes::{Only, Reference, Targets};
pub use runs::Run;
pub use standing::StandingNote;
pub use tabular::{Note, NoteKind, Tabular, tabular};

pub(crate) use addenda::is_addenda;
pub(crate) use lists::{is_codes, is_order};
pub(crate) use tabular::is_tabular;

use codes::Code;

/// One code or header, as any of the lists has it.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Diagnosis {
    /// The code, without its dot.
    pub code: Code,
    /// Whether it may be reported; otherwise it is the header of longer codes.
    pub billable: bool,
    /// The title of at most 60 characters, where the list has one.
    pub short: Option<Box<str>>,
    /// The title.
    pub title: Box<str>,
}

/// What a diagnosis code looks like, for messages.
const FORM: &str = "an ICD-10-CM code without its dot, in capitals (3 to 7 letters and digits)";
/// What to do about a row that does not fit.
const DAMAGED_ROW: &str = "download the file again; if the row is so in the publisher's file, report it";

/// A code of ICD-10-CM by its form: a letter, then at least one digit in the next two places. (Categories begin with
/// two letters since FY2026: QA0.)
pub(crate) fn code(text: &str) -> Option<Code> {
    let code = Code::parse(text.as_bytes())?;
    let capitals = text.bytes().all(|byte| !byte.is_ascii_lowercase());
    let digit = code.at(1).is_ascii_digit() || code.at(2).is_ascii_digit();
    (capitals && digit && (3..=7).contains(&code.len()) && code.at(0).is_ascii_uppercase()).then_some(code)
}

/// As [`code`], with the dot that the tabular list writes after the category.
fn dotted_code(text: &str) -> Option<Code> {
    match text.get(..3).zip(text.get(3..)) {
        Some((category, "")) => code(category),
        Some((category, rest)) => {
            code(&format!("{category}{}", rest.strip_prefix('.').filter(|rest| !rest.is_empty())?))
        }
        None => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn forms_of_codes_are_told_apart_from_words() {
        for good in ["A00", "C4A", "O9A", "QA0", "S72001A", "T360X1A"] {
            assert!(code(good).is_some(), "{good}");
        }
        for bad in ["", "A0", "AAA", "123", "a00", "A00.0", "S72001AB", "Aé0", "0A0"] {
            assert_eq!(code(bad), None, "{bad}");
        }
        assert_eq!(dotted_code("S72.001A"), code("S72001A"));
        assert_eq!(dotted_code("A00"), code("A00"));
        for bad in ["A00.", "A000", "A0.0", "A00.0.0", "Aé.1", "A0"] {
            assert_eq!(dotted_code(bad), None, "{bad}");
        }
    }
}
