//! Reads the values of a claim's fields into a batch. Every reader uses this, so that a value means the same in
//! each format.

mod text;

pub(crate) use text::{digits, items, join, same_value, trim};

use crate::pointers::read_pointers;
use crate::{ClaimBatch, ClaimRow, Field, Given, LineRow, Place, Problem, ProblemKind};
use codes::{BillType, ClaimType, Code, Date, Modifier, Money, Npi, Sex, Units};
use text::{conditions, icd_9, revenue_code, state, two_digits, whole_number};

const DATE: &str = "a date as YYYYMMDD or YYYY-MM-DD";
const DATE_OF_YEARS: &str = "a date of the years 1800 to 2199";
const MONEY: &str = "an amount as 1234.56, with no currency sign and no thousands separator";
const CENTS: &str = "an amount with at most two decimals";
const LARGE_MONEY: &str = "an amount with at most 16 digits before the decimals";
/// How many digits before the decimals an amount and units always have room for.
const MONEY_DIGITS: usize = 16;
const UNITS_DIGITS: usize = 15;
const LARGE_UNITS: &str = "a number with at most 15 digits before the decimals";
const UNITS: &str = "a number with at most three decimals";
const SEX: &str = "F, M or U";
const CLAIM_TYPE: &str = "P, I or D";
const BILL_TYPE: &str = "a type of bill as 0131 or 131";
const STATE: &str = "a state as two letters";
const STATUS: &str = "a patient status as two digits";
const CONDITIONS: &str = "condition codes of two characters, separated by colons";
const VERSIONS: &str = "9 or 0 for each diagnosis, separated by colons";
const LINE_NUMBER: &str = "a whole number from 1 to 999999999";
/// What a claim is that an earlier reading marked as unreadable.
pub(crate) const MARKED: &str = "marked as unreadable where it was converted";
const MOST_MODIFIERS: &str = "a line has at most four modifiers";
const MOST_DIAGNOSES: &str = "a claim has at most 25 diagnoses";

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
            icd_9: 0,
            diagnoses_beside: false,
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
        self.set_here(batch, field, text, place);
    }

    /// As [`OpenClaim::set`], in the midst of the caller: for the one loop that sets field after field.
    #[inline(always)]
    pub(crate) fn set_here(&mut self, batch: &mut ClaimBatch, field: Field, text: &[u8], place: Place) {
        if let Some(unread) = self.read(batch, field, text) {
            self.tell(batch, field, text, place, unread);
        }
    }

    #[inline(always)]
    fn read(&mut self, batch: &mut ClaimBatch, field: Field, text: &[u8]) -> Option<Unread> {
        let row = &mut self.row;
        match field {
            Field::ClaimType => match ClaimType::parse(text) {
                Some(given) => (row.claim_type, self.typed) = (given, true),
                None => return Some(Unread::Bad(CLAIM_TYPE)),
            },
            Field::PayerId => row.payer = batch.push_bytes(text),
            Field::PatientId => row.patient = batch.push_bytes(text),
            Field::BirthDate => return given(&mut row.birth_date, Date::parse(text), DATE),
            Field::Sex => return given(&mut row.sex, Sex::parse(text), SEX),
            Field::BillingNpi => return npi(&mut row.billing_npi, text),
            Field::BillingTaxonomy => row.billing_taxonomy = batch.push_bytes(text),
            Field::BillType => {
                self.institutional = true;
                return given(&mut row.bill_type, BillType::parse(text), BILL_TYPE);
            }
            Field::StatementFrom => return given(&mut row.statement_from, Date::parse(text), DATE),
            Field::StatementTo => return given(&mut row.statement_to, Date::parse(text), DATE),
            Field::ReceivedDate => return given(&mut row.received_date, Date::parse(text), DATE),
            Field::ClaimTotal => return given(&mut row.total, Money::parse(text), MONEY),
            Field::PatientStatus => {
                row.patient_status = two_digits(text).unwrap_or(Code::MALFORMED);
                return row.patient_status.is_malformed().then_some(Unread::Bad(STATUS));
            }
            Field::State => {
                row.state = state(text).unwrap_or(Code::ABSENT);
                return row.state.is_absent().then_some(Unread::Bad(STATE));
            }
            Field::Contractor => row.contractor = batch.push_bytes(text),
            Field::ConditionCodes => {
                let before = batch.conditions.len();
                batch.conditions.extend(conditions(text));
                row.conditions.end = batch.conditions.len() as u32;
                let malformed = batch.conditions[before..].contains(&Code::MALFORMED);
                return malformed.then_some(Unread::Bad(CONDITIONS));
            }
            Field::Diagnosis(number) => {
                let code = Code::parse_diagnosis(text).unwrap_or(Code::MALFORMED);
                let all = &mut batch.diagnoses;
                let slot = row.diagnoses.start as usize + usize::from(number.max(1)) - 1;
                if all.len() == slot {
                    all.push(code);
                } else {
                    if all.len() < slot {
                        all.resize(slot + 1, Code::ABSENT);
                    }
                    all[slot] = code;
                }
                row.diagnoses.end = all.len() as u32;
                return code.is_malformed().then_some(Unread::Odd);
            }
            _ => return self.read_text(batch, field, text),
        }
        None
    }

    /// Reads a field that is kept as text.
    #[inline(never)]
    fn read_text(&mut self, batch: &mut ClaimBatch, field: Field, text: &[u8]) -> Option<Unread> {
        if field == Field::DxVersions {
            match icd_9(text) {
                Some(icd_9) => self.row.icd_9 = icd_9,
                None => return Some(Unread::Bad(VERSIONS)),
            }
        }
        match field {
            Field::AccidentDate | Field::AdmissionDate if Date::parse(text).is_none() => {
                return Some(Unread::Bad(DATE));
            }
            field if field.is_text_of_claim() => {
                self.row.diagnoses_beside |= Field::BESIDE.contains(&field);
                batch.keep_bytes_of_claim(self.index, field, text);
            }
            // A line's fields; `of_claim` keeps them away from here.
            _ => {}
        }
        None
    }

    #[cold]
    fn tell(&self, batch: &mut ClaimBatch, field: Field, text: &[u8], place: Place, unread: Unread) {
        batch.keep_raw_of_claim(self.index, field, std::str::from_utf8(text).unwrap_or_default());
        if let Unread::Bad(expected) = unread {
            let (kind, field) = (ProblemKind::BadValue { expected: precise(expected, text) }, Some(field));
            batch.problems.push(Problem { kind, claim: self.index, line: None, field, place });
        }
    }

    /// Tells the first diagnosis beyond the last that there is a place for.
    #[cold]
    pub(crate) fn too_many_diagnoses(&self, batch: &mut ClaimBatch, text: &[u8], place: Place) {
        let field = Field::DIAGNOSIS_BEYOND;
        batch.keep_raw_of_claim(self.index, field, std::str::from_utf8(text).unwrap_or_default());
        let kind = ProblemKind::TooMany { limit: MOST_DIAGNOSES };
        batch.problems.push(Problem { kind, claim: self.index, line: None, field: Some(field), place });
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
            (None, _) => return line.too_many(batch, Field::DxPointers, text, MOST_DIAGNOSES),
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

    /// Whether the claim's first line has what lines mostly have in common ([`common`]), or nothing of it, and all
    /// of it could be read.
    pub(crate) fn has_common(&self, batch: &ClaimBatch) -> bool {
        let unread = |line: &LineRow| {
            matches!(line.rendering_npi, Given::Invalid)
                || matches!(line.service_from, Given::Invalid)
                || matches!(line.service_to, Given::Invalid)
                || line.place_of_service.is_malformed()
        };
        batch.lines.get(self.row.lines.start as usize).is_some_and(|line| !unread(line))
    }

    /// Gives the line what the claim's first line has of what lines mostly have in common.
    #[inline]
    pub(crate) fn give_common(&self, batch: &ClaimBatch, line: &mut OpenLine) {
        if let Some(first) = batch.lines.get(self.row.lines.start as usize) {
            line.row.rendering_npi = first.rendering_npi;
            line.row.service_from = first.service_from;
            line.row.service_to = first.service_to;
            line.row.place_of_service = first.place_of_service;
        }
    }

    /// Ends a line.
    #[inline]
    pub(crate) fn push(&mut self, batch: &mut ClaimBatch, line: OpenLine) {
        self.push_here(batch, &line);
    }

    /// As [`OpenClaim::push`], of a line that stays where it is.
    #[inline]
    pub(crate) fn push_here(&mut self, batch: &mut ClaimBatch, line: &OpenLine) {
        self.institutional |= !line.row.revenue_code.is_absent();
        batch.lines.push(line.row.clone());
    }

    /// Ends the claim.
    #[inline]
    pub(crate) fn close(mut self, batch: &mut ClaimBatch) {
        self.close_here(batch);
    }

    /// As [`OpenClaim::close`], of a claim that stays where it is; nothing more is to be read of it.
    #[inline]
    pub(crate) fn close_here(&mut self, batch: &mut ClaimBatch) {
        if !self.typed && self.institutional {
            self.row.claim_type = ClaimType::Institutional;
        }
        self.row.lines.end = batch.lines.len() as u32;
        if self.row.claim_type == ClaimType::Institutional {
            self.date_lines(batch);
        }
        batch.claims.push(self.row.clone());
    }

    /// A statement of one day leaves no other day for its lines: those that give none are of it.
    fn date_lines(&self, batch: &mut ClaimBatch) {
        let (Given::Is(from), Given::Is(to)) = (self.row.statement_from, self.row.statement_to) else { return };
        if from != to {
            return;
        }
        for line in batch.lines.get_mut(self.row.lines.start as usize..).unwrap_or_default() {
            if line.service_from.is_absent() {
                line.service_from = Given::Is(from);
            }
        }
    }
}

