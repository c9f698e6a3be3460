use super::limits;
use crate::contract::{edit, tables};
use crate::{ClaimFacts, Fires, Recorder};
use claims::Field;
use codeset::MueScope;

edit! {
    /// # What it checks
    /// The units of a procedure that one patient gets from one provider on one day are within its medically unlikely
    /// edit (MUE), for procedures whose MUE adjudication indicator (MAI) is 2: limits that follow from anatomy, from
    /// the words of the code or from Medicare's rules, so that more is impossible. All lines of the code and the
    /// day are added up, whatever their modifiers. The provider is the line's rendering provider, or the
    /// billing provider where the line names none; on an institutional claim it is the facility, but on bills of critical
    /// access hospitals (85x) lines for professional fees (revenue codes 096x to 098x) are added up by themselves. A line
    /// that spans days has on each of them its units divided by the days, rounded to the nearest whole.
    ///
    /// Lines of other claims are in the sum too: claims of the same patient and payer that came before in the same run,
    /// within 131,072 claims, if they name the provider, the same table limits them and they replace or void no other.
    /// The finding is on the later claim; the lines of the earlier one, whose own findings were told before, would be
    /// denied with it.
    ///
    /// # Why a payer denies it
    /// All units of the day are denied, on every line that has some of them, never the excess alone (CARC 151). MAI 2
    /// is absolute: contractors may not pay above it, on appeal either. A limit of 0 means that the code is not payable
    /// in the setting at all.
    ///
    /// # Example
    /// A code with the limit 1 and MAI 2 on two lines of one day, one with RT and one with LT: both lines would be
    /// denied.
    ///
    /// # How to fix
    /// Correct the units or the dates, or bill the code that says what was done (a bilateral or a further-unit code).
    ///
    /// # Bypass
    /// None.
    ///
    /// # Source
    /// NCCI policy manual for Medicare ch. I, section V; MUE tables of CMS, by quarter; CR 8853.
    ///
    /// # Tables
    /// mue-practitioner, mue-hospital or mue-dme, chosen as MUE001 says, on the values of the line's first day. A date
    /// outside the table's quarters, a code that the table does not list, and an institutional claim without type of
    /// bill are not evaluated; nor is a line without units, or a line of a day with one, unless the other lines are
    /// above the limit without it. Codes of MAI 1 and 3 are MUE001's and MUE003's and pass, as do lines without a
    /// procedure and bill types other than 13x, 14x, 83x and 85x. Lines of zero or fewer units add nothing; but a limit of
    /// 0 refuses all units, be they spread over so many days that each has none.
    pub struct MueDayPolicy;
    id: "MUE002", name: "mue-day-policy",
    severity: Error, snip: 5, carc: "151", rarc: "",
    source: "NCCI policy manual ch. I; CMS MUE tables",
    unit: Line, claims: NOT_DENTAL, default: ON,
    tables: [tables::PROCEDURES], fields: [], fires: Fires::ALWAYS,
    messages: [
        "{units_of_day} units of {procedure} by the same provider on {date} ({on}) are above the limit of \
         {limit} a day, which nothing releases (MAI 2, {table}); a payer would deny all of them, not the excess alone"
            => "Correct the units or the dates, or bill the code that says what was done; this limit cannot be appealed.",
        "{procedure} has the limit 0 on {date} ({table}): it is not payable in this setting, and a payer would deny \
         every unit ({units_of_day}, {on})"
            => "Bill the code that is payable in this setting, or bill {procedure} to the contractor that pays it.",
        "{units_of_day} units of {procedure} by the same provider on {date} ({on}, with line {other_line} of claim \
         {other_claim}) are above the limit of {limit} a day, which nothing releases (MAI 2, {table}); a payer would deny \
         all of them, on both claims, not the excess alone"
            => "Correct the units or the dates on either claim, or bill the code that says what was done; this limit \
                cannot be appealed.",
        "{procedure} has the limit 0 on {date} ({table}): it is not payable in this setting, and a payer would deny \
         every unit ({units_of_day}, {on}, with line {other_line} of claim {other_claim})"
            => "Bill the code that is payable in this setting, or bill {procedure} to the contractor that pays it.",
    ],
    check: check,
    of_kind: limits::of_kind,
}

fn check(claim: &ClaimFacts<'_>, out: &mut Recorder<'_>) {
    limits::evaluate(claim, out, MueScope::DayByPolicy, |out, place, above| {
        let finding = out.fail_line(place, Field::Units, above.day_message());
        above.tell(finding);
        above.tell_lines(claim, finding);
    });
}
