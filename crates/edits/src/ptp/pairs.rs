//! Finds the PTP pairs among a claim's lines.
//!
//! A pair is a column-1 line and another, column-2 line of the same giver and day whose codes NCCI lists on that
//! day. Units and charges do not matter, so a line of zero or negative units counts as any other, and so does one
//! that fails another edit.

use crate::facts::PtpPairs;
use crate::same_day::{AMBULATORY_SURGERY, FEW, Giver, Givers, LISTED};
use crate::{ClaimFacts, Fires, Grounds, Kind, LineFacts, Lookup, Reason, Recorder, Unit, px};
use claims::{Field, Given};
use codes::{BillType, Date};
use codeset::flags::could;
use codeset::{Class, Ordinal, Relation, RelationId, SystemId};

/// From this date of service on, 2019-07-01, an NCCI-associated modifier releases a pair from either line; before,
/// from the column-2 line only. CR 11168, Transmittal 2259.
pub(super) const NCCI_MODIFIER_EITHER_LINE_FROM: Date = Date::from_days(18_078);

/// Bill types (facility and care) that the I/OCE processes without edits 20 and 40: religious non-medical
/// institutions, rural health clinics and federally qualified health centers, which are not paid by the service.
/// I/OCE specifications, edits applied by bill type.
const NOT_PAIRED: [u8; 3] = [43, 71, 77];

/// The indicator of pairs that no modifier releases.
pub(super) const NEVER: u16 = 0;
/// The indicator of pairs that a modifier releases.
pub(super) const WITH_MODIFIER: u16 = 1;

/// When a PTP edit could have something to report: on lines that may be paired, beside claims that came before, or where it
/// cannot be told.
pub(super) const FIRES: Fires = Fires::PTP_PAIRED
    .or(Fires::EARLIER_CLAIMS)
    .or(Fires::UNKNOWN_PROCEDURE)
    .or(Fires::UNDATED_LINE)
    .or(Fires::NO_BILL_TYPE)
    .or(Fires::relation_unanswered(RelationId::PtpHospital))
    .or(Fires::relation_unanswered(RelationId::PtpPractitioner));

/// What pairs a claim's lines.
pub(super) enum Table<'f> {
    /// Nothing: PTP does not apply to the claim.
    None,
    /// This relation.
    Pairs(&'f Relation),
    /// It cannot be told, or is not loaded.
    Unknown(Reason),
}

impl<'f> Table<'f> {
    pub(super) fn of(claim: &ClaimFacts<'f>) -> Table<'f> {
        match Table::id(claim.is_institutional(), claim.claim.row.bill_type) {
            Ok(None) => Table::None,
            Ok(Some(id)) => claim.relation(id).map_or(Table::Unknown(Reason::TableNotLoaded(id.name())), Table::Pairs),
            Err(reason) => Table::Unknown(reason),
        }
    }

    /// The relation that pairs the lines of a claim, if one does.
    pub(super) fn id(institutional: bool, bill_type: Given<BillType>) -> Result<Option<RelationId>, Reason> {
        if !institutional {
            return Ok(Some(RelationId::PtpPractitioner));
        }
        match bill_type {
            Given::Is(bill) if bill.is_inpatient() || NOT_PAIRED.contains(&bill.facility_and_care()) => Ok(None),
            Given::Is(bill) if bill.facility_and_care() == AMBULATORY_SURGERY => Ok(Some(RelationId::PtpPractitioner)),
            Given::Is(_) => Ok(Some(RelationId::PtpHospital)),
            Given::Absent | Given::Invalid => Err(Reason::FieldAbsent(Field::BillType)),
        }
    }
}

/// The bits of [`could`] that column 1 and column 2 of a relation have.
pub(super) fn columns(id: RelationId) -> (u32, u32) {
    match id {
        RelationId::PtpPractitioner => (could::PTP_PRACTITIONER_COLUMN_1, could::PTP_PRACTITIONER_COLUMN_2),
        _ => (could::PTP_HOSPITAL_COLUMN_1, could::PTP_HOSPITAL_COLUMN_2),
    }
}

/// How the pairs of a column-2 line come out.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) enum Verdict {
    /// One of them is not released.
    Fails,
    /// All are released by a modifier on the line itself.
    ReleasedByOwn,
    /// All are released by modifiers on the column-1 lines.
    ReleasedByColumn1,
    /// Whether they are released depends on modifiers of a day that the modifier table does not cover.
    ModifiersUnknown,
    /// Whether it fails depends on a column-1 code that the pairs have and no release of procedures lists: it may be valid or
    /// not.
    CodeUnlisted,
}

