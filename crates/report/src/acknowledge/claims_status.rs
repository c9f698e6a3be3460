//! 277CA: claims, by their findings. Totals have category A1 and status 19 (received), accepted claims A2 and 20; why a
//! claim is rejected, `status.rs` says. Claims of a transaction set, group or interchange that is rejected whole are not
//! looked at by a receiver: those that are sound by themselves are answered as of a form that is not valid (A3 and 481).

use super::ClaimAnswer;
use super::output::{Output, amount, clean, cut};
use super::status::Status;
use claims::{Envelope, TraceSegment};
use codes::Date;
use std::io::{self, Write};

/// The state of a 277CA: the interchange of the input that is open.
#[derive(Default)]
pub(super) struct ClaimsStatus {
    set: Option<Set>,
    /// What is kept of transaction sets that have ended with claims, of their billing providers, and of the claims of these.
    sets: Lines,
    providers: Lines,
    claims: Lines,
    /// Whether each of the sets is rejected whole.
    rejected_sets: Vec<bool>,
    /// How many of them are of groups before.
    before: usize,
    /// Whether the group and the interchange at hand are rejected whole.
    group_rejected: bool,
    rejected: bool,
}

/// The transaction set that is open.
#[derive(Default)]
struct Set {
    /// Whether it is rejected whole.
    rejected: bool,
    reference: String,
    created: String,
    submitter: Option<TraceSegment>,
    receiver: Option<TraceSegment>,
    totals: Totals,
    providers: u64,
    /// The billing provider at hand and its claims, the names of the subscriber and the patient, and the claim.
    provider: Option<TraceSegment>,
    of_provider: Totals,
    subscriber: Option<TraceSegment>,
    patient: Option<TraceSegment>,
    claim: Option<Claim>,
}

/// The claim at hand.
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
    fn add(&mut self, other: Total) {
        self.claims += other.claims;
        self.cents = self.cents.saturating_add(other.cents);
    }
}

/// Of accepted claims, and of rejected ones.
#[derive(Clone, Copy, Default)]
struct Totals([Total; 2]);

impl Totals {
    fn add(&mut self, other: Totals) {
        self.0.iter_mut().zip(other.0).for_each(|(own, other)| own.add(other));
    }

    fn all(self) -> Total {
        let [mut all, rejected] = self.0;
        all.add(rejected);
        all
    }

    /// As they are where the claims are rejected whole.
    fn rejected(self) -> Totals {
        Totals([Total::default(), self.all()])
    }

    /// As elements of a line.
    fn kept(self) -> [String; 4] {
        let [accepted, rejected] = self.0;
        [
            accepted.claims.to_string(),
            accepted.cents.to_string(),
            rejected.claims.to_string(),
            rejected.cents.to_string(),
        ]
    }

    fn of_kept(kept: [&str; 4]) -> Totals {
        let total =
            |claims: &str, cents: &str| Total { claims: number(claims), cents: cents.parse().unwrap_or_default() };
        Totals([total(kept[0], kept[1]), total(kept[2], kept[3])])
    }
}

/// What is kept until the interchange ends: a line each, of elements that hold no separators. Millions of claims may wait, and a
/// struct of texts would take several times as much.
#[derive(Default)]
struct Lines {
    blocks: Vec<String>,
}

impl Lines {
    /// Bytes of a block: none is ever moved to grow.
    const BLOCK: usize = 64 << 10;

    fn put(&mut self, elements: &[&str]) {
        let length = elements.iter().map(|element| element.len() + 1).sum::<usize>();
        if self.blocks.last().is_none_or(|block| block.capacity() - block.len() < length) {
            self.blocks.push(String::with_capacity(length.max(Lines::BLOCK)));
        }
        let Some(block) = self.blocks.last_mut() else { return };
        for (place, element) in elements.iter().enumerate() {
            if place > 0 {
                block.push('*');
            }
            block.push_str(element);
        }
        block.push('\n');
    }

