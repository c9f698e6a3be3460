//! A claim whose codes are looked up and whose governing dates are known: what edits read.

use crate::same_day::{AMBULATORY_SURGERY, FEW};
use crate::signs::{self, Answers, Signs};
use crate::{EarlierClaim, Fires, Reason, Settings, Unit, px};
use claims::{ClaimView, Field, Given, LineRow};
use codes::{ClaimType, Code, Date, Modifier, Npi};
use codeset::flags::{could, diagnosis};
use codeset::{AttributeId, Attributes, Codeset, Ordinal, Relation, RelationId, Row, System, SystemId, flags};
use std::cell::Cell;
use std::collections::BTreeSet;
use std::ops::Range;

/// What looking up a field's code gave.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Lookup {
    /// The field is empty.
    Absent,
    /// The field holds what is no code of any system.
    Malformed,
    /// No loaded release lists the code.
    Unknown,
    /// The code's ordinal.
    Known(Ordinal),
}

impl Lookup {
    /// The ordinal, if the code is known.
    #[inline]
    pub fn ordinal(self) -> Option<Ordinal> {
        match self {
            Lookup::Known(ordinal) => Some(ordinal),
            Lookup::Absent | Lookup::Malformed | Lookup::Unknown => None,
        }
    }
}

/// Looks codes up. The engine's remembers what it has seen.
pub trait Resolver {
    /// The code's ordinal in the system, if a loaded release lists it.
    fn ordinal(&mut self, system: SystemId, code: Code) -> Option<Ordinal>;

    /// What a field's code is.
    #[inline]
    fn look_up(&mut self, system: SystemId, code: Code) -> Lookup {
        if code.is_absent() {
            Lookup::Absent
        } else if code.is_malformed() {
            Lookup::Malformed
        } else {
            self.ordinal(system, code).map_or(Lookup::Unknown, Lookup::Known)
        }
    }
}

impl Resolver for &Codeset {
    fn ordinal(&mut self, system: SystemId, code: Code) -> Option<Ordinal> {
        // A code that a relation mentions but no release lists has no rows: it is unknown all the same.
        let system = self.system(system)?;
        system.ordinal(code).filter(|&ordinal| !system.rows(ordinal).is_empty())
    }
}

/// A service line, looked up.
#[derive(Clone, Copy, Debug)]
pub struct LineFacts<'a> {
    /// The line as read.
    pub row: &'a LineRow,
    /// The line's governing date: its first day of service.
    pub date: Option<Date>,
    /// The procedure.
    pub procedure: Lookup,
    /// The procedure's row on the governing date.
    pub procedure_row: Option<&'a Row>,
    /// What the procedure could set off, see [`codeset::flags::could`].
    pub could: u32,
    /// The modifiers, in their places.
    pub modifiers: [Lookup; 4],
    /// The place of service.
    pub place: Lookup,
    /// The revenue code.
    pub revenue: Lookup,
    /// The provider that counts as the line's: the rendering one, else the billing one, as an 837 means it.
    pub provider: Option<Npi>,
    /// Bit *n* − 1 is set when the line points to diagnosis *n*.
    pub pointed: u32,
}

impl LineFacts<'_> {
    /// The governing date, or why there is none.
    #[inline]
    pub fn governing_date(&self) -> Result<Date, Reason> {
        self.date.ok_or(Reason::FieldAbsent(Field::ServiceFrom))
    }

    /// The modifiers that are given, with their places from 0.
    pub fn given_modifiers(&self) -> impl Iterator<Item = (usize, Modifier)> {
        self.row.modifiers.into_iter().enumerate().filter(|(_, modifier)| !modifier.is_absent())
    }

    /// Whether the line carries the modifier.
    pub fn has_modifier(&self, modifier: Modifier) -> bool {
        self.row.modifiers.contains(&modifier)
    }
}

/// A diagnosis, looked up.
#[derive(Clone, Debug)]
pub struct DiagnosisFacts {
    /// The code as read; [`Code::ABSENT`] for an empty slot between others.
    pub code: Code,
    /// What looking it up gave.
    pub lookup: Lookup,
    judged: Range<u32>,
}

/// A diagnosis at one of its governing dates.
#[derive(Clone, Copy, Debug)]
pub struct Judgement<'a> {
    /// The governing date, or why there is none.
    pub date: Result<Date, Reason>,
    /// The first line (from 0) that makes this date govern; `None` when the claim does.
    pub line: Option<u32>,
    /// The code's row on that date.
    pub row: Option<&'a Row>,
}

