//! The headers of ICD-10-CM: categories and subcategories, dated by the codes below them.
//!
//! No table dates the headers. A header is there on the days on which some longer code that begins with it may be
//! reported, except when it may be reported itself: A04.7 was a code until 2017-09-30 and is a header since.

use crate::days::{Days, OPEN, joined, span, without};
use crate::rows::CodeRow;
use codes::{Code, Date};
use codeset::Row;
use std::collections::BTreeMap;

/// The length of a category, the shortest header.
const CATEGORY: usize = 3;
#[derive(Default)]
struct Below {
    days: Vec<Days>,
    release: u16,
}

/// A header row for every beginning of three or more characters of a code that may be reported. `rows` are those
/// of one system, in order of codes and then of days, and do not overlap.
pub(crate) fn headers(rows: &[CodeRow]) -> Vec<(Code, Row)> {
    let mut below: BTreeMap<Code, Below> = BTreeMap::new();
    for row in rows {
        for length in CATEGORY..row.code.len() {
            let entry = below.entry(row.code.prefix(length)).or_default();
            entry.days.push(span(row.row.days()));
            // The newest of the releases that the header is known by.
            entry.release = entry.release.max(row.row.release);
        }
    }
    let mut found = Vec::new();
    for (code, Below { days, release }) in below {
        let start = rows.partition_point(|row| row.code < code);
        let own: Vec<Days> =
            rows[start..].iter().take_while(|row| row.code == code).map(|row| span(row.row.days())).collect();
        for (from, to) in without(&joined(days), &own) {
            let end = (to != OPEN).then(|| Date::from_days(to));
            found.push((code, Row::new(Date::from_days(from), end, release).header()));
        }
    }
    found
}
