//! The parts of FHIR R4 resources that a claim is read from. Members that are of no use here are passed over.
//! Texts are borrowed from the input where they have no escapes.

use crate::json::number::NumberText;
use serde::Deserialize;
use serde::de::{Deserializer, SeqAccess, Visitor};
use serde_json::value::RawValue;
use std::borrow::Cow;
use std::fmt;
use std::marker::PhantomData;

/// A text, or a number or truth as text.
#[derive(Clone, Default)]
pub(super) struct Text<'t>(Cow<'t, str>);

impl Text<'_> {
    pub(super) fn as_str(&self) -> &str {
        self.0.trim()
    }
}

impl<'de: 't, 't> Deserialize<'de> for Text<'t> {
    fn deserialize<D: Deserializer<'de>>(from: D) -> Result<Text<'t>, D::Error> {
        from.deserialize_any(TextVisitor)
    }
}

struct TextVisitor;

impl<'de> Visitor<'de> for TextVisitor {
    type Value = Text<'de>;
    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a text or a number")
    }
    fn visit_borrowed_str<E>(self, text: &'de str) -> Result<Text<'de>, E> {
        Ok(Text(Cow::Borrowed(text)))
    }
    fn visit_str<E>(self, text: &str) -> Result<Text<'de>, E> {
        Ok(Text(Cow::Owned(text.to_owned())))
    }
    fn visit_u64<E: serde::de::Error>(self, number: u64) -> Result<Text<'de>, E> {
        text_of(NumberText::unsigned(number))
    }
    fn visit_i64<E: serde::de::Error>(self, number: i64) -> Result<Text<'de>, E> {
        text_of(NumberText::signed(number))
    }
    fn visit_f64<E: serde::de::Error>(self, number: f64) -> Result<Text<'de>, E> {
        text_of(NumberText::float(number))
    }
    fn visit_bool<E>(self, truth: bool) -> Result<Text<'de>, E> {
        Ok(Text(Cow::Borrowed(if truth { "true" } else { "false" })))
    }
}

fn text_of<'de, E: serde::de::Error>(text: Option<NumberText>) -> Result<Text<'de>, E> {
    text.map(|text| Text(Cow::Owned(text.as_str().to_owned())))
        .ok_or_else(|| E::custom("a number too long to be exact"))
}

/// An array; `null` is an empty one, as is what is not there. Items that are `null` keep their places.
pub(super) struct List<T>(pub(super) Vec<T>);

impl<T> Default for List<T> {
    fn default() -> List<T> {
        List(Vec::new())
    }
}

impl<T> std::ops::Deref for List<T> {
    type Target = [T];
    fn deref(&self) -> &[T] {
        &self.0
    }
}

impl<'de, T: Deserialize<'de> + Default> Deserialize<'de> for List<T> {
    fn deserialize<D: Deserializer<'de>>(from: D) -> Result<List<T>, D::Error> {
        from.deserialize_any(ListVisitor(PhantomData))
    }
}

struct ListVisitor<T>(PhantomData<T>);

impl<'de, T: Deserialize<'de> + Default> Visitor<'de> for ListVisitor<T> {
    type Value = List<T>;
    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("an array")
    }
    fn visit_seq<A: SeqAccess<'de>>(self, mut seq: A) -> Result<List<T>, A::Error> {
        let mut items = Vec::new();
        while let Some(item) = seq.next_element::<Option<T>>()? {
            items.push(item.unwrap_or_default());
        }
        Ok(List(items))
    }
    fn visit_unit<E>(self) -> Result<List<T>, E> {
        Ok(List::default())
    }
}

