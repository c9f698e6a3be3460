//! NCCI procedure-to-procedure pairs.
//!
//! The official files keep every pair since 1996, deleted ones with their last day, so the newest file answers for all
//! days up to the end of its quarter. The interchange table has no first days: it is a list of the pairs in force in one
//! quarter.

use super::super::given::{Given, Share, Source};
use super::super::period::Period;
use super::super::snapshots::Snapshot;
use super::super::{Assembly, Part};
use super::layers::{Layers, Listed, OwnDays, Pair};
use crate::error::CompileError;
use crate::publisher::Publication;
use crate::publisher::ptp::{Ptp, PtpIndicator, PtpTable};
use crate::rows::PairRow;
use codes::{Date, DateRange};
use codeset::{Class, RelationId};

pub(crate) const PART: Part = Part { shares, merge };

const OWN: &str = "ncci-ptp";
const LIST: &str = "ncci-ptp-in-force";
/// The year from which the official files keep deleted pairs: their third column marks pairs older than that.
const KEPT_FROM: i32 = 1996;

fn shares(publication: &Publication) -> Vec<Share> {
    let Publication::NcciPtp(ptp) = publication else { return Vec::new() };
    let part = match ptp.table {
        Some(PtpTable::Practitioner) => RelationId::PtpPractitioner,
        Some(PtpTable::Hospital) => RelationId::PtpHospital,
        None => return Vec::new(),
    };
    let table = if has_days(ptp) { OWN } else { LIST };
    vec![Share { table, part: part.name(), period: Period::Quarter }]
}

/// Whether the file gives the first days of its pairs, as the official ones do.
fn has_days(ptp: &Ptp) -> bool {
    ptp.classes.iter().any(|class| class.effective.is_some())
}

fn merge(given: &Given<'_>, assembly: &mut Assembly) -> Result<(), CompileError> {
    for id in [RelationId::PtpHospital, RelationId::PtpPractitioner] {
        let mut layers = Layers { id, tables: [OWN, LIST], may_lack_codes: false, own: Vec::new(), lists: Vec::new() };
        for source in given.publications(id.name()) {
            let Publication::NcciPtp(ptp) = source.publication else { continue };
            if has_days(ptp) {
                layers.own.push(own(&source, ptp));
            } else {
                layers.lists.push(list(&source, ptp));
            }
        }
        layers.merge(given, assembly)?;
    }
    Ok(())
}

fn value(indicator: PtpIndicator) -> Option<u16> {
    match indicator {
        PtpIndicator::NotAllowed => Some(0),
        PtpIndicator::Allowed => Some(1),
        // Deleted with effect from the first day: such a pair holds on no day.
        PtpIndicator::NeverInForce => None,
    }
}

fn own(source: &Source<'_>, ptp: &Ptp) -> OwnDays {
    let pairs = ptp.pairs.rows.iter().filter_map(|placed| {
        let class = ptp.class(placed.row)?;
        let days = DateRange { from: class.effective?, to: class.deleted };
        let class = Class::new(days.from, days.to, value(class.indicator)?, source.release);
        Some(PairRow { source: placed.row.column_1(), target: placed.row.column_2(), class, line: placed.line })
    });
    let from = Date::new(KEPT_FROM, 1, 1).unwrap_or(source.days.from);
    OwnDays { release: source.release, days: DateRange { from, to: source.days.to }, pairs: pairs.collect() }
}

fn list(source: &Source<'_>, ptp: &Ptp) -> Snapshot<Pair, Listed> {
    let rows = ptp.pairs.rows.iter().filter_map(|placed| {
        let class = ptp.class(placed.row)?;
        // A pair that ended before says an end without a beginning: of no use on any day of the quarter.
        let in_force = class.deleted.is_none_or(|deleted| deleted >= source.days.from);
        let listed = Listed { value: value(class.indicator)?, until: class.deleted };
        in_force.then(|| (Pair(placed.row.column_1(), placed.row.column_2()), listed, placed.line))
    });
    Snapshot { release: source.release, days: source.days, rows: rows.collect() }
}
