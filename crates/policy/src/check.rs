//! Types and codes of a condition, checked, and the condition compiled to operations.

use crate::cel::{Each, Kind, Node, Operator};
use crate::document::ParameterValue;
use crate::fields::{self, CodeKind, Leaf, Measure};
use crate::near::nearest;
use crate::ops::{
    Attributes, Bool, CodeOp, Compare, Day, Element, Indicator, LineRef, List, Number, Probe, SLOTS, TextOp, TextTest,
};
use crate::ranges::Ranges;
use crate::sets::Sets;
use crate::source::{Problems, Span};
use claims::Field;
use codes::{ClaimType, Code, Date, Modifier, Npi, Sex};
use codeset::{AttributeId, Codeset, SystemId};
use edits::Unit;
use std::collections::BTreeMap;

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

pub(crate) struct Checker<'c, 's> {
    pub(crate) scope: &'c mut Scope<'s>,
    pub(crate) problems: &'c mut Problems,
    pub(crate) unit: Unit,
    variables: Vec<(String, Typed)>,
    deepest: u8,
    /// The first field that the condition reads: where a finding points.
    pub(crate) first_field: Option<Field>,
}

impl Typed {
    fn name(&self) -> String {
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
}

impl Of {
    fn name(self) -> &'static str {
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

/// The functions, for the help of who misspelt one.
const FUNCTIONS: &[&str] = &[
    "has",
    "size",
    "sum",
    "min",
    "max",
    "date",
    "add_days",
    "add_months",
    "days_between",
    "year",
    "month",
    "day",
    "age_on",
    "code",
    "overlaps",
    "prefix",
    "startsWith",
    "endsWith",
    "contains",
    "exists",
    "exists_one",
    "all",
    "filter",
    "map",
];

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

impl<'c, 's> Checker<'c, 's> {
    pub(crate) fn new(scope: &'c mut Scope<'s>, problems: &'c mut Problems, unit: Unit) -> Checker<'c, 's> {
        Checker { scope, problems, unit, variables: Vec::new(), deepest: 0, first_field: None }
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
                Some(Typed::Bool(not(part)))
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

    fn name(&mut self, name: &str, span: &Span) -> Option<Typed> {
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
                let known = ["line", "lines", "claim", "sets", "params"].into_iter();
                let near = nearest(name, known.chain(own.iter().map(String::as_str)));
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

    fn field(&mut self, of: Typed, name: &str, span: &Span) -> Option<Typed> {
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

    fn binary(&mut self, operator: Operator, nodes: &[Node; 2], node: &Node) -> Option<Typed> {
        let [left, right] = nodes;
        match operator {
            Operator::And | Operator::Or => {
                // Both, so that all that is wrong is told at once.
                let (a, b) = (self.bool(left, operator.sign()), self.bool(right, operator.sign()));
                Some(Typed::Bool(joined(operator == Operator::And, a?, b?)))
            }
            Operator::In => {
                let (a, b) = (self.typed(left), self.typed(right));
                self.is_in(a?, b?, left, right).map(Typed::Bool)
            }
            Operator::Equal | Operator::NotEqual => {
                let (a, b) = (self.typed(left), self.typed(right));
                let same = self.same(a?, b?, left, right, node)?;
                Some(Typed::Bool(if operator == Operator::Equal { same } else { not(same) }))
            }
            Operator::Less | Operator::LessEqual | Operator::Greater | Operator::GreaterEqual => {
                let (a, b) = (self.typed(left), self.typed(right));
                self.ordered(operator, (a?, left), (b?, right), node).map(Typed::Bool)
            }
            Operator::Add | Operator::Subtract | Operator::Multiply | Operator::Divide => {
                let (a, b) = (self.typed(left), self.typed(right));
                self.arithmetic(operator, a?, b?, node)
            }
        }
    }

    fn arithmetic(&mut self, operator: Operator, a: Typed, b: Typed, node: &Node) -> Option<Typed> {
        let sign = operator.sign();
        let (Typed::Number(a, of_a), Typed::Number(b, of_b)) = (&a, &b) else {
            let message = format!("{sign} is for numbers, not for {} and {}", a.name(), b.name());
            let help = "for dates there are add_days, add_months and days_between";
            self.problems.error_with_help(&node.span, message, "not numbers", help);
            return None;
        };
        use Measure::{Money, Plain, Units};
        let measure = match (operator, of_a, of_b) {
            (Operator::Add | Operator::Subtract, a, b) if a == b => *a,
            (Operator::Add | Operator::Subtract, own, Plain) | (Operator::Add | Operator::Subtract, Plain, own) => *own,
            (Operator::Multiply, Money, Plain | Units) | (Operator::Multiply, Plain | Units, Money) => Money,
            (Operator::Multiply, Units, Plain) | (Operator::Multiply, Plain, Units) => Units,
            (Operator::Multiply, Plain, Plain) => Plain,
            (Operator::Divide, Money, Plain | Units) => Money,
            (Operator::Divide, Units, Plain) => Units,
            (Operator::Divide, a, b) if a == b => Plain,
            _ => {
                let name = |measure: &Measure| match measure {
                    Plain => "a number",
                    Units => "units",
                    Money => "money",
                };
                let message = format!("{} {sign} {} means nothing", name(of_a), name(of_b));
                return self.wrong(&node.span, message, "different measures");
            }
        };
        let parts = Box::new([a.clone(), b.clone()]);
        let number = match operator {
            Operator::Add => Number::Add(parts),
            Operator::Subtract => Number::Subtract(parts),
            Operator::Multiply => Number::Multiply(parts),
            _ => Number::Divide(parts),
        };
        Some(Typed::Number(fold(number), measure))
    }

    fn ordered(
        &mut self,
        operator: Operator,
        (a, left): (Typed, &Node),
        (b, right): (Typed, &Node),
        node: &Node,
    ) -> Option<Bool> {
        let swapped = matches!(operator, Operator::Greater | Operator::GreaterEqual);
        let compare = match operator {
            Operator::Less | Operator::Greater => Compare::Less,
            _ => Compare::LessEqual,
        };
        match (a, b) {
            (Typed::Number(a, of_a), Typed::Number(b, of_b)) => {
                self.comparable(of_a, of_b, node)?;
                let parts = Box::new(if swapped { [b, a] } else { [a, b] });
                Some(folded(Bool::Numbers(compare, parts)))
            }
            (Typed::Date(a), b @ (Typed::Date(_) | Typed::Text(_))) => {
                let b = self.day(b, right)?;
                Some(folded(Bool::Dates(compare, Box::new(if swapped { [b, a] } else { [a, b] }))))
            }
            (a @ Typed::Text(_), Typed::Date(b)) => {
                let a = self.day(a, left)?;
                Some(folded(Bool::Dates(compare, Box::new(if swapped { [b, a] } else { [a, b] }))))
            }
            (a, b) => {
                let sign = operator.sign();
                let message = format!("{} {sign} {} means nothing", a.name(), b.name());
                let help = "numbers and dates have an order; codes are in sets, as in line.procedure in sets.name";
                self.problems.error_with_help(&node.span, message, "no order", help);
                None
            }
        }
    }

    fn comparable(&mut self, a: Measure, b: Measure, node: &Node) -> Option<()> {
        if a == b || a == Measure::Plain || b == Measure::Plain {
            return Some(());
        }
        self.wrong(&node.span, "units are compared with money", "different measures")
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

    fn same(&mut self, a: Typed, b: Typed, left: &Node, right: &Node, node: &Node) -> Option<Bool> {
        Some(match (a, b) {
            (Typed::Number(a, of_a), Typed::Number(b, of_b)) => {
                self.comparable(of_a, of_b, node)?;
                folded(Bool::Numbers(Compare::Equal, Box::new([a, b])))
            }
            (Typed::Date(a), b @ (Typed::Date(_) | Typed::Text(_))) => {
                let b = self.day(b, right)?;
                folded(Bool::Dates(Compare::Equal, Box::new([a, b])))
            }
            (a @ Typed::Text(_), Typed::Date(b)) => {
                let a = self.day(a, left)?;
                folded(Bool::Dates(Compare::Equal, Box::new([a, b])))
            }
            (Typed::Code(a, of_a), Typed::Code(b, of_b)) => {
                if of_a != of_b {
                    return self.wrong(&node.span, format!("{of_a} is never {of_b}"), "different kinds of code");
                }
                Bool::SameCode(Box::new([a, b]))
            }
            (Typed::Code(code, kind), Typed::Text(TextOp::Const(text))) => {
                self.code_is(code, kind, &text, &right.span)?
            }
            (Typed::Text(TextOp::Const(text)), Typed::Code(code, kind)) => {
                self.code_is(code, kind, &text, &left.span)?
            }
            (Typed::Text(TextOp::Const(a)), Typed::Text(TextOp::Const(b))) => Bool::Const(a == b),
            (Typed::Text(a), Typed::Text(b)) => Bool::SameText(Box::new([a, b])),
            (Typed::Bool(a), Typed::Bool(b)) => Bool::Same(Box::new([a, b])),
            (Typed::Line(a), Typed::Line(b)) => {
                let numbers = [Number::LineOrdinal(a), Number::LineOrdinal(b)];
                Bool::Numbers(Compare::Equal, Box::new(numbers))
            }
            (a, b) => {
                let message = format!("{} is compared with {}", a.name(), b.name());
                let help = match (&a, &b) {
                    (Typed::List(..), Typed::Text(_) | Typed::Code(..)) => {
                        "whether it is in the list is asked by `in`, as in \"25\" in line.modifiers"
                    }
                    (Typed::Code(..), Typed::Set(..)) => {
                        "whether it is in the set is asked by `in`, as in line.procedure in sets.name"
                    }
                    _ => "what is on both sides must be of the same kind",
                };
                self.problems.error_with_help(&node.span, message, "never equal", help);
                return None;
            }
        })
    }

    /// The bits of a code that is written as text, if it is one of this kind.
    fn code_of(&mut self, kind: CodeKind, text: &str, span: &Span) -> Option<u64> {
        let plain = |code: Code| Some(code.to_bits()).filter(|_| !code.is_absent());
        let bits = match kind {
            CodeKind::Of(SystemId::Diagnosis) => Code::parse_diagnosis(text.as_bytes()).and_then(plain),
            CodeKind::Of(SystemId::Modifier) => Modifier::parse(text.as_bytes()).map(Modifier::code).and_then(plain),
            CodeKind::Of(SystemId::Revenue) if text.len() == 3 => {
                Code::parse(format!("0{text}").as_bytes()).and_then(plain)
            }
            CodeKind::Of(_) | CodeKind::Status => Code::parse(text.as_bytes()).and_then(plain),
            CodeKind::ClaimType => {
                ClaimType::parse(text.as_bytes()).and_then(|own| Code::parse(own.letter().as_bytes())).and_then(plain)
            }
            CodeKind::Sex => {
                let one = Sex::parse(text.as_bytes()).filter(|_| text.len() == 1);
                one.and_then(|_| Code::parse(text.as_bytes())).and_then(plain)
            }
            CodeKind::State => Code::parse(text.as_bytes()).filter(|code| code.len() == 2).and_then(plain),
            CodeKind::BillType => codes::BillType::parse(text.as_bytes()).and_then(|bill| plain(bill.code())),
            CodeKind::PatientStatus | CodeKind::Condition => {
                Code::parse(text.as_bytes()).filter(|code| code.len() == 2).and_then(plain)
            }
            CodeKind::Npi => Npi::parse(text.as_bytes()).map(Npi::number),
            CodeKind::Beginning(id, _) => {
                let undotted = text.replacen('.', "", usize::from(id == SystemId::Diagnosis));
                Code::parse(undotted.as_bytes()).and_then(plain)
            }
        };
        if bits.is_none() {
            let label = match kind {
                CodeKind::ClaimType => "\"P\", \"I\" or \"D\"",
                CodeKind::Sex => "\"F\", \"M\" or \"U\"",
                CodeKind::State | CodeKind::PatientStatus | CodeKind::Condition => "two characters",
                CodeKind::BillType => "as \"131\"",
                CodeKind::Npi => "ten digits with the right check digit",
                CodeKind::Of(_) | CodeKind::Status | CodeKind::Beginning(..) => "not a code of this kind",
            };
            self.problems.error(span, format!("{text:?} is not {kind}"), label);
        }
        bits
    }

    fn code_is(&mut self, code: CodeOp, kind: CodeKind, text: &str, span: &Span) -> Option<Bool> {
        let bits = self.code_of(kind, text, span)?;
        self.code_among(code, kind, &[(bits, span.clone())])
    }

    /// Whether a code is one of these: by ordinals where the system is loaded, so that indexes can use it.
    fn code_among(&mut self, code: CodeOp, kind: CodeKind, all: &[(u64, Span)]) -> Option<Bool> {
        if let CodeKind::Beginning(id, length) = kind {
            return self.beginning_among(code, (id, length), all);
        }
        let CodeKind::Of(id) = kind else { return Some(of_bits(code, all)) };
        let Some(system) = self.scope.codeset.system(id) else { return Some(of_bits(code, all)) };
        let mut ranges = Vec::with_capacity(all.len());
        for (bits, span) in all {
            let own = Code::from_bits(*bits);
            match system.ordinal(own).filter(|&ordinal| !system.rows(ordinal).is_empty()) {
                Some(ordinal) => ranges.push(ordinal.0..ordinal.0 + 1),
                None => crate::sets::unknown(self.problems, span, system, own),
            }
        }
        if ranges.len() < all.len() {
            return None;
        }
        Some(Bool::InSet(code, self.scope.sets.intern(id, Ranges::of(ranges))))
    }

    /// Whether the first characters of a code are some of these: as long as they, and of some code of the system.
    fn beginning_among(&mut self, code: CodeOp, (id, length): (SystemId, u8), all: &[(u64, Span)]) -> Option<Bool> {
        let before = self.problems.errors();
        for (bits, span) in all {
            let own = Code::from_bits(*bits);
            if own.len() != usize::from(length) {
                let message = format!("{own} has {} characters, what it is compared with {length}", own.len());
                self.problems.error(span, message, "never equal");
            } else if self.scope.codeset.system(id).is_some_and(|system| system.prefix(own).is_empty()) {
                let message = format!("no code of the system {} begins with {own}", id.name());
                self.problems.error(span, message, "never equal");
            }
        }
        (self.problems.errors() == before).then(|| of_bits(code, all))
    }

    fn is_in(&mut self, a: Typed, b: Typed, left: &Node, right: &Node) -> Option<Bool> {
        match (a, b) {
            (Typed::Code(code, kind), Typed::Set(set, system)) => {
                if kind != CodeKind::Of(system) {
                    let message = format!("{kind} is never in a set of the system {}", system.name());
                    let help = match kind {
                        CodeKind::Beginning(..) => {
                            "ask for the code itself: a set can hold all codes with a beginning, as \"E11.*\""
                        }
                        _ => "a set has codes of one system, of which the code must be",
                    };
                    self.problems.error_with_help(&left.span, message, "a code of another kind", help);
                    return None;
                }
                Some(Bool::InSet(code, set))
            }
            (Typed::Code(code, kind), Typed::Texts(texts)) => {
                let mut all = Vec::with_capacity(texts.len());
                let mut failed = false;
                for (text, span) in &texts {
                    match self.code_of(kind, text, span) {
                        Some(bits) => all.push((bits, span.clone())),
                        None => failed = true,
                    }
                }
                let among = self.code_among(code, kind, &all);
                if failed { None } else { among }
            }
            (Typed::Text(text), Typed::Texts(texts)) => {
                let any = texts
                    .into_iter()
                    .map(|(own, _)| Bool::SameText(Box::new([text.clone(), TextOp::Const(own.into())])));
                Some(Bool::Or(any.collect()))
            }
            (Typed::Date(day), Typed::Texts(texts)) => {
                let mut any = Vec::with_capacity(texts.len());
                for (text, span) in texts {
                    let Some(own) = Date::parse(text.as_bytes()) else {
                        return self.wrong(&span, format!("{text:?} is no date"), "write it as \"2026-01-31\"");
                    };
                    any.push(Bool::Dates(Compare::Equal, Box::new([day.clone(), Day::Const(own)])));
                }
                Some(Bool::Or(any))
            }
            (Typed::Text(TextOp::Const(text)), Typed::List(list, Of::Codes(kind))) => {
                let (slot, element) = self.slot(left)?;
                let test = self.code_is(CodeOp::Slot(element), kind, &text, &left.span)?;
                self.variables.pop();
                Some(Bool::Exists(Box::new(list), slot, Box::new(test)))
            }
            (Typed::Code(code, kind), Typed::List(list, Of::Codes(of))) => {
                if kind != of {
                    return self.wrong(&left.span, format!("{kind} is never {of}"), "different kinds of code");
                }
                let (slot, element) = self.slot(left)?;
                self.variables.pop();
                let test = Bool::SameCode(Box::new([CodeOp::Slot(element), code]));
                Some(Bool::Exists(Box::new(list), slot, Box::new(test)))
            }
            (Typed::Number(number, _), Typed::List(list, Of::Numbers(_))) => {
                let (slot, element) = self.slot(left)?;
                self.variables.pop();
                let test = Bool::Numbers(Compare::Equal, Box::new([Number::Slot(element), number]));
                Some(Bool::Exists(Box::new(list), slot, Box::new(test)))
            }
            (Typed::Date(day), Typed::List(list, Of::Dates)) => {
                let (slot, element) = self.slot(left)?;
                self.variables.pop();
                let test = Bool::Dates(Compare::Equal, Box::new([Day::Slot(element), day]));
                Some(Bool::Exists(Box::new(list), slot, Box::new(test)))
            }
            (Typed::List(_, Of::Codes(_)), Typed::Set(..)) => {
                let help = "overlaps(line.diagnoses, sets.name) asks whether one of them is in the set";
                self.problems.error_with_help(&left.span, "a list is not in a set", "a list", help);
                None
            }
            (a, b) => {
                let message = format!("{} cannot be in {}", a.name(), b.name());
                self.wrong(&right.span, message, "not a set or list for it")
            }
        }
    }

    /// A slot for an element of a list; the caller pops it off `variables` when done. What is compared with the
    /// element may have used the same slot, so the element is always read first.
    fn slot(&mut self, node: &Node) -> Option<(u8, u8)> {
        let slot = self.variables.len();
        if slot >= SLOTS {
            let message = format!("lists within lists are nested deeper than {SLOTS}");
            return self.wrong(&node.span, message, "too deep");
        }
        self.variables.push((String::new(), Typed::Claim));
        self.deepest = self.deepest.max(slot as u8);
        Some((slot as u8, slot as u8))
    }

    fn choice(&mut self, nodes: &[Node; 3], node: &Node) -> Option<Typed> {
        let [test, yes, no] = nodes;
        let test = self.bool(test, "? :");
        let (yes_typed, no_typed) = (self.typed(yes), self.typed(no));
        let (test, yes, no) = (test?, yes_typed?, no_typed?);
        let test = Box::new(test);
        Some(match (yes, no) {
            (Typed::Bool(yes), Typed::Bool(no)) => Typed::Bool(Bool::If(Box::new([*test, yes, no]))),
            (Typed::Number(yes, a), Typed::Number(no, b)) => {
                self.comparable(a, b, node)?;
                let measure = if a == Measure::Plain { b } else { a };
                Typed::Number(Number::If(test, Box::new([yes, no])), measure)
            }
            (Typed::Date(yes), Typed::Date(no)) => Typed::Date(Day::If(test, Box::new([yes, no]))),
            (Typed::Text(yes), Typed::Text(no)) => Typed::Text(TextOp::If(test, Box::new([yes, no]))),
            (Typed::Code(yes, a), Typed::Code(no, b)) if a == b => {
                Typed::Code(CodeOp::If(test, Box::new([yes, no])), a)
            }
            (yes, no) => {
                let message = format!("the two sides of ? : are {} and {}", yes.name(), no.name());
                return self.wrong(&node.span, message, "of different kinds");
            }
        })
    }

    fn list(&mut self, nodes: &[Node], node: &Node) -> Option<Typed> {
        let mut texts = Vec::new();
        let mut elements = Vec::new();
        let mut of = None;
        let mut failed = false;
        for part in nodes {
            let (element, own) = match self.typed(part) {
                Some(Typed::Text(TextOp::Const(text))) => {
                    texts.push((text.to_string(), part.span.clone()));
                    continue;
                }
                Some(Typed::Number(number, measure)) => (Element::Number(number), Of::Numbers(measure)),
                Some(Typed::Date(day)) => (Element::Date(day), Of::Dates),
                Some(Typed::Code(code, kind)) => (Element::Code(code), Of::Codes(kind)),
                Some(Typed::Line(line)) => (Element::Line(line), Of::Lines),
                Some(other) => {
                    let message = format!("{} cannot be in a list", other.name());
                    self.problems.error(&part.span, message, "not an element");
                    failed = true;
                    continue;
                }
                None => {
                    failed = true;
                    continue;
                }
            };
            let of = of.get_or_insert(own);
            if let (Of::Numbers(before), Of::Numbers(measure)) = (&mut *of, own)
                && (*before == Measure::Plain || measure == Measure::Plain)
            {
                *before = if measure == Measure::Plain { *before } else { measure };
            } else if *of != own {
                self.problems.error(&part.span, "the list mixes kinds", format!("not {}", own.name()));
                failed = true;
            }
            elements.push(element);
        }
        match (texts.is_empty(), of) {
            _ if failed => None,
            (true, Some(of)) => Some(Typed::List(List::Items(elements), of)),
            (false, None) => Some(Typed::Texts(texts)),
            (true, None) => self.wrong(&node.span, "the list is empty", "nothing is in it"),
            (false, Some(_)) => self.wrong(&node.span, "the list mixes texts with other kinds", "of one kind only"),
        }
    }

    fn each(
        &mut self,
        how: Each,
        list: &Node,
        variable: &str,
        filter: Option<&Node>,
        value: &Node,
        node: &Node,
    ) -> Option<Typed> {
        let (list, of) = match self.typed(list)? {
            Typed::List(list, of) => (list, of),
            Typed::Set(..) => {
                let help = "ask whether a code is in it: line.procedure in sets.name";
                self.problems.error_with_help(&list.span, "a set is not walked", "a set of codes", help);
                return None;
            }
            other => {
                let message = format!("this is for lists, not for {}", other.name());
                return self.wrong(&list.span, message, "not a list");
            }
        };
        if ["line", "lines", "claim", "sets", "params"].contains(&variable) {
            let message = format!("`{variable}` already means something");
            return self.wrong(&node.span, message, "take another name for the element");
        }
        let slot = self.variables.len();
        if slot >= SLOTS {
            let message = format!("lists within lists are nested deeper than {SLOTS}");
            return self.wrong(&node.span, message, "too deep");
        }
        let slot = slot as u8;
        self.variables.push((variable.to_owned(), of.element(slot)));
        let filter = match filter {
            Some(filter) => self.bool(filter, "map").map(Some),
            None => Some(None),
        };
        let value_typed = self.typed(value);
        self.variables.pop();
        let (filter, value_typed) = (filter?, value_typed?);
        if how == Each::Map {
            let list = match filter {
                Some(filter) => List::Filter(Box::new(list), slot, Box::new(filter)),
                None => list,
            };
            let (element, of) = match value_typed {
                Typed::Number(number, measure) => (Element::Number(number), Of::Numbers(measure)),
                Typed::Date(day) => (Element::Date(day), Of::Dates),
                Typed::Code(code, kind) => (Element::Code(code), Of::Codes(kind)),
                Typed::Line(line) => (Element::Line(line), Of::Lines),
                other => {
                    let message = format!("map gives numbers, dates, codes or lines, this is {}", other.name());
                    return self.wrong(&value.span, message, "not an element");
                }
            };
            return Some(Typed::List(List::Map(Box::new(list), slot, Box::new(element)), of));
        }
        let Typed::Bool(test) = value_typed else {
            let message = format!("what is asked of each element is true or false, this is {}", value_typed.name());
            return self.wrong(&value.span, message, "not true or false");
        };
        let (list, test) = (Box::new(list), Box::new(test));
        Some(match how {
            Each::Exists => Typed::Bool(Bool::Exists(list, slot, test)),
            Each::ExistsOne => Typed::Bool(Bool::ExistsOne(list, slot, test)),
            Each::All => Typed::Bool(Bool::All(list, slot, test)),
            Each::Filter | Each::Map => Typed::List(List::Filter(list, slot, test), of),
        })
    }

    fn call(&mut self, name: &str, target: Option<&Node>, arguments: &[Node], node: &Node) -> Option<Typed> {
        if matches!(name, "exists" | "exists_one" | "all" | "filter" | "map" | "has") {
            let how = if name == "has" { "has(line.pos)" } else { &format!("lines.{name}(l, l.units > 1)") };
            return self.wrong(&node.span, format!("{name} is not written so"), format!("as in {how}"));
        }
        // x.f(y) is f(x, y).
        let all: Vec<&Node> = target.into_iter().chain(arguments).collect();
        let boxed = |day: Day| Box::new(day);
        match (name, all.as_slice()) {
            ("size", [one]) => match self.typed(one)? {
                Typed::List(list, _) => Some(Typed::Number(Number::Size(Box::new(list)), Measure::Plain)),
                Typed::Text(text) => Some(Typed::Number(Number::Length(text), Measure::Plain)),
                other => self.wrong(&one.span, format!("{} has no size", other.name()), "not a list or text"),
            },
            ("sum", [one]) => match self.typed(one)? {
                Typed::List(list, Of::Numbers(measure)) => Some(Typed::Number(Number::Sum(Box::new(list)), measure)),
                other => {
                    let help = "as in sum(lines.map(l, l.units))";
                    let message = format!("sum is for lists of numbers, not for {}", other.name());
                    self.problems.error_with_help(&one.span, message, "not a list of numbers", help);
                    None
                }
            },
            ("min" | "max", [one]) => {
                let least = name == "min";
                match self.typed(one)? {
                    Typed::List(list, Of::Numbers(measure)) => {
                        let list = Box::new(list);
                        let number = if least { Number::Least(list) } else { Number::Most(list) };
                        Some(Typed::Number(number, measure))
                    }
                    Typed::List(list, Of::Dates) => {
                        let list = Box::new(list);
                        Some(Typed::Date(if least { Day::Least(list) } else { Day::Most(list) }))
                    }
                    other => {
                        let message = format!("{name} is for lists of numbers or dates, not for {}", other.name());
                        self.wrong(&one.span, message, "not a list of numbers or dates")
                    }
                }
            }
            ("date", [one]) => {
                let typed = self.typed(one)?;
                self.day(typed, one).map(Typed::Date)
            }
            ("add_days" | "add_months", [day, number]) => {
                let (typed, number) = (self.typed(day), self.number(number));
                let day = self.day(typed?, day)?;
                let (day, number) = (boxed(day), Box::new(number?));
                Some(Typed::Date(if name == "add_days" {
                    Day::AddDays(day, number)
                } else {
                    Day::AddMonths(day, number)
                }))
            }
            ("days_between", [from, to]) => {
                let (a, b) = (self.typed(from), self.typed(to));
                let (a, b) = (self.day(a?, from), self.day(b?, to));
                Some(Typed::Number(Number::DaysBetween(Box::new([a?, b?])), Measure::Plain))
            }
            ("year" | "month" | "day", [one]) => {
                let typed = self.typed(one)?;
                let day = boxed(self.day(typed, one)?);
                let number = match name {
                    "year" => Number::Year(day),
                    "month" => Number::Month(day),
                    _ => Number::DayOfMonth(day),
                };
                Some(Typed::Number(number, Measure::Plain))
            }
            ("age_on", [one]) => {
                let typed = self.typed(one)?;
                let day = self.day(typed, one)?;
                self.first_field.get_or_insert(Field::BirthDate);
                Some(Typed::Number(Number::AgeOn(boxed(day)), Measure::Plain))
            }
            ("code", [code]) => self.attributes(code, None),
            ("code", [code, on]) => {
                let typed = self.typed(on)?;
                let on = self.day(typed, on)?;
                self.attributes(code, Some(boxed(on)))
            }
            ("prefix", [code, length]) => {
                let (typed, length_node) = (self.typed(code)?, length);
                let length = self.number(length)?;
                match (typed, length) {
                    (Typed::Code(code, CodeKind::Of(id)), Number::Const(length))
                        if (1000..=8000).contains(&length) && length % 1000 == 0 =>
                    {
                        let length = (length / 1000) as u8;
                        Some(Typed::Code(CodeOp::Prefix(Box::new(code), length), CodeKind::Beginning(id, length)))
                    }
                    (Typed::Code(_, CodeKind::Of(_)), _) => {
                        self.wrong(&length_node.span, "the length is from 1 to 8", "not such a number")
                    }
                    (other, _) => {
                        let message =
                            format!("prefix is for procedures, diagnoses and the like, not for {}", other.name());
                        self.wrong(&code.span, message, "not such a code")
                    }
                }
            }
            ("overlaps", [list, set]) => self.overlaps(list, set),
            ("startsWith" | "endsWith" | "contains", [whole, part]) => self.part_of(name, whole, part),
            _ if FUNCTIONS.contains(&name) => {
                let message = format!("{name} does not take {} arguments", all.len());
                self.wrong(&node.span, message, "another number is needed")
            }
            _ => {
                let help = match nearest(name, FUNCTIONS.iter().copied()) {
                    Some(near) => format!("did you mean `{near}`?"),
                    None => format!("there are {}", FUNCTIONS.join(", ")),
                };
                self.problems.error_with_help(&node.span, format!("there is no function `{name}`"), "not known", help);
                None
            }
        }
    }

    fn attributes(&mut self, node: &Node, on: Option<Box<Day>>) -> Option<Typed> {
        match self.typed(node)? {
            Typed::Code(code, CodeKind::Of(system)) => {
                Some(Typed::Attributes(Attributes { system, code: Box::new(code), on }))
            }
            other => {
                let message = format!("code(…) is for procedures, diagnoses and the like, not for {}", other.name());
                self.wrong(&node.span, message, "not such a code")
            }
        }
    }

    fn overlaps(&mut self, list: &Node, set: &Node) -> Option<Typed> {
        let (a, b) = (self.typed(list), self.typed(set));
        let (codes, kind) = match a? {
            Typed::List(codes, Of::Codes(kind)) => (codes, kind),
            other => {
                let message = format!("overlaps is for a list of codes, not for {}", other.name());
                return self.wrong(&list.span, message, "not a list of codes");
            }
        };
        let (slot, element) = self.slot(list)?;
        self.variables.pop();
        let test = self.is_in(Typed::Code(CodeOp::Slot(element), kind), b?, list, set)?;
        Some(Typed::Bool(Bool::Exists(Box::new(codes), slot, Box::new(test))))
    }

    fn part_of(&mut self, name: &str, whole: &Node, part: &Node) -> Option<Typed> {
        let (a, b) = (self.typed(whole), self.typed(part));
        match (a?, b?) {
            (Typed::Text(whole), Typed::Text(part)) => {
                let test = match name {
                    "startsWith" => TextTest::Starts,
                    "endsWith" => TextTest::Ends,
                    _ => TextTest::Contains,
                };
                Some(Typed::Bool(Bool::Text(test, Box::new([whole, part]))))
            }
            (Typed::Code(code, kind), Typed::Text(TextOp::Const(text))) if name == "startsWith" => {
                if kind == CodeKind::Npi {
                    return self.wrong(&whole.span, "an NPI is not asked for its beginning", "compare it whole");
                }
                let undotted = text.replacen('.', "", usize::from(kind == CodeKind::Of(SystemId::Diagnosis)));
                // A type of bill is kept without its leading zero.
                let written = match kind {
                    CodeKind::BillType => undotted.strip_prefix('0').unwrap_or(&undotted),
                    _ => &undotted,
                };
                let Some(prefix) = Code::parse(written.as_bytes()).filter(|prefix| !prefix.is_absent()) else {
                    return self.wrong(&part.span, format!("{text:?} begins no code"), "letters and digits");
                };
                if let CodeKind::Of(id) = kind
                    && let Some(system) = self.scope.codeset.system(id)
                {
                    let range = system.prefix(prefix);
                    if range.is_empty() {
                        let message = format!("no code of the system {} begins with {text}", id.name());
                        return self.wrong(&part.span, message, "never true");
                    }
                }
                Some(Typed::Bool(Bool::CodeStarts(code, prefix)))
            }
            (a, b) => {
                let message = format!("{name} is not for {} and {}", a.name(), b.name());
                self.wrong(&whole.span, message, "not texts")
            }
        }
    }
}

fn of_bits(code: CodeOp, all: &[(u64, Span)]) -> Bool {
    let mut bits: Vec<u64> = all.iter().map(|&(bits, _)| bits).collect();
    bits.sort_unstable();
    bits.dedup();
    match bits.as_slice() {
        [one] => Bool::CodeIs(code, *one),
        _ => Bool::CodeIn(code, bits),
    }
}

pub(crate) fn not(part: Bool) -> Bool {
    match part {
        Bool::Const(value) => Bool::Const(!value),
        Bool::Not(inner) => *inner,
        other => Bool::Not(Box::new(other)),
    }
}

/// `a && b` or `a || b`, constants folded and chains made flat.
fn joined(and: bool, a: Bool, b: Bool) -> Bool {
    let mut parts = Vec::new();
    for part in [a, b] {
        match part {
            // What decides the whole.
            Bool::Const(value) if value != and => return Bool::Const(value),
            Bool::Const(_) => {}
            Bool::And(own) if and => parts.extend(own),
            Bool::Or(own) if !and => parts.extend(own),
            other => parts.push(other),
        }
    }
    match (parts.len(), and) {
        (0, _) => Bool::Const(and),
        (1, _) => parts.pop().unwrap_or(Bool::Const(and)),
        (_, true) => Bool::And(parts),
        (_, false) => Bool::Or(parts),
    }
}

/// A comparison of constants is one.
fn folded(compared: Bool) -> Bool {
    match &compared {
        Bool::Numbers(compare, parts) => match &**parts {
            [Number::Const(a), Number::Const(b)] => Bool::Const(compare.holds(a, b)),
            _ => compared,
        },
        Bool::Dates(compare, parts) => match &**parts {
            [Day::Const(a), Day::Const(b)] => Bool::Const(compare.holds(a, b)),
            _ => compared,
        },
        _ => compared,
    }
}

/// Arithmetic on constants is a constant.
fn fold(number: Number) -> Number {
    let constants = |parts: &[Number; 2]| match parts {
        [Number::Const(a), Number::Const(b)] => Some((i128::from(*a), i128::from(*b))),
        _ => None,
    };
    let value = match &number {
        Number::Add(parts) => constants(parts).map(|(a, b)| a + b),
        Number::Subtract(parts) => constants(parts).map(|(a, b)| a - b),
        Number::Multiply(parts) => constants(parts).map(|(a, b)| a * b / 1000),
        _ => None,
    };
    value.and_then(|value| i64::try_from(value).ok()).map_or(number, Number::Const)
}
