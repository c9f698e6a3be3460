//! A system or relation of the base image as what it was made from: dated rows with their releases.

use super::given::Given;
use crate::days::{Days, joined, span};
use crate::rows::{CodeRow, PairRow};
use codes::Code;
use codeset::{Class, RelationId, Release, Row, SystemId};

/// What the base has of a system. Rows carry the numbers that their releases have now.
#[derive(Default)]
pub(crate) struct Seed {
    /// Rows that may be reported. Headers are worked out anew.
    pub(crate) rows: Vec<CodeRow>,
    /// Titles, in order of codes.
    pub(crate) titles: Vec<(Code, String)>,
    /// Codes without any row of their own.
    pub(crate) mentioned: Vec<Code>,
}

impl Seed {
    pub(crate) fn of(given: &Given<'_>, id: SystemId) -> Seed {
        let mut seed = Seed::default();
        let Some(system) = given.base().and_then(|base| base.system(id)) else { return seed };
        for (ordinal, code) in system.iter() {
            let rows = system.rows(ordinal);
            if rows.is_empty() {
                seed.mentioned.push(code);
            }
            for row in rows.iter().filter(|row| row.is_billable()) {
                let mut row: Row = *row;
                row.release = given.renumbered(row.release);
                seed.rows.push(CodeRow { code, row, line: 0 });
            }
            if let Some(title) = system.title(ordinal) {
                seed.titles.push((code, title.to_owned()));
            }
        }
        seed
    }
}

/// The pairs of a relation of the base.
pub(crate) fn pairs(given: &Given<'_>, id: RelationId) -> Vec<PairRow> {
    let Some(base) = given.base() else { return Vec::new() };
    let (Some(relation), Some(system)) = (base.relation(id), base.system(id.system())) else { return Vec::new() };
    let mut pairs = Vec::with_capacity(relation.len());
    for (ordinal, source) in system.iter() {
        pairs.extend(relation.links(ordinal).map(|link| {
            let mut class: Class = link.class;
            class.release = given.renumbered(class.release);
            PairRow { source, target: system.code(link.target), class, line: 0 }
        }));
    }
    pairs
}

/// The base's releases of a part, but for those of these tables, and the days that they answer for.
pub(crate) fn dated<'a>(given: &Given<'a>, part: &str, but: &[&str]) -> (Vec<(u16, &'a Release)>, Vec<Days>) {
    let releases: Vec<_> =
        given.base_releases(part).filter(|(_, release)| !but.contains(&release.table.as_str())).collect();
    let days = joined(releases.iter().map(|(_, release)| span(release.covers())).collect());
    (releases, days)
}
