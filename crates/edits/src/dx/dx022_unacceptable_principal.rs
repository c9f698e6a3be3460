use super::first_listed::{Standing, each_first};
use super::validity::reportable_row;
use crate::contract::{edit, tables};
use crate::{ClaimFacts, Fires, Reason, Recorder, Value};
use claims::Given;
use codes::{BillType, Code, Date};
use codeset::flags::diagnosis::{
    OUTPATIENT_EXEMPT, OUTPATIENT_EXEMPT_SOMEWHERE, OUTPATIENT_UNACCEPTABLE, REQUIRES_SECONDARY, UNACCEPTABLE_PRINCIPAL,
};
use codeset::{Row, SystemId};

edit! {
    /// # What it checks
    /// The principal diagnosis of an institutional claim is one that may be principal. Inpatient bills (type 11x,
    /// 18x, 21x, 41x) are judged by the Medicare Code Editor's list. Outpatient bills are judged by the I/OCE's, from
    /// 2019-10-01: it exempts some thousand codes that may well be the reason for an outpatient visit, such as
    /// screenings and vaccinations (66 of them, from 2025-04-01, on other bills than 12x, 22x, 81x and 82x alone), and until
    /// 2020-09-30 it has 47 codes fewer (body mass indices and allergies to drugs, most of them).
    ///
    /// # Why a payer denies it
    /// Such a code tells a circumstance or a detail (a family history, weeks of gestation, a body mass index, a
    /// resistance to drugs), not the condition treated. Medicare returns the claim to the provider.
    ///
    /// # Example
    /// `Z37.0` (single live birth) as principal diagnosis of a delivery: the delivery is the principal diagnosis.
    ///
    /// # How to fix
    /// Make the condition chiefly responsible for the admission or visit the principal diagnosis and list this code
    /// behind it.
    ///
    /// # Bypass
    /// A code that requires a secondary diagnosis (`Z51.89`) may be principal of an inpatient claim that gives another
    /// diagnosis.
    ///
    /// # Source
    /// Medicare Code Editor, edit 9 (unacceptable principal diagnosis; requires secondary diagnosis); I/OCE edit 113
    /// (from version 20.3, 2019-10-01); ICD-10-CM Official Guidelines II.
    ///
    /// # Tables
    /// icd10cm. Not evaluated where the principal diagnosis has a date outside its releases or none, or is not valid
    /// on it; where the type of bill is missing and the code is on a list; and where an outpatient bill has a code of
    /// the inpatient list on a date for which the table does not carry the I/OCE's marks.
    pub struct DxUnacceptablePrincipal;
    id: "DX022", name: "dx-unacceptable-principal",
    severity: Error, snip: 6, carc: "16", rarc: "MA63",
    source: "Medicare Code Editor, edit 9; I/OCE edit 113",
    unit: Diagnosis, claims: INSTITUTIONAL, default: ON,
    tables: [tables::DIAGNOSES], fields: [], fires: Fires::INVALID_DIAGNOSIS.or(Fires::UNACCEPTABLE_PRINCIPAL),
    messages: [
        "{diagnosis} is unacceptable as principal diagnosis of an inpatient claim on {date}, for it tells a \
         circumstance and not the condition treated; Medicare would return the claim"
            => "Make the condition chiefly responsible for the admission the principal diagnosis and list {diagnosis} \
                behind it.",
        "{diagnosis} is acceptable as principal diagnosis of an inpatient claim only with a secondary diagnosis, and \
         the claim gives none; Medicare would return the claim"
            => "Add the secondary diagnoses of the record, or make another condition the principal diagnosis.",
        "{diagnosis} is unacceptable as principal diagnosis of an outpatient claim on {date}, for it tells a \
         circumstance and not the condition treated; Medicare would return the claim"
            => "Make the condition chiefly responsible for the visit the principal diagnosis and list {diagnosis} \
                behind it.",
        "{diagnosis} is acceptable as principal diagnosis of an inpatient claim only with a secondary diagnosis; \
         {secondary} is one"
            => "Keep {secondary} on the claim.",
    ],
    check: check,
}

const INPATIENT: u8 = 0;
const ALONE: u8 = 1;
const OUTPATIENT: u8 = 2;
const WITH_SECONDARY: u8 = 3;

/// First day of I/OCE edit 113, version 20.3.
const EDIT_113_FROM: Date = Date::from_days(18_170);
/// First day on which the I/OCE marks whatever the inpatient list has, version 21.3. Before, it lists 47 of those codes
/// (body mass indices and allergies to drugs, most of them) without a mark: it takes them as principal.
const ALL_MARKED_FROM: Date = Date::from_days(18_536);
/// The table by whose name a missing mark of the I/OCE is reported.
const IOCE_TABLE: &str = "icd10cm (I/OCE edit 113)";

