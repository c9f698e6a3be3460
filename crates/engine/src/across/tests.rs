//! Which earlier claims the window finds, against comparing every claim with all before it.

#![allow(clippy::unwrap_used)]

use super::*;
use claims::{Claim, Columns, Line};

/// Claims of a few patients and payers on a few days, drawn from a fixed sequence.
fn claims(count: usize) -> Vec<Claim> {
    let mut state = 7u64;
    let mut draw = |below: u64| {
        state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        (state >> 33) % below
    };
    let text = |text: String| Some(text).filter(|text| !text.is_empty());
    (0..count)
        .map(|number| Claim {
            claim_id: format!("c{}", number - usize::from(draw(10) == 0 && number > 0)),
            patient_id: text(["", "p1", "p2", "p3"][draw(4) as usize].to_owned()),
            payer_id: text(["", "x"][draw(2) as usize].to_owned()),
            frequency_code: text(["", "1", "7"][draw(3) as usize].to_owned()),
            lines: (0..draw(4))
                .map(|_| Line {
                    procedure: text(["", "99213"][usize::from(draw(8) > 0)].to_owned()),
                    service_from: text(["", "20240101", "20240102"][draw(3) as usize].to_owned()),
                    service_to: text(["", "20240101", "20240104"][(draw(12) / 5) as usize].to_owned()),
                    ..Line::default()
                })
                .collect(),
            ..Claim::default()
        })
        .collect()
}

/// The ids of the earlier claims of each claim, by comparing each with all before it.
fn plainly(claims: &[Claim]) -> Vec<Vec<String>> {
    let days = |claim: &Claim| -> Vec<String> {
        let mut days = Vec::new();
        for line in claim.lines.iter().filter(|line| line.procedure.is_some()) {
            let Some(from) = &line.service_from else { continue };
            let to = line.service_to.as_ref().unwrap_or(from).max(from);
            // All in one month.
            let on = |day: u32| format!("202401{day:02}");
            days.extend((1..=31).map(on).filter(|day| (from..=to).contains(&day)));
        }
        days
    };
    let takes_part = |claim: &Claim| {
        claim.patient_id.is_some() && claim.frequency_code.as_deref() != Some("7") && !days(claim).is_empty()
    };
    let earlier = |(place, own): (usize, &Claim)| {
        let alike = |other: &&Claim| {
            takes_part(own)
                && takes_part(other)
                && (&own.patient_id, &own.payer_id) == (&other.patient_id, &other.payer_id)
                && own.claim_id != other.claim_id
                && days(own).iter().any(|day| days(other).contains(day))
        };
        claims[..place].iter().filter(alike).map(|other| other.claim_id.clone()).collect()
    };
    claims.iter().enumerate().map(earlier).collect()
}

/// The same by a window, the claims in batches of this size.
fn by_window(claims: &[Claim], batch: usize, window: usize) -> Vec<Vec<String>> {
    by(Window::of(window), claims, batch)
}

fn by(mut window: Window, claims: &[Claim], batch: usize) -> Vec<Vec<String>> {
    let mut all = Vec::new();
    for claims in claims.chunks(batch) {
        let mut batch = ClaimBatch::new(Columns::ALL);
        for claim in claims {
            batch.push(claim);
        }
        let earlier = window.look(Episodes::of(&batch));
        all.extend((0..claims.len() as u32).map(|claim| {
            Earlier::of(&earlier, claim).claims().iter().map(|earlier| earlier.id.to_owned()).collect::<Vec<String>>()
        }));
    }
    all
}

#[test]
fn the_claims_before_are_those_that_comparing_all_with_all_finds() {
    let claims = claims(300);
    let expected = plainly(&claims);
    assert!(expected.iter().filter(|earlier| earlier.len() > 2).count() > 20);
    for batch in [1, 2, 7, 50, 300] {
        assert_eq!(by_window(&claims, batch, 1_000), expected, "batches of {batch}");
    }
}

#[test]
fn numbers_of_links_and_chunks_may_run_over() {
    let claims = claims(300);
    let expected = plainly(&claims);
    for (first_chunk, first_link) in [(u32::MAX - 3, u32::MAX - 150), (u32::MAX, u32::MAX), (u32::MAX - 40, 0)] {
        let start = Window { first_chunk: first_chunk.into(), first_link: first_link.into(), ..Window::of(1_000) };
        assert_eq!(by(start, &claims, 7), expected, "from chunk {first_chunk} and link {first_link}");
    }
}

#[test]
fn a_window_forgets_the_oldest_and_never_finds_more() {
    let claims = claims(300);
    let all = plainly(&claims);
    let found = by_window(&claims, 10, 40);
    let count = |lists: &[Vec<String>]| lists.iter().map(Vec::len).sum::<usize>();
    assert!(count(&found) > 0 && count(&found) < count(&all));
    for (found, all) in found.iter().zip(&all) {
        // The latest ones, of those there are.
        assert!(all.ends_with(found), "{found:?} of {all:?}");
    }
}

