//! The claim batch: claims and lines in flat arrays, text as slices of one buffer.

use crate::origin::Origins;
use crate::values::of_claim;
use crate::{EnvelopeMark, Field, Origin, Problem, TraceSegment};
use codes::{BillType, ClaimType, Code, Date, Modifier, Money, Npi, Sex, Units};
use std::fmt;
use std::ops::Range;

/// A value as the input gave it.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub enum Given<T> {
    /// The field is empty, or its column is missing.
    #[default]
    Absent,
    /// The field holds something that is no such value. A [`Problem`] or an edit says so.
    Invalid,
    /// The value.
    Is(T),
}

impl<T> Given<T> {
    /// The value, if it was given and could be read.
    #[inline]
    pub fn value(self) -> Option<T> {
        match self {
            Given::Is(value) => Some(value),
            Given::Absent | Given::Invalid => None,
        }
    }

    /// Whether nothing was given.
    #[inline]
    pub fn is_absent(&self) -> bool {
        matches!(self, Given::Absent)
    }
}

/// Where a row or segment begins in its input.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug, Default)]
pub struct Place {
    /// Bytes from the start of the (decompressed) input.
    pub offset: u64,
    /// Row of a CSV, the header being 1; segment number of an 837, the first being 1.
    pub row: u64,
}

/// A slice of the batch's text.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub struct Span {
    start: u32,
    length: u32,
}

impl Span {
    /// Whether the text is empty: not given.
    pub fn is_empty(self) -> bool {
        self.length == 0
    }
}

/// A claim's own fields. Ranges index the batch's flat arrays.
#[derive(Clone, Debug)]
pub struct ClaimRow {
    /// The claim's id, as given.
    pub id: Span,
    /// Professional, institutional or dental; where the input does not say, a claim with a type of bill or a
    /// revenue code is institutional, any other professional.
    pub claim_type: ClaimType,
    /// The payer's id.
    pub payer: Span,
    /// The patient's id.
    pub patient: Span,
    /// The patient's date of birth.
    pub birth_date: Given<Date>,
    /// The patient's sex.
    pub sex: Given<Sex>,
    /// The billing provider. `Invalid` when the digits are no NPI; edit PRV001 says so.
    pub billing_npi: Given<Npi>,
    /// The billing provider's taxonomy code (ten characters).
    pub billing_taxonomy: Span,
    /// Type of bill, institutional.
    pub bill_type: Given<BillType>,
    /// First day of the statement.
    pub statement_from: Given<Date>,
    /// Last day of the statement: the discharge, for inpatient care.
    pub statement_to: Given<Date>,
    /// The day the claim is submitted or was received.
    pub received_date: Given<Date>,
    /// The claim's total charge.
    pub total: Given<Money>,
    /// Patient discharge status, institutional.
    pub patient_status: Code,
    /// State of service, two letters; absent, with a [`Problem`], when the input gave something else.
    pub state: Code,
    /// The Medicare contractor's number.
    pub contractor: Span,
    /// The claim's lines, in [`ClaimBatch::lines`].
    pub lines: Range<u32>,
    /// The claim's diagnoses in their order, in [`ClaimBatch::diagnoses`]. An empty slot between two given
    /// ones stays, as [`Code::ABSENT`], so that pointers keep their meaning.
    pub diagnoses: Range<u32>,
    /// Condition codes, in [`ClaimBatch::conditions`].
    pub conditions: Range<u32>,
    /// Where the claim begins.
    pub place: Place,
    /// Whether a row of the claim could not be read, so that the claim cannot be judged as a whole.
    pub unreadable: bool,
    /// The diagnoses that are said to be of ICD-9-CM, a bit each from the first on ([`Field::DxVersions`]).
    pub icd_9: u32,
    /// Whether some field of [`Field::BESIDE`] is given: then [`ClaimView::diagnoses_beside`] tells what it holds.
    pub diagnoses_beside: bool,
}

