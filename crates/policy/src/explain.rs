//! How a condition came out on a claim, part by part.

use crate::cel::{Kind, Node, Operator};
use crate::check::{Checker, Scope, Typed};
use crate::ops::{Bool, Env, Item, Known, List};
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
            Unit::Claim | Unit::Diagnosis => vec![None],
        };
        let mut all = Vec::with_capacity(lines.len());
        for line in lines {
            let outcome = verdicts.iter().find(|own| own.line == line).map_or(Outcome::Pass, |own| own.outcome);
            let mut env = Env::new(facts, self.sets.all());
            env.line = line.unwrap_or(0);
            let mut teller = Teller { policy: self, codeset: facts.codeset, unit: own.info.unit, parts: Vec::new() };
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
    parts: Vec<ExplainedPart>,
}

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
        let mut scope = Scope { codeset: self.codeset, sets: &mut sets, parameters, used: &mut used };
        Checker::new(&mut scope, &mut problems, self.unit).typed(node)
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
            Kind::Each { list, .. } => {
                self.value(below, text, list, env);
                if let Bool::Exists(list, slot, test)
                | Bool::All(list, slot, test)
                | Bool::ExistsOne(list, slot, test) = &condition
                {
                    self.elements(below, list, *slot, test, env);
                }
            }
            _ => {}
        }
    }

    /// What a part that is no condition came to, and its own parts where they are fields.
    fn value(&mut self, depth: usize, text: &Text, node: &Node, env: &mut Env<'_>) {
        if matches!(node.kind, Kind::Text(_) | Kind::Number(_) | Kind::Bool(_) | Kind::List(_)) {
            return;
        }
        match self.typed(node) {
            Some(Typed::Bool(_)) => self.part(depth, text, node, env),
            Some(Typed::Set(set, _)) => {
                let count = self.policy.sets.get(set).map_or(0, |set| set.ranges.count());
                self.tell(depth, written(text, node), format!("{count} codes"));
            }
            Some(typed) => {
                // `lines` and the like need no telling.
                if matches!((&typed, &node.kind), (Typed::List(List::Lines, _), Kind::Name(_))) {
                    return;
                }
                if let Some(shown) = Shown::of(typed) {
                    let value = match shown.known(env) {
                        Ok(value) => value.to_string(),
                        Err(reason) => format!("not known: {reason}"),
                    };
                    let value = if value.is_empty() { "(none)".to_owned() } else { value };
                    self.tell(depth, written(text, node), value);
                }
            }
            None => {}
        }
    }

    /// What is asked of each element of a list.
    fn elements(&mut self, depth: usize, list: &List, slot: u8, test: &Bool, env: &mut Env<'_>) {
        let mut all = Vec::new();
        let walked = list.each(env, &mut |env, item| {
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
            all.push((name, known(test.eval(env))));
            Ok(true)
        });
        for (name, value) in all {
            self.tell(depth, name, value);
        }
        if let Err(reason) = walked {
            self.tell(depth, "the list".to_owned(), format!("not known: {reason}"));
        }
    }
}

/// A part as it is written, on one line.
fn written(text: &Text, node: &Node) -> String {
    let part = text.value.get(node.whole.0..node.whole.1).unwrap_or_default();
    part.split_whitespace().collect::<Vec<_>>().join(" ")
}
