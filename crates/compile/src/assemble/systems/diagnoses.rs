//! ICD-10-CM: order files, codes files, tabular lists and addenda, over a table that has dates of its own.
//!
//! The base's dated table (the Medicare Code Editor's) knows, beside the days, what no list of codes knows: flags. So on
//! its days it answers, and the lists give titles and are compared with it; a list answers on days before and after.
//! Lists are taken for what may be reported alone, and headers are worked out from that, as everywhere: the kinds of list
//! then say the same of a day, or contradict one another.

use super::super::conflicts::Side;
use super::super::given::{Given, Share, Source};
use super::super::period::Period;
use super::super::seed::{self, Seed};
use super::super::snapshots::{self, Dated, Snapshot};
use super::super::{Assembly, Part};
use super::addenda::{self, Applied, applied};
use super::titles::{self, Title, Titles};
use super::{Reportable, add_rows, outside};
use crate::days::{Days, span, without};
use crate::error::CompileError;
use crate::headers::headers;
use crate::publisher::icd10cm::Diagnosis;
use crate::publisher::{Document, Placed, Publication};
use crate::rows::CodeRow;
use codes::{Code, Date};
use codeset::{Row, SystemId};
use std::collections::BTreeSet;

pub(crate) const PART: Part = Part { shares, merge };

const ID: SystemId = SystemId::Diagnosis;
const ORDER: &str = "icd10cm-order-file";
const CODES: &str = "icd10cm-codes-file";
const TABULAR: &str = "icd10cm-tabular-list";
const LISTS: [&str; 4] = [ORDER, CODES, TABULAR, addenda::TABLE];

fn shares(publication: &Publication) -> Vec<Share> {
    let table = match publication {
        Publication::Icd10cmOrder(_) => ORDER,
        Publication::Icd10cmCodes(_) => CODES,
        Publication::Icd10cmTabular(_) => TABULAR,
        Publication::Icd10cmOrderAddenda(_) | Publication::Icd10cmCodesAddenda(_) => addenda::TABLE,
        _ => return Vec::new(),
    };
    let share = |part| Share { table, part, period: Period::FiscalYear };
    vec![share(ID.name()), share(titles::part(ID))]
}

fn list<'a>(source: &Source<'a>) -> Option<&'a Document<Diagnosis>> {
    match source.publication {
        Publication::Icd10cmOrder(list) | Publication::Icd10cmCodes(list) => Some(list),
        Publication::Icd10cmTabular(tabular) => Some(&tabular.list),
        _ => None,
    }
}

fn merge(given: &Given<'_>, assembly: &mut Assembly) -> Result<(), CompileError> {
    let Seed { rows, titles: base_titles, mentioned } = Seed::of(given, ID);
    let (dated_releases, dated_days) = seed::dated(given, ID.name(), &LISTS);
    let is_dated = |row: &CodeRow| dated_releases.iter().any(|(number, _)| *number == row.row.release);
    let sources = given.publications(ID.name());
    if rows.is_empty() && sources.is_empty() {
        return Ok(());
    }

    let mut snapshots: Vec<Snapshot<Code, Reportable>> = Vec::new();
    let mut said: Vec<(&Source<'_>, Applied)> = Vec::new();
    for source in &sources {
        let Some(list) = list(source) else { continue };
        let reportable = list.rows.iter().filter(|placed| placed.row.billable);
        let codes: Vec<(Code, u32)> = reportable.map(|placed| (placed.row.code, placed.line)).collect();
        snapshots.push(snapshot(source, &codes));
        said.push((source, Applied { codes, ..Applied::default() }));
    }
    let new: BTreeSet<u16> = sources.iter().map(|source| source.release).collect();
    for (release, known) in given.base_releases(ID.name()) {
        if new.contains(&release) || !LISTS.contains(&known.table.as_str()) {
            continue;
        }
        // On the dated table's days the base does not have the list's own rows; they said the same, or it was reported.
        let days = known.covers();
        let own = without(&[span(days)], &dated_days).first().map_or(days.from, |own| Date::from_days(own.0));
        let held = rows.iter().filter(|row| row.row.holds_on(own)).map(|row| (row.code, Reportable, 0)).collect();
        snapshots.push(Snapshot { release, days, rows: held });
    }
    let mut all: Vec<CodeRow> = rows.into_iter().filter(is_dated).collect();
    let mut changed: Vec<&Source<'_>> =
        sources.iter().filter(|source| addenda::changes(source.publication).is_some()).collect();
    // Addenda may change what other addenda came to.
    changed.sort_by_key(|source| (source.days.from, source.release));
    for source in changed {
        let Some(changes) = addenda::changes(source.publication) else { continue };
        let applied = applied(changes, known_on(source.days.from.previous(), &all, &dated_days, &snapshots));
        snapshots.push(snapshot(source, &applied.codes));
        said.push((source, applied));
    }
    let listed = snapshots::merge(ID.name(), snapshots, assembly);
    said.sort_by_key(|(source, _)| source.release);
    let of_table = dated_releases.first().map_or(0, |(number, _)| *number);
    for (source, list) in &mut said {
        let before = source.days.from.previous();
        if is_within(before, &dated_days) {
            let held = all.iter().filter(|row| row.row.holds_on(before)).count();
            snapshots::shrunk(ID.name(), (of_table, held), (source.release, list.codes.len()), assembly);
        }
        contradictions(source, list, &all, &dated_days, assembly);
    }
    for Dated { key, days, release, line, .. } in &listed {
        let value = Row::new(days.from, days.to, *release);
        all.extend(outside(&Dated { key: *key, value, days: *days, release: *release, line: *line }, &dated_days));
    }
    all.sort_unstable_by_key(|row| (row.code, row.row.days().from));
    add_rows(ID, &all, assembly);
    let headers = headers(&all);
    for source in &sources {
        if let Some(list) = list(source) {
            headers_differ(source, list, &headers, assembly);
        }
    }
    let system = assembly.system(ID);
    headers.into_iter().for_each(|(code, row)| system.add(code, row, None));
    mentioned.into_iter().for_each(|code| system.mention(code));

    let titled = given.publications(titles::part(ID));
    let files = titled.iter().filter_map(|source| match addenda::changes(source.publication) {
        Some(changes) => Some(Titles::of(source, addenda::titles(changes))),
        None => Some(Titles::of(source, list(source)?.rows.iter().map(title).collect())),
    });
    titles::give(ID, given, &base_titles, files.collect(), assembly);
    Ok(())
}

fn title(placed: &Placed<Diagnosis>) -> Title<'_> {
    let Diagnosis { code, billable, title, .. } = &placed.row;
    Title { code: *code, title, header: !billable, line: placed.line }
}

