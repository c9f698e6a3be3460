//! What every layout says of one code or modifier. The layouts give the same 48 fields under the same names.

use crate::publisher::text::{At, squeezed};
use crate::publisher::{Document, Refusal};
use codes::{Code, Date};
use std::collections::HashMap;

const DAMAGED_ROW: &str = "download the file again; if the row is so in the publisher's file, report it";

/// Whether a record is of a procedure code or of a modifier.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum RecordKind {
    /// A code of five characters.
    Procedure,
    /// A modifier of two.
    Modifier,
}

/// One code or modifier with all that CMS says of it. The values are those of the record layout
/// (`HCPCS2019_recordlayout.txt`, which comes with the file); codes of one letter are that letter.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct HcpcsRecord {
    /// The code, or the modifier as a code of two characters.
    pub code: Code,
    /// Which of the two.
    pub kind: RecordKind,
    /// The long description, whole.
    pub long: Box<str>,
    /// The short description, of at most 28 characters.
    pub short: Box<str>,
    /// How Part B prices the code: up to four indicators, such as 00 for not priced separately.
    pub pricing: Vec<Code>,
    /// Whether there is more than one way to price it.
    pub multiple_pricing: Option<u8>,
    /// Sections of the Coverage Issues Manual.
    pub coverage_issues: Vec<Box<str>>,
    /// Sections of the Medicare Carriers Manual.
    pub carriers_manual: Vec<Box<str>>,
    /// The statute.
    pub statute: Option<Box<str>>,
    /// Laboratory certifications that the code needs.
    pub lab_certification: Vec<Code>,
    /// Codes to use instead, or that this one replaces.
    pub cross_reference: Vec<Code>,
    /// C carrier judgment, D special instructions, I not payable, M non-covered, S non-covered by statute.
    pub coverage: Option<u8>,
    /// YY when approved for ambulatory surgical centers.
    pub asc_group: Option<Code>,
    /// Since when.
    pub asc_from: Option<Date>,
    /// The note on processing, by number.
    pub processing_note: Option<Code>,
    /// The Berenson-Eggers type of service.
    pub betos: Option<Code>,
    /// Medicare's types of service, up to five.
    pub type_of_service: Vec<u8>,
    /// Base units of anesthesia.
    pub anesthesia_units: Option<u16>,
    /// The day on which the code began.
    pub added: Option<Date>,
    /// The day on which the latest action took effect.
    pub effective: Option<Date>,
    /// The last day on which the code may be used.
    pub terminated: Option<Date>,
    /// The latest action: A add, B C S change of description, D discontinue, F change of other data, N none,
    /// P change of payment, R reactivate, T other.
    pub action: Option<u8>,
}

/// The fields by their names in the quarterly table, each with its columns in the fixed width.
pub(super) const FIELDS: [(&str, usize, usize); 48] = [
    ("HCPC", 1, 5),
    ("SEQNUM", 6, 10),
    ("RECID", 11, 11),
    ("LONG DESCRIPTION", 12, 91),
    ("SHORT DESCRIPTION", 92, 119),
    ("PRICE1", 120, 121),
    ("PRICE2", 122, 123),
    ("PRICE3", 124, 125),
    ("PRICE4", 126, 127),
    ("MULT_PI", 128, 128),
    ("CIM1", 129, 134),
    ("CIM2", 135, 140),
    ("CIM3", 141, 146),
    ("MCM1", 147, 154),
    ("MCM2", 155, 162),
    ("MCM3", 163, 170),
    ("STATUTE", 171, 180),
    ("LABCERT1", 181, 183),
    ("LABCERT2", 184, 186),
    ("LABCERT3", 187, 189),
    ("LABCERT4", 190, 192),
    ("LABCERT5", 193, 195),
    ("LABCERT6", 196, 198),
    ("LABCERT7", 199, 201),
    ("LABCERT8", 202, 204),
    ("XREF1", 205, 209),
    ("XREF2", 210, 214),
    ("XREF3", 215, 219),
    ("XREF4", 220, 224),
    ("XREF5", 225, 229),
    ("COV", 230, 230),
    ("ASC_GRP", 231, 232),
    ("ASC_DT", 233, 240),
    ("OPPS", 241, 243),
    ("OPPS_PI", 244, 244),
    ("OPPS_DT", 245, 252),
    ("PROCNOTE", 253, 256),
    ("BETOS", 257, 259),
    ("TOS1", 261, 261),
    ("TOS2", 262, 262),
    ("TOS3", 263, 263),
    ("TOS4", 264, 264),
    ("TOS5", 265, 265),
    ("ANEST_BU", 266, 268),
    ("ADD DT", 269, 276),
    ("ACT EFF DT", 277, 284),
    ("TERM DT", 285, 292),
    ("ACTION CD", 293, 293),
];

