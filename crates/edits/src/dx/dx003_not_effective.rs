use super::dx002_incomplete::is_beginning;
use super::validity::{ICD_9_NOT_LOADED, ICD_10_FROM, covered, is_reportable, is_reportable_at_end, periods};
use crate::contract::{edit, tables};
use crate::{ClaimFacts, DiagnosisFacts, Fires, Recorder, Value};
use codes::{Code, Date, DateRange};
use codeset::{Ordinal, RelationId, System, SystemId};

edit! {
    /// # What it checks
    /// Every diagnosis that ICD-10-CM knows is in force on its governing date: the line's first day of service
    /// (professional and dental), the first day of the statement (institutional outpatient), its last day (home health,
    /// 32x) or the discharge (inpatient). Codes come and go each October 1, some also on April 1. On an outpatient bill that
    /// runs into the next quarter a code that is in force on its last day passes too. A code that the claim gives as one of ICD-9-CM (qualifiers
    /// BK and BF of an 837, 9 in dx_versions) is not in force from 2015-10-01 on, whatever ICD-10-CM has under the same
    /// characters. On an institutional claim that date governs the admitting diagnosis, the patient's reasons for visit
    /// and the external causes of injury in fields of their own too.
    ///
    /// # Why a payer denies it
    /// The code set in force on the date of service or discharge is the one that counts, with no grace period
    /// (CMS ended it on 2004-10-01). A code that ended the day before, or begins the day after, is rejected.
    ///
    /// # Example
    /// `S30.1XXA` ended on 2025-09-30: from 2025-10-01 `S30.11XA`, `S30.12XA` or `S30.13XA` is reported. `U07.1` begins
    /// on 2020-04-01: on 2020-03-31 it fails.
    ///
    /// # How to fix
    /// Check the date first. If it is right, report what was in force on it: the finding names the codes that
    /// replaced an ended code (ICD-10-CM conversion table) or, for a code of a later year, the shorter code that it
    /// was split from. Compare them with the record, for they need not mean the same.
    ///
    /// # Bypass
    /// None.
    ///
    /// # Source
    /// ICD-10-CM order files of all years from 2015-10-01, as dated in the Medicare Code Editor; ICD-10-CM
    /// conversion table (CMS, NCHS); Medicare Claims Processing Manual ch. 23 §10.2; 45 CFR 162.1002(c) (ICD-10-CM from
    /// 2015-10-01). For bills that span quarters: MLN Matters MM7492 (home health goes by the last day); I/OCE edit 1, which
    /// spares a code of the next version.
    ///
    /// # Tables
    /// icd10cm. A governing date outside its releases is not evaluated. A code that is a heading on the date, or
    /// whose longer codes are in force on it, is incomplete (DX002), whatever it was before. A heading of other
    /// years under which nothing is in force on the date fails here. Before 2015-10-01 a code given as one of ICD-9-CM, of
    /// which there is no table, is not evaluated; in digits alone it is DX004's. icd10cm-successor, if it is loaded, for
    /// the fix.
    pub struct DxNotEffective;
    id: "DX003", name: "dx-not-effective",
    severity: Error, snip: 5, carc: "16", rarc: "M76",
    source: "ICD-10-CM order files of several years; ICD-10-CM conversion table; Claims manual ch. 23 §10.2",
    unit: AnyDiagnosis, claims: ALL, default: ON,
    tables: [tables::DIAGNOSES], fields: [], fires: Fires::INVALID_DIAGNOSIS.or(Fires::UNSOUND_BESIDE),
    messages: [
        "{diagnosis} is not in force on {date}, it ended on {ended} (valid {periods}); a payer would reject a code \
         that was deleted"
            => "Report what replaced it, if the record supports it: {successors}.",
        "{diagnosis} is not in force on {date}, it ended on {ended} (valid {periods}); a payer would reject a code \
         that was deleted"
            => "Report one of the {count} codes that replaced it, if the record supports it, such as {successors}.",
        "{diagnosis} is not in force on {date}, it ended on {ended} (valid {periods}); a payer would reject a code \
         that was deleted"
            => "Check the date; if it is right, look the condition up in the release of {date} and report its code.",
        "{diagnosis} is not in force on {date}, it begins on {begins}; a payer would reject a code of a later year"
            => "Check the date; if it is right, report {earlier}, the code then in force, if the record supports it.",
        "{diagnosis} is not in force on {date}, it begins on {begins}; a payer would reject a code of a later year"
            => "Check the date; if it is right, look the condition up in the release of {date} and report its code.",
        "{diagnosis} is not in force on {date}, between the days on which it is (valid {periods}); a payer would \
         reject it as not valid on the date"
            => "Check the date; if it is right, look the condition up in the release of {date} and report its code.",
        "{diagnosis} is a category of other years ({periods}), and no code below it is in force on {date}; a payer \
         would reject it as not valid on the date"
            => "Check the date; if it is right, look the condition up in the release of {date} and report its code.",
        "{diagnosis} is given as a code of ICD-9-CM, which ended on 2015-09-30, and is judged on {date}; a payer takes only \
         ICD-10-CM for services from 2015-10-01"
            => "Code the condition in ICD-10-CM, from the record and not from the old code; if it is a code of ICD-10-CM, say \
                so (ABK and ABF in an 837, 0 in dx_versions).",
    ],
    check: check,
}

const REPLACED: u8 = 0;
const REPLACED_BY_MANY: u8 = 1;
const ENDED: u8 = 2;
const SPLIT_LATER: u8 = 3;
const BEGINS_LATER: u8 = 4;
const BETWEEN: u8 = 5;
const CATEGORY: u8 = 6;
const ICD_9: u8 = 7;

