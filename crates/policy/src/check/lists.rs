//! Lists: written out, and walked by `exists`, `all`, `filter`, `map` and the like.

use super::names::RESERVED;
use super::{Checker, Of, Typed};
use crate::cel::{Each, Node};
use crate::fields::Measure;
use crate::ops::{Bool, List, SLOTS, TextOp};

/// How deep lists of lines and diagnoses may be walked within one another. Claims have hundreds of lines, and an edit of
/// lines walks them once more: with one walk more than this, a single claim may keep a run busy for minutes.
const MOST_WALKS: usize = 2;

impl Checker<'_, '_> {
    pub(super) fn list(&mut self, nodes: &[Node], node: &Node) -> Option<Typed> {
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
                Some(typed) => match typed.into_element() {
                    Ok(element) => element,
                    Err(other) => {
                        let message = format!("{} cannot be in a list", other.name());
                        self.problems.error(&part.span, message, "not an element");
                        failed = true;
                        continue;
                    }
                },
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

    pub(super) fn each(
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
        if RESERVED.contains(&variable) {
            let message = format!("`{variable}` already means something");
            return self.wrong(&node.span, message, "take another name for the element");
        }
        let slot = self.free_slot(node)?;
        let walks = usize::from(list.grows_with_claim());
        if self.walks + walks > MOST_WALKS {
            let message =
                format!("lists of lines or diagnoses are walked within one another more than {MOST_WALKS} deep");
            let help = "a claim of many lines would take minutes; take a walk out of the others, with filter, sum, min or \
                        max, ask overlaps(…) of two lists, or make two edits of it";
            self.problems.error_with_help(&node.span, message, "one walk too many", help);
            return None;
        }
        self.walks += walks;
        self.variables.push((variable.to_owned(), of.element(slot)));
        let filter = match filter {
            Some(filter) => self.bool(filter, "map").map(Some),
            None => Some(None),
        };
        let value_typed = self.typed(value);
        self.variables.pop();
        self.walks -= walks;
        let (filter, value_typed) = (filter?, value_typed?);
        if how == Each::Map {
            let list = match filter {
                Some(filter) => List::Filter(Box::new(list), slot, Box::new(filter)),
                None => list,
            };
            let (element, of) = match value_typed.into_element() {
                Ok(element) => element,
                Err(other) => {
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

    /// A slot for an element of a list; the caller pops it off `variables` when done. What is compared with the
    /// element may have used the same slot, so the element is always read first.
    pub(super) fn slot(&mut self, node: &Node) -> Option<u8> {
        let slot = self.free_slot(node)?;
        self.variables.push((String::new(), Typed::Claim));
        Some(slot)
    }

    /// The slot of the next variable.
    fn free_slot(&mut self, node: &Node) -> Option<u8> {
        let slot = self.variables.len();
        if slot >= SLOTS {
            let message = format!("lists within lists are nested deeper than {SLOTS}");
            return self.wrong(&node.span, message, "too deep");
        }
        Some(slot as u8)
    }
}
