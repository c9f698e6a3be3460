use super::limits;
use crate::contract::{edit, tables};
use crate::{ClaimFacts, Fires, Recorder};
use claims::Field;
use codeset::MueScope;

edit! {
    /// # What it checks
    /// The units of a procedure that one patient gets from one provider on one day are within its medically unlikely
    /// edit (MUE), for procedures whose MUE adjudication indicator (MAI) is 3: limits from clinical benchmarks, above
    /// which hardly any claim is right. All lines of the code and the day are added up, whatever their modifiers, those
    /// of earlier claims of the run among them, as MUE002 does.
    ///
    /// # Why a payer denies it
    /// All units of the day are denied, on every line that has some of them, never the excess alone (CARC 151). What
    /// was medically necessary may be paid on appeal. A limit of 0 means that the code is not payable in the setting
    /// at all.
    ///
    /// # Example
    /// A code with the limit 4 and MAI 3, with 3 units on one line and 2 with 59 on another of the same day: both lines
    /// would be denied.
    ///
    /// # How to fix
    /// Check the units first: a dose that was billed in the wrong unit is the commonest cause. If all were given and
    /// necessary, send the claim as it is and be ready to appeal the denial with the record.
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
    /// above the limit without it. Codes of MAI 1 and 2 are MUE001's and MUE002's and pass, as do lines without a
    /// procedure and bill types other than 13x, 14x, 83x and 85x. Lines of zero or fewer units add nothing; but a limit of
    /// 0 refuses all units, be they spread over so many days that each has none.
    pub struct MueDayClinical;
    id: "MUE003", name: "mue-day-clinical",
    severity: Error, snip: 5, carc: "151", rarc: "",
    source: "NCCI policy manual ch. I; CMS MUE tables",
    unit: Line, claims: NOT_DENTAL, default: ON,
    tables: [tables::PROCEDURES], fields: [], fires: Fires::ALWAYS,
    messages: [
        "{units_of_day} units of {procedure} by the same provider on {date} ({on}) are above the limit of \
         {limit} a day, a clinical benchmark (MAI 3, {table}); a payer would deny all of them, not the excess alone"
            => "Correct the units if they are wrong; if all were given and necessary, be ready to appeal the denial with \
                the record.",
        "{procedure} has the limit 0 on {date} ({table}): it is not payable in this setting, and a payer would deny \
         every unit ({units_of_day}, {on})"
            => "Bill the code that is payable in this setting, or bill {procedure} to the contractor that pays it; such \
                a denial may be appealed.",
        "{units_of_day} units of {procedure} by the same provider on {date} ({on}, with line {other_line} of claim \
         {other_claim}) are above the limit of {limit} a day, a clinical benchmark (MAI 3, {table}); a payer would deny all \
         of them, on both claims, not the excess alone"
            => "Correct the units if they are wrong, on either claim; if all were given and necessary, be ready to appeal \
                the denial with the record.",
        "{procedure} has the limit 0 on {date} ({table}): it is not payable in this setting, and a payer would deny \
         every unit ({units_of_day}, {on}, with line {other_line} of claim {other_claim})"
            => "Bill the code that is payable in this setting, or bill {procedure} to the contractor that pays it; such \
                a denial may be appealed.",
    ],
    check: check,
    of_kind: limits::of_kind,
}

fn check(claim: &ClaimFacts<'_>, out: &mut Recorder<'_>) {
    limits::evaluate(claim, out, MueScope::DayByClinicalBenchmark, |out, place, above| {
        let finding = out.fail_line(place, Field::Units, above.day_message());
        above.tell(finding);
        above.tell_lines(claim, finding);
    });
}
