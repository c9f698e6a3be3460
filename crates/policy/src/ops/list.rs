//! Lists, walked one element after another and never held.

use super::{Bool, CodeOp, CodeValue, Day, Env, Item, Known, LineRef, Number};
use claims::Field;
use codes::{Code, Modifier};

#[derive(Clone, PartialEq, Eq, Debug)]
pub(crate) enum List {
    Lines,
    Modifiers(LineRef),
    /// Those that the line points to.
    LineDiagnoses(LineRef),
    Diagnoses,
    Conditions,
    Items(Vec<Element>),
    Filter(Box<List>, u8, Box<Bool>),
    Map(Box<List>, u8, Box<Element>),
}

#[derive(Clone, PartialEq, Eq, Debug)]
pub(crate) enum Element {
    Number(Number),
    Date(Day),
    Code(CodeOp),
    Line(LineRef),
}

impl List {
    /// Whether it is as long as the claim has lines or diagnoses, or as some of these.
    pub(crate) fn grows_with_claim(&self) -> bool {
        match self {
            List::Lines | List::LineDiagnoses(_) | List::Diagnoses => true,
            List::Modifiers(_) | List::Conditions | List::Items(_) => false,
            List::Filter(of, ..) | List::Map(of, ..) => of.grows_with_claim(),
        }
    }

    /// Calls `take` with one element after another, until it answers false. An element that is not known ends it
    /// with the reason.
    pub(crate) fn each<'e>(
        &self,
        env: &mut Env<'e>,
        take: &mut dyn FnMut(&mut Env<'e>, Item) -> Known<bool>,
    ) -> Known<()> {
        match self {
            List::Lines => {
                for line in 0..env.facts.lines.len() as u32 {
                    if !take(env, Item::Line(line))? {
                        break;
                    }
                }
            }
            List::Modifiers(line) => {
                env.column(Field::Modifier(1))?;
                let (at, line) = (env.index(*line), env.line(*line)?);
                for (modifier, lookup) in line.row.modifiers.into_iter().zip(line.modifiers) {
                    if modifier == Modifier::ABSENT {
                        continue;
                    }
                    let bits = if modifier.is_malformed() { Code::MALFORMED } else { modifier.code() }.to_bits();
                    let code = CodeValue { bits, ordinal: lookup.ordinal(), line: Some(at) };
                    if !take(env, Item::Code(code))? {
                        break;
                    }
                }
            }
            List::LineDiagnoses(line) => {
                env.column(Field::Diagnosis(1))?;
                let (at, line) = (env.index(*line), env.line(*line)?);
                for (place, dx) in env.facts.given_diagnoses() {
                    if place < 32 && line.pointed & (1 << place) == 0 {
                        continue;
                    }
                    if !take(env, Item::Code(CodeValue::diagnosis(dx, Some(at))))? {
                        break;
                    }
                }
            }
            List::Diagnoses => {
                env.column(Field::Diagnosis(1))?;
                for (_, dx) in env.facts.given_diagnoses() {
                    if !take(env, Item::Code(CodeValue::diagnosis(dx, None)))? {
                        break;
                    }
                }
            }
            List::Conditions => {
                env.column(Field::ConditionCodes)?;
                for &code in env.facts.claim.conditions() {
                    if !take(env, Item::Code(CodeValue::plain(code)))? {
                        break;
                    }
                }
            }
            List::Items(items) => {
                for item in items {
                    let item = item.eval(env)?;
                    if !take(env, item)? {
                        break;
                    }
                }
            }
            // As in CEL, an element of which it is not known whether it belongs to the list makes all of it unknown,
            // whether it comes before or after the one that would settle the question. So these are walked to the end.
            List::Filter(list, slot, test) => {
                let mut goes_on = true;
                list.each(env, &mut |env, item| {
                    env.set(*slot, item);
                    if test.eval(env)? && goes_on {
                        goes_on = take(env, item)?;
                    }
                    Ok(true)
                })?;
            }
            List::Map(list, slot, element) => {
                let mut goes_on = true;
                list.each(env, &mut |env, item| {
                    env.set(*slot, item);
                    let item = element.eval(env)?;
                    if goes_on {
                        goes_on = take(env, item)?;
                    }
                    Ok(true)
                })?;
            }
        }
        Ok(())
    }
}

impl Element {
    fn eval(&self, env: &mut Env<'_>) -> Known<Item> {
        Ok(match self {
            Element::Number(number) => Item::Number(number.eval(env)?),
            Element::Date(day) => Item::Date(day.eval(env)?),
            Element::Code(code) => Item::Code(code.eval(env)?),
            Element::Line(line) => Item::Line(env.index(*line)),
        })
    }
}
