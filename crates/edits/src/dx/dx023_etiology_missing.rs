use super::note;
use super::validity::is_reportable;
use crate::contract::{edit, tables};
use crate::{ClaimFacts, DiagnosisFacts, Fires, Reason, Recorder, Value};
use codes::Date;
use codeset::flags::diagnosis::{EXTERNAL_CAUSE, MANIFESTATION};
use codeset::{NoteKind, NoteRef, Notes, Ordinal, System, SystemId};

edit! {
    /// # What it checks
    /// Before a manifestation code the claim has a diagnosis that can be its underlying disease: one that the "code
    /// first" note of the code, or of anything above it, names. Many notes give examples only ("such as"), hold "if
    /// applicable", or name no code: before such a code any disease will do, that is any diagnosis that is neither
    /// a manifestation itself nor an external cause.
    ///
    /// # Why a payer denies it
    /// A manifestation code says what a disease does, not which disease the patient has. By the etiology and
    /// manifestation convention the two are reported together, the disease first; a payer that finds the
    /// manifestation alone cannot tell what was treated, and may return the claim or drop the code.
    ///
    /// # Example
    /// `I43` (cardiomyopathy in diseases classified elsewhere) second, behind nothing but `Y83.1` (a cause, no
    /// disease): report the amyloidosis or other disease before it.
    ///
    /// # How to fix
    /// Report the underlying disease before the manifestation. Where it stands behind it already, exchange the two.
    ///
    /// # Bypass
    /// None.
    ///
    /// # Source
    /// ICD-10-CM tabular list, "code first" notes; ICD-10-CM Official Guidelines I.A.13 (etiology/manifestation
    /// convention); Medicare Code Editor, list of manifestation codes.
    ///
    /// # Tables
    /// icd10cm, icd10cm-notes. Not evaluated where the code is not valid on its date, where the list of notes does
    /// not answer for the date of a manifestation code, and where what stands before it is not valid and could be the
    /// disease. Which codes are manifestations is the Medicare Code Editor's list; other codes pass.
    pub struct DxEtiologyMissing;
    id: "DX023", name: "dx-etiology-missing",
    severity: Warning, snip: 6, carc: "", rarc: "",
    source: "ICD-10-CM tabular list, code first notes; Official Guidelines I.A.13",
    unit: Diagnosis, claims: ALL, default: ON,
    tables: [tables::DIAGNOSES, tables::NOTES], fields: [], fires: Fires::INVALID_DIAGNOSIS.or(Fires::MANIFESTATION),
    messages: [
        "{diagnosis} is a manifestation code, and no diagnosis before it is one that the code-first note at {owner} \
         names on {date} ({etiologies}); a payer would not see the underlying disease"
            => "Report the underlying disease before {diagnosis}: {etiologies}.",
        "{diagnosis} is a manifestation code on {date}, and no disease that it could come from stands before it; a \
         payer would not see the underlying disease"
            => "Report the underlying disease before {diagnosis}.",
        "{diagnosis} is a manifestation code, and {etiology}, which the code-first note at {owner} names on {date}, \
         stands behind it; a payer would take the manifestation for the disease"
            => "Put {etiology} before {diagnosis}.",
    ],
    check: check,
}

const NOT_NAMED: u8 = 0;
const NO_DISEASE: u8 = 1;
const BEHIND: u8 = 2;

fn check(claim: &ClaimFacts<'_>, out: &mut Recorder<'_>) {
    let (Some(system), Some(notes)) = (claim.system(SystemId::Diagnosis), claim.codeset.notes()) else { return };
    for (place, diagnosis) in claim.given_diagnoses() {
        for judged in claim.judgements(diagnosis) {
            // Most codes are no manifestations, whatever the notes say of other days.
            if judged.row.is_some_and(|row| row.is_billable() && !row.has(MANIFESTATION)) {
                continue;
            }
            let (Some(ordinal), Ok((row, date))) = (diagnosis.lookup.ordinal(), note::judged(system, notes, judged))
            else {
                let reason = note::judged(system, notes, judged).err();
                out.skip_diagnosis(place, judged.line, reason.unwrap_or(Reason::CodeNotValid(system.id().name())));
                continue;
            };
            let found = Found::of(claim, (system, notes), (place, ordinal), date);
            let message = match found {
                Found::Before => continue,
                Found::NotValid => {
                    out.skip_diagnosis(place, judged.line, Reason::CodeNotValid(system.id().name()));
                    continue;
                }
                Found::Behind(..) => BEHIND,
                Found::Nothing(Some(_)) => NOT_NAMED,
                Found::Nothing(None) => NO_DISEASE,
            };
            let finding = out
                .fail_diagnosis(place, judged.line, message)
                .with("diagnosis", Value::Diagnosis(diagnosis.code))
                .with("date", Value::Date(date));
            match found {
                Found::Behind(etiology, note) => {
                    finding.with("etiology", Value::Diagnosis(etiology.code)).with("owner", note::owner(note));
                    finding.from_release(note.release());
                }
                Found::Nothing(Some(note)) => {
                    finding.with("owner", note::owner(note)).with("etiologies", note::targets(system, note));
                    finding.from_release(note.release());
                }
                _ => {
                    finding.from_release(row.release);
                }
            }
        }
    }
}

/// What stands where the underlying disease should.
enum Found<'f> {
    /// A disease that can be it.
    Before,
    /// Nothing, but something before is not valid.
    NotValid,
    /// One that the note names, but behind the manifestation.
    Behind(&'f DiagnosisFacts, NoteRef<'f>),
    /// Nothing. With the nearest note, where it names all that can be.
    Nothing(Option<NoteRef<'f>>),
}

impl<'f> Found<'f> {
    fn of(
        claim: &ClaimFacts<'f>,
        (system, notes): (&System, &'f Notes),
        (place, ordinal): (u32, Ordinal),
        date: Date,
    ) -> Found<'f> {
        let first = || notes.of(ordinal, NoteKind::CodeFirst, date);
        let named = |dx: &DiagnosisFacts| {
            let other = dx.lookup.ordinal().filter(|&other| is_reportable(system, other, date))?;
            first().find(|note| note.names(other))
        };
        // A code without such a note is one "in diseases classified elsewhere" all the same.
        let open = first().all(|note| note.names_examples()) || first().any(|note| note.names_examples());
        let mut not_valid = false;
        for (_, dx) in claim.given_diagnoses().take_while(|&(other, _)| other < place) {
            let row = dx.lookup.ordinal().and_then(|other| system.row_on(other, date)).filter(|row| row.is_billable());
            match row {
                None => not_valid = true,
                Some(row) if open && row.flags & (MANIFESTATION | EXTERNAL_CAUSE) == 0 => return Found::Before,
                Some(_) if named(dx).is_some() => return Found::Before,
                Some(_) => {}
            }
        }
        if not_valid {
            return Found::NotValid;
        }
        let behind = claim.given_diagnoses().skip_while(|&(other, _)| other <= place);
        match behind.filter_map(|(_, dx)| named(dx).map(|note| (dx, note))).next() {
            Some((dx, note)) => Found::Behind(dx, note),
            None => Found::Nothing(first().next().filter(|_| !open)),
        }
    }
}
