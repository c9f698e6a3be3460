//! FHIR R4 claims: how their elements are taken.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::indexing_slicing, reason = "tests")]

use cleanclaim_claims::{
    ClaimBatch, ClaimReader, Input, JsonOptions, JsonReader, JsonSchema, Place, Problem, ProblemKind, write_claim,
};
use proptest::collection::vec;
use proptest::prelude::*;
use serde_json::{Value, json};

/// The claims as JSON, what could not be read of each, what is no claim's, and where the claims stand.
type Read = (Vec<Value>, Vec<Problem>, Vec<Problem>, Vec<Place>);

fn read_in(text: &[u8], chunk_bytes: usize) -> Read {
    let options = JsonOptions { chunk_bytes, ..JsonOptions::default() };
    let input = Input::from_reader("x", std::io::Cursor::new(text.to_vec())).unwrap();
    let mut reader = JsonReader::new(input, JsonSchema::Fhir, options);
    let (parser, mut batch) = (reader.parser(), ClaimBatch::default());
    let (mut claims, mut problems, mut outside, mut places) = (vec![], vec![], vec![], vec![]);
    while let Some(chunk) = reader.next_chunk().unwrap() {
        parser.parse(&chunk, &mut batch);
        let before = claims.len() as u32;
        for claim in batch.iter() {
            let mut text = Vec::new();
            write_claim(&claim, &mut text);
            claims.push(serde_json::from_slice(&text).unwrap());
            places.push(claim.row.place);
        }
        problems.extend(batch.problems.iter().cloned().map(|problem| Problem {
            claim: problem.claim + before,
            // Where a line stands in its batch depends on the chunk.
            line: problem.line.map(|_| 0),
            ..problem
        }));
        outside.extend(batch.outside.iter().cloned());
    }
    (claims, problems, outside, places)
}

fn read(text: &str) -> Read {
    read_in(text.as_bytes(), 1 << 20)
}

fn read_one(claim: &Value) -> (Value, Vec<ProblemKind>) {
    let (mut claims, problems, outside, _) = read(&claim.to_string());
    assert_eq!((claims.len(), outside.len()), (1, 0));
    (claims.remove(0), problems.into_iter().map(|problem| problem.kind).collect())
}

fn concept(system: &str, code: &str) -> Value {
    json!({"coding": [{"system": system, "code": code}]})
}

const CM: &str = "http://hl7.org/fhir/sid/icd-10-cm";
const CPT: &str = "http://www.ama-assn.org/go/cpt";
const NPI: &str = "http://hl7.org/fhir/sid/us-npi";

/// A professional claim whose codes are in systems of these names.
fn professional(names: &[&str; 4]) -> Value {
    let [diagnosis, procedure, modifier, place] = *names;
    json!({
        "resourceType": "Claim", "id": "r1", "identifier": [{"value": "first"}, {"type": concept("x", "uc"), "value": "C1"}],
        "type": concept("http://terminology.hl7.org/CodeSystem/claim-type", "professional"),
        "patient": {"reference": "#p"}, "provider": {"reference": "#o"}, "created": "2025-11-05T10:00:00-05:00",
        "contained": [
            {"resourceType": "Patient", "id": "p", "gender": "female", "birthDate": "1960-02-03",
             "identifier": [{"type": concept("x", "MR"), "value": "77"}, {"type": concept("x", "MB"), "value": "M1"}]},
            {"resourceType": "Organization", "id": "o", "address": [{"state": "NY"}],
             "identifier": [{"system": "urn:oid:2.16.840.1.113883.4.6", "value": "1234567893"}]},
            {"resourceType": "Practitioner", "id": "d", "identifier": [{"system": NPI, "value": "1992999999"}]},
            {"resourceType": "Practitioner", "id": "s", "identifier": [{"system": NPI, "value": "1234567893"}]},
            {"resourceType": "Coverage", "id": "c", "subscriberId": "S9", "payor": [{"identifier": {"value": "PAY1"}}]},
        ],
        "careTeam": [
            {"sequence": 1, "provider": {"reference": "#d"}, "role": concept("x", "rendering"),
             "qualification": concept("http://nucc.org/provider-taxonomy", "207R00000X")},
            {"sequence": 2, "provider": {"reference": "#s"}, "role": concept("x", "supervisor")},
            {"sequence": 3, "provider": {"reference": "Practitioner?identifier=http://hl7.org/fhir/sid/us-npi|1234567893"},
             "role": concept("x", "referring")},
        ],
        "insurance": [{"sequence": 1, "focal": true, "coverage": {"reference": "#c"}, "preAuthRef": ["PA1"]}],
        "diagnosis": [
            {"sequence": 2, "diagnosisCodeableConcept": concept(diagnosis, "I10")},
            {"sequence": 1, "diagnosisCodeableConcept": concept(diagnosis, "E11.9")},
        ],
        "item": [{
            "sequence": 1, "careTeamSequence": [1], "diagnosisSequence": [2, 1], "productOrService": concept(procedure, "99213"),
            "modifier": [concept(modifier, "25")], "servicedPeriod": {"start": "2025-11-03", "end": "2025-11-04"},
            "locationCodeableConcept": concept(place, "11"), "quantity": {"value": 2}, "net": {"value": 120.5},
        }],
        "total": {"value": 120.50},
    })
}

