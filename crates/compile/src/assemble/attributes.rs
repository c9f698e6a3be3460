//! Dated values by procedure code: medically unlikely edits, fee schedule indicators, facts of HCPCS, laboratory tests,
//! codes not otherwise classified.

use super::given::{Given, Share, Source};
use super::period::Period;
use super::snapshots::{self, Snapshot};
use super::{Assembly, Part};
use crate::error::CompileError;
use crate::publisher::hcpcs::{HcpcsRecord, RecordKind};
use crate::publisher::mue::{MueTable, Mues};
use crate::publisher::rvu::FeeRow;
use crate::publisher::{Document, Placed, Publication};
use codes::{Code, DateRange, Modifier};
use codeset::{Attribute, AttributeId, AttributesBuilder, Codeset, FeeIndicators, HcpcsFacts, Mue, Release, SystemId};
use std::collections::BTreeMap;
use std::fmt;

pub(crate) const PART: Part = Part { shares, merge };

/// The year from which on CMS publishes HCPCS Level II every quarter; before, once a year.
const HCPCS_BY_QUARTER_FROM: i32 = 2020;

fn shares(publication: &Publication) -> Vec<Share> {
    let share = |table, id: AttributeId, period| vec![Share { table, part: id.name(), period }];
    match publication {
        Publication::NcciMue(mues) => match mues.table {
            Some(MueTable::Practitioner) => {
                share("ncci-mue-practitioner", AttributeId::MuePractitioner, Period::Quarter)
            }
            Some(MueTable::Outpatient) => share("ncci-mue-hospital", AttributeId::MueHospital, Period::Quarter),
            Some(MueTable::Dme) => share("ncci-mue-dme", AttributeId::MueDme, Period::Quarter),
            None => Vec::new(),
        },
        Publication::FeeSchedule(_) => share("medicare-fee-schedule", AttributeId::FeeSchedule, Period::Quarter),
        Publication::HcpcsRecords(document) | Publication::HcpcsTable(document) => {
            let year = document.release.effective.map_or(HCPCS_BY_QUARTER_FROM, |day| day.calendar().0);
            let period = if year < HCPCS_BY_QUARTER_FROM { Period::Year } else { Period::Quarter };
            share("hcpcs-facts", AttributeId::HcpcsFacts, period)
        }
        Publication::LabFees(_) => share("clinical-laboratory-fees", AttributeId::LabTest, Period::Quarter),
        Publication::HcpcsNoc(_) => share("hcpcs-unlisted", AttributeId::Unlisted, Period::Year),
        _ => Vec::new(),
    }
}

fn merge(given: &Given<'_>, assembly: &mut Assembly) -> Result<(), CompileError> {
    for id in AttributeId::ALL {
        let rows = if id == AttributeId::Unlisted { of_own_dates(given) } else { of_snapshots(given, id, assembly) };
        if rows.is_empty() {
            continue;
        }
        let mut builder = AttributesBuilder::new(id);
        let procedures = assembly.system(SystemId::Procedure);
        for (code, row) in rows {
            procedures.mention(code);
            builder.add(code, row);
        }
        assembly.image.attributes(builder)?;
    }
    Ok(())
}

/// A code, or one component of it.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
struct Key(Code, Modifier);

impl fmt::Display for Key {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Key(code, modifier) = self;
        if modifier.is_absent() { code.fmt(f) } else { write!(f, "{code}-{modifier}") }
    }
}

/// What a table says of a code, as conflicts show it.
#[derive(Clone, Copy, PartialEq)]
struct Content(AttributeId, [u8; 8]);

impl fmt::Debug for Content {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Content(id, value) = *self;
        f.write_str(&id.words(value))
    }
}

type Rows = Vec<(Key, Content, u32)>;

