//! All that is known of every edit, as one page: `EDITS.md` of the repository is this.

use cleanclaim::{ClaimType, EditInfo};
use std::io::{self, Write};

/// The families, by the letters that ids begin with, and what they are about.
const FAMILIES: &[(&str, &str)] = &[
    ("AOC", "add-on codes"),
    ("CLM", "the claim as a whole"),
    ("COV", "diagnoses that coverage articles accept"),
    ("DUP", "duplicates"),
    ("DX", "diagnoses"),
    ("FAC", "institutional claims"),
    ("FMT", "what could not be read"),
    ("MOD", "modifiers"),
    ("MUE", "unit limits"),
    ("POS", "places of service"),
    ("PRV", "providers"),
    ("PTP", "procedure-to-procedure pairs"),
    ("PX", "procedures"),
    ("SYS", "the program itself"),
];

const HEAD: &str = "\
# The edits

Made by `cargo run --release -- edits --format markdown > EDITS.md`; a test says when it is stale.

Each edit is evaluated on every claim, line or diagnosis of the claims that it is for, and comes out as *pass*, *fail*,
*bypassed* (it would fail, but a modifier, code or date rule releases it) or *not evaluated* (a table, date or field is
missing). CARC and RARC are what a payer would most likely answer: advice, never certain. `cleanclaim edits ID` prints one
edit; severities are what they are by default.
";

/// Writes the page of these edits, which stand in the order of their ids.
pub fn write(edits: &[&EditInfo], out: &mut impl Write) -> io::Result<()> {
    out.write_all(HEAD.as_bytes())?;
    let families = edits.chunk_by(|one, next| family(one) == family(next));
    for own in families.clone() {
        let letters = own.first().map_or("", |info| family(info));
        writeln!(out, "\n**{letters}**{}\n", about(letters))?;
        writeln!(out, "| id | name | severity | SNIP | CARC | RARC | evaluated on |\n|---|---|---|---|---|---|---|")?;
        for info in own {
            let EditInfo { id, name, snip, carc, rarc, .. } = info;
            let anchor = format!("{}-{name}", id.to_ascii_lowercase());
            let severity = severity(info);
            writeln!(out, "| [{id}](#{anchor}) | {name} | {severity} | {snip} | {carc} | {rarc} | {} |", units(info))?;
        }
    }
    for own in families {
        let letters = own.first().map_or("", |info| family(info));
        writeln!(out, "\n## {letters}{}", about(letters))?;
        own.iter().try_for_each(|info| edit(info, out))?;
    }
    Ok(())
}

/// The letters that the edit's id begins with.
fn family(info: &EditInfo) -> &str {
    let end = info.id.find(|c: char| c.is_ascii_digit()).unwrap_or(info.id.len());
    info.id.get(..end).unwrap_or_default()
}

fn about(letters: &str) -> String {
    let own = FAMILIES.iter().find(|(own, _)| *own == letters);
    own.map_or(String::new(), |(_, about)| format!(": {about}"))
}

fn severity(info: &EditInfo) -> String {
    format!("{}{}", info.severity, if info.on_by_default { "" } else { ", off by default" })
}

/// What it is evaluated on, and of which claims.
fn units(info: &EditInfo) -> String {
    let types = [
        (ClaimType::Professional, "professional"),
        (ClaimType::Institutional, "institutional"),
        (ClaimType::Dental, "dental"),
    ];
    let own: Vec<&str> = types.into_iter().filter(|(of, _)| info.claims.contains(*of)).map(|(_, name)| name).collect();
    match (own.len() == types.len(), info.unit.plural()) {
        (true, unit) => unit.to_owned(),
        (false, "claims") => format!("{} claims", own.join(" and ")),
        (false, unit) => format!("{unit} of {} claims", own.join(" and ")),
    }
}

fn edit(info: &EditInfo, out: &mut impl Write) -> io::Result<()> {
    let EditInfo { id, name, snip, carc, rarc, source, .. } = info;
    writeln!(out, "\n### {id} {name}\n")?;
    write!(out, "Severity {} · SNIP level {snip} · evaluated on {}", severity(info), units(info))?;
    for (label, code) in [("CARC", carc), ("RARC", rarc)] {
        if !code.is_empty() {
            write!(out, " · {label} {code}")?;
        }
    }
    writeln!(out, "\\\nSource: {source}\\")?;
    let tables: Vec<&str> = info.tables.iter().map(|table| table.name()).collect();
    let fields: Vec<String> = info.fields.iter().map(ToString::to_string).collect();
    let or_none = |list: String| if list.is_empty() { "none".to_owned() } else { list };
    writeln!(out, "Tables that it always needs: {}\\", or_none(tables.join(", ")))?;
    writeln!(out, "Fields that it always needs: {}\n", or_none(fields.join(", ")))?;
    for line in info.doc.lines() {
        let line = line.strip_prefix(' ').unwrap_or(line);
        match line.strip_prefix("# ") {
            Some(heading) => writeln!(out, "**{heading}**")?,
            None => writeln!(out, "{line}")?,
        }
    }
    writeln!(out, "\n**Messages**\n")?;
    for message in info.messages.iter() {
        let most = message.at_most.map_or(String::new(), |most| format!(" ({most} at most)"));
        writeln!(out, "- {}{most}\n  *Fix:* {}", message.text, message.fix)?;
    }
    Ok(())
}
