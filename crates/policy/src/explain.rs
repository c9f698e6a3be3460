//! How a condition came out on a claim, part by part.

use crate::cel::{Kind, Node, Operator};
use crate::check::{Checker, Of, Scope, Typed};
use crate::ops::{Bool, Env, Item, Known, List, SLOTS};
use crate::policy::{Policy, PolicyEdit, Shown};
use crate::session::Verdict;
use crate::source::Problems;
use crate::text::Text;
use codeset::Codeset;
use edits::{ClaimFacts, Outcome, Unit};
use std::fmt;

/// How an edit came out on one line, or on the claim as a whole.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Explanation {
    /// The line's number; `None` for an edit that is judged once a claim.
    pub line: Option<u32>,
    /// What came out.
    pub outcome: Outcome,
    /// The parts of its conditions, each under the one that it is part of.
    pub parts: Vec<ExplainedPart>,
}

/// A part of a condition and what it came to.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct ExplainedPart {
    /// How deep it stands in the condition.
    pub depth: usize,
    /// The part as the author wrote it.
    pub text: String,
    /// `true`, `false`, a value, or why it is not known.
    pub value: String,
}

impl fmt::Display for Explanation {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.line {
            Some(line) => writeln!(f, "line {line}: {}", self.outcome)?,
            None => writeln!(f, "claim: {}", self.outcome)?,
        }
        for part in &self.parts {
            let indent = 2 + 2 * part.depth;
            writeln!(f, "{:indent$}{}  →  {}", "", part.text, part.value)?;
        }
        Ok(())
    }
}

impl Policy {
    /// The edit of this id and its place in [`Policy::edits`].
    pub fn find(&self, id: &str) -> Option<(u32, &PolicyEdit)> {
        let edits = (0u32..).zip(&self.edits);
        edits.into_iter().find(|(_, edit)| edit.info.id.eq_ignore_ascii_case(id))
    }

    /// How an edit (its place in [`Policy::edits`]) came out on each line of a claim, or on the claim, part by part.
    /// Empty when the edit is not judged on claims of this type.
    pub fn explain(&self, edit: u32, facts: &ClaimFacts<'_>) -> Vec<Explanation> {
        let Some(own) = self.edits.get(edit as usize) else { return Vec::new() };
        if !own.info.claims.contains(facts.claim_type()) {
            return Vec::new();
        }
        let mut verdicts: Vec<Verdict> = Vec::new();
        self.check_one(edit, facts, &mut verdicts);
        let lines: Vec<Option<u32>> = match own.info.unit {
            Unit::Line => (0..facts.lines.len() as u32).map(Some).collect(),
            Unit::Claim | Unit::Diagnosis | Unit::AnyDiagnosis => vec![None],
        };
        let mut all = Vec::with_capacity(lines.len());
        for line in lines {
            let outcome = verdicts.iter().find(|own| own.line == line).map_or(Outcome::Pass, |own| own.outcome);
            let mut env = Env::new(facts, self.sets.all());
            env.line = line.unwrap_or(0);
            let mut teller = Teller {
                policy: self,
                codeset: facts.codeset,
                unit: own.info.unit,
                variables: Vec::new(),
                parts: Vec::new(),
            };
            for (clause, parts) in [("fails_when", &own.parts), ("unless", &own.unless_parts)] {
                if let Some((text, node)) = parts {
                    teller.clause(clause, text, node, &mut env);
                }
            }
            if own.from.is_some() || own.to.is_some() {
                let day = |day: Option<codes::Date>| day.map_or("…".to_owned(), |day| day.to_string());
                let text = format!("in force from {} to {}", day(own.from), day(own.to));
                teller.parts.push(ExplainedPart { depth: 0, text, value: known(own.in_force(&env, line)) });
            }
            let number = line.and_then(|line| facts.lines.get(line as usize)).map(|line| line.row.number);
            all.push(Explanation { line: number, outcome, parts: teller.parts });
        }
        all
    }
}

struct Teller<'t> {
    policy: &'t Policy,
    codeset: &'t Codeset,
    unit: Unit,
    /// What the elements of the lists are called that the part told of stands in.
    variables: Vec<(String, Typed)>,
    parts: Vec<ExplainedPart>,
}

