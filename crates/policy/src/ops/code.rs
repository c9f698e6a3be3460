//! Codes: those of a claim and its lines, and what the tables say of a code in a code's form.

use super::env::given;
use super::{Bool, CodeValue, Day, Env, Item, Known, LineRef};
use claims::Field;
use codes::{Code, Npi, Sex};
use codeset::{AttributeId, FeeIndicators, HcpcsFacts, SystemId};
use edits::Reason;

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

/// The attributes of a code on a day: the line's, else the claim's.
#[derive(Clone, PartialEq, Eq, Debug)]
pub(crate) struct Attributes {
    pub(crate) system: SystemId,
    pub(crate) code: Box<CodeOp>,
    pub(crate) on: Option<Box<Day>>,
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
            CodeOp::If(test, parts) => test.choose(parts, env)?.eval(env),
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
                Sex::Female => "F",
                Sex::Male => "M",
                Sex::Unknown => "U",
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
                Ok(first.map_or(CodeValue::NONE, |dx| CodeValue::diagnosis(dx, None)))
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