/// For messages: the code of another line, with which the line may be a pair.
pub(super) const OTHER_CODE: &str = "procedures (the code of another line)";

/// The pairs of a column-2 line that make its verdict, as a finding tells them.
#[derive(Clone, PartialEq, Eq, Debug)]
pub(super) struct Pairs {
    /// How they come out.
    pub(super) verdict: Verdict,
    /// The first column-1 line, a place in the claim.
    pub(super) column_1: u32,
    /// The pair with that line.
    pub(super) class: Class,
    /// The next column-1 lines.
    others: Vec<u32>,
}

impl Pairs {
    /// The numbers of further column-1 lines, the first few of them.
    pub(super) fn other_lines(&self, claim: &ClaimFacts<'_>) -> Vec<u32> {
        self.others.iter().filter_map(|&line| claim.lines.get(line as usize)).map(|line| line.row.number).collect()
    }
}

/// Why the relation says nothing of any line, where it does not.
fn no_answer(claim: &ClaimFacts<'_>, relation: Option<&Relation>) -> Option<Reason> {
    let (relation, day) = (relation?, claim.day_of_all_lines()?);
    (!relation.covers(day)).then(|| Reason::DateOutsideReleases(relation.id().name()))
}

/// Why no line of claims of this kind can be paired.
pub(super) fn of_kind(kind: &Kind, grounds: &Grounds<'_>) -> Option<Reason> {
    let id = Table::id(kind.is_institutional(), kind.bill_type).ok()??;
    kind.lacks_relation(id, grounds)
}

/// Evaluates the pairs of one indicator: lines that cannot be judged are said to `out`, and every column-2 line
/// that has such a pair is given to `report`, with its place, in input order.
pub(super) fn evaluate<'r>(
    claim: &ClaimFacts<'_>,
    out: &mut Recorder<'r>,
    indicator: u16,
    mut report: impl FnMut(&mut Recorder<'r>, u32, &Pairs),
) {
    let (relation, unknown) = match Table::of(claim) {
        Table::None => return,
        Table::Pairs(relation) => (Some(relation), None),
        Table::Unknown(reason) => (None, Some(reason)),
    };
    if let Some(reason) = unknown.or_else(|| no_answer(claim, relation)).filter(|_| claim.has_all_procedures()) {
        return out.skip_all(Unit::Line, reason);
    }
    let found = match relation {
        Some(relation) if among(claim, relation, indicator) => Found::all(claim, relation, indicator),
        _ => Found::default(),
    };
    if found.hits.is_empty()
        && let (Some(relation), Some(day)) = (relation, claim.day_of_all_lines())
        && relation.covers(day)
    {
        // Every line can be judged, and is column 2 of no pair.
        return;
    }
    let mut hits = found.hits.iter().peekable();
    for (place, line) in (0u32..).zip(claim.lines) {
        let hit = hits.next_if(|hit| hit.line == place).and_then(|hit| found.pairs.get(hit.pairs));
        if line.procedure == Lookup::Absent || px::holds_rate_code(claim, line) {
            continue;
        }
        if let Some(reason) = unknown {
            out.skip_line(place, reason);
        } else if line.procedure.ordinal().is_none() {
            out.skip_line(place, Reason::CodeNotValid(SystemId::Procedure.name()));
        } else {
            match (line.governing_date(), relation) {
                (Err(reason), _) => out.skip_line(place, reason),
                (Ok(date), Some(relation)) if !relation.covers(date) => {
                    out.skip_line(place, Reason::DateOutsideReleases(relation.id().name()));
                }
                (Ok(_), _) => {
                    if let Some(pairs) = hit {
                        match pairs.verdict {
                            Verdict::ModifiersUnknown => {
                                out.skip_line(place, Reason::DateOutsideReleases(SystemId::Modifier.name()));
                            }
                            Verdict::CodeUnlisted => out.skip_line(place, Reason::CodeNotValid(OTHER_CODE)),
                            _ => report(out, place, pairs),
                        }
                    }
                }
            }
        }
    }
}

/// What of a line makes it part of a pair.
#[derive(Clone, Copy)]
struct Part {
    giver: Giver,
    date: Date,
    ordinal: Ordinal,
    /// Whether no release lists the code, though the pairs may have it.
    unlisted: bool,
}

fn part(claim: &ClaimFacts<'_>, givers: Givers, line: &LineFacts<'_>) -> Option<Part> {
    let (ordinal, unlisted) = match line.procedure {
        Lookup::Known(ordinal) => (ordinal, false),
        Lookup::Unknown => (claim.system(SystemId::Procedure)?.ordinal(line.row.procedure)?, true),
        Lookup::Absent | Lookup::Malformed => return None,
    };
    Some(Part { giver: givers.giver(line), date: line.date?, ordinal, unlisted })
}

