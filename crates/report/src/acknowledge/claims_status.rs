//! 277CA: claims, by their findings. Totals have category A1 and status 19 (received), accepted claims A2 and 20; why a
//! claim is rejected, `status.rs` says. Claims of a transaction set, group or interchange that is rejected whole are not
//! looked at by a receiver: those that are sound by themselves are answered as of a form that is not valid (A3 and 481).

use super::ClaimAnswer;
use super::output::{Output, clean};
use super::status::Status;
use claims::{Envelope, TraceSegment};
use codes::{Date, Money};

/// The state of a 277CA: the interchange of the input that is open.
#[derive(Default)]
pub(super) struct ClaimsStatus {
    set: Option<Set>,
    /// Transaction sets that have ended, with claims.
    ended: Vec<Set>,
    /// How many of them are of groups before.
    before: usize,
    /// Whether the group and the interchange at hand are rejected whole.
    group_rejected: bool,
    rejected: bool,
}

#[derive(Default)]
struct Set {
    /// Whether it is rejected whole.
    rejected: bool,
    /// Its group, once it has ended.
    group: Option<TraceSegment>,
    reference: String,
    created: String,
    submitter: Option<TraceSegment>,
    receiver: Option<TraceSegment>,
    providers: Vec<Provider>,
    /// The names of the subscriber and the patient at hand.
    subscriber: Option<TraceSegment>,
    patient: Option<TraceSegment>,
}

#[derive(Default)]
struct Provider {
    name: Option<TraceSegment>,
    claims: Vec<Claim>,
}

struct Claim {
    id: String,
    trace: String,
    answer: ClaimAnswer,
    /// The patient's name, and the subscriber's member number.
    last: String,
    first: String,
    middle: String,
    suffix: String,
    member: String,
}

/// How many claims, and their charges.
#[derive(Clone, Copy, Default)]
struct Total {
    claims: u64,
    cents: i64,
}

impl Total {
    fn of<'c>(claims: impl Iterator<Item = &'c Claim>) -> [Total; 2] {
        let mut totals = [Total::default(); 2];
        for claim in claims {
            if let Some(total) = totals.get_mut(usize::from(!claim.answer.reasons.is_empty())) {
                total.claims += 1;
                total.cents = total.cents.saturating_add(claim.answer.cents);
            }
        }
        totals
    }
}

impl ClaimsStatus {
    /// An envelope that is open is rejected whole.
    pub(super) fn reject(&mut self, envelope: Envelope) {
        match (envelope, &mut self.set) {
            (Envelope::Interchange, _) => self.rejected = true,
            (Envelope::Group, _) => self.group_rejected = true,
            (Envelope::Set, Some(set)) => set.rejected = true,
            (Envelope::Set, None) => {}
        }
    }

    pub(super) fn begin_set(&mut self, _st: TraceSegment) {
        self.set = Some(Set::default());
    }

    /// Takes a segment of the transaction set.
    pub(super) fn segment(&mut self, segment: TraceSegment, answer: Option<ClaimAnswer>) {
        let Some(set) = &mut self.set else { return };
        match (segment.id(), segment.element(1)) {
            ("BHT", _) => {
                set.reference = cut(segment.element(3), 50);
                set.created = segment.element(4).to_owned();
            }
            ("NM1", "41") => set.submitter = Some(segment),
            ("NM1", "40") => set.receiver = Some(segment),
            ("NM1", "85") => set.providers.push(Provider { name: Some(segment), claims: Vec::new() }),
            ("NM1", "IL") => (set.subscriber, set.patient) = (Some(segment), None),
            ("NM1", "QC") => set.patient = Some(segment),
            ("HL", _) if segment.element(3) == "22" => (set.subscriber, set.patient) = (None, None),
            ("HL", _) if segment.element(3) == "23" => set.patient = None,
            ("CLM", id) => {
                let who = set.patient.as_ref().or(set.subscriber.as_ref());
                let part = |n: usize| part_of_name(who, n);
                let member = part_of_name(set.subscriber.as_ref(), 9);
                let claim = Claim {
                    id: cut(id, 50),
                    trace: String::new(),
                    answer: answer.unwrap_or_default(),
                    last: part(3),
                    first: part(4),
                    middle: part(5),
                    suffix: part(7),
                    member,
                };
                if set.providers.is_empty() {
                    set.providers.push(Provider::default());
                }
                if let Some(provider) = set.providers.last_mut() {
                    provider.claims.push(claim);
                }
            }
            ("REF", "D9") => {
                let claim = set.providers.last_mut().and_then(|provider| provider.claims.last_mut());
                if let Some(claim) = claim {
                    claim.trace = cut(segment.element(2), 50);
                }
            }
            _ => {}
        }
    }

