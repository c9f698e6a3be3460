//! A claim whose codes are looked up and whose governing dates are known: what edits read.

mod builder;

use crate::signs::{Signs, SignsOfCode};
use crate::{EarlierClaim, Fires, OnDay, Reason, Settings, Unanswered, Unit};
pub use builder::FactsBuilder;
use claims::{ClaimView, Field, Given, LineRow};
use codes::{ClaimType, Code, Date, Modifier, Npi};
use codeset::{AttributeId, Attributes, Codeset, Ordinal, Reach, Relation, RelationId, Row, System, SystemId, flags};
use std::cell::Cell;
use std::ops::Range;

/// What looking up a field's code gave.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Lookup {
    /// The field is empty.
    Absent,
    /// The field holds what is no code of any system, or of none that is loaded: a diagnosis of ICD-9-CM.
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
    /// The tables it looks in.
    fn codeset(&self) -> &Codeset;

    /// The code's ordinal in the system, if a loaded release lists it.
    fn ordinal(&mut self, system: SystemId, code: Code) -> Option<Ordinal>;

    /// What the tables say of the code on the day; `None` for a day that is not known.
    #[inline]
    fn on_day(&mut self, system: SystemId, code: Code, day: Option<Date>) -> OnDay {
        let lookup = self.look_up(system, code);
        OnDay::of(self.codeset(), system, code, lookup, day)
    }

    /// The tables that do not answer for the day.
    #[inline]
    fn unanswered(&mut self, day: Date) -> Unanswered {
        Unanswered::on(self.codeset(), day)
    }

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
    fn codeset(&self) -> &Codeset {
        self
    }

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
    /// Where the procedure stands among the PTP pairs of all days.
    pub reach: Reach,
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
    /// Whether the procedure is a visit, as PX024 means it on such claims.
    pub(crate) visit: bool,
    /// The signs that the procedure shows by itself on the governing date.
    pub(crate) signs: SignsOfCode,
}

impl LineFacts<'_> {
    /// The governing date, or why there is none.
    #[inline]
    pub fn governing_date(&self) -> Result<Date, Reason> {
        self.date.ok_or(Reason::FieldAbsent(Field::ServiceFrom))
    }

    /// Whether the line's procedure shows one of these signs by itself.
    #[inline]
    pub(crate) fn shows(&self, signs: Fires) -> bool {
        self.signs.all().show(signs)
    }

    /// The modifiers that are given, with their places from 0.
    pub fn given_modifiers(&self) -> impl Iterator<Item = (usize, Modifier)> {
        self.row.modifiers.into_iter().enumerate().filter(|(_, modifier)| !modifier.is_absent())
    }

    /// Whether the line gives no diagnosis pointers, so that it may rest on any diagnosis.
    pub fn is_unpointed(&self) -> bool {
        self.pointed == u32::MAX
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
    /// Where it stands among the Excludes1 notes of all days.
    pub(crate) reach: Reach,
    judged: Range<u32>,
}

impl DiagnosisFacts {
    /// Whether the claim says that the code is of ICD-9-CM: it is not looked up in ICD-10-CM.
    pub(crate) fn is_icd_9(&self) -> bool {
        self.lookup == Lookup::Malformed && !self.code.is_malformed()
    }
}

