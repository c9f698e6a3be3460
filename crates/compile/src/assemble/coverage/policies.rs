//! What articles have from the policies and national determinations that they carry out.

use super::places::{Held, Places};
use crate::publisher::coverage::{ArticleVersion, CoverageRow, PolicyVersion};
use codes::{Code, Date, DateRange};
use codeset::{Basis, Coverage, ManualSection, NewArticle};
use std::collections::{BTreeMap, BTreeSet};

/// What the files say of a version of a policy.
#[derive(Default)]
struct Draft {
    /// Its days, once they are known.
    days: Option<DateRange>,
    proposed: bool,
    procedures: BTreeSet<Code>,
    held: Held,
}

/// Policies, national determinations, and which articles carry them out.
#[derive(Default)]
pub(super) struct Policies {
    versions: BTreeMap<PolicyVersion, Draft>,
    /// The policies of an article, as either of the two names the other, by number.
    of_article: BTreeMap<u32, BTreeSet<u32>>,
    /// Determinations of articles and of policies, by the database's number.
    nationals: BTreeMap<ArticleVersion, BTreeSet<u32>>,
    nationals_of_policy: BTreeMap<u32, BTreeSet<u32>>,
    sections: BTreeMap<u32, ManualSection>,
    /// Retirements that are announced.
    articles_retire: BTreeMap<u32, Date>,
    policies_retire: BTreeMap<u32, Date>,
}

impl Policies {
    /// Takes what a row says of them.
    pub(super) fn take(&mut self, row: &CoverageRow) {
        match row {
            CoverageRow::Policy { policy, effective, end, proposed, .. } => {
                let draft = self.draft(*policy);
                draft.days = effective.map(|from| DateRange { from, to: *end });
                draft.proposed = *proposed;
            }
            CoverageRow::PolicyProcedure { policy, code: Some(code), .. } => {
                self.draft(*policy).procedures.insert(*code);
            }
            CoverageRow::PolicyContractor { policy, contractor, .. } => {
                self.draft(*policy).held.contractors.insert(*contractor);
            }
            CoverageRow::PolicyState { policy, state } => {
                self.draft(*policy).held.states.insert(*state);
            }
            CoverageRow::Related { article, policy: Some(policy), .. } => {
                self.of_article.entry(article.article).or_default().insert(*policy);
            }
            CoverageRow::PolicyRelated { policy, article: Some(article), .. } => {
                self.of_article.entry(*article).or_default().insert(policy.policy);
            }
            CoverageRow::National { article, determination } => {
                self.nationals.entry(*article).or_default().insert(*determination);
            }
            CoverageRow::PolicyNational { policy, determination } => {
                self.nationals_of_policy.entry(policy.policy).or_default().insert(*determination);
            }
            CoverageRow::Determination { determination, section, .. } => {
                self.sections.extend(ManualSection::parse(section).map(|section| (*determination, section)));
            }
            CoverageRow::ArticleRetires { article, on } => earliest(&mut self.articles_retire, *article, *on),
            CoverageRow::PolicyRetires { policy, on } => earliest(&mut self.policies_retire, *policy, *on),
            _ => {}
        }
    }

    fn draft(&mut self, version: PolicyVersion) -> &mut Draft {
        self.versions.entry(version).or_default()
    }

    /// Gives a version of an article what it has from its policies, and the day of its retirement.
    pub(super) fn lend(&self, version: ArticleVersion, article: &mut NewArticle, places: &Places) {
        let retires = self.articles_retire.get(&version.article).copied();
        article.to = [article.to, retires].into_iter().flatten().min();
        let own = self.of_article.get(&version.article).into_iter().flatten().copied();
        article.bases.extend(own.map(Basis::Local));
        let policies: Vec<u32> = article.bases.iter().filter_map(number).collect();
        let of_policies = policies.iter().filter_map(|policy| self.nationals_of_policy.get(policy));
        let nationals = self.nationals.get(&version).into_iter().chain(of_policies).flatten();
        let sections = nationals.filter_map(|determination| self.sections.get(determination));
        article.bases.extend(sections.copied().map(Basis::National));

        let days = DateRange { from: article.from, to: article.to };
        let drafts: Vec<&Draft> = policies
            .iter()
            .flat_map(|&policy| {
                let versions = PolicyVersion { policy, version: 0 }..=PolicyVersion { policy, version: u32::MAX };
                self.versions.range(versions)
            })
            .filter(|(version, draft)| !draft.proposed && self.held_with(version.policy, draft, days))
            .map(|(_, draft)| draft)
            .collect();
        if article.jurisdictions.is_empty() {
            drafts.iter().for_each(|draft| places.hold(article, &draft.held));
        }
        // Where an article names procedures, those are what its lists are for.
        if article.procedures.iter().any(|&(group, _)| group != Coverage::OF_POLICY) {
            article.procedures.retain(|&(group, _)| group != Coverage::OF_POLICY);
        } else if article.demands_modifier || !article.covered.is_empty() || !article.noncovered.is_empty() {
            let lent = drafts.iter().flat_map(|draft| &draft.procedures);
            article.procedures.extend(lent.map(|&code| (Coverage::OF_POLICY, code)));
        }
    }

    /// Whether a version of a policy is in force on a day of the article's, as far as its days are known.
    fn held_with(&self, policy: u32, draft: &Draft, article: DateRange) -> bool {
        let Some(own) = draft.days else { return true };
        let to = [own.to, self.policies_retire.get(&policy).copied()].into_iter().flatten().min();
        to.is_none_or(|to| to >= article.from) && article.to.is_none_or(|to| own.from <= to)
    }
}

/// The number of a policy.
fn number(basis: &Basis) -> Option<u32> {
    match basis {
        Basis::Local(number) => Some(*number),
        Basis::National(_) => None,
    }
}

fn earliest(days: &mut BTreeMap<u32, Date>, number: u32, on: Date) {
    days.entry(number).and_modify(|known| *known = on.min(*known)).or_insert(on);
}
