//! What errors are made of: the codes, modifiers and pairs of the codeset that are wrong on some claim.

use crate::clean::NOT_FIRST;
use crate::kinds::CONFLICTS;
use crate::tables::{Tables, row_age_fits};
use codes::{Code, Date, Modifier};
use codeset::flags::diagnosis;
use codeset::{Ordinal, Row, System};

/// What errors are made of. Every list is in the order of its codes.
pub(crate) struct Candidates {
    /// Diagnoses of one age group, newborn to adult, that may be first.
    pub(crate) of_age: Vec<Ordinal>,
    pub(crate) manifestations: Vec<Ordinal>,
    pub(crate) external_causes: Vec<Ordinal>,
    pub(crate) unacceptable: Vec<Ordinal>,
    /// Diagnoses that are in force on some days only, and may be first.
    pub(crate) passing_diagnoses: Vec<Ordinal>,
    /// Procedures for some ages only.
    pub(crate) aged_procedures: Vec<Ordinal>,
    /// Procedures in force on some days only.
    pub(crate) passing_procedures: Vec<Ordinal>,
    /// Add-on codes of type 1, 2 and 3.
    pub(crate) add_ons: [Vec<Ordinal>; 3],
    /// Column-1 codes of PTP pairs of indicator 0 and 1.
    pub(crate) column_1: [Vec<Ordinal>; 2],
    /// Modifiers in force on some days only.
    pub(crate) passing_modifiers: Vec<Modifier>,
    /// Two characters that are no modifier.
    pub(crate) no_modifiers: Vec<Modifier>,
    /// Pairs of modifiers that may not share a line.
    pub(crate) conflicts: Vec<(Modifier, Modifier)>,
    /// Four digits that are no revenue code.
    pub(crate) no_revenue_codes: Vec<Code>,
    /// Two digits that are no place of service.
    pub(crate) no_places: Vec<Code>,
}

/// Unacceptable as principal diagnosis of an inpatient or an outpatient claim.
const EITHER_UNACCEPTABLE: u32 = diagnosis::UNACCEPTABLE_PRINCIPAL | diagnosis::OUTPATIENT_UNACCEPTABLE;

impl Candidates {
    pub(crate) fn new(tables: &Tables<'_>) -> Candidates {
        let dx = |wanted: &dyn Fn(Code, &[Row]) -> bool| select(tables.diagnoses, wanted);
        let px = |wanted: &dyn Fn(Code, &[Row]) -> bool| select(tables.procedures, wanted);
        let any = |rows: &[Row], flags: u32| rows.iter().any(|row| row.flags & flags != 0);
        // Kept from the first place for one reason alone.
        let listed =
            |rows: &[Row], flag: u32| rows.iter().any(|row| row.flags & NOT_FIRST & !EITHER_UNACCEPTABLE == flag);
        let passing = |rows: &[Row]| rows.iter().any(Row::is_billable) && has_gap(rows, tables);
        Candidates {
            of_age: dx(&|_, rows| any(rows, diagnosis::AGE_GROUPS) && !any(rows, NOT_FIRST)),
            manifestations: dx(&|_, rows| listed(rows, diagnosis::MANIFESTATION)),
            external_causes: dx(&|code, rows| {
                listed(rows, diagnosis::EXTERNAL_CAUSE) && matches!(code.at(0), b'V'..=b'Y')
            }),
            unacceptable: dx(&|code, rows| {
                any(rows, EITHER_UNACCEPTABLE) && listed(rows, 0) && !matches!(code.at(0), b'V'..=b'Y')
            }),
            passing_diagnoses: dx(&|code, rows| {
                passing(rows) && !any(rows, NOT_FIRST) && !matches!(code.at(0), b'V'..=b'Y')
            }),
            aged_procedures: px(&|_, rows| rows.iter().any(|row| row.is_billable() && row.limits_age())),
            passing_procedures: px(&|_, rows| passing(rows)),
            add_ons: [1, 2, 3].map(|kind| add_ons(tables, kind)),
            column_1: [0, 1].map(|indicator| column_1(tables, indicator)),
            passing_modifiers: tables
                .modifiers
                .iter()
                .filter(|&(ordinal, _)| passing(tables.modifiers.rows(ordinal)))
                .filter_map(|(_, code)| Modifier::parse(&code.to_bytes()[..code.len()]))
                .collect(),
            no_modifiers: no_modifiers(tables),
            conflicts: conflicts(tables),
            no_revenue_codes: unlisted(tables.revenue, 4),
            no_places: unlisted(tables.places, 2),
        }
    }
}

