//! Messages with places for values, cut up once and filled many times.

use super::values::put_value;
use crate::escape::Escape;
use claims::Place;
use edits::{EditInfo, Finding, Outcome};

/// A message: text, then any number of values each followed by more text. The text is escaped already.
#[derive(Clone)]
pub(super) struct Template {
    first: Vec<u8>,
    rest: Vec<(String, Vec<u8>)>,
}

/// A message and its fix.
#[derive(Clone)]
pub(super) struct Texts {
    pub(super) message: Template,
    pub(super) fix: Template,
}

impl Template {
    const EMPTY: Template = Template { first: Vec::new(), rest: Vec::new() };

    /// Reads a template as [`Finding::message`] does: `{name}` stands for a value.
    fn new<E: Escape>(text: &str) -> Template {
        let escaped = |text: &str| {
            let mut out = Vec::new();
            E::put(text, &mut out);
            out
        };
        let (first, mut left) = text.split_once('{').map_or((text, None), |(first, left)| (first, Some(left)));
        let mut rest = Vec::new();
        while let Some(text) = left {
            let (name, after) = text.split_once('}').unwrap_or((text, ""));
            let (literal, next) = after.split_once('{').map_or((after, None), |(text, next)| (text, Some(next)));
            rest.push((name.to_owned(), escaped(literal)));
            left = next;
        }
        Template { first: escaped(first), rest }
    }

    /// Whether it says nothing.
    pub(super) fn is_empty(&self) -> bool {
        self.first.is_empty() && self.rest.is_empty()
    }

    /// Appends the text with the finding's values in their places.
    pub(super) fn fill<E: Escape>(&self, finding: &Finding, out: &mut Vec<u8>) {
        out.extend_from_slice(&self.first);
        for (name, literal) in &self.rest {
            match finding.value(name) {
                Some(value) => put_value::<E>(value, out),
                None => {
                    E::put("{", out);
                    E::put(name, out);
                    E::put("}", out);
                }
            }
            out.extend_from_slice(literal);
        }
    }
}

impl Texts {
    pub(super) const NONE: Texts = Texts { message: Template::EMPTY, fix: Template::EMPTY };

    /// The texts of a finding that came out so, with this message.
    fn new<E: Escape>(info: &EditInfo, outcome: Outcome, message: u8) -> Texts {
        // A finding without values shows its template as it is, so edits alone say which template an outcome has.
        let bare = Finding {
            claim: 0,
            line: None,
            edit: 0,
            outcome,
            field: None,
            item: 0,
            message,
            values: Vec::new(),
            release: None,
            place: Place::default(),
            suppressed: None,
        };
        Texts {
            message: Template::new::<E>(&bare.message(info).to_string()),
            fix: Template::new::<E>(&bare.fix(info).to_string()),
        }
    }

    /// The texts of each of the edit's messages, and those of what is not evaluated.
    pub(super) fn of<E: Escape>(info: &EditInfo) -> (Vec<Texts>, Texts) {
        let numbers = (0..=u8::MAX).take(info.messages.len());
        let messages = numbers.map(|number| Texts::new::<E>(info, Outcome::Fail, number)).collect();
        (messages, Texts::new::<E>(info, Outcome::NotEvaluated, 0))
    }
}
