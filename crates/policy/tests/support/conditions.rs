//! Random conditions of the whole language, each in two spellings: the policy's, and the one that the interpreter of
//! the crate `cel` reads. They differ where the policy language knows more than CEL: attributes of codes, dates, and
//! what it means that a line has no procedure.

use crate::support::{DIAGNOSES, PROCEDURES};
use codeset::SystemId;
use proptest::prelude::*;
use proptest::strategy::Union;

/// A condition as a policy has it, and as the interpreter reads it.
pub type Pair = (String, String);

/// The sets that conditions use: name, system, codes.
pub const SETS: [(&str, &str, &[&str]); 6] = [
    ("visits", "procedures", &["99211", "99212", "99213", "99214"]),
    ("tests", "procedures", &["36415", "80053"]),
    ("most", "procedures", &["10060", "11042", "36415", "80053", "99211", "99213", "G0438", "J1100", "20610"]),
    ("diabetes", "icd10cm", &["E109", "E119", "E1165"]),
    ("sides", "modifiers", &["LT", "RT"]),
    ("emergency", "revenue", &["0450"]),
];

/// The parameters, as TOML and as JSON.
pub const PARAMETERS: [(&str, &str, &str); 4] = [
    ("limit", "2.5", "2.5"),
    ("change", "2025-06-15", "\"2025-06-15\""),
    ("word", "\"x\"", "\"x\""),
    ("strict", "true", "true"),
];

/// The systems whose codes lines have, by the field of the code.
pub const CODED: [(&str, SystemId); 3] =
    [("procedure", SystemId::Procedure), ("pos", SystemId::PlaceOfService), ("revenue", SystemId::Revenue)];

/// What the fee schedule, the HCPCS file and the lists say: no table of the tests has it, so nothing is known.
const OF_TABLES: [&str; 11] = [
    "fee_status",
    "pc_tc",
    "global_days",
    "multiple",
    "bilateral",
    "assistant",
    "co_surgeons",
    "team",
    "coverage",
    "unlisted",
    "lab_test",
];

fn both(text: String) -> Pair {
    (text.clone(), text)
}

fn select(all: &'static [&'static str]) -> BoxedStrategy<&'static str> {
    proptest::sample::select(all).boxed()
}

fn compare() -> BoxedStrategy<&'static str> {
    select(&["<", "<=", ">", ">=", "==", "!="])
}

fn pairs(all: Vec<Pair>) -> BoxedStrategy<Pair> {
    proptest::sample::select(all).boxed()
}

/// Whole numbers of a line.
fn wholes(of: &str) -> Vec<Pair> {
    let own = |text: &str| both(text.replace('$', of));
    let mut all: Vec<Pair> = [
        "$.number",
        "$.days",
        "$.age",
        "size($.modifiers)",
        "$.diagnoses.size()",
        "size($.note)",
        "$.number * 2 - 1",
        "$.number + 10",
        "-$.number",
        "claim.age",
        "size(claim.diagnoses)",
        "claim.conditions.size()",
    ]
    .iter()
    .map(|text| own(text))
    .collect();
    for (ours, theirs) in [
        ("year($.date)", "year($.date)"),
        ("month($.to)", "month($.to)"),
        ("day($.date)", "day($.date)"),
        ("days_between($.date, $.to)", "days_between($.date, $.to)"),
        ("age_on($.to)", "age_on(claim.birth_date, $.to)"),
        ("code($.procedure).age_low", "$.at_procedure.age_low"),
        ("code($.procedure).age_high", "$.at_procedure.age_high"),
        ("code($.procedure).add_on_type", "$.at_procedure.add_on_type"),
    ] {
        all.push((ours.replace('$', of), theirs.replace('$', of)));
    }
    all
}

/// Numbers with a point, of a line.
fn decimals(of: &str) -> Vec<Pair> {
    let same = [
        "$.units",
        "$.charge",
        "$.units * 2.0",
        "$.charge / 2.0",
        "$.charge * $.units",
        "$.charge - 0.5",
        "$.units + params.limit",
        "-$.charge",
        "$.ndc_quantity",
        "$.paid_amount",
        "claim.total",
        "($.units > 1.0 ? $.units : 0.5)",
        "sum(lines.map(each, each.units))",
        "sum(lines.map(each, each.number > 1, each.charge))",
        "sum([$.units, 1.5])",
    ];
    let mut all: Vec<Pair> = same.iter().map(|text| both(text.replace('$', of))).collect();
    for (ours, theirs) in [("min", "least"), ("max", "most")] {
        let text = |name: &str| format!("{name}(lines.map(each, each.charge))");
        all.push((text(ours), text(theirs)));
    }
    all
}

