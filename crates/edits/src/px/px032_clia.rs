use crate::contract::{edit, tables};
use crate::fees::PROFESSIONAL_COMPONENT;
use crate::{ClaimFacts, Fires, Grounds, Kind, LineFacts, Lookup, Reason, Recorder, Value};
use claims::Field;
use codes::{Code, Modifier};
use codeset::flags::could;
use codeset::{AttributeId, Attributes, SystemId};
use std::collections::BTreeMap;

/// On a laboratory test, or where it cannot be told whether there is one.
const FIRES: Fires =
    Fires::procedures(could::LAB_TEST).or(Fires::UNDATED_LINE).or(Fires::attributes_unanswered(AttributeId::LabTest));

/// A test that is waived under CLIA.
const WAIVED: Modifier = Modifier::new(b"QW");

/// Waived tests that need no QW to be known as such.
///
/// Source: Medicare Claims Processing Manual chapter 16 §70.8; CMS, list of waived tests (CR 8805 and its successors).
const WAIVED_WITHOUT_QW: [Code; 9] = [
    Code::new(b"81002"),
    Code::new(b"81025"),
    Code::new(b"82270"),
    Code::new(b"82272"),
    Code::new(b"82962"),
    Code::new(b"83026"),
    Code::new(b"84830"),
    Code::new(b"85013"),
    Code::new(b"85651"),
];

/// Services of the fee schedule that are no test of a specimen under CLIA: collection of specimens and travel for it;
/// breath tests and measurements on the body; timed volumes; identity by nucleic acid; freezing and thawing of cells.
///
/// Source: CMS, HCPCS codes excluded from CLIA edits; Medicare Claims Processing Manual chapter 16 §60 and §70.
const NO_CERTIFICATE: [Code; 22] = [
    Code::new(b"0061U"),
    Code::new(b"0079U"),
    Code::new(b"36415"),
    Code::new(b"36416"),
    Code::new(b"78267"),
    Code::new(b"78268"),
    Code::new(b"81050"),
    Code::new(b"82075"),
    Code::new(b"83013"),
    Code::new(b"83014"),
    Code::new(b"83987"),
    Code::new(b"88240"),
    Code::new(b"88241"),
    Code::new(b"88720"),
    Code::new(b"88738"),
    Code::new(b"88740"),
    Code::new(b"88741"),
    Code::new(b"G0471"),
    Code::new(b"P9603"),
    Code::new(b"P9604"),
    Code::new(b"P9612"),
    Code::new(b"P9615"),
];

