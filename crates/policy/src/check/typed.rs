//! What the parts of a condition are: a type for each, with the operations that it was compiled to.

use crate::fields::{CodeKind, Measure};
use crate::ops::{Attributes, Bool, CodeOp, Day, Element, LineRef, List, Number, TextOp};
use crate::source::Span;
use codeset::SystemId;

/// A part of a condition with its type.
#[derive(Clone, Debug)]
pub(crate) enum Typed {
    Bool(Bool),
    Number(Number, Measure),
    Date(Day),
    Code(CodeOp, CodeKind),
    Text(TextOp),
    Line(LineRef),
    List(List, Of),
    Set(u32, SystemId),
    Attributes(Attributes),
    Claim,
    Sets,
    Parameters,
    /// A list of texts, which become codes where they are compared with codes.
    Texts(Vec<(String, Span)>),
}

/// What a list is of.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) enum Of {
    Lines,
    Codes(CodeKind),
    Numbers(Measure),
    Dates,
}

impl Typed {
    pub(super) fn name(&self) -> String {
        match self {
            Typed::Bool(_) => "true or false".to_owned(),
            Typed::Number(_, Measure::Plain) => "a number".to_owned(),
            Typed::Number(_, Measure::Units) => "a number of units".to_owned(),
            Typed::Number(_, Measure::Money) => "an amount of money".to_owned(),
            Typed::Date(_) => "a date".to_owned(),
            Typed::Code(_, kind) => kind.to_string(),
            Typed::Text(_) => "a text".to_owned(),
            Typed::Line(_) => "a line".to_owned(),
            Typed::List(_, of) => format!("a list of {}", of.name()),
            Typed::Set(..) => "a set of codes".to_owned(),
            Typed::Attributes(_) => "a code's attributes".to_owned(),
            Typed::Claim => "the claim".to_owned(),
            Typed::Sets => "the sets".to_owned(),
            Typed::Parameters => "the parameters".to_owned(),
            Typed::Texts(_) => "a list of texts".to_owned(),
        }
    }

    /// As an element of a list, and what the list is then of; itself where no list has such elements.
    pub(super) fn into_element(self) -> Result<(Element, Of), Typed> {
        Ok(match self {
            Typed::Number(number, measure) => (Element::Number(number), Of::Numbers(measure)),
            Typed::Date(day) => (Element::Date(day), Of::Dates),
            Typed::Code(code, kind) => (Element::Code(code), Of::Codes(kind)),
            Typed::Line(line) => (Element::Line(line), Of::Lines),
            other => return Err(other),
        })
    }
}

impl Of {
    pub(super) fn name(self) -> &'static str {
        match self {
            Of::Lines => "lines",
            Of::Codes(_) => "codes",
            Of::Numbers(_) => "numbers",
            Of::Dates => "dates",
        }
    }

    /// An element of such a list, in its slot.
    pub(crate) fn element(self, slot: u8) -> Typed {
        match self {
            Of::Lines => Typed::Line(LineRef::Slot(slot)),
            Of::Codes(kind) => Typed::Code(CodeOp::Slot(slot), kind),
            Of::Numbers(measure) => Typed::Number(Number::Slot(slot), measure),
            Of::Dates => Typed::Date(Day::Slot(slot)),
        }
    }
}
