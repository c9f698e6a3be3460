//! Places of service, and which of them are paid at the facility's rate.

use super::super::conflicts::Side;
use super::super::given::{Given, Share};
use super::super::period::Period;
use super::super::seed::{self, Seed};
use super::super::snapshots::{self, Dated, Snapshot};
use super::super::{Assembly, Part};
use super::titles::{self, Title, Titles};
use super::{add_rows, outside};
use crate::error::CompileError;
use crate::publisher::Publication;
use codes::Code;
use codeset::{Row, SystemId, flags};
use std::collections::BTreeSet;
use std::fmt;

pub(crate) const PART: Part = Part { shares, merge };

const ID: SystemId = SystemId::PlaceOfService;
const TABLE: &str = "places-of-service";

#[derive(Clone, Copy, PartialEq, Eq)]
struct Facility(bool);

impl fmt::Debug for Facility {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(if self.0 { "the facility rate" } else { "the rate outside facilities" })
    }
}

impl Facility {
    fn flags(self) -> u32 {
        if self.0 { flags::place::FACILITY } else { 0 }
    }
}

fn shares(publication: &Publication) -> Vec<Share> {
    let share = |part| Share { table: TABLE, part, period: Period::Open };
    match publication {
        Publication::PlacesOfService(_) => vec![share(ID.name()), share(titles::part(ID))],
        _ => Vec::new(),
    }
}

fn merge(given: &Given<'_>, assembly: &mut Assembly) -> Result<(), CompileError> {
    let Seed { rows, titles: base_titles, mentioned } = Seed::of(given, ID);
    let sources = given.publications(ID.name());
    if rows.is_empty() && sources.is_empty() {
        return Ok(());
    }
    let (dated_releases, dated_days) = seed::dated(given, ID.name(), &[TABLE]);
    let (mut dated, of_files) = (rows.clone(), rows);
    dated.retain(|row| dated_releases.iter().any(|(number, _)| *number == row.row.release));
    let mut snapshots = Vec::new();
    let mut titled = Vec::new();
    for source in &sources {
        let Publication::PlacesOfService(places) = source.publication else { continue };
        let assigned = places.rows.iter().filter_map(|placed| Some((&placed.row, placed.row.facility?, placed.line)));
        let listed: Vec<(Code, Facility, u32)> =
            assigned.clone().map(|(place, facility, line)| (place.code, Facility(facility), line)).collect();
        let day = source.days.from;
        for &(code, facility, line) in &listed {
            let on_day = dated.iter().find(|row| row.code == code && row.row.holds_on(day));
            let side = |release, line, says: String| Side { release, line, says: format!("{says} on {day}") };
            let covered = dated_days.iter().any(|&(from, to)| (from..=to).contains(&day.days()));
            let known = on_day.map(|row| Facility(row.row.has(flags::place::FACILITY)));
            if covered && known != Some(facility) {
                let release = dated_releases.first().map_or(0, |(number, _)| *number);
                let says = known.map_or_else(|| "no such place".to_owned(), |known| format!("{known:?}"));
                let (taken, other) = (side(release, 0, says), side(source.release, line, format!("{facility:?}")));
                assembly.conflicts.push(ID.name(), code, taken, other);
            }
        }
        snapshots.push(Snapshot { release: source.release, days: source.days, rows: listed });
        titled.extend(given.publications(titles::part(ID)).iter().filter(|title| title.days == source.days).map(
            |title| {
                let names = assigned.clone().map(|(place, _, line)| Title {
                    code: place.code,
                    title: &place.name,
                    header: false,
                    line,
                });
                Titles::of(title, names.collect())
            },
        ));
    }
    let new: BTreeSet<u16> = sources.iter().map(|source| source.release).collect();
    for (release, known) in given.base_releases(ID.name()) {
        if known.table == TABLE && !new.contains(&release) {
            let days = known.covers();
            let held = of_files.iter().filter(|row| row.row.release == release && row.row.holds_on(days.from));
            let rows = held.map(|row| (row.code, Facility(row.row.has(flags::place::FACILITY)), 0)).collect();
            snapshots.push(Snapshot { release, days, rows });
        }
    }
    let listed = snapshots::merge(ID.name(), snapshots, assembly);
    add_rows(ID, &dated, assembly);
    for Dated { key, value, days, release, line } in listed {
        let mut row = Row::new(days.from, days.to, release);
        row.flags = value.flags();
        add_rows(ID, &outside(&Dated { key, value: row, days, release, line }, &dated_days), assembly);
    }
    let system = assembly.system(ID);
    mentioned.into_iter().for_each(|code| system.mention(code));
    titles::give(ID, given, &base_titles, titled, assembly);
    Ok(())
}
