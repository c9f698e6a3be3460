//! 999: transaction sets, by their structure. Codes: X12 data elements 620, 621, 618 and 716.

use super::output::{Output, cut};
use claims::{Envelope, Fault, Shown, Structure, TraceSegment};

/// The most codes of IK5 and AK9.
const MOST_CODES: usize = 5;

/// The state of a 999.
#[derive(Default)]
pub(super) struct Implementation {
    group: Option<Group>,
    set: Option<Set>,
    /// Faults of a group while no set is open.
    group_codes: Vec<&'static str>,
}

struct Group {
    received: u64,
    accepted: u64,
    with_errors: u64,
    said: String,
}

struct Set {
    st: TraceSegment,
    version: String,
    faults: Vec<Structure>,
    codes: Vec<&'static str>,
}

impl Implementation {
    /// Answers a group, unless it is being answered.
    pub(super) fn begin_group(&mut self, gs: &TraceSegment, output: &mut Output) {
        if self.group.is_some() {
            return;
        }
        output.begin_set("999", "005010X231A1");
        let control: String = gs.element(6).chars().filter(char::is_ascii_digit).take(9).collect();
        let control = if control.is_empty() { "1".to_owned() } else { control };
        let version = cut(gs.element(8), 12);
        output.put(&["AK1", "HC", &control, if version.is_empty() { "005010" } else { &version }]);
        self.group = Some(Group { received: 0, accepted: 0, with_errors: 0, said: String::new() });
    }

    pub(super) fn begin_set(&mut self, st: TraceSegment, group: &TraceSegment) {
        let own = st.element(3);
        let version = cut(if own.is_empty() { group.element(8) } else { own }, 35);
        self.set = Some(Set { st, version, faults: Vec::new(), codes: Vec::new() });
    }

    /// Whether a transaction set is open.
    pub(super) fn has_set(&self) -> bool {
        self.set.is_some()
    }

    /// Takes a fault of what is open.
    pub(super) fn fault(&mut self, fault: Structure) {
        match (fault.segment.as_str(), &mut self.set) {
            ("GE" | "GS", _) => {
                if let Some(code) = group_code(&fault) {
                    add(&mut self.group_codes, code);
                }
            }
            ("ISA" | "IEA", _) | (_, None) => {}
            ("SE" | "ST", Some(set)) => {
                if let Some(code) = set_code(&fault) {
                    add(&mut set.codes, code);
                }
            }
            (_, Some(set)) => set.faults.push(fault),
        }
    }

    /// Answers the transaction set that is open.
    pub(super) fn end_set(&mut self, output: &mut Output) {
        let (Some(mut set), Some(group)) = (self.set.take(), &mut self.group) else { return };
        // Four to nine characters are required, whatever was sent.
        let control = format!("{:0>4}", cut(set.st.element(2), 9));
        output.put(&["AK2", "837", &control, &set.version]);
        set.faults.sort_by_key(|fault| (fault.position, segment_code(fault).is_none(), fault.element, fault.component));
        let mut rejected = !set.codes.is_empty();
        let mut errors = false;
        // The segment whose elements are being told.
        let mut told: Option<(u32, String)> = None;
        for fault in &set.faults {
            let (position, id) = (fault.position.to_string(), segment_id(fault.segment.as_str()).to_owned());
            // Data element 447 has four characters.
            let in_loop = fault.in_loop.get(..4).unwrap_or(fault.in_loop);
            match (segment_code(fault), element_code(fault)) {
                (Some(code), _) => {
                    output.put(&["IK3", &id, &position, in_loop, code]);
                    told = None;
                }
                (None, Some(code)) => {
                    if told.as_ref() != Some(&(fault.position, id.clone())) {
                        output.put(&["IK3", &id, &position, in_loop, "8"]);
                        told = Some((fault.position, id));
                    }
                    let mut place = fault.element.to_string();
                    if fault.component > 0 {
                        place = format!("{place}:{}", fault.component);
                    }
                    let number = if fault.data_element > 0 { fault.data_element.to_string() } else { String::new() };
                    let copy = match fault.found {
                        Shown::Code(found) => found.to_string(),
                        _ => String::new(),
                    };
                    output.put(&["IK4", &place, &number, code, &copy]);
                }
                (None, None) => continue,
            }
            errors = true;
            rejected |= rejects(fault).is_some();
        }
        if errors {
            add(&mut set.codes, "5");
        }
        let answer = match (rejected, errors) {
            (true, _) => "R",
            (false, true) => "E",
            (false, false) => "A",
        };
        let mut ik5 = vec!["IK5", answer];
        ik5.extend(set.codes.iter().take(MOST_CODES));
        output.put(&ik5);
        group.received += 1;
        group.accepted += u64::from(!rejected);
        group.with_errors += u64::from(!rejected && errors);
    }

