//! The provider taxonomy.
//!
//! A version lists all codes, so versions are snapshots, which answer for the half year that they are published for.

use super::super::given::{Given, Share};
use super::super::period::Period;
use super::super::snapshots::{self, Snapshot};
use super::super::{Assembly, Part};
use super::Reportable;
use crate::error::CompileError;
use crate::publisher::Publication;
use codeset::{Taxonomies, TaxonomyCode, TaxonomyRow};
use std::collections::BTreeSet;

pub(crate) const PART: Part = Part { shares, merge };

const NAME: &str = Taxonomies::PART;

fn shares(publication: &Publication) -> Vec<Share> {
    match publication {
        Publication::Taxonomy(_) => vec![Share { table: "nucc-taxonomy", part: NAME, period: Period::HalfYear }],
        _ => Vec::new(),
    }
}

fn merge(given: &Given<'_>, assembly: &mut Assembly) -> Result<(), CompileError> {
    let mut snapshots: Vec<Snapshot<TaxonomyCode, Reportable>> = Vec::new();
    let sources = given.publications(NAME);
    for source in &sources {
        let Publication::Taxonomy(version) = source.publication else { continue };
        // Codes that are not in use any more stay in the list, with the day on which they were marked.
        let in_use = version.rows.iter().filter(|placed| {
            let row = &placed.row;
            row.inactive.is_none_or(|inactive| inactive > source.days.from)
                && row.effective.is_none_or(|effective| effective <= source.days.from)
        });
        let rows = in_use.map(|placed| (placed.row.code, Reportable, placed.line)).collect();
        snapshots.push(Snapshot { release: source.release, days: source.days, rows });
    }
    let new: BTreeSet<u16> = sources.iter().map(|source| source.release).collect();
    if let Some(base) = given.base().and_then(|base| base.taxonomies()) {
        for (release, known) in given.base_releases(NAME).filter(|(release, _)| !new.contains(release)) {
            let days = known.covers();
            let held = base.rows().iter().filter(|row| row.holds_on(days.from));
            snapshots.push(Snapshot { release, days, rows: held.map(|row| (row.code, Reportable, 0)).collect() });
        }
    }
    if snapshots.is_empty() {
        return Ok(());
    }
    let rows = snapshots::merge(NAME, snapshots, assembly);
    assembly.image.taxonomies(rows.iter().map(|row| TaxonomyRow::new(row.key, row.days, row.release)).collect());
    Ok(())
}
