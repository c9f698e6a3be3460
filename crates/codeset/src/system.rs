//! One code system: codes, their ordinals, dated rows and titles.

use crate::BuildError;
use crate::bytes::{Bytes, View};
use crate::error::OpenError;
use crate::format::{Directory, SectionWriter};
use crate::near::within_one_edit;
use crate::row::Row;
use codes::{Code, CodeKind, Date, DateRange};
use std::collections::BTreeMap;
use std::ops::Range;
use std::sync::Arc;

/// A code's rank in its system's sorted order.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug, Default)]
pub struct Ordinal(pub u32);

impl Ordinal {
    /// As an index.
    #[inline]
    pub const fn index(self) -> usize {
        self.0 as usize
    }
}

/// The code systems that an image may hold.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub enum SystemId {
    /// ICD-10-CM diagnoses.
    Diagnosis,
    /// CPT and HCPCS Level II together: PTP and add-on rows pair codes of both, so they share their ordinals.
    Procedure,
    /// CPT and HCPCS modifiers.
    Modifier,
    /// CMS place-of-service codes.
    PlaceOfService,
    /// NUBC revenue codes.
    Revenue,
    /// NUBC types of bill, of three digits: facility, classification, frequency.
    BillType,
    /// Claim adjustment reason codes (CARC): codes and dates, no texts.
    AdjustmentReason,
    /// Remittance advice remark codes (RARC): codes and dates, no texts.
    RemittanceRemark,
}

impl SystemId {
    /// Every system.
    pub const ALL: [SystemId; 8] = [
        SystemId::Diagnosis,
        SystemId::Procedure,
        SystemId::Modifier,
        SystemId::PlaceOfService,
        SystemId::Revenue,
        SystemId::BillType,
        SystemId::AdjustmentReason,
        SystemId::RemittanceRemark,
    ];

    /// The name that sections, sources and `inspect` use.
    pub const fn name(self) -> &'static str {
        match self {
            SystemId::Diagnosis => "icd10cm",
            SystemId::Procedure => "procedures",
            SystemId::Modifier => "modifiers",
            SystemId::PlaceOfService => "pos",
            SystemId::Revenue => "revenue",
            SystemId::BillType => "bill-type",
            SystemId::AdjustmentReason => "carc",
            SystemId::RemittanceRemark => "rarc",
        }
    }

    /// The part of a release that lists only the codes and modifiers that CMS issues (HCPCS Level II), and so says
    /// nothing of the AMA's.
    pub const fn level_2_part(self) -> Option<&'static str> {
        match self {
            SystemId::Procedure => Some("procedures:level-2"),
            SystemId::Modifier => Some("modifiers:level-2"),
            _ => None,
        }
    }

    /// The part of a release that lists only the AMA's procedure codes (CPT).
    pub const fn cpt_part(self) -> Option<&'static str> {
        match self {
            SystemId::Procedure => Some("procedures:cpt"),
            _ => None,
        }
    }

    /// The system of this name.
    pub fn from_name(name: &str) -> Option<SystemId> {
        Self::ALL.into_iter().find(|id| id.name() == name)
    }

    /// The names of the system's row flags.
    pub const fn flag_names(self) -> &'static [crate::flags::Flag] {
        use crate::flags;
        match self {
            SystemId::Diagnosis => flags::diagnosis::NAMES,
            SystemId::Procedure => flags::procedure::NAMES,
            SystemId::Modifier => flags::modifier::NAMES,
            SystemId::PlaceOfService => flags::place::NAMES,
            SystemId::Revenue => flags::revenue::NAMES,
            SystemId::BillType | SystemId::AdjustmentReason | SystemId::RemittanceRemark => &[],
        }
    }
}

/// Collects the codes of one system for an image.
#[derive(Debug)]
pub struct SystemBuilder {
    id: SystemId,
    codes: BTreeMap<Code, Entry>,
}

#[derive(Debug, Default)]
struct Entry {
    rows: Vec<Row>,
    title: Option<String>,
    could: u32,
}

impl SystemBuilder {
    /// A system without codes.
    pub fn new(id: SystemId) -> SystemBuilder {
        SystemBuilder { id, codes: BTreeMap::new() }
    }

