use super::repeats::{self, ANATOMIC_MODIFIERS, Entry, REPEAT_MODIFIERS, Rest};
use crate::contract::edit;
use crate::{ClaimFacts, LineFacts, Recorder, Value};
use claims::Field;
use codes::{Modifier, Money, Units};

edit! {
    /// # What it checks
    /// No two lines of a claim give the same procedure on the same day by the same provider, without a modifier
    /// that says it was repeated or given elsewhere on the body. The provider is the line's rendering provider, or
    /// the billing provider where the line names none; on an institutional claim it is the facility. The later line
    /// fails. Lines that are equal in all, modifiers,
    /// place, units and charge included, are exact duplicates: DUP001 tells of them, and this edit does not.
    ///
    /// # Why a payer denies it
    /// A payer would suspect that the service was entered twice, and hold or deny the second line until it is told
    /// otherwise. Units of one service belong on one line.
    ///
    /// # Example
    /// 97110 on 2024-03-05 on two lines, one of 2 units and one of 1.
    ///
    /// # How to fix
    /// If it is one service, put the units on one line. If it was repeated, add 76, 77 or 91; if it was given at
    /// another site, add the side, finger, toe, eyelid or coronary artery.
    ///
    /// # Bypass
    /// On either line: 76, 77 or 91, or an anatomic modifier (E1 to E4, FA, F1 to F9, TA, T1 to T9, LT, RT, LC, LD,
    /// LM, RC, RI). Other modifiers do not release it: lines apart by 59, 26 and TC, or JW may be right as they
    /// are, which is why this is a warning.
    ///
    /// # Source
    /// Medicare Claims Processing Manual ch. 1 §120, detection of duplicate claims (CR 8121); NCCI policy manual
    /// ch. I for the anatomic modifiers.
    ///
    /// # Tables
    /// None. Lines without a procedure, which sum up a department by its revenue code, and lines with a HIPPS rate
    /// code pass. On bills of critical access hospitals (85x) a professional fee (revenue codes 096x to 098x) does
    /// not repeat the hospital's line. A line without date of service, or with a procedure that no code could be,
    /// is not evaluated. Dental claims, whose fields do not tell the tooth, are not looked at.
    pub struct SuspectDuplicateLine;
    id: "DUP002", name: "suspect-duplicate-line",
    severity: Warning, snip: 4, carc: "18", rarc: "",
    source: "Medicare Claims Processing Manual ch. 1 §120; CR 8121",
    unit: Line, claims: NOT_DENTAL, default: ON,
    tables: [], fields: [], fires: repeats::FIRES,
    messages: [
        "{procedure} on {date} by the same provider is on line {first_line} too, with other {differs}; without a \
         repeat or anatomic modifier a payer may take this line for a duplicate"
            => "Put the units on one line if it is one service; if it was repeated add 76, 77 or 91, if it was \
                given at another site the anatomic modifier.",
        "{procedure} on {date} by the same provider is on line {first_line} too, and nothing that is given tells the \
         two apart; without a repeat or anatomic modifier a payer may take this line for a duplicate"
            => "Remove this line if it was entered twice; if the service was repeated add 76, 77 or 91, if it was \
                given at another site the anatomic modifier.",
        "{procedure} on {date} by the same provider is on line {first_line} too; modifier {modifier} on line \
         {modifier_line} says that the service was repeated or given at another site"
            => "Keep the documentation of both services.",
    ],
    check: check,
}

/// A line as far as it tells exact duplicates: `None` equals nothing.
type Exact = Option<(Rest, Units, Money)>;

/// The first line of a group, and the first that is no exact duplicate of it: one of them is none of any further
/// line.
#[derive(Clone, Copy, Default)]
struct Firsts {
    first: Option<(u32, Exact)>,
    unlike: Option<u32>,
}

impl Firsts {
    fn add(&mut self, line: u32, exact: Exact) {
        match &self.first {
            None => self.first = Some((line, exact)),
            Some((_, first)) if self.unlike.is_none() && differ(first, &exact) => self.unlike = Some(line),
            Some(_) => {}
        }
    }

    /// The first line that is no exact duplicate of this one.
    fn unlike(&self, exact: &Exact) -> Option<u32> {
        match &self.first {
            Some((line, first)) if differ(first, exact) => Some(*line),
            Some(_) => self.unlike,
            None => None,
        }
    }
}