/// A diagnosis that an institutional claim gives beside its list, looked up.
#[derive(Clone, Debug)]
pub struct BesideFacts {
    /// The field that it stands in, one of [`Field::BESIDE`].
    pub field: Field,
    /// Which of the field's codes it is, from 0.
    pub item: u32,
    /// The diagnosis.
    pub diagnosis: DiagnosisFacts,
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
    /// The diagnoses that an institutional claim gives beside that list, in the order of their fields.
    pub beside: &'f [BesideFacts],
    /// Claims of the same run that came before, of the same patient and payer with a service on a day of this one,
    /// in input order. None where claims are scrubbed one by one.
    pub earlier: &'f [EarlierClaim<'f>],
    judgements: &'f [Judgement<'f>],
    given_diagnoses: u32,
    pub(crate) signs: Signs,
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

    #[inline]
    fn value(self) -> Option<Date> {
        match self {
            OneDay::Is(day) => Some(day),
            OneDay::None | OneDay::Several => None,
        }
    }
}

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

    /// Why what depends on a field cannot be told: the input has no column of it.
    pub(crate) fn lacks(&self, field: Field) -> Option<Reason> {
        (!self.has_column(field)).then_some(Reason::FieldAbsent(field))
    }

    /// The dates that govern a diagnosis, with its row on each.
    #[inline]
    pub fn judgements(&self, diagnosis: &DiagnosisFacts) -> &'f [Judgement<'f>] {
        self.judgements.get(diagnosis.judged.start as usize..diagnosis.judged.end as usize).unwrap_or_default()
    }

    /// The diagnoses that are given in the list, with their places from 0.
    pub fn given_diagnoses(&self) -> impl Iterator<Item = (u32, &'f DiagnosisFacts)> {
        self.diagnoses.iter().enumerate().filter(|(_, dx)| !dx.code.is_absent()).map(|(place, dx)| (place as u32, dx))
    }

    /// The diagnoses that are given, in the list or beside it, with their places from 0: those beside it come after all
    /// places of the list.
    pub fn any_diagnoses(&self) -> impl Iterator<Item = (u32, &'f DiagnosisFacts)> {
        self.given_diagnoses().chain(self.numbered_beside())
    }

    fn numbered_beside(&self) -> impl Iterator<Item = (u32, &'f DiagnosisFacts)> {
        let after = self.diagnoses.len() as u32;
        (after..).zip(self.beside).map(|(place, beside)| (place, &beside.diagnosis))
    }

    /// The diagnoses beside the list, with their places as [`ClaimFacts::any_diagnoses`] has them, and with what stands in
    /// their fields.
    pub(crate) fn given_beside(&self) -> impl Iterator<Item = (u32, &'f DiagnosisFacts, &'f str)> {
        // Read from the claim in the same order.
        let texts = self.claim.diagnoses_beside().map(|beside| beside.text);
        self.numbered_beside().zip(texts).map(|((place, diagnosis), text)| (place, diagnosis, text))
    }

    /// The field of the diagnosis at this place, as [`ClaimFacts::any_diagnoses`] has them, and which of the field's codes it
    /// is, from 0.
    pub fn field_of_diagnosis(&self, place: u32) -> (Field, u32) {
        match (place as usize).checked_sub(self.diagnoses.len()).and_then(|place| self.beside.get(place)) {
            Some(beside) => (beside.field, beside.item),
            None => (Field::Diagnosis(u8::try_from(place + 1).unwrap_or(u8::MAX)), 0),
        }
    }

    /// The diagnosis beside the list that is this one, from 0, of its field.
    pub fn diagnosis_beside(&self, field: Field, item: u32) -> Option<&'f DiagnosisFacts> {
        let found = self.beside.binary_search_by_key(&(field, item), |beside| (beside.field, beside.item)).ok()?;
        self.beside.get(found).map(|beside| &beside.diagnosis)
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
            Unit::AnyDiagnosis => self.given_diagnoses as usize + self.beside.len(),
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

    /// The day that every line is of.
    #[inline]
    pub(crate) fn day_of_lines(&self) -> Option<Date> {
        self.day.value()
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

/// Whether a claim says that it replaces or voids another (claim frequency 7 or 8).
pub fn claim_replaces_another(claim: ClaimView<'_>) -> bool {
    let frequency = match claim.row.bill_type {
        Given::Is(bill) => Some(bill.frequency()),
        _ => claim.text_of(Field::FrequencyCode).and_then(|text| text.bytes().next()),
    };
    matches!(frequency, Some(b'7' | b'8'))
}
