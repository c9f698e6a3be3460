//! JSON of our own schema: what is read, what is told, and that nothing is lost whatever the bytes.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::indexing_slicing, reason = "tests")]

use cleanclaim_claims::{
    CLAIM_SCHEMA, Claim, ClaimBatch, ClaimReader, Columns, Field, Input, JsonOptions, JsonReader, JsonSchema, Line,
    Problem, ProblemKind, input_fields, write_claim,
};
use proptest::collection::vec;
use proptest::prelude::*;
use serde_json::{Map, Value, json};
use std::collections::BTreeSet;
use std::io::Cursor;

/// What was read of an input.
#[derive(Debug, PartialEq, Default)]
struct Told {
    /// The claims, as they are written.
    claims: Vec<String>,
    /// Offset and row of each.
    places: Vec<(u64, u64)>,
    /// The claim's number in the input instead of in its batch.
    problems: Vec<(usize, ProblemKind, Option<Field>)>,
    outside: Vec<Problem>,
    largest_chunk: usize,
}

fn read_with(bytes: &[u8], schema: JsonSchema, options: JsonOptions) -> Told {
    let input = Input::from_reader("x", std::io::Cursor::new(bytes.to_vec())).expect("text");
    let mut reader = JsonReader::new(input, schema, options);
    let (parser, mut batch, mut told) = (reader.parser(), ClaimBatch::default(), Told::default());
    while let Some(chunk) = reader.next_chunk().expect("memory") {
        assert!(!chunk.is_empty());
        told.largest_chunk = told.largest_chunk.max(chunk.len());
        parser.parse(&chunk, &mut batch);
        let before = told.claims.len();
        for claim in batch.iter() {
            let mut text = Vec::new();
            write_claim(&claim, &mut text);
            told.claims.push(String::from_utf8(text).expect("UTF-8"));
            told.places.push((claim.row.place.offset, claim.row.place.row));
        }
        for problem in &batch.problems {
            told.problems.push((before + problem.claim as usize, problem.kind.clone(), problem.field));
        }
        told.outside.extend(batch.outside.iter().cloned());
        reader.recycle(chunk.into_bytes());
    }
    told
}

fn read(text: &str) -> Told {
    read_with(text.as_bytes(), JsonSchema::Own, JsonOptions::default())
}

fn sized(chunk_bytes: usize) -> JsonOptions {
    JsonOptions { chunk_bytes, ..JsonOptions::default() }
}

/// As it was told, but for the size of chunks.
fn same(bytes: &[u8], schema: JsonSchema, chunk_bytes: usize) -> Told {
    Told { largest_chunk: 0, ..read_with(bytes, schema, sized(chunk_bytes)) }
}

#[test]
fn a_claim_is_read_whole() {
    let told = read(
        r#"{"claim_id":" C7 ","bill_type":131,"birth_date":"19500228","sex":"f","claim_total":120.5,"condition_codes":["A1",44],
            "diagnoses":["e11.9","",null,"I10"],"state":"ny","drg":470,
            "lines":[{"revenue_code":450,"units":2,"charge":"120.50","dx_pointers":[1,"D"],"modifiers":["lt","",59]},
                     {"line_number":9,"note":"a \"b\"\nc"}]}"#,
    );
    assert_eq!(told.problems, []);
    assert_eq!(
        told.claims,
        [concat!(
            r#"{"claim_id":"C7","claim_type":"I","birth_date":"1950-02-28","sex":"F","bill_type":"0131","claim_total":"120.50","#,
            r#""state":"NY","drg":"470","condition_codes":["A1","44"],"diagnoses":["E119","","","I10"],"#,
            r#""lines":[{"line_number":"1","revenue_code":"0450","modifiers":["LT","","59"],"units":"2","charge":"120.50","#,
            r#""dx_pointers":["1","4"]},{"line_number":"9","note":"a \"b\"\nc"}]}"#,
            "\n"
        )]
    );
}

