//! Writing claims as X12 837: professional ones by 005010X222A1, institutional ones by 005010X223A2.

use crate::claim::Claim;
use crate::csv::{field_text, number};
use crate::{GenerateError, Generator, Made};
use claims::Field;
use codes::ClaimType;
use std::io::Write;

/// Claims of a transaction set, at most: what the guides advise.
const CLAIMS_OF_A_SET: u32 = 5000;
/// The attending provider of institutional claims: an NPI that is nobody's.
const ATTENDING: &[u8] = b"1999999984";

impl Generator<'_> {
    /// Writes the claims as X12 837 and, if asked to, the list of what a scrubber must find in them. The claims and the
    /// list are those of [`Generator::write_csv`].
    ///
    /// One interchange; a functional group begins where the type of claim changes, and a transaction set also where the
    /// day changes that claims are received on (BHT04), so that [`crate::Plan::only`] makes one group. Names and
    /// addresses are the same on all claims. What a planted error writes into a field stands in its element as it is,
    /// so that such claims may break the guides' rules.
    ///
    /// # Errors
    /// As [`Generator::write_csv`].
    pub fn write_x12(&self, claims: &mut dyn Write, planted: Option<&mut dyn Write>) -> Result<Made, GenerateError> {
        let mut writer = Writer::default();
        let mut text = Vec::new();
        writer.segment(
            &mut text,
            b"ISA*00*          *00*          *ZZ*CLEANCLAIM     *ZZ*PAYER          *240101*0000*^*00501*000000001*0*T*:",
        );
        claims.write_all(&text)?;
        text.clear();
        let made = self.write_each(claims, planted, |claim, text| writer.claim(claim, text))?;
        writer.end_group(&mut text);
        text.extend_from_slice(b"IEA*");
        number(&mut text, writer.groups);
        text.extend_from_slice(b"*000000001~\n");
        claims.write_all(&text)?;
        claims.flush()?;
        Ok(made)
    }
}

/// What of the interchange is open.
#[derive(Default)]
struct Writer {
    /// The open group's type.
    group: Option<ClaimType>,
    groups: u64,
    /// Transaction sets of the open group.
    sets: u64,
    /// The open transaction set: its day, claims and segments.
    set: Option<Vec<u8>>,
    claims: u32,
    segments: u64,
    /// The last HL, and the billing provider's.
    level: u64,
    billing: Option<(u64, Vec<u8>)>,
    /// Memory for values.
    value: Vec<u8>,
}

impl Writer {
    /// Writes a segment whose elements are in place.
    fn segment(&mut self, text: &mut Vec<u8>, segment: &[u8]) {
        text.extend_from_slice(segment);
        self.end_segment(text);
    }

    fn end_segment(&mut self, text: &mut Vec<u8>) {
        // Elements that are empty at the end are not written.
        while text.last().is_some_and(|last| matches!(last, b'*' | b':')) && !text.ends_with(b"*T*:") {
            text.pop();
        }
        text.extend_from_slice(b"~\n");
        self.segments += 1;
    }

