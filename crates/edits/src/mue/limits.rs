//! Which table limits a claim's units, and which lines come above their limits.

use super::day_sums::{DaySums, Entry, PerDay, Sum, counted};
use crate::same_day::{AMBULATORY_SURGERY, FEW, Givers};
use crate::{ClaimFacts, Finding, Grounds, Kind, LineFacts, Lookup, Reason, Recorder, Unit, Value, contractors, px};
use claims::{ClaimView, Field, Given};
use codes::{BillType, Code, Date, Units};
use codeset::{AttributeId, Attributes, Mue, MueScope, Ordinal, SystemId};

/// Bill types (facility and care) whose lines the hospital table limits: outpatient hospital, hospital laboratory
/// services for those who are no patients, and critical access hospital.
///
/// Source: CMS, Medically Unlikely Edits, outpatient hospital services table.
const HOSPITAL: [u8; 3] = [13, 14, 85];

/// How the taxonomy codes of suppliers of durable medical equipment begin: durable medical equipment and medical
/// supplies, and prosthetic or orthotic supplier.
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
        match id(claim.is_institutional(), claim.claim.row.bill_type, || claim_is_of_supplier(claim.claim)) {
            Err(reason) => Table::Unknown(reason),
            Ok(None) => Table::None,
            Ok(Some(id)) => {
                claim.attributes(id).map_or(Table::Unknown(Reason::TableNotLoaded(id.name())), Table::Limits)
            }
        }
    }
}

/// The table that limits a claim's units, if one does, or why it cannot be told.
fn id(
    institutional: bool,
    bill: Given<BillType>,
    of_supplier: impl FnOnce() -> bool,
) -> Result<Option<AttributeId>, Reason> {
    if !institutional {
        return Ok(Some(if of_supplier() { AttributeId::MueDme } else { AttributeId::MuePractitioner }));
    }
    match bill {
        Given::Is(bill) if HOSPITAL.contains(&bill.facility_and_care()) => Ok(Some(AttributeId::MueHospital)),
        Given::Is(bill) if bill.facility_and_care() == AMBULATORY_SURGERY => Ok(Some(AttributeId::MuePractitioner)),
        Given::Is(_) => Ok(None),
        Given::Absent | Given::Invalid => Err(Reason::FieldAbsent(Field::BillType)),
    }
}

/// Whether a professional claim is a supplier's of durable medical equipment. The contractor's number decides where it is
/// one, else the biller's taxonomy; a claim that gives neither is a practitioner's.
#[inline]
pub fn claim_is_of_supplier(claim: ClaimView<'_>) -> bool {
    let named = !claim.row.contractor.is_empty() || !claim.row.billing_taxonomy.is_empty();
    named && is_of_supplier(claim)
}

fn is_of_supplier(claim: ClaimView<'_>) -> bool {
    let batch = claim.batch;
    let contractor = batch.text(claim.row.contractor).trim();
    if contractor.len() == 5 && contractor.bytes().all(|byte| byte.is_ascii_digit()) {
        return contractors::is_dme(contractor);
    }
    let taxonomy = batch.text(claim.row.billing_taxonomy).trim();
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
    /// The first line of an earlier claim that is in the sum.
    pub(super) other: Option<OtherLine<'l>>,
}

