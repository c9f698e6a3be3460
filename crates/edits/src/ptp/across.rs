//! Finds the PTP pairs between a claim's lines and those of claims that came before it in the run.
//!
//! A payer pairs lines of one patient, provider and day whichever claims they are on. The finding is at the line of
//! the later claim, be it column 1 or column 2: the earlier one may have gone out already.

use super::pairs::{NCCI_MODIFIER_EITHER_LINE_FROM, NEVER, Table, columns};
use crate::same_day::{Givers, is_professional_fee};
use crate::{ClaimFacts, EarlierClaim, EarlierLine, Finding, LineFacts, Value};
use claims::Given;
use codes::{Date, Modifier, Npi};
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

/// What releases a pair.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) enum Released {
    /// A modifier of the claim's own line.
    ByOwn,
    /// A modifier of the earlier claim's line.
    ByOther,
    /// It cannot be told: the modifier table does not cover the day.
    Unknown,
}

/// A line of an earlier claim that may be part of a pair.
struct Other<'c> {
    date: Date,
    ordinal: Ordinal,
    fee: bool,
    provider: Npi,
    claim: EarlierClaim<'c>,
    line: EarlierLine,
}

impl Other<'_> {
    fn alike(&self) -> (Date, Ordinal, bool, Npi, [Modifier; 4]) {
        (self.date, self.ordinal, self.fee, self.provider, self.line.modifiers)
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
            let rendering = line.rendering_npi.filter(|_| !givers.is_billing());
            let (Some(provider), Some(ordinal)) =
                (rendering.or(earlier.billing_npi), procedures.ordinal(line.procedure))
            else {
                continue;
            };
            let fee = is_professional_fee(line.revenue_code);
            others.push(Other { date: line.from, ordinal, fee, provider, claim: *earlier, line: *line });
        }
    }
    // Of lines that are alike, the first stands for all: a claim may, wrongly, have a hundred thousand.
    others.sort_by_key(Other::alike);
    others.dedup_by_key(|other| other.alike());
    let (column_1, column_2) = columns(relation.id());
    let mut found = Vec::new();
    for (place, line) in (0u32..).zip(claim.lines) {
        let (Some(date), Some(ordinal)) = (line.date, line.procedure.ordinal()) else { continue };
        let own_provider = if givers.is_billing() { row.billing_npi.value() } else { line.provider };
        let own_fee = givers.giver(line).fee;
        if line.could & (column_1 | column_2) == 0 {
            continue;
        }
        let start = others.partition_point(|other| other.date < date);
        let day = &others[start..];
        let day = &day[..day.partition_point(|other| other.date == date)];
        let mut decisive: Option<AcrossPair<'c>> = None;
        // No code is paired with itself.
        for other in day.iter().filter(|other| other.ordinal != ordinal) {
            if Some(other.provider) != own_provider || (givers.splits_fees() && other.fee != own_fee) {
                continue;
            }
            let as_column_1 = relation.on(ordinal, other.ordinal, date).map(|class| (true, class));
            let either = as_column_1.or_else(|| relation.on(other.ordinal, ordinal, date).map(|class| (false, class)));
            let Some((is_column_1, class)) = either.filter(|(_, class)| class.value == indicator) else { continue };
            let released = if indicator == NEVER { None } else { released(claim, line, other, is_column_1, date) };
            let pair = AcrossPair { line: place, is_column_1, claim: other.claim, other: other.line, class, released };
            if decisive.is_none_or(|own| own.released.is_some() && released.is_none()) {
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
