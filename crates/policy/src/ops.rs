//! Compiled conditions: trees of typed operations, run on a claim without allocation.
//!
//! Every operation answers a value, or why there is none. `&&`, `||`, `exists` and `all` are decided by what is known
//! wherever that suffices (a false part makes an `&&` false, whatever the others would have been); all else that
//! touches what is not known is not known.

use crate::ranges::CodeSet;
use claims::{Field, Given};
use codes::{Code, Date, Modifier, Npi};
use codeset::{AttributeId, FeeIndicators, HcpcsFacts, Ordinal, Row, SystemId};
use edits::{ClaimFacts, LineFacts, Lookup, Reason};

/// How deeply `exists`, `filter` and the like may be nested.
pub(crate) const SLOTS: usize = 8;

pub(crate) type Known<T> = Result<T, Reason>;

/// What a condition is judged on.
pub(crate) struct Env<'e> {
    pub(crate) facts: &'e ClaimFacts<'e>,
    pub(crate) sets: &'e [CodeSet],
    /// The line judged; of no use to conditions that are judged once a claim.
    pub(crate) line: u32,
    slots: [Item; SLOTS],
}

/// An element of a list.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Item {
    None,
    Line(u32),
    Code(CodeValue),
    Number(i64),
    Date(Date),
}

/// A code of a claim. Zero bits are no code.
#[derive(Clone, Copy, Debug)]
pub(crate) struct CodeValue {
    pub(crate) bits: u64,
    pub(crate) ordinal: Option<Ordinal>,
    /// The line that it is of, if of one.
    line: Option<u32>,
}

impl CodeValue {
    const NONE: CodeValue = CodeValue { bits: 0, ordinal: None, line: None };

    fn plain(code: Code) -> CodeValue {
        CodeValue { bits: code.to_bits(), ordinal: None, line: None }
    }

    pub(crate) fn code(self) -> Code {
        Code::from_bits(self.bits)
    }

    /// Whether it is a code at all: given, and of a code's form.
    fn is_given(self) -> bool {
        !self.code().is_absent() && !self.code().is_malformed()
    }
}

/// Which line a field is of.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) enum LineRef {
    Judged,
    Slot(u8),
}

#[derive(Clone, PartialEq, Eq, Debug)]
pub(crate) enum Bool {
    Const(bool),
    And(Vec<Bool>),
    Or(Vec<Bool>),
    Not(Box<Bool>),
    If(Box<[Bool; 3]>),
    Same(Box<[Bool; 2]>),
    Numbers(Compare, Box<[Number; 2]>),
    Dates(Compare, Box<[Day; 2]>),
    SameCode(Box<[CodeOp; 2]>),
    CodeIs(CodeOp, u64),
    /// Sorted.
    CodeIn(CodeOp, Vec<u64>),
    InSet(CodeOp, u32),
    CodeStarts(CodeOp, Code),
    SameText(Box<[TextOp; 2]>),
    Text(TextTest, Box<[TextOp; 2]>),
    Exists(Box<List>, u8, Box<Bool>),
    ExistsOne(Box<List>, u8, Box<Bool>),
    All(Box<List>, u8, Box<Bool>),
    Given(Box<Probe>),
    Flag(Attributes, u32),
    Valid(Attributes),
    /// Whether a table of attributes lists the code on its day.
    Listed(Attributes, AttributeId),
}

#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) enum Compare {
    Equal,
    Less,
    LessEqual,
}

impl Compare {
    pub(crate) fn holds<T: Ord>(self, a: T, b: T) -> bool {
        match self {
            Compare::Equal => a == b,
            Compare::Less => a < b,
            Compare::LessEqual => a <= b,
        }
    }
}

#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) enum TextTest {
    Starts,
    Ends,
    Contains,
}

/// Whether a value is there.
#[derive(Clone, PartialEq, Eq, Debug)]
pub(crate) enum Probe {
    Number(Number),
    Date(Day),
    Code(CodeOp),
    Text(TextOp),
    List(List),
}

/// A number in thousandths.
#[derive(Clone, PartialEq, Eq, Debug)]
pub(crate) enum Number {
    Const(i64),
    Slot(u8),
    If(Box<Bool>, Box<[Number; 2]>),
    LineOrdinal(LineRef),
    Units(LineRef),
    Charge(LineRef),
    Days(LineRef),
    AgeOn(Box<Day>),
    ClaimTotal,
    TextOfLine(LineRef, Field),
    Size(Box<List>),
    Length(TextOp),
    Sum(Box<List>),
    Least(Box<List>),
    Most(Box<List>),
    Add(Box<[Number; 2]>),
    Subtract(Box<[Number; 2]>),
    Multiply(Box<[Number; 2]>),
    Divide(Box<[Number; 2]>),
    DaysBetween(Box<[Day; 2]>),
    Year(Box<Day>),
    Month(Box<Day>),
    DayOfMonth(Box<Day>),
    AgeLow(Attributes),
    AgeHigh(Attributes),
    AddOnType(Attributes),
}