/// A claim, looked up.
#[derive(Clone, Copy, Debug)]
pub struct ClaimFacts<'f> {
    /// The tables.
    pub codeset: &'f Codeset,
    /// What the claim's payer asks of the edits.
    pub settings: &'f Settings,
    /// The claim as read.
    pub claim: ClaimView<'f>,
    /// Its lines.
    pub lines: &'f [LineFacts<'f>],
    /// Its diagnoses, empty slots included.
    pub diagnoses: &'f [DiagnosisFacts],
    /// Claims of the same run that came before, of the same patient and payer with a service on a day of this one,
    /// in input order. None where claims are scrubbed one by one.
    pub earlier: &'f [EarlierClaim<'f>],
    judgements: &'f [Judgement<'f>],
    given_diagnoses: u32,
    signs: Signs,
    day: OneDay,
    judged_day: OneDay,
    pub(crate) ptp_pairs: &'f Cell<Option<PtpPairs>>,
}

/// Which PTP pairs are among a claim's lines: found once, for the edits of both indicators. It follows from the
/// claim and the tables alone, so it does not matter which edit asks first.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub(crate) struct PtpPairs {
    /// One of indicator 0.
    pub(crate) never: bool,
    /// One of indicator 1.
    pub(crate) with_modifier: bool,
}

/// The most diagnoses that a line may point to: SV107 has four places.
const MOST_POINTERS: usize = 4;

/// The one day that all of some things are of.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
enum OneDay {
    /// There are none of them.
    #[default]
    None,
    /// This day.
    Is(Date),
    /// They are of several days, or some of none.
    Several,
}

impl OneDay {
    #[inline]
    fn add(&mut self, day: Option<Date>) {
        *self = match (*self, day) {
            (OneDay::None, Some(day)) => OneDay::Is(day),
            (OneDay::Is(own), Some(day)) if own == day => return,
            _ => OneDay::Several,
        }
    }

    fn value(self) -> Option<Date> {
        match self {
            OneDay::Is(day) => Some(day),
            OneDay::None | OneDay::Several => None,
        }
    }
}

/// A code that no table knows: another edit may still have something to say of it.
const UNKNOWN_COULD: u32 = u32::MAX;

impl<'f> ClaimFacts<'f> {
    /// Professional, institutional or dental.
    #[inline]
    pub fn claim_type(&self) -> ClaimType {
        self.claim.row.claim_type
    }

    /// Whether the claim is institutional.
    #[inline]
    pub fn is_institutional(&self) -> bool {
        self.claim_type() == ClaimType::Institutional
    }

    /// Whether the claim says that it replaces or voids another: claim frequency 7 or 8, on institutional claims the
    /// last character of the type of bill.
    pub fn replaces_another(&self) -> bool {
        claim_replaces_another(self.claim)
    }

    /// Whether the claim is of inpatient care; why it cannot be told, for an institutional claim without a
    /// type of bill.
    pub fn is_inpatient(&self) -> Result<bool, Reason> {
        if !self.is_institutional() {
            return Ok(false);
        }
        match self.claim.row.bill_type {
            Given::Is(bill) => Ok(bill.is_inpatient()),
            Given::Absent | Given::Invalid => Err(Reason::FieldAbsent(Field::BillType)),
        }
    }

