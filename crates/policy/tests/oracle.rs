//! Compiled conditions, reached through the index, against the interpreter of the crate `cel`, on random claims and
//! random conditions of the whole language (`support/conditions.rs`).
//!
//! The interpreter sees a claim as maps in which what is not given has no key. An expression that touches a missing
//! key is an error there and *not evaluated* here; `&&`, `||`, `exists` and `all` are decided by what is known in both.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::indexing_slicing, reason = "tests")]

#[path = "support/conditions.rs"]
mod conditions;
mod support;

use cel::{Context, ExecutionError, Program, Value};
use claims::{Claim, ClaimBatch, ClaimView, Columns, Field, Line};
use cleanclaim_policy::{Guarded, Policy, PolicyScratch};
use codes::{Code, Date, Npi};
use codeset::{Codeset, SystemId};
use conditions::{CODED, PARAMETERS, Pair, SETS, condition};
use edits::{FactsBuilder, Outcome};
use proptest::prelude::*;
use proptest::strategy::ValueTree;
use proptest::test_runner::{Config, TestRunner};
use serde_json::{Map, json};
use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write as _;
use std::sync::{Arc, LazyLock};
use support::{DIAGNOSES, HEAD, MODIFIERS, PLACES, PROCEDURES, REVENUE, edit};

static CODESET: LazyLock<Codeset> = LazyLock::new(support::codeset);

/// A random claim whose fields are all there, or not.
fn plain_claim() -> impl Strategy<Value = Claim> {
    let maybe = |values: Vec<&'static str>| {
        proptest::option::weighted(0.7, proptest::sample::select(values).prop_map(str::to_owned))
    };
    let days = vec!["2024-12-31", "2025-01-01", "2025-06-15", "2026-03-01"];
    let unknown_too = [PROCEDURES.to_vec(), vec!["99999"]].concat();
    let modifiers =
        proptest::collection::vec(proptest::sample::select(MODIFIERS.to_vec()).prop_map(str::to_owned), 0..3);
    let pointers =
        proptest::collection::vec(proptest::sample::select(vec!["1", "2", "3"]).prop_map(str::to_owned), 0..3);
    let line = (
        (maybe(unknown_too), maybe(REVENUE.to_vec()), modifiers, maybe(PLACES.to_vec())),
        (maybe(vec!["1", "2", "3", "0.5"]), maybe(vec!["100.25", "250", "3"]), maybe(days.clone()), pointers),
        (maybe(vec!["a note", "x"]), maybe(vec!["1234567893", "1245319599"]), maybe(vec!["2026-03-02"])),
    )
        .prop_map(
            |(
                (procedure, revenue_code, modifiers, place_of_service),
                (units, charge, service_from, dx_pointers),
                (note, rendering_npi, service_to),
            )| Line {
                procedure,
                revenue_code,
                modifiers,
                place_of_service,
                units,
                charge,
                service_from,
                dx_pointers,
                note,
                rendering_npi,
                service_to,
                ..Line::default()
            },
        );
    let diagnoses = proptest::collection::vec(
        proptest::sample::select([DIAGNOSES.to_vec(), vec!["Q99"]].concat()).prop_map(str::to_owned),
        0..4,
    );
    (
        (proptest::collection::vec(line, 0..5), diagnoses),
        (
            maybe(vec!["F", "M"]),
            maybe(vec!["ACME", "OTHER"]),
            maybe(vec!["NY", "NJ", "CA"]),
            maybe(vec!["1990-02-28", "2015-07-01"]),
        ),
        (
            maybe(vec!["1234567893"]),
            maybe(vec!["250", "500.5", "0"]),
            proptest::collection::vec(Just("A1".to_owned()), 0..2),
        ),
    )
        .prop_map(
            |((lines, diagnoses), (sex, payer_id, state, birth_date), (billing_npi, claim_total, condition_codes))| {
                Claim {
                    claim_id: "C".into(),
                    claim_type: Some("P".into()),
                    lines,
                    diagnoses,
                    sex,
                    payer_id,
                    state,
                    birth_date,
                    billing_npi,
                    claim_total,
                    condition_codes,
                    ..Claim::default()
                }
            },
        )
}

