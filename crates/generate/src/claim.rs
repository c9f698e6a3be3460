//! A claim as it is made and written.

use claims::Field;
use codes::{ClaimType, Code, Date, Modifier, Money, Sex};
use codeset::Ordinal;

/// The most diagnoses of a claim that is made.
pub(crate) const MOST_DIAGNOSES: usize = 12;
/// The most lines of a claim that is made, before an error adds one.
pub(crate) const MOST_LINES: usize = 12;
/// The most diagnoses that a line points to.
pub(crate) const MOST_POINTERS: usize = 4;

/// A claim. What is `None` or absent is written as an empty field.
#[derive(Clone, Debug)]
pub(crate) struct Claim {
    /// From 1; the claim's id is made of it.
    pub(crate) number: u64,
    pub(crate) claim_type: ClaimType,
    pub(crate) payer: u32,
    pub(crate) patient: u64,
    pub(crate) birth_date: Option<Date>,
    pub(crate) sex: Sex,
    /// Ten digits, which an error may have made no NPI.
    pub(crate) billing_npi: Option<u64>,
    pub(crate) bill_type: Option<&'static str>,
    /// Its first and last day, on institutional claims.
    pub(crate) statement: Option<[Date; 2]>,
    pub(crate) received: Option<Date>,
    pub(crate) total: Option<Money>,
    pub(crate) patient_status: Option<&'static str>,
    pub(crate) state: [u8; 2],
    pub(crate) lines: Vec<Line>,
    pub(crate) diagnoses: Vec<Code>,
    /// What stands in a field instead of the value above, for errors that no value can have.
    pub(crate) instead: Vec<Instead>,
}

/// A service line.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Line {
    pub(crate) rendering_npi: Option<u64>,
    pub(crate) from: Date,
    /// Not given where it is the first day too.
    pub(crate) to: Option<Date>,
    pub(crate) place: Code,
    pub(crate) revenue: Code,
    pub(crate) procedure: Code,
    /// The procedure's ordinal, when the codeset knows it.
    pub(crate) ordinal: Option<Ordinal>,
    pub(crate) modifiers: [Modifier; 4],
    pub(crate) units: i64,
    pub(crate) charge: Money,
    pub(crate) pointers: Pointers,
}

/// The numbers, from 1, of the diagnoses that a line rests on.
#[derive(Clone, Copy, PartialEq, Eq, Default, Debug)]
pub(crate) struct Pointers {
    numbers: [u8; MOST_POINTERS + 1],
    count: u8,
}

/// A text that stands in a field.
#[derive(Clone, Debug)]
pub(crate) struct Instead {
    /// The line from 0, or `None` for the claim's own field.
    pub(crate) line: Option<usize>,
    pub(crate) field: Field,
    pub(crate) text: String,
}

impl Claim {
    /// A claim with nothing in it.
    pub(crate) fn empty() -> Claim {
        Claim {
            number: 0,
            claim_type: ClaimType::Professional,
            payer: 0,
            patient: 0,
            birth_date: None,
            sex: Sex::Unknown,
            billing_npi: None,
            bill_type: None,
            statement: None,
            received: None,
            total: None,
            patient_status: None,
            state: *b"  ",
            lines: Vec::with_capacity(MOST_LINES + 1),
            diagnoses: Vec::with_capacity(MOST_DIAGNOSES + 1),
            instead: Vec::new(),
        }
    }

    /// Whether it is institutional.
    pub(crate) fn is_institutional(&self) -> bool {
        self.claim_type == ClaimType::Institutional
    }

    /// Makes the total what the lines come to.
    pub(crate) fn add_up(&mut self) {
        self.total = Some(Money::from_cents(self.lines.iter().map(|line| line.charge.cents()).sum()));
    }

    /// Has a text stand in a field.
    pub(crate) fn write_instead(&mut self, line: Option<usize>, field: Field, text: &str) {
        self.instead.push(Instead { line, field, text: text.to_owned() });
    }
}

impl Line {
    /// The first free modifier place, from 0.
    pub(crate) fn free_modifier(&self) -> Option<usize> {
        self.modifiers.iter().position(|modifier| modifier.is_absent())
    }
}

impl Pointers {
    /// The numbers.
    pub(crate) fn numbers(&self) -> &[u8] {
        &self.numbers[..usize::from(self.count)]
    }

    /// Adds a number, unless there are five already: one more than a line may have.
    pub(crate) fn push(&mut self, number: u8) {
        if let Some(slot) = self.numbers.get_mut(usize::from(self.count)) {
            *slot = number;
            self.count += 1;
        }
    }

    /// Whether another one may be added.
    pub(crate) fn has_room(&self) -> bool {
        usize::from(self.count) < MOST_POINTERS
    }
}