/// A list of codes may be one text or number, too: one that is too long is told as such.
#[test]
fn a_number_that_cannot_be_read_exactly_is_told_so_wherever_it_stands() {
    let long = "1000000000000000000000000000000";
    for member in ["claim_total", "condition_codes"] {
        let told = read(&format!("{{\"claim_id\":\"a\",\"{member}\":{long}}}"));
        let expected = "a number that can be read exactly; write a longer one as text";
        let kinds: Vec<&ProblemKind> = told.problems.iter().map(|(_, kind, _)| kind).collect();
        assert_eq!(kinds, [&ProblemKind::BadMember { path: member.into(), expected }]);
    }
}

#[test]
fn one_bad_line_is_one_unreadable_claim_with_its_place() {
    let text = "{\"claim_id\":\"a\",\"lines\":[]}\n\n  {\"claim_id\":\"b\",\"lines\":[{\"procedure\":\"99213\"\n{\"lines\":[]}\r\n[1]\n\"x\n";
    let told = read(text);
    assert_eq!(told.places, [(0, 1), (31, 3), (77, 4), (92, 5), (95, 6)]);
    let kinds: Vec<&ProblemKind> = told.problems.iter().map(|(_, kind, _)| kind).collect();
    assert_eq!(
        kinds,
        [
            &ProblemKind::NotJson { at: 45 },
            &ProblemKind::NoClaimId,
            &ProblemKind::NotAClaim { found: "a number".into() },
            &ProblemKind::NotJson { at: 2 },
        ]
    );
    // What was read before the damage is kept, and marked.
    assert_eq!(
        told.claims[1],
        concat!(
            r#"{"claim_id":"b","unreadable":true,"claim_type":"P","lines":[{"line_number":"1","procedure":"99213"}]}"#,
            "\n"
        )
    );
    let not_utf8 =
        read_with(b"{\"claim_id\":\"a\xff\"}\n{\"claim_id\":\"b\"}", JsonSchema::Own, JsonOptions::default());
    assert_eq!(not_utf8.problems, [(0, ProblemKind::NotUtf8 { at: 14 }, None)]);
    assert_eq!(not_utf8.claims.len(), 2);
}

#[test]
fn a_document_is_read_as_lines_are() {
    let (a, b) = (json!({"claim_id":"a}]","lines":[{"units":1}]}), json!({"claim_id":"b","claim_note":"{[\"\\"}));
    let lines = format!("{a}\n{b}\n");
    let expected = read(&lines).claims;
    let pretty = |value: &Value| serde_json::to_string_pretty(value).unwrap();
    for document in [
        pretty(&json!([a, b])),
        format!("[{a},{b}]"),
        format!("\n {}\n\n{}", pretty(&a), pretty(&b)),
        format!("[\n{a}\n,\n{b}\n]\n"),
    ] {
        for chunk in [1, 2, 7, 64, 1 << 20] {
            let told = same(document.as_bytes(), JsonSchema::Own, chunk);
            assert_eq!((&told.claims, told.problems.len()), (&expected, 0), "{document}");
            for &(offset, row) in &told.places {
                assert_eq!(document.as_bytes()[offset as usize], b'{');
                let newlines = document[..offset as usize].matches('\n').count() as u64;
                assert_eq!(row, newlines + 1);
            }
        }
    }
}

/// Reads claims by their ids with the number of each one's problems, in chunks of several sizes.
fn ids(text: &str) -> Vec<(String, usize)> {
    let whole = same(text.as_bytes(), JsonSchema::Own, 1 << 20);
    for chunk in [1, 9, 70] {
        assert_eq!(same(text.as_bytes(), JsonSchema::Own, chunk), whole, "{text}");
    }
    let newlines = |offset: u64| text[..offset as usize].matches('\n').count() as u64;
    assert!(whole.places.iter().all(|&(offset, row)| row == newlines(offset) + 1), "{text}: {:?}", whole.places);
    let problems = |number| whole.problems.iter().filter(|problem| problem.0 == number).count();
    let id = |text: &str| serde_json::from_str::<Value>(text).unwrap()["claim_id"].as_str().unwrap().to_owned();
    whole.claims.iter().enumerate().map(|(number, claim)| (id(claim), problems(number))).collect()
}