macro_rules! parts {
    ($($(#[$about:meta])* $name:ident { $($member:ident: $type:ty),* $(,)? })*) => {
        $(
            $(#[$about])*
            #[derive(Deserialize, Default)]
            #[serde(default, rename_all = "camelCase", bound(deserialize = "'de: 't"))]
            pub(super) struct $name<'t> {
                $(pub(super) $member: $type,)*
                #[serde(skip)]
                lifetime: PhantomData<&'t ()>,
            }
        )*
    };
}

parts! {
    Coding { system: Option<Text<'t>>, code: Option<Text<'t>> }
    Concept { coding: List<Coding<'t>>, text: Option<Text<'t>> }
    Identifier { r#type: Option<Concept<'t>>, system: Option<Text<'t>>, value: Option<Text<'t>> }
    Reference { reference: Option<Text<'t>>, identifier: Option<Identifier<'t>> }
    Period { start: Option<Text<'t>>, end: Option<Text<'t>> }
    Quantity { value: Option<Text<'t>>, unit: Option<Text<'t>>, code: Option<Text<'t>> }
    Money { value: Option<Text<'t>> }
    Address { state: Option<Text<'t>> }

    /// R4 `Claim`.
    Claim {
        id: Option<Text<'t>>,
        contained: List<Contained<'t>>,
        identifier: List<Identifier<'t>>,
        r#type: Option<Concept<'t>>,
        sub_type: Option<Concept<'t>>,
        r#use: Option<Text<'t>>,
        patient: Option<Reference<'t>>,
        billable_period: Option<Period<'t>>,
        created: Option<Text<'t>>,
        insurer: Option<Reference<'t>>,
        provider: Option<Reference<'t>>,
        related: List<Related<'t>>,
        facility: Option<Reference<'t>>,
        care_team: List<CareTeam<'t>>,
        supporting_info: List<Information<'t>>,
        diagnosis: List<Diagnosis<'t>>,
        procedure: List<Procedure<'t>>,
        insurance: List<Insurance<'t>>,
        accident: Option<Accident<'t>>,
        item: List<Item<'t>>,
        total: Option<Money<'t>>,
    }
    Related { claim: Option<Reference<'t>>, relationship: Option<Concept<'t>>, reference: Option<Identifier<'t>> }
    CareTeam {
        sequence: Option<Text<'t>>,
        provider: Option<Reference<'t>>,
        responsible: Option<Text<'t>>,
        role: Option<Concept<'t>>,
        qualification: Option<Concept<'t>>,
    }
    Information {
        category: Option<Concept<'t>>,
        code: Option<Concept<'t>>,
        timing_date: Option<Text<'t>>,
        timing_period: Option<Period<'t>>,
        value_string: Option<Text<'t>>,
        value_quantity: Option<Quantity<'t>>,
    }
    Diagnosis {
        sequence: Option<Text<'t>>,
        diagnosis_codeable_concept: Option<Concept<'t>>,
        diagnosis_reference: Option<Reference<'t>>,
        r#type: List<Concept<'t>>,
        on_admission: Option<Concept<'t>>,
        package_code: Option<Concept<'t>>,
    }
    Procedure {
        r#type: List<Concept<'t>>,
        date: Option<Text<'t>>,
        procedure_codeable_concept: Option<Concept<'t>>,
        procedure_reference: Option<Reference<'t>>,
    }
    Insurance {
        focal: Option<Text<'t>>,
        coverage: Option<Reference<'t>>,
        pre_auth_ref: List<Text<'t>>,
    }
    Accident {
        date: Option<Text<'t>>,
        r#type: Option<Concept<'t>>,
        location_address: Option<Address<'t>>,
    }
    Item {
        sequence: Option<Text<'t>>,
        care_team_sequence: List<Text<'t>>,
        diagnosis_sequence: List<Text<'t>>,
        revenue: Option<Concept<'t>>,
        product_or_service: Option<Concept<'t>>,
        modifier: List<Concept<'t>>,
        serviced_date: Option<Text<'t>>,
        serviced_period: Option<Period<'t>>,
        location_codeable_concept: Option<Concept<'t>>,
        quantity: Option<Quantity<'t>>,
        unit_price: Option<Money<'t>>,
        factor: Option<Text<'t>>,
        net: Option<Money<'t>>,
        body_site: Option<Concept<'t>>,
        sub_site: List<Concept<'t>>,
        detail: List<Detail<'t>>,
    }
    /// A component of an item.
    Detail {
        revenue: Option<Concept<'t>>,
        product_or_service: Option<Concept<'t>>,
        modifier: List<Concept<'t>>,
        quantity: Option<Quantity<'t>>,
        unit_price: Option<Money<'t>>,
        factor: Option<Text<'t>>,
        net: Option<Money<'t>>,
    }

    /// What a claim refers to: Patient, Organization, Practitioner, PractitionerRole, Location. Members of one name
    /// that differ in type are left to the views below.
    Person {
        identifier: List<Identifier<'t>>,
        birth_date: Option<Text<'t>>,
        gender: Option<Text<'t>>,
        practitioner: Option<Reference<'t>>,
        organization: Option<Reference<'t>>,
        specialty: List<Concept<'t>>,
    }
    /// Organization.
    Organization { address: List<Address<'t>>, r#type: List<Concept<'t>> }
    Location { address: Option<Address<'t>> }
    Coverage { subscriber_id: Option<Text<'t>>, payor: List<Reference<'t>> }
    /// Condition, Procedure.
    Coded { code: Option<Concept<'t>> }

    /// What a claim is called.
    Named { id: Option<Text<'t>>, identifier: List<Identifier<'t>> }
    /// What any resource says of itself.
    Head { resource_type: Option<Text<'t>>, id: Option<Text<'t>> }
    Kind { resource_type: Option<Text<'t>> }
    Bundle { entry: List<Entry<'t>> }
    Entry { full_url: Option<Text<'t>>, resource: Contained<'t> }
}

/// A resource within another, not looked at yet. Empty where there is none.
#[derive(Clone, Copy, Default)]
pub(super) struct Contained<'t>(pub(super) &'t str);

impl<'de: 't, 't> Deserialize<'de> for Contained<'t> {
    fn deserialize<D: Deserializer<'de>>(from: D) -> Result<Contained<'t>, D::Error> {
        let raw: Option<&'de RawValue> = Deserialize::deserialize(from)?;
        Ok(Contained(raw.map_or("", RawValue::get)))
    }
}

impl<'t> Contained<'t> {
    /// A view of the resource; empty where it is not of that form.
    pub(super) fn view<T: Deserialize<'t> + Default>(self) -> T {
        serde_json::from_str(self.0).unwrap_or_default()
    }

    /// What the resource says of itself; its type alone, where its id is not of that form: it may be a claim all the same.
    pub(super) fn head(self) -> serde_json::Result<Head<'t>> {
        if self.0.is_empty() {
            return Ok(Head::default());
        }
        serde_json::from_str(self.0).or_else(|_| {
            let kind: Kind<'t> = serde_json::from_str(self.0)?;
            Ok(Head { resource_type: kind.resource_type, ..Head::default() })
        })
    }
}

/// What is said in an optional text.
pub(super) fn said<'a>(text: &'a Option<Text<'_>>) -> Option<&'a str> {
    text.as_ref().map(Text::as_str).filter(|text| !text.is_empty())
}
