//! The elements of one segment against its rule.

use super::Issue;
use super::rules::{DATE_FORMAT, DATE_PERIOD, ElementRule, Form, Kind, Note, NoteKind, SegmentRule, Simple, Usage};
use crate::x12::segment::Segment;
use crate::{Fault, Shown, Structure, Tag};
use codes::Date;

/// The longest code that is shown.
const LONGEST_SHOWN: usize = 3;

/// Checks the elements of a segment. `at` gives all that an issue of the segment as a whole would say.
pub(super) fn check(rule: &SegmentRule, segment: &Segment<'_>, at: impl Fn() -> Structure, issues: &mut Vec<Issue>) {
    let separators = segment.separators;
    // ISA11 and ISA16 hold the separators themselves.
    let in_use = rule.id != "ISA";
    let mut check = Check {
        segment,
        at,
        issues,
        component: in_use.then_some(separators.component),
        repetition: separators.repetition.filter(|_| in_use),
        format: &[],
    };
    let mut elements = segment.each_element().skip(1);
    // The number of elements, those that are given, and the bit of the next.
    let (mut number, mut given, mut bit) = (0u8, 0u64, 1u64);
    for (rule, text) in rule.elements.iter().zip(&mut elements) {
        number = number.saturating_add(1);
        if check.element(rule, number, text) {
            given |= bit;
        }
        bit <<= 1;
    }
    if let Some(further) = elements.position(|text| !text.is_empty()) {
        let number = u8::try_from(usize::from(number) + further + 1).unwrap_or(u8::MAX);
        check.report(Fault::TooManyElements, number, 0, 0, Shown::Count(rule.elements.len() as u64));
    }
    if usize::from(number) < rule.least {
        for rule in rule.elements.iter().skip(number.into()) {
            number = number.saturating_add(1);
            check.element(rule, number, &[]);
        }
    }
    check.notes(&rule.notes, &rule.elements, given, 0);
}

/// A check of one segment under way.
struct Check<'c, 's, F> {
    segment: &'c Segment<'s>,
    at: F,
    issues: &'c mut Vec<Issue>,
    /// The separators that stand for themselves here.
    component: Option<u8>,
    repetition: Option<u8>,
    /// The last data element 1250.
    format: &'s [u8],
}

