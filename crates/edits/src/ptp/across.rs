//! Finds the PTP pairs between a claim's lines and those of claims that came before it in the run.
//!
//! A payer pairs lines of one patient, provider and day whichever claims they are on. The finding is at the line of
//! the later claim, be it column 1 or column 2: the earlier one may have gone out already.

use super::pairs::{NCCI_MODIFIER_EITHER_LINE_FROM, NEVER, OTHER_CODE, Table, columns};
use crate::same_day::{Giver, Givers};
use crate::{ClaimFacts, EarlierClaim, EarlierLine, Finding, LineFacts, Reason, Value};
use claims::Given;
use codes::{Date, Modifier};
use codeset::{Class, Codeset, Ordinal, SystemId, flags};

/// A pair of a line of the claim with one of an earlier claim.
#[derive(Clone, Copy, Debug)]
pub(super) struct AcrossPair<'c> {
    /// The line of the claim, by its place.
    pub(super) line: u32,
    /// Whether it is column 1.
    pub(super) is_column_1: bool,
    /// The earlier claim.
    pub(super) claim: EarlierClaim<'c>,
    /// Its line.
    pub(super) other: EarlierLine,
    /// What the table says of the pair.
    pub(super) class: Class,
    /// Which line's modifier releases it, if one does.
    pub(super) released: Option<Released>,
}

/// What releases a pair, or leaves open whether it fails. In the order of what a line comes to that is in several.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug)]
pub(super) enum Released {
    /// A modifier of the claim's own line.
    ByOwn,
    /// A modifier of the earlier claim's line.
    ByOther,
    /// It cannot be told: the modifier table does not cover the day.
    Unknown,
    /// It cannot be told: no release of procedures lists the earlier claim's code, which the pairs have.
    CodeUnlisted,
}

impl Released {
    /// Why it cannot be told, if it cannot.
    pub(super) fn unknown(self) -> Option<Reason> {
        match self {
            Released::ByOwn | Released::ByOther => None,
            Released::Unknown => Some(Reason::DateOutsideReleases(SystemId::Modifier.name())),
            Released::CodeUnlisted => Some(Reason::CodeNotValid(OTHER_CODE)),
        }
    }
}

/// A line of an earlier claim that may be part of a pair.
struct Other<'c> {
    date: Date,
    ordinal: Ordinal,
    giver: Giver,
    claim: EarlierClaim<'c>,
    line: EarlierLine,
}

impl Other<'_> {
    fn alike(&self) -> (Date, Ordinal, Giver, [Modifier; 4]) {
        (self.date, self.ordinal, self.giver, self.line.modifiers)
    }
}

