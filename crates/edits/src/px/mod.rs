//! PX: procedures, CPT and HCPCS Level II.

pub(crate) mod evaluation;
mod px001_unknown;
mod px003_not_effective;
mod px004_malformed;
mod px010_age;
mod px011_sex;
mod px023_dme_mac_only;

use crate::{ClaimFacts, Edit, LineFacts, Reason};
use codes::Code;

/// The family's edits, in the order of their ids.
pub(crate) const EDITS: &[&dyn Edit] = &[
    &px001_unknown::PxUnknown,
    &px003_not_effective::PxNotEffective,
    &px004_malformed::PxMalformed,
    &px010_age::PxAge,
    &px011_sex::PxSex,
    &px023_dme_mac_only::PxDmeMacOnly,
];

/// The revenue codes on whose lines the procedure field holds a HIPPS rate code, not CPT or HCPCS: 0022 skilled
/// nursing (and swing bed), 0023 home health, 0024 inpatient rehabilitation.
///
/// Source: X12 RFI 1554 on 837I SV202 qualifier HP; Medicare Claims Processing Manual chapters 3 §140.3, 6 §30.1
/// and 10 §40.2. The I/OCE, which sees only the home health claims of the three, spares revenue code 0023 on bill
/// type 032x from edit 6.
const HIPPS_REVENUE_CODES: [Code; 3] = [revenue_code(b"0022"), revenue_code(b"0023"), revenue_code(b"0024")];

const fn revenue_code(digits: &[u8; 4]) -> Code {
    let [a, b, c, d] = *digits;
    Code::from_bits(u64::from_be_bytes([a, b, c, d, 0, 0, 0, 0]))
}

/// Why nothing is said of a HIPPS rate code: whether there is such a code, only the HIPPS table knows.
const HIPPS_NOT_LOADED: Reason = Reason::TableNotLoaded("hipps");

/// Whether the line's procedure field holds a HIPPS rate code.
#[inline]
pub(crate) fn holds_rate_code(claim: &ClaimFacts<'_>, line: &LineFacts<'_>) -> bool {
    claim.is_institutional() && HIPPS_REVENUE_CODES.contains(&line.row.revenue_code) && !line.row.procedure.is_absent()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn revenue_codes_are_packed_as_the_reader_packs_them() {
        let texts = HIPPS_REVENUE_CODES.map(|code| code.to_string());
        assert_eq!(texts, ["0022", "0023", "0024"]);
        assert!(HIPPS_REVENUE_CODES.iter().all(|code| Code::parse(code.to_string().as_bytes()) == Some(*code)));
    }
}