/// How many successors a finding names.
const MOST: usize = 8;
/// How many conversions are followed: more than any code has, so that no table makes a finding slow.
const MOST_FOLLOWED: usize = 256;

fn check(claim: &ClaimFacts<'_>, out: &mut Recorder<'_>) {
    let Some(system) = claim.system(SystemId::Diagnosis) else { return };
    for (place, diagnosis) in claim.any_diagnoses() {
        if diagnosis.is_icd_9() {
            icd_9(claim, place, diagnosis, out);
            continue;
        }
        // An unknown or malformed code is in force on no day; DX001 and DX004 say so.
        let Some(ordinal) = diagnosis.lookup.ordinal() else { continue };
        for judged in claim.judgements(diagnosis) {
            if judged.row.is_some() {
                continue;
            }
            match covered(system, judged) {
                Ok(date) if is_beginning(system, diagnosis.code, date) => {}
                Ok(date) if is_reportable_at_end(claim, system, ordinal, date) => {}
                Ok(date) => report(claim, system, (place, judged.line), ordinal, date, out),
                Err(reason) => out.skip_diagnosis(place, judged.line, reason),
            }
        }
    }
}

/// A code that the claim says is of ICD-9-CM. Of one in digits alone DX004 tells.
#[cold]
fn icd_9(claim: &ClaimFacts<'_>, place: u32, diagnosis: &DiagnosisFacts, out: &mut Recorder<'_>) {
    if !diagnosis.code.has_diagnosis_form() {
        return;
    }
    for judged in claim.judgements(diagnosis) {
        match judged.date {
            Ok(date) if date >= ICD_10_FROM => {
                out.fail_diagnosis(place, judged.line, ICD_9)
                    .with("diagnosis", Value::Diagnosis(diagnosis.code))
                    .with("date", Value::Date(date));
            }
            Ok(_) => out.skip_diagnosis(place, judged.line, ICD_9_NOT_LOADED),
            Err(reason) => out.skip_diagnosis(place, judged.line, reason),
        }
    }
}

#[cold]
fn report(
    claim: &ClaimFacts<'_>,
    system: &System,
    (place, line): (u32, Option<u32>),
    ordinal: Ordinal,
    date: Date,
    out: &mut Recorder<'_>,
) {
    let code = system.code(ordinal);
    let own = periods(system, ordinal, true);
    let ended = last_before(&own, date);
    let begins = own.iter().map(|days| days.from).find(|&from| from > date);
    let (mut successors, mut earlier) = (Vec::new(), None);
    let message = match (ended, begins) {
        (None, None) => CATEGORY,
        (Some(_), Some(_)) => BETWEEN,
        (Some(_), None) => {
            successors = successors_on(claim, system, ordinal, date);
            match successors.len() {
                0 => ENDED,
                1..=MOST => REPLACED,
                _ => REPLACED_BY_MANY,
            }
        }
        (None, Some(_)) => {
            earlier = shorter_on(system, code, date);
            if earlier.is_some() { SPLIT_LATER } else { BEGINS_LATER }
        }
    };
    let periods = if own.is_empty() { periods(system, ordinal, false) } else { own };
    let finding = out
        .fail_diagnosis(place, line, message)
        .with("diagnosis", Value::Diagnosis(code))
        .with("date", Value::Date(date))
        .with("periods", Value::Periods(periods));
    if let Some(ended) = ended {
        finding.with("ended", Value::Date(ended));
    }
    if let Some(begins) = begins {
        finding.with("begins", Value::Date(begins));
    }
    if let Some(earlier) = earlier {
        finding.with("earlier", Value::Diagnosis(earlier));
    }
    if !successors.is_empty() {
        finding.with("count", Value::Count(successors.len() as i64));
        successors.truncate(MOST);
        finding.with("successors", Value::Diagnoses(successors));
    }
    // The newest row before the date, else the oldest after it, is what decided.
    let rows = system.rows(ordinal);
    if let Some(row) = rows.iter().rev().find(|row| row.days().from <= date).or_else(|| rows.first()) {
        finding.from_release(row.release);
    }
}

/// The last day before `date` of periods in order.
fn last_before(periods: &[DateRange], date: Date) -> Option<Date> {
    periods.iter().rev().find_map(|days| days.to.filter(|&to| to < date))
}

/// The codes in force on the day that replaced the code, those included that replaced what replaced it, in order.
fn successors_on(claim: &ClaimFacts<'_>, system: &System, ordinal: Ordinal, day: Date) -> Vec<Code> {
    let Some(relation) = claim.relation(RelationId::DiagnosisSuccessor) else { return Vec::new() };
    let (mut seen, mut next) = (vec![ordinal], 0);
    while let Some(&from) = seen.get(next) {
        next += 1;
        for link in relation.links(from).filter(|link| link.class.holds_on(day)) {
            if seen.len() < MOST_FOLLOWED && !seen.contains(&link.target) {
                seen.push(link.target);
            }
        }
    }
    let mut found: Vec<Code> = seen
        .into_iter()
        .filter(|&successor| is_reportable(system, successor, day))
        .map(|successor| system.code(successor))
        .collect();
    found.sort_unstable();
    found
}

/// The longest beginning of the code that may itself be reported on the day: what it was split from.
fn shorter_on(system: &System, code: Code, day: Date) -> Option<Code> {
    (3..code.len())
        .rev()
        .map(|length| code.prefix(length))
        .find(|&shorter| system.ordinal(shorter).is_some_and(|ordinal| is_reportable(system, ordinal, day)))
}
