//! `cleanclaim codesets`

use crate::args::{Codesets, CodesetsAction};
use crate::failure::Failure;
use crate::scrub::shown;
use crate::{build, diff, update};
use cleanclaim::{Article, AttributeId, Basis, Codeset, Coverage, DateRange, Notes, RelationId, SystemId, embedded};
use std::collections::BTreeSet;
use std::io::{self, Write};
use std::path::PathBuf;
use std::process::ExitCode;

pub fn run(arguments: &Codesets) -> Result<ExitCode, Failure> {
    match &arguments.action {
        CodesetsAction::Build(arguments) => build::run(arguments),
        CodesetsAction::Diff(arguments) => diff::run(arguments),
        CodesetsAction::Update(arguments) => update::run(arguments),
        CodesetsAction::Inspect { image } => {
            let open = |image: &PathBuf| Codeset::open(image).map_err(Failure::image(image));
            let codeset = image.as_ref().map_or_else(|| Ok(embedded()), open)?;
            inspect(&codeset, &mut io::stdout().lock()).map_err(Failure::writing("the codeset"))?;
            Ok(ExitCode::SUCCESS)
        }
        CodesetsAction::Verify { image } => {
            let codeset = Codeset::open(image).map_err(Failure::image(image))?;
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
        // CMS and the AMA publish codes apart, so their files may answer for other days.
        for part in [system.id().level_2_part(), system.id().cpt_part()].into_iter().flatten() {
            let of_part = codeset.releases().iter().filter(|release| release.part == part);
            let covers: Vec<String> = of_part.map(|release| release.covers().to_string()).collect();
            if !covers.is_empty() {
                writeln!(out, "  {part:<38}  {}", covers.join(", "))?;
            }
        }
    }
    if let Some(taxonomies) = codeset.taxonomies() {
        let covers = periods(taxonomies.coverage());
        writeln!(out, "{:<20} {:>9} {:>9}  {covers}", "taxonomy", taxonomies.codes().count(), taxonomies.len())?;
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
    writeln!(out, "\n{:<20} {:>9} {:>9}  COVERS", "ATTRIBUTES", "ROWS", "")?;
    for attributes in AttributeId::ALL.into_iter().filter_map(|id| codeset.attributes(id)) {
        let covers = periods(attributes.coverage());
        writeln!(out, "{:<20} {:>9} {:>9}  {covers}", attributes.id().name(), attributes.len(), "")?;
    }
    for id in AttributeId::ALL.into_iter().filter(|&id| codeset.attributes(id).is_none()) {
        writeln!(out, "{:<20} not loaded", id.name())?;
    }
    writeln!(out, "\n{:<20} {:>9} {:>9}  HOLD", "COVERAGE ARTICLES", "VERSIONS", "POLICIES")?;
    match codeset.articles() {
        Some(articles) => {
            let bases: BTreeSet<Basis> = articles.iter().flat_map(Article::bases).collect();
            let first = articles.iter().map(|article| article.days().from).min();
            let first = first.map_or_else(String::new, |day| format!("the first from {day}, each on its own days"));
            writeln!(out, "{:<20} {:>9} {:>9}  {first}", Coverage::NAME, articles.len(), bases.len())?;
        }
        None => writeln!(out, "{:<20} not loaded", Coverage::NAME)?,
    }
    writeln!(out, "\nRELEASES")?;
    for release in codeset.releases() {
        writeln!(out, "{:<22} {}, in {}", release.table, release.label, release.part)?;
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
