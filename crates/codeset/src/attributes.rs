//! What edit tables say of one procedure code: unit limits, fee schedule indicators, coverage. Dated rows of a fixed
//! width, found by the code's ordinal.

use crate::BuildError;
use crate::bytes::{Bytes, View};
use crate::error::OpenError;
use crate::flags::could;
use crate::format::{Directory, SectionWriter};
use crate::system::{Ordinal, SystemId};
use bytemuck::{Pod, Zeroable};
use codes::{Code, Date, DateRange, Modifier};
use std::collections::BTreeMap;
use std::sync::Arc;

const OPEN: i32 = i32::MAX;

/// The tables of attributes that an image may hold, all of the procedure system's codes.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub enum AttributeId {
    /// NCCI medically unlikely edits of practitioners and ambulatory surgery centres: [`Mue`].
    MuePractitioner,
    /// NCCI medically unlikely edits of outpatient hospitals: [`Mue`].
    MueHospital,
    /// NCCI medically unlikely edits of suppliers of durable medical equipment: [`Mue`].
    MueDme,
    /// Indicators of the Medicare Physician Fee Schedule, of the whole code and of its components: [`FeeIndicators`].
    FeeSchedule,
    /// What the HCPCS Level II file says of a code beside its validity: [`HcpcsFacts`].
    HcpcsFacts,
    /// Tests of the Clinical Laboratory Fee Schedule; a row with the modifier QW is of a test waived under CLIA. The
    /// value's first byte is the rate's indicator: N, national; L, the contractor's.
    LabTest,
    /// Codes that stand for what has no code of its own. They have no value.
    Unlisted,
}

impl AttributeId {
    /// Every table of attributes.
    pub const ALL: [AttributeId; 7] = [
        AttributeId::MuePractitioner,
        AttributeId::MueHospital,
        AttributeId::MueDme,
        AttributeId::FeeSchedule,
        AttributeId::HcpcsFacts,
        AttributeId::LabTest,
        AttributeId::Unlisted,
    ];

    /// The name that sections, sources and `inspect` use.
    pub const fn name(self) -> &'static str {
        match self {
            AttributeId::MuePractitioner => "mue-practitioner",
            AttributeId::MueHospital => "mue-hospital",
            AttributeId::MueDme => "mue-dme",
            AttributeId::FeeSchedule => "fee-schedule",
            AttributeId::HcpcsFacts => "hcpcs-facts",
            AttributeId::LabTest => "lab-tests",
            AttributeId::Unlisted => "unlisted-codes",
        }
    }

    /// What a row's value says, in words: `2 units, indicator 3`.
    pub fn words(self, value: [u8; 8]) -> String {
        let letter = |byte: u8| if byte.is_ascii_graphic() { char::from(byte) } else { '-' };
        match self {
            AttributeId::MuePractitioner | AttributeId::MueHospital | AttributeId::MueDme => Mue::from_value(value)
                .map_or_else(String::new, |Mue { units, scope }| format!("{units} units, indicator {}", scope as u8)),
            AttributeId::FeeSchedule => FeeIndicators::from_value(value).map_or_else(String::new, |fees| {
                let [status, pc_tc, multiple, bilateral, assistant, co_surgeons, team] = [
                    fees.status,
                    fees.pc_tc,
                    fees.multiple,
                    fees.bilateral,
                    fees.assistant,
                    fees.co_surgeons,
                    fees.team,
                ]
                .map(letter);
                let global = fees.global.as_str();
                format!(
                    "status {status}, PC/TC {pc_tc}, global {global}, multiple {multiple}, bilateral {bilateral}, \
                     assistant {assistant}, co-surgeons {co_surgeons}, team {team}"
                )
            }),
            AttributeId::HcpcsFacts => format!("coverage {}", letter(value[0])),
            AttributeId::LabTest => format!("rate {}", letter(value[0])),
            AttributeId::Unlisted => String::new(),
        }
    }

    /// The bit of [`could`] that every code with a row of this table has.
    pub const fn could(self) -> u32 {
        match self {
            AttributeId::MuePractitioner => could::MUE_PRACTITIONER,
            AttributeId::MueHospital => could::MUE_HOSPITAL,
            AttributeId::MueDme => could::MUE_DME,
            AttributeId::FeeSchedule => could::FEE_SCHEDULE,
            AttributeId::HcpcsFacts => could::HCPCS_FACTS,
            AttributeId::LabTest => could::LAB_TEST,
            AttributeId::Unlisted => could::UNLISTED,
        }
    }
}