/// A line of an earlier claim.
#[derive(Clone, Copy)]
pub(super) struct OtherLine<'l> {
    claim: &'l str,
    number: u32,
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

    /// Gives a finding `lines`, the numbers of the first lines that make the sum, `on`, the same in words, and the other
    /// claim of the first that is not the claim's own.
    pub(super) fn tell_lines(&self, claim: &ClaimFacts<'_>, finding: &mut Finding) {
        let number = |&place: &u32| claim.lines.get(place as usize).map(|line| line.row.number);
        let lines = Value::Lines(self.lines.iter().filter_map(number).collect());
        let word = if self.lines.len() == 1 { "line" } else { "lines" };
        let on = Value::Text(format!("{word} {lines}"));
        finding.with("lines", lines).with("on", on);
        if let Some(other) = self.other {
            finding
                .with("other_claim", Value::Text(other.claim.to_owned()))
                .with("other_line", Value::Count(other.number.into()));
        }
    }

    /// Which of the four messages of limits of a day says it: two for the claim's lines alone, then the same two for sums
    /// with another claim's; in each, first the limits above 0.
    pub(super) fn day_message(&self) -> u8 {
        2 * u8::from(self.other.is_some()) + u8::from(self.not_payable())
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

/// Why no line of claims of this kind can be judged.
pub(super) fn of_kind(kind: &Kind, grounds: &Grounds<'_>) -> Option<Reason> {
    match id(kind.is_institutional(), kind.bill_type, || kind.of_supplier) {
        Err(reason) => kind.has_all_procedures().then_some(reason),
        Ok(id) => kind.lacks_attributes(id?, grounds),
    }
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

/// Why the table says nothing of any line, where it does not.
fn no_answer(claim: &ClaimFacts<'_>, table: Option<&Attributes>) -> Option<Reason> {
    let (table, day) = (table?, claim.day_of_all_lines()?);
    (!table.covers(day)).then(|| Reason::DateOutsideReleases(table.id().name()))
}

/// The line's limit, if it is of the scope; why it cannot be told.
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
    sums: Option<Sums<'f>>,
}

/// The sums of the claim's lines and those of earlier claims.
struct Sums<'f> {
    days: DaySums,
    /// The lines of earlier claims, numbered after the claim's own.
    others: Vec<OtherLine<'f>>,
    own: u32,
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
        let above = |day, units, lines, other| Above { line, table, limit, release, own, day, units, lines, other };
        if own.units <= Units::default() {
            // What comes to no unit a day is above no limit, whatever other lines come to. But a limit of 0 says that the
            // code is not payable at all, be its units spread over however many days.
            let all = counted(self.claim.claim, place as usize, line.row).unwrap_or_default();
            let lines = if limit.scope == MueScope::Line { Vec::new() } else { vec![place] };
            return Ok((limit.units == 0 && all > Units::default()).then(|| above(own.from, all, lines, None)));
        }
        let most = Units::whole(limit.units.into());
        if limit.scope == MueScope::Line {
            return Ok((own.units > most).then(|| above(own.from, own.units, Vec::new(), None)));
        }
        let alone = self.claim.earlier.is_empty();
        if alone && !px::is_anesthesia_by_time(line.row.procedure) && self.is_plainly_within(ordinal, most) {
            return Ok(None);
        }
        let (claim, givers) = (self.claim, self.givers);
        let sums = self.sums.get_or_insert_with(|| Sums::of(claim, givers, table));
        match sums.days.compare(givers.giver(line), ordinal, own.from, own.to, most) {
            Sum::Within => Ok(None),
            Sum::Above { day, units, lines, other } => {
                let other = other.and_then(|number| sums.others.get((number - sums.own) as usize)).copied();
                Ok(Some(above(day, units, lines, other)))
            }
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

impl<'f> Sums<'f> {
    /// The sums of all lines that have a code and a day, and of the lines of earlier claims with the same codes that the
    /// same table limits.
    fn of(claim: &ClaimFacts<'f>, givers: Givers, table: AttributeId) -> Sums<'f> {
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
        let own = claim.lines.len() as u32;
        let mut entries: Vec<Entry> = (0u32..).zip(claim.lines).filter_map(entry).collect();
        let others = others(claim, givers, table, &mut entries);
        Sums { days: DaySums::of(entries, own), others, own }
    }
}

/// Adds the lines of earlier claims to the claim's own; which they are, in the order of their numbers.
fn others<'f>(
    claim: &ClaimFacts<'f>,
    givers: Givers,
    table: AttributeId,
    entries: &mut Vec<Entry>,
) -> Vec<OtherLine<'f>> {
    let mut others = Vec::new();
    if claim.earlier.is_empty() {
        return others;
    }
    let ordinal = |line: &LineFacts<'_>| Some((line.row.procedure, line.procedure.ordinal()?));
    let mut own: Vec<(Code, Ordinal)> = claim.lines.iter().filter_map(ordinal).collect();
    own.sort_unstable();
    own.dedup();
    let institutional = claim.is_institutional();
    for earlier in claim.earlier {
        let limits = id(institutional, earlier.bill_type.map_or(Given::Absent, Given::Is), || earlier.of_supplier);
        if earlier.claim_type != claim.claim_type() || limits != Ok(Some(table)) {
            continue;
        }
        for line in earlier.lines {
            let Ok(at) = own.binary_search_by_key(&line.procedure, |(code, _)| *code) else { continue };
            let Some((&(_, ordinal), giver)) = own.get(at).zip(givers.earlier(claim, earlier, line)) else { continue };
            if line.is_of_rate(earlier) {
                continue;
            }
            let units = line.units_counted().map(|units| PerDay::spread(line.from, line.to, units).units);
            let number = (claim.lines.len() + others.len()) as u32;
            entries.push(Entry { giver, ordinal, from: line.from, to: line.to, line: number, units });
            others.push(OtherLine { claim: earlier.id, number: line.number });
        }
    }
    others
}
