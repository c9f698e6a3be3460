//! Types and codes of a condition, checked, and the condition compiled to operations.

mod fold;
mod functions;
mod lists;
mod literal;
mod membership;
mod names;
mod operators;
mod typed;

use crate::cel::{Kind, Node};
use crate::document::ParameterValue;
use crate::fields::Measure;
use crate::ops::{Bool, Day, Number, Probe, TextOp};
use crate::sets::Sets;
use crate::source::{Problems, Span};
use claims::Field;
use codes::Date;
use codeset::Codeset;
use edits::Unit;
use std::collections::BTreeMap;
pub(crate) use typed::{Of, Typed};

/// What conditions of a policy can refer to.
pub(crate) struct Scope<'s> {
    pub(crate) codeset: &'s Codeset,
    pub(crate) sets: &'s mut Sets,
    pub(crate) parameters: &'s BTreeMap<String, ParameterValue>,
    /// Parameters and sets that some condition uses, as it writes them: `params.name`, `sets.name`.
    pub(crate) used: &'s mut Vec<String>,
    /// Whether a set or parameter that is not there may stand in what cannot be read.
    pub(crate) torn: bool,
}

/// Checks the conditions of one edit, telling all that is wrong with them.
pub(crate) struct Checker<'c, 's> {
    scope: &'c mut Scope<'s>,
    problems: &'c mut Problems,
    unit: Unit,
    variables: Vec<(String, Typed)>,
    /// How many lists that grow with the claim are being walked.
    walks: usize,
    /// The first field that the condition reads: where a finding points.
    pub(crate) first_field: Option<Field>,
}

impl<'c, 's> Checker<'c, 's> {
    pub(crate) fn new(scope: &'c mut Scope<'s>, problems: &'c mut Problems, unit: Unit) -> Checker<'c, 's> {
        Checker { scope, problems, unit, variables: Vec::new(), walks: 0, first_field: None }
    }

    /// Within lists whose elements have these names.
    pub(crate) fn within(mut self, variables: &[(String, Typed)]) -> Self {
        self.variables = variables.to_vec();
        self
    }

    /// A condition: what comes out must be true or false. `None` when something is wrong, which is told.
    pub(crate) fn condition(&mut self, node: &Node) -> Option<Bool> {
        match self.typed(node)? {
            Typed::Bool(condition) => Some(condition),
            other => {
                let message = format!("a condition is true or false, this is {}", other.name());
                self.problems.error(&node.span, message, "not true or false");
                None
            }
        }
    }

    #[track_caller]
    fn wrong<T>(&mut self, span: &Span, message: impl Into<String>, label: impl Into<String>) -> Option<T> {
        self.problems.error(span, message, label);
        None
    }

    /// A part of a condition with its type. `None` when something is wrong, which is told.
    pub(crate) fn typed(&mut self, node: &Node) -> Option<Typed> {
        match &node.kind {
            Kind::Bool(value) => Some(Typed::Bool(Bool::Const(*value))),
            Kind::Number(value) => Some(Typed::Number(Number::Const(*value), Measure::Plain)),
            Kind::Text(text) => Some(Typed::Text(TextOp::Const(text.as_str().into()))),
            Kind::Name(name) => self.name(name, &node.span),
            Kind::Field(of, name) => {
                let of_typed = self.typed(of)?;
                self.field(of_typed, name, &node.span)
            }
            Kind::Has(of, name) => {
                let of_typed = self.typed(of)?;
                let value = self.field(of_typed, name, &node.span)?;
                let probe = match value {
                    Typed::Number(number, _) => Probe::Number(number),
                    Typed::Date(day) => Probe::Date(day),
                    Typed::Code(code, _) => Probe::Code(code),
                    Typed::Text(text) => Probe::Text(text),
                    Typed::List(list, _) => Probe::List(list),
                    other => {
                        let message = format!("has(…) asks for a field, this is {}", other.name());
                        return self.wrong(&node.span, message, "not a field");
                    }
                };
                Some(Typed::Bool(Bool::Given(Box::new(probe))))
            }
            Kind::Not(part) => {
                let part = self.bool(part, "!")?;
                Some(Typed::Bool(fold::not(part)))
            }
            Kind::Negative(part) => match self.typed(part)? {
                Typed::Number(Number::Const(value), measure) => {
                    Some(Typed::Number(Number::Const(value.saturating_neg()), measure))
                }
                Typed::Number(number, measure) => {
                    let number = Number::Subtract(Box::new([Number::Const(0), number]));
                    Some(Typed::Number(number, measure))
                }
                other => self.wrong(&node.span, format!("- is for numbers, this is {}", other.name()), ""),
            },
            Kind::Binary(operator, nodes) => self.binary(*operator, nodes, node),
            Kind::If(nodes) => self.choice(nodes, node),
            Kind::Call { name, target, arguments } => self.call(name, target.as_deref(), arguments, node),
            Kind::List(nodes) => self.list(nodes, node),
            Kind::Each { how, list, variable, filter, value } => {
                self.each(*how, list, variable, filter.as_deref(), value, node)
            }
            Kind::Wrong => None,
        }
    }

    fn bool(&mut self, node: &Node, sign: &str) -> Option<Bool> {
        match self.typed(node)? {
            Typed::Bool(value) => Some(value),
            other => {
                let message = format!("{sign} is for true or false, this is {}", other.name());
                self.wrong(&node.span, message, "not true or false")
            }
        }
    }

    /// A date, or a text that is one.
    fn day(&mut self, typed: Typed, node: &Node) -> Option<Day> {
        match typed {
            Typed::Date(day) => Some(day),
            Typed::Text(TextOp::Const(text)) => match Date::parse(text.as_bytes()) {
                Some(day) => Some(Day::Const(day)),
                None => self.wrong(&node.span, format!("{text:?} is no date"), "write it as \"2026-01-31\""),
            },
            other => self.wrong(&node.span, format!("a date is needed, this is {}", other.name()), "not a date"),
        }
    }

    fn number(&mut self, node: &Node) -> Option<Number> {
        match self.typed(node)? {
            Typed::Number(number, _) => Some(number),
            other => self.wrong(&node.span, format!("a number is needed, this is {}", other.name()), "not a number"),
        }
    }

    /// A date, or a text that is one, as which a part of a condition is asked for.
    fn date(&mut self, node: &Node) -> Option<Day> {
        let typed = self.typed(node)?;
        self.day(typed, node)
    }
}