impl<'s, F: Fn() -> Structure> Check<'_, 's, F> {
    #[cold]
    fn report(&mut self, fault: Fault, element: u8, component: u8, data_element: u16, expected: Shown) {
        self.report_found(fault, element, component, data_element, expected, Shown::Nothing);
    }

    #[cold]
    fn report_found(
        &mut self,
        fault: Fault,
        element: u8,
        component: u8,
        data_element: u16,
        expected: Shown,
        found: Shown,
    ) {
        let structure = Structure { fault, element, component, data_element, expected, found, ..(self.at)() };
        self.issues.push(Issue { structure, place: self.segment.place });
    }

    /// Checks an element with all of its repetitions; answers whether it is given.
    fn element(&mut self, rule: &ElementRule, number: u8, text: &'s [u8]) -> bool {
        match (rule.usage, self.repetition) {
            (Usage::Required, _) if text.is_empty() => {
                self.report(Fault::MissingElement, number, 0, rule.number, Shown::Nothing);
            }
            _ if text.is_empty() => {}
            (Usage::NotUsed, _) => self.report(Fault::NotUsed, number, 0, rule.number, Shown::Nothing),
            (_, Some(separator)) if text.contains(&separator) => self.repeated(rule, number, text, separator),
            _ => self.one(rule, number, text),
        }
        !text.is_empty()
    }

    /// Checks the repetitions of an element.
    fn repeated(&mut self, rule: &ElementRule, number: u8, text: &'s [u8], separator: u8) {
        let most = usize::from(rule.repeat);
        let repetitions = text.split(|&byte| byte == separator);
        if repetitions.clone().nth(most).is_some() {
            self.report(Fault::TooManyRepetitions, number, 0, rule.number, Shown::Count(most as u64));
        }
        for repetition in repetitions.take(most) {
            self.one(rule, number, repetition);
        }
    }

    /// Checks one repetition of an element.
    fn one(&mut self, rule: &ElementRule, number: u8, text: &'s [u8]) {
        match &rule.form {
            Form::Nothing => {}
            Form::Simple(simple) => {
                if let Some(separator) = self.component
                    && text.contains(&separator)
                {
                    self.report(Fault::TooManyComponents, number, 0, rule.number, Shown::Count(1));
                } else {
                    self.simple(rule.number, simple, number, 0, text);
                }
            }
            Form::Composite(rules, notes) => self.composite(rules, notes, number, text),
        }
    }

    fn composite(&mut self, rules: &[ElementRule], notes: &[Note], number: u8, text: &'s [u8]) {
        let separator = self.segment.separators.component;
        let (mut given, mut component) = (0u64, 0u8);
        let mut left = rules.iter();
        for part in text.split(|&byte| byte == separator) {
            component = component.saturating_add(1);
            let Some(rule) = left.next() else {
                if !part.is_empty() {
                    self.report(Fault::TooManyComponents, number, 0, 0, Shown::Count(rules.len() as u64));
                    break;
                }
                continue;
            };
            given |= u64::from(!part.is_empty()) << (component - 1).min(63);
            match (&rule.form, rule.usage) {
                (_, Usage::Required) if part.is_empty() => {
                    self.report(Fault::MissingElement, number, component, rule.number, Shown::Nothing);
                }
                _ if part.is_empty() => {}
                (_, Usage::NotUsed) => self.report(Fault::NotUsed, number, component, rule.number, Shown::Nothing),
                (Form::Simple(simple), _) => self.simple(rule.number, simple, number, component, part),
                _ => {}
            }
        }
        for rule in left {
            component = component.saturating_add(1);
            if rule.usage == Usage::Required {
                self.report(Fault::MissingElement, number, component, rule.number, Shown::Nothing);
            }
        }
        self.notes(notes, rules, given, number);
    }

    /// Checks the text of a simple element, which is given.
    fn simple(&mut self, number: u16, form: &Simple, element: u8, component: u8, text: &'s [u8]) {
        let length = match form.kind {
            Kind::Text | Kind::Code => {
                if text.iter().any(|byte| byte.is_ascii_control()) {
                    self.report(Fault::BadCharacter, element, component, number, Shown::Nothing);
                    return;
                }
                characters(text)
            }
            Kind::Whole | Kind::Decimal => match digits(text, form.kind == Kind::Decimal) {
                Some(digits) => digits,
                None => {
                    self.report(Fault::BadCharacter, element, component, number, Shown::Rule("a number"));
                    return;
                }
            },
            Kind::Date | Kind::Time => text.len(),
        };
        let (least, most) = (usize::from(form.least), usize::from(form.most));
        if length < least {
            let (expected, found) = (Shown::Count(least as u64), Shown::Count(length as u64));
            self.report_found(Fault::TooShort, element, component, number, expected, found);
        } else if length > most {
            let (expected, found) = (Shown::Count(most as u64), Shown::Count(length as u64));
            self.report_found(Fault::TooLong, element, component, number, expected, found);
        } else if form.kind == Kind::Date && !is_date(text) {
            let form = Shown::Rule(if most == 6 { "a date as YYMMDD" } else { "a date as CCYYMMDD" });
            self.report(Fault::BadDate, element, component, number, form);
        } else if form.kind == Kind::Time && !is_time(text) {
            self.report(Fault::BadTime, element, component, number, Shown::Rule("a time as HHMM, HHMMSS or HHMMSSDD"));
        }
        if !form.codes.is_empty() && !form.codes.contains(text) {
            // A code that is short enough to be one may be shown; what is longer may be anything.
            let short = form.kind == Kind::Code && text.len() <= LONGEST_SHOWN;
            let found = if short { Shown::Code(Tag::new(text)) } else { Shown::Nothing };
            self.report_found(Fault::BadCode, element, component, number, Shown::Rule(form.codes.text), found);
        }
        if number == DATE_FORMAT {
            self.format = text;
        } else if number == DATE_PERIOD
            && let Some(expected) = not_of_format(self.format, text)
        {
            self.report(Fault::BadDate, element, component, number, Shown::Rule(expected));
        }
    }

    /// Checks the notes on elements that depend on each other. `element` is the composite's, or 0.
    #[inline]
    fn notes(&mut self, notes: &[Note], rules: &[ElementRule], given: u64, element: u8) {
        for note in notes {
            if !note.is_broken(given) {
                continue;
            }
            let (there, rest) = (given & note.all, note.all & !(1 << note.first));
            let excluded = note.kind == NoteKind::Exclusion;
            let at_fault = match note.kind {
                NoteKind::Exclusion => 63 - there.leading_zeros(),
                NoteKind::List => rest.trailing_zeros(),
                _ => (note.all & !given).trailing_zeros(),
            };
            let rule = rules.get(at_fault as usize);
            // What the guide requires, or says is not used, was told already.
            if rule.is_some_and(|rule| rule.usage != Usage::Situational) {
                continue;
            }
            let at_fault = at_fault as u8 + 1;
            let (element, component) = if element == 0 { (at_fault, 0) } else { (element, at_fault) };
            let fault = if excluded { Fault::Excluded } else { Fault::MissingConditional };
            self.report(fault, element, component, rule.map_or(0, |rule| rule.number), Shown::Nothing);
        }
    }
}

