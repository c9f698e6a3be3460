//! Claims in an array that is the member of an object: `{"claims": […]}`.

use super::members::{INPUT_FIELDS, OF_CLAIM};
use super::read_value;
use crate::json::parse::{Value, shown};
use crate::{ClaimBatch, Place};
use memchr::{memchr_iter, memmem};
use serde_json::value::RawValue;
use std::borrow::Cow;
use std::collections::BTreeMap;

/// The claims of an object that is none.
pub(super) struct Wrapped<'t> {
    /// The member that they are in, or one of them.
    name: Cow<'t, str>,
    pub(super) claims: Vec<&'t RawValue>,
}

impl Wrapped<'_> {
    /// What the object is, where more is said in it than the claims.
    pub(super) fn told(&self) -> Box<str> {
        format!("an object with claims in its member {}; that array is to be given by itself", shown(&self.name)).into()
    }
}

/// The claims of an object that has no claim id but, in arrays that are none of a claim's, objects that have one.
#[cold]
pub(super) fn wrapped(text: &str) -> Option<Wrapped<'_>> {
    let members: BTreeMap<Cow<'_, str>, &RawValue> = serde_json::from_str(text).ok()?;
    let mut found: Option<Wrapped<'_>> = None;
    for (name, member) in members {
        let known = name == INPUT_FIELDS || OF_CLAIM.iter().any(|&(own, _)| own == name);
        let Ok(claims) = serde_json::from_str::<Vec<&RawValue>>(member.get()) else { continue };
        let first = claims.first().map_or("", |claim| claim.get());
        if known || !first.starts_with('{') || memmem::find(first.as_bytes(), b"\"claim_id\"").is_none() {
            continue;
        }
        match &mut found {
            Some(found) => found.claims.extend(claims),
            None => found = Some(Wrapped { name, claims }),
        }
    }
    if let Some(found) = &mut found {
        found.claims.sort_by_key(|claim| claim.get().as_ptr());
    }
    found
}

/// Reads claims that stand within a value.
pub(super) fn read_list(value: Value<'_>, claims: &[&RawValue], batch: &mut ClaimBatch) {
    let Value { text, place } = value;
    let (mut counted, mut row) = (0, place.row);
    for claim in claims {
        let claim = claim.get();
        // Its text is a slice of the value's.
        let start = (claim.as_ptr() as usize).saturating_sub(text.as_ptr() as usize);
        row += memchr_iter(b'\n', text.as_bytes().get(counted..start).unwrap_or_default()).count() as u64;
        counted = start;
        let place = Place { offset: place.offset + start as u64, row };
        read_value(Value { text: claim, place }, None, false, batch);
    }
}
