//! Coverage articles: which diagnoses support which procedures, for which contractors and states, and when.
//!
//! An article has groups of procedures and groups of diagnoses, the latter covered or not. Which of the one are for
//! which of the other its prose says. Where that is not known as facts, all covered groups count for every procedure of
//! the article: that may let a pair stand that the contractor denies, and never the other way round.
//!
//! An article may leave its procedures to the policy that it belongs to. Those are in it as [`Coverage::OF_POLICY`], and
//! which of its diagnoses are for which of them is not known.

use crate::BuildError;
use crate::basis::Basis;
use crate::bytes::{Bytes, View};
use crate::error::OpenError;
use crate::format::{Directory, SectionWriter};
use crate::system::{Ordinal, System};
use bytemuck::{Pod, Zeroable};
use codes::{Code, Date, DateRange};
use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

const OPEN: i32 = i32::MAX;
const DEMANDS_MODIFIER: u32 = 1;
const SEVERAL_GROUPS: u32 = 2;

/// Which covered diagnoses are for which procedures of an article.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub struct Pairing {
    /// The group of covered diagnoses.
    pub diagnoses: u32,
    /// The group of procedures that they support.
    pub procedures: u32,
    /// The group of which a diagnosis must be there too, if one must.
    pub with: Option<u32>,
}

/// One version of an article, for an image that is being built.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct NewArticle {
    /// Its number: 56781 of A56781.
    pub article: u32,
    /// Its version.
    pub version: u32,
    /// The first day.
    pub from: Date,
    /// The last day.
    pub to: Option<Date>,
    /// The release, an index into [`crate::Codeset::releases`].
    pub release: u16,
    /// The contractors' numbers and the states' abbreviations for which it holds.
    pub jurisdictions: BTreeSet<Code>,
    /// The first two digits of the types of bill for which it holds; none when it names none.
    pub bill_types: BTreeSet<u8>,
    /// Procedures, with their groups.
    pub procedures: BTreeSet<(u32, Code)>,
    /// Diagnoses that support, with their groups.
    pub covered: BTreeSet<(u32, Code)>,
    /// Diagnoses that do not, with their groups.
    pub noncovered: BTreeSet<(u32, Code)>,
    /// Which groups belong together. None when that is not known.
    pub pairings: BTreeSet<Pairing>,
    /// It asks for a modifier that says whether its requirements are met.
    pub demands_modifier: bool,
    /// The policies and national determinations that it carries out.
    pub bases: BTreeSet<Basis>,
}

impl NewArticle {
    /// A version without codes.
    pub fn new(article: u32, version: u32, from: Date, to: Option<Date>, release: u16) -> NewArticle {
        NewArticle {
            article,
            version,
            from,
            to,
            release,
            jurisdictions: BTreeSet::new(),
            bill_types: BTreeSet::new(),
            procedures: BTreeSet::new(),
            covered: BTreeSet::new(),
            noncovered: BTreeSet::new(),
            pairings: BTreeSet::new(),
            demands_modifier: false,
            bases: BTreeSet::new(),
        }
    }
}

/// An article as the image has it, read in place. Ranges are places in other sections.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Pod, Zeroable)]
#[repr(C)]
struct Entry {
    article: u32,
    version: u32,
    from: i32,
    to: i32,
    release: u32,
    flags: u32,
    covered: Slice,
    noncovered: Slice,
    jurisdictions: Slice,
    bill_types: Slice,
    pairings: Slice,
    bases: Slice,
}

/// Places from the first to before the end.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug, Pod, Zeroable)]
#[repr(C)]
struct Slice {
    first: u32,
    end: u32,
}

impl Slice {
    fn of<T>(self, all: &[T]) -> &[T] {
        all.get(self.first as usize..self.end as usize).unwrap_or_default()
    }
}

/// Diagnoses of one group, by ordinal.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug, Pod, Zeroable)]
#[repr(C)]
struct Member {
    group: u32,
    code: u32,
}

/// A pairing; group 0 stands for none.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug, Pod, Zeroable)]
#[repr(C)]
struct Pair {
    procedures: u32,
    diagnoses: u32,
    with: u32,
    required: u32,
}

/// Collects articles for an image.
#[derive(Default, Debug)]
pub struct CoverageBuilder {
    articles: BTreeMap<(u32, u32), NewArticle>,
}

impl CoverageBuilder {
    /// No articles.
    pub fn new() -> CoverageBuilder {
        CoverageBuilder::default()
    }

    /// Adds a version of an article in the place of the same, if it is there.
    pub fn add(&mut self, article: NewArticle) {
        self.articles.insert((article.article, article.version), article);
    }

