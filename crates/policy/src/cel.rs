//! Conditions as they are written: the Common Expression Language, parsed by the crate `cel`, with the place of
//! every part. Macros (`exists`, `filter`…) are seen as what the author wrote, not as what CEL makes of them.

use crate::source::{Problems, Span};
use crate::text::Text;
use cel::common::ast::{ComprehensionExpr, Expr, IdedExpr, LiteralValue, SourceInfo, operators};
use cel::parser::Parser;

/// A part of a condition.
#[derive(Clone, Debug)]
pub(crate) struct Node {
    pub(crate) span: Span,
    /// Where the part stands in the condition's text, in bytes: all of it, not only its operator.
    pub(crate) whole: (usize, usize),
    pub(crate) kind: Kind,
}

#[derive(Clone, Debug)]
pub(crate) enum Kind {
    Bool(bool),
    /// In thousandths.
    Number(i64),
    Text(String),
    Name(String),
    Field(Box<Node>, String),
    Has(Box<Node>, String),
    Not(Box<Node>),
    Negative(Box<Node>),
    Binary(Operator, Box<[Node; 2]>),
    If(Box<[Node; 3]>),
    Call {
        name: String,
        target: Option<Box<Node>>,
        arguments: Vec<Node>,
    },
    List(Vec<Node>),
    Each {
        how: Each,
        list: Box<Node>,
        variable: String,
        filter: Option<Box<Node>>,
        value: Box<Node>,
    },
    /// What is wrong has been told.
    Wrong,
}

#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) enum Operator {
    And,
    Or,
    Equal,
    NotEqual,
    Less,
    LessEqual,
    Greater,
    GreaterEqual,
    In,
    Add,
    Subtract,
    Multiply,
    Divide,
}

impl Operator {
    pub(crate) fn sign(self) -> &'static str {
        match self {
            Operator::And => "&&",
            Operator::Or => "||",
            Operator::Equal => "==",
            Operator::NotEqual => "!=",
            Operator::Less => "<",
            Operator::LessEqual => "<=",
            Operator::Greater => ">",
            Operator::GreaterEqual => ">=",
            Operator::In => "in",
            Operator::Add => "+",
            Operator::Subtract => "-",
            Operator::Multiply => "*",
            Operator::Divide => "/",
        }
    }
}

/// What a macro makes of a list.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) enum Each {
    Exists,
    ExistsOne,
    All,
    Filter,
    Map,
}

impl Each {
    fn name(self) -> &'static str {
        match self {
            Each::Exists => "exists",
            Each::ExistsOne => "exists_one",
            Each::All => "all",
            Each::Filter => "filter",
            Each::Map => "map",
        }
    }
}

/// The longest condition, in bytes.
const LONGEST: usize = 8192;
/// How deeply a condition may be nested in brackets.
const DEEPEST: usize = 32;
/// The most operators in a row that each may nest in the one before. A condition has a few dozen.
const MOST_OPERATORS: usize = 400;

/// Parses a condition. What is wrong with it is told, and gives `None`.
pub(crate) fn parse(text: &Text, problems: &mut Problems) -> Option<Node> {
    if text.value.trim().is_empty() {
        // That it is missing has been told.
        return None;
    }
    let whole = text.span_of(0, text.value.len());
    if let Err(message) = bounded(&text.value) {
        problems.error(&whole, message, "split it into several edits, or use sets");
        return None;
    }
    match Parser::new().parse_with_source_info(&text.value) {
        Ok((expression, info)) => {
            let starts = text.value.char_indices().map(|(at, _)| at).chain([text.value.len()]).collect();
            let mut reader = Reader { text, info, starts, problems, failed: false };
            let mut node = reader.node(&expression);
            node.whole = (0, text.value.len());
            (!reader.failed).then_some(node)
        }
        Err(errors) => {
            let mut told = false;
            for error in &errors.errors {
                let Some(message) = in_words(&error.msg) else { continue };
                if told && error.msg.contains("extraneous input") {
                    // Follows from what was told before.
                    continue;
                }
                told = true;
                let (from, to) = place(&text.value, error.pos);
                problems.error(&text.span_of(from, to), "the condition cannot be read", message);
            }
            if !told {
                problems.error(&whole, "the condition cannot be read", "not an expression");
            }
            None
        }
    }
}

