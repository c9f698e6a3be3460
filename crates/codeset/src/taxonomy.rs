//! The provider taxonomy. Its codes have ten characters, too many for the packed codes of the systems, and nothing else
//! refers to them: a sorted table of its own.

use crate::bytes::{Bytes, View};
use crate::error::OpenError;
use crate::format::{Directory, SectionWriter};
use bytemuck::{Pod, Zeroable};
use codes::{Date, DateRange};
use std::fmt;
use std::sync::Arc;

/// The section, and the part of its releases.
const NAME: &str = "taxonomy";
const OPEN: i32 = i32::MAX;

/// A code of the provider taxonomy: ten capitals and digits, the last an X.
///
/// ```
/// use cleanclaim_codeset::TaxonomyCode;
/// assert_eq!(TaxonomyCode::parse(b"207q00000x").map(|code| code.to_string()).as_deref(), Some("207Q00000X"));
/// assert_eq!(TaxonomyCode::parse(b"207Q00000"), None);
/// ```
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Pod, Zeroable)]
#[repr(transparent)]
pub struct TaxonomyCode([u8; 10]);

impl TaxonomyCode {
    /// The code, folded to capitals. `None` for what has not its form.
    pub fn parse(text: &[u8]) -> Option<TaxonomyCode> {
        let code: [u8; 10] = text.try_into().ok()?;
        let code = code.map(|byte| byte.to_ascii_uppercase());
        (code[9] == b'X' && code.iter().all(u8::is_ascii_alphanumeric)).then_some(TaxonomyCode(code))
    }

    /// The characters.
    pub fn as_str(&self) -> &str {
        std::str::from_utf8(&self.0).unwrap_or_default()
    }
}

impl fmt::Display for TaxonomyCode {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

impl fmt::Debug for TaxonomyCode {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

/// A code of the taxonomy during some days: 20 bytes, read in place.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug, Pod, Zeroable)]
#[repr(C)]
pub struct TaxonomyRow {
    /// The code.
    pub code: TaxonomyCode,
    /// The release, an index into [`crate::Codeset::releases`].
    pub release: u16,
    from: i32,
    to: i32,
}

impl TaxonomyRow {
    /// A code on these days.
    pub fn new(code: TaxonomyCode, days: DateRange, release: u16) -> TaxonomyRow {
        TaxonomyRow { code, release, from: days.from.days(), to: days.to.map_or(OPEN, Date::days) }
    }

    /// The days on which the code may be used.
    pub fn days(&self) -> DateRange {
        DateRange { from: Date::from_days(self.from), to: (self.to != OPEN).then(|| Date::from_days(self.to)) }
    }

    /// Whether the code may be used on the day.
    #[inline]
    pub fn holds_on(&self, day: Date) -> bool {
        self.from <= day.days() && day.days() <= self.to
    }
}

/// The provider taxonomy of an image, read in place.
pub struct Taxonomies {
    rows: View<TaxonomyRow>,
    coverage: Vec<DateRange>,
}

pub(crate) fn write(mut rows: Vec<TaxonomyRow>, sections: &mut SectionWriter) {
    rows.sort_unstable_by_key(|row| (row.code, row.from, row.to, row.release));
    rows.dedup();
    sections.add(format!("{NAME}.rows"), &rows);
}

impl Taxonomies {
    /// The part of its releases.
    pub const PART: &'static str = NAME;

    pub(crate) fn open(bytes: &Arc<Bytes>, directory: &Directory) -> Result<Option<Taxonomies>, OpenError> {
        let section = format!("{NAME}.rows");
        if directory.section(&section).is_none() {
            return Ok(None);
        }
        Ok(Some(Taxonomies { rows: directory.view(bytes, &section)?, coverage: directory.coverage(NAME) }))
    }

    /// How many dated rows there are.
    pub fn len(&self) -> usize {
        self.rows.len()
    }

    /// Whether there are no rows.
    pub fn is_empty(&self) -> bool {
        self.rows.is_empty()
    }

    /// Every dated row, in order of codes and days.
    pub fn rows(&self) -> &[TaxonomyRow] {
        &self.rows
    }

    /// Every code once, in order.
    pub fn codes(&self) -> impl Iterator<Item = TaxonomyCode> {
        self.rows.chunk_by(|a, b| a.code == b.code).filter_map(|rows| rows.first()).map(|row| row.code)
    }

    /// The dated rows of a code. None when no release lists it.
    pub fn rows_of(&self, code: TaxonomyCode) -> &[TaxonomyRow] {
        let low = self.rows.partition_point(|row| row.code < code);
        let high = low + self.rows[low..].partition_point(|row| row.code == code);
        &self.rows[low..high]
    }

    /// The code's row on a day.
    pub fn row_on(&self, code: TaxonomyCode, day: Date) -> Option<&TaxonomyRow> {
        self.rows_of(code).iter().find(|row| row.holds_on(day))
    }

    /// The days for which the releases answer, in order and apart.
    pub fn coverage(&self) -> &[DateRange] {
        &self.coverage
    }

    /// Whether the releases answer for the day.
    pub fn covers(&self, day: Date) -> bool {
        self.coverage.iter().any(|range| range.contains(day))
    }
}