/// Values of the fields that few claims have, and of others: some of a field's own form, some not.
fn more(names: Vec<String>) -> impl Strategy<Value = BTreeMap<String, String>> {
    let one = |name: String| {
        let values: &[&str] = match name.as_str() {
            own if own.ends_with("_npi") => &["1234567893", "1245319599", "123"],
            "accident_date" | "admission_date" | "statement_from" | "statement_to" | "received_date" => {
                &["2024-12-31", "2025-01-01", "2026-03-01"]
            }
            "admitting_diagnosis" => &["I10", "E11.9", "Q99"],
            "paid_amount" | "ndc_quantity" => &["1", "2.5", "100.25"],
            "bill_type" => &["0131", "0851", "137"],
            "patient_status" => &["01", "30"],
            _ => &["x", "a note", "none"],
        };
        proptest::option::weighted(0.6, proptest::sample::select(values.to_vec()))
            .prop_map(move |value| value.map(|value| (name.clone(), value.to_owned())))
    };
    names.into_iter().map(one).collect::<Vec<_>>().prop_map(|all| all.into_iter().flatten().collect())
}

/// A random claim of which any field may be given or not.
fn claim() -> impl Strategy<Value = Claim> {
    let own = [
        "patient_id",
        "billing_taxonomy",
        "bill_type",
        "statement_from",
        "statement_to",
        "received_date",
        "patient_status",
        "contractor",
    ];
    let texts = Field::all().filter(|field| field.is_text() && !field.is_text_of_line()).map(|field| field.to_string());
    let of_claim: Vec<String> = own.iter().map(|&name| name.to_owned()).chain(texts).collect();
    let of_line: Vec<String> = Field::all()
        .filter(|field| field.is_text_of_line())
        .map(|field| field.to_string())
        .chain(["ndc".to_owned()])
        .collect();
    (plain_claim(), more(of_claim), proptest::collection::vec(more(of_line), 5)).prop_map(|(claim, more, of_lines)| {
        let mut claim = serde_json::to_value(claim).unwrap();
        claim.as_object_mut().unwrap().extend(more.into_iter().map(|(name, value)| (name, value.into())));
        for (line, more) in claim["lines"].as_array_mut().unwrap().iter_mut().zip(of_lines) {
            line.as_object_mut().unwrap().extend(more.into_iter().map(|(name, value)| (name, value.into())));
        }
        serde_json::from_value(claim).unwrap()
    })
}

/// The columns of which an input may lack some, and the keys that are missing then.
const COLUMNS: [(Field, &[&str]); 5] = [
    (Field::Procedure, &["procedure", "at_procedure", "then_procedure"]),
    (Field::RevenueCode, &["revenue", "at_revenue"]),
    (Field::Modifier(1), &["modifiers", "at_modifiers"]),
    (Field::Diagnosis(1), &["diagnoses", "at_diagnoses", "first_diagnosis"]),
    (Field::ConditionCodes, &["conditions"]),
];

/// The attributes of a code on a day, as far as they are known.
fn attributes(system: SystemId, code: Code, day: Option<Date>) -> Option<serde_json::Value> {
    let mut map = Map::new();
    let flags = |map: &mut Map<String, serde_json::Value>, has: &dyn Fn(u32) -> bool| {
        map.extend(system.flag_names().iter().map(|&(name, bits)| (name.to_owned(), json!(has(bits)))));
    };
    if code.is_absent() {
        // No code has no attribute.
        flags(&mut map, &|_| false);
        map.extend([
            ("valid".to_owned(), json!(false)),
            ("status".to_owned(), json!("none")),
            ("add_on_type".to_owned(), json!(0)),
        ]);
        return Some(map.into());
    }
    let table = CODESET.system(system).unwrap();
    let row = table.ordinal(code).and_then(|ordinal| table.row_on(ordinal, day?));
    day?;
    map.insert("valid".to_owned(), json!(row.is_some_and(|row| row.is_billable())));
    if let Some(row) = row {
        flags(&mut map, &|bits| row.has(bits));
        let own = [
            ("age_low", json!(row.age_low)),
            ("age_high", json!(row.age_high)),
            ("add_on_type", json!(0)),
            ("status", json!(row.status())),
        ];
        map.extend(own.map(|(name, value)| (name.to_owned(), value)));
    }
    Some(map.into())
}