/// Refuses, before anything recursive sees it, what no author would write.
fn bounded(text: &str) -> Result<(), String> {
    if text.len() > LONGEST {
        return Err(format!("the condition is longer than {LONGEST} bytes"));
    }
    let (mut depth, mut operators) = (0usize, 0usize);
    let mut quote = None;
    let mut escaped = false;
    for byte in text.bytes() {
        match (quote, byte) {
            (Some(_), b'\\') if !escaped => {
                escaped = true;
                continue;
            }
            (Some(open), _) if byte == open && !escaped => quote = None,
            (Some(_), _) => {}
            (None, b'"' | b'\'') => quote = Some(byte),
            (None, b'(' | b'[' | b'{') => depth += 1,
            (None, b')' | b']' | b'}') => depth = depth.saturating_sub(1),
            (None, b'.' | b'+' | b'-' | b'*' | b'/' | b'%' | b'!' | b'?' | b'<' | b'>' | b'=') => operators += 1,
            (None, _) => {}
        }
        escaped = false;
        if depth > DEEPEST {
            return Err(format!("the condition is nested deeper than {DEEPEST} brackets"));
        }
    }
    // Quotes that do not match may hide brackets from the count above; a string of three quotes does not.
    if quote.is_some() && text.bytes().filter(|byte| matches!(byte, b'(' | b'[' | b'{')).count() > DEEPEST {
        return Err("a quote of the condition is not closed".to_owned());
    }
    if operators > MOST_OPERATORS || text.matches(" in ").count() > MOST_OPERATORS {
        return Err(format!("the condition has more than {MOST_OPERATORS} operators"));
    }
    Ok(())
}

/// A parser's message in plain words; `None` for one that says nothing new.
fn in_words(message: &str) -> Option<String> {
    let message = message.strip_prefix("Syntax error: ").unwrap_or(message);
    let quoted =
        |text: &str| text.split_once('\'').and_then(|(_, rest)| rest.rsplit_once('\'')).map(|(t, _)| t.to_owned());
    let before_expecting = message.split(" expecting ").next().unwrap_or(message);
    if message.contains("'<EOF>'") && !before_expecting.contains("extraneous") {
        return Some("something is missing here".to_owned());
    }
    if let Some(rest) = message.strip_prefix("token recognition error at: ") {
        let inner = rest.trim().strip_prefix('\'').unwrap_or(rest);
        if inner.starts_with(['"', '\'']) {
            return Some("the quote is not closed".to_owned());
        }
        let what = inner.trim_end_matches('\'').trim();
        return Some(match what {
            "=" => "one = means nothing; equality is ==".to_owned(),
            "&" => "one & means nothing; `and` is &&".to_owned(),
            "|" => "one | means nothing; `or` is ||".to_owned(),
            _ => format!("{what} is not understood"),
        });
    }
    if before_expecting.starts_with("extraneous input") || before_expecting.starts_with("mismatched input") {
        let word = quoted(before_expecting).unwrap_or_default();
        return Some(match word.to_ascii_lowercase().as_str() {
            "and" => format!("{word} is not expected here; `and` is &&"),
            "or" => format!("{word} is not expected here; `or` is ||"),
            "not" => format!("{word} is not expected here; `not` is !"),
            _ => format!("{word} is not expected here"),
        });
    }
    if before_expecting.starts_with("invalid argument to has()") {
        return Some("has(…) asks for a field, as in has(line.pos)".to_owned());
    }
    if before_expecting.starts_with("no viable alternative") {
        return Some("not an expression".to_owned());
    }
    Some(before_expecting.to_owned())
}