/// A field's number in [`FIELDS`].
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) struct Field(pub(super) usize);

pub(super) const HCPC: Field = Field(0);
pub(super) const SEQUENCE: Field = Field(1);
pub(super) const RECORD: Field = Field(2);
pub(super) const LONG: Field = Field(3);
const SHORT: Field = Field(4);
const PRICE: usize = 5;
const MULTIPLE: Field = Field(9);
const CIM: usize = 10;
const MCM: usize = 13;
const STATUTE: Field = Field(16);
const LAB: usize = 17;
const XREF: usize = 25;
pub(super) const COVERAGE: Field = Field(30);
const ASC_GROUP: Field = Field(31);
const ASC_DATE: Field = Field(32);
const NOTE: Field = Field(36);
const BETOS: Field = Field(37);
const TOS: usize = 38;
const ANESTHESIA: Field = Field(43);
pub(super) const ADDED: Field = Field(44);
pub(super) const EFFECTIVE: Field = Field(45);
pub(super) const TERMINATED: Field = Field(46);
pub(super) const ACTION: Field = Field(47);

impl Field {
    pub(super) fn name(self) -> &'static str {
        FIELDS[self.0].0
    }
}

/// A row in any layout.
pub(super) trait Cells {
    /// Where the row stands.
    fn at(&self) -> At<'_>;
    /// What the field holds, without the spaces around it.
    fn get(&self, field: Field) -> &str;
    /// The field as a message names it.
    fn column(&self, field: Field) -> String;

    fn wrong(&self, field: Field, expected: impl Into<String>) -> Refusal {
        self.at().wrong(self.column(field), expected, self.get(field), DAMAGED_ROW)
    }

    fn date(&self, field: Field) -> Result<Option<Date>, Refusal> {
        match self.get(field) {
            "" => Ok(None),
            text => match Date::parse(text.as_bytes()).filter(|_| text.len() == 8) {
                Some(date) => Ok(Some(date)),
                None => Err(self.wrong(field, "a date YYYYMMDD, or nothing")),
            },
        }
    }

    /// One letter or digit, or nothing.
    fn letter(&self, field: Field) -> Result<Option<u8>, Refusal> {
        match self.get(field).as_bytes() {
            [] => Ok(None),
            [byte] if byte.is_ascii_alphanumeric() => Ok(Some(byte.to_ascii_uppercase())),
            _ => Err(self.wrong(field, "one letter or digit, or nothing")),
        }
    }

    /// A few letters and digits, or nothing.
    fn word(&self, field: Field) -> Result<Option<Code>, Refusal> {
        match Code::parse(self.get(field).as_bytes()) {
            Some(code) => Ok(Some(code).filter(|code| !code.is_absent())),
            None => Err(self.wrong(field, "letters and digits, or nothing")),
        }
    }

    fn words(&self, first: usize, count: usize, flaws: &mut Flaws) -> Vec<Code> {
        (first..first + count).filter_map(|number| flaws.taken(self.word(Field(number)))).collect()
    }

    fn text(&self, field: Field) -> Option<Box<str>> {
        Some(self.get(field)).filter(|text| !text.is_empty()).map(Box::from)
    }
}

/// What a record identification code says.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Part {
    First(RecordKind),
    Continuation(RecordKind),
}