/// A field that is kept as text, as what it is.
fn of_text(field: Field, text: &str) -> Option<serde_json::Value> {
    let name = field.to_string();
    match name.as_str() {
        own if own.ends_with("_npi") => Npi::parse(text.as_bytes()).map(|npi| json!(npi.to_string())),
        "accident_date" | "admission_date" => Date::parse(text.as_bytes()).map(|day| json!(day.to_string())),
        "admitting_diagnosis" => Code::parse_diagnosis(text.as_bytes()).map(|code| json!(code.to_string())),
        "paid_amount" | "ndc_quantity" => text.parse::<f64>().ok().map(|number| json!(number)),
        _ => Some(json!(text)),
    }
}

/// The claim as the interpreter sees it. A line without procedure has one that equals no other.
fn seen(batch: &ClaimBatch, lacking: &[&str]) -> (serde_json::Value, Vec<serde_json::Value>) {
    let view = batch.claim(0);
    let row = view.row;
    let mut lines = Vec::new();
    for (line, at) in view.lines().iter().zip(0usize..) {
        lines.push(serde_json::Value::Object(line_seen(&view, line, at, lacking)));
    }
    let mut map = Map::new();
    let mut put = |key: &str, value: Option<serde_json::Value>| {
        if let Some(value) = value.filter(|_| !lacking.contains(&key)) {
            map.insert(key.to_owned(), value);
        }
    };
    let text = |text: &str| Some(json!(text)).filter(|_| !text.is_empty());
    let code = |code: Code| Some(json!(code.to_string())).filter(|_| !code.is_absent());
    let all: Vec<String> = view.diagnoses().iter().map(ToString::to_string).collect();
    put("id", text(view.id()));
    put("type", Some(json!(row.claim_type.letter())));
    put("first_diagnosis", Some(json!(all.first().cloned().unwrap_or_else(|| "no diagnosis".to_owned()))));
    put("diagnoses", Some(json!(all)));
    put("conditions", Some(json!(view.conditions().iter().map(ToString::to_string).collect::<Vec<_>>())));
    put("sex", row.sex.value().map(|sex| json!(if sex == codes::Sex::Female { "F" } else { "M" })));
    put("state", code(row.state));
    put("payer", text(batch.text(row.payer)));
    put("patient", text(batch.text(row.patient)));
    put("billing_taxonomy", text(batch.text(row.billing_taxonomy)));
    put("contractor", text(batch.text(row.contractor)));
    put("billing_npi", row.billing_npi.value().map(|npi| json!(npi.to_string())));
    put("bill_type", row.bill_type.value().map(|bill| json!(bill.code().to_string())));
    put("patient_status", code(row.patient_status));
    let iso = |day: Option<Date>| day.map(|day| json!(day.to_string()));
    put("birth_date", iso(row.birth_date.value()));
    put("statement_from", iso(row.statement_from.value()));
    put("statement_to", iso(row.statement_to.value()));
    put("received", iso(row.received_date.value()));
    put("total", row.total.value().map(|total| json!(total.cents() as f64 / 100.0)));
    let first = view.lines().iter().filter_map(|line| line.service_from.value()).min().or(row.statement_from.value());
    let last = view.lines().iter().filter_map(|line| line.service_to.value().or(line.service_from.value())).max();
    put("date", iso(first));
    put("last_date", iso(last.or(row.statement_to.value())));
    put("age", first.zip(row.birth_date.value()).and_then(|(day, birth)| day.age(birth)).map(|age| json!(age)));
    for field in Field::all().filter(|field| field.is_text() && !field.is_text_of_line()) {
        put(&field.to_string(), view.text_of(field).and_then(|text| of_text(field, text)));
    }
    put("lines", Some(json!(lines)));
    (serde_json::Value::Object(map), lines)
}

