use crate::contract::edit;
use crate::{ClaimFacts, Fires, Recorder, Value};
use claims::Field;

edit! {
    /// # What it checks
    /// No modifier stands twice on one line. Each repeated modifier is one finding, at its second place.
    ///
    /// # Why a payer denies it
    /// A modifier says the same thing once or twice; a second one is mostly a slip for another modifier, and takes
    /// one of the four places. Payers answer CARC 4, and many clearinghouses stop the claim.
    ///
    /// # Example
    /// `17110-59-59`, where the second was meant to be `RT`.
    ///
    /// # How to fix
    /// Report the modifier once. Work done several times is told by units, by lines of their own, or by modifiers
    /// 76, 77 or 91.
    ///
    /// # Bypass
    /// None.
    ///
    /// # Source
    /// ASC X12N 837 TR3 (005010X222, X223, X224): up to four modifiers a line, each to clarify the service further.
    ///
    /// # Tables
    /// None. What is not two letters or digits is MOD001's, and is not compared.
    pub struct ModifierRepeated;
    id: "MOD003", name: "modifier-repeated",
    severity: Error, snip: 4, carc: "4", rarc: "",
    source: "ASC X12N 837 TR3, SV101-3 to SV101-6, SV202-3 to SV202-6 and SV301-3 to SV301-6",
    unit: Line, claims: ALL, default: ON,
    tables: [], fields: [Field::Modifier(1)], fires: Fires::SEVERAL_MODIFIERS,
    messages: [
        "Modifier {modifier} stands {count} times on the line; once says it all, and a payer would question the line"
            => "Report {modifier} once; if another modifier was meant, enter that.",
        "Modifier {modifier} stands {count} times among the line's first four; once says it all, and a payer would question \
         the line"
            => "Report {modifier} once; if another modifier was meant, enter that.",
    ],
    check: check,
}

fn check(claim: &ClaimFacts<'_>, out: &mut Recorder<'_>) {
    for (number, line) in (0u32..).zip(claim.lines) {
        for (place, modifier) in line.given_modifiers() {
            let earlier = line.row.modifiers.iter().take(place).filter(|&&other| other == modifier).count();
            // Reported where it stands the second time, so once however often it stands.
            if earlier != 1 || modifier.is_malformed() {
                continue;
            }
            let count = line.row.modifiers.iter().filter(|&&other| other == modifier).count();
            // Of those beyond the fourth the first alone is known.
            let uncounted = claim.claim.raw_of_line(number as usize, Field::MODIFIER_BEYOND).is_some();
            out.fail_line(number, Field::Modifier(place as u8 + 1), u8::from(uncounted))
                .with("modifier", Value::Modifier(modifier))
                .with("count", Value::Count(count as i64));
        }
    }
}
