use super::judged::{UNPOINTED, each_line};
use crate::contract::{edit, tables};
use crate::{ClaimFacts, Fires, Recorder};

edit! {
    /// # What it checks
    /// Where the claim's Medicare contractor has a coverage article with a list of diagnoses that support the
    /// procedure, the line rests on one of them. Professional lines rest on the diagnoses that they point to,
    /// institutional ones on all of the claim. Where the article asks for two diagnoses, one of each of two lists, both
    /// must be there. If several articles are about the procedure, support by one of them is enough.
    ///
    /// # Why a payer denies it
    /// The list says for which conditions the contractor takes the service to be reasonable and necessary. Without
    /// one of them Medicare denies the line for medical necessity.
    ///
    /// # Example
    /// `93306` (echocardiography) in Wisconsin pointing to `Z00.00` alone: article A56781 does not list it.
    ///
    /// # How to fix
    /// Let the line point to the diagnosis for which the service was ordered, if the record has one that the article
    /// lists. If there is none, report the service with the modifier that says who bears it.
    ///
    /// # Bypass
    /// GA (the patient signed a required notice: patient liable), GX (a voluntary notice: patient liable), GY (excluded
    /// by statute: patient liable), GZ (no notice was given: provider liable).
    ///
    /// # Source
    /// CMS Medicare Coverage Database, billing and coding articles of local coverage determinations and their groups of
    /// codes; Claims manual ch. 1 §60.4 and ch. 30 §50 (modifiers of liability).
    ///
    /// # Tables
    /// icd10cm, procedures, coverage. Which covered group is for which procedures most articles say in prose alone; then
    /// the groups of the article count together, which never fails a pair that the contractor accepts. Not evaluated: no
    /// contractor or state is given, no article of it is loaded, the article's version of the date is not loaded, the
    /// line has no date or no diagnosis, one of its diagnoses is not valid and none supports the procedure, a professional
    /// line gives no pointers and not each of the claim's diagnoses supports the procedure though some do, or the
    /// procedure is named by the policy that the article belongs to and not by the article (as for equipment), and none
    /// supports it. A procedure that neither an article of the contractor nor its policy names passes.
    pub struct DxDoesNotSupportProcedure;
    id: "COV001", name: "dx-does-not-support-procedure",
    severity: Error, snip: 6, carc: "50", rarc: "N115",
    source: "CMS Medicare Coverage Database, billing and coding articles",
    unit: Line, claims: NOT_DENTAL, default: ON,
    tables: [tables::PROCEDURES, tables::DIAGNOSES, tables::ARTICLES], fields: [], fires: Fires::ALWAYS,
    messages: [
        "{procedure} rests on {diagnoses} on {date}, which article {article} does not list as supporting it; a payer \
         would deny it as not medically necessary"
            => "Bill the line with the diagnosis for which the service was ordered if the record has one that \
                {article} lists; otherwise report GA, GX, GY or GZ, whichever says who bears the service.",
        "{procedure} rests on {diagnoses} on {date}, which article {article} does not list; {modifier} says that the \
         patient signed a required notice and bears the service"
            => "Keep the signed notice.",
        "{procedure} rests on {diagnoses} on {date}, which article {article} does not list; {modifier} says that the \
         patient signed a voluntary notice and bears the service"
            => "Keep the signed notice.",
        "{procedure} rests on {diagnoses} on {date}, which article {article} does not list; {modifier} says that the \
         service is excluded by statute and the patient bears it"
            => "Bill the patient after the denial.",
        "{procedure} rests on {diagnoses} on {date}, which article {article} does not list; {modifier} says that no \
         notice was given and the provider bears the service"
            => "Do not bill the patient.",
    ],
    check: check,
}

fn check(claim: &ClaimFacts<'_>, out: &mut Recorder<'_>) {
    each_line(claim, out, |judged, out| {
        if !judged.lists_covered() {
            return judged.pass(out);
        }
        if judged.is_supported() {
            if !judged.is_supported_by_each() {
                out.skip_line(judged.line, UNPOINTED);
            }
            return;
        }
        if let Some(reason) = judged.doubt() {
            out.skip_line(judged.line, reason);
            return;
        }
        match judged.listing() {
            Err(reason) => out.skip_line(judged.line, reason),
            Ok(article) => {
                if let Some(finding) = judged.fail(claim, out, 0, article) {
                    finding.with("diagnoses", judged.shown(claim));
                }
            }
        }
    });
}
