//! The engine: looks codes up, runs the edits, keeps the order, counts.
//!
//! [`Scrubber`] holds a codeset and the edits that run. It scrubs one claim at a time for a service, or streams
//! whole files over a rayon pool, batch by batch, in bounded memory and with the same output at any thread count.

mod across;
#[cfg(test)]
mod across_tests;
mod batch;
mod edit_set;
mod envelopes;
mod explain;
mod fingerprint;
mod kinds;
mod memo;
mod order;
#[cfg(test)]
mod plainly;
mod policies;
mod scrubber;
mod selection;
mod stream;
#[cfg(test)]
mod stream_tests;
mod suppress;
#[cfg(test)]
mod tests;
mod units;

pub use batch::BatchOutcome;
pub use explain::{ChangeTotals, ClaimChange, ClaimExplanation, Difference, EditChange, compare, explain};
pub use memo::Memo;
pub use scrubber::{Scrubbed, Scrubber, ScrubberBuilder};
pub use selection::ChoiceError;
pub use stream::{Progress, Run, RunError};