#[test]
fn no_claim_is_lost_whatever_stands_between() {
    let [a, b, c] = ["a", "b", "c"].map(|id| format!("{{\"claim_id\":\"{id}\",\"lines\":[{{\"units\":1}}]}}"));
    let whole = ["a", "b", "c"].map(|id| (id.to_owned(), 0));
    for text in [
        format!("{a}{b}{c}"),
        format!("{a}{b}\n{c}"),
        format!("{a}\n{b}{c}"),
        format!("{a},{b} {c}\n"),
        format!("{a},\n{b},\n{c}\n"),
        format!("{a}\r{b}\r{c}\r"),
        format!("{a}\n{b},\r{c}"),
        format!("[{a}]\n[{b},{c}]"),
        format!("[[{a},{b}],{c}]"),
        format!("[[[{a}]],[],[{b}],\n{c}]"),
        format!("{a}\n[{b},[{c}]]\n"),
        format!("{a} [{b}] {c}\n"),
        format!("{{\"claims\":[{a},{b},{c}]}}"),
        format!("{{\"claims\" : [\n{a},\n{b},{c}\n]}}\n"),
        format!("{{\"sent\":\"x\",\n\"first\":[{a}],\n\"rest\":[{b}, {c}]}}\n"),
        format!("{{\"claims\":[{a}]}}\n{b}{{\"claims\":[{c}]}}\n"),
    ] {
        assert_eq!(ids(&text), whole, "{text}");
    }
}

#[test]
fn what_is_damaged_on_a_line_costs_itself() {
    let [a, b] = ["a", "b"].map(|id| format!("{{\"claim_id\":\"{id}\"}}"));
    let one = |id: &str, problems: usize| (id.to_owned(), problems);
    for (text, expected) in [
        (format!("{a}\n{{\"claim_id\":\"x\",}}{b}\n"), vec![one("a", 0), one("x", 1), one("b", 0)]),
        (format!("{a} x {b}\n{a}"), vec![one("a", 1), one("b", 0), one("a", 0)]),
        (format!("x {a}\n{b}"), vec![one("", 1), one("a", 0), one("b", 0)]),
        (format!("{a}\n{b}}}\n{a}"), vec![one("a", 0), one("b", 1), one("a", 0)]),
        (format!("{a}\n[{b}\n{a}"), vec![one("a", 0), one("b", 0), one("", 1), one("a", 0)]),
        (format!("{a}\n[]\n{b}"), vec![one("a", 0), one("", 1), one("b", 0)]),
        // There is more in it than claims: no claim of its own, and told.
        (format!("{{\"payer_id\":\"P\",\"claims\":[{a},{b}]}}"), vec![one("", 2)]),
    ] {
        assert_eq!(ids(&text), expected, "{text}");
    }
    let bytes = [a.as_bytes(), b"{\"claim_id\":\"\xff\"}", b.as_bytes(), b"\n"].concat();
    let told = read_with(&[bytes.as_slice(), &bytes].concat(), JsonSchema::Own, JsonOptions::default());
    assert_eq!((told.claims.len(), told.problems.len()), (6, 2));
}

#[test]
fn claims_that_stand_deep_within_values_cost_no_more_for_their_depth() {
    for depth in [2, 50_000] {
        let text = format!("{}{{\"claim_id\":\"A\"}}{}", "{\"x\":[".repeat(depth), "]}".repeat(depth));
        // The outermost array is taken for one of claims; what is in it is none.
        assert_eq!(ids(&text), [(String::new(), 2)], "{depth}");
    }
}

