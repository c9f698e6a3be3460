//! Making a claim that no edit fails.

use crate::claim::{Claim, Line, MOST_DIAGNOSES, MOST_POINTERS, Pointers};
use crate::common;
use crate::draw::{Choice, Draw, Ranked, Share};
use crate::kinds::Kind;
use crate::people::{PAYERS, People};
use crate::tables::{Limits, Tables, holds};
use crate::{GenerateError, Plan};
use codes::{ClaimType, Code, Date, Modifier, Money};
use codeset::flags::diagnosis;
use codeset::{Ordinal, Row};

/// What an error needs of the claim that it is planted in.
#[derive(Clone, Copy)]
pub(crate) struct Shape {
    /// The type, or any.
    pub(crate) claim_type: Option<ClaimType>,
    /// Fewest and most lines.
    pub(crate) lines: (u32, u32),
    /// Fewest and most diagnoses.
    pub(crate) diagnoses: (u32, u32),
    /// All of one day, no add-on codes and no line without a procedure: any line may be changed by itself.
    pub(crate) plain: bool,
}

/// Any claim.
pub(crate) const ANY: Shape = Shape { claim_type: None, lines: (1, 12), diagnoses: (1, 12), plain: false };

/// Makes claims without errors.
pub(crate) struct Maker<'c> {
    pub(crate) tables: Tables<'c>,
    people: People,
    office: Ranked<Ordinal>,
    outpatient: Ranked<Ordinal>,
    diagnoses: Ranked<Ordinal>,
    institutional: Share,
    /// Places of service, for codesets that lack the usual ones.
    places: Vec<Code>,
    revenue: Vec<Code>,
}

const LINES: Choice<u32> = Choice {
    usual: 3,
    others: &[(200, 1), (200, 2), (150, 4), (90, 5), (50, 6), (30, 7), (30, 8), (15, 9), (12, 10), (8, 11), (10, 12)],
};
const DIAGNOSES: Choice<u32> = Choice {
    usual: 2,
    others: &[(300, 1), (180, 3), (110, 4), (50, 5), (30, 6), (20, 7), (15, 8), (10, 9), (10, 10), (5, 11), (20, 12)],
};
/// Days from a claim's first service to its last.
const OFFICE_DAYS: Choice<u32> = Choice { usual: 0, others: &[(40, 1), (30, 2), (30, 6)] };
const OUTPATIENT_DAYS: Choice<u32> = Choice { usual: 0, others: &[(60, 1), (40, 2), (60, 6), (40, 13)] };
/// None of telehealth, which takes the codes of its list alone.
const PLACES: Choice<&[u8; 2]> = Choice {
    usual: b"11",
    others: &[
        (110, b"22"),
        (70, b"23"),
        (70, b"21"),
        (40, b"81"),
        (30, b"12"),
        (20, b"31"),
        (20, b"24"),
        (20, b"20"),
        (15, b"32"),
        (15, b"19"),
        (10, b"49"),
        (10, b"65"),
    ],
};
const BILL_TYPES: Choice<&str> =
    Choice { usual: "0131", others: &[(120, "0851"), (40, "0141"), (20, "0137"), (10, "0857")] };
/// Revenue codes of lines without a procedure: pharmacy, intravenous solutions, supplies.
const PACKAGED: Choice<&[u8; 4]> = Choice { usual: b"0250", others: &[(350, b"0270"), (150, b"0258")] };
/// Modifiers of people's claims, not of hospitals'.
const OF_PEOPLE: &[&[u8; 2]] = &[b"26", b"TC", b"AA", b"QK", b"QX", b"QZ", b"24", b"57", b"51", b"90", b"78"];
/// How often a claim is of any day that the tables answer for, and not of the last year.
const OLD: u32 = 12;
/// How often a code is drawn again before the claim is made with fewer, or given up.
const TRIES: u32 = 200;