    /// A code system, if it is loaded.
    #[inline]
    pub fn system(&self, id: SystemId) -> Option<&'f System> {
        self.codeset.system(id)
    }

    /// A relation, if it is loaded.
    #[inline]
    pub fn relation(&self, id: RelationId) -> Option<&'f Relation> {
        self.codeset.relation(id)
    }

    /// A table of attributes, if it is loaded.
    #[inline]
    pub fn attributes(&self, id: AttributeId) -> Option<&'f Attributes> {
        self.codeset.attributes(id)
    }

    /// Whether the input has a column for the field.
    #[inline]
    pub fn has_column(&self, field: Field) -> bool {
        self.claim.batch.columns.has(field)
    }

    /// The dates that govern a diagnosis, with its row on each.
    #[inline]
    pub fn judgements(&self, diagnosis: &DiagnosisFacts) -> &'f [Judgement<'f>] {
        self.judgements.get(diagnosis.judged.start as usize..diagnosis.judged.end as usize).unwrap_or_default()
    }

    /// The diagnoses that are given, with their places from 0.
    pub fn given_diagnoses(&self) -> impl Iterator<Item = (u32, &'f DiagnosisFacts)> {
        self.diagnoses.iter().enumerate().filter(|(_, dx)| !dx.code.is_absent()).map(|(place, dx)| (place as u32, dx))
    }

    /// The patient's age in completed years, or why it is not known. A birth after the date counts as unknown:
    /// edit CLM002 says so.
    pub fn age_on(&self, day: Date) -> Result<u32, Reason> {
        let birth = self.claim.row.birth_date.value().ok_or(Reason::FieldAbsent(Field::BirthDate))?;
        day.age(birth).ok_or(Reason::FieldAbsent(Field::BirthDate))
    }

    /// How many units the claim has for an edit evaluated on these.
    #[inline]
    pub fn units(&self, unit: Unit) -> usize {
        match unit {
            Unit::Claim => 1,
            Unit::Line => self.lines.len(),
            Unit::Diagnosis => self.given_diagnoses as usize,
        }
    }

    /// Whether an edit that fires on this could report anything but a pass on this claim.
    #[inline]
    pub fn could_fire(&self, fires: Fires) -> bool {
        self.signs.show(fires)
    }

    /// What the claim shows at a glance, a bit each, as [`Fires::bits`] has them.
    #[inline]
    pub fn signs(&self) -> u128 {
        self.signs.bits()
    }

    /// The day that every line is of, where every line gives a procedure that the table knows. What a table does not
    /// answer on that day it answers for no line.
    #[inline]
    pub(crate) fn day_of_all_lines(&self) -> Option<Date> {
        const APART: Fires = Fires::NO_PROCEDURE.or(Fires::RATE_CODE).or(Fires::UNKNOWN_PROCEDURE);
        self.day.value().filter(|_| !self.could_fire(APART))
    }

    /// Whether every line gives a procedure in CPT or HCPCS, be it known or not.
    #[inline]
    pub(crate) fn has_all_procedures(&self) -> bool {
        !self.could_fire(Fires::NO_PROCEDURE.or(Fires::RATE_CODE))
    }

    /// The day that governs every diagnosis, where each may be reported on it.
    #[inline]
    pub(crate) fn day_of_all_diagnoses(&self) -> Option<Date> {
        self.judged_day.value().filter(|_| !self.could_fire(Fires::INVALID_DIAGNOSIS))
    }

    /// The first modifier of the line that is NCCI PTP-associated on its date.
    pub fn has_ncci_modifier(&self, line: &LineFacts<'_>) -> Option<Modifier> {
        let system = self.system(SystemId::Modifier)?;
        let date = line.date?;
        line.given_modifiers().find_map(|(place, modifier)| {
            let row = system.row_on(line.modifiers[place].ordinal()?, date)?;
            row.has(flags::modifier::NCCI).then_some(modifier)
        })
    }
}

/// Makes the facts of claim after claim of one batch, reusing its memory.
pub struct FactsBuilder<'a> {
    codeset: &'a Codeset,
    procedures: Option<&'a System>,
    diagnosis_codes: Option<&'a System>,
    places: Option<&'a System>,
    answers: Answers,
    lines: Vec<LineFacts<'a>>,
    diagnoses: Vec<DiagnosisFacts>,
    judgements: Vec<Judgement<'a>>,
    signs: Signs,
    day: OneDay,
    judged_day: OneDay,
    ptp_pairs: Cell<Option<PtpPairs>>,
}