    /// The lines in their order; elements that are not there are empty.
    fn iter<const N: usize>(&self) -> impl Iterator<Item = [&str; N]> {
        self.blocks.iter().flat_map(|block| block.lines()).map(|line| {
            let mut elements = [""; N];
            elements.iter_mut().zip(line.split('*')).for_each(|(own, element)| *own = element);
            elements
        })
    }
}

fn number(text: &str) -> u64 {
    text.parse().unwrap_or_default()
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

    /// Whether a transaction set is open.
    pub(super) fn has_set(&self) -> bool {
        self.set.is_some()
    }

    /// Takes a segment of the transaction set.
    pub(super) fn segment(&mut self, segment: TraceSegment, answer: Option<ClaimAnswer>) {
        let Some(set) = &mut self.set else { return };
        match (segment.id(), segment.element(1)) {
            ("BHT", _) => {
                set.reference = cut(segment.element(3), 50);
                set.created = clean(segment.element(4));
            }
            ("NM1", "41") => set.submitter = Some(segment),
            ("NM1", "40") => set.receiver = Some(segment),
            ("NM1", "85") => {
                set.end_provider(&mut self.providers, &mut self.claims);
                set.provider = Some(segment);
            }
            ("NM1", "IL") => (set.subscriber, set.patient) = (Some(segment), None),
            ("NM1", "QC") => set.patient = Some(segment),
            ("HL", _) if segment.element(3) == "22" => (set.subscriber, set.patient) = (None, None),
            ("HL", _) if segment.element(3) == "23" => set.patient = None,
            ("CLM", id) => {
                set.end_claim(&mut self.claims);
                let who = set.patient.as_ref().or(set.subscriber.as_ref());
                let part = |n: usize| part_of_name(who, n);
                let member = part_of_name(set.subscriber.as_ref(), 9);
                set.claim = Some(Claim {
                    id: cut(id, 50),
                    trace: String::new(),
                    answer: answer.unwrap_or_default(),
                    last: part(3),
                    first: part(4),
                    middle: part(5),
                    suffix: part(7),
                    member,
                });
            }
            ("REF", "D9") => {
                if let Some(claim) = &mut set.claim {
                    claim.trace = cut(segment.element(2), 50);
                }
            }
            _ => {}
        }
    }

    /// The transaction set that is open ends. One without claims has nothing to answer.
    pub(super) fn end_set(&mut self, group: &TraceSegment) {
        let Some(mut set) = self.set.take() else { return };
        set.end_provider(&mut self.providers, &mut self.claims);
        if set.providers == 0 {
            return;
        }
        let of_group = [2, 3, 4].map(|n| clean(group.element(n)));
        let source = party(set.receiver.as_ref(), group.element(3));
        let submitter = party(set.submitter.as_ref(), group.element(2));
        let person = set.submitter.as_ref().filter(|submitter| submitter.element(2) == "1");
        let first = part_of_name(person, 4);
        let kind = if person.is_some() { "1" } else { "2" };
        let totals = set.totals.kept();
        let named = [&of_group[0], &of_group[1], &of_group[2], &set.reference, &set.created, &source.0, &source.1];
        let of_submitter = [kind, &submitter.0, &first, &submitter.1];
        let elements = named.into_iter().map(String::as_str).chain(of_submitter);
        let elements = elements.chain(totals.iter().map(String::as_str));
        let providers = set.providers.to_string();
        self.sets.put(&elements.chain([providers.as_str()]).collect::<Vec<_>>());
        self.rejected_sets.push(set.rejected);
    }

    /// The group that is open ends.
    pub(super) fn end_group(&mut self) {
        let rejected = std::mem::take(&mut self.group_rejected);
        self.rejected_sets.iter_mut().skip(self.before).for_each(|own| *own |= rejected);
        self.before = self.rejected_sets.len();
    }

    /// The interchange ends: its transaction sets are answered.
    pub(super) fn end_interchange(
        &mut self,
        isa: Option<&TraceSegment>,
        date: Option<Date>,
        output: &mut Output,
        out: &mut dyn Write,
    ) -> io::Result<()> {
        let ended = std::mem::take(self);
        let (mut providers, mut claims) = (ended.providers.iter(), ended.claims.iter());
        for (set, own) in ended.sets.iter::<16>().zip(&ended.rejected_sets) {
            let [from, to, day, ..] = set;
            output.open(isa, [from, to, day], "HN", "005010X214", date);
            answer(&set, *own || ended.rejected, &mut providers, &mut claims, output, out)?;
        }
        Ok(())
    }
}

