use crate::contract::edit;
use crate::{ClaimFacts, Finding, Fires, Reason, Recorder, Value};
use claims::{Columns, Field, Given};
use codes::Npi;

edit! {
    /// # What it checks
    /// The billing provider's NPI, and each line's rendering provider's, are NPIs: ten digits, the first 1 or 2, the
    /// last the Luhn check digit over 80840 and the nine before it. Whether the NPI was ever given out is not
    /// checked. An NPI that is not given passes here: CLM005 says which are required.
    ///
    /// The edit is counted once a claim. The billing NPI makes one finding, of the claim as a whole; each line whose
    /// rendering NPI is wrong makes one of its own.
    ///
    /// # Why a payer denies it
    /// An identifier that fails its own check cannot be a provider's, so the claim cannot be matched to anyone who
    /// may be paid. It is mostly stopped at the door; else the answer is CARC 16, with N257 for the billing and N290
    /// for the rendering provider.
    ///
    /// # Example
    /// `1234567893` passes; `1234567894` fails, since the check digit of 123456789 is 3. `3234567893` begins with 3.
    ///
    /// # How to fix
    /// Look the provider up in NPPES and copy the ten digits. Two digits in the wrong order are the usual slip; a
    /// check digit made to fit would name somebody else.
    ///
    /// # Bypass
    /// None.
    ///
    /// # Source
    /// 45 CFR 162.406; CMS, Requirements for National Provider Identifier (NPI) and NPI Check Digit.
    ///
    /// # Tables
    /// None. An input that has columns for neither NPI is not evaluated.
    pub struct NpiCheckDigit;
    id: "PRV001", name: "npi-check-digit",
    severity: Error, snip: 2, carc: "16", rarc: "N257, N290",
    source: "45 CFR 162.406; CMS, Requirements for National Provider Identifier (NPI) and NPI Check Digit",
    unit: Claim, claims: ALL, default: ON,
    tables: [], fields: [], fires: Fires::INVALID_NPI,
    messages: [
        "{provider} NPI \"{npi}\" is not ten digits, as every NPI is; a payer would reject the claim"
            => "Copy the {role} provider's ten digits from NPPES.",
        "{provider} NPI {npi} begins with neither 1 nor 2, as every NPI does; a payer would reject the claim"
            => "Copy the {role} provider's ten digits from NPPES.",
        "{provider} NPI {npi} fails its check: its last digit is {digit}, where {stem} asks for {expected}; a payer \
         would reject the claim"
            => "Compare all ten digits with NPPES: one is wrong, or two have changed places.",
    ],
    check: check,
}

fn check(claim: &ClaimFacts<'_>, out: &mut Recorder<'_>) {
    if lacks_npis(claim.claim.batch.columns) {
        out.skip_claim(Reason::FieldAbsent(Field::BillingNpi));
        return;
    }
    if claim.claim.row.billing_npi == Given::Invalid {
        let text = claim.claim.raw(Field::BillingNpi).unwrap_or_default();
        let defect = Defect::of(text);
        let finding = out.fail_claim(Field::BillingNpi, defect.message());
        finding.with("provider", Value::Text("Billing".to_owned())).with("role", Value::Text("billing".to_owned()));
        defect.tell(text, finding);
    }
    for (number, line) in (0..).zip(claim.lines) {
        if line.row.rendering_npi != Given::Invalid {
            continue;
        }
        let text = claim.claim.raw_of_line(number as usize, Field::RenderingNpi).unwrap_or_default();
        let defect = Defect::of(text);
        let finding = out.fail_claim_at_line(number, Field::RenderingNpi, defect.message());
        finding.with("provider", Value::Text("Rendering".to_owned())).with("role", Value::Text("rendering".to_owned()));
        defect.tell(text, finding);
    }
}

/// Whether the input has columns for neither NPI.
pub(crate) fn lacks_npis(columns: Columns) -> bool {
    !columns.has(Field::BillingNpi) && !columns.has(Field::RenderingNpi)
}

/// What is wrong with a text that is no NPI.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
enum Defect {
    /// It is not ten digits.
    Form,
    /// The first digit is neither 1 nor 2.
    FirstDigit,
    /// The check digit is not the one that the nine before it ask for.
    CheckDigit { stem: u32, expected: u8, digit: u8 },
}

impl Defect {
    fn of(text: &str) -> Defect {
        if text.len() != 10 || !text.bytes().all(|byte| byte.is_ascii_digit()) {
            return Defect::Form;
        }
        let number: u64 = text.parse().unwrap_or(0);
        let stem = u32::try_from(number / 10).unwrap_or(0);
        match Npi::from_stem(stem) {
            Some(right) => {
                Defect::CheckDigit { stem, expected: (right.number() % 10) as u8, digit: (number % 10) as u8 }
            }
            None => Defect::FirstDigit,
        }
    }

    fn message(self) -> u8 {
        match self {
            Defect::Form => 0,
            Defect::FirstDigit => 1,
            Defect::CheckDigit { .. } => 2,
        }
    }

    fn tell(self, text: &str, finding: &mut Finding) {
        finding.with("npi", Value::Text(text.to_owned()));
        if let Defect::CheckDigit { stem, expected, digit } = self {
            finding
                .with("stem", Value::Count(i64::from(stem)))
                .with("expected", Value::Count(i64::from(expected)))
                .with("digit", Value::Count(i64::from(digit)));
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_defect_is_told_apart() {
        for form in ["", "123456789", "12345678931", "123456789X", "1234-567893", "１２３４５６７８９３"] {
            assert_eq!(Defect::of(form), Defect::Form, "{form}");
        }
        for first in ["3234567893", "0234567893", "0000000000", "9999999999"] {
            assert_eq!(Defect::of(first), Defect::FirstDigit, "{first}");
        }
        let digit = Defect::CheckDigit { stem: 123_456_789, expected: 3, digit: 4 };
        assert_eq!(Defect::of("1234567894"), digit);
    }
}
