//! Edits that can never fail, and edits that fail only where another of the policy does.
//!
//! A condition is looked at as its author would: parts that contradict each other, and a part that says less than one
//! beside it. What is found is so whatever the claim; what is not found may be so all the same, since only parts about
//! the very same value are compared.

use crate::index::Index;
use crate::need::{Need, Where};
use crate::ops::{Bool, CodeOp, Compare, Day, LineRef, List, Number, TextOp};
use crate::ranges::Ranges;
use crate::sets::Sets;
use codes::{Code, Date};
use codeset::{Codeset, SystemId};
use edits::{ClaimTypes, Severity, Unit};
use std::cell::Cell;

/// The steps that comparing two conditions may take, and all of a policy together: a lint, not a proof.
const STEPS_A_PAIR: u32 = 2_000;
const STEPS: u32 = 20_000_000;
/// The most edits that need no code at all with which each edit is compared.
const MOST_ALWAYS: usize = 500;

/// What is compared of an edit.
pub(crate) struct Judged<'p> {
    pub(crate) unit: Unit,
    pub(crate) claims: ClaimTypes,
    pub(crate) severity: Severity,
    pub(crate) shadow: bool,
    pub(crate) condition: &'p Bool,
    pub(crate) unless: Option<&'p Bool>,
    pub(crate) from: Option<Date>,
    pub(crate) to: Option<Date>,
}

/// What one edit's failing says of another's.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) enum Shadow {
    /// They fail on the same units.
    Same,
    /// The other fails wherever this one does, and elsewhere.
    Wider,
}

pub(crate) struct Finder<'f> {
    pub(crate) sets: &'f Sets,
    pub(crate) codeset: &'f Codeset,
    left: Cell<u32>,
    of_pair: Cell<u32>,
}

/// Whole numbers from and to.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
struct Span {
    from: i64,
    to: i64,
}

impl Span {
    const ALL: Span = Span { from: i64::MIN, to: i64::MAX };

    fn and(self, other: Span) -> Span {
        Span { from: self.from.max(other.from), to: self.to.min(other.to) }
    }

    fn is_empty(self) -> bool {
        self.from > self.to
    }

    fn within(self, other: Span) -> bool {
        other.from <= self.from && self.to <= other.to
    }

    /// Where a value stands that compares so with a constant: on its left, or on its right.
    fn of(compare: Compare, constant: i64, value_is_left: bool) -> Span {
        match (compare, value_is_left) {
            (Compare::Equal, _) => Span { from: constant, to: constant },
            (Compare::Less, true) => Span { to: constant.saturating_sub(1), ..Span::ALL },
            (Compare::LessEqual, true) => Span { to: constant, ..Span::ALL },
            (Compare::Less, false) => Span { from: constant.saturating_add(1), ..Span::ALL },
            (Compare::LessEqual, false) => Span { from: constant, ..Span::ALL },
        }
    }
}

