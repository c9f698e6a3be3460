//! Operators: `&&` and `||`, comparisons, arithmetic, and the choice `? :`.

use super::{Checker, Typed, fold};
use crate::cel::{Node, Operator};
use crate::fields::Measure;
use crate::ops::{Bool, CodeOp, Compare, Day, Number, TextOp};

impl Checker<'_, '_> {
    pub(super) fn binary(&mut self, operator: Operator, nodes: &[Node; 2], node: &Node) -> Option<Typed> {
        let [left, right] = nodes;
        match operator {
            Operator::And | Operator::Or => {
                // Both, so that all that is wrong is told at once.
                let (a, b) = (self.bool(left, operator.sign()), self.bool(right, operator.sign()));
                Some(Typed::Bool(fold::joined(operator == Operator::And, a?, b?)))
            }
            Operator::In => {
                let (a, b) = (self.typed(left), self.typed(right));
                self.is_in(a?, b?, left, right).map(Typed::Bool)
            }
            Operator::Equal | Operator::NotEqual => {
                let (a, b) = (self.typed(left), self.typed(right));
                let same = self.same(a?, b?, left, right, node)?;
                Some(Typed::Bool(if operator == Operator::Equal { same } else { fold::not(same) }))
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
        Some(Typed::Number(fold::number(number), measure))
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
                Some(fold::comparison(Bool::Numbers(compare, parts)))
            }
            (a @ Typed::Date(_), b @ (Typed::Date(_) | Typed::Text(_))) | (a @ Typed::Text(_), b @ Typed::Date(_)) => {
                let (a, b) = (self.day(a, left)?, self.day(b, right)?);
                Some(fold::comparison(Bool::Dates(compare, Box::new(if swapped { [b, a] } else { [a, b] }))))
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

    fn same(&mut self, a: Typed, b: Typed, left: &Node, right: &Node, node: &Node) -> Option<Bool> {
        Some(match (a, b) {
            (Typed::Number(a, of_a), Typed::Number(b, of_b)) => {
                self.comparable(of_a, of_b, node)?;
                fold::comparison(Bool::Numbers(Compare::Equal, Box::new([a, b])))
            }
            (a @ Typed::Date(_), b @ (Typed::Date(_) | Typed::Text(_))) | (a @ Typed::Text(_), b @ Typed::Date(_)) => {
                let (a, b) = (self.day(a, left)?, self.day(b, right)?);
                fold::comparison(Bool::Dates(Compare::Equal, Box::new([a, b])))
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

    pub(super) fn choice(&mut self, nodes: &[Node; 3], node: &Node) -> Option<Typed> {
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
}
