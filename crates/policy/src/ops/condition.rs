//! Conditions: what is true, false, or not known.

use super::{Attributes, CodeOp, CodeValue, Day, Env, Known, List, Number, TextOp};
use codes::Code;
use codeset::{AttributeId, Row};
use edits::Reason;

#[derive(Clone, PartialEq, Eq, Debug)]
pub(crate) enum Bool {
    Const(bool),
    And(Vec<Bool>),
    Or(Vec<Bool>),
    Not(Box<Bool>),
    If(Box<[Bool; 3]>),
    Same(Box<[Bool; 2]>),
    Numbers(Compare, Box<[Number; 2]>),
    Dates(Compare, Box<[Day; 2]>),
    SameCode(Box<[CodeOp; 2]>),
    CodeIs(CodeOp, u64),
    /// Sorted.
    CodeIn(CodeOp, Vec<u64>),
    InSet(CodeOp, u32),
    CodeStarts(CodeOp, Code),
    SameText(Box<[TextOp; 2]>),
    Text(TextTest, Box<[TextOp; 2]>),
    Exists(Box<List>, u8, Box<Bool>),
    ExistsOne(Box<List>, u8, Box<Bool>),
    All(Box<List>, u8, Box<Bool>),
    Given(Box<Probe>),
    Flag(Attributes, u32),
    Valid(Attributes),
    /// Whether a table of attributes lists the code on its day.
    Listed(Attributes, AttributeId),
}

#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) enum Compare {
    Equal,
    Less,
    LessEqual,
}

impl Compare {
    pub(crate) fn holds<T: Ord>(self, a: T, b: T) -> bool {
        match self {
            Compare::Equal => a == b,
            Compare::Less => a < b,
            Compare::LessEqual => a <= b,
        }
    }
}

#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) enum TextTest {
    Starts,
    Ends,
    Contains,
}

/// Whether a value is there.
#[derive(Clone, PartialEq, Eq, Debug)]
pub(crate) enum Probe {
    Number(Number),
    Date(Day),
    Code(CodeOp),
    Text(TextOp),
    List(List),
}

/// `wanted` as soon as one of the parts is that: what is not known of the others does not matter then.
fn one_is(wanted: bool, parts: &[Bool], env: &mut Env<'_>) -> Known<bool> {
    let mut unknown = None;
    for part in parts {
        match part.eval(env) {
            Ok(value) if value == wanted => return Ok(wanted),
            Ok(_) => {}
            Err(reason) => {
                unknown.get_or_insert(reason);
            }
        }
    }
    unknown.map_or(Ok(!wanted), Err)
}

/// The same of a test, over the items of a list.
fn one_item_is(wanted: bool, list: &List, slot: u8, test: &Bool, env: &mut Env<'_>) -> Known<bool> {
    let (mut found, mut unknown) = (false, None);
    list.each(env, &mut |env, item| {
        env.set(slot, item);
        match test.eval(env) {
            Ok(value) => found = value == wanted,
            Err(reason) => {
                unknown.get_or_insert(reason);
            }
        }
        Ok(!found)
    })?;
    if found { Ok(wanted) } else { unknown.map_or(Ok(!wanted), Err) }
}

impl Bool {
    pub(crate) fn eval(&self, env: &mut Env<'_>) -> Known<bool> {
        match self {
            Bool::Const(value) => Ok(*value),
            Bool::And(parts) => one_is(false, parts, env),
            Bool::Or(parts) => one_is(true, parts, env),
            Bool::Not(part) => part.eval(env).map(|value| !value),
            Bool::If(parts) => {
                let [test, yes, no] = &**parts;
                if test.eval(env)? { yes.eval(env) } else { no.eval(env) }
            }
            Bool::Same(parts) => {
                let [a, b] = &**parts;
                Ok(a.eval(env)? == b.eval(env)?)
            }
            Bool::Numbers(compare, parts) => {
                let [a, b] = &**parts;
                Ok(compare.holds(a.eval(env)?, b.eval(env)?))
            }
            Bool::Dates(compare, parts) => {
                let [a, b] = &**parts;
                Ok(compare.holds(a.eval(env)?, b.eval(env)?))
            }
            Bool::SameCode(parts) => {
                let [a, b] = &**parts;
                let (a, b) = (a.eval(env)?, b.eval(env)?);
                Ok(a.is_given() && a.bits == b.bits)
            }
            Bool::CodeIs(code, bits) => Ok(code.eval(env)?.bits == *bits),
            Bool::CodeIn(code, all) => {
                let code = code.eval(env)?;
                Ok(all.binary_search(&code.bits).is_ok())
            }
            Bool::InSet(code, set) => {
                let code = code.eval(env)?;
                let set = env.sets.get(*set as usize).ok_or(Reason::InternalError)?;
                Ok(code.ordinal.is_some_and(|ordinal| set.contains(ordinal)))
            }
            Bool::CodeStarts(code, prefix) => {
                let code = code.eval(env)?;
                Ok(code.is_given() && code.code().starts_with(*prefix))
            }
            Bool::SameText(parts) => {
                let [a, b] = &**parts;
                Ok(a.eval(env)? == b.eval(env)?)
            }
            Bool::Text(test, parts) => {
                let [text, part] = &**parts;
                let (text, part) = (text.eval(env)?, part.eval(env)?);
                Ok(match test {
                    TextTest::Starts => text.starts_with(part),
                    TextTest::Ends => text.ends_with(part),
                    TextTest::Contains => text.contains(part),
                })
            }
            Bool::Exists(list, slot, test) => one_item_is(true, list, *slot, test, env),
            Bool::All(list, slot, test) => one_item_is(false, list, *slot, test, env),
            Bool::ExistsOne(list, slot, test) => {
                let mut count = 0u32;
                list.each(env, &mut |env, item| {
                    env.set(*slot, item);
                    count += u32::from(test.eval(env)?);
                    Ok(true)
                })?;
                Ok(count == 1)
            }
            Bool::Given(probe) => Ok(match &**probe {
                Probe::Number(number) => number.eval(env).is_ok(),
                Probe::Date(day) => day.eval(env).is_ok(),
                Probe::Code(code) => code.eval(env).is_ok_and(CodeValue::is_given),
                Probe::Text(text) => text.eval(env).is_ok(),
                Probe::List(list) => {
                    let mut any = false;
                    let walked = list.each(env, &mut |_, _| {
                        any = true;
                        Ok(false)
                    });
                    walked.is_ok() && any
                }
            }),
            Bool::Flag(attributes, bits) => Ok(env.row(attributes)?.is_some_and(|row| row.has(*bits))),
            Bool::Listed(attributes, table) => Ok(env.table_row(attributes, *table)?.is_some()),
            Bool::Valid(attributes) => match env.row(attributes) {
                Ok(row) => Ok(row.is_some_and(Row::is_billable)),
                Err(Reason::CodeNotValid(_)) => Ok(false),
                Err(reason) => Err(reason),
            },
        }
    }

    /// The first of two where it holds, else the second.
    pub(super) fn choose<'p, T>(&self, parts: &'p [T; 2], env: &mut Env<'_>) -> Known<&'p T> {
        let [yes, no] = parts;
        Ok(if self.eval(env)? { yes } else { no })
    }
}
