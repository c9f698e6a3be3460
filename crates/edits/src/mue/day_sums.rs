//! Units by day: what a line comes to on each day that it spans, and the sum of all lines of a code on a day.

use crate::same_day::{Giver, LISTED};
use crate::{ClaimFacts, LineFacts, Reason, px};
use claims::{ClaimView, Field, Given, LineRow};
use codes::{Date, Units};
use codeset::Ordinal;
use std::collections::BTreeSet;

/// X12's code for units given as units of service (837 SV103, SV204).
const UNITS_OF_SERVICE: &str = "UN";

/// The days of a line, and its units on each.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) struct PerDay {
    /// The first day.
    pub(super) from: Date,
    /// The last day.
    pub(super) to: Date,
    /// The units of each day: the line's divided by its days and rounded to the nearest whole, halves up; those of a
    /// line of one day as they are. Never negative: lines of zero or fewer units are CLM003's.
    pub(super) units: Units,
}

impl PerDay {
    /// The units of a line whose first day is `from`, or what is not known of them.
    pub(super) fn of(claim: &ClaimFacts<'_>, place: u32, line: &LineFacts<'_>, from: Date) -> Result<PerDay, Reason> {
        let to = match line.row.service_to {
            // A span that ends before it begins is CLM002's; its first day stands.
            Given::Is(to) => to.max(from),
            Given::Absent => from,
            Given::Invalid => return Err(Reason::FieldAbsent(Field::ServiceTo)),
        };
        let units = counted(claim.claim, place as usize, line.row).ok_or(Reason::FieldAbsent(Field::Units))?;
        Ok(PerDay::spread(from, to, units))
    }

    /// So many units over these days, the last not before the first.
    pub(super) fn spread(from: Date, to: Date, units: Units) -> PerDay {
        let days = i64::from(to.days()).saturating_sub(from.days().into()).saturating_add(1);
        PerDay { from, to, units: divided(units, days) }
    }
}

/// The units of a line, counted from 0, as limits of units count them; `None` where the line does not say. Anesthesia by
/// time is one service, whose minutes stand in the units' place.
pub(super) fn counted(claim: ClaimView<'_>, place: usize, line: &LineRow) -> Option<Units> {
    let units = line.units.value()?;
    Some(if is_in_minutes(claim, place, line) { Units::whole(1) } else { units })
}

/// Whether the units of a line, counted from 0, are minutes of anesthesia.
pub(crate) fn is_in_minutes(claim: ClaimView<'_>, place: usize, line: &LineRow) -> bool {
    px::is_anesthesia_by_time(line.procedure) && claim.text_of_line(place, Field::UnitBasis) != Some(UNITS_OF_SERVICE)
}

fn divided(units: Units, days: i64) -> Units {
    let thousandths = units.thousandths().max(0);
    if days <= 1 {
        return Units::from_thousandths(thousandths);
    }
    let whole = (i128::from(thousandths) + i128::from(days) * 500) / (i128::from(days) * 1000);
    Units::from_thousandths(i64::try_from(whole.saturating_mul(1000)).unwrap_or(i64::MAX))
}

/// A line of the sum. Sorted, lines of one giver and code stand together, in the order of their days.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug)]
pub(super) struct Entry {
    pub(super) giver: Giver,
    pub(super) ordinal: Ordinal,
    pub(super) from: Date,
    pub(super) to: Date,
    /// The line's place in its claim; for lines of other claims, numbers after those.
    pub(super) line: u32,
    /// Its units on each of its days; `None` where the claim does not say.
    pub(super) units: Option<Units>,
}

/// The sum of a code's units on a day.
#[derive(Clone, PartialEq, Eq, Debug)]
pub(super) enum Sum {
    /// On no day of the line above the limit.
    Within,
    /// Above it on this day, the first one.
    Above {
        /// The day.
        day: Date,
        /// The sum on that day.
        units: Units,
        /// The first few lines that make the sum, places in the claim.
        lines: Vec<u32>,
        /// The first line of another claim among them.
        other: Option<u32>,
    },
    /// Not above it, but some line of the day has units that the claim does not say.
    Unknown,
}

/// The sums of all lines, by giver and code. Work is by days that differ and not by pairs of lines, so that a claim
/// of very many lines does not multiply it.
pub(super) struct DaySums {
    groups: Vec<Group>,
}

/// The sums of one giver and code, from one change to the next.
struct Group {
    giver: Giver,
    ordinal: Ordinal,
    /// The highest sum of any stretch.
    most: i64,
    /// Whether some line's units are not known.
    unknown: bool,
    /// In order, each until the day before the next one's first; the last is empty.
    stretches: Vec<Stretch>,
}

