//! Gathers the facts of claims: looks codes up, finds rows and governing dates, and notes signs on the way.

use super::{BesideFacts, ClaimFacts, DiagnosisFacts, Judgement, LineFacts, Lookup, OneDay, PtpPairs, Resolver};
use crate::clm::Glance;
use crate::on_day::{Marks, OnDay};
use crate::same_day::{AMBULATORY_SURGERY, FEW};
use crate::signs::{self, Signs};
use crate::{EarlierClaim, Fires, Reason, Settings, prv, px};
use claims::{ClaimView, DiagnosisBeside, Field, Given, LineRow};
use codes::{ClaimType, Code, Date, Modifier};
use codeset::{Codeset, Reach, System, SystemId};
use std::cell::Cell;
use std::collections::BTreeSet;

/// The most diagnoses that a line may point to: SV107 has four places.
const MOST_POINTERS: usize = 4;

/// Makes the facts of claim after claim of one batch, reusing its memory.
pub struct FactsBuilder<'a> {
    codeset: &'a Codeset,
    procedures: Option<&'a System>,
    diagnosis_codes: Option<&'a System>,
    lines: Vec<LineFacts<'a>>,
    diagnoses: Vec<DiagnosisFacts>,
    beside: Vec<BesideFacts>,
    judgements: Vec<Judgement<'a>>,
    signs: Signs,
    day: OneDay,
    judged_day: OneDay,
    /// Whether some line's procedure is a visit, and whether some line's is none.
    visits: [bool; 2],
    ptp_pairs: Cell<Option<PtpPairs>>,
}

