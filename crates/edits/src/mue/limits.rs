//! Which table limits a claim's units, and which lines come above their limits.

use super::day_sums::{DaySums, Entry, PerDay, Sum};
use crate::same_day::{AMBULATORY_SURGERY, FEW, Givers};
use crate::{ClaimFacts, Finding, LineFacts, Lookup, Reason, Recorder, Unit, Value, contractors, px};
use claims::{Field, Given};
use codes::{Date, Units};
use codeset::{AttributeId, Attributes, Mue, MueScope, Ordinal, SystemId};

/// Bill types (facility and care) whose lines the hospital table limits: outpatient hospital, hospital laboratory
/// services for those who are no patients, and critical access hospital.
///
/// Source: CMS, Medically Unlikely Edits, outpatient hospital services table.
const HOSPITAL: [u8; 3] = [13, 14, 85];

/// How the taxonomy codes of suppliers of durable medical equipment begin: durable medical equipment and medical supplies, and prosthetic or
/// orthotic supplier.
///
/// Source: NUCC, Health Care Provider Taxonomy.
const DME_TAXONOMIES: [&str; 2] = ["332B", "335E"];

/// What limits a claim's units.
enum Table<'f> {
    /// Nothing: there are no limits for such claims.
    None,
    /// This table.
    Limits(&'f Attributes),
    /// It cannot be told, or is not loaded.
    Unknown(Reason),
}

impl<'f> Table<'f> {
    fn of(claim: &ClaimFacts<'f>) -> Table<'f> {
        let id = if !claim.is_institutional() {
            if is_of_supplier(claim) { AttributeId::MueDme } else { AttributeId::MuePractitioner }
        } else {
            match claim.claim.row.bill_type {
                Given::Is(bill) if HOSPITAL.contains(&bill.facility_and_care()) => AttributeId::MueHospital,
                Given::Is(bill) if bill.facility_and_care() == AMBULATORY_SURGERY => AttributeId::MuePractitioner,
                Given::Is(_) => return Table::None,
                Given::Absent | Given::Invalid => return Table::Unknown(Reason::FieldAbsent(Field::BillType)),
            }
        };
        claim.attributes(id).map_or(Table::Unknown(Reason::TableNotLoaded(id.name())), Table::Limits)
    }
}

/// Whether a professional claim is a supplier's to a DME contractor. The contractor's number decides where it is
/// one, else the biller's taxonomy; a claim that gives neither is a practitioner's.
fn is_of_supplier(claim: &ClaimFacts<'_>) -> bool {
    let batch = claim.claim.batch;
    let contractor = batch.text(claim.claim.row.contractor).trim();
    if contractor.len() == 5 && contractor.bytes().all(|byte| byte.is_ascii_digit()) {
        return contractors::is_dme(contractor);
    }
    let taxonomy = batch.text(claim.claim.row.billing_taxonomy).trim();
    DME_TAXONOMIES.iter().any(|begin| taxonomy.get(..4).is_some_and(|own| own.eq_ignore_ascii_case(begin)))
}

/// A line above its limit.
pub(super) struct Above<'l> {
    pub(super) line: &'l LineFacts<'l>,
    pub(super) table: AttributeId,
    pub(super) limit: Mue,
    pub(super) release: u16,
    /// The line by itself.
    pub(super) own: PerDay,
    /// The day on which the limit is exceeded: the line's first for limits of a line.
    pub(super) day: Date,
    /// The units that day: the line's own, or the sum.
    pub(super) units: Units,
    /// The first few lines that make the sum, places in the claim.
    pub(super) lines: Vec<u32>,
}

impl Above<'_> {
    /// Gives a finding what every message of the family may name.
    pub(super) fn tell(&self, finding: &mut Finding) {
        if let Some(units) = self.line.row.units.value() {
            finding.with("units", Value::Units(units));
        }
        finding
            .with("procedure", Value::Code(self.line.row.procedure))
            .with("date", Value::Date(self.day))
            .with("units_of_day", Value::Units(self.units))
            .with("limit", Value::Count(self.limit.units.into()))
            .with("indicator", Value::Count(self.limit.scope as i64))
            .with("table", Value::Text(self.table.name().to_owned()))
            .from_release(self.release);
        if self.own.to > self.own.from {
            finding.with("from", Value::Date(self.own.from)).with("to", Value::Date(self.own.to));
        }
    }

    /// Gives a finding `lines`, the numbers of the first lines that make the sum.
    pub(super) fn tell_lines(&self, claim: &ClaimFacts<'_>, finding: &mut Finding) {
        let number = |&place: &u32| claim.lines.get(place as usize).map(|line| line.row.number);
        finding.with("lines", Value::Lines(self.lines.iter().filter_map(number).collect()));
    }

    /// Whether the code is not payable at all.
    pub(super) fn not_payable(&self) -> bool {
        self.limit.units == 0
    }

    /// Whether the line spans days.
    pub(super) fn spans(&self) -> bool {
        self.own.to > self.own.from
    }
}

/// What is compared on a line that has a limit of the scope.
struct Limited {
    ordinal: Ordinal,
    date: Date,
    limit: Mue,
    release: u16,
}

