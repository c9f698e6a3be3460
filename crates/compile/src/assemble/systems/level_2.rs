//! HCPCS Level II, codes and modifiers: files whose rows have dates of their own.
//!
//! A file gives the day a code was added, that of the latest action, and the last day if there is one. The newest file
//! wins on the last day; that two files give other days on which a code was added is told, and the first is kept. A code
//! that is reactivated, or whose last day is removed after it has passed, begins a second interval. A code that ends is
//! listed for that year only, so a file that lacks a code says nothing of when it ended; but a row without a last day
//! holds no longer than some file vouches for it, to the end of what the last of them answers for.

use super::super::given::{Given, Source};
use super::super::seed;
use super::super::snapshots::{Dated, succession};
use super::super::{Assembly, conflicts::Side};
use super::{add_rows, outside};
use crate::days::{Days, OPEN, joined, range, span, within, without};
use crate::publisher::hcpcs::{HcpcsRecord, RecordKind};
use crate::publisher::{Document, Publication};
use crate::rows::CodeRow;
use codes::{Code, Date, DateRange};
use codeset::{Row, SystemId};
use std::collections::BTreeMap;

/// The table of HCPCS files.
pub(super) const TABLE: &str = "hcpcs";
/// The letter of the action that puts a code back into use.
const REACTIVATED: u8 = b'R';

/// One interval of a code as the files so far have it.
#[derive(Clone, Copy)]
struct Interval {
    from: Date,
    /// The day it was added, where a file of this build begins the interval with it; and where it says so.
    added: Option<(Date, u16, u32)>,
    /// The last day that a file gives.
    to: Option<Date>,
    release: u16,
    line: u32,
}

/// The rows of one code, of the dated table and of the files.
#[derive(Default)]
struct Both<'a> {
    held: Vec<&'a CodeRow>,
    own: Vec<&'a Dated<Code, Row>>,
}

pub(super) fn records<'a>(source: &Source<'a>) -> Option<&'a Document<HcpcsRecord>> {
    match source.publication {
        Publication::HcpcsRecords(records) | Publication::HcpcsTable(records) => Some(records),
        _ => None,
    }
}

/// The rows of a system that the files and the base's own of such files come to, and notes the days that they answer for.
pub(super) fn rows(
    id: SystemId,
    kind: RecordKind,
    part: &str,
    given: &Given<'_>,
    of_base: &[CodeRow],
    assembly: &mut Assembly,
) -> Vec<Dated<Code, Row>> {
    let sources = given.publications(part);
    let mut releases: Vec<(u16, DateRange)> = sources.iter().map(|source| (source.release, source.days)).collect();
    for (number, release) in given.base_releases(part) {
        if releases.iter().all(|(known, _)| *known != number) {
            releases.push((number, release.covers()));
        }
    }
    releases.sort_by_key(|(number, days)| (days.from, *number));
    let answers = succession(&releases);
    let covers: BTreeMap<u16, DateRange> =
        releases.iter().zip(&answers).map(|(&(number, _), &days)| (number, days)).collect();
    assembly.covers.extend(covers.iter().map(|(&number, &days)| (number, days)));
    let age = |release: u16| (covers.get(&release).map(|days| days.from), release);

    let mut codes: BTreeMap<Code, Vec<Interval>> = BTreeMap::new();
    for row in of_base {
        let days = row.row.days();
        // A row that ends with its release has no last day of its own.
        let vouched = covers.get(&row.row.release).and_then(|covers| covers.to);
        let to = days.to.filter(|_| days.to != vouched);
        let interval = Interval { from: days.from, added: None, to, release: row.row.release, line: 0 };
        codes.entry(row.code).or_default().push(interval);
    }
    let mut sources = sources;
    sources.sort_by_key(|source| age(source.release));
    for source in &sources {
        let Some(records) = records(source) else { continue };
        for placed in records.rows.iter().filter(|placed| placed.row.kind == kind) {
            let record = &placed.row;
            let reactivated = record.effective.filter(|_| record.action == Some(REACTIVATED));
            let added = record.added.or(record.effective).unwrap_or(source.days.from);
            let at = record.added.map(|day| (day, source.release, placed.line));
            let next =
                Interval { from: added, added: at, to: record.terminated, release: source.release, line: placed.line };
            let intervals = codes.entry(record.code).or_default();
            match intervals.last_mut() {
                None => match reactivated {
                    Some(from) => intervals.push(Interval { from, added: None, ..next }),
                    None => intervals.push(next),
                },
                Some(last) if age(last.release) > age(source.release) => {
                    // An older file than the one that the base has the code from: it knows of earlier days alone.
                    if intervals.first().is_some_and(|first| next.to.is_some_and(|to| to < first.from)) {
                        intervals.insert(0, next);
                    }
                }
                Some(last) => {
                    let again = [reactivated, Some(added), record.effective];
                    let again = again.into_iter().flatten().find(|&day| last.to.is_some_and(|to| to.next() < day));
                    match again.filter(|_| record.terminated != last.to) {
                        Some(from) => intervals.push(Interval { from, added: None, ..next }),
                        None => {
                            if let Some((one, other)) = last.added.zip(at).filter(|(one, other)| one.0 != other.0) {
                                let [one, other] = [one, other].map(|(day, release, line)| Side {
                                    release,
                                    line,
                                    says: format!("that it was added on {day}"),
                                });
                                assembly.conflicts.push(id.name(), record.code, one, other);
                            }
                            *last = Interval { from: last.from, added: at.or(last.added), ..next };
                        }
                    }
                }
            }
        }
    }
    let mut rows = Vec::new();
    for (code, intervals) in codes {
        for Interval { from, to, release, line, .. } in intervals {
            let to = to.or_else(|| covers.get(&release).and_then(|days| days.to));
            if to.is_some_and(|to| to < from) {
                assembly.system(id).mention(code);
                continue;
            }
            let days = DateRange { from, to };
            rows.push(Dated { key: code, value: Row::new(from, to, release), days, release, line });
        }
    }
    rows
}