#[test]
fn a_value_too_long_is_passed_over_and_keeps_its_id() {
    let options = JsonOptions { chunk_bytes: 1024, value_bytes: 4096 };
    let long = format!("{{\"claim_id\":\"long\",\"claim_note\":\"{}\\\"}}{{\"}}", "x".repeat(300_000));
    for (text, document) in [
        (format!("{{\"claim_id\":\"a\"}}\n{long}\n{{\"claim_id\":\"b\"}}\n"), false),
        (format!("[{{\"claim_id\":\"a\"}},\n{long},\n{{\"claim_id\":\"b\"}}]\n"), true),
    ] {
        let told = read_with(text.as_bytes(), JsonSchema::Own, options.clone());
        let ids: Vec<&str> = told.claims.iter().map(|claim| claim.split('"').nth(3).unwrap()).collect();
        assert_eq!(ids, ["a", "long", "b"]);
        assert_eq!(told.problems, [(1, ProblemKind::TooLong { limit: 4096 }, None)]);
        assert!(told.largest_chunk <= 2 * 4096, "{} bytes", told.largest_chunk);
        let last = text.rfind("{\"claim_id\":\"b\"").unwrap() as u64;
        assert_eq!(told.places[2], (last, 3));
        assert_eq!(told.places[1], (if document { 19 } else { 17 }, 2));
    }
    // To the end of the input, too.
    let told = read_with(&long.as_bytes()[..200_000], JsonSchema::Own, options);
    assert_eq!(told.problems, [(0, ProblemKind::TooLong { limit: 4096 }, None)]);
}

#[test]
fn an_array_that_was_cut_short_is_told() {
    let whole = "[{\"claim_id\":\"a\"},\n{\"claim_id\":\"b\",\"diagnoses\":[]}]\n";
    assert_eq!(read(whole).problems, []);
    for upto in 1..whole.len() - 2 {
        for chunk in [1, 20, 1 << 20] {
            let told = same(&whole.as_bytes()[..upto], JsonSchema::Own, chunk);
            let cut = told.problems.last().is_some_and(|(_, kind, _)| matches!(kind, ProblemKind::NotJson { .. }));
            assert!(cut, "cut after {upto} bytes: {told:?}");
        }
    }
}

#[test]
fn depth_is_bounded() {
    for text in ["[".repeat(500_000), format!("{{\"claim_id\":\"a\",\"x\":{}", "[{\"a\":".repeat(200_000))] {
        let told = read(&text);
        assert_eq!(told.claims.len(), 1);
        assert!(matches!(told.problems[..], [(0, ProblemKind::NotJson { .. }, _), ..]));
    }
}

#[test]
fn every_member_of_a_claim_is_known_to_the_reader_the_schema_and_the_writer() {
    let schema: Value = serde_json::from_str(CLAIM_SCHEMA).unwrap();
    let names = |value: &Value| value.as_object().unwrap().keys().cloned().collect::<BTreeSet<String>>();
    let mut of_claim = names(&serde_json::to_value(Claim::default()).unwrap());
    of_claim.extend(["unreadable", "input_fields"].map(str::to_owned));
    let of_line = names(&serde_json::to_value(Line::default()).unwrap());
    assert_eq!(names(&schema["properties"]), of_claim);
    assert_eq!(names(&schema["$defs"]["line"]["properties"]), of_line);
    for properties in [&schema["properties"], &schema["$defs"]["line"]["properties"]] {
        for (name, property) in properties.as_object().unwrap() {
            assert!(property["description"].as_str().is_some_and(|text| text.len() > 5), "{name} is not described");
        }
    }
    // Every field has its member, given and written back.
    let (mut claim, mut line) = (Map::new(), Map::new());
    for name in of_claim.iter().filter(|name| !["unreadable", "input_fields", "lines"].contains(&name.as_str())) {
        let text = Value::from(sample(name));
        claim.insert(
            name.clone(),
            if ["diagnoses", "condition_codes"].contains(&name.as_str()) { json!([text]) } else { text },
        );
    }
    for name in &of_line {
        let text = Value::from(sample(name));
        line.insert(
            name.clone(),
            if ["modifiers", "dx_pointers"].contains(&name.as_str()) { json!([text]) } else { text },
        );
    }
    claim.insert("lines".to_owned(), json!([line]));
    let told = read(&Value::from(claim.clone()).to_string());
    assert_eq!(told.problems, []);
    assert_eq!(serde_json::from_str::<Value>(&told.claims[0]).unwrap(), Value::from(claim));
}

