//! Finds the primary procedures of add-on codes.
//!
//! A professional claim follows the CMS add-on code rules: a primary of the same provider and day, on the claim or on one
//! that came before it in the run. An outpatient institutional claim follows the I/OCE: any line of the bill, on the day or the day before, by whomever; a
//! primary whose code is not valid on its day does not count, nor one that is itself an add-on of type 1 or 3
//! without a primary of its own.

use crate::same_day::{FEW, Giver, Givers};
use crate::{ClaimFacts, Fires, LineFacts, Lookup, Reason, Recorder, Resolver, Unit, px};
use claims::{Field, Given};
use codes::{Code, Date, Npi};
use codeset::flags::could;
use codeset::{Ordinal, Relation, RelationId, SystemId};
use std::collections::BTreeMap;

/// Critical care, each additional 30 minutes. A physician of the group and specialty of the one who reports 99291
/// reports it for the same patient and day without 99291: the only exception from the rule that the primary is by
/// the same practitioner. CR 7501; Medicare Claims Processing Manual ch. 12 §30.6.12.
pub(super) const CRITICAL_CARE_ADDITIONAL: Code = Code::new(b"99292");

/// Bill types (facility and care) that the I/OCE processes without its add-on edits: religious non-medical
/// institutions and community mental health centres. I/OCE specifications, edits applied by bill type.
const NOT_JUDGED: [u8; 2] = [43, 76];

/// Bill types of hospitals that are mostly paid under OPPS, where add-on codes are packaged: the I/OCE raises edits 106 to
/// 108 on them only for hospitals that are not (I/OCE specifications, edits applied by bill type).
const MOSTLY_UNDER_OPPS: [u8; 3] = [12, 13, 14];

/// Days before the add-on's on which the I/OCE takes a primary too.
const DAYS_BEFORE: i32 = 1;

/// The type of an add-on code.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) enum Kind {
    /// Type 1: CMS lists every primary.
    Listed,
    /// Type 2: the contractor says which primaries it takes.
    Contractor,
    /// Type 3: CMS lists some primaries, the contractor may take more.
    Partly,
}

/// The add-on type of a code on a day, and the release that says so.
fn kind(relation: &Relation, ordinal: Ordinal, date: Date) -> Option<(Kind, u16)> {
    let class = relation.links(ordinal).find(|link| link.class.holds_on(date))?.class;
    let kind = match class.value {
        1 => Kind::Listed,
        2 => Kind::Contractor,
        3 => Kind::Partly,
        _ => return None,
    };
    Some((kind, class.release))
}

/// An add-on code at a line, to be judged.
#[derive(Clone, Copy, Debug)]
pub(super) struct AddOn {
    /// The line's place in the claim.
    pub(super) place: u32,
    /// The add-on code.
    pub(super) code: Code,
    /// Its ordinal.
    pub(super) ordinal: Ordinal,
    /// The day of service.
    pub(super) date: Date,
    /// The release that lists it.
    pub(super) release: u16,
}

/// When an add-on edit could have something to report: on an add-on code, or where it cannot be told whether there is
/// one.
pub(super) const FIRES: Fires =
    Fires::procedures(could::ADD_ON).or(Fires::UNDATED_LINE).or(Fires::relation_unanswered(RelationId::AddOn));

