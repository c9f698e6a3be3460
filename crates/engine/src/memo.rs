//! What a worker remembers of the codes it has looked up.

use ahash::RandomState;
use codes::Code;
use codeset::{Codeset, Ordinal, SystemId};
use edits::Resolver;
use std::collections::HashMap;

/// Beyond this many codes a system's memory starts afresh: no release has so many, so the claims are full of
/// codes that do not exist, and remembering those would grow with the input.
pub(crate) const MOST_REMEMBERED: usize = 1 << 18;

/// Packed code → ordinal, in front of the FST. One a worker, so it takes no lock.
///
/// A few hundred codes carry most claim lines; for those a look-up is one hash of eight bytes instead of a walk
/// of the FST.
pub struct Memo<'c> {
    codeset: &'c Codeset,
    known: [HashMap<Code, Option<Ordinal>, RandomState>; SystemId::ALL.len()],
    /// The last code that was asked for: neighbouring lines share their place of service, revenue code and modifiers.
    last: [(Code, Option<Ordinal>); SystemId::ALL.len()],
}

impl<'c> Memo<'c> {
    /// A memo in front of this codeset, with nothing remembered.
    pub fn new(codeset: &'c Codeset) -> Memo<'c> {
        // Fixed seeds: hashing must not make one run differ from the next, and codes of a loaded release are few.
        let state = || RandomState::with_seeds(1, 2, 3, 4);
        let known = std::array::from_fn(|_| HashMap::with_hasher(state()));
        Memo { codeset, known, last: [(Code::ABSENT, None); SystemId::ALL.len()] }
    }
}

impl Resolver for Memo<'_> {
    #[inline]
    fn ordinal(&mut self, system: SystemId, code: Code) -> Option<Ordinal> {
        let last = &mut self.last[system as usize];
        if last.0 == code {
            return last.1;
        }
        let known = &mut self.known[system as usize];
        let answer = match known.get(&code) {
            Some(&answer) => answer,
            None => {
                let answer = Resolver::ordinal(&mut self.codeset, system, code);
                if known.len() >= MOST_REMEMBERED {
                    known.clear();
                }
                known.insert(code, answer);
                answer
            }
        };
        *last = (code, answer);
        answer
    }
}
