//! MUE001 to MUE003 against what their definitions say when every day is added up by itself, on random claims of few
//! codes, days and providers; and again with so many empty lines added that the edits sort instead of comparing.
//! The limits are invented.

#![allow(clippy::unwrap_used, clippy::panic, missing_docs)]

mod support;

use claims::{Claim, Line};
use cleanclaim_edits::{Outcome, Settings};
use codes::{Date, Modifier};
use codeset::{
    Attribute, AttributeId, AttributesBuilder, Codeset, ImageBuilder, Mue, MueScope, Release, Row, SystemBuilder,
    SystemId,
};
use std::collections::BTreeMap;
use support::{Random, code, day, some};

/// 10009 is in no table of limits, 10010 in no table at all.
const PROCEDURES: [&str; 7] = ["10001", "10002", "10003", "10004", "01210", "10009", "10010"];
type Limit = (u32, MueScope);

/// Procedure, limit and indicator in the first quarter of 2024, and in the second.
const LIMITS: [(&str, Limit, Limit); 5] = [
    ("10001", (2, MueScope::Line), (1, MueScope::DayByPolicy)),
    ("10002", (3, MueScope::DayByPolicy), (3, MueScope::DayByPolicy)),
    ("10003", (4, MueScope::DayByClinicalBenchmark), (2, MueScope::DayByClinicalBenchmark)),
    ("10004", (0, MueScope::DayByClinicalBenchmark), (0, MueScope::Line)),
    ("01210", (1, MueScope::DayByPolicy), (2, MueScope::Line)),
];

/// How much more a table allows than [`LIMITS`] say, so that a mistaken table shows.
fn more(id: AttributeId) -> u32 {
    match id {
        AttributeId::MueHospital => 1,
        AttributeId::MueDme => 2,
        _ => 0,
    }
}

fn tables(ids: &[AttributeId]) -> Codeset {
    let mut procedures = SystemBuilder::new(SystemId::Procedure);
    for text in PROCEDURES.into_iter().filter(|text| *text != "10010") {
        procedures.add(code(text), Row::new(day("2023-01-01"), Some(day("2024-12-31")), 0), None);
    }
    let mut image = ImageBuilder::new();
    image.release(Release::new("codes", "procedures", day("2023-01-01"), Some(day("2024-12-31"))));
    image.system(procedures).unwrap();
    for &id in ids {
        let quarters = [("2024-01-01", "2024-03-31"), ("2024-04-01", "2024-06-30")];
        let releases =
            quarters.map(|(from, to)| image.release(Release::new(id.name(), id.name(), day(from), Some(day(to)))));
        let mut limits = AttributesBuilder::new(id);
        for (text, first, second) in LIMITS {
            for (((units, scope), (from, to)), release) in [first, second].into_iter().zip(quarters).zip(releases) {
                let units = if units == 0 { 0 } else { units + more(id) };
                let value = Mue { units, scope }.to_value();
                limits.add(code(text), Attribute::new(day(from), Some(day(to)), Modifier::ABSENT, value, release));
            }
        }
        image.attributes(limits).unwrap();
    }
    Codeset::from_bytes(&image.finish().unwrap()).unwrap()
}

const ALL: [AttributeId; 3] = [AttributeId::MuePractitioner, AttributeId::MueHospital, AttributeId::MueDme];

/// What an edit reports of a claim, by line number: the outcome, and the day and units that a failure names or the
/// reason.
fn reports(codeset: &Codeset, id: &str, claim: &Claim) -> BTreeMap<u32, (Outcome, String)> {
    support::reports(codeset, id, claim, &Settings::DEFAULT, |finding| match finding.outcome {
        Outcome::Fail => {
            assert!(finding.release.is_some());
            format!("{} on {}", finding.value("units_of_day").unwrap(), finding.value("date").unwrap())
        }
        _ => finding.value("reason").unwrap().to_string(),
    })
}

fn random_claim(random: &mut Random) -> Claim {
    let bill = random.one_of(&["", "", "", "0131", "0141", "0851", "0831", "0111", "0121", "?"]);
    // Few codes on a claim, so that lines share them.
    let codes = [random.one_of(&PROCEDURES), random.one_of(&PROCEDURES)];
    let contractor = some(random.one_of(&["", "", "", "12102", "17013", "J15"]));
    let taxonomy = some(random.one_of(&["", "", "207Q00000X", "332B00000X", "335e00000x"]));
    let lines = (1..=1 + random.below(8)).map(|number| Line {
        line_number: Some(number.to_string()),
        procedure: some(random.one_of(&codes)),
        revenue_code: some(if bill.is_empty() { "" } else { random.one_of(&["0360", "0975"]) }),
        service_from: some(random.one_of(&["2024-03-29", "2024-03-30", "2024-03-31", "2024-04-01"])),
        service_to: some(random.one_of(&["", "", "", "2024-03-31", "2024-04-01", "2024-04-02"])),
        rendering_npi: some(random.one_of(&["", "", "", "1987654328"])),
        modifiers: vec![random.one_of(&["", "", "59", "RT"]).to_owned()],
        units: some(random.one_of(&["1", "1", "1", "1", "2", "3", "5", "0", "-1", "1.5", ""])),
        unit_basis: some(random.one_of(&["", "", "MJ", "UN"])),
        ..Line::default()
    });
    Claim {
        claim_id: "c".into(),
        claim_type: Some(if bill.is_empty() { "P" } else { "I" }.to_owned()),
        bill_type: some(bill),
        billing_npi: some("1234567893"),
        contractor,
        billing_taxonomy: taxonomy,
        lines: lines.collect(),
        ..Claim::default()
    }
}

