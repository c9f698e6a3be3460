//! Coverage articles: which diagnoses support which procedures, where and when.
//!
//! The database's tables come in files of their own, so an article is put together from all files that name its version.
//! A version holds from its effective date to its end, or to the day before the next version of the article.

use super::conflicts::Side;
use super::given::{Given, Share};
use super::period::Period;
use super::{Assembly, Part};
use crate::error::CompileError;
use crate::publisher::Publication;
use crate::publisher::coverage::{ArticleVersion, CoverageRow};
use codes::{Code, Date, Modifier};
use codeset::{Coverage, CoverageBuilder, NewArticle, Pairing, SystemId};
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
    /// Contractors and states, by the database's numbers.
    contractors: BTreeSet<u32>,
    states: BTreeSet<u32>,
}

/// What the files say of contractors and states.
#[derive(Default)]
struct Places {
    numbers: BTreeMap<u32, BTreeSet<Code>>,
    /// The states that a contractor serves, with the last day where there is one.
    served: BTreeMap<u32, BTreeSet<(u32, Option<Date>)>>,
    states: BTreeMap<u32, Code>,
}

fn merge(given: &Given<'_>, assembly: &mut Assembly) -> Result<(), CompileError> {
    let (mut drafts, mut places): (BTreeMap<ArticleVersion, Draft>, Places) = Default::default();
    // Files add to what the base has of a version: a table of pairings, say, to articles loaded before.
    let base = given.base().and_then(|base| {
        let systems = base.system(SystemId::Procedure).zip(base.system(SystemId::Diagnosis));
        base.articles().zip(systems).map(|(own, (procedures, diagnoses))| own.to_new(procedures, diagnoses))
    });
    for mut article in base.unwrap_or_default() {
        article.release = given.renumbered(article.release);
        let version = ArticleVersion { article: article.article, version: article.version };
        let (contractors, states) = (BTreeSet::new(), BTreeSet::new());
        drafts.insert(version, Draft { article, dated: None, contractors, states });
    }
    for source in &given.publications(Coverage::NAME) {
        let Publication::Coverage(document) = source.publication else { continue };
        for placed in &document.rows {
            let at = (source.release, placed.line);
            take(&placed.row, at, source.days.from, &mut drafts, &mut places, assembly);
        }
    }
    let mut articles: BTreeMap<(u32, u32), NewArticle> = BTreeMap::new();
    for (ArticleVersion { article: number, version }, draft) in drafts {
        let Draft { mut article, contractors, states, .. } = draft;
        places.hold(&mut article, &contractors, &states);
        // Articles without codes say nothing that could be checked.
        if !article.procedures.is_empty() {
            articles.insert((number, version), article);
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

/// What is known so far of a version; from this release on, if it is named for the first time.
fn draft(
    drafts: &mut BTreeMap<ArticleVersion, Draft>,
    version: ArticleVersion,
    release: u16,
    from: Date,
) -> &mut Draft {
    drafts.entry(version).or_insert_with(|| Draft {
        article: NewArticle::new(version.article, version.version, from, None, release),
        dated: None,
        contractors: BTreeSet::new(),
        states: BTreeSet::new(),
    })
}

fn take(
    row: &CoverageRow,
    at: (u16, u32),
    from: Date,
    drafts: &mut BTreeMap<ArticleVersion, Draft>,
    places: &mut Places,
    assembly: &mut Assembly,
) {
    match row {
        CoverageRow::Article { article: version, effective, end, .. } => {
            let draft = draft(drafts, *version, at.0, from);
            let days = (effective.unwrap_or(from), *end);
            match draft.dated {
                Some((release, line)) if (draft.article.from, draft.article.to) != days => {
                    let says = |(from, to): (Date, Option<Date>)| format!("{}", codes::DateRange { from, to });
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
            draft(drafts, *article, at.0, from).article.procedures.insert((*group, *code));
        }
        CoverageRow::Diagnosis { article, group, code: Some(code), covered, .. } => {
            let own = &mut draft(drafts, *article, at.0, from).article;
            let list = if *covered { &mut own.covered } else { &mut own.noncovered };
            list.insert((*group, *code));
        }
        CoverageRow::Pairing { article, diagnoses, procedures, with } => {
            let pairing = Pairing { diagnoses: *diagnoses, procedures: *procedures, with: *with };
            draft(drafts, *article, at.0, from).article.pairings.insert(pairing);
        }
        CoverageRow::Modifier { article, modifier: Some(modifier), .. } => {
            draft(drafts, *article, at.0, from).article.demands_modifier |= *modifier == MET;
        }
        CoverageRow::BillType { article, code } => {
            let digits: Vec<u8> = code.trim_start_matches('0').bytes().take(2).collect();
            if let [facility @ b'0'..=b'9', care @ b'0'..=b'9'] = digits[..] {
                draft(drafts, *article, at.0, from).article.bill_types.insert((facility - b'0') * 10 + (care - b'0'));
            }
        }
        CoverageRow::ArticleContractor { article, contractor, .. } => {
            draft(drafts, *article, at.0, from).contractors.insert(*contractor);
        }
        CoverageRow::ArticleState { article, state } => {
            draft(drafts, *article, at.0, from).states.insert(*state);
        }
        CoverageRow::ArticleInState { article, state } => {
            draft(drafts, *article, at.0, from).article.jurisdictions.extend(Code::parse(state));
        }
        CoverageRow::Contractor { contractor, number, .. } => {
            places.numbers.entry(*contractor).or_default().extend(Code::parse(number.trim().as_bytes()));
        }
        CoverageRow::Jurisdiction { contractor, state, to, .. } => {
            places.served.entry(*contractor).or_default().insert((*state, *to));
        }
        CoverageRow::State { state, abbreviation } => {
            let letters = abbreviation.len() == 2 && abbreviation.bytes().all(|byte| byte.is_ascii_alphabetic());
            if let Some(code) = Code::parse(abbreviation.as_bytes()).filter(|_| letters) {
                places.states.insert(*state, code);
            }
        }
        // What says that there are no codes, and what leads to other documents.
        CoverageRow::Procedure { code: None, .. }
        | CoverageRow::Diagnosis { code: None, .. }
        | CoverageRow::Modifier { modifier: None, .. }
        | CoverageRow::Revenue { .. }
        | CoverageRow::Related { .. }
        | CoverageRow::National { .. } => {}
    }
}

impl Places {
    /// Gives an article its contractors' numbers, and its states: its own, or else those that its contractors serve
    /// while it holds.
    fn hold(&self, article: &mut NewArticle, contractors: &BTreeSet<u32>, states: &BTreeSet<u32>) {
        let numbers = contractors.iter().filter_map(|contractor| self.numbers.get(contractor)).flatten();
        article.jurisdictions.extend(numbers.copied());
        let from = article.from;
        let served = contractors.iter().filter_map(|contractor| self.served.get(contractor)).flatten();
        let served = served.filter(|(_, to)| to.is_none_or(|to| to >= from)).map(|(state, _)| state);
        let own: Vec<&u32> = if states.is_empty() { served.collect() } else { states.iter().collect() };
        article.jurisdictions.extend(own.into_iter().filter_map(|state| self.states.get(state)).copied());
    }
}