/// Evaluates the lines of one add-on type: those that cannot be judged are said to `out`, the others given to
/// `judge` in input order.
pub(super) fn evaluate<'r>(
    claim: &ClaimFacts<'_>,
    out: &mut Recorder<'r>,
    wanted: Kind,
    mut judge: impl FnMut(&mut Recorder<'r>, AddOn, &mut Primaries<'_, '_>),
) {
    let Some(relation) = claim.relation(RelationId::AddOn) else { return };
    let bill = claim.claim.row.bill_type;
    let institutional = claim.is_institutional();
    if institutional
        && matches!(bill, Given::Is(bill) if bill.is_inpatient() || NOT_JUDGED.contains(&bill.facility_and_care()))
    {
        return;
    }
    if claim.day_of_all_lines().is_some_and(|day| !relation.covers(day)) {
        return out.skip_all(Unit::Line, Reason::DateOutsideReleases(relation.id().name()));
    }
    let mut primaries =
        Primaries { claim, relation, givers: Givers::of(claim), all: None, before: None, undated: None };
    for (place, line) in (0u32..).zip(claim.lines) {
        if line.procedure == Lookup::Absent || px::holds_rate_code(claim, line) {
            continue;
        }
        let Some(ordinal) = line.procedure.ordinal() else {
            out.skip_line(place, Reason::CodeNotValid(SystemId::Procedure.name()));
            continue;
        };
        let date = match line.governing_date() {
            Ok(date) if relation.covers(date) => date,
            Ok(_) => {
                out.skip_line(place, Reason::DateOutsideReleases(relation.id().name()));
                continue;
            }
            Err(reason) => {
                out.skip_line(place, reason);
                continue;
            }
        };
        if line.could & could::ADD_ON == 0 {
            continue;
        }
        let Some((own, release)) = kind(relation, ordinal, date) else { continue };
        if own != wanted {
            continue;
        }
        if institutional && !matches!(bill, Given::Is(_)) {
            // An inpatient bill would pass.
            out.skip_line(place, Reason::FieldAbsent(Field::BillType));
            continue;
        }
        judge(out, AddOn { place, code: line.row.procedure, ordinal, date, release }, &mut primaries);
    }
}

/// Answers which add-on codes of a claim have their primaries.
pub(super) struct Primaries<'c, 'f> {
    claim: &'c ClaimFacts<'f>,
    relation: &'f Relation,
    givers: Givers,
    /// What was found for every line, once looking line by line was not enough.
    all: Option<Vec<Answer>>,
    /// The lines of earlier claims, once a line of the claim needed them.
    before: Option<Before>,
    /// Giver and code of the lines whose day is not known, sorted, once it mattered.
    undated: Option<Vec<(Giver, Ordinal)>>,
}

/// The lines of the professional claims that came before in the run, sorted, and what was found among them.
struct Before {
    lines: Vec<BeforeLine>,
    found: BTreeMap<(Date, Ordinal, Giver), Found>,
}

/// Of a line of an earlier claim: day, code, giver, billing provider.
type BeforeLine = (Date, Ordinal, Giver, Option<Npi>);

/// What earlier claims have for an add-on.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
struct Found {
    /// A listed primary.
    primary: bool,
    /// Another procedure.
    other: bool,
}

/// What is found for a line.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
struct Answer {
    /// A listed primary that counts.
    primary: bool,
    /// The first line with a listed primary, whether it counts or not.
    listed: Option<u32>,
    /// Another procedure of the day.
    other: bool,
}

impl Primaries<'_, '_> {
    /// Whether the add-on has a listed primary that counts.
    pub(super) fn has_primary(&mut self, addon: AddOn) -> bool {
        self.has_own_primary(addon) || self.found_before(addon).primary
    }

    fn has_own_primary(&mut self, addon: AddOn) -> bool {
        if self.claim.lines.len() > FEW {
            return self.answer(addon.place).primary;
        }
        let plain = |line: &LineFacts<'_>| !self.claim.is_institutional() || self.counts_plainly(line);
        if self.listed(addon).any(plain) {
            return true;
        }
        // A chain of add-ons may still lead to a primary.
        self.claim.is_institutional() && self.listed(addon).next().is_some() && self.answer(addon.place).primary
    }

    /// Whether the day has another procedure, add-on or not: the lists of CMS name add-on codes as primaries too.
    pub(super) fn has_other(&mut self, addon: AddOn) -> bool {
        self.has_own_other(addon) || self.found_before(addon).other
    }

