//! Amounts of other payers that must add up.
//!
//! That a claim's total is the sum of its lines' charges is another edit's (CLM001): it holds in every format.

use super::Issue;
use crate::x12::id::Id;
use crate::x12::segment::Segment;
use crate::{Fault, Place, Shown, Structure, Tag};
use codes::Money;

/// The most other payers of a claim, by the guides.
const MOST_PAYERS: usize = 10;
/// The elements of a CAS that hold amounts.
const AMOUNTS: [usize; 6] = [3, 6, 9, 12, 15, 18];

/// What a segment says of amounts.
#[derive(Clone, Copy)]
pub(super) enum Part {
    /// Another payer begins.
    Payer,
    /// What it adjusted of the claim as a whole.
    Adjustments,
    /// An amount that it says of the claim.
    Amount,
    PayerId,
    /// A line begins.
    Line,
    /// What the line costs stands in this element.
    Charge(u8),
    /// What another payer paid for the line.
    Decision,
    /// What it adjusted of the line.
    LineAdjustments,
}

impl Part {
    /// What segments of this id say that stand in this loop.
    pub(super) fn of(id: Id, in_loop: &str) -> Option<Part> {
        Some(match (id, in_loop) {
            (Id::SBR, "2320") => Part::Payer,
            (Id::CAS, "2320") => Part::Adjustments,
            (Id::AMT, "2320") => Part::Amount,
            (Id::NM1, "2330B") => Part::PayerId,
            (Id::LX, _) => Part::Line,
            (Id::SV1 | Id::SV3, "2400") => Part::Charge(2),
            (Id::SV2, "2400") => Part::Charge(3),
            (Id::SVD, "2430") => Part::Decision,
            (Id::CAS, "2430") => Part::LineAdjustments,
            _ => return None,
        })
    }
}

/// Follows the amounts of one claim.
#[derive(Clone, Default)]
pub(super) struct Balance {
    payers: Vec<Payer>,
    line: Option<Line>,
    /// What the line costs.
    charge: Option<Money>,
}

/// Another payer of the claim.
#[derive(Clone, Default)]
struct Payer {
    /// What lines call it by.
    id: Vec<u8>,
    /// What it paid for the claim, and where that stands.
    paid: Option<(Money, Place, u32)>,
    /// Its adjustments of the claim as a whole.
    adjusted: Cents,
    /// What it paid for the lines.
    lines: Cents,
    /// Whether it paid for any line by itself.
    has_lines: bool,
}

/// What another payer paid for the line that is open.
#[derive(Clone)]
struct Line {
    paid: Cents,
    adjusted: Cents,
    /// Whether the payer judged the line together with others.
    bundled: bool,
    place: Place,
    position: u32,
}

/// A sum of amounts; none when one of them could not be read.
#[derive(Clone, Copy)]
struct Cents(Option<i64>);

impl Default for Cents {
    fn default() -> Cents {
        Cents(Some(0))
    }
}

impl Cents {
    fn add(&mut self, other: Cents) {
        self.0 = self.0.and_then(|sum| sum.checked_add(other.0?));
    }

    fn read(text: &[u8]) -> Cents {
        Cents(if text.is_empty() { Some(0) } else { Money::parse(text).map(Money::cents) })
    }

    /// The amounts of a CAS.
    fn adjustments(segment: &Segment<'_>) -> Cents {
        let mut sum = Cents::default();
        for element in AMOUNTS {
            sum.add(Cents::read(segment.element(element)));
        }
        sum
    }
}

impl Balance {
    /// Takes what a segment says of amounts.
    pub(super) fn segment(&mut self, part: Part, segment: &Segment<'_>, position: u32, issues: &mut Vec<Issue>) {
        match part {
            Part::Payer if self.payers.len() < MOST_PAYERS => self.payers.push(Payer::default()),
            Part::Payer => {}
            Part::Adjustments => {
                if let Some(payer) = self.payers.last_mut() {
                    payer.adjusted.add(Cents::adjustments(segment));
                }
            }
            Part::Amount if segment.element(1) == b"D" => {
                if let (Some(payer), Some(amount)) = (self.payers.last_mut(), Money::parse(segment.element(2))) {
                    payer.paid = Some((amount, segment.place, position));
                }
            }
            Part::Amount => {}
            Part::PayerId => {
                if let Some(payer) = self.payers.last_mut() {
                    payer.id = segment.element(9).to_vec();
                }
            }
            Part::Line => {
                self.end_adjudication(issues);
                self.charge = None;
            }
            Part::Charge(element) => self.charge = Money::parse(segment.element(element.into())),
            Part::Decision => {
                self.end_adjudication(issues);
                let paid = Cents::read(segment.element(2));
                let bundled = !segment.element(6).is_empty();
                let id = segment.element(1);
                if let Some(payer) = self.payers.iter_mut().find(|payer| payer.id == id) {
                    payer.lines.add(paid);
                    payer.has_lines = true;
                }
                self.line = Some(Line { paid, adjusted: Cents::default(), bundled, place: segment.place, position });
            }
            Part::LineAdjustments => {
                if let Some(line) = &mut self.line {
                    line.adjusted.add(Cents::adjustments(segment));
                }
            }
        }
    }

    /// What another payer paid for a line is known whole.
    fn end_adjudication(&mut self, issues: &mut Vec<Issue>) {
        let Some(mut line) = self.line.take() else { return };
        line.paid.add(line.adjusted);
        if let (Some(charge), Some(sum), false) = (self.charge, line.paid.0, line.bundled)
            && charge.cents() != sum
        {
            issues.push(issue(Fault::LineUnbalanced, b"SVD", "2430", line.place, line.position, charge, sum));
        }
    }

    /// The claim ends.
    pub(super) fn end(&mut self, issues: &mut Vec<Issue>) {
        self.end_adjudication(issues);
        self.charge = None;
        for payer in self.payers.drain(..) {
            if let (true, Some((paid, place, position)), Some(lines), Some(adjusted)) =
                (payer.has_lines, payer.paid, payer.lines.0, payer.adjusted.0)
                && let Some(sum) = lines.checked_sub(adjusted)
                && paid.cents() != sum
            {
                issues.push(issue(
                    Fault::PaidUnbalanced,
                    b"AMT",
                    "2320",
                    place,
                    position,
                    Money::from_cents(sum),
                    paid.cents(),
                ));
            }
        }
    }
}

fn issue(
    fault: Fault,
    id: &[u8],
    in_loop: &'static str,
    place: Place,
    position: u32,
    expected: Money,
    found: i64,
) -> Issue {
    let structure = Structure {
        fault,
        segment: Tag::new(id),
        qualifier: Tag::default(),
        in_loop,
        position,
        element: 2,
        component: 0,
        data_element: 782,
        expected: Shown::Amount(expected),
        found: Shown::Amount(Money::from_cents(found)),
    };
    Issue { structure, place }
}
