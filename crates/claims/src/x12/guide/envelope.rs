//! Envelopes: interchanges, functional groups and transaction sets, their counts and control numbers.

use super::table::Guide;
use super::{Issue, Memory, element};
use crate::x12::id::Id;
use crate::x12::segment::Segment;
use crate::x12::track::is_837;
use crate::{Fault, Place, Shown, Structure, Tag};
use std::collections::HashSet;

/// GS01 of a group of claims, X12 data element 479.
const CLAIMS: &[u8] = b"HC";

/// How many control numbers of one envelope are kept to find those that repeat.
const MOST_CONTROLS: usize = 1 << 16;

/// How much of a control number is compared.
const MOST_RAW: usize = 64;

/// Follows the envelopes of an input. It is fed their segments alone, in order.
#[derive(Default)]
pub(crate) struct Envelopes {
    interchange: Option<Open>,
    group: Option<Open>,
    set: Option<Open>,
    /// Whether the input was told to have no interchange, or no group.
    bare: [bool; 2],
    memory: Memory,
}

/// An envelope that is open.
struct Open {
    /// Its header.
    place: Place,
    control: Tag,
    /// The same as it stands there, which may be what the trailer has not.
    raw: Vec<u8>,
    /// Of a group, GS01.
    functional: Tag,
    /// Of a group, GS08.
    version: Tag,
    /// The envelopes in it.
    count: u64,
    /// Their control numbers.
    controls: Controls,
}

/// Control numbers. Writers count up, so nearly each is greater than all before it and goes to the end of a sorted list.
#[derive(Default)]
struct Controls {
    rising: Vec<u128>,
    others: HashSet<u128>,
}

impl Controls {
    fn len(&self) -> usize {
        self.rising.len() + self.others.len()
    }

    /// Adds one; answers whether it was there before.
    fn add(&mut self, control: Tag) -> bool {
        let number = control.as_str().bytes().fold(0, |number, byte| number << 8 | u128::from(byte));
        if self.rising.last().is_none_or(|&last| last < number) {
            self.rising.push(number);
            return false;
        }
        self.rising.binary_search(&number).is_ok() || !self.others.insert(number)
    }
}

impl Open {
    fn new(segment: &Segment<'_>, control: usize) -> Open {
        let of_group = |element: usize| match segment.id == Id::GS {
            true => Tag::new(segment.element(element).trim_ascii()),
            false => Tag::default(),
        };
        Open {
            place: segment.place,
            control: Tag::new(segment.element(control).trim_ascii()),
            raw: segment.element(control).get(..MOST_RAW).unwrap_or(segment.element(control)).to_vec(),
            functional: of_group(1),
            version: of_group(8),
            count: 0,
            controls: Controls::default(),
        }
    }

    /// Counts an envelope in this one; answers whether its control number was there before.
    fn count(&mut self, control: Tag) -> bool {
        self.count += 1;
        !control.is_empty() && self.controls.len() < MOST_CONTROLS && self.controls.add(control)
    }
}

impl Envelopes {
    /// Checks the next segment of an envelope: ISA, GS, ST, SE, GE or IEA.
    pub(crate) fn segment(&mut self, segment: &Segment<'_>, issues: &mut Vec<Issue>) {
        let id = segment.id;
        match id {
            Id::ISA => {
                self.close_interchange(segment.place, issues);
                self.elements(segment, 0, issues);
                self.interchange = Some(Open::new(segment, 13));
            }
            Id::GS => {
                self.close_group(segment.place, issues);
                self.need(0, segment, issues);
                self.elements(segment, 0, issues);
                let group = Open::new(segment, 6);
                let repeats = self.interchange.as_mut().is_some_and(|interchange| interchange.count(group.control));
                repeated(repeats, segment, 6, 0, group.control, issues);
                self.group = Some(group);
            }
            Id::ST => {
                self.close_set(segment.place, issues);
                self.need(1, segment, issues);
                self.elements(segment, 1, issues);
                let set = Open::new(segment, 2);
                let repeats = self.group.as_mut().is_some_and(|group| group.count(set.control));
                repeated(repeats, segment, 2, 1, set.control, issues);
                self.agrees(segment, issues);
                self.set = Some(set);
            }
            Id::SE => {
                let set = self.set.take();
                let count = set.as_ref().map(|set| segment.place.row.saturating_sub(set.place.row) + 1);
                self.trailer(segment, set, count, issues);
            }
            Id::GE => {
                self.close_set(segment.place, issues);
                let group = self.group.take();
                let count = group.as_ref().map(|group| group.count);
                self.trailer(segment, group, count, issues);
            }
            Id::IEA => {
                self.close_group(segment.place, issues);
                let interchange = self.interchange.take();
                let count = interchange.as_ref().map(|interchange| interchange.count);
                self.trailer(segment, interchange, count, issues);
            }
            _ => {}
        }
    }

    /// The input ends here.
    pub(crate) fn end(&mut self, place: Place, issues: &mut Vec<Issue>) {
        self.close_interchange(place, issues);
    }

    /// The place of a segment in the transaction set that is open, its ST being 1; 0 where none is.
    pub(crate) fn position(&self, place: Place) -> u32 {
        let from = self.set.as_ref().map(|set| set.place.row);
        from.map_or(0, |from| u32::try_from(place.row.saturating_sub(from) + 1).unwrap_or(u32::MAX))
    }