/// A value that a part bounds.
#[derive(Clone, Copy, PartialEq)]
enum Bounded<'b> {
    Number(&'b Number),
    Day(&'b Day),
}

/// The codes that a part leaves.
enum Codes<'b> {
    In(&'b Ranges),
    NotIn(&'b Ranges),
    Starts(Code),
    Bits(Vec<u64>),
}

impl<'f> Finder<'f> {
    pub(crate) fn new(sets: &'f Sets, codeset: &'f Codeset) -> Finder<'f> {
        Finder { sets, codeset, left: Cell::new(STEPS), of_pair: Cell::new(0) }
    }

    /// Whether the edit's condition is true on no claim of its days. `claims_from` and `claims_to` are the days between
    /// which a claim's first day of service lies.
    pub(crate) fn never_true(&self, edit: &Judged<'_>, claims_from: Option<Date>, claims_to: Option<Date>) -> bool {
        self.of_pair.set(STEPS_A_PAIR);
        let parts: &[Bool] = match edit.condition {
            Bool::And(parts) => parts,
            other => std::slice::from_ref(other),
        };
        let judged = Day::ServiceFrom(LineRef::Judged);
        let own = Span { from: first(edit.from), to: last(edit.to) };
        let of_claims = Span { from: first(claims_from), to: last(claims_to) };
        let known = match edit.unit {
            // No line is before the first day of service.
            Unit::Line => {
                vec![(&judged, own.and(Span { from: of_claims.from, ..Span::ALL })), (&Day::FirstService, of_claims)]
            }
            _ => vec![(&Day::FirstService, own.and(of_claims))],
        };
        self.contradicts(parts, &known)
    }

    /// Whether what releases the edit is true wherever its condition is.
    pub(crate) fn always_released(&self, edit: &Judged<'_>) -> bool {
        self.of_pair.set(STEPS_A_PAIR);
        edit.unless.is_some_and(|unless| *unless == Bool::Const(true) || self.implies(edit.condition, unless))
    }

    /// The first of these edits that makes the one at `place` superfluous, if one does.
    pub(crate) fn shadowing(
        &self,
        place: usize,
        edits: &[Judged<'_>],
        needs: &[Need],
        index: &Index,
    ) -> Option<(usize, Shadow)> {
        let (edit, need) = (edits.get(place)?, needs.get(place)?);
        // An edit on trial may well be narrower than one in use.
        if edit.shadow {
            return None;
        }
        let mut candidates: Vec<u32> = index.always.iter().copied().take(MOST_ALWAYS).collect();
        for at in Where::ALL {
            let first = need.at(at).and_then(|ranges| ranges.iter().next());
            if let Some(first) = first {
                candidates.extend_from_slice(index.at(at, codeset::Ordinal(first.start)));
            }
        }
        candidates.sort_unstable();
        candidates.dedup();
        candidates.into_iter().map(|own| own as usize).filter(|&own| own != place).find_map(|other| {
            let own = edits.get(other)?;
            if !self.covers(own, edit) {
                return None;
            }
            let same = self.covers(edit, own);
            // Of two that are the same, the later one is superfluous.
            (!same || other < place).then_some((other, if same { Shadow::Same } else { Shadow::Wider }))
        })
    }

    /// Whether `wide` fails wherever `narrow` does, no less severely.
    fn covers(&self, wide: &Judged<'_>, narrow: &Judged<'_>) -> bool {
        self.of_pair.set(STEPS_A_PAIR);
        let days = |edit: &Judged<'_>| Span { from: first(edit.from), to: last(edit.to) };
        !wide.shadow
            // That an edit fails on everything is told of that edit.
            && *wide.condition != Bool::Const(true)
            && wide.unit == narrow.unit
            && narrow.claims.and(wide.claims) == narrow.claims
            && wide.severity >= narrow.severity
            && days(narrow).within(days(wide))
            && (wide.unless.is_none() || wide.unless == narrow.unless)
            && self.implies(narrow.condition, wide.condition)
    }

    /// Takes a step; false where there have been too many.
    fn step(&self) -> bool {
        let (left, of_pair) = (self.left.get(), self.of_pair.get());
        if left == 0 || of_pair == 0 {
            return false;
        }
        self.left.set(left - 1);
        self.of_pair.set(of_pair - 1);
        true
    }

    /// Whether these parts are never all true. `known` are days that are known to lie within bounds.
    fn contradicts(&self, parts: &[Bool], known: &[(&Day, Span)]) -> bool {
        if !self.step() {
            return false;
        }
        if parts.iter().any(|part| self.is_never(part, known)) {
            return true;
        }
        let mut bounds: Vec<(Bounded<'_>, Span)> = known.iter().map(|&(day, span)| (Bounded::Day(day), span)).collect();
        for part in parts {
            let Some((value, span)) = bounded(part) else { continue };
            let own = match bounds.iter_mut().find(|(own, _)| *own == value) {
                Some((_, own)) => {
                    *own = own.and(span);
                    *own
                }
                None => {
                    bounds.push((value, span));
                    span
                }
            };
            if possible(value, own).is_empty() {
                return true;
            }
        }
        let pairs = parts.iter().enumerate().flat_map(|(at, a)| parts.iter().skip(at + 1).map(move |b| (a, b)));
        pairs.into_iter().any(|(a, b)| self.step() && self.excludes(a, b))
    }

    fn is_never(&self, part: &Bool, known: &[(&Day, Span)]) -> bool {
        match part {
            Bool::Const(value) => !value,
            Bool::And(parts) => self.contradicts(parts, known),
            Bool::Or(parts) => parts.iter().all(|part| self.contradicts(std::slice::from_ref(part), known)),
            Bool::Exists(list, _, test) | Bool::ExistsOne(list, _, test) => {
                self.is_empty(list, known) || self.contradicts(std::slice::from_ref(test), known)
            }
            _ => false,
        }
    }

    fn is_empty(&self, list: &List, known: &[(&Day, Span)]) -> bool {
        match list {
            List::Filter(list, _, test) => {
                self.is_empty(list, known) || self.contradicts(std::slice::from_ref(test), known)
            }
            List::Map(list, ..) => self.is_empty(list, known),
            _ => false,
        }
    }

    /// Whether two parts are never both true.
    fn excludes(&self, a: &Bool, b: &Bool) -> bool {
        if let (Bool::Not(inner), other) | (other, Bool::Not(inner)) = (a, b)
            && (**inner == *other || self.implies(other, inner))
        {
            return true;
        }
        match (of_code(a, self.sets), of_code(b, self.sets)) {
            (Some((code, of_a)), Some((other, of_b))) if code == other => self.apart(code, &of_a, &of_b),
            _ => match (a, b) {
                (Bool::SameText(a), Bool::SameText(b)) => match (text_is(a), text_is(b)) {
                    (Some((text, a)), Some((other, b))) => text == other && a != b,
                    _ => false,
                },
                _ => false,
            },
        }
    }

    fn apart(&self, code: &CodeOp, a: &Codes<'_>, b: &Codes<'_>) -> bool {
        match (a, b) {
            (Codes::In(a), Codes::In(b)) => a.intersection(b).is_empty(),
            (Codes::In(a), Codes::NotIn(b)) | (Codes::NotIn(b), Codes::In(a)) => a.difference(b).is_empty(),
            (Codes::In(ranges), Codes::Starts(prefix)) | (Codes::Starts(prefix), Codes::In(ranges)) => {
                self.beginning(code, *prefix).is_some_and(|own| ranges.intersection(&own).is_empty())
            }
            (Codes::Bits(a), Codes::Bits(b)) => !a.iter().any(|own| b.contains(own)),
            _ => false,
        }
    }

    /// The codes of a code's system that begin so.
    fn beginning(&self, code: &CodeOp, prefix: Code) -> Option<Ranges> {
        let system = self.codeset.system(system_of(code)?)?;
        Some(Ranges::of([system.prefix(prefix)]))
    }

    /// Whether `b` is true wherever `a` is.
    fn implies(&self, a: &Bool, b: &Bool) -> bool {
        if !self.step() {
            return false;
        }
        if a == b || *b == Bool::Const(true) {
            return true;
        }
        if let Bool::And(parts) = b {
            return parts.iter().all(|part| self.implies(a, part));
        }
        if let Bool::Or(parts) = a {
            return parts.iter().all(|part| self.implies(part, b));
        }
        if let Bool::And(parts) = a
            && parts.iter().any(|part| self.implies(part, b))
        {
            return true;
        }
        if let Bool::Or(parts) = b {
            return parts.iter().any(|part| self.implies(a, part));
        }
        if let (Some((value, own)), Some((other, span))) = (bounded(a), bounded(b)) {
            return value == other && possible(value, own).within(possible(value, span));
        }
        if let (Some((code, of_a)), Some((other, of_b))) = (of_code(a, self.sets), of_code(b, self.sets)) {
            return code == other && self.narrower(code, &of_a, &of_b);
        }
        match (a, b) {
            (Bool::Exists(list, slot, test), Bool::Exists(other, other_slot, other_test)) => {
                list == other && slot == other_slot && self.implies(test, other_test)
            }
            _ => false,
        }
    }

    fn narrower(&self, code: &CodeOp, a: &Codes<'_>, b: &Codes<'_>) -> bool {
        match (a, b) {
            (Codes::In(a), Codes::In(b)) => a.difference(b).is_empty(),
            (Codes::In(a), Codes::NotIn(b)) => a.intersection(b).is_empty(),
            (Codes::NotIn(a), Codes::NotIn(b)) => b.difference(a).is_empty(),
            (Codes::In(ranges), Codes::Starts(prefix)) => {
                self.beginning(code, *prefix).is_some_and(|own| ranges.difference(&own).is_empty())
            }
            (Codes::Starts(a), Codes::Starts(b)) => a.starts_with(*b),
            (Codes::Bits(a), Codes::Bits(b)) => a.iter().all(|own| b.contains(own)),
            _ => false,
        }
    }
}

fn first(day: Option<Date>) -> i64 {
    day.map_or(i64::MIN, |day| i64::from(day.days()))
}

fn last(day: Option<Date>) -> i64 {
    day.map_or(i64::MAX, |day| i64::from(day.days()))
}

/// The value that a part compares with a constant, and where it stands when the part is true.
fn bounded(part: &Bool) -> Option<(Bounded<'_>, Span)> {
    let (part, denied) = match part {
        Bool::Not(inner) => (&**inner, true),
        other => (other, false),
    };
    let (value, compare, constant, value_is_left) = match part {
        Bool::Numbers(compare, parts) => match &**parts {
            [Number::Const(_), Number::Const(_)] => return None,
            [value, Number::Const(constant)] => (Bounded::Number(value), *compare, *constant, true),
            [Number::Const(constant), value] => (Bounded::Number(value), *compare, *constant, false),
            _ => return None,
        },
        Bool::Dates(compare, parts) => match &**parts {
            [Day::Const(_), Day::Const(_)] => return None,
            [value, Day::Const(constant)] => (Bounded::Day(value), *compare, i64::from(constant.days()), true),
            [Day::Const(constant), value] => (Bounded::Day(value), *compare, i64::from(constant.days()), false),
            _ => return None,
        },
        _ => return None,
    };
    let span = match (denied, compare) {
        (false, compare) => Span::of(compare, constant, value_is_left),
        // What is not less is the other way round.
        (true, Compare::Less) => Span::of(Compare::LessEqual, constant, !value_is_left),
        (true, Compare::LessEqual) => Span::of(Compare::Less, constant, !value_is_left),
        (true, Compare::Equal) => return None,
    };
    Some((value, span))
}

/// What is left of the span where the value counts something: whole numbers, none below zero, no thirteenth month.
fn possible(value: Bounded<'_>, span: Span) -> Span {
    const WHOLE: i64 = 1000;
    let Bounded::Number(number) = value else { return span };
    let natural = match number {
        Number::Month(_) => Span { from: WHOLE, to: 12 * WHOLE },
        Number::DayOfMonth(_) => Span { from: WHOLE, to: 31 * WHOLE },
        Number::AddOnType(_) => Span { from: 0, to: 3 * WHOLE },
        Number::Size(_) | Number::Length(_) | Number::AgeOn(_) | Number::AgeLow(_) | Number::AgeHigh(_) => {
            Span { from: 0, to: i64::MAX - WHOLE }
        }
        Number::LineOrdinal(_) | Number::Days(_) | Number::DaysBetween(_) | Number::Year(_) => {
            Span { from: i64::MIN + WHOLE, to: i64::MAX - WHOLE }
        }
        _ => return span,
    };
    let span = span.and(natural);
    if span.is_empty() {
        return span;
    }
    let below = span.to.div_euclid(WHOLE).saturating_mul(WHOLE);
    let above = span.from.div_euclid(WHOLE).saturating_mul(WHOLE);
    Span { from: if above < span.from { above.saturating_add(WHOLE) } else { above }, to: below }
}

/// The code that a part asks about, and which it leaves.
fn of_code<'b>(part: &'b Bool, sets: &'b Sets) -> Option<(&'b CodeOp, Codes<'b>)> {
    match part {
        Bool::InSet(code, set) => Some((code, Codes::In(&sets.get(*set)?.ranges))),
        Bool::CodeStarts(code, prefix) => Some((code, Codes::Starts(*prefix))),
        Bool::CodeIs(code, bits) => Some((code, Codes::Bits(vec![*bits]))),
        Bool::CodeIn(code, bits) => Some((code, Codes::Bits(bits.clone()))),
        Bool::Not(inner) => match &**inner {
            Bool::InSet(code, set) => Some((code, Codes::NotIn(&sets.get(*set)?.ranges))),
            _ => None,
        },
        _ => None,
    }
}

fn text_is(parts: &[TextOp; 2]) -> Option<(&TextOp, &str)> {
    match parts {
        [TextOp::Const(_), TextOp::Const(_)] => None,
        [text, TextOp::Const(constant)] | [TextOp::Const(constant), text] => Some((text, constant)),
        _ => None,
    }
}

/// The system of a code that is read from the claim.
fn system_of(code: &CodeOp) -> Option<SystemId> {
    match code {
        CodeOp::Procedure(_) => Some(SystemId::Procedure),
        CodeOp::Revenue(_) => Some(SystemId::Revenue),
        CodeOp::Place(_) => Some(SystemId::PlaceOfService),
        CodeOp::FirstDiagnosis | CodeOp::DiagnosisOfClaim(_) => Some(SystemId::Diagnosis),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::panic, clippy::unwrap_used)]

    use crate::{Policy, ProblemLevel};
    use codes::{Code, Date};
    use codeset::{Codeset, ImageBuilder, Release, Row, SystemBuilder, SystemId};

    fn codeset() -> Codeset {
        let day = |text: &str| Date::parse(text.as_bytes()).unwrap();
        let mut image = ImageBuilder::new();
        let systems: [(SystemId, &[&str]); 4] = [
            (SystemId::Procedure, &["10060", "99211", "99212", "99213", "J1100"]),
            (SystemId::Diagnosis, &["E119", "I10"]),
            (SystemId::Modifier, &["25", "59"]),
            (SystemId::PlaceOfService, &["11", "21"]),
        ];
        for ((id, codes), release) in systems.into_iter().zip(0u16..) {
            let mut system = SystemBuilder::new(id);
            for code in codes {
                system.add(Code::parse(code.as_bytes()).unwrap(), Row::new(day("2024-01-01"), None, release), None);
            }
            image.release(Release::new("test", id.name(), day("2024-01-01"), None));
            image.system(system).unwrap();
        }
        Codeset::from_bytes(&image.finish().unwrap()).unwrap()
    }

    /// What is told of the last of these edits: the first words after its id, or nothing.
    fn told(edits: &[&str]) -> Option<String> {
        let mut text = "[policy]\nid = \"T\"\nversion = \"1\"\nname = \"T\"\nsource = \"none\"\nfrom = 2025-01-01\n\
                        [applies]\npayers = [\"*\"]\n[sets.visits]\nsystem = \"procedures\"\ncodes = [\"9921*\"]\n"
            .to_owned();
        for (edit, number) in edits.iter().zip(1..) {
            let (condition, more) = edit.split_once(" ## ").unwrap_or((edit, ""));
            text.push_str(&format!(
                "[[edit]]\nid = \"E{number}\"\ntitle = \"t\"\nmessage = \"m\"\nfix = \"f\"\n{}\nfails_when = '''{condition}'''\n",
                more.replace(';', "\n")
            ));
        }
        let (_, warnings) = Policy::parse("t.toml", &text, &codeset()).unwrap_or_else(|error| panic!("{error}"));
        let own = format!("edit E{} ", edits.len());
        let mut about = warnings.iter().filter(|own| own.level() == ProblemLevel::Warning).map(|own| own.message());
        about.find_map(|message| message.strip_prefix(&own).filter(|rest| *rest != "has no example").map(str::to_owned))
    }

    #[test]
    fn a_condition_that_contradicts_itself_never_fails() {
        for condition in [
            "line.units > 5 && line.units < 3",
            "line.units > 5 && !(line.units > 4)",
            "line.units == 5 && (line.charge > 1 && line.units >= 6)",
            "size(line.modifiers) > 1 && size(line.modifiers) < 2",
            "size(lines) < 0 && line.units > 1",
            "month(line.date) == 13 && line.units > 1",
            "line.pos == \"11\" && line.pos == \"21\"",
            "line.pos in [\"11\", \"21\"] && !(line.pos in [\"11\", \"21\"])",
            "line.procedure == \"99213\" && !(line.procedure in sets.visits)",
            "line.procedure in sets.visits && line.procedure.startsWith(\"J\")",
            "claim.sex == \"F\" && claim.sex == \"M\"",
            "claim.payer == \"A\" && claim.payer == \"B\"",
            "line.date < \"2025-01-01\" && line.units > 1",
            "claim.date < \"2025-01-01\" && line.units > 1",
            "line.date > \"2025-06-30\" && line.units > 1 ## to = 2025-06-30",
            "has(line.note) && !has(line.note)",
            "claim.diagnoses.exists(d, d == \"I10\" && d == \"E119\")",
            "lines.filter(l, l.units > 2 && l.units < 1).exists(l, l.charge > 1)",
            "(line.units > 2 && line.units < 1) || (line.charge > 2 && line.charge < 1)",
            "line.units > 2 && line.pos == \"11\" ## unless = 'line.units > 1'",
        ] {
            assert_eq!(told(&[condition]).as_deref(), Some("never fails"), "{condition}");
        }
    }

    #[test]
    fn an_edit_that_fails_only_where_another_does_is_shadowed() {
        for (wide, narrow) in [
            ("line.procedure in sets.visits", "line.procedure == \"99213\" && line.units > 1"),
            ("line.units > 3", "line.units >= 4 && line.pos == \"11\""),
            ("line.units > 3 || line.charge > 10", "line.charge > 20"),
            ("line.procedure.startsWith(\"9921\")", "line.procedure == \"99212\""),
            ("line.date >= \"2025-06-01\"", "line.date > \"2025-06-01\" && line.units > 1"),
            ("lines.exists(o, o.units > 3)", "lines.exists(o, o.units > 3 && o.pos == \"11\")"),
            ("line.units > 3", "line.units > 3 ## from = 2025-02-01"),
            ("line.units > 3", "line.units > 4 ## severity = \"info\""),
            ("line.units > 3", "line.units > 3 ## unless = '\"25\" in line.modifiers'"),
            ("!(line.procedure == \"99213\")", "!(line.procedure in sets.visits)"),
        ] {
            assert_eq!(told(&[wide, narrow]).as_deref(), Some("is shadowed by E1"), "{narrow} by {wide}");
        }
        // Nor does it matter which stands first, but for two that are the same.
        assert_eq!(told(&["line.units > 4", "line.units > 3"]), None);
        assert_eq!(told(&["line.units > 3", "line.units > 3"]).as_deref(), Some("is shadowed by E1"));
    }

    #[test]
    fn an_edit_that_says_something_of_its_own_is_not_told_of() {
        for (first, second) in [
            ("line.units > 5", "line.units > 3 ## severity = \"info\""),
            ("line.units > 3 ## severity = \"warning\"", "line.units > 5"),
            ("line.units > 3 ## shadow = true", "line.units > 5"),
            ("line.units > 3", "line.units > 5 ## shadow = true"),
            ("line.units > 3 ## to = 2025-12-31", "line.units > 5"),
            ("line.units > 3 ## claim_types = [\"P\"]", "line.units > 5"),
            ("line.units > 3 ## unit = \"line\";unless = 'line.pos == \"11\"'", "line.units > 5"),
            ("line.procedure == \"99213\"", "line.procedure in sets.visits"),
            ("line.units > 3", "line.charge > 5"),
            ("line.modifiers.exists(m, m == \"25\")", "line.modifiers.exists(m, m == \"59\")"),
            ("line.units > 3 && line.units < 9", "line.units > 2"),
            ("\"25\" in line.modifiers && \"59\" in line.modifiers", "\"25\" in line.modifiers"),
            ("true", "line.units > 5"),
        ] {
            assert_eq!(told(&[first, second]), None, "{second} beside {first}");
        }
    }
}