/// A service line.
#[derive(Clone, Debug)]
pub struct LineRow {
    /// The line's number as given, else its place in the claim, from 1.
    pub number: u32,
    /// The rendering provider, where it is not the billing one.
    pub rendering_npi: Given<Npi>,
    /// First day of service.
    pub service_from: Given<Date>,
    /// Last day of service; absent when the service is of one day.
    pub service_to: Given<Date>,
    /// Place of service, two digits.
    pub place_of_service: Code,
    /// Revenue code, four digits with the leading zero.
    pub revenue_code: Code,
    /// CPT or HCPCS code.
    pub procedure: Code,
    /// Up to four modifiers, in their places.
    pub modifiers: [Modifier; 4],
    /// Service units.
    pub units: Given<Units>,
    /// The line's charge: the whole line, never a charge a unit.
    pub charge: Given<Money>,
    /// Diagnosis pointers as given (the letters A to L of a paper claim as 1 to 12), in
    /// [`ClaimBatch::pointers`].
    pub pointers: Range<u32>,
    /// National Drug Code.
    pub ndc: Span,
    /// Line note.
    pub note: Span,
    /// Where the line begins.
    pub place: Place,
}

/// Claims and their lines, in flat arrays.
///
/// Rows are fixed-width structs rather than one array a column: every edit walks one claim at a time and reads
/// most of a line's fields, so a line in one or two cache lines beats twelve columns.
#[derive(Clone, Default)]
pub struct ClaimBatch {
    /// The claims, in input order.
    pub claims: Vec<ClaimRow>,
    /// All lines, claim after claim.
    pub lines: Vec<LineRow>,
    /// All diagnoses, claim after claim.
    pub diagnoses: Vec<Code>,
    /// All diagnosis pointers, line after line. A pointer that is no number up to 65,534 is 65,535.
    pub pointers: Vec<u16>,
    /// All condition codes, claim after claim.
    pub conditions: Vec<Code>,
    /// What could not be read, in input order.
    pub problems: Vec<Problem>,
    /// What is wrong with the input outside of any claim, in input order.
    pub outside: Vec<Problem>,
    /// What acknowledgments repeat of an X12 input, in input order; empty unless it was asked for.
    pub trace: Vec<TraceSegment>,
    /// Where envelopes of an X12 input begin and end, in input order.
    pub envelopes: Vec<EnvelopeMark>,
    /// Which columns the input has: an edit answers *not evaluated* for a field that no row could have given.
    pub columns: Columns,
    text: Vec<u8>,
    // Texts of fields that have no place in a row, and of values that could not be packed. Each in the order of its
    // claims or lines, so that a look-up is a binary search: a batch in which every value is bad must not cost the
    // square of its length.
    raw_of_claims: Vec<(u32, Field, Span)>,
    raw_of_lines: Vec<(u32, Field, Span)>,
    pub(crate) origins: Origins,
    /// The day of service read last, and its text: most lines have the one of the line before.
    last_day: Option<([u8; 8], Date)>,
}

/// The most bytes of a text that could not be packed that are kept for findings: enough to show what was wrong.
const MAX_RAW: usize = 100;

/// The set of fields that an input can give at all.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub struct Columns(u128);

