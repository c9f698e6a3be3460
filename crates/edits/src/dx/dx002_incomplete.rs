use super::validity::{completions, covered, has_form, periods};
use crate::contract::{edit, tables};
use crate::{ClaimFacts, DiagnosisFacts, Fires, Recorder, Value};
use codes::{Code, Date};
use codeset::{RowKind, System, SystemId};

edit! {
    /// # What it checks
    /// No diagnosis is only the beginning of a code: a category or subcategory of ICD-10-CM that needs more
    /// characters on its governing date. A code that needs a seventh character is incomplete without it, and so is
    /// one whose empty places before the seventh are not filled with X. On an institutional claim this holds for the
    /// admitting diagnosis, the patient's reasons for visit and the external causes of injury in fields of their own too,
    /// by the date that governs the other diagnoses.
    ///
    /// # Why a payer denies it
    /// A category is a heading, not a diagnosis. HIPAA's code set takes the code to the last character that the
    /// release in force on the date gives it; clearinghouses and payers reject anything shorter.
    ///
    /// # Example
    /// `W19` (unspecified fall) is a category: `W19.XXXA`, `W19.XXXD` and `W19.XXXS` can be reported. `A04.7` was a
    /// complete code until 2017-09-30; from 2017-10-01 it needs a fifth character (`A04.71` or `A04.72`).
    ///
    /// # How to fix
    /// Report the complete code that the record supports. The finding lists those that are valid on the governing
    /// date: all of them, or the first eight and how many there are.
    ///
    /// # Bypass
    /// None.
    ///
    /// # Source
    /// ICD-10-CM order files, column "header" (flag 0); ICD-10-CM Official Guidelines I.B.2 (level of detail),
    /// I.A.4 and I.A.5 (placeholder X and seventh characters).
    ///
    /// # Tables
    /// icd10cm. A governing date outside its releases is not evaluated. A code that no release lists is DX001's, and
    /// what has not the form of a code (`A`, `A0`) DX004's.
    pub struct DxIncomplete;
    id: "DX002", name: "dx-incomplete",
    severity: Error, snip: 5, carc: "16", rarc: "M76",
    source: "ICD-10-CM order files (flag 0); Official Guidelines I.A.4, I.A.5, I.B.2",
    unit: AnyDiagnosis, claims: ALL, default: ON,
    tables: [tables::DIAGNOSES], fields: [], fires: Fires::INVALID_DIAGNOSIS.or(Fires::UNSOUND_BESIDE),
    messages: [
        "{diagnosis} needs more characters on {date}; a payer would reject it as an incomplete code"
            => "Report the complete code that the record supports: {completions}.",
        "{diagnosis} needs more characters on {date}; a payer would reject it as an incomplete code"
            => "Report the complete code that the record supports. There are {count}, the first of them {completions}.",
        "{diagnosis} was complete until {ended} and needs more characters on {date}; a payer would reject it as an \
         incomplete code"
            => "Report the complete code that the record supports: {completions}.",
        "{diagnosis} was complete until {ended} and needs more characters on {date}; a payer would reject it as an \
         incomplete code"
            => "Report the complete code that the record supports. There are {count}, the first of them {completions}.",
    ],
    check: check,
}

const LISTED: u8 = 0;
const COUNTED: u8 = 1;
/// Added to either of the others.
const WAS_COMPLETE: u8 = 2;

/// How many completions a finding lists.
const MOST: usize = 8;

fn check(claim: &ClaimFacts<'_>, out: &mut Recorder<'_>) {
    let Some(system) = claim.system(SystemId::Diagnosis) else { return };
    for (place, diagnosis) in claim.any_diagnoses() {
        // Less than a category, or more than a code, is DX004's: it is malformed, whatever codes begin so.
        if !has_form(diagnosis) {
            continue;
        }
        for judged in claim.judgements(diagnosis) {
            if judged.row.is_some_and(|row| row.is_billable()) {
                continue;
            }
            let date = match covered(system, judged) {
                Ok(date) => date,
                Err(reason) => {
                    out.skip_diagnosis(place, judged.line, reason);
                    continue;
                }
            };
            let header = judged.row.filter(|row| row.kind() == RowKind::Header);
            if header.is_some() || is_beginning(system, diagnosis.code, date) {
                let release = header.map(|row| row.release);
                report(system, diagnosis, (place, judged.line), date, release, out);
            }
        }
    }
}

/// Whether the code is the beginning of codes that may be reported on the day. Where the table has headings this
/// says what they say; it is the answer where it has none.
pub(super) fn is_beginning(system: &System, code: Code, day: Date) -> bool {
    !code.is_empty() && completions(system, code, day).next().is_some()
}

#[cold]
fn report(
    system: &System,
    diagnosis: &DiagnosisFacts,
    (place, line): (u32, Option<u32>),
    date: Date,
    release: Option<u16>,
    out: &mut Recorder<'_>,
) {
    let mut listed = Vec::with_capacity(MOST);
    let mut count = 0;
    for code in completions(system, diagnosis.code, date) {
        if listed.len() < MOST {
            listed.push(code);
        }
        count += 1;
    }
    let ended = diagnosis.lookup.ordinal().and_then(|ordinal| {
        periods(system, ordinal, true).iter().rev().find_map(|days| days.to.filter(|&to| to < date))
    });
    let how = if count > MOST { COUNTED } else { LISTED };
    let message = if ended.is_some() { how + WAS_COMPLETE } else { how };
    let finding = out
        .fail_diagnosis(place, line, message)
        .with("diagnosis", Value::Diagnosis(diagnosis.code))
        .with("date", Value::Date(date))
        .with("completions", Value::Diagnoses(listed))
        .with("count", Value::Count(count as i64));
    if let Some(ended) = ended {
        finding.with("ended", Value::Date(ended));
    }
    if let Some(release) = release {
        finding.from_release(release);
    }
}
