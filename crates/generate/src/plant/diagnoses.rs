//! Errors of diagnoses.

use super::{Bench, dx_field, with_character};
use crate::claim::{Line, MOST_POINTERS};
use crate::clean::NOT_FIRST;
use crate::tables::diagnosis_age_fits;
use codes::{Code, Sex};
use codeset::flags::diagnosis;
use codeset::{Ordinal, Row};

/// A code that no release lists, one character away from one that is: a typing error.
pub(super) fn unknown(bench: &mut Bench<'_, '_>) -> Option<()> {
    let place = bench.any_diagnosis();
    let right = *bench.claim.diagnoses.get(place)?;
    for _ in 0..super::TRIES {
        // The first two characters stay, so that the form is right.
        let at = bench.draw.between(2, right.len() as u32 - 1) as usize;
        let character = bench.draw.pick(b"0123456789X")?;
        let wrong = with_character(right, at, character)?;
        let known = bench.tables().diagnoses.prefix(wrong);
        // Not the beginning of longer codes either: that would be an incomplete code.
        if known.is_empty() && !bench.claim.diagnoses.contains(&wrong) {
            *bench.claim.diagnoses.get_mut(place)? = wrong;
            return bench.fails(None, dx_field(place), format!("{wrong} is no code; {right} was meant"));
        }
    }
    None
}

/// A category in the place of one of its codes.
pub(super) fn incomplete(bench: &mut Bench<'_, '_>) -> Option<()> {
    let (place, day) = (bench.any_diagnosis(), bench.day());
    let right = *bench.claim.diagnoses.get(place)?;
    let length = bench.draw.between(3, right.len().saturating_sub(1).max(3) as u32) as usize;
    let category = right.prefix(length);
    let system = bench.tables().diagnoses;
    let row = system.row_on(system.ordinal(category)?, day)?;
    if row.is_billable() {
        return None;
    }
    *bench.claim.diagnoses.get_mut(place)? = category;
    let line = bench.judged_at(place);
    bench.fails(line, dx_field(place), format!("{category} needs more characters; {right} was meant"))
}

/// A code of another year.
pub(super) fn not_effective(bench: &mut Bench<'_, '_>) -> Option<()> {
    let (place, day) = (bench.any_diagnosis(), bench.day());
    let wrong = bench.find(&bench.from.passing_diagnoses, |bench, dx| {
        let (system, code) = (bench.tables().diagnoses, bench.tables().diagnoses.code(dx));
        let valid = |ordinal: u32| system.row_on(Ordinal(ordinal), day).is_some();
        // No row of its own, nor the beginning of codes that have one.
        system.row_on(dx, day).is_none()
            && !system.prefix(code).any(valid)
            && !bench.claim.diagnoses.contains(&code)
            && of_sex(system.rows(dx), bench.claim.sex)
    })?;
    let code = bench.tables().diagnoses.code(wrong);
    *bench.claim.diagnoses.get_mut(place)? = code;
    let line = bench.judged_at(place);
    bench.fails(line, dx_field(place), format!("{code} is not in force on {day}"))
}

/// Text that has not the form of a code.
pub(super) fn malformed(bench: &mut Bench<'_, '_>) -> Option<()> {
    let place = bench.any_diagnosis();
    let right = *bench.claim.diagnoses.get(place)?;
    let text = match bench.draw.below(4) {
        // ICD-9-CM.
        0 => bench.draw.pick(&["25000", "4019", "2724", "72210", "78650"])?.to_owned(),
        // The letter for the digit.
        1 => with_character(right, 1, b'O')?.to_string(),
        2 => format!("{right:X<8.8}", right = right.to_string()),
        _ => format!("{}-{}", right.prefix(3), bench.draw.below(10)),
    };
    let field = dx_field(place);
    match Code::parse(text.as_bytes()) {
        Some(wrong) if bench.claim.diagnoses.contains(&wrong) => return None,
        Some(wrong) => *bench.claim.diagnoses.get_mut(place)? = wrong,
        None => bench.claim.write_instead(None, field, &text),
    }
    bench.fails(None, field, format!("{text} has no form of a diagnosis"))
}