fn check(claim: &ClaimFacts<'_>, out: &mut Recorder<'_>) {
    let Some(system) = claim.system(SystemId::Diagnosis) else { return };
    each_first(
        claim,
        system,
        |_, judged| !judged.row.is_some_and(|row| row.is_billable() && !is_listed(row)),
        |Standing { place, diagnosis, judged, .. }| match (reportable_row(system, &judged), judged.date) {
            (Ok(row), Ok(date)) => match verdict(claim, place, diagnosis.code, row, date) {
                Verdict::Pass => {}
                Verdict::Fail(message) => {
                    out.fail_diagnosis(place, judged.line, message)
                        .with("diagnosis", Value::Diagnosis(diagnosis.code))
                        .with("date", Value::Date(date))
                        .from_release(row.release);
                }
                Verdict::Bypass(secondary) => {
                    if let Some(finding) = out.bypass_diagnosis(place, judged.line, WITH_SECONDARY) {
                        finding
                            .with("diagnosis", Value::Diagnosis(diagnosis.code))
                            .with("date", Value::Date(date))
                            .with("secondary", Value::Diagnosis(secondary))
                            .from_release(row.release);
                    }
                }
                Verdict::Skip(reason) => out.skip_diagnosis(place, judged.line, reason),
            },
            (Err(reason), _) | (_, Err(reason)) => out.skip_diagnosis(place, judged.line, reason),
        },
    );
}

/// Whether any list has the code.
fn is_listed(row: &Row) -> bool {
    row.flags & (UNACCEPTABLE_PRINCIPAL | OUTPATIENT_UNACCEPTABLE) != 0
}

enum Verdict {
    Pass,
    Fail(u8),
    /// Released by this secondary diagnosis.
    Bypass(Code),
    Skip(Reason),
}

fn verdict(claim: &ClaimFacts<'_>, place: u32, code: Code, row: &Row, date: Date) -> Verdict {
    match claim.is_inpatient() {
        Err(reason) => Verdict::Skip(reason),
        Ok(true) if !row.has(UNACCEPTABLE_PRINCIPAL) => Verdict::Pass,
        Ok(true) if !row.has(REQUIRES_SECONDARY) => Verdict::Fail(INPATIENT),
        // The code itself once more, or what is no code, is no second diagnosis.
        Ok(true) => claim
            .given_diagnoses()
            .find(|&(other, dx)| other != place && dx.code != code && !dx.code.is_malformed())
            .map_or(Verdict::Fail(ALONE), |(_, dx)| Verdict::Bypass(dx.code)),
        Ok(false) if date < EDIT_113_FROM => Verdict::Pass,
        Ok(false) if !row.has(OUTPATIENT_UNACCEPTABLE) && date < ALL_MARKED_FROM => Verdict::Pass,
        Ok(false) if !row.has(OUTPATIENT_UNACCEPTABLE) => Verdict::Skip(Reason::DateOutsideReleases(IOCE_TABLE)),
        Ok(false) if is_exempt(row, claim.claim.row.bill_type) => Verdict::Pass,
        Ok(false) => Verdict::Fail(OUTPATIENT),
    }
}

/// Whether the I/OCE lets the code be principal on this type of bill. Some exemptions do not hold for bills of
/// patients in a bed that the I/OCE reads: Part B inpatient (12x, 22x) and hospice (81x, 82x).
fn is_exempt(row: &Row, bill: Given<BillType>) -> bool {
    let in_bed = bill.value().is_some_and(|bill| matches!(bill.facility_and_care(), 12 | 22 | 81 | 82));
    row.has(OUTPATIENT_EXEMPT) && !(in_bed && row.has(OUTPATIENT_EXEMPT_SOMEWHERE))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn edit_113_begins_with_version_20_3() {
        assert_eq!(EDIT_113_FROM.to_string(), "2019-10-01");
        assert_eq!(ALL_MARKED_FROM.to_string(), "2020-10-01");
    }

    #[test]
    fn some_exemptions_do_not_hold_for_patients_in_a_bed() {
        let row = |flags| {
            let mut row = Row::new(EDIT_113_FROM, None, 0);
            row.flags = flags;
            row
        };
        let bill = |text: &str| BillType::parse(text.as_bytes()).map_or(Given::Absent, Given::Is);
        let everywhere = row(OUTPATIENT_UNACCEPTABLE | OUTPATIENT_EXEMPT);
        let somewhere = row(OUTPATIENT_UNACCEPTABLE | OUTPATIENT_EXEMPT | OUTPATIENT_EXEMPT_SOMEWHERE);
        for text in ["131", "121", "221", "811", "821"] {
            assert!(is_exempt(&everywhere, bill(text)), "{text}");
            assert_eq!(is_exempt(&somewhere, bill(text)), text == "131", "{text}");
            assert!(!is_exempt(&row(OUTPATIENT_UNACCEPTABLE), bill(text)), "{text}");
        }
    }
}
