use crate::contract::edit;
use crate::{ClaimFacts, Fires, LineFacts, Lookup, Reason, Recorder, Value, px};
use claims::Field;
use codes::{Code, CodeKind};
use codeset::flags::procedure;
use codeset::{Row, SystemId};

/// Digits of an NDC on a claim: labeler, product, package.
const FORM: [usize; 3] = [5, 4, 2];
/// The forms that labels print, of ten digits.
const PRINTED: [[usize; 3]; 3] = [[4, 4, 2], [5, 3, 2], [5, 4, 1]];
/// International unit, gram, milligram, millilitre, unit.
const UNITS: [&str; 5] = ["F2", "GR", "ME", "ML", "UN"];
/// The I/OCE's status indicators of drugs and biologicals that are paid by themselves: pass-through, and others.
const DRUGS: [&str; 2] = ["G", "K"];

edit! {
    /// # What it checks
    /// The national drug code (NDC) of a line has eleven digits, five of the labeler, four of the product and two of the
    /// package, with hyphens between the parts or without; its unit is F2 (international unit), GR (gram), ME (milligram),
    /// ML (millilitre) or UN (unit); its quantity is a number above zero. For a payer that asks for the NDC of every drug,
    /// a line of a drug has one.
    ///
    /// # Why a payer denies it
    /// Medicaid programs claim rebates by NDC, and many other payers price by it. A line whose NDC they cannot read is
    /// denied with CARC 16 and M119 (missing, incomplete, invalid, deactivated or withdrawn national drug code).
    ///
    /// # Example
    /// `0002-7597-01`, as the label prints it: the first part has four digits, and the claim needs `00002-7597-01`.
    ///
    /// # How to fix
    /// Put a zero before the part that is a digit short: 4-4-2 becomes 0 and 4-4-2, 5-3-2 gets it before the second part,
    /// 5-4-1 before the third. Give the quantity in the unit that the drug is measured in, which is not that of the
    /// procedure code.
    ///
    /// # Bypass
    /// None.
    ///
    /// # Source
    /// X12 005010X222A1 and 005010X223A2, loop 2410 (LIN03, CTP04, CTP05-1); 45 CFR 162.1002(b), standard code set for
    /// drugs; 21 CFR 207.33, forms of an NDC; section 1927(a)(7) of the Social Security Act for Medicaid.
    ///
    /// # Tables
    /// None for the form. Whether the payer asks for the NDC of every drug is the setting requires_ndc of its policy;
    /// without one it does not. Then drugs are HCPCS Level II codes that begin with J, and codes that the table of
    /// procedures has as vaccines, unclassified drugs or with the status G or K of the outpatient editor; a procedure
    /// without a row on its day, unless it begins with J, is not evaluated, nor is a drug of an input without the column
    /// ndc. A right NDC whose unit or quantity is not given is not evaluated. Whether such an NDC was ever given out is not
    /// checked.
    pub struct PxNdc;
    id: "PX031", name: "px-ndc",
    severity: Warning, snip: 4, carc: "16", rarc: "M119",
    source: "X12 005010X222A1 loop 2410; 45 CFR 162.1002; 21 CFR 207.33",
    unit: Line, claims: NOT_DENTAL, default: ON,
    tables: [], fields: [], fires: Fires::NDC.or(Fires::DRUG),
    messages: [
        "NDC \"{ndc}\" is printed in the form {form}, ten digits, and a claim needs eleven in the form 5-4-2; a payer would \
         not find the drug"
            => "Write it as {eleven}.",
        "NDC \"{ndc}\" is not eleven digits in the form 5-4-2, as a claim needs it; a payer would not find the drug"
            => "Copy the NDC from the package, with a zero before the part that is a digit short; spreadsheets drop \
                leading zeros.",
        "NDC unit \"{unit}\" is none that a claim may have (F2, GR, ME, ML, UN); a payer could not tell the quantity"
            => "Give the quantity in F2 (international units), GR (grams), ME (milligrams), ML (millilitres) or UN (units).",
        "NDC quantity \"{quantity}\" is no number above zero; a payer could not tell how much was given"
            => "Give how much of the drug was given, in the NDC's unit.",
        "{procedure} is a drug and the line has no NDC, which this payer asks for; it would deny the line"
            => "Copy the NDC of the package that was used, with its unit and quantity.",
    ],
    check: check,
}

fn check(claim: &ClaimFacts<'_>, out: &mut Recorder<'_>) {
    for (number, line) in (0u32..).zip(claim.lines) {
        let ndc = claim.claim.batch.text(line.row.ndc).trim();
        if ndc.is_empty() {
            if claim.settings.requires_ndc {
                missing(claim, out, number, line);
            }
            continue;
        }
        let text = |field| claim.claim.text_of_line(number as usize, field).map(str::trim).unwrap_or_default();
        let (unit, quantity) = (text(Field::NdcUnit), text(Field::NdcQuantity));
        let mut failed = false;
        if let Some(form) = Form::wrong(ndc) {
            failed = true;
            let finding = out.fail_line(number, Field::Ndc, u8::from(form.is_none()));
            finding.with("ndc", Value::Text(ndc.to_owned()));
            if let Some(Form { printed, eleven }) = form {
                finding.with("form", Value::Text(printed)).with("eleven", Value::Text(eleven));
            }
        }
        if !unit.is_empty() && !UNITS.iter().any(|known| unit.eq_ignore_ascii_case(known)) {
            failed = true;
            out.fail_line(number, Field::NdcUnit, 2).with("unit", Value::Text(unit.to_owned()));
        }
        if !quantity.is_empty() && !is_above_zero(quantity) {
            failed = true;
            out.fail_line(number, Field::NdcQuantity, 3).with("quantity", Value::Text(quantity.to_owned()));
        }
        let absent = [(unit, Field::NdcUnit), (quantity, Field::NdcQuantity)].into_iter().find(|own| own.0.is_empty());
        if let (false, Some((_, field))) = (failed, absent) {
            out.skip_line(number, Reason::FieldAbsent(field));
        }
    }
}

