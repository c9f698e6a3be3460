use super::limits;
use crate::contract::{edit, tables};
use crate::{ClaimFacts, Fires, Recorder};
use claims::Field;
use codeset::MueScope;

edit! {
    /// # What it checks
    /// The units of each line are within the medically unlikely edit (MUE) of its procedure, for procedures whose MUE
    /// adjudication indicator (MAI) is 1: each line is compared by itself, on the values of its first day of service.
    /// The units of a line that spans days are divided by the days and rounded to the nearest whole.
    ///
    /// # Why a payer denies it
    /// NCCI holds more units than the limit for a slip of the pen or a wrong code. All units of the line are denied,
    /// never the excess alone (CARC 151). A limit of 0 means that the code is not payable in the setting at all.
    ///
    /// # Example
    /// Five units on one line of a code whose limit is 3 with MAI 1: a payer would deny all five. Three units on one
    /// line and two on another, with the modifier that says why, are within the limit.
    ///
    /// # How to fix
    /// Correct the units, or the code. If all units were given and the record shows why, report those above the limit
    /// on lines of their own, each with the modifier that says how it stands apart: a site, 76, 77, 91, XE, XP, XS,
    /// XU or 59.
    ///
    /// # Bypass
    /// None. A modifier lets further units stand on a line of their own; it does not raise the limit of a line.
    ///
    /// # Source
    /// NCCI policy manual for Medicare ch. I, section V; MUE tables of CMS, by quarter; CR 8853.
    ///
    /// # Tables
    /// mue-dme for professional claims of suppliers to a DME contractor (one of the numbers that
    /// PX023 names, or without a contractor's number a billing taxonomy beginning 332B or 335E); mue-hospital for bill
    /// types 13x, 14x and 85x; mue-practitioner for other professional claims and ambulatory surgery centres (83x).
    /// Other bill types have no limits and pass, inpatient bills among them. A date outside the table's quarters, a
    /// code that the table does not list (CMS keeps some limits to itself), a line without units and an institutional
    /// claim without type of bill are not evaluated. Codes of MAI 2 and 3 are MUE002's and MUE003's and pass, as do
    /// lines without a procedure. Anesthesia by time (00100 to 01999 but 01953 and 01996), whose lines give minutes, is
    /// one unit a line unless the line says that its units are units (unit_basis UN). A limit of 0 refuses all units, be
    /// they spread over so many days that each has none.
    pub struct MueLine;
    id: "MUE001", name: "mue-line",
    severity: Error, snip: 5, carc: "151", rarc: "",
    source: "NCCI policy manual ch. I; CMS MUE tables",
    unit: Line, claims: NOT_DENTAL, default: ON,
    tables: [tables::PROCEDURES], fields: [], fires: Fires::ALWAYS,
    messages: [
        "{units} units of {procedure} on one line are above the limit of {limit} for a line on {date} (MAI 1, {table}); \
         a payer would deny all units of the line, not the excess alone"
            => "Correct the units; if all were given and the record shows why, report those above {limit} on lines of \
                their own with the modifier that says how they stand apart (a site, 76, 77, 91, XE, XP, XS, XU or 59).",
        "{units} units of {procedure} on one line from {from} to {to} are {units_of_day} a day, above the limit of \
         {limit} for a line on {date} (MAI 1, {table}); a payer would deny all units of the line, not the excess alone"
            => "Correct the units or the days; if all were given and the record shows why, report each day on a line of \
                its own, and units above {limit} a line with the modifier that says how they stand apart.",
        "{procedure} has the limit 0 on {date} ({table}): it is not payable in this setting, and a payer would deny \
         every unit of the line ({units})"
            => "Bill the code that is payable in this setting, or bill {procedure} to the contractor that pays it.",
    ],
    check: check,
    of_kind: limits::of_kind,
}

fn check(claim: &ClaimFacts<'_>, out: &mut Recorder<'_>) {
    limits::evaluate(claim, out, MueScope::Line, |out, place, above| {
        let message = if above.not_payable() { 2 } else { u8::from(above.spans()) };
        above.tell(out.fail_line(place, Field::Units, message));
    });
}
