//! Reads the values of a claim's fields into a batch. Every reader uses this, so that a value means the same in
//! each format.

use crate::{ClaimBatch, ClaimRow, Field, Given, LineRow, Place, Problem, ProblemKind};
use codes::{BillType, ClaimType, Code, Date, Modifier, Money, Npi, Sex, Units};

/// What stands for a diagnosis pointer that is no pointer.
pub(crate) const BAD_POINTER: u16 = u16::MAX;

const DATE: &str = "a date as YYYYMMDD or YYYY-MM-DD";
const MONEY: &str = "an amount as 1234.56, with no currency sign and no thousands separator";
const UNITS: &str = "a number with at most three decimals";
const SEX: &str = "F, M or U";
const CLAIM_TYPE: &str = "P, I or D";
const BILL_TYPE: &str = "a type of bill as 0131 or 131";
const STATE: &str = "a state as two letters";
const STATUS: &str = "a patient status as two digits";
const CONDITIONS: &str = "condition codes of two characters, separated by colons";
const LINE_NUMBER: &str = "a whole number from 1";
/// What a claim is that an earlier reading marked as unreadable.
pub(crate) const MARKED: &str = "marked as unreadable where it was converted";
pub(crate) const FOUR_MODIFIERS: &str = "at most four modifiers";
pub(crate) const MOST_DIAGNOSES: &str = "at most 25 diagnoses";

/// The text without the spaces and tabs around it.
#[inline]
pub(crate) fn trim(text: &[u8]) -> &[u8] {
    match (text.first(), text.last()) {
        // As nearly all texts are: nothing to take off.
        (Some(b'!'..), Some(b'!'..)) => text,
        _ => trim_any(text),
    }
}

fn trim_any(mut text: &[u8]) -> &[u8] {
    while let [b' ' | b'\t', rest @ ..] = text {
        text = rest;
    }
    while let [rest @ .., b' ' | b'\t'] = text {
        text = rest;
    }
    text
}

/// A claim whose lines are still coming.
pub(crate) struct OpenClaim {
    row: ClaimRow,
    /// The claim's place in the batch once it is closed.
    index: u32,
    typed: bool,
    institutional: bool,
}

/// A line being read: its fields, and where it will stand in the batch.
pub(crate) struct OpenLine {
    pub(crate) row: LineRow,
    index: u32,
    claim: u32,
}

impl OpenClaim {
    /// Begins a claim. One claim of a batch is open at a time.
    pub(crate) fn open(batch: &mut ClaimBatch, id: &[u8], place: Place) -> OpenClaim {
        let id = batch.push_bytes(id);
        let lines = batch.lines.len() as u32;
        let diagnoses = batch.diagnoses.len() as u32;
        let conditions = batch.conditions.len() as u32;
        let row = ClaimRow {
            id,
            claim_type: ClaimType::Professional,
            payer: Default::default(),
            patient: Default::default(),
            birth_date: Given::Absent,
            sex: Given::Absent,
            billing_npi: Given::Absent,
            billing_taxonomy: Default::default(),
            bill_type: Given::Absent,
            statement_from: Given::Absent,
            statement_to: Given::Absent,
            received_date: Given::Absent,
            total: Given::Absent,
            patient_status: Code::ABSENT,
            state: Code::ABSENT,
            contractor: Default::default(),
            lines: lines..lines,
            diagnoses: diagnoses..diagnoses,
            conditions: conditions..conditions,
            place,
            unreadable: false,
        };
        OpenClaim { row, index: batch.claims.len() as u32, typed: false, institutional: false }
    }

    /// Gives the claim its id, where it was not known when the claim was begun.
    pub(crate) fn name(&mut self, batch: &mut ClaimBatch, id: &[u8]) {
        self.row.id = batch.push_bytes(id);
    }