    /// Writes a segment of these parts, each a text or a field of the claim or of its line.
    fn put(&mut self, text: &mut Vec<u8>, claim: &Claim, line: Option<usize>, parts: &[Part<'_>]) {
        for part in parts {
            match *part {
                Part::Text(own) => text.extend_from_slice(own),
                Part::Claim(field) => field_text(claim, None, field, text),
                Part::Line(field) => field_text(claim, line, field, text),
                Part::Number(own) => number(text, own),
            }
        }
        self.end_segment(text);
    }

    /// What stands in a field of the claim.
    fn value(&mut self, claim: &Claim, line: Option<usize>, field: Field) -> &[u8] {
        self.value.clear();
        field_text(claim, line, field, &mut self.value);
        &self.value
    }

    fn claim(&mut self, claim: &Claim, text: &mut Vec<u8>) {
        use Part::{Claim as Of, Number, Text};
        if self.group != Some(claim.claim_type) {
            self.begin_group(claim.claim_type, text);
        }
        let day = self.value(claim, None, Field::ReceivedDate).to_vec();
        if self.set.as_ref() != Some(&day) || self.claims >= CLAIMS_OF_A_SET {
            self.begin_set(claim, day, text);
        }
        self.claims += 1;
        let mut biller = self.value(claim, None, Field::BillingNpi).to_vec();
        biller.extend_from_slice(&claim.state);
        let parent = match &self.billing {
            Some((level, last)) if *last == biller => *level,
            _ => self.billing(claim, biller, text),
        };
        self.level += 1;
        self.put(text, claim, None, &[Text(b"HL*"), Number(self.level), Text(b"*"), Number(parent), Text(b"*22*0")]);
        self.segment(text, b"SBR*P*18*******CI");
        self.party(text, claim, b"NM1*IL*1*DOE*JO****", b"MI*", Field::PatientId);
        self.segment(text, b"N3*2 ELM STREET");
        self.put(text, claim, None, &[Text(b"N4*ANYTOWN*"), Of(Field::State), Text(b"*123450000")]);
        self.put(text, claim, None, &[Text(b"DMG*D8*"), Of(Field::BirthDate), Text(b"*"), Of(Field::Sex)]);
        self.party(text, claim, b"NM1*PR*2*PAYER*****", b"PI*", Field::PayerId);
        if claim.is_institutional() { self.institutional(claim, text) } else { self.professional(claim, text) }
    }

    /// An NM1 that ends with an id, unless it is empty.
    fn party(&mut self, text: &mut Vec<u8>, claim: &Claim, name: &[u8], qualifier: &[u8], id: Field) {
        text.extend_from_slice(name);
        if !self.value(claim, None, id).is_empty() {
            text.extend_from_slice(qualifier);
            text.extend_from_slice(&self.value);
        }
        self.end_segment(text);
    }

    fn begin_group(&mut self, claim_type: ClaimType, text: &mut Vec<u8>) {
        self.end_group(text);
        self.group = Some(claim_type);
        self.groups += 1;
        text.extend_from_slice(b"GS*HC*CLEANCLAIM*PAYER*20240101*0000*");
        number(text, self.groups);
        text.extend_from_slice(b"*X*");
        self.segment(text, guide(claim_type));
    }

    fn end_group(&mut self, text: &mut Vec<u8>) {
        self.end_set(text);
        if self.group.take().is_some() {
            text.extend_from_slice(b"GE*");
            number(text, self.sets);
            text.push(b'*');
            number(text, self.groups);
            self.end_segment(text);
            self.sets = 0;
        }
    }

    fn begin_set(&mut self, claim: &Claim, day: Vec<u8>, text: &mut Vec<u8>) {
        use Part::{Claim as Of, Text};
        self.end_set(text);
        self.sets += 1;
        (self.set, self.segments, self.claims, self.level, self.billing) = (Some(day), 0, 0, 0, None);
        text.extend_from_slice(b"ST*837*");
        control_number(text, self.sets);
        text.push(b'*');
        self.segment(text, guide(claim.claim_type));
        self.put(text, claim, None, &[Text(b"BHT*0019*00*1*"), Of(Field::ReceivedDate), Text(b"*0000*CH")]);
        self.segment(text, b"NM1*41*2*CLEANCLAIM*****46*CLEANCLAIM");
        self.segment(text, b"PER*IC*OFFICE*TE*5555550100");
        self.segment(text, b"NM1*40*2*PAYER*****46*PAYER");
    }

    fn end_set(&mut self, text: &mut Vec<u8>) {
        if self.set.take().is_some() {
            text.extend_from_slice(b"SE*");
            number(text, self.segments + 1);
            text.push(b'*');
            control_number(text, self.sets);
            self.end_segment(text);
        }
    }

    /// The billing provider's level; gives its number.
    fn billing(&mut self, claim: &Claim, biller: Vec<u8>, text: &mut Vec<u8>) -> u64 {
        use Part::{Claim as Of, Number, Text};
        self.level += 1;
        let level = self.level;
        self.put(text, claim, None, &[Text(b"HL*"), Number(level), Text(b"**20*1")]);
        self.party(text, claim, b"NM1*85*2*PROVIDER*****", b"XX*", Field::BillingNpi);
        self.segment(text, b"N3*1 MAIN STREET");
        self.put(text, claim, None, &[Text(b"N4*ANYTOWN*"), Of(Field::State), Text(b"*123450000")]);
        self.segment(text, b"REF*EI*123456789");
        self.billing = Some((level, biller));
        level
    }

    fn professional(&mut self, claim: &Claim, text: &mut Vec<u8>) {
        use Part::{Claim as Of, Line, Number, Text};
        // The claim's place is that of its first line; where a line is to have none, the claim has none either.
        let mut place = self.value(claim, Some(0), Field::PlaceOfService).to_vec();
        for line in 1..claim.lines.len() {
            if self.value(claim, Some(line), Field::PlaceOfService).is_empty() {
                place.clear();
            }
        }
        let id = [Text(b"CLM*C"), Number(claim.number), Text(b"*"), Of(Field::ClaimTotal), Text(b"***"), Text(&place)];
        self.put(text, claim, None, &[&id[..], &[Text(b":B:1*Y*A*Y*Y")]].concat());
        self.diagnoses(claim, text, 12);
        for line in 0..claim.lines.len() {
            self.line(claim, line, text);
            let service = [Text(b"*"), Line(Field::Charge), Text(b"*UN*"), Line(Field::Units), Text(b"*")];
            text.extend_from_slice(b"SV1*");
            self.procedure(claim, line, text);
            if self.value(claim, Some(line), Field::PlaceOfService) == place {
                self.put(text, claim, Some(line), &[&service[..], &[Text(b"**"), Line(Field::DxPointers)]].concat());
            } else {
                let own = [Line(Field::PlaceOfService), Text(b"**"), Line(Field::DxPointers)];
                self.put(text, claim, Some(line), &[&service[..], &own].concat());
            }
            self.dates(text, b"472", claim, Some(line), [Field::ServiceFrom, Field::ServiceTo]);
            if !self.value(claim, Some(line), Field::RenderingNpi).is_empty() {
                self.put(text, claim, Some(line), &[Text(b"NM1*82*1*ROE*PAT****XX*"), Line(Field::RenderingNpi)]);
                self.segment(text, b"PRV*PE*PXC*208D00000X");
            }
        }
    }

    fn institutional(&mut self, claim: &Claim, text: &mut Vec<u8>) {
        use Part::{Claim as Of, Line, Number, Text};
        let bill = self.value(claim, None, Field::BillType).to_vec();
        let bill = bill.strip_prefix(b"0").unwrap_or(&bill);
        let (facility, frequency) = bill.split_at_checked(2).unwrap_or((bill, b""));
        let id = [Text(b"CLM*C"), Number(claim.number), Text(b"*"), Of(Field::ClaimTotal), Text(b"***")];
        let bill = [Text(facility), Text(b":A:"), Text(frequency), Text(b"**A*Y*Y")];
        self.put(text, claim, None, &[&id[..], &bill].concat());
        self.dates(text, b"434", claim, None, [Field::StatementFrom, Field::StatementTo]);
        self.put(text, claim, None, &[Text(b"CL1*3*1*"), Of(Field::PatientStatus)]);
        self.diagnoses(claim, text, 1);
        self.put(text, claim, None, &[Text(b"NM1*71*1*ROE*PAT****XX*"), Text(ATTENDING)]);
        for line in 0..claim.lines.len() {
            self.line(claim, line, text);
            text.extend_from_slice(b"SV2*");
            field_text(claim, Some(line), Field::RevenueCode, text);
            text.push(b'*');
            self.procedure(claim, line, text);
            let service = [Text(b"*"), Line(Field::Charge), Text(b"*UN*"), Line(Field::Units)];
            self.put(text, claim, Some(line), &service);
            self.dates(text, b"472", claim, Some(line), [Field::ServiceFrom, Field::ServiceTo]);
        }
    }

    fn line(&mut self, claim: &Claim, line: usize, text: &mut Vec<u8>) {
        self.put(text, claim, None, &[Part::Text(b"LX*"), Part::Number(line as u64 + 1)]);
    }

    /// The diagnoses, of which the first segment has so many and each other one twelve.
    fn diagnoses(&mut self, claim: &Claim, text: &mut Vec<u8>, first: usize) {
        let mut room = 0;
        for place in 0..claim.diagnoses.len() {
            if room == 0 {
                if place > 0 {
                    self.end_segment(text);
                }
                text.extend_from_slice(b"HI");
                room = if place == 0 { first } else { 12 };
            }
            room -= 1;
            text.extend_from_slice(if place == 0 { b"*ABK:" } else { b"*ABF:" });
            field_text(claim, None, Field::Diagnosis(place as u8 + 1), text);
        }
        if !claim.diagnoses.is_empty() {
            self.end_segment(text);
        }
    }

    /// A composite procedure; nothing where there is neither code nor modifier.
    fn procedure(&mut self, claim: &Claim, line: usize, text: &mut Vec<u8>) {
        let start = text.len();
        text.extend_from_slice(b"HC:");
        field_text(claim, Some(line), Field::Procedure, text);
        for number in 1..=Field::MODIFIERS {
            text.push(b':');
            field_text(claim, Some(line), Field::Modifier(number), text);
        }
        while text.len() > start && text.ends_with(b":") {
            text.pop();
        }
        if text.ends_with(b"HC") && text.len() == start + 2 {
            text.truncate(start);
        }
    }

    /// A DTP of one day or two.
    fn dates(&mut self, text: &mut Vec<u8>, of: &[u8], claim: &Claim, line: Option<usize>, fields: [Field; 2]) {
        let [from, to] = fields.map(|field| self.value(claim, line, field).to_vec());
        if from.is_empty() && to.is_empty() {
            return;
        }
        text.extend_from_slice(b"DTP*");
        text.extend_from_slice(of);
        if to.is_empty() && line.is_some() {
            text.extend_from_slice(b"*D8*");
            text.extend_from_slice(&from);
        } else {
            text.extend_from_slice(b"*RD8*");
            text.extend_from_slice(&from);
            text.push(b'-');
            text.extend_from_slice(&to);
        }
        self.end_segment(text);
    }
}

/// A part of a segment.
#[derive(Clone, Copy)]
enum Part<'a> {
    Text(&'a [u8]),
    Claim(Field),
    Line(Field),
    Number(u64),
}

fn guide(claim_type: ClaimType) -> &'static [u8] {
    match claim_type {
        ClaimType::Institutional => b"005010X223A2",
        _ => b"005010X222A1",
    }
}

/// A control number, of four digits at least.
fn control_number(text: &mut Vec<u8>, value: u64) {
    for least in [1000, 100, 10] {
        if value < least {
            text.push(b'0');
        }
    }
    number(text, value);
}
