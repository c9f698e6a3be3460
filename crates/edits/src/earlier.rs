//! Claims of the same run that came before, for the edits that look across claims.

use codes::{BillType, ClaimType, Code, Date, Modifier, Npi, Units};

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
    /// The line's number.
    pub number: u32,
    /// First day of service.
    pub from: Date,
    /// Last day of service, where it is not the first.
    pub to: Option<Date>,
    /// CPT or HCPCS code.
    pub procedure: Code,
    /// The modifiers, in their places.
    pub modifiers: [Modifier; 4],
    /// The rendering provider, where one was given.
    pub rendering_npi: Option<Npi>,
    /// Revenue code.
    pub revenue_code: Code,
    /// Units as unit limits count them ([`crate::units_counted`]); `None` where the claim does not say.
    pub units: Option<Units>,
}
