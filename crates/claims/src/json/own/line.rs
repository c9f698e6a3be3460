//! The array of lines, and the object that a line is.

use super::members::Member::{Joined, One};
use super::members::{Member, Name, NameSeed, OF_LINE};
use super::value::{List, Listed, SCALAR, Scalar, Seen, joined};
use super::{Reading, bad_member};
use crate::values::{OpenLine, trim};
use crate::{Field, ProblemKind};
use serde::de::{DeserializeSeed, Deserializer, IgnoredAny, MapAccess, SeqAccess, Visitor};
use std::fmt;

const LINES: &str = "an array of lines";
const LINE: &str = "a line, as an object";

/// What a visitor makes of scalars where there should be something else.
macro_rules! scalars_are_bad {
    ($expected:expr) => {
        fn visit_bool<E>(self, _: bool) -> Result<Seen, E> {
            Ok(Seen::Bad($expected))
        }
        fn visit_i64<E>(self, _: i64) -> Result<Seen, E> {
            Ok(Seen::Bad($expected))
        }
        fn visit_u64<E>(self, _: u64) -> Result<Seen, E> {
            Ok(Seen::Bad($expected))
        }
        fn visit_f64<E>(self, _: f64) -> Result<Seen, E> {
            Ok(Seen::Bad($expected))
        }
        fn visit_str<E>(self, _: &str) -> Result<Seen, E> {
            Ok(Seen::Bad($expected))
        }
    };
}

/// Reads the array of lines.
pub(super) struct LinesSeed<'r, 'b>(pub(super) &'r mut Reading<'b>);

impl<'de> DeserializeSeed<'de> for LinesSeed<'_, '_> {
    type Value = Seen;
    fn deserialize<D: Deserializer<'de>>(self, from: D) -> Result<Seen, D::Error> {
        from.deserialize_any(self)
    }
}

impl<'de> Visitor<'de> for LinesSeed<'_, '_> {
    type Value = Seen;
    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(LINES)
    }
    fn visit_seq<A: SeqAccess<'de>>(self, mut seq: A) -> Result<Seen, A::Error> {
        let mut place = 0usize;
        while let Some(seen) = seq.next_element_seed(LineSeed(&mut *self.0, place))? {
            if let Seen::Bad(expected) = seen {
                self.0.problem(bad_member(format!("lines[{place}]"), expected), None);
            }
            place += 1;
        }
        Ok(Seen::Taken)
    }
    fn visit_unit<E>(self) -> Result<Seen, E> {
        Ok(Seen::Null)
    }
    scalars_are_bad!(LINES);
    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Seen, A::Error> {
        while map.next_entry::<IgnoredAny, IgnoredAny>()?.is_some() {}
        Ok(Seen::Bad(LINES))
    }
}

/// Reads one line, at its place in the array.
struct LineSeed<'r, 'b>(&'r mut Reading<'b>, usize);

impl<'de> DeserializeSeed<'de> for LineSeed<'_, '_> {
    type Value = Seen;
    fn deserialize<D: Deserializer<'de>>(self, from: D) -> Result<Seen, D::Error> {
        from.deserialize_any(self)
    }
}

impl<'de> Visitor<'de> for LineSeed<'_, '_> {
    type Value = Seen;
    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(LINE)
    }
    fn visit_map<A: MapAccess<'de>>(self, map: A) -> Result<Seen, A::Error> {
        let LineSeed(reading, index) = self;
        reading.lines += 1;
        let mut line = reading.open.line(reading.batch, reading.lines, reading.place);
        let result = members_of_line(reading, &mut line, index, map);
        // A line that breaks off is kept as far as it was read: texts that were kept for it must not become another's.
        reading.open.push(reading.batch, line);
        result.map(|()| Seen::Taken)
    }
    fn visit_unit<E>(self) -> Result<Seen, E> {
        Ok(Seen::Bad(LINE))
    }
    scalars_are_bad!(LINE);
    fn visit_seq<A: SeqAccess<'de>>(self, mut seq: A) -> Result<Seen, A::Error> {
        while seq.next_element::<IgnoredAny>()?.is_some() {}
        Ok(Seen::Bad(LINE))
    }
}

/// Reads the members of the line at this place in the array.
fn members_of_line<'de, A: MapAccess<'de>>(
    reading: &mut Reading<'_>,
    line: &mut OpenLine,
    index: usize,
    mut map: A,
) -> Result<(), A::Error> {
    let (mut hint, mut given) = (0, 0u128);
    while let Some(name) = map.next_key_seed(NameSeed(&OF_LINE, hint))? {
        let place = match name {
            Name::Known(place) => place,
            Name::Other(name) => {
                map.next_value::<IgnoredAny>()?;
                let path = format!("lines[{index}].{name}").into();
                line.problem(reading.batch, ProblemKind::UnknownMember { path }, None);
                continue;
            }
        };
        let Some(&(name, member)) = OF_LINE.get(place) else { continue };
        hint = place + 1;
        let bad = |path: String, expected| bad_member(format!("lines[{index}].{path}"), expected);
        if given >> place & 1 == 1 {
            map.next_value::<IgnoredAny>()?;
            let path = format!("lines[{index}].{name}").into();
            line.problem(reading.batch, ProblemKind::MemberTwice { path }, None);
            continue;
        }
        given |= 1 << place;
        let (listed, field) = read_of_line(reading, line, member, &mut map)?;
        if let Some((place, expected)) = listed.bad {
            line.problem(reading.batch, bad(format!("{name}[{place}]"), expected), field);
        }
        match listed.seen {
            Seen::Taken | Seen::Null => {}
            Seen::Bad(expected) => line.problem(reading.batch, bad(name.to_owned(), expected), field),
            Seen::Truth(_) => line.problem(reading.batch, bad(name.to_owned(), SCALAR), field),
        }
    }
    Ok(())
}

/// Reads a member of a line.
fn read_of_line<'de, A: MapAccess<'de>>(
    reading: &mut Reading<'_>,
    line: &mut OpenLine,
    member: Member,
    map: &mut A,
) -> Result<(Listed, Option<Field>), A::Error> {
    let batch = &mut *reading.batch;
    Ok(match member {
        One(field) => {
            let set = |text: &str| {
                let text = trim(text.as_bytes());
                if !text.is_empty() {
                    line.set(batch, field, text);
                }
            };
            (Listed { seen: map.next_value_seed(Scalar(set, SCALAR))?, bad: None }, Some(field))
        }
        Member::Modifiers => {
            let mut fifth = false;
            let item = |place: usize, text: &str| {
                let text = trim(text.as_bytes());
                match u8::try_from(place + 1) {
                    _ if text.is_empty() => {}
                    Ok(number) if number <= Field::MODIFIERS => line.set(batch, Field::Modifier(number), text),
                    _ if fifth => {}
                    _ => {
                        fifth = true;
                        line.too_many_modifiers(batch, text);
                    }
                }
            };
            (map.next_value_seed(List { item, or_text: false })?, Some(Field::Modifier(1)))
        }
        Joined(field) => {
            let listed = joined(&mut reading.joined, map)?;
            if !reading.joined.is_empty() {
                line.set(batch, field, &reading.joined);
            }
            (listed, Some(field))
        }
        // A claim's; `OF_LINE` has none of them.
        Member::Diagnoses | Member::Lines | Member::Unreadable | Member::InputFields => {
            map.next_value::<IgnoredAny>()?;
            (Listed { seen: Seen::Taken, bad: None }, None)
        }
    })
}