#[test]
fn a_claim_with_thousands_before_it_is_compared_with_the_latest() {
    let line = Line { procedure: Some("99213".into()), service_from: Some("20240101".into()), ..Line::default() };
    let one = Claim { patient_id: Some("p".into()), lines: vec![line], ..Claim::default() };
    let claims: Vec<Claim> = (0..2_000).map(|id| Claim { claim_id: format!("c{id}"), ..one.clone() }).collect();
    let found = by_window(&claims, 100, 10_000);
    assert_eq!(found[1_999], (1_999 - MOST_OF_A_DAY..1_999).map(|id| format!("c{id}")).collect::<Vec<_>>());
}

#[test]
fn a_claim_that_is_not_comparable_with_a_thousand_before_it_looks_no_farther() {
    let line = Line { procedure: Some("99213".into()), service_from: Some("20240101".into()), ..Line::default() };
    let one = Claim { patient_id: Some("0".into()), lines: vec![line], ..Claim::default() };
    let born = |id: String, day: usize| {
        let birth_date = Some(Date::from_days(day as i32).to_string().replace('-', ""));
        Claim { claim_id: id, birth_date, ..one.clone() }
    };
    let earlier_of_last = |others: usize| {
        let mut claims = vec![born("first".into(), 1)];
        claims.extend((0..others).map(|other| born(format!("c{other}"), 10 + other)));
        claims.push(born("last".into(), 1));
        by_window(&claims, 100, 10_000).pop()
    };
    assert_eq!(earlier_of_last(MOST_LOOKED_AT - 1), Some(vec!["first".to_owned()]));
    assert_eq!(earlier_of_last(MOST_LOOKED_AT), Some(vec![]));
}

/// A claim of so many days from the first of January on.
fn of_days(id: usize, days: i32) -> Claim {
    let from = Date::parse(b"20240101").unwrap();
    let text = |day: Date| Some(day.to_string().replace('-', ""));
    let line = Line {
        procedure: Some("99213".into()),
        service_from: text(from),
        service_to: text(Date::from_days(from.days() + days - 1)),
        ..Line::default()
    };
    Claim { claim_id: format!("c{id}"), patient_id: Some("p".into()), lines: vec![line], ..Claim::default() }
}

#[test]
fn a_window_forgets_claims_of_many_days_sooner() {
    let found = |days| {
        let claims: Vec<Claim> = (0..12).map(|id| of_days(id, days)).collect();
        by_window(&claims, 1, 10).pop().unwrap_or_default().len()
    };
    assert_eq!(found(1), 10);
    assert_eq!(found(8), 10);
    // Four times 20 days are as many as ten claims may have, or one day more.
    assert_eq!(found(20), 4);
    assert_eq!(found(1_000), 1);
}

#[test]
fn claims_of_many_days_that_are_found_on_each_are_found_once() {
    let claims: Vec<Claim> = (0..200).map(|id| of_days(id, 60)).collect();
    let found = by_window(&claims, 200, 1_000);
    assert_eq!(found[199], (199 - MOST_OF_A_DAY..199).map(|id| format!("c{id}")).collect::<Vec<_>>());
}

#[test]
fn a_claim_is_the_same_but_for_its_id_and_when_it_came() {
    let line = Line { procedure: Some("99213".into()), service_from: Some("20240101".into()), ..Line::default() };
    let own = Claim { claim_id: "a".into(), patient_id: Some("p".into()), lines: vec![line], ..Claim::default() };
    let changed = |change: &dyn Fn(&mut Claim)| {
        let mut other = Claim { claim_id: "b".into(), ..own.clone() };
        change(&mut other);
        let mut batch = ClaimBatch::new(Columns::ALL);
        batch.push(&own);
        batch.push(&other);
        let earlier = Window::of(10).look(Episodes::of(&batch));
        Earlier::of(&earlier, 1).claims().first().map(|earlier| earlier.same)
    };
    assert_eq!(changed(&|_| ()), Some(true));
    assert_eq!(changed(&|claim| claim.received_date = Some("20240105".into())), Some(true));
    assert_eq!(changed(&|claim| claim.lines[0].line_number = Some("9".into())), Some(true));
    assert_eq!(changed(&|claim| claim.diagnoses = vec!["I10".into()]), Some(false));
    assert_eq!(changed(&|claim| claim.sex = Some("F".into())), Some(false));
    assert_eq!(changed(&|claim| claim.claim_total = Some("1".into())), Some(false));
    assert_eq!(changed(&|claim| claim.lines[0].units = Some("2".into())), Some(false));
    assert_eq!(changed(&|claim| claim.lines[0].dx_pointers = vec!["1".into()]), Some(false));
    assert_eq!(changed(&|claim| claim.lines[0].modifiers = vec!["25".into()]), Some(false));
    assert_eq!(changed(&|claim| claim.lines[0].place_of_service = Some("11".into())), Some(false));
    assert_eq!(changed(&|claim| claim.lines[0].service_to = Some("20240101".into())), Some(true));
    assert_eq!(changed(&|claim| claim.lines[0].service_to = Some("20240102".into())), Some(false));
    assert_eq!(changed(&|claim| claim.lines[0].rendering_npi = Some("1234567893".into())), Some(false));
    assert_eq!(changed(&|claim| claim.lines[0].ndc = Some("00002759701".into())), Some(false));
}