/// The table for the claim; nothing where there are no limits; an error where the type of bill is missing.
fn table(claim: &Claim) -> Result<Option<AttributeId>, ()> {
    if claim.claim_type.as_deref() == Some("P") {
        let dme = match claim.contractor.as_deref() {
            Some("17013") => true,
            Some("12102") => false,
            _ => claim.billing_taxonomy.as_deref().is_some_and(|code| code.starts_with("33")),
        };
        return Ok(Some(if dme { AttributeId::MueDme } else { AttributeId::MuePractitioner }));
    }
    match claim.bill_type.as_deref() {
        Some("0131" | "0141" | "0851") => Ok(Some(AttributeId::MueHospital)),
        Some("0831") => Ok(Some(AttributeId::MuePractitioner)),
        Some("?") => Err(()),
        _ => Ok(None),
    }
}

fn from(line: &Line) -> Date {
    day(line.service_from.as_deref().unwrap())
}

fn to(line: &Line) -> Date {
    line.service_to.as_deref().map_or(from(line), day).max(from(line))
}

/// Units of the line: one of anesthesia in minutes, and never fewer than none.
fn counted(line: &Line) -> Option<f64> {
    let units: f64 = line.units.as_deref()?.parse().unwrap();
    let minutes = line.procedure.as_deref() == Some("01210") && line.unit_basis.as_deref() != Some("UN");
    Some(if minutes { 1.0 } else { units.max(0.0) })
}

/// Thousandths of units on each day of the line.
fn per_day(line: &Line) -> Option<i64> {
    let units = counted(line)?;
    let days = to(line).days() - from(line).days() + 1;
    let a_day = if days == 1 { units } else { (units / f64::from(days)).round() };
    Some((a_day * 1000.0).round() as i64)
}

fn giver<'c>(claim: &'c Claim, line: &'c Line) -> (&'c str, bool) {
    let fee = claim.bill_type.as_deref() == Some("0851") && line.revenue_code.as_deref() == Some("0975");
    let institutional = claim.claim_type.as_deref() == Some("I");
    let npi = line.rendering_npi.as_deref().filter(|_| !institutional).unwrap_or("1234567893");
    (npi, fee)
}

fn limit(id: AttributeId, line: &Line) -> Option<(u32, MueScope)> {
    let (_, first, second) = LIMITS.into_iter().find(|(text, ..)| line.procedure.as_deref() == Some(*text))?;
    let (units, scope) = if from(line) < day("2024-04-01") { first } else { second };
    Some((if units == 0 { 0 } else { units + more(id) }, scope))
}

fn told(thousandths: i64, on: Date) -> String {
    let units = codes::Units::from_thousandths(thousandths);
    format!("{units} on {on}")
}

fn expected(claim: &Claim, wanted: MueScope) -> BTreeMap<u32, (Outcome, String)> {
    let mut expected = BTreeMap::new();
    for line in &claim.lines {
        let number = line.line_number.as_ref().unwrap().parse().unwrap();
        let mut skip = |reason: &str| expected.insert(number, (Outcome::NotEvaluated, reason.to_owned()));
        let id = match table(claim) {
            Err(()) => {
                skip("field bill_type is not given");
                continue;
            }
            Ok(None) => continue,
            Ok(Some(id)) => id,
        };
        if line.procedure.as_deref() == Some("10010") {
            skip("the code has no valid row in table procedures");
            continue;
        }
        let Some((most, scope)) = limit(id, line) else {
            skip(&format!("table {} does not list the code on that date", id.name()));
            continue;
        };
        if scope != wanted {
            continue;
        }
        let Some(own) = per_day(line) else {
            skip("field units is not given");
            continue;
        };
        let most = i64::from(most) * 1000;
        let all = counted(line).map_or(0, |units| (units * 1000.0).round() as i64);
        if own == 0 {
            // A limit of 0 takes no units, on however many days.
            if most == 0 && all > 0 {
                expected.insert(number, (Outcome::Fail, told(all, from(line))));
            }
            continue;
        }
        if scope == MueScope::Line {
            if own > most {
                expected.insert(number, (Outcome::Fail, told(own, from(line))));
            }
            continue;
        }
        let mut unknown = false;
        let mut on = from(line);
        let above = loop {
            let of_day = |other: &&Line| {
                other.procedure == line.procedure
                    && giver(claim, other) == giver(claim, line)
                    && from(other) <= on
                    && on <= to(other)
            };
            let units: Vec<Option<i64>> = claim.lines.iter().filter(of_day).map(per_day).collect();
            let sum: i64 = units.iter().flatten().sum();
            if sum > most {
                break Some((sum, on));
            }
            unknown |= units.contains(&None);
            on = on.next();
            if on > to(line) {
                break None;
            }
        };
        match above {
            Some((sum, on)) => drop(expected.insert(number, (Outcome::Fail, told(sum, on)))),
            None if unknown => {
                expected.insert(number, (Outcome::NotEvaluated, "field units is not given".to_owned()));
            }
            None => {}
        }
    }
    expected
}