pub(super) fn part(cells: &impl Cells) -> Result<Part, Refusal> {
    match cells.get(RECORD) {
        "3" => Ok(Part::First(RecordKind::Procedure)),
        "4" => Ok(Part::Continuation(RecordKind::Procedure)),
        "7" => Ok(Part::First(RecordKind::Modifier)),
        "8" => Ok(Part::Continuation(RecordKind::Modifier)),
        _ => Err(cells.wrong(RECORD, "3 or 4 for a procedure code, 7 or 8 for a modifier")),
    }
}

pub(super) fn code(cells: &impl Cells, kind: RecordKind) -> Result<Code, Refusal> {
    let text = cells.get(HCPC);
    let (fits, expected): (fn(Code) -> bool, _) = match kind {
        RecordKind::Procedure => {
            (|code| code.procedure_kind().is_some(), "a procedure code in capitals (5 characters)")
        }
        RecordKind::Modifier => (|code| code.len() == 2, "a modifier in capitals (2 letters or digits)"),
    };
    Code::parse(text.as_bytes())
        .filter(|&code| fits(code) && text.bytes().all(|byte| !byte.is_ascii_lowercase()))
        .ok_or_else(|| cells.wrong(HCPC, expected))
}

impl HcpcsRecord {
    /// The first row of a record. Rows that go on with the description are added by [`Gathered`]. What says which
    /// codes there are, when, and whether they are covered must be right; the rest is left empty where it is not.
    pub(super) fn read(cells: &impl Cells, kind: RecordKind, flaws: &mut Flaws) -> Result<HcpcsRecord, Refusal> {
        let long = squeezed(cells.get(LONG));
        if long.is_empty() {
            return Err(cells.wrong(LONG, "a description"));
        }
        let anesthesia_units = match cells.get(ANESTHESIA) {
            "" => Ok(None),
            text => text.parse().map(Some).map_err(|_| cells.wrong(ANESTHESIA, "a number of units, or nothing")),
        };
        Ok(HcpcsRecord {
            code: code(cells, kind)?,
            kind,
            long: long.into(),
            short: squeezed(cells.get(SHORT)).into(),
            pricing: cells.words(PRICE, 4, flaws),
            multiple_pricing: flaws.taken(cells.letter(MULTIPLE)),
            coverage_issues: (CIM..CIM + 3).filter_map(|number| cells.text(Field(number))).collect(),
            carriers_manual: (MCM..MCM + 3).filter_map(|number| cells.text(Field(number))).collect(),
            statute: cells.text(STATUTE),
            lab_certification: cells.words(LAB, 8, flaws),
            cross_reference: cells.words(XREF, 5, flaws),
            coverage: cells.letter(COVERAGE)?,
            asc_group: flaws.taken(cells.word(ASC_GROUP)),
            asc_from: flaws.taken(cells.date(ASC_DATE)),
            processing_note: flaws.taken(cells.word(NOTE)),
            betos: flaws.taken(cells.word(BETOS)),
            type_of_service: (TOS..TOS + 5).filter_map(|number| flaws.taken(cells.letter(Field(number)))).collect(),
            anesthesia_units: flaws.taken(anesthesia_units),
            added: cells.date(ADDED)?,
            effective: cells.date(EFFECTIVE)?,
            terminated: cells.date(TERMINATED)?,
            action: cells.letter(ACTION)?,
        })
    }
}

/// The fields of a row that were left empty because they were wrong.
#[derive(Default)]
pub(super) struct Flaws(Vec<Refusal>);

impl Flaws {
    fn taken<T>(&mut self, field: Result<Option<T>, Refusal>) -> Option<T> {
        field.unwrap_or_else(|mut flaw| {
            flaw.advice = "the record is taken without it".to_owned();
            self.0.push(flaw);
            None
        })
    }
}

/// Puts records together from their rows, which follow one another.
pub(super) struct Gathered {
    document: Document<HcpcsRecord>,
    seen: HashMap<Code, u32>,
    open: Option<Open>,
    continuations: u64,
    of_refused: u64,
}

