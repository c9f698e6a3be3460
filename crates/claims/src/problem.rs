//! What a reader could not read.

use crate::{Field, Place, Structure};

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
    /// A value beyond the last of its kind that there is a place for. It is left out.
    TooMany {
        /// How many there may be: "a claim has at most 25 diagnoses".
        limit: &'static str,
    },
    /// A claim-level field that differs from the first row of the same claim; the first row's value is used.
    Disagrees,
    /// The claim's id appeared before, with other claims between.
    RowsApart,
    /// The transaction set ends within the claim, without its SE segment: lines may be missing. The claim is
    /// unreadable.
    CutShort,
    /// A transaction set 837 of another implementation guide than those of version 005010 for claims. It is read as
    /// far as it is like them.
    OtherGuide {
        /// What GS08 or ST03 names; empty where neither does.
        given: String,
    },
    /// A transaction set that is no 837: not judged.
    OtherTransaction {
        /// What ST01 names.
        given: String,
    },
    /// Text outside of any interchange: not read.
    NoSegment,
    /// A claim's composites are separated otherwise than the ISA says. From this claim on they are read so.
    ComponentSeparator {
        /// What the ISA says.
        given: char,
        /// What the claim uses.
        used: char,
    },
    /// What stands there is not JSON, or has members of other types than its schema allows. The claim is unreadable.
    NotJson {
        /// Offset, within the claim's text, of the byte at which it was found out.
        at: u32,
    },
    /// JSON that is no claim which can be scrubbed. It is reported as an unreadable claim.
    NotAClaim {
        /// What it is: `Patient`, "an array".
        found: Box<str>,
    },
    /// A member of a JSON claim that no field takes. It is left out.
    UnknownMember {
        /// Where in the claim: `lines[0].colour`.
        path: Box<str>,
    },
    /// A member of a JSON claim whose value cannot be taken. The field counts as not given.
    BadMember {
        /// Where in the claim: `lines[0].units`.
        path: Box<str>,
        /// What it takes: "a text or a number".
        expected: &'static str,
    },
    /// A sequence in a FHIR claim that no diagnosis of the claim has. It is left out.
    NoSuchDiagnosis {
        /// Where in the claim: `Claim.item[0].diagnosisSequence[1]`.
        path: Box<str>,
        /// The sequence.
        sequence: u32,
    },
    /// A member of a JSON object that comes more than once. The first is used.
    MemberTwice {
        /// Where in the claim: `lines[0].units`.
        path: Box<str>,
    },
    /// A code or identifier of a system that is not scrubbed. It is left out.
    OtherSystem {
        /// Where in the claim: `Claim.diagnosis[1]`.
        path: Box<str>,
        /// The system, as the claim names it.
        system: Box<str>,
    },
    /// The structure of an X12 file is not as its implementation guide has it. What can be read is read all the same.
    Structure(Structure),
}

impl ProblemKind {
    /// Whether the row, and so the claim, could not be judged as a whole.
    pub fn makes_unreadable(&self) -> bool {
        match self {
            Self::ColumnCount { .. } | Self::NotUtf8 { .. } | Self::StrayQuote | Self::TooLong { .. } => true,
            Self::NoClaimId | Self::CutShort => true,
            Self::BadValue { .. } | Self::TooMany { .. } => false,
            Self::Disagrees | Self::RowsApart => false,
            Self::OtherGuide { .. } | Self::OtherTransaction { .. } => false,
            Self::NotJson { .. } | Self::NotAClaim { .. } => true,
            Self::UnknownMember { .. } | Self::BadMember { .. } | Self::NoSuchDiagnosis { .. } => false,
            Self::MemberTwice { .. } | Self::OtherSystem { .. } => false,
            Self::NoSegment | Self::ComponentSeparator { .. } | Self::Structure(_) => false,
        }
    }
}

/// One thing a reader could not read, and where.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Problem {
    /// Why.
    pub kind: ProblemKind,
    /// The claim in the batch, counted from 0, or [`Problem::NO_CLAIM`]. A row with no claim of its own makes one
    /// (with an empty id); a problem of a file, an envelope or a transaction set makes none, and is kept in
    /// [`crate::ClaimBatch::outside`].
    pub claim: u32,
    /// The line in the batch's flat array, when one was made of the row.
    pub line: Option<u32>,
    /// The field, when one is at fault.
    pub field: Option<Field>,
    /// Where the row begins.
    pub place: Place,
}

impl Problem {
    /// Stands for the claim of a problem that belongs to none.
    pub const NO_CLAIM: u32 = u32::MAX;

    /// A problem that belongs to no claim.
    pub fn outside(kind: ProblemKind, place: Place) -> Problem {
        Problem { kind, claim: Problem::NO_CLAIM, line: None, field: None, place }
    }
}