impl<'a> FactsBuilder<'a> {
    /// A builder that looks up in this codeset.
    pub fn new(codeset: &'a Codeset) -> FactsBuilder<'a> {
        FactsBuilder {
            codeset,
            procedures: codeset.system(SystemId::Procedure),
            diagnosis_codes: codeset.system(SystemId::Diagnosis),
            places: codeset.system(SystemId::PlaceOfService),
            answers: Answers::new(),
            lines: Vec::new(),
            diagnoses: Vec::new(),
            judgements: Vec::new(),
            signs: Signs::default(),
            day: OneDay::None,
            judged_day: OneDay::None,
            ptp_pairs: Cell::new(None),
        }
    }

    /// The facts of a claim by itself.
    pub fn build(&mut self, claim: ClaimView<'a>, resolver: &mut impl Resolver) -> ClaimFacts<'_> {
        self.build_after(claim, &[], resolver)
    }

    /// The facts of a claim that comes after these.
    pub fn build_after<'s>(
        &'s mut self,
        claim: ClaimView<'a>,
        earlier: &'s [EarlierClaim<'s>],
        resolver: &mut impl Resolver,
    ) -> ClaimFacts<'s> {
        self.lines.clear();
        self.diagnoses.clear();
        self.judgements.clear();
        self.ptp_pairs.set(None);
        self.signs = Signs::default();
        (self.day, self.judged_day) = (OneDay::None, OneDay::None);
        let pointed = self.read_lines(claim, resolver);
        let given_diagnoses = self.read_diagnoses(claim, pointed, resolver);
        self.signs.note(Fires::ALWAYS, true);
        self.signs.note(Fires::PROBLEMS, !claim.problems().is_empty());
        self.signs.note(Fires::NO_PATIENT, claim.row.patient.is_empty());
        self.signs.note(Fires::INVALID_NPI, claim.row.billing_npi == Given::Invalid);
        self.signs.note(Fires::EARLIER_CLAIMS, !earlier.is_empty());
        self.signs.note(Fires::NO_DIAGNOSIS, given_diagnoses == 0);
        self.signs.note(Fires::SEVERAL_DIAGNOSES, given_diagnoses > 1);
        let bill_type_known = matches!(claim.row.bill_type, Given::Is(_));
        self.signs.note(Fires::NO_BILL_TYPE, claim.row.claim_type == ClaimType::Institutional && !bill_type_known);
        ClaimFacts {
            codeset: self.codeset,
            settings: &Settings::DEFAULT,
            claim,
            lines: &self.lines,
            diagnoses: &self.diagnoses,
            earlier,
            judgements: &self.judgements,
            given_diagnoses,
            signs: self.signs,
            day: self.day,
            judged_day: self.judged_day,
            ptp_pairs: &self.ptp_pairs,
        }
    }

    /// Looks the lines up; gives the diagnoses that some line points to, a bit each as in [`LineFacts::pointed`].
    fn read_lines(&mut self, claim: ClaimView<'a>, resolver: &mut impl Resolver) -> u32 {
        let (mut procedures, mut pointed) = (0, 0);
        for row in claim.lines() {
            let line = self.line(claim, row, resolver);
            procedures |= line.could;
            if !claim.pointers(row).is_empty() {
                pointed |= line.pointed;
            }
            self.lines.push(line);
        }
        let lines = self.lines.as_slice();
        self.signs.procedures(procedures);
        if let [_, _, ..] = lines {
            self.signs.note(Fires::SEVERAL_LINES, true);
            let repeats = |one: &LineFacts<'_>, others: &[LineFacts<'_>]| {
                let same = |other: &LineFacts<'_>| one.row.procedure == other.row.procedure && one.date == other.date;
                !one.row.procedure.is_absent() && others.iter().any(same)
            };
            let repeated =
                lines.len() > FEW || (1..lines.len()).any(|place| repeats(&lines[place - 1], &lines[place..]));
            self.signs.note(Fires::REPEATED_PROCEDURE, repeated);
            let both = |columns: u32| procedures & columns == columns;
            let hospital = could::PTP_HOSPITAL_COLUMN_1 | could::PTP_HOSPITAL_COLUMN_2;
            let practitioner = could::PTP_PRACTITIONER_COLUMN_1 | could::PTP_PRACTITIONER_COLUMN_2;
            self.signs.note(Fires::PTP_COLUMNS, both(hospital) || both(practitioner));
        }
        pointed
    }

    /// Looks the diagnoses up and judges them; gives how many there are.
    fn read_diagnoses(&mut self, claim: ClaimView<'a>, pointed: u32, resolver: &mut impl Resolver) -> u32 {
        let (mut given, mut unreferenced, mut external) = (0, false, false);
        let mut could = 0;
        for (place, &code) in claim.diagnoses().iter().enumerate() {
            let lookup = resolver.look_up(SystemId::Diagnosis, code);
            if lookup != Lookup::Absent {
                given += 1;
                could |= match (lookup, self.diagnosis_codes) {
                    (Lookup::Known(ordinal), Some(system)) => system.could(ordinal),
                    _ => UNKNOWN_COULD,
                };
                unreferenced |= place >= 32 || pointed & (1 << place) == 0;
                external |= matches!(code.at(0), b'V'..=b'Y');
                self.signs.note(Fires::UNKNOWN_DIAGNOSIS, lookup.ordinal().is_none());
            }
            let judged = self.judge(claim, place, lookup);
            self.diagnoses.push(DiagnosisFacts { code, lookup, judged });
        }
        self.signs.diagnoses(could);
        self.signs.note(Fires::UNREFERENCED_DIAGNOSIS, unreferenced);
        self.signs.note(Fires::EXTERNAL_CAUSE, external);
        given
    }

    fn line(&mut self, claim: ClaimView<'a>, row: &'a LineRow, resolver: &mut impl Resolver) -> LineFacts<'a> {
        let date = row.service_from.value();
        self.day.add(date);
        match date {
            Some(date) => self.signs.lacking(self.answers.lacking(self.codeset, date) & tables_of(claim)),
            None => self.signs.note(Fires::UNDATED_LINE, true),
        }
        let procedure = resolver.look_up(SystemId::Procedure, row.procedure);
        let (mut procedure_row, mut could) = (None, 0);
        if procedure != Lookup::Absent {
            could = UNKNOWN_COULD;
            if let (Lookup::Known(ordinal), Some(system)) = (procedure, self.procedures) {
                procedure_row = date.and_then(|date| system.row_on(ordinal, date));
                could = system.could(ordinal);
            }
            self.signs.note(Fires::UNKNOWN_PROCEDURE, procedure.ordinal().is_none());
            self.signs.note(Fires::INVALID_PROCEDURE, procedure_row.is_none());
            self.signs.note(Fires::PROCEDURE_AGE, procedure_row.is_some_and(Row::limits_age));
            self.signs.note(Fires::DME_ONLY, procedure_row.is_some_and(|row| row.has(flags::procedure::DME_ONLY)));
            self.signs.note(Fires::ANESTHESIA, px::is_anesthesia(row.procedure));
            if !row.revenue_code.is_absent() && claim.row.claim_type == ClaimType::Institutional {
                self.signs.note(Fires::RATE_CODE, px::is_rate_revenue(row.revenue_code));
            }
        }
        self.signs.note(Fires::NO_PROCEDURE, procedure == Lookup::Absent);
        self.signs.note(Fires::INVALID_NPI, row.rendering_npi == Given::Invalid);
        let modifiers = if row.modifiers == [Modifier::ABSENT; 4] {
            [Lookup::Absent; 4]
        } else {
            self.signs.note(Fires::MODIFIERS, true);
            row.modifiers.map(|modifier| match modifier {
                Modifier::MALFORMED => Lookup::Malformed,
                modifier => resolver.look_up(SystemId::Modifier, modifier.code()),
            })
        };
        let place = resolver.look_up(SystemId::PlaceOfService, row.place_of_service);
        if place != Lookup::Absent {
            let found = place.ordinal().zip(date).zip(self.places);
            let valid = found.is_some_and(|((ordinal, date), system)| system.row_on(ordinal, date).is_some());
            self.signs.note(Fires::INVALID_PLACE, !valid);
        }
        LineFacts {
            row,
            date,
            procedure,
            procedure_row,
            could,
            modifiers,
            place,
            revenue: resolver.look_up(SystemId::Revenue, row.revenue_code),
            provider: row.rendering_npi.value().or(claim.row.billing_npi.value()),
            pointed: self.pointed(claim, row),
        }
    }

    /// The diagnoses that the line points to, see [`LineFacts::pointed`].
    fn pointed(&mut self, claim: ClaimView<'a>, row: &LineRow) -> u32 {
        let pointers = claim.pointers(row);
        let diagnoses = claim.diagnoses();
        let mut odd = pointers.is_empty() || pointers.len() > MOST_POINTERS;
        let mut pointed = 0;
        for &pointer in pointers {
            let target = usize::from(pointer).checked_sub(1);
            let leads = target.and_then(|place| diagnoses.get(place)).is_some_and(|code| !code.is_absent());
            let bit = target.and_then(|place| 1u32.checked_shl(place as u32)).unwrap_or(0);
            odd |= !leads || pointed & bit != 0 || bit == 0;
            pointed |= bit;
        }
        self.signs.note(Fires::ODD_POINTERS, odd);
        // A line that gives no pointers may rest on any diagnosis.
        if pointers.is_empty() { u32::MAX } else { pointed }
    }

    /// Adds the judgements of the diagnosis at `place` and gives where they are.
    fn judge(&mut self, claim: ClaimView<'a>, place: usize, lookup: Lookup) -> Range<u32> {
        let start = self.judgements.len();
        if lookup == Lookup::Absent {
            return start as u32..start as u32;
        }
        if claim.row.claim_type == ClaimType::Institutional {
            self.push_judgement(institutional_date(claim), None, lookup);
        } else {
            let mut unreferenced = true;
            // The dates so far, once they are many: a claim may, wrongly, have a hundred thousand lines.
            let mut many = BTreeSet::new();
            for number in 0..self.lines.len() {
                let line = &self.lines[number];
                if place < 32 && line.pointed & (1 << place) == 0 {
                    continue;
                }
                unreferenced = false;
                let date = line.governing_date();
                let known = &self.judgements[start..];
                let again = if known.len() < FEW {
                    // Lines mostly share their date, so the last judgement is the likeliest.
                    known.iter().rev().any(|judgement| judgement.date == date)
                } else {
                    if many.is_empty() {
                        many.extend(known.iter().map(|judgement| judgement.date));
                    }
                    !many.insert(date)
                };
                if again {
                    continue;
                }
                self.push_judgement(date, Some(number as u32), lookup);
            }
            if unreferenced {
                // No line points to it: it stands with the claim, from the first day of service.
                let first = self.lines.iter().filter_map(|line| line.date).min();
                self.push_judgement(first.ok_or(Reason::FieldAbsent(Field::ServiceFrom)), None, lookup);
            }
        }
        start as u32..self.judgements.len() as u32
    }

    fn push_judgement(&mut self, date: Result<Date, Reason>, line: Option<u32>, lookup: Lookup) {
        const UNACCEPTABLE: u32 = diagnosis::UNACCEPTABLE_PRINCIPAL | diagnosis::OUTPATIENT_UNACCEPTABLE;
        let row = match (lookup, date, self.diagnosis_codes) {
            (Lookup::Known(ordinal), Ok(date), Some(system)) => system.row_on(ordinal, date),
            _ => None,
        };
        match row {
            Some(row) if row.is_billable() => {
                let flags = row.flags;
                self.signs.note(Fires::DIAGNOSIS_AGE, flags & diagnosis::AGE_GROUPS != 0 || row.limits_age());
                self.signs.note(Fires::MANIFESTATION, flags & diagnosis::MANIFESTATION != 0);
                self.signs.note(Fires::UNSPECIFIED_SIDE, flags & diagnosis::UNSPECIFIED != 0);
                self.signs.note(Fires::UNACCEPTABLE_PRINCIPAL, flags & UNACCEPTABLE != 0);
            }
            _ => self.signs.note(Fires::INVALID_DIAGNOSIS, true),
        }
        self.judged_day.add(date.ok());
        self.judgements.push(Judgement { date, line, row });
    }
}

