//! The claim: loops 2300 to 2330, and what the levels above say of it.

use super::guide::Issue;
use super::header::Header;
use super::id::Id;
use super::line::{ForLines, LineState, date_item, dates};
use super::loops::{self, Part};
use super::segment::{Segment, trimmed};
use super::value::{List, Lists, Source, Value, is_text};
use crate::values::{OpenClaim, items};
use crate::{ClaimBatch, Columns, Field, Place, Problem, ProblemKind};
use codes::ClaimType;

/// The lists of a claim.
const LISTS: [Field; 11] = [
    Field::RelatedCauses,
    Field::ConditionCodes,
    Field::ReasonsForVisit,
    Field::ExternalCauses,
    Field::InpatientProcedures,
    Field::OccurrenceCodes,
    Field::ValueCodes,
    Field::OtherPayers,
    Field::OtherPayersPaid,
    Field::ClaimNote,
    Field::ClaimDates,
];

const UTF8: &str = "UTF-8 text";

/// The most diagnoses that a field beside the list has by the guide: as many external causes as an HI has elements.
const MOST_BESIDE: usize = 12;

/// A diagnosis.
#[derive(Clone, Copy)]
pub(super) struct Diagnosis<'a> {
    value: Value<'a>,
    /// Its present-on-admission indicator.
    present: &'a [u8],
    /// Whether its qualifier says that it is of ICD-9-CM.
    icd_9: bool,
}

/// A claim whose segments are still coming.
pub(super) struct ClaimState<'a> {
    open: OpenClaim,
    /// Its place in the batch.
    index: u32,
    place: Place,
    /// What kind of claim it is taken for, until its lines say so.
    claim_type: ClaimType,
    /// Which of SV1, SV2 and SV3 its lines have.
    services: [bool; 3],
    part: Part,
    loop_id: &'static str,
    /// NM101 of the party at hand.
    party: &'a [u8],
    /// The fields that it has; the first value of each holds.
    given: Columns,
    lists: Lists<'a>,
    /// The principal diagnosis and the others.
    principal: Option<Diagnosis<'a>>,
    others: Vec<Diagnosis<'a>>,
    referral: Option<Value<'a>>,
    /// The state of the billing provider, if the place of service has none.
    billing_state: Option<Value<'a>>,
    for_lines: ForLines<'a>,
    /// What the other payer at hand paid, and whether any was said to have.
    paid: Option<Value<'a>>,
    any_paid: bool,
    line: Option<LineState<'a>>,
    lines: u32,
}

