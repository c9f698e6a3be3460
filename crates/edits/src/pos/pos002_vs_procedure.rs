use crate::contract::{edit, tables};
use crate::fees::Fees;
use crate::{ClaimFacts, Fires, LineFacts, Lookup, Reason, Recorder, Value, px};
use claims::Field;
use codes::{Code, Date};
use codeset::flags::procedure::TELEHEALTH;
use codeset::{FeeIndicators, SystemId};

/// The PC/TC indicator of services incident to a physician's.
const INCIDENT_TO: u8 = b'5';
/// Hospitals and skilled nursing facilities, where nothing is incident to a physician's service: off-campus and on-campus
/// outpatient hospital, inpatient hospital, emergency room, skilled nursing facility, inpatient psychiatric facility, and
/// comprehensive inpatient rehabilitation facility.
///
/// Source: 42 CFR 410.26(a)(5) and (b)(1); fee schedule, PC/TC indicator 5.
const INSTITUTIONS: [Code; 7] = [
    Code::new(b"19"),
    Code::new(b"21"),
    Code::new(b"22"),
    Code::new(b"23"),
    Code::new(b"31"),
    Code::new(b"51"),
    Code::new(b"61"),
];

/// Home or residence services: visits of new and established patients.
const HOME_VISITS: [Code; 2] = [Code::new(b"99341"), Code::new(b"99350")];
/// The first day on which the codes of homes are those of all residences too: CPT 2023, when those of rest homes and
/// domiciliaries (99324 to 99337) were joined to them.
const ALL_RESIDENCES_FROM: Date = Date::from_days(19_358);
/// Where a patient is at home, by telehealth included: telehealth elsewhere (02) and at home (10), and home (12).
const HOME: [Code; 3] = [Code::new(b"02"), Code::new(b"10"), Code::new(b"12")];
/// The residences that count from 2023 on: homeless shelter, assisted living, group home, temporary lodging, custodial care
/// and residential substance abuse treatment.
///
/// Source: CPT 2023, home or residence services; Medicare Claims Processing Manual chapter 12 §30.6.14.
const RESIDENCES: [Code; 6] =
    [Code::new(b"04"), Code::new(b"13"), Code::new(b"14"), Code::new(b"16"), Code::new(b"33"), Code::new(b"55")];

/// Telehealth: other than in the patient's home, and in it.
const TELEHEALTH_PLACES: [Code; 2] = [Code::new(b"02"), Code::new(b"10")];
/// From this day on, 2023-07-01, the procedure table marks telehealth codes: I/OCE edit 126 began then.
const TELEHEALTH_MARKED_FROM: Date = Date::from_days(19_539);

edit! {
    /// # What it checks
    /// A professional line's place of service is one where its procedure is given: services incident to a physician's
    /// (PC/TC indicator 5) not in a hospital or skilled nursing facility (19, 21, 22, 23, 31, 51, 61), for payers that
    /// follow Medicare; home visits (99341 to 99350) in a home (12, or 02 and 10 by telehealth; from 2023-01-01 also the
    /// residences 04, 13, 14, 16, 33 and 55); and telehealth places (02, 10) with a code of the telehealth list.
    ///
    /// # Why a payer denies it
    /// In a facility the staff who give incident-to services are the facility's, which is paid for them. A home visit
    /// elsewhere, and telehealth with a code that may not be given so, contradict themselves. Payers answer CARC 5.
    ///
    /// # Example
    /// `96372` (injection, indicator 5) in an emergency room (23). `99348` in the office (11). `17110` with place 10.
    ///
    /// # How to fix
    /// Correct the place of service, or bill the code of the service that was given there.
    ///
    /// # Bypass
    /// None.
    ///
    /// # Source
    /// Medicare Physician Fee Schedule relative value file, PC/TC indicator; 42 CFR 410.26; Medicare Claims Processing Manual
    /// chapter 12 §30.6.14 and §190; the telehealth list as the I/OCE's edit 126 has it.
    ///
    /// # Tables
    /// fee-schedule for the services in institutions, procedures for telehealth, pos. A line at such a place is not
    /// evaluated where the table cannot tell: not loaded, a date outside its releases (the telehealth list begins on
    /// 2023-07-01), or a code that it does not list or that is not valid that day. Nor is a line without place, or with one that is not in pos. Lines
    /// without a procedure pass. Institutional and dental claims are not looked at.
    pub struct PosVersusProcedure;
    id: "POS002", name: "pos-vs-procedure",
    severity: Warning, snip: 6, carc: "5", rarc: "",
    source: "MPFS PC/TC indicator; 42 CFR 410.26; Claims Processing Manual chapter 12 §30.6.14 and §190",
    unit: Line, claims: PROFESSIONAL, default: ON,
    tables: [tables::PROCEDURES, tables::PLACES], fields: [Field::PlaceOfService], fires: Fires::ODD_PLACE,
    messages: [
        "{procedure} is incident to a physician's service (PC/TC indicator 5) and the place of service is {place} on {date}, \
         a hospital or skilled nursing facility, which is paid for it; a payer that follows Medicare would deny the line"
            => "Remove {procedure}, which the facility bills, or correct the place of service.",
        "{procedure} is a home visit and the place of service is {place} on {date}, which is no home; a payer would deny the \
         line"
            => "Correct the place of service, or bill the visit code of the place.",
        "The place of service is {place} (telehealth) and {procedure} is not on the telehealth list of {date}; a payer would \
         deny the line"
            => "Correct the place of service, or bill a code that may be given by telehealth.",
    ],
    check: check,
}

