//! The care team, and the lines of a claim.

use super::claim::{Reading, day};
use super::diagnoses::{Named, Places};
use super::parties::taxonomy;
use super::resource::{Concept, Detail, Item, List, Money as Amount, Quantity, Text, said};
use super::systems::{Choice, System, choose, codes};
use crate::values::{OpenLine, trim};
use crate::{Field, ProblemKind};
use codes::{Money, Units};

const COMPONENT: &str = "a line of its own where its item has a code";
const ONE_DRUG: &str = "the line's only drug";
const SEQUENCE: &str = "the sequence of a diagnosis";

/// What a member of the care team does.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Role {
    Attending,
    Operating,
    Referring,
    Supervising,
    /// Said to have rendered the service.
    Rendering,
    /// The primary provider, or one of no role: rendered the service where nobody else is said to have.
    Primary,
    Ordering,
    Site,
    Other,
}

impl Role {
    /// The role by its code in HL7's or CARIN's list.
    fn of(concept: Option<&Concept<'_>>) -> Role {
        let Some(code) = concept.and_then(|concept| codes(concept).next()) else { return Role::Primary };
        match code.to_ascii_lowercase().as_str() {
            "attending" => Role::Attending,
            "operating" => Role::Operating,
            "referring" => Role::Referring,
            "supervisor" | "supervising" => Role::Supervising,
            "rendering" | "performing" => Role::Rendering,
            "primary" => Role::Primary,
            "ordering" => Role::Ordering,
            "site" => Role::Site,
            _ => Role::Other,
        }
    }
}

/// A member of the care team.
pub(super) struct Member {
    sequence: String,
    role: Role,
    npi: Option<String>,
}

/// The member of this role who took part in the item: among those whom it names, or the only one of the claim.
fn member_of<'m>(team: &'m [Member], item: &Item<'_>, role: Role) -> Option<&'m Member> {
    let mut of_role = team.iter().filter(|member| member.role == role);
    if item.care_team_sequence.is_empty() {
        return of_role.next().filter(|_| of_role.next().is_none());
    }
    of_role.find(|member| item.care_team_sequence.iter().any(|sequence| sequence.as_str() == member.sequence))
}

/// A product or service: an item, or a detail that is a line.
struct Service<'a, 't> {
    revenue: Option<&'a Concept<'t>>,
    product: Option<&'a Concept<'t>>,
    modifiers: &'a List<Concept<'t>>,
    quantity: Option<&'a Quantity<'t>>,
    unit_price: Option<&'a Amount<'t>>,
    factor: Option<&'a Text<'t>>,
    net: Option<&'a Amount<'t>>,
}

macro_rules! service {
    ($of:expr) => {
        Service {
            revenue: $of.revenue.as_ref(),
            product: $of.product_or_service.as_ref(),
            modifiers: &$of.modifier,
            quantity: $of.quantity.as_ref(),
            unit_price: $of.unit_price.as_ref(),
            factor: $of.factor.as_ref(),
            net: $of.net.as_ref(),
        }
    };
}

/// Whether the concept has a code of a system that lines are billed in, by name.
fn is_billed(concept: Option<&Concept<'_>>) -> bool {
    let of = |concept: &Concept<'_>| {
        choose_named(concept, System::Procedure).or(choose_named(concept, System::Hipps)).is_some()
    };
    concept.is_some_and(of)
}

/// The code of a concept in this system, where the coding names it.
fn choose_named<'a>(concept: &'a Concept<'_>, system: System) -> Option<&'a str> {
    match choose(concept, &[system]) {
        Choice::Code(code, Some(_)) => Some(code),
        _ => None,
    }
}

