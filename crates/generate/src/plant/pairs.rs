//! Errors of NCCI's procedure-to-procedure pairs.

use super::{BYPASSED, Bench};
use claims::Field;
use codes::Modifier;
use codeset::{Link, Ordinal, Relation};

/// The NCCI-associated modifiers that release a pair here, evaluations first: 25 is theirs alone.
const OF_EVALUATIONS: Modifier = Modifier::new(b"25");
const OF_OTHERS: &[Modifier] =
    &[Modifier::new(b"59"), Modifier::new(b"XS"), Modifier::new(b"XU"), Modifier::new(b"XE")];

/// A pair that no modifier releases.
pub(super) fn never(bench: &mut Bench<'_, '_>) -> Option<()> {
    let (_, second) = bench.put_pair(0)?;
    bench.fails(Some(second), Field::Procedure, "column 2 of a pair of indicator 0")
}

/// A pair that a modifier would release, without one.
pub(super) fn without_modifier(bench: &mut Bench<'_, '_>) -> Option<()> {
    let (_, second) = bench.put_pair(1)?;
    bench.fails(Some(second), Field::Procedure, "column 2 of a pair of indicator 1 without a modifier")
}

/// A pair that a modifier releases, on its column-2 line.
pub(super) fn released(bench: &mut Bench<'_, '_>) -> Option<()> {
    let day = bench.day();
    let (_, second) = bench.put_pair(1)?;
    let code = bench.claim.lines.get(second)?.procedure;
    let is_evaluation = code.at(0) == b'9' && code.at(1) == b'9' && code.at(2) >= b'2';
    let modifier = if is_evaluation { OF_EVALUATIONS } else { bench.draw.pick(OF_OTHERS)? };
    if !bench.tables().is_ncci(modifier, day) {
        return None;
    }
    *bench.claim.lines.get_mut(second)?.modifiers.first_mut()? = modifier;
    bench.answers(
        Some(second),
        BYPASSED,
        Field::Procedure,
        format!("modifier {modifier} releases a pair of indicator 1"),
    )
}

impl Bench<'_, '_> {
    /// The table that pairs on the claim are judged by.
    fn pairs(&self) -> Option<&Relation> {
        if self.claim.is_institutional() { self.tables().ptp_hospital } else { self.tables().ptp_practitioner }
    }

    /// Makes two lines a pair of this indicator that no modifier releases; gives the places of column 1 and 2.
    fn put_pair(&mut self, indicator: u16) -> Option<(usize, usize)> {
        let (one, other) = (self.any_line(), self.any_line());
        if one == other {
            return None;
        }
        let day = self.day();
        // Pairs of both tables alike, so that it makes no difference which of them is loaded.
        let sources = self.from.column_1.get(usize::from(indicator))?;
        for _ in 0..super::TRIES {
            let column_1 = self.draw.pick(sources)?;
            if !self.is_free(column_1, one, other) {
                continue;
            }
            let does = |link: &Link| link.class.value == indicator && link.class.holds_on(day);
            let count = self.pairs()?.links(column_1).filter(does).count() as u32;
            let place = self.draw.below(count) as usize;
            let Some(link) = self.pairs()?.links(column_1).filter(does).nth(place) else { continue };
            let visit = self.claim.is_institutional()
                && self.tables().visit_beside_procedure((column_1, day), (link.target, day));
            if visit || self.pairs()?.on(link.target, column_1, day).is_some() || !self.is_free(link.target, one, other)
            {
                continue;
            }
            for (line, procedure) in [(one, column_1), (other, link.target)] {
                self.dress(line, procedure)?;
                self.claim.lines.get_mut(line)?.modifiers = [Modifier::ABSENT; 4];
            }
            return Some((one, other));
        }
        None
    }

    /// Whether the procedure is right for the patient, no add-on code, and no pair of any line's but these two.
    fn is_free(&self, procedure: Ordinal, one: usize, other: usize) -> bool {
        let (tables, day, institutional) = (self.tables(), self.day(), self.claim.is_institutional());
        let mut rest = self.claim.lines.iter().enumerate().filter(|&(place, _)| place != one && place != other);
        tables.procedure_fits(procedure, day, self.limits).is_some()
            && tables.add_on_type(procedure, day).is_none()
            && rest.all(|(_, line)| {
                line.ordinal
                    .is_none_or(|known| known != procedure && !tables.clash(procedure, known, day, institutional))
            })
    }
}
