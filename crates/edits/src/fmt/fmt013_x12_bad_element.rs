use super::structure;
use crate::contract::edit;
use crate::{ClaimFacts, Finding, Fires, Recorder};
use claims::{Fault, Problem, Structure};

edit! {
    /// # What it checks
    /// Every element has the type and length that X12 gives it (numbers are numbers, dates are days of the calendar
    /// in the form that their qualifier names), and there are no more elements, components and repetitions than the
    /// segment has. In version 5010 revenue codes have four characters, and places of service and the first part of a
    /// type of bill two: an 837 is no spreadsheet that drops leading zeros.
    ///
    /// # Why a payer denies it
    /// A receiver rejects the claim, or the transaction set that it is in (999, IK403 codes 3 to 6, 8 to 10, 12 and
    /// 13).
    ///
    /// # Example
    /// `DTP*472*D8*20240230`; an NM109 of one character; SV101 with nine components; SV201 of `450`.
    ///
    /// # How to fix
    /// Write the element in the form that the finding names. Where many are wrong in one way, look for a separator
    /// that occurs in the data, or for ISA16 naming another component separator than the file uses.
    ///
    /// # Bypass
    /// None.
    ///
    /// # Source
    /// X12.22 and X12.3 data elements; the implementation guides 005010X222A1, X223A2 and X224A2, appendix B; the code
    /// sets of the NUBC and of CMS.
    ///
    /// # Tables
    /// None. Every claim of an X12 837 can be evaluated; of other formats, every claim passes.
    pub struct X12BadElement;
    id: "FMT013", name: "x12-bad-element",
    severity: Error, snip: 1, carc: "16", rarc: "MA130",
    source: "X12 005010X222A1, X223A2 and X224A2",
    unit: Claim, claims: ALL, default: ON,
    tables: [], fields: [], fires: Fires::PROBLEMS,
    messages: [
        "{called} has more elements than the {expected} that it may have"
            => "Leave out what is too much; look for an element separator within the data.",
        "{element} in {within} has more components than the {expected} that it may have"
            => "Leave out what is too much; look for a component separator within the data.",
        "{element} in {within} is repeated more often than the guide allows; the most is {expected}"
            => "Leave out repetitions; look for a repetition separator within the data.",
        "{element} in {within} is too short: its length is {found}, and the least is {expected}"
            => "Write the whole value.",
        "{element} in {within} is too long: its length is {found}, and the most is {expected}"
            => "Shorten the value.",
        "{element} in {within} has characters that its type does not take"
            => "Write a number in digits, with a decimal point or a minus sign where it has one; leave line ends out of text.",
        "{element} in {within} is not {expected}"
            => "Write {expected}.",
        "{element} in {within} must be empty, since another element is given that excludes it"
            => "Give one of the two.",
    ],
    check: check,
    tell: tell,
}

fn message(structure: &Structure) -> Option<u8> {
    match structure.fault {
        Fault::TooManyElements => Some(0),
        Fault::TooManyComponents => Some(1),
        Fault::TooManyRepetitions => Some(2),
        Fault::TooShort => Some(3),
        Fault::TooLong => Some(4),
        Fault::BadCharacter => Some(5),
        Fault::BadDate | Fault::BadTime => Some(6),
        Fault::Excluded => Some(7),
        _ => None,
    }
}

fn check(claim: &ClaimFacts<'_>, out: &mut Recorder<'_>) {
    structure::check(claim, out, message);
}

fn tell(problem: &Problem, finding: &mut Finding) -> bool {
    structure::tell(problem, finding, message)
}
