//! Writing X12: segments, and the envelopes around them.

use claims::TraceSegment;
use codes::{Date, Money};
use std::collections::HashSet;
use std::io::{self, Write};

/// The most bytes that wait to be given out, about.
const FULL: usize = 64 << 10;

/// What stands for a party that the input does not name.
const UNKNOWN: &str = "UNKNOWN";

/// An X12 output: one interchange for each of the input, with one group.
#[derive(Default)]
pub(super) struct Output {
    bytes: Vec<u8>,
    open: Option<Open>,
    /// The transaction set that is open: its control number, and its segments.
    set: Option<(String, u64)>,
    /// The control numbers of interchanges before.
    used: HashSet<u32>,
}

/// An interchange that is open, with its group.
struct Open {
    control: String,
    group_control: String,
    sets: u64,
    date: String,
    time: String,
}

impl Output {
    /// Opens the interchange and group that answer these, unless they are open. Of the group it has the sender, the receiver
    /// and the date.
    pub(super) fn open(
        &mut self,
        isa: Option<&TraceSegment>,
        [sender, receiver, group_date]: [&str; 3],
        functional: &str,
        version: &str,
        date: Option<Date>,
    ) {
        if self.open.is_some() {
            return;
        }
        let element = |n: usize| isa.map_or("", |isa| isa.element(n)).trim();
        let day = date.map(|date| date.to_string().replace('-', ""));
        let given = [format!("20{}", element(9)), group_date.to_owned()];
        let day = day.or_else(|| given.into_iter().find(|day| Date::parse(day.as_bytes()).is_some() && day.len() == 8));
        let day = day.unwrap_or_else(|| "20000101".to_owned());
        let time = Some(element(10)).filter(|time| is_time(time)).unwrap_or("0000").to_owned();
        let control = self.control_of(element(13));
        let group_control = control.trim_start_matches('0');
        let group_control = if group_control.is_empty() { "1" } else { group_control }.to_owned();
        let is_qualifier = |text: &&str| text.len() == 2 && text.bytes().all(|byte| byte.is_ascii_alphanumeric());
        let qualifier = |n: usize| Some(element(n)).filter(is_qualifier).unwrap_or("ZZ").to_owned();
        let party =
            |n: usize| format!("{:<15.15}", clean(Some(element(n)).filter(|id| !id.is_empty()).unwrap_or(UNKNOWN)));
        let usage = if element(15) == "T" { "T" } else { "P" };
        let blank = " ".repeat(10);
        let (from, to) = ((qualifier(7), party(8)), (qualifier(5), party(6)));
        let isa = [
            "ISA",
            "00",
            &blank,
            "00",
            &blank,
            &from.0,
            &from.1,
            &to.0,
            &to.1,
            &day[2..],
            &time,
            "^",
            "00501",
            &control,
            "0",
            usage,
            ":",
        ];
        // Clean as it is; the separators are two of its elements.
        self.bytes.extend_from_slice(isa.join("*").as_bytes());
        self.bytes.extend_from_slice(b"~\n");
        let code = |code: &str| {
            let code = cut(code, 15);
            if code.len() < 2 { UNKNOWN.to_owned() } else { code }
        };
        self.put(&["GS", functional, &code(receiver), &code(sender), &day, &time, &group_control, "X", version]);
        self.open = Some(Open { control, group_control, sets: 0, date: day, time });
    }

    /// The control number of the interchange that answers one of this number: the same, or the next one that is free if
    /// the input has it twice.
    fn control_of(&mut self, given: &str) -> String {
        let digits: String = given.chars().filter(char::is_ascii_digit).take(9).collect();
        let mut number: u32 = digits.parse().unwrap_or(1);
        while !self.used.insert(number) {
            number = (number + 1) % 1_000_000_000;
        }
        format!("{number:09}")
    }

    /// The acknowledgment's date, CCYYMMDD.
    pub(super) fn date(&self) -> String {
        self.open.as_ref().map_or_else(String::new, |open| open.date.clone())
    }

    /// Its time, HHMM.
    pub(super) fn time(&self) -> String {
        self.open.as_ref().map_or_else(String::new, |open| open.time.clone())
    }

    /// The input's interchange control number.
    pub(super) fn control(&self) -> String {
        self.open.as_ref().map_or_else(String::new, |open| open.control.clone())
    }

    /// Begins a transaction set.
    pub(super) fn begin_set(&mut self, id: &str, version: &str) {
        let Some(open) = &mut self.open else { return };
        open.sets += 1;
        let control = format!("{:04}", open.sets);
        self.set = Some((control.clone(), 0));
        self.put(&["ST", id, &control, version]);
    }

    /// Ends the transaction set.
    pub(super) fn end_set(&mut self) {
        if let Some((control, segments)) = self.set.clone() {
            self.put(&["SE", &(segments + 1).to_string(), &control]);
            self.set = None;
        }
    }

