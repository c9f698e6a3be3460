//! The diagnoses and inpatient procedures of a claim.

use super::claim::Reading;
use super::resource::{Coded, Concept, Diagnosis, Procedure, said};
use super::systems::{Choice, System, choose, codes, has_code};
use crate::{Field, ProblemKind};

const CODING: &str = "a coding with a code";

/// Where the diagnoses of a claim came to stand: the sequence of each, from the first place on.
#[derive(Default)]
pub(super) struct Places {
    sequences: Vec<u32>,
    /// The sequences of those that have fields of their own, as the admitting one: no pointer leads there.
    apart: Vec<u32>,
}

/// What a sequence leads to.
pub(super) enum Named {
    /// The diagnosis at this place, from 1.
    Listed(usize),
    /// One that has a field of its own.
    Apart,
    Nothing,
}

impl Places {
    /// What the diagnosis of this sequence is.
    pub(super) fn named(&self, sequence: u32) -> Named {
        match self.sequences.iter().position(|&own| own == sequence) {
            Some(place) => Named::Listed(place + 1),
            None if self.apart.contains(&sequence) => Named::Apart,
            None => Named::Nothing,
        }
    }
}

/// What a diagnosis is on the claim.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Kind {
    Principal,
    Other,
    Admitting,
    ReasonForVisit,
    ExternalCause,
}

fn kind(diagnosis: &Diagnosis<'_>, institutional: bool) -> Kind {
    let is = |code: &str| diagnosis.r#type.iter().any(|concept| has_code(concept, code));
    if is("principal") {
        Kind::Principal
    } else if !institutional {
        Kind::Other
    } else if is("admitting") {
        Kind::Admitting
    } else if is("patientreasonforvisit") {
        Kind::ReasonForVisit
    } else if is("externalcauseofinjury") || is("externalcause") {
        Kind::ExternalCause
    } else {
        Kind::Other
    }
}

/// A sequence as a number; the place in the array, from 1, where it is none.
fn sequence(text: Option<&str>, place: usize) -> u32 {
    text.and_then(|text| text.parse().ok()).unwrap_or(place as u32 + 1)
}

impl Reading<'_, '_, '_> {
    /// Reads the diagnoses.
    pub(super) fn diagnoses(&mut self, institutional: bool) -> Places {
        let claim = self.claim;
        let mut ordered: Vec<(Kind, u32, usize)> = Vec::new();
        for (place, diagnosis) in claim.diagnosis.iter().enumerate() {
            ordered.push((kind(diagnosis, institutional), sequence(said(&diagnosis.sequence), place), place));
        }
        ordered.sort_by_key(|&(kind, sequence, _)| (kind != Kind::Principal, sequence));
        let (mut places, mut present, mut reasons, mut causes) = (Places::default(), vec![], vec![], vec![]);
        let mut admitted = false;
        for (kind, sequence, place) in ordered {
            let Some(diagnosis) = claim.diagnosis.get(place) else { continue };
            let code = self.diagnosis(diagnosis, place);
            if !matches!(kind, Kind::Principal | Kind::Other) {
                places.apart.push(sequence);
            }
            match kind {
                Kind::Principal | Kind::Other => {
                    places.sequences.push(sequence);
                    let number = places.sequences.len();
                    let on_admission = diagnosis.on_admission.as_ref().and_then(|concept| codes(concept).next());
                    present.push(on_admission.map_or_else(|| "-".to_owned(), str::to_ascii_uppercase));
                    match (u8::try_from(number), code) {
                        (Ok(number), Some(code)) if number <= Field::DIAGNOSES => {
                            self.set(Field::Diagnosis(number), &code);
                        }
                        (_, Some(_)) => self.bad_member(format!("Claim.diagnosis[{place}]"), "among the first 25"),
                        (_, None) => {}
                    }
                }
                Kind::Admitting if admitted => {
                    let path = "Claim.diagnosis of type admitting".into();
                    self.problem(ProblemKind::MemberTwice { path }, None);
                }
                Kind::Admitting => {
                    self.set(Field::AdmittingDiagnosis, &code.unwrap_or_default());
                    admitted = true;
                }
                Kind::ReasonForVisit => reasons.extend(code),
                Kind::ExternalCause => causes.extend(code),
            }
        }
        if present.iter().any(|indicator| indicator != "-") {
            self.set(Field::PresentOnAdmission, &present.join(":"));
        }
        self.set(Field::ReasonsForVisit, &reasons.join(":"));
        self.set(Field::ExternalCauses, &causes.join(":"));
        let drg = |concept: &Concept<'_>| match choose(concept, &[System::Drg]) {
            Choice::Code(code, Some(_)) => Some(code.to_owned()),
            _ => None,
        };
        if let Some(drg) = claim.diagnosis.iter().filter_map(|one| one.package_code.as_ref()).find_map(drg) {
            self.set(Field::Drg, &drg);
        }
        places
    }

    fn diagnosis(&mut self, diagnosis: &Diagnosis<'_>, place: usize) -> Option<String> {
        let path = || format!("Claim.diagnosis[{place}]");
        if let Some(concept) = &diagnosis.diagnosis_codeable_concept {
            return self.coded(concept, &[System::Diagnosis], path);
        }
        let condition = diagnosis.diagnosis_reference.as_ref()?;
        let Some(resource) = self.scope.resolve(condition) else {
            self.bad_member(path(), "a code, or a reference to a Condition in the same claim or bundle");
            return None;
        };
        let condition: Coded<'_> = resource.view();
        self.coded(&condition.code.unwrap_or_default(), &[System::Diagnosis], path)
    }

    /// The code of a concept that must be of one of these systems. What else stands there is told.
    pub(super) fn coded(
        &mut self,
        concept: &Concept<'_>,
        wanted: &[System],
        path: impl Fn() -> String,
    ) -> Option<String> {
        match choose(concept, wanted) {
            Choice::Code(code, _) => Some(code.to_owned()),
            Choice::Other(system) => {
                self.other_system(path(), system);
                None
            }
            Choice::Uncoded => {
                if said(&concept.text).is_some() {
                    self.bad_member(path(), CODING);
                }
                None
            }
        }
    }

    /// Reads the inpatient procedures.
    pub(super) fn procedures(&mut self) {
        let claim = self.claim;
        let mut ordered: Vec<(usize, &Procedure<'_>)> = claim.procedure.iter().enumerate().collect();
        let is_principal = |procedure: &Procedure<'_>| {
            procedure.r#type.iter().any(|concept| has_code(concept, "principal") || has_code(concept, "primary"))
        };
        ordered.sort_by_key(|(_, procedure)| !is_principal(procedure));
        let mut all = Vec::new();
        for (place, procedure) in ordered {
            let path = || format!("Claim.procedure[{place}]");
            let wanted = &[System::InpatientProcedure];
            let code = match (&procedure.procedure_codeable_concept, &procedure.procedure_reference) {
                (Some(concept), _) => self.coded(concept, wanted, path),
                (None, Some(reference)) => match self.scope.resolve(reference) {
                    Some(resource) => {
                        let procedure: Coded<'_> = resource.view();
                        self.coded(&procedure.code.unwrap_or_default(), wanted, path)
                    }
                    None => None,
                },
                (None, None) => None,
            };
            if let Some(code) = code {
                let day: String =
                    said(&procedure.date).unwrap_or_default().chars().take(10).filter(|c| *c != '-').collect();
                all.push(if day.is_empty() { code } else { format!("{code}@{day}") });
            }
        }
        self.set(Field::InpatientProcedures, &all.join(":"));
    }
}