#[test]
fn a_claim_means_the_same_in_both_dialects() {
    let expected = json!({
        "claim_id": "C1", "claim_type": "P", "payer_id": "PAY1", "patient_id": "M1", "birth_date": "1960-02-03",
        "sex": "F", "billing_npi": "1234567893", "received_date": "2025-11-05", "claim_total": "120.50", "state": "NY",
        "referring_npi": "1234567893", "supervising_npi": "1234567893", "rendering_taxonomy": "207R00000X",
        "prior_authorization": "PA1", "diagnoses": ["E119", "I10"],
        "lines": [{
            "line_number": "1", "rendering_npi": "1992999999", "service_from": "2025-11-03", "service_to": "2025-11-04",
            "place_of_service": "11", "procedure": "99213", "modifiers": ["25"], "units": "2", "charge": "120.50",
            "dx_pointers": ["2", "1"],
        }],
    });
    for names in [
        [
            CM,
            CPT,
            "https://www.cms.gov/Medicare/Coding/HCPCSReleaseCodeSets",
            "https://www.cms.gov/Medicare/Coding/place-of-service-codes/Place_of_Service_Code_Set",
        ],
        [
            "urn:oid:2.16.840.1.113883.6.90",
            "urn:oid:2.16.840.1.113883.6.12",
            "urn:oid:2.16.840.1.113883.6.285",
            "urn:oid:2.16.840.1.113883.6.50",
        ],
        [
            "http://hl7.org/fhir/sid/icd-10",
            "HTTPS://bluebutton.cms.gov/resources/codesystem/hcpcs",
            CPT,
            "https://terminology.hl7.org/CodeSystem/ex-serviceplace/",
        ],
    ] {
        let (claim, problems) = read_one(&professional(&names));
        // Claim.careTeam[0] has an NPI of a wrong check digit, which is PRV001's to tell.
        assert_eq!(problems, [], "{names:?}");
        assert_eq!(claim, expected, "{names:?}");
    }
}

#[test]
fn the_layout_of_the_file_changes_nothing() {
    let one = professional(&[CM, CPT, CPT, ""]);
    let bundle = json!({"resourceType": "Bundle", "type": "collection", "entry": [
        {"resource": {"resourceType": "Patient", "id": "x"}}, {"resource": one}, {"fullUrl": "urn:uuid:1", "resource": one}]});
    let expected = read(&one.to_string()).0.remove(0);
    for (text, claims) in [
        (one.to_string(), 1),
        (serde_json::to_string_pretty(&one).unwrap(), 1),
        (format!("{one}\n{one}\n"), 2),
        (format!("[{one},{one}]"), 2),
        (bundle.to_string(), 2),
        (serde_json::to_string_pretty(&bundle).unwrap(), 2),
        (format!("{bundle}\n{one}\n{bundle}"), 5),
    ] {
        for chunk in [1, 100, 5_000, 1 << 20] {
            let (got, _, outside, places) = read_in(text.as_bytes(), chunk);
            assert_eq!((got.len(), outside.len()), (claims, 0), "chunks of {chunk}");
            assert!(got.iter().all(|claim| *claim == expected));
            for place in places {
                assert!(text[place.offset as usize..].starts_with('{'));
                assert_eq!(text[..place.offset as usize].matches('\n').count() as u64 + 1, place.row);
            }
        }
    }
}

