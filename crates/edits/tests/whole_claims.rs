//! What a claim shows at a glance, and how what is reported of it is counted.

#![allow(clippy::unwrap_used, missing_docs)]

use claims::{Claim, ClaimBatch, Columns, Field, Line};
use cleanclaim_edits::{
    ClaimFacts, Counts, FactsBuilder, Finding, Fires, Outcome, Reason, Recorder, Scratch, Show, Unit,
};
use codeset::{Codeset, ImageBuilder};

fn with_facts<T>(claim: &Claim, look: impl FnOnce(&ClaimFacts<'_>) -> T) -> T {
    let codeset = Codeset::from_bytes(&ImageBuilder::new().finish().unwrap()).unwrap();
    let mut batch = ClaimBatch::new(Columns::ALL);
    batch.push(claim);
    let mut builder = FactsBuilder::new(&codeset);
    look(&builder.build(batch.claim(0), &mut &codeset))
}

fn text(text: &str) -> Option<String> {
    Some(text.to_owned())
}

/// A claim of two lines on which nothing is missing, late, or too much. Its procedures are none, lest signs of codes that
/// no table knows are shown.
fn right() -> Claim {
    let line = Line {
        revenue_code: text("0250"),
        service_from: text("20240105"),
        units: text("1"),
        charge: text("20.00"),
        dx_pointers: vec!["1".to_owned()],
        ..Line::default()
    };
    Claim {
        claim_id: "a".to_owned(),
        claim_type: text("I"),
        payer_id: text("x"),
        patient_id: text("p"),
        birth_date: text("19700101"),
        sex: text("F"),
        billing_npi: text("1234567893"),
        bill_type: text("131"),
        statement_from: text("20240105"),
        statement_to: text("20240106"),
        received_date: text("20240201"),
        claim_total: text("40.00"),
        patient_status: text("01"),
        lines: vec![line.clone(), Line { service_from: text("20240106"), ..line }],
        ..Claim::default()
    }
}

const GLANCED: [Fires; 4] = [Fires::UNBALANCED, Fires::ODD_DAYS, Fires::INCOMPLETE, Fires::ODD_COUNTS];

/// Which of [`GLANCED`] a claim shows that differs so from one that is right.
fn shown(change: impl FnOnce(&mut Claim)) -> Vec<usize> {
    let mut claim = right();
    change(&mut claim);
    with_facts(&claim, |facts| (0..GLANCED.len()).filter(|&place| facts.could_fire(GLANCED[place])).collect())
}

#[test]
fn a_claim_that_is_right_shows_so_at_a_glance() {
    assert!(shown(|_| ()).is_empty());
    assert!(shown(|claim| claim.received_date = None).is_empty(), "not required");
}

#[test]
fn a_claim_shows_that_its_charges_do_not_add_up() {
    assert_eq!(shown(|claim| claim.claim_total = text("40.01")), [0]);
    assert_eq!(shown(|claim| claim.lines[1].charge = text("twenty")), [0]);
    assert_eq!(shown(|claim| claim.lines[1].revenue_code = text("0001")), [0]);
    assert_eq!(shown(|claim| claim.lines.truncate(1)), [0]);
}

#[test]
fn a_claim_shows_that_its_days_are_not_in_their_order() {
    assert_eq!(shown(|claim| claim.statement_to = text("20240104")), [1]);
    assert_eq!(shown(|claim| claim.lines[0].service_from = text("20240104")), [1]);
    assert_eq!(shown(|claim| claim.lines[1].service_to = text("20240107")), [1]);
    assert_eq!(shown(|claim| claim.lines[1].service_to = text("20240105")), [1]);
    assert_eq!(shown(|claim| claim.birth_date = text("20240106")), [1]);
    assert_eq!(shown(|claim| claim.received_date = text("20240105")), [1]);
    assert_eq!(shown(|claim| claim.lines[0].service_from = text("2024")), [1]);
}

#[test]
fn a_claim_shows_what_it_does_not_give() {
    assert_eq!(shown(|claim| claim.payer_id = None), [2]);
    assert_eq!(shown(|claim| claim.patient_id = None), [2]);
    assert_eq!(shown(|claim| claim.birth_date = None), [2]);
    assert_eq!(shown(|claim| claim.sex = None), [2]);
    assert_eq!(shown(|claim| claim.billing_npi = None), [2]);
    assert_eq!(shown(|claim| claim.bill_type = None), [2]);
    assert_eq!(shown(|claim| claim.statement_from = None), [2]);
    assert_eq!(shown(|claim| claim.patient_status = None), [2]);
    assert_eq!(shown(|claim| claim.lines[1].revenue_code = None), [2]);
    assert_eq!(shown(|claim| claim.lines[0].units = None), [2]);
    assert_eq!(shown(|claim| claim.claim_total = None), [0, 2]);
    assert_eq!(shown(|claim| claim.lines[1].charge = None), [0, 2]);
    assert_eq!(shown(|claim| claim.lines[1].service_from = None), [1, 2]);
    assert_eq!(shown(|claim| claim.claim_type = text("P")), [2], "no procedure, no place of service");
    assert_eq!(shown(|claim| claim.claim_type = text("D")), [2]);
}

#[test]
fn a_claim_shows_that_it_holds_too_much_or_too_little() {
    assert_eq!(shown(|claim| claim.lines[1].units = text("0")), [3]);
    assert_eq!(shown(|claim| claim.lines[0].units = text("-1")), [3]);
    assert_eq!(shown(|claim| (claim.lines[0].charge, claim.lines[1].charge) = (text("-20"), text("60"))), [3]);
    assert_eq!(shown(|claim| claim.claim_total = text("-40.00")), [0, 3]);
    assert_eq!(shown(|claim| claim.lines[1].line_number = text("1")), [3]);
    assert_eq!(shown(|claim| claim.lines[0].line_number = text("2")), [3]);
    assert!(shown(|claim| claim.lines[1].line_number = text("4")).is_empty());
    assert!(shown(|claim| claim.lines[0].units = text("0.001")).is_empty());
}

/// The counts of what is reported, and the findings.
fn counted(report: impl Fn(&mut Recorder<'_>)) -> (Counts, Vec<Finding>) {
    let mut claim = right();
    claim.lines.extend_from_within(..);
    with_facts(&claim, |facts| {
        let (mut findings, mut scratch, mut counts) = (Vec::new(), Scratch::default(), Counts::default());
        let mut recorder = Recorder::new(facts, 3, Show::default(), &mut findings, &mut scratch);
        report(&mut recorder);
        recorder.finish(&mut counts);
        (counts, findings)
    })
}

const ONE: Reason = Reason::NotComputable("one");
const OTHER: Reason = Reason::NotComputable("other");

#[test]
fn units_that_cannot_be_judged_are_counted_by_reason_beside_those_that_fail() {
    let (counts, _) = counted(|out| {
        out.skip_line(0, ONE);
        out.skip_line(1, OTHER);
        out.skip_line(2, ONE);
        out.fail_line(3, Field::Units, 0);
    });
    assert_eq!((counts.pass, counts.fail, counts.bypassed), (0, 1, 0));
    assert_eq!(counts.not_evaluated, [(ONE, 2), (OTHER, 1)]);
}

#[test]
fn a_unit_reported_twice_counts_once_with_the_worst() {
    let (counts, findings) = counted(|out| {
        out.skip_line(0, ONE);
        out.fail_line(0, Field::Units, 0);
        out.bypass_line(1, Field::Units, 0);
        out.skip_line(1, ONE);
        out.skip_line(2, ONE);
        out.skip_line(2, OTHER);
    });
    assert_eq!((counts.fail, counts.bypassed, counts.of(Outcome::NotEvaluated)), (1, 0, 2));
    assert_eq!(findings.len(), 1);
    let (counts, _) = counted(|out| {
        out.skip_all(Unit::Line, ONE);
        out.fail_line(3, Field::Units, 0);
    });
    assert_eq!((counts.fail, counts.not_evaluated), (1, vec![(ONE, 3)]));
}

#[test]
fn what_one_edit_reported_is_not_counted_for_the_next() {
    let (counts, findings) = counted(|out| {
        let mut before = Counts::default();
        out.skip_line(0, ONE);
        out.fail_line(1, Field::Units, 0);
        out.finish(&mut before);
        assert_eq!((before.fail, before.of(Outcome::NotEvaluated)), (1, 1));
        out.turn_to(4);
        let findings = out.findings();
        out.skip_all(Unit::Line, ONE);
        out.fail_line(2, Field::Units, 0);
        out.abandon(findings);
        out.turn_to(5);
        out.fail_line(2, Field::Units, 0);
        out.forget();
    });
    assert_eq!(counts, Counts::default());
    assert_eq!(findings.iter().map(|finding| finding.edit).collect::<Vec<_>>(), [3, 5]);
}
