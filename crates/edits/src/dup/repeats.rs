//! Finds the lines that give the same procedure on the same day by the same provider: on a claim, and on those of the
//! run that came before it.

use crate::same_day::{FEW, Giver, Givers};
use crate::{ClaimFacts, EarlierClaim, EarlierLine, Finding, Fires, LineFacts, Lookup, Reason, Recorder, Value, px};
use claims::Field;
use codes::{BillType, Code, Date, Modifier, Money, Units};
use codeset::SystemId;
use std::collections::BTreeSet;

/// When an edit that compares lines could have something to report: on a procedure that stands twice on a day, beside
/// claims that came before, or where it cannot be told.
pub(super) const FIRES: Fires =
    Fires::REPEATED_PROCEDURE.or(Fires::EARLIER_CLAIMS).or(Fires::UNKNOWN_PROCEDURE).or(Fires::UNDATED_LINE);

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

/// A line that is compared with others.
#[derive(Clone, Copy, Debug)]
pub(super) enum Compared<'c> {
    /// The claim's own, by its place.
    Own(u32, &'c LineFacts<'c>),
    /// One of a claim that came before.
    Before(&'c EarlierClaim<'c>, &'c EarlierLine),
}

/// What else than procedure, day and giver a line gives of its service, but units and charge.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug)]
pub(super) struct Rest {
    /// In the order of their codes: the order of modifiers does not make another service.
    pub(super) modifiers: [Modifier; 4],
    /// The last day of service: not before the first.
    pub(super) last_day: Option<Date>,
    /// Place of service, or on institutional lines, which have none, the revenue code: the department.
    pub(super) site: Code,
    /// The claim's type of bill.
    pub(super) bill: Option<BillType>,
}

impl Compared<'_> {
    /// The line's modifiers, in their places.
    pub(super) fn modifiers(&self) -> [Modifier; 4] {
        match self {
            Compared::Own(_, line) => line.row.modifiers,
            Compared::Before(_, line) => line.modifiers,
        }
    }

    /// The line's number on its claim.
    pub(super) fn number(&self) -> u32 {
        match self {
            Compared::Own(_, line) => line.row.number,
            Compared::Before(_, line) => line.number,
        }
    }

    /// The units, if they are given.
    pub(super) fn units(&self) -> Option<Units> {
        match self {
            Compared::Own(_, line) => line.row.units.value(),
            Compared::Before(_, line) => line.units,
        }
    }

    /// The charge, if it is given.
    pub(super) fn charge(&self) -> Option<Money> {
        match self {
            Compared::Own(_, line) => line.row.charge.value(),
            Compared::Before(_, line) => line.charge,
        }
    }

    /// Units and charge, if the line gives both.
    pub(super) fn amounts(&self) -> Option<(Units, Money)> {
        self.units().zip(self.charge())
    }

    /// What else it gives; `claim` is the one whose lines are judged.
    pub(super) fn rest(&self, claim: &ClaimFacts<'_>) -> Rest {
        let mut modifiers = self.modifiers();
        modifiers.sort_unstable();
        match self {
            Compared::Own(_, line) => Rest {
                modifiers,
                last_day: line.date.map(|from| line.row.service_to.value().map_or(from, |to| to.max(from))),
                site: if claim.is_institutional() { line.row.revenue_code } else { line.row.place_of_service },
                bill: claim.claim.row.bill_type.value(),
            },
            Compared::Before(earlier, line) => {
                Rest { modifiers, last_day: Some(line.to), site: line.site, bill: earlier.bill_type }
            }
        }
    }

    /// Names the line in a finding of a line that repeats it.
    pub(super) fn tell(&self, finding: &mut Finding) {
        finding.with("first_line", Value::Count(self.number().into()));
        if let Compared::Before(earlier, _) = self {
            finding.with("other_claim", Value::Text(earlier.id.to_owned()));
        }
    }
}

/// A line that may repeat another. Sorted, lines of one procedure, day and giver stand together, in input order.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug)]
struct Entry {
    procedure: Code,
    date: Date,
    giver: Giver,
    /// Those of earlier claims in their order, then the claim's own.
    number: u32,
}

impl Entry {
    fn repeats(&self, other: &Entry) -> bool {
        (self.procedure, self.date, self.giver) == (other.procedure, other.date, other.giver)
    }
}

/// The lines that repeat procedure, day and giver of another, or may.
pub(super) struct Repeats<'c> {
    own: &'c [LineFacts<'c>],
    before: Vec<(&'c EarlierClaim<'c>, &'c EarlierLine)>,
    entries: Vec<Entry>,
    /// The own lines whose procedure and day stand on an earlier claim too, where one of the two names no provider.
    unnamed: BTreeSet<u32>,
}

