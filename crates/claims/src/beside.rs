//! Diagnoses that a claim gives beside its list, in fields of their own.

use crate::batch::shortened;
use crate::values::items;
use crate::{ClaimView, Field, Origin};
use codes::Code;
use std::fmt;

/// A diagnosis that a claim gives beside its list, in a field of its own.
#[derive(Clone, Copy)]
pub struct DiagnosisBeside<'a> {
    /// The field, one of [`Field::BESIDE`].
    pub field: Field,
    /// Which of the field's codes it is, from 0.
    pub item: u32,
    /// The code; [`Code::MALFORMED`] where the text is none.
    pub code: Code,
    /// What stands there; of a long text its first 100 bytes.
    pub text: &'a str,
}

impl fmt::Debug for DiagnosisBeside<'_> {
    // Without the code: what is printed may end in a log.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "DiagnosisBeside({}, {})", self.field, self.item)
    }
}

impl<'a> ClaimView<'a> {
    /// The diagnoses that the claim gives beside its list, in fields of their own ([`Field::BESIDE`]), in the order of
    /// these and as they stand there.
    pub fn diagnoses_beside(&self) -> impl Iterator<Item = DiagnosisBeside<'a>> + use<'a> {
        let claim = *self;
        let fields = if self.row.diagnoses_beside { &Field::BESIDE[..] } else { &[] };
        fields.iter().flat_map(move |&field| {
            let text = claim.text_of(field).unwrap_or_default();
            // Of admitting diagnoses there is one.
            let (one, several) = if field == Field::AdmittingDiagnosis { (text, "") } else { ("", text) };
            let one = Some(one.as_bytes()).filter(|one| !one.is_empty());
            one.into_iter().chain(items(several.as_bytes())).zip(0..).map(move |(text, item)| {
                let code = Code::parse_diagnosis(text).unwrap_or(Code::MALFORMED);
                let text = shortened(std::str::from_utf8(text).unwrap_or_default());
                DiagnosisBeside { field, item, code, text }
            })
        })
    }

    /// As [`ClaimView::origin`], of one of the codes of a field of [`Field::BESIDE`], from 0.
    pub fn origin_of_item(&self, field: Field, item: u32) -> Option<Origin> {
        self.batch.origins.find_item_of_claim(self.index, field, item)
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;
    use crate::{Claim, ClaimBatch, Columns};

    fn text(text: &str) -> Option<String> {
        Some(text.to_owned())
    }

    #[test]
    fn diagnoses_beside_the_list_are_taken_from_their_fields_in_order() {
        let long = "x".repeat(150);
        let claim = Claim {
            admitting_diagnosis: text("r07.9"),
            reasons_for_visit: text("R05.1 R50.9"),
            external_causes: Some(format!("W19XXXA: ;{long}")),
            ..Claim::default()
        };
        let mut batch = ClaimBatch::new(Columns::ALL);
        batch.push(&Claim { external_causes: text(" : "), admitting_diagnosis: text("R07 9"), ..Claim::default() });
        batch.push(&Claim { present_on_admission: text("Y"), ..Claim::default() });
        batch.push(&claim);
        let given = |claim: u32| {
            let all = batch.claim(claim).diagnoses_beside();
            all.map(|own| (own.field, own.item, own.code.to_string(), own.text.to_owned())).collect::<Vec<_>>()
        };
        let malformed = Code::MALFORMED.to_string();
        // Of admitting diagnoses there is one, so that it is not taken apart.
        assert_eq!(given(0), [(Field::AdmittingDiagnosis, 0, malformed.clone(), "R07 9".to_owned())]);
        assert!(given(1).is_empty() && !batch.claim(1).row.diagnoses_beside);
        let expected = [
            (Field::AdmittingDiagnosis, 0, "R079".to_owned(), "r07.9".to_owned()),
            (Field::ReasonsForVisit, 0, "R051".to_owned(), "R05.1".to_owned()),
            (Field::ReasonsForVisit, 1, "R509".to_owned(), "R50.9".to_owned()),
            (Field::ExternalCauses, 0, "W19XXXA".to_owned(), "W19XXXA".to_owned()),
            (Field::ExternalCauses, 1, malformed, long[..100].to_owned()),
        ];
        assert_eq!(given(2), expected);
        // What an input has no column of is not given.
        batch.columns = Columns::ALL.without(Field::ReasonsForVisit);
        assert_eq!(batch.claim(2).diagnoses_beside().count(), 3);
        let shown = format!("{:?}", batch.claim(2).diagnoses_beside().next());
        assert_eq!(shown, "Some(DiagnosisBeside(admitting_diagnosis, 0))");
    }
}
