//! Snapshots of a table into dated rows.
//!
//! A snapshot lists all that holds, and no days. It answers from its first day until the day before the next one's, at
//! most to the end of its own period. So rows that are equal in snapshots that follow one another without a hole are
//! one interval, and a snapshot that is missing leaves days that nobody answers for, rather than an end.

use super::Assembly;
use super::conflicts::Side;
use codes::{Date, DateRange};
use std::collections::BTreeMap;
use std::fmt::{Debug, Display};

/// All that one release lists.
pub(crate) struct Snapshot<K, V> {
    /// The release's number.
    pub(crate) release: u16,
    /// The days that it answers for by itself.
    pub(crate) days: DateRange,
    /// What it lists, with the line of each.
    pub(crate) rows: Vec<(K, V, u32)>,
}

/// A value during some days.
#[derive(Clone, PartialEq, Eq, Debug)]
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
pub(crate) fn merge<K, V>(part: &str, mut snapshots: Vec<Snapshot<K, V>>, assembly: &mut Assembly) -> Vec<Dated<K, V>>
where
    K: Ord + Clone + Display,
    V: PartialEq + Clone + Debug,
{
    snapshots.sort_by_key(|snapshot| (snapshot.days.from, snapshot.release));
    let days: Vec<Date> = {
        let mut days: Vec<Date> = snapshots.iter().map(|snapshot| snapshot.days.from).collect();
        days.dedup();
        days
    };
    let mut merged: BTreeMap<K, Vec<Dated<K, V>>> = BTreeMap::new();
    let mut snapshots = snapshots.into_iter().peekable();
    for (place, &from) in days.iter().enumerate() {
        let next = days.get(place + 1).map(|next| next.previous());
        let mut today: BTreeMap<K, (V, u16, u32)> = BTreeMap::new();
        let mut last = None;
        let mut releases: Vec<(u16, usize)> = Vec::new();
        while let Some(snapshot) = snapshots.next_if(|snapshot| snapshot.days.from == from) {
            last = later(last, snapshot.days.to, releases.is_empty());
            releases.push((snapshot.release, snapshot.rows.len()));
            for (key, value, line) in snapshot.rows {
                match today.get(&key) {
                    Some((known, release, at)) if *known != value => assembly.conflicts.push(
                        part,
                        &key,
                        Side { release: *release, line: *at, says: format!("{known:?}") },
                        Side { release: snapshot.release, line, says: format!("{value:?}") },
                    ),
                    Some(_) => {}
                    None => {
                        today.insert(key, (value, snapshot.release, line));
                    }
                }
            }
        }
        let to = [last, next].into_iter().flatten().min();
        let days = DateRange { from, to };
        for &(release, _) in &releases {
            assembly.covers.insert(release, days);
        }
        missing(part, &releases, &today, assembly);
        for (key, (value, release, line)) in today {
            let rows = merged.entry(key.clone()).or_default();
            match rows.last_mut() {
                Some(row) if row.value == value && row.days.to.map(Date::next) == Some(from) => {
                    (row.days.to, row.release, row.line) = (to, release, line);
                }
                _ => rows.push(Dated { key, value, days, release, line }),
            }
        }
    }
    merged.into_values().flatten().collect()
}

/// The later of two last days, of which none is later than any.
fn later(known: Option<Date>, other: Option<Date>, first: bool) -> Option<Date> {
    if first { other } else { known.zip(other).map(|(known, other)| known.max(other)) }
}

/// Snapshots of one day that do not list the same.
fn missing<K: Display, V>(
    part: &str,
    releases: &[(u16, usize)],
    today: &BTreeMap<K, (V, u16, u32)>,
    assembly: &mut Assembly,
) {
    for &(release, count) in releases.iter().filter(|(_, count)| *count != today.len()) {
        let Some((key, (_, other, line))) = today.iter().find(|(_, (_, from, _))| *from != release) else { continue };
        assembly.conflicts.push(
            part,
            key,
            Side { release: *other, line: *line, says: format!("this, as one of {} rows", today.len()) },
            Side { release, line: 0, says: format!("{count} rows") },
        );
    }
}
