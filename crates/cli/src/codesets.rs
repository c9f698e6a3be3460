//! `cleanclaim codesets`

use crate::args::{Codesets, CodesetsAction};
use crate::build;
use crate::failure::Failure;
use crate::scrub::shown;
use cleanclaim::{Codeset, DateRange, Notes, RelationId, SystemId, embedded};
use std::io::{self, Write};
use std::process::ExitCode;

pub fn run(arguments: &Codesets) -> Result<ExitCode, Failure> {
    match &arguments.action {
        CodesetsAction::Build(arguments) => build::run(arguments),
        CodesetsAction::Inspect { image } => {
            let codeset = image.as_ref().map_or_else(|| Ok(embedded()), Codeset::open)?;
            inspect(&codeset, &mut io::stdout().lock()).map_err(Failure::writing("the codeset"))?;
            Ok(ExitCode::SUCCESS)
        }
        CodesetsAction::Verify { image } => {
            let codeset = Codeset::open(image)?;
            writeln!(
                io::stdout(),
                "{}: {}, {} bytes, {} sections, all as written",
                shown(image),
                codeset.id(),
                codeset.size(),
                codeset.sections().len()
            )
            .map_err(Failure::writing("the answer"))?;
            Ok(ExitCode::SUCCESS)
        }
    }
}

fn inspect(codeset: &Codeset, out: &mut impl Write) -> io::Result<()> {
    writeln!(out, "codeset {}, {} bytes\n", codeset.id(), codeset.size())?;
    writeln!(out, "{:<20} {:>9} {:>9}  COVERS", "SYSTEM", "CODES", "ROWS")?;
    for system in SystemId::ALL.into_iter().filter_map(|id| codeset.system(id)) {
        let covers = periods(system.coverage());
        writeln!(out, "{:<20} {:>9} {:>9}  {covers}", system.id().name(), system.len(), system.row_count())?;
    }
    writeln!(out, "\n{:<20} {:>9} {:>9}  COVERS", "RELATION", "PAIRS", "CLASSES")?;
    for relation in RelationId::ALL.into_iter().filter_map(|id| codeset.relation(id)) {
        let covers = periods(relation.coverage());
        let classes = relation.classes().len();
        writeln!(out, "{:<20} {:>9} {classes:>9}  {covers}", relation.id().name(), relation.len())?;
    }
    match codeset.notes() {
        Some(notes) => {
            writeln!(out, "{:<20} {:>9} {:>9}  {}", Notes::NAME, notes.len(), "", periods(notes.coverage()))?
        }
        None => writeln!(out, "{:<20} not loaded", Notes::NAME)?,
    }
    for id in RelationId::ALL.into_iter().filter(|&id| codeset.relation(id).is_none()) {
        writeln!(out, "{:<20} not loaded", id.name())?;
    }
    writeln!(out, "\nRELEASES")?;
    for release in codeset.releases() {
        writeln!(out, "{:<22} {}", release.table, release.label)?;
        writeln!(out, "{:<22} {}, {} rows from {}", "", release.publisher, release.rows, release.file)?;
        writeln!(out, "{:<22} {}; covers {}", "", release.obtained, release.covers())?;
    }
    writeln!(out, "\n{:<28} {:>12}", "SECTION", "BYTES")?;
    for section in codeset.sections() {
        writeln!(out, "{:<28} {:>12}", section.name, section.length)?;
    }
    Ok(())
}

fn periods(ranges: &[DateRange]) -> String {
    ranges.iter().map(DateRange::to_string).collect::<Vec<_>>().join(", ")
}