#[derive(Clone, PartialEq, Eq, Debug)]
pub(crate) enum Day {
    Const(Date),
    Slot(u8),
    If(Box<Bool>, Box<[Day; 2]>),
    ServiceFrom(LineRef),
    ServiceTo(LineRef),
    /// The claim's first day of service, else the statement's.
    FirstService,
    LastService,
    BirthDate,
    StatementFrom,
    StatementTo,
    Received,
    TextOfClaim(Field),
    AddDays(Box<Day>, Box<Number>),
    AddMonths(Box<Day>, Box<Number>),
    Least(Box<List>),
    Most(Box<List>),
}

#[derive(Clone, PartialEq, Eq, Debug)]
pub(crate) enum CodeOp {
    Slot(u8),
    If(Box<Bool>, Box<[CodeOp; 2]>),
    Procedure(LineRef),
    Revenue(LineRef),
    Place(LineRef),
    Rendering(LineRef),
    Provider(LineRef),
    ClaimType,
    Sex,
    State,
    BillType,
    PatientStatus,
    BillingNpi,
    FirstDiagnosis,
    NpiOfClaim(Field),
    NpiOfLine(LineRef, Field),
    DiagnosisOfClaim(Field),
    Prefix(Box<CodeOp>, u8),
    Status(Attributes),
    Indicator(Attributes, Indicator),
}

/// What a table of attributes says of a procedure.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) enum Indicator {
    FeeStatus,
    PcTc,
    GlobalDays,
    Multiple,
    Bilateral,
    Assistant,
    CoSurgeons,
    Team,
    Coverage,
}

impl Indicator {
    fn table(self) -> AttributeId {
        match self {
            Indicator::Coverage => AttributeId::HcpcsFacts,
            _ => AttributeId::FeeSchedule,
        }
    }

    /// The indicator as it is written; none where the row keeps none.
    fn of(self, value: [u8; 8]) -> Code {
        let letter = |byte: u8| Code::parse(&[byte]).unwrap_or_default();
        if self == Indicator::Coverage {
            return HcpcsFacts::from_value(value).coverage.map_or(Code::ABSENT, letter);
        }
        FeeIndicators::from_value(value).map_or(Code::ABSENT, |fee| match self {
            Indicator::FeeStatus => letter(fee.status),
            Indicator::PcTc => letter(fee.pc_tc),
            Indicator::Multiple => letter(fee.multiple),
            Indicator::Bilateral => letter(fee.bilateral),
            Indicator::Assistant => letter(fee.assistant),
            Indicator::CoSurgeons => letter(fee.co_surgeons),
            Indicator::Team => letter(fee.team),
            Indicator::GlobalDays => Code::parse(fee.global.as_str().as_bytes()).unwrap_or_default(),
            Indicator::Coverage => Code::ABSENT,
        })
    }
}

#[derive(Clone, PartialEq, Eq, Debug)]
pub(crate) enum TextOp {
    Const(Box<str>),
    If(Box<Bool>, Box<[TextOp; 2]>),
    ClaimId,
    Payer,
    Patient,
    Taxonomy,
    Contractor,
    Ndc(LineRef),
    Note(LineRef),
    OfClaim(Field),
    OfLine(LineRef, Field),
}

#[derive(Clone, PartialEq, Eq, Debug)]
pub(crate) enum List {
    Lines,
    Modifiers(LineRef),
    /// Those that the line points to.
    LineDiagnoses(LineRef),
    Diagnoses,
    Conditions,
    Items(Vec<Element>),
    Filter(Box<List>, u8, Box<Bool>),
    Map(Box<List>, u8, Box<Element>),
}

#[derive(Clone, PartialEq, Eq, Debug)]
pub(crate) enum Element {
    Number(Number),
    Date(Day),
    Code(CodeOp),
    Line(LineRef),
}

/// The attributes of a code on a day: the line's, else the claim's.
#[derive(Clone, PartialEq, Eq, Debug)]
pub(crate) struct Attributes {
    pub(crate) system: SystemId,
    pub(crate) code: Box<CodeOp>,
    pub(crate) on: Option<Box<Day>>,
}

