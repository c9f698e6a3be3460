//! The members that objects of our schema have, and what each holds.

use crate::Field;
use crate::json::parse::shown;
use crate::values::of_claim;
use serde::de::{DeserializeSeed, Deserializer, Visitor};
use std::fmt;
use std::sync::LazyLock;

/// The member that says which fields the input could give.
pub(in crate::json) const INPUT_FIELDS: &str = "input_fields";

/// What a member holds.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(in crate::json) enum Member {
    /// A field of its own.
    One(Field),
    /// Codes that one field holds, with colons between.
    Joined(Field),
    Diagnoses,
    Modifiers,
    Lines,
    Unreadable,
    /// What the file says of itself, in its first claim: see [`crate::input_fields`].
    InputFields,
}

use Member::{Joined, One};

/// The members of an object and what they hold, in the order in which they are written.
pub(in crate::json) type Members = Vec<(&'static str, Member)>;

/// The members of a claim.
pub(in crate::json) static OF_CLAIM: LazyLock<Members> = LazyLock::new(|| {
    let own = Field::named().filter(|&(field, _)| of_claim(field) && field != Field::ConditionCodes);
    let mut members: Members = own.map(|(field, name)| (name, One(field))).collect();
    members.insert(0, (INPUT_FIELDS, Member::InputFields));
    members.insert(2, ("unreadable", Member::Unreadable));
    members.push(("condition_codes", Joined(Field::ConditionCodes)));
    members.push(("diagnoses", Member::Diagnoses));
    members.push(("lines", Member::Lines));
    members
});

/// The members of a line.
pub(in crate::json) static OF_LINE: LazyLock<Members> = LazyLock::new(|| {
    let mut members: Members = Vec::new();
    for (field, name) in Field::named().filter(|&(field, _)| !of_claim(field)) {
        members.push((name, if field == Field::DxPointers { Joined(field) } else { One(field) }));
        if field == Field::Procedure {
            members.push(("modifiers", Member::Modifiers));
        }
    }
    members
});

/// Finds a member, first where it stands when members come in their usual order.
#[inline]
fn find(members: &[(&str, Member)], hint: usize, name: &str) -> Option<usize> {
    let hint = hint.min(members.len());
    let is = |(own, _): &(&str, Member)| *own == name;
    members[hint..].iter().position(is).map(|place| hint + place).or_else(|| members[..hint].iter().position(is))
}

/// The name of a member: its place among those known, or itself.
pub(super) enum Name {
    Known(usize),
    Other(Box<str>),
}

/// Reads a name: of these members, beginning with the one at this place.
pub(super) struct NameSeed(pub(super) &'static [(&'static str, Member)], pub(super) usize);

impl<'de> DeserializeSeed<'de> for NameSeed {
    type Value = Name;
    fn deserialize<D: Deserializer<'de>>(self, from: D) -> Result<Name, D::Error> {
        from.deserialize_str(self)
    }
}

impl Visitor<'_> for NameSeed {
    type Value = Name;
    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a name")
    }
    fn visit_str<E>(self, name: &str) -> Result<Name, E> {
        Ok(find(self.0, self.1, name).map_or_else(|| Name::Other(shown(name)), Name::Known))
    }
}
