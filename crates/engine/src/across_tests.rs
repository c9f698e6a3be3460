//! Duplicate lines, unit limits and add-on codes across the claims of a run, against comparing every claim with all before
//! it. Tables and claims are invented.
#![allow(clippy::unwrap_used, clippy::panic, reason = "tests")]

use crate::across::{Earlier, Episodes, Window};
use crate::{BatchOutcome, Memo, Scrubber};
use claims::{Claim, ClaimBatch, Columns, Line};
use codes::{Code, Date, Modifier};
use codeset::flags::{could, modifier};
use codeset::{
    Attribute, AttributeId, AttributesBuilder, Class, Codeset, ImageBuilder, Mue, MueScope, RelationBuilder,
    RelationId, Release, Row, SystemBuilder, SystemId,
};
use edits::Outcome;
use std::collections::BTreeMap;

/// 01210 (anesthesia by time) and 10002 to 10004 have limits; 10011 to 10013 are add-on codes.
const PROCEDURES: [&str; 7] = ["01210", "10002", "10003", "10004", "10011", "10012", "10013"];
const LIMITS: [(&str, u32, MueScope); 4] = [
    ("01210", 1, MueScope::DayByPolicy),
    ("10002", 2, MueScope::DayByPolicy),
    ("10003", 0, MueScope::DayByClinicalBenchmark),
    ("10004", 1, MueScope::DayByClinicalBenchmark),
];
/// Add-on, primary (itself for type 2), type.
const ADD_ONS: [(&str, &str, u16); 3] = [("10011", "10002", 1), ("10012", "10012", 2), ("10013", "10002", 3)];
const LIMITED: [AttributeId; 3] = [AttributeId::MuePractitioner, AttributeId::MueHospital, AttributeId::MueDme];
const DAYS: [&str; 3] = ["2024-03-01", "2024-03-02", "2024-03-03"];

fn day(text: &str) -> Date {
    Date::parse(text.as_bytes()).unwrap()
}

fn code(text: &str) -> Code {
    Code::parse(text.as_bytes()).unwrap()
}

fn tables() -> Codeset {
    let (from, to) = (day("2020-01-01"), Some(day("2026-12-31")));
    let mut procedures = SystemBuilder::new(SystemId::Procedure);
    for text in PROCEDURES {
        procedures.add(code(text), Row::new(from, to, 0), None);
    }
    let mut image = ImageBuilder::new();
    let mut add_ons = RelationBuilder::new(RelationId::AddOn);
    for (add_on, primary, kind) in ADD_ONS {
        add_ons.add(code(add_on), code(primary), Class::new(from, to, kind, 0));
        procedures.could(code(add_on), could::ADD_ON);
    }
    image.relation(add_ons).unwrap();
    for id in LIMITED {
        let mut limits = AttributesBuilder::new(id);
        for (text, units, scope) in LIMITS {
            limits.add(code(text), Attribute::new(from, to, Modifier::ABSENT, Mue { units, scope }.to_value(), 0));
        }
        image.attributes(limits).unwrap();
        image.release(Release::new(id.name(), id.name(), from, to));
    }
    image.system(procedures).unwrap();
    for part in ["procedures", "add-on"] {
        image.release(Release::new(part, part, from, to));
    }
    Codeset::from_bytes(&image.finish().unwrap()).unwrap()
}

struct Random(u64);

impl Random {
    fn one_of<T: Copy>(&mut self, all: &[T]) -> T {
        self.0 = self.0.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        all[((self.0 >> 33) % all.len() as u64) as usize]
    }
}

fn some(text: &str) -> Option<String> {
    (!text.is_empty()).then(|| text.to_owned())
}

const ONE: &str = "1234567893";
const TWO: &str = "1987654328";