/// Adds rows of HCPCS to those of a dated table: of codes that the table does not have, and of others on the days that
/// it does not answer for. Says where the two contradict each other.
pub(super) fn beside(
    id: SystemId,
    part: &str,
    given: &Given<'_>,
    dated: &[CodeRow],
    listed: &[Dated<Code, Row>],
    is_level_2: fn(Code) -> bool,
    assembly: &mut Assembly,
) {
    let (releases, dated_days) = seed::dated(given, id.name(), &[TABLE]);
    let of_files = given.releases().iter().enumerate().filter(|(_, release)| release.part == part);
    let answered = joined(
        of_files
            .map(|(number, release)| {
                let number = u16::try_from(number).unwrap_or(u16::MAX);
                span(assembly.covers.get(&number).copied().unwrap_or_else(|| release.covers()))
            })
            .collect(),
    );
    let both: Vec<Days> = answered.iter().flat_map(|&days| within(days, &dated_days)).collect();
    let dated_release = releases.first().map_or(0, |(number, _)| *number);
    let newest = listed.iter().map(|row| row.release).max().unwrap_or(0);
    let mut codes: BTreeMap<Code, Both<'_>> = BTreeMap::new();
    for row in dated {
        codes.entry(row.code).or_default().held.push(row);
    }
    for row in listed {
        codes.entry(row.key).or_default().own.push(row);
    }
    for (code, Both { held, own }) in codes {
        let held_days = joined(held.iter().map(|row| span(row.row.days())).collect());
        let own_days = joined(own.iter().map(|row| span(row.days)).collect());
        // Of a code that it has, the table knows all days that it answers for.
        let answered = if held.is_empty() { Vec::new() } else { joined([&held_days[..], &dated_days].concat()) };
        let rows: Vec<CodeRow> = own.iter().flat_map(|row| outside(row, &answered)).collect();
        add_rows(id, &rows, assembly);
        if !is_level_2(code) {
            continue;
        }
        let said = |days: &[Days]| {
            let text = |&(from, to): &Days| match to {
                OPEN => format!("from {}", range((from, to)).from),
                _ => range((from, to)).to_string(),
            };
            if days.is_empty() { "no days".to_owned() } else { days.iter().map(text).collect::<Vec<_>>().join(", ") }
        };
        let on = |days: &[Days]| -> Vec<Days> { both.iter().flat_map(|&one| within(one, days)).collect() };
        let (table, files) = (on(&held_days), on(&own_days));
        if table != files && !(without(&table, &files).is_empty() && without(&files, &table).is_empty()) {
            let (release, line) = own.last().map_or((newest, 0), |row| (row.release, row.line));
            let release_of_table = held.last().map_or(dated_release, |row| row.row.release);
            let of_table = Side { release: release_of_table, line: 0, says: said(&table) };
            let of_files = Side { release, line, says: said(&files) };
            if held.is_empty() {
                assembly.conflicts.push_both(id.name(), code, of_table, of_files);
            } else {
                assembly.conflicts.push(id.name(), code, of_table, of_files);
            }
        }
    }
}