fn differ(a: &Exact, b: &Exact) -> bool {
    a.is_none() || a != b
}

fn check(claim: &ClaimFacts<'_>, out: &mut Recorder<'_>) {
    repeats::skip_incomparable(claim, out);
    let entries = repeats::entries(claim);
    for group in repeats::groups(&entries) {
        compare(claim, out, group);
    }
}

/// Compares lines of the same procedure, day and giver, which are in input order.
fn compare(claim: &ClaimFacts<'_>, out: &mut Recorder<'_>, group: &[Entry]) {
    let (mut released, mut free) = (Firsts::default(), Firsts::default());
    for entry in group {
        let Some(line) = claim.lines.get(entry.line as usize) else { continue };
        let exact: Exact = repeats::amounts(line).map(|(units, charge)| (Rest::of(claim, line), units, charge));
        let own = releasing(line);
        let (first_released, first_free) = (released.unlike(&exact), free.unlike(&exact));
        match (own, first_free, first_released) {
            (None, Some(first), _) => fail(claim, out, entry.line, first),
            (None, None, Some(first)) => bypass(claim, out, entry.line, first, first),
            (Some(_), one, other) => {
                if let Some(first) = one.into_iter().chain(other).min() {
                    bypass(claim, out, entry.line, first, entry.line);
                }
            }
            (None, None, None) => {}
        }
        if own.is_some() { &mut released } else { &mut free }.add(entry.line, exact);
    }
}

/// The line's modifier that says it is another service.
fn releasing(line: &LineFacts<'_>) -> Option<Modifier> {
    line.given_modifiers()
        .map(|(_, modifier)| modifier)
        .find(|modifier| REPEAT_MODIFIERS.contains(modifier) || ANATOMIC_MODIFIERS.contains(modifier))
}

fn fail(claim: &ClaimFacts<'_>, out: &mut Recorder<'_>, place: u32, first: u32) {
    let (Some(line), Some(first)) = (claim.lines.get(place as usize), claim.lines.get(first as usize)) else { return };
    let differs = differences(claim, line, first);
    let finding = out.fail_line(place, Field::Procedure, u8::from(differs.is_empty()));
    finding
        .with("procedure", Value::Code(line.row.procedure))
        .with("first_line", Value::Count(first.row.number.into()));
    if let Some(date) = line.date {
        finding.with("date", Value::Date(date));
    }
    if !differs.is_empty() {
        finding.with("differs", Value::Text(differs));
    }
}

/// What the two lines give differently, in words.
fn differences(claim: &ClaimFacts<'_>, line: &LineFacts<'_>, first: &LineFacts<'_>) -> String {
    let (a, b) = (Rest::of(claim, line), Rest::of(claim, first));
    let site = if claim.is_institutional() { "revenue code" } else { "place of service" };
    let parts = [
        (a.modifiers != b.modifiers, "modifiers"),
        (a.last_day != b.last_day, "last day"),
        (a.site != b.site, site),
        (line.row.units != first.row.units, "units"),
        (line.row.charge != first.row.charge, "charge"),
    ];
    let named: Vec<&str> = parts.into_iter().filter_map(|(differs, name)| differs.then_some(name)).collect();
    match named.split_last() {
        Some((last, [])) => (*last).to_owned(),
        Some((last, rest)) => format!("{} and {last}", rest.join(", ")),
        None => String::new(),
    }
}

/// Released by a modifier on the line `by`.
fn bypass(claim: &ClaimFacts<'_>, out: &mut Recorder<'_>, place: u32, first: u32, by: u32) {
    let line = |place: u32| claim.lines.get(place as usize);
    let (Some(own), Some(first), Some(by)) = (line(place), line(first), line(by)) else { return };
    let Some(finding) = out.bypass_line(place, Field::Procedure, 2) else { return };
    finding
        .with("procedure", Value::Code(own.row.procedure))
        .with("first_line", Value::Count(first.row.number.into()))
        .with("modifier_line", Value::Count(by.row.number.into()));
    if let Some(date) = own.date {
        finding.with("date", Value::Date(date));
    }
    if let Some(modifier) = releasing(by) {
        finding.with("modifier", Value::Modifier(modifier));
    }
}
