use super::repeats::{self, ANATOMIC_MODIFIERS, Compared, REPEAT_MODIFIERS, Repeats, Rest};
use crate::contract::edit;
use crate::{ClaimFacts, Recorder, Value};
use claims::Field;
use codes::{Modifier, Money, Units};

edit! {
    /// # What it checks
    /// No two lines give the same procedure to the same patient on the same day by the same provider, without a modifier
    /// that says it was repeated or given elsewhere on the body: lines of one claim, or of two claims of the run to the
    /// same payer, the later of which fails. The provider is the line's rendering provider, or the billing provider where
    /// the line names none; on an institutional claim it is the facility, and across claims only bills of the same kind of
    /// facility and care are compared. Lines that are equal in all, modifiers, place, units, charge and type of bill
    /// included, are exact duplicates: DUP001 tells of them, and this edit does not.
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
    /// is not evaluated; nor is one whose procedure and day stand on an earlier claim too while one of the two does not
    /// name the provider. Earlier claims are those of the same run, patient, payer and day, as far back as 131,072 claims;
    /// those of frequency 7 or 8 and those without patient id have none and are none. Dental claims, whose fields do not
    /// tell the tooth, are not looked at.
    pub struct SuspectDuplicateLine;
    id: "DUP002", name: "suspect-duplicate-line",
    severity: Warning, snip: 4, carc: "18", rarc: "",
    source: "Medicare Claims Processing Manual ch. 1 §120; CR 8121",
    unit: Line, claims: NOT_DENTAL, default: ON,
    tables: [], fields: [], fires: repeats::FIRES,
    messages: [
        "{procedure} on {date} by the same provider is on line {first_line} too, differing in {differs}; without a \
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
        "{procedure} on {date} by the same provider is on line {first_line} of claim {other_claim} too, which came \
         before, differing in {differs}; without a repeat or anatomic modifier a payer may take this line for a duplicate"
            => "Put the units on one line if it is one service, by a replacement of the other claim if that was sent; if \
                it was repeated add 76, 77 or 91, if it was given at another site the anatomic modifier.",
        "{procedure} on {date} by the same provider is on line {first_line} of claim {other_claim} too, which came \
         before, and nothing that is given tells the two apart; without a repeat or anatomic modifier a payer may take \
         this line for a duplicate"
            => "Remove this line if it was entered twice; if the service was repeated add 76, 77 or 91, if it was \
                given at another site the anatomic modifier.",
        "{procedure} on {date} by the same provider is on line {first_line} of claim {other_claim} too, which came \
         before; modifier {modifier} on one of the two says that the service was repeated or given at another site"
            => "Keep the documentation of both services.",
    ],
    check: check,
}

/// The messages of lines of another claim come after those of the claim's own.
const ACROSS: u8 = 3;

/// A line as far as it tells exact duplicates: `None` equals nothing.
type Exact = Option<(Rest, Units, Money)>;

/// The first line of a group, and the first that is no exact duplicate of it: one of them is none of any further
/// line.
#[derive(Clone, Copy, Default)]
struct Firsts {
    first: Option<(usize, Exact)>,
    unlike: Option<usize>,
}

impl Firsts {
    fn add(&mut self, line: usize, exact: Exact) {
        match &self.first {
            None => self.first = Some((line, exact)),
            Some((_, first)) if self.unlike.is_none() && differ(first, &exact) => self.unlike = Some(line),
            Some(_) => {}
        }
    }

    /// The first line that is no exact duplicate of this one.
    fn unlike(&self, exact: &Exact) -> Option<usize> {
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
    let repeats = Repeats::of(claim);
    for group in repeats.groups() {
        compare(claim, &repeats, out, &group);
    }
}

/// Compares lines of the same procedure, day and giver, which are in input order.
fn compare(claim: &ClaimFacts<'_>, repeats: &Repeats<'_>, out: &mut Recorder<'_>, group: &[Compared<'_>]) {
    let (mut released, mut free) = (Firsts::default(), Firsts::default());
    for (at, line) in group.iter().enumerate() {
        let exact: Exact = line.amounts().map(|(units, charge)| (line.rest(claim), units, charge));
        let own = releasing(line);
        if let &Compared::Own(place, _) = line {
            let one_of = |at: Option<usize>| at.and_then(|at| group.get(at));
            let (first_released, first_free) = (released.unlike(&exact), free.unlike(&exact));
            let either = one_of(first_free.into_iter().chain(first_released).min());
            match (own, one_of(first_free), either) {
                (None, Some(first), _) => fail(claim, out, line, first),
                (None, None, Some(first)) => bypass(out, line, first, first),
                (Some(_), _, Some(first)) => bypass(out, line, first, line),
                (_, _, None) => {
                    if let Some(reason) = repeats.lacks_provider(place) {
                        out.skip_line(place, reason);
                    }
                }
            }
        }
        if own.is_some() { &mut released } else { &mut free }.add(at, exact);
    }
}

/// The line's modifier that says it is another service.
fn releasing(line: &Compared<'_>) -> Option<Modifier> {
    line.modifiers()
        .into_iter()
        .find(|modifier| REPEAT_MODIFIERS.contains(modifier) || ANATOMIC_MODIFIERS.contains(modifier))
}

/// How much later the messages for a line that is like `first` stand.
fn across(first: &Compared<'_>) -> u8 {
    if matches!(first, Compared::Before(..)) { ACROSS } else { 0 }
}

fn fail(claim: &ClaimFacts<'_>, out: &mut Recorder<'_>, line: &Compared<'_>, first: &Compared<'_>) {
    let &Compared::Own(place, facts) = line else { return };
    let differs = differences(claim, line, first);
    let finding = out.fail_line(place, Field::Procedure, across(first) + u8::from(differs.is_empty()));
    finding.with("procedure", Value::Code(facts.row.procedure));
    first.tell(finding);
    if let Some(date) = facts.date {
        finding.with("date", Value::Date(date));
    }
    if !differs.is_empty() {
        finding.with("differs", Value::Text(differs));
    }
}

/// What the two lines give differently, in words.
fn differences(claim: &ClaimFacts<'_>, line: &Compared<'_>, first: &Compared<'_>) -> String {
    let (a, b) = (line.rest(claim), first.rest(claim));
    let site = if claim.is_institutional() { "revenue code" } else { "place of service" };
    let parts = [
        (a.bill != b.bill, "type of bill"),
        (a.modifiers != b.modifiers, "modifiers"),
        (a.last_day != b.last_day, "last day"),
        (a.site != b.site, site),
        (line.units() != first.units(), "units"),
        (line.charge() != first.charge(), "charge"),
    ];
    let named: Vec<&str> = parts.into_iter().filter_map(|(differs, name)| differs.then_some(name)).collect();
    match named.split_last() {
        Some((last, [])) => (*last).to_owned(),
        Some((last, rest)) => format!("{} and {last}", rest.join(", ")),
        None => String::new(),
    }
}

/// Released by a modifier on the line `by`.
fn bypass(out: &mut Recorder<'_>, line: &Compared<'_>, first: &Compared<'_>, by: &Compared<'_>) {
    let &Compared::Own(place, facts) = line else { return };
    let Some(finding) = out.bypass_line(place, Field::Procedure, across(first) + 2) else { return };
    finding.with("procedure", Value::Code(facts.row.procedure));
    first.tell(finding);
    if across(first) == 0 {
        finding.with("modifier_line", Value::Count(by.number().into()));
    }
    if let Some(date) = facts.date {
        finding.with("date", Value::Date(date));
    }
    if let Some(modifier) = releasing(by) {
        finding.with("modifier", Value::Modifier(modifier));
    }
}
