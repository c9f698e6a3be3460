//! Snapshots of a table into dated rows.
//!
//! A snapshot lists all that holds, and no days. It answers from its first day until the day before the next one's, at
//! most to the end of its own period. So rows that are equal in snapshots that follow one another without a hole are
//! one interval, and a snapshot that is missing leaves days that nobody answers for, rather than an end.

use super::Assembly;
use super::conflicts::Side;
use codes::{Date, DateRange};
use std::fmt::{Debug, Display};

/// Lists of fewer rows may well halve from one release to the next.
const MANY: usize = 1_000;

/// All that one release lists.
pub(crate) struct Snapshot<K, V> {
    /// The release's number.
    pub(crate) release: u16,
    /// The days that it answers for by itself.
    pub(crate) days: DateRange,
    /// What it lists, each key once, with the line of each.
    pub(crate) rows: Vec<(K, V, u32)>,
}

/// A value during some days.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) struct Dated<K, V> {
    pub(crate) key: K,
    pub(crate) value: V,
    pub(crate) days: DateRange,
    /// The last of the releases that have it so.
    pub(crate) release: u16,
    /// The line there.
    pub(crate) line: u32,
}

/// Merges the snapshots of one table, given in any order. Two of one day must agree row by row; where they do not, that
/// is a conflict, and the row of the release that comes first is taken. The days that each release answers for are
/// noted in the assembly. Rows come in order of key, then day.
pub(crate) fn merge<K, V>(part: &str, snapshots: Vec<Snapshot<K, V>>, assembly: &mut Assembly) -> Vec<Dated<K, V>>
where
    K: Ord + Clone + Display,
    V: PartialEq + Clone + Debug,
{
    let releases: Vec<(u16, DateRange)> = snapshots.iter().map(|snapshot| (snapshot.release, snapshot.days)).collect();
    let answers = succession(&releases);
    for (&(release, _), &days) in releases.iter().zip(&answers) {
        assembly.covers.insert(release, days);
    }
    let mut counts: Vec<(Date, u16, usize)> =
        snapshots.iter().map(|snapshot| (snapshot.days.from, snapshot.release, snapshot.rows.len())).collect();
    counts.sort_unstable();
    for pair in counts.windows(2) {
        if let &[(_, before, many), (_, release, count)] = pair {
            shrunk(part, (before, many), (release, count), assembly);
        }
    }
    let mut rows = Vec::with_capacity(snapshots.iter().map(|snapshot| snapshot.rows.len()).sum());
    for (Snapshot { release, rows: listed, .. }, &days) in snapshots.into_iter().zip(&answers) {
        rows.extend(listed.into_iter().map(|(key, value, line)| Dated { key, value, days, release, line }));
    }
    // Stable: what a release lists twice is judged in the order of its lines.
    rows.sort_by(|a, b| (&a.key, a.days.from, a.release).cmp(&(&b.key, b.days.from, b.release)));
    let mut together: Vec<(DateRange, Vec<u16>)> = Vec::new();
    for (&(release, _), &days) in releases.iter().zip(&answers) {
        match together.iter_mut().find(|(of, _)| of.from == days.from) {
            Some((_, group)) => group.push(release),
            None => together.push((days, vec![release])),
        }
    }
    together.retain(|(_, group)| group.len() > 1);
    let mut merged: Vec<Dated<K, V>> = Vec::with_capacity(rows.len());
    let mut rows = rows.into_iter().peekable();
    while let Some(row) = rows.next() {
        let mut seen = vec![row.release];
        while let Some(other) = rows.next_if(|other| other.key == row.key && other.days.from == row.days.from) {
            if other.value != row.value {
                let side =
                    |row: &Dated<K, V>| Side { release: row.release, line: row.line, says: format!("{:?}", row.value) };
                assembly.conflicts.push(part, &row.key, side(&row), side(&other));
            }
            seen.push(other.release);
        }
        if let Some((_, group)) = together.iter().find(|(days, _)| days.from == row.days.from) {
            for &silent in group.iter().filter(|release| !seen.contains(release)) {
                let says = format!("{:?}", row.value);
                let (taken, says) = (Side { release: row.release, line: row.line, says }, "nothing");
                assembly.conflicts.push(
                    part,
                    &row.key,
                    taken,
                    Side { release: silent, line: 0, says: says.to_owned() },
                );
            }
        }
        match merged.last_mut() {
            Some(last)
                if last.key == row.key
                    && last.value == row.value
                    && last.days.to.map(Date::next) == Some(row.days.from) =>
            {
                (last.days.to, last.release, last.line) = (row.days.to, row.release, row.line);
            }
            _ => merged.push(row),
        }
    }
    merged
}

/// Says that a release has less than half of the rows of the one before it: its file may be cut off, which a text does not
/// show.
pub(crate) fn shrunk(part: &str, before: (u16, usize), now: (u16, usize), assembly: &mut Assembly) {
    if before.1 >= MANY && now.1 < before.1 / 2 {
        let side =
            |(release, count): (u16, usize)| Side { release, line: 0, says: format!("{count} rows, if it is whole") };
        assembly.conflicts.push_both(part, "how many there are", side(now), side(before));
    }
}

/// The days that each of some releases answers for: from its first day until the day before the next one's, at most to
/// the end of its own period. Releases of one day answer for the same days, to the end of the longest period.
pub(crate) fn succession(releases: &[(u16, DateRange)]) -> Vec<DateRange> {
    let days = |&(_, own): &(u16, DateRange)| {
        let of_day = releases.iter().filter(|(_, other)| other.from == own.from).map(|(_, other)| other.to);
        let last = of_day.reduce(|a, b| a.zip(b).map(|(a, b)| a.max(b))).flatten();
        let next = releases.iter().map(|(_, other)| other.from).filter(|&from| from > own.from).min();
        DateRange { from: own.from, to: [last, next.map(Date::previous)].into_iter().flatten().min() }
    };
    releases.iter().map(days).collect()
}