impl Reading<'_, '_, '_> {
    /// Reads the care team: sets the providers that are the claim's, and gives all members.
    pub(super) fn care_team(&mut self) -> Vec<Member> {
        let claim = self.claim;
        let mut team = Vec::new();
        let mut specialty = None;
        for (place, member) in claim.care_team.iter().enumerate() {
            let party = member.provider.as_ref().map(|provider| self.scope.party(provider)).unwrap_or_default();
            let role = Role::of(member.role.as_ref());
            let npi = self.npi(&party, || format!("Claim.careTeam[{place}]"));
            if matches!(role, Role::Rendering | Role::Primary) && specialty.is_none() {
                specialty = member.qualification.as_ref().and_then(taxonomy).or(party.taxonomy);
            }
            let field = match role {
                Role::Attending => Some(Field::AttendingNpi),
                Role::Operating => Some(Field::OperatingNpi),
                Role::Referring => Some(Field::ReferringNpi),
                Role::Supervising => Some(Field::SupervisingNpi),
                Role::Site => Some(Field::FacilityNpi),
                Role::Rendering | Role::Primary | Role::Ordering | Role::Other => None,
            };
            if let (Some(field), Some(npi)) = (field, &npi) {
                self.set(field, npi);
            }
            let sequence = said(&member.sequence).map_or_else(|| (place + 1).to_string(), str::to_owned);
            team.push(Member { sequence, role, npi });
        }
        self.set(Field::RenderingTaxonomy, &specialty.unwrap_or_default());
        team
    }

    /// Reads an item: a line, or the lines of a group.
    pub(super) fn item(&mut self, place: usize, places: &Places, team: &[Member]) {
        let claim = self.claim;
        let Some(item) = claim.item.get(place) else { return };
        let path = format!("Claim.item[{place}]");
        let whole = service!(item);
        let own = whole.product.is_some_and(|product| {
            is_billed(Some(product)) || matches!(choose(product, &[System::Procedure]), Choice::Code(_, None))
        });
        let billed = |detail: &Detail<'_>| is_billed(detail.product_or_service.as_ref());
        if own || !item.detail.iter().any(billed) {
            let mut line = self.line(item, &whole, &path, places, team);
            self.details(item, &mut line, &path, own);
            self.open.push(self.batch, line);
            return;
        }
        for (number, detail) in item.detail.iter().enumerate().filter(|(_, detail)| billed(detail)) {
            let service = service!(detail);
            let line = self.line(item, &service, &format!("{path}.detail[{number}]"), places, team);
            self.open.push(self.batch, line);
        }
    }

    /// Takes the drug of an item's details.
    fn details(&mut self, item: &Item<'_>, line: &mut OpenLine, path: &str, own: bool) {
        let mut drugs = 0;
        for (number, detail) in item.detail.iter().enumerate() {
            let product = detail.product_or_service.as_ref();
            if let Some(ndc) = product.and_then(|product| choose_named(product, System::Ndc)) {
                drugs += 1;
                if drugs > 1 {
                    self.bad_member(format!("{path}.detail[{number}]"), ONE_DRUG);
                    continue;
                }
                self.drug(line, ndc, detail.quantity.as_ref());
            } else if own && is_billed(product) {
                self.bad_member(format!("{path}.detail[{number}]"), COMPONENT);
            }
        }
    }

    fn drug(&mut self, line: &mut OpenLine, ndc: &str, quantity: Option<&Quantity<'_>>) {
        self.put(line, Field::Ndc, ndc);
        let Some(quantity) = quantity else { return };
        self.put(line, Field::NdcQuantity, said(&quantity.value).unwrap_or_default());
        let unit = said(&quantity.code).or(said(&quantity.unit)).unwrap_or_default();
        // X12's units of drugs (data element 355), by the names that UCUM has for them.
        let unit = match unit.to_ascii_lowercase().as_str() {
            "ml" => "ML",
            "g" | "gm" | "gr" => "GR",
            "mg" | "me" => "ME",
            "[iu]" | "f2" => "F2",
            "un" | "1" | "{tbl}" | "tab" | "ea" | "{each}" => "UN",
            _ => unit,
        };
        self.put(line, Field::NdcUnit, unit);
    }

    fn put(&mut self, line: &mut OpenLine, field: Field, text: &str) {
        let text = trim(text.as_bytes());
        if !text.is_empty() {
            line.set(self.batch, field, text);
        }
    }

    fn line(
        &mut self,
        item: &Item<'_>,
        service: &Service<'_, '_>,
        path: &str,
        places: &Places,
        team: &[Member],
    ) -> OpenLine {
        let ordinal = self.open.lines(self.batch) + 1;
        self.line = u32::try_from(self.batch.lines.len()).ok();
        let mut line = self.open.line(self.batch, ordinal, self.place);
        self.put(&mut line, Field::LineNumber, said(&item.sequence).unwrap_or_default());
        self.product(&mut line, service, path);
        self.dates(&mut line, item);
        if let Some(location) = &item.location_codeable_concept {
            let code = self.coded(location, &[System::PlaceOfService], || format!("{path}.locationCodeableConcept"));
            self.put(&mut line, Field::PlaceOfService, &code.unwrap_or_default());
        }
        let mut number = 0u8;
        for (place, modifier) in service.modifiers.iter().enumerate() {
            let code = self.coded(modifier, &[System::Procedure], || format!("{path}.modifier[{place}]"));
            let Some(code) = code else { continue };
            number += 1;
            if number <= Field::MODIFIERS {
                self.put(&mut line, Field::Modifier(number), &code);
            } else if number == Field::MODIFIERS + 1 {
                line.too_many_modifiers(self.batch, code.as_bytes());
            } else {
                break;
            }
        }
        if let Some(quantity) = service.quantity {
            self.put(&mut line, Field::Units, said(&quantity.value).unwrap_or_default());
            let unit = said(&quantity.code).or(said(&quantity.unit)).unwrap_or_default();
            let basis = match unit.to_ascii_lowercase().as_str() {
                "min" | "mj" => "MJ",
                "d" | "da" => "DA",
                "un" => "UN",
                _ => "",
            };
            self.put(&mut line, Field::UnitBasis, basis);
        }
        match service.net.and_then(|net| said(&net.value)) {
            Some(net) => self.put(&mut line, Field::Charge, net),
            None => {
                if let Some(price) = service.unit_price.and_then(|price| said(&price.value)) {
                    let quantity = service.quantity.and_then(|quantity| said(&quantity.value));
                    let charge = charge(price, quantity, service.factor.map(Text::as_str));
                    self.put(&mut line, Field::Charge, &charge.map(|charge| charge.to_string()).unwrap_or_default());
                }
            }
        }
        self.pointers(&mut line, item, path, places);
        let rendering = member_of(team, item, Role::Rendering).or_else(|| member_of(team, item, Role::Primary));
        for (field, member) in
            [(Field::RenderingNpi, rendering), (Field::OrderingNpi, member_of(team, item, Role::Ordering))]
        {
            if let Some(npi) = member.and_then(|member| member.npi.as_deref()) {
                self.put(&mut line, field, npi);
            }
        }
        let sites = item.body_site.iter().chain(item.sub_site.iter());
        let sites: Vec<&str> = sites.filter_map(|concept| codes(concept).next()).collect();
        self.put(&mut line, Field::ToothCodes, &sites.join(":"));
        line
    }

    /// The revenue code, the procedure and the drug.
    fn product(&mut self, line: &mut OpenLine, service: &Service<'_, '_>, path: &str) {
        let product = service.product;
        let mut revenue = None;
        if let Some(concept) = service.revenue {
            revenue = self.coded(concept, &[System::Revenue], || format!("{path}.revenue"));
        }
        // Where there is no HCPCS code, the revenue code may stand in its place.
        let instead = product.and_then(|product| choose_named(product, System::Revenue));
        self.put(line, Field::RevenueCode, revenue.as_deref().or(instead).unwrap_or_default());
        let Some(product) = product else { return };
        let drug = choose_named(product, System::Ndc);
        if let Some(ndc) = drug {
            self.drug(line, ndc, None);
        }
        if let Some(code) = choose_named(product, System::Procedure) {
            self.put(line, Field::Procedure, code);
        } else if let Some(code) = choose_named(product, System::Hipps) {
            self.put(line, Field::OtherProcedure, &format!("HP={code}"));
        } else if instead.is_none() && drug.is_none() {
            let code = self.coded(product, &[System::Procedure], || format!("{path}.productOrService"));
            self.put(line, Field::Procedure, &code.unwrap_or_default());
        }
    }

    fn dates(&mut self, line: &mut OpenLine, item: &Item<'_>) {
        if let Some(date) = said(&item.serviced_date) {
            return self.put(line, Field::ServiceFrom, day(date));
        }
        let claim = self.claim;
        let own = item.serviced_period.as_ref();
        let days = |period: Option<&super::resource::Period<'_>>| {
            let of = |text| said(text).map(|text| day(text).to_owned());
            period.map_or((None, None), |period| (of(&period.start), of(&period.end)))
        };
        let (from, to) = match (own, days(claim.billable_period.as_ref())) {
            (Some(own), _) => days(Some(own)),
            (None, (Some(from), Some(to))) if from == to => (Some(from), None),
            (None, _) => (None, None),
        };
        self.put(line, Field::ServiceFrom, &from.unwrap_or_default());
        self.put(line, Field::ServiceTo, &to.unwrap_or_default());
    }

    fn pointers(&mut self, line: &mut OpenLine, item: &Item<'_>, path: &str, places: &Places) {
        let mut pointers = Vec::new();
        for (place, sequence) in item.diagnosis_sequence.iter().enumerate() {
            let Ok(sequence) = sequence.as_str().parse() else {
                self.bad_member(format!("{path}.diagnosisSequence[{place}]"), SEQUENCE);
                continue;
            };
            match places.named(sequence) {
                Named::Listed(pointer) => pointers.push(pointer.to_string()),
                Named::Apart => {}
                Named::Nothing => {
                    let path = format!("{path}.diagnosisSequence[{place}]").into();
                    self.problem(ProblemKind::NoSuchDiagnosis { path, sequence }, Some(Field::DxPointers));
                }
            }
        }
        self.put(line, Field::DxPointers, &pointers.join(":"));
    }
}

/// Price × quantity × factor, where that is a whole number of cents.
fn charge(price: &str, quantity: Option<&str>, factor: Option<&str>) -> Option<Money> {
    let scaled = |text: Option<&str>| match text {
        Some(text) => Units::parse(text.as_bytes()).map(|units| i128::from(units.thousandths())),
        None => Some(1000),
    };
    let price = i128::from(Money::parse(price.as_bytes())?.cents());
    let product = price.checked_mul(scaled(quantity)?)?.checked_mul(scaled(factor)?)?;
    if product % 1_000_000 != 0 {
        return None;
    }
    i64::try_from(product / 1_000_000).ok().map(Money::from_cents)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_charge_is_price_times_quantity_times_factor_in_whole_cents() {
        let cents = |price, quantity, factor| charge(price, quantity, factor).map(Money::cents);
        assert_eq!(cents("75", None, None), Some(7_500));
        assert_eq!(cents("30", Some("2"), Some("1.1")), Some(6_600));
        assert_eq!(cents("0.01", Some("1"), Some("0.5")), None);
        assert_eq!(cents("x", None, None), None);
        assert_eq!(cents("92000000000000000", Some("9000000000000000"), Some("9000000000000000")), None);
    }
}