/// One of the diagnoses once more, and a line that points to it.
pub(super) fn duplicate(bench: &mut Bench<'_, '_>) -> Option<()> {
    let first = bench.any_diagnosis();
    let code = *bench.claim.diagnoses.get(first)?;
    let place = bench.claim.diagnoses.len();
    if !bench.claim.is_institutional() {
        let line = bench.claim.lines.iter_mut().find(|line| line.pointers.has_room())?;
        line.pointers.push(place as u8 + 1);
    }
    bench.claim.diagnoses.push(code);
    bench.fails(None, dx_field(place), format!("{code} is {} already", dx_field(first)))
}

/// No diagnosis.
pub(super) fn missing(bench: &mut Bench<'_, '_>) -> Option<()> {
    bench.claim.diagnoses.clear();
    bench.fails(None, dx_field(0), "the claim has no diagnosis")
}

/// A diagnosis of patients of another age.
pub(super) fn of_other_age(bench: &mut Bench<'_, '_>) -> Option<()> {
    let (place, day, age) = (bench.any_diagnosis(), bench.day(), bench.limits.ages[0]);
    let wrong = bench.find(&bench.from.of_age, |bench, dx| {
        let row = bench.tables().diagnoses.row_on(dx, day).filter(|row| row.is_billable());
        row.is_some_and(|row| !diagnosis_age_fits(row, day, age) && of_sex(&[*row], bench.claim.sex))
    })?;
    let code = bench.tables().diagnoses.code(wrong);
    *bench.claim.diagnoses.get_mut(place)? = code;
    let line = bench.judged_at(place);
    bench.fails(line, dx_field(place), format!("{code} is not of age {age}"))
}

/// A manifestation code as the first diagnosis.
pub(super) fn manifestation_first(bench: &mut Bench<'_, '_>) -> Option<()> {
    // On a day of the tabular list's notes it would fail DX023 too: nothing stands before it.
    if bench.tables().notes.is_some_and(|notes| notes.covers(bench.day())) {
        return None;
    }
    let wrong = bench.find(&bench.from.manifestations, |bench, dx| bench.is_barred_by(dx, diagnosis::MANIFESTATION))?;
    bench.put_first(wrong, "a manifestation")
}

/// An external cause as the first diagnosis.
pub(super) fn external_cause_first(bench: &mut Bench<'_, '_>) -> Option<()> {
    let wrong =
        bench.find(&bench.from.external_causes, |bench, dx| bench.is_barred_by(dx, diagnosis::EXTERNAL_CAUSE))?;
    bench.put_first(wrong, "an external cause")
}

/// A diagnosis that may not be an institutional claim's principal one.
pub(super) fn unacceptable_principal(bench: &mut Bench<'_, '_>) -> Option<()> {
    // The I/OCE's list for outpatient claims has exceptions; the Medicare Code Editor's is for inpatient ones.
    let outpatient = |row: &Row| row.has(diagnosis::OUTPATIENT_UNACCEPTABLE) && !row.has(diagnosis::OUTPATIENT_EXEMPT);
    let inpatient = |row: &Row| row.has(diagnosis::UNACCEPTABLE_PRINCIPAL) && !row.has(diagnosis::REQUIRES_SECONDARY);
    let wrong = bench.find(&bench.from.unacceptable, |bench, dx| {
        bench.fitting_row(dx).is_some_and(|row| outpatient(row) || inpatient(row))
    })?;
    let row = bench.fitting_row(wrong)?;
    if !outpatient(row) || bench.day() < crate::tables::OUTPATIENT_PRINCIPAL_FROM {
        if !inpatient(row) {
            return None;
        }
        bench.claim.bill_type = Some("0111");
    }
    bench.put_first(wrong, "unacceptable as principal diagnosis")
}