/// The most elements of a list that are told of one by one.
const MOST_ELEMENTS: usize = 50;

fn known(value: Known<bool>) -> String {
    match value {
        Ok(value) => value.to_string(),
        Err(reason) => format!("not known: {reason}"),
    }
}

impl Teller<'_> {
    fn clause(&mut self, clause: &str, text: &Text, node: &Node, env: &mut Env<'_>) {
        let value = self.bool(node).map_or(String::new(), |condition| known(condition.eval(env)));
        self.parts.push(ExplainedPart { depth: 0, text: clause.to_owned(), value });
        self.part(1, text, node, env);
    }

    /// The part compiled as it was when the policy was: what went well then goes well now.
    fn typed(&self, node: &Node) -> Option<Typed> {
        let (mut sets, mut used, mut problems) = (self.policy.sets.clone(), Vec::new(), Problems::default());
        let parameters = &self.policy.parameters;
        let mut scope = Scope { codeset: self.codeset, sets: &mut sets, parameters, used: &mut used, torn: false };
        Checker::new(&mut scope, &mut problems, self.unit).within(&self.variables).typed(node)
    }

    fn bool(&self, node: &Node) -> Option<Bool> {
        match self.typed(node)? {
            Typed::Bool(condition) => Some(condition),
            _ => None,
        }
    }

    fn tell(&mut self, depth: usize, text: String, value: String) {
        self.parts.push(ExplainedPart { depth, text, value });
    }

    fn part(&mut self, depth: usize, text: &Text, node: &Node, env: &mut Env<'_>) {
        let written = written(text, node);
        let Some(condition) = self.bool(node) else {
            self.value(depth, text, node, env);
            return;
        };
        self.tell(depth, written, known(condition.eval(env)));
        let below = depth + 1;
        match &node.kind {
            Kind::Binary(Operator::And | Operator::Or, nodes) => {
                nodes.iter().for_each(|node| self.part(below, text, node, env));
            }
            Kind::Not(inner) => self.part(below, text, inner, env),
            Kind::If(nodes) => nodes.iter().for_each(|node| self.part(below, text, node, env)),
            Kind::Binary(_, nodes) => nodes.iter().for_each(|node| self.value(below, text, node, env)),
            Kind::Call { target, arguments, .. } => {
                target.iter().map(|node| &**node).chain(arguments).for_each(|node| self.value(below, text, node, env));
            }
            Kind::Has(..) | Kind::Field(..) => {}
            Kind::Each { list, variable, value, .. } => {
                self.value(below, text, list, env);
                if let Bool::Exists(list_op, slot, _) | Bool::All(list_op, slot, _) | Bool::ExistsOne(list_op, slot, _) =
                    &condition
                    && let Some(Typed::List(_, of)) = self.typed(list)
                {
                    self.elements(below, (text, variable, value), (list_op, of, *slot), env);
                }
            }
            _ => {}
        }
    }

    /// What a part that is no condition came to, and its own parts.
    fn value(&mut self, depth: usize, text: &Text, node: &Node, env: &mut Env<'_>) {
        if matches!(node.kind, Kind::Text(_) | Kind::Number(_) | Kind::Bool(_) | Kind::List(_)) {
            return;
        }
        let mut below = depth;
        match self.typed(node) {
            Some(Typed::Bool(_)) => return self.part(depth, text, node, env),
            Some(Typed::Set(set, _)) => {
                let count = self.policy.sets.get(set).map_or(0, |set| set.ranges.count());
                self.tell(depth, written(text, node), format!("{count} codes"));
            }
            // `lines` and the elements of lists need no telling.
            Some(Typed::List(List::Lines, _) | Typed::Line(_)) => {}
            Some(typed) => {
                if let Some(shown) = Shown::of(typed) {
                    let value = match shown.known(env) {
                        Ok(value) => value.to_string(),
                        Err(reason) => format!("not known: {reason}"),
                    };
                    let value = if value.is_empty() { "(none)".to_owned() } else { value };
                    self.tell(depth, written(text, node), value);
                    below += 1;
                }
            }
            None => return,
        }
        match &node.kind {
            Kind::Call { target, arguments, .. } => {
                target.iter().map(|node| &**node).chain(arguments).for_each(|node| self.value(below, text, node, env));
            }
            Kind::Binary(_, nodes) => nodes.iter().for_each(|node| self.value(below, text, node, env)),
            Kind::If(nodes) => nodes.iter().for_each(|node| self.value(below, text, node, env)),
            Kind::Negative(inner) => self.value(below, text, inner, env),
            Kind::Each { list, variable, filter, value, .. } => {
                self.value(below, text, list, env);
                let test = filter.as_deref().unwrap_or(value);
                if let (Some(Typed::List(list_op, of)), Some(slot)) = (self.typed(list), self.slot()) {
                    self.elements(below, (text, variable, test), (&list_op, of, slot), env);
                }
            }
            _ => {}
        }
    }

    /// The slot that the next list's elements have.
    fn slot(&self) -> Option<u8> {
        u8::try_from(self.variables.len()).ok().filter(|&slot| usize::from(slot) < SLOTS)
    }

    /// What is asked of each element of a list, part by part.
    fn elements(
        &mut self,
        depth: usize,
        (text, variable, test): (&Text, &str, &Node),
        (list, of, slot): (&List, Of, u8),
        env: &mut Env<'_>,
    ) {
        let (mut all, mut more) = (Vec::new(), 0usize);
        let walked = list.each(env, &mut |_, item| {
            if all.len() < MOST_ELEMENTS {
                all.push(item);
            } else {
                more += 1;
            }
            Ok(true)
        });
        self.variables.push((variable.to_owned(), of.element(slot)));
        for item in all {
            env.set(slot, item);
            let name = match item {
                Item::Line(line) => {
                    let number = env.facts.lines.get(line as usize).map_or(line + 1, |line| line.row.number);
                    format!("for line {number}")
                }
                Item::Code(code) => format!("for {}", code.code()),
                Item::Number(number) => format!("for {}", codes::Units::from_thousandths(number)),
                Item::Date(day) => format!("for {day}"),
                Item::None => String::new(),
            };
            let before = self.parts.len();
            self.tell(depth, name, String::new());
            self.value(depth, text, test, env);
            // What the test came to stands beside the element itself, its parts below.
            if self.parts.len() > before + 1 {
                let test = self.parts.remove(before + 1);
                if let Some(own) = self.parts.get_mut(before) {
                    own.value = test.value;
                }
            }
        }
        self.variables.pop();
        if more > 0 {
            self.tell(depth, format!("and {more} more"), "not shown".to_owned());
        }
        if let Err(reason) = walked {
            self.tell(depth, "the list".to_owned(), format!("not known: {reason}"));
        }
    }
}