impl Set {
    /// The claim at hand ends.
    fn end_claim(&mut self, claims: &mut Lines) {
        let Some(claim) = self.claim.take() else { return };
        let Claim { id, trace, answer, last, first, middle, suffix, member } = &claim;
        let ClaimAnswer { reasons, cents, bill_type, days } = answer;
        let own = Total { claims: 1, cents: *cents };
        if let Some(total) = self.of_provider.0.get_mut(usize::from(!reasons.is_empty())) {
            total.add(own);
        }
        let text = |day: Date| day.to_string().replace('-', "");
        let [from, to] = days.map_or_else(Default::default, |(from, to)| [text(from), text(to)]);
        let reasons = reasons.iter().map(Status::to_string).collect::<Vec<_>>().join(" ");
        let cents = cents.to_string();
        claims.put(&[id, trace, &cents, bill_type, &from, &to, last, first, middle, suffix, member, &reasons]);
    }

    /// The billing provider at hand ends. One without claims is not answered.
    fn end_provider(&mut self, providers: &mut Lines, claims: &mut Lines) {
        self.end_claim(claims);
        let name = self.provider.take();
        let totals = std::mem::take(&mut self.of_provider);
        if totals.all().claims == 0 {
            return;
        }
        self.totals.add(totals);
        self.providers += 1;
        let part = |n: usize| part_of_name(name.as_ref(), n);
        let person = part(2) == "1";
        let (first, middle, suffix) = if person { (part(4), part(5), part(7)) } else { Default::default() };
        let (qualifier, id) = match (part(8), part(9)) {
            (qualifier, id) if matches!(qualifier.as_str(), "XX" | "FI" | "SV") && id.len() > 1 => (qualifier, id),
            _ => ("SV".to_owned(), "UNKNOWN".to_owned()),
        };
        let last = part(3);
        let kind = if person { "1" } else { "2" };
        let [a, b, c, d] = totals.kept();
        providers.put(&[kind, or(&last, "UNKNOWN"), &first, &middle, &suffix, &qualifier, &id, &a, &b, &c, &d]);
    }
}

