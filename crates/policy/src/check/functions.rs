//! The functions of the language, but for those that walk lists.

use super::{Checker, Of, Typed};
use crate::cel::Node;
use crate::fields::{CodeKind, Measure};
use crate::near::nearest;
use crate::ops::{Attributes, Bool, CodeOp, Day, Number, TextOp, TextTest};
use claims::Field;
use codes::Code;
use codeset::SystemId;

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

impl Checker<'_, '_> {
    pub(super) fn call(&mut self, name: &str, target: Option<&Node>, arguments: &[Node], node: &Node) -> Option<Typed> {
        if matches!(name, "exists" | "exists_one" | "all" | "filter" | "map" | "has") {
            let how = if name == "has" { "has(line.pos)" } else { &format!("lines.{name}(l, l.units > 1)") };
            return self.wrong(&node.span, format!("{name} is not written so"), format!("as in {how}"));
        }
        // x.f(y) is f(x, y).
        let all: Vec<&Node> = target.into_iter().chain(arguments).collect();
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
            ("date", [one]) => self.date(one).map(Typed::Date),
            ("add_days" | "add_months", [day, number]) => {
                let (typed, number) = (self.typed(day), self.number(number));
                let day = self.day(typed?, day)?;
                let (day, number) = (Box::new(day), Box::new(number?));
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
                let day = Box::new(self.date(one)?);
                let number = match name {
                    "year" => Number::Year(day),
                    "month" => Number::Month(day),
                    _ => Number::DayOfMonth(day),
                };
                Some(Typed::Number(number, Measure::Plain))
            }
            ("age_on", [one]) => {
                let day = self.date(one)?;
                self.first_field.get_or_insert(Field::BirthDate);
                Some(Typed::Number(Number::AgeOn(Box::new(day)), Measure::Plain))
            }
            ("code", [code]) => self.attributes(code, None),
            ("code", [code, on]) => {
                let on = self.date(on)?;
                self.attributes(code, Some(Box::new(on)))
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