    /// The system's id.
    pub fn id(&self) -> SystemId {
        self.id
    }

    /// Adds a row to a code, and its title if one is given.
    pub fn add(&mut self, code: Code, row: Row, title: Option<&str>) {
        let entry = self.codes.entry(code).or_default();
        entry.rows.push(row);
        if let Some(title) = title {
            entry.title = Some(title.to_owned());
        }
    }

    /// Makes the code known, with no row of its own: a relation names it, but no loaded release lists it.
    pub fn mention(&mut self, code: Code) {
        self.codes.entry(code).or_default();
    }

    /// Gives a title to a code that is already there; says whether it was.
    pub fn title(&mut self, code: Code, title: &str) -> bool {
        match self.codes.get_mut(&code) {
            Some(entry) => {
                entry.title = Some(title.to_owned());
                true
            }
            None => false,
        }
    }

    /// Marks what the engine may conclude from the code alone, see [`crate::flags::could`].
    pub fn could(&mut self, code: Code, bits: u32) {
        if let Some(entry) = self.codes.get_mut(&code) {
            entry.could |= bits;
        }
    }

    /// The codes and their rows so far, in order.
    pub fn rows(&self) -> impl Iterator<Item = (Code, &[Row])> {
        self.codes.iter().map(|(&code, entry)| (code, entry.rows.as_slice()))
    }

    /// The ordinal that the code will have, once no more codes are added.
    pub(crate) fn ordinals(&self) -> BTreeMap<Code, u32> {
        self.codes.keys().copied().zip(0u32..).collect()
    }

    pub(crate) fn write(mut self, sections: &mut SectionWriter) -> Result<(), BuildError> {
        let name = self.id.name();
        let count = self.codes.len();
        if u32::try_from(count).is_err() {
            return Err(BuildError::TooMany { what: format!("codes of {name}"), count, limit: u32::MAX as usize });
        }
        let encode = |detail: String| BuildError::Encode { part: format!("{name}.fst"), detail };
        let mut map = fst::MapBuilder::memory();
        let (mut packed, mut first, mut rows) = (Vec::new(), vec![0u32], Vec::new());
        let (mut title_at, mut titles, mut could) = (vec![0u32], Vec::new(), Vec::new());
        for ((code, entry), ordinal) in self.codes.iter_mut().zip(0u64..) {
            let bytes = code.to_bytes();
            map.insert(&bytes[..code.len()], ordinal).map_err(|error| encode(error.to_string()))?;
            packed.push(code.to_bits());
            entry.rows.sort_by_key(|row| row.days().from);
            for pair in entry.rows.windows(2) {
                if pair[0].days().to.is_none_or(|end| end >= pair[1].days().from) {
                    return Err(BuildError::Overlap {
                        system: name,
                        code: *code,
                        first: pair[0].days().to_string(),
                        second: pair[1].days().to_string(),
                    });
                }
            }
            rows.extend_from_slice(&entry.rows);
            first.push(rows.len() as u32);
            titles.extend_from_slice(entry.title.as_deref().unwrap_or_default().as_bytes());
            title_at.push(titles.len() as u32);
            could.push(entry.could);
        }
        let map = map.into_inner().map_err(|error| encode(error.to_string()))?;
        sections.add(format!("{name}.fst"), &map);
        sections.add(format!("{name}.codes"), &packed);
        sections.add(format!("{name}.first"), &first);
        sections.add(format!("{name}.rows"), &rows);
        sections.add(format!("{name}.could"), &could);
        sections.add(format!("{name}.title_at"), &title_at);
        sections.add(format!("{name}.titles"), &titles);
        Ok(())
    }
}

/// One code system of an image, read in place.
pub struct System {
    id: SystemId,
    map: fst::Map<View<u8>>,
    codes: View<u64>,
    first: View<u32>,
    rows: View<Row>,
    could: View<u32>,
    title_at: View<u32>,
    titles: View<u8>,
    coverage: Vec<DateRange>,
    coverage_level_2: Vec<DateRange>,
    coverage_cpt: Vec<DateRange>,
}