#[test]
fn references_are_found_in_the_same_bundle_by_url_type_and_role() {
    let claim = json!({
        "resourceType": "Claim", "id": "c1", "type": {"coding": [{"code": "professional"}]},
        "patient": {"reference": "urn:uuid:p"}, "provider": {"reference": "https://x.org/fhir/PractitionerRole/r/_history/3"},
        "insurer": {"reference": "Organization/pay"}, "facility": {"reference": "Location/l"},
        "diagnosis": [{"sequence": 1, "diagnosisReference": {"reference": "Condition/k"}}], "item": [],
    });
    let bundle = json!({"resourceType": "Bundle", "entry": [
        {"resource": claim},
        {"fullUrl": "urn:uuid:p", "resource": {"resourceType": "Patient", "gender": "other", "identifier": [{"value": "P7"}]}},
        {"resource": {"resourceType": "PractitionerRole", "id": "r", "practitioner": {"reference": "Practitioner/d"},
                      "specialty": [concept("http://nucc.org/provider-taxonomy", "207Q00000X")]}},
        {"resource": {"resourceType": "Practitioner", "id": "d", "identifier": [{"system": NPI, "value": "1234567893"}]}},
        {"resource": {"resourceType": "Organization", "id": "pay", "identifier": [{"value": "PAYER"}]}},
        {"resource": {"resourceType": "Location", "id": "l", "address": {"state": "CA"}}},
        {"resource": {"resourceType": "Condition", "id": "k", "code": concept(CM, "J45.909")}},
    ]});
    let (claims, problems, ..) = read(&bundle.to_string());
    assert_eq!(problems, []);
    let expected = json!({
        "claim_id": "c1", "claim_type": "P", "payer_id": "PAYER", "patient_id": "P7", "sex": "U",
        "billing_npi": "1234567893", "billing_taxonomy": "207Q00000X", "state": "CA", "diagnoses": ["J45909"], "lines": [],
    });
    assert_eq!(claims, [expected]);
    // A role that leads to itself, and one that leads nowhere.
    let circle = json!({"resourceType": "Bundle", "entry": [{"resource": {"resourceType": "Claim", "id": "c", "provider": {"reference": "PractitionerRole/r"}}},
        {"resource": {"resourceType": "PractitionerRole", "id": "r", "practitioner": {"reference": "PractitionerRole/r"}}}]});
    assert_eq!(read(&circle.to_string()).0.len(), 1);
}

#[test]
fn an_institutional_claim_has_its_bill_type_dates_and_diagnoses_by_their_kind() {
    let carin = "http://hl7.org/fhir/us/carin-bb/CodeSystem/C4BBSupportingInfoType";
    let nubc = |name: &str| format!("https://www.nubc.org/CodeSystem/{name}");
    let info = |category: &str, system: &str, code: &str| json!({"category": concept(carin, category), "code": concept(system, code)});
    let diagnosis = |sequence: u8, kind: &str, code: &str| json!({"sequence": sequence, "type": [concept("x", kind)], "diagnosisCodeableConcept": concept(CM, code), "onAdmission": concept("x", "y")});
    let claim = json!({
        "resourceType": "Claim", "id": "c1", "type": {"coding": [{"code": "institutional"}]},
        "billablePeriod": {"start": "2025-11-01", "end": "2025-11-04"},
        "supportingInfo": [
            info("typeofbill", &nubc("TypeOfBill"), "0111"), info("admtype", &nubc("PriorityTypeOfAdmitOrVisit"), "1"),
            info("pointoforigin", &nubc("PointOfOrigin"), "7"), info("discharge-status", &nubc("PatDischargeStatus"), "01"),
            info("drg", "http://x.org/local-drg", "470"),
            {"category": concept(carin, "admissionperiod"), "timingPeriod": {"start": "2025-11-01"}},
            {"category": concept("x", "info"), "code": concept(&nubc("ConditionCodes"), "44")},
            {"category": concept("x", "info"), "code": concept(&nubc("OccurrenceCodes"), "11"), "timingDate": "2025-10-30"},
            {"category": concept("x", "info"), "code": concept(&nubc("ValueCodes"), "80"), "valueQuantity": {"value": 3}},
        ],
        "diagnosis": [
            diagnosis(1, "other", "I10"), diagnosis(2, "admitting", "R07.9"), diagnosis(3, "principal", "I21.4"),
            diagnosis(4, "externalcauseofinjury", "W19.XXXA"), diagnosis(5, "patientreasonforvisit", "R06.02"),
        ],
        "procedure": [
            {"sequence": 1, "date": "2025-11-03T08:00:00Z", "procedureCodeableConcept": concept("http://www.cms.gov/Medicare/Coding/ICD10", "4A023N7")},
            {"sequence": 2, "type": [concept("x", "principal")], "procedureCodeableConcept": concept("urn:oid:2.16.840.1.113883.6.4", "027034Z")},
        ],
        "item": [
            {"sequence": 1, "revenue": concept(&nubc("RevenueCodes"), "0120"), "productOrService": concept("http://terminology.hl7.org/CodeSystem/data-absent-reason", "not-applicable"), "diagnosisSequence": [3, 2, 9]},
            {"sequence": 2, "productOrService": concept(&nubc("RevenueCodes"), "0250"), "unitPrice": {"value": 2.5}, "quantity": {"value": 4}},
        ],
    });
    let (claim, problems) = read_one(&claim);
    assert_eq!(
        problems,
        [
            ProblemKind::OtherSystem {
                path: "Claim.supportingInfo[4]".into(),
                system: "http://x.org/local-drg".into()
            },
            ProblemKind::NoSuchDiagnosis { path: "Claim.item[0].diagnosisSequence[2]".into(), sequence: 9 },
        ]
    );
    assert_eq!(
        claim,
        json!({
            "claim_id": "c1", "claim_type": "I", "bill_type": "0111", "statement_from": "2025-11-01", "statement_to": "2025-11-04",
            "patient_status": "01", "admission_date": "2025-11-01", "admission_type": "1", "admission_source": "7",
            "admitting_diagnosis": "R07.9", "reasons_for_visit": "R06.02", "external_causes": "W19.XXXA",
            "present_on_admission": "Y:Y", "inpatient_procedures": "027034Z:4A023N7@20251103", "occurrence_codes": "11@20251030",
            "value_codes": "80=3", "condition_codes": ["44"], "diagnoses": ["I214", "I10"],
            "lines": [
                {"line_number": "1", "revenue_code": "0120", "dx_pointers": ["1"]},
                {"line_number": "2", "revenue_code": "0250", "units": "4", "charge": "10.00"},
            ],
        })
    );
}

