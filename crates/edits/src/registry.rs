//! Every built-in edit.

use crate::{Edit, addon, clm, cov, dup, dx, fac, fmt, modifiers, mue, pos, prv, ptp, px, sys};

/// Every built-in edit, in the order of their ids. An edit's place in this list is its number in findings.
pub fn all() -> Vec<&'static dyn Edit> {
    let families: [&[&'static dyn Edit]; 14] = [
        addon::EDITS,
        clm::EDITS,
        cov::EDITS,
        dup::EDITS,
        dx::EDITS,
        fac::EDITS,
        fmt::EDITS,
        modifiers::EDITS,
        mue::EDITS,
        pos::EDITS,
        prv::EDITS,
        ptp::EDITS,
        px::EDITS,
        sys::EDITS,
    ];
    let mut edits: Vec<&'static dyn Edit> = families.concat();
    edits.sort_by(|a, b| a.info().id.cmp(&b.info().id));
    edits
}
