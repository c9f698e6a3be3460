//! Names and what stands after a dot: fields of lines and claims, sets, parameters, and the attributes of codes.

use super::{Checker, Of, Typed};
use crate::document::ParameterValue;
use crate::fields::{self, CodeKind, Leaf, Measure};
use crate::near::nearest;
use crate::ops::{Attributes, Bool, CodeOp, Day, Indicator, LineRef, List, Number, TextOp};
use crate::source::Span;
use claims::Field;
use codeset::{AttributeId, SystemId};
use edits::Unit;

/// What names mean that no element of a list may have.
pub(super) const RESERVED: [&str; 5] = ["line", "lines", "claim", "sets", "params"];

/// The attributes that a code of any system has.
const ATTRIBUTES: &[&str] = &["valid", "status", "age_low", "age_high"];

/// What the fee schedule and the HCPCS file say of procedures.
const INDICATORS: &[(&str, Indicator)] = &[
    ("fee_status", Indicator::FeeStatus),
    ("pc_tc", Indicator::PcTc),
    ("global_days", Indicator::GlobalDays),
    ("multiple", Indicator::Multiple),
    ("bilateral", Indicator::Bilateral),
    ("assistant", Indicator::Assistant),
    ("co_surgeons", Indicator::CoSurgeons),
    ("team", Indicator::Team),
    ("coverage", Indicator::Coverage),
];

/// Lists of procedures.
const LISTS: &[(&str, AttributeId)] = &[("unlisted", AttributeId::Unlisted), ("lab_test", AttributeId::LabTest)];

impl Checker<'_, '_> {
    pub(super) fn name(&mut self, name: &str, span: &Span) -> Option<Typed> {
        if let Some((_, typed)) = self.variables.iter().rev().find(|(own, _)| own == name) {
            return Some(typed.clone());
        }
        match name {
            "line" if self.unit == Unit::Line => Some(Typed::Line(LineRef::Judged)),
            "line" => {
                self.problems.error_with_help(
                    span,
                    "there is no `line` in an edit that is judged once a claim",
                    "no line here",
                    "ask for lines.exists(l, …), or set unit = \"line\"",
                );
                None
            }
            "claim" => Some(Typed::Claim),
            "lines" => Some(Typed::List(List::Lines, Of::Lines)),
            "sets" => Some(Typed::Sets),
            "params" => Some(Typed::Parameters),
            _ => {
                let own: Vec<String> = self.variables.iter().map(|(name, _)| name.clone()).collect();
                let near = nearest(name, RESERVED.into_iter().chain(own.iter().map(String::as_str)));
                let help = match near {
                    Some(near) => format!("did you mean `{near}`?"),
                    None => "there are claim, line, lines, sets, params, and the variables of exists and the like"
                        .to_owned(),
                };
                self.problems.error_with_help(span, format!("nothing is called `{name}`"), "not known", help);
                None
            }
        }
    }

    pub(super) fn field(&mut self, of: Typed, name: &str, span: &Span) -> Option<Typed> {
        match of {
            Typed::Line(line) => match fields::of_line(name, line) {
                Some(leaf) => Some(self.leaf(leaf)),
                None => self.no_field(name, "a line", fields::names(true), span),
            },
            Typed::Claim => match fields::of_claim(name) {
                Some(leaf) => Some(self.leaf(leaf)),
                None if name == "lines" => Some(Typed::List(List::Lines, Of::Lines)),
                None => self.no_field(name, "a claim", fields::names(false), span),
            },
            Typed::Sets => match self.scope.sets.find(name) {
                Some((set, system)) => {
                    self.scope.used.push(format!("sets.{name}"));
                    Some(Typed::Set(set, system))
                }
                None if self.scope.sets.is_broken(name) || self.scope.torn => None,
                None => {
                    let names = self.scope.sets.names();
                    self.no_field(name, "the policy", names, span)
                }
            },
            Typed::Parameters => match self.scope.parameters.get(name) {
                Some(value) => {
                    let typed = match value {
                        ParameterValue::Bool(value) => Typed::Bool(Bool::Const(*value)),
                        ParameterValue::Number(value) => Typed::Number(Number::Const(*value), Measure::Plain),
                        ParameterValue::Text(text) => Typed::Text(TextOp::Const(text.as_str().into())),
                        ParameterValue::Date(day) => Typed::Date(Day::Const(*day)),
                    };
                    self.scope.used.push(format!("params.{name}"));
                    Some(typed)
                }
                None if self.scope.torn => None,
                None => {
                    let names = self.scope.parameters.keys().cloned().collect();
                    self.no_field(name, "[parameters]", names, span)
                }
            },
            Typed::Attributes(attributes) => self.attribute(attributes, name, span),
            other => self.wrong(span, format!("{} has no fields", other.name()), "no such field"),
        }
    }

    fn no_field(&mut self, name: &str, of: &str, known: Vec<String>, span: &Span) -> Option<Typed> {
        let help = match nearest(name, known.iter().map(String::as_str)) {
            Some(near) => format!("did you mean `{near}`?"),
            None if known.is_empty() => "there is none".to_owned(),
            None => format!("there are {}", known.join(", ")),
        };
        self.problems.error_with_help(span, format!("{of} has no `{name}`"), "not known", help);
        None
    }

    fn leaf(&mut self, (leaf, field): (Leaf, Field)) -> Typed {
        self.first_field.get_or_insert(field);
        match leaf {
            Leaf::Number(number, measure) => Typed::Number(number, measure),
            Leaf::Date(day) => Typed::Date(day),
            Leaf::Code(code, kind) => Typed::Code(code, kind),
            Leaf::Text(text) => Typed::Text(text),
            Leaf::Codes(list, kind) => Typed::List(list, Of::Codes(kind)),
        }
    }

    fn attribute(&mut self, attributes: Attributes, name: &str, span: &Span) -> Option<Typed> {
        let flags = attributes.system.flag_names();
        if let Some(&(_, bits)) = flags.iter().find(|(own, _)| *own == name) {
            return Some(Typed::Bool(Bool::Flag(attributes, bits)));
        }
        if attributes.system == SystemId::Procedure {
            if let Some(&(_, indicator)) = INDICATORS.iter().find(|(own, _)| *own == name) {
                return Some(Typed::Code(CodeOp::Indicator(attributes, indicator), CodeKind::Status));
            }
            if let Some(&(_, table)) = LISTS.iter().find(|(own, _)| *own == name) {
                return Some(Typed::Bool(Bool::Listed(attributes, table)));
            }
        }
        Some(match name {
            "valid" => Typed::Bool(Bool::Valid(attributes)),
            "status" => Typed::Code(CodeOp::Status(attributes), CodeKind::Status),
            "age_low" => Typed::Number(Number::AgeLow(attributes), Measure::Plain),
            "age_high" => Typed::Number(Number::AgeHigh(attributes), Measure::Plain),
            "add_on_type" if attributes.system == SystemId::Procedure => {
                Typed::Number(Number::AddOnType(attributes), Measure::Plain)
            }
            _ => {
                let mut known: Vec<String> = ATTRIBUTES.iter().map(|&own| own.to_owned()).collect();
                if attributes.system == SystemId::Procedure {
                    known.push("add_on_type".to_owned());
                    known.extend(INDICATORS.iter().map(|(own, _)| (*own).to_owned()));
                    known.extend(LISTS.iter().map(|(own, _)| (*own).to_owned()));
                }
                known.extend(flags.iter().map(|(own, _)| (*own).to_owned()));
                return self.no_field(name, &CodeKind::Of(attributes.system).to_string(), known, span);
            }
        })
    }
}
