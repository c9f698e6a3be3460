//! `cleanclaim codes`: what is this code, on this day.

use crate::args::Codes;
use crate::failure::Failure;
use cleanclaim::{
    AttributeId, Code, Codeset, Date, Ordinal, RelationId, Row, RowKind, Side, System, SystemId, Taxonomies,
    TaxonomyCode,
};
use std::io::{self, Write};
use std::process::ExitCode;

/// The most descendants, near codes and pairs that are listed unless all are asked for.
const MOST_LISTED: usize = 20;

/// How codes are asked for.
#[derive(Clone, Copy)]
struct Asked {
    on: Option<Date>,
    most: usize,
}

impl Asked {
    /// Says how many more there are than were listed.
    fn rest(self, all: usize, out: &mut impl Write) -> io::Result<()> {
        match all.saturating_sub(self.most) {
            0 => Ok(()),
            more => writeln!(out, "    … and {more} more; --all lists them"),
        }
    }
}

pub fn run(arguments: &Codes) -> Result<ExitCode, Failure> {
    let codeset = crate::scrub::codeset(&arguments.codeset)?;
    let asked = Asked { on: arguments.on, most: if arguments.all { usize::MAX } else { MOST_LISTED } };
    let text = arguments.code.trim().as_bytes();
    let mut out = io::stdout().lock();
    let printed = if let Some(other) = &arguments.other {
        let codes = [parsed(&arguments.code)?, parsed(other)?];
        print_pair(&codeset, codes, asked, &mut out)
    } else if let Some(code) = TaxonomyCode::parse(text) {
        print_taxonomy(&codeset, code, asked, &mut out)
    } else {
        print(&codeset, parsed(&arguments.code)?, asked, &mut out)
    };
    let found = printed.map_err(Failure::writing("the code"))?;
    Ok(if found { ExitCode::SUCCESS } else { ExitCode::FAILURE })
}

/// A code as it is given, and whether it has a dot, by which it is a diagnosis.
#[derive(Clone, Copy)]
struct Given {
    code: Code,
    dotted: bool,
}

impl Given {
    /// Whether codes of the system may be written so.
    fn may_be(self, system: &System) -> bool {
        !self.dotted || system.id() == SystemId::Diagnosis
    }

    fn shown(self) -> String {
        if self.dotted || self.code.procedure_kind().is_none() {
            self.code.diagnosis().to_string()
        } else {
            self.code.to_string()
        }
    }
}

fn parsed(text: &str) -> Result<Given, Failure> {
    let code = Code::parse_diagnosis(text.trim().as_bytes()).filter(|code| !code.is_absent());
    code.map(|code| Given { code, dotted: text.contains('.') }).ok_or_else(|| {
        Failure::new(format!(
            "{text:?} is no code: expected up to eight letters and digits, a dot after the third; or the ten of a provider \
             taxonomy, which end in X"
        ))
    })
}

/// Prints what every system knows of the code; says whether one knows it.
fn print(codeset: &Codeset, given: Given, asked: Asked, out: &mut impl Write) -> io::Result<bool> {
    let mut found = false;
    let systems = || SystemId::ALL.into_iter().filter_map(|id| codeset.system(id)).filter(|own| given.may_be(own));
    for system in systems() {
        if let Some(ordinal) = known(system, given) {
            found = true;
            describe(codeset, system, ordinal, asked, out)?;
        }
    }
    if !found {
        writeln!(out, "{} is in no loaded release", given.shown())?;
        for system in systems() {
            let near = system.near(given.code, asked.on, MOST_LISTED);
            if !near.is_empty() && given.code.len() > 2 {
                writeln!(out, "near, in {}:", system.id().name())?;
                list(system, near.into_iter().filter_map(|code| system.ordinal(code)), asked, out)?;
            }
        }
    }
    Ok(found)
}

/// The code in the system, if some release has it.
fn known(system: &System, given: Given) -> Option<Ordinal> {
    system.ordinal(given.code).filter(|&ordinal| given.may_be(system) && !system.rows(ordinal).is_empty())
}

/// Prints what relations say of two codes; says whether some system knows both.
fn print_pair(codeset: &Codeset, [a, b]: [Given; 2], asked: Asked, out: &mut impl Write) -> io::Result<bool> {
    let mut found = false;
    for system in SystemId::ALL.into_iter().filter_map(|id| codeset.system(id)) {
        let (Some(first), Some(second)) = (known(system, a), known(system, b)) else { continue };
        found = true;
        let [one, other] = [first, second].map(|ordinal| shown(system, system.code(ordinal)));
        writeln!(out, "{} {one} and {other}", system.id().name())?;
        for id in RelationId::ALL.into_iter().filter(|id| id.system() == system.id()) {
            let Some(relation) = codeset.relation(id) else {
                writeln!(out, "  {}: not loaded", id.name())?;
                continue;
            };
            if let Some(on) = asked.on.filter(|&on| !relation.covers(on)) {
                writeln!(out, "  {}: not known on {on}: outside the loaded releases", id.name())?;
                continue;
            }
            let mut none = true;
            // Of modifiers each pair is there both ways.
            let both = id != RelationId::ModifierConflict && first != second;
            for (from, to) in [(first, second), (second, first)].into_iter().take(if both { 2 } else { 1 }) {
                let links = relation.links(from).filter(|link| link.target == to);
                for link in links.filter(|link| asked.on.is_none_or(|on| link.class.holds_on(on))) {
                    none = false;
                    let [from, to] = [from, to].map(|ordinal| shown(system, system.code(ordinal)));
                    let how = match id {
                        RelationId::PtpHospital | RelationId::PtpPractitioner => {
                            format!("{from} is column 1, {to} column 2")
                        }
                        RelationId::AddOn => format!("{from} is an add-on of {to}"),
                        RelationId::ModifierConflict => format!("{from} and {to} may not share a line"),
                        _ => format!("{from} leads to {to}"),
                    };
                    writeln!(out, "  {}: {how}, {}{}", id.name(), link.class.days(), words(id, link.class.value))?;
                }
            }
            if none {
                writeln!(
                    out,
                    "  {}: no pair{}",
                    id.name(),
                    asked.on.map(|on| format!(" on {on}")).unwrap_or_default()
                )?;
            }
        }
    }
    if !found {
        writeln!(out, "no system of the codeset has both {} and {}", a.shown(), b.shown())?;
    }
    Ok(found)
}

