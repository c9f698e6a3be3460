//! What a claim must have for a condition to be true: codes of some set. An edit is only looked at where they are.
//!
//! Sound in the way of the three values: where the need is not met, the condition is false, not merely unknown.
//! Membership in a set is never unknown but for a missing column: then the index gives every edit.

use crate::ops::{Bool, CodeOp, Compare, LineRef, List, Number};
use crate::ranges::Ranges;
use crate::sets::Sets;
use codeset::SystemId;

/// Where the codes of a need are looked for.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug)]
pub(crate) enum Where {
    /// The procedure of the line judged.
    Procedure,
    /// The revenue code of the line judged.
    Revenue,
    /// Some modifier of the line judged.
    Modifier,
    /// Some diagnosis of the claim.
    Diagnosis,
    /// The procedure of some line.
    AnyProcedure,
    /// The revenue code of some line.
    AnyRevenue,
    /// Some modifier of some line.
    AnyModifier,
}

impl Where {
    pub(crate) const ALL: [Where; 7] = [
        Where::Procedure,
        Where::Revenue,
        Where::Modifier,
        Where::Diagnosis,
        Where::AnyProcedure,
        Where::AnyRevenue,
        Where::AnyModifier,
    ];

    pub(crate) fn system(self) -> SystemId {
        match self {
            Where::Procedure | Where::AnyProcedure => SystemId::Procedure,
            Where::Revenue | Where::AnyRevenue => SystemId::Revenue,
            Where::Modifier | Where::AnyModifier => SystemId::Modifier,
            Where::Diagnosis => SystemId::Diagnosis,
        }
    }

    /// The same of any line.
    fn of_any_line(self) -> Where {
        match self {
            Where::Procedure => Where::AnyProcedure,
            Where::Revenue => Where::AnyRevenue,
            Where::Modifier => Where::AnyModifier,
            other => other,
        }
    }
}

/// For each place the codes of which one must be there; `None` where any will do.
#[derive(Clone, Default, Debug, PartialEq, Eq)]
pub(crate) struct Need([Option<Ranges>; Where::ALL.len()]);

impl Need {
    fn of(place: Where, ranges: Ranges) -> Need {
        let mut need = Need::default();
        need.narrow(place, ranges);
        need
    }

    fn narrow(&mut self, place: Where, ranges: Ranges) {
        let Some(own) = self.0.get_mut(place as usize) else { return };
        *own = Some(match own.take() {
            // Of the line judged there is one procedure and revenue code, which must be in both; of the rest any
            // two may do, and the smaller set is the better index.
            Some(before) if matches!(place, Where::Procedure | Where::Revenue) => before.intersection(&ranges),
            Some(before) if before.count() <= ranges.count() => before,
            _ => ranges,
        });
    }

    fn and(&mut self, other: Need) {
        for (place, ranges) in Where::ALL.into_iter().zip(other.0) {
            if let Some(ranges) = ranges {
                self.narrow(place, ranges);
            }
        }
    }

    fn or(&mut self, other: Need) {
        for (own, other) in self.0.iter_mut().zip(other.0) {
            *own = match (own.take(), other) {
                (Some(a), Some(b)) => Some(a.union(&b)),
                _ => None,
            };
        }
    }

    pub(crate) fn at(&self, place: Where) -> Option<&Ranges> {
        self.0.get(place as usize).and_then(Option::as_ref)
    }

    /// Whether nothing can meet it.
    pub(crate) fn is_impossible(&self) -> bool {
        self.0.iter().flatten().any(Ranges::is_empty)
    }
}

/// What the element of a list that a condition walks is.
#[derive(Clone, Copy)]
enum Walked {
    /// Some line of the claim.
    Line,
    Modifier(LineRef),
    Diagnosis,
    Other,
}

/// What the condition needs to be true.
pub(crate) fn need(condition: &Bool, sets: &Sets) -> Need {
    Finder { sets, slots: Vec::new() }.of(condition)
}

struct Finder<'s> {
    sets: &'s Sets,
    slots: Vec<(u8, Walked)>,
}

