//! Compiled conditions, reached through the index, against the interpreter of the crate `cel`, on random claims and
//! random conditions.
//!
//! The interpreter sees a claim as maps in which what is not given has no key. An expression that touches a missing
//! key is an error there and *not evaluated* here; `&&`, `||`, `exists` and `all` are decided by what is known in both.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::indexing_slicing, reason = "tests")]

mod support;

use cel::{Context, Program, Value};
use claims::{Claim, ClaimBatch, Columns, Field, Line};
use cleanclaim_policy::{Guarded, Policy, PolicyScratch};
use codeset::Codeset;
use edits::{FactsBuilder, Outcome};
use proptest::prelude::*;
use serde_json::{Map, json};
use std::fmt::Write as _;
use std::sync::{Arc, LazyLock};
use support::{DIAGNOSES, HEAD, MODIFIERS, PLACES, PROCEDURES, REVENUE, edit};

static CODESET: LazyLock<Codeset> = LazyLock::new(support::codeset);

/// The sets that random conditions use: name, system, codes.
const SETS: [(&str, &str, &[&str]); 6] = [
    ("visits", "procedures", &["99211", "99212", "99213", "99214"]),
    ("tests", "procedures", &["36415", "80053"]),
    ("most", "procedures", &["10060", "11042", "36415", "80053", "99211", "99213", "G0438", "J1100", "20610"]),
    ("diabetes", "icd10cm", &["E109", "E119", "E1165"]),
    ("sides", "modifiers", &["LT", "RT"]),
    ("emergency", "revenue", &["0450"]),
];

