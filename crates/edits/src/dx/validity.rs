//! Whether a diagnosis may be reported on a day, for the edits that judge its rows and for those that offer others.

use crate::{ClaimFacts, DiagnosisFacts, Judgement, Lookup, Reason};
use claims::Given;
use codes::{Code, Date, DateRange};
use codeset::{Ordinal, Row, System, SystemId};

/// ICD-10-CM from this day on, 2015-10-01: of service, on inpatient claims of discharge. 45 CFR 162.1002(c).
pub(super) const ICD_10_FROM: Date = Date::from_days(16_709);
/// Why nothing is said of a code of ICD-9-CM.
pub(super) const ICD_9_NOT_LOADED: Reason = Reason::TableNotLoaded("icd9cm");

/// Whether the code has the form of one of ICD-10-CM, and is not said to be of ICD-9-CM. A code that the table knows always
/// has.
pub(super) fn has_form(diagnosis: &DiagnosisFacts) -> bool {
    (diagnosis.code.has_diagnosis_form() && !diagnosis.is_icd_9()) || matches!(diagnosis.lookup, Lookup::Known(_))
}

/// The row by which an edit can judge the code, or why it cannot.
#[inline]
pub(super) fn reportable_row<'a>(system: &System, judged: &Judgement<'a>) -> Result<&'a Row, Reason> {
    match judged.row {
        Some(row) if row.is_billable() => Ok(row),
        _ => Err(why_not(system, judged)),
    }
}

#[cold]
fn why_not(system: &System, judged: &Judgement<'_>) -> Reason {
    match covered(system, judged) {
        Ok(_) => Reason::CodeNotValid(SystemId::Diagnosis.name()),
        Err(reason) => reason,
    }
}

/// The governing date, if the table's releases answer for it.
pub(super) fn covered(system: &System, judged: &Judgement<'_>) -> Result<Date, Reason> {
    let date = judged.date?;
    if system.covers(date) { Ok(date) } else { Err(Reason::DateOutsideReleases(SystemId::Diagnosis.name())) }
}

/// Whether the code may be reported on the day.
pub(super) fn is_reportable(system: &System, ordinal: Ordinal, day: Date) -> bool {
    system.row_on(ordinal, day).is_some_and(Row::is_billable)
}

/// Whether the bill ends in the quarter after the day, and the code may be reported on its last: the I/OCE does not call
/// such a diagnosis of an outpatient bill invalid.
pub(super) fn is_reportable_at_end(claim: &ClaimFacts<'_>, system: &System, ordinal: Ordinal, day: Date) -> bool {
    let quarter = |day: Date| {
        let (year, month, _) = day.calendar();
        year * 4 + (i32::from(month) - 1) / 3
    };
    let row = claim.claim.row;
    let is_outpatient = matches!(row.bill_type, Given::Is(bill) if !bill.is_inpatient()) && claim.is_institutional();
    row.statement_to
        .value()
        .filter(|_| is_outpatient)
        .is_some_and(|last| quarter(last) == quarter(day) + 1 && is_reportable(system, ordinal, last))
}

/// The codes longer than this one, and beginning with it, that may be reported on the day, in order.
pub(super) fn completions(system: &System, code: Code, day: Date) -> impl Iterator<Item = Code> {
    system
        .prefix(code)
        .map(Ordinal)
        .map(move |ordinal| (ordinal, system.code(ordinal)))
        .filter(move |&(ordinal, longer)| longer != code && is_reportable(system, ordinal, day))
        .map(|(_, longer)| longer)
}

/// The days of those rows that are `billable` or not. A last day that is only the last of the table's releases is no
/// end.
pub(super) fn periods(system: &System, ordinal: Ordinal, billable: bool) -> Vec<DateRange> {
    let rows: Vec<Row> = system.rows(ordinal).iter().copied().filter(|row| row.is_billable() == billable).collect();
    let mut periods = crate::periods::of(&rows);
    let horizon = system.coverage().last().and_then(|range| range.to);
    if let Some(last) = periods.last_mut()
        && last.to == horizon
    {
        last.to = None;
    }
    periods
}

/// The code with its last character moved to the seventh place and X in the places between; `None` where the code
/// is too short, or long enough.
pub(super) fn seventh_in_place(code: Code) -> Option<Code> {
    let length = code.len();
    if !(4..=6).contains(&length) {
        return None;
    }
    let mut filled = *b"XXXXXXX";
    filled[..length - 1].copy_from_slice(&code.to_bytes()[..length - 1]);
    filled[6] = code.at(length - 1);
    Code::parse(&filled)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn code(text: &str) -> Code {
        Code::parse(text.as_bytes()).unwrap_or(Code::MALFORMED)
    }

    #[test]
    fn a_seventh_character_that_stands_too_early_is_moved_behind_fillers() {
        assert_eq!(seventh_in_place(code("W19A")), Some(code("W19XXXA")));
        assert_eq!(seventh_in_place(code("S022A")), Some(code("S022XXA")));
        assert_eq!(seventh_in_place(code("T780XA")), Some(code("T780XXA")));
        assert_eq!(seventh_in_place(code("W19")), None);
        assert_eq!(seventh_in_place(code("S72001A")), None);
        assert_eq!(seventh_in_place(Code::ABSENT), None);
        assert_eq!(seventh_in_place(Code::MALFORMED), None);
    }
}
