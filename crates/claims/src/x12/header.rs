//! What stands above the claims: the transaction set's header, the billing provider, the subscriber and the patient.

use super::head::Level;
use super::segment::Segment;
use super::value::{Source, Value};
use crate::{ClaimBatch, Field};

/// The billing provider's level.
#[derive(Clone, Copy, Default)]
pub(super) struct Billing<'a> {
    pub(super) npi: Option<Value<'a>>,
    pub(super) taxonomy: Option<Value<'a>>,
    pub(super) state: Option<Value<'a>>,
}

/// A person's level: the subscriber's or the patient's.
#[derive(Clone, Copy, Default)]
struct Person<'a> {
    id: Option<Value<'a>>,
    /// An id from a REF, where NM1 has none.
    second_id: Option<Value<'a>>,
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
pub(super) struct Header<'a> {
    received: Option<Value<'a>>,
    pub(super) billing: Billing<'a>,
    filing: Option<Value<'a>>,
    payer: Option<Value<'a>>,
    subscriber: Person<'a>,
    patient: Option<Person<'a>>,
    level: Option<Level>,
    /// NM101 of the party at hand.
    party: &'a [u8],
}

impl<'a> Header<'a> {
    /// A transaction set begins.
    pub(super) fn begin_set(&mut self) {
        *self = Header { level: Some(Level::Set), ..Header::default() };
    }

    /// A hierarchical level begins: what was said of it and of those below is over.
    pub(super) fn begin_level(&mut self, level: Level) {
        if level <= Level::Billing {
            self.billing = Billing::default();
        }
        if level <= Level::Subscriber {
            (self.filing, self.payer, self.subscriber) = (None, None, Person::default());
        }
        self.patient = (level == Level::Patient).then(Person::default);
        (self.level, self.party) = (Some(level), &[]);
    }

    /// The person that the level at hand is of.
    fn person(&mut self) -> &mut Person<'a> {
        match (self.level, &mut self.patient) {
            (Some(Level::Patient), Some(patient)) => patient,
            _ => &mut self.subscriber,
        }
    }

    /// Reads a segment above the claims.
    pub(super) fn segment(&mut self, batch: &mut ClaimBatch, segment: Segment<'a>) {
        let id = segment.id();
        if id == b"NM1" {
            self.party = segment.element(1).trim_ascii();
            // Where the HL segment before it is missing.
            if self.party == b"QC" && self.patient.is_none() {
                self.begin_level(Level::Patient);
                self.party = segment.element(1).trim_ascii();
            }
        }
        let source = match id {
            b"BHT" => Source::new(segment, "header", batch),
            b"PRV" | b"SBR" => Source::new(segment, self.level_loop(), batch),
            b"NM1" | b"N4" | b"DMG" | b"REF" => match self.party_loop() {
                Some(loop_id) => Source::new(segment, loop_id, batch),
                None => return,
            },
            _ => return,
        };
        match (id, self.party) {
            (b"BHT", _) => self.received = source.element(4),
            (b"SBR", _) => self.filing = source.element(9),
            (b"PRV", _) => {
                if segment.element(1).trim_ascii() == b"BI" {
                    self.billing.taxonomy = self.billing.taxonomy.or(source.element(3));
                }
            }
            (b"NM1", b"85") => {
                let npi = source.element(9).filter(|_| segment.element(8).trim_ascii() == b"XX");
                self.billing.npi = self.billing.npi.or(npi);
            }
            (b"N4", b"85") => self.billing.state = self.billing.state.or(source.element(2)),
            (b"NM1", b"IL") => self.subscriber.id = self.subscriber.id.or(source.element(9)),
            (b"NM1", b"QC") => self.person().id = source.element(9),
            (b"NM1", b"PR") => self.payer = self.payer.or(source.element(9)),
            (b"DMG", b"IL" | b"QC") => {
                let person = self.person();
                person.birth_date = person.birth_date.or(source.element(2));
                person.sex = person.sex.or(source.element(3));
            }
            (b"REF", b"IL" | b"QC") if matches!(segment.element(1).trim_ascii(), b"SY" | b"1W" | b"23" | b"IG") => {
                let person = self.person();
                person.second_id = person.second_id.or(source.element(2));
            }
            _ => {}
        }
    }

    fn level_loop(&self) -> &'static str {
        match self.level {
            Some(Level::Billing) => "2000A",
            Some(Level::Subscriber) => "2000B",
            Some(Level::Patient) => "2000C",
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

    /// The fields of a claim that is under these levels.
    pub(super) fn values(&self) -> [(Field, Option<Value<'a>>); 8] {
        let person = self.patient.unwrap_or(self.subscriber);
        let patient = self.patient.and_then(|patient| patient.any_id()).or(self.subscriber.any_id());
        [
            (Field::ReceivedDate, self.received),
            (Field::BillingNpi, self.billing.npi),
            (Field::BillingTaxonomy, self.billing.taxonomy),
            (Field::ClaimFiling, self.filing),
            (Field::PayerId, self.payer),
            (Field::PatientId, patient),
            (Field::BirthDate, person.birth_date),
            (Field::Sex, person.sex),
        ]
    }
}