impl<'e> Env<'e> {
    pub(crate) fn new(facts: &'e ClaimFacts<'e>, sets: &'e [CodeSet]) -> Env<'e> {
        Env { facts, sets, line: 0, slots: [Item::None; SLOTS] }
    }

    fn index(&self, line: LineRef) -> u32 {
        match line {
            LineRef::Judged => self.line,
            LineRef::Slot(slot) => match self.slot(slot) {
                Item::Line(line) => line,
                // The checker gives no other item to a line's slot.
                _ => u32::MAX,
            },
        }
    }

    fn slot(&self, slot: u8) -> Item {
        self.slots.get(usize::from(slot)).copied().unwrap_or(Item::None)
    }

    pub(crate) fn set(&mut self, slot: u8, item: Item) {
        if let Some(own) = self.slots.get_mut(usize::from(slot)) {
            *own = item;
        }
    }

    fn line(&self, line: LineRef) -> Known<&'e LineFacts<'e>> {
        self.facts.lines.get(self.index(line) as usize).ok_or(Reason::InternalError)
    }

    #[inline]
    fn column(&self, field: Field) -> Known<()> {
        if self.facts.has_column(field) { Ok(()) } else { Err(Reason::FieldAbsent(field)) }
    }

    /// A code of which a line or claim may have none.
    #[inline]
    fn optional(&self, code: Code, lookup: Lookup, field: Field, line: Option<u32>) -> Known<CodeValue> {
        self.column(field)?;
        Ok(CodeValue { bits: code.to_bits(), ordinal: lookup.ordinal(), line })
    }

    fn text_of_claim(&self, field: Field) -> Known<&'e str> {
        self.column(field)?;
        self.facts.claim.text_of(field).ok_or(Reason::FieldAbsent(field))
    }

    fn text_of_line(&self, line: LineRef, field: Field) -> Known<&'e str> {
        self.column(field)?;
        let line = self.index(line) as usize;
        self.facts.claim.text_of_line(line, field).ok_or(Reason::FieldAbsent(field))
    }

    pub(crate) fn first_service(&self) -> Known<Date> {
        let first = self.facts.lines.iter().filter_map(|line| line.date).min();
        first.or(self.facts.claim.row.statement_from.value()).ok_or(Reason::FieldAbsent(Field::ServiceFrom))
    }

    fn last_service(&self) -> Known<Date> {
        let last = self.facts.lines.iter().filter_map(|line| line.row.service_to.value().or(line.date)).max();
        last.or(self.facts.claim.row.statement_to.value()).ok_or(Reason::FieldAbsent(Field::ServiceFrom))
    }

    /// The code's row on its day; none where no code is given.
    fn row(&mut self, attributes: &Attributes) -> Known<Option<&'e Row>> {
        let table = attributes.system.name();
        let system = self.facts.system(attributes.system).ok_or(Reason::TableNotLoaded(table))?;
        let code = attributes.code.eval(self)?;
        if code.code().is_absent() {
            return Ok(None);
        }
        let day = self.day_of(attributes, code)?;
        let row = code.ordinal.and_then(|ordinal| system.row_on(ordinal, day));
        match row {
            Some(row) => Ok(Some(row)),
            None if system.covers(day) => Err(Reason::CodeNotValid(table)),
            None => Err(Reason::DateOutsideReleases(table)),
        }
    }

    /// What a table of attributes says of the code on its day; `None` where it does not list it.
    fn table_row(&mut self, attributes: &Attributes, id: AttributeId) -> Known<Option<[u8; 8]>> {
        let table = self.facts.attributes(id).ok_or(Reason::TableNotLoaded(id.name()))?;
        let code = attributes.code.eval(self)?;
        if code.code().is_absent() {
            return Ok(None);
        }
        let day = self.day_of(attributes, code)?;
        if !table.covers(day) {
            return Err(Reason::DateOutsideReleases(id.name()));
        }
        Ok(code.ordinal.and_then(|ordinal| table.row_on(ordinal, day)).map(|row| row.value))
    }

    fn day_of(&mut self, attributes: &Attributes, code: CodeValue) -> Known<Date> {
        match (&attributes.on, code.line) {
            (Some(on), _) => on.eval(self),
            (None, Some(line)) => {
                let line = self.facts.lines.get(line as usize).ok_or(Reason::InternalError)?;
                line.governing_date()
            }
            (None, None) => self.first_service(),
        }
    }
}

fn given<T>(value: Given<T>, field: Field) -> Known<T> {
    value.value().ok_or(Reason::FieldAbsent(field))
}

