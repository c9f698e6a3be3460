//! `cleanclaim edits`

mod markdown;

use crate::args::{Edits, EditsFormat};
use crate::failure::Failure;
use cleanclaim::{EditEntry, EditInfo, Scrubber, embedded};
use std::io::{self, Write};
use std::process::ExitCode;

pub fn run(arguments: &Edits) -> Result<ExitCode, Failure> {
    let codeset = embedded();
    let policies = crate::policy::policies(&arguments.policy, &codeset)?;
    let scrubber = Scrubber::builder(codeset).policies(policies).build()?;
    let mut out = io::stdout().lock();
    let result = match &arguments.edit {
        None => list(scrubber.edits().iter().map(EditEntry::info), arguments.format, &mut out),
        Some(wanted) => {
            let infos = || scrubber.edits().iter().map(EditEntry::info);
            let is_wanted = |info: &&EditInfo| info.id.eq_ignore_ascii_case(wanted) || info.name == *wanted;
            // What is no edit may be a family, the beginning of ids, as --select takes it.
            match infos().find(is_wanted) {
                Some(info) => explain(info, arguments.format, &mut out),
                None if infos().any(|info| info.is_named(wanted)) => {
                    list(infos().filter(|info| info.is_named(wanted)), arguments.format, &mut out)
                }
                None => {
                    return Err(Failure::new(format!("no edit is called {wanted:?}; `cleanclaim edits` lists them")));
                }
            }
        }
    };
    result.map_err(Failure::writing("the edits"))?;
    Ok(ExitCode::SUCCESS)
}

fn list<'e>(
    mut edits: impl Iterator<Item = &'e EditInfo>,
    format: EditsFormat,
    out: &mut impl Write,
) -> io::Result<()> {
    match format {
        EditsFormat::Text => {}
        EditsFormat::Ndjson => return edits.try_for_each(|info| explain(info, format, out)),
        EditsFormat::Markdown => return markdown::write(&edits.collect::<Vec<_>>(), out),
    }
    writeln!(out, "{:<8} {:<28} {:<8} {:>4}  {:<10} SOURCE", "ID", "NAME", "SEVERITY", "SNIP", "EVALUATED")?;
    for EditInfo { id, name, severity, snip, unit, source, on_by_default, .. } in edits {
        let off = if *on_by_default { "" } else { " (off by default)" };
        writeln!(out, "{id:<8} {name:<28} {severity:<8} {snip:>4}  {:<10} {source}{off}", unit.plural())?;
    }
    Ok(())
}

fn explain(info: &EditInfo, format: EditsFormat, out: &mut impl Write) -> io::Result<()> {
    match format {
        EditsFormat::Text => {}
        EditsFormat::Ndjson => return writeln!(out, "{}", report_json(info)),
        EditsFormat::Markdown => return markdown::write(&[info], out),
    }
    let or_none = |text: &str| if text.is_empty() { "none".to_owned() } else { text.to_owned() };
    let EditInfo { id, name, severity, snip, carc, rarc, source, unit, .. } = info;
    writeln!(out, "{id} {name}\n")?;
    writeln!(out, "severity {severity} · SNIP level {snip} · evaluated on {}", unit.plural())?;
    writeln!(out, "a payer would most likely answer: CARC {}, RARC {}", or_none(carc), or_none(rarc))?;
    writeln!(out, "source: {source}\n")?;
    for line in info.doc.lines() {
        let line = line.strip_prefix(' ').unwrap_or(line);
        match line.strip_prefix("# ") {
            Some(heading) => writeln!(out, "{}", heading.to_uppercase())?,
            None => writeln!(out, "{line}")?,
        }
    }
    writeln!(out, "\nMESSAGES")?;
    for message in info.messages.iter() {
        writeln!(out, "- {}\n  fix: {}", message.text, message.fix)?;
    }
    Ok(())
}

fn report_json(info: &EditInfo) -> String {
    let fields = [
        ("id", &info.id),
        ("name", &info.name),
        ("carc", &info.carc),
        ("rarc", &info.rarc),
        ("source", &info.source),
        ("doc", &info.doc),
    ];
    let mut object = serde_json::Map::new();
    for (name, text) in fields {
        object.insert(name.to_owned(), text.as_ref().into());
    }
    object.insert("severity".to_owned(), info.severity.name().into());
    object.insert("snip".to_owned(), info.snip.into());
    object.insert("evaluated_on".to_owned(), info.unit.plural().into());
    object.insert("on_by_default".to_owned(), info.on_by_default.into());
    serde_json::Value::Object(object).to_string()
}