    /// The transaction set that is open ends. One without claims has nothing to answer.
    pub(super) fn end_set(&mut self, group: &TraceSegment) {
        let Some(mut set) = self.set.take() else { return };
        set.providers.retain(|provider| !provider.claims.is_empty());
        if !set.providers.is_empty() {
            set.group = Some(group.clone());
            self.ended.push(set);
        }
    }

    /// The group that is open ends.
    pub(super) fn end_group(&mut self) {
        let rejected = std::mem::take(&mut self.group_rejected);
        self.ended.iter_mut().skip(self.before).for_each(|set| set.rejected |= rejected);
        self.before = self.ended.len();
    }

    /// The interchange ends: its transaction sets are answered.
    pub(super) fn end_interchange(&mut self, isa: Option<&TraceSegment>, date: Option<Date>, output: &mut Output) {
        let rejected = std::mem::take(&mut self.rejected);
        self.before = 0;
        for mut set in std::mem::take(&mut self.ended) {
            let Some(group) = set.group.take() else { continue };
            if set.rejected || rejected {
                set.reject();
            }
            output.open(isa, &group, "HN", "005010X214", date);
            set.answer(&group, output);
        }
    }
}

impl Set {
    /// Rejects every claim: for the envelope those that are sound by themselves.
    fn reject(&mut self) {
        let claims = self.providers.iter_mut().flat_map(|provider| &mut provider.claims);
        for claim in claims.filter(|claim| claim.answer.reasons.is_empty()) {
            claim.answer.reasons.push(Status::OF_ENVELOPE);
        }
    }

    /// Writes the answer.
    fn answer(&self, group: &TraceSegment, output: &mut Output) {
        let set = self;
        let (date, time) = (output.date(), output.time());
        let received = if codes::Date::parse(set.created.as_bytes()).is_some() && set.created.len() == 8 {
            set.created.clone()
        } else {
            date.clone()
        };
        let reference = or(&set.reference, "0");
        output.begin_set("277", "005010X214");
        output.put(&["BHT", "0085", "08", reference, &date, &time, "TH"]);
        // The receiver of the claims is the source of what is answered.
        output.put(&["HL", "1", "", "20", "1"]);
        let (name, id) = party(set.receiver.as_ref(), group.element(3));
        output.put(&["NM1", "PR", "2", &name, "", "", "", "", "46", &id]);
        output.put(&["TRN", "1", &output.control()]);
        output.put(&["DTP", "050", "D8", &received]);
        output.put(&["DTP", "009", "D8", &date]);
        output.put(&["HL", "2", "1", "21", "1"]);
        let (name, id) = party(set.submitter.as_ref(), group.element(2));
        let person = set.submitter.as_ref().is_some_and(|submitter| submitter.element(2) == "1");
        let first = part_of_name(set.submitter.as_ref().filter(|_| person), 4);
        output.put(&["NM1", "41", if person { "1" } else { "2" }, &name, &first, "", "", "", "46", &id]);
        output.put(&["TRN", "2", reference]);
        let totals = Total::of(set.providers.iter().flat_map(|provider| &provider.claims));
        let all = Money::from_cents(totals.iter().fold(0i64, |sum, total| sum.saturating_add(total.cents))).to_string();
        output.put(&["STC", "A1:19:PR", &date, "WQ", &all]);
        put_totals(totals, ["90", "AA"], output);
        let mut level = 2u64;
        for provider in &set.providers {
            level += 1;
            let parent = level.to_string();
            output.put(&["HL", &parent, "2", "19", "1"]);
            put_provider(provider.name.as_ref(), output);
            output.put(&["TRN", "1", "0"]);
            let totals = Total::of(provider.claims.iter());
            let all = Money::from_cents(totals.iter().fold(0i64, |sum, total| sum.saturating_add(total.cents)));
            output.put(&["STC", "A1:19:PR", "", "WQ", &all.to_string()]);
            put_totals(totals, ["QA", "QC"], output);
            for claim in &provider.claims {
                level += 1;
                output.put(&["HL", &level.to_string(), &parent, "PT"]);
                put_claim(claim, &date, &received, output);
            }
        }
        output.end_set();
    }
}