impl<'c> Maker<'c> {
    pub(crate) fn new(tables: Tables<'c>, plan: &Plan) -> Result<Maker<'c>, GenerateError> {
        let share = plan.institutional_share;
        let institutional =
            Share::new(share).ok_or(GenerateError::BadShare { what: "institutional_share", value: share })?;
        let maker = Maker {
            people: People::new(plan.seed, plan.lines, tables.last_day),
            office: Ranked::new(common::procedures(&tables, false), plan.uniform),
            outpatient: Ranked::new(common::procedures(&tables, true), plan.uniform),
            diagnoses: Ranked::new(common::diagnoses(&tables), plan.uniform),
            institutional,
            places: tables.places.iter().map(|(_, code)| code).collect(),
            revenue: tables.revenue.iter().map(|(_, code)| code).collect(),
            tables,
        };
        if maker.office.is_empty() || maker.diagnoses.is_empty() {
            return Err(GenerateError::NoCleanClaim { claim: 1 });
        }
        Ok(maker)
    }

    /// Makes a claim of this shape; `None` when the codes drawn would not go together, which another try mends.
    pub(crate) fn make(&self, draw: &mut Draw, shape: &Shape, claim: &mut Claim) -> Option<()> {
        claim.lines.clear();
        claim.diagnoses.clear();
        claim.instead.clear();
        claim.claim_type = match shape.claim_type {
            Some(claim_type) => claim_type,
            None if draw.happens(self.institutional) => ClaimType::Institutional,
            None => ClaimType::Professional,
        };
        let days = self.days(draw, shape, claim.is_institutional());
        let (limits, blank) = self.head(draw, days, claim)?;
        self.services(draw, shape, (days, limits), blank, claim)?;
        self.conditions(draw, shape, (days, limits), claim)?;
        point(draw, claim);
        claim.add_up();
        self.tables.stand_together(claim).then_some(())
    }

    /// The claim's first and last day of service.
    fn days(&self, draw: &mut Draw, shape: &Shape, institutional: bool) -> [Date; 2] {
        let (first, last) = (self.tables.first_day.days(), self.tables.last_day.days());
        let span = match (shape.plain, institutional) {
            (true, _) => 0,
            (false, true) => draw.choose(&OUTPATIENT_DAYS),
            (false, false) => draw.choose(&OFFICE_DAYS),
        };
        let span = (span as i32).min(last - first);
        let latest = last - span;
        let earliest = if draw.once_in(OLD) { first } else { first.max(latest - 364) };
        let from = earliest + draw.between(0, (latest - earliest) as u32) as i32;
        [Date::from_days(from), Date::from_days(from + span)]
    }

    /// All that the claim says of itself: what limits its codes, and what all of its lines have in common.
    fn head(&self, draw: &mut Draw, days: [Date; 2], claim: &mut Claim) -> Option<(Limits, Line)> {
        let biller = self.people.biller(draw, claim.is_institutional())?;
        let patient = self.people.patient(draw, days[0]);
        claim.payer = draw.ranked(PAYERS);
        claim.patient = patient.number;
        claim.birth_date = Some(patient.birth);
        claim.sex = patient.sex;
        claim.billing_npi = Some(biller.npi);
        claim.state = biller.state;
        claim.received = Some(Date::from_days(days[1].days() + draw.between(1, 28) as i32));
        (claim.bill_type, claim.statement, claim.patient_status) = if claim.is_institutional() {
            (Some(draw.choose(&BILL_TYPES)), Some(days), Some("01"))
        } else {
            (None, None, None)
        };
        let (place, rendering_npi) = if claim.is_institutional() {
            (Code::ABSENT, None)
        } else {
            (self.place(draw, days)?, Some(self.people.renderer(draw, biller)?))
        };
        let blank = Line {
            rendering_npi,
            from: days[0],
            to: None,
            place,
            revenue: Code::ABSENT,
            procedure: Code::ABSENT,
            ordinal: None,
            modifiers: [Modifier::ABSENT; 4],
            units: 1,
            charge: Money::from_cents(0),
            pointers: Pointers::default(),
        };
        let ages = [days[0].age(patient.birth)?, days[1].age(patient.birth)?];
        Some((Limits { sex: patient.sex, ages }, blank))
    }

    /// A place of service that is known on these days.
    fn place(&self, draw: &mut Draw, days: [Date; 2]) -> Option<Code> {
        let known = |code: &Code| days.iter().all(|&day| holds(self.tables.places, *code, day));
        (0..4)
            .find_map(|_| Code::parse(draw.choose(&PLACES).as_slice()).filter(known))
            .or_else(|| self.places.iter().copied().find(known))
    }

    /// The claim's lines.
    fn services(
        &self,
        draw: &mut Draw,
        shape: &Shape,
        (days, limits): ([Date; 2], Limits),
        blank: Line,
        claim: &mut Claim,
    ) -> Option<()> {
        let wanted = draw.choose(&LINES).clamp(shape.lines.0, shape.lines.1) as usize;
        let codes = if claim.is_institutional() { &self.outpatient } else { &self.office };
        let span = (days[1].days() - days[0].days()) as u32;
        for _ in 0..TRIES {
            if claim.lines.len() >= wanted {
                break;
            }
            let from = if claim.lines.is_empty() { 0 } else { draw.below(span + 1) };
            let line = Line { from: Date::from_days(days[0].days() + from as i32), ..blank };
            let procedure = codes.draw(draw)?;
            if !self.goes_with(claim, procedure, line.from, limits) {
                continue;
            }
            match self.tables.add_on_type(procedure, line.from) {
                None => self.serve(draw, claim, line, procedure),
                Some(_) if shape.plain => {}
                Some(kind) => self.add_on(draw, claim, line, (procedure, kind), limits, wanted),
            }
        }
        if claim.lines.len() < shape.lines.0 as usize {
            return None;
        }
        if !shape.plain && claim.is_institutional() && claim.lines.len() < wanted.max(6) && draw.once_in(5) {
            let revenue =
                Code::parse(draw.choose(&PACKAGED).as_slice()).filter(|&code| self.is_revenue_code(code, days[0]));
            if let Some(revenue) = revenue {
                let charge = Money::from_cents(i64::from(draw.between(8, 400)) * 100);
                claim.lines.push(Line { revenue, charge, ..blank });
            }
        }
        // Stable, so that an add-on code stays behind its primary procedure.
        claim.lines.sort_by_key(|line| line.from);
        Some(())
    }

    /// Whether the procedure may be on the claim with those that are there: it is valid, fits the patient, is not
    /// there yet, makes no PTP pair, and is no visit of a hospital beside a procedure, which would need modifier 25.
    pub(crate) fn goes_with(&self, claim: &Claim, procedure: Ordinal, day: Date, limits: Limits) -> bool {
        let apart = |line: &Line| match line.ordinal {
            Some(other) => {
                let visits = claim.is_institutional()
                    && self.tables.visit_beside_procedure((procedure, day), (other, line.from));
                other != procedure && !visits && !self.tables.paired(procedure, other, day)
            }
            None => true,
        };
        self.tables.procedure_fits(procedure, day, limits).is_some() && claim.lines.iter().all(apart)
    }

    /// Adds a line.
    fn serve(&self, draw: &mut Draw, claim: &mut Claim, mut line: Line, procedure: Ordinal) {
        self.dress(draw, &mut line, procedure, claim.is_institutional());
        claim.lines.push(line);
    }

    /// Adds an add-on code, where its primary procedure is, or can be.
    fn add_on(
        &self,
        draw: &mut Draw,
        claim: &mut Claim,
        mut line: Line,
        (add_on, kind): (Ordinal, u16),
        limits: Limits,
        wanted: usize,
    ) {
        let tables = &self.tables;
        let serves = |other: &Line| match other.ordinal {
            Some(primary) if tables.add_on_type(primary, other.from).is_none() => {
                kind == 2 || tables.is_primary_of(primary, add_on, other.from)
            }
            _ => false,
        };
        if let Some(primary) = claim.lines.iter().find(|other| serves(other)) {
            line.from = primary.from;
            if self.goes_with(claim, add_on, line.from, limits) {
                self.serve(draw, claim, line, add_on);
            }
            return;
        }
        if kind == 2 || claim.lines.len() + 2 > wanted {
            return;
        }
        let Some(relation) = tables.add_on else { return };
        let listed = relation.links(add_on).filter(|link| link.class.holds_on(line.from)).count() as u32;
        for _ in 0..4 {
            let place = draw.below(listed) as usize;
            let mut links = relation.links(add_on).filter(|link| link.class.holds_on(line.from));
            let Some(primary) = links.nth(place).map(|link| link.target) else { return };
            if tables.add_on_type(primary, line.from).is_none()
                && !tables.clash(primary, add_on, line.from, claim.is_institutional())
                && self.goes_with(claim, primary, line.from, limits)
            {
                self.serve(draw, claim, line, primary);
                self.serve(draw, claim, line, add_on);
                return;
            }
        }
    }

    /// Makes the line one of this procedure: code, modifiers, units, charge, revenue code.
    pub(crate) fn dress(&self, draw: &mut Draw, line: &mut Line, procedure: Ordinal, institutional: bool) {
        let code = self.tables.procedures.code(procedure);
        let kind = Kind::of(code);
        (line.procedure, line.ordinal) = (code, Some(procedure));
        line.units = i64::from(draw.choose(&kind.units));
        line.charge = Money::from_cents(kind.cents(code) * line.units);
        line.modifiers = [Modifier::ABSENT; 4];
        let fits = |&&modifier: &&Modifier| {
            self.tables.modifier_holds(modifier, line.from)
                && !(institutional && OF_PEOPLE.iter().any(|&text| Modifier::new(text) == modifier))
        };
        let drawn = draw.choose(&kind.modifiers);
        for (slot, &modifier) in line.modifiers.iter_mut().zip(drawn.iter().filter(fits)) {
            *slot = modifier;
        }
        if institutional {
            line.revenue = self.revenue_code(draw, kind, line.from);
        }
    }

    fn revenue_code(&self, draw: &mut Draw, kind: &Kind, day: Date) -> Code {
        let known = |code: &Code| self.is_revenue_code(*code, day);
        (0..4)
            .find_map(|_| Code::parse(draw.choose(&kind.revenue).as_slice()).filter(known))
            .or_else(|| self.revenue.iter().copied().find(known))
            .unwrap_or(Code::ABSENT)
    }

    fn is_revenue_code(&self, code: Code, day: Date) -> bool {
        holds(self.tables.revenue, code, day)
    }

    /// The claim's diagnoses.
    fn conditions(
        &self,
        draw: &mut Draw,
        shape: &Shape,
        (days, limits): ([Date; 2], Limits),
        claim: &mut Claim,
    ) -> Option<()> {
        let institutional = claim.is_institutional();
        let most = if institutional { MOST_DIAGNOSES } else { MOST_DIAGNOSES.min(claim.lines.len() * MOST_POINTERS) };
        // On a professional claim the first diagnosis that a line points to is that line's first; see `point`.
        let firsts = if institutional { 1 } else { claim.lines.len() };
        let wanted = (draw.choose(&DIAGNOSES).clamp(shape.diagnoses.0, shape.diagnoses.1) as usize).min(most);
        for _ in 0..TRIES {
            if claim.diagnoses.len() >= wanted {
                break;
            }
            let dx = self.diagnoses.draw(draw)?;
            let Some(row) = self.tables.diagnosis_fits(dx, days, limits) else { continue };
            let code = self.tables.diagnoses.code(dx);
            if (claim.diagnoses.len() < firsts && !may_be_first(code, row))
                || !self.tables.joins(dx, code, &claim.diagnoses, days)
            {
                continue;
            }
            claim.diagnoses.push(code);
        }
        (claim.diagnoses.len() >= (shape.diagnoses.0 as usize).max(1)).then_some(())
    }

    /// A diagnosis more, of the patient's age and sex.
    pub(crate) fn another_diagnosis(
        &self,
        draw: &mut Draw,
        claim: &Claim,
        days: [Date; 2],
        limits: Limits,
    ) -> Option<Code> {
        (0..TRIES).find_map(|_| {
            let dx = self.diagnoses.draw(draw)?;
            let code = self.tables.diagnoses.code(dx);
            let fits = self.tables.diagnosis_fits(dx, days, limits).is_some()
                && self.tables.joins(dx, code, &claim.diagnoses, days);
            fits.then_some(code)
        })
    }

    /// The limits that the patient sets to codes, once the claim is made.
    pub(crate) fn limits(&self, claim: &Claim) -> Option<Limits> {
        let (first, last) = (claim.lines.first()?.from, claim.lines.last()?.from);
        let birth = claim.birth_date?;
        Some(Limits { sex: claim.sex, ages: [first.age(birth)?, last.age(birth)?] })
    }
}

/// The flags that keep a diagnosis from the first place of some claim.
pub(crate) const NOT_FIRST: u32 = diagnosis::MANIFESTATION
    | diagnosis::EXTERNAL_CAUSE
    | diagnosis::UNACCEPTABLE_PRINCIPAL
    | diagnosis::REQUIRES_SECONDARY
    | diagnosis::OUTPATIENT_UNACCEPTABLE;

/// Whether the diagnosis may be the first.
pub(crate) fn may_be_first(code: Code, row: &Row) -> bool {
    row.flags & NOT_FIRST == 0 && !matches!(code.at(0), b'V'..=b'Y')
}

/// Has the lines of a professional claim point to its diagnoses, to each from some line. A line's first pointer is to
/// one of as many diagnoses as there are lines.
fn point(draw: &mut Draw, claim: &mut Claim) {
    if claim.is_institutional() {
        return;
    }
    let (lines, diagnoses) = (claim.lines.len(), claim.diagnoses.len());
    for (place, line) in claim.lines.iter_mut().enumerate() {
        let mut own = Pointers::default();
        for number in (place..diagnoses).step_by(lines) {
            own.push(number as u8 + 1);
        }
        if own.numbers().is_empty() || (own.has_room() && draw.once_in(4)) {
            let number = draw.below(diagnoses.min(lines) as u32) as u8 + 1;
            if !own.numbers().contains(&number) {
                own.push(number);
            }
        }
        line.pointers = own;
    }
}
