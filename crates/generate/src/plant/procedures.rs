//! Errors of procedures and of add-on codes.

use super::candidates::is_of_other_age;
use super::{Bench, with_character};
use claims::Field;
use codes::Code;
use codeset::Ordinal;

/// A code that no release lists, one character away from the right one.
pub(super) fn unknown(bench: &mut Bench<'_, '_>) -> Option<()> {
    let place = bench.any_line();
    let right = bench.claim.lines.get(place)?.procedure;
    for _ in 0..super::TRIES {
        let at = bench.draw.between(1, 4) as usize;
        let character = bench.draw.pick(b"0123456789")?;
        let wrong = with_character(right, at, character)?;
        if wrong.procedure_kind().is_some() && bench.tables().procedures.ordinal(wrong).is_none() {
            bench.set_unknown(place, wrong)?;
            return bench.fails(Some(place), Field::Procedure, format!("{wrong} is no code; {right} was meant"));
        }
    }
    None
}

/// A code of another year.
pub(super) fn not_effective(bench: &mut Bench<'_, '_>) -> Option<()> {
    let (place, day) = (bench.any_line(), bench.day());
    let wrong = bench.find(&bench.from.passing_procedures, |bench, procedure| {
        let tables = bench.tables();
        tables.procedures.row_on(procedure, day).is_none()
            // A pair or an add-on code may be in force when the code itself is not.
            && tables.add_on_type(procedure, day).is_none()
            && bench.goes_with_others(place, procedure)
    })?;
    bench.dress(place, wrong)?;
    let code = bench.tables().procedures.code(wrong);
    bench.fails(Some(place), Field::Procedure, format!("{code} is not in force on {day}"))
}

/// Text that has not the form of a code.
pub(super) fn malformed(bench: &mut Bench<'_, '_>) -> Option<()> {
    let place = bench.any_line();
    let right = bench.claim.lines.get(place)?.procedure;
    if right.is_absent() {
        return None;
    }
    let text = match bench.draw.below(4) {
        // A character too few, one too many, a letter for a digit, the modifier beside the code.
        0 => right.prefix(4).to_string(),
        1 => format!("{right}0"),
        2 => with_character(right, 2, b'O')?.to_string(),
        _ => format!("{right}-25"),
    };
    match Code::parse(text.as_bytes()) {
        Some(wrong) => bench.set_unknown(place, wrong)?,
        None => bench.claim.write_instead(Some(place), Field::Procedure, &text),
    }
    bench.fails(Some(place), Field::Procedure, format!("{text} has no form of a procedure"))
}

/// A code for patients of another age.
pub(super) fn of_other_age(bench: &mut Bench<'_, '_>) -> Option<()> {
    let (place, day, age) = (bench.any_line(), bench.day(), bench.limits.ages[0]);
    let wrong = bench.find(&bench.from.aged_procedures, |bench, procedure| {
        is_of_other_age(bench.tables().procedures, procedure, day, age)
            && bench.tables().add_on_type(procedure, day).is_none()
            && bench.goes_with_others(place, procedure)
    })?;
    bench.dress(place, wrong)?;
    let code = bench.tables().procedures.code(wrong);
    bench.fails(Some(place), Field::Procedure, format!("{code} is not of age {age}"))
}

/// A type 1 add-on code without any of its primary procedures.
pub(super) fn add_on_without_primary(bench: &mut Bench<'_, '_>) -> Option<()> {
    let place = bench.any_line();
    let add_on = bench.add_on_for(place, 1)?;
    bench.put_add_on(place, add_on, "none of its primary procedures")
}

/// A type 2 add-on code by itself.
pub(super) fn contractor_defined_alone(bench: &mut Bench<'_, '_>) -> Option<()> {
    let add_on = bench.add_on_for(0, 2)?;
    bench.put_add_on(0, add_on, "no other procedure")
}

/// A type 3 add-on code by itself.
pub(super) fn partly_defined_alone(bench: &mut Bench<'_, '_>) -> Option<()> {
    let add_on = bench.add_on_for(0, 3)?;
    bench.put_add_on(0, add_on, "no other procedure")
}

impl Bench<'_, '_> {
    /// Gives the line a procedure that the codeset does not know.
    fn set_unknown(&mut self, place: usize, procedure: Code) -> Option<()> {
        let line = self.claim.lines.get_mut(place)?;
        (line.procedure, line.ordinal) = (procedure, None);
        Some(())
    }

    /// An add-on code of this type that may stand in the place of the line's and has no primary on the others.
    fn add_on_for(&mut self, place: usize, kind: u16) -> Option<Ordinal> {
        let day = self.day();
        let from = self.from.add_ons.get(usize::from(kind).checked_sub(1)?)?;
        self.find(from, |bench, add_on| {
            let tables = bench.tables();
            let mut others = bench.claim.lines.iter().enumerate().filter(|&(other, _)| other != place);
            tables.add_on_type(add_on, day) == Some(kind)
                && tables.procedure_fits(add_on, day, bench.limits).is_some()
                && others.all(|(_, line)| line.ordinal.is_none_or(|other| !tables.is_primary_of(other, add_on, day)))
                && bench.goes_with_others(place, add_on)
        })
    }

    fn put_add_on(&mut self, place: usize, add_on: Ordinal, without: &str) -> Option<()> {
        self.dress(place, add_on)?;
        let code = self.tables().procedures.code(add_on);
        self.fails(Some(place), Field::Procedure, format!("{code} is an add-on code with {without}"))
    }
}