/// A line whose pointers do not lead to diagnoses.
pub(super) fn bad_pointer(bench: &mut Bench<'_, '_>) -> Option<()> {
    let place = bench.any_line();
    let count = bench.claim.diagnoses.len() as u8;
    let kind = bench.draw.below(5);
    let others: u16 =
        pointed(bench.claim.lines.iter().enumerate().filter(|&(other, _)| other != place).map(|(_, line)| line));
    let pointers = &mut bench.claim.lines.get_mut(place)?.pointers;
    let note = match kind {
        0 if pointers.has_room() => {
            pointers.push(count + 1);
            format!("pointer {} of {count} diagnoses", count + 1)
        }
        1 if pointers.has_room() => {
            pointers.push(0);
            "pointer 0".to_owned()
        }
        2 if pointers.has_room() => {
            let first = *pointers.numbers().first()?;
            pointers.push(first);
            format!("pointer {first} twice")
        }
        3 if usize::from(count) > MOST_POINTERS => {
            let missing: Vec<u8> = (1..=count).filter(|number| !pointers.numbers().contains(number)).collect();
            for &number in &missing {
                pointers.push(number);
            }
            format!("{} pointers", pointers.numbers().len())
        }
        // The other lines must point to all diagnoses.
        4 if others == (1 << count) - 1 => {
            *pointers = Default::default();
            "no pointer".to_owned()
        }
        _ => return None,
    };
    bench.fails(Some(place), claims::Field::DxPointers, note)
}

/// The diagnoses that some of the lines point to, as bits.
fn pointed<'l>(lines: impl Iterator<Item = &'l Line>) -> u16 {
    lines.flat_map(|line| line.pointers.numbers()).fold(0, |all, &number| all | 1 << (number - 1))
}

/// A diagnosis that no line points to.
pub(super) fn unreferenced(bench: &mut Bench<'_, '_>) -> Option<()> {
    let place = bench.claim.diagnoses.len();
    let days = [bench.day(); 2];
    let code = bench.maker.another_diagnosis(bench.draw, bench.claim, days, bench.limits)?;
    bench.claim.diagnoses.push(code);
    bench.fails(None, dx_field(place), format!("no line points to {code}"))
}

impl Bench<'_, '_> {
    /// The diagnosis's row on the claim's day, if it is right for the patient and not on the claim.
    fn fitting_row(&self, dx: Ordinal) -> Option<&Row> {
        let code = self.tables().diagnoses.code(dx);
        if self.claim.diagnoses.contains(&code) {
            return None;
        }
        self.tables().diagnosis_fits(dx, [self.day(); 2], self.limits)
    }

    /// Whether this flag of the diagnosis keeps it from the first place of the claim, and no other does.
    fn is_barred_by(&self, dx: Ordinal, flag: u32) -> bool {
        let institutional = diagnosis::UNACCEPTABLE_PRINCIPAL | diagnosis::OUTPATIENT_UNACCEPTABLE;
        let judged = if self.claim.is_institutional() { NOT_FIRST } else { NOT_FIRST & !institutional };
        self.fitting_row(dx).is_some_and(|row| row.flags & judged == flag)
    }

    /// Puts a diagnosis in the first place.
    fn put_first(&mut self, dx: Ordinal, what: &str) -> Option<()> {
        let code = self.tables().diagnoses.code(dx);
        *self.claim.diagnoses.first_mut()? = code;
        let line = self.judged_at(0);
        self.fails(line, dx_field(0), format!("{code} is {what}"))
    }
}

/// Whether no row is of the other sex.
fn of_sex(rows: &[Row], sex: Sex) -> bool {
    let other = if sex == Sex::Male { diagnosis::FEMALE } else { diagnosis::MALE };
    rows.iter().all(|row| row.flags & other == 0)
}
