//! What the guides require in some situations: segments and elements that hang on what stands elsewhere.
//!
//! Few of their rules can be judged from the claim alone; these can.

use super::Issue;
use crate::x12::id::Id;
use crate::x12::segment::Segment;
use crate::{Fault, Place, Shown, Structure, Tag};

const SELF: &str = "the patient is the subscriber (SBR02 is 18)";
const NO_PATIENT: &str = "no patient level follows, so that the subscriber is the patient";
const AUTO: &str = "the claim is due to an auto accident (CLM11 holds AA)";
const ACCIDENT: &str = "the claim is due to an accident (CLM11 holds AA or OA)";
const ATTACHED: &str = "the attachment is sent apart from the claim (PWK02)";

/// What a segment says that situations hang on.
#[derive(Clone, Copy)]
pub(super) enum Part {
    Subscriber,
    /// The subscriber's N3, N4 or DMG, as 0, 1 or 2.
    OfSubscriber(u8),
    Claim,
    /// A date of the claim.
    Date,
    Attachment,
}

impl Part {
    /// What segments of this id say by this version of the guides that stand in this loop.
    pub(super) fn of(version: &str, id: Id, in_loop: &str) -> Option<Part> {
        // The guides of 4010 had other rules.
        if !version.starts_with("005010") {
            return None;
        }
        Some(match (id, in_loop) {
            (Id::SBR, "2000B") => Part::Subscriber,
            (Id::N3, "2010BA") => Part::OfSubscriber(0),
            (Id::N4, "2010BA") => Part::OfSubscriber(1),
            (Id::DMG, "2010BA") => Part::OfSubscriber(2),
            (Id::CLM, _) => Part::Claim,
            (Id::DTP, "2300") => Part::Date,
            (Id::PWK, "2300" | "2400") => Part::Attachment,
            _ => return None,
        })
    }
}

/// Follows what situations hang on.
#[derive(Clone, Default)]
pub(super) struct Situation {
    /// The subscriber's level, while its own claims or patients may follow.
    subscriber: Option<Subscriber>,
    /// The claim that is open and due to an accident, and whether its date was given.
    accident: Option<(Place, u32, bool)>,
}

#[derive(Clone, Copy)]
struct Subscriber {
    place: Place,
    position: u32,
    /// SBR02.
    relation: [u8; 2],
    /// Whether 2010BA has an N3, an N4 and a DMG.
    has: [bool; 3],
    /// Whether it was judged.
    judged: bool,
}

impl Situation {
    /// Takes what a segment says, which stands in this loop; `version` is the guide's.
    pub(super) fn segment(
        &mut self,
        part: Part,
        version: &str,
        in_loop: &'static str,
        segment: &Segment<'_>,
        position: u32,
        issues: &mut Vec<Issue>,
    ) {
        let place = segment.place;
        match part {
            Part::Subscriber => {
                let relation = <[u8; 2]>::try_from(segment.element(2)).unwrap_or_default();
                self.subscriber = Some(Subscriber { place, position, relation, has: [false; 3], judged: false });
            }
            Part::OfSubscriber(at) => {
                if let Some(has) = self.subscriber.as_mut().and_then(|own| own.has.get_mut(usize::from(at))) {
                    *has = true;
                }
            }
            Part::Claim => {
                self.end_claim(version, issues);
                self.claim_of_subscriber(issues);
                let causes = segment.element(11);
                let has = |cause: &[u8]| (1..=3).any(|part| segment.component_of(causes, part) == cause);
                if has(b"AA") && segment.component_of(causes, 4).is_empty() {
                    issues.push(issue("CLM", "2300", (11, 4, 156), AUTO, place, position));
                }
                self.accident = (has(b"AA") || has(b"OA")).then_some((place, position, false));
            }
            Part::Date if segment.element(1) == b"439" => {
                if let Some(accident) = &mut self.accident {
                    accident.2 = true;
                }
            }
            Part::Attachment => {
                let apart = matches!(segment.element(2), b"BM" | b"EL" | b"EM" | b"FX" | b"FT");
                if apart && segment.element(6).is_empty() {
                    issues.push(issue("PWK", in_loop, (6, 0, 67), ATTACHED, place, position));
                }
            }
            Part::Date => {}
        }
    }

    /// A level begins: the subscriber's own claims, if it had any, are over.
    pub(super) fn level(&mut self) {
        self.subscriber = None;
    }

    /// The level at hand had claims before.
    pub(super) fn claims_before(&mut self) {
        if let Some(subscriber) = &mut self.subscriber {
            subscriber.judged = true;
        }
    }

    /// A claim stands at the subscriber's level.
    fn claim_of_subscriber(&mut self, issues: &mut Vec<Issue>) {
        let Some(subscriber) = self.subscriber.as_mut().filter(|subscriber| !subscriber.judged) else { return };
        subscriber.judged = true;
        let (place, position) = (subscriber.place, subscriber.position);
        match &subscriber.relation {
            b"18" => {
                for (id, has) in ["N3", "N4", "DMG"].into_iter().zip(subscriber.has) {
                    if !has {
                        issues.push(issue(id, "2010BA", (0, 0, 0), SELF, place, position));
                    }
                }
            }
            [0, 0] => issues.push(issue("SBR", "2000B", (2, 0, 1069), NO_PATIENT, place, position)),
            // A relation of another kind is a bad code.
            _ => {}
        }
    }

    /// The claim ends.
    pub(super) fn end_claim(&mut self, version: &str, issues: &mut Vec<Issue>) {
        // The institutional guide has no date of an accident.
        if let Some((place, position, false)) = self.accident.take()
            && !version.starts_with("005010X223")
        {
            let mut issue = issue("DTP", "2300", (0, 0, 0), ACCIDENT, place, position);
            issue.structure.qualifier = Tag::new(b"439");
            issues.push(issue);
        }
    }
}

/// The issue of what is missing: a segment, or an element, its component and data element.
fn issue(
    id: &str,
    in_loop: &'static str,
    (element, component, data_element): (u8, u8, u16),
    rule: &'static str,
    place: Place,
    position: u32,
) -> Issue {
    let structure = Structure {
        fault: Fault::Situational,
        segment: Tag::new(id.as_bytes()),
        qualifier: Tag::default(),
        in_loop,
        position,
        element,
        component,
        data_element,
        expected: Shown::Rule(rule),
        found: Shown::Nothing,
    };
    Issue { structure, place }
}
