//! What a claim shows at a glance, and which edits that could set off.
//!
//! Most claims are right, and of most edits nothing on a claim could make them report anything but a pass. The facts of
//! a claim are gathered once; on the way these signs are noted, a bit each. An edit names the signs on which it could
//! have something to report ([`Fires`]), and where a claim shows none of them it is not called: its units passed.
//!
//! A sign may be shown where nothing is wrong after all: then the edit looks and passes. The other way round must never
//! be; tests run every edit on every claim and compare.

use codes::Modifier;
use codeset::{AttributeId, Codeset, RelationId, SystemId};

/// The first bit of the signs of diagnoses; those of procedures stand before, those of the claim after.
const DIAGNOSES: u32 = 32;
const CLAIM: u32 = 64;
/// The first bit of the tables that do not answer for some day of the claim.
const TABLES: u32 = 112;
/// The first bit that what codes could set off leaves free, among procedures and among diagnoses.
const FREE: u32 = 24;
const _: () = assert!(codeset::flags::could::SIDE < 1 << FREE);

/// The signs of a claim.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub(crate) struct Signs(u128);

/// When an edit could have anything but a pass to report: on claims that show one of these signs. Where a claim shows
/// none, the edit is not called, and its units count as passed.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
pub struct Fires(u128);

macro_rules! signs {
    ($($(#[$doc:meta])* $name:ident = $place:literal;)*) => {
        impl Fires {
            $($(#[$doc])* pub const $name: Fires = Fires(1 << (CLAIM + $place));)*
        }
    };
}

signs! {
    /// Any claim.
    ALWAYS = 0;
    /// Some line carries a modifier.
    MODIFIERS = 1;
    /// Some line's procedure begins with a letter, as those of HCPCS Level II do.
    LETTERED_PROCEDURE = 2;
    /// Two diagnoses or more.
    SEVERAL_DIAGNOSES = 3;
    /// The reader could not read some part.
    PROBLEMS = 4;
    /// No diagnosis is given.
    NO_DIAGNOSIS = 5;
    /// Some diagnosis is in no table, or is no code.
    UNKNOWN_DIAGNOSIS = 6;
    /// Some diagnosis has no row on a governing date under which it may be reported, or there is no such date.
    INVALID_DIAGNOSIS = 7;
    /// Some diagnosis limits the patient's age on a governing date.
    DIAGNOSIS_AGE = 8;
    /// Some diagnosis is a manifestation code on a governing date.
    MANIFESTATION = 9;
    /// Some diagnosis leaves the side open, on a governing date, where codes of the sides exist.
    UNSPECIFIED_SIDE = 10;
    /// Some diagnosis is unacceptable as principal diagnosis on a governing date.
    UNACCEPTABLE_PRINCIPAL = 11;
    /// Some diagnosis is an external cause by its letter, V to Y.
    EXTERNAL_CAUSE = 12;
    /// Some line's procedure is in no table, or is no code.
    UNKNOWN_PROCEDURE = 13;
    /// Some line's procedure has no row on the line's date, or the line has no date.
    INVALID_PROCEDURE = 14;
    /// Some line's procedure limits the patient's age on the line's date.
    PROCEDURE_AGE = 15;
    /// Some line's procedure field holds a HIPPS rate code.
    RATE_CODE = 16;
    /// Some line has no first day of service.
    UNDATED_LINE = 17;
    /// Two lines give the same procedure on the same day.
    REPEATED_PROCEDURE = 18;
    /// Some line's place of service has no row on the line's date, or the line has no date.
    INVALID_PLACE = 19;
    /// Claims of the same run came before, of the same patient, payer and day.
    EARLIER_CLAIMS = 20;
    /// Some line's diagnosis pointers are none, repeated, more than four, or do not each lead to a diagnosis.
    ODD_POINTERS = 21;
    /// Some diagnosis that no line points to.
    UNREFERENCED_DIAGNOSIS = 22;
    /// The PTP pairs of some line's procedure reach into the part of the system that another's is of.
    PTP_PAIRED = 23;
    /// An institutional claim whose type of bill is not known.
    NO_BILL_TYPE = 24;
    /// Some line's procedure is for the DME contractor only, on the line's date.
    DME_ONLY = 25;
    /// Some line's procedure is an anesthesia code.
    ANESTHESIA = 26;
    /// The claim names no patient.
    NO_PATIENT = 27;
    /// Some provider's number is no NPI, or the input has no column of such numbers.
    INVALID_NPI = 28;
    /// Some line has no procedure.
    NO_PROCEDURE = 29;
    /// Some modifier is in no table, or is none.
    UNKNOWN_MODIFIER = 30;
    /// Some modifier has no row on the line's date, or the line has no date; or it is CS, which ended with the emergency.
    INVALID_MODIFIER = 31;
    /// Some line carries two modifiers or more.
    SEVERAL_MODIFIERS = 32;
    /// Some line carries 26 or TC.
    COMPONENT_MODIFIER = 33;
    /// Some line carries 50.
    BILATERAL_MODIFIER = 34;
    /// Some line carries a modifier of further surgeons: 62, 66, 80, 81, 82 or AS.
    SURGEON_MODIFIER = 35;
    /// Some line carries a modifier of telehealth: 93, 95, GT or GQ.
    TELEHEALTH_MODIFIER = 36;
    /// Some line carries 59 or an X modifier.
    DISTINCT_MODIFIER = 37;
    /// Some line carries 24, 25 or 57.
    VISIT_MODIFIER = 38;
    /// Some line carries LT or RT.
    SIDE_MODIFIER = 39;
    /// Some line's procedure is a visit, and another line's is none.
    VISIT_IN_COMPANY = 40;
    /// Some line's procedure stands for what has no code of its own, or that cannot be told.
    UNLISTED_PROCEDURE = 41;
    /// Some line gives an NDC.
    NDC = 42;
    /// Some line's procedure is a drug, or that cannot be told.
    DRUG = 43;
    /// Some line's procedure has a status in the fee schedule on which a payer acts, or that cannot be told.
    FEE_STATUS = 44;
    /// Some line's procedure is not covered by Medicare, or that cannot be told.
    NON_COVERED = 45;
    /// Some line's place of service may not go with its procedure, or that cannot be told.
    ODD_PLACE = 46;
    /// The Excludes1 notes of some diagnosis reach into the part of the system that another is of.
    EXCLUDING = 47;
}

/// The signs of single modifiers.
#[inline]
pub(crate) fn of_modifier(modifier: Modifier) -> Fires {
    match &modifier.to_bytes() {
        b"26" | b"TC" => Fires::COMPONENT_MODIFIER,
        b"50" => Fires::BILATERAL_MODIFIER,
        b"62" | b"66" | b"80" | b"81" | b"82" | b"AS" => Fires::SURGEON_MODIFIER,
        b"93" | b"95" | b"GT" | b"GQ" => Fires::TELEHEALTH_MODIFIER,
        b"59" | b"XE" | b"XP" | b"XS" | b"XU" => Fires::DISTINCT_MODIFIER,
        b"24" | b"25" | b"57" => Fires::VISIT_MODIFIER,
        b"LT" | b"RT" => Fires::SIDE_MODIFIER,
        b"CS" => Fires::INVALID_MODIFIER,
        _ => Fires::NEVER,
    }
}

impl Fires {
    /// No claim: what reports it is not the edit's check.
    pub const NEVER: Fires = Fires(0);

    /// Some line's procedure has one of these bits of [`codeset::flags::could`], or is in no table.
    pub const fn procedures(bits: u32) -> Fires {
        Fires(bits as u128)
    }

    /// Some diagnosis has one of these bits of [`codeset::flags::could`], or is in no table.
    pub const fn diagnoses(bits: u32) -> Fires {
        Fires((bits as u128) << DIAGNOSES)
    }

    /// Some line has no unit or fewer, some charge or the total is negative, lines are not numbered in their order, or lines or
    /// diagnoses are more than such a claim holds.
    pub const ODD_COUNTS: Fires = Fires(1 << FREE);
    /// The lines' charges do not plainly add up to the total.
    pub const UNBALANCED: Fires = Fires(1 << (FREE + 1));
    /// Some line has no first day, or days of the claim are not plainly in their order.
    pub const ODD_DAYS: Fires = Fires(1 << (FREE + 2));
    /// Some field is not given that may have to be.
    pub const INCOMPLETE: Fires = Fires(1 << (FREE + 3));

    /// Two diagnoses may be the same.
    pub const ALIKE_DIAGNOSES: Fires = Fires(1 << (DIAGNOSES + FREE));
    /// Some diagnosis beside the list of an institutional claim is in no table or no code, or has no row on its governing
    /// date under which it may be reported, or there is no such date.
    pub const UNSOUND_BESIDE: Fires = Fires(1 << (DIAGNOSES + FREE + 1));

    /// The place of service table does not answer for a line's day.
    pub const PLACES_UNANSWERED: Fires = Fires(1 << (TABLES + PLACES));

    /// The notes of the tabular list do not answer for a day that governs a diagnosis.
    pub const NOTES_UNANSWERED: Fires = Fires(1 << (TABLES + NOTES));

    /// The relation does not answer for a line's day, or is not loaded.
    pub const fn relation_unanswered(id: RelationId) -> Fires {
        Fires(1 << (TABLES + RELATIONS + id as u32))
    }

    /// The table of attributes does not answer for a line's day, or is not loaded.
    pub const fn attributes_unanswered(id: AttributeId) -> Fires {
        Fires(1 << (TABLES + ATTRIBUTES + id as u32))
    }

    /// On these signs, and on those.
    #[must_use]
    pub const fn or(self, other: Fires) -> Fires {
        Fires(self.0 | other.0)
    }

    /// The signs, a bit each.
    pub const fn bits(self) -> u128 {
        self.0
    }
}

const RELATIONS: u32 = 0;
const ATTRIBUTES: u32 = RELATIONS + RelationId::ALL.len() as u32;
const PLACES: u32 = ATTRIBUTES + AttributeId::ALL.len() as u32;
const NOTES: u32 = PLACES + 1;
const _: () = assert!(TABLES + NOTES < u128::BITS);

/// The one table of days that govern diagnoses, not lines.
pub(crate) const OF_DIAGNOSES: u32 = 1 << NOTES;

/// The tables that hospitals alone are judged by, as [`Signs::lacking`] has them.
pub(crate) const HOSPITAL_TABLES: u32 =
    1 << (RELATIONS + RelationId::PtpHospital as u32) | 1 << (ATTRIBUTES + AttributeId::MueHospital as u32);
/// The tables that hospitals are never judged by.
pub(crate) const PRACTITIONER_TABLES: u32 = 1 << (RELATIONS + RelationId::PtpPractitioner as u32)
    | 1 << (ATTRIBUTES + AttributeId::MuePractitioner as u32)
    | 1 << (ATTRIBUTES + AttributeId::MueDme as u32)
    | 1 << (ATTRIBUTES + AttributeId::FeeSchedule as u32)
    | 1 << PLACES;

/// The signs that a code shows by itself: none of what codes could set off, which is kept apart.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub(crate) struct SignsOfCode(u64);

impl SignsOfCode {
    /// No sign.
    pub(crate) const NONE: SignsOfCode = SignsOfCode(0);

    /// Notes what is named where `shown`.
    #[inline]
    pub(crate) fn note(&mut self, sign: Fires, shown: bool) {
        self.0 |= if shown { (sign.0 >> CLAIM) as u64 } else { 0 };
    }

    #[inline]
    pub(crate) fn all(self) -> Signs {
        Signs(u128::from(self.0) << CLAIM)
    }
}

impl Signs {
    /// No sign.
    pub(crate) const NONE: Signs = Signs(0);

    pub(crate) fn procedures(&mut self, could: u32) {
        self.0 |= u128::from(could);
    }

    pub(crate) fn diagnoses(&mut self, could: u32) {
        self.0 |= u128::from(could) << DIAGNOSES;
    }

    #[inline]
    pub(crate) fn add(&mut self, other: Signs) {
        self.0 |= other.0;
    }

    /// Notes what is named where `shown`.
    #[inline]
    pub(crate) fn note(&mut self, sign: Fires, shown: bool) {
        self.0 |= if shown { sign.0 } else { 0 };
    }

    /// Notes tables that do not answer for a day of the claim, a bit each.
    #[inline]
    pub(crate) fn lacking(&mut self, tables: u32) {
        self.0 |= u128::from(tables) << TABLES;
    }

    /// Those among these.
    #[inline]
    pub(crate) fn among(self, signs: Fires) -> Signs {
        Signs(self.0 & signs.0)
    }

    /// Whether one of these is shown.
    #[inline]
    pub(crate) fn show(self, signs: Fires) -> bool {
        self.0 & signs.0 != 0
    }

    #[inline]
    pub(crate) fn bits(self) -> u128 {
        self.0
    }
}

/// Tables that do not answer for a day.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub struct Unanswered(u32);

impl Unanswered {
    /// Those of the codeset that do not answer for the day.
    #[cold]
    pub fn on(codeset: &Codeset, day: codes::Date) -> Unanswered {
        let relations = RelationId::ALL.map(|id| codeset.relation(id).is_some_and(|own| own.covers(day)));
        let attributes = AttributeId::ALL.map(|id| codeset.attributes(id).is_some_and(|own| own.covers(day)));
        let places = codeset.system(SystemId::PlaceOfService).is_some_and(|own| own.covers(day));
        let notes = codeset.notes().is_some_and(|own| own.covers(day));
        let answers = relations.into_iter().chain(attributes).chain([places, notes]);
        Unanswered(answers.zip(0u32..).fold(0, |lacking, (answers, place)| lacking | u32::from(!answers) << place))
    }

    /// Those among these tables, a bit each.
    #[inline]
    pub(crate) fn among(self, tables: u32) -> u32 {
        self.0 & tables
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_table_has_a_sign_of_its_own() {
        let mut signs: Vec<u128> = RelationId::ALL.map(|id| Fires::relation_unanswered(id).bits()).to_vec();
        signs.extend(AttributeId::ALL.map(|id| Fires::attributes_unanswered(id).bits()));
        signs.push(Fires::PLACES_UNANSWERED.bits());
        signs.push(Fires::NOTES_UNANSWERED.bits());
        for (place, sign) in signs.iter().enumerate() {
            let mut shown = Signs::default();
            shown.lacking(1 << place);
            assert_eq!(shown.bits(), *sign, "table {place}");
        }
        assert!(Fires::EXCLUDING.bits() < 1 << TABLES);
    }
}