/// The number of characters.
#[inline]
fn characters(text: &[u8]) -> usize {
    if text.is_ascii() { text.len() } else { text.iter().filter(|&&byte| byte & 0xc0 != 0x80).count() }
}

/// The number of digits of a number, or `None` if it is none. Sign and decimal point do not count.
#[inline]
pub(super) fn digits(text: &[u8], decimal: bool) -> Option<usize> {
    let text = text.strip_prefix(b"-").unwrap_or(text);
    let (mut digits, mut points) = (0, 0);
    for byte in text {
        match byte {
            b'0'..=b'9' => digits += 1,
            b'.' if decimal && points == 0 => points = 1,
            _ => return None,
        }
    }
    (digits > 0).then_some(digits)
}

/// Whether the text is a date: `CCYYMMDD` or `YYMMDD`.
pub(super) fn is_date(text: &[u8]) -> bool {
    match *text {
        [a, b, c, d, e, f] => Date::parse(&[b'2', b'0', a, b, c, d, e, f]).is_some(),
        [_, _, _, _, _, _, _, _] => Date::parse(text).is_some(),
        _ => false,
    }
}

/// Whether the text is a time of day: hours and minutes, perhaps seconds and parts of a second.
pub(super) fn is_time(text: &[u8]) -> bool {
    let two = |at: usize| text.get(at..at + 2).and_then(|two| std::str::from_utf8(two).ok()?.parse::<u8>().ok());
    let digits = text.iter().all(u8::is_ascii_digit);
    let seconds = match text.len() {
        4 => true,
        6..=8 => two(4).is_some_and(|seconds| seconds < 60),
        _ => false,
    };
    digits && seconds && two(0).is_some_and(|hours| hours < 24) && two(2).is_some_and(|minutes| minutes < 60)
}

/// What a date should look like by its format, if it does not.
pub(super) fn not_of_format(format: &[u8], text: &[u8]) -> Option<&'static str> {
    let day = |text: &[u8]| text.len() == 8 && is_date(text);
    let (good, expected) = match format {
        b"D8" => (day(text), "a date as CCYYMMDD"),
        b"RD8" => match text.iter().position(|&byte| byte == b'-') {
            Some(dash) => (day(&text[..dash]) && day(&text[dash + 1..]), "two dates as CCYYMMDD-CCYYMMDD"),
            None => (false, "two dates as CCYYMMDD-CCYYMMDD"),
        },
        b"D6" => (text.len() == 6 && is_date(text), "a date as YYMMDD"),
        b"TM" => (text.len() == 4 && is_time(text), "a time as HHMM"),
        b"DT" => {
            let (date, time) = text.split_at(text.len().min(8));
            (day(date) && time.len() == 4 && is_time(time), "a date and time as CCYYMMDDHHMM")
        }
        _ => return None,
    };
    (!good).then_some(expected)
}