#[test]
fn a_family_that_shares_an_id_is_of_several_patients() {
    let line = Line { procedure: Some("99213".into()), service_from: Some("20240101".into()), ..Line::default() };
    let claim = |birth_date: &str, sex: &str| {
        let text = |text: &str| Some(text.to_owned()).filter(|text| !text.is_empty());
        let (birth_date, sex, patient_id) = (text(birth_date), text(sex), text("p"));
        Claim { claim_id: "c".into(), patient_id, birth_date, sex, lines: vec![line.clone()], ..Claim::default() }
    };
    let own = ("20150101", "F");
    for (other, one) in [
        (("20150101", "F"), true),
        (("20170202", "F"), false),
        (("20150101", "M"), false),
        // What is not known tells nobody apart.
        (("", ""), true),
        (("20150101", "U"), true),
    ] {
        let mut batch = ClaimBatch::new(Columns::ALL);
        batch.push(&claim(own.0, own.1));
        batch.push(&claim(other.0, other.1));
        let earlier = Window::of(10).look(Episodes::default().filled(&batch, None));
        assert_eq!(Earlier::of(&earlier, 1).claims().len(), usize::from(one), "{other:?}");
    }
}

#[test]
fn values_that_cannot_be_read_are_the_same_where_their_texts_are() {
    type Change = fn(&mut Claim, String);
    let changes: [Change; 12] = [
        |claim, text| claim.birth_date = Some(text),
        |claim, text| claim.billing_npi = Some(text),
        |claim, text| claim.claim_total = Some(text),
        |claim, text| claim.condition_codes = vec![text],
        |claim, text| claim.diagnoses = vec!["I10".into(), text],
        |claim, text| claim.lines[0].rendering_npi = Some(text),
        |claim, text| claim.lines[0].service_to = Some(text),
        |claim, text| claim.lines[1].procedure = Some(text),
        |claim, text| claim.lines[1].modifiers = vec!["25".into(), text],
        |claim, text| claim.lines[0].units = Some(text),
        |claim, text| claim.lines[1].charge = Some(text),
        |claim, text| claim.lines[0].dx_pointers = vec![text],
    ];
    let line = Line { procedure: Some("99213".into()), service_from: Some("20240101".into()), ..Line::default() };
    for (number, change) in changes.iter().enumerate() {
        for (one, other, expected) in [("1,00#", "1,00#", true), ("1,00#", "2,00#", false), ("1,00#", "", false)] {
            let mut batch = ClaimBatch::new(Columns::ALL);
            for (id, text) in [("a", one), ("b", other)] {
                let lines = vec![line.clone(), line.clone()];
                let (claim_id, patient_id) = (id.to_owned(), Some("p".to_owned()));
                let mut claim = Claim { claim_id, patient_id, lines, ..Claim::default() };
                change(&mut claim, text.to_owned());
                batch.push(&claim);
            }
            let earlier = Window::of(10).look(Episodes::of(&batch));
            let same = Earlier::of(&earlier, 1).claims().first().map(|earlier| earlier.same);
            assert_eq!(same, Some(expected), "change {number}: {one} and {other}");
        }
    }
}

#[test]
fn an_id_that_comes_back_is_of_two_claims_but_where_rows_of_one_may_lie_apart() {
    let line = Line { procedure: Some("99213".into()), service_from: Some("20240101".into()), ..Line::default() };
    let own = Claim { claim_id: "a".into(), patient_id: Some("p".into()), lines: vec![line], ..Claim::default() };
    let mut batch = ClaimBatch::new(Columns::ALL);
    batch.push(&own);
    for (first, second, expected) in [
        (None, None, Some(true)),
        (Some(1), Some(1), None),
        (Some(1), Some(2), Some(true)),
        (Some(1), None, Some(true)),
        (None, Some(1), Some(true)),
    ] {
        let mut window = Window::of(10);
        assert!(window.look(Episodes::default().filled(&batch, first)).is_empty());
        let earlier = window.look(Episodes::default().filled(&batch, second));
        let same = Earlier::of(&earlier, 0).claims().first().map(|earlier| earlier.same);
        assert_eq!(same, expected, "{first:?} and {second:?}");
    }
}