/// What a table says of a code during one closed interval of days: 20 bytes, fixed, read in place.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug, Pod, Zeroable)]
#[repr(C)]
pub struct Attribute {
    modifier: [u8; 2],
    /// The release, an index into [`crate::Codeset::releases`].
    pub release: u16,
    from: i32,
    to: i32,
    /// The table's own content, see the types that [`AttributeId`] names.
    pub value: [u8; 8],
}

impl Attribute {
    /// A row of these days. `modifier` is absent for the whole code; the fee schedule has rows for 26, TC and 53 too.
    pub fn new(from: Date, to: Option<Date>, modifier: Modifier, value: [u8; 8], release: u16) -> Attribute {
        Attribute { modifier: modifier.to_bytes(), release, from: from.days(), to: to.map_or(OPEN, Date::days), value }
    }

    /// The days on which the row holds.
    pub fn days(&self) -> DateRange {
        DateRange { from: Date::from_days(self.from), to: (self.to != OPEN).then(|| Date::from_days(self.to)) }
    }

    /// Whether the row holds on the day.
    #[inline]
    pub fn holds_on(&self, day: Date) -> bool {
        self.from <= day.days() && day.days() <= self.to
    }

    /// The component of the code that the row is of; absent for the whole.
    #[inline]
    pub fn modifier(&self) -> Modifier {
        Modifier::new(&self.modifier)
    }
}

/// How a limit of units is applied: the MUE adjudication indicator (MAI).
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
#[repr(u8)]
pub enum MueScope {
    /// 1: to each claim line by itself.
    Line = 1,
    /// 2: to all units of a day, without exception: more than that is impossible.
    DayByPolicy = 2,
    /// 3: to all units of a day; more than that may be shown to be necessary.
    DayByClinicalBenchmark = 3,
}

impl MueScope {
    /// The scope of an indicator's digit.
    pub const fn from_digit(digit: u8) -> Option<MueScope> {
        match digit {
            b'1' => Some(MueScope::Line),
            b'2' => Some(MueScope::DayByPolicy),
            b'3' => Some(MueScope::DayByClinicalBenchmark),
            _ => None,
        }
    }
}

/// A medically unlikely edit of a code.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
pub struct Mue {
    /// The most units; 0 where the code is not payable at all.
    pub units: u32,
    /// How the limit is applied.
    pub scope: MueScope,
}

impl Mue {
    /// As an [`Attribute`] keeps it.
    pub const fn to_value(self) -> [u8; 8] {
        let [a, b, c, d] = self.units.to_le_bytes();
        [a, b, c, d, self.scope as u8 + b'0', 0, 0, 0]
    }

    /// The limit that an [`Attribute`] keeps; `None` when it is none.
    #[inline]
    pub const fn from_value(value: [u8; 8]) -> Option<Mue> {
        let [a, b, c, d, scope, ..] = value;
        match MueScope::from_digit(scope) {
            Some(scope) => Some(Mue { units: u32::from_le_bytes([a, b, c, d]), scope }),
            None => None,
        }
    }
}

/// How long the care after a procedure belongs to it.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
#[repr(u8)]
pub enum GlobalPeriod {
    /// 000: the day itself.
    Day = b'0',
    /// 010: ten days after.
    TenDays = b'1',
    /// 090: one day before and ninety after.
    NinetyDays = b'9',
    /// MMM: maternity, with periods of its own.
    Maternity = b'M',
    /// XXX: there is no such period.
    None = b'X',
    /// YYY: the contractor sets it.
    Contractor = b'Y',
    /// ZZZ: the code belongs to the period of another, as add-on codes do.
    OfAnother = b'Z',
}

