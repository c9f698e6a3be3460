//! Relations between codes: PTP pairs, add-on codes and their primaries, modifier conflicts, successors.

use crate::BuildError;
use crate::bytes::{Bytes, View};
use crate::error::OpenError;
use crate::format::{Directory, SectionWriter};
use crate::reach::{self, Reach};
use crate::system::{Ordinal, SystemId};
use bytemuck::{Pod, Zeroable};
use codes::{Code, Date, DateRange};
use std::collections::BTreeMap;
use std::hint::black_box;
use std::sync::Arc;

/// An entry packs the target's ordinal above its class.
const CLASS_BITS: u32 = 15;
const CLASS_LIMIT: usize = 1 << CLASS_BITS;
const TARGET_LIMIT: usize = 1 << (32 - CLASS_BITS);
const OPEN: i32 = i32::MAX;
/// Entries of a cache line.
const LINE: usize = 64 / size_of::<u32>();
/// The longest list that is touched as a whole before it is searched.
const SHORT: usize = 24 * LINE;

/// The relations that an image may hold.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub enum RelationId {
    /// NCCI PTP, outpatient hospital: column 1 → column 2, value = indicator.
    PtpHospital,
    /// NCCI PTP, practitioner: column 1 → column 2, value = indicator.
    PtpPractitioner,
    /// Add-on code → primary, value = type (1 or 3). A type 2 add-on, which has no listed primaries, points to
    /// itself with value 2. That a type 3 add-on may have further primaries follows from its type alone.
    AddOn,
    /// Modifier → modifier that may not share its line; each pair both ways, value 0.
    ModifierConflict,
    /// Retired diagnosis → the code that replaced it, from the day the class begins, value 0.
    DiagnosisSuccessor,
    /// Diagnosis that has a side → each of its family, itself included, value = [`Side`] of the second.
    DiagnosisSide,
}

/// The side of the body that a diagnosis is of.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
#[repr(u16)]
pub enum Side {
    /// The right.
    Right = 1,
    /// The left.
    Left = 2,
    /// Both.
    Both = 3,
}

impl Side {
    /// The side that a value of [`RelationId::DiagnosisSide`] means.
    pub const fn of(value: u16) -> Option<Side> {
        match value {
            1 => Some(Side::Right),
            2 => Some(Side::Left),
            3 => Some(Side::Both),
            _ => None,
        }
    }
}

impl RelationId {
    /// Every relation.
    pub const ALL: [RelationId; 6] = [
        RelationId::PtpHospital,
        RelationId::PtpPractitioner,
        RelationId::AddOn,
        RelationId::ModifierConflict,
        RelationId::DiagnosisSuccessor,
        RelationId::DiagnosisSide,
    ];

    /// The name that sections, sources and `inspect` use.
    pub const fn name(self) -> &'static str {
        match self {
            RelationId::PtpHospital => "ptp-hospital",
            RelationId::PtpPractitioner => "ptp-practitioner",
            RelationId::AddOn => "add-on",
            RelationId::ModifierConflict => "modifier-conflict",
            RelationId::DiagnosisSuccessor => "icd10cm-successor",
            RelationId::DiagnosisSide => "icd10cm-side",
        }
    }

    /// The system whose codes it relates.
    pub const fn system(self) -> SystemId {
        match self {
            RelationId::PtpHospital | RelationId::PtpPractitioner | RelationId::AddOn => SystemId::Procedure,
            RelationId::ModifierConflict => SystemId::Modifier,
            RelationId::DiagnosisSuccessor | RelationId::DiagnosisSide => SystemId::Diagnosis,
        }
    }

    /// Whether an image keeps the reach of each code: of procedures, since any two of a claim could be a pair.
    fn keeps_reach(self) -> bool {
        self.system() == SystemId::Procedure
    }
}