impl<'c> Repeats<'c> {
    /// Those of a claim, and of the claims that came before it.
    pub(super) fn of(claim: &ClaimFacts<'c>) -> Repeats<'c> {
        let (before, entries, unnamed) = (Vec::new(), Vec::new(), BTreeSet::new());
        let mut repeats = Repeats { own: claim.lines, before, entries, unnamed };
        let givers = Givers::of(claim);
        if claim.earlier.is_empty() && claim.lines.len() <= FEW && !some_repeat(claim.lines, givers) {
            return repeats;
        }
        repeats.entries.extend((0u32..).zip(claim.lines).filter_map(|(place, line)| entry(claim, givers, place, line)));
        if !claim.earlier.is_empty() {
            repeats.add_those_before(claim, givers);
        }
        repeats.entries.sort_unstable();
        repeats
    }

    /// Adds the lines of earlier claims that have a procedure and day of the claim's own.
    fn add_those_before(&mut self, claim: &ClaimFacts<'c>, givers: Givers) {
        let own: BTreeSet<(Code, Date)> = self.entries.iter().map(|own| (own.procedure, own.date)).collect();
        let (mut before, mut unnamed_before) = (BTreeSet::new(), BTreeSet::new());
        let mut entries = Vec::new();
        for earlier in claim.earlier.iter().filter(|earlier| may_repeat(claim, earlier)) {
            for line in earlier.lines.iter().filter(|line| !line.is_of_rate(earlier)) {
                let (procedure, date) = (line.procedure, line.from);
                if !own.contains(&(procedure, date)) {
                    continue;
                }
                before.insert((procedure, date));
                if !givers.is_named_before(earlier, line) {
                    unnamed_before.insert((procedure, date));
                } else if let Some(giver) = givers.earlier(claim, earlier, line) {
                    entries.push(Entry { procedure, date, giver, number: self.before.len() as u32 });
                    self.before.push((earlier, line));
                }
            }
        }
        for own in &mut self.entries {
            let key = (own.procedure, own.date);
            let is_named = self.own.get(own.number as usize).is_some_and(|line| givers.is_named(claim, line));
            if unnamed_before.contains(&key) || !is_named && before.contains(&key) {
                self.unnamed.insert(own.number);
            }
            own.number += self.before.len() as u32;
        }
        self.entries.append(&mut entries);
    }

    /// The groups of lines of one procedure, day and giver that have several, or one that may repeat another claim's, each
    /// in input order: lines of earlier claims come first.
    pub(super) fn groups(&self) -> impl Iterator<Item = Vec<Compared<'c>>> {
        let groups = self.entries.chunk_by(Entry::repeats);
        let groups = groups.filter(|group| group.len() > 1 || !self.unnamed.is_empty());
        groups.map(|group| group.iter().filter_map(|entry| self.compared(entry.number)).collect())
    }

    /// Why it cannot be told whether an own line, which repeats none that is known, repeats one of an earlier claim.
    pub(super) fn lacks_provider(&self, place: u32) -> Option<Reason> {
        self.unnamed.contains(&place).then_some(Reason::FieldAbsent(Field::BillingNpi))
    }

    fn compared(&self, number: u32) -> Option<Compared<'c>> {
        if let Some(&(earlier, line)) = self.before.get(number as usize) {
            return Some(Compared::Before(earlier, line));
        }
        let place = number - self.before.len() as u32;
        Some(Compared::Own(place, self.own.get(place as usize)?))
    }
}

fn entry(claim: &ClaimFacts<'_>, givers: Givers, number: u32, line: &LineFacts<'_>) -> Option<Entry> {
    let comparable = !matches!(line.procedure, Lookup::Absent | Lookup::Malformed) && !px::holds_rate_code(claim, line);
    let date = line.date.filter(|_| comparable)?;
    Some(Entry { procedure: line.row.procedure, date, giver: givers.giver(line), number })
}

/// Whether one of a few lines repeats another.
fn some_repeat(lines: &[LineFacts<'_>], givers: Givers) -> bool {
    lines.iter().enumerate().any(|(place, one)| {
        lines.iter().skip(place + 1).any(|other| {
            one.row.procedure == other.row.procedure
                && one.date == other.date
                && !one.row.procedure.is_absent()
                && givers.giver(one) == givers.giver(other)
        })
    })
}

/// Whether lines of the two claims may repeat each other: both professional, or both bills of one kind of facility and
/// care.
fn may_repeat(claim: &ClaimFacts<'_>, earlier: &EarlierClaim<'_>) -> bool {
    let care = |bill: Option<BillType>| bill.map(BillType::facility_and_care);
    earlier.claim_type == claim.claim_type()
        && (!claim.is_institutional() || care(earlier.bill_type) == care(claim.claim.row.bill_type.value()))
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