/// A part as it is written, on one line, with the brackets that its ends stand in.
fn written(text: &Text, node: &Node) -> String {
    let whole = text.value.as_str();
    let (mut from, mut to) = node.whole;
    loop {
        let part = whole.get(from..to).unwrap_or_default();
        let (unopened, unclosed) = unmatched(part);
        let before = whole.get(..from).unwrap_or_default().trim_end();
        let after = whole.get(to..).unwrap_or_default();
        let skipped = after.len() - after.trim_start().len();
        if unopened > 0 && before.ends_with('(') {
            from = before.len() - 1;
        } else if unclosed > 0 && after.trim_start().starts_with(')') {
            to += skipped + 1;
        } else {
            return part.split_whitespace().collect::<Vec<_>>().join(" ");
        }
    }
}

/// How many brackets are closed but not opened, and opened but not closed.
fn unmatched(part: &str) -> (usize, usize) {
    let (mut unopened, mut open, mut quote) = (0usize, 0usize, None);
    let mut bytes = part.bytes();
    while let Some(byte) = bytes.next() {
        match (quote, byte) {
            (Some(_), b'\\') => drop(bytes.next()),
            (Some(own), _) if own == byte => quote = None,
            (Some(_), _) => {}
            (None, b'"' | b'\'') => quote = Some(byte),
            (None, b'(') => open += 1,
            (None, b')') if open > 0 => open -= 1,
            (None, b')') => unopened += 1,
            (None, _) => {}
        }
    }
    (unopened, open)
}