    /// Whether there are none.
    pub fn is_empty(&self) -> bool {
        self.articles.is_empty()
    }

    /// Writes the articles over the codes of the two systems. A diagnosis that no loaded release lists cannot be on a
    /// claim as a valid one, and is left out; a procedure must be there.
    pub(crate) fn write(
        self,
        procedures: &BTreeMap<Code, u32>,
        diagnoses: &BTreeMap<Code, u32>,
        sections: &mut SectionWriter,
    ) -> Result<(), BuildError> {
        let mut entries = Vec::new();
        let mut of_procedure: Vec<(u32, u32, u32)> = Vec::new();
        let (mut members, mut places, mut bills, mut pairs) = (Vec::new(), Vec::new(), Vec::new(), Vec::new());
        let mut bases: Vec<u64> = Vec::new();
        for (article, number) in self.articles.into_values().zip(0u32..) {
            for &(group, code) in &article.procedures {
                let system = crate::SystemId::Procedure.name();
                let unknown = BuildError::UnknownCode { relation: NAME, code, system };
                of_procedure.push((*procedures.get(&code).ok_or(unknown)?, number, group));
            }
            let mut listed = |codes: &BTreeSet<(u32, Code)>| {
                let known = codes
                    .iter()
                    .filter_map(|(group, code)| Some(Member { group: *group, code: *diagnoses.get(code)? }));
                // By code, so that a code is found by searching.
                let mut found: Vec<Member> = known.collect();
                found.sort_unstable_by_key(|member| (member.code, member.group));
                append(&mut members, found)
            };
            let (covered, noncovered) = (listed(&article.covered), listed(&article.noncovered));
            let pair = |pairing: &Pairing| Pair {
                procedures: pairing.procedures,
                diagnoses: pairing.diagnoses,
                with: pairing.with.unwrap_or(0),
                required: u32::from(pairing.with.is_some()),
            };
            let mut own: Vec<Pair> = article.pairings.iter().map(pair).collect();
            own.sort_unstable();
            let groups: BTreeSet<u32> = article.procedures.iter().map(|&(group, _)| group).collect();
            let several = if groups.len() > 1 { SEVERAL_GROUPS } else { 0 };
            entries.push(Entry {
                article: article.article,
                version: article.version,
                from: article.from.days(),
                to: article.to.map_or(OPEN, Date::days),
                release: u32::from(article.release),
                flags: several | if article.demands_modifier { DEMANDS_MODIFIER } else { 0 },
                covered,
                noncovered,
                jurisdictions: append(&mut places, article.jurisdictions.iter().map(|code| code.to_bits()).collect()),
                bill_types: append(&mut bills, article.bill_types.iter().copied().collect()),
                pairings: append(&mut pairs, own),
                bases: append(&mut bases, article.bases.iter().map(|basis| basis.to_bits()).collect()),
            });
        }
        for (what, count) in [("articles", entries.len()), ("diagnoses of articles", members.len())] {
            if u32::try_from(count).is_err() {
                return Err(BuildError::TooMany { what: what.to_owned(), count, limit: u32::MAX as usize });
            }
        }
        of_procedure.sort_unstable();
        let mut first = vec![0u32; procedures.len() + 1];
        for &(procedure, ..) in &of_procedure {
            first[procedure as usize + 1] += 1;
        }
        for place in 1..first.len() {
            first[place] += first[place - 1];
        }
        let listed: Vec<[u32; 2]> = of_procedure.into_iter().map(|(_, number, group)| [number, group]).collect();
        let all: BTreeSet<u64> = places.iter().copied().collect();
        sections.add(format!("{NAME}.first"), &first);
        sections.add(format!("{NAME}.of"), &listed);
        sections.add(format!("{NAME}.articles"), &entries);
        sections.add(format!("{NAME}.members"), &members);
        sections.add(format!("{NAME}.places"), &places);
        sections.add(format!("{NAME}.all_places"), &all.into_iter().collect::<Vec<u64>>());
        sections.add(format!("{NAME}.bills"), &bills);
        sections.add(format!("{NAME}.pairs"), &pairs);
        sections.add(format!("{NAME}.bases"), &bases);
        Ok(())
    }
}

/// Appends, and says where.
fn append<T>(all: &mut Vec<T>, own: Vec<T>) -> Slice {
    let first = all.len() as u32;
    all.extend(own);
    Slice { first, end: all.len() as u32 }
}

/// The name that sections, sources and `inspect` use.
const NAME: &str = Coverage::NAME;