/// Prints what is known of a code of the provider taxonomy, which no system has; says whether anything is.
fn print_taxonomy(codeset: &Codeset, code: TaxonomyCode, asked: Asked, out: &mut impl Write) -> io::Result<bool> {
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
        for near in near.iter().take(asked.most) {
            writeln!(out, "    {near}")?;
        }
        asked.rest(near.len(), out)?;
        return Ok(false);
    }
    writeln!(out, "{} {code}", Taxonomies::PART)?;
    if let Some(on) = asked.on {
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
    asked: Asked,
    out: &mut impl Write,
) -> io::Result<()> {
    let (code, on) = (system.code(ordinal), asked.on);
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
            let codes = if valid.len() == 1 { "code" } else { "codes" };
            writeln!(out, "  {} {codes} below may be reported:", valid.len())?;
            list(system, valid.into_iter(), asked, out)?;
        }
    }
    tables(codeset, system, ordinal, on, out)?;
    relations(codeset, system, ordinal, asked, out)
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

/// What pairs, primaries and the like a code has: those that hold on the day.
fn relations(
    codeset: &Codeset,
    system: &System,
    ordinal: Ordinal,
    asked: Asked,
    out: &mut impl Write,
) -> io::Result<()> {
    for relation in RelationId::ALL.into_iter().filter_map(|id| codeset.relation(id)) {
        let id = relation.id();
        if id.system() != system.id() {
            continue;
        }
        let links: Vec<_> = relation.links(ordinal).map(|link| (link.target, link.class)).collect();
        let plain = |number: usize| if number == 1 { "1 code".to_owned() } else { format!("{number} codes") };
        let sides = match id {
            RelationId::PtpHospital | RelationId::PtpPractitioner => {
                let mut leading = Vec::new();
                for from in (0..system.len() as u32).map(Ordinal) {
                    let own = relation.links(from).filter(|link| link.target == ordinal);
                    leading.extend(own.map(|link| (from, link.class)));
                }
                vec![(links, Some(["column 1", "column 2"])), (leading, Some(["column 2", "column 1"]))]
            }
            _ => vec![(links, None)],
        };
        if let Some(on) = asked.on.filter(|&on| !relation.covers(on)) {
            if sides.iter().any(|(links, _)| !links.is_empty()) {
                writeln!(out, "  {}: not known on {on}: outside the loaded releases", id.name())?;
            }
            continue;
        }
        for (mut links, columns) in sides {
            links.retain(|(_, class)| asked.on.is_none_or(|on| class.holds_on(on)));
            if links.is_empty() {
                continue;
            }
            match columns {
                Some([own, other]) => {
                    let code = system.code(ordinal);
                    writeln!(out, "  {}, {code} as {own}: {} as {other}", id.name(), plain(links.len()))?;
                }
                None => writeln!(out, "  {}: {}", id.name(), plain(links.len()))?,
            }
            for (target, class) in links.iter().take(asked.most) {
                let target = shown(system, system.code(*target));
                writeln!(out, "    {target}  {}{}", class.days(), words(id, class.value))?;
            }
            asked.rest(links.len(), out)?;
        }
    }
    Ok(())
}

/// What the value of a relation means.
fn words(id: RelationId, value: u16) -> String {
    match (id, value) {
        (RelationId::PtpHospital | RelationId::PtpPractitioner, _) => {
            let means = match value {
                0 => ": no modifier releases the pair",
                1 => ": an NCCI-associated modifier may release the pair",
                9 => ": the pair is not applied",
                _ => "",
            };
            format!("  indicator {value}{means}")
        }
        (RelationId::AddOn, _) => format!("  type {value}"),
        (RelationId::DiagnosisSide, _) => match Side::of(value) {
            Some(Side::Right) => "  right".to_owned(),
            Some(Side::Left) => "  left".to_owned(),
            Some(Side::Both) => "  both sides".to_owned(),
            None => format!("  value {value}"),
        },
        (_, 0) => String::new(),
        (_, _) => format!("  value {value}"),
    }
}

fn list(system: &System, codes: impl Iterator<Item = Ordinal>, asked: Asked, out: &mut impl Write) -> io::Result<()> {
    let codes: Vec<Ordinal> = codes.collect();
    for &ordinal in codes.iter().take(asked.most) {
        writeln!(out, "    {}  {}", shown(system, system.code(ordinal)), system.title(ordinal).unwrap_or_default())?;
    }
    asked.rest(codes.len(), out)
}

fn shown(system: &System, code: Code) -> String {
    if system.id() == SystemId::Diagnosis { code.diagnosis().to_string() } else { code.to_string() }
}
