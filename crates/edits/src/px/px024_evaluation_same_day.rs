use crate::contract::{edit, tables};
use crate::fees::Fees;
use crate::same_day::{FEW, Giver, Givers};
use crate::{ClaimFacts, Fires, LineFacts, Lookup, Reason, Recorder, Value, px};
use claims::{Field, Given};
use codes::{BillType, Code, Date, Modifier};
use codeset::{AttributeId, GlobalPeriod, Row};

/// A separate evaluation on the day of a procedure.
const SEPARATE: Modifier = Modifier::new(b"25");
/// The evaluation at which major surgery was decided.
const DECISION: Modifier = Modifier::new(b"57");
/// A visit that has nothing to do with the procedure.
const UNRELATED: Modifier = Modifier::new(b"FT");
/// Care after the procedure alone, and before it alone: the procedure itself another gave.
const CARE_ALONE: [Modifier; 2] = [Modifier::new(b"55"), Modifier::new(b"56")];
/// Critical care, the first hour.
const CRITICAL_CARE: Code = Code::new(b"99291");

/// The I/OCE's status indicators of visits: clinic and emergency visits, and those that may be paid as a comprehensive
/// observation (J2).
const VISITS: [&str; 2] = ["V", "J2"];
/// Its status indicators of procedures that are paid by themselves, discounted among others (T) or not (S).
const PROCEDURES: [&str; 2] = ["S", "T"];
/// Its status indicator of procedures that OPPS pays by a composite where the day has what it is made of, else by
/// themselves: every such composite, and every payment group that such a procedure has of its own, is of status S.
const COMPOSITE: &str = "Q3";
/// Its status indicator of a service that is paid with all others of the bill in one sum.
const COMPREHENSIVE: &str = "J1";
/// A critical access hospital's bill, which OPPS does not pay.
const CRITICAL_ACCESS: u8 = 85;
/// The bills that the I/OCE applies edit 21 to.
const JUDGED: [u8; 3] = [12, 13, CRITICAL_ACCESS];
/// Condition codes on whose bills of 13x it does not: partial hospitalization, and programs of treatment.
const PROGRAMS: [Code; 3] = [Code::new(b"41"), Code::new(b"89"), Code::new(b"92")];

