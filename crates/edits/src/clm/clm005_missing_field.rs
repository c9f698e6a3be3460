use crate::contract::edit;
use crate::{ClaimFacts, Fires, LineFacts, Reason, Recorder, Value};
use claims::{Columns, Field, Given};
use codes::ClaimType;

edit! {
    /// # What it checks
    /// Every field is given that the claim's transaction requires. Of all claims: payer, patient, birth date, sex,
    /// billing NPI, total, and for every line a procedure or a revenue code. Of professional claims, for every line:
    /// procedure, first date of service, place of service, units and charge. Of institutional claims: type of bill, both
    /// statement dates and patient status, and for every line revenue code, units and charge; on outpatient bills of more
    /// than one day also the date of service. Of dental claims, for every line: procedure, date (but on a
    /// predetermination of benefits, submission_reason PB), place of service and charge. Each empty field is a finding,
    /// at its line if it is a line's. A claim without any line is one too.
    ///
    /// # Why a payer denies it
    /// The 837 requires these elements; a claim without one is rejected before it is judged.
    ///
    /// # Example
    /// A professional line with procedure and date but no charge.
    ///
    /// # How to fix
    /// Fill in the field. If many claims lack the same one, the export that wrote them leaves it out.
    ///
    /// # Bypass
    /// None.
    ///
    /// # Source
    /// X12 005010X222A1, X223A2 and X224A2: the elements that the finding names; X12 RFI 1435 on dates of inpatient
    /// Part B bills (12x, 22x).
    ///
    /// # Tables
    /// None. A field for which the input has no column at all is not evaluated, and no claim fails for it; nor is
    /// the line's date on an institutional claim whose type of bill is not known. A field that holds something
    /// unreadable is FMT003's, a wrong NPI PRV001's. Diagnoses are DX006's, diagnosis pointers DX040's, procedures
    /// that a revenue code demands FAC003's.
    pub struct MissingField;
    id: "CLM005", name: "missing-field",
    severity: Error, snip: 2, carc: "16", rarc: "MA130",
    source: "X12 005010X222A1, X223A2, X224A2",
    unit: Claim, claims: ALL, default: ON,
    tables: [], fields: [], fires: Fires::INCOMPLETE,
    messages: [
        "{field} is empty; {claim_type} claims require it ({element}), and a payer would reject one without it"
            => "Fill in {field}.",
        "The line has neither procedure nor revenue code; a payer cannot tell what was done"
            => "Fill in the procedure, on an institutional claim the revenue code; remove the line if it is empty.",
        "The claim has no service line, and {claim_type} claims require one (loop 2400); a payer cannot tell what was done"
            => "Add the lines. If many claims lack them, the export that wrote them leaves them out or names them otherwise.",
    ],
    check: check,
}

