//! `cleanclaim codes`: what is this code, on this day.

use crate::args::Codes;
use crate::failure::Failure;
use cleanclaim::{
    AttributeId, Code, Codeset, Date, Ordinal, RelationId, Row, RowKind, System, SystemId, Taxonomies, TaxonomyCode,
};
use std::io::{self, Write};
use std::process::ExitCode;

/// The most descendants and near codes that are listed.
const MOST_LISTED: usize = 20;

pub fn run(arguments: &Codes) -> Result<ExitCode, Failure> {
    let codeset = crate::scrub::codeset(&arguments.codeset)?;
    let text = arguments.code.trim().as_bytes();
    let mut out = io::stdout().lock();
    let printed = if let Some(code) = TaxonomyCode::parse(text) {
        print_taxonomy(&codeset, code, arguments.on, &mut out)
    } else if let Some(code) = Code::parse_diagnosis(text).filter(|code| !code.is_absent()) {
        print(&codeset, code, arguments.on, &mut out)
    } else {
        let got = &arguments.code;
        return Err(Failure::new(format!(
            "{got:?} is no code: expected up to eight letters and digits, a dot after the third; or the ten of a provider \
             taxonomy, which end in X"
        )));
    };
    let found = printed.map_err(Failure::writing("the code"))?;
    Ok(if found { ExitCode::SUCCESS } else { ExitCode::FAILURE })
}

/// Prints what every system knows of the code; says whether one knows it.
fn print(codeset: &Codeset, code: Code, on: Option<Date>, out: &mut impl Write) -> io::Result<bool> {
    let mut found = false;
    for system in SystemId::ALL.into_iter().filter_map(|id| codeset.system(id)) {
        if let Some(ordinal) = system.ordinal(code).filter(|&ordinal| !system.rows(ordinal).is_empty()) {
            found = true;
            describe(codeset, system, ordinal, on, out)?;
        }
    }
    if !found {
        let dotted = if code.procedure_kind().is_none() { code.diagnosis().to_string() } else { code.to_string() };
        writeln!(out, "{dotted} is in no loaded release")?;
        for system in SystemId::ALL.into_iter().filter_map(|id| codeset.system(id)) {
            let near = system.near(code, on, MOST_LISTED);
            if !near.is_empty() && code.len() > 2 {
                writeln!(out, "near, in {}:", system.id().name())?;
                list(system, near.into_iter().filter_map(|code| system.ordinal(code)), out)?;
            }
        }
    }
    Ok(found)
}

/// Prints what is known of a code of the provider taxonomy, which no system has; says whether anything is.
fn print_taxonomy(codeset: &Codeset, code: TaxonomyCode, on: Option<Date>, out: &mut impl Write) -> io::Result<bool> {
    let Some(taxonomies) = codeset.taxonomies() else {
        writeln!(out, "{code} has the form of a provider taxonomy, of which no release is loaded")?;
        return Ok(false);
    };
    let rows = taxonomies.rows_of(code);
    if rows.is_empty() {
        writeln!(out, "{code} is in no loaded release")?;
        let near: Vec<TaxonomyCode> = taxonomies.codes().filter(|&own| is_near(own, code)).collect();
        if !near.is_empty() {
            writeln!(out, "near, in {}:", Taxonomies::PART)?;
        }
        for near in near.iter().take(MOST_LISTED) {
            writeln!(out, "    {near}")?;
        }
        if near.len() > MOST_LISTED {
            writeln!(out, "    … and {} more", near.len() - MOST_LISTED)?;
        }
        return Ok(false);
    }
    writeln!(out, "{} {code}", Taxonomies::PART)?;
    if let Some(on) = on {
        let verdict = match taxonomies.row_on(code, on) {
            _ if !taxonomies.covers(on) => "not known: outside the loaded releases",
            Some(_) => "may be reported",
            None => "not valid",
        };
        writeln!(out, "  on {on}: {verdict}")?;
    }
    for row in rows {
        writeln!(out, "  {}: valid  [{}]", row.days(), codeset.release_label(row.release))?;
    }
    Ok(true)
}

/// Whether two codes differ in one character.
fn is_near(a: TaxonomyCode, b: TaxonomyCode) -> bool {
    a.as_str().bytes().zip(b.as_str().bytes()).filter(|(a, b)| a != b).count() == 1
}

