//! The edits that compare lines with each other, against what their definitions say when every line is compared
//! with every other, on random claims of few codes, and again with so many empty lines added that the edits sort
//! instead of comparing.

#![allow(clippy::unwrap_used, clippy::panic, missing_docs)]

mod support;

use claims::{Claim, Line};
use cleanclaim_edits::{Outcome, ProviderIdentity, Settings};
use codes::Date;
use codeset::flags::{could, modifier};
use codeset::{Class, Codeset, ImageBuilder, RelationBuilder, RelationId, Release, Row, SystemBuilder, SystemId};
use std::collections::BTreeMap;
use support::{Random, code, day, some};

/// The procedures. 10005 is valid in 2024 only from 03-05 on.
const PROCEDURES: [&str; 8] = ["10000", "10001", "10002", "10003", "10004", "10005", "10006", "10007"];

/// Column 1, column 2, indicator, first and last day; some both ways, one that changes its indicator.
const PAIRS: [(&str, &str, u16, &str, &str); 8] = [
    ("10000", "10001", 0, "2010-01-01", "2026-12-31"),
    ("10000", "10002", 1, "2010-01-01", "2026-12-31"),
    ("10001", "10002", 1, "2010-01-01", "2026-12-31"),
    ("10002", "10001", 1, "2010-01-01", "2024-03-04"),
    ("10003", "10002", 0, "2010-01-01", "2024-03-04"),
    ("10003", "10002", 1, "2024-03-05", "2026-12-31"),
    ("10004", "10002", 1, "2024-03-05", "2024-03-05"),
    ("10005", "10000", 1, "2010-01-01", "2026-12-31"),
];

/// Add-on, primary (itself for type 2), type: 10001 to 10000; 10002 to 10001 and 10003, which lead back to 10002;
/// 10004 of type 2; 10006 of type 3 to 10005.
const ADD_ONS: [(&str, &str, u16); 6] = [
    ("10001", "10000", 1),
    ("10002", "10001", 1),
    ("10002", "10003", 1),
    ("10003", "10002", 1),
    ("10004", "10004", 2),
    ("10006", "10005", 3),
];

fn tables() -> Codeset {
    let (from, to) = (day("2010-01-01"), Some(day("2026-12-31")));
    let mut procedures = SystemBuilder::new(SystemId::Procedure);
    for text in PROCEDURES {
        let first = if text == "10005" { day("2024-03-05") } else { from };
        procedures.add(code(text), Row::new(first, to, 0), None);
    }
    let mut modifiers = SystemBuilder::new(SystemId::Modifier);
    for text in ["59", "XS", "76", "LT", "22"] {
        let mut row = Row::new(day("2015-01-01"), to, 0);
        row.flags = if ["59", "XS", "LT"].contains(&text) { modifier::NCCI } else { 0 };
        modifiers.add(code(text), row, None);
    }
    let mut image = ImageBuilder::new();
    for id in [RelationId::PtpHospital, RelationId::PtpPractitioner] {
        let mut pairs = RelationBuilder::new(id);
        let (one, two) = match id {
            RelationId::PtpHospital => (could::PTP_HOSPITAL_COLUMN_1, could::PTP_HOSPITAL_COLUMN_2),
            _ => (could::PTP_PRACTITIONER_COLUMN_1, could::PTP_PRACTITIONER_COLUMN_2),
        };
        for (first, second, indicator, from, to) in PAIRS {
            pairs.add(code(first), code(second), Class::new(day(from), Some(day(to)), indicator, 0));
            procedures.could(code(first), one);
            procedures.could(code(second), two);
        }
        image.relation(pairs).unwrap();
    }
    let mut add_ons = RelationBuilder::new(RelationId::AddOn);
    for (add_on, primary, kind) in ADD_ONS {
        add_ons.add(code(add_on), code(primary), Class::new(from, to, kind, 0));
        procedures.could(code(add_on), could::ADD_ON);
    }
    image.relation(add_ons).unwrap();
    image.system(procedures).unwrap();
    image.system(modifiers).unwrap();
    for part in ["procedures", "ptp-hospital", "ptp-practitioner", "add-on"] {
        image.release(Release::new(part, part, from, to));
    }
    image.release(Release::new("modifiers", "modifiers", day("2015-01-01"), to));
    Codeset::from_bytes(&image.finish().unwrap()).unwrap()
}

/// What an edit reports of a claim: outcome and named line by line number.
fn reports(codeset: &Codeset, id: &str, claim: &Claim) -> BTreeMap<u32, (Outcome, Option<String>)> {
    support::reports(codeset, id, claim, &Settings::DEFAULT, |finding| {
        let named = ["column_1_line", "first_line", "primary_line"].into_iter().find_map(|name| finding.value(name));
        named.map(ToString::to_string)
    })
}