/// Answers a transaction set, whose providers are the next, and the claims of these.
fn answer<'l>(
    set: &[&str; 16],
    rejected: bool,
    providers: &mut impl Iterator<Item = [&'l str; 11]>,
    claims: &mut impl Iterator<Item = [&'l str; 12]>,
    output: &mut Output,
    out: &mut dyn Write,
) -> io::Result<()> {
    let &[_, _, _, reference, created, source, source_id, kind, name, first, id, a, b, c, d, count] = set;
    let totals = |kept| if rejected { Totals::of_kept(kept).rejected() } else { Totals::of_kept(kept) };
    let (date, time) = (output.date(), output.time());
    let is_day = created.len() == 8 && Date::parse(created.as_bytes()).is_some();
    let received = if is_day { created } else { &date };
    let reference = or(reference, "0");
    output.begin_set("277", "005010X214");
    output.put(&["BHT", "0085", "08", reference, &date, &time, "TH"]);
    // The receiver of the claims is the source of what is answered.
    output.put(&["HL", "1", "", "20", "1"]);
    output.put(&["NM1", "PR", "2", source, "", "", "", "", "46", source_id]);
    output.put(&["TRN", "1", &output.control()]);
    output.put(&["DTP", "050", "D8", received]);
    output.put(&["DTP", "009", "D8", &date]);
    output.put(&["HL", "2", "1", "21", "1"]);
    output.put(&["NM1", "41", kind, name, first, "", "", "", "46", id]);
    output.put(&["TRN", "2", reference]);
    let of_set = totals([a, b, c, d]);
    output.put(&["STC", "A1:19:PR", &date, "WQ", &amount(of_set.all().cents)]);
    put_totals(of_set, ["90", "AA"], output);
    let mut level = 2u64;
    for provider in providers.take(number(count) as usize) {
        let [kind, last, first, middle, suffix, qualifier, id, a, b, c, d] = provider;
        let of_provider = totals([a, b, c, d]);
        level += 1;
        let parent = level.to_string();
        output.put(&["HL", &parent, "2", "19", "1"]);
        output.put(&["NM1", "85", kind, last, first, middle, "", suffix, qualifier, id]);
        output.put(&["TRN", "1", "0"]);
        output.put(&["STC", "A1:19:PR", "", "WQ", &amount(of_provider.all().cents)]);
        put_totals(of_provider, ["QA", "QC"], output);
        for claim in claims.take(of_provider.all().claims as usize) {
            level += 1;
            output.put(&["HL", &level.to_string(), &parent, "PT"]);
            put_claim(claim, rejected, [&date, received], output);
            output.flush_some(out)?;
        }
    }
    output.end_set();
    output.flush_some(out)
}

fn put_totals(Totals(totals): Totals, quantities: [&str; 2], output: &mut Output) {
    for (total, quantity) in totals.into_iter().zip(quantities) {
        if total.claims > 0 {
            output.put(&["QTY", quantity, &total.claims.to_string()]);
        }
    }
    for (total, qualifier) in totals.into_iter().zip(["YU", "YY"]) {
        if total.claims > 0 {
            output.put(&["AMT", qualifier, &amount(total.cents)]);
        }
    }
}

fn put_claim(claim: [&str; 12], rejected: bool, [date, received]: [&str; 2], output: &mut Output) {
    let [id, trace, cents, bill_type, from, to, last, first, middle, suffix, member, reasons] = claim;
    let member = if member.len() > 1 { member } else { "UNKNOWN" };
    output.put(&["NM1", "QC", "1", or(last, "UNKNOWN"), first, middle, "", suffix, "MI", member]);
    output.put(&["TRN", "2", or(id, "0")]);
    // Of an envelope that is rejected, claims that are sound by themselves have no reason of their own.
    let (reasons, action) = match (reasons, rejected) {
        ("", false) => (Status::ACCEPTED.to_string(), "WQ"),
        ("", true) => (Status::OF_ENVELOPE.to_string(), "U"),
        (reasons, _) => (reasons.to_owned(), "U"),
    };
    let reasons: Vec<&str> = reasons.split(' ').collect();
    let charge = amount(cents.parse().unwrap_or_default());
    // A segment has room for three.
    for three in reasons.chunks(3) {
        let code = |n: usize| three.get(n).copied().unwrap_or_default();
        output.put(&["STC", code(0), date, action, &charge, "", "", "", "", "", code(1), code(2)]);
    }
    if !trace.is_empty() {
        output.put(&["REF", "D9", trace]);
    }
    if !bill_type.is_empty() {
        output.put(&["REF", "BLT", bill_type.trim_start_matches('0')]);
    }
    match (from, to) {
        // The segment is required, but a predetermination has no service yet.
        ("", _) => output.put(&["DTP", "472", "D8", received]),
        (from, to) if from != to => output.put(&["DTP", "472", "RD8", &format!("{from}-{to}")]),
        (day, _) => output.put(&["DTP", "472", "D8", day]),
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

fn or<'t>(text: &'t str, other: &'t str) -> &'t str {
    if text.is_empty() { other } else { text }
}
