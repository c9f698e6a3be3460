//! Code systems: what each code is, from when to when.

mod addenda;
mod bill_types;
mod diagnoses;
mod kept;
mod level_2;
mod places;
mod procedures;
mod remarks;
mod taxonomies;
mod titles;

pub(super) use addenda::TABLE as ADDENDA;
pub(super) use bill_types::PART as BILL_TYPES;
pub(super) use diagnoses::PART as DIAGNOSES;
pub(super) use kept::PART as KEPT;
pub(super) use places::PART as PLACES;
pub(super) use procedures::PART as PROCEDURES;
pub(super) use remarks::PART as REMARKS;
pub(super) use taxonomies::PART as TAXONOMIES;

use super::Assembly;
use super::snapshots::Dated;
use crate::could::could_of_row;
use crate::days::{Days, range, span, without};
use crate::rows::CodeRow;
use codes::{Code, DateRange};
use codeset::{Row, SystemId};
use std::fmt;

/// That a code may be reported, in the words of conflicts.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) struct Reportable;

impl fmt::Debug for Reportable {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a code that may be reported")
    }
}

/// The days of a row that are not in `covered`, as rows.
fn outside(row: &Dated<Code, Row>, covered: &[Days]) -> Vec<CodeRow> {
    let pieces = without(&[span(row.days)], covered);
    let cut = |days: Days| {
        let DateRange { from, to } = range(days);
        let mut piece = Row::new(from, to, row.release);
        piece.flags = row.value.flags;
        CodeRow { code: row.key, row: piece, line: row.line }
    };
    pieces.into_iter().map(cut).collect()
}

/// Puts rows into a system of the assembly.
fn add_rows(id: SystemId, rows: &[CodeRow], assembly: &mut Assembly) {
    let system = assembly.system(id);
    for row in rows {
        system.add(row.code, row.row, None);
        system.could(row.code, could_of_row(id, &row.row));
    }
}
