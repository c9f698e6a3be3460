use super::judged::{Denial, PAIRING, UNPOINTED, each_line, names};
use crate::contract::{edit, tables};
use crate::{ClaimFacts, Fires, Reason, Recorder, Value};
use codeset::SystemId;

edit! {
    /// # What it checks
    /// The line does not rest on a diagnosis that a coverage article of the claim's contractor lists as not supporting
    /// the procedure, unless it rests on one that supports it as well. Professional lines rest on the diagnoses that
    /// they point to, institutional ones on all of the claim.
    ///
    /// # Why a payer denies it
    /// The contractor has said that the service is not reasonable and necessary for that condition. Medicare denies the
    /// line for medical necessity.
    ///
    /// # Example
    /// An article has `93306` and, among diagnoses that do not support medical necessity, `Z00.00`: a line with
    /// `93306` that points to `Z00.00` alone fails.
    ///
    /// # How to fix
    /// Let the line point to the diagnosis for which the service was ordered, if the record has another. If there is
    /// none, report the service with the modifier that says who bears it.
    ///
    /// # Bypass
    /// GA (the patient signed a required notice: patient liable), GX (a voluntary notice: patient liable), GY (excluded
    /// by statute: patient liable), GZ (no notice was given: provider liable).
    ///
    /// # Source
    /// CMS Medicare Coverage Database, billing and coding articles, groups of diagnoses that do not support medical
    /// necessity; Claims manual ch. 1 §60.4 and ch. 30 §50 (modifiers of liability).
    ///
    /// # Tables
    /// icd10cm, procedures, coverage. Where an article has several groups of procedures, or leaves them to its policy, and
    /// which list is for which of them is not known, the line is not evaluated; so are professional lines without pointers
    /// that would fail for some of the claim's diagnoses and not for others, and lines as COV001 says.
    pub struct DxNoncoveredForProcedure;
    id: "COV002", name: "dx-noncovered-for-procedure",
    severity: Error, snip: 6, carc: "50", rarc: "N115",
    source: "CMS Medicare Coverage Database, billing and coding articles",
    unit: Line, claims: NOT_DENTAL, default: ON,
    tables: [tables::PROCEDURES, tables::DIAGNOSES, tables::ARTICLES], fields: [], fires: Fires::ALWAYS,
    messages: [
        "{procedure} rests on {diagnosis} on {date}, which article {article} lists as not supporting it, and on no \
         diagnosis that does; a payer would deny it as not medically necessary"
            => "Bill the line with the diagnosis for which the service was ordered if the record has another; \
                otherwise report GA, GX, GY or GZ, whichever says who bears the service.",
        "{procedure} rests on {diagnosis} on {date}, which article {article} lists as not supporting it; {modifier} \
         says that the patient signed a required notice and bears the service"
            => "Keep the signed notice.",
        "{procedure} rests on {diagnosis} on {date}, which article {article} lists as not supporting it; {modifier} \
         says that the patient signed a voluntary notice and bears the service"
            => "Keep the signed notice.",
        "{procedure} rests on {diagnosis} on {date}, which article {article} lists as not supporting it; {modifier} \
         says that the service is excluded by statute and the patient bears it"
            => "Bill the patient after the denial.",
        "{procedure} rests on {diagnosis} on {date}, which article {article} lists as not supporting it; {modifier} \
         says that no notice was given and the provider bears the service"
            => "Do not bill the patient.",
    ],
    check: check,
}

fn check(claim: &ClaimFacts<'_>, out: &mut Recorder<'_>) {
    each_line(claim, out, |judged, out| {
        let denying = judged.articles.iter().find_map(|&(article, group)| {
            let code = judged.diagnoses.iter().copied().find(|&code| article.denies(code))?;
            Some((article, group, code))
        });
        let Some((article, group, code)) = denying else {
            // What supports the line on its own is right whatever another article denies.
            if !judged.is_supported() || !judged.is_supported_by_each() {
                judged.pass(out);
            }
            return;
        };
        match judged.unpointed.then(|| judged.denial_of_each()) {
            Some(Denial::None) => return,
            Some(Denial::Some) => return out.skip_line(judged.line, UNPOINTED),
            Some(Denial::Each) => {}
            None if judged.is_supported() => return,
            None => {}
        }
        let unknown = article.has_several_groups() || !names(group);
        let unpaired = unknown.then_some(Reason::TableNotLoaded(PAIRING));
        if let Some(reason) = unpaired.or_else(|| judged.doubt()) {
            out.skip_line(judged.line, reason);
            return;
        }
        let Some(system) = claim.system(SystemId::Diagnosis) else { return };
        if let Some(finding) = judged.fail(claim, out, 0, article) {
            finding.with("diagnosis", Value::Diagnosis(system.code(code)));
        }
    });
}