impl System {
    pub(crate) fn open(id: SystemId, bytes: &Arc<Bytes>, directory: &Directory) -> Result<Option<System>, OpenError> {
        let name = id.name();
        if directory.section(&format!("{name}.fst")).is_none() {
            return Ok(None);
        }
        let map_part = format!("{name}.fst");
        let map = fst::Map::new(directory.view::<u8>(bytes, &map_part)?)
            .map_err(|error| OpenError::Inconsistent { part: map_part, detail: error.to_string() })?;
        let system = System {
            id,
            map,
            codes: directory.view(bytes, &format!("{name}.codes"))?,
            first: directory.view(bytes, &format!("{name}.first"))?,
            rows: directory.view(bytes, &format!("{name}.rows"))?,
            could: directory.view(bytes, &format!("{name}.could"))?,
            title_at: directory.view(bytes, &format!("{name}.title_at"))?,
            titles: directory.view(bytes, &format!("{name}.titles"))?,
            coverage: directory.coverage(name),
            coverage_level_2: id.level_2_part().map_or_else(Vec::new, |part| directory.coverage_of_any(&[name, part])),
            coverage_cpt: id.cpt_part().map_or_else(Vec::new, |part| directory.coverage_of_any(&[name, part])),
        };
        let count = system.codes.len();
        let fits = system.map.len() == count
            && system.first.len() == count + 1
            && system.could.len() == count
            && system.title_at.len() == count + 1;
        if !fits {
            return Err(OpenError::Inconsistent {
                part: name.to_owned(),
                detail: format!("sections disagree on the number of codes ({count})"),
            });
        }
        Ok(Some(system))
    }

    /// Which system this is.
    pub fn id(&self) -> SystemId {
        self.id
    }

    /// How many codes there are, headers included.
    pub fn len(&self) -> usize {
        self.codes.len()
    }

    /// Whether there are no codes.
    pub fn is_empty(&self) -> bool {
        self.codes.is_empty()
    }

    /// How many dated rows there are.
    pub fn row_count(&self) -> usize {
        self.rows.len()
    }

    /// The days for which the system's releases answer, in order and apart. On other days a code's validity
    /// is not known.
    pub fn coverage(&self) -> &[DateRange] {
        &self.coverage
    }

    /// Whether the system's releases answer for the day.
    #[inline]
    pub fn covers(&self, day: Date) -> bool {
        self.coverage.iter().any(|range| range.contains(day))
    }

    /// The days for which the system's releases answer for this code. CMS and the AMA publish codes of the procedure and
    /// modifier systems apart, so on some days only one of them may be known.
    #[inline]
    pub fn coverage_of(&self, code: Code) -> &[DateRange] {
        match self.id {
            SystemId::Procedure => match code.procedure_kind() {
                Some(CodeKind::HcpcsLevel2) if code.at(0) != b'D' => &self.coverage_level_2,
                // Codes of proprietary laboratory analyses are published apart, and D codes, the ADA's, by nobody else.
                Some(kind) if kind.is_cpt() && kind != CodeKind::CptPla => &self.coverage_cpt,
                _ => &self.coverage,
            },
            // The AMA's modifiers are of two digits, P and a digit (anesthesia), or a digit and P (category II).
            SystemId::Modifier if code.at(0).is_ascii_uppercase() && !code.at(1).is_ascii_digit() => {
                &self.coverage_level_2
            }
            SystemId::Modifier if code.at(0).is_ascii_uppercase() && code.at(0) != b'P' => &self.coverage_level_2,
            _ => &self.coverage,
        }
    }

    /// Whether the system's releases answer for this code on the day.
    #[inline]
    pub fn covers_code(&self, code: Code, day: Date) -> bool {
        self.coverage_of(code).iter().any(|range| range.contains(day))
    }

    /// The code's ordinal, by the FST.
    #[inline]
    pub fn ordinal(&self, code: Code) -> Option<Ordinal> {
        if code.is_empty() {
            return None;
        }
        let bytes = code.to_bytes();
        let ordinal = self.map.get(&bytes[..code.len()])? as usize;
        // A second opinion that costs one read: never a wrong answer from a damaged map opened as trusted.
        (self.codes.get(ordinal).copied() == Some(code.to_bits())).then_some(Ordinal(ordinal as u32))
    }