/// What many pairs of a relation share: their days, value and release. 12 bytes, read in place.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug, Pod, Zeroable)]
#[repr(C)]
pub struct Class {
    from: i32,
    to: i32,
    /// The relation's value: a PTP pair's indicator, an add-on's type.
    pub value: u16,
    /// The release, an index into [`crate::Codeset::releases`].
    pub release: u16,
}

impl Class {
    /// A class of pairs that hold on these days.
    pub fn new(from: Date, to: Option<Date>, value: u16, release: u16) -> Class {
        Class { from: from.days(), to: to.map_or(OPEN, Date::days), value, release }
    }

    /// The days on which the pair holds.
    pub fn days(&self) -> DateRange {
        DateRange { from: Date::from_days(self.from), to: (self.to != OPEN).then(|| Date::from_days(self.to)) }
    }

    /// Whether the pair holds on the day.
    #[inline]
    pub fn holds_on(&self, day: Date) -> bool {
        self.from <= day.days() && day.days() <= self.to
    }
}

/// One pair as found.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Link {
    /// The code that the relation leads to.
    pub target: Ordinal,
    /// Its days, value and release.
    pub class: Class,
}

/// Collects the pairs of one relation for an image.
#[derive(Debug)]
pub struct RelationBuilder {
    id: RelationId,
    classes: BTreeMap<Class, u16>,
    pairs: Vec<(Code, Code, Class)>,
}

impl RelationBuilder {
    /// A relation without pairs.
    pub fn new(id: RelationId) -> RelationBuilder {
        RelationBuilder { id, classes: BTreeMap::new(), pairs: Vec::new() }
    }

    /// The relation's id.
    pub fn id(&self) -> RelationId {
        self.id
    }

    /// Adds a pair.
    pub fn add(&mut self, source: Code, target: Code, class: Class) {
        self.classes.entry(class).or_insert(0);
        self.pairs.push((source, target, class));
    }

    /// The pairs so far.
    pub fn pairs(&self) -> &[(Code, Code, Class)] {
        &self.pairs
    }

    pub(crate) fn write(
        mut self,
        ordinals: &BTreeMap<Code, u32>,
        sections: &mut SectionWriter,
    ) -> Result<(), BuildError> {
        let name = self.id.name();
        let too_many =
            |what: &str, count, limit| BuildError::TooMany { what: format!("{what} of {name}"), count, limit };
        if self.classes.len() > CLASS_LIMIT {
            return Err(too_many("distinct dates and values", self.classes.len(), CLASS_LIMIT));
        }
        if ordinals.len() > TARGET_LIMIT {
            return Err(too_many("codes", ordinals.len(), TARGET_LIMIT));
        }
        for (number, place) in self.classes.values_mut().zip(0u16..) {
            *number = place;
        }
        let mut entries = Vec::with_capacity(self.pairs.len());
        for (source, target, class) in &self.pairs {
            let find = |code: &Code| {
                ordinals.get(code).copied().ok_or(BuildError::UnknownCode {
                    relation: name,
                    code: *code,
                    system: self.id.system().name(),
                })
            };
            let number = self.classes.get(class).copied().unwrap_or_default();
            entries.push((find(source)?, find(target)? << CLASS_BITS | u32::from(number)));
        }
        entries.sort_unstable();
        entries.dedup();
        let mut first = vec![0u32; ordinals.len() + 1];
        for &(source, _) in &entries {
            first[source as usize + 1] += 1;
        }
        for place in 1..first.len() {
            first[place] += first[place - 1];
        }
        if self.id.keeps_reach() {
            let mut reach = vec![0u64; ordinals.len()];
            for &(source, entry) in &entries {
                reach[source as usize] |= reach::even_part(Ordinal(entry >> CLASS_BITS), ordinals.len());
            }
            sections.add(format!("{name}.reach"), &reach);
        }
        let packed: Vec<u32> = entries.into_iter().map(|(_, entry)| entry).collect();
        let classes: Vec<Class> = self.classes.into_keys().collect();
        sections.add(format!("{name}.first"), &first);
        sections.add(format!("{name}.entries"), &packed);
        sections.add(format!("{name}.classes"), &classes);
        Ok(())
    }
}