/// The codes of a system that are wanted.
fn select(system: &System, wanted: &dyn Fn(Code, &[Row]) -> bool) -> Vec<Ordinal> {
    let wanted = |&(ordinal, code): &(Ordinal, Code)| wanted(code, system.rows(ordinal));
    system.iter().filter(wanted).map(|(ordinal, _)| ordinal).collect()
}

/// Whether there is a day, of those that all tables answer for, on which no row holds.
fn has_gap(rows: &[Row], tables: &Tables<'_>) -> bool {
    let mut next = tables.first_day;
    for days in rows.iter().map(Row::days) {
        if days.from > next {
            break;
        }
        match days.to {
            Some(to) => next = next.max(to.next()),
            None => return false,
        }
    }
    next <= tables.last_day
}

fn add_ons(tables: &Tables<'_>, kind: u16) -> Vec<Ordinal> {
    let Some(relation) = tables.add_on else { return Vec::new() };
    let is_of = |ordinal: Ordinal| relation.links(ordinal).any(|link| link.class.value == kind);
    tables.procedures.iter().map(|(ordinal, _)| ordinal).filter(|&ordinal| is_of(ordinal)).collect()
}

fn column_1(tables: &Tables<'_>, indicator: u16) -> Vec<Ordinal> {
    let Some(ptp) = tables.ptp_hospital.or(tables.ptp_practitioner) else { return Vec::new() };
    let leads = |ordinal: Ordinal| ptp.links(ordinal).any(|link| link.class.value == indicator);
    tables.procedures.iter().map(|(ordinal, _)| ordinal).filter(|&ordinal| leads(ordinal)).collect()
}

fn no_modifiers(tables: &Tables<'_>) -> Vec<Modifier> {
    const CHARACTERS: &[u8] = b"0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ";
    // Performance measures' modifiers are in CPT, though hospitals' tables leave them out.
    const MEASURES: [Modifier; 4] =
        [Modifier::new(b"1P"), Modifier::new(b"2P"), Modifier::new(b"3P"), Modifier::new(b"8P")];
    let all = CHARACTERS.iter().flat_map(|&a| CHARACTERS.iter().map(move |&b| Modifier::new(&[a, b])));
    all.filter(|modifier| tables.modifiers.ordinal(modifier.code()).is_none() && !MEASURES.contains(modifier)).collect()
}

fn conflicts(tables: &Tables<'_>) -> Vec<(Modifier, Modifier)> {
    let modifier = |ordinal: Ordinal| {
        let code = tables.modifiers.code(ordinal);
        Modifier::parse(&code.to_bytes()[..code.len()])
    };
    let mut pairs = CONFLICTS.to_vec();
    for (source, _) in tables.modifiers.iter() {
        // Each pair is in the table both ways.
        let links = tables.conflicts.iter().flat_map(|relation| relation.links(source));
        for link in links.filter(|link| {
            link.target > source && [tables.first_day, tables.last_day].iter().all(|&day| link.class.holds_on(day))
        }) {
            pairs.extend(modifier(source).zip(modifier(link.target)));
        }
    }
    pairs
}

/// Texts of so many digits that are no code of the system.
fn unlisted(system: &System, digits: usize) -> Vec<Code> {
    let most = 10u32.pow(digits as u32);
    let codes = (0..most).filter_map(|number| Code::parse(format!("{number:0digits$}").as_bytes()));
    codes.filter(|&code| system.ordinal(code).is_none()).collect()
}

/// Whether the procedure is for patients of other ages on the day.
pub(crate) fn is_of_other_age(system: &System, procedure: Ordinal, day: Date, age: u32) -> bool {
    system.row_on(procedure, day).is_some_and(|row| row.is_billable() && !row_age_fits(row, age))
}
