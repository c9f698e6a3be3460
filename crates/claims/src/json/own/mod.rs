//! A claim of our own schema, straight into the batch.

mod claim;
mod line;
mod members;
mod value;

use super::parse::{Value, not_json, refuse};
use crate::values::{OpenClaim, trim};
use crate::{ClaimBatch, Field, Place, ProblemKind};
use claim::ClaimSeed;
pub(super) use members::{INPUT_FIELDS, Member, OF_CLAIM, OF_LINE};
use serde::de::{DeserializeSeed, IgnoredAny};

/// Reads one claim. When the text is known to be damaged, `known` says how; what can be read of it is its id.
pub(super) fn read(value: Value<'_>, known: Option<ProblemKind>, batch: &mut ClaimBatch) {
    let Value { text, place } = value;
    if !text.starts_with('{') {
        let kind = known.unwrap_or_else(|| match serde_json::from_str::<IgnoredAny>(text) {
            Ok(_) => ProblemKind::NotAClaim { found: kind_of(text).into() },
            Err(error) => not_json(text, &error),
        });
        return refuse(batch, b"", kind, place);
    }
    let mut reading =
        Reading { open: OpenClaim::open(batch, b"", place), batch, place, named: false, lines: 0, joined: Vec::new() };
    let mut json = serde_json::Deserializer::from_str(text);
    let result = ClaimSeed(&mut reading).deserialize(&mut json).and_then(|()| json.end());
    match (known, result) {
        (Some(kind), _) => reading.problem(kind, None),
        (None, Err(error)) => reading.problem(not_json(text, &error), None),
        (None, Ok(())) if !reading.named => reading.problem(ProblemKind::NoClaimId, Some(Field::ClaimId)),
        (None, Ok(())) => {}
    }
    let Reading { open, batch, .. } = reading;
    open.close(batch);
}

/// What a JSON value is that is no object.
pub(super) fn kind_of(text: &str) -> &'static str {
    match text.as_bytes().first() {
        Some(b'[') => "an array",
        Some(b'"') => "a text",
        Some(b't' | b'f') => "true or false",
        Some(b'n') => "null",
        _ => "a number",
    }
}

/// A claim that is being read.
struct Reading<'b> {
    open: OpenClaim,
    batch: &'b mut ClaimBatch,
    place: Place,
    named: bool,
    lines: u32,
    /// The items of a list that one field holds.
    joined: Vec<u8>,
}

impl Reading<'_> {
    fn problem(&mut self, kind: ProblemKind, field: Option<Field>) {
        self.open.problem(self.batch, kind, field, self.place);
    }

    fn set(&mut self, field: Field, text: &str) {
        let text = trim(text.as_bytes());
        if text.is_empty() {
        } else if field == Field::ClaimId {
            self.open.name(self.batch, text);
            self.named = true;
        } else {
            self.open.set(self.batch, field, text, self.place);
        }
    }
}

fn bad_member(path: String, expected: &'static str) -> ProblemKind {
    ProblemKind::BadMember { path: path.into(), expected }
}
