//! Procedures and modifiers: HCPCS files, the AMA's lists and the fee schedule, beside a table that has dates of its own.
//!
//! The base's dated table (the Integrated Outpatient Code Editor's) has flags and limits that no other file has, so its
//! rows stay, and on the days that it answers for it is what says which codes there are, but for those that it does not
//! have at all. On other days HCPCS files say it for Level II and the AMA's lists for CPT. The fee schedule names the CPT
//! codes of a quarter, for who has no licence of the AMA's lists; it leaves some out, so it says of no code that it is
//! not valid.

use super::super::given::{Given, Share};
use super::super::period::Period;
use super::super::seed::{self, Seed};
use super::super::snapshots::{self, Dated, Snapshot};
use super::super::{Assembly, Part};
use super::titles::{self, Title, Titles};
use super::{Reportable, add_rows, level_2, outside};
use crate::days::{Days, joined, span, without};
use crate::error::CompileError;
use crate::publisher::cpt::{CptCode, Descriptor};
use crate::publisher::hcpcs::{HcpcsRecord, RecordKind};
use crate::publisher::{Placed, Publication};
use crate::rows::CodeRow;
use codes::{Code, CodeKind, Date};
use codeset::{Row, SystemId};
use std::collections::BTreeSet;

pub(crate) const PART: Part = Part { shares, merge };

const FEE_SCHEDULE: &str = "fee-schedule-codes";
const CPT_LISTS: [&str; 3] = ["cpt-long", "cpt-medium", "cpt-short"];
const CPT_PART: &str = "procedures:cpt";
/// No part that a system counts as coverage: the fee schedule does not list all codes.
const FEE_SCHEDULE_PART: &str = "procedures:fee-schedule";

fn shares(publication: &Publication) -> Vec<Share> {
    let period = match publication {
        Publication::HcpcsRecords(_) => Period::Year,
        Publication::HcpcsTable(_) => Period::Quarter,
        Publication::Cpt(list) => {
            let table = match list.descriptor {
                Descriptor::Long => CPT_LISTS[0],
                Descriptor::Medium => CPT_LISTS[1],
                Descriptor::Short => CPT_LISTS[2],
            };
            let parts = [CPT_PART, titles::part(SystemId::Procedure)];
            return parts.map(|part| Share { table, part, period: Period::Year }).to_vec();
        }
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
    let of_cpt = CPT_LISTS.map(of).concat();
    let is_dated = |table: &str| ![level_2::TABLE, FEE_SCHEDULE].contains(&table) && !CPT_LISTS.contains(&table);
    let dated: Vec<CodeRow> = rows.iter().filter(|row| is_dated(table_of(row))).copied().collect();
    let listed = level_2::rows(id, kind, part, given, &of_hcpcs, assembly);
    let cpt_parts = [CPT_PART, FEE_SCHEDULE_PART];
    let of_cpt_files = id == SystemId::Procedure && cpt_parts.iter().any(|part| !given.publications(part).is_empty());
    if rows.is_empty() && listed.is_empty() && !of_cpt_files {
        return;
    }
    add_rows(id, &dated, assembly);
    level_2::beside(id, part, given, &dated, &listed, is_level_2, assembly);
    if id == SystemId::Procedure {
        let (_, dated_days) = seed::dated(given, id.name(), &[]);
        cpt_lists(CPT_PART, &dated_days, given, &of_cpt, assembly);
        let before = joined([dated_days, answered(CPT_PART, given, assembly)].concat());
        cpt_lists(FEE_SCHEDULE_PART, &before, given, &of_fees, assembly);
    }
    let system = assembly.system(id);
    mentioned.into_iter().for_each(|code| system.mention(code));

    let sources = given.publications(titles::part(id));
    let files = sources.iter().filter_map(|source| {
        if let Publication::Cpt(cpt) = source.publication {
            let rows = cpt.list.rows.iter().map(descriptor).collect();
            return Some(Titles::of(source, rows).in_form(1 + cpt.descriptor as u8));
        }
        let records = level_2::records(source)?.rows.iter().filter(|placed| placed.row.kind == kind);
        Some(Titles::of(source, records.map(title).collect()))
    });
    titles::give(id, given, &base_titles, files.collect(), assembly);
}

fn descriptor(placed: &Placed<CptCode>) -> Title<'_> {
    Title { code: placed.row.code, title: &placed.row.descriptor, header: false, line: placed.line }
}

fn title(placed: &Placed<HcpcsRecord>) -> Title<'_> {
    Title { code: placed.row.code, title: &placed.row.long, header: false, line: placed.line }
}

/// The CPT codes of a quarter's fee schedule, or of a list of the AMA, each once.
fn cpt_codes(publication: &Publication) -> Vec<(Code, u32)> {
    let mut codes: Vec<(Code, u32)> = match publication {
        Publication::FeeSchedule(fees) => fees.rows.iter().map(|placed| (placed.row.code, placed.line)).collect(),
        Publication::Cpt(cpt) => cpt.list.rows.iter().map(|placed| (placed.row.code, placed.line)).collect(),
        _ => Vec::new(),
    };
    codes.retain(|(code, _)| code.procedure_kind().is_some_and(CodeKind::is_cpt));
    codes.sort_unstable();
    // The fee schedule has a row for each component of a code.
    codes.dedup_by_key(|(code, _)| *code);
    codes
}

/// The CPT codes of lists of one part, on the days that are not `answered` by tables before them.
fn cpt_lists(part: &str, answered: &[Days], given: &Given<'_>, of_base: &[CodeRow], assembly: &mut Assembly) {
    let sources = given.publications(part);
    let mut snapshots: Vec<Snapshot<Code, Reportable>> = Vec::new();
    for source in &sources {
        let rows = cpt_codes(source.publication).into_iter().map(|(code, line)| (code, Reportable, line)).collect();
        snapshots.push(Snapshot { release: source.release, days: source.days, rows });
    }
    let new: BTreeSet<u16> = sources.iter().map(|source| source.release).collect();
    for (release, known) in given.base_releases(part).filter(|(release, _)| !new.contains(release)) {
        let days = known.covers();
        // Where the tables before answered for all its days, the base has nothing of the list.
        let Some(&(day, _)) = without(&[span(days)], answered).first() else { continue };
        let held = of_base.iter().filter(|row| row.row.holds_on(Date::from_days(day)));
        let rows = held.map(|row| (row.code, Reportable, 0)).collect();
        snapshots.push(Snapshot { release, days, rows });
    }
    for Dated { key, days, release, line, .. } in snapshots::merge(part, snapshots, assembly) {
        let value = Row::new(days.from, days.to, release);
        let rows = outside(&Dated { key, value, days, release, line }, answered);
        add_rows(SystemId::Procedure, &rows, assembly);
    }
}

/// The days that the releases of a part answer for, once they are merged.
fn answered(part: &str, given: &Given<'_>, assembly: &Assembly) -> Vec<Days> {
    let releases = (0u16..).zip(given.releases()).filter(|(_, release)| release.part == part);
    joined(
        releases
            .map(|(number, release)| span(assembly.covers.get(&number).copied().unwrap_or_else(|| release.covers())))
            .collect(),
    )
}
