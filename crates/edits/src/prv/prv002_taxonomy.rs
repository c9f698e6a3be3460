use crate::contract::{edit, tables};
use crate::{ClaimFacts, Fires, Grounds, Kind, Reason, Recorder, Value};
use claims::Field;
use codes::{ClaimType, Date};
use codeset::{Taxonomies, TaxonomyCode};

/// The most intervals of days that a finding lists.
const LISTED: usize = 3;

edit! {
    /// # What it checks
    /// The taxonomy codes of the billing and the rendering provider are in the NUCC's list of the claim's first day of
    /// service, and in use in it: lists also have codes that they mark as inactive. On an institutional claim it is the list
    /// of the first day of the statement. A code that is not given passes.
    ///
    /// The edit is counted once a claim; each wrong code makes a finding of its own.
    ///
    /// # Why a payer denies it
    /// Many payers find the provider's contract by NPI and taxonomy together. A code that is in no list matches none;
    /// payers answer CARC 16 with N255 (missing, incomplete or invalid billing provider taxonomy), or N288 for the
    /// rendering provider.
    ///
    /// # Example
    /// `207Q00000Y`: every code ends in X. A code that comes into use in October, on a claim of September.
    ///
    /// # How to fix
    /// Enter the code that the provider is enrolled with; NPPES lists the codes of every NPI.
    ///
    /// # Bypass
    /// None.
    ///
    /// # Source
    /// NUCC, Health Care Provider Taxonomy, in use from April and October; X12 005010X222A1 loops 2000A and 2310B, PRV03.
    ///
    /// # Tables
    /// taxonomy. A list answers for its half year, from April or October on; a date outside of the lists that are loaded, a
    /// claim without a date, and an input that has columns for neither code are not evaluated. What has not the form of a
    /// code (ten letters and digits, the last an X) is in no list, on any date.
    pub struct TaxonomyUnknown;
    id: "PRV002", name: "taxonomy-unknown",
    severity: Error, snip: 5, carc: "16", rarc: "N255",
    source: "NUCC, Health Care Provider Taxonomy",
    unit: Claim, claims: ALL, default: ON,
    tables: [tables::TAXONOMIES], fields: [], fires: Fires::ALWAYS,
    messages: [
        "{provider} taxonomy \"{taxonomy}\" is not ten letters and digits that end in X, as every taxonomy code is; a payer \
         would find no such provider"
            => "Copy the {role} provider's code from NPPES.",
        "{provider} taxonomy {taxonomy} is in use in no list of the NUCC that is loaded; a payer would find no such provider"
            => "Copy the {role} provider's code from NPPES.",
        "{provider} taxonomy {taxonomy} is not in use in the NUCC's list of {date}, only in those of {days}; a payer would \
         find no such provider"
            => "Enter the code that the {role} provider had on {date}.",
    ],
    check: check,
    of_kind: of_kind,
}

/// Why no claim can be judged: the input has no column of taxonomies.
fn of_kind(_: &Kind, grounds: &Grounds<'_>) -> Option<Reason> {
    let given = [Field::BillingTaxonomy, Field::RenderingTaxonomy].into_iter().any(|field| grounds.columns.has(field));
    (!given).then_some(Reason::FieldAbsent(Field::BillingTaxonomy))
}

fn check(claim: &ClaimFacts<'_>, out: &mut Recorder<'_>) {
    let Some(taxonomies) = claim.codeset.taxonomies() else { return };
    if !claim.has_column(Field::BillingTaxonomy) && !claim.has_column(Field::RenderingTaxonomy) {
        out.skip_claim(Reason::FieldAbsent(Field::BillingTaxonomy));
        return;
    }
    let billing = claim.claim.batch.text(claim.claim.row.billing_taxonomy);
    let rendering = claim.claim.text_of(Field::RenderingTaxonomy).unwrap_or_default();
    for (text, field, provider, role) in [
        (billing, Field::BillingTaxonomy, "Billing", "billing"),
        (rendering, Field::RenderingTaxonomy, "Rendering", "rendering"),
    ] {
        let text = text.trim();
        if text.is_empty() {
            continue;
        }
        let (message, date) = match judge(claim, taxonomies, text) {
            Ok(None) => continue,
            Ok(Some(found)) => found,
            Err(reason) => {
                out.skip_claim(reason);
                continue;
            }
        };
        let finding = out.fail_claim(field, message);
        finding
            .with("provider", Value::Text(provider.to_owned()))
            .with("role", Value::Text(role.to_owned()))
            .with("taxonomy", Value::Text(text.to_owned()));
        if let Some(date) = date {
            finding.with("date", Value::Date(date));
        }
        if let (OTHER_DAYS, Some(code)) = (message, TaxonomyCode::parse(text.as_bytes())) {
            let rows = taxonomies.rows_of(code);
            finding.with("days", Value::Periods(rows.iter().take(LISTED).map(|row| row.days()).collect()));
            if let Some(row) = rows.first() {
                finding.from_release(row.release);
            }
        }
    }
}

// The messages of the edit.
const NO_CODE: u8 = 0;
const UNKNOWN: u8 = 1;
const OTHER_DAYS: u8 = 2;

/// What is wrong with a code, by its message, and the day on which it is; why it cannot be told.
fn judge(claim: &ClaimFacts<'_>, taxonomies: &Taxonomies, text: &str) -> Result<Option<(u8, Option<Date>)>, Reason> {
    let Some(code) = TaxonomyCode::parse(text.as_bytes()) else { return Ok(Some((NO_CODE, None))) };
    let date = first_day(claim)?;
    if !taxonomies.covers(date) {
        return Err(Reason::DateOutsideReleases(Taxonomies::PART));
    }
    if taxonomies.row_on(code, date).is_some() {
        return Ok(None);
    }
    let message = if taxonomies.rows_of(code).is_empty() { UNKNOWN } else { OTHER_DAYS };
    Ok(Some((message, Some(date))))
}

/// The day that governs: the statement's first, or the first of service.
fn first_day(claim: &ClaimFacts<'_>) -> Result<Date, Reason> {
    let of_lines = || claim.lines.iter().filter_map(|line| line.date).min();
    if claim.claim_type() == ClaimType::Institutional {
        let from = claim.claim.row.statement_from.value().or_else(of_lines);
        return from.ok_or(Reason::FieldAbsent(Field::StatementFrom));
    }
    of_lines().ok_or(Reason::FieldAbsent(Field::ServiceFrom))
}