    fn has_own_other(&mut self, addon: AddOn) -> bool {
        let lines = self.claim.lines;
        if lines.len() > FEW {
            return self.answer(addon.place).other;
        }
        let Some(giver) = self.giver(addon) else { return false };
        lines.iter().any(|line| {
            line.date == Some(addon.date)
                && self.comparable(line) == giver
                && line.procedure.ordinal().is_some_and(|ordinal| ordinal != addon.ordinal)
                && self.is_valid(line)
        })
    }

    /// What the claims before have for the add-on. The I/OCE sees one bill at a time, so institutional claims have none.
    fn found_before(&mut self, addon: AddOn) -> Found {
        let claim = self.claim;
        let Some(giver) = self.giver(addon).filter(|_| !claim.earlier.is_empty() && !claim.is_institutional()) else {
            return Found::default();
        };
        let (givers, relation) = (self.givers, self.relation);
        let before = self.before.get_or_insert_with(|| Before::of(claim, givers));
        let key = (addon.date, addon.ordinal, giver);
        if let Some(&found) = before.found.get(&key) {
            return found;
        }
        let of_day = |day: Date| before.lines.partition_point(|line| line.0 < day);
        let day = before.lines.get(of_day(addon.date)..of_day(addon.date.next())).unwrap_or_default();
        let billing = claim.claim.row.billing_npi.value();
        let mut found = Found::default();
        for &(_, ordinal, other, biller) in day.iter().filter(|line| line.1 != addon.ordinal) {
            // Who is of the group, only the biller tells.
            let of_group = addon.code == CRITICAL_CARE_ADDITIONAL && billing.is_some() && biller == billing;
            let same = other == giver;
            found.other |= same;
            found.primary |= (same || of_group) && relation.on(addon.ordinal, ordinal, addon.date).is_some();
        }
        before.found.insert(key, found);
        found
    }

    /// Why it cannot be told whether a payer asks for a primary at all.
    fn not_asked(&self) -> Option<Reason> {
        let bill = self.claim.claim.row.bill_type.value().filter(|_| self.claim.is_institutional())?;
        let packaged = MOSTLY_UNDER_OPPS.contains(&bill.facility_and_care());
        packaged.then_some(Reason::NotOnClaim("whether its bill is paid under OPPS, which packages add-on codes"))
    }

    /// Why it cannot be told that the add-on fails for want of a listed primary: one is on a line whose day is not known, or
    /// the payer may ask for none.
    pub(super) fn unsure_of_primary(&mut self, addon: AddOn) -> Option<Reason> {
        if let Some(reason) = self.not_asked() {
            return Some(reason);
        }
        let any_provider = !self.claim.is_institutional() && addon.code == CRITICAL_CARE_ADDITIONAL;
        let (giver, relation) = (self.giver(addon)?, self.relation);
        let undated = self.undated();
        let mut listed = relation.links(addon.ordinal).filter(|link| link.class.holds_on(addon.date));
        let found = listed.any(|link| {
            link.target != addon.ordinal
                && if any_provider {
                    undated.iter().any(|&(_, ordinal)| ordinal == link.target)
                } else {
                    undated.binary_search(&(giver, link.target)).is_ok()
                }
        });
        found.then_some(Reason::FieldAbsent(Field::ServiceFrom))
    }

    /// Why it cannot be told that the add-on fails for want of any other procedure: one is on a line whose day is not known,
    /// or the payer may ask for none.
    pub(super) fn unsure_of_other(&mut self, addon: AddOn) -> Option<Reason> {
        if let Some(reason) = self.not_asked() {
            return Some(reason);
        }
        let giver = self.giver(addon)?;
        let undated = self.undated();
        let first = undated.partition_point(|own| own.0 < giver);
        // Of one giver each code is there once.
        let mut of_giver = undated.iter().skip(first).take(2);
        let found = of_giver.any(|&(own, ordinal)| own == giver && ordinal != addon.ordinal);
        found.then_some(Reason::FieldAbsent(Field::ServiceFrom))
    }