/// Dates of a line or the claim.
fn dates(of: &str) -> Vec<Pair> {
    let same = [
        "$.date",
        "$.from",
        "$.to",
        "add_days($.date, 30)",
        "add_days($.date, -$.number)",
        "add_months($.date, 1)",
        "($.units > 1.0 ? $.date : $.to)",
        "claim.date",
        "claim.last_date",
        "claim.birth_date",
        "claim.statement_from",
        "claim.statement_to",
        "claim.received",
        "claim.accident_date",
        "claim.admission_date",
    ];
    let mut all: Vec<Pair> = same.iter().map(|text| both(text.replace('$', of))).collect();
    for (ours, theirs) in [("min", "least"), ("max", "most")] {
        let text = |name: &str| format!("{name}(lines.map(each, each.date))");
        all.push((text(ours), text(theirs)));
    }
    all
}

/// Fields of claims and lines that are kept as text, but those of other types.
pub const CLAIM_TEXTS: [&str; 25] = [
    "id",
    "payer",
    "patient",
    "billing_taxonomy",
    "contractor",
    "rendering_taxonomy",
    "clia_number",
    "prior_authorization",
    "original_claim",
    "frequency_code",
    "claim_filing",
    "related_causes",
    "accident_state",
    "admission_type",
    "admission_source",
    "reasons_for_visit",
    "external_causes",
    "present_on_admission",
    "inpatient_procedures",
    "occurrence_codes",
    "value_codes",
    "other_payers",
    "claim_note",
    "other_payers_paid",
    "drg",
];
pub const MORE_CLAIM_TEXTS: [&str; 4] = ["mammography_certificate", "claim_dates", "submission_reason", "dx_versions"];
pub const LINE_TEXTS: [&str; 11] = [
    "ndc",
    "note",
    "line_clia_number",
    "line_prior_authorization",
    "line_reference",
    "unit_basis",
    "ndc_unit",
    "tooth_codes",
    "emergency",
    "other_procedure",
    "line_dates",
];
pub const CLAIM_PROVIDERS: [&str; 6] =
    ["billing_npi", "referring_npi", "supervising_npi", "facility_npi", "attending_npi", "operating_npi"];

fn texts(of: &str) -> BoxedStrategy<Pair> {
    let claim = CLAIM_TEXTS.iter().chain(&MORE_CLAIM_TEXTS).map(|name| format!("claim.{name}"));
    let line = LINE_TEXTS.iter().map(|name| format!("{of}.{name}"));
    let mut all: Vec<String> = claim.chain(line).collect();
    all.push(format!("({of}.units > 1.0 ? {of}.note : {of}.ndc)"));
    let test = select(&[
        " == \"x\"",
        " != params.word",
        ".startsWith(\"a\")",
        ".endsWith(\"e\")",
        ".contains(\"no\")",
        " in [\"x\", \"a note\"]",
    ]);
    (proptest::sample::select(all), test).prop_map(|(text, test)| both(format!("{text}{test}"))).boxed()
}

fn providers(of: &str) -> BoxedStrategy<Pair> {
    let claim = CLAIM_PROVIDERS.iter().map(|name| format!("claim.{name}"));
    let line = ["rendering_npi", "provider", "ordering_npi"].map(|name| format!("{of}.{name}"));
    let all: Vec<String> = claim.chain(line).collect();
    let test =
        select(&[" == \"1234567893\"", " != \"1245319599\"", " == claim.billing_npi", " in [claim.billing_npi]"]);
    (proptest::sample::select(all), test).prop_map(|(own, test)| both(format!("{own}{test}"))).boxed()
}