fn claims(count: usize) -> Vec<Claim> {
    let mut random = Random(11);
    let claim = |number| {
        let bill = random.one_of(&["", "", "", "", "", "0131", "0131", "0137", "0111"]);
        let lines = (0..random.one_of(&[1, 2, 3, 4])).map(|_| Line {
            procedure: some(random.one_of(&PROCEDURES)),
            revenue_code: some(if bill.is_empty() { "" } else { "0510" }),
            service_from: some(random.one_of(&DAYS)),
            service_to: some(random.one_of(&["", "", "", "2024-03-03", "2024-03-04"])),
            rendering_npi: some(random.one_of(&["", "", "", "", ONE, TWO])),
            units: some(random.one_of(&["1", "1", "1", "2", "4", "0", ""])),
            unit_basis: some(random.one_of(&["", "UN"])),
            ..Line::default()
        });
        let lines = lines.collect();
        Claim {
            claim_id: format!("c{number}"),
            claim_type: some(if bill.is_empty() { "P" } else { "I" }),
            bill_type: some(bill),
            frequency_code: some(if bill.is_empty() { random.one_of(&["1", "1", "1", "7"]) } else { "" }),
            payer_id: some(random.one_of(&["", "x"])),
            patient_id: some(random.one_of(&["", "p1", "p2", "p3", "p4", "p5"])),
            billing_npi: some(random.one_of(&["", ONE, ONE, ONE, ONE, TWO])),
            billing_taxonomy: some(random.one_of(&["", "", "", "332B00000X"])),
            lines,
            ..Claim::default()
        }
    };
    (0..count).map(claim).collect()
}

/// The findings of the edits, by claim and line from 0: outcome, and the other claim if one is named.
type Found = BTreeMap<(usize, u32), Judged>;

/// What came of a line, and the other claim that is named; for a line that repeats another, the claim before a stroke (none
/// where it is the same) and the number of the other line.
type Judged = (Outcome, Option<String>);

fn by_engine(codeset: &Codeset, edit: &str, claims: &[Claim], size: usize) -> Found {
    let scrubber =
        Scrubber::builder(codeset.clone()).select(edit).show_not_evaluated(true).show_bypassed(true).build().unwrap();
    let (mut memo, mut outcome) = (Memo::new(codeset), BatchOutcome::default());
    let mut window = Window::of(10_000);
    let mut found = Found::new();
    for (part, claims) in claims.chunks(size).enumerate() {
        let mut batch = ClaimBatch::new(Columns::ALL);
        for claim in claims {
            batch.push(claim);
        }
        let earlier: Vec<Earlier> = window.look(Episodes::of(&batch));
        scrubber.scrub_batch(&batch, &earlier, &mut memo, &mut outcome);
        for finding in &outcome.findings {
            let named = |name| finding.value(name).map(ToString::to_string);
            let other = match named("first_line") {
                Some(line) => Some(format!("{}/{line}", named("other_claim").unwrap_or_default())),
                None => named("other_claim"),
            };
            let at = (part * size + finding.claim as usize, finding.line.unwrap());
            assert_eq!(found.insert(at, (finding.outcome, other)), None, "{edit}: two findings at {at:?}");
        }
    }
    found
}

fn is_institutional(claim: &Claim) -> bool {
    claim.bill_type.is_some()
}

fn replaces(claim: &Claim) -> bool {
    claim.frequency_code.as_deref() == Some("7") || claim.bill_type.as_deref() == Some("0137")
}

fn from(line: &Line) -> Date {
    day(line.service_from.as_deref().unwrap())
}

fn to(line: &Line) -> Date {
    line.service_to.as_deref().map_or(from(line), day).max(from(line))
}

/// Who gave the line; nothing where the claim does not say.
fn giver<'c>(claim: &'c Claim, line: &'c Line) -> Option<&'c str> {
    let rendering = line.rendering_npi.as_deref().filter(|_| !is_institutional(claim));
    rendering.or(claim.billing_npi.as_deref())
}

/// Whether an earlier claim may be looked at beside the claim.
fn comparable(own: &Claim, earlier: &Claim) -> bool {
    own.patient_id.is_some()
        && (&own.patient_id, &own.payer_id) == (&earlier.patient_id, &earlier.payer_id)
        && is_institutional(own) == is_institutional(earlier)
        && !replaces(own)
        && !replaces(earlier)
}

