use super::primaries::{self, Kind};
use crate::contract::{edit, tables};
use crate::same_day::is_professional_fee;
use crate::{ClaimFacts, Reason, Recorder, Value};
use claims::Field;

edit! {
    /// # What it checks
    /// Every add-on code of type 2, for which CMS lists no primaries, has another procedure of the same provider and
    /// day beside it. On a professional claim one on a claim of the run that came before counts too, as AOC001 says.
    ///
    /// # Why a payer denies it
    /// An add-on code is the extra work of another service. For type 2 each Medicare contractor, or other payer,
    /// keeps its own list of primaries; with no other procedure at all, no list could be met.
    ///
    /// # Example
    /// 15777 (implantation of biologic implant for soft tissue reinforcement) as the day's only procedure.
    ///
    /// # How to fix
    /// Add the primary procedure if it was given and left off, or put both on one claim; otherwise report the code
    /// that describes the service by itself.
    ///
    /// # Bypass
    /// None.
    ///
    /// # Source
    /// CMS add-on code edits, CR 7501 (Transmittal 2636); I/OCE edit 107.
    ///
    /// # Tables
    /// add-on and procedures. Another procedure is any other code that a release lists; another add-on counts, for
    /// the lists of CMS name add-ons as primaries too. On outpatient institutional claims only lines for
    /// professional fees (revenue codes 096x to 098x) are judged, as in I/OCE edit 107, and the other procedure
    /// must be valid on the day; the I/OCE leaves it to the contractor whether that is a primary. On hospitals' bills
    /// (12x, 13x, 14x), which OPPS mostly pays with add-on codes packaged, such a line is not evaluated where it would
    /// fail. Other lines, inpatient bills and bill types 43x and 76x pass. An institutional claim without type of bill or a line
    /// without revenue code, a date outside the releases, and a procedure that no release lists are not evaluated;
    /// nor is a line that would fail beside another without a date.
    pub struct AddOnContractorDefined;
    id: "AOC002", name: "addon-contractor-defined",
    severity: Warning, snip: 5, carc: "107", rarc: "",
    source: "CMS add-on code edits, CR 7501; I/OCE edit 107",
    unit: Line, claims: NOT_DENTAL, default: ON,
    tables: [tables::ADD_ON, tables::PROCEDURES], fields: [], fires: primaries::FIRES,
    messages: [
        "{addon} is an add-on code and the claim has no other procedure by the same provider on {date}; whichever \
         primaries a payer takes for it, none is there"
            => "Add the primary procedure if it was given; otherwise remove {addon} or report a code that stands by \
                itself.",
    ],
    check: check,
}

fn check(claim: &ClaimFacts<'_>, out: &mut Recorder<'_>) {
    primaries::evaluate(claim, out, Kind::Contractor, |out, addon, primaries| {
        if primaries.has_other(addon) {
            return;
        }
        if claim.is_institutional() {
            let revenue = claim.lines.get(addon.place as usize).map(|line| line.row.revenue_code).unwrap_or_default();
            if revenue.is_empty() {
                out.skip_line(addon.place, Reason::FieldAbsent(Field::RevenueCode));
                return;
            }
            if !is_professional_fee(revenue) {
                return;
            }
        }
        if let Some(reason) = primaries.unsure_of_other(addon) {
            return out.skip_line(addon.place, reason);
        }
        out.fail_line(addon.place, Field::Procedure, 0)
            .with("addon", Value::Code(addon.code))
            .with("date", Value::Date(addon.date))
            .from_release(addon.release);
    });
}
