//! Which codes could have to do with each other: a quick answer before the tables are asked.

use crate::system::Ordinal;

/// The parts of a code system that a reach tells apart: the bits of a word.
pub(crate) const PARTS: usize = u64::BITS as usize;

/// Where a code stands in a table of pairs, whatever the day: in which parts of its system the codes are that it names,
/// and in which it is itself. Two codes that no reach brings together are no pair; two that it does may be one.
///
/// # Examples
/// ```
/// # use cleanclaim_codeset::*;
/// # use codes::{Code, Date};
/// # fn main() -> Result<(), Box<dyn std::error::Error>> {
/// # let code = |text: &str| Code::parse(text.as_bytes()).ok_or("no code");
/// # let (one, other, third) = (code("29881")?, code("29877")?, code("99213")?);
/// # let mut system = SystemBuilder::new(SystemId::Procedure);
/// # for code in [one, other, third] { system.mention(code); }
/// # let mut image = ImageBuilder::new();
/// # image.system(system)?;
/// # let from = Date::parse(b"2024-07-01").ok_or("no date")?;
/// let mut pairs = RelationBuilder::new(RelationId::PtpPractitioner);
/// pairs.add(one, other, Class::new(from, None, 1, 0));
/// image.relation(pairs)?;
/// let codeset = Codeset::from_bytes(&image.finish()?)?;
/// let (system, pairs) =
///     codeset.system(SystemId::Procedure).zip(codeset.relation(RelationId::PtpPractitioner)).ok_or("not loaded")?;
/// let reach = |code| system.ordinal(code).map(|ordinal| pairs.reach(ordinal)).unwrap_or_default();
/// assert!(reach(one).names(reach(other)));
/// assert!(!reach(other).names(reach(one)));
/// assert!(!reach(one).meets(reach(third)));
/// # Ok(())
/// # }
/// ```
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub struct Reach {
    pub(crate) names: u64,
    pub(crate) named: u64,
}

impl Reach {
    /// Of a code that nothing names, and that names none.
    pub const NONE: Reach = Reach { names: 0, named: 0 };

    /// Of this code and of that.
    #[must_use]
    #[inline]
    pub fn or(self, other: Reach) -> Reach {
        Reach { names: self.names | other.names, named: self.named | other.named }
    }

    /// Whether this code could name the other.
    #[inline]
    pub fn names(self, other: Reach) -> bool {
        self.names & other.named != 0
    }

    /// Whether one of the two could name the other.
    #[inline]
    pub fn meets(self, other: Reach) -> bool {
        self.names & other.named | other.names & self.named != 0
    }
}

/// The part that a code is of, as a bit: parts of as many codes each, but for the last.
#[inline]
pub(crate) fn even_part(code: Ordinal, codes: usize) -> u64 {
    let width = codes.div_ceil(PARTS).max(1);
    1u64.checked_shl((code.index() / width) as u32).unwrap_or(0)
}
