//! What the tables say of one code on one day, all at once: what a resolver can remember.

use crate::signs::{Signs, SignsOfCode};
use crate::{Fires, Lookup, fees, pos, px};
use codes::{Code, Date, DateRange};
use codeset::flags::{self, could, diagnosis};
use codeset::{AttributeId, Codeset, Reach, RelationId, Row, System, SystemId};
use std::ops::RangeInclusive;

/// What the tables say of one code on one day, and the signs that follow whatever else the claim holds.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct OnDay {
    pub(crate) lookup: Lookup,
    /// The place of the code's row on the day among its system's rows, or [`NO_ROW`].
    row: u32,
    /// What the code could set off on any day, see [`codeset::flags::could`].
    pub(crate) could: u32,
    /// What matters beside other parts of a claim alone.
    pub(crate) marks: Marks,
    /// The signs that the code shows on the day, whatever else the claim holds.
    pub(crate) signs: SignsOfCode,
    /// Where it stands among the pairs of all days: a diagnosis among the Excludes1 notes, a procedure among the PTP pairs of
    /// hospitals and practitioners.
    pub(crate) reach: Reach,
}

const NO_ROW: u32 = u32::MAX;

/// Set bits say what a code is.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub(crate) struct Marks(u8);

impl Marks {
    /// A visit by its code, which counts on professional claims.
    pub(crate) const VISIT: Marks = Marks(1);
    /// A visit by its status, which counts on institutional claims.
    pub(crate) const VISIT_BY_STATUS: Marks = Marks(2);
    /// A service that may be incident to a physician's, or of which that cannot be told.
    pub(crate) const INCIDENT_TO: Marks = Marks(4);
    /// A place where nothing is incident to a physician's service.
    pub(crate) const INSTITUTION: Marks = Marks(8);

    #[inline]
    fn note(&mut self, mark: Marks, is: bool) {
        self.0 |= if is { mark.0 } else { 0 };
    }

    #[inline]
    pub(crate) fn has(self, mark: Marks) -> bool {
        self.0 & mark.0 != 0
    }
}

/// Days around a day.
struct Same {
    from: i32,
    to: i32,
    day: i32,
}

impl Same {
    /// Leaves those on which these days hold if they hold on the day, or do not if they do not.
    fn narrow(&mut self, days: DateRange) {
        let ends = days.to.map(|to| to.days().saturating_add(1));
        for change in [Some(days.from.days()), ends].into_iter().flatten() {
            if change <= self.day {
                self.from = self.from.max(change);
            } else {
                self.to = self.to.min(change - 1);
            }
        }
    }

    fn days(&self) -> RangeInclusive<Date> {
        Date::from_days(self.from)..=Date::from_days(self.to)
    }
}

/// A code that no table knows: another edit may still have something to say of it.
const UNKNOWN_COULD: u32 = u32::MAX;

impl OnDay {
    /// Of an empty field.
    pub const ABSENT: OnDay = OnDay {
        lookup: Lookup::Absent,
        row: NO_ROW,
        could: 0,
        marks: Marks(0),
        signs: SignsOfCode::NONE,
        reach: Reach::NONE,
    };

    /// What the tables say of a code that looking it up gave this for; `None` for a day that is not known.
    pub fn of(codeset: &Codeset, id: SystemId, code: Code, lookup: Lookup, day: Option<Date>) -> OnDay {
        if lookup == Lookup::Absent {
            return OnDay::ABSENT;
        }
        let system = codeset.system(id);
        let known = lookup.ordinal().zip(system);
        let row = known.zip(day).and_then(|((ordinal, system), day)| system.place_on(ordinal, day)).unwrap_or(NO_ROW);
        let could = known.map_or(UNKNOWN_COULD, |(ordinal, system)| system.could(ordinal));
        let mut on = OnDay { lookup, row, could, ..OnDay::ABSENT };
        let row = on.row(system);
        match id {
            SystemId::Procedure => on.procedure(codeset, code, row, day),
            SystemId::Diagnosis => on.diagnosis(codeset, code, row),
            SystemId::Modifier => {
                let valid = row.zip(system).zip(day).is_some_and(|((_, system), day)| system.covers_code(code, day));
                on.signs.note(Fires::UNKNOWN_MODIFIER, lookup.ordinal().is_none());
                on.signs.note(Fires::INVALID_MODIFIER, !valid);
            }
            SystemId::PlaceOfService => {
                on.signs.note(Fires::INVALID_PLACE, row.is_none());
                on.signs.note(Fires::ODD_PLACE, lookup.ordinal().is_none() || pos::is_telehealth(code));
                on.marks.note(Marks::INSTITUTION, pos::is_institution(code));
            }
            _ => {}
        }
        on
    }

