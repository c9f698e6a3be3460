//! A `Claim` resource into the batch: what is of the claim as a whole.

use super::bundle::{Index, Scope};
use super::parties::Party;
use super::resource::{Claim, Identifier, Information, Insurance, List, Text, said};
use super::systems::{Choice, System, choose, codes, has_code};
use crate::json::parse::shown;
use crate::values::{OpenClaim, trim};
use crate::{ClaimBatch, Field, Place, ProblemKind};

/// A claim that is being read.
pub(super) struct Reading<'b, 'a, 't> {
    pub(super) open: OpenClaim,
    pub(super) batch: &'b mut ClaimBatch,
    pub(super) place: Place,
    pub(super) claim: &'a Claim<'t>,
    pub(super) scope: Scope<'a, 't>,
    /// The line that is being read, in the batch's flat array.
    pub(super) line: Option<u32>,
}

/// What the claim is called: the identifier that is said to be the claim's own, else the first, else the resource's id.
pub(super) fn id(identifiers: &List<Identifier<'_>>, resource: &Option<Text<'_>>) -> Option<String> {
    let is_own = |one: &Identifier<'_>| one.r#type.as_ref().is_some_and(|concept| has_code(concept, "uc"));
    let value = |one: &Identifier<'_>| said(&one.value).map(str::to_owned);
    let own = identifiers.iter().find(|one| is_own(one)).and_then(value);
    own.or_else(|| identifiers.iter().find_map(value)).or_else(|| said(resource).map(str::to_owned))
}

pub(super) fn is_pharmacy(claim: &Claim<'_>) -> bool {
    claim.r#type.as_ref().is_some_and(|concept| has_code(concept, "pharmacy"))
}

/// The letter of the claim's type.
fn claim_type(claim: &Claim<'_>) -> Option<&'static str> {
    codes(claim.r#type.as_ref()?).find_map(|code| match code.to_ascii_lowercase().as_str() {
        "professional" | "vision" => Some("P"),
        "institutional" => Some("I"),
        "oral" => Some("D"),
        _ => None,
    })
}

/// Reads a claim.
pub(super) fn read<'t>(claim: &Claim<'t>, bundle: Option<&Index<'t>>, place: Place, batch: &mut ClaimBatch) {
    let scope = Scope::of(claim, bundle);
    let mut reading = Reading { open: OpenClaim::open(batch, b"", place), batch, place, claim, scope, line: None };
    match id(&claim.identifier, &claim.id) {
        Some(id) => reading.open.name(reading.batch, trim(id.as_bytes())),
        None => reading.problem(ProblemKind::NoClaimId, Some(Field::ClaimId)),
    }
    let kind = claim_type(claim);
    reading.set(Field::ClaimType, kind.unwrap_or_default());
    if let (None, Some(concept)) = (kind, &claim.r#type) {
        match codes(concept).next() {
            Some(code) => reading.set(Field::ClaimType, code),
            None => reading.bad_member("Claim.type".to_owned(), "professional, institutional, oral or vision"),
        }
    }
    if kind == Some("D") && said(&claim.r#use) == Some("predetermination") {
        reading.set(Field::SubmissionReason, "PB");
    }
    reading.whole();
    reading.insurances();
    reading.information();
    let places = reading.diagnoses(kind == Some("I"));
    reading.procedures();
    let team = reading.care_team();
    for place in 0..claim.item.len() {
        reading.item(place, &places, &team);
        reading.line = None;
    }
    let Reading { open, batch, .. } = reading;
    open.close(batch);
}

/// The day of a date or of a date with a time.
pub(super) fn day(text: &str) -> &str {
    match text.split_once('T') {
        Some((day, _)) if day.len() == 10 => day,
        _ => text,
    }
}