    /// The claim's id.
    #[inline]
    pub(crate) fn id<'b>(&self, batch: &'b ClaimBatch) -> &'b [u8] {
        batch.bytes(self.row.id)
    }

    /// Records what could not be read of the claim.
    pub(crate) fn problem(&mut self, batch: &mut ClaimBatch, kind: ProblemKind, field: Option<Field>, place: Place) {
        self.row.unreadable |= kind.makes_unreadable();
        batch.problems.push(Problem { kind, claim: self.index, line: None, field, place });
    }

    /// Says that the claim cannot be judged as a whole.
    #[cfg(feature = "parquet")]
    pub(crate) fn mark_unreadable(&mut self) {
        self.row.unreadable = true;
    }

    /// Reads one of the claim's own fields; `text` is trimmed, UTF-8 and not empty.
    pub(crate) fn set(&mut self, batch: &mut ClaimBatch, field: Field, text: &[u8], place: Place) {
        let (row, claim) = (&mut self.row, self.index);
        let mut at = Claims { batch, claim, field, text, place };
        match field {
            Field::ClaimType => match ClaimType::parse(text) {
                Some(given) => (row.claim_type, self.typed) = (given, true),
                None => at.bad(CLAIM_TYPE),
            },
            Field::PayerId => row.payer = at.text(),
            Field::PatientId => row.patient = at.text(),
            Field::BirthDate => row.birth_date = at.given(Date::parse(text), DATE),
            Field::Sex => row.sex = at.given(Sex::parse(text), SEX),
            Field::BillingNpi => {
                row.billing_npi = match Npi::parse(text) {
                    Some(npi) => Given::Is(npi),
                    None => {
                        at.keep();
                        Given::Invalid
                    }
                }
            }
            Field::BillingTaxonomy => row.billing_taxonomy = at.text(),
            Field::BillType => {
                row.bill_type = at.given(BillType::parse(text), BILL_TYPE);
                self.institutional = true;
            }
            Field::StatementFrom => row.statement_from = at.given(Date::parse(text), DATE),
            Field::StatementTo => row.statement_to = at.given(Date::parse(text), DATE),
            Field::ReceivedDate => row.received_date = at.given(Date::parse(text), DATE),
            Field::ClaimTotal => row.total = at.given(Money::parse(text), MONEY),
            Field::PatientStatus => {
                row.patient_status = two_digits(text).unwrap_or_else(|| {
                    at.bad(STATUS);
                    Code::MALFORMED
                })
            }
            Field::State => {
                row.state = state(text).unwrap_or_else(|| {
                    at.bad(STATE);
                    Code::ABSENT
                })
            }
            Field::Contractor => row.contractor = at.text(),
            Field::ConditionCodes => {
                let before = at.batch.conditions.len();
                at.batch.conditions.extend(conditions(text));
                if at.batch.conditions[before..].contains(&Code::MALFORMED) {
                    at.bad(CONDITIONS);
                }
                row.conditions.end = at.batch.conditions.len() as u32;
            }
            Field::Diagnosis(number) => {
                let code = Code::parse_diagnosis(text).unwrap_or_else(|| {
                    at.keep();
                    Code::MALFORMED
                });
                let all = &mut at.batch.diagnoses;
                let slot = row.diagnoses.start as usize + usize::from(number.max(1)) - 1;
                if all.len() <= slot {
                    all.resize(slot + 1, Code::ABSENT);
                }
                all[slot] = code;
                row.diagnoses.end = all.len() as u32;
            }
            Field::AccidentDate | Field::AdmissionDate if Date::parse(text).is_none() => at.bad(DATE),
            field if field.is_text_of_claim() => {
                let text = std::str::from_utf8(text).unwrap_or_default();
                at.batch.keep_text_of_claim(claim, field, text);
            }
            // A line's fields; `of_claim` keeps them away from here.
            _ => {}
        }
    }

    /// The number of lines so far.
    pub(crate) fn lines(&self, batch: &ClaimBatch) -> u32 {
        (batch.lines.len() as u32).saturating_sub(self.row.lines.start)
    }

    /// Reads the diagnosis of a line itself, where a format has that instead of pointers: the line points at it among
    /// the claim's diagnoses, after which it is put where it is not among them. `text` is as for [`OpenClaim::set`];
    /// the claim's own diagnoses are read before.
    pub(crate) fn set_line_diagnosis(&mut self, batch: &mut ClaimBatch, line: &mut OpenLine, text: &[u8]) {
        let code = Code::parse_diagnosis(text).unwrap_or(Code::MALFORMED);
        let shown = std::str::from_utf8(text).unwrap_or_default();
        let own = batch.diagnoses.get(self.row.diagnoses.start as usize..).unwrap_or_default();
        let same = |&(number, &one): &(u8, &Code)| {
            one == code
                && (!code.is_malformed() || batch.raw_of_claim(self.index, Field::Diagnosis(number)) == Some(shown))
        };
        let found = (1..=Field::DIAGNOSES).zip(own).find(same).map(|(number, _)| number);
        let number = match (found, own.len() + 1) {
            (Some(number), _) => number,
            (None, next) if next <= usize::from(Field::DIAGNOSES) => {
                self.set(batch, Field::Diagnosis(next as u8), text, line.row.place);
                next as u8
            }
            (None, _) => return line.bad(batch, Field::DxPointers, text, MOST_DIAGNOSES),
        };
        batch.pointers.push(u16::from(number));
        line.row.pointers.end = batch.pointers.len() as u32;
    }

    /// Begins a line, `ordinal` being its place in the claim, from 1.
    #[inline]
    pub(crate) fn line(&self, batch: &ClaimBatch, ordinal: u32, place: Place) -> OpenLine {
        let pointers = batch.pointers.len() as u32;
        let row = LineRow {
            number: ordinal,
            rendering_npi: Given::Absent,
            service_from: Given::Absent,
            service_to: Given::Absent,
            place_of_service: Code::ABSENT,
            revenue_code: Code::ABSENT,
            procedure: Code::ABSENT,
            modifiers: [Modifier::ABSENT; 4],
            units: Given::Absent,
            charge: Given::Absent,
            pointers: pointers..pointers,
            ndc: Default::default(),
            note: Default::default(),
            place,
        };
        OpenLine { row, index: batch.lines.len() as u32, claim: self.index }
    }

    /// Ends a line.
    #[inline]
    pub(crate) fn push(&mut self, batch: &mut ClaimBatch, line: OpenLine) {
        self.institutional |= !line.row.revenue_code.is_absent();
        batch.lines.push(line.row);
    }

    /// Ends the claim.
    #[inline]
    pub(crate) fn close(mut self, batch: &mut ClaimBatch) {
        if !self.typed && self.institutional {
            self.row.claim_type = ClaimType::Institutional;
        }
        self.row.lines.end = batch.lines.len() as u32;
        batch.claims.push(self.row);
    }
}

