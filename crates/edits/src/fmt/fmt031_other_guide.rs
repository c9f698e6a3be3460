use super::{outside, text_of};
use crate::contract::edit;
use crate::{Finding, Fires};
use claims::{Problem, ProblemKind};

edit! {
    /// # What it checks
    /// An 837 follows one of the guides that claims are sent by: 005010X222 (professional), X223 (institutional) or
    /// X224 (dental), as its ST03 or GS08 says.
    ///
    /// # Why a payer denies it
    /// Payers take no other version: 4010 ended in 2012, and the guides for reporting after adjudication (X298 to
    /// X300) are for registries. The claims are read as far as they are alike, and judged.
    ///
    /// # Example
    /// `GS08` of `004010X098A1`.
    ///
    /// # How to fix
    /// Send the claims by 005010X222A1, X223A2 or X224A2. If they are, mend GS08 and ST03.
    ///
    /// # Bypass
    /// None.
    ///
    /// # Source
    /// 45 CFR 162.1102: the standards for claims since 2012-01-01.
    ///
    /// # Tables
    /// None. Every claim can be evaluated.
    pub struct OtherGuide;
    id: "FMT031", name: "other-guide",
    severity: Warning, snip: 1, carc: "", rarc: "",
    source: "45 CFR 162.1102",
    unit: Claim, claims: ALL, default: ON,
    tables: [], fields: [], fires: Fires::NEVER,
    messages: [
        "The transaction set at segment {row} is an 837 of version {given}, not 005010X222, X223 or X224; its claims are \
         read as far as the versions are alike"
            => "Send claims by 005010X222A1 (professional), X223A2 (institutional) or X224A2 (dental), and name it in ST03 and GS08.",
    ],
    check: super::nothing_of_claims, tell: tell,
}

fn tell(problem: &Problem, finding: &mut Finding) -> bool {
    outside(problem, finding, |kind| match kind {
        ProblemKind::OtherGuide { given } => Some(vec![("given", text_of(given))]),
        _ => None,
    })
}