    fn undated(&mut self) -> &[(Giver, Ordinal)] {
        if self.undated.is_none() {
            let undated = self.claim.lines.iter().filter(|line| line.date.is_none());
            let undated = undated.filter_map(|line| Some((self.comparable(line), line.procedure.ordinal()?)));
            let mut undated: Vec<(Giver, Ordinal)> = undated.collect();
            undated.sort_unstable();
            undated.dedup();
            self.undated = Some(undated);
        }
        self.undated.as_deref().unwrap_or_default()
    }

    /// The first line with a listed primary, whether it counts or not.
    pub(super) fn first_listed(&mut self, addon: AddOn) -> Option<&LineFacts<'_>> {
        let lines = self.claim.lines;
        if lines.len() > FEW {
            return self.answer(addon.place).listed.and_then(|place| lines.get(place as usize));
        }
        self.listed(addon).next()
    }

    /// The primaries listed on the add-on's day.
    pub(super) fn list(&self, addon: AddOn) -> Vec<Code> {
        let Some(system) = self.claim.system(SystemId::Procedure) else { return Vec::new() };
        self.relation
            .links(addon.ordinal)
            .filter(|link| link.class.holds_on(addon.date) && link.target != addon.ordinal)
            .map(|link| system.code(link.target))
            .collect()
    }

    /// Lines with a listed primary, in the days and of the provider that are looked at.
    fn listed(&self, addon: AddOn) -> impl Iterator<Item = &LineFacts<'_>> {
        let giver = self.giver(addon);
        let any_provider = !self.claim.is_institutional() && addon.code == CRITICAL_CARE_ADDITIONAL;
        self.claim.lines.iter().filter(move |line| {
            let Some((date, ordinal)) = line.date.zip(line.procedure.ordinal()) else { return false };
            let days = addon.date.days() - date.days();
            (0..=self.days_before()).contains(&days)
                && ordinal != addon.ordinal
                && (any_provider || giver == Some(self.comparable(line)))
                && self.relation.on(addon.ordinal, ordinal, addon.date).is_some()
        })
    }

    fn days_before(&self) -> i32 {
        if self.claim.is_institutional() { DAYS_BEFORE } else { 0 }
    }

    fn giver(&self, addon: AddOn) -> Option<Giver> {
        self.claim.lines.get(addon.place as usize).map(|line| self.comparable(line))
    }

    /// The giver, as far as add-on and primary must share it: the I/OCE, which sees one facility's bill, does not
    /// compare rendering providers.
    fn comparable(&self, line: &LineFacts<'_>) -> Giver {
        let giver = self.givers.giver(line);
        if self.claim.is_institutional() { Giver { provider: None, ..giver } } else { giver }
    }

    /// Whether the line's code is valid on its day, where that matters.
    fn is_valid(&self, line: &LineFacts<'_>) -> bool {
        !self.claim.is_institutional() || line.procedure_row.is_some()
    }

    /// Whether an institutional line counts as a primary without looking further.
    fn counts_plainly(&self, line: &LineFacts<'_>) -> bool {
        self.is_valid(line) && !self.needs_primary(line)
    }

    /// Whether the line is itself an add-on of type 1 or 3.
    fn needs_primary(&self, line: &LineFacts<'_>) -> bool {
        if line.could & could::ADD_ON == 0 {
            return false;
        }
        let (Some(date), Some(ordinal)) = (line.date, line.procedure.ordinal()) else { return false };
        kind(self.relation, ordinal, date).is_some_and(|(kind, _)| kind != Kind::Contractor)
    }

    fn answer(&mut self, place: u32) -> Answer {
        if self.all.is_none() {
            self.all = Some(self.answers());
        }
        self.all.as_ref().and_then(|all| all.get(place as usize)).copied().unwrap_or_default()
    }

    /// The answers for all lines. Work is by code and not by line, so that lines which repeat codes do not
    /// multiply it.
    fn answers(&self) -> Vec<Answer> {
        let mut entries: Vec<Entry> = (0u32..)
            .zip(self.claim.lines)
            .filter_map(|(place, line)| {
                let (date, ordinal) = line.date.zip(line.procedure.ordinal())?;
                Some(Entry { giver: self.comparable(line), date, ordinal, line: place })
            })
            .collect();
        entries.sort_unstable();
        let node_of = |run: &[Entry]| {
            let entry = *run.first()?;
            let line = self.claim.lines.get(entry.line as usize)?;
            let needs_primary = self.needs_primary(line);
            Some(Node { entry, lines: run.len(), valid: self.is_valid(line), needs_primary })
        };
        let key = |entry: &Entry| (entry.giver, entry.date, entry.ordinal);
        let nodes: Vec<Node> = entries.chunk_by(|a, b| key(a) == key(b)).filter_map(node_of).collect();
        let edges = self.edges(&nodes);
        let mut listed: Vec<Option<u32>> = vec![None; nodes.len()];
        for edge in &edges {
            if let (Some(first), Some(primary)) = (listed.get_mut(edge.from), nodes.get(edge.to)) {
                *first = Some(first.map_or(primary.entry.line, |line| line.min(primary.entry.line)));
            }
        }
        let primary = self.with_primary(&nodes, &edges);
        let other = with_other(&nodes);

        let mut answers = vec![Answer::default(); self.claim.lines.len()];
        let mut lines = entries.iter();
        for (((node, primary), listed), other) in nodes.iter().zip(primary).zip(listed).zip(other) {
            for entry in lines.by_ref().take(node.lines) {
                if let Some(answer) = answers.get_mut(entry.line as usize) {
                    *answer = Answer { primary, listed, other };
                }
            }
        }
        self.except_critical_care(&mut answers);
        answers
    }

    /// Which add-on codes have a primary that counts; codes that are no add-on count as having one.
    fn with_primary(&self, nodes: &[Node], edges: &[Edge]) -> Vec<bool> {
        if !self.claim.is_institutional() {
            let mut has: Vec<bool> = nodes.iter().map(|node| !node.needs_primary).collect();
            for edge in edges {
                set(&mut has, edge.from);
            }
            return has;
        }
        // The I/OCE looks for a chain within the add-on's day and the one before. So a primary on the day before
        // must itself be satisfied on its own day.
        let counts = |edge: &&Edge| nodes.get(edge.to).is_some_and(|primary| primary.valid);
        let same_day: Vec<Edge> = edges.iter().filter(counts).filter(|edge| edge.days == 0).copied().collect();
        let mut own_day: Vec<bool> = nodes.iter().map(|node| !node.needs_primary).collect();
        follow(&same_day, &mut own_day);
        let mut both_days = own_day.clone();
        for edge in edges.iter().filter(counts).filter(|edge| edge.days != 0 && get(&own_day, edge.to)) {
            set(&mut both_days, edge.from);
        }
        follow(&same_day, &mut both_days);
        both_days
    }

    /// From every add-on to each listed primary that is there.
    fn edges(&self, nodes: &[Node]) -> Vec<Edge> {
        let mut edges = Vec::new();
        for (from, node) in nodes.iter().enumerate().filter(|(_, node)| node.needs_primary) {
            for days in 0..=self.days_before() {
                let day = Date::from_days(node.entry.date.days().saturating_sub(days));
                let low =
                    nodes.partition_point(|other| (other.entry.giver, other.entry.date) < (node.entry.giver, day));
                let count = nodes.get(low..).map_or(0, |rest| {
                    rest.partition_point(|other| (other.entry.giver, other.entry.date) == (node.entry.giver, day))
                });
                let Some(of_day) = nodes.get(low..low + count) else { continue };
                let mut add = |at: usize, other: &Node| {
                    if other.entry.ordinal != node.entry.ordinal {
                        edges.push(Edge { from, to: low + at, days });
                    }
                };
                let links = self.relation.links(node.entry.ordinal);
                if links.size_hint().1.is_some_and(|most| most < of_day.len()) {
                    for link in links.filter(|link| link.class.holds_on(node.entry.date)) {
                        if let Ok(at) = of_day.binary_search_by_key(&link.target, |other| other.entry.ordinal)
                            && let Some(other) = of_day.get(at)
                        {
                            add(at, other);
                        }
                    }
                } else {
                    for (at, other) in of_day.iter().enumerate() {
                        if self.relation.on(node.entry.ordinal, other.entry.ordinal, node.entry.date).is_some() {
                            add(at, other);
                        }
                    }
                }
            }
        }
        edges
    }

    /// 99292 on a professional claim has its primary when 99291 is there on the day, by whomever.
    fn except_critical_care(&self, answers: &mut [Answer]) {
        let lines = self.claim.lines;
        let Some(additional) = lines.iter().find(|line| line.row.procedure == CRITICAL_CARE_ADDITIONAL) else { return };
        let Some(ordinal) = additional.procedure.ordinal().filter(|_| !self.claim.is_institutional()) else { return };
        let primary_on = |line: &LineFacts<'_>| {
            let (date, primary) = line.date.zip(line.procedure.ordinal())?;
            self.relation.on(ordinal, primary, date).map(|_| date)
        };
        let mut days: Vec<Date> = lines.iter().filter_map(primary_on).collect();
        days.sort_unstable();
        for (line, answer) in lines.iter().zip(answers) {
            let on = line.date.is_some_and(|date| days.binary_search(&date).is_ok());
            answer.primary |= line.row.procedure == CRITICAL_CARE_ADDITIONAL && on;
        }
    }
}

