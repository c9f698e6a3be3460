use super::structure;
use crate::contract::edit;
use crate::{ClaimFacts, Finding, Fires, Recorder};
use claims::{Fault, Problem, Structure};

edit! {
    /// # What it checks
    /// Hierarchical levels (HL) are numbered from 1 without gaps, name the level above them, and say rightly
    /// whether levels follow below them. The lines of a claim (LX) are numbered from 1 without gaps.
    ///
    /// # Why a payer denies it
    /// Patients hang from subscribers and subscribers from billing providers by these numbers; a receiver rejects
    /// what it cannot hang. A line that is not counted is not known by its number either.
    ///
    /// # Example
    /// `HL*3*1*23*0`: a patient whose parent is the billing provider, number 1, and not the subscriber. Two lines that
    /// both begin with `LX*1`.
    ///
    /// # How to fix
    /// Number the levels in the order that they stand in, from 1 in each transaction set; write the subscriber's
    /// number into the patient's HL02, the billing provider's into the subscriber's; HL04 is 1 if levels follow
    /// below, else 0. Number the lines from 1 in each claim.
    ///
    /// # Bypass
    /// None.
    ///
    /// # Source
    /// The implementation guides 005010X222A1, X223A2 and X224A2, section 1.4 and segments HL and
    /// LX.
    ///
    /// # Tables
    /// None. Every claim of an X12 837 can be evaluated; of other formats, every claim passes.
    pub struct X12Hierarchy;
    id: "FMT016", name: "x12-hierarchy",
    severity: Error, snip: 1, carc: "", rarc: "",
    source: "X12 005010X222A1, X223A2 and X224A2",
    unit: Claim, claims: ALL, default: ON,
    tables: [], fields: [], fires: Fires::PROBLEMS,
    messages: [
        "HL01 is {found} where the level is number {expected} of its transaction set"
            => "Number the levels from 1 in each transaction set.",
        "HL02 is {found} where the level above has number {expected}"
            => "Write the number of the level above into HL02.",
        "HL04 is {found} where {expected} is right: whether levels below this one follow"
            => "Write {expected} into HL04: 1 where levels follow below this one, else 0.",
        "LX01 is {found} where the line is number {expected} of its claim"
            => "Number the lines from 1 in each claim.",
    ],
    check: check,
    tell: tell,
}

fn message(structure: &Structure) -> Option<u8> {
    match structure.fault {
        Fault::LevelNumber => Some(0),
        Fault::LevelParent => Some(1),
        Fault::LevelChild => Some(2),
        Fault::LineNumber => Some(3),
        _ => None,
    }
}

fn check(claim: &ClaimFacts<'_>, out: &mut Recorder<'_>) {
    structure::check(claim, out, message);
}

fn tell(problem: &Problem, finding: &mut Finding) -> bool {
    structure::tell(problem, finding, message)
}