/// The claim with 35 lines of a revenue code or note alone before each of its own.
fn padded(claim: &Claim) -> Claim {
    let mut lines = Vec::new();
    for (place, line) in claim.lines.iter().enumerate() {
        lines.extend((0..35).map(|number| Line {
            line_number: Some((1000 + place * 35 + number).to_string()),
            revenue_code: claim.bill_type.as_ref().map(|_| "0250".to_owned()),
            note: Some("nothing".into()),
            ..Line::default()
        }));
        lines.push(line.clone());
    }
    Claim { lines, ..claim.clone() }
}

fn random_claim(random: &mut Random, days: &[&str]) -> Claim {
    let bill = random.one_of(&["", "", "0131", "0221", "0851"]);
    let lines = (1..=2 + random.below(9)).map(|number| Line {
        line_number: Some(number.to_string()),
        procedure: some(random.one_of(&PROCEDURES)),
        revenue_code: some(if bill.is_empty() { "" } else { random.one_of(&["0360", "0975"]) }),
        service_from: some(random.one_of(days)),
        rendering_npi: some(random.one_of(&["", "", "1987654328"])),
        modifiers: vec![random.one_of(&["", "", "", "59", "76", "LT", "22"]).to_owned()],
        units: some(random.one_of(&["1", "1", "1", "2", ""])),
        charge: some(random.one_of(&["10", "10", "10", "20", ""])),
        ..Line::default()
    });
    Claim {
        claim_id: "c".into(),
        bill_type: some(bill),
        billing_npi: some("1234567893"),
        lines: lines.collect(),
        ..Claim::default()
    }
}

fn fee(claim: &Claim, line: &Line) -> bool {
    claim.bill_type.as_deref() == Some("0851") && line.revenue_code.as_deref() == Some("0975")
}

/// The facility is the provider of every line of its bill.
fn provider<'l>(claim: &Claim, line: &'l Line) -> &'l str {
    if claim.bill_type.is_some() {
        return "1234567893";
    }
    line.rendering_npi.as_deref().unwrap_or("1234567893")
}

fn date(line: &Line) -> Date {
    day(line.service_from.as_deref().unwrap())
}

fn modifier_of(line: &Line) -> &str {
    &line.modifiers[0]
}

fn number(line: &Line) -> u32 {
    line.line_number.as_ref().unwrap().parse().unwrap()
}

fn pair(indicator: u16, one: &Line, other: &Line) -> bool {
    PAIRS.iter().any(|&(first, second, value, from, to)| {
        value == indicator
            && one.procedure.as_deref() == Some(first)
            && other.procedure.as_deref() == Some(second)
            && day(from) <= date(other)
            && date(other) <= day(to)
    })
}

type Expected = BTreeMap<u32, (Outcome, Option<String>)>;

fn expected_pairs(claim: &Claim, indicator: u16) -> Expected {
    let mut expected = BTreeMap::new();
    for other in &claim.lines {
        let same = |one: &&Line| {
            date(one) == date(other)
                && provider(claim, one) == provider(claim, other)
                && fee(claim, one) == fee(claim, other)
        };
        let partners: Vec<&Line> = claim.lines.iter().filter(same).filter(|one| pair(indicator, one, other)).collect();
        let ncci = |line: &Line| ["59", "LT"].contains(&modifier_of(line));
        let either = date(other) >= day("2019-07-01");
        let released = |one: &&&Line| indicator == 1 && (ncci(other) || either && ncci(one));
        if let Some(fails) = partners.iter().find(|one| !released(one)) {
            expected.insert(number(other), (Outcome::Fail, fails.line_number.clone()));
        } else if let Some(first) = partners.first() {
            expected.insert(number(other), (Outcome::Bypassed, first.line_number.clone()));
        }
    }
    expected
}

#[test]
fn ptp_pairs_are_those_of_the_definition() {
    let codeset = tables();
    let mut random = Random(1);
    let mut seen = [0; 4];
    for _ in 0..3000 {
        let claim = random_claim(&mut random, &["2024-03-04", "2024-03-05", "2019-06-30", "2019-07-01"]);
        for (id, indicator) in [("PTP001", 0), ("PTP002", 1)] {
            let expected = expected_pairs(&claim, indicator);
            assert_eq!(reports(&codeset, id, &claim), expected, "{id} {:#?}", claim.lines);
            assert_eq!(reports(&codeset, id, &padded(&claim)), expected, "{id}, padded, {:#?}", claim.lines);
            expected.values().for_each(|(outcome, _)| seen[*outcome as usize] += 1);
        }
    }
    assert!(seen[Outcome::Fail as usize] > 100 && seen[Outcome::Bypassed as usize] > 100, "{seen:?}");
}

