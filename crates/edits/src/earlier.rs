//! Claims of the same run that came before, for the edits that look across claims.

use crate::same_day::is_professional_fee;
use crate::{mue, px};
use claims::{ClaimView, Given, LineRow};
use codes::{BillType, ClaimType, Code, Date, Modifier, Money, Npi, Units};

/// A claim that came earlier in the same run, of the same patient and payer, with a service on a day of this one.
/// Claims that replace or void another are not among them.
#[derive(Clone, Copy, Debug)]
pub struct EarlierClaim<'a> {
    /// The claim's id.
    pub id: &'a str,
    /// Professional, institutional or dental.
    pub claim_type: ClaimType,
    /// Type of bill, if one was given.
    pub bill_type: Option<BillType>,
    /// The billing provider.
    pub billing_npi: Option<Npi>,
    /// Whether it is a supplier's of durable medical equipment ([`crate::claim_is_of_supplier`]).
    pub of_supplier: bool,
    /// Whether all that a payer would compare of the two claims, but their ids, is the same.
    pub same: bool,
    /// Its lines that have a procedure and a date of service.
    pub lines: &'a [EarlierLine],
}

/// A service line of an earlier claim.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct EarlierLine {
    /// CPT or HCPCS code.
    pub procedure: Code,
    /// The modifiers, in their places.
    pub modifiers: [Modifier; 4],
    /// The rendering provider, where one was given.
    pub rendering_npi: Option<Npi>,
    /// Place of service; on institutional claims, which have none, the revenue code.
    pub site: Code,
    /// Units as they were given.
    pub units: Option<Units>,
    /// The charge.
    pub charge: Option<Money>,
    /// The line's number.
    pub number: u32,
    /// First day of service.
    pub from: Date,
    /// Last day of service: not before the first.
    pub to: Date,
    /// Whether the units are minutes of anesthesia.
    pub in_minutes: bool,
    /// Whether the last day of service was given, but cannot be read.
    pub without_last_day: bool,
}

impl EarlierLine {
    /// A claim's line, counted from 0, as later claims are compared with it; none without a procedure or a date of
    /// service.
    #[inline]
    pub fn of(claim: ClaimView<'_>, place: usize, line: &LineRow) -> Option<EarlierLine> {
        let from = line.service_from.value()?;
        if line.procedure.is_absent() || line.procedure.is_malformed() {
            return None;
        }
        let institutional = claim.row.claim_type == ClaimType::Institutional;
        Some(EarlierLine {
            procedure: line.procedure,
            modifiers: line.modifiers,
            rendering_npi: line.rendering_npi.value(),
            site: if institutional { line.revenue_code } else { line.place_of_service },
            units: line.units.value(),
            charge: line.charge.value(),
            number: line.number,
            from,
            to: line.service_to.value().map_or(from, |to| to.max(from)),
            in_minutes: mue::is_in_minutes(claim, place, line),
            without_last_day: line.service_to == Given::Invalid,
        })
    }

    /// Units as unit limits count them: 1 for anesthesia by time that is given in minutes. `None` where the claim does not
    /// say, or not over which days.
    #[inline]
    pub fn units_counted(&self) -> Option<Units> {
        let units = self.units.filter(|_| !self.without_last_day)?;
        Some(if self.in_minutes { Units::whole(1) } else { units })
    }

    /// Whether it is an institutional claim's line of a HIPPS rate code.
    pub(crate) fn is_of_rate(&self, claim: &EarlierClaim<'_>) -> bool {
        claim.claim_type == ClaimType::Institutional && px::is_rate_revenue(self.site)
    }

    /// Whether it is an institutional claim's line of a professional fee.
    pub(crate) fn is_of_fee(&self, claim: &EarlierClaim<'_>) -> bool {
        claim.claim_type == ClaimType::Institutional && is_professional_fee(self.site)
    }
}