/// The lines that are looked at beside a line, in order: those of its giver, with their claims' places.
fn beside<'c>(claims: &'c [Claim], at: usize, line: &'c Line) -> Vec<(usize, &'c Claim, &'c Line)> {
    let own = &claims[at];
    let earlier = claims[..at].iter().enumerate().filter(|(_, earlier)| comparable(own, earlier));
    let earlier = earlier.flat_map(|(place, claim)| claim.lines.iter().map(move |line| (place, claim, line)));
    let others = earlier.filter(|(_, claim, other)| giver(claim, other).is_some());
    let mut all: Vec<_> = others.filter(|(_, claim, other)| giver(claim, other) == giver(own, line)).collect();
    all.extend(own.lines.iter().filter(|other| giver(own, other) == giver(own, line)).map(|line| (at, own, line)));
    all
}

fn table(claim: &Claim) -> Option<u8> {
    match claim.bill_type.as_deref() {
        None => Some(u8::from(claim.billing_taxonomy.is_some())),
        Some("0111") => None,
        Some(_) => Some(2),
    }
}

/// Units on each day of the line.
fn per_day(line: &Line) -> Option<i64> {
    let units: i64 = line.units.as_deref()?.parse().unwrap();
    let minutes = line.procedure.as_deref() == Some("01210") && line.unit_basis.is_none();
    let days = i64::from(to(line).days() - from(line).days() + 1);
    Some((2 * if minutes { 1 } else { units } + days) / (2 * days))
}

fn limits_plainly(claims: &[Claim], wanted: MueScope) -> Found {
    let mut found = Found::new();
    for (at, own) in claims.iter().enumerate() {
        for (place, line) in (0..).zip(&own.lines) {
            let limit = LIMITS.into_iter().find(|(text, ..)| line.procedure.as_deref() == Some(*text));
            let (Some(own_table), Some((_, most, scope))) = (table(own), limit) else {
                if table(own).is_some() {
                    found.insert((at, place), (Outcome::NotEvaluated, None));
                }
                continue;
            };
            match per_day(line) {
                _ if scope != wanted => continue,
                None => {
                    found.insert((at, place), (Outcome::NotEvaluated, None));
                    continue;
                }
                Some(0) => {
                    // A limit of 0 takes no units, on however many days.
                    if most == 0 && line.units.as_deref() != Some("0") {
                        found.insert((at, place), (Outcome::Fail, None));
                    }
                    continue;
                }
                Some(_) => {}
            }
            let of_code = |(_, claim, other): &(usize, &Claim, &Line)| {
                table(claim) == Some(own_table) && other.procedure == line.procedure
            };
            let all: Vec<_> = beside(claims, at, line).into_iter().filter(of_code).collect();
            let mut unknown = false;
            let mut result = None;
            for on in (from(line).days()..=to(line).days()).map(Date::from_days) {
                let of_day = all.iter().filter(|(_, _, other)| from(other) <= on && on <= to(other));
                let of_day: Vec<_> = of_day.collect();
                let units: Vec<Option<i64>> = of_day.iter().map(|(_, _, other)| per_day(other)).collect();
                if units.iter().flatten().sum::<i64>() > i64::from(most) {
                    let other = of_day.iter().find(|(place, _, other)| *place != at && per_day(other) > Some(0));
                    result = Some((Outcome::Fail, other.map(|(_, claim, _)| claim.claim_id.clone())));
                    break;
                }
                unknown |= units.contains(&None);
            }
            let result = result.or_else(|| unknown.then_some((Outcome::NotEvaluated, None)));
            if let Some(result) = result {
                found.insert((at, place), result);
            }
        }
    }
    found
}