fn professional(modifiers: [&str; 2], date: &str) -> Claim {
    let line = |procedure: &str, modifier: &str| Line {
        procedure: some(procedure),
        modifiers: vec![modifier.to_owned()],
        service_from: some(date),
        ..Line::default()
    };
    let lines = vec![line("10000", modifiers[0]), line("10002", modifiers[1])];
    Claim { claim_id: "c".into(), lines, ..Claim::default() }
}

#[test]
fn a_modifier_on_the_column_1_line_counts_from_2019_07_01() {
    let codeset = tables();
    let of = |modifiers, date| reports(&codeset, "PTP002", &professional(modifiers, date)).remove(&2);
    let line_1 = || Some("1".to_owned());
    assert_eq!(of(["59", ""], "2019-06-30"), Some((Outcome::Fail, line_1())));
    assert_eq!(of(["", "59"], "2019-06-30"), Some((Outcome::Bypassed, line_1())));
    assert_eq!(of(["59", ""], "2019-07-01"), Some((Outcome::Bypassed, line_1())));
    assert_eq!(of(["", "59"], "2019-07-01"), Some((Outcome::Bypassed, line_1())));
}

#[test]
fn a_payer_may_take_the_billing_provider_for_the_provider_of_every_line() {
    let codeset = tables();
    let mut claim = professional(["", ""], "2024-03-01");
    claim.billing_npi = some("1234567893");
    claim.lines[0].rendering_npi = some("1234567893");
    claim.lines[1].rendering_npi = some("1245319599");
    let by = |provider_identity| {
        let settings = Settings { provider_identity, ..Settings::DEFAULT };
        support::reports(&codeset, "PTP002", &claim, &settings, |_| ()).into_keys().collect::<Vec<u32>>()
    };
    assert_eq!(by(ProviderIdentity::Rendering), Vec::<u32>::new());
    assert_eq!(by(ProviderIdentity::Billing), [2]);
}

#[test]
fn modifiers_on_a_day_that_their_table_does_not_cover_cannot_be_judged() {
    let codeset = tables();
    let of = |modifiers, date| reports(&codeset, "PTP002", &professional(modifiers, date)).remove(&2);
    assert_eq!(of(["", "59"], "2014-12-31"), Some((Outcome::NotEvaluated, None)));
    assert_eq!(of(["", "59"], "2015-01-01"), Some((Outcome::Bypassed, Some("1".to_owned()))));
    // Without a modifier there is none to judge; and before 2019-07-01 one on the column-1 line does not count.
    assert_eq!(of(["", ""], "2014-12-31"), Some((Outcome::Fail, Some("1".to_owned()))));
    assert_eq!(of(["59", ""], "2014-12-31"), Some((Outcome::Fail, Some("1".to_owned()))));
}

fn add_on(line: &Line) -> Option<u16> {
    ADD_ONS.iter().find(|(add_on, ..)| line.procedure.as_deref() == Some(add_on)).map(|&(.., kind)| kind)
}

fn valid(line: &Line) -> bool {
    line.procedure.as_deref() != Some("10005") || date(line) >= day("2024-03-05")
}

fn listed(line: &Line, primary: &Line) -> bool {
    ADD_ONS.iter().any(|&(add_on, target, kind)| {
        kind != 2 && line.procedure.as_deref() == Some(add_on) && primary.procedure.as_deref() == Some(target)
    })
}

/// Whether the line at `place` has a primary; on institutional claims by a chain within the days from `first` on.
fn has_primary(claim: &Claim, place: usize, first: Date, on_the_way: &mut Vec<usize>) -> bool {
    let line = &claim.lines[place];
    let institutional = claim.bill_type.is_some();
    for (other, primary) in claim.lines.iter().enumerate() {
        if other == place || !listed(line, primary) {
            continue;
        }
        if !institutional {
            if date(primary) == date(line) && provider(claim, primary) == provider(claim, line) {
                return true;
            }
            continue;
        }
        let in_time = first <= date(primary) && date(primary) <= date(line);
        if !in_time || !valid(primary) || fee(claim, primary) != fee(claim, line) || on_the_way.contains(&other) {
            continue;
        }
        on_the_way.push(other);
        let satisfied = matches!(add_on(primary), None | Some(2)) || has_primary(claim, other, first, on_the_way);
        on_the_way.pop();
        if satisfied {
            return true;
        }
    }
    false
}