impl GlobalPeriod {
    /// Every period.
    pub const ALL: [GlobalPeriod; 7] = [
        GlobalPeriod::Day,
        GlobalPeriod::TenDays,
        GlobalPeriod::NinetyDays,
        GlobalPeriod::Maternity,
        GlobalPeriod::None,
        GlobalPeriod::Contractor,
        GlobalPeriod::OfAnother,
    ];

    /// As the fee schedule writes it: `010`, `XXX`.
    pub const fn as_str(self) -> &'static str {
        match self {
            GlobalPeriod::Day => "000",
            GlobalPeriod::TenDays => "010",
            GlobalPeriod::NinetyDays => "090",
            GlobalPeriod::Maternity => "MMM",
            GlobalPeriod::None => "XXX",
            GlobalPeriod::Contractor => "YYY",
            GlobalPeriod::OfAnother => "ZZZ",
        }
    }

    /// The period that the fee schedule writes so.
    pub fn from_text(text: &str) -> Option<GlobalPeriod> {
        Self::ALL.into_iter().find(|period| period.as_str() == text)
    }

    fn from_byte(byte: u8) -> Option<GlobalPeriod> {
        Self::ALL.into_iter().find(|&period| period as u8 == byte)
    }
}

/// The indicators of the Medicare Physician Fee Schedule for a code or one component of it, as the characters that
/// the relative value file has.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
pub struct FeeIndicators {
    /// Whether and how the code is paid, a letter: A, active; B, bundled; I, not valid for Medicare; …
    pub status: u8,
    /// Professional and technical component, 0 to 9.
    pub pc_tc: u8,
    /// How long the care after it belongs to it.
    pub global: GlobalPeriod,
    /// Reduction with other procedures (modifier 51), 0 to 9.
    pub multiple: u8,
    /// Payment for both sides (modifier 50): 0 to 3, or 9.
    pub bilateral: u8,
    /// Payment of assistants at surgery (80, 81, 82, AS): 0 to 2, or 9.
    pub assistant: u8,
    /// Payment of two surgeons (62): 0 to 2, or 9.
    pub co_surgeons: u8,
    /// Payment of a team of surgeons (66): 0 to 2, or 9.
    pub team: u8,
}

impl FeeIndicators {
    /// As an [`Attribute`] keeps it.
    pub const fn to_value(self) -> [u8; 8] {
        let FeeIndicators { status, pc_tc, global, multiple, bilateral, assistant, co_surgeons, team } = self;
        [status, pc_tc, global as u8, multiple, bilateral, assistant, co_surgeons, team]
    }

    /// The indicators that an [`Attribute`] keeps; `None` when it keeps none.
    #[inline]
    pub fn from_value(value: [u8; 8]) -> Option<FeeIndicators> {
        let [status, pc_tc, global, multiple, bilateral, assistant, co_surgeons, team] = value;
        let global = GlobalPeriod::from_byte(global)?;
        Some(FeeIndicators { status, pc_tc, global, multiple, bilateral, assistant, co_surgeons, team })
    }
}

/// What the HCPCS Level II file says of a code beside its validity.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
pub struct HcpcsFacts {
    /// C carrier judgment, D special instructions, I not payable, M non-covered, S non-covered by statute; `None`
    /// where the file says nothing.
    pub coverage: Option<u8>,
}

impl HcpcsFacts {
    /// As an [`Attribute`] keeps it.
    pub fn to_value(self) -> [u8; 8] {
        [self.coverage.unwrap_or(0), 0, 0, 0, 0, 0, 0, 0]
    }

    /// The facts that an [`Attribute`] keeps.
    pub fn from_value(value: [u8; 8]) -> HcpcsFacts {
        let [coverage, ..] = value;
        HcpcsFacts { coverage: (coverage != 0).then_some(coverage) }
    }
}