impl Columns {
    const fn bit(field: Field) -> u128 {
        // Numbered fields share one bit: any of them makes the column known.
        let place = match field {
            Field::ClaimId => 0,
            Field::LineNumber => 1,
            Field::ClaimType => 2,
            Field::PayerId => 3,
            Field::PatientId => 4,
            Field::BirthDate => 5,
            Field::Sex => 6,
            Field::BillingNpi => 7,
            Field::RenderingNpi => 8,
            Field::BillingTaxonomy => 9,
            Field::BillType => 10,
            Field::StatementFrom => 11,
            Field::StatementTo => 12,
            Field::ReceivedDate => 13,
            Field::ClaimTotal => 14,
            Field::PatientStatus => 15,
            Field::ConditionCodes => 16,
            Field::ServiceFrom => 17,
            Field::ServiceTo => 18,
            Field::PlaceOfService => 19,
            Field::RevenueCode => 20,
            Field::Procedure => 21,
            Field::Modifier(_) => 22,
            Field::Units => 23,
            Field::Charge => 24,
            Field::DxPointers => 25,
            Field::Ndc => 26,
            Field::Note => 27,
            Field::State => 28,
            Field::Contractor => 29,
            Field::Diagnosis(_) => 30,
            Field::ReferringNpi => 31,
            Field::SupervisingNpi => 32,
            Field::FacilityNpi => 33,
            Field::AttendingNpi => 34,
            Field::OperatingNpi => 35,
            Field::RenderingTaxonomy => 36,
            Field::CliaNumber => 37,
            Field::PriorAuthorization => 38,
            Field::OriginalClaim => 39,
            Field::FrequencyCode => 40,
            Field::ClaimFiling => 41,
            Field::RelatedCauses => 42,
            Field::AccidentDate => 43,
            Field::AccidentState => 44,
            Field::AdmissionDate => 45,
            Field::AdmissionType => 46,
            Field::AdmissionSource => 47,
            Field::AdmittingDiagnosis => 48,
            Field::ReasonsForVisit => 49,
            Field::ExternalCauses => 50,
            Field::PresentOnAdmission => 51,
            Field::InpatientProcedures => 52,
            Field::OccurrenceCodes => 53,
            Field::ValueCodes => 54,
            Field::OtherPayers => 55,
            Field::ClaimNote => 56,
            Field::OrderingNpi => 57,
            Field::LineCliaNumber => 58,
            Field::LinePriorAuthorization => 59,
            Field::LineReference => 60,
            Field::UnitBasis => 61,
            Field::NdcUnit => 62,
            Field::NdcQuantity => 63,
            Field::ToothCodes => 64,
            Field::Emergency => 65,
            Field::PaidAmount => 66,
            Field::OtherPayersPaid => 67,
            Field::Drg => 68,
            Field::MammographyCertificate => 69,
            Field::ClaimDates => 70,
            Field::OtherProcedure => 71,
            Field::LineDates => 72,
            Field::SubmissionReason => 73,
            Field::DxVersions => 74,
        };
        1 << place
    }

    /// No column.
    pub const NONE: Columns = Columns(0);
    /// Every column, as a format gives that has a place for each.
    pub const ALL: Columns = Columns(u128::MAX);

    /// With this field's column too.
    #[must_use]
    pub const fn with(self, field: Field) -> Columns {
        Columns(self.0 | Self::bit(field))
    }

    /// Without this field's column.
    #[must_use]
    pub const fn without(self, field: Field) -> Columns {
        Columns(self.0 & !Self::bit(field))
    }

    /// Whether all of the other's columns are here too.
    #[inline]
    pub const fn contains(self, other: Columns) -> bool {
        self.0 & other.0 == other.0
    }

    /// Whether the input has a column for the field.
    #[inline]
    pub const fn has(self, field: Field) -> bool {
        self.0 & Self::bit(field) != 0
    }
}

impl ClaimBatch {
    /// An empty batch of an input with these columns.
    pub fn new(columns: Columns) -> ClaimBatch {
        ClaimBatch { columns, ..ClaimBatch::default() }
    }

    /// Empties the batch, keeping its memory and its columns.
    pub fn clear(&mut self) {
        self.claims.clear();
        self.lines.clear();
        self.diagnoses.clear();
        self.pointers.clear();
        self.conditions.clear();
        self.problems.clear();
        self.outside.clear();
        self.trace.clear();
        self.envelopes.clear();
        self.origins.clear();
        self.text.clear();
        self.raw_of_claims.clear();
        self.raw_of_lines.clear();
    }

    /// Stores text and gives its place. Text beyond 4 GiB a batch is dropped to empty; readers bound their
    /// batches far below.
    #[inline]
    pub fn push_text(&mut self, text: &str) -> Span {
        self.push_bytes(text.as_bytes())
    }

    /// As [`ClaimBatch::push_text`], of bytes that the reader has checked to be UTF-8. (Were they not, the text
    /// would read as empty.)
    #[inline]
    pub(crate) fn push_bytes(&mut self, text: &[u8]) -> Span {
        let (Ok(start), Ok(length)) = (u32::try_from(self.text.len()), u32::try_from(text.len())) else {
            return Span::default();
        };
        self.text.extend_from_slice(text);
        Span { start, length }
    }

    /// The text at a place.
    #[inline]
    pub fn text(&self, span: Span) -> &str {
        if span.is_empty() {
            return "";
        }
        std::str::from_utf8(self.bytes(span)).unwrap_or_default()
    }

    /// The text at a place as bytes, which are UTF-8.
    #[inline]
    pub fn bytes(&self, span: Span) -> &[u8] {
        let start = span.start as usize;
        self.text.get(start..start + span.length as usize).unwrap_or_default()
    }