/// The pairs of the indicator between the claim's lines and earlier claims', for each line the one that decides: one
/// that nothing releases, if there is one. In the order of the lines.
pub(super) fn pairs<'c>(claim: &ClaimFacts<'c>, indicator: u16) -> Vec<AcrossPair<'c>> {
    if claim.earlier.is_empty() {
        return Vec::new();
    }
    let Table::Pairs(relation) = Table::of(claim) else { return Vec::new() };
    let (Some(procedures), facility) = (claim.system(SystemId::Procedure), claim.is_institutional()) else {
        return Vec::new();
    };
    let (row, givers) = (claim.claim.row, Givers::of(claim));
    let mut others: Vec<Other<'c>> = Vec::new();
    for earlier in claim.earlier {
        let same_table = earlier.claim_type == row.claim_type
            && Table::id(facility, earlier.bill_type.map_or(Given::Absent, Given::Is)).ok().flatten()
                == Some(relation.id());
        if !same_table {
            continue;
        }
        for line in earlier.lines {
            let (Some(giver), Some(ordinal)) =
                (givers.earlier(claim, earlier, line), procedures.ordinal(line.procedure))
            else {
                continue;
            };
            others.push(Other { date: line.from, ordinal, giver, claim: *earlier, line: *line });
        }
    }
    // Of lines that are alike, the first stands for all: a claim may, wrongly, have a hundred thousand.
    others.sort_by_key(Other::alike);
    others.dedup_by_key(|other| other.alike());
    let (column_1, column_2) = columns(relation.id());
    let mut found = Vec::new();
    for (place, line) in (0u32..).zip(claim.lines) {
        let (Some(date), Some(ordinal)) = (line.date, line.procedure.ordinal()) else { continue };
        let giver = givers.giver(line);
        if line.could & (column_1 | column_2) == 0 {
            continue;
        }
        let start = others.partition_point(|other| other.date < date);
        let day = &others[start..];
        let day = &day[..day.partition_point(|other| other.date == date)];
        let mut decisive: Option<AcrossPair<'c>> = None;
        // No code is paired with itself.
        for other in day.iter().filter(|other| other.ordinal != ordinal && other.giver == giver) {
            let as_column_1 = relation.on(ordinal, other.ordinal, date).map(|class| (true, class));
            let either = as_column_1.or_else(|| relation.on(other.ordinal, ordinal, date).map(|class| (false, class)));
            let Some((is_column_1, class)) = either.filter(|(_, class)| class.value == indicator) else { continue };
            let released = if indicator == NEVER { None } else { released(claim, line, other, is_column_1, date) };
            let unlisted = procedures.rows(other.ordinal).is_empty() && released != Some(Released::ByOwn);
            let released = if unlisted { Some(Released::CodeUnlisted) } else { released };
            let pair = AcrossPair { line: place, is_column_1, claim: other.claim, other: other.line, class, released };
            // What nothing releases decides, then what cannot be told.
            let decides =
                |own: AcrossPair<'_>| own.released.is_some() && (released.is_none() || released > own.released);
            if decisive.is_none_or(decides) {
                decisive = Some(pair);
            }
            if released.is_none() {
                break;
            }
        }
        found.extend(decisive);
    }
    found
}

fn released(
    claim: &ClaimFacts<'_>,
    line: &LineFacts<'_>,
    other: &Other<'_>,
    is_column_1: bool,
    date: Date,
) -> Option<Released> {
    let covered = claim.system(SystemId::Modifier).is_some_and(|modifiers| modifiers.covers(date));
    let either = date >= NCCI_MODIFIER_EITHER_LINE_FROM;
    let own_counts = (either || !is_column_1) && line.given_modifiers().next().is_some();
    let other_counts = (either || is_column_1) && other.line.modifiers.iter().any(|modifier| !modifier.is_absent());
    if own_counts && claim.has_ncci_modifier(line).is_some() {
        Some(Released::ByOwn)
    } else if other_counts && ncci_modifier(claim.codeset, &other.line).is_some() {
        Some(Released::ByOther)
    } else {
        ((own_counts || other_counts) && !covered).then_some(Released::Unknown)
    }
}

/// The first modifier of an earlier line that is NCCI PTP-associated on its date.
pub(super) fn ncci_modifier(codeset: &Codeset, line: &EarlierLine) -> Option<Modifier> {
    let system = codeset.system(SystemId::Modifier)?;
    line.modifiers.into_iter().filter(|modifier| !modifier.is_absent() && !modifier.is_malformed()).find(|modifier| {
        let row = system.ordinal(modifier.code()).and_then(|ordinal| system.row_on(ordinal, line.from));
        row.is_some_and(|row| row.has(flags::modifier::NCCI))
    })
}

/// Gives a finding the values that its messages name.
pub(super) fn tell(claim: &ClaimFacts<'_>, pair: &AcrossPair<'_>, finding: &mut Finding) {
    let own = claim.lines.get(pair.line as usize).map(|line| line.row.procedure).unwrap_or_default();
    let (first, second) = if pair.is_column_1 { (own, pair.other.procedure) } else { (pair.other.procedure, own) };
    finding
        .with("procedure", Value::Code(second))
        .with("column_1", Value::Code(first))
        .with("other_claim", Value::Text(pair.claim.id.to_owned()))
        .with("other_line", Value::Count(pair.other.number.into()))
        .with("indicator", Value::Count(pair.class.value.into()))
        .with("date", Value::Date(pair.other.from))
        .from_release(pair.class.release);
}