fn line_seen(
    view: &ClaimView<'_>,
    line: &claims::LineRow,
    at: usize,
    lacking: &[&str],
) -> Map<String, serde_json::Value> {
    let (batch, row) = (view.batch, view.row);
    let mut map = Map::new();
    let mut put = |key: &str, value: Option<serde_json::Value>| {
        if let Some(value) = value.filter(|_| !lacking.contains(&key)) {
            map.insert(key.to_owned(), value);
        }
    };
    let day = line.service_from.value();
    let or_none = |code: Code, what: &str| {
        Some(json!(if code.is_absent() { format!("no {what} of line {at}") } else { code.to_string() }))
    };
    put("number", Some(json!(line.number)));
    put("procedure", or_none(line.procedure, "procedure"));
    put("revenue", or_none(line.revenue_code, "revenue"));
    put("pos", Some(json!(line.place_of_service.to_string())).filter(|_| !line.place_of_service.is_absent()));
    for (field, system) in CODED {
        let code = match field {
            "procedure" => line.procedure,
            "revenue" => line.revenue_code,
            // A line without a place lacks what every line has.
            _ if line.place_of_service.is_absent() => continue,
            _ => line.place_of_service,
        };
        put(&format!("at_{field}"), attributes(system, code, day));
    }
    put("then_procedure", attributes(SystemId::Procedure, line.procedure, Date::parse(b"2024-06-15")));
    put("no_table", Some(json!({})));
    let modifiers: Vec<Code> = line.modifiers.iter().filter(|own| !own.is_absent()).map(|own| own.code()).collect();
    put("modifiers", Some(json!(modifiers.iter().map(ToString::to_string).collect::<Vec<_>>())));
    let of_each = |system: SystemId, codes: &[Code]| -> serde_json::Value {
        codes.iter().map(|&code| attributes(system, code, day).unwrap_or_else(|| json!({}))).collect()
    };
    put("at_modifiers", Some(of_each(SystemId::Modifier, &modifiers)));
    let pointers = view.pointers(line);
    let pointed: Vec<Code> = view
        .diagnoses()
        .iter()
        .zip(1u16..)
        .filter(|(_, place)| pointers.is_empty() || pointers.contains(place))
        .map(|(&code, _)| code)
        .collect();
    put("diagnoses", Some(json!(pointed.iter().map(ToString::to_string).collect::<Vec<_>>())));
    put("at_diagnoses", Some(of_each(SystemId::Diagnosis, &pointed)));
    put("units", line.units.value().map(|units| json!(units.thousandths() as f64 / 1000.0)));
    put("charge", line.charge.value().map(|charge| json!(charge.cents() as f64 / 100.0)));
    let iso = |day: Option<Date>| day.map(|day| json!(day.to_string()));
    put("date", iso(day));
    put("from", iso(day));
    let to = line.service_to.value().or(day);
    put("to", iso(to));
    put("days", day.zip(to).map(|(from, to)| json!(to.days() - from.days() + 1)));
    put("age", day.zip(row.birth_date.value()).and_then(|(day, birth)| day.age(birth)).map(|age| json!(age)));
    put("rendering_npi", line.rendering_npi.value().map(|npi| json!(npi.to_string())));
    let provider = line.rendering_npi.value().or(row.billing_npi.value());
    put("provider", provider.map(|npi| json!(npi.to_string())));
    for (key, text) in [("note", batch.text(line.note)), ("ndc", batch.text(line.ndc))] {
        put(key, Some(json!(text)).filter(|_| !text.is_empty()));
    }
    for field in Field::all().filter(|field| field.is_text_of_line()) {
        put(&field.to_string(), view.text_of_line(at, field).and_then(|text| of_text(field, text)));
    }
    map
}

fn strings(value: &Value) -> Vec<String> {
    match value {
        Value::List(items) => items
            .iter()
            .map(|item| match item {
                Value::String(text) => text.to_string(),
                other => panic!("{other:?} is no text"),
            })
            .collect(),
        other => panic!("{other:?} is no list"),
    }
}

/// JSON as the interpreter has it, with whole numbers that may be taken from each other.
fn value(json: &serde_json::Value) -> Value {
    fn signed(value: Value) -> Value {
        match value {
            Value::UInt(number) => Value::Int(number as i64),
            Value::List(list) => Value::List(Arc::new(list.iter().cloned().map(signed).collect())),
            Value::Map(map) => {
                let all = map.map.iter().map(|(key, value)| (key.clone(), signed(value.clone())));
                Value::Map(cel::objects::Map { map: Arc::new(all.collect()) })
            }
            other => other,
        }
    }
    signed(cel::to_value(json).unwrap())
}