impl OpenLine {
    /// Records what could not be read of the line.
    pub(crate) fn problem(&self, batch: &mut ClaimBatch, kind: ProblemKind, field: Option<Field>) {
        batch.problems.push(Problem { kind, claim: self.claim, line: Some(self.index), field, place: self.row.place });
    }

    /// Reads one of the line's fields; `text` is trimmed, UTF-8 and not empty.
    pub(crate) fn set(&mut self, batch: &mut ClaimBatch, field: Field, text: &[u8]) {
        self.set_here(batch, field, text);
    }

    /// As [`OpenLine::set`], in the midst of the caller: for the one loop that sets field after field.
    #[inline(always)]
    pub(crate) fn set_here(&mut self, batch: &mut ClaimBatch, field: Field, text: &[u8]) {
        match self.read(batch, field, text) {
            None => {}
            Some(Unread::Odd) => self.keep(batch, field, text),
            Some(Unread::Bad(expected)) => self.bad(batch, field, text, precise(expected, text)),
        }
    }

    #[inline(always)]
    fn read(&mut self, batch: &mut ClaimBatch, field: Field, text: &[u8]) -> Option<Unread> {
        let row = &mut self.row;
        match field {
            Field::Procedure => code(&mut row.procedure, Code::parse(text)),
            Field::Modifier(number) => {
                let modifier = Modifier::parse(text).unwrap_or(Modifier::MALFORMED);
                if let Some(slot) = row.modifiers.get_mut(usize::from(number).wrapping_sub(1)) {
                    *slot = modifier;
                }
                modifier.is_malformed().then_some(Unread::Odd)
            }
            Field::ServiceFrom => given(&mut row.service_from, batch.day(text), DATE),
            Field::ServiceTo => given(&mut row.service_to, batch.day(text), DATE),
            Field::PlaceOfService => code(&mut row.place_of_service, two_digits(text)),
            Field::RevenueCode => code(&mut row.revenue_code, revenue_code(text)),
            Field::Units => given(&mut row.units, Units::parse(text), UNITS),
            Field::Charge => given(&mut row.charge, Money::parse(text), MONEY),
            Field::RenderingNpi => npi(&mut row.rendering_npi, text),
            Field::DxPointers => {
                let good = read_pointers(text, &mut batch.pointers);
                row.pointers.end = batch.pointers.len() as u32;
                (!good).then_some(Unread::Odd)
            }
            Field::LineNumber => match whole_number(text) {
                Some(number) => {
                    row.number = number;
                    None
                }
                None => Some(Unread::Bad(LINE_NUMBER)),
            },
            Field::Ndc => {
                row.ndc = batch.push_bytes(text);
                None
            }
            Field::Note => {
                row.note = batch.push_bytes(text);
                None
            }
            _ => {
                self.read_text(batch, field, text);
                None
            }
        }
    }

