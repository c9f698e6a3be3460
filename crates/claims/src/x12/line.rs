//! The service line: loops 2400 to 2440.

use super::id::Id;
use super::loops::Part;
use super::value::{List, Lists, Source, Value, is_text, joint};
use crate::values::{OpenClaim, OpenLine};
use crate::{ClaimBatch, Columns, Field, ProblemKind};
use codes::Money;

/// The lists of a line.
const LISTS: [Field; 3] = [Field::Note, Field::ToothCodes, Field::LineDates];

const UTF8: &str = "UTF-8 text";
const PAID: &str = "an amount as 1234.56 from each payer";

/// A line whose segments are still coming.
pub(super) struct LineState<'a> {
    open: OpenLine,
    /// Its place in the batch.
    index: u32,
    /// The fields that it has; the first value of each holds.
    given: Columns,
    /// Whether its SV1, SV2 or SV3 has come.
    served: bool,
    lists: Lists<'a>,
    paid: Option<(Value<'a>, Option<Money>)>,
    description: Option<Value<'a>>,
}

/// What a claim says for all of its lines.
#[derive(Clone, Copy, Default)]
pub(super) struct ForLines<'a> {
    pub(super) place_of_service: Option<Value<'a>>,
    pub(super) rendering: Option<Value<'a>>,
    pub(super) service_from: Option<Value<'a>>,
    pub(super) service_to: Option<Value<'a>>,
}

