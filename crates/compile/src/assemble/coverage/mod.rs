//! Coverage articles: which diagnoses support which procedures, where and when.
//!
//! The database's tables come in files of their own, so an article is put together from all files that name its version.
//! A version holds from its effective date to its end, or to the day before the next version of the article.
//!
//! Policies lend their articles what these do not say themselves: contractors and states, and procedures
//! ([`Coverage::OF_POLICY`]). Which policy an article belongs to is said by either of the two.

mod places;
mod policies;

use super::conflicts::Side;
use super::given::{Given, Share};
use super::period::Period;
use super::{Assembly, Part};
use crate::error::CompileError;
use crate::publisher::Publication;
use crate::publisher::coverage::{ArticleVersion, CoverageRow};
use codes::{Code, Date, DateRange, Modifier};
use codeset::{Coverage, CoverageBuilder, NewArticle, Pairing, SystemId};
use places::{Held, Places};
use policies::Policies;
use std::collections::{BTreeMap, BTreeSet};

pub(crate) const PART: Part = Part { shares, merge };

/// The modifier by which an article that asks for one asks: its requirements are met.
const MET: Modifier = Modifier::new(b"KX");

fn shares(publication: &Publication) -> Vec<Share> {
    let Publication::Coverage(document) = publication else { return Vec::new() };
    // An exported article does not say when it takes effect; the tables do, each row of the articles' for itself.
    let exported = document.rows.iter().any(|placed| matches!(placed.row, CoverageRow::ArticleInState { .. }));
    let period = if exported { Period::Open } else { Period::OfRows };
    vec![Share { table: "coverage-articles", part: Coverage::NAME, period }]
}

/// What the files say of a version of an article.
struct Draft {
    article: NewArticle,
    /// Where its days stand, once they do.
    dated: Option<(u16, u32)>,
    /// It is in force on no day.
    proposed: bool,
    held: Held,
}

/// All that is being put together.
#[derive(Default)]
struct Drafts {
    articles: BTreeMap<ArticleVersion, Draft>,
    policies: Policies,
    places: Places,
}

fn merge(given: &Given<'_>, assembly: &mut Assembly) -> Result<(), CompileError> {
    let mut drafts = Drafts::default();
    // Files add to what the base has of a version: a table of pairings, say, to articles loaded before.
    let base = given.base().and_then(|base| {
        let systems = base.system(SystemId::Procedure).zip(base.system(SystemId::Diagnosis));
        base.articles().zip(systems).map(|(own, (procedures, diagnoses))| own.to_new(procedures, diagnoses))
    });
    for mut article in base.unwrap_or_default() {
        article.release = given.renumbered(article.release);
        let version = ArticleVersion { article: article.article, version: article.version };
        drafts.articles.insert(version, Draft { article, dated: None, proposed: false, held: Held::default() });
    }
    for source in &given.publications(Coverage::NAME) {
        let Publication::Coverage(document) = source.publication else { continue };
        for placed in &document.rows {
            let at = (source.release, placed.line);
            drafts.take(&placed.row, at, source.days.from, assembly);
        }
    }
    let Drafts { articles: versions, policies, places } = drafts;
    let mut articles: BTreeMap<(u32, u32), NewArticle> = BTreeMap::new();
    for (version, Draft { mut article, proposed, held, .. }) in versions {
        places.hold(&mut article, &held);
        policies.lend(version, &mut article, &places);
        // Articles without codes say nothing that could be checked.
        if !article.procedures.is_empty() && !proposed {
            articles.insert((version.article, version.version), article);
        }
    }
    close_versions(&mut articles);
    let mut builder = CoverageBuilder::new();
    for article in articles.into_values() {
        let system = assembly.system(SystemId::Procedure);
        article.procedures.iter().for_each(|&(_, code)| system.mention(code));
        builder.add(article);
    }
    if !builder.is_empty() {
        assembly.image.articles(builder)?;
    }
    Ok(())
}