fn given_text(text: &str, field: Field) -> Known<&str> {
    if text.is_empty() { Err(Reason::FieldAbsent(field)) } else { Ok(text) }
}

impl Bool {
    pub(crate) fn eval(&self, env: &mut Env<'_>) -> Known<bool> {
        match self {
            Bool::Const(value) => Ok(*value),
            Bool::And(parts) => {
                let mut unknown = None;
                for part in parts {
                    match part.eval(env) {
                        Ok(false) => return Ok(false),
                        Ok(true) => {}
                        Err(reason) => {
                            unknown.get_or_insert(reason);
                        }
                    }
                }
                unknown.map_or(Ok(true), Err)
            }
            Bool::Or(parts) => {
                let mut unknown = None;
                for part in parts {
                    match part.eval(env) {
                        Ok(true) => return Ok(true),
                        Ok(false) => {}
                        Err(reason) => {
                            unknown.get_or_insert(reason);
                        }
                    }
                }
                unknown.map_or(Ok(false), Err)
            }
            Bool::Not(part) => part.eval(env).map(|value| !value),
            Bool::If(parts) => {
                let [test, yes, no] = &**parts;
                if test.eval(env)? { yes.eval(env) } else { no.eval(env) }
            }
            Bool::Same(parts) => {
                let [a, b] = &**parts;
                Ok(a.eval(env)? == b.eval(env)?)
            }
            Bool::Numbers(compare, parts) => {
                let [a, b] = &**parts;
                Ok(compare.holds(a.eval(env)?, b.eval(env)?))
            }
            Bool::Dates(compare, parts) => {
                let [a, b] = &**parts;
                Ok(compare.holds(a.eval(env)?, b.eval(env)?))
            }
            Bool::SameCode(parts) => {
                let [a, b] = &**parts;
                let (a, b) = (a.eval(env)?, b.eval(env)?);
                Ok(a.is_given() && a.bits == b.bits)
            }
            Bool::CodeIs(code, bits) => Ok(code.eval(env)?.bits == *bits),
            Bool::CodeIn(code, all) => {
                let code = code.eval(env)?;
                Ok(all.binary_search(&code.bits).is_ok())
            }
            Bool::InSet(code, set) => {
                let code = code.eval(env)?;
                let set = env.sets.get(*set as usize).ok_or(Reason::InternalError)?;
                Ok(code.ordinal.is_some_and(|ordinal| set.contains(ordinal)))
            }
            Bool::CodeStarts(code, prefix) => {
                let code = code.eval(env)?;
                Ok(code.is_given() && code.code().starts_with(*prefix))
            }
            Bool::SameText(parts) => {
                let [a, b] = &**parts;
                Ok(a.eval(env)? == b.eval(env)?)
            }
            Bool::Text(test, parts) => {
                let [text, part] = &**parts;
                let (text, part) = (text.eval(env)?, part.eval(env)?);
                Ok(match test {
                    TextTest::Starts => text.starts_with(part),
                    TextTest::Ends => text.ends_with(part),
                    TextTest::Contains => text.contains(part),
                })
            }
            Bool::Exists(list, slot, test) => {
                let (mut found, mut unknown) = (false, None);
                list.each(env, &mut |env, item| {
                    env.set(*slot, item);
                    match test.eval(env) {
                        Ok(yes) => found = yes,
                        Err(reason) => {
                            unknown.get_or_insert(reason);
                        }
                    }
                    Ok(!found)
                })?;
                if found { Ok(true) } else { unknown.map_or(Ok(false), Err) }
            }
            Bool::All(list, slot, test) => {
                let (mut all, mut unknown) = (true, None);
                list.each(env, &mut |env, item| {
                    env.set(*slot, item);
                    match test.eval(env) {
                        Ok(yes) => all = yes,
                        Err(reason) => {
                            unknown.get_or_insert(reason);
                        }
                    }
                    Ok(all)
                })?;
                if all { unknown.map_or(Ok(true), Err) } else { Ok(false) }
            }
            Bool::ExistsOne(list, slot, test) => {
                let mut count = 0u32;
                list.each(env, &mut |env, item| {
                    env.set(*slot, item);
                    count += u32::from(test.eval(env)?);
                    Ok(true)
                })?;
                Ok(count == 1)
            }
            Bool::Given(probe) => Ok(match &**probe {
                Probe::Number(number) => number.eval(env).is_ok(),
                Probe::Date(day) => day.eval(env).is_ok(),
                Probe::Code(code) => code.eval(env).is_ok_and(CodeValue::is_given),
                Probe::Text(text) => text.eval(env).is_ok(),
                Probe::List(list) => {
                    let mut any = false;
                    let walked = list.each(env, &mut |_, _| {
                        any = true;
                        Ok(false)
                    });
                    walked.is_ok() && any
                }
            }),
            Bool::Flag(attributes, bits) => Ok(env.row(attributes)?.is_some_and(|row| row.has(*bits))),
            Bool::Listed(attributes, table) => Ok(env.table_row(attributes, *table)?.is_some()),
            Bool::Valid(attributes) => match env.row(attributes) {
                Ok(row) => Ok(row.is_some_and(Row::is_billable)),
                Err(Reason::CodeNotValid(_)) => Ok(false),
                Err(reason) => Err(reason),
            },
        }
    }
}