fn add_ons_plainly(claims: &[Claim], wanted: u16) -> Found {
    let mut found = Found::new();
    for (at, own) in claims.iter().enumerate() {
        for (place, line) in (0..).zip(&own.lines) {
            let add_on = ADD_ONS.into_iter().find(|(text, ..)| line.procedure.as_deref() == Some(*text));
            let Some((_, primary, kind)) = add_on.filter(|(.., kind)| *kind == wanted) else { continue };
            let institutional = is_institutional(own);
            if own.bill_type.as_deref() == Some("0111") || (institutional && kind == 2) {
                continue;
            }
            let listed = |other: &Line| other.procedure.as_deref() == Some(primary) && kind != 2;
            let another = |other: &Line| other.procedure != line.procedure && kind != 1;
            let satisfied = if institutional {
                own.lines.iter().any(|other| {
                    let days = from(line).days() - from(other).days();
                    (listed(other) && (0..=1).contains(&days)) || (another(other) && days == 0)
                })
            } else {
                let all = beside(claims, at, line);
                all.iter().any(|(_, _, other)| from(other) == from(line) && (listed(other) || another(other)))
            };
            if !satisfied {
                // A hospital's bill does not say whether OPPS pays it.
                let outcome = if institutional { Outcome::NotEvaluated } else { Outcome::Fail };
                found.insert((at, place), (outcome, None));
            }
        }
    }
    found
}

/// The claims with what tells duplicate lines: charges, modifiers, places, and bills of a second kind.
fn claims_alike(count: usize) -> Vec<Claim> {
    let mut random = Random(5);
    let mut claims = claims(count);
    for claim in &mut claims {
        let bill = random.one_of(&["0131", "0131", "0134"]);
        claim.bill_type = claim.bill_type.take().map(|own| if own == "0131" { bill.to_owned() } else { own });
        for (number, line) in (1..).zip(&mut claim.lines) {
            line.line_number = Some(number.to_string());
            line.procedure = some(random.one_of(&PROCEDURES[..1]));
            line.service_to = some(random.one_of(&["", "", "", "", "", "2024-03-03"]));
            line.units = some(random.one_of(&["1", "1", "1", "1", "2", ""]));
            line.charge = some(random.one_of(&["10", "10", "10", "10", "20", ""]));
            line.modifiers = random
                .one_of(&["", "", "", "", "25 26", "26 25", "76", "76", "76", "LT"])
                .split(' ')
                .map(str::to_owned)
                .collect();
            if claim.bill_type.is_some() {
                line.revenue_code = some(random.one_of(&["0510", "0510", "0510", "0450"]));
            } else {
                line.place_of_service = some(random.one_of(&["11", "11", "11", "22"]));
            }
        }
    }
    claims
}

/// A line with its claim, as a place among the claims.
type Placed<'c> = (usize, &'c Claim, &'c Line);

/// Whether two lines of the same procedure, giver and first day are equal in all; `None` when a missing field leaves it open.
fn equal((_, one_claim, one): &Placed<'_>, (_, other_claim, other): &Placed<'_>) -> Option<bool> {
    let rest = |claim: &Claim, line: &Line| {
        let mut modifiers = line.modifiers.clone();
        modifiers.sort();
        (modifiers, to(line), line.place_of_service.clone(), line.revenue_code.clone(), claim.bill_type.clone())
    };
    if rest(one_claim, one) != rest(other_claim, other) {
        return Some(false);
    }
    let complete = |line: &Line| line.units.is_some() && line.charge.is_some();
    (complete(one) && complete(other)).then(|| one.units == other.units && one.charge == other.charge)
}

