//! Hierarchical levels: their numbers, their parents, and whether those that say they have children do.

use super::Issue;
use crate::x12::segment::Segment;
use crate::{Fault, Place, Shown, Structure, Tag};

/// The levels of an 837, each within the one before: billing provider, subscriber, patient.
const LEVELS: [&[u8]; 3] = [b"20", b"22", b"23"];

/// Follows the hierarchical levels of a transaction set.
#[derive(Clone, Default)]
pub(super) struct Hierarchy {
    /// The number of the last level.
    last: u64,
    /// The levels that are open.
    open: [Option<Level>; 3],
}

/// A level that is open.
#[derive(Clone, Copy)]
struct Level {
    number: Tag,
    /// Whether it says that it has subordinate levels.
    says: Option<bool>,
    /// Whether it has.
    has: bool,
    place: Place,
    position: u32,
}

impl Hierarchy {
    /// Checks the next HL.
    pub(super) fn level(&mut self, segment: &Segment<'_>, at: Structure, issues: &mut Vec<Issue>) {
        let [_, number, parent, code, child] = segment.elements::<5>();
        let tell = |fault, element, expected, found| {
            let structure = Structure { fault, element, expected, found, ..at };
            Issue { structure, place: segment.place }
        };
        let given = std::str::from_utf8(number).ok().and_then(|number| number.parse::<u64>().ok());
        let expected = self.last.saturating_add(1);
        if given != Some(expected) && !number.is_empty() {
            issues.push(tell(Fault::LevelNumber, 1, Shown::Count(expected), Shown::Code(Tag::new(number))));
        }
        // One number that is wrong is told once: the next are counted from it.
        self.last = given.unwrap_or(expected);
        let Some(depth) = LEVELS.iter().position(|&level| level == code) else { return };
        self.close(depth, issues);
        let level = Level {
            number: Tag::new(number),
            says: match child {
                b"0" => Some(false),
                b"1" => Some(true),
                _ => None,
            },
            has: false,
            place: segment.place,
            position: at.position,
        };
        if let Some(above) = depth.checked_sub(1).and_then(|above| self.open.get_mut(above)) {
            match above {
                Some(above) => {
                    above.has = true;
                    if above.number != Tag::new(parent) {
                        let (expected, found) = (Shown::Code(above.number), Shown::Code(Tag::new(parent)));
                        issues.push(tell(Fault::LevelParent, 2, expected, found));
                    }
                }
                // That the level above is missing, the walk through the guide tells.
                None => {}
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
                fault: Fault::LevelChild,
                segment: Tag::new(b"HL"),
                qualifier: Tag::new(LEVELS.get(at).copied().unwrap_or_default()),
                in_loop: if at == 1 { "2000B" } else { "2000C" },
                position: level.position,
                element: 4,
                component: 0,
                data_element: 736,
                expected: Shown::Count(u64::from(level.has)),
                found: Shown::Count(u64::from(!level.has)),
            };
            issues.push(Issue { structure, place: level.place });
        }
    }

    /// The transaction set ends.
    pub(super) fn end(&mut self, issues: &mut Vec<Issue>) {
        self.close(0, issues);
    }
}