impl<'a> FactsBuilder<'a> {
    /// A builder that looks up in this codeset.
    pub fn new(codeset: &'a Codeset) -> FactsBuilder<'a> {
        FactsBuilder {
            codeset,
            procedures: codeset.system(SystemId::Procedure),
            diagnosis_codes: codeset.system(SystemId::Diagnosis),
            lines: Vec::new(),
            diagnoses: Vec::new(),
            beside: Vec::new(),
            judgements: Vec::new(),
            signs: Signs::default(),
            day: OneDay::None,
            judged_day: OneDay::None,
            visits: [false; 2],
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
        self.beside.clear();
        self.judgements.clear();
        self.ptp_pairs.set(None);
        self.signs = Signs::default();
        (self.day, self.judged_day, self.visits) = (OneDay::None, OneDay::None, [false; 2]);
        let pointed = self.read_lines(claim, resolver);
        let given_diagnoses = self.read_diagnoses(claim, pointed, resolver);
        self.signs.note(Fires::ALWAYS, true);
        self.signs.note(Fires::PROBLEMS, !claim.problems().is_empty());
        self.signs.note(Fires::NO_PATIENT, claim.row.patient.is_empty());
        self.signs
            .note(Fires::INVALID_NPI, claim.row.billing_npi == Given::Invalid || prv::lacks_npis(claim.batch.columns));
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
            beside: &self.beside,
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
        let mut reach = Reach::NONE;
        let tables = tables_of(claim);
        let given = given(claim.diagnoses());
        // A bit of each procedure, so that most claims show that they repeat none.
        let (mut seen, mut alike) = (0, false);
        let mut glance = Glance::new(claim.row.claim_type);
        for row in claim.lines() {
            glance.line(row);
            let pointers = claim.pointers(row);
            let line = self.line(claim, row, (pointers, given), tables, resolver);
            procedures |= line.could;
            self.signs.note(Fires::PTP_PAIRED, reach.meets(line.reach));
            reach = reach.or(line.reach);
            if !pointers.is_empty() {
                pointed |= line.pointed;
            }
            let bit = bit_of(row.procedure);
            alike |= seen & bit != 0;
            seen |= bit;
            self.lines.push(line);
        }
        self.signs.add(glance.signs(claim));
        let lines = self.lines.as_slice();
        self.signs.procedures(procedures);
        if let [_, _, ..] = lines {
            self.signs.note(Fires::VISIT_IN_COMPANY, self.visits == [true; 2]);
            let repeats = |one: &LineFacts<'_>, others: &[LineFacts<'_>]| {
                let same = |other: &LineFacts<'_>| one.row.procedure == other.row.procedure && one.date == other.date;
                !one.row.procedure.is_absent() && others.iter().any(same)
            };
            let repeated =
                lines.len() > FEW || alike && (1..lines.len()).any(|place| repeats(&lines[place - 1], &lines[place..]));
            self.signs.note(Fires::REPEATED_PROCEDURE, repeated);
        }
        pointed
    }

    /// Looks the diagnoses up and judges them; gives how many there are.
    fn read_diagnoses(&mut self, claim: ClaimView<'a>, pointed: u32, resolver: &mut impl Resolver) -> u32 {
        let (mut given, mut unreferenced) = (0, false);
        let (mut could, mut reach) = (0, Reach::NONE);
        let (mut seen, mut alike) = (0, false);
        let institutional = claim.row.claim_type == ClaimType::Institutional;
        let governing = institutional.then(|| institutional_date(claim));
        // Nearly all diagnoses are judged on this day alone.
        let likely = governing.map_or_else(|| self.lines.iter().find_map(|line| line.date), Result::ok);
        for (place, &code) in claim.diagnoses().iter().enumerate() {
            let looked_up = if claim.row.icd_9 == 0 { code } else { looked_up(claim, place, code) };
            let start = self.judgements.len() as u32;
            let (mut lookup, mut own_reach) = (Lookup::Absent, Reach::NONE);
            if !code.is_absent() {
                let on = resolver.on_day(SystemId::Diagnosis, looked_up, likely);
                (lookup, own_reach) = (on.lookup, on.reach);
                given += 1;
                could |= on.could;
                let bit = bit_of(code);
                alike |= seen & bit != 0;
                seen |= bit;
                self.signs.note(Fires::EXCLUDING, reach.meets(on.reach));
                reach = reach.or(on.reach);
                unreferenced |= place >= 32 || pointed & (1 << place) == 0;
                match governing {
                    Some(date) => self.push_judgement(date, None, &on, resolver),
                    None => self.judge(place, looked_up, (likely, on), resolver),
                }
            }
            let judged = start..self.judgements.len() as u32;
            self.diagnoses.push(DiagnosisFacts { code, lookup, reach: own_reach, judged });
        }
        if claim.row.diagnoses_beside
            && let Some(date) = governing
        {
            self.read_beside(claim, date, resolver);
        }
        self.signs.diagnoses(could);
        self.signs.note(Fires::UNREFERENCED_DIAGNOSIS, unreferenced);
        self.signs.note(Fires::ALIKE_DIAGNOSES, alike);
        given
    }

    /// Looks the diagnoses up that an institutional claim gives beside its list. The day that governs the list governs
    /// them.
    #[inline(never)]
    fn read_beside(&mut self, claim: ClaimView<'a>, date: Result<Date, Reason>, resolver: &mut impl Resolver) {
        const UNSOUND: Fires = Fires::UNKNOWN_DIAGNOSIS.or(Fires::INVALID_DIAGNOSIS);
        for DiagnosisBeside { field, item, code, .. } in claim.diagnoses_beside() {
            let on = resolver.on_day(SystemId::Diagnosis, code, date.ok());
            self.signs.note(Fires::UNSOUND_BESIDE, on.signs().show(UNSOUND));
            let start = self.judgements.len() as u32;
            self.judgements.push(Judgement { date, line: None, row: on.row(self.diagnosis_codes) });
            let diagnosis = DiagnosisFacts { code, lookup: on.lookup, reach: on.reach, judged: start..start + 1 };
            self.beside.push(BesideFacts { field, item, diagnosis });
        }
    }

    /// Looks a line up, of which the pointers are at hand and the diagnoses that are given, as [`given`] has them. Of the
    /// tables that may not answer for its day, `tables` could be asked.
    fn line(
        &mut self,
        claim: ClaimView<'a>,
        row: &'a LineRow,
        (pointers, given): (&[u16], u32),
        tables: u32,
        resolver: &mut impl Resolver,
    ) -> LineFacts<'a> {
        let mut signs = Signs::NONE;
        let date = row.service_from.value();
        match date {
            // As the lines before.
            Some(date) if self.day == OneDay::Is(date) => {}
            Some(date) => signs.lacking(resolver.unanswered(date).among(tables)),
            None => signs.note(Fires::UNDATED_LINE, true),
        }
        self.day.add(date);
        let (mut procedure, mut visit) = (OnDay::ABSENT, false);
        if row.procedure.is_absent() {
            signs.note(Fires::NO_PROCEDURE, true);
        } else {
            procedure = resolver.on_day(SystemId::Procedure, row.procedure, date);
            visit = procedure.marks.has(Marks::VISIT);
            if claim.row.claim_type == ClaimType::Institutional {
                let rate = !row.revenue_code.is_absent() && px::is_rate_revenue(row.revenue_code);
                signs.note(Fires::RATE_CODE, rate);
                visit = procedure.marks.has(Marks::VISIT_BY_STATUS) && !rate;
            }
            self.visits[usize::from(visit)] = true;
        }
        signs.note(Fires::INVALID_NPI, row.rendering_npi == Given::Invalid);
        signs.note(Fires::NDC, !row.ndc.is_empty());
        let modifiers = if row.modifiers == [Modifier::ABSENT; 4] {
            [Lookup::Absent; 4]
        } else {
            self.modifiers(row, date, resolver)
        };
        let mut place = OnDay::ABSENT;
        if row.place_of_service.is_absent() {
            signs.note(Fires::ODD_PLACE, true);
        } else {
            place = resolver.on_day(SystemId::PlaceOfService, row.place_of_service, date);
            let incident = place.marks.has(Marks::INSTITUTION) && procedure.marks.has(Marks::INCIDENT_TO);
            signs.note(Fires::ODD_PLACE, incident);
        }
        let pointed = pointed(pointers, given, &mut signs);
        signs.add(procedure.signs());
        signs.add(place.signs());
        self.signs.add(signs);
        LineFacts {
            row,
            date,
            procedure: procedure.lookup,
            procedure_row: procedure.row(self.procedures),
            could: procedure.could,
            reach: procedure.reach,
            modifiers,
            place: place.lookup,
            revenue: resolver.look_up(SystemId::Revenue, row.revenue_code),
            provider: row.rendering_npi.value().or(claim.row.billing_npi.value()),
            pointed,
            visit,
            signs: procedure.signs,
        }
    }