impl Finder<'_> {
    fn of(&mut self, condition: &Bool) -> Need {
        match condition {
            Bool::And(parts) => {
                let mut need = Need::default();
                for part in parts {
                    need.and(self.of(part));
                }
                need
            }
            Bool::Or(parts) => {
                let mut parts = parts.iter();
                let Some(first) = parts.next() else { return Need::default() };
                let mut need = self.of(first);
                for part in parts {
                    need.or(self.of(part));
                }
                need
            }
            Bool::InSet(code, set) => {
                let Some(set) = self.sets.get(*set) else { return Need::default() };
                self.place(code).map_or_else(Need::default, |place| Need::of(place, set.ranges.clone()))
            }
            Bool::Exists(list, slot, test) | Bool::ExistsOne(list, slot, test) => self.of_element(list, *slot, test),
            // More of something than none.
            Bool::Numbers(compare, parts) => match (&**parts, compare) {
                ([Number::Const(least), Number::Size(list)], Compare::Less) if *least >= 0 => self.of_list(list),
                ([Number::Const(least), Number::Size(list)], Compare::LessEqual | Compare::Equal) if *least > 0 => {
                    self.of_list(list)
                }
                ([Number::Size(list), Number::Const(exactly)], Compare::Equal) if *exactly > 0 => self.of_list(list),
                ([Number::Const(least), Number::Sum(list)], Compare::Less) if *least >= 0 => self.of_list(list),
                ([Number::Const(least), Number::Sum(list)], Compare::LessEqual) if *least > 0 => self.of_list(list),
                _ => Need::default(),
            },
            _ => Need::default(),
        }
    }

    /// What a list needs to have an element that meets a test.
    fn of_element(&mut self, list: &List, slot: u8, test: &Bool) -> Need {
        let columns: &[Where] = match list {
            List::Lines => &Where::ALL,
            // Where the column is missing the list is not known, whatever else the test asks for.
            List::Modifiers(_) => &[Where::Modifier, Where::AnyModifier],
            List::LineDiagnoses(_) | List::Diagnoses => &[Where::Diagnosis],
            // What is not known of an element of these makes all of the list so: only what leaves it empty counts.
            List::Filter(..) | List::Map(..) => return self.of_list(list),
            List::Conditions | List::Items(_) => return Need::default(),
        };
        let walked = self.walked(list);
        let mut need = self.within(slot, walked, |own| own.of(test));
        for (place, ranges) in Where::ALL.into_iter().zip(&mut need.0) {
            if !columns.contains(&place) {
                *ranges = None;
            }
        }
        need
    }

    /// What a list needs to have an element at all.
    fn of_list(&mut self, list: &List) -> Need {
        match list {
            List::Filter(inner, slot, test) => self.of_element(inner, *slot, test),
            List::Map(inner, _, _) => self.of_list(inner),
            _ => Need::default(),
        }
    }

    fn within(&mut self, slot: u8, walked: Walked, find: impl FnOnce(&mut Self) -> Need) -> Need {
        self.slots.push((slot, walked));
        let need = find(self);
        self.slots.pop();
        need
    }

    fn walked(&self, list: &List) -> Walked {
        match list {
            List::Lines => Walked::Line,
            List::Modifiers(line) => Walked::Modifier(*line),
            List::LineDiagnoses(_) | List::Diagnoses => Walked::Diagnosis,
            List::Filter(inner, ..) => self.walked(inner),
            List::Conditions | List::Items(_) | List::Map(..) => Walked::Other,
        }
    }

    fn slot(&self, slot: u8) -> Walked {
        self.slots.iter().rev().find(|(own, _)| *own == slot).map_or(Walked::Other, |&(_, walked)| walked)
    }

    /// Where a code is looked for.
    fn place(&self, code: &CodeOp) -> Option<Where> {
        match code {
            CodeOp::Procedure(line) => self.of_line(Where::Procedure, *line),
            CodeOp::Revenue(line) => self.of_line(Where::Revenue, *line),
            CodeOp::FirstDiagnosis => Some(Where::Diagnosis),
            CodeOp::Slot(slot) => match self.slot(*slot) {
                Walked::Modifier(line) => self.of_line(Where::Modifier, line),
                Walked::Diagnosis => Some(Where::Diagnosis),
                Walked::Line | Walked::Other => None,
            },
            _ => None,
        }
    }

    fn of_line(&self, place: Where, line: LineRef) -> Option<Where> {
        match line {
            LineRef::Judged => Some(place),
            LineRef::Slot(slot) => match self.slot(slot) {
                Walked::Line => Some(place.of_any_line()),
                _ => None,
            },
        }
    }
}
