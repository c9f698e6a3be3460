//! What a member's value may be: a text or number, or an array of them. Anything else is passed over and told.

use crate::json::number::NumberText;
use crate::values::join;
use serde::de::{DeserializeSeed, Deserializer, IgnoredAny, MapAccess, SeqAccess, Visitor};
use std::fmt;

pub(super) const SCALAR: &str = "a text or a number";
const EXACT: &str = "a number that can be read exactly; write a longer one as text";
const LIST: &str = "an array of texts";

/// A value that was looked at.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Seen {
    Taken,
    Null,
    Truth(bool),
    Bad(&'static str),
}

/// Hands the text of a scalar on. Anything else is passed over.
pub(super) struct Scalar<F>(pub(super) F, pub(super) &'static str);

impl<'de, F: FnMut(&str)> DeserializeSeed<'de> for Scalar<F> {
    type Value = Seen;
    fn deserialize<D: Deserializer<'de>>(self, from: D) -> Result<Seen, D::Error> {
        from.deserialize_any(self)
    }
}

impl<F: FnMut(&str)> Scalar<F> {
    fn number<E>(mut self, text: Option<NumberText>) -> Result<Seen, E> {
        match text {
            Some(text) => {
                (self.0)(text.as_str());
                Ok(Seen::Taken)
            }
            None => Ok(Seen::Bad(EXACT)),
        }
    }
}

impl<'de, F: FnMut(&str)> Visitor<'de> for Scalar<F> {
    type Value = Seen;
    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(SCALAR)
    }
    #[inline]
    fn visit_str<E>(mut self, text: &str) -> Result<Seen, E> {
        (self.0)(text);
        Ok(Seen::Taken)
    }
    fn visit_u64<E>(self, number: u64) -> Result<Seen, E> {
        self.number(NumberText::unsigned(number))
    }
    fn visit_i64<E>(self, number: i64) -> Result<Seen, E> {
        self.number(NumberText::signed(number))
    }
    fn visit_f64<E>(self, number: f64) -> Result<Seen, E> {
        self.number(NumberText::float(number))
    }
    fn visit_unit<E>(self) -> Result<Seen, E> {
        Ok(Seen::Null)
    }
    fn visit_bool<E>(self, truth: bool) -> Result<Seen, E> {
        Ok(Seen::Truth(truth))
    }
    fn visit_seq<A: SeqAccess<'de>>(self, mut seq: A) -> Result<Seen, A::Error> {
        while seq.next_element::<IgnoredAny>()?.is_some() {}
        Ok(Seen::Bad(self.1))
    }
    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Seen, A::Error> {
        while map.next_entry::<IgnoredAny, IgnoredAny>()?.is_some() {}
        Ok(Seen::Bad(self.1))
    }
}

/// An array. Of each item its place, from 0, and its text are handed on; the text is empty where nothing is given.
/// Where `or_text`, a text instead of an array is its only item.
pub(super) struct List<F> {
    pub(super) item: F,
    pub(super) or_text: bool,
}

/// What came of a list: items that could not be taken, with the place of the first.
pub(super) struct Listed {
    pub(super) seen: Seen,
    pub(super) bad: Option<(usize, &'static str)>,
}

impl<'de, F: FnMut(usize, &str)> DeserializeSeed<'de> for List<F> {
    type Value = Listed;
    fn deserialize<D: Deserializer<'de>>(self, from: D) -> Result<Listed, D::Error> {
        from.deserialize_any(self)
    }
}

impl<F: FnMut(usize, &str)> List<F> {
    fn instead<E>(mut self, text: Option<&str>) -> Result<Listed, E> {
        let seen = match text {
            Some(text) if self.or_text => {
                (self.item)(0, text);
                Seen::Taken
            }
            _ => Seen::Bad(LIST),
        };
        Ok(Listed { seen, bad: None })
    }
}

impl<'de, F: FnMut(usize, &str)> Visitor<'de> for List<F> {
    type Value = Listed;
    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(LIST)
    }
    fn visit_seq<A: SeqAccess<'de>>(mut self, mut seq: A) -> Result<Listed, A::Error> {
        let (mut place, mut bad) = (0, None);
        while let Some(seen) = seq.next_element_seed(Scalar(|text: &str| (self.item)(place, text), SCALAR))? {
            match seen {
                Seen::Taken => {}
                Seen::Null => (self.item)(place, ""),
                Seen::Bad(expected) => bad = bad.or(Some((place, expected))),
                Seen::Truth(_) => bad = bad.or(Some((place, SCALAR))),
            }
            place += 1;
        }
        Ok(Listed { seen: Seen::Taken, bad })
    }
    fn visit_str<E>(self, text: &str) -> Result<Listed, E> {
        self.instead(Some(text))
    }
    fn visit_u64<E>(self, number: u64) -> Result<Listed, E> {
        self.instead(NumberText::unsigned(number).as_ref().map(NumberText::as_str))
    }
    fn visit_i64<E>(self, number: i64) -> Result<Listed, E> {
        self.instead(NumberText::signed(number).as_ref().map(NumberText::as_str))
    }
    fn visit_f64<E>(self, number: f64) -> Result<Listed, E> {
        match NumberText::float(number) {
            None if self.or_text => Ok(Listed { seen: Seen::Bad(EXACT), bad: None }),
            text => self.instead(text.as_ref().map(NumberText::as_str)),
        }
    }
    fn visit_bool<E>(self, _: bool) -> Result<Listed, E> {
        self.instead(None)
    }
    fn visit_unit<E>(self) -> Result<Listed, E> {
        Ok(Listed { seen: Seen::Null, bad: None })
    }
    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Listed, A::Error> {
        while map.next_entry::<IgnoredAny, IgnoredAny>()?.is_some() {}
        self.instead(None)
    }
}

/// Reads a list that one field holds, its items with colons between.
pub(super) fn joined<'de, A: MapAccess<'de>>(into: &mut Vec<u8>, map: &mut A) -> Result<Listed, A::Error> {
    into.clear();
    map.next_value_seed(List { item: |_: usize, text: &str| join(into, text), or_text: true })
}