impl Reading<'_, '_, '_> {
    pub(super) fn problem(&mut self, kind: ProblemKind, field: Option<Field>) {
        self.open.problem(self.batch, kind, field, self.place);
        if let Some(problem) = self.batch.problems.last_mut() {
            problem.line = self.line;
        }
    }

    pub(super) fn bad_member(&mut self, path: String, expected: &'static str) {
        self.problem(ProblemKind::BadMember { path: path.into(), expected }, None);
    }

    pub(super) fn other_system(&mut self, path: String, system: &str) {
        self.problem(ProblemKind::OtherSystem { path: path.into(), system: shown(system) }, None);
    }

    pub(super) fn set(&mut self, field: Field, text: &str) {
        let text = trim(text.as_bytes());
        if !text.is_empty() {
            self.open.set(self.batch, field, text, self.place);
        }
    }

    fn set_some(&mut self, field: Field, text: Option<&str>) {
        self.set(field, text.unwrap_or_default());
    }

    /// The provider's NPI. An identifier that is another number is told.
    pub(super) fn npi(&mut self, party: &Party, path: impl Fn() -> String) -> Option<String> {
        if let (None, Some(system)) = (&party.npi, &party.other_system) {
            self.other_system(path(), system);
        }
        party.npi.clone()
    }

    fn whole(&mut self) {
        let claim = self.claim;
        if let Some(patient) = &claim.patient {
            let party = self.scope.party(patient);
            let subscriber = || claim.insurance.iter().find_map(|insurance| self.scope.subscriber(insurance));
            let id = party.id.clone().or_else(subscriber).or(party.unresolved);
            self.set_some(Field::PatientId, id.as_deref());
            self.set_some(Field::BirthDate, party.birth_date.as_deref());
            self.set_some(
                Field::Sex,
                party.gender.as_deref().map(|gender| match gender {
                    "male" => "M",
                    "female" => "F",
                    "other" | "unknown" => "U",
                    other => other,
                }),
            );
        }
        let provider = claim.provider.as_ref().map(|provider| self.scope.party(provider)).unwrap_or_default();
        let npi = self.npi(&provider, || "Claim.provider".to_owned());
        self.set_some(Field::BillingNpi, npi.as_deref());
        self.set_some(Field::BillingTaxonomy, provider.taxonomy.as_deref());
        let facility = claim.facility.as_ref().map(|facility| self.scope.party(facility)).unwrap_or_default();
        self.set_some(Field::FacilityNpi, facility.npi.as_deref());
        self.set_some(Field::State, facility.state.as_deref().or(provider.state.as_deref()));
        if let Some(period) = &claim.billable_period {
            self.set_some(Field::StatementFrom, said(&period.start).map(day));
            self.set_some(Field::StatementTo, said(&period.end).map(day));
        }
        let received = claim
            .supporting_info
            .iter()
            .find(|one| in_category(one, "clmrecvddate"))
            .and_then(|one| said(&one.timing_date).or_else(|| said(&one.timing_period.as_ref()?.start)));
        self.set_some(Field::ReceivedDate, received.or(said(&claim.created)).map(day));
        self.set_some(Field::ClaimTotal, claim.total.as_ref().and_then(|total| said(&total.value)));
        if let Some(accident) = &claim.accident {
            self.set_some(Field::AccidentDate, said(&accident.date).map(day));
            let cause = accident.r#type.as_ref().and_then(|concept| codes(concept).next());
            self.set_some(
                Field::RelatedCauses,
                cause.map(|code| match code {
                    // HL7 v3 ActIncidentCode: motor vehicle, workplace.
                    "MVA" => "AA",
                    "WPA" => "EM",
                    _ => "OA",
                }),
            );
            let state = accident.location_address.as_ref().and_then(|address| said(&address.state));
            self.set_some(Field::AccidentState, state);
        }
        let prior = claim.related.iter().find(|related| {
            related
                .relationship
                .as_ref()
                .is_some_and(|concept| has_code(concept, "prior") || has_code(concept, "replaces"))
        });
        if let Some(prior) = prior {
            let of_claim = prior.claim.as_ref().and_then(|claim| said(&claim.identifier.as_ref()?.value));
            let own = prior.reference.as_ref().and_then(|reference| said(&reference.value));
            let named = prior.claim.as_ref().and_then(|claim| said(&claim.reference));
            self.set_some(Field::OriginalClaim, of_claim.or(own).or(named));
        }
    }

    /// Payers and prior authorization: those of the insurance that the claim is sent to, and the others' names.
    fn insurances(&mut self) {
        let claim = self.claim;
        let is_focal = |insurance: &Insurance<'_>| said(&insurance.focal) == Some("true");
        let focal = claim.insurance.iter().find(|one| is_focal(one)).or(claim.insurance.first());
        let insurer = claim.insurer.as_ref().map(|insurer| self.scope.party(insurer)).unwrap_or_default();
        let payer = insurer.id.or_else(|| self.scope.payer(focal?)).or(insurer.unresolved);
        self.set_some(Field::PayerId, payer.as_deref());
        self.set_some(
            Field::PriorAuthorization,
            focal.and_then(|focal| focal.pre_auth_ref.iter().map(Text::as_str).next()),
        );
        let others = claim.insurance.iter().filter(|one| focal.is_none_or(|focal| !std::ptr::eq(*one, focal)));
        let others: Vec<String> =
            others.filter_map(|one| self.scope.payer(one)).map(|id| id.replace(':', " ")).collect();
        self.set(Field::OtherPayers, &others.join(":"));
    }

    /// Supporting information, by the system of its code, else by its category.
    fn information(&mut self) {
        const WANTED: &[System] = &[
            System::BillType,
            System::Frequency,
            System::AdmissionType,
            System::AdmissionSource,
            System::DischargeStatus,
            System::Condition,
            System::Occurrence,
            System::OccurrenceSpan,
            System::ValueCode,
            System::Drg,
        ];
        let claim = self.claim;
        let (mut conditions, mut occurrences, mut values) = (Vec::new(), Vec::new(), Vec::new());
        if let Some(Choice::Code(code, Some(_))) = claim.sub_type.as_ref().map(|kind| choose(kind, &[System::BillType]))
        {
            self.set(Field::BillType, code);
        }
        for (place, one) in claim.supporting_info.iter().enumerate() {
            if in_category(one, "admissionperiod") || in_category(one, "hospitalized") {
                let start = one.timing_period.as_ref().and_then(|period| said(&period.start));
                self.set_some(Field::AdmissionDate, start.or(said(&one.timing_date)).map(day));
            }
            let Some(concept) = &one.code else { continue };
            let by_category = category_system(one);
            let (code, system) = match (choose(concept, WANTED), by_category) {
                (Choice::Code(code, Some(system)), _) | (Choice::Code(code, None), Some(system)) => (code, system),
                (Choice::Other(system), Some(_)) => {
                    self.other_system(format!("Claim.supportingInfo[{place}]"), system);
                    continue;
                }
                _ => continue,
            };
            match system {
                System::BillType => self.set(Field::BillType, code),
                System::Frequency => self.set(Field::FrequencyCode, code),
                System::AdmissionType => self.set(Field::AdmissionType, code),
                System::AdmissionSource => self.set(Field::AdmissionSource, code),
                System::DischargeStatus => self.set(Field::PatientStatus, code),
                System::Drg => self.set(Field::Drg, code),
                System::Condition => conditions.push(code.to_owned()),
                System::Occurrence | System::OccurrenceSpan => occurrences.push(with_dates(code, one)),
                System::ValueCode => {
                    let amount = one.value_quantity.as_ref().and_then(|quantity| said(&quantity.value));
                    values.push(format!("{code}={}", amount.unwrap_or_default()));
                }
                _ => {}
            }
        }
        self.set(Field::ConditionCodes, &conditions.join(":"));
        self.set(Field::OccurrenceCodes, &occurrences.join(":"));
        self.set(Field::ValueCodes, &values.join(":"));
    }
}

