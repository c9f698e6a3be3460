//! The structure of X12 837 transaction sets: what the implementation guides say, and whether an input keeps to it.

mod balance;
mod codes;
mod element;
mod envelope;
mod glance;
mod hierarchy;
mod rules;
mod shapes;
mod situation;
mod steps;
mod table;
mod transaction;
mod walk;

pub(crate) use envelope::Envelopes;
pub(crate) use table::Guide;
pub(crate) use transaction::Transaction;

use crate::x12::segment::Segment;
use crate::x12::separators::Separators;
use crate::{Place, Problem, ProblemKind, Structure};
use rules::SegmentRule;

/// What checks remember of the transaction sets before: it saves time and changes nothing.
pub(crate) struct Memory {
    shapes: shapes::Shapes,
    steps: steps::Steps,
    /// The separators of segments that are remembered.
    separators: Separators,
}

impl Default for Memory {
    fn default() -> Memory {
        let separators = Separators::CUSTOM;
        Memory { shapes: shapes::Shapes::of(separators), steps: steps::Steps::default(), separators }
    }
}

impl Memory {
    /// Makes ready for segments with these separators.
    #[inline]
    pub(crate) fn prepare(&mut self, separators: Separators) {
        if self.separators != separators {
            self.separators = separators;
            self.shapes.forget(separators);
            self.steps.forget_guesses();
        }
    }

    /// Checks the elements of a segment that is of no known shape. `at` gives all that an issue of the segment as a whole
    /// would say.
    #[inline(never)]
    fn check(
        &mut self,
        rule: &'static SegmentRule,
        segment: &Segment<'_>,
        at: impl Fn() -> Structure,
        issues: &mut Vec<Issue>,
    ) {
        if glance::is_right(rule, segment) {
            self.shapes.learn(rule, segment);
        } else {
            element::check(rule, segment, at, issues);
        }
    }
}

/// A fault, and where in the input it is.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Issue {
    pub(crate) structure: Structure,
    /// The segment at fault; of a missing one, the segment before which it should stand.
    pub(crate) place: Place,
}

impl Issue {
    /// The issue as a problem that belongs to no claim.
    pub(crate) fn outside(self) -> Problem {
        Problem::outside(ProblemKind::Structure(self.structure), self.place)
    }
}
