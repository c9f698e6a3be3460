//! NCCI add-on codes.

use super::super::given::{Given, Share};
use super::super::period::Period;
use super::super::snapshots::Snapshot;
use super::super::{Assembly, Part};
use super::layers::{Layers, Listed, OwnDays, Pair};
use crate::error::CompileError;
use crate::publisher::addon::{AddOn, AddOnType};
use crate::publisher::{Document, Placed, Publication};
use crate::rows::PairRow;
use codeset::{Class, RelationId};

pub(crate) const PART: Part = Part { shares, merge };

const OWN: &str = "ncci-add-on";
const LIST: &str = "ncci-add-on-in-force";

fn shares(publication: &Publication) -> Vec<Share> {
    let Publication::NcciAddOn(add_ons) = publication else { return Vec::new() };
    let table = if has_days(add_ons) { OWN } else { LIST };
    vec![Share { table, part: RelationId::AddOn.name(), period: Period::Quarter }]
}

/// Whether the file gives the first days of its pairs.
fn has_days(add_ons: &Document<AddOn>) -> bool {
    add_ons.rows.iter().any(|placed| placed.row.effective.is_some())
}

/// The pair as the relation has it, and its type. Of an add-on whose primaries the contractor defines there is none but
/// the code itself; that a type 3 add-on may have such primaries besides follows from its type.
fn pair(row: &AddOn) -> Option<(Pair, u16)> {
    match (row.kind, row.primary) {
        (AddOnType::Listed, Some(primary)) => Some((Pair(row.add_on, primary), 1)),
        (AddOnType::ListedAndContractor, Some(primary)) => Some((Pair(row.add_on, primary), 3)),
        (AddOnType::Contractor, _) => Some((Pair(row.add_on, row.add_on), 2)),
        (_, None) => None,
    }
}

fn merge(given: &Given<'_>, assembly: &mut Assembly) -> Result<(), CompileError> {
    let id = RelationId::AddOn;
    // The editor leaves out some add-ons that CMS's file has, and gives others a hospital's primaries besides: what it has
    // of a code stands, and the file is asked about the rest.
    let (own, lists) = (Vec::new(), Vec::new());
    let mut layers = Layers { id, tables: [OWN, LIST], may_lack_codes: true, own, lists };
    for source in given.publications(id.name()) {
        let Publication::NcciAddOn(add_ons) = source.publication else { continue };
        let (release, days) = (source.release, source.days);
        if has_days(add_ons) {
            let own = |placed: &Placed<AddOn>| {
                let (Pair(source, target), value) = pair(&placed.row)?;
                let class = Class::new(placed.row.effective?, placed.row.deleted, value, release);
                Some(PairRow { source, target, class, line: placed.line })
            };
            layers.own.push(OwnDays { release, days, pairs: add_ons.rows.iter().filter_map(own).collect() });
        } else {
            let listed = |placed: &Placed<AddOn>| {
                let (pair, value) = pair(&placed.row)?;
                Some((pair, Listed { value, until: placed.row.deleted }, placed.line))
            };
            layers.lists.push(Snapshot { release, days, rows: add_ons.rows.iter().filter_map(listed).collect() });
        }
    }
    layers.merge(given, assembly)
}
