//! PX: procedures, CPT and HCPCS Level II.

pub(crate) mod evaluation;
mod px001_unknown;
mod px003_not_effective;
mod px004_malformed;
mod px010_age;
mod px011_sex;
mod px020_not_valid_for_medicare;
mod px021_bundled;
mod px022_noncovered;
mod px023_dme_mac_only;
mod px024_evaluation_same_day;
mod px030_unlisted_needs_note;
mod px031_ndc;
mod px032_clia;
mod unlisted;

pub(crate) use evaluation::is_visit;
pub(crate) use px022_noncovered::{is_plainly_covered, may_be_in_hcpcs};
pub(crate) use px024_evaluation_same_day::is_visit_by_status;
pub(crate) use px031_ndc::is_drug_by_code as is_drug;
pub(crate) use unlisted::unlisted;

use crate::{ClaimFacts, Edit, LineFacts, Reason};
use codes::Code;
use codeset::{Row, SystemId};

/// The family's edits, in the order of their ids.
pub(crate) const EDITS: &[&dyn Edit] = &[
    &px001_unknown::PxUnknown,
    &px003_not_effective::PxNotEffective,
    &px004_malformed::PxMalformed,
    &px010_age::PxAge,
    &px011_sex::PxSex,
    &px020_not_valid_for_medicare::PxNotValidForMedicare,
    &px021_bundled::PxBundled,
    &px022_noncovered::PxNonCovered,
    &px023_dme_mac_only::PxDmeMacOnly,
    &px024_evaluation_same_day::PxEvaluationSameDay,
    &px030_unlisted_needs_note::PxUnlistedNeedsNote,
    &px031_ndc::PxNdc,
    &px032_clia::PxClia,
];

/// The revenue codes on whose lines the procedure field holds a HIPPS rate code, not CPT or HCPCS: 0022 skilled
/// nursing (and swing bed), 0023 home health, 0024 inpatient rehabilitation.
///
/// Source: X12 RFI 1554 on 837I SV202 qualifier HP; Medicare Claims Processing Manual chapters 3 §140.3, 6 §30.1
/// and 10 §40.2. The I/OCE, which sees only the home health claims of the three, spares revenue code 0023 on bill
/// type 032x from edit 6.
const HIPPS_REVENUE_CODES: [Code; 3] = [Code::new(b"0022"), Code::new(b"0023"), Code::new(b"0024")];

/// Why nothing is said of a HIPPS rate code: whether there is such a code, only the HIPPS table knows.
const HIPPS_NOT_LOADED: Reason = Reason::TableNotLoaded("hipps");

/// Whether lines with the revenue code hold a HIPPS rate code in the procedure field, on institutional claims.
#[inline]
pub(crate) fn is_rate_revenue(revenue: Code) -> bool {
    HIPPS_REVENUE_CODES.contains(&revenue)
}

/// Whether the line's procedure field holds a HIPPS rate code.
#[inline]
pub(crate) fn holds_rate_code(claim: &ClaimFacts<'_>, line: &LineFacts<'_>) -> bool {
    claim.is_institutional() && is_rate_revenue(line.row.revenue_code) && !line.row.procedure.is_absent()
}

/// For messages: the telehealth marks of the procedure table, which begin later than the table.
pub(crate) const TELEHEALTH_LIST: &str = "procedures (telehealth list)";

/// Whether some edit acts on this status of the fee schedule.
pub(crate) fn acts_on(status: u8) -> bool {
    use px021_bundled::{BUNDLED, BUNDLED_OR_EXCLUDED, INJECTION};
    [px020_not_valid_for_medicare::NOT_VALID, BUNDLED, BUNDLED_OR_EXCLUDED, INJECTION].contains(&status)
}

/// What the procedure table says of the line's code on its day, or why it says nothing.
pub(crate) fn row<'f>(claim: &ClaimFacts<'_>, line: &LineFacts<'f>) -> Result<&'f Row, Reason> {
    let name = SystemId::Procedure.name();
    let system = claim.system(SystemId::Procedure).ok_or(Reason::TableNotLoaded(name))?;
    if line.procedure.ordinal().is_none() {
        return Err(Reason::CodeNotValid(name));
    }
    match line.governing_date()? {
        date if !system.covers_code(line.row.procedure, date) => Err(Reason::DateOutsideReleases(name)),
        _ => line.procedure_row.ok_or(Reason::CodeNotValid(name)),
    }
}

/// Why what other tables say of the line's code is of no use: it has ended, or has not begun, on the line's day. PX003 tells.
#[inline]
pub(crate) fn not_in_force(claim: &ClaimFacts<'_>, line: &LineFacts<'_>) -> Option<Reason> {
    if line.procedure_row.is_some() {
        return None;
    }
    row(claim, line).err().filter(|reason| matches!(reason, Reason::CodeNotValid(_)))
}

/// The anesthesia codes that are not paid by time: an add-on for each 9 % of burnt body surface, and the daily
/// management of an epidural.
///
/// Source: Medicare Claims Processing Manual chapter 12 §50.
const ANESTHESIA_NOT_BY_TIME: [Code; 2] = [Code::new(b"01953"), Code::new(b"01996")];

/// Whether the code is one of CPT's section on anesthesia: 00100 to 01999.
#[inline]
pub(crate) fn is_anesthesia(code: Code) -> bool {
    code.len() == 5
        && code.at(0) == b'0'
        && (code.at(1) == b'1' || code.at(1) == b'0' && code.at(2) != b'0')
        && (1..5).all(|place| code.at(place).is_ascii_digit())
}

/// Whether the code is of anesthesia that is paid by time, so that its lines give minutes.
#[inline]
pub(crate) fn is_anesthesia_by_time(code: Code) -> bool {
    is_anesthesia(code) && !ANESTHESIA_NOT_BY_TIME.contains(&code)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn anesthesia_is_00100_to_01999() {
        for (text, expected) in [
            ("00099", false),
            ("00100", true),
            ("00999", true),
            ("01000", true),
            ("01996", true),
            ("01999", true),
            ("02000", false),
            ("0100T", false),
            ("0101U", false),
            ("10040", false),
            ("0100", false),
        ] {
            let code = Code::parse(text.as_bytes()).unwrap_or_default();
            assert_eq!(is_anesthesia(code), expected, "{text}");
            assert_eq!(is_anesthesia_by_time(code), expected && text != "01996", "{text}");
        }
    }

    #[test]
    fn revenue_codes_are_packed_as_the_reader_packs_them() {
        let texts = HIPPS_REVENUE_CODES.map(|code| code.to_string());
        assert_eq!(texts, ["0022", "0023", "0024"]);
        assert!(HIPPS_REVENUE_CODES.iter().all(|code| Code::parse(code.to_string().as_bytes()) == Some(*code)));
    }
}