/// The rows of a table that is published whole.
fn of_snapshots(given: &Given<'_>, id: AttributeId, assembly: &mut Assembly) -> Vec<(Code, Attribute)> {
    let of_base = |(number, release): (u16, &Release)| Snapshot {
        release: number,
        days: release.covers(),
        rows: given.base().map(|base| base_rows(base, id, release.covers())).unwrap_or_default(),
    };
    let mut snapshots: Vec<Snapshot<Key, Content>> = given.base_releases(id.name()).map(of_base).collect();
    for Source { publication, release, days, .. } in given.publications(id.name()) {
        snapshots.push(Snapshot { release, days, rows: file_rows(publication, id) });
    }
    let merged = snapshots::merge(id.name(), snapshots, assembly);
    let row = |row: snapshots::Dated<Key, Content>| {
        let (Key(code, modifier), Content(_, value)) = (row.key, row.value);
        (code, Attribute::new(row.days.from, row.days.to, modifier, value, row.release))
    };
    merged.into_iter().map(row).collect()
}

/// What the base's table says on the first of these days.
fn base_rows(base: &Codeset, id: AttributeId, days: DateRange) -> Rows {
    let (Some(system), Some(table)) = (base.system(SystemId::Procedure), base.attributes(id)) else {
        return Vec::new();
    };
    let of_code = |(ordinal, code)| {
        let held = table.rows(ordinal).iter().filter(|row| row.holds_on(days.from));
        held.map(move |row| (Key(code, row.modifier()), Content(id, row.value), 0))
    };
    system.iter().flat_map(of_code).collect()
}

fn file_rows(publication: &Publication, id: AttributeId) -> Rows {
    match publication {
        Publication::NcciMue(Mues { limits, .. }) => rows(limits, id, |limit| {
            let value = Mue { units: limit.units, scope: limit.scope }.to_value();
            Some((Key(limit.code, Modifier::ABSENT), value))
        }),
        Publication::FeeSchedule(document) => {
            rows(document, id, |row| Some((Key(row.code, row.modifier), indicators(row).to_value())))
        }
        Publication::HcpcsRecords(document) | Publication::HcpcsTable(document) => {
            rows(document, id, |record: &HcpcsRecord| {
                let value = HcpcsFacts { coverage: record.coverage }.to_value();
                (record.kind == RecordKind::Procedure).then_some((Key(record.code, Modifier::ABSENT), value))
            })
        }
        Publication::LabFees(document) => {
            rows(document, id, |test| Some((Key(test.code, test.modifier), [test.indicator, 0, 0, 0, 0, 0, 0, 0])))
        }
        _ => Vec::new(),
    }
}

fn rows<R>(document: &Document<R>, id: AttributeId, content: impl Fn(&R) -> Option<(Key, [u8; 8])>) -> Rows {
    let row = |placed: &Placed<R>| content(&placed.row).map(|(key, value)| (key, Content(id, value), placed.line));
    document.rows.iter().filter_map(row).collect()
}

fn indicators(row: &FeeRow) -> FeeIndicators {
    FeeIndicators {
        status: row.status,
        pc_tc: row.pc_tc,
        global: row.global,
        multiple: row.multiple,
        bilateral: row.bilateral,
        assistant: row.assistant,
        co_surgeons: row.co_surgeons,
        team: row.team,
    }
}

/// The codes not otherwise classified. Their list has days of its own, which may be long before its release and go on
/// after it: what a code stands for does not change. The newest list that has a code decides; that later lists lack it
/// ends nothing.
fn of_own_dates(given: &Given<'_>) -> Vec<(Code, Attribute)> {
    let mut newest: BTreeMap<Code, Attribute> = BTreeMap::new();
    let part = AttributeId::Unlisted.name();
    let mut take = |code, row: Attribute| {
        let known = newest.entry(code).or_insert(row);
        if known.release <= row.release {
            *known = row;
        }
    };
    if let Some((base, table)) = given.base().and_then(|base| Some((base, base.attributes(AttributeId::Unlisted)?))) {
        let codes = base.system(SystemId::Procedure).into_iter().flat_map(codeset::System::iter);
        for (code, mut row) in codes.flat_map(|(ordinal, code)| table.rows(ordinal).iter().map(move |row| (code, *row)))
        {
            row.release = given.renumbered(row.release);
            take(code, row);
        }
    }
    for Source { publication, release, .. } in given.publications(part) {
        let Publication::HcpcsNoc(document) = publication else { continue };
        for Placed { row, .. } in document.rows.iter().filter(|placed| placed.row.is_unlisted()) {
            take(row.code, Attribute::new(row.added, row.terminated, Modifier::ABSENT, [0; 8], release));
        }
    }
    newest.into_iter().collect()
}