/// The place in bytes of a line and column in characters.
fn place(text: &str, (line, column): (isize, isize)) -> (usize, usize) {
    let line = usize::try_from(line).unwrap_or(1).max(1);
    let column = usize::try_from(column).unwrap_or(1).max(1);
    let start: usize = text.split_inclusive('\n').take(line - 1).map(str::len).sum();
    let rest = text.get(start..).unwrap_or_default();
    let from = start + rest.char_indices().nth(column - 1).map_or(rest.len(), |(at, _)| at);
    let word = text.get(from..).unwrap_or_default();
    let mut length = word.find(|c: char| !c.is_alphanumeric() && c != '_').unwrap_or(word.len());
    if length == 0 {
        length = word.chars().next().map_or(0, char::len_utf8);
    }
    if from >= text.len() {
        // The end: the last character that is there.
        let last = text.trim_end().char_indices().next_back().map_or((0, 0), |(at, c)| (at, at + c.len_utf8()));
        return last;
    }
    (from, from + length)
}

struct Reader<'r, 'p> {
    text: &'r Text,
    info: SourceInfo,
    /// The byte at which each character begins, and the end: the parser counts characters.
    starts: Vec<usize>,
    problems: &'p mut Problems,
    failed: bool,
}

impl Reader<'_, '_> {
    fn place(&self, id: u64) -> (usize, usize) {
        let Some((start, stop)) = self.info.offset_for(id) else { return (0, 0) };
        let at = |place: usize| self.starts.get(place).copied().unwrap_or(self.text.value.len());
        (at(start as usize), at(stop as usize + 1))
    }

    fn span(&self, id: u64) -> Span {
        let (from, to) = self.place(id);
        self.text.span_of(from, to)
    }

    #[track_caller]
    fn wrong(&mut self, id: u64, message: &str, label: &str) -> Kind {
        self.failed = true;
        let span = self.span(id);
        self.problems.error(&span, message, label);
        Kind::Wrong
    }

    fn boxed(&mut self, expression: &IdedExpr) -> Box<Node> {
        Box::new(self.node(expression))
    }

    fn node(&mut self, expression: &IdedExpr) -> Node {
        let kind = self.kind(expression);
        let mut whole = self.place(expression.id);
        // Operators are placed at their sign; the whole part reaches from its first operand to its last.
        let mut widen = |node: &Node| whole = (whole.0.min(node.whole.0), whole.1.max(node.whole.1));
        match &kind {
            Kind::Field(node, name) => {
                widen(node);
                whole.1 = self.name_after(whole.1, name);
            }
            Kind::Has(node, name) => {
                whole.0 = whole.0.saturating_sub("has".len());
                whole.1 = self.closing(self.name_after(node.whole.1, name));
            }
            Kind::Not(node) | Kind::Negative(node) => widen(node),
            Kind::Binary(_, nodes) => nodes.iter().for_each(widen),
            Kind::If(nodes) => nodes.iter().for_each(widen),
            Kind::Call { target, arguments, name } => {
                target.iter().for_each(|node| widen(node));
                arguments.iter().for_each(&mut widen);
                whole.0 = if target.is_none() { whole.0.saturating_sub(name.len()) } else { whole.0 };
                // A call is placed at its bracket; an empty one closes right after.
                whole.1 = self.closing(whole.1);
            }
            Kind::Each { list, value, filter, .. } => {
                widen(list);
                filter.iter().for_each(|node| widen(node));
                widen(value);
                whole.1 = self.closing(whole.1);
            }
            Kind::List(nodes) => {
                nodes.iter().for_each(widen);
                whole.1 = self.closing(whole.1);
            }
            Kind::Bool(_) | Kind::Number(_) | Kind::Text(_) | Kind::Name(_) | Kind::Wrong => {}
        }
        // A field is told by all of it, not by the dot; a call by its name, not by the bracket.
        let (at, _) = self.place(expression.id);
        let before = |name: &str| self.text.span_of(at.saturating_sub(name.len()), at);
        let span = match &kind {
            Kind::Field(..) | Kind::Name(_) => self.text.span_of(whole.0, whole.1),
            Kind::Call { name, .. } => before(name),
            Kind::Each { how, .. } => before(how.name()),
            Kind::Has(of, name) => self.text.span_of(of.whole.0, self.name_after(of.whole.1, name)),
            _ => self.span(expression.id),
        };
        Node { span, whole, kind }
    }