    /// Reads a field that is kept as text.
    #[inline(never)]
    fn read_text(&self, batch: &mut ClaimBatch, field: Field, text: &[u8]) {
        // The others are a claim's fields; `of_claim` keeps them away from here.
        if field.is_text_of_line() {
            batch.keep_bytes_of_line(self.index, field, text);
        }
    }

    #[cold]
    pub(crate) fn bad(&self, batch: &mut ClaimBatch, field: Field, text: &[u8], expected: &'static str) {
        self.keep(batch, field, text);
        self.problem(batch, ProblemKind::BadValue { expected }, Some(field));
    }

    /// Tells the first modifier beyond the last that there is a place for.
    #[cold]
    pub(crate) fn too_many_modifiers(&self, batch: &mut ClaimBatch, text: &[u8]) {
        self.too_many(batch, Field::MODIFIER_BEYOND, text, MOST_MODIFIERS);
    }

    #[cold]
    fn too_many(&self, batch: &mut ClaimBatch, field: Field, text: &[u8], limit: &'static str) {
        self.keep(batch, field, text);
        self.problem(batch, ProblemKind::TooMany { limit }, Some(field));
    }

    #[cold]
    fn keep(&self, batch: &mut ClaimBatch, field: Field, text: &[u8]) {
        batch.keep_raw_of_line(self.index, field, std::str::from_utf8(text).unwrap_or_default());
    }
}

