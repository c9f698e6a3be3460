//! Pairs from tables of three sorts, each answering where those before it do not: the base's table that has dates of
//! its own; publishers' files that give every pair its days; and lists of the pairs in force, which say no days.

use super::super::Assembly;
use super::super::conflicts::Side;
use super::super::given::Given;
use super::super::seed;
use super::super::snapshots::{self, Dated, Snapshot};
use crate::could::could_of_side;
use crate::days::{Days, joined, range, span, without};
use crate::error::CompileError;
use crate::merge;
use crate::rows::PairRow;
use codes::{Code, Date, DateRange};
use codeset::{Class, RelationId};
use rayon::prelude::*;
use std::collections::BTreeMap;
use std::fmt;

/// A pair.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Pair(pub(super) Code, pub(super) Code);

impl fmt::Display for Pair {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} with {}", self.0, self.1)
    }
}

/// What a list says of a pair: the relation's value, and the last day if it ends before the list does.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) struct Listed {
    pub(super) value: u16,
    pub(super) until: Option<Date>,
}

impl fmt::Debug for Listed {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "indicator or type {}", self.value)?;
        self.until.map_or(Ok(()), |until| write!(f, " until {until}"))
    }
}

/// The pairs of one file that gives them their days.
pub(super) struct OwnDays {
    pub(super) release: u16,
    /// The days that the release answers for.
    pub(super) days: DateRange,
    pub(super) pairs: Vec<PairRow>,
}

/// All that files and base say of a relation.
pub(super) struct Layers {
    pub(super) id: RelationId,
    /// The table of files that give pairs their days, and that of lists.
    pub(super) tables: [&'static str; 2],
    /// Whether the base's dated table may lack codes that have pairs: then it answers for the codes that it has on a day,
    /// and files with days of their own for others, as long as they answer at all.
    pub(super) may_lack_codes: bool,
    pub(super) own: Vec<OwnDays>,
    pub(super) lists: Vec<Snapshot<Pair, Listed>>,
}

impl Layers {
    /// Merges the layers with what the base has and writes the relation, if there is any of it.
    pub(super) fn merge(mut self, given: &Given<'_>, assembly: &mut Assembly) -> Result<(), CompileError> {
        let id = self.id;
        let in_base = given.base().is_some_and(|base| base.relation(id).is_some());
        if !in_base && self.own.is_empty() && self.lists.is_empty() {
            return Ok(());
        }
        let [own_table, list_table] = self.tables;
        let (dated_releases, dated_days) = seed::dated(given, id.name(), &self.tables);
        let mut by_release: BTreeMap<u16, Vec<PairRow>> = BTreeMap::new();
        for pair in seed::pairs(given, id) {
            by_release.entry(pair.class.release).or_default().push(pair);
        }
        let mut dated: Vec<PairRow> =
            dated_releases.iter().filter_map(|(number, _)| by_release.remove(number)).flatten().collect();
        dated.par_sort_unstable_by_key(|pair| (pair.source, pair.target, pair.class));
        for (number, release) in given.base_releases(id.name()).filter(|(_, release)| release.table == own_table) {
            let pairs = by_release.remove(&number).unwrap_or_default();
            if self.own.iter().all(|own| own.release != number) {
                self.own.push(OwnDays { release: number, days: release.covers(), pairs });
            }
        }
        let of_base = joined(
            given
                .base_releases(id.name())
                .filter(|(_, release)| release.table != list_table)
                .map(|(_, release)| span(release.covers()))
                .collect(),
        );
        let held: Vec<PairRow> = by_release.into_values().flatten().collect();
        for (number, release) in given.base_releases(id.name()).filter(|(_, release)| release.table == list_table) {
            let days = release.covers();
            // Where the other layers answered for all its days, the base has nothing of the list.
            let Some(&(day, _)) = without(&[span(days)], &of_base).first() else { continue };
            if self.lists.iter().any(|list| list.release == number) {
                continue;
            }
            let listed = |pair: &PairRow| {
                let until = pair.class.days().to;
                (Pair(pair.source, pair.target), Listed { value: pair.class.value, until }, 0)
            };
            let rows = held.iter().filter(|pair| pair.class.holds_on(Date::from_days(day))).map(listed).collect();
            self.lists.push(Snapshot { release: number, days, rows });
        }
        let answered = joined(self.own.iter().map(|own| span(own.days)).chain(dated_days.iter().copied()).collect());
        let releases: Vec<_> = self.lists.iter().map(|list| (list.release, list.days)).collect();
        for (list, days) in self.lists.iter_mut().zip(snapshots::succession(&releases)) {
            // An end that the list does not live to see is none, whatever is loaded besides.
            for (_, listed, _) in &mut list.rows {
                listed.until = listed.until.filter(|until| days.to.is_none_or(|to| *until < to));
            }
        }
        for list in &self.lists {
            compare(id, list, &dated, &dated_days, assembly);
        }
        let may_lack_codes = self.may_lack_codes;
        let last: BTreeMap<u16, i32> = self.own.iter().map(|own| (own.release, span(own.days).1)).collect();
        let mut all = Vec::new();
        for pair in self.newest(assembly) {
            if may_lack_codes {
                let from = dated.partition_point(|known| known.source < pair.source);
                let of_code = dated.iter().skip(from).take_while(|known| known.source == pair.source);
                let after = last.get(&pair.class.release).copied().unwrap_or(i32::MIN).saturating_add(1);
                let later = dated_days.iter().map(|&(from, to)| (from.max(after), to)).filter(|(from, to)| from <= to);
                let known = joined(of_code.map(|known| span(known.class.days())).chain(later).collect());
                all.extend(outside(pair, &known));
            } else {
                all.extend(outside(pair, &dated_days));
            }
        }
        all.extend(dated);
        for Dated { key: Pair(source, target), value, days, release, line } in
            snapshots::merge(id.name(), self.lists, assembly)
        {
            let to = [days.to, value.until].into_iter().flatten().min();
            if to.is_none_or(|to| days.from <= to) {
                let class = Class::new(days.from, to, value.value, release);
                all.extend(outside(PairRow { source, target, class, line }, &answered));
            }
        }
        write(id, all, assembly)
    }

