//! The headers of ICD-10-CM: categories and subcategories, dated by the codes below them.
//!
//! No table dates the headers. A header is there on the days on which some longer code that begins with it may be
//! reported, except when it may be reported itself: A04.7 was a code until 2017-09-30 and is a header since.

use crate::rows::CodeRow;
use codes::{Code, Date};
use codeset::Row;
use std::collections::BTreeMap;

/// The length of a category, the shortest header.
const CATEGORY: usize = 3;
/// The last day of an interval without an end, above that of any other.
const OPEN: i32 = i32::MAX;

/// First and last day.
type Days = (i32, i32);

#[derive(Default)]
struct Below {
    days: Vec<Days>,
    release: u16,
}

/// A header row for every beginning of three or more characters of a code that may be reported. `rows` are those
/// of one system, in order of codes and then of days, and do not overlap.
pub(crate) fn headers(rows: &[CodeRow]) -> Vec<(Code, Row)> {
    let mut below: BTreeMap<Code, Below> = BTreeMap::new();
    for row in rows {
        for length in CATEGORY..row.code.len() {
            let entry = below.entry(row.code.prefix(length)).or_default();
            entry.days.push(span(&row.row));
            // The newest of the releases that the header is known by.
            entry.release = entry.release.max(row.row.release);
        }
    }
    let mut found = Vec::new();
    for (code, Below { days, release }) in below {
        let start = rows.partition_point(|row| row.code < code);
        let own: Vec<Days> =
            rows[start..].iter().take_while(|row| row.code == code).map(|row| span(&row.row)).collect();
        for (from, to) in without(&joined(days), &own) {
            let end = (to != OPEN).then(|| Date::from_days(to));
            found.push((code, Row::new(Date::from_days(from), end, release).header()));
        }
    }
    found
}

fn span(row: &Row) -> Days {
    let days = row.days();
    (days.from.days(), days.to.map_or(OPEN, Date::days))
}

/// The same days as the fewest intervals, in order.
fn joined(mut days: Vec<Days>) -> Vec<Days> {
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
fn without(all: &[Days], holes: &[Days]) -> Vec<Days> {
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
