//! What a reader could not read.

use crate::{Field, Place};

/// Why a part of the input could not be read.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum ProblemKind {
    /// A row with more or fewer fields than the header. The row is unreadable.
    ColumnCount {
        /// Fields the header has.
        expected: u32,
        /// Fields the row has.
        got: u32,
    },
    /// A row with bytes that are not UTF-8, the first at this offset within the row. The row is unreadable.
    NotUtf8 {
        /// Offset within the row.
        at: u32,
    },
    /// A quote inside an unquoted field, text after a closing quote, or a quote never closed. The row is
    /// unreadable.
    StrayQuote,
    /// A row or field longer than the reader takes. The row is unreadable.
    TooLong {
        /// The most bytes it takes.
        limit: u32,
    },
    /// No claim id. The row is unreadable.
    NoClaimId,
    /// A value that is not of its field's form. The field counts as not given.
    BadValue {
        /// What the field takes: "a date as YYYYMMDD or YYYY-MM-DD".
        expected: &'static str,
    },
    /// A claim-level field that differs from the first row of the same claim; the first row's value is used.
    Disagrees,
    /// The claim's id appeared before, with other claims between.
    RowsApart,
}

impl ProblemKind {
    /// Whether the row, and so the claim, could not be judged as a whole.
    pub fn makes_unreadable(&self) -> bool {
        !matches!(self, Self::BadValue { .. } | Self::Disagrees | Self::RowsApart)
    }
}

/// One thing a reader could not read, and where.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Problem {
    /// Why.
    pub kind: ProblemKind,
    /// The claim in the batch, counted from 0. A row with no claim of its own makes one (with an empty id).
    pub claim: u32,
    /// The line in the batch's flat array, when one was made of the row.
    pub line: Option<u32>,
    /// The field, when one is at fault.
    pub field: Option<Field>,
    /// Where the row begins.
    pub place: Place,
}
