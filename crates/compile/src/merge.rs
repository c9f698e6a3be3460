//! Many tables' rows into one system or relation each.

use crate::error::{CompileError, Located};
use crate::rows::{CodeRow, PairRow};
use codes::{Code, DateRange};
use codeset::{RelationBuilder, RelationId, SystemBuilder, SystemId};
use std::path::PathBuf;

/// Puts rows in order of code, then of days, and refuses two that hold on one day. Both are named by their lines;
/// `paths` are the files by release number.
pub(crate) fn order_rows(rows: &mut [CodeRow], paths: &[PathBuf]) -> Result<(), CompileError> {
    rows.sort_unstable_by_key(|row| (row.code, row.row.days().from, row.row.release, row.line));
    for pair in rows.windows(2) {
        let (first, second) = (&pair[0], &pair[1]);
        if first.code == second.code && meet(first.row.days(), second.row.days()) {
            let places = [(first.row.release, first.line), (second.row.release, second.line)];
            return Err(overlap(paths, places, first.code.to_string(), first.row.days(), second.row.days()));
        }
    }
    Ok(())
}

/// As [`order_rows`], for pairs.
pub(crate) fn order_pairs(pairs: &mut [PairRow], paths: &[PathBuf]) -> Result<(), CompileError> {
    pairs.sort_unstable_by_key(|pair| (pair.source, pair.target, pair.class, pair.line));
    for pair in pairs.windows(2) {
        let (first, second) = (&pair[0], &pair[1]);
        if (first.source, first.target) == (second.source, second.target)
            && meet(first.class.days(), second.class.days())
        {
            let places = [(first.class.release, first.line), (second.class.release, second.line)];
            let name = format!("{} with {}", first.source, first.target);
            return Err(overlap(paths, places, name, first.class.days(), second.class.days()));
        }
    }
    Ok(())
}

/// Whether an interval reaches into one that begins no earlier.
fn meet(first: DateRange, second: DateRange) -> bool {
    first.to.is_none_or(|end| end >= second.from)
}

fn overlap(
    paths: &[PathBuf],
    places: [(u16, u32); 2],
    name: String,
    first: DateRange,
    second: DateRange,
) -> CompileError {
    let path = |release: u16| paths.get(usize::from(release)).cloned().unwrap_or_default();
    let [(first_release, first_line), (second_release, second_line)] = places;
    Located {
        path: path(second_release),
        line: second_line,
        column: "the row's days".to_owned(),
        expected: format!("no two rows of {name} on one day"),
        found: format!("{second}, and {first} at {}:{first_line}", path(first_release).display()),
        advice: "correct the days of one of the two, or leave it out".to_owned(),
    }
    .into()
}

/// A system of ordered rows.
pub(crate) fn system(id: SystemId, rows: &[CodeRow]) -> SystemBuilder {
    let mut builder = SystemBuilder::new(id);
    for row in rows {
        builder.add(row.code, row.row, None);
    }
    builder
}

/// A relation of ordered pairs.
pub(crate) fn relation(id: RelationId, pairs: &[PairRow]) -> RelationBuilder {
    let mut builder = RelationBuilder::new(id);
    for pair in pairs {
        builder.add(pair.source, pair.target, pair.class);
    }
    builder
}

/// Every code on one side of ordered pairs, once.
pub(crate) fn side(pairs: &[PairRow], side: fn(&PairRow) -> Code) -> Vec<Code> {
    let mut codes: Vec<Code> = pairs.iter().map(side).collect();
    codes.sort_unstable();
    codes.dedup();
    codes
}
