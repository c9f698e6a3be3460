//! The edits: what each checks, why, and the findings they make.
//!
//! An edit is one file in the folder of its family: a doc comment with fixed headings, its facts, its check. It
//! reads a claim whose codes are already looked up ([`ClaimFacts`]) and reports to a [`Recorder`] only what is not
//! a plain pass. Edits do no I/O, read no clock and know no other edit, so the outcome of one never depends on
//! which others run.
//!
//! [`registry`] lists them all, in the order of their ids.

mod contract;
mod contractors;
mod earlier;
mod facts;
mod fees;
mod finding;
mod kind;
mod on_day;
mod periods;
mod recorder;
pub mod registry;
mod same_day;
mod settings;
mod signs;

mod addon;
mod clm;
mod cov;
mod dup;
mod dx;
mod fac;
pub mod fmt;
mod modifiers;
mod mue;
mod pos;
mod prv;
mod ptp;
mod px;
pub mod sys;

pub use contract::{ClaimTypes, Edit, EditInfo, Message, Outcome, Severity, Table, Unit};
pub use earlier::{EarlierClaim, EarlierLine};
pub use facts::{
    BesideFacts, ClaimFacts, DiagnosisFacts, FactsBuilder, Judgement, LineFacts, Lookup, Resolver,
    claim_replaces_another,
};
pub use finding::{Finding, Value};
pub use kind::{Grounds, Kind, OfKind};
pub use mue::claim_is_of_supplier;
pub use on_day::OnDay;
pub use recorder::{Counts, Reason, Recorder, Scratch, Show};
pub use settings::{ProviderIdentity, Settings, TimelyFiling};
pub use signs::{Fires, Unanswered};