    /// Reads a day of service.
    #[inline]
    pub(crate) fn day(&mut self, text: &[u8]) -> Option<Date> {
        let digits = text.first_chunk().filter(|_| text.len() == 8).copied();
        match (digits, self.last_day) {
            (Some(digits), Some((last, day))) if digits == last => Some(day),
            (Some(digits), _) => {
                let day = Date::parse(text)?;
                self.last_day = Some((digits, day));
                Some(day)
            }
            (None, _) => Date::parse(text),
        }
    }

    /// Keeps the text of a claim's field that could not be packed, so that a finding can show it; a long one is
    /// cut after 100 bytes.
    pub fn keep_raw_of_claim(&mut self, claim: u32, field: Field, text: &str) {
        let span = self.push_text(shortened(text));
        keep(&mut self.raw_of_claims, (claim, field, span));
    }

    /// Keeps the text of a line's field that could not be packed, so that a finding can show it; a long one is
    /// cut after 100 bytes.
    pub fn keep_raw_of_line(&mut self, line: u32, field: Field, text: &str) {
        let span = self.push_text(shortened(text));
        keep(&mut self.raw_of_lines, (line, field, span));
    }

    /// Keeps the text of a claim's field that has no place in [`ClaimRow`] ([`Field::is_text`]).
    pub fn keep_text_of_claim(&mut self, claim: u32, field: Field, text: &str) {
        self.keep_bytes_of_claim(claim, field, text.as_bytes());
    }

    /// As [`ClaimBatch::keep_text_of_claim`], of bytes that the reader has checked to be UTF-8.
    pub(crate) fn keep_bytes_of_claim(&mut self, claim: u32, field: Field, text: &[u8]) {
        let span = self.push_bytes(text);
        keep(&mut self.raw_of_claims, (claim, field, span));
    }

    /// Keeps the text of a line's field that has no place in [`LineRow`] ([`Field::is_text`]).
    pub fn keep_text_of_line(&mut self, line: u32, field: Field, text: &str) {
        self.keep_bytes_of_line(line, field, text.as_bytes());
    }

    /// As [`ClaimBatch::keep_text_of_line`], of bytes that the reader has checked to be UTF-8.
    pub(crate) fn keep_bytes_of_line(&mut self, line: u32, field: Field, text: &[u8]) {
        let span = self.push_bytes(text);
        keep(&mut self.raw_of_lines, (line, field, span));
    }

    /// The text of a claim's field that could not be packed.
    pub fn raw_of_claim(&self, claim: u32, field: Field) -> Option<&str> {
        find(&self.raw_of_claims, claim, field).map(|span| self.text(span))
    }

    /// The text of a line's field that could not be packed.
    pub fn raw_of_line(&self, line: u32, field: Field) -> Option<&str> {
        find(&self.raw_of_lines, line, field).map(|span| self.text(span))
    }

    /// What could not be read of a claim, in input order.
    #[inline]
    pub fn problems_of(&self, claim: u32) -> &[Problem] {
        // Readers finish one claim before they begin the next, so the problems stand in the claims' order.
        let start = self.problems.partition_point(|problem| problem.claim < claim);
        let own = &self.problems[start..];
        &own[..own.partition_point(|problem| problem.claim == claim)]
    }

    /// Adds problems of claims that were read before, in the claims' order: each after those that its claim has.
    pub fn add_problems(&mut self, problems: Vec<Problem>) {
        if !problems.is_empty() {
            self.problems.extend(problems);
            // Two orderly stretches, which a stable sort merges in one go.
            self.problems.sort_by_key(|problem| problem.claim);
        }
    }

    /// A claim with all that belongs to it.
    ///
    /// # Panics
    /// When there is no claim of this number.
    #[inline]
    pub fn claim(&self, index: u32) -> ClaimView<'_> {
        ClaimView { batch: self, index, row: &self.claims[index as usize] }
    }

    /// Every claim, in input order.
    pub fn iter(&self) -> impl Iterator<Item = ClaimView<'_>> {
        (0..self.claims.len() as u32).map(|index| self.claim(index))
    }
}

impl fmt::Debug for ClaimBatch {
    // Counts only: a batch is patient data, and what is printed may end in a log.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (claims, lines, problems) = (self.claims.len(), self.lines.len(), self.problems.len());
        write!(f, "ClaimBatch({claims} claims, {lines} lines, {problems} problems)")
    }
}