/// Of the tables that may not answer for a day, those that could be asked about a claim of this type.
#[inline]
fn tables_of(claim: ClaimView<'_>) -> u32 {
    if claim.row.claim_type != ClaimType::Institutional {
        return !signs::HOSPITAL_TABLES;
    }
    match claim.row.bill_type {
        // Ambulatory surgery centres are judged as practitioners are.
        Given::Is(bill) if bill.facility_and_care() == AMBULATORY_SURGERY => !signs::HOSPITAL_TABLES,
        _ => !signs::PRACTITIONER_TABLES,
    }
}

/// The date that governs an institutional claim's diagnoses: discharge for inpatient care, the statement's first
/// day for outpatient; a statement of one day needs no type of bill to tell.
fn institutional_date(claim: ClaimView<'_>) -> Result<Date, Reason> {
    let (from, to) = (claim.row.statement_from.value(), claim.row.statement_to.value());
    match claim.row.bill_type {
        Given::Is(bill) if bill.is_inpatient() => to.ok_or(Reason::FieldAbsent(Field::StatementTo)),
        Given::Is(_) => from.ok_or(Reason::FieldAbsent(Field::StatementFrom)),
        Given::Absent | Given::Invalid => match (from, to) {
            (Some(from), Some(to)) if from == to => Ok(from),
            (None, _) => Err(Reason::FieldAbsent(Field::StatementFrom)),
            _ => Err(Reason::FieldAbsent(Field::BillType)),
        },
    }
}

/// Whether a claim says that it replaces or voids another (claim frequency 7 or 8).
pub fn claim_replaces_another(claim: ClaimView<'_>) -> bool {
    let frequency = match claim.row.bill_type {
        Given::Is(bill) => Some(bill.frequency()),
        _ => claim.text_of(Field::FrequencyCode).and_then(|text| text.bytes().next()),
    };
    matches!(frequency, Some(b'7' | b'8'))
}
