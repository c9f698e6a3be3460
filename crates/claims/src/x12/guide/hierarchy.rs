//! Hierarchical levels: their numbers, their parents, and whether those that say they have children do; and the numbers
//! of a claim's lines.

use super::Issue;
use crate::x12::head::Level;
use crate::x12::segment::Segment;
use crate::{Fault, Place, Shown, Structure, Tag};

/// The levels of an 837, each within the one before: billing provider, subscriber, patient. HL03 and loop of each.
const LEVELS: [(&str, &str); 3] = [("20", "2000A"), ("22", "2000B"), ("23", "2000C")];

/// How deep a level is: its place in [`LEVELS`].
pub(super) fn depth(level: Level) -> usize {
    match level {
        Level::Patient => 2,
        Level::Subscriber => 1,
        _ => 0,
    }
}

/// Follows the hierarchical levels of a transaction set.
#[derive(Clone)]
pub(super) struct Hierarchy {
    /// The number of the next level; not known after one without a number.
    next: Option<u64>,
    /// The levels that are open.
    open: [Option<OpenLevel>; 3],
}

/// A level that is open.
#[derive(Clone, Copy)]
struct OpenLevel {
    number: Tag,
    /// Whether it says that it has subordinate levels.
    says: Option<bool>,
    /// Whether it has.
    has: bool,
    place: Place,
    position: u32,
}

impl Default for Hierarchy {
    fn default() -> Hierarchy {
        Hierarchy { next: Some(1), open: [None; 3] }
    }
}

impl Hierarchy {
    /// Checks the next HL; `position` is its place in the transaction set.
    pub(super) fn level(&mut self, level: Level, segment: &Segment<'_>, position: u32, issues: &mut Vec<Issue>) {
        let [_, number, parent, _, child] = segment.elements::<5>();
        let depth = depth(level);
        let tell = |fault, element, expected, found| {
            let structure = Structure { element, expected, found, ..about(fault, depth, position) };
            Issue { structure, place: segment.place }
        };
        let given = number_of(number);
        if let (Some(expected), false) = (self.next, number.is_empty())
            && given != Some(expected)
        {
            issues.push(tell(Fault::LevelNumber, 1, Shown::Count(expected), Shown::Code(Tag::new(number))));
        }
        // One number that is wrong is told once: the next are counted from it.
        self.next = given.map(|given| given.saturating_add(1));
        self.close(depth, issues);
        let level = OpenLevel {
            number: Tag::new(number),
            says: match child {
                b"0" => Some(false),
                b"1" => Some(true),
                _ => None,
            },
            has: false,
            place: segment.place,
            position,
        };
        // That the level above is missing, the walk through the guide tells.
        if let Some(Some(above)) = depth.checked_sub(1).and_then(|above| self.open.get_mut(above)) {
            above.has = true;
            if above.number != Tag::new(parent) {
                let (expected, found) = (Shown::Code(above.number), Shown::Code(Tag::new(parent)));
                issues.push(tell(Fault::LevelParent, 2, expected, found));
            }
        }
        if let Some(slot) = self.open.get_mut(depth) {
            *slot = Some(level);
        }
    }

    /// Closes the levels from this depth on.
    fn close(&mut self, depth: usize, issues: &mut Vec<Issue>) {
        for (at, slot) in self.open.iter_mut().enumerate().skip(depth) {
            let Some(level) = slot.take() else { continue };
            // A billing provider without subscribers is a loop that is missing.
            if at == 0 || level.says.is_none_or(|says| says == level.has) {
                continue;
            }
            let structure = Structure {
                element: 4,
                data_element: 736,
                expected: Shown::Count(u64::from(level.has)),
                found: Shown::Count(u64::from(!level.has)),
                ..about(Fault::LevelChild, at, level.position)
            };
            issues.push(Issue { structure, place: level.place });
        }
    }

    /// The transaction set ends.
    pub(super) fn end(&mut self, issues: &mut Vec<Issue>) {
        self.close(0, issues);
    }
}

/// Follows the numbers of a claim's lines (LX).
#[derive(Clone)]
pub(super) struct Lines {
    /// The number of the next line; not known after one without a number.
    next: Option<u64>,
}

impl Default for Lines {
    fn default() -> Lines {
        Lines { next: Some(1) }
    }
}

impl Lines {
    /// Checks the next LX; `position` is its place in the transaction set.
    pub(super) fn line(&mut self, segment: &Segment<'_>, position: u32, issues: &mut Vec<Issue>) {
        let number = segment.trimmed(1);
        let given = number_of(number);
        if let (Some(expected), false) = (self.next, number.is_empty())
            && given != Some(expected)
        {
            let structure = Structure {
                fault: Fault::LineNumber,
                segment: Tag::new(b"LX"),
                qualifier: Tag::default(),
                in_loop: "2400",
                position,
                element: 1,
                component: 0,
                data_element: 554,
                expected: Shown::Count(expected),
                found: Shown::Code(Tag::new(number)),
            };
            issues.push(Issue { structure, place: segment.place });
        }
        // As of levels: one number that is wrong is told once.
        self.next = given.map(|given| given.saturating_add(1));
    }
}

fn number_of(text: &[u8]) -> Option<u64> {
    std::str::from_utf8(text).ok()?.parse().ok()
}

/// A fault of an HL of this depth.
fn about(fault: Fault, depth: usize, position: u32) -> Structure {
    let (code, in_loop) = LEVELS.get(depth).copied().unwrap_or_default();
    Structure {
        fault,
        segment: Tag::new(b"HL"),
        qualifier: Tag::new(code.as_bytes()),
        in_loop,
        position,
        element: 0,
        component: 0,
        data_element: 0,
        expected: Shown::Nothing,
        found: Shown::Nothing,
    }
}