fn check(claim: &ClaimFacts<'_>, out: &mut Recorder<'_>) {
    for (number, line) in (0..).zip(claim.lines) {
        if line.procedure == Lookup::Absent {
            continue;
        }
        match judge(claim, line) {
            Ok(None) => {}
            Err(reason) => out.skip_line(number, reason),
            Ok(Some((message, release))) => {
                let finding = out
                    .fail_line(number, Field::PlaceOfService, message)
                    .with("procedure", Value::Code(line.row.procedure))
                    .with("place", Value::Code(line.row.place_of_service));
                if let Some(date) = line.date {
                    finding.with("date", Value::Date(date));
                }
                if let Some(release) = release {
                    finding.from_release(release);
                }
            }
        }
    }
}

/// Whether the code is a home or residence visit.
pub(crate) fn is_home_visit(code: Code) -> bool {
    let [first, last] = HOME_VISITS;
    code.len() == 5 && (first..=last).contains(&code)
}

/// Whether the place is telehealth.
pub(crate) fn is_telehealth(place: Code) -> bool {
    TELEHEALTH_PLACES.contains(&place)
}

/// Whether nothing at the place is incident to a physician's service.
pub(crate) fn is_institution(place: Code) -> bool {
    INSTITUTIONS.contains(&place)
}

/// Whether the service is incident to a physician's.
pub(crate) fn is_incident_to(fees: &FeeIndicators) -> bool {
    fees.pc_tc == INCIDENT_TO
}

/// The message of a line that fails, and the release that decided.
fn judge(claim: &ClaimFacts<'_>, line: &LineFacts<'_>) -> Result<Option<(u8, Option<u16>)>, Reason> {
    match line.place {
        Lookup::Known(_) => {}
        Lookup::Absent => return Err(Reason::FieldAbsent(Field::PlaceOfService)),
        Lookup::Malformed | Lookup::Unknown => return Err(Reason::CodeNotValid(SystemId::PlaceOfService.name())),
    }
    let at = line.row.place_of_service;
    if is_home_visit(line.row.procedure) && !HOME.contains(&at) {
        let all_residences = line.governing_date()? >= ALL_RESIDENCES_FROM;
        if !(all_residences && RESIDENCES.contains(&at)) {
            return Ok(Some((1, None)));
        }
    }
    if is_telehealth(at) {
        let row = px::row(claim, line)?;
        if line.governing_date()? < TELEHEALTH_MARKED_FROM {
            return Err(Reason::DateOutsideReleases(px::TELEHEALTH_LIST));
        }
        return Ok((!row.has(TELEHEALTH)).then_some((2, Some(row.release))));
    }
    if claim.settings.follows_medicare && is_institution(at) {
        let Fees { indicators, release } = Fees::of(claim, line)?;
        return Ok(is_incident_to(&indicators).then_some((0, Some(release))));
    }
    Ok(None)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn packed_codes_and_days_are_what_their_text_says() {
        assert_eq!(INSTITUTIONS.map(|code| code.to_string()), ["19", "21", "22", "23", "31", "51", "61"]);
        assert_eq!(HOME_VISITS.map(|code| code.to_string()), ["99341", "99350"]);
        assert_eq!(ALL_RESIDENCES_FROM.to_string(), "2023-01-01");
        assert_eq!(TELEHEALTH_MARKED_FROM.to_string(), "2023-07-01");
    }
}