impl<'a> LineState<'a> {
    /// Begins a line with this segment: an LX, or the service itself where there is none.
    pub(super) fn open(
        claim: &OpenClaim,
        ordinal: u32,
        source: &Source<'_, 'a>,
        batch: &mut ClaimBatch,
    ) -> LineState<'a> {
        let index = batch.lines.len() as u32;
        let open = claim.line(batch, ordinal, source.segment.place);
        batch.origins.of_line(index, Field::LineNumber, source.number(), 0, 0);
        LineState {
            open,
            index,
            given: Columns::NONE,
            served: false,
            lists: Lists::default(),
            paid: None,
            description: None,
        }
    }

    /// Whether the line has its service.
    pub(super) fn is_served(&self) -> bool {
        self.served
    }

    /// Reads a field, if it is given and was not before.
    #[inline]
    pub(super) fn set(&mut self, batch: &mut ClaimBatch, field: Field, value: Option<Value<'a>>) {
        let Some(value) = value else { return };
        if !self.given.has(field) {
            self.given = self.given.with(field);
            self.put(batch, field, value);
        }
    }

    /// As [`LineState::set`], in the midst of the caller: for the fields that nearly every line has.
    #[inline(always)]
    fn set_here(&mut self, batch: &mut ClaimBatch, field: Field, value: Option<Value<'a>>) {
        let Some(value) = value else { return };
        if !self.given.has(field) {
            self.given = self.given.with(field);
            put_here(&mut self.open, self.index, batch, field, value.text, value);
        }
    }

    /// Reads a field, or a further one of numbered fields.
    fn put(&mut self, batch: &mut ClaimBatch, field: Field, value: Value<'a>) {
        put(&mut self.open, self.index, batch, field, value.text, value);
    }

    /// Reads a segment of the line.
    pub(super) fn segment(&mut self, batch: &mut ClaimBatch, source: &Source<'_, 'a>, part: Part, party: &[u8]) {
        match (source.segment.id, part) {
            (Id::LX, _) => self.set_here(batch, Field::LineNumber, source.element(1)),
            (Id::SV1, _) => self.professional(batch, source),
            (Id::SV2, _) => self.institutional(batch, source),
            (Id::SV3, _) => self.dental(batch, source),
            (Id::TOO, _) => self.tooth(source),
            (Id::DTP, Part::Line) => self.date(batch, source),
            (Id::REF, Part::Line) => self.reference(batch, source),
            (Id::NTE, Part::Line) => {
                if let Some(note) = source.element(2) {
                    self.lists.push(Field::Note, &[note.text], note);
                }
            }
            (Id::LIN, _) if source.segment.trimmed(2) == b"N4" => {
                self.set(batch, Field::Ndc, source.element(3));
            }
            (Id::CTP, Part::Drug) => {
                self.set(batch, Field::NdcQuantity, source.element(4));
                self.set(batch, Field::NdcUnit, source.component(5, 1));
            }
            (Id::NM1, Part::LineParty) if source.segment.trimmed(8) == b"XX" => match party {
                b"82" => self.set_here(batch, Field::RenderingNpi, source.element(9)),
                b"DK" => self.set(batch, Field::OrderingNpi, source.element(9)),
                _ => {}
            },
            (Id::SVD, _) => self.decided(source),
            _ => {}
        }
    }

    fn professional(&mut self, batch: &mut ClaimBatch, source: &Source<'_, 'a>) {
        self.served = true;
        let [_, _, charge, basis, units, place, _, pointers, _, emergency] = source.segment.elements::<10>();
        self.procedure(batch, source, 1);
        self.set_here(batch, Field::Charge, source.of(charge, 2, 0));
        self.set(batch, Field::UnitBasis, source.of(basis, 3, 0));
        self.set_here(batch, Field::Units, source.of(units, 4, 0));
        self.set_here(batch, Field::PlaceOfService, source.of(place, 5, 0));
        self.pointers(batch, source, source.of(pointers, 7, 0));
        self.set(batch, Field::Emergency, source.of(emergency, 9, 0));
    }

    fn institutional(&mut self, batch: &mut ClaimBatch, source: &Source<'_, 'a>) {
        self.served = true;
        let [_, revenue_code, _, charge, basis, units] = source.segment.elements::<6>();
        self.set(batch, Field::RevenueCode, source.of(revenue_code, 1, 0));
        self.procedure(batch, source, 2);
        self.set(batch, Field::Charge, source.of(charge, 3, 0));
        self.set(batch, Field::UnitBasis, source.of(basis, 4, 0));
        self.set(batch, Field::Units, source.of(units, 5, 0));
    }

    fn dental(&mut self, batch: &mut ClaimBatch, source: &Source<'_, 'a>) {
        self.served = true;
        self.procedure(batch, source, 1);
        self.set(batch, Field::Charge, source.element(2));
        self.set(batch, Field::PlaceOfService, source.element(3));
        for component in 1..=5 {
            if let Some(area) = source.component(4, component) {
                self.lists.push(Field::ToothCodes, &[b"@", area.text], area);
            }
        }
        self.set(batch, Field::Units, source.element(6));
        self.pointers(batch, source, source.element(11));
    }

    /// The composite C003: qualifier, code, up to four modifiers, description.
    fn procedure(&mut self, batch: &mut ClaimBatch, source: &Source<'_, 'a>, element: u8) {
        let [qualifier, code, modifiers @ .., description] = source.components::<7>(element);
        let (qualifier, code) = (source.of(qualifier, element, 1), source.of(code, element, 2));
        let system = qualifier.map_or(&b"HC"[..], |qualifier| qualifier.text);
        match code {
            Some(code) if !matches!(system, b"HC" | b"AD") => {
                // Of another system, as HIPPS is: no table of procedures knows it, nor should one be asked.
                let mut list = List::default();
                list.push(b'=', &[system, b"=", code.text], code);
                if let (false, Some((text, value))) = (self.given.has(Field::OtherProcedure), list.take()) {
                    self.given = self.given.with(Field::OtherProcedure);
                    put(&mut self.open, self.index, batch, Field::OtherProcedure, text, value);
                }
            }
            code => self.set_here(batch, Field::Procedure, code),
        }
        let further = self.given.has(Field::Modifier(1));
        for (number, modifier) in (1..=Field::MODIFIERS).zip(modifiers) {
            if let (Some(modifier), false) = (source.of(modifier, element, number + 2), further) {
                self.given = self.given.with(Field::Modifier(number));
                self.put(batch, Field::Modifier(number), modifier);
            }
        }
        self.description = self.description.or(source.of(description, element, 7));
    }

    /// The composite C004: up to four pointers.
    fn pointers(&mut self, batch: &mut ClaimBatch, source: &Source<'_, 'a>, value: Option<Value<'a>>) {
        let Some(value) = value.filter(|_| !self.given.has(Field::DxPointers)) else { return };
        self.given = self.given.with(Field::DxPointers);
        let separator = source.segment.separators.component;
        if separator == joint(Field::DxPointers) {
            return self.put(batch, Field::DxPointers, value);
        }
        let mut list = List::default();
        for item in value.text.split(|&byte| byte == separator) {
            list.push(b':', &[item], value);
        }
        if let Some((text, value)) = list.take() {
            put(&mut self.open, self.index, batch, Field::DxPointers, text, value);
        }
    }

    /// TOO: a tooth and its surfaces.
    fn tooth(&mut self, source: &Source<'_, 'a>) {
        let Some(tooth) = source.element(2) else { return };
        let surfaces: Vec<&[u8]> = (1..=5).filter_map(|m| source.component(3, m)).map(|value| value.text).collect();
        let slash: &[u8] = if surfaces.is_empty() { b"" } else { b"/" };
        self.lists.push(Field::ToothCodes, &[tooth.text, slash, &surfaces.concat()], tooth);
    }

    fn date(&mut self, batch: &mut ClaimBatch, source: &Source<'_, 'a>) {
        let (from, to) = dates(source);
        match source.segment.trimmed(1) {
            b"472" => {
                self.set_here(batch, Field::ServiceFrom, from);
                self.set(batch, Field::ServiceTo, to);
            }
            _ => {
                if let Some((parts, value)) = date_item(source) {
                    self.lists.push(Field::LineDates, &parts, value);
                }
            }
        }
    }

    fn reference(&mut self, batch: &mut ClaimBatch, source: &Source<'_, 'a>) {
        // REF04 says that the number is another payer's.
        if !source.segment.trimmed(4).is_empty() {
            return;
        }
        let field = match source.segment.trimmed(1) {
            b"6R" => Field::LineReference,
            b"G1" | b"9F" => Field::LinePriorAuthorization,
            b"X4" => Field::LineCliaNumber,
            _ => return,
        };
        self.set(batch, field, source.element(2));
    }

    /// SVD: what another payer paid for the line. The amounts of several are added.
    fn decided(&mut self, source: &Source<'_, 'a>) {
        let Some(amount) = source.element(2) else { return };
        let paid = Money::parse(amount.text);
        self.paid = match self.paid {
            None => Some((amount, paid)),
            Some((first, sum)) => Some((first, sum.and_then(|sum| sum.checked_add(paid?)))),
        };
    }

    /// Ends the line.
    pub(super) fn close(&mut self, claim: &mut OpenClaim, batch: &mut ClaimBatch, for_lines: &ForLines<'a>) {
        self.set_here(batch, Field::PlaceOfService, for_lines.place_of_service);
        self.set(batch, Field::RenderingNpi, for_lines.rendering);
        if !self.given.has(Field::ServiceFrom) {
            self.set(batch, Field::ServiceFrom, for_lines.service_from);
            self.set(batch, Field::ServiceTo, for_lines.service_to);
        }
        let fields = if self.lists.is_empty() { &[][..] } else { &LISTS };
        for &field in fields {
            if let Some((text, value)) = self.lists.of(field).and_then(List::take) {
                self.given = self.given.with(field);
                put(&mut self.open, self.index, batch, field, text, value);
            }
        }
        self.set(batch, Field::Note, self.description);
        match self.paid {
            Some((first, Some(sum))) => {
                let text = sum.to_string();
                put(&mut self.open, self.index, batch, Field::PaidAmount, text.as_bytes(), first);
            }
            Some((first, None)) => self.open.bad(batch, Field::PaidAmount, first.text, PAID),
            None => {}
        }
        claim.push_here(batch, &self.open);
    }
}

