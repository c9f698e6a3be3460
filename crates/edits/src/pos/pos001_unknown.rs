use crate::contract::{edit, tables};
use crate::periods::Gap;
use crate::{ClaimFacts, Fires, Lookup, Reason, Recorder, Value};
use claims::Field;
use codes::Code;
use codeset::SystemId;

edit! {
    /// # What it checks
    /// Every place of service on a professional or dental line is a code of CMS's set that is in force on the line's
    /// first day of service. A line without one passes here: CLM005 says that it is missing.
    ///
    /// # Why a payer denies it
    /// The place decides which fee applies (facility or not) and which services are covered at all. Payers answer
    /// CARC 5, or 16 with M77 (missing, incomplete or invalid place of service).
    ///
    /// # Example
    /// `10` (telehealth in the patient's home) on 2021-12-31: the code begins on 2022-01-01. `30` is unassigned.
    ///
    /// # How to fix
    /// Enter the two digits of the place where the patient was when the service was given.
    ///
    /// # Bypass
    /// None.
    ///
    /// # Source
    /// Place of Service Code Set (CMS); Medicare Claims Processing Manual chapter 26 §10.5.
    ///
    /// # Tables
    /// pos. A date outside its days, and a line without a date, are not evaluated. What is not two digits fails on
    /// any date. Institutional claims give no place on their lines and are not looked at.
    pub struct PosUnknown;
    id: "POS001", name: "pos-unknown",
    severity: Error, snip: 5, carc: "5, 16", rarc: "M77",
    source: "CMS Place of Service Code Set; Medicare Claims Processing Manual chapter 26 §10.5",
    unit: Line, claims: NOT_INSTITUTIONAL, default: ON,
    tables: [tables::PLACES], fields: [Field::PlaceOfService], fires: Fires::INVALID_PLACE.or(Fires::PLACES_UNANSWERED),
    messages: [
        "Place of service {place} is not in force on {date}: it ended on {ended} (it was in force {periods}); a \
         payer cannot tell which fee applies"
            => "Enter the place of service that was in force on {date}.",
        "Place of service {place} is not in force on {date}: it begins on {begins} (it is in force {periods}); a \
         payer cannot tell which fee applies"
            => "Enter the place of service that was in force on {date}.",
        "Place of service {place} is not in force on {date}: it ended on {ended} and begins again on {begins} (it \
         is in force {periods}); a payer cannot tell which fee applies"
            => "Enter the place of service that was in force on {date}.",
        "Place of service {place} is not in CMS's code set; a payer cannot tell which fee applies"
            => "Enter the two digits of the place where the patient was.",
        "\"{place}\" is no place of service, which has two digits; a payer cannot tell which fee applies"
            => "Enter the two digits of the place where the patient was.",
    ],
    check: check,
}

// Messages 0 to 2 are those of `Gap::message`.
const UNKNOWN: u8 = 3;
const MALFORMED: u8 = 4;

fn check(claim: &ClaimFacts<'_>, out: &mut Recorder<'_>) {
    let Some(system) = claim.system(SystemId::PlaceOfService) else { return };
    for (number, line) in (0..).zip(claim.lines) {
        let place = line.row.place_of_service;
        let ordinal = match line.place {
            Lookup::Absent => continue,
            Lookup::Known(ordinal) => Some(ordinal),
            Lookup::Unknown if is_two_digits(place) => None,
            Lookup::Malformed | Lookup::Unknown => {
                let raw = claim.claim.raw_of_line(number as usize, Field::PlaceOfService);
                let text = raw.map_or_else(|| place.to_string(), str::to_owned);
                out.fail_line(number, Field::PlaceOfService, MALFORMED).with("place", Value::Text(text));
                continue;
            }
        };
        let date = match line.governing_date() {
            Ok(date) if system.covers(date) => date,
            Ok(_) => {
                out.skip_line(number, Reason::DateOutsideReleases(SystemId::PlaceOfService.name()));
                continue;
            }
            Err(reason) => {
                out.skip_line(number, reason);
                continue;
            }
        };
        let Some(ordinal) = ordinal else {
            out.fail_line(number, Field::PlaceOfService, UNKNOWN).with("place", Value::Code(place));
            continue;
        };
        if system.row_on(ordinal, date).is_none() {
            let gap = Gap::around(system.rows(ordinal), date);
            let finding = out
                .fail_line(number, Field::PlaceOfService, gap.message())
                .with("place", Value::Code(place))
                .with("date", Value::Date(date));
            gap.tell(finding);
        }
    }
}

fn is_two_digits(place: Code) -> bool {
    place.len() == 2 && place.at(0).is_ascii_digit() && place.at(1).is_ascii_digit()
}
