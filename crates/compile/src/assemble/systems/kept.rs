//! Revenue codes, which no publisher's file that is read here lists: the base's.

use super::super::given::Given;
use super::super::seed::Seed;
use super::super::{Assembly, Part};
use super::add_rows;
use crate::error::CompileError;
use codeset::SystemId;

pub(crate) const PART: Part = Part { shares: |_| Vec::new(), merge };

fn merge(given: &Given<'_>, assembly: &mut Assembly) -> Result<(), CompileError> {
    let id = SystemId::Revenue;
    if given.base().is_none_or(|base| base.system(id).is_none()) {
        return Ok(());
    }
    let seed = Seed::of(given, id);
    add_rows(id, &seed.rows, assembly);
    let system = assembly.system(id);
    seed.mentioned.into_iter().for_each(|code| system.mention(code));
    for (code, title) in &seed.titles {
        system.title(*code, title);
    }
    Ok(())
}