/// What was said of a value that could not be read; its text is kept for findings.
enum Unread {
    /// Nothing: an edit says what is wrong with it.
    Odd,
    /// That it is no such value.
    Bad(&'static str),
}

/// What the field takes, said so that it tells what is wrong with the text.
fn precise(expected: &'static str, text: &[u8]) -> &'static str {
    match expected {
        DATE if Date::is_of_another_year(text) => DATE_OF_YEARS,
        MONEY => match plain_number(text) {
            Some((digits, _)) if digits > MONEY_DIGITS => LARGE_MONEY,
            Some((_, 3..)) => CENTS,
            _ => MONEY,
        },
        UNITS if plain_number(text).is_some_and(|(digits, _)| digits > UNITS_DIGITS) => LARGE_UNITS,
        _ => expected,
    }
}

/// How many digits a number has before its decimals, and how many decimals; `None` for what is written otherwise.
fn plain_number(text: &[u8]) -> Option<(usize, usize)> {
    let text = text.strip_prefix(b"-").or_else(|| text.strip_prefix(b"+")).unwrap_or(text);
    let point = text.iter().position(|byte| *byte == b'.').unwrap_or(text.len());
    let (whole, decimals) = (text.get(..point)?, text.get(point + 1..).unwrap_or_default());
    let digits = !whole.is_empty() && whole.iter().chain(decimals).all(u8::is_ascii_digit);
    digits.then_some((whole.len(), decimals.len()))
}

/// Puts a value in its place, or that it could not be read.
#[inline(always)]
fn given<T>(slot: &mut Given<T>, parsed: Option<T>, expected: &'static str) -> Option<Unread> {
    let unread = parsed.is_none().then_some(Unread::Bad(expected));
    *slot = parsed.map_or(Given::Invalid, Given::Is);
    unread
}

/// Puts a provider's number in its place.
#[inline(always)]
fn npi(slot: &mut Given<Npi>, text: &[u8]) -> Option<Unread> {
    let parsed = Npi::parse(text);
    let unread = parsed.is_none().then_some(Unread::Odd);
    *slot = parsed.map_or(Given::Invalid, Given::Is);
    unread
}

/// Puts a code in its place.
#[inline(always)]
fn code(slot: &mut Code, parsed: Option<Code>) -> Option<Unread> {
    *slot = parsed.unwrap_or(Code::MALFORMED);
    parsed.is_none().then_some(Unread::Odd)
}

/// Whether it is a line's field that the lines of a claim mostly have in common.
pub(crate) fn common(field: Field) -> bool {
    matches!(field, Field::RenderingNpi | Field::ServiceFrom | Field::ServiceTo | Field::PlaceOfService)
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_said_of_a_number_is_true() {
        for (expected, text, said) in [
            (MONEY, "125.001", CENTS),
            (MONEY, "-125.001", CENTS),
            (MONEY, "99999999999999999999", LARGE_MONEY),
            (MONEY, "1,200.00", MONEY),
            (MONEY, "$5", MONEY),
            (MONEY, "1.2.3", MONEY),
            (MONEY, ".", MONEY),
            (UNITS, "99999999999999999999", LARGE_UNITS),
            (UNITS, "1.0001", UNITS),
            (UNITS, "two", UNITS),
            (LINE_NUMBER, "99999999999", LINE_NUMBER),
        ] {
            assert_eq!(precise(expected, text.as_bytes()), said, "{text}");
        }
        for (digits, parse) in [
            (MONEY_DIGITS, (|text: &[u8]| Money::parse(text).is_some()) as fn(&[u8]) -> bool),
            (UNITS_DIGITS, |text: &[u8]| Units::parse(text).is_some()),
        ] {
            assert!(parse("9".repeat(digits).as_bytes()));
        }
        assert_eq!((whole_number(b"999999999"), whole_number(b"1000000000")), (Some(999_999_999), None));
    }

    #[test]
    fn every_field_is_either_of_the_claim_or_of_its_lines() {
        assert_eq!(Field::all().filter(|&field| of_claim(field)).count(), 17 + 32 + 25);
    }
}
