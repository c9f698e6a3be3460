use super::primaries::{self, Kind};
use crate::contract::{edit, tables};
use crate::same_day::LISTED;
use crate::{ClaimFacts, Recorder, Value};
use claims::Field;

edit! {
    /// # What it checks
    /// Every add-on code of type 3, for which CMS lists some primaries and contractors may take more, has a listed
    /// primary or any other procedure of the same provider and day beside it. On a professional claim one on a claim of
    /// the run that came before counts too, as AOC001 says. On an outpatient institutional claim a listed primary on the
    /// day before does too.
    ///
    /// # Why a payer denies it
    /// An add-on code is the extra work of another service. With neither a listed primary nor any other procedure,
    /// no payer's list could be met.
    ///
    /// # Example
    /// 88311 (decalcification) as the day's only procedure.
    ///
    /// # How to fix
    /// Add the primary procedure if it was given and left off, or put both on one claim; otherwise report the code
    /// that describes the service by itself.
    ///
    /// # Bypass
    /// None.
    ///
    /// # Source
    /// CMS add-on code edits, CR 7501 (Transmittal 2636); I/OCE edit 108.
    ///
    /// # Tables
    /// add-on and procedures. Another procedure is any other code that a release lists; another add-on counts, for
    /// the lists of CMS name add-ons as primaries too. On outpatient institutional claims it must be valid on the
    /// day, and rendering providers are not compared; on hospitals' bills (12x, 13x, 14x), which OPPS mostly pays with
    /// add-on codes packaged, a line that would fail is not evaluated. Inpatient bills and bill types 43x and 76x pass. An
    /// institutional claim without type of bill, a date outside the releases, and a procedure that no release lists
    /// are not evaluated; nor is a line that would fail beside one without a date that may be its primary.
    pub struct AddOnPartlyDefined;
    id: "AOC003", name: "addon-partly-defined",
    severity: Warning, snip: 5, carc: "107", rarc: "",
    source: "CMS add-on code edits, CR 7501; I/OCE edit 108",
    unit: Line, claims: NOT_DENTAL, default: ON,
    tables: [tables::ADD_ON, tables::PROCEDURES], fields: [], fires: primaries::FIRES,
    messages: [
        "{addon} is an add-on code and the claim has neither a listed primary nor any other procedure by the same \
         provider on {date}; whichever primaries a payer takes for it, none is there"
            => "Add the primary procedure if it was given (CMS lists {count}, such as {primaries}); otherwise remove \
                {addon} or report a code that stands by itself.",
        "{addon} is an add-on code and the claim has neither a listed primary nor any other procedure by the same \
         provider on {date}; whichever primaries a payer takes for it, none is there"
            => "Add the primary procedure if it was given (CMS lists {primaries}); otherwise remove {addon} or report a \
                code that stands by itself.",
    ],
    check: check,
}

fn check(claim: &ClaimFacts<'_>, out: &mut Recorder<'_>) {
    primaries::evaluate(claim, out, Kind::Partly, |out, addon, primaries| {
        if primaries.has_other(addon) || primaries.has_primary(addon) {
            return;
        }
        if let Some(reason) = primaries.unsure_of_other(addon) {
            return out.skip_line(addon.place, reason);
        }
        let mut list = primaries.list(addon);
        let count = list.len() as i64;
        let all = list.len() <= LISTED;
        list.truncate(LISTED);
        out.fail_line(addon.place, Field::Procedure, u8::from(all))
            .with("addon", Value::Code(addon.code))
            .with("date", Value::Date(addon.date))
            .with("count", Value::Count(count))
            .with("primaries", Value::Codes(list))
            .from_release(addon.release);
    });
}
