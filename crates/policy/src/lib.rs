//! The policy language (documentation to come).

mod applies;
mod cel;
mod check;
mod compile;
mod document;
mod example;
mod explain;
mod fields;
mod index;
mod near;
mod need;
mod ops;
mod policy;
mod ranges;
mod session;
mod sets;
mod source;
mod text;

pub use example::ExampleResult;
pub use explain::{ExplainedPart, Explanation};
pub use policy::{BuiltinChange, OpenPolicyError, Policies, Policy, PolicyEdit};
pub use session::{Guarded, PolicyScratch, Verdict};
pub use source::{PolicyError, PolicyProblem, ProblemLevel};