/// Reads a line's field from a text that was made of what stands at `value`.
fn put(line: &mut OpenLine, index: u32, batch: &mut ClaimBatch, field: Field, text: &[u8], value: Value<'_>) {
    put_here(line, index, batch, field, text, value);
}

/// As [`put`], in the midst of the caller.
#[inline(always)]
fn put_here(line: &mut OpenLine, index: u32, batch: &mut ClaimBatch, field: Field, text: &[u8], value: Value<'_>) {
    batch.origins.of_line(index, field, value.segment, value.element, value.component);
    if is_text(text) {
        line.set_here(batch, field, text);
    } else {
        line.problem(batch, ProblemKind::BadValue { expected: UTF8 }, Some(field));
    }
}

/// The first and the last day of a DTP; of a single day there is no last, and of a time of day there is neither.
pub(super) fn dates<'a>(source: &Source<'_, 'a>) -> (Option<Value<'a>>, Option<Value<'a>>) {
    let Some(value) = source.element(3) else { return (None, None) };
    let given = |text: &'a [u8]| Some(value.with(text)).filter(|value| !value.text.is_empty());
    let range = |at: usize| (given(value.text.get(..at).unwrap_or_default()), value.text.get(at + 1..).and_then(given));
    match source.segment.trimmed(2) {
        b"TM" => (None, None),
        b"RD8" => memchr::memchr(b'-', value.text).map_or((Some(value), None), range),
        // Day and time of day.
        b"DT" => (given(value.text.get(..8).unwrap_or(value.text)), None),
        // A range under the qualifier of a single day can only be meant as one.
        _ if value.text.len() == 17 && value.text.get(8) == Some(&b'-') => range(8),
        _ => (Some(value), None),
    }
}

/// A date of a DTP as an item of [`Field::LineDates`] or [`Field::ClaimDates`]: its parts, and where it stands.
pub(super) fn date_item<'a>(source: &Source<'_, 'a>) -> Option<([&'a [u8]; 5], Value<'a>)> {
    let qualifier = source.segment.trimmed(1);
    match dates(source) {
        (Some(from), Some(to)) => Some(([qualifier, b"@", from.text, b"-", to.text], from)),
        (Some(from), None) => Some(([qualifier, b"@", from.text, b"", b""], from)),
        _ => None,
    }
}