    /// The end of `name`, which stands soon after `from`.
    fn name_after(&self, from: usize, name: &str) -> usize {
        let rest = self.text.value.get(from..).unwrap_or_default();
        let only_dot = |at: &usize| rest.get(..*at).is_some_and(|gap| gap.trim().trim_matches('.').trim().is_empty());
        let ahead = rest.find(name).filter(only_dot);
        ahead.map_or(from, |at| from + at + name.len())
    }

    /// Past the bracket that closes, if one stands next.
    fn closing(&self, from: usize) -> usize {
        let rest = self.text.value.get(from..).unwrap_or_default();
        let skipped = rest.len() - rest.trim_start().len();
        if rest.trim_start().starts_with([')', ']']) { from + skipped + 1 } else { from }
    }

    fn kind(&mut self, expression: &IdedExpr) -> Kind {
        let id = expression.id;
        match &expression.expr {
            Expr::Literal(literal) => self.literal(id, literal),
            Expr::Ident(name) => Kind::Name(name.clone()),
            Expr::Select(select) if select.test => Kind::Has(self.boxed(&select.operand), select.field.clone()),
            Expr::Select(select) => Kind::Field(self.boxed(&select.operand), select.field.clone()),
            Expr::List(list) => Kind::List(list.elements.iter().map(|element| self.node(element)).collect()),
            Expr::Comprehension(comprehension) => match self.each(comprehension) {
                Some(each) => each,
                None => self.wrong(id, "this macro is not part of the language", "use exists, all, filter or map"),
            },
            Expr::Call(call) => {
                let arguments = call.args.as_slice();
                match (call.func_name.as_str(), arguments, &call.target) {
                    (operators::LOGICAL_NOT, [one], None) => Kind::Not(self.boxed(one)),
                    (operators::NEGATE, [one], None) => Kind::Negative(self.boxed(one)),
                    (operators::CONDITIONAL, [test, yes, no], None) => {
                        Kind::If(Box::new([self.node(test), self.node(yes), self.node(no)]))
                    }
                    (name, [left, right], None) if operator(name).is_some() => {
                        let nodes = Box::new([self.node(left), self.node(right)]);
                        operator(name).map_or(Kind::Wrong, |operator| Kind::Binary(operator, nodes))
                    }
                    (operators::MODULO, _, _) => self.wrong(id, "there is no %", "not part of the language"),
                    (operators::INDEX, _, _) => self.wrong(id, "lists have no places", "use exists, all or filter"),
                    (name, _, target) if name.starts_with(|c: char| c.is_alphabetic()) => Kind::Call {
                        name: name.to_owned(),
                        target: target.as_ref().map(|target| self.boxed(target)),
                        arguments: arguments.iter().map(|argument| self.node(argument)).collect(),
                    },
                    _ => self.wrong(id, "this is not part of the language", "not known"),
                }
            }
            Expr::Map(_) | Expr::Struct(_) => {
                self.wrong(id, "there are no maps or messages", "not part of the language")
            }
            Expr::Unspecified => self.wrong(id, "the condition cannot be read", "not an expression"),
        }
    }