    /// Looks the line's modifiers up.
    fn modifiers(&mut self, row: &LineRow, date: Option<Date>, resolver: &mut impl Resolver) -> [Lookup; 4] {
        let (mut given, mut found) = (0, [Lookup::Absent; 4]);
        for (modifier, found) in row.modifiers.into_iter().zip(&mut found) {
            if modifier.is_absent() {
                continue;
            }
            given += 1;
            self.signs.note(signs::of_modifier(modifier), true);
            if modifier == Modifier::MALFORMED {
                self.signs.note(Fires::UNKNOWN_MODIFIER.or(Fires::INVALID_MODIFIER), true);
                *found = Lookup::Malformed;
                continue;
            }
            let on = resolver.on_day(SystemId::Modifier, modifier.code(), date);
            self.signs.add(on.signs());
            *found = on.lookup;
        }
        self.signs.note(Fires::MODIFIERS, true);
        self.signs.note(Fires::SEVERAL_MODIFIERS, given > 1);
        found
    }

    /// Adds the judgements of the diagnosis at `place` of a claim whose lines make days govern; what the tables say of it
    /// on one day, most likely the one, is known.
    fn judge(&mut self, place: usize, code: Code, (likely, on): (Option<Date>, OnDay), resolver: &mut impl Resolver) {
        if let OneDay::Is(day) = self.day {
            // The day of every line, be it one that points to the diagnosis or none.
            let line = self.lines.iter().position(|line| place >= 32 || line.pointed & (1 << place) != 0);
            return self.push_judgement(Ok(day), line.map(|line| line as u32), &on, resolver);
        }
        self.judge_by_lines(place, code, (likely, on), resolver);
    }

