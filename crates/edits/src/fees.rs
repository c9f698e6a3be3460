//! What the Medicare Physician Fee Schedule says of a line, for the edits of every family that ask it.

use crate::{ClaimFacts, Grounds, Kind, LineFacts, Lookup, Reason, px};
use codes::{Date, Modifier};
use codeset::{Attribute, AttributeId, Attributes, Codeset, FeeIndicators, Ordinal, SystemId};

/// The professional component.
pub(crate) const PROFESSIONAL_COMPONENT: Modifier = Modifier::new(b"26");
/// The technical component.
pub(crate) const TECHNICAL_COMPONENT: Modifier = Modifier::new(b"TC");
/// The modifiers that the schedule has rows of their own for: components, and a procedure that was broken off.
const WITH_ROWS: [Modifier; 3] = [PROFESSIONAL_COMPONENT, TECHNICAL_COMPONENT, Modifier::new(b"53")];

/// The indicators of a line's procedure on the line's day.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) struct Fees {
    pub(crate) indicators: FeeIndicators,
    /// The release that has them.
    pub(crate) release: u16,
}

impl Fees {
    /// Those of the line: of the component that its modifiers name, else of the whole code. The reason where they
    /// cannot be told; [`Reason::CodeNotListed`] where the schedule does not have the code, as it does not have every
    /// laboratory and drug code. What it says of a code that has ended, or has not begun, is of no use: PX003 tells.
    #[inline]
    pub(crate) fn of(claim: &ClaimFacts<'_>, line: &LineFacts<'_>) -> Result<Fees, Reason> {
        let found = Listed::of(claim, line)?;
        let own = WITH_ROWS.into_iter().filter(|&modifier| line.has_modifier(modifier));
        let row = own.filter_map(|modifier| found.component(modifier)).next().or_else(|| found.whole());
        found.fees(row)
    }

    /// Those of one component of the line's code, else of the whole code, else of whatever component there is.
    pub(crate) fn of_component(
        claim: &ClaimFacts<'_>,
        line: &LineFacts<'_>,
        modifier: Modifier,
    ) -> Result<Fees, Reason> {
        let found = Listed::of(claim, line)?;
        let any = || WITH_ROWS.into_iter().find_map(|modifier| found.component(modifier));
        found.fees(found.component(modifier).or_else(|| found.whole()).or_else(any))
    }
}

/// Why the fee schedule says nothing of any of the claim's lines, where it does not.
pub(crate) fn no_answer(claim: &ClaimFacts<'_>) -> Option<Reason> {
    let (id, day) = (AttributeId::FeeSchedule, claim.day_of_all_lines()?);
    let Some(table) = claim.attributes(id) else { return Some(Reason::TableNotLoaded(id.name())) };
    (!table.covers(day)).then(|| Reason::DateOutsideReleases(id.name()))
}

/// Why the fee schedule says nothing of any line of claims of this kind, for a payer that follows Medicare.
pub(crate) fn of_kind(kind: &Kind, grounds: &Grounds<'_>) -> Option<Reason> {
    if grounds.settings.follows_medicare && kind.lines_share_day {
        kind.lacks_attributes(AttributeId::FeeSchedule, grounds)
    } else {
        None
    }
}

/// What the schedule has of a code on a day, of the whole and of its components.
pub(crate) enum Rows<'f> {
    /// It cannot tell: it is not loaded or does not answer for the day, or the code or the day is not known.
    Unknown,
    /// It does not list the code on the day.
    NotListed,
    /// It lists the whole code on the day, among these rows.
    Listed(&'f [Attribute], Date),
}

impl<'f> Rows<'f> {
    /// Of a code that no list has on the day the schedule says nothing that counts: such a one is not to be asked for.
    pub(crate) fn on(codeset: &'f Codeset, lookup: Lookup, could: u32, day: Option<Date>) -> Rows<'f> {
        let id = AttributeId::FeeSchedule;
        let table = codeset.attributes(id).zip(day).filter(|(table, day)| table.covers(*day));
        let Some(((table, day), ordinal)) = table.zip(lookup.ordinal()) else { return Rows::Unknown };
        let rows = if could & id.could() == 0 { &[][..] } else { table.rows(ordinal) };
        if rows.iter().all(|row| !row.holds_on(day)) {
            Rows::NotListed
        } else if table.row_on(ordinal, day).is_some() {
            Rows::Listed(rows, day)
        } else {
            Rows::Unknown
        }
    }

    /// Whether this is true of the code and of each component, whichever a line's modifiers name; nothing where it is not
    /// listed, or cannot be told.
    pub(crate) fn all_are(&self, is: impl Fn(&FeeIndicators) -> bool) -> Option<bool> {
        let Rows::Listed(rows, day) = self else { return None };
        let mut rows = rows.iter().filter(|row| row.holds_on(*day));
        Some(rows.all(|row| FeeIndicators::from_value(row.value).is_some_and(|fees| is(&fees))))
    }
}

/// A line's code and day in the schedule.
struct Listed<'f> {
    table: &'f Attributes,
    ordinal: Ordinal,
    date: codes::Date,
}

impl<'f> Listed<'f> {
    #[inline]
    fn of(claim: &ClaimFacts<'f>, line: &LineFacts<'_>) -> Result<Listed<'f>, Reason> {
        let id = AttributeId::FeeSchedule;
        let table = claim.attributes(id).ok_or(Reason::TableNotLoaded(id.name()))?;
        let ordinal = line.procedure.ordinal().ok_or(Reason::CodeNotValid(SystemId::Procedure.name()))?;
        let date = line.governing_date()?;
        if !table.covers(date) {
            return Err(Reason::DateOutsideReleases(id.name()));
        }
        if let Some(reason) = px::not_in_force(claim, line) {
            return Err(reason);
        }
        if line.could & id.could() == 0 {
            return Err(Reason::CodeNotListed(id.name()));
        }
        Ok(Listed { table, ordinal, date })
    }

    fn component(&self, modifier: Modifier) -> Option<&'f Attribute> {
        self.table.component_on(self.ordinal, modifier, self.date)
    }

    fn whole(&self) -> Option<&'f Attribute> {
        self.table.row_on(self.ordinal, self.date)
    }

    fn fees(&self, row: Option<&Attribute>) -> Result<Fees, Reason> {
        let fees = row.and_then(|row| {
            let indicators = FeeIndicators::from_value(row.value)?;
            Some(Fees { indicators, release: row.release })
        });
        fees.ok_or(Reason::CodeNotListed(self.table.id().name()))
    }
}