edit! {
    /// # What it checks
    /// An evaluation-and-management visit on the day of a procedure of the same provider says, by a modifier, that it was
    /// more than the procedure's own evaluation. Professional claims: 25 where the procedure's global period in the
    /// Medicare Physician Fee Schedule is 000 or 010 days, 57 where it is 090; that period begins on the day before, so a
    /// visit on the day before needs 57 too. Hospitals' outpatient bills (12x, 13x, 85x): 25 on a visit (status V or J2) where
    /// another line of the day has status S or T, or under OPPS (12x, 13x) Q3, which comes to S.
    ///
    /// # Why a payer denies it
    /// The payment for a procedure includes the evaluation of the day, and for major surgery the visits from the day
    /// before. Without the modifier a payer would take the visit as part of it (CARC 97).
    ///
    /// # Example
    /// `99213` and `17110` (global period 010) on one day: `99213-25` if the visit went beyond the warts. `99222` and
    /// `47562` (090) on that day or the next: `99222-57` if the operation was decided then.
    ///
    /// # How to fix
    /// If the record shows a significant, separate evaluation, add 25 to the visit; if major surgery was decided at it, 57.
    /// Otherwise remove the visit.
    ///
    /// # Bypass
    /// 25, where all such procedures of the day are minor; 57, where all are major or the major one is on the next day;
    /// both, where there are both kinds. On professional claims FT (unrelated to the procedure) does for either, and for
    /// critical care (99291) 25 does for 57.
    ///
    /// # Source
    /// Medicare Claims Processing Manual chapter 12 §40.1 to §40.3, §30.6.6 and §30.6.12 (critical care); HCPCS modifier FT;
    /// NCCI policy manual ch. I, section D; I/OCE edit 21 and the bills that it is for, and its table of payment groups
    /// (APC), by which composites and what they are made of have status S.
    ///
    /// # Tables
    /// fee-schedule for professional claims: visits are 92002, 92004, 92012, 92014, 99201 to 99215, 99217 to 99239, 99241 to 99255,
    /// 99281 to 99285, 99291, 99304 to 99318, 99324 to 99337, 99341 to 99350, 99381 to 99397, 99468 to 99480 and G0402. A
    /// visit beside or the day after which no other procedure stands passes. A date of visit or procedure outside the
    /// schedule's quarters is not evaluated; a procedure that it does not list has no global period, and one with 55 or 56 is
    /// another's. procedures for institutional claims; one without type of bill is not evaluated. Other bills pass, those of
    /// 13x with condition code 41, 89 or 92, and those of OPPS on which a service (status J1) is paid with all others in
    /// one sum. Status Q3 is paid by composites or by itself, and either is of status S. Status Q2, which may come to T, is
    /// not taken for it. A visit that would pass beside a procedure of its provider without a date is not evaluated, nor is
    /// any line of an input without modifiers. Procedures on other claims are not looked at.
    pub struct PxEvaluationSameDay;
    id: "PX024", name: "px-evaluation-same-day",
    severity: Warning, snip: 6, carc: "97", rarc: "",
    source: "Medicare Claims Processing Manual chapter 12 §40; I/OCE edit 21",
    unit: Line, claims: NOT_DENTAL, default: ON,
    tables: [tables::PROCEDURES], fields: [Field::Modifier(1)], fires: Fires::VISIT_IN_COMPANY.or(Fires::UNDATED_LINE),
    messages: [
        "Visit {procedure} is on {date} with {other} (line {other_line}, {kind}) by the same provider and has no modifier \
         25; a payer would take it as part of {other}"
            => "If the record shows a significant, separate evaluation, add 25 to {procedure}; otherwise remove it.",
        "Visit {procedure} is on {date} with {other} (line {other_line}, global period 090) by the same provider and has \
         no modifier 57; a payer would take it as part of {other}"
            => "If the operation was decided at this visit, add 57 to {procedure}; otherwise remove it.",
        "Visit {procedure} is on {date} with {other} (line {other_line}, {kind}) by the same provider; modifier {modifier} \
         says that it was more than the procedure's own evaluation"
            => "Keep the record of the separate evaluation; a payer may ask for it.",
        "Visit {procedure} is on {date}, the day before {other} (line {other_line}, global period 090) by the same \
         provider, and has no modifier 57; a payer would take it as part of {other}"
            => "If the operation was decided at this visit, add 57 to {procedure}; otherwise remove it.",
        "Visit {procedure} is on {date}, the day before {other} (line {other_line}, {kind}) by the same provider; modifier \
         {modifier} says that the operation was decided at it"
            => "Keep the record of the decision; a payer may ask for it.",
    ],
    check: check,
}

// The messages of the edit.
const NO_25: u8 = 0;
const NO_57: u8 = 1;
const RELEASED: u8 = 2;
const NO_57_BEFORE: u8 = 3;
const RELEASED_BEFORE: u8 = 4;

/// What another line asks of the visits of its provider and day.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug)]
enum Asks {
    Separate,
    Decision,
}

/// A line that asks something of visits. Sorted, those of one provider and day stand together, and of them those that
/// ask the same, in input order.
type Procedure = (Giver, Date, Asks, u32);