fn wrong(function: &str) -> ExecutionError {
    ExecutionError::function_error(function, "not known")
}

fn day(function: &str, text: &str) -> Result<Date, ExecutionError> {
    Date::parse(text.as_bytes()).ok_or_else(|| wrong(function))
}

/// The functions of the policy language that CEL has not, or not so.
fn functions(context: &mut Context<'_, '_>) {
    let sum = |list: Arc<Vec<Value>>| -> f64 {
        let number = |value: &Value| match value {
            Value::Float(number) => *number,
            other => panic!("{other:?} is no number"),
        };
        list.iter().map(number).sum()
    };
    context.add_function("sum", sum).unwrap();
    let overlaps = |a: Arc<Vec<Value>>, b: Arc<Vec<Value>>| -> bool {
        let b = strings(&Value::List(b));
        strings(&Value::List(a)).iter().any(|own| b.contains(own))
    };
    context.add_function("overlaps", overlaps).unwrap();
    let least = |list: Arc<Vec<Value>>| extreme(&list, std::cmp::Ordering::Less);
    let most = |list: Arc<Vec<Value>>| extreme(&list, std::cmp::Ordering::Greater);
    context.add_function("least", least).unwrap();
    context.add_function("most", most).unwrap();
    let add_days = |from: Arc<String>, days: i64| -> Result<Value, ExecutionError> {
        Ok(Date::from_days(day("add_days", &from)?.days() + days as i32).to_string().into())
    };
    context.add_function("add_days", add_days).unwrap();
    let add_months = |from: Arc<String>, months: i64| -> Result<Value, ExecutionError> {
        Ok(day("add_months", &from)?.add_months(months as i32).to_string().into())
    };
    context.add_function("add_months", add_months).unwrap();
    let days_between = |from: Arc<String>, to: Arc<String>| -> Result<i64, ExecutionError> {
        Ok(i64::from(day("days_between", &to)?.days() - day("days_between", &from)?.days()))
    };
    context.add_function("days_between", days_between).unwrap();
    let year = |of: Arc<String>| -> Result<i64, ExecutionError> { Ok(day("year", &of)?.calendar().0.into()) };
    let month = |of: Arc<String>| -> Result<i64, ExecutionError> { Ok(day("month", &of)?.calendar().1.into()) };
    let day_of = |of: Arc<String>| -> Result<i64, ExecutionError> { Ok(day("day", &of)?.calendar().2.into()) };
    context.add_function("year", year).unwrap();
    context.add_function("month", month).unwrap();
    context.add_function("day", day_of).unwrap();
    let age_on = |birth: Arc<String>, on: Arc<String>| -> Result<i64, ExecutionError> {
        let age = day("age_on", &on)?.age(day("age_on", &birth)?);
        age.map(i64::from).ok_or_else(|| wrong("age_on"))
    };
    context.add_function("age_on", age_on).unwrap();
    let prefix = |code: Arc<String>, length: i64| -> String { code.chars().take(length as usize).collect() };
    context.add_function("prefix", prefix).unwrap();
}

/// The least or most of a list of numbers or of dates.
fn extreme(list: &[Value], wanted: std::cmp::Ordering) -> Result<Value, ExecutionError> {
    let mut best: Option<&Value> = None;
    for own in list {
        if best.is_none_or(|best| own.partial_cmp(best) == Some(wanted)) {
            best = Some(own);
        }
    }
    best.cloned().ok_or_else(|| wrong("least or most"))
}

/// What every condition on a claim may refer to.
fn context(claim: &serde_json::Value, lines: &[serde_json::Value]) -> Context<'static, 'static> {
    let (mut context, mut parameters) = (Context::default(), Map::new());
    let sets: Map<String, serde_json::Value> =
        SETS.iter().map(|(name, _, codes)| ((*name).to_owned(), json!(codes))).collect();
    context.add_variable_from_value("sets", value(&sets.into()));
    context.add_variable_from_value("claim", value(claim));
    context.add_variable_from_value("lines", value(&json!(lines)));
    for (name, _, value) in PARAMETERS {
        parameters.insert(name.to_owned(), serde_json::from_str(value).unwrap());
    }
    context.add_variable_from_value("params", value(&parameters.into()));
    functions(&mut context);
    context
}

