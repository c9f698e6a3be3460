use super::{outside, text_of};
use crate::contract::edit;
use crate::{Finding, Fires};
use claims::{Problem, ProblemKind};

edit! {
    /// # What it checks
    /// The components of composite elements are separated by the character that ISA16 names.
    ///
    /// # Why a payer denies it
    /// A receiver splits composites where ISA16 says. With another character, place of service, diagnoses and
    /// procedures run together and every claim of the interchange is rejected. Here they are read as they are meant,
    /// so that the claims can be judged.
    ///
    /// # Example
    /// `ISA16` is `:` but `CLM05` is `11>B>1`.
    ///
    /// # How to fix
    /// Write the separator that is used into ISA16, or use the one that is written there.
    ///
    /// # Bypass
    /// None.
    ///
    /// # Source
    /// X12.5: ISA16, component element separator.
    ///
    /// # Tables
    /// None. Every claim can be evaluated.
    pub struct ComponentSeparator;
    id: "FMT034", name: "component-separator",
    severity: Error, snip: 1, carc: "", rarc: "",
    source: "X12.5: ISA16",
    unit: Claim, claims: ALL, default: ON,
    tables: [], fields: [], fires: Fires::NEVER,
    messages: [
        "ISA16 says that components are separated by “{given}”, but the claim at segment {row} uses “{used}”; from \
         there on they are read as used"
            => "Write “{used}” into ISA16, or separate components by “{given}”.",
    ],
    check: super::nothing_of_claims, tell: tell,
}

fn tell(problem: &Problem, finding: &mut Finding) -> bool {
    outside(problem, finding, |kind| match kind {
        ProblemKind::ComponentSeparator { given, used } => {
            Some(vec![("given", text_of(&given.to_string())), ("used", text_of(&used.to_string()))])
        }
        _ => None,
    })
}
