//! Types of bill, of a list that is given: none is carried.

use super::super::given::{Given, Share};
use super::super::period::Period;
use super::super::seed::Seed;
use super::super::snapshots::{self, Snapshot};
use super::super::{Assembly, Part};
use super::{Reportable, add_rows};
use crate::error::CompileError;
use crate::publisher::Publication;
use crate::rows::CodeRow;
use codes::Code;
use codeset::{Row, SystemId};
use std::collections::BTreeSet;

pub(crate) const PART: Part = Part { shares, merge };

const ID: SystemId = SystemId::BillType;

fn shares(publication: &Publication) -> Vec<Share> {
    match publication {
        Publication::BillTypes(_) => vec![Share { table: "bill-types", part: ID.name(), period: Period::Open }],
        _ => Vec::new(),
    }
}

fn merge(given: &Given<'_>, assembly: &mut Assembly) -> Result<(), CompileError> {
    let seed = Seed::of(given, ID);
    let sources = given.publications(ID.name());
    let mut snapshots: Vec<Snapshot<Code, Reportable>> = Vec::new();
    let mut deprecated: Vec<Code> = seed.mentioned;
    for source in &sources {
        let Publication::BillTypes(types) = source.publication else { continue };
        let day = source.days.from;
        let in_use = |deprecated: bool, on: Option<codes::Date>| !deprecated || on.is_some_and(|on| on > day);
        deprecated.extend(types.rows.iter().filter(|placed| placed.row.deprecated).map(|placed| placed.row.code));
        let rows = types.rows.iter().filter(|placed| in_use(placed.row.deprecated, placed.row.deprecated_on));
        let rows = rows.map(|placed| (placed.row.code, Reportable, placed.line)).collect();
        snapshots.push(Snapshot { release: source.release, days: source.days, rows });
    }
    let new: BTreeSet<u16> = sources.iter().map(|source| source.release).collect();
    for (release, known) in given.base_releases(ID.name()).filter(|(release, _)| !new.contains(release)) {
        let days = known.covers();
        let held = seed.rows.iter().filter(|row| row.row.holds_on(days.from));
        snapshots.push(Snapshot { release, days, rows: held.map(|row| (row.code, Reportable, 0)).collect() });
    }
    if snapshots.is_empty() {
        return Ok(());
    }
    let rows: Vec<CodeRow> = snapshots::merge(ID.name(), snapshots, assembly)
        .iter()
        .map(|row| CodeRow { code: row.key, row: Row::new(row.days.from, row.days.to, row.release), line: row.line })
        .collect();
    add_rows(ID, &rows, assembly);
    let system = assembly.system(ID);
    deprecated.into_iter().for_each(|code| system.mention(code));
    Ok(())
}
