//! Compiled conditions: trees of typed operations, run on a claim without allocation.
//!
//! Every operation answers a value, or why there is none. `&&`, `||`, `exists` and `all` are decided by what is known
//! wherever that suffices (a false part makes an `&&` false, whatever the others would have been); all else that
//! touches what is not known is not known.

mod code;
mod condition;
mod day;
mod env;
mod list;
mod number;
mod text;

pub(crate) use code::{Attributes, CodeOp, Indicator};
pub(crate) use condition::{Bool, Compare, Probe, TextTest};
pub(crate) use day::Day;
use edits::Reason;
pub(crate) use env::{CodeValue, Env, Item};
pub(crate) use list::{Element, List};
pub(crate) use number::{CENT, Number};
pub(crate) use text::TextOp;

/// How deeply `exists`, `filter` and the like may be nested.
pub(crate) const SLOTS: usize = 8;

pub(crate) type Known<T> = Result<T, Reason>;

/// Which line a field is of.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) enum LineRef {
    Judged,
    Slot(u8),
}