edit! {
    /// # What it checks
    /// A laboratory test on a professional claim has the number of the laboratory's CLIA certificate, its own or the
    /// claim's: ten characters, two digits, D and seven digits. A test that may be waived carries QW where the certificate
    /// is one of waiver.
    ///
    /// What kind of certificate a number is of, a claim does not say. It is taken for one of waiver where some test under
    /// the number carries QW and every other test under it is one that may be waived.
    ///
    /// # Why a payer denies it
    /// A laboratory is paid for no more than its certificate allows. Without a number, or with one that no laboratory has,
    /// the payer cannot tell; it answers CARC 16 with MA120 (missing, incomplete or invalid CLIA certification number). A
    /// laboratory with a certificate of waiver is paid for waived tests alone, and QW says that the test was.
    ///
    /// # Example
    /// `80053` with no CLIA number on the claim. `87804-QW` and `82947` under one number: the second needs QW too.
    ///
    /// # How to fix
    /// Enter the CLIA number of the laboratory that did the test, at the line where it is another one than the claim's. Add
    /// QW if the test was done with a waived kit.
    ///
    /// # Bypass
    /// None.
    ///
    /// # Source
    /// Medicare Claims Processing Manual chapter 16 §70 (70.2 number, 70.8 waiver, 70.10 claims); 42 CFR 493; Clinical
    /// Laboratory Fee Schedule, rows with QW.
    ///
    /// # Tables
    /// lab-tests, of the line's date: which services are tests, and which may be waived. Collection of specimens, tests
    /// that CMS excludes from its CLIA edits, lines with 26 and services that the schedule does not list pass. 81002, 81025,
    /// 82270, 82272, 82962, 83026, 84830, 85013 and 85651 are waived without QW. A date outside the schedule's quarters, a
    /// procedure that no release lists, and a test on a claim of an input without CLIA numbers are not evaluated.
    /// Institutional and dental claims are not looked at.
    pub struct PxClia;
    id: "PX032", name: "px-clia",
    severity: Warning, snip: 4, carc: "16", rarc: "MA120",
    source: "Medicare Claims Processing Manual chapter 16 §70; Clinical Laboratory Fee Schedule",
    unit: Line, claims: PROFESSIONAL, default: ON,
    tables: [tables::PROCEDURES, tables::LAB_TESTS], fields: [], fires: FIRES,
    messages: [
        "{procedure} on {date} is a laboratory test, and neither the line nor the claim has the laboratory's CLIA number; a \
         payer could not tell whether it is certified"
            => "Enter the CLIA number of the laboratory that did {procedure}.",
        "CLIA number \"{clia}\" of laboratory test {procedure} is not two digits, D and seven digits, as every one is; a \
         payer would find no laboratory"
            => "Copy the ten characters from the laboratory's certificate.",
        "{procedure} on {date} may be waived under CLIA and has no QW, though all tests of laboratory {clia} on the claim \
         are such and line {other_line} has it; a laboratory with a certificate of waiver would not be paid for it"
            => "Add QW if {procedure} was done with a waived kit; a laboratory with another certificate may leave it as it \
                is.",
    ],
    check: check,
    of_kind: of_kind,
}

/// Why of no line of claims of this kind can be told whether it is a test.
fn of_kind(kind: &Kind, grounds: &Grounds<'_>) -> Option<Reason> {
    if kind.could_fire(Fires::UNKNOWN_PROCEDURE) { None } else { kind.lacks_attributes(AttributeId::LabTest, grounds) }
}

fn check(claim: &ClaimFacts<'_>, out: &mut Recorder<'_>) {
    let id = AttributeId::LabTest;
    let Some(table) = claim.attributes(id) else { return };
    let mut laboratories: Option<BTreeMap<&str, Laboratory>> = None;
    for (number, line) in (0u32..).zip(claim.lines) {
        if line.procedure == Lookup::Absent {
            continue;
        }
        let test = match test(table, line) {
            Ok(Some(test)) => test,
            Ok(None) => continue,
            Err(reason) => {
                out.skip_line(number, reason);
                continue;
            }
        };
        let (field, clia) = clia(claim, number);
        if clia.is_empty() {
            if !claim.has_column(Field::CliaNumber) && !claim.has_column(Field::LineCliaNumber) {
                out.skip_line(number, Reason::FieldAbsent(Field::CliaNumber));
                continue;
            }
            tell(out.fail_line(number, field, 0), line, test.release);
        } else if !is_clia(clia) {
            let finding = out.fail_line(number, field, 1);
            finding.with("clia", Value::Text(clia.to_owned()));
            tell(finding, line, test.release);
        } else if test.needs_qw && !line.has_modifier(WAIVED) {
            let known = laboratories.get_or_insert_with(|| all_laboratories(claim, table));
            let Some(&Laboratory { qw: Some(other), waived_alone: true }) = known.get(clia) else { continue };
            let other = claim.lines.get(other as usize).map_or(0, |line| line.row.number);
            let free = line.row.modifiers.iter().position(|modifier| modifier.is_absent()).unwrap_or(3);
            let finding = out.fail_line(number, Field::Modifier(free as u8 + 1), 2);
            finding.with("clia", Value::Text(clia.to_owned())).with("other_line", Value::Count(other.into()));
            tell(finding, line, test.release);
        }
    }
}

