//! Finds the lines of a claim that give the same procedure on the same day by the same provider.

use crate::same_day::{FEW, Giver, Givers};
use crate::{ClaimFacts, Fires, LineFacts, Lookup, Reason, Recorder, px};
use codes::{Code, Date, Modifier, Money, Units};
use codeset::SystemId;

/// When an edit that compares lines could have something to report: on a procedure that stands twice on a day, or where
/// it cannot be told.
pub(super) const FIRES: Fires = Fires::REPEATED_PROCEDURE.or(Fires::UNKNOWN_PROCEDURE).or(Fires::UNDATED_LINE);

/// Modifiers that say a service was repeated: 76 by the same provider, 77 by another, 91 a laboratory test. CPT
/// appendix A; Medicare Claims Processing Manual ch. 1 §120.
pub(super) const REPEAT_MODIFIERS: [Modifier; 3] = [Modifier::new(b"76"), Modifier::new(b"77"), Modifier::new(b"91")];

/// Modifiers that say where on the body a service was given: eyelids, fingers, toes, sides, coronary arteries. NCCI
/// policy manual for Medicare ch. I, section E, "anatomic modifiers".
pub(super) const ANATOMIC_MODIFIERS: [Modifier; 31] = [
    Modifier::new(b"E1"),
    Modifier::new(b"E2"),
    Modifier::new(b"E3"),
    Modifier::new(b"E4"),
    Modifier::new(b"FA"),
    Modifier::new(b"F1"),
    Modifier::new(b"F2"),
    Modifier::new(b"F3"),
    Modifier::new(b"F4"),
    Modifier::new(b"F5"),
    Modifier::new(b"F6"),
    Modifier::new(b"F7"),
    Modifier::new(b"F8"),
    Modifier::new(b"F9"),
    Modifier::new(b"TA"),
    Modifier::new(b"T1"),
    Modifier::new(b"T2"),
    Modifier::new(b"T3"),
    Modifier::new(b"T4"),
    Modifier::new(b"T5"),
    Modifier::new(b"T6"),
    Modifier::new(b"T7"),
    Modifier::new(b"T8"),
    Modifier::new(b"T9"),
    Modifier::new(b"LT"),
    Modifier::new(b"RT"),
    Modifier::new(b"LC"),
    Modifier::new(b"LD"),
    Modifier::new(b"LM"),
    Modifier::new(b"RC"),
    Modifier::new(b"RI"),
];

/// A line that may repeat another. Sorted, lines of one procedure, day and giver stand together, in input order.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug)]
pub(super) struct Entry {
    procedure: Code,
    date: Date,
    giver: Giver,
    /// The line's place in the claim.
    pub(super) line: u32,
}

impl Entry {
    fn repeats(&self, other: &Entry) -> bool {
        (self.procedure, self.date, self.giver) == (other.procedure, other.date, other.giver)
    }
}

fn entry(claim: &ClaimFacts<'_>, givers: Givers, line: u32, facts: &LineFacts<'_>) -> Option<Entry> {
    let comparable =
        !matches!(facts.procedure, Lookup::Absent | Lookup::Malformed) && !px::holds_rate_code(claim, facts);
    let date = facts.date.filter(|_| comparable)?;
    Some(Entry { procedure: facts.row.procedure, date, giver: givers.giver(facts), line })
}

/// The lines that repeat procedure, day and giver of another, or may; [`groups`] splits them.
pub(super) fn entries(claim: &ClaimFacts<'_>) -> Vec<Entry> {
    let (lines, givers) = (claim.lines, Givers::of(claim));
    if lines.len() <= FEW {
        let same = |(place, one): (usize, &LineFacts<'_>)| {
            lines.iter().skip(place + 1).any(|other| {
                one.row.procedure == other.row.procedure
                    && one.date == other.date
                    && !one.row.procedure.is_absent()
                    && givers.giver(one) == givers.giver(other)
            })
        };
        if !lines.iter().enumerate().any(same) {
            return Vec::new();
        }
    }
    let mut entries: Vec<Entry> =
        (0u32..).zip(lines).filter_map(|(place, line)| entry(claim, givers, place, line)).collect();
    entries.sort_unstable();
    entries
}

/// The groups of lines of one procedure, day and giver that have several.
pub(super) fn groups(entries: &[Entry]) -> impl Iterator<Item = &[Entry]> {
    entries.chunk_by(Entry::repeats).filter(|group| group.len() > 1)
}

/// Says which lines cannot be compared with others.
pub(super) fn skip_incomparable(claim: &ClaimFacts<'_>, out: &mut Recorder<'_>) {
    // A line by itself repeats none, whatever it is.
    if claim.lines.len() < 2 {
        return;
    }
    for (place, line) in (0u32..).zip(claim.lines) {
        if line.procedure == Lookup::Absent || px::holds_rate_code(claim, line) {
            continue;
        }
        if line.procedure == Lookup::Malformed {
            out.skip_line(place, Reason::CodeNotValid(SystemId::Procedure.name()));
        } else if let Err(reason) = line.governing_date() {
            out.skip_line(place, reason);
        }
    }
}

/// What else a line gives of its service, but units and charge.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug)]
pub(super) struct Rest {
    /// In the order of their codes: the order of modifiers does not make another service.
    pub(super) modifiers: [Modifier; 4],
    /// The last day of service.
    pub(super) last_day: Option<Date>,
    /// Place of service, or on institutional lines, which have none, the revenue code: the department.
    pub(super) site: Code,
}

impl Rest {
    /// Of a line.
    pub(super) fn of(claim: &ClaimFacts<'_>, line: &LineFacts<'_>) -> Rest {
        let mut modifiers = line.row.modifiers;
        modifiers.sort_unstable();
        let site = if claim.is_institutional() { line.row.revenue_code } else { line.row.place_of_service };
        Rest { modifiers, last_day: line.row.service_to.value().or(line.date), site }
    }
}

/// Units and charge, if the line gives both.
pub(super) fn amounts(line: &LineFacts<'_>) -> Option<(Units, Money)> {
    line.row.units.value().zip(line.row.charge.value())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn no_modifier_is_named_twice() {
        let mut all: Vec<Modifier> = REPEAT_MODIFIERS.into_iter().chain(ANATOMIC_MODIFIERS).collect();
        all.sort_unstable();
        all.dedup();
        assert_eq!(all.len(), 3 + 31);
    }
}