/// Collects the rows of one table of attributes for an image.
///
/// ```
/// use cleanclaim_codeset::{
///     Attribute, AttributeId, AttributesBuilder, Codeset, ImageBuilder, Mue, MueScope, Release, Row, SystemBuilder,
///     SystemId,
/// };
/// use codes::{Code, Date, Modifier};
/// # fn main() -> Result<(), Box<dyn std::error::Error>> {
/// let day = Date::parse(b"20240701").ok_or("no date")?;
/// let code = Code::parse(b"99213").ok_or("no code")?;
/// let mut procedures = SystemBuilder::new(SystemId::Procedure);
/// procedures.add(code, Row::new(day, None, 0), None);
/// let mut limits = AttributesBuilder::new(AttributeId::MuePractitioner);
/// let limit = Mue { units: 2, scope: MueScope::DayByPolicy };
/// limits.add(code, Attribute::new(day, None, Modifier::ABSENT, limit.to_value(), 0));
/// let mut image = ImageBuilder::new();
/// image.release(Release::new("mue", AttributeId::MuePractitioner.name(), day, None));
/// image.system(procedures)?;
/// image.attributes(limits)?;
/// let codeset = Codeset::from_bytes(&image.finish()?)?;
/// let ordinal = codeset.system(SystemId::Procedure).and_then(|system| system.ordinal(code)).ok_or("no ordinal")?;
/// let limits = codeset.attributes(AttributeId::MuePractitioner).ok_or("no limits")?;
/// assert!(limits.covers(day));
/// let row = limits.row_on(ordinal, day).ok_or("no row")?;
/// assert_eq!(Mue::from_value(row.value), Some(limit));
/// # Ok(())
/// # }
/// ```
#[derive(Debug)]
pub struct AttributesBuilder {
    id: AttributeId,
    rows: Vec<(Code, Attribute)>,
}

impl AttributesBuilder {
    /// A table without rows.
    pub fn new(id: AttributeId) -> AttributesBuilder {
        AttributesBuilder { id, rows: Vec::new() }
    }

    /// The table's id.
    pub fn id(&self) -> AttributeId {
        self.id
    }

    /// Adds a row to a code.
    pub fn add(&mut self, code: Code, row: Attribute) {
        self.rows.push((code, row));
    }

    /// The rows so far.
    pub fn rows(&self) -> &[(Code, Attribute)] {
        &self.rows
    }

    /// Every row's code with the bit that says that the table has it.
    pub(crate) fn codes(&self) -> impl Iterator<Item = (Code, u32)> {
        let bit = self.id.could();
        self.rows.iter().map(move |&(code, _)| (code, bit))
    }

    pub(crate) fn write(
        mut self,
        ordinals: &BTreeMap<Code, u32>,
        sections: &mut SectionWriter,
    ) -> Result<(), BuildError> {
        let name = self.id.name();
        self.rows.sort_unstable();
        self.rows.dedup();
        // Ordered by days, so that a row that reaches into another of the same component stands beside it.
        self.rows.sort_by_key(|(code, row)| (*code, row.modifier, row.from));
        for pair in self.rows.windows(2) {
            let [(first_code, first), (code, second)] = pair else { continue };
            if (first_code, first.modifier) == (code, second.modifier) && first.to >= second.from {
                return Err(BuildError::Overlap {
                    system: name,
                    code: *code,
                    first: first.days().to_string(),
                    second: second.days().to_string(),
                });
            }
        }
        let system = SystemId::Procedure.name();
        let mut first = vec![0u32; ordinals.len() + 1];
        let mut rows = Vec::with_capacity(self.rows.len());
        for (code, row) in self.rows {
            let unknown = BuildError::UnknownCode { relation: name, code, system };
            let place = ordinals.get(&code).and_then(|&ordinal| first.get_mut(ordinal as usize + 1));
            *place.ok_or(unknown)? += 1;
            rows.push(row);
        }
        let mut sum = 0;
        for count in &mut first {
            sum += *count;
            *count = sum;
        }
        sections.add(format!("{name}.first"), &first);
        sections.add(format!("{name}.rows"), &rows);
        Ok(())
    }
}

/// One table of attributes of an image, read in place.
pub struct Attributes {
    id: AttributeId,
    first: View<u32>,
    rows: View<Attribute>,
    coverage: Vec<DateRange>,
}

