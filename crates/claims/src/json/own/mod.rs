//! A claim of our own schema, straight into the batch.

mod claim;
mod line;
mod members;
mod value;
mod wrapped;

use super::parse::{Value, another, not_json, refuse};
use crate::values::{OpenClaim, trim};
use crate::{ClaimBatch, Field, Place, ProblemKind};
use claim::ClaimSeed;
pub(super) use members::{INPUT_FIELDS, Member, OF_CLAIM, OF_LINE};
use serde::de::{DeserializeSeed, IgnoredAny};
use wrapped::{read_list, wrapped};

/// Reads the claim that a text begins with; gives where the next value begins, or the text ends, when all is well up to
/// there. When the claim is known to be damaged, `known` says how; what can be read of it is its id.
pub(super) fn read(value: Value<'_>, known: Option<ProblemKind>, batch: &mut ClaimBatch) -> Option<usize> {
    read_value(value, known, true, batch)
}

/// Reads as [`read`] does. Whether the value may be one that claims stand in: not where it stands in one itself, so that no
/// text is looked through again and again.
fn read_value(value: Value<'_>, known: Option<ProblemKind>, may_wrap: bool, batch: &mut ClaimBatch) -> Option<usize> {
    let Value { text, place } = value;
    if !text.starts_with('{') {
        let kind = known.unwrap_or_else(|| match serde_json::from_str::<IgnoredAny>(text) {
            Ok(_) => ProblemKind::NotAClaim { found: kind_of(text).into() },
            Err(error) => not_json(text, &error),
        });
        refuse(batch, b"", kind, place);
        return None;
    }
    let problems = batch.problems.len();
    let mut reading = Reading {
        open: OpenClaim::open(batch, b"", place),
        batch,
        place,
        named: false,
        bare: true,
        lines: 0,
        joined: Vec::new(),
    };
    let mut json = serde_json::Deserializer::from_str(text);
    let mut next = None;
    let result = ClaimSeed(&mut reading).deserialize(&mut json).and_then(|()| match json.end() {
        Ok(()) => Ok(text.len()),
        Err(error) => another(text, &error).ok_or(error),
    });
    match (known, result) {
        (Some(kind), _) => reading.problem(kind, None),
        (None, Err(error)) => reading.problem(not_json(text, &error), None),
        (None, Ok(end)) => {
            next = Some(end);
            let list = if reading.named || !may_wrap { None } else { wrapped(text.get(..end).unwrap_or_default()) };
            match list {
                // Nothing of this object is kept.
                Some(list) if reading.bare => {
                    reading.batch.problems.truncate(problems);
                    read_list(value, &list.claims, reading.batch);
                    return next;
                }
                Some(list) => reading.problem(ProblemKind::NotAClaim { found: list.told() }, None),
                None if !reading.named => reading.problem(ProblemKind::NoClaimId, Some(Field::ClaimId)),
                None => {}
            }
        }
    }
    let Reading { open, batch, .. } = reading;
    open.close(batch);
    next
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
    /// Whether it has had no member that a claim has.
    bare: bool,
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