/// One relation of an image, read in place: for every code the sorted list of codes it leads to.
pub struct Relation {
    id: RelationId,
    first: View<u32>,
    entries: View<u32>,
    classes: View<Class>,
    /// The parts of the system in which each code's targets stand.
    reach: Option<View<u64>>,
    coverage: Vec<DateRange>,
}

impl Relation {
    pub(crate) fn open(
        id: RelationId,
        bytes: &Arc<Bytes>,
        directory: &Directory,
    ) -> Result<Option<Relation>, OpenError> {
        let name = id.name();
        if directory.section(&format!("{name}.entries")).is_none() {
            return Ok(None);
        }
        let reach = if id.keeps_reach() { Some(directory.view(bytes, &format!("{name}.reach"))?) } else { None };
        Ok(Some(Relation {
            id,
            reach,
            first: directory.view(bytes, &format!("{name}.first"))?,
            entries: directory.view(bytes, &format!("{name}.entries"))?,
            classes: directory.view(bytes, &format!("{name}.classes"))?,
            coverage: directory.coverage(name),
        }))
    }

    /// Which relation this is.
    pub fn id(&self) -> RelationId {
        self.id
    }

    /// How many dated pairs there are.
    pub fn len(&self) -> usize {
        self.entries.len()
    }

    /// Whether there are no pairs.
    pub fn is_empty(&self) -> bool {
        self.entries.is_empty()
    }

    /// The days for which the relation's releases answer.
    pub fn coverage(&self) -> &[DateRange] {
        &self.coverage
    }

    /// Whether the relation's releases answer for the day.
    #[inline]
    pub fn covers(&self, day: Date) -> bool {
        self.coverage.iter().any(|range| range.contains(day))
    }

    /// The classes: distinct days, values and releases of the pairs.
    pub fn classes(&self) -> &[Class] {
        &self.classes
    }

    #[inline]
    fn entries_of(&self, source: Ordinal) -> &[u32] {
        match (self.first.get(source.index()), self.first.get(source.index() + 1)) {
            (Some(&from), Some(&to)) => self.entries.get(from as usize..to as usize).unwrap_or_default(),
            _ => &[],
        }
    }

    #[inline]
    fn link(&self, entry: u32) -> Option<Link> {
        let class = *self.classes.get((entry & (CLASS_LIMIT as u32 - 1)) as usize)?;
        Some(Link { target: Ordinal(entry >> CLASS_BITS), class })
    }

    /// All codes that `source` leads to, on any day, in order.
    pub fn links(&self, source: Ordinal) -> impl Iterator<Item = Link> {
        self.entries_of(source).iter().filter_map(|&entry| self.link(entry))
    }

    /// Where the code stands among the pairs of all days. Relations of other systems than procedures do not keep it: there
    /// a code could name any.
    pub fn reach(&self, code: Ordinal) -> Reach {
        let names = match &self.reach {
            Some(reach) => reach.get(code.index()).copied().unwrap_or(0),
            None => u64::MAX,
        };
        Reach { names, named: reach::even_part(code, self.first.len().saturating_sub(1)) }
    }

    /// The pair's class on the day, if it holds then.
    #[inline]
    pub fn on(&self, source: Ordinal, target: Ordinal, day: Date) -> Option<Class> {
        let entries = self.entries_of(source);
        if entries.len() <= SHORT {
            // The steps of a search wait for memory one after another: when all is touched first, the waits pass together.
            black_box(entries.iter().step_by(LINE).fold(0, |seen, entry| seen ^ entry));
        }
        let low = entries.partition_point(|&entry| entry >> CLASS_BITS < target.0);
        entries[low..]
            .iter()
            .take_while(|&&entry| entry >> CLASS_BITS == target.0)
            .filter_map(|&entry| self.link(entry))
            .map(|link| link.class)
            .find(|class| class.holds_on(day))
    }
}