/// What the interpreter makes of the condition: `None` for an error.
fn interpreted(program: &Program, context: &Context<'_, '_>) -> Option<bool> {
    match program.execute(context) {
        Ok(Value::Bool(value)) => Some(value),
        Ok(other) => panic!("a condition gave {other:?}"),
        Err(_) => None,
    }
}

fn expected(value: Option<bool>) -> Outcome {
    match value {
        Some(true) => Outcome::Fail,
        Some(false) => Outcome::Pass,
        None => Outcome::NotEvaluated,
    }
}

/// A policy with these conditions.
fn policy_of(on_lines: &[Pair], on_claims: &[Pair]) -> String {
    let mut text = [HEAD, "[parameters]\n"].concat();
    for (name, value, _) in PARAMETERS {
        writeln!(text, "{name} = {value}").unwrap();
    }
    for (name, system, codes) in SETS {
        writeln!(text, "[sets.{name}]\nsystem = \"{system}\"\ncodes = {codes:?}").unwrap();
    }
    for ((condition, _), number) in on_lines.iter().zip(100_000..) {
        text.push_str(&edit(&format!("T{number}"), "line", condition));
    }
    for ((condition, _), number) in on_claims.iter().zip(500_000..) {
        text.push_str(&edit(&format!("T{number}"), "claim", condition));
    }
    text
}

/// The names that the compiler offers where this condition has one that is none.
fn offered(condition: &str) -> BTreeSet<String> {
    let error = Policy::parse("t.toml", &[HEAD, &edit("T1", "line", condition)].concat(), &CODESET).err().unwrap();
    let help =
        error.problems().iter().find_map(|own| own.help()?.strip_prefix("there are ").map(str::to_owned)).unwrap();
    help.split(", ").map(str::to_owned).collect()
}

/// The operators of the language, as its parser has them.
fn operators() -> BTreeSet<String> {
    let source = std::fs::read_to_string(concat!(env!("CARGO_MANIFEST_DIR"), "/src/cel.rs")).unwrap();
    let signs = source
        .lines()
        .filter_map(|line| line.trim().strip_prefix("Operator::")?.split_once("=> \"")?.1.strip_suffix("\","));
    signs.map(str::to_owned).chain(["!".to_owned(), "?".to_owned()]).collect()
}