/// The difference and product of thousandths, at the ends of what they can be rather than past them: amounts of
/// claims are far from it.
fn clamped(number: i128) -> i64 {
    i64::try_from(number).unwrap_or(if number < 0 { i64::MIN } else { i64::MAX })
}

const WHOLE: i64 = 1000;
/// Thousandths in a cent.
pub(crate) const CENT: i64 = 10;

impl Number {
    pub(crate) fn eval(&self, env: &mut Env<'_>) -> Known<i64> {
        match self {
            Number::Const(value) => Ok(*value),
            Number::Slot(slot) => match env.slot(*slot) {
                Item::Number(value) => Ok(value),
                _ => Err(Reason::InternalError),
            },
            Number::If(test, parts) => {
                let [yes, no] = &**parts;
                if test.eval(env)? { yes.eval(env) } else { no.eval(env) }
            }
            Number::LineOrdinal(line) => Ok(i64::from(env.line(*line)?.row.number) * WHOLE),
            Number::Units(line) => Ok(given(env.line(*line)?.row.units, Field::Units)?.thousandths()),
            Number::Charge(line) => Ok(given(env.line(*line)?.row.charge, Field::Charge)?.cents().saturating_mul(CENT)),
            Number::Days(line) => {
                let from = env.line(*line)?.governing_date()?;
                let to = Day::ServiceTo(*line).eval(env)?;
                Ok((i64::from(to.days()) - i64::from(from.days()) + 1) * WHOLE)
            }
            Number::AgeOn(day) => {
                let day = day.eval(env)?;
                Ok(i64::from(env.facts.age_on(day)?) * WHOLE)
            }
            Number::ClaimTotal => Ok(given(env.facts.claim.row.total, Field::ClaimTotal)?.cents().saturating_mul(CENT)),
            Number::TextOfLine(line, field) => number_of(env.text_of_line(*line, *field)?, *field),
            Number::Size(list) => {
                let mut count = 0i64;
                list.each(env, &mut |_, _| {
                    count += 1;
                    Ok(true)
                })?;
                Ok(count * WHOLE)
            }
            Number::Length(text) => Ok(text.eval(env)?.chars().count() as i64 * WHOLE),
            Number::Sum(list) => {
                let mut sum = 0i64;
                list.each(env, &mut |_, item| match item {
                    Item::Number(number) => {
                        sum = sum.saturating_add(number);
                        Ok(true)
                    }
                    _ => Err(Reason::InternalError),
                })?;
                Ok(sum)
            }
            Number::Least(list) => extreme(list, env, i64::min),
            Number::Most(list) => extreme(list, env, i64::max),
            Number::Add(parts) => {
                let [a, b] = &**parts;
                Ok(a.eval(env)?.saturating_add(b.eval(env)?))
            }
            Number::Subtract(parts) => {
                let [a, b] = &**parts;
                Ok(a.eval(env)?.saturating_sub(b.eval(env)?))
            }
            Number::Multiply(parts) => {
                let [a, b] = &**parts;
                Ok(clamped(i128::from(a.eval(env)?) * i128::from(b.eval(env)?) / i128::from(WHOLE)))
            }
            Number::Divide(parts) => {
                let [a, b] = &**parts;
                let (a, b) = (a.eval(env)?, b.eval(env)?);
                let quotient = (i128::from(a) * i128::from(WHOLE)).checked_div(i128::from(b));
                quotient.map(clamped).ok_or(Reason::NotComputable("the condition divides by zero"))
            }
            Number::DaysBetween(parts) => {
                let [a, b] = &**parts;
                Ok((i64::from(b.eval(env)?.days()) - i64::from(a.eval(env)?.days())) * WHOLE)
            }
            Number::Year(day) => Ok(i64::from(day.eval(env)?.calendar().0) * WHOLE),
            Number::Month(day) => Ok(i64::from(day.eval(env)?.calendar().1) * WHOLE),
            Number::DayOfMonth(day) => Ok(i64::from(day.eval(env)?.calendar().2) * WHOLE),
            Number::AgeLow(attributes) => {
                let row = env.row(attributes)?.ok_or(Reason::CodeNotValid(attributes.system.name()))?;
                Ok(i64::from(row.age_low) * WHOLE)
            }
            Number::AgeHigh(attributes) => {
                let row = env.row(attributes)?.ok_or(Reason::CodeNotValid(attributes.system.name()))?;
                Ok(i64::from(row.age_high) * WHOLE)
            }
            Number::AddOnType(attributes) => {
                use codeset::flags::procedure::{ADD_ON_TYPE_1, ADD_ON_TYPE_2, ADD_ON_TYPE_3};
                let row = env.row(attributes)?;
                let types = [(ADD_ON_TYPE_1, 1), (ADD_ON_TYPE_2, 2), (ADD_ON_TYPE_3, 3)];
                let own = types.iter().find(|(bit, _)| row.is_some_and(|row| row.has(*bit)));
                Ok(own.map_or(0, |&(_, number)| number) * WHOLE)
            }
        }
    }
}