/// A required field, and its element in the 837.
type Required = (Field, &'static str);

/// Of every claim.
const OF_ALL: &[Required] = &[
    (Field::PayerId, "NM109 of loop 2010BB"),
    (Field::PatientId, "NM109 of loop 2010BA"),
    (Field::BirthDate, "DMG02"),
    (Field::Sex, "DMG03"),
    (Field::BillingNpi, "NM109 of loop 2010AA"),
    (Field::ClaimTotal, "CLM02"),
];

const OF_INSTITUTIONAL: &[Required] = &[
    (Field::BillType, "CLM05"),
    (Field::StatementFrom, "DTP 434"),
    (Field::StatementTo, "DTP 434"),
    (Field::PatientStatus, "CL103"),
];

const OF_PROFESSIONAL_LINES: &[Required] = &[
    (Field::Procedure, "SV101"),
    (Field::ServiceFrom, "DTP 472"),
    // The line's own is required where it differs from the claim's; the CSV has only the line's.
    (Field::PlaceOfService, "CLM05 and SV105"),
    (Field::Units, "SV104"),
    (Field::Charge, "SV102"),
];

const OF_INSTITUTIONAL_LINES: &[Required] =
    &[(Field::RevenueCode, "SV201"), (Field::Units, "SV205"), (Field::Charge, "SV203")];

/// Besides, where [`needs_line_dates`] says so.
const OF_OUTPATIENT_LINES: &[Required] = &[(Field::ServiceFrom, "DTP 472")];

const OF_DENTAL_LINES: &[Required] = &[
    (Field::Procedure, "SV301"),
    (Field::ServiceFrom, "DTP 472"),
    (Field::PlaceOfService, "CLM05 and SV303"),
    (Field::Charge, "SV302"),
];

/// CLM19 of a claim that asks which benefits a dental service would have: it is not given yet, and has no date.
const PREDETERMINATION: &str = "PB";

/// The columns of all fields of a professional claim that are required, and of an institutional one.
pub(super) const PROFESSIONAL: Columns = columns(&[OF_ALL, OF_PROFESSIONAL_LINES]);
pub(super) const INSTITUTIONAL: Columns =
    columns(&[OF_ALL, OF_INSTITUTIONAL, OF_INSTITUTIONAL_LINES, OF_OUTPATIENT_LINES]);

const fn columns(lists: &[&[Required]]) -> Columns {
    let (mut columns, mut list) = (Columns::NONE, 0);
    while list < lists.len() {
        let mut place = 0;
        while place < lists[list].len() {
            columns = columns.with(lists[list][place].0);
            place += 1;
        }
        list += 1;
    }
    columns
}

fn check(claim: &ClaimFacts<'_>, out: &mut Recorder<'_>) {
    let (own, of_lines) = match claim.claim_type() {
        ClaimType::Professional => (&[][..], OF_PROFESSIONAL_LINES),
        ClaimType::Institutional => (OF_INSTITUTIONAL, OF_INSTITUTIONAL_LINES),
        ClaimType::Dental => (&[][..], OF_DENTAL_LINES),
    };
    let dates = if claim.is_institutional() { needs_line_dates(claim) } else { Ok(false) };
    let of_dates = if dates == Ok(true) { OF_OUTPATIENT_LINES } else { &[] };
    let undated = claim.claim_type() == ClaimType::Dental
        && claim
            .claim
            .text_of(Field::SubmissionReason)
            .is_some_and(|reason| reason.eq_ignore_ascii_case(PREDETERMINATION));
    let mut unknown: Option<Reason> = None;
    for &required in OF_ALL.iter().chain(own) {
        if !claim.has_column(required.0) {
            unknown = unknown.or(Some(Reason::FieldAbsent(required.0)));
        } else if of_claim(claim, required.0) {
            missing(claim, out, None, required);
        }
    }
    for &required in of_lines.iter().chain(of_dates) {
        if !claim.has_column(required.0) {
            unknown = unknown.or(Some(Reason::FieldAbsent(required.0)));
        }
    }
    if claim.lines.is_empty() {
        out.fail_claim(Field::LineNumber, 2).with("claim_type", Value::Text(claim.claim_type().to_string()));
    }
    for (place, line) in (0u32..).zip(claim.lines) {
        // A code of a system that this program has no table of is a procedure all the same.
        let coded = !line.row.procedure.is_absent()
            || claim.claim.text_of_line(place as usize, Field::OtherProcedure).is_some();
        let nothing = !coded && line.row.revenue_code.is_absent();
        if nothing {
            let field = if claim.is_institutional() { Field::RevenueCode } else { Field::Procedure };
            out.fail_claim_at_line(place, field, 1).with("field", Value::Field(field));
        }
        for &required in of_lines.iter().chain(of_dates) {
            let said = match required.0 {
                Field::Procedure => nothing || coded,
                Field::RevenueCode => nothing,
                Field::ServiceFrom => undated,
                _ => false,
            };
            if !said && of_line(line, required.0) && claim.has_column(required.0) {
                missing(claim, out, Some(place), required);
            }
        }
        if let Err(reason) = dates
            && of_line(line, Field::ServiceFrom)
        {
            unknown = unknown.or(Some(reason));
        }
    }
    if let Some(reason) = unknown {
        out.skip_claim(reason);
    }
}

/// Whether the lines of an institutional claim must say their dates: those of outpatient bills whose statement is
/// of more than one day.
fn needs_line_dates(claim: &ClaimFacts<'_>) -> Result<bool, Reason> {
    let row = claim.claim.row;
    match (row.statement_from, row.statement_to) {
        (Given::Is(from), Given::Is(to)) if from == to => Ok(false),
        _ => claim.is_inpatient().map(|inpatient| !inpatient),
    }
}

fn missing(claim: &ClaimFacts<'_>, out: &mut Recorder<'_>, line: Option<u32>, (field, element): Required) {
    let finding = match line {
        Some(line) => out.fail_claim_at_line(line, field, 0),
        None => out.fail_claim(field, 0),
    };
    finding
        .with("field", Value::Field(field))
        .with("claim_type", Value::Text(claim.claim_type().to_string()))
        .with("element", Value::Text(element.to_owned()));
}

/// Whether a claim's field is empty.
fn of_claim(claim: &ClaimFacts<'_>, field: Field) -> bool {
    let row = claim.claim.row;
    match field {
        Field::PayerId => row.payer.is_empty(),
        Field::PatientId => row.patient.is_empty(),
        Field::BirthDate => row.birth_date.is_absent(),
        Field::Sex => row.sex.is_absent(),
        Field::BillingNpi => row.billing_npi.is_absent(),
        Field::ClaimTotal => row.total.is_absent(),
        Field::BillType => row.bill_type.is_absent(),
        Field::StatementFrom => row.statement_from.is_absent(),
        Field::StatementTo => row.statement_to.is_absent(),
        Field::PatientStatus => row.patient_status.is_absent(),
        _ => false,
    }
}

/// Whether a line's field is empty.
fn of_line(line: &LineFacts<'_>, field: Field) -> bool {
    match field {
        Field::Procedure => line.row.procedure.is_absent(),
        Field::RevenueCode => line.row.revenue_code.is_absent(),
        Field::ServiceFrom => line.row.service_from.is_absent(),
        Field::PlaceOfService => line.row.place_of_service.is_absent(),
        Field::Units => line.row.units.is_absent(),
        Field::Charge => line.row.charge.is_absent(),
        _ => false,
    }
}