fn check(claim: &ClaimFacts<'_>, out: &mut Recorder<'_>) {
    // A visit by itself is on the day of no procedure, whatever its day is.
    if claim.lines.len() < 2 {
        return;
    }
    let institutional = claim.is_institutional();
    let bill = claim.claim.row.bill_type;
    if institutional && matches!(bill, Given::Is(bill) if !judges(claim, bill)) {
        return;
    }
    let givers = Givers::of(claim);
    let mut company = Company { claim, givers, known: None, undated: None };
    let mut procedures: Option<Vec<Procedure>> = None;
    let one_day = claim.day_of_lines().is_some();
    for (number, line) in (0u32..).zip(claim.lines) {
        if !line.visit {
            continue;
        }
        let date = match line.governing_date() {
            Ok(date) => date,
            Err(reason) => {
                out.skip_line(number, reason);
                continue;
            }
        };
        let giver = givers.giver(line);
        // Major surgery takes the visits of the day before with it; the I/OCE looks at one day.
        let (next, next_counts) = (date.next(), !institutional);
        let days = [date, next].map(|day| (day == date || next_counts && !one_day) && company.is_there(giver, day));
        if days == [false; 2] {
            if company.may_be_undated(giver) {
                out.skip_line(number, UNDATED);
            }
            continue;
        }
        let judged = [date, if next_counts { next } else { date }].map(|day| can_judge(claim, day));
        let unknown = judged.into_iter().zip(days).filter(|(_, there)| *there).find_map(|(judged, _)| judged.err());
        if let (true, Some(reason)) = (judged.iter().all(Result::is_err), unknown) {
            // What procedures would ask of the visit is known of neither day; or the bill may be an inpatient one,
            // whatever the day has.
            out.skip_line(number, reason);
            continue;
        }
        let procedures = procedures.get_or_insert_with(|| all_procedures(claim, givers));
        let first = |day, asks| {
            let at = procedures.partition_point(|&(one, on, what, _)| (one, on, what) < (giver, day, asks));
            let found = procedures.get(at).filter(|&&(one, on, what, _)| (one, on, what) == (giver, day, asks));
            found.and_then(|&(.., place)| claim.lines.get(place as usize))
        };
        let minor = first(date, Asks::Separate).map(|other| Asked(other, SEPARATE, NO_25, RELEASED));
        let major = first(date, Asks::Decision).map(|other| Asked(other, DECISION, NO_57, RELEASED));
        let tomorrow = || {
            let other = first(next, Asks::Decision).filter(|_| next_counts)?;
            Some(Asked(other, DECISION, NO_57_BEFORE, RELEASED_BEFORE))
        };
        let asked = [minor, major.or_else(tomorrow)];
        let mut failed = false;
        for Asked(other, asked, message, _) in asked.iter().flatten() {
            if released_by(claim, line, *asked).is_none() {
                failed = true;
                tell(claim, out.fail_line(number, Field::Procedure, *message), line, date, other);
            }
        }
        match (failed, unknown, asked.into_iter().flatten().next()) {
            (false, Some(reason), _) => out.skip_line(number, reason),
            (false, None, Some(Asked(other, asked, _, message))) => {
                if let Some(finding) = out.bypass_line(number, Field::Procedure, message) {
                    tell(claim, finding, line, date, other);
                    let modifier = released_by(claim, line, asked).unwrap_or(asked);
                    finding.with("modifier", Value::Modifier(modifier));
                }
            }
            (false, None, None) if company.may_be_undated(giver) => out.skip_line(number, UNDATED),
            _ => {}
        }
    }
}

/// Why it is not known whether a procedure without a date is on the visit's day.
const UNDATED: Reason = Reason::FieldAbsent(Field::ServiceFrom);

/// A procedure that asks for a modifier on the visit, and the messages without it and with it.
#[derive(Clone, Copy)]
struct Asked<'c>(&'c LineFacts<'c>, Modifier, u8, u8);

/// Whether the I/OCE applies edit 21 to such a bill, and something is left to be paid beside the visit.
fn judges(claim: &ClaimFacts<'_>, bill: BillType) -> bool {
    let care = bill.facility_and_care();
    let of_program = || claim.claim.conditions().iter().any(|code| PROGRAMS.contains(code));
    let comprehensive = |line: &LineFacts<'_>| line.procedure_row.is_some_and(|row| row.status() == COMPREHENSIVE);
    JUDGED.contains(&care)
        && !(care == 13 && of_program())
        && (care == CRITICAL_ACCESS || !claim.lines.iter().any(comprehensive))
}

/// Whether OPPS pays such a bill, of those that are judged.
fn is_of_opps(claim: &ClaimFacts<'_>) -> bool {
    matches!(claim.claim.row.bill_type, Given::Is(bill) if bill.facility_and_care() != CRITICAL_ACCESS)
}

/// The modifier of a visit that says what is asked of it.
fn released_by(claim: &ClaimFacts<'_>, visit: &LineFacts<'_>, asked: Modifier) -> Option<Modifier> {
    let critical = visit.row.procedure == CRITICAL_CARE;
    let professional = !claim.is_institutional();
    [(asked, true), (UNRELATED, professional), (SEPARATE, professional && critical)]
        .into_iter()
        .find_map(|(modifier, counts)| (counts && visit.has_modifier(modifier)).then_some(modifier))
}

/// Whether the row is of what the I/OCE takes as a visit.
pub(crate) fn is_visit_by_status(row: &Row) -> bool {
    VISITS.contains(&row.status())
}