fn snapshot(source: &Source<'_>, codes: &[(Code, u32)]) -> Snapshot<Code, Reportable> {
    let rows = codes.iter().map(|&(code, line)| (code, Reportable, line)).collect();
    Snapshot { release: source.release, days: source.days, rows }
}

/// The codes that could be reported on a day: those of the dated table where that answers, else of the newest list.
fn known_on(
    day: Date,
    dated: &[CodeRow],
    dated_days: &[Days],
    snapshots: &[Snapshot<Code, Reportable>],
) -> impl Iterator<Item = Code> {
    let newest = snapshots.iter().filter(|own| own.days.contains(day)).max_by_key(|own| (own.days.from, own.release));
    let codes: Vec<Code> = if is_within(day, dated_days) {
        dated.iter().filter(|row| row.row.holds_on(day)).map(|row| row.code).collect()
    } else {
        newest.map(|own| own.rows.iter().map(|(code, ..)| *code).collect()).unwrap_or_default()
    };
    codes.into_iter()
}

fn is_within(day: Date, days: &[Days]) -> bool {
    days.iter().any(|&(from, to)| (from..=to).contains(&day.days()))
}

/// What a list says on its first day against the dated table, if that answers then.
fn contradictions(
    source: &Source<'_>,
    list: &mut Applied,
    dated: &[CodeRow],
    dated_days: &[Days],
    assembly: &mut Assembly,
) {
    let day = source.days.from;
    if !is_within(day, dated_days) {
        return;
    }
    let said = |release: u16, line: u32, reportable: bool| Side {
        release,
        line,
        says: format!("{} on {day}", if reportable { "that it may be reported" } else { "that it may not" }),
    };
    let mut held: Vec<(Code, u16)> =
        dated.iter().filter(|row| row.row.holds_on(day)).map(|row| (row.code, row.row.release)).collect();
    held.sort_unstable();
    let Applied { codes: listed, gone } = list;
    listed.sort_unstable();
    let any_dated = held.first().map_or(0, |&(_, release)| release);
    for &(code, line) in listed.iter() {
        if held.binary_search_by_key(&code, |&(code, _)| code).is_err() {
            assembly.conflicts.push(
                ID.name(),
                code.diagnosis(),
                said(any_dated, 0, false),
                said(source.release, line, true),
            );
        }
    }
    for &(code, release) in &held {
        if listed.binary_search_by_key(&code, |&(code, _)| code).is_err() {
            assembly.conflicts.push(
                ID.name(),
                code.diagnosis(),
                said(release, 0, true),
                said(source.release, gone.get(&code).copied().unwrap_or(0), false),
            );
        }
    }
}

/// The headers of a list that has them must be those that its codes, and the days of all codes, make.
fn headers_differ(source: &Source<'_>, list: &Document<Diagnosis>, headers: &[(Code, Row)], assembly: &mut Assembly) {
    let day = source.days.from;
    let made: BTreeSet<Code> = headers.iter().filter(|(_, row)| row.holds_on(day)).map(|(code, _)| *code).collect();
    let listed: Vec<&Placed<Diagnosis>> = list.rows.iter().filter(|placed| !placed.row.billable).collect();
    if listed.is_empty() {
        return;
    }
    let side = |line: u32, says: &str| Side { release: source.release, line, says: says.to_owned() };
    for placed in listed.iter().filter(|placed| !made.contains(&placed.row.code)) {
        assembly.conflicts.push(
            "icd10cm headers",
            placed.row.code.diagnosis(),
            side(0, "no code below it on that day"),
            side(placed.line, "that it is a header"),
        );
    }
    let known: BTreeSet<Code> = listed.iter().map(|placed| placed.row.code).collect();
    // No list has the headers that padding makes: E08.37X, of which E08.37X1 is the code.
    for code in made.difference(&known).filter(|code| code.at(code.len().saturating_sub(1)) != b'X') {
        let made = format!("that it is a header, by the codes below it on {day}");
        assembly.conflicts.push("icd10cm headers", code.diagnosis(), side(0, &made), side(0, "nothing of the header"));
    }
}