    /// Reports an envelope around a header that is not there: once an input.
    fn need(&mut self, level: usize, segment: &Segment<'_>, issues: &mut Vec<Issue>) {
        let (open, id) = if level == 0 { (&self.interchange, "ISA") } else { (&self.group, "GS") };
        if open.is_none() && !std::mem::replace(&mut self.bare[level], true) {
            issues.push(issue(Fault::NoHeader, id, segment.place, 0));
        }
    }

    /// Checks the elements of a header or trailer.
    fn elements(&mut self, segment: &Segment<'_>, position: u32, issues: &mut Vec<Issue>) {
        let Some(rule) = Guide::envelope().top(segment.id) else { return };
        let at = || issue(Fault::BadCode, rule.id, segment.place, position).structure;
        // An ISA holds the separators themselves.
        if segment.id == Id::ISA {
            return element::check(rule, segment, at, issues);
        }
        self.memory.prepare(segment.separators);
        if !self.memory.shapes.has(rule, segment) {
            self.memory.check(rule, segment, at, issues);
        }
    }

    /// Checks that a transaction set of claims is what its group says: claims, and of that guide. A receiver may go by either.
    fn agrees(&self, st: &Segment<'_>, issues: &mut Vec<Issue>) {
        let Some(group) = self.group.as_ref().filter(|_| is_837(st)) else { return };
        let mut differ = |fault, element, data_element, expected: Tag, found: Tag| {
            if !expected.is_empty() && !found.is_empty() && expected != found {
                let mut issue = issue(fault, "ST", st.place, 1);
                (issue.structure.element, issue.structure.data_element) = (element, data_element);
                (issue.structure.expected, issue.structure.found) = (Shown::Code(expected), Shown::Code(found));
                issues.push(issue);
            }
        };
        differ(Fault::GroupDisagrees, 1, 143, Tag::new(CLAIMS), group.functional);
        differ(Fault::GuideDisagrees, 3, 1705, group.version, Tag::new(st.element(3).trim_ascii()));
    }

    fn trailer(&mut self, segment: &Segment<'_>, open: Option<Open>, count: Option<u64>, issues: &mut Vec<Issue>) {
        let position = if segment.id == Id::SE { count.unwrap_or_default() as u32 } else { 0 };
        let Some(rule) = Guide::envelope().top(segment.id) else { return };
        let (Some(open), Some(count)) = (open, count) else {
            issues.push(issue(Fault::NoHeader, header_of(rule.id), segment.place, position));
            return;
        };
        self.elements(segment, position, issues);
        let given = segment.element(1).trim_ascii();
        let number = std::str::from_utf8(given).ok().and_then(|given| given.parse::<u64>().ok());
        if !given.is_empty() && number != Some(count) {
            let mut issue = issue(Fault::Count, rule.id, segment.place, position);
            issue.structure.element = 1;
            (issue.structure.expected, issue.structure.found) = (Shown::Count(count), Shown::Code(Tag::new(given)));
            issues.push(issue);
        }
        let control = Tag::new(segment.element(2).trim_ascii());
        let raw = segment.element(2).get(..MOST_RAW).unwrap_or(segment.element(2));
        if raw != open.raw {
            let mut issue = issue(Fault::ControlNumber, rule.id, segment.place, position);
            issue.structure.element = 2;
            (issue.structure.expected, issue.structure.found) = (Shown::Code(open.control), Shown::Code(control));
            issues.push(issue);
        }
    }

    fn close_set(&mut self, place: Place, issues: &mut Vec<Issue>) {
        let position = self.position(place);
        if self.set.take().is_some() {
            issues.push(issue(Fault::NoTrailer, "SE", place, position));
        }
    }

    fn close_group(&mut self, place: Place, issues: &mut Vec<Issue>) {
        self.close_set(place, issues);
        if self.group.take().is_some() {
            issues.push(issue(Fault::NoTrailer, "GE", place, 0));
        }
    }

    fn close_interchange(&mut self, place: Place, issues: &mut Vec<Issue>) {
        self.close_group(place, issues);
        if self.interchange.take().is_some() {
            issues.push(issue(Fault::NoTrailer, "IEA", place, 0));
        }
    }
}

/// The header that a trailer closes.
fn header_of(trailer: &str) -> &'static str {
    match trailer {
        "SE" => "ST",
        "GE" => "GS",
        _ => "ISA",
    }
}

fn repeated(repeats: bool, segment: &Segment<'_>, element: u8, position: u32, control: Tag, issues: &mut Vec<Issue>) {
    if repeats {
        let id = if position == 1 { "ST" } else { "GS" };
        let mut issue = issue(Fault::ControlNumberRepeats, id, segment.place, position);
        (issue.structure.element, issue.structure.found) = (element, Shown::Code(control));
        issues.push(issue);
    }
}

fn issue(fault: Fault, id: &str, place: Place, position: u32) -> Issue {
    let structure = Structure {
        fault,
        segment: Tag::new(id.as_bytes()),
        qualifier: Tag::default(),
        in_loop: "",
        position,
        element: 0,
        component: 0,
        data_element: 0,
        expected: Shown::Nothing,
        found: Shown::Nothing,
    };
    Issue { structure, place }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn control_numbers_that_were_there_are_found_in_any_order() {
        let (mut controls, mut all, mut state) = (Controls::default(), HashSet::new(), 1u64);
        for step in 0..4_000u64 {
            state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
            let number = if step % 5 == 0 { (state >> 33) % 9_000 } else { 7_000 + step };
            let control = Tag::new(format!("{number:04}").as_bytes());
            assert_eq!(controls.add(control), !all.insert(control));
            assert_eq!(controls.len(), all.len());
        }
    }
}
