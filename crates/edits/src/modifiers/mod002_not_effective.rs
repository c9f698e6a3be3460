use super::is_modifier_by_rule;
use crate::contract::{edit, tables};
use crate::periods::Gap;
use crate::{ClaimFacts, Fires, Lookup, Reason, Recorder, Value};
use claims::Field;
use codes::{Date, Modifier};
use codeset::SystemId;

edit! {
    /// # What it checks
    /// Every modifier that the releases list is active on the line's first day of service. Modifier `CS`, which the
    /// releases still list, ended with the COVID-19 public health emergency on 2023-05-11.
    ///
    /// # Why a payer denies it
    /// A modifier is read with the code set of the date of service. Payers answer CARC 182 (procedure modifier
    /// invalid on the date of service); Medicare returns or denies the line (I/OCE edits 22, 103 and 123).
    ///
    /// # Example
    /// `93` (audio-only telehealth) begins on 2022-01-01: on 2021-12-31 it fails. `CS` fails from 2023-05-12.
    ///
    /// # How to fix
    /// Take the modifier away, enter the one that was in use on the date, or correct the date. The finding says when
    /// it was active within the loaded releases, which begin on 2019-07-01: a modifier listed from that day may be
    /// older.
    ///
    /// # Bypass
    /// None.
    ///
    /// # Source
    /// Modifier table of the Integrated Outpatient Code Editor (CMS): the quarters in which a modifier is listed, cut
    /// to its day of activation (edit 103); edit 123 and MLN Matters SE20011 for `CS`.
    ///
    /// # Tables
    /// modifiers. Not evaluated: a date outside its releases, a line without a date, and a modifier that no release
    /// lists, which is MOD001's. Ambulance origins and destinations, and 1P, 2P and 3P, hold on any date. Dental
    /// claims are not looked at.
    pub struct ModifierNotEffective;
    id: "MOD002", name: "modifier-not-effective",
    severity: Error, snip: 5, carc: "182", rarc: "",
    source: "CPT and HCPCS modifiers as in the CMS I/OCE tables; I/OCE edits 103 and 123; MLN Matters SE20011",
    unit: Line, claims: NOT_DENTAL, default: ON,
    tables: [tables::MODIFIERS], fields: [Field::Modifier(1)], fires: Fires::UNKNOWN_MODIFIER.or(Fires::INVALID_MODIFIER),
    messages: [
        "Modifier {modifier} is not active on {date}: it ended on {ended} (loaded releases list it {periods}); a \
         payer reads a modifier with the code set of the date of service"
            => "Take {modifier} away, or enter the modifier that replaced it.",
        "Modifier {modifier} is not active on {date}: it begins on {begins} (loaded releases list it {periods}); a \
         payer reads a modifier with the code set of the date of service"
            => "Take {modifier} away, enter the modifier that was in use on {date}, or correct the date of service.",
        "Modifier {modifier} is not active on {date}: it ended on {ended} and begins again on {begins} (loaded \
         releases list it {periods}); a payer reads a modifier with the code set of the date of service"
            => "Take {modifier} away, enter the modifier that was in use on {date}, or correct the date of service.",
        "Modifier {modifier} is not active on {date}: it ended on {ended} with the COVID-19 public health emergency; \
         a payer would return the line"
            => "Take {modifier} away; cost sharing applies again.",
    ],
    check: check,
}

const ENDED_WITH_EMERGENCY: u8 = 3;

/// Cost sharing waived for services that lead to COVID-19 testing. The releases list the modifier without an end.
const COST_SHARING_WAIVED: Modifier = Modifier::new(b"CS");
/// Its last day, and the emergency's: 2023-05-11 (I/OCE edit 123; MLN Matters SE20011).
const EMERGENCY_ENDED: Date = Date::from_days(19_488);

fn check(claim: &ClaimFacts<'_>, out: &mut Recorder<'_>) {
    let Some(system) = claim.system(SystemId::Modifier) else { return };
    for (number, line) in (0..).zip(claim.lines) {
        let mut unjudged = None;
        for (place, modifier) in line.given_modifiers() {
            let ordinal = match line.modifiers[place] {
                // On an ambulance line the letters of a trip are no other modifier, so no table's days apply.
                _ if is_modifier_by_rule(line, modifier) => continue,
                Lookup::Known(ordinal) => ordinal,
                Lookup::Absent => continue,
                Lookup::Malformed | Lookup::Unknown => {
                    unjudged = unjudged.or(Some(Reason::CodeNotValid(SystemId::Modifier.name())));
                    continue;
                }
            };
            let date = match line.governing_date() {
                Ok(date) if system.covers_code(modifier.code(), date) => date,
                Ok(_) => {
                    unjudged = Some(Reason::DateOutsideReleases(SystemId::Modifier.name()));
                    continue;
                }
                Err(reason) => {
                    unjudged = Some(reason);
                    continue;
                }
            };
            let field = Field::Modifier(place as u8 + 1);
            match system.row_on(ordinal, date) {
                Some(row) if modifier == COST_SHARING_WAIVED && date > EMERGENCY_ENDED => {
                    out.fail_line(number, field, ENDED_WITH_EMERGENCY)
                        .with("modifier", Value::Modifier(modifier))
                        .with("date", Value::Date(date))
                        .with("ended", Value::Date(EMERGENCY_ENDED))
                        .from_release(row.release);
                }
                Some(_) => {}
                None => {
                    let gap = Gap::around(system.rows(ordinal), date);
                    let finding = out
                        .fail_line(number, field, gap.message())
                        .with("modifier", Value::Modifier(modifier))
                        .with("date", Value::Date(date));
                    gap.tell(finding);
                }
            }
        }
        if let Some(reason) = unjudged {
            out.skip_line(number, reason);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_emergency_ended_on_11_may_2023() {
        assert_eq!(EMERGENCY_ENDED.to_string(), "2023-05-11");
    }
}