fn expected_add_ons(claim: &Claim, kind: u16) -> Expected {
    let institutional = claim.bill_type.is_some();
    let mut expected = BTreeMap::new();
    for (place, line) in claim.lines.iter().enumerate().filter(|(_, line)| add_on(line) == Some(kind)) {
        let other = claim.lines.iter().any(|other| {
            date(other) == date(line)
                && other.procedure != line.procedure
                && fee(claim, other) == fee(claim, line)
                && if institutional { valid(other) } else { provider(claim, other) == provider(claim, line) }
        });
        let fails = match kind {
            2 => !other && (!institutional || line.revenue_code.as_deref() == Some("0975")),
            3 => !other && !has_primary(claim, place, date(line).previous(), &mut vec![place]),
            _ => !has_primary(claim, place, date(line).previous(), &mut vec![place]),
        };
        // A primary that is there but does not count is named.
        let named = claim.lines.iter().find(|primary| {
            institutional
                && kind == 1
                && listed(line, primary)
                && date(line).previous() <= date(primary)
                && date(primary) <= date(line)
                && fee(claim, primary) == fee(claim, line)
        });
        if fails && claim.bill_type.as_deref() == Some("0131") {
            // How a hospital's bill is paid it does not say.
            expected.insert(number(line), (Outcome::NotEvaluated, None));
        } else if fails {
            expected.insert(number(line), (Outcome::Fail, named.and_then(|primary| primary.line_number.clone())));
        }
    }
    expected
}

#[test]
fn add_ons_have_the_primaries_of_the_definition() {
    let codeset = tables();
    let mut random = Random(2);
    let mut failed = [0; 4];
    for _ in 0..4000 {
        let claim = random_claim(&mut random, &["2024-03-03", "2024-03-04", "2024-03-05", "2024-03-06"]);
        for (id, kind) in [("AOC001", 1), ("AOC002", 2), ("AOC003", 3)] {
            let expected = expected_add_ons(&claim, kind);
            assert_eq!(reports(&codeset, id, &claim), expected, "{id} {claim:?} {:#?}", claim.lines);
            assert_eq!(reports(&codeset, id, &padded(&claim)), expected, "{id}, padded, {:#?}", claim.lines);
            failed[usize::from(kind)] += expected.len();
        }
    }
    assert!(failed[1..].iter().all(|&count| count > 50), "{failed:?}");
}

fn alike(claim: &Claim, one: &Line, other: &Line) -> bool {
    one.procedure == other.procedure
        && date(one) == date(other)
        && provider(claim, one) == provider(claim, other)
        && fee(claim, one) == fee(claim, other)
}

/// Whether two alike lines are equal in all; `None` when a missing field leaves it open.
fn equal(one: &Line, other: &Line) -> Option<bool> {
    if one.modifiers != other.modifiers || one.revenue_code != other.revenue_code {
        return Some(false);
    }
    let complete = |line: &Line| line.units.is_some() && line.charge.is_some();
    (complete(one) && complete(other)).then(|| one.units == other.units && one.charge == other.charge)
}

#[test]
fn duplicates_are_those_of_the_definition() {
    let codeset = tables();
    let mut random = Random(3);
    let mut seen = [[0; 4]; 2];
    for _ in 0..4000 {
        let claim = random_claim(&mut random, &["2024-03-04", "2024-03-05"]);
        let mut claim = claim;
        for line in &mut claim.lines {
            line.procedure = some(random.one_of(&PROCEDURES[..2]));
        }
        let (mut exact, mut suspect) = (Expected::new(), Expected::new());
        for (place, line) in claim.lines.iter().enumerate() {
            let before: Vec<&Line> = claim.lines[..place].iter().filter(|one| alike(&claim, one, line)).collect();
            if let Some(first) = before.iter().find(|one| equal(one, line) == Some(true)) {
                let outcome = if modifier_of(line) == "76" { Outcome::Bypassed } else { Outcome::Fail };
                exact.insert(number(line), (outcome, first.line_number.clone()));
            } else if before.iter().any(|one| equal(one, line).is_none()) {
                exact.insert(number(line), (Outcome::NotEvaluated, None));
            }
            let releases = |line: &Line| ["76", "LT"].contains(&modifier_of(line));
            let differing: Vec<&Line> = before.iter().filter(|one| equal(one, line) != Some(true)).copied().collect();
            let released = |one: &&&Line| releases(one) || releases(line);
            if let Some(first) = differing.iter().find(|one| !released(one)) {
                suspect.insert(number(line), (Outcome::Fail, first.line_number.clone()));
            } else if let Some(first) = differing.first() {
                suspect.insert(number(line), (Outcome::Bypassed, first.line_number.clone()));
            }
        }
        for (place, (id, expected)) in [("DUP001", exact), ("DUP002", suspect)].into_iter().enumerate() {
            assert_eq!(reports(&codeset, id, &claim), expected, "{id} {claim:?} {:#?}", claim.lines);
            assert_eq!(reports(&codeset, id, &padded(&claim)), expected, "{id}, padded, {:#?}", claim.lines);
            expected.values().for_each(|(outcome, _)| seen[place][*outcome as usize] += 1);
        }
    }
    assert!(seen[0][1..].iter().all(|&count| count > 10) && seen[1][3] > 50 && seen[1][1] > 50, "{seen:?}");
}