    /// The pairs of the files with days of their own: of each pair, those rows that the newest file has.
    fn newest(&mut self, assembly: &mut Assembly) -> Vec<PairRow> {
        let mut own = std::mem::take(&mut self.own);
        own.sort_by_key(|own| (own.days.to, own.release));
        let place: BTreeMap<u16, usize> = own.iter().enumerate().map(|(place, own)| (own.release, place)).collect();
        let day: Vec<Option<Date>> = own.iter().map(|own| own.days.to).collect();
        let names = own.iter().map(|own| (own.release, own.days)).collect::<Vec<_>>();
        assembly.covers.extend(names);
        let mut pairs: Vec<PairRow> = own.into_iter().flat_map(|own| own.pairs).collect();
        let age = |pair: &PairRow| place.get(&pair.class.release).copied().unwrap_or(0);
        pairs.par_sort_unstable_by_key(|pair| (pair.source, pair.target, age(pair), pair.class, pair.line));
        let mut kept = Vec::with_capacity(pairs.len());
        for rows in pairs.chunk_by(|a, b| (a.source, a.target) == (b.source, b.target)) {
            let newest = rows.last().and_then(|last| day.get(age(last)).copied()).flatten();
            // Parts of one release are files of one day.
            let first = rows.partition_point(|row| day.get(age(row)).copied().flatten() < newest);
            let mut last: Option<PairRow> = None;
            let mut rows: Vec<PairRow> = rows.get(first..).unwrap_or_default().to_vec();
            rows.sort_unstable_by_key(|row| (row.class.days().from, age(row), row.line));
            for row in rows {
                match last {
                    Some(known) if known.class.days() == row.class.days() && known.class.value == row.class.value => {}
                    Some(known) if known.class.days().to.is_none_or(|to| to >= row.class.days().from) => {
                        let side = |row: &PairRow| Side {
                            release: row.class.release,
                            line: row.line,
                            says: format!("{} on {}", row.class.value, row.class.days()),
                        };
                        let about = Pair(row.source, row.target);
                        assembly.conflicts.push(self.id.name(), about, side(&known), side(&row));
                    }
                    _ => {
                        kept.push(row);
                        last = Some(row);
                    }
                }
            }
        }
        kept
    }
}

/// The days of a pair that are not in `covered`.
fn outside(pair: PairRow, covered: &[Days]) -> impl Iterator<Item = PairRow> {
    without(&[span(pair.class.days())], covered).into_iter().map(move |days| {
        let DateRange { from, to } = range(days);
        PairRow { class: Class::new(from, to, pair.class.value, pair.class.release), ..pair }
    })
}

/// What a list says on its first day against the dated table, if that answers then.
fn compare(
    id: RelationId,
    list: &Snapshot<Pair, Listed>,
    dated: &[PairRow],
    dated_days: &[Days],
    assembly: &mut Assembly,
) {
    let day = list.days.from;
    if !dated_days.iter().any(|&(from, to)| (from..=to).contains(&day.days())) {
        return;
    }
    let held = dated.iter().filter(|pair| pair.class.holds_on(day)).map(|pair| (Pair(pair.source, pair.target), pair));
    let held: Vec<(Pair, &PairRow)> = held.collect();
    let mut listed: Vec<&(Pair, Listed, u32)> = list.rows.iter().collect();
    listed.par_sort_unstable_by_key(|(pair, _, line)| (*pair, *line));
    let any_dated = dated.first().map_or(0, |pair| pair.class.release);
    let side = |release, line, value: Option<u16>| Side {
        release,
        line,
        says: value.map_or_else(|| format!("no pair on {day}"), |value| format!("{value} on {day}")),
    };
    let (mut held, mut listed) = (held.into_iter().peekable(), listed.into_iter().peekable());
    loop {
        let next = match (held.peek(), listed.peek()) {
            (Some((a, _)), Some((b, ..))) => a.min(b),
            (Some((a, _)), None) => a,
            (None, Some((b, ..))) => b,
            (None, None) => return,
        };
        let pair = *next;
        let of_table = held.next_if(|(key, _)| *key == pair);
        let of_list = listed.next_if(|(key, ..)| *key == pair);
        let (table, listed_value) =
            (of_table.map(|(_, row)| row.class.value), of_list.map(|(_, listed, _)| listed.value));
        if table != listed_value {
            let release = of_table.map_or(any_dated, |(_, row)| row.class.release);
            let line = of_list.map_or(0, |(_, _, line)| *line);
            assembly.conflicts.push(id.name(), pair, side(release, 0, table), side(list.release, line, listed_value));
        }
    }
}

/// Writes a relation, and makes its codes known to their system.
pub(super) fn write(id: RelationId, mut pairs: Vec<PairRow>, assembly: &mut Assembly) -> Result<(), CompileError> {
    pairs.par_sort_unstable_by_key(|pair| (pair.source, pair.target, pair.class, pair.line));
    let (at_source, at_target) = could_of_side(id);
    let system = assembly.system(id.system());
    for (codes, could) in
        [(merge::side(&pairs, |pair| pair.source), at_source), (merge::side(&pairs, |pair| pair.target), at_target)]
    {
        for code in codes {
            system.mention(code);
            system.could(code, could);
        }
    }
    assembly.image.relation(merge::relation(id, &pairs))?;
    Ok(())
}