/// What is asked of codes of a line and their attributes.
fn codes(of: &str) -> Vec<Pair> {
    let same = [
        "$.procedure in sets.visits",
        "$.procedure in sets.tests",
        "$.procedure in sets.most",
        "$.procedure in [\"99213\", \"10060\"]",
        "$.procedure.startsWith(\"99\")",
        "prefix($.procedure, 2) == \"99\"",
        "prefix($.procedure, 1) in [\"G\", \"J\"]",
        "$.revenue in sets.emergency",
        "$.revenue == \"0301\"",
        "$.pos == \"11\"",
        "$.pos in [\"10\", \"21\"]",
        "($.units > 1.0 ? $.procedure : $.procedure) == \"99213\"",
        "$.modifiers.exists(m, m in sets.sides)",
        "$.modifiers.exists_one(m, m == \"25\")",
        "$.modifiers.all(m, m != \"59\")",
        "$.modifiers.filter(m, m in sets.sides).size() > 1",
        "\"25\" in $.modifiers",
        "overlaps($.modifiers, sets.sides)",
        "overlaps($.diagnoses, sets.diabetes)",
        "overlaps($.diagnoses, [\"I10\", \"E119\"])",
        "lines.exists(own, overlaps(own.modifiers, $.modifiers) && own.units > $.units)",
        "$.units in [1.0, 2.0]",
        "$.date in [\"2025-01-01\", \"2025-06-15\"]",
        "$.date in [claim.date]",
        "[$.units, 2.0].exists(n, n > 1.0)",
        "[$.date, claim.date].exists(d, d > \"2025-01-01\")",
        "[$].exists(each, each.units > 1.0)",
        "params.strict",
        "true",
        "false",
        "claim.type == \"P\"",
        "claim.sex == \"F\"",
        "claim.state in [\"NY\", \"NJ\"]",
        "claim.patient_status == \"01\"",
        "claim.bill_type.startsWith(\"13\")",
        "claim.first_diagnosis in sets.diabetes",
        "claim.first_diagnosis == \"I10\"",
        "claim.admitting_diagnosis == \"I10\"",
        "claim.admitting_diagnosis in sets.diabetes",
        "\"A1\" in claim.conditions",
        "\"I10\" in claim.diagnoses",
        "claim.diagnoses.exists(d, d in sets.diabetes)",
        "has($.pos)",
        "has($.note)",
        "has($.units)",
        "has($.date)",
        "has($.rendering_npi)",
        "has(claim.birth_date)",
        "has(claim.bill_type)",
        "has(claim.referring_npi)",
        "has(claim.prior_authorization)",
    ];
    let mut all: Vec<Pair> = same.iter().map(|text| both(text.replace('$', of))).collect();
    for (ours, theirs) in [
        ("claim.bill_type == \"0131\"", "claim.bill_type == \"131\""),
        ("$.date < date(\"2025-06-15\")", "$.date < \"2025-06-15\""),
        ("$.to >= params.change", "$.to >= params.change"),
        ("has($.procedure)", "(has($.procedure) && !$.procedure.startsWith(\"no \"))"),
        ("has($.modifiers)", "(has($.modifiers) && size($.modifiers) > 0)"),
        ("code($.procedure).valid", "$.at_procedure.valid"),
        ("code($.procedure, \"2024-06-15\").valid", "$.then_procedure.valid"),
        ("code($.procedure).status == \"A\"", "$.at_procedure.status == \"A\""),
        ("code($.pos).valid", "$.at_pos.valid"),
        ("code($.revenue).valid", "$.at_revenue.valid"),
        ("$.modifiers.exists(m, code(m).ncci)", "$.at_modifiers.exists(m, m.ncci)"),
        ("$.modifiers.all(m, code(m).valid)", "$.at_modifiers.all(m, m.valid)"),
        ("$.diagnoses.exists(d, code(d).valid)", "$.at_diagnoses.exists(d, d.valid)"),
    ] {
        all.push((ours.replace('$', of), theirs.replace('$', of)));
    }
    for code in PROCEDURES {
        all.push(both(format!("{of}.procedure == \"{code}\"")));
    }
    for code in DIAGNOSES {
        all.push(both(format!("\"{code}\" in {of}.diagnoses")));
    }
    for (field, system) in CODED {
        for (flag, _) in system.flag_names() {
            all.push((format!("code({of}.{field}).{flag}"), format!("{of}.at_{field}.{flag}")));
        }
    }
    for (flag, _) in SystemId::Modifier.flag_names() {
        let text = |list: &str, code: &str| format!("{of}.{list}.exists(m, {code}.{flag})");
        all.push((text("modifiers", "code(m)"), text("at_modifiers", "m")));
    }
    for (flag, _) in SystemId::Diagnosis.flag_names() {
        let text = |list: &str, code: &str| format!("{of}.{list}.exists(d, {code}.{flag})");
        all.push((text("diagnoses", "code(d)"), text("at_diagnoses", "d")));
    }
    for name in OF_TABLES {
        let test = if name == "unlisted" || name == "lab_test" { "" } else { " == \"1\"" };
        all.push((format!("code({of}.procedure).{name}{test}"), format!("{of}.no_table.{name}{test}")));
    }
    all
}