impl OpenLine {
    /// Records what could not be read of the line.
    pub(crate) fn problem(&self, batch: &mut ClaimBatch, kind: ProblemKind, field: Option<Field>) {
        batch.problems.push(Problem { kind, claim: self.claim, line: Some(self.index), field, place: self.row.place });
    }

    /// Reads one of the line's fields; `text` is trimmed, UTF-8 and not empty.
    #[inline]
    pub(crate) fn set(&mut self, batch: &mut ClaimBatch, field: Field, text: &[u8]) {
        match field {
            Field::Procedure => self.row.procedure = self.code(batch, field, text, Code::parse(text)),
            Field::Modifier(number) => {
                let modifier = Modifier::parse(text).unwrap_or_else(|| {
                    self.keep(batch, field, text);
                    Modifier::MALFORMED
                });
                if let Some(slot) = self.row.modifiers.get_mut(usize::from(number).wrapping_sub(1)) {
                    *slot = modifier;
                }
            }
            Field::ServiceFrom => self.row.service_from = self.given(batch, field, text, Date::parse(text), DATE),
            Field::ServiceTo => self.row.service_to = self.given(batch, field, text, Date::parse(text), DATE),
            Field::PlaceOfService => self.row.place_of_service = self.code(batch, field, text, two_digits(text)),
            Field::RevenueCode => self.row.revenue_code = self.code(batch, field, text, revenue_code(text)),
            Field::Units => self.row.units = self.given(batch, field, text, Units::parse(text), UNITS),
            Field::Charge => self.row.charge = self.given(batch, field, text, Money::parse(text), MONEY),
            Field::RenderingNpi => {
                self.row.rendering_npi = match Npi::parse(text) {
                    Some(npi) => Given::Is(npi),
                    None => {
                        self.keep(batch, field, text);
                        Given::Invalid
                    }
                }
            }
            Field::DxPointers => {
                read_pointers(text, &mut batch.pointers);
                self.row.pointers.end = batch.pointers.len() as u32;
                if batch.pointers[self.row.pointers.start as usize..].contains(&BAD_POINTER) {
                    self.keep(batch, field, text);
                }
            }
            Field::LineNumber => match whole_number(text) {
                Some(number) => self.row.number = number,
                None => self.bad(batch, field, text, LINE_NUMBER),
            },
            Field::Ndc => self.row.ndc = batch.push_bytes(text),
            Field::Note => self.row.note = batch.push_bytes(text),
            field if field.is_text_of_line() => {
                batch.keep_text_of_line(self.index, field, std::str::from_utf8(text).unwrap_or_default());
            }
            // A claim's fields; `of_claim` keeps them away from here.
            _ => {}
        }
    }

    #[inline]
    fn given<T>(
        &self,
        batch: &mut ClaimBatch,
        field: Field,
        text: &[u8],
        parsed: Option<T>,
        expected: &'static str,
    ) -> Given<T> {
        match parsed {
            Some(value) => Given::Is(value),
            None => {
                self.bad(batch, field, text, expected);
                Given::Invalid
            }
        }
    }

