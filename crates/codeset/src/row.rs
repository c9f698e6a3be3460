//! One dated row of a code.

use bytemuck::{Pod, Zeroable};
use codes::{Date, DateRange};

/// `Row::to` of a row whose end is not known. Kept inside: readers see [`DateRange::to`] as `None`.
const OPEN: i32 = i32::MAX;
/// The highest age that a row can limit to; 124 is the I/OCE's and the MCE's "no limit".
pub(crate) const NO_AGE_LIMIT: u8 = 124;

/// What kind of entry a row makes its code.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum RowKind {
    /// The code may be reported.
    Billable,
    /// A category or subcategory: longer codes below it may be reported.
    Header,
}

/// What a code is during one closed interval of days: 20 bytes, fixed, read in place.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Pod, Zeroable)]
#[repr(C)]
pub struct Row {
    from: i32,
    to: i32,
    /// The flags of the code's system, see [`crate::flags`].
    pub flags: u32,
    /// The release that the row was read from, an index into [`crate::Codeset::releases`].
    pub release: u16,
    /// Youngest age in completed years.
    pub age_low: u8,
    /// Oldest age in completed years; 124 is no limit.
    pub age_high: u8,
    /// Status indicator, padded with zero bytes.
    pub status: [u8; 2],
    kind: u8,
    reserved: u8,
}

impl Row {
    /// A billable row of these days, of release 0, with no limits and no flags.
    pub fn new(from: Date, to: Option<Date>, release: u16) -> Row {
        Row {
            from: from.days(),
            to: to.map_or(OPEN, Date::days),
            flags: 0,
            release,
            age_low: 0,
            age_high: NO_AGE_LIMIT,
            status: [0; 2],
            kind: 0,
            reserved: 0,
        }
    }

    /// The same row as a header.
    #[must_use]
    pub fn header(self) -> Row {
        Row { kind: 1, ..self }
    }

    /// The days on which the row holds.
    #[inline]
    pub fn days(&self) -> DateRange {
        DateRange { from: Date::from_days(self.from), to: (self.to != OPEN).then(|| Date::from_days(self.to)) }
    }

    /// Whether the row holds on the day.
    #[inline]
    pub fn holds_on(&self, day: Date) -> bool {
        self.from <= day.days() && day.days() <= self.to
    }

    /// Whether the code may be reported or is a header.
    #[inline]
    pub fn kind(&self) -> RowKind {
        if self.kind == 0 { RowKind::Billable } else { RowKind::Header }
    }

    /// Whether the code may be reported.
    #[inline]
    pub fn is_billable(&self) -> bool {
        self.kind == 0
    }

    /// Whether all of these flags are set.
    #[inline]
    pub fn has(&self, flags: u32) -> bool {
        self.flags & flags == flags
    }

    /// Whether the row limits the patient's age by its own bounds.
    #[inline]
    pub fn limits_age(&self) -> bool {
        self.age_low > 0 || self.age_high < NO_AGE_LIMIT
    }

    /// The status indicator as text.
    pub fn status(&self) -> &str {
        let length = self.status.iter().position(|&byte| byte == 0).unwrap_or(self.status.len());
        std::str::from_utf8(&self.status[..length]).unwrap_or_default()
    }
}