/// The claim with 70 lines more, of a note alone, which no edit of the family looks at.
fn padded(claim: &Claim) -> Claim {
    let empty = (0..70).map(|number| Line {
        line_number: Some((1000 + number).to_string()),
        note: Some("nothing".into()),
        ..Line::default()
    });
    let mut lines: Vec<Line> = empty.collect();
    for (place, line) in claim.lines.iter().enumerate() {
        lines.insert(place * 7, line.clone());
    }
    Claim { lines, ..claim.clone() }
}

const EDITS: [(&str, MueScope); 3] =
    [("MUE001", MueScope::Line), ("MUE002", MueScope::DayByPolicy), ("MUE003", MueScope::DayByClinicalBenchmark)];

#[test]
fn limits_are_those_of_the_definition() {
    let codeset = tables(&ALL);
    let mut random = Random(7);
    let mut seen = BTreeMap::new();
    for _ in 0..8000 {
        let claim = random_claim(&mut random);
        for (id, scope) in EDITS {
            let expected = expected(&claim, scope);
            assert_eq!(reports(&codeset, id, &claim), expected, "{id} {claim:?} {:#?}", claim.lines);
            assert_eq!(reports(&codeset, id, &padded(&claim)), expected, "{id}, padded, {:#?}", claim.lines);
            for (outcome, told) in expected.into_values() {
                let what = if outcome == Outcome::Fail { String::new() } else { told };
                *seen.entry((id, outcome, what)).or_insert(0) += 1;
            }
        }
    }
    // Every outcome and reason was met often by every edit.
    assert_eq!(seen.keys().filter(|(_, outcome, _)| *outcome == Outcome::Fail).count(), 3, "{seen:#?}");
    assert_eq!(seen.len(), 3 * 7, "{seen:#?}");
    assert!(seen.values().all(|&count| count > 50), "{seen:#?}");
}

#[test]
fn a_table_that_is_not_loaded_leaves_its_claims_not_evaluated_and_no_others() {
    let line = |units: &str| Line {
        procedure: some("10002"),
        service_from: some("2024-02-01"),
        units: some(units),
        ..Line::default()
    };
    let of = |claim_type: &str, bill: &str, taxonomy: &str| Claim {
        claim_id: "c".into(),
        claim_type: some(claim_type),
        bill_type: some(bill),
        billing_taxonomy: some(taxonomy),
        lines: vec![line("9")],
        ..Claim::default()
    };
    let settings = [
        (AttributeId::MuePractitioner, of("P", "", "")),
        (AttributeId::MueHospital, of("I", "131", "")),
        (AttributeId::MueDme, of("P", "", "332B00000X")),
    ];
    for missing in ALL {
        let loaded: Vec<AttributeId> = ALL.into_iter().filter(|&id| id != missing).collect();
        let codeset = tables(&loaded);
        for (id, claim) in &settings {
            let (outcome, told) = reports(&codeset, "MUE002", claim).remove(&1).unwrap();
            if *id == missing {
                assert_eq!(outcome, Outcome::NotEvaluated);
                assert_eq!(told, format!("table {} is not in the codeset", id.name()));
            } else {
                assert_eq!((outcome, told.as_str()), (Outcome::Fail, "9 on 2024-02-01"));
            }
        }
    }
}

#[test]
fn a_claim_of_very_many_lines_and_days_is_judged_like_a_small_one() {
    // 10003 allows 2 a day from April on: lines 1 to 20,000 each span ten days with 10 units, so one a day; from the
    // third day on ten of them lie over each other.
    let first = day("2024-04-01").days();
    let lines = (0..20_000).map(|number| {
        let from = Date::from_days(first + number % 80);
        Line {
            procedure: some("10003"),
            service_from: Some(from.to_string()),
            service_to: Some(Date::from_days(from.days() + 9).to_string()),
            units: some("10"),
            ..Line::default()
        }
    });
    let claim = Claim { claim_id: "c".into(), claim_type: some("P"), lines: lines.collect(), ..Claim::default() };
    let found = reports(&tables(&ALL), "MUE003", &claim);
    assert_eq!(found.len(), 20_000);
    assert!(found.values().all(|(outcome, _)| *outcome == Outcome::Fail));
    // The first day has the 250 lines that begin on it.
    assert_eq!(found[&1].1, "250 on 2024-04-01");
}