struct Stretch {
    from: Date,
    sum: i64,
    unknown: bool,
    lines: Vec<u32>,
    other: Option<u32>,
}

impl DaySums {
    /// The sums of these lines. The claim has `own` lines; those of other claims of the patient come after them.
    pub(super) fn of(mut entries: Vec<Entry>, own: u32) -> DaySums {
        entries.sort_unstable();
        let same = |a: &Entry, b: &Entry| (a.giver, a.ordinal) == (b.giver, b.ordinal);
        DaySums { groups: entries.chunk_by(same).filter_map(|entries| Group::of(entries, own)).collect() }
    }

    /// How the sum of a code on the days of a line compares with the line's limit.
    pub(super) fn compare(&self, giver: Giver, ordinal: Ordinal, from: Date, to: Date, limit: Units) -> Sum {
        let at = self.groups.binary_search_by_key(&(giver, ordinal), |group| (group.giver, group.ordinal));
        let Some(group) = at.ok().and_then(|at| self.groups.get(at)) else { return Sum::Within };
        if group.most <= limit.thousandths() && !group.unknown {
            return Sum::Within;
        }
        let first = group.stretches.partition_point(|stretch| stretch.from <= from).saturating_sub(1);
        let mut sum = Sum::Within;
        for stretch in group.stretches.iter().skip(first).take_while(|stretch| stretch.from <= to) {
            if stretch.sum > limit.thousandths() {
                let units = Units::from_thousandths(stretch.sum);
                let (lines, other) = (stretch.lines.clone(), stretch.other);
                return Sum::Above { day: stretch.from.max(from), units, lines, other };
            }
            if stretch.unknown {
                sum = Sum::Unknown;
            }
        }
        sum
    }
}

impl Group {
    fn of(entries: &[Entry], own: u32) -> Option<Group> {
        let first = entries.first()?;
        let mut ends: Vec<&Entry> = entries.iter().collect();
        ends.sort_unstable_by_key(|entry| (entry.to, entry.line));
        let mut days: Vec<Date> = entries.iter().flat_map(|entry| [entry.from, entry.to.next()]).collect();
        days.sort_unstable();
        days.dedup();
        let (mut begin, mut end) = (entries.iter().peekable(), ends.into_iter().peekable());
        let (mut sum, mut unknown) = (0i128, 0u32);
        let mut under_way = BTreeSet::new();
        let stretch = |from: Date| {
            while let Some(entry) = end.next_if(|entry| entry.to < from) {
                under_way.remove(&entry.line);
                sum -= entry.units.map_or(0, |units| units.thousandths().into());
                unknown -= u32::from(entry.units.is_none());
            }
            while let Some(entry) = begin.next_if(|entry| entry.from <= from) {
                // What adds nothing is none of the lines that make the sum.
                if entry.units.is_some_and(|units| units > Units::default()) {
                    under_way.insert(entry.line);
                }
                sum += entry.units.map_or(0, |units| i128::from(units.thousandths()));
                unknown += u32::from(entry.units.is_none());
            }
            let lines = under_way.range(..own).copied().take(LISTED + 1).collect();
            let other = under_way.range(own..).next().copied();
            Stretch { from, sum: i64::try_from(sum).unwrap_or(i64::MAX), unknown: unknown > 0, lines, other }
        };
        let stretches: Vec<Stretch> = days.into_iter().map(stretch).collect();
        let most = stretches.iter().map(|stretch| stretch.sum).max().unwrap_or_default();
        let unknown = stretches.iter().any(|stretch| stretch.unknown);
        Some(Group { giver: first.giver, ordinal: first.ordinal, most, unknown, stretches })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn units_of_a_span_are_divided_and_rounded_to_the_nearest_whole() {
        for (units, days, expected) in [
            (0, 1, 0),
            (1500, 1, 1500),
            (3000, 2, 2000),
            (2999, 2, 1000),
            (4000, 3, 1000),
            (4500, 3, 2000),
            (5000, 3, 2000),
            (30_000, 31, 1000),
            (15_000, 31, 0),
            (15_500, 31, 1000),
            (-4000, 2, 0),
            (i64::MAX, 1, i64::MAX),
            (i64::MAX, 2, 4_611_686_018_427_388_000),
        ] {
            assert_eq!(divided(Units::from_thousandths(units), days).thousandths(), expected, "{units} over {days}");
        }
    }
}