#[test]
fn random_conditions_have_every_operator_field_function_and_attribute_of_the_language() {
    let mut runner = TestRunner::new_with_rng(
        Config::default(),
        proptest::test_runner::TestRng::deterministic_rng(proptest::test_runner::RngAlgorithm::ChaCha),
    );
    let mut all = String::new();
    for on_line in [true, false] {
        let conditions = proptest::collection::vec(condition(on_line), 4000);
        for (ours, _) in conditions.new_tree(&mut runner).unwrap().current() {
            writeln!(all, "{ours}").unwrap();
        }
    }
    let is_word = |c: char| c.is_ascii_alphanumeric() || c == '_';
    let said = |before: &str, name: &str| {
        let whole = format!("{before}{name}");
        all.match_indices(&whole).any(|(at, _)| !all[at + whole.len()..].starts_with(is_word))
    };
    let mut missing = Vec::new();
    for (before, condition) in [
        ("line.", "line.zzzzzzzzzzzzzzzz"),
        ("claim.", "claim.zzzzzzzzzzzzzzz"),
        (").", "code(line.procedure).zzzzzzzzzzzzzz"),
        (").", "code(line.pos).zzzzzzzzzzzzzz"),
        (").", "code(line.revenue).zzzzzzzzzzzzzz"),
        (").", "line.modifiers.exists(m, code(m).zzzzzzzzzzzzzz)"),
        (").", "line.diagnoses.exists(d, code(d).zzzzzzzzzzzzzz)"),
        ("sets.", "line.procedure in sets.zzzzzzzzzzzzz"),
    ] {
        if before == "sets." {
            missing
                .extend(SETS.iter().filter(|(name, ..)| !said(before, name)).map(|(name, ..)| format!("sets.{name}")));
            missing.extend(
                PARAMETERS
                    .iter()
                    .filter(|(name, ..)| !said("params.", name))
                    .map(|(name, ..)| format!("params.{name}")),
            );
            continue;
        }
        let names = offered(condition);
        assert!(names.len() > 4, "{names:?}");
        missing.extend(
            names.iter().filter(|name| !said(before, name)).map(|name| format!("{before}{name} as in {condition}")),
        );
    }
    let functions = offered("zzzzzzzzzzzzzzzzzz(1)");
    assert!(functions.len() > 20, "{functions:?}");
    missing.extend(functions.into_iter().filter(|name| !all.contains(&format!("{name}("))));
    let operators = operators();
    assert!(operators.len() > 13, "{operators:?}");
    missing.extend(operators.into_iter().filter(|sign| !all.contains(sign.as_str())));
    assert!(missing.is_empty(), "no random condition has: {missing:#?}");
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(256))]
    #[test]
    fn what_is_compiled_and_indexed_comes_out_as_what_is_interpreted(
        on_lines in proptest::collection::vec(condition(true), 6),
        on_claims in proptest::collection::vec(condition(false), 4),
        claims in proptest::collection::vec(claim(), 6),
        lacking in proptest::collection::vec(proptest::bool::weighted(0.1), COLUMNS.len()),
    ) {
        let text = policy_of(&on_lines, &on_claims);
        let (policy, _) = Policy::parse("t.toml", &text, &CODESET).map_err(|error| TestCaseError::fail(error.to_string()))?;
        let programs: Vec<Program> =
            on_lines.iter().chain(&on_claims).map(|(_, theirs)| Program::compile(theirs).unwrap()).collect();
        let lacking: Vec<(Field, &[&str])> = COLUMNS.into_iter().zip(lacking).filter(|(_, lacks)| *lacks).map(|(column, _)| column).collect();
        let missing: Vec<&str> = lacking.iter().flat_map(|(_, keys)| keys.iter().copied()).collect();
        let columns = Field::all().fold(Columns::NONE, |columns, field| {
            if lacking.iter().any(|(own, _)| std::mem::discriminant(own) == std::mem::discriminant(&field)) { columns } else { columns.with(field) }
        });
        let mut scratch = PolicyScratch::default();
        for claim in &claims {
            let mut batch = ClaimBatch::new(columns);
            batch.push(claim);
            let (map, lines) = seen(&batch, &missing);
            let mut context = context(&map, &lines);
            let mut builder = FactsBuilder::new(&CODESET);
            let facts = builder.build(batch.claim(0), &mut &*CODESET);
            let mut verdicts = Vec::new();
            policy.check(&facts, Guarded::No, &mut scratch, &mut verdicts);
            let mut reported: Vec<(u32, Option<u32>)> = verdicts.iter().map(|own| (own.edit, own.line)).collect();
            reported.sort_unstable();
            let once = reported.len();
            reported.dedup();
            prop_assert_eq!(reported.len(), once, "a unit is reported once");
            for unit in (0..lines.len()).map(Some).chain([None]) {
                if let Some(line) = unit {
                    context.add_variable_from_value("line", value(&lines[line]));
                }
                let line = unit.map(|line| line as u32);
                for (program, edit) in programs.iter().zip(0u32..) {
                    if unit.is_some() != ((edit as usize) < on_lines.len()) {
                        continue;
                    }
                    let got = verdicts.iter().find(|own| (own.edit, own.line) == (edit, line));
                    let got_outcome = got.map_or(Outcome::Pass, |own| own.outcome);
                    let wanted = expected(interpreted(program, &context));
                    let condition = on_lines.iter().chain(&on_claims).nth(edit as usize).unwrap();
                    prop_assert_eq!(got_outcome, wanted, "{:?} on line {:?} of {} {}: {:?}", condition, line, map, json!(lines), got.map(|own| own.reason));
                }
            }
        }
    }
}
