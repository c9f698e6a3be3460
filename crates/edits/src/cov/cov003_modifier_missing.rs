use super::judged::{PAIRING, each_line, named, names};
use crate::contract::{edit, tables};
use crate::{ClaimFacts, Fires, Reason, Recorder, Value};
use claims::Field;
use codes::Modifier;

edit! {
    /// # What it checks
    /// Where a coverage article of the claim's contractor that names the procedure asks for a modifier that says whether
    /// its requirements are met, the line has one: KX (met), GA (not met, notice signed), GY (excluded) or GZ (not met,
    /// no notice). KS (glucose supplies of a patient without insulin, in the place of KX) and EY (no order) answer too. An
    /// article asks for it when KX is among its modifiers.
    ///
    /// # Why a payer denies it
    /// Without the modifier the contractor cannot tell whether the supplier holds the documents that its policy asks
    /// for, and rejects the line as lacking information. It is most common for durable medical equipment.
    ///
    /// # Example
    /// `A4253` (test strips) for a patient with insulin, without KX.
    ///
    /// # How to fix
    /// Add KX if the requirements are met and documented; otherwise GA, GY or GZ, whichever says who bears the item.
    ///
    /// # Bypass
    /// None: the modifiers that mean liability are among those asked for.
    ///
    /// # Source
    /// CMS Medicare Coverage Database, articles and their modifier groups; policy articles of the DME contractors (A52464 for
    /// KS);
    /// Claims manual ch. 20 §30.
    ///
    /// # Tables
    /// icd10cm, procedures, coverage. Not evaluated as COV001 says, whatever the line's diagnoses, and where not the
    /// article, but only its policy names the procedure: for which of the policy's codes the modifier is asked is prose.
    pub struct CoverageModifierMissing;
    id: "COV003", name: "coverage-modifier-missing",
    severity: Error, snip: 6, carc: "16", rarc: "M20",
    source: "CMS Medicare Coverage Database, articles and their modifier groups",
    unit: Line, claims: NOT_DENTAL, default: ON,
    tables: [tables::PROCEDURES, tables::DIAGNOSES, tables::ARTICLES], fields: [], fires: Fires::ALWAYS,
    messages: [
        "{procedure} has none of KX, GA, GY and GZ on {date}, and article {article} asks for one; a payer would reject it \
         as lacking information"
            => "Add KX if the requirements of {article} are met and documented (for glucose supplies KS if the patient is not \
                treated with insulin); otherwise GA, GY or GZ, whichever says who bears the item.",
    ],
    check: check,
}

/// The modifiers of which one must be there.
const ANSWERS: [Modifier; 6] = [
    Modifier::new(b"KX"),
    Modifier::new(b"KS"),
    Modifier::new(b"GA"),
    Modifier::new(b"GY"),
    Modifier::new(b"GZ"),
    Modifier::new(b"EY"),
];

fn check(claim: &ClaimFacts<'_>, out: &mut Recorder<'_>) {
    each_line(claim, out, |judged, out| {
        let Some(line) = claim.lines.get(judged.line as usize) else { return };
        if ANSWERS.into_iter().any(|modifier| line.has_modifier(modifier)) {
            return;
        }
        let demanding = || judged.articles.iter().filter(|(article, _)| article.demands_modifier());
        if let Some(&(article, _)) = demanding().find(|(_, group)| names(*group)) {
            let finding = out.fail_line(judged.line, Field::Modifier(1), 0);
            named(
                finding.with("procedure", Value::Code(judged.procedure)).with("date", Value::Date(judged.date)),
                article,
            );
        } else if demanding().next().is_some() {
            out.skip_line(judged.line, Reason::TableNotLoaded(PAIRING));
        } else {
            judged.pass(out);
        }
    });
}
