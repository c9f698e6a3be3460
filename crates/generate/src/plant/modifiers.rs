//! Errors of modifiers.

use super::{Bench, modifier_field};
use codes::{Code, Modifier};

/// Two characters that are no modifier.
pub(super) fn unknown(bench: &mut Bench<'_, '_>) -> Option<()> {
    let wrong = bench.draw.pick(&bench.from.no_modifiers)?;
    let (line, place) = bench.add(wrong)?;
    bench.fails(Some(line), modifier_field(place), format!("{wrong} is no modifier"))
}

/// A modifier of another year.
pub(super) fn not_effective(bench: &mut Bench<'_, '_>) -> Option<()> {
    let day = bench.day();
    let wrong = bench.find(&bench.from.passing_modifiers, |bench, modifier| {
        let system = bench.tables().modifiers;
        system.ordinal(modifier.code()).is_some_and(|ordinal| system.row_on(ordinal, day).is_none())
    })?;
    let (line, place) = bench.add(wrong)?;
    bench.fails(Some(line), modifier_field(place), format!("{wrong} is not in force on {day}"))
}

/// One of the line's modifiers once more.
pub(super) fn repeated(bench: &mut Bench<'_, '_>) -> Option<()> {
    let day = bench.day();
    let line = bench.any_line();
    let own = bench.claim.lines.get(line)?.modifiers.first().copied().filter(|modifier| !modifier.is_absent());
    let modifier = own.unwrap_or(Modifier::new(b"GC"));
    if own.is_none() {
        if !bench.tables().modifier_holds(modifier, day) {
            return None;
        }
        *bench.claim.lines.get_mut(line)?.modifiers.first_mut()? = modifier;
    }
    let place = bench.claim.lines.get(line)?.free_modifier()?;
    *bench.claim.lines.get_mut(line)?.modifiers.get_mut(place)? = modifier;
    bench.fails(Some(line), modifier_field(place), format!("{modifier} twice"))
}

/// Two modifiers that may not share a line.
pub(super) fn conflict(bench: &mut Bench<'_, '_>) -> Option<()> {
    let day = bench.day();
    let (first, second) = bench.find(&bench.from.conflicts, |bench, (first, second)| {
        [first, second].iter().all(|&modifier| bench.tables().modifier_holds(modifier, day))
    })?;
    let line = bench.any_line();
    bench.claim.lines.get_mut(line)?.modifiers = [first, second, Modifier::ABSENT, Modifier::ABSENT];
    bench.fails(Some(line), modifier_field(1), format!("{first} with {second}"))
}

impl Bench<'_, '_> {
    /// Adds a modifier to a line; gives the line's place and the modifier's.
    fn add(&mut self, modifier: Modifier) -> Option<(usize, usize)> {
        let place = self.any_line();
        let line = self.claim.lines.get_mut(place)?;
        // On transports, any two letters of certain ones say where from and where to.
        if line.procedure.at(0) == b'A' && line.procedure < Code::parse(b"A1000")? {
            return None;
        }
        let slot = line.free_modifier()?;
        *line.modifiers.get_mut(slot)? = modifier;
        Some((place, slot))
    }
}
