//! What the tests of edits that look at all lines of a day share: random claims, and what an edit reports of one.

use claims::{Claim, ClaimBatch, Columns};
use cleanclaim_edits::{
    ClaimFacts, Counts, FactsBuilder, Finding, Outcome, Recorder, Scratch, Settings, Show, registry,
};
use codes::{Code, Date};
use codeset::Codeset;
use std::collections::BTreeMap;

pub fn day(text: &str) -> Date {
    Date::parse(text.as_bytes()).unwrap()
}

pub fn code(text: &str) -> Code {
    Code::parse(text.as_bytes()).unwrap()
}

pub fn some(text: &str) -> Option<String> {
    (!text.is_empty()).then(|| text.to_owned())
}

pub struct Random(pub u64);

impl Random {
    pub fn below(&mut self, below: usize) -> usize {
        self.0 = self.0.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        ((self.0 >> 33) % below as u64) as usize
    }

    pub fn one_of<'t>(&mut self, all: &[&'t str]) -> &'t str {
        all[self.below(all.len())]
    }
}

/// What an edit reports of a claim, by line number: the outcome, and of each finding what is `told`; and that its units
/// add up, each line has one finding, and no text leaves a value out.
pub fn reports<T>(
    codeset: &Codeset,
    id: &str,
    claim: &Claim,
    settings: &Settings,
    told: impl Fn(&Finding) -> T,
) -> BTreeMap<u32, (Outcome, T)> {
    let mut batch = ClaimBatch::new(Columns::ALL);
    batch.push(claim);
    let all = registry::all();
    let edit = all.iter().find(|edit| edit.info().id == id).unwrap();
    let mut builder = FactsBuilder::new(codeset);
    let mut facts: ClaimFacts<'_> = builder.build(batch.claim(0), &mut &*codeset);
    facts.settings = settings;
    let (mut findings, mut scratch, mut counts) = (Vec::new(), Scratch::default(), Counts::default());
    let show = Show { bypassed: true, not_evaluated: true, ..Show::default() };
    let mut recorder = Recorder::new(&facts, 0, show, &mut findings, &mut scratch);
    if facts.could_fire(edit.info().fires) {
        edit.check(&facts, &mut recorder);
    }
    recorder.finish(&mut counts);
    let reported: u64 = Outcome::ALL.into_iter().map(|outcome| counts.of(outcome)).sum();
    assert!(reported <= facts.units(edit.info().unit) as u64 && counts.pass == 0);
    let mut seen = BTreeMap::new();
    for finding in &findings {
        let texts = finding.message(edit.info()).to_string() + &finding.fix(edit.info()).to_string();
        assert!(!texts.contains('{'), "{texts}");
        let line = batch.claim(0).lines()[finding.line.unwrap() as usize].number;
        let before = seen.insert(line, (finding.outcome, told(finding)));
        assert!(before.is_none(), "{id}: two findings for line {line}");
    }
    // Every line that is not told of passed, and every line told of is counted, once.
    assert_eq!(reported, seen.len() as u64);
    seen
}