fn describe(
    codeset: &Codeset,
    system: &System,
    ordinal: Ordinal,
    on: Option<Date>,
    out: &mut impl Write,
) -> io::Result<()> {
    let code = system.code(ordinal);
    let title = system.title(ordinal).unwrap_or("(no title in this codeset)");
    writeln!(out, "{} {}  {title}", system.id().name(), shown(system, code))?;
    if let Some(on) = on {
        let verdict = match system.row_on(ordinal, on) {
            _ if !system.covers_code(code, on) => "not known: outside the loaded releases",
            Some(row) if row.is_billable() => "may be reported",
            Some(_) => "needs more characters",
            None => "not valid",
        };
        writeln!(out, "  on {on}: {verdict}")?;
    }
    for row in system.rows(ordinal) {
        let kind = match row.kind() {
            RowKind::Billable => "valid",
            RowKind::Header => "needs more characters",
        };
        let attributes = attributes(system.id(), row);
        writeln!(out, "  {}: {kind}{attributes}  [{}]", row.days(), codeset.release_label(row.release))?;
    }
    for length in (3..code.len()).filter(|_| system.id() == SystemId::Diagnosis) {
        if let Some(parent) = system.ordinal(code.prefix(length)) {
            let title = system.title(parent).unwrap_or_default();
            writeln!(out, "  under {}  {title}", shown(system, system.code(parent)))?;
        }
    }
    if system.id() == SystemId::Diagnosis {
        let below = system.descendants(ordinal);
        let valid: Vec<Ordinal> = below
            .map(Ordinal)
            .filter(|&below| match on {
                Some(on) => system.row_on(below, on).is_some_and(Row::is_billable),
                None => system.rows(below).iter().any(Row::is_billable),
            })
            .collect();
        if !valid.is_empty() {
            writeln!(out, "  {} codes below may be reported:", valid.len())?;
            list(system, valid.into_iter(), out)?;
        }
    }
    tables(codeset, system, ordinal, on, out)?;
    relations(codeset, system, ordinal, on, out)
}

/// What tables of attributes say of a procedure: unit limits, fee schedule indicators and the like.
fn tables(
    codeset: &Codeset,
    system: &System,
    ordinal: Ordinal,
    on: Option<Date>,
    out: &mut impl Write,
) -> io::Result<()> {
    if system.id() != SystemId::Procedure {
        return Ok(());
    }
    for table in AttributeId::ALL.into_iter().filter_map(|id| codeset.attributes(id)) {
        for row in table.rows(ordinal).iter().filter(|row| on.is_none_or(|on| row.holds_on(on))) {
            let component = if row.modifier().is_absent() { String::new() } else { format!(" {}", row.modifier()) };
            let words = table.id().words(row.value);
            let label = codeset.release_label(row.release);
            writeln!(out, "  {}{component} {}: {words}  [{label}]", table.id().name(), row.days())?;
        }
    }
    Ok(())
}

fn attributes(system: SystemId, row: &Row) -> String {
    let mut text = String::new();
    if row.limits_age() {
        text.push_str(&format!(", ages {} to {}", row.age_low, row.age_high));
    }
    if !row.status().is_empty() {
        text.push_str(&format!(", status {}", row.status()));
    }
    for (name, bit) in system.flag_names() {
        if row.has(*bit) {
            text.push_str(", ");
            text.push_str(name);
        }
    }
    text
}

fn relations(
    codeset: &Codeset,
    system: &System,
    ordinal: Ordinal,
    on: Option<Date>,
    out: &mut impl Write,
) -> io::Result<()> {
    for relation in RelationId::ALL.into_iter().filter_map(|id| codeset.relation(id)) {
        if relation.id().system() != system.id() {
            continue;
        }
        let links: Vec<_> =
            relation.links(ordinal).filter(|link| on.is_none_or(|on| link.class.holds_on(on))).collect();
        if links.is_empty() {
            continue;
        }
        writeln!(out, "  {}: {} codes", relation.id().name(), links.len())?;
        for link in links.iter().take(MOST_LISTED) {
            let target = shown(system, system.code(link.target));
            writeln!(out, "    {target}  {}  value {}", link.class.days(), link.class.value)?;
        }
        if links.len() > MOST_LISTED {
            writeln!(out, "    … and {} more", links.len() - MOST_LISTED)?;
        }
    }
    Ok(())
}

fn list(system: &System, codes: impl Iterator<Item = Ordinal>, out: &mut impl Write) -> io::Result<()> {
    let codes: Vec<Ordinal> = codes.collect();
    for &ordinal in codes.iter().take(MOST_LISTED) {
        writeln!(out, "    {}  {}", shown(system, system.code(ordinal)), system.title(ordinal).unwrap_or_default())?;
    }
    if codes.len() > MOST_LISTED {
        writeln!(out, "    … and {} more", codes.len() - MOST_LISTED)?;
    }
    Ok(())
}

fn shown(system: &System, code: Code) -> String {
    if system.id() == SystemId::Diagnosis { code.diagnosis().to_string() } else { code.to_string() }
}