/// A value that is written as it is read.
fn sample(name: &str) -> &'static str {
    match name {
        "claim_type" => "D",
        "sex" => "F",
        "state" | "accident_state" => "NY",
        "bill_type" => "0131",
        "claim_total" | "charge" => "12.50",
        "patient_status" | "place_of_service" => "11",
        "billing_npi" | "rendering_npi" => "1234567893",
        "revenue_code" => "0450",
        "procedure" => "D0120",
        "diagnoses" => "E119",
        "modifiers" | "condition_codes" => "A1",
        "units" | "dx_pointers" | "line_number" => "2",
        "dx_versions" => "9",
        _ if name.ends_with("date") || name.starts_with("statement") || name.starts_with("service_") => "2024-01-31",
        _ => "x",
    }
}

/// What the first claim says of the file holds for all of it, and only as its first member.
#[test]
fn a_file_says_which_fields_its_input_could_give() {
    let columns = |text: &str| {
        let input = Input::from_reader("claims", Cursor::new(text.to_owned())).unwrap();
        let reader = JsonReader::new(input, JsonSchema::Own, JsonOptions::default());
        Field::all().filter(|&field| reader.columns().has(field)).count()
    };
    let given = input_fields(Columns::NONE.with(Field::ClaimId).with(Field::Procedure)).unwrap();
    let claim = format!("{{{given}\"claim_id\":\"A\",\"lines\":[]}}");
    let told = read(&format!("{claim}\n{{\"claim_id\":\"B\"}}\n"));
    assert_eq!((told.claims.len(), told.problems.len()), (2, 0));
    assert!(!told.claims[0].contains("input_fields"), "it is the file's, not the claim's");
    for text in [&claim, &format!("[{claim}]"), &format!("\u{feff} {}", claim.replace(':', " : "))] {
        assert_eq!(columns(text), 2, "{text}");
    }
    let all = Field::all().count();
    for text in
        ["{\"claim_id\":\"A\"}", "{\"claim_id\":\"A\",\"input_fields\":[\"claim_id\"]}", "{\"input_fields\":7}", "{"]
    {
        assert_eq!(columns(text), all, "{text}");
    }
}