/// What DUP001 and DUP002 say.
fn duplicates_plainly(claims: &[Claim]) -> [Found; 2] {
    let (mut exact, mut suspect) = (Found::new(), Found::new());
    for (at, own) in claims.iter().enumerate() {
        for (place, line) in own.lines.iter().enumerate() {
            let this: Placed<'_> = (at, own, line);
            let kind = |claim: &Claim| claim.bill_type.as_deref().map(|bill| bill[..3].to_owned());
            let repeats = |(_, claim, other): &Placed<'_>| {
                kind(claim) == kind(own) && other.procedure == line.procedure && from(other) == from(line)
            };
            let mut beside = beside(claims, at, line);
            beside.retain(repeats);
            // Those that came before: the line itself is among its own claim's.
            beside.truncate(beside.iter().position(|(_, _, other)| std::ptr::eq(*other, line)).unwrap());
            // On an earlier claim, but by whom one of the two does not say.
            let earlier = claims[..at].iter().filter(|earlier| comparable(own, earlier) && kind(earlier) == kind(own));
            let unnamed =
                earlier.flat_map(|claim| claim.lines.iter().map(move |line| (claim, line))).any(|(claim, other)| {
                    other.procedure == line.procedure
                        && from(other) == from(line)
                        && (giver(claim, other).is_none() || giver(own, line).is_none())
                });
            let named = |(other, claim, line): &Placed<'_>| {
                let claim = if *other == at { "" } else { &claim.claim_id };
                Some(format!("{claim}/{}", line.line_number.as_deref().unwrap()))
            };
            let has = |line: &Line, names: &[&str]| line.modifiers.iter().any(|own| names.contains(&own.as_str()));
            if let Some(first) = beside.iter().find(|other| equal(other, &this) == Some(true)) {
                let outcome = if has(line, &["76"]) { Outcome::Bypassed } else { Outcome::Fail };
                exact.insert((at, place as u32), (outcome, named(first)));
            } else if unnamed || beside.iter().any(|other| equal(other, &this).is_none()) {
                exact.insert((at, place as u32), (Outcome::NotEvaluated, None));
            }
            beside.retain(|other| equal(other, &this) != Some(true));
            let released = |line: &Line| has(line, &["76", "LT"]);
            let fails = beside.iter().find(|(_, _, other)| !released(other) && !released(line));
            if let Some(first) = fails {
                suspect.insert((at, place as u32), (Outcome::Fail, named(first)));
            } else if let Some(first) = beside.first() {
                suspect.insert((at, place as u32), (Outcome::Bypassed, named(first)));
            } else if unnamed {
                suspect.insert((at, place as u32), (Outcome::NotEvaluated, None));
            }
        }
    }
    [exact, suspect]
}

fn assert_same(codeset: &Codeset, edit: &str, claims: &[Claim], expected: &Found) {
    for size in [1, 7, 60, claims.len()] {
        let found = by_engine(codeset, edit, claims, size);
        let differs = found.iter().find(|(at, result)| expected.get(at) != Some(*result));
        let lacks = expected.iter().find(|(at, _)| !found.contains_key(at));
        assert!(differs.is_none() && lacks.is_none(), "{edit}, batches of {size}: {differs:?}, lacks {lacks:?}");
    }
}

#[test]
fn units_of_a_day_are_those_of_all_claims_so_far() {
    let (codeset, claims) = (tables(), claims(500));
    for (edit, scope) in [("MUE002", MueScope::DayByPolicy), ("MUE003", MueScope::DayByClinicalBenchmark)] {
        let expected = limits_plainly(&claims, scope);
        let count = |wanted: &dyn Fn(&Judged) -> bool| expected.values().filter(|own| wanted(own)).count();
        assert!(count(&|own| own.0 == Outcome::Fail && own.1.is_some()) > 10, "{edit}");
        assert!(count(&|own| own.0 == Outcome::Fail && own.1.is_none()) > 5, "{edit}");
        assert_same(&codeset, edit, &claims, &expected);
    }
}

#[test]
fn primaries_of_add_ons_may_stand_on_claims_that_came_before() {
    let (codeset, claims) = (tables(), claims(500));
    // Each claim by itself: how many more would fail.
    let alone: Vec<Claim> = claims.iter().map(|claim| Claim { patient_id: None, ..claim.clone() }).collect();
    for (edit, kind) in [("AOC001", 1), ("AOC002", 2), ("AOC003", 3)] {
        let expected = add_ons_plainly(&claims, kind);
        assert!(expected.len() > 5 && expected.len() + 5 < add_ons_plainly(&alone, kind).len(), "{edit}");
        assert_same(&codeset, edit, &claims, &expected);
    }
}