/// A condition that both can read.
fn condition(on_line: bool) -> impl Strategy<Value = String> {
    let number = prop_oneof![Just("0"), Just("1"), Just("2"), Just("3")];
    let compare = || prop_oneof![Just("<"), Just("<="), Just(">"), Just(">="), Just("=="), Just("!=")];
    let amount = || prop_oneof![Just("0.0"), Just("1.0"), Just("2.5"), Just("100.25"), Just("250.0")];
    let date = prop_oneof![Just("2024-12-31"), Just("2025-01-01"), Just("2025-06-15"), Just("2026-03-01")];
    // Of the line `of`.
    let of_line = |of: &'static str| {
        prop_oneof![
            3 => proptest::sample::select(vec!["visits", "tests", "most"])
                .prop_map(move |set| format!("{of}.procedure in sets.{set}")),
            2 => proptest::sample::select(PROCEDURES.to_vec()).prop_map(move |code| format!("{of}.procedure == \"{code}\"")),
            1 => Just(format!("{of}.procedure in [\"99213\", \"10060\"]")),
            1 => Just(format!("{of}.procedure.startsWith(\"99\")")),
            1 => Just(format!("{of}.revenue in sets.emergency")),
            1 => Just(format!("{of}.modifiers.exists(m, m in sets.sides)")),
            1 => Just(format!("\"25\" in {of}.modifiers")),
            1 => Just(format!("{of}.modifiers.all(m, m != \"59\")")),
            1 => Just(format!("overlaps({of}.diagnoses, sets.diabetes)")),
            1 => proptest::sample::select(DIAGNOSES.to_vec()).prop_map(move |code| format!("\"{code}\" in {of}.diagnoses")),
            1 => Just(format!("{of}.pos == \"11\"")),
            1 => Just(format!("has({of}.pos)")),
            1 => Just(format!("has({of}.note)")),
            1 => Just(format!("{of}.note.contains(\"a\")")),
            2 => (compare(), amount()).prop_map(move |(compare, amount)| format!("{of}.units {compare} {amount}")),
            2 => (compare(), amount()).prop_map(move |(compare, amount)| format!("{of}.charge {compare} {amount}")),
            1 => Just(format!("{of}.charge - 0.5 > {of}.charge * 0.5")),
            1 => Just(format!("size({of}.modifiers) > 1")),
            1 => Just(format!("{of}.days > 1")),
        ]
    };
    let any_line = || of_line("other");
    let claim = prop_oneof![
        2 => any_line().prop_map(|test| format!("lines.exists(other, {test})")),
        1 => any_line().prop_map(|test| format!("lines.all(other, {test})")),
        1 => any_line().prop_map(|test| format!("lines.exists_one(other, {test})")),
        2 => (any_line(), compare(), number).prop_map(|(test, compare, number)| {
            format!("size(lines.filter(other, {test})) {compare} {number}")
        }),
        1 => (any_line(), compare(), amount()).prop_map(|(test, compare, amount)| {
            format!("sum(lines.filter(other, {test}).map(other, other.units)) {compare} {amount}")
        }),
        1 => any_line().prop_map(|test| {
            format!("lines.filter(other, {test}).exists(other, other.procedure in sets.visits)")
        }),
        1 => any_line().prop_map(|test| {
            format!("lines.exists(other, {test} && lines.exists(third, third.procedure == other.procedure && third.number != other.number))")
        }),
        1 => Just("claim.diagnoses.exists(d, d in sets.diabetes)".to_owned()),
        1 => Just("\"I10\" in claim.diagnoses".to_owned()),
        1 => Just("claim.sex == \"F\"".to_owned()),
        1 => Just("claim.payer.startsWith(\"AC\")".to_owned()),
        1 => Just("claim.state in [\"NY\", \"NJ\"]".to_owned()),
        1 => Just("has(claim.birth_date)".to_owned()),
        1 => Just("\"A1\" in claim.conditions".to_owned()),
        1 => Just("claim.total == sum(lines.map(other, other.charge))".to_owned()),
    ];
    let of_dates = (compare(), date)
        .prop_filter_map("dates have an order", |(compare, date)| Some(format!("line.date {compare} \"{date}\"")));
    let atom = if on_line {
        prop_oneof![
            4 => of_line("line"),
            2 => claim,
            1 => of_dates,
            1 => Just("lines.exists(other, other.number < line.number && other.procedure == line.procedure && other.date == line.date)".to_owned()),
            1 => Just("lines.exists(other, other.provider == line.provider && other.number != line.number)".to_owned()),
            1 => Just("line.age >= 18".to_owned()),
        ]
        .boxed()
    } else {
        claim.boxed()
    };
    atom.prop_recursive(4, 12, 3, |inner| {
        prop_oneof![
            4 => (inner.clone(), inner.clone()).prop_map(|(a, b)| format!("({a} && {b})")),
            3 => (inner.clone(), inner.clone()).prop_map(|(a, b)| format!("({a} || {b})")),
            1 => inner.clone().prop_map(|a| format!("!({a})")),
            1 => (inner.clone(), inner.clone(), inner.clone()).prop_map(|(a, b, c)| format!("({a} ? {b} : {c})")),
            1 => (inner.clone(), inner).prop_map(|(a, b)| format!("(({a}) == ({b}))")),
        ]
    })
}

