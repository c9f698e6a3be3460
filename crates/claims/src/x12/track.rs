//! Where in the hierarchy of an 837 the sequential half is, and what each segment is to it.

use super::guide::{Envelopes, Issue};
use super::head::{Context, Level};
use super::id::Id;
use super::segment::Segment;
use crate::{Problem, ProblemKind};
use std::collections::BTreeMap;

/// The most kinds of transaction sets that notices tell apart.
const MAX_KINDS: usize = 100;

/// Where in the hierarchy the cursor is.
#[derive(Default)]
pub(super) struct State {
    pub(super) context: Context,
    /// Where in `pending` the claim at hand begins.
    pub(super) claim: Option<usize>,
    /// Whether the claim at hand is too long and the rest of it is left out.
    pub(super) leaving_out: bool,
    /// Whether the last segment was text outside of any interchange.
    text: bool,
    /// Whether the transaction set at hand is no 837.
    other: bool,
    /// Transaction sets that are no 837, by what they are.
    pub(super) others: BTreeMap<String, u64>,
    /// What envelopes are open.
    pub(super) envelopes: Envelopes,
    pub(super) issues: Vec<Issue>,
}

/// What a segment is to the sequential half.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) enum Role {
    Interchange,
    Group,
    Set,
    SetEnd,
    GroupEnd,
    InterchangeEnd,
    /// HL.
    Level,
    /// CLM.
    Claim,
    /// Any other: it goes with what is before it.
    Other,
}

impl Role {
    /// Whether a segment that begins so is none that is told from others.
    #[inline]
    pub(super) fn is_other(first: u8, second: u8) -> bool {
        !matches!(
            (first, second),
            (b'C' | b'H', b'L') | (b'S', b'T' | b'E') | (b'G', b'S' | b'E') | (b'I', b'S' | b'E')
        )
    }

    #[inline]
    pub(super) fn of(segment: &Segment<'_>) -> Role {
        match segment.id {
            Id::CLM => Role::Claim,
            Id::HL => Role::Level,
            Id::ST => Role::Set,
            Id::SE => Role::SetEnd,
            Id::GS => Role::Group,
            Id::GE => Role::GroupEnd,
            Id::ISA => Role::Interchange,
            Id::IEA => Role::InterchangeEnd,
            _ => Role::Other,
        }
    }
}

impl State {
    /// Takes a segment that is not within a claim, or that ends one, and begins at `from` of the pending bytes; `whole`
    /// unless it is too long. The segment before it ended at `at`, perhaps `outside` of any interchange.
    pub(super) fn track(
        &mut self,
        segment: &Segment<'_>,
        from: usize,
        role: Role,
        (at, outside): (usize, bool),
        whole: bool,
    ) -> Option<Problem> {
        self.claim = None;
        let text = outside && role == Role::Other;
        let told = std::mem::replace(&mut self.text, text);
        if text {
            return (!told).then(|| Problem::outside(ProblemKind::NoSegment, segment.place));
        }
        let level = match role {
            Role::Claim => {
                self.claim = (!self.other).then_some(at);
                self.context.claim();
                return None;
            }
            Role::Other | Role::Level if self.other => return None,
            Role::Other => return if whole { self.context.push(segment, from) } else { None },
            Role::SetEnd | Role::GroupEnd | Role::InterchangeEnd => {
                self.other = false;
                self.context.end(match role {
                    Role::SetEnd => Level::Set,
                    Role::GroupEnd => Level::Group,
                    _ => Level::Interchange,
                });
                return None;
            }
            Role::Level => Level::of_hl(segment),
            Role::Interchange => Level::Interchange,
            Role::Group => Level::Group,
            Role::Set => Level::Set,
        };
        if role != Role::Level {
            self.other = false;
        }
        if role == Role::Set && !is_837(segment) {
            self.other = true;
            let kind = plain_text(segment.element(1));
            let room = self.others.len() < MAX_KINDS;
            match self.others.get_mut(&kind) {
                Some(count) => *count += 1,
                None if room => drop(self.others.insert(kind, 1)),
                None => *self.others.entry("other kinds".to_owned()).or_default() += 1,
            }
        }
        self.context.begin(level, segment, from)
    }
}

/// Whether an ST begins an 837.
pub(super) fn is_837(set: &Segment<'_>) -> bool {
    set.element(1).trim_ascii() == b"837"
}

/// What a finding or notice may show of an identifier: a few letters and digits, and nothing else that may stand there.
pub(super) fn plain_text(text: &[u8]) -> String {
    let text = text.trim_ascii();
    let plain = text.len() <= 12 && text.iter().all(u8::is_ascii_alphanumeric);
    if plain && !text.is_empty() { String::from_utf8_lossy(text).into_owned() } else { "(unknown)".to_owned() }
}