/// The articles of an image, read in place.
pub struct Coverage {
    first: View<u32>,
    of: View<[u32; 2]>,
    articles: View<Entry>,
    members: View<Member>,
    places: View<u64>,
    all_places: View<u64>,
    bills: View<u8>,
    pairs: View<Pair>,
    bases: View<u64>,
    coverage: Vec<DateRange>,
}

impl Coverage {
    /// The name that sections, sources and `inspect` use.
    pub const NAME: &'static str = "coverage";
    /// The group of procedures that not the article names, but the policy that it belongs to.
    pub const OF_POLICY: u32 = u32::MAX;

    pub(crate) fn open(
        bytes: &Arc<Bytes>,
        directory: &Directory,
        procedures: usize,
    ) -> Result<Option<Coverage>, OpenError> {
        if directory.section(&format!("{NAME}.articles")).is_none() {
            return Ok(None);
        }
        let coverage = Coverage {
            first: directory.view(bytes, &format!("{NAME}.first"))?,
            of: directory.view(bytes, &format!("{NAME}.of"))?,
            articles: directory.view(bytes, &format!("{NAME}.articles"))?,
            members: directory.view(bytes, &format!("{NAME}.members"))?,
            places: directory.view(bytes, &format!("{NAME}.places"))?,
            all_places: directory.view(bytes, &format!("{NAME}.all_places"))?,
            bills: directory.view(bytes, &format!("{NAME}.bills"))?,
            pairs: directory.view(bytes, &format!("{NAME}.pairs"))?,
            bases: directory.view(bytes, &format!("{NAME}.bases"))?,
            coverage: directory.coverage(NAME),
        };
        if coverage.first.len() != procedures + 1 {
            let detail = format!("articles for {} procedures of {procedures}", coverage.first.len());
            return Err(OpenError::Inconsistent { part: NAME.to_owned(), detail });
        }
        Ok(Some(coverage))
    }

    /// How many versions of articles there are.
    pub fn len(&self) -> usize {
        self.articles.len()
    }

    /// Whether there are none.
    pub fn is_empty(&self) -> bool {
        self.articles.is_empty()
    }

    /// The days for which the loaded articles are known; each has its own.
    pub fn coverage(&self) -> &[DateRange] {
        &self.coverage
    }

    /// Whether any article holds for the contractor of this number, or the state of this abbreviation.
    #[inline]
    pub fn knows(&self, jurisdiction: Code) -> bool {
        self.all_places.binary_search(&jurisdiction.to_bits()).is_ok()
    }

    /// The articles that the procedure is in, on all days and everywhere, with its group in each. A procedure that is
    /// in several groups of an article is there once for each.
    pub fn of(&self, procedure: Ordinal) -> impl Iterator<Item = (Article<'_>, u32)> {
        let listed = match (self.first.get(procedure.index()), self.first.get(procedure.index() + 1)) {
            (Some(&from), Some(&to)) => self.of.get(from as usize..to as usize).unwrap_or_default(),
            _ => &[],
        };
        listed.iter().filter_map(|&[number, group]| {
            Some((Article { entry: self.articles.get(number as usize)?, coverage: self }, group))
        })
    }

    /// Whether a loaded version of the article of this number is in force on the day.
    pub fn has_version_on(&self, article: u32, date: Date) -> bool {
        let first = self.articles.partition_point(|entry| entry.article < article);
        let mut versions = self.iter().skip(first).take_while(|version| version.number() == article);
        versions.any(|version| version.days().contains(date))
    }

    /// Every version of every article, in order.
    pub fn iter(&self) -> impl Iterator<Item = Article<'_>> {
        self.articles.iter().map(|entry| Article { entry, coverage: self })
    }

    /// The articles as they could be put into another image.
    pub fn to_new(&self, procedures: &System, diagnoses: &System) -> Vec<NewArticle> {
        let mut found: Vec<NewArticle> = self.iter().map(|article| article.to_new(diagnoses)).collect();
        for (ordinal, code) in procedures.iter() {
            for (article, group) in self.of(ordinal) {
                let key = |own: &NewArticle| (own.article, own.version);
                if let Ok(place) = found.binary_search_by_key(&(article.number(), article.version()), key) {
                    found[place].procedures.insert((group, code));
                }
            }
        }
        found
    }
}

/// A version of an article.
#[derive(Clone, Copy)]
pub struct Article<'c> {
    entry: &'c Entry,
    coverage: &'c Coverage,
}

impl<'c> Article<'c> {
    /// Its number: 56781 of A56781.
    pub fn number(self) -> u32 {
        self.entry.article
    }

    /// Its version.
    pub fn version(self) -> u32 {
        self.entry.version
    }

