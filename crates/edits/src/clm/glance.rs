//! What shows at a glance whether a claim is right as a whole: gathered line by line while the claim's facts are, so that
//! its lines need not be walked again for edits of which hardly any claim has something to report.

use super::clm001_total::TOTAL_CHARGE;
use super::clm003_limits::may_hold_too_many;
use super::clm005_missing_field::{INSTITUTIONAL, PROFESSIONAL};
use crate::Fires;
use crate::signs::Signs;
use claims::{ClaimRow, ClaimView, Given, LineRow};
use codes::{ClaimType, Date, Units};

const FIRST: Date = Date::from_days(i32::MIN);
const LAST: Date = Date::from_days(i32::MAX);

/// What the lines of a claim show.
pub(crate) struct Glance {
    claim_type: ClaimType,
    /// The sum of the charges in cents, and whether each is given and added to it.
    charges: i64,
    added: bool,
    /// The first day of any line, the last, and whether each line gives its first, and ends no sooner than it begins.
    first: Date,
    last: Date,
    in_order: bool,
    /// Whether each line gives all that such lines may have to.
    complete: bool,
    /// Whether each line has more than no unit, or does not say.
    some_units: bool,
    /// Whether no line has a negative charge.
    no_refund: bool,
    /// The number of the line before, and whether each has a higher one than that.
    number: u32,
    numbered: bool,
}

impl Glance {
    pub(crate) fn new(claim_type: ClaimType) -> Glance {
        // Of dental claims it is looked up.
        let complete = claim_type != ClaimType::Dental;
        Glance {
            claim_type,
            charges: 0,
            added: true,
            first: LAST,
            last: FIRST,
            in_order: true,
            complete,
            some_units: true,
            no_refund: true,
            number: 0,
            numbered: true,
        }
    }

    /// Looks at a line.
    #[inline]
    pub(crate) fn line(&mut self, row: &LineRow) {
        let charge = row.charge.value();
        self.no_refund &= charge.is_none_or(|charge| charge.cents() >= 0);
        let charge = charge.and_then(|charge| self.charges.checked_add(charge.cents()));
        self.added &= charge.is_some() && row.revenue_code != TOTAL_CHARGE;
        self.charges = charge.unwrap_or(0);
        match row.service_from {
            Given::Is(first) => {
                let last = row.service_to.value().unwrap_or(first);
                self.in_order &= first <= last;
                self.first = self.first.min(first);
                self.last = self.last.max(last);
            }
            Given::Absent | Given::Invalid => self.in_order = false,
        }
        self.numbered &= row.number > self.number;
        self.number = row.number;
        let coded = match self.claim_type {
            ClaimType::Institutional => !row.revenue_code.is_absent(),
            _ => !row.procedure.is_absent() && !row.place_of_service.is_absent(),
        };
        self.complete &= coded && !row.units.is_absent() && !row.charge.is_absent() && !row.service_from.is_absent();
        self.some_units &= row.units.value().is_none_or(|units| units > Units::default());
    }

    /// The signs of a claim whose lines have been looked at.
    #[inline]
    pub(crate) fn signs(&self, claim: ClaimView<'_>) -> Signs {
        let mut signs = Signs::NONE;
        let row = claim.row;
        let balanced = self.added && row.total.value().is_some_and(|total| total.cents() == self.charges);
        signs.note(Fires::UNBALANCED, !balanced);
        signs.note(Fires::ODD_DAYS, !self.days_are_in_order(row));
        signs.note(Fires::INCOMPLETE, !self.is_complete(claim));
        let too_many = may_hold_too_many(self.claim_type, claim.diagnoses().len(), claim.lines().len());
        let negative = !self.no_refund || row.total.value().is_some_and(|total| total.cents() < 0);
        signs.note(Fires::ODD_COUNTS, too_many || !self.some_units || negative || !self.numbered);
        signs
    }

    /// Whether every line gives its day, and all days of the claim are in their order.
    fn days_are_in_order(&self, row: &ClaimRow) -> bool {
        let (from, to) = (row.statement_from.value().unwrap_or(FIRST), row.statement_to.value().unwrap_or(LAST));
        let (birth, received) = (row.birth_date.value().unwrap_or(FIRST), row.received_date.value().unwrap_or(LAST));
        let statement = from <= to && (birth <= from || from == FIRST) && (to <= received || to == LAST);
        let lines = self.in_order && self.first <= self.last;
        statement && lines && from.max(birth) <= self.first && self.last <= to.min(received)
    }

    /// Whether nothing is missing, and nothing could be.
    fn is_complete(&self, claim: ClaimView<'_>) -> bool {
        let row = claim.row;
        let of_all = !row.payer.is_empty()
            && !row.patient.is_empty()
            && !row.birth_date.is_absent()
            && !row.sex.is_absent()
            && !row.billing_npi.is_absent()
            && !row.total.is_absent();
        let of_type = match self.claim_type {
            ClaimType::Institutional => {
                claim.batch.columns.contains(INSTITUTIONAL)
                    && !row.statement_from.is_absent()
                    && !row.statement_to.is_absent()
                    && matches!(row.bill_type, Given::Is(_))
                    && !row.patient_status.is_absent()
            }
            _ => claim.batch.columns.contains(PROFESSIONAL),
        };
        self.complete && !claim.lines().is_empty() && of_all && of_type
    }
}
