//! Which lines of a claim are by the same provider, for the edits that compare lines with each other.

use crate::{ClaimFacts, EarlierClaim, EarlierLine, LineFacts, ProviderIdentity};
use claims::Given;
use codes::{Code, Npi};

/// Up to so many lines, comparing each with each costs less than sorting them. A claim may, wrongly, have a
/// hundred thousand.
pub(crate) const FEW: usize = 64;

/// An ambulatory surgery centre's bill, 83x, for payers that take one: such centres are paired and limited by the
/// practitioner tables (NCCI policy manual ch. I).
pub(crate) const AMBULATORY_SURGERY: u8 = 83;

/// A critical access hospital's bill: 85x.
const CRITICAL_ACCESS: u8 = 85;

/// By whom a line's service was given.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug, Default)]
pub(crate) struct Giver {
    /// The rendering provider, else the billing one. Lines of a claim that names neither have the same one: a
    /// claim has one billing provider, whoever it is. On an institutional claim the facility is the provider of
    /// every line, whoever attended; the I/OCE compares no rendering providers. For a payer that takes the billing
    /// provider for the provider ([`ProviderIdentity::Billing`]) it is that.
    pub(crate) provider: Option<Npi>,
    /// On bills of critical access hospitals, whether the line is a physician's fee and not the hospital's.
    pub(crate) fee: bool,
}

/// Tells the givers of a claim's lines.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Givers {
    facility: bool,
    splits_fees: bool,
    /// The one provider of all lines, for payers that take the billing provider for it, whoever rendered.
    one: Option<Option<Npi>>,
}

impl Givers {
    /// A critical access hospital that chose the optional method bills its physicians' fees on its own bill,
    /// under revenue codes 096x to 098x; the I/OCE pairs them with each other, and the hospital's lines with each
    /// other, never across (I/OCE specifications, edits 20, 40, 106 and 108 on bill type 85x; Medicare Claims
    /// Processing Manual ch. 4 §250.2).
    pub(crate) fn of(claim: &ClaimFacts<'_>) -> Givers {
        let facility = claim.is_institutional();
        let splits_fees = facility
            && matches!(claim.claim.row.bill_type, Given::Is(bill) if bill.facility_and_care() == CRITICAL_ACCESS);
        let by_billing = claim.settings.provider_identity == ProviderIdentity::Billing;
        let one = (by_billing && !facility).then(|| claim.claim.row.billing_npi.value());
        Givers { facility, splits_fees, one }
    }

    /// The giver of a line.
    #[inline]
    pub(crate) fn giver(self, line: &LineFacts<'_>) -> Giver {
        Giver {
            provider: self.one.unwrap_or_else(|| line.provider.filter(|_| !self.facility)),
            fee: self.splits_fees && is_professional_fee(line.row.revenue_code),
        }
    }

    /// The giver of a line of an earlier claim, to be compared with the claim's own lines'. None where that claim
    /// does not name the provider, who may be any, and for another facility's.
    pub(crate) fn earlier(
        self,
        claim: &ClaimFacts<'_>,
        earlier: &EarlierClaim<'_>,
        line: &EarlierLine,
    ) -> Option<Giver> {
        let provider = self.provider_before(earlier, line)?;
        if self.facility && claim.claim.row.billing_npi.value() != Some(provider) {
            return None;
        }
        let fee = self.splits_fees && line.is_of_fee(earlier);
        Some(Giver { provider: Some(provider).filter(|_| !self.facility), fee })
    }

    /// Whether the claim names the provider of its line.
    pub(crate) fn is_named(self, claim: &ClaimFacts<'_>, line: &LineFacts<'_>) -> bool {
        if self.facility { claim.claim.row.billing_npi.value().is_some() } else { self.giver(line).provider.is_some() }
    }

    /// Whether an earlier claim names the provider of its line.
    pub(crate) fn is_named_before(self, earlier: &EarlierClaim<'_>, line: &EarlierLine) -> bool {
        self.provider_before(earlier, line).is_some()
    }

    fn provider_before(self, earlier: &EarlierClaim<'_>, line: &EarlierLine) -> Option<Npi> {
        let rendering = line.rendering_npi.filter(|_| !self.facility && self.one.is_none());
        rendering.or(earlier.billing_npi)
    }
}

/// Whether a revenue code is one for professional fees: 0960 to 0989 (NUBC, categories 096x to 098x).
pub(crate) const fn is_professional_fee(revenue: Code) -> bool {
    revenue.len() == 4 && revenue.at(0) == b'0' && revenue.at(1) == b'9' && matches!(revenue.at(2), b'6'..=b'8')
}

/// As many of the line numbers as a finding lists.
pub(crate) const LISTED: usize = 10;

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn professional_fees_are_0960_to_0989() {
        for (text, expected) in
            [("0959", false), ("0960", true), ("0972", true), ("0989", true), ("0990", false), ("960", false)]
        {
            let code = Code::parse(text.as_bytes()).unwrap_or_default();
            assert_eq!(is_professional_fee(code), expected, "{text}");
        }
    }
}