    /// Answers the group that is open; its GE says how many transaction sets were sent.
    pub(super) fn end_group(&mut self, ge: Option<&TraceSegment>, output: &mut Output) {
        let codes = std::mem::take(&mut self.group_codes);
        let Some(mut group) = self.group.take() else { return };
        if let Some(ge) = ge {
            group.said = ge.element(1).chars().filter(char::is_ascii_digit).take(6).collect();
        }
        let answer = match (group.accepted, group.received) {
            _ if !codes.is_empty() => "R",
            (0, 1..) => "R",
            (accepted, received) if accepted < received => "P",
            _ if group.with_errors > 0 => "E",
            _ => "A",
        };
        let (received, accepted) = (group.received.to_string(), group.accepted.to_string());
        let accepted = if codes.is_empty() { accepted } else { "0".to_owned() };
        let said = if group.said.is_empty() { received.clone() } else { group.said };
        let mut ak9 = vec!["AK9", answer, &said, &received, &accepted];
        ak9.extend(codes.iter().take(MOST_CODES));
        output.put(&ak9);
        output.end_set();
    }
}

/// The envelope that a receiver rejects whole for a fault: a transaction set or a group with a 999, an interchange with a
/// TA1. `None` where it takes what it is given all the same, or takes nothing because the envelope is not there; so too where a
/// claim alone is at fault, which is rejected by itself.
pub fn rejects(fault: &Structure) -> Option<Envelope> {
    let found = match fault.segment.as_str() {
        _ if fault.fault == Fault::NoHeader => None,
        "ISA" | "IEA" => Some(Envelope::Interchange),
        "GS" | "GE" => group_code(fault).map(|_| Envelope::Group),
        "ST" | "SE" => set_code(fault).map(|_| Envelope::Set),
        _ => segment_code(fault).or(element_code(fault)).map(|_| Envelope::Set),
    };
    found.filter(|&found| fault.fault != Fault::NotUsed && !(found == Envelope::Set && is_of_claim(fault)))
}

/// Whether a fault is a claim's own: it stands in the claim's loops, and a translator can go on after it. Of a transaction set
/// that is sound otherwise the guide's owner has the other claims taken (X12, request for interpretation 145), so such a set is
/// accepted with errors. A segment that belongs nowhere leaves open where what follows it belongs.
fn is_of_claim(fault: &Structure) -> bool {
    let is_lost = match fault.fault {
        Fault::UnknownSegment | Fault::UnexpectedSegment | Fault::OutOfOrder => true,
        // No claim is there to be at fault.
        Fault::MissingSegment => fault.segment.as_str() == "CLM",
        _ => false,
    };
    !is_lost && ["23", "24"].iter().any(|claims| fault.in_loop.starts_with(claims))
}

fn add(codes: &mut Vec<&'static str>, code: &'static str) {
    if !codes.contains(&code) {
        codes.push(code);
    }
}

/// Data element 716 (AK905): what is wrong with a group.
fn group_code(fault: &Structure) -> Option<&'static str> {
    match fault.fault {
        Fault::NoTrailer => Some("3"),
        Fault::ControlNumber => Some("4"),
        Fault::Count => Some("5"),
        Fault::ControlNumberRepeats => Some("19"),
        _ if fault.segment.as_str() == "GS" && fault.element == 6 => Some("6"),
        _ => None,
    }
}