/// Evaluates the limits of one scope: lines that cannot be judged are said to `out`, and every line that is above its
/// limit, or whose code is on its day, is given to `report`, with its place, in input order.
pub(super) fn evaluate<'r>(
    claim: &ClaimFacts<'_>,
    out: &mut Recorder<'r>,
    wanted: MueScope,
    mut report: impl FnMut(&mut Recorder<'r>, u32, &Above<'_>),
) {
    let (table, unknown) = match Table::of(claim) {
        Table::None => return,
        Table::Limits(table) => (Some(table), None),
        Table::Unknown(reason) => (None, Some(reason)),
    };
    if let Some(reason) = unknown.or_else(|| no_answer(claim, table)).filter(|_| claim.has_all_procedures()) {
        return out.skip_all(Unit::Line, reason);
    }
    let mut days = Days { claim, givers: Givers::of(claim), sums: None };
    for (place, line) in (0u32..).zip(claim.lines) {
        if line.procedure == Lookup::Absent || px::holds_rate_code(claim, line) {
            continue;
        }
        let limited = match (unknown, table) {
            (Some(reason), _) => Err(reason),
            (None, Some(table)) => limited(table, line, wanted),
            (None, None) => Ok(None),
        };
        let judged = limited.and_then(|limited| {
            let Some((limited, table)) = limited.zip(table) else { return Ok(None) };
            days.judge(place, line, &limited, table.id())
        });
        match judged {
            Ok(None) => {}
            Ok(Some(above)) => report(out, place, &above),
            Err(reason) => out.skip_line(place, reason),
        }
    }
}

/// The line's limit, if it is of the scope; why it cannot be told.
/// Why the table says nothing of any line, where it does not.
fn no_answer(claim: &ClaimFacts<'_>, table: Option<&Attributes>) -> Option<Reason> {
    let (table, day) = (table?, claim.day_of_all_lines()?);
    (!table.covers(day)).then(|| Reason::DateOutsideReleases(table.id().name()))
}

fn limited(table: &Attributes, line: &LineFacts<'_>, wanted: MueScope) -> Result<Option<Limited>, Reason> {
    let name = table.id().name();
    let ordinal = line.procedure.ordinal().ok_or(Reason::CodeNotValid(SystemId::Procedure.name()))?;
    let date = line.governing_date()?;
    if !table.covers(date) {
        return Err(Reason::DateOutsideReleases(name));
    }
    // CMS does not publish every limit: a code that is absent has none, or one that is not told.
    let row = Some(line.could & table.id().could()).filter(|&bit| bit != 0).and_then(|_| table.row_on(ordinal, date));
    let row = row.ok_or(Reason::CodeNotListed(name))?;
    let limit = Mue::from_value(row.value).ok_or(Reason::CodeNotListed(name))?;
    Ok((limit.scope == wanted).then_some(Limited { ordinal, date, limit, release: row.release }))
}

/// Compares lines with their limits; the sums of days are made once, when a line needs them.
struct Days<'c, 'f> {
    claim: &'c ClaimFacts<'f>,
    givers: Givers,
    sums: Option<DaySums>,
}

impl<'c, 'f> Days<'c, 'f> {
    /// The line above its limit; nothing when it is within.
    fn judge(
        &mut self,
        place: u32,
        line: &'c LineFacts<'f>,
        limited: &Limited,
        table: AttributeId,
    ) -> Result<Option<Above<'c>>, Reason> {
        let Limited { ordinal, date, limit, release } = *limited;
        let own = PerDay::of(self.claim, place, line, date)?;
        if own.units <= Units::default() {
            // What comes to no unit a day is above no limit, whatever other lines come to.
            return Ok(None);
        }
        let most = Units::whole(limit.units.into());
        let above = |day, units, lines| Above { line, table, limit, release, own, day, units, lines };
        if limit.scope == MueScope::Line {
            return Ok((own.units > most).then(|| above(own.from, own.units, Vec::new())));
        }
        if !px::is_anesthesia_by_time(line.row.procedure) && self.is_plainly_within(ordinal, most) {
            return Ok(None);
        }
        let (claim, givers) = (self.claim, self.givers);
        let sums = self.sums.get_or_insert_with(|| sums(claim, givers));
        match sums.compare(givers.giver(line), ordinal, own.from, own.to, most) {
            Sum::Within => Ok(None),
            Sum::Above { day, units, lines } => Ok(Some(above(day, units, lines))),
            Sum::Unknown => Err(Reason::FieldAbsent(Field::Units)),
        }
    }

    /// Whether all lines of the code together, whatever their days and givers, are within the limit. What most claims
    /// come to, found without memory or sorting.
    fn is_plainly_within(&self, ordinal: Ordinal, most: Units) -> bool {
        let lines = self.claim.lines;
        if lines.len() > FEW {
            return false;
        }
        let mut left = most.thousandths();
        for line in lines.iter().filter(|line| line.procedure == Lookup::Known(ordinal)) {
            // A span rounds its units, and units that are not given are not known.
            let one_day = line.row.service_to.is_absent() || line.row.service_to.value() == line.date;
            let Some(units) = line.row.units.value().filter(|_| one_day) else { return false };
            left = left.saturating_sub(units.thousandths().max(0));
        }
        left >= 0
    }
}

/// The sums of all lines that have a code and a day.
fn sums(claim: &ClaimFacts<'_>, givers: Givers) -> DaySums {
    let entry = |(place, line): (u32, &LineFacts<'_>)| {
        let (ordinal, date) = line.procedure.ordinal().zip(line.date)?;
        if px::holds_rate_code(claim, line) {
            return None;
        }
        let per_day = PerDay::of(claim, place, line, date);
        let to = per_day.map_or_else(|_| line.row.service_to.value().map_or(date, |to| to.max(date)), |own| own.to);
        let units = per_day.ok().map(|own| own.units);
        Some(Entry { giver: givers.giver(line), ordinal, from: date, to, line: place, units })
    };
    DaySums::of((0u32..).zip(claim.lines).filter_map(entry).collect())
}
