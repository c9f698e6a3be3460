//! MOD: modifiers, alone and together on one line.

mod conflicts;
mod mod001_unknown;
mod mod002_not_effective;
mod mod003_repeated;
mod mod004_conflict;
mod mod010_pctc;
mod mod011_bilateral;
mod mod012_assistant_surgeon;
mod mod013_co_surgeon;
mod mod014_team;
mod mod015_telehealth;
mod mod016_anesthesia;
mod mod017_59_on_evaluation;
mod mod018_25_misplaced;
mod surgeons;

use crate::{ClaimFacts, Edit, LineFacts};
use claims::Given;
use codes::{BillType, Code, Date, DateRange, Modifier};

/// The family's edits, in the order of their ids.
pub(crate) const EDITS: &[&dyn Edit] = &[
    &mod001_unknown::ModifierUnknown,
    &mod002_not_effective::ModifierNotEffective,
    &mod003_repeated::ModifierRepeated,
    &mod004_conflict::ModifierConflict,
    &mod010_pctc::ModifierComponent,
    &mod011_bilateral::ModifierBilateral,
    &mod012_assistant_surgeon::ModifierAssistant,
    &mod013_co_surgeon::ModifierCoSurgeon,
    &mod014_team::ModifierTeam,
    &mod015_telehealth::ModifierTelehealth,
    &mod016_anesthesia::ModifierAnesthesia,
    &mod017_59_on_evaluation::ModifierOnEvaluation,
    &mod018_25_misplaced::ModifierMisplaced,
];

/// CPT's modifiers of performance measures (category II), which the I/OCE's list leaves out because outpatient
/// hospital claims do not carry them. 8P, the fourth, is in it.
///
/// Source: AMA, CPT Appendix A and Category II modifiers.
const PERFORMANCE_MEASURE: [Modifier; 3] = [Modifier::new(b"1P"), Modifier::new(b"2P"), Modifier::new(b"3P")];

/// HCPCS Level II A0021 to A0999: transportation, ambulance included.
const TRANSPORT: [Code; 2] = [Code::new(b"A0021"), Code::new(b"A0999")];
/// Where an ambulance trip may begin.
///
/// Source: Medicare Claims Processing Manual chapter 15 §30.A, for all three.
const ORIGINS: &[u8] = b"DEGHIJNPRS";
/// Where it may end: X is an intermediate stop at a physician's office.
const DESTINATIONS: &[u8] = b"DEGHIJNPRSX";
/// Where it might end as well under the Emergency Triage, Treat and Transport model, CR 11829: community mental
/// health centre, federally qualified health centre, physician's office, urgent care, and treatment in place.
const ET3_DESTINATIONS: &[u8] = b"CFOUW";
/// The days of that model: 2021-01-01 to 2023-12-31, when CMS ended it two years early.
const ET3_MODEL: DateRange = DateRange::closed(Date::from_days(18_628), Date::from_days(19_722));

/// Revenue code 0540, ambulance.
const AMBULANCE: Code = Code::new(b"0540");
/// Revenue code 0023, home health prospective payment: the line of the HIPPS rate code.
const HOME_HEALTH_RATE: Code = Code::new(b"0023");

/// Whether the modifier is one, though no table lists it: a performance measure's, or an ambulance trip's origin
/// and destination. On an ambulance line a pair of such letters means nothing else, whatever other modifier it
/// spells (`GD`, `JG`).
fn is_modifier_by_rule(line: &LineFacts<'_>, modifier: Modifier) -> bool {
    PERFORMANCE_MEASURE.contains(&modifier) || is_trip(line, modifier)
}

fn is_trip(line: &LineFacts<'_>, modifier: Modifier) -> bool {
    let procedure = line.row.procedure;
    let [first, last] = TRANSPORT;
    if procedure.len() != 5 || procedure < first || procedure > last {
        return false;
    }
    let [origin, destination] = modifier.to_bytes();
    ORIGINS.contains(&origin)
        && (DESTINATIONS.contains(&destination)
            || ET3_DESTINATIONS.contains(&destination) && line.date.is_some_and(|date| ET3_MODEL.contains(date)))
}

/// Whether the line is the rate line of a home health claim (bill type 032x, revenue code 0023), which the I/OCE
/// spares from edits 22 and 102.
fn is_home_health_rate(claim: &ClaimFacts<'_>, line: &LineFacts<'_>) -> bool {
    line.row.revenue_code == HOME_HEALTH_RATE
        && matches!(claim.claim.row.bill_type, Given::Is(bill) if BillType::facility_and_care(bill) == 32)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn packed_codes_and_days_are_what_their_text_says() {
        assert_eq!(TRANSPORT.map(|code| code.to_string()), ["A0021", "A0999"]);
        assert_eq!([AMBULANCE, HOME_HEALTH_RATE].map(|code| code.to_string()), ["0540", "0023"]);
        assert_eq!(ET3_MODEL.to_string(), "2021-01-01 to 2023-12-31");
    }
}