#[test]
fn an_oral_predetermination_is_one_of_benefits() {
    for (kind, used_for, expected) in
        [("oral", "predetermination", Some("PB")), ("oral", "claim", None), ("professional", "predetermination", None)]
    {
        let claim = json!({"resourceType": "Claim", "id": "c", "type": {"coding": [{"code": kind}]}, "use": used_for});
        assert_eq!(read_one(&claim).0["submission_reason"].as_str(), expected, "{kind} {used_for}");
    }
}

#[test]
fn details_are_components_or_the_lines_of_a_group() {
    let ndc = json!({"productOrService": concept("http://hl7.org/fhir/sid/ndc", "00777310502"), "quantity": {"value": 1.5, "code": "mL"}});
    let cpt = |code: &str| json!({"productOrService": concept(CPT, code), "net": {"value": 10}});
    let claim = |item: Value| json!({"resourceType": "Claim", "id": "c", "type": {"coding": [{"code": "professional"}]}, "billablePeriod": {"start": "2025-11-03", "end": "2025-11-03"}, "item": [item]});
    let (drug, problems) =
        read_one(&claim(json!({"productOrService": concept(CPT, "96372"), "detail": [ndc, ndc, cpt("99213")]})));
    assert_eq!(
        drug["lines"],
        json!([{"line_number": "1", "service_from": "2025-11-03", "procedure": "96372", "ndc": "00777310502", "ndc_unit": "ML", "ndc_quantity": "1.5"}])
    );
    let paths: Vec<String> = problems
        .iter()
        .map(|kind| match kind {
            ProblemKind::BadMember { path, .. } => path.to_string(),
            other => panic!("{other:?}"),
        })
        .collect();
    assert_eq!(paths, ["Claim.item[0].detail[1]", "Claim.item[0].detail[2]"]);
    let (group, problems) = read_one(&claim(
        json!({"sequence": 7, "productOrService": {"coding": []}, "detail": [cpt("99213"), cpt("36415")]}),
    ));
    assert_eq!(problems, []);
    let lines = group["lines"].as_array().unwrap();
    let codes: Vec<_> = lines
        .iter()
        .map(|line| (line["line_number"].as_str(), line["procedure"].as_str(), line["charge"].as_str()))
        .collect();
    assert_eq!(codes, [(Some("7"), Some("99213"), Some("10.00")), (Some("7"), Some("36415"), Some("10.00"))]);
}

