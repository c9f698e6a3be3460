use super::outside;
use crate::contract::edit;
use crate::{Finding, Fires};
use claims::{Problem, ProblemKind};

edit! {
    /// # What it checks
    /// Nothing stands before, between and after the interchanges of an X12 file but line ends.
    ///
    /// # Why a payer denies it
    /// Many receivers look for ISA in the first byte and take a file with anything before it for damaged.
    ///
    /// # Example
    /// A line of a mail program, or a file name, before `ISA`.
    ///
    /// # How to fix
    /// Remove the text.
    ///
    /// # Bypass
    /// None.
    ///
    /// # Source
    /// X12.5: an interchange begins with ISA and ends with IEA.
    ///
    /// # Tables
    /// None. Every claim can be evaluated.
    pub struct OutsideInterchange;
    id: "FMT033", name: "text-outside-interchange",
    severity: Warning, snip: 1, carc: "", rarc: "",
    source: "X12.5: interchange control structure",
    unit: Claim, claims: ALL, default: ON,
    tables: [], fields: [], fires: Fires::NEVER,
    messages: [
        "At segment {row} is text outside of any interchange (after IEA, or before the first ISA); it is not read"
            => "Remove what is not between ISA and IEA.",
    ],
    check: super::nothing_of_claims, tell: tell,
}

fn tell(problem: &Problem, finding: &mut Finding) -> bool {
    outside(problem, finding, |kind| matches!(kind, ProblemKind::NoSegment).then(Vec::new))
}