    /// As [`FactsBuilder::judge`], of a claim whose lines are of several days.
    #[inline(never)]
    fn judge_by_lines(
        &mut self,
        place: usize,
        code: Code,
        (likely, on): (Option<Date>, OnDay),
        resolver: &mut impl Resolver,
    ) {
        let start = self.judgements.len();
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
            let on = if date.ok() == likely { on } else { resolver.on_day(SystemId::Diagnosis, code, date.ok()) };
            self.push_judgement(date, Some(number as u32), &on, resolver);
        }
        if unreferenced {
            // No line points to it: it stands with the claim, from the first day of service.
            let first = self.lines.iter().filter_map(|line| line.date).min();
            let on = if first == likely { on } else { resolver.on_day(SystemId::Diagnosis, code, first) };
            self.push_judgement(first.ok_or(Reason::FieldAbsent(Field::ServiceFrom)), None, &on, resolver);
        }
    }

    #[inline]
    fn push_judgement(
        &mut self,
        date: Result<Date, Reason>,
        line: Option<u32>,
        on: &OnDay,
        resolver: &mut impl Resolver,
    ) {
        self.signs.add(on.signs());
        if let Ok(date) = date {
            self.signs.lacking(resolver.unanswered(date).among(signs::OF_DIAGNOSES));
        }
        self.judged_day.add(date.ok());
        self.judgements.push(Judgement { date, line, row: on.row(self.diagnosis_codes) });
    }
}

/// Which of the first 32 diagnoses are given, a bit each.
#[inline]
fn given(diagnoses: &[Code]) -> u32 {
    diagnoses.iter().take(32).rev().fold(0, |given, code| given << 1 | u32::from(!code.is_absent()))
}

/// The code to look up for the diagnosis at `place`: none of ICD-10-CM where the claim says that it is of ICD-9-CM.
#[cold]
fn looked_up(claim: ClaimView<'_>, place: usize, code: Code) -> Code {
    let icd_9 = place < 32 && claim.row.icd_9 & (1 << place) != 0;
    if icd_9 && !code.is_absent() { Code::MALFORMED } else { code }
}

/// One of 64 bits, another for most codes.
#[inline]
fn bit_of(code: Code) -> u64 {
    1 << (code.to_bits().wrapping_mul(0x9E37_79B9_7F4A_7C15) >> 58)
}

/// The diagnoses that a line points to, of those that are given, see [`LineFacts::pointed`].
#[inline]
fn pointed(pointers: &[u16], given: u32, signs: &mut Signs) -> u32 {
    let mut odd = pointers.is_empty() || pointers.len() > MOST_POINTERS;
    let mut pointed = 0;
    for &pointer in pointers {
        // Of diagnosis 0, and of those beyond the 32nd, there is no bit.
        let bit = 1u32.checked_shl(u32::from(pointer).wrapping_sub(1)).unwrap_or(0);
        odd |= given & bit == 0 || pointed & bit != 0;
        pointed |= bit;
    }
    signs.note(Fires::ODD_POINTERS, odd);
    // A line that gives no pointers may rest on any diagnosis.
    if pointers.is_empty() { u32::MAX } else { pointed }
}

/// Of the tables that may not answer for a day, those that could be asked about a claim of this type.
#[inline]
fn tables_of(claim: ClaimView<'_>) -> u32 {
    let never = match (claim.row.claim_type, claim.row.bill_type) {
        // Ambulatory surgery centres are judged as practitioners are.
        (ClaimType::Institutional, Given::Is(bill)) if bill.facility_and_care() == AMBULATORY_SURGERY => {
            signs::HOSPITAL_TABLES
        }
        (ClaimType::Institutional, _) => signs::PRACTITIONER_TABLES,
        _ => signs::HOSPITAL_TABLES,
    };
    !never & !signs::OF_DIAGNOSES
}

/// Home health under a plan of treatment: 32x.
const HOME_HEALTH: u8 = 32;

/// The date that governs an institutional claim's diagnoses: discharge for inpatient care, the statement's last day for
/// home health (CMS, MLN Matters MM7492), its first for other outpatient bills; a statement of one day needs no type of bill
/// to tell.
fn institutional_date(claim: ClaimView<'_>) -> Result<Date, Reason> {
    let (from, to) = (claim.row.statement_from.value(), claim.row.statement_to.value());
    match claim.row.bill_type {
        Given::Is(bill) if bill.is_inpatient() || bill.facility_and_care() == HOME_HEALTH => {
            to.ok_or(Reason::FieldAbsent(Field::StatementTo))
        }
        Given::Is(_) => from.ok_or(Reason::FieldAbsent(Field::StatementFrom)),
        Given::Absent | Given::Invalid => match (from, to) {
            (Some(from), Some(to)) if from == to => Ok(from),
            (None, _) => Err(Reason::FieldAbsent(Field::StatementFrom)),
            _ => Err(Reason::FieldAbsent(Field::BillType)),
        },
    }
}