fn in_category(one: &Information<'_>, category: &str) -> bool {
    one.category.as_ref().is_some_and(|concept| has_code(concept, category))
}

/// The system that the code of a category is of, where the code does not name one.
fn category_system(one: &Information<'_>) -> Option<System> {
    [
        ("typeofbill", System::BillType),
        ("admtype", System::AdmissionType),
        ("pointoforigin", System::AdmissionSource),
        ("discharge-status", System::DischargeStatus),
        ("discharge", System::DischargeStatus),
        ("drg", System::Drg),
    ]
    .into_iter()
    .find(|(category, _)| in_category(one, category))
    .map(|(_, system)| system)
}

/// A code with its date or dates, as [`Field::OccurrenceCodes`] takes it.
fn with_dates(code: &str, one: &Information<'_>) -> String {
    let plain = |text: &str| day(text).replace('-', "");
    let period = one.timing_period.as_ref();
    let start = period.and_then(|period| said(&period.start)).or(said(&one.timing_date)).map(plain);
    let end = period.and_then(|period| said(&period.end)).map(plain);
    match (start, end) {
        (Some(start), Some(end)) => format!("{code}@{start}-{end}"),
        (Some(day), None) | (None, Some(day)) => format!("{code}@{day}"),
        (None, None) => code.to_owned(),
    }
}