    /// The days on which it holds.
    pub fn days(self) -> DateRange {
        let Entry { from, to, .. } = *self.entry;
        DateRange { from: Date::from_days(from), to: (to != OPEN).then(|| Date::from_days(to)) }
    }

    /// The release that it is from, an index into [`crate::Codeset::releases`].
    pub fn release(self) -> u16 {
        self.entry.release as u16
    }

    /// Whether it holds for the contractor of this number, or the state of this abbreviation.
    #[inline]
    pub fn holds_in(self, jurisdiction: Code) -> bool {
        self.entry.jurisdictions.of(&self.coverage.places).binary_search(&jurisdiction.to_bits()).is_ok()
    }

    /// Whether it holds for types of bill that begin with these two digits: all, where it names none.
    pub fn holds_for_bill(self, facility_and_care: u8) -> bool {
        let own = self.entry.bill_types.of(&self.coverage.bills);
        own.is_empty() || own.contains(&facility_and_care)
    }

    /// It asks for a modifier that says whether its requirements are met.
    pub fn demands_modifier(self) -> bool {
        self.entry.flags & DEMANDS_MODIFIER != 0
    }

    /// The policies and national determinations that it carries out.
    pub fn bases(self) -> impl Iterator<Item = Basis> + use<'c> {
        self.entry.bases.of(&self.coverage.bases).iter().filter_map(|&bits| Basis::from_bits(bits))
    }

    /// Whether it says which diagnoses support the procedures of a group.
    pub fn lists_covered(self, procedures: u32) -> bool {
        let covered = self.entry.covered.of(&self.coverage.members);
        let pairs = self.pairs();
        if pairs.is_empty() {
            return !covered.is_empty();
        }
        pairs.iter().any(|pair| pair.procedures == procedures)
    }

    /// Whether its procedures are in several groups, so that a list of diagnoses need not be for all of them.
    pub fn has_several_groups(self) -> bool {
        self.entry.flags & SEVERAL_GROUPS != 0
    }

    /// Whether the diagnoses of a line support a procedure of the group: one of a covered group, and one of the group
    /// that must be there too, where one must.
    pub fn supports(self, procedures: u32, diagnoses: impl Iterator<Item = Ordinal> + Clone) -> bool {
        let pairs = self.pairs();
        if pairs.is_empty() {
            return { diagnoses }.any(|code| self.groups(self.entry.covered, code).next().is_some());
        }
        let has =
            |group: u32| diagnoses.clone().any(|code| self.groups(self.entry.covered, code).any(|own| own == group));
        let own = pairs.iter().filter(|pair| pair.procedures == procedures);
        { own }.any(|pair| has(pair.diagnoses) && (pair.required == 0 || has(pair.with)))
    }

    /// Whether a list of diagnoses that are not covered has the code.
    pub fn denies(self, diagnosis: Ordinal) -> bool {
        self.groups(self.entry.noncovered, diagnosis).next().is_some()
    }

    /// The groups of a list that have the code.
    fn groups(self, list: Slice, code: Ordinal) -> impl Iterator<Item = u32> {
        let members = list.of(&self.coverage.members);
        let low = members.partition_point(|member| member.code < code.0);
        members[low..].iter().take_while(move |member| member.code == code.0).map(|member| member.group)
    }

    fn pairs(self) -> &'c [Pair] {
        self.entry.pairings.of(&self.coverage.pairs)
    }

    fn to_new(self, diagnoses: &System) -> NewArticle {
        let codes = |list: Slice| {
            let members = list.of(&self.coverage.members).iter();
            members.map(|member| (member.group, diagnoses.code(Ordinal(member.code)))).collect()
        };
        let places = self.entry.jurisdictions.of(&self.coverage.places);
        let pairing = |pair: &Pair| Pairing {
            diagnoses: pair.diagnoses,
            procedures: pair.procedures,
            with: (pair.required != 0).then_some(pair.with),
        };
        let days = self.days();
        NewArticle {
            jurisdictions: places.iter().map(|&bits| Code::from_bits(bits)).collect(),
            bill_types: self.entry.bill_types.of(&self.coverage.bills).iter().copied().collect(),
            covered: codes(self.entry.covered),
            noncovered: codes(self.entry.noncovered),
            pairings: self.pairs().iter().map(pairing).collect(),
            demands_modifier: self.demands_modifier(),
            bases: self.bases().collect(),
            ..NewArticle::new(self.number(), self.version(), days.from, days.to, self.release())
        }
    }
}

impl std::fmt::Debug for Article<'_> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let (number, version, days) = (self.number(), self.version(), self.days());
        f.debug_struct("Article").field("number", &number).field("version", &version).field("days", &days).finish()
    }
}