impl Before {
    fn of(claim: &ClaimFacts<'_>, givers: Givers) -> Before {
        let (mut codeset, mut lines) = (claim.codeset, Vec::<BeforeLine>::new());
        for earlier in claim.earlier.iter().filter(|earlier| earlier.claim_type == claim.claim_type()) {
            for line in earlier.lines {
                let ordinal = codeset.ordinal(SystemId::Procedure, line.procedure);
                let giver = givers.earlier(claim, earlier, line);
                lines.extend(
                    ordinal.zip(giver).map(|(ordinal, giver)| (line.from, ordinal, giver, earlier.billing_npi)),
                );
            }
        }
        lines.sort_unstable();
        lines.dedup();
        Before { lines, found: BTreeMap::new() }
    }
}

/// A line's code and day. Sorted, the days of one giver stand together, and in them the lines of one code.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug)]
struct Entry {
    giver: Giver,
    date: Date,
    ordinal: Ordinal,
    line: u32,
}

/// Lines of one giver, day and code.
struct Node {
    entry: Entry,
    lines: usize,
    valid: bool,
    needs_primary: bool,
}

/// An add-on and a listed primary so many days before, as places among the nodes.
#[derive(Clone, Copy)]
struct Edge {
    from: usize,
    to: usize,
    days: i32,
}

/// Satisfies every add-on one of whose primaries is satisfied, until nothing changes. Every round satisfies one
/// more link of the longest chain, and a chain is no longer than the table allows.
fn follow(edges: &[Edge], satisfied: &mut [bool]) {
    loop {
        let mut changed = false;
        for edge in edges {
            if !get(satisfied, edge.from) && get(satisfied, edge.to) {
                set(satisfied, edge.from);
                changed = true;
            }
        }
        if !changed {
            return;
        }
    }
}

fn get(flags: &[bool], at: usize) -> bool {
    flags.get(at).copied().unwrap_or(false)
}

fn set(flags: &mut [bool], at: usize) {
    if let Some(flag) = flags.get_mut(at) {
        *flag = true;
    }
}

/// Whether each node's giver and day have another valid code.
fn with_other(nodes: &[Node]) -> Vec<bool> {
    let mut all = Vec::with_capacity(nodes.len());
    for day in nodes.chunk_by(|a, b| (a.entry.giver, a.entry.date) == (b.entry.giver, b.entry.date)) {
        let valid = day.iter().filter(|node| node.valid).count();
        all.extend(day.iter().map(|node| valid > usize::from(node.valid)));
    }
    all
}