fn put_totals([accepted, rejected]: [Total; 2], quantities: [&str; 2], output: &mut Output) {
    for (total, quantity) in [accepted, rejected].into_iter().zip(quantities) {
        if total.claims > 0 {
            output.put(&["QTY", quantity, &total.claims.to_string()]);
        }
    }
    for (total, amount) in [accepted, rejected].into_iter().zip(["YU", "YY"]) {
        if total.claims > 0 {
            output.put(&["AMT", amount, &Money::from_cents(total.cents).to_string()]);
        }
    }
}

fn put_provider(name: Option<&TraceSegment>, output: &mut Output) {
    let part = |n: usize| part_of_name(name, n);
    let person = part(2) == "1";
    let (first, middle, suffix) = if person { (part(4), part(5), part(7)) } else { Default::default() };
    let (qualifier, id) = match (part(8), part(9)) {
        (qualifier, id) if matches!(qualifier.as_str(), "XX" | "FI" | "SV") && id.len() > 1 => (qualifier, id),
        _ => ("SV".to_owned(), "UNKNOWN".to_owned()),
    };
    let last = part(3);
    output.put(&[
        "NM1",
        "85",
        if person { "1" } else { "2" },
        or(&last, "UNKNOWN"),
        &first,
        &middle,
        "",
        &suffix,
        &qualifier,
        &id,
    ]);
}

fn put_claim(claim: &Claim, date: &str, received: &str, output: &mut Output) {
    let answer = &claim.answer;
    let member = if claim.member.len() > 1 { claim.member.as_str() } else { "UNKNOWN" };
    output.put(&[
        "NM1",
        "QC",
        "1",
        or(&claim.last, "UNKNOWN"),
        &claim.first,
        &claim.middle,
        "",
        &claim.suffix,
        "MI",
        member,
    ]);
    output.put(&["TRN", "2", or(&claim.id, "0")]);
    let accepted = [Status::ACCEPTED];
    let (reasons, action) = if answer.reasons.is_empty() { (&accepted[..], "WQ") } else { (&answer.reasons[..], "U") };
    let cents = Money::from_cents(answer.cents).to_string();
    // A segment has room for three.
    for three in reasons.chunks(3) {
        let code = |n: usize| three.get(n).map(Status::to_string).unwrap_or_default();
        output.put(&["STC", &code(0), date, action, &cents, "", "", "", "", "", &code(1), &code(2)]);
    }
    if !claim.trace.is_empty() {
        output.put(&["REF", "D9", &claim.trace]);
    }
    if !answer.bill_type.is_empty() {
        output.put(&["REF", "BLT", answer.bill_type.trim_start_matches('0')]);
    }
    let text = |day: codes::Date| day.to_string().replace('-', "");
    match answer.days {
        Some((first, last)) if first != last => {
            output.put(&["DTP", "472", "RD8", &format!("{}-{}", text(first), text(last))]);
        }
        Some((day, _)) => output.put(&["DTP", "472", "D8", &text(day)]),
        // The segment is required, but a predetermination has no service yet.
        None => output.put(&["DTP", "472", "D8", received]),
    }
}

/// The name and number of a party, or what the group says.
fn party(name: Option<&TraceSegment>, code: &str) -> (String, String) {
    let part = |n: usize| part_of_name(name, n);
    let code = clean(code);
    let id = if part(9).len() > 1 { part(9) } else { or(&code, "UNKNOWN").to_owned() };
    (or(&part(3), or(&code, "UNKNOWN")).to_owned(), id)
}

/// An element of an NM1, as far as it has room in an answer.
fn part_of_name(name: Option<&TraceSegment>, n: usize) -> String {
    let most = match n {
        3 => 60,
        4 => 35,
        5 => 25,
        7 => 10,
        _ => 80,
    };
    name.map(|name| cut(name.element(n), most)).unwrap_or_default()
}

/// What an answer repeats of what was sent, as far as it has room there: one element too long would spoil all of the answer.
fn cut(text: &str, most: usize) -> String {
    let text = clean(text);
    text.char_indices().nth(most).and_then(|(end, _)| text.get(..end)).unwrap_or(&text).trim_end().to_owned()
}

fn or<'t>(text: &'t str, other: &'t str) -> &'t str {
    if text.is_empty() { other } else { text }
}

#[cfg(test)]
mod tests {
    use super::cut;

    #[test]
    fn what_is_repeated_has_room_where_it_stands() {
        assert_eq!(cut("0123456789", 10), "0123456789");
        assert_eq!(cut("0123456789A", 10), "0123456789");
        assert_eq!(cut("012345678~ABC", 10), "012345678");
        assert_eq!(cut(" \u{e9}2345678901 ", 10), "?234567890");
        assert_eq!(cut("", 10), "");
    }
}
