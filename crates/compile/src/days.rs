//! Days as sets: closed intervals of day numbers, joined and cut.

use codes::{Date, DateRange};

/// The last day of an interval without an end, above that of any other.
pub(crate) const OPEN: i32 = i32::MAX;

/// First and last day.
pub(crate) type Days = (i32, i32);

pub(crate) fn span(days: DateRange) -> Days {
    (days.from.days(), days.to.map_or(OPEN, Date::days))
}

pub(crate) fn range((from, to): Days) -> DateRange {
    DateRange { from: Date::from_days(from), to: (to != OPEN).then(|| Date::from_days(to)) }
}

/// The same days as the fewest intervals, in order.
pub(crate) fn joined(mut days: Vec<Days>) -> Vec<Days> {
    days.sort_unstable();
    let mut joined: Vec<Days> = Vec::new();
    for (from, to) in days {
        match joined.last_mut() {
            Some(last) if from <= last.1.saturating_add(1) => last.1 = last.1.max(to),
            _ => joined.push((from, to)),
        }
    }
    joined
}

/// The days of `all` that are not in `holes`; both in order and apart.
pub(crate) fn without(all: &[Days], holes: &[Days]) -> Vec<Days> {
    let mut left = Vec::new();
    for &(first, to) in all {
        let mut from = first;
        for &(hole_from, hole_to) in holes.iter().filter(|hole| hole.1 >= first && hole.0 <= to) {
            if from < hole_from {
                left.push((from, hole_from - 1));
            }
            from = hole_to.saturating_add(1);
        }
        // A hole without an end leaves `from` at OPEN, where no interval begins.
        if from <= to && from != OPEN {
            left.push((from, to));
        }
    }
    left
}

/// The days of one interval that are in any of the others, which are in order and apart.
pub(crate) fn within(days: Days, others: &[Days]) -> Vec<Days> {
    let common = |other: &Days| (days.0.max(other.0), days.1.min(other.1));
    others.iter().map(common).filter(|(from, to)| from <= to).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn days_are_joined_when_they_touch_or_overlap() {
        assert_eq!(joined(vec![(5, 6), (1, 2), (3, 3), (8, OPEN), (9, 10)]), [(1, 3), (5, 6), (8, OPEN)]);
    }

    #[test]
    fn holes_cut_beginnings_ends_and_middles() {
        assert_eq!(
            without(&[(1, 10), (20, OPEN)], &[(1, 2), (5, 6), (10, 20), (25, 30)]),
            [(3, 4), (7, 9), (21, 24), (31, OPEN)]
        );
        assert_eq!(without(&[(1, 10)], &[(0, OPEN)]), []);
        assert_eq!(without(&[(1, OPEN)], &[(3, OPEN)]), [(1, 2)]);
        assert_eq!(without(&[(1, 10)], &[]), [(1, 10)]);
    }
}