fn number_of(text: &str, field: Field) -> Known<i64> {
    codes::Units::parse(text.as_bytes()).map(codes::Units::thousandths).ok_or(Reason::FieldAbsent(field))
}

/// The least or most of a list of numbers or, as day numbers, of days.
fn extreme(list: &List, env: &mut Env<'_>, pick: fn(i64, i64) -> i64) -> Known<i64> {
    let mut best: Option<i64> = None;
    list.each(env, &mut |_, item| {
        let number = match item {
            Item::Number(number) => number,
            Item::Date(day) => i64::from(day.days()),
            _ => return Err(Reason::InternalError),
        };
        best = Some(best.map_or(number, |best| pick(best, number)));
        Ok(true)
    })?;
    best.ok_or(Reason::NotComputable("there is no least or most of an empty list"))
}

impl Day {
    pub(crate) fn eval(&self, env: &mut Env<'_>) -> Known<Date> {
        let row = env.facts.claim.row;
        match self {
            Day::Const(day) => Ok(*day),
            Day::Slot(slot) => match env.slot(*slot) {
                Item::Date(day) => Ok(day),
                _ => Err(Reason::InternalError),
            },
            Day::If(test, parts) => {
                let [yes, no] = &**parts;
                if test.eval(env)? { yes.eval(env) } else { no.eval(env) }
            }
            Day::ServiceFrom(line) => env.line(*line)?.governing_date(),
            Day::ServiceTo(line) => {
                let line = env.line(*line)?;
                match line.row.service_to {
                    Given::Is(day) => Ok(day),
                    Given::Absent => line.governing_date(),
                    Given::Invalid => Err(Reason::FieldAbsent(Field::ServiceTo)),
                }
            }
            Day::FirstService => env.first_service(),
            Day::LastService => env.last_service(),
            Day::BirthDate => given(row.birth_date, Field::BirthDate),
            Day::StatementFrom => given(row.statement_from, Field::StatementFrom),
            Day::StatementTo => given(row.statement_to, Field::StatementTo),
            Day::Received => given(row.received_date, Field::ReceivedDate),
            Day::TextOfClaim(field) => {
                let text = env.text_of_claim(*field)?;
                Date::parse(text.as_bytes()).ok_or(Reason::FieldAbsent(*field))
            }
            Day::AddDays(day, number) => {
                let (day, number) = (day.eval(env)?, number.eval(env)? / WHOLE);
                let days = i64::from(day.days()).saturating_add(number);
                Ok(Date::from_days(i32::try_from(days).unwrap_or(day.days())))
            }
            Day::AddMonths(day, number) => {
                let (day, number) = (day.eval(env)?, number.eval(env)? / WHOLE);
                Ok(i32::try_from(number).map_or(day, |months| day.add_months(months)))
            }
            Day::Least(list) => extreme(list, env, i64::min).map(|day| Date::from_days(day as i32)),
            Day::Most(list) => extreme(list, env, i64::max).map(|day| Date::from_days(day as i32)),
        }
    }
}