    #[inline]
    fn code(&self, batch: &mut ClaimBatch, field: Field, text: &[u8], parsed: Option<Code>) -> Code {
        parsed.unwrap_or_else(|| {
            self.keep(batch, field, text);
            Code::MALFORMED
        })
    }

    #[cold]
    pub(crate) fn bad(&self, batch: &mut ClaimBatch, field: Field, text: &[u8], expected: &'static str) {
        self.keep(batch, field, text);
        self.problem(batch, ProblemKind::BadValue { expected }, Some(field));
    }

    #[cold]
    fn keep(&self, batch: &mut ClaimBatch, field: Field, text: &[u8]) {
        batch.keep_raw_of_line(self.index, field, std::str::from_utf8(text).unwrap_or_default());
    }
}

/// A claim's field while it is read.
struct Claims<'b, 't> {
    batch: &'b mut ClaimBatch,
    claim: u32,
    field: Field,
    text: &'t [u8],
    place: Place,
}

impl Claims<'_, '_> {
    fn text(&mut self) -> crate::Span {
        self.batch.push_bytes(self.text)
    }

    fn given<T>(&mut self, parsed: Option<T>, expected: &'static str) -> Given<T> {
        match parsed {
            Some(value) => Given::Is(value),
            None => {
                self.bad(expected);
                Given::Invalid
            }
        }
    }

    #[cold]
    fn bad(&mut self, expected: &'static str) {
        self.keep();
        self.batch.problems.push(Problem {
            kind: ProblemKind::BadValue { expected },
            claim: self.claim,
            line: None,
            field: Some(self.field),
            place: self.place,
        });
    }

    #[cold]
    fn keep(&mut self) {
        let text = std::str::from_utf8(self.text).unwrap_or_default();
        self.batch.keep_raw_of_claim(self.claim, self.field, text);
    }
}

/// Whether the field belongs to the claim, and not to its lines.
pub(crate) fn of_claim(field: Field) -> bool {
    !matches!(
        field,
        Field::LineNumber
            | Field::RenderingNpi
            | Field::ServiceFrom
            | Field::ServiceTo
            | Field::PlaceOfService
            | Field::RevenueCode
            | Field::Procedure
            | Field::Modifier(_)
            | Field::Units
            | Field::Charge
            | Field::DxPointers
            | Field::Ndc
            | Field::Note
    ) && !field.is_text_of_line()
}

/// Whether two texts of a claim's field, trimmed and not empty, mean the same: `20240131` and `2024-01-31` do.
pub(crate) fn same_value(field: Field, a: &[u8], b: &[u8]) -> bool {
    fn both<T: PartialEq>(read: impl Fn(&[u8]) -> Option<T>, a: &[u8], b: &[u8]) -> bool {
        read(a).is_some_and(|value| read(b) == Some(value))
    }
    if a == b {
        return true;
    }
    match field {
        Field::BirthDate
        | Field::StatementFrom
        | Field::StatementTo
        | Field::ReceivedDate
        | Field::AccidentDate
        | Field::AdmissionDate => both(Date::parse, a, b),
        Field::ClaimType => both(ClaimType::parse, a, b),
        Field::Sex => both(Sex::parse, a, b),
        Field::BillType => both(BillType::parse, a, b),
        Field::ClaimTotal => both(Money::parse, a, b),
        Field::PatientStatus => both(two_digits, a, b),
        Field::State => both(state, a, b),
        Field::Diagnosis(_) => both(Code::parse_diagnosis, a, b),
        Field::ConditionCodes => conditions(a).eq(conditions(b)),
        _ => false,
    }
}

/// A code of two digits of which the leading zero may be missing; any other packable text as it stands.
#[inline]
fn two_digits(text: &[u8]) -> Option<Code> {
    match *text {
        [digit @ b'0'..=b'9'] => Code::parse(&[b'0', digit]),
        _ => Code::parse(text),
    }
}

/// A revenue code of four digits of which the leading zero may be missing; any other packable text as it stands.
#[inline]
fn revenue_code(text: &[u8]) -> Option<Code> {
    match *text {
        [a, b, c] if text.iter().all(u8::is_ascii_digit) => Code::parse(&[b'0', a, b, c]),
        _ => Code::parse(text),
    }
}

fn state(text: &[u8]) -> Option<Code> {
    if text.len() == 2 && text.iter().all(u8::is_ascii_alphabetic) { Code::parse(text) } else { None }
}