/// Data element 618 (IK502): what is wrong with a transaction set's envelope.
fn set_code(fault: &Structure) -> Option<&'static str> {
    match (fault.fault, fault.segment.as_str(), fault.element) {
        (Fault::NoTrailer, ..) => Some("2"),
        (Fault::ControlNumber, ..) => Some("3"),
        (Fault::Count, ..) => Some("4"),
        (Fault::ControlNumberRepeats, ..) => Some("23"),
        (Fault::GuideDisagrees, ..) => Some("I6"),
        (_, "ST", 1) => Some("6"),
        (_, "ST" | "SE", 2) => Some("7"),
        (_, "SE", 1) => Some("4"),
        _ => None,
    }
}

/// Data element 721 (IK301): two or three capital letters and digits. What was sent in the place of an id and is none would
/// make the answer itself one that is rejected; `ZZ` stands for it, and its place says which segment it is.
fn segment_id(sent: &str) -> &str {
    let is_id =
        (2..=3).contains(&sent.len()) && sent.bytes().all(|byte| byte.is_ascii_uppercase() || byte.is_ascii_digit());
    if is_id { sent } else { "ZZ" }
}

/// Data element 620 (IK304): what is wrong with a segment as a whole.
fn segment_code(fault: &Structure) -> Option<&'static str> {
    match fault.fault {
        Fault::UnknownSegment => Some("1"),
        Fault::UnexpectedSegment => Some("2"),
        Fault::MissingSegment => Some("3"),
        Fault::LoopRepeats => Some("4"),
        Fault::SegmentRepeats => Some("5"),
        Fault::OutOfOrder => Some("7"),
        Fault::Situational if fault.element == 0 => Some("I6"),
        _ => None,
    }
}

/// Data element 621 (IK403): what is wrong with an element. Amounts that do not balance are no matter of structure;
/// the claim acknowledgment answers them.
fn element_code(fault: &Structure) -> Option<&'static str> {
    match fault.fault {
        Fault::MissingElement => Some("1"),
        Fault::MissingConditional => Some("2"),
        Fault::TooManyElements => Some("3"),
        Fault::TooShort => Some("4"),
        Fault::TooLong => Some("5"),
        Fault::BadCharacter => Some("6"),
        Fault::BadCode | Fault::LevelNumber | Fault::LevelParent | Fault::LevelChild | Fault::LineNumber => Some("7"),
        Fault::BadDate => Some("8"),
        Fault::BadTime => Some("9"),
        Fault::Excluded => Some("10"),
        Fault::TooManyRepetitions => Some("12"),
        Fault::TooManyComponents => Some("13"),
        Fault::NotUsed => Some("I10"),
        Fault::Situational => Some("I9"),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "tests")]
    use super::{Implementation, Output, TraceSegment, segment_id};
    use claims::Place;

    fn segment(elements: &[&str]) -> TraceSegment {
        let elements = elements.iter().map(|&element| element.to_owned()).collect();
        TraceSegment { place: Place::default(), claim: None, elements }
    }

    #[test]
    fn a_set_is_answered_under_a_control_number_of_the_right_length() {
        let group = segment(&["GS", "HC", "A", "B", "20240101", "0000", "7", "X", "005010X222A1"]);
        for (sent, answered) in [
            ("", "AK2*837*0000*005010X222A1~"),
            ("12", "AK2*837*0012*005010X222A1~"),
            ("0012", "AK2*837*0012*005010X222A1~"),
            ("123456789", "AK2*837*123456789*005010X222A1~"),
            ("1234567890", "AK2*837*123456789*005010X222A1~"),
        ] {
            let (mut answer, mut output, mut out) = (Implementation::default(), Output::default(), Vec::new());
            answer.begin_group(&group, &mut output);
            answer.begin_set(segment(&["ST", "837", sent]), &group);
            answer.end_set(&mut output);
            output.flush(&mut out).unwrap();
            let out = String::from_utf8(out).unwrap();
            assert!(out.contains(answered), "{out}");
        }
    }

    #[test]
    fn what_is_no_segment_id_is_not_repeated_as_one() {
        for sent in ["NM1", "N3", "HI", "K3", "2X"] {
            assert_eq!(segment_id(sent), sent);
        }
        for sent in ["", "N", "nm1", "N 3", "N3*", "\u{e9}1", "NM11"] {
            assert_eq!(segment_id(sent), "ZZ", "{sent:?}");
        }
    }
}