    /// The days around this one on which [`OnDay::of`] gives the same: between those on which some table that it asks
    /// begins or ends to say something.
    pub fn days(codeset: &Codeset, id: SystemId, code: Code, lookup: Lookup, day: Date) -> RangeInclusive<Date> {
        let mut same = Same { from: i32::MIN, to: i32::MAX, day: day.days() };
        let Some((ordinal, system)) = lookup.ordinal().zip(codeset.system(id)) else { return same.days() };
        system.rows(ordinal).iter().for_each(|row| same.narrow(row.days()));
        match id {
            SystemId::Procedure => {
                let asked = [AttributeId::FeeSchedule, AttributeId::HcpcsFacts, AttributeId::Unlisted];
                for table in asked.into_iter().filter_map(|id| codeset.attributes(id)) {
                    table.coverage().iter().for_each(|days| same.narrow(*days));
                    table.rows(ordinal).iter().for_each(|row| same.narrow(row.days()));
                }
            }
            SystemId::Modifier => system.coverage_of(code).iter().for_each(|days| same.narrow(*days)),
            _ => {}
        }
        same.days()
    }

    fn procedure(&mut self, codeset: &Codeset, code: Code, row: Option<&Row>, day: Option<Date>) {
        let signs = &mut self.signs;
        signs.note(Fires::UNKNOWN_PROCEDURE, self.lookup.ordinal().is_none());
        signs.note(Fires::INVALID_PROCEDURE, row.is_none());
        signs.note(Fires::PROCEDURE_AGE, row.is_some_and(Row::limits_age));
        signs.note(Fires::DME_ONLY, row.is_some_and(|row| row.has(flags::procedure::DME_ONLY)));
        signs.note(Fires::ANESTHESIA, px::is_anesthesia(code));
        signs.note(Fires::LETTERED_PROCEDURE, px::may_be_in_hcpcs(code));
        signs.note(Fires::ODD_PLACE, pos::is_home_visit(code));
        signs.note(Fires::DRUG, px::is_drug(code, row) != Ok(false));
        let unlisted = px::unlisted(codeset, code, self.lookup, row, day);
        signs.note(Fires::UNLISTED_PROCEDURE, !matches!(unlisted, Ok(None)));
        let listed = row.map(|_| fees::Rows::on(codeset, self.lookup, self.could, day));
        let fees = listed.unwrap_or(fees::Rows::Unknown);
        signs.note(Fires::FEE_STATUS, fees.all_are(|fees| !px::acts_on(fees.status)) != Some(true));
        let covered = row.is_some() && px::is_plainly_covered(codeset, code, self.lookup, day, &fees);
        signs.note(Fires::NON_COVERED, !covered);
        self.marks.note(Marks::INCIDENT_TO, fees.all_are(|fees| !pos::is_incident_to(fees)) != Some(true));
        self.marks.note(Marks::VISIT, px::is_visit(code));
        self.marks.note(Marks::VISIT_BY_STATUS, row.is_some_and(px::is_visit_by_status));
        if let Some(ordinal) = self.lookup.ordinal().filter(|_| self.could & could::PTP != 0) {
            let pairs = [RelationId::PtpHospital, RelationId::PtpPractitioner];
            let reaches = pairs.into_iter().filter_map(|id| codeset.relation(id)).map(|pairs| pairs.reach(ordinal));
            self.reach = reaches.fold(Reach::NONE, Reach::or);
        }
    }

    fn diagnosis(&mut self, codeset: &Codeset, code: Code, row: Option<&Row>) {
        const UNACCEPTABLE: u32 = diagnosis::UNACCEPTABLE_PRINCIPAL | diagnosis::OUTPATIENT_UNACCEPTABLE;
        let signs = &mut self.signs;
        signs.note(Fires::UNKNOWN_DIAGNOSIS, self.lookup.ordinal().is_none());
        signs.note(Fires::EXTERNAL_CAUSE, matches!(code.at(0), b'V'..=b'Y'));
        match row.filter(|row| row.is_billable()) {
            Some(row) => {
                signs.note(Fires::DIAGNOSIS_AGE, row.flags & diagnosis::AGE_GROUPS != 0 || row.limits_age());
                signs.note(Fires::MANIFESTATION, row.flags & diagnosis::MANIFESTATION != 0);
                signs.note(Fires::UNSPECIFIED_SIDE, row.flags & diagnosis::UNSPECIFIED != 0);
                signs.note(Fires::UNACCEPTABLE_PRINCIPAL, row.flags & UNACCEPTABLE != 0);
            }
            None => signs.note(Fires::INVALID_DIAGNOSIS, true),
        }
        if let Some((ordinal, notes)) = self.lookup.ordinal().zip(codeset.notes()) {
            self.reach = notes.reach(ordinal);
        }
    }

    /// The code's row on the day; `system` is the code's.
    #[inline]
    pub(crate) fn row<'a>(&self, system: Option<&'a System>) -> Option<&'a Row> {
        system.filter(|_| self.row != NO_ROW).and_then(|system| system.row_at(self.row))
    }

    /// The signs that the code shows on the day, whatever else the claim holds.
    #[inline]
    pub(crate) fn signs(&self) -> Signs {
        self.signs.all()
    }
}