#[test]
fn what_cannot_be_read_is_refused_with_its_id() {
    let broken = r#"{"resourceType":"Claim","id":"r","identifier":[{"value":"C9"}],"item":{"sequence":1}}"#;
    let (claims, problems, ..) = read(broken);
    assert_eq!(claims[0]["claim_id"], "C9");
    assert_eq!(problems[0].kind, ProblemKind::NotJson { at: 70 });
    assert!(problems[0].kind.makes_unreadable());
    for (text, unreadable, outside) in [
        ("{\"resourceType\":\"Claim\",\"id\":\"a\"", 1, 0),
        ("{\"resourceType\":\"Patient\"}", 0, 1),
        ("{\"resourceType\":\"Bundle\",\"entry\":[]}", 0, 1),
        ("{\"resourceType\":\"Bundle\",\"entry\":{}}", 1, 0),
        (
            "{\"resourceType\":\"Bundle\",\"entry\":[{\"resource\":{\"resourceType\":\"ExplanationOfBenefit\"}},{},null]}",
            1,
            0,
        ),
        // What it says of itself is not of the right form, or stands twice.
        ("{\"resourceType\":\"Bundle\",\"entry\":[{\"resource\":{\"resourceType\":\"Claim\",\"id\":{}}}]}", 1, 0),
        (
            "{\"resourceType\":\"Bundle\",\"entry\":[{\"resource\":{\"id\":1,\"id\":2,\"resourceType\":\"Claim\"}}]}",
            1,
            0,
        ),
        ("{\"resourceType\":\"Bundle\",\"entry\":[{\"resource\":{\"resourceType\":[\"Claim\"]}}]}", 1, 0),
        ("{\"resourceType\":\"Bundle\",\"entry\":[{\"resource\":{\"resourceType\":\"Patient\",\"id\":[]}}]}", 0, 1),
        ("{\"resourceType\":[]}", 1, 0),
        ("7", 1, 0),
    ] {
        let (claims, problems, beside, _) = read(text);
        assert_eq!((claims.len(), beside.len()), (unreadable, outside), "{text}");
        assert!(problems.iter().all(|problem| problem.kind.makes_unreadable()), "{text}");
    }
}

/// Any JSON, with the names that a claim has.
fn any_value() -> impl Strategy<Value = Value> {
    let names = [
        "resourceType",
        "id",
        "identifier",
        "type",
        "coding",
        "system",
        "code",
        "value",
        "item",
        "sequence",
        "diagnosis",
        "diagnosisCodeableConcept",
        "productOrService",
        "detail",
        "modifier",
        "quantity",
        "contained",
        "reference",
        "provider",
        "careTeam",
        "careTeamSequence",
        "insurance",
        "entry",
        "resource",
        "servicedDate",
        "diagnosisSequence",
    ];
    let leaf = prop_oneof![
        Just(Value::Null),
        any::<bool>().prop_map(Value::from),
        any::<f64>().prop_map(Value::from),
        (0..40u8).prop_map(Value::from),
        "[ -~é]{0,6}".prop_map(Value::from),
        proptest::sample::select(vec!["Claim", "Bundle", "Patient", CM, CPT, NPI, "#p", "institutional"])
            .prop_map(Value::from),
    ];
    leaf.prop_recursive(6, 60, 6, move |inner| {
        let name = proptest::sample::select(names.to_vec());
        prop_oneof![
            vec(inner.clone(), 0..4).prop_map(Value::from),
            vec((name.prop_map(str::to_owned), inner), 0..6)
                .prop_map(|members| Value::Object(members.into_iter().collect())),
        ]
    })
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(300))]

    #[test]
    fn no_json_panics_and_every_line_is_told_of(values in vec(any_value(), 1..5), chunk in 1..200usize) {
        let lines: Vec<String> = values.iter().map(|value| match value {
            Value::Object(members) => {
                let mut claim = members.clone();
                claim.entry("resourceType").or_insert("Claim".into());
                Value::Object(claim).to_string()
            }
            other => other.to_string(),
        }).collect();
        // A first line that begins an array would make a document of it.
        let text = format!("{{\"resourceType\":\"Claim\",\"id\":\"first\"}}\n{}", lines.join("\n"));
        let whole = read(&text);
        prop_assert!(whole.0.len() + whole.2.len() > values.len());
        let pieces = read_in(text.as_bytes(), chunk);
        prop_assert_eq!(whole.0, pieces.0);
        prop_assert_eq!(whole.1, pieces.1);
        prop_assert_eq!(whole.3, pieces.3);
    }

    #[test]
    fn a_claim_cut_or_changed_anywhere_is_a_claim_all_the_same(
        cut in any::<prop::sample::Index>(), changes in vec((any::<prop::sample::Index>(), 1..=127u8), 0..4)
    ) {
        let mut text = professional(&[CM, CPT, CPT, ""]).to_string().into_bytes();
        for (place, byte) in changes {
            let place = place.index(text.len());
            text[place] = if byte == b'\n' { b' ' } else { byte };
        }
        text.truncate(cut.index(text.len()) + 1);
        let blank = text.trim_ascii().is_empty();
        let (claims, _, outside, _) = read_in(&text, 64);
        prop_assert!(blank || claims.len() + outside.len() >= 1);
    }
}
