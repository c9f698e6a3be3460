//! What a site does not want reported: which findings, who decided it, why, and until when.

use crate::applies::like;
use claims::Field;
use codes::{ClaimType, Code, Date, Modifier, Npi};
use edits::{ClaimFacts, ClaimTypes, EditInfo, Finding, LineFacts};

/// A site's decision not to have findings reported that it knows of.
///
/// It covers failures alone, of the edits that it names and on the claims that it describes: all that it says of a claim
/// must fit. What it says of lines must fit the finding's own line or, where the finding is of a whole claim, one and the
/// same line of it.
#[derive(Clone, PartialEq, Debug)]
pub struct Suppression {
    pub(super) edits: Vec<String>,
    pub(super) who: String,
    pub(super) why: String,
    pub(super) until: Date,
    pub(super) claims: Covered,
    pub(super) place: String,
}

/// The claims and lines that a suppression is for; what is empty fits all.
#[derive(Clone, PartialEq, Default, Debug)]
pub(super) struct Covered {
    pub(super) claim_ids: Vec<String>,
    pub(super) payers: Vec<String>,
    pub(super) claim_types: Vec<ClaimType>,
    pub(super) billing_npis: Vec<Npi>,
    pub(super) diagnoses: Vec<Codes>,
    pub(super) lines: CoveredLines,
}

/// What a line must be like.
#[derive(Clone, PartialEq, Default, Debug)]
pub(super) struct CoveredLines {
    pub(super) rendering_npis: Vec<Npi>,
    pub(super) procedures: Vec<Codes>,
    pub(super) modifiers: Vec<Modifier>,
    pub(super) revenue_codes: Vec<Codes>,
    pub(super) places_of_service: Vec<Codes>,
    pub(super) service_from: Option<Date>,
    pub(super) service_to: Option<Date>,
}

/// One code, a range of codes with both ends, or all codes with a beginning.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) enum Codes {
    One(Code),
    Range(Code, Code),
    Beginning(Code),
}

impl Codes {
    fn has(self, code: Code) -> bool {
        match self {
            Codes::One(own) => own == code,
            Codes::Range(first, last) => (first..=last).contains(&code),
            Codes::Beginning(own) => code.starts_with(own),
        }
    }

    fn any(codes: &[Codes], code: Code) -> bool {
        !code.is_absent() && codes.iter().any(|own| own.has(code))
    }
}

impl Suppression {
    /// The edits that it names, as they are written: ids, names, or the beginning of ids.
    pub fn edits(&self) -> &[String] {
        &self.edits
    }

    /// Who decided it.
    pub fn who(&self) -> &str {
        &self.who
    }

    /// Why.
    pub fn why(&self) -> &str {
        &self.why
    }

    /// The last day on which it holds.
    pub fn until(&self) -> Date {
        self.until
    }

    /// Where it is written: file and line.
    pub fn place(&self) -> &str {
        &self.place
    }

    /// Whether it is about this edit.
    pub fn names(&self, edit: &EditInfo) -> bool {
        self.edits.iter().any(|given| edit.is_named(given))
    }

    /// Whether it covers a finding on this claim, of an edit that it names, whatever the day.
    pub fn covers(&self, facts: &ClaimFacts<'_>, finding: &Finding) -> bool {
        let Covered { claim_ids, payers, claim_types, billing_npis, diagnoses, lines } = &self.claims;
        let (claim, row) = (&facts.claim, facts.claim.row);
        let fits =
            |patterns: &[String], text: &str| patterns.is_empty() || patterns.iter().any(|pattern| like(text, pattern));
        let types = if claim_types.is_empty() { ClaimTypes::ALL } else { ClaimTypes::of(claim_types) };
        fits(claim_ids, claim.id())
            && fits(payers, claim.batch.text(row.payer))
            && types.contains(row.claim_type)
            && (billing_npis.is_empty() || row.billing_npi.value().is_some_and(|npi| billing_npis.contains(&npi)))
            && (diagnoses.is_empty() || of_diagnosis(diagnoses, facts, finding))
            && (lines.is_empty() || lines.of(facts, finding))
    }
}

/// Whether a finding is of one of these diagnoses: the finding's own; else one that its line points to, or any where
/// the line points to none; else any of the claim.
fn of_diagnosis(codes: &[Codes], facts: &ClaimFacts<'_>, finding: &Finding) -> bool {
    let at = |place: usize| facts.diagnoses.get(place).is_some_and(|own| Codes::any(codes, own.code));
    match finding.field {
        Some(Field::Diagnosis(number)) => return at(usize::from(number).wrapping_sub(1)),
        Some(field) if Field::BESIDE.contains(&field) => {
            if let Some(own) = facts.diagnosis_beside(field, finding.item) {
                return Codes::any(codes, own.code);
            }
        }
        _ => {}
    }
    let pointed = finding.line.and_then(|line| facts.lines.get(line as usize)).map_or(0, |line| line.pointed);
    let is_pointed = |place: usize| pointed == 0 || (place < 32 && pointed & 1 << place != 0);
    (0..facts.diagnoses.len()).any(|place| is_pointed(place) && at(place))
}

impl CoveredLines {
    fn is_empty(&self) -> bool {
        *self == CoveredLines::default()
    }

    fn of(&self, facts: &ClaimFacts<'_>, finding: &Finding) -> bool {
        match finding.line {
            Some(line) => facts.lines.get(line as usize).is_some_and(|line| self.fit(line)),
            None => facts.lines.iter().any(|line| self.fit(line)),
        }
    }

    fn fit(&self, line: &LineFacts<'_>) -> bool {
        let CoveredLines { rendering_npis, procedures, modifiers, revenue_codes, places_of_service, .. } = self;
        let row = line.row;
        let days_fit = match line.date {
            Some(day) => self.service_from.is_none_or(|from| from <= day) && self.service_to.is_none_or(|to| day <= to),
            None => self.service_from.is_none() && self.service_to.is_none(),
        };
        days_fit
            && (rendering_npis.is_empty() || row.rendering_npi.value().is_some_and(|npi| rendering_npis.contains(&npi)))
            && (procedures.is_empty() || Codes::any(procedures, row.procedure))
            && (modifiers.is_empty() || modifiers.iter().any(|&own| line.has_modifier(own)))
            && (revenue_codes.is_empty() || Codes::any(revenue_codes, row.revenue_code))
            && (places_of_service.is_empty() || Codes::any(places_of_service, row.place_of_service))
    }
}
