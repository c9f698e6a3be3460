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

use crate::{Place, Problem, ProblemKind, Structure};

/// What checks remember of the transaction sets before: it saves time and changes nothing.
#[derive(Default)]
pub(crate) struct Memory {
    shapes: shapes::Shapes,
    steps: steps::Steps,
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
