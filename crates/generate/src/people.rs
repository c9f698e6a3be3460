//! Who is on the claims: patients, providers, payers. A patient has the same birth date and sex, a provider the same
//! number and state, on every claim.

use crate::draw::{Draw, mix};
use codes::{Date, Npi, Sex};

/// Groups and practices that bill, hospitals that bill, people who render.
const PRACTICES: u64 = 400;
const HOSPITALS: u64 = 120;
const RENDERERS_OF_A_PRACTICE: usize = 8;
pub(crate) const PAYERS: u32 = 24;
/// One patient for so many lines, so that a patient has about four claims.
const LINES_OF_A_PATIENT: u64 = 14;
const FEWEST_PATIENTS: u64 = 500;
const DAYS_OF_FOUR_YEARS: u64 = 1461;

/// States and how many patients of a hundred live in each, about; the rest is spread over the last ones.
const STATES: &[u8] = b"CACACACACACATXTXTXTXTXFLFLFLFLFLNYNYNYNYPAPAPAILILILOHOHOHGAGAGANCNCNCMIMIMINJNJVAVAWAWA\
    AZAZTNTNMAMAININMOMDWICOMNSCALLAKYOROKCTUTIANVARMSKSNMNEIDWVHINHMEMTRIDESDNDAKDCVTWY";

/// A provider that bills.
#[derive(Clone, Copy)]
pub(crate) struct Biller {
    pub(crate) npi: u64,
    pub(crate) state: [u8; 2],
    /// Its first renderer, where it is a practice.
    first_renderer: usize,
}

/// A patient.
#[derive(Clone, Copy)]
pub(crate) struct Patient {
    pub(crate) number: u64,
    pub(crate) birth: Date,
    pub(crate) sex: Sex,
}

/// Everyone who may be on a claim.
pub(crate) struct People {
    seed: u64,
    practices: Vec<Biller>,
    hospitals: Vec<Biller>,
    renderers: Vec<u64>,
    patients: u32,
    /// The day on which ages are as they are spread below.
    today: Date,
}

impl People {
    pub(crate) fn new(seed: u64, lines: u64, today: Date) -> People {
        let biller = |number: u64| {
            let states = STATES.as_chunks().0;
            let state = states.get((mix(seed ^ mix(number)) % states.len() as u64) as usize);
            Biller {
                npi: npi(seed, number),
                state: state.copied().unwrap_or(*b"CA"),
                first_renderer: number as usize * RENDERERS_OF_A_PRACTICE,
            }
        };
        let renderers = PRACTICES * RENDERERS_OF_A_PRACTICE as u64;
        let patients = (lines / LINES_OF_A_PATIENT).max(FEWEST_PATIENTS);
        People {
            seed,
            practices: (0..PRACTICES).map(biller).collect(),
            hospitals: (PRACTICES..PRACTICES + HOSPITALS).map(biller).collect(),
            renderers: (0..renderers).map(|number| npi(seed, 10_000 + number)).collect(),
            patients: u32::try_from(patients).unwrap_or(u32::MAX),
            today,
        }
    }

    /// A provider that bills such claims; the first ones have more patients.
    pub(crate) fn biller(&self, draw: &mut Draw, institutional: bool) -> Option<Biller> {
        let billers = if institutional { &self.hospitals } else { &self.practices };
        // Half of the claims come from large providers.
        let place = if draw.once_in(2) { draw.ranked(billers.len() as u32) } else { draw.below(billers.len() as u32) };
        billers.get(place as usize).copied()
    }

    /// Someone who renders services for the practice.
    pub(crate) fn renderer(&self, draw: &mut Draw, practice: Biller) -> Option<u64> {
        let own = self.renderers.get(practice.first_renderer..practice.first_renderer + RENDERERS_OF_A_PRACTICE);
        draw.pick(own.unwrap_or_default())
    }

    /// A patient who was born by the day.
    pub(crate) fn patient(&self, draw: &mut Draw, day: Date) -> Patient {
        for _ in 0..32 {
            let patient = self.patient_number(u64::from(draw.below(self.patients)));
            if patient.birth <= day {
                return patient;
            }
        }
        // As good as never: most patients are older than any table.
        Patient { number: u64::from(self.patients), birth: Date::from_days(day.days() - 14_600), sex: Sex::Female }
    }

    fn patient_number(&self, number: u64) -> Patient {
        let lot = mix(self.seed ^ mix(number ^ 0x7061_7469_656e_7473));
        // Years of age, in age groups as outpatient claims have them.
        let (youngest, oldest) = match lot % 100 {
            0..2 => (0, 0),
            2..12 => (1, 12),
            12..17 => (13, 17),
            17..40 => (18, 44),
            40..65 => (45, 64),
            65..92 => (65, 84),
            _ => (85, 99),
        };
        let (fewest, most) = (youngest * DAYS_OF_FOUR_YEARS / 4, (oldest + 1) * DAYS_OF_FOUR_YEARS / 4);
        let days = fewest + (lot >> 8) % (most - fewest);
        let sex = if lot >> 60 < 9 { Sex::Female } else { Sex::Male };
        Patient { number, birth: Date::from_days(self.today.days() - days as i32), sex }
    }
}

/// The NPI of a provider.
fn npi(seed: u64, number: u64) -> u64 {
    let stem = 100_000_000 + mix(seed ^ mix(number ^ 0x6e70_6973)) % 200_000_000;
    u32::try_from(stem).ok().and_then(Npi::from_stem).map_or(0, Npi::number)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn day(text: &str) -> Date {
        Date::parse(text.as_bytes()).unwrap_or(Date::from_days(0))
    }

    #[test]
    fn providers_have_numbers_that_pass_their_check_and_real_states() {
        let people = People::new(3, 1000, day("20260630"));
        for biller in people.practices.iter().chain(&people.hospitals) {
            assert!(Npi::parse(biller.npi.to_string().as_bytes()).is_some());
            assert!(biller.state.iter().all(u8::is_ascii_uppercase));
        }
        assert!(people.renderers.iter().all(|npi| Npi::parse(npi.to_string().as_bytes()).is_some()));
        assert_eq!(STATES.len() % 2, 0);
    }

    #[test]
    fn a_patient_is_the_same_every_time_and_born_by_the_day() {
        let people = People::new(3, 1000, day("20260630"));
        let mut draw = Draw::new(1, 1);
        for _ in 0..2000 {
            let patient = people.patient(&mut draw, day("20190701"));
            assert!(patient.birth <= day("20190701"));
            let again = people.patient_number(patient.number);
            assert_eq!((again.birth, again.sex), (patient.birth, patient.sex));
        }
        let ages = (0..1000).filter_map(|number| day("20260630").age(people.patient_number(number).birth));
        assert!(ages.clone().any(|age| age == 0) && ages.clone().any(|age| age > 85));
        assert!(ages.max() <= Some(100));
    }
}
