//! `in` and `overlaps`: whether a value is in a set or list, or some of a list are.

use super::{Checker, Of, Typed};
use crate::cel::Node;
use crate::fields::CodeKind;
use crate::ops::{Bool, CodeOp, Compare, Day, List, Number, TextOp};
use codes::Date;

impl Checker<'_, '_> {
    pub(super) fn is_in(&mut self, a: Typed, b: Typed, left: &Node, right: &Node) -> Option<Bool> {
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
                let slot = self.slot(left)?;
                let test = self.code_is(CodeOp::Slot(slot), kind, &text, &left.span);
                self.variables.pop();
                Some(Bool::Exists(Box::new(list), slot, Box::new(test?)))
            }
            (Typed::Code(code, kind), Typed::List(list, Of::Codes(of))) => {
                if kind != of {
                    return self.wrong(&left.span, format!("{kind} is never {of}"), "different kinds of code");
                }
                self.some(list, left, |slot| Bool::SameCode(Box::new([CodeOp::Slot(slot), code])))
            }
            (Typed::Number(number, _), Typed::List(list, Of::Numbers(_))) => {
                self.some(list, left, |slot| Bool::Numbers(Compare::Equal, Box::new([Number::Slot(slot), number])))
            }
            (Typed::Date(day), Typed::List(list, Of::Dates)) => {
                self.some(list, left, |slot| Bool::Dates(Compare::Equal, Box::new([Day::Slot(slot), day])))
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

    pub(super) fn overlaps(&mut self, list: &Node, set: &Node) -> Option<Typed> {
        let (a, b) = (self.typed(list), self.typed(set));
        let (codes, kind) = match a? {
            Typed::List(codes, Of::Codes(kind)) => (codes, kind),
            other => {
                let message = format!("overlaps is for a list of codes, not for {}", other.name());
                return self.wrong(&list.span, message, "not a list of codes");
            }
        };
        let slot = self.slot(list)?;
        // The slot is the list's until here: another list's elements have their own.
        let test = b.and_then(|b| self.is_in(Typed::Code(CodeOp::Slot(slot), kind), b, list, set));
        self.variables.pop();
        Some(Typed::Bool(Bool::Exists(Box::new(codes), slot, Box::new(test?))))
    }

    /// Whether the test, which is given their slot, holds for some element of the list.
    fn some(&mut self, list: List, node: &Node, test: impl FnOnce(u8) -> Bool) -> Option<Bool> {
        let slot = self.slot(node)?;
        self.variables.pop();
        Some(Bool::Exists(Box::new(list), slot, Box::new(test(slot))))
    }
}