/// A random claim whose fields are all there, or not.
fn claim() -> impl Strategy<Value = Claim> {
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

/// The columns of which an input may lack some, and the keys that are missing then.
const COLUMNS: [(Field, &str); 5] = [
    (Field::Procedure, "procedure"),
    (Field::RevenueCode, "revenue"),
    (Field::Modifier(1), "modifiers"),
    (Field::Diagnosis(1), "diagnoses"),
    (Field::ConditionCodes, "conditions"),
];

/// The claim as the interpreter sees it. A line without procedure has one that equals no other.
fn seen(batch: &ClaimBatch, lacking: &[&str]) -> (serde_json::Value, Vec<serde_json::Value>) {
    let view = batch.claim(0);
    let row = view.row;
    let float = |thousandths: i64, scale: f64| json!(thousandths as f64 / scale);
    let codes = |codes: Vec<String>| json!(codes);
    let all: Vec<String> = view.diagnoses().iter().map(ToString::to_string).collect();
    let mut lines = Vec::new();
    for (line, at) in view.lines().iter().zip(1..) {
        let mut map = Map::new();
        let mut put = |key: &str, value: Option<serde_json::Value>| {
            if let Some(value) = value.filter(|_| !lacking.contains(&key)) {
                map.insert(key.to_owned(), value);
            }
        };
        let or_none = |code: codes::Code, what: &str| {
            Some(json!(if code.is_absent() { format!("no {what} of line {at}") } else { code.to_string() }))
        };
        put("number", Some(json!(line.number)));
        put("procedure", or_none(line.procedure, "procedure"));
        put("revenue", or_none(line.revenue_code, "revenue"));
        put("pos", Some(json!(line.place_of_service.to_string())).filter(|_| !line.place_of_service.is_absent()));
        let modifiers = line.modifiers.iter().filter(|own| !own.is_absent()).map(ToString::to_string).collect();
        put("modifiers", Some(codes(modifiers)));
        put("units", line.units.value().map(|units| float(units.thousandths(), 1000.0)));
        put("charge", line.charge.value().map(|charge| float(charge.cents(), 100.0)));
        put("date", line.service_from.value().map(|day| json!(day.to_string())));
        let days =
            line.service_from.value().map(|from| line.service_to.value().unwrap_or(from).days() - from.days() + 1);
        put("days", days.map(|days| json!(days)));
        let age = line.service_from.value().zip(row.birth_date.value()).and_then(|(day, birth)| day.age(birth));
        put("age", age.map(|age| json!(age)));
        let provider = line.rendering_npi.value().or(row.billing_npi.value());
        put("provider", provider.map(|npi| json!(npi.to_string())));
        let note = batch.text(line.note);
        put("note", Some(json!(note)).filter(|_| !note.is_empty()));
        let pointers = view.pointers(line);
        let pointed = all.iter().zip(1u16..).filter(|(_, place)| pointers.is_empty() || pointers.contains(place));
        put("diagnoses", Some(codes(pointed.map(|(code, _)| code.clone()).collect())));
        lines.push(serde_json::Value::Object(map));
    }
    let mut map = Map::new();
    let mut put = |key: &str, value: Option<serde_json::Value>| {
        if let Some(value) = value.filter(|_| !lacking.contains(&key)) {
            map.insert(key.to_owned(), value);
        }
    };
    put("diagnoses", Some(codes(all)));
    put("conditions", Some(codes(view.conditions().iter().map(ToString::to_string).collect())));
    put("sex", row.sex.value().map(|sex| json!(if sex == codes::Sex::Female { "F" } else { "M" })));
    put("state", Some(json!(row.state.to_string())).filter(|_| !row.state.is_absent()));
    let payer = batch.text(row.payer);
    put("payer", Some(json!(payer)).filter(|_| !payer.is_empty()));
    put("birth_date", row.birth_date.value().map(|day| json!(day.to_string())));
    put("total", row.total.value().map(|total| float(total.cents(), 100.0)));
    (serde_json::Value::Object(map), lines)
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

/// What the interpreter makes of the condition: `None` for an error.
fn interpreted(
    program: &Program,
    claim: &serde_json::Value,
    lines: &[serde_json::Value],
    line: Option<usize>,
) -> Option<bool> {
    let mut context = Context::default();
    let sets: Map<String, serde_json::Value> =
        SETS.iter().map(|(name, _, codes)| ((*name).to_owned(), json!(codes))).collect();
    context.add_variable("sets", sets).unwrap();
    context.add_variable("claim", claim).unwrap();
    context.add_variable("lines", lines).unwrap();
    if let Some(line) = line {
        context.add_variable("line", &lines[line]).unwrap();
    }
    let sum = |list: Arc<Vec<Value>>| -> f64 {
        let number = |value: &Value| match value {
            Value::Float(number) => *number,
            other => panic!("{other:?} is no number"),
        };
        list.iter().map(number).sum()
    };
    let _ = context.add_function("sum", sum);
    let overlaps = |a: Arc<Vec<Value>>, b: Arc<Vec<Value>>| -> bool {
        let b = strings(&Value::List(b));
        strings(&Value::List(a)).iter().any(|own| b.contains(own))
    };
    let _ = context.add_function("overlaps", overlaps);
    match program.execute(&context) {
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

proptest! {
    #![proptest_config(ProptestConfig::with_cases(384))]
    #[test]
    fn what_is_compiled_and_indexed_comes_out_as_what_is_interpreted(
        on_lines in proptest::collection::vec(condition(true), 6),
        on_claims in proptest::collection::vec(condition(false), 4),
        claims in proptest::collection::vec(claim(), 6),
        lacking in proptest::collection::vec(proptest::bool::weighted(0.1), COLUMNS.len()),
    ) {
        let mut text = HEAD.to_owned();
        for (name, system, codes) in SETS {
            writeln!(text, "[sets.{name}]\nsystem = \"{system}\"\ncodes = {codes:?}").unwrap();
        }
        for (condition, number) in on_lines.iter().zip(100..) {
            text.push_str(&edit(&format!("T{number}"), "line", condition));
        }
        for (condition, number) in on_claims.iter().zip(500..) {
            text.push_str(&edit(&format!("T{number}"), "claim", condition));
        }
        let (policy, _) = Policy::parse("t.toml", &text, &CODESET).map_err(|error| TestCaseError::fail(error.to_string()))?;
        let programs: Vec<Program> =
            on_lines.iter().chain(&on_claims).map(|condition| Program::compile(condition).unwrap()).collect();
        let lacking: Vec<(Field, &str)> = COLUMNS.into_iter().zip(lacking).filter(|(_, lacks)| *lacks).map(|(column, _)| column).collect();
        let missing: Vec<&str> = lacking.iter().map(|(_, key)| *key).collect();
        let columns = Field::all().fold(Columns::NONE, |columns, field| {
            if lacking.iter().any(|(own, _)| std::mem::discriminant(own) == std::mem::discriminant(&field)) { columns } else { columns.with(field) }
        });
        let mut scratch = PolicyScratch::default();
        for claim in &claims {
            let mut batch = ClaimBatch::new(columns);
            batch.push(claim);
            let (map, lines) = seen(&batch, &missing);
            let mut builder = FactsBuilder::new(&CODESET);
            let facts = builder.build(batch.claim(0), &mut &*CODESET);
            let mut verdicts = Vec::new();
            policy.check(&facts, Guarded::No, &mut scratch, &mut verdicts);
            let mut reported: Vec<(u32, Option<u32>)> = verdicts.iter().map(|own| (own.edit, own.line)).collect();
            reported.sort_unstable();
            let once = reported.len();
            reported.dedup();
            prop_assert_eq!(reported.len(), once, "a unit is reported once");
            for (program, edit) in programs.iter().zip(0u32..) {
                let units: Vec<Option<usize>> =
                    if (edit as usize) < on_lines.len() { (0..lines.len()).map(Some).collect() } else { vec![None] };
                for unit in units {
                    let line = unit.map(|line| line as u32);
                    let got = verdicts.iter().find(|own| (own.edit, own.line) == (edit, line));
                    let got_outcome = got.map_or(Outcome::Pass, |own| own.outcome);
                    let wanted = expected(interpreted(program, &map, &lines, unit));
                    let condition = on_lines.iter().chain(&on_claims).nth(edit as usize).unwrap();
                    prop_assert_eq!(got_outcome, wanted, "{} on line {:?} of {} {}: {:?}", condition, line, map, json!(lines), got.map(|own| own.reason));
                }
            }
        }
    }
}