#[test]
fn lines_repeat_those_of_claims_that_came_before() {
    let (codeset, claims) = (tables(), claims_alike(500));
    for (edit, expected) in ["DUP001", "DUP002"].into_iter().zip(duplicates_plainly(&claims)) {
        let count = |outcome: Outcome, across: bool| {
            let named = |own: &&Judged| own.1.as_ref().is_some_and(|named| !named.starts_with('/'));
            expected.values().filter(|own| own.0 == outcome && named(own) == across).count()
        };
        let counts =
            [(Outcome::Fail, true), (Outcome::Fail, false), (Outcome::Bypassed, true)].map(|(a, b)| count(a, b));
        assert!(counts.iter().all(|&count| count > 5), "{edit}: {counts:?}");
        assert!(count(Outcome::NotEvaluated, false) > 5);
        assert_same(&codeset, edit, &claims, &expected);
    }
}

#[test]
fn a_line_that_a_modifier_releases_of_several_pairs_is_counted_once() {
    let (from, to) = (day("2020-01-01"), Some(day("2026-12-31")));
    let [column_1, column_2] = ["10000", "10001"].map(code);
    let mut procedures = SystemBuilder::new(SystemId::Procedure);
    for procedure in [column_1, column_2] {
        procedures.add(procedure, Row::new(from, to, 0), None);
    }
    procedures.could(column_1, could::PTP_PRACTITIONER_COLUMN_1);
    procedures.could(column_2, could::PTP_PRACTITIONER_COLUMN_2);
    let mut modifiers = SystemBuilder::new(SystemId::Modifier);
    for text in ["59", "XS"] {
        let mut row = Row::new(from, to, 0);
        row.flags = modifier::NCCI;
        modifiers.add(code(text), row, None);
    }
    let mut pairs = RelationBuilder::new(RelationId::PtpPractitioner);
    pairs.add(column_1, column_2, Class::new(from, to, 1, 0));
    let mut image = ImageBuilder::new();
    image.relation(pairs).unwrap();
    image.system(procedures).unwrap();
    image.system(modifiers).unwrap();
    for part in ["procedures", "modifiers", "ptp-practitioner"] {
        image.release(Release::new(part, part, from, to));
    }
    let codeset = Codeset::from_bytes(&image.finish().unwrap()).unwrap();

    let line = |procedure: &str, modifier: &str| Line {
        procedure: some(procedure),
        modifiers: some(modifier).into_iter().collect(),
        service_from: some("2024-03-01"),
        ..Line::default()
    };
    let claim = |id: &str, lines: Vec<Line>| Claim {
        claim_id: id.to_owned(),
        claim_type: some("P"),
        patient_id: some("p1"),
        billing_npi: some(ONE),
        lines,
        ..Claim::default()
    };
    // A line that its own claim's pair and the one before's release; then one whose own pair is released but not the others.
    let claims = [
        claim("c1", vec![line("10000", "")]),
        claim("c2", vec![line("10000", ""), line("10001", "59")]),
        claim("c3", vec![line("10000", "XS"), line("10001", "")]),
    ];
    let mut batch = ClaimBatch::new(Columns::ALL);
    claims.iter().for_each(|claim| _ = batch.push(claim));
    let scrubber = Scrubber::builder(codeset.clone()).select("PTP002").show_bypassed(true).build().unwrap();
    let (mut memo, mut outcome) = (Memo::new(&codeset), BatchOutcome::default());
    let earlier: Vec<Earlier> = Window::of(10).look(Episodes::of(&batch));
    scrubber.scrub_batch(&batch, &earlier, &mut memo, &mut outcome);
    let of = |claim: u32, wanted: Outcome| {
        outcome.findings.iter().filter(|own| (own.claim, own.line, own.outcome) == (claim, Some(1), wanted)).count()
    };
    assert_eq!((of(1, Outcome::Bypassed), of(2, Outcome::Bypassed), of(2, Outcome::Fail)), (2, 1, 1));
    let counted: u64 = outcome.counts.iter().map(|counts| counts.bypassed).sum();
    let by: Vec<_> = outcome.tally.bypassed_by.iter().map(|((_, by), &count)| (*by, count)).collect();
    assert_eq!((counted, by), (2, vec![(Modifier::new(b"59"), 1), (Modifier::new(b"XS"), 1)]));
}