/// What the fee schedule says of a laboratory test.
#[derive(Clone, Copy)]
struct Test {
    /// It may be waived, and then carries QW.
    needs_qw: bool,
    /// It may be waived, with QW or without.
    may_be_waived: bool,
    release: u16,
}

/// The line's procedure as a test that needs a certificate; why it cannot be told.
fn test(table: &Attributes, line: &LineFacts<'_>) -> Result<Option<Test>, Reason> {
    let code = line.row.procedure;
    let ordinal = line.procedure.ordinal().ok_or(Reason::CodeNotValid(SystemId::Procedure.name()))?;
    let date = line.governing_date()?;
    if !table.covers(date) {
        return Err(Reason::DateOutsideReleases(table.id().name()));
    }
    let waived = table.component_on(ordinal, WAIVED, date);
    let Some(row) = table.row_on(ordinal, date).or(waived) else { return Ok(None) };
    if NO_CERTIFICATE.contains(&code) || line.has_modifier(PROFESSIONAL_COMPONENT) {
        return Ok(None);
    }
    let needs_qw = waived.is_some();
    let may_be_waived = needs_qw || WAIVED_WITHOUT_QW.contains(&code);
    Ok(Some(Test { needs_qw, may_be_waived, release: row.release }))
}

/// The CLIA number of the line, counted from 0: its own, else the claim's; and which of the two. Empty where there is none.
fn clia<'c>(claim: &ClaimFacts<'c>, line: u32) -> (Field, &'c str) {
    let given = |text: Option<&'c str>| text.map(str::trim).filter(|text| !text.is_empty());
    match given(claim.claim.text_of_line(line as usize, Field::LineCliaNumber)) {
        Some(own) => (Field::LineCliaNumber, own),
        None => (Field::CliaNumber, given(claim.claim.text_of(Field::CliaNumber)).unwrap_or_default()),
    }
}

/// Whether the text has the form of a CLIA number.
fn is_clia(text: &str) -> bool {
    text.len() == 10
        && text
            .bytes()
            .enumerate()
            .all(|(place, byte)| if place == 2 { byte.eq_ignore_ascii_case(&b'D') } else { byte.is_ascii_digit() })
}

/// What the tests under one CLIA number say of its certificate.
#[derive(Clone, Copy)]
struct Laboratory {
    /// The first line with QW, a place in the claim.
    qw: Option<u32>,
    /// No test is one that is never waived.
    waived_alone: bool,
}

fn all_laboratories<'c>(claim: &ClaimFacts<'c>, table: &Attributes) -> BTreeMap<&'c str, Laboratory> {
    let mut all: BTreeMap<&str, Laboratory> = BTreeMap::new();
    for (number, line) in (0u32..).zip(claim.lines).filter(|(_, line)| line.procedure != Lookup::Absent) {
        // A line of which nothing can be told may be of a test that is never waived.
        let judged = test(table, line);
        let Some(may_be_waived) = judged.map_or(Some(false), |test| test.map(|test| test.may_be_waived)) else {
            continue;
        };
        let own = all.entry(clia(claim, number).1).or_insert(Laboratory { qw: None, waived_alone: true });
        own.waived_alone &= may_be_waived;
        if own.qw.is_none() && line.has_modifier(WAIVED) {
            own.qw = Some(number);
        }
    }
    all
}

/// Gives a finding what every message names.
fn tell(finding: &mut crate::Finding, line: &LineFacts<'_>, release: u16) {
    finding.with("procedure", Value::Code(line.row.procedure)).from_release(release);
    if let Some(date) = line.date {
        finding.with("date", Value::Date(date));
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_clia_number_is_two_digits_d_and_seven_digits() {
        for (text, expected) in [
            ("05D1234567", true),
            ("05d1234567", true),
            ("05D123456", false),
            ("05D12345678", false),
            ("0551234567", false),
            ("D051234567", false),
            ("05D12345O7", false),
            ("", false),
            ("05D12345é", false),
        ] {
            assert_eq!(is_clia(text), expected, "{text}");
        }
    }
}
