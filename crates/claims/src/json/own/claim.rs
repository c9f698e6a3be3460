//! The object that a claim is.

use super::line::LinesSeed;
use super::members::Member::{Joined, One};
use super::members::{Member, Name, NameSeed, OF_CLAIM};
use super::value::{List, Listed, SCALAR, Scalar, Seen, joined};
use super::{Reading, bad_member};
use crate::values::{MARKED, trim};
use crate::{Field, ProblemKind};
use serde::de::{DeserializeSeed, Deserializer, IgnoredAny, MapAccess, Visitor};
use std::fmt;

const TRUTH: &str = "true or false";

/// Reads the object that a claim is.
pub(super) struct ClaimSeed<'r, 'b>(pub(super) &'r mut Reading<'b>);

impl<'de> DeserializeSeed<'de> for ClaimSeed<'_, '_> {
    type Value = ();
    fn deserialize<D: Deserializer<'de>>(self, from: D) -> Result<(), D::Error> {
        from.deserialize_map(self)
    }
}

impl<'de> Visitor<'de> for ClaimSeed<'_, '_> {
    type Value = ();
    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a claim")
    }
    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<(), A::Error> {
        let reading = self.0;
        let (mut hint, mut given) = (0, 0u128);
        while let Some(name) = map.next_key_seed(NameSeed(&OF_CLAIM, hint))? {
            let place = match name {
                Name::Known(place) => place,
                Name::Other(path) => {
                    map.next_value::<IgnoredAny>()?;
                    reading.problem(ProblemKind::UnknownMember { path }, None);
                    continue;
                }
            };
            let Some(&(name, member)) = OF_CLAIM.get(place) else { continue };
            hint = place + 1;
            reading.bare = false;
            if given >> place & 1 == 1 {
                map.next_value::<IgnoredAny>()?;
                reading.problem(ProblemKind::MemberTwice { path: name.into() }, None);
                continue;
            }
            given |= 1 << place;
            reading.member(name, member, &mut map)?;
        }
        Ok(())
    }
}

impl Reading<'_> {
    fn member<'de, A: MapAccess<'de>>(&mut self, name: &str, member: Member, map: &mut A) -> Result<(), A::Error> {
        let (seen, field) = match member {
            One(field) => (map.next_value_seed(Scalar(|text: &str| self.set(field, text), SCALAR))?, Some(field)),
            Member::Unreadable => match map.next_value_seed(Scalar(|_: &str| (), TRUTH))? {
                Seen::Truth(marked) => {
                    if marked {
                        self.problem(ProblemKind::NotAClaim { found: MARKED.into() }, None);
                    }
                    (Seen::Taken, None)
                }
                Seen::Null => (Seen::Null, None),
                Seen::Taken | Seen::Bad(_) => (Seen::Bad(TRUTH), None),
            },
            Joined(field) => {
                let listed = joined(&mut self.joined, map)?;
                self.listed(&listed, name, Some(field));
                if !self.joined.is_empty() {
                    self.open.set(self.batch, field, &self.joined, self.place);
                }
                (listed.seen, Some(field))
            }
            Member::Diagnoses => {
                let mut beyond = false;
                let item = |place: usize, text: &str| match u8::try_from(place + 1) {
                    Ok(number) if number <= Field::DIAGNOSES => self.set(Field::Diagnosis(number), text),
                    _ if beyond || trim(text.as_bytes()).is_empty() => {}
                    _ => {
                        beyond = true;
                        let text = trim(text.as_bytes());
                        self.open.too_many_diagnoses(self.batch, text, self.place);
                    }
                };
                let listed = map.next_value_seed(List { item, or_text: false })?;
                self.listed(&listed, name, Some(Field::Diagnosis(1)));
                (listed.seen, Some(Field::Diagnosis(1)))
            }
            // The reader looked at it before.
            Member::InputFields => {
                let listed = map.next_value_seed(List { item: |_: usize, _: &str| (), or_text: true })?;
                self.listed(&listed, name, None);
                (listed.seen, None)
            }
            Member::Lines => (map.next_value_seed(LinesSeed(self))?, None),
            // A line's; `OF_CLAIM` has none of it.
            Member::Modifiers => (map.next_value::<IgnoredAny>().map(|_| Seen::Taken)?, None),
        };
        match seen {
            Seen::Taken | Seen::Null => {}
            Seen::Bad(expected) => self.problem(bad_member(name.to_owned(), expected), field),
            Seen::Truth(_) => self.problem(bad_member(name.to_owned(), SCALAR), field),
        }
        Ok(())
    }

    fn listed(&mut self, listed: &Listed, name: &str, field: Option<Field>) {
        if let Some((place, expected)) = listed.bad {
            self.problem(bad_member(format!("{name}[{place}]"), expected), field);
        }
    }
}