/// What is asked of a line.
fn of_line(of: &'static str) -> BoxedStrategy<Pair> {
    let wholes = (pairs(wholes(of)), compare(), select(&["0", "1", "2", "3", "6", "15", "18", "30", "64", "2025"]));
    let decimals = (pairs(decimals(of)), compare(), select(&["0.0", "1.0", "2.5", "100.25", "250.0", "params.limit"]));
    let dates = (pairs(dates(of)), compare(), select(&["2024-12-31", "2025-01-01", "2025-06-15", "2026-03-01"]));
    let compared = |(value, compare, constant): (Pair, &str, &str)| {
        (format!("{} {compare} {constant}", value.0), format!("{} {compare} {constant}", value.1))
    };
    let dated = |(value, compare, day): (Pair, &str, &str)| {
        (format!("{} {compare} \"{day}\"", value.0), format!("{} {compare} \"{day}\"", value.1))
    };
    Union::new_weighted(vec![
        (6, pairs(codes(of))),
        (3, wholes.prop_map(compared).boxed()),
        (3, decimals.prop_map(compared).boxed()),
        (2, dates.prop_map(dated).boxed()),
        (2, texts(of)),
        (1, providers(of)),
    ])
    .boxed()
}

/// What is asked of the claim: mostly of its lines together.
fn of_claim() -> BoxedStrategy<Pair> {
    let any = || of_line("other");
    let around = |before: &'static str, test: BoxedStrategy<Pair>, after: &'static str| {
        test.prop_map(move |(ours, theirs)| (format!("{before}{ours}{after}"), format!("{before}{theirs}{after}")))
            .boxed()
    };
    let counted = (any(), compare(), select(&["0", "1", "2", "3"])).prop_map(|(test, compare, number)| {
        let text = |test: &str| format!("size(lines.filter(other, {test})) {compare} {number}");
        (text(&test.0), text(&test.1))
    });
    let summed = (any(), compare(), select(&["0.0", "1.0", "2.5", "100.25"])).prop_map(|(test, compare, amount)| {
        let text = |test: &str| format!("sum(lines.filter(other, {test}).map(other, other.units)) {compare} {amount}");
        (text(&test.0), text(&test.1))
    });
    let nested = "lines.exists(third, third.procedure == other.procedure && third.number != other.number)";
    let nested = any().prop_map(move |(ours, theirs)| {
        let text = |test: &str| format!("lines.exists(other, {test} && {nested})");
        (text(&ours), text(&theirs))
    });
    Union::new_weighted(vec![
        (2, around("lines.exists(other, ", any(), ")")),
        (1, around("lines.all(other, ", any(), ")")),
        (1, around("lines.exists_one(other, ", any(), ")")),
        (1, around("claim.lines.exists(other, ", any(), ")")),
        (2, counted.boxed()),
        (1, summed.boxed()),
        (1, around("lines.filter(other, ", any(), ").exists(other, other.procedure in sets.visits)")),
        (1, nested.boxed()),
        (1, Just(both("claim.total == sum(lines.map(other, other.charge))".to_owned())).boxed()),
        (
            1,
            Just(both("claim.diagnoses.filter(d, d in sets.diabetes).exists_one(d, d == \"E119\")".to_owned())).boxed(),
        ),
    ])
    .boxed()
}

/// A condition of an edit that is judged once a line, or once a claim.
pub fn condition(on_line: bool) -> BoxedStrategy<Pair> {
    let between = [
        "lines.exists(other, other.number < line.number && other.procedure == line.procedure && other.date == line.date)",
        "lines.exists(other, other.provider == line.provider && other.number != line.number)",
        "lines.exists(other, other == line && other.units > 1.0)",
    ];
    let atom = if on_line {
        let between = pairs(between.iter().map(|text| both((*text).to_owned())).collect());
        Union::new_weighted(vec![(5, of_line("line")), (2, of_claim()), (1, between)]).boxed()
    } else {
        of_claim()
    };
    let of_two = |sign: &'static str| {
        move |(a, b): (Pair, Pair)| (format!("({} {sign} {})", a.0, b.0), format!("({} {sign} {})", a.1, b.1))
    };
    atom.prop_recursive(4, 12, 3, move |inner| {
        let (a, b) = (inner.clone(), inner.clone());
        prop_oneof![
            4 => (a.clone(), b.clone()).prop_map(of_two("&&")),
            3 => (a.clone(), b.clone()).prop_map(of_two("||")),
            1 => a.clone().prop_map(|a| (format!("!({})", a.0), format!("!({})", a.1))),
            1 => (inner, a.clone(), b.clone()).prop_map(|(a, b, c)| {
                (format!("({} ? {} : {})", a.0, b.0, c.0), format!("({} ? {} : {})", a.1, b.1, c.1))
            }),
            1 => (a, b).prop_map(|(a, b)| (format!("(({}) == ({}))", a.0, b.0), format!("(({}) == ({}))", a.1, b.1))),
        ]
    })
    .boxed()
}