/// The record that the next row may go on with.
struct Open {
    code: Code,
    kind: RecordKind,
    line: u32,
    /// The number of the last row, and how much each adds: rows are numbered 100, 200, 300 or 10, 20, 30.
    sequence: u32,
    step: u32,
    /// None when the first row was refused.
    record: Option<HcpcsRecord>,
}

impl Gathered {
    pub(super) fn new(document: Document<HcpcsRecord>) -> Gathered {
        let seen = HashMap::new();
        Gathered { document, seen, open: None, continuations: 0, of_refused: 0 }
    }

    pub(super) fn is_empty(&self) -> bool {
        self.open.is_none() && self.document.read == 0
    }

    pub(super) fn leave_out(&mut self, reason: &'static str, count: u64) {
        self.document.leave_out(reason, count);
    }

    pub(super) fn refuse(&mut self, refusal: Refusal) {
        self.close();
        self.document.push(refusal.line, Err(refusal));
    }

    pub(super) fn take(&mut self, cells: &impl Cells) {
        if let Err(refusal) = self.row(cells) {
            self.document.push(refusal.line, Err(refusal));
        }
    }

    fn row(&mut self, cells: &impl Cells) -> Result<(), Refusal> {
        let line = cells.at().line;
        let part = match part(cells) {
            Ok(part) => part,
            Err(refusal) => {
                self.close();
                return Err(refusal);
            }
        };
        let sequence = cells.get(SEQUENCE).parse::<u32>();
        let sequence = sequence.map_err(|_| cells.wrong(SEQUENCE, "a sequence number"));
        match part {
            Part::First(kind) => {
                self.close();
                let code = code(cells, kind)?;
                let record = sequence.and_then(|sequence| {
                    if let Some(first) = self.seen.get(&code) {
                        return Err(cells.wrong(HCPC, format!("each code once; it is on line {first} too")));
                    }
                    let mut flaws = Flaws::default();
                    let record = HcpcsRecord::read(cells, kind, &mut flaws)?;
                    flaws.0.into_iter().for_each(|flaw| self.document.flaws.push(flaw));
                    Ok((sequence, record))
                });
                let (sequence, record, refusal) = match record {
                    Ok((sequence, record)) => (sequence, Some(record), None),
                    Err(refusal) => (0, None, Some(refusal)),
                };
                if record.is_some() {
                    self.seen.insert(code, line);
                }
                self.open = Some(Open { code, kind, line, sequence, step: sequence, record });
                refusal.map_or(Ok(()), Err)
            }
            Part::Continuation(kind) => {
                let code = code(cells, kind)?;
                let Some(open) = self.open.as_mut().filter(|open| open.code == code && open.kind == kind) else {
                    return Err(cells.wrong(HCPC, "the code of the record that this row goes on with"));
                };
                let Some(record) = &mut open.record else {
                    self.of_refused += 1;
                    return Ok(());
                };
                let expected = open.sequence.saturating_add(open.step);
                match sequence {
                    Ok(sequence) if sequence == expected => open.sequence = sequence,
                    _ => {
                        // A description with a hole would be taken for a whole one.
                        open.record = None;
                        let refusal =
                            cells.wrong(SEQUENCE, format!("{expected}, as the rows of a record are numbered"));
                        return Err(refusal);
                    }
                }
                let more = squeezed(cells.get(LONG));
                if !more.is_empty() {
                    record.long = format!("{} {more}", record.long).into();
                }
                self.continuations += 1;
                Ok(())
            }
        }
    }

    fn close(&mut self) {
        if let Some(Open { line, record: Some(record), .. }) = self.open.take() {
            self.document.release.saw(record.added);
            self.document.release.saw(record.effective);
            self.document.push(line, Ok(record));
        }
    }

    pub(super) fn finish(mut self) -> Document<HcpcsRecord> {
        self.close();
        self.document.leave_out("rows that go on with a description", self.continuations);
        self.document.leave_out("rows that go on with a record that was refused", self.of_refused);
        self.document
    }
}