/// Whether a visit stands alone: no other procedure of its provider and day is there.
struct Company<'c, 'f> {
    claim: &'c ClaimFacts<'f>,
    givers: Givers,
    /// The providers and days of other procedures, in order, once looking line by line would cost too much.
    known: Option<Vec<(Giver, Date)>>,
    /// The providers of other procedures whose day is not known, in order, once it mattered.
    undated: Option<Vec<Giver>>,
}

impl Company<'_, '_> {
    fn is_there(&mut self, giver: Giver, date: Date) -> bool {
        let Company { claim, givers, known, .. } = self;
        let mut others = claim.lines.iter().filter(|line| line.procedure != Lookup::Absent && !line.visit);
        if claim.lines.len() <= FEW {
            return others.any(|line| line.date == Some(date) && givers.giver(line) == giver);
        }
        let known = known.get_or_insert_with(|| {
            let others = others.filter_map(|line| Some((givers.giver(line), line.date?)));
            let mut known: Vec<(Giver, Date)> = others.collect();
            known.sort_unstable();
            known
        });
        known.binary_search(&(giver, date)).is_ok()
    }

    /// Whether a procedure of the provider is on a line without a date.
    fn may_be_undated(&mut self, giver: Giver) -> bool {
        let (claim, givers) = (self.claim, self.givers);
        let undated = self.undated.get_or_insert_with(|| {
            let others = claim.lines.iter().filter(|line| line.procedure != Lookup::Absent && !line.visit);
            let undated = others.filter(|line| line.date.is_none());
            let mut undated: Vec<Giver> = undated.map(|line| givers.giver(line)).collect();
            undated.sort_unstable();
            undated
        });
        undated.binary_search(&giver).is_ok()
    }
}

/// Whether the tables answer for the day.
fn can_judge(claim: &ClaimFacts<'_>, date: Date) -> Result<(), Reason> {
    if claim.is_institutional() {
        // Without a type of bill it may be an inpatient one, which passes. The visit's own row covers the day.
        return claim.is_inpatient().map(drop);
    }
    let id = AttributeId::FeeSchedule;
    match claim.attributes(id) {
        None => Err(Reason::TableNotLoaded(id.name())),
        Some(table) if !table.covers(date) => Err(Reason::DateOutsideReleases(id.name())),
        Some(_) => Ok(()),
    }
}

fn all_procedures(claim: &ClaimFacts<'_>, givers: Givers) -> Vec<Procedure> {
    let entry = |(place, line)| Some((givers.giver(line), line.date?, asks(claim, line)?, place));
    let mut procedures: Vec<Procedure> = (0u32..).zip(claim.lines).filter_map(entry).collect();
    procedures.sort_unstable();
    procedures
}

fn asks(claim: &ClaimFacts<'_>, line: &LineFacts<'_>) -> Option<Asks> {
    if claim.is_institutional() {
        let row = line.procedure_row.filter(|_| !px::holds_rate_code(claim, line))?;
        let composite = row.status() == COMPOSITE && is_of_opps(claim);
        return (composite || PROCEDURES.contains(&row.status())).then_some(Asks::Separate);
    }
    if CARE_ALONE.into_iter().any(|modifier| line.has_modifier(modifier)) {
        return None;
    }
    match Fees::of(claim, line).ok()?.indicators.global {
        GlobalPeriod::Day | GlobalPeriod::TenDays => Some(Asks::Separate),
        GlobalPeriod::NinetyDays => Some(Asks::Decision),
        _ => None,
    }
}

/// Gives a finding what the messages name.
fn tell(claim: &ClaimFacts<'_>, finding: &mut crate::Finding, line: &LineFacts<'_>, date: Date, other: &LineFacts<'_>) {
    let (kind, release) = if claim.is_institutional() {
        let row = other.procedure_row;
        (format!("status {}", row.map_or("", |row| row.status())), row.map(|row| row.release))
    } else {
        let fees = Fees::of(claim, other).ok();
        let global = fees.map_or("", |fees| fees.indicators.global.as_str());
        (format!("global period {global}"), fees.map(|fees| fees.release))
    };
    finding
        .with("procedure", Value::Code(line.row.procedure))
        .with("date", Value::Date(date))
        .with("other", Value::Code(other.row.procedure))
        .with("other_line", Value::Count(other.row.number.into()))
        .with("kind", Value::Text(kind));
    if let Some(release) = release {
        finding.from_release(release);
    }
}