/// Judges a line without an NDC, for a payer that asks for one.
fn missing(claim: &ClaimFacts<'_>, out: &mut Recorder<'_>, number: u32, line: &LineFacts<'_>) {
    match is_drug(claim, line) {
        Ok(true) if !claim.has_column(Field::Ndc) => out.skip_line(number, Reason::FieldAbsent(Field::Ndc)),
        Ok(true) => {
            out.fail_line(number, Field::Ndc, 4).with("procedure", Value::Code(line.row.procedure));
        }
        Ok(false) => {}
        Err(reason) => out.skip_line(number, reason),
    }
}

fn is_drug(claim: &ClaimFacts<'_>, line: &LineFacts<'_>) -> Result<bool, Reason> {
    if line.procedure == Lookup::Absent || px::holds_rate_code(claim, line) {
        return Ok(false);
    }
    is_drug_by_code(line.row.procedure, line.procedure_row)
}

/// Whether a code with this row on its day is of a drug; why it cannot be told.
pub(crate) fn is_drug_by_code(code: Code, row: Option<&Row>) -> Result<bool, Reason> {
    if code.procedure_kind() == Some(CodeKind::HcpcsLevel2) && code.at(0) == b'J' {
        return Ok(true);
    }
    let row = row.ok_or(Reason::CodeNotValid(SystemId::Procedure.name()))?;
    Ok(row.has(procedure::VACCINE) || row.has(procedure::UNCLASSIFIED_DRUG) || DRUGS.contains(&row.status()))
}

/// An NDC in a form that labels print, and as a claim needs it.
#[derive(PartialEq, Eq, Debug)]
struct Form {
    printed: String,
    eleven: String,
}

impl Form {
    /// What is wrong with an NDC: nothing, that it is in a printed form of ten digits, or `Some(None)` for anything else.
    fn wrong(ndc: &str) -> Option<Option<Form>> {
        let parts: Vec<&str> = ndc.split('-').collect();
        if !parts.iter().all(|part| !part.is_empty() && part.bytes().all(|byte| byte.is_ascii_digit())) {
            return Some(None);
        }
        let lengths: Vec<usize> = parts.iter().map(|part| part.len()).collect();
        if lengths == FORM || lengths == [FORM.iter().sum::<usize>()] {
            return None;
        }
        if !PRINTED.iter().any(|form| lengths == form) {
            return Some(None);
        }
        let padded = parts.iter().zip(FORM).map(|(part, length)| format!("{part:0>length$}"));
        let printed = lengths.iter().map(usize::to_string).collect::<Vec<_>>().join("-");
        Some(Some(Form { printed, eleven: padded.collect::<Vec<_>>().join("-") }))
    }
}

/// Whether the text is a number above zero, of any size.
fn is_above_zero(text: &str) -> bool {
    let text = text.strip_prefix('+').unwrap_or(text);
    let (whole, decimals) = text.split_once('.').unwrap_or((text, ""));
    let digits = || whole.bytes().chain(decimals.bytes());
    digits().all(|byte| byte.is_ascii_digit()) && digits().any(|byte| byte != b'0')
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_ndc_is_eleven_digits_and_printed_forms_are_told_as_eleven() {
        for right in ["00002759701", "00002-7597-01"] {
            assert_eq!(Form::wrong(right), None, "{right}");
        }
        for (printed, form, eleven) in [
            ("0002-7597-01", "4-4-2", "00002-7597-01"),
            ("50242-040-62", "5-3-2", "50242-0040-62"),
            ("60575-4112-1", "5-4-1", "60575-4112-01"),
        ] {
            let expected = Form { printed: form.to_owned(), eleven: eleven.to_owned() };
            assert_eq!(Form::wrong(printed), Some(Some(expected)));
        }
        for wrong in [
            "0002759701",
            "000027597011",
            "0002-7597-1",
            "00002-759701",
            "0000275970A",
            "00002--759701",
            "-",
            "٠٠٠٠٢٧٥٩٧٠١",
        ] {
            assert_eq!(Form::wrong(wrong), Some(None), "{wrong}");
        }
    }

    #[test]
    fn a_quantity_is_above_zero() {
        for (text, expected) in [
            ("1", true),
            ("+2", true),
            ("0.0001", true),
            (".5", true),
            ("123456789012345678901234567890", true),
            ("0", false),
            ("0.000", false),
            ("-1", false),
            ("1e3", false),
            (".", false),
            ("1.2.3", false),
            ("1,5", false),
            ("", false),
        ] {
            assert_eq!(is_above_zero(text), expected, "{text}");
        }
    }
}