/// Ends each version on the day before the next one of its article begins.
fn close_versions(articles: &mut BTreeMap<(u32, u32), NewArticle>) {
    let mut begins: BTreeMap<u32, BTreeSet<Date>> = BTreeMap::new();
    for article in articles.values() {
        begins.entry(article.article).or_default().insert(article.from);
    }
    for article in articles.values_mut() {
        let next = begins.get(&article.article).and_then(|days| days.range(article.from.next()..).next());
        let before = next.map(|next| next.previous());
        article.to = [article.to, before].into_iter().flatten().min();
    }
}

impl Drafts {
    /// What is known so far of a version; from this release on, if it is named for the first time.
    fn draft(&mut self, version: ArticleVersion, release: u16, from: Date) -> &mut Draft {
        self.articles.entry(version).or_insert_with(|| Draft {
            article: NewArticle::new(version.article, version.version, from, None, release),
            dated: None,
            proposed: false,
            held: Held::default(),
        })
    }

    fn take(&mut self, row: &CoverageRow, at: (u16, u32), from: Date, assembly: &mut Assembly) {
        match row {
            CoverageRow::Article { article: version, effective, end, proposed, .. } => {
                let draft = self.draft(*version, at.0, from);
                draft.proposed = *proposed;
                let days = (effective.unwrap_or(from), *end);
                match draft.dated {
                    Some((release, line)) if (draft.article.from, draft.article.to) != days => {
                        let says = |(from, to): (Date, Option<Date>)| format!("{}", DateRange { from, to });
                        let known = (draft.article.from, draft.article.to);
                        let sides = [
                            Side { release, line, says: says(known) },
                            Side { release: at.0, line: at.1, says: says(days) },
                        ];
                        let [first, second] = sides;
                        let about = format!("A{} version {}", version.article, version.version);
                        assembly.conflicts.push(Coverage::NAME, about, first, second);
                    }
                    Some(_) => {}
                    None => {
                        (draft.article.from, draft.article.to) = days;
                        (draft.article.release, draft.dated) = (at.0, Some(at));
                    }
                }
            }
            CoverageRow::Procedure { article, group, code: Some(code), .. } => {
                self.draft(*article, at.0, from).article.procedures.insert((*group, *code));
            }
            CoverageRow::Diagnosis { article, group, code: Some(code), covered, .. } => {
                let own = &mut self.draft(*article, at.0, from).article;
                let list = if *covered { &mut own.covered } else { &mut own.noncovered };
                list.insert((*group, *code));
            }
            CoverageRow::Pairing { article, diagnoses, procedures, with } => {
                let pairing = Pairing { diagnoses: *diagnoses, procedures: *procedures, with: *with };
                self.draft(*article, at.0, from).article.pairings.insert(pairing);
            }
            CoverageRow::Modifier { article, modifier: Some(modifier), .. } => {
                self.draft(*article, at.0, from).article.demands_modifier |= *modifier == MET;
            }
            CoverageRow::BillType { article, code } => {
                let digits: Vec<u8> = code.trim_start_matches('0').bytes().take(2).collect();
                if let [facility @ b'0'..=b'9', care @ b'0'..=b'9'] = digits[..] {
                    let bill_types = &mut self.draft(*article, at.0, from).article.bill_types;
                    bill_types.insert((facility - b'0') * 10 + (care - b'0'));
                }
            }
            CoverageRow::ArticleContractor { article, contractor, .. } => {
                self.draft(*article, at.0, from).held.contractors.insert(*contractor);
            }
            CoverageRow::ArticleState { article, state } => {
                self.draft(*article, at.0, from).held.states.insert(*state);
            }
            CoverageRow::ArticleInState { article, state } => {
                self.draft(*article, at.0, from).article.jurisdictions.extend(Code::parse(state));
            }
            row => {
                self.policies.take(row);
                self.places.take(row);
            }
        }
    }
}
