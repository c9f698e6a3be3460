//! Procedures and modifiers: HCPCS files and the fee schedule, beside a table that has dates of its own.
//!
//! The base's dated table (the Integrated Outpatient Code Editor's) has flags and limits that no other file has, so its
//! rows stay. HCPCS files are what says which codes of Level II there are: their days are added where the table does not
//! have the code. The fee schedule names the CPT codes of a quarter, for who has no licence of the AMA's files; it leaves
//! some out, so it says on no day that a code is not valid.

use super::super::given::{Given, Share};
use super::super::period::Period;
use super::super::seed::{self, Seed};
use super::super::snapshots::{self, Dated, Snapshot};
use super::super::{Assembly, Part};
use super::titles::{self, Title, Titles};
use super::{Reportable, add_rows, level_2, outside};
use crate::error::CompileError;
use crate::publisher::hcpcs::{HcpcsRecord, RecordKind};
use crate::publisher::{Placed, Publication};
use crate::rows::CodeRow;
use codes::{Code, CodeKind};
use codeset::{Row, SystemId};
use std::collections::BTreeSet;

pub(crate) const PART: Part = Part { shares, merge };

const FEE_SCHEDULE: &str = "fee-schedule-codes";
/// No part that a system counts as coverage: the fee schedule does not list all codes.
const FEE_SCHEDULE_PART: &str = "procedures:fee-schedule";

fn shares(publication: &Publication) -> Vec<Share> {
    let period = match publication {
        Publication::HcpcsRecords(_) => Period::Year,
        Publication::HcpcsTable(_) => Period::Quarter,
        Publication::FeeSchedule(_) => {
            return vec![Share { table: FEE_SCHEDULE, part: FEE_SCHEDULE_PART, period: Period::Quarter }];
        }
        _ => return Vec::new(),
    };
    let systems = [SystemId::Procedure, SystemId::Modifier];
    let parts = systems.into_iter().filter_map(|id| Some([id.level_2_part()?, titles::part(id)])).flatten();
    parts.map(|part| Share { table: level_2::TABLE, part, period }).collect()
}

fn merge(given: &Given<'_>, assembly: &mut Assembly) -> Result<(), CompileError> {
    // D codes are the ADA's, and not in the files of CMS.
    let level_2 = |code: Code| code.procedure_kind() == Some(CodeKind::HcpcsLevel2) && code.at(0) != b'D';
    level_2_system(SystemId::Procedure, RecordKind::Procedure, level_2, given, assembly);
    let level_2 = |code: Code| code.at(0).is_ascii_uppercase();
    level_2_system(SystemId::Modifier, RecordKind::Modifier, level_2, given, assembly);
    Ok(())
}

fn level_2_system(
    id: SystemId,
    kind: RecordKind,
    is_level_2: fn(Code) -> bool,
    given: &Given<'_>,
    assembly: &mut Assembly,
) {
    let Seed { rows, titles: base_titles, mentioned } = Seed::of(given, id);
    let table_of =
        |row: &CodeRow| given.releases().get(usize::from(row.row.release)).map_or("", |release| release.table.as_str());
    let part = id.level_2_part().unwrap_or_default();
    let of = |table: &str| rows.iter().filter(|row| table_of(row) == table).copied().collect::<Vec<CodeRow>>();
    let (of_hcpcs, of_fees) = (of(level_2::TABLE), of(FEE_SCHEDULE));
    let dated: Vec<CodeRow> =
        rows.iter().filter(|row| ![level_2::TABLE, FEE_SCHEDULE].contains(&table_of(row))).copied().collect();
    let listed = level_2::rows(id, kind, part, given, &of_hcpcs, assembly);
    if dated.is_empty() && listed.is_empty() && of_fees.is_empty() && given.publications(FEE_SCHEDULE_PART).is_empty() {
        return;
    }
    add_rows(id, &dated, assembly);
    level_2::beside(id, part, given, &dated, &listed, is_level_2, assembly);
    if id == SystemId::Procedure {
        fee_schedule(given, &of_fees, assembly);
    }
    let system = assembly.system(id);
    mentioned.into_iter().for_each(|code| system.mention(code));

    let sources = given.publications(titles::part(id));
    let files = sources.iter().filter_map(|source| {
        let records = level_2::records(source)?.rows.iter().filter(|placed| placed.row.kind == kind);
        Some(Titles::of(source, records.map(title).collect()))
    });
    titles::give(id, given, &base_titles, files.collect(), assembly);
}

fn title(placed: &Placed<HcpcsRecord>) -> Title<'_> {
    Title { code: placed.row.code, title: &placed.row.long, header: false, line: placed.line }
}

/// The CPT codes of the fee schedule, on the days that no dated table answers for.
fn fee_schedule(given: &Given<'_>, of_base: &[CodeRow], assembly: &mut Assembly) {
    let sources = given.publications(FEE_SCHEDULE_PART);
    let mut snapshots: Vec<Snapshot<Code, Reportable>> = Vec::new();
    for source in &sources {
        let Publication::FeeSchedule(fees) = source.publication else { continue };
        let mut rows: Vec<(Code, u32)> = fees
            .rows
            .iter()
            .filter(|placed| placed.row.code.procedure_kind().is_some_and(CodeKind::is_cpt))
            .map(|placed| (placed.row.code, placed.line))
            .collect();
        rows.sort_unstable();
        // A code has a row for each of its components.
        rows.dedup_by_key(|(code, _)| *code);
        let rows = rows.into_iter().map(|(code, line)| (code, Reportable, line)).collect();
        snapshots.push(Snapshot { release: source.release, days: source.days, rows });
    }
    let new: BTreeSet<u16> = sources.iter().map(|source| source.release).collect();
    for (release, known) in given.base_releases(FEE_SCHEDULE_PART).filter(|(release, _)| !new.contains(release)) {
        let days = known.covers();
        let held = of_base.iter().filter(|row| row.row.holds_on(days.from));
        let rows = held.map(|row| (row.code, Reportable, 0)).collect();
        snapshots.push(Snapshot { release, days, rows });
    }
    let listed = snapshots::merge(FEE_SCHEDULE_PART, snapshots, assembly);
    let (_, dated_days) = seed::dated(given, SystemId::Procedure.name(), &[]);
    for Dated { key, days, release, line, .. } in listed {
        let value = Row::new(days.from, days.to, release);
        let rows = outside(&Dated { key, value, days, release, line }, &dated_days);
        add_rows(SystemId::Procedure, &rows, assembly);
    }
}
