//! What stands above the claims: the transaction set's header, the billing provider, the subscriber and the patient.

use super::head::Level;
use super::id::Id;
use super::segment::Segment;
use super::value::{Source, Value};
use crate::{ClaimBatch, Field};

/// The billing provider's level.
#[derive(Clone, Copy, Default)]
struct Billing<'a> {
    npi: Option<Value<'a>>,
    taxonomy: Option<Value<'a>>,
    state: Option<Value<'a>>,
}

/// A person's level: the subscriber's or the patient's.
#[derive(Clone, Copy, Default)]
struct Person<'a> {
    id: Option<Value<'a>>,
    /// An id from a REF, where NM1 has none.
    second_id: Option<Value<'a>>,
    /// The first name.
    name: Option<Value<'a>>,
    birth_date: Option<Value<'a>>,
    sex: Option<Value<'a>>,
}

impl<'a> Person<'a> {
    fn any_id(&self) -> Option<Value<'a>> {
        self.id.or(self.second_id)
    }
}

/// All that the levels above a claim say of it.
#[derive(Clone, Copy, Default)]
struct Facts<'a> {
    received: Option<Value<'a>>,
    billing: Billing<'a>,
    filing: Option<Value<'a>>,
    payer: Option<Value<'a>>,
    subscriber: Person<'a>,
    patient: Option<Person<'a>>,
}

/// The levels above the claims. As [`super::head::Context`] does, a level that begins takes the place of what was said
/// at that level and below.
#[derive(Clone, Copy, Default)]
pub(super) struct Header<'a> {
    facts: Facts<'a>,
    /// The facts up to the end of each level above the one at hand.
    ends: [Facts<'a>; Level::COUNT],
    level: usize,
    /// NM101 of the party at hand.
    party: &'a [u8],
}

impl<'a> Header<'a> {
    /// Forgets what was said at this level and below.
    pub(super) fn end(&mut self, level: Level) {
        for end in self.ends.iter_mut().take(level as usize).skip(self.level) {
            *end = self.facts;
        }
        self.level = (level as usize).saturating_sub(1);
        self.facts = match level {
            Level::Interchange => Facts::default(),
            _ => self.ends.get(self.level).copied().unwrap_or_default(),
        };
        self.party = &[];
    }

    /// Begins a level.
    pub(super) fn begin(&mut self, level: Level) {
        self.end(level);
        self.level = level as usize;
        if level == Level::Patient {
            self.facts.patient = Some(Person::default());
        }
    }

    /// The person that the level at hand is of.
    fn person(&mut self) -> &mut Person<'a> {
        match &mut self.facts.patient {
            Some(patient) => patient,
            None => &mut self.facts.subscriber,
        }
    }

    /// Reads a segment above the claims.
    pub(super) fn segment(&mut self, batch: &mut ClaimBatch, segment: &Segment<'a>) {
        let id = segment.id;
        if id == Id::NM1 {
            self.party = segment.trimmed(1);
            // Where the HL segment before it is missing.
            if self.party == b"QC" {
                self.facts.patient.get_or_insert_default();
            }
        }
        let source = match id {
            Id::BHT => Source::new(segment, "header", batch),
            Id::PRV | Id::SBR => Source::new(segment, self.level_loop(), batch),
            Id::NM1 | Id::N4 | Id::DMG | Id::REF => match self.party_loop() {
                Some(loop_id) => Source::new(segment, loop_id, batch),
                None => return,
            },
            _ => return,
        };
        match (id, self.party) {
            (Id::BHT, _) => self.facts.received = source.element(4),
            (Id::SBR, _) => self.facts.filing = source.element(9),
            (Id::PRV, _) if segment.trimmed(1) == b"BI" => {
                self.facts.billing.taxonomy = self.facts.billing.taxonomy.or(source.element(3));
            }
            (Id::NM1, b"85") => {
                let npi = source.element(9).filter(|_| segment.trimmed(8) == b"XX");
                self.facts.billing.npi = self.facts.billing.npi.or(npi);
            }
            (Id::N4, b"85") => self.facts.billing.state = self.facts.billing.state.or(source.element(2)),
            (Id::NM1, b"IL") => self.facts.subscriber.id = self.facts.subscriber.id.or(source.element(9)),
            (Id::NM1, b"QC") => {
                let person = self.person();
                person.id = source.element(9);
                person.name = source.element(4);
            }
            (Id::NM1, b"PR") => self.facts.payer = self.facts.payer.or(source.element(9)),
            (Id::DMG, b"IL" | b"QC") => {
                let person = self.person();
                person.birth_date = person.birth_date.or(source.element(2));
                person.sex = person.sex.or(source.element(3));
            }
            (Id::REF, b"IL" | b"QC") if matches!(segment.trimmed(1), b"SY" | b"1W" | b"23" | b"IG") => {
                let person = self.person();
                person.second_id = person.second_id.or(source.element(2));
            }
            _ => {}
        }
    }

    fn level_loop(&self) -> &'static str {
        const BILLING: usize = Level::Billing as usize;
        const SUBSCRIBER: usize = Level::Subscriber as usize;
        const PATIENT: usize = Level::Patient as usize;
        match self.level {
            BILLING => "2000A",
            SUBSCRIBER => "2000B",
            PATIENT => "2000C",
            _ => "header",
        }
    }

    /// The loop of the party at hand; `None` for one of which nothing is read.
    fn party_loop(&self) -> Option<&'static str> {
        Some(match self.party {
            b"85" => "2010AA",
            b"IL" => "2010BA",
            b"PR" => "2010BB",
            b"QC" => "2010CA",
            _ => return None,
        })
    }

    /// The state of the billing provider.
    pub(super) fn billing_state(&self) -> Option<Value<'a>> {
        self.facts.billing.state
    }

    /// What tells apart the patients under one subscriber's id, where the patient is a dependent who has no id of its own:
    /// the first name, or else the day of birth.
    pub(super) fn dependent(&self) -> Option<&'a [u8]> {
        let patient = self.facts.patient.filter(|patient| patient.any_id().is_none())?;
        Some(patient.name.or(patient.birth_date).map_or(&[], |value| value.text))
    }

    /// The fields of a claim that is under these levels.
    pub(super) fn values(&self) -> [(Field, Option<Value<'a>>); 8] {
        let person = self.facts.patient.unwrap_or(self.facts.subscriber);
        let patient = self.facts.patient.and_then(|patient| patient.any_id()).or(self.facts.subscriber.any_id());
        [
            (Field::ReceivedDate, self.facts.received),
            (Field::BillingNpi, self.facts.billing.npi),
            (Field::BillingTaxonomy, self.facts.billing.taxonomy),
            (Field::ClaimFiling, self.facts.filing),
            (Field::PayerId, self.facts.payer),
            (Field::PatientId, patient),
            (Field::BirthDate, person.birth_date),
            (Field::Sex, person.sex),
        ]
    }
}
