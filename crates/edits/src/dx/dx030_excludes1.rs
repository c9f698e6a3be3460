use super::note;
use super::validity::is_reportable;
use crate::contract::{edit, tables};
use crate::{ClaimFacts, DiagnosisFacts, Fires, Grounds, Kind, Reason, Recorder, Unit, Value};
use claims::Field;
use codeset::{Notes, Reach, SystemId};

edit! {
    /// # What it checks
    /// No two diagnoses of the claim exclude each other by an Excludes1 note of the tabular list: a note at one of
    /// the two codes, or at anything above it (subcategory, category, section, chapter), that names the other. Both
    /// ways are looked at. The later diagnosis of the pair fails, once for each earlier one that it goes against.
    ///
    /// # Why a payer denies it
    /// Excludes1 means "not coded here": one patient cannot have both at one time, as a congenital and an acquired
    /// form of the same condition, or the one code is already what the other says. Payers take such a pair for a
    /// coding error and ask for the record, or deny the line that rests on it.
    ///
    /// # Example
    /// `E10.9` (type 1 diabetes) with `E11.9` (type 2): the note at `E10` names `E11`, and the other way round.
    ///
    /// # How to fix
    /// Keep the code that the record supports and remove the other. Both may stand when the two conditions have
    /// nothing to do with each other (Guidelines I.A.12.a: for instance a sleep disorder and teeth grinding that is
    /// no part of it); then the record must show it, and some payers ask for it. So this is a warning.
    ///
    /// # Bypass
    /// None: no code on a claim says that two conditions are unrelated.
    ///
    /// # Source
    /// ICD-10-CM tabular list, Excludes1 notes; ICD-10-CM Official Guidelines I.A.12.a (the note and its exception).
    ///
    /// # Tables
    /// icd10cm, icd10cm-notes. The default codeset has the lists of January 2021, April 2025 and April 2026, each for
    /// the days from its publication to the end of its fiscal year; other days are not evaluated, and neither is a
    /// diagnosis that is not valid on its date. Notes that name no code, or not in a form that can be read without
    /// doubt, exclude nothing here. A claim of one diagnosis passes.
    pub struct DxExcludes1;
    id: "DX030", name: "dx-excludes1",
    severity: Warning, snip: 6, carc: "", rarc: "",
    source: "ICD-10-CM tabular list, Excludes1 notes; Official Guidelines I.A.12.a",
    unit: Diagnosis, claims: ALL, default: ON,
    tables: [tables::DIAGNOSES, tables::NOTES], fields: [], fires: FIRES,
    messages: [
        "{diagnosis} and {other} ({other_field}) exclude each other on {date}, for the Excludes1 note at {owner} holds \
         for {standing} and names {named}; a payer would take one of the two for a coding error"
            => "Remove the code that the record does not support; both may stand only if the two conditions are \
                unrelated to each other and the record shows it (Official Guidelines I.A.12.a).",
    ],
    check: check,
    of_kind: of_kind,
}

/// Codes may exclude each other, or it cannot be told.
const FIRES: Fires = Fires::EXCLUDING.or(Fires::INVALID_DIAGNOSIS).or(Fires::NOTES_UNANSWERED);

/// Why of no diagnosis of claims of this kind can be told whether another excludes it.
fn of_kind(kind: &Kind, _: &Grounds<'_>) -> Option<Reason> {
    let several = kind.could_fire(Fires::SEVERAL_DIAGNOSES) && kind.diagnoses_share_day;
    (several && kind.could_fire(Fires::NOTES_UNANSWERED)).then_some(Reason::DateOutsideReleases(Notes::NAME))
}

fn check(claim: &ClaimFacts<'_>, out: &mut Recorder<'_>) {
    // A diagnosis by itself is excluded by none, whatever the lists say.
    if claim.units(Unit::Diagnosis) < 2 {
        return;
    }
    let (Some(system), Some(notes)) = (claim.system(SystemId::Diagnosis), claim.codeset.notes()) else { return };
    if claim.day_of_all_diagnoses().is_some_and(|day| !notes.covers(day)) && !out.tells_not_evaluated() {
        return out.skip_all(Unit::Diagnosis, Reason::DateOutsideReleases(Notes::NAME));
    }
    // Where each can be judged, only those matter that another could exclude.
    let all_judged = !claim.could_fire(Fires::INVALID_DIAGNOSIS.or(Fires::NOTES_UNANSWERED));
    let mut before = Reach::NONE;
    for (place, diagnosis) in claim.given_diagnoses() {
        let meets = diagnosis.reach.meets(before);
        before = before.or(diagnosis.reach);
        if all_judged && !meets {
            continue;
        }
        let mut reported = Vec::new();
        for judged in claim.judgements(diagnosis) {
            let date = match note::judged(system, notes, judged) {
                Ok((_, date)) => date,
                Err(reason) => {
                    out.skip_diagnosis(place, judged.line, reason);
                    continue;
                }
            };
            let Some(ordinal) = diagnosis.lookup.ordinal() else { continue };
            for (other_place, other) in claim.given_diagnoses().take_while(|&(other, _)| other < place) {
                if !diagnosis.reach.meets(other.reach) {
                    continue;
                }
                let Some(other_ordinal) = other.lookup.ordinal().filter(|&other| other != ordinal) else { continue };
                let note = |standing: &DiagnosisFacts, named: &DiagnosisFacts| {
                    if !standing.reach.names(named.reach) {
                        return None;
                    }
                    let note = notes.excludes1(standing.lookup.ordinal()?, named.lookup.ordinal()?, date)?;
                    Some((note, standing.code, named.code))
                };
                let found = note(diagnosis, other).or_else(|| note(other, diagnosis));
                let Some((note, standing, named)) = found else { continue };
                // Once a pair, on the first date on which it is one.
                if !is_reportable(system, other_ordinal, date) || reported.contains(&other_place) {
                    continue;
                }
                reported.push(other_place);
                let other_field = Field::Diagnosis(u8::try_from(other_place + 1).unwrap_or(u8::MAX));
                out.fail_diagnosis(place, judged.line, 0)
                    .with("diagnosis", Value::Diagnosis(diagnosis.code))
                    .with("other", Value::Diagnosis(other.code))
                    .with("other_field", Value::Field(other_field))
                    .with("date", Value::Date(date))
                    .with("owner", note::owner(note))
                    .with("standing", Value::Diagnosis(standing))
                    .with("named", Value::Diagnosis(named))
                    .from_release(note.release());
            }
        }
    }
}