    fn literal(&mut self, id: u64, literal: &LiteralValue) -> Kind {
        let (from, to) = self.place(id);
        match literal {
            LiteralValue::Boolean(given) => Kind::Bool(*given.inner()),
            LiteralValue::Int(number) => match number.inner().checked_mul(1000) {
                Some(thousandths) => Kind::Number(thousandths),
                None => self.wrong(id, "the number is too large", "at most 9,223,372,036,854,775"),
            },
            LiteralValue::Double(_) => {
                // From the text, not from the float: 0.1 is exact here.
                let written = self.text.value.get(from..to).unwrap_or_default();
                match crate::document::thousandths(written) {
                    Some(thousandths) => Kind::Number(thousandths),
                    None => self.wrong(id, "the number cannot be kept exactly", "at most three decimals"),
                }
            }
            LiteralValue::String(text) => Kind::Text(text.inner().to_owned()),
            LiteralValue::UInt(_) => self.wrong(id, "there are no unsigned numbers", "leave the u away"),
            LiteralValue::Bytes(_) => self.wrong(id, "there are no bytes", "leave the b away"),
            LiteralValue::Null => self.wrong(id, "there is no null", "use has(…) to ask whether a field is given"),
        }
    }

    /// What the author wrote of which CEL made this.
    fn each(&mut self, made: &ComprehensionExpr) -> Option<Kind> {
        if made.iter_var2.is_some() {
            return None;
        }
        let call = |expression: &'_ IdedExpr| match &expression.expr {
            Expr::Call(call) => Some(call.clone()),
            _ => None,
        };
        let step = call(&made.loop_step)?;
        let (how, filter, value) = match (&made.accu_init.expr, step.func_name.as_str(), step.args.as_slice()) {
            (Expr::Literal(LiteralValue::Boolean(_)), operators::LOGICAL_OR, [_, test]) => {
                (Each::Exists, None, test.clone())
            }
            (Expr::Literal(LiteralValue::Boolean(_)), operators::LOGICAL_AND, [_, test]) => {
                (Each::All, None, test.clone())
            }
            (Expr::Literal(LiteralValue::Int(_)), operators::CONDITIONAL, [test, _, _]) => {
                (Each::ExistsOne, None, test.clone())
            }
            (Expr::List(_), operators::ADD, [_, added]) => (Each::Map, None, only(added)?),
            (Expr::List(_), operators::CONDITIONAL, [test, kept, _]) => {
                let added = call(kept)?;
                let added = only(added.args.get(1)?)?;
                match &added.expr {
                    Expr::Ident(name) if *name == made.iter_var => (Each::Filter, None, test.clone()),
                    _ => (Each::Map, Some(test.clone()), added),
                }
            }
            _ => return None,
        };
        let list = self.boxed(&made.iter_range);
        let filter = filter.map(|filter| self.boxed(&filter));
        Some(Kind::Each { how, list, variable: made.iter_var.clone(), filter, value: self.boxed(&value) })
    }
}

/// The one element of a list literal.
fn only(list: &IdedExpr) -> Option<IdedExpr> {
    match &list.expr {
        Expr::List(list) => match list.elements.as_slice() {
            [one] => Some(one.clone()),
            _ => None,
        },
        _ => None,
    }
}

fn operator(name: &str) -> Option<Operator> {
    Some(match name {
        operators::LOGICAL_AND => Operator::And,
        operators::LOGICAL_OR => Operator::Or,
        operators::EQUALS => Operator::Equal,
        operators::NOT_EQUALS => Operator::NotEqual,
        operators::LESS => Operator::Less,
        operators::LESS_EQUALS => Operator::LessEqual,
        operators::GREATER => Operator::Greater,
        operators::GREATER_EQUALS => Operator::GreaterEqual,
        operators::IN => Operator::In,
        operators::ADD => Operator::Add,
        operators::SUBSTRACT => Operator::Subtract,
        operators::MULTIPLY => Operator::Multiply,
        operators::DIVIDE => Operator::Divide,
        _ => return None,
    })
}
