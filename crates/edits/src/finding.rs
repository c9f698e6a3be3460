//! A reported outcome.

use crate::{EditInfo, Outcome};
use claims::{Field, Place, Problem};
use codes::{Code, Date, DateRange, Modifier, Money, Units};
use std::fmt;

/// A value named in a finding: real codes, dates, units.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum Value {
    /// A code of a system written without a dot.
    Code(Code),
    /// A diagnosis code, written with its dot.
    Diagnosis(Code),
    /// Several codes.
    Codes(Vec<Code>),
    /// Several diagnosis codes.
    Diagnoses(Vec<Code>),
    /// A modifier.
    Modifier(Modifier),
    /// A day.
    Date(Date),
    /// An interval of days.
    Days(DateRange),
    /// Several intervals of days.
    Periods(Vec<DateRange>),
    /// A number.
    Count(i64),
    /// Line numbers.
    Lines(Vec<u32>),
    /// An amount.
    Money(Money),
    /// Service units.
    Units(Units),
    /// A field of the claim.
    Field(Field),
    /// Text: a title, or what a field held that is no code.
    Text(String),
}

/// Writes items with a comma between.
fn list<T: fmt::Display>(f: &mut fmt::Formatter<'_>, items: impl IntoIterator<Item = T>) -> fmt::Result {
    for (place, item) in items.into_iter().enumerate() {
        if place > 0 {
            f.write_str(", ")?;
        }
        write!(f, "{item}")?;
    }
    Ok(())
}

impl fmt::Display for Value {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Value::Code(code) => code.fmt(f),
            Value::Diagnosis(code) => code.diagnosis().fmt(f),
            Value::Codes(codes) => list(f, codes),
            Value::Diagnoses(codes) => list(f, codes.iter().map(|code| code.diagnosis())),
            Value::Modifier(modifier) => modifier.fmt(f),
            Value::Date(day) => day.fmt(f),
            Value::Days(days) => days.fmt(f),
            Value::Periods(periods) => list(f, periods),
            Value::Count(count) => count.fmt(f),
            Value::Lines(lines) => list(f, lines),
            Value::Money(money) => money.fmt(f),
            Value::Units(units) => units.fmt(f),
            Value::Field(field) => field.fmt(f),
            Value::Text(text) => text.fmt(f),
        }
    }
}

/// An edit's outcome that is reported.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Finding {
    /// The claim's place in its batch; [`Problem::NO_CLAIM`] when the finding is of no claim.
    pub claim: u32,
    /// The line's place in its claim, from 0; `None` when the finding is of the whole claim.
    pub line: Option<u32>,
    /// The edit's place in the scrubber's list.
    pub edit: u16,
    /// What came out. Never a pass.
    pub outcome: Outcome,
    /// The field at fault.
    pub field: Option<Field>,
    /// Of a field that holds several diagnoses ([`Field::BESIDE`]), which of them, from 0.
    pub item: u32,
    /// Which of the edit's messages says it. Not used for *not evaluated*, which says its reason itself.
    pub message: u8,
    /// The values that the message names, and more for machines.
    pub values: Vec<(&'static str, Value)>,
    /// The release whose row decided, an index into the codeset's releases.
    pub release: Option<u16>,
    /// Where the claim or line begins.
    pub place: Place,
    /// The suppression by which the site does not want it reported, by its place in the scrubber's list.
    pub suppressed: Option<u16>,
}

/// What outputs call a failure that the site suppresses.
const SUPPRESSED: &str = "suppressed";

/// The value by which a *not evaluated* finding tells why.
pub(crate) const REASON: &str = "reason";

impl Finding {
    /// A failure of this edit that belongs to no claim.
    pub fn outside(edit: u16, place: Place) -> Finding {
        Finding {
            claim: Problem::NO_CLAIM,
            line: None,
            edit,
            outcome: Outcome::Fail,
            field: None,
            item: 0,
            message: 0,
            values: Vec::new(),
            release: None,
            place,
            suppressed: None,
        }
    }

    /// What every output calls it: its outcome or, where the site suppresses it, *suppressed*.
    pub fn status(&self) -> &'static str {
        if self.suppressed.is_some() { SUPPRESSED } else { self.outcome.name() }
    }

    /// Adds a value that the message may name.
    pub fn with(&mut self, name: &'static str, value: Value) -> &mut Finding {
        self.values.push((name, value));
        self
    }

    /// Says which release decided.
    pub fn from_release(&mut self, release: u16) -> &mut Finding {
        self.release = Some(release);
        self
    }

    /// The value of this name.
    pub fn value(&self, name: &str) -> Option<&Value> {
        self.values.iter().find(|(own, _)| *own == name).map(|(_, value)| value)
    }

    /// The finding's message: what is wrong, with the real values, and why.
    pub fn message<'a>(&'a self, info: &'a EditInfo) -> impl fmt::Display + 'a {
        let template = match self.outcome {
            Outcome::NotEvaluated => "Not evaluated: {reason}.",
            _ => info.messages.get(usize::from(self.message)).map_or("", |message| &message.text),
        };
        Filled { template, finding: self }
    }

    /// What to do about it.
    pub fn fix<'a>(&'a self, info: &'a EditInfo) -> impl fmt::Display + 'a {
        let template = match self.outcome {
            Outcome::NotEvaluated => "",
            _ => info.messages.get(usize::from(self.message)).map_or("", |message| &message.fix),
        };
        Filled { template, finding: self }
    }
}

/// A template with the finding's values in their places.
struct Filled<'a> {
    template: &'a str,
    finding: &'a Finding,
}

impl fmt::Display for Filled<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut rest = self.template;
        while let Some((before, after)) = rest.split_once('{') {
            f.write_str(before)?;
            let (name, after) = after.split_once('}').unwrap_or((after, ""));
            match self.finding.value(name) {
                Some(value) => value.fmt(f)?,
                // A template that names a value its check does not give; a test over all findings refuses it.
                None => write!(f, "{{{name}}}")?,
            }
            rest = after;
        }
        f.write_str(rest)
    }
}