#[test]
fn what_is_no_list_of_pointers_is_written_as_it_was_told() {
    for text in ["1:x::2", "x: 1", "\u{a0}1", "1\r", "\u{2003}", "1:\r:2"] {
        let first = read(&json!({"claim_id": "a", "lines": [{"dx_pointers": text}]}).to_string());
        let second = read(&first.claims[0]);
        assert_eq!(first.claims, second.claims, "{text:?}");
        let written: Value = serde_json::from_str(&second.claims[0]).unwrap();
        let pointers = &written["lines"][0]["dx_pointers"];
        let items = || Some(pointers.as_array()?.iter().filter_map(Value::as_str).collect::<Vec<_>>().join(":"));
        assert_eq!(pointers.as_str().map(str::to_owned).or_else(items).as_deref(), Some(text), "{text:?}");
    }
    let written = &read(r#"{"claim_id":"a","lines":[{"dx_pointers":"1, 2"}]}"#).claims[0];
    assert!(written.contains(r#""dx_pointers":["1","2"]"#), "{written}");
}

#[test]
fn what_is_written_is_valid_by_an_independent_judge_of_the_schema() {
    let judge = jsonschema::validator_for(&serde_json::from_str(CLAIM_SCHEMA).unwrap()).unwrap();
    let bad = Claim {
        claim_id: "x".into(),
        sex: Some("?".into()),
        diagnoses: vec!["!".into(), String::new(), "I10".into()],
        lines: vec![Line { units: Some("two".into()), dx_pointers: vec!["Z:1".into()], ..Line::default() }],
        ..Claim::default()
    };
    let mut batch = ClaimBatch::new(Columns::ALL);
    batch.push(&bad);
    let mut text = Vec::new();
    write_claim(&batch.claim(0), &mut text);
    assert!(judge.is_valid(&serde_json::from_slice(&text).unwrap()));
    let many = json!({"claim_id": "a", "diagnoses": vec!["I10"; 26], "lines": [{"modifiers": vec!["59"; 6]}]});
    let many = read(&many.to_string());
    assert_eq!(many.problems.len(), 2);
    assert_eq!(read(&many.claims[0]).problems, many.problems, "what is beyond is written, and told again");
    for (value, valid) in [
        (json!({"claim_id": "a", "diagnoses": vec!["I10"; 25], "lines": [{"modifiers": ["A1", "", null, 59]}]}), true),
        (json!({"claim_id": "a", "diagnoses": vec!["I10"; 26]}), false),
        (json!({"claim_id": "a", "lines": [{"modifiers": vec!["59"; 5]}]}), false),
    ] {
        assert_eq!(judge.is_valid(&value), valid);
        assert_eq!(read(&value.to_string()).problems.is_empty(), valid, "{value}");
    }
}

/// A member's name: known, or not.
fn name() -> impl Strategy<Value = String> {
    let known: Vec<String> = sample_names();
    prop_oneof![9 => proptest::sample::select(known), 1 => "[a-z_]{1,12}"]
}

fn sample_names() -> Vec<String> {
    let schema: Value = serde_json::from_str(CLAIM_SCHEMA).unwrap();
    let keys = |value: &Value| value.as_object().unwrap().keys().cloned().collect::<Vec<_>>();
    [keys(&schema["properties"]), keys(&schema["$defs"]["line"]["properties"])].concat()
}

fn scalar() -> impl Strategy<Value = Value> {
    prop_oneof![
        4 => "[ -~é]{0,8}".prop_map(Value::from),
        2 => any::<i32>().prop_map(Value::from),
        1 => (0i64..1_000_000).prop_map(|cents| json!(cents as f64 / 100.0)),
        1 => Just(Value::Null),
        1 => any::<bool>().prop_map(Value::from),
    ]
}

fn value() -> impl Strategy<Value = Value> {
    prop_oneof![
        5 => scalar(),
        3 => vec(scalar(), 0..4).prop_map(Value::from),
        1 => vec((name(), scalar()), 0..3).prop_map(|members| Value::Object(members.into_iter().collect())),
    ]
}

fn line() -> impl Strategy<Value = Value> {
    prop_oneof![
        9 => vec((name(), value()), 0..6).prop_map(|members| Value::Object(members.into_iter().collect())),
        1 => scalar(),
    ]
}

fn claim() -> impl Strategy<Value = Value> {
    let id = prop_oneof![9 => "[ -~]{0,6}".prop_map(Value::from), 1 => scalar()];
    (proptest::option::weighted(0.95, id), vec((name(), value()), 0..8), vec(line(), 0..3)).prop_map(
        |(id, members, lines)| {
            let mut claim: Map<String, Value> = members.into_iter().collect();
            claim.remove("claim_id");
            claim.insert("lines".to_owned(), lines.into());
            if let Some(id) = id {
                claim.insert("claim_id".to_owned(), id);
            }
            Value::Object(claim)
        },
    )
}

/// Whether the reader found what no valid claim has.
fn is_invalid(kind: &ProblemKind) -> bool {
    !matches!(kind, ProblemKind::BadValue { .. })
        && !matches!(kind, ProblemKind::NotAClaim { found } if found.starts_with("marked"))
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(400))]

    #[test]
    fn the_reader_tells_just_what_is_not_valid_by_the_schema(claim in claim()) {
        let judge = jsonschema::validator_for(&serde_json::from_str(CLAIM_SCHEMA).unwrap()).unwrap();
        let told = read(&claim.to_string());
        prop_assert_eq!(told.claims.len(), 1);
        let accepted = !told.problems.iter().any(|(_, kind, _)| is_invalid(kind));
        prop_assert_eq!(accepted, judge.is_valid(&claim), "{} {:?}", claim, told.problems);
    }

    #[test]
    fn what_was_written_reads_back_the_same(claim in claim()) {
        let first = read(&claim.to_string());
        let second = read(&first.claims.concat());
        prop_assert_eq!(&first.claims, &second.claims);
        // A value that could not be read is told again, where it was kept.
        let bad = |told: &Told| {
            told.problems.iter().filter(|(_, kind, _)| matches!(kind, ProblemKind::BadValue { .. })).count()
        };
        prop_assert_eq!(bad(&first), bad(&second));
    }

    #[test]
    fn a_claim_given_as_a_struct_is_the_same_as_one_read(
        id in "[a-z0-9]{1,8}", texts in vec("[ -~é]{0,9}", 6), list in vec("[ -~]{0,6}", 0..5)
    ) {
        let given = Claim {
            claim_id: id,
            sex: Some(texts[0].clone()),
            statement_from: Some(texts[1].clone()),
            claim_note: Some(texts[2].clone()),
            condition_codes: list.clone(),
            diagnoses: list.clone(),
            lines: vec![Line {
                procedure: Some(texts[3].clone()),
                units: Some(texts[4].clone()),
                ndc: Some(texts[5].clone()),
                modifiers: list.clone(),
                dx_pointers: list,
                ..Line::default()
            }],
            ..Claim::default()
        };
        let mut batch = ClaimBatch::new(Columns::ALL);
        batch.push(&given);
        let mut text = Vec::new();
        write_claim(&batch.claim(0), &mut text);
        let told = read(&serde_json::to_string(&given).unwrap());
        prop_assert_eq!(&told.claims[0], &String::from_utf8(text).unwrap());
        prop_assert_eq!(told.problems.len(), batch.problems.len());
    }

    #[test]
    fn whatever_the_chunks_the_claims_are_the_same(
        values in vec((claim(), 0..4u8), 1..8), chunk in 1..600usize, document in any::<bool>()
    ) {
        let mut text = String::new();
        for (claim, spoiled) in &values {
            let own = claim.to_string();
            match (spoiled, document) {
                (0, false) => text.push_str(own.get(..own.len() / 2).unwrap_or("{")),
                (1, true) => text.push_str(&serde_json::to_string_pretty(claim).unwrap()),
                _ => text.push_str(&own),
            }
            text.push_str(if document { ",\n" } else { "\n" });
        }
        let text = if document { format!("[{text}]") } else { text };
        let whole = same(text.as_bytes(), JsonSchema::Own, 1 << 20);
        prop_assert_eq!(whole.claims.len(), values.len());
        prop_assert_eq!(same(text.as_bytes(), JsonSchema::Own, chunk), whole);
    }

    #[test]
    fn no_bytes_panic_and_every_line_is_a_claim(
        claims in vec(claim(), 1..4), changes in vec((any::<prop::sample::Index>(), 1..=255u8), 0..6),
        cut in any::<prop::sample::Index>(), chunk in 1..300usize
    ) {
        let mut bytes = claims.iter().map(|claim| format!("{claim}\n")).collect::<String>().into_bytes();
        for (place, byte) in changes {
            let place = place.index(bytes.len());
            bytes[place] = byte;
        }
        bytes.truncate(cut.index(bytes.len()));
        for schema in [JsonSchema::Own, JsonSchema::Fhir] {
            let whole = same(&bytes, schema, 1 << 20);
            prop_assert_eq!(&same(&bytes, schema, chunk), &whole);
            let by_lines = bytes.trim_ascii_start().first() != Some(&b'[')
                && !whole.claims.is_empty()
                && whole.places.windows(2).all(|pair| pair[0].1 < pair[1].1);
            if by_lines && schema == JsonSchema::Own {
                let lines = bytes.split(|byte| *byte == b'\n').filter(|line| !line.trim_ascii().is_empty()).count();
                // A first line broken open begins a document, in which damage reaches further than its line.
                prop_assert!(whole.claims.len() == lines || whole.claims.len() <= lines + 1);
            }
        }
    }
}
