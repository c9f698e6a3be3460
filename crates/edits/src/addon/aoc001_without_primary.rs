use super::primaries::{self, AddOn, CRITICAL_CARE_ADDITIONAL, Kind, Primaries};
use crate::contract::{edit, tables};
use crate::same_day::LISTED;
use crate::{ClaimFacts, Finding, Recorder, Value};
use claims::Field;

edit! {
    /// # What it checks
    /// Every add-on code of type 1, for which CMS lists all primary procedures, has one of them beside it. On a
    /// professional claim: by the same provider on the same day, where the provider is the line's rendering
    /// provider, or the billing provider where the line names none; the primary may be on a claim of the same patient and
    /// payer that came before in the same run, within 131,072 claims, if it replaces or voids no other. On an outpatient
    /// institutional claim: on the same day or the day before, anywhere on the bill.
    ///
    /// # Why a payer denies it
    /// An add-on code is the extra work of another service and is priced without the work before and after it. CMS
    /// requires its contractors never to pay a type 1 add-on unless a listed primary is paid too.
    ///
    /// # Example
    /// 11045 (debridement, each additional 20 sq cm) without 11042.
    ///
    /// # How to fix
    /// Add the primary procedure if it was given and left off; otherwise report the code that describes the service
    /// by itself. If the primary is on a claim that comes later, put both on one claim, or send that one first.
    ///
    /// # Bypass
    /// None. One exception passes: 99292 (critical care, each additional 30 minutes) on a professional claim is
    /// satisfied by 99291 of any provider on the claim, or of any on an earlier claim of the same billing provider, since
    /// physicians of one group and specialty share the day.
    ///
    /// # Source
    /// CMS add-on code edits, CR 7501 (Transmittal 2636); Medicare Claims Processing Manual ch. 12 §30.6.12 for
    /// 99292; I/OCE edit 106 for institutional claims.
    ///
    /// # Tables
    /// add-on and procedures. As the I/OCE does, on institutional claims a primary whose code is not valid on its
    /// day does not count, and one that is itself an add-on of type 1 or 3 counts only if its own primary is there,
    /// all within the add-on's day and the day before; on bills of critical access hospitals (85x) lines for
    /// professional fees (revenue codes 096x to 098x) and other lines are not primaries of each other. OPPS packages
    /// add-on codes, and the I/OCE raises edit 106 on hospitals' bills (12x, 13x, 14x) only where they are not paid
    /// under OPPS: a claim does not say, so there an add-on without a primary is not evaluated. Inpatient bills and bill types 43x and 76x pass. On professional claims a
    /// listed primary counts whether or not it fails another edit. An institutional claim without type of bill, a
    /// date outside the releases, and a procedure that no release lists are not evaluated; nor is a line that would fail
    /// beside one without a date that may be its primary.
    pub struct AddOnWithoutPrimary;
    id: "AOC001", name: "addon-without-primary",
    severity: Error, snip: 5, carc: "107", rarc: "",
    source: "CMS add-on code edits, CR 7501; I/OCE edit 106",
    unit: Line, claims: NOT_DENTAL, default: ON,
    tables: [tables::ADD_ON, tables::PROCEDURES], fields: [], fires: primaries::FIRES,
    messages: [
        "{addon} is an add-on code and the claim has none of its primaries {when}; a payer would pay it only beside \
         {primaries}"
            => "Add the primary procedure if it was given ({primaries}); otherwise remove {addon} or report a code \
                that stands by itself.",
        "{addon} is an add-on code and the claim has none of its primaries {when}; a payer would pay it only beside \
         one of {count} codes, such as {primaries}"
            => "Add the primary procedure if it was given; otherwise remove {addon} or report a code that stands by \
                itself.",
        "{addon} is critical care beyond the first hour and the claim has no 99291 on {date}, by any provider; a payer \
         would pay it alone only when another physician of the same group and specialty reports 99291 for that day"
            => "Add 99291 if this claim's physician gave the first hour; otherwise make sure that the group reports \
                99291 for {date}.",
        "{addon} is an add-on code whose only primary on the claim, {primary} on line {primary_line}, does not count: \
         it is not valid on its day, or is itself an add-on whose primary is missing; a payer would pay neither"
            => "Mend line {primary_line} first; {addon} stands or falls with it.",
    ],
    check: check,
}

fn check(claim: &ClaimFacts<'_>, out: &mut Recorder<'_>) {
    primaries::evaluate(claim, out, Kind::Listed, |out, addon, primaries| {
        if primaries.has_primary(addon) {
            return;
        }
        if let Some(reason) = primaries.unsure_of_primary(addon) {
            return out.skip_line(addon.place, reason);
        }
        if !claim.is_institutional() && addon.code == CRITICAL_CARE_ADDITIONAL {
            let finding = out.fail_line(addon.place, Field::Procedure, 2);
            tell(finding, addon, primaries);
        } else if let Some(line) = primaries.first_listed(addon) {
            let (code, number) = (line.row.procedure, line.row.number);
            let finding = out.fail_line(addon.place, Field::Procedure, 3);
            finding.with("primary", Value::Code(code)).with("primary_line", Value::Count(number.into()));
            tell(finding, addon, primaries);
        } else {
            let many = primaries.list(addon).len() > LISTED;
            let finding = out.fail_line(addon.place, Field::Procedure, u8::from(many));
            let when = if claim.is_institutional() {
                format!("on {} or the day before", addon.date)
            } else {
                format!("by the same provider on {}", addon.date)
            };
            finding.with("when", Value::Text(when));
            tell(finding, addon, primaries);
        }
    });
}

fn tell(finding: &mut Finding, addon: AddOn, primaries: &Primaries<'_, '_>) {
    let mut list = primaries.list(addon);
    let count = list.len() as i64;
    list.truncate(LISTED);
    finding
        .with("addon", Value::Code(addon.code))
        .with("date", Value::Date(addon.date))
        .with("count", Value::Count(count))
        .with("primaries", Value::Codes(list))
        .from_release(addon.release);
}