impl CodeOp {
    pub(crate) fn eval(&self, env: &mut Env<'_>) -> Known<CodeValue> {
        let row = env.facts.claim.row;
        let word = |text: &str| CodeValue::plain(Code::parse(text.as_bytes()).unwrap_or(Code::MALFORMED));
        let npi = |npi: Npi| CodeValue { bits: npi.number(), ..CodeValue::NONE };
        match self {
            CodeOp::Slot(slot) => match env.slot(*slot) {
                Item::Code(code) => Ok(code),
                _ => Err(Reason::InternalError),
            },
            CodeOp::If(test, parts) => {
                let [yes, no] = &**parts;
                if test.eval(env)? { yes.eval(env) } else { no.eval(env) }
            }
            CodeOp::Procedure(line) => {
                let (at, line) = (env.index(*line), env.line(*line)?);
                env.optional(line.row.procedure, line.procedure, Field::Procedure, Some(at))
            }
            CodeOp::Revenue(line) => {
                let (at, line) = (env.index(*line), env.line(*line)?);
                env.optional(line.row.revenue_code, line.revenue, Field::RevenueCode, Some(at))
            }
            CodeOp::Place(line) => {
                let (at, line) = (env.index(*line), env.line(*line)?);
                let place = line.row.place_of_service;
                // Unlike a procedure or revenue code, a place is what every service has: without one it is missing.
                if place.is_absent() {
                    return Err(Reason::FieldAbsent(Field::PlaceOfService));
                }
                Ok(CodeValue { bits: place.to_bits(), ordinal: line.place.ordinal(), line: Some(at) })
            }
            CodeOp::Rendering(line) => given(env.line(*line)?.row.rendering_npi, Field::RenderingNpi).map(npi),
            CodeOp::Provider(line) => {
                env.line(*line)?.provider.map(npi).ok_or(Reason::FieldAbsent(Field::RenderingNpi))
            }
            CodeOp::ClaimType => Ok(word(row.claim_type.letter())),
            CodeOp::Sex => Ok(word(match given(row.sex, Field::Sex)? {
                codes::Sex::Female => "F",
                codes::Sex::Male => "M",
                codes::Sex::Unknown => "U",
            })),
            CodeOp::State => code_given(row.state, Field::State),
            CodeOp::BillType => {
                let bill = given(row.bill_type, Field::BillType)?;
                Ok(CodeValue::plain(bill.code()))
            }
            CodeOp::PatientStatus => code_given(row.patient_status, Field::PatientStatus),
            CodeOp::BillingNpi => given(row.billing_npi, Field::BillingNpi).map(npi),
            CodeOp::FirstDiagnosis => {
                env.column(Field::Diagnosis(1))?;
                let first = env.facts.diagnoses.first();
                Ok(first.map_or(CodeValue::NONE, |dx| CodeValue {
                    bits: dx.code.to_bits(),
                    ordinal: dx.lookup.ordinal(),
                    line: None,
                }))
            }
            CodeOp::NpiOfClaim(field) => npi_of(env.text_of_claim(*field)?, *field).map(npi),
            CodeOp::NpiOfLine(line, field) => npi_of(env.text_of_line(*line, *field)?, *field).map(npi),
            CodeOp::DiagnosisOfClaim(field) => {
                let text = env.text_of_claim(*field)?;
                let code = Code::parse_diagnosis(text.as_bytes()).unwrap_or(Code::MALFORMED);
                let system = env.facts.system(SystemId::Diagnosis);
                let ordinal = system.filter(|_| !code.is_malformed()).and_then(|system| system.ordinal(code));
                Ok(CodeValue { bits: code.to_bits(), ordinal, line: None })
            }
            CodeOp::Prefix(code, length) => {
                let code = code.eval(env)?;
                if !code.is_given() {
                    return Ok(CodeValue::NONE);
                }
                Ok(CodeValue { bits: code.code().prefix(usize::from(*length)).to_bits(), ordinal: None, ..code })
            }
            CodeOp::Indicator(attributes, indicator) => {
                let table = indicator.table();
                let value = env.table_row(attributes, table)?.ok_or(Reason::CodeNotListed(table.name()))?;
                Ok(CodeValue::plain(indicator.of(value)))
            }
            CodeOp::Status(attributes) => Ok(env.row(attributes)?.map_or(CodeValue::NONE, |row| word(row.status()))),
        }
    }
}

fn code_given(code: Code, field: Field) -> Known<CodeValue> {
    if code.is_absent() || code.is_malformed() { Err(Reason::FieldAbsent(field)) } else { Ok(CodeValue::plain(code)) }
}

fn npi_of(text: &str, field: Field) -> Known<Npi> {
    Npi::parse(text.as_bytes()).ok_or(Reason::FieldAbsent(field))
}