/// `text`, or as much of its beginning as is worth keeping.
pub(crate) fn shortened(text: &str) -> &str {
    let mut end = text.len().min(MAX_RAW);
    while !text.is_char_boundary(end) {
        end -= 1;
    }
    &text[..end]
}

/// Adds an entry where its claim or line belongs, which is at the end when a reader works in order.
fn keep(all: &mut Vec<(u32, Field, Span)>, entry: (u32, Field, Span)) {
    let place = match all.last() {
        Some(last) if last.0 > entry.0 => all.partition_point(|kept| kept.0 <= entry.0),
        _ => all.len(),
    };
    all.insert(place, entry);
}

fn find(all: &[(u32, Field, Span)], owner: u32, field: Field) -> Option<Span> {
    let first = all.partition_point(|kept| kept.0 < owner);
    all[first..].iter().take_while(|kept| kept.0 == owner).find(|kept| kept.1 == field).map(|kept| kept.2)
}

/// One claim of a batch.
#[derive(Clone, Copy, Debug)]
pub struct ClaimView<'a> {
    /// The batch that the claim is in.
    pub batch: &'a ClaimBatch,
    /// The claim's place in the batch.
    pub index: u32,
    /// The claim's own fields.
    pub row: &'a ClaimRow,
}

impl<'a> ClaimView<'a> {
    /// The claim's id.
    pub fn id(&self) -> &'a str {
        self.batch.text(self.row.id)
    }

    /// The claim's lines, in input order.
    #[inline]
    pub fn lines(&self) -> &'a [LineRow] {
        slice(&self.batch.lines, &self.row.lines)
    }

    /// The claim's diagnoses in their order; empty slots are [`Code::ABSENT`].
    #[inline]
    pub fn diagnoses(&self) -> &'a [Code] {
        slice(&self.batch.diagnoses, &self.row.diagnoses)
    }

    /// The claim's condition codes.
    pub fn conditions(&self) -> &'a [Code] {
        slice(&self.batch.conditions, &self.row.conditions)
    }

    /// A line's diagnosis pointers as given: 1 is the first diagnosis.
    #[inline]
    pub fn pointers(&self, line: &LineRow) -> &'a [u16] {
        slice(&self.batch.pointers, &line.pointers)
    }

    /// What could not be read of the claim, in input order.
    #[inline]
    pub fn problems(&self) -> &'a [Problem] {
        self.batch.problems_of(self.index)
    }

    /// The text of a field of the claim that is kept as text ([`Field::is_text`]); `None` when it is not given.
    #[inline]
    pub fn text_of(&self, field: Field) -> Option<&'a str> {
        if self.batch.columns.has(field) { self.raw(field) } else { None }
    }

    /// As [`ClaimView::text_of`], of the claim's line counted from 0.
    #[inline]
    pub fn text_of_line(&self, line: usize, field: Field) -> Option<&'a str> {
        if self.batch.columns.has(field) { self.raw_of_line(line, field) } else { None }
    }

    /// Where a field of the claim, or of its line counted from 0, stands in an 837: for a field that is not given,
    /// where the line or the claim begins. `None` in other formats.
    pub fn origin(&self, line: Option<u32>, field: Field) -> Option<Origin> {
        let origins = &self.batch.origins;
        if origins.is_empty() {
            return None;
        }
        match line {
            Some(line) if !of_claim(field) => origins.find_of_line(self.row.lines.start.checked_add(line)?, field),
            _ => origins.find_of_claim(self.index, field),
        }
    }

    /// The text of the claim's own field that could not be packed.
    pub fn raw(&self, field: Field) -> Option<&'a str> {
        self.batch.raw_of_claim(self.index, field)
    }

    /// The text of a field, of the claim's line counted from 0, that could not be packed.
    pub fn raw_of_line(&self, line: usize, field: Field) -> Option<&'a str> {
        self.batch.raw_of_line(self.row.lines.start + line as u32, field)
    }
}

#[inline]
fn slice<'a, T>(all: &'a [T], range: &Range<u32>) -> &'a [T] {
    all.get(range.start as usize..range.end as usize).unwrap_or_default()
}