    /// The code of an ordinal; [`Code::ABSENT`] when there is none.
    #[inline]
    pub fn code(&self, ordinal: Ordinal) -> Code {
        self.codes.get(ordinal.index()).map_or(Code::ABSENT, |&bits| Code::from_bits(bits))
    }

    /// All rows of a code, in order of their days. Empty when a table mentions the code but no release lists it.
    #[inline]
    pub fn rows(&self, ordinal: Ordinal) -> &[Row] {
        match (self.first.get(ordinal.index()), self.first.get(ordinal.index() + 1)) {
            (Some(&from), Some(&to)) => self.rows.get(from as usize..to as usize).unwrap_or_default(),
            _ => &[],
        }
    }

    /// The code's row on a day.
    #[inline]
    pub fn row_on(&self, ordinal: Ordinal, day: Date) -> Option<&Row> {
        self.rows(ordinal).iter().find(|row| row.holds_on(day))
    }

    /// The place of the code's row on a day among all rows, for [`System::row_at`].
    #[inline]
    pub fn place_on(&self, ordinal: Ordinal, day: Date) -> Option<u32> {
        let place = self.rows(ordinal).iter().position(|row| row.holds_on(day))?;
        Some(self.first.get(ordinal.index())? + place as u32)
    }

    /// The row at a place that [`System::place_on`] gave.
    #[inline]
    pub fn row_at(&self, place: u32) -> Option<&Row> {
        self.rows.get(place as usize)
    }

    /// What the engine may conclude from the code alone, see [`crate::flags::could`].
    #[inline]
    pub fn could(&self, ordinal: Ordinal) -> u32 {
        self.could.get(ordinal.index()).copied().unwrap_or(0)
    }

    /// The code's title, if the image has one.
    pub fn title(&self, ordinal: Ordinal) -> Option<&str> {
        let (from, to) = (self.title_at.get(ordinal.index())?, self.title_at.get(ordinal.index() + 1)?);
        let text = std::str::from_utf8(self.titles.get(*from as usize..*to as usize)?).ok()?;
        (!text.is_empty()).then_some(text)
    }

    /// Whether the image has a title of the code.
    pub fn has_title(&self, ordinal: Ordinal) -> bool {
        self.title_at.get(ordinal.index()..).is_some_and(|at| matches!(at, [from, to, ..] if from < to))
    }

    /// The ordinals of all codes that begin with `prefix`, the prefix itself included when it is a code.
    pub fn prefix(&self, prefix: Code) -> Range<u32> {
        let low = self.codes.partition_point(|&bits| bits < prefix.to_bits());
        let high = self.codes[low..].partition_point(|&bits| Code::from_bits(bits).starts_with(prefix)) + low;
        low as u32..high as u32
    }

    /// The ordinals of all codes below this one in the hierarchy.
    pub fn descendants(&self, ordinal: Ordinal) -> Range<u32> {
        let range = self.prefix(self.code(ordinal));
        (ordinal.0 + 1).min(range.end)..range.end
    }

    /// Up to `most` codes within one edit (a character changed, added or left out) of `code`, those that may
    /// be reported on `day` only, the ones sharing the longest beginning first.
    pub fn near(&self, code: Code, day: Option<Date>, most: usize) -> Vec<Code> {
        if code.is_empty() {
            return Vec::new();
        }
        let candidate = |value| {
            let ordinal = Ordinal(value as u32);
            let reportable = match day {
                Some(day) => self.row_on(ordinal, day).is_some_and(Row::is_billable),
                None => self.rows(ordinal).iter().any(Row::is_billable),
            };
            Some(self.code(ordinal)).filter(|&candidate| reportable && candidate != code)
        };
        let mut found: Vec<Code> = within_one_edit(self.map.as_fst(), code).into_iter().filter_map(candidate).collect();
        let shared = |candidate: &Code| (0..8).take_while(|&place| candidate.at(place) == code.at(place)).count();
        found.sort_by_key(|candidate| (std::cmp::Reverse(shared(candidate)), *candidate));
        found.dedup();
        found.truncate(most);
        found
    }

    /// Every code with its ordinal, in order.
    pub fn iter(&self) -> impl Iterator<Item = (Ordinal, Code)> {
        self.codes.iter().zip(0u32..).map(|(&bits, ordinal)| (Ordinal(ordinal), Code::from_bits(bits)))
    }
}
