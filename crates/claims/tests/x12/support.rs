//! Reads an 837, and shows all that was read of it.

use cleanclaim_claims::{
    ClaimBatch, ClaimReader, ClaimView, Field, Given, Input, LineRow, Place, Problem, ProblemKind, X12Options,
    X12Reader,
};
use std::fmt::{Debug, Display, Write};
use std::io::Cursor;

/// What an input was read as.
pub struct Read {
    pub batch: Vec<ClaimBatch>,
    pub notices: Vec<String>,
}

impl Read {
    pub fn claims(&self) -> impl Iterator<Item = ClaimView<'_>> {
        self.batch.iter().flat_map(ClaimBatch::iter)
    }

    pub fn outside(&self) -> impl Iterator<Item = &Problem> {
        self.batch.iter().flat_map(|batch| &batch.outside)
    }
}

/// Whether a problem is of reading, and not of the structure: that has tests of its own.
pub fn of_reading(problem: &&Problem) -> bool {
    !matches!(problem.kind, ProblemKind::Structure(_))
}

/// Reads bytes; the refusal, if they are no X12.
pub fn read(bytes: &[u8], options: X12Options) -> Result<Read, String> {
    let input = Input::from_reader("x", Cursor::new(bytes.to_vec())).map_err(|error| error.to_string())?;
    let mut reader = X12Reader::new(input, options).map_err(|error| error.to_string())?;
    let parser = reader.parser();
    let mut all = Vec::new();
    while let Some(chunk) = reader.next_chunk().map_err(|error| error.to_string())? {
        let mut batch = ClaimBatch::default();
        parser.parse(&chunk, &mut batch);
        all.push(batch);
        reader.recycle(chunk.into_bytes());
    }
    Ok(Read { batch: all, notices: reader.notices().to_vec() })
}

/// All that was read, as text: a line a claim or service line, each with `field=value` of what is given, and a line
/// a problem. Those of the structure are left out if not asked for.
pub fn show(read: &Read, structure: bool) -> String {
    let mut out = String::new();
    // A level that has no child is known to have none only where the next one begins, perhaps in another chunk.
    let mut outside: Vec<&Problem> = read.outside().filter(|problem| structure || of_reading(problem)).collect();
    outside.sort_by_key(|problem| (problem.place.offset, format!("{:?}", problem.kind)));
    for problem in outside {
        writeln!(out, "outside {:?} at {}:{}", problem.kind, problem.place.row, problem.place.offset).ok();
    }
    let shown = Shown { structure, places: true };
    for claim in read.claims() {
        show_claim(&claim, shown, &mut out);
    }
    for notice in &read.notices {
        writeln!(out, "notice {notice}").ok();
    }
    out
}

/// Each claim as [`show`] shows it, but for where it stands.
pub fn claims(read: &Read, structure: bool) -> Vec<String> {
    let shown = Shown { structure, places: false };
    let show = |claim: ClaimView<'_>| {
        let mut out = String::new();
        show_claim(&claim, shown, &mut out);
        out
    };
    read.claims().map(show).collect()
}

/// What is shown.
#[derive(Clone, Copy)]
struct Shown {
    structure: bool,
    places: bool,
}

impl Shown {
    fn place(self, place: Place, out: &mut String) {
        if self.places {
            write!(out, " {}:{}", place.row, place.offset).ok();
        }
    }
}

fn show_claim(claim: &ClaimView<'_>, shown: Shown, out: &mut String) {
    let row = claim.row;
    write!(out, "{}", claim.id()).ok();
    shown.place(row.place, out);
    out.push_str(if row.unreadable { " UNREADABLE" } else { "" });
    put(out, Field::ClaimType, row.claim_type.letter());
    put(out, Field::PayerId, claim.batch.text(row.payer));
    put(out, Field::PatientId, claim.batch.text(row.patient));
    given(out, Field::BirthDate, &row.birth_date);
    given(out, Field::Sex, &row.sex);
    given(out, Field::BillingNpi, &row.billing_npi);
    put(out, Field::BillingTaxonomy, claim.batch.text(row.billing_taxonomy));
    given(out, Field::BillType, &row.bill_type);
    given(out, Field::StatementFrom, &row.statement_from);
    given(out, Field::StatementTo, &row.statement_to);
    given(out, Field::ReceivedDate, &row.received_date);
    given(out, Field::ClaimTotal, &row.total);
    put(out, Field::PatientStatus, row.patient_status);
    put(out, Field::State, row.state);
    for (code, number) in claim.diagnoses().iter().zip(1..) {
        put(out, Field::Diagnosis(number), code);
    }
    let conditions: Vec<String> = claim.conditions().iter().map(ToString::to_string).collect();
    put(out, Field::ConditionCodes, conditions.join(":"));
    for field in Field::all().filter(|field| field.is_text()) {
        put(out, field, claim.text_of(field).unwrap_or_default());
    }
    out.push('\n');
    for (line, place) in claim.lines().iter().zip(0..) {
        show_line(claim, line, place, shown, out);
    }
    for problem in claim.problems().iter().filter(|problem| shown.structure || of_reading(problem)) {
        let line = problem.line.map(|line| format!(" line {}", line - row.lines.start)).unwrap_or_default();
        let field = problem.field.map(|field| format!(" {field}")).unwrap_or_default();
        write!(out, "  problem{line}{field} {:?} at", problem.kind).ok();
        shown.place(problem.place, out);
        out.push('\n');
    }
}

fn show_line(claim: &ClaimView<'_>, line: &LineRow, place: usize, shown: Shown, out: &mut String) {
    write!(out, "  {}", line.number).ok();
    shown.place(line.place, out);
    given(out, Field::RenderingNpi, &line.rendering_npi);
    given(out, Field::ServiceFrom, &line.service_from);
    given(out, Field::ServiceTo, &line.service_to);
    put(out, Field::PlaceOfService, line.place_of_service);
    put(out, Field::RevenueCode, line.revenue_code);
    put(out, Field::Procedure, line.procedure);
    for (modifier, number) in line.modifiers.iter().zip(1..) {
        put(out, Field::Modifier(number), modifier);
    }
    given(out, Field::Units, &line.units);
    given(out, Field::Charge, &line.charge);
    let pointers: Vec<String> = claim.pointers(line).iter().map(ToString::to_string).collect();
    put(out, Field::DxPointers, pointers.join(":"));
    put(out, Field::Ndc, claim.batch.text(line.ndc));
    put(out, Field::Note, claim.batch.text(line.note));
    for field in Field::all().filter(|field| field.is_text()) {
        put(out, field, claim.text_of_line(place, field).unwrap_or_default());
    }
    out.push('\n');
}

fn put(out: &mut String, field: Field, value: impl Display) {
    let text = value.to_string();
    if !text.is_empty() {
        write!(out, " {field}={text}").ok();
    }
}

fn given<T: Display + Debug>(out: &mut String, field: Field, value: &Given<T>) {
    match value {
        Given::Absent => {}
        Given::Invalid => put(out, field, "INVALID"),
        Given::Is(value) => put(out, field, value),
    }
}
