//! The names of the loops that a claim's segments stand in, as the implementation guides have them: 005010X222A1
//! (professional), X223A2 (institutional) and X224A2 (dental).

use codes::ClaimType;

/// What a segment of a claim belongs to.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) enum Part {
    /// The claim itself: loop 2300.
    Claim,
    /// A party to the claim: 2310.
    ClaimParty,
    /// Another payer's coverage: 2320.
    Other,
    /// A party to another payer's coverage: 2330.
    OtherParty,
    /// The service line: 2400.
    Line,
    /// The line's drug: 2410.
    Drug,
    /// A party to the line: 2420.
    LineParty,
    /// What another payer decided on the line: 2430.
    Decision,
    /// A form that goes with the line: 2440.
    Form,
}

impl Part {
    /// The part that an NM1 stands in, when it comes within this one.
    pub(super) fn of_party(self) -> Part {
        match self {
            Part::Claim | Part::ClaimParty => Part::ClaimParty,
            Part::Other | Part::OtherParty => Part::OtherParty,
            Part::Line | Part::Drug | Part::LineParty | Part::Decision | Part::Form => Part::LineParty,
        }
    }

    /// The name of its loop, where that does not depend on the party.
    pub(super) fn loop_id(self) -> &'static str {
        match self {
            Part::Claim => "2300",
            Part::ClaimParty => "2310",
            Part::Other => "2320",
            Part::OtherParty => "2330",
            Part::Line => "2400",
            Part::Drug => "2410",
            Part::LineParty => "2420",
            Part::Decision => "2430",
            Part::Form => "2440",
        }
    }
}

/// The loop of a party, by the part that it stands in and its NM101; without its letter where the guide has none.
pub(super) fn of_party(claim_type: ClaimType, part: Part, code: &[u8]) -> &'static str {
    use ClaimType::{Dental, Institutional, Professional};
    match (part, claim_type, code) {
        (Part::ClaimParty, Professional, b"DN" | b"P3") => "2310A",
        (Part::ClaimParty, Professional, b"82") => "2310B",
        (Part::ClaimParty, Professional, b"77") => "2310C",
        (Part::ClaimParty, Professional, b"DQ") => "2310D",
        (Part::ClaimParty, Professional, b"PW") => "2310E",
        (Part::ClaimParty, Professional, b"45") => "2310F",
        (Part::ClaimParty, Institutional, b"71") => "2310A",
        (Part::ClaimParty, Institutional, b"72") => "2310B",
        (Part::ClaimParty, Institutional, b"ZZ") => "2310C",
        (Part::ClaimParty, Institutional, b"82") => "2310D",
        (Part::ClaimParty, Institutional, b"77") => "2310E",
        (Part::ClaimParty, Institutional, b"DN") => "2310F",
        (Part::ClaimParty, Dental, b"DN" | b"P3") => "2310A",
        (Part::ClaimParty, Dental, b"82") => "2310B",
        (Part::ClaimParty, Dental, b"77") => "2310C",
        (Part::ClaimParty, Dental, b"DD") => "2310D",
        (Part::ClaimParty, Dental, b"DQ") => "2310E",
        (Part::OtherParty, _, b"IL") => "2330A",
        (Part::OtherParty, _, b"PR") => "2330B",
        (Part::LineParty, Professional, b"82") => "2420A",
        (Part::LineParty, Professional, b"QB") => "2420B",
        (Part::LineParty, Professional, b"77") => "2420C",
        (Part::LineParty, Professional, b"DQ") => "2420D",
        (Part::LineParty, Professional, b"DK") => "2420E",
        (Part::LineParty, Professional, b"DN" | b"P3") => "2420F",
        (Part::LineParty, Professional, b"PW") => "2420G",
        (Part::LineParty, Professional, b"45") => "2420H",
        (Part::LineParty, Institutional, b"72") => "2420A",
        (Part::LineParty, Institutional, b"ZZ") => "2420B",
        (Part::LineParty, Institutional, b"82") => "2420C",
        (Part::LineParty, Institutional, b"DN") => "2420D",
        (Part::LineParty, Dental, b"82") => "2420A",
        (Part::LineParty, Dental, b"DD") => "2420B",
        (Part::LineParty, Dental, b"DQ") => "2420C",
        (Part::LineParty, Dental, b"77") => "2420D",
        (part, ..) => part.loop_id(),
    }
}