impl<'a> ClaimState<'a> {
    /// Begins the claim of this CLM. `claim_type` is what the transaction set says of it; `others` is the memory that the
    /// claim before [leaves](ClaimState::leave).
    pub(super) fn open(
        batch: &mut ClaimBatch,
        segment: &Segment<'a>,
        header: &Header<'a>,
        claim_type: Option<ClaimType>,
        others: Vec<Diagnosis<'a>>,
    ) -> ClaimState<'a> {
        let source = Source::new(segment, Part::Claim.loop_id(), batch);
        let index = batch.claims.len() as u32;
        let id = source.element(1).filter(|id| std::str::from_utf8(id.text).is_ok());
        let mut open = OpenClaim::open(batch, id.map_or(&[][..], |id| id.text), segment.place);
        batch.origins.of_claim(index, Field::ClaimId, source.number(), 0, 0);
        match id {
            Some(id) => batch.origins.of_claim(index, Field::ClaimId, id.segment, 1, 0),
            None => open.problem(batch, ProblemKind::NoClaimId, Some(Field::ClaimId), segment.place),
        }
        // CLM05-2 says what CLM05-1 is: A a type of bill, B a place of service.
        let [facility, qualifier, frequency] = source.components::<3>(5);
        let (facility, frequency) = (source.of(facility, 5, 1), source.of(frequency, 5, 3));
        let billed = match qualifier.trim_ascii() {
            b"A" => true,
            b"B" => false,
            _ => claim_type == Some(ClaimType::Institutional),
        };
        let claim_type = claim_type.unwrap_or(if billed { ClaimType::Institutional } else { ClaimType::Professional });
        let mut claim = ClaimState {
            open,
            index,
            place: segment.place,
            claim_type,
            services: [false; 3],
            part: Part::Claim,
            loop_id: Part::Claim.loop_id(),
            party: &[],
            given: Columns::NONE,
            lists: Lists::default(),
            principal: None,
            others,
            referral: None,
            billing_state: header.billing_state(),
            for_lines: ForLines::default(),
            paid: None,
            any_paid: false,
            line: None,
            lines: 0,
        };
        for (field, value) in header.values() {
            match value {
                Some(id)
                    if field == Field::PatientId
                        && let Some(dependent) = header.dependent() =>
                {
                    claim.put(batch, field, &[id.text, b"/", &dependent.to_ascii_uppercase()].concat(), id);
                }
                value => claim.set(batch, field, value),
            }
        }
        claim.set(batch, Field::ClaimTotal, source.element(2));
        if !billed {
            claim.for_lines.place_of_service = facility;
        } else if let Some(facility) = facility {
            let bill = [facility.text, frequency.map_or(&[][..], |frequency| frequency.text)].concat();
            claim.put(batch, Field::BillType, &bill, facility);
        }
        claim.set(batch, Field::FrequencyCode, frequency);
        let [causes @ .., state] = source.components::<4>(11);
        for (cause, component) in causes.into_iter().zip(1..) {
            if let Some(cause) = source.of(cause, 11, component) {
                claim.lists.push(Field::RelatedCauses, &[cause.text], cause);
            }
        }
        claim.set(batch, Field::AccidentState, source.of(state, 11, 4));
        claim.set(batch, Field::SubmissionReason, source.element(19));
        claim
    }

    /// Reads a field, if it is given and was not before.
    #[inline]
    fn set(&mut self, batch: &mut ClaimBatch, field: Field, value: Option<Value<'a>>) {
        let Some(value) = value else { return };
        let given = self.given.with(field);
        if given != self.given {
            self.given = given;
            self.put(batch, field, value.text, value);
        }
    }

    /// Reads a field from a text that was made of what stands at `value`.
    #[inline(never)]
    fn put(&mut self, batch: &mut ClaimBatch, field: Field, text: &[u8], value: Value<'a>) {
        batch.origins.of_claim(self.index, field, value.segment, value.element, value.component);
        let place = batch.origins.place(value.segment);
        if is_text(text) {
            self.open.set_here(batch, field, text, place);
        } else {
            self.open.problem(batch, ProblemKind::BadValue { expected: UTF8 }, Some(field), place);
        }
    }

    /// A segment of the claim was longer than the reader takes.
    pub(super) fn too_long(&mut self, batch: &mut ClaimBatch, limit: u32, segment: &Segment<'_>) {
        self.open.problem(batch, ProblemKind::TooLong { limit }, None, segment.place);
    }

    /// Reads a segment of the claim.
    pub(super) fn segment(&mut self, batch: &mut ClaimBatch, segment: &Segment<'a>) {
        let id = segment.id;
        match id {
            Id::NM1 => {
                self.party = segment.trimmed(1);
                self.part = self.part.of_party();
                self.loop_id = loops::of_party(self.claim_type, self.part, self.party);
            }
            Id::SBR => self.enter(Part::Other),
            Id::LX => self.enter(Part::Line),
            Id::LIN => self.enter(Part::Drug),
            Id::SVD => self.enter(Part::Decision),
            Id::LQ => self.enter(Part::Form),
            Id::SV1 | Id::SV2 | Id::SV3 => self.enter(Part::Line),
            _ => {}
        }
        let source = Source::new(segment, self.loop_id, batch);
        match self.part {
            Part::Claim | Part::ClaimParty | Part::Other | Part::OtherParty => self.of_claim(batch, &source, id),
            Part::Line | Part::Drug | Part::LineParty | Part::Decision | Part::Form => {
                self.of_line(batch, &source, id);
            }
        }
    }

    fn enter(&mut self, part: Part) {
        (self.part, self.loop_id) = (part, part.loop_id());
    }

    fn of_line(&mut self, batch: &mut ClaimBatch, source: &Source<'_, 'a>, id: Id) {
        let service = match id {
            Id::SV1 => Some(0),
            Id::SV2 => Some(1),
            Id::SV3 => Some(2),
            _ => None,
        };
        if let Some(seen) = service.and_then(|place: usize| self.services.get_mut(place)) {
            *seen = true;
        }
        // A second service where an LX is missing is a line too.
        let another = id == Id::LX || service.is_some() && self.line.as_ref().is_none_or(LineState::is_served);
        if another {
            self.close_line(batch);
            self.lines += 1;
            self.line = Some(LineState::open(&self.open, self.lines, source, batch));
        }
        if let Some(line) = &mut self.line {
            line.segment(batch, source, self.part, self.party);
        }
    }

    fn close_line(&mut self, batch: &mut ClaimBatch) {
        // Where it is: a line is as large as many values.
        if let Some(line) = &mut self.line {
            line.close(&mut self.open, batch, &self.for_lines);
            self.line = None;
        }
    }

    fn of_claim(&mut self, batch: &mut ClaimBatch, source: &Source<'_, 'a>, id: Id) {
        match (id, self.part) {
            (Id::HI, _) => self.health(batch, source),
            (Id::NM1, Part::ClaimParty) => self.party(batch, source),
            (Id::NM1, Part::OtherParty) if self.party == b"PR" => self.other_payer(source),
            (Id::N4, Part::ClaimParty) if matches!(self.party, b"77" | b"FA" | b"LI" | b"TL") => {
                self.set(batch, Field::State, source.element(2));
            }
            (Id::PRV, Part::ClaimParty) if self.party == b"82" => {
                self.set(batch, Field::RenderingTaxonomy, source.element(3));
            }
            (Id::DTP, Part::Claim) => self.date(batch, source),
            (Id::CL1, Part::Claim) => {
                self.set(batch, Field::AdmissionType, source.element(1));
                self.set(batch, Field::AdmissionSource, source.element(2));
                self.set(batch, Field::PatientStatus, source.element(3));
            }
            (Id::REF, Part::Claim) => self.reference(batch, source),
            (Id::NTE, Part::Claim) => {
                if let Some(note) = source.element(2) {
                    self.lists.push(Field::ClaimNote, &[note.text], note);
                }
            }
            (Id::SBR, _) => self.paid = None,
            (Id::AMT, Part::Other) if source.segment.trimmed(1) == b"D" => {
                self.paid = source.element(2);
            }
            _ => {}
        }
    }

    /// NM1 of a party to the claim.
    fn party(&mut self, batch: &mut ClaimBatch, source: &Source<'_, 'a>) {
        if source.segment.trimmed(8) != b"XX" {
            return;
        }
        let npi = source.element(9);
        let field = match self.party {
            b"82" => {
                self.for_lines.rendering = self.for_lines.rendering.or(npi);
                return;
            }
            b"DN" => Field::ReferringNpi,
            b"DQ" => Field::SupervisingNpi,
            b"77" | b"FA" | b"LI" | b"TL" => Field::FacilityNpi,
            b"71" => Field::AttendingNpi,
            b"72" => Field::OperatingNpi,
            _ => return,
        };
        self.set(batch, field, npi);
    }

    fn other_payer(&mut self, source: &Source<'_, 'a>) {
        let Some(id) = source.element(9).or_else(|| source.of(b"-", 9, 0)) else { return };
        self.lists.push(Field::OtherPayers, &[id.text], id);
        self.any_paid |= self.paid.is_some();
        let paid = self.paid.take().unwrap_or_else(|| id.with(b"-"));
        self.lists.push(Field::OtherPayersPaid, &[paid.text], paid);
    }

    fn date(&mut self, batch: &mut ClaimBatch, source: &Source<'_, 'a>) {
        let (from, to) = dates(source);
        match source.segment.trimmed(1) {
            b"434" => {
                // A single day is the last as well as the first.
                let to = to.or(from.filter(|_| source.segment.trimmed(2) != b"RD8"));
                self.set(batch, Field::StatementFrom, from);
                self.set(batch, Field::StatementTo, to);
            }
            b"435" => self.set(batch, Field::AdmissionDate, from),
            b"439" => self.set(batch, Field::AccidentDate, from),
            // On dental claims: of every line that does not say otherwise.
            b"472" => (self.for_lines.service_from, self.for_lines.service_to) = (from, to),
            _ => {
                if let Some((parts, value)) = date_item(source) {
                    self.lists.push(Field::ClaimDates, &parts, value);
                }
            }
        }
    }

    fn reference(&mut self, batch: &mut ClaimBatch, source: &Source<'_, 'a>) {
        let number = source.element(2);
        let field = match source.segment.trimmed(1) {
            b"G1" => Field::PriorAuthorization,
            b"9F" => {
                self.referral = self.referral.or(number);
                return;
            }
            b"X4" => Field::CliaNumber,
            b"F8" => Field::OriginalClaim,
            b"EW" => Field::MammographyCertificate,
            _ => return,
        };
        self.set(batch, field, number);
    }

    /// HI: composites C022, each a qualifier, a code, and what goes with it.
    fn health(&mut self, batch: &mut ClaimBatch, source: &Source<'_, 'a>) {
        for (element, number) in source.segment.each_element().zip(0u8..26).skip(1) {
            if element.is_empty() {
                continue;
            }
            // Not repeated in any version; where a writer does so all the same, nothing is lost.
            let mut repetitions =
                source.segment.separators.repetition.map(|byte| element.split(move |own| *own == byte));
            let whole = repetitions.is_none().then_some(element);
            for composite in repetitions.as_mut().into_iter().flatten().chain(whole) {
                self.condition(batch, source, composite, number);
            }
        }
    }

    fn condition(&mut self, batch: &mut ClaimBatch, source: &Source<'_, 'a>, composite: &'a [u8], number: u8) {
        let mut parts: [&[u8]; 9] = [&[]; 9];
        let components = composite.split(|&byte| byte == source.segment.separators.component);
        for (part, component) in parts.iter_mut().zip(components) {
            *part = trimmed(component);
        }
        let [qualifier, code, _, date, amount, .., present] = parts;
        let Some(value) = source.of(code, number, 2) else { return };
        let at: &[u8] = if date.is_empty() { b"" } else { b"@" };
        match qualifier {
            b"ABK" | b"BK" | b"ABF" | b"BF" => {
                let diagnosis = Diagnosis { value, present, icd_9: qualifier.len() == 2 };
                match self.principal {
                    None if qualifier.ends_with(b"K") => self.principal = Some(diagnosis),
                    _ => self.others.push(diagnosis),
                }
            }
            b"ABJ" | b"BJ" => self.set(batch, Field::AdmittingDiagnosis, Some(value)),
            b"APR" | b"PR" => self.beside(batch, Field::ReasonsForVisit, value),
            b"ABN" | b"BN" => self.beside(batch, Field::ExternalCauses, value),
            b"BG" => self.lists.push(Field::ConditionCodes, &[code], value),
            b"BH" | b"BI" => self.lists.push(Field::OccurrenceCodes, &[code, at, date], value),
            b"BE" => self.lists.push(Field::ValueCodes, &[code, b"=", amount], value),
            b"BBR" | b"BR" | b"BBQ" | b"BQ" => self.lists.push(Field::InpatientProcedures, &[code, at, date], value),
            b"DR" => self.set(batch, Field::Drg, Some(value)),
            _ => {}
        }
    }

    /// A diagnosis beside the list, one of several: of the first ones each is kept where it stands, so that a finding can
    /// say it.
    fn beside(&mut self, batch: &mut ClaimBatch, field: Field, value: Value<'a>) {
        self.lists.push(field, &[value.text], value);
        if self.lists.of(field).is_some_and(|list| list.count() <= MOST_BESIDE) {
            // What is no code may be taken apart as a list is.
            for _ in items(value.text).take(MOST_BESIDE) {
                batch.origins.of_claim(self.index, field, value.segment, value.element, value.component);
            }
        }
    }

    /// The claim's place in the batch.
    pub(super) fn index(&self) -> u32 {
        self.index
    }

    /// The place in the batch of the line that is open.
    pub(super) fn line(&self, batch: &ClaimBatch) -> Option<u32> {
        self.line.as_ref().map(|_| batch.lines.len() as u32)
    }

    /// Takes what is wrong with the structure of the claim, or of one of its lines.
    pub(super) fn structure(&self, batch: &mut ClaimBatch, issue: Issue, line: Option<u32>) {
        let kind = ProblemKind::Structure(issue.structure);
        batch.problems.push(Problem { kind, claim: self.index, line, field: None, place: issue.place });
    }

    /// Ends the claim, of which nothing more is to be read. `cut_short` when the transaction set ends before its SE.
    pub(super) fn close(&mut self, batch: &mut ClaimBatch, cut_short: bool) {
        self.close_line(batch);
        let mut lists = std::mem::take(&mut self.lists);
        let fields = if lists.is_empty() { &[][..] } else { &LISTS };
        for &field in fields {
            if field == Field::OtherPayersPaid && !self.any_paid {
                continue;
            }
            if let Some((text, value)) = lists.of(field).and_then(List::take) {
                self.put(batch, field, text, value);
            }
        }
        self.diagnoses(batch);
        let (referral, state) = (self.referral, self.billing_state);
        self.set(batch, Field::PriorAuthorization, referral);
        self.set(batch, Field::State, state);
        let claim_type = match self.services {
            [_, true, _] => ClaimType::Institutional,
            [_, _, true] => ClaimType::Dental,
            [true, _, _] => ClaimType::Professional,
            _ => self.claim_type,
        };
        self.open.set(batch, Field::ClaimType, claim_type.letter().as_bytes(), self.place);
        if cut_short {
            self.open.problem(batch, ProblemKind::CutShort, None, self.place);
        }
        self.open.close_here(batch);
    }

    /// Ends the claim, of which what is beyond this many bytes was left out.
    pub(super) fn close_cut(&mut self, batch: &mut ClaimBatch, limit: u32) {
        self.open.problem(batch, ProblemKind::TooLong { limit }, None, self.place);
        self.close(batch, false);
    }

    /// The memory of a claim that is closed, for the next one.
    pub(super) fn leave(&mut self) -> Vec<Diagnosis<'a>> {
        let mut others = std::mem::take(&mut self.others);
        others.clear();
        others
    }

    /// The diagnoses, the principal one first whatever their order, their present-on-admission indicators, and their systems
    /// where one is not ICD-10-CM.
    fn diagnoses(&mut self, batch: &mut ClaimBatch) {
        let (principal, others) = (self.principal, std::mem::take(&mut self.others));
        let all = || principal.iter().chain(&others);
        let mut present = List::default();
        let any_present = all().any(|own| !own.present.is_empty());
        for own in all().filter(|_| any_present) {
            let text = if own.present.is_empty() { b"-" } else { own.present };
            present.push(b':', &[text], Value { component: 9, ..own.value });
        }
        let mut versions = List::default();
        let any_icd_9 = all().any(|own| own.icd_9);
        for own in all().filter(|_| any_icd_9) {
            versions.push(b':', &[if own.icd_9 { b"9" } else { b"0" }], Value { component: 1, ..own.value });
        }
        for (&Diagnosis { value, .. }, number) in all().zip(1..=Field::DIAGNOSES) {
            self.put(batch, Field::Diagnosis(number), value.text, value);
        }
        if let Some(&Diagnosis { value: beyond, .. }) = all().nth(usize::from(Field::DIAGNOSES)) {
            let Value { segment, element, component, .. } = beyond;
            batch.origins.of_claim(self.index, Field::DIAGNOSIS_BEYOND, segment, element, component);
            let place = batch.origins.place(segment);
            self.open.too_many_diagnoses(batch, beyond.text, place);
        }
        if let Some((text, value)) = present.take() {
            self.put(batch, Field::PresentOnAdmission, text, value);
        }
        if let Some((text, value)) = versions.take() {
            self.put(batch, Field::DxVersions, text, value);
        }
        self.others = others;
    }
}