/// Whether the lines may hold a pair of the indicator: exactly, when they are few.
fn among(claim: &ClaimFacts<'_>, relation: &Relation, indicator: u16) -> bool {
    if claim.lines.len() > FEW || claim.could_fire(Fires::UNKNOWN_PROCEDURE) {
        return true;
    }
    let seen = claim.ptp_pairs.get().unwrap_or_else(|| {
        let seen = look(claim, relation);
        claim.ptp_pairs.set(Some(seen));
        seen
    });
    if indicator == NEVER { seen.never } else { seen.with_modifier }
}

fn look(claim: &ClaimFacts<'_>, relation: &Relation) -> PtpPairs {
    let (column_1, column_2) = columns(relation.id());
    let givers = Givers::of(claim);
    let mut seen = PtpPairs::default();
    for one in claim.lines.iter().filter(|line| line.could & column_1 != 0) {
        let Some(first) = part(claim, givers, one) else { continue };
        for other in claim.lines.iter().filter(|line| line.could & column_2 != 0 && one.reach.names(line.reach)) {
            // Codes first: most lines of a claim share giver and day.
            let Some(second) = other.procedure.ordinal().filter(|&second| second != first.ordinal) else { continue };
            let Some(class) = relation.on(first.ordinal, second, first.date) else { continue };
            if part(claim, givers, other).is_some_and(|part| part.date == first.date && part.giver == first.giver) {
                seen.never |= class.value == NEVER;
                seen.with_modifier |= class.value == WITH_MODIFIER;
            }
        }
    }
    seen
}

/// Whether a line bears an NCCI-associated modifier.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug)]
enum Bears {
    No,
    Unknown,
    Yes,
}

/// A line that may be part of a pair. Sorted, lines of one giver and day stand together, and in them those of one
/// code, first the ones without a modifier, each in input order.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug)]
struct Entry {
    giver: Giver,
    date: Date,
    ordinal: Ordinal,
    /// As [`Part::unlisted`].
    unlisted: bool,
    bears: Bears,
    line: u32,
}

/// Lines of one giver, day and code that all do, or all do not, bear a modifier: never empty.
type Run<'e> = &'e [Entry];

struct Hit {
    line: u32,
    pairs: usize,
}

#[derive(Default)]
struct Found {
    /// Column-2 lines that have a pair, in input order.
    hits: Vec<Hit>,
    pairs: Vec<Pairs>,
}

impl Found {
    /// All pairs of the indicator. Work is by code and not by line, so that lines which repeat codes do not
    /// multiply it.
    fn all(claim: &ClaimFacts<'_>, relation: &Relation, indicator: u16) -> Found {
        let (column_1, column_2) = columns(relation.id());
        let modifiers_cover = |date| claim.system(SystemId::Modifier).is_some_and(|modifiers| modifiers.covers(date));
        let givers = Givers::of(claim);
        let mut entries: Vec<Entry> = (0u32..)
            .zip(claim.lines)
            .filter(|(_, line)| line.could & (column_1 | column_2) != 0)
            .filter_map(|(place, line)| {
                let Part { giver, date, ordinal, unlisted } = part(claim, givers, line)?;
                let bears = if line.given_modifiers().next().is_none() {
                    Bears::No
                } else if !modifiers_cover(date) {
                    Bears::Unknown
                } else if claim.has_ncci_modifier(line).is_some() {
                    Bears::Yes
                } else {
                    Bears::No
                };
                Some(Entry { giver, date, ordinal, unlisted, bears, line: place })
            })
            .collect();
        entries.sort_unstable();
        let mut found = Found::default();
        let (mut runs, mut pairs) = (Vec::new(), Vec::new());
        for day in entries.chunk_by(|a, b| (a.giver, a.date) == (b.giver, b.date)) {
            runs.clear();
            runs.extend(day.chunk_by(|a, b| (a.ordinal, a.bears) == (b.ordinal, b.bears)));
            pairs.clear();
            for &one in &runs {
                pairs_with(relation, indicator, &runs, one, &mut pairs);
            }
            pairs.sort_unstable();
            for own in pairs.chunk_by(|a, b| a.0 == b.0) {
                let Some(run) = own.first().and_then(|(second, ..)| runs.get(*second)) else { continue };
                let Some(told) = tell(indicator, run, own) else { continue };
                found.hits.extend(run.iter().map(|entry| Hit { line: entry.line, pairs: found.pairs.len() }));
                found.pairs.push(told);
            }
        }
        found.hits.sort_unstable_by_key(|hit| hit.line);
        found
    }
}

