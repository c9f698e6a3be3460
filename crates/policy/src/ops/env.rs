//! What a condition is judged on: a claim, one of its lines, and the elements of lists that are being walked.

use super::{Attributes, Known, LineRef, SLOTS};
use crate::ranges::CodeSet;
use claims::{Field, Given};
use codes::{Code, Date};
use codeset::{AttributeId, Ordinal, Row};
use edits::{ClaimFacts, DiagnosisFacts, LineFacts, Lookup, Reason};

/// What a condition is judged on.
pub(crate) struct Env<'e> {
    pub(crate) facts: &'e ClaimFacts<'e>,
    pub(crate) sets: &'e [CodeSet],
    /// The line judged; of no use to conditions that are judged once a claim.
    pub(crate) line: u32,
    slots: [Item; SLOTS],
}

/// An element of a list.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Item {
    None,
    Line(u32),
    Code(CodeValue),
    Number(i64),
    Date(Date),
}

/// A code of a claim. Zero bits are no code.
#[derive(Clone, Copy, Debug)]
pub(crate) struct CodeValue {
    pub(crate) bits: u64,
    pub(crate) ordinal: Option<Ordinal>,
    /// The line that it is of, if of one.
    pub(super) line: Option<u32>,
}

impl CodeValue {
    pub(super) const NONE: CodeValue = CodeValue { bits: 0, ordinal: None, line: None };

    pub(super) fn plain(code: Code) -> CodeValue {
        CodeValue { bits: code.to_bits(), ordinal: None, line: None }
    }

    pub(super) fn diagnosis(dx: &DiagnosisFacts, line: Option<u32>) -> CodeValue {
        CodeValue { bits: dx.code.to_bits(), ordinal: dx.lookup.ordinal(), line }
    }

    pub(crate) fn code(self) -> Code {
        Code::from_bits(self.bits)
    }

    /// Whether it is a code at all: given, and of a code's form.
    pub(super) fn is_given(self) -> bool {
        !self.code().is_absent() && !self.code().is_malformed()
    }
}

impl<'e> Env<'e> {
    pub(crate) fn new(facts: &'e ClaimFacts<'e>, sets: &'e [CodeSet]) -> Env<'e> {
        Env { facts, sets, line: 0, slots: [Item::None; SLOTS] }
    }

    pub(super) fn index(&self, line: LineRef) -> u32 {
        match line {
            LineRef::Judged => self.line,
            LineRef::Slot(slot) => match self.slot(slot) {
                Item::Line(line) => line,
                // The checker gives no other item to a line's slot.
                _ => u32::MAX,
            },
        }
    }

    pub(super) fn slot(&self, slot: u8) -> Item {
        self.slots.get(usize::from(slot)).copied().unwrap_or(Item::None)
    }

    pub(crate) fn set(&mut self, slot: u8, item: Item) {
        if let Some(own) = self.slots.get_mut(usize::from(slot)) {
            *own = item;
        }
    }

    pub(super) fn line(&self, line: LineRef) -> Known<&'e LineFacts<'e>> {
        self.facts.lines.get(self.index(line) as usize).ok_or(Reason::InternalError)
    }

    #[inline]
    pub(super) fn column(&self, field: Field) -> Known<()> {
        if self.facts.has_column(field) { Ok(()) } else { Err(Reason::FieldAbsent(field)) }
    }

    /// A code of which a line or claim may have none.
    #[inline]
    pub(super) fn optional(&self, code: Code, lookup: Lookup, field: Field, line: Option<u32>) -> Known<CodeValue> {
        self.column(field)?;
        Ok(CodeValue { bits: code.to_bits(), ordinal: lookup.ordinal(), line })
    }

    pub(super) fn text_of_claim(&self, field: Field) -> Known<&'e str> {
        self.column(field)?;
        self.facts.claim.text_of(field).ok_or(Reason::FieldAbsent(field))
    }

    pub(super) fn text_of_line(&self, line: LineRef, field: Field) -> Known<&'e str> {
        self.column(field)?;
        let line = self.index(line) as usize;
        self.facts.claim.text_of_line(line, field).ok_or(Reason::FieldAbsent(field))
    }

    pub(crate) fn first_service(&self) -> Known<Date> {
        let first = self.facts.lines.iter().filter_map(|line| line.date).min();
        first.or(self.facts.claim.row.statement_from.value()).ok_or(Reason::FieldAbsent(Field::ServiceFrom))
    }

    pub(super) fn last_service(&self) -> Known<Date> {
        let last = self.facts.lines.iter().filter_map(|line| line.row.service_to.value().or(line.date)).max();
        last.or(self.facts.claim.row.statement_to.value()).ok_or(Reason::FieldAbsent(Field::ServiceFrom))
    }

    /// The code's row on its day; none where no code is given.
    pub(super) fn row(&mut self, attributes: &Attributes) -> Known<Option<&'e Row>> {
        let table = attributes.system.name();
        let system = self.facts.system(attributes.system).ok_or(Reason::TableNotLoaded(table))?;
        let code = attributes.code.eval(self)?;
        if code.code().is_absent() {
            return Ok(None);
        }
        let day = self.day_of(attributes, code)?;
        let row = code.ordinal.and_then(|ordinal| system.row_on(ordinal, day));
        match row {
            Some(row) => Ok(Some(row)),
            None if system.covers(day) => Err(Reason::CodeNotValid(table)),
            None => Err(Reason::DateOutsideReleases(table)),
        }
    }

    /// What a table of attributes says of the code on its day; `None` where it does not list it.
    pub(super) fn table_row(&mut self, attributes: &Attributes, id: AttributeId) -> Known<Option<[u8; 8]>> {
        let table = self.facts.attributes(id).ok_or(Reason::TableNotLoaded(id.name()))?;
        let code = attributes.code.eval(self)?;
        if code.code().is_absent() {
            return Ok(None);
        }
        let day = self.day_of(attributes, code)?;
        if !table.covers(day) {
            return Err(Reason::DateOutsideReleases(id.name()));
        }
        Ok(code.ordinal.and_then(|ordinal| table.row_on(ordinal, day)).map(|row| row.value))
    }

    fn day_of(&mut self, attributes: &Attributes, code: CodeValue) -> Known<Date> {
        match (&attributes.on, code.line) {
            (Some(on), _) => on.eval(self),
            (None, Some(line)) => {
                let line = self.facts.lines.get(line as usize).ok_or(Reason::InternalError)?;
                line.governing_date()
            }
            (None, None) => self.first_service(),
        }
    }
}

pub(super) fn given<T>(value: Given<T>, field: Field) -> Known<T> {
    value.value().ok_or(Reason::FieldAbsent(field))
}

pub(super) fn given_text(text: &str, field: Field) -> Known<&str> {
    if text.is_empty() { Err(Reason::FieldAbsent(field)) } else { Ok(text) }
}