impl TextOp {
    pub(crate) fn eval<'s, 'e: 's>(&'s self, env: &mut Env<'e>) -> Known<&'s str> {
        let (batch, row) = (env.facts.claim.batch, env.facts.claim.row);
        match self {
            TextOp::Const(text) => Ok(text),
            TextOp::If(test, parts) => {
                let [yes, no] = &**parts;
                if test.eval(env)? { yes.eval(env) } else { no.eval(env) }
            }
            TextOp::ClaimId => given_text(batch.text(row.id), Field::ClaimId),
            TextOp::Payer => given_text(batch.text(row.payer), Field::PayerId),
            TextOp::Patient => given_text(batch.text(row.patient), Field::PatientId),
            TextOp::Taxonomy => given_text(batch.text(row.billing_taxonomy), Field::BillingTaxonomy),
            TextOp::Contractor => given_text(batch.text(row.contractor), Field::Contractor),
            TextOp::Ndc(line) => given_text(batch.text(env.line(*line)?.row.ndc), Field::Ndc),
            TextOp::Note(line) => given_text(batch.text(env.line(*line)?.row.note), Field::Note),
            TextOp::OfClaim(field) => env.text_of_claim(*field),
            TextOp::OfLine(line, field) => env.text_of_line(*line, *field),
        }
    }
}

impl List {
    /// Calls `take` with one element after another, until it answers false. An element that is not known ends it
    /// with the reason.
    pub(crate) fn each<'e>(
        &self,
        env: &mut Env<'e>,
        take: &mut dyn FnMut(&mut Env<'e>, Item) -> Known<bool>,
    ) -> Known<()> {
        match self {
            List::Lines => {
                for line in 0..env.facts.lines.len() as u32 {
                    if !take(env, Item::Line(line))? {
                        break;
                    }
                }
            }
            List::Modifiers(line) => {
                env.column(Field::Modifier(1))?;
                let (at, line) = (env.index(*line), env.line(*line)?);
                for (modifier, lookup) in line.row.modifiers.into_iter().zip(line.modifiers) {
                    if modifier == Modifier::ABSENT {
                        continue;
                    }
                    let bits = if modifier.is_malformed() { Code::MALFORMED } else { modifier.code() }.to_bits();
                    let code = CodeValue { bits, ordinal: lookup.ordinal(), line: Some(at) };
                    if !take(env, Item::Code(code))? {
                        break;
                    }
                }
            }
            List::LineDiagnoses(line) => {
                env.column(Field::Diagnosis(1))?;
                let (at, line) = (env.index(*line), env.line(*line)?);
                for (place, dx) in env.facts.given_diagnoses() {
                    if place < 32 && line.pointed & (1 << place) == 0 {
                        continue;
                    }
                    let code = CodeValue { bits: dx.code.to_bits(), ordinal: dx.lookup.ordinal(), line: Some(at) };
                    if !take(env, Item::Code(code))? {
                        break;
                    }
                }
            }
            List::Diagnoses => {
                env.column(Field::Diagnosis(1))?;
                for (_, dx) in env.facts.given_diagnoses() {
                    let code = CodeValue { bits: dx.code.to_bits(), ordinal: dx.lookup.ordinal(), line: None };
                    if !take(env, Item::Code(code))? {
                        break;
                    }
                }
            }
            List::Conditions => {
                env.column(Field::ConditionCodes)?;
                for &code in env.facts.claim.conditions() {
                    if !take(env, Item::Code(CodeValue::plain(code)))? {
                        break;
                    }
                }
            }
            List::Items(items) => {
                for item in items {
                    let item = item.eval(env)?;
                    if !take(env, item)? {
                        break;
                    }
                }
            }
            // As in CEL, an element of which it is not known whether it belongs to the list makes all of it unknown,
            // whether it comes before or after the one that would settle the question. So these are walked to the end.
            List::Filter(list, slot, test) => {
                let mut goes_on = true;
                list.each(env, &mut |env, item| {
                    env.set(*slot, item);
                    if test.eval(env)? && goes_on {
                        goes_on = take(env, item)?;
                    }
                    Ok(true)
                })?;
            }
            List::Map(list, slot, element) => {
                let mut goes_on = true;
                list.each(env, &mut |env, item| {
                    env.set(*slot, item);
                    let item = element.eval(env)?;
                    if goes_on {
                        goes_on = take(env, item)?;
                    }
                    Ok(true)
                })?;
            }
        }
        Ok(())
    }
}

impl Element {
    fn eval(&self, env: &mut Env<'_>) -> Known<Item> {
        Ok(match self {
            Element::Number(number) => Item::Number(number.eval(env)?),
            Element::Date(day) => Item::Date(day.eval(env)?),
            Element::Code(code) => Item::Code(code.eval(env)?),
            Element::Line(line) => Item::Line(env.index(*line)),
        })
    }
}
