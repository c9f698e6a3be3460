//! A claim of our own schema, straight into the batch.

use super::number::NumberText;
use super::parse::{Value, not_json, refuse, shown};
use crate::values::{MARKED, OpenClaim, OpenLine, of_claim, trim};
use crate::{ClaimBatch, Field, Place, ProblemKind};
use serde::de::{DeserializeSeed, Deserializer, IgnoredAny, MapAccess, SeqAccess, Visitor};
use std::fmt;
use std::sync::LazyLock;

const SCALAR: &str = "a text or a number";
const EXACT: &str = "a number that can be read exactly; write a longer one as text";
const LIST: &str = "an array of texts";
const LINES: &str = "an array of lines";
const LINE: &str = "a line, as an object";
const TRUTH: &str = "true or false";
const DIAGNOSES: &str = "at most 25 diagnoses";
const MODIFIERS: &str = "at most four modifiers";

/// The member that says which fields the input could give.
pub(super) const INPUT_FIELDS: &str = "input_fields";

/// What a member holds.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Member {
    /// A field of its own.
    One(Field),
    /// Codes that one field holds, with colons between.
    Joined(Field),
    Diagnoses,
    Modifiers,
    Lines,
    Unreadable,
    /// What the file says of itself, in its first claim: see [`super::input_fields`].
    InputFields,
}

use Member::{Joined, One};

/// The members of an object and what they hold, in the order in which they are written.
pub(super) type Members = Vec<(&'static str, Member)>;

/// The members of a claim.
pub(super) static OF_CLAIM: LazyLock<Members> = LazyLock::new(|| {
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
pub(super) static OF_LINE: LazyLock<Members> = LazyLock::new(|| {
    let mut members: Members = Vec::new();
    for (field, name) in Field::named().filter(|&(field, _)| !of_claim(field)) {
        members.push((name, if field == Field::DxPointers { Joined(field) } else { One(field) }));
        if field == Field::Procedure {
            members.push(("modifiers", Member::Modifiers));
        }
    }
    members
});

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

/// Finds a member, first where it stands when members come in their usual order.
#[inline]
fn find(members: &[(&str, Member)], hint: usize, name: &str) -> Option<usize> {
    let hint = hint.min(members.len());
    let is = |(own, _): &(&str, Member)| *own == name;
    members[hint..].iter().position(is).map(|place| hint + place).or_else(|| members[..hint].iter().position(is))
}

/// The name of a member: its place among those known, or itself.
enum Name {
    Known(usize),
    Other(Box<str>),
}

struct NameSeed(&'static [(&'static str, Member)], usize);

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

/// A value that was looked at.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Seen {
    Taken,
    Null,
    Truth(bool),
    Bad(&'static str),
}

/// Hands the text of a scalar on. Anything else is passed over.
struct Scalar<F>(F, &'static str);

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
struct List<F> {
    item: F,
    or_text: bool,
}

/// What came of a list: items that could not be taken, with the place of the first.
struct Listed {
    seen: Seen,
    bad: Option<(usize, &'static str)>,
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
        self.instead(NumberText::float(number).as_ref().map(NumberText::as_str))
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

/// Appends an item to a list that one field holds.
fn join(joined: &mut Vec<u8>, text: &str) {
    let text = trim(text.as_bytes());
    if !text.is_empty() {
        if !joined.is_empty() {
            joined.push(b':');
        }
        joined.extend_from_slice(text);
    }
}

/// Reads the object that a claim is.
struct ClaimSeed<'r, 'b>(&'r mut Reading<'b>);

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

fn bad_member(path: String, expected: &'static str) -> ProblemKind {
    ProblemKind::BadMember { path: path.into(), expected }
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
                let mut joined = std::mem::take(&mut self.joined);
                joined.clear();
                let item = |_: usize, text: &str| join(&mut joined, text);
                let listed = map.next_value_seed(List { item, or_text: true })?;
                self.listed(&listed, name, Some(field));
                if !joined.is_empty() {
                    self.open.set(self.batch, field, &joined, self.place);
                }
                self.joined = joined;
                (listed.seen, Some(field))
            }
            Member::Diagnoses => {
                let mut beyond = false;
                let item = |place: usize, text: &str| match u8::try_from(place + 1) {
                    Ok(number) if number <= Field::DIAGNOSES => self.set(Field::Diagnosis(number), text),
                    _ => beyond |= !trim(text.as_bytes()).is_empty(),
                };
                let listed = map.next_value_seed(List { item, or_text: false })?;
                if beyond {
                    let kind = ProblemKind::BadValue { expected: DIAGNOSES };
                    self.problem(kind, Some(Field::Diagnosis(Field::DIAGNOSES)));
                }
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

/// Reads the array of lines.
struct LinesSeed<'r, 'b>(&'r mut Reading<'b>);

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
    fn visit_bool<E>(self, _: bool) -> Result<Seen, E> {
        Ok(Seen::Bad(LINES))
    }
    fn visit_i64<E>(self, _: i64) -> Result<Seen, E> {
        Ok(Seen::Bad(LINES))
    }
    fn visit_u64<E>(self, _: u64) -> Result<Seen, E> {
        Ok(Seen::Bad(LINES))
    }
    fn visit_f64<E>(self, _: f64) -> Result<Seen, E> {
        Ok(Seen::Bad(LINES))
    }
    fn visit_str<E>(self, _: &str) -> Result<Seen, E> {
        Ok(Seen::Bad(LINES))
    }
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
    fn visit_bool<E>(self, _: bool) -> Result<Seen, E> {
        Ok(Seen::Bad(LINE))
    }
    fn visit_i64<E>(self, _: i64) -> Result<Seen, E> {
        Ok(Seen::Bad(LINE))
    }
    fn visit_u64<E>(self, _: u64) -> Result<Seen, E> {
        Ok(Seen::Bad(LINE))
    }
    fn visit_f64<E>(self, _: f64) -> Result<Seen, E> {
        Ok(Seen::Bad(LINE))
    }
    fn visit_str<E>(self, _: &str) -> Result<Seen, E> {
        Ok(Seen::Bad(LINE))
    }
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
                        line.bad(batch, Field::Modifier(Field::MODIFIERS), text, MODIFIERS);
                    }
                }
            };
            (map.next_value_seed(List { item, or_text: false })?, Some(Field::Modifier(1)))
        }
        Joined(field) => {
            let mut joined = std::mem::take(&mut reading.joined);
            joined.clear();
            let item = |_: usize, text: &str| join(&mut joined, text);
            let listed = map.next_value_seed(List { item, or_text: true })?;
            if !joined.is_empty() {
                line.set(batch, field, &joined);
            }
            reading.joined = joined;
            (listed, Some(field))
        }
        // A claim's; `OF_LINE` has none of them.
        Member::Diagnoses | Member::Lines | Member::Unreadable | Member::InputFields => {
            map.next_value::<IgnoredAny>()?;
            (Listed { seen: Seen::Taken, bad: None }, None)
        }
    })
}