    /// Closes the group and the interchange.
    pub(super) fn close(&mut self) {
        self.end_set();
        if let Some(open) = self.open.take() {
            self.put(&["GE", &open.sets.to_string(), &open.group_control]);
            self.put(&["IEA", "1", &open.control]);
        }
    }

    /// Writes a segment. What separates is taken out of its elements, and empty ones at the end are left out; a `:` is
    /// meant as it stands.
    pub(super) fn put(&mut self, elements: &[&str]) {
        let given = elements.iter().rposition(|element| !element.is_empty()).map_or(0, |last| last + 1);
        for (place, element) in elements.iter().take(given).enumerate() {
            if place > 0 {
                self.bytes.push(b'*');
            }
            self.bytes.extend(element.chars().map(|char| if char == ':' { b':' } else { plain(char) }));
        }
        self.bytes.extend_from_slice(b"~\n");
        if let Some((_, segments)) = &mut self.set {
            *segments += 1;
        }
    }

    /// Gives out what was written.
    pub(super) fn flush(&mut self, out: &mut dyn Write) -> io::Result<()> {
        let written = out.write_all(&self.bytes);
        self.bytes.clear();
        written
    }

    /// Gives out what was written, where that is much.
    pub(super) fn flush_some(&mut self, out: &mut dyn Write) -> io::Result<()> {
        if self.bytes.len() < FULL { Ok(()) } else { self.flush(out) }
    }
}

/// The group's sender, receiver and date.
pub(super) fn names_of(group: &TraceSegment) -> [&str; 3] {
    [2, 3, 4].map(|n| group.element(n))
}

/// Text that no separator and no control character stands in, and that every receiver can read.
pub(super) fn clean(text: &str) -> String {
    text.chars().map(|char| char::from(plain(char))).collect::<String>().trim().to_owned()
}

/// What an answer repeats of what was sent, as far as it has room there: one element too long would spoil all of the answer.
pub(super) fn cut(text: &str, most: usize) -> String {
    let text = clean(text);
    text.char_indices().nth(most).and_then(|(end, _)| text.get(..end)).unwrap_or(&text).trim_end().to_owned()
}

/// An amount. There is room for 18 digits; of one that has more, which no claim is worth, the cents are left out.
pub(super) fn amount(cents: i64) -> String {
    const MOST: u64 = 999_999_999_999_999_999;
    let whole = Money::from_cents(cents).to_string();
    match whole.split_once('.') {
        Some((dollars, _)) if cents.unsigned_abs() > MOST => dollars.to_owned(),
        _ => whole,
    }
}

/// A character of X12's character sets, in the place of one that is none or that separates.
fn plain(char: char) -> u8 {
    match char {
        '*' | '~' | ':' | '^' => b' ',
        ' '..='}' => char as u8,
        _ if char.is_control() => b' ',
        _ => b'?',
    }
}

fn is_time(time: &str) -> bool {
    let two =
        |at: usize, less: u8| time.get(at..at + 2).and_then(|two| two.parse::<u8>().ok()).is_some_and(|two| two < less);
    time.len() == 4 && two(0, 24) && two(2, 60)
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "tests")]
    use super::*;
    use claims::Place;

    #[test]
    fn what_is_repeated_has_room_where_it_stands() {
        assert_eq!(cut("0123456789", 10), "0123456789");
        assert_eq!(cut("0123456789A", 10), "0123456789");
        assert_eq!(cut("012345678~ABC", 10), "012345678");
        assert_eq!(cut(" \u{e9}2345678901 ", 10), "?234567890");
        assert_eq!(cut("", 10), "");
    }

    #[test]
    fn amounts_have_no_more_than_18_digits() {
        assert_eq!(amount(12_345), "123.45");
        assert_eq!(amount(-999_999_999_999_999_999), "-9999999999999999.99");
        assert_eq!(amount(1_000_000_000_000_000_000), "10000000000000000");
        assert_eq!(amount(i64::MIN), "-92233720368547758");
    }

    #[test]
    fn an_envelope_repeats_only_what_is_of_its_form() {
        let elements =
            ["ISA", "00", "", "00", "", "*~", "SENDER", "01", "RECEIVER", "240110", "1200", "^", "00501", "7"];
        let isa = TraceSegment { place: Place::default(), claim: None, elements: elements.map(str::to_owned).to_vec() };
        let (mut output, mut out) = (Output::default(), Vec::new());
        output.open(Some(&isa), ["S2345678901234567", "R", "20240110"], "FA", "005010X231A1", None);
        output.flush(&mut out).unwrap();
        let out = String::from_utf8(out).unwrap();
        let told = "*01*RECEIVER       *ZZ*SENDER         *240110*1200*^*00501*000000007*0*P*:~\n\
                    GS*FA*UNKNOWN*S23456789012345*20240110*";
        assert!(out.contains(told), "{out}");
    }
}