impl Attributes {
    pub(crate) fn open(
        id: AttributeId,
        bytes: &Arc<Bytes>,
        directory: &Directory,
    ) -> Result<Option<Attributes>, OpenError> {
        let name = id.name();
        if directory.section(&format!("{name}.rows")).is_none() {
            return Ok(None);
        }
        let attributes = Attributes {
            id,
            first: directory.view(bytes, &format!("{name}.first"))?,
            rows: directory.view(bytes, &format!("{name}.rows"))?,
            coverage: directory.coverage(name),
        };
        let (listed, held) = (attributes.first.last().map_or(0, |&last| last as usize), attributes.rows.len());
        if listed != held {
            let detail = format!("{listed} rows are listed, {held} are there");
            return Err(OpenError::Inconsistent { part: name.to_owned(), detail });
        }
        Ok(Some(attributes))
    }

    /// Which table this is.
    pub fn id(&self) -> AttributeId {
        self.id
    }

    /// How many dated rows there are.
    pub fn len(&self) -> usize {
        self.rows.len()
    }

    /// Whether there are no rows.
    pub fn is_empty(&self) -> bool {
        self.rows.is_empty()
    }

    /// The days for which the table's releases answer, in order and apart.
    pub fn coverage(&self) -> &[DateRange] {
        &self.coverage
    }

    /// Whether the table's releases answer for the day.
    #[inline]
    pub fn covers(&self, day: Date) -> bool {
        self.coverage.iter().any(|range| range.contains(day))
    }

    /// All rows of a code: the whole first, then its components, each in order of their days. Empty when the table
    /// does not list the code.
    #[inline]
    pub fn rows(&self, ordinal: Ordinal) -> &[Attribute] {
        match (self.first.get(ordinal.index()), self.first.get(ordinal.index() + 1)) {
            (Some(&from), Some(&to)) => self.rows.get(from as usize..to as usize).unwrap_or_default(),
            _ => &[],
        }
    }

    /// The row of the whole code on the day.
    #[inline]
    pub fn row_on(&self, ordinal: Ordinal, day: Date) -> Option<&Attribute> {
        self.component_on(ordinal, Modifier::ABSENT, day)
    }

    /// The row of one component of the code on the day.
    #[inline]
    pub fn component_on(&self, ordinal: Ordinal, modifier: Modifier, day: Date) -> Option<&Attribute> {
        let modifier = modifier.to_bytes();
        self.rows(ordinal).iter().find(|row| row.modifier == modifier && row.holds_on(day))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn values_come_out_as_they_went_in() {
        for units in [0, 1, 255, 256, 9_999_999, u32::MAX] {
            for scope in [MueScope::Line, MueScope::DayByPolicy, MueScope::DayByClinicalBenchmark] {
                let mue = Mue { units, scope };
                assert_eq!(Mue::from_value(mue.to_value()), Some(mue));
            }
        }
        assert_eq!(Mue::from_value([0; 8]), None);
        for global in GlobalPeriod::ALL {
            let fees = FeeIndicators {
                status: b'A',
                pc_tc: b'1',
                global,
                multiple: b'2',
                bilateral: b'3',
                assistant: b'0',
                co_surgeons: b'9',
                team: b'1',
            };
            assert_eq!(FeeIndicators::from_value(fees.to_value()), Some(fees));
            assert_eq!(GlobalPeriod::from_text(global.as_str()), Some(global));
        }
        assert_eq!(FeeIndicators::from_value([0; 8]), None);
        for coverage in [None, Some(b'C'), Some(b'S')] {
            assert_eq!(HcpcsFacts::from_value(HcpcsFacts { coverage }.to_value()), HcpcsFacts { coverage });
        }
    }

    #[test]
    fn the_names_of_tables_and_their_bits_are_apart() {
        let mut names: Vec<&str> = AttributeId::ALL.iter().map(|id| id.name()).collect();
        names.sort_unstable();
        names.dedup();
        assert_eq!(names.len(), AttributeId::ALL.len());
        let bits = AttributeId::ALL.iter().fold(0, |bits, id| bits | id.could());
        assert_eq!(bits.count_ones() as usize, AttributeId::ALL.len());
        for (place, id) in AttributeId::ALL.into_iter().enumerate() {
            assert_eq!(id as usize, place);
        }
    }
}