/// The items of a list in one field. The colon is the documented separator; the others are what exports use, and
/// none of them can be part of an item.
#[inline]
fn items(text: &[u8]) -> impl Iterator<Item = &[u8]> {
    text.split(|byte| matches!(byte, b':' | b',' | b';' | b'|' | b' ' | b'\t')).filter(|item| !item.is_empty())
}

fn conditions(text: &[u8]) -> impl Iterator<Item = Code> + '_ {
    items(text).map(|item| Code::parse(item).unwrap_or(Code::MALFORMED))
}

/// Reads pointers: numbers, or letters as a paper claim has them, which may stand together (`AB`).
#[inline]
fn read_pointers(text: &[u8], into: &mut Vec<u16>) {
    // As most are written.
    match *text {
        [one @ b'1'..=b'9'] => return into.push(u16::from(one - b'0')),
        [one @ b'1'..=b'9', b':', two @ b'1'..=b'9'] => {
            return into.extend([u16::from(one - b'0'), u16::from(two - b'0')]);
        }
        _ => {}
    }
    for item in items(text) {
        if item.iter().all(u8::is_ascii_alphabetic) {
            into.extend(item.iter().map(|letter| match letter.to_ascii_uppercase() {
                letter @ b'A'..=b'L' => u16::from(letter - b'A') + 1,
                _ => BAD_POINTER,
            }));
        } else {
            into.push(digits(item).and_then(|number| u16::try_from(number).ok()).unwrap_or(BAD_POINTER));
        }
    }
}

fn whole_number(text: &[u8]) -> Option<u32> {
    digits(text).filter(|&number| number >= 1)
}

fn digits(text: &[u8]) -> Option<u32> {
    if text.is_empty() || text.len() > 9 {
        return None;
    }
    text.iter().try_fold(0u32, |number, byte| byte.is_ascii_digit().then(|| number * 10 + u32::from(byte - b'0')))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn pointers_are_numbers_or_letters() {
        let read = |text: &str| {
            let mut into = Vec::new();
            read_pointers(text.as_bytes(), &mut into);
            into
        };
        assert_eq!(read("1"), [1]);
        assert_eq!(read("1:2"), [1, 2]);
        assert_eq!(read("1:0"), [1, 0]);
        assert_eq!(read("1:2:12"), [1, 2, 12]);
        assert_eq!(read("1,2;3|4 5"), [1, 2, 3, 4, 5]);
        assert_eq!(read("A:B:l"), [1, 2, 12]);
        assert_eq!(read("ABCD"), [1, 2, 3, 4]);
        assert_eq!(read("0:65534"), [0, 65534]);
        assert_eq!(read("65535:99999999999:-1:1A:M:é"), [65535; 6]);
        assert_eq!(read("1::2:"), [1, 2]);
        assert_eq!(read(""), [0u16; 0]);
    }

    #[test]
    fn leading_zeros_are_put_back() {
        let text = |code: Option<Code>| code.map(|code| code.to_string()).unwrap_or_default();
        assert_eq!(text(two_digits(b"1")), "01");
        assert_eq!(text(two_digits(b"11")), "11");
        assert_eq!(text(two_digits(b"011")), "011");
        assert_eq!(text(two_digits(b"x")), "X");
        assert_eq!(text(revenue_code(b"450")), "0450");
        assert_eq!(text(revenue_code(b"0450")), "0450");
        assert_eq!(text(revenue_code(b"45")), "45");
        assert_eq!(text(revenue_code(b"45x")), "45X");
        assert_eq!(revenue_code(b"04-50"), None);
    }

    #[test]
    fn two_ways_to_write_a_value_agree() {
        assert!(same_value(Field::StatementFrom, b"20240131", b"2024-01-31"));
        assert!(same_value(Field::ClaimTotal, b"10", b"10.00"));
        assert!(same_value(Field::Diagnosis(2), b"e11.9", b"E119"));
        assert!(same_value(Field::State, b"ny", b"NY"));
        assert!(same_value(Field::ConditionCodes, b"A1:44", b"a1,44"));
        assert!(!same_value(Field::StatementFrom, b"20240230", b"2024-02-30"));
        assert!(!same_value(Field::PayerId, b"a", b"A"));
        assert!(!same_value(Field::ConditionCodes, b"A1:44", b"44:A1"));
    }

    #[test]
    fn every_field_is_either_of_the_claim_or_of_its_lines() {
        assert_eq!(Field::all().filter(|&field| of_claim(field)).count(), 17 + 30 + 25);
    }
}
