//! People and organizations that a claim refers to.

use super::bundle::Scope;
use super::resource::{Concept, Contained, Coverage, Head, Identifier, Insurance, Location, Organization};
use super::resource::{Person, Reference, said};
use super::systems::{Choice, System, choose, codes};

/// How many references are followed from one: a role leads to a person or an organization.
const MOST_STEPS: u32 = 3;

/// What is known of a provider, a patient or a payer.
#[derive(Default)]
pub(super) struct Party {
    pub(super) npi: Option<String>,
    /// The system of an identifier where there is no NPI.
    pub(super) other_system: Option<String>,
    /// What to call it: an identifier, if there is one.
    pub(super) id: Option<String>,
    /// The reference itself, where it leads nowhere.
    pub(super) unresolved: Option<String>,
    pub(super) taxonomy: Option<String>,
    pub(super) state: Option<String>,
    pub(super) birth_date: Option<String>,
    pub(super) gender: Option<String>,
}

impl Party {
    /// Takes from another what is not known yet.
    fn or(mut self, other: Party) -> Party {
        macro_rules! fill {
            ($($member:ident),*) => { $(self.$member = self.$member.or(other.$member);)* };
        }
        fill!(npi, other_system, id, unresolved, taxonomy, state, birth_date, gender);
        self
    }

    fn identified<'t>(identifiers: impl Iterator<Item = &'t Identifier<'t>> + Clone) -> Party {
        let system = |identifier: &Identifier<'_>| said(&identifier.system).and_then(System::of);
        let value = |identifier: &Identifier<'_>| said(&identifier.value).map(str::to_owned);
        let is_npi =
            |identifier: &&Identifier<'_>| system(identifier) == Some(System::Npi) || typed(identifier, &["npi"]);
        let best = identifiers.clone().filter(|one| said(&one.value).is_some()).min_by_key(|one| rank(one));
        Party {
            npi: identifiers.clone().find(is_npi).and_then(value),
            other_system: best.and_then(|one| said(&one.system)).map(str::to_owned),
            id: best.and_then(value),
            ..Party::default()
        }
    }
}

/// Whether the identifier is of one of these types.
fn typed(identifier: &Identifier<'_>, types: &[&str]) -> bool {
    let own = identifier.r#type.as_ref();
    own.is_some_and(|own| codes(own).any(|code| types.iter().any(|wanted| code.eq_ignore_ascii_case(wanted))))
}

/// The number by which the payer knows a person comes first, a medical record number last.
fn rank(identifier: &Identifier<'_>) -> u8 {
    let system = said(&identifier.system).unwrap_or_default();
    if system.ends_with("/us-mbi") || typed(identifier, &["MB", "MC", "um"]) {
        0
    } else if typed(identifier, &["MA", "payerid", "NIIP", "naiccode"]) {
        1
    } else if typed(identifier, &["MR", "pt", "SS", "DL", "TAX"]) {
        3
    } else {
        2
    }
}

impl Scope<'_, '_> {
    /// What is known of whom a reference names.
    pub(super) fn party(&self, reference: &Reference<'_>) -> Party {
        self.follow(reference, MOST_STEPS)
    }

    fn follow(&self, reference: &Reference<'_>, steps: u32) -> Party {
        let own = Party::identified(reference.identifier.iter());
        let resolved = self.resolve(reference).filter(|_| steps > 0);
        let text = said(&reference.reference).unwrap_or_default();
        match resolved {
            Some(resource) => own.or(self.describe(resource, steps - 1)),
            None if text.is_empty() || text.starts_with('#') => own,
            None => own
                .or(conditional(text)
                    .unwrap_or_else(|| Party { unresolved: Some(text.to_owned()), ..Party::default() })),
        }
    }

    fn describe(&self, resource: Contained<'_>, steps: u32) -> Party {
        let (head, person): (Head<'_>, Person<'_>) = (resource.view(), resource.view());
        let mut party = Party::identified(person.identifier.iter());
        let text = |text: Option<&str>| text.map(str::to_owned);
        match said(&head.resource_type) {
            Some("Patient") => {
                party.birth_date = text(said(&person.birth_date));
                party.gender = text(said(&person.gender));
            }
            Some("Organization") => {
                let organization: Organization<'_> = resource.view();
                party.state = organization.address.iter().find_map(|address| text(said(&address.state)));
                party.taxonomy = organization.r#type.iter().find_map(taxonomy);
            }
            Some("Location") => {
                let location: Location<'_> = resource.view();
                party.state = text(location.address.as_ref().and_then(|address| said(&address.state)));
            }
            Some("PractitionerRole") => {
                party.taxonomy = person.specialty.iter().find_map(taxonomy);
                for of in [&person.practitioner, &person.organization].into_iter().flatten() {
                    party = party.or(self.follow(of, steps));
                }
            }
            _ => {}
        }
        party
    }

    /// The payer of a coverage.
    pub(super) fn payer(&self, insurance: &Insurance<'_>) -> Option<String> {
        let coverage = insurance.coverage.as_ref()?;
        if let Some(resource) = self.resolve(coverage) {
            let coverage: Coverage<'_> = resource.view();
            let payer = self.party(coverage.payor.first()?);
            return payer.id.or(payer.unresolved);
        }
        let identifier = coverage.identifier.as_ref()?;
        let names_payer = said(&identifier.system).and_then(System::of) == Some(System::PayerName);
        said(&identifier.value).filter(|_| names_payer).map(str::to_owned)
    }

    /// The subscriber's number of a coverage.
    pub(super) fn subscriber(&self, insurance: &Insurance<'_>) -> Option<String> {
        let coverage: Coverage<'_> = self.resolve(insurance.coverage.as_ref()?)?.view();
        said(&coverage.subscriber_id).map(str::to_owned)
    }
}

/// The taxonomy code of a concept.
pub(super) fn taxonomy(concept: &Concept<'_>) -> Option<String> {
    match choose(concept, &[System::Taxonomy]) {
        Choice::Code(code, Some(_)) => Some(code.to_owned()),
        _ => None,
    }
}

/// Whom a reference by search names: `Practitioner?identifier=http://hl7.org/fhir/sid/us-npi|1234567893`.
fn conditional(reference: &str) -> Option<Party> {
    let (_, search) = reference.split_once("?identifier=")?;
    let value = search.split('&').next().unwrap_or(search);
    let (system, value) = value.split_once('|').unwrap_or(("", value));
    let npi = (System::of(system) == Some(System::Npi)).then(|| value.to_owned());
    let other_system = (!system.is_empty()).then(|| system.to_owned());
    Some(Party { npi, other_system, id: Some(value.to_owned()), ..Party::default() })
}