/// A pair: the column-2 run's place among the day's runs, the column-1 run, and what the table says.
type Pair<'e> = (usize, Run<'e>, Class);

/// Adds the pairs of which `one` is column 1.
fn pairs_with<'e>(relation: &Relation, indicator: u16, runs: &[Run<'e>], one: Run<'e>, pairs: &mut Vec<Pair<'e>>) {
    let Some(&Entry { ordinal, date, .. }) = one.first() else { return };
    let code_of = |run: &Run<'_>| run.first().map_or(Ordinal(u32::MAX), |entry| entry.ordinal);
    let links = relation.links(ordinal);
    if links.size_hint().1.is_some_and(|most| most < runs.len()) {
        // Fewer partners in the table than codes on the day.
        for link in links.filter(|link| link.class.value == indicator && link.class.holds_on(date)) {
            let low = runs.partition_point(|run| code_of(run) < link.target);
            let own = runs.iter().enumerate().skip(low).take_while(|(_, run)| code_of(run) == link.target);
            pairs.extend(own.map(|(second, _)| (second, one, link.class)));
        }
        return;
    }
    for (second, run) in runs.iter().enumerate() {
        // NCCI pairs no code with itself; were one listed so, its lines would be duplicates, not a pair.
        if code_of(run) != ordinal
            && let Some(class) = relation.on(ordinal, code_of(run), date)
            && class.value == indicator
        {
            pairs.push((second, one, class));
        }
    }
}

/// How the pairs of one run of column-2 lines come out, and what a finding says of them.
fn tell(indicator: u16, run: Run<'_>, pairs: &[Pair<'_>]) -> Option<Pairs> {
    let unlisted = |pair: &&Pair<'_>| pair.1.first().is_some_and(|entry| entry.unlisted);
    let Some((_, first, class)) = pairs.iter().find(unlisted) else { return tell_listed(indicator, run, pairs) };
    let listed: Vec<Pair<'_>> = pairs.iter().filter(|pair| !unlisted(pair)).copied().collect();
    match tell_listed(indicator, run, &listed) {
        Some(told) if told.verdict != Verdict::ReleasedByColumn1 => Some(told),
        _ => {
            let column_1 = first.first()?.line;
            Some(Pairs { verdict: Verdict::CodeUnlisted, column_1, class: *class, others: Vec::new() })
        }
    }
}

/// As [`tell`], of pairs whose column-1 codes a release lists.
fn tell_listed(indicator: u16, run: Run<'_>, pairs: &[Pair<'_>]) -> Option<Pairs> {
    let entry = run.first()?;
    let bears = |pair: &Pair<'_>| pair.1.first().map_or(Bears::No, |entry| entry.bears);
    let any = |wanted| pairs.iter().any(|pair| bears(pair) == wanted);
    let (verdict, decisive) = if indicator == NEVER {
        (Verdict::Fails, None)
    } else {
        match entry.bears {
            Bears::Yes => (Verdict::ReleasedByOwn, None),
            Bears::Unknown => (Verdict::ModifiersUnknown, None),
            Bears::No if entry.date < NCCI_MODIFIER_EITHER_LINE_FROM => (Verdict::Fails, None),
            // One pair without a modifier is enough, whatever releases the others.
            Bears::No if any(Bears::No) => (Verdict::Fails, Some(Bears::No)),
            Bears::No if any(Bears::Unknown) => (Verdict::ModifiersUnknown, Some(Bears::Unknown)),
            Bears::No => (Verdict::ReleasedByColumn1, None),
        }
    };
    let decisive = |pair: &&Pair<'_>| decisive.is_none_or(|wanted| bears(pair) == wanted);
    let (_, first, class) =
        pairs.iter().filter(decisive).min_by_key(|(_, one, _)| one.first().map(|entry| entry.line))?;
    let column_1 = first.first()?.line;
    let firsts = |(_, one, _): &Pair<'_>| one.iter().map(|entry| entry.line).take(LISTED + 1).collect::<Vec<u32>>();
    let mut others: Vec<u32> = pairs.iter().filter(decisive).flat_map(firsts).collect();
    others.retain(|&line| line != column_1);
    others.sort_unstable();
    others.dedup();
    others.truncate(LISTED);
    Some(Pairs { verdict, column_1, class: *class, others })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_day_of_cr_11168_is_the_first_of_july_2019() {
        assert_eq!(NCCI_MODIFIER_EITHER_LINE_FROM.to_string(), "2019-07-01");
    }
}
