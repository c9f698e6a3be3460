//! Adjustment reason codes (CARC) and remark codes (RARC) of remittance advices: codes with days of their own, no texts.

use super::super::given::{Given, Share};
use super::super::period::Period;
use super::super::seed::Seed;
use super::super::snapshots::succession;
use super::super::{Assembly, Part};
use super::add_rows;
use crate::error::CompileError;
use crate::publisher::Publication;
use crate::publisher::remarks::RemarkKind;
use crate::rows::CodeRow;
use codes::{Code, DateRange};
use codeset::{Row, SystemId};
use std::collections::BTreeMap;

pub(crate) const PART: Part = Part { shares, merge };

const TABLE: &str = "adjustment-codes";
const SYSTEMS: [(SystemId, RemarkKind); 2] =
    [(SystemId::AdjustmentReason, RemarkKind::Reason), (SystemId::RemittanceRemark, RemarkKind::Remark)];

fn shares(publication: &Publication) -> Vec<Share> {
    match publication {
        Publication::RemarkCodes(_) => {
            SYSTEMS.iter().map(|(id, _)| Share { table: TABLE, part: id.name(), period: Period::Open }).collect()
        }
        _ => Vec::new(),
    }
}

fn merge(given: &Given<'_>, assembly: &mut Assembly) -> Result<(), CompileError> {
    for (id, kind) in SYSTEMS {
        let sources = given.publications(id.name());
        let seed = Seed::of(given, id);
        if seed.rows.is_empty() && sources.is_empty() {
            continue;
        }
        let mut releases: Vec<(u16, DateRange)> = sources.iter().map(|source| (source.release, source.days)).collect();
        for (number, release) in given.base_releases(id.name()) {
            if releases.iter().all(|(known, _)| *known != number) {
                releases.push((number, release.covers()));
            }
        }
        let answers = succession(&releases);
        let covers: BTreeMap<u16, DateRange> = releases.iter().map(|(number, _)| *number).zip(answers).collect();
        assembly.covers.extend(&covers);
        let age = |release: u16| (covers.get(&release).map(|days| days.from), release);
        // The newest file that lists a code has its days; a code that no file lists any more keeps those it had.
        let mut rows: BTreeMap<Code, CodeRow> = seed.rows.into_iter().map(|row| (row.code, row)).collect();
        for source in &sources {
            let Publication::RemarkCodes(remarks) = source.publication else { continue };
            for placed in remarks.rows.iter().filter(|placed| placed.row.kind == kind) {
                let Some(start) = placed.row.start else { continue };
                let row = Row::new(start, placed.row.end, source.release);
                let known = rows.get(&placed.row.code).map(|row| age(row.row.release));
                if known.is_none_or(|known| known <= age(source.release)) {
                    rows.insert(placed.row.code, CodeRow { code: placed.row.code, row, line: placed.line });
                }
            }
        }
        add_rows(id, &rows.into_values().collect::<Vec<_>>(), assembly);
    }
    Ok(())
}
