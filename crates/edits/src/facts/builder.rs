//! Gathers the facts of claims: looks codes up, finds rows and governing dates, and notes signs on the way.

use super::{ClaimFacts, DiagnosisFacts, Judgement, LineFacts, Lookup, OneDay, PtpPairs, Resolver};
use crate::same_day::{AMBULATORY_SURGERY, FEW};
use crate::signs::{self, Answers, Signs};
use crate::{EarlierClaim, Fires, Reason, Settings, px};
use claims::{ClaimView, Field, Given, LineRow};
use codes::{ClaimType, Date, Modifier};
use codeset::flags::{self, could, diagnosis};
use codeset::{Codeset, Row, System, SystemId};
use std::cell::Cell;
use std::collections::BTreeSet;
use std::ops::Range;

/// The most diagnoses that a line may point to: SV107 has four places.
const MOST_POINTERS: usize = 4;

/// A code that no table knows: another edit may still have something to say of it.
const UNKNOWN_COULD: u32 = u32::MAX;

/// Makes the facts of claim after claim of one batch, reusing its memory.
pub struct FactsBuilder<'a> {
    codeset: &'a Codeset,
    procedures: Option<&'a System>,
    diagnosis_codes: Option<&'a System>,
    places: Option<&'a System>,
    modifier_codes: Option<&'a System>,
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
            modifier_codes: codeset.system(SystemId::Modifier),
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
        let mut signs = Signs::default();
        let date = row.service_from.value();
        self.day.add(date);
        match date {
            Some(date) => signs.lacking(self.answers.lacking(self.codeset, date) & tables_of(claim)),
            None => signs.note(Fires::UNDATED_LINE, true),
        }
        let procedure = resolver.look_up(SystemId::Procedure, row.procedure);
        let (mut procedure_row, mut could) = (None, 0);
        if procedure != Lookup::Absent {
            could = UNKNOWN_COULD;
            if let (Lookup::Known(ordinal), Some(system)) = (procedure, self.procedures) {
                procedure_row = date.and_then(|date| system.row_on(ordinal, date));
                could = system.could(ordinal);
            }
            signs.note(Fires::UNKNOWN_PROCEDURE, procedure.ordinal().is_none());
            signs.note(Fires::INVALID_PROCEDURE, procedure_row.is_none());
            signs.note(Fires::PROCEDURE_AGE, procedure_row.is_some_and(Row::limits_age));
            signs.note(Fires::DME_ONLY, procedure_row.is_some_and(|row| row.has(flags::procedure::DME_ONLY)));
            signs.note(Fires::ANESTHESIA, px::is_anesthesia(row.procedure));
            if !row.revenue_code.is_absent() && claim.row.claim_type == ClaimType::Institutional {
                signs.note(Fires::RATE_CODE, px::is_rate_revenue(row.revenue_code));
            }
        }
        signs.note(Fires::NO_PROCEDURE, procedure == Lookup::Absent);
        signs.note(Fires::INVALID_NPI, row.rendering_npi == Given::Invalid);
        let modifiers = if row.modifiers == [Modifier::ABSENT; 4] {
            [Lookup::Absent; 4]
        } else {
            self.modifiers(row, date, resolver)
        };
        let place = resolver.look_up(SystemId::PlaceOfService, row.place_of_service);
        if place != Lookup::Absent {
            let found = place.ordinal().zip(date).zip(self.places);
            let valid = found.is_some_and(|((ordinal, date), system)| system.row_on(ordinal, date).is_some());
            signs.note(Fires::INVALID_PLACE, !valid);
        }
        let pointed = pointed(claim, row, &mut signs);
        self.signs.add(signs);
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
            pointed,
        }
    }

    /// Looks the line's modifiers up.
    fn modifiers(&mut self, row: &LineRow, date: Option<Date>, resolver: &mut impl Resolver) -> [Lookup; 4] {
        let mut given = 0;
        let found = row.modifiers.map(|modifier| {
            if modifier.is_absent() {
                return Lookup::Absent;
            }
            given += 1;
            let found = match modifier {
                Modifier::MALFORMED => Lookup::Malformed,
                modifier => resolver.look_up(SystemId::Modifier, modifier.code()),
            };
            self.signs.note(signs::of_modifier(modifier), true);
            let dated = found.ordinal().zip(date).zip(self.modifier_codes);
            let valid = dated.is_some_and(|((ordinal, date), system)| {
                system.row_on(ordinal, date).is_some() && system.covers_code(modifier.code(), date)
            });
            self.signs.note(Fires::UNKNOWN_MODIFIER, found.ordinal().is_none());
            self.signs.note(Fires::INVALID_MODIFIER, !valid);
            found
        });
        self.signs.note(Fires::MODIFIERS, true);
        self.signs.note(Fires::SEVERAL_MODIFIERS, given > 1);
        found
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
                let mut signs = Signs::default();
                signs.note(Fires::DIAGNOSIS_AGE, flags & diagnosis::AGE_GROUPS != 0 || row.limits_age());
                signs.note(Fires::MANIFESTATION, flags & diagnosis::MANIFESTATION != 0);
                signs.note(Fires::UNSPECIFIED_SIDE, flags & diagnosis::UNSPECIFIED != 0);
                signs.note(Fires::UNACCEPTABLE_PRINCIPAL, flags & UNACCEPTABLE != 0);
                self.signs.add(signs);
            }
            _ => self.signs.note(Fires::INVALID_DIAGNOSIS, true),
        }
        self.judged_day.add(date.ok());
        self.judgements.push(Judgement { date, line, row });
    }
}

/// The diagnoses that the line points to, see [`LineFacts::pointed`].
#[inline]
fn pointed(claim: ClaimView<'_>, row: &LineRow, signs: &mut Signs) -> u32 {
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
    signs.note(Fires::ODD_POINTERS, odd);
    // A line that gives no pointers may rest on any diagnosis.
    if pointers.is_empty() { u32::MAX } else { pointed }
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
